"""The case workbook: what is written reads back the same, and every mistake is told with its cell."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mfa
from flows.case import Case
from flows.problems import InputError
from flows.tables import SETTINGS, TABLES, columns_of
from mfa.workbook import empty_case, read_case, read_workbook, write_annotated, write_case, write_case_object
from mfa.workbook_cells import suggested_number
from mfa.workbook_layout import normalise
from tests import other_world

Change = Callable[[Any], object]


def _assert_same(first: Case, second: Case) -> None:
    assert dict(first.settings) == dict(second.settings)
    for name in first.tables:
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=False, rtol=1e-12)


@cache
def _world(language: str) -> bytes:
    """Return the world's workbook, written once."""
    with tempfile.TemporaryDirectory() as folder:
        return other_world.write_world(Path(folder) / "world.xlsx", language).read_bytes()


def _changed(path: Path, change: Change, language: str = "en") -> Path:
    """Write the world, let ``change`` edit the open workbook, and save it."""
    book = openpyxl.load_workbook(io.BytesIO(_world(language)))
    change(book)
    book.save(path)
    return path


def _column(sheet: Any, name: str) -> int:
    for cell in sheet[1]:
        if cell.value and str(cell.value).split(" [")[0] == name:
            return int(cell.column)
    raise KeyError(name)


def _set(table: str, name: str, row: int, value: object) -> Change:
    def change(book: Any) -> None:
        book[table].cell(row=row, column=_column(book[table], name)).value = value

    return change


def _header(table: str, name: str, value: object) -> Change:
    return lambda book: book[table].cell(row=1, column=_column(book[table], name), value=value)


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_world_reads_back_as_it_was_made(tmp_path: Path, language: str) -> None:
    path = other_world.write_world(tmp_path / "world.xlsx", language)
    made = Case.from_tables(other_world.SETTINGS, other_world.tables())
    _assert_same(read_case(path), made)


def test_round_trip_of_a_case(tmp_path: Path) -> None:
    case = read_case(other_world.write_world(tmp_path / "one.xlsx"))
    again = read_case(write_case_object(case, tmp_path / "two.xlsx"))
    _assert_same(case, again)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first = other_world.write_world(tmp_path / "one.xlsx").read_bytes()
    assert first == other_world.write_world(tmp_path / "two.xlsx").read_bytes()


def test_names_do_not_collide() -> None:
    for table in TABLES:
        names = [normalise(name) for column in columns_of(table) for name in {column.name, column.danish}]
        assert len(names) == len(set(names)), table.name
    sheets = [normalise(name) for table in TABLES for name in {table.name, table.danish}]
    assert len(sheets) == len(set(sheets))
    keys = [normalise(name) for setting in SETTINGS for name in {setting.name, setting.danish}]
    assert len(keys) == len(set(keys))


def test_the_empty_template_says_what_is_missing(tmp_path: Path) -> None:
    reading = read_workbook(empty_case(tmp_path / "empty.xlsx"))
    assert {problem.code for problem in reading.problems} == {"setting_missing", "table_empty"}


def test_the_template_is_a_proper_workbook(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(other_world.write_world(tmp_path / "world.xlsx"))
    assert book.sheetnames[0] == "README"
    assert "case_version" in book.defined_names
    sheet = book["facilities"]
    assert sheet.freeze_panes == "A2"
    assert list(sheet.tables) == ["tbl_facilities"]
    assert sheet["A1"].comment is not None
    listed = [validation.formula1 for validation in sheet.data_validations.dataValidation]
    assert any("technologies" in formula for formula in listed)
    assumed = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "digester_1")
    reported = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "furnace_1")
    status = _column(sheet, "status") - 1
    assert (assumed[status].value, reported[status].value) == ("assumed", "reported")
    assert assumed[0].fill.fgColor.rgb != reported[0].fill.fgColor.rgb


def test_text_from_users_never_becomes_a_formula(tmp_path: Path) -> None:
    content = other_world.tables()
    content["facilities"][0]["name"] = '=HYPERLINK("http://x.example","y")'
    content["facilities"][1]["name"] = "#N/A-plant"
    path = write_case(other_world.SETTINGS, content, tmp_path / "world.xlsx")
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in sheet for sheet in sheets)
    assert read_case(path)["facilities"]["name"].iloc[0].startswith("=HYPERLINK")


