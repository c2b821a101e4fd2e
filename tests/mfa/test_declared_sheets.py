"""Faults of headers and of whole sheets, for every column and table that is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter

import mfa
from flows.units import show
from mfa.workbook_kind import CASE, SYSTEM, Kind
from tests.declared_book import book
from tests.declared_faults import KINDS_AND_LANGUAGES, OF_CELLS, assert_told, columns, kind_named, places, told


def _wrong_unit(unit: str, kind: Kind) -> str:
    return "t" if unit == "km" else "DKK" if kind is SYSTEM else "km"


@pytest.mark.parametrize("fault", ["unknown", "dimension", "missing", "currency", "unexpected", "empty"])
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_units_of_headers(kind: str, language: str, fault: str, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language, most=1), {}
    for table, _, column in columns(made):
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
        assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_columns_that_are_there_twice(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language, most=1), {}
    for table, position, column in columns(made):
        again = len(made.columns(table)) + position + 1
        # The other language's name is the same column.
        other = made.header(table, column, None) if column.name == column.danish else column.name
        made.headers[table.name].append(other if language == "da" else column.danish)
        expected["column_twice", made.sheet(table.name), f"{get_column_letter(again)}1"] = None
    assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_columns_that_are_missing_or_misspelt(kind: str, language: str, tmp_path: Path) -> None:
    for number in range(5):
        made, expected = book(kind_named(kind), language, most=1), {}
        for table in made.kind.tables:
            needed = [column for column in table.columns if column.required][number : number + 1]
            for column in needed if len(table.columns) > 1 else ():
                name = column.danish if language == "da" else column.name
                place = made.put(table, column.name, -1, f"{name}xx")
                expected[("column_unknown", *place)] = None
                free = f"{get_column_letter(len(made.columns(table)) + 1)}1"
                expected["column_missing", place[0], free] = None
        assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_headers_of_both_languages_may_be_mixed(kind: str, language: str, tmp_path: Path) -> None:
    made = book(kind_named(kind), language, most=3)
    for table, position, column in columns(made):
        if position % 2 and column.name != column.danish:
            name = column.danish if language == "en" else column.name
            made.put(table, column.name, -1, f" {name.upper()} " + (f"[{show(column.unit)}]" if column.unit else ""))
    assert_told(made, {}, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_sheets_that_are_missing_doubled_or_misspelt(kind: str, language: str, tmp_path: Path) -> None:
    names = ["settings", *(table.name for table in kind_named(kind).tables)]
    required = {"settings"} if kind == "case" else set()
    required |= {table.name for table in kind_named(kind).tables if table.required}
    made = book(kind_named(kind), language, most=1)
    made.dropped |= set(names[1:]) - ({"municipalities"} if kind == "case" else {"processes", "flows"})
    problems = told(made, tmp_path / "few.xlsx")
    assert {item.expected for item in problems if item.code == "sheet_missing"} == required & made.dropped

    made = book(kind_named(kind), language, most=1)
    other = "en" if language == "da" else "da"

    def change(opened: Any) -> None:
        for name in names:
            again = opened.copy_worksheet(opened[made.sheet(name)])
            again.title = f" {made.kind.sheet_name(name, other)} ".upper() if name != "transport" else "Transport "
            misspelt = opened.create_sheet(f"{made.sheet(name)[:28]}xx")
            misspelt.append(["something"])

    path = made.write(tmp_path / "twice.xlsx", change)
    found = [(item.code, item.found.strip().casefold(), item.cell) for item in mfa.check(path).problems]
    for name in names:
        title = "transport" if name == "transport" else made.kind.sheet_name(name, other).casefold()
        assert ("sheet_twice", title, "A1") in found
        assert ("sheet_unknown", f"{made.sheet(name)[:28]}xx", "A1") in found
    assert [code for code, _, _ in found].count("sheet_twice") == len(names)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_sheets_without_rows_headers_or_in_the_wrong_place(kind: str, language: str, tmp_path: Path) -> None:
    tables = kind_named(kind).tables
    made = book(kind_named(kind), language, most=1)
    for table in tables:
        made.rows[table.name] = [[None] * 3, ["  ", "\u00a0"]] * 2
    assert_told(made, {("table_empty", made.sheet(item.name), ""): None for item in tables if item.required}, tmp_path)

    made = book(kind_named(kind), language, most=1)
    for table in tables:
        made.rows[table.name].insert(0, made.headers[table.name])
        made.headers[table.name] = ["Any heading", None]
    assert_told(made, {("header_row", made.sheet(item.name), "A1"): None for item in tables}, tmp_path)

    made = book(kind_named(kind), language, most=1)
    for table in tables:
        made.headers[table.name] = []
    assert_told(made, {("header_missing", made.sheet(item.name), "A1"): None for item in tables}, tmp_path)


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
    assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_merged_cells_and_what_is_hidden(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language, most=5), {}
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
    found = {place for place in places(problems) if place[0] in OF_CELLS}
    assert found == set(expected)
    assert {item.found for item in problems if item.code == "hidden_rows"} == {"2-3"}
