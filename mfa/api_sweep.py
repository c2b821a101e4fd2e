"""Many plans in one go: the public function behind the command of the same name."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import scenario_checks, scenario_weights, scenarios
from flows.case import Case
from flows.problems import InputError, Problem, errors_of
from flows.scenario_weights import BASE
from flows.tables import METHODS, SCOPES
from mfa import __version__, api
from mfa.api import CaseOrPath, OptionError, Progress
from mfa.made import input_told
from mfa.run import RunError, check_empty, plain
from mfa.workbook_read import without_row_numbers

if TYPE_CHECKING:
    from mfa.sweep_crew import Crew
    from mfa.sweep_folder import SweepFolder
    from mfa.sweep_results import Sweep
    from models.sweep_run import Work

Several = Sequence[str] | str
SAME = ("plan_years", "currency")
"""Settings that a scenario may not change, as figures could not stand in one table."""


def sweep(
    case: CaseOrPath,
    out: str | os.PathLike[str],
    scenarios: Several = "all",
    targets: Sequence[str | float] | str | float | None = None,
    methods: Several | None = None,
    scope: str | None = None,
    year: int | None = None,
    draws: int = 0,
    seed: int = 1,
    gap: float = 0.05,
    time_limit: float = 60.0,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Plan for every scenario, target, method and draw, and return the sweep with all outcomes.

    ``scenarios`` are names of the sheet, ``base`` is the case as it is; 'all' is every one. ``targets`` are rates, each
    of which replaces the targets of its scope and method as in :func:`mfa.plan` (default: the case's own),
    ``methods`` and ``scope`` those of the rate (default: the case's, or the scenario's), ``year`` that of the target
    (default: the last plan year). With ``draws`` everything is also planned for so many draws of the uncertain
    inputs, a Latin hypercube of ``seed`` (:mod:`flows.case_draws`). ``gap`` and ``time_limit`` [s] are of each plan.

    ``out`` is the sweep's folder; results are written while it runs. A sweep that was interrupted goes on with
    ``resume``, and does what is not done. ``workers`` is how many processes plan (default: as many as there
    are processors), 1 is this one; ``scheduler`` is the address of a Dask scheduler whose workers plan instead. Neither
    changes a result: a task gives what its row in the manifest says, unless the clock ends its search.
    ``progress(finished, all, scenario)`` is told how far it is.

    Tasks without a plan are rows with their reason. Raises :class:`InputError` with the problems of the case and of all
    chosen scenarios, :class:`OptionError` for options that are not known, :class:`RunError` for a folder that
    holds something else, the sweep of another case or with other options, or one that another process works on.
    """
    from mfa.sweep_drive import drive
    from mfa.sweep_results import Sweep
    from models.sweep_tasks import tasks_of

    if importlib.util.find_spec("pyarrow") is None:
        raise RunError("sweep_needs", package="pyarrow", extra="parquet")
    if workers is not None and workers < 1:
        raise OptionError("few_workers", value=workers)
    found, path = api._checked(case)
    options = _options(found, scenarios, targets, methods, scope, year, draws, seed, gap, time_limit)
    told = {"versions": _versions(), "input": input_told(found, path), "options": options}
    folder = _folder(Path(out).resolve(), found, path, told, resume)
    with folder.lock():
        folder.mend()
        listed = tasks_of(folder.tasks)
        work = _work(folder, without_row_numbers(found))
        tell = progress or (lambda done, whole, words: None)
        finished = set(folder.outcomes["task"])
        if len(finished) < len(listed):
            drive(listed, folder, _crew(work, workers, scheduler, len(listed) - len(finished)), tell)
    return Sweep(folder)


def _options(
    case: Case,
    names: Several,
    targets: Sequence[str | float] | str | float | None,
    methods: Several | None,
    scope: str | None,
    year: int | None,
    draws: int,
    seed: int,
    gap: float,
    time_limit: float,
) -> dict[str, Any]:
    """Return the options as the sweep keeps them. Raises :class:`OptionError` and :class:`InputError`."""
    if not 0 < time_limit < float("inf"):
        raise OptionError("no_seconds", value=time_limit)
    if draws != int(draws) or draws < 0:
        raise OptionError("too_few", what="draws", value=draws, least=0)
    if seed != int(seed) or seed < 0:
        raise OptionError("too_few", what="seed", value=seed, least=0)
    rates = [api.share(rate) for rate in _listed(targets)]
    chosen = [str(method) for method in _listed(methods)]
    for method in chosen:
        api._known("method", method, METHODS)
    api._known("scope", scope, (*SCOPES, *dict.fromkeys(case["sectors"]["sector"])))
    api._known("year", year, case.plan_years)
    every = [str(name) for name in _listed(names)]
    known = scenarios.names(case)
    if every == ["all"]:
        every = [BASE, *known]
    scenario_weights.weights(case, every)  # refuses names that are not there
    return {
        "scenarios": list(dict.fromkeys(every)),
        "targets": list(dict.fromkeys(rates)),
        "methods": list(dict.fromkeys(chosen)),
        "scope": scope,
        "year": year,
        "draws": int(draws),
        "seed": int(seed),
        "gap": float(gap),
        "time_limit": float(time_limit),
    }


