"""The numeric core: published networks, kinds against dense algebra, bounds against optimality, laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog, minimize
from scipy.sparse.linalg import splu

from benchmarks.random_network import random_network
from flows.bounds import BoundsError
from flows.classify import EXACT, NONREDUNDANT, OBSERVABLE, REDUNDANT, STATUS, UNOBSERVABLE
from flows.covariance import CovarianceError, square_root
from flows.elimination import eliminate
from flows.equations import Bilinear
from flows.least_squares import Estimates, LinearRelations, fit
from flows.linear_fit import ContradictionError
from flows.multipliers import non_negative
from flows.selected_inverse import selected_inverse
from tests.cases.reconciliation_published import CASES, PublishedCase


def incidence(flows: tuple[tuple[str, str, str], ...]) -> np.ndarray:
    """Return the balances of the processes that flows join."""
    processes = sorted({end for _, start, goal in flows for end in (start, goal)} - {""})
    matrix = np.zeros((len(processes), len(flows)))
    for column, (_, start, goal) in enumerate(flows):
        for process, sign in ((start, -1.0), (goal, 1.0)):
            if process:
                matrix[processes.index(process), column] += sign
    return matrix


def balances(matrix: np.ndarray) -> LinearRelations:
    return LinearRelations(sparse.csr_matrix(matrix), np.zeros(len(matrix)))


def random_matrix(generator: np.random.Generator, ratios: bool = False) -> np.ndarray:
    """Return a random network of up to eight processes as balances, with some ratio rows if asked."""
    processes = int(generator.integers(2, 9))
    flows = int(generator.integers(processes, 3 * processes))
    matrix = np.zeros((processes, flows))
    for column in range(flows):
        start, end = generator.choice(processes + 1, 2, replace=False)
        for process, sign in ((start, -1.0), (end, 1.0)):
            if process < processes:
                matrix[process, column] += sign
    if ratios:
        rows = np.zeros((int(generator.integers(0, 3)), flows))
        for row in rows:
            one, other = generator.choice(flows, 2, replace=False)
            row[one], row[other] = 1.0, -generator.choice([0.5, 0.25, 1e-3])
        matrix = np.vstack([matrix, rows])
    return matrix


def dense_kinds(matrix: np.ndarray, exact: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return the kinds from singular vectors of the dense matrix."""
    unmeasured = ~(exact | measured)
    status = np.full(len(exact), EXACT)
    left, values, right = np.linalg.svd(matrix[:, unmeasured])
    rank = int((values > 1e-9).sum())
    free = right[rank:]
    status[unmeasured] = np.where((np.abs(free) > 1e-8).any(axis=0), UNOBSERVABLE, OBSERVABLE)
    reduced = left[:, rank:].T @ matrix[:, measured]
    status[measured] = np.where((np.abs(reduced) > 1e-8).any(axis=0), REDUNDANT, NONREDUNDANT)
    return status


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_networks(case: PublishedCase) -> None:
    known = Estimates(np.array(case.measured), np.array(case.std_before), lower=np.zeros(len(case.measured)))
    found = fit(known, balances(incidence(case.flows)), deviations="all")
    assert found.value == pytest.approx(case.reconciled, abs=case.published_to)
    assert found.std == pytest.approx(case.std, rel=1e-9)
    assert found.adjustment_z == pytest.approx(case.z, rel=1e-6, abs=1e-9)
    assert found.chi2 == pytest.approx(case.chi2, rel=1e-9)
    assert found.dof == case.dof
    assert not found.active.any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_kinds_agree_with_dense_algebra(seed: int, ratios: bool) -> None:
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator, ratios)
    flows = matrix.shape[1]
    draw = generator.random(flows)
    exact, measured = draw < 0.1, (draw >= 0.1) & (draw < 0.6)
    anything = generator.random(flows)
    truth = anything - np.linalg.pinv(matrix) @ (matrix @ anything)
    truth[np.abs(truth) < 1e-9] = 0.0
    value = np.where(exact | measured, truth, np.nan)
    std = np.where(exact, 0.0, np.where(measured, 1.0, np.nan))
    found = fit(Estimates(value, std), balances(matrix))
    assert [STATUS[k] for k in found.status] == [STATUS[k] for k in dense_kinds(matrix, exact, measured)]
    reduced = np.linalg.svd(matrix[:, ~(exact | measured)])[0]
    rank = np.linalg.matrix_rank(matrix[:, ~(exact | measured)], tol=1e-9) if (~(exact | measured)).any() else 0
    assert found.dof == np.linalg.matrix_rank(reduced[:, rank:].T @ matrix[:, measured], tol=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_values_and_deviations_agree_with_dense_algebra(seed: int) -> None:
    """With all flows measured and correlated: x = y - V A' (A V A')^+ A y."""
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator)
    flows = matrix.shape[1]
    value, std = generator.normal(50, 20, flows), generator.uniform(0.1, 5, flows)
    i, j = np.arange(0, flows - 1, 2), np.arange(1, flows, 2)
    coefficient = generator.uniform(-0.9, 0.9, len(i))
    correlation = np.eye(flows)
    correlation[i, j] = correlation[j, i] = coefficient
    covariance = correlation * np.outer(std, std)
    middle = covariance @ matrix.T @ np.linalg.pinv(matrix @ covariance @ matrix.T, rcond=1e-11)
    found = fit(Estimates(value, std, correlations=(i, j, coefficient)), balances(matrix), deviations="all")
    assert found.value == pytest.approx(value - middle @ matrix @ value, rel=1e-7, abs=1e-7)
    after = covariance - middle @ matrix @ covariance
    assert found.std == pytest.approx(np.sqrt(np.maximum(np.diag(after), 0)), rel=1e-5, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 0.9))
