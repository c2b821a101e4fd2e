"""Multipliers of inequalities: the least ``1/2 u' M u - r' u`` with ``u >= 0``, part by part.

Block principal pivoting (Judice and Pires, 1994): all multipliers with a wrong sign change sides at once
as long as fewer go wrong, else one at a time by the least index, which ends (Murty, 1974).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]

RIDGE = 1e-12
TRIES = 5
SMALL = 1e-14


def non_negative(matrix: sparse.csr_matrix, right: Floats) -> Floats:
    """Return ``u >= 0`` with ``M u - r >= 0`` and ``u (M u - r) = 0``; ``M`` is positive semidefinite.

    >>> non_negative(sparse.csr_matrix([[1.0, 0.5], [0.5, 1.0]]), np.array([1.0, 0.2])).tolist()
    [1.0, 0.0]
    """
    result = np.zeros(len(right))
    size = np.sqrt(np.maximum(matrix.diagonal(), 0.0))
    pattern = matrix.tocoo()
    strong = np.abs(pattern.data) > SMALL * np.maximum(size[pattern.row] * size[pattern.col], SMALL)
    joined = sparse.csr_matrix((np.ones(strong.sum()), (pattern.row[strong], pattern.col[strong])), shape=matrix.shape)
    parts, label = connected_components(joined, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(parts + 1))
    for part in range(parts):
        members = order[starts[part] : starts[part + 1]]
        if len(members) == 1:
            diagonal = float(matrix[members[0], members[0]])
            result[members] = max(float(right[members[0]]), 0.0) / max(diagonal, RIDGE)
        else:
            result[members] = _part(matrix[members][:, members].toarray(), right[members])
    return result


def _part(matrix: Floats, right: Floats) -> Floats:
    count = len(right)
    matrix = 0.5 * (matrix + matrix.T) + RIDGE * np.eye(count)
    positive = right > 0
    best, tries = count + 1, TRIES
    pull, slack = np.zeros(count), -right
    for _ in range(20 * count + 200):
        pull = np.zeros(count)
        inside = np.flatnonzero(positive)
        if len(inside):
            pull[inside] = cho_solve(cho_factor(matrix[np.ix_(inside, inside)]), right[inside])
        slack = matrix @ pull - right
        scale = 1e-12 * (1.0 + np.abs(right).max())
        wrong = np.flatnonzero((positive & (pull < 0)) | (~positive & (slack < -scale)))
        if not len(wrong):
            return pull
        if len(wrong) < best:
            best, tries = len(wrong), TRIES
        elif tries:
            tries -= 1
        else:
            wrong = wrong[-1:]
        positive[wrong] = ~positive[wrong]
    return np.maximum(pull, 0.0)
