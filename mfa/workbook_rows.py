"""Reading the sheets of a workbook of either kind into rows in canonical units, with every problem's cell.

What a sheet may hold is declared; a row whose cell cannot be read keeps a blank there and the problem
is noted, so that all problems come at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.utils import get_column_letter

from flows.problems import Problem, errors_of, nearest
from flows.tables import Column, Setting, Table, columns_of
from flows.units import UnitError, factor, show
from mfa.workbook_cells import BadCell, is_blank, normalise, read_cell
from mfa.workbook_kind import Kind
from mfa.workbook_layout import Layout, free_header, lay_out, setting_columns, value_column
from mfa.workbook_open import RawSheet
from mfa.workbook_units import (
    UnitReading,
    missing_unit,
    row_unit,
    share_factor,
    unit_problem,
)

NO_UNIT = UnitReading(1.0)
UNIT_CELL = Column("unit", "", "text", "")
MOST_TOLD = 10_000
"""Problems of the cells of one sheet that are told."""


def read_settings(kind: Kind, sheet: RawSheet) -> tuple[dict[str, Any], Layout, list[Problem]]:
    """Return the settings of a sheet by declared name, where they stand, and what is wrong with them."""
    layout = Layout("settings", sheet.name)
    names = setting_columns()
    for position, header in enumerate(sheet.rows[0] if sheet.rows else (), start=1):
        if not is_blank(header) and normalise(header) in names:
            layout.columns.setdefault(names[normalise(header)], position)
    problems = [
        Problem("column_missing", sheet.name, 1, name, free_header(sheet), expected=name)
        for name in ("key", "value")
        if name not in layout.columns
    ]
    if problems:
        return {}, layout, problems
    known = {normalise(name): setting for setting in kind.settings for name in (setting.name, setting.danish)}
    values: dict[str, Any] = {}
    cells = Cells(sheet, layout, problems)
    keys = {normalise(cells.raw(row, "key")): row for row in range(2, len(sheet.rows) + 1)}
    row_of_currency = next((keys[name] for name in ("currency", "valuta") if name in keys), None)
    currency = str(cells.raw(row_of_currency, "value") or "DKK").strip() if row_of_currency else "DKK"
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
            layout.keys[setting.name] = row
            values[setting.name] = _setting(setting, row, cells, currency)
    told = {problem.row for problem in problems if problem.severity == "error"}
    problems += [
        Problem("setting_missing", "settings", column=setting.name, expected=setting.name)
        for setting in kind.settings
        if setting.required and is_blank(values.get(setting.name)) and layout.keys.get(setting.name) not in told
    ]
    if isinstance(values.get("version"), float) and values["version"] > kind.version:
        found = f"{values['version']:.0f}"
        problems.append(Problem("version_newer", "settings", column="version", found=found, expected=str(kind.version)))
    return values, layout, problems


def _setting(setting: Setting, row: int, cells: Cells, currency: str) -> Any:
    value = cells.read(setting, row, "value")
    if value is None or not setting.unit:
        return value
    unit = cells.raw(row, "unit")
    if is_blank(unit):
        cells.add("unit_missing", row, "unit", found=setting.name, expected=setting.unit)
        return None
    try:
        return value * factor(str(unit), setting.unit, currency)
    except UnitError as error:
        cells.problems.append(
            unit_problem(error, sheet=cells.sheet.name, row=row, column="unit", cell=cells.address(row, "unit"))
        )
        return None


class Cells:
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

    def blank(self, row: int, column: str) -> bool:
        """Tell whether a declared column's cell is empty; one with a formula is not."""
        position = self.layout.columns.get(column)
        return is_blank(self.at(row, position)) and (row, position) not in self.sheet.uncached

    def address(self, row: int, column: str) -> str:
        """Return the address of a declared column's cell."""
        return self.layout.address(row, column)

    def add(self, code: str, row: int, column: str, position: int | None = None, **texts: Any) -> None:
        """Note a problem at a cell; of a sheet that is wrong throughout, the first ones."""
        if len(self.problems) >= MOST_TOLD:
            if len(self.problems) == MOST_TOLD:
                self.problems.append(Problem("problems_more", self.sheet.name, found=str(MOST_TOLD)))
            return
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


