"""Bounds in least squares: which of them hold back the solution, found in rounds.

All that the equations determine is ``x = x0 + C w`` in the errors ``w``. Broken bounds become inequalities
on ``w``; their multipliers solve a small problem of their own (:mod:`flows.multipliers`), and rounds go on
until no bound is broken. Unmeasured variables that the equations leave open must have values within their
bounds too: a linear programme looks for them, and where there are none its certificate is one more
inequality on the errors (a cut, as in the decomposition of Benders, 1962).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from flows.elimination import Floats, Integers
from flows.linear_fit import Flags, LinearFit
from flows.multipliers import RIDGE, non_negative

ROUNDS = 80
BROKEN = 1e-9
NOTHING = 1e-9
REFINEMENTS = 20


class BoundsError(ValueError):
    """Bounds and equations cannot hold together; ``variables`` and ``equations`` say where."""

    def __init__(self, message: str, variables: Integers, equations: Integers) -> None:
        super().__init__(message)
        self.variables = variables
        self.equations = equations


class _Inequalities:
    """Inequalities ``directions w >= least`` that some solution broke, with what they hold at their bound.

    ``coupling`` is ``C (I - B' (B B')^-1 B) C'``, without what is negligible: influence fades with distance.
    """

    def __init__(self, plain: LinearFit) -> None:
        self.plain = plain
        self.directions = sparse.csr_matrix((0, plain.root.shape[1]))
        self.coupling = sparse.csr_matrix((0, 0))
        self.least = np.zeros(0)
        self.pull = np.zeros(0)
        self.holds: list[Integers] = []

    def add(self, directions: sparse.csr_matrix, least: Floats, holds: list[Integers]) -> None:
        """Add some; rows are scaled to length one."""
        length = np.sqrt(np.asarray(directions.multiply(directions).sum(axis=1)).ravel())
        scale = 1.0 / np.where(length > 0, length, 1.0)
        rows = sparse.csr_matrix(sparse.diags(scale) @ directions)
        before = self.directions.shape[0]
        self.directions = sparse.csr_matrix(sparse.vstack([self.directions, rows]))
        new = self.plain.redundancy.coupling(self.directions, rows, NOTHING)
        self.coupling = sparse.csr_matrix(
            sparse.bmat([[self.coupling, new[:before]], [new[:before].T, new[before:]]]) if before else new
        )
        self.least = np.concatenate([self.least, least * scale])
        self.pull = np.concatenate([self.pull, np.zeros(len(least))])
        self.holds += holds

    def solve(self) -> Floats:
        """Return the smallest errors that satisfy equations and inequalities."""
        if not len(self.least):
            return self.plain.error
        error = self.plain.error + self.plain.redundancy.project(self.directions.T @ self.pull)
        scale = 1.0 + np.abs(self.least).max()
        for _ in range(REFINEMENTS):
            # Each round keeps the multipliers near those of the last one (a proximal step): that is exact in the
            # end, although the coupling leaves out what is negligible and may be singular.
            wanted = self.least - self.directions @ error + self.coupling @ self.pull + RIDGE * self.pull
            self.pull = non_negative(self.coupling, wanted, self.pull)
            error = self.plain.error + self.plain.redundancy.project(self.directions.T @ self.pull)
            broken = float((self.least - self.directions @ error).max())
            if (
                broken <= 1e-10 * scale
                and float(np.abs((self.least - self.directions @ error)[self.pull > 0]).max(initial=0.0))
                <= 1e-8 * scale
            ):
                break
        return error


def bounded_fit(
    plain: LinearFit, lower: Floats, upper: Floats, current: Floats
) -> tuple[Floats, LinearFit, Flags, int]:
    """Return one solution within the bounds, the fit that it belongs to, what lies at a bound, and the rounds.

    ``plain`` is the fit without bounds. Variables that nothing determines stay at ``current`` where the
    bounds let them. Raises :class:`BoundsError`.
    """
    outside = plain.exact & ((plain.value < lower - _slack(lower)) | (plain.value > upper + _slack(upper)))
    crossed = (lower > upper) | outside
    if crossed.any():
        at = np.flatnonzero(crossed)
        raise BoundsError("an exact value lies outside its bounds, or a lower bound above the upper", at, at[:0])
    active = np.zeros(len(lower), dtype=bool)
    bounded = (np.isfinite(lower) | np.isfinite(upper)) & ~plain.exact
    if not bounded.any():
        return plain.values(current), plain, active, 1
    open_ones = plain.undetermined()
    settled = bounded & ~open_ones
    size = plain.size
    inequalities = _Inequalities(plain)
    listed = np.zeros((2, len(lower)), dtype=bool)
    error = plain.error
    for turn in range(1, ROUNDS + 1):
        point = plain.values(current, error)
        slack = BROKEN * (np.abs(point) + size)
        low = settled & (point < lower - slack)
        high = settled & (point > upper + slack)
        if (low & listed[0]).any() or (high & listed[1]).any():
            # An inequality that is taken into account is still broken: nothing satisfies all of them.
            if (point < lower - 1e3 * slack)[settled].any() or (point > upper + 1e3 * slack)[settled].any():
                raise_infeasible(plain, lower, upper)
            low, high = low & ~listed[0], high & ~listed[1]
        if low.any() or high.any():
            _add_broken(inequalities, plain, np.flatnonzero(low), lower, 1.0)
            _add_broken(inequalities, plain, np.flatnonzero(high), upper, -1.0)
            listed[0] |= low
            listed[1] |= high
        else:
            found, cuts = open_values(plain, point, open_ones, lower, upper)
            if cuts is None:
                held = plain
                if (inequalities.pull > 0).any():
                    held, found = _polished(plain, inequalities, found, open_ones, lower, upper)
                    for position in np.flatnonzero(inequalities.pull > 0):
                        active[inequalities.holds[position]] = True
                return found, held, active, turn
            weights, least, holds = cuts
            directions = plain.combined(weights)
            base = weights @ np.where(open_ones, 0.0, plain.values(None, np.zeros(len(error))))
            if turn > ROUNDS // 2 or not np.diff(directions.indptr).all():
                # Many cuts, or one that no error can satisfy: perhaps nothing does.
                raise_infeasible(plain, lower, upper)
            inequalities.add(directions, least - base, holds)
        error = inequalities.solve()
    raise BoundsError(
        f"the bounds did not settle in {ROUNDS} rounds", np.flatnonzero(low | high), np.zeros(0, dtype=np.int64)
    )


def _slack(bound: Floats) -> Floats:
    return BROKEN * np.where(np.isfinite(bound), np.abs(bound), 0.0)


def _add_broken(inequalities: _Inequalities, plain: LinearFit, at: Integers, bound: Floats, sign: float) -> None:
    """Add the bounds of some determined variables: ``sign * x >= sign * bound``."""
    if len(at):
        still = plain.values(None, np.zeros(plain.root.shape[1]))[at]
        directions = sparse.csr_matrix(sign * plain.directions(at))
        inequalities.add(directions, sign * (bound[at] - still), [np.array([one]) for one in at])


def _polished(
    plain: LinearFit,
    inequalities: _Inequalities,
    point: Floats,
    open_ones: Flags,
    lower: Floats,
    upper: Floats,
) -> tuple[LinearFit, Floats]:
    """Return the fit with the inequalities that hold as equations, and its solution."""
    at = np.flatnonzero(inequalities.pull > 0)
    held = plain.with_rows(sparse.csr_matrix(inequalities.directions[at]), inequalities.least[at])
    again = held.values(point)
    found, cuts = open_values(held, again, open_ones, lower, upper)
    slack = 1e-7 * (np.abs(found) + plain.size)
    if cuts is not None or ((found < lower - slack) | (found > upper + slack))[~plain.exact].any():
        return held, point
    return held, found


def open_values(
    held: LinearFit, point: Floats, open_ones: Flags, lower: Floats, upper: Floats
) -> tuple[Floats, tuple[sparse.csr_matrix, Floats, list[Integers]] | None]:
    """Return a point whose open variables lie within their bounds, or the inequalities that forbid it.

    An inequality is a row of weights over the determined variables, the least that their sum must be, and
    the open variables that lie at their bounds when it just holds.
    """
    at = np.flatnonzero(open_ones)
    slack = BROKEN * (np.abs(point) + held.size)
    if not len(at) or not ((point < lower - slack) | (point > upper + slack))[at].any():
        return point, None
    echelon = held.echelon
    rows = np.flatnonzero(open_ones[echelon.pivot_column])
    solved = echelon.solved[rows]
    right = echelon.solved_rhs[rows] - solved @ np.where(open_ones | held.exact, 0.0, point)
    size = max(float(np.abs(right).max(initial=0.0)), held.size)
    matrix = sparse.csr_matrix(solved[:, at])
    low, high = lower[at] / size, upper[at] / size
    inside, dual = _nearest(matrix, right / size, low, high)
    if dual is None:
        result = point.copy()
        result[at] = inside * size
        return result, None
    parts = _apart(matrix, dual)
    pulls = sparse.csr_matrix(parts @ matrix)
    pulls.data[np.abs(pulls.data) < NOTHING] = 0.0
    pulls.eliminate_zeros()
    # Within the bounds, parts @ right is at most what the bounds allow.
    limit = np.where(pulls.data > 0, upper[at][pulls.indices], lower[at][pulls.indices])
    most = np.add.reduceat(np.append(pulls.data * limit, 0.0), pulls.indptr[:-1])
    most[np.diff(pulls.indptr) == 0] = 0.0
    broken = parts @ right > most + BROKEN * size
    known = sparse.csr_matrix(parts @ solved)
    keep = ~(open_ones | held.exact)
    known.data = np.where(keep[known.indices], known.data, 0.0)
    known.eliminate_zeros()
    least = parts @ echelon.solved_rhs[rows] - most
    chosen = np.flatnonzero(broken)
    if not len(chosen):
        # Broken by no more than rounding.
        result = point.copy()
        result[at] = inside * size
        return result, None
    holds = [at[pulls.indices[pulls.indptr[k] : pulls.indptr[k + 1]]] for k in chosen]
    return point, (sparse.csr_matrix(known[chosen]), least[chosen], holds)


def _apart(matrix: sparse.csr_matrix, dual: Floats) -> sparse.csr_matrix:
    """Return the multipliers of rows part by part (parts x rows): rows that share a variable are one part."""
    rows = sparse.csr_matrix(sparse.diags((dual != 0).astype(float)) @ matrix)
    count, label = connected_components(sparse.bmat([[None, rows], [rows.T, None]]), directed=False)
    at = np.flatnonzero(dual)
    parts = sparse.csr_matrix((dual[at], (label[at], at)), shape=(count, len(dual)))
    return parts[np.flatnonzero(np.diff(parts.indptr))]


def _nearest(matrix: sparse.csr_matrix, right: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats | None]:
    """Return values that break the bounds least in sum, and if they break some, the multipliers that prove it."""
    has_low, has_high = np.flatnonzero(np.isfinite(low)), np.flatnonzero(np.isfinite(high))
    broken = len(has_low) + len(has_high)
    done = linprog(
        np.concatenate([np.zeros(len(low)), np.ones(broken)]),
        A_eq=sparse.csr_matrix(sparse.hstack([matrix, -matrix[:, has_low], matrix[:, has_high]])),
        b_eq=right,
        bounds=np.concatenate([np.column_stack([low, high]), np.tile([0.0, np.inf], (broken, 1))]),
        method="highs",
    )
    if done.status != 0:
        raise BoundsError(f"no values of the open variables were found: {done.message}", has_low[:0], has_low[:0])
    inside = np.asarray(done.x)[: len(low)]
    if done.fun <= BROKEN * max(len(low), 1):
        return inside, None
    dual = np.asarray(done.eqlin.marginals)
    return inside, np.where(np.abs(dual) > NOTHING, dual, 0.0)


def raise_infeasible(plain: LinearFit, lower: Floats, upper: Floats) -> None:
    """Raise :class:`BoundsError` with the variables and equations of a certificate, if no values fit."""
    moving = np.flatnonzero(~plain.exact)
    right = (plain.right - plain.matrix @ np.where(plain.exact, plain.value, 0.0)) / plain.size
    matrix = sparse.csr_matrix(plain.matrix[:, moving])
    slacks = sparse.eye(matrix.shape[0], format="csr")
    bounds = np.column_stack([lower[moving], upper[moving]]) / plain.size
    done = linprog(
        np.concatenate([np.zeros(len(moving)), np.ones(2 * matrix.shape[0])]),
        A_eq=sparse.csr_matrix(sparse.hstack([matrix, slacks, -slacks])),
        b_eq=right,
        bounds=np.concatenate([bounds, np.tile([0.0, np.inf], (2 * matrix.shape[0], 1))]),
        method="highs",
    )
    if done.status == 0 and done.fun > BROKEN:
        rows = np.flatnonzero(np.abs(done.eqlin.marginals) > 1e-7)
        at_bound = np.abs(done.lower.marginals) + np.abs(done.upper.marginals)
        guilty = moving[at_bound[: len(moving)] > 1e-7]
        raise BoundsError("the bounds and the equations leave no solution", guilty, rows)
