"""Scenarios: named changes to a case, written as rows of its ``scenarios`` sheet.

A row says which table changes, which of its rows (``column=value;column=val*``), which column, and how:
``factor`` multiplies, ``value`` replaces, ``low`` and ``high`` take the ends of the row's own range,
``remove`` takes the rows away, and with them rows of other sheets that speak of what is gone.
Shares that must add up to one keep doing so: where a blank share takes
the rest it absorbs the change, else the shares that were not named are scaled to make room.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case, identifier
from flows.problems import InputError, Problem, nearest
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
    rows = case["scenarios"]
    problems: list[Problem] = []
    for position in np.flatnonzero((rows["scenario"] == scenario).to_numpy()):
        row = rows.iloc[int(position)]
        try:
            case = _apply_row(case, row)
        except InputError as error:
            number = int(row["_row"]) if "_row" in rows else int(position) + 1
            problems.extend(problem.at(sheet="scenarios", row=number) for problem in error.problems)
    if problems:
        raise InputError(problems)
    return case


def check(case: Case) -> list[Problem]:
    """Return the problems of all scenarios of a case: of their rows, and of the case that each makes."""
    problems: list[Problem] = []
    made: dict[str, Case] = {}
    for scenario in names(case):
        try:
            made[scenario] = apply(case, scenario)
        except InputError as error:
            problems.extend(error.problems)
    return [*problems, *problems_of(case, made)]


def problems_of(case: Case, made: Mapping[str, Case]) -> list[Problem]:
    """Return the problems that a case has in scenarios (``made``, by name) and not as it is."""
    from flows.checks import check_case

    known = set(check_case(case)) if made else set()
    return [problem for changed in made.values() for problem in check_case(changed) if problem not in known]


def _fail(code: str, column: str, **texts: str) -> InputError:
    return InputError([Problem(code, "scenarios", column=column, **texts)])  # type: ignore[arg-type]


def _apply_row(case: Case, row: pd.Series) -> Case:
    if row["table"] == "settings":
        return _change_setting(case, row)
    if row["table"] not in BY_NAME:
        raise _fail("scenario_table", "table", found=row["table"], suggestion=nearest(row["table"], BY_NAME))
    table = BY_NAME[row["table"]]
    frame = case[table.name]
    chosen = matches(table, frame, row["filter"])
    if not chosen.any():
        raise _fail("scenario_nothing", "filter", found=row["filter"])
    frame, chosen = _in_years(table, frame, chosen, row["from"], row["until"])
    if not chosen.any():
        raise _fail("scenario_nothing", "filter", found=row["filter"])
    if row["operation"] == "remove":
        return _removed(case, table, chosen)
    column = _column(table, row["column"])
    changed = frame.copy()
    changed[column.name] = _new_values(table, column, frame, chosen, row)
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
    if row["operation"] not in {"value", "factor"}:
        raise _fail("scenario_range", "operation", found=row["operation"], expected="settings")
    if setting.kind in NUMERIC:
        number = _number(row["value"])
        base = float(case.settings[setting.name] or 0.0)
        value: Any = number if row["operation"] == "value" else base * number
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
        return float(text)
    except ValueError:
        raise _fail("scenario_value", "value", found=text, expected="number") from None


def _flag(text: str) -> bool:
    word = text.strip().casefold()
    if word in {"yes", "ja", "true", "1"}:
        return True
    if word in {"no", "nej", "false", "0"}:
        return False
    raise _fail("scenario_value", "value", found=text, expected="yes / no")


def _new_values(table: Table, column: Column, frame: pd.DataFrame, chosen: pd.Series, row: pd.Series) -> pd.Series:
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
        values[chosen] = values[chosen] * number if operation == "factor" else number
    elif operation == "factor":
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
    shares = after["share"].copy()
    touched = before.loc[chosen, by].drop_duplicates()
    groups = before.reset_index().merge(touched, on=by).groupby(by, sort=False)["index"]
    for _, index in groups:
        named = index[chosen[index].to_numpy()]
        others = index[~chosen[index].to_numpy()]
        blank = shares[index].isna().any()
        mine, rest = float(shares[named].sum()), float(shares[others].sum())
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
    return shares


def _in_years(
    table: Table, frame: pd.DataFrame, chosen: pd.Series, first: float, last: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the table cut so that the chosen rows lie within the years, and which rows those are."""
    if np.isnan(first) and np.isnan(last):
        return frame, chosen
    first = -np.inf if np.isnan(first) else first
    last = np.inf if np.isnan(last) else last
    declared = {column.name: column for column in table.columns}
    if "year" in declared:
        return frame, chosen & (frame["year"] >= first) & (frame["year"] <= last)
    if "from" not in declared or declared["from"].kind != "year":
        raise _fail("scenario_years", "from", expected=table.name)
    return _cut(table, frame, chosen, first, last)


def _cut(
    table: Table, frame: pd.DataFrame, chosen: pd.Series, first: float, last: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Cut rows that hold from one year on into those before, within and after the years."""
    ends = "until" in frame
    following = _following(table, frame)
    pieces: list[pd.Series] = []
    within: list[bool] = []
    for position in range(len(frame)):
        row = frame.iloc[position]
        start = -np.inf if np.isnan(row["from"]) else row["from"]
        end = row["until"] if ends and not np.isnan(row["until"]) else following[position]
        inner, outer = max(start, first), min(end, last)
        if not chosen.iloc[position] or inner > outer:
            pieces.append(row)
            within.append(False)
            continue
        parts = [(start, inner - 1, False), (inner, outer, True), (outer + 1, end, False)]
        parts = [part for part in parts if part[0] <= part[1]]
        if len(parts) > 1 and "from" not in table.key:
            raise _fail("scenario_years", "from", expected=table.name)
        for begin, finish, mine in parts:
            piece = row.copy()
            piece["from"] = np.nan if np.isinf(begin) else begin
            if ends:
                open_end = np.isinf(finish) or (np.isnan(row["until"]) and finish == following[position])
                piece["until"] = np.nan if open_end else finish
            pieces.append(piece)
            within.append(mine)
    cut = pd.DataFrame(pieces).astype(frame.dtypes.to_dict()).reset_index(drop=True)
    return cut, pd.Series(within, index=cut.index)


def _following(table: Table, frame: pd.DataFrame) -> list[float]:
    """Return the year before the next row of the same key begins (infinite for the last)."""
    key = [name for name in table.key if name != "from"]
    starts = frame["from"].fillna(-np.inf)
    ends = [np.inf] * len(frame)
    if "until" in frame or not key:
        return ends
    for _, index in starts.groupby([frame[name] for name in key]).groups.items():
        ordered = sorted(index, key=lambda item: starts[item])
        for one, other in zip(ordered, ordered[1:], strict=False):
            ends[frame.index.get_loc(one)] = starts[other] - 1
    return ends
