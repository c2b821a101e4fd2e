"""Cost against rate, cost against greenhouse gas, or both: plans that no other plan beats in everything.

The augmented epsilon-constraint method (Mavrotas 2009, Applied Mathematics and Computation 213; Mavrotas & Florios
2013, the same 219): a pay-off table gives the range of each objective, a grid over it asks for the cheapest plan at
least as good as each of its points, the slack of each is rewarded a little so that no plan is only weakly efficient,
and what a plan reaches beyond its point covers the points after it, which are not solved again. Points tighter than
one that cannot be reached cannot be reached either.

Every point of the curve is a certified plan; its place is what the tables of the plan say. Beside it stands what any
plan for that point costs at least: the proven curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from models.asking import Asker, relaxation
from models.formulation_parts import MILLION, Formulation
from models.formulation_targets import rate_terms
from models.found import Found
from models.frontier_tables import FRONTIER_COLUMNS, efficient, marginal_cost, monotone
from models.outcome import NoPlan, PlanResult
from models.plan import with_target
from models.tables import HEADLINES
from models.totals import co2e_of, co2e_vector, cost_vector
from models.wish import NOTHING, Row, Wish

Array = np.ndarray[Any, np.dtype[np.float64]]
Keep = Callable[[str, PlanResult], object]
AUGMENT = 1e-5
"""What the whole range of an objective is worth as slack, as a share of the cost."""
HAIR = 1e-9
"""Relative size of what counts as no difference."""
AWAY = 0.01
"""Share of the range that the tightest point of a large case keeps away from the end of the relaxation."""
STEPS = 12
"""Most steps of Dinkelbach's method; it needs three or four."""
AGAINST = ("rate", "co2e", "both")
GRID_COLUMNS = ["asked_rate", "asked_co2e_kt", "bound", "point", "status"]


@dataclass
class Frontier:
    """What :func:`frontier` found.

    ``tables``: ``frontier`` (a row per plan), ``frontier_rates`` (its rates by other methods),
    ``frontier_bounds`` (a row per point of the grid: what a plan for it costs at least, and the plan that is there),
    ``payoff`` (the ends of the ranges), ``marginal_cost`` (along the efficient plans; empty against both). ``plans`` is
    what ``keep`` made of each plan, by its name.
    """

    case: Case
    against: str
    tables: dict[str, pd.DataFrame]
    plans: dict[str, object]
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Goal:
    """Which rate is meant."""

    scope: str
    method: str
    year: int


@dataclass
class _Point:
    """A plan on the curve."""

    name: str
    rate_asked: float
    cap_asked: float
    rate: float
    co2e: float
    cost: float
    bound: float
    gap: float
    status: str
    certified: bool
    counted: float
    rates: pd.DataFrame


def frontier(
    asker: Asker,
    *,
    against: str,
    points: int,
    scope: str | None = None,
    method: str | None = None,
    year: int | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    keep: Keep | None = None,
) -> Frontier:
    """Return the plans along the curve of cost against ``rate``, ``co2e`` or ``both``.

    ``points`` is the number of points of the grid along each axis, both ends among them. The rate is that of ``scope``
    and ``method`` (default: the case's) in ``year`` (default: the last plan year); along it the case's own targets of
    that scope and method give way, as in :func:`models.plan.with_target`, all others hold. Greenhouse gas is net, in
    kt CO2e over the horizon. ``time_limit`` [s] and ``gap`` are of each plan; ``keep(name, plan)`` says what is kept of
    one (default: all of it).

    Ctrl-C ends it with the plans so far, if there are any; ``info["ended"]`` is then ``interrupted``, else ``whole``.
    Raises :class:`Infeasible` if the case has no plan at all, :class:`NoPlan` if none was found in time.
    """
    return _Curve(asker, against, points, scope, method, year, gap, time_limit, keep).run()


