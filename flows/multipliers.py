"""Multipliers of inequalities: the least ``1/2 u' M u - r' u`` with ``u >= 0``, part by part.

Block principal pivoting (Judice and Pires, 1994): all multipliers with a wrong sign change sides at once
as long as fewer go wrong, else one at a time by the least index, which ends (Murty, 1974).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

RIDGE = 1e-8
TRIES = 5
SMALL = 1e-9


def non_negative(matrix: sparse.csr_matrix, right: Floats, start: Floats | None = None) -> Floats:
    """Return ``u >= 0`` with ``M u - r >= 0`` and ``u (M u - r) = 0``; ``M`` is positive semidefinite plus a ridge.

    ``start`` says which multipliers are likely to be positive.

    >>> non_negative(sparse.csr_matrix([[1.0, 0.5], [0.5, 1.0]]), np.array([1.0, 0.2])).round(6).tolist()
    [1.0, 0.0]
    """
    result = np.zeros(len(right))
    likely = right > 0 if start is None else (start > 0) | ((start == 0) & (right > 0))
    if start is not None and (start > 0).any():
        likely = (start > 0) | (right - matrix @ start > SMALL * (1.0 + np.abs(right).max()))
    for members in _parts(matrix):
        if len(members) == 1:
            diagonal = float(matrix[members[0], members[0]])
            result[members] = max(float(right[members[0]]), 0.0) / (max(diagonal, 0.0) + RIDGE)
        else:
            result[members] = _part(matrix[members][:, members].toarray(), right[members], likely[members])
    return result


def _parts(matrix: sparse.csr_matrix) -> list[Integers]:
    """Return what hangs together, as positions."""
    parts, label = connected_components(matrix, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.searchsorted(label[order], np.arange(1, parts)))


def _definite(matrix: Floats, right: Floats) -> Floats:
    """Return the solution of a positive semidefinite system, by the least ridge that lets it be factored."""
    ridge = RIDGE
    while True:
        try:
            return np.asarray(cho_solve(cho_factor(matrix + ridge * np.eye(len(right))), right))
        except LinAlgError:
            ridge *= 100.0


def _part(matrix: Floats, right: Floats, positive: Flags) -> Floats:
    count = len(right)
    matrix = 0.5 * (matrix + matrix.T)
    positive = positive.copy()
    best, tries = count + 1, TRIES
    pull, slack = np.zeros(count), -right
    scale = 1e-12 * (1.0 + np.abs(right).max())
    for _ in range(20 * count + 200):
        pull = np.zeros(count)
        inside = np.flatnonzero(positive)
        if len(inside):
            pull[inside] = _definite(matrix[np.ix_(inside, inside)], right[inside])
        slack = matrix @ pull - right
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
