"""Covariances of measurements as a sparse square root, block by block of what errs together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEGATIVE = -1e-9
NOTHING = 1e-12


class CovarianceError(ValueError):
    """Correlations that cannot hold together; ``variables`` are the positions of what they join."""

    def __init__(self, message: str, variables: Integers) -> None:
        super().__init__(message)
        self.variables = variables


def square_root(std: Floats, correlations: tuple[Integers, Integers, Floats] | None) -> sparse.csr_matrix:
    """Return ``L`` (variables x independent errors) with ``L L' = V``.

    ``std`` is zero where nothing errs. Perfect correlations are allowed: the block then has fewer columns
    than rows. Raises :class:`CovarianceError` where a block has a negative variance in some direction, or
    where a correlation joins what does not err.
    """
    count = len(std)
    errs = np.flatnonzero(std > 0)
    if correlations is None or not len(correlations[0]):
        return sparse.csr_matrix((std[errs], (errs, np.arange(len(errs)))), shape=(count, len(errs)))
    first, second, coefficient = (np.asarray(part) for part in correlations)
    outside = (np.abs(coefficient) > 1) | (first == second)
    if outside.any():
        raise CovarianceError("a correlation lies between -1 and 1 and joins two variables", np.unique(first[outside]))
    still = (std[first] <= 0) | (std[second] <= 0)
    if still.any():
        raise CovarianceError(
            "a correlation joins a variable without uncertainty",
            np.unique(np.concatenate([first[still], second[still]])),
        )
    graph = sparse.csr_matrix((np.ones(len(first)), (first, second)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    joined = np.zeros(count, dtype=bool)
    joined[first] = joined[second] = True
    alone = errs[~joined[errs]]
    rows, columns, values = [alone], [np.arange(len(alone))], [std[alone]]
    used = len(alone)
    members = np.flatnonzero(joined)
    members = members[np.argsort(label[members], kind="stable")]
    pair_order = np.argsort(label[first], kind="stable")
    pair_label = label[first][pair_order]
    for block in np.split(members, np.flatnonzero(np.diff(label[members])) + 1):
        at = {int(variable): position for position, variable in enumerate(block)}
        matrix = np.eye(len(block))
        low, high = np.searchsorted(pair_label, [label[block[0]], label[block[0]] + 1])
        for pair in pair_order[low:high]:
            i, j = at[int(first[pair])], at[int(second[pair])]
            matrix[i, j] = matrix[j, i] = coefficient[pair]
        size, direction = np.linalg.eigh(matrix)
        if size[0] < NEGATIVE * len(block):
            guilty = block[np.abs(direction[:, 0]) > 1e-6]
            raise CovarianceError("correlations contradict each other", guilty)
        kept = size > NOTHING * len(block)
        root = std[block][:, None] * direction[:, kept] * np.sqrt(size[kept])
        rows.append(np.repeat(block, root.shape[1]))
        columns.append(used + np.tile(np.arange(root.shape[1]), len(block)))
        values.append(root.ravel())
        used += root.shape[1]
    return sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, used)
    )
