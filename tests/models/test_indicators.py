"""Indicators: their vectors over the model agree with the tables of the run, and limits on them by hand."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from flows.indicator_names import INDICATOR_LIST, INDICATORS_BY_NAME
from models.certificate import certify
from models.indicators import indicator_vector
from models.planner import Planner
from models.reading import decisions_of
from tests.cases.pencil import DEAR, _nothing_else, cost, optima, optimum, pencil, planned, planned_in_turn, running
from tests.cases.small import two_towns, two_towns_tables

EMITTED = [
    {"treatment": "recycling", "avoided": -300},
    {"process": "moulder", "fraction": "plastic", "avoided": -1400},
    {"process": "digestion", "fraction": "food", "fossil": 20, "biogenic": 300},
]
FACTORS = [
    {"indicator": "jobs", "process": "residual_sorting", "value": 0.002, "unit": "job/(t/year)"},
    {"indicator": "jobs", "treatment": "recycling", "value": 0.001, "unit": "job/(t/year)"},
    {"indicator": "value_kept", "process": "washer", "value": 700, "unit": "DKK/t"},
    {"indicator": "material_avoided", "treatment": "recycling", "fraction": "plastic", "value": 0.8, "unit": "t/t"},
]
TRANSPORT = [
    {"mode": "collection", "cost": 2, "emission": 0.1},
    {"mode": "haul", "cost": 1, "emission": 0.05},
]
DISTANCES = [
    {"from": start, "to": goal, "distance": distance}
    for start, goal, distance in (
        ("A", "burner", 10),
        ("B", "burner", 30),
        ("A", "sorter", 5),
        ("B", "sorter", 7),
        ("sorter", "burner", 40),
        ("digester", "burner", 20),
        ("recycler", "burner", 60),
    )
]


def rich(**more):
    """Two towns over three plan years (1, 4 and 4 years each), with ways, emissions, factors and a target."""
    _, tables = two_towns_tables()
    markets = [{**row, "distance": 100} if row["market"] == "washer" else row for row in tables["markets"]]
    changes = {
        "settings": {"plan_years": "2025, 2026, 2030", "discount_rate": 0.03},
        "markets": [*markets, {"market": "sea", "output": "flakes", "price": 1900, "treatment": "recycling",
                               "loss_before_point": 0.1, "loss_recycling": 0.2, "capacity": 30}],
        "emissions": EMITTED,
        "indicator_factors": FACTORS,
        "transport": TRANSPORT,
        "distances": DISTANCES,
        "targets": [{"scope": "all", "method": "collected", "year": 2026, "rate": 0.5}],
    }  # fmt: skip
    return two_towns(**{**changes, **more})


@pytest.fixture(scope="module")
def dispatched():
    """The rich case dispatched: planner, full model, values of its columns, tables of the run."""
    with patch("models.planner.unplanned_tables", _nothing_else):
        planner = Planner(rich(), threads=1)
        found = planner.search(gap=0.0, time_limit=60.0)
        decisions = decisions_of(found.form, found.values)
        form, solution = planner.dispatch(decisions)
        tables = planner.tables(form, decisions, solution)
    return planner, form, solution, tables


@pytest.mark.parametrize("name", [one.name for one in INDICATOR_LIST])
def test_the_vector_of_an_indicator_times_a_plan_is_what_the_tables_say(dispatched, name):
    _, form, solution, tables = dispatched
    rows = tables["indicators"].query("variant == 'plan' and indicator == @name")
    assert len(rows) == (4 if name == "cost" else 12)
    for row in rows.itertuples(index=False):
        year = None if np.isnan(row.year) else int(row.year)
        for side in ("low", "high"):
            vector = indicator_vector(form, name, row.municipality, year, side=side)
            values = np.concatenate([solution.values, np.zeros(len(vector) - len(solution.values))])
            for block in (form.linear.blocks[own] for own in ("stands", "ever") if own in form.linear.blocks):
                # Columns of their own stand for several steps: 1 where any of them runs.
                by, on = list(block.keys.columns), form.block("on")
                runs = on.keys[solution.values[on.columns] > 0.5][by]
                values[block.columns] = pd.MultiIndex.from_frame(block.keys).isin(pd.MultiIndex.from_frame(runs))
            found = float(vector @ values) * INDICATORS_BY_NAME[name].scale
            within = {"abs": 1e-3, "rel": 1e-6}
            if side == "low":
                assert found <= row.value + 1e-3 + 1e-6 * abs(row.value)
            else:
                assert found >= row.value - 1e-3 - 1e-6 * abs(row.value)
            # Only what a market of one class has beyond another, of one town or by fraction, is not exact.
            if not (name == "co2e" and row.municipality):
                assert found == pytest.approx(row.value, **within)


def test_the_certificate_holds_and_fails_when_an_indicator_is_tampered_with(dispatched):
    planner, _, solution, tables = dispatched
    assert certify(planner.given, tables, solution.objective * 1e6)["holds"].all()
    rows = tables["indicators"]
    chosen = (rows["indicator"] == "co2e") & rows["year"].isna() & (rows["municipality"] == "")
    wrong = rows.assign(value=rows["value"] + np.where(chosen, 5.0, 0.0))
    checks = certify(planner.given, {**tables, "indicators": wrong}, solution.objective * 1e6)
    assert set(checks.query("not holds")["check"]) == {"indicators"}
    assert "co2e" in checks.query("not holds")["detail"].iloc[0]


def test_pooled_hauls_bound_emissions_on_both_sides(dispatched):
    planner, _, _, _ = dispatched
    form = planner.formulation(yearly=True, pooled=True)
    assert (indicator_vector(form, "co2e", side="low") <= indicator_vector(form, "co2e", side="high") + 1e-12).all()


def limit(indicator, maximum, year=None, unit="t", **more):
    row = {"indicator": indicator, "maximum": maximum, "unit": unit, **more}
    return row if year is None else {**row, "year": year}


def test_climate_is_limited():
    # Paper burnt holds 500 kg of fossil CO2; recycled it avoids 300 kg: mixed 150 * 0.5 = 75 t, sorting A takes
    # 60 t away (0.8 each): 27 t, both 90 t: 3 t. At most 30 t: A sorts, for 2 800 more.
    case = {
        "fractions": [{"fraction": "paper", "material": "paper", "fossil_co2": 500}],
        "emissions": [{"treatment": "recycling", "avoided": -300}],
        "change": {"schemes": DEAR},
    }
    plan = planned(pencil(**case, limits=[limit("co2e", 30, 2025, "t/year")]))
    assert running(plan) == {"A": "sort", "B": "mix"}
    assert cost(plan) == 17800
    # At most 3 t in a year is both; less than that cannot be.
    both, none = optima(*(pencil(**case, limits=[limit("co2e", most, 2025, "t/year")]) for most in (3.0001, 2.9)))
    assert both == pytest.approx(19200)
    assert np.isnan(none)


def test_a_limit_of_the_horizon_adds_the_years_up():
    # 150 t burn a year, two years stand for three (2025 for one, 2026 for two): 450 t. At most 300 t must save
    # 150: both in 2026 (180, 2 * 4 200) do it, A in both (60 + 120, 3 * 2 800) as well, at the same 8 400; the
    # cheapest is B in 2025 (30) and A in 2026 (120) for 1 400 + 5 600.
    settings = {"last_year_weight": 2}
    # Single years and the horizon hold together.
    whole, single = limit("incinerated", 300), limit("incinerated", 60, 2026, "t/year")
    case = {"settings": settings, "change": {"schemes": DEAR}}
    found = optima(*(pencil("2025-2026", **case, limits=limits) for limits in ([whole], [whole, single])))
    assert found == pytest.approx([45000 + 7000, 45000 + 8400])


def test_a_budget_is_a_limit_on_cost():
    # What must be sorted at least, under a budget: 60 % cost 19 200, so 19 000 are not enough.
    goal = [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.6}]
    dear = {"change": {"schemes": DEAR}, "targets": goal}
    enough, less = optima(*(pencil(**dear, limits=[limit("cost", most, unit="DKK")]) for most in (19200.01, 19000)))
    assert enough == pytest.approx(19200)
    assert np.isnan(less)
    # Of a single year: mixing costs 15 000, sorting both 7 200.
    years = [limit("cost", most, 2026, "DKK/year") for most in (9000, 7000)]
    enough, less = optima(*(pencil("2025-2026", limits=[one]) for one in years))
    assert enough == pytest.approx(14400)
    assert np.isnan(less)


def test_at_least_can_be_asked_too():
    # At least 30 t recycled by value kept: 10 a tonne of pulp, at least 300: B sorts.
    factors = [{"indicator": "value_kept", "process": "buyer", "value": 10, "unit": "DKK/t"}]
    case = pencil(
        change={"schemes": DEAR},
        indicator_factors=factors,
        limits=[limit("value_kept", 300, 2025, "DKK/year", sense="min")],
    )
    plan = planned(case)
    assert running(plan) == {"A": "mix", "B": "sort"}
    assert cost(plan) == 16400


MILLS = {
    "facilities": [
        {"facility": "oven", "technology": "oven", "gate_fee": 100},
        {"facility": "east", "technology": "mill", "state": "candidate", "municipality": "A"},
        {"facility": "west", "technology": "mill", "state": "candidate", "municipality": "B"},
    ],
    "sizes": [
        {"technology": "mill", "size": "S", "capacity": 70, "capex": 1000},
        {"technology": "mill", "size": "T", "capacity": 70, "capex": 3000},
    ],
    "technologies": [
        {"technology": "oven", "treatment": "energy_recovery"},
        {"technology": "mill", "treatment": "recycling", "lifetime": 1},
    ],
    "transport": [{"mode": "collection", "cost": 1}],
    "distances": [{"from": "A", "to": "west", "distance": 9}, {"from": "B", "to": "east", "distance": 9}],
}
"""No mill yet: one of 70 t costs 1 000, a second step of 70 t at the same place 3 000; another town is 9 km off."""


def test_the_number_of_facilities_is_capped():
    # Sorting both sends 60 t of A and 30 t of B: two small mills, each at home (2 000), less than two steps of one
    # (4 000) and 30 t moved for 9 (270). Bags 60 * 100, bins 90 * -50, homes 3 000.
    free, capped = planned_in_turn(pencil(**MILLS), pencil(**MILLS, limits=[limit("new_facilities", 1, 2025, "item")]))
    assert cost(free) == 6000 - 4500 + 3000 + 2000
    assert free.tables["indicators"].query("indicator == 'new_facilities' and municipality == ''")[
        "value"
    ].tolist() == [2, 2]
    # One mill with two steps: 2 270 more than two mills. A alone in one of 70 t: bags 90 * 100, bins 60 * -50, 2 000
    # and 1 000 are 9 000, and ten tonnes of B would have to come with its 20: 8 770 it is.
    assert cost(capped) == 6000 - 4500 + 3000 + 4000 + 270
    assert capped.tables["facilities"].query("technology == 'mill' and open")["size"].tolist() == ["S+T"]
    # The cap on all facilities counts the oven too; of the technology alone it does not, nor does the horizon's.
    limits = [
        limit("facilities", 2, 2025, "item"),
        limit("facilities", 1, 2025, "item", technology="mill"),
        limit("facilities", 1, unit="item", technology="mill"),
        limit("facilities", 1, unit="item", technology="oven"),
        # None: everything is burnt.
        limit("new_facilities", 0, 2025, "item"),
    ]
    found = optima(*(pencil(**MILLS, limits=[one]) for one in limits))
    assert found == pytest.approx([8770, 8770, 8770, 6500, 15000])


def test_investment_is_a_budget_too():
    # At most 1 500 of capex: one mill of 70 t, at A (9 000, as above; at B it would save less).
    plan = planned(pencil(**MILLS, limits=[limit("investment", 1500, unit="DKK")]))
    assert cost(plan) == 9000
    told = plan.tables["indicators"].query("indicator == 'investment' and year.isna()").set_index("municipality")
    assert told["value"].to_dict() == {"": 1000, "A": 1000, "B": 0}
    # In B alone nothing may be built.
    case = pencil(**MILLS, limits=[limit("investment", 0, 2025, "DKK", municipality="B")])
    assert optimum(case) == pytest.approx(8770)


def test_a_broken_limit_is_seen_by_the_certificate():
    plan = planned(pencil(change={"schemes": DEAR}, limits=[limit("incinerated", 160)]))
    tighter = plan.case.with_table("limits", plan.case["limits"].assign(maximum=140.0))
    checks = certify(tighter, plan.tables, plan.info["objective"])
    failed = checks.query("not holds")
    assert failed["check"].tolist() == ["limits"]
    assert "horizon" in failed["detail"].iloc[0]
