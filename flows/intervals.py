"""What an unmeasured flow that nothing determines can be between, given all that is determined and the bounds."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from flows.classify import UNOBSERVABLE
from flows.elimination import Floats
from flows.equations import THROUGHPUT, Equations
from flows.least_squares import Fit
from flows.new_highs import new_highs

MOST = 2000
SLACK = 1e-7


def possible_values(equations: Equations, found: Fit, most: int = MOST) -> tuple[Floats, Floats]:
    """Return the least and the greatest value of every unobservable variable (NaN elsewhere).

    Everything that is determined stays at its reconciled value. Products of two open variables are
    replaced by the bounds of the coefficient, so the interval may be too wide, never too narrow. Where
    more than ``most`` variables are open, none is computed: NaN. Infinite where nothing limits it.
    """
    count = len(found.value)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    at = np.flatnonzero(found.status == UNOBSERVABLE)
    if not len(at) or len(at) > most:
        return low, high
    matrix, row_low, row_high, size = _rows(equations, found, at)
    known = equations.known
    solver = _solver(matrix, row_low, row_high, known.lower[at] / size, known.upper[at] / size)
    asked = np.flatnonzero(equations.kind[at] != THROUGHPUT)
    for column in asked.tolist():
        low[at[column]] = _extreme(solver, column, 1.0)
        high[at[column]] = -_extreme(solver, column, -1.0)
    # Rounded to what the slack of the rows leaves certain.
    inside = np.isfinite(low), np.isfinite(high)
    low[inside[0]] = np.maximum(np.round(low[inside[0]], 6) * size, known.lower[inside[0]])
    high[inside[1]] = np.minimum(np.round(high[inside[1]], 6) * size, known.upper[inside[1]])
    return low, high


def _rows(equations: Equations, found: Fit, at: np.ndarray) -> tuple[sparse.csr_matrix, Floats, Floats, float]:
    """Return the equations of the open variables as rows between two bounds, scaled by their usual size."""
    relations, known = equations.relations, equations.known
    open_ones = np.zeros(len(found.value), dtype=bool)
    open_ones[at] = True
    value = np.where(open_ones, 0.0, found.value)
    value = np.where(np.isnan(value), 0.0, value)
    first_open, second_open = open_ones[relations.first], open_ones[relations.second]
    both = first_open & second_open
    pieces = [relations.matrix]
    right = relations.right.copy()
    for moving, still, other in (
        (relations.first, ~second_open, relations.second),
        (relations.second, ~first_open, relations.first),
    ):
        some = still & open_ones[moving]
        entries = relations.factor[some] * value[other[some]]
        pieces.append(sparse.csr_matrix((entries, (relations.row[some], moving[some])), shape=relations.matrix.shape))
    neither = ~first_open & ~second_open
    settled = relations.factor[neither] * value[relations.first[neither]] * value[relations.second[neither]]
    right -= np.bincount(relations.row[neither], weights=settled, minlength=len(right))
    total = sparse.csr_matrix(pieces[0] + pieces[1] + pieces[2])
    right -= total @ value
    kept = np.ones(len(right), dtype=bool)
    kept[relations.row[both]] = False
    extra, extra_low, extra_high = [], [], []
    for position in np.flatnonzero(both):
        row, share, base = relations.row[position], relations.first[position], relations.second[position]
        # flow - share * base = 0 with share between its bounds and base not negative.
        for limit, side in ((known.lower[share], 1.0), (known.upper[share], -1.0)):
            if np.isfinite(limit):
                line = relations.matrix[row].tolil()
                line[0, base] = line[0, base] + relations.factor[position] * limit
                extra.append(line.tocsr())
                extra_low.append(right[row] if side > 0 else -np.inf)
                extra_high.append(np.inf if side > 0 else right[row])
    rows = sparse.csr_matrix(sparse.vstack([total[np.flatnonzero(kept)], *extra]))[:, at]
    row_low = np.concatenate([right[kept], extra_low])
    row_high = np.concatenate([right[kept], extra_high])
    used = np.flatnonzero(np.diff(rows.indptr))
    size = float(np.max(np.abs(right), initial=0.0)) or 1.0
    return rows[used], row_low[used] / size, row_high[used] / size, size


def _solver(matrix: sparse.csr_matrix, row_low: Floats, row_high: Floats, low: Floats, high: Floats) -> highspy.Highs:
    """Return a linear programme without objective, ready for one."""
    infinity = highspy.kHighsInf
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = np.zeros(matrix.shape[1])
    model.col_lower_ = np.nan_to_num(low, neginf=-infinity, posinf=infinity)
    model.col_upper_ = np.nan_to_num(high, neginf=-infinity, posinf=infinity)
    # What is determined is known to rounding only.
    slack = SLACK * np.maximum(1.0, np.abs(np.nan_to_num(row_low, neginf=0.0, posinf=0.0)))
    model.row_lower_ = np.nan_to_num(row_low - slack, neginf=-infinity, posinf=infinity)
    model.row_upper_ = np.nan_to_num(row_high + slack, neginf=-infinity, posinf=infinity)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver = new_highs()
    solver.passModel(model)
    return solver


def _extreme(solver: highspy.Highs, column: int, cost: float) -> float:
    """Return the least of ``cost`` times a column; minus infinity where nothing limits it, NaN without a solution."""
    solver.changeColCost(column, cost)
    solver.run()
    status = solver.getModelStatus()
    value = float("nan")
    if status == highspy.HighsModelStatus.kOptimal:
        value = float(solver.getInfo().objective_function_value)
    elif status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        value = -np.inf
    solver.changeColCost(column, 0.0)
    return value
