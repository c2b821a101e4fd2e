"""Does what a page of the documentation tells its reader to do: runs its code, types its rows, gives its commands.

A page is read from top to bottom and its steps are taken in that order, in the folder where the test stands:

- a block marked ``python`` runs; names go on from block to block of a page;
- a block marked ``console`` has lines that begin with ``$``, the commands, and below each what it says: every such line
  is found in what the command printed, and ``[3]`` is its exit code (0 where nothing is said);
- ``Sheet `NAME` `` before a table: the table's cells are typed into that sheet of ``case.xlsx``, below what stands there
  (or into the row that is named); in ``settings`` into the rows of the keys.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from mfa.cli import main

DOCS = Path(__file__).resolve().parent.parent / "docs"
STEP = re.compile(
    r"```(?P<kind>python|console)\n(?P<block>.*?)```"
    r"|^Sheet `(?P<sheet>\w+)`(?:, row (?P<row>\d+))?[^\n]*\n\n(?P<table>(?:\|[^\n]*\n)+)",
    re.S | re.M,
)


def follow(page: Path, capsys: pytest.CaptureFixture[str], names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Do what a page says and return the names that its code has given."""
    names = {} if names is None else names
    for step in STEP.finditer(page.read_text("utf-8")):
        if step["sheet"]:
            type_rows(Path("case.xlsx"), step["sheet"], step["table"], int(step["row"]) if step["row"] else None)
        elif step["kind"] == "python":
            exec(compile(step["block"], str(page), "exec"), names)
        else:
            for command, said, code in commands(step["block"]):
                capsys.readouterr()
                try:
                    left = main(shlex.split(command, comments=True)[1:])
                except SystemExit as stop:
                    left = stop.code
                out = "".join(capsys.readouterr())
                assert left == code, f"{page.name}: {command} ended with {left}\n{out}"
                for line in said:
                    assert line in out, f"{page.name}: {command} did not say {line!r} but\n{out}"
    return names


def commands(block: str) -> Iterator[tuple[str, list[str], int]]:
    """Yield each command of a block with the lines that it prints and its exit code."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *said = part.strip().splitlines()
        code = next((int(line[1:-1]) for line in said if re.fullmatch(r"\[\d+\]", line)), 0)
        yield command, [line for line in said if not re.fullmatch(r"\[\d+\]", line)], code


def type_rows(path: Path, sheet: str, table: str, row: int | None = None) -> None:
    """Type the rows of a table of a page into a workbook, as a reader does in Excel."""
    header, _, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
    book = load_workbook(path)
    cells = book[sheet]
    columns = {cell.value: cell.column for cell in cells[1]}
    keys = {cell.value: cell.row for cell in cells["A"]} if sheet == "settings" else {}
    for typed in rows:
        values = dict(zip(header, typed, strict=True))
        place = row or keys.get(values[header[0]]) or 1 + max(c.row for c in cells["A"] if c.value is not None)
        for name, value in values.items():
            if value:
                cells.cell(place, columns[name]).value = as_typed(value)
    book.save(path)


def as_typed(text: str) -> str | float:
    """Return what Excel makes of typed text: a number where it looks like one."""
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text
