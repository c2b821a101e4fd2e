"""What a file of statistics says, one figure each, before it is known where in the case it belongs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

HOUSEHOLDS = "H"
"""The sector of households, as the Environmental Protection Agency writes it."""


@dataclass(frozen=True)
class Figure:
    """A figure of the file: an amount in t/year, or a rate from 0 to 1.

    ``place``, ``sector`` and ``stream`` are words of the file (an empty stream is all waste);
    ``whole`` says that it is all waste of the sector. ``per_head`` is an amount in t per inhabitant. ``where``
    is the line or cell, ``rows`` how many rows were added up, ``note`` the keys of what the source says more.
    """

    measure: str
    place: str
    sector: str
    stream: str
    year: int
    value: float
    table: str
    where: str
    method: str = "collected"
    status: str = "reported"
    whole: bool = False
    per_head: bool = False
    rows: int = 1
    note: str = ""


@dataclass(frozen=True)
class Unplaced:
    """What could not be placed: a reason (a key of the words), what it is about, where it stands first.

    ``place`` is the municipality in the file's words, empty where it is about none.
    """

    reason: str
    what: str
    where: str
    rows: int = 1
    years: tuple[int, ...] = ()
    value: float = 0.0
    unit: str = "t"
    candidates: str = ""
    place: str = ""

    def key(self) -> tuple[str, str, str, str]:
        """Return what lines of the list have in common."""
        return self.reason, self.what, self.unit, self.candidates


@dataclass
class Reading:
    """The figures of a file, what of it could not be read as one, and when its content is from."""

    figures: list[Figure] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    date: str = ""
    years: tuple[int, ...] = ()


def gathered(items: Iterable[Unplaced]) -> list[Unplaced]:
    """Return one line for all that was left out for the same reason, in the order of first mention."""
    found: dict[tuple[str, str, str, str], Unplaced] = {}
    for item in items:
        key = item.key()
        if key in found:
            first = found[key]
            years = tuple(sorted({*first.years, *item.years}))
            found[key] = replace(first, rows=first.rows + item.rows, years=years, value=first.value + item.value)
        else:
            found[key] = item
    return list(found.values())


@lru_cache(maxsize=65536)
def folded(text: object) -> str:
    """Return a word for comparing: small letters, Danish ones written out, nothing but letters and digits.

    >>> folded("København"), folded("Kobenhavn "), folded("AArhus"), folded("Århus")
    ('koebenhavn', 'kobenhavn', 'aarhus', 'aarhus')
    """
    word = str(text).casefold()
    for letter, written in (("æ", "ae"), ("ä", "ae"), ("ø", "oe"), ("ö", "oe"), ("å", "aa"), ("ü", "ue"), ("é", "e")):
        word = word.replace(letter, written)
    return re.sub(r"[^a-z0-9]", "", word)


def file_date(path: Path) -> str:
    """Return the day on which a file was last written."""
    return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).date().isoformat()


def decimal_mark(texts: Sequence[str]) -> str | None:
    """Return the decimal mark of numbers as written, None where it cannot be told.

    Three digits after a single kind of mark may be thousands or decimals; any other number decides.

    >>> decimal_mark(["12,5", "1.200,25"]), decimal_mark(["12.5", "7"]), decimal_mark(["12.500"])
    (',', '.', None)
    """
    found: set[str] = set()
    doubtful = False
    for text in texts:
        marks = re.sub(r"[^.,]", "", text)
        if not marks:
            continue
        last = marks[-1]
        if len(set(marks)) > 1:
            found.add(last)
        elif len(marks) > 1:
            found.add("," if last == "." else ".")
        elif not re.search(r"[.,]\d{3}$", text):
            found.add(last)
        else:
            doubtful = True
    if len(found) == 1:
        return found.pop()
    return None if doubtful or found else "."


def number(text: str, mark: str) -> float | None:
    """Return a number written with a decimal mark, None if it is none.

    >>> number("1.200,5", ","), number("12.5", "."), number("..", ".")
    (1200.5, 12.5, None)
    """
    bare = re.sub(r"[\s\u00a0']", "", text).replace("\u2212", "-")
    thousands = "." if mark == "," else ","
    bare = bare.replace(thousands, "").replace(mark, ".")
    return float(bare) if re.fullmatch(r"[-+]?\d+(\.\d+)?", bare) else None
