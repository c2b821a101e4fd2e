"""A workbook of either kind made from its declarations alone, so that faults can be put into every column.

Every table has rows, every column a value of its kind within its bounds, every reference something that
exists; the rows mean nothing. A column's fault is put into a row of its own, so that one workbook carries
the same fault of all columns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from flows.tables import Column, Table, columns_of
from flows.units import show
from mfa.workbook_kind import Kind
from mfa.workbook_units import row_unit

FIRST_YEAR, LAST_YEAR = 2024, 2030
REFERRED, UNREFERRED = 24, 4
"""Rows of a table that others refer to: those they do, and those that may lose their id without harm to others."""
YEARS = {"until": LAST_YEAR, "closes": LAST_YEAR, "last_year": LAST_YEAR}


def listed(kind: Kind) -> set[str]:
    """Return the tables that others refer to."""
    columns = [column for table in kind.tables for column in table.columns]
    return {column.reference.split(".")[0] for column in columns if column.reference} | {"layers"}


def sound(column: Column, table: Table, number: int) -> Any:
    """Return a sound value of a column in a row, counted from 0."""
    if column.kind in {"number", "share"}:
        middle = 0.5 if _base(table).kind == "share" else 5.0
        value = {"low": 0.8, "lower": 0.8, "high": 1.2, "upper": 1.2}.get(column.name, 1.0) * middle
        value = 0.5 if column.kind == "share" and column.name not in {"low", "high"} else value
        return min(max(value, column.minimum or 0.0), column.maximum if column.maximum is not None else value)
    if column.kind == "year":
        return YEARS.get(column.name, FIRST_YEAR)
    if column.kind == "integer":
        return 2
    if column.kind == "flag":
        return "yes"
    if column.kind == "choice":
        return column.choices[0]
    if column.kind == "list":
        return "municipality_0"
    name = column.reference.split(".")[1] if column.reference else column.name.removeprefix("of_")
    return f"{name}_{number % REFERRED if column.reference else number}"


def _base(table: Table) -> Column:
    numbers = [item for item in table.columns if item.kind in {"number", "share"}]
    return next(
        (item for item in numbers if item.name in {"amount", "share", "change", "value"}), Column("", "", "number", "")
    )


@dataclass
class Book:
    """The cells of a workbook that is about to be written: per table its headers and rows, and its settings."""

    kind: Kind
    language: str = "en"
    headers: dict[str, list[Any]] = field(default_factory=dict)
    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    settings: dict[str, list[Any]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def columns(self, table: Table) -> list[Column]:
        """Return the columns as they are written, from left to right."""
        return list(columns_of(table))

    def sheet(self, table: str) -> str:
        """Return the name of a table's sheet."""
        return self.kind.sheet_name(table, self.language)

    def cell(self, table: Table, column: str, row: int) -> tuple[str, str]:
        """Return sheet and cell of a column in a row of data counted from 0, -1 for the header."""
        position = [item.name for item in self.columns(table)].index(column) + 1
        return self.sheet(table.name), f"{get_column_letter(position)}{row + 2}"

    def value(self, table: Table, column: str, row: int) -> Any:
        """Return the value of a column in a row of data."""
        return self.rows[table.name][row][[item.name for item in self.columns(table)].index(column)]

    def own_row(self, table: Table, column: str) -> int:
        """Return a row of data for a fault of a column; no other column has it, and no other table speaks of its id."""
        position = [item.name for item in self.columns(table)].index(column)
        if table.name in listed(self.kind) and column in table.key:
            return REFERRED + position
        return position

    def put(self, table: Table, column: str, row: int, value: Any) -> tuple[str, str]:
        """Write a value into a row of data, -1 for the header; return sheet and cell."""
        position = [item.name for item in self.columns(table)].index(column)
        if row < 0:
            self.headers[table.name][position] = value
        else:
            self.rows[table.name][row][position] = value
        return self.cell(table, column, row)

    def set(self, setting: str, value: Any) -> tuple[str, str]:
        """Write the value of a setting; return sheet and cell."""
        self.settings[setting][1] = value
        return self.sheet("settings"), f"B{list(self.settings).index(setting) + 2}"

    def header(self, table: Table, column: Column, unit: str | None) -> str:
        """Return the header of a column with a unit, or without."""
        name = column.danish if self.language == "da" else column.name
        return f"{name} [{unit}]" if unit else name

    def write(self, path: Path, change: Callable[[Any], None] | None = None) -> Path:
        """Write the workbook; ``change`` may edit it while it is open."""
        book = Workbook(write_only=change is None)
        if change is not None:
            book.remove(book.active)
        for table in ("settings", *self.rows):
            if table in self.dropped:
                continue
            sheet = book.create_sheet(self.sheet(table))
            for row in self._lines(table):
                sheet.append(row)
        if change is not None:
            change(book)
        book.save(path)
        return path

    def _lines(self, table: str) -> list[list[Any]]:
        if table == "settings":
            names = ("nøgle", "værdi", "enhed") if self.language == "da" else ("key", "value", "unit")
            return [list(names), *self.settings.values()]
        return [self.headers[table], *self.rows[table]]


def book(kind: Kind, language: str = "en", most: int = 1000, optional: bool = True) -> Book:
    """Return a sound workbook of a kind, with ``most`` rows in a table at most, without ``optional`` tables if so asked."""
    made = Book(kind, language)
    made.dropped |= set() if optional else {table.name for table in kind.tables if not table.required}
    referred = listed(kind)
    for table in kind.tables:
        columns = made.columns(table)
        made.headers[table.name] = [
            made.header(table, column, show(column.unit) if column.unit else None) for column in columns
        ]
        made.rows[table.name] = []
        for number in range(REFERRED + UNREFERRED if table.name in referred else len(columns) + 2)[:most]:
            row = {column.name: sound(column, table, number) for column in columns}
            if kind.name == "case" and "unit" in row:
                row["unit"] = show(row_unit(table, row) or "")
            if "ratio_unit" in row:
                row["ratio_unit"] = "g/kg"
            if "shown_unit" in row:
                row["shown_unit"] = "t/year"
            if "std_pct" in row:
                row["std_pct"] = None
            made.rows[table.name].append(list(row.values()))
    values: Mapping[str, Any] = {
        "account_year": FIRST_YEAR, "plan_years": f"{FIRST_YEAR}-{LAST_YEAR}", "years": f"{FIRST_YEAR}-{LAST_YEAR}",
        "first_change_year": FIRST_YEAR, "discount_year": FIRST_YEAR, "price_year": FIRST_YEAR, "budget": 1e9,
        "last_year_weight": 1, "period_starts": FIRST_YEAR, "report_years": FIRST_YEAR,
    }  # fmt: skip
    for setting in kind.settings:
        value = values.get(setting.name, setting.default)
        name = setting.danish if language == "da" else setting.name
        made.settings[setting.name] = [
            name,
            "yes" if value is True else value,
            show(setting.unit) if setting.unit else None,
        ]
    return made
