"""A run made again is the same in every value, whatever kind it is and however its search ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa.cli import main
from mfa.made import PACKAGES
from mfa.run import Run, RunError
from mfa.words_rerun import RERUN_WORDS
from mfa.workbook_write import write_case_object
from models.planner import Planner
from tests.cases.pencil import DEAR, pencil

GOAL = {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}
GROWTH = {"scenario": "growth", "table": "generation", "column": "amount", "operation": "factor", "value": 1.1}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("towns")
    write_case_object(pencil(change={"schemes": DEAR}, targets=[GOAL], scenarios=[GROWTH]), folder / "towns.xlsx")
    return folder


@pytest.fixture(scope="module")
def planned(home: Path) -> Run:
    return mfa.plan(home / "towns.xlsx", gap=0.0, target="50%", scenario="growth", out=home / "plan")


def _infeasible(case: Path, out: Path) -> None:
    with pytest.raises(mfa.Infeasible):
        mfa.plan(case, target=0.9, out=out)


def _of_system(case: Path, out: Path) -> None:
    mfa.account(mfa.template(case.with_name("system.xlsx"), system=True, example=True), out=out, draws=20)


MAKERS: dict[str, Callable[[Path, Path], Any]] = {
    "account": lambda case, out: mfa.account(case, out=out, draws=20),
    "system": _of_system,
    "fair": lambda case, out: mfa.plan(case, objective="fair", gap=0.0, out=out),
    "rate": lambda case, out: mfa.plan(case, objective="rate", budget=18500, gap=0.0, out=out),
    "infeasible": _infeasible,
    "frontier": lambda case, out: mfa.frontier(case, against="both", points=2, gap=0.0, out=out),
    "alternatives": lambda case, out: mfa.alternatives(case, within=0.1, gap=0.0, out=out),
    "worth": lambda case, out: mfa.worth(case, step=0.2, gap=0.0, out=out),
    "robust": lambda case, out: mfa.robust(case, shortfall_price=900.0, gap=0.0, out=out),
}
SEVERAL = {"frontier", "alternatives", "worth", "robust"}


def test_a_run_says_all_that_made_it(planned: Run) -> None:
    info = json.loads((Path(str(planned.folder)) / "run.json").read_text("utf-8"))
    assert (info["format"], info["kind"], info["version"]) == (2, "plan", mfa.__version__)
    assert info["input"]["name"] == "towns.xlsx" and len(info["input"]["sha256"]) == 64
    assert info["options"]["target"] == 0.5 and info["options"]["scenario"] == "growth"
    assert set(info["solver"]["options"]) == {"threads", "random_seed"}
    assert info["searches"] == {"optimal": 1}
    assert set(info["machine"]) == {"python", "platform", "packages", "times"}
    assert set(info["machine"]["packages"]) == set(PACKAGES) and all(info["machine"]["packages"].values())
    assert "times" not in info and mfa.account(Path(str(planned.folder)) / "case.xlsx", draws=2).info["seeds"]


def test_a_plan_is_the_same_again_by_search_and_by_decisions(planned: Run, tmp_path: Path) -> None:
    for how in ("search", "decisions"):
        found = mfa.rerun(planned, out=tmp_path / how, decisions=how == "decisions")
        assert found.same and found.how == how and found.sure_of_input and not found.unlike
        assert set(found.tables["state"]) == {"equal"} and set(found.tables["table"]) == set(planned.tables)
        for path in (Path(str(planned.folder)) / "tables").iterdir():
            assert path.read_bytes() == (tmp_path / how / "tables" / path.name).read_bytes(), path.name
        assert found.run.info["bound"] == pytest.approx(planned.info["bound"])
        assert found.run.info["input"] == planned.info["input"]


QUICK = {"account", "system", "infeasible"}
SLOW = {"rate", "frontier", "robust"}
"""One of each way to be made again; the others are as the frontier and the rate are."""


@pytest.mark.parametrize(
    "kind",
    [
        kind
        if kind in QUICK
        else pytest.param(kind, marks=pytest.mark.slow if kind in SLOW else pytest.mark.exhaustive)
        for kind in MAKERS
    ],
)
def test_every_kind_of_run_is_the_same_again(kind: str, home: Path) -> None:
    MAKERS[kind](home / "towns.xlsx", home / kind)
    found = mfa.rerun(home / kind)
    assert found.how == "search" and found.run.folder is None
    assert found.same, found.tables[found.tables["state"] != "equal"].to_string()
    assert len(found.tables) >= 2
    if kind in QUICK:
        return
    again = mfa.rerun(home / kind, decisions=True)
    assert again.same and again.how == "decisions", again.tables[again.tables["state"] == "differs"].to_string()
    parts = again.tables[again.tables["run"] != ""]
    assert set(parts["state"]) == ({"equal"} if kind in SEVERAL else set())
    assert set(again.tables.loc[again.tables["run"] == "", "state"]) == {"kept" if kind in SEVERAL else "equal"}


def test_a_plan_in_another_run_is_repeated_by_itself(home: Path) -> None:
    mfa.frontier(home / "towns.xlsx", points=2, gap=0.0, out=home / "curve")
    found = mfa.rerun(home / "curve" / "runs" / "point_02")
    assert found.same and found.how == "decisions"


def test_what_the_clock_stopped_is_carried_out_from_its_decisions(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    search = Planner.search

    def stopped(self: Planner, **asked: Any) -> Any:
        # The clock stops at the best plan so far, with a bound that is not tight.
        found = search(self, **asked)
        self.endings.clear()
        return self.ended(replace(found, status="time_limit", bound=found.bound * 0.9))

    monkeypatch.setattr(Planner, "search", stopped)
    first = mfa.plan(home / "towns.xlsx", gap=0.0, out=tmp_path / "first")
    monkeypatch.setattr(Planner, "search", None)
    assert first.info["status"] == "time_limit"
    assert main(["rerun", str(tmp_path / "first"), "--out", str(tmp_path / "again"), "--lang", "da"]) == 0
    shown = capsys.readouterr().out
    assert "beviste dengang" in shown and "tabeller er ens" in shown
    again = Run.load(tmp_path / "again")
    assert again.info["bound"] == pytest.approx(0.9 * first.info["objective"]) and again.info["bound_from"] == "stored"
    assert (again.info["status"], again.info["searches"]) == ("time_limit", {"time_limit": 1})


def test_what_differs_is_told_and_is_five(planned: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "spoilt"
    shutil.copytree(str(planned.folder), folder)
    costs = folder / "tables" / "costs.csv"
    lines = costs.read_text("utf-8").splitlines()
    amount = lines[0].split(",").index("amount")
    cells = lines[1].split(",")
    cells[amount] = str(float(cells[amount]) + 1.5)
    costs.write_text("\n".join([lines[0], ",".join(cells), *lines[3:]]) + "\n", "utf-8")
    (folder / "tables" / "distances.csv").write_text("municipality,facility,distance_km\n", "utf-8")
    # Another machine and program are named too.
    info = json.loads((folder / "run.json").read_text("utf-8"))
    info["version"], info["machine"]["packages"]["numpy"] = "0.0.9", "1.0"
    (folder / "run.json").write_text(json.dumps(info), "utf-8")
    assert main(["rerun", str(folder), "--decisions", "--json", "--lang", "da"]) == 5
    answer = json.loads(capsys.readouterr().out)
    rows = {row["table"]: row for row in answer["tables"]}
    assert answer["exit_code"] == 5 and not answer["ok"]
    told = rows["costs"]
    assert (told["state"], told["rows"], told["rows_now"]) == ("differs", len(lines) - 2, len(lines) - 1)
    assert (told["cells"], told["largest"], told["columns"]) == (1, 1.5, "amount")
    assert {name for name, row in rows.items() if row["state"] != "equal"} == {"costs", "distances"}
    assert answer["unlike"]["circular-mfa"] == ["0.0.9", mfa.__version__]
    assert any("numpy: 1.0 dengang" in line for line in answer["sentences"])


def test_another_workbook_in_the_folder_is_refused(
    planned: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "swapped"
    shutil.copytree(str(planned.folder), folder)
    write_case_object(pencil(targets=[GOAL], scenarios=[GROWTH]), folder / "case.xlsx")
    assert main(["rerun", str(folder), "--lang", "en"]) == 2
    assert "another workbook" in capsys.readouterr().err
    with pytest.raises(RunError, match="the run itself"):
        mfa.rerun(planned, out=planned.folder)


def test_a_run_made_in_code_is_the_same_again(tmp_path: Path) -> None:
    mfa.plan(pencil(change={"schemes": DEAR}), gap=0.0, out=tmp_path / "code")
    found = mfa.rerun(tmp_path / "code")
    assert found.same and found.sure_of_input


def test_words_fit_both_languages() -> None:
    import re

    for key, (danish, english) in RERUN_WORDS.items():
        assert set(re.findall(r"{(\w+)", danish)) == set(re.findall(r"{(\w+)", english)), key
