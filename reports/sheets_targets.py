"""Targets and status: every target against today, reference and plan; every method; the way there year by year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from flows.rates import reaches
from flows.tables import METHODS, SCOPES
from reports.context import Context
from reports.page import Chart, Column, Formula, Page, Table, Value, number, points
from reports.style import VARIANT_COLOURS

RATES = "target_rates"
"""Table of the rates year by year, which the charts of two sheets show."""
TARGET_COLUMNS = (
    "target", "method", "kind", "year", "goal", "today", "reference", "plan", "gap", "waste", "tonnes", "status",
)  # fmt: skip
GAP = TARGET_COLUMNS.index("gap")
TO_GO = "MAX(0,({goal}-{plan})*{waste})"
"""Tonnes that are missing, live: who changes a target or a rate sees what it takes."""


def targets(context: Context) -> Page:
    """Return the sheet Mål og status / Targets and status."""
    words = context.words
    listed = _targets(context)
    reached = sum(1 for line in listed.lines if line[-1] == words("status_reached"))
    binding = sum(1 for line in listed.lines if line[-1] != "")
    missed = [
        words("target_missed_by", target=line[0], year=line[3], points=words.number(-_gap(line), 1))
        for line in listed.lines
        if line[-1] == words("status_missed")
    ]
    key = "targets_answer_missed" if missed else "targets_answer"
    answer = words(key, reached=reached, count=binding, place=context.place, missed=words.join(missed))
    series = rate_series(context, RATES)
    return Page(
        words("sheet_targets"),
        words("targets_title", place=context.place),
        answer,
        [
            listed,
            to_go(context),
            rate_chart(context, series),
            series,
            _methods(context, "plan"),
            _methods(context, "today"),
        ],  # fmt: skip
        lead=[words("targets_lead")],
    )


def _gap(line: Sequence[Value]) -> float:
    """Return the distance to the target of a line in percentage points."""
    gap = line[GAP]
    return gap.value if isinstance(gap, Formula) else float("nan")


def _targets(context: Context) -> Table:
    words, view = context.words, context.view
    rows = view.case["targets"]
    rows = rows[(rows["municipality"] == "") | (rows["municipality"] == view.municipality)]
    lines: list[list[Value]] = []
    for row in rows.sort_values(["year", "scope", "method"]).to_dict("records"):
        lines.append(
            _target_line(
                context,
                row["name"],
                row["scope"],
                row["method"],
                int(row["year"]),
                float(row["rate"]),
                bool(row["binding"]),
            )
        )
    headline = view.run.headline
    known = {(row["scope"], row["method"], int(row["year"])) for row in rows.to_dict("records")}
    if math.isfinite(headline.target) and (headline.scope, headline.method, headline.year) not in known:
        # A target given with the command stands in no table of the case.
        lines.insert(
            0, _target_line(context, "", headline.scope, headline.method, headline.year, headline.target, True)
        )
    columns = [
        Column("target", words("target")),
        Column("method", words("method")),
        Column("kind", words("target_kind")),
        Column("year", words("year"), "year"),
        Column("goal", words("goal"), "percent"),
        Column("today", words.term("variant", "today"), "percent"),
        Column("reference", words.term("variant", "reference"), "percent"),
        Column("plan", words.term("variant", "plan"), "percent"),
        Column("gap", words("gap_share"), "points"),
        Column("waste", words("waste_counted"), "tonnes"),
        Column("tonnes", words("gap_tonnes"), "tonnes"),
        Column("status", words("status")),
    ]
    return Table("targets", words("targets_caption"), columns, lines, note=words("targets_note"))


def _target_line(
    context: Context, name: str, scope: str, method: str, year: int, goal: float, binding: bool
) -> list[Value]:
    words, view = context.words, context.view
    today = view.rate_row(scope, method, "today", view.case.account_year)
    reference, plan = (view.rate_row(scope, method, variant, year) for variant in ("reference", "plan"))
    cells: list[Value] = [None if row is None else number(row.rate) for row in (today, reference, plan)]
    gap: Value = None
    waste: Value = None
    tonnes: Value = None
    status = words("status_not_computed")
    if plan is not None:
        gap = points(plan.rate, goal, "{plan}-{goal}")
        waste = plan.denominator
        tonnes = Formula(TO_GO, max(0.0, (goal - plan.rate) * plan.denominator))
        status = words("status_reached" if reaches(plan.rate, goal) else "status_missed")
    label = name or words("target_of_scope", scope=context.names.scope(scope))
    kind = words("binding" if binding else "reported_only")
    return [
        f"{label} ({context.names.scope(scope)})" if name else label,
        words.capital(words.term("method", method)),
        kind,
        year,
        goal,
        *cells,
        gap,
        waste,
        tonnes,
        status,
    ]


def to_go(context: Context) -> Table:
    """Return the distance to the headline's target by every method, and in every scope, in points and in tonnes."""
    words, view = context.words, context.view
    headline = view.run.headline
    goal = headline.target
    pairs = view.rate_pairs()
    methods = _order(METHODS, (method for scope, method in pairs if scope == headline.scope))
    scopes = _order(SCOPES, (scope for scope, method in pairs if method == headline.method))
    wanted = [*((headline.scope, name) for name in methods), *((name, headline.method) for name in scopes)]
    lines: list[list[Value]] = []
    for scope, method in dict.fromkeys(wanted):
        rows = view.rates(scope, method)
        plan = rows.get("plan", rows.get("reference"))
        if plan is None or not math.isfinite(goal) or not math.isfinite(plan.rate):
            continue
        lines.append([
            words.capital(context.names.scope(scope)),
            words.capital(words.term("method", method)),
            *(number(rows[state].rate) if state in rows else None for state in ("today", "reference", "plan")),
            goal,
            points(plan.rate, goal, "{plan}-{goal}") if "plan" in rows else None,
            plan.denominator if "plan" in rows else None,
            Formula(TO_GO, max(0.0, (goal - plan.rate) * plan.denominator)) if "plan" in rows else None,
        ])  # fmt: skip
    columns = [
        Column("scope", words("scope")),
        Column("method", words("method")),
        *context.states("percent", total=False),
        Column("goal", words("goal"), "percent"),
        Column("gap", words("gap_share"), "points"),
        Column("waste", words("waste_counted"), "tonnes"),
        Column("tonnes", words("gap_tonnes"), "tonnes"),
    ]
    caption = words("to_go_caption", target=words.percent(goal)) if math.isfinite(goal) else words("targets_caption")
    return Table("to_go", caption, columns, lines, note=words("to_go_note"))


