"""Branch and bound on few whole numbers over a linear program that is kept warm.

Made for plans whose difficulty is in the facilities: where a technology has several sites that are nearly alike,
saying that site A is closed moves nothing, as site B takes over. Saying how *many* are open does. So rows that
count open steps may be added (:class:`Count`), and the tree branches on counts as well as on single columns, by
pseudo-costs that are made reliable by trying (Achterberg, Koch & Martin 2005). Every node is a few hundred
iterations of the dual simplex method from the basis of its parent.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time as clock
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from models.highs import Arrays, Session
from models.late_rows import Basis, LateRows, Mask
from models.reduction import matrix_of, with_matrix

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Bounds = dict[int, tuple[float, float]]

WHOLE = 1e-5
"""Distance from a whole number from which a value counts as fractional."""
TRIED = 8
"""How many columns without reliable pseudo-costs are tried at a node."""
ROUNDED = (0.05, 0.5)
"""Values from which a fraction is rounded up when a solution is wanted quickly."""
FEWER = 3
"""The same on the way to a solution."""


def with_counts(arrays: Arrays, groups: Sequence[Sequence[int]]) -> Arrays:
    """Return a model with a whole column for every group that is the sum of the group's columns."""
    rows, columns = matrix_of(arrays), len(arrays.cost)
    count = len(groups)
    if not count:
        return arrays
    members = [(row, column) for row, group in enumerate(groups) for column in group]
    row, column = (np.array(part) for part in zip(*members, strict=True))
    sums = sparse.csr_matrix(
        (
            np.concatenate([np.ones(len(row)), -np.ones(count)]),
            (np.concatenate([row, np.arange(count)]), np.concatenate([column, columns + np.arange(count)])),
        ),
        shape=(count, columns + count),
    )
    wide = sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], columns + count))
    zeros = np.zeros(count)
    return with_matrix(
        arrays,
        sparse.vstack([wide, sums]),
        cost=np.concatenate([arrays.cost, zeros]),
        lower=np.concatenate([arrays.lower, zeros]),
        upper=np.concatenate([arrays.upper, [float(len(group)) for group in groups]]),
        integer=np.concatenate([arrays.integer, np.ones(count, dtype=bool)]),
        row_lower=np.concatenate([arrays.row_lower, zeros]),
        row_upper=np.concatenate([arrays.row_upper, zeros]),
    )


@dataclass
class Experience:
    """Pseudo-costs: what a column's rounding cost per unit, shared by trees of the same kind."""

    total: Array
    tries: Array

    @classmethod
    def of(cls, size: int) -> Experience:
        """Return one that has seen nothing of ``size`` columns."""
        return cls(np.zeros((size, 2)), np.zeros((size, 2)))

    def note(self, column: int, up: int, gain: float, distance: float) -> None:
        """Remember what rounding a column down (0) or up (1) cost."""
        self.total[column, up] += gain / max(distance, 1e-6)
        self.tries[column, up] += 1

    def guess(self, columns: Numbers, part: Array) -> Array:
        """Return the product of the expected gains of rounding down and up, per column."""
        known = self.tries > 0
        mean = np.where(known, self.total / np.maximum(self.tries, 1), np.nan)
        with np.errstate(all="ignore"):
            usual = np.nanmean(mean, axis=0) if known.any() else np.ones(2)
        usual = np.where(np.isfinite(usual), usual, 1.0)
        each = np.where(np.isfinite(mean[columns]), mean[columns], usual)
        return np.asarray(np.maximum(each[:, 0] * part, 1e-6) * np.maximum(each[:, 1] * (1.0 - part), 1e-6))


@dataclass(order=True)
class Node:
    """A part of the tree that is still open; ``bound`` is what its linear program costs at least."""

    bound: float
    number: int
    bounds: Bounds = field(compare=False)
    basis: Basis = field(compare=False)
    values: Array = field(compare=False)


