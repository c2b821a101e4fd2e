"""What of a sheet does not show in its values: merged cells, and hidden rows, columns and sheets.

Merged cells keep one value of many, so that a row of them lacks what it seems to have. What is hidden, by a filter
say, is read like the rest; who does not see it is told.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from flows.problems import Problem
from mfa.workbook_cells import is_blank
from mfa.workbook_layout import Layout
from mfa.workbook_open import RawSheet

_TAG = re.compile(rb"<(?:\w+:)?(row|col|mergeCell)\s([^>]*)>")
_ATTRIBUTE = re.compile(rb'\b(ref|r|min|max|hidden)="([^"]*)"')


@dataclass(frozen=True)
class Shape:
    """Of one sheet: merged ranges, hidden rows, ranges of hidden columns (all from 1), and whether it is hidden."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    """First column, first row, last column, last row."""
    rows: tuple[int, ...] = ()
    columns: tuple[tuple[int, int], ...] = ()
    hidden: bool = False


def shapes(file: Path) -> dict[str, Shape]:
    """Return the shape of each sheet of a workbook that could be opened, by the sheet's name."""
    reader: Any = ExcelReader(file, read_only=True, keep_links=False)
    try:
        reader.read_manifest()
        reader.read_workbook()
        parts = [(sheet.name, sheet.state != "visible", part.target) for sheet, part in reader.parser.find_sheets()]
    finally:
        reader.archive.close()
    with zipfile.ZipFile(file) as archive:
        known = set(archive.namelist())
        return {name: _shape(archive, part, hidden) for name, hidden, part in parts if part in known}


def _shape(archive: zipfile.ZipFile, part: str, hidden: bool) -> Shape:
    merged: list[tuple[int, int, int, int]] = []
    rows: list[int] = []
    columns: list[tuple[int, int]] = []
    for tag, found in _tags(archive, part):
        if tag == b"mergeCell" and b"ref" in found:
            merged.extend(_bounds(found[b"ref"]))
        elif found.get(b"hidden") in {b"1", b"true"}:
            if tag == b"row" and _number(found.get(b"r", b"")):
                rows.append(int(found[b"r"]))
            elif tag == b"col" and _number(found.get(b"min", b"")) and _number(found.get(b"max", b"")):
                columns.append((int(found[b"min"]), int(found[b"max"])))
    return Shape(tuple(merged), tuple(rows), tuple(columns), hidden)


def _number(text: bytes) -> bool:
    return text.isdigit() and len(text) < 9


def _bounds(area: bytes) -> list[tuple[int, int, int, int]]:
    """Return the bounds of an area of cells, none if it is not one."""
    try:
        left, top, right, bottom = range_boundaries(area.decode())
    except (ValueError, TypeError):
        return []
    return [(left, top, right, bottom)] if all(isinstance(one, int) for one in (left, top, right, bottom)) else []


def _tags(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """Yield the tags of rows, columns and merged cells of a sheet with their attributes, without keeping the sheet."""
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(1 << 20):
            whole, cut, rest = (rest + chunk).rpartition(b"<")
            rest = cut + rest
            for match in _TAG.finditer(whole) if b"hidden=" in whole or b"mergeCell" in whole else ():
                yield match[1], dict(_ATTRIBUTE.findall(match[2]))
        for match in _TAG.finditer(rest):
            yield match[1], dict(_ATTRIBUTE.findall(match[2]))


def shape_problems(sheet: RawSheet, layout: Layout, shape: Shape) -> Iterator[Problem]:
    """Yield merged cells of a table in which values are missing, and what of it is hidden and read all the same."""
    used = {*layout.columns.values(), *layout.years.values()}
    for left, top, right, bottom in shape.merged:
        within = [position for position in used if left <= position <= right]
        value = sheet.rows[top - 1][left - 1] if top <= len(sheet.rows) and left <= len(sheet.rows[top - 1]) else None
        if within and len(within) * (bottom - top + 1) > 1 and not is_blank(value):
            area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
            name = min(layout.columns, key=lambda item: (layout.columns[item] not in within, layout.columns[item]))
            yield Problem("merged_cells", sheet.name, top, name, area, found=area)
    filled = [row for row in shape.rows if 1 < row <= len(sheet.rows) and _filled(sheet.rows[row - 1], used)]
    if filled:
        found = _spans(sorted(filled))
        yield Problem("hidden_rows", sheet.name, filled[0], "", f"A{filled[0]}", found=found, severity="warning")
    columns = sorted(position for position in used if any(first <= position <= last for first, last in shape.columns))
    if columns:
        found = ", ".join(get_column_letter(position) for position in columns)
        cell = f"{get_column_letter(columns[0])}1"
        yield Problem("hidden_columns", sheet.name, 1, "", cell, found=found, severity="warning")
    if shape.hidden:
        yield Problem("hidden_sheet", sheet.name, 1, "", "A1", found=sheet.name, severity="warning")


def _filled(row: tuple[Any, ...], used: set[int]) -> bool:
    return any(position <= len(row) and not is_blank(row[position - 1]) for position in used)


def _spans(numbers: Iterable[int]) -> str:
    """Return ascending numbers as spans.

    >>> _spans([3, 4, 5, 9])
    '3-5, 9'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def in_area(area: str, cell: str) -> bool:
    """Tell whether a cell lies in an area of cells.

    >>> in_area("A2:B4", "B3"), in_area("A2:B4", "C3"), in_area("A2", "A2")
    (True, False, True)
    """
    left, top, right, bottom = range_boundaries(area)
    column, row, _, _ = range_boundaries(cell.split(":")[0])
    return bool(left <= column <= right and top <= row <= bottom)
