"""Names of what a case lists, in one language: fractions, schemes, facilities, sources, scopes."""

from __future__ import annotations

from collections.abc import Iterable

from flows.case import Case
from flows.tables import SCOPES, TABLES
from reports.once import Once
from reports.words import Words, sort_key

LISTS = {
    "municipality": "municipalities",
    "fraction": "fractions",
    "stream": "streams",
    "technology": "technologies",
    "output": "outputs",
    "scheme": "schemes",
    "facility": "facilities",
    "market": "markets",
}
"""Kinds of ids that a case names, and the sheet that does."""
_DANISH = {table.name: table.danish for table in TABLES}


class Names(Once):
    """Names by kind and id; an id without a name stands for itself."""

    def __init__(self, case: Case, words: Words) -> None:
        """Read all names of a case once."""
        super().__init__()
        self.case, self.words = case, words
        self._names = {kind: case.names(table, words.language) for kind, table in LISTS.items()}
        self._sources: dict[tuple[str, str], str] = {}
        column = f"name_{words.language}"
        other = "name_en" if words.language == "da" else "name_da"
        for row in case["sectors"].to_dict("records"):
            name = row[column] or row[other] or row["segment"] or row["sector"]
            self._sources.setdefault((row["sector"], row["segment"]), str(name))
        self._kinds = dict(zip(case["sectors"]["sector"], case["sectors"]["kind"], strict=True))
        self._region = str(case.settings[f"region_{words.language}"])

    def of(self, kind: str, identifier: str) -> str:
        """Return the name of an id of a list, such as ``of("fraction", "glass")``."""
        return self._names[kind].get(identifier, identifier)

    def place(self, municipality: str) -> str:
        """Return the name of a municipality; '' is the whole region."""
        return self.of("municipality", municipality) if municipality else self._region

    def sector(self, sector: str) -> str:
        """Return the name of a whole sector."""
        if (sector, "") in self._sources:
            return self._sources[(sector, "")]
        if self._kinds.get(sector) == "households":
            return self.words("sector_households")
        return sector

    def source(self, sector: str, segment: str) -> str:
        """Return the name of a kind of source: a sector, or a segment of one."""
        if segment and (sector, segment) in self._sources:
            return self._sources[(sector, segment)]
        return f"{self.sector(sector)}, {segment}" if segment else self.sector(sector)

    def scope(self, scope: str) -> str:
        """Return what a scope covers, in words as inside a sentence; a sector has its own name."""
        if scope in SCOPES or scope not in self._kinds:
            return self.words.term("scope", scope)
        return self.sector(scope)

    def table(self, name: str) -> str:
        """Return what a table of the case is called in its workbook."""
        text = _DANISH.get(name, name) if self.words.language == "da" else name
        return text.replace("_", " ")

    def process(self, identifier: str) -> str:
        """Return the name of a facility, market or sink."""
        if identifier.startswith("sink:"):
            return self.words.term("treatment", identifier[5:])
        for kind in ("facility", "market"):
            if identifier in self._names[kind]:
                return self._names[kind][identifier]
        return identifier

    def order(self, kind: str, identifiers: Iterable[str]) -> list[str]:
        """Return ids in the alphabetical order of their names."""
        return sorted(identifiers, key=lambda identifier: (sort_key(self.of(kind, identifier)), identifier))
