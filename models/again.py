"""A plan carried out again from its decisions: nothing is searched, every year is dispatched as it was.

That is how a plan is repeated whose search the clock stopped, since another machine would get further or less far in
the same time. What is proven of it, its bound, is what the search proved then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from flows.case import Case
from models.asking import Asker
from models.formulation_parts import MILLION, Decisions
from models.found import Found
from models.objective import Asked
from models.outcome import PlanResult
from models.planner import Planner, Progress
from models.pursuit import reference_of, told
from models.scenario_model import Scenario, ScenarioModel, Trial
from models.totals import co2e_vector
from models.wish import Row, Wish


def planned_again(case: Case, decisions: Decisions, info: Mapping[str, Any], progress: Progress | None) -> PlanResult:
    """Return the plan of a case that decides so; ``info`` is what its run said of it.

    Raises :class:`models.outcome.NoPlan` if the decisions cannot be carried out.
    """
    planner = Planner(case, progress=progress)
    planner.certifies_states = True
    objective = str(case.settings["objective"])
    ratio = 0.0
    if objective != "cost":
        reference = reference_of(planner) if objective == "fair" else None
        ratio = float(info.get("objective_of", {}).get("raised_from", 0.0))
        planner.pursue(Asked(objective, ratio=ratio, reference=reference))
    result = planner.result(decisions, _found(planner, info), {}, gap=_gap(info), time_limit=_seconds(info))
    if objective != "cost" and "objective_of" in info:
        then = {name: info["objective_of"][name] for name in ("bound", "gap") if name in info["objective_of"]}
        result.info["objective_of"] = {**told(result, objective, 0.0, ratio), **then}
    return _bounded(result, info)


def point_again(
    case: Case, decisions: Decisions, info: Mapping[str, Any], cap: float | None, progress: Progress | None
) -> PlanResult:
    """Return a plan of a frontier, of alternatives or of what things are worth; ``cap`` [kt CO2e] also holds."""
    asker = Asker(case, progress=progress)
    rows = () if cap is None else (Row("co2e", co2e_vector, upper=cap, physical=True),)
    asker.want(Wish(rows))
    asker.knows(decisions.choices)
    result = asker.result(decisions, _found(asker, info), {}, gap=_gap(info), time_limit=_seconds(info))
    return _bounded(result, info)


def scenario_again(
    case: Case, name: str, decisions: Decisions, info: Mapping[str, Any], price: float | None
) -> PlanResult:
    """Return how a plan goes in a scenario, of a plan over several; missed targets have a ``price`` [currency/t]."""
    model = ScenarioModel(Scenario(name, case, 1.0), case.plan_years[-1], price=price)
    model.own = _found(model.planner, info)
    result = model.carried_out(Trial(0.0, decisions=decisions), gap=_gap(info), time_limit=_seconds(info))
    return _bounded(result, info)


def _found(planner: Planner, info: Mapping[str, Any]) -> Found:
    """Return the search as a run tells it."""
    bound = float(_number(info.get("bound"), -np.inf)) / MILLION
    return Found(str(info.get("status", "")), planner.yearly, np.empty(0), np.inf, bound, np.inf)


def _number(value: Any, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _gap(info: Mapping[str, Any]) -> float:
    return _number(info.get("options", {}).get("gap"), 0.0)


def _seconds(info: Mapping[str, Any]) -> float:
    return _number(info.get("options", {}).get("time_limit"), 600.0)


def _bounded(result: PlanResult, info: Mapping[str, Any]) -> PlanResult:
    """Return the plan with what was proven then."""
    then = {name: info[name] for name in ("bound", "bound_of", "status", "searches") if name in info}
    return replace(result, info={**result.info, **then, "bound_from": "stored"})
