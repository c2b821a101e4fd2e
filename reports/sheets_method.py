"""Method and sources: what the figures mean, what they rest on, what was proven and what was not."""

from __future__ import annotations

from textwrap import shorten

import pandas as pd

from reports.context import Context
from reports.names import Names
from reports.page import Column, Page, Table, Value, number
from reports.sheets_breaks import breaks_table
from reports.sheets_summary import data_quality, proof
from reports.view import RunView

ASPECTS = ("amounts", "composition", "capture", "yields", "cost")
STATUSES = ("reported", "derived", "assumed")
DEFINITIONS = (
    "today",
    "reference",
    "plan",
    "scope",
    "method",
    "waste",
    "prevention",
    "costs",
    "households",
    "effects",
    "climate",
    "attribution",
)
MOST_SOURCES = {"region": 60, "municipality": 25}
"""How many sources a report lists; each row of the case's workbook has its own."""
LONGEST_SOURCE = 200


def method(context: Context) -> Page:
    """Return the sheet Metode og kilder / Method and sources."""
    words = context.words
    blocks = [
        _definitions(context),
        breaks_table(context),
        _quality(context),
        _run(context),
        _certificate(context),
        _sources(context),
    ]
    return Page(
        words("sheet_method"),
        words("method_title"),
        data_quality(context),
        blocks,
        lead=[*proof(context), words("method_lead")],
    )


def _definitions(context: Context) -> Table:
    words, view = context.words, context.view
    headline = view.run.headline
    values = {
        "first": view.case.account_year,
        "year": headline.year,
        "scope": context.names.scope(headline.scope),
        "method": words.term("method", headline.method),
        "meaning": words.term("method_meaning", headline.method),
        "change": view.case.first_change_year,
        "households": words.number(view.households),
        "people": words.number(view.population),
    }
    lines: list[list[Value]] = [
        [words(f"define_{name}"), words(f"definition_{name}", **values)] for name in DEFINITIONS
    ]
    if context.vat is not None:
        lines.append([words("define_vat"), words("definition_vat", rate=words.percent(context.vat, 0))])
    columns = [Column("term", words("word")), Column("meaning", words("meaning"))]
    return Table("definitions", words("definitions_caption"), columns, lines)


def _quality_shares(run: RunView) -> dict[tuple[str, str, str], float]:
    """Return the share of the figures by aspect, variant and status."""
    frame = run.tables["data_quality"]
    shares: dict[tuple[str, str, str], float] = frame.groupby(["aspect", "variant", "status"])["share"].sum().to_dict()
    return shares


def _quality(context: Context) -> Table:
    """Return the share of the figures by what they are worth."""
    words = context.words
    shares = context.view.run.once(_quality_shares)
    present = {variant for _, variant, _ in shares}
    variants = [variant for variant in ("today", "plan") if variant in present]
    known = {aspect for aspect, *_ in shares}
    aspects = [*ASPECTS, *sorted(known - set(ASPECTS))]
    lines: list[list[Value]] = []
    for aspect in aspects:
        if aspect in known:
            cells: list[Value] = [
                float(shares.get((aspect, variant, status), 0.0)) for variant in variants for status in STATUSES
            ]
            lines.append([words.capital(words.term("aspect", aspect)), *cells])
    columns = [
        Column("aspect", words("quality_of")),
        *(Column(f"{variant}_{status}", f"{words.term('variant', variant)}: {words.term('status', status)}", "percent")
          for variant in variants for status in STATUSES),
    ]  # fmt: skip
    return Table("quality", words("quality_caption"), columns, lines, note=words("quality_note"))


