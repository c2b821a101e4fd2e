"""Bounds in least squares: which variables are held at one, found in rounds.

Values that break a bound are held at it, those that the objective would pull away from it are let go
(the primal-dual active set of Hintermueller, Ito and Kunisch, 2002), until nothing changes. Unmeasured
variables that the equations leave open must also have values within their bounds: a linear programme
looks for them, and where there are none, its certificate says which of them must lie at a bound.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from flows.elimination import Floats, Integers
from flows.linear_fit import Flags, LinearFit

Refit = Callable[[tuple[Integers, Floats]], LinearFit]

ROUNDS = 60
BROKEN = 1e-9


class BoundsError(ValueError):
    """Bounds and equations cannot hold together; ``variables`` are those that no value fits."""

    def __init__(self, message: str, variables: Integers, equations: Integers) -> None:
        super().__init__(message)
        self.variables = variables
        self.equations = equations


def bounded_fit(
    plain: LinearFit, refit: Refit, lower: Floats, upper: Floats, current: Floats
) -> tuple[Floats, LinearFit, Flags, int]:
    """Return one solution within the bounds, the fit that it belongs to, what lies at a bound, and the rounds.

    ``plain`` is the fit without bounds, ``refit`` makes one with some variables held. Variables that
    nothing determines stay at ``current`` where the bounds let them. Raises :class:`BoundsError`.
    """
    bounded = np.isfinite(lower) | np.isfinite(upper)
    crossed = lower > upper
    outside = plain.exact & ((plain.value < lower - _slack(lower)) | (plain.value > upper + _slack(upper)))
    if crossed.any() or outside.any():
        at = np.flatnonzero(crossed | outside)
        raise BoundsError("an exact value lies outside its bounds, or a lower bound above the upper", at, at[:0])
    none = np.zeros(len(lower), dtype=bool)
    if not bounded.any():
        return plain.values(current), plain, none, 1
    side = np.zeros(len(lower), dtype=np.int8)  # -1 held at the lower bound, 1 at the upper
    seen: set[bytes] = set()
    careful = False
    held = plain
    for turn in range(1, ROUNDS + 1):
        pins = np.flatnonzero(side)
        held = refit((pins, np.where(side[pins] < 0, lower[pins], upper[pins]))) if len(pins) else plain
        if len(pins):
            clash = held.contradictions()
            if clash:
                return _crossed_over(plain, refit, lower, upper, current, turn)
        point = held.values(current)
        open_ones = held.undetermined()
        slack = BROKEN * (np.abs(point) + plain_size(plain))
        settled = ~(open_ones | plain.exact) & (side == 0)
        low = settled & (point < lower - slack)
        high = settled & (point > upper + slack)
        pull = held.multipliers()[held.equations :]
        # Held at the lower bound, the objective must push down, and the other way round.
        wrong = pins[pull * -side[pins] < -1e-9 * (1.0 + np.abs(pull).max(initial=0.0))]
        if not (low.any() or high.any() or len(wrong)):
            found, more = _open_values(held, point, open_ones, lower, upper)
            if more is None:
                return found, held, side != 0, turn
            side = np.where(more != 0, more, side).astype(np.int8)
        else:
            if careful and len(wrong):
                wrong = wrong[:1]
            side[wrong] = 0
            side[low], side[high] = -1, 1
        key = side.tobytes()
        if key in seen:
            if careful:
                break
            careful = True
        seen.add(key)
    return _crossed_over(plain, refit, lower, upper, current, ROUNDS)


def plain_size(plain: LinearFit) -> float:
    """Return the typical size of what is measured, as a measure of rounding."""
    known = np.abs(plain.value[plain.measured | plain.exact])
    return float(np.median(known)) if len(known) else 1.0


def _slack(bound: Floats) -> Floats:
    return BROKEN * np.where(np.isfinite(bound), np.abs(bound), 0.0)


def _open_values(
    held: LinearFit, point: Floats, open_ones: Flags, lower: Floats, upper: Floats
) -> tuple[Floats, Floats | None]:
    """Return a point whose open variables lie within their bounds, or which of them must be held."""
    at = np.flatnonzero(open_ones)
    slack = BROKEN * (np.abs(point) + plain_size(held))
    if not len(at) or not ((point < lower - slack) | (point > upper + slack))[at].any():
        return point, None
    matrix, right, size = open_system(held, point, open_ones)
    low, high = lower[at] / size, upper[at] / size
    bounds = np.column_stack([np.where(np.isfinite(low), low, -np.inf), np.where(np.isfinite(high), high, np.inf)])
    done = linprog(np.zeros(len(at)), A_eq=matrix, b_eq=right / size, bounds=bounds, method="highs")
    if done.status == 0:
        result = point.copy()
        result[at] = np.asarray(done.x) * size
        return result, None
    return point, _elastic(matrix, right / size, low, high, at, len(point))


def open_system(held: LinearFit, point: Floats, open_ones: Flags) -> tuple[sparse.csr_matrix, Floats, float]:
    """Return the equations of the open variables (matrix, right side) and their typical size."""
    echelon = held.echelon
    rows = np.flatnonzero(open_ones[echelon.pivot_column])
    solved = echelon.solved[rows]
    rest = np.where(open_ones | held.exact, 0.0, point)
    right = echelon.solved_rhs[rows] - solved @ rest
    size = max(float(np.abs(right).max(initial=0.0)), plain_size(held), 1e-300)
    return sparse.csr_matrix(solved[:, np.flatnonzero(open_ones)]), np.asarray(right), size


def _elastic(matrix: sparse.csr_matrix, right: Floats, low: Floats, high: Floats, at: Integers, count: int) -> Floats:
    """Return which open variables must lie at a bound: those that the least breaking of bounds hangs on."""
    has_low, has_high = np.isfinite(low), np.isfinite(high)
    above, below = np.flatnonzero(has_low), np.flatnonzero(has_high)
    # x = inside + over - under; inside keeps its bounds, breaking them costs one.
    blocks = [matrix, -matrix[:, above], matrix[:, below]]
    cost = np.concatenate([np.zeros(len(at)), np.ones(len(above) + len(below))])
    inside = np.column_stack([low, high])
    free = np.tile([0.0, np.inf], (len(above) + len(below), 1))
    done = linprog(
        cost,
        A_eq=sparse.csr_matrix(sparse.hstack(blocks)),
        b_eq=right,
        bounds=np.concatenate([inside, free]),
        method="highs",
    )
    if done.status != 0:
        raise BoundsError("no values satisfy the equations", at, at[:0])
    held = np.zeros(count)
    held[at[np.asarray(done.lower.marginals)[: len(at)] > 1e-7]] = -1
    held[at[np.asarray(done.upper.marginals)[: len(at)] < -1e-7]] = 1
    return held


def _crossed_over(
    plain: LinearFit, refit: Refit, lower: Floats, upper: Floats, current: Floats, turn: int
) -> tuple[Floats, LinearFit, Flags, int]:
    raise BoundsError("the bounds leave no solution", np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
