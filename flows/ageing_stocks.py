"""The stocks of a flow system whose outflow follows from a lifetime, taken year by year.

Rows of the table ``stocks`` that share distribution and ageing are one dynamic stock with a cell for each
process and layer (:mod:`flows.stocks`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.facts import Facts, SolveError
from flows.lifetimes import Lifetime, LifetimeError
from flows.stock_initial import StockError
from flows.stocks import DynamicStock, StockSteps
from flows.system import System

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

PARAMETERS = {"mean": "mean", "deviation": "std", "shape": "shape", "scale": "scale"}
NEEDED = {
    "fixed": ("mean",),
    "normal": ("mean", "deviation"),
    "folded_normal": ("mean", "deviation"),
    "lognormal": ("mean", "deviation"),
    "weibull": ("shape", "scale"),
    "gamma": ("mean", "deviation"),
}


@dataclass
class _Group:
    """Stocks of one distribution and ageing; a cell is a process and a layer."""

    process: Integers
    layer: Integers
    steps: StockSteps
    lost: NDArray[np.bool_]


class AgeingStocks:
    """All stocks with a lifetime; a year is asked for, then taken with its inflow.

    A stock whose inflow of some year is not determined is lost: what leaves it later is not known.
    """

    def __init__(self, system: System, facts: Facts) -> None:
        """Read the lifetimes. Raises :class:`SolveError` where one cannot be used."""
        self._shape = (len(facts.processes), len(facts.layers))
        self.initial = np.full(self._shape, np.nan)
        self.initial_year = np.full(self._shape, facts.years[0])
        self._groups: list[_Group] = []
        rows = _spread(system["stocks"], facts)
        process, layer = rows["at_process"].to_numpy(), rows["at_layer"].to_numpy()
        year = rows["year"].fillna(facts.years[0]).to_numpy(dtype=int)
        ages = (rows["lifetime"] != "").to_numpy()
        self.initial[process, layer] = np.where(ages, rows["initial"].fillna(0.0), rows["initial"])
        self.initial_year[process, layer] = year
        late = np.flatnonzero(rows["initial"].notna() & ((year != facts.years[0]) & ages | ~np.isin(year, facts.years)))
        if len(late):
            raise SolveError(
                f"the initial stock of {rows['process'].iloc[late[0]]} is that of {year[late[0]]}; where a lifetime "
                f"is given it must be that of the first year, {facts.years[0]}, and otherwise of a year of the system"
            )
        rows = rows[ages].assign(aged=rows["age"].notna() & (rows["initial"] > 0))
        for (name, ageing, aged), part in rows.groupby(["lifetime", "ageing", "aged"], sort=True):
            self._groups.append(self._group(part, str(name), str(ageing), bool(aged), facts))

    def _group(self, part: pd.DataFrame, name: str, ageing: str, aged: bool, facts: Facts) -> _Group:
        for column in NEEDED[name]:
            lacking = part.loc[~(part[column] > 0), "process"].tolist()
            if lacking:
                raise SolveError(f"the {name} lifetime of {lacking[0]} lacks its {column}")
        parameters = {PARAMETERS[column]: part[column].to_numpy(dtype=float) for column in NEEDED[name]}
        try:
            lifetime = Lifetime.of(name, **parameters)  # type: ignore[arg-type]
            model = DynamicStock(facts.years, lifetime, ageing)  # type: ignore[arg-type]
            initial = part["initial"].fillna(0.0).to_numpy(dtype=float)
            age = part["age"].to_numpy(dtype=float) if aged else None
            steps = model.steps((len(part),), initial, initial_age=age)
        except (LifetimeError, StockError) as error:
            raise SolveError(f"stock {', '.join(part['process'].unique())}: {error}") from error
        process, layer = part["at_process"].to_numpy(), part["at_layer"].to_numpy()
        return _Group(process, layer, steps, np.zeros(len(part), dtype=bool))

    def year(self) -> tuple[Floats, Floats]:
        """Return share of inflow that leaves in this year, and outflow of what was there: (process, layer)."""
        leaving, history = np.full(self._shape, np.nan), np.full(self._shape, np.nan)
        for group in self._groups:
            leaving[group.process, group.layer] = group.steps.leaving_share
            history[group.process, group.layer] = np.where(group.lost, np.nan, group.steps.history)
        return leaving, history

    def advance(self, inflow: Floats) -> None:
        """Take this year's inflow (process, layer), NaN where it is not determined."""
        for group in self._groups:
            entering = inflow[group.process, group.layer]
            group.lost |= np.isnan(entering)
            group.steps.advance(np.nan_to_num(entering))


def _spread(rows: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Return a row for every stock and layer; one that names its layer wins over one for all."""
    general = rows[rows["layer"] == ""]
    each = general.loc[general.index.repeat(len(facts.layers))].assign(layer=list(facts.layers) * len(general))
    table = pd.concat([each, rows[rows["layer"] != ""]], ignore_index=True)
    table = table.drop_duplicates(["process", "layer"], keep="last")
    at = facts.processes.get_indexer(table["process"])
    wrong = (at < 0) | (facts.kind[at] != "stock")
    if wrong.any():
        raise SolveError(f"not of kind stock: {', '.join(table.loc[wrong, 'process'].unique())}")
    return table.assign(at_process=at, at_layer=pd.Index(facts.layers).get_indexer(table["layer"]))
