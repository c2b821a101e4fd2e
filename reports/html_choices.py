"""The tables over several plans as the page shows them: curve, alternatives, what things are worth, several futures.

Each table is declared once by its columns; what a run does not have is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.case import Case
from reports.html_both import pair
from reports.html_sheets import plain
from reports.money import FEW_MILLION, Money, money
from reports.names import Names
from reports.page import Column, Style, Table, Value, number
from reports.plan_names import BASE, plan_name, scenario
from reports.words import CATALOGUE, Words


@dataclass(frozen=True)
class Shown:
    """A column: its name in the run, the key of its label, and its style; ``money`` and others are turned first."""

    name: str
    label: str
    style: Style = "text"
    turn: str = ""


def _money(name: str, label: str) -> Shown:
    return Shown(name, label, "one", "money")


TABLES: dict[str, tuple[Shown, ...]] = {
    "frontier": (
        Shown("point", "page_plan", turn="plan"),
        Shown("rate", "page_rate", "percent"),
        Shown("co2e_kt", "page_co2e_horizon", "one"),
        _money("cost", "page_cost"),
        _money("bound", "page_at_least"),
        Shown("gap", "page_gap", "percent"),
        Shown("efficient", "page_efficient", turn="yes"),
    ),
    "marginal_cost": (
        Shown("from_point", "page_from_plan", turn="plan"),
        Shown("to_point", "page_to_plan", turn="plan"),
        Shown("from_rate", "page_from_rate", "percent"),
        Shown("to_rate", "page_to_rate", "percent"),
        _money("extra_cost", "page_step_cost"),
        Shown("per_tonne", "page_per_tonne", "money"),
        Shown("per_tonne_low", "page_low", "money"),
        Shown("per_tonne_high", "page_high", "money"),
    ),
    "alternatives": (
        Shown("plan", "page_plan", turn="plan"),
        Shown("why", "page_why", turn="page_why_"),
        _money("cost", "page_cost"),
        Shown("extra", "page_extra", "percent"),
        Shown("difference", "page_difference", "percent"),
        Shown("rate", "page_rate", "percent"),
        Shown("co2e_kt", "page_co2e_horizon", "one"),
    ),
    "presence": (
        Shown("name", "page_decision", turn="decision"),
        Shown("municipality", "page_place", turn="place"),
        Shown("sector", "page_source", turn="source"),
        Shown("presence", "page_presence", turn="page_presence_"),
        Shown("proof", "page_proof", turn="page_proof_"),
    ),
    "percentage_points": (
        Shown("plan", "page_plan", turn="plan"),
        Shown("target", "page_target", "percent"),
        Shown("reached", "page_reached", "percent"),
        _money("cost", "page_cost"),
        _money("difference", "page_extra_cost"),
        _money("low", "page_low"),
        _money("high", "page_high"),
        Shown("per_tonne", "page_per_tonne", "money"),
    ),
    "cost_of_target": (
        Shown("municipality", "page_place", turn="together"),
        _money("with_target", "page_with_target"),
        _money("without_target", "page_without_target"),
        _money("cost_of_target", "page_cost_of_target"),
        Shown("per_inhabitant", "page_per_inhabitant", "money"),
    ),
    "carbon_price": (
        Shown("more", "page_carbon_more", "money"),
        _money("plan_as_it_is", "page_carbon_same"),
        _money("difference", "page_carbon_again"),
        _money("low", "page_low"),
        _money("high", "page_high"),
    ),
    "measures": (
        Shown("plan", "page_plan", turn="plan"),
        Shown("holds_in", "page_holds_in", "whole"),
        Shown("scenarios", "page_scenarios", "whole"),
        _money("expected", "page_expected"),
        _money("worst", "page_worst"),
        _money("regret", "page_regret"),
        Shown("chosen", "page_chosen", turn="yes"),
    ),
    "performance": (
        Shown("plan", "page_plan", turn="plan"),
        Shown("scenario", "page_scenario", turn="scenario"),
        _money("cost", "page_cost"),
        _money("regret", "page_regret"),
        Shown("rate", "page_rate", "percent"),
        Shown("target_met", "page_target_met", turn="yes"),
    ),
    "values": (
        Shown("name", "page_value_of", turn="page_value_"),
        _money("value", "page_amount"),
        _money("low", "page_low"),
        _money("high", "page_high"),
    ),
}
"""The tables in the order in which they are shown."""
VALUES = ("ws", "rp", "eev", "evpi", "vss")
"""What is known of several futures, in the order in which it is understood."""


def choices(
    case: Case, tables: Mapping[str, pd.DataFrame], names: Sequence[Names], words: Sequence[Words]
) -> dict[str, Any] | None:
    """Return the tables over several plans in every language, and the points of the curve; nothing without any."""
    present = [name for name in TABLES if name in tables and len(tables[name])]
    if not present:
        return None
    ordered = {name: _ordered(name, tables) for name in present}
    sheets = [
        [plain(_table(case, name, ordered[name], mine, say)) for name in present]
        for mine, say in zip(names, words, strict=True)
    ]
    return {"sheets": sheets, "curve": _curve(tables["frontier"], names) if "frontier" in present else []}


def _ordered(name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a table in the order in which it is read: a stored run has its rows by their ids."""
    frame = tables[name]
    if name == "percentage_points":
        return frame.sort_values("target", kind="stable")
    if name == "marginal_cost":
        return _chained(frame)
    if name == "measures":
        return frame.sort_values(["chosen", "holds_in", "expected"], ascending=[False, False, True], kind="stable")
    if name == "performance" and "measures" in tables:
        plans = list(_ordered("measures", tables)["plan"])
        rank = frame["plan"].map({plan: place for place, plan in enumerate(plans)}).fillna(len(plans))
        other = frame["scenario"] != BASE
        return frame.assign(_rank=rank, _other=other).sort_values(["_rank", "_other"], kind="stable")
    if name == "values":
        return frame.sort_values(
            "name", key=lambda names: names.str.lower().map(dict(zip(VALUES, range(5), strict=True))), kind="stable"
        )
    return frame


