"""Does what a page of the documentation tells its reader to do: runs its code, types its rows, gives its commands.

A page is read from top to bottom and its steps are taken in that order, in the folder where the test stands:

- a block marked ``python`` runs; names go on from block to block of a page;
- a block marked ``console`` has lines that begin with ``$``, the commands, and below each what it says: every such line
  is one that the command printed, in that order; ``...`` stands for what the page leaves out, and ``[3]`` is the exit code
  (0 where nothing is said);
- ``Sheet `NAME` `` before a table: the table's cells are typed into that sheet of ``case.xlsx``, below what stands there
  (or into the row that is named); in ``settings`` into the rows of the keys.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from mfa.cli import main

DOTS = re.escape("...")
DOCS = Path(__file__).resolve().parent.parent / "docs"
HOWTOS = DOCS / "howto"
FENCE = re.compile(
    r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})(?P<kind>[^\n]*)\n(?P<text>.*?)^(?P=indent)(?P=fence)[ ]*$", re.S | re.M
)
STEP = re.compile(
    r"```(?P<kind>python|console)\n(?P<block>.*?)```"
    r"|^Sheet `(?P<sheet>\w+)`(?:, row (?P<row>\d+))?[^\n]*\n\n(?P<table>(?:\|[^\n]*\n)+)",
    re.S | re.M,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: what stands behind the fence, and its text."""

    page: Path
    kind: str
    text: str

    @property
    def first(self) -> str:
        """Its first line, by which a block is told from others of its page."""
        return self.text.strip().partition("\n")[0].strip()


def blocks(page: Path) -> list[Block]:
    """Return every fenced block of a page."""
    return [Block(page, fence["kind"].strip(), fence["text"]) for fence in FENCE.finditer(page.read_text("utf-8"))]


def follow(page: Path, names: dict[str, Any] | None = None, most: int | None = None) -> dict[str, Any]:
    """Do what a page says (its first ``most`` steps) and return the names that its code has given."""
    names = {} if names is None else names
    for step in list(STEP.finditer(page.read_text("utf-8")))[:most]:
        if step["sheet"]:
            type_rows(Path("case.xlsx"), step["sheet"], step["table"], int(step["row"]) if step["row"] else None)
        elif step["kind"] == "python":
            exec(compile(step["block"], str(page), "exec"), names)
        else:
            for command, said, code in commands(step["block"]):
                out = command_says(command, code, page.name)
                rest = out
                for line in said:
                    # Whole lines in their order; ``...`` stands for what a page leaves out.
                    found = re.search(f"^{re.escape(line).replace(DOTS, '.*')}$", rest, re.M)
                    assert found, f"{page.name}: {command} did not say {line!r} (then) but\n{out}"
                    rest = rest[found.end() :]
    return names


def command_says(command: str, code: int = 0, page: str = "") -> str:
    """Give a command as it is typed, see that it ends with ``code``, and return what it printed."""
    said = io.StringIO()
    left: object
    with redirect_stdout(said), redirect_stderr(said):
        try:
            left = main(shlex.split(command, comments=True)[1:])
        except SystemExit as stop:
            left = stop.code or 0
    assert left == code, f"{page}: {command} ended with {left}\n{said.getvalue()}"
    return said.getvalue()


def commands(block: str) -> Iterator[tuple[str, list[str], int]]:
    """Yield each command of a block with the lines that it prints and its exit code."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *said = part.strip().splitlines()
        code = next((int(line[1:-1]) for line in said if re.fullmatch(r"\[\d+\]", line)), 0)
        yield command, [line for line in said if not re.fullmatch(r"\[\d+\]|\.\.\.", line)], code


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
