"""What to do when: each change of scheme and of facilities, who decides it and what it gives."""

from __future__ import annotations

from reports.actions import Action
from reports.context import Context, Money, nonzero
from reports.events import FacilityEvent
from reports.page import Column, Table, Value, number
from reports.sheets_facilities import INVESTED, events_of

DECIDERS = ("municipality", "producer", "business", "state")
WORDS_OF_REGION = {"opens": "act_opens", "grows": "act_grows", "closes": "act_closes"}
WORDS_OF_USER = {"opens": "start_using", "grows": "use_more", "closes": "stop_using"}


def _effect_columns(context: Context, money: Money, total: bool = True) -> list[Column]:
    words = context.words
    return [
        Column("tonnes", words("effect_tonnes"), "tonnes", total),
        Column("amount", words("effect_money", unit=money.label), money.style, total),
        Column("climate", words("effect_climate"), "tonnes", total),
    ]


def _unit(context: Context, done: list[Action]) -> Money:
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
        lines.append([words.term("decider", decider), years, count])
        parts.append(sums)
        whole = [left - right for left, right in zip(whole, sums, strict=True)]
    if nonzero([whole]):
        lines.append([words("effect_rest"), "", None])
        parts.append(whole)
    money = _unit(context, done)
    for line, (tonnes, amount, climate) in zip(lines, parts, strict=True):
        line += [tonnes, money.of(amount), climate]
    columns = [
        Column("decider", words("who_decides")),
        Column("years", words("in_years")),
        Column("changes", words("number_of_changes"), "whole"),
        *_effect_columns(context, money),
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
    """Return the plan of action: who decides what in which year, schemes first, then the plants, and what it gives."""
    words = context.words
    events = events_of(context)
    money = _unit(context, done)
    invested = context.money((event.capex for event in events), INVESTED)
    lines = [*_schemes(context, done, money), *_facilities(context, events, invested)]
    columns = [
        Column("what", words("what_to_do")),
        Column("decider", words("who_decides")),
        Column("year", words("year"), "year"),
        Column("concerns", words("concerns")),
        *_effect_columns(context, money, total=False),
        Column("received", words("to_facility"), "tonnes"),
        Column("capacity", words("added_capacity"), "tonnes"),
        Column("capex", words("investment", unit=invested.label), invested.style),
    ]
    # The region sees how many municipalities change and what is built, a municipality what it sends there.
    if context.is_region:
        columns.insert(4, Column("places", words("number_of_municipalities"), "whole"))
        lines = [[*line[:8], *line[9:]] for line in lines]
        columns = [column for column in columns if column.key != "received"]
    else:
        lines = [[*line[:4], *line[5:9], line[10]] for line in lines]
        columns = [column for column in columns if column.key != "capacity"]
    return Table(
        "actions",
        words("actions_caption", place=context.place),
        columns,
        lines,
        note=words("actions_note", year=context.year),
        when_empty=words("no_actions"),
    )


def _schemes(context: Context, done: list[Action], money: Money) -> list[list[Value]]:
    words, names = context.words, context.names
    order = {decider: position for position, decider in enumerate(DECIDERS)}
    lines: list[list[Value]] = []
    for action in sorted(
        done, key=lambda item: (order.get(item.decided_by, 9), item.year, item.sector, item.segment, item.scheme)
    ):
        before = words.join([names.of("scheme", scheme) for scheme in action.before])
        climate = None if action.kg_co2e != action.kg_co2e else action.kg_co2e / 1000
        lines.append([
            words("change_to", scheme=names.of("scheme", action.scheme), before=before),
            words.term("decider", action.decided_by),
            action.year,
            names.source(action.sector, action.segment),
            len(action.municipalities),
            number(action.tonnes),
            money.of(number(action.amount)),
            climate,
            None, None, None,
        ])  # fmt: skip
    return lines


def _facilities(context: Context, events: list[FacilityEvent], money: Money) -> list[list[Value]]:
    """Return the plants that open, grow or close; a municipality takes a plant in use when it first delivers there."""
    words, view, names = context.words, context.view, context.names
    facts = view.run.tables["facilities"].drop_duplicates("facility").set_index("facility")
    owners = view.case["facilities"].set_index("facility")["owner"]
    plan = view.part("received")
    plan = plan[(plan["variant"] == "plan") & (plan["mass_t"] > 0.5)]
    kinds = WORDS_OF_REGION if context.is_region else WORDS_OF_USER
    lines: list[list[Value]] = []
    begun: list[int] = []
    for event in events:
        row = facts.loc[event.facility]
        mine = plan[plan["facility"] == event.facility]
        years = [int(year) for year in mine["year"] if int(year) >= event.year]
        begins = min(years, default=event.year) if event.kind == "opens" and not context.is_region else event.year
        begun.append(begins)
        owner = str(owners.get(event.facility, ""))
        place = names.place(str(row["site"])) if row["site"] else words("outside_region")
        lines.append([
            words(kinds[event.kind], name=names.of("facility", event.facility)),
            words("owner_decides", owner=owner) if owner else words("shared_decision"),
            begins,
            place,
            None, None, None, None,
            number(float(mine.groupby("year")["mass_t"].sum().max())) if event.kind != "closes" else None,
            number(event.capacity),
            money.of(number(event.capex)),
        ])  # fmt: skip
    order = sorted(range(len(lines)), key=lambda position: (begun[position], position))
    return [lines[position] for position in order]
