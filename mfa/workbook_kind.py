"""The two kinds of workbook, a case and a general flow system, as one description each.

Reader, writer, template and reference take a kind and know nothing else of what the workbook holds:
its sheets and columns are declarations (:mod:`flows.tables`, :mod:`flows.system_tables`), its words
stand in :mod:`mfa.guide` and :mod:`mfa.system_guide`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flows.system_tables import SYSTEM_SETTINGS, SYSTEM_TABLES, SYSTEM_VERSION
from flows.tables import CASE_VERSION, SETTINGS, TABLES, Column, Setting, Table
from mfa import guide, system_guide
from mfa.system_units import OPTIONAL_UNITS, UNIT_COLUMNS, read_layer_unit
from mfa.workbook_cells import normalise
from mfa.workbook_open import RawSheet
from mfa.workbook_units import UnitReading, read_unit

ReadUnit = Callable[[str, Column, str, str], UnitReading]
Guide = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Kind:
    """What a kind of workbook consists of.

    ``ranges`` are columns in the unit of their row's value; ``optional_units`` gives columns, as (table,
    column), that may but need not have a unit, with their canonical one; ``unit_columns`` the declared
    column of a table that holds the unit of its value, and ``written_units`` the tables that are written
    with a unit column. ``read_unit`` turns a unit into a factor.
    """

    name: str
    tables: tuple[Table, ...]
    settings: tuple[Setting, ...]
    version: int
    heading: tuple[str, str]
    guide: Guide
    danish_meanings: Mapping[str, str]
    settings_meaning: str
    unit_examples: tuple[tuple[str, str], ...]
    ranges: tuple[str, ...]
    read_unit: ReadUnit
    settings_required: bool = True
    ranges_across: bool = False
    optional_units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unit_columns: Mapping[str, str] = field(default_factory=dict)
    written_units: frozenset[str] = frozenset()

    def table(self, name: str) -> Table:
        """Return a table; raises ``KeyError`` if it is not declared."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def sheet_name(self, table: str, language: str) -> str:
        """Return the name of a table's sheet, or of a guide's, in ``language`` ('da' or 'en')."""
        if table in guide.SHEETS:
            return guide.SHEETS[table][0 if language == "da" else 1]
        return self.table(table).danish if language == "da" else table

    def names(self) -> dict[str, str]:
        """Return the table of each normalised name of a sheet, Danish or English."""
        known = {normalise(name): table.name for table in self.tables for name in (table.name, table.danish)}
        return known | {normalise(name): "settings" for name in guide.SHEETS["settings"]}


CASE = Kind(
    name="case",
    tables=TABLES,
    settings=SETTINGS,
    version=CASE_VERSION,
    heading=("Sagens arbejdsbog", "Case workbook"),
    guide=guide.GUIDE,
    danish_meanings=guide.DANISH_MEANINGS,
    settings_meaning="years, rate of interest, currency and target",
    unit_examples=guide.UNIT_EXAMPLES,
    ranges=("low", "high"),
    read_unit=read_unit,
)
SYSTEM = Kind(
    name="system",
    tables=SYSTEM_TABLES,
    settings=SYSTEM_SETTINGS,
    version=SYSTEM_VERSION,
    heading=("Strømsystemets arbejdsbog", "Workbook of a flow system"),
    guide=system_guide.GUIDE,
    danish_meanings=system_guide.DANISH_MEANINGS,
    settings_meaning="title, years, uncertainty where none is given, level of the tests",
    unit_examples=system_guide.UNIT_EXAMPLES,
    ranges=("std", "lower", "upper"),
    read_unit=read_layer_unit,
    settings_required=False,
    ranges_across=True,
    optional_units=OPTIONAL_UNITS,
    unit_columns=UNIT_COLUMNS,
    written_units=frozenset({"measurements", "stocks"}),
)


def kind_of(sheets: Iterable[RawSheet]) -> Kind:
    """Return what kind of workbook the sheets make.

    A system has processes and flows and no municipalities; one of the two is enough where no other sheet
    is a case's, so that the other can be told as missing.
    """
    names = {normalise(sheet.name) for sheet in sheets}
    known, of_case = SYSTEM.names(), CASE.names()
    found = {known[name] for name in names if name in known}
    if any(of_case.get(name) == "municipalities" for name in names) or not found & {"processes", "flows"}:
        return CASE
    foreign = {name for name in names if name in of_case and name not in known}
    return SYSTEM if {"processes", "flows"} <= found or not foreign else CASE
