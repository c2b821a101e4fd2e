"""Texts in both languages and figures with the digits that a reader can use, for the page of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reports.names import Names
from reports.page import number
from reports.view import RunView
from reports.words import LANGUAGES, Words

Text = str | list[str]


class Both:
    """Names and words in both languages at once."""

    def __init__(self, view: RunView) -> None:
        """Read the names of the case in both languages."""
        self.words = [Words(language) for language in LANGUAGES]
        self.names = [Names(view.case, words) for words in self.words]

    def of(self, kind: str, identifier: str) -> Text:
        """Return the name of an id of a list."""
        return pair(names.of(kind, identifier) for names in self.names)

    def term(self, family: str, identifier: str) -> Text:
        """Return the word for one of the engine's ids."""
        return pair(words.term(family, identifier) for words in self.words)

    def listed(self, kind: str, identifiers: Iterable[str]) -> dict[str, Text]:
        """Return names by id."""
        return {identifier: self.of(kind, identifier) for identifier in identifiers}

    def terms(self, family: str, identifiers: Iterable[str]) -> dict[str, Text]:
        """Return words by id."""
        return {identifier: self.term(family, identifier) for identifier in identifiers}


def pair(texts: Iterable[str]) -> Text:
    """Return the texts of the languages, or one if they agree.

    >>> pair(["Glas", "Glass"]), pair(["ARC", "ARC"])
    (['Glas', 'Glass'], 'ARC')
    """
    found = list(texts)
    return found[0] if len(set(found)) == 1 else found


def figure(value: float, decimals: int = 0) -> float | int | None:
    """Return a number for the page: whole where it can be, ``None`` where it is not known.

    >>> figure(12.04, 1), figure(float("nan")), figure(-0.2)
    (12, None, 0)
    """
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    rounded = round(float(value), decimals) + 0.0
    return int(rounded) if rounded == int(rounded) else rounded


def tonnes(value: float) -> float | int | None:
    """Return a mass: whole tonnes, below a hundred tenths of one."""
    return figure(value, 0 if abs(value) >= 100 else 1)


def danish(text: Text) -> str:
    """Return the Danish text of a pair, or the one text."""
    return text if isinstance(text, str) else text[0]


def coordinates(row: Mapping[str, Any]) -> list[float] | None:
    """Return [longitude, latitude] of a row, or nothing where either is missing.

    >>> coordinates({"lat": 55.7, "lon": 12.4}), coordinates({"lat": 55.7, "lon": float("nan")})
    ([12.4, 55.7], None)
    """
    found = [number(row.get(name)) for name in ("lon", "lat")]
    return None if None in found else [round(value, 5) for value in found if value is not None]
