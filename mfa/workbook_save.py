"""Saving an open workbook: the same content gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import datetime
import io
import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from openpyxl.writer.excel import ExcelWriter

FIXED_DATE = "2000-01-01T00:00:00Z"


class _Dateless(zipfile.ZipFile):
    """An archive that does not ask what time it is: a clock before 1980 is none that it could write."""

    def writestr(self, zinfo_or_arcname: str | zipfile.ZipInfo, *arguments: Any, **options: Any) -> None:
        """Write a part; without a date of its own it gets the first one there is."""
        if isinstance(zinfo_or_arcname, str):
            zinfo_or_arcname = zipfile.ZipInfo(zinfo_or_arcname, (1980, 1, 1, 0, 0, 0))
            zinfo_or_arcname.compress_type = zipfile.ZIP_DEFLATED
        super().writestr(zinfo_or_arcname, *arguments, **options)


def archived(book: Any) -> io.BytesIO:
    """Return an open workbook as the bytes of its file."""
    book.properties.modified = datetime.datetime.now(tz=datetime.UTC).replace(tzinfo=None)
    buffer = io.BytesIO()
    with _Dateless(buffer, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        ExcelWriter(book, archive).save()
    return buffer


def save_book(book: Any, path: Path) -> None:
    """Save with fixed dates, so that the same content gives the same bytes, and move into place."""
    book.properties.creator = "circular-mfa"
    buffer = archived(book)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".xlsx")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with (
            os.fdopen(handle, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
            zipfile.ZipFile(buffer) as source,
        ):
            for name in source.namelist():
                content = source.read(name)
                if name == "docProps/core.xml":
                    content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", FIXED_DATE.encode(), content)
                target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        Path(temporary).chmod(0o644)
        try:
            Path(temporary).replace(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        Path(temporary).unlink(missing_ok=True)
