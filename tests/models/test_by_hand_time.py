"""Time: what a plan year stands for, discounting, the end of the horizon, and the peak of a period."""

from __future__ import annotations

import pytest

from tests.cases.pencil import DEAR, HOME, cost, mass, optimum, pencil, planned, plant, running, searched, spent

SORTED = [{"scheme": "sort", "run": True}]
MIXED = [{"scheme": "mix", "run": True}]
NEW = {"facility": "new", "technology": "mill", "state": "candidate", "variable_cost": 10}


def growing(rate):
    return [{"change": rate}]


def test_one_year_of_weight_one_at_no_discount_is_a_plain_problem():
    case = pencil("2025")
    assert (case.weight(2025), case.discount(2025)) == (1.0, 1.0)
    assert optimum(case) == pytest.approx(7200)


def test_a_year_stands_for_those_up_to_the_next():
    # 2025 stands for five years, 2030 for the three that the settings say: 8 * 15 000.
    settings = {"last_year_weight": 3}
    case = pencil("2025, 2030", settings=settings, pinned=MIXED)
    assert [case.weight(year) for year in case.plan_years] == [5, 3]
    plan = planned(case)
    assert cost(plan) == 8 * 15000
    # Undiscounted money of a table is of one year.
    assert spent(plan, "treatment", 2025) == pytest.approx(15000)
    # Without a setting the last year stands for as long as the interval before it.
    assert optimum(pencil("2025, 2030", pinned=MIXED)) == pytest.approx(10 * 15000)


def test_a_last_year_without_weight_costs_nothing():
    goal = [{"scope": "all", "method": "collected", "year": 2026, "rate": 0.3}]
    plan = planned(pencil("2025-2026", settings={"last_year_weight": 0}, change={"schemes": DEAR}, targets=goal))
    # The homes of A sort in 2026, which costs nothing.
    assert cost(plan) == 15000
    prices = plan.tables["shadow_prices"].query("year == 2026")
    assert prices["per_year"].isna().all()


def test_every_year_that_a_plan_year_stands_for_is_discounted():
    # At 5 %: 1 + 1/1.05 + 1/1.05^2 for 2025 to 2027, 1/1.05^3 + 1/1.05^4 for 2028 and 2029. A change of
    # scheme is paid once, in 2028: 60 a home, 9 000 in all, and sorting starts then (its first year).
    factors = [1.05**-n for n in range(5)]
    case = pencil(
        "2025, 2028",
        settings={"last_year_weight": 2, "discount_rate": 0.05},
        change={"schemes": {"sort": {"change_cost": 60, "first_year": 2028}}},
    )
    plan = planned(case)
    assert cost(plan) == 15000 * sum(factors[:3]) + 9000 * factors[3] + 7200 * sum(factors[3:])
    change = plan.tables["costs"].query("variant == 'plan' and category == 'change'")
    assert change["amount"].sum() == pytest.approx(9000)
    assert change["in_objective"].sum() == pytest.approx(9000 * factors[3])


def test_costs_are_brought_to_the_discount_year():
    case = pencil("2026", settings={"discount_rate": 0.1, "discount_year": 2024})
    assert optimum(case) == pytest.approx(7200 / 1.21)


def test_capital_is_an_annuity_until_the_horizon_and_no_longer():
    # 10 000 over 20 years at 5 %: 10 000 * 0.05 / (1 - 1.05^-20) = 802.43 a year, paid in three years of plan.
    annuity = 10000 * 0.05 / (1 - 1.05**-20)
    assert annuity == pytest.approx(802.43, abs=0.01)
    factors = [1.05**-n for n in range(3)]
    case = pencil(
        "2025-2027",
        settings={"discount_rate": 0.05},
        change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 20}}},
        pinned=SORTED,
        add={"facilities": [NEW], "sizes": [{"facility": "new", "size": "S", "capacity": 90, "capex": 10000}]},
    )
    plan = planned(case)
    # Sorted: collection 3 000, bags 6 000, bins 90 * (10 - 50).
    assert cost(plan) == (3000 + 6000 - 3600 + annuity) * sum(factors)
    assert [spent(plan, "capital", year) for year in (2025, 2026, 2027)] == pytest.approx([annuity] * 3)


