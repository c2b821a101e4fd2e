"""What ambition costs: the plans of a frontier, where the run has one."""

from __future__ import annotations

import pandas as pd

from reports.context import Context
from reports.money import FEW_MILLION, Money
from reports.page import Block, Chart, Column, Page, Table, Value, number
from reports.plan_names import plan_name


def has_frontier(context: Context) -> bool:
    """Return whether the run has the tables of ``mfa frontier``."""
    table = context.view.run.tables.get("frontier")
    return table is not None and not table.empty


def frontier(context: Context) -> Page:
    """Return the sheet Pris og ambition / Cost and ambition."""
    words = context.words
    table = context.view.run.tables["frontier"]
    against_gas = table["asked_rate"].isna().all()
    key = "co2e_kt" if against_gas else "rate"
    points = table.sort_values([key, "cost", "point"], ascending=[not against_gas, True, True], kind="stable")
    best = points[points["efficient"].astype(bool)]
    best = best if len(best) else points
    cheap, dear = best.loc[best["cost"].idxmin()], best.loc[best["cost"].idxmax()]
    amounts = {
        "cheap": words.money(float(cheap["cost"]), context.view.case.currency),
        "dear": words.money(float(dear["cost"]), context.view.case.currency),
    }
    if len(best) < 2:
        answer = words("frontier_single", cheap=amounts["cheap"])
    elif against_gas:
        ends = {"low": words.number(float(cheap[key]), 1), "high": words.number(float(dear[key]), 1)}
        answer = words("frontier_answer_gas", **ends, **amounts)
    else:
        ends = {"low": words.percent(float(cheap[key])), "high": words.percent(float(dear[key]))}
        answer = words("frontier_answer", **ends, **amounts)
    unit = context.money(points["cost"], FEW_MILLION)
    shown = _points(context, points, unit)
    blocks: list[Block] = [shown]
    if len(points) > 1:
        blocks.append(
            Chart(
                "scatter",
                words("chart_frontier_gas" if against_gas else "chart_frontier"),
                words("alt_frontier", count=len(points), **amounts),
                shown.key,
                "gas" if against_gas else "rate",
                ["cost", "bound"],
                axis=words("frontier_cost", unit=unit.label),
                style=unit.style,
                category_style="one" if against_gas else "percent",
            )
        )
    blocks.append(_marginal(context, unit))
    return Page(
        words("sheet_frontier"),
        words("frontier_title", place=context.place),
        answer,
        blocks,
        lead=[words("frontier_lead")],
    )


def _points(context: Context, points: pd.DataFrame, unit: Money) -> Table:
    words = context.words
    told = {True: words("frontier_yes"), False: words("frontier_no")}
    lines: list[list[Value]] = []
    for row in points.to_dict("records"):
        lines.append([
            plan_name(context.names, str(row["point"])), number(row["rate"]), number(row["co2e_kt"]),
            unit.of(number(row["cost"])), unit.of(number(row["bound"])), told[bool(row["certified"])], told[bool(row["efficient"])],
        ])  # fmt: skip
    columns = [
        Column("point", words("frontier_point")),
        Column("rate", words("frontier_rate"), "percent"),
        Column("gas", words("frontier_gas"), "one"),
        Column("cost", words("frontier_cost", unit=unit.label), unit.style),
        Column("bound", words("frontier_bound", unit=unit.label), unit.style),
        Column("certified", words("frontier_certified")),
        Column("efficient", words("frontier_efficient")),
    ]
    return Table("frontier", words("frontier_caption"), columns, lines, note=words("frontier_note"))


def _marginal(context: Context, unit: Money) -> Table:
    words = context.words
    table = context.view.run.tables.get("marginal_cost", pd.DataFrame())
    each = words("unit_money_tonne", currency=context.currency)
    lines: list[list[Value]] = [
        [
            *(plan_name(context.names, str(row[end])) for end in ("from_point", "to_point")),
            unit.of(number(row["extra_cost"])), number(row["extra_tonnes"]),
            number(row["per_tonne"]), number(row["per_tonne_low"]), number(row["per_tonne_high"]), each + (" CO2e" if str(row["unit"]).endswith("CO2e") else ""),
        ]
        for row in table.to_dict("records")
    ]  # fmt: skip
    columns = [
        Column("from", words("marginal_from")),
        Column("to", words("marginal_to")),
        Column("extra", words("marginal_extra", unit=unit.label), unit.style),
        Column("tonnes", words("marginal_tonnes"), "tonnes"),
        Column("each", words("marginal_each"), "money"),
        Column("low", words("marginal_low"), "money"),
        Column("high", words("marginal_high"), "money"),
        Column("unit", words("unit_of")),
    ]
    return Table("marginal_cost", words("marginal_caption"), columns, lines)
