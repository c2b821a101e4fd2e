"""Writing a workbook of either kind: sheets, headers, drop-downs and guide, all made from the declaration.

The same content gives the same bytes. Text that begins with ``=`` stays text.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from flows.case import Case, Rows
from flows.tables import BY_NAME, Column, Setting, Table, columns_of
from flows.units import factor, show
from mfa.guide import SETTING_COLUMNS
from mfa.workbook_cells import printable
from mfa.workbook_kind import CASE, Kind
from mfa.workbook_save import save_book

REQUIRED_FILL = PatternFill("solid", fgColor="1F4E5F")
OPTIONAL_FILL = PatternFill("solid", fgColor="D9E6EA")
ASSUMED_FILL = PatternFill("solid", fgColor="FFF4CC")
LINE = Border(bottom=Side(style="thin", color="8EA9B2"))
SPARE_ROWS = 500
"""Rows below the data for which the drop-downs hold as well."""
README_LINE = 100
"""Letters of the guide that fit on a line."""
FLAG_WORDS = {"en": ("yes", "no"), "da": ("ja", "nej")}

Units = Mapping[tuple[str, str], str]


def write_case(
    settings: Mapping[str, Any],
    tables: Mapping[str, Rows],
    path: str | os.PathLike[str],
    *,
    language: str = "en",
    units: Units | None = None,
) -> Path:
    """Write settings and tables, in canonical units, as a case workbook at ``path``.

    ``language`` ('en' or 'da') is that of sheet names and headers; both can be read. ``units`` gives
    columns, as (table, column), another unit than the canonical one. Undeclared columns are
    left out, except those called ``note``.

    Raises ``KeyError`` for a table that is not declared.
    """
    for name in tables:
        BY_NAME[name]
    return write_tables(CASE, settings, tables, path, language=language, units=units)


def write_tables(
    kind: Kind,
    settings: Mapping[str, Any],
    tables: Mapping[str, Rows],
    path: str | os.PathLike[str],
    *,
    language: str = "en",
    units: Units | None = None,
) -> Path:
    """Write settings and tables as a workbook of a kind at ``path``.

    Rows of the kind's ``written_units`` tables carry the unit of their value in a column ``unit``.
    """
    currency = str(settings.get("currency") or "DKK")
    book = Workbook()
    _write_readme(kind, book, str(settings.get("title") or ""), language)
    _write_settings(kind, book, settings, language)
    lists = _Lists(kind, language)
    frames = {table.name: _frame(tables.get(table.name, [])) for table in kind.tables}
    for table in kind.tables:
        _write_table(kind, book, table, frames, lists, language, currency, units or {})
    lists.write(book)
    _write_units(kind, book, language, currency)
    target = Path(path)
    save_book(book, target)
    return target


def write_case_object(case: Case, path: str | os.PathLike[str], *, language: str = "en") -> Path:
    """Write a case as a workbook that reads back as the same case."""
    return write_case(case.settings, case.tables, path, language=language)


def empty_case(path: str | os.PathLike[str], *, language: str = "en") -> Path:
    """Write the empty template."""
    return write_case({}, {}, path, language=language)


def _frame(rows: Rows) -> pd.DataFrame:
    return rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))


def header_text(column: Column, language: str, currency: str, unit: str | None = None) -> str:
    """Return the header of a column, with its unit in brackets."""
    name = column.danish if language == "da" else column.name
    unit = unit or (show(column.unit, currency) if column.unit else None)
    return f"{name} [{unit}]" if unit else name


def _is_blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _cell_value(column: Column | Setting, value: Any, language: str) -> str | int | float | bool | None:
    """Return a value as it is written into a cell."""
    if hasattr(value, "item"):
        value = value.item()
    if _is_blank(value):
        return None
    if isinstance(value, str) and column.kind not in {"text", "choice", "list"}:
        return value
    if column.kind == "flag":
        return FLAG_WORDS[language][0 if value else 1]
    if column.kind in {"number", "share"}:
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    if column.kind in {"year", "integer"}:
        return int(float(value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return printable(str(value))


def _put(sheet: Any, row: int, column: int, value: object) -> Any:
    """Write a value so that text is never taken for a formula or an error."""
    cell = sheet.cell(row=row, column=column, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _header(sheet: Any, position: int, text: str, required: bool, comment: str) -> None:
    cell = _put(sheet, 1, position, text)
    cell.fill = REQUIRED_FILL if required else OPTIONAL_FILL
    cell.font = Font(bold=True, color="FFFFFF" if required else "12323D")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.border = LINE
    note = Comment(comment, "circular-mfa")
    note.width, note.height = 300, 110
    cell.comment = note


def _comment(column: Column | Setting, language: str) -> str:
    other = column.name if language == "da" else column.danish
    parts = [column.meaning, f"({other})"]
    if isinstance(column, Column) and column.required:
        parts.append("required" if language == "en" else "skal udfyldes")
    if column.default not in (None, ""):
        word = "default" if language == "en" else "standard"
        parts.append(f"{word}: {_cell_value(column, column.default, language)}")
    if column.choices:
        parts.append(", ".join(column.choices))
    if isinstance(column, Column) and column.reference:
        parts.append(f"→ {column.reference}")
    return "\n".join(parts)


class _Lists:
    """The sheet with the values of the drop-downs."""

    def __init__(self, kind: Kind, language: str) -> None:
        self.kind, self.language = kind, language
        self.columns: dict[tuple[str, ...], str] = {}

    def reference(self, values: Sequence[str]) -> str:
        """Return the formula of a list of values, which is noted for the sheet."""
        key = tuple(values)
        letter = self.columns.setdefault(key, get_column_letter(len(self.columns) + 1))
        sheet = quote_sheetname(self.kind.sheet_name("lists", self.language))
        return f"{sheet}!${letter}$2:${letter}${len(key) + 1}"

    def write(self, book: Any) -> None:
        """Write the sheet."""
        sheet = book.create_sheet(self.kind.sheet_name("lists", self.language))
        for position, values in enumerate(self.columns, start=1):
            cell = _put(sheet, 1, position, f"list {position}" if self.language == "en" else f"liste {position}")
            cell.font = Font(bold=True)
            for row, value in enumerate(values, start=2):
                _put(sheet, row, position, value)
            sheet.column_dimensions[get_column_letter(position)].width = max(map(len, values)) + 3
        sheet.freeze_panes = "A2"


def _write_table(
    kind: Kind,
    book: Any,
    table: Table,
    frames: Mapping[str, pd.DataFrame],
    lists: _Lists,
    language: str,
    currency: str,
    units: Units,
) -> None:
    frame = frames[table.name]
    sheet = book.create_sheet(kind.sheet_name(table.name, language))
    columns = _columns(kind, table)
    if "note" in frame.columns:
        columns.append(Column("note", "note", "text", "free text, not read"))
    headers: list[str] = []
    values: list[list[Any]] = []
    for position, column in enumerate(columns, start=1):
        unit = units.get((table.name, column.name))
        headers.append(header_text(column, language, currency, unit))
        _header(sheet, position, headers[-1], column.required, _comment(column, language))
        divisor = factor(unit, str(column.unit), currency) if unit else 1.0
        raw = frame[column.name].tolist() if column.name in frame.columns else [None] * len(frame)
        if column.name == "status" and table.provenance:
            raw = ["assumed" if _is_blank(value) else value for value in raw]
        written = [_cell_value(column, value, language) for value in raw]
        if unit:
            written = [value / divisor if isinstance(value, int | float) else value for value in written]
        values.append(written)
        for row, value in enumerate(written, start=2):
            if value is not None:
                cell = _put(sheet, row, position, value)
                if column.kind == "share":
                    cell.number_format = "0.0###"
        _validate(kind, sheet, position, column, len(frame), lists, frames, language)
    _mark_assumed(sheet, columns, values, len(frame))
    _finish(sheet, table.name, headers, values, len(frame))


def _columns(kind: Kind, table: Table) -> list[Column]:
    """Return the columns that are written: where each row has its own unit, it stands beside the value."""
    columns: list[Column] = []
    for column in columns_of(table):
        if column.unit and table.name in kind.written_units:
            meaning = f"unit of the row's values, for instance {show(column.unit)}; any of the same kind"
            columns += [replace(column, unit=None), Column("unit", "enhed", "text", meaning)]
        else:
            columns.append(column)
    return columns


def _mark_assumed(sheet: Any, columns: Sequence[Column], values: Sequence[Sequence[Any]], rows: int) -> None:
    names = [column.name for column in columns]
    if "status" not in names:
        return
    status = values[names.index("status")]
    for row in range(rows):
        if status[row] == "assumed":
            for position in range(1, len(columns) + 1):
                sheet.cell(row=row + 2, column=position).fill = ASSUMED_FILL


def _validate(
    kind: Kind,
    sheet: Any,
    position: int,
    column: Column,
    rows: int,
    lists: _Lists,
    frames: Mapping[str, pd.DataFrame],
    language: str,
) -> None:
    """Attach the drop-down of a column."""
    letter = get_column_letter(position)
    area = f"{letter}2:{letter}{rows + 1 + SPARE_ROWS}"
    if column.choices:
        formula = lists.reference(column.choices)
    elif column.kind == "flag":
        formula = lists.reference(FLAG_WORDS[language])
    elif column.reference:
        target_table, target_column = column.reference.split(".")
        declared = [item.name for item in _columns(kind, kind.table(target_table))]
        target_letter = get_column_letter(declared.index(target_column) + 1)
        target = quote_sheetname(kind.sheet_name(target_table, language))
        last = len(frames[target_table]) + 1 + SPARE_ROWS
        formula = f"{target}!${target_letter}$2:${target_letter}${last}"
    else:
        return
    validation = DataValidation(type="list", formula1=f"={formula}", allow_blank=True, errorStyle="warning")
    validation.add(area)
    sheet.add_data_validation(validation)


def _page(sheet: Any) -> None:
    """Print a sheet across the page, one page wide, its header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _finish(sheet: Any, name: str, headers: Sequence[str], values: Sequence[Sequence[Any]], rows: int) -> None:
    """Freeze the header, set widths, and make the area a table of Excel's."""
    _page(sheet)
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 32
    for position, header in enumerate(headers, start=1):
        longest = max((len(str(value)) for value in values[position - 1][:300] if value is not None), default=0)
        width = min(max(len(header) * 0.7 + 4, longest + 2, 9), 46)
        sheet.column_dimensions[get_column_letter(position)].width = width
    area = f"A1:{get_column_letter(len(headers))}{max(rows, 1) + 1}"
    excel_table = ExcelTable(displayName=f"tbl_{name}", ref=area)
    excel_table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(excel_table)


