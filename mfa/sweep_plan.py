"""A plan of a sweep in full: a run made again from the decisions that its task came to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from mfa.made import made
from mfa.run import CASE_FILE, Run, RunError
from models.sweep_reading import planned, shown_task

if TYPE_CHECKING:
    from mfa.sweep_results import Sweep

PREFIX = "sweep_"
"""What the tables of a sweep are called among those of the plan that stands for it."""


def plan_of(sweep: Sweep, task: int | None) -> Run:
    """Return a plan of a sweep; see :meth:`mfa.sweep_results.Sweep.plan`."""
    from flows.case_draws import CaseDraws
    from models.again import planned_again
    from models.sweep_run import decisions_in
    from models.sweep_tasks import tasks_of

    outcomes = planned(sweep.outcomes)
    chosen = shown_task(outcomes) if task is None else task
    own = outcomes[outcomes["task"] == chosen]
    if chosen is None or own.empty:
        raise RunError("sweep_no_plan", task="" if chosen is None else chosen, folder=sweep.folder)
    asked = next(one for one in tasks_of(sweep.tasks) if one.task == chosen)
    options = sweep.info["options"]
    given = sweep.case
    if asked.draw:
        given = CaseDraws(given, int(options["draws"]), int(options["seed"])).case(asked.draw)
    row = own.iloc[0]
    told: dict[str, Any] = {
        "status": str(row["status"]),
        "bound": float(row["bound"]),
        "options": {"gap": options["gap"], "time_limit": options["time_limit"]},
    }
    result = planned_again(asked.case(given), decisions_in(sweep.store.decisions([chosen])), told, None)
    mine = {"task": chosen, "scenario": asked.scenario or None, "draw": asked.draw, "target": asked.target}
    mine |= {name: getattr(asked, name) for name in ("method", "scope", "year")} | told["options"]
    info = made("plan", mine, sweep.info["input"], result.info, part_of="sweep")
    return Run(result.tables, info, workbook=sweep.folder / CASE_FILE, given_case=result.case)


def run_shown(run: Run | Sweep | str | os.PathLike[str]) -> Run:
    """Return a run, that of a folder, or the plan that stands for a sweep."""
    from mfa.sweep_results import Sweep, is_sweep, read_sweep

    if isinstance(run, Sweep):
        return _standing_for(run)
    if isinstance(run, Run):
        return run
    return _standing_for(read_sweep(run)) if is_sweep(run) else Run.load(run)


def sweep_tables(sweep: Sweep) -> dict[str, pd.DataFrame]:
    """Return the tables of a sweep as reports know them."""
    told = {f"{PREFIX}{name}": table for name, table in sweep.read().items()}
    return {**told, f"{PREFIX}outcomes": planned(sweep.outcomes)}


def sweep_sentences(sweep: Sweep, lang: str) -> list[str]:
    """Return what a sweep says in words: the answer, what is sure, and what rests on assumptions."""
    from reports.names import Names
    from reports.sheets_sweep import answer, lead
    from reports.sweep_tables import SweepTables
    from reports.words import Words

    words = Words(lang)
    told = SweepTables(sweep.case, sweep_tables(sweep), Names(sweep.case, words), words)
    return [answer(told), *lead(told, {"sweep": {"tasks": len(sweep.tasks), "missing": sweep.missing}})]


def _standing_for(sweep: Sweep) -> Run:
    """Return the plan that stands for a sweep, with the tables of the sweep among its own, at home in its folder."""
    run = sweep.plan()
    run.tables = {**run.tables, **sweep_tables(sweep)}
    run.info["sweep"] = {"tasks": len(sweep.tasks), "missing": sweep.missing}
    run.folder = sweep.folder
    return run
