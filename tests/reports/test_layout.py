"""Where things stand: no text is cut, nothing covers anything else, pages are filled and not cut in two."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.layout import LINE, PAGE_PIXELS, PAPER_HEIGHT, PAPER_WIDTH, ROW, Layout
from reports.measure import LETTERS_PER_LINE, lines, pixels, rows_of
from reports.page import Chart, Column, Note, Page, Picture, Table


@pytest.fixture(scope="module", params=["da", "en"])
def layouts(pages, request):
    return [Layout(page) for place in ("", "159", "400") for page in pages(place, request.param)]


def _points(layout, first, end):
    return sum(layout.heights.get(row, ROW) for row in range(first, end))


@given(st.lists(st.text("abcdefg æøå", min_size=1, max_size=30), max_size=60))
def test_rows_of_text_lose_no_word_and_are_not_too_long(parts):
    text = " ".join(parts)
    rows = rows_of(text)
    assert " ".join(rows).split() == text.split()
    assert all(len(row) <= LETTERS_PER_LINE for row in rows)


def test_a_text_that_fits_is_one_row():
    assert rows_of("Planen når målet.") == ["Planen når målet."]
    assert rows_of("") == [""]


def test_lines_in_a_column():
    assert lines("one two", 700) == 1
    assert lines("word " * 40, 145) >= 9
    assert lines("x" * 100, 145) == 5
    assert pixels("i" * 10) < pixels("m" * 10) < pixels("m" * 10, bold=True)


def test_running_text_stays_within_the_page(layouts):
    for layout in layouts:
        texts = [*layout.lead, *(text for place in layout.places for text in place.note)]
        assert all(pixels(text) < PAGE_PIXELS for text in texts)
        assert all(pixels(text, 12, bold=True) < PAGE_PIXELS for text in layout.answer)


def test_short_rows_are_one_line_high(layouts):
    for layout in layouts:
        for table in layout.tables:
            area = layout.areas[table.key]
            for offset, line in enumerate(table.lines):
                if all(not isinstance(value, str) or len(value) <= 12 for value in line):
                    assert layout.heights[area.first_row + offset] < 1.5 * LINE


def test_every_sheet_prints_in_letters_of_seven_points_or_more(layouts):
    for layout in layouts:
        assert 10 * PAPER_WIDTH / (layout.page_width * 0.75) >= 7.0, layout.page.name


def test_nothing_covers_anything_else(layouts):
    for layout in layouts:
        row = 0
        for place in layout.places:
            assert place.row >= row
            row = place.end
            room = _points(layout, place.row, place.end) / 0.75
            if place.beside is not None:
                left, width, height = layout.chart_size(place, place.beside)
                assert left > layout.table_width(place.block) and left + width <= layout.page_width + 1
                assert height <= room
            elif isinstance(place.block, Chart | Picture):
                assert layout.height(place.block) <= room


def test_a_chart_table_or_picture_that_fits_on_a_page_is_not_cut(layouts):
    for layout in layouts:
        room = PAPER_HEIGHT / min(1.0, PAPER_WIDTH / (layout.page_width * 0.75))
        start, above = 0, 0.0
        for place in layout.places:
            if place.row in layout.breaks:
                start, above = place.row, layout.heights[0]
            height = _points(layout, place.row, place.end)
            long = isinstance(place.block, Table) and (layout.keeps_head(place.block) or height > room - 60)
            if long:
                break
            assert above + _points(layout, start, place.end) <= room


def test_all_places_are_drawn_once(layouts):
    for layout in layouts:
        drawn = [place.block for place in layout.places] + [place.beside for place in layout.places if place.beside]
        assert len(drawn) == len(layout.blocks)
        assert all(any(block is item for item in drawn) for block in layout.blocks)


def test_a_page_without_tables_has_a_layout():
    layout = Layout(Page("Ark", "Titel", "Svar.", [Note("Et ord. " * 60)]))
    assert layout.page_width == PAGE_PIXELS and layout.breaks == []
    assert len(layout.places[0].note) == math.ceil(len("Et ord. " * 60) / LETTERS_PER_LINE)


def test_a_table_that_is_too_wide_makes_the_page_wider_not_cut():
    columns = [Column(f"c{place}", "Sammenhængende" + "x" * place) for place in range(30)]
    layout = Layout(Page("Ark", "T", "S.", [Table("t", "", columns, [["y"] * 30])]))
    assert layout.page_width > PAGE_PIXELS
