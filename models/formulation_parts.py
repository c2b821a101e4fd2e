"""What the families of the model share: the model under construction, decisions, and tables of coefficients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from models.builder import Block, Linear
from models.routes import Routes
from models.supply import COMMODITY, Supply
from models.timing import Horizon

Array = np.ndarray[Any, np.dtype[np.float64]]
MILLION = 1e6
PLACE = ["municipality", "group", "stream"]


@dataclass(frozen=True)
class Decisions:
    """Decisions that are fixed: ``schemes`` SOURCE, scheme, period, share; ``steps`` facility, size, period, on."""

    schemes: pd.DataFrame
    steps: pd.DataFrame


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
    for block in form.linear.blocks.values():
        inside = (cols >= block.start) & (cols < block.start + block.size)
        if inside.any():
            np.add.at(
                block.cost,
                (cols[inside] - block.start).to_numpy(dtype=np.int64),
                cost[inside].to_numpy(dtype=float) / MILLION,
            )


def per_route(form: Formulation, constants: pd.DataFrame, extra: list[str], masses: pd.DataFrame) -> pd.DataFrame:
    """Return COMMODITY, technology, mode, ``extra``, coef: the constant times mass, per kt of the commodity."""
    used = form.inflow[[*COMMODITY, "technology", "mode", "kt"]].drop_duplicates()
    table = masses.rename(columns={"kt": "mass"}).merge(constants, on=["stream", "fraction"])
    table["coef"] = table["mass"] * table["share"]
    table = table.groupby([*COMMODITY, "technology", "mode", *extra], as_index=False)["coef"].sum()
    table = table.merge(used, on=[*COMMODITY, "technology", "mode"])
    table["coef"] /= table["kt"]
    return table.drop(columns="kt")


def with_columns(form: Formulation, constants: pd.DataFrame) -> pd.DataFrame:
    """Return constants per route with the columns ``a`` that go down it (and their ``facility``)."""
    names = [*COMMODITY, "technology", "mode"]
    return form.inflow[[*names, "facility", "group", "col"]].merge(constants, on=names)


def year_weights(form: Formulation, by: list[str]) -> pd.DataFrame:
    """Return ``by``, weight: discounted sum over the years of a slice of mass relative to its peak."""
    discount = discounts(form.case)
    table = form.supply.years.merge(form.supply.commodities[[*COMMODITY, "kt"]], on=COMMODITY, suffixes=("", "_peak"))
    table["group"] = groups(form.case, table)
    peak = form.supply.commodities.assign(group=groups(form.case, form.supply.commodities)).groupby(by)["kt"].sum()
    table["weight"] = table["kt"] * table["year"].map(discount)
    table = table.groupby(by, as_index=False)["weight"].sum()
    table["weight"] /= peak.reindex(pd.MultiIndex.from_frame(table[by]) if len(by) > 1 else table[by[0]]).to_numpy()
    return table
