"""Streams of which a municipality sends all to one facility, and ways of their own to markets: by hand and by trying."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from models.again import point_again
from models.asking import Asker
from models.certificate import certify
from models.decided import decision_table, decisions_from
from tests.cases.pencil import HOME, cost, mass, pencil, planned, spent
from tests.models.test_chains import optimum

MIXED = [{"scheme": "mix", "run": True}]
ONE = {"streams": {"bag": {"single_destination": True}}}


def ovens(*rows):
    return [
        *(
            {"facility": f"oven_{name}", "technology": "oven", "gate_fee": fee, "capacity": room}
            for name, fee, room in rows
        ),
        {"facility": "mill", "technology": "mill", "gate_fee": 30},
    ]


def test_all_of_a_towns_bags_go_to_one_oven():
    # 120 t at 100, the rest at 150. Shared, A or B is split: 120 * 100 + 30 * 150 = 16 500. Whole, A (100 t) goes to
    # the cheap one and B (50 t) to the dear one: 10 000 + 7 500.
    case = pencil(change=ONE, facilities=ovens((1, 100, 120), (2, 150, None)), pinned=MIXED)
    plan = planned(case)
    assert cost(plan) == 17500
    assert (mass(plan, to="oven_1"), mass(plan, to="oven_2")) == pytest.approx((100, 50))


def test_a_stream_that_is_split_all_the_same_is_caught():
    case = pencil(facilities=ovens((1, 100, 120), (2, 150, None)), pinned=MIXED)
    plan = planned(case)
    assert cost(plan) == 16500
    flagged = case.with_table("streams", case["streams"].assign(single_destination=True))
    found = certify(flagged, plan.tables, plan.info["objective"])
    assert found.loc[~found["holds"], "check"].tolist() == ["single destination"]


def test_all_sectors_of_a_town_go_together_and_years_may_differ():
    # Shops of A have 30 t in bags too: with the homes' 100 t they do not fit into 120 t, so B's go there (50 t).
    # In 2026 the cheap oven has closed.
    plants = [
        {**row, **({"closes": 2025} if row["facility"] == "oven_1" else {})}
        for row in ovens((1, 100, 120), (2, 150, None))
    ]
    case = pencil(
        "2025-2026",
        change=ONE,
        facilities=plants,
        pinned=MIXED,
        add={
            "sectors": [{"sector": "shops"}],
            "generation": [{"municipality": "A", "sector": "shops", "fraction": "paper", "year": 2024, "amount": 30}],
            "schemes": [{"scheme": "shop", "sector": "shops", "payer": "business"}],
            "capture": [{"scheme": "shop", "fraction": "paper", "stream": "bag", "share": 1}],
            "current_schemes": [{"sector": "shops", "scheme": "shop"}],
        },
    )
    plan = planned(case)
    assert cost(plan) == 50 * 100 + 130 * 150 + 180 * 150
    assert mass(plan, municipality="A", to="oven_1") == 0


@pytest.mark.parametrize("seed", range(5))
def test_as_cheap_as_every_assignment_tried(seed):
    random = np.random.default_rng(seed)
    towns, plants = ["A", "B", "C", "D"], [1, 2, 3]
    amounts = random.integers(10, 60, len(towns)).astype(float)
    room = random.integers(60, 120, len(plants)).astype(float)
    way = random.integers(0, 100, (len(towns), len(plants))).astype(float)
    case = pencil(
        municipalities=[{"municipality": town} for town in towns],
        dwellings=[],
        generation=[
            {"municipality": town, **HOME, "fraction": "paper", "year": 2024, "amount": amount}
            for town, amount in zip(towns, amounts, strict=True)
        ],
        change=ONE,
        facilities=ovens(*((plant, 0, size) for plant, size in zip(plants, room, strict=True))),
        distances=[
            {"from": town, "to": f"oven_{plant}", "cost": way[i, j]}
            for i, town in enumerate(towns)
            for j, plant in enumerate(plants)
        ],
        pinned=MIXED,
    )
    best = np.inf
    for chosen in product(range(len(plants)), repeat=len(towns)):
        load = np.bincount(chosen, weights=amounts, minlength=len(plants))
        if (load <= room).all():
            best = min(best, float(sum(amounts[i] * way[i, j] for i, j in enumerate(chosen))))
    found = optimum(case, pooled=True)
    assert (np.isnan(found) and not np.isfinite(best)) or found == pytest.approx(best, rel=1e-6)


def two_mills(**more):
    mills = [{"facility": name, "technology": "mill", "gate_fee": 30} for name in ("mill", "mill_b")]
    return pencil(
        facilities=[{"facility": "oven", "technology": "oven", "gate_fee": 100}, *mills],
        pinned=[{"scheme": "sort", "run": True}],
        **more,
    )


def test_a_way_of_its_own_from_each_plant_to_a_market():
    # A tonne of A's pulp: mill to buyer 40, to buyer_2 (10 less) 5. A is near mill, B near mill_b: there 0 and 60.
    case = two_mills(
        add={"markets": [{"market": "buyer_2", "output": "pulp", "price": 40, "treatment": "recycling"}]},
        distances=[
            {"from": "A", "to": "mill_b", "cost": 1000},
            {"from": "B", "to": "mill", "cost": 1000},
            {"from": "mill", "to": "buyer", "cost": 40},
            {"from": "mill", "to": "buyer_2", "distance": 10},
            {"from": "mill_b", "to": "buyer_2", "cost": 60},
        ],
        transport=[{"mode": "haul", "cost": 0.5}],
    )
    plan = planned(case)
    # Collection 3 000, bags 6 000, mills 2 700, A's 60 t at 40 less 5 a tonne, B's 30 t at 50.
    assert cost(plan) == 3000 + 6000 + 2700 - 60 * 35 - 30 * 50
    assert mass(plan, from_="mill", to="buyer_2") == pytest.approx(60)
    assert mass(plan, from_="mill_b", to="buyer") == pytest.approx(30)
    assert spent(plan, "transport") == pytest.approx(300)


def test_the_room_of_a_market_is_shared_by_plants_that_have_ways_of_their_own():
    # The buyer takes 40 t. Each mill's pulp may be split between two markets that treat it alike.
    case = two_mills(
        change={"markets": {"buyer": {"capacity": 40}}},
        add={"markets": [{"market": "buyer_2", "output": "pulp", "price": 10, "treatment": "recycling"}]},
        distances=[
            {"from": "A", "to": "mill_b", "cost": 1000},
            {"from": "B", "to": "mill", "cost": 1000},
            {"from": "mill_b", "to": "buyer", "cost": 5},
        ],
    )
    plan = planned(case)
    # The 40 t are taken from A's 60, where the way is free.
    assert cost(plan) == 3000 + 6000 + 2700 - 40 * 50 - 50 * 10
    assert mass(plan, from_="mill", to="buyer") == pytest.approx(40)
    assert optimum(case, pooled=True) <= plan.info["objective"] + 1e-6


def test_a_plan_of_a_frontier_keeps_piles_whole_too_and_is_the_same_again_from_its_decisions():
    case = pencil(change=ONE, facilities=ovens((1, 100, 120), (2, 150, None)), pinned=MIXED)
    asker = Asker(case)
    found = asker.search(gap=0.0, time_limit=60.0)
    decisions, plan = asker.carried_out(found, found.bound, gap=0.0)
    assert decisions.choices == ("d/A/bag/oven_1/2025", "d/B/bag/oven_2/2025")
    again = point_again(case, decisions_from(decision_table(decisions)), plan.info, None, None)
    for one in (plan, again):
        assert one.info["objective"] == pytest.approx(17500) and one.info["certificate"]["holds"]
