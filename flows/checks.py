"""Checking a case before anything is computed: all problems at once, in the user's words.

This module holds what the declaration says of single tables: cells that must be filled in, choices,
bounds, references and keys. What tables mean together is in ``flows.checks_sources`` and
``flows.checks_supply``. A case made in code is checked by the same functions as a workbook.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from flows.case import Case, parse_years
from flows.problems import Nearest, Problem, errors_of, key_text, nearest, number_text
from flows.tables import SETTINGS, TABLES, Column, Setting, Table, columns_of

Check = Callable[[Case], Iterator[Problem]]


class Tables(Protocol):
    """A case or a flow system: its tables by name."""

    def __getitem__(self, table: str, /) -> pd.DataFrame:
        """Return a table."""
        ...


BOUND_SLACK = 1e-12
EXTRA_KEYS = {"generation": ("allocation_key", "composition")}
"""Columns that tell rows apart beside the declared key: several totals may cover one sector."""


def check_case(case: Case, damaged: Collection[str] = (), since: Case | None = None) -> list[Problem]:
    """Return every problem of a case; ``sheet`` is the table and ``row`` its row.

    Rows are those of the workbook where the case was read from one, else counted from 1. Checks of
    meaning leave out what needs a table in ``damaged``, whose cells could not all be read (a column of it is there
    as ``table.column``). Nothing is looked at again that is as in the case ``since``, which was checked before and has
    no errors.
    """
    from flows.checks_drivers import DRIVER_CHECKS
    from flows.checks_levers import LEVER_CHECKS
    from flows.checks_plausible import PLAUSIBLE_CHECKS
    from flows.checks_sources import SOURCE_CHECKS, no_waste
    from flows.checks_supply import SUPPLY_CHECKS, room

    problems = list(_settings(case))
    for table in TABLES:
        if not _unchanged(case, since, table):
            problems.extend(check_table(case, table, damaged))
    broken = {problem.sheet for problem in errors_of(problems)} | set(damaged)
    for needed, check in (*SOURCE_CHECKS, *DRIVER_CHECKS, *SUPPLY_CHECKS, *LEVER_CHECKS, *PLAUSIBLE_CHECKS):
        if not broken & set(needed) and not _alike(case, since, needed):
            problems.extend(check(case))
    if not damaged and not errors_of(problems):
        # Amounts can only be followed through a case that is whole.
        problems.extend(list(no_waste(case)) or room(case))
    return problems


def _unchanged(case: Case, since: Case | None, table: Table) -> bool:
    """Tell whether a table and all that its columns refer to are those of a case that was checked before."""
    referred = (column.reference.split(".")[0] for column in columns_of(table) if column.reference)
    return since is not None and all(case[name] is since[name] for name in (table.name, *referred))


def _alike(case: Case, since: Case | None, needed: Collection[str]) -> bool:
    """Tell whether what a check needs is the same as in a case that was checked before."""
    return (
        since is not None
        and case.settings == since.settings
        and all(name == "settings" or case[name] is since[name] for name in needed)
    )


def row_number(frame: pd.DataFrame, position: int) -> int:
    """Return the row of the workbook, or counted from 1, at a position of a table."""
    return int(frame["_row"].iloc[position]) if "_row" in frame else position + 1


def cell_problem(frame: pd.DataFrame, table: str, position: int, column: str, code: str, **texts: str) -> Problem:
    """Return a problem at a row and column of a table; ``severity`` may be among the texts."""
    return Problem(code, table, row_number(frame, position), column, **texts)  # type: ignore[arg-type]


def check_table(case: Tables, table: Table, damaged: Collection[str] = ()) -> Iterator[Problem]:
    """Yield the problems of one table that its declaration alone shows."""
    frame = case[table.name]
    if frame.empty:
        if table.required and table.name not in damaged:
            yield Problem("table_empty", table.name)
        return
    for column in columns_of(table):
        yield from _column(case, table, column, frame, damaged)
    yield from _duplicates(table, frame)
    yield from _intervals(table, frame)


def _column(
    case: Tables, table: Table, column: Column, frame: pd.DataFrame, damaged: Collection[str]
) -> Iterator[Problem]:
    numeric = column.kind in {"number", "share", "year", "integer"}
    if column.kind == "flag" or not (numeric or column.required or column.choices or column.reference):
        return
    values = frame[column.name]
    blank = values.isna() if numeric else values == ""
    if column.required:
        for position in np.flatnonzero(blank.to_numpy()):
            yield cell_problem(frame, table.name, int(position), column.name, "required")
    if numeric:
        yield from _bounds(table, column, frame)
        return
    if column.choices:
        meant = Nearest(column.choices)
        for position in np.flatnonzero((~blank & ~values.isin(column.choices)).to_numpy()):
            found = str(values.iloc[position])
            texts = {"found": found, "expected": ", ".join(column.choices), "suggestion": meant(found)}
            yield cell_problem(frame, table.name, int(position), column.name, "choice", **texts)
    if column.reference and column.reference != "sectors.segment":
        target, target_column = column.reference.split(".")
        if column.reference in damaged or case[target].empty:
            return
        known = set(case[target][target_column]) - {""}
        unknown = np.flatnonzero((~blank & ~values.isin(known)).to_numpy())
        if not len(unknown):
            return
        meant_id = _nearest_id(case[target], known)
        for position in unknown:
            found = str(values.iloc[position])
            texts = {"found": found, "expected": target, "suggestion": meant_id(found)}
            yield cell_problem(frame, table.name, int(position), column.name, "reference", **texts)


def _nearest_id(frame: pd.DataFrame, known: set[str]) -> Callable[[str], str]:
    """Return what finds the id that is meant: by the name that was written instead, or by its spelling."""
    names = [
        {str(text): str(key) for key, text in zip(frame.iloc[:, 0], frame[name], strict=True) if text}
        for name in ("name_da", "name_en", "name")
        if name in frame
    ]
    ways = [*((Nearest(named), named) for named in names), (Nearest(known), {key: key for key in known})]

    def meant(found: str) -> str:
        return next((ids[match] for near, ids in ways if (match := near(found))), "")

    return meant


def _bounds(table: Table, column: Column, frame: pd.DataFrame) -> Iterator[Problem]:
    values = frame[column.name].to_numpy(dtype=float)
    for bound, code in ((column.minimum, "below"), (column.maximum, "above")):
        if bound is None:
            continue
        with np.errstate(invalid="ignore"):
            wrong = values < bound - BOUND_SLACK if code == "below" else values > bound + BOUND_SLACK
        for position in np.flatnonzero(wrong):
            texts = {"found": number_text(values[position]), "expected": number_text(bound)}
            yield cell_problem(frame, table.name, int(position), column.name, code, **texts)
    for position in np.flatnonzero(np.isinf(values)):
        yield cell_problem(frame, table.name, int(position), column.name, "not_number", found="inf")


def _duplicates(table: Table, frame: pd.DataFrame) -> Iterator[Problem]:
    key = [*table.key, *EXTRA_KEYS.get(table.name, ())]
    key = [name for name in key if name in frame]
    repeated = frame.duplicated(key, keep="first").to_numpy()
    if not repeated.any():
        return
    first: dict[tuple[str, ...], int] = {}
    for position, values in enumerate(frame[key].astype(str).itertuples(index=False, name=None)):
        if values not in first:
            first[values] = position
        elif repeated[position]:
            texts = {
                "found": key_text(dict(zip(key, values, strict=True))),
                "expected": str(row_number(frame, first[values])),
            }
            yield cell_problem(frame, table.name, position, key[0], "duplicate", **texts)


def _intervals(table: Table, frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield rows that end before they begin, and values outside their own range."""
    names = set(frame.columns)
    for first, last in (("from", "until"), ("opens", "closes")):
        if {first, last} <= names and table.column(first).kind == "year":
            for position in np.flatnonzero((frame[first] > frame[last]).to_numpy()):
                texts = {"found": f"{frame[first].iloc[position]:.0f}", "expected": f"{frame[last].iloc[position]:.0f}"}
                yield cell_problem(frame, table.name, int(position), first, "interval", **texts)
    value = next((name for name in ("amount", "share", "change", "value") if name in names), None)
    if value is not None and {"low", "high"} <= names and table.column(value).kind in {"number", "share"}:
        low, high, middle = (frame[name].to_numpy(dtype=float) for name in ("low", "high", value))
        slack = 1e-9 * np.maximum(1.0, np.abs(np.nan_to_num(middle)))
        with np.errstate(invalid="ignore"):
            outside = (middle < low - slack) | (middle > high + slack) | (low > high + slack)
        for position in np.flatnonzero(outside):
            texts = {
                "found": number_text(middle[position]),
                "expected": f"{number_text(low[position])} - {number_text(high[position])}",
                "severity": "warning",
            }
            yield cell_problem(frame, table.name, int(position), value, "range_order", **texts)


