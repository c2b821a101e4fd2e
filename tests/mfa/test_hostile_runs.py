"""Run folders from a stranger: nothing outside of them is read or written, and what is broken is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa.folder_names import RESERVED, folder_names
from mfa.run import Run, RunError
from mfa.run_door import LARGEST_JSON, inside
from mfa.sweep_folder import SweepFolder

KEPT = Path(__file__).parents[1] / "kept_runs"
PLAN, FRONTIER, ROBUST = KEPT / "17d5b49" / "plan", KEPT / "ccedfef" / "frontier", KEPT / "247b0e5" / "robust"


def _copy(tmp_path: Path, source: Path = PLAN) -> Path:
    return Path(shutil.copytree(source, tmp_path / "run"))


def _edit(path: Path, change: Callable[[Any], object]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def _refused(place: Path, key: str) -> None:
    """See that a run is refused, as it is opened or as its parts are read."""
    with pytest.raises(RunError) as error:
        run = Run.load(place)
        for name in run.tables:
            _ = run.tables[name]
        _ = [plan.info for plan in getattr(run, "runs", {}).values()]
        _ = run.case
    assert error.value.key == key


@pytest.mark.parametrize("name", ["run.json", "datapackage.json", "case.xlsx", "tables/rates.csv", "tables"])
def test_links_in_a_run_are_not_followed(tmp_path: Path, name: str) -> None:
    place = _copy(tmp_path)
    shutil.move(place / name, tmp_path / "elsewhere")
    (place / name).symlink_to(tmp_path / "elsewhere")
    _refused(place, "run_outside")


def test_plans_of_a_run_are_not_looked_for_elsewhere(tmp_path: Path) -> None:
    place = _copy(tmp_path, FRONTIER)
    (place / "runs" / "again").symlink_to(place)  # a circle
    _refused(place, "run_outside")
    (place / "runs" / "again").unlink()
    shutil.copytree(FRONTIER, place / "runs" / "again")
    _refused(place, "run_damaged")


@pytest.mark.parametrize("where", ["../../plan", "/etc", "..", "a\\b", "C:x", ""])
def test_scenarios_of_a_run_are_not_looked_for_elsewhere(tmp_path: Path, where: str) -> None:
    place = _copy(tmp_path, ROBUST)
    _edit(place / "run.json", lambda info: info["folders"].update(dict.fromkeys(info["folders"], where)))
    _refused(place, "run_outside")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "", "rates.", None])
def test_tables_are_called_as_the_program_calls_them(tmp_path: Path, name: str | None) -> None:
    place = _copy(tmp_path)
    _edit(
        place / "datapackage.json", lambda package: package["resources"][0].update(name=name, path=f"tables/{name}.csv")
    )
    _refused(place, "run_outside")


def test_a_table_stands_where_the_program_puts_it(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    _edit(place / "datapackage.json", lambda package: package["resources"][0].update(path="../../../../etc/passwd"))
    _refused(place, "run_outside")


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("run.json", b"", "run_missing"),
        ("run.json", b"[" * 100_000, "run_missing"),
        ("run.json", b"\xff\xfe{}", "run_missing"),
        ("run.json", b'{"objective": ' + b"9" * 5000 + b"}", "run_missing"),
        ("run.json", b" " * (LARGEST_JSON + 1), "run_damaged"),
        ("run.json", b'{"kind": "share", "format": 2}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "options": []}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "options": {"year": "x"}}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "options": {"year": 2030.5}}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "options": {"year": Infinity}}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "input": null}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "target": "80 %"}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "target": {"rate": "80 %"}}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "target": {"scope": []}}', "run_damaged"),
        ("run.json", b'{"kind": "plan", "format": 2, "target": {"year": true}}', "run_damaged"),
        ("datapackage.json", b'{"resources": 1}', "run_damaged"),
        ("datapackage.json", b'{"resources": [{"name": "rates", "path": "tables/rates.csv"}]}', "run_damaged"),
        ("tables/rates.csv", b"", "run_damaged"),
        ("tables/rates.csv", b"a,b\n1,2,3\n", "run_damaged"),
        ("tables/rates.csv", b"\0\xff", "run_damaged"),
        ("case.xlsx", b"", ""),
    ],
)
def test_what_is_broken_is_told(tmp_path: Path, name: str, content: bytes, key: str) -> None:
    place = _copy(tmp_path)
    (place / name).write_bytes(content)
    if key:
        _refused(place, key)
    else:
        with pytest.raises(mfa.InputError):
            _ = Run.load(place).case


def test_rows_with_more_cells_than_the_head_are_not_shifted(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    path = place / "tables" / "rates.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([head, *(f"more,{row}" for row in rows), ""]), "utf-8")
    _refused(place, "run_damaged")


def test_a_year_asked_for_as_a_number_is_a_year(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    _edit(place / "run.json", lambda info: info["options"].update(year=2030.0))
    assert Run.load(place).info["options"]["year"] == 2030


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    place, outside = _copy(tmp_path), tmp_path / "outside"
    outside.mkdir()
    (place / "reports").symlink_to(outside)
    (place / "exports").symlink_to(outside)
    for write in (lambda: mfa.report(place), lambda: mfa.view(place), lambda: mfa.export(place, "stan")):
        with pytest.raises(RunError) as error:
            write()
        assert error.value.key == "run_outside"
    assert list(outside.iterdir()) == []


def test_folders_of_exports_are_not_named_by_a_table(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    path = place / "tables" / "flows.csv"
    path.write_text(path.read_text("utf-8").replace("today", "../../evil"), "utf-8")
    with pytest.raises(RunError):
        mfa.export(place, "stan", tmp_path / "out" / "stan")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("options", [{"out": "evil"}, {"progress": 1}, {"case": "x"}, {"unknown": 1}])
def test_a_run_does_not_say_where_it_is_repeated(tmp_path: Path, options: dict[str, Any]) -> None:
    place = _copy(tmp_path)
    _edit(place / "run.json", lambda info: info["options"].update(options))
    with pytest.raises(RunError) as error:
        mfa.rerun(place)
    assert error.value.key == "run_damaged"


def test_a_sweep_stays_in_its_folder(tmp_path: Path) -> None:
    import pandas as pd

    (tmp_path / "sweep.json").write_text('{"kind": "sweep", "format": 1}', "utf-8")
    (tmp_path / "tasks.parquet").write_bytes(b"PAR1 and no more PAR1")
    with pytest.raises(RunError):
        SweepFolder(tmp_path)
    pd.DataFrame({"task": [1], "scenario": [""]}).to_parquet(tmp_path / "tasks.parquet")
    sweep = SweepFolder(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "scenario=base").mkdir(parents=True)
    (elsewhere / "scenario=base" / ".part-1").write_text("mine")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "outcomes").symlink_to(elsewhere)
    for use in (sweep.mend, lambda: sweep.outcomes):
        with pytest.raises(RunError):
            use()
    assert (elsewhere / "scenario=base" / ".part-1").read_text() == "mine"


def test_a_place_in_a_folder_is_in_it(tmp_path: Path) -> None:
    assert inside(tmp_path, "a", "b") == tmp_path / "a" / "b"
    for part in ("..", "/etc", "a/../..", "\0"):
        with pytest.raises(RunError):
            inside(tmp_path, part)


NAMES = ("../..", "..", ".", "", "CON", "con", "nul", "COM1", "a" * 300, "a" * 299, "æøå", "\u202eexe.txt", "a\0b", "A", "a", "ä", "a\u0308",
         "x.", "x ", "C:\\x", "//host/x", "\ud800")  # fmt: skip


def test_folders_of_names_are_taken_by_every_file_system(tmp_path: Path) -> None:
    found = folder_names(NAMES)
    assert len({text.casefold() for text in found.values()}) == len(NAMES)
    for text in found.values():
        assert len(text.encode()) < 250 and text.casefold() not in RESERVED
        assert all(sign.isalnum() or sign in "_-" for sign in text)
        inside(tmp_path, text).mkdir()
