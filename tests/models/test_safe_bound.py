"""Bounds from any prices: never above the optimum, and at it where the prices are those of the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.compiler import Arrays
from models.highs import Session
from models.safe_bound import implied_bounds, safe_bound

INF = 1e30


def chain(demand: float = 5.0) -> Arrays:
    """At least 5 t (nobody says how much at most but the pit, 9 t) go along a chain: x1 <= 9, x2 = x1 / 2, x2 = x3."""
    return Arrays(
        np.array([1.0, 1.0, -3.0]),
        np.zeros(3),
        np.full(3, INF),
        np.zeros(3, dtype=bool),
        np.array([demand, 0.0, 0.0]),
        np.array([9.0, 0.0, 0.0]),
        np.array([0, 1, 3, 5], dtype=np.int32),
        np.array([0, 0, 1, 1, 2], dtype=np.int32),
        np.array([1.0, -0.5, 1.0, -1.0, 1.0]),
    )


def test_bounds_pass_along_a_chain():
    lower, upper = implied_bounds(chain())
    assert upper.tolist() == [9.0, 4.5, 4.5]
    assert lower.tolist() == [0.0, 0.0, 0.0]


def test_what_nothing_bounds_stays_unbounded_and_proves_nothing():
    loose = replace(chain(), row_upper=np.array([INF, 0.0, 0.0]))
    assert np.isinf(implied_bounds(loose)[1]).all()
    assert safe_bound(loose, np.zeros(3)) == float("-inf")


def test_at_the_optimal_prices_the_bound_is_the_optimum():
    # 2 x1 - ... : x1 + x2 - 3 x3 with x2 = x3 = x1 / 2 costs x1 + x1/2 - 3 x1/2 = 0 at any x1.
    arrays = replace(chain(), cost=np.array([2.0, 1.0, -3.0]))
    solution = Session(arrays, threads=1).run()
    assert solution.objective == pytest.approx(5.0)
    assert safe_bound(arrays, solution.row_duals) == pytest.approx(5.0)


@pytest.mark.parametrize("seed", range(20))
def test_no_prices_prove_more_than_the_optimum(seed):
    random = np.random.default_rng(seed)
    arrays = replace(chain(), cost=random.normal(size=3))
    best = Session(arrays, threads=1).run()
    for noise in (0.0, 1e-6, 0.1, 10.0):
        prices = best.row_duals + noise * random.normal(size=3)
        bound = safe_bound(arrays, prices)
        assert bound <= best.objective + 1e-9
        if noise <= 1e-6:
            assert bound == pytest.approx(best.objective, abs=1e-4)


def test_a_hair_on_the_side_that_a_row_has_not_costs_nothing():
    # At least 5 t, and no end above: an interior point may price that end by a hair.
    arrays = replace(
        chain(), cost=np.array([2.0, 1.0, -3.0]), row_upper=np.array([INF, 0.0, 0.0]), upper=np.full(3, 9.0)
    )
    slack = replace(arrays, row_lower=np.array([-INF, 0.0, 0.0]), row_upper=np.array([9.0, 0.0, 0.0]))
    for model, hair in ((arrays, -1e-9), (slack, 1e-9)):
        best = Session(model, threads=1).run()
        bound = safe_bound(model, np.array([hair, *best.row_duals[1:]]))
        assert -100 <= bound <= best.objective + 1e-9


def test_prices_of_another_model_prove_nothing():
    assert safe_bound(chain(), np.zeros(2)) == float("-inf")


@pytest.mark.parametrize(("cost", "bound"), [(0.5, -0.5), (-0.5, -1.0), (0.0, 0.0), (3.0, -3.0)])
def test_a_column_without_bounds_of_its_own_stands_where_its_row_lets_it(cost: float, bound: float) -> None:
    # 2 <= x + y where y is to be cheap and x at most 3, or x + y <= 2 where y is to be much.
    rows = (np.array([2.0]), np.array([INF])) if cost > 0 else (np.array([-INF]), np.array([2.0]))
    arrays = Arrays(
        np.array([0.0, cost]),
        np.array([0.0, -INF]),
        np.array([3.0, INF]),
        np.zeros(2, dtype=bool),
        *rows,
        np.array([0, 2], dtype=np.int32),
        np.array([0, 1], dtype=np.int32),
        np.array([1.0, 1.0]),
    )
    assert safe_bound(arrays, np.zeros(1)) == pytest.approx(bound)
