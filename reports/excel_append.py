"""Drawing pages into an open workbook with openpyxl: result sheets beside the sheets of a user.

The pages and their measures are those of :mod:`reports.excel`, which makes new workbooks; here the
sheets that are there stay as they are. Text is always written as text, never as a formula.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.units import pixels_to_EMU
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable

from reports.excel import MOST_FROZEN
from reports.layout import ROW, Layout, Place, distinct, plain_value, sheet_name
from reports.page import Note, Page, Picture, Table, Value, number
from reports.style import BAND, FONT, HEAD, HEAD_TEXT, INK, MARK, MUTED, NUMBER_FORMATS, RULE

PIXELS_PER_LETTER = 7.0
WIDEST_FILLER = 200.0
_RULE = Border(bottom=Side(style="thin", color=RULE[1:]))
_TOTAL = Border(bottom=Side(style="thin", color=RULE[1:]), top=Side(style="thin", color=INK[1:]))


def add_pages(book: Any, pages: Sequence[Page], title: str, page_of: str) -> None:
    """Put pages before the sheets of an open workbook, the first one open; sheets of the same name are replaced.

    ``page_of`` is the footer, with ``{page}`` and ``{pages}``. Raises ``TypeError`` for a block that
    cannot be drawn here (charts).
    """
    names = {sheet_name(page.name).casefold() for page in pages}
    for sheet in list(book.worksheets):
        if sheet.title.casefold() in names:
            book.remove(sheet)
    taken = {table.casefold() for sheet in book.worksheets for table in sheet.tables}
    for position, page in enumerate(pages):
        _PageWriter(book.create_sheet(sheet_name(page.name), position), page, taken).write(title, page_of)
    book.active = 0
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is book.worksheets[0]


class _PageWriter:
    """Writes one page onto its sheet, from the top down."""

    def __init__(self, sheet: Any, page: Page, taken: set[str]) -> None:
        self.sheet, self.page, self.taken = sheet, page, taken
        self.layout = Layout(page)
        self.styles: dict[tuple[str, bool, str], Any] = {}

    def write(self, title: str, page_of: str) -> None:
        sheet, layout = self.sheet, self.layout
        sheet.sheet_view.showGridLines = False
        sheet.sheet_properties.tabColor = HEAD[1:]
        for column, width in enumerate(layout.widths, start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width / PIXELS_PER_LETTER
        for row, height in layout.heights.items():
            sheet.row_dimensions[row + 1].height = height
        self._text(0, [self.page.title], bold=True, size=16, color=HEAD[1:])
        self._text(1, layout.answer, bold=True, size=12)
        self._text(1 + len(layout.answer), layout.lead)
        for place in layout.places:
            if isinstance(place.block, Table):
                self._table(place.block, place)
            elif isinstance(place.block, Picture):
                self._picture(place.block, place)
            elif isinstance(place.block, Note):
                self._text(place.row, place.note)
            else:
                raise TypeError(f"{type(place.block).__name__} cannot be drawn into a workbook that is open")
        self._print_setup(title, page_of)

    def _put(self, row: int, column: int, value: Value) -> Any:
        """Write a value, rows and columns from 0; text is never taken for a formula or an error."""
        plain = plain_value(value)
        cell = self.sheet.cell(row=row + 1, column=column + 1)
        if isinstance(plain, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", plain)
            cell.data_type = "s"
        elif number(plain) is not None:
            cell.value = plain
        return cell

    def _text(self, row: int, rows: Sequence[str], **font: Any) -> None:
        properties = {"name": FONT, "size": 10, "color": INK[1:], **font}
        for offset, text in enumerate(rows):
            self._put(row + offset, 0, text).font = Font(**properties)

    def _table(self, table: Table, place: Place) -> None:
        if table.caption:
            self._text(place.row, [table.caption], bold=True, size=12, color=HEAD[1:])
        area = self.layout.areas[table.key]
        head, last = area.first_row - 1, area.last_row
        for position, label in enumerate(distinct([column.label for column in table.columns])):
            cell = self._put(head, position, label)
            cell.font = Font(name=FONT, size=10, bold=True, color=HEAD_TEXT[1:])
            cell.fill = PatternFill("solid", fgColor=HEAD[1:])
            left = table.columns[position].style in {"text", "year"}
            cell.alignment = Alignment(
                horizontal="left" if left else "right", vertical="center", wrap_text=True, indent=1 if left else 2
            )
        for offset, line in enumerate(table.lines or [[None] * len(table.columns)]):
            self._line(table, offset, line, head + 1 + offset)
        letters = get_column_letter(len(table.columns))
        shown = ExcelTable(displayName=self._name(f"tbl_result_{table.key}"), ref=f"A{head + 1}:{letters}{last + 1}")
        self.sheet.add_table(shown)
        if table.total:
            last += 1
            self._total(table, last)
        self._text(last + 1, place.note, italic=True, color=MUTED[1:])
        if self.layout.keeps_head(table):
            frozen = head + 1 if head <= MOST_FROZEN and len(self.layout.tables) == 1 else 1
            self.sheet.freeze_panes = f"A{frozen + 1}"
            self.sheet.print_title_rows = f"{head + 1}:{head + 1}"

    def _name(self, wanted: str) -> str:
        """Return a name for a table that the workbook does not have yet."""
        name, count = wanted, 1
        while name.casefold() in self.taken:
            count += 1
            name = f"{wanted}_{count}"
        self.taken.add(name.casefold())
        return name

    def _line(self, table: Table, offset: int, line: Sequence[Value], row: int) -> None:
        marked = offset in table.marked
        colour = MARK if marked else "#F7F9FA" if offset % 2 else ""
        for position, value in enumerate(line):
            cell = self._put(row, position, value)
            style = "text" if isinstance(value, str) or offset >= len(table.lines) else table.style(offset, position)
            key = (style, marked, colour)
            if key not in self.styles:
                self._style(cell, style, marked, colour)
                self.styles[key] = cell._style
            # Styles are found by all of their parts, which is slow cell by cell: this one is known.
            cell._style = copy(self.styles[key])

    @staticmethod
    def _style(cell: Any, style: str, marked: bool, colour: str) -> None:
        """Give a cell the style of its kind of value."""
        cell.font = Font(name=FONT, size=10, color=INK[1:], bold=marked)
        left = style in {"text", "year"}
        cell.alignment = Alignment(
            horizontal="left" if left else "right", vertical="top", wrap_text=style == "text", indent=1
        )
        cell.border = _RULE
        if style != "text":
            cell.number_format = NUMBER_FORMATS[style]
        if colour:
            cell.fill = PatternFill("solid", fgColor=colour[1:])

    def _total(self, table: Table, row: int) -> None:
        """Write the sum under the table, as a live formula."""
        count = max(len(table.lines), 1)
        for position, column in enumerate(table.columns):
            cell = self._put(row, position, table.total if position == 0 else None)
            if column.total and position:
                letter = get_column_letter(position + 1)
                cell.value = f"=SUBTOTAL(109,{letter}{row - count + 1}:{letter}{row})"
                cell.number_format = NUMBER_FORMATS[column.style]
            cell.font = Font(name=FONT, size=10, bold=True, color=INK[1:])
            cell.fill = PatternFill("solid", fgColor=BAND[1:])
            cell.border = _TOTAL
            cell.alignment = Alignment(horizontal="right" if position else "left", indent=1)

    def _picture(self, block: Picture, place: Place) -> None:
        scale = self.layout.scale(block)
        self._text(place.row, [block.title], bold=True, size=12, color=HEAD[1:])
        image = Image(io.BytesIO(block.png))
        height = block.height * scale
        # A tall picture leaves room beside it, so that it is not cut in two on paper.
        width = min(height * image.width / image.height, block.width * scale)
        size = XDRPositiveSize2D(pixels_to_EMU(int(width)), pixels_to_EMU(int(height)))
        image.anchor = OneCellAnchor(_from=AnchorMarker(col=0, row=place.row + 1), ext=size)
        self.sheet.add_image(image)

    def _print_setup(self, title: str, page_of: str) -> None:
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top = margins.bottom = 0.55
        # Every sheet is as wide on paper as any other: empty columns fill what the tables leave.
        widths = self.layout.widths
        rest = self.layout.page_width - sum(widths)
        fillers = math.ceil(rest / WIDEST_FILLER) if rest >= 1 else 0
        for position in range(len(widths), len(widths) + fillers):
            sheet.column_dimensions[get_column_letter(position + 1)].width = rest / fillers / PIXELS_PER_LETTER
        last = max([place.end for place in self.layout.places], default=len(self.layout.answer) + 1)
        columns = len(widths) + fillers
        sheet.print_area = f"A1:{get_column_letter(max(columns, 1))}{last + 1}"
        if not any(self.layout.keeps_head(table) for table in self.layout.tables):
            sheet.freeze_panes = "A2"
            sheet.print_title_rows = "1:1"
        for row in self.layout.breaks:
            sheet.row_breaks.append(Break(id=row))
        sheet.sheet_format.defaultRowHeight = ROW
        sheet.oddHeader.left.text = f'&"{FONT},Regular"&9 {title.replace("&", "&&")[:100]}'
        sheet.oddHeader.right.text = f'&"{FONT},Regular"&9&A'
        sheet.oddFooter.right.text = f'&"{FONT},Regular"&9 {page_of.format(page="&P", pages="&N")}'
