"""Files that nobody should send end in one answer each, with little memory, and nothing outside is read or run."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import mfa
from flows.problems import TEXTS
from mfa import workbook_guard, workbook_open
from mfa.workbook import read_workbook
from tests import other_world
from tests.mfa import hostile_files

ROOM = 1_000_000_000
"""Bytes of memory that reading may take."""
READ = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
from mfa.workbook import read_workbook
found = {path: [problem.code for problem in read_workbook(path).problems] for path in sys.argv[1:]}
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if sys.platform != "darwin":
    # What Linux says above counts the process that started this one too.
    most = 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
print(json.dumps([found, most]))
"""


def _read_apart(paths: list[Path]) -> tuple[dict[str, list[str]], int]:
    """Return the problems of workbooks by name, and the most memory, of a process of its own that has not much."""
    pytest.importorskip("resource", reason="limits of a process are a matter of Linux and macOS")
    environment = {"PYTHONPATH": str(Path(mfa.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, paths)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found, most = json.loads(done.stdout)
    return {Path(path).stem: codes for path, codes in found.items()}, most


def test_hostile_files_end_in_one_answer_each_and_in_little_memory(tmp_path: Path) -> None:
    made = hostile_files.files()
    found, most = _read_apart(hostile_files.write(tmp_path, made))
    assert found == {name: [code] for name, (_, code) in made.items()}
    assert most < ROOM


@pytest.mark.exhaustive  # a million rows take openpyxl its time
def test_a_million_empty_rows_are_read_in_little_memory(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d" ht="15" customHeight="1"/>' % row for row in range(3, 1_048_577))
    head = b'<row r="1"><c t="inlineStr"><is><t>market</t></is></c></row>'
    files = {"rows": (hostile_files.with_part(hostile_files.SHEET, hostile_files.sheet(head + rows)), "")}
    found, most = _read_apart(hostile_files.write(tmp_path, files))
    assert "sheet_missing" in found["rows"] and not {"file_broken", "file_too_much"} & set(found["rows"])
    assert most < ROOM


def test_every_answer_is_told_in_both_languages(tmp_path: Path) -> None:
    (path,) = hostile_files.write(tmp_path, {"csv": (b"a;b", "")})
    (problem,) = read_workbook(path).problems
    assert problem.line("da") != problem.line("en") and "csv" in problem.text("da")
    assert {"file_other_kind", "file_too_much", "file_too_large"} <= set(TEXTS)


def _filled(change: Any, path: Path) -> Path:
    other_world.write_world(path)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_stray_cells_and_empty_rows_leave_the_case_as_it_is(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["markets"]["XFD1048576"] = "stray"
        for row in range(500, 5000):
            book["markets"].row_dimensions[row].height = 20
            book["markets"].cell(row, 40).number_format = "0.0"

    reading = read_workbook(_filled(change, tmp_path / "world.xlsx"))
    assert [problem.code for problem in reading.problems] == ["value_outside"]
    assert reading.case is not None and len(reading.case["markets"]) == len(other_world.tables()["markets"])


def test_formulas_and_links_to_elsewhere_are_read_as_their_stored_values(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["markets"]
        place = next(cell.column for cell in sheet[1] if str(cell.value) == "name_en")
        sheet.cell(2, place).value = "='file:///etc/[passwd]a'!A1"
        sheet.cell(3, place).value = "=cmd|'/c calc'!A1"

    codes = [problem.code for problem in read_workbook(_filled(change, tmp_path / "world.xlsx")).problems]
    assert codes == ["formula_uncached"] * 2


def test_queries_pictures_and_the_order_of_formulas_are_nobodys_business(tmp_path: Path) -> None:
    path = tmp_path / "world.xlsx"
    other_world.write_world(path)
    query = '<?xml version="1.0" encoding="utf-16"?><DataMashup>' + "A" * 2_000_000 + "</DataMashup>"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("customXml/item1.xml", query.encode("utf-16"))
        archive.writestr("xl/media/image1.svg", '<?xml version="1.0"?><!DOCTYPE svg><svg/>')
        archive.writestr("xl/calcChain.xml", "<calcChain>" + '<c r="A1"/>' * 250_000 + "</calcChain>")
    assert read_workbook(path).problems == []


def test_a_link_that_leads_to_a_workbook_is_the_users_own(tmp_path: Path) -> None:
    other_world.write_world(tmp_path / "world.xlsx")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "world.xlsx")
    assert read_workbook(tmp_path / "link.xlsx").problems == []


def test_limits_stand_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text("utf-8")
    limits = {
        "LARGEST_FILE": workbook_guard.LARGEST_FILE / 1e6,
        "LARGEST_BYTES": workbook_guard.LARGEST_BYTES / 1e6,
        "LARGEST_PART": workbook_guard.LARGEST_PART / 1e6,
        "MOST_PARTS": workbook_guard.MOST_PARTS,
        "MOST_ELEMENTS": workbook_guard.MOST_ELEMENTS,
        "MOST_OTHER": workbook_guard.MOST_OTHER,
        "MOST_ROWS": workbook_guard.MOST_ROWS,
        "MOST_COLUMNS": workbook_open.MOST_COLUMNS,
        "MOST_CELLS": workbook_guard.MOST_CELLS,
        "LONGEST_TEXT": workbook_guard.LONGEST_TEXT,
        "MOST_SECTIONS": workbook_guard.MOST_SECTIONS,
    }
    missing = [name for name, value in limits.items() if f"{value:,.0f}".replace(",", " ") not in text]
    assert missing == []