class _Curve:
    """One frontier in the making."""

    def __init__(
        self,
        asker: Asker,
        against: str,
        points: int,
        scope: str | None,
        method: str | None,
        year: int | None,
        gap: float,
        time_limit: float,
        keep: Keep | None,
    ) -> None:
        self.asker, self.against, self.size = asker, against, points
        self.gap, self.time_limit = gap, time_limit
        self.keep: Keep = keep or (lambda name, plan: plan)
        self.case = asker.given
        settings = self.case.settings
        self.goal = _Goal(
            scope or str(settings["scope"]), method or str(settings["method"]), year or self.case.plan_years[-1]
        )
        self.points: list[_Point] = []
        self.plans: dict[str, object] = {}
        self.grid: list[dict[str, Any]] = []
        self.payoff: list[dict[str, Any]] = []
        self.worth = 0.0
        self.ended = "whole"

    def run(self) -> Frontier:
        """Return the curve."""
        try:
            self._walk(*self._ranges())
        except KeyboardInterrupt:
            # The plan under way is lost; those before it are whole.
            if not self.points:
                raise
            self.ended = "interrupted"
            self.asker.endings[self.ended] += 1
        self.asker.want(NOTHING)
        self.asker.ask(self.case)
        if not self.points:
            raise NoPlan("time_limit")
        return self._told()

    def _walk(self, caps: list[float | None], rates: list[float | None]) -> None:
        """Ask for the points of the grid, from loose to tight."""
        covered: set[tuple[int, int]] = set()
        cells = [(i, j) for i in range(len(rates)) for j in range(len(caps))]
        for done, (i, j) in enumerate(cells):
            if (i, j) in covered:
                continue
            self.asker.stage(0.2 + 0.8 * done / len(cells), 0.2 + 0.8 * (done + 1) / len(cells))
            found = self._cheapest(rates[i], caps[j])
            tighter = {(k, m) for k, m in cells if k >= i and m >= j} - covered
            if found.status == "infeasible":
                for k, m in tighter:
                    self._cell(rates[k], caps[m], np.inf, None, "infeasible")
                covered |= tighter
                continue
            bound = self._bound(found, caps[j])
            if not len(found.values):
                self._cell(rates[i], caps[j], bound, None, found.status)
                continue
            point = self._point(found, bound, rates[i], caps[j])
            for k, m in sorted(tighter):
                if point is not None and _reaches(point, rates[k], caps[m]):
                    covered.add((k, m))
                    self._cell(rates[k], caps[m], bound, point, "solved" if (k, m) == (i, j) else "covered")
            if (i, j) not in covered:
                covered.add((i, j))
                self._cell(rates[i], caps[j], bound, point, "beside" if point else "no_dispatch")

    # Questions

    def _ask(self, rate: float | None, cap: float | None, wish: Wish) -> Found:
        """Ask for a rate (None: the case's own targets) and a cap of greenhouse gas, with a wish."""
        self._want_rate(rate)
        rows = wish.rows if cap is None else (*wish.rows, Row("co2e", co2e_vector, upper=cap, physical=True))
        self.asker.want(Wish(rows, wish.objective))
        return self.asker.search(gap=self.gap, time_limit=self.time_limit)

    def _want_rate(self, rate: float | None) -> None:
        """Ask for a rate; without one for the case's own targets."""
        goal = self.goal
        self.asker.ask(with_target(self.case, rate, None if rate is None else goal.year, goal.method, goal.scope))

    def _cheapest(self, rate: float | None, cap: float | None) -> Found:
        """Return the cheapest plan at least as good as a point, a little rewarded for being better."""
        return self._ask(rate, cap, Wish(objective=lambda form: self._augmented(form, rate, cap)))

    def _augmented(self, form: Formulation, rate: float | None, cap: float | None) -> Array:
        cost = cost_vector(form)
        if rate is not None:
            up, down = self._terms(form)
            whole = max(self.whole, 1e-9)
            cost = cost - self.worth / whole * (up - rate * down)
        if cap is not None:
            cost = cost + self.worth / max(self.gas, 1e-9) * co2e_vector(form)
        return cost

    def _bound(self, found: Found, cap: float | None) -> float:
        """Return what a plan costs at least, from the bound of the augmented objective.

        The reward of the rate only lowers the objective, so it can stay; that of greenhouse gas is at most its cap.
        """
        return found.bound - (0.0 if cap is None else self.worth / max(self.gas, 1e-9) * cap)

    def _terms(self, form: Formulation) -> tuple[Array, Array]:
        """Return numerator and denominator of the rate [kt] by column."""
        goal = self.goal
        terms = rate_terms(form, goal.scope, goal.method, "", goal.year)
        found = []
        for part in (terms[terms["term"] == 0], terms[terms["term"] > 0]):
            vector = np.zeros(form.linear.columns)
            np.add.at(vector, part["col"].to_numpy(dtype=np.int64), part["coef"].to_numpy(dtype=float))
            found.append(vector)
        return found[0], found[1]

    # The pay-off table

    def _ranges(self) -> tuple[list[float | None], list[float | None]]:
        """Return the grid of caps and of rates, from loose to tight, and keep the pay-off table."""
        asker = self.asker
        asker.stage(0.0, 0.2)
        of_rate, of_gas = self.against != "co2e", self.against != "rate"
        loose = 0.0 if of_rate else None
        first = self._ask(loose, None, Wish())
        if first.status == "infeasible":
            asker.want(NOTHING)
            asker.plan(gap=self.gap, time_limit=self.time_limit)  # raises, and says why
        if not len(first.values):
            raise NoPlan(first.status)
        self.worth = AUGMENT * max(abs(first.objective), 1e-9)
        ends = [("cost", first)]
        self.whole, self.gas = 1.0, 1.0
        highest = lowest = None
        if of_rate:
            highest, found = self._highest_rate()
            ends.append(("rate", found))
        if of_gas:
            lowest, found = self._lowest_gas(loose)
            ends.append(("co2e", found))
        for best, found in ends:
            self._paid(best, found)
        table = pd.DataFrame(self.payoff)
        rates: list[float | None] = [None]
        caps: list[float | None] = [None]
        if highest is not None:
            least = float(table["rate"].min())
            rates = list(np.linspace(min(least, highest), highest, self.size))
            rates[0] = float(rates[0] or 0.0) * (1.0 - HAIR)
        if lowest is not None:
            most = float(table["co2e_kt"].max())
            self.gas = max(abs(most), abs(lowest), 1e-9)
            caps = list(np.linspace(max(most, lowest), lowest, self.size) + HAIR * self.gas)
        return _distinct(caps), _distinct(rates)

    def _paid(self, best: str, found: Found) -> None:
        """Put what a solution of the yearly model reaches into the pay-off table."""
        if not len(found.values):
            return
        form = found.form
        up, down = self._terms(form)
        values = found.values[: len(up)]
        denominator = float(down @ values)
        self.whole = max(denominator, 1e-9)
        self.payoff.append(
            {
                "best": best,
                "rate": float(up @ values) / denominator if denominator > 0 else np.nan,
                "co2e_kt": float(co2e_vector(form) @ values),
                "cost": float(cost_vector(form)[: len(values)] @ values) * MILLION,
            }
        )

    def _highest_rate(self) -> tuple[float, Found]:
        """Return the highest rate that can be reached, by Dinkelbach's method; of a large case a little less."""
        rate, best = 0.0, None
        for _ in range(STEPS):

            def shortfall(form: Formulation, rate: float = rate) -> Array:
                up, down = self._terms(form)
                return rate * down - up

            found = self._extreme(0.0, Wish(objective=shortfall))
            if not len(found.values):
                break
            up, down = self._terms(found.form)
            values = found.values[: len(up)]
            reached = float(up @ values) / max(float(down @ values), 1e-12)
            best = found
            if reached <= rate + HAIR:
                break
            rate = reached
        if best is None:
            raise NoPlan("time_limit")
        best = self._cheapest(rate, None) if self.asker.small else best
        return (rate if self.asker.small else rate * (1.0 - AWAY)), best

    def _lowest_gas(self, loose: float | None) -> tuple[float, Found]:
        """Return the least greenhouse gas that can be reached; of a large case a little more."""
        found = self._extreme(loose, Wish(objective=co2e_vector))
        if not len(found.values):
            raise NoPlan("time_limit")
        least = float(co2e_vector(found.form) @ found.values[: found.form.linear.columns])
        if self.asker.small:
            self.gas = max(abs(least), 1e-9)
            return least, self._cheapest(loose, least + HAIR * self.gas)
        cheapest = self._extreme(loose, Wish())
        most = float(co2e_vector(cheapest.form) @ cheapest.values[: cheapest.form.linear.columns])
        return least + AWAY * max(most - least, 0.0), found

    def _extreme(self, rate: float | None, wish: Wish) -> Found:
        """Return the best of one objective: with whole decisions if the case is small, else of the relaxation."""
        if self.asker.small:
            return self._ask(rate, None, wish)
        self._want_rate(rate)
        self.asker.want(wish)
        solution = relaxation(self.asker.arrays, time_limit=self.time_limit, threads=self.asker.threads)
        plain = self.asker.plain
        return Found(solution.status, plain, solution.values, solution.objective, solution.bound, 0.0)

    # What came of it

    def _point(self, found: Found, bound: float, rate: float | None, cap: float | None) -> _Point | None:
        """Return the certified plan of a search; None if its decisions cannot be run year by year."""
        try:
            _, plan = self.asker.carried_out(found, bound, gap=self.gap)
        except NoPlan:
            return None
        goal, info, tables = self.goal, plan.info, plan.tables
        name = f"point_{len(self.points) + 1:02d}"
        info["asked"] = {"rate": rate, "co2e_kt": cap}
        emissions = tables["emissions"]
        counted = tables["rates"].query("variant == 'plan' and municipality == ''")
        own = counted[(counted["scope"] == goal.scope) & (counted["method"] == goal.method)]
        years = own["year"].map({year: self.case.discount(year) for year in self.case.plan_years})
        headline = pd.DataFrame(
            list(dict.fromkeys([(goal.scope, goal.method), *HEADLINES])), columns=["scope", "method"]
        )
        rates = counted[counted["year"] == goal.year].merge(headline, on=["scope", "method"])
        point = _Point(
            name,
            np.nan if rate is None else rate,
            np.nan if cap is None else cap,
            plan.rate(goal.scope, goal.method, goal.year),
            co2e_of(self.case, emissions[emissions["variant"] == "plan"]),
            info["objective"],
            info["bound"],
            info["gap"],
            info["status"],
            info["certificate"]["holds"],
            float((own["numerator_t"] * years).sum()),
            rates[["scope", "method", "year", "rate"]].assign(point=name),
        )
        self.plans[name] = self.keep(name, plan)
        self.points.append(point)
        return point

    def _cell(self, rate: float | None, cap: float | None, bound: float, point: _Point | None, status: str) -> None:
        self.grid.append(
            {
                "asked_rate": np.nan if rate is None else rate,
                "asked_co2e_kt": np.nan if cap is None else cap,
                "bound": bound * MILLION,
                "point": point.name if point else "",
                "status": status,
            }
        )

    def _told(self) -> Frontier:
        goal = self.goal
        rows = pd.DataFrame(
            [
                {
                    "point": point.name,
                    "asked_rate": point.rate_asked,
                    "asked_co2e_kt": point.cap_asked,
                    "scope": goal.scope,
                    "method": goal.method,
                    "year": goal.year,
                    "rate": point.rate,
                    "co2e_kt": point.co2e,
                    "cost": point.cost,
                    "bound": point.bound,
                    "gap": point.gap,
                    "status": point.status,
                    "certified": point.certified,
                    "counted": point.counted,
                }
                for point in self.points
            ]
        )
        grid = monotone(pd.DataFrame(self.grid, columns=GRID_COLUMNS))
        at = grid[grid["point"] != ""].groupby("point")["bound"].min()
        rows["bound"] = np.maximum(rows["bound"], rows["point"].map(at).fillna(-np.inf)).clip(upper=rows["cost"])
        rows["gap"] = (rows["cost"] - rows["bound"]) / rows["cost"].abs().clip(lower=1e-9)
        rows["efficient"] = efficient(rows, self.against) & rows["certified"]
        order = [name for name in ("asked_rate", "asked_co2e_kt") if rows[name].notna().any()]
        rows = rows.sort_values(order, ascending=[name == "asked_rate" for name in order], ignore_index=True)
        tables = {
            "frontier": rows[FRONTIER_COLUMNS],
            "frontier_rates": pd.concat([point.rates for point in self.points], ignore_index=True)[
                ["point", "scope", "method", "year", "rate"]
            ],
            "frontier_bounds": grid,
            "payoff": pd.DataFrame(self.payoff),
            "marginal_cost": marginal_cost(rows, self.against, self.case.currency),
        }
        info = {"kind": "frontier", "against": self.against, "currency": self.case.currency, **vars(goal)}
        info["ended"] = self.ended
        return Frontier(self.case, self.against, tables, self.plans, info)


def _distinct(grid: list[float | None]) -> list[float | None]:
    """Return a grid without points that are the same."""
    return list(dict.fromkeys(grid))


def _reaches(point: _Point, rate: float | None, cap: float | None) -> bool:
    enough = rate is None or point.rate >= rate - 1e-7
    return enough and (cap is None or point.co2e <= cap + 1e-6 * max(abs(cap), 1e-3))
