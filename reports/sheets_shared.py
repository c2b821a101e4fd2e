"""Shared facilities: what they cost, and what each municipality carries of it by the fixed key.

The key is that of :mod:`flows.household_costs`: a tonne pays the tariff of the facility, its cost at full load; what
tariffs do not cover is carried by inhabitants. The parts add up to what the facility costs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from flows.household_costs import carriers, full_load_tariffs
from reports.context import Context
from reports.matrices import matrix
from reports.money import FEW_MILLION
from reports.page import Column, Note, Page, Table, Value, difference, number
from reports.view import PlaceView

CATEGORIES = frozenset({"treatment", "fixed", "capital"})
"""What a facility itself costs."""
LEAST_TONNES = 1.0


@dataclass(frozen=True)
class Shared:
    """One shared facility: ``tariff`` per tonne, ``cost`` per year, ``parts`` by municipality, which add up to it."""

    facility: str
    municipalities: int
    tonnes: float
    tariff: float
    cost: float
    parts: dict[str, float]

    @property
    def covered(self) -> float:
        """What the tariffs of all tonnes yield."""
        return self.tonnes * self.tariff


def shared_facilities(context: Context, variant: str) -> list[Shared]:
    """Return the facilities of a state that take waste of several municipalities, the dearest first."""
    return list(context.view.once(_shared, variant))


def _shared(view: PlaceView, variant: str) -> list[Shared]:
    received = view.state(view.part("received"), variant)
    costs = view.state(view.part("costs"), variant)
    cost = costs[costs["category"].isin(CATEGORIES)].groupby("facility")["amount"].sum().to_dict()
    tariffs = full_load_tariffs(view.case).set_index("facility")["tariff"].to_dict()
    key = carriers(view.case).set_index("municipality")["key"].to_dict()
    found = []
    for facility, rows in received.groupby("facility"):
        name = str(facility)
        mass = rows.groupby("municipality")["mass_t"].sum()
        serving = int((mass > LEAST_TONNES).sum())
        tariff = float(tariffs.get(name, math.nan))
        if serving < 2 or name not in cost or math.isnan(tariff):
            continue
        tonnes = float(mass.sum())
        rest = float(cost[name]) - tonnes * tariff
        parts = {place: float(mass.get(place, 0.0)) * tariff + share * rest for place, share in key.items()}
        found.append(Shared(name, serving, tonnes, tariff, float(cost[name]), parts))
    return sorted(found, key=lambda item: (-item.cost, item.facility))


def shared(context: Context) -> Page:
    """Return the sheet Fælles anlæg / Shared facilities."""
    words, view = context.words, context.view
    variant = "plan" if "plan" in view.run.variants else "today"
    found = shared_facilities(context, variant)
    year = view.run.years[variant]
    title = words("shared_title", place=context.place)
    whole = _whole(context, variant)
    if not found:
        return Page(words("sheet_shared"), title, words("shared_none"), [whole, Note(words("shared_lead"))])
    cost, covered = (sum(getattr(item, name) for item in found) for name in ("cost", "covered"))
    rest, currency = cost - covered, view.case.currency
    answer = words(
        "shared_answer" if rest >= 0 else "shared_answer_over",
        year=year,
        count=len(found),
        amount=words.money(cost, currency),
        rest=words.money(abs(rest), currency),
    )
    lead = [words("shared_lead")] + ([words("shared_lead_whole")] if whole.lines else [])
    blocks = [_facilities(context, found, year), *_parts(context, found, year), whole]
    return Page(words("sheet_shared"), title, answer, blocks, lead=lead)


def _facilities(context: Context, found: list[Shared], year: int) -> Table:
    words = context.words
    money = context.money((item.cost for item in found), FEW_MILLION)
    lines: list[list[Value]] = [
        [
            context.names.of("facility", item.facility),
            item.municipalities,
            item.tonnes,
            item.tariff,
            money.of(item.cost),
            money.of(item.covered),
            difference(money.of(item.cost), money.of(item.covered), "{cost}-{covered}"),
        ]
        for item in found
    ]
    columns = [
        Column("name", words("facility")),
        Column("places", words("map_places"), "whole"),
        Column("tonnes", words("shared_tonnes"), "tonnes"),
        Column("tariff", words("shared_tariff", currency=context.currency), "money"),
        Column("cost", words("shared_cost", unit=money.label), money.style, True),
        Column("covered", words("shared_covered", unit=money.label), money.style, True),
        Column("rest", words("shared_rest", unit=money.label), money.style, True),
    ]
    caption = words("shared_caption", year=year)
    return Table("shared", caption, columns, lines, total=words("total"), note=words("shared_note"))


def _parts(context: Context, found: list[Shared], year: int) -> list[Table]:
    words = context.words
    money = context.money(item.cost for item in found)
    cells = {
        (place, position): amount / money.scale
        for position, item in enumerate(found)
        for place, amount in item.parts.items()
    }
    heads = [context.names.of("facility", item.facility) for item in found]
    caption = words("shared_matrix_caption", year=year, unit=money.label)
    return matrix(context, "shared_parts", caption, heads, cells, money.style, words("shared_sum", unit=money.label))


def _whole(context: Context, variant: str) -> Table:
    """Return the cost of the whole system by the same key, as the run's own table has it."""
    words, view, names = context.words, context.view, context.names
    table = view.run.tables.get("household_costs", pd.DataFrame(columns=["variant", "year", "municipality"]))
    rows = table[(table["variant"] == variant) & (table["year"] == view.run.years[variant])]
    rows = rows.set_index("municipality")
    money = context.money((rows["tariff"].abs().max(),) if len(rows) else (), FEW_MILLION)
    lines: list[list[Value]] = []
    for place in names.order("municipality", [place for place in view.run.municipalities() if place in rows.index]):
        row = rows.loc[place]
        lines.append([
            names.place(place), money.of(float(row["tariff"])), money.of(float(row["rest"])),
            number(float(row["cost_per_household"])), number(float(row["increase"])),
        ])  # fmt: skip
    columns = [
        Column("name", words("municipality")),
        Column("tariff", words("system_tariff", unit=money.label), money.style, True),
        Column("rest", words("system_rest", unit=money.label), money.style, True),
        Column("each", words("system_each", currency=context.currency), "money"),
        Column("increase", words("system_increase", currency=context.currency), "money"),
    ]
    caption = words("system_caption", state=context.state(variant))
    return Table("system_costs", caption, columns, lines, total=words("total"), note=words("system_note"))
