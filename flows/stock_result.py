"""What comes out of a dynamic stock: stock, inflow and outflow in balance, and cohorts on request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.lifetimes import Floats, Lifetime
from flows.stock_initial import Initial
from flows.survivors import Periods, left_of_one

ROUNDING = 16 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Cohorts:
    """A stock by the period of entry: arrays over years, cohorts and cells.

    ``cohorts`` are the listed years, preceded by the initial stock: its years of entry where it was given
    by cohort, else one column ``None``. ``outflow`` is per year. Their sums over cohorts are the totals.
    """

    years: tuple[int, ...]
    cohorts: tuple[int | None, ...]
    stock: Floats
    outflow: Floats


@dataclass(frozen=True)
class StockResult:
    """A stock in balance: ``stock`` at the end of each year, ``inflow`` and ``outflow`` per year.

    Arrays have the years first and then the cells as they were given. ``initial`` is the stock at the
    beginning of the first period, ``lengths`` are the years that each listed year stands for.
    """

    years: tuple[int, ...]
    lengths: tuple[int, ...]
    stock: Floats
    inflow: Floats
    outflow: Floats
    initial: Floats
    _lifetime: Lifetime
    _first_age: float
    _start: Initial
    _factors: Floats | None = None

    @property
    def addition(self) -> Floats:
        """Net addition to the stock, per year."""
        return self.inflow - self.outflow

    def imbalance(self) -> Floats:
        """Return ``stock change - (inflow - outflow) * length``, zero but for rounding."""
        before = np.concatenate([self.initial[None, ...], self.stock[:-1]])
        lengths = np.array(self.lengths, dtype=np.float64).reshape(-1, *(1,) * self.initial.ndim)
        return np.asarray(self.stock - before - self.addition * lengths)

    def table(self) -> pd.DataFrame:
        """Return a row per year and cell: year, cell, stock, inflow, outflow, addition.

        ``cell`` is the position of the cell, for cells of several axes one column ``cell_1``, ``cell_2`` …;
        without cells there is none.
        """
        places = [np.array(self.years), *(np.arange(size) for size in self.initial.shape)]
        axes = len(places) - 1
        names = ["year", *(["cell"] if axes == 1 else [f"cell_{number + 1}" for number in range(axes)])]
        table = pd.MultiIndex.from_product(places, names=names).to_frame(index=False)
        for name in ("stock", "inflow", "outflow", "addition"):
            table[name] = getattr(self, name).reshape(-1)
        return table

    def _repr_html_(self) -> str:
        """Show the table in a notebook."""
        return str(self.table().to_html(index=False, max_rows=60))

    def cohorts(self) -> Cohorts:
        """Return stock and outflow by cohort; this is the only table over years, cohorts and cells."""
        periods, cells = Periods.of(self.years, self.lengths[0]), self.initial.shape
        lifetime = self._lifetime
        inflow = self.inflow.reshape(len(self.years), -1)
        factors = np.ones_like(inflow) if self._factors is None else self._factors
        before = self._start.by_cohort(periods) * np.cumprod(factors, axis=0)[:, None, :]
        own = np.zeros((len(self.years), len(self.years), inflow.shape[1]))
        for period in range(len(self.years)):
            one = lifetime if len(lifetime.shape) == 1 else lifetime.reshaped(lambda values: values[period])  # noqa: B023
            left = left_of_one(one, periods, period, self._first_age)
            own[period:, period] = inflow[period] * left
            own[period + 1 :, period] *= np.cumprod(factors[period + 1 :], axis=0)
        stock = np.concatenate([before, own], axis=1)
        entering = np.zeros_like(stock)
        every = np.arange(len(self.years))
        lengths = np.array(self.lengths, dtype=np.float64)[:, None]
        entering[every, before.shape[1] + every] = inflow * lengths
        earlier = np.concatenate([np.zeros_like(stock[:1]), stock[:-1]])
        earlier[0, : before.shape[1]] = self._start.cohort_amounts()
        outflow = (earlier + entering - stock) / lengths[:, None]
        shape = (*stock.shape[:2], *cells)
        labels = (*self._start.labels(self.years[0] - self.lengths[0] + 1), *self.years)
        return Cohorts(self.years, labels, stock.reshape(shape), outflow.reshape(shape))


def without_rounding(outflow: Floats, stock: Floats, initial: Floats) -> None:
    """Set outflows to zero, in place, that are but the rounding of stocks that should be equal."""
    largest = ROUNDING * max(stock.max(), -stock.min(), initial.max())
    suspects = np.nonzero((outflow <= largest) & (outflow >= -largest))
    if not suspects[0].size:
        return
    period, cell = suspects
    before = np.where(period > 0, stock[period - 1, cell], initial[cell])
    own = ROUNDING * np.maximum(np.abs(stock[period, cell]), np.abs(before))
    rounding = np.abs(outflow[period, cell]) <= own
    outflow[period[rounding], cell[rounding]] = 0.0
