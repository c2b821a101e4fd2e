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
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import to_pyomo
from models.first_stage import SCHEME_KEY, STEP_KEY
from models.formulation_parts import MILLION, Decisions, Support
from models.highs import Session, compile_model
from models.joint import Answer, Joint, decisions_at_once, joined_models, solved
from models.outcome import Infeasible, NoPlan, PlanResult
from models.planner import Progress
from models.risk import Measure, measured
from models.scenario_model import Scenario, ScenarioModel, Trial, only_cost_of
from models.softening import SHORT, TARGETS, own_columns, softened

Array = np.ndarray[Any, np.dtype[np.float64]]

BASE = "base"
LARGEST_JOINT = 150_000
"""Columns up to which the extensive form of a large case, over runs of years and restricted, is tried."""
MARGIN = 1e-6
"""How much more than a target a model over runs of years asks for, as a share of the largest stream."""
ALL_STEPS = "steps:any"


class NotInAll(Infeasible):
    """No plan meets the targets in every scenario.

    ``highest`` has a column ``scenario`` beside what :class:`Infeasible` tells. ``alone`` are scenarios that cannot
    meet their targets even with a plan of their own; if there are none, the scenarios ask for different decisions, and
    ``highest`` tells what the plan that misses least reaches. ``proven`` is false where only the plans tried failed.
    """

    def __init__(self, highest: pd.DataFrame, alone: Sequence[str], *, proven: bool = True) -> None:
        """Keep the explanation."""
        self.alone, self.proven = list(alone), proven
        names = self.alone or list(dict.fromkeys(highest["scenario"]))
        why = "cannot be reached even alone in" if self.alone else "cannot be reached by one plan in all of"
        super().__init__(f"the targets {why} the scenarios {', '.join(names)}", highest)


@dataclass(frozen=True)
class Options:
    """How plans are judged and sought; see :func:`plan_for_all`."""

    measure: Measure
    alpha: float
    risk_weight: float
    until: int
    price: float | None
    gap: float
    time_limit: float
    threads: int


@dataclass
class Candidate:
    """A plan, its decisions taken at once, and how it does in each scenario, in their order."""

    name: str
    kind: str
    first: Decisions
    trials: list[Trial] = field(default_factory=list)
    results: dict[str, PlanResult] = field(default_factory=dict)


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
        return _costs(plan, self.options)

    def judged(self, plan: Candidate, measure: Measure | None = None) -> float:
        """Return a plan's measure (the chosen one by default); infinite if it does not hold in every scenario."""
        options = self.options
        return _judged(plan, self.weights, self.best, measure or options.measure, options)


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
    _try(plans, models, options)
    if len(models) > 1:
        _add(plans, _with_all_steps(plans), models, options)
        before = clock.perf_counter()
        tell("joint", 0.6)
        best = _best(plans, models, options)
        for wanted in dict.fromkeys((options.measure, "expected")):
            if wanted != options.measure and not exact:
                break
            answer = _together(models, plans, best, replace(options, measure=wanted), exact)
            if answer.status == "infeasible" and exact:
                raise _why_not_all(models, options)
            if wanted == options.measure:
                state, bound = answer.status, answer.bound * MILLION if exact else bound
            if wanted == "expected" and exact:
                bound_expected = answer.bound * MILLION
            if answer.first is not None:
                _add(plans, Candidate(f"all:{wanted}", "all", answer.first), models, options)
        times["joint"] = clock.perf_counter() - before
    best = _best(plans, models, options)
    weights = np.array([model.weight for model in models])
    chosen = min(
        plans,
        key=lambda plan: (
            _judged(plan, weights, best, options.measure, options) * (1.0 if plan.kind == "all" else 1.0 + 1e-9),
            _judged(plan, weights, best, "expected", options),
        ),
    )
    if not np.isfinite(_judged(chosen, weights, best, options.measure, options)):
        raise _none_holds(models, plans)
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
        found = model.best(gap=options.gap, time_limit=options.time_limit, progress=within)
        if found.status == "infeasible":
            table = model.highest(options.time_limit)
            rows = table if len(table) else table.reindex([0])
            highest.append(rows.assign(scenario=scenario.name))
        elif not len(found.values):
            raise NoPlan(found.status)
        model.forget()
        models.append(model)
    if highest:
        raise NotInAll(pd.concat(highest, ignore_index=True), [str(table["scenario"].iloc[0]) for table in highest])
    return models


