"""The sums that every sheet reads conserve what the run's tables hold."""

import pickle

import pandas as pd
import pytest

from reports.aggregate import clean, spread
from reports.view import RunView


def test_sums_hold_every_tonne_of_the_flows(run, view):
    flows = run[1]["flows"]
    first = flows.loc[flows["scheme"] != "", "mass_t"].sum()
    for name in ("amounts", "collected", "treated"):
        assert view.part(name, "")["mass_t"].sum() == pytest.approx(first, rel=1e-12)


def test_municipalities_add_up_to_the_region(view):
    for name, value in (("amounts", "mass_t"), ("received", "mass_t"), ("costs", "amount"), ("emissions", "kg_co2e")):
        parts = sum(view.part(name, place)[value].sum() for place in view.municipalities())
        assert parts == pytest.approx(view.part(name, "")[value].sum(), rel=1e-12)


def test_costs_that_no_municipality_carries_alone_are_spread_not_lost(run, view):
    costs = run[1]["costs"]
    assert (costs["municipality"] == "").any()
    assert view.part("costs", "")["amount"].sum() == pytest.approx(costs["amount"].sum(), rel=1e-12)
    assert (view.part("costs", "")["municipality"] != "").all()


def test_shared_capital_follows_the_tonnes_sent_there(run, view):
    flows = run[1]["flows"]
    sent = flows[
        (flows["to"] == "sort_1")
        & (flows["variant"] == "plan")
        & (flows["year"] == 2035)
        & (flows["sector"] == "households")
    ]
    share = sent.loc[sent["municipality"] == "159", "mass_t"].sum() / sent["mass_t"].sum()
    costs = view.part("costs", "159")
    capital = costs[(costs["category"] == "capital") & (costs["year"] == 2035)]["amount"].sum()
    assert capital == pytest.approx(55e6 * share, rel=1e-9)


def test_a_total_of_some_is_that_of_each_state(view):
    place = view.place("159")
    assert place.total("costs", "amount", {"payer": "household"}) != place.total("costs", "amount")
    found = place.total("costs", "amount", {"payer": "household", "category": "collection"})
    costs = place.part("costs")
    rows = costs[(costs["payer"] == "household") & (costs["category"] == "collection")]
    for variant, year in view.years.items():
        own = rows[(rows["variant"] == variant) & (rows["year"] == year)]
        assert found[variant] == pytest.approx(own["amount"].sum(), rel=1e-12)


def test_effects_add_up_to_plan_minus_reference(run, view):
    _, tables, _ = run
    year = 2035
    for table, value, column in (("costs", "amount", "amount"), ("emissions", "kg_co2e", "kg_co2e")):
        frame = tables[table][tables[table]["year"] == year]
        sums = frame.groupby("variant")[value].sum()
        assert view.effects[column].sum() == pytest.approx(sums["plan"] - sums["reference"], rel=1e-9)
    counted = tables["counted"]
    rows = counted[(counted["scope"] == "all") & (counted["method"] == "collected") & (counted["year"] == year)]
    sums = rows.groupby("variant")["mass_t"].sum()
    assert view.effects["tonnes"].sum() == pytest.approx(sums["plan"] - sums["reference"], rel=1e-9)


def test_collection_effects_of_one_sector_follow_the_prices_of_its_schemes(view):
    households = view.effects[(view.effects["sector"] == "households") & (view.effects["municipality"] == "159")]
    assert set(households["segment"]) == {"single_family", "multi_storey"}
    assert (households["amount"] > 0).all()


def test_spread_keeps_sums_and_leaves_what_finds_no_weight():
    frame = pd.DataFrame({"place": ["a", "b", "c"], "amount": [10.0, 20.0, 30.0]})
    weights = pd.DataFrame({"place": ["a", "a", "b"], "part": ["x", "y", "x"], "weight": [1.0, 3.0, 0.0]})
    result = spread(frame, "amount", weights, "weight", [["place"]], ["part"])
    assert result["amount"].sum() == 60.0
    found = result.set_index(["place", "part"])["amount"].to_dict()
    assert found == {("a", "x"): 2.5, ("a", "y"): 7.5, ("b", ""): 20.0, ("c", ""): 30.0}


def test_clean_gives_text_for_blanks_and_whole_years():
    frame = clean(
        pd.DataFrame(
            {"segment": ["", None], "site": [None, float("nan")], "year": [2025.0, 2030.0], "rate": [0.5, None]}
        )
    )
    assert list(frame["site"]) == ["", ""]
    assert list(frame["segment"]) == ["", ""]
    assert list(frame["year"]) == [2025, 2030]
    assert frame["rate"].isna().tolist() == [False, True]


def test_order_of_rows_changes_nothing(run):
    case, tables, info = run
    mixed = {name: table.sample(frac=1.0, random_state=1) for name, table in tables.items()}
    first, second = RunView(case, tables, info), RunView(case, mixed, info)
    for place in ("", "159"):
        left = first.place(place).three(first.place(place).part("treated"), ["treatment"], "mass_t")
        right = second.place(place).three(second.place(place).part("treated"), ["treatment"], "mass_t")
        pd.testing.assert_frame_equal(left, right, rtol=1e-12)


def test_unknown_municipality_is_an_error(view):
    with pytest.raises(KeyError, match="999"):
        view.place("999")


def test_what_a_view_remembers_cannot_be_spoiled_by_who_asks(run, view):
    again, view = view.place("159"), RunView(*run).place("159")
    first = view.three(view.part("treated"), ["treatment"], "mass_t")
    first["plan"] = 0.0
    state = view.state(view.part("treated"), "plan")
    state["mass_t"] = 0.0
    total = view.total("costs", "amount")
    total["plan"] = 0.0
    assert view.three(view.part("treated"), ["treatment"], "mass_t")["plan"].sum() == pytest.approx(
        again.three(again.part("treated"), ["treatment"], "mass_t")["plan"].sum()
    )
    assert view.state(view.part("treated"), "plan")["mass_t"].sum() > 0
    assert view.total("costs", "amount") == again.total("costs", "amount")
    assert list(view.waste.columns) == list(view.part("treated").columns)


def test_a_view_in_another_process_shows_the_same(view):
    copy = pickle.loads(pickle.dumps(view))
    assert "flows" in view.tables and "flows" not in copy.tables
    for place in ("", "400"):
        one, other = view.place(place), copy.place(place)
        for name in ("amounts", "treated", "costs", "hauls"):
            pd.testing.assert_frame_equal(one.part(name), other.part(name))
        assert one.rate_pairs() == other.rate_pairs()
