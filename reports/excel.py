"""Drawing pages as an Excel workbook with XlsxWriter: layout, tables, native charts, print set-up.

Text from input is always written as text, never as a formula or a link. Formulas of our own carry
their value, so that a preview shows it without calculating. The same pages give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from reports.layout import (
    LINE,
    PAPER_HEIGHT,
    PAPER_WIDTH,
    Layout,
    cell_name,
    column_sum,
    distinct,
    lines_needed,
    plain_value,
    sheet_name,
)
from reports.page import Chart, Column, Formula, Page, Picture, Table, Value, number
from reports.style import BAND, HEAD, HEAD_TEXT, INK, MARK, MUTED, NUMBER_FORMATS, RULE, SERIES_COLOURS, cell_format

SHORT_TABLE, MOST_FROZEN = 20, 7
CREATED = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed date, so that the same run gives the same bytes."""
_FORMULA_NAME = re.compile(r"\{(\w+)\}")


def workbook_bytes(pages: Sequence[Page], properties: Mapping[str, str], page_of: str) -> bytes:
    """Return a workbook of pages; ``properties`` are title, subject, author, comments and language.

    ``page_of`` is the footer, with ``{page}`` and ``{pages}``.
    """
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "default_format_properties": {"font_name": "Arial", "font_size": 10},
    }
    book = xlsxwriter.Workbook(target, options)
    language = properties.get("language", "")
    book.set_properties({key: value for key, value in properties.items() if key != "language"} | {"created": CREATED})
    book.set_custom_property("Language", language, "text")
    formats = _Formats(book)
    names: set[str] = set()
    for page in pages:
        name = sheet_name(page.name)
        if name.casefold() in names:
            raise ValueError(f"two sheets are called '{name}'")
        names.add(name.casefold())
        _PageWriter(book, book.add_worksheet(name), formats, page).write(properties.get("title", ""), page_of)
    book.close()
    return target.getvalue()


