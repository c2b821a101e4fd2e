"""What every sheet needs at hand: the view, the names and words, and the three columns they all compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.rates import ROUNDING
from reports.actions import Action, actions
from reports.aggregate import fractions_in_rates
from reports.money import MILLION, Money, money
from reports.names import Names
from reports.page import Column, Style, Value, number
from reports.view import STATES, PlaceView
from reports.words import Words

VAT = {"DKK": 0.25}
"""Value added tax on household fees by currency; other currencies are shown without."""


@dataclass(frozen=True)
class Context:
    """One report in one language."""

    view: PlaceView
    names: Names
    words: Words

    @property
    def is_region(self) -> bool:
        """Whether the report is the region's."""
        return not self.view.municipality

    @property
    def place(self) -> str:
        """Name of the municipality or region."""
        return self.names.place(self.view.municipality)

    @property
    def region(self) -> str:
        """Name of the region."""
        return self.names.place("")

    @property
    def year(self) -> int:
        """The year that reference and plan are shown for."""
        return self.view.run.headline.year

    @property
    def price_year(self) -> int | None:
        """The year whose prices all amounts of money are in, nothing where the case does not say it."""
        year = self.view.run.info.get("price_year") or self.view.case.settings["price_year"]
        return int(year) if year is not None and year == year else None

    @property
    def currency(self) -> str:
        """Currency as written in heads."""
        return self.words.currency(self.view.case.currency)

    def money(self, amounts: Iterable[float | None], million: float = MILLION) -> Money:
        """Return the unit in which the largest of some amounts can be read: single, thousands or millions."""
        return money(self.words, self.view.case.currency, amounts, million)

    @property
    def vat(self) -> float | None:
        """Value added tax on fees, if the report shows it."""
        return VAT.get(self.view.case.currency)

    @cached_property
    def counted_fractions(self) -> list[str]:
        """Fractions inside the rates, in the order of their names."""
        return self.names.order("fraction", fractions_in_rates(self.view.case))

    @property
    def waste(self) -> pd.DataFrame:
        """Last rows of everything that was waste and is inside the rates."""
        return self.view.waste

    @cached_property
    def actions(self) -> list[Action]:
        """What the plan changes, and what each change gives."""
        return actions(self.view)

    @cached_property
    def sources(self) -> list[tuple[str, str]]:
        """Kinds of source in the order of the case."""
        present = self.view.part("amounts")[["sector", "segment"]].drop_duplicates()
        known = list(zip(self.view.case["sectors"]["sector"], self.view.case["sectors"]["segment"], strict=True))
        pairs = set(zip(present["sector"], present["segment"], strict=True))
        return [pair for pair in known if pair in pairs] + sorted(pairs - set(known))

    def state(self, variant: str) -> str:
        """Return the head of a state's column: 'Today 2023', 'Plan 2035'."""
        return f"{self.words.term('variant', variant)} {self.view.run.years[variant]}"

    def states(self, style: Style, unit: str = "", total: bool = True) -> list[Column]:
        """Return the three columns today, reference, plan."""
        suffix = f", {unit}" if unit else ""
        return [Column(variant, self.state(variant) + suffix, style, total) for variant in STATES]

    def per_capita(self, value: float, factor: float = 1000.0) -> float | None:
        """Return kilograms per inhabitant of tonnes (or ``factor`` times the value)."""
        return each(value, self.view.population, factor)

    def per_household(self, value: float, factor: float = 1000.0) -> float | None:
        """Return kilograms per household of tonnes (or ``factor`` times the value)."""
        return each(value, self.view.households, factor)

    def climate_totals(self) -> dict[str, float]:
        """Return tonnes of CO2e in each state, avoided emissions deducted, biogenic carbon left out."""
        everything = self.view.total("emissions", "kg_co2e")
        biogenic = self.view.total("emissions", "kg_co2e", {"kind": "biogenic"})
        return {variant: (everything[variant] - biogenic[variant]) / 1000 for variant in STATES}

    def decider(self, decider: str) -> str:
        """Return who decides; in the region it is many municipalities."""
        if self.is_region and decider == "municipality":
            return self.words("the_municipalities")
        return self.words.term("decider", decider)

    def method_words(self) -> str:
        """Return the headline's method and scope in words."""
        headline = self.view.run.headline
        return f"{self.words.term('method', headline.method)}; {self.names.scope(headline.scope)}"


def each(value: float | None, count: float, factor: float = 1000.0) -> float | None:
    """Return what of a value falls to each of so many, times ``factor``; nothing where either is missing."""
    return None if value is None or not count > 0 else number(value * factor / count)


def triple(row: pd.Series) -> list[float | None]:
    """Return the cells today, reference, plan of a row of ``PlaceView.three``."""
    return [number(float(row[variant])) for variant in STATES]


def change(before: float | None, after: float | None) -> float | None:
    """Return the relative change, or nothing where it has no meaning, as from zero or from a net income."""
    if before is None or after is None or before <= 0:
        return None
    relative = after / before - 1.0
    # What is left of rounding would be shown as minus nothing.
    return relative if abs(relative) >= ROUNDING else 0.0


def nonzero(rows: Sequence[Sequence[Value]]) -> list[Sequence[Value]]:
    """Return the rows in which some number is not zero."""
    return [row for row in rows if any(isinstance(value, int | float) and abs(value) > 1e-9 for value in row)]
