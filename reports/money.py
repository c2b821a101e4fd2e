"""In which unit a table shows its money: single, thousands or millions, so that its largest amount can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.page import Style
from reports.words import Words

MILLION, THOUSAND = 1e9, 1e6
"""The largest amount of a table from which its money is shown in millions, and in thousands."""
FEW_MILLION = 1e7
"""The same for tables whose amounts are read one by one, such as investments: shown in millions already from here."""


@dataclass(frozen=True)
class Money:
    """How a table shows its money: ``label`` is the unit, ``scale`` what an amount is divided by."""

    label: str
    scale: float
    style: Style

    def of(self, amount: float | None) -> float | None:
        """Return an amount in this unit."""
        return None if amount is None else amount / self.scale


def money(words: Words, currency: str, amounts: Iterable[float | None], million: float = MILLION) -> Money:
    """Return the unit in which the largest of some amounts can be read; from ``million`` on it is millions."""
    name = words.currency(currency)
    largest = max((abs(amount) for amount in amounts if amount is not None and amount == amount), default=0.0)
    if largest >= million:
        return Money(words("money_millions", currency=name), 1e6, "one")
    if largest >= THOUSAND:
        return Money(words("money_thousands", currency=name), 1e3, "money")
    return Money(name, 1.0, "money")
