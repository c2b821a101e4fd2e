"""A case: typing, defaults, years and what they stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flows.case import Case, identifier, parse_years
from flows.tables import TABLES, columns_of
from tests.cases.pencil import pencil


def case_of(**settings) -> Case:
    return Case.from_tables({"account_year": 2024, "plan_years": "2025-2035", **settings}, {})


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2025", [2025]),
        ("2025-2027", [2025, 2026, 2027]),
        ("2025–2026; 2030", [2025, 2026, 2030]),
        ("2030, 2025, 2025", [2025, 2030]),
        ("2025.0", [2025]),
        ("", []),
    ],
)
def test_lists_of_years(text, years):
    assert parse_years(text) == years


@pytest.mark.parametrize("text", ["soon", "25", "2025-27", "2025 to 2027"])
def test_what_is_no_list_of_years(text):
    with pytest.raises(ValueError, match="neither a year nor a range"):
        parse_years(text)


def test_ids_are_text():
    assert [identifier(value) for value in (101, 101.0, " 101 ", None, float("nan"), np.float64(7))] == [
        "101",
        "101",
        "101",
        "",
        "",
        "7",
    ]


def test_every_declared_table_and_column_is_there():
    case = case_of()
    for table in TABLES:
        assert [column.name for column in columns_of(table)] == list(case[table.name].columns)


def test_blanks_take_their_defaults_and_blank_is_not_zero():
    case = pencil()
    oven = case["facilities"].set_index("facility").loc["oven"]
    assert oven["state"] == "existing"
    assert oven["reserved"] == 0.0
    assert math.isnan(oven["capacity"])
    assert oven["owner"] == ""
    assert not oven["closable"]
    assert oven["status"] == "assumed"
    assert case["fractions"]["in_rate"].tolist() == [True]


@pytest.mark.parametrize(
    ("given", "flag"),
    [("yes", True), ("ja", True), ("x", True), ("no", False), ("nej", False), (1, True), (0.0, False), (None, False)],
)
def test_flags(given, flag):
    case = Case.from_tables(
        {"account_year": 2024, "plan_years": "2025"}, {"facilities": [{"facility": "f", "closable": given}]}
    )
    assert case["facilities"]["closable"].tolist() == [flag]


def test_what_is_not_declared_is_refused():
    with pytest.raises(KeyError, match="no_table"):
        Case.from_tables({}, {"no_table": []})
    with pytest.raises(KeyError, match="no_setting"):
        Case.from_tables({"no_setting": 1}, {})


def test_periods_begin_with_the_plan_and_with_the_first_change():
    assert case_of().period_starts == list(range(2025, 2036))
    assert case_of(period_starts="2030, 2040").period_starts == [2025, 2030]
    # What changes first in 2027 needs a period of its own.
    assert case_of(period_starts="2030", first_change_year=2027).period_starts == [2025, 2027, 2030]
    assert case_of().first_change_year == 2025


def test_years_shown_in_reports():
    assert case_of(report_years="2030, 2050").report_years == [2030]
    case = Case.from_tables(
        {"account_year": 2024, "plan_years": "2025-2035", "first_change_year": 2027},
        {"targets": [{"scope": "all", "method": "collected", "year": 2030, "rate": 0.5}]},
    )
    assert case.report_years == [2027, 2030, 2035]


def test_weights_of_years():
    case = case_of(plan_years="2025, 2026, 2030")
    assert [case.weight(year) for year in case.plan_years] == [1, 4, 4]
    assert [case_of(plan_years="2025, 2026, 2030", last_year_weight=1.5).weight(year) for year in (2026, 2030)] == [
        4,
        1.5,
    ]
    assert case_of(plan_years="2025").weight(2025) == 1


def test_discounting():
    case = case_of(plan_years="2025, 2027", discount_rate=0.1, last_year_weight=1.5)
    assert case.discount(2025) == pytest.approx(1 + 1 / 1.1)
    # A year and a half: the half is of the year after.
    assert case.discount(2027) == pytest.approx(1.1**-2 + 0.5 * 1.1**-3)
    assert case_of(discount_rate=0.1, discount_year=2020).discount_factor(2022) == pytest.approx(1.1**-2)
    assert case_of().discount(2030) == 1.0


def test_names_fall_back_to_the_other_language_and_to_the_id():
    rows = [{"fraction": "a", "name_da": "æ", "name_en": "ae"}, {"fraction": "b", "name_da": "ø"}, {"fraction": "c"}]
    case = Case.from_tables({"account_year": 2024, "plan_years": "2025"}, {"fractions": rows})
    assert case.names("fractions", "en") == {"a": "ae", "b": "ø", "c": "c"}
    assert case.names("fractions", "da") == {"a": "æ", "b": "ø", "c": "c"}


def test_a_copy_with_a_change_leaves_the_case_as_it_was():
    case = pencil()
    other = case.with_settings(discount_rate=0.5).with_table("growth", case["growth"])
    assert (case.settings["discount_rate"], other.settings["discount_rate"]) == (0.0, 0.5)
    assert case["growth"] is other["growth"]
    fewer = case.with_table("generation", case["generation"].iloc[:1])
    assert (len(case.sources()), len(fewer.sources())) == (2, 1)
