"""Collection schemes: what runs today, what the plan chooses from when, and what is collected in which bin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.context import Context, change, triple
from reports.page import Chart, Column, Page, Table, Value
from reports.style import VARIANT_COLOURS
from reports.view import PlaceView


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


def _shares(view: PlaceView) -> dict[tuple[str, str, str], dict[str, float]]:
    """Return the shares of schemes by state, sector and segment, weighted by what each municipality generates."""
    source = ["sector", "segment", "municipality"]
    shares: dict[tuple[str, str, str], dict[str, float]] = {}
    for variant in ("today", "plan"):
        rows = view.state(view.table("schemes"), variant)
        mass = view.state(view.part("amounts"), variant).groupby(source, as_index=False)["mass_t"].sum()
        rows = rows.merge(mass, on=source, how="left")
        rows["mass_t"] = rows["mass_t"].fillna(0.0) * rows["share"]
        found = rows.groupby(["sector", "segment", "scheme"])[["mass_t", "share"]].sum()
        whole = found["mass_t"].groupby(["sector", "segment"]).transform("sum")
        weight = found["mass_t"].where(whole > 0, found["share"])
        share = weight / weight.groupby(["sector", "segment"]).transform("sum")
        share = share[share > 5e-4].sort_values(ascending=False, kind="stable")
        for (sector, segment, scheme), value in share.items():
            shares.setdefault((variant, sector, segment), {})[str(scheme)] = float(value)
    return shares


def _share_text(context: Context, shares: Mapping[str, float]) -> str:
    """Return the schemes of a source with their shares."""
    names = [context.names.of("scheme", scheme) for scheme in shares]
    if len(names) == 1:
        return names[0]
    percent = context.words.percent
    return "; ".join(f"{name} {percent(share, 0)}" for name, share in zip(names, shares.values(), strict=True))


@dataclass(frozen=True)
class _Change:
    """When a source changes scheme for the first time (None: never), in how many municipalities, and who decides."""

    first: int | None
    places: int
    deciders: tuple[str, ...]


def _changes(view: PlaceView) -> dict[tuple[str, str], _Change]:
    """Return the change of each source that the plan has schemes for."""
    rows = view.table("schemes")
    rows = rows[(rows["variant"] == "plan") & (rows["chosen"] > 0)]
    started = rows[rows["changed"].astype(bool)].groupby(["sector", "segment"])
    first, places = started["year"].min().to_dict(), started["municipality"].nunique().to_dict()
    final = view.state(rows, "plan").groupby(["sector", "segment"])["decided_by"].agg(set).to_dict()
    return {
        key: _Change(
            int(first[key]) if key in first else None,
            int(places.get(key, 0)),
            tuple(sorted(map(str, final.get(key, ())))),
        )
        for key in {**first, **final}
    }


def _by_source(context: Context) -> Table:
    words, view = context.words, context.view
    changes = view.once(_changes)
    shares = view.once(_shares)
    lines: list[list[Value]] = []
    for source in context.sources:
        texts = [
            _share_text(context, shares[variant, *source]) if (variant, *source) in shares else ""
            for variant in ("today", "plan")
        ]
        change = changes.get(source, _Change(None, 0, ()))
        deciders = words.join([context.decider(decider) for decider in change.deciders])
        lines.append([context.names.source(*source), *texts, change.first, deciders])
        if context.is_region:
            lines[-1].append(change.places)
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


def _effects(view: PlaceView) -> tuple[dict[Any, float], dict[Any, float], dict[Any, set[str]]]:
    """Return the tonnes under schemes: by sector, segment, variant and year, the same by scheme, and the schemes."""
    place = ["variant", "year", "municipality", "sector", "segment"]
    mass = view.part("amounts").groupby(place, as_index=False)["mass_t"].sum()
    rows = view.table("schemes").merge(mass, on=place, how="left")
    rows["effect"] = rows["share"] * rows["mass_t"].fillna(0.0)
    by = ["sector", "segment", "variant", "year"]
    wholes = rows.groupby(by)["effect"].sum().to_dict()
    effects = rows.groupby([*by, "scheme"])["effect"].sum().to_dict()
    return wholes, effects, rows.groupby(["sector", "segment"])["scheme"].agg(set).to_dict()


def _years(context: Context) -> Table:
    """Return the share of each scheme in the years that the case wants to see."""
    words, view = context.words, context.view
    wholes, effects, present = view.once(_effects)
    planned = {int(year) for _, _, variant, year in wholes if variant == "plan"}
    years = [year for year in view.case.report_years if year in planned]
    states = [("today", view.case.account_year)] + [("plan", year) for year in years]
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
