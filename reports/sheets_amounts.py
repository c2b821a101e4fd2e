"""Amounts and sources: how much waste of which material there is, and where it comes from."""

from __future__ import annotations

import pandas as pd

from reports.aggregate import fractions_in_rates
from reports.context import Context, change, triple
from reports.page import Chart, Column, Page, Table, Value, difference
from reports.style import VARIANT_COLOURS
from reports.view import STATES, PlaceView


def amounts(context: Context) -> Page:
    """Return the sheet Mængder / Amounts."""
    words, view = context.words, context.view
    by_fraction = view.three(context.waste, ["fraction"], "mass_t")
    total = by_fraction.sum()
    today, plan = float(total["today"]), float(total["plan"])
    each = context.per_capita(today)
    answer = words(
        "amounts_answer",
        place=context.place,
        today=words.tonnes(today),
        plan=words.tonnes(plan),
        first=view.case.account_year,
        year=context.year,
        each=words.number(each or 0.0),
    )
    table = _fractions(context, by_fraction)
    chart = Chart(
        "bar",
        words("chart_amounts", place=context.place),
        words("alt_amounts", place=context.place, largest=words.join(_largest(context, by_fraction))),
        table.key,
        "name",
        ["today", "plan"],
        axis=words("unit_tonnes"),
        colours=VARIANT_COLOURS,
        limit=10,
    )
    blocks: list[Table | Chart] = [table, chart, _outside(context), _prevented(context)]
    return Page(
        words("sheet_amounts"),
        words("amounts_title", place=context.place),
        answer,
        blocks,
        lead=[words("amounts_lead")],
    )


def _largest(context: Context, frame: pd.DataFrame) -> list[str]:
    top = frame["plan"].fillna(frame["today"]).sort_values(ascending=False).head(3)
    return [f"{context.names.of('fraction', str(key))} {context.words.tonnes(value)}" for key, value in top.items()]


def _fractions(context: Context, frame: pd.DataFrame) -> Table:
    words = context.words
    lines: list[list[Value]] = []
    # The heaviest first: the picture then reads like a ranking.
    for fraction, row in frame.sort_values("plan", ascending=False, kind="stable").iterrows():
        cells = triple(row)
        lines.append([
            context.names.of("fraction", str(fraction)),
            *cells,
            difference(cells[2], cells[0], "{plan}-{today}"),
            change(cells[0], cells[2]),
            context.per_capita(row["today"]),
            context.per_capita(row["plan"]),
            context.per_household(row["today"]),
            context.per_household(row["plan"]),
        ])  # fmt: skip
    columns = [
        Column("name", words("fraction")),
        *context.states("tonnes", words("unit_t")),
        Column("difference", words("difference_today"), "tonnes", total=True),
        Column("change", words("change_today"), "change"),
        *_each(context),
    ]
    return Table("amounts", words("amounts_caption"), columns, lines, total=words("total"), note=words("amounts_note"))


def _each(context: Context, total: bool = True) -> list[Column]:
    words = context.words
    return [
        Column(f"{unit}_{variant}", f"{context.state(variant)}, {words(f'unit_{unit}')}", "one", total)
        for unit in ("kg_capita", "kg_household")
        for variant in ("today", "plan")
    ]


def _outside(context: Context) -> Table:
    """Return what is outside every rate, such as soil."""
    words = context.words
    frame = context.view.three(context.view.frame(_outside_rates), ["fraction"], "mass_t")
    lines: list[list[Value]] = [[context.names.of("fraction", str(key)), *triple(row)] for key, row in frame.iterrows()]
    columns = [Column("name", words("fraction")), *context.states("tonnes", words("unit_t"))]
    return Table("outside", words("outside_caption"), columns, lines, total=words("total"))


def _prevented(context: Context) -> Table:
    """Return what never becomes waste in the plan."""
    words = context.words
    frame = context.view.three(context.view.frame(_never_waste), ["fraction"], "mass_t")
    lines: list[list[Value]] = [[context.names.of("fraction", str(key)), *triple(row)] for key, row in frame.iterrows()]
    columns = [Column("name", words("fraction")), *context.states("tonnes", words("unit_t"))]
    return Table("prevented", words("prevented_caption"), columns, lines, total=words("total"))


