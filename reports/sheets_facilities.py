"""Facilities: where the waste goes, how full the plants are, and what is opened, enlarged or closed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.context import Context
from reports.events import FacilityEvent
from reports.money import FEW_MILLION
from reports.page import Chart, Column, Page, Table, Value, number
from reports.style import VARIANT_COLOURS
from reports.view import STATES, RunView, facility_facts


def facilities(context: Context) -> Page:
    """Return the sheet Anlæg / Facilities."""
    words = context.words
    table = _used(context)
    events = event_table(context, "facility_events")
    used = sum(1 for line in table.lines if number(line[5]))
    answer = words("facilities_answer", place=context.place, count=used, events=len(events.lines), year=context.year)
    chart = Chart(
        "bar",
        words("chart_facilities", place=context.place),
        words("alt_facilities", place=context.place, year=context.year, count=min(len(table.lines), 10)),
        table.key,
        "name",
        ["today", "plan"],
        axis=words("unit_tonnes"),
        colours=VARIANT_COLOURS,
        limit=10,
    )
    # The long list comes last: its head can then be repeated on every printed page.
    blocks: list[Table | Chart] = [events, chart, table]
    return Page(
        words("sheet_facilities"),
        words("facilities_title", place=context.place),
        answer,
        blocks,
        lead=[words("facilities_lead")],
    )


def _shown_facilities(run: RunView) -> dict[str, dict[str, Any]]:
    """Return what the run says of each facility in the plan, or today where there is no plan."""
    table, state = run.tables["facilities"], STATES.index("plan" if "plan" in run.variants else "today")
    rows = table[table["state"].to_numpy() == state].set_index("facility")
    return {str(key): row for key, row in rows.to_dict("index").items()}


def _used(context: Context) -> Table:
    words, view, names = context.words, context.view, context.names
    frame = view.three(view.part("received"), ["facility"], "mass_t").sort_values(
        ["plan", "today"], ascending=False, kind="stable"
    )
    plan = view.run.once(_shown_facilities)
    ways = view.run.tables["distances"]
    distance = ways[ways["municipality"] == view.municipality].set_index("facility")["distance_km"]
    lines: list[list[Value]] = []
    for facility, row in frame.iterrows():
        facts = plan.get(str(facility))
        throughput = capacity = load = None
        technology = place = ""
        if facts is not None:
            throughput = number(float(facts["throughput_t"]))
            room = float(facts["capacity_t"]) - (0.0 if pd.isna(facts["reserved_t"]) else float(facts["reserved_t"]))
            capacity = number(room)
            load = throughput / capacity if throughput is not None and capacity else None
            technology = names.of("technology", str(facts["technology"]))
            place = names.place(str(facts["site"])) if facts["site"] else words("outside_region")
        line: list[Value] = [
            names.of("facility", str(facility)), technology, place,
            *(number(float(row[variant])) for variant in STATES), throughput, capacity, load,
        ]  # fmt: skip
        if not context.is_region:
            line.append(number(float(distance.get(facility, float("nan")))))
        lines.append(line)
    columns = [
        Column("name", words("facility")),
        Column("technology", words("technology")),
        Column("site", words("site")),
        *(Column(variant, f"{context.state(variant)}, {words('unit_t')}", "tonnes") for variant in STATES),
        Column("throughput", words("throughput_region", year=context.year), "tonnes"),
        Column("capacity", words("capacity_free"), "tonnes"),
        Column("load", words("load"), "percent"),
    ]
    if not context.is_region:
        columns.append(Column("distance", words("distance_km"), "km"))
    return Table(
        "facilities",
        words("facilities_caption", place=context.place),
        columns,
        lines,
        note=words("facilities_note"),
    )


def events_of(context: Context) -> list[FacilityEvent]:
    """Return the events of the plants that the place uses, all of them for the region."""
    view = context.view
    events = view.run.events
    if context.is_region:
        return events
    received = view.part("received")
    # What only the reference would use is no part of the plan; half a tonne is less than the plan can mean.
    used = set(received.loc[(received["variant"] != "reference") & (received["mass_t"] > 0.5), "facility"])
    return [event for event in events if event.facility in used]


def event_table(context: Context, key: str) -> Table:
    """Return what opens, grows or closes, in the order of years."""
    words, view, names = context.words, context.view, context.names
    facts = view.run.once(facility_facts)
    owners = view.case["facilities"].set_index("facility")["owner"]
    events = events_of(context)
    money = context.money((event.capex for event in events), FEW_MILLION)
    lines: list[list[Value]] = []
    for event in events:
        row = facts[event.facility]
        lines.append([
            names.of("facility", event.facility),
            event.year,
            words.term("event", event.kind),
            names.of("technology", str(row["technology"])),
            names.place(str(row["site"])) if row["site"] else words("outside_region"),
            str(owners.get(event.facility, "")) or words("owner_open"),
            number(event.capacity),
            money.of(number(event.capex)),
        ])  # fmt: skip
    columns = [
        Column("name", words("facility")),
        Column("year", words("year"), "year"),
        Column("event", words("what_happens")),
        Column("technology", words("technology")),
        Column("site", words("site")),
        Column("owner", words("owner")),
        Column("capacity", words("added_capacity"), "tonnes", True),
        Column("capex", words("investment", unit=money.label), money.style, True),
    ]
    caption = words("events_caption" if context.is_region else "events_used_caption", place=context.place)
    return Table(key, caption, columns, lines, total=words("total"), note=words("events_note"))
