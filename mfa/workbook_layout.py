"""Where a table stands in a workbook: its sheet, the column of each declared name, and units.

Sheets and columns are found by their Danish or English name in any order. The layout also turns a
problem of a table's row into the address of a cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from flows.problems import Problem, nearest
from flows.tables import TABLES, Column, Table, columns_of
from mfa.guide import SETTING_COLUMNS, SHEETS
from mfa.workbook_cells import FIRST_YEAR, LAST_YEAR, is_blank
from mfa.workbook_open import RawSheet

FREE_NAMES = {"note", "notes", "noter", "kommentar", "kommentarer", "comment", "comments"}
UNIT_NAMES = {"unit", "enhed"}
UNIT = Column("unit", "enhed", "text", "unit of the value")


def normalise(name: object) -> str:
    """Return a name as it is compared: lower case, blanks and hyphens as underscores.

    >>> normalise(" Cost per-household ")
    'cost_per_household'
    """
    text = unicodedata.normalize("NFC", str(name)).strip().casefold()
    return re.sub(r"[\s\-_]+", "_", text)


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
    """Where a table stands: ``columns`` and ``years`` hold column numbers from 1."""

    table: str
    sheet: str
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    year_units: dict[int, str | None] = field(default_factory=dict)
    unit_column: int | None = None

    def address(self, row: int, column: str) -> str:
        """Return the cell of a row and declared column, or the row's first cell."""
        position = self.columns.get(column)
        if position is None and self.years and column in {"year", "amount", "value", "rate", "maximum"}:
            first, last = min(self.years.values()), max(self.years.values())
            return f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
        return f"{get_column_letter(position or 1)}{row}"


def place(problem: Problem, layouts: dict[str, Layout]) -> Problem:
    """Return a problem of a table with the sheet's own name and the address of its cell."""
    layout = layouts.get(problem.sheet)
    if layout is None or problem.cell:
        return problem
    if problem.row is None:
        position = layout.columns.get(problem.column)
        cell = f"{get_column_letter(position)}1" if position and layout.table != "settings" else ""
        return problem.at(sheet=layout.sheet, cell=cell)
    return problem.at(sheet=layout.sheet, cell=layout.address(problem.row, problem.column))


def find_sheets(sheets: Iterable[RawSheet]) -> tuple[dict[str, RawSheet], list[Problem]]:
    """Return the sheet of each table (and of ``settings``) with what is odd about their names."""
    known = {normalise(name): table.name for table in TABLES for name in (table.name, table.danish)}
    known |= {normalise(name): "settings" for name in SHEETS["settings"]}
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
                suggestion = nearest(name, known)
                problems.append(
                    Problem("sheet_unknown", sheet.name, found=sheet.name, suggestion=suggestion, severity="warning")
                )
        elif table in found:
            problems.append(Problem("sheet_twice", sheet.name, found=sheet.name, expected=found[table].name))
        else:
            found[table] = sheet
    for table in ("settings", *(item.name for item in TABLES if item.required)):
        if table not in found:
            problems.append(Problem("sheet_missing", expected=table))
    return found, problems


def value_column(table: Table) -> Column | None:
    """Return the column that years across give: the required number of a table with years."""
    names = [column.name for column in table.columns]
    if "year" not in names:
        return None
    return next((item for item in table.columns if item.required and item.kind in {"number", "share"}), None)


def setting_columns() -> dict[str, str]:
    """Return declared name by written name of the settings sheet's columns."""
    return {normalise(name): english for english, danish in SETTING_COLUMNS for name in (english, danish)}


def lay_out(table: Table, sheet: RawSheet) -> tuple[Layout, list[Problem]]:
    """Return the layout of a table's sheet, with the problems of its header row."""
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
            problems.append(Problem("column_missing", sheet.name, column=column.name, expected=column.name))
    return problems
