"""The Danish names of tables, columns and settings that texts of problems mention by their declared names."""

from __future__ import annotations

from functools import cache

from flows.system_tables import SYSTEM_SETTINGS, SYSTEM_TABLES
from flows.tables import SETTINGS, TABLES

NAMED = {
    "sheet_missing": "expected",
    "reference": "expected",
    "column_missing": "expected",
    "setting_missing": "expected",
    "unit_missing": "found",
}
"""Codes whose text names something declared, and the field of the problem that holds the name."""


@cache
def _danish() -> dict[tuple[str, str], str]:
    """Return Danish names by sheet ('' for any) and declared name; the first that is declared wins."""
    names: dict[tuple[str, str], str] = {}
    for table in (*TABLES, *SYSTEM_TABLES):
        names.setdefault(("", table.name), table.danish)
    for item in (*SETTINGS, *SYSTEM_SETTINGS):
        names.setdefault(("", item.name), item.danish)
    for table in (*TABLES, *SYSTEM_TABLES):
        for column in table.columns:
            for sheet in (table.name, table.danish, ""):
                names.setdefault((sheet, column.name), column.danish)
    return names


def danish_name(name: str, sheet: str) -> str:
    """Return the Danish name of something declared that a problem on a sheet mentions; other words stay.

    >>> danish_name("treatment", "markeder"), danish_name("municipalities", "affaldsmængder"), danish_name("x", "")
    ('behandling', 'kommuner', 'x')
    """
    return _danish().get((sheet, name)) or _danish().get(("", name), name)
