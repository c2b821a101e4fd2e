"""Runs that earlier programs wrote are opened, reported on, compared and repeated by this one."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import mfa
from mfa.cli import main
from mfa.made import FORMAT
from mfa.migrate import STEPS, from_1, migrated
from mfa.run import Run, RunError
from mfa.system_run import SystemRun

KEPT = Path(__file__).resolve().parent.parent / "kept_runs"
RUNS = sorted(path.parent.relative_to(KEPT).as_posix() for path in KEPT.glob("*/*/run.json"))
KINDS = {"account": "account", "frontier": "frontier", "robust": "robust", "system": "system"}


def _bytes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", RUNS)
def test_an_old_run_is_read_as_one_of_today_and_stays_as_it_is(name: str) -> None:
    before = _bytes(KEPT / name)
    run = Run.load(KEPT / name)
    assert json.loads((KEPT / name / "run.json").read_text("utf-8")).get("format") is None
    assert run.info["format"] == FORMAT and run.info["kind"] == KINDS.get(name.split("/")[1], "plan")
    assert run.info["machine"]["times"] or run.info["kind"] == "frontier"
    assert all(len(run.tables[table].columns) for table in run.tables)
    if not isinstance(run, SystemRun):
        assert run.case["municipalities"]["municipality"].tolist() == ["A", "B"]
    assert "<table" in run._repr_html_()
    assert _bytes(KEPT / name) == before


@pytest.mark.parametrize("name", ["1d8b011/scenario", "17d5b49/plan", "ccedfef/no_plan"])
def test_an_old_run_is_reported_on(name: str, tmp_path: Path) -> None:
    paths = mfa.report(KEPT / name, lang="en", municipality="A", out=tmp_path, workers=1)
    texts = {str(cell) for row in openpyxl.load_workbook(paths[0]).worksheets[0].values for cell in row if cell}
    assert len(paths) == 1 and len(texts) > 10


def test_old_runs_are_compared_with_newer_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(KEPT / "17d5b49/plan"), str(KEPT / "68ef684/scenario"), "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "The second plan costs" in shown and "The workbooks are the same" in shown
    same = mfa.compare(KEPT / "1d8b011/scenario", KEPT / "68ef684/scenario")
    assert same.tables["input"].empty and same.tables["options"].empty


def test_an_old_plan_is_carried_out_again_from_its_tables() -> None:
    found = mfa.rerun(KEPT / "1d8b011/scenario", decisions=True)
    states = found.tables.set_index("table")["state"]
    assert found.how == "decisions" and found.sure_of_input
    assert states[["flows", "schemes", "counted"]].eq("equal").all() and states["decisions"] == "added"


def test_every_format_has_its_step_and_steps_change_nothing_that_is_given() -> None:
    assert set(STEPS) == set(range(1, FORMAT))
    info: dict[str, Any] = {"status": "accounted", "options": {"year": 2024}, "times": {"account": 1.0}}
    before = json.dumps(info)
    assert from_1(info)["kind"] == "account" and migrated(info)["format"] == FORMAT
    assert json.dumps(info) == before and migrated(migrated(info)) == migrated(info)


def test_a_folder_of_a_newer_program_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "newer"
    shutil.copytree(KEPT / "17d5b49/plan", folder)
    info = json.loads((folder / "run.json").read_text("utf-8")) | {"format": FORMAT + 1, "version": "9.0"}
    (folder / "run.json").write_text(json.dumps(info), "utf-8")
    with pytest.raises(RunError, match=r"format 3 and was made by version 9\.0"):
        Run.load(folder)
    assert main(["rerun", str(folder), "--lang", "da"]) == 2
    assert "lavet af version 9.0" in capsys.readouterr().err