def _lowest(model: ScenarioModel) -> float:
    """Return what no plan can fall below in a scenario [currency]."""
    return model.own.bound * MILLION if model.own is not None else float("-inf")


def _try(plans: Sequence[Candidate], models: Sequence[ScenarioModel], options: Options) -> None:
    """Let every plan run in every scenario; a large model is built once for all plans."""
    trials: dict[int, list[Trial]] = {number: [] for number in range(len(plans))}
    for model in models:
        for number, plan in enumerate(plans):
            trials[number].append(
                model.tried(plan.first, gap=0.0 if model.exact else options.gap, time_limit=options.time_limit)
            )
        model.forget()
    for number, plan in enumerate(plans):
        plan.trials = trials[number]


def _add(plans: list[Candidate], plan: Candidate, models: Sequence[ScenarioModel], options: Options) -> None:
    """Try a plan and keep it; one that decides the same as another shares its trials."""
    like = next((other for other in plans if _alike(other.first, plan.first)), None)
    if like is None:
        _try([plan], models, options)
    elif plan.kind == "all":
        plan.trials = like.trials
    else:
        return
    plans.append(plan)


def _same(one: Trial, other: Trial) -> bool:
    """Return whether two plans come to the same decisions in a scenario, so that one run tells of both."""
    if one is other:
        return True
    return one.decisions is not None and other.decisions is not None and _alike(one.decisions, other.decisions)


def _alike(one: Decisions, other: Decisions) -> bool:
    """Return whether two sets of decisions say the same; what is not there is not run."""
    for left, right, key, value in (
        (one.schemes, other.schemes, SCHEME_KEY, "share"),
        (one.steps, other.steps, STEP_KEY, "on"),
    ):
        both = left.merge(right, on=key, how="outer", suffixes=("", "_other")).fillna(
            {value: 0.0, f"{value}_other": 0.0}
        )
        if not np.allclose(both[value], both[f"{value}_other"], atol=1e-6):
            return False
    return True


def _with_all_steps(plans: Sequence[Candidate]) -> Candidate:
    """Return a plan with the schemes of the dearest scenario's own plan and every step that any of them runs."""
    dearest = max(range(len(plans)), key=lambda number: np.nan_to_num(plans[number].trials[number].total))
    steps = pd.concat([plan.first.steps for plan in plans]).groupby(STEP_KEY, as_index=False)["on"].max()
    return Candidate(ALL_STEPS, "steps", Decisions(plans[dearest].first.schemes, steps))


def _costs(plan: Candidate, options: Options) -> Array:
    """Return what a plan costs in each scenario, penalties included; infinite where it does not hold."""
    holds = [trial.runs if options.price is not None else trial.meets for trial in plan.trials]
    return np.array([trial.total if ok else np.inf for trial, ok in zip(plan.trials, holds, strict=True)])


def _best(plans: Sequence[Candidate], models: Sequence[ScenarioModel], options: Options) -> Array:
    """Return the least cost known of every scenario [currency]."""
    own = [model.own.objective * MILLION if model.own is not None and model.exact else np.inf for model in models]
    best: Array = np.min(np.array([np.array(own), *(_costs(plan, options) for plan in plans)]), axis=0)
    return best


def _judged(plan: Candidate, weights: Array, best: Array, measure: Measure, options: Options) -> float:
    costs = _costs(plan, options)
    if not np.isfinite(costs).all():
        return float("inf")
    return measured(costs, weights, best, measure, options.alpha, options.risk_weight)


def _together(
    models: Sequence[ScenarioModel], plans: Sequence[Candidate], best: Array, options: Options, exact: bool
) -> Answer:
    """Return what the extensive form says; of a large case it is one over runs of years, restricted to what plans use."""
    joint = _joint(models, options) if exact else _lean_joint(models, plans, options)
    if joint is None:
        return Answer("too_large", None, float("-inf"))
    return solved(
        joint,
        np.array([model.weight for model in models]),
        best / MILLION,
        options.measure,
        alpha=options.alpha,
        risk_weight=options.risk_weight,
        gap=options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
    )


def _scale(models: Sequence[ScenarioModel]) -> float:
    """Return the factor by which costs come to thousands, so that tolerances of the solver mean the same anywhere."""
    largest = max(abs(model.own.objective) if model.own is not None else 0.0 for model in models)
    return 1000.0 / largest if largest > 0 else 1.0


