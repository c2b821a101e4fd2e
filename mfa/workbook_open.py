"""Opening a workbook that a stranger may have made: guarded, and as plain rows of values.

Before anything is parsed the file is looked at (:mod:`mfa.workbook_guard`). Stray cells far outside the data cost
nothing, as rows are read as they come.
"""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from flows.problems import InputError, Problem
from mfa.workbook_guard import MOST_CELLS, MOST_ROWS, guard, too_much

MOST_COLUMNS = 16_384
"""Columns that a sheet of Excel has."""


@dataclass(frozen=True)
class RawSheet:
    """The values of a sheet: rows from row 1, each as long as its last filled cell."""

    name: str
    rows: list[tuple[Any, ...]]
    uncached: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    """Row and column (from 1) of formulas without a stored value."""


def open_sheets(path: str | os.PathLike[str]) -> list[RawSheet]:
    """Return the sheets of a workbook.

    Raises :class:`InputError` if the file is missing, of another kind, protected, broken or of a
    size that no case has.
    """
    file = Path(path)
    guard(file)
    try:
        with warnings.catch_warnings():
            # openpyxl warns about drop-downs and styles that it does not know; values are unharmed.
            warnings.simplefilter("ignore")
            sheets = _values(file)
            formulas = _uncached(file, sheets) if has_formulas(file) else {}
    except InputError:
        raise
    except Exception as error:
        # openpyxl takes its XML as it comes: what is not as it should be may end in any error.
        raise InputError([Problem("file_broken", file.name, found=str(error) or type(error).__name__)]) from error
    return [RawSheet(name, rows, frozenset(formulas.get(name, ()))) for name, rows in sheets.items()]


def _values(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheets: dict[str, list[tuple[Any, ...]]] = {}
        cells = 0
        for sheet in book.worksheets:
            rows: list[tuple[Any, ...]] = []
            for row in _rows(file, sheet, values_only=True):
                cells += len(row)
                if cells > MOST_CELLS:
                    raise too_much(file, "cells", MOST_CELLS)
                rows.append(_filled(row))
            while rows and not rows[-1]:
                rows.pop()
            sheets[sheet.title] = rows
        return sheets
    finally:
        book.close()


def _rows(file: Path, sheet: Any, values_only: bool) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a sheet, blank ones that the file leaves out too.

    Raises :class:`InputError` for a row or column that no sheet of Excel has.
    """
    # Without its declared size a sheet is as wide as its cells, so a stray far cell is cheap.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=values_only), start=1):
        if number > MOST_ROWS:
            raise too_much(file, "rows", MOST_ROWS)
        if len(row) > MOST_COLUMNS:
            raise too_much(file, "columns", MOST_COLUMNS)
        yield row


def _filled(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row without the blank cells at its end."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return tuple(row[:end])


def has_formulas(file: Path) -> bool:
    """Tell whether any cell of the workbook holds a formula, from the bytes alone."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as stream:
                    tail = b""
                    while chunk := stream.read(1 << 20):
                        if re.search(rb"<f[ >/]", tail + chunk):
                            return True
                        tail = chunk[-3:]
    return False


def _uncached(file: Path, sheets: dict[str, list[tuple[Any, ...]]]) -> dict[str, set[tuple[int, int]]]:
    book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        found: dict[str, set[tuple[int, int]]] = {}
        for sheet in book.worksheets:
            values = sheets[sheet.title]
            for number, row in enumerate(_rows(file, sheet, values_only=False), start=1):
                for position, cell in enumerate(row, start=1):
                    if cell.data_type == "f" and _blank_at(values, number, position):
                        found.setdefault(sheet.title, set()).add((number, position))
        return found
    finally:
        book.close()


def _blank_at(rows: list[tuple[Any, ...]], row: int, column: int) -> bool:
    if row > len(rows) or column > len(rows[row - 1]):
        return True
    return rows[row - 1][column - 1] is None
