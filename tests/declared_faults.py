"""Faults put into a workbook that is made from its declarations, and what is told of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import mfa
from flows.problem_texts import CELLS, SHEETS, UNITS
from flows.problems import Problem
from flows.tables import Column, Table
from mfa.workbook_kind import CASE, SYSTEM, Kind
from tests.declared_book import Book

Place = tuple[str, str, str]
"""Code, sheet and cell."""
OF_CELLS = {*SHEETS, *UNITS, *CELLS}
ENDLESS = 1.5e300
"""Stands for a number that no computer holds, which openpyxl does not write but a cell can hold."""


def told(made: Book, path: Path) -> list[Problem]:
    made.write(path)
    replace_bytes(path, b"<v>1.5e+300</v>", b"<v>1E+999</v>")
    return mfa.check(path).problems


def replace_bytes(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes in all parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if any(old in content for content in parts.values()):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content.replace(old, new))


def kind_named(name: str) -> Kind:
    return CASE if name == "case" else SYSTEM


def places(problems: list[Problem]) -> Iterator[Place]:
    for item in problems:
        yield item.code, item.sheet, item.cell


def assert_told(made: Book, expected: dict[Place, str | None], tmp_path: Path) -> None:
    """Assert that every fault is told once in its place, in two languages, and nothing else of cells."""
    problems = told(made, tmp_path / "faulty.xlsx")
    found = [place for place in places(problems) if place[0] in OF_CELLS]
    assert not set(expected) - set(found), sorted(set(expected) - set(found))
    assert not set(found) - set(expected), sorted(set(found) - set(expected))
    assert len(found) == len(set(found))
    for item in problems:
        assert "{" not in item.text("da") + item.text("en")
        suggestion = expected.get((item.code, item.sheet, item.cell))
        if suggestion is not None and item.code in OF_CELLS:
            assert item.suggestion == suggestion, item.line()


def columns(made: Book) -> Iterator[tuple[Table, int, Column]]:
    for table in made.kind.tables:
        for position, column in enumerate(made.columns(table)):
            yield table, position, column


KINDS_AND_LANGUAGES = [("case", "en"), ("system", "da")]
