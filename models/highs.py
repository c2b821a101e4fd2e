"""Hand-over of a Pyomo model to HiGHS as arrays, and sessions that are kept for re-solves.

The rows of a Pyomo model are walked once into compressed arrays and passed with ``passModel``; nothing
goes through a file or element by element. Every option's return status is checked, and a tiny
mixed-integer problem with a known optimum guards against a bad release of the solver.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC

Array = np.ndarray[Any, np.dtype[np.float64]]


class SolverError(RuntimeError):
    """HiGHS refused an option or a model, or failed the check of its own correctness."""


@dataclass(frozen=True)
class Arrays:
    """A mixed-integer model as arrays: minimise cost @ x, row_lower <= A x <= row_upper, A row-wise."""

    cost: Array
    lower: Array
    upper: Array
    integer: np.ndarray[Any, np.dtype[np.bool_]]
    row_lower: Array
    row_upper: Array
    start: np.ndarray[Any, np.dtype[np.int32]]
    index: np.ndarray[Any, np.dtype[np.int32]]
    value: Array


@dataclass(frozen=True)
class Solution:
    """What a run of the solver gave. ``values`` is empty without a feasible point; bound and gap are of the run."""

    status: str
    values: Array
    objective: float
    bound: float
    gap: float
    row_duals: Array
    nodes: int


def compile_model(model: pyo.ConcreteModel) -> Arrays:
    """Return the arrays of a Pyomo model whose constraints are linear expressions.

    Columns stand in the order in which variables were declared.
    """
    with PauseGC():
        variables = list(model.component_data_objects(pyo.Var, descend_into=False))
        number = {id(variable): position for position, variable in enumerate(variables)}
        infinity = highspy.kHighsInf
        # A bound that is None becomes not-a-number, then infinite.
        lower = np.nan_to_num(np.array([v.lb for v in variables], dtype=float), nan=-infinity)
        upper = np.nan_to_num(np.array([v.ub for v in variables], dtype=float), nan=infinity)
        integer = np.array([v.is_integer() for v in variables], dtype=bool)
        entries: list[Any] = []
        coefs: list[float] = []
        ends: list[int] = [0]
        row_lower: list[float | None] = []
        row_upper: list[float | None] = []
        for constraint in model.component_data_objects(pyo.Constraint, active=True, descend_into=False):
            low, body, high = constraint.to_bounded_expression()
            entries.extend(body.linear_vars)
            coefs.extend(body.linear_coefs)
            ends.append(len(entries))
            row_lower.append(low)
            row_upper.append(high)
        columns = np.fromiter(map(number.__getitem__, map(id, entries)), dtype=np.int32, count=len(entries))
        cost = np.zeros(len(variables))
        objective = next(model.component_data_objects(pyo.Objective, active=True)).expr
        for coef, variable in zip(objective.linear_coefs, objective.linear_vars, strict=True):
            cost[number[id(variable)]] += coef
        return Arrays(
            cost,
            lower,
            upper,
            integer,
            np.nan_to_num(np.array(row_lower, dtype=float), nan=-infinity),
            np.nan_to_num(np.array(row_upper, dtype=float), nan=infinity),
            np.array(ends, dtype=np.int32),
            columns,
            np.array(coefs, dtype=float),
        )


GRACE = 0.5
"""Seconds that an interrupted solver gets to stop in good order."""
_running: set[Session] = set()


def still_running() -> bool:
    """Tell whether a solver that was interrupted has not stopped yet (factorising, say); it cannot be waited for."""
    return bool(_running)


def _checked(status: Any, what: str) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused: {what}")


class Session:
    """A HiGHS instance with a model loaded, kept for re-solves.

    ``stop`` may be set from another thread: the run ends with what it has. Ctrl-C ends it as an interruption.
    """

    def __init__(self, arrays: Arrays, **options: Any) -> None:
        """Load ``arrays``; ``options`` are HiGHS options. Raises :class:`SolverError`."""
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.stop = threading.Event()
        self.set(output_flag=False, **options)
        self.arrays = arrays
        rows = len(arrays.row_lower)
        columns = len(arrays.cost)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = arrays.cost, arrays.lower, arrays.upper
        lp.row_lower_, lp.row_upper_ = arrays.row_lower, arrays.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = arrays.start, arrays.index, arrays.value
        if arrays.integer.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(whole)] for whole in arrays.integer]
        _checked(self.highs.passModel(lp), "the model")

    def set(self, **options: Any) -> None:
        """Set options; raises :class:`SolverError` if one is not accepted."""
        for name, value in options.items():
            status = self.highs.setOptionValue(name, value)
            if status != highspy.HighsStatus.kOk:
                raise SolverError(f"HiGHS does not accept option {name}={value}")

    def bounds(self, columns: np.ndarray[Any, Any], lower: Array, upper: Array) -> None:
        """Change the bounds of columns."""
        index = np.asarray(columns, dtype=np.int32)
        _checked(
            self.highs.changeColsBounds(len(index), index, np.asarray(lower, float), np.asarray(upper, float)), "bounds"
        )

    def relax(self, columns: np.ndarray[Any, Any]) -> None:
        """Make columns continuous."""
        index = np.asarray(columns, dtype=np.int32)
        kinds = np.zeros(len(index), dtype=np.uint8)
        _checked(self.highs.changeColsIntegrality(len(index), index, kinds), "integrality")

    def row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Change the bounds of one row."""
        _checked(self.highs.changeRowBounds(row, lower, upper), "row bounds")

    def run(self, progress: Callable[[float, float], None] | None = None) -> Solution:
        """Solve and return what came of it; ``progress`` gets (objective, bound) as they improve.

        Raises :class:`KeyboardInterrupt` within a second or so if it is interrupted.
        """
        highs: Any = self.highs
        highs.HandleUserInterrupt = True

        def watch(event: Any) -> None:
            if self.stop.is_set():
                event.interrupt()
            if progress is not None:
                data = event.data_out
                progress(float(data.mip_primal_bound), float(data.mip_dual_bound))

        highs.cbMipInterrupt += watch
        highs.startSolve()
        _running.add(self)
        try:
            while not highs.wait(0.1)[0]:
                if self.stop.is_set():
                    highs.cancelSolve()
        except BaseException:
            # Ctrl-C: the solver is asked to stop and the interruption goes on its way.
            self.stop.set()
            highs.cancelSolve()
            if highs.wait(GRACE)[0]:
                _running.discard(self)
            raise
        highs.cbMipInterrupt -= watch
        _running.discard(self)
        return self._solution()

    def _solution(self) -> Solution:
        highs = self.highs
        statuses = highspy.HighsModelStatus
        words = {
            statuses.kOptimal: "optimal",
            statuses.kObjectiveTarget: "optimal",
            statuses.kInfeasible: "infeasible",
            statuses.kUnboundedOrInfeasible: "infeasible",
            statuses.kUnbounded: "unbounded",
            statuses.kTimeLimit: "time_limit",
            statuses.kInterrupt: "interrupted",
            statuses.kSolutionLimit: "work_limit",
            statuses.kIterationLimit: "work_limit",
            statuses.kMemoryLimit: "memory_limit",
        }
        status = words.get(highs.getModelStatus(), "failed")
        info = highs.getInfo()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = highs.getSolution()
        values = np.asarray(solution.col_value, dtype=float) if feasible else np.empty(0)
        objective = float(info.objective_function_value) if feasible else float("inf")
        mixed = bool(self.arrays.integer.any()) and info.mip_node_count >= 0
        bound = float(info.mip_dual_bound) if mixed else (objective if status == "optimal" else float("-inf"))
        gap = abs(objective - bound) / max(abs(objective), 1e-9) if feasible and np.isfinite(bound) else float("inf")
        duals = np.asarray(solution.row_dual, dtype=float) if solution.dual_valid else np.empty(0)
        return Solution(status, values, objective, bound, gap, duals, int(info.mip_node_count))


