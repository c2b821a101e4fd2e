"""What the families of the model share: the model under construction, decisions, and tables of coefficients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from flows.case import Case
from models.builder import Block, Linear
from models.coding import Codes, pairs, positions
from models.routes import Routes
from models.supply import COMMODITY, Supply
from models.timing import Horizon

Array = np.ndarray[Any, np.dtype[np.float64]]
MILLION = 1e6
WAY = ["technology", "mode"]
PLACE = ["municipality", "group", "stream"]


@dataclass(frozen=True)
class Decisions:
    """Decisions that are fixed: ``schemes`` SOURCE, scheme, period, share; ``steps`` facility, size, period, on.

    ``choices`` are the other whole choices of the model that they were found in, by name (:mod:`models.decided`).
    """

    schemes: pd.DataFrame
    steps: pd.DataFrame
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Support:
    """What a restricted model may use: ``schemes`` SOURCE, scheme; ``facilities`` where something new may be built."""

    schemes: pd.DataFrame
    facilities: frozenset[str]


@dataclass
class Formulation:
    """A model under construction and the tables that its columns and rows are named by."""

    case: Case
    time: Horizon
    routes: Routes
    captures: pd.DataFrame
    pooled: bool
    linear: Linear
    supply: Supply
    slices: pd.DataFrame
    effective: pd.DataFrame
    inflow: pd.DataFrame
    places: pd.DataFrame
    targets: pd.DataFrame
    coded_inflow: CodedInflow | None = field(default=None, init=False, repr=False)
    decided: bool = False
    """Schemes and steps are fixed: what the model gives is a plan, not a bound."""
    money: Array | None = None
    """Discounted cost of every physical column [million], whatever the objective is."""
    year_money: dict[int, Array] = field(default_factory=dict)
    """Cost of single years, as they are asked for."""
    again: Callable[[Case], Formulation] | None = None
    """Builds the same columns and physical rows for another case."""
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Tables of columns that a policy has added."""

    def block(self, name: str) -> Block:
        """Return the block of columns called ``name``."""
        return self.linear.blocks[name]


def discounts(case: Case) -> dict[int, float]:
    """Return the discounted years that each plan year stands for."""
    return {year: case.discount(year) for year in case.plan_years}


def groups(case: Case, frame: pd.DataFrame) -> pd.Series:
    """Return the group of a source that shares its way to facilities: its sector where contracts tell sectors apart."""
    rows = case["contracts"]
    apart = set(rows.loc[rows["sector"] != "", "stream"])
    return frame["sector"].where(frame["stream"].isin(apart), "")


def add_cost(form: Formulation, cols: pd.Series, cost: pd.Series) -> None:
    """Add money [currency] to the objective coefficients of columns."""
    _add_cost(form, cols.to_numpy(), cost.to_numpy(dtype=float))


def _add_cost(form: Formulation, cols: Any, cost: Array) -> None:
    for block in form.linear.blocks.values():
        inside = (cols >= block.start) & (cols < block.start + block.size)
        if inside.any():
            np.add.at(block.cost, (cols[inside] - block.start).astype(np.int64), cost[inside] / MILLION)


class CodedInflow:
    """The rows of ``form.inflow`` by whole numbers: ``route`` is commodity and technology and mode (``way``)."""

    def __init__(self, form: Formulation) -> None:
        self.inflow = form.inflow
        self.ways = self.inflow[WAY].drop_duplicates(ignore_index=True)
        self.commodity = positions(form.supply.commodities, COMMODITY, self.inflow)
        self.route = self.routes(self.commodity, positions(self.ways, WAY, self.inflow))
        self.kt = self.inflow["kt"].to_numpy()

    def routes(self, commodity: Codes, way: Codes) -> Codes:
        """Return the numbers of routes; -1 without a way."""
        return np.where(way >= 0, commodity * len(self.ways) + way, -1)


def coded(form: Formulation) -> CodedInflow:
    """Return ``form.inflow`` by numbers; made once for each table."""
    if form.coded_inflow is None or form.coded_inflow.inflow is not form.inflow:
        form.coded_inflow = CodedInflow(form)
    return form.coded_inflow


@dataclass(frozen=True)
class Through:
    """What constants times masses come to: ``total`` for every ``commodity`` and row ``out`` of ``outs``."""

    outs: pd.DataFrame
    commodity: Codes
    out: Codes
    total: Array

    def route(self, inflow: CodedInflow) -> Codes:
        """Return the numbers of the routes of rows whose ``outs`` have technology and mode; -1 without."""
        return inflow.routes(self.commodity, positions(inflow.ways, WAY, self.outs)[self.out])


