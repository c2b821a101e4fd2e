"""Reading a case workbook: every problem at once, each with its sheet and cell.

The steps are: open guarded, find sheets and columns by name, read cells, turn units into factors,
make the case, and check what its tables mean together (``flows.checks``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.utils import get_column_letter

from flows import scenarios
from flows.case import Case, typed_table
from flows.checks import check_case
from flows.problems import InputError, Problem, errors_of, nearest, problem_table
from flows.tables import CASE_VERSION, SETTINGS, TABLES, Column, Setting, Table, columns_of
from flows.units import UnitError, factor, show
from mfa.workbook_cells import BadCell, is_blank, read_cell
from mfa.workbook_layout import Layout, find_sheets, lay_out, normalise, place, setting_columns, value_column
from mfa.workbook_open import RawSheet, open_sheets
from mfa.workbook_units import (
    UnitReading,
    missing_unit,
    read_unit,
    resolve_amounts,
    row_unit,
    share_factor,
    unit_problem,
)

RANGES = ("low", "high")


@dataclass(frozen=True)
class Reading:
    """What came of reading a workbook: the case, if it could be made, and all problems."""

    path: Path
    case: Case | None
    problems: list[Problem]
    layouts: Mapping[str, Layout] = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        """The problems that are errors."""
        return errors_of(self.problems)

    @property
    def warnings(self) -> list[Problem]:
        """The problems that are warnings."""
        return [problem for problem in self.problems if problem.severity == "warning"]

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return the problems as a DataFrame, one row each."""
        return problem_table(self.problems, language)

    def _repr_html_(self) -> str:
        """Return the problems as a notebook shows them."""
        return str(self.table()[["severity", "sheet", "cell", "text"]].to_html(index=False))


def read_case(path: str | os.PathLike[str]) -> Case:
    """Return the case of a workbook.

    Raises :class:`flows.problems.InputError` with every problem, if any is an error.
    """
    reading = read_workbook(path)
    if reading.errors or reading.case is None:
        raise InputError(reading.problems)
    return without_row_numbers(reading.case)


def without_row_numbers(case: Case) -> Case:
    """Return a case without the rows of the workbook that checks name, as if it were made in code."""
    tables = {name: frame.drop(columns="_row", errors="ignore") for name, frame in case.tables.items()}
    return Case(case.settings, tables)


def read_workbook(path: str | os.PathLike[str]) -> Reading:
    """Read a workbook and check it; problems are returned, not raised."""
    file = Path(path)
    try:
        sheets = open_sheets(file)
    except InputError as error:
        return Reading(file, None, list(error.problems))
    found, problems = find_sheets(sheets)
    layouts: dict[str, Layout] = {}
    settings: dict[str, Any] = {}
    if "settings" in found:
        settings, layouts["settings"], more = _read_settings(found["settings"])
        problems += more
    currency = str(settings.get("currency") or "DKK")
    tables: dict[str, pd.DataFrame] = {}
    times: list[str] = []
    for table in TABLES:
        if table.name not in found:
            tables[table.name] = typed_table(table, [])
            continue
        reader = _TableReader(table, found[table.name], currency)
        layouts[table.name] = reader.layout
        tables[table.name] = typed_table(table, reader.rows())
        problems += reader.problems
        if table.name == "generation":
            times = reader.times
    tables["generation"], more = resolve_amounts(tables["generation"], times, tables)
    problems += more
    case = Case.from_tables(settings, tables)
    # A cell that could not be read is told once; what follows from it is not told again.
    broken = {(problem.sheet, problem.cell) for problem in problems if problem.cell and problem.severity == "error"}
    absent = {(problem.sheet, problem.column) for problem in problems if problem.code == "column_missing"}
    problems = [place(problem, layouts) for problem in problems]
    damaged = _damaged(problems, layouts)
    for problem in check_case(case, damaged=damaged):
        placed = place(problem, layouts)
        told = (placed.sheet, placed.cell) in broken or (placed.sheet, placed.column) in absent
        if not told:
            problems.append(placed)
    if not errors_of(problems):
        # A scenario that cannot be applied leaves the case itself usable.
        problems += [place(problem, layouts).at(severity="warning") for problem in scenarios.check(case)]
    return Reading(file, case, _ordered(problems, sheets), layouts)


