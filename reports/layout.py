"""Where things stand on a sheet: widths, heights, places and pages, worked out before anything is drawn.

Every sheet has the same width on paper, so that all print at one scale; a chart stands beside the
table that it shows where there is room. Widths are in pixels, heights of rows in points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reports.measure import lines, longest_word, pixels, rows_of
from reports.page import Block, Chart, Column, Formula, Note, Page, Picture, Table, Value, filled, number

PAGE_PIXELS = 1400
"""Width of every sheet on paper: A4 landscape then shows 10 point letters at about 7.5."""
PAPER_WIDTH, PAPER_HEIGHT = 784.0, 516.0
"""Room on a printed page in points: A4 landscape less margins, header and footer."""
LINE, ROW, CAPTION, TOTAL = 12.5, 15.0, 19.0, 15.0
CHART_HEIGHT, TALLEST_BESIDE, NARROWEST_CHART, WIDEST_CHART, GUTTER = 250, 400, 460, 960, 28
WIDEST_TEXT, WIDEST_OF_FEW, NARROWEST = 430.0, 720.0, 62.0
SHORT_TABLE = 20
_PADDING, _INDENT, _BUTTON = 8.0, 9.0, 17.0
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Area:
    """Where a table stands on its sheet: rows and columns from 0, without head and total."""

    first_row: int
    last_row: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """A block and its rows: ``row`` the first, ``end`` the first below; a table may have a chart beside it."""

    block: Block
    row: int
    end: int
    note: tuple[str, ...] = ()
    beside: Chart | None = None


class Layout:
    """The measures of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks = filled(page.blocks)
        self.tables = [block for block in self.blocks if isinstance(block, Table)]
        self.answer = rows_of(page.answer)
        self.lead = [row for text in page.lead for row in rows_of(text)]
        self.longest: dict[tuple[str, int], float] = {}
        self.widths = self._widths()
        self.heights: dict[int, float] = {}
        self.areas: dict[str, Area] = {}
        self.places = self._places()
        self.breaks = self._breaks()

    # Widths -----------------------------------------------------------------------------------

    def _widths(self) -> list[float]:
        """Return the width of each column: as wide as needed; texts wrap where the page would be too wide."""
        count = max([len(table.columns) for table in self.tables], default=0)
        least, wanted, heads = [NARROWEST] * count, [NARROWEST] * count, [NARROWEST] * count
        for table in self.tables:
            for position in range(len(table.columns)):
                low, high = self._needed(table, position)
                least[position], wanted[position] = max(least[position], low), max(wanted[position], high)
                heads[position] = max(heads[position], min(_head_width(table.columns[position], 2), 150.0))
        while sum(wanted) > PAGE_PIXELS:
            loose = [place for place in range(count) if wanted[place] > least[place]]
            if not loose:
                break
            widest = max(loose, key=lambda place: wanted[place])
            wanted[widest] = max(least[widest], wanted[widest] - 6)
        # What is left of the page goes to heads that would take three lines.
        for position in range(count):
            room = max(0.0, PAGE_PIXELS - sum(wanted))
            wanted[position] += min(room, max(0.0, heads[position] - wanted[position]))
        return [float(math.floor(width)) for width in wanted]

    def _needed(self, table: Table, position: int) -> tuple[float, float]:
        """Return the least and the wanted width of a column of a table."""
        column = table.columns[position]
        low = high = float(math.ceil(_head_width(column, 3)))
        texts, figures = _widest(table, position)
        edge = _PADDING + _INDENT
        if figures:
            low = max(low, math.ceil(max(pixels(text, bold=bold) for text, bold in figures) + edge))
        high = max(high, low)
        longest = max((pixels(text, bold=bold) for text, bold in texts), default=0.0)
        self.longest[table.key, position] = longest
        if texts:
            high = max(high, math.ceil(longest + edge))
            room = max(longest_word(text) for text, _ in texts) + edge
            low = max(low, math.ceil(min(room, WIDEST_TEXT / 2)))
        if column.total:
            total = pixels(shown(column_sum(table, position), column.style), bold=True)
            low = max(low, math.ceil(total + edge))
        if position == 0 and table.total:
            low = max(low, math.ceil(min(pixels(table.total, bold=True) + edge, WIDEST_TEXT / 2)))
        most = WIDEST_OF_FEW if len(table.columns) <= 3 else WIDEST_TEXT
        return low, max(low, min(high, most))

    def table_width(self, table: Table) -> float:
        """Return the width of a table."""
        return sum(self.widths[: len(table.columns)])

    @property
    def page_width(self) -> float:
        """Width of the printed sheet; a table that cannot be narrower makes it wider."""
        return max(float(PAGE_PIXELS), sum(self.widths))

    # Places -----------------------------------------------------------------------------------

    def _places(self) -> list[Place]:
        self.heights[0] = 22.5
        for row in range(len(self.answer)):
            self.heights[1 + row] = 16.5
        row = 1 + len(self.answer) + len(self.lead)
        self.heights.update(dict.fromkeys(range(1 + len(self.answer), row), 13.5))
        self.heights[row] = 9.0
        row += 1
        places: list[Place] = []
        paired = self._paired()
        for block in self.blocks:
            if isinstance(block, Table):
                place = self._place_table(block, row, paired.get(block.key))
            elif isinstance(block, Note):
                text = tuple(rows_of(block.text))
                place = Place(block, row, row + len(text), text)
            elif isinstance(block, Chart) and paired.get(block.table) is block:
                continue
            else:
                caption = 1 if isinstance(block, Picture) and block.title else 0
                if caption:
                    self.heights[row] = CAPTION
                place = Place(block, row, row + caption + math.ceil(self.height(block) * 0.75 / ROW))
            places.append(place)
            row = place.end + 1
            self.heights[place.end] = 10.5
        return places

    def _paired(self) -> dict[str, Chart]:
        """Return the charts that stand beside their table, by the key of the table."""
        result: dict[str, Chart] = {}
        for position, block in enumerate(self.blocks):
            if isinstance(block, Chart):
                for table in self.blocks[max(position - 1, 0) : position + 2]:
                    if isinstance(table, Table) and table.key == block.table and self._chart_room(table) > 0:
                        result.setdefault(block.table, block)
        return result

    def _chart_room(self, table: Table) -> float:
        room = PAGE_PIXELS - self.table_width(table) - GUTTER
        return room if room >= NARROWEST_CHART else 0.0

    def _place_table(self, table: Table, row: int, chart: Chart | None) -> Place:
        first = row
        if table.caption:
            self.heights[row] = CAPTION
            row += 1
        labels = distinct([column.label for column in table.columns])
        self.heights[row] = 6 + LINE * max(self._head_lines(table, place, label) for place, label in enumerate(labels))
        head = row
        rooms = {place: self.widths[place] - _INDENT - _PADDING + 1 for place in range(len(table.columns))}
        # Where the longest text of a column takes one line, so do all others.
        rooms = {place: room for place, room in rooms.items() if self.longest[table.key, place] > room - 1}
        for offset, line in enumerate(table.lines or [[]]):
            row += 1
            bold = offset in table.marked
            texts = [
                lines(value, room, bold)
                for place, room in (rooms.items() if line else ())
                if isinstance(value := line[place], str)
            ]
            self.heights[row] = 1.75 + LINE * max(texts, default=1)
        self.areas[table.key] = Area(head + 1, row, {column.key: n for n, column in enumerate(table.columns)})
        if table.total:
            row += 1
            self.heights[row] = TOTAL
        text = table.note if table.lines else table.when_empty
        note = tuple(rows_of(text)) if text else ()
        end = row + 1 + len(note)
        for extra in range(row + 1, end):
            self.heights[extra] = 13.5
        if chart is not None:
            missing = self.height(chart) * 0.75 + 6 - sum(self.heights[place] for place in range(first, end))
            end += max(0, math.ceil(missing / ROW))
        return Place(table, first, end, note, chart)

    def _head_lines(self, table: Table, position: int, label: str) -> int:
        return lines(label, self.widths[position] - _head_edge(table.columns[position]) + 1, True)

    def height(self, block: Chart | Picture) -> int:
        """Return the height of a chart or picture in pixels: bars need room for each of their names."""
        if isinstance(block, Picture):
            return int(block.height * self.scale(block))
        if block.height or block.kind != "bar":
            return block.height or CHART_HEIGHT
        table = next(table for table in self.tables if table.key == block.table)
        rows = min(len(table.lines), block.limit or len(table.lines))
        return max(CHART_HEIGHT, 80 + rows * (12 + 8 * len(block.series)))

    def chart_size(self, place: Place, chart: Chart) -> tuple[float, float, float]:
        """Return left edge, width and height of a chart in pixels; beside a table it is about as high as that."""
        if place.beside is None or not isinstance(place.block, Table):
            return 2.0, min(self.page_width - 6, WIDEST_CHART), self.height(chart)
        left = self.table_width(place.block) + GUTTER
        height = sum(self.heights.get(row, ROW) for row in range(place.row, place.end)) / 0.75 - 4
        return left, min(PAGE_PIXELS - left, WIDEST_CHART), max(self.height(chart), min(height, TALLEST_BESIDE))

    def scale(self, block: Picture) -> float:
        """Return by how much a picture is made smaller to fill the page."""
        return 1.0 if block.own_size else PAGE_PIXELS / block.width

    # Pages ------------------------------------------------------------------------------------

    def keeps_head(self, table: Table) -> bool:
        """Return whether the head is repeated on paper: not if it would stand above another table."""
        last = table is self.blocks[-1]
        return last and (len(self.tables) == 1 or len(table.lines) > SHORT_TABLE)

    def _breaks(self) -> list[int]:
        """Return the rows before which a printed page starts: what fits on one page is not cut in two."""
        scale = min(1.0, PAPER_WIDTH / (self.page_width * 0.75))
        room = PAPER_HEIGHT / scale * 0.98
        breaks: list[int] = []
        start = self.places[0].row if self.places else 0
        used = sum(self.heights.get(row, ROW) for row in range(start))
        for place in self.places:
            height = sum(self.heights.get(row, ROW) for row in range(place.row, place.end))
            long = isinstance(place.block, Table) and (height > room - 24 or self.keeps_head(place.block))
            if used + height > room and not (long and used < 0.6 * room):
                breaks.append(place.row)
                used = self.heights[0]
            used += height
            while used > room:
                used -= room - 40
            used += 10.5
        return [row for row in breaks if row > start]


