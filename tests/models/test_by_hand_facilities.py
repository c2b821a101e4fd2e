"""Facilities: room, least load, sizes and steps, opening, closing, lifetime, and capital that goes on."""

from __future__ import annotations

import math

import pytest

from tests.cases.pencil import DEAR, cost, mass, optimum, pencil, planned, plant, searched, sorting, spent

SORTED = [{"scheme": "sort", "run": True}]
NEW = {"facility": "new", "technology": "mill", "state": "candidate", "variable_cost": 10}


def new_mill(*sizes, **changes):
    """A candidate mill at 10 a tonne beside one that charges 130."""
    steps = [
        {"facility": "new", "size": name, "capacity": room, "capex": capex, "fixed_cost": fixed}
        for name, room, capex, fixed in sizes
    ]
    return {"add": {"facilities": [{**NEW, **changes}], "sizes": steps}}


def test_what_has_no_room_goes_elsewhere():
    # 90 t in bins; 60 fit at 30, the rest pays 60 at a second mill: 7 200 + 30 * 30.
    more = [{"facility": "mill_2", "technology": "mill", "gate_fee": 60}]
    plan = planned(pencil(change={"facilities": {"mill": {"capacity": 60}}}, add={"facilities": more}))
    assert cost(plan) == 8100
    assert (mass(plan, to="mill"), mass(plan, to="mill_2")) == pytest.approx((60, 30))


def test_what_is_decided_to_follow_takes_over_without_a_plan_too():
    # The oven closes after 2025, another at 120 a tonne opens: A and B keep mixing at 150 * 120 in the reference.
    follower = [{"facility": "oven_b", "technology": "oven", "gate_fee": 120, "opens": 2026}]
    case = pencil("2025-2026", change={"facilities": {"oven": {"closes": 2025}}}, add={"facilities": follower})
    plan = planned(case, whole=True)
    assert [spent(plan, "treatment", year, "reference") for year in (2025, 2026)] == pytest.approx([15000, 18000])
    assert cost(plan) == 7200 + 7200 + 60 * 20
    stands = plan.tables["facilities"].query("variant == 'reference' and facility == 'oven_b'")
    assert stands["open"].tolist() == [False, True]


def test_a_plant_that_is_pinned_closed_closes_though_the_plan_may_not_close_it():
    # From 2027 on the bags go to another oven at 120: nothing changes before it can, nor inside a period.
    other = [{"facility": "oven_b", "technology": "oven", "gate_fee": 120}]
    for since, settings in ((2027, {}), (2025, {"first_change_year": 2027}), (2028, {"period_starts": "2025, 2027"})):
        case = pencil(
            "2025-2028",
            settings=settings,
            add={"facilities": other},
            pinned=[{"facility": "oven", "run": False, "from": since}],
        )
        plan = planned(case)
        burnt = [mass(plan, to="oven", year=year) > 0 for year in range(2025, 2029)]
        assert burnt == [True, True, False, False]


def test_what_others_have_reserved_is_not_ours():
    # 20 of the 60 t are reserved: 50 t go to the second mill.
    more = [{"facility": "mill_2", "technology": "mill", "gate_fee": 60}]
    plan = planned(pencil(change={"facilities": {"mill": {"capacity": 60, "reserved": 20}}}, add={"facilities": more}))
    assert cost(plan) == 7200 + 50 * 30
    row = plant(plan, "mill")
    assert (row.capacity_t, row.reserved_t, row.throughput_t) == pytest.approx((60, 20, 40))


def test_without_any_room_a_scheme_cannot_run():
    # 59 t do not hold the bins of A (60 t), those of B (30 t) they do.
    assert optimum(pencil(change={"facilities": {"mill": {"capacity": 59}}})) == pytest.approx(10000 + 2400)


