"""The plan of action: what to decide in which year, told apart by who decides, and what it gives.

The effects of all decisions, with the rest that comes from new facilities alone, add up to plan minus
reference; the table year by year says when they are felt.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.actions import Action
from reports.context import Context
from reports.events import FacilityEvent
from reports.money import FEW_MILLION, Money
from reports.page import Block, Chart, Column, Page, Table, Value, number
from reports.sheets_action_purchases import purchase_table
from reports.sheets_facilities import events_of
from reports.sheets_summary_actions import (
    DECIDERS,
    WORDS_OF_REGION,
    WORDS_OF_USER,
    change_text,
    effect_columns,
    unit_of,
)
from reports.view import PlaceView, facility_facts

LEAST_TONNES = 0.5
"""What differs less is what the search leaves open: shown as nothing, so that no chart goes below it."""
MOST_NAMED = 4
"""How many things that begin in a year are named."""
NOTHING = {
    "municipality": "nothing_for_municipality",
    "producer": "nothing_for_producer",
    "business": "nothing_for_business",
    "state": "nothing_for_state",
}


def action_plan(context: Context) -> Page:
    """Return the sheet Handleplan / Plan of action."""
    words, view = context.words, context.view
    name, title = words("sheet_action_plan"), words("action_plan_title", place=context.place)
    if "plan" not in view.run.variants:
        return Page(name, title, words("no_plan"), [])
    done = context.actions
    events = events_of(context)
    years = year_table(context, done, events)
    chart = Chart(
        "column",
        words("chart_effects", place=context.place),
        words("alt_effects", place=context.place, year=context.year, tonnes=words.tonnes(_last(years, "tonnes"))),
        years.key,
        "year",
        ["tonnes"],
        axis=words("unit_tonnes"),
        style="tonnes",
    )
    money = unit_of(context, done)
    blocks: list[Block] = [
        years,
        chart,
        *(_decided_by(context, decider, done, money) for decider in DECIDERS),
        _plants(context, events),
        purchase_table(context),
    ]
    lead = words("action_plan_lead_region" if context.is_region else "action_plan_lead")
    return Page(name, title, _answer(context, done, events), blocks, lead=[lead])


def _answer(context: Context, done: Sequence[Action], events: Sequence[FacilityEvent]) -> str:
    """Return how many decisions there are and who makes them first."""
    words = context.words
    counts = [
        words("decisions_of", decider=words.lower(context.decider(decider)), count=count)
        for decider in DECIDERS
        if (count := sum(len(action.municipalities) for action in done if action.decided_by == decider))
    ]
    if events:
        counts.append(words("decisions_of_owners", count=len(events)))
    if not counts:
        return words("no_actions")
    first = min([*(action.year for action in done), *(event.year for event in events)])
    return words("action_plan_answer", place=context.place, first=first, counts=words.join(counts))


def _last(table: Table, key: str) -> float:
    """Return the value of the last line of a column, NaN if there is none."""
    values = [value for value in table.column(key) if isinstance(value, float)]
    return values[-1] if values else float("nan")


def year_table(context: Context, done: Sequence[Action], events: Sequence[FacilityEvent]) -> Table:
    """Return what begins in each year, and plan minus reference in tonnes, money and CO2e in that year."""
    words, view = context.words, context.view
    headline = view.run.headline
    costs, gases = view.once(_by_year)
    years = sorted({year for variant, year in costs.index if variant == "plan"} | {action.year for action in done})
    extra = {year: _difference(costs, year) for year in years}
    money = context.money(extra.values())
    lines: list[list[Value]] = []
    for year in years:
        rates = [view.rate_row(headline.scope, headline.method, variant, year) for variant in ("reference", "plan")]
        tonnes = None if None in rates else rates[1].numerator - rates[0].numerator  # type: ignore[union-attr]
        if tonnes is not None and abs(tonnes) < LEAST_TONNES:
            tonnes = 0.0
        climate = _difference(gases, year)
        lines.append([
            year,
            _begins(context, year, done, events),
            sum(len(action.municipalities) for action in done if action.year == year)
            + sum(1 for event in events if event.year == year),
            tonnes,
            money.of(extra[year]),
            None if climate is None else climate / 1000,
        ])  # fmt: skip
    columns = [
        Column("year", words("year"), "year"),
        Column("what", words("what_begins")),
        Column("count", words("number_of_changes"), "whole"),
        *effect_columns(context, money, total=False),
    ]
    note = words("plan_years_note")
    return Table("plan_years", words("plan_years_caption"), columns, lines, note=note)


def _begins(context: Context, year: int, done: Sequence[Action], events: Sequence[FacilityEvent]) -> str:
    """Return what begins in a year: schemes, then facilities, the first few by name."""
    words, names = context.words, context.names
    told = [names.of("scheme", action.scheme) for action in done if action.year == year]
    told += [
        f"{names.of('facility', event.facility)} ({words.lower(words.term('event', event.kind))})"
        for event in events
        if event.year == year
    ]
    told = list(dict.fromkeys(told))
    if len(told) <= MOST_NAMED:
        return "; ".join(told)
    return words("and_more", named="; ".join(told[: MOST_NAMED - 1]), count=len(told) - MOST_NAMED + 1)


def _by_year(view: PlaceView) -> tuple[pd.Series, pd.Series]:
    """Return costs, and greenhouse gas without biogenic carbon in kg CO2e, by variant and year."""
    emissions = view.part("emissions")
    gases = emissions[emissions["kind"] != "biogenic"]
    by = ["variant", "year"]
    return view.part("costs").groupby(by)["amount"].sum(), gases.groupby(by)["kg_co2e"].sum()


def _received(view: PlaceView) -> dict[str, dict[int, float]]:
    """Return what each facility takes of the place's waste in the plan, by year."""
    plan = view.part("received")
    plan = plan[(plan["variant"] == "plan") & (plan["mass_t"] > 0.5)]
    return {
        str(facility): {int(year): float(mass) for year, mass in rows.groupby("year")["mass_t"].sum().items()}
        for facility, rows in plan.groupby("facility")
    }


