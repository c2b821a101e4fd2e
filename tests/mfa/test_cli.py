"""The command line: exit codes, words, JSON, and no traceback for what a user did."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

import mfa
import mfa.commands
from mfa.cli import main
from mfa.progress import ProgressBar
from mfa.words import WORDS, Speaker
from mfa.workbook import write_case
from models.explain import Explanation
from models.plan import Infeasible, solve
from models.planner import Planner
from tests import other_world
from tests.cases.pencil import pencil_tables
from tests.cases.small import two_towns_tables


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return other_world.write_world(tmp_path_factory.mktemp("world") / "lake.xlsx")


class Steep(NamedTuple):
    """Why ``mfa plan --target 99%`` of the world has no plan, its exit code, what it said for machines, and its run."""

    why: Infeasible
    code: int
    out: str
    err: str
    folder: Path


@pytest.fixture(scope="module")
def steep(world: Path) -> Steep:
    """Plan for a target out of reach once: it takes longer than a plan, since what stands in the way is looked for."""
    folder, out, err = world.parent / "steep", io.StringIO(), io.StringIO()
    why: list[Infeasible] = []

    def heard(*arguments: Any, **options: Any) -> Any:
        try:
            return solve(*arguments, **options)
        except Infeasible as error:
            why.append(error)
            raise

    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.MonkeyPatch.context() as patched:
        patched.setattr("models.plan.solve", heard)
        code = main(["plan", str(world), "--target", "99%", "--out", str(folder), "--json", "--lang", "en"])
    return Steep(why[0], code, out.getvalue(), err.getvalue(), folder)


@pytest.fixture(scope="module")
def accounted(world: Path) -> Path:
    """The account of today; who changes it takes a copy."""
    assert main(["account", str(world), "--out", str(world.parent / "accounted"), "-q"]) == 0
    return world.parent / "accounted"


def test_wrong_usage_is_two() -> None:
    for arguments in (["nonsense"], ["plan"], ["check", "x.xlsx", "--lang", "fr"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["plan", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert "exit codes" in shown
    assert "80%" in shown


def test_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new.xlsx"
    assert main(["template", str(target), "--lang", "da"]) == 0
    assert "skrevet" in capsys.readouterr().out
    assert main(["template", str(target)]) == 2
    assert main(["template", str(target), "--force", "-q"]) == 0
    assert main(["template", str(tmp_path / "new.csv")]) == 2
    capsys.readouterr()
    assert main(["check", str(target), "--json"]) == 3
    assert {problem["code"] for problem in json.loads(capsys.readouterr().out)["problems"]} == {
        "setting_missing",
        "table_empty",
    }


def test_input_problems_are_three_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.xlsx")
    for command in (["check"], ["account"], ["plan"]):
        assert main([*command, missing, "--lang", "da"]) == 3
    out = capsys.readouterr()
    assert "filen findes ikke" in out.out + out.err
    assert main(["plan", missing, "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["problems"][0]["code"] == "file_missing"


def test_options_that_the_case_does_not_know_are_two(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "run"), "-q"]
    for options in (
        ["--target", "eighty"],
        ["--target", "180%"],
        ["--method", "colected"],
        ["--scope", "home"],
        ["--year", "1999"],
    ):
        assert main(["plan", str(world), *options, *out]) == 2
    assert "did you mean 'collected'" in capsys.readouterr().err
    assert main(["plan", str(world), "--scenario", "nobody", *out]) == 3
    assert not (tmp_path / "run").exists()
    assert main(["report", str(tmp_path)]) == 2
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert main(["plan", str(world), "--out", str(tmp_path / "full")]) == 2


def test_an_unreachable_target_is_four_and_says_how_far(
    world: Path, steep: Steep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steep.code == 4
    answer = json.loads(steep.out)
    assert 0.7 < answer["highest"][0]["highest"] < 0.75

    def stop(*_: object, **__: object) -> None:
        raise steep.why

    monkeypatch.setattr("models.plan.solve", stop)
    assert main(["plan", str(world), "--target", "99%", "--out", str(tmp_path / "run"), "--lang", "da", "-q"]) == 4
    said = capsys.readouterr().err
    assert "72,9 %" in said
    assert "Det mindste, der skal til:" in said
    assert str(tmp_path / "run") in said


def test_the_run_of_an_unreachable_target_is_whole_and_reported(
    steep: Steep, capsys: pytest.CaptureFixture[str]
) -> None:
    place = steep.folder
    answer = json.loads(steep.out)
    run = mfa.Run.load(place)
    assert (run.info["status"], run.info["exit_code"]) == ("infeasible", 4)
    assert "certificate" not in run.info
    assert set(run.tables["rates"]["variant"]) == {"today", "reference"}
    assert answer["folder"] == str(place)
    for name in ("highest", "repairs", "contradictions", "reach"):
        assert len(answer[name]) == len(run.tables[name])
    assert run.info["highest_rate"] == pytest.approx(run.tables["highest"]["highest"].iloc[-1])
    assert run.tables["highest"]["highest"].iloc[-1] <= run.tables["highest"]["bound"].iloc[-1] + 1e-6
    texts = set(run.tables["repairs"]["text_en"])
    assert {row["text"] for row in answer["repairs"]} == texts
    assert main(["report", str(place), "--municipality", "region", "--lang", "en", "--json"]) == 0
    (book,) = json.loads(capsys.readouterr().out)["reports"]
    sheets = openpyxl.load_workbook(book)
    words = " ".join(str(value) for row in sheets["Summary"].iter_rows(values_only=True) for value in row if value)
    assert "The target of 99.0 %" in words
    assert "cannot be reached" in words
    listed = {value for row in sheets["In the way"].iter_rows(values_only=True) for value in row}
    assert {text[:1].upper() + text[1:] for text in texts} <= listed


def test_check_tells_what_no_plan_can_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, tables = two_towns_tables()
    tables["targets"] = [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.53}]
    book = write_case(settings, tables, tmp_path / "towns.xlsx")
    assert main(["check", str(book), "--json", "--lang", "da"]) == 0
    problems = json.loads(capsys.readouterr().out)["problems"]
    (found,) = [problem for problem in problems if problem["code"] == "target_out_of_reach"]
    assert (found["sheet"], found["row"], found["severity"]) == ("targets", 2, "warning")
    assert found["cell"]
    assert "når højst 51.0 %" in found["text"]


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(mfa.commands.COMMANDS, "check", stop)
    assert main(["check", "x.xlsx", "--lang", "da"]) == 130
    assert capsys.readouterr().err == "afbrudt\n"


def test_an_interruption_in_a_destructor_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closing:
        def __del__(self) -> None:
            raise KeyboardInterrupt

    def stop(*_: object) -> int:
        closing: Closing | None = Closing()
        del closing
        for _ in range(3000):
            time.sleep(0.01)
        return 0

    monkeypatch.setitem(mfa.commands.COMMANDS, "check", stop)
    assert main(["check", "x.xlsx"]) == 130


def test_a_solver_without_a_plan_is_five(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.plan import NoPlan

    def stop(*_: object, **__: object) -> None:
        raise NoPlan("time_limit")

    monkeypatch.setattr("models.plan.solve", stop)
    assert main(["plan", str(world), "--out", "unused", "-q", "--lang", "da"]) == 5
    assert "tidsgrænsen blev nået" in capsys.readouterr().err


def test_an_account_is_no_plan_to_report_on(accounted: Path) -> None:
    assert main(["report", str(accounted)]) == 2


def test_words_fill_in_in_both_languages() -> None:
    for danish, english in WORDS.values():
        fields = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (danish, english)]
        assert fields[0] == fields[1]


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, mark in ((Terminal(), "\r"), (io.StringIO(), "\n")):
        bar = ProgressBar("plan", Speaker("en"), stream=stream)
        bar("search 200.0 198.0", 0.5)
        bar(1, 4, "Alder")
        bar.close()
        assert "searching: best plan 200.0 million, gap 1.00 %" in stream.getvalue()
        assert "Alder (1/4)" in stream.getvalue()
        assert mark in stream.getvalue()
    quiet = io.StringIO()
    ProgressBar("plan", Speaker("en"), quiet=True, stream=quiet)("search", 0.5)
    assert quiet.getvalue() == ""


def test_what_cannot_be_written_is_said_before_any_work(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder.xlsx"
    folder.mkdir()
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(world.read_bytes())
    for arguments, said in (
        (["check", str(copy), "--annotated", str(copy)], "arbejdsbogen selv"),
        (["check", str(copy), "--annotated", str(tmp_path / "a.txt")], "skal ende på .xlsx"),
        (["check", str(copy), "--annotated", str(folder)], "folder.xlsx"),
        (["template", str(folder)], "--force"),
        (["plan", str(copy), "--out", str(copy / "inside")], "kan der ikke skrives"),
        (["plan", str(copy), "--time-limit", "0"], "sekunder over nul"),
        (["plan", str(copy), "--time-limit", "nan"], "sekunder over nul"),
        (["plan", str(copy), "--gap", "-1"], "--gap: '-1' er ingen andel"),
        (["account", str(copy), "--year", "1900"], "ingen mængder før 2024"),
    ):
        assert main([*arguments, "--lang", "da"]) == 2, arguments
        out = capsys.readouterr()
        assert said in out.err, arguments
        assert "." + copy.stem not in out.err
    assert copy.read_bytes() == world.read_bytes()
    assert not (tmp_path / "copy-plan").exists()


@pytest.mark.parametrize(
    ("file", "content"), [("run.json", "[]"), ("run.json", "{"), ("datapackage.json", "{}"), ("datapackage.json", "[")]
)
def test_a_broken_run_is_wrong_usage(
    accounted: Path, tmp_path: Path, file: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(accounted, tmp_path / "run")
    (run / file).write_text(content)
    assert main(["report", str(run), "--lang", "da"]) == 2
    assert f"{file} mangler eller er i stykker" in capsys.readouterr().err


def test_answers_for_machines_are_alone_on_standard_output(
    world: Path, steep: Steep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(steep.out)["ok"] is False
    assert steep.err == ""
    run = str(tmp_path / "run")
    for arguments, code in (
        (["template", str(tmp_path / "t.xlsx")], 0),
        (["check", str(world)], 0),
        (["account", str(world)], 0),
        (["plan", str(world), "--out", run], 0),
        (["report", run, "--municipality", "alder"], 0),
        (["report", run, "--municipality", "nowhere"], 2),
        (["report", run, "--both", "--workers", "2", "--municipality", "birch"], 0),
        (["report", run, "--workers", "0"], 2),
    ):
        assert main([*arguments, "--json"]) == code
        out = capsys.readouterr()
        assert json.loads(out.out)["ok"] is (code == 0)
        assert out.err == ""


def test_the_demo_says_how_far_central_values_reach_and_plans_the_scenario_that_gets_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # 60 % of the paper lies in the bin if both towns sort; 72 % in the scenario that is careful.
    settings = {"title": "Towns", "account_year": 2024, "plan_years": "2025", "discount_rate": 0.0}
    tables: dict[str, Any] = pencil_tables()
    tables["targets"] = [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.65}]
    tables["scenarios"] = [
        {"scenario": name, "name_da": danish, "table": "capture", "filter": "scheme=sort;stream=bin",
         "column": "share", "operation": "factor", "value": factor}
        for name, danish, factor in (("hardly", "Næsten", "1.001"), ("careful", "Omhu", "1.2"))
    ]  # fmt: skip
    explained: list[Explanation] = []
    explain = Planner.explain

    def kept(self: Planner, time_limit: float) -> Explanation:
        explained.append(explain(self, time_limit))
        return explained[-1]

    monkeypatch.setattr(Planner, "explain", kept)
    book = write_case(settings, tables, tmp_path / "towns.xlsx")
    monkeypatch.setattr("mfa.api.capital_region_path", lambda: book)
    run = tmp_path / "demo"
    assert main(["demo", "--out", str(run), "--lang", "da", "-q"]) == 0
    out = capsys.readouterr().out
    assert "højeste rate (all, collected) i 2025: 60,0 %; målet er 65,0 %" in out
    assert "scenariet 'careful' (Omhu)" in out
    assert len(list((run / "reports").glob("*.xlsx"))) == 3
    assert mfa.Run.load(run).info["options"]["scenario"] == "careful"
    # Without scenarios the same is in the way, and nothing else is tried.
    monkeypatch.setattr(Planner, "explain", lambda *_: explained[0])
    write_case(settings, {**tables, "scenarios": []}, book)
    assert main(["demo", "--out", str(tmp_path / "none"), "-q"]) == 4
    assert mfa.Run.load(tmp_path / "none").info["status"] == "infeasible"