def test_unmeasured_flows_follow_with_their_deviation(seed: int, share: float) -> None:
    """Against dense least squares on a basis of all flows that balance."""
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator)
    flows = matrix.shape[1]
    measured = generator.random(flows) < share
    value = np.where(measured, generator.normal(50, 20, flows), np.nan)
    std = np.where(measured, generator.uniform(0.5, 5, flows), np.nan)
    found = fit(Estimates(value, std), balances(matrix), deviations="all")
    _, sizes, right = np.linalg.svd(matrix)
    basis = right[int((sizes > 1e-9).sum()) :].T
    weighted = basis[measured] / std[measured, None]
    weighted[np.abs(weighted) < 1e-9] = 0.0
    solution = np.linalg.pinv(weighted, rcond=1e-10)
    seen = ~np.isnan(found.value)
    dense = basis @ (solution @ (value[measured] / std[measured]))
    assert found.value[seen] == pytest.approx(dense[seen], rel=1e-6, abs=1e-6)
    spread = np.sqrt(np.square(basis @ solution).sum(axis=1))
    assert found.std[seen] == pytest.approx(spread[seen], rel=1e-5, abs=1e-6)
    assert np.abs(matrix @ found.point).max() <= 1e-9 * (np.abs(matrix) @ np.nan_to_num(np.abs(value))).max() + 1e-12


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_bounds_give_the_optimum(seed: int) -> None:
    """At the optimum of a convex problem no direction within the bounds goes down: a linear programme says so."""
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator)
    flows = matrix.shape[1]
    measured = generator.random(flows) < 0.65
    value = np.where(measured, generator.normal(1, 2, flows), np.nan)
    std = np.where(measured, generator.uniform(0.1, 1, flows), np.nan)
    upper = np.where(generator.random(flows) < 0.2, 2.0, np.inf)
    limits = np.column_stack([np.zeros(flows), upper])
    found = fit(Estimates(value, std, lower=np.zeros(flows), upper=upper), balances(matrix))
    point = found.point
    assert (point >= -1e-6).all()
    assert (point <= upper + 1e-6).all()
    assert np.abs(matrix @ point).max() < 1e-6
    slope = np.where(measured, (point - np.nan_to_num(value)) / np.square(np.nan_to_num(std, nan=1.0)), 0.0)
    best = linprog(slope, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=limits)
    reach = slope @ point
    assert best.status == 3 or best.fun >= reach - 1e-5 * (1 + np.abs(slope).max())
    assert best.status == 0, "the optimum must be finite"
    assert found.chi2 == pytest.approx(np.square((point - value)[measured] / std[measured]).sum(), rel=1e-6, abs=1e-9)


def test_bounds_that_leave_nothing_are_named() -> None:
    matrix = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    known = Estimates(
        np.array([5.0, np.nan, np.nan]),
        np.array([1.0, np.nan, np.nan]),
        None,
        np.array([4.0, 0, 0]),
        np.array([9.0, 9, 3]),
    )
    with pytest.raises(BoundsError) as caught:
        fit(known, balances(matrix))
    assert set(caught.value.variables) == {0, 2}
    assert set(caught.value.equations) == {0, 1}