def _write_readme(kind: Kind, book: Any, title: str, language: str) -> None:
    sheet = book.active
    sheet.title = kind.sheet_name("readme", language)
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 110
    _page(sheet)
    heading = kind.heading[0 if language == "da" else 1]
    _put(sheet, 1, 1, f"{heading}: {title}" if title else heading).font = Font(bold=True, size=14)
    _put(sheet, 2, 1, "version")
    sheet.cell(row=2, column=2, value=kind.version).alignment = Alignment(horizontal="left")
    name = f"{kind.name}_version"
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(sheet.title)}!$B$2")
    row = 4
    for shown in (language, "en" if language == "da" else "da"):
        for position, (word, text) in enumerate(kind.guide[shown]):
            _put(sheet, row, 1, word).font = Font(bold=True, size=12 if position == 0 else 11)
            cell = _put(sheet, row, 2, text or None)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.cell(row=row, column=1).alignment = Alignment(vertical="top")
            sheet.row_dimensions[row].height = 15.5 * math.ceil(max(len(text), 1) / README_LINE)
            if word in ("Farver", "Colours"):
                sheet.cell(row=row, column=1).fill = ASSUMED_FILL
            row += 1
        row += 1
    _put(sheet, row, 1, {"en": "Sheet", "da": "Ark"}[language]).font = Font(bold=True, size=12)
    row += 1
    english = {"settings": kind.settings_meaning} | {table.name: table.meaning for table in kind.tables}
    for name in english:
        cell = _put(sheet, row, 1, kind.sheet_name(name, language))
        cell.hyperlink = f"#{quote_sheetname(kind.sheet_name(name, language))}!A1"
        cell.font = Font(color="1F4E5F", underline="single")
        _put(sheet, row, 2, kind.danish_meanings[name] if language == "da" else english[name])
        row += 1


