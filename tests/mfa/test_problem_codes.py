"""Every code of the catalogue is used by the product, provoked by a test, and documented; no other is used."""

from __future__ import annotations

import ast
import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest

import mfa
from flows.problem_texts import GROUPS, TEXTS
from flows.problems import InputError, Problem
from mfa.workbook import empty_case, read_workbook, write_case
from tests.mfa.import_files import write_laby24, write_small_case
from tests.other_world import SETTINGS, tables, write_world

ROOT = Path(__file__).resolve().parents[2]
PROVOKED: dict[str, str] = {
    "tests/mfa/test_declared_faults.py": """
        above below choice date_number date_text duplicate excel_error formula_uncached not_flag
        not_integer not_number not_year not_years reference required setting_missing setting_twice
        setting_unknown text_number unit_dimension unit_missing
    """,
    "tests/mfa/test_declared_sheets.py": """
        column_missing column_twice column_unknown header_missing header_row hidden_columns
        hidden_rows hidden_sheet merged_cells sheet_missing sheet_twice sheet_unknown table_empty
        value_outside
    """,
    "tests/flows/test_checks.py": """
        calibration_impossible candidate_size capacity capture_none chain contract_stream
        dwellings_none fee_and_cost fraction_needed input_unknown interval
        key_needed no_place output_outlet place_unknown reserved scheme_none scheme_sector scope
        segment shares_rest shares_sum single_destination size_owner size_plus stream_outlet target_falls
        target_order transport_none years_order yield_none
    """,
    "tests/flows/test_account.py": """
        no_exit no_outlet no_outlet_later no_taker no_taker_later no_yield
    """,
    "tests/flows/test_checks_meaning.py": """
        account_year_empty amount_absurd amounts_absurd amounts_none content_room contract_shares exchange_alone
        facility_unreached
        fraction_and_composition key_empty limit_regional limit_technology limits_cross
        loop_never_entered loop_never_left minimum_load objective_factors objective_households
        purchase_unlimited reconcile_contradiction_errors reconcile_diverged scenario_include
        scenario_insert scenario_makes scenario_unknown scheme_later scheme_shares sector_kind segment_needed
        value_absurd year_beyond years_past years_period
    """,
    "tests/flows/test_checks_system.py": """
        bounds_order coefficient_flow coefficients_blank coefficients_over coefficients_sum
        correlation_exact correlation_self correlation_unmeasured distribution_bounds flow_negative
        flow_nowhere flow_to_itself id_of_both island_unmeasured layer_blank lifetime_parameter
        lifetime_unused lognormal_positive measured_no_stock measured_unknown no_stock process_alone
        process_never_entered process_never_left range_order relation_self std_missing std_of_zero
        std_twice std_without_value stds_missing stock_no_lifetime year_outside
    """,
    "tests/mfa/test_problem_codes.py": """
        composition_empty file_locked import_lists import_unit range_across unit_column unit_density
        unit_population years_twice
    """,
    "tests/mfa/hostile_files.py": """
        file_other_kind file_too_much
    """,
    "tests/test_hostile_input.py": """
        problems_more scenario_endless
    """,
    "tests/mfa/test_workbook.py": """
        file_broken file_encrypted file_kind file_missing file_too_large unit_currency unit_unexpected
        unit_unknown version_newer
    """,
    "tests/mfa/test_system_workbook.py": """
        layer_unit ratio_unit_missing unit_twice
    """,
    "tests/mfa/test_system_results.py": """
        stocks_clash
    """,
    "tests/flows/test_building_stock.py": """
        driver_and_growth driver_begins driver_ends driver_intensity driver_kinds driver_lifetime
        driver_lifetime_extra driver_lifetime_short driver_measure driver_no_outflow driver_nothing
        driver_overlap driver_series_missing
    """,
    "tests/flows/test_scenarios.py": """
        scenario_circle scenario_column scenario_filter scenario_interval scenario_nothing
        scenario_range scenario_table scenario_value scenario_years
    """,
    "tests/flows/test_scenario_weights.py": """
        scenario_base scenario_weights scenario_weights_sum
    """,
    "tests/flows/test_reconcile.py": """
        reconcile_bounds reconcile_contradiction reconcile_correlations reconcile_nothing
    """,
    "tests/flows/test_solve.py": """
        result_negative
    """,
    "tests/models/test_reach.py": """
        load_out_of_reach no_market_room no_room
    """,
    "tests/models/test_explain_laws.py": """
        target_out_of_reach
    """,
    "tests/mfa/test_import_dst.py": """
        import_columns import_number import_year
    """,
    "tests/mfa/test_import_mst.py": """
        import_sheet
    """,
    "tests/mfa/test_import_workbook.py": """
        import_id import_open import_read_only
    """,
}
"""Module of tests, and the codes that its tests provoke."""
NEVER: dict[str, str] = {}
"""Codes that no test provokes, each with the reason."""


