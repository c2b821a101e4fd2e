"""The result sheets of a flow system as pages: the answer first, then flows, balances, and what is open.

Each page is a function of tables in shown units (:mod:`reports.system_findings`); it is drawn by
:mod:`reports.excel` into a new workbook or by :mod:`reports.excel_append` into a copy of the user's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.system import System
from reports.page import Block, Column, Note, Page, Picture, Style, Table, Value
from reports.system_findings import (
    LARGE_Z,
    counts,
    layer_names,
    marks,
    names,
    suspect_lines,
    undetermined_lines,
    verdict,
    would_determine,
)
from reports.words import Words

MOST_LINES = 6
"""Sentences about single flows on the first page; the sheets behind have them all."""


@dataclass(frozen=True)
class Reconciled:
    """What reconciling found, in shown units; the tables are those of ``flows.reconcile``."""

    system: System
    flows: pd.DataFrame
    coefficients: pd.DataFrame
    relations: pd.DataFrame
    balances: pd.DataFrame
    suspects: pd.DataFrame
    chi2: float
    dof: int
    p_value: float
    significance: float
    undetermined: pd.DataFrame = field(default_factory=pd.DataFrame)
    draws: pd.DataFrame = field(default_factory=pd.DataFrame)


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


def number_style(values: Any) -> Style:
    """Return the number format that shows three digits of the largest of some values.

    >>> number_style([1200.0, 3.0]), number_style([0.004]), number_style([float("nan")])
    ('whole', 'score', 'whole')
    """
    numbers = np.abs(np.asarray(values, dtype=float))
    largest = float(np.nanmax(numbers, initial=0.0)) if np.isfinite(numbers).any() else 0.0
    if largest == 0 or largest >= 100:
        return "whole"
    return "one" if largest >= 10 else "two" if largest >= 0.1 else "score"


def _styles(frame: pd.DataFrame, columns: Sequence[str]) -> list[Style]:
    """Return the number format of each row: that of its layer's values."""
    by_layer = {layer: number_style(part[list(columns)].to_numpy()) for layer, part in frame.groupby("layer")}
    return [by_layer[layer] for layer in frame["layer"]]


class _Builder:
    """Makes tables of one system in one language: only the columns that tell something."""

    def __init__(self, system: System, words: Words) -> None:
        self.system, self.words = system, words
        self.flows, self.processes = names(system, "flows", words), names(system, "processes", words)
        self.layers = layer_names(system, words)
        self.ends = {row["flow"]: (row["from"], row["to"]) for row in system["flows"].to_dict("records")}

    def place(self) -> list[Column]:
        """Return the columns that say in which layer and year, where there are several."""
        columns = [Column("layer", self.words("sys_layer"))] if len(self.system.layers) > 1 else []
        return columns + ([Column("year", self.words("sys_year"), "year")] if len(self.system.years) > 1 else [])

    def placed(self, row: Mapping[str, Any]) -> list[Value]:
        """Return the values of :meth:`place`."""
        values: list[Value] = [self.layers.get(row["layer"], row["layer"])] if len(self.system.layers) > 1 else []
        return values + ([int(row["year"])] if len(self.system.years) > 1 else [])

    def process(self, identifier: str) -> str:
        """Return a process by name, the system boundary where there is none."""
        return self.processes.get(identifier, identifier) or self.words("sys_boundary")

    def named(self) -> bool:
        """Tell whether any flow has a name beside its id."""
        return any(identifier != name for identifier, name in self.flows.items())

    def flow(self, identifier: str) -> list[Value]:
        """Return id, name (where any has one), from and to of a flow, or of a stock."""
        if identifier in self.ends:
            start, end = (self.process(item) for item in self.ends[identifier])
            name: list[Value] = [self.flows[identifier]] if self.named() else []
            return [identifier, *name, start, end]
        name = [self.process(identifier)] if self.named() else []
        return [identifier, *name, self.words("sys_addition"), self.process(identifier)]

    def flow_columns(self) -> list[Column]:
        """Return the columns of :meth:`flow`."""
        keys = ["flow", *(["name"] if self.named() else []), "from", "to"]
        return [Column(key, self.words(f"sys_{key}")) for key in keys]

    def table(
        self,
        key: str,
        head: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        styles: Sequence[Style] = (),
        styled: Sequence[str] = (),
        **more: Any,
    ) -> Table:
        """Return a table with the columns of which any row has a value."""
        kept = [
            place
            for place, column in enumerate(head)
            if column.key in {"flow", "status", "verdict"} or any(not _blank(row[place]) for row in rows)
        ]
        return Table(
            key,
            more.pop("caption", ""),
            [head[place] for place in kept],
            [[row[place] for place in kept] for row in rows],
            row_styles=styles,
            styled=styled,
            **more,
        )


