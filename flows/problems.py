"""Problems of a case, each with its place, and the errors that carry them to the user.

A problem has a stable code; its text in Danish and English comes from one catalogue
(:mod:`flows.problem_texts`), so that the same problem reads the same on the command line, in JSON
and in an annotated workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

import pandas as pd

from flows.problem_names import NAMED, danish_name
from flows.problem_texts import SUGGESTION, TEXTS, WORDS

Severity = Literal["error", "warning"]
MOST_COMPARED = 50_000
"""Pairs of an unknown and a known word of one column that are compared, some seconds of work, before no more is suggested."""


@dataclass(frozen=True)
class Problem:
    """One problem of a case.

    ``sheet`` is the sheet as the user named it (or the table), ``row`` its row in the workbook,
    ``column`` the declared column and ``cell`` the address, where they are known. ``found``,
    ``expected`` and ``place`` fill the text; ``suggestion`` is a value that may be meant, ``cause`` a problem behind it.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    found: str = ""
    expected: str = ""
    suggestion: str = ""
    place: str = ""
    severity: Severity = "error"
    cause: Problem | None = None

    def text(self, language: str = "en") -> str:
        """Return what is wrong, in ``language`` ('da' or 'en'), without the place.

        >>> Problem("sheet_unknown", found="Kommuner2", suggestion="kommuner").text("en")
        "the sheet 'Kommuner2' is unknown and is not read; did you mean 'kommuner'?"
        """
        position = 0 if language == "da" else 1
        text = TEXTS[self.code][position]
        for name in ("found", "expected", "place"):
            value = getattr(self, name)
            if language == "da" and NAMED.get(self.code) == name:
                value = danish_name(value, self.sheet)
            text = text.replace("{" + name + "}", value)
        if self.suggestion:
            text += "; " + SUGGESTION[position].replace("{0}", self.suggestion)
        return f"{text}: {self.cause.line(language)}" if self.cause is not None else text

    def where(self, language: str = "en") -> str:
        """Return the place: ``sheet!cell``, or as much of it as is known."""
        if self.cell:
            return f"{self.sheet}!{self.cell}"
        parts = [self.sheet] if self.sheet else []
        if self.row is not None:
            parts.append(f"{WORDS['row'][0 if language == 'da' else 1]} {self.row}")
        if self.column:
            parts.append(self.column)
        return " ".join(parts)

    def line(self, language: str = "en") -> str:
        """Return place and text in one line."""
        where = self.where(language)
        return f"{where}: {self.text(language)}" if where else self.text(language)

    def at(self, **changes: object) -> Problem:
        """Return the same problem with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def as_dict(self, language: str = "en") -> dict[str, object]:
        """Return the problem as plain values, for JSON and tables."""
        return {
            "severity": self.severity,
            "code": self.code,
            "sheet": self.sheet,
            "cell": self.cell,
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
            "suggestion": self.suggestion,
            "text": self.text(language),
        }


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that are errors."""
    return [problem for problem in problems if problem.severity == "error"]


def problem_table(problems: Iterable[Problem], language: str = "en") -> pd.DataFrame:
    """Return problems as a DataFrame, one row each."""
    columns = list(Problem("required").as_dict())
    return pd.DataFrame([problem.as_dict(language) for problem in problems], columns=columns)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like ``word``, or '' if none does.

    >>> nearest("Gladsakse", ["Gladsaxe", "Gentofte"])
    'Gladsaxe'
    """
    return Nearest(known)(word)


class Nearest:
    """Finds the known word that looks most like each of many: the unknown ones of a column, say.

    A word that comes again is not compared again, and after ``MOST_COMPARED`` comparisons nothing more is looked for: a column of
    ten thousand unknown ids is another column, not ten thousand slips of the pen.
    """

    def __init__(self, known: Iterable[str]) -> None:
        """Take the known words, which are looked at when the first one is asked for; blank ones are left out."""
        self._known = known
        self._left = MOST_COMPARED
        self._found: dict[str, str] = {}

    @cached_property
    def _by_folded(self) -> dict[str, str]:
        """The known words by what they are without capitals; in order, so that the same one is found in every run."""
        return {candidate.casefold(): candidate for candidate in sorted(filter(None, self._known))}

    def __call__(self, word: str) -> str:
        """Return the known word, or '' if none looks like it or there were too many to ask about."""
        folded = str(word).casefold()
        if folded not in self._found:
            if self._left <= 0:
                return ""
            self._left -= len(self._by_folded)
            matches = get_close_matches(folded, list(self._by_folded), n=1, cutoff=0.6)
            self._found[folded] = self._by_folded[matches[0]] if matches else ""
        return self._found[folded]


@dataclass
class InputError(Exception):
    """The input has problems; all of them are in ``problems``."""

    problems: Sequence[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give the exception a text of its own."""
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return the first problems, a line each."""
        lines = [problem.line() for problem in errors_of(self.problems) or self.problems]
        more = len(lines) - 10
        return "\n".join(lines[:10] + ([f"... and {more} more"] if more > 0 else []))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return the problems as a DataFrame."""
        return problem_table(self.problems, language)


def number_text(value: float) -> str:
    """Return a number as short text for messages.

    >>> number_text(0.30000000000000004)
    '0.3'
    """
    return f"{value:.6g}"


def key_text(values: Mapping[str, object]) -> str:
    """Return the non-blank parts of a key as one text."""
    return ", ".join(str(value) for value in values.values() if str(value) not in ("", "nan"))
