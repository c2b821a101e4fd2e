"""The tasks of a sweep: scenarios, targets, methods and draws, and what each of them starts from.

Tasks of one ``group`` have equal data: scenarios that change only what is wanted (targets, limits, rate method,
objective) differ in nothing else, so they share a group with the case itself. Each begins with the decisions of the task
that is its ``start``: within a group its first; the first of a group the first of its scenario without a draw, and that
the first of all. So what a task gives hangs on this table alone, never on what happened to be finished before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import pandas as pd

from flows import scenarios
from flows.case import WISHED, WISHES, Case
from models.asked import with_target

MANIFEST = ["task", "scenario", "target", "scope", "method", "year", "draw", "group", "start"]


@dataclass(frozen=True)
class Task:
    """One plan to be made; ``target`` None keeps the case's own targets, ``start`` -1 begins with nothing."""

    task: int
    scenario: str
    target: float | None
    scope: str
    method: str
    year: int
    draw: int
    group: int
    start: int

    def scenario_of(self, given: Case) -> Case:
        """Return the case (``given``, in the draw of the task) with the changes of the scenario."""
        return scenarios.apply(given, self.scenario) if self.scenario else given

    def asked_of(self, case: Case) -> Case:
        """Return the case of the scenario with the target of the task."""
        return with_target(case, self.target, self.year, self.method, self.scope)

    def case(self, given: Case) -> Case:
        """Return the case of the task, ``given`` being in its draw."""
        return self.asked_of(self.scenario_of(given))


def same_data(one: Case, other: Case) -> bool:
    """Tell whether two cases, one made of the other, differ at most in what is wanted of them."""
    tables = all(one[name] is other[name] for name in one.tables if name not in WISHES)
    changed = {name for name in one.settings if one.settings[name] != other.settings[name]}
    return tables and changed <= WISHED


def tasks(
    cases: Mapping[str, Case],
    given: Case,
    *,
    targets: Sequence[float | None],
    methods: Sequence[str | None],
    scope: str | None,
    year: int | None,
    draws: int,
) -> list[Task]:
    """Return all tasks in the order in which they are numbered; ``cases`` are the scenarios, '' the case as it is.

    ``given`` is the case as it is. Draws run from 0, the central values, to ``draws``; a target or method of None is
    that of each scenario itself.
    """
    groups: dict[tuple[str, int], int] = {}
    firsts: dict[int, int] = {}
    found: list[Task] = []
    data = {name: "" if same_data(given, case) else name for name, case in cases.items()}
    # Draw by draw: what others start from comes first.
    for draw in range(draws + 1):
        for name, case in cases.items():
            group = groups.setdefault((data[name], draw), len(groups))
            for method in methods:
                for target in targets:
                    number = len(found)
                    first = firsts.setdefault(group, number)
                    if first != number:
                        start = first
                    elif draw:
                        start = firsts[groups[data[name], 0]]
                    else:
                        start = 0 if number else -1
                    settings = case.settings
                    last = case.plan_years[-1] if year is None else year
                    asked = (target, scope or str(settings["scope"]), method or str(settings["method"]), last)
                    found.append(Task(number, name, *asked, draw, group, start))
    return found


def manifest(listed: Sequence[Task]) -> pd.DataFrame:
    """Return tasks as a table, columns :data:`MANIFEST`; a target of None is NaN."""
    table = pd.DataFrame([astuple(task) for task in listed], columns=MANIFEST)
    return table.astype({"target": "float64"})


def tasks_of(table: pd.DataFrame) -> list[Task]:
    """Return the tasks of a manifest."""
    return [
        Task(
            int(row.task),
            str(row.scenario),
            None if row.target != row.target else float(row.target),
            str(row.scope),
            str(row.method),
            int(row.year),
            int(row.draw),
            int(row.group),
            int(row.start),
        )
        for row in table[MANIFEST].itertuples(index=False)
    ]