@pytest.mark.parametrize("side", ["lower", "upper"])
def test_bounds_of_one_side_that_leave_nothing_are_named(side: str) -> None:
    # Two measured parts of an exact 10 may not both be at least 6, or at most 4.
    bound = np.array([-np.inf, 6.0, 6.0]) if side == "lower" else np.array([np.inf, 4.0, 4.0])
    known = Estimates(np.array([10.0, 5.5, 4.8]), np.array([0.0, 1.0, 1.0]), **{side: bound})
    with pytest.raises(BoundsError, match="leave no solution") as caught:
        fit(known, balances(np.array([[1.0, -1.0, -1.0]])))
    assert set(caught.value.variables) == {1, 2}
    assert caught.value.equations.tolist() == [0]


def test_an_exact_value_outside_its_bounds_is_named() -> None:
    with pytest.raises(BoundsError) as caught:
        fit(
            Estimates(np.array([-1.0, np.nan]), np.array([0.0, np.nan]), lower=np.zeros(2)),
            balances(np.array([[1.0, -1.0]])),
        )
    assert caught.value.variables.tolist() == [0]


def test_open_flows_hold_back_measured_ones() -> None:
    """Two unmeasured flows leave what is measured at -3: only zero lets both be non-negative."""
    matrix = np.array([[1.0, -1.0, -1.0]])
    known = Estimates(
        np.array([-3.0, np.nan, np.nan]), np.array([1.0, np.nan, np.nan]), lower=np.array([-np.inf, 0, 0])
    )
    found = fit(known, balances(matrix))
    assert found.value[0] == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(found.value[1:]).all()
    assert found.active.tolist() == [False, True, True]
    assert found.chi2 == pytest.approx(9.0)


def test_contradicting_exact_values_are_explained() -> None:
    """5 in and 7 out, exactly; the equation between is named, others are not."""
    matrix = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 1.0, -1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    known = Estimates(np.array([5.0, np.nan, 7.0, np.nan]), np.array([0.0, np.nan, 0.0, np.nan]))
    with pytest.raises(ContradictionError) as caught:
        fit(known, balances(matrix))
    (one,) = caught.value.contradictions
    assert one.equations.tolist() == [0, 1]
    assert abs(one.off) == pytest.approx(2.0)


def test_the_same_equation_twice_changes_nothing() -> None:
    matrix = incidence(CASES[0].flows)
    known = Estimates(np.array(CASES[0].measured), np.array(CASES[0].std_before))
    doubled = np.vstack([matrix, 3.0 * matrix[::-1], matrix[:1] - matrix[1:2]])
    once, twice = fit(known, balances(matrix), deviations="all"), fit(known, balances(doubled), deviations="all")
    assert twice.value == pytest.approx(once.value, rel=1e-10)
    assert twice.std == pytest.approx(once.std, rel=1e-10)
    assert twice.dof == once.dof


def test_perfect_correlation_is_allowed_and_moves_together() -> None:
    """Two scales with the same error: both move by the same; a third, independent one, by its own weight."""
    matrix = np.array([[1.0, 1.0, -1.0]])
    known = Estimates(
        np.array([10.0, 20.0, 33.0]),
        np.array([1.0, 1.0, 1.0]),
        correlations=(np.array([0]), np.array([1]), np.array([1.0])),
    )
    found = fit(known, balances(matrix), deviations="all")
    # off = -3; variance of x0 + x1 is 4, of x2 is 1
    assert found.value == pytest.approx([10 + 3 * 2 / 5, 20 + 3 * 2 / 5, 33 - 3 / 5])
    assert found.std[0] == pytest.approx(found.std[1])


def test_singular_covariance_that_forbids_the_balance_is_a_contradiction() -> None:
    """With a perfect correlation the difference of two flows cannot move, but the balance wants it to."""
    known = Estimates(
        np.array([10.0, 11.0]), np.array([1.0, 1.0]), correlations=(np.array([0]), np.array([1]), np.array([1.0]))
    )
    with pytest.raises(ContradictionError):
        fit(known, balances(np.array([[1.0, -1.0]])))


