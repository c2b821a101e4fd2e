"""The account of a state: every tonne from its source to its end, by pencil."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.account import (
    FLOW_COLUMNS,
    Allocation,
    account_flows,
    flows_of,
    market_parts,
    resolved_yields,
    standing_allocation,
)
from flows.capture import shifted_capture
from flows.case import Case
from flows.problems import InputError
from flows.reconcile_case import reconcile_case
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns, two_towns_tables

THREE = [{"sector": "households", "segment": "houses", "scheme": "three_bins"}]


def account(case) -> pd.DataFrame:
    return account_flows(case, 2024)[0]


def test_today_all_of_two_towns_is_burnt():
    flows = account(two_towns())
    assert list(flows.columns) == FLOW_COLUMNS
    assert set(flows["variant"]) == {"today"}
    assert flows["mass_t"].dtype == np.float64
    into = flows.groupby("to")["mass_t"].sum()
    # 600 t, a fifth of it slag for the road.
    assert into.to_dict() == pytest.approx({"burner": 600, "road": 120, "sink:energy_recovery": 480})


def test_three_bins_by_pencil():
    flows = account(two_towns(current_schemes=THREE))
    into = flows.groupby("to")["mass_t"].sum()
    # Food bins 180 + 3; half of the food is compost (90), 40 % vapour (72), 10 % and the 3 t reject (21).
    # Plastic bins 60: flakes 48, reject 12. Bags 600 - 183 - 60 = 357. Burnt 357 + 33 = 390, slag 78.
    assert into[["digester", "recycler", "burner"]].tolist() == pytest.approx([183, 60, 390])
    assert into[["farms", "moulder", "road", "sink:process_loss"]].tolist() == pytest.approx([90, 48, 78, 72])
    # The moulder loses 1 - 0.9 * 0.8 = 28 %, to be burnt.
    ends = flows[flows["to"] == "moulder"].groupby("treatment")["mass_t"].sum()
    assert ends.to_dict() == pytest.approx({"recycling": 48 * 0.72, "energy_recovery": 48 * 0.28})
    reject = flows[(flows["from"] == "digester") & (flows["to"] == "burner")]
    assert set(reject["output"]) == {"reject"}
    assert set(reject["scheme"]) == {""}
    assert set(reject["stream"]) == {"food_bin"}
    assert reject[reject["fraction"] == "food"].groupby("municipality")["mass_t"].sum().tolist() == pytest.approx(
        [12, 6]
    )


def test_the_first_leg_leaves_a_source_and_only_last_rows_have_a_treatment():
    flows = account(two_towns(current_schemes=THREE))
    first = flows[flows["from"].str.contains("/")]
    assert set(first["from"]) == {"A/households/houses", "B/households/houses"}
    assert (first["scheme"] == "three_bins").all()
    assert (first["output"] == "").all()
    facilities = {"burner", "digester", "recycler", "sorter"}
    assert ((flows["treatment"] == "") == flows["to"].isin(facilities)).all()
    last = flows[flows["treatment"] != ""]
    assert last["mass_t"].sum() == pytest.approx(600)


def test_streams_that_leave_the_waste_go_straight_to_a_sink():
    case = pencil(
        streams=[
            {"stream": "bag", "kind": "mixed"},
            {"stream": "bin", "kind": "separate"},
            {"stream": "repair", "kind": "preparing_for_reuse"},
            {"stream": "swap", "kind": "direct_reuse"},
        ],
        add={
            "schemes": [{"scheme": "reuse", **HOME}],
            "capture": [
                {"scheme": "reuse", "fraction": "paper", "stream": stream, "share": share}
                for stream, share in (("repair", 0.1), ("swap", 0.2), ("bag", None))
            ],
        },
        current_schemes=[{**HOME, "scheme": "reuse"}],
    )
    ends = account(case).groupby(["to", "treatment"])["mass_t"].sum()
    assert ends["sink:preparing_for_reuse", "preparing_for_reuse"] == pytest.approx(15)
    assert ends["sink:prevention", "prevention"] == pytest.approx(30)
    assert ends["oven", ""] == pytest.approx(105)


def test_the_most_specific_yield_wins():
    yields = [
        {"technology": "mill", "output": "pulp", "share": 1.0},
        {"technology": "mill", "input": "bin", "output": "pulp", "share": 0.9},
        {"technology": "mill", "input": "bin", "output": "dust"},
        {"technology": "mill", "fraction": "paper", "output": "pulp", "share": 0.8},
        {"technology": "mill", "fraction": "paper", "output": "dust"},
        {"technology": "mill", "input": "bin", "fraction": "paper", "output": "pulp", "share": 0.7},
        {"technology": "mill", "input": "bin", "fraction": "paper", "output": "dust"},
        {"technology": "oven", "output": "dust", "share": 1.0},
    ]
    tables = {
        "fractions": [{"fraction": "paper"}, {"fraction": "glass"}],
        "outputs": [{"output": "pulp", "kind": "product"}, {"output": "dust", "kind": "emission"}],
        "accepts": [
            {"technology": "mill", "input": "bin"},
            {"technology": "mill", "input": "bag"},
            {"technology": "oven", "input": "bag"},
        ],
    }
    table = resolved_yields(pencil(yields=yields, **tables)).set_index(["technology", "input", "fraction", "output"])[
        "share"
    ]
    pulp = {
        (stream, fraction): table["mill", stream, fraction, "pulp"]
        for stream in ("bin", "bag")
        for fraction in ("paper", "glass")
    }
    # input and fraction, then fraction, then input, then neither.
    assert pulp == pytest.approx(
        {("bin", "paper"): 0.7, ("bag", "paper"): 0.8, ("bin", "glass"): 0.9, ("bag", "glass"): 1.0}
    )
    assert table["mill", "bin", "paper", "dust"] == pytest.approx(0.3)
    assert table.groupby(level=[0, 1, 2]).sum().tolist() == pytest.approx([1] * 6)


def test_parts_of_a_market():
    loss = {"loss_before_point": 0.1, "loss_recycling": 0.2, "lost_treatment": "landfill"}
    parts = market_parts(pencil(change={"markets": {"buyer": loss}})).set_index("treatment")["part"]
    assert parts.to_dict() == pytest.approx({"recycling": 0.72, "landfill": 0.28})
    same = market_parts(pencil(change={"markets": {"buyer": {**loss, "lost_treatment": "recycling"}}}))
    assert same["part"].tolist() == pytest.approx([1.0])


def test_chains_and_loops_of_facilities_come_to_an_end():
    # The mill sends half of what enters back through the wash, which returns 40 % of it to the mill. Of 90 t:
    # x enters the mill, x = 90 + 0.4 * 0.5 x, so 112.5 t; the wash takes 56.25 and sends 33.75 to the oven.
    case = pencil(
        current_schemes=[{**HOME, "scheme": "sort"}],
        technologies=[
            {"technology": "oven", "treatment": "energy_recovery"},
            {"technology": "mill", "treatment": "recycling"},
            {"technology": "wash", "treatment": "recycling"},
        ],
        outputs=[
            {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
            {"output": "pulp", "kind": "product"},
            {"output": "slurry", "kind": "mixed"},
            {"output": "fibre", "kind": "mixed"},
            {"output": "mud", "kind": "mixed"},
        ],
        yields=[
            {"technology": "oven", "output": "smoke", "share": 1},
            {"technology": "mill", "output": "slurry", "share": 0.5},
            {"technology": "mill", "output": "pulp"},
            {"technology": "wash", "output": "fibre", "share": 0.4},
            {"technology": "wash", "output": "mud"},
        ],
        accepts=[
            {"technology": "oven", "input": "bag"},
            {"technology": "oven", "input": "mud"},
            {"technology": "mill", "input": "bin"},
            {"technology": "mill", "input": "fibre"},
            {"technology": "wash", "input": "slurry"},
        ],
        add={"facilities": [{"facility": "wash", "technology": "wash"}]},
    )
    into = account(case).groupby("to")["mass_t"].sum()
    assert into[["mill", "wash", "buyer"]].tolist() == pytest.approx([112.5, 56.25, 56.25])
    assert into["oven"] == pytest.approx(60 + 33.75)


SMOKE = {"technology": "oven", "output": "smoke", "share": 1}
RING = {
    "add": {
        "technologies": [{"technology": "wash", "treatment": "sorting"}],
        "outputs": [{"output": "slurry", "kind": "mixed"}],
        "facilities": [{"facility": "wash", "technology": "wash"}],
    },
    "yields": [
        SMOKE,
        {"technology": "mill", "output": "slurry", "share": 1},
        {"technology": "wash", "output": "pulp", "share": 1},
    ],
    "accepts": [
        {"technology": "oven", "input": "bag"},
        {"technology": "mill", "input": "bin"},
        {"technology": "wash", "input": "slurry"},
        {"technology": "mill", "input": "pulp"},
    ],
    "markets": [],
}


@pytest.mark.parametrize(
    ("code", "sheet", "place", "changes"),
    [
        (
            "no_taker",
            "facilities",
            "bin (A/homes, 2024: 60 t); bin (B/homes, 2024: 30 t)",
            {"accepts": [{"technology": "oven", "input": "bag"}]},
        ),
        ("no_outlet", "markets", "pulp (mill, 2024: 90 t)", {"markets": []}),
        ("no_yield", "yields", "mill / bin / paper", {"yields": [SMOKE]}),
        ("no_exit", "yields", "mill", RING),
    ],
)
def test_what_has_nowhere_to_go_is_named(code, sheet, place, changes):
    with pytest.raises(InputError) as told:
        account(pencil(current_schemes=[{**HOME, "scheme": "sort"}], **changes))
    problem = told.value.problems[0]
    assert (problem.code, problem.sheet, problem.place) == (code, sheet, place)
    assert place in problem.text("da")


@pytest.mark.parametrize(
    ("code", "place", "table"),
    [
        ("no_taker_later", "bag (A/homes, 2026: 40 t)", "facilities"),
        ("no_outlet_later", "pulp (mill, 2026: 90 t)", "markets"),
    ],
)
def test_what_a_later_year_has_no_place_for_is_told_as_that(code, place, table):
    end = {"facilities": {"oven": {"closes": 2025}}, "markets": {"buyer": {"until": 2025}}}[table]
    case = pencil("2025-2026", current_schemes=[{**HOME, "scheme": "sort"}], change={table: end})
    captures = shifted_capture(case, reconcile_case(case).calibration)
    with pytest.raises(InputError) as told:
        flows_of(case, standing_allocation(case, [2025, 2026], as_of=2024), captures, "reference")
    assert told.value.problems[0].code == code
    assert place in told.value.problems[0].place


def test_where_something_closes_what_is_decided_to_follow_takes_over():
    follower = [
        {"facility": "oven_b", "technology": "oven", "gate_fee": 100, "opens": 2026},
        {"facility": "oven_c", "technology": "oven", "gate_fee": 100, "opens": 2027},
    ]
    case = pencil("2025-2027", change={"facilities": {"oven": {"closes": 2025}}}, add={"facilities": follower})
    carried = standing_allocation(case, [2025, 2026, 2027], as_of=2024)
    bags = carried.routes[carried.routes["stream"] == "bag"].groupby("year")["facility"].agg(set)
    assert bags.to_dict() == {2025: {"oven"}, 2026: {"oven_b"}, 2027: {"oven_b"}}
    # Nothing moves to the new one while what was there stands.
    stays = pencil("2025-2027", add={"facilities": follower})
    assert set(standing_allocation(stays, [2025, 2027], as_of=2024).routes.query("stream == 'bag'")["facility"]) == {
        "oven"
    }


def test_a_state_carried_on_keeps_its_schemes_but_not_what_has_closed():
    case = pencil(
        "2025-2026",
        current_schemes=[{**HOME, "scheme": "mix"}, {**HOME, "scheme": "sort", "from": 2025}],
        change={"facilities": {"oven": {"closes": 2025}}},
        add={"facilities": [{"facility": "oven_b", "technology": "oven", "gate_fee": 100}]},
        distances=[{"from": town, "to": "oven_b", "cost": 5} for town in "AB"],
    )
    carried = standing_allocation(case, [2025, 2026], as_of=2024)
    assert set(carried.schemes["scheme"]) == {"mix"}
    bags = carried.routes[carried.routes["stream"] == "bag"].groupby("year")["facility"].agg(set)
    assert bags.to_dict() == {2025: {"oven"}, 2026: {"oven_b"}}
    # As it runs in its own year it is another scheme.
    assert set(standing_allocation(case, [2025]).schemes["scheme"]) == {"sort"}


def test_an_allocation_with_shares():
    # A sends 30 % of its bag to a second oven; half of the pulp goes to another buyer.
    case = pencil(
        add={
            "facilities": [{"facility": "oven_b", "technology": "oven"}],
            "markets": [{"market": "other", "output": "pulp", "treatment": "recycling"}],
        }
    )
    sources = [{"year": 2025, "municipality": town, **HOME} for town in "AB"]
    allocation = Allocation(
        pd.DataFrame([{**source, "scheme": "sort", "share": 1.0} for source in sources]),
        pd.DataFrame(
            [
                {**source, "scheme": "sort", "stream": stream, "facility": facility, "share": share}
                for source in sources
                for stream, facility, share in (("bag", "oven", 0.7), ("bag", "oven_b", 0.3), ("bin", "mill", 1.0))
            ]
        ),
        pd.DataFrame(
            [
                {"year": 2025, "facility": "mill", "output": "pulp", "to": market, "share": 0.5}
                for market in ("buyer", "other")
            ]
        ),
    )
    flows = flows_of(case, allocation, shifted_capture(case, reconcile_case(case).calibration), "plan")
    into = flows.groupby("to")["mass_t"].sum()
    assert into[["oven", "oven_b", "mill", "buyer", "other"]].tolist() == pytest.approx([42, 18, 90, 45, 45])


amounts = st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6)
shares = st.lists(st.floats(0.0, 1.0, allow_subnormal=False), min_size=4, max_size=4)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amounts, shares)
def test_mass_is_conserved(given_amounts, given_shares):
    rules, tables = two_towns_tables()
    tables["generation"] = [
        {**row, "amount": amount} for row, amount in zip(tables["generation"], given_amounts, strict=True)
    ]
    tables["current_schemes"] = THREE
    food, plastic, rest, compost = given_shares
    replaced = {("food", "food_bin"): food, ("plastic", "plastic_bin"): plastic, ("rest", "food_bin"): rest}
    tables["capture"] = [
        {**row, "share": replaced.get((row["fraction"], row["stream"]), row.get("share"))} for row in tables["capture"]
    ]
    tables["yields"] = [
        {**row, "share": {"compost": compost, "vapour": None, "reject": 0.0}[row["output"]]}
        if row["technology"] == "digestion" and row.get("fraction") == "food"
        else row
        for row in tables["yields"]
    ]
    flows = account(Case.from_tables(rules, tables))
    last = flows[flows["treatment"] != ""].groupby("municipality")["mass_t"].sum()
    assert last.tolist() == pytest.approx([sum(given_amounts[:3]), sum(given_amounts[3:])], rel=1e-9)
    for facility in ("burner", "digester", "recycler"):
        entered = flows[flows["to"] == facility].groupby("fraction")["mass_t"].sum()
        left = flows[flows["from"] == facility].groupby("fraction")["mass_t"].sum()
        assert left.to_dict() == pytest.approx(entered.to_dict(), rel=1e-9)
