"""The account in many draws: nothing uncertain is the account itself, mass is kept, what is measured is met."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import account_uncertainty as module
from flows.account import account_flows, flows_of, standing_allocation
from flows.account_draws import AccountModel
from flows.account_inputs import DEFAULT_STD, TABLES_WITH_SPREAD, Inputs
from flows.account_uncertainty import account_uncertainty
from flows.capture import shifted_capture
from flows.case import typed_table
from flows.distributions import Z90, latin_hypercube, scores
from flows.paths import MOST_PASSES
from flows.rates import rates
from flows.reconcile_case import reconcile_case
from flows.tables import BY_NAME
from tests.cases.small import two_towns, two_towns_tables

KEY = ["scope", "method", "municipality"]
WORKBOOK = Path(__file__).resolve().parents[2] / "data" / "capital_region.xlsx"


def sorted_towns(**changes):
    """Two towns that sort food and plastic, with ranges on some captures and yields."""
    _, tables = two_towns_tables()
    tables["current_schemes"][0]["scheme"] = "three_bins"
    for row in tables["capture"]:
        if row["scheme"] == "three_bins" and row.get("share", 0) > 0.1:
            row |= {"low": row["share"] - 0.15, "high": row["share"] + 0.1}
    for row in tables["yields"]:
        if row.get("share") == 0.8 and row["technology"] == "plastic_recycling":
            row |= {"low": 0.6, "high": 0.9}
    chosen = {name: tables[name] for name in ("current_schemes", "capture", "yields")}
    return two_towns(**{**chosen, **changes})


def looping_towns():
    """The same with rejects that go round between digester and recycler, half of them lost each time."""
    _, tables = two_towns_tables()
    tables["current_schemes"][0]["scheme"] = "three_bins"
    yields = [row for row in tables["yields"] if row["technology"] not in ("digestion", "plastic_recycling")]
    for technology, fraction, product in (("digestion", "food", "compost"), ("plastic_recycling", "plastic", "flakes")):
        yields += [
            {"technology": technology, "fraction": fraction, "output": product, "share": 0.6},
            {"technology": technology, "fraction": fraction, "output": "reject", "share": 0.3},
            {"technology": technology, "fraction": fraction, "output": "vapour"},
            {"technology": technology, "output": "reject", "share": 0.5},
            {"technology": technology, "output": "vapour"},
        ]
    accepts = [row for row in tables["accepts"] if row["input"] != "reject"]
    accepts += [{"technology": name, "input": "reject"} for name in ("digestion", "plastic_recycling")]
    return two_towns(current_schemes=tables["current_schemes"], yields=yields, accepts=accepts)


def measured_towns(std):
    return sorted_towns(
        measurements=[
            {
                "measure": "rate",
                "municipality": town,
                "sector": "households",
                "year": 2024,
                "value": value,
                "std": std,
                "status": "reported",
            }
            for town, value in (("A", 0.45), ("B", 0.3))
        ]  # fmt: skip
    )


def mixed_towns():
    """Reported rates where both schemes run in every town, each for a part."""
    run = {"sector": "households", "segment": "houses"}
    case = measured_towns(0.02)
    running = [{**run, "scheme": "one_bin", "share": 0.3}, {**run, "scheme": "three_bins", "share": 0.7}]
    return case.with_table("current_schemes", typed_table(BY_NAME["current_schemes"], running))


def told_towns():
    """Reported rates, an amount of one town and what was collected there in one stream."""
    case = measured_towns(0.02)
    told = {"measure": "amount", "municipality": "A", "sector": "households", "year": 2024, "status": "reported"}
    rows = [
        *case["measurements"].to_dict("records"),
        {**told, "value": 400, "std": 4},
        {**told, "stream": "food_bin", "value": 130, "std": 5},
    ]
    return case.with_table("measurements", typed_table(BY_NAME["measurements"], rows))


def towns_of_two_years():
    """The same with other amounts of an earlier year, which the account of the later one leaves alone."""
    case = two_towns()
    rows = case["generation"].to_dict("records")
    earlier = [
        {**row, "year": row["year"] - 1, "amount": row["amount"] * (2 + place)} for place, row in enumerate(rows)
    ]
    return case.with_table("generation", typed_table(BY_NAME["generation"], [*earlier, *rows]))


def account_rates(case):
    flows, _, _ = account_flows(case, case.account_year)
    return flows, rates(case, flows)


def model_of(case, **arguments):
    year = case.account_year
    found = reconcile_case(case, year)
    inputs = Inputs(**arguments)
    captured = shifted_capture(found.case, found.calibration)
    return AccountModel(case, found, captured, standing_allocation(found.case, [year]), year, inputs), inputs


def drawn_inputs(model, normals):
    """Return amounts, yields, captures and losses of the draws."""
    padded = np.vstack([normals, np.zeros((1, normals.shape[1]))])
    moves = None if model._posterior is None else model._posterior.moves(padded)
    losses = {name: part.drawn(padded) for name, part in model._losses.items()}
    return (
        model._amounts.drawn(padded, moves),
        model._yields.drawn(padded),
        model._captures.drawn(padded, moves),
        losses,
    )


@pytest.mark.parametrize("make", [sorted_towns, looping_towns, told_towns, mixed_towns, two_towns, towns_of_two_years])
def test_nothing_uncertain_is_the_account(make):
    case = make()
    flows, expected = account_rates(case)
    found = account_uncertainty(case, draws=3, exact=TABLES_WITH_SPREAD)
    assert found.inputs.empty
    merged = expected.merge(found.rates, on=KEY, how="outer", suffixes=("", "_drawn"))
    assert len(merged) == len(expected)
    for column in ("rate_drawn", "mean", "median", "p5", "p95"):
        np.testing.assert_allclose(merged[column], merged["rate"], rtol=0, atol=1e-9)
    assert merged["std"].max() < 1e-12
    ends = flows[flows["treatment"] != ""].groupby(["municipality", "treatment"])["mass_t"].sum()
    drawn = found.flows[found.flows["municipality"].ne("") & found.flows["sector"].eq("")]
    drawn = drawn.set_index(["municipality", "treatment"])["median"]
    pd.testing.assert_series_equal(drawn.sort_index(), ends.sort_index(), check_names=False, rtol=1e-8)
    entered = flows[flows["to"].isin(found.facilities["facility"])].groupby("to")["mass_t"].sum()
    plants = found.facilities.set_index("facility")["throughput_t"]
    pd.testing.assert_series_equal(plants, entered.reindex(plants.index), check_names=False, rtol=1e-8)


def test_amounts_of_another_year_make_nothing_uncertain():
    found, expected = (account_uncertainty(make(), draws=20) for make in (towns_of_two_years, two_towns))
    assert len(expected.inputs)
    assert found.inputs["table"].value_counts().to_dict() == expected.inputs["table"].value_counts().to_dict()
    pd.testing.assert_frame_equal(found.rates, expected.rates)


def test_a_loop_of_facilities_is_followed_to_its_end():
    case = looping_towns()
    flows, _ = account_rates(case)
    inner = flows[flows["from"].eq("digester") & flows["to"].eq("recycler")]
    assert inner["mass_t"].sum() > 0 and MOST_PASSES > 10
    model, inputs = model_of(case)
    drawn = model.draw(scores(latin_hypercube(inputs.size, 50, 1)))
    made = drawn.ended[0, 0].sum(axis=0)
    assert drawn.ended[1:, 1:].sum(axis=(0, 1, 2)) == pytest.approx(made, rel=1e-10)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 0.8), st.sampled_from(["sorted", "loop", "measured"]))
def test_mass_is_kept_and_shares_close_in_every_draw(seed, std, which):
    case = {"sorted": sorted_towns, "loop": looping_towns, "measured": lambda: measured_towns(0.03)}[which]()
    model, inputs = model_of(case, default_std=dict.fromkeys(DEFAULT_STD, std))
    normals = scores(latin_hypercube(inputs.size, 20, seed))
    drawn = model.draw(normals)
    amounts, yields, captures, _ = drawn_inputs(model, normals)
    assert (amounts > 0).all()
    np.testing.assert_allclose(drawn.ended[0, 0].sum(axis=0), amounts.sum(axis=0), rtol=1e-9)
    assert (drawn.ended >= -1e-12).all()
    assert (yields >= 0).all() and (yields <= 1 + 1e-12).all()
    sets = case["yields"].groupby(["technology", "input", "fraction"], dropna=False).ngroup().to_numpy()
    for number in np.unique(sets):
        np.testing.assert_allclose(yields[sets == number].sum(axis=0), 1.0, rtol=1e-12)
    assert (captures >= 0).all()
    for number in np.unique(model._captures.sets):
        np.testing.assert_allclose(captures[model._captures.sets == number].sum(axis=0), 1.0, rtol=1e-12)
    pair = model.pairs.index(("all", "collected"))
    denominators = drawn.denominators[:, pair]
    np.testing.assert_allclose(denominators[0], denominators[1:].sum(axis=0), rtol=1e-12)
    assert (drawn.numerators[:, pair] <= denominators + 1e-9).all()


def test_two_uncertain_amounts_by_hand():
    """All glass is collected and nothing else is: the rate is G / (G + R), with G and R lognormal about 30 and 70."""
    _, tables = two_towns_tables()
    source = {"municipality": "A", "sector": "households", "segment": "houses", "year": 2024}
    case = two_towns(
        generation=[
            {**source, "fraction": "plastic", "amount": 30, "low": 30 / 1.5, "high": 30 * 1.5},
            {**source, "fraction": "rest", "amount": 70, "status": "derived"},
        ],
        capture=[
            {"scheme": "one_bin", "fraction": "plastic", "stream": "plastic_bin", "share": 1.0},
            {"scheme": "one_bin", "fraction": "rest", "stream": "mixed_bin", "share": 1.0},
        ],
    )
    found = account_uncertainty(case, draws=500, seed=7, exact=("yields", "markets"))
    assert found.inputs["input"].tolist() == ["A households houses plastic: amount", "A households houses rest: amount"]
    glass = 30 * np.exp(np.log(1.5) / Z90 * found.normals[0])
    rest = 70 * np.exp(0.10 * found.normals[1])
    expected = glass / (glass + rest)
    np.testing.assert_allclose(found.draws_of("all", "collected"), expected, rtol=1e-12)
    np.testing.assert_allclose(found.draws_of("households", "collected", "A"), expected, rtol=1e-12)
    row = found.rate("all", "collected")
    assert row["rate"] == pytest.approx(0.3)
    # The rate rises with the odds G / R: its quantiles are those of the odds, whose logarithm is normal.
    spread = np.hypot(np.log(1.5) / Z90, 0.10)
    odds = 30 / 70 * np.exp(np.array([-Z90, 0, Z90]) * spread)
    assert [row["p5"], row["median"], row["p95"]] == pytest.approx((odds / (1 + odds)).tolist(), abs=5e-3)
    drivers = found.drivers_of("all", "collected")
    assert drivers["input"].tolist() == ["A households houses plastic: amount", "A households houses rest: amount"]
    part = (np.log(1.5) / Z90 / spread) ** 2
    assert drivers["share"].tolist() == pytest.approx([part, 1 - part], abs=0.02)
    # d rate / d ln G = rate (1 - rate)
    assert drivers["effect"].iloc[0] == pytest.approx(0.21 * np.log(1.5) / Z90, rel=0.05)
    assert drivers["effect"].iloc[1] == pytest.approx(-0.21 * 0.10, rel=0.1)


def test_a_total_is_spread_anew_in_every_draw_and_stays_whole():
    _, tables = two_towns_tables()
    generation = [
        {"sector": "households", "segment": "houses", "year": 2024, "amount": 900, "status": "reported",
         "allocation_key": "people", "composition": "mix"}
    ]  # fmt: skip
    case = sorted_towns(
        generation=generation,
        allocation_keys=[
            {"key": "people", "municipality": "A", "weight": 2},
            {"key": "people", "municipality": "B", "weight": 1},
        ],
        compositions=[
            {"composition": "mix", "fraction": name, "share": share, "low": share / 2, "high": min(share * 1.6, 0.95)}
            for name, share in (("food", 0.5), ("plastic", 0.2), ("rest", 0.3))
        ],
    )
    model, inputs = model_of(case)
    assert set(inputs.table()["table"]) >= {"generation", "allocation_keys", "compositions", "capture", "yields"}
    normals = scores(latin_hypercube(inputs.size, 200, 5))
    amounts, _, _, _ = drawn_inputs(model, normals)
    total = 900 * np.exp(0.02 * normals[0])
    np.testing.assert_allclose(amounts.sum(axis=0), total, rtol=1e-12)
    index = model._amounts.index
    in_a = amounts[(index["municipality"] == "A").to_numpy()]
    in_b = amounts[(index["municipality"] == "B").to_numpy()]
    # One composition for both towns: their mixtures are the same in every draw, their sizes are not.
    np.testing.assert_allclose(in_a / in_a.sum(axis=0), in_b / in_b.sum(axis=0), rtol=1e-12)
    assert np.std(in_a.sum(axis=0) / total) > 0.03


def test_a_reported_rate_is_as_sure_as_reconciling_leaves_it():
    case = measured_towns(0.02)
    moved = reconcile_case(case).moved
    expected = moved[moved["kind"] == "rate"].set_index("municipality")
    found = account_uncertainty(case, draws=1000)
    loose = account_uncertainty(case.with_settings(calibration=False), draws=1000)
    for town in "AB":
        row = found.rate("households", "collected", town)
        centre, std = expected.loc[town, ["reconciled", "reconciled_std"]]
        assert std < 0.02
        assert row["rate"] == pytest.approx(centre, abs=1e-6)
        assert row["std"] == pytest.approx(std, rel=0.03)
        assert [row["p5"], row["median"], row["p95"]] == pytest.approx(
            [centre - Z90 * std, centre, centre + Z90 * std], abs=1.5e-3
        )
        assert row["std"] < 0.6 * loose.rate("households", "collected", town)["std"]
    assert found.drivers_of("households", "collected", "A")["input"].iloc[0] == "A households: reported collected rate"


def test_an_exactly_reported_rate_holds_in_every_draw_and_other_rates_stay_open():
    case = measured_towns(0.0)
    # What is not calibrated is not fitted either: stray rest in the food bin is made certain here.
    stray = case["capture"]["fraction"] == "rest"
    capture = case["capture"].assign(
        **{name: case["capture"]["share"].where(stray, case["capture"][name]) for name in ("low", "high")}
    )
    exact = account_uncertainty(case.with_table("capture", capture), draws=200)
    assert exact.rate("households", "collected", "A")["std"] < 1e-4
    assert exact.rate("households", "calculation_point", "A")["std"] > 1e-3


@pytest.mark.parametrize("make", [told_towns, mixed_towns])
def test_figures_of_draws_are_those_of_reconciling_and_follow_its_first_order(make):
    model, inputs = model_of(make())
    posterior, seen = model._posterior, model._posterior.seen
    normals = np.vstack([scores(latin_hypercube(inputs.size, 40, 2)), np.zeros((1, 40))])
    moves = posterior.moves(normals)
    drawn = posterior._figures.values(moves.totals, moves.mixes, moves.unknowns)
    for draw in range(5):
        expected, _ = seen.values(posterior.x + moves.unknowns[:, draw])
        np.testing.assert_allclose(drawn[:, draw], expected, rtol=1e-12)
    centre, slope = seen.values(posterior.x)
    first_order = centre[:, None] + slope @ (posterior._mix @ normals[posterior._at])
    std = seen.figures["std"].to_numpy(dtype=float)[:, None]
    assert (np.abs(drawn - first_order) / std).max() < 5e-3


def test_what_cannot_be_captured_is_not_in_any_draw():
    """A quarter of the waste is never captured but for some 2 % of it."""
    found = account_uncertainty(measured_towns(0.2), draws=300, exact=("generation",))
    drawn = found.draws_of("households", "collected", "A")
    assert (drawn <= 0.8).all() and (drawn >= 0).all()


def test_reported_amounts_are_as_sure_as_reconciling_leaves_them():
    case = told_towns()
    moved = reconcile_case(case).moved
    amount = moved[(moved["kind"] == "amount") & (moved["given"] == 400)].iloc[0]
    model, inputs = model_of(case)
    central = model.draw(np.zeros((inputs.size, 1))).ended[1, 0].sum(axis=0)
    assert central[0] == pytest.approx(amount["reconciled"], rel=1e-6)
    made = model.draw(scores(latin_hypercube(inputs.size, 1000, 1))).ended[1, 0].sum(axis=0)
    assert made.std() == pytest.approx(amount["reconciled_std"], rel=0.05)


def test_the_same_seed_gives_the_same_and_the_size_of_chunks_nothing_else(monkeypatch):
    case = sorted_towns()
    one = account_uncertainty(case, draws=60, seed=3)
    again = account_uncertainty(case, draws=60, seed=3)
    pd.testing.assert_frame_equal(one.rates, again.rates)
    pd.testing.assert_frame_equal(one.drivers, again.drivers)
    monkeypatch.setattr(module, "CHUNK", 7)
    small = account_uncertainty(case, draws=60, seed=3)
    np.testing.assert_allclose(small.rate_draws, one.rate_draws, rtol=1e-12)
    other = account_uncertainty(case, draws=60, seed=4)
    assert not np.allclose(other.rate_draws, one.rate_draws)


def test_more_uncertain_inputs_give_wider_results_and_their_owner_leads_the_ranking():
    case = sorted_towns()
    narrow, wide = (
        account_uncertainty(case, draws=400, default_std={"assumed": std}, exact=("capture",)) for std in (0.05, 0.4)
    )
    assert wide.rate("all", "calculation_point")["std"] > 2 * narrow.rate("all", "calculation_point")["std"]
    only = account_uncertainty(case, draws=400, exact=[name for name in TABLES_WITH_SPREAD if name != "yields"])
    by_table = only.drivers_of("all", "secondary_material", by="table")
    assert by_table["table"].tolist() == ["yields"] and by_table["share"].iloc[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("make", [sorted_towns, told_towns, mixed_towns, looping_towns])
def test_draws_meet_the_account_run_again_with_their_own_values(make):
    """One draw by the vectorised account and by the account of a case that holds the drawn values."""
    case = make()
    model, inputs = model_of(case)
    normals = scores(latin_hypercube(inputs.size, 3, 11))
    drawn = model.draw(normals)
    amounts, yields, captures, losses = drawn_inputs(model, normals)
    year = case.account_year
    for draw in (2,):
        rows = model._amounts.index.assign(amount=amounts[:, draw], year=year)
        changed = (
            case.with_table("generation", typed_table(BY_NAME["generation"], rows))
            .with_table("yields", case["yields"].assign(share=yields[:, draw]))
            .with_table("markets", case["markets"].assign(**{name: part[:, draw] for name, part in losses.items()}))
        )
        captured = model._captures.index.assign(share=captures[:, draw])
        flows = flows_of(changed, standing_allocation(case, [year]), captured, "today")
        expected = rates(changed, flows).set_index(KEY)["rate"]
        for row, place in enumerate(["", *model.municipalities]):
            for column, pair in enumerate(model.pairs):
                rate = drawn.numerators[row, column, draw] / drawn.denominators[row, column, draw]
                assert rate == pytest.approx(expected[(*pair, place)], abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"draws": 0}, "at least one draw"),
        ({"default_std": {"guessed": 0.1}}, "no such status: guessed"),
        ({"default_std": {"assumed": -0.1}}, "below zero"),
        ({"exact": ["prices"]}, "no such table: prices"),
    ],
)
def test_odd_arguments_are_refused(arguments, why):
    with pytest.raises(ValueError, match=why):
        account_uncertainty(sorted_towns(), **arguments)


def test_a_rate_that_is_not_there_is_named():
    found = account_uncertainty(sorted_towns(), draws=5)
    with pytest.raises(KeyError, match="no rate collected of industry in the region"):
        found.rate("industry", "collected")


@pytest.mark.slow
def test_the_capital_region_without_uncertainty_is_its_account():
    mfa = pytest.importorskip("mfa")
    case = mfa.read_case(WORKBOOK)
    _, expected = account_rates(case)
    found = account_uncertainty(case, draws=2, exact=TABLES_WITH_SPREAD)
    merged = expected.merge(found.rates, on=KEY, how="outer", suffixes=("", "_drawn"))
    assert len(merged) == len(expected) == len(found.rates)
    np.testing.assert_allclose(merged["p95"], merged["rate"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(merged["rate_drawn"], merged["rate"], rtol=0, atol=1e-9)
