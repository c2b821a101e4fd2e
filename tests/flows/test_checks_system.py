"""Every mistake in a flow system has its code, table, row and column; a sound system has none."""

from __future__ import annotations

from typing import Any

import pytest

from flows.checks_system import check_system
from flows.problem_texts import TEXTS
from flows.problems import errors_of
from flows.system import System

Tables = dict[str, list[dict[str, Any]]]


def sound() -> Tables:
    """Return a sound system of every kind of table: sorting, a recycler with a loop, a stock."""
    return {
        "layers": [{"layer": "goods"}, {"layer": "zinc", "shown_unit": "kg/year"}],
        "processes": [
            {"process": "sorting"},
            {"process": "recycler"},
            {"process": "use", "kind": "stock"},
            {"process": "landfill", "kind": "sink"},
        ],
        "flows": [
            {"flow": "waste", "to": "sorting"},
            {"flow": "bales", "from": "sorting", "to": "recycler"},
            {"flow": "rejects", "from": "sorting", "to": "landfill"},
            {"flow": "back", "from": "recycler", "to": "sorting"},
            {"flow": "product", "from": "recycler", "to": "use"},
            {"flow": "old", "from": "use"},
        ],
        "transfer_coefficients": [
            {"process": "recycler", "flow": "back", "value": 0.2, "std": 0},
            {"process": "recycler", "flow": "product"},
        ],
        "measurements": [
            {"flow": "waste", "layer": "goods", "year": 2020, "value": 100, "std": 4},
            {"flow": "rejects", "layer": "goods", "year": 2020, "value": 40, "std_pct": 5},
            {"flow": "use", "layer": "goods", "year": 2020, "value": -3, "std": 1},
        ],
        "correlations": [{"flow_a": "waste", "flow_b": "rejects", "layer": "goods", "coefficient": 0.2}],
        "relations": [{"flow": "waste", "layer": "zinc", "of_layer": "goods", "value": 0.001, "std": 1e-4}],
        "stocks": [{"process": "use", "layer": "goods", "initial": 50, "lifetime": "fixed", "mean": 5}],
    }


def found(tables: Tables, settings: dict[str, Any] | None = None) -> list[tuple[str, str, int | None, str]]:
    problems = check_system(System.from_tables({"years": "2020-2021", **(settings or {})}, **tables))
    for problem in problems:
        assert problem.code in TEXTS
        assert "{" not in problem.text("da") + problem.text("en")
    return [(problem.code, problem.sheet, problem.row, problem.column) for problem in problems]


def test_a_sound_system_has_no_problem() -> None:
    assert found(sound()) == []


def change(table: str, row: int, **values: Any) -> Any:
    """Return a change of one row, counted from 1."""

    def changed(tables: Tables) -> None:
        tables[table][row - 1].update(values)

    return changed


def add(table: str, **values: Any) -> Any:
    """Return a change that adds a row."""
    return lambda tables: tables[table].append(values)


def without(table: str) -> Any:
    """Return a change that empties a table."""
    return lambda tables: tables[table].clear()


