"""Reported figures against assumptions: what was reported, what the model gives, and what does not fit."""

from __future__ import annotations

import pandas as pd

from reports.context import Context
from reports.page import Column, Page, Style, Table, Value, number
from reports.view import RunView

MOST_MOVED = 15
"""Assumptions shown: those that moved most, relative to what they were."""
LEAST_MOVED = 0.001
_ASSUMED = {
    "generation": "assumed_generation",
    "composition": "assumed_composition",
    "capture": "assumed_capture",
}


def checked(context: Context) -> Page:
    """Return the sheet Afstemning / Reported figures."""
    words = context.words
    frame = _rows(context)
    reported = frame[frame["kind"].isin(["rate", "amount"])]
    used = reported[reported["used"].astype(bool)]
    suspects = used[used["suspect"].astype(bool)]
    if used.empty:
        answer = words("checked_none", place=context.place)
    elif suspects.empty:
        answer = words("checked_fits", count=len(used), place=context.place)
    else:
        named = words.join([figure_name(context, row) for row in suspects.to_dict("records")])
        answer = words("checked_suspects", count=len(used), wrong=len(suspects), named=named, place=context.place)
    blocks = [_reported(context, reported), _suspects(context), _moved(context, frame), _calibration(context)]
    return Page(
        words("sheet_checked"),
        words("checked_title", place=context.place),
        answer,
        blocks,
        lead=[words("checked_lead")],
    )


def _rows(context: Context) -> pd.DataFrame:
    """Return the rows of the place: its own and those of everybody; the region has all."""
    frame = context.view.run.tables["reconciliation"]
    return frame if context.is_region else frame[frame["municipality"].isin(["", context.view.municipality])]


def figure_name(context: Context, row: dict[str, object]) -> str:
    """Return what a figure is of, in words."""
    words, names = context.words, context.names
    place = str(row["municipality"])
    parts = [names.source(str(row["sector"]), str(row["segment"])) if row["sector"] else words("all_sectors")]
    if row["kind"] in ("rate", "amount"):
        parts.insert(0, words("measured_rate" if row["kind"] == "rate" else "measured_amount"))
    parts += [names.of("stream", str(row["stream"]))] if row["stream"] else []
    parts += [names.of("fraction", str(row["fraction"]))] if row["fraction"] else []
    if context.is_region and place:
        parts.insert(0, names.place(place))
    return ", ".join(parts)


def _style(kind: object) -> Style:
    return "tonnes" if kind in ("amount", "generation") else "percent"


def _reported(context: Context, rows: pd.DataFrame) -> Table:
    """Return every reported figure beside what the assumptions alone give and what both give together."""
    words, names = context.words, context.names
    order = {place: position for position, place in enumerate(names.order("municipality", set(rows["municipality"])))}
    rows = rows.assign(order=rows["municipality"].map(order)).sort_values(
        ["order", "kind", "sector", "segment", "stream", "fraction"], ascending=[True, False, True, True, True, True]
    )
    lines: list[list[Value]] = []
    for row in rows.to_dict("records"):
        verdict = "checked_odd" if row["suspect"] else "checked_ok" if row["used"] else "checked_compared"
        figures = [number(float(row[key])) for key in ("given", "std", "before", "reconciled", "reconciled_std")]
        lines.append([figure_name(context, row), int(row["year"]), *figures, words(verdict)])
    columns = [
        Column("figure", words("figure")),
        Column("year", words("year"), "year"),
        Column("given", words("reported_value"), "percent"),
        Column("std", words("plus_minus"), "percent"),
        Column("before", words("assumptions_give"), "percent"),
        Column("now", words("reconciled_value"), "percent"),
        Column("now_std", words("reconciled_plus_minus"), "percent"),
        Column("verdict", words("verdict")),
    ]
    styled = ("given", "std", "before", "now", "now_std")
    return Table(
        "reported",
        words("reported_caption"),
        columns,
        lines,
        row_styles=[_style(kind) for kind in rows["kind"]],
        styled=styled,
        note=words("reported_note"),
        when_empty=words("reported_empty"),
        marked=frozenset(position for position, odd in enumerate(rows["suspect"].astype(bool)) if odd),
    )


