"""Dynamic stocks: what enters, what stays and what leaves, from the lifetime of what enters.

Inflow-driven (inflow known, stock and outflow follow) and stock-driven (stock known, inflow and outflow
follow), as in Müller 2006 (doi:10.1016/j.ecolecon.2005.09.025).

**Years.** ``stock`` is that at the *end* of each listed year; ``inflow`` and ``outflow`` are per year. A
listed year closes the period since the year listed before it: with 2000, 2005, 2010 the flows of 2010
are the yearly ones of 2006 to 2010. The first period is ``first_length`` years long, one unless stated.
A period of n years is n yearly cohorts with the same inflow, so that listing fewer years changes nothing
but what is shown. Always, to machine precision::

    stock[k] - stock[k - 1] == (inflow[k] - outflow[k]) * lengths[k]

where ``stock[-1]`` is the initial stock, which lies there at the beginning of the first period.

**Ageing** says when what enters in a year begins to age. Its age at the end of year ``t``, if it entered
in year ``c``, is

========  ================  ======================================================================
ageing    age               the same as
========  ================  ======================================================================
start     ``t - c + 1``     flodym ``inflow_at="start"``: all of it enters on 1 January
middle    ``t - c + 0.5``   flodym ``inflow_at="middle"`` (its default): it enters on 1 July
end       ``t - c``         flodym ``inflow_at="end"``, ODYM: on 31 December; nothing ages in its first year
========  ================  ======================================================================

(flodym with one point per interval and years one apart; uneven years differ, it does not balance there.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from flows.lifetimes import Floats, Lifetime
from flows.stock_initial import Initial, StockError, fitted
from flows.stock_result import StockResult, without_rounding
from flows.stock_steps import StockSteps
from flows.survivors import Periods, Survivors, survivors

__all__ = ["FIRST_AGE", "Ageing", "DynamicStock", "NegativeInflow", "StockError", "StockResult", "StockSteps"]

Ageing = Literal["start", "middle", "end"]
NegativeInflow = Literal["allow", "zero", "scale_cohorts"]

FIRST_AGE: dict[str, float] = {"start": 1.0, "middle": 0.5, "end": 0.0}
"""Age at the end of the year of entry."""
NEGATIVE_INFLOW = ("allow", "zero", "scale_cohorts")
CELLS_AT_ONCE = 1024
LEAST_KEPT = 1e-9
"""Share of a period's inflow that must be there at its end for a stock to say what entered."""


