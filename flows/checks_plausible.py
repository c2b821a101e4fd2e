"""Values that can be read but hardly be meant: a thousand times what is usual, more waste than anybody makes.

They are the marks of a wrong unit, kilograms read as tonnes say. All of them warn only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from flows.case import Case
from flows.checks import Check, cell_problem
from flows.problems import Problem, number_text
from flows.tables import TABLES, Table

TIMES = 1000
"""A value above this many times the median of the others of its column is told."""
TIMES_PER_CAPITA = 100
"""The same for an amount per inhabitant, beside the same amount of other municipalities."""
FEWEST_OTHERS = 3
MOST_PER_CAPITA = 100.0
"""Waste per inhabitant and year [t] that no area makes; Denmark makes two to four."""
UNALIKE = {"generation", "stock_series"}
"""Tables whose rows are of different sizes by nature."""


def outliers(values: np.ndarray, times: float) -> Iterator[tuple[int, float]]:
    """Yield positions of values above ``times`` the median of the other positive ones, with that median.

    >>> list(outliers(np.array([2.0, 3.0, 2500.0, 2.0]), 1000))
    [(2, 2.0)]
    """
    sizes = np.abs(np.nan_to_num(values))
    positive = np.sort(sizes[sizes > 0])
    if len(positive) <= FEWEST_OTHERS:
        return
    # Without any one value of the upper half the median is the same as without the largest.
    usual = float(np.median(positive[:-1]))
    for position in np.flatnonzero(sizes > times * usual):
        yield int(position), usual


def _columns(table: Table, case: Case) -> Iterator[Problem]:
    """Yield values far above the others of their column."""
    rows = case[table.name]
    for column in table.columns:
        if column.kind != "number" or not column.unit:
            continue
        values = rows[column.name].to_numpy(dtype=float)
        for position, usual in outliers(values, TIMES):
            times = f"{abs(values[position]) / usual:,.0f}"
            texts = {"found": number_text(values[position]), "expected": number_text(usual), "place": times}
            yield cell_problem(rows, table.name, position, column.name, "value_absurd", severity="warning", **texts)


def amounts(case: Case) -> Iterator[Problem]:
    """Yield amounts per inhabitant far above those of other municipalities, and totals that nobody makes."""
    rows = case["generation"].reset_index(drop=True)
    people = case["municipalities"].drop_duplicates("municipality").set_index("municipality")["population"]
    per_head = (rows["amount"] / rows["municipality"].map(people)).replace(np.inf, np.nan)
    for _, part in rows.groupby(["sector", "segment", "fraction", "composition", "year"], sort=False):
        values = per_head[part.index].to_numpy(dtype=float)
        for place, usual in outliers(values, TIMES_PER_CAPITA):
            texts = {
                "found": number_text(part["amount"].iloc[place]),
                "expected": f"{number_text(usual)} t",
                "place": f"{values[place] / usual:,.0f}",
                "severity": "warning",
            }
            yield cell_problem(rows, "generation", int(part.index[place]), "amount", "amount_absurd", **texts)
    inhabitants = float(people.sum())
    for year, total in rows.groupby("year")["amount"].sum().items() if inhabitants > 0 else ():
        if total / inhabitants > MOST_PER_CAPITA:
            texts = {"found": number_text(total / inhabitants), "expected": number_text(MOST_PER_CAPITA)}
            problem = Problem("amounts_absurd", "generation", column="amount", place=f"{year:.0f}", severity="warning")
            yield problem.at(**texts)


PLAUSIBLE_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    *(((table.name,), partial(_columns, table)) for table in TABLES if table.name not in UNALIKE),
    (("generation", "municipalities"), amounts),
)
"""Each check with the tables that it reads."""
