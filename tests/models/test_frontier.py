"""The curve of cost against rate and greenhouse gas, known point by point."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest

from models.asking import Asker
from models.frontier import frontier
from models.frontier_tables import efficient
from models.outcome import Infeasible
from tests.cases.pencil import DEAR, HOME, _nothing_else, pencil
from tests.models.test_by_hand_limits import TIP

FOSSIL = {**TIP, "facilities": TIP["facilities"][:2], "change": {"schemes": DEAR}}
"""No tip: a tonne burnt is half a tonne of CO2."""


def curve(case, **asked):
    with patch("models.planner.unplanned_tables", _nothing_else):
        return frontier(Asker(case, threads=1), gap=0.0, time_limit=60, **asked)


def test_cost_against_rate_point_by_point():
    # Nobody, B, A, both: 1 400 for every 20 % (30 t). Points between them are covered, not solved again.
    found = curve(pencil(change={"schemes": DEAR}), against="rate", points=7)
    table, grid = found.tables["frontier"], found.tables["frontier_bounds"]
    assert table["rate"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6])
    assert table["cost"].tolist() == pytest.approx([15000, 16400, 17800, 19200])
    assert table["bound"].tolist() == pytest.approx([15000, 16400, 17800, 19200], rel=1e-4)
    assert table["certified"].all() and table["efficient"].all()
    assert table["asked_rate"].tolist() == pytest.approx([0, 0.1, 0.3, 0.5])
    assert grid["status"].tolist() == ["solved", "solved", "covered", "solved", "covered", "solved", "covered"]
    assert grid["bound"].tolist() == pytest.approx([15000, *(16400,) * 2, *(17800,) * 2, *(19200,) * 2], rel=1e-4)
    extra = found.tables["marginal_cost"]
    assert extra["per_tonne"].tolist() == pytest.approx([1400 / 30] * 3)
    assert extra["extra_tonnes"].tolist() == pytest.approx([30] * 3)
    assert set(found.plans) == set(table["point"])
    rates = found.tables["frontier_rates"].query("scope == 'households' and method == 'collected'")
    assert rates["rate"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6])


def test_what_is_free_is_taken():
    # Two mills at the same price, one of which counts: the small reward takes the one that does.
    change = {"schemes": {"sort": {"cost_per_household": 100}}}
    case = pencil(
        change=change,
        add={
            "technologies": [{"technology": "presser", "treatment": "energy_recovery"}],
            "facilities": [{"facility": "presser", "technology": "presser", "gate_fee": -20}],
            "yields": [{"technology": "presser", "output": "smoke", "share": 1}],
            "accepts": [{"technology": "presser", "input": "bin"}],
            "pinned": [{"scheme": "sort", "run": True}],
        },
    )
    table = curve(case, against="rate", points=3).tables["frontier"]
    assert len(table) == 1
    assert table["rate"].tolist() == pytest.approx([0.6])


def test_cost_against_greenhouse_gas_point_by_point():
    # 150, 120, 90 or 60 t burnt.
    found = curve(pencil(**FOSSIL), against="co2e", points=4)
    table = found.tables["frontier"]
    assert table["co2e_kt"].tolist() == pytest.approx([0.075, 0.06, 0.045, 0.03])
    assert table["cost"].tolist() == pytest.approx([15000, 16400, 17800, 19200])
    assert found.tables["marginal_cost"]["per_tonne"].tolist() == pytest.approx([1400 / 15] * 3)


def test_against_both_every_corner():
    # The tip takes a tonne for 30 more than the oven and emits nothing: gas can fall without a rate.
    facilities = [{**row, "gate_fee": 130} if row["facility"] == "tip" else row for row in TIP["facilities"]]
    case = pencil(**{**TIP, "facilities": facilities}, change={"schemes": DEAR})
    table = curve(case, against="both", points=2).tables["frontier"]
    corners = {(round(row.rate, 6), round(row.co2e_kt, 6)): round(row.cost, 2) for row in table.itertuples(index=False)}
    assert corners == {(0.0, 0.075): 15000, (0.0, 0.0): 19500, (0.6, 0.03): 19200, (0.6, 0.0): 21000}
    assert table["efficient"].all()


def test_of_divisible_sectors_the_curve_is_convex_and_rises():
    # Shares of schemes may be mixed and the mill takes the first 40 t cheaply: a linear program.
    case = pencil(
        change={"schemes": DEAR},
        sectors=[{**HOME, "kind": "households", "divisible": True}],
        facilities=[
            {"facility": "oven", "technology": "oven", "gate_fee": 100},
            {"facility": "mill", "technology": "mill", "gate_fee": 30, "capacity": 40},
            {"facility": "far", "technology": "mill", "gate_fee": 60},
        ],
    )
    table = curve(case, against="rate", points=4).tables["frontier"]
    assert table["rate"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6])
    steps = np.diff(table["cost"])
    assert (steps > 0).all()
    assert (np.diff(steps) >= -1e-6).all()
    # 30 t at 1 400; of the next 30 t twenty come 30 a tonne dearer; of the last all do.
    assert steps == pytest.approx([1400, 1400 + 20 * 30, 1400 + 30 * 30])


def test_other_targets_hold_along_the_curve():
    target = {"scope": "all", "method": "collected", "municipality": "B", "year": 2025, "rate": 0.5}
    table = curve(pencil(change={"schemes": DEAR}, targets=[target]), against="rate", points=2).tables["frontier"]
    assert table["rate"].tolist() == pytest.approx([0.2, 0.6])


def test_a_case_without_a_plan_says_so():
    target = {"scope": "all", "method": "collected", "municipality": "B", "year": 2025, "rate": 0.9}
    with pytest.raises(Infeasible):
        curve(pencil(targets=[target]), against="co2e", points=2)


def test_what_another_plan_beats_is_not_efficient():
    import pandas as pd

    rows = pd.DataFrame(
        [(100.0, 0.2, 5.0), (100.0, 0.3, 5.0), (90.0, 0.1, 5.0), (120.0, 0.3, 4.0), (100.0, 0.3, 5.0)],
        columns=["cost", "rate", "co2e_kt"],
    )
    assert efficient(rows, "rate").tolist() == [False, True, True, False, False]
    assert efficient(rows, "both").tolist() == [False, True, True, True, False]
