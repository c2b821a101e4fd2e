"""What is shown of a flow system is what was computed: workbooks, run folders and words, in both languages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import mfa
from flows.problems import InputError
from flows.reconcile import Reconciliation
from flows.system import System
from mfa.cli import main
from mfa.run import Run
from mfa.system_example import example_system, write_example
from mfa.system_run import SystemRun
from mfa.workbook_read import read_system, read_workbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example, its reconciled copy and its account."""
    place = tmp_path_factory.mktemp("plastic")
    write_example(place / "plastic.xlsx")
    return place


@pytest.fixture(scope="module")
def reconciled(folder: Path) -> Reconciliation:
    found = mfa.reconcile(folder / "plastic.xlsx", folder / "out.xlsx")
    assert isinstance(found, Reconciliation)
    return found


@pytest.fixture(scope="module")
def account(folder: Path) -> SystemRun:
    run = mfa.account(folder / "plastic.xlsx", out=folder / "run")
    assert isinstance(run, SystemRun)
    return run


def _tables(path: Path) -> dict[str, pd.DataFrame]:
    """Return every table of the result sheets of a workbook by its name."""
    book = openpyxl.load_workbook(path)
    tables = {}
    for sheet in book.worksheets:
        if sheet.title.startswith("#"):
            for table in sheet.tables.values():
                rows = [[cell.value for cell in row] for row in sheet[table.ref]]
                tables[table.displayName] = pd.DataFrame(rows[1:], columns=rows[0])
    return tables


def test_the_gross_error_of_the_example_is_found(reconciled: Reconciliation) -> None:
    # The bales of 2022 are written with two digits swapped: 3920 t for 3290 t.
    assert not reconciled.accepted
    row = reconciled.suspects.iloc[0]
    assert (row["flow"], row["layer"], row["year"], row["measured"]) == ("bales", "goods", 2022, 3920)
    assert abs(row["implied"] - 3290) < 2 * row["implied_std"]
    assert len(reconciled.suspects) == 1
    assert row["p_value"] > 0.05


def test_the_sheets_of_the_user_are_untouched_and_the_results_stand_in_front(
    folder: Path, reconciled: Reconciliation
) -> None:
    given, result = (openpyxl.load_workbook(folder / name) for name in ("plastic.xlsx", "out.xlsx"))
    added = [name for name in result.sheetnames if name.startswith("#")]
    assert result.sheetnames == [*added, *given.sheetnames]
    assert result.active.title == "#answer"
    for sheet in given.worksheets:
        copy = result[sheet.title]
        assert [[cell.value for cell in row] for row in copy.iter_rows()] == [
            [cell.value for cell in row] for row in sheet.iter_rows()
        ]
        assert list(copy.tables) == list(sheet.tables)
        assert copy.freeze_panes == sheet.freeze_panes
    # The copy is a workbook of the same system, so it can be corrected and reconciled again.
    pd.testing.assert_frame_equal(read_system(folder / "out.xlsx")["measurements"], example_system()["measurements"])


def test_the_figures_of_the_sheet_are_those_of_the_tables(folder: Path, reconciled: Reconciliation) -> None:
    shown = _tables(folder / "out.xlsx")["tbl_result_flows"].rename(
        columns={"± measured": "std", "± reconciled": "spread"}
    )
    assert len(shown) == len(reconciled.flows)
    kilograms = np.where(reconciled.flows["layer"] == "bromine", 1000.0, 1.0)
    for column, source in (
        ("measured", "measured"),
        ("std", "std"),
        ("reconciled", "reconciled"),
        ("spread", "reconciled_std"),
    ):
        expected = reconciled.flows[source].to_numpy(dtype=float) * kilograms
        np.testing.assert_allclose(shown[column].to_numpy(dtype=float), expected, rtol=1e-12)
    np.testing.assert_allclose(shown["z"].to_numpy(dtype=float), reconciled.flows["z"].to_numpy(dtype=float))
    assert set(shown["unit"]) == {"t/year", "kg/year"}
    assert set(shown["status"]) == {"measured, confirmed", "computed", "undetermined"}
    marked = shown[shown["verdict"] == "SUSPECT"]
    assert marked[["flow", "year"]].to_numpy().tolist() == [["bales", 2022]]


