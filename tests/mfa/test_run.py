"""A run is whole or not there, and reads back as it was written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import mfa
from flows.case import Case
from mfa.run import Run, RunError
from mfa.run_csv import column_types, read_csv, sorted_rows, write_csv
from mfa.run_tables import RUN_TABLES, RUN_TABLES_BY_NAME
from tests import other_world


def _case() -> Case:
    return Case.from_tables(other_world.SETTINGS, other_world.tables())


@pytest.fixture(scope="module")
def accounted() -> Run:
    return mfa.account(_case())


def test_tables_and_info_read_back(accounted: Run, tmp_path: Path) -> None:
    folder = accounted.save(tmp_path / "run")
    again = Run.load(folder)
    assert set(again.tables) == set(accounted.tables)
    for name, frame in accounted.tables.items():
        types = column_types(frame, RUN_TABLES_BY_NAME.get(name))
        expected = sorted_rows(frame, types).reset_index(drop=True)
        pd.testing.assert_frame_equal(again.tables[name], expected, check_dtype=False, check_categorical=False)
    assert again.info["input"] == accounted.info["input"]
    for name, frame in again.case.tables.items():
        pd.testing.assert_frame_equal(frame, accounted.case[name])


def test_the_folder_holds_what_the_contract_says(accounted: Run, tmp_path: Path) -> None:
    folder = accounted.save(tmp_path / "run")
    assert sorted(path.name for path in folder.iterdir()) == [
        "case.xlsx",
        "datapackage.json",
        "reports",
        "run.json",
        "tables",
    ]
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    flows = next(item for item in package["resources"] if item["name"] == "flows")
    assert [field["name"] for field in flows["schema"]["fields"]] == [
        column.name for column in RUN_TABLES_BY_NAME["flows"].columns
    ]
    assert flows["schema"]["fields"][-1]["unit"] == "t/year"
    assert [path for path in tmp_path.iterdir() if path.name != "run"] == []


def test_saving_twice_gives_the_same_tables_and_replaces_the_run(accounted: Run, tmp_path: Path) -> None:
    first = accounted.save(tmp_path / "one")
    second = accounted.save(tmp_path / "two")
    (second / "reports" / "old.txt").write_text("old")
    accounted.save(tmp_path / "two")
    assert not (second / "reports" / "old.txt").exists()
    for path in sorted((first / "tables").iterdir()):
        assert path.read_bytes() == (second / "tables" / path.name).read_bytes()
    assert (first / "case.xlsx").read_bytes() == (second / "case.xlsx").read_bytes()


def test_what_is_no_run_is_left_alone(accounted: Run, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    (tmp_path / "file").write_text("file")
    for place in ("letters", "file"):
        with pytest.raises(RunError):
            accounted.save(tmp_path / place)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "dear"
    with pytest.raises(RunError):
        Run.load(tmp_path / "letters")


def test_a_failed_write_leaves_nothing(accounted: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("mfa.run.write_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        accounted.save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_order_of_rows_in_memory_does_not_matter(accounted: Run, tmp_path: Path) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in accounted.tables.items()}
    first = accounted.save(tmp_path / "one")
    second = Run(shuffled, accounted.info, given_case=accounted.case).save(tmp_path / "two")
    for path in (first / "tables").iterdir():
        assert path.read_bytes() == (second / "tables" / path.name).read_bytes()


@given(
    rows=st.lists(
        st.tuples(
            st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=8),
            st.floats(allow_infinity=False),
            st.booleans(),
            st.integers(-10, 3000),
        ),
        min_size=1,
        max_size=20,
    )
)
@example(
    rows=[
        ("last digits", 1.9087811657354492e-16, True, 1),
        ("", 1.8743141847889295e-16, False, 1),
        ("", 0.1 + 0.7, True, 1),
    ]
)
@settings(max_examples=80, deadline=None)
def test_any_text_and_number_reads_back_exactly(
    rows: list[tuple[str, float, bool, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pd.DataFrame(rows, columns=["name", "value", "flag", "year"])
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    types = column_types(frame, None)
    write_csv(frame, path)
    again = read_csv(path, types)
    assert again["name"].tolist() == frame["name"].tolist()
    np.testing.assert_array_equal(again["value"].to_numpy(), frame["value"].to_numpy())
    assert again["flag"].tolist() == frame["flag"].tolist()
    assert again["year"].tolist() == frame["year"].tolist()


def test_every_run_table_is_declared_once_with_meanings(accounted: Run) -> None:
    assert len(RUN_TABLES) == len(RUN_TABLES_BY_NAME)
    for name, frame in accounted.tables.items():
        assert list(frame.columns) == [column.name for column in RUN_TABLES_BY_NAME[name].columns], name


def test_a_run_shows_itself(accounted: Run) -> None:
    shown = accounted._repr_html_()
    assert "accounted" in shown
    assert re.search(r"\d+\.\d %", shown)
    assert accounted.rate("today", 2024) == pytest.approx(25_715 / 89_725)
    with pytest.raises(KeyError):
        accounted.rate("today", 1999)


def test_reading_a_run_needs_no_solver() -> None:
    code = "import sys, mfa.api_view, mfa.sweep_results, reports.workbooks; print([n for n in ('pyomo', 'highspy') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_checking_a_workbook_waits_for_no_model_and_no_picture(tmp_path: Path) -> None:
    workbook = mfa.template(tmp_path / "example.xlsx", example=True)
    code = (
        f"import sys; from mfa.cli import main; assert main(['check', {str(workbook)!r}, '--quiet']) == 0;"
        "print([n for n in ('pyomo', 'highspy', 'matplotlib', 'xlsxwriter') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
