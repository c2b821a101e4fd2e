"""The search of a model that is too large for one relaxation: periods by themselves, then a plan chained back.

The rows that join periods are left out but for the annuities of what is built (:func:`models.periods.take_apart`), so
each period is a linear program of its own and their bounds add up to a bound of the whole, which is raised beside the
plan. The plan is made of a leaner model, in which years alike are one slice, from the last period back: facilities for
the schemes that the relaxation likes, by a small mixed-integer program, then schemes for these facilities. An earlier
period builds nothing that the next one lacks and begins no scheme that the next one does not have, so that nothing is
begun to be given up again. What is decided is run year by year afterwards, which tells what it costs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from flows.amounts import SOURCE
from flows.capture import current_schemes
from models.formulation_parts import Formulation
from models.found import Found, Watch, relative_gap
from models.highs import Arrays, Session, Solution
from models.interruption import asked
from models.periods import Part, take_apart
from models.primal import Chain, facility_columns, relax, whole_schemes
from models.ramps import Ramps
from models.reduction import Reduction

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
TINY = 1e-5
"""Share of a source below which a relaxed scheme counts as none."""
CHOICE = 0.2
"""Part of the asked gap to which the facilities of a period are chosen."""
MOST = 0.1
"""Part of the time that is left in which the facilities of one period must be chosen."""


@dataclass(frozen=True)
class Reduced:
    """A model of the case, reduced; ``row_lower`` are its row bounds for plans, with targets raised by a hair."""

    form: Formulation
    reduction: Reduction
    row_lower: Array

    def apart(self) -> tuple[list[Part], float]:
        """Return the periods by themselves, and the constant that belongs to their sum."""
        arrays = self.reduction.arrays
        nothing = np.zeros(len(arrays.row_lower)), np.zeros(len(arrays.cost))
        return take_apart(self.form, self.reduction, *nothing)


def search_parts(whole: Reduced, lean: Callable[[], Reduced], watch: Watch, gap: float, threads: int) -> Found:
    """Return the plan found and what is proven: a plan of the ``lean`` model, a bound of the ``whole`` one.

    If the lean model gives no plan, one is made of the whole one. Without a plan the values are empty.
    """
    proof = Proof(whole, watch)
    # One works on the bound while the plan is made; with one thread the plan comes first.
    proof.hire(threads - 1)
    try:
        form, plan = whole.form, None
        for make in (lean, lambda: whole):
            model = make()
            plan = PartPlan(model, watch, gap).values()
            if plan is not None or proof.infeasible or asked():
                form = model.form
                break
        proof.hire(threads)
        proof.wait()
    finally:
        proof.leave()
    if plan is None:
        status = "infeasible" if proof.infeasible else "time_limit"
        return Found(status, form, np.empty(0), float("inf"), proof.bound, float("inf"))
    values, objective = plan
    found = relative_gap(objective, proof.bound)
    status = "gap_reached" if found <= gap else "work_limit" if proof.finished else "time_limit"
    return Found(status, form, values, objective, proof.bound, found)


@dataclass
class Proof:
    """The bound: the relaxation of every period, by helpers that take one after another, the largest first."""

    whole: Reduced
    watch: Watch
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    helpers: list[threading.Thread] = field(default_factory=list)
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        """Take the model apart."""
        parts, self.constant = self.whole.apart()
        self.left = sorted((part.arrays for part in parts), key=lambda arrays: len(arrays.cost))
        self.count = len(parts)
        self.solved: list[Solution] = []

    def hire(self, helpers: int) -> None:
        """Let that many threads work. They are daemons: nobody waits for them after an interruption."""
        while len(self.helpers) < helpers:
            self.helpers.append(threading.Thread(target=self._work, daemon=True))
            self.helpers[-1].start()

    def leave(self) -> None:
        """Let nobody begin anything more."""
        self.stop.set()

    def wait(self) -> None:
        """Wait until the bound is complete, time is up or the search is interrupted; raises what a helper raised."""
        while not asked() and any(helper.is_alive() for helper in self.helpers):
            for helper in self.helpers:
                helper.join(timeout=0.1)
        if self.failure is not None:
            raise self.failure

    @property
    def infeasible(self) -> bool:
        """Whether a period has no solution whatever the others do."""
        return any(one.status == "infeasible" for one in self.solved)

    @property
    def finished(self) -> bool:
        """Whether every period is proven."""
        return len(self.solved) == self.count and all(one.status == "optimal" for one in self.solved)

    @property
    def bound(self) -> float:
        """The bound of the whole; none until every period has its own."""
        if not self.finished:
            return float("-inf")
        return self.constant + sum(one.bound - 1e-7 * abs(one.objective) for one in self.solved)

    def _work(self) -> None:
        while not self.stop.is_set():
            with self.lock:
                if not self.left:
                    return
                arrays = self.left.pop()
            try:
                solution = relax(arrays, self.watch.left(), aside=True)
            except BaseException as error:
                self.failure = error
                return
            self.solved.append(solution)
            if solution.status != "optimal":
                return


class PartPlan:
    """A plan of one reduced model, without its relaxation."""

    def __init__(self, model: Reduced, watch: Watch, gap: float) -> None:
        """Take the model apart."""
        self.model, self.watch, self.gap = model, watch, gap
        self.form, self.reduced, self.row_lower = model.form, model.reduction, model.row_lower
        self.parts, self.constant = model.apart()
        self.chain = Chain(self.form, self.reduced)
        self.shares = _Shares(self.form, self.reduced)
        self.ramps = Ramps(self.form, self.reduced, self.parts)

    def values(self) -> tuple[Array, float] | None:
        """Return values of every column of the model, those that decide whole, and their cost; None if there are none.

        What follows from the decisions of several periods, such as what is built when, is left as it comes.
        """
        chosen, cost = np.zeros(len(self.reduced.arrays.cost)), self.constant
        for part in sorted(self.parts, key=lambda part: -part.period):
            values = None if asked() else self._plan(part, chosen)
            if values is None:
                return None
            chosen[part.columns] = values
            cost += float(part.arrays.cost @ values)
        self.watch.say(cost, float("-inf"))
        return self.reduced.expand(chosen), cost

    def _plan(self, own: Part, chosen: Array) -> Array | None:
        """Return values of a part with whole facilities and schemes that fit what the next period has."""
        part, limits = self.ramps.joined(own, chosen)
        integer = self.reduced.arrays.integer[part.columns]
        raised = replace(part.arrays, row_lower=self.row_lower[part.rows], integer=integer)
        reduced = Reduction(raised, self.reduced.kept[part.columns], self.reduced.rows[part.rows], None)
        facilities = facility_columns(self.form, reduced)
        settled = _bounded(raised, self.chain.bounds(part, chosen) | limits)
        narrow = self.shares.bounded(part, settled, chosen)
        for arrays in (narrow,) if narrow is settled else (narrow, settled):
            relaxed = relax(arrays, self.watch.left())
            if relaxed.status != "optimal":
                continue
            whole = self._facilities(reduced, arrays, facilities, relaxed.values)
            if whole is None:
                continue
            used = np.maximum(relaxed.values, whole)
            solution = whole_schemes(self.form, reduced, arrays, whole[facilities], used, self.watch.left())
            if solution is not None:
                return solution.values[np.isin(part.columns, own.columns)]
        return None

    def _facilities(self, reduced: Reduction, arrays: Arrays, columns: Numbers, values: Array) -> Array | None:
        """Return values with whole facilities, for the schemes of a relaxed solution."""
        shares, wanted = self.shares.cleaned(reduced, values)
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        lower[shares] = upper[shares] = wanted
        integer = np.zeros_like(arrays.integer)
        integer[columns] = True
        session = Session(
            replace(arrays, lower=lower, upper=upper, integer=integer),
            threads=1,
            mip_rel_gap=self.gap * CHOICE,
            time_limit=max(self.watch.left() * MOST, 1.0),
        )
        solution = session.run()
        return solution.values if len(solution.values) else None


def _bounded(arrays: Arrays, limits: dict[int, tuple[float, float]]) -> Arrays:
    """Return a model with other bounds of some columns; the same one if there are none."""
    if not limits:
        return arrays
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for column, (low, high) in limits.items():
        lower[column], upper[column] = low, high
    return replace(arrays, lower=lower, upper=upper)


class _Shares:
    """The columns of schemes: which belong to one source and period, and to the same scheme a period later."""

    def __init__(self, form: Formulation, reduced: Reduction) -> None:
        self.form, self.reduced = form, reduced
        x = form.block("x")
        self.columns = reduced.of(x)
        keys = x.keys.iloc[reduced.kept[self.columns] - x.start].reset_index(drop=True)
        after = dict(zip(form.time.periods[:-1], form.time.periods[1:], strict=True))
        later = keys.assign(period=keys["period"].map(after)).dropna(subset=["period"])
        place = keys.assign(later=self.columns)
        pairs = later.assign(column=self.columns[later.index]).merge(place, on=[*SOURCE, "scheme", "period"])
        self.later = dict(zip(pairs["column"].tolist(), pairs["later"].tolist(), strict=True))
        self.today = self._standing(keys)

    def _standing(self, keys: Any) -> set[int]:
        """Return the columns of schemes that run today."""
        case = self.form.case
        running = current_schemes(case, case.account_year)[[*SOURCE, "scheme"]].drop_duplicates()
        standing = keys.assign(column=self.columns).merge(running, on=[*SOURCE, "scheme"])
        return set(standing["column"].tolist())

    def bounded(self, part: Part, arrays: Arrays, chosen: Array) -> Arrays:
        """Return a part in which a scheme has no more of a source than a period later, but for today's schemes.

        A source that this would leave without enough schemes is let be.
        """
        upper = arrays.upper.copy()
        numbers = {int(whole): number for number, whole in enumerate(part.columns.tolist())}
        mine = [column for column in self.columns.tolist() if column in numbers]
        if not any(column in self.later for column in mine):
            return arrays
        for column in mine:
            if column in self.later and column not in self.today:
                number = numbers[column]
                upper[number] = max(min(upper[number], chosen[self.later[column]]), arrays.lower[number])
        x = self.form.block("x")
        inside = np.array([numbers[column] for column in mine], dtype=np.int64)
        keys = x.keys.iloc[self.reduced.kept[np.array(mine)] - x.start]
        room = keys.assign(room=upper[inside]).groupby([*SOURCE, "period"])["room"].transform("sum").to_numpy()
        short = room < 1.0 - TINY
        upper[inside[short]] = arrays.upper[inside[short]]
        return replace(arrays, upper=upper)

    def cleaned(self, reduced: Reduction, values: Array) -> tuple[Numbers, Array]:
        """Return the scheme columns of a part and their relaxed shares without traces, adding up to one."""
        x = self.form.block("x")
        columns = reduced.of(x)
        shares = np.where(values[columns] < TINY, 0.0, values[columns])
        shares = np.clip(shares, reduced.arrays.lower[columns], reduced.arrays.upper[columns])
        keys = x.keys.iloc[reduced.kept[columns] - x.start]
        total = keys.assign(share=shares).groupby([*SOURCE, "period"])["share"].transform("sum").to_numpy()
        return columns, shares / total
