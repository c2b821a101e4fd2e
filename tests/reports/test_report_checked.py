"""The sheet of reported figures: what it says when figures fit, when one does not, and when there are none."""

from __future__ import annotations

import pytest

from reports.context import Context
from reports.names import Names
from reports.page import Table
from reports.sheets_checked import checked
from reports.view import RunView
from reports.words import Words


def page(run, place, language="en", **changed):
    case, tables, info = run
    words = Words(language)
    view = RunView(case, {**tables, **changed}, info)
    return checked(Context(view.place(place), Names(case, words), words))


def table(found, key):
    return next(block for block in found.blocks if isinstance(block, Table) and block.key == key)


def test_figures_that_fit_are_told_to_fit(run):
    found = page(run, "159")
    assert found.answer.startswith("2 reported figures")
    assert "none contradicts" in found.answer
    lines = table(found, "reported").lines
    assert [line[-1] for line in lines] == ["fits", "fits"]
    rate = next(line for line in lines if "Recycling" in str(line[0]))
    assert rate[2:7] == [0.45, 0.02, 0.41, 0.449, 0.019]
    assert table(found, "suspects").lines == []


@pytest.mark.parametrize("place", ["101", ""])
def test_a_figure_that_does_not_fit_is_named_first_and_marked(run, place):
    found = page(run, place)
    assert found.answer.startswith("1 of ")
    reported = table(found, "reported")
    assert len(reported.marked) == 1
    assert reported.lines[next(iter(reported.marked))][-1] == "! should be looked at"
    suspects = table(found, "suspects")
    assert suspects.lines[0][1:] == [90_000.0, 900.0, 9_000.0, 700.0]
    assert suspects.style(0, 1) == "tonnes"


def test_assumptions_are_listed_by_how_far_they_moved(run):
    moved = table(page(run, ""), "moved")
    # 5,000 t to 5,001 t is less than a thousandth, a shift is no assumption of its own.
    assert [line[1] for line in moved.lines] == ["composition", "capture"]
    assert moved.column("change") == pytest.approx([0.2, 0.75 / 0.7 - 1])


def test_without_reported_figures_it_says_so(run):
    tables = run[1]
    found = page(run, "159", "da", reconciliation=tables["reconciliation"].head(0), suspects=tables["suspects"].head(0))
    assert found.answer == "Der er ingen indberettede tal at holde Gladsaxes antagelser op mod."
    assert table(found, "reported").when_empty


def test_a_run_from_before_there_were_such_tables_says_so_too(run):
    case, tables, info = run
    old = {name: table for name, table in tables.items() if name not in {"reconciliation", "suspects"}}
    old["calibration"] = old["calibration"].drop(columns="fraction")
    words = Words("en")
    found = checked(Context(RunView(case, old, info).place("159"), Names(case, words), words))
    assert found.answer == "There are no reported figures to hold the assumptions of Gladsaxe against."
    assert len(table(found, "calibration").lines) == 2
