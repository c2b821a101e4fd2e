"""The public functions on choices: frontier, alternatives, what things are worth, and what differs between runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import scenarios
from flows.case import Case
from flows.tables import METHODS, SCOPES
from mfa.api import (
    CaseOrPath,
    OptionError,
    Progress,
    RunOrPath,
    _checked,
    _known,
    share,
)
from mfa.comparison import Comparison
from mfa.made import input_told, made
from mfa.run import BUNDLES, RUN_FILE, Run, RunError, check_place
from mfa.run_bundle import Bundle, kept, staging
from mfa.workbook_read import without_row_numbers

if TYPE_CHECKING:
    from models.asking import Asker
    from models.outcome import PlanResult

CaseOrRun = CaseOrPath | Run
AGAINST = ("rate", "co2e", "both")


def frontier(
    case: CaseOrRun,
    against: str = "rate",
    points: int = 6,
    method: str | None = None,
    scope: str | None = None,
    year: int | None = None,
    scenario: str | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Bundle:
    """Return cost against rate, against greenhouse gas, or against both, as plans that no other beats in everything.

    ``against`` is ``rate`` (of ``method`` and ``scope`` in ``year``, default: the case's, the last plan year; the
    case's own targets of that method and scope give way), ``co2e`` (net, over the horizon; all targets hold) or
    ``both``. ``points`` is the number of points of the grid along each axis, its ends among them. ``gap`` and
    ``time_limit`` [s] are of each plan.

    The bundle's tables are ``frontier``, ``frontier_rates``, ``frontier_bounds``, ``payoff`` and ``marginal_cost``;
    ``.runs`` has each plan. With ``out`` all is stored in that folder, the plans in ``runs``.

    Ctrl-C ends it with the plans so far, if there are any: they are the ``run`` of the :class:`Interrupted` that is raised.
    Raises :class:`InputError`, :class:`Infeasible`, :class:`NoPlan` and :class:`OptionError` as :func:`mfa.plan` does.
    """
    from models.asking import Asker
    from models.frontier import frontier as curve

    _known("against", against, AGAINST)
    _count("points", points, 2)
    given, path, planned = _ready(case, None, year, method, scope, scenario, time_limit, out)
    options = {
        "against": against,
        "points": points,
        "method": method,
        "scope": scope,
        "year": year,
        "scenario": scenario,
        "gap": gap,
        "time_limit": time_limit,
    }
    with staging(out) as place:

        def keep(name: str, plan: PlanResult) -> Run:
            asked = plan.info["asked"]
            mine = {"target": asked["rate"], "most_co2e_kt": asked["co2e_kt"], **_of_plan(options)}
            return kept(_run("frontier", plan, mine, given, path), place, name, given)

        asker = Asker(planned, progress=progress)
        found = curve(
            asker,
            against=against,
            points=points,
            scope=scope,
            method=method,
            year=year,
            gap=gap,
            time_limit=time_limit,
            keep=keep,
        )
        return _bundle(found, asker, options, given, path, out)


def alternatives(
    case: CaseOrRun,
    within: str | float = 0.02,
    count: int = 5,
    target: str | float | None = None,
    year: int | None = None,
    method: str | None = None,
    scope: str | None = None,
    scenario: str | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Bundle:
    """Return plans that cost at most the share ``within`` more than the best one found, as different as can be.

    Targets (``target`` ... as in :func:`mfa.plan`), limits and contracts hold in all of them. Up to ``count`` plans are
    sought; plans that were found in settling what is in all, in some or in none come on top. ``gap`` and
    ``time_limit`` [s] are of each search.

    The bundle's tables are ``alternatives``, ``differences`` and ``presence``; ``.runs`` has each plan. With ``out`` all
    is stored in that folder, the plans in ``runs``.

    Ctrl-C ends it with the plans so far, if there are any: they are the ``run`` of the :class:`Interrupted` that is raised.
    Raises :class:`InputError`, :class:`Infeasible`, :class:`NoPlan` and :class:`OptionError` as :func:`mfa.plan` does.
    """
    from models.alternatives import alternatives as search
    from models.asking import Asker

    margin = share(within)
    if margin is None:
        raise OptionError("no_share", value=within)
    _count("count", count, 1)
    rate = share(target)
    given, path, planned = _ready(case, rate, year, method, scope, scenario, time_limit, out)
    options = {
        "within": margin,
        "count": count,
        "target": rate,
        "method": method,
        "scope": scope,
        "year": year,
        "scenario": scenario,
        "gap": gap,
        "time_limit": time_limit,
    }
    with staging(out) as place:

        def keep(name: str, plan: PlanResult) -> Run:
            return kept(_run("alternatives", plan, _of_plan(options), given, path), place, name, given)

        asker = Asker(planned, progress=progress)
        found = search(asker, within=margin, count=count, gap=gap, time_limit=time_limit, keep=keep)
        return _bundle(found, asker, options, given, path, out)


def worth(
    case: CaseOrRun,
    step: str | float = 0.01,
    carbon: float = 100.0,
    points: int = 0,
    target: str | float | None = None,
    year: int | None = None,
    method: str | None = None,
    scope: str | None = None,
    scenario: str | None = None,
    gap: float = 0.02,
    time_limit: float = 600.0,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Bundle:
    """Return what things are worth: capacity and markets, a percentage point, carbon, and the target to each municipality.

    Five plans are made: for the target, for one ``step`` less and more, without it, and with ``carbon``
    [currency/t of CO2] on top of every price of carbon; ``points`` more refine the curve of marginal cost. ``gap`` and
    ``time_limit`` [s] are of each plan.

    The bundle's tables are ``shadow_prices``, ``percentage_points``, ``carbon_tonnes``, ``carbon_price``,
    ``cost_of_target`` and ``marginal_cost``; ``.runs`` has each plan. With ``out`` all is stored in that folder.

    Raises :class:`InputError`, :class:`Infeasible`, :class:`NoPlan` and :class:`OptionError` as :func:`mfa.plan` does.
    """
    from models.asking import Asker
    from models.worth import worth as valued

    moved = share(step)
    if not moved:
        raise OptionError("no_share", value=step)
    _count("points", points, 0)
    if not 0 <= carbon < float("inf"):
        raise OptionError("no_price", value=carbon)
    rate = share(target)
    given, path, planned = _ready(case, rate, year, method, scope, scenario, time_limit, out)
    options = {
        "step": moved,
        "carbon": carbon,
        "points": points,
        "target": rate,
        "method": method,
        "scope": scope,
        "year": year,
        "scenario": scenario,
        "gap": gap,
        "time_limit": time_limit,
    }
    with staging(out) as place:

        def keep(name: str, plan: PlanResult) -> Run:
            # These cases differ from the given one in a row of the targets or in prices: each is stored as it is.
            mine = {"scope": scope, "method": method, "gap": gap, "time_limit": time_limit}
            return kept(_run("worth", plan, mine, plan.case, None), place, name, plan.case)

        asker = Asker(planned, progress=progress)
        found = valued(
            asker,
            step=moved,
            carbon=carbon,
            points=points,
            gap=gap,
            time_limit=time_limit,
            keep=keep,
        )
        return _bundle(found, asker, options, given, path, out)


def compare(first: RunOrPath, second: RunOrPath) -> Comparison:
    """Return what differs between two runs, in words (``.sentences(lang)``) and tables (``.tables``).

    Two plans are compared in what they plan, two accounts in what they account. Raises :class:`RunError` for runs
    that cannot be compared: of a flow system, of several plans, or one of each kind.
    """
    from models.comparison import Side, differences

    runs = [run if isinstance(run, Run) else Run.load(run) for run in (first, second)]
    for run in runs:
        if run.info.get("kind") == "system":
            raise RunError("run_is_system")
        if run.info.get("kind") in BUNDLES:
            raise RunError("run_is_bundle")
    kinds = [run.info.get("status") == "accounted" for run in runs]
    if kinds[0] != kinds[1]:
        raise RunError("not_comparable")
    one, two = (Side(run.case, run.tables, run.info, run.given) for run in runs)
    return Comparison(one, two, differences(one, two, "today" if kinds[0] else "plan"))


def _count(what: str, value: int, least: int) -> None:
    """Refuse a number that is too small to mean anything."""
    if value != int(value) or value < least:
        raise OptionError("too_few", what=what, value=value, least=least)


def _ready(
    case: CaseOrRun,
    rate: float | None,
    year: int | None,
    method: str | None,
    scope: str | None,
    scenario: str | None,
    time_limit: float,
    out: str | os.PathLike[str] | None,
) -> tuple[Case, Path | None, Case]:
    """Return the case as it was given, its file, and as it is planned; raises for options that it does not know."""
    from models.plan import with_target

    if not 0 < time_limit < float("inf"):
        raise OptionError("no_seconds", value=time_limit)
    found, path = _checked(_case_of(case))
    if out is not None:
        check_place(Path(out).resolve())
    _known("method", method, METHODS)
    _known("scope", scope, (*SCOPES, *dict.fromkeys(found["sectors"]["sector"])))
    _known("year", year, found.plan_years)
    planned = found
    if scenario:
        planned, _ = _checked(scenarios.apply(found, scenario))
    return without_row_numbers(found), path, with_target(without_row_numbers(planned), rate, year, method, scope)


def _case_of(source: CaseOrRun) -> Any:
    """Return a case or what one is read from; of a run and its folder the case that was planned."""
    if isinstance(source, Run):
        return without_row_numbers(source.case)
    if isinstance(source, str | os.PathLike) and (Path(source) / RUN_FILE).is_file():
        return without_row_numbers(Run.load(source).case)
    return source


def _of_plan(options: dict[str, Any]) -> dict[str, Any]:
    """Return those of a bundle's options that are a plan's own."""
    names = ("target", "method", "scope", "year", "scenario", "gap", "time_limit")
    return {name: options[name] for name in names if name in options}


def _run(kind: str, plan: PlanResult, options: dict[str, Any], given: Case, path: Path | None) -> Run:
    """Return a plan as a run, a part of one of some ``kind``."""
    info = made("plan", options, input_told(given, path), plan.info, part_of=kind)
    return Run(plan.tables, info, workbook=path, given_case=plan.case)


def _bundle(found: Any, asker: Asker, options: dict[str, Any], given: Case, path: Path | None, out: Any) -> Bundle:
    """Return what a question came to, stored if ``out`` says where; raises it in :class:`Interrupted` if it was cut short."""
    from models.outcome import Interrupted

    info = {"currency": given.currency, "price_year": given.settings["price_year"], "found": found.info}
    info["searches"] = dict(asker.endings)
    info = made(found.info["kind"], options, input_told(given, path), info)
    runs: dict[str, Run] = found.plans
    info["plans"] = {name: {key: run.info.get(key) for key in TOLD} for name, run in runs.items()}
    bundle = Bundle(found.tables, info, workbook=path, given_case=given, runs=runs)
    if out is not None:
        bundle.save(out, case=given)
    if found.info.get("ended") == "interrupted":
        interruption = Interrupted(found)
        interruption.run = bundle
        raise interruption
    return bundle


TOLD = ("status", "objective", "bound", "bound_of", "gap", "certificate")
"""What a bundle says of each of its plans."""
