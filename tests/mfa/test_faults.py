"""Whatever goes wrong with disk, memory, solver, clock or terminal, and whenever a run is ended: whole or not there."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mfa
from benchmarks.facility_location import as_case, generated
from mfa.cli import main, show_json
from mfa.faults import Fault
from mfa.import_write import _backup
from mfa.locks import Lock, Locked
from mfa.run import Run
from mfa.run_bundle import staging
from mfa.sweep_folder import SweepFolder
from mfa.whole import waiting, whole
from mfa.words import Speaker
from mfa.workbook_write import write_case_object
from models import planner as planning
from models import search as searching
from models.found import Found
from models.highs import Session, Solution, SolverError
from models.plan import NoPlan
from tests.cases.pencil import pencil
from tests.cases.small import two_towns
from tests.mfa.faulty import failing

ROOT = Path(__file__).resolve().parent.parent.parent
NOTHING = Found("interrupted", None, np.empty(0), np.inf, -np.inf, np.inf)  # type: ignore[arg-type]
posix = pytest.mark.skipif(os.name == "nt", reason="signals and limits of processes are POSIX")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose folder and name have what Danish disks have in them."""
    path = tmp_path_factory.mktemp("Hørsholm og Rødovre æøå") / "min sag å.xlsx"
    write_case_object(pencil(), path)
    return path


@pytest.fixture(scope="module")
def planned(book: Path) -> Path:
    """The folder of a plan."""
    mfa.plan(book, target="20%", out=book.parent / "planned")
    return book.parent / "planned"


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a run but ``run.json``, which holds times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_whole(folder: Path, like: Path) -> bool:
    return contents(folder) == contents(like) and Run.load(folder).info["status"] == "optimal"


def saved(planned: Path, target: Path) -> None:
    """Write the plan to another folder too."""
    Run.load(planned).save(target)


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let no file of this process become larger than so many bytes: what a disk does that has no more."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Server:
    """The process of :mod:`tests.mfa.faulty`."""

    def __init__(self, book: Path, said: Path) -> None:
        self.said = said
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mfa.faulty", str(book)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, **order: Any) -> tuple[int, str, float]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"said": str(self.said), **order}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        said = self.said.read_text("utf-8")
        assert "Traceback" not in said, said
        return answer["code"], said, answer["seconds"]


@pytest.fixture(scope="module")
def server(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(book, tmp_path_factory.mktemp("said") / "said.txt")
    yield found
    assert found.process.stdin is not None and found.process.stdout is not None
    found.process.stdin.close()
    found.process.wait(60)
    found.process.stdout.close()


@pytest.fixture(scope="module")
def undisturbed(book: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> float:
    """The seconds of a command that nothing ends."""
    out = tmp_path_factory.mktemp("undisturbed") / "plan"
    code, said, seconds = server(arguments=["plan", str(book), "--target", "20%", "--out", str(out), "--lang", "da"])
    assert (code, "certifikatet holder" in said) == (0, True)
    return seconds


# Ends


@posix
@pytest.mark.parametrize(
    ("there", "step"), [(False, 9), (True, 7), pytest.param(True, 1, marks=pytest.mark.exhaustive)]
)
def test_a_run_that_is_killed_before_any_change_of_a_file_is_whole_or_not_there(
    there: bool, step: int, planned: Path, server: Server, tmp_path: Path
) -> None:
    target, absent = tmp_path / "run", 0
    if there:
        saved(planned, target)
    # Tables are written, and old ones removed, in one way: of that some are enough. Between them the run is moved.
    tables = len(Run.load(planned).tables)
    moved = range(tables + 6, tables + 24) if there else ()
    for at in sorted({*range(0, 500, step), *moved}):
        if server(run=str(planned), target=str(target), at=at)[0] != -9:
            break
        assert len(names(tmp_path)) <= 2  # what an earlier one left is cleared away by the next
        if target.exists():
            assert is_whole(target, planned)
        else:
            absent += 1
            # Only between moving aside what was there and moving in the new is there nothing, and it comes back.
            assert not there or list(tmp_path.glob(".run-*/old/run.json"))
        if not there:
            shutil.rmtree(target, ignore_errors=True)
    assert tables < at < 400
    assert absent
    saved(planned, target)
    assert is_whole(target, planned)
    assert names(tmp_path) == ["run"]


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.exhaustive)])
def test_a_command_that_is_ended_at_any_moment_leaves_nothing_half(
    number: int, count: int, undisturbed: float, book: Path, planned: Path, server: Server, tmp_path: Path
) -> None:
    out = tmp_path / "plan æ"
    arguments = ["plan", str(book), "--target", "20%", "--out", str(out), "--lang", "da"]
    moments, codes = random.Random(number), set()
    for part in range(count):
        moment = undisturbed * (part + moments.random()) / count
        code, said, _ = server(arguments=arguments, signal=int(number), seconds=moment)
        assert code in ({-9, 0} if number == signal.SIGKILL else {130, 0}), said
        assert "afbrudt" in said or code != 130
        codes.add(code)
        if out.exists():
            assert Run.load(out).info["certificate"]["holds"]
            shutil.rmtree(out)
    assert codes & {-9, 130}
    assert server(arguments=arguments)[0] == 0
    assert is_whole(out, planned)
    assert names(tmp_path) == [out.name]


