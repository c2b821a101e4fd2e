"""The public functions: each command of the command line is a thin call of one of them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import scenarios
from flows.case import Case
from flows.problems import InputError, nearest
from flows.system import System
from flows.tables import METHODS, OBJECTIVES, SCOPES
from mfa.api_explain import in_scenarios, out_of_reach, run_of, with_sheet_rows
from mfa.api_layout import own_layout
from mfa.made import input_told, made
from mfa.run import Run, RunError, check_place, unfit
from mfa.run_door import inside
from mfa.whole import whole_file
from mfa.words import SpokenError
from mfa.workbook_mark import write_annotated
from mfa.workbook_read import Reading, read_workbook, without_row_numbers
from mfa.workbook_write import empty_case

if TYPE_CHECKING:
    from flows.reconcile import Reconciliation
    from flows.reconcile_case import CaseReconciliation
    from mfa.case_results import ReconciledCase
    from mfa.sweep_results import Sweep
    from mfa.system_api import ReconciledSystem

CaseOrPath = Case | Reading | str | os.PathLike[str]
SourceOrPath = CaseOrPath | System
RunOrPath = Run | str | os.PathLike[str]
Progress = Callable[..., None]
EXAMPLE = "capital_region.xlsx"


class OptionError(SpokenError, ValueError):
    """An option that the case or the run does not know."""


def capital_region_path() -> Path:
    """Return the shipped workbook of the Capital Region of Denmark."""
    here = Path(__file__).resolve().parent
    for folder in (here / "data", here.parent / "data"):
        if (folder / EXAMPLE).is_file():
            return folder / EXAMPLE
    raise FileNotFoundError(f"{EXAMPLE} is not part of this installation")


def capital_region() -> Case:
    """Return the shipped case: the 29 municipalities of the Capital Region of Denmark."""
    return without_row_numbers(_read(capital_region_path())[0])


def template(path: str | os.PathLike[str], example: bool = False, lang: str = "en", system: bool = False) -> Path:
    """Write an empty case workbook, or with ``example`` the Capital Region's, and return its path.

    With ``system`` it is the workbook of a general flow system, its example a small one with made-up figures.
    """
    target = Path(path)
    if system:
        from mfa.system_example import write_example
        from mfa.system_write import empty_system

        return write_example(target, language=lang) if example else empty_system(target, language=lang)
    if not example:
        return empty_case(target, language=lang)
    with whole_file(target) as new:
        shutil.copyfile(capital_region_path(), new)
    return target


def check(path: str | os.PathLike[str], annotated: str | os.PathLike[str] | None = None, lang: str = "en") -> Reading:
    """Return what is wrong with a workbook, all of it; ``annotated`` gets a copy with the cells marked.

    Raises :class:`OptionError` if the copy would replace the workbook itself.
    """
    if annotated is not None:
        _check_copy(Path(path), Path(annotated))
    reading = read_workbook(path)
    reading.problems.extend([*out_of_reach(reading), *in_scenarios(reading)])
    if annotated is not None and reading.layouts:
        write_annotated(path, reading.problems, annotated, lang)
    return reading


def _check_copy(path: Path, copy: Path) -> None:
    """Refuse a copy that would replace the workbook itself, or be no workbook."""
    if copy.suffix.lower() != ".xlsx":
        raise OptionError("no_xlsx", file=copy)
    if copy.exists() and path.exists() and copy.samefile(path):
        raise OptionError("same_file", file=copy)


def _reading(source: SourceOrPath) -> Case | System | Reading:
    """Return what a source says: a path is read."""
    return source if isinstance(source, Case | System | Reading) else read_workbook(source)


def opened(source: SourceOrPath) -> tuple[Case | System, Path | None]:
    """Return a case or system and the file that it came from; raises :class:`InputError` with all problems."""
    if isinstance(source, Case | System):
        return source, None
    reading = source if isinstance(source, Reading) else read_workbook(source)
    found = reading.system if reading.system is not None else reading.case
    if found is None or reading.errors:
        raise InputError(reading.problems)
    return found, reading.path


def _read(case: SourceOrPath) -> tuple[Case, Path | None]:
    """Return a case and the file that it came from; a flow system is refused."""
    found, path = opened(case)
    if isinstance(found, System):
        raise OptionError("no_case", file=path.name if path else found.settings["title"])
    return found, path


def _checked(case: SourceOrPath) -> tuple[Case, Path | None]:
    """Return a case that has passed every check, also if it was made in code."""
    from flows.checks import check_case
    from flows.problems import errors_of

    found, path = _read(case)
    if path is None and errors_of(problems := check_case(found)):
        raise InputError(problems)
    return found, path


def share(target: str | float | None) -> float | None:
    """Return a rate given as 0.8 or '80%'.

    >>> share("80 %"), share(0.8), share(None)
    (0.8, 0.8, None)

    Raises :class:`OptionError` for anything that is no rate from 0 to 1.
    """
    if target is None:
        return None
    text = str(target).strip().replace(",", ".")
    try:
        value = float(text.rstrip("% ")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise OptionError("no_share", value=target)
    return value


def _known(what: str, value: Any, known: Sequence[Any]) -> None:
    """Refuse an option that is none of those known."""
    if value is not None and value not in known:
        meant = nearest(str(value), [str(item) for item in known])
        listed = ", ".join(map(str, known))
        raise OptionError(
            "not_one_of_meant" if meant else "not_one_of", what=what, value=value, known=listed, meant=meant
        )


def account(
    case: SourceOrPath,
    year: int | None = None,
    out: str | os.PathLike[str] | None = None,
    lang: str = "en",
    draws: int = 0,
) -> Run:
    """Return what flows where: of a case in the accounted ``year``, of a flow system in every year or that one.

    A case's tables carry the variant ``today``, with rates by every method, costs and emissions; with ``draws``
    also how sure the rates are (``uncertainty``, ``drivers``; a seed of its own, so the same draws each time). A
    system's run is a :class:`mfa.system_run.SystemRun`; measurements that contradict each other are first
    made consistent. With ``out`` the run is stored in that folder (the report of a system in ``lang``).
    Raises :class:`InputError` with all problems and :class:`OptionError` for a year without figures.
    """
    source = _reading(case)
    found, path = opened(source)
    if draws and draws < 2:
        raise OptionError("no_draws", value=draws)
    if isinstance(found, System):
        from mfa.system_api import account_system

        found = replace(found, settings={**found.settings, "draws": draws}) if draws else found
        return account_system(found, path, input_told(found, path), year, out, lang)
    return _account_case(source, year, out, draws)


def reconcile(
    source: SourceOrPath,
    out: str | os.PathLike[str] | None = None,
    lang: str = "en",
    draws: int | None = None,
) -> Reconciliation | CaseReconciliation:
    """Return measured flows made consistent, with the gross errors located.

    For a flow system it is a :class:`flows.reconcile.Reconciliation` (``.flows``, ``.balances``, ``.suspects``,
    ``.chi2``, ``.dof``, ``.p_value`` ...), for a case what :func:`flows.reconcile_case.reconcile_case` returns
    (``.moved``, ``.suspects`` ...). ``out`` gets a copy of the workbook with the results on sheets in front,
    in ``lang``; ``draws`` repeats it that often with drawn measurements (default: as the settings say).

    Raises :class:`InputError` with all problems, contradictions of exact values among them, and
    :class:`OptionError` if the copy would replace the workbook itself.
    """
    return reconciliation(source, out, lang, draws).found


def reconciliation(
    source: SourceOrPath, out: str | os.PathLike[str] | None = None, lang: str = "en", draws: int | None = None
) -> ReconciledSystem | ReconciledCase:
    """Return what :func:`reconcile` does, as ``.found``, with what is shown of it."""
    from mfa.system_api import reconcile_file

    read = _reading(source)
    found, path = opened(read)
    if out is not None:
        _check_copy(path or Path(), Path(out))
    if isinstance(found, Case):
        found, path = _checked(read)
    return reconcile_file(found, path, out, lang, draws)


def _account_case(case: SourceOrPath, year: int | None, out: str | os.PathLike[str] | None, draws: int) -> Run:
    """Return the account of a case."""
    from flows.capture import shifted_capture
    from flows.reconcile_case import reconcile_case
    from models.tables import distance_table, reconciliation_tables, standing_tables

    found, path = _checked(case)
    if out is not None:
        check_place(Path(out).resolve())
    started = time.perf_counter()
    if year is not None:
        first = int(found["generation"]["year"].min())
        if year < first:
            raise OptionError("year_before", first=first, value=year)
        found = found.with_settings(account_year=int(year))
    found = without_row_numbers(found)
    reconciled = reconcile_case(found)
    case_now = reconciled.case
    captures = shifted_capture(case_now, reconciled.calibration)
    tables = standing_tables(case_now, {"today": ([found.account_year], None)}, captures)
    tables |= {**reconciliation_tables(reconciled), "distances": distance_table(found, tables["flows"])}
    seeds: dict[str, int] = {}
    if draws:
        from flows.account_uncertainty import account_uncertainty

        drawn = account_uncertainty(found, draws, reconciled=reconciled)
        tables |= drawn.tables("today", found.account_year)
        seeds = {"draws": drawn.seed}
    info: dict[str, Any] = {
        "status": "accounted",
        "currency": found.currency,
        "price_year": found.settings["price_year"],
        "times": {"account": time.perf_counter() - started},
    }
    options = {"year": found.account_year, **({"draws": draws} if draws else {})}
    info = made("account", options, input_told(found, path), info, seeds)
    run = Run(tables, info, workbook=path, given_case=found)
    if out is not None:
        run.save(out, case=without_row_numbers(found))
    return run


def plan(
    case: CaseOrPath,
    target: str | float | None = None,
    year: int | None = None,
    method: str | None = None,
    scope: str | None = None,
    scenario: str | None = None,
    gap: float = 0.005,
    time_limit: float = 600.0,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    objective: str | None = None,
    budget: float | None = None,
) -> Run:
    """Return the least-cost plan that meets the case's targets, with its certificate.

    ``target`` replaces all target rows of its scope and method (the case's own where they are not
    given) in ``year`` (default: the last plan year). ``scenario`` changes the case first. ``gap`` is
    the proven distance from the best possible plan at which the search may end, ``time_limit`` the
    seconds after which it must. With ``out`` the run is stored in that folder. ``objective`` is what the plan makes as
    small or large as possible instead of cost (see the settings of a case), ``budget`` the most that it may cost,
    discounted, in the case's currency.

    Raises :class:`InputError` with all problems of the input, :class:`Infeasible` if the target cannot be
    reached: it says how far one gets, what stands in the way and the least that would have to change, and with
    ``out`` the folder holds that together with today and the reference. Raises :class:`NoPlan` if the solver stopped without a plan, and
    :class:`OptionError` for a method, scope or year that the case does not know. Ctrl-C during the search ends it with
    the best plan so far: it is finished, stored with ``out``, and is the ``run`` of the :class:`Interrupted` that is
    raised, a ``KeyboardInterrupt``. A second Ctrl-C gives it up.
    """
    from models.plan import Infeasible, Interrupted, solve, with_objective, with_target

    rate = share(target)
    if not 0 < time_limit < float("inf"):
        raise OptionError("no_seconds", value=time_limit)
    found, path = _checked(case)
    if out is not None:
        check_place(Path(out).resolve())
    _known("method", method, METHODS)
    _known("scope", scope, (*SCOPES, *dict.fromkeys(found["sectors"]["sector"])))
    _known("year", year, found.plan_years)
    _known("objective", objective, OBJECTIVES)
    if budget is not None and not 0 < budget < float("inf"):
        raise OptionError("no_budget", value=budget)
    planned = scenarios.apply(found, scenario) if scenario else found
    if scenario:
        planned, _ = _checked(planned)
    if objective is not None or budget is not None:
        planned, _ = _checked(with_objective(planned, objective, budget))
    planned = with_target(without_row_numbers(planned), rate, year, method, scope)
    options = {
        "target": rate,
        "method": method,
        "scope": scope,
        "year": year,
        "scenario": scenario,
        "gap": gap,
        "time_limit": time_limit,
        "objective": objective,
        "budget": budget,
    }
    source = input_told(found, path)
    interruption: Interrupted | None = None
    try:
        result = solve(planned, gap=gap, time_limit=time_limit, progress=progress, states=True)
    except Interrupted as stopped:
        interruption, result = stopped, stopped.result
    except Infeasible as error:
        error.contradictions = with_sheet_rows(error.contradictions, found)
        if out is not None:
            error.folder = run_of(error, planned, path, made("plan", options, source, error.info)).save(
                out, case=without_row_numbers(found)
            )
        raise
    run = Run(result.tables, made("plan", options, source, result.info), workbook=path, given_case=result.case)
    if out is not None:
        # The folder holds the case as it was given; scenario and target are among the options.
        run.save(out, case=without_row_numbers(found))
    if interruption is not None:
        interruption.run = run
        raise interruption
    return run


def report(
    run: RunOrPath | Sweep,
    lang: str | Sequence[str] | None = None,
    municipality: Sequence[str] | str | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    layout: str | os.PathLike[str] | None = None,
    anonymous: bool = False,
    beside: Sequence[RunOrPath] | RunOrPath = (),
) -> list[Path]:
    """Write a workbook for each municipality and the region, and return their paths.

    ``run`` is a run or its folder; the workbooks go to its ``reports`` folder unless ``out`` is given.
    ``lang`` is 'da', 'en' or both, ``("da", "en")`` (default: Danish where the currency is DKK).
    ``municipality`` limits the workbooks to some, 'region' is the whole. ``workers`` is how many processes write
    (default: as many as there are processors); it changes no byte. ``layout`` is a TOML file with logo, contact,
    colour and sheets of one's own (:func:`layout_example` writes one to begin with). ``anonymous`` leaves out the names
    of the others where a municipality is compared with them. ``beside`` are other runs, such as scenarios of the case,
    whose figures stand beside this run's.

    Of a run whose target cannot be reached they say that, how far one gets and what stands in the way. Of a sweep the
    plan that stands for it (:meth:`mfa.Sweep.plan`) is carried out and reported on, with a sheet on all plans in the
    region's workbook; without ``municipality`` that workbook alone is written.
    Raises :class:`InputError` with every problem of the layout, :class:`OptionError` for an unknown municipality,
    :class:`RunError` for a run that is no plan: an account, or one whose certificate does not hold, and for a run that
    does not fit beside it.
    """
    from mfa.beside import parts, runs_beside
    from mfa.report_tables import report_tables
    from mfa.sweep_plan import run_shown
    from mfa.whole import waiting
    from reports.workbooks import write_reports

    found = run_shown(run)
    if "sweep" in found.info and municipality is None:
        municipality = "region"
    if reason := unfit(found):
        key = "run_fails" if reason == "fails" else f"run_is_{reason}"
        raise RunError(key, folder=found.folder or "DIR")
    case = found.case
    chosen = [municipality] if isinstance(municipality, str) else list(municipality or [])
    known = set(case["municipalities"]["municipality"])
    if unknown := [name for name in chosen if name not in known | {"region"}]:
        raise OptionError("no_municipality", value=", ".join(unknown), known=", ".join(sorted(known)))
    if workers is not None and workers < 1:
        raise OptionError("few_workers", value=workers)
    if out is None and found.folder is None:
        raise RunError("run_in_memory")
    own = own_layout(layout, case) if layout is not None else None
    folder = Path(out) if out is not None else inside(Path(str(found.folder)), "reports")
    others = runs_beside(found, beside)
    language = lang or report_language(case)
    folder.mkdir(parents=True, exist_ok=True)
    with waiting(folder / "workbooks", told=folder) as unfinished:
        return write_reports(
            case,
            report_tables(found),
            found.info,
            folder,
            language,
            chosen or None,
            progress,
            workers,
            own,
            anonymous=anonymous,
            others=parts(others),
            unfinished=unfinished,
        )


def report_language(case: Case) -> str:
    """Return the language of a case's reports where none is asked for."""
    return "da" if case.currency == "DKK" else "en"
