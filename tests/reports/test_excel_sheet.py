"""The quick sheet writes the same bytes as XlsxWriter's own, whatever stands in the cells."""

import io
import math

import numpy as np
import pytest
from xlsxwriter.worksheet import Worksheet

from reports.excel import workbook_bytes
from reports.excel_book import Book
from reports.page import Chart, Column, Formula, Note, Page, SheetLink, Table

PROPERTIES = {"title": "A & B", "language": "en-GB"}


class Plain(Worksheet):
    """The same by XlsxWriter's public methods, cell by cell."""

    def write_line(self, row, line, text, formats, write_cell):
        for one in (text, *formats):
            one._get_xf_index()  # numbered when first seen, as the quick sheet does
        for column, value in enumerate(line):
            if type(value) is str:
                self.write_string(row, column, value, text)
            elif value is None or (type(value) is float and math.isnan(value)):
                self.write_blank(row, column, None, formats[column])
            elif type(value) in {int, float}:
                self.write_number(row, column, value, formats[column])
            else:
                write_cell(row, column)

    def add_whole_table(self, first, last, width, options):
        self.add_table(first, 0, last, width - 1, options)

    def set_heights(self, heights):
        for row, height in heights.items():
            self.set_row(row, height)


def odd_pages():
    """Pages with all that a cell can hold, rows without cells, rows far apart and a table of one cell."""
    lines = [
        ["a <b> & \"c\" 'd'", 1.5, 7, None, Formula("ROUND({x}-{n},1)", -5.5)],
        [" blanks \t\n around ", -0.0, 10**17, 0.1 + 0.2, None],
        ["\x00\x07_x0041_\ufffe", 1e-300, -3, float("nan"), Formula("({x}+{n})/2", 1.0)],
        ["x" * 16_001, np.float64(2.5), np.int64(4) * 1.0, 1e308, Formula("100*({x})", 250.0)],
        ["y" * 40_000, True, 0, 12345678901234567.0, None],
        ["=1+1", 3, None, None, None],
        ["", 2.0, 2, 2.0, 2.0],
        [SheetLink("Second"), 1.0, 1, 1.0, 1.0],
    ]
    columns = [Column("t", "Text"), Column("x", "x", "one", True), Column("n", "n", "year"), Column("b", "b", "percent"),
               Column("f", "f", "points")]  # fmt: skip
    styles = ("one", "percent", "one", "one", "whole", "one", "two", "one")
    table = Table("odd", "Odd", columns, lines, "Sum", styles, ("x",), "A note", marked=frozenset({2, 5}))
    chart = Chart("bar", "Chart", "what it shows", "odd", "t", ["x"])
    none = Table("none", "None", [Column("a", "A")], [], when_empty="Nothing")
    one = Table("one", "", [Column("a", "A", "whole")], [[3.0]])
    notes = [Note("word " * 200)] * 12
    return [
        Page("First", "Title", "Answer", [table, chart, *notes, none], lead=["lead"], part="Part", tab="#FF0000"),
        Page("Second", "Title", "Answer", [one]),
        Page("Third", "Title", "", []),
    ]


def test_odd_cells_are_written_as_xlsxwriter_does(monkeypatch):
    quick = workbook_bytes(odd_pages(), PROPERTIES, "{page}/{pages}")
    monkeypatch.setattr(Book, "worksheet_class", Plain)
    assert workbook_bytes(odd_pages(), PROPERTIES, "{page}/{pages}") == quick


def test_a_report_is_written_as_xlsxwriter_does(pages, monkeypatch):
    report = pages("159", "en")
    quick = workbook_bytes(report, PROPERTIES, "{page}/{pages}")
    monkeypatch.setattr(Book, "worksheet_class", Plain)
    assert workbook_bytes(report, PROPERTIES, "{page}/{pages}") == quick


def test_a_line_shares_its_row_with_nothing():
    book = Book(io.BytesIO(), {"in_memory": True}, "")
    sheet, cell = book.add_worksheet("Rows"), book.add_format()
    sheet.write_line(3, ["a", 1.0], cell, [cell, cell], lambda row, column: None)
    sheet.write_string(3, 5, "lost?")
    with pytest.raises(ValueError, match="row 4"):
        book.close()
