"""Many futures: what the plans of a sweep have in common, and what moves them."""

from __future__ import annotations

from reports.context import Context
from reports.page import Block, Chart, Page
from reports.sweep_tables import SweepTables

OFTEN = 0.5
"""Share of the plans from which a new facility is spoken of."""
SPOKEN = 3


def has_sweep(context: Context) -> bool:
    """Return whether the run stands for a sweep."""
    return "sweep_spread" in context.view.run.tables


def sweep(context: Context) -> Page:
    """Return the sheet Mange fremtider / Many futures."""
    words = context.words
    told = SweepTables(context.view.case, context.view.run.tables, context.names, words)
    blocks: list[Block] = []
    picture = _points(told)
    for table in told.all():
        blocks.append(table)
        if table.key == "sweep_spread":
            blocks += picture[:1]
        if table.key == "sweep_drivers":
            first = table.lines[0]
            strength = words.number(float(str(first[1])), 2)
            alt = words("sweep_drivers_alt", input=first[0], strength=strength)
            title = words("sweep_drivers_chart")
            blocks.append(Chart("bar", title, alt, table.key, "input", ["strength"], style="two"))
    # The long list that the picture is of comes last.
    blocks += picture[1:]
    title = words("sweep_title", place=context.place)
    return Page(words("sheet_sweep"), title, answer(told), blocks, lead=lead(told, context.view.run.info))


def _points(told: SweepTables) -> list[Block]:
    words, shown_as = told.words, told.money
    points = told.points()
    if len(points.lines) < 2:
        return []
    costs = told["outcomes"]["cost"]
    ends = {
        name: words.money(float(value), told.case.currency)
        for name, value in (("low", costs.min()), ("high", costs.max()))
    }
    series = [column.key for column in points.columns[2:]]
    chart = Chart(
        "points",
        words("sweep_points_chart"),
        words("sweep_points_alt", **ends),
        points.key,
        "rate",
        series,
        axis=words("sweep_points_axis", unit=shown_as.label),
        style=shown_as.style,
        category_style="percent",
    )
    return [chart, points]


def answer(told: SweepTables) -> str:
    """Return how often the highest target that any future reaches is reached, and what that costs."""
    words, table = told.words, told["spread"]
    some = table[table["plans"] > 0]
    if some.empty:
        return words("sweep_answer_none")
    top = some.sort_values("target", ascending=False, na_position="last").iloc[0]
    same = some["target"].isna() if top["target"] != top["target"] else some["target"] == top["target"]
    asked = table["target"].isna() if top["target"] != top["target"] else table["target"] == top["target"]
    mine, every = some[same], table[asked]
    plans, tasks = int(mine["plans"].sum()), int((every["tasks"] - every["missing"]).sum())
    ends = {"low": float(mine["cost_low"].min()), "high": float(mine["cost_high"].max())}
    money = {name: words.money(value, told.case.currency) for name, value in ends.items()}
    key = "sweep_answer_own" if top["target"] != top["target"] else "sweep_answer"
    share = words.percent(plans / tasks, 0)
    return words(key, target=told.target(top["target"]), share=share, plans=plans, tasks=tasks, **money)


def lead(told: SweepTables, info: object) -> list[str]:
    """Return how much was asked, what is not finished, which investments are sure, and what rests on assumptions."""
    words, found = told.words, told["presence"]
    counts = info.get("sweep", {}) if isinstance(info, dict) else {}
    tasks = int(counts.get("tasks", told["spread"]["tasks"].sum()))
    missing = int(counts.get("missing", told["spread"]["missing"].sum()))
    said = [words("sweep_lead", tasks=tasks)]
    if missing:
        said.append(words("sweep_missing", missing=missing))
    new = found[(found["kind"] == "facility") & ~found["existing"].astype(bool)]
    if len(new):
        top = new["target"].max()
        mine = new[new["target"].isna() if top != top else new["target"] == top]
        sure = mine[mine["no_regret"].astype(bool)]
        named = [told.names.of("facility", name) for name in dict.fromkeys(sure["name"])]
        if named:
            said.append(words("sweep_sure", target=told.target(top), names=words.join(named)))
        often = mine[~mine["no_regret"].astype(bool) & (mine["share"] >= OFTEN)]
        said += [
            words(
                "sweep_often",
                name=told.names.of("facility", row["name"]),
                share=words.percent(float(row["share"]), 0),
                target=told.target(top),
            )
            for row in often.head(SPOKEN).to_dict("records")
        ]
    drawn = told["correlation"].drop_duplicates("input")
    if len(drawn):
        said.append(words("sweep_assumed", share=words.percent(float((drawn["status"] == "assumed").mean()), 0)))
    return said