def test_the_other_sheets_say_what_was_found(folder: Path, reconciled: Reconciliation) -> None:
    tables = _tables(folder / "out.xlsx")
    figures = tables["tbl_result_figures"].set_index("figure")["value"]
    assert figures["chi²"] == pytest.approx(reconciled.chi2)
    assert figures["degrees of freedom"] == reconciled.dof
    balances = tables["tbl_result_balances"]
    worst = balances.sort_values("z").iloc[-1]
    assert (worst["process"], worst["year"], worst["imbalance before"]) == ("Sorting", 2022, pytest.approx(-760))
    ratios = tables["tbl_result_relations"]
    # 0.15 grams of bromine in a kilogram are 0.15 kg/year over t/year.
    assert ratios[ratios["flow"] == "bales"][["measured", "unit"]].iloc[0].tolist() == [pytest.approx(0.15), "kg/t"]
    undetermined = tables["tbl_result_undetermined"]
    assert set(undetermined["flow"]) == {"discarded", "exported", "burnt"}
    assert undetermined["would be known with"].iloc[0] == "exported or burnt"
    book = openpyxl.load_workbook(folder / "out.xlsx")
    assert len(book["#sankey"]._images) == 3
    text = " ".join(str(row[0].value) for row in book["#answer"].iter_rows(max_row=8))
    assert "Bales, goods, 2022 was measured 3,920 ± 78 t/year; the rest implies 3,198 ± 79 t/year" in text


def test_result_sheets_are_ready_to_read_and_print(folder: Path, reconciled: Reconciliation) -> None:
    book = openpyxl.load_workbook(folder / "out.xlsx")
    flows = book["#result flows"]
    assert flows.freeze_panes is not None
    assert [table.autoFilter is not None for table in flows.tables.values()] == [True]
    assert (flows.page_setup.orientation, flows.page_setup.fitToWidth) == ("landscape", 1)
    assert flows.print_title_rows is not None
    suspect = next(row for row in flows.iter_rows() if "SUSPECT" in [cell.value for cell in row])
    assert suspect[0].fill.fgColor.rgb.endswith("FFF3C4")
    assert suspect[0].font.bold


def test_danish_results_have_danish_words(folder: Path) -> None:
    mfa.reconcile(folder / "plastic.xlsx", folder / "ud.xlsx", lang="da")
    book = openpyxl.load_workbook(folder / "ud.xlsx")
    assert book.sheetnames[:3] == ["#svar", "#resultat strømme", "#resultat balancer"]
    assert "MISTÆNKT" in {cell.value for row in book["#resultat strømme"].iter_rows() for cell in row}
    text = " ".join(str(row[0].value) for row in book["#svar"].iter_rows(max_row=8))
    assert "resten peger på 3.198 ± 79 t/år" in text


def test_results_replace_those_of_an_earlier_run(folder: Path, reconciled: Reconciliation) -> None:
    mfa.reconcile(folder / "out.xlsx", folder / "again.xlsx")
    first, second = (openpyxl.load_workbook(folder / name) for name in ("out.xlsx", "again.xlsx"))
    assert first.sheetnames == second.sheetnames
    left, right = _tables(folder / "out.xlsx"), _tables(folder / "again.xlsx")
    assert left.keys() == right.keys()
    for name in left:
        pd.testing.assert_frame_equal(left[name], right[name])


def test_the_account_balances_and_ages(account: SystemRun) -> None:
    flows, balances = account.tables["flows"], account.tables["balances"]
    assert not (flows["status"] == "undetermined").any()
    assert balances["error"].abs().max() < 1e-9 * flows["value"].max()
    goods = flows[flows["layer"] == "goods"].set_index(["flow", "year"])["value"]
    for year in (2021, 2022, 2023):
        assert goods["exported", year] == pytest.approx(0.6 * goods["discarded", year])
    stock = account.tables["stocks"]
    stock = stock[stock["layer"] == "goods"].set_index("year")
    assert stock.loc[2021, "stock"] == pytest.approx(45000 + stock.loc[2021, "addition"])
    assert stock.loc[2023, "stock"] == pytest.approx(stock.loc[2022, "stock"] + stock.loc[2023, "addition"])
    assert set(stock["stock_unit"]) == {"t"}


