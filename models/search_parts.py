"""The search of a model that is too large for one relaxation: periods by themselves, then a plan chained back.

The rows that join periods are left out but for the annuities of what is built (:func:`models.periods.take_apart`), so
each period is a linear program of its own and their bounds add up to a bound of the whole. The plan is made from the
last period back: facilities for the schemes that the relaxation likes, by a small mixed-integer program, then schemes
for these facilities. An earlier period builds nothing that the next one lacks and begins no scheme that the next one
does not have, so that nothing is begun to be given up again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np

from flows.amounts import SOURCE
from models.formulation_parts import Formulation
from models.found import Found, Watch, relative_gap
from models.highs import Arrays, Session, Solution
from models.interruption import asked
from models.periods import Part, take_apart
from models.primal import Chain, facility_columns, fixed, relax, scheme_columns, whole_schemes
from models.reduction import Reduction

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
TINY = 1e-5
"""Share of a source below which a relaxed scheme counts as none."""
CHOICE = 0.2
"""Part of the asked gap to which the facilities of a period are chosen."""
MOST = 0.15
"""Part of the time that is left in which the facilities of one period must be chosen."""


class PartSearch:
    """The search of one reduced yearly model without its relaxation."""

    def __init__(
        self, form: Formulation, reduced: Reduction, row_lower: Array, watch: Watch, gap: float, threads: int
    ) -> None:
        """Take the model apart. ``row_lower`` are the row bounds that plans are made for, targets raised by a hair."""
        self.form, self.reduced, self.watch, self.gap, self.threads = form, reduced, watch, gap, threads
        self.row_lower = row_lower
        nothing = np.zeros(len(reduced.arrays.row_lower)), np.zeros(len(reduced.arrays.cost))
        self.parts, self.constant = take_apart(form, reduced, *nothing)
        self.chain = Chain(form, reduced)
        self.shares = _Shares(form, reduced)

    def run(self) -> Found:
        """Return the plan found and what is proven."""
        relaxed = self._relaxed()
        bad = [solution for solution in relaxed if solution.status != "optimal"]
        if bad:
            status = "infeasible" if any(one.status == "infeasible" for one in bad) else bad[0].status
            return Found(status, self.form, np.empty(0), float("inf"), float("-inf"), float("inf"))
        bound = self.constant + sum(one.bound - 1e-7 * abs(one.objective) for one in relaxed)
        self.watch.say(float("inf"), bound)
        chosen = np.zeros(len(self.reduced.arrays.cost))
        for part, known in sorted(zip(self.parts, relaxed, strict=True), key=lambda pair: -pair[0].period):
            values = self._plan(part, known, chosen)
            if values is None:
                return Found("time_limit", self.form, np.empty(0), float("inf"), bound, float("inf"))
            chosen[part.columns] = values
        solution = self._joined(chosen)
        if solution is None:
            return Found("time_limit", self.form, np.empty(0), float("inf"), bound, float("inf"))
        self.watch.say(solution.objective, bound)
        gap = relative_gap(solution.objective, bound)
        status = "gap_reached" if gap <= self.gap else "work_limit"
        values = self.reduced.expand(solution.values)
        return Found(status, self.form, values, solution.objective, bound, gap)

    def _relaxed(self) -> list[Solution]:
        """Return the relaxation of every part, some side by side, the largest first."""
        order = sorted(range(len(self.parts)), key=lambda number: -len(self.parts[number].columns))
        pool = ThreadPoolExecutor(self.threads)
        try:
            waiting = {number: pool.submit(self._relax, self.parts[number].arrays) for number in order}
            left = set(waiting.values())
            while left:
                left = wait(left, timeout=0.2).not_done
                if asked():
                    raise KeyboardInterrupt  # there is no plan yet that could be kept
            return [waiting[number].result() for number in range(len(self.parts))]
        finally:
            # After an interruption nobody waits for what is under way: a relaxation may take minutes.
            pool.shutdown(wait=False, cancel_futures=True)

    def _relax(self, arrays: Arrays) -> Solution:
        return relax(arrays, self.watch.left(), aside=True)

    def _plan(self, part: Part, known: Solution, chosen: Array) -> Array | None:
        """Return values of a part with whole facilities and schemes that fit what the next period has."""
        raised = replace(part.arrays, row_lower=self.row_lower[part.rows])
        reduced = Reduction(raised, self.reduced.kept[part.columns], self.reduced.rows[part.rows], None)
        facilities = facility_columns(self.form, reduced)
        limits = self.chain.bounds(part, chosen)
        settled = _bounded(raised, limits)
        narrow = self.shares.bounded(part, settled, chosen)
        for arrays in (narrow,) if narrow is settled else (narrow, settled):
            relaxed = known if arrays is raised else relax(arrays, self.watch.left(), self.threads)
            if relaxed.status != "optimal":
                continue
            whole = self._facilities(reduced, arrays, facilities, relaxed.values)
            if whole is None:
                continue
            used = np.maximum(relaxed.values, whole)
            solution = whole_schemes(self.form, reduced, arrays, whole[facilities], used, self.watch.left())
            if solution is not None:
                return solution.values
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
            threads=self.threads,
            mip_rel_gap=self.gap * CHOICE,
            time_limit=max(self.watch.left() * MOST, 1.0),
        )
        solution = session.run()
        return solution.values if len(solution.values) else None

    def _joined(self, chosen: Array) -> Solution | None:
        """Return the plan with whole facilities and schemes as chosen, all periods and what joins them together."""
        raised = replace(self.reduced.arrays, row_lower=self.row_lower)
        columns = np.concatenate([facility_columns(self.form, self.reduced), scheme_columns(self.form, self.reduced)])
        solution = relax(fixed(raised, columns, chosen[columns]), self.watch.left(), self.threads)
        return solution if solution.status == "optimal" else None


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
        """Return the columns of schemes that run in the last period in which nothing may change yet."""
        frozen = [period for period in self.form.time.periods if period in self.form.time.frozen]
        x = self.form.block("x")
        before = x.keys.assign(lower=x.lower)
        running = before[(before["lower"] > 0) & before["period"].isin(frozen)][[*SOURCE, "scheme"]].drop_duplicates()
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
        room = keys.assign(room=upper[inside]).groupby(SOURCE)["room"].transform("sum").to_numpy()
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
