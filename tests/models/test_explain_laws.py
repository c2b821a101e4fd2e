"""Laws of explanations on drawn cases: a repair repairs, a bound bounds, what is told as certain is so."""

from __future__ import annotations

import random

import numpy as np
import pytest

from flows.case import Case
from models.planner import Planner
from models.reach import asked_targets, reach
from models.reach_checks import out_of_reach
from models.repaired import repaired
from tests.cases.pencil import optimum
from tests.cases.small import two_towns_tables


def drawn(seed: int) -> Case:
    """Return two towns with drawn amounts, capacities, markets, limits and a target that is hard to reach."""
    draw = random.Random(seed)
    settings, tables = two_towns_tables()
    for row in tables["generation"]:
        row["amount"] *= draw.uniform(0.5, 1.5)
    for row in tables["facilities"]:
        if row["facility"] != "sorter" and draw.random() < 0.6:
            row["capacity"] = draw.uniform(60, 400 if row["facility"] == "burner" else 150)
    for row in tables["markets"]:
        if draw.random() < 0.5:
            row["capacity"] = draw.uniform(10, 60)
    if draw.random() < 0.5:
        tables["limits"] = [
            {"indicator": "incinerated", "year": 2025, "maximum": draw.uniform(150, 400), "unit": "t/year"}
        ]
    rate = draw.uniform(0.3, 0.6)
    tables["targets"] = [{"scope": "all", "method": "collected", "year": 2025, "rate": rate}]
    return Case.from_tables(settings, tables)


@pytest.mark.parametrize("seed", range(4))
def test_every_option_makes_the_case_feasible_and_bounds_hold(seed):
    case = drawn(seed)
    planner = Planner(case, threads=1)
    cost = optimum(case)
    certain = {problem.code for problem in out_of_reach(case)}
    if not np.isnan(cost):
        assert not certain
        return
    found = planner.explain(60.0)
    assert len(found.repairs)
    assert (found.repairs["amount"] > 0).all()
    bounded = reach(planner.case, planner.captures, planner.constants, asked_targets(planner.case)).bounds
    for row in found.highest.itertuples(index=False):
        assert row.highest <= row.bound + 1e-6
        assert row.highest < row.goal
    assert ("target_out_of_reach" in certain) == bool((bounded["bound"] < bounded["goal"] - 1e-6).any())
    for option, rows in found.repairs.groupby("option"):
        assert not np.isnan(optimum(repaired(case, found.repairs, int(option)))), rows["text_en"].tolist()
        # It is the least: nine tenths of every change are not enough.
        less = rows.assign(amount=rows["amount"] * 0.9, after=rows["before"] + 0.9 * (rows["after"] - rows["before"]))
        if set(rows["kind"]) <= {"capacity", "market", "limit"}:
            assert np.isnan(optimum(repaired(case, less, int(option)))), rows["text_en"].tolist()
