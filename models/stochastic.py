"""Plans under uncertainty: facilities and schemes are decided now, flows follow when it is known which scenario comes.

Two-stage stochastic and robust programming (Birge and Louveaux 2011; regret: Kouvelis and Yu 1997). Small cases are
answered by the extensive form (:mod:`models.joint`), with a proof. Of large ones a set of plans is tried in every
scenario: the best plan for each scenario alone, one with every step that any of them runs, and that of an extensive
form over runs of years restricted to what they use, if it is small enough. The best by the measure is taken, and the
bound is that of perfect information: no plan can do better in a scenario than the best plan for it alone.
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.formulation_parts import MILLION
from models.not_in_all import NotInAll, none_holds, why_not_all
from models.outcome import NoPlan
from models.planner import Progress
from models.risk import Measure, measured
from models.scenario_model import Scenario, ScenarioModel
from models.stochastic_extensive import together
from models.stochastic_plans import Candidate, Options, added, best_of, costs_of, judged, same, try_out, with_all_steps

Array = np.ndarray[Any, np.dtype[np.float64]]

BASE = "base"


@dataclass
class Uncertain:
    """What planning for all scenarios ends with.

    ``models`` are the scenarios, ``plans`` all plans that were tried, ``chosen`` the best by the measure. ``best`` is
    the least cost known of each scenario [currency] (penalties included), ``bounds`` what it cannot fall below.
    ``bound`` is what the measure of any plan cannot fall below, ``bound_expected`` the same of the expected cost.
    ``joint`` says what came of the extensive form: a status of the solver, ``too_large`` or ``single``.
    """

    models: list[ScenarioModel]
    plans: list[Candidate]
    chosen: Candidate
    options: Options
    best: Array
    bounds: Array
    bound: float
    bound_expected: float
    joint: str
    exact: bool
    times: dict[str, float]

    @property
    def weights(self) -> Array:
        """Weights of the scenarios."""
        return np.array([model.weight for model in self.models])

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return [model.name for model in self.models]

    @property
    def reference(self) -> str:
        """The scenario whose own plan stands for planning without uncertainty: the base, else the first."""
        return BASE if BASE in self.names else self.names[0]

    def costs(self, plan: Candidate) -> Array:
        """Return what a plan costs in each scenario, penalties included; infinite where it does not hold."""
        return costs_of(plan, self.options)

    def judged(self, plan: Candidate, measure: Measure | None = None) -> float:
        """Return a plan's measure (the chosen one by default); infinite if it does not hold in every scenario."""
        options = self.options
        return judged(plan, self.weights, self.best, measure or options.measure, options)


def plan_for_all(
    scenarios: Sequence[Scenario],
    *,
    measure: Measure = "expected",
    alpha: float = 0.9,
    risk_weight: float = 1.0,
    until: int | None = None,
    price: float | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    threads: int = 2,
    progress: Progress | None = None,
) -> Uncertain:
    """Return the plan that is best by ``measure`` over all scenarios, beside the best plan for each alone.

    Decisions of periods that begin by the year ``until`` are taken before it is known which scenario comes (all, by
    default), later ones and all flows after that. Targets hold in every scenario; with a ``price`` [currency/t] they
    may be missed and what is missing is paid for. ``alpha`` and ``risk_weight`` belong to ``cvar``, see
    :func:`models.risk.measured`. ``gap`` and ``time_limit`` [s] are for each search: one for every scenario, and one
    for all together. The scenarios have the same years. Raises :class:`NotInAll` if no plan meets the targets in
    every scenario, :class:`models.outcome.NoPlan` if the solver stopped without one.
    """
    tell: Progress = progress or (lambda words, part: None)
    begun = clock.perf_counter()
    last = scenarios[0].case.period_starts[-1]
    options = Options(measure, alpha, risk_weight, last if until is None else until, price, gap, time_limit, threads)
    models = _alone(scenarios, options, tell)
    return _answered(models, options, tell, {"alone": clock.perf_counter() - begun})


def asked_anew(found: Uncertain, *, weights: Mapping[str, float] | None = None, **changes: Any) -> Uncertain:
    """Return the answer of the same scenarios by other ``weights`` (that add up to one) or options.

    ``changes`` are measure, alpha, risk_weight, until, gap, time_limit; the best plans for each scenario alone are kept.
    """
    if "price" in changes:
        raise ValueError("a price of what is missed changes the models; plan anew")
    for model in found.models:
        model.weight = model.weight if weights is None else weights[model.name]
        model.until = changes.get("until", model.until)
    return _answered(found.models, replace(found.options, **changes), lambda words, part: None, {})


