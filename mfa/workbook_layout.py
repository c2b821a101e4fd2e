"""Where a table stands in a workbook: its sheet, the column of each declared name, and units.

Sheets and columns are found by their Danish or English name in any order. The layout also turns a
problem of a table's row into the address of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from flows.problems import Problem, nearest
from flows.tables import Column, Table, columns_of
from mfa.guide import SETTING_COLUMNS, SHEETS
from mfa.workbook_cells import FIRST_YEAR, LAST_YEAR, is_blank, normalise
from mfa.workbook_kind import Kind
from mfa.workbook_open import RawSheet

FREE_NAMES = {"note", "notes", "noter", "kommentar", "kommentarer", "comment", "comments"}
UNIT_NAMES = {"unit", "enhed"}
UNIT_COLUMNS = ("unit", "ratio_unit")
VALUES = ("amount", "value", "rate", "maximum", "initial", "coefficient")
"""Columns of the number that a row is about; years across give them, and a unit in a header is theirs."""


def split_header(header: object) -> tuple[str, str | None]:
    """Return name and unit of a header; the unit is None without brackets.

    >>> split_header("capacity [kt/year]"), split_header(2023)
    (('capacity', 'kt/year'), ('2023', None))
    """
    if isinstance(header, float) and header.is_integer():
        header = int(header)
    match = re.fullmatch(r"(.*?)\s*\[(.*)\]\s*", str(header), flags=re.DOTALL)
    return (match[1].strip(), match[2].strip()) if match else (str(header).strip(), None)


@dataclass
class Layout:
    """Where a table stands: ``columns`` and ``years`` hold column numbers from 1, ``keys`` the rows of settings."""

    table: str
    sheet: str
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    year_units: dict[int, str | None] = field(default_factory=dict)
    unit_column: int | None = None
    keys: dict[str, int] = field(default_factory=dict)

    def address(self, row: int, column: str) -> str:
        """Return the cell of a row and declared column, or the row's first cell."""
        position = self.columns.get(column)
        if position is None and column in UNIT_COLUMNS:
            position = self.unit_column or next((self.columns[name] for name in VALUES if name in self.columns), None)
        if position is None and self.years and column in {"year", *VALUES, *UNIT_COLUMNS}:
            first, last = min(self.years.values()), max(self.years.values())
            return f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
        return f"{get_column_letter(position or 1)}{row}"


def place(problem: Problem, layouts: dict[str, Layout]) -> Problem:
    """Return a problem of a table with the sheet's own name and the address of its cell."""
    if problem.cause is not None:
        problem = problem.at(cause=place(problem.cause, layouts))
    layout = layouts.get(problem.sheet)
    if layout is None or problem.cell:
        return problem
    if problem.row is None and layout.table == "settings":
        row = layout.keys.get(problem.column)
        return problem.at(sheet=layout.sheet, row=row, cell=layout.address(row, "value") if row else "")
    if problem.row is None:
        position = layout.columns.get(problem.column)
        return problem.at(sheet=layout.sheet, cell=f"{get_column_letter(position)}1" if position else "")
    return problem.at(sheet=layout.sheet, cell=layout.address(problem.row, problem.column))


def find_sheets(kind: Kind, sheets: Iterable[RawSheet]) -> tuple[dict[str, RawSheet], list[Problem]]:
    """Return the sheet of each table (and of ``settings``) with what is odd about their names."""
    known = kind.names()
    guides = {normalise(name) for key, names in SHEETS.items() if key != "settings" for name in names}
    found: dict[str, RawSheet] = {}
    problems: list[Problem] = []
    for sheet in sheets:
        name = normalise(sheet.name)
        if name in guides or name.startswith("#") or name in FREE_NAMES:
            continue
        table = known.get(name)
        if table is None:
            if sheet.rows:
                unknown = Problem("sheet_unknown", sheet.name, cell="A1", found=sheet.name, severity="warning")
                problems.append(unknown.at(suggestion=nearest(name, known)))
        elif table in found:
            problems.append(Problem("sheet_twice", sheet.name, cell="A1", found=sheet.name, expected=found[table].name))
        else:
            found[table] = sheet
    needed = ["settings"] if kind.settings_required else []
    for table in (*needed, *(item.name for item in kind.tables if item.required)):
        if table not in found:
            problems.append(Problem("sheet_missing", expected=table))
    return found, problems


