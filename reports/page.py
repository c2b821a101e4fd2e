"""A page of a report as data: what stands on it, before anything is drawn.

The functions that decide what a report says return these objects; :mod:`reports.excel` draws them.
A page can therefore be tested, or drawn in another medium, without opening a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Style = Literal[
    "text", "whole", "one", "two", "tonnes", "kilos", "money", "percent", "change", "points", "year", "km", "score"
]
ChartKind = Literal["column_stacked", "column", "bar", "line", "scatter", "points"]


@dataclass(frozen=True)
class Formula:
    """A live formula with the value that is stored beside it.

    ``expression`` names columns of the same row by their keys: ``"{plan}-{target}"``.
    """

    expression: str
    value: float


class SheetLink(str):
    """The name of a sheet of the same workbook in a cell: it leads there. Anything else that draws pages sees a text."""

    __slots__ = ()


Value = str | float | int | Formula | None


@dataclass(frozen=True)
class Column:
    """One column of a table: ``key`` for charts and formulas, ``label`` for the reader."""

    key: str
    label: str
    style: Style = "text"
    total: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a head and filters; ``row_styles`` are number formats, row by row, of the columns ``styled``.

    A table without lines is left out, with its charts, unless ``when_empty`` says something instead.
    ``total`` is the label of a live total row ('' for none), ``lines`` the rows without it.
    A blank number (``None`` or NaN) stays an empty cell.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Sequence[Value]]
    total: str = ""
    row_styles: Sequence[Style] = ()
    styled: Sequence[str] = ()
    note: str = ""
    when_empty: str = ""
    marked: frozenset[int] = frozenset()

    def style(self, row: int, position: int) -> Style:
        """Return the number format of a cell."""
        column = self.columns[position]
        return self.row_styles[row] if self.row_styles and column.key in self.styled else column.style

    def column(self, key: str) -> list[Value]:
        """Return the values of one column."""
        position = [column.key for column in self.columns].index(key)
        return [line[position] for line in self.lines]


@dataclass(frozen=True)
class Chart:
    """A native chart of columns of a table of the workbook; ``colours`` maps a series key to a colour.

    It stands beside its table where that is the block before or after it and leaves room. ``pointed_out`` is
    the line of the table whose bar has another colour, so that it is found among many; its name
    must say the same in words. ``category_style`` is the number format of the categories; those of a
    ``scatter`` chart, and of ``points`` that no line joins, are numbers along an axis.
    """

    kind: ChartKind
    title: str
    alt: str
    table: str
    category: str
    series: Sequence[str]
    axis: str = ""
    style: Style = "whole"
    colours: Mapping[str, str] = field(default_factory=dict)
    limit: int = 0
    height: int = 0
    category_style: Style = "year"
    pointed_out: int = -1


@dataclass(frozen=True)
class Picture:
    """A picture as PNG with the text that stands for it; its size is that at 96 dots per inch.

    It fills the width of the page unless it keeps its ``own_size``, as a logo does; without a title it has no caption.
    """

    title: str
    alt: str
    png: bytes
    width: int
    height: int
    own_size: bool = False


@dataclass(frozen=True)
class Note:
    """A paragraph."""

    text: str


Block = Table | Chart | Picture | Note


@dataclass(frozen=True)
class Page:
    """One sheet: a title, the answer in one sentence, what to add to it, and the evidence.

    ``part`` is the part of the waste plan that it belongs to, in a word, ``tab`` the colour that goes with it.
    """

    name: str
    title: str
    answer: str
    blocks: Sequence[Block]
    lead: Sequence[str] = ()
    part: str = ""
    tab: str = ""


def filled(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without empty tables and without the charts of these."""
    tables = [block for block in blocks if isinstance(block, Table)]
    empty = {table.key for table in tables if not table.lines}
    silent = {table.key for table in tables if not table.lines and not table.when_empty}
    return [
        block
        for block in blocks
        if not (isinstance(block, Table) and block.key in silent)
        and not (isinstance(block, Chart) and block.table in empty)
    ]


def number(value: object) -> float | None:
    """Return a number for a cell, or ``None`` for what is missing.

    >>> number(float("nan")) is None
    True
    """
    if value is None or not isinstance(value, int | float):
        return None
    result = float(value)
    return None if result != result else result


def points(rate: float, goal: float, expression: str) -> Formula:
    """Return live percentage points from a goal to a rate; what rounding leaves of them is nothing, and no minus nothing.

    >>> points(0.799999999, 0.8, "{plan}-{goal}").value
    0.0
    """
    return Formula(f"ROUND(100*({expression}),6)", round(100 * (rate - goal), 6) + 0.0)


def difference(left: float | None, right: float | None, expression: str) -> Formula | None:
    """Return a live difference, or nothing where one side is missing."""
    if left is None or right is None:
        return None
    return Formula(expression, left - right)
