"""A case reconciled with its reported figures: by hand, against another optimiser, and as laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from flows.account import account_flows
from flows.amounts import generation
from flows.capture import capture, shifted_capture
from flows.case_observations import observations
from flows.rates import rates
from flows.reconcile_case import reconcile_case
from flows.tables import METHODS
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns

THREE = [{"sector": "households", "segment": "houses", "scheme": "three_bins"}]
SORTS = [{**HOME, "scheme": "sort"}]


def measured(value, **more):
    return {"measure": "rate", "sector": "homes", "year": 2024, "value": value, **more}


def shares_of(found):
    """Return the share captured by town, scheme and stream, after reconciliation."""
    shares = shifted_capture(found.case, found.calibration)
    return shares.set_index(["municipality", "scheme", "stream"])["share"]


def test_an_exact_rate_is_met():
    found = reconcile_case(pencil(current_schemes=SORTS, measurements=[measured(0.5, std=0)]))
    rows = found.calibration
    assert rows["municipality"].tolist() == ["A", "B"]
    assert rows["modelled_before"].tolist() == pytest.approx([0.6, 0.6])
    assert rows["modelled_after"].tolist() == pytest.approx([0.5, 0.5], abs=1e-9)
    assert shares_of(found)["A", "sort", "bin"] == pytest.approx(0.5, abs=1e-9)


def test_what_is_wrong_falls_to_shift_and_capture_by_their_variances():
    # -ln 1.5 of logit in all; capture is assumed (0.4) and towns differ by 0.7: 0.49 / (0.49 + 0.16) of it is the shift.
    case = pencil(current_schemes=SORTS, measurements=[measured(0.5, std=0)])
    found = reconcile_case(case)
    whole = -np.log(1.5)
    assert found.calibration["shift"].tolist() == pytest.approx([whole * 0.49 / 0.65] * 2, rel=1e-6)
    moved = found.case["capture"].query("scheme == 'sort' and stream == 'bin'")["share"].iloc[0]
    assert np.log(moved / (1 - moved)) - np.log(0.6 / 0.4) == pytest.approx(whole * 0.16 / 0.65, rel=1e-6)


def test_the_same_shift_applies_to_every_scheme():
    # A scheme that captures 0.8 (odds 4) has odds 4 / 1.5 after a shift of -ln 1.5: 8/11; a change never gains by it.
    better = {
        "schemes": [{"scheme": "better", **HOME}],
        "capture": [
            {"scheme": "better", "fraction": "paper", "stream": "bin", "share": 0.8},
            {"scheme": "better", "fraction": "paper", "stream": "bag"},
        ],
    }
    shares = shares_of(reconcile_case(pencil(current_schemes=SORTS, measurements=[measured(0.5, std=0)], add=better)))
    assert shares["A", "better", "bin"] == pytest.approx(8 / 11, abs=1e-6)
    assert shares["A", "better", "bag"] == pytest.approx(3 / 11, abs=1e-6)
    assert shares["B", "sort", "bin"] == pytest.approx(0.5, abs=1e-6)
    # Nothing captured stays nothing.
    assert shares["A", "mix", "bag"] == 1


def test_an_uncertain_rate_and_an_assumption_meet_between_them():
    # One town-wide logit with standard deviation sqrt(0.4^2 + 0.7^2), a rate of 0.5 +- 0.1: the optimum on a line.
    case = pencil(current_schemes=SORTS, measurements=[measured(0.5, std=0.1)])
    spread = 0.65
    line = np.linspace(-2, 1, 300_001)
    rate = 1 / (1 + np.exp(-(np.log(1.5) + line)))
    best = line[np.argmin(line**2 / spread + (rate - 0.5) ** 2 / 0.01)]
    found = reconcile_case(case)
    expected = 1 / (1 + np.exp(-(np.log(1.5) + best)))
    assert shares_of(found)["A", "sort", "bin"] == pytest.approx(expected, abs=1e-5)
    assert found.chi2 == pytest.approx(best**2 / spread + (expected - 0.5) ** 2 / 0.01, rel=1e-5)
    assert found.dof == 1


def test_figures_of_one_town_and_of_all_hold_together():
    # 100 t in A and 50 t in B: 0.5 of all and 0.3 of B is 0.6 of A.
    rows = [
        measured(0.5, std=0),
        measured(0.3, std=0, municipality="B"),
        measured(0.1, std=0, municipality="A", calibrate=False),
        measured(0.2, std=0, year=2020),
        *(measured(0.9, std=0, method=method) for method in METHODS if method != "collected"),
    ]
    amounts = [
        {
            "municipality": town,
            **HOME,
            "fraction": "paper",
            "year": 2024,
            "amount": amount,
            "low": amount,
            "high": amount,
        }
        for town, amount in (("A", 100), ("B", 50))
    ]
    found = reconcile_case(pencil(current_schemes=SORTS, generation=amounts, measurements=rows))
    shares = shares_of(found)
    # Each town's tonnes may be wrong too (25 %), so A need not be at 0.6 exactly, but the region is at 0.5.
    now = found.case["generation"].set_index("municipality")["amount"]
    assert shares["B", "sort", "bin"] == pytest.approx(0.3, abs=1e-6)
    both = (shares["A", "sort", "bin"] * now["A"] + 0.3 * now["B"]) / now.sum()
    assert both == pytest.approx(0.5, abs=1e-6)
    compared = found.moved[(found.moved["kind"] == "rate") & ~found.moved["used"]]
    assert compared["given"].tolist() == [0.1]
    assert compared["reconciled"].iloc[0] == pytest.approx(shares["A", "sort", "bin"])


def test_it_can_be_switched_off():
    case = pencil(settings={"calibration": False}, current_schemes=SORTS, measurements=[measured(0.5)])
    found = reconcile_case(case)
    assert found.case is case
    assert found.calibration.empty
    assert found.moved.empty
    assert shares_of(found)["A", "sort", "bin"] == pytest.approx(0.6)


def test_a_rate_out_of_reach_is_met_as_nearly_as_the_bounds_allow():
    ranges = [
        {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
        {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6, "low": 0.5, "high": 0.7},
        {"scheme": "sort", "fraction": "paper", "stream": "bag"},
    ]
    found = reconcile_case(pencil(current_schemes=SORTS, capture=ranges, measurements=[measured(0.999, std=0)]))
    # Capture stays within the range of its source (odds 7/3 at most), the shift within its bound of 4.
    assert found.calibration["shift"].tolist() == pytest.approx([4.0, 4.0])
    odds = 7 / 3 * np.exp(4)
    assert found.calibration["modelled_after"].tolist() == pytest.approx([odds / (1 + odds)] * 2)


def test_a_fraction_that_is_not_calibrated_stays_and_the_account_has_the_rate():
    measurement = [{"measure": "rate", "sector": "households", "year": 2024, "value": 0.3, "std": 0}]
    case = two_towns(current_schemes=THREE, measurements=measurement)
    found = reconcile_case(case)
    shares = shifted_capture(found.case, found.calibration)
    keyed = shares.set_index(["municipality", "scheme", "fraction", "stream"])["share"]
    assert keyed["A", "three_bins", "rest", "food_bin"] == pytest.approx(0.02)
    flows, _, _ = account_flows(case, 2024)
    table = rates(case, flows)
    table = table[(table["scope"] == "all") & (table["method"] == "collected") & (table["municipality"] == "")]
    assert table["rate"].tolist() == pytest.approx([0.3], abs=1e-6)


def households(**more):
    return {"sector": "households", "year": 2024, **more}


MIXED = {
    "current_schemes": THREE,
    "generation": [
        {
            "municipality": town,
            "sector": "households",
            "segment": "houses",
            "year": year,
            "amount": amount,
            "composition": "home",
        }
        for town, scale in (("A", 2.0), ("B", 1.0))
        for year, amount in ((2020, 150 * scale), (2024, 200 * scale), (2030, 220 * scale))
    ],
    "compositions": [
        {"composition": "home", "fraction": fraction, "share": share, "low": share * 0.8, "high": share * 1.2}
        for fraction, share in (("food", 0.5), ("plastic", 0.25), ("rest", 0.25))
    ],
}


def test_it_is_the_least_squares_of_another_optimiser():
    rows = [
        households(measure="rate", value=0.35, std=0.02, municipality="A"),
        households(measure="rate", value=0.5, std=0.03, municipality="B"),
        households(measure="amount", value=430, std=10, municipality="A"),
        households(measure="amount", value=70, std=6, municipality="B", stream="food_bin"),
        households(measure="amount", value=20, std=4, municipality="B", fraction="plastic", stream="plastic_bin"),
    ]
    case = two_towns(**MIXED, measurements=rows)
    seen = observations(case, 2024)
    assert seen is not None
    table = seen.unknowns.table
    std, given = table["std"].to_numpy(float), seen.figures["value"].to_numpy(float)
    error = seen.figures["std"].to_numpy(float)

    def loss(x):
        value, slope = seen.values(x)
        part = (value - given) / error
        return float(((x / std) ** 2).sum() + (part**2).sum()), 2 * x / std**2 + 2 * slope.T @ (part / error)

    bounds = list(zip(table["lower"], table["upper"], strict=True))
    best = minimize(
        loss, np.zeros(len(table)), jac=True, bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9}
    )
    found = reconcile_case(case)
    assert found.chi2 == pytest.approx(best.fun, rel=1e-6)
    values, _ = seen.values(best.x)
    reported = found.moved[found.moved["kind"].isin(["rate", "amount"])]
    np.testing.assert_allclose(reported["reconciled"], values, rtol=1e-4)


def test_derivatives_are_those_of_differences():
    rows = [
        households(measure="rate", value=0.35, municipality="A"),
        households(measure="amount", value=70, municipality="B", stream="food_bin"),
        households(measure="amount", value=100, fraction="plastic"),
    ]
    seen = observations(two_towns(**MIXED, measurements=rows), 2024)
    assert seen is not None
    generator = np.random.default_rng(3)
    x = generator.normal(0.0, 0.2, seen.unknowns.count)
    _, slope = seen.values(x)
    for position in range(len(x)):
        step = np.zeros(len(x))
        step[position] = 1e-6
        change = (seen.values(x + step)[0] - seen.values(x - step)[0]) / 2e-6
        np.testing.assert_allclose(slope[:, position], change, rtol=1e-5, atol=1e-5)


def test_streams_of_one_town_move_that_town_and_totals_hold():
    rows = [
        households(measure="amount", value=90, std=3, municipality="B", stream="food_bin"),
        households(measure="amount", value=200, std=1, municipality="B"),
    ]
    case = two_towns(**MIXED, measurements=rows)
    found = reconcile_case(case)
    amounts = generation(found.case, [2024]).set_index(["municipality", "fraction"])["amount"]
    assert amounts["B"].sum() == pytest.approx(200, abs=3)
    # B has more food than the composition says; A, of which nothing is known, follows a little.
    assert amounts["B"]["food"] / amounts["B"].sum() > 0.51
    assert 0.5 < amounts["A"]["food"] / amounts["A"].sum() < amounts["B"]["food"] / amounts["B"].sum()
    shares = shifted_capture(found.case, found.calibration).set_index(["municipality", "scheme", "fraction", "stream"])
    captured = shares["share"].xs(("three_bins", "food", "food_bin"), level=["scheme", "fraction", "stream"])
    assert captured["B"] > captured["A"] > 0.6
    modelled = (captured["B"] * amounts["B"]["food"]) + 0.02 * amounts["B"]["rest"]
    row = found.moved[(found.moved["stream"] == "food_bin")].iloc[0]
    assert row["reconciled"] == pytest.approx(modelled, rel=1e-9)
    assert abs(row["reconciled"] - 90) < 6
    # Later years carry the correction, earlier ones do not.
    years = generation(found.case, [2020, 2024, 2030]).groupby(["municipality", "year"])["amount"].sum()
    factor = years["B", 2024] / 200
    assert years["B", 2030] / 220 == pytest.approx(factor)
    assert years["B", 2020] == pytest.approx(150)


def test_a_figure_that_the_others_contradict_is_suspect():
    rows = [
        households(measure="amount", value=400, std=4, municipality="A"),
        households(measure="amount", value=200, std=2, municipality="B"),
        # One zero too much.
        households(measure="amount", value=6000, std=60),
    ]
    found = reconcile_case(two_towns(**MIXED, measurements=rows))
    assert found.p_value < 0.01
    assert found.suspects["given"].tolist() == [6000]
    worst = found.suspects.iloc[0]
    assert worst["implied"] == pytest.approx(600, abs=10)
    assert worst["p_value"] > 0.5
    assert found.moved.loc[found.moved["suspect"], "given"].tolist() == [6000]


def test_figures_that_agree_move_nothing_and_are_no_suspects():
    before = reconcile_case(two_towns(**MIXED, measurements=[households(measure="rate", value=0.4)])).moved
    # Food and plastic collected, without the 2 % of the rest that goes with the food and is counted with it.
    agreed = float(before.loc[before["kind"] == "rate", "before"].iloc[0])
    rows = [
        households(measure="rate", value=agreed, std=0.02),
        households(measure="amount", value=600, std=10),
    ]
    case = two_towns(**MIXED, measurements=rows)
    found = reconcile_case(case)
    assert found.chi2 == pytest.approx(0, abs=1e-12)
    assert found.suspects.empty
    pd.testing.assert_frame_equal(
        generation(found.case, [2024, 2030]), generation(case, [2024, 2030]), check_exact=False, rtol=1e-9
    )


def test_shares_close_and_stay_in_the_range_of_their_source():
    rows = [households(measure="rate", value=0.75, std=0.001)]
    case = two_towns(**MIXED, measurements=rows)
    found = reconcile_case(case)
    moved = found.case["compositions"]
    assert moved["share"].sum() == pytest.approx(1)
    assert capture(found.case).groupby(["scheme", "fraction"])["share"].sum().tolist() == pytest.approx([1] * 6)
    shares = shifted_capture(found.case, found.calibration)
    totals = shares.groupby(["municipality", "scheme", "fraction"])["share"].sum()
    np.testing.assert_allclose(totals, 1.0, rtol=1e-12)
    assert (shares["share"] >= 0).all()
    given = case["compositions"]["share"].to_numpy()
    # Weights before the composition is closed again stay within 0.8 to 1.2 of what was given.
    part = moved["share"].to_numpy() / given
    assert part.max() / part.min() <= 1.2 / 0.8 + 1e-9


def test_the_order_of_rows_changes_nothing():
    rows = [
        households(measure="rate", value=0.35, std=0.02, municipality="A"),
        households(measure="amount", value=430, std=10, municipality="A"),
        households(measure="amount", value=70, std=6, municipality="B", stream="food_bin"),
    ]
    first = reconcile_case(two_towns(**MIXED, measurements=rows))
    turned = {name: table[::-1] for name, table in MIXED.items()}
    second = reconcile_case(two_towns(**turned, measurements=rows[::-1]))
    pd.testing.assert_frame_equal(first.calibration, second.calibration, rtol=1e-7)
    assert first.chi2 == pytest.approx(second.chi2, rel=1e-8)


def test_a_blank_uncertainty_is_by_what_the_figure_is_worth():
    rows = [
        households(measure="rate", value=0.35, status="reported", municipality="A"),
        households(measure="rate", value=0.35, status="assumed", municipality="B"),
        households(measure="amount", value=600, status="derived"),
    ]
    moved = reconcile_case(two_towns(**MIXED, measurements=rows)).moved
    reported = moved[moved["kind"].isin(["rate", "amount"])]
    assert reported["std"].tolist() == pytest.approx([0.02, 0.06, 60])


def test_a_reconciled_figure_is_at_most_as_uncertain_as_it_was():
    rows = [
        households(measure="rate", value=0.35, std=0.02, municipality="A"),
        households(measure="amount", value=430, std=10, municipality="A"),
    ]
    moved = reconcile_case(two_towns(**MIXED, measurements=rows)).moved
    assert (moved["reconciled_std"] <= moved["std"] * (1 + 1e-9)).all()
    assert moved["z"].notna().any()