class TableReader:
    """Reads one table; afterwards ``problems`` holds what is wrong, ``readings`` the unit of each row's value."""

    def __init__(self, kind: Kind, table: Table, sheet: RawSheet, currency: str) -> None:
        self.kind, self.table, self.currency = kind, table, currency
        self.layout, self.problems = lay_out(table, sheet, kind.unit_columns.get(table.name, ""))
        self.cells = Cells(sheet, self.layout, self.problems)
        self.sheet = sheet
        self.readings: list[UnitReading] = []
        self.declared_unit = any(column.name == "unit" for column in table.columns)
        self.wide = value_column(table) if self.layout.years else None
        self.base = self._base()
        self.valued = self._valued()
        self.header_units = self._header_units()

    def _canonical(self, column: Column) -> str | None:
        """Return the canonical unit of a column, None if it has none."""
        return column.unit or self.kind.optional_units.get((self.table.name, column.name))

    def _base(self) -> Column | None:
        """Return the column whose unit the others of its row share."""
        named = [item for item in self.table.columns if item.name in {"amount", "share", "change", "value"}]
        return next(iter(named), None) or next((item for item in self.table.columns if item.unit), None)

    def _valued(self) -> list[Column]:
        """Return the columns that a unit column may be of: those with a unit, else those that may have one."""
        declared = [item for item in self.table.columns if item.unit]
        return declared or [item for item in self.table.columns if self._canonical(item)]

    def _header_units(self) -> dict[str, UnitReading]:
        """Return the unit of each column (years as ``year:2023``) from the headers."""
        units: dict[str, UnitReading] = {}
        valued = [item for item in self.valued if item.name in self.layout.columns]
        across = [] if self.wide is None else list(self.layout.years)
        wide_valued = bool(across) and self.wide in self.valued
        if self.layout.unit_column is not None and len(valued) + wide_valued != 1:
            self._header_problem("unit_column", self.layout.unit_column)
        for column in self.table.columns:
            position = self.layout.columns.get(column.name)
            if position is not None and column.name not in self.kind.ranges:
                self._header_unit(units, column, column.name, position, self.layout.units[column.name])
        for year in across:
            self._header_unit(units, self.wide, f"year:{year}", self.layout.years[year], self.layout.year_units[year])  # type: ignore[arg-type]
        for name in self.kind.ranges:
            if name in self.layout.columns:
                self._range_unit(units, name, bool(across))
        return units

    def _range_unit(self, units: dict[str, UnitReading], name: str, across: bool) -> None:
        """Read the unit of a column that is in the unit of the value unless it says another one."""
        unit, position = self.layout.units[name], self.layout.columns[name]
        if across and not self.kind.ranges_across:
            self._header_problem("range_across", position, severity="warning")
        elif unit and name == "std" and share_factor(unit) is not None:
            units[name] = UnitReading(share_factor(unit) or 1.0)
        elif unit and self.base is not None:
            self._header_unit(units, self.base, name, position, unit)

    def _header_problem(self, code: str, position: int, **texts: Any) -> None:
        self.problems.append(Problem(code, self.sheet.name, 1, "", f"{get_column_letter(position)}1", **texts))

    def _header_unit(
        self, units: dict[str, UnitReading], column: Column, key: str, position: int, unit: str | None
    ) -> None:
        canonical = self._canonical(column)
        by_row = self._takes_row_unit(column)
        if canonical is None and not by_row:
            if unit:
                share = share_factor(unit)
                if share is None or (column.kind != "share" and column.name != "std" and share != 1.0):
                    self._header_problem("unit_unexpected", position, found=unit, expected=column.name)
                else:
                    units[key] = UnitReading(share)
        elif by_row and (canonical or self.declared_unit):
            if unit:
                self._header_problem("unit_twice", position, expected="unit")
        elif column.unit and not unit:
            cell = f"{get_column_letter(position)}1"
            self.problems.append(
                missing_unit(column, self.currency, sheet=self.sheet.name, row=1, column=column.name, cell=cell)
            )
        elif unit:
            try:
                units[key] = self.kind.read_unit(self.table.name, column, unit, self.currency)
            except UnitError as error:
                cell = f"{get_column_letter(position)}1"
                self.problems.append(unit_problem(error, sheet=self.sheet.name, row=1, column=column.name, cell=cell))

    def _takes_row_unit(self, column: Column) -> bool:
        """Tell whether a column's unit stands in a column of its own."""
        if self.declared_unit and column.name in {"value", "maximum"}:
            return True
        return self.layout.unit_column is not None and column in self.valued

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows in canonical units, each with its row number as ``_row``."""
        rows: list[dict[str, Any]] = []
        if not self.layout.columns:
            return rows
        used = sorted({*self.layout.columns.values(), *self.layout.years.values()})
        outside: set[int] = set()
        headed = {position for position, header in enumerate(self.sheet.rows[0], start=1) if not is_blank(header)}
        formulas = {row for row, _ in self.sheet.uncached}
        for number, values in enumerate(self.sheet.rows[1:], start=2):
            if not values and number not in formulas:
                continue
            self._outside(number, values, headed, outside)
            if all(is_blank(self.cells.at(number, position)) for position in used) and number not in formulas:
                continue
            for row, reading in self._row(number):
                rows.append(row)
                self.readings.append(reading)
        if self.table.required and not rows and not errors_of(self.problems):
            self.problems.append(Problem("table_empty", self.sheet.name))
        return rows

    def _outside(self, number: int, values: tuple[Any, ...], headed: set[int], told: set[int]) -> None:
        """Warn, once a column, of values without a header above them."""
        for position, value in enumerate(values, start=1):
            if position not in headed and position not in told and not is_blank(value):
                told.add(position)
                self.cells.add("value_outside", number, "", position, found=str(value), severity="warning")

    def _row(self, number: int) -> Iterator[tuple[dict[str, Any], UnitReading]]:
        """Yield a row with the unit of its value; years across give one for each year filled in.

        A value that need not be given is blank for all years where no year is filled in.
        """
        row: dict[str, Any] = {"_row": number}
        for column in columns_of(self.table):
            if column.name in self.layout.columns:
                row[column.name] = self.cells.read(column, number, column.name)
                # A blank flag becomes False in the case, so it is told here; other blanks are told by checks.
                if column.required and column.kind == "flag" and self.cells.blank(number, column.name):
                    self.cells.add("required", number, column.name)
        if self.wide is None:
            yield row, self._convert(row, number)
            return
        blank = all(is_blank(self.cells.at(number, position)) for position in self.layout.years.values())
        if blank and not self.wide.required:
            yield row, self._convert(row, number)
        dropped = {} if self.kind.ranges_across else dict.fromkeys(self.kind.ranges)
        for year, position in self.layout.years.items():
            value = self.cells.read(self.wide, number, self.wide.name, position)
            if value is not None:
                melted = {**row, "year": float(year), self.wide.name: value, **dropped}
                yield melted, self._convert(melted, number, f"year:{year}")

    def _convert(self, row: dict[str, Any], number: int, year_key: str = "") -> UnitReading:
        """Turn the row's numbers into canonical units; return the unit of its value."""
        by_row = self._unit_of_row(row, number)
        base = NO_UNIT
        for column in self.table.columns:
            if column.name in self.kind.ranges:
                continue
            is_wide = bool(year_key) and self.wide is not None and column.name == self.wide.name
            reading = self.header_units.get(year_key if is_wide else column.name)
            if by_row is not None and (column in self.valued or column.name in {"value", "maximum"}):
                reading = by_row
            if reading is None:
                continue
            value = row.get(column.name)
            if isinstance(value, float):
                row[column.name] = value * reading.factor
            if self.base is not None and column.name == self.base.name:
                base = reading
        for name in self.kind.ranges:
            if isinstance(row.get(name), float) and name in self.layout.columns:
                row[name] *= self.header_units.get(name, base).factor
        self._relative(row)
        return base

    def _relative(self, row: dict[str, Any]) -> None:
        """Turn a standard deviation given in % of the value into the value's unit."""
        unit = self.layout.units.get("std")
        if unit and share_factor(unit) not in (None, 1.0) and isinstance(row.get("std"), float) and self.base:
            value = row.get(self.base.name)
            row["std"] = row["std"] * abs(value) if isinstance(value, float) else None

    def _unit_of_row(self, row: dict[str, Any], number: int) -> UnitReading | None:
        """Return the unit that a row gives in its own unit column."""
        position = self.layout.columns.get("unit") if self.declared_unit else self.layout.unit_column
        if position is None:
            return None
        if self.declared_unit and row.get("year") is None and not is_blank(self.cells.raw(number, "year")):
            return None  # the year, which the unit hangs on, could not be read and is told already
        valued = self.wide if self.wide in self.valued else next(iter(self.valued), None)
        canonical = row_unit(self.table, row) if self.declared_unit else valued and self._canonical(valued)
        if not canonical:
            return None
        name = next((name for name, place in self.layout.columns.items() if place == position), "unit")
        told = len(self.problems)
        unit = self.cells.read(UNIT_CELL, number, name, position)
        if len(self.problems) > told:
            return None
        if unit is None:
            numbers = [row.get(name) for name in (*self.kind.ranges, valued.name)] if valued and valued.unit else []
            if not self.declared_unit and any(isinstance(value, float) for value in numbers):
                self.cells.add("unit_missing", number, "unit", position, found="", expected=show(canonical))
            return None
        column = valued if valued and not self.declared_unit else Column("value", "", "number", "", unit=canonical)
        try:
            reading = self.kind.read_unit(self.table.name, column, str(unit), self.currency)
            if self.declared_unit:
                row["unit"] = show(canonical, self.currency)
            return reading
        except UnitError as error:
            cell = f"{get_column_letter(position)}{number}"
            self.problems.append(unit_problem(error, sheet=self.sheet.name, row=number, column="unit", cell=cell))
            return None
