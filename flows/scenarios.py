"""Scenarios: named changes to a case, written as rows of its ``scenarios`` sheet.

A row says which table changes, which of its rows (``column=value;column=val*``), which column, and how:
``factor`` multiplies, ``value`` replaces, ``add`` adds (years too, so that a facility opens later), ``low`` and ``high``
take the ends of the row's own range, ``remove`` takes the rows away, and with them rows of other sheets that speak of
what is gone, ``insert`` adds a row with what the filter says, where no row is like that. A scenario is made of others by
``include``: all their changes, in the place of that row (table ``scenarios``, filter ``scenario=A|B``).
Shares that must add up to one keep doing so: where a blank share takes
the rest it absorbs the change, else the shares that were not named are scaled to make room.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case, identifier, typed_table
from flows.problems import InputError, Problem, nearest
from flows.scenario_years import in_years
from flows.tables import BY_NAME, SETTINGS, Column, Table

CLOSED = {
    ("capture", "share"): ["scheme", "fraction"],
    ("compositions", "share"): ["composition"],
    ("yields", "share"): ["technology", "input", "fraction"],
}
"""Shares that add up to one, with the columns of the set that they add up over."""
NUMERIC = {"number", "share", "year", "integer"}


def names(case: Case) -> list[str]:
    """Return the ids of the case's scenarios, in the order of the sheet."""
    return list(dict.fromkeys(case["scenarios"]["scenario"]))


def apply(case: Case, scenario: str) -> Case:
    """Return the case with a scenario's changes, row by row in the order of the sheet.

    Raises :class:`InputError` if there is no such scenario or one of its rows cannot be applied; all
    rows with problems are told at once.
    """
    known = names(case)
    if scenario not in known:
        listed = ", ".join(known) or "-"
        raise InputError(
            [
                Problem(
                    "scenario_unknown",
                    "scenarios",
                    found=scenario,
                    expected=listed,
                    suggestion=nearest(scenario, known),
                )
            ]
        )
    problems: list[Problem] = []
    for number, row in changes(case, scenario, problems):
        try:
            case = _apply_row(case, row)
        except InputError as error:
            problems.extend(problem.at(sheet="scenarios", row=number) for problem in error.problems)
    if problems:
        raise InputError(problems)
    return case


DEEPEST = 20
"""Scenarios that are made of others which are made of others ..."""
MOST_CHANGES = 2_000
"""Rows that a scenario comes to with all that it includes: two rows that include the one before double it each time."""


def changes(
    case: Case, scenario: str, problems: list[Problem] | None = None, within: tuple[str, ...] = ()
) -> Iterator[tuple[int, pd.Series]]:
    """Yield the rows that make a scenario, with their numbers: its own, and those of the scenarios that it is made of.

    What is wrong with ``include`` is added to ``problems``.
    """
    try:
        yield from _changes(case, scenario, problems, within, itertools.count(1))
    except InputError as error:
        if problems is not None:
            problems.extend(error.problems)


def _changes(
    case: Case, scenario: str, problems: list[Problem] | None, within: tuple[str, ...], count: Iterator[int]
) -> Iterator[tuple[int, pd.Series]]:
    """Yield the rows of :func:`changes`; raises :class:`InputError` if they have no end that is worth waiting for."""
    rows = case["scenarios"]
    for position in np.flatnonzero((rows["scenario"] == scenario).to_numpy()):
        row = rows.iloc[int(position)]
        if len(within) > DEEPEST or next(count) > MOST_CHANGES:
            raise _fail(
                "scenario_endless", "filter", found=(*within, scenario)[0], expected=f"{DEEPEST}, {MOST_CHANGES}"
            )
        number = int(row["_row"]) if "_row" in rows else int(position) + 1
        if row["operation"] != "include":
            yield number, row
            continue
        try:
            parts = _included(rows, row, (*within, scenario))
        except InputError as error:
            if problems is not None:
                problems.extend(problem.at(sheet="scenarios", row=number) for problem in error.problems)
            continue
        for part in parts:
            yield from _changes(case, part, problems, (*within, scenario), count)


def _included(rows: pd.DataFrame, row: pd.Series, within: tuple[str, ...]) -> list[str]:
    """Return the scenarios that a row includes."""
    if row["table"] != "scenarios":
        raise _fail("scenario_include", "table", found=row["table"])
    chosen = matches(BY_NAME["scenarios"], rows, row["filter"]) if row["filter"] else pd.Series(False, rows.index)
    found = list(dict.fromkeys(rows.loc[chosen, "scenario"]))
    if not found:
        raise _fail("scenario_nothing", "filter", found=row["filter"])
    if circle := [name for name in found if name in within]:
        raise _fail("scenario_circle", "filter", found=", ".join(circle))
    return found


