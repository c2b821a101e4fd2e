"""Treatment and flows: what becomes of the waste, and the way it takes."""

from __future__ import annotations

import pandas as pd

from flows.tables import TREATMENTS
from reports.context import Context, triple
from reports.page import Chart, Column, Formula, Page, Picture, Table, Value, number
from reports.sankey import HEIGHT, WIDTH, Link, draw, links, node_name
from reports.style import TREATMENT_COLOURS
from reports.view import STATES, PlaceView


def treatment(context: Context) -> Page:
    """Return the sheet Behandling / Treatment."""
    words, view = context.words, context.view
    frame = view.three(context.waste, ["treatment"], "mass_t")
    total = frame.sum()
    lines: list[list[Value]] = []
    for name in TREATMENTS:
        if name in frame.index:
            row = frame.loc[name]
            shares = [row[variant] / total[variant] if total[variant] else None for variant in STATES]
            lines.append([words.term("treatment", name), *triple(row), *shares])
    columns = [
        Column("name", words("treatment")),
        *context.states("tonnes", words("unit_t")),
        *(Column(f"share_{variant}", words("share_in", state=context.state(variant)), "percent") for variant in STATES),
    ]
    table = Table(
        "treatment",
        words("treatment_caption"),
        columns,
        lines,
        total=words("total"),
        note=words("treatment_note"),
    )
    years = _years(context)
    present = [column.key for column in years.columns[1:]]
    chart = Chart(
        "column_stacked",
        words("chart_treatment", place=context.place),
        words("alt_treatment", place=context.place, parts=words.join(_shares(context, frame))),
        years.key,
        "year",
        present,
        axis=words("unit_tonnes"),
        colours=TREATMENT_COLOURS,
    )
    burnt = frame.loc["energy_recovery"] if "energy_recovery" in frame.index else pd.Series(0.0, index=list(STATES))
    answer = words(
        "treatment_answer",
        place=context.place,
        today=words.percent(burnt["today"] / total["today"] if total["today"] else float("nan")),
        plan=words.percent(burnt["plan"] / total["plan"] if total["plan"] else float("nan")),
        first=view.case.account_year,
        year=context.year,
    )
    return Page(
        words("sheet_treatment"),
        words("treatment_title", place=context.place),
        answer,
        [table, chart, years, _by_fraction(context), _steps(context)],
    )


def _shares(context: Context, frame: pd.DataFrame) -> list[str]:
    total = float(frame["plan"].sum())
    return [
        f"{context.words.term('treatment', name)} {context.words.percent(float(frame.loc[name, 'plan']) / total, 0)}"
        for name in TREATMENTS
        if total > 0 and name in frame.index
    ]


def _years(context: Context) -> Table:
    """Return tonnes by treatment and year: today, then the plan."""
    words, view = context.words, context.view
    frame = view.over_years(context.waste, ["treatment"], "mass_t")
    present = [name for name in TREATMENTS if name in frame.index]
    lines: list[list[Value]] = [
        [int(year), *(float(frame.loc[name, year]) for name in present)] for year in frame.columns
    ]
    columns = [
        Column("year", words("year"), "year"),
        *(Column(name, f"{words.term('treatment', name)}, {words('unit_t')}", "tonnes") for name in present),
    ]
    return Table("treatment_years", words("treatment_years_caption"), columns, lines)


def _steps(context: Context) -> Table:
    """Return how much is counted as recycled at each point from the bin to the finished material."""
    words, view = context.words, context.view
    scope = view.run.headline.scope
    lines: list[list[Value]] = []
    for method in ("collected", "collected_recycling_only", "calculation_point", "secondary_material"):
        rows = view.rates(scope, method)
        if rows:
            masses = [number(rows[variant].numerator) if variant in rows else None for variant in STATES]
            rates = [number(rows[variant].rate) if variant in rows else None for variant in STATES]
            lines.append([words.capital(words.term("method", method)), *masses, *rates])
    columns = [
        Column("name", words("point_of_measurement")),
        *context.states("tonnes", words("unit_t"), total=False),
        *(Column(f"share_{variant}", words("share_in", state=context.state(variant)), "percent") for variant in STATES),
    ]
    return Table(
        "steps", words("steps_caption", scope=context.names.scope(scope)), columns, lines, note=words("steps_note")
    )