def _suspects(context: Context) -> Table:
    """Return the figures that the others contradict, each with what the others say."""
    words = context.words
    rows = context.view.run.tables["suspects"]
    if not context.is_region:
        rows = rows[rows["municipality"].isin(["", context.view.municipality])]
    lines: list[list[Value]] = [
        [figure_name(context, row), *(number(float(row[key])) for key in ("given", "std", "implied", "implied_std"))]
        for row in rows.to_dict("records")
    ]
    columns = [
        Column("figure", words("figure")),
        Column("given", words("reported_value"), "percent"),
        Column("std", words("plus_minus"), "percent"),
        Column("implied", words("others_say"), "percent"),
        Column("implied_std", words("plus_minus"), "percent"),
    ]
    return Table(
        "suspects",
        words("suspects_caption"),
        columns,
        lines,
        row_styles=[_style(kind) for kind in rows["kind"]],
        styled=("given", "std", "implied", "implied_std"),
        note=words("suspects_note"),
    )


def _moved(context: Context, rows: pd.DataFrame) -> Table:
    """Return the assumptions that moved most."""
    words, split = context.words, context.view.run.once(_split_sources)
    rows = rows[rows["kind"].isin(["generation", "composition", "capture"]) & (rows["given"] > 0)]
    change = rows["reconciled"] / rows["given"] - 1
    rows = rows.assign(change=change)[change.abs() >= LEAST_MOVED]
    rows = rows.reindex(rows["change"].abs().sort_values(ascending=False, kind="stable").index).head(MOST_MOVED)
    lines: list[list[Value]] = [
        [
            figure_name(context, {**row, **({} if row["sector"] else split.get(str(row["name"]), {}))}),
            words(_ASSUMED[str(row["kind"])]),
            words.term("status", str(row["status"])),
            number(float(row["given"])),
            number(float(row["std"])),
            number(float(row["reconciled"])),
            number(float(row["change"])),
        ]
        for row in rows.to_dict("records")
    ]
    columns = [
        Column("figure", words("figure")),
        Column("kind", words("assumption")),
        Column("status", words("status")),
        Column("given", words("assumed_value"), "percent"),
        Column("std", words("plus_minus"), "percent"),
        Column("now", words("reconciled_value"), "percent"),
        Column("change", words("relative_change"), "percent"),
    ]
    return Table(
        "moved",
        words("moved_caption"),
        columns,
        lines,
        row_styles=[_style(kind) for kind in rows["kind"]],
        styled=("given", "std", "now"),
        note=words("moved_note"),
        when_empty=words("moved_empty"),
    )


def _split_sources(run: RunView) -> dict[str, dict[str, str]]:
    """Return the sector and segment whose amounts a composition splits, by composition."""
    rows = run.case["generation"].drop_duplicates("composition")
    return {
        str(row["composition"]): {"sector": str(row["sector"]), "segment": str(row["segment"])}
        for row in rows.to_dict("records")
    }


def _calibration(context: Context) -> Table:
    """Return how today's capture was shifted to meet the reported rates, by source."""
    words, view = context.words, context.view
    frame = view.table("calibration")
    frame = frame[frame["fraction"] == ""]
    lines: list[list[Value]] = []
    for row in frame.to_dict("records"):
        label = context.names.source(str(row["sector"]), str(row["segment"]))
        if context.is_region:
            label = f"{context.names.place(str(row['municipality']))}, {label}"
        cells = [number(float(row[key])) for key in ("reported_rate", "modelled_before", "modelled_after", "shift")]
        lines.append([label, int(row["year"]), *cells])
    columns = [
        Column("source", words("kind_of_source")),
        Column("year", words("year"), "year"),
        Column("reported", words("reported_rate"), "percent"),
        Column("before", words("modelled_before"), "percent"),
        Column("after", words("modelled_after"), "percent"),
        Column("shift", words("shift"), "two"),
    ]
    return Table("calibration", words("calibration_caption"), columns, lines, note=words("calibration_note"))
