"""A newcomer's first hour: the pages of the guide are followed to the letter, on a real workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

import mfa
from tests.pages import DOCS, follow


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the first own plan is walked through, once for all pages that go on from it."""
    return tmp_path_factory.mktemp("walk")


def test_the_first_own_plan_is_reached_by_typing_what_the_page_says(
    walked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(walked)
    follow(DOCS / "first_own_plan.md", capsys)
    run = mfa.Run.load("my-plan")
    assert run.info["certificate"]["holds"]
    assert run.info["objective"] == pytest.approx(52_000)
    assert run.rate("plan", 2025) == pytest.approx(0.6)
    nothing = mfa.Run.load("nothing-to-choose")
    assert nothing.info["objective"] == pytest.approx(70_000)
    assert (walked / "marked.xlsx").exists()
    assert not (walked / "too-high" / "reports").exists() or not list((walked / "too-high" / "reports").iterdir())
