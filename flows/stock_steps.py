"""A dynamic stock taken year by year, for inflows that depend on outflows (reuse, networks with loops)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from flows.lifetimes import Floats
from flows.stock_initial import Initial, StockError
from flows.survivors import Periods, Survivors


class StockSteps:
    """A stock taken year by year: each year's outflow is ``leaving_share * inflow + history``.

    >>> from flows.lifetimes import Lifetime
    >>> from flows.stocks import DynamicStock
    >>> steps = DynamicStock([2020, 2021], Lifetime.fixed(2), ageing="start").steps(initial=10.0, initial_age=1)
    >>> float(steps.leaving_share), float(steps.history)
    (0.0, 10.0)
    >>> float(steps.advance(4.0)), float(steps.stock)
    (10.0, 4.0)
    """

    def __init__(
        self, years: tuple[int, ...], periods: Periods, memory: Survivors, start: Initial, cells: tuple[int, ...]
    ) -> None:
        self._years, self._periods, self._memory, self._cells = years, periods, memory, cells
        self._left = start.left(periods)
        self._stock = start.total()
        self._period = 0

    @property
    def year(self) -> int:
        """The year whose inflow is asked for next; raises :class:`StockError` after the last."""
        if self._period >= len(self._years):
            raise StockError("the stock has come to the end of its years")
        return self._years[self._period]

    @property
    def stock(self) -> Floats:
        """The stock at the end of the year before, at first the initial one."""
        return self._stock.reshape(self._cells)

    @property
    def leaving_share(self) -> Floats:
        """Share of this year's inflow that leaves in the same year (of a period's, within the period)."""
        self.year  # noqa: B018  (raises after the last)
        kept = self._memory.kept(self._period) / self._periods.lengths[self._period]
        return (1.0 - kept).reshape(self._cells)

    @property
    def history(self) -> Floats:
        """Outflow of this year [per year] of what was there before it."""
        self.year  # noqa: B018  (raises after the last)
        length = self._periods.lengths[self._period]
        there = self._memory.remaining(self._period) + self._left[self._period]
        return np.asarray((self._stock - there) / length).reshape(self._cells)

    def advance(self, inflow: npt.ArrayLike) -> Floats:
        """Take the inflow [per year] of this year, go on to the next and return this year's outflow."""
        self.year  # noqa: B018  (raises after the last)
        entering = np.broadcast_to(np.asarray(inflow, dtype=np.float64), self._cells).reshape(-1)
        outflow = self.leaving_share.reshape(-1) * entering + self.history.reshape(-1)
        self._memory.add(self._period, entering)
        self._stock = self._stock + (entering - outflow) * self._periods.lengths[self._period]
        self._period += 1
        return outflow.reshape(self._cells)
