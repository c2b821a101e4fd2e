"""A run made again is the same in every value, whatever kind it is and however its search ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
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
CASE = pencil(change={"schemes": DEAR}, targets=[GOAL], scenarios=[GROWTH])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("towns")
    write_case_object(CASE, folder / "towns.xlsx")
    return folder


@pytest.fixture(scope="module")
def planned(home: Path) -> Run:
    return mfa.plan(home / "towns.xlsx", gap=0.0, target="50%", scenario="growth", out=home / "plan")


@pytest.fixture(scope="module")
def curve(home: Path) -> Path:
    """The folder of a frontier of two plans."""
    mfa.frontier(home / "towns.xlsx", against="both", points=2, gap=0.0, out=home / "frontier")
    return home / "frontier"


def _infeasible(case: Path, out: Path) -> None:
    with pytest.raises(mfa.Infeasible):
        mfa.plan(case, target=0.9, out=out)


def _of_system(case: Path, out: Path) -> None:
    mfa.account(mfa.template(case.with_name("system.xlsx"), system=True, example=True), out=out, draws=20)


MAKERS: dict[str, Callable[[Path, Path], Any]] = {
    "account": lambda case, out: mfa.account(case, out=out, draws=20),
    "system": _of_system,
    "fair": lambda case, out: mfa.plan(case, objective="fair", gap=0.0, out=out),
    "rate, made in code": lambda case, out: mfa.plan(CASE, objective="rate", budget=18500, gap=0.0, out=out),
    "infeasible": _infeasible,
    "frontier": lambda case, out: None,
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


def test_a_plan_is_the_same_again_by_search(planned: Run, tmp_path: Path) -> None:
    found = mfa.rerun(planned, out=tmp_path / "again")
    assert found.same and found.how == "search" and found.sure_of_input and not found.unlike
    assert set(found.tables["state"]) == {"equal"} and set(found.tables["table"]) == set(planned.tables)
    assert found.run.info["input"] == planned.info["input"]
    is_the_same(Run.load(tmp_path / "again"), planned)


def is_the_same(again: Run, planned: Run) -> None:
    """Assert that every table has the same bytes, and that as much is proven."""
    for path in (Path(str(planned.folder)) / "tables").iterdir():
        assert path.read_bytes() == (Path(str(again.folder)) / "tables" / path.name).read_bytes(), path.name
    assert again.info["bound"] == pytest.approx(planned.info["bound"])


WAYS = [
    ("account", "search"), ("system", "search"), ("infeasible", "search"), ("rate, made in code", "decisions"),
    ("robust", "search"), ("frontier", "decisions"),
]  # fmt: skip
"""One of each way to be made again is tried every day; the others are as these are."""


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        pytest.param(kind, how, marks=() if (kind, how) in WAYS else pytest.mark.exhaustive)
        for kind in MAKERS
        for how in ("search", "decisions")
        if how == "search" or kind not in {"account", "system", "infeasible"}
    ],
)
def test_every_kind_of_run_is_the_same_again(kind: str, how: str, home: Path, curve: Path) -> None:
    if not (home / kind).exists():
        MAKERS[kind](home / "towns.xlsx", home / kind)
    found = mfa.rerun(home / kind, decisions=how == "decisions")
    assert found.how == how and found.run.folder is None
    assert found.same, found.tables[found.tables["state"] != "equal"].to_string()
    assert found.sure_of_input and len(found.tables) >= 2
    whole = found.tables["run"] == ""
    if how == "decisions" and kind in SEVERAL:
        assert set(found.tables.loc[~whole, "state"]) == {"equal"} and set(found.tables.loc[whole, "state"]) == {"kept"}
    else:
        assert set(found.tables["state"]) == {"equal"}


def test_a_plan_in_another_run_is_repeated_by_itself(curve: Path) -> None:
    found = mfa.rerun(curve / "runs" / "point_02")
    assert found.same and found.how == "decisions"


def test_what_the_clock_stopped_is_carried_out_from_its_decisions(
    planned: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The clock stopped at the best plan so far, with a bound that is not tight.
    shutil.copytree(str(planned.folder), tmp_path / "first")
    info = json.loads((tmp_path / "first" / "run.json").read_text("utf-8"))
    stopped = {"status": "time_limit", "searches": {"time_limit": 1}, "bound": info["bound"] * 0.9}
    (tmp_path / "first" / "run.json").write_text(json.dumps(info | stopped), "utf-8")
    monkeypatch.setattr(Planner, "search", None)
    assert main(["rerun", str(tmp_path / "first"), "--out", str(tmp_path / "again"), "--lang", "da"]) == 0
    shown = capsys.readouterr().out
    assert "beviste dengang" in shown and "tabeller er ens" in shown
    again = Run.load(tmp_path / "again")
    assert again.info["bound"] == pytest.approx(0.9 * info["objective"]) and again.info["bound_from"] == "stored"
    assert (again.info["status"], again.info["searches"]) == ("time_limit", {"time_limit": 1})


def test_what_differs_from_what_the_decisions_give_is_told_and_is_five(
    planned: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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
    again = tmp_path / "again"
    assert main(["rerun", str(folder), "--decisions", "--out", str(again), "--json", "--lang", "da"]) == 5
    is_the_same(Run.load(again), planned)
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


def test_words_fit_both_languages() -> None:
    import re

    for key, (danish, english) in RERUN_WORDS.items():
        assert set(re.findall(r"{(\w+)", danish)) == set(re.findall(r"{(\w+)", english)), key