MISTAKES: list[tuple[str, str, int | None, str, Any]] = [
    ("reference", "flows", 2, "to", change("flows", 2, to="recycle")),
    ("reference", "relations", 1, "flow", change("relations", 1, flow="wast")),
    ("reference", "transfer_coefficients", 1, "process", change("transfer_coefficients", 1, process="recycling")),
    ("reference", "stocks", 1, "process", change("stocks", 1, process="used")),
    ("reference", "measurements", 1, "layer", change("measurements", 1, layer="good")),
    ("required", "flows", 3, "flow", change("flows", 3, flow="")),
    ("duplicate", "flows", 6, "flow", change("flows", 6, flow="bales")),
    ("duplicate", "measurements", 2, "flow", change("measurements", 2, flow="waste")),
    ("duplicate", "correlations", 2, "flow_a", add(
        "correlations", flow_a="rejects", flow_b="waste", layer="goods", coefficient=0.1)),
    ("unit_unknown", "layers", 2, "shown_unit", change("layers", 2, shown_unit="kgs per yaer")),
    ("unit_dimension", "layers", 1, "shown_unit", change("layers", 1, shown_unit="GWh/year")),
    ("choice", "processes", 3, "kind", change("processes", 3, kind="store")),
    ("above", "transfer_coefficients", 1, "value", change("transfer_coefficients", 1, value=1.2)),
    ("above", "correlations", 1, "coefficient", change("correlations", 1, coefficient=2)),
    ("flow_to_itself", "flows", 2, "to", change("flows", 2, to="sorting")),
    ("flow_nowhere", "flows", 1, "from", change("flows", 1, to="")),
    ("process_alone", "processes", 5, "process", add("processes", process="store")),
    ("process_never_left", "processes", 4, "kind", change("processes", 4, kind="process")),
    ("process_never_entered", "processes", 5, "kind", lambda tables: (
        tables["processes"].append({"process": "mine"}), tables["flows"].append({"flow": "ore", "from": "mine", "to": "sorting"}))),
    ("id_of_both", "processes", 3, "process", change("flows", 6, flow="use")),
    ("island_unmeasured", "flows", 7, "flow", lambda tables: (
        tables["processes"].append({"process": "far"}),
        tables["flows"].extend([{"flow": "x", "to": "far"}, {"flow": "y", "from": "far"}]))),
    ("layer_blank", "measurements", 1, "layer", change("measurements", 1, layer="")),
    ("year_outside", "measurements", 2, "year", change("measurements", 2, year=2019)),
    ("year_outside", "stocks", 1, "year", change("stocks", 1, year=1990)),
    ("measured_unknown", "measurements", 1, "flow", change("measurements", 1, flow="wste")),
    ("measured_no_stock", "measurements", 1, "flow", change("measurements", 1, flow="sorting")),
    ("std_twice", "measurements", 1, "std_pct", change("measurements", 1, std_pct=3)),
    ("std_without_value", "measurements", 1, "std", change("measurements", 1, value=None)),
    ("std_missing", "measurements", 1, "std", change("measurements", 1, std=None)),
    ("std_of_zero", "measurements", 2, "std", change("measurements", 2, value=0)),
    ("stds_missing", "transfer_coefficients", 1, "std", change("transfer_coefficients", 1, std=None)),
    ("bounds_order", "measurements", 1, "lower", change("measurements", 1, lower=110, upper=90)),
    ("range_order", "measurements", 1, "value", change("measurements", 1, lower=110)),
    ("distribution_bounds", "measurements", 1, "upper", change("measurements", 1, distribution="uniform", lower=9)),
    ("lognormal_positive", "measurements", 3, "value", change("measurements", 3, distribution="lognormal")),
    ("flow_negative", "measurements", 1, "value", change("measurements", 1, value=-100)),
    ("flow_negative", "measurements", 1, "upper", change("measurements", 1, value=None, std=None, upper=-1)),
    ("correlation_self", "correlations", 1, "flow_b", change("correlations", 1, flow_b="waste")),
    ("correlation_unmeasured", "correlations", 1, "flow_b", change("correlations", 1, flow_b="bales")),
    ("correlation_unmeasured", "correlations", 1, "flow_a", change("correlations", 1, layer="zinc")),
    ("correlation_exact", "correlations", 1, "flow_a", change("measurements", 1, std=0)),
    ("relation_self", "relations", 1, "of_flow", change("relations", 1, of_layer="zinc")),
    ("coefficient_flow", "transfer_coefficients", 1, "flow", change("transfer_coefficients", 1, flow="bales")),
    ("coefficients_blank", "transfer_coefficients", 2, "value", change("transfer_coefficients", 1, value=None)),
    ("coefficients_sum", "transfer_coefficients", 2, "value", change("transfer_coefficients", 2, value=0.7)),
    ("coefficients_over", "transfer_coefficients", 2, "value", change("transfer_coefficients", 2, value=0.9)),
    ("no_stock", "stocks", 1, "process", change("stocks", 1, process="sorting")),
    ("lifetime_parameter", "stocks", 1, "mean", change("stocks", 1, mean=None)),
    ("lifetime_parameter", "stocks", 1, "scale", change("stocks", 1, lifetime="weibull", mean=None, shape=2)),
    ("lifetime_unused", "stocks", 1, "shape", change("stocks", 1, shape=2)),
    ("stock_no_lifetime", "processes", 3, "kind", lambda tables: (
        tables["stocks"].clear(), tables["measurements"].pop())),
    ("table_empty", "flows", None, "", without("flows")),
]  # fmt: skip
WARNINGS = {
    "process_alone", "process_never_left", "process_never_entered", "island_unmeasured", "layer_blank", "year_outside",
    "std_without_value", "std_missing", "stds_missing", "std_of_zero", "range_order", "lifetime_unused", "stock_no_lifetime",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "table", "row", "column", "change"), MISTAKES, ids=[f"{item[0]}-{item[1]}-{item[3]}" for item in MISTAKES]
)
def test_every_mistake_has_its_place(code: str, table: str, row: int | None, column: str, change: Any) -> None:
    tables = sound()
    change(tables)
    assert (code, table, row, column) in found(tables)
    problems = check_system(System.from_tables({"years": "2020-2021"}, **tables))
    severity = {problem.severity for problem in problems if problem.code == code}
    assert severity == {"warning" if code in WARNINGS else "error"}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("years", "next", "not_years"),
        ("significance", 2, "above"),
        ("default_std", -1, "below"),
        ("draws", -5, "below"),
    ],
)
def test_settings(name: str, value: Any, code: str) -> None:
    tables = {**sound(), "stocks": []}
    problems = check_system(System.from_tables({"years": "2020", name: value}, **tables))
    assert [(item.sheet, item.column) for item in problems if item.code == code] == [("settings", name)]


