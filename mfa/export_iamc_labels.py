"""Names as levels of IAMC variables and regions: English, without signs that mean something there, no two alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from flows.case import Case
from flows.tables import SCOPES
from reports.names import LISTS, Names
from reports.words import Words

SHARED = "Shared"


class Labels:
    """Labels by kind and id.

    Two ids of one name are told apart by their ids; an id that the case does not list stands for itself.
    """

    def __init__(self, case: Case) -> None:
        """Read the names of a case once."""
        self._words = Words("en")
        names = Names(case, self._words)
        self._lists = {kind: distinct(case.names(table, "en")) for kind, table in LISTS.items()}
        self._lists["scheme"] = _schemes(case)
        pairs = dict.fromkeys(zip(case["sectors"]["sector"], case["sectors"]["segment"], strict=True))
        self._sources = distinct({pair: names.source(*pair) for pair in pairs})
        # A sector is a scope too, and may be called as one of the engine's own.
        scopes = {sector: names.sector(sector) for sector in dict.fromkeys(case["sectors"]["sector"])}
        scopes |= {scope: self._words.capital(self._words.term("scope", scope)) for scope in SCOPES}
        self._lists["scope"] = distinct(scopes)
        self.region = clean(names.place("")) or "Region"

    def of(self, kind: str, identifier: str) -> str:
        """Return the label of an id of the case, or of one of the engine's own."""
        if kind in self._lists:
            return self._lists[kind].get(identifier, clean(identifier) or "Unknown")
        return self._words.capital(clean(self._words.term(kind, identifier))) or "Unknown"

    def source(self, sector: str, segment: str) -> str:
        """Return the label of a kind of source."""
        return self._sources.get((sector, segment)) or clean(f"{sector} {segment}") or "Unknown"

    def place(self, municipality: str, shared: bool) -> str:
        """Return a region: the whole area, a municipality, or what none of them has alone."""
        if municipality:
            return f"{self.region}|{self.of('municipality', municipality)}"
        return f"{self.region}|{SHARED}" if shared else self.region


def _schemes(case: Case) -> dict[object, str]:
    """Return labels of schemes: they stand under their source, so only those of one source must differ."""
    names = case.names("schemes", "en")
    found: dict[object, str] = {}
    for _, rows in case["schemes"].groupby(["sector", "segment"]):
        found |= distinct({str(scheme): names[scheme] for scheme in rows["scheme"]})
    return found


def clean(text: str) -> str:
    """Return a text without the signs that part levels or stand for anything.

    >>> clean("Glass |  bottles*")
    'Glass / bottles'
    """
    return re.sub(r"\s+", " ", text.replace("|", "/").replace("*", " ")).strip()


def distinct(names: Mapping[Any, str]) -> dict[object, str]:
    """Return labels of which no two are alike, upper and lower case taken for the same.

    >>> distinct({"a": "Glass", "b": "glass", "c": "Wood"})
    {'a': 'Glass (a)', 'b': 'glass (b)', 'c': 'Wood'}
    """
    said = {key: clean(str(name)) or clean(str(key)) for key, name in names.items()}
    counts = Counter(name.casefold() for name in said.values())
    counts[SHARED.casefold()] += 1
    return {key: name if counts[name.casefold()] == 1 else f"{name} ({_id(key)})" for key, name in said.items()}


def _id(key: object) -> str:
    return clean(" ".join(str(part) for part in key if part) if isinstance(key, tuple) else str(key))
