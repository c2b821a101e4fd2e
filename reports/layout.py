"""Where things stand on a sheet: widths, heights and places, worked out before anything is drawn.

Widths are in Excel's characters of the default font (7 pixels each), heights in points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.page import Chart, Formula, Page, Picture, Table, Value, filled, number

LINE, ROW_PIXELS = 13.5, 20
FIRST_WIDTH = (48.0, 56.0)
OTHER_WIDTH = (11.0, 22.0)
MIDDLE_WIDTH, LONG_WIDTH = 34.0, 66.0
CHART_HEIGHT = 270
PAPER_WIDTH, PAPER_HEIGHT = 765.0, 506.0
"""Room on a printed page in points: A4 landscape less margins, header and footer."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Area:
    """Where a table stands on its sheet: rows and columns from 0, without head and total."""

    first_row: int
    last_row: int
    columns: Mapping[str, int]


class Layout:
    """The measures of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks = filled(page.blocks)
        self.tables = [block for block in self.blocks if isinstance(block, Table)]
        self.widths = self._widths()
        self.areas = self._plan_areas()

    def _widths(self) -> list[float]:
        count = max([len(table.columns) for table in self.tables], default=1)
        widths = [FIRST_WIDTH[0]] + [OTHER_WIDTH[0]] * (count - 1)
        for table in self.tables:
            for position, column in enumerate(table.columns):
                low, high = FIRST_WIDTH if position == 0 else OTHER_WIDTH
                if position and len(table.columns) <= 7:
                    high = LONG_WIDTH if len(table.columns) <= 3 else MIDDLE_WIDTH
                needed = max([len(word) for word in column.label.split()], default=0) * 1.1 + 4.5
                for row, line in enumerate(table.lines):
                    text = shown(line[position], table.style(row, position))
                    needed = max(needed, len(text) + 2.0)
                if column.total:
                    needed = max(needed, len(shown(column_sum(table, position), column.style)) * 1.1 + 2)
                widths[position] = max(widths[position], min(max(needed, low), high))
        return widths if self.tables else [FIRST_WIDTH[1] * 2]

    @property
    def page_width(self) -> int:
        """Width of all columns in pixels."""
        return int(sum(width * 7 + 5 for width in self.widths))

    def _plan_areas(self) -> dict[str, Area]:
        """Return where every table will stand: charts may stand above the table that they show."""
        areas: dict[str, Area] = {}
        row = 2 + len(self.page.lead) + 1
        for block in self.blocks:
            if isinstance(block, Table):
                row += 1 if block.caption else 0
                last = row + max(len(block.lines), 1)
                areas[block.key] = Area(
                    row + 1, last, {column.key: place for place, column in enumerate(block.columns)}
                )
                row = last + (1 if block.total else 0) + (1 if block.note or not block.lines else 0) + 2
            elif isinstance(block, Chart | Picture):
                row += 1 + self.rows(block)
            else:
                row += 2
        return areas

    def rows(self, block: Chart | Picture) -> int:
        """Return how many rows of default height a picture covers."""
        height = self.height(block) if isinstance(block, Chart) else int(block.height * self.scale(block))
        return math.ceil(height / ROW_PIXELS) + 1

    def height(self, block: Chart) -> int:
        """Return the height of a chart: bars need room for each of their names."""
        if block.kind != "bar":
            return CHART_HEIGHT
        table = next(table for table in self.tables if table.key == block.table)
        rows = min(len(table.lines), block.limit or len(table.lines))
        return max(CHART_HEIGHT, 90 + rows * (12 + 9 * len(block.series)))

    def scale(self, block: Picture) -> float:
        """Return by how much a picture is made smaller to fit."""
        return min(1.0, max(self.page_width, 900) / block.width)


def sheet_name(text: str) -> str:
    """Return a name that Excel takes for a sheet: at most 31 characters, none of its signs."""
    return _FORBIDDEN.sub(" ", text)[:31].strip() or "-"


def plain_value(value: Value) -> str | float | int | None:
    """Return the value of a cell, that of a formula included."""
    if isinstance(value, Formula):
        return value.value
    return value


def shown(value: Value, style: str) -> str:
    """Return about what Excel will show, to measure the width that it needs."""
    plain = plain_value(value)
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return ""
    if isinstance(plain, str):
        return plain
    if style in {"percent", "change"}:
        return f"{plain * 100:+.1f} %"
    if style == "year":
        return f"{plain:.0f}"
    if style == "score":
        return f"{plain:.1E}"
    decimals = {"one": 1, "km": 1, "two": 2}.get(style, 0)
    return f"{plain:,.{decimals}f}"


def lines_needed(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of a width, words kept whole."""
    room = max(int(width * 1.04), 4)
    lines, used = 1, 0
    for word in text.split():
        length = len(word)
        if used and used + 1 + length > room:
            lines, used = lines + 1, 0
        lines += max(0, (length - 1) // room)
        used += (1 if used else 0) + length
    return lines


def column_sum(table: Table, position: int) -> float:
    """Return the sum of a column, formulas by their values."""
    values = (number(plain_value(line[position])) for line in table.lines)
    return math.fsum(value for value in values if value is not None)


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell counted from 0.

    >>> cell_name(0, 27)
    'AB1'
    """
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def distinct(labels: Sequence[str]) -> list[str]:
    """Return heads that differ, as a table requires."""
    seen: dict[str, int] = {}
    result = []
    for label in labels:
        count = seen.get(label.casefold(), 0) + 1
        seen[label.casefold()] = count
        result.append(label if count == 1 else f"{label} ({count})")
    return result
