"""What only the region's workbook has: all municipalities side by side, and the investments in time."""

from __future__ import annotations

from reports.actions import changes_of_places
from reports.comparison import state_figures
from reports.context import Context, each
from reports.money import FEW_MILLION, Money
from reports.page import Chart, Column, Page, Table, Value, difference, number
from reports.sheets_facilities import event_table, events_of
from reports.style import VARIANT_COLOURS
from reports.timeline import capacity_by_year, investment_chart
from reports.view import STATES, PlaceView


def municipalities(context: Context) -> Page:
    """Return the sheet Kommuner / Municipalities: one row for each."""
    words, view = context.words, context.view
    places = context.names.order("municipality", view.run.municipalities())
    table = _matrix(context, places)
    plan = [(value, line[0]) for line in table.lines if isinstance(value := line[4], float)]
    if plan:
        (low, lowest), (high, highest) = min(plan), max(plan)
        answer = words(
            "municipalities_answer",
            year=context.year,
            low=words.percent(low),
            lowest=lowest,
            high=words.percent(high),
            highest=highest,
        )
        alt = words(
            "alt_municipalities",
            year=context.year,
            low=words.percent(low),
            lowest=lowest,
            high=words.percent(high),
            highest=highest,
        )
    else:
        answer = alt = words("no_plan")
    chart = Chart(
        "bar",
        words("chart_municipalities", year=context.year),
        alt,
        table.key,
        "name",
        ["today", "plan"],
        style="percent",
        colours=VARIANT_COLOURS,
    )
    return Page(words("sheet_municipalities"), words("municipalities_title"), answer, [table, chart])


def chosen(context: Context) -> Page:
    """Return the sheet Valgte ordninger / Schemes chosen."""
    words = context.words
    places = context.names.order("municipality", context.view.run.municipalities())
    schemes = context.view.run.tables["schemes"]
    began = schemes[
        (schemes["variant"] == "plan") & schemes["changed"].astype(bool) & (schemes["year"] <= context.year)
    ]
    answer = words("chosen_answer", year=context.year, changed=began["municipality"].nunique(), count=len(places))
    return Page(words("sheet_chosen"), words("chosen_title", place=context.place), answer, [_chosen(context, places)])


def _matrix(context: Context, places: list[str]) -> Table:
    words, view = context.words, context.view
    changed = changes_of_places(view.run)
    known = view.run.once(state_figures)
    lines: list[list[Value]] = []
    for place in places:
        part = view.run.place(place)

        def of(key: str, state: str, part: PlaceView = part) -> float | None:
            """Return a figure of the place in a state that the run has."""
            return number(float(known[state].at[part.municipality, key])) if state in known else None

        rates = [of("rate", state) for state in STATES]
        fees = [each(of("fee", state), part.households, 1.0) for state in STATES]
        burnt = each(of("burnt", "plan"), part.population)
        lines.append([
            context.names.place(place), place, *rates, difference(rates[2], rates[1], "{plan}-{reference}"),
            of("point", "plan"), of("narrow", "plan"), *fees, burnt, changed.get(place, 0),
        ])  # fmt: skip
    money = words("unit_money_household", currency=context.currency)
    columns = [
        Column("name", words("municipality")),
        Column("code", words("code")),
        *context.states("percent", total=False),
        Column("difference", words("plan_against_reference_amount"), "change"),
        Column("point", words("short_point"), "percent"),
        Column("narrow", words("short_narrow"), "percent"),
        *(Column(f"fee_{variant}", f"{context.state(variant)}, {money}", "money") for variant in STATES),
        Column("burnt", words("burnt_each"), "whole"),
        Column("changes", words("number_of_changes"), "whole"),
    ]
    caption = words("municipalities_caption", method=context.method_words())
    return Table("municipalities", caption, columns, lines, note=words("municipalities_note"))


