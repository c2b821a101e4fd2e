"""A case bare enough for a pencil: two towns, one material, one bag that is burnt or one bin that is recycled.

Town A has 100 homes and 100 t of paper a year, town B half of both. Under ``mix`` everything lies in the
bag, under ``sort`` 60 % of the paper in the bin. A tonne in the bag costs 100 at the oven, a tonne in the
bin 30 at the mill less 50 for its pulp. Sorting costs 20 a home:

    A: mix 100 * 100 = 10 000; sort 2 000 + 40 * 100 - 60 * 20 = 4 800 (saves 5 200), 40 % recycled of all
    B: half of that                                               2 400 (saves 2 600), 20 %

With sorting at 100 a home (``DEAR``) it costs 12 800 and 6 400: 2 800 and 1 400 more than mixing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from flows.capture import shifted_capture
from flows.case import Case
from flows.reconcile_case import reconcile_case
from flows.tables import BY_NAME
from models.formulation import build
from models.formulation_parts import MILLION
from models.highs import Session, compile_model
from models.plan import PlanResult, solve
from models.planner import Planner
from models.pyomo_model import to_pyomo
from models.reading import decisions_of, scheme_years
from models.routes import routes
from models.timing import horizon

Rows = list[dict[str, Any]]

STATE_TABLES = (
    "flows",
    "rates",
    "counted",
    "schemes",
    "facilities",
    "costs",
    "emissions",
    "indicators",
    "data_quality",
)
DEAR = {"sort": {"cost_per_household": 100}}
HOME = {"sector": "homes", "segment": "houses"}


def pencil_tables() -> dict[str, Rows]:
    """Return the rows of the case."""
    return {
        "municipalities": [{"municipality": "A"}, {"municipality": "B"}],
        "dwellings": [
            {"municipality": "A", "segment": "houses", "dwellings": 100},
            {"municipality": "B", "segment": "houses", "dwellings": 50},
        ],
        "fractions": [{"fraction": "paper", "material": "paper"}],
        "sectors": [{**HOME, "kind": "households", "divisible": False}],
        "streams": [{"stream": "bag", "kind": "mixed"}, {"stream": "bin", "kind": "separate"}],
        "technologies": [
            {"technology": "oven", "treatment": "energy_recovery"},
            {"technology": "mill", "treatment": "recycling"},
        ],
        "outputs": [
            {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
            {"output": "pulp", "kind": "product"},
        ],
        "generation": [
            {"municipality": "A", **HOME, "fraction": "paper", "year": 2024, "amount": 100},
            {"municipality": "B", **HOME, "fraction": "paper", "year": 2024, "amount": 50},
        ],
        "schemes": [
            {"scheme": "mix", **HOME},
            {"scheme": "sort", **HOME, "cost_per_household": 20},
        ],
        "capture": [
            {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
            {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6},
            {"scheme": "sort", "fraction": "paper", "stream": "bag"},
        ],
        "current_schemes": [{**HOME, "scheme": "mix"}],
        "facilities": [
            {"facility": "oven", "technology": "oven", "gate_fee": 100},
            {"facility": "mill", "technology": "mill", "gate_fee": 30},
        ],
        "yields": [
            {"technology": "oven", "output": "smoke", "share": 1},
            {"technology": "mill", "output": "pulp", "share": 1},
        ],
        "accepts": [{"technology": "oven", "input": "bag"}, {"technology": "mill", "input": "bin"}],
        "markets": [{"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling"}],
    }


def pencil(
    years: str = "2025",
    *,
    settings: Mapping[str, Any] | None = None,
    change: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    add: Mapping[str, Rows] | None = None,
    **replaced: Rows,
) -> Case:
    """Return the case; ``change`` updates rows by table and id, ``add`` appends rows, others replace tables."""
    tables = {**pencil_tables(), **replaced}
    for name, rows in (add or {}).items():
        tables[name] = [*tables.get(name, []), *rows]
    for name, changes in (change or {}).items():
        key = BY_NAME[name].key[0]
        known = {row[key] for row in tables[name]}
        assert set(changes) <= known, f"{name} has no {set(changes) - known}"
        tables[name] = [{**row, **changes.get(row[key], {})} for row in tables[name]]
    basis = {"account_year": 2024, "plan_years": years, "discount_rate": 0.0}
    return Case.from_tables({**basis, **(settings or {})}, tables)


def _nothing_else(case: Case, captures: pd.DataFrame) -> Any:
    """Stand in for the tables of today and of the reference, which take as long as those of the plan."""
    return {name: pd.DataFrame() for name in STATE_TABLES}


def planned(case: Case, *, whole: bool = False, status: str = "optimal") -> PlanResult:
    """Return the plan of a case, after what holds for every plan has been checked.

    It is proven optimal, unless ``status`` says otherwise. Only with ``whole`` the run has the variants
    ``today`` and ``reference`` too.
    """
    with nullcontext() if whole else patch("models.planner.unplanned_tables", _nothing_else):
        return _held(solve(case, gap=0.0, threads=1), status)


def planned_in_turn(*cases: Case, whole: bool = False) -> list[PlanResult]:
    """Return the plans of cases that differ in targets, limits and settings only: one planner is asked them all."""
    planner, plans = Planner(cases[0], threads=1), []
    with nullcontext() if whole else patch("models.planner.unplanned_tables", _nothing_else):
        for case in cases:
            planner.ask(case)
            plans.append(_held(planner.plan(gap=0.0, time_limit=600.0)))
    return plans


def _held(result: PlanResult, status: str = "optimal") -> PlanResult:
    """Return a plan after what holds for every plan has been checked."""
    assert result.info["status"] == status
    assert result.info["bound"] <= result.info["objective"] + 1e-6 * abs(result.info["objective"]) + 1e-3
    costs = result.tables["costs"].query("variant == 'plan'")
    assert costs["in_objective"].sum() == pytest.approx(result.info["objective"], rel=1e-6, abs=1e-3)
    failed = result.tables["certificate"].query("not holds")
    assert failed.empty, failed.to_string()
    assert result.info["certificate"]["holds"]
    return result


def optimum(case: Case) -> float:
    """Return the optimum of the period model alone (NaN if infeasible): quicker than a plan with its tables."""
    captures = shifted_capture(case, reconcile_case(case).calibration)
    form = build(case, captures, routes(case), horizon(case, yearly=False), pooled=True)
    solution = Session(compile_model(to_pyomo(form.linear)), mip_rel_gap=0.0, threads=1).run()
    if solution.status == "infeasible":
        return float("nan")
    assert solution.status == "optimal"
    return solution.objective * MILLION


def searched(case: Case) -> PlanResult:
    """Return cost and schemes of a plan as the search has them (no ramps): a third of the work of a whole plan."""
    found = Planner(case, threads=1).search(gap=0.0, time_limit=600.0)
    assert found.status == "optimal"
    schemes = scheme_years(found.form, decisions_of(found.form, found.values)).assign(variant="plan")
    return PlanResult(case, {"schemes": schemes}, {"objective": found.objective * MILLION})


def optima(*cases: Case) -> list[float]:
    """Return the optima of cases that differ in targets, limits and settings only (NaN if infeasible): one model."""
    planner, found = Planner(cases[0], threads=1), []
    for case in cases:
        planner.ask(case)
        solution = planner.search(gap=0.0, time_limit=600.0)
        assert solution.status in {"optimal", "infeasible"}
        found.append(solution.objective * MILLION if len(solution.values) else float("nan"))
    return found


def cost(result: PlanResult) -> Any:
    """Return the objective, to be compared with a number from paper."""
    return pytest.approx(result.info["objective"], rel=1e-6, abs=1e-2)


def running(result: PlanResult, year: int = 2025) -> dict[str, str]:
    """Return the scheme that runs in every town ('mix', 'sort'; 'mix+sort' where shares are mixed)."""
    rows = result.tables["schemes"].query("variant == 'plan' and year == @year and share > 1e-9")
    return rows.groupby("municipality")["scheme"].agg("+".join).to_dict()


def sorting(result: PlanResult, years: range) -> str:
    """Return the towns that sort in every year: ``'A AB -'``."""
    found = []
    for year in years:
        schemes = running(result, year)
        found.append("".join(town for town in "AB" if schemes[town] == "sort") or "-")
    return " ".join(found)


def mass(result: PlanResult, year: int = 2025, **where: str) -> float:
    """Return tonnes of the flows of the plan with the given values (``to``, ``fraction``, ``from_`` ...)."""
    rows = result.tables["flows"].query("variant == 'plan' and year == @year")
    for name, value in where.items():
        rows = rows[rows[name.rstrip("_")] == value]
    return float(rows["mass_t"].sum())


def plant(result: PlanResult, facility: str, year: int = 2025) -> Any:
    """Return the row of a facility in the plan."""
    rows = result.tables["facilities"].query("variant == 'plan' and facility == @facility and year == @year")
    assert len(rows) == 1
    return rows.iloc[0]


def spent(result: PlanResult, category: str, year: int | None = None, variant: str = "plan", **where: str) -> float:
    """Return money of a category, undiscounted."""
    rows = result.tables["costs"].query("variant == @variant and category == @category")
    rows = rows if year is None else rows[rows["year"] == year]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return float(np.sum(rows["amount"]))
