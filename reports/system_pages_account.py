"""The result sheets of an account of a flow system: what is determined, flows, stocks, balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from flows.system import System
from reports.page import Column, Page, Picture, Table, Value
from reports.sankey_text import unit_text
from reports.system_build import Builder, draws_pages, picture_pages, row_styles_of, undetermined_page
from reports.system_findings import undetermined_lines
from reports.words import Words

MOST_LINES = 6
"""Sentences about single flows on the first page; the sheets behind have them all."""


@dataclass(frozen=True)
class Accounted:
    """What accounting found, in shown units; the tables are those of ``flows.solve``."""

    system: System
    flows: pd.DataFrame
    stocks: pd.DataFrame
    balances: pd.DataFrame
    undetermined: pd.DataFrame
    draws: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: Sequence[str] = ()


def accounted_pages(found: Accounted, pictures: Sequence[Picture], language: str) -> list[Page]:
    """Return the pages of an account, the answer first."""
    words = Words(language)
    build = Builder(found.system, words)
    pages = [_account_answer(found, build, words), _account_flows(found, build, words)]
    if len(found.stocks):
        pages.append(_stocks(found.stocks, build, words))
    pages.append(_account_balances(found.balances, build, words))
    if len(found.undetermined):
        pages.append(undetermined_page(found.undetermined, build, words))
    return [*pages, *draws_pages(found.draws, build, words), *picture_pages(pictures, words)]


def account_sentences(found: Accounted, words: Words) -> tuple[str, list[str]]:
    """Return the answer of an account and what to add to it."""
    status = found.flows["status"]
    unknown = int((status == "undetermined").sum())
    errors = found.balances["error"].dropna().abs() if len(found.balances) else pd.Series(dtype=float)
    holds = words("sys_holds", error=f"{errors.max():.1e}") if len(errors) else ""
    flows = found.flows["flow"].nunique()
    what = words("sys_values_of" if len(found.flows) > flows else "sys_flows_of", count=len(found.flows), flows=flows)
    values = {"what": what, "known": len(found.flows) - unknown, "unknown": unknown, "holds": holds}
    answer = words("sys_part_solved" if unknown else "sys_solved", **values)
    given, computed = int((status == "given").sum()), int((status == "computed").sum())
    return answer, [*found.notes, words("sys_given", given=given, computed=computed)]


def _account_answer(found: Accounted, build: Builder, words: Words) -> Page:
    answer, lead = account_sentences(found, words)
    system = found.system
    sizes = {"flows": len(system["flows"]), "processes": len(system["processes"]),
             "layers": len(system.layers), "years": len(system.years)}  # fmt: skip
    lead = [*lead, words("sys_cells", **sizes), *undetermined_lines(system, found.undetermined, words, MOST_LINES)]
    last = int(found.flows["year"].max())
    # Layers have units of their own, so only flows of one of them can be compared.
    latest = found.flows[(found.flows["year"] == last) & (found.flows["layer"] == system.layers[0])]
    largest = latest.reindex(latest["value"].abs().sort_values(ascending=False, kind="stable").index).head(12)
    table = _value_table("largest", largest, build, words, caption=words("sys_caption_largest", year=last))
    title = words("sys_title_account", title=system.settings["title"])
    return Page(words("sys_sheet_answer"), title, answer, [table], lead)


def _value_table(key: str, frame: pd.DataFrame, build: Builder, words: Words, **more: Any) -> Table:
    uncertain = "std" in frame
    head = [
        *build.flow_columns(),
        *build.place(),
        Column("unit", words("sys_unit")),
        Column("value", words("sys_value"), "whole"),
        *([Column("std", "±", "whole")] if uncertain else []),
        Column("status", words("sys_status")),
    ]
    rows: list[list[Value]] = [
        [*build.flow(str(row["flow"])), *build.placed(row), build.unit(row), row["value"],
         *([row["std"]] if uncertain else []), words(f"sys_status_{row['status']}")]
        for row in frame.to_dict("records")
    ]  # fmt: skip
    styles = row_styles_of(frame, ["value"]) if len(frame) else []
    return build.table(key, head, rows, styles, ["value", "std"], **more)


def _account_flows(found: Accounted, build: Builder, words: Words) -> Page:
    answer, _ = account_sentences(found, words)
    return Page(
        words("sys_sheet_flows"), words("sys_title_flows"), answer, [_value_table("flows", found.flows, build, words)]
    )


def _amounts_page(
    key: str, frame: pd.DataFrame, amounts: Sequence[str], unit: str, build: Builder, words: Words
) -> Table:
    head = [
        Column("process", words("sys_process")),
        *build.place(),
        Column("unit", words("sys_unit")),
        *(Column(name, words(f"sys_{name}"), "score" if name == "error" else "whole") for name in amounts),
    ]
    if unit != "unit":
        head.append(Column(unit, words("sys_stock_unit")))
        head.append(Column("stock", words("sys_stock"), "whole"))
    rows: list[list[Value]] = []
    for row in frame.to_dict("records"):
        values = [build.process(row["process"]), *build.placed(row), build.unit(row), *(row[name] for name in amounts)]
        rows.append([*values, unit_text(str(row[unit]), words), row["stock"]] if unit != "unit" else values)
    measured = [name for name in (*amounts, "stock") if name in frame and name != "error"]
    styles = row_styles_of(frame, measured) if len(frame) else []
    return build.table(key, head, rows, styles, measured)


def _stocks(stocks: pd.DataFrame, build: Builder, words: Words) -> Page:
    table = _amounts_page("stocks", stocks, ["inflow", "outflow", "addition"], "stock_unit", build, words)
    return Page(words("sys_sheet_stocks"), words("sys_title_stocks"), words("sys_stocks_mean"), [table])


def _account_balances(balances: pd.DataFrame, build: Builder, words: Words) -> Page:
    table = _amounts_page("balances", balances, ["inflow", "outflow", "addition", "error"], "unit", build, words)
    largest = float(balances["error"].abs().max()) if len(balances) else 0.0
    answer = words("sys_balances_hold", error=f"{largest:.1e}")
    return Page(words("sys_sheet_balances"), words("sys_title_balances"), answer, [table])
