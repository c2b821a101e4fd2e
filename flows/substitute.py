"""Equations with two unknowns, used up: one of the unknowns is put in terms of the other everywhere else.

A transfer coefficient is such an equation; without them a network's system is as small as its processes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CANCELLED = 1e-11
PASSES = 5
WORTHWHILE = 0.1


@dataclass(frozen=True)
class Substituted:
    """A smaller system ``matrix x[columns] = right`` of the equations ``rows``.

    ``used`` are the equations that were used up and ``replaced`` the unknowns that each gave, ``root`` the
    unknown that is left for every unknown (itself, or the one that it is in terms of).
    """

    matrix: sparse.csr_matrix
    right: Floats
    rows: Integers
    columns: Integers
    used: Integers
    replaced: Integers
    root: Integers


def substitute(matrix: sparse.csr_matrix, right: Floats) -> Substituted:
    """Use up equations with two unknowns, pass by pass, as long as that is worth while.

    >>> found = substitute(sparse.csr_matrix([[1.0, -0.5, 0.0], [0.0, 1.0, -1.0], [1.0, 1.0, 1.0]]), np.zeros(3))
    >>> found.columns.tolist(), found.matrix.toarray().tolist()
    ([1], [[2.5]])
    """
    rows, columns = np.arange(matrix.shape[0]), np.arange(matrix.shape[1])
    root = np.arange(matrix.shape[1])
    used, replaced = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    matrix = matrix.tocsr()
    for _ in range(PASSES):
        pair = _pairs(matrix)
        if len(pair[0]) <= WORTHWHILE * matrix.shape[1]:
            break
        row, gone, kept = pair
        used.append(rows[row])
        replaced.append(columns[gone])
        target = np.arange(matrix.shape[1])
        target[gone] = kept
        root = _followed(root, columns, target)
        matrix, right, on_rows, on_columns = _replaced(matrix, right, row, gone)
        rows, columns = rows[on_rows], columns[on_columns]
    return Substituted(matrix, right, rows, columns, np.concatenate(used), np.concatenate(replaced), root)


def _followed(root: Integers, columns: Integers, target: Integers) -> Integers:
    """Return the roots after the unknowns at ``columns`` went over into those at ``columns[target]``."""
    onward = np.arange(len(root))
    onward[columns] = columns[target]
    return onward[root]


def _pairs(matrix: sparse.csr_matrix) -> tuple[Integers, Integers, Integers]:
    """Return equations with two unknowns, the unknown that each replaces and the one that is kept.

    No unknown is replaced twice, and none that is replaced is kept by another equation.
    """
    row = np.flatnonzero(np.diff(matrix.indptr) == 2)
    first, second = matrix.indices[matrix.indptr[row]], matrix.indices[matrix.indptr[row] + 1]
    degree = np.bincount(matrix.indices, minlength=matrix.shape[1])
    low, high = np.minimum(first, second), np.maximum(first, second)
    gone = np.where(degree[high] < degree[low], high, low).astype(np.int64)
    kept = (low + high - gone).astype(np.int64)
    gone, at = np.unique(gone, return_index=True)
    row, kept = row[at], kept[at]
    replaced = np.zeros(matrix.shape[1], dtype=bool)
    replaced[gone] = True
    sound = ~replaced[kept]
    return row[sound], gone[sound], kept[sound]


def _replaced(
    matrix: sparse.csr_matrix, right: Floats, row: Integers, gone: Integers
) -> tuple[sparse.csr_matrix, Floats, Integers, Integers]:
    """Return the system without some equations and the unknowns that they give, and what is left of both."""
    on_rows = np.setdiff1d(np.arange(matrix.shape[0]), row, assume_unique=True)
    on_columns = np.setdiff1d(np.arange(matrix.shape[1]), gone, assume_unique=True)
    giving = matrix[row]
    pivot = np.asarray(giving[np.arange(len(row)), gone]).ravel()
    rest = sparse.diags(1.0 / pivot) @ giving[:, on_columns]
    others = matrix[on_rows]
    factor = others[:, gone].tocsr()
    stays = others[:, on_columns].tocsr()
    made = (stays - factor @ rest).tocsr()
    # What cancels must not be left as rounding: the pattern would promise an equation that is none.
    size = (abs(stays) + abs(factor) @ abs(rest)).tocsr()
    made.sum_duplicates()
    size.sum_duplicates()
    floor = size.multiply(CANCELLED).tocsr()
    kept = (abs(made) > floor).astype(np.float64)
    result = made.multiply(kept).tocsr()
    result.eliminate_zeros()
    return result, right[on_rows] - factor @ (right[row] / pivot), on_rows, on_columns
