"""The stock that lies there before the first year, and what is left of it year by year.

It is given by cohorts (how much there is, at the beginning of the first year, of what entered in each
of the years before it), or as one amount with an assumption: all of one age, or the ages that a constant
inflow leaves behind (as if it had grown evenly). What is older than its lifetime allows leaves in the
first period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flows.lifetimes import Floats, Lifetime
from flows.survivors import Periods

MOST_YEARS = 16384
"""Years of even growth beyond which nothing older is looked at."""
NEGLIGIBLE = 1e-12
"""Share of the inflow that may still be there when the years of even growth end."""


class StockError(ValueError):
    """A stock is described in a way that cannot be computed; the text says where."""


def fitted(lifetime: Lifetime, rows: int, cells: tuple[int, ...]) -> Lifetime:
    """Return a lifetime with flat parameters: (cells,) or (1,), or (rows, cells) or (rows, 1).

    Parameters with as many axes as ``cells``, or fewer, are over cells; with one axis more they are over
    the rows (years or cohorts) first. Rows that are all alike are one row. Raises :class:`StockError`
    where they do not fit.
    """
    shape = lifetime.shape
    if len(shape) == 2 and shape[1] == 1 and not cells:
        return fitted(lifetime.reshaped(lambda values: values[..., 0] if values.ndim == 2 else values), rows, cells)
    over_rows = len(shape) > len(cells)
    target = (rows, *cells) if over_rows else cells
    try:
        if np.broadcast_shapes(shape, target) != target:
            raise ValueError
    except ValueError:
        raise StockError(
            f"the parameters of the lifetime have the shape {shape}; over cells that is {cells}, "
            f"over cohorts and cells {(rows, *cells)}"
        ) from None
    common = all(axis == 1 for axis in (shape[1:] if over_rows else shape))
    size = (1,) * len(cells) if common else cells
    if not over_rows:
        return lifetime.reshaped(lambda values: np.broadcast_to(values, size).reshape(-1))
    whole = lifetime.reshaped(lambda values: np.broadcast_to(values, (rows, *size)).reshape(rows, -1))
    if all((values == values[0]).all() for values in whole.parameters):
        return whole.reshaped(lambda values: values[0])
    return whole


@dataclass(frozen=True)
class Initial:
    """An initial stock; ``amounts`` are over cohorts and flat cells, ``ages`` those at the beginning.

    ``ages`` has the shape (cohorts, 1) or (1, cells); None stands for the ages of even growth.
    """

    amounts: Floats
    ages: Floats | None
    lifetime: Lifetime
    first_age: float
    by_year: bool

    @classmethod
    def of(
        cls,
        amounts: Floats,
        age: Floats | None,
        lifetime: Lifetime,
        periods: int | None,
        cells: tuple[int, ...],
        first_age: float,
    ) -> Initial:
        """Make an initial stock from what the user gives; see :meth:`flows.stocks.DynamicStock.from_inflow`.

        ``periods`` is given where the lifetime is that of the stock's inflow, whose first row then holds.
        """
        by_year = amounts.ndim == len(cells) + 1 and amounts.shape[1:] == cells
        if not by_year and amounts.ndim > len(cells):
            raise StockError(f"the initial stock has the shape {amounts.shape}; cells are {cells}")
        if not np.isfinite(amounts).all() or (amounts < 0).any():
            raise StockError("the initial stock must be numbers, not below zero")
        if by_year and age is not None:
            raise StockError("an initial stock by cohort has its ages already; initial_age is for one amount")
        rows = periods if periods is not None else (len(amounts) if by_year else 1)
        flat = fitted(lifetime, rows, cells)
        if periods is not None and len(flat.shape) == 2:
            flat = flat.reshaped(lambda values: values[0])
        if by_year:
            ages = first_age + np.arange(len(amounts), dtype=np.float64)[::-1, None]
            return cls(amounts.reshape(len(amounts), -1), ages, flat, first_age, True)
        try:
            whole = np.broadcast_to(amounts, cells).reshape(1, -1)
            ages_given = None if age is None else np.broadcast_to(age, cells).reshape(1, -1)
        except ValueError:
            raise StockError(f"the initial stock or its age does not fit the cells {cells}") from None
        if ages_given is not None and not (ages_given >= 0).all():
            raise StockError("the age of the initial stock must be a number, not below zero")
        return cls(whole, ages_given, flat, first_age, False)

    def total(self) -> Floats:
        """Return the stock at the beginning: (cells,)."""
        return np.asarray(self.amounts.sum(axis=0))

    def cohort_amounts(self) -> Floats:
        """Return the stock at the beginning by cohort: (cohorts, cells); no rows if there is none."""
        return self.amounts if self.amounts.any() or self.by_year else self.amounts[:0]

    def labels(self, first_year: int) -> tuple[int | None, ...]:
        """Return the year of entry of each cohort, None for one amount."""
        count = len(self.cohort_amounts())
        return tuple(range(first_year - count, first_year)) if self.by_year else (None,) * count

    def left(self, periods: Periods) -> Floats:
        """Return what is left at the end of each period: (periods, cells)."""
        if not self.amounts.any():
            return np.broadcast_to(0.0, (len(periods.ends), self.amounts.shape[1]))
        if self.ages is None:
            return self._even(periods)
        return np.stack([(self._share(end) * self.amounts).sum(axis=0) for end in periods.ends])

    def by_cohort(self, periods: Periods) -> Floats:
        """Return what is left of each cohort at the end of each period: (periods, cohorts, cells)."""
        if not len(self.cohort_amounts()):
            return np.zeros((len(periods.ends), *self.cohort_amounts().shape))
        if self.ages is None:
            return self._even(periods)[:, None, :]
        return np.stack([self._share(end) * self.amounts for end in periods.ends])

    def _share(self, elapsed: int) -> Floats:
        """Return the share of each cohort that is left after some years; none of what should be gone already."""
        assert self.ages is not None  # noqa: S101  (the callers have asked)
        return _ratio(self.lifetime.paired(self.ages + elapsed), self.lifetime.paired(self.ages))

    def _even(self, periods: Periods) -> Floats:
        """Return what is left of a stock with the ages that a constant inflow leaves; an endless lifetime leaves all."""
        years = 64
        while True:
            curve = self.lifetime.survival(self.first_age + np.arange(years + periods.span + 1))
            endless = curve[-1] >= 1.0
            if years >= MOST_YEARS or (curve[years][~endless] < NEGLIGIBLE).all():
                break
            years *= 2
        tail = np.cumsum(curve[::-1], axis=0)[::-1]
        share = np.where(endless, 1.0, _ratio(tail[list(periods.ends)], tail[0]))
        return np.asarray(share * self.amounts)


def _ratio(later: Floats, now: Floats) -> Floats:
    """Return survivors later per survivor now; none where there is none now."""
    shape = np.broadcast_shapes(later.shape, now.shape)
    return np.divide(later, now, out=np.zeros(shape), where=np.broadcast_to(now > 0, shape))
