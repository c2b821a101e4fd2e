"""Matchings and the parts of a sparse system, against scipy and by their definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import structural_rank

from flows.decompose import parts, solve_square
from flows.matching import matching


@st.composite
def patterns(draw):
    rows, columns = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    filled = draw(st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)), max_size=40))
    matrix = np.zeros((rows, columns))
    for row, column in filled:
        matrix[row, column] = 1.0
    return sparse.csr_matrix(matrix)


@given(patterns())
@settings(max_examples=200, deadline=None)
def test_a_matching_is_as_large_as_the_structural_rank(matrix):
    row_of = matching(matrix)
    matched = np.flatnonzero(row_of >= 0)
    assert len(np.unique(row_of[matched])) == len(matched) == structural_rank(matrix)
    assert (matrix.toarray()[row_of[matched], matched] == 1.0).all()


@given(patterns())
@settings(max_examples=200, deadline=None)
def test_the_parts_are_those_of_dulmage_and_mendelsohn(matrix):
    found = parts(matrix)
    dense = matrix.toarray()
    rows = np.concatenate([found.over_rows, found.square_rows, found.under_rows])
    columns = np.concatenate([found.over_columns, found.square_columns, found.under_columns])
    assert sorted(rows) == list(range(dense.shape[0]))
    assert sorted(columns) == list(range(dense.shape[1]))
    # Each part is of full structural rank, and none holds unknowns of a part that comes after it.
    assert structural_rank(sparse.csr_matrix(dense[np.ix_(found.over_rows, found.over_columns)])) == len(
        found.over_columns
    ) or not len(found.over_columns)
    assert len(found.over_rows) > len(found.over_columns) or not len(found.over_rows)
    assert len(found.under_rows) < len(found.under_columns) or not len(found.under_columns)
    assert (dense[found.square_rows, found.square_columns] == 1.0).all()
    assert not dense[np.ix_(found.over_rows, np.concatenate([found.square_columns, found.under_columns]))].any()
    assert not dense[np.ix_(found.square_rows, found.under_columns)].any()


@given(st.integers(1, 15), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_a_square_system_is_solved_block_by_block(size, seed):
    random = np.random.default_rng(seed)
    dense = np.where(random.random((size, size)) < 0.2, random.normal(size=(size, size)), 0.0)
    np.fill_diagonal(dense, random.uniform(1.0, 2.0, size) + 3.0)
    wanted = random.normal(size=size)
    solved = solve_square(sparse.csr_matrix(dense), dense @ wanted)
    assert solved is not None
    np.testing.assert_allclose(solved, wanted, rtol=1e-8, atol=1e-8)


def test_a_block_that_is_singular_is_told():
    assert solve_square(sparse.csr_matrix([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2)) is None
