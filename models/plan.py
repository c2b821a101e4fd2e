"""From a case to a plan: bound, search in periods, dispatch year by year, tables, certificate.

A small case is solved as it is, year by year. Of a large one the yearly model with pooled hauls gives a lower
bound of the cost of any plan, and decisions are searched in a model of periods with peak-year capacity. They
are then fixed, and every year is dispatched on its own amounts in the full model. What that costs is the cost
of the plan, and the gap is its distance to the bound.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.capture import shifted_capture
from flows.case import Case
from flows.rates import target_in_year
from flows.reconcile_case import reconcile_case
from models.builder import to_pyomo
from models.certificate import certify
from models.formulation import build
from models.formulation_parts import MILLION, Decisions, Formulation
from models.highs import Session, Solution, check_solver, compile_model
from models.reading import allocation_of, decisions_of, operation_years, scheme_years
from models.routes import routes
from models.search import SMALL, Found, highest_rate, relative_gap, search
from models.tables import distance_table, joined, reconciliation_tables, standing_tables, state_tables
from models.timing import horizon

Progress = Callable[[str, float], None]
BOUND_OF = {True: "full yearly model, hauls pooled by technology", False: "full yearly model"}


class Infeasible(Exception):
    """The targets cannot be reached. ``highest`` lists the highest rates that can be, ``reason`` says it in words."""

    def __init__(self, reason: str, highest: pd.DataFrame) -> None:
        """Keep the explanation."""
        super().__init__(reason)
        self.reason = reason
        self.highest = highest


class NoPlan(Exception):
    """The solver stopped without a plan. ``status`` is how the solver ended, the message says it in words."""

    def __init__(self, status: str, when: str = "the solver stopped without a plan") -> None:
        """Keep how the solver ended."""
        super().__init__(f"{when}: {status}")
        self.status = status


@dataclass
class PlanResult:
    """A plan: the case, the tables of the run (see the reference) and ``info``, what ``run.json`` holds."""

    case: Case
    tables: dict[str, pd.DataFrame]
    info: dict[str, Any] = field(default_factory=dict)

    def rate(self, scope: str, method: str, year: int, variant: str = "plan") -> float:
        """Return a rate of the whole area; NaN if it was not computed."""
        rows = self.tables["rates"]
        fits = (rows["scope"] == scope) & (rows["method"] == method) & (rows["year"] == year)
        rows = rows[fits & (rows["variant"] == variant) & (rows["municipality"] == "")]
        return float(rows["rate"].iloc[0]) if len(rows) else float("nan")


def with_target(case: Case, rate: float | None, year: int | None, method: str | None, scope: str | None) -> Case:
    """Return the case with one target instead of all rows of that scope and method for the whole area.

    Without a rate only the case's own scope and method change. The rate holds in ``year`` (default: the
    last plan year) and rises in a straight line from what the case asks for before, if it does.
    """
    scope = scope or str(case.settings["scope"])
    method = method or str(case.settings["method"])
    case = case.with_settings(scope=scope, method=method)
    if rate is None:
        return case
    rows = case["targets"]
    mine = (rows["scope"] == scope) & (rows["method"] == method) & (rows["municipality"] == "")
    year = case.plan_years[-1] if year is None else year
    new = {
        name: [value] for name, value in (("scope", scope), ("method", method), ("year", float(year)), ("rate", rate))
    }
    row = pd.DataFrame(new).reindex(columns=rows.columns)
    texts = rows.select_dtypes(include=["object", "string"]).columns.difference(["scope", "method"])
    row[texts] = ""
    row["path"], row["binding"], row["status"] = "step", True, "assumed"
    merged = pd.concat([rows[~mine], row.astype(rows.dtypes.to_dict())], ignore_index=True)
    return case.with_table("targets", merged)


def solve(
    case: Case,
    *,
    gap: float = 0.02,
    time_limit: float = 600.0,
    threads: int = 2,
    progress: Progress | None = None,
) -> PlanResult:
    """Return the cheapest plan found that meets every binding target, with its proof and certificate.

    ``gap`` is relative; the search stops when it is proven or, building included, after ``time_limit``
    seconds with the best plan so far. Dispatch, tables and certificate of that plan come after it. Raises :class:`Infeasible` with the highest rates that can be reached, :class:`NoPlan` if
    the solver stopped without one.
    """
    tell = progress or (lambda words, part: None)
    begun = clock.perf_counter()
    times: dict[str, float] = {}
    version = check_solver()
    tell("calibrate", 0.0)
    given, reconciled = case, reconcile_case(case)
    case = reconciled.case
    captures = shifted_capture(case, reconciled.calibration)
    constants = routes(case)
    tell("build", 0.05)
    yearly = _bounding_model(case, captures, constants)
    arrays = compile_model(to_pyomo(yearly.linear))
    times["build"] = clock.perf_counter() - begun
    tell("search", 0.1)
    found = search(
        yearly,
        arrays,
        lambda support: build(case, captures, constants, horizon(case, yearly=False), pooled=True, support=support),
        gap=gap,
        time_limit=max(time_limit - times["build"], 1.0),
        threads=threads,
        progress=tell,
    )
    times["search"] = clock.perf_counter() - begun - times["build"]
    if found.status == "infeasible":
        raise Infeasible(*_explain(yearly, arrays, time_limit, threads))
    if not len(found.values):
        raise NoPlan(found.status)
    tell("dispatch", 0.75)
    decisions = decisions_of(found.form, found.values)
    form, dispatched = _dispatch(case, captures, constants, decisions)
    times["dispatch"] = clock.perf_counter() - begun - sum(times.values())
    tell("tables", 0.8)
    tables = _tables(case, form, decisions, dispatched, captures)
    tables.update(reconciliation_tables(reconciled))
    tables["shadow_prices"] = _shadow_prices(form, dispatched)
    objective = dispatched.objective * MILLION
    tell("certify", 0.95)
    tables["certificate"] = certify(given, tables, objective)
    times["total"] = clock.perf_counter() - begun
    tell("done", 1.0)
    return PlanResult(
        given, tables, _info(case, tables, found, objective, times, version, gap, time_limit, BOUND_OF[yearly.pooled])
    )


def _bounding_model(case: Case, captures: pd.DataFrame, constants: Any) -> Formulation:
    """Return the yearly model: with every haul known by place if that is small enough, else pooled."""
    time = horizon(case, yearly=True)
    pooled = build(case, captures, constants, time, pooled=True)
    if pooled.linear.columns > SMALL:
        return pooled
    exact = build(case, captures, constants, time, pooled=False)
    return exact if exact.linear.columns <= SMALL else pooled


def _dispatch(case: Case, captures: pd.DataFrame, constants: Any, decisions: Decisions) -> tuple[Formulation, Solution]:
    """Return the full yearly model with decisions fixed, and its solution."""
    form = build(case, captures, constants, horizon(case, yearly=True), pooled=False, decisions=decisions)
    session = Session(
        compile_model(to_pyomo(form.linear)), solver="simplex" if form.linear.columns < 20_000 else "ipm", threads=1
    )
    solution = session.run()
    if not len(solution.values):
        raise NoPlan(solution.status, "the decisions of the search cannot be run year by year")
    return form, solution


def _tables(
    case: Case, form: Formulation, decisions: Decisions, dispatched: Solution, captures: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    allocation = allocation_of(form, decisions, dispatched.values)
    today = standing_tables(case, [case.account_year], None, captures, "today")
    reference = standing_tables(case, case.plan_years, case.account_year, captures, "reference")
    planned = state_tables(
        case, allocation, scheme_years(form, decisions), operation_years(form, decisions), captures, "plan"
    )
    tables = joined([today, reference, planned])
    tables["distances"] = distance_table(case, tables["flows"])
    return tables


def _shadow_prices(form: Formulation, dispatched: Solution) -> pd.DataFrame:
    """Return what a tonne more of capacity or market, or of a target, is worth with the decisions fixed.

    Discounted money per tonne (targets: per tonne that counts), from the duals of the yearly dispatch.
    """
    columns = ["variant", "year", "kind", "name", "value", "unit"]
    if not len(dispatched.row_duals):
        return pd.DataFrame(columns=columns)
    found, start = [], 0
    for family in form.linear.families.values():
        duals = dispatched.row_duals[start : start + len(family.keys)]
        start += len(family.keys)
        if family.name in {"capacity", "target"}:
            keys = family.keys
            year = keys["slice"] if "slice" in keys else keys["year"]
            name = keys["facility"] if "facility" in keys else keys["scope"] + " " + keys["method"]
            found.append(
                pd.DataFrame(
                    {"year": year, "kind": family.name, "name": name, "value": np.abs(duals) * MILLION / 1000.0}
                )
            )
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    table = table[table["value"] > 1e-9].assign(variant="plan", unit=f"{form.case.currency}/t")
    return table[columns].sort_values(columns[:4], ignore_index=True)


def _explain(form: Formulation, arrays: Any, time_limit: float, threads: int) -> tuple[str, pd.DataFrame]:
    highest = highest_rate(form, arrays, time_limit=time_limit, threads=threads)
    if highest.empty:
        return "the contracts, limits or capacities of the case contradict each other", highest
    missed = highest[~(highest["highest"] >= highest["goal"] - 1e-9)]
    words = [
        f"{row.scope} ({row.method}) {row.year}: at most {row.highest:.1%}, asked {row.goal:.1%}"
        for row in (missed if len(missed) else highest).itertuples(index=False)
    ]
    return "; ".join(words), highest


def _info(
    case: Case,
    tables: dict[str, pd.DataFrame],
    found: Found,
    objective: float,
    times: dict[str, float],
    version: str,
    gap: float,
    time_limit: float,
    bound_of: str,
) -> dict[str, Any]:
    certificate = tables["certificate"]
    proven = relative_gap(objective, found.bound * MILLION)
    scope, method = str(case.settings["scope"]), str(case.settings["method"])
    year = case.plan_years[-1]
    rates = tables["rates"]
    own = rates[(rates["variant"] == "plan") & (rates["scope"] == scope) & (rates["method"] == method)]
    own = own[(own["municipality"] == "") & (own["year"] == year)]
    return {
        "options": {"gap": gap, "time_limit": time_limit, "scope": scope, "method": method, "year": year},
        "solver": {"name": "HiGHS", "version": version},
        "status": _status(found.status, proven, gap),
        "objective": objective,
        "bound": found.bound * MILLION,
        "bound_of": bound_of,
        "gap": proven,
        "times": {name: round(seconds, 2) for name, seconds in times.items()},
        "certificate": {
            "holds": bool(certificate["holds"].all()),
            "largest_error": float(certificate["largest_error"].max()),
        },
        "currency": case.currency,
        "price_year": case.settings["price_year"],
        "target": {
            "scope": scope,
            "method": method,
            "year": year,
            "rate": target_in_year(case, scope, method, "", year),
            "reached": float(own["rate"].iloc[0]) if len(own) else float("nan"),
        },
    }


def _status(search_status: str, proven: float, gap: float) -> str:
    """Return how a search ended, by the gap that the dispatched plan has."""
    if proven <= 1e-6:
        return "optimal"
    if proven <= gap:
        return "gap_reached"
    return "feasible" if search_status in {"optimal", "gap_reached"} else search_status