@cache
def check_solver() -> str:
    """Return the version of HiGHS after it has solved a small mixed-integer problem right.

    maximise 5a + 4b + 3c with 2a + 3b + c <= 5, 4a + b + 2c <= 11, 3a + 4b + 2c <= 8, whole numbers:
    the optimum is 13 at a = 2, b = 0, c = 1. Raises :class:`SolverError` if HiGHS finds another.
    """
    arrays = Arrays(
        np.array([-5.0, -4.0, -3.0]),
        np.zeros(3),
        np.full(3, highspy.kHighsInf),
        np.ones(3, dtype=bool),
        np.full(3, -highspy.kHighsInf),
        np.array([5.0, 11.0, 8.0]),
        np.array([0, 3, 6, 9], dtype=np.int32),
        np.array([0, 1, 2] * 3, dtype=np.int32),
        np.array([2.0, 3.0, 1.0, 4.0, 1.0, 2.0, 3.0, 4.0, 2.0]),
    )
    solution = Session(arrays).run()
    if solution.status != "optimal" or abs(solution.objective + 13.0) > 1e-6:
        raise SolverError(f"this HiGHS gives wrong answers: {solution.status}, {-solution.objective} instead of 13")
    return str(highspy.Highs().version())  # type: ignore[no-untyped-call]
