"""Frontier, alternatives, worth and comparison as users meet them: folders, words, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa.cli import main
from mfa.run import Run
from mfa.words_choices import CHOICE_WORDS


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


def test_an_interrupted_frontier_leaves_nothing(workbook: Path, tmp_path: Path) -> None:
    def stop(words: str, part: float) -> None:
        if part > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mfa.frontier(workbook, points=3, gap=0.0, out=tmp_path / "curve", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_the_curve_is_printed_in_both_languages(curve: mfa.Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    from mfa.commands_choices import show_frontier
    from mfa.words import Speaker

    for language, title in (("da", "Omkostning mod rate"), ("en", "Cost against rate")):
        show_frontier(curve, Speaker(language), every=False)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(title)
        assert [line.split()[0] for line in lines[2:5]] == ["point_01", "point_02", "point_03"]


def test_alternatives_and_worth_from_the_command_line(alternatives: Any, worth: Any) -> None:
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
