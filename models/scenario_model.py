"""One scenario made ready: the best plan for it alone, and how a plan that was made for others does in it.

Every scenario goes through its own reconciliation and has its own model, as if it were planned alone. A small one is
answered by its yearly model as it stands; of a large one decisions are dispatched year by year, as in a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from models.certificate import certify
from models.first_stage import Held, decided, first_stage, held, with_bounds
from models.formulation_parts import MILLION, Decisions, Formulation, Support
from models.formulation_targets import rate_terms
from models.found import Found
from models.highs import Arrays, Session, Solution, compile_model
from models.outcome import PlanResult
from models.planner import Planner, Progress
from models.primal import relax
from models.pyomo_model import to_pyomo
from models.reading import decisions_of
from models.search import SMALL, search
from models.softening import LACK, ROOM, SHORT, TARGETS, missed, own_columns, softened

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Scenario:
    """A case that may come true, and how likely it is (weights of all scenarios add up to one)."""

    name: str
    case: Case
    weight: float


@dataclass(frozen=True)
class Trial:
    """How a plan does in one scenario.

    ``cost`` is discounted [currency], NaN if the plan cannot run there; ``penalty`` is what missed targets cost at the
    price given, beside it. ``missed`` lists targets with goal and short_t, ``short_t`` is their sum. ``lacks_t`` is
    how much too little room there is if the plan cannot run, in tonnes of the years together, NaN if that does not
    help. ``rate`` is that of the case's scope and method in the last plan year. ``decisions`` are those taken at once
    and those that the scenario adds.
    """

    cost: float
    penalty: float = 0.0
    missed: pd.DataFrame = field(default_factory=pd.DataFrame)
    short_t: float = 0.0
    lacks_t: float = 0.0
    rate: float = float("nan")
    decisions: Decisions | None = None
    refused: tuple[tuple[str, str, int], ...] = ()

    @property
    def runs(self) -> bool:
        """Whether everything finds a place, whatever the targets."""
        return bool(np.isfinite(self.cost))

    @property
    def meets(self) -> bool:
        """Whether the plan runs and every target is met."""
        return self.runs and self.short_t == 0.0

    @property
    def total(self) -> float:
        """Cost and penalty."""
        return self.cost + self.penalty


class PricedPlanner(Planner):
    """A planner whose targets may be missed at a price [currency/t]."""

    def __init__(self, case: Case, price: float, *, threads: int = 2) -> None:
        """Make a case ready."""
        super().__init__(case, threads=threads)
        self.price = price

    def formulation(
        self, *, yearly: bool, pooled: bool, support: Support | None = None, decisions: Decisions | None = None
    ) -> Formulation:
        """Return the model of the case with a priced shortfall of every target."""
        form = super().formulation(yearly=yearly, pooled=pooled, support=support, decisions=decisions)
        return softened(form, TARGETS, self.price)


class ScenarioModel:
    """A scenario with its planner. ``until`` is the last year whose decisions are taken before it is known."""

    def __init__(self, scenario: Scenario, until: int, *, price: float | None, threads: int = 2) -> None:
        """Reconcile the scenario and prepare its model; with a ``price`` [currency/t] targets may be missed."""
        self.name, self.weight, self.until, self.price = scenario.name, scenario.weight, until, price
        case = scenario.case
        self.planner = Planner(case, threads=threads) if price is None else PricedPlanner(case, price, threads=threads)
        self.exact = len(self.planner.arrays.cost) <= SMALL
        self.pooled = self.planner.yearly.pooled
        self.own: Found | None = None
        self.support: Support | None = None

    def forget(self) -> None:
        """Let go of a large model; what is needed again is built again."""
        if not self.exact:
            self.planner.forget()

    def best(self, *, gap: float, time_limit: float, progress: Progress | None = None) -> Found:
        """Return the best plan for this scenario alone, with its bound; kept as ``own``."""
        self.planner.tell = progress or (lambda words, part: None)
        self.own = self.planner.search(gap=gap, time_limit=time_limit)
        return self.own

    def beyond(self, time_limit: float) -> bool:
        """Tell whether the relaxation of this scenario alone proves that it has no plan."""
        return relax(self.planner.arrays, time_limit, self.planner.threads).status == "infeasible"

    def highest(self, time_limit: float) -> pd.DataFrame:
        """Return the highest rates that this scenario alone can reach."""
        return self.planner.explain(time_limit).highest

    def first(self) -> Decisions:
        """Return what the best plan for this scenario alone decides at once."""
        own = self._found()
        return first_stage(own.form, own.values, self.until)

    def _found(self) -> Found:
        if self.own is None:
            raise RuntimeError("the best plan of a scenario is asked for before it was sought")
        return self.own

    def tried(self, first: Decisions, *, gap: float, time_limit: float) -> Trial:
        """Return how the scenario goes after ``first`` was decided: the cheapest way that misses least of its targets."""
        planner = self.planner
        bounds = held(planner.yearly, first, self.until)
        if bounds.refused:
            return Trial(float("nan"), lacks_t=float("nan"), refused=bounds.refused)
        if self.exact:
            form = planner.yearly
            return self._answer(form, self._arrays(form, bounds), None, gap=gap, time_limit=time_limit)
        if bounds.undecided:
            found = self._recourse(first, gap=gap, time_limit=time_limit)
            if not len(found.values):
                return Trial(float("nan"), lacks_t=float("nan"))
            decisions = decisions_of(found.form, found.values)
        else:
            decisions = decided(planner.yearly, bounds)
        form = planner.formulation(yearly=True, pooled=False, decisions=decisions)
        return self._answer(form, compile_model(to_pyomo(form.linear)), decisions, gap=gap, time_limit=time_limit)

    def _recourse(self, first: Decisions, *, gap: float, time_limit: float) -> Found:
        """Return the later decisions of a large scenario after ``first``: searched like a plan."""
        planner = self.planner
        form = planner.yearly
        bounds = held(form, first, self.until)

        def restricted(support: Support | None) -> Formulation:
            lean = planner.formulation(yearly=False, pooled=True, support=support)
            return with_bounds(lean, held(lean, first, self.until))

        arrays = self._arrays(form, bounds)
        found = search(
            with_bounds(form, bounds), arrays, restricted, gap=gap, time_limit=time_limit, threads=planner.threads
        )
        return planner.ended(found)

    def _arrays(self, form: Formulation, bounds: Held) -> Arrays:
        """Return the yearly model's arrays with bounds of decisions."""
        arrays = self.planner.arrays if form is self.planner.yearly else compile_model(to_pyomo(form.linear))
        return _bounded(form, arrays, bounds)

    def _answer(
        self, form: Formulation, arrays: Arrays, decisions: Decisions | None, *, gap: float, time_limit: float
    ) -> Trial:
        """Return the trial of a model whose decisions are held by bounds, or of a dispatch with its ``decisions``."""
        solution = _solved(arrays, gap, time_limit)
        if not len(solution.values) and solution.status != "time_limit":
            form, solution, lacks = _as_little_as_can_be(form, arrays, gap, time_limit)
            if not len(solution.values):
                return Trial(float("nan"), lacks_t=lacks)
        if not len(solution.values):
            return Trial(float("nan"), lacks_t=float("nan"))
        values = solution.values
        own = own_columns(form)
        paid = float(arrays.cost[:own] @ values[:own]) * MILLION
        short = missed(form, values)
        penalty = 0.0
        if self.price is not None:
            penalty = float(form.block(SHORT).cost @ values[own:]) * MILLION if own < len(values) else 0.0
        return Trial(
            paid,
            penalty,
            short,
            float(short["short_t"].sum()),
            0.0,
            reached(form, values),
            decisions or decisions_of(form, values),
        )

    def carried_out(self, trial: Trial, *, gap: float, time_limit: float) -> PlanResult:
        """Return the run of a trial: dispatched year by year, with tables, certificate and ``info``.

        The certificate is that of the scenario's case; targets that the trial misses are told in ``info["missed"]``
        and do not bind there.
        """
        if trial.decisions is None:
            raise ValueError("a plan that cannot run has no tables")
        planner, own = self.planner, self._found()
        form = planner.formulation(yearly=True, pooled=False, decisions=trial.decisions)
        arrays = compile_model(to_pyomo(form.linear))
        solution = _solved(arrays, 0.0 if self.exact else gap, time_limit)
        if not len(solution.values):
            form, solution, _ = _as_little_as_can_be(form, arrays, gap, time_limit)
        short = missed(form, solution.values)
        lacking = short[short["short_t"] > 0]
        kept = own_columns(form)
        objective = float(arrays.cost[:kept] @ solution.values[:kept]) * MILLION
        given = without_targets(planner.given, lacking)
        tables = planner.tables(form, trial.decisions, solution)
        tables["certificate"] = certify(given, tables, objective, standing=planner.certifies_states)
        info = planner.told(tables, own, objective, gap=gap, time_limit=time_limit, pooled=self.pooled)
        info["missed"] = lacking.to_dict("records")
        return PlanResult(given, tables, info)


