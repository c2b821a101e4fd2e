"""Going after another objective than cost, or keeping a budget: several searches with one planner.

First what is asked is made as good as it can be (a rate by Dinkelbach's method: raise N - r D, put r = N / D, repeat
until it stands), then, among plans as good as that, cost is made least. In a large case decisions are searched in a
model of periods, which only approximates what a year costs or emits: where they break a budget or limit year by year,
the search is repeated with these a little tighter.
"""

from __future__ import annotations

import math
import time as clock
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.case import Case
from flows.indicator_names import INDICATORS_BY_NAME
from models.explain import nothing
from models.formulation_parts import MILLION
from models.found import Found, relative_gap
from models.highs import Session
from models.objective import MORE_IS_BETTER, Asked, rate_vectors, shown
from models.outcome import Infeasible, NoPlan, PlanResult
from models.reading import decisions_of
from models.search import SMALL

if TYPE_CHECKING:
    from models.planner import Planner

MARGINS = (0.0, 0.002, 0.01, 0.03)
"""How much tighter budgets and limits become in the model of periods, one try after another."""
STANDS = {True: 1e-4, False: 1e-7}
"""Change of a rate below which Dinkelbach's method ends: of a large model, of a small one."""
STEPS = 6
"""Most rounds of Dinkelbach's method."""


@dataclass(frozen=True)
class Reached:
    """What was asked: the best found and its bound, both of the minimised objective; the second search."""

    asked: Asked
    best: Found
    bound: float
    cheapest: Found


def asks_more(case: Case) -> bool:
    """Tell whether a case asks for more than least cost under targets."""
    active = case["limits"]["active"].any()
    return case.settings["objective"] != "cost" or case.settings["budget"] is not None or bool(active)


def allowance(value: float) -> float:
    """Return by how much a reached value may be exceeded when cost is made least: what a solver cannot tell apart."""
    return 1e-6 * max(abs(value), 1e-3)


def pursued(planner: Planner, times: dict[str, float], *, gap: float, time_limit: float) -> PlanResult:
    """Return the plan for a case that :func:`asks_more`; errors as :meth:`models.planner.Planner.plan`."""
    begun = clock.perf_counter()
    until = begun + max(time_limit - times["build"], 1.0)
    name = str(planner.case.settings["objective"])
    reference = reference_of(planner) if name == "fair" else None
    last: NoPlan | None = None
    large = planner.yearly.linear.columns > SMALL
    for margin in MARGINS if large else MARGINS[:1]:
        asked = Asked(name, reference=reference, margin=margin)
        reached = _search(planner, asked, gap, until)
        times["search"] = clock.perf_counter() - begun
        try:
            decisions = decisions_of(reached.cheapest.form, reached.cheapest.values)
            result = planner.result(decisions, reached.cheapest, times, gap=gap, time_limit=time_limit)
        except NoPlan as stopped:
            last = stopped
            if planner.interrupted or clock.perf_counter() > until:
                break
            continue
        if name != "cost":
            result.info["objective_of"] = told(result, name, reached.bound, reached.asked.ratio)
            result.info["options"]["objective"] = name
            if result.info["objective_of"]["gap"] > max(gap, 1e-5) and result.info["status"] in {
                "optimal",
                "gap_reached",
            }:
                result.info["status"] = "feasible"
        if planner.case.settings["budget"] is not None:
            result.info["options"]["budget"] = planner.case.settings["budget"]
        return result
    raise last or NoPlan("time_limit")


def _search(planner: Planner, asked: Asked, gap: float, until: float) -> Reached:
    """Return the best of what is asked, and the cheapest decisions that reach it."""
    planner.pursue(asked)
    if asked.objective == "cost":
        found = _one(planner, gap, until, 1.0)
        return Reached(asked, found, found.bound, found)
    tell, planner.tell = planner.tell, lambda words, part: tell(words.split(" ", maxsplit=1)[0], part)
    try:
        asked, best, bound = (
            _raise_rate(planner, asked, gap, until) if asked.objective == "rate" else (asked, None, 0.0)
        )
        if best is None:
            best = _one(planner, gap, until, 0.5)
            bound = best.bound
    finally:
        planner.tell = tell
    if asked.objective == "rate":
        bound = highest_of_bound(planner, asked, bound)
    planner.pursue(replace(asked, most=best.objective + allowance(best.objective)))
    # Out of time: what was found first is as good, only perhaps not as cheap.
    cheapest = replace(best, bound=-math.inf, gap=math.inf)
    if not planner.interrupted:
        with suppress(NoPlan, Infeasible):
            cheapest = _one(planner, gap, until, 1.0)
    return Reached(asked, best, bound, cheapest)


