"""Hand-over of a model to HiGHS, and sessions that are kept for re-solves.

A Pyomo model becomes arrays (:mod:`models.compiler`) that are passed with ``passModel``; nothing goes through a file
or element by element. Every option's return status is checked, and a tiny mixed-integer problem with a known optimum
guards against a bad release of the solver.
"""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np

from flows.new_highs import new_highs
from models.compiler import Arrays as Arrays
from models.compiler import SolverError as SolverError
from models.compiler import compile_model as compile_model
from models.interruption import asked

Array = np.ndarray[Any, np.dtype[np.float64]]


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


GRACE = 1.5
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

    ``stop`` may be set from another thread: the run ends with what it has. Ctrl-C ends it as an interruption, or with
    what it has where that is asked for (:mod:`models.interruption`).
    """

    def __init__(self, arrays: Arrays, **options: Any) -> None:
        """Load ``arrays``; ``options`` are HiGHS options. Raises :class:`SolverError`."""
        self.highs: Any = new_highs()
        self.stop = threading.Event()
        self.set(**options)
        self.arrays = arrays
        rows = len(arrays.row_lower)
        columns = len(arrays.cost)
        status = self.highs.passModel(
            columns,
            rows,
            len(arrays.value),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            arrays.offset,
            arrays.cost,
            arrays.lower,
            arrays.upper,
            arrays.row_lower,
            arrays.row_upper,
            arrays.start,
            arrays.index,
            arrays.value,
            arrays.integer.astype(np.int32),
        )
        _checked(status, "the model")

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

        has_some = False

        def watch(event: Any) -> None:
            nonlocal has_some
            has_some = has_some or abs(float(event.data_out.mip_primal_bound)) < highspy.kHighsInf
            if self.stop.is_set():
                event.interrupt()
            if progress is not None:
                data = event.data_out
                progress(float(data.mip_primal_bound), float(data.mip_dual_bound))

        highs.cbMipInterrupt += watch
        highs.startSolve()
        _running.add(self)
        until = float("inf")
        try:
            while not highs.wait(0.1)[0]:
                if self.stop.is_set() or asked():
                    highs.cancelSolve()
                if asked():
                    until = min(until, clock.perf_counter() + GRACE)
                    if not has_some and clock.perf_counter() > until:
                        # It does not stop (factorising, say) and has nothing to keep: it is left behind.
                        raise KeyboardInterrupt
        except BaseException:
            # Ctrl-C: the solver is asked to stop and the interruption goes on its way.
            self.stop.set()
            highs.cancelSolve()
            if highs.wait(GRACE if until == float("inf") else 0.0)[0]:
                _running.discard(self)
            raise
        highs.cbMipInterrupt -= watch
        _running.discard(self)
        return self._solution()

    def resolve(self) -> Solution:
        """Solve in this thread, without progress: for many short runs. Ctrl-C waits for the end of the run."""
        _running.add(self)
        try:
            if self.highs.run() == highspy.HighsStatus.kError:
                # A thread that has solved with another number of threads keeps its scheduler until it is reset.
                highspy.Highs.resetGlobalScheduler(True)
                _checked(self.highs.run(), "to solve")
        finally:
            _running.discard(self)
        return self._solution()

    def _solution(self) -> Solution:
        highs = self.highs
        statuses = highspy.HighsModelStatus
        words = {
            statuses.kOptimal: "optimal",
            statuses.kObjectiveTarget: "optimal",
            statuses.kObjectiveBound: "cut_off",
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
    return str(new_highs().version())


def solver_told(threads: int) -> dict[str, Any]:
    """Return what a run says of its solver: name, version, and the options that are not the search's own."""
    solver = new_highs()
    _, seed = solver.getOptionValue("random_seed")
    return {"name": "HiGHS", "version": check_solver(), "options": {"threads": threads, "random_seed": int(seed)}}
