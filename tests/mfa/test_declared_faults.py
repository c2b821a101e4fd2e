"""Every column of every table × every fault that its kind, unit, bounds, key or reference can have.

The faults are made from the declarations, written into cells of a workbook and read by ``mfa.check``; what is
told must have the code, the sheet and the cell, and nothing else may be told of sheets, units and cells.
"""

from __future__ import annotations

import datetime
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter

import mfa
from flows.checks import EXTRA_KEYS
from flows.problem_texts import CELLS, SHEETS, UNITS
from flows.problems import Problem
from flows.tables import Column, Setting, Table
from flows.units import show
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


def _bad(column: Column | Setting, code: str) -> float | None:
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


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_settings_of_the_wrong_kind(kind: str, language: str, tmp_path: Path) -> None:
    # One fault for each code that a kind of setting can have.
    faults = {
        setting.name: list({item.code(setting): item for item in CELL_FAULTS if item.code(setting)}.values())
        for setting in _kind(kind).settings
    }
    for number in range(max(map(len, faults.values()))):
        made, expected = book(_kind(kind), language, most=1), {}
        for setting in made.kind.settings:
            if number < len(faults[setting.name]) and setting.kind != "list":
                fault = faults[setting.name][number]
                expected[(str(fault.code(setting)), *made.set(setting.name, fault.value))] = fault.suggestion
        _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_settings_that_say_what_cannot_be(kind: str, language: str, tmp_path: Path) -> None:
    for code in ("below", "above", "setting_missing", "choice", "not_years", "setting_twice"):
        made, expected = book(_kind(kind), language, most=1), {}
        for setting in made.kind.settings:
            value: Any = {
                "setting_missing": None if setting.required else False,
                "choice": setting.choices and f"{setting.choices[0]}x",
                "not_years": setting.kind == "list" and "next year",
            }.get(code, False)
            if code in {"below", "above"} and setting.kind in {*NUMBERS, "integer"}:
                value = _bad(setting, code) or False
            if code == "setting_twice":
                made.settings[f"{setting.name} again"] = list(made.settings[setting.name])
                expected[code, made.sheet("settings"), f"A{len(made.settings) + 1}"] = None
            elif value is None or value:
                expected[(code, *made.set(setting.name, value))] = setting.choices[0] if code == "choice" else None
        _assert_told(made, expected, tmp_path)


def test_settings_have_units_and_known_names(tmp_path: Path) -> None:
    made = book(CASE, "da", most=1)
    names = list(made.settings)
    for setting, unit in (("budget", None), ("last_year_weight", "t")):
        made.settings[setting][2] = unit
    made.settings["currency"][0] = "valutaa"
    rows = {name: names.index(name) + 2 for name in names}
    sheet = made.sheet("settings")
    expected = {
        ("unit_missing", sheet, f"C{rows['budget']}"): None,
        ("unit_dimension", sheet, f"C{rows['last_year_weight']}"): None,
        ("setting_unknown", sheet, f"A{rows['currency']}"): "valuta",
    }
    _assert_told(made, expected, tmp_path)


def _wrong_unit(unit: str, kind: Kind) -> str:
    return "t" if unit == "km" else "DKK" if kind is SYSTEM else "km"


