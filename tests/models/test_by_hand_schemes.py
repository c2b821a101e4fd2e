"""Schemes: one per source or shares of several, what a change costs, how long it binds, who may run what."""

from __future__ import annotations

import pytest

from tests.cases.pencil import DEAR, HOME, cost, mass, optimum, pencil, planned, running, searched, sorting, spent


def test_the_cheaper_scheme_runs():
    # A 4 800 + B 2 400; 60 % of 150 t in the bin.
    plan = planned(pencil())
    assert cost(plan) == 7200
    assert running(plan) == {"A": "sort", "B": "sort"}
    assert mass(plan, to="mill") == pytest.approx(90)
    assert mass(plan, to="oven") == pytest.approx(60)
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.6)
    rows = plan.tables["schemes"].query("variant == 'plan'")
    assert rows["changed"].all()
    assert (rows["decided_by"] == "municipality").all()
    # Collection 3 000, treatment 60 * 100 + 90 * 30 = 8 700, pulp -90 * 50 = -4 500.
    assert (spent(plan, "collection"), spent(plan, "treatment"), spent(plan, "market")) == pytest.approx(
        (3000, 8700, -4500)
    )


def test_reference_and_today_are_what_runs_today():
    plan = planned(pencil("2025-2026"), whole=True)
    rows = plan.tables["schemes"].query("variant != 'plan'")
    assert set(rows["scheme"]) == {"mix"}
    assert sorted(rows.groupby("variant")["year"].unique().explode().items()) == [
        ("reference", 2025),
        ("reference", 2026),
        ("today", 2024),
    ]
    assert spent(plan, "treatment", 2026, "reference") == pytest.approx(15000)
    today = plan.tables["costs"].query("variant == 'today'")
    assert today["amount"].sum() == pytest.approx(15000)
    assert today["in_objective"].sum() == 0


def test_a_home_runs_one_scheme_whole():
    # 30 % needs 45 t in the bin; A alone gives 60 t (+2 800), B alone 30 t. A is sorted whole.
    case = pencil(
        change={"schemes": DEAR}, targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.3}]
    )
    plan = planned(case)
    assert running(plan) == {"A": "sort", "B": "mix"}
    assert cost(plan) == 17800
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.4)


def test_a_divisible_sector_mixes_schemes_in_shares():
    # The same where shares may be mixed: 45 t / 0.6 = 75 t are sorted at 28 more per tonne: 15 000 + 2 100.
    case = pencil(
        change={"schemes": DEAR},
        sectors=[{**HOME, "kind": "households", "divisible": True}],
        targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.3}],
    )
    plan = planned(case)
    assert cost(plan) == 17100
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.3)
    rows = plan.tables["schemes"].query("variant == 'plan'")
    assert rows.groupby("municipality")["share"].sum().tolist() == pytest.approx([1, 1])
    weights = rows["municipality"].map({"A": 100, "B": 50})
    assert (rows["share"] * weights)[rows["scheme"] == "sort"].sum() == pytest.approx(75)


@pytest.mark.parametrize(
    ("years", "per_home", "per_tonne", "expected", "changes"),
    [
        # One year saves 5 200 in A and 2 600 in B.
        ("2025", 30, 0, 7200 + 4500, 4500),
        ("2025", 60, 0, 15000, 0),
        ("2025", 0, 50, 7200 + 7500, 7500),
        ("2025", 0, 55, 15000, 0),
        # Two years save twice as much, the change is paid once.
        ("2025-2026", 60, 0, 2 * 7200 + 9000, 9000),
    ],
)
def test_a_change_is_paid_once(years, per_home, per_tonne, expected, changes):
    rows = {"sort": {"change_cost": per_home, "change_cost_per_tonne": per_tonne}}
    case = pencil(years, change={"schemes": rows})
    assert optimum(case) == pytest.approx(expected)
    if years == "2025":
        return
    plan = planned(case)
    assert spent(plan, "change", 2025) == pytest.approx(changes)
    assert spent(plan, "change") == pytest.approx(changes)