def through(
    form: Formulation, masses: pd.DataFrame, constants: pd.DataFrame, outs: list[str], per: str = ""
) -> Through:
    """Return the sum over fractions (and years) of ``kt`` of masses times ``share`` of constants.

    ``masses`` are rows of ``form.supply.years`` or ``peak``; ``constants`` have stream, fraction, ``outs``, share, and
    the column ``per`` (year or slice) if they hold for one only. It is a product of two sparse matrices: commodity by
    stream and fraction, and that by ``outs``.
    """
    table = constants[outs].drop_duplicates(ignore_index=True)
    row = positions(form.supply.materials, ["stream", "fraction"], constants)
    inside = masses["material"].to_numpy()
    width = len(form.supply.materials)
    known = row >= 0
    if per:
        steps = np.unique(constants[per].to_numpy(dtype=np.int64))
        row = row * len(steps) + np.searchsorted(steps, constants[per])
        step = np.minimum(np.searchsorted(steps, masses[per]), max(len(steps) - 1, 0))
        met = (steps[step] == masses[per]).to_numpy() if len(steps) else np.zeros(len(masses), dtype=bool)
        inside, masses = (inside * len(steps) + step)[met], masses[met]
        width *= len(steps)
    left = csr_matrix(
        (masses["kt"].to_numpy(), (masses["commodity"].to_numpy(), inside)), (len(form.supply.commodities), width)
    )
    place = positions(table, outs, constants)
    right = csr_matrix(
        (constants["share"].to_numpy(dtype=float)[known], (row[known], place[known])), (width, len(table))
    )
    product = (left @ right).tocoo()
    return Through(table, product.row.astype(np.int64), product.col.astype(np.int64), product.data)


def per_route(form: Formulation, constants: pd.DataFrame, extra: list[str], masses: pd.DataFrame) -> pd.DataFrame:
    """Return COMMODITY, technology, mode, ``extra``, coef: the constant times mass, per kt of the commodity.

    The column ``route`` is for :func:`with_columns`.
    """
    found, inflow = through(form, masses, constants, [*WAY, *extra]), coded(form)
    route = found.route(inflow)
    used = np.isin(route, inflow.route)
    commodity = found.commodity[used]
    table = form.supply.commodities[COMMODITY].take(commodity).reset_index(drop=True)
    for name in (*WAY, *extra):
        table[name] = found.outs[name].take(found.out[used]).array
    kt = form.supply.commodities["kt"].to_numpy()[commodity]
    return table.assign(route=route[used], coef=found.total[used] / kt)


def with_columns(form: Formulation, constants: pd.DataFrame) -> pd.DataFrame:
    """Return what :func:`per_route` gives with the columns that go down each route (and their ``facility``)."""
    here, there = pairs(coded(form).route, constants["route"].to_numpy())
    table = constants.take(there).reset_index(drop=True).drop(columns="route")
    for name in ("facility", "group", "col"):
        table[name] = form.inflow[name].take(here).array
    return table


def add_route_cost(form: Formulation, masses: pd.DataFrame, constants: pd.DataFrame, per: str) -> None:
    """Add the sum of masses [kt] times ``share`` [currency/t] to the columns that go down each route.

    ``constants`` hold for one year or slice each (``per``).
    """
    found, inflow = through(form, masses, constants, WAY, per), coded(form)
    here, there = pairs(inflow.route, found.route(inflow))
    _add_cost(form, form.inflow["col"].to_numpy(dtype=np.int64)[here], found.total[there] / inflow.kt[here] * 1000.0)


def year_weights(form: Formulation, by: list[str]) -> pd.DataFrame:
    """Return ``by``, weight: discounted sum over the years of a slice of mass relative to its peak."""
    years, commodities = form.supply.years, form.supply.commodities
    calendar, which = np.unique(years["year"].to_numpy(), return_inverse=True)
    discount = discounts(form.case)
    factor = np.array([discount[year] for year in calendar.tolist()])
    weight = np.bincount(years["commodity"], weights=years["kt"].to_numpy() * factor[which], minlength=len(commodities))
    table = commodities[[*COMMODITY, "kt"]].assign(weight=weight)
    if by != COMMODITY:
        table["group"] = groups(form.case, table)
        table = table.groupby(by, as_index=False)[["weight", "kt"]].sum()
    table["weight"] /= table["kt"]
    return table[[*by, "weight"]]
