"""``mfa report`` with other runs beside, and with the names of the other municipalities left out."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import mfa
from mfa.beside import runs_beside
from mfa.cli import main
from mfa.workbook import write_case
from tests.cases.small import two_towns_tables

ROWS = [
    {"scenario": "growth", "name_da": "Mere affald", "name_en": "More waste", "table": "generation", "column": "amount",
     "operation": "factor", "value": "1.3"},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case, its plan, and plans of one scenario and of all."""
    place = tmp_path_factory.mktemp("beside")
    settings, tables = two_towns_tables()
    goal = {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}
    book = write_case(settings, {**tables, "targets": [goal], "scenarios": ROWS}, place / "towns.xlsx")
    runs = {"base": mfa.plan(book, out=place / "plan"), "growth": mfa.plan(book, scenario="growth", out=place / "more")}
    # As mfa.robust stores them: the plan of each scenario in a folder of its own.
    info = {"kind": "robust", "folders": {name: name for name in runs}}
    copies = {name: mfa.Run(run.tables, run.info, workbook=book, given_case=run.case) for name, run in runs.items()}
    mfa.RobustRun({}, info, workbook=book, given_runs=copies).save(place / "robust")
    return place


def sheet(path: Path, name: str) -> list[list[object]]:
    """Return the lines of a table of a workbook under its heads."""
    book = openpyxl.load_workbook(path, data_only=True)
    for page in book.worksheets:
        if f"tbl_{name}" in page.tables:
            return [[cell.value for cell in row] for row in page[page.tables[f"tbl_{name}"].ref]]
    raise AssertionError(name)


def test_scenarios_stand_beside_the_plan(folder: Path, tmp_path: Path) -> None:
    arguments = ["report", str(folder / "plan"), "--beside", str(folder / "more"), "--out", str(tmp_path)]
    assert main([*arguments, "--municipality", "region", "--lang", "en", "-q"]) == 0
    (path,) = tmp_path.glob("*.xlsx")
    head, *lines = sheet(path, "scenarios")
    rows = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    plan, more = rows["Plan 2025"], rows["Plan 2025: More waste"]
    assert more["Waste, t"] == pytest.approx(1.3 * plan["Waste, t"])
    costs = [
        mfa.Run.load(folder / name).tables["costs"].query("variant == 'plan' and year == 2025")["amount"].sum()
        for name in ("plan", "more")
    ]
    cost = next(name for name in head if str(name).startswith("Cost, "))
    assert more[cost] / plan[cost] == pytest.approx(costs[1] / costs[0])
    assert sheet(path, "case_scenarios")[1][-1] == "shown above"


def test_a_scenario_of_a_plan_for_all_is_shown_with_the_others(folder: Path, tmp_path: Path) -> None:
    run = mfa.Run.load(folder / "robust" / "scenarios" / "base")
    assert [name for name, _ in runs_beside(run, ())] == ["growth"]
    (path,) = mfa.report(run, "en", "region", tmp_path)
    assert "Plan 2025: More waste" in [line[0] for line in sheet(path, "scenarios")]


def test_a_folder_of_several_plans_gives_each_of_them_and_never_the_run_itself(folder: Path) -> None:
    run = mfa.Run.load(folder / "plan")
    assert [name for name, _ in runs_beside(run, folder / "robust")] == ["base", "growth"]
    assert runs_beside(run, [folder / "plan"]) == []
    twice = runs_beside(run, [folder / "more", str(folder / "more")])
    assert [name for name, _ in twice] == ["more"]


def test_what_does_not_fit_beside_is_said_in_both_languages_before_anything_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mfa.account(folder / "towns.xlsx", out=tmp_path / "account")
    run = mfa.Run.load(folder / "more")
    run.info["currency"] = "EUR"
    run.save(tmp_path / "euro")
    run.info["certificate"] = {"holds": False}
    run.save(tmp_path / "false")
    for place, danish, english in (
        ("nothing", "her er ingen kørsel", "no run is here"),
        ("account", "kørslen er et regnskab", "the run is an account"),
        ("euro", "regner i EUR", "is in EUR"),
        ("false", "certifikatet for false holder ikke", "the certificate of false does not hold"),
    ):
        for language, said in (("da", danish), ("en", english)):
            arguments = ["report", str(folder / "plan"), "--beside", str(tmp_path / place), "--lang", language]
            assert main([*arguments, "--out", str(tmp_path / "reports")]) == 2
            assert said in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_the_others_have_no_names_where_a_municipality_is_compared(folder: Path, tmp_path: Path) -> None:
    places = mfa.Run.load(folder / "plan").case["municipalities"]
    own, other = (str(places["municipality"].iloc[row]) for row in (0, 1))
    name = str(places["name_en"].iloc[1] or places["name_da"].iloc[1] or other)
    for options, shown in (([], True), (["--anonymous"], False)):
        arguments = ["report", str(folder / "plan"), "--municipality", own, "--out", str(tmp_path), "--lang", "en"]
        assert main([*arguments, *options, "-q"]) == 0
        (path,) = tmp_path.glob("*.xlsx")
        assert (name in [line[1] for line in sheet(path, "comparison")]) is shown