@cache
def _constants(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _product() -> list[Path]:
    folders = ("flows", "models", "reports", "mfa")
    return [path for folder in folders for path in (ROOT / folder).glob("*.py") if "problem_texts" not in path.name]


def test_every_code_stands_in_one_group() -> None:
    assert sum(map(len, GROUPS.values())) == len(TEXTS)


def test_every_code_is_used() -> None:
    used = frozenset().union(*map(_constants, _product()))
    assert not set(TEXTS) - used


def test_every_problem_has_a_code_of_the_catalogue() -> None:
    made: set[str] = set()
    for path in _product():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if (
                name == "Problem"
                and isinstance(node, ast.Call)
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                made.add(str(node.args[0].value))
            if name == "cell_problem" and isinstance(node, ast.Call) and isinstance(node.args[4], ast.Constant):
                made.add(str(node.args[4].value))
    assert len(made) > 100
    assert not made - set(TEXTS)


def test_every_code_is_provoked_by_a_test() -> None:
    listed = [code for codes in PROVOKED.values() for code in codes.split()]
    assert len(listed) == len(set(listed))
    assert not set(listed) & set(NEVER)
    assert set(listed) | set(NEVER) == set(TEXTS)
    for module, codes in PROVOKED.items():
        assert not set(codes.split()) - _constants(ROOT / module), module


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs" / "reference_errors.md").read_text("utf-8")
    assert not [code for code in TEXTS if f"| `{code}` |" not in page]


@cache
def _world() -> bytes:
    with TemporaryDirectory() as folder:
        return write_world(Path(folder) / "world.xlsx").read_bytes()


def _sheet(path: Path, name: str, rows: list[list[Any]]) -> Path:
    """Write the world with one sheet replaced."""
    book = openpyxl.load_workbook(io.BytesIO(_world()))
    position = book.sheetnames.index(name)
    book.remove(book[name])
    sheet = book.create_sheet(name, position)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


AMOUNTS = ["municipality", "sector", "fraction"]
SHEETS: list[tuple[str, str, str, list[list[Any]]]] = [
    ("years_twice", "generation", "D1", [[*AMOUNTS, "year", "2024 [t/year]"], ["alder", "homes", "tins", 2024, 5]]),
    ("range_across", "generation", "D1", [[*AMOUNTS, "low", "2024 [t/year]"], ["alder", "homes", "tins", 1, 5]]),
    ("unit_column", "sizes", "F1", [["technology", "size", "capacity [t/year]", "capex [EUR]", "fixed_cost [EUR/year]", "unit"],
                                    ["digester", "S", 8000, 4e6, 2e5, "t/year"]]),
    ("unit_density", "generation", "E2", [[*AMOUNTS, "year", "amount [m3/year]"], ["alder", "homes", "tins", 2024, 5]]),
    ("unit_population", "generation", "E2", [[*AMOUNTS, "year", "amount [kg/household/year]"],
                                             ["alder", "homes", "tins", 2024, 5]]),
    ("composition_empty", "generation", "E2", [["municipality", "sector", "year", "amount [t/year]", "composition"],
                                               ["alder", "homes", 2024, 5, "mix"]]),
    ("excel_error", "generation", "F2", [[*AMOUNTS, "year", "amount", "unit"], ["alder", "homes", "tins", 2024, 5, "#N/A"]]),
    ("formula_uncached", "generation", "F2", [[*AMOUNTS, "year", "amount", "unit"], ["alder", "homes", "tins", 2024, 5, "=A1"]]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "sheet", "cell", "rows"), SHEETS, ids=[item[0] for item in SHEETS])
def test_sheets_that_say_things_twice_or_lack_what_they_need(
    code: str, sheet: str, cell: str, rows: list[list[Any]], tmp_path: Path
) -> None:
    problems = read_workbook(_sheet(tmp_path / "world.xlsx", sheet, rows)).problems
    assert (code, sheet, cell) in [(item.code, item.sheet, item.cell) for item in problems]


def _of_import(case: Path, tmp_path: Path) -> Problem:
    figures = write_laby24(tmp_path / "laby24.csv", ["165;TOT;TOTHHAFFALD;2022;16000", "165;TOT;I;2022;1365"])
    with pytest.raises(InputError) as error:
        mfa.import_data("dst", figures, case, generation=True)
    return error.value.problems[0]


def test_an_import_needs_lists_and_a_unit_of_mass(tmp_path: Path) -> None:
    assert _of_import(empty_case(tmp_path / "empty.xlsx"), tmp_path).code == "import_lists"
    case = write_small_case(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(case)
    header = next(cell for cell in book["generation"][1] if str(cell.value).startswith("amount"))
    header.value = "amount [kg/capita/year]"
    book.save(case)
    problem = _of_import(case, tmp_path)
    assert (problem.code, problem.sheet, problem.cell) == ("import_unit", "generation", header.coordinate)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_case(SETTINGS, tables(), tmp_path / "case.xlsx")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert [item.code for item in read_workbook(path).problems] == ["file_locked"]
