"""Tables of the sheet on economy: what a household pays by type of dwelling, and the effect on its fee."""

from __future__ import annotations

from reports.context import Context
from reports.dwellings import dwellings, household_costs
from reports.page import Column, Formula, Table, Value, difference, number
from reports.view import STATES


def dwelling_table(context: Context) -> Table:
    """Return what a household pays in each type of dwelling today, in the reference and in the plan."""
    words, view, names = context.words, context.view, context.names
    costs = view.run.once(household_costs)
    if view.municipality:
        costs = costs[costs["municipality"] == view.municipality]
    counts = dwellings(view)
    sums = costs.groupby(["sector", "segment", "variant"])["amount"].sum()
    lines: list[list[Value]] = []
    for sector, segment in context.sources:
        homes = counts.get(segment, 0.0)
        if homes <= 0 or sector not in set(costs["sector"]):
            continue
        paid = [sums.get((sector, segment, variant)) for variant in STATES]
        each: list[float | None] = [None if value is None else float(value) / homes for value in paid]
        extra = difference(each[2], each[1], "{plan}-{reference}")
        line: list[Value] = [names.source(sector, segment), homes, *each, extra]
        if context.vat is not None:
            line += _with_tax(each, extra, context.vat)
        lines.append(line)
    money = words("unit_money_household", currency=context.currency)
    columns = [
        Column("name", words("type_of_dwelling")),
        Column("dwellings", words("number_of_dwellings"), "whole", True),
        *context.states("money", money, total=False),
        Column("difference", words("fee_change_without"), "money"),
    ]
    if context.vat is not None:
        rate = words.percent(context.vat, 0)
        columns += [
            Column("tax", words("fee_change_vat", rate=rate), "money"),
            Column("with_tax", words("fee_change_with"), "money"),
            Column("plan_with_tax", words("fee_plan_with", state=context.state("plan")), "money"),
        ]
    total = words("total") if lines else ""
    note = words("dwellings_note_region" if context.is_region else "dwellings_note")
    return Table("dwellings", words("dwellings_caption"), columns, lines, total=total, note=note)


def _with_tax(each: list[float | None], extra: Formula | None, rate: float) -> list[Value]:
    """Return the tax on the difference, the difference with it, and what the plan costs with tax, all of them live."""
    plan = each[2]
    if extra is None or plan is None:
        return [None, None, None if plan is None else Formula(f"{{plan}}*(1+{rate:g})", plan * (1 + rate))]
    return [
        Formula(f"{{difference}}*{rate:g}", extra.value * rate),
        Formula("{difference}+{tax}", extra.value * (1 + rate)),
        Formula(f"{{plan}}*(1+{rate:g})", plan * (1 + rate)),
    ]


def payer_shares(context: Context) -> Table:
    """Return who carries how much of the cost in each state, as a share of the whole."""
    words, view = context.words, context.view
    frame = view.three(view.part("costs"), ["payer"], "amount")
    whole = frame.sum()
    lines: list[list[Value]] = []
    for payer in frame.index:
        shares = [float(frame.loc[payer, state] / whole[state]) if whole[state] > 0 else None for state in STATES]
        lines.append([words.term("payer", str(payer)), *shares])
    lines.sort(key=lambda line: -(number(line[3]) or number(line[1]) or 0.0))
    columns = [Column("name", words("cost_payer")), *context.states("percent", total=False)]
    return Table("payer_shares", words("payer_shares_caption"), columns, lines)