class Tree:
    """A branch and bound tree; :meth:`grow` works on it for a while and can be called again.

    ``bound`` is proven (as far as nothing above ``cutoff`` is asked for), ``objective`` and ``values`` are the
    best found (infinite and empty at first). One thread at a time may work on trees that share a session.
    """

    def __init__(
        self,
        arrays: Arrays,
        groups: Sequence[Sequence[int]] = (),
        stop: threading.Event | None = None,
        idle: Mask | None = None,
    ) -> None:
        """Solve the root. ``groups`` are columns whose sum is branched on too; ``stop`` ends work on the tree.

        Rows that are ``idle`` join when a solution breaks them.
        """
        self.stop = stop or threading.Event()
        self.size, self.given = len(arrays.cost), arrays
        self.arrays = with_counts(arrays, groups)
        self.whole = np.flatnonzero(self.arrays.integer)
        self.experience = Experience.of(len(self.whole))
        relaxed = replace(self.arrays, integer=np.zeros_like(self.arrays.integer))
        late = np.zeros(len(relaxed.row_lower), dtype=bool)
        if idle is not None:
            late[: len(idle)] = idle
        self.rows = LateRows(relaxed, late, threads=1, solver="simplex")
        self.session = self.rows.session
        self.current: Bounds = {}
        self.numbers = itertools.count()
        self._start({}, float("inf"))

    def within(self, bounds: Bounds, cutoff: float = float("inf")) -> Tree:
        """Return a tree of the same model within narrower bounds of some columns; it shares the solver."""
        part = copy(self)
        part._start(bounds, cutoff)
        return part

    def _start(self, bounds: Bounds, cutoff: float) -> None:
        self.cutoff, self.objective, self.values = cutoff, float("inf"), np.empty(0)
        self.base = dict(bounds)
        self.nodes, self.open, self.lost = 0, list[Node](), float("inf")
        root = self._solve({})
        self.root = root.bound if root is not None else self.lost
        if root is not None:
            self._file(root)

    @property
    def bound(self) -> float:
        """The proven bound: no solution costs less; the cutoff where that is reached."""
        return min(self.open[0].bound if self.open else float("inf"), self.lost, self.objective)

    @property
    def _worse(self) -> float:
        """What is not worth looking for: as much as the best found or the cutoff."""
        return min(self.objective, self.cutoff)

    def _apply(self, bounds: Bounds) -> None:
        wanted = {**self.base, **bounds}
        highs = self.session.highs
        for column in [*self.current]:
            if column not in wanted:
                highs.changeColBounds(column, float(self.arrays.lower[column]), float(self.arrays.upper[column]))
                del self.current[column]
        for column, (low, high) in wanted.items():
            if self.current.get(column) != (low, high):
                highs.changeColBounds(column, float(low), float(high))
                self.current[column] = (low, high)

    def _solve(self, bounds: Bounds, known: float = float("-inf"), basis: Basis | None = None) -> Node | None:
        """Return the solved node, or None if it holds nothing that is looked for."""
        self._apply(bounds)
        if basis is not None:
            self.rows.set_basis(basis)
        self.nodes += 1
        worse = self._worse
        self.session.highs.setOptionValue("objective_bound", float(worse) if np.isfinite(worse) else float("inf"))
        solution = self.rows.resolve()
        if solution.status == "infeasible":
            return None
        if solution.status == "cut_off":
            self.lost = min(self.lost, self.cutoff)
            return None
        if solution.status != "optimal":
            # Nothing is known of this part: what its parent proved stays the bound.
            self.lost = min(self.lost, known)
            return None
        bound = max(solution.objective, known)
        if bound >= worse:
            self.lost = min(self.lost, self.cutoff)
            return None
        return Node(bound, next(self.numbers), dict(bounds), self.rows.basis(), solution.values)

    def _fractional(self, node: Node) -> tuple[Numbers, Array]:
        values = node.values[self.whole]
        part = values - np.floor(values + WHOLE)
        found = np.flatnonzero(part > WHOLE)
        return found, part[found]

    def _file(self, node: Node) -> bool:
        """Keep a node that is still open and return True, or take it as a solution if it is whole."""
        if node.bound >= self._worse:
            return False
        if len(self._fractional(node)[0]):
            heapq.heappush(self.open, node)
            return True
        self._take(node.bound, node.values[: self.size])
        return False

    def _take(self, objective: float, values: Array) -> None:
        """Keep a better solution; of what is open only what may be better still."""
        self.objective, self.values = objective, values
        self.open = [kept for kept in self.open if kept.bound < objective]
        heapq.heapify(self.open)

    def grow(self, *, gap: float, until: float, dive: bool = False) -> None:
        """Work until ``gap`` (relative) is proven or the clock shows ``until``.

        Without ``dive`` the node with the least bound is next, which raises the bound quickest; with it
        the better child is followed to the end, which finds solutions.
        """
        while self.open and not self._over(until):
            if self._worse - self.bound <= gap * abs(self.bound):
                return
            node: Node | None = heapq.heappop(self.open)
            while node is not None:
                node = self._branch(node, until, FEWER if dive else TRIED)
                if node is not None and (not dive or self._over(until)):
                    heapq.heappush(self.open, node)
                    break

    def _over(self, until: float) -> bool:
        return self.stop.is_set() or clock.perf_counter() >= until

    def round(self) -> None:
        """Try the best open node with everything whole: what is used by more than a little counts as used."""
        for threshold in ROUNDED:
            if not self.open:
                return
            node = self.open[0]
            single = self.whole[self.whole < self.size]
            whole = np.floor(node.values[single] + 1.0 - threshold)
            values = np.clip(whole, self.arrays.lower[single], self.arrays.upper[single])
            fixed = {int(column): (value, value) for column, value in zip(single, values.tolist(), strict=True)}
            found = self._solve({**fixed, **self.base}, node.bound, node.basis)
            if found is not None:
                self._file(found)

    def narrow(self, most: int, gap: float, time_limit: float) -> None:
        """Look for a solution among the ``most`` columns that the relaxation finds least dear (and all whole ones)."""
        root = self._solve({})
        if root is None:
            return
        dear = np.abs(np.asarray(self.session.highs.getSolution().col_dual, dtype=float)[: self.size])
        dear[self.given.integer | (root.values[: self.size] > self.given.lower + WHOLE)] = -1.0
        lower, upper = self.given.lower.copy(), self.given.upper.copy()
        for column, limits in self.base.items():
            if column < self.size:
                lower[column], upper[column] = limits
        left_out = np.argsort(dear, kind="stable")[max(most, int((dear < 0.0).sum())) :]
        upper[left_out] = lower[left_out]
        few = Session(replace(self.given, lower=lower, upper=upper), threads=1, mip_rel_gap=gap, time_limit=time_limit)
        few.stop = self.stop
        solution = few.run()
        if len(solution.values) and solution.objective < self._worse:
            self._take(solution.objective, solution.values)

    def _children(self, node: Node, column: int) -> list[Node | None]:
        """Return the two nodes below and above the value of a column, solved."""
        place = int(self.whole[column])
        value = float(node.values[place])
        low, high = {**self.base, **node.bounds}.get(
            place, (float(self.arrays.lower[place]), float(self.arrays.upper[place]))
        )
        found: list[Node | None] = []
        basis = None
        for up, limits in enumerate(((low, float(np.floor(value))), (float(np.ceil(value)), high))):
            child = self._solve({**node.bounds, place: limits}, node.bound, basis)
            gain = (child.bound if child is not None else min(self._worse, node.bound + abs(node.bound))) - node.bound
            self.experience.note(column, up, gain, value - np.floor(value) if up == 0 else np.ceil(value) - value)
            # From a place far away the way back is long: then the parent's basis is the better start.
            basis = node.basis if child is None else None
            found.append(child)
        return found

    def _branch(self, node: Node, until: float, most: int) -> Node | None:
        """Branch on the most promising column; file the worse child and return the better one if it is open."""
        self.rows.set_basis(node.basis)
        fractional, part = self._fractional(node)
        guess = self.experience.guess(fractional, part)
        best: list[Node | None] = []
        best_score, unchanged = -1.0, 0
        for tried, position in enumerate(np.argsort(-guess, kind="stable")):
            column = int(fractional[position])
            reliable = bool((self.experience.tries[column] > 0).all())
            if best:
                if self._over(until) or (reliable and guess[position] <= best_score):
                    break
                if not reliable and (tried >= most or unchanged >= 4):
                    break
            children = self._children(node, column)
            worse = self._worse
            gains = [
                (child.bound if child is not None else min(worse, 2 * abs(node.bound))) - node.bound
                for child in children
            ]
            score = max(gains[0], 1e-6) * max(gains[1], 1e-6)
            if score > best_score:
                best, best_score, unchanged = children, score, 0
            else:
                unchanged += 1
            if any(child is None for child in children):
                best = children
                break
        kept = sorted(child for child in best if child is not None and child.bound < self._worse)
        for child in kept[1:]:
            self._file(child)
        if kept and self._file(kept[0]):
            self.open.remove(kept[0])
            heapq.heapify(self.open)
            return kept[0]
        return None
