"""Projection: amounts and rates in the years of a waste plan, with low and high growth, the first six in detail."""

from __future__ import annotations

import pandas as pd

from reports.context import Context
from reports.page import Block, Chart, Column, Page, Table, Value, number
from reports.projection import BANDS, DETAILED, Projection, projection
from reports.view import PlaceView

BAND_COLOURS = {"low": "#4F81BD", "base": "#1B4D5C", "high": "#C05621"}
BAND_WORDS = {"low": "growth_low", "base": "growth_base", "high": "growth_high"}


def projected(context: Context) -> Page:
    """Return the sheet Prognose / Projection."""
    words, view = context.words, context.view
    found = view.run.once(projection)
    amounts = view.once(_own_amounts)
    name, title = words("sheet_projection"), words("projection_title", place=context.place)
    if amounts.empty:
        return Page(name, title, words("no_plan"), [])
    totals = amounts.groupby("year")[list(BANDS)].sum()
    table = _amounts(context, totals, found.ranged)
    chart = Chart(
        "line",
        words("chart_projection", place=context.place),
        words(
            "alt_projection",
            place=context.place,
            first=int(totals.index[0]),
            last=int(totals.index[-1]),
            base=words.tonnes(totals["base"].iloc[-1]),
            low=words.tonnes(totals["low"].iloc[-1]),
            high=words.tonnes(totals["high"].iloc[-1]),
        ),
        table.key,
        "year",
        list(BANDS) if found.ranged else ["base"],
        axis=words("unit_tonnes"),
        style="tonnes",
        colours=BAND_COLOURS,
    )
    blocks: list[Block] = [
        table,
        chart,
        _rates(context, found),
        _detail(context, "sector", found.years[:DETAILED]),
        _detail(context, "fraction", found.years[:DETAILED]),
    ]
    lead = [words("projection_lead", detailed=min(DETAILED, len(found.years)), count=len(found.years))]
    if len(view.case["stock_drivers"]):
        lead.append(words("projection_stock"))
    return Page(name, title, _answer(context, totals, found.ranged), blocks, lead=lead)


def _answer(context: Context, totals: pd.DataFrame, ranged: bool) -> str:
    words = context.words
    today = float(context.view.state(context.waste, "today")["mass_t"].sum())
    last = totals.iloc[-1]
    return words(
        "projection_answer" if ranged else "projection_answer_single",
        place=context.place,
        year=int(totals.index[-1]),
        base=words.tonnes(last["base"]),
        low=words.tonnes(last["low"]),
        high=words.tonnes(last["high"]),
        today=words.tonnes(today),
        first=context.view.case.account_year,
    )


def _amounts(context: Context, totals: pd.DataFrame, ranged: bool) -> Table:
    """Return amounts of every year under the three courses of growth."""
    words = context.words
    today = float(context.view.state(context.waste, "today")["mass_t"].sum())
    bands = BANDS if ranged else ("base",)
    lines: list[list[Value]] = []
    for year, row in totals.iterrows():
        base = float(row["base"])
        relative = base / today - 1.0 if today > 0 else None
        lines.append([
            int(str(year)), *(float(row[band]) for band in bands), relative, context.per_capita(base),
            context.per_household(base),
        ])  # fmt: skip
    columns = [
        Column("year", words("year"), "year"),
        *(Column(band, f"{words(BAND_WORDS[band])}, {words('unit_t')}", "tonnes") for band in bands),
        Column("change", words("change_today"), "change"),
        Column("capita", f"{words('growth_base')}, {words('unit_kg_capita')}", "one"),
        Column("household", f"{words('growth_base')}, {words('unit_kg_household')}", "one"),
    ]
    note = words("projection_note" if ranged else "projection_note_single")
    return Table("projection", words("projection_caption"), columns, lines, note=note)


def _rates(context: Context, found: Projection) -> Table:
    """Return the rate of reference and plan in every year of the plan, and that of the plan under low and high growth."""
    words, view = context.words, context.view
    headline = view.run.headline
    mine = found.rates[found.rates["municipality"] == view.municipality].set_index("year")
    lines: list[list[Value]] = []
    for year in found.years:
        rows = [view.rate_row(headline.scope, headline.method, variant, year) for variant in ("reference", "plan")]
        if rows == [None, None]:
            continue
        reference, plan = (None if row is None else number(row.rate) for row in rows)
        low, high = (
            (number(float(mine.loc[year, band])) for band in ("low", "high")) if year in mine.index else (None, None)
        )
        goal = view.goal(headline.scope, headline.method, year)
        if goal is None and year == headline.year:
            goal = number(headline.target)
        lines.append([year, reference, low, plan, high, goal])
    columns = [
        Column("year", words("year"), "year"),
        Column("reference", words.term("variant", "reference"), "percent"),
        Column("low", f"{words.term('variant', 'plan')}: {words.lower(words('growth_low'))}", "percent"),
        Column("plan", words.term("variant", "plan"), "percent"),
        Column("high", f"{words.term('variant', 'plan')}: {words.lower(words('growth_high'))}", "percent"),
        Column("target", words("target_of", place=context.region), "percent"),
    ]
    note = words("projection_rates_note")
    if not found.ranged or mine.empty:
        columns = [column for column in columns if column.key not in {"low", "high"}]
        lines, note = [[*line[:2], *line[3:4], *line[5:]] for line in lines], ""
    caption = words("projection_rates_caption", method=context.method_words())
    return Table("projection_rates", caption, columns, lines, note=note)


def _own_amounts(view: PlaceView) -> pd.DataFrame:
    """Return the projected amounts of the place."""
    amounts = view.run.once(projection).amounts
    return amounts[amounts["municipality"] == view.municipality] if view.municipality else amounts


def _by_kind(view: PlaceView, *keys: str) -> dict[tuple[str, ...], list[float]]:
    """Return the amounts of the first years by the columns ``keys``."""
    amounts, years = view.once(_own_amounts), view.run.once(projection).years[:DETAILED]
    pivot = (
        amounts[amounts["year"].isin(years)]
        .pivot_table(index=list(keys), columns="year", values="base", aggfunc="sum", fill_value=0.0)
        .reindex(columns=years, fill_value=0.0)
    )
    ids = [key if isinstance(key, tuple) else (key,) for key in pivot.index]
    return {tuple(map(str, key)): row for key, row in zip(ids, pivot.to_numpy(dtype=float).tolist(), strict=True)}


def _detail(context: Context, what: str, years: list[int]) -> Table:
    """Return the amounts of each kind of source, or each fraction, in the first years."""
    words, names = context.words, context.names
    keys = ["sector", "segment"] if what == "sector" else ["fraction"]
    known = context.view.once(_by_kind, *keys)
    lines: list[list[Value]] = []
    if what == "sector":
        lines = [[names.source(*pair), *known[pair]] for pair in context.sources if pair in known]
    else:
        by_id = {fraction: values for (fraction,), values in known.items()}
        lines = [[names.of("fraction", fraction), *by_id[fraction]] for fraction in names.order("fraction", by_id)]
    head = words("kind_of_source") if what == "sector" else words("fraction")
    columns = [
        Column("name", head),
        *(Column(f"year_{year}", f"{year}, {words('unit_t')}", "tonnes", True) for year in years),
    ]
    caption = words("projection_sources_caption" if what == "sector" else "projection_fractions_caption")
    return Table(f"projection_{what}s", caption, columns, lines, total=words("total"))
