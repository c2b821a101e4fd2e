"""Frontier, alternatives, worth and comparison as users meet them: folders, words, exit codes, the page, the sheet."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import mfa
from mfa.cli import main
from mfa.report_tables import report_tables
from mfa.run import Run
from mfa.words_choices import CHOICE_WORDS
from mfa.workbook_write import write_case_object
from models.asking import Asker
from reports.context import Context
from reports.names import Names
from reports.page import Chart, Table
from reports.sheets_frontier import frontier
from reports.view import RunView
from reports.words import Words
from tests.cases.pencil import DEAR, pencil
from tests.mfa.shown import choices, meets_no_ids, read

GOAL = {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}


class Told(NamedTuple):
    """A run that a command made, and what the command said."""

    run: mfa.Bundle
    said: str


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case of the pencil where sorting is dear. Read again from the workbook, a case has what a user's has."""
    case = pencil(change={"schemes": DEAR}, targets=[GOAL])
    return write_case_object(case, tmp_path_factory.mktemp("towns") / "towns.xlsx")


@pytest.fixture(scope="module")
def curve(workbook: Path) -> mfa.Bundle:
    return mfa.frontier(workbook, points=3, gap=0.0, out=workbook.parent / "curve")


@pytest.fixture(scope="module")
def alternatives(workbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return _told(workbook, tmp_path_factory, "alternatives", "--within", "5%", "--count", "2", "--lang", "da")


@pytest.fixture(scope="module")
def worth(workbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return _told(workbook, tmp_path_factory, "worth", "--step", "20%")


def _told(workbook: Path, factory: pytest.TempPathFactory, command: str, *more: str) -> Told:
    folder = factory.mktemp(command) / "run"
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main([command, str(workbook), *more, "--gap", "0", "--out", str(folder), "-q"]) == 0
    run = Run.load(folder)
    assert isinstance(run, mfa.Bundle)
    return Told(run, said.getvalue())


def test_a_frontier_is_a_folder_of_runs(curve: mfa.Bundle, workbook: Path) -> None:
    folder = workbook.parent / "curve"
    assert sorted(path.name for path in folder.iterdir()) == [
        "case.xlsx", "datapackage.json", "reports", "run.json", "runs", "tables",
    ]  # fmt: skip
    assert sorted(path.name for path in workbook.parent.iterdir()) == ["curve", "towns.xlsx"]
    again = Run.load(folder)
    assert isinstance(again, mfa.Bundle)
    assert again.tables["frontier"]["cost"].tolist() == pytest.approx([15000, 17800, 19200])
    assert list(again.runs) == again.tables["frontier"]["point"].tolist()
    last = again.runs["point_03"]
    assert last.info["certificate"]["holds"]
    assert last.rate("plan", 2025) == pytest.approx(0.6)
    assert last.case["targets"]["rate"].tolist() == pytest.approx([0.6])
    assert "frontier" in again._repr_html_()


def test_several_plans_are_no_plan_to_report_or_compare(curve: mfa.Bundle) -> None:
    with pytest.raises(mfa.RunError, match="several plans"):
        mfa.report(curve)
    with pytest.raises(mfa.RunError, match="several plans"):
        mfa.compare(curve, curve.runs["point_01"])


def test_plans_of_a_frontier_are_compared_in_words(
    curve: mfa.Bundle, workbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = [str(workbook.parent / "curve" / "runs" / name) for name in ("point_01", "point_03")]
    assert main(["compare", *ends, "--lang", "da"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Den anden plan koster 0,00420 mio. DKK mere (28,00 %), tilbagediskonteret.")
    assert "Tabel schemes (2 rækker):" in shown
    assert main(["compare", *ends, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {row["municipality"] for row in answer["schemes"]} == {"A", "B"}
    assert main(["compare", ends[0], ends[0], "-q"]) == 0
    assert capsys.readouterr().out == "The two runs are the same.\n"


def test_a_second_ctrl_c_leaves_nothing(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    _cut_short(monkeypatch, 1)
    monkeypatch.setattr("mfa.run_bundle.Bundle._write", stop)
    with pytest.raises(KeyboardInterrupt) as stopped:
        mfa.frontier(workbook, points=3, gap=0.0, out=tmp_path / "curve")
    assert not isinstance(stopped.value, mfa.Interrupted) and list(tmp_path.iterdir()) == []


def test_the_curve_is_printed_in_both_languages(curve: mfa.Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    from mfa.commands_choices import show_frontier
    from mfa.words import Speaker

    for language, title in (("da", "Omkostning mod rate"), ("en", "Cost against rate")):
        show_frontier(curve, Speaker(language), every=False)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(title)
        assert [line.split()[0] for line in lines[2:5]] == ["point_01", "point_02", "point_03"]


def test_alternatives_and_worth_from_the_command_line(alternatives: Told, worth: Told) -> None:
    assert "Ingen anden plan inden for 5,0 % adskiller sig i nogen beslutning." in alternatives.said
    assert "A, homes houses: sort (bevist)" in alternatives.said
    said = "+20.0 percentage points (60.0 %): +0.00140 million DKK (+0.00140 to +0.00140 by the proofs)"
    assert said in worth.said
    assert "A: +0.00280 million DKK" in worth.said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["frontier", "--points", "1"], "points"),
        (["frontier", "--method", "colected"], "collected"),
        (["alternatives", "--within", "much"], "much"),
        (["alternatives", "--count", "0"], "count"),
        (["worth", "--step", "0"], "0"),
        (["worth", "--carbon", "-1"], "-1"),
        (["worth", "--time-limit", "0"], "0"),
    ],
)
def test_options_that_mean_nothing_are_two(
    workbook: Path, command: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command[0], str(workbook), *command[1:], "-q"]) == 2
    assert says in capsys.readouterr().err


def test_a_target_out_of_reach_is_four(workbook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alternatives", str(workbook), "--target", "90%", "-q"]) == 4
    assert "60.0 %" in capsys.readouterr().err


def test_words_fit_both_languages() -> None:
    import re

    for key, (danish, english) in CHOICE_WORDS.items():
        assert set(re.findall(r"{(\w+)", danish)) == set(re.findall(r"{(\w+)", english)), key


@pytest.fixture(scope="module")
def pages(
    curve: mfa.Bundle, alternatives: Told, worth: Told, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The page of each run, as it is read from its folder."""
    folder = tmp_path_factory.mktemp("pages")
    runs = {"curve": curve, "alternatives": alternatives.run, "worth": worth.run}
    return {name: mfa.view(Run.load(str(run.folder)), folder / f"{name}.html") for name, run in runs.items()}


def test_the_curve_is_the_one_of_the_pencil(pages: dict[str, Path]) -> None:
    data, tables = choices(pages["curve"])
    assert [line[:2] + line[3:5] for line in tables["frontier"]] == [
        ["plan 1", 0, 15000, 15000], ["plan 2", 0.4, 17800, 17800], ["plan 3", 0.6, 19200, 19200],
    ]  # fmt: skip
    # 2 800 for 60 t of town A, 1 400 for 30 t of town B.
    assert [line[:2] + line[4:6] for line in tables["marginal_cost"]] == [
        ["plan 1", "plan 2", 2800, pytest.approx(2800 / 60)], ["plan 2", "plan 3", 1400, pytest.approx(1400 / 30)],
    ]  # fmt: skip
    assert [(point[0], point[3], point[5]) for point in data["choices"]["curve"]] == [
        ("point_01", pytest.approx(15000), "plan 1"), ("point_02", pytest.approx(17800), "plan 2"),
        ("point_03", pytest.approx(19200), "plan 3"),
    ]  # fmt: skip
    assert (data["shownName"], data["shownFolder"]) == ("plan 3", "runs/point_03")


def test_alternatives_say_what_is_in_every_plan(pages: dict[str, Path]) -> None:
    data, tables = choices(pages["alternatives"])
    assert [line[:3] for line in tables["alternatives"]] == [["plan 1", "cheapest", 17800]]
    presence = {(line[1], line[0]): line[3:] for line in tables["presence"] if line[1]}
    assert presence["A", "sort"] == ["all plans", "proven"]
    assert presence["A", "mix"] == ["no plans", "proven"]
    assert data["shownName"] == "plan 1"


def test_what_the_target_is_worth_is_read_from_low_to_high(pages: dict[str, Path]) -> None:
    _, tables = choices(pages["worth"])
    points = tables["percentage_points"]
    assert [line[0] for line in points] == ["lower target", "the plan", "higher target"]
    assert [line[3] for line in points[1:]] == [17800, 19200]
    assert points[2][4:7] == [1400, 1400, 1400]
    assert [line[:2] for line in tables["marginal_cost"]][-1] == ["the plan", "higher target"]
    steps = tables["marginal_cost"]
    assert [end[1] for end in steps[:-1]] == [start[0] for start in steps[1:]]
    assert [line[:4] for line in tables["cost_of_target"]] == [["A", 12800, 10000, 2800], ["B", 5000, 5000, 0]]


@pytest.mark.parametrize(("name", "drawings"), [("curve", 1), ("alternatives", 0), ("worth", 0)])
def test_readers_meet_names_and_no_ids(pages: dict[str, Path], browser: Any, name: str, drawings: int) -> None:
    texts, drawn = read(browser, pages[name])
    meets_no_ids(texts)
    # All plans emit as much: there is nothing to draw cost against greenhouse gas for.
    assert drawn == drawings


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_curve_is_a_sheet_of_the_region(curve: mfa.Bundle, language: str) -> None:
    run = mfa.Run.load(str(curve.runs["point_03"].folder))
    words = Words(language)
    view = RunView(run.case, report_tables(run), run.info)
    page = frontier(Context(view.place(""), Names(run.case, words), words))
    points, chart, steps = page.blocks
    assert isinstance(points, Table) and isinstance(chart, Chart) and isinstance(steps, Table)
    # So little money is shown as it is, in the table, along the axis and in the answer.
    money = {"da": "kr.", "en": "DKK"}[language]
    assert points.columns[3].label.endswith(f", {money}") and points.columns[3].style == "money" == chart.style
    assert points.column("point") == ["plan 1", "plan 2", "plan 3"]
    assert points.column("cost") == pytest.approx([15000, 17800, 19200])
    assert points.column("bound") == pytest.approx([15000, 17800, 19200])
    assert steps.column("extra") == pytest.approx([2800, 1400])
    assert set(steps.column("unit")) == {words("unit_money_tonne", currency=words.currency("DKK"))}
    assert words.money(15000, "DKK") in page.answer and words.money(19200, "DKK") in page.answer


def _cut_short(monkeypatch: pytest.MonkeyPatch, plans: int) -> None:
    """Let Ctrl-C come when so many plans are finished and the next one is being looked for."""
    made: list[str] = []
    carried_out, search = Asker.carried_out, Asker.search

    def counted(self: Asker, *given: Any, **options: Any) -> Any:
        found = carried_out(self, *given, **options)
        made.append("plan")
        return found

    def stopped(self: Asker, **options: Any) -> Any:
        if len(made) >= plans:
            raise KeyboardInterrupt
        return search(self, **options)

    monkeypatch.setattr(Asker, "carried_out", counted)
    monkeypatch.setattr(Asker, "search", stopped)


def test_ctrl_c_keeps_the_points_that_are_finished(
    curve: mfa.Bundle,
    workbook: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _cut_short(monkeypatch, 2)
    place = tmp_path / "curve"
    assert main(["frontier", str(workbook), "--points", "3", "--gap", "0", "--out", str(place)]) == 130
    assert "interrupted, with the plans so far" in capsys.readouterr().out
    found = Run.load(place)
    assert isinstance(found, mfa.Bundle)
    whole = curve.tables["frontier"]
    assert found.tables["frontier"].equals(whole.iloc[:2])
    assert list(found.runs) == whole["point"].tolist()[:2] and found.info["found"]["ended"] == "interrupted"
    assert curve.info["found"]["ended"] == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["curve"]
    monkeypatch.undo()
    again = mfa.rerun(place)
    assert again.same and again.how == "decisions"


def test_ctrl_c_keeps_the_alternatives_that_are_finished(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, alternatives: Told
) -> None:
    _cut_short(monkeypatch, 1)
    with pytest.raises(mfa.Interrupted) as stopped:
        mfa.alternatives(workbook, within=0.05, count=2, gap=0.0)
    found = stopped.value.run
    assert found.tables["alternatives"]["cost"].tolist() == alternatives.run.tables["alternatives"]["cost"].tolist()[:1]
    assert set(found.runs) == {"plan_01"} and found.info["found"]["ended"] == "interrupted"
    # Nothing was proven of what all plans have.
    assert set(found.tables["presence"]["proof"]) <= {"observed", "given"}


@pytest.mark.parametrize("question", [mfa.frontier, mfa.alternatives])
def test_ctrl_c_before_any_plan_leaves_nothing(
    question: Any, workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_short(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt) as stopped:
        question(workbook, out=tmp_path / "run")
    assert not isinstance(stopped.value, mfa.Interrupted) and not list(tmp_path.iterdir())