def _damaged(problems: list[Problem], layouts: Mapping[str, Layout]) -> set[str]:
    """Return the tables that could not be read whole."""
    names = {layout.sheet: table for table, layout in layouts.items()}
    errors = errors_of(problems)
    damaged = {names.get(problem.sheet, problem.sheet) for problem in errors}
    return damaged | {problem.expected for problem in errors if problem.code == "sheet_missing"}


def _ordered(problems: list[Problem], sheets: list[RawSheet]) -> list[Problem]:
    """Return problems errors first, then in the order of the workbook; each once."""
    order = {sheet.name: position for position, sheet in enumerate(sheets)}
    unique = list(dict.fromkeys(problems))
    return sorted(
        unique,
        key=lambda item: (
            item.severity != "error",
            order.get(item.sheet, -1),
            item.row or 0,
            len(item.cell),
            item.cell,
        ),
    )


def _read_settings(sheet: RawSheet) -> tuple[dict[str, Any], Layout, list[Problem]]:
    layout = Layout("settings", sheet.name)
    names = setting_columns()
    for position, header in enumerate(sheet.rows[0] if sheet.rows else (), start=1):
        if not is_blank(header) and normalise(header) in names:
            layout.columns.setdefault(names[normalise(header)], position)
    problems = [
        Problem("column_missing", sheet.name, column=name, expected=name)
        for name in ("key", "value")
        if name not in layout.columns
    ]
    if problems:
        return {}, layout, problems
    known = {normalise(name): setting for setting in SETTINGS for name in (setting.name, setting.danish)}
    values: dict[str, Any] = {}
    cells = _Cells(sheet, layout, problems)
    for row in range(2, len(sheet.rows) + 1):
        key = cells.raw(row, "key")
        if is_blank(key) or str(key).startswith("#"):
            continue
        setting = known.get(normalise(key))
        if setting is None:
            suggestion = nearest(normalise(key), known)
            cells.add("setting_unknown", row, "key", found=str(key), suggestion=suggestion, severity="warning")
        elif setting.name in values:
            cells.add("setting_twice", row, "key", found=str(key))
        else:
            values[setting.name] = _setting(setting, row, cells)
    problems += [
        Problem("setting_missing", sheet.name, expected=setting.name)
        for setting in SETTINGS
        if setting.required and is_blank(values.get(setting.name))
    ]
    if isinstance(values.get("version"), float) and values["version"] > CASE_VERSION:
        found = f"{values['version']:.0f}"
        problems.append(Problem("version_newer", sheet.name, found=found, expected=str(CASE_VERSION)))
    return values, layout, problems


def _setting(setting: Setting, row: int, cells: _Cells) -> Any:
    value = cells.read(setting, row, "value")
    if value is None or not setting.unit:
        return value
    unit = cells.raw(row, "unit")
    if is_blank(unit):
        cells.add("unit_missing", row, "unit", found=setting.name, expected=setting.unit)
        return None
    try:
        return value * factor(str(unit), setting.unit)
    except UnitError as error:
        cells.problems.append(
            unit_problem(error, sheet=cells.sheet.name, row=row, column="unit", cell=cells.address(row, "unit"))
        )
        return None


class _Cells:
    """The cells of one sheet, read by row number and declared column; collects what is wrong."""

    def __init__(self, sheet: RawSheet, layout: Layout, problems: list[Problem]) -> None:
        self.sheet, self.layout, self.problems = sheet, layout, problems

    def at(self, row: int, position: int | None) -> Any:
        """Return the raw value at a row and column number, None if there is none."""
        values = self.sheet.rows[row - 1]
        return values[position - 1] if position is not None and position <= len(values) else None

    def raw(self, row: int, column: str) -> Any:
        """Return the raw value of a declared column."""
        return self.at(row, self.layout.columns.get(column))

    def address(self, row: int, column: str) -> str:
        """Return the address of a declared column's cell."""
        return self.layout.address(row, column)

    def add(self, code: str, row: int, column: str, position: int | None = None, **texts: Any) -> None:
        """Note a problem at a cell."""
        cell = f"{get_column_letter(position)}{row}" if position else self.address(row, column)
        self.problems.append(Problem(code, self.sheet.name, row, column, cell, **texts))

    def read(self, column: Column | Setting, row: int, name: str, position: int | None = None) -> Any:
        """Return a cell's value by its column's kind; None if it is blank or cannot be read."""
        position = position or self.layout.columns.get(name)
        value = self.at(row, position)
        if is_blank(value):
            if (row, position) in self.sheet.uncached:
                self.add("formula_uncached", row, name, position)
            return None
        try:
            return read_cell(column, value)
        except BadCell as bad:
            self.add(bad.code, row, name, position, found=bad.found, expected=bad.expected, suggestion=bad.suggestion)
            return None


