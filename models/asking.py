"""A planner that is asked many questions to one case: frontier, alternatives and what things are worth stand on it.

A question is targets, limits, settings and prices (:meth:`Asker.ask`), and a :class:`models.wish.Wish`. A small case
keeps one solver session in which only what is asked changes (:class:`models.kept.Kept`); of a large one the planner's
own search is asked.
"""

from __future__ import annotations

import time as clock
from dataclasses import replace
from typing import Any

import numpy as np

from flows.case import Case
from models.decided import whole_decisions, with_begun, with_choices
from models.formulation_parts import Decisions, Formulation, Support
from models.found import Found, relative_gap
from models.highs import Arrays, Session, Solution, compile_model
from models.kept import Kept
from models.outcome import NoPlan, PlanResult
from models.planner import Planner, Progress
from models.primal import relax
from models.pyomo_model import to_pyomo
from models.reading import decisions_of
from models.search import SMALL
from models.totals import cost_vector
from models.wish import NOTHING, Wish, with_wish

Array = np.ndarray[Any, np.dtype[np.float64]]


class Asker(Planner):
    """A planner with a wish on top of what the case asks; see the module."""

    def __init__(self, case: Case, *, threads: int = 2, progress: Progress | None = None) -> None:
        """Reconcile a case and prepare the constants of its routes."""
        super().__init__(case, threads=threads, progress=progress)
        self.wish = NOTHING
        self.limit = 600.0
        self._kept: Kept | None = None
        self._whole: Array | None = None
        self._said = self.tell

    def knows(self, choices: tuple[str, ...]) -> None:
        """Begin with the other whole choices of known decisions, as after a search that found them."""
        if self.small:
            self._whole = with_choices(self.plain, choices, np.zeros(self.plain.linear.columns))

    def stage(self, begin: float, end: float) -> None:
        """Let progress that is told from 0 to 1 mean the part of the work from ``begin`` to ``end``."""
        self.tell = lambda words, part: self._said(words, begin + (end - begin) * part)

    def want(self, wish: Wish) -> None:
        """Lay another wish over what the case asks."""
        self.wish = wish
        self._arrays = None
        self.begun = clock.perf_counter()

    def ask(self, case: Case) -> None:
        """Ask for something else: targets, limits, settings and, beyond :meth:`Planner.ask`, prices.

        With other prices the model is built anew; routes and captures stay.
        """
        dearer = not case["prices"].equals(self.given["prices"])
        super().ask(case)
        self.case = self.case.with_table("prices", case["prices"])
        if dearer:
            self._yearly, self._kept, self._standing = None, None, {}
        elif self._yearly is not None:
            self._yearly = replace(self._yearly, case=self.case)

    @property
    def plain(self) -> Formulation:
        """The yearly model without the wish."""
        return super().yearly

    @property
    def yearly(self) -> Formulation:
        """The yearly model with the wish laid over it."""
        return with_wish(self.plain, self.wish)

    @property
    def small(self) -> bool:
        """Whether the case is solved as it is, in one session."""
        return self.plain.linear.columns <= SMALL and not self.plain.pooled

    @property
    def kept(self) -> Kept:
        """The session of a small case."""
        if self._kept is None or not self._kept.fits(self.plain):
            self._kept = Kept(self.plain, self.threads)
        return self._kept

    def formulation(
        self, *, yearly: bool, pooled: bool, support: Support | None = None, decisions: Decisions | None = None
    ) -> Formulation:
        """Return the model of the case; one to search in (of periods) has the wish laid over it."""
        form = super().formulation(yearly=yearly, pooled=pooled, support=support, decisions=decisions)
        return form if yearly else with_wish(form, self.wish)

    def search(self, *, gap: float, time_limit: float) -> Found:
        """Return the best decisions found for what is asked, in the kept session if the case is small."""
        self.limit = time_limit
        if not self.small:
            return super().search(gap=gap, time_limit=time_limit)
        form = self.yearly
        solution = self.kept.solve(form, gap=gap, time_limit=time_limit, start=self._whole)
        return self.ended(self._found(form, solution))

    def _found(self, form: Formulation, solution: Solution) -> Found:
        status = solution.status
        gap = relative_gap(solution.objective, solution.bound)
        if len(solution.values):
            self._whole = solution.values
        if status == "optimal" and gap > 1e-6:
            status = "gap_reached"
        return Found(status, form, solution.values, solution.objective, solution.bound, gap)

    def dispatch(self, decisions: Decisions) -> tuple[Formulation, Solution]:
        """Return the full yearly model with decisions fixed, and its solution: objective is cost, whatever is wished.

        Raises :class:`NoPlan`.
        """
        physical = tuple(row for row in self.wish.rows if row.physical)
        if self.small and self._whole is not None:
            form = with_wish(self.plain, Wish(physical))
            values = whole_decisions(form, decisions, self._whole)
            solution = self.kept.settle(form, values)
            form = with_begun(form, values)
        else:
            plain = super().formulation(yearly=True, pooled=False, decisions=decisions)
            form = with_wish(plain, Wish(physical))
            arrays = compile_model(to_pyomo(form.linear))
            session = Session(arrays, solver="simplex" if form.linear.columns < SMALL else "ipm", threads=1)
            solution = session.run()
            if not len(solution.values) and physical:
                # A total that the model of periods only estimates may be missed by a hair: the plan lands beside it.
                form, solution = plain, Session(compile_model(to_pyomo(plain.linear)), threads=1).run()
        if not len(solution.values):
            raise NoPlan(solution.status, "the decisions of the search cannot be run year by year")
        return form, replace(solution, objective=float(cost_vector(form) @ solution.values))

    def carried_out(self, found: Found, bound: float, *, gap: float) -> tuple[Decisions, PlanResult]:
        """Return the decisions of a search and the plan that carries them out, certified.

        ``bound`` [millions] is what any plan for the same question costs at least.
        """
        decisions = decisions_of(found.form, found.values)
        times = {"search": clock.perf_counter() - self.begun}
        answer = replace(found, bound=bound)
        return decisions, self.result(decisions, answer, times, gap=gap, time_limit=self.limit)


def relaxation(arrays: Arrays, *, time_limit: float, threads: int) -> Solution:
    """Return the solution of the linear relaxation of a model with its duals."""
    if len(arrays.cost) > SMALL:
        return relax(arrays, time_limit, threads)
    return Session(replace(arrays, integer=np.zeros_like(arrays.integer)), time_limit=time_limit, threads=threads).run()
