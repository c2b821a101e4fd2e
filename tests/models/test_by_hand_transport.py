"""Transport: straight lines, given distances and costs, crossings, and contracts that bind a way."""

from __future__ import annotations

import math

import pytest

from tests.cases.pencil import HOME, cost, mass, optimum, pencil, planned, running, spent

MIXED = [{"scheme": "mix", "run": True}]
TWO_OVENS = [
    {"facility": "oven", "technology": "oven", "gate_fee": 100},
    {"facility": "oven_b", "technology": "oven", "gate_fee": 110},
    {"facility": "mill", "technology": "mill", "gate_fee": 30},
]


def ways_of(*rows):
    return [{"from": start, "to": goal, **values} for start, goal, values in rows]


def test_distance_from_coordinates():
    # Spherical law of cosines, Earth's radius 6 371.0088 km, road 1.5 times the line: B is 48 km from oven.
    lat, apart = math.radians(55), math.radians(0.5)
    line = 6371.0088 * math.acos(math.sin(lat) ** 2 + math.cos(lat) ** 2 * math.cos(apart))
    road = 1.5 * line
    assert 47 < road < 48
    facilities = [{**row, "lat": 55, "lon": 12.5 if row["facility"] == "oven_b" else 12} for row in TWO_OVENS]
    towns = [{"municipality": "A", "lat": 55, "lon": 12}, {"municipality": "B", "lat": 55, "lon": 12.5}]
    transport = [{"mode": "collection", "cost": 0.2, "cost_per_tonne": 5, "emission": 0.1, "detour": 1.5}]
    case = pencil(municipalities=towns, facilities=facilities, transport=transport, pinned=MIXED)
    plan = planned(case)
    # B to oven 100 + 9.6 is less than 110 at its own.
    assert cost(plan) == 150 * 105 + 50 * 0.2 * road
    emissions = plan.tables["emissions"].query("variant == 'plan' and kind == 'transport'")
    assert emissions["kg_co2e"].sum() == pytest.approx(50 * road * 0.1)
    distances = plan.tables["distances"].set_index(["municipality", "facility"])["distance_km"]
    assert distances["B", "oven"] == pytest.approx(road)
    # Dearer by the kilometre it stays at home.
    assert optimum(
        pencil(municipalities=towns, facilities=facilities, transport=[{**transport[0], "cost": 1}], pinned=MIXED)
    ) == pytest.approx(150 * 105 + 50 * 10)


def test_given_distances_and_costs_win():
    # B to oven: 40 km of 0.2 cost 8; a given cost of 12 replaces them.
    transport = [{"mode": "collection", "cost": 0.2, "cost_per_tonne": 5}]
    near = ways_of(("B", "oven", {"distance": 40}))
    dear = ways_of(("B", "oven", {"distance": 40, "cost": 12}))
    common = {"facilities": TWO_OVENS, "transport": transport, "pinned": MIXED}
    plan = planned(pencil(distances=near, **common))
    assert cost(plan) == 150 * 105 + 50 * 8
    assert mass(plan, to="oven_b") == 0
    assert spent(plan, "transport", municipality="B") == pytest.approx(50 * 13)
    assert optimum(pencil(distances=dear, **common)) == pytest.approx(150 * 105 + 50 * 10)


def test_a_crossing_is_paid_on_the_way_out_of_a_zone():
    # B is an island: 30 a tonne and 10 km at 0.5 to the mainland's oven; its own charges 135 or 134.9.
    towns = [{"municipality": "A"}, {"municipality": "B", "zone": "isle"}]
    transport = [
        {"mode": "crossing", "zone": "isle", "cost_per_tonne": 30, "cost": 0.5, "distance": 10, "emission": 0.2}
    ]
    for fee, crossed in ((136, 50), (134, 0)):
        facilities = [
            {**row, "zone": "isle", "gate_fee": fee} if row["facility"] == "oven_b" else row for row in TWO_OVENS
        ]
        plan = planned(pencil(municipalities=towns, facilities=facilities, transport=transport, pinned=MIXED))
        assert mass(plan, municipality="B", to="oven") == pytest.approx(crossed)
        assert cost(plan) == 10000 + 50 * min(fee, 135)
        emissions = plan.tables["emissions"].query("variant == 'plan' and kind == 'transport'")
        assert emissions["kg_co2e"].sum() == pytest.approx(crossed * 10 * 0.2)