@pytest.mark.parametrize(
    ("least", "expected", "when"), [(0, 37200, "AB - -"), (2, 39300, "AB AB -"), (3, 41400, "AB AB AB")]
)
def test_a_scheme_stays_its_least_years(least, expected, when):
    # From 2026 pulp costs 60: a tonne in the bin costs 90 and sorting A 2 000 + 4 000 + 5 400 = 11 400 (+1 400).
    # Per year A, B: sort 4 800, 2 400 in 2025 and 11 400, 5 700 later; mix 10 000, 5 000.
    # 0: 7 200 + 15 000 + 15 000; 2: 7 200 + 17 100 + 15 000; 3: 7 200 + 17 100 + 17 100 (less than 45 000).
    markets = [
        {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling", "until": 2025},
        {"market": "taker", "output": "pulp", "price": -60, "treatment": "recycling", "from": 2026},
    ]
    case = pencil("2025-2027", change={"schemes": {"sort": {"min_years": least}}}, markets=markets)
    assert optimum(case) == pytest.approx(expected)
    if least == 2:
        assert sorting(searched(case), range(2025, 2028)) == when


def test_a_new_scheme_ramps_up():
    # Half of its effect in the first year, whole in the second; the rest runs as today.
    # A: (4 800 + 10 000) / 2 + 4 800 = 12 200; B half of it.
    plan = planned(pencil("2025-2026", change={"schemes": {"sort": {"ramp_years": 1}}}))
    assert cost(plan) == 18300
    rows = plan.tables["schemes"].query("variant == 'plan' and scheme == 'sort' and municipality == 'A'")
    assert rows["share"].tolist() == pytest.approx([0.5, 1.0])
    assert rows["chosen"].tolist() == [1.0, 1.0]
    assert rows["changed"].tolist() == [True, False]
    assert [plan.rate("all", "collected", year) for year in (2025, 2026)] == pytest.approx([0.3, 0.6])


def test_a_ramp_of_two_years_within_one_period():
    # Effects 1/3, 2/3, 1: A 10 000 - 5 200 * (1/3 + 2/3 + 1) over three years = 30 000 - 10 400; B half.
    case = pencil("2025-2027", settings={"period_starts": "2025"}, change={"schemes": {"sort": {"ramp_years": 2}}})
    plan = planned(case)
    assert cost(plan) == 1.5 * (30000 - 10400)
    assert [plan.rate("all", "collected", year) for year in (2025, 2026, 2027)] == pytest.approx([0.2, 0.4, 0.6])


LATER = [
    {**HOME, "scheme": "sort"},
    {**HOME, "scheme": "mix", "from": 2024},
    {**HOME, "scheme": "sort", "from": 2025},
    {**HOME, "scheme": "mix", "from": 2027},
]


def test_what_is_said_to_run_later_is_no_part_of_a_plan():
    # All as in test_nothing_changes_before_the_first_change_year, certificate included.
    plan = planned(pencil("2025-2027", settings={"first_change_year": 2027}, current_schemes=LATER))
    assert sorting(plan, range(2025, 2028)) == "- - AB"
    assert cost(plan) == 2 * 15000 + 7200


def test_while_a_scheme_ramps_up_the_rest_runs_as_in_the_accounted_year():
    # In 2027 half of both towns still mixes, (7 200 + 15 000) / 2, though sorting is said to run since 2025.
    case = pencil(
        "2025-2028",
        settings={"first_change_year": 2027},
        change={"schemes": {"sort": {"ramp_years": 1}}},
        current_schemes=LATER[:3],
    )
    assert cost(planned(case)) == 2 * 15000 + 11100 + 7200


def test_first_year_of_a_scheme():
    plan = searched(pencil("2025-2026", change={"schemes": {"sort": {"first_year": 2026}}}))
    assert sorting(plan, range(2025, 2027)) == "- AB"
    assert cost(plan) == 15000 + 7200


def test_nothing_changes_before_the_first_change_year():
    plan = searched(pencil("2025-2027", settings={"first_change_year": 2027}))
    assert sorting(plan, range(2025, 2028)) == "- - AB"
    assert cost(plan) == 2 * 15000 + 7200


def test_an_unlawful_scheme_does_not_run():
    assert optimum(pencil(change={"schemes": {"sort": {"legal": False}}})) == pytest.approx(15000)


def test_what_runs_today_ends_when_it_is_unlawful():
    # 2025 nothing can change: 15 000; from 2026 sorting, dear as it is: 12 800 + 6 400.
    schemes = {**DEAR, "mix": {"legal": False}}
    plan = planned(pencil("2025-2026", settings={"first_change_year": 2026}, change={"schemes": schemes}))
    assert sorting(plan, range(2025, 2027)) == "- AB"
    assert cost(plan) == 15000 + 19200


def test_a_scheme_may_be_lawful_for_some():
    plan = searched(pencil(change={"schemes": {"sort": {"legal_for": "B, C"}}}))
    assert running(plan) == {"A": "mix", "B": "sort"}
    assert cost(plan) == 10000 + 2400


@pytest.mark.parametrize(
    ("pin", "dear", "when", "expected"),
    [
        ({"municipality": "A", "scheme": "sort", "run": False}, False, "B B", 2 * 12400),
        ({"municipality": "A", "scheme": "sort", "run": True}, True, "A A", 2 * 17800),
        ({"municipality": "B", "scheme": "sort", "run": True, "until": 2025}, True, "B -", 16400 + 15000),
        ({**HOME, "scheme": "mix", "run": True, "from": 2026}, False, "AB -", 7200 + 15000),
    ],
)
def test_pinned_schemes(pin, dear, when, expected):
    case = pencil("2025-2026", change={"schemes": DEAR if dear else {}}, pinned=[pin])
    assert optimum(case) == pytest.approx(expected)
    if "until" in pin:
        assert sorting(planned(case), range(2025, 2027)) == when


def test_collection_of_a_single_stream_costs_extra_and_has_its_own_payer():
    # Producers pay 5 a tonne for the bin from 2025: 60 * 5 + 30 * 5 = 450 more, and its treatment and pulp.
    rows = [{"scheme": "sort", "stream": "bin", "from": 2025, "cost_per_tonne": 5, "payer": "producer"}]
    plan = planned(pencil(collection=rows))
    assert cost(plan) == 7200 + 450
    assert spent(plan, "collection", payer="producer") == pytest.approx(450)
    assert spent(plan, "treatment", payer="producer") == pytest.approx(90 * 30)
    assert spent(plan, "market", payer="producer") == pytest.approx(-90 * 50)
    assert spent(plan, "treatment", payer="household") == pytest.approx(60 * 100)


def test_cost_per_tonne_of_a_scheme_is_per_tonne_generated():
    plan = planned(pencil(change={"schemes": {"sort": {"cost_per_household": 0, "cost_per_tonne": 20}}}))
    assert cost(plan) == 7200
    assert spent(plan, "collection", municipality="B") == pytest.approx(1000)
