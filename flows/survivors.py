"""What is left of earlier years' inflow: the two ways in which a stock remembers.

Where the lifetime does not change, survival is a function of age alone: one curve per cell, and what is
left at the end of a year is a product of that curve, reversed, with the inflow of the years before (a
Toeplitz product, taken row by row, so that every figure is as exact as its own terms). Where it changes
from cohort to cohort, each cohort is worked out once, added to all later years and forgotten. Neither
keeps a table over years, cohorts and cells.

Years are counted on a yearly grid that starts with the first period; a period covers one or more whole
years with the same inflow per year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from flows.lifetimes import Floats, Lifetime

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Periods:
    """The periods that the listed years close: ``ends`` counts the years up to and with each of them."""

    lengths: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, years: Sequence[int], first_length: int) -> Periods:
        """Make the periods of ascending years; the first is ``first_length`` years long."""
        lengths = (first_length, *(int(later - earlier) for earlier, later in zip(years, years[1:], strict=False)))
        return cls(lengths, tuple(int(end) for end in np.cumsum(lengths)))

    @property
    def span(self) -> int:
        """Years from the beginning of the first to the end of the last period."""
        return self.ends[-1]

    def start(self, period: int) -> int:
        """Return the year of the grid with which a period begins."""
        return self.ends[period] - self.lengths[period]


def left_of_one(lifetime: Lifetime, periods: Periods, period: int, first_age: float) -> Floats:
    """Return what is left of one per year in a period, at the end of it and of every later one: (ends, cells)."""
    ends = np.array(periods.ends[period:])
    curves = [
        lifetime.survival(ends - 1 - entry + first_age) for entry in range(periods.start(period), periods.ends[period])
    ]
    return np.asarray(sum(curves))


class Survivors(Protocol):
    """What a stock remembers of its inflow; arrays are over cells."""

    def remaining(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered before it; asked before :meth:`add`."""

    def present(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered up to then, it included."""

    def kept(self, period: int) -> Floats:
        """Return what is left at the end of a period of an inflow of one per year in it."""

    def add(self, period: int, inflow: Floats) -> None:
        """Remember the inflow [per year] of a period."""

    def scale(self, period: int, factor: Floats, where: Flags) -> None:
        """Multiply what is left at the end of a period, and hence later, of all that entered before it."""


class SurvivorsByAge:
    """Survivors under a lifetime that does not change; parameters are over cells, or one for all cells."""

    def __init__(
        self, lifetime: Lifetime, periods: Periods, first_age: float, cells: int, record: Floats | None = None
    ) -> None:
        """Work out the survival curve; ``first_age`` is the age at the end of the year of entry.

        ``record``, over years and cells, may be given as the place where the yearly inflow is kept;
        :meth:`add` writes there and :meth:`scale` changes it.
        """
        self._periods = periods
        self._reversed = lifetime.survival(first_age + np.arange(periods.span)[::-1])
        self._kept = {
            length: np.broadcast_to(self._reversed[periods.span - length :].sum(axis=0), (cells,))
            for length in set(periods.lengths)
        }
        alive = self._reversed.any(axis=1)
        self._oldest = periods.span - int(alive.argmax()) if alive.any() else 0
        self._common = self._reversed.shape[1] == 1 and cells != 1
        if self._common:
            self._reversed = self._reversed[:, 0]
        self._yearly = np.zeros((periods.span, cells)) if record is None else record

    def remaining(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered before it."""
        return self._left(self._periods.ends[period], self._periods.start(period))

    def present(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered up to then."""
        end = self._periods.ends[period]
        return self._left(end, end)

    def _left(self, end: int, until: int) -> Floats:
        """Return what is left at the end of a year of the grid of all that entered before another."""
        first = end - self._oldest if end > self._oldest else 0
        if first >= until:
            return np.zeros(self._yearly.shape[1])
        offset = self._periods.span - end
        curve, yearly = self._reversed[first + offset : until + offset], self._yearly[first:until]
        left: Floats = curve @ yearly if self._common else np.einsum("tc,tc->c", curve, yearly)
        return left

    def kept(self, period: int) -> Floats:
        """Return what is left at the end of a period of an inflow of one per year in it."""
        return self._kept[self._periods.lengths[period]]

    def add(self, period: int, inflow: Floats) -> None:
        """Remember the inflow [per year] of a period."""
        end = self._periods.ends[period]
        self._yearly[end - self._periods.lengths[period] : end] = inflow

    def scale(self, period: int, factor: Floats, where: Flags) -> None:
        """Multiply what is left at the end of a period, and hence later, of all that entered before it."""
        self._yearly[: self._periods.start(period), where] *= factor[where]


class SurvivorsByCohort:
    """Survivors under a lifetime that changes; its parameters are over the periods and cells."""

    def __init__(self, lifetime: Lifetime, periods: Periods, first_age: float, cells: int) -> None:
        """Begin with nothing; ``first_age`` is the age at the end of the year of entry."""
        self._lifetime, self._periods, self._first_age = lifetime, periods, first_age
        self._left = np.zeros((len(periods.lengths), cells))
        self._column: tuple[int, Floats] | None = None

    def column(self, period: int) -> Floats:
        """Return what is left of one per year in a period at the end of it and of every later one."""
        if self._column is None or self._column[0] != period:
            lifetime = self._lifetime.reshaped(lambda values: values[period])
            self._column = period, left_of_one(lifetime, self._periods, period, self._first_age)
        return self._column[1]

    def remaining(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered before it."""
        return np.array(self._left[period])

    def present(self, period: int) -> Floats:
        """Return what is left at the end of a period of all that entered up to then."""
        return np.array(self._left[period])

    def kept(self, period: int) -> Floats:
        """Return what is left at the end of a period of an inflow of one per year in it."""
        return np.broadcast_to(self.column(period)[0], self._left.shape[1:])

    def add(self, period: int, inflow: Floats) -> None:
        """Remember the inflow [per year] of a period."""
        self._left[period:] += inflow * self.column(period)

    def scale(self, period: int, factor: Floats, where: Flags) -> None:
        """Multiply what is left at the end of a period, and hence later, of all that entered before it."""
        self._left[period:, where] *= factor[where]


def survivors(
    lifetime: Lifetime, periods: Periods, first_age: float, cells: int, record: Floats | None = None
) -> Survivors:
    """Return the memory that fits a lifetime: by age if its parameters are over cells, else by cohort.

    The parameters have the shape ``(cells,)``, ``(1,)``, ``(periods, cells)`` or ``(periods, 1)``. A
    memory by age may keep the inflow in ``record`` (years, cells).
    """
    if len(lifetime.shape) == 1:
        return SurvivorsByAge(lifetime, periods, first_age, cells, record)
    return SurvivorsByCohort(lifetime, periods, first_age, cells)