def _joint(models: Sequence[ScenarioModel], options: Options) -> Joint:
    forms = [model.planner.yearly for model in models]
    return joined_models(forms, [model.planner.arrays for model in models], options.until, _scale(models))


def _lean_joint(models: Sequence[ScenarioModel], plans: Sequence[Candidate], options: Options) -> Joint | None:
    """Return the extensive form over runs of years, restricted to schemes and facilities of the plans; None if too large."""
    own = [trial.decisions for plan in plans for trial in plan.trials if trial.decisions is not None]
    schemes = pd.concat(
        [one.schemes[one.schemes["share"] > 1e-6][[*SOURCE, "scheme"]] for one in own]
    ).drop_duplicates()
    used = pd.concat([one.steps.loc[one.steps["on"] > 0.5, "facility"] for one in own])
    support = Support(schemes, frozenset(used))
    forms, arrays, columns = [], [], 0
    for model in models:
        form = model.planner.formulation(yearly=False, pooled=True, support=support)
        columns += form.linear.columns
        if columns > LARGEST_JOINT:
            return None
        ready = compile_model(to_pyomo(form.linear))
        lower = ready.row_lower.copy()
        lower[rows_of(form, "target")] += MARGIN * float(form.supply.commodities["kt"].max())
        forms.append(form)
        arrays.append(replace(ready, row_lower=lower))
    return joined_models(forms, arrays, options.until, _scale(models))


def rows_of(form: Any, name: str) -> slice:
    """Return where the rows of a family stand among all rows."""
    start = 0
    for family in form.linear.families.values():
        if family.name == name:
            return slice(start, start + len(family.keys))
        start += len(family.keys)
    return slice(0, 0)


def _why_not_all(models: Sequence[ScenarioModel], options: Options) -> NotInAll:
    """Return the explanation: what the plan that misses least of all targets together reaches in each scenario."""
    forms = [softened(model.planner.yearly, TARGETS) for model in models]
    arrays = [compile_model(to_pyomo(form.linear)) for form in forms]
    priced = [
        only_cost_of(form, part, SHORT)
        if own_columns(form) < form.linear.columns
        else replace(part, cost=0 * part.cost)
        for form, part in zip(forms, arrays, strict=True)
    ]
    joint = joined_models(forms, priced, options.until)
    names = [model.name for model in models]
    if not joint.consistent:
        return NotInAll(_blank(names), [])
    cost = np.zeros(len(joint.arrays.cost))
    for place, part in zip(joint.columns, joint.costs, strict=True):
        np.add.at(cost, place, part)
    session = Session(
        replace(joint.arrays, cost=cost),
        mip_rel_gap=options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
    )
    solution = session.run()
    if not len(solution.values):
        return NotInAll(_blank(names), [])
    plan = Candidate("least", "all", decisions_at_once(joint, solution.values))
    _try([plan], models, options)
    return NotInAll(_reached(models, plan), [])


def _none_holds(models: Sequence[ScenarioModel], plans: Sequence[Candidate]) -> NotInAll:
    """Return the explanation where only plans were tried: the one that misses least."""

    def short(plan: Candidate) -> tuple[int, float]:
        return sum(not trial.runs for trial in plan.trials), sum(trial.short_t for trial in plan.trials)

    return NotInAll(_reached(models, min(plans, key=short)), [], proven=False)


def _blank(names: Sequence[str]) -> pd.DataFrame:
    columns = ["scope", "method", "municipality", "year", "goal", "highest"]
    return pd.DataFrame({"scenario": names}).reindex(columns=["scenario", *columns])


def _reached(models: Sequence[ScenarioModel], plan: Candidate) -> pd.DataFrame:
    """Return scenario, scope, method, municipality, year, goal, short_t, highest (NaN) of the targets that a plan misses."""
    found = []
    for model, trial in zip(models, plan.trials, strict=True):
        if not trial.runs:
            found.append(_blank([model.name]).assign(short_t=np.nan))
        elif trial.short_t > 0:
            rows = trial.missed[trial.missed["short_t"] > 0]
            found.append(rows.assign(scenario=model.name, highest=np.nan))
    return pd.concat(found, ignore_index=True) if found else _blank([model.name for model in models])


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
            like = next((one for one in chosen if model.name in one.results and _same(one.trials[number], trial)), None)
            if like is not None:
                plan.results[model.name] = like.results[model.name]
            elif trial.runs:
                plan.results[model.name] = model.carried_out(trial, gap=options.gap, time_limit=options.time_limit)
        model.forget()
    return found
