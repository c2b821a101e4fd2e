"""From a case to a plan, in one call: the cheapest plan that meets every binding target, with proof and certificate."""

from __future__ import annotations

from flows.case import Case
from models.asked import with_objective, with_target
from models.outcome import Infeasible, Interrupted, NoPlan, PlanResult
from models.planner import Planner, Progress

__all__ = ["Infeasible", "Interrupted", "NoPlan", "PlanResult", "solve", "with_objective", "with_target"]


def solve(
    case: Case,
    *,
    gap: float = 0.005,
    time_limit: float = 600.0,
    threads: int = 2,
    progress: Progress | None = None,
    states: bool = False,
) -> PlanResult:
    """Return the cheapest plan found that meets every binding target, with its proof and certificate.

    ``gap`` is relative; the search stops when it is proven or, building included, after ``time_limit``
    seconds with the best plan so far. Dispatch, tables and certificate of that plan come after it. Raises
    :class:`Infeasible` with the highest rates that can be reached, :class:`NoPlan` if the solver stopped
    without one. The first Ctrl-C during the search ends it like the clock: what is found is finished and comes with
    :class:`Interrupted`; a second one gives it up. With ``states`` the certificate also looks at today and the reference. For several questions to one case keep a
    :class:`models.planner.Planner`.
    """
    planner = Planner(case, threads=threads, progress=progress)
    planner.keeps = True
    planner.certifies_states = states
    result = planner.plan(gap=gap, time_limit=time_limit)
    if planner.interrupted:
        raise Interrupted(result)
    return result