def rate_series(context: Context, key: str) -> Table:
    """Return the headline's rate year by year in reference and plan, with the target."""
    words, view = context.words, context.view
    headline = view.run.headline
    first = view.case.account_year
    years = view.run.rate_years
    today = number(view.rate(headline.scope, headline.method, "today"))
    lines: list[list[Value]] = [[first, today, today, None]]
    for year in years:
        if year != first:
            rows = [view.rate_row(headline.scope, headline.method, variant, year) for variant in ("reference", "plan")]
            goal = view.goal(headline.scope, headline.method, year)
            if goal is None and year == headline.year:
                goal = number(headline.target)
            lines.append([year, *(None if row is None else number(row.rate) for row in rows), goal])
    columns = [
        Column("year", words("year"), "year"),
        Column("reference", words.term("variant", "reference"), "percent"),
        Column("plan", words.term("variant", "plan"), "percent"),
        Column("target", words("target_of", place=context.region), "percent"),
    ]
    caption = words("series_caption", method=context.method_words())
    return Table(key, caption, columns, lines)


def rate_chart(context: Context, series: Table) -> Chart:
    """Return the line chart of a series of rates."""
    words, view = context.words, context.view
    headline = view.run.headline
    alt = words(
        "alt_rates",
        place=context.place,
        today=words.percent(view.rate(headline.scope, headline.method, "today")),
        reference=words.percent(view.rate(headline.scope, headline.method, "reference")),
        plan=words.percent(view.rate(headline.scope, headline.method, "plan")),
        year=headline.year,
        first=view.case.account_year,
        sheet=words("sheet_targets"),
    )
    keys = [key for key in ("reference", "plan", "target") if any(value is not None for value in series.column(key))]
    return Chart(
        "line",
        words("chart_rates", place=context.place),
        alt,
        series.key,
        "year",
        keys,
        style="percent",
        colours=VARIANT_COLOURS,
    )


def _order(known: Sequence[str], found: Iterable[str]) -> list[str]:
    """Return what was found, the known ones first and in their own order."""
    names = set(found)
    return [name for name in known if name in names] + sorted(names - set(known))


def _methods(context: Context, variant: str) -> Table:
    """Return every rate that the run computed for a state: a row for each scope, a column for each method."""
    words, view = context.words, context.view
    pairs = view.rate_pairs()
    methods = _order(METHODS, (method for _, method in pairs))
    lines: list[list[Value]] = []
    for scope in _order(SCOPES, (scope for scope, _ in pairs)):
        cells: list[Value] = [number(view.rate(scope, method, variant)) for method in methods]
        if any(cell is not None for cell in cells):
            lines.append([words.capital(context.names.scope(scope)), *cells])
    columns = [
        Column("scope", words("scope")),
        *(Column(method, words.capital(words.term("method", method)), "percent") for method in methods),
    ]
    caption = words("methods_caption", state=context.state(variant))
    return Table(f"methods_{variant}", caption, columns, lines, note=words("methods_note"))
