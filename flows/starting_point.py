"""Where a bilinear reconciliation starts: all coefficients as given, flows as near to them as they come."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from flows.elimination import Floats
from flows.equations import COEFFICIENT, RATIO, Equations
from flows.least_squares import Estimates, LinearRelations, fit
from flows.linear_fit import ContradictionError

VAGUE = 10.0
LEAST = 1e-3


def starting_point(equations: Equations) -> Floats | None:
    """Return values for all variables, None where the equations are linear and need none.

    Coefficients and ratios that are measured stay as they are, which makes the equations linear; each of
    them may fail by what its standard deviation allows. Those of unknown ones are left out. Unmeasured
    flows are taken to be of the usual size of their layer, vaguely.
    """
    relations, known = equations.relations, equations.known
    if relations.linear:
        return None
    share = (equations.kind == COEFFICIENT) | (equations.kind == RATIO)
    usual = _usual_size(equations)
    value, std = known.value.copy(), known.std.copy()
    open_ones = np.isnan(value) & ~share
    value[open_ones], std[open_ones] = usual[open_ones], VAGUE * usual[open_ones]
    unknown = share & np.isnan(known.value)
    value[unknown], std[share] = 0.0, 0.0
    given = np.flatnonzero(~unknown[relations.first])
    row, first, second = relations.row[given], relations.first[given], relations.second[given]
    products = sparse.csr_matrix((relations.factor[given] * value[first], (row, second)), shape=relations.matrix.shape)
    fails = sparse.csr_matrix((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(relations.right), len(row)))
    matrix = sparse.csr_matrix(sparse.hstack([relations.matrix + products, fails]))
    # Unknown ones say nothing, and coefficients that do not quite add up to one need not here.
    only_shares = np.asarray(abs(relations.matrix) @ (~share).astype(float)).ravel() == 0
    only_shares[relations.row] = False
    kept = ~only_shares
    kept[relations.row[unknown[relations.first]]] = False
    allowed = np.maximum(np.nan_to_num(known.std[first]), LEAST * np.abs(value[first])) * usual[second]
    estimates = Estimates(
        np.concatenate([value, np.zeros(len(row))]), np.concatenate([std, np.where(allowed > 0, allowed, LEAST)])
    )
    try:
        linear = LinearRelations(sparse.csr_matrix(matrix[np.flatnonzero(kept)]), relations.right[kept])
        point = fit(estimates, linear).point[: len(value)]
    except ContradictionError:
        point = np.where(np.isnan(value), usual, value)
    point = np.clip(point, known.lower, known.upper)
    point = np.where((point <= 0) & ~share & (known.std != 0), LEAST * usual, point)
    return _unknown_shares(equations, point, unknown)


def _usual_size(equations: Equations) -> Floats:
    """Return for every variable the median size of what is measured in its layer (1 where nothing is)."""
    result = np.ones(len(equations.kind))
    measured = np.isfinite(equations.known.value) & (equations.kind < COEFFICIENT) & (equations.known.value != 0)
    overall = float(np.median(np.abs(equations.known.value[measured]))) if measured.any() else 1.0
    for layer in range(len(equations.layers)):
        here = equations.layer == layer
        some = measured & here
        result[here] = float(np.median(np.abs(equations.known.value[some]))) if some.any() else overall
    return result


def _unknown_shares(equations: Equations, point: Floats, unknown: np.ndarray) -> Floats:
    """Return the point with unknown coefficients and ratios as the flows imply them."""
    relations, known = equations.relations, equations.known
    at = np.flatnonzero(unknown[relations.first])
    share, base = relations.first[at], relations.second[at]
    left = np.asarray(relations.matrix @ point)[relations.row[at]]
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = -left / (relations.factor[at] * point[base])
    point[share] = np.clip(np.where(np.isfinite(implied), implied, 0.5), known.lower[share], known.upper[share])
    return point
