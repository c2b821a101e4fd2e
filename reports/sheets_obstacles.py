"""What stands in the way: the sheet of a run without a plan, and the sentence that its reports open with.

How far one gets, the requirements that cannot hold together, the least that would have to change, and the waste
that could not count even under the best lawful schemes.
"""

from __future__ import annotations

import pandas as pd

from reports.context import Context
from reports.page import Column, Page, Table, Value, number

NAMED = 3
"""How many fractions the first sentence names."""
KEY = ["scope", "method", "municipality", "year"]


def is_infeasible(context: Context) -> bool:
    """Tell whether the run has no plan because there can be none, and says why."""
    run = context.view.run
    return str(run.info.get("status")) == "infeasible" and "highest" in run.tables


def _table(context: Context, name: str) -> pd.DataFrame:
    return context.view.run.tables.get(name, pd.DataFrame())


def headline_missed(context: Context) -> pd.Series | None:
    """Return the row of ``highest`` that the reports open with: the case's own rate, else the last that is missed."""
    rows = _table(context, "highest")
    if rows.empty or rows["highest"].isna().all():
        return None
    rows = rows.dropna(subset=["highest"])
    headline = context.view.run.headline
    own = rows[(rows["scope"] == headline.scope) & (rows["method"] == headline.method) & (rows["municipality"] == "")]
    return (own if len(own) else rows).sort_values("year").iloc[-1]


def no_plan(context: Context) -> str:
    """Return the first sentence: the target cannot be reached, how far one gets and what stands in the way."""
    words = context.words
    row = headline_missed(context)
    if row is None:
        text = words("infeasible_case", place=context.region)
    else:
        method = f"{words.term('method', str(row['method']))}; {context.names.scope(str(row['scope']))}"
        key = "infeasible_target" if row["highest"] < row["goal"] - 1e-9 else "infeasible_together"
        text = words(
            key,
            target=words.percent(float(row["goal"])),
            method=method,
            year=int(row["year"]),
            place=context.region,
            highest=words.percent(float(row["highest"])),
        )
    obstacles = _obstacles(context, row)
    if obstacles:
        text += words("infeasible_way", obstacles=words.join(obstacles))
    return f"{text}."


def _obstacles(context: Context, row: pd.Series | None) -> list[str]:
    """Return what stands in the way, in words: what contradicts the target, else waste that cannot count."""
    words, found = context.words, _table(context, "contradictions")
    others = found if row is None or found.empty else found[found["kind"] != "target"]
    if len(others):
        return [str(text) for text in others[f"text_{words.language}"]]
    reach = _table(context, "reach")
    if row is None or reach.empty or not row["bound"] < row["goal"]:
        return []
    mine = reach[(reach[KEY] == row[KEY]).all(axis=1)].groupby("fraction")["missing_t"].sum().nlargest(NAMED)
    return [
        words("infeasible_fraction", fraction=context.names.of("fraction", str(name)), tonnes=words.tonnes(mass))
        for name, mass in mine.items()
        if mass > 0
    ]


def obstacles(context: Context) -> Page:
    """Return the sheet Hvad står i vejen / What stands in the way."""
    words = context.words
    options = _table(context, "repairs")
    count = int(options["option"].nunique()) if len(options) else 0
    lead = [words("obstacles_lead")]
    if len(options) and not options["exact"].astype(bool).all():
        lead.append(words("obstacles_relaxed"))
    return Page(
        words("sheet_obstacles"),
        words("obstacles_title", place=context.region),
        words("obstacles_answer" if count else "obstacles_none", count=count),
        [_highest(context), _contradictions(context), _repairs(context), _reach(context)],
        lead=lead,
    )


def _highest(context: Context) -> Table:
    words = context.words
    lines: list[list[Value]] = [
        [
            words.capital(context.names.scope(str(row["scope"]))),
            words.capital(words.term("method", str(row["method"]))),
            context.names.place(str(row["municipality"])),
            int(row["year"]),
            number(row["goal"]),
            number(row["highest"]),
            number(row["bound"]),
        ]
        for row in _table(context, "highest").to_dict("records")
    ]
    columns = [
        Column("scope", words("scope")),
        Column("method", words("method")),
        Column("place", words("obstacles_place")),
        Column("year", words("year"), "year"),
        Column("goal", words("goal"), "percent"),
        Column("highest", words("obstacles_highest"), "percent"),
        Column("bound", words("obstacles_bound"), "percent"),
    ]
    return Table("highest", words("obstacles_highest_caption"), columns, lines, note=words("obstacles_highest_note"))


def _contradictions(context: Context) -> Table:
    words, rows = context.words, _table(context, "contradictions")
    text = f"text_{words.language}"
    lines: list[list[Value]] = [
        [words.capital(str(row[text])), str(row["sheet"]), int(row["row"]) or None, int(row["year"])]
        for row in rows.to_dict("records")
    ]
    columns = [
        Column("requirement", words("obstacles_requirement")),
        Column("sheet", words("obstacles_sheet")),
        Column("row", words("obstacles_row"), "year"),
        Column("year", words("year"), "year"),
    ]
    return Table("contradictions", words("obstacles_contradictions"), columns, lines)


def _repairs(context: Context) -> Table:
    words = context.words
    lines: list[list[Value]] = [
        [
            int(row["option"]),
            words.capital(str(row[f"text_{words.language}"])),
            int(row["year"]),
            number(row["burden_t"]),
        ]
        for row in _table(context, "repairs").to_dict("records")
    ]
    columns = [
        Column("option", words("obstacles_option"), "year"),
        Column("change", words("obstacles_change")),
        Column("year", words("obstacles_from"), "year"),
        Column("burden", words("obstacles_burden"), "tonnes"),
    ]
    return Table("repairs", words("obstacles_repairs"), columns, lines, note=words("obstacles_repairs_note"))


def _reach(context: Context) -> Table:
    """Return the waste that cannot count, of the target that the report opens with."""
    words, row = context.words, headline_missed(context)
    reach = _table(context, "reach")
    if row is not None and len(reach):
        reach = reach[(reach[KEY] == row[KEY]).all(axis=1)]
    lines: list[list[Value]] = [
        [
            context.names.source(str(one["sector"]), str(one["segment"])),
            context.names.of("fraction", str(one["fraction"])),
            number(one["waste_t"]),
            number(one["counted_t"]),
            number(one["missing_t"]),
            number(one["captured"]),
        ]
        for one in reach.to_dict("records")
        if row is not None
    ]
    columns = [
        Column("source", words("obstacles_source")),
        Column("fraction", words("obstacles_fraction")),
        Column("waste", words("obstacles_waste"), "tonnes"),
        Column("counted", words("obstacles_counted"), "tonnes"),
        Column("missing", words("obstacles_missing"), "tonnes"),
        Column("captured", words("obstacles_captured"), "percent"),
    ]
    year = int(row["year"]) if row is not None else context.year
    return Table("reach", words("obstacles_reach", year=year), columns, lines, note=words("obstacles_reach_note"))
