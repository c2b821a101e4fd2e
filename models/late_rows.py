"""Rows that a linear program is given only when a solution breaks them.

A model that ties every flow to the facility that it goes to has a row for each pair, of which a solution meets few.
Without the others each run of the simplex method is many times shorter; what a solution breaks joins the model and it
is solved again, so that what comes out is the optimum of the whole (cutting planes; Dantzig, Fulkerson & Johnson 1954).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from models.highs import Arrays, Session, Solution
from models.reduction import matrix_of, with_matrix

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Basis = tuple[Any, int]
BROKEN = 1e-7
"""What a row may be missed by, relative to its largest term: the solver's own tolerance."""


class LateRows:
    """The rows of a model that wait, and a session of the model without them."""

    def __init__(self, arrays: Arrays, late: Mask, **options: Any) -> None:
        """Load ``arrays`` without the rows ``late``; ``options`` are HiGHS options."""
        matrix = matrix_of(arrays)
        self.matrix = matrix[late]
        self.lower, self.upper = arrays.row_lower[late], arrays.row_upper[late]
        self.waiting = np.ones(len(self.lower), dtype=bool)
        largest = abs(self.matrix).max(axis=1).toarray().ravel() if self.matrix.nnz else np.zeros(len(self.lower))
        self.slack = BROKEN * np.maximum(largest, 1.0)
        row_lower, row_upper = arrays.row_lower[~late], arrays.row_upper[~late]
        early = with_matrix(replace(arrays, row_lower=row_lower, row_upper=row_upper), matrix[~late])
        self.session = Session(early, **options)

    def basis(self) -> Basis:
        """Return the basis of the last run, with how many rows the model had then."""
        return self.session.highs.getBasis(), self.session.highs.getNumRow()

    def set_basis(self, given: Basis) -> None:
        """Begin the next run with a basis of before; rows that have joined since are slack in it."""
        basis, rows = given
        missing = self.session.highs.getNumRow() - rows
        if missing:
            wide = highspy.HighsBasis()
            wide.valid = basis.valid
            wide.col_status = basis.col_status
            wide.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * missing]
            basis = wide
        self.session.highs.setBasis(basis)

    def resolve(self) -> Solution:
        """Solve with all rows, in this thread. A solution that is not optimal may break rows that wait."""
        solution = self.session.resolve()
        while solution.status == "optimal" and self._join(solution.values):
            solution = self.session.resolve()
        return solution

    def _join(self, values: Array) -> bool:
        """Give the model the rows that a solution breaks; False if there are none."""
        left = self.matrix @ values
        broken = self.waiting & ((left < self.lower - self.slack) | (left > self.upper + self.slack))
        if not broken.any():
            return False
        rows = self.matrix[broken]
        self.session.highs.addRows(
            int(broken.sum()),
            self.lower[broken],
            self.upper[broken],
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data,
        )
        self.waiting[broken] = False
        return True
