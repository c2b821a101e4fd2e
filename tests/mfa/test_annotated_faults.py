"""The annotated copy marks every problem where it is: one workbook with faults of all kinds, in each language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import range_boundaries

import mfa
from mfa.workbook_kind import CASE, SYSTEM
from mfa.workbook_mark import ERROR_FILL, HEADERS, SHEET, WARNING_FILL
from tests.declared_book import book

KINDS = {"case": CASE, "system": SYSTEM}


def _faulty(path: Path, kind: str, language: str) -> Path:
    """Write a workbook with a fault in every third column, merged and hidden cells, and sheets of all kinds of wrong."""
    made = book(KINDS[kind], language, most=6)
    for table in made.kind.tables:
        for position, column in enumerate(made.columns(table)):
            if position % 3 == 0:
                made.put(table, column.name, position % 5, "#REF!" if position % 2 else "1.234,5")
        made.headers[table.name].append("somethin")
    made.settings[next(iter(made.settings))][0] = "titlle"
    last = made.kind.tables[-1].name

    def change(opened: Any) -> None:
        for table in made.kind.tables:
            sheet = opened[made.sheet(table.name)]
            sheet.merge_cells("B4:B6")
            sheet["A1"].comment = openpyxl.comments.Comment("what the column is", "somebody")
            sheet.row_dimensions[3].hidden = True
        opened.create_sheet("it's unknown").append(["x"])
        opened[made.sheet(last)].delete_rows(1)

    return made.write(path, change)


@pytest.mark.parametrize(("kind", "language"), [("case", "da"), ("system", "en")])
def test_every_problem_is_marked_at_its_cell(kind: str, language: str, tmp_path: Path) -> None:
    path = _faulty(tmp_path / "faulty.xlsx", kind, language)
    reading = mfa.check(path, tmp_path / "marked.xlsx", lang=language)
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    fills = {"error": ERROR_FILL.fgColor.rgb, "warning": WARNING_FILL.fgColor.rgb}
    assert {problem.severity for problem in reading.problems} == set(fills)
    for problem in reading.problems:
        if problem.sheet not in marked.sheetnames:
            assert problem.code in {"sheet_missing"}
            continue
        left, top, right, bottom = range_boundaries(problem.cell or "A1")
        for row in marked[problem.sheet].iter_rows(top, bottom, left, right):
            for cell in row:
                if isinstance(cell, MergedCell):
                    continue
                assert cell.fill.fgColor.rgb in {fills["error"], fills[problem.severity]}
        first = marked[problem.sheet].cell(row=top, column=left)
        if isinstance(first, MergedCell):
            first = marked[problem.sheet]["B4"]
        assert problem.text(language) in first.comment.text
    listed = list(marked[SHEET[language]].iter_rows(values_only=True))
    assert listed[0] == HEADERS[language]
    assert [(row[1] or "", row[2] or "", row[3]) for row in listed[1:]] == [
        (problem.sheet, problem.cell, problem.text(language)) for problem in reading.problems
    ]
    for row in marked[SHEET[language]].iter_rows(min_row=2):
        if row[1].value in marked.sheetnames:
            assert row[2].hyperlink.location or row[2].hyperlink.target

    notes = [sheet["A1"].comment.text for sheet in marked if sheet["A1"].comment]
    assert any("what the column is" in note for note in notes)


@pytest.mark.parametrize(("kind", "language"), [("case", "en"), ("system", "da")])
def test_a_marked_copy_is_read_like_the_workbook(kind: str, language: str, tmp_path: Path) -> None:
    path = _faulty(tmp_path / "faulty.xlsx", kind, language)
    first = mfa.check(path, tmp_path / "marked.xlsx", lang=language)
    again = mfa.check(tmp_path / "marked.xlsx", tmp_path / "twice.xlsx", lang=language)
    assert [item.line() for item in again.problems] == [item.line() for item in first.problems]
    notes = [
        [cell.comment.text for sheet in openpyxl.load_workbook(tmp_path / name) for row in sheet for cell in row if cell.comment]
        for name in ("marked.xlsx", "twice.xlsx")
    ]  # fmt: skip
    assert notes[0] == notes[1]