def _listed(values: Any) -> list[Any]:
    """Return what is given as a list: a list, one value, or text with commas between."""
    if values is None:
        return []
    if isinstance(values, str):
        return [part.strip() for part in values.split(",") if part.strip()]
    return [values] if isinstance(values, int | float) else list(values)


def _versions() -> dict[str, str]:
    from models.highs import check_solver

    return {"circular-mfa": __version__, "highs": check_solver()}


def _folder(target: Path, case: Case, path: Path | None, told: dict[str, Any], resume: bool) -> SweepFolder:
    """Return the folder of the sweep: the one that is there, or a new one."""
    from mfa.sweep_folder import SWEEP_FILE, SweepFolder

    there = (target / SWEEP_FILE).is_file()
    if not there:
        check_empty(target)
        return _created(target, case, path, told)
    if not resume:
        raise RunError("sweep_there", folder=target)
    folder = SweepFolder(target)
    known = plain(told)
    if folder.info["input"]["sha256"] != known["input"]["sha256"]:
        raise RunError("sweep_other_case", folder=target, found=folder.info["input"]["name"])
    for part, key in (("options", "sweep_other_options"), ("versions", "sweep_other_versions")):
        was, now = folder.info[part], known[part]
        changed = [
            f"{name}: {was.get(name)} / {now.get(name)}" for name in {**was, **now} if was.get(name) != now.get(name)
        ]
        if changed:
            raise RunError(key, folder=target, changed="; ".join(changed))
    return folder


def _created(target: Path, case: Case, path: Path | None, told: dict[str, Any]) -> SweepFolder:
    """Return a new folder with manifest and drawn inputs."""
    from flows.case_draws import CaseDraws
    from mfa.sweep_folder import SweepFolder
    from mfa.workbook_write import write_case_object
    from models.sweep_tasks import manifest, tasks

    options = told["options"]
    given = without_row_numbers(case)
    listed = tasks(
        _scenarios(case, given, options["scenarios"]),
        given,
        targets=options["targets"] or [None],
        methods=options["methods"] or [None],
        scope=options["scope"],
        year=options["year"],
        draws=options["draws"],
    )
    drawn = CaseDraws(given, options["draws"], options["seed"])
    if options["draws"] and not len(drawn.inputs):
        raise OptionError("sweep_nothing_uncertain", value=options["draws"])

    def write_case(place: Path) -> None:
        if path is not None:
            shutil.copyfile(path, place)
        else:
            write_case_object(given, place)

    counts: dict[str, Any] = {
        "tasks": len(listed),
        "groups": len({task.group for task in listed}),
        "inputs": len(drawn.inputs),
    }
    counts |= {"currency": case.currency, "price_year": case.settings["price_year"]}
    return SweepFolder.create(target, {**told, **counts}, manifest(listed), drawn.table(), write_case)


def _scenarios(case: Case, given: Case, names: Sequence[str]) -> dict[str, Case]:
    """Return ``given`` in every scenario, '' as it is; ``case`` is the same with the rows of its workbook.

    Raises :class:`InputError` with the problems of all.
    """
    made: dict[str, Case] = {}
    problems: list[Problem] = scenario_checks.ranges(case)
    for name in names:
        if name == BASE:
            continue
        try:
            made[name] = scenarios.apply(case, name)
        except InputError as error:
            problems.extend(error.problems)
            continue
        for setting in SAME:
            if made[name].settings[setting] != case.settings[setting]:
                raise OptionError("sweep_years_differ", value=name, setting=setting)
    problems.extend(scenario_checks.problems_of(case, made))
    if errors_of(problems):
        raise InputError(problems)
    return {"" if name == BASE else name: scenario_weights.named(given, name) for name in names}


def _work(folder: SweepFolder, case: Case) -> Work:
    """Return what workers are sent."""
    from models.sweep_run import Work

    options = folder.info["options"]
    return Work(
        str(folder.folder),
        case,
        int(options["draws"]),
        int(options["seed"]),
        float(options["gap"]),
        float(options["time_limit"]),
        __version__,
    )


def _crew(work: Work, workers: int | None, scheduler: str | None, left: int) -> Crew:
    """Return who runs the tasks."""
    from mfa.sweep_crew import Alone, Cluster, Processes, processes_for

    if scheduler is not None:
        return Cluster(work, scheduler)
    count = processes_for(workers, left)
    return Alone(work) if count == 1 else Processes(work, count)


__all__ = ["sweep"]