def _answered(models: list[ScenarioModel], options: Options, tell: Progress, times: dict[str, float]) -> Uncertain:
    """Return the best plan over scenarios whose own best plans are known."""
    begun = clock.perf_counter()
    plans = [Candidate(f"for:{model.name}", "scenario", model.first()) for model in models]
    exact = all(model.exact for model in models)
    bounds = np.array([_lowest(model) for model in models])
    bound = bound_expected = float("-inf")
    state = "single"
    tell("try_out", 0.5)
    try_out(plans, models, options)
    if len(models) > 1:
        added(plans, with_all_steps(plans), models, options)
        before = clock.perf_counter()
        tell("joint", 0.6)
        best = best_of(plans, models, options)
        for wanted in dict.fromkeys((options.measure, "expected")):
            if wanted != options.measure and not exact:
                break
            answer = together(models, plans, best, replace(options, measure=wanted), exact)
            if answer.status == "infeasible" and exact:
                raise why_not_all(models, options)
            if wanted == options.measure:
                state, bound = answer.status, answer.bound * MILLION if exact else bound
            if wanted == "expected" and exact:
                bound_expected = answer.bound * MILLION
            if answer.first is not None:
                added(plans, Candidate(f"all:{wanted}", "all", answer.first), models, options)
        times["joint"] = clock.perf_counter() - before
    best = best_of(plans, models, options)
    weights = np.array([model.weight for model in models])
    chosen = min(
        plans,
        key=lambda plan: (
            judged(plan, weights, best, options.measure, options) * (1.0 if plan.kind == "all" else 1.0 + 1e-9),
            judged(plan, weights, best, "expected", options),
        ),
    )
    if not np.isfinite(judged(chosen, weights, best, options.measure, options)):
        raise none_holds(models, plans)
    certain = measured(bounds, weights, np.minimum(best, bounds), options.measure, options.alpha, options.risk_weight)
    bound = max(bound, 0.0 if options.measure == "regret" else certain)
    bound_expected = max(bound_expected, float(weights @ bounds))
    times["total"] = times.get("alone", 0.0) + clock.perf_counter() - begun
    return Uncertain(models, plans, chosen, options, best, bounds, bound, bound_expected, state, exact, times)


def _alone(scenarios: Sequence[Scenario], options: Options, tell: Progress) -> list[ScenarioModel]:
    """Return the scenarios with the best plan for each alone. Raises :class:`NotInAll` naming all that have none."""
    models: list[ScenarioModel] = []
    highest: list[pd.DataFrame] = []
    for number, scenario in enumerate(scenarios):
        start, width = 0.5 * number / len(scenarios), 0.5 / len(scenarios)

        def within(words: str, part: float, start: float = start, width: float = width) -> None:
            tell(words, start + width * part)

        tell(f"alone {scenario.name}", start)
        model = ScenarioModel(scenario, options.until, price=options.price, threads=options.threads)
        if highest and not model.exact:
            # One without a plan is enough to give up: of the others it is only asked whether they have none either.
            lost = model.beyond(options.time_limit)
        else:
            found = model.best(gap=options.gap, time_limit=options.time_limit, progress=within)
            lost = found.status == "infeasible"
            if not lost and not len(found.values):
                raise NoPlan(found.status)
        if lost:
            table = model.highest(options.time_limit)
            rows = table if len(table) else table.reindex([0])
            highest.append(rows.assign(scenario=scenario.name))
        model.forget()
        models.append(model)
    if highest:
        raise NotInAll(pd.concat(highest, ignore_index=True), [str(table["scenario"].iloc[0]) for table in highest])
    return models


def _lowest(model: ScenarioModel) -> float:
    """Return what no plan can fall below in a scenario [currency]."""
    return model.own.bound * MILLION if model.own is not None else float("-inf")


def certified(found: Uncertain, *, every: bool, progress: Progress | None = None) -> Uncertain:
    """Carry out plans in their scenarios, each with tables and certificate, and return ``found``.

    The chosen plan is always carried out, with ``every`` all plans that run. Plans that decide the same share results.
    """
    tell: Progress = progress or (lambda words, part: None)
    options = found.options
    chosen = [found.chosen, *(plan for plan in found.plans if every and plan is not found.chosen)]
    for number, model in enumerate(found.models):
        for plan in chosen:
            trial = plan.trials[number]
            tell(f"certify {model.name}", 0.7 + 0.3 * number / len(found.models))
            like = next((one for one in chosen if model.name in one.results and same(one.trials[number], trial)), None)
            if like is not None:
                plan.results[model.name] = like.results[model.name]
            elif trial.runs:
                plan.results[model.name] = model.carried_out(trial, gap=options.gap, time_limit=options.time_limit)
        model.forget()
    return found