def _blank(value: Value) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def reconciled_pages(found: Reconciled, pictures: Sequence[Picture], language: str) -> list[Page]:
    """Return the pages of a reconciliation, the answer first."""
    words = Words(language)
    build = _Builder(found.system, words)
    pages = [_answer(found, build, words), _flows(found, build, words), _balances(found.balances, build, words)]
    if len(found.coefficients) or len(found.relations):
        pages.append(_inputs(found, build, words))
    if len(found.undetermined):
        pages.append(_undetermined(found.undetermined, build, words))
    return [*pages, *_draws(found.draws, build, words), *_pictures(pictures, words)]


def accounted_pages(found: Accounted, pictures: Sequence[Picture], language: str) -> list[Page]:
    """Return the pages of an account, the answer first."""
    words = Words(language)
    build = _Builder(found.system, words)
    pages = [_account_answer(found, build, words), _account_flows(found, build, words)]
    if len(found.stocks):
        pages.append(_stocks(found.stocks, build, words))
    pages.append(_account_balances(found.balances, build, words))
    if len(found.undetermined):
        pages.append(_undetermined(found.undetermined, build, words))
    return [*pages, *_draws(found.draws, build, words), *_pictures(pictures, words)]


def account_sentences(found: Accounted, words: Words) -> tuple[str, list[str]]:
    """Return the answer of an account and what to add to it."""
    status = found.flows["status"]
    unknown = int((status == "undetermined").sum())
    largest = float(found.balances["error"].abs().max()) if len(found.balances) else 0.0
    values = {"count": len(found.flows), "known": len(found.flows) - unknown, "unknown": unknown}
    answer = words("sys_part_solved" if unknown else "sys_solved", error=f"{largest:.1e}", **values)
    given, computed = int((status == "given").sum()), int((status == "computed").sum())
    return answer, [*found.notes, words("sys_given", given=given, computed=computed)]


def reconciled_sentences(found: Reconciled, words: Words, most: int | None = MOST_LINES) -> tuple[str, list[str]]:
    """Return the answer of a reconciliation and what to add to it, the suspects first."""
    answer = verdict(found.chi2, found.dof, found.p_value, found.significance, words)
    lines = suspect_lines(found.system, found.suspects, words, most, found.significance)
    if found.dof and found.p_value < found.significance:
        lines = [words("sys_disagree_means"), *(lines or [words("sys_no_suspect")])]
    return answer, [*lines, words("sys_counts", **counts(found.flows["status"]))]


