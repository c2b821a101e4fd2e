"""Capture moved to a drawn measured rate, in all draws at once.

One shift on the logit scale per measured rate moves the captured part of every calibrated fraction of the sources
that it covers, as calibration does (``flows.capture``); here Newton's method finds it in every draw together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import expit

from flows.account_inputs import Captures, Measured, positions
from flows.amounts import SOURCE
from flows.capture import NEGLIGIBLE
from flows.case_unknowns import SHIFT_BOUND
from flows.distributions import Floats
from flows.paths import Flags, Integers

MOST_STEPS = 80
REACHED = 1e-11
LONGEST_STEP = 1.0


@dataclass(frozen=True)
class Fitted:
    """Capture after the fit (rows, draws), rates as they came out and which missed their goal (rates, draws)."""

    shares: Floats
    rates: Floats
    missed: Flags


class Refit:
    """The sets of capture rows that measured rates cover, sorted by rate."""

    def __init__(self, captures: Captures, measured: Measured, set_amount: Integers) -> None:
        source = positions(captures.set_index, measured.sources, SOURCE)
        group = np.where(source >= 0, measured.group[source], -1) if len(measured.group) else np.full(len(source), -1)
        self._group = np.where(set_amount >= 0, group, -1).astype(np.int64)
        covered = np.flatnonzero(self._group >= 0)
        self._sets = covered[np.argsort(self._group[covered], kind="stable")]
        self._of = self._group[self._sets]
        self._amount = set_amount[self._sets]
        self._moves = captures.moves[self._sets]
        self._captures = captures
        self.rates = len(measured.rows)
        rows = np.arange(len(captures.sets))
        shape = (len(captures.set_index), len(rows))
        self._inside, self._outside = (
            sparse.csr_matrix((flags.astype(float), (captures.sets, rows)), shape=shape)[self._sets]
            for flags in (captures.captured, ~captures.captured)
        )
        ones = (np.ones(len(self._sets)), (self._of, np.arange(len(self._sets))))
        self._of_rate = sparse.csr_matrix(ones, shape=(self.rates, len(self._sets)))

    def _totals(self, values: Floats) -> Floats:
        """Return sums over the sets of each measured rate."""
        return np.asarray(self._of_rate @ values)

    def fit(self, shares: Floats, amounts: Floats, counted: Floats, waste: Floats, goal: Floats | None) -> Fitted:
        """Return shares moved so that every measured rate meets its goal; without a goal nothing moves.

        ``counted`` and ``waste``: what a tonne captured by each row counts in numerator and denominator;
        ``amounts``: tonnes of source and fraction; ``goal``: (rates, draws).
        """
        draws = shares.shape[1]
        if not self.rates:
            return Fitted(shares, np.zeros((0, draws)), np.zeros((0, draws), dtype=bool))
        total = np.asarray(self._inside @ shares)
        tonnes = amounts[self._amount]
        ends = [self._per_share(shares * value, total) for value in (counted, waste)]
        (high, low), (waste_high, waste_low) = ((tonnes * one, tonnes * other) for one, other in ends)
        movable = self._moves[:, None] & (total > NEGLIGIBLE) & (total < 1 - NEGLIGIBLE)
        with np.errstate(divide="ignore"):
            start = np.log(np.clip(total, NEGLIGIBLE, 1 - NEGLIGIBLE)) - np.log1p(
                -np.clip(total, NEGLIGIBLE, 1 - NEGLIGIBLE)
            )
        base, gain = self._totals(low), high - low
        waste_base, waste_gain = self._totals(waste_low), waste_high - waste_low
        even = not np.any(np.abs(waste_gain) > 1e-12 * max(float(np.abs(waste_high).max(initial=0.0)), 1.0))
        shift = np.zeros((self.rates, draws))
        moved = total
        for step in range(MOST_STEPS):
            if step:
                moved = np.where(movable, expit(start + shift[self._of]), total)
            numerator = base + self._totals(gain * moved)
            denominator = waste_base + (0.0 if even else self._totals(waste_gain * moved))
            rate = numerator / denominator
            if goal is None:
                break
            error = rate - goal
            held = (np.abs(shift) >= SHIFT_BOUND) & (error * shift < 0)
            if np.all((np.abs(error) <= REACHED) | held):
                break
            slope_by_set = np.where(movable, moved * (1.0 - moved), 0.0)
            slope = self._totals(gain * slope_by_set)
            if not even:
                slope = slope - rate * self._totals(waste_gain * slope_by_set)
            with np.errstate(divide="ignore", invalid="ignore"):
                change = np.nan_to_num(-error * denominator / slope, nan=0.0)
            shift = np.clip(shift + np.clip(change, -LONGEST_STEP, LONGEST_STEP), -SHIFT_BOUND, SHIFT_BOUND)
        missed = np.zeros(rate.shape, dtype=bool) if goal is None else np.abs(rate - goal) > 1e-7
        return Fitted(self._moved(shares, total, moved), rate, missed)

    def _per_share(self, value: Floats, total: Floats) -> tuple[Floats, Floats]:
        """Return what a set counts per unit of its captured and of its mixed part."""
        inside, outside = np.asarray(self._inside @ value), np.asarray(self._outside @ value)
        some, rest = total > 0, total < 1 - 1e-15
        with np.errstate(divide="ignore", invalid="ignore"):
            of_captured, of_mixed = inside / total, outside / (1.0 - total)
        return np.where(some, of_captured, outside), np.where(rest, of_mixed, inside)

    def _moved(self, shares: Floats, total: Floats, moved: Floats) -> Floats:
        """Return shares of all rows when the captured part of the covered sets moves."""
        size = (len(self._captures.set_index), shares.shape[1])
        up, down = np.ones(size), np.ones(size)
        with np.errstate(divide="ignore", invalid="ignore"):
            up[self._sets] = np.where(total > 0, moved / total, 1.0)
            down[self._sets] = np.where(total < 1 - 1e-15, (1.0 - moved) / (1.0 - total), 1.0)
        sets = self._captures.sets
        return np.asarray(shares * np.where(self._captures.captured[:, None], up[sets], down[sets]))
