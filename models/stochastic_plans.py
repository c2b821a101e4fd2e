"""Plans that are tried in every scenario of planning under uncertainty, and how they are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.first_stage import SCHEME_KEY, STEP_KEY
from models.formulation_parts import MILLION, Decisions
from models.outcome import PlanResult
from models.risk import Measure, measured
from models.scenario_model import ScenarioModel, Trial

Array = np.ndarray[Any, np.dtype[np.float64]]
ALL_STEPS = "steps:any"


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


def try_out(plans: Sequence[Candidate], models: Sequence[ScenarioModel], options: Options) -> None:
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


def added(plans: list[Candidate], plan: Candidate, models: Sequence[ScenarioModel], options: Options) -> None:
    """Try a plan and keep it; one that decides the same as another shares its trials."""
    like = next((other for other in plans if alike(other.first, plan.first)), None)
    if like is None:
        try_out([plan], models, options)
    elif plan.kind == "all":
        plan.trials = like.trials
    else:
        return
    plans.append(plan)


def same(one: Trial, other: Trial) -> bool:
    """Return whether two plans come to the same decisions in a scenario, so that one run tells of both."""
    if one is other:
        return True
    return one.decisions is not None and other.decisions is not None and alike(one.decisions, other.decisions)


def alike(one: Decisions, other: Decisions) -> bool:
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


def with_all_steps(plans: Sequence[Candidate]) -> Candidate:
    """Return a plan with the schemes of the dearest scenario's own plan and every step that any of them runs."""
    dearest = max(range(len(plans)), key=lambda number: np.nan_to_num(plans[number].trials[number].total))
    steps = pd.concat([plan.first.steps for plan in plans]).groupby(STEP_KEY, as_index=False)["on"].max()
    return Candidate(ALL_STEPS, "steps", Decisions(plans[dearest].first.schemes, steps))


def costs_of(plan: Candidate, options: Options) -> Array:
    """Return what a plan costs in each scenario, penalties included; infinite where it does not hold."""
    holds = [trial.runs if options.price is not None else trial.meets for trial in plan.trials]
    return np.array([trial.total if ok else np.inf for trial, ok in zip(plan.trials, holds, strict=True)])


def best_of(plans: Sequence[Candidate], models: Sequence[ScenarioModel], options: Options) -> Array:
    """Return the least cost known of every scenario [currency]."""
    own = [model.own.objective * MILLION if model.own is not None and model.exact else np.inf for model in models]
    best: Array = np.min(np.array([np.array(own), *(costs_of(plan, options) for plan in plans)]), axis=0)
    return best


def judged(plan: Candidate, weights: Array, best: Array, measure: Measure, options: Options) -> float:
    """Return a plan's measure; infinite if it does not hold in every scenario."""
    costs = costs_of(plan, options)
    if not np.isfinite(costs).all():
        return float("inf")
    return measured(costs, weights, best, measure, options.alpha, options.risk_weight)
