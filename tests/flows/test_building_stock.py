"""Stocks that drive amounts: figures by hand, what wins over what, and what is told of bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flows import scenarios
from flows.amounts import generation
from flows.case import Case
from flows.checks import check_case
from flows.lifetimes import Lifetime
from flows.problems import Problem
from flows.stocks import DynamicStock

Rows = list[dict[str, Any]]

AMOUNTS: Rows = [
    {"municipality": town, "sector": sector, "fraction": fraction, "year": 2024, "amount": amount}
    for town, sector, fraction, amount in (
        ("A", "building", "concrete", 300.0),
        ("A", "building", "wood", 60.0),
        ("B", "building", "concrete", 100.0),
        ("A", "homes", "wood", 20.0),
    )
]
# 10, 20, 30, … m2 built in 2015, 2016, …; with a lifetime of nine years 10 leave in 2024, 20 in 2025 and so on.
BUILT: Rows = [{"driver": "houses", "year": 2014 + n, "kind": "inflow", "area": 10.0 * n} for n in range(1, 22)]
HOUSES: dict[str, Any] = {
    "driver": "houses",
    "sector": "building",
    "lifetime": "fixed",
    "mean": 9,
    "ageing": "end",
}


def case_of(drivers: Rows, series: Rows = BUILT, **tables: Rows) -> Case:
    return Case.from_tables(
        {"account_year": 2024, "plan_years": "2025-2030"},
        {
            "municipalities": [{"municipality": "A"}, {"municipality": "B"}],
            "sectors": [{"sector": "homes"}, {"sector": "building", "kind": "construction_demolition"}],
            "fractions": [{"fraction": "concrete"}, {"fraction": "wood"}],
            "generation": AMOUNTS,
            "stock_drivers": drivers,
            "stock_series": series,
            **tables,
        },
    )


def amount(case: Case, year: int, town: str = "A", sector: str = "building", fraction: str = "concrete") -> float:
    rows = generation(case, [year]).set_index(["municipality", "sector", "fraction"])["amount"]
    return float(rows.get((town, sector, fraction), 0.0))


def problems(case: Case) -> set[tuple[str, str, int | None, str, str]]:
    """Return code, sheet, row, column and severity of what is wrong with the stocks of a case."""

    def told(problem: Problem) -> tuple[str, str, int | None, str, str]:
        return problem.code, problem.sheet, problem.row, problem.column, problem.severity

    return {told(problem) for problem in check_case(case) if problem.code.startswith("driver")}


class TestAmounts:
    """What the outflow of a stock makes of the amounts."""

    def test_it_scales_them_by_its_outflow_relative_to_the_last_accounted_year(self) -> None:
        """10 m2 of 2015 leave in 2024 and 20 in 2025, 70 in 2030; the accounted year stays."""
        case = case_of([HOUSES])
        assert [amount(case, year) for year in (2024, 2025, 2030)] == pytest.approx([300, 600, 2100])
        assert amount(case, 2030, fraction="wood") == pytest.approx(420)
        assert amount(case, 2030, "B") == pytest.approx(700)
        assert amount(case, 2030, sector="homes", fraction="wood") == 20

    def test_area_or_mass_does_not_matter_to_an_index(self) -> None:
        mass = [{**{k: v for k, v in row.items() if k != "area"}, "mass": 1.7 * row["area"]} for row in BUILT]
        for year in (2025, 2029):
            assert amount(case_of([HOUSES], mass), year) == pytest.approx(amount(case_of([HOUSES]), year))

    def test_an_intensity_makes_it_the_amount_itself(self) -> None:
        """20 m2 leave in 2025 with 2 t/m2: 40 t, of which A has three quarters as in 2024."""
        case = case_of([{**HOUSES, "fraction": "concrete", "intensity": 2.0}])
        assert [amount(case, 2025, town) for town in "AB"] == pytest.approx([30, 10])
        assert amount(case, 2024) == 300
        assert amount(case, 2025, fraction="wood") == 60

    def test_a_share_makes_it_the_amount_itself_for_mass(self) -> None:
        mass = [{"driver": "houses", "year": row["year"], "kind": "inflow", "mass": row["area"]} for row in BUILT]
        case = case_of([{**HOUSES, "fraction": "wood", "share": 0.25}], mass)
        assert amount(case, 2025, fraction="wood") == pytest.approx(0.25 * 20)

    def test_a_blank_fraction_with_an_intensity_spreads_the_sum(self) -> None:
        case = case_of([{**HOUSES, "intensity": 46.0}])
        assert amount(case, 2025) == pytest.approx(46 * 20 * 300 / 460)

    def test_a_municipality_with_its_own_series_follows_it(self) -> None:
        own = [{**row, "municipality": "B", "area": 5.0} for row in BUILT]
        case = case_of([HOUSES], BUILT + own)
        assert amount(case, 2030, "B") == pytest.approx(100)
        assert amount(case, 2030, "A") == pytest.approx(2100)

    def test_the_most_specific_row_wins(self) -> None:
        longer = {**HOUSES, "fraction": "wood", "mean": 8}
        for drivers in ([HOUSES, longer], [longer, HOUSES]):
            case = case_of(drivers)
            assert amount(case, 2025, fraction="wood") == pytest.approx(60 * 30 / 20)
            assert amount(case, 2025) == pytest.approx(600)

    def test_a_stock_with_its_ages_unknown_is_the_dynamic_stock(self) -> None:
        """100 m2 at the end of 2010, 160 at the end of 2040, years between interpolated."""
        series = [
            {"driver": "houses", "year": 2010, "kind": "stock", "area": 100.0},
            {"driver": "houses", "year": 2040, "kind": "stock", "area": 160.0},
        ]
        row = {"driver": "houses", "sector": "building", "lifetime": "weibull", "shape": 2.5, "scale": 40.0}
        for age in (None, 12.0):
            case = case_of([{**row, "age": age}], series)
            model = DynamicStock(range(2011, 2031), Lifetime.weibull(2.5, 40.0))
            grown = 100 + 2.0 * np.arange(1, 21)
            outflow = model.from_stock(grown, initial=100.0, initial_age=age).outflow
            assert amount(case, 2030) == pytest.approx(300 * outflow[19] / outflow[13], rel=1e-12)

    def test_inflows_may_have_the_stock_before_them(self) -> None:
        """400 m2, new at the end of 2014, leave in 2024 if they last ten years, and in 2025 if eleven."""
        before = {"driver": "houses", "year": 2014, "kind": "stock", "area": 400.0}
        driver = {**HOUSES, "mean": 10, "age": 0, "intensity": 1.0, "fraction": "concrete"}
        series = [before, *({**row, "area": 0.0} for row in BUILT)]
        assert amount(case_of([driver], series), 2024) == 300
        assert amount(case_of([{**driver, "mean": 11}], series), 2025) == pytest.approx(300)
        assert amount(case_of([{**driver, "mean": 11}], series), 2026) == 0

    def test_a_stock_wins_over_growth_and_leaves_it_the_rest(self) -> None:
        case = case_of([{**HOUSES, "fraction": "concrete"}], growth=[{"sector": "building", "change": 0.1}])
        assert amount(case, 2025) == pytest.approx(600)
        assert amount(case, 2025, fraction="wood") == pytest.approx(66)
        assert problems(case) == {("driver_and_growth", "growth", 1, "change", "warning")}

    def test_years_between_accounted_ones_are_not_touched(self) -> None:
        earlier = [{**row, "year": 2020, "amount": row["amount"] / 2} for row in AMOUNTS]
        case = case_of([HOUSES], generation=AMOUNTS + earlier)
        assert [amount(case, year) for year in (2020, 2022, 2025)] == pytest.approx([150, 225, 600])

    def test_scenarios_change_a_stock(self) -> None:
        rule = {"scenario": "s", "table": "stock_series", "filter": "driver=houses", "column": "area"}
        case = case_of(
            [{**HOUSES, "fraction": "concrete", "intensity": 2.0}],
            scenarios=[{**rule, "operation": "factor", "value": "1.5", "from": 2016, "until": 2016}],
        )
        changed = scenarios.apply(case, "s")
        assert amount(changed, 2025) == pytest.approx(1.5 * amount(case, 2025))
        assert amount(changed, 2026) == pytest.approx(amount(case, 2026))


CHANGES: list[tuple[str, Rows, Rows, set[tuple[str, str, int, str, str]]]] = [
    ("nothing wrong", [HOUSES], BUILT, set()),
    (
        "a parameter is missing",
        [{**HOUSES, "lifetime": "normal"}],
        BUILT,
        {("driver_lifetime", "stock_drivers", 1, "deviation", "error")},
    ),
    (
        "a parameter of another distribution",
        [{**HOUSES, "shape": 2}],
        BUILT,
        {("driver_lifetime_extra", "stock_drivers", 1, "shape", "warning")},
    ),
    (
        "no series",
        [HOUSES, {**HOUSES, "driver": "roads", "fraction": "wood"}],
        BUILT,
        {("driver_series_missing", "stock_drivers", 2, "driver", "error")},
    ),
    (
        "area and mass",
        [HOUSES],
        [*BUILT[:3], {**BUILT[3], "mass": 4.0}],
        {("driver_measure", "stock_series", 4, "area", "error")},
    ),
    (
        "a stock among inflows",
        [HOUSES],
        [*BUILT, {"driver": "houses", "year": 2020, "kind": "stock", "area": 9.0}],
        {("driver_kinds", "stock_series", 22, "kind", "error")},
    ),
    (
        "too late",
        [HOUSES],
        BUILT[11:],
        {("driver_begins", "stock_series", 1, "year", "error")},
    ),
    (
        "too short",
        [HOUSES],
        BUILT[:12],
        {("driver_ends", "stock_series", 1, "year", "warning")},
    ),
    (
        "a share of an area",
        [{**HOUSES, "share": 0.5}],
        BUILT,
        {("driver_intensity", "stock_drivers", 1, "share", "error")},
    ),
    (
        "twice the same",
        [HOUSES, {**HOUSES, "driver": "roads"}],
        BUILT + [{**row, "driver": "roads"} for row in BUILT],
        {
            ("driver_overlap", "stock_drivers", 2, "driver", "error"),
            ("driver_nothing", "stock_drivers", 2, "sector", "warning"),
        },
    ),
    (
        "nothing to drive",
        [{**HOUSES, "fraction": "wood", "municipality": "B"}],
        BUILT,
        {("driver_nothing", "stock_drivers", 1, "sector", "warning")},
    ),
    (
        "nothing leaves",
        [{**HOUSES, "mean": 30}],
        BUILT,
        {("driver_no_outflow", "stock_drivers", 1, "driver", "error")},
    ),
    (
        "a stock of what does not last a year",
        [{**HOUSES, "mean": 1, "ageing": "start"}],
        [{**row, "kind": "stock"} for row in BUILT],
        {("driver_lifetime_short", "stock_drivers", 1, "lifetime", "error")},
    ),
]


@pytest.mark.parametrize(("what", "drivers", "series", "expected"), CHANGES, ids=[change[0] for change in CHANGES])
def test_bad_input_is_told_with_sheet_row_and_column(
    what: str, drivers: Rows, series: Rows, expected: set[Any]
) -> None:
    assert problems(case_of(drivers, series)) == expected


def test_an_unknown_stock_and_lifetime_are_told_by_the_declaration() -> None:
    case = case_of([{**HOUSES, "lifetime": "gompertz"}], [{**BUILT[0], "driver": "huses"}])
    told = {(problem.code, problem.sheet, problem.column) for problem in check_case(case)}
    assert {("choice", "stock_drivers", "lifetime"), ("reference", "stock_series", "driver")} <= told
