"""The words of the reports in Danish and English: one catalogue, one place for number formats in text.

A word is asked for by its key. Numbers inside sentences follow the language (``32.000 t`` in
Danish, ``32,000 t`` in English); numbers in cells stay numbers and follow the reader's own Excel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from reports.words_definitions import DEFINITIONS
from reports.words_labels import LABELS
from reports.words_municipal import MUNICIPAL_WORDS
from reports.words_obstacles import OBSTACLES
from reports.words_outlook import OUTLOOK_WORDS
from reports.words_page import CHOICE_WORDS, PAGE_WORDS
from reports.words_region import REGION_WORDS
from reports.words_sentences import SENTENCES
from reports.words_sweep import SWEEP_PAGE_WORDS, SWEEP_WORDS
from reports.words_system import SYSTEM_WORDS
from reports.words_terms import TERMS

CATALOGUE: dict[str, tuple[str, str]] = {
    **LABELS,
    **SENTENCES,
    **DEFINITIONS,
    **OBSTACLES,
    **SYSTEM_WORDS,
    **REGION_WORDS,
    **MUNICIPAL_WORDS,
    **OUTLOOK_WORDS,
    **TERMS,
    **PAGE_WORDS,
    **CHOICE_WORDS,
    **SWEEP_PAGE_WORDS,
    **SWEEP_WORDS,
}
"""Key to (Danish, English)."""

LANGUAGES = ("da", "en")
_ALPHABET = {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}", "aa": "}"}


class Words:
    """The catalogue in one language.

    >>> Words("da").tonnes(32000.4)
    '32.000 t'
    >>> Words("en").percent(0.8012)
    '80.1 %'
    """

    def __init__(self, language: str) -> None:
        """Choose the language, 'da' or 'en'; any other raises ``ValueError``."""
        if language not in LANGUAGES:
            raise ValueError(f"language is '{language}', not one of {', '.join(LANGUAGES)}")
        self.language = language
        self._position = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its values filled in; an unknown key raises ``KeyError``."""
        text = CATALOGUE[key][self._position]
        filled = text.format(**values) if values else text
        # 'mio. kr.' at the end of a sentence needs no second full stop.
        return f"{filled[:-2]}." if filled.endswith("..") else filled

    def term(self, family: str, identifier: str) -> str:
        """Return the word for one of the engine's own ids, or the id itself if it has none."""
        entry = TERMS.get(f"{family}.{identifier}")
        return entry[self._position] if entry else identifier

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as it is written in a sentence."""
        if not math.isfinite(value):
            return self("unknown_number")
        rounded = round(value, decimals) + 0.0
        text = f"{rounded:,.{decimals}f}"
        if self.language == "da":
            text = text.replace(",", " ").replace(".", ",").replace(" ", ".")
        return text.replace("-", "−")

    def percent(self, share: float, decimals: int = 1) -> str:
        """Return a share as a percentage."""
        return f"{self.number(share * 100, decimals)} %"

    def tonnes(self, value: float) -> str:
        """Return a mass in tonnes, without decimals."""
        return f"{self.number(value)} t"

    def currency(self, currency: str) -> str:
        """Return a currency as it is written beside amounts."""
        return self("kroner") if currency == "DKK" else currency

    def money(self, value: float, currency: str) -> str:
        """Return an amount of money, in millions where it is large."""
        unit = self.currency(currency)
        if abs(value) >= 1e6:
            return f"{self.number(value / 1e6, 1)} {self('million')} {unit}"
        return f"{self.number(value)} {unit}"

    def lower(self, text: str) -> str:
        """Return a text with a small first letter, as it stands inside a line."""
        return text[:1].lower() + text[1:]

    def capital(self, text: str) -> str:
        """Return a text with a capital first letter, as it stands in a cell."""
        return text[:1].upper() + text[1:]

    def join(self, parts: Sequence[str]) -> str:
        """Return a list in words: 'a, b and c'."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"

    def ordered(self, texts: Iterable[str]) -> list[str]:
        """Return texts in the order of the language."""
        return sorted(texts, key=sort_key)


def sort_key(text: str) -> str:
    """Return a key that sorts as Danish does: æ, ø and å (aa) after z.

    >>> sorted(["Ærø", "Aarhus", "Zoo", "Allerød", "Ølby"], key=sort_key)
    ['Allerød', 'Zoo', 'Ærø', 'Ølby', 'Aarhus']
    """
    folded = text.casefold()
    for letter, replacement in _ALPHABET.items():
        folded = folded.replace(letter, replacement)
    return folded