def test_columns_in_any_order_with_notes_and_empty_rows(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["markets"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        rows = [["free", *row[::-1], 12] for row in rows]
        rows[0][0], rows[0][-1] = "kommentar", "# mine"
        rows[2:2] = [[None] * 4, ["only a note"]]
        book.remove(sheet)
        fresh = book.create_sheet("Markeder")
        for row in rows:
            fresh.append(row)
        for _ in range(3):
            fresh.append([" ", None, ""])

    path = _changed(tmp_path / "world.xlsx", change)
    _assert_same(read_case(path), Case.from_tables(other_world.SETTINGS, other_world.tables()))


def test_years_may_run_across(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["generation"]
        book.remove(sheet)
        fresh = book.create_sheet("generation")
        fresh.append(["municipality", "sector", "fraction", "2023 [t/year]", "2024 [kt/year]"])
        fresh.append(["alder", "homes", "scraps", 8000, 9])
        fresh.append(["birch", "homes", "scraps", None, 5])

    case = read_workbook(_changed(tmp_path / "world.xlsx", change)).case
    assert case is not None
    rows = case["generation"]
    assert rows[["municipality", "year", "amount"]].to_numpy().tolist() == [
        ["alder", 2023.0, 8000.0],
        ["alder", 2024.0, 9000.0],
        ["birch", 2024.0, 5000.0],
    ]


def test_units_may_stand_in_a_column(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["generation"]
        column = _column(sheet, "amount")
        sheet.cell(row=1, column=column, value="amount")
        last = sheet.max_column + 1
        sheet.cell(row=1, column=last, value="enhed")
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row=row, column=last, value="short_ton/year")
        sheet.cell(row=2, column=column, value=18_000_000)
        sheet.cell(row=2, column=last, value="lb/year")

    rows = read_case(_changed(tmp_path / "world.xlsx", change))["generation"]
    assert rows["amount"].iloc[0] == pytest.approx(18_000_000 * 0.00045359237)
    assert rows["amount"].iloc[1] == pytest.approx(1500)


def test_amounts_by_volume_per_capita_and_per_household(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["generation"]
        column, last = _column(sheet, "amount"), sheet.max_column + 1
        sheet.cell(row=1, column=column, value="amount")
        sheet.cell(row=1, column=last, value="unit")
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row=row, column=last, value="t/year")
        for row, amount, unit in ((2, 225, "kg/capita/year"), (3, 30_000, "m3/year"), (4, 1, "kg/household/week")):
            sheet.cell(row=row, column=column, value=amount)
            sheet.cell(row=row, column=last, value=unit)
        density = book["fractions"]
        density.cell(row=3, column=_column(density, "bulk_density"), value=0.05)
        homes = book["dwellings"]
        for position, value in enumerate(("alder", "", 20_000), start=1):
            homes.cell(row=2, column=position, value=value)

    case = read_workbook(_changed(tmp_path / "world.xlsx", change)).case
    assert case is not None
    amounts = case["generation"]["amount"].tolist()
    assert amounts[0] == pytest.approx(0.225 * 40_000)
    assert amounts[1] == pytest.approx(30_000 * 0.05)
    assert amounts[2] == pytest.approx(0.001 * 20_000 * 365.25 / 7)


MISTAKES: list[tuple[str, str, Change]] = [
    ("text_number", "compositions!C2", lambda book: [book["compositions"].append([]), *[
        book["compositions"].cell(row=2, column=position, value=value)
        for position, value in enumerate(("c", "tins", "12 %"), start=1)]]),
    ("unit_unknown", "sizes!D1", _header("sizes", "capacity", "capacity [t/yaer]")),
    ("unit_currency", "sizes!E1", _header("sizes", "capex", "capex [DKK]")),
    ("unit_unexpected", "capture!D1", _header("capture", "share", "share [t]")),
    ("required", "municipal_waste!C2", _set("municipal_waste", "municipal_waste", 2, None)),
]  # fmt: skip
"""Those that do not follow from the declaration of a column alone (see test_declared_faults.py)."""
NEWER: list[tuple[str, str, Change]] = [
    ("version_newer", "settings!B3", lambda book: book["settings"].__setitem__("B3", 99))
]


@pytest.mark.parametrize("mistakes", [MISTAKES, NEWER])
def test_every_mistake_is_told_with_its_cell(tmp_path: Path, mistakes: list[tuple[str, str, Change]]) -> None:
    path = _changed(tmp_path / "world.xlsx", lambda book: [change(book) for _, _, change in mistakes])
    with pytest.raises(InputError) as error:
        read_case(path)
    found = {(problem.code, problem.where()) for problem in error.value.problems if problem.severity == "error"}
    assert {(code, place) for code, place, _ in mistakes} <= {(item, where.split(" ")[0]) for item, where in found}
    for problem in error.value.problems:
        assert problem.text("da") != problem.text("en") or problem.code == "x"


def test_all_problems_come_at_once_and_each_once(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for item in (
            _set("generation", "amount", 2, "9.000,0"),
            _set("generation", "municipality", 3, "Nowhere"),
            _set("streams", "kind", 2, "bin"),
            _set("facilities", "capacity", 2, "#REF!"),
        ):
            item(book)

    problems = read_workbook(_changed(tmp_path / "world.xlsx", change)).errors
    assert [problem.where() for problem in problems] == [
        "streams!D2",
        "generation!F2",
        "generation!A3",
        "facilities!I2",
    ]


def test_unknown_sheets_and_columns_are_warnings_with_a_suggestion(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.create_sheet("Fasilities").append(["x"])
        book.create_sheet("# notes").append(["x"])
        sheet = book["markets"]
        sheet.cell(row=1, column=sheet.max_column + 1, value="capasity")
        sheet.cell(row=2, column=sheet.max_column + 2, value="stray")

    reading = read_workbook(_changed(tmp_path / "world.xlsx", change))
    assert not reading.errors
    assert [(item.code, item.suggestion) for item in reading.warnings] == [
        ("column_unknown", "capacity"),
        ("value_outside", ""),
        ("sheet_unknown", "facilities"),
    ]


def test_problems_of_a_danish_workbook_are_in_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "verden.xlsx"
    _changed(path, lambda book: book["affaldsmængder"].__setitem__("F2", "1.200,5"), "da")
    problem = read_workbook(path).errors[0]
    assert problem.line("da") == "affaldsmængder!F2: '1.200,5' er tekst, ikke et tal; mente du '1200.5'?"


def test_the_annotated_copy_marks_cells_and_can_be_read_again(tmp_path: Path) -> None:
    path = _changed(tmp_path / "world.xlsx", _set("generation", "amount", 2, "1.200,5"))
    reading = mfa.check(path, tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    cell = book["generation"]["F2"]
    assert "text, not a number" in cell.comment.text
    assert cell.fill.fgColor.rgb.endswith("F8B4AD")
    assert book.worksheets[0].title == "#problems"
    assert book.worksheets[0]["C2"].value == "F2"
    again = read_workbook(tmp_path / "marked.xlsx")
    assert [item.line() for item in again.problems] == [item.line() for item in reading.problems]
    write_annotated(tmp_path / "marked.xlsx", again.problems, tmp_path / "marked.xlsx")
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx").sheetnames.count("#problems") == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.xlsx", None, "file_missing"),
        ("old.xls", b"\xd0\xcf\x11\xe0", "file_kind"),
        ("macro.xlsm", b"PK", "file_kind"),
        ("~$open.xlsx", b"PK", "file_kind"),
        ("secret.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "file_encrypted"),
        ("torn.xlsx", b"PK\x03\x04 and no more", "file_broken"),
        ("text.xlsx", b"municipality;population", "file_other_kind"),
    ],
)
def test_files_that_are_no_workbook(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_case(path)
    assert [problem.code for problem in error.value.problems] == [code]


def test_a_zip_that_is_no_workbook_and_one_that_unpacks_to_too_much(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    for name, code in (("zip.xlsx", "file_broken"), ("bomb.xlsx", "file_too_large")):
        assert [problem.code for problem in read_workbook(tmp_path / name).problems] == [code]


def test_a_stray_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["markets"]["XFD1048576"] = "stray"

    reading = read_workbook(_changed(tmp_path / "world.xlsx", change))
    assert [problem.code for problem in reading.problems] == ["value_outside"]


@given(value=st.floats(min_value=1e-6, max_value=1e9).map(lambda number: round(number, 2)))
@settings(max_examples=200, deadline=None)
def test_suggested_readings_of_danish_numbers(value: float) -> None:
    danish = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    assert float(suggested_number(danish)) == pytest.approx(value)
    assert float(suggested_number(f"{danish} %")) == pytest.approx(value / 100)


def test_blank_is_not_zero(tmp_path: Path) -> None:
    case = read_case(other_world.write_world(tmp_path / "world.xlsx"))
    assert np.isnan(case["facilities"].set_index("facility").loc["crusher_1", "capacity"])
    assert case["facilities"].set_index("facility").loc["digester_1", "capacity"] == 0.0
