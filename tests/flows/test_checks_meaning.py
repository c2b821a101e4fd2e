"""What the tables of a case or a system mean together: each contradiction has its code, table, row and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows import scenario_checks, scenarios
from flows.case import Case
from flows.checks import check_case
from flows.checks_system import check_system
from flows.problems import InputError, Problem
from flows.reconcile import explained, reconcile
from flows.system import System
from mfa.workbook import read_workbook, write_case
from tests.flows.test_checks_system import sound
from tests.other_world import SETTINGS, tables

Tables = dict[str, list[dict[str, Any]]]
Place = tuple[str, int | None, str]
"""Table, row counted from 1, column."""


def _row(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row.get(key) == value for key, value in wanted.items()))


def _add(table: str, *rows: dict[str, Any]) -> Callable[[Tables], object]:
    return lambda content: content.setdefault(table, []).extend(rows)


def _times(table: str, position: int, column: str, factor: float) -> Callable[[Tables], object]:
    return lambda content: content[table][position].update({column: content[table][position][column] * factor})


def _all_times(table: str, column: str, factor: float) -> Callable[[Tables], object]:
    return lambda content: [row.update({column: row[column] * factor}) for row in content[table]]


MARKET = {"first_year": 2026, "maximum": 5.0}
LIMIT = {"indicator": "incinerated", "unit": "t/year"}
CASE_MISTAKES: list[tuple[str, str, Place, Callable[[Tables], object]]] = [
    ("limit_regional", "error", ("limits", 1, "municipality"), _add("limits",
        {"municipality": "alder", "indicator": "cost", "year": 2030, "maximum": 1e9, "unit": "EUR"})),
    ("limit_technology", "error", ("limits", 1, "technology"), _add("limits",
        {**LIMIT, "technology": "furnace", "year": 2030, "maximum": 5})),
    ("limits_cross", "error", ("limits", 2, "maximum"), _add("limits",
        {**LIMIT, "year": 2026, "maximum": 500.0}, {**LIMIT, "year": 2028, "maximum": 900.0, "sense": "min"})),
    ("limits_cross", "error", ("limits", 1, "maximum"), _add("limits",
        {**LIMIT, "maximum": 900.0, "sense": "min"}, {**LIMIT, "maximum": 500.0})),
    ("year_beyond", "warning", ("targets", 2, "year"), lambda t: t["targets"].append({**t["targets"][0], "year": 2045})),
    ("year_beyond", "warning", ("limits", 1, "year"), _add("limits", {**LIMIT, "year": 2031, "maximum": 5e5})),
    ("purchase_unlimited", "error", ("purchasing", 1, "market"), _add("purchasing",
        {"purchase": "benches", "market": "mill", **MARKET})),
    ("content_room", "error", ("content_requirements", 1, "demand"), lambda t: (
        _row(t["markets"], market="mill").update(capacity=100.0), _add("content_requirements",
        {"requirement": "bags", "market": "mill", "demand": 1000.0, "share": 0.3})(t))),
    ("exchange_alone", "warning", ("exchange", 1, "material"), _add("exchange",
        {"project": "dig", "kind": "offer", "material": "clay", "municipality": "alder", "amount": 5.0})),
    ("segment_needed", "error", ("generation", 1, "segment"), lambda t: [
        row.update(segment="flats") for table in ("sectors", "schemes", "current_schemes") for row in t[table]
        if row["sector"] == "homes"]),
    ("fraction_and_composition", "error", ("generation", 1, "composition"), lambda t: (
        t["generation"][0].update(composition="mix"),
        t.update(compositions=[{"composition": "mix", "fraction": "tins", "share": 1.0}]))),
    ("key_empty", "error", ("generation", 22, "allocation_key"), lambda t: (
        t["generation"].append({**t["generation"][0], "municipality": "", "allocation_key": "beds"}),
        t.update(allocation_keys=[{"key": "beds", "municipality": "alder", "weight": 0.0}]))),
    ("sector_kind", "error", ("sectors", 3, "kind"), lambda t: t["sectors"].append(
        {"sector": "homes", "segment": "flats", "kind": "business"})),
    ("scheme_shares", "error", ("current_schemes", 1, "share"), lambda t: t["current_schemes"][0].update(share=0.7)),
    ("minimum_load", "error", ("facilities", 1, "minimum_load"), lambda t: t["facilities"][0].update(minimum_load=95e3)),
    ("contract_shares", "error", ("contracts", 2, "share"), _add("contracts",
        {"stream": "black_bag", "facility": "furnace_1", "share": 0.8, "until": 2028},
        {"stream": "black_bag", "facility": "furnace_1", "share": 0.4, "from": 2027})),
    ("facility_unreached", "warning", ("facilities", 5, "technology"), lambda t: (
        t["technologies"].append({"technology": "kiln", "treatment": "recycling"}),
        t["facilities"].append({"facility": "kiln_1", "technology": "kiln", "gate_fee": 5.0, "lat": 47.5, "lon": 9.2}))),
    ("facility_unreached", "warning", ("facilities", 5, "technology"), lambda t: (
        t["technologies"].append({"technology": "kiln", "treatment": "recycling"}),
        t["streams"].append({"stream": "ash_bin"}),
        t["accepts"].append({"technology": "kiln", "input": "ash_bin"}),
        t["facilities"].append({"facility": "kiln_1", "technology": "kiln", "gate_fee": 5.0, "lat": 47.5, "lon": 9.2}))),
    ("amount_absurd", "warning", ("generation", 8, "amount"), lambda t: (
        t["municipalities"].append({**t["municipalities"][0], "municipality": "dogwood", "population": 9000}),
        t["generation"].append({**t["generation"][0], "municipality": "dogwood", "amount": 2000.0}),
        _times("generation", 7, "amount", 1000)(t))),
    ("amounts_absurd", "warning", ("generation", None, "amount"), _all_times("generation", "amount", 1000.0)),
    ("amounts_none", "error", ("generation", None, "amount"), _all_times("generation", "amount", 0.0)),
    ("amounts_none", "error", ("generation", None, "amount"), lambda t: t["generation"].extend(
        {**row, "year": 2025, "amount": 0.0} for row in list(t["generation"]))),
    ("scheme_later", "warning", ("current_schemes", 1, "from"), lambda t: t["current_schemes"].insert(
        0, {**t["current_schemes"][0], "from": 2025})),
    ("scheme_none", "error", ("current_schemes", None, ""), lambda t: [
        row.update({"from": 2025}) for row in t["current_schemes"] if row["sector"] == "homes"]),
    ("value_absurd", "warning", ("schemes", 2, "cost_per_tonne"), _times("schemes", 1, "cost_per_tonne", 1e6)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "severity", "place", "change"), CASE_MISTAKES, ids=[f"{item[0]}-{item[2][0]}" for item in CASE_MISTAKES]
)
def test_contradictions_of_a_case(code: str, severity: str, place: Place, change: Callable[[Tables], object]) -> None:
    content = tables()
    change(content)
    problems = check_case(Case.from_tables(SETTINGS, content))
    found = [item for item in problems if item.code == code]
    assert [(item.sheet, item.row, item.column) for item in found][:1] == [place], [item.line() for item in problems]
    assert len(found) == 1 or code in {"segment_needed", "scheme_none"}
    assert found[0].severity == severity


@pytest.mark.parametrize(
    ("code", "severity", "setting", "value"),
    [
        ("objective_households", "error", "objective", "fair"),
        ("objective_factors", "warning", "objective", "jobs"),
        ("years_period", "warning", "period_starts", "2026, 2027"),
        ("years_past", "warning", "plan_years", "1926, 2026, 2030"),
        ("account_year_empty", "warning", "account_year", 2021),
        ("above", "error", "discount_rate", 1.5),
        ("below", "error", "discount_rate", -0.01),
    ],
)
def test_settings_that_contradict_the_tables(
    code: str, severity: str, setting: str, value: Any, tmp_path: Path
) -> None:
    path = write_case({**SETTINGS, setting: value}, tables(), tmp_path / "case.xlsx", language="da")
    found = [item for item in read_workbook(path).problems if item.code == code]
    assert len(found) == 1
    assert found[0].severity == severity
    if code != "account_year_empty":
        row = next(number for number, cells in enumerate(_settings(path), start=1) if cells[1] == value)
        assert (found[0].sheet, found[0].cell) == ("indstillinger", f"B{row}")


def _settings(path: Path) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    return list(load_workbook(path)["indstillinger"].iter_rows(values_only=True))


def test_limits_may_be_met_where_they_hold_at_different_times() -> None:
    content = tables()
    content["limits"] = [
        {**LIMIT, "year": 2026, "maximum": 500.0, "sense": "min"},
        {**LIMIT, "year": 2026, "maximum": 900.0},
        {**LIMIT, "year": 2028, "maximum": 600.0},
        {**LIMIT, "year": 2028, "maximum": 2000.0, "sense": "min", "active": False},
    ]
    assert check_case(Case.from_tables(SETTINGS, content)) == []


SYSTEM_MISTAKES: list[tuple[str, Place, Callable[[Tables], object]]] = [
    ("loop_never_left", ("processes", 5, "process"), lambda t: (
        t["processes"].extend([{"process": "wash"}, {"process": "spin"}]),
        t["flows"].extend([{"flow": "in", "to": "wash"}, {"flow": "on", "from": "wash", "to": "spin"},
                           {"flow": "round", "from": "spin", "to": "wash"}]))),
    ("loop_never_entered", ("processes", 5, "process"), lambda t: (
        t["processes"].extend([{"process": "wash"}, {"process": "spin"}]),
        t["flows"].extend([{"flow": "out", "from": "wash"}, {"flow": "on", "from": "wash", "to": "spin"},
                           {"flow": "round", "from": "spin", "to": "wash"}]))),
    ("value_absurd", ("measurements", 6, "value"), lambda t: t["measurements"].extend(
        [{"flow": "bales", "layer": "goods", "year": year, "value": value, "std": 1}
         for year, value in ((2018, 60.0), (2019, 61.0), (2020, 61e4), (2021, 59.0))])),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "change"), SYSTEM_MISTAKES, ids=[item[0] for item in SYSTEM_MISTAKES])
def test_contradictions_of_a_system(code: str, place: Place, change: Callable[[Tables], object]) -> None:
    content = sound()
    change(content)
    found = [item for item in check_system(System.from_tables({}, **content)) if item.code == code]
    assert [(item.sheet, item.row, item.column, item.severity) for item in found] == [(*place, "warning")]


def test_a_closed_circuit_and_a_loop_with_a_stock_are_no_contradiction() -> None:
    content = sound()
    content["processes"] += [{"process": "pump"}, {"process": "cooler"}]
    content["flows"] += [
        {"flow": "hot", "from": "pump", "to": "cooler"},
        {"flow": "cold", "from": "cooler", "to": "pump"},
    ]
    content["processes"] += [{"process": "wash"}, {"process": "store", "kind": "stock"}]
    content["flows"] += [
        {"flow": "in", "to": "wash"},
        {"flow": "on", "from": "wash", "to": "store"},
        {"flow": "round", "from": "store", "to": "wash"},
    ]
    assert not [item for item in check_system(System.from_tables({}, **content)) if item.code.startswith("loop")]


def _scenario(**row: Any) -> Case:
    return Case.from_tables(SETTINGS, {**tables(), "scenarios": [{"scenario": "s", **row}]})


@pytest.mark.parametrize(
    ("code", "column", "row"),
    [
        ("scenario_include", "table", {"table": "capture", "filter": "scenario=s", "operation": "include"}),
        ("scenario_insert", "filter", {"table": "growth", "filter": "sector=*", "operation": "insert", "column": "change"}),
    ],
)  # fmt: skip
def test_rows_of_scenarios_that_cannot_be_applied(code: str, column: str, row: dict[str, Any]) -> None:
    assert [(item.code, item.row, item.column) for item in scenarios.check(_scenario(**row))] == [(code, 1, column)]


def test_scenarios_that_are_not_there_or_break_the_case() -> None:
    case = _scenario(table="markets", filter="market=dump", operation="remove")
    with pytest.raises(InputError) as error:
        scenarios.apply(case, "t")
    assert [(item.code, item.found) for item in error.value.problems] == [("scenario_unknown", "t")]
    made = [item for item in scenario_checks.check(case) if item.code == "scenario_makes"]
    assert [(item.row, item.column, item.cause and item.cause.code) for item in made] == [(1, "table", "output_outlet")]


def _problems_of(raising: Callable[[], object]) -> list[Problem]:
    with pytest.raises(InputError) as error:
        raising()
    return list(error.value.problems)


def test_a_reconciliation_that_finds_no_solution_says_so() -> None:
    assert [item.code for item in explained(ValueError("no step"), None)] == ["reconcile_diverged"]  # type: ignore[arg-type]


def test_measurements_that_err_wholly_together_cannot_give_way() -> None:
    flows = [{"flow": "in", "to": "plant"}, {"flow": "out", "from": "plant"}]
    system = System.from_tables(
        {},
        processes=[{"process": "plant"}],
        flows=flows,
        measurements=[{"flow": "in", "value": 10.0, "std": 1.0}, {"flow": "out", "value": 8.0, "std": 1.0}],
        correlations=[{"flow_a": "in", "flow_b": "out", "coefficient": 1.0}],
    )
    problems = _problems_of(lambda: reconcile(system))
    assert [item.code for item in problems] == ["reconcile_contradiction_errors"]