def value_column(table: Table) -> Column | None:
    """Return the column that years across give: the required number of a table with years, else its value."""
    if "year" not in [column.name for column in table.columns]:
        return None
    numbers = [item for item in table.columns if item.kind in {"number", "share"}]
    return next((item for item in numbers if item.required), None) or next(
        (item for item in numbers if item.name == "value"), None
    )


def setting_columns() -> dict[str, str]:
    """Return declared name by written name of the settings sheet's columns."""
    return {normalise(name): english for english, danish in SETTING_COLUMNS for name in (english, danish)}


def lay_out(table: Table, sheet: RawSheet, unit_column: str = "") -> tuple[Layout, list[Problem]]:
    """Return the layout of a table's sheet, with the problems of its header row.

    ``unit_column`` is the declared column that holds the unit of the value, if the table has one.
    """
    layout = Layout(table.name, sheet.name)
    problems: list[Problem] = []
    known = {normalise(name): item for item in columns_of(table) for name in (item.name, item.danish)}
    headers = sheet.rows[0] if sheet.rows else ()
    if all(is_blank(header) for header in headers) or not _recognised(headers, known):
        lower = next((n for n, row in enumerate(sheet.rows[1:12], start=2) if _recognised(row, known) > 1), None)
        code = "header_row" if lower else "header_missing"
        return layout, [Problem(code, sheet.name, 1, cell="A1", found=str(lower or ""))]
    wide = value_column(table)
    for position, header in enumerate(headers, start=1):
        if is_blank(header):
            continue
        name, unit = split_header(header)
        cell = f"{get_column_letter(position)}1"
        column = known.get(normalise(name))
        if normalise(name) in FREE_NAMES or name.startswith("#"):
            continue
        if column is not None:
            if column.name in layout.columns:
                problems.append(Problem("column_twice", sheet.name, 1, column.name, cell, found=name))
                continue
            layout.columns[column.name] = position
            layout.units[column.name] = unit
        elif normalise(name) in UNIT_NAMES:
            layout.unit_column = position
        elif wide is not None and re.fullmatch(r"\d{4}", name) and FIRST_YEAR <= int(name) <= LAST_YEAR:
            if int(name) in layout.years:
                problems.append(Problem("column_twice", sheet.name, 1, "", cell, found=name))
            layout.years[int(name)] = position
            layout.year_units[int(name)] = unit
        else:
            suggestion = nearest(normalise(name), known)
            problems.append(
                Problem("column_unknown", sheet.name, 1, "", cell, name, "", suggestion, severity="warning")
            )
    if unit_column in layout.columns:
        layout.unit_column = layout.columns[unit_column]
    problems.extend(_missing(table, sheet, layout, wide))
    return layout, problems


def _recognised(row: tuple[object, ...], known: dict[str, Column]) -> int:
    """Return how many cells of a row are names of columns."""
    return sum(1 for cell in row if not is_blank(cell) and normalise(split_header(cell)[0]) in known)


def _missing(table: Table, sheet: RawSheet, layout: Layout, wide: Column | None) -> list[Problem]:
    problems: list[Problem] = []
    across = bool(layout.years) and wide is not None
    if across and ("year" in layout.columns or (wide and wide.name in layout.columns)):
        both = "year" if "year" in layout.columns else str(wide and wide.name)
        problems.append(Problem("years_twice", sheet.name, 1, "year", layout.address(1, both), expected=both))
    for column in table.columns:
        given_across = across and column.name in {"year", wide.name if wide else ""}
        if column.required and column.name not in layout.columns and not given_across:
            cell = free_header(sheet)
            problems.append(Problem("column_missing", sheet.name, 1, column.name, cell, expected=column.name))
    return problems


def free_header(sheet: RawSheet) -> str:
    """Return the address of the first cell of the header row beyond those that are filled."""
    headers = sheet.rows[0] if sheet.rows else ()
    filled = [position for position, header in enumerate(headers, start=1) if not is_blank(header)]
    return f"{get_column_letter(max(filled, default=0) + 1)}1"
