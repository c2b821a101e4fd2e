"""The annotated copy of a workbook: each problem marked in its cell, and listed on a sheet of its own."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import quote_sheetname, range_boundaries
from openpyxl.worksheet.properties import PageSetupProperties

from flows.problems import Problem
from mfa.workbook_cells import printable
from mfa.workbook_save import save_book

ERROR_FILL = PatternFill("solid", fgColor="F8B4AD")
WARNING_FILL = PatternFill("solid", fgColor="FFE08A")
MOST_MARKED = 200
"""Rows and columns of one area that are filled, however far it reaches."""
SEPARATOR = "\n\n"
"""Between the texts of a note."""
SHEET = {"da": "#fejl", "en": "#problems"}
HEADERS = {
    "da": ("Alvor", "Ark", "Celle", "Hvad er galt"),
    "en": ("Severity", "Sheet", "Cell", "What is wrong"),
}
MOST_LETTERS = 4_000
"""Letters of a problem's text; what was found may be a whole book."""
SEVERITIES = {"da": {"error": "fejl", "warning": "advarsel"}, "en": {"error": "error", "warning": "warning"}}


def write_annotated(
    path: str | os.PathLike[str],
    problems: Sequence[Problem],
    annotated: str | os.PathLike[str],
    language: str = "en",
) -> Path:
    """Write a copy of a workbook in which the problems are marked, and return its path.

    The list of problems is the first sheet; its name begins with # so that the copy can be corrected
    and read again.
    """
    with warnings.catch_warnings():
        # openpyxl warns of what it cannot keep in the copy; the original is untouched.
        warnings.simplefilter("ignore")
        book = load_workbook(path, keep_links=False)
    marks: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.sheet in book.sheetnames:
            # What is said of a whole sheet stands in its first cell.
            marks[problem.sheet, problem.cell or "A1"].append(problem)
    for (sheet, area), found in marks.items():
        _mark(book[sheet], area, found, language)
    _list(book, problems, language)
    target = Path(annotated)
    save_book(book, target)
    return target


def _mark(sheet: Any, area: str, found: Sequence[Problem], language: str) -> None:
    """Fill the cells of an area, and add a note of what is wrong to its first one."""
    error = any(problem.severity == "error" for problem in found)
    left, top, right, bottom = range_boundaries(area)
    for row in range(top, min(bottom, top + MOST_MARKED) + 1):
        for column in range(left, min(right, left + MOST_MARKED) + 1):
            cell = _cell(sheet, row, column)
            if error or cell.fill.fgColor.rgb != ERROR_FILL.fgColor.rgb:
                cell.fill = ERROR_FILL if error else WARNING_FILL
                # The white letters of a dark header cannot be read on the colours of problems.
                cell.font = Font(name=cell.font.name, size=cell.font.sz, bold=cell.font.b, color="000000")
    cell = _cell(sheet, top, left)
    parts = [printable(problem.text(language))[:MOST_LETTERS] for problem in found]
    if cell.comment is not None:
        # What the note said of the column, or of another area that begins here, is kept.
        parts += [part for part in cell.comment.text.split(SEPARATOR) if part not in parts]
    note = Comment(SEPARATOR.join(dict.fromkeys(parts))[:MOST_LETTERS], "mfa check")
    note.width, note.height = 320, 120
    cell.comment = note


def _cell(sheet: Any, row: int, column: int) -> Any:
    """Return a cell; of merged cells the first, as no other has a colour or a note."""
    cell = sheet.cell(row=row, column=column)
    if not isinstance(cell, MergedCell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    return sheet.cell(row=area.min_row, column=area.min_col)


def _list(book: Any, problems: Sequence[Problem], language: str) -> None:
    if SHEET[language] in book.sheetnames:
        del book[SHEET[language]]
    sheet = book.create_sheet(SHEET[language], 0)
    for position, header in enumerate(HEADERS[language], start=1):
        sheet.cell(row=1, column=position, value=header).font = Font(bold=True)
    for row, problem in enumerate(problems, start=2):
        values = (SEVERITIES[language][problem.severity], problem.sheet, problem.cell, problem.text(language))
        for position, value in enumerate(values, start=1):
            cell = sheet.cell(row=row, column=position, value=printable(value)[:MOST_LETTERS])
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if problem.sheet in book.sheetnames:
            target = quote_sheetname(problem.sheet) + "!" + (problem.cell or "A1").split(":")[0]
            sheet.cell(row=row, column=3).hyperlink = f"#{target}"
        sheet.cell(row=row, column=1).fill = ERROR_FILL if problem.severity == "error" else WARNING_FILL
    for letter, width in zip("ABCD", (12, 24, 12, 110), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    book.active = 0