def check(case: Case) -> list[Problem]:
    """Return the problems of all scenarios of a case, applied one by one; see also :mod:`flows.scenario_checks`."""
    problems: list[Problem] = []
    for scenario in names(case):
        try:
            apply(case, scenario)
        except InputError as error:
            problems.extend(error.problems)
    return problems


def _fail(code: str, column: str, **texts: str) -> InputError:
    return InputError([Problem(code, "scenarios", column=column, **texts)])  # type: ignore[arg-type]


def _apply_row(case: Case, row: pd.Series) -> Case:
    if row["table"] == "settings":
        return _change_setting(case, row)
    if row["table"] not in BY_NAME or row["table"] == "scenarios":
        raise _fail("scenario_table", "table", found=row["table"], suggestion=nearest(row["table"], BY_NAME))
    table = BY_NAME[row["table"]]
    frame = case[table.name]
    if row["operation"] == "insert":
        return _inserted(case, table, row)
    chosen = matches(table, frame, row["filter"])
    if not chosen.any():
        raise _fail("scenario_nothing", "filter", found=row["filter"])
    frame, chosen = in_years(table, frame, chosen, row["from"], row["until"])
    if not chosen.any():
        raise _fail("scenario_nothing", "filter", found=row["filter"])
    if row["operation"] == "remove":
        return _removed(case, table, chosen)
    column = _column(table, row["column"])
    changed = frame.copy()
    changed[column.name] = _new_values(case, table, column, frame, chosen, row)
    if (table.name, column.name) in CLOSED:
        changed[column.name] = _closed(frame, changed, chosen, CLOSED[table.name, column.name])
    return case.with_table(table.name, changed)


def _removed(case: Case, table: Table, chosen: pd.Series) -> Case:
    """Return the case without the chosen rows, and without rows elsewhere that speak of what is gone with them."""
    frame = case[table.name]
    case = case.with_table(table.name, frame[~chosen].reset_index(drop=True))
    identity = table.key[0]
    gone = set(frame.loc[chosen, identity]) - set(frame.loc[~chosen, identity]) - {""}
    if len(table.key) > 1 or not gone:
        return case
    places = ("from", "to") if table.name in {"facilities", "municipalities"} else ()
    for other in BY_NAME.values():
        named = [column.name for column in other.columns if column.reference == f"{table.name}.{identity}"]
        named.extend(places if other.name == "distances" else ())
        if named and other.name != table.name and case[other.name][named].isin(gone).any(axis=None):
            case = _removed(case, other, case[other.name][named].isin(gone).any(axis=1))
    return case


def _change_setting(case: Case, row: pd.Series) -> Case:
    setting = next((item for item in SETTINGS if item.name == row["column"]), None)
    if setting is None:
        known = [item.name for item in SETTINGS]
        raise _fail(
            "scenario_column",
            "column",
            found=row["column"],
            expected="settings",
            suggestion=nearest(row["column"], known),
        )
    if row["operation"] not in {"value", "factor", "add"}:
        raise _fail("scenario_range", "operation", found=row["operation"], expected="settings")
    if setting.kind in NUMERIC:
        number = _number(row["value"])
        base = float(case.settings[setting.name] or 0.0)
        value: Any = {"value": number, "factor": base * number, "add": base + number}[row["operation"]]
        value = int(value) if setting.kind in {"year", "integer"} else value
    elif setting.kind == "flag":
        value = _flag(row["value"])
    else:
        value = row["value"]
    return case.with_settings(**{setting.name: value})


def matches(table: Table, frame: pd.DataFrame, text: str) -> pd.Series:
    """Return which rows of a table a filter names; an empty filter names all.

    ``*`` stands for any text; several values of a column may be joined by ``|``. Raises
    :class:`InputError` for text that is no filter and for unknown columns.
    """
    chosen = pd.Series(True, index=frame.index)
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        name, equals, pattern = part.partition("=")
        if not equals:
            raise _fail("scenario_filter", "filter", found=text)
        column = _column(table, name.strip())
        patterns = [item.strip() for item in pattern.split("|")]
        values = frame[column.name]
        if column.kind in NUMERIC:
            texts = values.map(lambda value: "" if pd.isna(value) else identifier(float(value)))
        elif column.kind == "flag":
            texts = values.map({True: "yes", False: "no"})
        else:
            texts = values
        chosen &= texts.map(lambda value, wanted=patterns: any(fnmatchcase(value, item) for item in wanted)).astype(
            bool
        )
    return chosen


def _column(table: Table, name: str) -> Column:
    try:
        return table.column(name)
    except KeyError:
        known = [column.name for column in table.columns]
        raise _fail(
            "scenario_column", "column", found=name, expected=table.name, suggestion=nearest(name, known)
        ) from None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise _fail("scenario_value", "value", found=text, expected="number")
    return number