def _certificate(context: Context) -> Table:
    words = context.words
    frame = context.view.run.tables["certificate"]
    lines: list[list[Value]] = []
    # A municipality's reader needs the verdict, and what fails; the region's report shows every check.
    shown = frame if context.is_region else frame[~frame["holds"].astype(bool)]
    for row in shown.to_dict("records"):
        holds = bool(row["holds"])
        lines.append([
            words.term("check", str(row["check"])),
            words("holds" if holds else "fails"),
            number(float(row["largest_error"])),
            number(float(row["tolerance"])),
            "" if holds else str(row["detail"]),
        ])  # fmt: skip
    rest = frame[~frame.index.isin(shown.index)]
    if len(rest):
        key = "every_check" if shown.empty else "other_checks"
        worst, allowed = (float(rest[name].max()) for name in ("largest_error", "tolerance"))
        lines.append([words(key, count=len(rest)), words("holds"), number(worst), number(allowed), ""])
    columns = [
        Column("check", words("check")),
        Column("holds", words("result")),
        Column("error", words("largest_error"), "score"),
        Column("tolerance", words("tolerance"), "score"),
        Column("detail", words("detail")),
    ]
    return Table("certificate", words("certificate_caption"), columns, lines, note=words("certificate_note"))


def _run(context: Context) -> Table:
    """Return what is needed to repeat the run."""
    words, info = context.words, context.view.run.info
    options = info.get("options") or {}
    source = info.get("input") or {}
    solver = info.get("solver") or {}
    gap, bound = number(info.get("gap")), number(info.get("bound"))
    objective = number(info.get("objective"))
    currency = context.view.case.currency
    facts = [
        ("run_case", str(context.view.case.settings["title"])),
        ("run_input", str(source.get("name") or "")),
        ("run_hash", str(source.get("sha256") or "")),
        ("run_scenario", str(options.get("scenario") or words("run_central"))),
        ("run_version", str(info.get("version") or "")),
        ("run_solver", " ".join(str(solver.get(key) or "") for key in ("name", "version")).strip()),
        ("run_status", words.term("run_status", str(info.get("status") or ""))),
        ("run_objective", "" if objective is None else words.money(objective, currency)),
        ("run_bound", "" if bound is None else words.money(bound, currency)),
        ("run_gap", "" if gap is None else words.percent(gap, 2)),
        ("run_bound_of", words.term("bound", str(info.get("bound_of") or ""))),
        ("run_price_year", _whole(context.price_year)),
    ]
    lines: list[list[Value]] = [[words(key), value] for key, value in facts if value]
    columns = [Column("name", words("run_fact")), Column("value", words("value"))]
    return Table("run", words("run_caption"), columns, lines)


def _whole(value: object) -> str:
    found = number(value)
    return "" if found is None else f"{found:.0f}"


def _sources(context: Context) -> Table:
    """Return the sources of the case's rows with their number and what they are worth."""
    # The same in every report of this language.
    return context.names.once(_all_sources, MOST_SOURCES["region" if context.is_region else "municipality"])


def _all_sources(names: Names, most: int) -> Table:
    words, case = names.words, names.case
    parts = [
        frame[["source", "status"]].assign(table=name)
        for name, frame in case.tables.items()
        if len(frame) and "source" in frame and "status" in frame
    ]
    columns = [
        Column("source", words("source")),
        Column("tables", words("used_in")),
        Column("rows", words("rows"), "whole", True),
        *(Column(status, words.term("status", status), "whole", True) for status in STATUSES),
    ]
    caption, note = words("sources_list_caption"), ""
    lines: list[list[Value]] = []
    if parts:
        every = pd.concat(parts, ignore_index=True)
        every = every[every["source"] != ""]
        counts = every.groupby(["source", "status"]).size().unstack(fill_value=0)
        counts["rows"] = counts.sum(axis=1)
        tables = every.groupby("source")["table"].agg(lambda column: tuple(dict.fromkeys(column)))
        ranked = counts.sort_values("rows", ascending=False, kind="stable")
        if len(ranked) > most:
            note = words("sources_cut", shown=most, count=len(ranked))
        for source, row in ranked.head(most).iterrows():
            used = ", ".join(names.table(name) for name in tables[source])
            text = shorten(str(source), LONGEST_SOURCE, placeholder=" …")
            lines.append([text, used, int(row["rows"]), *(int(row.get(status, 0)) for status in STATUSES)])
    return Table("source_list", caption, columns, lines, total=words("total"), note=note)
