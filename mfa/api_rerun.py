"""Repeating a run from its folder: the same tables again, said table by table.

A run that ended by itself is made anew from its case and options. Of one whose search the clock stopped, plans are
carried out again from their decisions (:mod:`models.again`), with the bound that was proven then; tables over several
plans, which stand on what the searches proved, are kept as they are and said to be.
"""

from __future__ import annotations

import html
import inspect
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows.case import Case
from mfa import api, api_choices
from mfa.api import Progress, RunOrPath
from mfa.api_robust import robust
from mfa.made import file_hash, input_told, made
from mfa.rerun_tables import TABLE_COLUMNS, differing, kept_row
from mfa.robust_run import RobustRun
from mfa.run import RUN_FILE, Run, RunError, check_place
from mfa.run_bundle import Bundle
from mfa.words import Speaker
from mfa.workbook_read import without_row_numbers
from models.comparison import makers

ENDED = frozenset({"optimal", "gap_reached", "infeasible", "work_limit", "cut_off", "feasible", "single", "too_large"})
"""How a search ends by itself: the same everywhere."""
SEARCH, DECISIONS = "search", "decisions"


@dataclass(frozen=True, repr=False)
class Rerun:
    """A run and the same again: ``tables`` says of every table whether it is equal, and what differs if not.

    ``tables``: run (blank, or the name of a plan in it), table, state (equal, differs, added, gone, kept), rows, rows_now,
    columns (that differ or are in one only), cells (values that differ) and largest (difference of numbers). ``how`` is
    search, or decisions where nothing was searched. ``unlike`` has what made the run and is not the same now.
    """

    original: Run
    run: Run
    tables: pd.DataFrame
    how: str
    unlike: Mapping[str, tuple[str, str]]
    sure_of_input: bool

    @property
    def same(self) -> bool:
        """Whether all tables that were made again are equal."""
        return bool(self.tables["state"].isin(["equal", "kept"]).all())

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.tables["state"].value_counts().items())
        return f"<Rerun from {self.how}: {counts}>"

    def sentences(self, lang: str = "en") -> list[str]:
        """Return in words whether the run was reproduced, and what differs."""
        speak = Speaker(lang)
        counts = self.tables["state"].value_counts()
        again = len(self.tables) - int(counts.get("kept", 0))
        said = [speak(f"rerun_from_{self.how}")]
        said += [speak("rerun_unlike", what=what, then=then, now=now) for what, (then, now) in self.unlike.items()]
        if not self.sure_of_input:
            said.append(speak("rerun_input"))
        said.append(
            speak("rerun_same" if self.same else "rerun_differs", count=again, equal=int(counts.get("equal", 0)))
        )
        if counts.get("kept", 0):
            said.append(speak("rerun_kept", count=int(counts["kept"])))
        return said

    def _repr_html_(self) -> str:
        """Return what came of it as a notebook shows it."""
        said = "".join(f"<li>{html.escape(line)}</li>" for line in self.sentences())
        return f"<ul>{said}</ul>{self.tables.to_html(index=False)}"


def rerun(
    run: RunOrPath,
    out: str | os.PathLike[str] | None = None,
    decisions: bool = False,
    progress: Progress | None = None,
) -> Rerun:
    """Return a run made again from its folder, with every table compared; with ``out`` it is stored there.

    With ``decisions`` nothing is searched: every plan is carried out again from what it decides. That is also how a run
    is repeated whose search the clock stopped, and a plan that is part of another run.

    Raises :class:`RunError` for a run that is only in memory, whose workbook is another than it was made from, or that
    cannot be repeated from decisions as it has none, and whatever the function raises that made the run.
    """
    place = run.folder if isinstance(run, Run) else run
    if place is None:
        raise RunError("rerun_in_memory")
    found = Run.load(place)
    if out is not None:
        check_place(Path(out).resolve())
        if Path(out).resolve() == Path(place).resolve():
            raise RunError("rerun_in_place", folder=place)
    info = found.info
    how = DECISIONS if decisions or by_clock(info) or info.get("part_of") else SEARCH
    if how == DECISIONS and (info["kind"] in {"account", "system"} or info.get("status") == "infeasible"):
        how = SEARCH
    with tempfile.TemporaryDirectory() as spare:
        source, sure = _source(found, Path(spare))
        new = _searched(found, source, progress) if how == SEARCH else _decided(found, progress)
        place = new.save(Path(out) if out is not None else Path(spare) / "again", case=_given(found))
        stored = Run.load(place)
        rows = [row for name, one, two, kept in _pairs(found, stored, how) for row in _compared(name, one, two, kept)]
        shown = stored if out is not None else new
        if out is None:
            new.folder = None
    return Rerun(found, shown, pd.DataFrame(rows, columns=TABLE_COLUMNS), how, _unlike(info, new.info), sure)


def by_clock(info: Mapping[str, Any]) -> bool:
    """Tell whether the clock stopped a search of a run, so that another machine would end it elsewhere.

    >>> by_clock({"searches": {"gap_reached": 3}}), by_clock({"status": "time_limit"})
    (False, True)
    """
    if "searches" in info:
        return bool(set(info["searches"]) - ENDED)
    plans = (
        [plan.get("status") for plan in info.get("plans", {}).values()] if isinstance(info.get("plans"), dict) else []
    )
    statuses = {str(status) for status in (info.get("status"), info.get("joint"), *plans) if status}
    return bool(statuses - ENDED - {"accounted"})


