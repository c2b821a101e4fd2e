"""Scenarios: today, reference and plan beside the plans of other runs, and what the case's scenarios are."""

from __future__ import annotations

import pandas as pd

from reports.comparison import state_figures
from reports.context import Context
from reports.figures import FIGURES
from reports.money import Money
from reports.names import Names
from reports.others import OtherRun, gap_of, scenario_name, scenario_of, targets_met
from reports.page import Chart, Column, Page, Table, Value, number
from reports.view import STATES, RunView

SHARES = ("rate", "point")


def scenarios(context: Context) -> Page:
    """Return the sheet Scenarier / Scenarios."""
    words, view = context.words, context.view
    table = _figures(context)
    rates = [value for value in table.column("rate") if isinstance(value, float)]
    own, others = _own(view.run), view.run.others
    # What is compared is plans: this one and those beside it.
    first = own.index("plan") if "plan" in own else len(own)
    plans = [value for value in table.column("rate")[first:] if isinstance(value, float)]
    answer = words("scenarios_none")
    if others and plans:
        answer = words(
            "scenarios_answer" if "plan" in own else "scenarios_answer_unplanned",
            count=len(others),
            place=context.place,
            low=words.percent(min(plans)),
            high=words.percent(max(plans)),
            year=context.year,
        )
    blocks: list[Table | Chart] = [table]
    if rates:
        blocks.append(
            Chart(
                "bar",
                words("chart_scenarios", place=context.place),
                words("alt_scenarios", place=context.place, count=len(table.lines), year=context.year),
                table.key,
                "name",
                ["rate"],
                style="percent",
            )
        )
    blocks.append(_listed(context))
    lead = [words("scenarios_lead"), words("scenarios_how")]
    return Page(words("sheet_scenarios"), words("scenarios_title", place=context.place), answer, blocks, lead=lead)


def _own(run: RunView) -> list[str]:
    return [state for state in STATES if state in run.variants]


def _figures(context: Context) -> Table:
    """Return a row for each state of the run and each other run, with its distance from the plan."""
    words, view = context.words, context.view
    place = view.municipality
    rows: list[tuple[str, dict[str, float], str, str]] = []
    for state, frame in view.run.once(state_figures).items():
        met = proof = ""
        if state == "plan":
            met, proof = _met(context, view.run.once(_plan_meets)), _proof(context, gap_of(view.run.info))
        rows.append((context.state(state), _row(frame, place), met, proof))
    for other in view.run.others:
        name = f"{words.term('variant', 'plan')} {context.year}: {_name(context, other)}"
        rows.append((name, _row(other.figures, place), *_told(context, other)))
    base = next((values for (_, values, *_), state in zip(rows, _own(view.run), strict=False) if state == "plan"), {})
    money = context.money(values["cost"] for _, values, *_ in rows)
    lines: list[list[Value]] = []
    for position, (name, values, met, proof) in enumerate(rows):
        other_plan = position >= len(_own(view.run))
        lines.append([name, *_cells(context, values, money), *_apart(context, values, base, other_plan), met, proof])
    currency = context.currency
    columns = [
        Column("name", words("scenario")),
        Column("rate", words("recycled_short"), "percent"),
        Column("point", words("compare_point"), "percent"),
        Column("waste", words("waste_short"), "tonnes"),
        Column("burnt", words("burnt_short"), "tonnes"),
        Column("cost", words("cost_short", unit=money.label), money.style),
        Column("fee", words("fee_short", currency=currency), "money"),
        Column("climate", words("climate_short"), "tonnes"),
        Column("points_apart", words("apart_points"), "points"),
        Column("fee_apart", words("apart_fee", currency=currency), "money"),
        Column("climate_apart", words("apart_climate"), "tonnes"),
        Column("met", words("targets_met")),
        Column("proof", words("how_proven")),
    ]
    if not view.run.others:
        columns = [column for column in columns if not column.key.endswith("apart")]
        lines = [[*line[:8], *line[11:]] for line in lines]
    if context.view.run.headline.method == "calculation_point":
        columns.pop(2)
        lines = [[*line[:2], *line[3:]] for line in lines]
    caption = words("scenarios_caption", method=context.method_words())
    return Table("scenarios", caption, columns, lines, note=words("scenarios_note"))