class _TableReader:
    """Reads one table; afterwards ``problems`` holds what is wrong, ``times`` what amounts are per."""

    def __init__(self, table: Table, sheet: RawSheet, currency: str) -> None:
        self.table, self.currency = table, currency
        self.layout, self.problems = lay_out(table, sheet)
        self.cells = _Cells(sheet, self.layout, self.problems)
        self.sheet = sheet
        self.times: list[str] = []
        self.declared_unit = any(column.name == "unit" for column in table.columns)
        self.wide = value_column(table) if self.layout.years else None
        self.base = self._base()
        self.header_units = self._header_units()

    def _base(self) -> Column | None:
        """Return the column whose unit low and high share."""
        named = [item for item in self.table.columns if item.name in {"amount", "share", "change", "value"}]
        return next(iter(named), None) or next((item for item in self.table.columns if item.unit), None)

    def _header_units(self) -> dict[str, UnitReading]:
        """Return the unit of each column (years as ``year:2023``) from the headers."""
        units: dict[str, UnitReading] = {}
        valued = [item for item in self.table.columns if item.unit and item.name in self.layout.columns]
        across = [] if self.wide is None else list(self.layout.years)
        if self.layout.unit_column is not None and len(valued) + bool(across and self.wide and self.wide.unit) != 1:
            self._header_problem("unit_column", self.layout.unit_column)
        for column in self.table.columns:
            position = self.layout.columns.get(column.name)
            if position is not None and column.name not in RANGES:
                self._header_unit(units, column, column.name, position, self.layout.units[column.name])
        for year in across:
            self._header_unit(units, self.wide, f"year:{year}", self.layout.years[year], self.layout.year_units[year])  # type: ignore[arg-type]
        for name in RANGES:
            if across and name in self.layout.columns:
                self._header_problem("range_across", self.layout.columns[name], severity="warning")
            elif self.base is not None and self.layout.units.get(name):
                position = self.layout.columns[name]
                self._header_unit(units, self.base, name, position, self.layout.units[name])
        return units

    def _header_problem(self, code: str, position: int, **texts: Any) -> None:
        self.problems.append(Problem(code, self.sheet.name, 1, "", f"{get_column_letter(position)}1", **texts))

    def _header_unit(
        self, units: dict[str, UnitReading], column: Column, key: str, position: int, unit: str | None
    ) -> None:
        by_row = self.layout.unit_column is not None or (self.declared_unit and column.name in {"value", "maximum"})
        if column.unit is None and not by_row:
            if unit:
                share = share_factor(unit)
                if share is None or (column.kind != "share" and column.name != "std" and share != 1.0):
                    self._header_problem("unit_unexpected", position, found=unit, expected=column.name)
                else:
                    units[key] = UnitReading(share)
        elif by_row and (column.unit or self.declared_unit):
            if unit:
                self._header_problem("unit_twice", position, expected="unit")
        elif column.unit and not unit:
            cell = f"{get_column_letter(position)}1"
            self.problems.append(
                missing_unit(column, self.currency, sheet=self.sheet.name, row=1, column=column.name, cell=cell)
            )
        elif unit:
            try:
                units[key] = read_unit(self.table.name, column, unit, self.currency)
            except UnitError as error:
                cell = f"{get_column_letter(position)}1"
                self.problems.append(unit_problem(error, sheet=self.sheet.name, row=1, column=column.name, cell=cell))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows in canonical units, each with its row number as ``_row``."""
        rows: list[dict[str, Any]] = []
        if not self.layout.columns:
            return rows
        used = sorted({*self.layout.columns.values(), *self.layout.years.values()})
        outside: set[int] = set()
        width = len(self.sheet.rows[0])
        for number, values in enumerate(self.sheet.rows[1:], start=2):
            if len(values) > width:
                self._outside(number, values, width, outside)
            if all(is_blank(self.cells.at(number, position)) for position in used) and not self._formula_in(number):
                continue
            for row, times in self._row(number):
                rows.append(row)
                self.times.append(times)
        if self.table.required and not rows and not errors_of(self.problems):
            self.problems.append(Problem("table_empty", self.sheet.name))
        return rows

    def _formula_in(self, number: int) -> bool:
        return any(row == number for row, _ in self.sheet.uncached)

    def _outside(self, number: int, values: tuple[Any, ...], width: int, told: set[int]) -> None:
        """Warn, once a column, of values beyond the headers."""
        for position in range(width + 1, len(values) + 1):
            if not is_blank(values[position - 1]) and position not in told:
                told.add(position)
                found = str(values[position - 1])
                self.cells.add("value_outside", number, "", position, found=found, severity="warning")

    def _row(self, number: int) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield a row with what its amount is per; years across give one for each year filled in."""
        row: dict[str, Any] = {"_row": number}
        for column in columns_of(self.table):
            if column.name in self.layout.columns:
                row[column.name] = self.cells.read(column, number, column.name)
                # A blank flag becomes False in the case, so it is told here; other blanks are told by checks.
                if column.required and column.kind == "flag" and is_blank(self.cells.raw(number, column.name)):
                    self.cells.add("required", number, column.name)
        if self.wide is None:
            yield row, self._convert(row, number)
            return
        for year, position in self.layout.years.items():
            value = self.cells.read(self.wide, number, self.wide.name, position)
            if value is not None:
                melted = {**row, "year": float(year), self.wide.name: value, "low": None, "high": None}
                yield melted, self._convert(melted, number, f"year:{year}")

    def _convert(self, row: dict[str, Any], number: int, year_key: str = "") -> str:
        """Turn the row's numbers into canonical units; return what its amount is per."""
        times = ""
        by_row = self._unit_of_row(row, number)
        base_reading: UnitReading | None = None
        for column in self.table.columns:
            value = row.get(column.name)
            if column.name in RANGES or not isinstance(value, float):
                continue
            is_wide = bool(year_key) and self.wide is not None and column.name == self.wide.name
            reading = self.header_units.get(year_key if is_wide else column.name)
            if by_row is not None and (column.unit or column.name in {"value", "maximum"}):
                reading = by_row
            if reading is not None:
                row[column.name] = value * reading.factor
                times = reading.times or times
                if self.base is not None and column.name == self.base.name:
                    base_reading = reading
        for name in RANGES:
            if isinstance(row.get(name), float):
                used = self.header_units.get(name) or base_reading
                row[name] *= used.factor if used else 1.0
        self._relative(row, number)
        return times

    def _relative(self, row: dict[str, Any], number: int) -> None:
        """Turn a standard deviation given in % of the value into the value's unit."""
        if self.layout.units.get("std") == "%" and isinstance(row.get("std"), float):
            row["std"] = row["std"] * abs(row.get("value") or 0.0)

    def _unit_of_row(self, row: dict[str, Any], number: int) -> UnitReading | None:
        """Return the unit that a row gives in its own unit column."""
        position = self.layout.columns.get("unit") if self.declared_unit else self.layout.unit_column
        if position is None:
            return None
        unit = self.cells.at(number, position)
        valued = self.wide or next((item for item in self.table.columns if item.unit), None)
        canonical = row_unit(self.table, row) if self.declared_unit else valued and valued.unit
        if not canonical:
            return None
        if is_blank(unit):
            if not self.declared_unit:
                self.cells.add("unit_missing", number, "unit", position, found="", expected=canonical)
            return None
        column = valued if valued and not self.declared_unit else Column("value", "", "number", "", unit=canonical)
        try:
            reading = read_unit(self.table.name, column, str(unit), self.currency)
            if self.declared_unit:
                row["unit"] = show(canonical, self.currency)
            return reading
        except UnitError as error:
            cell = f"{get_column_letter(position)}{number}"
            self.problems.append(unit_problem(error, sheet=self.sheet.name, row=number, column="unit", cell=cell))
            return None