def test_what_does_not_pay_back_within_the_horizon_is_still_built_if_its_years_pay():
    # It saves 120 * 90 = 10 800 a year. With an annuity of 10 900 it is not built, of 10 700 it is,
    # even in the last year of the plan and though it stands for 20 years.
    for annuity, built in ((10900, False), (10700, True)):
        case = pencil(
            "2025",
            change={"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 20}}},
            pinned=SORTED,
            add={
                "facilities": [NEW],
                "sizes": [{"facility": "new", "size": "S", "capacity": 90, "capex": 20 * annuity}],
            },
        )
        assert optimum(case) == pytest.approx(16200 - (100 if built else 0))


def test_the_average_of_a_period_hides_its_peak():
    # 150 t grow by 10 % a year: 165, 181.5, 199.65; bins 99, 108.9, 119.79 t, on average 109.2. M (110 t)
    # would hold the average; the peak needs L (120 t). One period, 2025 to 2027.
    amounts = [150 * 1.1**n for n in (1, 2, 3)]
    case = pencil(
        "2025-2027",
        settings={"period_starts": "2025"},
        change={"facilities": {"mill": {"capacity": 0}}, "technologies": {"mill": {"lifetime": 10}}},
        growth=growing(0.1),
        pinned=SORTED,
        add={
            "facilities": [NEW],
            "sizes": [
                {"facility": "new", "size": "M", "capacity": 110, "capex": 10000},
                {"facility": "new", "size": "L", "capacity": 120, "capex": 90000},
            ],
        },
    )
    plan = planned(case)
    assert [plant(plan, "new", year)["size"] for year in (2025, 2026, 2027)] == ["L", "L", "L"]
    assert plant(plan, "new", 2027).throughput_t == pytest.approx(119.79)
    # A year: homes 3 000, bags 0.4 * 100 and bins 0.6 * -40 a tonne, capital 9 000.
    assert cost(plan) == sum(3000 + amount * (40 - 24) + 9000 for amount in amounts)


def test_the_least_load_holds_in_the_lowest_year_of_a_period():
    # 150 t shrink by 10 % a year: bins 81, 72.9, 65.61 t. The new mill must have 70 t: in one period it
    # cannot run (the old one takes all at 130), in periods of a year it runs in two of the three.
    tables = {
        "change": {"facilities": {"mill": {"gate_fee": 130}}, "technologies": {"mill": {"lifetime": 2}}},
        "growth": growing(-0.1),
        "pinned": SORTED,
        "add": {
            "facilities": [NEW],
            "sizes": [{"facility": "new", "size": "S", "capacity": 200, "capex": 10, "minimum_load": 70}],
        },
    }
    amounts = [150 * 0.9**n for n in (1, 2, 3)]
    old = sum(3000 + amount * (40 + 0.6 * 80) for amount in amounts)
    whole = searched(pencil("2025-2027", settings={"period_starts": "2025"}, **tables))
    assert cost(whole) == old
    yearly = planned(pencil("2025-2027", **tables))
    assert cost(yearly) == old - 120 * 0.6 * (amounts[0] + amounts[1]) + 2 * 5
    assert [mass(yearly, year, to="new") for year in (2025, 2026, 2027)] == pytest.approx([81, 72.9, 0])


def test_decisions_change_only_where_a_period_starts():
    # From 2026 sorting pays (its pulp costs 160 before). Periods start in 2025 and 2027: mixing in 2025 and
    # 2026 costs 30 000; sorting throughout 7 200 + what 2025 loses (90 * 210 = 18 900): 26 100 and 7 200.
    markets = [
        {"market": "before", "output": "pulp", "price": -160, "treatment": "recycling", "until": 2025},
        {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling", "from": 2026},
    ]
    case = pencil("2025-2027", settings={"period_starts": "2025, 2027"}, markets=markets)
    plan = planned(case)
    assert cost(plan) == 15000 + 15000 + 7200
    assert running(plan, 2026) == {"A": "mix", "B": "mix"}
    # At -60 the first period pays 9 900 more in 2025 and saves 7 800 in 2026, at -30 it is 7 200 more: less.
    markets[0]["price"] = -30
    plan = searched(case.with_table("markets", pencil(markets=markets)["markets"]))
    assert cost(plan) == 7200 + 90 * 80 + 7200 + 7200


def test_a_plant_that_closes_and_one_that_opens_inside_a_period_relieve_each_other():
    # One oven runs to 2026, its successor from 2027; both years lie in one period.
    case = pencil(
        "2025-2028",
        settings={"period_starts": "2025"},
        change={"facilities": {"oven": {"closes": 2026}}},
        add={"facilities": [{"facility": "oven_2", "technology": "oven", "gate_fee": 120, "opens": 2027}]},
        pinned=MIXED,
    )
    plan = planned(case)
    assert cost(plan) == 2 * 15000 + 2 * 150 * 120
    assert [mass(plan, year, to="oven_2") for year in range(2025, 2029)] == pytest.approx([0, 0, 150, 150])


def test_amounts_of_the_year_are_dispatched():
    # Growth of homes only until 2026; the plan's money follows each year's amounts, not the peak's.
    case = pencil(
        "2025-2027",
        settings={"period_starts": "2025"},
        growth=[{"sector": HOME["sector"], "until": 2026, "change": 0.2}],
        pinned=MIXED,
    )
    plan = planned(case)
    assert [mass(plan, year, to="oven") for year in (2025, 2026, 2027)] == pytest.approx([180, 216, 216])
    assert cost(plan) == 100 * (180 + 216 + 216)
