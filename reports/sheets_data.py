"""Data: the figures of the report in one long table, a row for each, made for pivot tables.

Treatment, collection and costs of today and the plan in full detail, sums of every state and year, rates of
every scope and method. One column holds the value, one its unit. The whole detail of every year is in the
tables of the run; here it would be a hundred printed pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from reports.context import Context
from reports.page import Column, Page, Style, Table, Value
from reports.view import STATES, PlaceView, Rate, RunView

Namer = Callable[[str], str]
LEAST = 5e-4
"""The smallest amount that is listed, in the unit of its row; what is less is nothing."""


@dataclass(frozen=True)
class Theme:
    """One kind of figures: a sum of the run, by which columns, of which value, and where each column's names come from.

    ``detailed``: only today and the plan's year; otherwise every state and year.
    """

    word: str
    part: str
    value: str
    scale: float
    unit: str
    keys: tuple[str, ...]
    detailed: bool


COLUMNS = ("who", "fraction", "what")
"""Columns of names of the long table: whose figure it is (source, payer or scope), its fraction, and what it is of
(treatment, stream, purpose, step or method); blank where a figure has no such thing."""
PLACE_OF = {
    "source": "who", "payer": "who", "fraction": "fraction", "stream": "what", "treatment": "what", "purpose": "what",
    "step": "what",
}  # fmt: skip

THEMES = (
    Theme("data_treated", "treated", "mass_t", 1.0, "unit_t", ("source", "fraction", "treatment"), True),
    Theme("data_collected", "collected", "mass_t", 1.0, "unit_t", ("source", "stream"), True),
    Theme("data_costs", "costs", "amount", 1.0, "", ("payer", "purpose"), True),
    Theme("data_treated_years", "treated", "mass_t", 1.0, "unit_t", ("treatment",), False),
    Theme("data_costs_years", "costs", "amount", 1.0, "", ("payer",), False),
    Theme("data_emissions", "emissions", "kg_co2e", 1000.0, "unit_t_co2e", ("step",), False),
)
DETAILED = ("today", "plan")


def data(context: Context) -> Page:
    """Return the sheet Data."""
    words = context.words
    lines = [*_rates(context), *(line for theme in THEMES for line in _lines(context, theme))]
    heads = ("data_who", "fraction", "data_what")
    columns = [
        Column("theme", words("data_theme")),
        Column("variant", words("data_variant")),
        Column("year", words("year"), "year"),
        *(Column(key, words(head)) for key, head in zip(COLUMNS, heads, strict=True)),
        Column("value", words("value"), "one"),
        Column("unit", words("unit")),
    ]
    styles: list[Style] = ["percent" if line[-1] == words("unit_share") else "one" for line in lines]
    table = Table("data", words("data_caption"), columns, lines, row_styles=tuple(styles), styled=("value",))
    answer = words("data_answer", count=words.number(len(lines)), place=context.place)
    lead = [words("data_lead"), words("data_lead_sums")]
    return Page(words("sheet_data"), words("data_title", place=context.place), answer, [table], lead=lead)


def _lines(context: Context, theme: Theme) -> Iterator[list[Value]]:
    """Return the rows of one kind of figures."""
    words = context.words
    name_of = _Namer(context)
    unit = words(theme.unit) if theme.unit else context.currency
    word, ends = words(theme.word), [0]
    for column in theme.keys:
        ends.append(ends[-1] + len(_columns_of(column)))
    places = [
        (COLUMNS.index(PLACE_OF[column]), column, *span)
        for column, span in zip(theme.keys, pairwise(ends), strict=True)
    ]
    for (variant, year, *ids), value in context.view.once(_sums, theme):
        cells = [""] * len(COLUMNS)
        for place, column, first, end in places:
            cells[place] = name_of(column, tuple(ids[first:end]))
        yield [word, name_of("variant", (variant,)), year, *cells, value, unit]


def _sums(view: PlaceView, theme: Theme) -> list[tuple[tuple[Any, ...], float]]:
    """Return the figures of a theme by variant, year and its keys: today, reference and plan, by year and by ids."""
    frame = view.part(theme.part)
    if theme.detailed:
        frame = pd.concat([view.state(frame, state) for state in DETAILED if state in view.run.variants])
    keys = [column for key in theme.keys for column in _columns_of(key)]
    sums = frame.groupby(["variant", "year", *keys])[theme.value].sum() / theme.scale
    sums = sums[sums.abs() >= LEAST]
    rows = [((str(key[0]), int(key[1]), *map(str, key[2:])), float(value)) for key, value in sums.to_dict().items()]
    return sorted(rows, key=lambda row: (STATES.index(row[0][0]), *map(str, row[0][1:])))


def _columns_of(key: str) -> Sequence[str]:
    """Return the columns of a sum behind a column of the long table."""
    return {"source": ("sector", "segment"), "purpose": ("category",), "step": ("step", "kind")}.get(key, (key,))


class _Namer:
    """Names of ids by column, each looked up once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[tuple[str, tuple[str, ...]], str] = {}

    def __call__(self, column: str, parts: tuple[str, ...]) -> str:
        key = (column, parts)
        if key not in self._known:
            self._known[key] = self._name(column, parts)
        return self._known[key]

    def _name(self, column: str, parts: tuple[str, ...]) -> str:
        words, names = self._context.words, self._context.names
        if column == "source":
            return names.source(*parts)
        if column in {"fraction", "stream"}:
            return names.of(column, parts[0])
        if column == "step":
            return words("step_kind", step=words.term("step", parts[0]), kind=words.term("kind", parts[1]))
        return words.term({"purpose": "category"}.get(column, column), parts[0])


def _rates_of_places(run: RunView) -> dict[str, list[tuple[str, str, str, int, Rate]]]:
    """Return the rates of the three states by municipality ('' is the region)."""
    found: dict[str, list[tuple[str, str, str, int, Rate]]] = {}
    for (place, scope, method, variant, year), row in run.rate_rows.items():
        if variant in STATES:
            found.setdefault(place, []).append((scope, method, variant, year, row))
    return found


def _rates(context: Context) -> Iterator[list[Value]]:
    """Return every rate of the three states; those of the headline's scope and method of every year."""
    words, view = context.words, context.view
    headline = view.run.headline
    own = (headline.scope, headline.method)
    found = [
        (STATES.index(variant), year, scope, method, row)
        for scope, method, variant, year, row in view.run.once(_rates_of_places).get(view.municipality, [])
        if row.rate == row.rate and (year == view.run.years[variant] or (scope, method) == own)
    ]
    for position, year, scope, method, row in sorted(found, key=lambda item: item[:4]):
        cells = dict.fromkeys(COLUMNS, "")
        cells["who"] = words.capital(context.names.scope(scope))
        cells["what"] = words.capital(words.term("method", method))
        variant = words.term("variant", STATES[position])
        yield [words("data_rates"), variant, year, *cells.values(), row.rate, words("unit_share")]
