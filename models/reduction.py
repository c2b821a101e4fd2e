"""A smaller model with the same solutions: masses that have one way to go are written in terms of the schemes.

A stream that only one route takes leaves no choice: ``supply`` says a = kt x share, so the column is
replaced by that expression wherever it stands. Its bound a >= 0 holds by itself, as shares are not negative
(``begins_at_most``). This is done on the arrays, so the model itself reads as before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from models.builder import Block
from models.formulation_parts import Formulation
from models.highs import Arrays

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Reduction:
    """A reduced model. ``kept`` and ``rows`` are the numbers of its columns and rows in the whole one."""

    arrays: Arrays
    kept: np.ndarray[Any, np.dtype[np.int64]]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    back: Any

    def of(self, block: Block) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the columns of the reduced model that are of a block."""
        return np.flatnonzero((self.kept >= block.start) & (self.kept < block.start + block.size))

    def expand(self, values: Array) -> Array:
        """Return the values of every column of the whole model."""
        return np.asarray(self.back @ values) if len(values) else values


def matrix_of(arrays: Arrays) -> Any:
    """Return the rows of a model as a sparse matrix (CSR)."""
    shape = (len(arrays.row_lower), len(arrays.cost))
    return sparse.csr_matrix((arrays.value, arrays.index, arrays.start), shape=shape)


def with_matrix(arrays: Arrays, matrix: Any, **changed: Any) -> Arrays:
    """Return a model with other rows (and other fields, if named)."""
    rows = sparse.csr_matrix(matrix)
    return replace(
        arrays,
        start=rows.indptr.astype(np.int32),
        index=rows.indices.astype(np.int32),
        value=rows.data.astype(float),
        **changed,
    )


def without_forced(form: Formulation, arrays: Arrays) -> Reduction:
    """Return the model of ``form`` without the masses ``a`` that a single ``supply`` row determines."""
    matrix = matrix_of(arrays)
    columns = len(arrays.cost)
    a = form.block("a")
    loose = np.zeros(columns, dtype=bool)
    loose[a.start : a.start + a.size] = True
    place = form.linear.rows("supply")
    rows = np.arange(place.start, place.stop)
    supply = matrix[rows].tocoo()
    is_mass = loose[supply.col]
    count = np.bincount(supply.row[is_mass], minlength=len(rows))
    forced = count == 1
    chosen = is_mass & forced[supply.row]
    gone_row, gone_col = supply.row[chosen], supply.col[chosen]
    # a = - (rest of the row), as its own coefficient is one.
    rest = ~is_mass & forced[supply.row]
    column_of_row = np.full(len(rows), -1)
    column_of_row[gone_row] = gone_col
    keep = np.ones(columns, dtype=bool)
    keep[gone_col] = False
    kept = np.flatnonzero(keep)
    position = np.cumsum(keep) - 1
    back = sparse.csr_matrix(
        (
            np.concatenate([np.ones(len(kept)), -supply.data[rest]]),
            (
                np.concatenate([kept, column_of_row[supply.row[rest]]]),
                np.concatenate([position[kept], position[supply.col[rest]]]),
            ),
        ),
        shape=(columns, len(kept)),
    )
    stays = np.ones(matrix.shape[0], dtype=bool)
    stays[rows[gone_row]] = False
    reduced = sparse.csr_matrix(matrix[stays] @ back)
    reduced.eliminate_zeros()
    return Reduction(
        with_matrix(
            arrays,
            reduced,
            cost=np.asarray(back.T @ arrays.cost),
            lower=arrays.lower[kept],
            upper=arrays.upper[kept],
            integer=arrays.integer[kept],
            row_lower=arrays.row_lower[stays],
            row_upper=arrays.row_upper[stays],
        ),
        kept,
        np.flatnonzero(stays),
        back,
    )
