"""Linear weighted least squares with exact, measured and unmeasured variables: one solution, no bounds.

The pieces in order: what is known goes to the right side, unmeasured variables are eliminated
(:mod:`flows.elimination`), the smallest errors that satisfy what is left are found
(:mod:`flows.redundancy`), and the unmeasured variables that they determine follow.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from flows.classify import classify, moving
from flows.elimination import CANCELLED, Floats, Integers, Triangle, eliminate
from flows.redundancy import Redundancy

Flags = NDArray[np.bool_]
CONSISTENT = 1e-9
CHUNK = 512
LITTLE = 1e-5
ROUNDING = 1e-13


@dataclass(frozen=True)
class Contradiction:
    """Equations that cannot hold together: their positions, their weights in the sum, and by how much it fails."""

    equations: Integers
    weights: Floats
    off: float


class ContradictionError(ValueError):
    """Exact values and equations contradict each other; ``contradictions`` say which."""

    def __init__(self, message: str, contradictions: tuple[Contradiction, ...]) -> None:
        super().__init__(message)
        self.contradictions = contradictions


class LinearFit:
    """The solution of ``min |w|^2`` with ``x = value + root w`` (measured), ``matrix x = right``.

    ``value`` holds exact and measured values (anything elsewhere), ``root`` the square root of the
    covariance (variables x errors), ``size`` the usual size of what is known, as a measure of rounding.
    """

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        right: Floats,
        value: Floats,
        exact: Flags,
        measured: Flags,
        root: sparse.csr_matrix,
        cancelled: float = CANCELLED,
    ) -> None:
        self.matrix, self.right, self.value = matrix, right, value
        self.exact, self.measured, self.root, self.cancelled = exact, measured, root, cancelled
        sizes = np.abs(value[exact | measured])
        self.size = float(np.median(sizes[sizes > 0])) if (sizes > 0).any() else 1.0
        known = np.where(exact | measured, value, 0.0)
        target = right - matrix @ np.where(exact, value, 0.0)
        # What is wrong by less than a billionth of a thousandth of the usual size is rounding.
        magnitude = abs(matrix) @ np.abs(known) + np.abs(right) + 1e-3 * self.size
        moving_part = matrix.copy()
        moving_part.data = np.where(exact[moving_part.indices], 0.0, moving_part.data)
        self.unmeasured = ~(exact | measured)
        self.echelon = eliminate(moving_part, target, self.unmeasured, magnitude, cancelled)
        self.triangle = Triangle(self.echelon)
        left = self.echelon.left
        self.redundancy = Redundancy(
            sparse.csr_matrix(left @ root),
            self.echelon.left_rhs - left @ np.where(measured, value, 0.0),
            self.echelon.left_size + abs(left) @ np.where(measured, np.abs(value), 0.0),
            CONSISTENT,
            self._structure(left),
            cancelled,
        )
        self.error = self.redundancy.smallest()

    def _structure(self, left: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return the equations between the errors as if all had the same size; rounding is left out."""
        length = np.sqrt(np.asarray(self.root.multiply(self.root).sum(axis=1)).ravel())
        unit = sparse.diags(1.0 / np.where(length > 0, length, 1.0)) @ self.root
        result = sparse.csr_matrix(left @ unit)
        most = np.asarray(abs(left).max(axis=1).todense()).ravel()
        row = np.repeat(np.arange(result.shape[0]), np.diff(result.indptr))
        result.data[np.abs(result.data) < ROUNDING * most[row]] = 0.0
        return result

    @property
    def chi2(self) -> float:
        """The sum of squared standardised errors."""
        return float(self.error @ self.error)

    def status(self) -> NDArray[np.int8]:
        """Return the kind of every variable (positions in ``flows.classify.STATUS``)."""
        return classify(self.echelon, self.triangle, self.exact, self.measured)

    def undetermined(self) -> Flags:
        """Return which unmeasured variables the equations leave free."""
        return moving(self.echelon, self.triangle) & self.unmeasured

    def with_rows(self, directions: sparse.csr_matrix, right: Floats) -> LinearFit:
        """Return the fit with further equations ``directions w = right`` between the errors."""
        other = copy(self)
        before = self.redundancy
        size = np.abs(right) + abs(directions) @ np.abs(self.error)
        kept = before.kept
        rows = sparse.csr_matrix(sparse.vstack([before.matrix[kept], directions]))
        other.redundancy = Redundancy(
            rows,
            np.concatenate([before.right[kept], right]),
            np.concatenate([before.size[kept], size]),
            CONSISTENT,
            rows,
            self.cancelled,
        )
        other.error = other.redundancy.smallest()
        return other

    def values(self, free: Floats | None = None, error: Floats | None = None) -> Floats:
        """Return all variables with the errors ``error`` (default: the smallest).

        ``free`` (variables) gives those that nothing determines (default zero).
        """
        moved = self.root @ (self.error if error is None else error)
        result = np.where(self.exact | self.measured, self.value, 0.0) + moved
        if free is not None:
            result[self.echelon.free] = free[self.echelon.free]
        result[self.echelon.pivot_column] = self.triangle.pivots_from(np.where(self.exact, 0.0, result))
        return np.asarray(result)

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Return the sets of equations that cannot hold together, none where all can."""
        found = []
        for row, off in zip(self.redundancy.contradicting.tolist(), self.redundancy.off.tolist(), strict=True):
            inner = self.redundancy.plan.multipliers(row)
            weights = np.zeros(self.matrix.shape[0])
            for position in np.flatnonzero(inner):
                weights += inner[position] * self.echelon.multipliers(int(self.echelon.left_row[position]))
            weights[np.abs(weights) < 1e-9 * np.abs(weights).max()] = 0.0
            rows = np.flatnonzero(weights)
            found.append(Contradiction(rows, weights[rows], float(off)))
        return tuple(found)

    def directions(self, variables: Integers) -> sparse.csr_matrix:
        """Return how the errors move ``variables`` (k x errors): measured ones and those they determine."""
        count = len(variables)
        return self.combined(
            sparse.csr_matrix((np.ones(count), (np.arange(count), variables)), shape=(count, len(self.exact)))
        )

    def combined(self, weights: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return how the errors move sums of variables, ``weights`` (k x variables), as (k x errors)."""
        total = sparse.csr_matrix(weights @ self.root)
        pivots = sparse.csr_matrix(weights.tocsc()[:, self.echelon.pivot_column])
        some = np.flatnonzero(np.diff(pivots.indptr))
        if not len(some):
            return total
        through = sparse.csr_matrix(self.triangle.others @ self.root)
        moved = []
        for start in range(0, len(some), CHUNK):
            part = self.triangle.transposed(pivots[some[start : start + CHUNK]].T.toarray())
            moved.append(sparse.csr_matrix(part.T) @ through)
        back = sparse.csr_matrix(
            (np.ones(len(some)), (some, np.arange(len(some)))), shape=(weights.shape[0], len(some))
        )
        return sparse.csr_matrix(total - back @ sparse.vstack(moved))

    def deviations(self, variables: Integers) -> tuple[Floats, Floats]:
        """Return standard deviations after reconciliation, and those of the adjustments, of ``variables``."""
        return self.spread(self.directions(variables))

    def spread(self, directions: sparse.csr_matrix) -> tuple[Floats, Floats]:
        """Return the standard deviation after reconciliation of ``directions @ w``, and what was taken from it."""
        before = np.asarray(directions.multiply(directions).sum(axis=1)).ravel()
        taken = np.clip(self.redundancy.explained(directions), 0.0, before)
        left = before - taken
        # Where little is left the difference is rounding: the length of what no equation sees is exact.
        for position in np.flatnonzero((left < LITTLE * before) & (before > 0)).tolist():
            inside = self.redundancy.project(directions[position].toarray().ravel())
            left[position] = float(inside @ inside)
            left[position] *= left[position] > 1e-26 * before[position]
        return np.sqrt(left), np.sqrt(taken)
