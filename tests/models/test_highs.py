"""Hand-over to HiGHS: right answers, checked options, re-solves with a changed bound."""

from __future__ import annotations

import _thread
import time
from threading import Timer

import highspy
import numpy as np
import pandas as pd
import pytest

from models import highs
from models.builder import Linear, to_pyomo
from models.highs import Arrays, Session, SolverError, check_solver, compile_model


def knapsack() -> Arrays:
    """maximise 5a + 4b + 3c, 2a + 3b + c <= 5, 4a + b + 2c <= 11, 3a + 4b + 2c <= 8: 13 at (2, 0, 1)."""
    linear = Linear()
    items = pd.DataFrame({"item": ["a", "b", "c"]})
    take = linear.add_block("take", items, cost=np.array([-5.0, -4.0, -3.0]), integer=True).table()
    use = pd.DataFrame(
        {"kind": np.repeat(["k1", "k2", "k3"], 3), "item": ["a", "b", "c"] * 3, "coef": [2.0, 3, 1, 4, 1, 2, 3, 4, 2]}
    )
    linear.add_rows(
        "room",
        pd.DataFrame({"kind": ["k1", "k2", "k3"]}),
        [use.merge(take, on="item")],
        upper=np.array([5.0, 11.0, 8.0]),
    )
    return compile_model(to_pyomo(linear))


def test_the_arrays_are_those_of_the_model():
    arrays = knapsack()
    assert arrays.cost.tolist() == [-5, -4, -3]
    assert arrays.integer.all()
    assert arrays.start.tolist() == [0, 3, 6, 9]
    assert arrays.index.tolist() == [0, 1, 2] * 3
    assert arrays.value.tolist() == [2, 3, 1, 4, 1, 2, 3, 4, 2]
    assert arrays.row_upper.tolist() == [5, 11, 8]
    assert (arrays.row_lower <= -highspy.kHighsInf).all()


def test_a_problem_with_a_known_optimum():
    solution = Session(knapsack(), mip_rel_gap=0.0).run()
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(-13)
    assert solution.values == pytest.approx([2, 0, 1])
    assert solution.bound == pytest.approx(-13)
    assert solution.gap == pytest.approx(0, abs=1e-9)


def test_an_option_that_highs_does_not_know_is_refused():
    with pytest.raises(SolverError, match="no_such_option"):
        Session(knapsack(), no_such_option=1)


@pytest.mark.parametrize("options", [{"mip_rel_gap": -1.0}, {"time_limit": "soon"}, {"solver": "abacus"}])
def test_an_option_with_a_wrong_value_is_refused(options):
    with pytest.raises((SolverError, TypeError)):
        Session(knapsack(), **options)


def test_the_session_is_kept_for_re_solves():
    session = Session(knapsack(), mip_rel_gap=0.0)
    assert session.run().objective == pytest.approx(-13)
    # Without a: b and c, 3b + c <= 5 and 4b + 2c <= 8: c = 4 is 12, more than b = 1, c = 2 (10).
    session.bounds(np.array([0]), np.array([0.0]), np.array([0.0]))
    assert session.run().objective == pytest.approx(-12)
    # Back, with 7 of the third: (1, 0, 2) is 11. Whole numbers let go: a = 7/3 alone is 35/3, as a unit of c
    # takes 2/3 of a, worth more.
    session.bounds(np.array([0]), np.array([0.0]), np.array([highspy.kHighsInf]))
    session.row_bounds(2, -highspy.kHighsInf, 7.0)
    assert session.run().objective == pytest.approx(-11)
    session.relax(np.arange(3))
    assert session.run().objective == pytest.approx(-35 / 3)


def test_duals_of_a_linear_problem():
    arrays = knapsack()
    relaxed = Arrays(**{**arrays.__dict__, "integer": np.zeros(3, dtype=bool)})
    solution = Session(relaxed, solver="simplex").run()
    # Relaxed optimum is 13 too; the dual of rows 1 and 3 is 1 and of row 2 is 0: 5 + 8 = 13.
    assert solution.objective == pytest.approx(-13)
    assert solution.bound == pytest.approx(-13)
    assert np.abs(solution.row_duals) == pytest.approx([1, 0, 1])


def test_infeasible_and_unbounded_are_told_apart():
    arrays = knapsack()
    impossible = Arrays(**{**arrays.__dict__, "row_lower": np.array([6.0, 0.0, 0.0])})
    solution = Session(impossible).run()
    assert solution.status == "infeasible"
    assert len(solution.values) == 0
    assert solution.objective == float("inf")
    free = Arrays(**{**arrays.__dict__, "row_upper": np.full(3, highspy.kHighsInf)})
    assert Session(free).run().status in {"unbounded", "infeasible"}


def long_search() -> Arrays:
    # 60 items of nearly equal worth per weight: the proof takes long, the stop comes first.
    draw = np.random.default_rng(1)
    count, rows = 60, 30
    weights = draw.integers(100, 1000, size=(rows, count)).astype(float)
    return Arrays(
        -(weights.mean(axis=0) + draw.integers(0, 5, count)),
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        np.full(rows, -highspy.kHighsInf),
        weights.sum(axis=1) / 2,
        np.arange(0, rows * count + 1, count, dtype=np.int32),
        np.tile(np.arange(count, dtype=np.int32), rows),
        weights.ravel(),
    )


def test_a_session_that_is_stopped_says_so():
    arrays = long_search()
    limited = Session(arrays, time_limit=0.3, threads=1, mip_rel_gap=0.0).run()
    assert limited.status == "time_limit"
    assert limited.gap > 0
    session = Session(arrays, threads=1, mip_rel_gap=0.0, time_limit=30.0)
    session.stop.set()
    assert session.run().status == "interrupted"


def test_an_interruption_goes_through_the_solver():
    session = Session(long_search(), threads=1, mip_rel_gap=0.0, time_limit=30.0)
    begun = time.monotonic()
    Timer(0.5, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        session.run()
    assert time.monotonic() - begun < 5
    assert not highs.still_running()


def test_a_bad_solver_is_noticed(monkeypatch):
    assert check_solver() == str(highspy.Highs().version())

    class Wrong(Session):
        def run(self, progress=None):
            found = super().run(progress)
            return highs.Solution("optimal", found.values, found.objective + 1, found.bound, 0.0, found.row_duals, 0)

    monkeypatch.setattr(highs, "Session", Wrong)
    check_solver.cache_clear()
    with pytest.raises(SolverError, match="wrong answers"):
        check_solver()
    monkeypatch.undo()
    check_solver.cache_clear()
    check_solver()