def _flag(text: str) -> bool:
    word = text.strip().casefold()
    if word in {"yes", "ja", "true", "1"}:
        return True
    if word in {"no", "nej", "false", "0"}:
        return False
    raise _fail("scenario_value", "value", found=text, expected="yes / no")


def _new_values(
    case: Case, table: Table, column: Column, frame: pd.DataFrame, chosen: pd.Series, row: pd.Series
) -> pd.Series:
    """Return the column with the chosen rows changed."""
    values = frame[column.name].copy()
    operation = row["operation"]
    if operation in {"low", "high"}:
        if operation not in frame or column.kind not in NUMERIC:
            raise _fail("scenario_range", "operation", found=operation, expected=table.name)
        # Where a row has no range it keeps its value.
        values[chosen] = frame.loc[chosen, operation].fillna(values[chosen])
    elif column.kind in NUMERIC:
        number = _number(row["value"])
        if operation == "add":
            values[chosen] = _begun(case, table, column, frame, values)[chosen] + number
        else:
            values[chosen] = values[chosen] * number if operation == "factor" else number
    elif operation in {"factor", "add"}:
        raise _fail("scenario_value", "operation", found=operation, expected=column.kind)
    elif column.kind == "flag":
        values[chosen] = _flag(row["value"])
    elif column.choices and row["value"] not in column.choices:
        raise _fail("scenario_value", "value", found=row["value"], expected=", ".join(column.choices))
    else:
        values[chosen] = row["value"]
    if column.kind in NUMERIC:
        values = values.clip(lower=column.minimum, upper=column.maximum)
    return values


def _closed(before: pd.DataFrame, after: pd.DataFrame, chosen: pd.Series, by: list[str]) -> pd.Series:
    """Return shares that add up to one again; the chosen ones stay if there is room for them."""
    shares = after["share"].to_numpy(dtype=float, copy=True)
    picked = chosen.to_numpy(dtype=bool)
    touched = before.loc[chosen, by].drop_duplicates()
    places = before[by].assign(place=np.arange(len(before))).merge(touched, on=by)
    for _, place in places.groupby(by, sort=False)["place"]:
        index = place.to_numpy()
        named, others = index[picked[index]], index[~picked[index]]
        blank = bool(np.isnan(shares[index]).any())
        mine, rest = float(np.nansum(shares[named])), float(np.nansum(shares[others]))
        if mine > 1.0:
            shares[named] = shares[named] / mine
            mine = 1.0
        room = 1.0 - mine
        if rest > room or not blank:
            if rest > 0:
                shares[others] = shares[others] * (room / rest)
            elif not blank and mine > 0:
                # Nothing else could take the rest, so the set stays as it was.
                shares[named] = shares[named] / mine
    return pd.Series(shares, index=after.index)


OPENINGS = {("facilities", "opens"), ("schemes", "first_year")}
"""Years from which something new is there; where they are blank it can be from the first year of change on."""


def _begun(case: Case, table: Table, column: Column, frame: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Return values to add to; what may open at any time may from the first year of change on, once it is built."""
    if (table.name, column.name) not in OPENINGS:
        return values
    earliest = pd.Series(float(case.first_change_year), index=frame.index)
    if table.name != "facilities":
        return values.fillna(earliest)
    build_time = case["technologies"].set_index("technology")["build_time"]
    new = values.isna() & (frame["state"] == "candidate")
    return values.mask(new, earliest + frame["technology"].map(build_time).fillna(0.0))


def _inserted(case: Case, table: Table, row: pd.Series) -> Case:
    """Return the case with one more row: what the filter says, and the value in the column."""
    cells: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in row["filter"].split(";"))):
        name, equals, text = part.partition("=")
        if not equals or "*" in text or "|" in text:
            raise _fail("scenario_insert", "filter", found=row["filter"])
        cells[_column(table, name.strip()).name] = text.strip()
    if row["column"]:
        cells[_column(table, row["column"]).name] = row["value"]
    declared = {column.name: column for column in table.columns}
    for name, year in (("from", row["from"]), ("until", row["until"])):
        if not np.isnan(year):
            at = "year" if name == "from" and "year" in declared else name
            if at not in declared or declared[at].kind != "year":
                raise _fail("scenario_years", name, expected=table.name)
            cells[at] = year
    for name, value in cells.items():
        if declared[name].kind in NUMERIC and isinstance(value, str):
            cells[name] = _number(value)
        elif declared[name].kind == "flag":
            cells[name] = _flag(value)
    frame = case[table.name]
    new = typed_table(table, [cells])
    if "_row" in frame:
        new["_row"] = row.get("_row", 0)
    return case.with_table(table.name, pd.concat([frame, new[frame.columns]], ignore_index=True))
