"""Breaks in method: figures of a report that look alike and must not be compared, each with its reason."""

from __future__ import annotations

import math

from flows.methods import FIRST_YEAR_WITHOUT_MIXED_BIOWASTE
from reports.context import Context
from reports.figures import NARROW
from reports.page import Column, Table, Value


def breaks_table(context: Context) -> Table:
    """Return every break that concerns this report: what differs, and what it does to the figures."""
    words = context.words
    lines: list[list[Value]] = [*_methods(context), *_scopes(context), *_biowaste(context), *_reported(context)]
    lines.append([words("break_forward"), words("break_forward_text", first=context.view.case.account_year)])
    columns = [Column("what", words("break_what")), Column("meaning", words("break_meaning"))]
    return Table("breaks", words("breaks_caption"), columns, lines)


def _methods(context: Context) -> list[list[Value]]:
    """Return the break between the headline's method and the EU calculation point, with both rates."""
    words, view = context.words, context.view
    headline = view.run.headline
    state = "plan" if "plan" in view.run.variants else "today"
    own, point = (view.rate(headline.scope, method, state) for method in (headline.method, "calculation_point"))
    if headline.method == "calculation_point" or not math.isfinite(own + point):
        return []
    text = words(
        "break_methods_text",
        own=words.percent(own),
        point=words.percent(point),
        method=words.term("method", headline.method),
        year=view.run.years[state],
    )
    return [[words("break_methods"), text]]


def _scopes(context: Context) -> list[list[Value]]:
    """Return the break between all waste and all but construction and demolition."""
    words, view = context.words, context.view
    headline = view.run.headline
    state = "plan" if "plan" in view.run.variants else "today"
    wide, narrow = (view.rate(scope, headline.method, state) for scope in (headline.scope, NARROW))
    if headline.scope != "all" or not math.isfinite(wide + narrow):
        return []
    text = words(
        "break_scopes_text", wide=words.percent(wide), narrow=words.percent(narrow), year=view.run.years[state]
    )
    return [[words("break_scopes"), text]]


def _biowaste(context: Context) -> list[list[Value]]:
    """Return the break of the EU's rule on bio-waste, where the report reaches over it."""
    words, view = context.words, context.view
    if not view.case.account_year < FIRST_YEAR_WITHOUT_MIXED_BIOWASTE <= view.run.headline.year:
        return []
    return [[words("break_biowaste"), words("break_biowaste_text", year=FIRST_YEAR_WITHOUT_MIXED_BIOWASTE)]]


def _reported(context: Context) -> list[list[Value]]:
    """Return what differs between reported rates and those computed: their year, their method, and reconciling."""
    words, view = context.words, context.view
    rows = view.table("reconciliation")
    rows = rows[(rows["status"] != "assumed") & (rows["kind"] == "rate")]
    if rows.empty:
        return []
    pairs = sorted({(int(year), str(name)) for year, name in zip(rows["year"], rows["name"], strict=True)})
    told = [
        words("break_reported_one", year=year, method=words.term("method", name) if name else words("not_stated"))
        for year, name in pairs
    ]
    return [[words("break_reported"), words("break_reported_text", told=words.join(told))]]