@pytest.mark.parametrize(
    ("mill", "towns", "expected"),
    [
        # Sorting is dear; 90 t are the least that the mill may run on: both sort.
        ({"minimum_load": 90}, "AB", 19200),
        # 30 t of imports, or of others' waste, leave 60 t: A alone.
        ({"minimum_load": 90, "filler": 30}, "A", 12800 + 5000),
        ({"minimum_load": 90, "reserved": 30, "capacity": 120}, "A", 12800 + 5000),
        ({"minimum_load": 90, "filler": 90}, "-", 15000),
        # It may also close.
        ({"minimum_load": 90, "closable": True}, "-", 15000),
    ],
)
def test_least_load(mill, towns, expected):
    case = pencil(change={"schemes": DEAR, "facilities": {"mill": mill}})
    assert optimum(case) == pytest.approx(expected)
    if mill.get("filler") == 30:
        assert sorting(searched(case), range(2025, 2026)) == towns


def test_closing_saves_the_fixed_cost_for_good():
    # The mill costs 3 000 a year. Pulp is sold in 2025 and 2027 only (sorting saves 7 800), in 2026 it costs
    # 60 (sorting costs 2 100 more). Open throughout: 3 * 3 000 + 7 200 + 15 000 + 7 200 = 38 400. Closed
    # after 2025 it stays closed: 3 000 + 7 200 + 30 000. Never: 45 000.
    markets = [
        {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling", "until": 2025},
        {"market": "taker", "output": "pulp", "price": -60, "treatment": "recycling", "from": 2026, "until": 2026},
        {"market": "buyer_2", "output": "pulp", "price": 50, "treatment": "recycling", "from": 2027},
    ]
    mill = {"gate_fee": None, "variable_cost": 30, "fixed_cost": 3000, "closable": True}
    plan = planned(pencil("2025-2027", change={"facilities": {"mill": mill}}, markets=markets))
    assert sorting(plan, range(2025, 2028)) == "AB - AB"
    assert cost(plan) == 38400
    # At 8 000 a year it is not worth 7 800.
    mill["fixed_cost"] = 8000
    assert optimum(pencil("2025-2027", change={"facilities": {"mill": mill}}, markets=markets)) == pytest.approx(45000)


def test_what_may_not_close_costs_on():
    mill = {"gate_fee": None, "variable_cost": 30, "fixed_cost": 8000}
    plan = planned(pencil(change={"facilities": {"mill": mill}, "schemes": DEAR}))
    assert cost(plan) == 15000 + 8000
    assert plant(plan, "mill").open
    # An idle plant is carried by the municipalities together.
    assert spent(plan, "fixed", payer="municipality", municipality="") == pytest.approx(8000)


def test_capital_goes_on_when_a_new_plant_closes():
    # 40 % must be reached in 2025 only. Sorting is dear, the old mill takes 130: A sorted costs 12 800 +
    # 60 * 100 = 18 800 (+8 800). The new mill takes 10: 12 800 - 60 * 20 = 11 600 (+1 600), annuity 4 000 / 2
    # = 2 000 in 2025 and 2026, whether it runs or not, fixed 500 in 2025 alone:
    # 15 000 + 1 600 + 2 000 + 500, then 15 000 + 2 000, then 15 000.
    targets = [
        {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4},
        {"scope": "all", "method": "collected", "year": 2026, "rate": 0.0},
    ]
    case = pencil(
        "2025-2027",
        change={"schemes": DEAR, "facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 2}}},
        targets=targets,
        **new_mill(("S", 60, 4000, 500)),
    )
    plan = planned(case)
    assert cost(plan) == 45000 + 1600 + 2000 + 500 + 2000
    assert [spent(plan, "capital", year) for year in (2025, 2026, 2027)] == pytest.approx([2000, 2000, 0])
    assert [spent(plan, "fixed", year) for year in (2025, 2026, 2027)] == pytest.approx([500, 0, 0])
    assert [bool(plant(plan, "new", year).open) for year in (2025, 2026, 2027)] == [True, False, False]
    assert plant(plan, "new").opened_year == 2025
    assert plant(plan, "new").closed_year == 2026


def test_larger_steps_are_cheaper_per_tonne():
    # Old mill 130 a tonne, new 10: 120 saved per tonne; both towns are sorted, 90 t in bins.
    # S: 60 t at 3 000 a year: 60 * 120 - 3 000 = 4 200; L: 90 t at 4 000: 10 800 - 4 000 = 6 800.
    # S + S2 (60 + 30 t): 10 800 - 3 000 - 2 000 = 5 800.
    new = new_mill(("S", 60, 30000, 0), ("S2", 30, 20000, 0), ("L", 90, 40000, 0))
    case = pencil(
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 10}}},
        pinned=SORTED,
        **new,
    )
    plan = planned(case)
    # Sorted without new mill: 7 200 + 90 * 100 = 16 200.
    assert cost(plan) == 16200 - 6800
    assert plant(plan, "new")["size"] == "L"
    assert spent(plan, "capital") == pytest.approx(4000)


