"""Every column of every table × every fault that its kind, unit, bounds, key or reference can have.

The faults are made from the declarations, written into cells of a workbook and read by ``mfa.check``; what is
told must have the code, the sheet and the cell, and nothing else may be told of sheets, units and cells.
"""

from __future__ import annotations

import datetime
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mfa
from flows.checks import EXTRA_KEYS
from flows.problem_texts import CELLS, SHEETS, UNITS
from flows.problems import Problem
from flows.tables import Column, Setting, Table
from mfa.workbook_kind import CASE, SYSTEM, Kind
from tests.declared_book import Book, book, sound

Place = tuple[str, str, str]
"""Code, sheet and cell."""
OF_CELLS = {*SHEETS, *UNITS, *CELLS}
NUMBERS = {"number", "share"}
WHOLE = {"year", "integer"}
TEXTS = {"text", "choice", "list"}
KINDS = {**dict.fromkeys(NUMBERS, "number"), **dict.fromkeys(TEXTS, "text")}
FEBRUARY = datetime.datetime(2026, 2, 1)
ENDLESS = 1.5e300
"""Stands for a number that no computer holds, which openpyxl does not write but a cell can hold."""


@dataclass(frozen=True)
class Fault:
    """A value that is wrong in cells of some kinds, and what is told: the code by kind, and the suggestion."""

    name: str
    value: Any
    codes: dict[str, str]
    suggestion: str | None = None

    def code(self, column: Column | Setting) -> str | None:
        """Return the code that a column's cell gets; None if the value is no fault there."""
        return self.codes.get(column.kind, self.codes.get("any"))


def _numbers(code: str) -> dict[str, str]:
    return dict.fromkeys(NUMBERS, code)


CELL_FAULTS = (
    Fault("text", "plenty", {**_numbers("not_number"), "year": "not_year", "integer": "not_integer", "flag": "not_flag"}),
    Fault("danish", "1.234,5", _numbers("text_number"), "1234.5"),
    Fault("percent", "12 %", _numbers("text_number"), "0.12"),
    Fault("thousand", "1.200", _numbers("text_number"), "1200 / 1.2"),
    Fault("error", "#N/A", {"any": "excel_error"}),
    Fault("division", "#DIV/0!", {"any": "excel_error"}),
    Fault("formula", "=1+1", {"any": "formula_uncached"}),
    Fault("date", FEBRUARY, {**_numbers("date_number"), "integer": "date_number"}, "1.2"),
    Fault("date_in_year", FEBRUARY, {"year": "not_year"}, "2026"),
    Fault("date_in_text", FEBRUARY, {**dict.fromkeys(TEXTS, "date_text"), "flag": "not_flag"}),
    Fault("time", datetime.time(12, 30), {**_numbers("date_number"), "year": "not_year", "integer": "date_number"}),
    Fault("yes", True, {**_numbers("not_number"), "year": "not_year", "integer": "not_integer"}),
    Fault("endless", ENDLESS, {**_numbers("not_number"), "year": "not_year", "integer": "not_integer"}),
    Fault("nan", "NaN", {**_numbers("not_number"), "year": "not_year", "integer": "not_integer"}),
    Fault("infinite", "inf", {**_numbers("not_number"), "year": "not_year", "integer": "not_integer"}),
    Fault("half", 2024.5, {"year": "not_year", "integer": "not_integer"}),
    Fault("early", 35, {"year": "not_year"}),
    Fault("two", 2, {"flag": "not_flag"}),
)  # fmt: skip
BATCH = 4
"""Faults in one workbook: a table of two columns has four rows, so that each fault of a column has its own."""


def _told(made: Book, path: Path) -> list[Problem]:
    made.write(path)
    _replace(path, b"<v>1.5e+300</v>", b"<v>1E+999</v>")
    return mfa.check(path).problems


def _replace(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes in all parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if any(old in content for content in parts.values()):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content.replace(old, new))


@cache
def _before(kind: str, language: str) -> frozenset[Place]:
    """Return what is told of the workbook without faults: nothing of cells, much of meaning."""
    with tempfile.TemporaryDirectory() as folder:
        problems = _told(book(_kind(kind), language), Path(folder) / "sound.xlsx")
    assert not [item.line() for item in problems if item.code in OF_CELLS]
    return frozenset(_places(problems))


