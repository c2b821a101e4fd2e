"""Saving an open workbook: the same content gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

FIXED_DATE = "2000-01-01T00:00:00Z"


def save_book(book: Any, path: Path) -> None:
    """Save with fixed dates, so that the same content gives the same bytes, and move into place."""
    buffer = io.BytesIO()
    book.properties.creator = "circular-mfa"
    book.save(buffer)
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