def _answer(found: Reconciled, build: _Builder, words: Words) -> Page:
    answer, lead = reconciled_sentences(found, words)
    lead = [*lead, *undetermined_lines(found.system, found.undetermined, words, 3)]
    figures = Table(
        "figures",
        words("sys_caption_figures"),
        [Column("figure", words("sys_figure")), Column("value", words("sys_value"), "two")],
        [
            [words("sys_chi2"), found.chi2],
            [words("sys_dof"), found.dof],
            [words("sys_p_value"), found.p_value if found.dof else None],
            [words("sys_level"), found.significance],
        ],
        row_styles=["two", "whole", "score" if found.p_value < 0.01 else "two", "two"],
        styled=["value"],
    )
    head = [
        Column("rank", words("sys_rank"), "year"),
        Column("flow", words("sys_flow")),
        *build.place(),
        *(Column(key, words(f"sys_{key}"), "whole") for key in ("measured", "std", "implied", "implied_std")),
        Column("unit", words("sys_unit")),
        Column("z", words("sys_z"), "one"),
        Column("chi2", words("sys_chi2_without"), "two"),
        Column("p_value", words("sys_p_without"), "two"),
        Column("not_told_from", words("sys_not_told_from")),
    ]
    amounts = ["measured", "std", "implied", "implied_std"]
    rows = [
        [row["rank"], row["flow"], *build.placed(row), *(row[name] for name in amounts), row["unit"], row["z"],
         row["chi2"], row["p_value"] if row["dof"] else None, row["not_told_from"]]
        for row in found.suspects.to_dict("records")
    ]  # fmt: skip
    styles = _styles(found.suspects, amounts) if len(found.suspects) else []
    suspects = build.table(
        "suspects",
        head,
        rows,
        styles,
        amounts,
        caption=words("sys_caption_suspects"),
        marked=frozenset(range(len(rows))),
    )
    blocks: list[Block] = [*([suspects] if rows else []), _moved(found, build, words), figures]
    blocks += [Note(words("sys_least_squares")), Note(words("sys_z_means"))]
    title = words("sys_title_reconciled", title=found.system.settings["title"])
    return Page(words("sys_sheet_answer"), title, answer, blocks, lead)


def _moved(found: Reconciled, build: _Builder, words: Words) -> Table:
    """Return the measurements that were moved most, by z."""
    rows = found.flows[found.flows["z"].notna()].sort_values("z", ascending=False, kind="stable").head(8)
    return _flow_table("moved", rows, found, build, words, caption=words("sys_caption_moved"))


def _flows(found: Reconciled, build: _Builder, words: Words) -> Page:
    answer, _ = reconciled_sentences(found, words)
    note = f"{words('sys_statuses')} {words('sys_z_means')}"
    if found.flows["lower_possible"].notna().any():
        note += f" {words('sys_possible_means')}"
    table = _flow_table("flows", found.flows, found, build, words, note=note)
    return Page(words("sys_sheet_flows"), words("sys_title_flows"), answer, [table])


def _flow_table(key: str, frame: pd.DataFrame, found: Reconciled, build: _Builder, words: Words, **more: Any) -> Table:
    amounts = ["measured", "std", "reconciled", "reconciled_std", "change", "lower_possible", "upper_possible"]
    frame = frame.assign(change=frame["reconciled"] - frame["measured"])
    suspect = marks(frame, found.suspects)
    head = [
        *build.flow_columns(),
        *build.place(),
        Column("unit", words("sys_unit")),
        *(Column(name, words(f"sys_{name}"), "whole") for name in amounts[:5]),
        Column("status", words("sys_status")),
        Column("z", words("sys_z"), "one"),
        Column("verdict", words("sys_verdict")),
        *(Column(name, words(f"sys_{name}"), "whole") for name in amounts[5:]),
    ]
    rows: list[list[Value]] = []
    for place, row in enumerate(frame.to_dict("records")):
        rows.append(
            [
                *build.flow(str(row["flow"])),
                *build.placed({str(k): v for k, v in row.items()}),
                row["unit"],
                *(row[name] for name in amounts[:5]),
                words(f"sys_status_{row['status']}"),
                row["z"],
                _verdict(bool(suspect[place]), float(row["z"]), words),
                *(row[name] for name in amounts[5:]),
            ]
        )
    styles = _styles(frame, ["measured", "reconciled"]) if len(frame) else []
    marked = frozenset(int(place) for place in np.flatnonzero(suspect))
    return build.table(key, head, rows, styles, amounts, marked=marked, **more)


