"""What differs between two runs, as it is told: sentences in both languages, tables, a notebook's view."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mfa.run_bundle import shown
from mfa.words import Speaker
from mfa.workbook_kind import CASE
from models.comparison import Differences, Side
from models.tables import HEADLINES

MOST = 5
"""Most sentences of one kind; the tables have the rest."""
MILLION = 1e6
HALF_UNIT = 0.5


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two runs and what differs: ``tables`` as :class:`models.comparison.Differences` documents them."""

    first: Side
    second: Side
    found: Differences

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return self.found.tables

    @property
    def same(self) -> bool:
        """Tell whether nothing differs: in what is planned, in the input or in the options."""
        return all(frame.empty for name, frame in self.tables.items() if name not in {"figures", "made_by"})

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(frame)} {name}" for name, frame in self.tables.items() if name != "figures")
        return f"<Comparison: {sizes}>"

    def sentences(self, lang: str = "en") -> list[str]:
        """Return what differs in words, the largest of each kind first."""
        return list(_Told(self, Speaker(lang)).lines())

    def _repr_html_(self) -> str:
        """Return the comparison as a notebook shows it."""
        said = "".join(f"<li>{html.escape(line)}</li>" for line in self.sentences())
        return f"<ul>{said}</ul>{shown(self.tables['figures']).to_html(index=False)}"


