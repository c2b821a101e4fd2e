"""Climate: greenhouse gas by step, what is avoided elsewhere apart, and the fossil plastic that is burnt."""

from __future__ import annotations

import pandas as pd

from reports.context import Context, triple
from reports.page import Chart, Column, Page, Table, Value, difference, number
from reports.style import VARIANT_COLOURS
from reports.view import STATES, PlaceView

ORDER = (
    ("treatment", "fossil"),
    ("transport", "transport"),
    ("market", "fossil"),
    ("treatment", "avoided"),
    ("market", "avoided"),
)


def climate(context: Context) -> Page:
    """Return the sheet Klima / Climate."""
    words = context.words
    totals = context.climate_totals()
    saved = totals["reference"] - totals["plan"]
    table = _steps(context)
    answer = words(
        "climate_answer_less" if saved >= 0 else "climate_answer_more",
        place=context.place,
        plan=words.number(totals["plan"]),
        saved=words.number(abs(saved)),
        year=context.year,
    )
    chart = Chart(
        "bar",
        words("chart_climate", place=context.place),
        words(
            "alt_climate",
            place=context.place,
            today=words.tonnes(totals["today"]),
            plan=words.tonnes(totals["plan"]),
            year=context.year,
        ),
        table.key,
        "name",
        list(STATES),
        axis=words("unit_tonnes_co2e"),
        colours=VARIANT_COLOURS,
    )
    blocks: list[Table | Chart] = [table, chart, _burnt(context), _fractions(context), _biogenic(context)]
    return Page(
        words("sheet_climate"),
        words("climate_title", place=context.place),
        answer,
        blocks,
        lead=[words("climate_lead")],
    )


def _counted(view: PlaceView) -> pd.DataFrame:
    """Return the emissions that are added up: biogenic carbon is told apart."""
    emissions = view.part("emissions")
    return emissions[emissions["kind"] != "biogenic"]


def _burnt_waste(view: PlaceView) -> pd.DataFrame:
    """Return what ends in energy recovery with its material and the fossil CO2 in it, in tonnes."""
    fractions = view.case["fractions"].set_index("fraction")
    rows = view.waste[view.waste["treatment"] == "energy_recovery"]
    fossil = rows["mass_t"] * rows["fraction"].map(fractions["fossil_co2"]).fillna(0.0) / 1000
    return rows.assign(fossil=fossil, material=rows["fraction"].map(fractions["material"]))


def _steps(context: Context) -> Table:
    words, view = context.words, context.view
    frame = view.three(view.frame(_counted), ["step", "kind"], "kg_co2e") / 1000
    lines: list[list[Value]] = []
    for step, kind in [*ORDER, *(pair for pair in frame.index if pair not in ORDER)]:
        if (step, kind) in frame.index:
            cells = triple(frame.loc[(step, kind)])
            label = words("step_kind", step=words.term("step", step), kind=words.term("kind", kind))
            lines.append(
                [
                    label,
                    *cells,
                    difference(cells[2], cells[1], "{plan}-{reference}"),
                    context.per_capita(cells[2] or 0.0),
                ]
            )
    columns = [
        Column("name", words("climate_step")),
        *context.states("tonnes", words("unit_t_co2e")),
        Column("difference", words("plan_against_reference_amount"), "tonnes", True),
        Column("each", f"{context.state('plan')}, {words('unit_kg_capita')}", "one", True),
    ]
    return Table(
        "climate",
        words("climate_caption"),
        columns,
        lines,
        total=words("climate_net"),
        note=words("climate_note"),
    )


def _burnt(context: Context) -> Table:
    """Return what ends in energy recovery by material, and the fossil carbon in it."""
    words, view = context.words, context.view
    rows = view.frame(_burnt_waste)
    mass = view.three(rows, ["material"], "mass_t")
    carbon = view.three(rows, ["material"], "fossil")
    lines: list[list[Value]] = []
    for name in mass.sort_values("plan", ascending=False, kind="stable").index:
        lines.append([words.term("material", str(name)), *triple(mass.loc[name]), *triple(carbon.loc[name])])
    columns = [
        Column("name", words("material")),
        *context.states("tonnes", words("unit_t")),
        *(
            Column(f"fossil_{variant}", words("fossil_in", state=context.state(variant)), "tonnes", True)
            for variant in STATES
        ),
    ]
    return Table("burnt", words("burnt_caption"), columns, lines, total=words("total"), note=words("burnt_note"))


def _fractions(context: Context) -> Table:
    """Return net emissions by fraction."""
    words, view = context.words, context.view
    frame = view.three(view.frame(_counted), ["fraction"], "kg_co2e") / 1000
    lines: list[list[Value]] = []
    for fraction in context.names.order("fraction", (str(key) for key in frame.index)):
        cells = triple(frame.loc[fraction])
        name = context.names.of("fraction", fraction) if fraction else words("no_fraction")
        lines.append([name, *cells, difference(cells[2], cells[1], "{plan}-{reference}")])
    columns = [
        Column("name", words("fraction")),
        *context.states("tonnes", words("unit_t_co2e")),
        Column("difference", words("plan_against_reference_amount"), "tonnes", True),
    ]
    return Table("climate_fractions", words("climate_fractions_caption"), columns, lines, total=words("climate_net"))


def _biogenic(context: Context) -> Table:
    """Return biogenic carbon, which is no part of the sum."""
    words, view = context.words, context.view
    values = view.total("emissions", "kg_co2e", {"kind": "biogenic"})
    cells: list[Value] = [number(values[variant] / 1000) for variant in STATES]
    lines: list[list[Value]] = [[words.term("kind", "biogenic"), *cells]] if any(cells) else []
    columns = [Column("name", words("climate_step")), *context.states("tonnes", words("unit_t_co2e"), total=False)]
    return Table("biogenic", words("biogenic_caption"), columns, lines)
