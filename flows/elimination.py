"""Sparse Gaussian elimination of chosen variables from linear equations.

Reconciliation first removes what is not measured: every equation that can be solved for an unmeasured
variable is, and the equations that are left hold measured variables only, the redundancy equations
(Crowe, Garcia Campos and Hrymak, 1983; Madron, *Process Plant Performance*, 1992). On balances this merges
the processes that an unmeasured flow joins, and never makes the equations longer in sum.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CANCELLED = 1e-11
PIVOT_SHARE = 0.1
SPREAD = 8.0
SCALINGS = 4


@dataclass(frozen=True)
class Echelon:
    """Equations after elimination.

    ``pivot_row[k]`` was solved for ``pivot_column[k]``; ``solved`` (pivots x variables) and ``solved_rhs``
    are these equations as they then stood: they hold no earlier pivot column. ``free`` are the columns to
    eliminate that no equation determines. ``left`` (rows x variables) and ``left_rhs`` are the other
    equations, named by ``left_row``; ``left_size`` is the size of what was added up on the right side.
    ``joined[i]`` is the equation that took up equation ``i`` (itself where it is left, -1 where none did).
    """

    pivot_row: Integers
    pivot_column: Integers
    solved: sparse.csr_matrix
    solved_rhs: Floats
    free: Integers
    left_row: Integers
    left: sparse.csr_matrix
    left_rhs: Floats
    left_size: Floats
    joined: Integers
    steps: tuple[Integers, Integers, Floats]

    def multipliers(self, row: int) -> Floats:
        """Return by how much each given equation was multiplied in the sum that became equation ``row``."""
        weights = np.zeros(len(self.joined))
        weights[row] = 1.0
        for target, source, factor in zip(*(part[::-1].tolist() for part in self.steps), strict=True):
            weights[source] += factor * weights[target]
        return weights

    def group(self) -> Integers:
        """Return for every given equation the one left that it ended in, or -1."""
        goal = self.joined.copy()
        for _ in range(len(goal)):
            further = np.where(goal >= 0, goal[goal], -1)
            if np.array_equal(further, goal):
                break
            goal = further
        return goal


class Triangle:
    """The solved equations as a triangular system: pivot variables from all others."""

    def __init__(self, echelon: Echelon) -> None:
        self.echelon = echelon
        count = len(echelon.pivot_column)
        pivots = echelon.solved.tocsc()[:, echelon.pivot_column].tocsc()
        self.others = echelon.solved.copy()
        at = np.full(echelon.solved.shape[1], False)
        at[echelon.pivot_column] = True
        self.others.data = np.where(at[self.others.indices], 0.0, self.others.data)
        self.others.eliminate_zeros()
        self._factor = (
            splu(pivots, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"Equil": False}) if count else None
        )

    def solve(self, right: Floats) -> Floats:
        """Return the pivot variables of ``solved x = right`` when all others are zero; (pivots,) or (pivots, k)."""
        return right.copy() if self._factor is None else np.asarray(self._factor.solve(right))

    def transposed(self, weights: Floats) -> Floats:
        """Return ``pivots^-T weights``; (pivots,) or (pivots, k)."""
        return weights.copy() if self._factor is None else np.asarray(self._factor.solve(weights, "T"))

    def pivots_from(self, value: Floats, right: Floats | None = None) -> Floats:
        """Return the pivot variables that go with the values of all others."""
        known = self.echelon.solved_rhs if right is None else right
        return self.solve(known - self.others @ value)


def _row_lists(matrix: sparse.csr_matrix) -> list[dict[int, float]]:
    starts, columns, values = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    return [dict(zip(columns[a:b], values[a:b], strict=True)) for a, b in zip(starts[:-1], starts[1:], strict=True)]


def _matrix(rows: list[dict[int, float]], variables: int) -> sparse.csr_matrix:
    lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    total = int(starts[-1])
    columns = np.fromiter((c for row in rows for c in row), dtype=np.int64, count=total)
    values = np.fromiter((v for row in rows for v in row.values()), dtype=np.float64, count=total)
    return sparse.csr_matrix((values, columns, starts), shape=(len(rows), variables))


def eliminate(
    matrix: sparse.csr_matrix,
    right: Floats,
    chosen: NDArray[np.bool_],
    size: Floats | None = None,
    cancelled: float = CANCELLED,
) -> Echelon:
    """Eliminate the ``chosen`` variables from ``matrix x = right``.

    The column that the fewest equations hold goes first, by the shortest of them whose coefficient is not
    small. A coefficient that shrinks below ``cancelled`` times what it was made from is zero. ``size`` is
    the size of what each right side was computed from (default: its absolute value).
    """
    matrix = matrix.tocsr().copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    count, variables = matrix.shape
    row_scale, column_scale = balanced_scales(matrix)
    rows = _row_lists(sparse.csr_matrix(sparse.diags(row_scale) @ matrix @ sparse.diags(column_scale)))
    least_entry = [cancelled * max(map(abs, row.values()), default=0.0) for row in rows]
    rhs = (right * row_scale).tolist()
    magnitude = ((np.abs(right) if size is None else size) * row_scale).tolist()
    holders: dict[int, set[int]] = {int(c): set() for c in np.flatnonzero(chosen)}
    for position, row in enumerate(rows):
        for column in row:
            if column in holders:
                holders[column].add(position)
    queue = [(len(found), column) for column, found in holders.items() if found]
    heapq.heapify(queue)
    alive = [True] * count
    joined = list(range(count))
    order_rows: list[int] = []
    order_columns: list[int] = []
    targets: list[int] = []
    sources: list[int] = []
    factors: list[float] = []
    while queue:
        known, column = heapq.heappop(queue)
        found = holders.get(column)
        if not found:
            continue
        if len(found) > known:
            heapq.heappush(queue, (len(found), column))
            continue
        if known == 1:
            (source,) = found
        else:
            least = PIVOT_SHARE * max(abs(rows[r][column]) for r in found)
            source = min((r for r in found if abs(rows[r][column]) >= least), key=lambda r: (len(rows[r]), r))
        pivot_items = rows[source]
        del holders[column]
        found.discard(source)
        alive[source] = False
        pivot = pivot_items[column]
        for other in pivot_items:
            if other in holders:
                mates = holders[other]
                mates.discard(source)
                heapq.heappush(queue, (len(mates), other))
        for target in sorted(found):
            row = rows[target]
            least = least_entry[target]
            factor = -row.pop(column) / pivot
            targets.append(target)
            sources.append(source)
            factors.append(factor)
            for other, value in pivot_items.items():
                if other == column:
                    continue
                added = factor * value
                before = row.get(other)
                if before is None:
                    row[other] = added
                    if other in holders:
                        holders[other].add(target)
                    continue
                after = before + added
                if abs(after) > max(cancelled * max(abs(before), abs(added)), least):
                    row[other] = after
                else:
                    del row[other]
                    if other in holders:
                        holders[other].discard(target)
                        heapq.heappush(queue, (len(holders[other]), other))
            rhs[target] += factor * rhs[source]
            magnitude[target] += abs(factor) * magnitude[source]
        joined[source] = next(iter(found)) if len(found) == 1 else -1
        order_rows.append(source)
        order_columns.append(column)
    pivot_row = np.array(order_rows, dtype=np.int64)
    left_row = np.flatnonzero(np.array(alive, dtype=bool)) if count else np.zeros(0, dtype=np.int64)
    rest = np.asarray(chosen, dtype=bool).copy()
    rest[order_columns] = False
    final = np.array(rhs, dtype=np.float64)
    left_back = 1.0 / row_scale[left_row]
    unscaled = sparse.diags(1.0 / column_scale)
    step_target, step_source = np.array(targets, dtype=np.int64), np.array(sources, dtype=np.int64)
    step_factor = np.array(factors, dtype=np.float64) * row_scale[step_source] / row_scale[step_target]
    return Echelon(
        pivot_row,
        np.array(order_columns, dtype=np.int64),
        sparse.csr_matrix(_matrix([rows[r] for r in order_rows], variables) @ unscaled),
        final[pivot_row],
        np.flatnonzero(rest),
        left_row,
        sparse.csr_matrix(
            sparse.diags(left_back) @ _matrix([rows[r] for r in left_row.tolist()], variables) @ unscaled
        ),
        final[left_row] * left_back,
        np.array(magnitude, dtype=np.float64)[left_row] * left_back,
        np.array(joined, dtype=np.int64),
        (step_target, step_source, step_factor),
    )


def balanced_scales(matrix: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """Return powers of two for rows and columns that bring the entries near one; ones where they are.

    >>> [part.tolist() for part in balanced_scales(sparse.csr_matrix([[1.0, -1.0], [0.0, 1024.0]]))]
    [[1.0, 0.0009765625], [1.0, 1.0]]
    """
    rows, columns = np.ones(matrix.shape[0]), np.ones(matrix.shape[1])
    size = np.abs(matrix.data)
    if not len(size) or (size.max() <= SPREAD * size.min()):
        return rows, columns
    at = matrix.tocoo()
    log = np.log2(np.abs(at.data))
    row_log, column_log = np.zeros(len(rows)), np.zeros(len(columns))
    row_count = np.maximum(np.bincount(at.row, minlength=len(rows)), 1)
    column_count = np.maximum(np.bincount(at.col, minlength=len(columns)), 1)
    for _ in range(SCALINGS):
        # The mean of the logarithms of every row, then of every column, goes to zero (Curtis and Reid).
        row_log = -np.bincount(at.row, weights=log + column_log[at.col], minlength=len(rows)) / row_count
        column_log = -np.bincount(at.col, weights=log + row_log[at.row], minlength=len(columns)) / column_count
    return np.exp2(np.round(row_log)), np.exp2(np.round(column_log))
