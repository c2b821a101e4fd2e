"""A workbook of XlsxWriter with sheets of our own, whose properties also name its language, for screen readers."""

from __future__ import annotations

from typing import Any

import xlsxwriter
from xlsxwriter.core import Core
from xlsxwriter.packager import Packager

from reports.excel_sheet import Sheet


class Book(xlsxwriter.Workbook):  # type: ignore[misc]
    """A new workbook; ``language`` is a tag such as 'da-DK', '' for none."""

    worksheet_class = Sheet

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