def test_an_enlargement_adds_a_step():
    # 54 t of bins in 2025 (amounts 90), 90 t in 2026. S2 enlarges the mill when it is needed:
    # annuities 2 000 for 60 t and 1 000 for 30 t; L is 90 t for 3 500.
    case = pencil(
        "2025-2026",
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 10}}},
        pinned=SORTED,
        generation=[
            {
                "municipality": "A",
                "sector": "homes",
                "segment": "houses",
                "fraction": "paper",
                "year": year,
                "amount": amount,
            }
            for year, amount in ((2024, 90), (2025, 90), (2026, 150))
        ],
        **new_mill(("S", 60, 20000, 0), ("S2", 30, 10000, 0), ("L", 90, 35000, 0)),
    )
    # Collection 2 000 a year, bag 36 and 60 t at 100, bin 54 and 90 t at 10 less 50, capital 2 000 + 3 000.
    plan = planned(case)
    assert cost(plan) == (2000 + 3600 - 54 * 40 + 2000) + (2000 + 6000 - 90 * 40 + 3000)
    assert [plant(plan, "new", year)["size"] for year in (2025, 2026)] == ["S", "S+S2"]
    assert [plant(plan, "new", year).capacity_t for year in (2025, 2026)] == [60, 90]


def test_what_stands_can_be_enlarged():
    # The mill has 60 t at 30; a step of its own adds 30 t for 500 a year; otherwise 30 t pay 130.
    steps = [{"facility": "mill", "size": "wing", "capacity": 30, "capex": 5000}]
    dear = [{"facility": "mill_2", "technology": "mill", "gate_fee": 130}]
    change = {
        "facilities": {"mill": {"capacity": 60, "gate_fee": None, "variable_cost": 30}},
        "technologies": {"mill": {"lifetime": 10}},
    }
    plan = planned(pencil(change=change, add={"facilities": dear, "sizes": steps}))
    assert cost(plan) == 7200 + 500
    assert plant(plan, "mill")["size"] == "existing+wing"
    assert plant(plan, "mill").capacity_t == 90


def test_building_takes_time():
    # The new mill saves 90 * 120 = 10 800 a year for 1 000; decided in 2025 it opens in 2027.
    case = pencil(
        "2025-2027",
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 10, "build_time": 2}}},
        pinned=SORTED,
        **new_mill(("S", 90, 10000, 0)),
    )
    plan = planned(case)
    assert cost(plan) == 3 * 16200 - 10800 + 1000
    assert plant(plan, "new", 2027).opened_year == 2027
    assert [mass(plan, year, to="new") for year in (2025, 2026, 2027)] == pytest.approx([0, 0, 90])


def test_a_new_plant_waits_for_its_window_and_for_its_last_year():
    new = new_mill(("S", 90, 10000, 0), opens=2026, closes=2027)
    case = pencil(
        "2025-2028",
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 10}}},
        pinned=SORTED,
        **new,
    )
    # Runs in 2026 and 2027; capital 1 000 a year goes on to 2028.
    plan = planned(case)
    assert [bool(plant(plan, "new", year).open) for year in range(2025, 2029)] == [False, True, True, False]
    assert cost(plan) == 4 * 16200 - 2 * 10800 + 3 * 1000


