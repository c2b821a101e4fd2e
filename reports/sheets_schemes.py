"""Collection schemes: what runs today, what the plan chooses from when, and what is collected in which bin."""

from __future__ import annotations

import pandas as pd

from reports.context import Context, change, triple
from reports.page import Chart, Column, Page, Table, Value
from reports.style import VARIANT_COLOURS


def schemes(context: Context) -> Page:
    """Return the sheet Ordninger / Collection schemes."""
    words = context.words
    table = _by_source(context)
    changed = sum(1 for line in table.lines if line[3] is not None)
    streams = _streams(context)
    chart = Chart(
        "bar",
        words("chart_streams", place=context.place),
        words("alt_streams", place=context.place, year=context.year),
        streams.key,
        "name",
        ["today", "plan"],
        axis=words("unit_tonnes"),
        colours=VARIANT_COLOURS,
        limit=8,
    )
    answer = words("schemes_answer", changed=changed, count=len(table.lines), place=context.place)
    return Page(
        words("sheet_schemes"),
        words("schemes_title", place=context.place),
        answer,
        [table, _years(context), chart, streams],
    )


def _share_text(context: Context, rows: pd.DataFrame, weights: pd.Series) -> str:
    """Return schemes with their shares of the source, weighted by what each municipality generates."""
    words = context.words
    mass = rows["municipality"].map(weights).fillna(0.0)
    shares = (rows["share"] * mass).groupby(rows["scheme"]).sum()
    if shares.sum() <= 0:
        shares = rows.groupby("scheme")["share"].sum()
    shares = shares / shares.sum()
    shares = shares[shares > 5e-4].sort_values(ascending=False, kind="stable")
    names = [context.names.of("scheme", str(scheme)) for scheme in shares.index]
    if len(names) == 1:
        return names[0]
    return "; ".join(f"{name} {words.percent(share, 0)}" for name, share in zip(names, shares, strict=True))


def _by_source(context: Context) -> Table:
    words, view = context.words, context.view
    by_source = dict(list(view.table("schemes").groupby(["sector", "segment"])))
    weights_of = {
        variant: view.state(view.part("amounts"), variant)
        .groupby(["sector", "segment", "municipality"])["mass_t"]
        .sum()
        for variant in ("today", "plan")
    }
    lines: list[list[Value]] = []
    for sector, segment in context.sources:
        rows = by_source.get((sector, segment), view.table("schemes").head(0))
        texts = []
        for variant in ("today", "plan"):
            known = weights_of[variant]
            weights = known.loc[sector, segment] if (sector, segment) in known.index else pd.Series(dtype="float64")
            part = view.state(rows, variant)
            texts.append(_share_text(context, part, weights) if len(part) else "")
        started = rows[(rows["variant"] == "plan") & rows["changed"].astype(bool) & (rows["chosen"] > 0)]
        first = None if started.empty else int(started["year"].min())
        final = view.state(rows[rows["chosen"] > 0], "plan")
        deciders = words.join([context.decider(str(item)) for item in sorted(set(final["decided_by"]))])
        lines.append([context.names.source(sector, segment), texts[0], texts[1], first, deciders])
        if context.is_region:
            lines[-1].append(int(started["municipality"].nunique()))
    columns = [
        Column("source", words("kind_of_source")),
        Column("today", context.state("today")),
        Column("plan", context.state("plan")),
        Column("year", words("changes_in"), "year"),
        Column("decider", words("who_decides")),
    ]
    if context.is_region:
        columns.append(Column("places", words("municipalities_that_change"), "whole"))
    return Table("schemes", words("schemes_caption"), columns, lines, note=words("schemes_note"))


def _streams(context: Context) -> Table:
    """Return what is collected in which bin, container or load."""
    words, view = context.words, context.view
    frame = view.three(view.part("collected"), ["stream"], "mass_t").sort_values("plan", ascending=False, kind="stable")
    kinds = dict(zip(view.case["streams"]["stream"], view.case["streams"]["kind"], strict=True))
    lines: list[list[Value]] = []
    for stream, row in frame.iterrows():
        cells = triple(row)
        kind = words.term("stream_kind", kinds.get(str(stream), "separate"))
        lines.append([
            context.names.of("stream", str(stream)), kind, *cells, change(cells[0], cells[2]),
            context.per_capita(row["today"]), context.per_capita(row["plan"]),
        ])  # fmt: skip
    columns = [
        Column("name", words("stream")),
        Column("kind", words("stream_kind")),
        *context.states("tonnes", words("unit_t")),
        Column("change", words("change_today"), "change"),
        *(
            Column(f"each_{state}", f"{context.state(state)}, {words('unit_kg_capita')}", "one", True)
            for state in ("today", "plan")
        ),
    ]
    return Table("streams", words("streams_caption"), columns, lines, total=words("total"), note=words("streams_note"))


def _years(context: Context) -> Table:
    """Return the share of each scheme in the years that the case wants to see."""
    words, view = context.words, context.view
    frame = view.table("schemes")
    amounts = view.part("amounts")
    mass = amounts.groupby(["variant", "year", "municipality", "sector", "segment"], as_index=False)["mass_t"].sum()
    years = [year for year in view.case.report_years if year in set(frame.loc[frame["variant"] == "plan", "year"])]
    states = [("today", view.case.account_year)] + [("plan", year) for year in years]
    rows = frame.merge(mass, on=["variant", "year", "municipality", "sector", "segment"], how="left")
    rows["mass_t"] = rows["mass_t"].fillna(0.0)
    rows["effect"] = rows["share"] * rows["mass_t"]
    by = ["sector", "segment", "variant", "year"]
    wholes = rows.groupby(by)["effect"].sum().to_dict()
    effects = rows.groupby([*by, "scheme"])["effect"].sum().to_dict()
    present = rows.groupby(["sector", "segment"])["scheme"].agg(set).to_dict()
    lines: list[list[Value]] = []
    for sector, segment in context.sources:
        for scheme in context.names.order("scheme", present.get((sector, segment), set())):
            cells: list[Value] = []
            for variant, year in states:
                key = (sector, segment, variant, year)
                whole = wholes.get(key, 0.0)
                cells.append(effects.get((*key, scheme), 0.0) / whole if whole > 0 else None)
            if any(isinstance(cell, float) and cell > 5e-5 for cell in cells):
                lines.append([context.names.source(sector, segment), context.names.of("scheme", scheme), *cells])
    columns = [
        Column("source", words("kind_of_source")),
        Column("scheme", words("scheme")),
        *(
            Column(f"{variant}_{year}", f"{words.term('variant', variant)} {year}", "percent")
            for variant, year in states
        ),
    ]
    return Table("scheme_years", words("scheme_years_caption"), columns, lines, note=words("scheme_years_note"))