def _row(frame: pd.DataFrame, place: str) -> dict[str, float]:
    """Return the figures of a place, NaN where a run does not have it."""
    if place in frame.index:
        return {key: float(frame.loc[place, key]) for key in FIGURES}
    return dict.fromkeys(FIGURES, float("nan"))


def _cells(context: Context, values: dict[str, float], money: Money) -> list[Value]:
    fee = number(values["fee"])
    return [
        number(values["rate"]),
        number(values["point"]),
        number(values["waste"]),
        number(values["burnt"]),
        money.of(number(values["cost"])),
        None if fee is None else context.per_household(fee, 1.0),
        number(values["climate"]),
    ]


def _apart(context: Context, values: dict[str, float], base: dict[str, float], other: bool) -> list[Value]:
    """Return how far another run is from this plan: percentage points, money per household, t CO2e."""
    if not other or not base:
        return [None, None, None]
    fee = number(values["fee"] - base["fee"])
    return [
        number(100 * (values["rate"] - base["rate"])),
        None if fee is None else context.per_household(fee, 1.0),
        number(values["climate"] - base["climate"]),
    ]


def _name(context: Context, other: OtherRun) -> str:
    """Return what another run is called: its scenario, else its folder."""
    words = context.words
    name = other.names[words.language]
    alike = [one for one in context.view.run.others if one.scenario == other.scenario]
    if not other.scenario:
        return words("run_in_folder", folder=other.folder)
    return name if len(alike) == 1 else f"{name} ({other.folder})"


def _told(context: Context, other: OtherRun) -> tuple[str, str]:
    """Return whether another run meets its targets, and what is proven of it."""
    words = context.words
    if other.figures.empty:
        key = "no_plan_possible" if other.status == "infeasible" else "no_plan_of_year"
        return words(key, year=context.year), ""
    return _met(context, other.target_met), _proof(context, other.gap)


def _met(context: Context, met: bool | None) -> str:
    if met is None:
        return context.words("status_not_computed")
    return context.words("status_reached" if met else "status_missed")


def _proof(context: Context, gap: float) -> str:
    words = context.words
    if gap != gap:
        return words("not_proven")
    return words("proven_cheapest") if gap < 5e-5 else words("proven_within", gap=words.percent(gap, 2))


def _plan_meets(run: RunView) -> bool | None:
    """Return whether the plan meets its targets in the year that is shown, or nothing if there is none."""
    rates = run.tables["rates"]
    return targets_met(run.case, run.info, rates[rates["variant"] == "plan"], run.headline.year)


def _changed_rows(run: RunView) -> dict[str, dict[str, int]]:
    """Return how many changes each scenario of the case makes in each table, both in the order of the case."""
    rows = run.case["scenarios"]
    found: dict[str, dict[str, int]] = {}
    for scenario, table in zip(rows["scenario"], rows["table"], strict=True):
        counts = found.setdefault(str(scenario), {})
        counts[str(table)] = counts.get(str(table), 0) + 1
    return found


def _scenario(names: Names, scenario: str) -> str:
    return scenario_name(names.case, scenario, names.words.language)


def _listed(context: Context) -> Table:
    """Return the scenarios of the case, what each changes, and whether a run of it is shown."""
    words, view = context.words, context.view
    shown = {other.scenario for other in view.run.others}
    this = scenario_of(view.run.info)
    lines: list[list[Value]] = []
    for scenario, counts in view.run.once(_changed_rows).items():
        changes = words.join([f"{context.names.table(table)} ({count})" for table, count in counts.items()])
        where = "scenario_this" if scenario == this else "scenario_shown" if scenario in shown else "scenario_not_run"
        lines.append([context.names.once(_scenario, scenario), scenario, changes, words(where)])
    columns = [
        Column("name", words("scenario")),
        Column("id", words("scenario_id")),
        Column("changes", words("scenario_changes")),
        Column("state", words("status")),
    ]
    return Table(
        "case_scenarios",
        words("case_scenarios_caption"),
        columns,
        lines,
        note=words("case_scenarios_note"),
        when_empty=words("case_scenarios_empty"),
    )
