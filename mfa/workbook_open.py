"""Opening a workbook that a stranger may have made: guarded, and as plain rows of values.

A spreadsheet is a zip of XML; before anything is parsed its kind and its unpacked size are looked
at. Stray cells far outside the data cost nothing, as rows are read as they come.
"""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from flows.problems import InputError, Problem

LARGEST_BYTES = 400_000_000
LARGEST_RATIO = 200
RATIO_FROM_BYTES = 20_000_000
OLE_MAGIC = b"\xd0\xcf\x11\xe0"


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
    _guard(file)
    try:
        with warnings.catch_warnings():
            # openpyxl warns about drop-downs and styles that it does not know; values are unharmed.
            warnings.simplefilter("ignore")
            sheets = _values(file)
            formulas = _uncached(file, sheets) if has_formulas(file) else {}
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError, OSError, EOFError) as error:
        raise InputError([Problem("file_broken", file.name, found=str(error) or type(error).__name__)]) from error
    return [RawSheet(name, rows, frozenset(formulas.get(name, ()))) for name, rows in sheets.items()]


def _guard(file: Path) -> None:
    """Refuse what cannot or should not be opened."""
    if not file.is_file():
        raise InputError([Problem("file_missing", str(file))])
    if file.suffix.lower() != ".xlsx" or file.name.startswith("~$"):
        raise InputError([Problem("file_kind", file.name, found=file.suffix or file.name)])
    try:
        with file.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise InputError([Problem("file_locked", file.name)]) from error
    if magic == OLE_MAGIC:
        raise InputError([Problem("file_encrypted", file.name)])
    try:
        with zipfile.ZipFile(file) as archive:
            items = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InputError([Problem("file_broken", file.name, found=str(error))]) from error
    if any(item.filename.endswith("vbaProject.bin") for item in items):
        raise InputError([Problem("file_kind", file.name, found=".xlsm")])
    unpacked = sum(item.file_size for item in items)
    packed = max(sum(item.compress_size for item in items), 1)
    if unpacked > LARGEST_BYTES or (unpacked > RATIO_FROM_BYTES and unpacked / packed > LARGEST_RATIO):
        found, most = f"{unpacked / 1e6:.0f} MB", f"{LARGEST_BYTES / 1e6:.0f} MB"
        raise InputError([Problem("file_too_large", file.name, found=found, expected=most)])


def _values(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheets: dict[str, list[tuple[Any, ...]]] = {}
        for sheet in book.worksheets:
            # Without its declared size a sheet is as wide as its cells, so a stray far cell is cheap.
            sheet.reset_dimensions()
            rows = list(sheet.iter_rows(values_only=True))
            while rows and not any(value is not None for value in rows[-1]):
                rows.pop()
            sheets[sheet.title] = rows
        return sheets
    finally:
        book.close()


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
            sheet.reset_dimensions()
            values = sheets[sheet.title]
            for number, row in enumerate(sheet.iter_rows(), start=1):
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
