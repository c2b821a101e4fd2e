"""What the public functions do where no plan can be: certain findings of `check`, the run of an infeasible case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows import scenario_checks
from flows.case import Case
from flows.problems import InputError, Problem
from mfa.run import Run
from mfa.workbook_layout import place
from mfa.workbook_read import Reading

if TYPE_CHECKING:
    from models.plan import Infeasible


def out_of_reach(reading: Reading) -> list[Problem]:
    """Return what no plan of a workbook can do, placed in its cells, and waste that has nowhere to go, as an error.

    Nothing for a workbook with errors. What else keeps a case from being accounted is left to the account and the plan
    to tell.
    """
    from flows.facts import SolveError
    from flows.network import BalanceError, LoopError, NetworkError
    from models.reach_checks import out_of_reach as findings
    from models.routes import ChainError

    if reading.case is None or reading.errors:
        return []
    try:
        found = findings(reading.case)
    except InputError as error:
        found = list(error.problems)
    except (ChainError, SolveError, LoopError, NetworkError, BalanceError):
        return []
    return [place(problem, dict(reading.layouts)) for problem in found]


def in_scenarios(reading: Reading) -> list[Problem]:
    """Return what is wrong with the cases that scenarios make, placed in the cells of their rows, as warnings."""
    if reading.case is None or reading.errors:
        return []
    # A scenario with problems leaves the case itself usable.
    found = [problem.at(severity="warning") for problem in scenario_checks.check(reading.case)]
    return [place(problem, dict(reading.layouts)) for problem in found]


def run_of(error: Infeasible, planned: Case, workbook: Path | None, info: dict[str, Any]) -> Run:
    """Return the run of a case without a plan: today, the reference and the explanation."""
    return Run(error.tables, info, workbook=workbook, given_case=planned)


def with_sheet_rows(table: pd.DataFrame, given: Case) -> pd.DataFrame:
    """Return a table with ``sheet`` and ``row`` (counted from 1) in rows of the workbook, where that is known."""
    if table.empty:
        return table
    rows = []
    for sheet, row in zip(table["sheet"], table["row"], strict=True):
        frame = given.tables.get(str(sheet))
        known = frame is not None and "_row" in frame and 0 < int(row) <= len(frame)
        rows.append(int(frame["_row"].iloc[int(row) - 1]) if known and frame is not None else int(row))
    return table.assign(row=rows)
