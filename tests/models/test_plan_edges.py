"""Plans of cases at the edge: the smallest one, rows in another order, ids that are numbers, windows, contradictions."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.case import Case
from flows.checks import check_case
from models.plan import Infeasible, PlanResult, solve
from tests.cases.small import two_towns_tables

TARGET = [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.5}]


def two_towns() -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    settings, tables = two_towns_tables()
    return settings, {**tables, "targets": list(TARGET)}


def planned(settings: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> PlanResult:
    case = Case.from_tables(settings, tables)
    assert [problem.text("en") for problem in check_case(case) if problem.severity == "error"] == []
    result = solve(case, gap=0.0, threads=1)
    assert result.info["certificate"]["holds"]
    return result


def smallest() -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    settings = {"title": "One bin", "account_year": 2024, "plan_years": "2025", "currency": "DKK"}
    return settings, {
        "municipalities": [{"municipality": "1"}],
        "sectors": [{"sector": "households", "kind": "households"}],
        "fractions": [{"fraction": "rest", "material": "other"}],
        "streams": [{"stream": "bin", "kind": "mixed"}],
        "technologies": [{"technology": "oven", "treatment": "energy_recovery"}],
        "outputs": [{"output": "gas", "kind": "emission", "treatment": "energy_recovery"}],
        "generation": [{"municipality": "1", "sector": "households", "fraction": "rest", "year": 2024, "amount": 10}],
        "schemes": [{"scheme": "one", "sector": "households", "cost_per_tonne": 7}],
        "capture": [{"scheme": "one", "fraction": "rest", "stream": "bin"}],
        "current_schemes": [{"sector": "households", "scheme": "one"}],
        "facilities": [{"facility": "f", "technology": "oven", "gate_fee": 100}],
        "yields": [{"technology": "oven", "output": "gas"}],
        "accepts": [{"technology": "oven", "input": "bin"}],
    }


def test_one_of_everything_and_no_market_is_a_case() -> None:
    assert planned(*smallest()).info["objective"] == pytest.approx(10 * (7 + 100))


def test_the_smallest_case_says_how_far_it_reaches() -> None:
    settings, tables = smallest()
    with pytest.raises(Infeasible) as stop:
        solve(Case.from_tables(settings, {**tables, "targets": TARGET}), gap=0.0, threads=1)
    assert stop.value.highest["highest"].tolist() == [0.0]


def test_the_order_of_rows_changes_no_table() -> None:
    settings, tables = two_towns()
    draw = random.Random(3)
    mixed = {name: draw.sample(rows, len(rows)) for name, rows in tables.items()}
    one, other = planned(settings, tables), planned(settings, mixed)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table.reset_index(drop=True), other.tables[name].reset_index(drop=True))


def test_ids_may_be_numbers() -> None:
    settings, tables = two_towns()
    numbered = {
        name: [{key: {"A": 101, "B": 400}.get(value, value) for key, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }
    one, other = planned(settings, tables), planned(settings, numbered)
    assert other.info["objective"] == pytest.approx(one.info["objective"])
    assert set(other.tables["schemes"]["municipality"]) == {"101", "400"}


def test_a_town_without_waste_changes_nothing_for_the_other() -> None:
    settings, tables = two_towns()
    for row in tables["generation"]:
        if row["municipality"] == "B":
            row["amount"] = 0.0
    result = planned(settings, tables)
    assert set(result.tables["flows"]["municipality"]) == {"A"}


def test_a_facility_without_limit_may_close() -> None:
    settings, tables = two_towns()
    for row in tables["facilities"]:
        if row["facility"] == "burner":
            row.update(gate_fee=None, variable_cost=500, fixed_cost=5000, closable=True)
    tables["facilities"].append(
        {"facility": "oven", "technology": "incineration", "variable_cost": 499, "fixed_cost": 10, "closable": True}
    )
    rows = planned(settings, tables).tables["facilities"]
    rows = rows[rows["variant"] == "plan"].set_index("facility")
    assert not rows.loc["burner", "open"]
    assert rows.loc["oven", "open"]
    assert np.isnan(rows.loc["oven", "capacity_t"])


def test_a_market_takes_nothing_outside_its_years() -> None:
    settings, tables = two_towns()
    settings["plan_years"] = "2025-2028"
    tables["targets"] = [{"scope": "all", "method": "collected", "year": 2026, "rate": 0.3}]
    for row in tables["markets"]:
        if row["market"] == "farms":
            row["until"] = 2026
    tables["markets"].append(
        {"market": "gardens", "output": "compost", "price": -5, "treatment": "recycling", "from": 2027}
    )
    flows = planned(settings, tables).tables["flows"]
    flows = flows[flows["variant"] == "plan"]
    assert set(flows.loc[flows["to"] == "farms", "year"]) <= {2025, 2026}
    assert set(flows.loc[flows["to"] == "gardens", "year"]) <= {2027, 2028}
    assert {"farms", "gardens"} <= set(flows["to"])


def test_limits_that_contradict_a_case_are_told_as_that() -> None:
    settings, tables = two_towns()
    tables["limits"] = [{"indicator": "incinerated", "year": 2025, "maximum": 1.0, "active": True}]
    with pytest.raises(Infeasible, match="contradict"):
        solve(Case.from_tables(settings, tables), gap=0.0, threads=1)
