"""The annotated copy of a workbook: each problem marked in its cell, and listed on a sheet of its own."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import quote_sheetname

from flows.problems import Problem
from mfa.workbook_save import save_book

ERROR_FILL = PatternFill("solid", fgColor="F8B4AD")
WARNING_FILL = PatternFill("solid", fgColor="FFE08A")
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
        if problem.cell and problem.sheet in book.sheetnames:
            marks[problem.sheet, problem.cell.split(":")[0]].append(problem)
    for (sheet, address), found in marks.items():
        cell = book[sheet][address]
        cell.fill = ERROR_FILL if any(problem.severity == "error" for problem in found) else WARNING_FILL
        note = Comment("\n".join(_printable(problem.text(language)) for problem in found)[:MOST_LETTERS], "mfa check")
        note.width, note.height = 320, 120
        cell.comment = note
    _list(book, problems, language)
    target = Path(annotated)
    save_book(book, target)
    return target


def _printable(text: str) -> str:
    """Return a text as a workbook can hold it: without signs that XML has no place for, and not too long."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))[:MOST_LETTERS]


def _list(book: Any, problems: Sequence[Problem], language: str) -> None:
    if SHEET[language] in book.sheetnames:
        del book[SHEET[language]]
    sheet = book.create_sheet(SHEET[language], 0)
    for position, header in enumerate(HEADERS[language], start=1):
        sheet.cell(row=1, column=position, value=header).font = Font(bold=True)
    for row, problem in enumerate(problems, start=2):
        values = (SEVERITIES[language][problem.severity], problem.sheet, problem.cell, problem.text(language))
        for position, value in enumerate(values, start=1):
            cell = sheet.cell(row=row, column=position, value=_printable(value))
            cell.data_type = "s"
        if problem.cell and problem.sheet in book.sheetnames:
            sheet.cell(row=row, column=3).hyperlink = f"#{quote_sheetname(problem.sheet)}!{problem.cell.split(':')[0]}"
        sheet.cell(row=row, column=1).fill = ERROR_FILL if problem.severity == "error" else WARNING_FILL
    for letter, width in zip("ABCD", (12, 24, 12, 110), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    book.active = 0
