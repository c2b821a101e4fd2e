"""A total is a vector over columns: its product with a solution is what the tables of the run add up to."""

from __future__ import annotations

import numpy as np
import pytest

from models.asking import Asker
from models.formulation_parts import MILLION
from models.reading import decisions_of
from models.totals import co2e_of, co2e_vector, cost_vector
from tests.cases.pencil import DEAR, pencil
from tests.cases.small import two_towns
from tests.models.test_by_hand_limits import TIP

ROADS = [{"mode": mode, "cost": 1.0, "emission": 0.2} for mode in ("collection", "haul")]
PLACES = {"A": (55.6, 12.3), "B": (55.9, 12.0)}


def solved(case):
    """Return the formulation of the dispatch, its values and the tables of the plan."""
    asker = Asker(case, threads=1)
    found = asker.search(gap=0.0, time_limit=60)
    decisions = decisions_of(found.form, found.values)
    form, dispatched = asker.dispatch(decisions)
    return form, dispatched, asker.tables(form, decisions, dispatched)


def of_plan(tables, name):
    return tables[name].query("variant == 'plan'")


def test_greenhouse_gas_by_hand():
    # 150 t burnt at 500 kg: 75 t a year, in a year that stands for four: 0.3 kt.
    tables = {**TIP, "facilities": TIP["facilities"][:2], "change": {"schemes": DEAR}}
    form, dispatched, found = solved(pencil(**tables, settings={"last_year_weight": 4}))
    assert co2e_vector(form) @ dispatched.values == pytest.approx(0.3)
    assert co2e_of(form.case, of_plan(found, "emissions")) == pytest.approx(0.3)


def test_totals_are_those_of_the_tables_hauls_and_ways_included():
    # A sorter feeds the burner; ways have length, markets are far, recycling avoids, two years of different weight.
    municipalities = [
        {"municipality": name, "population": people, "lat": PLACES[name][0], "lon": PLACES[name][1]}
        for name, people in (("A", 200), ("B", 100))
    ]
    base = two_towns()
    facilities = base["facilities"].assign(lat=[55.7, 55.8, 55.5, 55.65], lon=[12.5, 12.4, 12.2, 12.1])
    markets = base["markets"].assign(distance=[10.0, 20.0, 300.0, 40.0])
    case = two_towns(
        settings={"plan_years": "2025, 2028", "discount_rate": 0.05},
        municipalities=municipalities,
        transport=ROADS,
        facilities=facilities,
        markets=markets,
        emissions=[
            {"treatment": "recycling", "fraction": "plastic", "avoided": -1500},
            {"treatment": "energy_recovery", "fraction": "rest", "fossil": 20, "avoided": -90},
            {"process": "farms", "biogenic": 70, "fossil": 5},
        ],
        growth=[{"change": 0.02}],
        targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.45}],
    )
    form, dispatched, found = solved(case)
    hauled = found["flows"].query("variant == 'plan' and `from` == 'sorter' and to == 'burner'")
    assert hauled["mass_t"].sum() > 0
    assert {"transport", "avoided", "fossil"} <= set(of_plan(found, "emissions")["kind"])
    told = co2e_of(form.case, of_plan(found, "emissions"))
    assert co2e_vector(form) @ dispatched.values == pytest.approx(told, rel=1e-9)
    spent = of_plan(found, "costs")["in_objective"].sum()
    assert cost_vector(form) @ dispatched.values * MILLION == pytest.approx(spent, rel=1e-9)


def test_pooled_hauls_never_say_more():
    case = two_towns(transport=ROADS, targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.45}])
    asker = Asker(case, threads=1)
    pooled = asker.formulation(yearly=True, pooled=True)
    exact = asker.plain
    assert np.isfinite(co2e_vector(pooled)).all()
    assert len(co2e_vector(exact)) == exact.linear.columns