def _widest(table: Table, position: int) -> tuple[set[tuple[str, bool]], set[tuple[str, bool]]]:
    """Return the different texts of a column, and of its numbers those that can be widest; each and whether it is bold.

    All digits are equally wide: of numbers of one style the largest and the smallest take most room.
    """
    texts: set[tuple[str, bool]] = set()
    figures: set[tuple[str, bool]] = set()
    for (style, bold), values in _alike(table, position):
        different = set(values)
        texts.update((value, bold) for value in different if isinstance(value, str))
        plain = [value for value in map(plain_value, different) if value is not None and not isinstance(value, str)]
        known = [value for value in plain if value == value]
        if known:
            figures |= {(shown(value, style), bold) for value in (min(known), max(known))}
    return texts, figures


def _alike(table: Table, position: int) -> Iterator[tuple[tuple[str, bool], list[Value]]]:
    """Return the values of a column by their number format and whether they are bold."""
    values = [line[position] for line in table.lines]
    column = table.columns[position]
    by_row = table.row_styles and column.key in table.styled
    if not by_row and not table.marked:
        yield (column.style, False), values
        return
    found: dict[tuple[str, bool], list[Value]] = {}
    for row, value in enumerate(values):
        found.setdefault((table.style(row, position), row in table.marked), []).append(value)
    yield from found.items()


def _head_edge(column: Column) -> float:
    """Return what of a head's width is not letters: its margins, and Excel's button for the filter."""
    return _PADDING + (_INDENT + _BUTTON if column.style in {"text", "year"} else 2 * _INDENT)


def _head_width(column: Column, most: int) -> float:
    """Return the width in which a head takes at most so many lines."""
    return _head_room(column.label, most) + _head_edge(column)


@lru_cache(maxsize=4096)
def _head_room(label: str, most: int) -> float:
    """Return the room for the letters of a head that shall take at most so many lines."""
    room = max([pixels(word, bold=True) for word in label.split()], default=0.0)
    while lines(label, room, True) > most:
        room += 3.0
    return room


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
    decimals = {"one": 1, "km": 1, "two": 2, "points": 1}.get(style, 0)
    return f"{plain:,.{decimals}f}"


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