def _kind(name: str) -> Kind:
    return CASE if name == "case" else SYSTEM


def _places(problems: list[Problem]) -> Iterator[Place]:
    for item in problems:
        yield item.code, item.sheet, item.cell


def _assert_told(made: Book, expected: dict[Place, str | None], tmp_path: Path) -> None:
    """Assert that every fault is told once in its place, in two languages, and nothing else of cells."""
    problems = _told(made, tmp_path / "faulty.xlsx")
    told = [place for place in _places(problems) if place[0] in OF_CELLS]
    assert not set(expected) - set(told), sorted(set(expected) - set(told))
    assert not set(told) - set(expected), sorted(set(told) - set(expected))
    assert len(told) == len(set(told))
    for item in problems:
        assert "{" not in item.text("da") + item.text("en")
        suggestion = expected.get((item.code, item.sheet, item.cell))
        if suggestion is not None and item.code in OF_CELLS:
            assert item.suggestion == suggestion, item.line()


def _columns(made: Book) -> Iterator[tuple[Table, int, Column]]:
    for table in made.kind.tables:
        for position, column in enumerate(made.columns(table)):
            yield table, position, column


KINDS_AND_LANGUAGES = [("case", "en"), ("system", "da")]


@pytest.mark.parametrize("first", range(0, len(CELL_FAULTS), BATCH))
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_values_of_the_wrong_kind(kind: str, language: str, first: int, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language), {}
    for shift, fault in enumerate(CELL_FAULTS[first : first + BATCH]):
        for table, position, column in _columns(made):
            if code := fault.code(column):
                row = (position + shift) % len(made.rows[table.name])
                sheet, cell = made.put(table, column.name, row, fault.value)
                expected[code, sheet, cell] = fault.suggestion
    _assert_told(made, expected, tmp_path)


def _bad(column: Column, code: str) -> float | None:
    """Return a number outside a bound of a column, None if it has no such bound."""
    bound = column.minimum if code == "below" else column.maximum
    if bound is None:
        return None
    step = 0.001 if column.kind == "share" else 1
    return bound - step if code == "below" else bound + step


@pytest.mark.parametrize("code", ["below", "above"])
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_values_outside_their_bounds(kind: str, language: str, code: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language), {}
    for table, position, column in _columns(made):
        value = _bad(column, code)
        if value is not None:
            expected[(code, *made.put(table, column.name, position, value))] = None
    assert expected
    _assert_told(made, expected, tmp_path)


def test_every_share_has_bounds() -> None:
    unbounded = [
        f"{table.name}.{column.name}"
        for kind in (CASE, SYSTEM)
        for table in kind.tables
        for column in table.columns
        if column.kind == "share" and (column.minimum is None or column.maximum is None)
    ]
    assert not unbounded


@pytest.mark.parametrize("blank", [None, "  ", "\u00a0"])
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_cells_that_must_be_filled_in(kind: str, language: str, blank: str | None, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language), {}
    for table, _, column in _columns(made):
        if column.required:
            expected[("required", *made.put(table, column.name, made.own_row(table, column.name), blank))] = None
    _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_names_and_words_that_are_nearly_right(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language), {}
    for table, position, column in _columns(made):
        right = str(sound(column, table, position))
        wrong = right[:-2] + "x" + right[-2:]
        if column.kind == "choice":
            expected[("choice", *made.put(table, column.name, position, wrong))] = right
        elif column.reference and column.reference != "sectors.segment":
            expected[("reference", *made.put(table, column.name, position, wrong))] = right
    _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_keys_that_repeat(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language), {}
    for table in made.kind.tables:
        key = (*table.key, *EXTRA_KEYS.get(table.name, ()))
        names = [column.name for column in made.columns(table)]
        first, last = made.rows[table.name][0], len(made.rows[table.name]) - 1
        for name in key:
            made.put(table, name, last, first[names.index(name)])
        expected[("duplicate", *made.cell(table, table.key[0], last))] = None
    _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_blanks_around_texts_do_no_harm(kind: str, language: str, tmp_path: Path) -> None:
    made = book(_kind(kind), language)
    for table, position, column in _columns(made):
        if column.kind in {*TEXTS, "flag"}:
            made.put(table, column.name, position, f" {made.value(table, column.name, position)}\u00a0 ")
    _assert_told(made, {}, tmp_path)
