"""Writing imported rows into a workbook that is the user's: what else stands in it is left as it is.

openpyxl keeps sheets, cells, formats, comments, drop-downs and names. It drops the stored values of formulas, which
are put back here, and charts and pictures, which are told. The file is written beside and moved into
place; what was there before stays as a copy.
"""

from __future__ import annotations

import datetime
import html
import itertools
import os
import re
import shutil
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.table import TableColumn

from flows.problems import InputError, Problem
from flows.tables import BY_NAME, Column, Table, columns_of
from flows.units import UnitError, factor, show
from mfa.import_place import Row
from mfa.whole import whole_file
from mfa.workbook_cells import is_blank, printable
from mfa.workbook_kind import CASE
from mfa.workbook_layout import Layout, value_column
from mfa.workbook_open import has_formulas
from mfa.workbook_save import archived
from mfa.workbook_write import ASSUMED_FILL, FLAG_WORDS

LOST_PARTS = {
    "xl/charts/": "charts",
    "xl/media/": "pictures",
    "xl/pivotTables/": "pivot tables",
    "xl/slicers/": "slicers",
}
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"((?: s="\d+")?)(?: t="\w+")?><f([^>]*)>(.*?)</f><v ?(?:/>|></v>)</c>', re.S)


def refuse_locked(path: Path) -> None:
    """Refuse a workbook that is open in Excel or may not be written.

    Raises :class:`InputError`.
    """
    if (path.parent / f"~${path.name}").exists():
        raise InputError([Problem("import_open", path.name)])
    if path.exists() and not os.access(path, os.W_OK):
        raise InputError([Problem("import_read_only", path.name)])


