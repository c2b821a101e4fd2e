"""Reading a workbook back as a reader sees it: tables by their name, heads and lines."""

from __future__ import annotations

from typing import Any

import openpyxl
import pandas as pd

from reports.page import Page
from reports.page import Table as PageTable


def table(book: Any, key: str) -> pd.DataFrame:
    """Return a table of a workbook: what stands in its lines, under the heads that a reader sees."""
    for sheet in book.worksheets:
        if f"tbl_{key}" in sheet.tables:
            rows = [[cell.value for cell in row] for row in sheet[sheet.tables[f"tbl_{key}"].ref]]
            return pd.DataFrame(rows[1:], columns=rows[0])
    raise AssertionError(f"no table {key}")


def by_key(book: Any, key: str, pages: list[Page]) -> pd.DataFrame:
    """Return the same under the keys of the columns, which are alike in both languages."""
    found = table(book, key)
    page_table = next(
        block for page in pages for block in page.blocks if isinstance(block, PageTable) and block.key == key
    )
    assert len(found.columns) == len(page_table.columns)
    found.columns = pd.Index([column.key for column in page_table.columns])
    return found


def opened(path: Any, values: bool = True) -> Any:
    """Return a workbook, with the stored values of its formulas or with the formulas."""
    return openpyxl.load_workbook(path, data_only=values)
