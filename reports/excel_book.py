"""A workbook of XlsxWriter with sheets of our own, whose properties also name its language, for screen readers."""

from __future__ import annotations

from types import FunctionType
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import xlsxwriter
from xlsxwriter.core import Core
from xlsxwriter.packager import Packager

from reports.excel_sheet import Sheet

LEVEL = 3
"""How hard the file is packed: half of the usual level's time, and some hundredths larger."""


class _Zip(ZipFile):
    """A file in which pictures lie as they are: they are packed already."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_how: Any) -> None:
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        super().writestr(zinfo_or_arcname, data, ZIP_STORED if name.endswith(".png") else None, LEVEL)


_STORE = xlsxwriter.Workbook._store_workbook
"""XlsxWriter gives no say in how its file is packed: its own method then has another class for the file."""


class Book(xlsxwriter.Workbook):  # type: ignore[misc]
    """A new workbook; ``language`` is a tag such as 'da-DK', '' for none."""

    worksheet_class = Sheet
    _store_workbook = FunctionType(_STORE.__code__, _STORE.__globals__ | {"ZipFile": _Zip})

    def __init__(self, target: Any, options: dict[str, Any], language: str) -> None:
        self.language = language
        super().__init__(target, options)

    def _get_packager(self) -> Packager:
        return _Packager(self.language)


class _Packager(Packager):  # type: ignore[misc]
    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def _write_core_file(self) -> None:
        core = _Core(self.language)
        core._set_properties(self.workbook.doc_properties)
        core._set_xml_writer(self._filename("docProps/core.xml"))
        core._assemble_xml_file()


class _Core(Core):  # type: ignore[misc]
    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def _write_cp_content_status(self) -> None:
        super()._write_cp_content_status()
        if self.language:
            self._xml_data_element("dc:language", self.language)
