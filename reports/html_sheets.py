"""A sheet of a workbook for the page: its answer, its lead and its tables; the page has charts of its own."""

from __future__ import annotations

from typing import Any

from reports.page import Formula, Page, Table, Value


def sheet(page: Page) -> dict[str, Any]:
    """Return a sheet as plain data."""
    tables = [block for block in page.blocks if isinstance(block, Table)]
    return {
        "title": page.title,
        "answer": page.answer,
        "lead": list(page.lead),
        "tables": [plain(table) for table in tables if table.lines or table.when_empty],
    }


def plain(table: Table) -> dict[str, Any]:
    """Return a table as plain data: ``styles`` are those of each cell where a row has its own, else of the column."""
    found: dict[str, Any] = {
        "key": table.key,
        "caption": table.caption,
        "columns": [[column.label, column.style] for column in table.columns],
        "lines": [[_value(value) for value in line] for line in table.lines],
    }
    if table.row_styles:
        found["styles"] = list(table.row_styles)
        found["styled"] = [position for position, column in enumerate(table.columns) if column.key in table.styled]
    if table.total and table.lines:
        found["total"] = [table.total, *(_sum(table, position) for position in range(1, len(table.columns)))]
    for name, text in (("note", table.note), ("empty", table.when_empty)):
        if text:
            found[name] = text
    return found


def _sum(table: Table, position: int) -> float | None:
    if not table.columns[position].total:
        return None
    values = [_value(line[position]) for line in table.lines]
    return _short(sum(float(value) for value in values if isinstance(value, int | float)))


def _value(value: Value) -> str | float | int | None:
    if isinstance(value, Formula):
        value = value.value
    if value is None or isinstance(value, str | bool):
        return value
    return _short(float(value))


def _short(value: float) -> float | int | None:
    """Return a number with the digits that a reader sees."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if abs(value) >= 1000:
        return int(round(value))
    shown = float(f"{value:.7g}")
    return int(shown) if shown == int(shown) else shown
