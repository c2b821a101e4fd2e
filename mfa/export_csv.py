"""CSV that Danish Excel opens by a double click, and the same tables for programs.

Excel in Danish wants semicolons, decimal commas and a mark of UTF-8. Text that begins with a sign of a formula gets an
apostrophe in front, so that nothing from a workbook is ever carried out. A table with more rows than a sheet can hold
is continued in further files.
"""

from __future__ import annotations

from pathlib import Path

from mfa.export_source import Exported, ExportSource
from mfa.run_csv import MACHINE, Dialect, write_csv
from mfa.words_columns import danish_head

EXCEL = Dialect(
    separator=";",
    decimal=",",
    encoding="utf-8-sig",
    line_end="\r\n",
    infinity="uendelig",
    truth=("SAND", "FALSK"),
    risky="=+-@\t\r\n",
)
MOST_ROWS = 1_000_000
"""Rows of one file: a sheet of Excel has 1 048 576."""


def write(source: ExportSource, folder: Path) -> None:
    """Write every table into ``excel`` and into ``machine``."""
    excel, machine = folder / "excel", folder / "machine"
    excel.mkdir()
    machine.mkdir()
    for table in source.tables():
        write_csv(table.frame, machine / f"{table.name}.csv", table.declaration, MACHINE)
        _write_excel(table, excel)


def _write_excel(table: Exported, folder: Path) -> None:
    heads = [danish_head(column.name, column.unit) for column in table.columns]
    for number, start in enumerate(range(0, max(len(table.frame), 1), MOST_ROWS), 1):
        part = table.frame.iloc[start : start + MOST_ROWS]
        ending = f"_{number}" if number > 1 else ""
        write_csv(part, folder / f"{table.name}{ending}.csv", table.declaration, EXCEL, heads)