@pytest.mark.parametrize("starts", [pytest.param("", marks=pytest.mark.exhaustive), "2025"])
def test_what_stands_opens_and_closes_inside_a_period(starts):
    # The mill at 30 runs in 2026 and 2027, the one at 130 always. Sorted: 7 200 with it, 16 200 without.
    dear = [{"facility": "mill_2", "technology": "mill", "gate_fee": 130}]
    case = pencil(
        "2025-2028",
        settings={"period_starts": starts},
        change={"facilities": {"mill": {"opens": 2026, "closes": 2027}}},
        add={"facilities": dear},
        pinned=SORTED,
    )
    plan = planned(case)
    assert cost(plan) == 2 * 7200 + 2 * 16200
    assert [mass(plan, year, to="mill") for year in range(2025, 2029)] == pytest.approx([0, 90, 90, 0])


def test_a_plant_ends_with_its_lifetime_and_may_be_built_again():
    # Lifetime 2: 1 500 a year for 3 000. It saves 10 800 in every year, so it is built in 2025 and in 2027;
    # the second is paid for in 2027 alone, where the plan ends.
    case = pencil(
        "2025-2027",
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 2}}},
        pinned=SORTED,
        **new_mill(("S", 90, 3000, 0)),
    )
    plan = planned(case)
    assert cost(plan) == 3 * (16200 - 10800 + 1500)
    assert [spent(plan, "capital", year) for year in range(2025, 2028)] == pytest.approx([1500, 1500, 1500])


def test_steps_of_a_technology_belong_to_its_candidates():
    # Two candidates at A and B share the steps of their technology; a home in B is 1 km from 'b', 9 from 'a'.
    # One tonne-kilometre costs 10. One plant of 90 t at 'a' (A has 60 t): 30 * 9 * 10 = 2 700 of transport;
    # at 'b': 60 * 90 = 5 400; two plants: 500 more a year, no transport but 1 km for 30 t and none for A.
    case = pencil(
        change={"technologies": {"mill": {"lifetime": 10, "variable_cost": 10}}},
        pinned=SORTED,
        facilities=[
            {"facility": "oven", "technology": "oven", "gate_fee": 100},
            {"facility": "a", "technology": "mill", "state": "candidate"},
            {"facility": "b", "technology": "mill", "state": "candidate"},
        ],
        sizes=[{"technology": "mill", "size": "S", "capacity": 90, "capex": 5000}],
        transport=[{"mode": "collection", "cost": 10}],
        distances=[
            {"from": town, "to": place, "distance": km}
            for (town, place), km in {
                ("A", "a"): 0,
                ("A", "b"): 9,
                ("B", "a"): 9,
                ("B", "b"): 1,
                ("A", "oven"): 0,
                ("B", "oven"): 0,
            }.items()
        ],
    )
    # Collection 3 000, bag 6 000, bin 90 * (10 - 50) = -3 600, transport 300, capital 1 000.
    plan = planned(case)
    assert cost(plan) == 3000 + 6000 - 3600 + 300 + 1000
    assert (mass(plan, to="a"), mass(plan, to="b")) == pytest.approx((60, 30))


def test_a_pinned_facility():
    # Pinned open in 2026 it is paid for from then on; pinned closed it is not built however cheap.
    change = {"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 10}}, "schemes": DEAR}
    opened = pencil(
        "2025-2026",
        change=change,
        pinned=[{"facility": "new", "run": True, "from": 2026}],
        **new_mill(("S", 90, 50000, 0)),
    )
    plan = planned(opened)
    assert cost(plan) == 15000 + 15000 + 5000
    assert plant(plan, "new", 2026).opened_year == 2026
    change = {**change, "schemes": {}}
    closed = pencil(change=change, pinned=[{"facility": "new", "run": False}], **new_mill(("S", 90, 10, 0)))
    # A sorted: 4 800 + 60 * 100 = 10 800, more than mixing.
    assert optimum(closed) == pytest.approx(15000)


def test_no_room_at_all_is_infeasible():
    assert math.isnan(optimum(pencil(change={"facilities": {"oven": {"capacity": 10}}})))