def sources(context: Context) -> Page:
    """Return the sheet Kilder / Sources."""
    words, view = context.words, context.view
    frame = view.three(context.waste, ["sector", "segment"], "mass_t")
    total = frame.sum()
    lines: list[list[Value]] = []
    for sector, segment in context.sources:
        if (sector, segment) not in frame.index:
            continue
        row = frame.loc[(sector, segment)]
        cells = triple(row)
        shares = [row[variant] / total[variant] if total[variant] else None for variant in ("today", "plan")]
        lines.append([context.names.source(sector, segment), *cells, *shares, change(cells[0], cells[2])])
    columns = [
        Column("name", words("kind_of_source")),
        *context.states("tonnes", words("unit_t")),
        Column("share_today", words("share_in", state=context.state("today")), "percent"),
        Column("share_plan", words("share_in", state=context.state("plan")), "percent"),
        Column("change", words("change_today"), "change"),
    ]
    table = Table("sources", words("sources_caption"), columns, lines, total=words("total"))
    largest = max(lines, key=lambda line: line[3] or line[1] or 0.0) if lines else ["", 0.0, 0.0, 0.0, 0.0, 0.0]  # type: ignore[arg-type, return-value]
    share = largest[5] if isinstance(largest[5], float) else 0.0
    answer = words(
        "sources_answer", name=largest[0], share=words.percent(share), place=context.place, year=context.year
    )
    chart = Chart(
        "bar",
        words("chart_sources", place=context.place),
        words("alt_sources", place=context.place, year=context.year, name=largest[0], share=words.percent(share)),
        table.key,
        "name",
        list(STATES),
        axis=words("unit_tonnes"),
        colours=VARIANT_COLOURS,
    )
    return Page(
        words("sheet_sources"),
        words("sources_title", place=context.place),
        answer,
        [table, chart, _rates(context), _matrix(context)],
    )


def _rates(context: Context) -> Table:
    """Return the rate of each sector under the headline's method."""
    words, view = context.words, context.view
    method = view.run.headline.method
    lines: list[list[Value]] = []
    for sector in dict.fromkeys(sector for sector, _ in context.sources):
        rates: list[float | None] = [
            None if (rate := view.rate(sector, method, variant)) != rate else rate for variant in STATES
        ]
        if any(rate is not None for rate in rates):
            lines.append([context.names.sector(sector), *rates, difference(rates[2], rates[0], "{plan}-{today}")])
    columns = [
        Column("name", words("sector")),
        *context.states("percent", total=False),
        Column("difference", words("difference_today"), "change"),
    ]
    return Table("sector_rates", words("sector_rates_caption", method=words.term("method", method)), columns, lines)


def _by_fraction_and_source(view: PlaceView) -> dict[tuple[str, str, str], float]:
    rows = view.state(view.waste, "plan" if "plan" in view.run.variants else "today")
    sums: dict[tuple[str, str, str], float] = rows.groupby(["fraction", "sector", "segment"])["mass_t"].sum().to_dict()
    return sums


def _outside_rates(view: PlaceView) -> pd.DataFrame:
    treated = view.part("treated")
    return treated[(treated["treatment"] != "prevention") & ~treated["fraction"].isin(fractions_in_rates(view.case))]


def _never_waste(view: PlaceView) -> pd.DataFrame:
    treated = view.part("treated")
    return treated[treated["treatment"] == "prevention"]


def _matrix(context: Context) -> Table:
    """Return fraction by source in the plan."""
    words = context.words
    sums = context.view.once(_by_fraction_and_source)
    present = {(sector, segment) for _, sector, segment in sums}
    pairs = [pair for pair in context.sources if pair in present]
    lines: list[list[Value]] = [
        [context.names.of("fraction", fraction), *(float(sums.get((fraction, *pair), 0.0)) for pair in pairs)]
        for fraction in context.names.order("fraction", {str(fraction) for fraction, *_ in sums})
    ]
    columns = [
        Column("name", words("fraction")),
        *(
            Column(f"source_{place}", f"{context.names.source(*pair)}, {words('unit_t')}", "tonnes", True)
            for place, pair in enumerate(pairs)
        ),
    ]
    return Table(
        "source_fractions",
        words("source_fractions_caption", state=context.state("plan")),
        columns,
        lines,
        total=words("total"),
    )
