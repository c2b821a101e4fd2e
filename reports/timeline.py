"""The investments in time: what is spent in which year on which kind of plant, and what capacity stands when."""

from __future__ import annotations

from reports.context import Context
from reports.money import Money
from reports.page import Chart, Column, Table, Value, number
from reports.sheets_facilities import events_of
from reports.view import facility_facts


def investment_chart(context: Context, unit: Money) -> list[Table | Chart]:
    """Return a table of investments by year and kind of plant with its chart; nothing where none is known."""
    words, view, names = context.words, context.view, context.names
    events = [event for event in events_of(context) if event.capex == event.capex and event.capex > 0]
    facts = view.run.once(facility_facts)
    sums: dict[tuple[int, str], float] = {}
    for event in events:
        key = (event.year, str(facts[event.facility]["technology"]) if event.facility in facts else "")
        sums[key] = sums.get(key, 0.0) + event.capex
    kinds = names.order("technology", {kind for _, kind in sums})
    years = range(min((year for year, _ in sums), default=0), max((year for year, _ in sums), default=-1) + 1)
    lines: list[list[Value]] = [[year, *(unit.of(sums.get((year, kind))) for kind in kinds)] for year in years]
    columns = [
        Column("year", words("year"), "year"),
        *(Column(kind, names.of("technology", kind), unit.style, True) for kind in kinds),
    ]
    caption = words("timeline_kinds_caption", unit=unit.label)
    table = Table("investment_kinds", caption, columns, lines, total=words("total"))
    amount = words.money(sum(sums.values()), view.case.currency)
    chart = Chart(
        "column_stacked",
        words("chart_timeline"),
        words("alt_timeline", place=context.place, amount=amount),
        table.key,
        "year",
        kinds,
        axis=unit.label,
        style=unit.style,
    )
    return [table, chart]


def capacity_by_year(context: Context) -> Table:
    """Return the capacity of the facilities that change, in every year of the plan."""
    words, view, names = context.words, context.view, context.names
    changing = list(dict.fromkeys(event.facility for event in events_of(context)))
    frame = view.run.tables["facilities"]
    today = view.state(frame, "today").set_index("facility")
    plan = frame[frame["variant"] == "plan"]
    years = sorted({int(year) for year in plan["year"]})
    by_year = {year: plan[plan["year"] == year].set_index("facility") for year in years}
    lines: list[list[Value]] = []
    for facility in changing:
        cells: list[Value] = []
        for rows in (today, *by_year.values()):
            known = facility in rows.index and bool(rows.at[facility, "open"])
            cells.append(number(float(rows.at[facility, "capacity_t"])) if known else None)
        lines.append([names.of("facility", facility), *cells])
    columns = [
        Column("name", words("facility")),
        Column("today", context.state("today"), "tonnes"),
        *(Column(f"y{year}", str(year), "tonnes") for year in years),
    ]
    return Table("timeline", words("timeline_caption"), columns, lines, note=words("timeline_note"))