def _by_fraction(context: Context) -> Table:
    """Return fraction by treatment in the plan."""
    words, view = context.words, context.view
    variant = "plan" if "plan" in view.run.variants else "today"
    rows = view.state(context.waste, variant)
    sums = rows.groupby(["fraction", "treatment"])["mass_t"].sum().to_dict()
    found = {treatment for _, treatment in sums}
    present = [name for name in TREATMENTS if name in found]
    lines: list[list[Value]] = []
    for fraction in context.names.order("fraction", {str(fraction) for fraction, _ in sums}):
        masses = [float(sums.get((fraction, name), 0.0)) for name in present]
        total = sum(masses)
        kept = sum(
            mass for mass, name in zip(masses, present, strict=True) if name in {"recycling", "preparing_for_reuse"}
        )
        lines.append([context.names.of("fraction", fraction), *masses, kept / total if total else None])
    columns = [
        Column("name", words("fraction")),
        *(Column(name, f"{words.term('treatment', name)}, {words('unit_t')}", "tonnes", True) for name in present),
        Column("kept", words("share_recycled"), "percent"),
    ]
    caption = words("treatment_fractions_caption", state=context.state(variant))
    return Table(
        "treatment_fractions", caption, columns, lines, total=words("total"), note=words("treatment_fractions_note")
    )


def flows(context: Context) -> Page:
    """Return the sheet Strømme / Flows: the Sankey pictures of plan and today, their numbers, the balance."""
    words, view = context.words, context.view
    blocks: list[Table | Picture] = []
    answers: dict[str, float] = {}
    drawn: dict[str, list[Link]] = {}
    for variant in ("plan", "today"):
        if variant not in view.run.variants:
            continue
        items, answers[variant] = view.once(_drawn, variant)
        top = [
            f"{node_name(link.start, words)} → {node_name(link.end, words)} {words.tonnes(link.tonnes)}"
            for link in items[:4]
        ]
        title = words("sankey_title", place=context.place, state=context.state(variant))
        alt = words(
            "alt_sankey",
            place=context.place,
            state=context.state(variant),
            largest=words.join(top),
            sheet=words("sheet_flows"),
        )
        blocks.append(Picture(title, alt, draw(items, words), round(WIDTH * 96), round(HEIGHT * 96)))
        drawn[variant] = items
    balance = _balance(context)
    answer = words(
        "flows_answer", place=context.place, tonnes=words.tonnes(next(iter(answers.values()), 0.0)), year=context.year
    )
    return Page(
        words("sheet_flows"),
        words("flows_title", place=context.place),
        answer,
        [*blocks[:1], balance, *blocks[1:], _links(context, drawn, answers)],
        lead=[words("flows_lead"), words("flows_lead_other")],
    )


def _drawn(view: PlaceView, variant: str) -> tuple[list[Link], float]:
    """Return the links of the picture of a state, and all tonnes in it."""
    frame = view.state(view.part("links"), variant)
    sums = frame.groupby(["material", "collected", "treatment"], as_index=False)["mass_t"].sum()
    return links(sums), float(frame["mass_t"].sum())


def _links(context: Context, drawn: dict[str, list[Link]], totals: dict[str, float]) -> Table:
    """Return the numbers of the pictures, the heaviest of the plan first."""
    words = context.words
    found = {variant: {(link.start, link.end): link for link in items} for variant, items in drawn.items()}
    pairs = dict.fromkeys(pair for variant in drawn for pair in found[variant])
    shown = [variant for variant in ("today", "plan") if variant in drawn]
    lines: list[list[Value]] = []
    for pair in pairs:
        links_here = {variant: found[variant].get(pair) for variant in shown}
        line: list[Value] = [node_name(pair[0], words), node_name(pair[1], words)]
        line += [None if link is None else link.tonnes for link in links_here.values()]
        for variant, link in links_here.items():
            line.append(link.tonnes / totals[variant] if link is not None and totals[variant] else None)
        heaviest = next(link for variant in drawn if (link := found[variant].get(pair)) is not None)
        lines.append([*line, words.term("material", heaviest.material)])
    columns = [
        Column("start", words("flow_from")),
        Column("end", words("flow_to")),
        *(Column(variant, f"{context.state(variant)}, {words('unit_t')}", "tonnes") for variant in shown),
        *(Column(f"share_{name}", words("share_in", state=context.state(name)), "percent") for name in shown),
        Column("material", words("heaviest_material")),
    ]
    return Table("links", words("links_caption"), columns, lines, note=words("links_note"))


def _balance(context: Context) -> Table:
    """Return what came in, what went out and the live difference, for each state."""
    words, view = context.words, context.view
    lines: list[list[Value]] = []
    for variant in view.run.variants:
        generated = float(view.state(view.part("amounts"), variant)["mass_t"].sum())
        ended = float(view.state(view.part("treated"), variant)["mass_t"].sum())
        lines.append(
            [
                context.state(variant),
                generated,
                ended,
                Formula("ROUND({inward}-{outward},3)", round(generated - ended, 3) + 0.0),
            ]
        )
    columns = [
        Column("state", words("mass_balance")),
        Column("inward", words("balance_in"), "tonnes"),
        Column("outward", words("balance_out"), "tonnes"),
        Column("difference", words("balance_difference"), "tonnes"),
    ]
    return Table("balance", words("balance_caption"), columns, lines, note=words("balance_note"))