def _chosen(context: Context, places: list[str]) -> Table:
    """Return the scheme that each municipality's sources have in the year of the plan, and since when."""
    words, view, names = context.words, context.view, context.names
    schemes = view.run.tables["schemes"]
    plan = schemes[schemes["variant"] == "plan"]
    final = plan[(plan["year"] == context.year) & (plan["chosen"] > 5e-3)]
    began = plan[plan["changed"].astype(bool) & (plan["chosen"] > 0) & (plan["year"] <= context.year)]
    keys = ["municipality", "sector", "segment", "scheme"]
    since = began.groupby(keys)["year"].max().to_dict()
    cells: dict[tuple[str, str, str], list[tuple[float, str]]] = {}
    for row in final.to_dict("records"):
        year = since.get((row["municipality"], row["sector"], row["segment"], row["scheme"]))
        text = names.of("scheme", row["scheme"])
        if row["chosen"] < 0.995:
            text += f" {words.percent(row['chosen'], 0)}"
        if year is not None:
            text += f" ({words('from_year', year=int(year))})"
        cells.setdefault((row["municipality"], row["sector"], row["segment"]), []).append((-row["chosen"], text))
    lines: list[list[Value]] = [
        [
            names.place(place),
            *("; ".join(text for _, text in sorted(cells.get((place, *source), []))) for source in context.sources),
        ]
        for place in places
    ]
    columns = [
        Column("name", words("municipality")),
        *(Column(f"source_{position}", names.source(*source)) for position, source in enumerate(context.sources)),
    ]
    return Table("chosen", words("chosen_caption", year=context.year), columns, lines)


def investments(context: Context) -> Page:
    """Return the sheet Investeringer / Investments: what opens, grows and closes, year by year."""
    words, view = context.words, context.view
    events = event_table(context, "investments")
    changes = events_of(context)
    unit = context.money((event.capex for event in changes), FEW_MILLION)
    total = sum(event.capex for event in changes if event.capex == event.capex)
    answer = words(
        "investments_answer", count=len(events.lines), amount=words.money(total, view.case.currency), year=context.year
    )
    by_year = _by_year(context, events, unit)
    blocks: list[Table | Chart] = [events]
    if by_year.lines:
        blocks += [by_year, *investment_chart(context, unit), capacity_by_year(context)]
    return Page(
        words("sheet_investments"),
        words("investments_title", place=context.place),
        answer,
        [*blocks, _stock(view, context)],
    )


def _by_year(context: Context, events: Table, unit: Money) -> Table:
    words = context.words
    years = sorted({int(year) for year in events.column("year") if isinstance(year, int)})
    lines: list[list[Value]] = []
    for year in years:
        rows = [line for line in events.lines if line[1] == year]
        lines.append([
            year, len(rows),
            sum(float(line[6]) for line in rows if isinstance(line[6], float)),
            sum(float(line[7]) for line in rows if isinstance(line[7], float)),
        ])  # fmt: skip
    columns = [
        Column("year", words("year"), "year"),
        Column("count", words("number_of_changes"), "whole"),
        Column("capacity", words("added_capacity"), "tonnes"),
        Column("capex", words("investment", unit=unit.label), unit.style),
    ]
    return Table("investment_years", words("investment_years_caption"), columns, lines)


def _stock(view: PlaceView, context: Context) -> Table:
    """Return the throughput of every kind of plant in the three states."""
    words = context.words
    frame = view.three(view.run.tables["facilities"], ["technology"], "throughput_t").sort_values(
        "plan", ascending=False, kind="stable"
    )
    lines: list[list[Value]] = [
        [context.names.of("technology", str(key)), *(number(float(row[variant])) for variant in STATES)]
        for key, row in frame.iterrows()
        if row.fillna(0.0).sum() > 0
    ]
    columns = [Column("name", words("technology")), *context.states("tonnes", words("unit_t"), total=False)]
    return Table("technologies", words("technologies_caption"), columns, lines)
