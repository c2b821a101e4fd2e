"""The least that must give way: an elastic model, in which some levers may be pulled and pulling is what costs.

Every row of a lever gets a slack, and the slacks of a year add up to no more than what the lever is pulled,
once for all years: capacity that is built for one year is there in the others. Pulling costs what the lever
moves in tonnes a year, so that levers of different kinds can be compared; a decision that is dropped costs as much
as all waste of the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models import search
from models.formulation_parts import Formulation
from models.highs import Arrays, Session, Solution
from models.levers import Array, Integers, Levers, appended
from models.primal import relax

TONNES = 1000.0
"""Tonnes in a kt: the objective is in tonnes, so that the tolerances of the solver are small."""
YEARLY = 1e-4
"""What a slack in a single year costs beside the lever itself: years that need nothing get nothing."""
NOTHING = 1e-6
"""Share of the largest lever (and kt) from which a lever counts as pulled."""


class OutOfTime(Exception):
    """The question was not answered within its time."""


@dataclass(frozen=True)
class Pulled:
    """What gives way. ``levers``: lever, amount (in units of the rows), years; ``rows``: lever, row, year, slack.

    ``values`` are the columns of the model, ``burden`` is t/year, ``exact`` whether decisions were whole.
    """

    levers: pd.DataFrame
    rows: pd.DataFrame
    values: Array
    burden: float
    exact: bool


def is_small(arrays: Arrays) -> bool:
    """Tell whether a model is solved with whole decisions."""
    return len(arrays.cost) <= search.SMALL


def answered(arrays: Arrays, time_limit: float, threads: int, gap: float = 1e-6) -> Solution:
    """Solve a question of feasibility or of one quantity: with whole decisions if the model is small, else relaxed."""
    if is_small(arrays):
        return Session(arrays, mip_rel_gap=gap, time_limit=time_limit, threads=threads).run()
    return relax(arrays, time_limit, threads)


def all_waste(form: Formulation) -> float:
    """Return the waste of all sources in the year that has most, kt."""
    each = form.supply.commodities.groupby([*SOURCE, "scheme", "slice"])["kt"].sum()
    return float(each.groupby([*SOURCE, "slice"]).max().groupby("slice").sum().max()) if len(each) else 1.0


def penalties(levers: Levers) -> Array:
    """Return what a unit of each lever costs, in t/year of waste."""
    form = levers.form
    waste = all_waste(form)
    cost = np.full(len(levers.table), TONNES)
    table = levers.table
    scale = levers.rows.groupby("lever")["scale"].max().reindex(range(len(table))).fillna(1.0).to_numpy()
    cost *= scale
    cost[table["whole"].to_numpy(dtype=bool)] = TONNES * waste
    # Limits of CO2, money and counts are no waste: the whole limit weighs as much as a tenth of the waste.
    other = (table["kind"] == "limit") & ~table["name"].isin(["landfilled", "incinerated"])
    for position in np.flatnonzero(other.to_numpy()):
        rows = levers.rows.loc[levers.rows["lever"] == position, "row"].to_numpy(dtype=np.int64)
        bounds = np.concatenate([levers.arrays.row_upper[rows], levers.arrays.row_lower[rows]])
        size = float(np.max(np.abs(bounds[np.isfinite(bounds) & (np.abs(bounds) < 1e29)]), initial=0.0)) or 1.0
        cost[position] = TONNES * waste / 10.0 / size
    return cost


def least(levers: Levers, which: Iterable[int], *, time_limit: float, threads: int) -> Pulled | None:
    """Return the least that some levers must give for the case to be feasible; None if they cannot make it so.

    Raises :class:`OutOfTime` if neither is known within ``time_limit`` seconds.
    """
    chosen = np.array(sorted(which), dtype=np.int64)
    rows = levers.rows[levers.rows["lever"].isin(chosen)].reset_index(drop=True)
    if rows.empty:
        return None
    arrays = levers.arrays
    columns, slacks = len(arrays.cost), len(rows)
    place = pd.Series(np.arange(len(chosen)), index=chosen)
    whole = levers.table["whole"].to_numpy(dtype=bool)[chosen]
    cost = penalties(levers)[chosen]
    own = columns + slacks + place[rows["lever"]].to_numpy(dtype=np.int64)
    single = cost[place[rows["lever"]].to_numpy()] / rows["scale"].to_numpy(dtype=float) * YEARLY
    grown = _with_slacks(arrays, rows["row"].to_numpy(dtype=np.int64), rows["sign"].to_numpy(dtype=float))
    elastic = replace(
        grown,
        cost=np.concatenate([np.zeros(columns), single, cost]),
        lower=np.concatenate([arrays.lower, np.zeros(slacks + len(chosen))]),
        upper=np.concatenate([arrays.upper, np.full(slacks, np.inf), np.where(whole, 1.0, np.inf)]),
        integer=np.concatenate([arrays.integer, np.zeros(slacks, dtype=bool), whole]),
    )
    # Slacks of one year stay below what the lever is pulled; those of a decision one by one.
    each = whole[place[rows["lever"]].to_numpy()]
    year = rows["year"].where(~each, np.arange(slacks))
    group = rows.assign(key=year).groupby(["lever", "key"], sort=False).ngroup().to_numpy()
    count = int(group.max()) + 1
    entries = pd.concat(
        [
            pd.DataFrame({"row": group, "col": columns + np.arange(slacks), "coef": 1.0 / rows["scale"]}),
            pd.DataFrame({"row": group, "col": own, "coef": -1.0}).drop_duplicates("row"),
        ]
    ).sort_values(["row", "col"])
    row, col = (entries[name].to_numpy(dtype=np.int64) for name in ("row", "col"))
    elastic = appended(
        elastic, row, col, entries["coef"].to_numpy(dtype=float), np.full(count, -np.inf), np.zeros(count)
    )
    solution = answered(elastic, time_limit, threads)
    if not len(solution.values):
        if solution.status != "infeasible":
            raise OutOfTime
        return None
    return _pulled(levers, rows, chosen, solution.values, columns, cost, is_small(elastic))


def _with_slacks(arrays: Arrays, row: Integers, sign: Array) -> Arrays:
    """Return the matrix with a further column in each of some rows, with coefficient ``sign``."""
    order = np.argsort(row, kind="stable")
    columns = len(arrays.cost)
    at = arrays.start[row[order] + 1]
    index = np.insert(arrays.index, at, (columns + np.arange(len(row)))[order]).astype(np.int32)
    value = np.insert(arrays.value, at, sign[order])
    start = arrays.start.astype(np.int64).copy()
    start[1:] += np.cumsum(np.bincount(row, minlength=len(arrays.row_lower)))
    return replace(arrays, start=start.astype(np.int32), index=index, value=value)


def _pulled(
    levers: Levers, rows: pd.DataFrame, chosen: Integers, values: Array, columns: int, cost: Array, exact: bool
) -> Pulled:
    slack = np.maximum(values[columns : columns + len(rows)], 0.0)
    amount = np.maximum(values[columns + len(rows) :], 0.0)
    burden = cost * amount
    noticed = burden > max(NOTHING * TONNES, (1e-6 if exact else 1e-3) * float(burden.max(initial=0.0)))
    used = rows.assign(slack=slack)
    used = used[used["lever"].isin(chosen[noticed])]
    used = used[used["slack"] > NOTHING]
    table: dict[str, Any] = {"lever": chosen[noticed], "amount": amount[noticed], "burden": burden[noticed]}
    found = pd.DataFrame(table)
    span = used.groupby("lever")["year"].agg(["min", "max"]).reindex(found["lever"])
    found["year"], found["until"] = span["min"].to_numpy(), span["max"].to_numpy()
    found = found.sort_values(["burden", "lever"], ascending=[False, True], ignore_index=True)
    return Pulled(found, used.reset_index(drop=True), values[:columns], float(burden[noticed].sum()), exact)
