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

from reports.excel_book import Book
from reports.layout import (
    ROW,
    Area,
    Layout,
    Place,
    cell_name,
    column_sum,
    distinct,
    sheet_name,
)
from reports.page import Chart, Column, Formula, Page, Picture, SheetLink, Table, Value, number
from reports.style import (
    BAND,
    HEAD,
    HEAD_TEXT,
    INK,
    MARK,
    MUTED,
    NUMBER_FORMATS,
    RULE,
    SERIES_COLOURS,
    VARIANT_COLOURS,
    cell_format,
)

MOST_FROZEN = 7
CREATED = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed date, so that the same run gives the same bytes."""
_FORMULA_NAME = re.compile(r"\{(\w+)\}")


def workbook_bytes(pages: Sequence[Page], properties: Mapping[str, str], page_of: str, accent: str = HEAD) -> bytes:
    """Return a workbook of pages; ``properties`` are title, subject, author, comments and language.

    ``page_of`` is the footer, with ``{page}`` and ``{pages}``; ``accent`` is the colour of titles and heads.
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
    language = properties.get("language", "")
    book = Book(target, options, language)
    book.set_properties({key: value for key, value in properties.items() if key != "language"} | {"created": CREATED})
    book.set_custom_property("Language", language, "text")
    formats = _Formats(book, accent)
    names: set[str] = set()
    areas: dict[str, tuple[str, Area]] = {}
    writers = []
    for page in pages:
        name = sheet_name(page.name)
        if name.casefold() in names:
            raise ValueError(f"two sheets are called '{name}'")
        names.add(name.casefold())
        layout = Layout(page)
        areas |= {key: (name, area) for key, area in layout.areas.items()}
        writers.append(_PageWriter(book, book.add_worksheet(name), formats, layout, areas))
    for writer in writers:
        writer.write(properties.get("title", ""), page_of)
    book.close()
    return target.getvalue()


class _Formats:
    """Cell formats, each made once."""

    def __init__(self, book: Any, accent: str = HEAD) -> None:
        self._book = book
        self._accent = accent
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._cells: dict[tuple[str, bool, bool, bool], Any] = {}
        self._lines: dict[tuple[int, str | None, bool, bool], list[Any]] = {}

    def of(self, **properties: Any) -> Any:
        properties = {name: self._accent if value == HEAD else value for name, value in properties.items()}
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(cell_format(**properties))
        return self._made[key]

    def cell(self, style: str, marked: bool = False, total: bool = False, band: bool = False) -> Any:
        """Return the format of a cell; asked for every cell, so that it is found without its properties."""
        key = (style, marked, total, band)
        if key not in self._cells:
            self._cells[key] = self._cell(*key)
        return self._cells[key]

    def line(self, table: Table, offset: int, marked: bool, band: bool) -> list[Any]:
        """Return the formats of a line's numbers, by column; asked for every line, of which most look alike."""
        style = table.row_styles[offset] if table.row_styles else None
        key = (id(table), style, marked, band)
        if key not in self._lines:
            styles = [table.style(offset, position) for position in range(len(table.columns))]
            self._lines[key] = [self.cell(style, marked, False, band) for style in styles]
        return self._lines[key]

    def _cell(self, style: str, marked: bool, total: bool, band: bool) -> Any:
        properties: dict[str, Any] = {"bottom": 1, "bottom_color": RULE}
        if style == "text":
            properties |= {"text_wrap": True, "align": "left", "indent": 1}
        elif style == "year":
            properties |= {"num_format": NUMBER_FORMATS[style], "align": "left", "indent": 1}
        else:
            properties |= {"num_format": NUMBER_FORMATS[style], "align": "right", "indent": 1}
        if marked:
            properties |= {"bg_color": MARK, "bold": True}
        elif total:
            properties |= {"bold": True, "bg_color": BAND, "top": 1, "top_color": INK}
        elif band:
            properties |= {"bg_color": "#F7F9FA"}
        return self.of(**properties)

    def link(self) -> Any:
        """Return the format of a link, which its underline tells apart."""
        return self.of(bottom=1, bottom_color=RULE, align="left", indent=1, underline=1, font_color=HEAD)

    def head(self, style: str) -> Any:
        side = {"align": "left", "indent": 1} if style in {"text", "year"} else {"align": "right", "indent": 2}
        return self.of(bold=True, font_color=HEAD_TEXT, bg_color=HEAD, text_wrap=True, valign="vcenter", **side)