def _one(planner: Planner, gap: float, until: float, part: float) -> Found:
    """Search once in a part of the time that is left. Raises :class:`Infeasible` or :class:`NoPlan`."""
    left = max((until - clock.perf_counter()) * part, 1.0)
    found = planner.search(gap=gap, time_limit=left)
    if found.status == "infeasible":
        raise _why(planner, gap, left)
    if not len(found.values):
        raise NoPlan(found.status)
    return found


def _why(planner: Planner, gap: float, left: float) -> Infeasible:
    """Return why there is no plan: a budget below the least cost, or what else stands in the way."""
    budget = planner.case.settings["budget"]
    if budget is None:
        return planner.infeasible(planner.explain(left))
    case = planner.case
    planner.case = case.with_settings(budget=None)
    planner.pursue(Asked())
    try:
        found = planner.search(gap=gap, time_limit=left)
        if not len(found.values):
            return planner.infeasible(planner.explain(left))
    finally:
        planner.case = case
    least = found.bound * MILLION
    error = planner.infeasible(nothing())
    error.reason = f"the budget of {budget:,.0f} {case.currency} is less than any plan costs: at least {least:,.0f}"
    error.info |= {"reason": error.reason, "budget": budget, "least_cost": least}
    return error


def _raise_rate(planner: Planner, asked: Asked, gap: float, until: float) -> tuple[Asked, Found, float]:
    """Return the highest rate's ``asked`` (its ratio), the decisions that reach it, and the bound of -(N - r D).

    The last round starts from the rate that stands, so its bound says how much higher any rate could be.
    """
    large = planner.yearly.linear.columns > SMALL
    for step in range(STEPS):
        found = _one(planner, gap if step else max(gap, 1e-3), until, 0.5)
        up, down = rate_vectors(found.form)
        rate = float(up @ found.values) / max(float(down @ found.values), 1e-12)
        stands = step > 0 and rate <= asked.ratio + STANDS[large]
        if stands or planner.interrupted or clock.perf_counter() > until:
            break
        asked = replace(asked, ratio=rate)
        planner.pursue(asked)
    return asked, found, found.bound


def highest_of_bound(planner: Planner, asked: Asked, bound: float) -> float:
    """Return the highest rate that the bound of -(N - r D) allows: r + (N - r D) / the least D there can be."""
    _, down = rate_vectors(planner.yearly)
    arrays = planner.arrays
    relaxed = replace(arrays, cost=down, integer=np.zeros_like(arrays.integer))
    solution = Session(relaxed, threads=planner.threads).run()
    least = solution.objective if solution.status == "optimal" else 0.0
    return min(asked.ratio + max(-bound, 0.0) / max(least, 1e-12), 1.0)


def reference_of(planner: Planner) -> pd.DataFrame:
    """Return year, municipality, cost_per_household of today's schemes and facilities carried on."""
    from flows.household_costs import household_costs

    standing = planner.standing()
    rows = household_costs(planner.case, standing, None)
    return rows[rows["variant"] == "reference"][["year", "municipality", "cost_per_household"]]


def told(result: PlanResult, name: str, bound: float, ratio: float) -> dict[str, Any]:
    """Return what run.json says of the asked objective: name, unit, value in the plan, bound and gap.

    ``bound`` is of the minimised objective; of a rate it is the highest rate, raised from ``ratio``. The value is read
    from the tables of the plan, not from the model. The gap is relative to the value; of a rate it is the difference.
    """
    case = result.case
    if name == "rate":
        scope, method = str(case.settings["scope"]), str(case.settings["method"])
        value = result.rate(scope, method, case.plan_years[-1])
        return {
            "name": name,
            "unit": "1",
            "scope": scope,
            "method": method,
            "year": case.plan_years[-1],
            "value": value,
            "bound": bound,
            "gap": max(bound - value, 0.0),
            "raised_from": ratio,
        }
    if name == "fair":
        rows = result.tables["household_costs"]
        value = float(rows.loc[rows["variant"] == "plan", "increase"].max())
        unit = f"{case.currency}/household/year"
    else:
        rows = result.tables["indicators"]
        own = rows[(rows["variant"] == "plan") & (rows["indicator"] == name) & (rows["municipality"] == "")]
        value = float(own.loc[own["year"].isna(), "value"].iloc[0])
        unit = INDICATORS_BY_NAME[name].horizon_unit.replace("DKK", case.currency)
    bound = shown(name, bound)
    least = (-value, -bound) if name in MORE_IS_BETTER else (value, bound)
    return {"name": name, "unit": unit, "value": value, "bound": bound, "gap": relative_gap(*least)}
