"""Outputs: hauled on or sold, markets that are full or closed, and no un-mixing of what lies in one pile."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cases.pencil import DEAR, HOME, cost, mass, optimum, pencil, planned, running, searched, sorting, spent

SORTED = [{"scheme": "sort", "run": True}]
SLUDGE = {
    "outputs": [
        {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
        {"output": "pulp", "kind": "product"},
        {"output": "sludge", "kind": "mixed"},
    ],
    "yields": [
        {"technology": "oven", "output": "smoke", "share": 1},
        {"technology": "mill", "output": "sludge", "share": 0.2},
        {"technology": "mill", "output": "pulp"},
    ],
}
"""The mill makes 80 % pulp and 20 % sludge: a tonne in the bin brings 40, both towns sorted 90 t."""


def accepted(*more):
    base = [("oven", "bag"), ("mill", "bin")]
    return [{"technology": technology, "input": name} for technology, name in (*base, *more)]


def test_without_a_plan_too_nothing_is_sold_to_a_market_that_is_gone():
    # The buyer at 50 is there until 2025; the reference, which sorts as today, sells 90 t at 10 from then on.
    case = pencil(
        "2025-2026",
        current_schemes=[{**HOME, "scheme": "sort"}],
        change={"markets": {"buyer": {"until": 2025}}},
        add={"markets": [{"market": "other", "output": "pulp", "price": 10, "treatment": "recycling"}]},
    )
    plan = planned(case, whole=True)
    assert [spent(plan, "market", year, "reference") for year in (2025, 2026)] == pytest.approx([-4500, -900])


def test_sludge_is_hauled_to_the_cheaper_oven_on_the_whole():
    # oven: 100 and 40 km at 1 = 140; oven_b: 110 and 10 km = 120. 18 t of sludge.
    case = pencil(
        **SLUDGE,
        accepts=accepted(("oven", "sludge")),
        add={"facilities": [{"facility": "oven_b", "technology": "oven", "gate_fee": 110}]},
        transport=[{"mode": "haul", "cost": 1}],
        distances=[{"from": "mill", "to": "oven", "distance": 40}, {"from": "mill", "to": "oven_b", "distance": 10}],
        pinned=SORTED,
    )
    plan = planned(case)
    # Collection 3 000, bag 6 000, mill 2 700, pulp 72 * -50, sludge 18 * 120.
    assert cost(plan) == 3000 + 6000 + 2700 - 3600 + 2160
    assert mass(plan, from_="mill", to="oven_b") == pytest.approx(18)
    assert spent(plan, "transport") == pytest.approx(180)


def test_a_full_oven_makes_room_for_sludge_by_moving_bags():
    # oven 100 with 50 t, oven_b 150 beside it; only oven is near the mill (haul 0, oven_b 1 000 km).
    # 60 t of bags and 18 t of sludge: sludge 18 and bags 32 at oven, bags 28 at oven_b.
    case = pencil(
        **SLUDGE,
        accepts=accepted(("oven", "sludge")),
        change={"facilities": {"oven": {"capacity": 50}}},
        add={"facilities": [{"facility": "oven_b", "technology": "oven", "gate_fee": 150}]},
        transport=[{"mode": "haul", "cost": 1}],
        distances=[{"from": "mill", "to": "oven_b", "distance": 1000}],
        pinned=SORTED,
    )
    plan = planned(case)
    assert cost(plan) == 3000 + 50 * 100 + 28 * 150 + 2700 - 3600
    assert mass(plan, from_="mill", to="oven") == pytest.approx(18)


def test_two_mills_haul_to_their_own_ovens():
    # Each town has a mill and an oven; hauling from the one to the other oven is 500 km.
    places = {"mill": "oven", "mill_b": "oven_b"}
    distances = [
        *(
            {"from": mill, "to": oven, "distance": 0 if places[mill] == oven else 500}
            for mill in places
            for oven in ("oven", "oven_b")
        ),
        *(
            {"from": town, "to": place, "distance": 0 if place.endswith("_b") == (town == "B") else 500}
            for town in "AB"
            for place in ("mill", "mill_b", "oven", "oven_b")
        ),
    ]
    case = pencil(
        **SLUDGE,
        accepts=accepted(("oven", "sludge")),
        add={
            "facilities": [
                {"facility": "oven_b", "technology": "oven", "gate_fee": 120},
                {"facility": "mill_b", "technology": "mill", "gate_fee": 40},
            ]
        },
        transport=[{"mode": "haul", "cost": 1}, {"mode": "collection", "cost": 1}],
        distances=distances,
        pinned=SORTED,
    )
    plan = planned(case)
    # A: 2 000 + 40 * 100 + 60 * 30 - 48 * 50 + 12 * 100; B: 1 000 + 20 * 120 + 30 * 40 - 24 * 50 + 6 * 120.
    assert cost(plan) == (2000 + 4000 + 1800 - 2400 + 1200) + (1000 + 2400 + 1200 - 1200 + 720)
    assert mass(plan, from_="mill_b", to="oven_b") == pytest.approx(6)


def test_a_full_market_leaves_the_rest_to_the_next():
    # 40 t at 50, the other 50 t at 10: 7 200 + 50 * 40.
    more = [{"market": "buyer_2", "output": "pulp", "price": 10, "treatment": "recycling"}]
    plan = planned(pencil(change={"markets": {"buyer": {"capacity": 40}}}, add={"markets": more}))
    assert cost(plan) == 9200
    assert (mass(plan, to="buyer"), mass(plan, to="buyer_2")) == pytest.approx((40, 50))


def test_without_a_market_there_is_no_sorting():
    # 60 t hold the pulp of A.
    plan = searched(pencil(change={"markets": {"buyer": {"capacity": 60}}}))
    assert running(plan) == {"A": "sort", "B": "mix"}
    assert cost(plan) == 4800 + 5000


def test_markets_come_and_go():
    # 2025 at 50 (7 200), 2026 none (15 000), 2027 and 2028 at 10 and 200 km at 0.1: net -10, a tonne in the
    # bin costs 40: A 2 000 + 4 000 + 2 400 = 8 400, B 4 200.
    markets = [
        {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling", "until": 2025},
        {"market": "later", "output": "pulp", "price": 10, "treatment": "recycling", "from": 2027, "distance": 200},
    ]
    plan = planned(pencil("2025-2028", markets=markets, transport=[{"mode": "haul", "cost": 0.1}]))
    assert sorting(plan, range(2025, 2029)) == "AB - AB AB"
    assert cost(plan) == 7200 + 15000 + 2 * 12600
    assert spent(plan, "transport", 2027) == pytest.approx(90 * 20)


SOIL = {
    # A third of the paper's mass again as dust, which follows it into bin and bag.
    "fractions": [
        {"fraction": "paper", "material": "paper", "energy": 7.2},
        {"fraction": "dust", "material": "mineral"},
    ],
    "generation": [
        {"municipality": town, **HOME, "fraction": fraction, "year": 2024, "amount": amount}
        for town, amount in (("A", 50), ("B", 25))
        for fraction in ("paper", "dust")
    ],
    "capture": [
        *({"scheme": "mix", "fraction": fraction, "stream": "bag", "share": 1} for fraction in ("paper", "dust")),
        *({"scheme": "sort", "fraction": fraction, "stream": "bin", "share": 0.6} for fraction in ("paper", "dust")),
        *({"scheme": "sort", "fraction": fraction, "stream": "bag"} for fraction in ("paper", "dust")),
    ],
    "technologies": [
        {"technology": "oven", "treatment": "energy_recovery", "electricity": 1.0},
        {"technology": "mill", "treatment": "recycling"},
        {"technology": "tip", "treatment": "landfill"},
    ],
    "prices": [{"item": "electricity", "value": 100, "unit": "DKK/MWh"}],
    "outputs": [
        {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
        {"output": "fill", "kind": "emission", "treatment": "landfill"},
        {"output": "sludge", "kind": "mixed"},
        {"output": "pulp", "kind": "product"},
    ],
    "yields": [
        {"technology": "oven", "output": "smoke", "share": 1},
        {"technology": "tip", "output": "fill", "share": 1},
        {"technology": "mill", "output": "sludge", "share": 1},
    ],
    "facilities": [
        {"facility": "oven", "technology": "oven", "gate_fee": 150},
        {"facility": "mill", "technology": "mill", "gate_fee": 0},
        {"facility": "tip", "technology": "tip", "gate_fee": 60},
    ],
}
"""Half paper, half dust. Burning a tonne costs 150 and paper brings 7.2 / 3.6 * 100 = 200 of electricity."""


def test_what_lies_in_one_bag_is_not_sorted_at_collection():
    # Bags only. Burnt as it is a tonne costs 150 - 100 = 50, deposited 60. The oven takes 75 of the 150 t.
    # Mixed: 75 * 50 + 75 * 60 = 8 250. With all paper burnt and all dust deposited it would be
    # 75 * (150 - 200) + 75 * 60 = 750, which must not happen.
    case = pencil(
        **{
            **SOIL,
            "facilities": [{**row, "capacity": 75} if row["facility"] == "oven" else row for row in SOIL["facilities"]],
        },
        accepts=accepted(("tip", "bag"), ("tip", "sludge")),
        pinned=[{"scheme": "mix", "run": True}],
    )
    plan = planned(case)
    assert cost(plan) == 8250
    for place in ("oven", "tip"):
        assert mass(plan, to=place, fraction="paper") == pytest.approx(mass(plan, to=place, fraction="dust"))


def test_a_residue_whose_parts_would_like_to_part():
    # All in the bin, all that the mill makes is sludge, half paper. To the oven 50 a tonne, to the tip 60;
    # apart it would be -50 for the paper and 60 for the dust. 60 % of 150 t are 90 t of sludge.
    case = pencil(**SOIL, accepts=accepted(("oven", "sludge"), ("tip", "sludge")), pinned=SORTED)
    plan = planned(case)
    # Collection 3 000, bags 60 * 50, sludge 90 * 50.
    assert cost(plan) == 3000 + 3000 + 4500
    assert mass(plan, from_="mill", to="oven") == pytest.approx(90)


def test_a_residue_goes_to_one_kind_of_destination():
    # The oven has room for 100 t: bags 60 (only the oven takes them) and 40 of the 90 t of sludge. As sludge
    # has one destination, all 90 t are deposited: 3 000 + 60 * 50 + 90 * 60. With both it would be 40 * 10 less.
    facilities = [{**row, "capacity": 100} if row["facility"] == "oven" else row for row in SOIL["facilities"]]
    case = pencil(
        **{**SOIL, "facilities": facilities}, accepts=accepted(("oven", "sludge"), ("tip", "sludge")), pinned=SORTED
    )
    plan = planned(case)
    assert cost(plan) == 3000 + 3000 + 5400
    assert mass(plan, from_="mill", to="oven") == 0


def test_each_facility_chooses_its_own_destination_each_year():
    # A brings its bin to mill, B to mill_b (other ways are 1 000 km). The oven has room for the bags (60 t)
    # and the sludge of A (60 t), not for all: A's is burnt at 50, B's deposited at 60. In 2026 the tip takes
    # it for 60 less 20 of tax that has ended ... it costs 40: all is deposited.
    facilities = [
        {"facility": "oven", "technology": "oven", "gate_fee": 150, "capacity": 120},
        {"facility": "mill", "technology": "mill", "gate_fee": 0},
        {"facility": "mill_b", "technology": "mill", "gate_fee": 0},
        {"facility": "tip", "technology": "tip", "gate_fee": 40},
    ]
    prices = [
        *SOIL["prices"],
        {"item": "tax", "technology": "tip", "value": 20, "unit": "DKK/t"},
        {"item": "tax", "technology": "tip", "from": 2026, "value": 0, "unit": "DKK/t"},
    ]
    far = [{"from": "A", "to": "mill_b", "cost": 1000}, {"from": "B", "to": "mill", "cost": 1000}]
    tables = {**SOIL, "facilities": facilities, "prices": prices, "distances": far}
    plan = planned(
        pencil("2025-2026", **tables, accepts=accepted(("oven", "sludge"), ("tip", "sludge")), pinned=SORTED)
    )
    assert cost(plan) == (3000 + 3000 + 60 * 50 + 30 * 60) + (3000 + 3000 + 90 * 40)
    assert mass(plan, from_="mill", to="oven") == pytest.approx(60)
    assert mass(plan, from_="mill_b", to="tip") == pytest.approx(30)
    assert mass(plan, 2026, to="tip") == pytest.approx(90)
    assert spent(plan, "tax") == pytest.approx(30 * 20)


def test_origins_in_one_pile_are_not_told_apart():
    # A generates paper only, B dust only; both bins meet at the mill. The sludge of A alone would burn at -50
    # and that of B be deposited at 60; together a tonne (2/3 paper) burns at 150 - 133 = 17.
    generation = [
        {"municipality": "A", **HOME, "fraction": "paper", "year": 2024, "amount": 100},
        {"municipality": "B", **HOME, "fraction": "dust", "year": 2024, "amount": 50},
    ]
    case = pencil(
        **{**SOIL, "generation": generation}, accepts=accepted(("oven", "sludge"), ("tip", "sludge")), pinned=SORTED
    )
    plan = planned(case)
    # Bags (40 t of paper, 20 t of dust) burn: 60 * 150 - 40 * 200; sludge 90 * 150 - 60 * 200; collection 3 000.
    assert cost(plan) == 3000 + 1000 + 1500
    flows = plan.tables["flows"].query("variant == 'plan' and output == 'sludge'")
    assert set(flows["to"]) == {"oven"}


def test_a_product_may_be_sold_in_two_markets_at_once():
    # Both markets treat it alike: no choice of one; of two with other losses only one at a time.
    alike = [{"market": "buyer_2", "output": "pulp", "price": 10, "treatment": "recycling"}]
    other = [{**alike[0], "loss_recycling": 0.5}]
    change = {"markets": {"buyer": {"capacity": 60}}}
    # alike: 60 t at 50, 30 t at 10. other: buyer alone takes A's 60 t (9 800); all to buyer_2: A costs
    # 2 000 + 4 000 + 60 * 20 = 7 200, B 3 600; so A alone to buyer.
    assert optimum(pencil(change=change, add={"markets": alike})) == pytest.approx(7200 + 30 * 40)
    assert optimum(pencil(change=change, add={"markets": other})) == pytest.approx(9800)


def test_losses_of_a_market_end_where_it_says():
    # Of 90 t 10 % are lost before the point, 20 % of the rest in recycling: 64.8 t and 25.2 t.
    loss = {"loss_before_point": 0.1, "loss_recycling": 0.2, "lost_treatment": "landfill"}
    plan = planned(pencil(change={"markets": {"buyer": loss}}))
    assert mass(plan, to="buyer", treatment="recycling") == pytest.approx(64.8)
    assert mass(plan, to="buyer", treatment="landfill") == pytest.approx(25.2)
    found = [plan.rate("all", method, 2025) for method in ("collected", "calculation_point", "secondary_material")]
    assert found == pytest.approx([0.6, 81 / 150, 64.8 / 150])


def test_a_bag_may_be_sorted_before_it_is_burnt():
    # A sorter takes 50 % out of bags as pulp and sends the rest to the oven: 20 + 0.5 * 100 - 0.5 * 50 = 45 a tonne.
    case = pencil(
        change={"schemes": DEAR},
        technologies=[
            {"technology": "oven", "treatment": "energy_recovery"},
            {"technology": "mill", "treatment": "recycling"},
            {"technology": "sorter", "treatment": "sorting"},
        ],
        outputs=SLUDGE["outputs"],
        yields=[
            {"technology": "oven", "output": "smoke", "share": 1},
            {"technology": "mill", "output": "pulp", "share": 1},
            {"technology": "sorter", "output": "pulp", "share": 0.5},
            {"technology": "sorter", "output": "sludge"},
        ],
        accepts=accepted(("sorter", "bag"), ("oven", "sludge")),
        add={"facilities": [{"facility": "sorter", "technology": "sorter", "gate_fee": 20, "capacity": 120}]},
    )
    plan = planned(case)
    assert cost(plan) == 120 * 45 + 30 * 100
    # Only what it sorts out counts.
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.4)
    ends = plan.tables["flows"].query("variant == 'plan' and treatment != ''").groupby("treatment")["mass_t"].sum()
    assert np.allclose(ends[["energy_recovery", "recycling"]], [90, 60])