def _solved(arrays: Arrays, gap: float, time_limit: float) -> Solution:
    session = Session(arrays, mip_rel_gap=gap, time_limit=max(time_limit, 1.0), threads=1)
    session.set(solver="simplex" if len(arrays.cost) <= SMALL else "ipm")
    return session.run()


def _bounded(form: Formulation, arrays: Arrays, bounds: Held) -> Arrays:
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for name, (least, most) in (("x", bounds.x), ("on", bounds.on)):
        columns = form.block(name).columns
        lower[columns], upper[columns] = least, most
    return replace(arrays, lower=lower, upper=upper)


def _as_little_as_can_be(
    form: Formulation, arrays: Arrays, gap: float, time_limit: float
) -> tuple[Formulation, Solution, float]:
    """Return the softened model and its cheapest solution that misses as little as can be of the targets.

    If nothing can run there is no solution, but the tonnes by which room is too little (NaN if that is not why).
    """
    soft = form
    if SHORT not in form.linear.blocks:
        soft = softened(form, TARGETS)
    if soft is not form:
        grown = _grown(soft, arrays)
        least = _solved(only_cost_of(soft, grown, SHORT), gap, time_limit)
        if len(least.values):
            upper = grown.upper.copy()
            short = soft.block(SHORT).columns
            upper[short] = np.maximum(least.values[short], 0.0) * (1.0 + 1e-9) + 1e-9
            cheapest = _solved(replace(grown, upper=upper), gap, time_limit)
            return soft, cheapest if len(cheapest.values) else least, 0.0
    roomy = softened(soft, ROOM, name=LACK)
    lacking = (
        _solved(only_cost_of(roomy, _grown(roomy, arrays), LACK), gap, time_limit) if roomy is not soft else NOTHING
    )
    return form, NOTHING, lacking.objective * 1000.0 if len(lacking.values) else float("nan")