def test_the_run_folder_is_whole(folder: Path, account: SystemRun) -> None:
    place = folder / "run"
    assert sorted(item.name for item in place.iterdir()) == [
        "datapackage.json",
        "reports",
        "run.json",
        "system.xlsx",
        "tables",
    ]
    reports = {item.name for item in (place / "reports").iterdir()}
    assert {"account.xlsx", "sankey_goods_2023.svg", "sankey_goods_2023.png"} <= reports
    assert (place / "reports" / "sankey_goods_2023.svg").read_bytes().startswith(b"<?xml")
    package = json.loads((place / "datapackage.json").read_text("utf-8"))
    described = {item["name"]: item["schema"]["fields"] for item in package["resources"]}
    assert set(described) == {"flows", "stocks", "balances"}
    assert all("description" in column for columns in described.values() for column in columns)
    again = Run.load(place)
    assert isinstance(again, SystemRun)
    merged = again.tables["flows"].merge(account.tables["flows"], on=["flow", "layer", "year"])
    assert len(merged) == 72
    np.testing.assert_array_equal(merged["value_x"], merged["value_y"])
    assert again.system.years == (2021, 2022, 2023)
    with pytest.raises(mfa.RunError, match="strømsystem|flow system"):
        mfa.report(place)
    shown = _tables(place / "reports" / "account.xlsx")["tbl_result_flows"]
    np.testing.assert_allclose(shown["value"].to_numpy(dtype=float), account.tables["flows"]["value"], rtol=1e-12)


def test_one_year_of_an_account(folder: Path) -> None:
    run = mfa.account(folder / "plastic.xlsx", year=2022)
    assert set(run.tables["flows"]["year"]) == {2022}
    with pytest.raises(ValueError, match="2030 is not one of the system's years"):
        mfa.account(folder / "plastic.xlsx", year=2030)


def _simple(**tables: Any) -> System:
    return System.from_tables(
        processes=[{"process": "plant"}],
        flows=[{"flow": "in", "to": "plant"}, {"flow": "out", "from": "plant"}, {"flow": "loss", "from": "plant"}],
        **tables,
    )


def test_a_system_from_python_needs_no_file(tmp_path: Path) -> None:
    measured = [{"flow": "in", "value": 100, "std": 4}, {"flow": "out", "value": 60, "std": 2}]
    run = mfa.account(_simple(measurements=measured))
    flows = run.tables["flows"].set_index("flow")
    assert flows["value"].to_dict() == {"in": 100, "out": 60, "loss": 40}
    # Errors add up by their squares where nothing is measured twice.
    assert flows.loc["loss", "std"] == pytest.approx(np.hypot(4, 2))
    redundant = _simple(measurements=[*measured, {"flow": "loss", "value": 45, "std": 2}])
    found = mfa.reconcile(redundant, tmp_path / "found.xlsx")
    assert found.dof == 1
    # 5 t too much, spread in proportion to the variances 16, 4 and 4.
    assert found.flows["reconciled"].tolist() == pytest.approx([100 + 5 * 16 / 24, 60 - 5 * 4 / 24, 45 - 5 * 4 / 24])
    assert read_workbook(tmp_path / "found.xlsx").problems == []
    account = mfa.account(redundant).tables["flows"].set_index("flow")
    assert account["value"].tolist() == pytest.approx(found.flows["reconciled"].tolist())


def test_uncertain_coefficients_that_do_not_close_are_reconciled_first() -> None:
    coefficients = [
        {"process": "plant", "flow": "out", "value": 0.7, "std": 0.05},
        {"process": "plant", "flow": "loss", "value": 0.4, "std": 0.05},
    ]
    measured = [{"flow": "in", "value": 100, "std": 0}]
    run = mfa.account(_simple(transfer_coefficients=coefficients, measurements=measured))
    assert run.info["reconciled_first"]
    # 0.1 too much, and both are as sure as each other.
    assert run.tables["flows"].set_index("flow")["value"].to_dict() == pytest.approx({"in": 100, "out": 65, "loss": 35})


def test_measurements_that_clash_with_a_lifetime_are_told() -> None:
    system = System.from_tables(
        {"years": "2020-2022"},
        processes=[{"process": "store", "kind": "stock"}],
        flows=[{"flow": "in", "to": "store"}, {"flow": "out", "from": "store"}],
        measurements=[{"flow": "in", "value": 10, "std": 1}, {"flow": "out", "value": 4, "std": 1}],
        stocks=[{"process": "store", "initial": 30, "lifetime": "fixed", "mean": 3}],
    )
    with pytest.raises(InputError) as error:
        mfa.account(system)
    assert [item.code for item in error.value.problems] == ["stocks_clash"]
    assert mfa.reconcile(system).dof == 0


def test_what_is_undetermined_is_told_with_what_would_determine_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mfa.write_system(_simple(measurements=[{"flow": "in", "value": 100, "std": 4}]), tmp_path / "open.xlsx")
    assert main(["account", str(tmp_path / "open.xlsx"), "--lang", "en"]) == 0
    assert "out cannot be determined; it would be known if loss were." in capsys.readouterr().out
    assert main(["reconcile", str(tmp_path / "open.xlsx"), "--lang", "da", "-q"]) == 0
    assert "loss kan ikke bestemmes; den ville være kendt, hvis man kendte out." in capsys.readouterr().out


