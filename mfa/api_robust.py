"""Plans under uncertainty: one public function, behind the command of the same name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import scenario_weights
from flows.case import Case
from flows.tables import METHODS, SCOPES
from mfa import api
from mfa.api import CaseOrPath, OptionError, Progress
from mfa.folder_names import folder_names
from mfa.made import input_told, made
from mfa.robust_run import RobustRun
from mfa.run import Run, check_place
from mfa.workbook_read import without_row_numbers

if TYPE_CHECKING:
    from models.outcome import PlanResult

SAME = ("plan_years", "period_starts", "first_change_year", "currency")
"""Settings that a scenario may not change, as decisions could not mean the same in all."""


@dataclass(frozen=True)
class _Asked:
    """The target that was asked for, as in :func:`mfa.api.plan`."""

    target: float | None
    year: int | None
    method: str | None
    scope: str | None


def robust(
    case: CaseOrPath,
    scenarios: Sequence[str] | str = "all",
    measure: str = "expected",
    alpha: float | str = 0.9,
    risk_weight: float | str = 1.0,
    weights: Mapping[str, float] | None = None,
    first_stage_until: int | None = None,
    shortfall_price: float | None = None,
    target: str | float | None = None,
    year: int | None = None,
    method: str | None = None,
    scope: str | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> RobustRun:
    """Return the plan that is best over scenarios when facilities and schemes are decided now and flows follow.

    ``scenarios`` are names of the sheet, ``base`` is the case as it is; 'all' is every one. They are judged by
    ``measure``: ``expected`` cost, ``cvar`` (the mean of the dearest part 1 - ``alpha`` of the cases, mixed with the
    expected cost by 1 - ``risk_weight``), ``worst`` case, or largest ``regret`` (what is paid more than by the best
    plan for that scenario alone). ``weights`` are the probabilities, on any scale; by default the column ``weight`` of
    the sheet, equal where nothing is said.

    Decisions of periods that begin by ``first_stage_until`` are the same in all scenarios (all decisions, by default);
    later ones each scenario takes for itself. Targets hold in every scenario; with ``shortfall_price`` (money per
    tonne and year) they may be missed, which is paid for in what a plan is judged by and shown beside its cost. The
    target can be replaced as in :func:`mfa.plan`. ``gap`` and ``time_limit`` are for each search: one for every
    scenario and one for all together. With ``out`` the run is stored in that folder, with a run of the chosen plan in
    each scenario.

    Raises :class:`InputError` with all problems, also those that a scenario makes, :class:`Infeasible` naming the
    scenarios if no plan meets the targets in all of them, :class:`NoPlan` and :class:`OptionError` as
    :func:`mfa.plan`.
    """
    from models.risk import MEASURES
    from models.stochastic import certified, plan_for_all
    from models.stochastic_tables import decisions, measures, performance, summary, values

    chosen: Any = measure
    api._known("measure", measure, MEASURES)
    part, risk = _share(alpha), _share(risk_weight)
    asked = _Asked(api.share(target), year, method, scope)
    if not 0 < time_limit < float("inf"):
        raise OptionError("no_seconds", value=time_limit)
    if shortfall_price is not None and not 0 < shortfall_price < float("inf"):
        raise OptionError("no_price", value=shortfall_price)
    found, path = api._checked(case)
    if out is not None:
        check_place(Path(out).resolve())
    api._known("method", method, METHODS)
    api._known("scope", scope, (*SCOPES, *dict.fromkeys(found["sectors"]["sector"])))
    api._known("year", year, found.plan_years)
    api._known("first_stage_until", first_stage_until, found.plan_years)
    futures = _scenarios(found, _names(scenarios), weights, asked)
    answer = plan_for_all(
        futures,
        measure=chosen,
        alpha=part,
        risk_weight=risk,
        until=first_stage_until,
        price=shortfall_price,
        gap=gap,
        time_limit=time_limit,
        progress=progress,
    )
    certified(answer, every=answer.exact, progress=progress)
    options = {
        "scenarios": list(answer.names),
        "measure": measure,
        "alpha": part,
        "risk_weight": risk,
        "weights": None if weights is None else dict(weights),
        "first_stage_until": first_stage_until,
        "shortfall_price": shortfall_price,
        "target": asked.target,
        "year": year,
        "method": method,
        "scope": scope,
        "gap": gap,
        "time_limit": time_limit,
    }
    source = input_told(found, path)
    runs = {name: _single(result, name, options, source, path) for name, result in answer.chosen.results.items()}
    tables = {
        "performance": performance(answer),
        "measures": measures(answer),
        "values": values(answer),
        "decisions": decisions(answer),
    }
    told = {**summary(answer), "folders": folder_names(runs)}
    info = made("robust", options, source, told)
    whole = _with_target(without_row_numbers(found), asked)
    run = RobustRun(tables, info, workbook=path, given_case=whole, given_runs=runs)
    if out is not None:
        run.save(out, case=without_row_numbers(found))
    return run


def _share(value: float | str) -> float:
    found = api.share(value)
    return 0.0 if found is None else found


def _names(scenarios: Sequence[str] | str) -> list[str] | None:
    """Return the scenarios that were asked for; None is all."""
    listed = scenarios.split(",") if isinstance(scenarios, str) else list(scenarios)
    names = [name.strip() for name in listed if name.strip()]
    return None if names in (["all"], []) else names


def _with_target(case: Case, asked: _Asked) -> Case:
    from models.plan import with_target

    return with_target(case, asked.target, asked.year, asked.method, asked.scope)


def _scenarios(case: Case, names: list[str] | None, given: Mapping[str, float] | None, asked: _Asked) -> list[Any]:
    """Return the scenarios with their cases and weights; every one passes the checks of a case."""
    from models.scenario_model import Scenario

    if given is not None:
        names = list(given) if names is None else names
        lacking = [name for name in names if name not in given]
        if lacking:
            raise OptionError("no_weight", value=", ".join(lacking))
        if any(not 0 <= weight < float("inf") for weight in given.values()) or not sum(given.values()) > 0:
            raise OptionError("no_weights", value=", ".join(f"{name}={weight}" for name, weight in given.items()))
    shares = scenario_weights.weights(case, names, given)
    found = []
    for name, weight in shares.items():
        changed, _ = api._checked(scenario_weights.named(case, name))
        for setting in SAME:
            if changed.settings[setting] != case.settings[setting]:
                raise OptionError("scenario_years_differ", value=name, setting=setting)
        found.append(Scenario(name, _with_target(without_row_numbers(changed), asked), weight))
    return found


def _single(
    result: PlanResult, name: str, asked: Mapping[str, Any], source: Mapping[str, str], path: Path | None
) -> Run:
    """Return the run of the chosen plan in one scenario, told as a plan for that scenario is."""
    own = ("target", "method", "scope", "year", "gap", "time_limit", "shortfall_price")
    options = {**{option: asked[option] for option in own}, "scenario": None if name == scenario_weights.BASE else name}
    info = made("plan", options, source, result.info, part_of="robust")
    return Run(result.tables, info, workbook=path, given_case=result.case)


__all__ = ["robust"]
