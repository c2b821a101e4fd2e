"""One file is whole or not there, whoever writes it; and a command that is stopped says what it has left."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

import mfa
from mfa import import_write, sweep_folder, workbook_save
from mfa.cli import main
from mfa.faults import Fault
from mfa.sweep_folder import SweepFolder
from mfa.whole import whole_file
from mfa.words import Speaker
from mfa.workbook_write import write_case_object
from models.highs import SolverError
from reports import workbooks
from tests.cases.pencil import pencil

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Files


def _workbook(target: Path) -> None:
    workbook_save.save_book(Workbook(), target)


def _imported(target: Path) -> None:
    import_write._save(Workbook(), {}, target)


def _page(target: Path) -> None:
    mfa.view(PLANNED[0], out=target)


def _part(target: Path) -> None:
    sweep_folder._replace(target, pd.DataFrame({"task": [1]}))


def _layout(target: Path) -> None:
    target.unlink(missing_ok=True)
    mfa.layout_example(target)


PLANNED: list[Path] = []
WRITERS: dict[str, Callable[[Path], None]] = {
    "book.xlsx": _workbook,
    "imported.xlsx": _imported,
    "page.html": _page,
    "part-000001.parquet": _part,
    "layout.toml": _layout,
}


@pytest.fixture(scope="module", autouse=True)
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plan."""
    folder = tmp_path_factory.mktemp("left")
    write_case_object(pencil(), folder / "case.xlsx")
    mfa.plan(folder / "case.xlsx", target="20%", out=folder / "planned")
    PLANNED[:] = [folder / "planned"]
    return folder / "planned"


def test_a_file_is_moved_into_place_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with whole_file(target) as new:
        new.write_text("one")
        assert not target.exists()
    with pytest.raises(ZeroDivisionError), whole_file(target) as new:
        new.write_text("two")
        raise ZeroDivisionError
    assert target.read_text() == "one"
    assert names(target.parent) == ["a.txt"]


def test_what_a_killed_writer_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".a.txt-abcdefgh"
    left.mkdir()
    (left / "lock").touch()
    (left / "new").write_text("ha")
    with whole_file(tmp_path / "a.txt") as new:
        new.write_text("whole")
    assert names(tmp_path) == ["a.txt"]


@posix
def test_a_link_is_replaced_and_a_mode_is_kept(tmp_path: Path) -> None:
    mine, target = tmp_path / "mine", tmp_path / "a.txt"
    mine.write_text("mine")
    target.symlink_to(mine)
    with whole_file(target) as new:
        new.write_text("ours")
    assert (mine.read_text(), target.is_symlink()) == ("mine", False)
    target.chmod(0o640)
    with whole_file(target) as new:
        new.write_text("again")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("code", "key"), [(errno.ENOSPC, "fault_full"), (errno.EACCES, "fault_open")])
def test_every_writer_of_one_file_says_the_same_and_leaves_what_was(
    name: str, code: int, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / name
    write = WRITERS[name]
    write(target)
    before = target.read_bytes()
    if key == "fault_open":
        (tmp_path / f"~${name}").touch()

    def refused(self: Path, *_: object) -> None:
        raise OSError(code, os.strerror(code), str(self))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OSError) as stopped:
        write(target)
    fault = Fault(stopped.value)
    assert (fault.key, str(fault.path)) == (key, str(target))
    assert name in fault.line(Speaker("da"))
    if write is not _layout:  # which makes new files only
        assert target.read_bytes() == before
        assert names(tmp_path) == sorted({name, *([f"~${name}"] if key == "fault_open" else [])})


# Words


@pytest.mark.parametrize("error", [MemoryError(), SolverError("no"), KeyboardInterrupt()])
def test_a_report_that_is_stopped_says_that_what_was_finished_is_there(
    error: BaseException, planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, before = workbooks._bytes, list[bytes]()

    def stopped(*arguments: Any) -> bytes:
        if before:
            raise error
        before.append(made(*arguments))
        return before[0]

    shutil.rmtree(planned / "reports", ignore_errors=True)
    monkeypatch.setattr(workbooks, "_bytes", stopped)
    code = main(["report", str(planned), "--lang", "en", "--workers", "1", "-q"])
    said = capsys.readouterr().err
    assert code == (130 if isinstance(error, KeyboardInterrupt) else 5)
    assert "What was finished is written and whole" in said
    assert "Nothing was written" not in said
    assert [path.read_bytes() for path in (planned / "reports").iterdir()] == before


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()])
def test_a_sweep_that_is_stopped_says_how_to_go_on(
    error: BaseException, planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = SweepFolder.write

    def stopped(self: SweepFolder, done: Any) -> None:
        write(self, done)
        raise error

    out = planned.parent / f"sweep {type(error).__name__}"
    command = [
        "sweep",
        str(planned.parent / "case.xlsx"),
        "--targets",
        "10%,20%",
        "--scenarios",
        "base",
        "--workers",
        "1",
    ]
    command += ["--out", str(out), "-q"]
    with monkeypatch.context() as patched:
        patched.setattr(SweepFolder, "write", stopped)
        code = main([*command, "--lang", "da"])
    said = capsys.readouterr().err
    assert code == (130 if isinstance(error, KeyboardInterrupt) else 5)
    assert f"bliver i {out}; giv --resume" in said
    assert "Intet er skrevet" not in said
    kept = len(SweepFolder(out).outcomes)
    assert 1 <= kept <= 2
    assert main([*command, "--resume"]) == 0
    assert len(SweepFolder(out).outcomes) == 2


def test_a_plan_or_a_sweep_that_never_began_has_written_nothing(
    planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def short(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("mfa.api.read_workbook", short)
    monkeypatch.setattr("mfa.commands_sweep.run_sweep", short)
    for command in ("plan", "sweep"):
        place = str(planned.parent / "never")
        assert main([command, str(planned.parent / "case.xlsx"), "--out", place, "-q", "--lang", "en"]) == 5
        assert "Nothing was written." in capsys.readouterr().err
    assert not (planned.parent / "never").exists()