def _verdict(suspect: bool, z: float, words: Words) -> str:
    if suspect:
        return words("sys_mark_suspect")
    if math.isnan(z):
        return ""
    return words("sys_mark_large" if z > LARGE_Z else "sys_mark_fine")


def _balances(balances: pd.DataFrame, build: _Builder, words: Words) -> Page:
    head = [
        Column("process", words("sys_process")),
        *build.place(),
        Column("unit", words("sys_unit")),
        Column("imbalance", words("sys_imbalance"), "whole"),
        Column("z", words("sys_z"), "one"),
        Column("verdict", words("sys_verdict")),
        Column("together_with", words("sys_together_with")),
    ]
    rows: list[list[Value]] = [
        [build.process(row["process"]), *build.placed(row), row["unit"], row["imbalance"], row["z"],
         _verdict(False, float(row["z"]), words), row["together_with"]]
        for row in balances.to_dict("records")
    ]  # fmt: skip
    large = frozenset(int(place) for place in np.flatnonzero(balances["z"].to_numpy(dtype=float) > LARGE_Z))
    styles = _styles(balances, ["imbalance"]) if len(balances) else []
    table = build.table("balances", head, rows, styles, ["imbalance"], marked=large, note=words("sys_balance_means"))
    answer = words("sys_balances_large" if large else "sys_balances_fine", count=len(large))
    return Page(words("sys_sheet_balances"), words("sys_title_balances"), answer, [table])


def _inputs(found: Reconciled, build: _Builder, words: Words) -> Page:
    amounts = ["measured", "std", "reconciled", "reconciled_std"]
    tail = [
        *(Column(name, words(f"sys_{name}"), "two") for name in amounts),
        Column("status", words("sys_status")),
        Column("z", words("sys_z"), "one"),
    ]
    blocks: list[Block] = []
    for table, frame in (("coefficients", found.coefficients), ("relations", found.relations)):
        if frame.empty:
            continue
        first = ["process", "flow"] if table == "coefficients" else ["flow", "of_flow", "of_layer", "unit"]
        labels = {"of_flow": "sys_of", "of_layer": "sys_of_layer", "process": "sys_process"}
        head = [*(Column(name, words(labels.get(name, f"sys_{name}"))) for name in first), *build.place(), *tail]
        rows: list[list[Value]] = [
            [*(row[name] for name in first), *build.placed(row), *(row[name] for name in amounts),
             words(f"sys_status_{row['status']}"), row["z"]]
            for row in frame.to_dict("records")
        ]  # fmt: skip
        styles = [number_style([row["measured"], row["reconciled"]]) for row in frame.to_dict("records")]
        caption = words(f"sys_caption_{table}")
        blocks.append(build.table(table, head, rows, styles, amounts, caption=caption))
    answer = words("sys_inputs_answer")
    return Page(words("sys_sheet_inputs"), words("sys_title_inputs"), answer, blocks)


def _undetermined(undetermined: pd.DataFrame, build: _Builder, words: Words) -> Page:
    head = [
        *build.flow_columns(),
        *build.place(),
        Column("determined_by", words("sys_determined_by")),
    ]
    rows: list[list[Value]] = [
        [*build.flow(str(row["flow"])), *build.placed(row),
         would_determine(str(row["determined_by"]), bool(row["together"]), words)]
        for row in undetermined.to_dict("records")
    ]  # fmt: skip
    table = build.table("undetermined", head, rows)
    answer = words("sys_undetermined_answer", count=len(undetermined))
    return Page(words("sys_sheet_undetermined"), words("sys_title_undetermined"), answer, [table])


