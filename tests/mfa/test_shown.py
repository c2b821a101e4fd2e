"""Curves, alternatives, what things are worth and several futures, planned and then shown: on the page, on the sheet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa.report_tables import report_tables
from reports.context import Context
from reports.names import Names
from reports.page import Chart, Table
from reports.sheets_frontier import frontier
from reports.view import RunView
from reports.words import Words

IDS = re.compile(
    r"\b(?:point|plan)_\d|without_target|\b(?:for|all|steps):\w|\b(?:NaN|undefined|null)\b|\{\w+\}|\bbase\b"
)
"""What is for machines: no reader should meet it in a table."""
KINDS = ("curve", "alternatives", "worth", "stored")


@pytest.fixture(scope="module")
def pages(
    curve: mfa.Bundle, alternatives: Any, worth: Any, stored: mfa.RobustRun, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The page of each run, as it is read from its folder."""
    folder = tmp_path_factory.mktemp("pages")
    runs = {"curve": curve, "alternatives": alternatives.run, "worth": worth.run, "stored": stored}
    return {name: mfa.view(mfa.Run.load(str(run.folder)), folder / f"{name}.html") for name, run in runs.items()}


def _choices(page: Path) -> tuple[dict[str, Any], dict[str, list[list[Any]]]]:
    """Return what a page holds, and the lines of its tables over several plans in English."""
    found = re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data, {table["key"]: table["lines"] for table in data["choices"]["sheets"][1]}


def test_the_curve_is_the_one_of_the_pencil(pages: dict[str, Path]) -> None:
    data, tables = _choices(pages["curve"])
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
    data, tables = _choices(pages["alternatives"])
    assert [line[:3] for line in tables["alternatives"]] == [["plan 1", "cheapest", 17800]]
    presence = {(line[1], line[0]): line[3:] for line in tables["presence"] if line[1]}
    assert presence["A", "sort"] == ["all plans", "proven"]
    assert presence["A", "mix"] == ["no plans", "proven"]
    assert data["shownName"] == "plan 1"


def test_what_the_target_is_worth_is_read_from_low_to_high(pages: dict[str, Path]) -> None:
    _, tables = _choices(pages["worth"])
    points = tables["percentage_points"]
    assert [line[0] for line in points] == ["lower target", "the plan", "higher target"]
    assert [line[3] for line in points[1:]] == [17800, 19200]
    assert points[2][4:7] == [1400, 1400, 1400]
    assert [line[:2] for line in tables["marginal_cost"]][-1] == ["the plan", "higher target"]
    steps = tables["marginal_cost"]
    assert [end[1] for end in steps[:-1]] == [start[0] for start in steps[1:]]
    assert [line[:4] for line in tables["cost_of_target"]] == [["A", 12800, 10000, 2800], ["B", 5000, 5000, 0]]


def test_futures_have_their_names_and_the_chosen_plan_comes_first(
    pages: dict[str, Path], stored: mfa.RobustRun
) -> None:
    data, tables = _choices(pages["stored"])
    chosen = stored.tables["measures"].query("chosen").iloc[0]
    assert [line[-1] for line in tables["measures"]] == ["yes"] + ["no"] * (len(tables["measures"]) - 1)
    assert tables["measures"][0][3:6] == pytest.approx(
        [chosen["expected"] / 1, chosen["worst"], chosen["regret"]], abs=1
    )
    first = tables["measures"][0][0]
    assert [line[:2] for line in tables["performance"][:3]] == [
        [first, "the case as it is"], [first, "More waste"], [first, "no sorter"],
    ]  # fmt: skip
    assert [line[0] for line in tables["values"]][-2:] == ["To know the future is worth", "To plan for all is worth"]
    found = dict(zip(stored.tables["values"]["name"], stored.tables["values"]["value"], strict=True))
    assert tables["values"][0][1] == pytest.approx(found["WS"], abs=1)
    danish, english = data["shownName"]
    assert danish == "den valgte plan i fremtiden: sagen, som den er" and "the case as it is" in english


@pytest.fixture(scope="module")
def texts(pages: dict[str, Path], browser: Any) -> Iterator[dict[tuple[str, str], list[str]]]:
    """What a reader finds in the section on several plans: by run and language the lead, then each table."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, path in pages.items():
        page, failed = browser.new_page(viewport={"width": 390, "height": 800}), []
        page.on("pageerror", lambda error, failed=failed: failed.append(str(error)))
        page.goto(path.as_uri())
        for language in ("da", "en"):
            page.click(f"#lang-{language}")
            section = page.locator("#choices")
            found[name, language] = [
                section.locator("p").first.inner_text(),
                *section.locator("table").all_inner_texts(),
            ]
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            for drawing in section.locator("svg").all():
                assert len(drawing.get_attribute("aria-label")) > 20
        found[name, "drawings"] = [str(page.locator("#choices svg").count())]
        page.close()
        assert failed == []
    yield found


@pytest.mark.parametrize("name", KINDS)
def test_readers_meet_names_and_no_ids(texts: dict[tuple[str, str], list[str]], name: str) -> None:
    danish, english = texts[name, "da"], texts[name, "en"]
    assert len(danish) == len(english) > 2
    for lead, *tables in (danish, english):
        assert re.search(r"\b(?:runs|scenarios)/\w+", lead)
        assert [IDS.search(table) for table in tables] == [None] * len(tables)
    assert not set(filter(None, danish)) & set(english)


def test_only_a_curve_is_drawn(texts: dict[tuple[str, str], list[str]]) -> None:
    # Both plans emit as much: there is nothing to draw cost against greenhouse gas for.
    assert {name: texts[name, "drawings"] for name in KINDS} == {
        "curve": ["1"], "alternatives": ["0"], "worth": ["0"], "stored": ["0"],
    }  # fmt: skip


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