NOTHING = Solution("infeasible", np.empty(0), float("inf"), float("-inf"), float("inf"), np.empty(0), 0)


def _grown(soft: Formulation, arrays: Arrays) -> Arrays:
    """Return the arrays of a softened model, with the bounds that ``arrays`` has for the columns of both."""
    grown = compile_model(to_pyomo(soft.linear))
    lower, upper = grown.lower.copy(), grown.upper.copy()
    lower[: len(arrays.lower)], upper[: len(arrays.upper)] = arrays.lower, arrays.upper
    return replace(grown, lower=lower, upper=upper)


def only_cost_of(form: Formulation, arrays: Arrays, name: str) -> Arrays:
    """Return the arrays with the sum of one block of columns as the only cost."""
    cost = np.zeros_like(arrays.cost)
    cost[form.block(name).columns] = 1.0
    return replace(arrays, cost=cost)


def reached(form: Formulation, values: Array) -> float:
    """Return the rate of the case's scope and method in the last plan year; NaN where there is nothing to count."""
    settings = form.case.settings
    scope, method = str(settings["scope"]), str(settings["method"])
    if not (form.routes.counted["method"] == method).any():
        return float("nan")
    terms = rate_terms(form, scope, method, "", form.case.plan_years[-1])
    mass = terms["coef"].to_numpy(dtype=float) * values[terms["col"].to_numpy(dtype=np.int64)]
    whole = float(mass[(terms["term"] > 0).to_numpy()].sum())
    return float(mass[(terms["term"] == 0).to_numpy()].sum()) / whole if whole > 0 else float("nan")


def without_targets(case: Case, lacking: pd.DataFrame) -> Case:
    """Return the case in which the targets listed (scope, method, municipality) are only reported, not binding."""
    if lacking.empty:
        return case
    key = ["scope", "method", "municipality"]
    rows = case["targets"]
    listed = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(lacking[key]))
    return case.with_table("targets", rows.assign(binding=rows["binding"] & ~listed))