def test_uncertain_coefficients_need_not_add_up_but_are_told() -> None:
    tables = sound()
    tables["transfer_coefficients"] = [
        {"process": "recycler", "flow": "back", "value": 0.25, "std": 0.02},
        {"process": "recycler", "flow": "product", "value": 0.8, "std": 0.02},
    ]
    problems = check_system(System.from_tables({"years": "2020"}, **tables))
    assert [(item.code, item.severity, item.found) for item in problems] == [("coefficients_sum", "warning", "1.05")]


def test_coefficients_are_checked_in_every_layer_and_support_year() -> None:
    tables = sound()
    tables["transfer_coefficients"] = [
        {"process": "recycler", "flow": "back", "value": 0.2},
        {"process": "recycler", "flow": "product", "layer": "goods", "year": 2020, "value": 0.8},
        {"process": "recycler", "flow": "product", "layer": "goods", "year": 2021, "value": 0.7},
        {"process": "recycler", "flow": "product", "layer": "zinc", "value": 0.9},
    ]
    wrong = [
        item
        for item in check_system(System.from_tables({"years": "2020-2021"}, **tables))
        if item.code.startswith("coeff")
    ]
    assert sorted((item.code, item.place, item.found) for item in wrong) == [
        ("coefficients_over", "recycler, zinc", "1.1"),
        ("coefficients_sum", "recycler, goods, 2021", "0.9"),
    ]


def test_a_stock_may_keep_what_its_coefficients_leave() -> None:
    tables = sound()
    tables["transfer_coefficients"].append({"process": "use", "flow": "old", "value": 0.4})
    assert not errors_of(check_system(System.from_tables({"years": "2020"}, **tables)))


def test_a_relation_joins_islands() -> None:
    tables = sound()
    tables["processes"].append({"process": "far"})
    tables["flows"] += [{"flow": "x", "to": "far"}, {"flow": "y", "from": "far"}]
    tables["relations"].append({"flow": "x", "of_flow": "waste", "value": 0.5})
    assert "island_unmeasured" not in {code for code, *_ in found(tables)}


def test_what_needs_a_damaged_table_is_left_out() -> None:
    tables = sound()
    tables["measurements"][0]["flow"] = "nobody"
    system = System.from_tables({"years": "2020"}, **tables)
    codes = {item.code for item in check_system(system, damaged={"flows"})}
    assert "measured_unknown" not in codes
    assert "measured_unknown" in {item.code for item in check_system(system)}