def test_correlations_that_cannot_be_are_named() -> None:
    pairs = (np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([0.9, 0.9, -0.9]))
    with pytest.raises(CovarianceError) as caught:
        square_root(np.ones(5), pairs)
    assert caught.value.variables.tolist() == [0, 1, 2]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_scaling_all_values_scales_the_result(seed: int, factor: float) -> None:
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator)
    flows = matrix.shape[1]
    known = generator.random(flows) < 0.7
    value = np.where(known, generator.lognormal(3, 1, flows), np.nan)
    std = np.where(known, 0.1 * value, np.nan)
    lower = np.zeros(flows)
    one = fit(Estimates(value, std, lower=lower), balances(matrix), deviations="all")
    other = fit(Estimates(factor * value, factor * std, lower=lower), balances(matrix), deviations="all")
    assert (one.status == other.status).all()
    assert other.value == pytest.approx(factor * one.value, rel=1e-6, abs=1e-6 * factor, nan_ok=True)
    assert other.std == pytest.approx(factor * one.std, rel=1e-5, abs=1e-6 * factor, nan_ok=True)
    assert other.chi2 == pytest.approx(one.chi2, rel=1e-6, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_flows_and_equations_does_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator, ratios=True)
    flows = matrix.shape[1]
    known = generator.random(flows) < 0.6
    value = np.where(known, generator.lognormal(3, 1, flows), np.nan)
    std = np.where(known, 0.1 * value, np.nan)
    columns, rows = generator.permutation(flows), generator.permutation(len(matrix))
    one = fit(Estimates(value, std), balances(matrix), deviations="all")
    other = fit(Estimates(value[columns], std[columns]), balances(matrix[rows][:, columns]), deviations="all")
    assert (other.status == one.status[columns]).all()
    assert other.value == pytest.approx(one.value[columns], rel=1e-6, abs=1e-6, nan_ok=True)
    assert other.std == pytest.approx(one.std[columns], rel=1e-5, abs=1e-6, nan_ok=True)
    assert other.dof == one.dof


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_one_more_measurement_never_raises_a_standard_deviation(seed: int) -> None:
    generator = np.random.default_rng(seed)
    matrix = random_matrix(generator)
    flows = matrix.shape[1]
    value, std = generator.normal(50, 20, flows), generator.uniform(0.5, 5, flows)
    known = generator.random(flows) < 0.6
    if known.all():
        known[0] = False
    more = known.copy()
    more[np.flatnonzero(~known)[0]] = True
    less_std, more_std = (
        fit(
            Estimates(np.where(some, value, np.nan), np.where(some, std, np.nan)), balances(matrix), deviations="all"
        ).std
        for some in (known, more)
    )
    less_std = np.where(np.isnan(less_std), np.inf, less_std)
    assert not (np.isnan(more_std) & np.isfinite(less_std)).any()
    assert (np.nan_to_num(more_std) <= less_std * (1 + 1e-6) + 1e-7).all()


def test_a_reconciled_system_is_left_alone() -> None:
    matrix = incidence(CASES[2].flows)
    known = Estimates(np.array(CASES[2].measured), np.array(CASES[2].std_before))
    first = fit(known, balances(matrix))
    again = fit(Estimates(first.value, known.std), balances(matrix))
    assert again.chi2 == pytest.approx(0.0, abs=1e-18)
    assert again.value == pytest.approx(first.value, rel=1e-12)


def products(*terms: tuple[int, int, int], linear: np.ndarray) -> Bilinear:
    """Return equations ``linear x - x[first] x[second] = 0`` for (row, first, second)."""
    row, first, second = (np.array(part) for part in zip(*terms, strict=True))
    return Bilinear(sparse.csr_matrix(linear), np.zeros(len(linear)), row, first, second, -np.ones(len(row)))