class _Told:
    """The sentences of one comparison in one language."""

    def __init__(self, comparison: Comparison, speak: Speaker) -> None:
        from reports.words import Words

        self.of, self.speak, self.words = comparison, speak, Words(speak.language)
        self.case = comparison.first.case
        self.tables = comparison.tables
        self.currency = self.case.currency
        self.planned = comparison.found.info["variant"] == "plan"

    def lines(self) -> Iterator[str]:
        if self.of.same:
            yield self.speak("compare_same")
            return
        money = self.of.found.info["same_currency"]
        if not money:
            currencies = [side.case.currency for side in (self.of.first, self.of.second)]
            yield self.speak("compare_currency", first=currencies[0], second=currencies[1])
        elif self.planned:
            yield from self._cost()
        yield from self._several("rates", self._headlines(), self._rate)
        if money:
            yield from self._several("costs", self.tables["costs"], self._category)
            places = self.tables["municipalities"]
            yield from self._several("municipalities", places[places["municipality"] != ""], self._place)
        yield from self._several("facilities", self.tables["facilities"], self._facility)
        yield from self._several("schemes", self.tables["schemes"], self._scheme)
        if self.planned:
            figures = self.tables["figures"].set_index("figure")
            gas = float(figures.loc["co2e", "difference"])
            if abs(gas) > 1e-6:
                yield self.speak("compare_gas", amount=self._signed(gas, 3))
        yield from self._several("options", self.tables["options"], self._option)
        yield from self._input()
        for row in self.tables["made_by"].to_dict("records"):
            yield self.speak("compare_made_by", **row)

    def _input(self) -> Iterator[str]:
        """Say which rows of the workbook differ; those that a plan uses come first."""
        given = self.tables["input"]
        own = given[given["by"] == "workbook"]
        if given.empty:
            return
        key = "compare_input" if len(own) else "compare_input_same"
        yield self.speak(key, count=len(own), used=int((own["used"] != "").sum()), other=len(given) - len(own))
        yield from self._several("input", own, self._cell)

    def _cell(self, row: dict[str, Any]) -> str:
        place = CASE.sheet_name(row["table"], self.speak.language)
        numbers = [int(row[name]) for name in ("row_first", "row_second") if row[name] == row[name]]
        if numbers:
            place = self.speak("compare_place_row", sheet=place, row="/".join(map(str, dict.fromkeys(numbers))))
        values = {side: row[side] or self.speak("nothing_there") for side in ("first", "second")}
        used = self.speak(f"compare_used_{row['used']}") if row["used"] else self.speak("compare_unused")
        return self.speak(
            f"compare_{row['change']}", place=place, ids=row["row"], column=row["column"], used=used, **values
        )

    def _cost(self) -> Iterator[str]:
        """Say which plan costs more, and how much of that is proven."""
        figures = self.tables["figures"].set_index("figure")
        one, two = (float(figures.loc["cost", name]) for name in ("first", "second"))
        bounds = [float(figures.loc["bound", name]) for name in ("first", "second")]
        difference = two - one
        if abs(difference) <= 1e-9 * max(abs(one), 1.0):
            yield self.speak("compare_cost_same")
        else:
            key = "compare_cost_more" if difference > 0 else "compare_cost_less"
            part = self.speak.percent(abs(difference) / abs(one) if one else None, 2)
            yield self.speak(key, amount=self._number(abs(difference)), share=part, currency=self.currency)
        low, high = bounds[1] - one, two - bounds[0]
        known = high < 0 or low > 0
        if not known and high - low <= 1e-6 * max(abs(one), abs(two), 1.0):
            return
        key = "compare_proven" if known else "compare_open"
        yield self.speak(key, low=self._number(low), high=self._number(high))

    def _headlines(self) -> pd.DataFrame:
        """Return the headline rates of the whole area that differ in the last year, that of the target first."""
        rates = self.tables["rates"]
        whole = rates[(rates["municipality"] == "") & (rates["year"] == rates["year"].max())]
        goal = self.of.second.info.get("target", {})
        order = list(dict.fromkeys([(goal.get("scope"), goal.get("method")), *HEADLINES]))
        place = [
            order.index(pair) if pair in order else -1 for pair in zip(whole["scope"], whole["method"], strict=True)
        ]
        ranked = whole.assign(place=place)
        return ranked[ranked["place"] >= 0].sort_values("place", kind="stable").drop(columns="place")

    def _several(self, name: str, table: pd.DataFrame, told: Callable[[dict[str, Any]], str]) -> Iterator[str]:
        for row in table.head(MOST).to_dict("records"):
            yield told({str(key): value for key, value in row.items()})
        if len(table) > MOST:
            yield self.speak("compare_more", count=len(table) - MOST, table=name)

    def _rate(self, row: dict[str, Any]) -> str:
        shares = {name: self.speak.percent(row[name], 2) for name in ("first", "second")}
        return self.speak("compare_rate", scope=row["scope"], method=row["method"], year=row["year"], **shares)

    def _category(self, row: dict[str, Any]) -> str:
        payer, category = (self.words.term(name, str(row[name])) for name in ("payer", "category"))
        if row["sector"]:
            payer += f", {self._names('sectors').get(row['sector'], row['sector'])}"
        amount = self._signed(row["difference"] / MILLION)
        return self.speak("compare_category", payer=payer, category=category, amount=amount, currency=self.currency)

    def _place(self, row: dict[str, Any]) -> str:
        place = self._names("municipalities").get(row["municipality"], row["municipality"])
        amount = self._signed(row["difference"] / MILLION)
        return self.speak("compare_place", place=place, amount=amount, currency=self.currency)

    def _facility(self, row: dict[str, Any]) -> str:
        name = self._names("facilities").get(row["facility"], row["facility"])
        states = {side: row[side] or self.speak("closed") for side in ("first", "second")}
        return self.speak("compare_facility", name=name, years=_years(row), **states)

    def _scheme(self, row: dict[str, Any]) -> str:
        place = self._names("municipalities").get(row["municipality"], row["municipality"])
        source = " ".join(part for part in (row["sector"], row["segment"]) if part)
        names = self._names("schemes")
        states = {side: names.get(row[side], row[side]) or self.speak("nothing_there") for side in ("first", "second")}
        return self.speak("compare_scheme", place=place, source=source, years=_years(row), **states)

    def _option(self, row: dict[str, Any]) -> str:
        values = {side: row[side] or self.speak("nothing_there") for side in ("first", "second")}
        return self.speak("compare_option", option=row["option"], **values)

    def _names(self, table: str) -> dict[str, str]:
        return self.case.names(table, self.speak.language)

    def _number(self, amount: float) -> str:
        """Return money in millions with as many decimals as it takes to see it; half a unit is rounding."""
        millions = amount / MILLION if abs(amount) >= HALF_UNIT else 0.0
        return self.speak.number(millions, _decimals(millions))

    def _signed(self, value: float, least: int = 1) -> str:
        return ("+" if value > 0 else "") + self.speak.number(value, max(_decimals(value), least))


def _decimals(value: float) -> int:
    """Return decimals that leave three digits to be seen.

    >>> _decimals(123.4), _decimals(0.0123)
    (1, 4)
    """
    if value == 0 or not np.isfinite(value):
        return 1
    return int(min(max(1, 2 - np.floor(np.log10(abs(value)))), 6))


def _years(row: dict[str, Any]) -> str:
    first, last = int(row["from"]), int(row["until"])
    return str(first) if first == last else f"{first}–{last}"
