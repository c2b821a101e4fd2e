"""What to do first: what each decider's decisions give together, and the decisions that count most."""

from __future__ import annotations

from reports.actions import Action
from reports.context import Context, nonzero
from reports.money import Money
from reports.page import Column, Table, Value, number

DECIDERS = ("municipality", "producer", "business", "state")
MOST = 3
"""How many decisions the summary shows."""
WORDS_OF_REGION = {"opens": "act_opens", "grows": "act_grows", "closes": "act_closes"}
WORDS_OF_USER = {"opens": "start_using", "grows": "use_more", "closes": "stop_using"}


def change_text(context: Context, action: Action) -> str:
    """Return what is to be decided: a scheme that comes in place of today's, or one that a source goes back to."""
    words, names = context.words, context.names
    scheme = names.of("scheme", action.scheme)
    if action.before == (action.scheme,):
        return words("change_back", scheme=scheme)
    return words("change_to", scheme=scheme, before=words.join([names.of("scheme", old) for old in action.before]))


def effect_columns(context: Context, money: Money, total: bool = True) -> list[Column]:
    """Return the columns of an effect: tonnes, money and greenhouse gas."""
    words = context.words
    return [
        Column("tonnes", words("effect_tonnes"), "tonnes", total),
        Column("amount", words("effect_money", unit=money.label), money.style, total),
        Column("climate", words("effect_climate"), "tonnes", total),
    ]


def unit_of(context: Context, done: list[Action]) -> Money:
    """Return the unit of every effect on costs, the whole and its parts."""
    whole = float(context.view.effects()["amount"].sum())
    return context.money([whole, *(action.amount for action in done)])


def decider_table(context: Context, done: list[Action]) -> Table:
    """Return the effect of the plan by who decides; the rest comes from plants and unchanged schemes."""
    words = context.words
    effects = context.view.effects()
    whole = [float(effects["tonnes"].sum()), float(effects["amount"].sum()), float(effects["kg_co2e"].sum()) / 1000]
    lines: list[list[Value]] = []
    parts: list[list[float]] = []
    for decider in DECIDERS:
        mine = [action for action in done if action.decided_by == decider]
        if not mine:
            continue
        sums = [_known(mine, "tonnes"), _known(mine, "amount"), _known(mine, "kg_co2e") / 1000]
        years = words.join([str(year) for year in sorted({action.year for action in mine})])
        count = sum(len(action.municipalities) for action in mine)
        lines.append([context.decider(decider), years, count])
        parts.append(sums)
        whole = [left - right for left, right in zip(whole, sums, strict=True)]
    if nonzero([whole]):
        lines.append([words("effect_rest"), "", None])
        parts.append(whole)
    money = unit_of(context, done)
    for line, (tonnes, amount, climate) in zip(lines, parts, strict=True):
        line += [tonnes, money.of(amount), climate]
    columns = [
        Column("decider", words("who_decides")),
        Column("years", words("in_years")),
        Column("changes", words("number_of_changes"), "whole"),
        *effect_columns(context, money),
    ]
    return Table(
        "deciders",
        words("deciders_caption", year=context.year),
        columns,
        lines,
        total=words("total_difference"),
        note=words("effects_note"),
    )


def _known(done: list[Action], name: str) -> float:
    values = (float(getattr(action, name)) for action in done)
    return sum(value for value in values if value == value)


def action_table(context: Context, done: list[Action]) -> Table:
    """Return the decisions that count most, whoever makes them; all of them are on the sheet with the plan of action."""
    words, names = context.words, context.names
    money = unit_of(context, done)
    known = [action for action in done if action.tonnes == action.tonnes]
    ranked = sorted(known, key=lambda item: (-item.tonnes, item.year, item.sector, item.segment, item.scheme))
    lines: list[list[Value]] = []
    for action in ranked[:MOST]:
        lines.append([
            change_text(context, action),
            names.source(action.sector, action.segment),
            context.decider(action.decided_by),
            action.year,
            action.tonnes,
            money.of(number(action.amount)),
            action.kg_co2e / 1000,
        ])  # fmt: skip
    columns = [
        Column("what", words("what_to_do")),
        Column("concerns", words("concerns")),
        Column("decider", words("who_decides")),
        Column("year", words("year"), "year"),
        *effect_columns(context, money, total=False),
    ]
    return Table(
        "actions",
        words("actions_caption", place=context.place),
        columns,
        lines,
        note=words("actions_note", year=context.year, sheet=words("sheet_action_plan")),
        when_empty=words("no_actions"),
    )
