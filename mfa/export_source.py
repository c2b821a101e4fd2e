"""What an export is made of: a run's tables in their order, with the type, unit and meaning of each column.

Every format reads from here, so that all of them say the same of a column. A run's declarations write ``DKK`` for
the currency of the case; here it is the case's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.case import Case
from mfa.run import Run, RunError
from mfa.run_csv import column_types, sorted_rows
from mfa.run_tables import ColumnType, RunColumn, RunTable
from mfa.run_tables_keys import key_of
from reports.names import LISTS
from reports.words import CATALOGUE
from reports.words_terms import TERMS

NAMES = "names"
FAMILIES = ("variant", "treatment", "method", "scope", "decider", "payer", "category", "step", "kind", "status")
"""Families of the engine's own words that stand in the tables."""
NAME_TABLE = RunTable(
    NAMES,
    "what the ids in the other tables are called",
    (
        RunColumn("kind", "string", "what the id is of: municipality, fraction, treatment ..."),
        RunColumn("id", "string", "id as it stands in the tables"),
        RunColumn("name_da", "string", "name in Danish"),
        RunColumn("name_en", "string", "name in English"),
    ),
)


@dataclass(frozen=True)
class Exported:
    """One table: ``frame`` with rows sorted, and a declared column for each of its columns."""

    name: str
    meaning: str
    frame: pd.DataFrame
    columns: tuple[RunColumn, ...]
    key: tuple[str, ...]

    @property
    def declaration(self) -> RunTable:
        """The table as it is declared, with units in the case's currency."""
        return RunTable(self.name, self.meaning, self.columns)


@dataclass(frozen=True)
class ExportSource:
    """A run as exports read it."""

    run: Run

    @cached_property
    def currency(self) -> str:
        """The currency of the run's money."""
        return str(self.run.info.get("currency") or "DKK")

    @cached_property
    def case(self) -> Case | None:
        """The case of the run; ``None`` for the account of a flow system."""
        return None if self.run.info.get("kind") == "system" else self.run.case

    @property
    def title(self) -> str:
        """What the case or system is called."""
        if self.case is not None:
            return str(self.case.settings["title"])
        try:
            return str(self.run.system.settings["title"])  # type: ignore[attr-defined]
        except (AttributeError, KeyError, RunError):
            return str(self.run.info.get("input", {}).get("name", ""))

    @property
    def facts(self) -> dict[str, object]:
        """Where the figures come from: enough to find the run again."""
        info = self.run.info
        given = info.get("input", {})
        return {
            "title": self.title,
            "case": given.get("name", ""),
            "case_sha256": given.get("sha256", ""),
            "made_by": f"circular-mfa {info.get('version', '')}".strip(),
            "status": info.get("status", ""),
            "gap": info.get("gap"),
            "certificate_holds": (info.get("certificate") or {}).get("holds"),
            "currency": self.currency,
            "price_year": info.get("price_year"),
            "options": info.get("options", {}),
        }

    def names(self) -> list[str]:
        """Return the names of all tables, that of names last."""
        return [*sorted(self.run.tables), *([NAMES] if self.case is not None and NAMES not in self.run.tables else [])]

    def table(self, name: str) -> Exported:
        """Return one table."""
        if name == NAMES and name not in self.run.tables:
            return Exported(name, NAME_TABLE.meaning, self._names(), NAME_TABLE.columns, ("kind", "id"))
        declared = self.run.declared(name)
        frame = self.run.tables[name]
        types = column_types(frame, declared)
        known = {column.name: column for column in declared.columns} if declared else {}
        columns = tuple(self._column(column, kind, known.get(column)) for column, kind in types.items())
        rows = sorted_rows(frame, types).reset_index(drop=True)
        return Exported(name, declared.meaning if declared else "", rows, columns, key_of(name, rows))

    def tables(self) -> Iterator[Exported]:
        """Give one table after the other, so that only one of them need be in memory twice."""
        for name in self.names():
            yield self.table(name)

    def _column(self, name: str, kind: ColumnType, known: RunColumn | None) -> RunColumn:
        if known is None:
            return RunColumn(name, kind, "")
        return RunColumn(name, kind, known.meaning, known.unit.replace("DKK", self.currency))

    def _names(self) -> pd.DataFrame:
        """Return what ids are called: those of the case, then the engine's own."""
        case = self.case
        rows: list[tuple[str, str, str, str]] = []
        if case is not None:
            for kind, table in LISTS.items():
                danish, english = case.names(table, "da"), case.names(table, "en")
                rows += [(kind, str(key), str(danish[key]), str(english[key])) for key in danish]
        for key in TERMS:
            family, _, identifier = key.partition(".")
            if family in FAMILIES:
                rows.append((family, identifier, *CATALOGUE[key]))
        return pd.DataFrame(rows, columns=[column.name for column in NAME_TABLE.columns])