def lost_parts(path: Path) -> tuple[str, ...]:
    """Return what of a workbook cannot be kept when it is written again."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return tuple(word for part, word in LOST_PARTS.items() if any(name.startswith(part) for name in names))


def write_rows(
    path: Path,
    target: Path,
    layouts: Mapping[str, Layout],
    rows: Sequence[Row],
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    language: str,
    currency: str = "DKK",
) -> Path | None:
    """Write rows and whole sheets into a copy of a workbook and move it to ``target``.

    ``sheets`` replaces or adds sheets of plain rows, a header first; an empty one is taken away. Returns where the
    workbook that ``target`` replaced is kept, None if there was none.
    """
    with warnings.catch_warnings():
        # openpyxl warns of what it does not know; values are unharmed, and what is lost is told apart.
        warnings.simplefilter("ignore")
        book = load_workbook(path, rich_text=True)
        values = _formula_values(path)
    for name in dict.fromkeys(row.table for row in rows):
        writer = _Writer(book, BY_NAME[name], layouts.get(name), language, currency)
        for row in rows:
            if row.table == name and row.action != "kept":
                writer.write(row)
        writer.finish()
    for name, content in sheets.items():
        _plain_sheet(book, name, content)
    backup = _backup(target)
    _save(book, values, target)
    return backup


class _Writer:
    """Writes rows of one table into its sheet."""

    def __init__(self, book: Any, table: Table, layout: Layout | None, language: str, currency: str) -> None:
        self.table, self.currency = table, currency
        self.wide = value_column(table)
        if layout is None:
            layout = _new_sheet(book, table, language, currency)
        self.layout, self.sheet = layout, book[layout.sheet]
        self.language = _language(self.sheet, layout, table, language)
        self.next = self._last_row() + 1
        self.used = {column for row, column in self.sheet._cells if not is_blank(self._value(row, column))}
        self.first_free = self._free(max([*layout.columns.values(), *layout.years.values()]))
        self.factors = {column.name: self._factor(column) for column in columns_of(table)}
        self.added: list[int] = []
        self.by_key: dict[tuple[Any, ...], int] = {}

    def _last_row(self) -> int:
        columns = {*self.layout.columns.values(), *self.layout.years.values()}
        # Only cells that are there are looked at: asking for one makes it, and a stray cell may stand a million rows down.
        filled = (row for row, column in self.sheet._cells if column in columns)
        for number in sorted(set(filled), reverse=True):
            if any(not is_blank(self._value(number, column)) for column in columns):
                return max(int(number), 1)
        return 1

    def _free(self, after: int) -> int:
        """Return the next column in which nothing stands."""
        return next(column for column in itertools.count(after + 1) if column not in self.used)

    def _value(self, row: int, column: int) -> Any:
        """Return what stands in a cell, without making one."""
        cell = self.sheet._cells.get((row, column))
        return None if cell is None else cell.value

    def _factor(self, column: Column) -> float:
        """Return by what a canonical value is divided to be in the sheet's unit."""
        if not column.unit or column.name not in self.layout.units and not self.layout.years:
            return 1.0
        unit = self.layout.units.get(column.name)
        if self.layout.years and self.wide is not None and column.name == self.wide.name:
            unit = next((unit for unit in self.layout.year_units.values() if unit), None)
        if not unit:
            return 1.0
        try:
            return factor(unit, column.unit, self.currency)
        except UnitError:
            cell = f"{get_column_letter(self.layout.columns.get(column.name, 1))}1"
            expected = show(column.unit, self.currency)
            raise InputError([Problem("import_unit", self.sheet.title, 1, column.name, cell, unit, expected)]) from None

    def write(self, row: Row) -> None:
        """Write a row over the one that it replaces, or below the others."""
        number = row.old if row.old is not None and row.old > 1 else None
        if number is None and self.layout.years:
            number = self.by_key.get(self._across_key(row))
        new = number is None
        if number is None:
            number, self.next = self.next, self.next + 1
            self.by_key[self._across_key(row)] = number
        for column in columns_of(self.table):
            if column.name in row.values and not self._skipped(column):
                self._put(number, self._column(column), column, row.values[column.name], new)
        if self.layout.years and self.wide is not None:
            position = self._year_column(int(row.values["year"]))
            self._put(number, position, self.wide, row.values[self.wide.name], new)
        elif self.layout.unit_column is not None and self.wide is not None and self.wide.unit:
            self.sheet.cell(number, self.layout.unit_column).value = show(self.wide.unit, self.currency)
        self._unmark(number, str(row.values.get("status", "")))

    def _across_key(self, row: Row) -> tuple[Any, ...]:
        names = [name for name in self.table.key if name != "year" or not self.layout.years]
        return tuple(str(row.values.get(name, "")) for name in names) + (() if self.layout.years else (self.next,))

    def _skipped(self, column: Column) -> bool:
        """Tell whether years across give the column."""
        across = bool(self.layout.years) and self.wide is not None
        return across and column.name in {"year", "low", "high", self.wide.name if self.wide else ""}

    def _column(self, column: Column) -> int:
        """Return the position of a column; one that the sheet lacks is added at its end."""
        if column.name not in self.layout.columns:
            name = column.danish if self.language == "da" else column.name
            text = f"{name} [{show(column.unit, self.currency)}]" if column.unit else name
            self.layout.columns[column.name] = self._add_header(text)
        return self.layout.columns[column.name]

    def _year_column(self, year: int) -> int:
        if year not in self.layout.years:
            unit = next((unit for unit in self.layout.year_units.values() if unit), None)
            self.layout.years[year] = self._add_header(f"{year} [{unit}]" if unit else str(year))
        return self.layout.years[year]

    def _add_header(self, text: str) -> int:
        position, self.first_free = self.first_free, self._free(self.first_free)
        self.added.append(position)
        model, cell = self.sheet.cell(1, 1), self.sheet.cell(1, position, text)
        for part in ("font", "fill", "alignment", "border"):
            setattr(cell, part, copy(getattr(model, part)))
        return position

    def _put(self, number: int, position: int, column: Column, value: Any, new: bool) -> None:
        cell = self.sheet.cell(number, position)
        value = _plain(column, value, self.factors.get(column.name, 1.0), self.language)
        if value is None and cell.value is None:
            return
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        if new and number > 2:
            cell.number_format = self.sheet.cell(number - 1, position).number_format

    def _unmark(self, number: int, status: str) -> None:
        """Take the colour of assumed rows from one that is no longer assumed."""
        if status and status != "assumed":
            for position in range(1, self.first_free):
                cell = self.sheet.cell(number, position)
                if cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] == ASSUMED_FILL.fgColor.rgb[-6:]:
                    cell.fill = PatternFill()

    def _wider(self, right: int) -> int:
        """Return the last column of a table that takes in the headers that were added beside it."""
        wider = right
        while any(position > wider for position in self.added) and not is_blank(self.sheet.cell(1, wider + 1).value):
            wider += 1
        return wider

    def finish(self) -> None:
        """Let Excel's own table, and its drop-downs, take in what was added."""
        last = self.next - 1
        for table in self.sheet.tables.values():
            left, top, right, bottom = range_boundaries(table.ref)
            if top != 1 or bottom < 1:
                continue
            wider = self._wider(right)
            for position in range(right + 1, wider + 1):
                name = str(self.sheet.cell(1, position).value)
                table.tableColumns.append(TableColumn(id=len(table.tableColumns) + 1, name=name))
            table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(wider)}{max(bottom, last)}"
            if table.autoFilter is not None:
                table.autoFilter.ref = table.ref