class DynamicStock:
    """A stock whose outflow follows from the lifetime of what enters.

    ``years`` ascend; ``lifetime`` has scalar parameters, or arrays over the cells (the axes of the inflow
    after the first), or over the years and cells (those of what enters in that year); ``ageing`` says
    when what enters in a year begins to age: at its ``"start"``, in its ``"middle"`` or at its ``"end"``.
    Raises :class:`StockError` for years that do not ascend and for an unknown ageing.

    >>> stock = DynamicStock(range(2000, 2005), Lifetime.fixed(2), ageing="end")
    >>> result = stock.from_inflow([1, 2, 3, 4, 5])
    >>> result.stock
    array([1., 3., 5., 7., 9.])
    >>> result.outflow
    array([0., 0., 1., 2., 3.])
    >>> stock.from_stock(result.stock).inflow
    array([1., 2., 3., 4., 5.])
    """

    def __init__(
        self,
        years: Sequence[int] | npt.NDArray[np.integer],
        lifetime: Lifetime,
        ageing: Ageing = "middle",
        *,
        first_length: int = 1,
    ) -> None:
        listed = np.asarray(years, dtype=np.float64)
        if listed.ndim != 1 or not listed.size or (np.diff(listed) <= 0).any() or (listed % 1).any():
            raise StockError("the years of a stock must be whole numbers in ascending order, at least one")
        if ageing not in FIRST_AGE:
            raise StockError(f"ageing is start, middle or end, not '{ageing}'")
        if first_length != int(first_length) or first_length < 1:
            raise StockError(f"the first period is a whole number of years long, not {first_length}")
        self.years = tuple(int(year) for year in listed)
        self.lifetime = lifetime
        self.ageing = ageing
        self.first_age = FIRST_AGE[ageing]
        self.periods = Periods.of(self.years, int(first_length))

    @property
    def first_year(self) -> int:
        """The calendar year with which the first period begins."""
        return self.years[0] - self.periods.lengths[0] + 1

    def lifetime_of(self, cells: tuple[int, ...]) -> Lifetime:
        """Return the lifetime with parameters over flat cells, or over periods and flat cells.

        Raises :class:`StockError` if they do not fit the cells.
        """
        return fitted(self.lifetime, len(self.years), cells)

    def from_inflow(
        self,
        inflow: npt.ArrayLike,
        initial: npt.ArrayLike | None = None,
        *,
        initial_age: npt.ArrayLike | None = None,
        initial_lifetime: Lifetime | None = None,
    ) -> StockResult:
        """Return stock and outflow that follow from the inflow [per year], shape (years,) or (years, cells…).

        ``initial`` is the stock at the beginning of the first period: with as many axes as ``inflow`` it
        is by cohort (the last row entered in the year before, the row above it a year earlier, …); with
        one axis less it is one amount per cell, all of the age ``initial_age`` or, where that is not
        given, with the ages that a constant inflow leaves behind (as if it had grown evenly).
        ``initial_lifetime`` is that of the initial stock (over cells, or over its cohorts and cells); not
        given, it is that of what enters in the first year.

        Raises :class:`StockError` where shapes do not fit or numbers are missing.
        """
        flat, cells = self._flat(inflow, "inflow")
        start = self._initial(cells, initial, initial_age, initial_lifetime)
        stock = np.empty_like(flat)
        for part, memory in self._parts(cells, flat):
            for period, entering in enumerate(flat[:, part]):
                memory.add(period, entering)
                stock[period, part] = memory.present(period)
        if start.total().any():
            stock += start.left(self.periods)
        return self._result(flat, stock, start, cells)

    def from_stock(
        self,
        stock: npt.ArrayLike,
        initial: npt.ArrayLike | None = None,
        *,
        initial_age: npt.ArrayLike | None = None,
        initial_lifetime: Lifetime | None = None,
        negative_inflow: NegativeInflow = "allow",
    ) -> StockResult:
        """Return inflow and outflow that a stock needs, shape (years,) or (years, cells…).

        Where the stock falls faster than its cohorts leave, ``negative_inflow`` says what happens:
        ``"allow"`` has a negative inflow; ``"zero"`` has none, and the stock stays above the given one
        until it has come down; ``"scale_cohorts"`` has none either and takes what is too much from all
        cohorts evenly (they leave early), so that the stock is as given. The initial stock is as in
        :meth:`from_inflow`; without one, all of the first stock entered in the first period.

        Raises :class:`StockError` where shapes do not fit, numbers are missing or below zero, or nothing
        that enters in a year is still there at its end, so that the stock cannot tell what entered.
        """
        if negative_inflow not in NEGATIVE_INFLOW:
            raise StockError(f"negative_inflow is one of {', '.join(NEGATIVE_INFLOW)}, not '{negative_inflow}'")
        flat, cells = self._flat(stock, "stock")
        if flat.min(initial=0.0) < 0:
            self._refuse(flat < 0, flat, cells, "a stock cannot be negative")
        start = self._initial(cells, initial, initial_age, initial_lifetime)
        earlier = start.left(self.periods)
        inflow = np.empty_like(flat)
        reached = flat.copy() if negative_inflow == "zero" else flat
        factors = np.ones_like(flat) if negative_inflow == "scale_cohorts" else None
        for part, memory in self._parts(cells, inflow if factors is None else None):
            checked = None
            left = earlier[:, part] if factors is None else earlier[:, part].copy()
            for period, wanted in enumerate(flat[:, part]):
                # Survival falls with age, so a rounding error of one year fades in the next (Eneström-Kakeya).
                kept = memory.kept(period)
                if kept is not checked:
                    self._refuse_short_lives(kept, period, part, cells)
                    checked = kept
                there = memory.remaining(period)
                there += left[period]
                entering = (wanted - there) / kept
                if negative_inflow != "allow" and (below := entering < 0).any():
                    entering[below] = 0.0
                    if factors is None:
                        reached[period, part][below] = there[below]
                    else:
                        factor = np.ones_like(there)
                        factor[below] = wanted[below] / there[below]
                        memory.scale(period, factor, below)
                        left[period:, below] *= factor[below]
                        factors[period, part] = factor
                inflow[period, part] = entering
                memory.add(period, entering)
        return self._result(inflow, reached, start, cells, factors)

    def steps(
        self,
        cells: tuple[int, ...] = (),
        initial: npt.ArrayLike | None = None,
        *,
        initial_age: npt.ArrayLike | None = None,
        initial_lifetime: Lifetime | None = None,
    ) -> StockSteps:
        """Return the stock to be taken year by year, for inflows that depend on outflows.

        ``cells`` is the shape of a year's inflow; the initial stock is as in :meth:`from_inflow` (by cohort
        with one axis more than ``cells``, an amount per cell with as many).
        """
        start = self._initial(cells, initial, initial_age, initial_lifetime)
        memory = survivors(self.lifetime_of(cells), self.periods, self.first_age, int(np.prod(cells)))
        return StockSteps(self.years, self.periods, memory, start, cells)

    def _parts(self, cells: tuple[int, ...], record: Floats | None) -> Iterator[tuple[slice, Survivors]]:
        """Yield blocks of cells, small enough for the processor's cache, each with an empty memory.

        The memory may keep the inflow in ``record`` (periods, cells), where periods are years.
        """
        lifetime, count = self.lifetime_of(cells), int(np.prod(cells))
        yearly = record if self.periods.span == len(self.years) else None
        for first in range(0, count, CELLS_AT_ONCE):
            part = slice(first, min(first + CELLS_AT_ONCE, count))
            own = lifetime.reshaped(lambda values: values if values.shape[-1] == 1 else values[..., part])  # noqa: B023
            place = None if yearly is None else yearly[:, part]
            yield part, survivors(own, self.periods, self.first_age, part.stop - first, place)

    def _flat(self, values: npt.ArrayLike, what: str) -> tuple[Floats, tuple[int, ...]]:
        given = np.array(values, dtype=np.float64)
        if given.ndim == 0 or given.shape[0] != len(self.years):
            raise StockError(f"the {what} has the shape {given.shape}; its first axis must be {len(self.years)} years")
        cells = given.shape[1:]
        flat = given.reshape(len(self.years), -1)
        if not np.isfinite(flat.sum()):
            self._refuse(~np.isfinite(flat), flat, cells, f"the {what} must be a number")
        return flat, cells

    def _refuse_short_lives(self, kept: Floats, period: int, part: slice, cells: tuple[int, ...]) -> None:
        """Raise :class:`StockError` where nothing of a period's inflow is there at its end."""
        short = np.flatnonzero(kept < LEAST_KEPT)
        if short.size:
            why = "nothing that enters in a year is still there at its end"
            self._refuse_at(period, part.start + int(short[0]), cells, why)

    def _refuse(self, wrong: npt.NDArray[np.bool_], flat: Floats, cells: tuple[int, ...], why: str) -> None:
        if wrong.any():
            period, cell = np.argwhere(wrong)[0]
            self._refuse_at(int(period), int(cell), cells, f"{why}; it is {flat[period, cell]:g}")

    def _refuse_at(self, period: int, cell: int, cells: tuple[int, ...], why: str) -> None:
        place = tuple(int(index) for index in np.unravel_index(cell, cells)) if cells else ()
        raise StockError(f"year {self.years[period]}" + (f", cell {place}" if place else "") + f": {why}")

    def _initial(
        self,
        cells: tuple[int, ...],
        initial: npt.ArrayLike | None,
        age: npt.ArrayLike | None,
        lifetime: Lifetime | None,
    ) -> Initial:
        return Initial.of(
            np.zeros(cells) if initial is None else np.asarray(initial, dtype=np.float64),
            None if age is None else np.asarray(age, dtype=np.float64),
            lifetime or self.lifetime,
            len(self.years) if lifetime is None else None,
            cells,
            self.first_age,
        )

    def _result(
        self, inflow: Floats, stock: Floats, start: Initial, cells: tuple[int, ...], factors: Floats | None = None
    ) -> StockResult:
        total = start.total()
        outflow = np.empty_like(stock)
        np.subtract(stock[0], total, out=outflow[0])
        np.subtract(stock[1:], stock[:-1], out=outflow[1:])
        outflow /= np.array(self.periods.lengths, dtype=np.float64)[:, None]
        np.subtract(inflow, outflow, out=outflow)
        without_rounding(outflow, stock, total)
        shape = (len(self.years), *cells)
        return StockResult(
            self.years,
            self.periods.lengths,
            stock.reshape(shape),
            inflow.reshape(shape),
            outflow.reshape(shape),
            total.reshape(cells),
            self.lifetime_of(cells),
            self.first_age,
            start,
            factors,
        )
