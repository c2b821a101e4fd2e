"""What the result sheets of a flow system are made of: tables of flows and processes, in one language.

Only columns that tell something are there; numbers have the format that their layer needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.system import System
from reports.page import Column, Page, Picture, Style, Table, Value
from reports.sankey_text import unit_text
from reports.system_findings import layer_names, names, would_determine
from reports.words import Words


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


def row_styles_of(frame: pd.DataFrame, columns: Sequence[str]) -> list[Style]:
    """Return the number format of each row: that of its layer's values."""
    by_layer = {layer: number_style(part[list(columns)].to_numpy()) for layer, part in frame.groupby("layer")}
    return [by_layer[layer] for layer in frame["layer"]]


class Builder:
    """Makes tables of one system in one language: only the columns that tell something."""

    def __init__(self, system: System, words: Words) -> None:
        self.system, self.words = system, words
        self.flows, self.processes = names(system, "flows", words), names(system, "processes", words)
        self.layers = layer_names(system, words)
        self.several = (len(system.layers) > 1, len(system.years) > 1)
        self.has_names = any(identifier != name for identifier, name in self.flows.items())
        self.ends = {row["flow"]: (row["from"], row["to"]) for row in system["flows"].to_dict("records")}

    def place(self) -> list[Column]:
        """Return the columns that say in which layer and year, where there are several."""
        columns = [Column("layer", self.words("sys_layer"))] if self.several[0] else []
        return columns + ([Column("year", self.words("sys_year"), "year")] if self.several[1] else [])

    def placed(self, row: Mapping[str, Any]) -> list[Value]:
        """Return the values of :meth:`place`."""
        values: list[Value] = [self.layers.get(row["layer"], row["layer"])] if self.several[0] else []
        return values + ([int(row["year"])] if self.several[1] else [])

    def unit(self, row: Mapping[Any, Any]) -> str:
        """Return the unit of a row in the language."""
        return unit_text(str(row["unit"]), self.words)

    def process(self, identifier: str) -> str:
        """Return a process by name, the system boundary where there is none."""
        return self.processes.get(identifier, identifier) or self.words("sys_boundary")

    def named(self) -> bool:
        """Tell whether any flow has a name beside its id."""
        return self.has_names

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
            if column.key in {"flow", "status", "verdict"} or any(not is_blank(row[place]) for row in rows)
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


def without(table: Table, *keys: str) -> Table:
    """Return a table without some of its columns."""
    kept = [place for place, column in enumerate(table.columns) if column.key not in keys]
    return replace(
        table,
        columns=[table.columns[place] for place in kept],
        lines=[[line[place] for place in kept] for line in table.lines],
    )


def is_blank(value: Value) -> bool:
    """Tell whether a cell stays empty."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def undetermined_page(undetermined: pd.DataFrame, build: Builder, words: Words) -> Page:
    """Return the page of the flows that are not determined."""
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


def draws_pages(draws: pd.DataFrame, build: Builder, words: Words) -> list[Page]:
    """Return the page of a Monte Carlo run, if there was one."""
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
        [*build.flow(str(row["flow"])), *build.placed(row), build.unit(row), *(row[name] for name in amounts)]
        for row in draws.to_dict("records")
    ]
    table = build.table("draws", head, rows, row_styles_of(draws, amounts), amounts)
    answer = words("sys_draws_mean", draws=int(draws.attrs.get("draws", 0)))
    return [Page(words("sys_sheet_draws"), words("sys_title_draws"), answer, [table])]


def picture_pages(pictures: Sequence[Picture], words: Words) -> list[Page]:
    """Return the page of pictures, if there are any."""
    if not pictures:
        return []
    return [Page(words("sys_sheet_sankey"), words("sys_title_sankey"), words("sys_sankey_answer"), list(pictures))]
