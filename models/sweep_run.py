"""One task of a sweep, run: the function that every worker calls, on this machine or another.

What a worker needs is data: the case, its scenarios among the tables, the drawn inputs and the options (:class:`Work`),
sent once. A worker keeps the planner of the group that it was last asked for. Running a task twice, here or elsewhere,
in any order, gives the same result, unless the clock ended its search.
"""

from __future__ import annotations

import threading
import time as clock
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from flows.case_draws import CaseDraws
from flows.problems import InputError
from models.formulation_parts import Decisions
from models.outcome import Infeasible, NoPlan, PlanResult
from models.sweep_done import OUTCOME_TYPES, SHOWN, Done
from models.sweep_plan import GroupPlanner
from models.sweep_tasks import Task

LONGEST_REASON = 300


@dataclass(frozen=True)
class Work:
    """All that a worker needs beside the task: the case with its draws, and the options of every search."""

    name: str
    case: Case
    draws: int
    seed: int
    gap: float
    time_limit: float
    version: str


@dataclass(frozen=True)
class Order:
    """A task to be run, and the decisions that it starts from.

    ``group``: its group's first task, and one for every scenario and method in it.
    """

    task: Task
    group: tuple[Task, ...]
    start: Decisions | None


class _Group:
    """What a worker keeps of the group that it was last asked for: its cases by scenario, and its planner."""

    def __init__(self, work: Work, order: Order) -> None:
        self.given = _given(work, order.task.draw)
        self.cases: dict[str, Case] = {}
        self.planner = GroupPlanner([self.case(task) for task in order.group])

    def case(self, task: Task) -> Case:
        """Return the case of a task."""
        if task.scenario not in self.cases:
            self.cases[task.scenario] = task.scenario_of(self.given)
        return task.asked_of(self.cases[task.scenario])


_one_at_a_time = threading.Lock()
_draws: dict[str, CaseDraws] = {}
_groups: dict[tuple[str, int], _Group] = {}
"""The last group that this process was asked for."""


def run_task(work: Work, order: Order) -> Done:
    """Return what becomes of a task; whatever goes wrong in it is told in its row."""
    begun = clock.perf_counter()
    with _one_at_a_time:
        try:
            done = _planned(work, order)
        except Exception as error:
            # A group in which something broke is not trusted again.
            _groups.clear()
            done = lost(order.task.task, _reason(error))
    done.outcome["seconds"] = clock.perf_counter() - begun
    return done


def lost(task: int, reason: str, status: str = "failed") -> Done:
    """Return a task that has no plan, and why."""
    blank = {name: float("nan") for name, kind in OUTCOME_TYPES.items() if kind == "float64"}
    told = {"task": task, "status": status, "reason": reason[:LONGEST_REASON], "certified": False}
    return Done(task, {name: {**blank, **told}[name] for name in OUTCOME_TYPES}, None)


def _reason(error: Exception) -> str:
    if isinstance(error, InputError):
        return "input: " + "; ".join(problem.line() for problem in error.problems)
    return f"{type(error).__name__}: {error}"


def _planned(work: Work, order: Order) -> Done:
    task = order.task
    key = (work.name, task.group)
    if key not in _groups:
        _groups.clear()
        _groups[key] = _Group(work, order)
    group = _groups[key]
    planner, case = group.planner, group.case(task)
    try:
        result = planner.answer(case, order.start, gap=work.gap, time_limit=work.time_limit)
    except Infeasible:
        done = lost(task.task, "infeasible", "infeasible")
        done.outcome["highest_rate"] = planner.highest(task.scope, task.method, task.year, work.time_limit)
        return done
    except NoPlan as error:
        return lost(task.task, error.status, "no_plan")
    return Done(task.task, _outcome(task, result), planner.decided)


def _given(work: Work, draw: int) -> Case:
    if not draw:
        return work.case
    if work.name not in _draws:
        _draws.clear()
        _draws[work.name] = CaseDraws(work.case, work.draws, work.seed)
    return _draws[work.name].case(draw)


def _outcome(task: Task, result: PlanResult) -> dict[str, Any]:
    """Return the row of a plan."""
    info, table = result.info, result.tables["indicators"]
    whole = table[(table["variant"] == "plan") & (table["municipality"] == "") & table["year"].isna()]
    values = whole.set_index("indicator")["value"]
    return {
        "task": task.task,
        "status": str(info["status"]),
        "reason": "",
        "certified": bool(info["certificate"]["holds"]),
        "cost": float(info["objective"]),
        "bound": float(info["bound"]),
        "gap": float(info["gap"]),
        "rate": result.rate(task.scope, task.method, task.year),
        "highest_rate": float("nan"),
        **{name: float(values.get(name, np.nan)) for name in SHOWN},
        "seconds": float("nan"),
    }


def decisions_in(table: pd.DataFrame) -> Decisions:
    """Return the decisions of one task from its rows of a table of decisions."""
    schemes = table[table["kind"] == "scheme"].rename(columns={"name": "scheme"})
    steps = table[table["kind"] == "facility"].rename(columns={"name": "facility", "share": "on"})
    return Decisions(
        schemes[["municipality", "sector", "segment", "scheme", "period", "share"]].reset_index(drop=True),
        steps[["facility", "size", "period", "on"]].reset_index(drop=True),
    )
