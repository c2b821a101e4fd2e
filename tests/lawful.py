"""Values that are odd but lawful, made from the declarations: columns at their ends, years around the plan, rows left out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from flows.tables import Column, Setting, Table, columns_of

Rows = list[dict[str, Any]]
PLAIN = ("note", "source", "status", "lat", "lon")
"""Columns that nothing is computed from, or that are looked at elsewhere."""
LARGE = 1e7


@dataclass(frozen=True)
class Oddity:
    """A change of one table: a value for a column in all rows or one, or (without column) rows that are left out."""

    table: str
    column: str
    where: str
    value: Any

    def __str__(self) -> str:
        return "-".join(map(str, (self.table, self.column or "rows", self.where, self.value)))

    def applied(self, tables: Mapping[str, Rows]) -> dict[str, Rows]:
        """Return tables with the change; the given ones stay as they are."""
        if self.table == "settings":
            return dict(tables)
        rows = [dict(row) for row in tables[self.table]]
        if not self.column:
            rows = {"none": [], "first": rows[:1]}.get(self.where, rows)
            if self.where == "without":
                rows.pop(self.value)
        for row in rows if self.where == "all" else rows[:1] if self.where == "first" and self.column else []:
            if self.value is None:
                row.pop(self.column, None)
            else:
                row[self.column] = self.value
        return {**tables, self.table: rows}

    def set_in(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings that are not blank, with the change if it is one of them."""
        changed = {**settings, self.column: self.value} if self.table == "settings" else settings
        return {name: value for name, value in changed.items() if value is not None}


def rows_of(tables: Sequence[Table], frames: Mapping[str, pd.DataFrame]) -> dict[str, Rows]:
    """Return declared tables as rows without their blanks."""
    found = {}
    for table in tables:
        frame = frames[table.name]
        names = [column.name for column in columns_of(table) if column.name in frame]
        found[table.name] = [
            {name: value for name, value in row.items() if not _blank(value)} for row in frame[names].to_dict("records")
        ]
    return found


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def oddities(tables: Sequence[Table], rows: Mapping[str, Rows], years: Sequence[int]) -> Iterator[Oddity]:
    """Yield every odd change of tables that have rows; ``years`` are those worth trying."""
    for table in tables:
        count = len(rows[table.name])
        if not count:
            continue
        if not table.required:
            yield Oddity(table.name, "", "none", "")
        if count > 1:
            yield Oddity(table.name, "", "first", "")
        yield from (Oddity(table.name, "", "without", position) for position in range(min(count, 40)))
        for column in columns_of(table):
            if column.name in PLAIN or column.name.startswith(("name", "std", "low", "high")):
                continue
            for value in _values(column, rows, years):
                if not column.reference:
                    yield Oddity(table.name, column.name, "all", value)
                if count > 1 and value is not None:
                    yield Oddity(table.name, column.name, "first", value)


def odd_settings(settings: Sequence[Setting], years: Sequence[int]) -> Iterator[Oddity]:
    """Yield every odd change of settings."""
    for setting in settings:
        column = Column(**{field.name: getattr(setting, field.name) for field in fields(Setting)})
        yield from (Oddity("settings", setting.name, "all", value) for value in _values(column, {}, years))


def _values(column: Column, rows: Mapping[str, Rows], years: Sequence[int]) -> list[Any]:
    blank = [] if column.required else [None]
    if column.kind in {"number", "share"}:
        ends = {0.0, column.minimum, column.maximum, 1.0 if column.kind == "share" else LARGE}
        return blank + sorted(end for end in ends if end is not None and _within(column, end))
    if column.kind == "integer":
        return blank + [number for number in (0, 1, 2, 50) if _within(column, number)]
    if column.kind == "year":
        return blank + list(years)
    if column.kind == "flag":
        return [True, False]
    if column.kind == "choice":
        return blank + list(column.choices)
    if column.reference:
        table, name = column.reference.split(".")
        return sorted({str(row[name]) for row in rows[table] if name in row})[:4]
    return [*blank, "other"]


def _within(column: Column, value: float) -> bool:
    least, most = column.minimum, column.maximum
    return (least is None or value >= least) and (most is None or value <= most)
