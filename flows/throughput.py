"""What passes through the processes of a network whose sources and transfer coefficients are known.

The processes are taken in the order in which material moves, all layers, years or draws at once; only
loops need linear equations: small ones as a batch of dense systems, large ones by sparse factorisation,
one for each set of coefficients that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import SuperLU, splu

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

LEAK = 1e-9
"""A loop that less than this share leaves is one that nothing leaves."""
DENSE = 32
"""Loops of up to so many processes are solved as a batch of dense systems."""


@dataclass(frozen=True)
class Trapped(Exception):
    """A loop that nothing leaves: the positions of its processes and of the cell."""

    processes: Integers
    cell: int

    def __str__(self) -> str:
        """Return the positions as text."""
        return f"processes {self.processes.tolist()} in cell {self.cell}"


def alike_columns(*arrays: Floats) -> Iterator[Integers]:
    """Yield the positions of columns that are equal in all arrays (rows may differ in number).

    >>> [group.tolist() for group in alike_columns(np.array([[1.0, 2.0, 1.0]]))]
    [[0, 2], [1]]
    """
    groups: dict[bytes, list[int]] = {}
    turned = [np.ascontiguousarray(array.T) for array in arrays]
    for column in range(len(turned[0])):
        groups.setdefault(b"".join(array[column].tobytes() for array in turned), []).append(column)
    for group in groups.values():
        yield np.array(group)


def throughput(start: Integers, end: Integers, coefficient: Floats, entering: Floats) -> Floats:
    """Return what passes through every process: shape (process, cell).

    ``start`` and ``end`` are the processes that a flow joins (-1: outside), ``coefficient`` (flow, cell)
    the share of the throughput of ``start`` that takes the flow, ``entering`` (process, cell) what comes
    from outside or from flows that are given. Raises :class:`Trapped` for a loop that nothing leaves.

    >>> start, end = np.array([0, 1, 1]), np.array([1, 0, -1])
    >>> throughput(start, end, np.array([[1.0], [0.2], [0.8]]), np.array([[40.0], [0.0]])).ravel().tolist()
    [50.0, 50.0]
    """
    count = len(entering)
    inner = np.flatnonzero((start >= 0) & (end >= 0) & (coefficient > 0).any(axis=1))
    first, last, share = start[inner], end[inner], coefficient[inner]
    pattern = sparse.csr_matrix((np.ones(len(inner)), (first, last)), shape=(count, count))
    _, loop = connected_components(pattern, directed=True, connection="strong")
    within = loop[first] == loop[last]
    _require_exits(first[within], last[within], share[within])
    level = levels(loop, first[~within], last[~within])[loop]
    through = entering.copy()
    turning = np.zeros(count, dtype=bool)
    turning[first[within]] = True
    loops = _Loops(first[within], last[within], share[within], loop, level, turning)
    across = np.flatnonzero(~within)
    across = across[np.lexsort((last[across], level[last[across]]))]
    bounds = np.searchsorted(level[last[across]], np.arange(level.max(initial=0) + 2))
    for step in range(level.max(initial=0) + 1):
        edges = across[bounds[step] : bounds[step + 1]]
        if len(edges):
            goal, at = np.unique(last[edges], return_index=True)
            through[goal] += np.add.reduceat(share[edges] * through[first[edges]], at, axis=0)
        loops.solve(step, through)
    return through


def trapped(start: Integers, end: Integers, coefficient: Floats, count: int) -> Trapped | None:
    """Return a loop that nothing leaves, of the first cell (column of ``coefficient``) that has one."""
    inner = np.flatnonzero((start >= 0) & (end >= 0) & (coefficient > 0).any(axis=1))
    first, last = start[inner], end[inner]
    pattern = sparse.csr_matrix((np.ones(len(inner)), (first, last)), shape=(count, count))
    _, loop = connected_components(pattern, directed=True, connection="strong")
    within = loop[first] == loop[last]
    try:
        _require_exits(first[within], last[within], coefficient[inner][within])
    except Trapped as found:
        return found
    return None


def levels(loop: Integers, first: Integers, last: Integers) -> Integers:
    """Return the position of every loop (or single process) in the order of movement: after all that feed it."""
    count = int(loop.max(initial=-1)) + 1
    pairs = np.unique(np.column_stack([loop[first], loop[last]]), axis=0) if len(first) else np.zeros((0, 2), int)
    graph = sparse.csr_matrix((np.ones(len(pairs), dtype=int), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    waiting = np.bincount(pairs[:, 1], minlength=count)
    level = np.zeros(count, dtype=np.intp)
    ready, position = np.flatnonzero(waiting == 0), 0
    while len(ready):
        level[ready] = position
        goals = (
            np.concatenate([graph.indices[graph.indptr[one] : graph.indptr[one + 1]] for one in ready])
            if (len(ready) < 8)
            else graph[ready].indices
        )
        goals, times = np.unique(goals, return_counts=True)
        waiting[goals] -= times
        ready, position = goals[waiting[goals] == 0], position + 1
    return level


def _require_exits(first: Integers, last: Integers, share: Floats) -> None:
    """Raise :class:`Trapped` if some processes of a loop send everything round among themselves in a cell."""
    if not len(first):
        return
    members = np.unique(np.concatenate([first, last]))
    tail, head = np.searchsorted(members, first), np.searchsorted(members, last)
    order = np.argsort(tail, kind="stable")
    tail, head, share = tail[order], head[order], share[order]
    begin = np.flatnonzero(np.diff(tail, prepend=-1))
    kept = np.zeros((len(members), share.shape[1]))
    kept[tail[begin]] = np.add.reduceat(share, begin, axis=0)
    reached = kept < 1 - LEAK
    while not reached.all():
        more = reached.copy()
        more[tail[begin]] |= np.logical_or.reduceat(reached[head] & (share > 0), begin, axis=0)
        if (more == reached).all():
            cell = int(np.flatnonzero(~reached.all(axis=0))[0])
            stuck = np.flatnonzero(~reached[:, cell])
            moving = (share[:, cell] > 0) & ~reached[tail, cell] & ~reached[head, cell]
            graph = sparse.csr_matrix((np.ones(moving.sum()), (tail[moving], head[moving])), shape=(len(members),) * 2)
            _, part = connected_components(graph[stuck][:, stuck], directed=True, connection="strong")
            raise Trapped(members[stuck[part == np.bincount(part).argmax()]], cell)
        reached = more


class _Loops:
    """The loops of a network, ready to be solved when everything that feeds them is known."""

    def __init__(
        self,
        first: Integers,
        last: Integers,
        share: Floats,
        loop: Integers,
        level: Integers,
        turning: NDArray[np.bool_],
    ) -> None:
        members = np.flatnonzero(turning)
        members = members[np.argsort(loop[members], kind="stable")]
        size = np.bincount(loop[members], minlength=int(loop.max(initial=-1)) + 1)
        place = np.zeros(len(loop), dtype=np.intp)
        begin = np.concatenate([[0], np.cumsum(size)])
        place[members] = np.arange(len(members)) - begin[loop[members]]
        edges = np.argsort(loop[first], kind="stable")
        self._first, self._last, self._share = first[edges], last[edges], share[edges]
        self._edge_loop, self._place, self._begin, self._members, self._size = (
            loop[first[edges]],
            place,
            begin,
            members,
            size,
        )
        turns = np.flatnonzero(size)
        at = level[members[begin[turns]]]
        self._at_level: dict[int, Integers] = {int(one): turns[at == one] for one in np.unique(at)}

    def solve(self, level: int, through: Floats) -> None:
        """Solve the loops of a level in place: ``through`` holds what enters them."""
        turns = self._at_level.get(level)
        if turns is None:
            return
        for size in np.unique(self._size[turns]):
            these = turns[self._size[turns] == size]
            solver: Callable[[Integers, int, Floats], None] = self._dense if size <= DENSE else self._sparse
            solver(these, int(size), through)

    def _dense(self, turns: Integers, size: int, through: Floats) -> None:
        """Solve loops of one size as a batch over loops and cells."""
        cells = through.shape[1]
        members = self._members[self._begin[turns][:, None] + np.arange(size)]
        number = np.full(len(self._size), -1)
        number[turns] = np.arange(len(turns))
        mine = np.flatnonzero(np.isin(self._edge_loop, turns))
        matrix = np.zeros((len(turns), size, size, cells))
        matrix[:, np.arange(size), np.arange(size)] = 1.0
        where = (number[self._edge_loop[mine]], self._place[self._last[mine]], self._place[self._first[mine]])
        np.subtract.at(matrix, where, self._share[mine])
        solved = np.linalg.solve(matrix.transpose(0, 3, 1, 2), through[members].transpose(0, 2, 1)[..., None])
        through[members] = solved[..., 0].transpose(0, 2, 1)

    def _sparse(self, turns: Integers, size: int, through: Floats) -> None:
        """Solve large loops one by one, with one factorisation for cells of equal coefficients."""
        for turn in turns:
            members = self._members[self._begin[turn] : self._begin[turn] + size]
            low, high = np.searchsorted(self._edge_loop, [turn, turn + 1])
            row, column = self._place[self._last[low:high]], self._place[self._first[low:high]]
            share = self._share[low:high]
            order, groups = _elimination_order(row, column, share, size), list(alike_columns(share))
            row, column, members = order[row], order[column], members[np.argsort(order)]
            for group in groups:
                solved = _factors(row, column, share[:, group[0]], size, "NATURAL").solve(
                    through[np.ix_(members, group)]
                )
                through[np.ix_(members, group)] = solved


def _factors(row: Integers, column: Integers, share: Floats, size: int, order: str) -> SuperLU:
    """Return the factors of the identity less the moves; its columns are dominated by their diagonal: no pivoting."""
    moves = sparse.csc_matrix((share, (row, column)), shape=(size, size))
    matrix = (sparse.identity(size, format="csc") - moves).tocsc()
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def _elimination_order(row: Integers, column: Integers, share: Floats, size: int) -> Integers:
    """Return for every process its place in an elimination with little fill, the same for all cells."""
    place: Integers = _factors(row, column, share.mean(axis=1), size, "MMD_AT_PLUS_A").perm_c.astype(np.intp)
    return place