def test_what_is_being_written_is_not_taken_for_what_was_left(planned: Path, tmp_path: Path) -> None:
    target = tmp_path / "run"
    (tmp_path / ".run-b-abcdefgh" / "old").mkdir(parents=True)  # of another place
    (tmp_path / ".run-b-abcdefgh" / "lock").touch()
    (tmp_path / ".run-abcdefgh" / "letters").mkdir(parents=True)  # not ours: nothing in it says so
    with waiting(target, ".parts") as place:
        (place / "part").touch()
        saved(planned, target)
        assert (place / "part").exists()
    assert names(tmp_path) == [".run-abcdefgh", ".run-b-abcdefgh", "run"]


def test_of_two_runs_into_one_folder_the_last_one_stands(planned: Path, tmp_path: Path) -> None:
    target, wrong = tmp_path / "run", []

    def save() -> None:
        try:
            for _ in range(4):
                saved(planned, target)
        except Exception as error:
            wrong.append(error)

    writers = [threading.Thread(target=save) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert wrong == []
    assert is_whole(target, planned)
    assert names(tmp_path) == ["run"]


def test_workbooks_that_a_killed_report_left_half_are_cleared_away(planned: Path, tmp_path: Path) -> None:
    (tmp_path / ".workbooks-abcdefgh").mkdir()
    (tmp_path / ".workbooks-abcdefgh" / "lock").touch()
    (tmp_path / ".workbooks-abcdefgh" / "region_da.xlsx").write_bytes(b"PK")
    (path,) = mfa.report(planned, municipality="region", out=tmp_path, workers=1)
    assert names(tmp_path) == [path.name]


def test_two_pages_into_one_file_do_not_meet(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, write_text = tmp_path / "page.html", Path.write_text
    others: list[str] = []

    def slow(path: Path, text: str, *how: Any, **named: Any) -> int:
        """Somebody else writes the same page between our writing and our moving into place."""
        written = write_text(path, text, *how, **named)
        if not others:
            others.append(text)
            mfa.view(planned, target)
        return written

    monkeypatch.setattr(Path, "write_text", slow)
    assert mfa.view(planned, target).read_text("utf-8") == others[0]
    assert names(tmp_path) == ["page.html"]


# Disks


@pytest.mark.parametrize(("code", "said"), [(errno.ENOSPC, "disken er fuld"), (errno.EROFS, "kun læses")])
@pytest.mark.parametrize("there", [False, True])
def test_a_disk_that_fails_at_any_change_of_a_file(
    there: bool, code: int, said: str, planned: Path, tmp_path: Path
) -> None:
    target = tmp_path / "run"
    if there:
        saved(planned, target)
    run = Run.load(planned)
    for name in run.tables:
        assert len(run.tables[name].columns)
    for at in range(200):
        try:
            with failing(code, at, tmp_path):
                run.save(target)
            break
        except (OSError, mfa.RunError) as error:
            words = Fault(error).line(Speaker("da")) if isinstance(error, OSError) else error.text(Speaker("da"))
        assert said in words
        assert ".run-" not in words
        # What cannot be taken away or put back either is so by the next run.
        assert target.exists() == there or list(tmp_path.glob(".run-*/old"))
        if target.exists():
            assert is_whole(target, planned)
    assert at > len(run.tables)
    run.save(target)
    assert is_whole(target, planned)
    assert names(tmp_path) == ["run"]


@posix
def test_a_file_that_outgrows_the_disk_leaves_no_run(planned: Path, tmp_path: Path) -> None:
    run = Run.load(planned)
    sizes = sorted({path.stat().st_size for path in planned.rglob("*") if path.stat().st_size > 1})
    for size in sizes[:: max(len(sizes) // 8, 1)]:
        for there in (False, True):
            target = tmp_path / f"run {size} {there}"
            if there:
                saved(planned, target)
            with no_file_above(size - 1), pytest.raises(OSError, match="large") as stopped:
                run.save(target)
            assert Fault(stopped.value).key == "fault_too_large"
            assert is_whole(target, planned) if there else not target.exists()
    assert not list(tmp_path.glob(".*"))


@posix
def test_a_workbook_that_outgrows_the_disk_is_not_there(book: Path, tmp_path: Path) -> None:
    writers = {
        "example.xlsx": lambda path: mfa.template(path, example=True),
        "empty.xlsx": mfa.template,
        "system.xlsx": lambda path: mfa.template(path, example=True, system=True),
    }
    for name, write in writers.items():
        with no_file_above(1000), pytest.raises(OSError, match="large"):
            write(tmp_path / "templates" / name)
    own = tmp_path / "own" / "case.xlsx"
    own.parent.mkdir()
    shutil.copyfile(book, own)
    with no_file_above(1000), pytest.raises(OSError, match="large"):
        _backup(own)
    assert names(tmp_path / "templates") == [] and names(own.parent) == ["case.xlsx"]
    kept = _backup(own)
    assert kept is not None and kept.read_bytes() == own.read_bytes()


def test_a_workbook_is_written_without_temporary_files(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    mfa.template(tmp_path / "case.xlsx")
    mfa.check(book, tmp_path / "marked.xlsx")
    assert names(tmp_path) == ["case.xlsx", "marked.xlsx"]


@posix
def test_what_is_not_whole_yet_has_the_name_that_its_reader_knows(
    planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with no_file_above(1000):
        assert main(["report", str(planned), "--out", "books", "--lang", "en", "--quiet"]) == 2
    assert capsys.readouterr().err.startswith("books: ")
    with no_file_above(1000), pytest.raises(OSError, match="large") as stopped, staging("bundle") as place:
        assert place is not None
        (place / "flows.csv").write_bytes(bytes(2000))
    assert stopped.value.filename == "bundle"
    # What is told of another place is told as it is, and so is what no disk has said.
    with pytest.raises(FileNotFoundError) as missing, staging("bundle"):
        Path("elsewhere").read_text("utf-8")
    assert missing.value.filename == "elsewhere"
    with pytest.raises(OSError, match="^no more$"), staging("bundle"):
        raise OSError("no more")
    assert names(tmp_path) == ["books"] and names(tmp_path / "books") == []


def test_a_command_says_what_the_disk_says(
    book: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for code, danish, english in (
        (errno.ENOSPC, "disken er fuld", "the disk is full"),
        (errno.EROFS, "kan kun læses", "can only be read"),
        (errno.EACCES, "adgang nægtet", "access denied"),
    ):
        with failing(code, 0, tmp_path):
            assert main(["account", str(book), "--out", str(tmp_path / "run"), "--lang", "da"]) == 2
        said = capsys.readouterr().err
        assert danish in said and str(tmp_path) in said
        assert english in Fault(OSError(code, "", str(tmp_path))).line(Speaker("en"))
    assert names(tmp_path) == []
    # The disk fills while the answer is written, and what it is about is told without the hidden name.
    with failing(errno.ENOSPC, 6, tmp_path):
        assert main(["account", str(book), "--out", str(tmp_path / "run"), "--lang", "da"]) == 2
    assert (
        capsys.readouterr().err
        == f"{tmp_path / 'run'}: disken er fuld; gør plads, eller giv et sted på en anden disk\n"
    )
    mark = book.parent / f"~${book.name}"
    mark.touch()

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".x.xlsx", None, str(book))

    monkeypatch.setattr(Path, "replace", refused)
    template = ["template", str(book), "--force"]
    assert main([*template, "--lang", "da"]) == 2
    assert f"{book.name} er åben i Excel eller et andet program; luk den" in capsys.readouterr().err
    assert main([*template, "--lang", "en"]) == 2
    assert f"{book.name} is open in Excel or another program; close it" in capsys.readouterr().err
    mark.unlink()
    assert main([*template, "--lang", "da"]) == 2
    assert "adgang nægtet; måske er den åben" in capsys.readouterr().err
    assert mfa.check(book).errors == []
    assert [path for path in book.parent.iterdir() if path.name.startswith(".")] == []


# Ctrl-C


def interrupting(times: int) -> Callable[[str, float], None]:
    """Return a progress that presses Ctrl-C when a plan was found, and again when it is told that the search stops."""
    left = ["search ", "stopping"][:times]

    def told(words: str, part: float) -> None:
        if left and words.startswith(left[0]):
            del left[0]
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.5)  # a small case is solved before anybody looks whether Ctrl-C was pressed

    return told


@pytest.fixture(scope="module")
def long_search() -> mfa.Case:
    """A case whose first plan comes long before the proof that there is no cheaper one."""
    return as_case(generated(7, 10, 3, single=True))


@posix
def test_ctrl_c_keeps_the_best_plan_so_far(long_search: mfa.Case, tmp_path: Path) -> None:
    with pytest.raises(mfa.Interrupted) as stopped:
        mfa.plan(long_search, gap=0.0, out=tmp_path / "run", progress=interrupting(1))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    run = Run.load(tmp_path / "run")
    assert run.info["status"] == "interrupted"
    assert run.info["searches"] == {"interrupted": 1}
    assert run.info["certificate"]["holds"]
    assert run.info["bound"] < run.info["objective"] == stopped.value.run.info["objective"]


@posix
@pytest.mark.slow
def test_ctrl_c_twice_gives_the_plan_up(long_search: mfa.Case, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as stopped:
        mfa.plan(long_search, gap=0.0, out=tmp_path / "run", progress=interrupting(2))
    assert not isinstance(stopped.value, mfa.Interrupted)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert names(tmp_path) == []


@posix
def test_ctrl_c_keeps_the_best_plan_of_a_large_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SMALL", 0)
    monkeypatch.setattr(planning, "SMALL", 0)
    with pytest.raises(mfa.Interrupted) as stopped:
        mfa.plan(two_towns(), gap=0.0, progress=interrupting(1))
    assert stopped.value.run.info["certificate"]["holds"]
    assert list(stopped.value.run.info["searches"]) == ["interrupted"]


@posix
def test_an_interrupted_plan_is_told_and_is_130(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = planning.search

    def search(*arguments: Any, **options: Any) -> Any:
        solution = found(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return solution

    monkeypatch.setattr(planning, "search", search)
    assert main(["plan", str(book), "--target", "20%", "--out", str(tmp_path / "run"), "--lang", "da"]) == 130
    assert "afbrudt med den bedste plan til da" in capsys.readouterr().out
    assert Run.load(tmp_path / "run").info["certificate"]["holds"]
    # Before anything is found there is nothing to keep.
    monkeypatch.setattr(planning, "search", lambda *_, **__: signal.raise_signal(signal.SIGINT) or NOTHING)
    assert main(["plan", str(book), "--target", "20%", "--out", str(tmp_path / "none"), "--lang", "da", "-q"]) == 130
    assert capsys.readouterr().err == "afbrudt\n"
    assert names(tmp_path) == ["run"]


# Solver, memory, clock


def test_what_the_solver_and_memory_do_not_manage_is_five(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(session: Session, *_: object) -> Solution:
        none = np.empty(0)
        return Solution("failed", none, np.inf, -np.inf, np.inf, none, 0)

    def search(form: Any, arrays: Any, *_: object, **__: object) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(Session, "run", nothing)
            return found(form, arrays, *_, **__)

    def broken(error: Exception) -> Callable[..., None]:
        def solve(*_: object, **__: object) -> None:
            raise error

        return solve

    found = planning.search
    monkeypatch.setattr(planning, "search", search)
    arguments = ["plan", str(book), "--target", "20%", "--out", str(tmp_path / "run"), "-q"]
    assert main([*arguments, "--lang", "da"]) == 5
    assert "løseren gav op" in capsys.readouterr().err
    reading = mfa.check(book)
    monkeypatch.setattr("mfa.api.read_workbook", lambda path: reading)
    for error, danish, english in (
        (NoPlan("failed"), "løseren gav op", "the solver gave up"),
        (NoPlan("memory_limit"), "hukommelsen slap op", "memory ran out"),
        (NoPlan("time_limit"), "tidsgrænsen blev nået", "the time limit came"),
        (NoPlan("work_limit"), "søgningen sluttede", "the search ended"),
        (NoPlan("unbounded"), "vilkårligt lav", "as low as one likes"),
        (SolverError("HiGHS refused: the model"), "Løseren kunne ikke arbejde", "could not work"),
        (MemoryError(), "ikke hukommelse nok", "not enough memory"),
        (RuntimeError("can't start new thread"), "ikke hukommelse nok", "not enough memory"),
    ):
        monkeypatch.setattr("models.plan.solve", broken(error))
        for language, words in (("da", danish), ("en", english)):
            assert main([*arguments, "--lang", language]) == 5
            assert words in capsys.readouterr().err
    assert names(tmp_path) == []


SHORT_OF_MEMORY = """
import resource, sys
import mfa.api, models.planner
from mfa.cli import main
used = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]) * 10**6, resource.RLIM_INFINITY))
sys.exit(main(["plan", str(mfa.api.capital_region_path()), "--out", sys.argv[2], "-q", "--lang", "en"]))
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and /proc are Linux")
@pytest.mark.parametrize("room", [150, 400, 700])
def test_a_region_without_the_room_for_it_is_answered(room: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHORT_OF_MEMORY, str(room), str(tmp_path / "run")]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (found.returncode, "not enough memory" in found.stderr) == (5, True), found.stderr
    assert names(tmp_path) == []


def test_time_limit_with_a_plan_keeps_it(long_search: mfa.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(words: str, part: float) -> None:
        if words.startswith("search "):
            for session in sessions:
                session.stop.set()

    sessions: list[Session] = []
    begun = Session.__init__

    def init(self: Session, *arguments: Any, **options: Any) -> None:
        begun(self, *arguments, **options)
        if self.arrays.integer.any() and len(self.arrays.cost) > 3:
            sessions.append(self)

    ended = Session._solution

    def solution(self: Session) -> Solution:
        found = ended(self)
        return Solution(**{**vars(found), "status": found.status.replace("interrupted", "time_limit")})

    monkeypatch.setattr(Session, "__init__", init)
    monkeypatch.setattr(Session, "_solution", solution)
    run = mfa.plan(long_search, gap=0.0, progress=told)
    assert run.info["status"] == "time_limit"
    assert run.info["certificate"]["holds"]
    assert run.info["gap"] > 0


def test_a_clock_that_is_wrong_or_put_back_changes_nothing(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs backwards, from 1980 to before the first day that an archive can be of."""
    clock = iter(range(320_000_000, 0, -1_000_000))
    monkeypatch.setattr(time, "time", lambda: float(next(clock, 0)))
    monkeypatch.setattr(time, "localtime", lambda seconds=None: time.gmtime(time.time()))
    mfa.account(mfa.read_case(book), out=tmp_path / "run")
    assert mfa.check(tmp_path / "run" / "case.xlsx").errors == []


# Terminals and surroundings


@posix
def test_no_home_and_a_system_that_knows_no_letters_but_ascii(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "kørsel Łódź"
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    done = subprocess.run(
        [sys.executable, "-m", "mfa", "account", str(book), "--out", str(out), "--lang", "da"],
        cwd=ROOT,
        env={**kept, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert "Genanvendelse i" in done.stdout.decode("ascii")
    assert Run.load(out).info["input"]["name"] == book.name
    assert len(Run.load(out).case["municipalities"]) == 2


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_without_our_letters_is_answered(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out, error = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", error)
    assert main(["check", "Łódź/ø.xlsx", "--json"]) == 3
    assert main(["check", "Łódź/ø.xlsx", "--lang", "da"]) == 3
    out.flush()
    error.flush()
    told = out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    answer, _ = json.JSONDecoder().raw_decode(told)
    assert answer["problems"][0]["code"] == "file_missing"
    shown = told + error.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert "filen findes ikke" in shown
    show_json({"folder": "Łódź"})
    out.flush()
    assert out.buffer.getvalue().endswith(rb'"\u0141\u00f3d\u017a"' + os.linesep.encode() + b"}" + os.linesep.encode())  # type: ignore[attr-defined]


# Sweeps


def test_a_lock_keeps_others_out_until_it_is_let_go(tmp_path: Path) -> None:
    with Lock(tmp_path / "lock") as lock:
        assert lock.sure
        with pytest.raises(Locked):
            Lock(tmp_path / "lock")
    Lock(tmp_path / "lock").release()


@posix
def test_one_sweep_at_a_time_in_one_folder(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    out = tmp_path / "serie å"
    options: dict[str, Any] = {"scenarios": "base", "targets": ["20%"], "gap": 0.0, "workers": 1}
    whole_sweep = mfa.sweep(book, out, **options)
    shutil.rmtree(out / "results")
    holding = f"import sys, time; from pathlib import Path; from mfa.locks import Lock; l = Lock(Path({str(out / 'sweep.lock')!r})); print(1, flush=True); time.sleep(600)"
    other = subprocess.Popen([sys.executable, "-c", holding], cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    request.addfinalizer(other.kill)
    command = ["sweep", str(book), "--out", str(out), "--scenarios", "base", "--targets", "20%", "--gap", "0%",
               "--workers", "1", "--resume"]  # fmt: skip
    for language, words in (("da", "en anden kørsel arbejder"), ("en", "another run is at work")):
        assert main([*command, "--lang", language]) == 2
        assert words in capsys.readouterr().err
    assert not (out / "results").exists()
    other.kill()
    other.communicate()
    assert main([*command, "-q"]) == 0
    assert len(SweepFolder(out).outcomes) == len(whole_sweep.tasks) == 1


def test_a_sweep_is_not_put_over_another_that_came_first(book: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError) as stopped, whole(tmp_path / "sweep", replace=False) as folder:
        (folder / "mine").touch()
        (tmp_path / "sweep").mkdir()
        (tmp_path / "sweep" / "theirs").touch()
    assert Fault(stopped.value).key == "fault_there"
    assert names(tmp_path) == ["sweep"]
    assert names(tmp_path / "sweep") == ["theirs"]