def _difference(sums: pd.Series, year: int) -> float | None:
    """Return plan minus reference of one year, or nothing where the run lacks one of them."""
    both = [sums.get((variant, year)) for variant in ("reference", "plan")]
    return None if both[0] is None or both[1] is None else float(both[1] - both[0])


def _decided_by(context: Context, decider: str, done: Sequence[Action], money: Money) -> Table:
    """Return what one of the four deciders has to decide, in the order of years."""
    words, names = context.words, context.names
    mine = [action for action in done if action.decided_by == decider]
    lines: list[list[Value]] = []
    for action in mine:
        line: list[Value] = [
            action.year,
            change_text(context, action),
            names.source(action.sector, action.segment),
        ]
        if context.is_region:
            line.append(len(action.municipalities))
        climate = number(action.kg_co2e)
        line += [
            number(action.tonnes),
            money.of(number(action.amount)),
            None if climate is None else climate / 1000,
        ]
        lines.append(line)
    columns = [
        Column("year", words("year"), "year"),
        Column("what", words("what_to_decide")),
        Column("concerns", words("concerns")),
        *([Column("places", words("number_of_municipalities"), "whole", True)] if context.is_region else []),
        *effect_columns(context, money),
    ]
    many = context.is_region and decider == "municipality"
    nothing = "nothing_for_municipalities" if many else NOTHING[decider]
    return Table(
        f"plan_{decider}",
        words("decided_by_whom", decider=context.decider(decider)),
        columns,
        lines,
        total=words("total") if lines else "",
        note=words("plan_effects_note", year=context.year),
        when_empty=words(nothing),
    )


def _plants(context: Context, events: Sequence[FacilityEvent]) -> Table:
    """Return what owners of facilities decide: the latest year to decide in, the year of opening, the owner."""
    words, view, names = context.words, context.view, context.names
    facts, taken = view.run.once(facility_facts), view.once(_received)
    owners = view.case["facilities"].drop_duplicates("facility").set_index("facility")["owner"]
    times = view.case["technologies"].drop_duplicates("technology").set_index("technology")["build_time"]
    money = context.money((event.capex for event in events), FEW_MILLION)
    kinds = WORDS_OF_REGION if context.is_region else WORDS_OF_USER
    lines: list[list[Value]] = []
    for event in events:
        row = facts[event.facility]
        build = float(times.get(str(row["technology"]), 0.0))
        masses = [mass for year, mass in taken.get(event.facility, {}).items() if year >= event.year]
        received = max(masses, default=None) if event.kind != "closes" else None
        decide = event.year if event.kind == "closes" or build != build else event.year - int(build)
        lines.append([
            decide,
            words(kinds[event.kind], name=names.of("facility", event.facility)),
            str(owners.get(event.facility, "")) or words("owner_open"),
            event.year,
            names.place(str(row["site"])) if row["site"] else words("outside_region"),
            received,
            number(event.capacity),
            money.of(number(event.capex)),
        ])  # fmt: skip
    columns = [
        Column("decide", words("decide_by"), "year"),
        Column("what", words("what_to_decide")),
        Column("owner", words("owner")),
        Column("year", words("in_operation"), "year"),
        Column("site", words("site")),
        Column("received", words("to_facility"), "tonnes"),
        Column("capacity", words("added_capacity"), "tonnes"),
        Column("capex", words("investment", unit=money.label), money.style),
    ]
    lines.sort(key=lambda line: (line[0], line[3], line[1]))  # type: ignore[arg-type, return-value]
    return Table(
        "plan_owners",
        words("plan_of_owners"),
        columns,
        lines,
        note=words("plan_owners_note"),
        when_empty=words("nothing_for_owners"),
    )