def _account_answer(found: Accounted, build: _Builder, words: Words) -> Page:
    answer, lead = account_sentences(found, words)
    system = found.system
    sizes = {"flows": len(system["flows"]), "processes": len(system["processes"]),
             "layers": len(system.layers), "years": len(system.years)}  # fmt: skip
    lead = [*lead, words("sys_cells", **sizes), *undetermined_lines(system, found.undetermined, words, MOST_LINES)]
    latest = found.flows[found.flows["year"] == max(system.years)]
    largest = latest.reindex(latest["value"].abs().sort_values(ascending=False, kind="stable").index).head(12)
    table = _value_table("largest", largest, build, words, caption=words("sys_caption_largest", year=max(system.years)))
    title = words("sys_title_account", title=system.settings["title"])
    return Page(words("sys_sheet_answer"), title, answer, [table], lead)


def _value_table(key: str, frame: pd.DataFrame, build: _Builder, words: Words, **more: Any) -> Table:
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
        [*build.flow(str(row["flow"])), *build.placed(row), row["unit"], row["value"],
         *([row["std"]] if uncertain else []), words(f"sys_status_{row['status']}")]
        for row in frame.to_dict("records")
    ]  # fmt: skip
    styles = _styles(frame, ["value"]) if len(frame) else []
    return build.table(key, head, rows, styles, ["value", "std"], **more)


def _account_flows(found: Accounted, build: _Builder, words: Words) -> Page:
    answer, _ = account_sentences(found, words)
    return Page(
        words("sys_sheet_flows"), words("sys_title_flows"), answer, [_value_table("flows", found.flows, build, words)]
    )


def _amounts_page(
    key: str, frame: pd.DataFrame, amounts: Sequence[str], unit: str, build: _Builder, words: Words
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
        values = [build.process(row["process"]), *build.placed(row), row["unit"], *(row[name] for name in amounts)]
        rows.append([*values, row[unit], row["stock"]] if unit != "unit" else values)
    measured = [name for name in (*amounts, "stock") if name in frame and name != "error"]
    styles = _styles(frame, measured) if len(frame) else []
    return build.table(key, head, rows, styles, measured)


def _stocks(stocks: pd.DataFrame, build: _Builder, words: Words) -> Page:
    table = _amounts_page("stocks", stocks, ["inflow", "outflow", "addition"], "stock_unit", build, words)
    return Page(words("sys_sheet_stocks"), words("sys_title_stocks"), words("sys_stocks_mean"), [table])


def _account_balances(balances: pd.DataFrame, build: _Builder, words: Words) -> Page:
    table = _amounts_page("balances", balances, ["inflow", "outflow", "addition", "error"], "unit", build, words)
    largest = float(balances["error"].abs().max()) if len(balances) else 0.0
    answer = words("sys_balances_hold", error=f"{largest:.1e}")
    return Page(words("sys_sheet_balances"), words("sys_title_balances"), answer, [table])


def _draws(draws: pd.DataFrame, build: _Builder, words: Words) -> list[Page]:
    if draws.empty:
        return []
    amounts = ["median", "p5", "p95"]
    head = [
        *build.flow_columns(),
        *build.place(),
        Column("unit", words("sys_unit")),
        *(Column(name, words(f"sys_{name}"), "whole") for name in amounts),
    ]
    rows: list[list[Value]] = [
        [*build.flow(str(row["flow"])), *build.placed(row), row["unit"], *(row[name] for name in amounts)]
        for row in draws.to_dict("records")
    ]
    table = build.table("draws", head, rows, _styles(draws, amounts), amounts)
    answer = words("sys_draws_mean", draws=int(draws.attrs.get("draws", 0)))
    return [Page(words("sys_sheet_draws"), words("sys_title_draws"), answer, [table])]


def _pictures(pictures: Sequence[Picture], words: Words) -> list[Page]:
    if not pictures:
        return []
    return [Page(words("sys_sheet_sankey"), words("sys_title_sankey"), words("sys_sankey_answer"), list(pictures))]
