"""A sheet of XlsxWriter that takes lines of a table whole, and writes its rows in one go.

XlsxWriter asks the same of every cell again: whether its place is within the sheet, whether its letters need escaping,
what its format is called. Here that is asked once for a line, a column or a format, which makes the cells of a report
several times faster. What is not a plain text, number or blank is left to XlsxWriter; the bytes are the same
(``tests/reports/test_excel_sheet.py`` holds one against the other).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import CellBlankTuple, CellNumberTuple, CellStringTuple, RowInfo, Worksheet

OLD_FUNCTIONS = frozenset({"", "ROUND", "SUBTOTAL"})
"""Functions that every Excel knows; XlsxWriter looks for those with a longer name in files, one by one."""
_FUNCTION = re.compile(r"([A-Z.]*)\(")
LONGEST_TEXT = 16_000
"""Letters of a text that no cell finds too long, whatever they are."""


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet with two quick ways: :meth:`write_line` and :meth:`set_heights`."""

    fh: Any
    """The file that XlsxWriter writes the sheet to."""

    def __init__(self) -> None:
        super().__init__()
        self._row_ends: dict[tuple[str | None, float | None], str] = {}
        self._columns: list[str] = []
        self._styles: dict[int, tuple[Sequence[Any], str, list[str]]] = {}
        self._lines: dict[int, tuple[Sequence[Any], str]] = {}

    def write_line(
        self,
        row: int,
        line: Sequence[object],
        text: Any,
        formats: Sequence[Any],
        write_cell: Callable[[int, int], None],
    ) -> None:
        """Write a line from column 0 on: texts with the format ``text``, numbers and blanks with that of their column.

        A line that holds anything else is left to ``write_cell``, which is called with row and column of every value. A
        line has its row for itself.
        ``formats`` belong to one ``text`` and stay as they are.
        """
        self._check_dimensions(row, max(len(line) - 1, 0))
        self.dim_colmin = 0
        name, columns = str(row + 1), self._columns_to(len(line))
        text_style, styles = self._styles_of(text, formats)
        strings = self.str_table.string_table
        cells: list[str] = []
        texts = 0
        for column, value in enumerate(line):
            kind = value.__class__
            if kind is str and len(value) < LONGEST_TEXT:  # type: ignore[arg-type]
                index = strings.get(value)
                if index is None:
                    index = strings[value] = len(strings)
                texts += 1
                cells.append(f'{columns[column]}{name}{text_style} t="s"><v>{index}</v></c>')
            elif kind is float and isfinite(value) or kind is int:  # type: ignore[arg-type]
                cells.append(f"{columns[column]}{name}{styles[column]}><v>{value:.16G}</v></c>")
            elif value is None:
                cells.append(f"{columns[column]}{name}{styles[column]}/>")
            else:
                break
        self.str_table.unique_count = len(strings)
        if len(cells) == len(line):
            self._lines[row] = (line, "".join(cells))
            self.str_table.count += texts
        else:
            for column in range(len(line)):
                write_cell(row, column)

    def _columns_to(self, count: int) -> list[str]:
        """Return how a cell begins, by column: all but its row."""
        while len(self._columns) < count:
            self._columns.append(f'<c r="{xl_col_to_name(len(self._columns))}')
        return self._columns

    def _styles_of(self, text: Any, formats: Sequence[Any]) -> tuple[str, list[str]]:
        """Return how the style of texts is written, and that of each column's other values."""
        if id(formats) not in self._styles:
            written = [f'" s="{one._get_xf_index()}"' for one in (text, *formats)]
            # Kept with its formats, so that no others come to have their place in memory.
            self._styles[id(formats)] = (formats, written[0], written[1:])
        return self._styles[id(formats)][1:]

    def add_whole_table(self, first: int, last: int, width: int, options: Mapping[str, Any]) -> None:
        """Make rows ``first`` to ``last`` a table of ``width`` columns, as :meth:`add_table` does cell by cell."""
        self.add_table(first, 0, first + 1, width - 1, options)
        whole = xl_range(first, 0, last, width - 1)
        self.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), whole)

    def set_heights(self, heights: Mapping[int, float]) -> None:
        """Set the heights of rows, in points."""
        made = {height: RowInfo(height=int(height * 4.0 / 3.0 + 0.5)) for height in set(heights.values())}
        self.row_info.update((row, made[height]) for row, height in heights.items())
        self.row_sizes.update((row, [made[height].height, False]) for row, height in heights.items())
        for row in (min(heights, default=0), max(heights, default=0)):
            self._check_dimensions(row, self.dim_colmin or 0)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula as the file has it: one of old functions alone without its sign, no more."""
        if formula.startswith("=") and OLD_FUNCTIONS.issuperset(_FUNCTION.findall(formula)):
            return formula[1:]
        return str(super()._prepare_formula(formula, expand_future_functions))

    def _write_rows(self) -> None:
        """Write all rows with their cells; called by XlsxWriter when the workbook is closed."""
        if self.comments or self.constant_memory or self.excel_version == 2010:
            super()._write_rows()
            return
        self._calculate_spans()
        columns = self._columns_to(self.dim_colmax + 1)
        styles: dict[Any, str] = {}
        write = self.fh.write
        for row in range(self.dim_rowmin, self.dim_rowmax + 1):
            cells, info = self.table.get(row), self.row_info.get(row)
            if not cells and info is None and row not in self._lines:
                continue
            name, span = str(row + 1), self.row_spans.get(row // 16)
            if row in self._lines:
                if cells:
                    raise ValueError(
                        f"{self.name}: something else is written in row {name}, which a line has for itself"
                    )
                write(f'<row r="{name}"{self._row_end(row, span, info)}{self._lines[row][1]}</row>')
                continue
            if not cells:
                self._write_empty_row(row, span, info)
                continue
            parts = [f'<row r="{name}"{self._row_end(row, span, info)}']
            for column in sorted(cells):
                cell = cells[column]
                kind, style = cell.__class__, cell.format
                if style is None or kind not in _PLAIN:
                    write("".join(parts))
                    parts.clear()
                    self._write_cell(row, column, cell)
                    continue
                if style not in styles:
                    styles[style] = f'" s="{style._get_xf_index()}"'
                start = f"{columns[column]}{name}{styles[style]}"
                if kind is CellStringTuple:
                    parts.append(f'{start} t="s"><v>{cell.string}</v></c>')
                elif kind is CellNumberTuple:
                    parts.append(f"{start}><v>{cell.number:.16G}</v></c>")
                else:
                    parts.append(f"{start}/>")
            parts.append("</row>")
            write("".join(parts))

    def _get_range_data(self, first_row: int, first_column: int, last_row: int, last_column: int) -> list[Any]:
        """Return the values of cells that a chart shows, as XlsxWriter writes them into it."""
        found: list[Any] = []
        for row in range(first_row, last_row + 1):
            if row not in self._lines:
                found += super()._get_range_data(row, first_column, row, last_column)
                continue
            for value in self._lines[row][0][first_column : last_column + 1]:
                found.append(value if isinstance(value, str) else "" if value is None else f"{value:.16g}")
        return found

    def _row_end(self, row: int, span: str | None, info: RowInfo | None) -> str:
        """Return the tag that begins a row, without its number: most rows are like others."""
        key = (span, info.height if info else None)
        plain = info is None or (info.row_format, info.hidden, info.level, info.collapsed) == _AS_USUAL
        if plain and key in self._row_ends:
            return self._row_ends[key]
        file, tag = self.fh, StringIO()
        self.fh = tag
        self._write_row(row, span, info)
        self.fh = file
        end = tag.getvalue().removeprefix(f'<row r="{row + 1}"')
        if plain:
            self._row_ends[key] = end
        return end

    def _calculate_spans(self) -> None:
        """Note the first and last column of every sixteen rows."""
        ends: dict[int, tuple[int, int]] = {}
        for row, cells in self.table.items():
            if cells:
                first, last = ends.get(row // 16, (self.xls_colmax, 0))
                ends[row // 16] = (min(first, min(cells)), max(last, max(cells)))
        for row, (line, _) in self._lines.items():
            ends[row // 16] = (0, max(ends.get(row // 16, (0, 0))[1], len(line) - 1))
        self.row_spans = {block: f"{first + 1}:{last + 1}" for block, (first, last) in ends.items()}


_AS_USUAL = (None, False, 0, False)
"""Format, hidden, level and collapsed of a row of which only the height is set."""
_PLAIN = frozenset({CellStringTuple, CellNumberTuple, CellBlankTuple})
