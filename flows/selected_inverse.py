"""Selected entries of the inverse of a sparse symmetric matrix: those where its factor has entries.

Variances after reconciliation need the inverse at the places of the matrix only. They follow from the
factor from the last column backwards (Takahashi, Fagan and Chen, 1973; Erisman and Tinney, 1975), without
any other entry of the inverse.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU

from flows.elimination import Floats


def selected_inverse(factor: SuperLU) -> sparse.csr_matrix | None:
    """Return the inverse where the factor of a symmetric matrix has entries; None if rows were exchanged.

    >>> from scipy.sparse.linalg import splu
    >>> matrix = sparse.csc_matrix([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])
    >>> factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    >>> selected_inverse(factor).diagonal().round(4).tolist()
    [0.625, 0.5, 0.625]
    """
    if not np.array_equal(factor.perm_r, factor.perm_c):
        return None
    lower = sparse.csc_matrix(sparse.tril(factor.L, -1))
    lower.sort_indices()
    starts, rows, values = lower.indptr, lower.indices, lower.data
    pivots = factor.U.diagonal()
    count = len(pivots)
    inverse = np.zeros(len(values))
    diagonal = np.zeros(count)
    block = np.zeros((0, 0))
    block_rows = rows[:0]
    for column in range(count - 1, -1, -1):
        at = slice(starts[column], starts[column + 1])
        below = rows[at]
        if len(below) and below[0] == column + 1 and np.array_equal(below[1:], block_rows):
            # The same rows as the next column: its block grows by one row and column.
            grown = np.empty((len(below), len(below)))
            grown[1:, 1:] = block
            grown[0, 0] = diagonal[column + 1]
            grown[0, 1:] = grown[1:, 0] = inverse[starts[column + 1] : starts[column + 2]]
            block = grown
        else:
            block = _gathered(below, starts, rows, inverse, diagonal)
        block_rows = below
        entries = -(block @ values[at])
        inverse[at] = entries
        diagonal[column] = 1.0 / pivots[column] - float(values[at] @ entries)
    found = sparse.csc_matrix((inverse, rows, starts), shape=(count, count))
    both = sparse.csr_matrix(found + found.T + sparse.diags(diagonal))
    return sparse.csr_matrix(both[factor.perm_r][:, factor.perm_c])


def _gathered(below: np.ndarray, starts: np.ndarray, rows: np.ndarray, inverse: Floats, diagonal: Floats) -> Floats:
    """Return the entries of the inverse between some rows, from those found so far."""
    count = len(below)
    block = np.zeros((count, count))
    block[np.arange(count), np.arange(count)] = diagonal[below]
    for position in range(count - 1):
        column = below[position]
        first, last = starts[column], starts[column + 1]
        known = rows[first:last]
        wanted = below[position + 1 :]
        place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        if len(known):
            # What is not there was zero in the factor.
            part = np.where(known[place] == wanted, inverse[first + place], 0.0)
            block[position + 1 :, position] = block[position, position + 1 :] = part
    return block
