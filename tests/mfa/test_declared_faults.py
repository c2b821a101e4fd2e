"""Every column of every table × every fault that its kind, unit, bounds, key or reference can have.

The faults are made from the declarations, written into cells of a workbook and read by ``mfa.check``; what is
told must have the code, the sheet and the cell, and nothing else may be told of sheets, units and cells.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.checks import EXTRA_KEYS
from flows.tables import Column, Setting
from mfa.workbook_kind import CASE, SYSTEM
from tests.declared_book import book, sound
from tests.declared_faults import ENDLESS, KINDS_AND_LANGUAGES, assert_told, columns, kind_named

NUMBERS = {"number", "share"}
WHOLE = {"year", "integer"}
TEXTS = {"text", "choice", "list"}
KINDS = {**dict.fromkeys(NUMBERS, "number"), **dict.fromkeys(TEXTS, "text")}
FEBRUARY = datetime.datetime(2026, 2, 1)


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


@pytest.mark.parametrize("first", range(0, len(CELL_FAULTS), BATCH))
@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_values_of_the_wrong_kind(kind: str, language: str, first: int, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language), {}
    for shift, fault in enumerate(CELL_FAULTS[first : first + BATCH]):
        for table, position, column in columns(made):
            if code := fault.code(column):
                row = (position + shift) % len(made.rows[table.name])
                sheet, cell = made.put(table, column.name, row, fault.value)
                expected[code, sheet, cell] = fault.suggestion
    assert_told(made, expected, tmp_path)


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
    made, expected = book(kind_named(kind), language), {}
    for table, position, column in columns(made):
        value = _bad(column, code)
        if value is not None:
            expected[(code, *made.put(table, column.name, position, value))] = None
    assert expected
    assert_told(made, expected, tmp_path)


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
    made, expected = book(kind_named(kind), language), {}
    for table, _, column in columns(made):
        if column.required:
            expected[("required", *made.put(table, column.name, made.own_row(table, column.name), blank))] = None
    assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_names_and_words_that_are_nearly_right(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language), {}
    for table, position, column in columns(made):
        right = str(sound(column, table, position))
        wrong = right[:-2] + "x" + right[-2:]
        if column.kind == "choice":
            expected[("choice", *made.put(table, column.name, position, wrong))] = right
        elif column.reference and column.reference != "sectors.segment":
            expected[("reference", *made.put(table, column.name, position, wrong))] = right
    assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_keys_that_repeat(kind: str, language: str, tmp_path: Path) -> None:
    made, expected = book(kind_named(kind), language), {}
    for table in made.kind.tables:
        key = (*table.key, *EXTRA_KEYS.get(table.name, ()))
        names = [column.name for column in made.columns(table)]
        first, last = made.rows[table.name][0], len(made.rows[table.name]) - 1
        for name in key:
            made.put(table, name, last, first[names.index(name)])
        expected[("duplicate", *made.cell(table, table.key[0], last))] = None
    assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_blanks_around_texts_do_no_harm(kind: str, language: str, tmp_path: Path) -> None:
    made = book(kind_named(kind), language)
    for table, position, column in columns(made):
        if column.kind in {*TEXTS, "flag"}:
            made.put(table, column.name, position, f" {made.value(table, column.name, position)}\u00a0 ")
    assert_told(made, {}, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_settings_of_the_wrong_kind(kind: str, language: str, tmp_path: Path) -> None:
    # One fault for each code that a kind of setting can have.
    faults = {
        setting.name: list({item.code(setting): item for item in CELL_FAULTS if item.code(setting)}.values())
        for setting in kind_named(kind).settings
    }
    for number in range(max(map(len, faults.values()))):
        made, expected = book(kind_named(kind), language, most=1, optional=False), {}
        for setting in made.kind.settings:
            if number < len(faults[setting.name]) and setting.kind != "list":
                fault = faults[setting.name][number]
                expected[(str(fault.code(setting)), *made.set(setting.name, fault.value))] = fault.suggestion
        assert_told(made, expected, tmp_path)


@pytest.mark.parametrize(("kind", "language"), KINDS_AND_LANGUAGES)
def test_settings_that_say_what_cannot_be(kind: str, language: str, tmp_path: Path) -> None:
    for code in ("below", "above", "setting_missing", "choice", "not_years", "setting_twice"):
        made, expected = book(kind_named(kind), language, most=1, optional=False), {}
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
        assert_told(made, expected, tmp_path)


def test_settings_have_units_and_known_names(tmp_path: Path) -> None:
    made = book(CASE, "da", most=1, optional=False)
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
    assert_told(made, expected, tmp_path)
