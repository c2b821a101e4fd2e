"""Capture: shares of a scheme, what runs today, and one shift that fits a reported rate."""

from __future__ import annotations

import numpy as np
import pytest

from flows.account import account_flows
from flows.capture import calibrate, capture, current_schemes, shifted_capture
from flows.rates import rates
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns

THREE = [{"sector": "households", "segment": "houses", "scheme": "three_bins"}]


def test_a_blank_share_is_the_rest():
    rows = capture(two_towns()).set_index(["scheme", "fraction", "stream"])
    assert rows.loc[("three_bins", "food", "mixed_bin"), "share"] == pytest.approx(0.4)
    assert rows.loc[("one_bin", "rest", "mixed_bin"), "share"] == 1
    assert rows.groupby(["scheme", "fraction"])["share"].sum().tolist() == pytest.approx([1] * 6)
    assert not rows.loc[("three_bins", "food", "mixed_bin"), "captured"]
    assert rows.loc[("three_bins", "food", "food_bin"), "captured"]


def test_what_runs_today_is_the_latest_row_and_the_towns_own():
    rows = [
        {**HOME, "scheme": "mix"},
        {**HOME, "scheme": "sort", "from": 2023},
        {**HOME, "municipality": "B", "scheme": "mix", "from": 2010},
        {**HOME, "municipality": "B", "scheme": "sort", "from": 2030},
    ]
    case = pencil(current_schemes=rows)

    def at(year):
        return current_schemes(case, year).set_index("municipality")["scheme"].to_dict()

    assert at(2022) == {"A": "mix", "B": "mix"}
    assert at(2024) == {"A": "sort", "B": "mix"}
    assert at(2030) == {"A": "sort", "B": "sort"}


def test_shares_of_schemes_that_run_together():
    rows = [{**HOME, "scheme": "mix", "share": 0.75}, {**HOME, "scheme": "sort", "share": 0.25}]
    found = current_schemes(pencil(current_schemes=rows), 2024)
    assert found[found["municipality"] == "A"].set_index("scheme")["share"].to_dict() == {"mix": 0.75, "sort": 0.25}


def measured(value, **more):
    return {"measure": "rate", "sector": "homes", "year": 2024, "value": value, **more}


def test_one_shift_meets_the_reported_rate():
    # Sorting captures 0.6; a reported 0.5 is logit(0.5) - logit(0.6) = -ln 1.5 away.
    case = pencil(current_schemes=[{**HOME, "scheme": "sort"}], measurements=[measured(0.5)])
    found = calibrate(case)
    assert found["municipality"].tolist() == ["A", "B"]
    assert found["modelled_before"].tolist() == pytest.approx([0.6, 0.6])
    assert found["modelled_after"].tolist() == pytest.approx([0.5, 0.5])
    assert found["shift"].tolist() == pytest.approx([-np.log(1.5)] * 2)


def test_the_same_shift_applies_to_every_scheme():
    # A scheme that captures 0.8 (odds 4) has odds 4 / 1.5 after a shift of -ln 1.5: 8/11; a change never gains by it.
    better = {
        "schemes": [{"scheme": "better", **HOME}],
        "capture": [
            {"scheme": "better", "fraction": "paper", "stream": "bin", "share": 0.8},
            {"scheme": "better", "fraction": "paper", "stream": "bag"},
        ],
    }
    case = pencil(current_schemes=[{**HOME, "scheme": "sort"}], measurements=[measured(0.5)], add=better)
    shares = shifted_capture(case, calibrate(case)).set_index(["municipality", "scheme", "stream"])["share"]
    assert shares["A", "better", "bin"] == pytest.approx(8 / 11)
    assert shares["A", "better", "bag"] == pytest.approx(3 / 11)
    assert shares["B", "sort", "bin"] == pytest.approx(0.5)
    # Nothing captured stays nothing.
    assert shares["A", "mix", "bag"] == 1


def test_the_most_specific_measurement_wins():
    rows = [
        measured(0.5),
        measured(0.7, municipality="B"),
        measured(0.1, calibrate=False, municipality="A"),
        measured(0.2, year=2020),
    ]
    found = calibrate(pencil(current_schemes=[{**HOME, "scheme": "sort"}], measurements=rows))
    assert dict(zip(found["municipality"], found["modelled_after"], strict=True)) == pytest.approx({"A": 0.5, "B": 0.7})


def test_calibration_can_be_switched_off():
    rows = [measured(0.5)]
    case = pencil(settings={"calibration": False}, current_schemes=[{**HOME, "scheme": "sort"}], measurements=rows)
    assert calibrate(case).empty
    shares = shifted_capture(case, calibrate(case)).set_index(["municipality", "scheme", "stream"])["share"]
    assert shares["A", "sort", "bin"] == pytest.approx(0.6)


def test_a_rate_out_of_reach_is_met_as_nearly_as_the_bound_allows():
    # Logit(0.6) + 4: 0.6 * e^4 / (0.4 + 0.6 * e^4) = 0.98794.
    found = calibrate(pencil(current_schemes=[{**HOME, "scheme": "sort"}], measurements=[measured(0.999)]))
    assert found["shift"].tolist() == [4.0, 4.0]
    assert found["modelled_after"].tolist() == pytest.approx([0.6 * np.exp(4) / (0.4 + 0.6 * np.exp(4))] * 2)


def test_a_fraction_that_is_not_calibrated_stays():
    # Of 800 t of homes, 'rest' is not calibrated: its 2 % in the food bin stay.
    measurement = [{"measure": "rate", "sector": "households", "year": 2024, "value": 0.3}]
    case = two_towns(current_schemes=THREE, measurements=measurement)
    calibration = calibrate(case)
    shares = shifted_capture(case, calibration).set_index(["municipality", "scheme", "fraction", "stream"])["share"]
    assert shares["A", "three_bins", "rest", "food_bin"] == pytest.approx(0.02)
    # The account with these captures has the reported rate (slag does not count).
    flows, _, _ = account_flows(case, 2024)
    table = rates(case, flows)
    table = table[(table["scope"] == "all") & (table["method"] == "collected") & (table["municipality"] == "")]
    assert table["rate"].tolist() == pytest.approx([0.3])


def test_shifted_shares_of_a_fraction_add_up_to_one():
    measurement = [{"measure": "rate", "sector": "households", "year": 2024, "value": 0.45}]
    case = two_towns(current_schemes=THREE, measurements=measurement)
    shares = shifted_capture(case, calibrate(case))
    totals = shares.groupby(["municipality", "scheme", "fraction"])["share"].sum()
    np.testing.assert_allclose(totals, 1.0, rtol=1e-12)
    assert (shares["share"] >= 0).all()
