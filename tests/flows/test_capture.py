"""Capture: shares of a scheme, what runs today, and how shares move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.capture import capture, current_schemes, shifted_capture
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns


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


def test_a_shift_multiplies_the_odds_of_every_scheme_and_nothing_captured_stays_nothing():
    # Sorting captures 0.6, odds 1.5; a shift of ln 2 makes them 3, 0.75. Only B is shifted.
    calibration = pd.DataFrame(
        [("B", *HOME.values(), "", np.log(2.0))], columns=["municipality", "sector", "segment", "fraction", "shift"]
    )
    case = pencil(current_schemes=[{**HOME, "scheme": "sort"}])
    shares = shifted_capture(case, calibration).set_index(["municipality", "scheme", "stream"])["share"]
    assert shares["B", "sort", "bin"] == pytest.approx(0.75)
    assert shares["A", "sort", "bin"] == pytest.approx(0.6)
    assert shares["B", "mix", "bag"] == 1
    own = pd.concat([calibration, calibration.assign(fraction="paper", shift=np.log(2.0))])
    more = shifted_capture(case, own).set_index(["municipality", "scheme", "stream"])["share"]
    assert more["B", "sort", "bin"] == pytest.approx(6 / 7)
