"""The map of the region: where waste arises, where plants lie, and what goes where."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from reports.context import Context
from reports.map_drawing import HEIGHT, KINDS, WIDTH, Legend, Plant, Town, Way, draw_map
from reports.map_places import panels, spots
from reports.page import Column, Note, Page, Picture, Table, Value, number
from reports.sankey import DPI
from reports.view import facility_facts

LEAST_TONNES = 1.0
"""What a plant gets at least to stand on the map: less is what rounding leaves."""
LEAST_SHARE = 0.0015
"""A line carries at least this share of all tonnes."""
MOST_LINES = 180


@dataclass(frozen=True)
class _Received:
    """What each plant takes in one state: ``table`` facility, first, onward, places; ``ways`` start, end, mass_t."""

    table: pd.DataFrame
    ways: pd.DataFrame


def region_map(context: Context) -> Page:
    """Return the sheet Kort / Map."""
    words, names = context.words, context.names
    variant = "plan" if "plan" in context.view.run.variants else "today"
    received = _received(context, variant)
    towns, plants = spots(context.view.case)
    numbers = {facility: place for place, facility in enumerate(received.table.index, start=1)}
    title = words("map_title", place=context.place)
    table = _table(context, variant, received, {key: numbers[key] for key in numbers if key in plants})
    if not towns or received.table.empty:
        reason = words("no_plan") if received.table.empty else words("map_none")
        return Page(words("sheet_map"), title, reason, [table] if table.lines else [Note(reason)])
    shown = [key for key in received.table.index if key in plants]
    ways = received.ways[received.ways["start"].isin({*towns, *plants}) & received.ways["end"].isin(plants)]
    ways = ways.sort_values(["mass_t", "start", "end"], ascending=[False, True, True], kind="stable")
    whole = float(received.ways["mass_t"].sum())
    ways = ways[ways["mass_t"] >= LEAST_SHARE * whole].head(MOST_LINES)
    picture = _picture(context, variant, received, numbers, ways)
    heaviest = received.table["mass_t"].idxmax()
    answer = words(
        "map_answer",
        year=context.view.run.years[variant],
        place=context.place,
        count=len(shown),
        tonnes=words.tonnes(float(received.table.loc[heaviest, "mass_t"])),
        facility=names.of("facility", str(heaviest)),
    )
    lead = [words("map_lead", share=words.percent(float(ways["mass_t"].sum()) / whole if whole else math.nan, 0))]
    missing = [names.of("facility", key) for key in numbers if key not in plants]
    missing += [names.place(place) for place in context.view.run.municipalities() if place not in towns]
    if missing:
        lead.append(words("map_unplaced", names=words.join(words.ordered(missing))))
    return Page(words("sheet_map"), title, answer, [picture, table], lead=lead)


def _received(context: Context, variant: str) -> _Received:
    """Return what plants take, the heaviest first."""
    view = context.view
    # Soil is outside the rates, and so much that nothing else would be seen beside it.
    inside = set(context.counted_fractions)
    entering, hauls = (view.state(view.part(name), variant) for name in ("entering", "hauls"))
    entering, hauls = (frame[frame["fraction"].isin(inside)] for frame in (entering, hauls))
    received = entering.groupby(["municipality", "facility"], as_index=False)["mass_t"].sum()
    total = received.groupby("facility")["mass_t"].sum()
    places = received[received["mass_t"] > LEAST_TONNES].groupby("facility")["municipality"].nunique()
    onward = hauls.groupby("to")["mass_t"].sum()
    table = pd.DataFrame({"mass_t": total, "places": places, "onward": onward}).fillna(0.0)
    table = table[table["mass_t"] > LEAST_TONNES]
    table["first"] = (table["mass_t"] - table["onward"]).clip(lower=0.0)
    order = sorted(table.index, key=lambda key: (-float(table.at[key, "mass_t"]), str(key)))
    via = hauls.groupby(["municipality", "to"])["mass_t"].sum().rename_axis(["municipality", "facility"])
    own = received.groupby(["municipality", "facility"])["mass_t"].sum()
    first = own.sub(via.reindex(own.index, fill_value=0.0)).reset_index()
    ways = [
        first.rename(columns={"municipality": "start", "facility": "end"}).assign(hauled=False),
        hauls.groupby(["from", "to"], as_index=False)["mass_t"]
        .sum()
        .rename(columns={"from": "start", "to": "end"})
        .assign(hauled=True),
    ]
    both = pd.concat([way[way["mass_t"] > LEAST_TONNES] for way in ways], ignore_index=True)
    return _Received(table.loc[order], both[both["end"].isin(order)])


def _kinds(context: Context) -> dict[str, str]:
    """Return what each facility does, by the treatment of its technology."""
    case = context.view.case
    treatment = dict(zip(case["technologies"]["technology"], case["technologies"]["treatment"], strict=True))
    pairs = zip(case["facilities"]["facility"], case["facilities"]["technology"], strict=True)
    return {str(facility): str(treatment.get(technology, "")) for facility, technology in pairs}


def _kind_word(context: Context, kind: str) -> str:
    return context.words.term("plant", kind if kind in KINDS else "other")


def _picture(
    context: Context, variant: str, received: _Received, numbers: dict[str, int], ways: pd.DataFrame
) -> Picture:
    words, view, names = context.words, context.view, context.names
    towns, plants = spots(view.case)
    kinds = _kinds(context)
    waste = view.state(context.waste, variant).groupby("municipality")["mass_t"].sum().to_dict()
    mass = received.table["mass_t"]
    legend = Legend(
        {kind: _kind_word(context, kind) for kind in KINDS},
        words("map_town"),
        words("map_way"),
        words("map_haul"),
        words("map_edge"),
        lambda length: words("map_km", length=words.number(length, 0 if length >= 1 else 1)),
        words.tonnes,
    )
    drawing = draw_map(
        panels(towns, waste),
        [Town(spot, names.place(key), float(waste.get(key, 0.0))) for key, spot in towns.items()],
        [
            Plant(plants[key], numbers[key], kinds.get(key, ""), float(mass[key]))
            for key in received.table.index
            if key in plants
        ],
        [
            Way(str(start), str(end), float(tonnes), bool(hauled))
            for start, end, tonnes, hauled in zip(
                *(ways[name] for name in ("start", "end", "mass_t", "hauled")), strict=True
            )
        ],
        legend,
    )
    state = context.state(variant)
    largest = [f"{names.of('facility', str(key))} {words.tonnes(float(mass[key]))}" for key in mass.index[:3]]
    alt = words(
        "alt_map",
        place=context.place,
        state=state,
        count=sum(key in plants for key in mass.index),
        largest=words.join(largest),
        sheet=words("sheet_map"),
    )
    title = words("map_picture", state=state)
    return Picture(title, alt, drawing.png(DPI), round(WIDTH * 96 / 72), round(HEIGHT * 96 / 72))


def _table(context: Context, variant: str, received: _Received, placed: dict[str, int]) -> Table:
    words, view, names = context.words, context.view, context.names
    facts = view.run.once(facility_facts)
    kinds = _kinds(context)
    lines: list[list[Value]] = []
    for facility, row in received.table.iterrows():
        key = str(facility)
        fact = facts.get(key)
        site = str(fact["site"]) if fact is not None else ""
        lines.append([
            placed.get(key), names.of("facility", key),
            names.of("technology", str(fact["technology"])) if fact is not None else "",
            _kind_word(context, kinds.get(key, "")),
            (names.place(site) if site else words("outside_region")) if key in placed else words("map_no_place"),
            int(row["places"]), number(float(row["first"])), number(float(row["onward"])),
        ])  # fmt: skip
    columns = [
        Column("number", words("map_number"), "year"),
        Column("name", words("facility")),
        Column("technology", words("technology")),
        Column("kind", words("map_sign")),
        Column("site", words("site")),
        Column("places", words("map_places"), "whole"),
        Column("first", words("map_first"), "tonnes", True),
        Column("onward", words("map_onward"), "tonnes", True),
    ]
    caption = words("map_caption", state=context.state(variant))
    return Table("map", caption, columns, lines, total=words("total"), note=words("map_note"))
