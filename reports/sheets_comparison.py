"""Comparison: a municipality among the others, by rank and median; the others may be without their names."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reports.comparison import INDICATORS, Indicator, comparison, ranks
from reports.context import Context
from reports.page import Chart, Column, Page, Style, Table, Value, number
from reports.style import VARIANT_COLOURS
from reports.view import RunView

STYLES: dict[str, Style] = {"rate": "percent", "point": "percent", "fee": "money"}


def can_compare(run: RunView) -> bool:
    """Return whether there are others to compare with."""
    return len(run.case["municipalities"]) > 1


def compared(context: Context) -> Page:
    """Return the sheet Sammenligning / Comparison of a municipality."""
    words, view = context.words, context.view
    by_state = view.run.once(_by_state)
    shown = "plan" if "plan" in view.run.variants else "reference"
    states = [state for state in ("today", shown) if state in view.run.variants]
    last = by_state[states[-1]]
    order = _order(context, last)
    standing = _standing(context, by_state, states)
    table = _places(context, by_state, states, order)
    position = order.index(view.municipality)
    chart = Chart(
        "bar",
        words("chart_comparison", state=context.state(states[-1])),
        words(
            "alt_comparison",
            place=context.place,
            count=len(order),
            rank=position + 1,
            rate=words.percent(float(last.loc[view.municipality, "rate"])),
            state=words.lower(context.state(states[-1])),
        ),
        table.key,
        "name",
        [f"rate_{states[-1]}"],
        style="percent",
        colours={f"rate_{states[-1]}": VARIANT_COLOURS["today"]},
        pointed_out=position,
    )
    lead = [words("comparison_lead")]
    if context.view.run.anonymous:
        lead.append(words("comparison_anonymous"))
    answer = _answer(context, last, states[-1])
    title = words("comparison_title", place=context.place)
    return Page(words("sheet_comparison"), title, answer, [standing, table, chart], lead=lead)


def _by_state(run: RunView) -> dict[str, pd.DataFrame]:
    frame = run.once(comparison)
    return {state: frame.xs(state, level="state") for state in run.variants}


def _ranks(run: RunView, state: str, indicator: Indicator) -> dict[str, float]:
    found = ranks(run.once(_by_state)[state][indicator.key], indicator.more_is_better)
    return {str(place): float(rank) for place, rank in found.items()}


def _answer(context: Context, last: pd.DataFrame, state: str) -> str:
    words, place = context.words, context.view.municipality
    rate = float(last.loc[place, "rate"])
    if rate != rate:
        return words("comparison_answer_none", place=context.place)
    return words(
        "comparison_answer",
        place=context.place,
        rank=int(ranks(last["rate"], True)[place]),
        count=int(last["rate"].notna().sum()),
        rate=words.percent(rate),
        median=words.percent(float(last["rate"].median())),
        state=words.lower(context.state(state)),
    )


def _order(context: Context, last: pd.DataFrame) -> list[str]:
    """Return the municipalities, the highest rate first; those that are alike in the order of their ids."""
    known = last["rate"].fillna(-1.0).round(9)
    return [str(place) for place in known.sort_index().sort_values(ascending=False, kind="stable").index]


def _unit(context: Context, indicator: Indicator) -> str:
    words = context.words
    if indicator.key in {"rate", "point"}:
        return ""
    if indicator.key == "fee":
        return words("unit_money_household", currency=context.currency)
    return words("unit_kg_co2e_capita" if indicator.key == "climate" else "unit_kg_capita")


def _standing(context: Context, by_state: Mapping[str, pd.DataFrame], states: list[str]) -> Table:
    """Return each figure of the municipality with the median, the lowest and the highest, and its rank."""
    words, view, place = context.words, context.view, context.view.municipality
    lines: list[list[Value]] = []
    styles: list[Style] = []
    for indicator in INDICATORS:
        values = {state: by_state[state][indicator.key] for state in states}
        last = values[states[-1]]
        if last.notna().sum() < 2 or last[place] != last[place]:
            continue
        line: list[Value] = [words(indicator.word), _unit(context, indicator)]
        line += [number(float(values[state][place])) for state in states]
        line += [float(last.median()), float(last.min()), float(last.max())]
        for state in states:
            rank = view.run.once(_ranks, state, indicator)[place]
            line.append(int(rank) if rank == rank else None)
        line += [int(last.notna().sum()), words("most_first" if indicator.more_is_better else "least_first")]
        lines.append(line)
        styles.append(STYLES.get(indicator.key, "whole"))
    state = context.state(states[-1])
    columns = [
        Column("name", words("key_figure")),
        Column("unit", words("unit")),
        *(Column(f"own_{item}", f"{context.place}, {words.lower(context.state(item))}", "whole") for item in states),
        Column("median", words("median_of", state=words.lower(state)), "whole"),
        Column("lowest", words("lowest_of", state=words.lower(state)), "whole"),
        Column("highest", words("highest_of", state=words.lower(state)), "whole"),
        *(Column(f"rank_{item}", words("rank_in", state=words.lower(context.state(item))), "year") for item in states),
        Column("count", words("rank_among"), "year"),
        Column("first", words("rank_order")),
    ]
    styled = [column.key for column in columns if column.key.startswith(("own_", "median", "lowest", "highest"))]
    return Table(
        "standing",
        words("standing_caption", place=context.place),
        columns,
        lines,
        row_styles=tuple(styles),
        styled=styled,
        note=words("standing_note"),
    )


def _places(context: Context, by_state: Mapping[str, pd.DataFrame], states: list[str], order: list[str]) -> Table:
    """Return a row for each municipality, the own one marked in words and by its ground."""
    words, own = context.words, context.view.municipality
    place_in = ranks(by_state[states[-1]]["rate"], True)
    columns = [
        Column("rank", words("rank"), "year"),
        Column("name", words("municipality")),
        Column("which", words("which_place")),
    ]
    shown: list[tuple[str, str]] = []
    for indicator in INDICATORS:
        for state in states if indicator.key == "rate" else states[-1:]:
            if by_state[state][indicator.key].notna().any():
                shown.append((indicator.key, state))
                label = ", ".join(
                    part
                    for part in (words(indicator.word), words.lower(context.state(state)), _unit(context, indicator))
                    if part
                )
                columns.append(Column(f"{indicator.key}_{state}", label, STYLES.get(indicator.key, "whole")))
    values = [by_state[state][key].to_dict() for key, state in shown]
    lines: list[list[Value]] = []
    for position, place in enumerate(order):
        rank = place_in[place]
        lines.append([
            int(rank) if rank == rank else None,
            _name(context, place, position),
            words("own_place") if place == own else "",
            *(number(float(known[place])) for known in values),
        ])  # fmt: skip
    return Table(
        "comparison",
        words("comparison_caption"),
        columns,
        lines,
        note=words("comparison_note", method=context.method_words()),
        marked=frozenset({order.index(own)}),
    )


def _name(context: Context, place: str, position: int) -> str:
    """Return the name of a municipality; the own one also says so, and the others may have none."""
    if place == context.view.municipality:
        return f"► {context.place}"
    if context.view.run.anonymous:
        return context.words("municipality_number", number=position + 1)
    return context.names.place(place)