def test_bilinear_against_another_method() -> None:
    """Goods a = b + c with copper a1 = a x1 and so on, all measured: sequential quadratic programming agrees."""
    # variables: goods 0-2, copper 3-5, concentrations 6-8
    linear = np.zeros((5, 9))
    linear[0, [0, 1, 2]] = 1, -1, -1
    linear[1, [3, 4, 5]] = 1, -1, -1
    linear[2, 3] = linear[3, 4] = linear[4, 5] = 1
    relations = products((2, 0, 6), (3, 1, 7), (4, 2, 8), linear=linear)
    value = np.array([105.0, 60, 38, 2.2, 1.9, np.nan, 0.02, 0.03, 0.004])
    std = np.array([4.0, 3, 3, 0.2, 0.2, np.nan, 0.003, 0.003, 0.001])
    start = np.where(np.isnan(value), 0.3, value)
    found = fit(Estimates(value, std, start, lower=np.zeros(9)), relations, deviations="all")
    measured = np.isfinite(value)
    scale = np.where(measured, np.nan_to_num(std), 0.1)

    def objective(u: np.ndarray) -> float:
        return 0.5 * float(np.square((u * scale - np.nan_to_num(value))[measured] / std[measured]).sum())

    other = minimize(
        objective,
        start / scale,
        constraints={"type": "eq", "fun": lambda u: relations.residual(u * scale)},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    assert other.success
    assert found.value == pytest.approx(other.x * scale, rel=2e-4)
    assert 0.5 * found.chi2 == pytest.approx(other.fun, rel=1e-5)
    assert found.dof == 4
    assert np.abs(relations.residual(found.point)).max() < 1e-9 * 105


def test_a_bound_holds_in_a_bilinear_problem() -> None:
    """The share wants to be above one; it stays at one and the flows give way."""
    linear = np.array([[1.0, 0.0, 0.0]])
    relations = products((0, 1, 2), linear=linear)  # flow = share * throughput
    known = Estimates(
        np.array([12.0, 0.9, 10.0]), np.array([0.1, 0.1, 0.1]), None, np.zeros(3), np.array([np.inf, 1.0, np.inf])
    )
    found = fit(known, relations)
    assert found.value[1] == pytest.approx(1.0)
    assert found.value[0] == pytest.approx(found.value[2])
    assert found.active.tolist() == [False, True, False]


def test_elimination_keeps_what_the_equations_say() -> None:
    generator = np.random.default_rng(3)
    matrix = random_matrix(generator, ratios=True)
    right = generator.normal(size=len(matrix))
    chosen = generator.random(matrix.shape[1]) < 0.5
    echelon = eliminate(sparse.csr_matrix(matrix), right, chosen)
    assert not echelon.left.toarray()[:, chosen].any()
    for position, row in enumerate(echelon.left_row.tolist()):
        weights = echelon.multipliers(row)
        assert weights @ matrix == pytest.approx(echelon.left.toarray()[position], abs=1e-12)
        assert weights @ right == pytest.approx(echelon.left_rhs[position], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_multipliers_satisfy_their_conditions(seed: int) -> None:
    generator = np.random.default_rng(seed)
    size = int(generator.integers(1, 12))
    root = generator.normal(size=(size, size + 2))
    matrix, right = root @ root.T, generator.normal(size=size)
    pull = non_negative(sparse.csr_matrix(matrix), right)
    slack = matrix @ pull - right
    assert (pull >= 0).all()
    assert (slack >= -1e-4 * (1 + np.abs(pull).max())).all()
    assert np.abs(pull * slack).max() < 1e-4 * (1 + np.abs(pull).max()) ** 2


def test_selected_inversion_is_the_inverse_where_it_has_entries() -> None:
    generator = np.random.default_rng(7)
    root = sparse.random_array((60, 90), density=0.04, random_state=generator, format="csr")
    matrix = sparse.csc_matrix(root @ root.T + sparse.eye_array(60))
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    inverse = selected_inverse(factor)
    assert inverse is not None
    at = inverse.nonzero()
    assert len(at[0]) >= matrix.nnz
    assert np.asarray(inverse[at]).ravel() == pytest.approx(np.linalg.inv(matrix.toarray())[at], rel=1e-9, abs=1e-12)


def test_deviations_of_a_large_network_are_the_same_by_selected_inversion_and_one_by_one() -> None:
    network = random_network(600, 1200, layers=20, share_measured=0.8)
    known = Estimates(network.measured, network.std)
    relations = LinearRelations(network.incidence(), np.zeros(600))
    every = fit(known, relations, deviations="all")
    assert every.dof > 300, "large enough for the selected inverse"
    some = np.flatnonzero(np.isfinite(every.std))[::40]
    redundancy = every.linear.redundancy
    directions = every.linear.directions(some).toarray()
    rows = redundancy.rows.toarray()
    left = directions - directions @ rows.T @ np.linalg.solve(rows @ rows.T, rows)
    assert every.std[some] == pytest.approx(np.sqrt(np.square(left).sum(axis=1)), rel=1e-6, abs=1e-9)


def test_a_measured_network_is_reconciled_towards_the_truth() -> None:
    """With correct errors chi-square is near its degrees of freedom, and values come nearer to the truth."""
    network = random_network(2000, 4000, layers=40, share_measured=0.9, error=0.02)
    found = fit(Estimates(network.measured, network.std), LinearRelations(network.incidence(), np.zeros(2000)))
    assert abs(found.chi2 - found.dof) < 4 * np.sqrt(2 * found.dof)
    measured = np.isfinite(network.measured)
    before = np.square((network.measured - network.truth)[measured] / network.std[measured]).sum()
    after = np.square((found.point - network.truth)[measured] / network.std[measured]).sum()
    assert before - after == pytest.approx(found.chi2, rel=1e-6)
