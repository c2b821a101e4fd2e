"""A planner of the tasks of one group of a sweep: equal data, one model, one solver session.

A plan hangs on its question and on the decisions that it starts from, never on what the session was asked before:
before every search the solver forgets and is given the start that the manifest names, and the relaxation begins with
the basis of that of the group's first task. Only the tables that outcomes and certificate need are made.
"""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from models.asking import Asker
from models.decided import with_begun
from models.explain import highest_rate, nothing, without_scheme, without_targets
from models.formulation_parts import Decisions, Formulation
from models.found import Found
from models.highs import Solution
from models.outcome import NoPlan, PlanResult
from models.planner import Planner
from models.pursuit import asks_more, pursued
from models.reading import decisions_of
from models.routes import methods_wanted, routes
from models.totals import cost_vector


class GroupPlanner(Asker):
    """Answers the questions of a group; see the module.

    ``cases`` are those of the group's tasks, the first one's first. Which are answered, and in which order, changes no
    answer.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        """Reconcile the first case, prepare its routes for all questions, and relax the first of them."""
        super().__init__(cases[0], threads=1)
        targets = pd.concat([case["targets"] for case in cases], ignore_index=True)
        if {name for case in cases for name in methods_wanted(case)} != methods_wanted(cases[0]):
            self.constants = routes(self.case.with_table("targets", targets))
        self.lawless = len(without_scheme(self.case)) > 0
        self.start: Decisions | None = None
        self.decided: Decisions | None = None
        self.basis: Any = None
        self._highest: dict[tuple[tuple[str, str, int], str], float] = {}
        if self.small and not asks_more(self.case):
            _, self.basis = self.kept.relaxed(self.yearly, time_limit=1e7)

    def answer(self, case: Case, start: Decisions | None, *, gap: float, time_limit: float) -> PlanResult:
        """Return the plan for a case of the group; its decisions are then in ``decided``.

        Raises :class:`Infeasible`, without an explanation, and :class:`NoPlan`.
        """
        self.ask(case)
        self.start, self.decided, self.limit = start, None, time_limit
        if self.lawless:
            raise self.infeasible(nothing())
        if asks_more(self.case):
            return pursued(self, {"build": 0.0}, gap=gap, time_limit=time_limit)
        found = self.search(gap=gap, time_limit=time_limit)
        if found.status == "infeasible":
            raise self.infeasible(nothing())
        if len(found.values):
            decisions = decisions_of(found.form, found.values)
        elif start is not None:
            # What it started from is a plan too, if it can be run here.
            decisions = _known(self.case, start)
        else:
            raise NoPlan(found.status)
        times = {"search": clock.perf_counter() - self.begun}
        return self.result(decisions, found, times, gap=gap, time_limit=time_limit)

    def search(self, *, gap: float, time_limit: float) -> Found:
        """Return the best decisions found for what is asked, beginning with the start."""
        if not self.small:
            return Planner.search(self, gap=gap, time_limit=time_limit)
        form = self.yearly
        relaxed, _ = self.kept.relaxed(form, time_limit=time_limit, basis=self.basis)
        if relaxed.status == "infeasible":
            return Found("infeasible", form, np.empty(0), np.inf, np.inf, np.inf)
        left = max(time_limit - (clock.perf_counter() - self.begun), 0.1)
        return self._found(form, self.kept.solve(form, gap=gap, time_limit=left, start=self.start, afresh=True))

    def dispatch(self, decisions: Decisions) -> tuple[Formulation, Solution]:
        """Return the full yearly model with decisions fixed, and its solution. Raises :class:`NoPlan`."""
        if not self.small or self.asked.objective != "cost":
            return Planner.dispatch(self, decisions)
        form = self.yearly
        solution, values = self.kept.carry_out(form, decisions)
        if not len(solution.values):
            raise NoPlan(solution.status, "the decisions of the search cannot be run year by year")
        form = with_begun(form, values)
        return form, replace(solution, objective=float(cost_vector(form) @ solution.values))

    def result(self, decisions: Decisions, *arguments: Any, **options: Any) -> PlanResult:
        """Return the plan that carries out ``decisions``, and keep them."""
        self.decided = decisions
        return super().result(decisions, *arguments, **options)

    def tables(self, form: Formulation, decisions: Decisions, dispatched: Solution) -> dict[str, pd.DataFrame]:
        """Return the tables of the variant ``plan`` that outcomes and certificate need."""
        if self.case.settings["objective"] == "fair":
            return super().tables(form, decisions, dispatched)
        planned, levers = self.planned(form, decisions, dispatched, whole=False)
        return {**planned, **levers, "calibration": self.reconciled.calibration}

    def highest(self, scope: str, method: str, year: int, time_limit: float) -> float:
        """Return the highest rate that any plan of the group's data reaches, whatever the targets; NaN without one.

        Other targets of the case do not hold either; limits do.
        """
        if self.lawless:
            return float("nan")
        key = (scope, method, year)
        limits = self.case["limits"].to_csv(index=False)
        if (key, limits) not in self._highest:
            target = pd.Series({"scope": scope, "method": method, "municipality": "", "year": year})
            free = without_targets(self.yearly, self.arrays)
            self._highest[key, limits] = highest_rate(self.yearly, free, target, time_limit, self.threads)
        return self._highest[key, limits]


def _known(case: Case, decisions: Decisions) -> Decisions:
    """Return decisions without facilities and schemes that a case does not have."""
    schemes, steps = decisions.schemes, decisions.steps
    return Decisions(
        schemes[schemes["scheme"].isin(case["schemes"]["scheme"])],
        steps[steps["facility"].isin(case["facilities"]["facility"])],
    )