def _chained(frame: pd.DataFrame) -> pd.DataFrame:
    """Return steps from plan to plan in their order: each begins where the one before ends."""
    ends = set(frame["to_point"])
    steps = {
        row["from_point"]: (row["to_point"], place)
        for place, row in zip(frame.index, frame.to_dict("records"), strict=True)
    }
    order: list[Any] = []
    for start in [name for name in frame["from_point"] if name not in ends]:
        point = start
        while point in steps:
            point, place = steps.pop(point)
            order.append(place)
    return frame.loc[[*order, *(place for place in frame.index if place not in order)]]


def _curve(frame: pd.DataFrame, names: Sequence[Names]) -> list[list[Any]]:
    """Return [plan, rate, kt CO2e, cost, no other is better in everything, its name], the cheapest first."""
    rows = frame.sort_values(["cost", "point"]).to_dict("records")
    return [
        [
            str(row["point"]),
            number(row["rate"]),
            number(row["co2e_kt"]),
            number(row["cost"]),
            bool(row["efficient"]),
            pair(plan_name(one, str(row["point"])) for one in names),
        ]  # fmt: skip
        for row in rows
    ]


def _table(case: Case, name: str, frame: pd.DataFrame, names: Names, words: Words) -> Table:
    shown = [column for column in TABLES[name] if column.name in frame]
    amounts = [abs(float(value)) for column in shown if column.turn == "money" for value in frame[column.name].dropna()]
    unit = money(words, case.currency, amounts, FEW_MILLION)
    turns = _turns(names, words, unit)
    rows = frame.to_dict("records")
    lines = [[_cell(row, column, turns) for column in shown] for row in rows]
    columns = [
        Column(
            column.name,
            f"{words(column.label)}, {unit.label}"
            if column.turn == "money"
            else words(column.label, currency=words.currency(case.currency))
            if column.style == "money"
            else words(column.label),
            unit.style if column.turn == "money" else column.style,
        )
        for column in shown
    ]
    return Table(name, words(f"page_caption_{name}"), columns, lines, note=words(f"page_note_{name}"))


def _cell(
    row: Mapping[str, Any], column: Shown, turns: Mapping[str, Callable[[Mapping[str, Any], Any], Value]]
) -> Value:
    value = row[column.name]
    if column.turn in turns:
        return turns[column.turn](row, value)
    if column.turn:
        return turns["page_"]({"key": column.turn}, value)
    if column.style != "text":
        return number(value)
    return "" if value is None or value != value else str(value)


def _turns(names: Names, words: Words, unit: Money) -> dict[str, Callable[[Mapping[str, Any], Any], Value]]:
    """Return what turns a value of the run into what is shown."""

    def known(row: Mapping[str, Any], value: Any) -> str:
        key = f"{row['key']}{str(value).lower()}"
        return words(key) if key in CATALOGUE else str(value)

    def amount(_row: Mapping[str, Any], value: Any) -> float | None:
        return unit.of(number(value))

    def decision(row: Mapping[str, Any], value: Any) -> str:
        return names.of("facility" if row["kind"] == "facility" else "scheme", str(value))

    def place(_row: Mapping[str, Any], value: Any) -> str:
        return names.place(str(value)) if _text(value) else ""

    def source(row: Mapping[str, Any], value: Any) -> str:
        return names.source(str(value), _text(row.get("segment"))) if _text(value) else ""

    return {
        "money": amount,
        "yes": lambda _row, value: words("page_yes" if bool(value) and value == value else "page_no"),
        "decision": decision,
        "place": place,
        "together": lambda row, value: place(row, value) or words("page_together"),
        "source": source,
        "plan": lambda _row, value: plan_name(names, str(value)),
        "scenario": lambda _row, value: scenario(names, str(value)),
        "page_": known,
    }


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