@pytest.mark.parametrize("fault", ["unknown", "dimension", "missing", "currency", "unexpected", "empty"])
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_units_of_headers(kind: str, language: str, fault: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language, most=1), {}
    for table, _, column in _columns(made):
        unit, code = None, f"unit_{'missing' if fault == 'empty' else fault}"
        if fault == "unexpected" and not column.unit and column in table.columns:
            shared = column.name in made.kind.ranges or column.name in {"value", "maximum"}
            unit = None if shared or (table.name, column.name) in made.kind.optional_units else "t"
        elif column.unit and (fault != "currency" or "DKK" in column.unit):
            unit = {
                "unknown": "tonz/yaer",
                "dimension": _wrong_unit(column.unit, made.kind),
                "currency": column.unit.replace("DKK", "EUR"),
                "missing": "",
                "empty": " ",
            }.get(fault)
        if unit is not None:
            header = made.header(table, column, unit)
            expected[(code, *made.put(table, column.name, -1, header))] = None
    if expected or fault != "currency":
        assert expected
        _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_columns_that_are_there_twice(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language, most=1), {}
    for table, position, column in _columns(made):
        again = len(made.columns(table)) + position + 1
        # The other language's name is the same column.
        other = made.header(table, column, None) if column.name == column.danish else column.name
        made.headers[table.name].append(other if language == "da" else column.danish)
        expected["column_twice", made.sheet(table.name), f"{get_column_letter(again)}1"] = None
    _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_columns_that_are_missing_or_misspelt(kind: str, language: str, tmp_path: Path) -> None:
    for number in range(5):
        made, expected = book(_kind(kind), language, most=1), {}
        for table in made.kind.tables:
            needed = [column for column in table.columns if column.required][number : number + 1]
            for column in needed if len(table.columns) > 1 else ():
                name = column.danish if language == "da" else column.name
                place = made.put(table, column.name, -1, f"{name}xx")
                expected[("column_unknown", *place)] = None
                free = f"{get_column_letter(len(made.columns(table)) + 1)}1"
                expected["column_missing", place[0], free] = None
        _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_headers_of_both_languages_may_be_mixed(kind: str, language: str, tmp_path: Path) -> None:
    made = book(_kind(kind), language, most=3)
    for table, position, column in _columns(made):
        if position % 2 and column.name != column.danish:
            name = column.danish if language == "en" else column.name
            made.put(table, column.name, -1, f" {name.upper()} " + (f"[{show(column.unit)}]" if column.unit else ""))
    _assert_told(made, {}, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_sheets_that_are_missing_doubled_or_misspelt(kind: str, language: str, tmp_path: Path) -> None:
    names = ["settings", *(table.name for table in _kind(kind).tables)]
    required = {"settings"} if kind == "case" else set()
    required |= {table.name for table in _kind(kind).tables if table.required}
    made = book(_kind(kind), language, most=1)
    made.dropped |= set(names[1:]) - ({"municipalities"} if kind == "case" else {"processes", "flows"})
    problems = _told(made, tmp_path / "few.xlsx")
    assert {item.expected for item in problems if item.code == "sheet_missing"} == required & made.dropped

    made = book(_kind(kind), language, most=1)
    other = "en" if language == "da" else "da"

    def change(opened: Any) -> None:
        for name in names:
            again = opened.copy_worksheet(opened[made.sheet(name)])
            again.title = f" {made.kind.sheet_name(name, other)} ".upper() if name != "transport" else "Transport "
            misspelt = opened.create_sheet(f"{made.sheet(name)[:28]}xx")
            misspelt.append(["something"])

    path = made.write(tmp_path / "twice.xlsx", change)
    told = [(item.code, item.found.strip().casefold(), item.cell) for item in mfa.check(path).problems]
    for name in names:
        title = "transport" if name == "transport" else made.kind.sheet_name(name, other).casefold()
        assert ("sheet_twice", title, "A1") in told
        assert ("sheet_unknown", f"{made.sheet(name)[:28]}xx", "A1") in told
    assert [code for code, _, _ in told].count("sheet_twice") == len(names)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_sheets_without_rows_headers_or_in_the_wrong_place(kind: str, language: str, tmp_path: Path) -> None:
    tables = _kind(kind).tables
    made = book(_kind(kind), language, most=1)
    for table in tables:
        made.rows[table.name] = [[None] * 3, ["  ", "\u00a0"]] * 2
    _assert_told(made, {("table_empty", made.sheet(item.name), ""): None for item in tables if item.required}, tmp_path)

    made = book(_kind(kind), language, most=1)
    for table in tables:
        made.rows[table.name].insert(0, made.headers[table.name])
        made.headers[table.name] = ["Any heading", None]
    _assert_told(made, {("header_row", made.sheet(item.name), "A1"): None for item in tables}, tmp_path)

    made = book(_kind(kind), language, most=1)
    for table in tables:
        made.headers[table.name] = []
    _assert_told(made, {("header_missing", made.sheet(item.name), "A1"): None for item in tables}, tmp_path)


def test_values_below_no_header_are_told(tmp_path: Path) -> None:
    made = book(CASE, most=2)
    expected = {}
    for table in CASE.tables:
        made.headers[table.name].append(None)
        made.headers[table.name].append("note")
        for row in made.rows[table.name]:
            row.extend([12, "free", "beyond"])
        width = len(made.columns(table))
        for position in (width + 1, width + 3):
            expected["value_outside", table.name, f"{get_column_letter(position)}2"] = None
    _assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_merged_cells_and_what_is_hidden(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(_kind(kind), language, most=5), {}
    for name in made.rows:
        made.rows[name].append([])

    def change(opened: Any) -> None:
        for table in made.kind.tables:
            sheet = opened[made.sheet(table.name)]
            sheet.merge_cells("A3:A4")
            sheet.merge_cells(f"A{len(made.rows[table.name]) + 5}:B{len(made.rows[table.name]) + 6}")
            sheet.row_dimensions[2].hidden = sheet.row_dimensions[3].hidden = True
            sheet.row_dimensions[90].hidden = True
            sheet.column_dimensions["B"].hidden = sheet.column_dimensions["ZZ"].hidden = True
            sheet.sheet_state = "hidden"
            for code, cell in (("merged_cells", "A3:A4"), ("hidden_rows", "A2"), ("hidden_columns", "B1")):
                expected[code, sheet.title, cell] = None
            expected["hidden_sheet", sheet.title, "A1"] = None

    problems = mfa.check(made.write(tmp_path / "shaped.xlsx", change)).problems
    told = {place for place in _places(problems) if place[0] in OF_CELLS}
    assert told == set(expected)
    assert {item.found for item in problems if item.code == "hidden_rows"} == {"2-3"}