class _PageWriter:
    """Writes one page onto its sheet, from the top down."""

    def __init__(
        self, book: Any, sheet: Any, formats: _Formats, layout: Layout, areas: Mapping[str, tuple[str, Area]]
    ) -> None:
        self.book, self.sheet, self.formats, self.page = book, sheet, formats, layout.page
        self.layout, self.areas = layout, areas

    def write(self, title: str, page_of: str) -> None:
        sheet, layout = self.sheet, self.layout
        sheet.hide_gridlines(2)
        if self.page.tab:
            sheet.set_tab_color(self.page.tab)
        sheet.set_default_row(ROW)
        for column, width in enumerate(layout.widths):
            sheet.set_column_pixels(column, column, width, self.formats.of())
        sheet.set_heights(layout.heights)
        self._text(0, [self.page.title], bold=True, font_size=16, font_color=HEAD)
        self._text(1, layout.answer, bold=True, font_size=12)
        self._text(1 + len(layout.answer), layout.lead)
        for place in layout.places:
            if isinstance(place.block, Table):
                self._table(place.block, place)
            elif isinstance(place.block, Chart):
                self._chart(place.block, place)
            elif isinstance(place.block, Picture):
                self._picture(place.block, place)
            else:
                self._text(place.row, place.note)
        self._print_setup(title, page_of)

    # Blocks -----------------------------------------------------------------------------------

    def _text(self, row: int, rows: Sequence[str], **properties: Any) -> None:
        """Write running text: a row for each line, which spills over the empty cells to its right."""
        for offset, text in enumerate(rows):
            self.sheet.write_string(row + offset, 0, text, self.formats.of(**properties))

    def _table(self, table: Table, place: Place) -> None:
        if table.caption:
            caption = self.formats.of(bold=True, font_size=12, font_color=HEAD)
            self.sheet.write_string(place.row, 0, table.caption, caption)
        area = self.layout.areas[table.key]
        head, last = area.first_row - 1, area.last_row
        heads = distinct([column.label for column in table.columns])
        columns = [
            {"header": label, "header_format": self.formats.head(column.style)}
            for label, column in zip(heads, table.columns, strict=True)
        ]
        options = {"name": f"tbl_{table.key}", "columns": columns, "style": None}
        self.sheet.add_whole_table(head, last, len(columns), options)
        for offset, line in enumerate(table.lines):
            self._line(table, offset, line, head + 1 + offset)
        if not table.lines:
            for position in range(len(columns)):
                self.sheet.write_blank(head + 1, position, None, self.formats.cell("text"))
        if table.total:
            last += 1
            self._total(table, last, max(len(table.lines), 1))
        self._text(last + 1, place.note, italic=True, font_color=MUTED)
        if place.beside is not None:
            self._chart(place.beside, place)
        if self.layout.keeps_head(table):
            self.sheet.freeze_panes(head + 1 if head <= MOST_FROZEN and len(self.layout.tables) == 1 else 1, 0)
            self.sheet.repeat_rows(head)

    def _line(self, table: Table, offset: int, line: Sequence[Value], row: int) -> None:
        marked, band = offset in table.marked, bool(offset % 2)
        text, cells = self.formats.cell("text", marked, False, band), self.formats.line(table, offset, marked, band)

        def write_cell(row: int, position: int) -> None:
            self._value(row, position, line[position], table.columns, text, cells[position])

        self.sheet.write_line(row, line, text, cells, write_cell)

    def _value(self, row: int, position: int, value: Value, columns: Sequence[Column], text: Any, cell: Any) -> None:
        if isinstance(value, Formula):
            places = {column.key: place for place, column in enumerate(columns)}
            expression = _FORMULA_NAME.sub(lambda match: cell_name(row, places[match[1]]), value.expression)
            self.sheet.write_formula(row, position, f"={expression}", cell, value.value)
        elif isinstance(value, SheetLink):
            self.sheet.write_url(row, position, f"internal:'{sheet_name(value)}'!A1", self.formats.link(), str(value))
        elif isinstance(value, str):
            self.sheet.write_string(row, position, value, text)
        elif number(value) is None:
            self.sheet.write_blank(row, position, None, cell)
        else:
            self.sheet.write_number(row, position, value, cell)

    def _total(self, table: Table, row: int, count: int) -> None:
        """Write a live sum under the table; it follows the table's filter and is no part of its sorting."""
        for position, column in enumerate(table.columns):
            cell = self.formats.cell(column.style, total=True)
            if position == 0:
                self.sheet.write_string(row, 0, table.total, cell)
            elif column.total:
                span = f"{cell_name(row - count, position)}:{cell_name(row - 1, position)}"
                self.sheet.write_formula(row, position, f"=SUBTOTAL(109,{span})", cell, column_sum(table, position))
            else:
                self.sheet.write_blank(row, position, None, cell)

    def _chart(self, block: Chart, place: Place) -> None:
        kind = {"column_stacked": "column", "points": "scatter"}.get(block.kind, str(block.kind))
        subtypes = {"column_stacked": "stacked", "scatter": "straight_with_markers", "points": "marker_only"}
        subtype = subtypes.get(block.kind)
        options = {"type": kind} | ({"subtype": subtype} if subtype else {})
        chart = self.book.add_chart(options)
        name, area = self.areas[block.table]
        last = area.first_row + block.limit - 1 if block.limit else area.last_row
        last = min(last, area.last_row)
        category = area.columns[block.category]
        for position, key in enumerate(block.series):
            colour = block.colours.get(key, SERIES_COLOURS[position % len(SERIES_COLOURS)])
            series: dict[str, Any] = {
                "name": [name, area.first_row - 1, area.columns[key]],
                "categories": [name, area.first_row, category, last, category],
                "values": [name, area.first_row, area.columns[key], last, area.columns[key]],
            }
            if kind in {"line", "scatter"}:
                dash = "dash" if key in {"target", "reference"} else "solid"
                line = {"none": True} if block.kind == "points" else {"color": colour, "width": 2.25, "dash_type": dash}
                series |= {"line": line,
                           "marker": {"type": ("circle", "square", "diamond", "triangle")[position % 4], "size": 6,
                                      "fill": {"color": colour}, "border": {"color": colour}}}  # fmt: skip
            else:
                series |= {"fill": {"color": colour}, "border": {"color": "#FFFFFF", "width": 0.5}, "gap": 60}
                if block.pointed_out >= 0:
                    own = {"fill": {"color": VARIANT_COLOURS["reference"]}, "border": {"color": INK, "width": 1}}
                    series["points"] = [*[None] * block.pointed_out, own]
            chart.add_series(series)
        font = {"name": "Arial", "size": 9, "color": INK}
        chart.set_title(
            {"name": block.title.lstrip("="), "name_font": font | {"size": 11, "bold": True}, "overlay": False}
        )
        chart.set_legend({"position": "bottom", "font": font} if len(block.series) > 1 else {"none": True})
        value_axis: dict[str, Any] = {"num_format": NUMBER_FORMATS[block.style].replace("0.0 %", "0 %"), "num_font": font,
                      "name": block.axis, "name_font": font | {"bold": False},
                      "major_gridlines": {"visible": True, "line": {"color": "#D9E2EC"}}}  # fmt: skip
        if kind in {"bar", "column"} and block.style == "percent":
            # Bars that do not start at nothing make small differences look large.
            value_axis["min"] = 0
        category_axis: dict[str, Any] = {"num_font": font, "num_format": NUMBER_FORMATS[block.category_style]}
        # Bars start at the bottom of their axis: turned round they read from the top, as the table does.
        category_axis["label_position"] = "low"
        if kind == "bar":
            category_axis |= {"reverse": True, "crossing": "max", "interval_unit": 1}
        chart.set_x_axis(value_axis if kind == "bar" else category_axis)
        chart.set_y_axis(category_axis if kind == "bar" else value_axis)
        chart.show_blanks_as("gap")
        left, width, height = self.layout.chart_size(place, block)
        chart.set_size({"width": width, "height": height})
        place_of: dict[str, Any] = {"description": block.alt, "object_position": 2, "x_offset": left, "y_offset": 3}
        self.sheet.insert_chart(place.row, 0, chart, place_of)

    def _picture(self, block: Picture, place: Place) -> None:
        scale = self.layout.scale(block)
        caption = [block.title] if block.title else []
        self._text(place.row, caption, bold=True, font_size=12, font_color=HEAD)
        self.sheet.insert_image(
            place.row + len(caption), 0, f"{block.title or 'logo'}.png",
            {"image_data": io.BytesIO(block.png), "x_scale": scale, "y_scale": scale, "description": block.alt,
             "object_position": 2},
        )  # fmt: skip

    def _print_setup(self, title: str, page_of: str) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.55, bottom=0.55)
        # Every sheet is as wide on paper as any other: an empty column fills what the tables leave.
        widths = self.layout.widths
        rest = self.layout.page_width - sum(widths)
        if rest >= 1:
            sheet.set_column_pixels(len(widths), len(widths), rest, self.formats.of())
        last = max([place.end for place in self.layout.places], default=len(self.layout.answer) + 1)
        sheet.print_area(0, 0, last, len(widths) - (0 if rest >= 1 else 1))
        if not any(self.layout.keeps_head(table) for table in self.layout.tables):
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        sheet.set_h_pagebreaks(self.layout.breaks)
        head = title.replace("&", "&&")[:100]
        foot = page_of.format(page="&P", pages="&N")
        part = f"{self.page.part}: " if self.page.part else ""
        sheet.set_header(f'&L&"Arial,Regular"&9 {head}&R&"Arial,Regular"&9{part}&A')
        sheet.set_footer(f'&R&"Arial,Regular"&9 {foot}')
