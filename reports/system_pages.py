"""The result sheets of a flow system as pages: the answer first, then flows, balances, and what is open.

Each page is a function of tables in shown units (:mod:`reports.system_findings`); it is drawn by
:mod:`reports.excel` into a new workbook or by :mod:`reports.excel_append` into a copy of the user's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.system import System
from reports.page import Block, Column, Note, Page, Picture, Table, Value
from reports.system_build import (
    Builder,
    draws_pages,
    number_style,
    picture_pages,
    row_styles_of,
    undetermined_page,
    without,
)
from reports.system_findings import (
    LARGE_Z,
    counts,
    flow_label,
    marks,
    suspect_lines,
    undetermined_lines,
    verdict,
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


def reconciled_pages(found: Reconciled, pictures: Sequence[Picture], language: str) -> list[Page]:
    """Return the pages of a reconciliation, the answer first."""
    words = Words(language)
    build = Builder(found.system, words)
    pages = [_answer(found, build, words), _flows(found, build, words), _balances(found.balances, build, words)]
    if len(found.coefficients) or len(found.relations):
        pages.append(_inputs(found, build, words))
    if len(found.undetermined):
        pages.append(undetermined_page(found.undetermined, build, words))
    return [*pages, *draws_pages(found.draws, build, words), *picture_pages(pictures, words)]


def reconciled_sentences(found: Reconciled, words: Words, most: int | None = MOST_LINES) -> tuple[str, list[str]]:
    """Return the answer of a reconciliation and what to add to it, the suspects first."""
    answer = verdict(found.chi2, found.dof, found.p_value, found.significance, words)
    lines = suspect_lines(found.system, found.suspects, words, most, found.significance)
    if found.dof and found.p_value < found.significance:
        lines = [words("sys_disagree_means"), *(lines or [words("sys_no_suspect")])]
    return answer, [*lines, words("sys_counts", **counts(found.flows["status"]))]


def _answer(found: Reconciled, build: Builder, words: Words) -> Page:
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
        Column("flow", words("sys_flow")),
        Column("rank", words("sys_rank"), "year"),
        *build.place(),
        *(Column(key, words(f"sys_{key}"), "whole") for key in ("measured", "std", "implied", "implied_std")),
        Column("unit", words("sys_unit")),
        Column("z", words("sys_z"), "one"),
        Column("chi2", words("sys_chi2_without"), "two"),
        Column("p_value", words("sys_p_without"), "two"),
        Column("not_told_from", words("sys_not_told_from")),
        Column("row", words("sys_row"), "year"),
    ]
    amounts = ["measured", "std", "implied", "implied_std"]
    rows = [
        [flow_label(found.system, str(row["flow"]), words), row["rank"], *build.placed(row), *(row[name] for name in amounts), build.unit(row), row["z"],
         row["chi2"], row["p_value"] if row["dof"] else None, row["not_told_from"], row["row"]]
        for row in found.suspects.to_dict("records")
    ]  # fmt: skip
    styles = row_styles_of(found.suspects, amounts) if len(found.suspects) else []
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


def _moved(found: Reconciled, build: Builder, words: Words) -> Table:
    """Return the measurements that were moved most, by z."""
    rows = found.flows[found.flows["z"].notna()].sort_values("z", ascending=False, kind="stable").head(8)
    table = _flow_table("moved", rows, found, build, words, caption=words("sys_caption_moved"))
    labels = [[flow_label(found.system, str(line[0]), words), *line[1:]] for line in table.lines]
    return without(replace(table, lines=labels), "name", "from", "to", "status", "lower_possible", "upper_possible")


def _flows(found: Reconciled, build: Builder, words: Words) -> Page:
    answer, _ = reconciled_sentences(found, words)
    note = f"{words('sys_statuses')} {words('sys_z_means')}"
    if found.flows["lower_possible"].notna().any():
        note += f" {words('sys_possible_means')}"
    table = _flow_table("flows", found.flows, found, build, words, note=note)
    return Page(words("sys_sheet_flows"), words("sys_title_flows"), answer, [table])


def _flow_table(key: str, frame: pd.DataFrame, found: Reconciled, build: Builder, words: Words, **more: Any) -> Table:
    amounts = ["measured", "std", "reconciled", "reconciled_std", "lower_possible", "upper_possible"]
    suspect = marks(frame, found.suspects)
    head = [
        *build.flow_columns(),
        *build.place(),
        Column("unit", words("sys_unit")),
        *(Column(name, words(f"sys_{name}"), "whole") for name in amounts[:4]),
        Column("status", words("sys_status")),
        Column("z", words("sys_z"), "one"),
        Column("verdict", words("sys_verdict")),
        *(Column(name, words(f"sys_{name}"), "whole") for name in amounts[4:]),
    ]
    rows: list[list[Value]] = []
    for place, row in enumerate(frame.to_dict("records")):
        rows.append(
            [
                *build.flow(str(row["flow"])),
                *build.placed({str(k): v for k, v in row.items()}),
                build.unit(row),
                *(row[name] for name in amounts[:4]),
                words(f"sys_status_{row['status']}"),
                row["z"],
                _verdict(bool(suspect[place]), float(row["z"]), words),
                *(row[name] for name in amounts[4:]),
            ]
        )
    styles = row_styles_of(frame, ["measured", "reconciled"]) if len(frame) else []
    marked = frozenset(int(place) for place in np.flatnonzero(suspect))
    return build.table(key, head, rows, styles, amounts, marked=marked, **more)


def _verdict(suspect: bool, z: float, words: Words) -> str:
    if suspect:
        return words("sys_mark_suspect")
    if math.isnan(z):
        return ""
    return words("sys_mark_large" if z > LARGE_Z else "sys_mark_fine")


def _balances(every: pd.DataFrame, build: Builder, words: Words) -> Page:
    """Return the balances of which something can be said before anything is moved."""
    balances = every[every["imbalance"].notna() | every["z"].notna()]
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
        [build.process(row["process"]), *build.placed(row), build.unit(row), row["imbalance"], row["z"],
         _verdict(False, float(row["z"]), words), row["together_with"]]
        for row in balances.to_dict("records")
    ]  # fmt: skip
    large = frozenset(int(place) for place in np.flatnonzero(balances["z"].to_numpy(dtype=float) > LARGE_Z))
    styles = row_styles_of(balances, ["imbalance"]) if len(balances) else []
    table = build.table("balances", head, rows, styles, ["imbalance"], marked=large, note=words("sys_balance_means"))
    answer = words("sys_balances_large" if large else "sys_balances_fine", count=len(large))
    return Page(words("sys_sheet_balances"), words("sys_title_balances"), answer, [table])


def _inputs(found: Reconciled, build: Builder, words: Words) -> Page:
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
            [*(build.unit(row) if name == "unit" else row[name] for name in first), *build.placed(row), *(row[name] for name in amounts),
             words(f"sys_status_{row['status']}"), row["z"]]
            for row in frame.to_dict("records")
        ]  # fmt: skip
        styles = [number_style([row["measured"], row["reconciled"]]) for row in frame.to_dict("records")]
        caption = words(f"sys_caption_{table}")
        blocks.append(build.table(table, head, rows, styles, amounts, caption=caption))
    answer = words("sys_inputs_answer")
    return Page(words("sys_sheet_inputs"), words("sys_title_inputs"), answer, blocks)
