"""The search of a large model: a proof by periods and plans from it, side by side.

One thread raises the bound: each period is a tree of its own (:mod:`models.branching`), and the one that has most
left to prove is worked on. The other makes plans (:mod:`models.primal`): facilities from the last period
back, schemes for them, facilities for those schemes, until neither changes; then it helps with the proof.
Whoever asks only waits, so that Ctrl-C is heard at once whatever the solver is at.
"""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.branching import Bounds, Tree
from models.formulation_parts import Formulation
from models.found import Found, Watch, relative_gap
from models.highs import Solution
from models.interruption import asked
from models.periods import Part, take_apart
from models.primal import Chain, facility_columns, scheme_columns, whole_schemes
from models.reduction import Reduction

Array = np.ndarray[Any, np.dtype[np.float64]]
TURN = 2.0
"""Seconds for which a tree is worked on before another may be."""
PATIENCE = 6.0
"""Seconds for choosing the facilities of one period of a plan."""
CLOSE = 2e-4
"""Gap at which the facilities of one period of a plan are good enough."""
FAR = 0.01
"""Share of all cost that the plan of one period may be from its bound before it is looked for among few ways."""
NEAR = 10_000
"""How many columns that is."""
GRACE = 1.0
"""Seconds that work under way gets when the search is interrupted."""
ROUNDS = 6
"""How often facilities and schemes are chosen in turn."""


@dataclass
class Branch:
    """A period with its tree; who holds the lock may use its solver."""

    part: Part
    lock: threading.Lock = field(default_factory=threading.Lock)
    tree: Tree | None = None
    proven: float = float("-inf")

    def plant(self, stop: threading.Event) -> Tree:
        """Return the tree, made where it is not there yet; ``stop`` ends work on it."""
        if self.tree is None:
            self.tree = Tree(self.part.arrays, self.part.groups, stop, self.part.idle)
            self.proven = self.tree.bound
        return self.tree