def _settings(case: Case) -> Iterator[Problem]:
    settings = case.settings
    for setting in SETTINGS:
        value = settings[setting.name]
        if setting.required and value in (None, ""):
            yield Problem("setting_missing", "settings", column=setting.name, expected=setting.name)
        elif setting.choices and value not in setting.choices:
            texts = {
                "found": str(value),
                "expected": ", ".join(setting.choices),
                "suggestion": nearest(str(value), setting.choices),
            }
            yield Problem("choice", "settings", column=setting.name, **texts)  # type: ignore[arg-type]
    yield from setting_bounds(SETTINGS, settings)
    years: dict[str, list[int]] = {}
    for name in ("plan_years", "period_starts", "report_years"):
        try:
            years[name] = parse_years(settings[name] or "")
        except ValueError:
            yield Problem("not_years", "settings", column=name, found=str(settings[name]))
    planned = years.get("plan_years", [])
    if not planned:
        if "plan_years" in years and settings["plan_years"]:
            yield Problem("not_years", "settings", column="plan_years", found=str(settings["plan_years"]))
        return
    span = f"{planned[0]}-{planned[-1]}"
    first = settings["first_change_year"]
    if first is not None and not planned[0] <= first <= planned[-1]:
        yield Problem("years_order", "settings", column="first_change_year", found=str(first), expected=span)
    for name in ("period_starts", "report_years"):
        for year in years.get(name, []):
            if year not in planned:
                yield Problem("years_period", "settings", column=name, found=str(year), severity="warning")


def setting_bounds(declared: Iterable[Setting], settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield settings that are below their least value or above their most."""
    for setting in declared:
        value = settings[setting.name]
        for bound, code in ((setting.minimum, "below"), (setting.maximum, "above")):
            if value is not None and bound is not None and (value < bound if code == "below" else value > bound):
                texts = {"found": number_text(value), "expected": number_text(bound)}
                yield Problem(code, "settings", column=setting.name, **texts)  # type: ignore[arg-type]


def ids_in(text: str) -> list[str]:
    """Return the ids of a list in one cell.

    >>> ids_in("101; 147, 153")
    ['101', '147', '153']
    """
    return [part for part in re.split(r"[;,\s]+", text) if part]
