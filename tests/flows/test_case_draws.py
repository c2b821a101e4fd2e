"""Draws of a case: what is uncertain varies as its range says, all else stays, and shares still add up to one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows import scenarios
from flows.case_draws import CaseDraws
from flows.checks import check_case
from flows.problems import errors_of
from tests.cases.pencil import pencil

CAPTURE = [
    {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
    {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6, "low": 0.5, "high": 0.8},
    {"scheme": "sort", "fraction": "paper", "stream": "bag"},
]
MEASURED = [
    {"measure": "rate", "municipality": "A", "sector": "homes", "segment": "houses", "year": 2024, "value": 0.5, "std": 0.3},
]  # fmt: skip
GROWTH = [{"change": 0.0, "low": -0.02, "high": 0.01}]


def _drawn(draws: int = 200) -> CaseDraws:
    sheet = [
        {"scenario": "s", "table": "generation", "column": "amount", "operation": "factor", "value": "1.2", "low": 1,
         "high": 1.5},
    ]  # fmt: skip
    case = pencil(capture=CAPTURE, measurements=MEASURED, growth=GROWTH, scenarios=sheet)
    return CaseDraws(case, draws, seed=3)


def test_every_range_and_measurement_is_an_input() -> None:
    found = _drawn(2).inputs
    assert found["input"].tolist() == [
        "growth||||change",
        "capture|sort|paper|bin|share",
        "scenarios|s|generation||amount||value",
        "measurements|rate|A|homes|houses|||2024|collected|value",
    ]


@pytest.mark.parametrize(
    ("table", "low", "high"), [("capture", 0.5, 0.8), ("growth", -0.02, 0.01), ("scenarios", 1, 1.5)]
)
def test_the_central_value_is_the_median_and_the_range_holds_nine_tenths(table: str, low: float, high: float) -> None:
    drawn = _drawn()
    mine = drawn.inputs["table"] == table
    values = drawn.values[mine.to_numpy()][0]
    assert np.median(values) == pytest.approx(drawn.inputs.loc[mine, "central"].iloc[0], abs=0.02)
    assert np.mean((values >= low) & (values <= high)) == pytest.approx(0.9, abs=0.01)


def test_a_drawn_case_is_whole_and_central_values_are_the_case_itself() -> None:
    drawn = _drawn(20)
    assert drawn.case(0) is drawn.given
    for draw in range(1, 21):
        case = drawn.case(draw)
        assert errors_of(check_case(case)) == []
        assert case["capture"]["share"].isna().tolist() == [False, False, True]
        assert 0 <= case["measurements"]["value"].iloc[0] <= 1


def test_a_drawn_factor_is_what_the_scenario_applies() -> None:
    drawn = _drawn(3)
    row = drawn.inputs.index[drawn.inputs["table"] == "scenarios"][0]
    made = scenarios.apply(drawn.case(2), "s")
    assert made["generation"]["amount"].iloc[0] == pytest.approx(100 * drawn.values[row, 1], rel=1e-12)


def test_shares_without_a_rest_give_way() -> None:
    rows = [
        {"technology": "oven", "output": "smoke", "share": 0.7, "low": 0.5, "high": 0.9},
        {"technology": "oven", "output": "ash", "share": 0.3},
        {"technology": "mill", "output": "pulp", "share": 1},
    ]
    outputs = [
        {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
        {"output": "ash", "kind": "emission", "treatment": "landfill"},
        {"output": "pulp", "kind": "product"},
    ]
    drawn = CaseDraws(pencil(yields=rows, outputs=outputs), 30, seed=1)
    shares = np.array([drawn.case(draw)["yields"]["share"] for draw in range(1, 31)])
    np.testing.assert_allclose(shares[:, :2].sum(axis=1), 1.0)
    assert shares[:, 0].std() > 0.03
    assert (shares[:, 2] == 1).all()


def test_the_same_seed_gives_the_same_draws() -> None:
    pd.testing.assert_frame_equal(_drawn(5).table(), _drawn(5).table())
    other = CaseDraws(_drawn(5).given, 5, seed=4).table()
    assert not np.allclose(other["value"], _drawn(5).table()["value"])
