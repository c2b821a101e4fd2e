"""What things are worth: shadow prices against re-solving, points, carbon and the target to each municipality, by hand."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from models.asking import Asker
from models.worth import _Valuation, with_carbon, worth
from tests.cases.pencil import DEAR, _nothing_else, mass, optimum, pencil, planned
from tests.models.test_by_hand_limits import TIP, limit
from tests.models.test_by_hand_outputs import SLUDGE, SORTED, accepted

MILLS = [
    {"facility": "oven", "technology": "oven", "gate_fee": 100},
    {"facility": "mill", "technology": "mill", "gate_fee": 30, "capacity": 50},
    {"facility": "far", "technology": "mill", "gate_fee": 80},
]
STANDS = {"fixed_cost": 1000, "closable": True}


def prices(plan, kind):
    return plan.tables["shadow_prices"].query("kind == @kind")


def test_a_tonne_of_capacity_and_of_market_is_worth_what_re_solving_saves():
    # Both sort 90 t: 50 to the mill, 40 to a far one for 50 more. The buyer takes 70 t, another pays 40 less.
    # The year stands for three at no interest: three times the saving of a year.
    def case(capacity=50, market=70):
        return pencil(
            settings={"last_year_weight": 3},
            facilities=[{**row, "capacity": capacity} if row["facility"] == "mill" else row for row in MILLS],
            markets=[
                {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling", "capacity": market},
                {"market": "other", "output": "pulp", "price": 10, "treatment": "recycling"},
            ],
        )

    plan = planned(case())
    room = prices(plan, "capacity").set_index("name").loc["mill"]
    assert (room["value"], room["per_year"], room["unit"]) == (pytest.approx(150), pytest.approx(50), "DKK/t")
    market = prices(plan, "market").set_index("name").loc["buyer"]
    assert (market["value"], market["per_year"]) == pytest.approx((120, 40))
    assert optimum(case()) - optimum(case(capacity=51)) == pytest.approx(room["value"])
    assert optimum(case()) - optimum(case(market=71)) == pytest.approx(market["value"])


def test_a_tonne_of_a_limit_and_of_a_contract():
    # Mixed waste to the tip at 70, the oven at 100; at most 50 t to the tip, and the oven is owed nothing.
    case = pencil(**TIP, change={"schemes": DEAR}, limits=[limit("landfilled", 50)])
    plan = planned(case)
    assert prices(plan, "limit")["value"].tolist() == pytest.approx([30])
    more = pencil(**TIP, change={"schemes": DEAR}, limits=[limit("landfilled", 51)])
    assert optimum(case) - optimum(more) == pytest.approx(30)
    owed = [{"municipality": "A", "stream": "bag", "facility": "oven", "share": 0.8}]
    bound = planned(pencil(**TIP, change={"schemes": DEAR}, contracts=owed))
    assert prices(bound, "contract")["value"].tolist() == pytest.approx([30])


def priced():
    """Half a tonne of CO2 a tonne burnt at 50; sorting 20 % costs 1 400 less 30 t * 0.5 * 50 = 750."""
    return pencil(
        **{**TIP, "facilities": TIP["facilities"][:2]},
        change={"schemes": DEAR},
        targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}],
        prices=[{"item": "carbon", "value": 50, "unit": "DKK/t"}],
        municipalities=[{"municipality": "A", "population": 260}, {"municipality": "B", "population": 100}],
    )


def test_a_plant_that_does_not_run_has_no_price_of_room():
    # A tonne of sludge costs 20 less at oven_b, 360 for its 18 t; standing there costs 1 000, so it is closed.
    plan = planned(
        pencil(
            **SLUDGE,
            accepts=accepted(("oven", "sludge")),
            add={"facilities": [{**MILLS[0], "facility": "oven_b", "gate_fee": 110, "capacity": 100, **STANDS}]},
            transport=[{"mode": "haul", "cost": 1}],
            distances=[
                {"from": "mill", "to": "oven", "distance": 40},
                {"from": "mill", "to": "oven_b", "distance": 10},
            ],
            pinned=SORTED,
        )
    )
    assert (mass(plan, from_="mill", to="oven"), mass(plan, to="oven_b")) == (pytest.approx(18), 0)
    assert prices(plan, "capacity").empty


@pytest.fixture(scope="module")
def valued():
    with patch("models.planner.unplanned_tables", _nothing_else):
        return worth(Asker(priced(), threads=1), step=0.2, carbon=50.0, gap=0.0, time_limit=60)


def test_a_step_of_the_target_costs_what_planning_again_says(valued):
    points = valued.tables["percentage_points"].set_index("plan")
    assert points.loc["plan", "cost"] == pytest.approx(17800 + 45 * 50)
    for name, difference in (("less", -650), ("more", 650)):
        row = points.loc[name]
        assert row["difference"] == pytest.approx(difference)
        assert row["low"] - 1e-3 <= difference <= row["high"] + 1e-3
        assert row["per_tonne"] == pytest.approx(650 / 30)
    assert valued.tables["marginal_cost"]["per_tonne"].tolist() == pytest.approx([650 / 30] * 3)


def test_carbon_is_paid_once_by_what_is_burnt(valued):
    # 90 t burnt are 45 t of CO2; at 100 the next 15 t less save 1 500 and cost 1 400: B sorts too.
    tonnes = valued.tables["carbon_tonnes"].iloc[0]
    assert (tonnes["paying_t"], tonnes["carbon_price"]) == pytest.approx((45, 50))
    assert tonnes["paid"] == pytest.approx(45 * 50)
    again = valued.tables["carbon_price"].iloc[0]
    assert again["per_unit"] == pytest.approx(45)
    assert again["plan_as_it_is"] == pytest.approx(45 * 50)
    # 19 200 + 30 t * 100 less 17 800 + 45 t * 50: dearer carbon never costs more than to the plan as it is.
    assert again["difference"] == pytest.approx(22200 - 20050)
    assert again["difference"] <= again["plan_as_it_is"]
    assert again["paying_then_t"] == pytest.approx(30)


def test_what_is_found_at_a_higher_price_is_no_dearer_than_the_plan_as_it_is():
    # Of a large case a plan is found within a gap: it may cost more than keeping what is there, 45 t * 50.
    with patch("models.planner.unplanned_tables", _nothing_else):
        value = _Valuation(Asker(priced(), threads=1), 0.2, 50.0, 0, 0.0, 60.0, None)
        base = value._plan("plan", value.case)
    row = value._carbon(base, replace(base, cost=30000.0)).iloc[0]
    assert row["difference"] == row["plan_as_it_is"] == pytest.approx(45 * 50)
    assert row["paying_then_t"] == row["paying_t"] == pytest.approx(45)


def test_the_target_costs_those_who_sort_and_adds_up(valued):
    paid = valued.tables["cost_of_target"].set_index("municipality")
    assert paid["cost_of_target"].to_dict() == pytest.approx({"A": 1300, "B": 0})
    assert paid.loc["A", "per_inhabitant"] == pytest.approx(5)
    assert valued.info["adds_up"] == pytest.approx(0, abs=1e-6)
    assert paid["cost_of_target"].sum() == pytest.approx(valued.info["cost_of_target"]["difference"])


def test_shared_plants_are_carried_by_load_and_add_up():
    # A new mill at 900 a year: with both sorting, A (60 t) carries 600 and B (30 t) 300.
    case = pencil(
        change={"schemes": DEAR, "facilities": {"mill": {"state": "candidate"}}},
        sizes=[{"facility": "mill", "technology": "", "size": "S", "capacity": 100, "capex": 0, "fixed_cost": 900}],
        targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.6}],
    )
    with patch("models.planner.unplanned_tables", _nothing_else):
        found = worth(Asker(case, threads=1), step=0.01, carbon=0.0, gap=0.0, time_limit=60)
    paid = found.tables["cost_of_target"].set_index("municipality")["cost_of_target"]
    assert paid.to_dict() == pytest.approx({"A": 2800 + 600, "B": 1400 + 300})
    assert found.info["adds_up"] == pytest.approx(0, abs=1e-6)
    assert found.tables["percentage_points"].set_index("plan").loc["more", "status"] == "none"


def test_more_carbon_is_added_everywhere():
    case = pencil(prices=[{"item": "carbon", "from": 2026, "value": 100, "unit": "DKK/t"}])
    raised = with_carbon(case, 7)["prices"].sort_values("value")
    assert raised["value"].tolist() == [7, 107]
    assert raised["from"].isna().tolist() == [True, False]
