"""Amounts: totals spread by key and composition, years between and after the accounted ones."""

from __future__ import annotations

import pytest

from flows.amounts import generation, source_id
from flows.case import Case


def case_of(generation_rows, **tables) -> Case:
    return Case.from_tables(
        {"account_year": 2024, "plan_years": "2025-2030"},
        {
            "municipalities": [{"municipality": "A"}, {"municipality": "B"}],
            "sectors": [{"sector": "homes"}, {"sector": "shops"}],
            "fractions": [{"fraction": "paper"}, {"fraction": "glass"}],
            "generation": generation_rows,
            **tables,
        },
    )


def found(case, *years) -> dict:
    rows = generation(case, years)
    return {
        (row.municipality, row.sector, row.fraction, row.year): pytest.approx(row.amount) for row in rows.itertuples()
    }


def row(amount, year=2024, municipality="A", sector="homes", fraction="paper", **more):
    return {
        "municipality": municipality,
        "sector": sector,
        "fraction": fraction,
        "year": year,
        "amount": amount,
        **more,
    }


def test_a_total_is_spread_by_key_and_composition():
    # 400 t: 3 to 1 over A and B, 60 to 40 over paper and glass.
    case = case_of(
        [row(400, municipality="", fraction="", allocation_key="people", composition="bin")],
        allocation_keys=[
            {"key": "people", "municipality": "A", "weight": 75},
            {"key": "people", "municipality": "B", "weight": 25},
        ],
        compositions=[
            {"composition": "bin", "fraction": "paper", "share": 0.6},
            {"composition": "bin", "fraction": "glass", "share": 0.4},
        ],
    )
    assert found(case, 2024) == {
        ("A", "homes", "paper", 2024): 180,
        ("A", "homes", "glass", 2024): 120,
        ("B", "homes", "paper", 2024): 60,
        ("B", "homes", "glass", 2024): 40,
    }


def test_rows_of_one_source_and_fraction_add_up():
    case = case_of(
        [row(10), row(20, fraction="", composition="bin")],
        compositions=[
            {"composition": "bin", "fraction": "paper", "share": 0.5},
            {"composition": "bin", "fraction": "glass", "share": 0.5},
        ],
    )
    assert found(case, 2024) == {("A", "homes", "paper", 2024): 20, ("A", "homes", "glass", 2024): 10}


def test_between_accounted_years_amounts_lie_on_a_line():
    case = case_of([row(100, 2020), row(140, 2024)])
    assert found(case, 2019, 2020, 2021, 2024) == {
        ("A", "homes", "paper", 2019): 100,
        ("A", "homes", "paper", 2020): 100,
        ("A", "homes", "paper", 2021): 110,
        ("A", "homes", "paper", 2024): 140,
    }


def test_after_the_last_year_they_grow():
    case = case_of([row(100)], growth=[{"change": 0.1}, {"from": 2026, "until": 2026, "change": -0.5}])
    # The row that names a year wins in it: 110, 55, 60.5.
    assert found(case, 2025, 2026, 2027) == {
        ("A", "homes", "paper", 2025): 110,
        ("A", "homes", "paper", 2026): 55,
        ("A", "homes", "paper", 2027): 60.5,
    }


def test_the_most_specific_growth_wins():
    rows = [row(100), row(100, fraction="glass"), row(100, sector="shops")]
    growth = [
        {"change": 0.1},
        {"sector": "homes", "change": 0.2},
        {"fraction": "glass", "change": 0.3},
        {"sector": "shops", "fraction": "paper", "change": 0.4},
    ]
    for order in (growth, growth[::-1]):
        assert found(case_of(rows, growth=order), 2025) == {
            ("A", "homes", "paper", 2025): 120,
            ("A", "homes", "glass", 2025): 130,
            ("A", "shops", "paper", 2025): 140,
        }


def test_of_two_growth_rows_that_have_begun_the_later_wins():
    growth = [{"from": 2025, "change": 0.1}, {"from": 2027, "change": 0.0}]
    for order in (growth, growth[::-1]):
        assert found(case_of([row(100)], growth=order), 2028) == {("A", "homes", "paper", 2028): 121}


def test_growth_does_not_touch_accounted_years():
    case = case_of([row(100, 2020), row(100, 2024)], growth=[{"change": 0.1}])
    assert found(case, 2022, 2025) == {("A", "homes", "paper", 2022): 100, ("A", "homes", "paper", 2025): 110}


def test_a_fraction_missing_in_one_year_was_not_there():
    # Glass was first accounted in 2024 while the sector was in 2020: none then, half in between.
    case = case_of([row(100, 2020), row(100, 2024), row(40, 2024, fraction="glass")])
    assert found(case, 2020, 2022)[("A", "homes", "glass", 2022)] == 20
    assert ("A", "homes", "glass", 2020) not in found(case, 2020)


def test_a_sector_missing_in_one_year_was_not_accounted():
    # Shops were accounted in 2024 alone, so 2020 takes their amounts of 2024.
    case = case_of([row(100, 2020), row(100, 2024), row(40, 2024, sector="shops")])
    assert found(case, 2020)[("A", "shops", "paper", 2020)] == 40


def test_rows_are_sorted_and_nothing_is_left_out_of():
    case = case_of([row(0), row(5, municipality="B"), row(7, sector="shops")])
    rows = generation(case, [2025, 2024])
    assert rows[["municipality", "sector", "fraction", "year"]].to_numpy().tolist() == [
        ["A", "shops", "paper", 2024],
        ["A", "shops", "paper", 2025],
        ["B", "homes", "paper", 2024],
        ["B", "homes", "paper", 2025],
    ]
    assert generation(case, []).empty


def test_ids_of_sources():
    assert source_id("101", "homes", "houses") == "101/homes/houses"
    assert source_id("101", "industry", "") == "101/industry"
