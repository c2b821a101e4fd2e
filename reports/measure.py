"""How much room a text takes: widths of Arial's letters, lines in a column, long sentences over several rows.

A row of a sheet gets the height that its text needs, no more; Excel itself does not work that out
for a file that it has not written. The widths are those of Arial, which Liberation Sans shares.
"""

from __future__ import annotations

import re
from functools import lru_cache

_REGULAR = {
    191: "'", 222: "ijl’", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r·", 334: "{}", 355: '"', 389: "*", 469: "^",
    500: "Jcksvxyz", 584: "+<=>~−", 611: "FTZø", 667: "&ABEKPSVXYÅ", 722: "CDHNRUw", 778: "GOQØ", 833: "Mm✓✗",
    889: "%æ", 944: "W", 1000: "Æ…→", 1015: "@",
}  # fmt: skip
_BOLD = {
    238: "'", 278: ",./I\\ijl’ ", 280: "|", 333: "!()-:;[]`ft·", 389: "*r{}", 474: '"', 500: "z", 584: "+<=>^~−",
    611: "?FLTZbdghnopquøöü", 667: "EPSVXY", 722: "&ABCDHKNRUÅ", 778: "GOQwØ", 833: "M✓✗", 889: "%mæ", 944: "W",
    975: "@", 1000: "Æ…→",
}  # fmt: skip
_OTHER = 556
_WIDTHS = tuple(
    {letter: width for width, letters in table.items() for letter in letters} for table in (_REGULAR, _BOLD)
)
_BETWEEN_WORDS = re.compile(r"(?<![\d±])\s+|(?<=\d)\s+(?!(?:±|%|t\b|kg\b|kr\.|mio\.|million\b|DKK\b))")
"""Between two words, but not between a number and its unit or its uncertainty."""
LETTERS_PER_LINE = 118
"""Most letters in one row of running text: comfortable to read, and within the width of every printed sheet."""


@lru_cache(maxsize=32768)
def pixels(text: str, size: float = 10.0, bold: bool = False) -> float:
    """Return the width of a text in pixels at 96 dots per inch.

    >>> round(pixels("Mad", 10))
    26
    """
    widths = _WIDTHS[bold]
    return sum(widths.get(letter, _OTHER) for letter in text) * size / 750


@lru_cache(maxsize=32768)
def longest_word(text: str) -> float:
    """Return the width of the longest word of a text in pixels, in plain letters of usual size."""
    return max([pixels(word) for word in text.split()], default=0.0)


@lru_cache(maxsize=32768)
def lines(text: str, room: float, bold: bool = False) -> int:
    """Return how many lines a text takes in so many pixels, words kept whole if they fit at all."""
    blank = pixels(" ", bold=bold)
    room = max(room, 12.0)
    count, used = 1, 0.0
    for word in text.split():
        length = pixels(word, bold=bold)
        if used and used + blank + length > room:
            count, used = count + 1, 0.0
        count += int(max(0.0, length - 1e-6) // room)
        used += (blank if used else 0.0) + length % room if length > room else (blank if used else 0.0) + length
    return count


def rows_of(text: str, most: int = LETTERS_PER_LINE) -> list[str]:
    """Return a text as rows of at most ``most`` letters, words kept whole; no few words alone on the last row.

    >>> rows_of("one two three four", 10)
    ['one two', 'three four']
    >>> rows_of("one two three four", 14)
    ['one two', 'three four']
    >>> rows_of("it costs 12 mio. kr.", 16)
    ['it costs', '12 mio. kr.']
    """
    words = [word for word in _BETWEEN_WORDS.split(text.strip()) if word]
    full = _filled(words, most)
    least = len(full[-1]) if len(full) > 1 else most
    for width in range(most - 1, most // 2, -1):
        if least >= most * 0.35:
            break
        shorter = _filled(words, width)
        if len(shorter) > len(full):
            break
        if len(shorter[-1]) > least:
            full, least = shorter, len(shorter[-1])
    return full


def _filled(words: list[str], most: int) -> list[str]:
    result: list[str] = []
    for word in words:
        if result and len(result[-1]) + 1 + len(word) <= most:
            result[-1] += f" {word}"
        else:
            result.append(word)
    return result or [""]