class PeriodSearch:
    """The search of one reduced yearly model, from the optimum of its relaxation."""

    def __init__(
        self,
        form: Formulation,
        reduced: Reduction,
        row_lower: Array,
        relaxed: Solution,
        watch: Watch,
        gap: float,
        threads: int,
    ) -> None:
        """Take the model apart. ``row_lower`` are the row bounds that plans are made for, targets raised by a hair."""
        self.form, self.reduced, self.watch, self.threads = form, reduced, watch, threads
        # Hauls by place cost a little more than pooled ones: the search goes on until that fits in.
        self.gap = 0.75 * gap
        self.raised = replace(reduced.arrays, row_lower=row_lower)
        parts, self.constant = take_apart(form, reduced, relaxed.row_duals, relaxed.values)
        self.branches = [Branch(part) for part in sorted(parts, key=lambda part: -len(part.columns))]
        self.relaxed = relaxed
        self.least = relaxed.bound - 1e-7 * abs(relaxed.objective)
        self.stop = threading.Event()
        self.best: tuple[float, Array] = float("inf"), np.empty(0)
        self.facilities = facility_columns(form, reduced)
        self.schemes = scheme_columns(form, reduced)
        self.chain = Chain(form, reduced)
        self.failure: BaseException | None = None

    @property
    def objective(self) -> float:
        """The cost of the best plan found so far."""
        return self.best[0]

    @property
    def bound(self) -> float:
        """The proven lower bound of the whole model."""
        return max(self.least, self.constant + sum(branch.proven for branch in self.branches))

    def _done(self) -> bool:
        finished = relative_gap(self.objective, self.bound) <= self.gap
        return finished or self.stop.is_set() or clock.perf_counter() >= self.watch.until

    def run(self) -> Found:
        """Return the best plan found and what is proven."""
        works = [self._lead, self._prove][: max(self.threads, 1)]
        workers = [threading.Thread(target=self._guarded, args=(work,), daemon=True) for work in works]
        for worker in workers:
            worker.start()
        patience = GRACE
        try:
            while workers[0].is_alive() and not asked():
                workers[0].join(timeout=0.1)
            patience = GRACE if asked() else 10.0
        finally:
            self.stop.set()
            until = clock.perf_counter() + patience
            for worker in workers:
                worker.join(timeout=max(until - clock.perf_counter(), 0.0))
        # What an interrupted worker says of itself is nothing beside a plan that is there.
        if self.failure is not None and not (asked() and len(self.best[1])):
            raise self.failure
        bound, (objective, values) = self.bound, self.best
        finished = relative_gap(objective, bound) <= self.gap
        status = "gap_reached" if finished else "time_limit"
        if clock.perf_counter() < self.watch.until and not finished:
            status = "work_limit"
        values = self.reduced.expand(values)
        return Found(status, self.form, values, objective, bound, relative_gap(objective, bound))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Work in a thread of its own; what goes wrong is raised by the one who waits."""
        try:
            work()
        except BaseException as error:
            self.failure = error
            self.stop.set()

    def _lead(self) -> None:
        """Make plans, then raise the bound until there is nothing left to do."""
        self._plant()
        self._make_plans()
        while not self._done() and self._raise_bound():
            pass

    def _prove(self) -> None:
        """Raise the bound until the search is over."""
        self._plant()
        while not self._done():
            # If nothing can be done, everything that is left is being worked on.
            if not self._raise_bound() and self.stop.wait(0.2):
                return

    def _plant(self) -> None:
        """Make the trees; two threads share the work."""
        for branch in self.branches:
            if branch.lock.acquire(blocking=False):
                try:
                    if not self._done():
                        branch.plant(self.stop)
                finally:
                    branch.lock.release()

    def _slack(self) -> float:
        """Return how much of the distance between plan and bound is left to prove, infinite without a plan."""
        return self.objective * (1.0 - 0.5 * self.gap) - self.bound

    def _raise_bound(self) -> bool:
        """Work for a turn on the period that has most left to prove; False if there is none."""
        waiting = [b for b in self.branches if b.tree is not None and b.tree.open]
        for branch in sorted(waiting, key=lambda b: -_promise(b)):
            if not branch.lock.acquire(blocking=False):
                continue
            try:
                tree = branch.tree
                if tree is None or not tree.open:
                    continue
                tree.cutoff = min(tree.cutoff, branch.proven + max(self._slack(), 0.0) + 1e-9)
                tree.grow(gap=1e-5, until=min(clock.perf_counter() + TURN, self.watch.until))
                branch.proven = max(branch.proven, tree.bound)
            finally:
                branch.lock.release()
            self.watch.say(self.objective, self.bound)
            return True
        return False

    def _make_plans(self) -> None:
        """Make plans: facilities for free schemes, schemes for them, facilities for these, and so on."""
        schemes: Array | None = None
        seen: set[bytes] = set()
        for _ in range(ROUNDS):
            chosen = None if self._done() else self._facilities(schemes)
            if chosen is None or self._done():
                return
            facilities = np.round(chosen[self.facilities])
            if facilities.tobytes() in seen:
                return
            seen.add(facilities.tobytes())
            used = np.maximum(chosen, self.relaxed.values)
            solution = whole_schemes(
                self.form, self.reduced, self.raised, facilities, used, self.watch.left(), self.stop
            )
            if solution is None:
                return
            if solution.objective < self.objective - 1e-9:
                self.best = solution.objective, solution.values
                self.watch.say(self.objective, self.bound)
            schemes = solution.values

    def _facilities(self, schemes: Array | None) -> Array | None:
        """Return values of all columns, facilities whole and chosen from the last period back; None if there are none.

        With ``schemes`` the facilities are chosen for these, else together with what schemes they suit.
        """
        chosen = self.relaxed.values.copy()
        for branch in sorted(self.branches, key=lambda branch: -branch.part.period):
            with branch.lock:
                if self._done():
                    return None
                tree = branch.plant(self.stop)
                bounds = self.chain.bounds(branch.part, chosen)
                if schemes is not None:
                    bounds |= self._settled(branch.part, schemes)
                values = self._best(tree, bounds)
            if values is None:
                return None
            chosen[branch.part.columns] = values
        return chosen

    def _settled(self, part: Part, schemes: Array) -> Bounds:
        """Return bounds that hold the schemes of a part at given values."""
        inside = np.flatnonzero(np.isin(part.columns, self.schemes))
        values = np.round(schemes[part.columns[inside]])
        return {int(column): (value, value) for column, value in zip(inside, values.tolist(), strict=True)}

    def _best(self, tree: Tree, bounds: Bounds) -> Array | None:
        """Return the best whole values found of a part within bounds."""
        part = tree.within(bounds)
        part.round()
        begun = clock.perf_counter()
        for patience in (PATIENCE, 4 * PATIENCE):
            part.grow(gap=CLOSE, until=min(begun + patience, self.watch.until), dive=True)
            if len(part.values):
                break
        if part.objective - part.bound > FAR * abs(self.relaxed.objective):
            part.narrow(NEAR, CLOSE, min(4 * PATIENCE, self.watch.left()))
        return part.values if len(part.values) else None


def _promise(branch: Branch) -> float:
    """Return how much a tree can still raise the bound: what its next node is below its best solution or cutoff."""
    tree = branch.tree
    if tree is None:
        return 0.0
    most = min(tree.objective, tree.cutoff)
    return most - branch.proven if np.isfinite(most) else abs(branch.proven)
