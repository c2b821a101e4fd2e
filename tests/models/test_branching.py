"""The tree: it proves what the solver's own search proves, also with counts, cutoffs and within bounds."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from models.branching import Tree, with_counts
from models.found import Watch
from models.highs import Arrays, Session
from models.reduction import matrix_of
from models.search_periods import CLOSE, FAR, PeriodSearch

FOREVER = 60.0


def location(seed: int, sites: int = 6, customers: int = 12) -> Arrays:
    """Return a random capacitated location problem: columns are ``sites`` openings, then shares of customers."""
    rng = np.random.default_rng(seed)
    demand = rng.uniform(1.0, 3.0, customers)
    capacity = np.full(sites, demand.sum() / 2.5)
    fixed = rng.uniform(8.0, 12.0, sites)
    ways = rng.uniform(1.0, 4.0, (customers, sites))
    columns = sites + customers * sites
    rows, lower, upper = [], [], []
    for customer in range(customers):
        row = np.zeros(columns)
        row[sites + customer * sites : sites + (customer + 1) * sites] = 1.0
        rows.append(row)
        lower.append(1.0)
        upper.append(1.0)
    for site in range(sites):
        row = np.zeros(columns)
        row[sites + site :: sites] = demand
        row[site] = -capacity[site]
        rows.append(row)
        lower.append(-1e30)
        upper.append(0.0)
    matrix = np.array(rows)
    integer = np.arange(columns) < sites
    top = np.where(integer, 1.0, np.inf)
    start = np.arange(0, matrix.size + 1, columns, dtype=np.int32)
    index = np.tile(np.arange(columns, dtype=np.int32), len(rows))
    cost = np.concatenate([fixed, (ways * demand[:, None]).ravel()])
    return Arrays(cost, np.zeros(columns), top, integer, np.array(lower), np.array(upper), start, index, matrix.ravel())


def grown(tree: Tree, *, dive: bool = False) -> Tree:
    tree.grow(gap=1e-9, until=time.perf_counter() + FOREVER, dive=dive)
    return tree


def optimum(arrays: Arrays) -> float:
    return Session(arrays, mip_rel_gap=0.0, threads=1).run().objective


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("dive", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_a_tree_proves_the_optimum(seed, dive, late):
    arrays = location(seed)
    idle = (arrays.row_lower < arrays.row_upper) & late
    tree = grown(Tree(arrays, [list(range(6))], idle=idle), dive=dive)
    assert late == (len(tree.rows.lower) > 0) and not (late and tree.rows.waiting.all())
    assert tree.objective == pytest.approx(optimum(arrays), rel=1e-7)
    assert tree.bound == pytest.approx(tree.objective, rel=1e-7)
    assert np.allclose(tree.values[:6], np.round(tree.values[:6]), atol=1e-5)
    assert arrays.cost @ tree.values == pytest.approx(tree.objective, rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_never_falls_and_never_passes_the_optimum(seed):
    arrays = location(seed, sites=8, customers=20)
    best = optimum(arrays)
    tree, bounds = Tree(arrays, [list(range(8))]), []
    while tree.open and len(bounds) < 50:
        bounds.append(tree.bound)
        tree.grow(gap=1e-9, until=time.perf_counter() + 0.05)
    bounds.append(tree.bound)
    assert bounds == sorted(bounds)
    assert max(bounds) <= best * (1 + 1e-7)


def test_within_narrower_bounds_it_is_the_optimum_there():
    arrays = location(1)
    tree = Tree(arrays, [list(range(6))])
    closed = grown(tree.within({0: (0.0, 0.0), 1: (1.0, 1.0)}))
    upper, lower = arrays.upper.copy(), arrays.lower.copy()
    upper[0], lower[1] = 0.0, 1.0
    same = Arrays(
        arrays.cost, lower, upper, arrays.integer, arrays.row_lower, arrays.row_upper, arrays.start, arrays.index,
        arrays.value,
    )  # fmt: skip
    assert closed.objective == pytest.approx(optimum(same), rel=1e-7)
    # The tree that it came from is as it was.
    assert grown(tree).objective == pytest.approx(optimum(arrays), rel=1e-7)


def test_nothing_above_the_cutoff_is_found_and_the_cutoff_is_then_the_bound():
    arrays = location(2)
    best = optimum(arrays)
    tree = Tree(arrays)
    tree.cutoff = best - 0.5
    grown(tree)
    assert not len(tree.values)
    assert tree.bound <= best - 0.5 + 1e-6


def test_rounding_gives_a_solution_at_once():
    tree = Tree(location(3), [list(range(6))])
    tree.round()
    assert np.isfinite(tree.objective)
    assert tree.objective >= optimum(location(3)) * (1 - 1e-9)


@pytest.mark.parametrize("most", [6, 20, 10_000])
def test_a_solution_among_few_ways_is_one_of_the_whole(most):
    arrays = location(4)
    tree = Tree(arrays, [list(range(6))], idle=arrays.row_lower < arrays.row_upper)
    tree.narrow(most, 0.0, FOREVER)
    best, left = optimum(arrays), matrix_of(arrays) @ tree.values
    assert np.all(left >= arrays.row_lower - 1e-6) and np.all(left <= arrays.row_upper + 1e-6)
    assert arrays.cost @ tree.values == pytest.approx(tree.objective, rel=1e-9)
    assert tree.objective >= best * (1 - 1e-9)
    if most == 10_000:
        assert tree.objective == pytest.approx(best, rel=1e-9)
    # Within bounds of some columns it stays there.
    other = 1.0 - round(grown(tree).values[0])
    closed = tree.within({0: (other, other)})
    closed.narrow(10_000, 0.0, FOREVER)
    assert closed.values[0] == other and closed.objective == pytest.approx(grown(closed).objective, rel=1e-7)


def test_a_plan_of_a_period_far_from_its_bound_is_looked_for_among_few_ways(monkeypatch):
    arrays = location(3)
    tree, rounded = Tree(arrays, [list(range(6))]), Tree(arrays, [list(range(6))])
    rounded.round()
    best = optimum(arrays)
    assert rounded.objective > best * (1 + 2 * FAR), "rounding alone must be far for this to say anything"
    # The tree itself finds nothing in its time.
    monkeypatch.setattr(Tree, "grow", lambda *arguments, **options: None)
    search = SimpleNamespace(watch=Watch(FOREVER, None), relaxed=SimpleNamespace(objective=tree.bound))
    assert arrays.cost @ PeriodSearch._best(search, tree, {}) == pytest.approx(best, rel=2 * CLOSE)


def test_counts_are_sums_of_their_columns():
    arrays = location(4)
    counted = with_counts(arrays, [[0, 1, 2], [3, 4, 5]])
    solution = Session(counted, mip_rel_gap=0.0, threads=1).run()
    assert solution.objective == pytest.approx(optimum(arrays), rel=1e-9)
    assert solution.values[-2] == pytest.approx(solution.values[:3].sum())
    assert solution.values[-1] == pytest.approx(solution.values[3:6].sum())
