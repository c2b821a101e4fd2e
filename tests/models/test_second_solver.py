"""Exported models are solved by SCIP, which shares no code with HiGHS, and its optimum is the cost of the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.case import Case
from models.formulation_parts import MILLION
from models.highs import Session
from models.model_file import write_model
from models.planner import Planner
from tests.cases.busy import busy_case, levers_case
from tests.cases.pencil import pencil
from tests.models.test_laws import at_target, generated

scip = pytest.importorskip("pyscipopt", reason="SCIP is not installed", exc_type=ImportError)


def by_scip(path: Path) -> float:
    """Return the optimum of a model in a file (NaN if there is none)."""
    model = scip.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.setParam("limits/gap", 0.0)
    model.optimize()
    if model.getStatus() == "infeasible":
        return float("nan")
    assert model.getStatus() == "optimal"
    return float(model.getObjVal())


@pytest.mark.parametrize(
    "case",
    [
        pencil,
        lambda: at_target(0.5),
        lambda: at_target(0.52),
        busy_case,
        levers_case,
        *(lambda seed=seed: generated(seed)[0] for seed in (1, 3)),
    ],
    ids=["pencil", "towns", "out_of_reach", "busy", "levers", "random_1", "random_3"],
)
def test_a_second_solver_finds_the_same_cost(case: Callable[[], Case], tmp_path: Path) -> None:
    planner = Planner(case(), threads=1)
    names = write_model(planner, tmp_path / "model.mps")
    assert names["name"].is_unique
    ours = Session(planner.arrays, mip_rel_gap=0.0, threads=1).run()
    theirs = by_scip(tmp_path / "model.mps")
    if ours.status == "infeasible":
        assert theirs != theirs
    else:
        # Both stop at their tolerance: one in a million of the cost, at least one unit of money.
        assert theirs * MILLION == pytest.approx(ours.objective * MILLION, rel=1e-6, abs=1.0)
