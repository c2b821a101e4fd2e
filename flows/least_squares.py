"""Weighted least squares with equations between the variables: data reconciliation, linear or not.

Measured variables move as little as their uncertainty says (``(x - y)' V^-1 (x - y)`` is least) so that
all equations hold; exact ones do not move, unmeasured ones follow (Kuehn and Davidson, 1961; Narasimhan
and Jordache, *Data Reconciliation and Gross Error Detection*, 2000). Equations that are not linear are
linearised again and again, with step control (Gauss-Newton). Everything is sparse; a dense covariance
is never formed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import chdtrc

from flows.bounds import BoundsError, bounded_fit
from flows.classify import NONREDUNDANT, OBSERVABLE, REDUNDANT, UNOBSERVABLE
from flows.covariance import square_root
from flows.elimination import CANCELLED, Floats, Integers
from flows.linear_fit import Contradiction, ContradictionError, Flags, LinearFit

NONLINEAR_CANCELLED = 1e-9
BACKTRACKS = 25
SMALL = 1e-3
NOISE = 1e-14
OUTSIDE = 1e-5
PARTS = (1.0, 0.5, 0.1, 0.01)
MEMORY = 4


class Relations(Protocol):
    """Equations between the variables, as ``h(x) = 0``."""

    @property
    def linear(self) -> bool:
        """True where the Jacobian is constant."""
        ...

    def residual(self, x: Floats) -> Floats:
        """Return ``h(x)``, one value per equation."""
        ...

    def jacobian(self, x: Floats) -> sparse.csr_matrix:
        """Return the derivatives of ``h`` at ``x`` (equations x variables)."""
        ...


@dataclass(frozen=True)
class LinearRelations:
    """Linear equations ``matrix x = right``.

    >>> LinearRelations(sparse.csr_matrix([[1.0, -1.0]]), np.zeros(1)).residual(np.array([3.0, 2.0]))
    array([1.])
    """

    matrix: sparse.csr_matrix
    right: Floats
    linear: bool = True

    def residual(self, x: Floats) -> Floats:
        """Return ``matrix x - right``."""
        return np.asarray(self.matrix @ x - self.right)

    def jacobian(self, x: Floats) -> sparse.csr_matrix:
        """Return the matrix."""
        return self.matrix


@dataclass(frozen=True)
class Estimates:
    """What is known of the variables; all arrays have one entry per variable.

    ``value`` is NaN and ``std`` NaN where nothing is measured; ``std`` is 0 where the value is exact.
    ``start`` is where unmeasured variables start in problems that are not linear. ``lower`` and ``upper``
    are infinite where there is no bound. ``point`` is where all variables start, measured ones too, in place
    of ``start``; best one that satisfies the equations nearly. ``correlations`` are pairs of measured variables with their
    coefficient.
    """

    value: Floats
    std: Floats
    start: Floats | None = None
    lower: Floats | None = None
    upper: Floats | None = None
    correlations: tuple[Integers, Integers, Floats] | None = None
    point: Floats | None = None


@dataclass(frozen=True)
class Fit:
    """What :func:`fit` found; arrays over variables, ``node_z`` over equations.

    ``value`` is NaN where a variable is unobservable, ``point`` is one solution with a value everywhere.
    ``std`` is that after reconciliation, NaN where not asked or unobservable. ``status`` are positions in
    ``flows.classify.STATUS``. ``adjustment_z`` is the measurement test (adjustment over its standard
    deviation), ``node_z`` the nodal test of the balance that an equation is part of after elimination of
    what is not measured and ``node_group`` the equation that stands for it (-1: cannot be tested).
    ``active`` marks variables held at a bound; such a bound counts as an equation in ``dof``. ``linear`` is the linear problem at the solution without
    bounds, ``held`` the one with what lies at a bound.
    """

    value: Floats
    std: Floats
    status: NDArray[np.int8]
    adjustment_z: Floats
    node_z: Floats
    chi2: float
    dof: int
    p_value: float
    iterations: int
    active: Flags
    point: Floats
    node_group: Integers
    linear: LinearFit
    held: LinearFit


class DivergenceError(ValueError):
    """The iteration did not reach a solution; the message says how far it came."""


def fit(
    estimates: Estimates,
    relations: Relations,
    *,
    deviations: Literal["none", "all"] | Integers = "none",
    tolerance: float = 1e-9,
    most_iterations: int = 100,
) -> Fit:
    """Return the values nearest to the measured ones that satisfy all equations and bounds.

    ``deviations`` says for which variables standard deviations and the measurement test are computed.
    Raises :class:`flows.linear_fit.ContradictionError` where exact values and equations contradict,
    :class:`flows.bounds.BoundsError` where bounds do, :class:`flows.covariance.CovarianceError` for
    correlations that cannot be, and :class:`DivergenceError`.

    Two measurements of what passes a process, 102 +- 2 and 99 +- 1, and one flow not measured:

    >>> balances = LinearRelations(sparse.csr_matrix([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]), np.zeros(2))
    >>> known = Estimates(np.array([102.0, 99.0, np.nan]), np.array([2.0, 1.0, np.nan]))
    >>> found = fit(known, balances, deviations="all")
    >>> found.value.round(3).tolist(), found.std.round(3).tolist(), found.dof
    ([99.6, 99.6, 99.6], [0.894, 0.894, 0.894], 1)
    """
    problem = _Problem(estimates, relations)
    point, solution, active, iterations = (
        problem.linear() if relations.linear else problem.iterate(tolerance, most_iterations)
    )
    problem.check_bounds(point)
    return problem.result(point, solution, active, iterations, deviations)


class _Problem:
    """The estimates in the form of the solver."""

    def __init__(self, estimates: Estimates, relations: Relations) -> None:
        self.relations = relations
        std = np.asarray(estimates.std, dtype=np.float64)
        value = np.asarray(estimates.value, dtype=np.float64)
        count = len(value)
        known = np.isfinite(value) & np.isfinite(std)
        self.exact = known & (std == 0)
        self.measured = known & (std > 0)
        self.std = np.where(self.measured, std, 0.0)
        self.value = np.where(known, value, 0.0)
        self.root = square_root(self.std, estimates.correlations)
        self.lower = np.full(count, -np.inf) if estimates.lower is None else np.asarray(estimates.lower, dtype=float)
        self.upper = np.full(count, np.inf) if estimates.upper is None else np.asarray(estimates.upper, dtype=float)
        begin = np.zeros(count) if estimates.start is None else np.asarray(estimates.start, dtype=float)
        self.point = estimates.point
        self.start = np.where(known, value, np.clip(np.nan_to_num(begin), self.lower, self.upper))

    def _linear_fit(self, matrix: sparse.csr_matrix, right: Floats, cancelled: float) -> LinearFit:
        return LinearFit(matrix, right, self.value, self.exact, self.measured, self.root, cancelled)

    def linear(self) -> tuple[Floats, LinearFit, Flags, int]:
        """Solve linear equations."""
        matrix = sparse.csr_matrix(self.relations.jacobian(self.start))
        self.plain = self._linear_fit(matrix, -self.relations.residual(np.zeros(len(self.value))), CANCELLED)
        raise_contradictions(self.plain.contradictions())
        return bounded_fit(self.plain, self.lower, self.upper, self.start)

    def iterate(self, tolerance: float, most: int) -> tuple[Floats, LinearFit, Flags, int]:
        """Solve equations that are not linear by Gauss-Newton with step control."""
        begin = self.start if self.point is None else self.point
        point = np.where(self.exact, self.value, np.clip(begin, self.lower, self.upper))
        penalty = 1.0
        merits: deque[float] = deque(maxlen=MEMORY)
        for iteration in range(1, most + 1):
            matrix = sparse.csr_matrix(self.relations.jacobian(point))
            residual = self.relations.residual(point)
            goal, held, active, whole = self._towards(matrix, residual, point)
            step = goal - point
            size, passing = self._sizes(matrix, np.maximum(np.abs(point), np.abs(goal)))
            weight = 1.0 / np.maximum(passing, 1e-9 * (float(passing.max(initial=0.0)) or 1e9))
            rounding = NOISE * float(np.maximum(np.abs(goal), np.abs(self.value)).max(initial=0.0))
            noise = np.abs(step) <= rounding
            off = np.where(np.abs(residual) <= rounding, 0.0, np.abs(residual) * weight)
            wrong = float(off.sum())
            moved = np.where(self.plain.undetermined() | noise, 0.0, np.abs(step) / size)
            change = float(moved.max(initial=0.0))
            if change < tolerance:
                if float(off.max(initial=0.0)) < 10 * tolerance:
                    return goal, held, active, iteration
                raise_contradictions(self.plain.contradictions())
            now, then = self._objective(point), 0.5 * held.chi2
            if wrong > 0:
                penalty = max(penalty, 2.0 * (then - now) / (whole * wrong))
            merits.append(now + penalty * wrong)
            expected = (now - then) + penalty * whole * wrong
            length = 1.0
            for _ in range(BACKTRACKS):
                trial = point + length * step
                away = float((np.abs(self.relations.residual(trial)) * weight).sum())
                if self._objective(trial) + penalty * away <= max(merits) - 1e-4 * length * expected:
                    break
                length *= 0.5
            else:
                # Rounding hides what is gained: go the whole way once.
                length = 1.0
                merits.clear()
            point = point + length * step
        raise DivergenceError(
            f"no solution after {most} iterations; the last step still changed a value by {change:.2g} of its size"
        )

    def _sizes(self, matrix: sparse.csr_matrix, value: Floats) -> tuple[Floats, Floats]:
        """Return the size by which a change of each variable is judged, and what passes each equation.

        A value near zero is judged by its equations: it is small if it is small among their other terms.
        """
        passing = np.asarray(abs(matrix) @ np.maximum(value, self.std))
        share = matrix.tocoo()
        used = (share.data != 0) & (passing[share.row] > 0)
        reach = np.full(len(value), np.inf)
        np.minimum.at(reach, share.col[used], passing[share.row[used]] / np.abs(share.data[used]))
        size = np.maximum(np.maximum(value, self.std), np.where(np.isfinite(reach), SMALL * reach, 0.0))
        return np.where(size > 0, size, 1.0), passing

    def _towards(
        self, matrix: sparse.csr_matrix, residual: Floats, point: Floats
    ) -> tuple[Floats, LinearFit, Flags, float]:
        """Return the solution of the linearised problem, and how much of the residual it takes away.

        Where the bounds do not let the linearised equations hold, it goes only a part of the way to them.
        """
        failure: BoundsError | None = None
        for part in PARTS:
            right = np.asarray(matrix @ point - part * residual)
            self.plain = self._linear_fit(matrix, right, NONLINEAR_CANCELLED)
            try:
                goal, held, active, _ = bounded_fit(self.plain, self.lower, self.upper, point)
            except BoundsError as error:
                failure = failure or error
                continue
            return goal, held, active, part
        raise failure or DivergenceError("no step was found")

    def check_bounds(self, point: Floats) -> None:
        """Raise :class:`flows.bounds.BoundsError` where the solution breaks a bound by more than rounding."""
        slack = OUTSIDE * (np.abs(point) + self.plain.size)
        broken = np.flatnonzero(~self.exact & ((point < self.lower - slack) | (point > self.upper + slack)))
        if len(broken):
            raise BoundsError("no solution within the bounds was found", broken, broken[:0])

    def _objective(self, point: Floats) -> float:
        """Return half the sum of squared standardised adjustments."""
        away = np.where(self.measured, point - self.value, 0.0)
        return 0.5 * float(np.square(self._errors(away)).sum())

    def _errors(self, away: Floats) -> Floats:
        """Return the smallest ``w`` with ``root w = away``; columns of the root are orthogonal."""
        squares = np.asarray(self.root.multiply(self.root).sum(axis=0)).ravel()
        if self._diagonal:
            return np.asarray(self.root.T @ away) / np.where(squares > 0, squares, 1.0)
        return self._blocks_errors(away)

    @property
    def _diagonal(self) -> bool:
        return bool(self.root.nnz == int(self.measured.sum()))

    def _blocks_errors(self, away: Floats) -> Floats:
        # root = diag(std) Q sqrt(size) per block, so the standardised adjustments divide by size once.
        standard = np.where(self.measured, away / np.where(self.std > 0, self.std, 1.0), 0.0)
        unit = sparse.diags(np.where(self.std > 0, 1.0 / np.where(self.std > 0, self.std, 1.0), 0.0)) @ self.root
        squares = np.asarray(unit.multiply(unit).sum(axis=0)).ravel()
        return np.asarray(unit.T @ standard) / np.where(squares > 0, squares, 1.0)

    def result(
        self,
        point: Floats,
        held: LinearFit,
        active: Flags,
        iterations: int,
        deviations: Literal["none", "all"] | Integers,
    ) -> Fit:
        """Gather values, kinds, tests and deviations."""
        plain = self.plain
        status = plain.status()
        count = len(point)
        value = np.where(status == UNOBSERVABLE, np.nan, point + 0.0)
        std = np.full(count, np.nan)
        z = np.full(count, np.nan)
        if isinstance(deviations, str):
            asked = np.arange(count) if deviations == "all" else np.zeros(0, dtype=np.int64)
        else:
            asked = np.asarray(deviations, dtype=np.int64)
        std[asked[self.exact[asked]]] = 0.0
        some = asked[np.isin(status[asked], (REDUNDANT, NONREDUNDANT, OBSERVABLE))]
        if len(some):
            after, moved = held.deviations(some)
            std[some] = after
            # A bound can move what no equation checks.
            tested = np.isin(status[some], (REDUNDANT, NONREDUNDANT))
            moved = np.where(moved > 1e-8 * np.maximum(self.std[some], np.finfo(float).tiny), moved, np.nan)
            adjustment = np.abs(point[some] - self.value[some])
            z[some[tested]] = (adjustment / moved)[tested]
        node_z, group = self._nodes(plain)
        # A bound that holds counts as an equation: given what holds, chi-square has that many degrees of freedom.
        dof = held.redundancy.rank
        chi2 = held.chi2
        p_value = float(chdtrc(dof, chi2)) if dof else float("nan")
        return Fit(value, std, status, z, node_z, chi2, dof, p_value, iterations, active, point, group, plain, held)

    def _nodes(self, plain: LinearFit) -> tuple[Floats, Integers]:
        """Return the nodal test of every equation, and the equation that it ended in (-1: none)."""
        redundancy = plain.redundancy
        variance = np.asarray(redundancy.matrix.multiply(redundancy.matrix).sum(axis=1)).ravel()
        score = np.where(
            variance > 0, np.abs(redundancy.right) / np.sqrt(np.where(variance > 0, variance, 1.0)), np.nan
        )
        by_row = np.full(plain.matrix.shape[0], np.nan)
        by_row[plain.echelon.left_row] = score
        group = plain.echelon.group()
        group = np.where((group >= 0) & np.isfinite(by_row[group]), group, -1)
        return np.where(group >= 0, by_row[group], np.nan), group


def raise_contradictions(found: tuple[Contradiction, ...]) -> None:
    """Raise :class:`flows.linear_fit.ContradictionError` if there is a contradiction."""
    if found:
        worst = max(found, key=lambda one: abs(one.off))
        raise ContradictionError(
            f"equations {', '.join(map(str, worst.equations[:8].tolist()))} contradict the exact values by {worst.off:.6g}"
            + (f"; {len(found) - 1} more contradictions" if len(found) > 1 else ""),
            found,
        )
