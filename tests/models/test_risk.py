"""Measures of risk on numbers from paper, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risk import cvar, expected, measured

COSTS = np.array([6000.0, 21000.0])
WEIGHTS = np.array([0.8, 0.2])


@pytest.mark.parametrize(
    ("alpha", "value"),
    [
        (0.0, 9000.0),
        # The dearest 80 %: all of the 20 % at 21 000, three quarters of the 80 % at 6 000.
        (0.2, (0.2 * 21000 + 0.6 * 6000) / 0.8),
        (0.5, 12000.0),
        (0.8, 21000.0),
        (0.95, 21000.0),
        (1.0, 21000.0),
    ],
)
def test_cvar_is_the_mean_of_the_dearest_part(alpha, value):
    assert cvar(COSTS, WEIGHTS, alpha) == pytest.approx(value)


def test_a_case_without_weight_counts_in_the_worst_case_only():
    costs, weights = np.array([5.0, 90.0]), np.array([1.0, 0.0])
    assert expected(costs, weights) == cvar(costs, weights, 1.0) == 5.0
    assert measured(costs, weights, costs, "worst") == 90.0


def test_regret_is_what_is_paid_more_than_the_best_of_each_case():
    assert measured(np.array([10.0, 10.0]), WEIGHTS, np.array([6.0, 10.0]), "regret") == 4.0


def test_a_mix_lies_between_expected_cost_and_cvar():
    assert measured(COSTS, WEIGHTS, COSTS, "cvar", 0.5, 0.25) == pytest.approx(0.75 * 9000 + 0.25 * 12000)


CASES = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 20)), min_size=1, max_size=6)


@given(CASES, st.floats(0, 1), st.floats(0, 1))
def test_cvar_rises_from_expected_to_worst_and_ignores_order(cases, one, other):
    costs = np.array([cost for cost, _ in cases])
    weights = np.array([weight for _, weight in cases], dtype=float)
    weights /= weights.sum()
    low, high = sorted((one, other))
    slack = 1e-6 * max(1.0, float(np.abs(costs).max()))
    assert cvar(costs, weights, 0.0) == pytest.approx(expected(costs, weights), abs=slack)
    assert cvar(costs, weights, low) <= cvar(costs, weights, high) + slack
    assert cvar(costs, weights, 1.0) == pytest.approx(costs.max(), abs=slack)
    assert cvar(costs[::-1], weights[::-1], low) == pytest.approx(cvar(costs, weights, low), abs=slack)
