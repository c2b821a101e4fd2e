"""The yearly model taken apart by periods: what each period costs at least, facilities whole.

Periods are joined by few rows: a scheme that begins, stays, a step that opens, lasts, closes. These rows are
moved into the objective with their prices (Lagrangian relaxation; Geoffrion 1974). At the prices of the linear
relaxation the periods together cost what the relaxation does, and each is small enough to be branched on, so
the sum of their bounds is a better bound of the whole. Capital is split over the years that a step serves,
its annuity, wherever the relaxation never abandons a step before its time; the prices say the same there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.formulation_parts import Formulation, discounts
from models.highs import Arrays
from models.late_rows import Mask
from models.reduction import Reduction, matrix_of, with_matrix
from models.safe_bound import lawful

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
SAME = 1e-6
IDLE = 1e-6
"""Share of the highest price up to which a row counts as having none."""


@dataclass(frozen=True)
class Part:
    """One period of a reduced model. ``columns`` and ``rows`` are the numbers of its own in the reduced one.

    ``groups`` are columns (numbers in ``arrays``) of nearly alike steps, whose sum is worth branching on. Rows that are
    ``idle`` have no price at the optimum of the relaxation.
    """

    period: int
    columns: Numbers
    rows: Numbers
    arrays: Arrays
    groups: list[list[int]]
    idle: Mask


def period_of_columns(form: Formulation) -> Numbers:
    """Return the period of every column."""
    found = np.zeros(form.linear.columns, dtype=np.int64)
    of_slice = form.slices.set_index("slice")["period"]
    for block in form.linear.blocks.values():
        if block.size:
            found[block.start : block.start + block.size] = _period_of(form, block.keys, of_slice)
    return found


def _period_of(form: Formulation, keys: pd.DataFrame, of_slice: pd.Series) -> Numbers:
    """Return the period of each key; the last one for what is of the whole horizon."""
    if "period" in keys:
        return np.asarray(keys["period"].to_numpy(dtype=np.int64))
    if "slice" in keys:
        return np.asarray(keys["slice"].map(of_slice).to_numpy(dtype=np.int64))
    if "year" in keys:
        of_year = {year: part.period for part in form.time.slices for year in part.years}
        return np.asarray(keys["year"].map(of_year).to_numpy(dtype=np.int64))
    return np.full(len(keys), form.time.periods[-1], dtype=np.int64)


def take_apart(form: Formulation, reduced: Reduction, duals: Array, values: Array) -> tuple[list[Part], float]:
    """Return the parts of a reduced yearly model and the constant that belongs to their sum.

    ``duals`` are the prices of the reduced rows and ``values`` those of its columns at the optimum of the linear
    relaxation. Whatever they are, the sum of the parts' optima and the constant is a lower bound.
    """
    arrays = reduced.arrays
    matrix = matrix_of(arrays)
    period = period_of_columns(form)[reduced.kept]
    row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    first = np.full(matrix.shape[0], np.iinfo(np.int64).max)
    last = np.full(matrix.shape[0], -1)
    np.minimum.at(first, row_of, period[matrix.indices])
    np.maximum.at(last, row_of, period[matrix.indices])
    joins = first < last
    price = np.where(joins, duals, 0.0)
    _price_capital(form, reduced, values, price, joins)
    price, side = lawful(arrays, price)
    cost = arrays.cost - matrix.T @ price
    parts = []
    for one in np.unique(period).tolist():
        columns = np.flatnonzero(period == one)
        rows = np.flatnonzero((first == one) & ~joins)
        part = with_matrix(
            arrays,
            matrix[rows][:, columns],
            cost=cost[columns],
            lower=arrays.lower[columns],
            upper=arrays.upper[columns],
            integer=_branched(form, reduced)[columns],
            row_lower=arrays.row_lower[rows],
            row_upper=arrays.row_upper[rows],
        )
        idle = (np.abs(duals[rows]) <= IDLE * np.abs(duals).max(initial=0.0)) & (part.row_lower < part.row_upper)
        parts.append(Part(one, columns, rows, part, _groups(form, reduced, columns), idle))
    return parts, float(price @ side)


def _branched(form: Formulation, reduced: Reduction) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which columns are whole in the parts: all but schemes, which are nearly so by themselves."""
    whole = reduced.arrays.integer.copy()
    whole[reduced.of(form.block("x"))] = False
    return whole


