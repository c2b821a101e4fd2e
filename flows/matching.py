"""A largest matching of the equations and unknowns of a sparse system.

Karp and Sipser's rule (1981, 22nd Symposium on Foundations of Computer Science) matches what has only one
partner left, which is never a mistake; where nothing has, every equation takes the unknown that fewest
others could use. On flow systems this leaves little for the search along augmenting paths that follows
(Hopcroft and Karp 1973, SIAM Journal on Computing 2, 225-231).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Integers = NDArray[np.int64]


def slices(starts: NDArray[np.int32], which: Integers) -> tuple[Integers, Integers, Integers]:
    """Return all entries of some slices: position of the slice, of each first entry in the result, of each entry."""
    low, length = starts[which].astype(np.int64), (starts[which + 1] - starts[which]).astype(np.int64)
    begin = np.cumsum(length) - length
    owner = np.repeat(np.arange(len(which)), length)
    return owner, begin, np.arange(int(length.sum())) - begin[owner] + low[owner]


def matching(matrix: sparse.csr_matrix) -> Integers:
    """Return for every column the row it is matched with, or -1; no matching has more pairs.

    >>> matching(sparse.csr_matrix([[1, 1, 0], [1, 0, 0], [0, 0, 0]])).tolist()
    [1, 0, -1]
    """
    row_of = _Greedy(matrix).run()
    column_of = np.full(matrix.shape[0], -1, dtype=np.int64)
    column_of[row_of[row_of >= 0]] = np.flatnonzero(row_of >= 0)
    columns = matrix.tocsc()
    while (column_of < 0).any() and _augmented(columns, row_of, column_of):
        pass
    return row_of


def _augmented(columns: sparse.csc_matrix, row_of: Integers, column_of: Integers) -> bool:
    """Enlarge a matching in place along paths that share no row; return whether there were any.

    The paths grow from all unmatched columns at once, by any row and on by the column that it is matched
    with; each row belongs to one of them.
    """
    front = np.flatnonzero(row_of < 0)
    root = np.full(len(row_of), -1, dtype=np.int64)
    root[front] = front
    reached_by = np.full(len(column_of), -1, dtype=np.int64)
    finished = np.zeros(len(row_of), dtype=bool)
    ends: list[Integers] = []
    while len(front):
        owner, _, entry = slices(columns.indptr, front)
        row, column = columns.indices[entry].astype(np.int64), front[owner]
        fresh = reached_by[row] < 0
        row, first = np.unique(row[fresh], return_index=True)
        column = column[fresh][first]
        reached_by[row] = column
        free = column_of[row] < 0
        found, first = np.unique(root[column[free]], return_index=True)
        finished[found] = True
        ends.append(row[free][first])
        on = ~free & ~finished[root[column]]
        front = column_of[row[on]]
        root[front] = root[column[on]]
    rows = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
    some = bool(len(rows))
    while len(rows):
        column = reached_by[rows]
        before = row_of[column]
        row_of[column], column_of[rows] = rows, column
        rows = before[before >= 0]
    return some


class _Greedy:
    """The state of a greedy matching; side 0 are the rows, side 1 the columns."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        forms = (matrix.tocsr(), matrix.tocsc())
        self.starts = tuple(one.indptr for one in forms)
        self.partners = tuple(one.indices for one in forms)
        self.degree = tuple(np.diff(one.indptr).astype(np.int64) for one in forms)
        self.alive = tuple(np.ones(count, dtype=bool) for count in matrix.shape)
        self.row_of = np.full(matrix.shape[1], -1, dtype=np.int64)

    def run(self) -> Integers:
        """Match until nothing is left that could be; return the row of every column or -1."""
        ready: list[Integers] = [np.flatnonzero(degree == 1) for degree in self.degree]
        while True:
            for side in (1, 0):
                own = ready[side]
                own = own[self.alive[side][own] & (self.degree[side][own] == 1)]
                ready[side] = np.zeros(0, dtype=np.int64)
                if len(own):
                    self._match(side, own, *self._last_partner(side, own), ready)
                    break
            else:
                rows = np.flatnonzero(self.alive[0] & (self.degree[0] > 0))
                if not len(rows):
                    return self.row_of
                rows = rows[self.degree[0][rows] == self.degree[0][rows].min()]
                self._match(0, rows, *self._rarest_partner(rows), ready)

    def _last_partner(self, side: int, own: Integers) -> tuple[Integers, Integers]:
        """Return the only partner left of each, and the position of each in ``own``."""
        owner, _, entry = slices(self.starts[side], own)
        partner = self.partners[side][entry]
        there = self.alive[1 - side][partner]
        return partner[there], owner[there]

    def _rarest_partner(self, rows: Integers) -> tuple[Integers, Integers]:
        """Return for each row the column left to it that the fewest rows could use."""
        owner, _, entry = slices(self.starts[0], rows)
        column = self.partners[0][entry]
        there = self.alive[1][column]
        owner, column = owner[there], column[there]
        order = np.lexsort((column, self.degree[1][column], owner))
        first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
        return column[first], owner[first]

    def _match(self, side: int, own: Integers, partner: Integers, position: Integers, ready: list[Integers]) -> None:
        """Match pairs, the first that asks for a partner gets it; note what then has one partner left."""
        partner, first = np.unique(partner, return_index=True)
        mine = own[position[first]]
        rows, columns = (mine, partner) if side == 0 else (partner, mine)
        self.row_of[columns] = rows
        self.alive[0][rows] = False
        self.alive[1][columns] = False
        for one, gone in ((0, rows), (1, columns)):
            _, _, entry = slices(self.starts[one], gone)
            touched, times = np.unique(self.partners[one][entry], return_counts=True)
            self.degree[1 - one][touched] -= times
            fresh = touched[self.alive[1 - one][touched] & (self.degree[1 - one][touched] == 1)]
            ready[1 - one] = np.concatenate([ready[1 - one], fresh])
