"""What a linear program costs at least, from prices that need not be optimal.

Any prices of the rows bound the optimum from below (weak duality) as long as every column has bounds: a column whose
reduced cost has the wrong sign is charged at its bound (Neumaier & Shcherbina 2004, "Safe bounds in linear and
mixed-integer linear programming", Mathematical Programming 99). An interior point that stopped a little short of
optimal thus proves nearly all that it found. Masses have no upper bound of their own; the balances imply one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models.highs import Arrays
from models.reduction import matrix_of

Array = np.ndarray[Any, np.dtype[np.float64]]
INFINITE = 1e29
PASSES = 8
"""How often bounds are passed on along rows: a chain of facilities is no longer than that."""


def safe_bound(arrays: Arrays, duals: Array) -> float:
    """Return a lower bound of a model's linear relaxation from ``duals``, a price per row; -inf if it proves nothing.

    Integrality is not used. The sign of a price that no side of its row backs is taken as zero.
    """
    if len(duals) != len(arrays.row_lower):
        return float("-inf")
    matrix = matrix_of(arrays)
    price, side = lawful(arrays, duals)
    reduced = arrays.cost - matrix.T @ price
    lower, upper = arrays.lower, arrays.upper
    loose = ((reduced < 0) & (upper >= INFINITE)) | ((reduced > 0) & (lower <= -INFINITE))
    if loose.any():
        lower, upper = implied_bounds(arrays)
    at = np.where(reduced > 0, lower, np.where(reduced < 0, upper, 0.0))
    total = float(price @ side + reduced @ at) + arrays.offset
    return total if np.isfinite(total) and abs(total) < INFINITE else float("-inf")


def lawful(arrays: Arrays, duals: Array) -> tuple[Array, Array]:
    """Return prices that bound, and the side of each row that they stand on.

    A price has the sign of a side that its row has, else it is zero.
    """
    price = np.where(arrays.row_upper >= INFINITE, np.maximum(duals, 0.0), duals)
    price = np.where(arrays.row_lower <= -INFINITE, np.minimum(price, 0.0), price)
    return price, np.where(price > 0, arrays.row_lower, np.where(price < 0, arrays.row_upper, 0.0))


def implied_bounds(arrays: Arrays) -> tuple[Array, Array]:
    """Return bounds of the columns that the rows imply, where there are none; +-inf where there are none still."""
    rows = matrix_of(arrays)
    rows.eliminate_zeros()
    entries = rows.tocoo()
    row, col, coef = entries.row, entries.col, entries.data
    lower = np.where(arrays.lower <= -INFINITE, -np.inf, arrays.lower)
    upper = np.where(arrays.upper >= INFINITE, np.inf, arrays.upper)
    row_lower = np.where(arrays.row_lower <= -INFINITE, -np.inf, arrays.row_lower)
    row_upper = np.where(arrays.row_upper >= INFINITE, np.inf, arrays.row_upper)
    count, positive = len(row_lower), coef > 0
    for _ in range(PASSES):
        # What each entry adds to its row at least (maybe -inf) and at most (maybe inf).
        least = coef * np.where(positive, lower[col], upper[col])
        most = coef * np.where(positive, upper[col], lower[col])
        rest_least, rest_most = (_of_the_others(row, values, count) for values in (least, most))
        above = np.where(positive, row_upper[row] - rest_least, row_lower[row] - rest_most) / coef
        below = np.where(positive, row_lower[row] - rest_most, row_upper[row] - rest_least) / coef
        new_upper, new_lower = upper.copy(), lower.copy()
        open_above = np.isinf(upper[col]) & np.isfinite(above)
        open_below = np.isinf(lower[col]) & np.isfinite(below)
        np.minimum.at(new_upper, col[open_above], above[open_above])
        np.maximum.at(new_lower, col[open_below], below[open_below])
        if not open_above.any() and not open_below.any():
            break
        lower, upper = new_lower, new_upper
    return lower, upper


def _of_the_others(row: Any, values: Array, count: int) -> Array:
    """Return for each entry the sum of the other entries of its row; infinite as soon as one of them is."""
    endless = np.isinf(values)
    finite = np.where(endless, 0.0, values)
    total = np.bincount(row, weights=finite, minlength=count)[row] - finite
    others = np.bincount(row, weights=endless, minlength=count)[row] - endless
    total[others > 0] = values[endless][0] if endless.any() else 0.0
    return np.asarray(total)