def test_the_commands_say_it_in_both_languages(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(folder / "plastic.xlsx")
    assert main(["check", path, "--lang", "da"]) == 0
    assert capsys.readouterr().out == "plastic.xlsx: ingen fejl\n"
    assert main(["reconcile", path, "--lang", "en", "--out", str(folder / "said.xlsx")]) == 0
    said = capsys.readouterr().out
    assert "contradict each other more than their uncertainties allow" in said
    assert "Bales, goods, 2022 was measured 3,920 ± 78 t/year; the rest implies 3,198 ± 79 t/year" in said
    assert "without it the rest agrees (p = 0.98)" in said
    assert str(folder / "said.xlsx") in said
    assert main(["reconcile", path, "--lang", "da", "-v"]) == 0
    said = capsys.readouterr().out
    assert "uden den passer resten sammen (p = 0,98)" in said
    assert "målt, bekræftet" in said
    assert main(["account", path, "--lang", "da"]) == 0
    said = capsys.readouterr().out
    assert "Alle 72 værdier af 12 strømme er bestemt; balancerne holder" in said
    assert "målingerne er først gjort forenelige" in said


def test_machines_get_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(folder / "plastic.xlsx")
    assert main(["reconcile", path, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["accepted"], answer["dof"]) == (True, False, 15)
    assert answer["suspects"][0]["flow"] == "bales"
    assert main(["account", path, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "system"
    assert len(answer["flows"]) == 72
    # HiGHS, which is asked for what is open, prints past Python where it is let.
    done = subprocess.run([sys.executable, "-m", "mfa", "reconcile", path, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["flows"]
    assert main(["reconcile", str(folder / "none.xlsx"), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "file_missing"


def test_templates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, example = str(tmp_path / "tom.xlsx"), str(tmp_path / "eksempel.xlsx")
    assert main(["template", empty, "--system", "--lang", "da"]) == 0
    assert main(["template", example, "--system", "--example", "--lang", "da"]) == 0
    capsys.readouterr()
    assert main(["check", empty, "--lang", "da"]) == 3
    assert "strømme: arket har ingen rækker" in capsys.readouterr().out
    assert main(["check", example]) == 0
    assert "processer" in openpyxl.load_workbook(example).sheetnames


def test_problems_of_input_are_three_with_all_of_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.load_workbook(folder / "plastic.xlsx")
    book["flows"]["C3"].value = "consumtion"
    book["measurements"]["A2"].value = "virgn"
    book.save(tmp_path / "wrong.xlsx")
    for command in ("check", "account", "reconcile"):
        assert main([command, str(tmp_path / "wrong.xlsx"), "--lang", "en"]) == 3
        said = "".join(capsys.readouterr())
        assert "flows!C3: 'consumtion' is not in processes; did you mean 'consumption'?" in said
        assert main([command, str(tmp_path / "wrong.xlsx"), "--lang", "da", "--out" if command != "check" else "--annotated",
                     str(tmp_path / "out.xlsx")]) == 3  # fmt: skip
        capsys.readouterr()
    assert main(["plan", str(folder / "plastic.xlsx"), "--lang", "en"]) == 2
    assert "describes a flow system" in capsys.readouterr().err
    assert main(["reconcile", str(folder / "plastic.xlsx"), "--out", str(folder / "plastic.xlsx")]) == 2
    assert main(["reconcile", str(folder / "plastic.xlsx"), "--draws", "1"]) == 2
    assert main(["account", str(folder / "plastic.xlsx"), "--year", "1999"]) == 2


def test_exact_values_that_contradict_each_other_are_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exact = [{"flow": name, "value": value, "std": 0} for name, value in (("in", 100), ("out", 60), ("loss", 50))]
    system = _simple(measurements=exact)
    path = str(mfa.write_system(system, tmp_path / "clash.xlsx"))
    assert main(["reconcile", path, "--lang", "da"]) == 3
    assert "plant" in capsys.readouterr().err
    assert main(["account", path, "--lang", "da"]) == 3
    assert "plant" in capsys.readouterr().err
    with pytest.raises(InputError):
        mfa.reconcile(system)


def test_draws_stand_on_a_sheet(folder: Path) -> None:
    measured = [{"flow": "in", "value": 100, "std": 4}, {"flow": "out", "value": 60, "std": 2}]
    mfa.reconcile(_simple(measurements=measured), folder / "draws.xlsx", draws=200)
    draws = _tables(folder / "draws.xlsx")["tbl_result_draws"].set_index("flow")
    assert draws.loc["loss", "median"] == pytest.approx(40, abs=1)
    # 90 % of a normal lie within 1.645 standard deviations.
    spread = (draws.loc["loss", "95 %"] - draws.loc["loss", "5 %"]) / 2
    assert spread == pytest.approx(1.645 * np.hypot(4, 2), rel=0.1)


def test_an_account_may_be_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = [{"flow": "in", "value": 100, "std": 4}, {"flow": "out", "value": 60, "std": 2}]
    path = str(mfa.write_system(_simple(measurements=measured), tmp_path / "drawn.xlsx"))
    assert main(["account", path, "--lang", "en", "--draws", "400", "--out", str(tmp_path / "run")]) == 0
    assert "90 % of the draws lie from" in capsys.readouterr().out
    run = Run.load(tmp_path / "run")
    draws = run.tables["draws"].set_index("flow")
    assert run.info["options"]["draws"] == 400
    assert draws.loc["loss", "std"] == pytest.approx(np.hypot(4, 2), rel=0.05)
    assert "#result draws" in openpyxl.load_workbook(tmp_path / "run" / "reports" / "account.xlsx").sheetnames


def test_a_case_is_reconciled_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mfa.workbook import write_case_object
    from tests.cases.small import two_towns

    def amount(value: float, std: float, **more: Any) -> dict[str, Any]:
        return {"measure": "amount", "sector": "households", "segment": "houses", "year": 2024, "value": value,
                "std": std, **more}  # fmt: skip

    # The towns have 400 and 200 t; the total of both was written with one zero too much.
    rows = [amount(400, 4, municipality="A"), amount(200, 2, municipality="B"), amount(6000, 60)]
    current = [{"sector": "households", "segment": "houses", "scheme": "three_bins"}]
    path = write_case_object(two_towns(current_schemes=current, measurements=rows), tmp_path / "towns.xlsx")
    assert main(["reconcile", str(path), "--lang", "en", "--out", str(tmp_path / "out.xlsx")]) == 0
    said = capsys.readouterr().out
    assert "was reported 6,000 ± 60 t; the other figures imply 60" in said
    assert "without it the rest agrees" in said
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames[0] == "#reported figures"
    shown = _tables(tmp_path / "out.xlsx")["tbl_result_reported"]
    assert shown[shown["Verdict"] == "! should be looked at"]["Reported"].tolist() == [6000]
    assert read_workbook(tmp_path / "out.xlsx").errors == []
    assert main(["reconcile", str(path), "--lang", "da", "-q"]) == 0
    assert "de andre tal peger på" in capsys.readouterr().out
    assert main(["reconcile", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row["given"] for row in answer["suspects"]] == [6000]
    assert main(["reconcile", str(path), "--draws", "10"]) == 2
    found = mfa.reconcile(path)
    assert found.p_value < 0.01


@pytest.mark.skipif(shutil.which("libreoffice") is None, reason="LibreOffice is not installed")
def test_no_error_after_libreoffice_recalculates(folder: Path, reconciled: Reconciliation, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    command = [
        "libreoffice",
        f"-env:UserInstallation=file://{profile}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(folder / "out.xlsx")], check=True, capture_output=True, timeout=300
    )
    before, after = _tables(folder / "out.xlsx"), openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)
    flows = after["#result flows"]
    values = [cell.value for row in flows.iter_rows() for cell in row]
    assert not [
        value for value in values if isinstance(value, str) and value.startswith(("#N", "#V", "#R", "#D", "Err:"))
    ]
    numbers = {round(value, 6) for value in values if isinstance(value, float)}
    assert {round(value, 6) for value in before["tbl_result_flows"]["reconciled"].dropna()} <= numbers


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("da", "Noget kommer ind i et kredsløb uden udgang, i laget goods: b, c"),
        ("en", "Something enters a loop without exit, in layer goods: b, c"),
    ],
)
def test_a_loop_without_exit_is_told_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, told: str
) -> None:
    flows = {"in": ("", "a"), "away": ("a", ""), "ab": ("a", "b"), "bc": ("b", "c"), "cb": ("c", "b")}
    system = System.from_tables(
        processes=[{"process": name} for name in "abc"],
        flows=[{"flow": name, "from": ends[0], "to": ends[1]} for name, ends in flows.items()],
        transfer_coefficients=[{"process": "a", "flow": "ab", "value": 0.5}],
        measurements=[{"flow": "in", "value": 1, "std": 0.1}],
    )
    mfa.write_system(system, tmp_path / "loop.xlsx")
    assert main(["account", str(tmp_path / "loop.xlsx"), "--lang", language]) == 3
    assert told in capsys.readouterr().err
