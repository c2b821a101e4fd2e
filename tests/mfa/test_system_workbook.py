"""The workbook of a flow system: what is written reads back the same, and every mistake is told with its cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mfa
from flows.problems import InputError
from flows.system import System
from flows.system_tables import SYSTEM_SETTINGS, SYSTEM_TABLES
from flows.tables import columns_of
from mfa.system_example import example_system, write_example
from mfa.system_units import flow_unit
from mfa.system_write import empty_system, write_system
from mfa.workbook_kind import SYSTEM
from mfa.workbook_layout import normalise
from mfa.workbook_read import read_system, read_workbook
from tests import other_world

Change = Callable[[Any], object]


def _assert_same(first: System, second: System) -> None:
    assert dict(first.settings) == dict(second.settings)
    for name in first.tables:
        left, right = first[name], second[name]
        if name == "relations":
            # A ratio is read in canonical units, so the unit that it was written in is gone.
            left, right = left.drop(columns="ratio_unit"), right.drop(columns="ratio_unit")
        pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-12)


def _changed(path: Path, change: Change, language: str = "en") -> Path:
    """Write the example, let ``change`` edit the open workbook, and save it."""
    book = openpyxl.load_workbook(write_example(path, language=language))
    change(book)
    book.save(path)
    return path


def _column(sheet: Any, name: str) -> int:
    return next(int(cell.column) for cell in sheet[1] if str(cell.value).split(" [")[0] == name)


def _set(table: str, name: str, row: int, value: object) -> Change:
    def change(book: Any) -> None:
        book[table].cell(row=row, column=_column(book[table], name)).value = value

    return change


def _header(table: str, name: str, value: object) -> Change:
    return lambda book: book[table].cell(row=1, column=_column(book[table], name), value=value)


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_example_reads_back_as_it_was_made(tmp_path: Path, language: str) -> None:
    path = write_example(tmp_path / "plastic.xlsx", language=language)
    reading = read_workbook(path)
    assert reading.problems == []
    assert reading.case is None
    assert reading.system is not None
    _assert_same(read_system(path), example_system(language))
    assert reading.system.units == {"goods": "t/year", "bromine": "t/year"}


def test_the_example_says_that_its_figures_are_made_up(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_example(tmp_path / "plastic.xlsx"))
    assert "made-up figures" in book["README"]["A1"].value
    sheet = book["measurements"]
    status, source = _column(sheet, "status") - 1, _column(sheet, "source") - 1
    rows = list(sheet.iter_rows(min_row=2))
    assert {(row[status].value, row[source].value) for row in rows} == {("assumed", "made up for the example")}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_example(tmp_path / "one.xlsx").read_bytes()
    assert first == write_example(tmp_path / "two.xlsx").read_bytes()


def test_names_do_not_collide() -> None:
    for table in SYSTEM_TABLES:
        names = [normalise(name) for column in columns_of(table) for name in {column.name, column.danish}]
        assert len(names) == len(set(names)), table.name
        assert table.name in SYSTEM.danish_meanings
    sheets = [normalise(name) for table in SYSTEM_TABLES for name in {table.name, table.danish}]
    assert len(sheets) == len(set(sheets))
    keys = [normalise(name) for setting in SYSTEM_SETTINGS for name in {setting.name, setting.danish}]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_empty_template_says_what_is_missing(tmp_path: Path, language: str) -> None:
    reading = read_workbook(empty_system(tmp_path / "empty.xlsx", language=language))
    assert [(item.code, item.sheet) for item in reading.problems] == [
        ("table_empty", SYSTEM.sheet_name("processes", language)),
        ("table_empty", SYSTEM.sheet_name("flows", language)),
    ]
    book = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    assert book.sheetnames[0] == SYSTEM.sheet_name("readme", language)
    assert "system_version" in book.defined_names
    listed = [item.formula1 for item in book[SYSTEM.sheet_name("flows", language)].data_validations.dataValidation]
    assert any(SYSTEM.sheet_name("processes", language) in formula for formula in listed)


def test_which_kind_a_workbook_is(tmp_path: Path) -> None:
    assert read_workbook(write_example(tmp_path / "a.xlsx", language="da")).system is not None
    assert read_workbook(other_world.write_world(tmp_path / "b.xlsx", "da")).case is not None
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    del book["kommuner"]
    book.save(tmp_path / "c.xlsx")
    # A case that lost its municipalities is told so, although its sheet of streams is called as one of flows.
    reading = read_workbook(tmp_path / "c.xlsx")
    assert reading.system is None
    assert ("sheet_missing", "municipalities") in {(item.code, item.expected) for item in reading.errors}
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    del book["processer"]
    book.save(tmp_path / "d.xlsx")
    reading = read_workbook(tmp_path / "d.xlsx")
    assert ("sheet_missing", "processes") in {(item.code, item.expected) for item in reading.errors}
    with pytest.raises(InputError):
        mfa.read_case(tmp_path / "a.xlsx")
    with pytest.raises(InputError):
        mfa.read_system(tmp_path / "b.xlsx")


def _small(path: Path, **sheets: list[list[Any]]) -> Path:
    """Write a workbook of two flows through one process, with other sheets as rows of cells."""
    rows: dict[str, list[list[Any]]] = {
        "processes": [["process"], ["plant"]],
        "flows": [["flow", "from", "to"], ["in", None, "plant"], ["out", "plant", None]],
        **sheets,
    }
    book = openpyxl.Workbook()
    for name, content in rows.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    del book["Sheet"]
    book.save(path)
    return path


def test_nothing_but_processes_flows_and_measurements_is_needed(tmp_path: Path) -> None:
    measurements = [["flow", "value [kt/year]", "std [%]", "# mine"], ["in", 2, 5, "x"], ["out", 2.1, 4, None]]
    system = read_system(_small(tmp_path / "small.xlsx", measurements=measurements))
    assert (system.layers, system.years) == (("goods",), (0,))
    assert system["measurements"]["value"].tolist() == [2000.0, 2100.0]
    assert system["measurements"]["std"].tolist() == pytest.approx([100.0, 84.0])


def test_danish_sheets_and_headers_in_any_order(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, content in {
        "Målinger": [["enhed", "usikkerhed_pct", "værdi", "strøm"], ["ton/år", 3, 12, "ind"]],
        "Strømme": [["til", "fra", "strøm", "kommentar"], ["anlæg", None, "ind", "!"], [None, "anlæg", "ud", None]],
        "Processer": [["art", "proces"], [None, "anlæg"]],
    }.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "lille.xlsx")
    system = read_system(tmp_path / "lille.xlsx")
    assert system["flows"]["to"].tolist() == ["anlæg", ""]
    assert system["measurements"][["flow", "value", "std_pct"]].to_numpy().tolist() == [["ind", 12.0, 3.0]]


def test_units_follow_the_dimension_of_the_layer(tmp_path: Path) -> None:
    measurements = [
        ["flow", "layer", "value", "unit", "std", "lower", "upper"],
        ["in", "goods", 3, "kt/year", 0.1, 2, 4],
        ["in", "energy", 36, "TJ/year", 3.6, None, None],
        ["out", "energy", 9, "GWh/year", 1, None, None],
        ["out", "water", 5000, "L/year", 100, None, None],
        ["out", "bottles", 2000, "1000 stk/år", 10, None, None],
    ]
    relations = [
        ["flow", "layer", "of_layer", "value", "std", "ratio_unit"],
        ["out", "zinc", "goods", 2, 0.1, "g/kg"],
        ["out", "heat", "goods", 7.2, 0.36, "GJ/t"],
        ["out", "goods", "water", 0.5, 0.1, "kg/L"],
    ]
    system = read_system(_small(tmp_path / "units.xlsx", measurements=measurements, relations=relations))
    assert system.units == {
        "goods": "t/year",
        "energy": "MWh/year",
        "water": "m**3/year",
        "bottles": "1/year",
        "zinc": "t/year",
        "heat": "MWh/year",
    }
    rows = system["measurements"]
    assert rows["value"].tolist() == pytest.approx([3000, 10_000, 9000, 5, 2_000_000])
    assert rows["std"].tolist() == pytest.approx([100, 1000, 1000, 0.1, 10_000])
    assert rows[["lower", "upper"]].iloc[0].tolist() == [2000.0, 4000.0]
    assert system["relations"]["value"].tolist() == pytest.approx([0.002, 2.0, 0.5])
    assert system["relations"]["std"].tolist() == pytest.approx([0.0001, 0.1, 0.1])


def test_a_ratio_may_have_its_unit_in_the_header_and_a_lifetime_in_months(tmp_path: Path) -> None:
    relations = [["flow", "layer", "of_layer", "value [mg/kg]", "std [%]"], ["out", "zinc", "goods", 40, 10]]
    stocks = [["process", "layer", "initial [kt]", "lifetime", "mean [months]"], ["store", "goods", 2, "fixed", 30]]
    path = _small(
        tmp_path / "header.xlsx",
        processes=[["process", "kind"], ["plant", None], ["store", "stock"]],
        flows=[["flow", "from", "to"], ["in", None, "plant"], ["out", "plant", "store"]],
        measurements=[["flow", "layer", "value [t/year]", "std"], ["in", "goods", 5, 1]],
        relations=relations,
        stocks=stocks,
    )
    system = read_system(path)
    assert system["relations"][["value", "std"]].iloc[0].tolist() == pytest.approx([4e-5, 4e-6])
    assert system["stocks"][["initial", "mean"]].iloc[0].tolist() == pytest.approx([2000, 2.5])


def test_years_may_run_across(tmp_path: Path) -> None:
    measurements = [
        ["flow", "2020 [t/year]", "2021 [kt/year]", "std_pct"],
        ["in", 100, 0.11, 5],
        ["out", None, 0.1, 4],
    ]
    coefficients = [["process", "flow", "2020", "2030"], ["plant", "out", 0.9, 0.8], ["plant", "loss", None, None]]
    path = _small(
        tmp_path / "years.xlsx",
        flows=[["flow", "from", "to"], ["in", None, "plant"], ["out", "plant", None], ["loss", "plant", None]],
        measurements=measurements,
        transfer_coefficients=coefficients,
    )
    system = read_system(path)
    rows = system["measurements"][["flow", "year", "value", "std_pct"]]
    assert rows.to_numpy().tolist() == [["in", 2020, 100, 5], ["in", 2021, 110, 5], ["out", 2021, 100, 4]]
    shares = system["transfer_coefficients"]
    assert shares["value"].tolist()[:2] == [0.9, 0.8]
    # A row without any year filled in is the rest in every year.
    assert shares[["flow", "year"]].iloc[2].isna().tolist() == [False, True]


MISTAKES: list[tuple[str, str, Change]] = [
    ("text_number", "measurements!D2", _set("measurements", "value", 2, "1.200,5")),
    ("not_number", "measurements!F2", _set("measurements", "std", 2, "little")),
    ("excel_error", "measurements!D3", _set("measurements", "value", 3, "#N/A")),
    ("formula_uncached", "measurements!D3", _set("measurements", "value", 3, "=1+1")),
    ("not_year", "measurements!C4", _set("measurements", "year", 4, 21)),
    ("unit_missing", "measurements!E2", _set("measurements", "unit", 2, None)),
    ("unit_unknown", "measurements!E2", _set("measurements", "unit", 2, "t/yaer")),
    ("unit_dimension", "measurements!E2", _set("measurements", "unit", 2, "t")),
    ("layer_unit", "measurements!E9", _set("measurements", "unit", 9, "MWh/year")),
    ("unit_twice", "measurements!D1", _header("measurements", "value", "value [t/year]")),
    ("unit_twice", "measurements!F1", _header("measurements", "std", "std [kg/year]")),
    ("unit_dimension", "relations!K3", _set("relations", "ratio_unit", 3, "DKK/t")),
    ("layer_unit", "relations!K3", _set("relations", "ratio_unit", 3, "GJ/t")),
    ("unit_dimension", "layers!D3", _set("layers", "shown_unit", 3, "kg")),
    ("unit_missing", "stocks!E2", _set("stocks", "unit", 2, None)),
    ("unit_dimension", "stocks!E2", _set("stocks", "unit", 2, "t/year")),
    ("reference", "flows!B4", _set("flows", "from", 4, "produktion")),
    ("reference", "measurements!B2", _set("measurements", "layer", 2, "good")),
    ("measured_unknown", "measurements!A2", _set("measurements", "flow", 2, "virgn")),
    ("flow_to_itself", "flows!C3", _set("flows", "to", 3, "production")),
    ("choice", "processes!C4", _set("processes", "kind", 4, "store")),
    ("above", "transfer_coefficients!E2", _set("transfer_coefficients", "value", 2, 1.4)),
    ("coefficients_blank", "transfer_coefficients!E3", _set("transfer_coefficients", "value", 2, None)),
    ("duplicate", "measurements!A3", _set("measurements", "year", 3, 2021)),
    ("not_flag", "flows!E2", _set("flows", "may_be_negative", 2, "perhaps")),
    ("correlation_unmeasured", "correlations!A2", _set("correlations", "flow_a", 2, "discarded")),
    ("lifetime_parameter", "stocks!K2", _set("stocks", "scale", 2, None)),
    ("column_twice", "flows!D1", _header("flows", "name", "flow")),
    ("column_missing", "flows!F1", _header("flows", "flow", "flwo")),
    ("sheet_twice", "strømme!A1", lambda book: book.copy_worksheet(book["flows"]).__setattr__("title", "strømme")),
    ("not_years", "settings!B4", lambda book: book["settings"].__setitem__("B4", "next year")),
    ("version_newer", "settings!B3", lambda book: book["settings"].__setitem__("B3", 99)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "change"), MISTAKES, ids=[f"{item[0]}-{item[1]}" for item in MISTAKES])
def test_every_mistake_is_told_with_its_cell(tmp_path: Path, code: str, place: str, change: Change) -> None:
    with pytest.raises(InputError) as error:
        mfa.read_system(_changed(tmp_path / "plastic.xlsx", change))
    found = {(item.code, item.where().split(" ")[0]) for item in error.value.problems if item.severity == "error"}
    assert (code, place) in found
    for item in error.value.problems:
        assert "{" not in item.text("da") + item.text("en")


def test_a_ratio_of_different_kinds_needs_a_unit(tmp_path: Path) -> None:
    path = _small(
        tmp_path / "ratio.xlsx",
        layers=[["layer", "shown_unit"], ["goods", "t/year"], ["energy", "GJ/year"]],
        measurements=[["flow", "layer", "value [t/year]", "std"], ["in", "goods", 5, 1]],
        relations=[["flow", "layer", "of_layer", "value", "std"], ["in", "energy", "goods", 9, 1]],
    )
    assert [(item.code, item.where()) for item in read_workbook(path).errors] == [
        ("ratio_unit_missing", "relations!D2")
    ]


def test_all_problems_come_at_once_in_the_order_of_the_workbook(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for item in (
            _set("measurements", "value", 2, "9.000,0"),
            _set("flows", "to", 2, "produktion"),
            _set("settings", "value", 4, "next year"),
            _set("stocks", "initial", 2, "#REF!"),
        ):
            item(book)

    problems = read_workbook(_changed(tmp_path / "plastic.xlsx", change)).errors
    assert [item.where() for item in problems] == ["settings!B4", "flows!C2", "measurements!D2", "stocks!D2"]


def test_problems_of_a_danish_workbook_are_in_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "plast.xlsx"
    _changed(path, lambda book: book["målinger"].__setitem__("D2", "1.200,5"), "da")
    assert (
        read_workbook(path).errors[0].line("da") == "målinger!D2: '1.200,5' er tekst, ikke et tal; mente du '1200.5'?"
    )


def test_the_annotated_copy_marks_cells(tmp_path: Path) -> None:
    path = _changed(tmp_path / "plastic.xlsx", _set("measurements", "flow", 2, "virgn"))
    reading = mfa.check(path, tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert "did you mean 'virgin'?" in book["measurements"]["A2"].comment.text
    again = read_workbook(tmp_path / "marked.xlsx")
    assert [item.line() for item in again.problems] == [item.line() for item in reading.problems]


def test_text_from_users_never_becomes_a_formula(tmp_path: Path) -> None:
    tables = {
        "processes": [{"process": "p", "name": "=1+1"}],
        "flows": [{"flow": "a", "to": "p"}, {"flow": "b", "from": "p"}],
    }
    path = write_system(tables, tmp_path / "text.xlsx")
    assert openpyxl.load_workbook(path)["processes"]["B2"].data_type == "s"
    assert read_system(path)["processes"]["name"].tolist() == ["=1+1"]


def test_a_system_in_energy_and_pieces_reads_back(tmp_path: Path) -> None:
    system = System.from_tables(
        {"years": "2020, 2025"},
        {"energy": "MWh/year", "bottles": "1/year"},
        layers=[{"layer": "energy", "shown_unit": "TJ/year"}, {"layer": "bottles", "shown_unit": "1000/year"}],
        processes=[{"process": "p"}, {"process": "s", "kind": "stock"}],
        flows=[{"flow": "a", "to": "p"}, {"flow": "b", "from": "p", "to": "s"}],
        measurements=[
            {"flow": "a", "layer": "energy", "year": 2020, "value": 12.5, "std": 0.5, "lower": 10},
            {"flow": "b", "layer": "bottles", "value": 250, "std_pct": 3},
        ],
        relations=[{"flow": "b", "layer": "energy", "of_layer": "bottles", "value": 0.05, "std": 0.01}],
        stocks=[{"process": "s", "layer": "bottles", "initial": 3000}],
    )
    again = read_system(write_system(system, tmp_path / "energy.xlsx"))
    _assert_same(again, system)
    assert dict(again.units) == dict(system.units)
    sheet = openpyxl.load_workbook(tmp_path / "energy.xlsx")["measurements"]
    assert [sheet.cell(row=row, column=_column(sheet, "unit")).value for row in (2, 3)] == ["TJ/year", "1000/year"]


@given(
    value=st.floats(min_value=1e-3, max_value=1e9),
    unit=st.sampled_from(["kg/year", "t/year", "kt/year", "GJ/year", "MWh/year", "m3/year", "1000/year"]),
)
@settings(max_examples=10, deadline=None)
def test_any_value_in_any_unit_reads_back(tmp_path_factory: pytest.TempPathFactory, value: float, unit: str) -> None:
    canonical = flow_unit(unit)
    assert canonical is not None
    tables: dict[str, Any] = {
        "layers": [{"layer": "x", "shown_unit": unit}],
        "processes": [{"process": "p"}],
        "flows": [{"flow": "a", "to": "p"}, {"flow": "b", "from": "p"}],
        "measurements": [{"flow": "a", "layer": "x", "value": value, "std": value / 7}],
    }
    path = write_system(tables, tmp_path_factory.mktemp("any") / "any.xlsx", units={"x": canonical})
    rows = read_system(path)["measurements"]
    assert rows[["value", "std"]].iloc[0].tolist() == pytest.approx([value, value / 7], rel=1e-12)