def _write_settings(kind: Kind, book: Any, settings: Mapping[str, Any], language: str) -> None:
    sheet = book.create_sheet(kind.sheet_name("settings", language))
    headers = [danish if language == "da" else english for english, danish in SETTING_COLUMNS]
    for position, header in enumerate(headers, start=1):
        _header(sheet, position, header, position < 3, header)
    values: list[list[Any]] = [[] for _ in headers]
    for row, setting in enumerate(kind.settings, start=2):
        value = settings.get(setting.name)
        value = setting.default if _is_blank(value) else value
        cells = [
            setting.danish if language == "da" else setting.name,
            _cell_value(setting, value, language),
            setting.unit,
            setting.meaning,
        ]
        for position, cell in enumerate(cells, start=1):
            values[position - 1].append(cell)
            if cell is not None:
                _put(sheet, row, position, cell)
        if setting.choices:
            validation = DataValidation(type="list", formula1=f'"{",".join(setting.choices)}"', allow_blank=True)
            validation.add(f"B{row}")
            sheet.add_data_validation(validation)
    _finish(sheet, "settings", headers, values, len(kind.settings))


def _write_units(kind: Kind, book: Any, language: str, currency: str) -> None:
    sheet = book.create_sheet(kind.sheet_name("units", language))
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 110
    words = {"en": ("unit", "can also be written"), "da": ("enhed", "kan også skrives")}[language]
    for position, word in enumerate(words, start=1):
        _put(sheet, 1, position, word).font = Font(bold=True)
    for row, (unit, examples) in enumerate(kind.unit_examples, start=2):
        _put(sheet, row, 1, show(unit, currency))
        _put(sheet, row, 2, examples.replace("DKK", currency))
    sheet.freeze_panes = "A2"
