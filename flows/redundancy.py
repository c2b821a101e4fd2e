"""The redundancy equations and their least-squares solution: the smallest errors that satisfy them.

With the errors written as ``L w`` (``L L'`` the covariance), reconciliation is the problem of the smallest
``w`` with ``B w = d``: ``w = B' (B B')^-1 d``. ``B B'`` is sparse and symmetric; its factor is kept for
variances and tests, and never inverted as a whole.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgError, cholesky, pinvh, solve_triangular
from scipy.sparse.linalg import splu

from flows.elimination import Floats, Integers, eliminate
from flows.selected_inverse import selected_inverse

REFINEMENTS = 8
DENSE = 300
CHUNK = 256
PAIRS = 100
NUDGE = 1e-14
SINGULAR = 1e-12


class Redundancy:
    """Equations ``B w = d`` with dependent ones left out, factored.

    ``structure`` has the same rows without the size of the errors: which rows depend on others is read
    from it, so that a precise measurement beside a vague one is not taken for none at all.
    ``kept`` are the independent rows; ``contradicting`` the dependent ones whose right side disagrees by
    more than ``tolerance`` times the size of what it was made from.
    """

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        right: Floats,
        size: Floats,
        tolerance: float,
        structure: sparse.csr_matrix,
        cancelled: float,
    ) -> None:
        self.matrix = matrix
        self.structure = structure
        self.right = right
        self.size = size
        plan = eliminate(structure, right, np.ones(structure.shape[1], dtype=bool), size, cancelled)
        self.plan = plan
        self.kept = np.sort(plan.pivot_row)
        off = np.abs(plan.left_rhs) > tolerance * np.maximum(plan.left_size, np.finfo(float).tiny)
        self.contradicting = plan.left_row[off]
        self.off = plan.left_rhs[off]
        rows = matrix[self.kept]
        norm = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        self.scale = 1.0 / np.where(norm > 0, norm, 1.0)
        self.rows = sparse.csr_matrix(sparse.diags(self.scale) @ rows)
        self._normal = sparse.csc_matrix(self.rows @ self.rows.T)
        self._factor = (
            splu(
                self._normal + NUDGE * sparse.eye(len(self.kept), format="csc"),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
            if len(self.kept)
            else None
        )

    @property
    def rank(self) -> int:
        """The number of independent equations: the degrees of freedom of the global test."""
        return len(self.kept)

    def _solve(self, right: Floats) -> Floats:
        return right.copy() if self._factor is None else np.asarray(self._factor.solve(right))

    def smallest(self) -> Floats:
        """Return the smallest errors ``w`` that satisfy the equations."""
        target = self.scale * self.right[self.kept]
        multiplier = np.zeros(len(target))
        error = np.zeros(self.matrix.shape[1])
        best = np.inf
        for _ in range(REFINEMENTS):
            missing = target - self.rows @ error
            worst = float(np.abs(missing).max(initial=0.0))
            if worst == 0.0 or worst >= 0.5 * best:
                break
            best = worst
            multiplier = multiplier + self._solve(missing)
            error = np.asarray(self.rows.T @ multiplier)
        return error

    def project(self, error: Floats) -> Floats:
        """Return the part of ``error`` that no equation sees: ``(I - B' (B B')^-1 B) error``."""
        if self._factor is None:
            return error
        inside = error
        for _ in range(2):
            inside = inside - self.rows.T @ self._solve(self.rows @ inside)
        return np.asarray(inside)

    def coupling(self, first: sparse.csr_matrix, second: sparse.csr_matrix, negligible: float) -> sparse.csr_matrix:
        """Return ``first (I - B' (B B')^-1 B) second'``, for rows of length one, without entries below ``negligible``."""
        if self._factor is None or not second.shape[0]:
            return sparse.csr_matrix(first @ second.T)
        left = sparse.csr_matrix(first @ self.rows.T)
        right = sparse.csr_matrix(self.rows @ second.T)
        pieces = []
        for start in range(0, second.shape[0], CHUNK):
            solved = self._solve(right[:, start : start + CHUNK].toarray())
            part = (first @ second[start : start + CHUNK].T).toarray() - left @ solved
            part[np.abs(part) < negligible] = 0.0
            pieces.append(sparse.csr_matrix(part))
        return sparse.csr_matrix(sparse.hstack(pieces))

    def explained(self, directions: sparse.csr_matrix) -> Floats:
        """Return, for each row ``c`` of ``directions`` (k x errors), ``c B' (B B')^-1 B c'``.

        It is the part of the variance of ``c w`` that the equations take away.
        """
        if self._factor is None or not directions.shape[0]:
            return np.zeros(directions.shape[0])
        forms = sparse.csr_matrix(directions @ self.rows.T)
        forms.eliminate_zeros()
        if len(self.kept) <= DENSE:
            product = np.asarray(forms @ _inverse(self._normal.toarray()))
            return np.asarray(forms.multiply(product).sum(axis=1)).ravel()
        result, missing = self._selected(forms)
        result[missing] = self._chunked(forms[missing])
        return result

    def _selected(self, forms: sparse.csr_matrix) -> tuple[Floats, Integers]:
        """Return quadratic forms by selected inversion, and the rows for which it lacks entries."""
        inverse = selected_inverse(self._factor)
        count = forms.shape[0]
        if inverse is None:
            return np.zeros(count), np.arange(count)
        length = np.diff(forms.indptr)
        row = np.repeat(np.arange(count), length)
        short = length[row] <= PAIRS
        entry = np.flatnonzero(short)
        repeats = length[row[entry]]
        first = np.repeat(entry, repeats)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        second = forms.indptr[row[first]] + offset
        one, other = forms.indices[first], forms.indices[second]
        known = sparse.csr_matrix((np.ones_like(inverse.data), inverse.indices, inverse.indptr), shape=inverse.shape)
        present = np.asarray(known[one, other]).ravel() > 0
        value = forms.data[first] * forms.data[second] * np.asarray(inverse[one, other]).ravel()
        result = np.asarray(np.bincount(row[first], weights=value, minlength=count), dtype=np.float64)
        lacking = np.bincount(row[first], weights=~present, minlength=count) > 0
        return result, np.flatnonzero(lacking | (length > PAIRS))

    def _chunked(self, forms: sparse.csr_matrix) -> Floats:
        """Return quadratic forms by solving for their rows, some at a time."""
        found = np.zeros(forms.shape[0])
        for start in range(0, forms.shape[0], CHUNK):
            right = forms[start : start + CHUNK].toarray().T
            found[start : start + CHUNK] = (right * self._solve(right)).sum(axis=0)
        return found


def _inverse(matrix: Floats) -> Floats:
    """Return the inverse of a positive definite matrix; the pseudo-inverse where it is nearly singular."""
    try:
        factor = cholesky(matrix, lower=True)
    except LinAlgError:
        return np.asarray(pinvh(matrix, rtol=SINGULAR))
    if factor.diagonal().min() < np.sqrt(SINGULAR):
        return np.asarray(pinvh(matrix, rtol=SINGULAR))
    half = solve_triangular(factor, np.eye(len(matrix)), lower=True)
    return np.asarray(half.T @ half)