def rows_of(form: Formulation, reduced: Reduction, name: str) -> tuple[Numbers, pd.DataFrame]:
    """Return the numbers of a family's rows in the reduced model, and their keys."""
    if name not in form.linear.families:
        return np.empty(0, dtype=np.int64), pd.DataFrame()
    place = form.linear.rows(name)
    rows = np.arange(place.start, place.stop)
    there = np.isin(rows, reduced.rows)
    return np.searchsorted(reduced.rows, rows[there]), form.linear.families[name].keys[there].reset_index(drop=True)


def _price_capital(
    form: Formulation,
    reduced: Reduction,
    values: Array,
    price: Array,
    joins: np.ndarray[Any, np.dtype[np.bool_]],
) -> None:
    """Charge a step its annuity in every period that it serves, where the relaxation opens it once for good.

    Writes ``price`` of the rows ``lifetime`` and ``opens``; those of a step that it changes are no rows of a part.
    """
    lifetime, keys = rows_of(form, reduced, "lifetime")
    if keys.empty:
        return
    opens, opened = rows_of(form, reduced, "opens")
    discount = discounts(form.case)
    years: dict[int, float] = {}
    for part in form.time.slices:
        years[part.period] = years.get(part.period, 0.0) + sum(discount[year] for year in part.years)
    s = form.block("s")
    matrix = matrix_of(reduced.arrays)
    slack = np.abs(matrix[lifetime] @ values)
    step = ["facility", "size"]
    even = keys.assign(slack=slack).groupby(step)["slack"].max() < SAME
    # The rate per discounted year that no opening is undercut by: the annuity.
    serves = pd.DataFrame(
        [(row, column) for row, column in zip(*matrix[lifetime].nonzero(), strict=True)], columns=["row", "column"]
    )
    serves["number"] = reduced.kept[serves["column"]] - s.start
    serves = serves[(serves["number"] >= 0) & (serves["number"] < s.size)]
    serves["years"] = keys["period"].map(years).to_numpy()[serves["row"]]
    served = serves.groupby("number")["years"].sum()
    rates = s.keys.assign(rate=pd.Series(s.cost).div(served.reindex(np.arange(s.size))))
    rate = rates.groupby(step)["rate"].min()
    index = pd.MultiIndex.from_frame(keys[step])
    take = even.reindex(index).to_numpy(dtype=bool).copy()
    charged = rate.reindex(index).to_numpy() * keys["period"].map(years).to_numpy()
    take = take & np.isfinite(charged)
    price[lifetime[take]] = -charged[take]
    joins[lifetime[take]] = True
    chosen = {tuple(one) for one in keys.loc[take, step].to_numpy()}
    settled = np.array([tuple(one) in chosen for one in opened[step].to_numpy()], dtype=bool)
    price[opens[settled]] = 0.0
    joins[opens[settled]] = True


def _groups(form: Formulation, reduced: Reduction, columns: Numbers) -> list[list[int]]:
    """Return groups of columns ``on`` of new steps: of one technology, and of one technology and size."""
    on = form.block("on")
    whole = reduced.kept[columns]
    inside = np.flatnonzero((whole >= on.start) & (whole < on.start + on.size))
    keys = on.keys.iloc[whole[inside] - on.start].assign(column=inside)
    keys = keys[reduced.arrays.integer[columns[inside]]]
    technology = form.case["facilities"].set_index("facility")["technology"]
    state = form.case["facilities"].set_index("facility")["state"]
    keys["technology"] = keys["facility"].map(technology)
    new = keys[(keys["size"] != "existing") | (keys["facility"].map(state) != "existing")]
    found: list[list[int]] = []
    for _, part in new.groupby("technology", sort=True):
        if len(part) > 1:
            found.append(part["column"].tolist())
        for _, same in part.groupby("size", sort=True):
            if 1 < len(same) < len(part):
                found.append(same["column"].tolist())
    return found
