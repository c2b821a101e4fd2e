"""The parts into which the pattern of a sparse linear system falls, and its square part solved in order.

Dulmage and Mendelsohn (1958, Canadian Journal of Mathematics 10, 517-534): from a largest matching of
equations and unknowns follow the part with more equations than unknowns, the part with fewer, and between
them a square part that falls into blocks to be solved one after the other. The pattern alone does not
tell whether a block can be solved: that is seen when it is factorised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components
from scipy.sparse.linalg import lsmr, splu

from flows.matching import matching
from flows.throughput import levels

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEAK_PIVOT = 1e-9
SOUND = 1e-12
MANY_LEVELS = 5000
BALANCING = 60
NEAR = 10.0
"""Binary orders of magnitude between entries that need no balancing."""
SPARING: dict[str, Any] = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.01,
    "options": {"SymmetricMode": True},
}
FREE: dict[str, Any] = {"permc_spec": "COLAMD"}


@dataclass(frozen=True)
class Parts:
    """Positions of equations and unknowns: of the over-determined, the square and the under-determined part.

    ``square_rows[k]`` is the equation that is matched with the unknown ``square_columns[k]``.
    """

    over_rows: Integers
    over_columns: Integers
    square_rows: Integers
    square_columns: Integers
    under_rows: Integers
    under_columns: Integers


def parts(matrix: sparse.csr_matrix) -> Parts:
    """Return the parts of a matrix (equations x unknowns).

    >>> found = parts(sparse.csr_matrix([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 2, 0], [0, 1, 0, 0]]))
    >>> found.over_columns.tolist(), found.square_columns.tolist(), found.under_columns.tolist()
    ([2], [0, 1], [3])
    """
    rows, columns = matrix.shape
    row_of = matching(matrix)
    matched = np.flatnonzero(row_of >= 0)
    column_of = np.full(rows, -1, dtype=np.int64)
    column_of[row_of[matched]] = matched
    entry = matrix.tocoo()
    between = sparse.csr_matrix((np.ones(len(entry.row)), (entry.row, entry.col)), shape=matrix.shape)
    pair = sparse.csr_matrix((np.ones(len(matched)), (row_of[matched], matched)), shape=matrix.shape)
    # Unknowns without an equation reach by any equation, and on by the unknown that it is matched with.
    under = _reached(sparse.bmat([[None, pair], [between.T, None]], format="csr"), rows + np.flatnonzero(row_of < 0))
    over = _reached(sparse.bmat([[None, between], [pair.T, None]], format="csr"), np.flatnonzero(column_of < 0))
    middle = np.flatnonzero(~(under | over)[rows:])
    return Parts(
        np.flatnonzero(over[:rows]),
        np.flatnonzero(over[rows:]),
        row_of[middle],
        middle,
        np.flatnonzero(under[:rows]),
        np.flatnonzero(under[rows:]),
    )


def _reached(graph: sparse.csr_matrix, start: Integers) -> NDArray[np.bool_]:
    """Return which nodes of a directed graph are reached from some, these included."""
    reached = np.zeros(graph.shape[0], dtype=bool)
    if not len(start):
        return reached
    origin = sparse.csr_matrix((np.ones(len(start)), start, [0, len(start)]), shape=(1, graph.shape[0]))
    whole = sparse.bmat([[graph, None], [origin, sparse.csr_matrix((1, 1))]], format="csr")
    order = breadth_first_order(whole, graph.shape[0], return_predecessors=False)
    reached[order[order < graph.shape[0]]] = True
    return reached


def balancing(matrix: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """Return factors (powers of two) of rows and columns that bring the entries of a matrix near one.

    What moves and what does not is told by size, so a concentration must not make an unknown small (Curtis
    and Reid 1972, IMA Journal of Applied Mathematics 10, 118-124). Entries that are near each other already, as those of balances, stay as they are.

    >>> by_row, by_column = balancing(sparse.csr_matrix([[1.0, -(2.0**-30)]]))
    >>> (by_column[1] / by_column[0]).item() == 2.0**30
    True
    """
    rows, columns = matrix.shape
    entry = matrix.tocoo()
    there = np.flatnonzero(entry.data)
    size = np.log2(np.abs(entry.data[there]))
    if not len(size) or size.max() - size.min() < NEAR:
        return np.ones(rows), np.ones(columns)
    # Least squares in the logarithms: factors of row and column that undo the size of each entry.
    at = np.concatenate([entry.row[there], rows + entry.col[there]])
    pairs = sparse.csr_matrix(
        (np.ones(len(at)), (np.tile(np.arange(len(size)), 2), at)), shape=(len(size), rows + columns)
    )
    factors = lsmr(pairs, -size, atol=1e-6, btol=1e-6, maxiter=BALANCING)[0]
    return np.exp2(np.round(factors[:rows])), np.exp2(np.round(factors[rows:]))


def solve_square(matrix: sparse.csr_matrix, right: Floats) -> Floats | None:
    """Solve a square system whose diagonal has no zero, block by block; ``None`` if a block is singular.

    >>> solve_square(sparse.csr_matrix([[2.0, 0.0], [1.0, 4.0]]), np.array([2.0, 9.0])).tolist()
    [1.0, 2.0]
    """
    _, block = connected_components(matrix, directed=True, connection="strong")
    entry = matrix.tocoo()
    across = block[entry.row] != block[entry.col]
    level = levels(block, entry.col[across], entry.row[across])[block]
    if level.max(initial=0) > MANY_LEVELS:
        level[:] = 0
        block[:] = 0
    alone = np.bincount(block)[block] == 1
    order = np.argsort(level, kind="stable")
    bounds = np.searchsorted(level[order], np.arange(level.max(initial=0) + 2))
    diagonal = matrix.diagonal()
    solved = np.zeros(len(right))
    ordered = matrix[order]
    starts = ordered.indptr
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        rows = order[low:high]
        inside = slice(starts[low], starts[high])
        terms = ordered.data[inside] * solved[ordered.indices[inside]]
        left = right[rows] - np.add.reduceat(terms, starts[low:high] - starts[low])
        single = alone[rows]
        solved[rows[single]] = left[single] / diagonal[rows[single]]
        loop = ~single
        if loop.any():
            found = factorised(ordered[low:high][loop][:, rows[loop]].tocsc(), left[loop], (SPARING, FREE))
            if found is None:
                return None
            solved[rows[loop]] = found
    return solved if np.isfinite(solved).all() else None


def factorised(matrix: sparse.csc_matrix, right: Floats, ways: tuple[dict[str, Any], ...] = (FREE,)) -> Floats | None:
    """Solve by factorisation, refined once; ``None`` where a pivot is as good as zero.

    Of the ways to choose pivots, the first that is sound is taken: ``SPARING`` prefers the diagonal, which
    fills in little, ``FREE`` does not.
    """
    for options in ways:
        try:
            factors = splu(matrix, **options)
        except RuntimeError:
            continue
        largest = abs(factors.U).max(axis=0).toarray().ravel()
        if not (np.abs(factors.U.diagonal()) > WEAK_PIVOT * largest).all():
            continue
        solved = factors.solve(right)
        solved += factors.solve(right - matrix @ solved)
        size = abs(matrix) @ np.abs(solved) + np.abs(right)
        if (np.abs(right - matrix @ solved) <= SOUND * size).all():
            return np.asarray(solved)
    return None
