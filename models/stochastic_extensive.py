"""The extensive form of planning under uncertainty: exact for small cases, over runs of years and restricted for large ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.formulation_parts import MILLION, Support
from models.highs import compile_model
from models.joint import Answer, Joint, joined_models, solved
from models.pyomo_model import to_pyomo
from models.scenario_model import ScenarioModel
from models.search import with_margin
from models.stochastic_plans import Candidate, Options

Array = np.ndarray[Any, np.dtype[np.float64]]
LARGEST_JOINT = 150_000
"""Columns up to which the extensive form of a large case, over runs of years and restricted, is tried."""


def together(
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
        forms.append(form)
        arrays.append(with_margin(form, compile_model(to_pyomo(form.linear))))
    return joined_models(forms, arrays, options.until, _scale(models))
