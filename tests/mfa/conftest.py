"""Runs of several plans of two small towns, made once: by the tests of their words, tables and pages."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import pytest

import mfa
from mfa.cli import main
from mfa.run import Run
from mfa.workbook import write_case
from mfa.workbook_write import write_case_object
from tests.cases.pencil import DEAR, pencil
from tests.cases.small import two_towns_tables

GOAL = {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}
ROWS = [
    {"scenario": "growth", "name_da": "Mere affald", "name_en": "More waste", "table": "generation", "column": "amount",
     "operation": "factor", "value": "1.3", "weight": 0.25},
    {"scenario": "no sorter", "table": "facilities", "filter": "facility=sorter", "operation": "remove", "weight": 0.25},
]  # fmt: skip


class Told(NamedTuple):
    """A run that a command made, and what the command said."""

    run: mfa.Bundle
    said: str


@pytest.fixture(scope="session")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case of the pencil where sorting is dear. Read again from the workbook, a case has what a user's has."""
    case = pencil(change={"schemes": DEAR}, targets=[GOAL])
    return write_case_object(case, tmp_path_factory.mktemp("towns") / "towns.xlsx")


@pytest.fixture(scope="session")
def curve(workbook: Path) -> mfa.Bundle:
    return mfa.frontier(workbook, points=3, gap=0.0, out=workbook.parent / "curve")


@pytest.fixture(scope="session")
def alternatives(workbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return _told(workbook, tmp_path_factory, "alternatives", "--within", "5%", "--count", "2", "--lang", "da")


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose target of 48 % cannot be reached without the sorter."""
    settings, tables = two_towns_tables()
    tables |= {"targets": [GOAL | {"rate": 0.48}], "scenarios": ROWS}
    return write_case(settings, tables, tmp_path_factory.mktemp("robust") / "towns.xlsx")


@pytest.fixture(scope="session")
def stored(towns: Path) -> mfa.RobustRun:
    """The plan for all scenarios where a missing tonne costs 1 000."""
    return mfa.robust(towns, shortfall_price=1000, measure="regret", gap=0.0, out=towns.parent / "run")
