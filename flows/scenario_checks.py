"""Scenarios checked as the case itself is: what each makes of the case is looked through like any other case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from flows import scenarios
from flows.case import Case
from flows.checks import check_case
from flows.problems import InputError, Problem, errors_of, number_text


def check(case: Case) -> list[Problem]:
    """Return the problems of the cases that all scenarios make, and of the ranges on the sheet.

    Scenarios that cannot be applied are left out: :func:`flows.scenarios.check` tells of them.
    """
    made: dict[str, Case] = {}
    for scenario in scenarios.names(case):
        try:
            made[scenario] = scenarios.apply(case, scenario)
        except InputError:
            continue
    return [*ranges(case), *problems_of(case, made)]


def problems_of(case: Case, made: Mapping[str, Case]) -> list[Problem]:
    """Return the problems that a case has in scenarios (``made``, by name) and not as it is.

    Each stands at the row of the sheet that changes the table where it is, with the problem itself as its cause.
    """
    known = set(check_case(case)) if made else set()
    since = None if errors_of(known) else case
    found = []
    for scenario, changed in made.items():
        rows = [(number, str(row["table"])) for number, row in scenarios.changes(case, scenario)]
        for cause in check_case(changed, since=since):
            if cause not in known:
                own = next((number for number, table in rows if table == cause.sheet), rows[0][0] if rows else None)
                found.append(
                    Problem(
                        "scenario_makes",
                        "scenarios",
                        own,
                        "table",
                        found=scenario,
                        severity=cause.severity,
                        cause=cause,
                    )
                )
    return found


def ranges(case: Case) -> list[Problem]:
    """Return the problems of values with a range that they do not lie in."""
    rows = case["scenarios"]
    value = pd.to_numeric(rows["value"], errors="coerce")
    stated = rows["low"].notna() | rows["high"].notna()
    inside = (rows["low"].fillna(-np.inf) <= value) & (value <= rows["high"].fillna(np.inf))
    found = []
    for position in np.flatnonzero((stated & ~inside).to_numpy()):
        row = rows.iloc[int(position)]
        number = int(row["_row"]) if "_row" in rows else int(position) + 1
        text = f"{number_text(row['low'])} - {number_text(row['high'])}"
        found.append(
            Problem("scenario_interval", "scenarios", number, "value", found=str(row["value"] or "-"), expected=text)
        )
    return found