def test_between_two_zones_both_crossings_are_paid():
    towns = [{"municipality": "A", "zone": "north"}, {"municipality": "B"}]
    facilities = [{"facility": "oven", "technology": "oven", "gate_fee": 100, "zone": "isle"}, *TWO_OVENS[2:]]
    transport = [
        {"mode": "crossing", "zone": zone, "cost_per_tonne": price} for zone, price in (("isle", 30), ("north", 7))
    ]
    case = pencil(municipalities=towns, facilities=facilities, transport=transport, pinned=MIXED)
    assert optimum(case) == pytest.approx(100 * 137 + 50 * 130)


def test_a_contract_binds_a_share_until_it_ends():
    # 40 % of A's bag to the dear oven in 2025: 40 * 50 more.
    facilities = [{**row, "gate_fee": 150} if row["facility"] == "oven_b" else row for row in TWO_OVENS]
    contract = [{"municipality": "A", "stream": "bag", "facility": "oven_b", "until": 2025, "share": 0.4}]
    plan = planned(pencil("2025-2026", facilities=facilities, pinned=MIXED, contracts=contract))
    assert cost(plan) == 15000 + 2000 + 15000
    assert [mass(plan, year, to="oven_b") for year in (2025, 2026)] == pytest.approx([40, 0])


def test_a_contract_binds_a_share_of_what_is_left_after_a_change():
    # All of A's bag is bound. Sorting saves 5 200 and 60 t of the bound bag at 50: it leaves 40 t.
    facilities = [{**row, "gate_fee": 150} if row["facility"] == "oven_b" else row for row in TWO_OVENS]
    contract = [{"municipality": "A", "stream": "bag", "facility": "oven_b"}]
    plan = planned(pencil(facilities=facilities, contracts=contract))
    assert cost(plan) == 7200 + 40 * 50
    assert mass(plan, to="oven_b") == pytest.approx(40)


def test_a_contract_of_one_sector():
    # Shops of A have 100 t in bags too; only they are bound.
    facilities = [{**row, "gate_fee": 150} if row["facility"] == "oven_b" else row for row in TWO_OVENS]
    case = pencil(
        facilities=facilities,
        add={
            "sectors": [{"sector": "shops"}],
            "generation": [{"municipality": "A", "sector": "shops", "fraction": "paper", "year": 2024, "amount": 100}],
            "schemes": [{"scheme": "shop", "sector": "shops", "payer": "business"}],
            "capture": [{"scheme": "shop", "fraction": "paper", "stream": "bag", "share": 1}],
            "current_schemes": [{"sector": "shops", "scheme": "shop"}],
        },
        contracts=[{"sector": "shops", "stream": "bag", "facility": "oven_b", "share": 0.8}],
    )
    plan = planned(case)
    assert cost(plan) == 7200 + 20 * 100 + 80 * 150
    assert mass(plan, sector="shops", to="oven_b") == pytest.approx(80)
    assert mass(plan, sector="homes", to="oven_b") == 0
    assert spent(plan, "treatment", payer="business") == pytest.approx(14000)


def test_a_contract_of_one_town_wins_over_one_for_all():
    facilities = [{**row, "gate_fee": 150} if row["facility"] == "oven_b" else row for row in TWO_OVENS]
    contracts = [
        {"stream": "bag", "facility": "oven_b", "share": 1.0},
        {"municipality": "A", "sector": HOME["sector"], "stream": "bag", "facility": "oven", "share": 1.0},
    ]
    assert optimum(pencil(facilities=facilities, contracts=contracts, pinned=MIXED)) == pytest.approx(
        100 * 100 + 50 * 150
    )


def test_the_nearer_plant_serves_more_until_it_is_full():
    # One mill of 70 t near A (B 20 km), one near B (A 10 km), both 0: moving A's last tonnes costs less.
    facilities = [
        TWO_OVENS[0],
        {"facility": "mill_a", "technology": "mill", "gate_fee": 30, "capacity": 50},
        {"facility": "mill_b", "technology": "mill", "gate_fee": 30},
    ]
    distances = ways_of(
        ("A", "mill_a", {"distance": 0}),
        ("B", "mill_a", {"distance": 20}),
        ("A", "mill_b", {"distance": 10}),
        ("B", "mill_b", {"distance": 0}),
    )
    plan = planned(pencil(facilities=facilities, distances=distances, transport=[{"mode": "collection", "cost": 1}]))
    # A: 60 t in bins, 50 at mill_a and 10 go 10 km.
    assert cost(plan) == 7200 + 100
    assert running(plan) == {"A": "sort", "B": "sort"}