def _given(run: Run) -> Case | None:
    """Return the case as it was given, for a run whose input was no file."""
    given = None if run.info["kind"] == "system" else run.given
    return None if given is None else without_row_numbers(given)


def _source(run: Run, spare: Path) -> tuple[Any, bool]:
    """Return what the run was made from, and whether that is certain; a workbook stands under its own name."""
    from mfa.workbook_read import read_case, read_system

    folder, told = Path(str(run.folder)), run.info.get("input", {})
    path = folder / run.input_file
    if file_hash(path) == told.get("sha256"):
        name = Path(str(told.get("name") or path.name)).name
        named = spare / (name if _usable(name) else path.name)
        shutil.copyfile(path, named)
        return named, True
    case = read_system(path) if run.info["kind"] == "system" else without_row_numbers(read_case(path))
    if input_told(case, None)["sha256"] == told.get("sha256"):
        return case, True
    if str(told.get("name", "")).lower().endswith((".xlsx", ".xlsm")):
        raise RunError("rerun_changed", file=path)
    return case, False


def _usable(name: str) -> bool:
    """Tell whether a workbook can stand under a name that a run states."""
    return name.lower().endswith(".xlsx") and name.isprintable() and len(name) <= 100


def _searched(run: Run, source: Any, progress: Progress | None) -> Run:
    """Return the run made anew by the function that made it."""
    from models.plan import Infeasible

    kind = run.info["kind"]
    makers_of: Mapping[str, Callable[..., Any]] = {
        "account": api.account,
        "system": api.account,
        "robust": robust,
        "plan": api.plan,
        "frontier": api_choices.frontier,
        "alternatives": api_choices.alternatives,
        "worth": api_choices.worth,
    }
    made_by = makers_of[kind]
    known = inspect.signature(made_by).parameters
    options = {**run.info.get("options", {})}
    # A run says what it was asked for, never where to write; a stranger's may.
    if strange := set(options) - set(known) | set(options) & {"case", "out", "progress", next(iter(known))}:
        raise RunError("run_damaged", folder=run.folder or "", file=RUN_FILE, reason=", ".join(sorted(strange)))
    if kind != "plan":
        again: Run = made_by(source, **options, **({"progress": progress} if "progress" in known else {}))
        return again
    try:
        return api.plan(source, progress=progress, **options)
    except Infeasible as error:
        info = made("plan", options, run.info["input"], error.info)
        return Run(error.tables, info, workbook=run.workbook, given_case=run.case)


def _decided(run: Run, progress: Progress | None) -> Run:
    """Return the run with its plans carried out again from their decisions."""
    if isinstance(run, Bundle | RobustRun):
        plans = {name: _plan_again(plan, name, run.info["kind"], progress) for name, plan in run.runs.items()}
        tables = {name: run.tables[name] for name in run.tables}
        info = {**run.info, "bound_from": "stored"}
        if isinstance(run, RobustRun):
            return RobustRun(tables, info, workbook=run.workbook, given_case=run.case, given_runs=plans)
        return Bundle(tables, info, workbook=run.workbook, given_case=run.case, runs=plans)
    return _plan_again(run, Path(str(run.folder)).name, str(run.info.get("part_of", "")), progress)


def _plan_again(run: Run, name: str, part_of: str, progress: Progress | None) -> Run:
    from mfa.run_decisions import decisions_of_run
    from models.again import planned_again, point_again, scenario_again

    info, options = run.info, run.info.get("options", {})
    case = without_row_numbers(run.case)
    decided = decisions_of_run(run)
    if part_of == "robust":
        result = scenario_again(case, name, decided, info, options.get("shortfall_price"))
    elif part_of:
        result = point_again(case, decided, info, options.get("most_co2e_kt"), progress)
    else:
        result = planned_again(case, decided, info, progress)
    told = made("plan", options, info.get("input", {}), result.info, part_of=part_of)
    return Run(result.tables, told, workbook=run.workbook, given_case=result.case)


def _pairs(one: Run, two: Run, how: str) -> list[tuple[str, Run, Run, bool]]:
    """Return the runs to compare: the whole, and the plans in it; whether the tables of the whole were only kept."""
    several = isinstance(one, Bundle | RobustRun) and isinstance(two, Bundle | RobustRun)
    found = [("", one, two, several and how == DECISIONS)]
    if isinstance(one, Bundle | RobustRun) and isinstance(two, Bundle | RobustRun):
        nothing = Run({}, {})
        for name in dict.fromkeys([*one.runs, *two.runs]):
            found.append((name, one.runs.get(name, nothing), two.runs.get(name, nothing), False))
    return found


def _compared(name: str, one: Run, two: Run, kept: bool) -> list[dict[str, Any]]:
    names = sorted({*one.tables, *two.tables})
    if kept:
        return [kept_row(name, table, len(one.tables[table])) for table in names]
    return [differing(name, table, one.tables.get(table), two.tables.get(table)) for table in names]


def _unlike(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what made a run and is not the same now: program, solver, Python, platform, packages."""
    old, new = makers(then), makers(now)
    return {name: (old[name], new[name]) for name in old if name in new and old[name] != new[name]}


__all__ = ["Rerun", "rerun"]