def _language(sheet: Any, layout: Layout, table: Table, language: str) -> str:
    """Return the language in which the headers of a sheet are written."""
    texts = {str(sheet.cell(1, position).value).partition("[")[0].strip() for position in layout.columns.values()}
    danish = sum(column.danish in texts for column in columns_of(table) if column.danish != column.name)
    english = sum(column.name in texts for column in columns_of(table) if column.danish != column.name)
    return language if danish == english else "da" if danish > english else "en"


def _new_sheet(book: Any, table: Table, language: str, currency: str) -> Layout:
    """Add the sheet of a table with its headers."""
    sheet = book.create_sheet(CASE.sheet_name(table.name, language))
    layout = Layout(table.name, sheet.title)
    for position, column in enumerate(columns_of(table), start=1):
        name = column.danish if language == "da" else column.name
        unit = show(column.unit, currency) if column.unit else None
        sheet.cell(1, position, f"{name} [{unit}]" if unit else name).font = Font(bold=True)
        layout.columns[column.name], layout.units[column.name] = position, unit
    sheet.freeze_panes = "A2"
    return layout


def _plain(column: Column, value: Any, divisor: float, language: str) -> Any:
    """Return a value as it is written into a cell; None where it is blank."""
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return None
    if column.kind == "flag":
        return FLAG_WORDS[language][0 if value else 1]
    if column.kind in {"year", "integer"}:
        return int(value)
    if column.kind in {"number", "share"}:
        # Twelve digits: what is copied looks as it was in the file.
        rounded = float(f"{float(value) / divisor:.12g}")
        return int(rounded) if rounded.is_integer() else rounded
    return printable(str(value))


def _plain_sheet(book: Any, name: str, rows: Sequence[Sequence[Any]]) -> None:
    if name in book.sheetnames:
        del book[name]
    if len(rows) < 2:
        return
    sheet = book.create_sheet(name)
    for number, row in enumerate(rows, start=1):
        for position, value in enumerate(row, start=1):
            cell = sheet.cell(number, position, printable(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            if number == 1:
                cell.font = Font(bold=True)
    for position in range(1, len(rows[0]) + 1):
        longest = max(len(str(row[position - 1])) for row in rows[:300])
        sheet.column_dimensions[get_column_letter(position)].width = min(max(longest + 2, 9), 80)
    sheet.freeze_panes = "A2"


def _backup(target: Path) -> Path | None:
    """Keep a copy of what stands at ``target``, under a name that is not taken."""
    if not target.exists():
        return None
    number = 1
    while (copy_ := target.with_name(f"{target.stem}-before-import-{number}{target.suffix}")).exists():
        number += 1
    with whole_file(copy_) as new:
        shutil.copy2(target, new)
    return copy_


def _formula_values(path: Path) -> dict[str, dict[str, Any]]:
    """Return the stored value of each formula by sheet and cell."""
    if not has_formulas(path):
        return {}
    formulas = load_workbook(path)
    stored = load_workbook(path, data_only=True)
    found: dict[str, dict[str, Any]] = {}
    for sheet in formulas.worksheets:
        # Cells that are there, not the rows: those reach as far as the farthest stray cell.
        for cell in sheet._cells.values():
            if cell.data_type == "f":
                value = stored[sheet.title][cell.coordinate].value
                if value is not None:
                    found.setdefault(sheet.title, {})[cell.coordinate] = value
    return found


def _save(book: Any, values: Mapping[str, Mapping[str, Any]], target: Path) -> None:
    """Save with the formulas' values, beside, and move into place."""
    files = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(book.worksheets, start=1)}
    if values:
        book.calculation.fullCalcOnLoad = True
    buffer = archived(book)
    with (
        whole_file(target) as new,
        zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as result,
        zipfile.ZipFile(buffer) as source,
    ):
        for item in source.infolist():
            content = source.read(item.filename)
            stored = values.get(files.get(item.filename, ""))
            if stored:
                content = _with_values(content.decode(), stored).encode()
            result.writestr(item, content, zipfile.ZIP_DEFLATED)


def _with_values(sheet: str, values: Mapping[str, Any]) -> str:
    """Return the XML of a sheet with the stored values of its formulas put back."""

    def filled(match: re.Match[str]) -> str:
        address, style, attributes, formula = match.groups()
        kind, text = _stored(values.get(address))
        if text is None:
            return match[0]
        return f'<c r="{address}"{style}{kind}><f{attributes}>{formula}</f><v>{html.escape(text, quote=False)}</v></c>'

    return _FORMULA.sub(filled, sheet)


def _stored(value: Any) -> tuple[str, str | None]:
    """Return the type and the text of a stored value."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ' t="b"', "1" if value else "0"
    if isinstance(value, int | float):
        return "", repr(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return "", repr(to_excel(value))
    text = str(value)
    return (' t="e"' if text.startswith("#") and text.endswith(("!", "?", "A")) else ' t="str"'), text
