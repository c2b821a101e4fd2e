"""Saving an open workbook: the same content gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from pathlib import Path
from typing import Any

from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from mfa.whole import whole_file

FIXED_DATE = "2000-01-01T00:00:00Z"


class _Dateless(zipfile.ZipFile):
    """An archive that does not ask what time it is: a clock before 1980 is none that it could write."""

    def writestr(self, zinfo_or_arcname: str | zipfile.ZipInfo, *arguments: Any, **options: Any) -> None:
        """Write a part; without a date of its own it gets the first one there is."""
        if isinstance(zinfo_or_arcname, str):
            zinfo_or_arcname = zipfile.ZipInfo(zinfo_or_arcname, (1980, 1, 1, 0, 0, 0))
        super().writestr(zinfo_or_arcname, *arguments, **options)


class _InMemory(ExcelWriter):  # type: ignore[misc]
    """Puts every sheet together in memory: no file for what is temporary, which a full disk refuses or a killed process leaves."""

    def write_worksheet(self, ws: Any) -> None:
        """Write one sheet into the archive."""
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        writer = WorksheetWriter(ws, io.BytesIO())
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], writer.read())
        self.manifest.append(ws)


def archived(book: Any) -> io.BytesIO:
    """Return an open workbook as the parts of its file, not compressed."""
    book.properties.modified = datetime.datetime.now(tz=datetime.UTC).replace(tzinfo=None)
    buffer = io.BytesIO()
    with _Dateless(buffer, "w", strict_timestamps=False) as archive:
        _InMemory(book, archive).save()
    return buffer


def save_book(book: Any, path: Path) -> None:
    """Save with fixed dates, so that the same content gives the same bytes, and move into place."""
    book.properties.creator = "circular-mfa"
    buffer = archived(book)
    with (
        whole_file(path) as new,
        zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as target,
        zipfile.ZipFile(buffer) as source,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", FIXED_DATE.encode(), content)
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