class _Formats:
    """Cell formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(cell_format(**properties))
        return self._made[key]

    def cell(self, style: str, marked: bool = False, total: bool = False, band: bool = False) -> Any:
        properties: dict[str, Any] = {"bottom": 1, "bottom_color": RULE}
        if style == "text":
            properties |= {"text_wrap": True, "align": "left", "indent": 1}
        elif style == "year":
            properties |= {"num_format": NUMBER_FORMATS[style], "align": "left", "indent": 1}
        else:
            properties |= {"num_format": NUMBER_FORMATS[style], "align": "right"}
        if marked:
            properties |= {"bg_color": MARK, "bold": True}
        elif total:
            properties |= {"bold": True, "bg_color": BAND, "top": 1, "top_color": INK}
        elif band:
            properties |= {"bg_color": "#F7F9FA"}
        return self.of(**properties)

    def head(self, style: str) -> Any:
        side = {"align": "left", "indent": 1} if style in {"text", "year"} else {"align": "right", "indent": 2}
        return self.of(bold=True, font_color=HEAD_TEXT, bg_color=HEAD, text_wrap=True, valign="vcenter", **side)


class _PageWriter:
    """Writes one page onto its sheet, from the top down."""

    def __init__(self, book: Any, sheet: Any, formats: _Formats, page: Page) -> None:
        self.book, self.sheet, self.formats, self.page = book, sheet, formats, page
        self.layout = Layout(page)
        self.row = self.page_start = 0
        self.heights: dict[int, float] = {}
        self.breaks: list[int] = []

    def write(self, title: str, page_of: str) -> None:
        sheet = self.sheet
        sheet.hide_gridlines(2)
        sheet.set_default_row(15)
        for column, width in enumerate(self.layout.widths):
            sheet.set_column(column, column, width, self.formats.of())
        self._text(self.page.title, bold=True, font_size=16, font_color=HEAD, wrap=False)
        self._text(self.page.answer, bold=True, font_size=12)
        for line in self.page.lead:
            self._text(line)
        self.row += 1
        for block in self.layout.blocks:
            if isinstance(block, Table):
                self._table(block)
            elif isinstance(block, Chart):
                self._chart(block)
            elif isinstance(block, Picture):
                self._picture(block)
            else:
                self._text(block.text)
                self.row += 1
        self._print_setup(title, page_of)

    # Layout -----------------------------------------------------------------------------------

    def _keeps_head(self, table: Table) -> bool:
        """Return whether the head is repeated on paper: not if it would stand above another table."""
        tables = self.layout.tables
        return table is tables[-1] and (len(tables) == 1 or len(table.lines) > SHORT_TABLE)

    def _set_row(self, row: int, points: float) -> None:
        self.heights[row] = points
        self.sheet.set_row(row, points)

    def _break_before(self, needed: float) -> None:
        """Start a new printed page if the next ``needed`` points do not fit on this one."""
        scale = min(1.0, PAPER_WIDTH / (self.layout.page_width * 0.75))
        repeated = self.heights.get(0, 15.0) if self.page_start else 0.0
        room = PAPER_HEIGHT / scale - repeated
        used = position = sum(self.heights.get(row, 15.0) for row in range(self.page_start, self.row))
        while used > room:
            used -= room
        crossed = used != position
        if used and (used + min(needed, room) > room or (crossed and used < 60)):
            self.breaks.append(self.row)
            self.page_start = self.row

    # Blocks -----------------------------------------------------------------------------------

    def _text(self, text: str, wrap: bool = True, **properties: Any) -> None:
        size = properties.get("font_size", 10)
        width = self.layout.widths[0] * 10 / size * (0.93 if properties.get("bold") else 1.0)
        fits = len(text) <= sum(self.layout.widths) * 10 / size * 0.9
        # A line that fits beside empty cells needs no wrapping; a longer one is wrapped in the first column.
        count = 1 if not wrap or fits else lines_needed(text, width)
        self._set_row(self.row, max(15.0, count * LINE * size / 10 + 2))
        self.sheet.write_string(self.row, 0, text, self.formats.of(text_wrap=count > 1, **properties))
        self.row += 1

    def _table(self, table: Table) -> None:
        self._break_before(70.0 + 16.0 * min(len(table.lines) + 2, 12))
        if table.caption:
            self._set_row(self.row, 20)
            self.sheet.write_string(
                self.row, 0, table.caption, self.formats.of(bold=True, font_size=12, font_color=HEAD)
            )
            self.row += 1
        head = self.row
        lines = list(table.lines) or [[None] * len(table.columns)]
        last = head + len(lines)
        heads = distinct([column.label for column in table.columns])
        columns = [
            {"header": label, "header_format": self.formats.head(column.style)}
            for label, column in zip(heads, table.columns, strict=True)
        ]
        self.sheet.add_table(
            head, 0, last, len(columns) - 1, {"name": f"tbl_{table.key}", "columns": columns, "style": None}
        )
        head_lines = max(lines_needed(label, self.layout.widths[place] - 4) for place, label in enumerate(heads))
        self._set_row(head, max(18.0, head_lines * LINE + 4))
        for offset, line in enumerate(lines):
            self._line(table, offset, line, head + 1 + offset)
        if table.total:
            last += 1
            self._total(table, last, len(lines))
        self.row = last + 1
        note = table.note if table.lines else table.when_empty
        if note:
            self._text(note, italic=True, font_color=MUTED)
        self.row += 1
        if self._keeps_head(table):
            self.sheet.freeze_panes(head + 1 if head <= MOST_FROZEN and len(self.layout.tables) == 1 else 1, 0)
            self.sheet.repeat_rows(head)

    def _line(self, table: Table, offset: int, line: Sequence[Value], row: int) -> None:
        height = 1
        for position, value in enumerate(line):
            plain = plain_value(value)
            style = "text" if offset >= len(table.lines) else table.style(offset, position)
            if isinstance(plain, str):
                style = "text"
                height = max(height, lines_needed(plain, self.layout.widths[position] - 0.5))
            cell = self.formats.cell(style, marked=offset in table.marked, band=bool(offset % 2))
            self._value(row, position, value, table.columns, cell)
        self._set_row(row, max(15.0, height * LINE + 2))

    def _value(self, row: int, position: int, value: Value, columns: Sequence[Column], cell: Any) -> None:
        if isinstance(value, Formula):
            places = {column.key: place for place, column in enumerate(columns)}
            expression = _FORMULA_NAME.sub(lambda match: cell_name(row, places[match[1]]), value.expression)
            self.sheet.write_formula(row, position, f"={expression}", cell, value.value)
        elif isinstance(value, str):
            self.sheet.write_string(row, position, value, cell)
        elif number(value) is None:
            self.sheet.write_blank(row, position, None, cell)
        else:
            self.sheet.write_number(row, position, value, cell)

    def _total(self, table: Table, row: int, count: int) -> None:
        """Write a live sum under the table; it follows the table's filter and is no part of its sorting."""
        self._set_row(row, 18)
        for position, column in enumerate(table.columns):
            cell = self.formats.cell(column.style, total=True)
            if position == 0:
                self.sheet.write_string(row, 0, table.total, cell)
            elif column.total:
                span = f"{cell_name(row - count, position)}:{cell_name(row - 1, position)}"
                self.sheet.write_formula(row, position, f"=SUBTOTAL(109,{span})", cell, column_sum(table, position))
            else:
                self.sheet.write_blank(row, position, None, cell)

    def _chart(self, block: Chart) -> None:
        kind = {"column_stacked": "column", "column": "column", "bar": "bar", "line": "line"}[block.kind]
        options = {"type": kind} | ({"subtype": "stacked"} if block.kind == "column_stacked" else {})
        chart = self.book.add_chart(options)
        self._break_before(self.layout.height(block) * 0.75 + 15)
        area = self.layout.areas[block.table]
        last = area.first_row + block.limit - 1 if block.limit else area.last_row
        last = min(last, area.last_row)
        name = self.sheet.get_name()
        category = area.columns[block.category]
        for position, key in enumerate(block.series):
            colour = block.colours.get(key, SERIES_COLOURS[position % len(SERIES_COLOURS)])
            series: dict[str, Any] = {
                "name": [name, area.first_row - 1, area.columns[key]],
                "categories": [name, area.first_row, category, last, category],
                "values": [name, area.first_row, area.columns[key], last, area.columns[key]],
            }
            if kind == "line":
                dash = "dash" if key in {"target", "reference"} else "solid"
                series |= {"line": {"color": colour, "width": 2.25, "dash_type": dash},
                           "marker": {"type": ("circle", "square", "diamond", "triangle")[position % 4], "size": 6,
                                      "fill": {"color": colour}, "border": {"color": colour}}}  # fmt: skip
            else:
                series |= {"fill": {"color": colour}, "border": {"color": "#FFFFFF", "width": 0.5}, "gap": 60}
            chart.add_series(series)
        font = {"name": "Arial", "size": 9, "color": INK}
        chart.set_title(
            {"name": block.title.lstrip("="), "name_font": font | {"size": 11, "bold": True}, "overlay": False}
        )
        chart.set_legend({"position": "bottom", "font": font} if len(block.series) > 1 else {"none": True})
        value_axis = {"num_format": NUMBER_FORMATS[block.style].replace("0.0 %", "0 %"), "num_font": font,
                      "name": block.axis, "name_font": font | {"bold": False},
                      "major_gridlines": {"visible": True, "line": {"color": "#D9E2EC"}}}  # fmt: skip
        category_axis: dict[str, Any] = {"num_font": font, "num_format": "0"}
        # Bars start at the bottom of their axis: turned round they read from the top, as the table does.
        category_axis |= {"label_position": "low"} | ({"reverse": True, "crossing": "max"} if kind == "bar" else {})
        chart.set_x_axis(value_axis if kind == "bar" else category_axis)
        chart.set_y_axis(category_axis if kind == "bar" else value_axis)
        chart.show_blanks_as("gap")
        width = min(self.layout.page_width - 6, 980)
        chart.set_size({"width": width, "height": self.layout.height(block)})
        self.sheet.insert_chart(
            self.row, 0, chart, {"description": block.alt, "object_position": 2, "x_offset": 2, "y_offset": 4}
        )
        self.row += 1 + self.layout.rows(block)

    def _picture(self, block: Picture) -> None:
        scale = self.layout.scale(block)
        self._break_before(block.height * scale * 0.75 + 15)
        self.sheet.insert_image(
            self.row, 0, f"{block.title}.png",
            {"image_data": io.BytesIO(block.png), "x_scale": scale, "y_scale": scale, "description": block.alt,
             "object_position": 2},
        )  # fmt: skip
        self.row += 1 + self.layout.rows(block)

    def _print_setup(self, title: str, page_of: str) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        if not any(self._keeps_head(table) for table in self.layout.tables):
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        sheet.set_h_pagebreaks(self.breaks)
        head = title.replace("&", "&&")[:100]
        foot = page_of.format(page="&P", pages="&N")
        sheet.set_header(f'&L&"Arial,Regular"&9 {head}&R&"Arial,Regular"&9&A')
        sheet.set_footer(f'&R&"Arial,Regular"&9 {foot}')
