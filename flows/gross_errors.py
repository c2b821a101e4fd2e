"""Gross errors: which measurements do not fit the rest, and what happens without them.

The measurement test compares every adjustment with its own standard deviation; the level of a single test
is that of Sidak, so that all together keep the level asked for (Mah and Tamhane, 1982). Serial elimination
(Serth and Heenan, 1986) takes out the worst measurement, reconciles again, and goes on until the rest fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from flows.classify import OBSERVABLE
from flows.elimination import Integers
from flows.least_squares import Estimates, Fit, Relations, fit

ALIKE = 1e-6


@dataclass(frozen=True)
class Removal:
    """One step of serial elimination.

    ``variable`` was taken out because its measurement test ``z`` was the largest; ``alike`` are others
    that the equations cannot tell from it (the same z). ``chi2``, ``dof`` and ``p_value`` are those without
    it and all earlier ones; ``implied`` and ``implied_std`` what the rest says of it; ``moved`` is the
    variable that its removal changes most, by ``moved_by``.
    """

    variable: int
    z: float
    alike: Integers
    chi2: float
    dof: int
    p_value: float
    implied: float
    implied_std: float
    moved: int
    moved_by: float


def critical_z(tests: int, significance: float) -> float:
    """Return the value that the largest of ``tests`` measurement tests exceeds by chance with ``significance``.

    >>> round(critical_z(1, 0.05), 3), round(critical_z(12, 0.05), 3)
    (1.96, 2.858)
    """
    single = 1.0 - (1.0 - significance) ** (1.0 / max(tests, 1))
    return float(ndtri(1.0 - single / 2.0))


def doubtful(found: Fit, significance: float) -> bool:
    """Return whether the global test or a measurement test says that something does not fit."""
    if not found.dof:
        return False
    tests = int(np.isfinite(found.adjustment_z).sum())
    worst = float(np.nanmax(found.adjustment_z, initial=0.0))
    return found.p_value < significance or worst > critical_z(tests, significance)


def serial_elimination(
    estimates: Estimates,
    relations: Relations,
    found: Fit,
    *,
    significance: float = 0.05,
    most: int = 10,
    refit: Callable[[Estimates, Integers], Fit] | None = None,
) -> list[Removal]:
    """Return the measurements to take out, the worst first, until the rest fits.

    ``found`` is the fit of all, with deviations of every measured variable. Nothing is returned where it
    passes the tests.
    """

    def again(without: Estimates, asked: Integers) -> Fit:
        return fit(without, relations, deviations=asked)

    repeat = refit or again
    removals: list[Removal] = []
    now = found
    known = estimates
    while doubtful(now, significance) and len(removals) < most:
        z = np.nan_to_num(now.adjustment_z)
        worst = int(np.argmax(z))
        if not z[worst] > 0:
            break
        alike = np.flatnonzero(np.abs(z - z[worst]) <= ALIKE * z[worst])
        value, std = known.value.copy(), known.std.copy()
        value[worst] = std[worst] = np.nan
        pairs = known.correlations
        if pairs is not None:
            rest = (pairs[0] != worst) & (pairs[1] != worst)
            pairs = (pairs[0][rest], pairs[1][rest], pairs[2][rest])
        known = replace(known, value=value, std=std, point=now.point, correlations=pairs)
        before = now
        try:
            now = repeat(known, np.append(np.flatnonzero(std > 0), worst))
        except ValueError:
            # Without it nothing holds the rest together: no more can be said.
            break
        change = np.nan_to_num(np.abs(now.value - before.value))
        change[worst] = 0.0
        moved = int(np.argmax(change))
        seen = now.status[worst] == OBSERVABLE
        removals.append(
            Removal(
                worst,
                float(z[worst]),
                alike[alike != worst],
                now.chi2,
                now.dof,
                now.p_value,
                float(now.value[worst]) if seen else float("nan"),
                float(now.std[worst]) if seen else float("nan"),
                moved,
                float(now.value[moved] - before.value[moved]),
            )
        )
    return removals
