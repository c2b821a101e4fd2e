"""Names of files and folders from names of a case: ones that every file system takes, no two alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(10))}
)
"""Names that Windows keeps for devices."""
LONGEST = 60
READABLE = 40


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """Return the folder of each name: the name itself as far as it goes, with a mark where it is not enough.

    >>> folder_names(["growth high/2", ".."])
    {'growth high/2': 'growth_high_2', '..': '_'}
    >>> folder_names(["CON", "low", "Low"])
    {'CON': 'CON-a3dbc4b644a9', 'low': 'low-6c1ff09db3a7', 'Low': 'Low-f793de205ead'}
    """
    plain = {name: re.sub(r"[^\w\-]+", "_", unicodedata.normalize("NFC", name)) or "_" for name in names}
    count = Counter(text.casefold() for text in plain.values())
    return {
        name: text
        if len(text) <= LONGEST and count[text.casefold()] == 1 and text.casefold() not in RESERVED
        else marked(text[:READABLE], name)
        for name, text in plain.items()
    }


def marked(readable: str, name: str) -> str:
    """Return a readable text with a mark that no other name has."""
    return f"{readable}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:12]}"
