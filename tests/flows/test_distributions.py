"""Distributions of uncertain inputs: moments, quantiles, strata."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from flows.distributions import (
    Z90,
    DistributionError,
    around,
    closed,
    halfwidths,
    latin_hypercube,
    moments,
    sample,
    scores,
    summary,
)

BLANK = np.nan
SHAPES = {
    "normal": (10.0, 2.0, BLANK, BLANK),
    "lognormal": (10.0, 4.0, BLANK, BLANK),
    "triangular": (3.0, BLANK, 1.0, 10.0),
    "uniform": (BLANK, BLANK, -2.0, 6.0),
    "truncated_normal": (1.0, 2.0, 0.0, 2.5),
}


def of_scipy(name):
    value, std, lower, upper = SHAPES[name]
    if name == "normal":
        return stats.norm(value, std)
    if name == "lognormal":
        spread = np.sqrt(np.log(1 + (std / value) ** 2))
        return stats.lognorm(spread, scale=value / np.sqrt(1 + (std / value) ** 2))
    if name == "triangular":
        return stats.triang((value - lower) / (upper - lower), lower, upper - lower)
    if name == "uniform":
        return stats.uniform(lower, upper - lower)
    return stats.truncnorm((lower - value) / std, (upper - value) / std, value, std)


@pytest.mark.parametrize("name", SHAPES)
def test_quantiles_are_those_of_scipy(name):
    ranks = np.linspace(0.001, 0.999, 57)[None, :]
    drawn = sample(name, *SHAPES[name], uniforms=ranks)
    np.testing.assert_allclose(drawn[0], of_scipy(name).ppf(ranks[0]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", SHAPES)
def test_moments_are_exact_and_met_by_a_sample(name):
    mean, std = moments(name, *SHAPES[name])
    exact = of_scipy(name)
    assert mean[0] == pytest.approx(exact.mean(), rel=1e-10)
    assert std[0] == pytest.approx(exact.std(), rel=1e-9)
    found = summary(sample(name, *SHAPES[name], uniforms=latin_hypercube(1, 20_000, seed=3))).iloc[0]
    assert found["mean"] == pytest.approx(mean[0], rel=1e-3)
    assert found["std"] == pytest.approx(std[0], rel=5e-3)
    assert [found["p5"], found["median"], found["p95"]] == pytest.approx(exact.ppf([0.05, 0.5, 0.95]), rel=1e-3)


def test_a_lognormal_has_the_mean_and_std_that_it_is_given_not_those_of_its_logarithm():
    drawn = sample("lognormal", 20.0, 5.0, uniforms=latin_hypercube(1, 50_000, seed=1))
    assert drawn.mean() == pytest.approx(20.0, rel=1e-3)
    assert drawn.std() == pytest.approx(5.0, rel=1e-2)
    assert np.log(drawn).std() == pytest.approx(np.sqrt(np.log(1 + 1 / 16)), rel=1e-3)


def test_a_normal_cut_far_in_its_tail_stays_inside():
    drawn = sample("truncated_normal", 0.0, 1.0, [8.0, -9.0], [9.0, -8.0], uniforms=latin_hypercube(2, 1000, seed=1))
    assert ((drawn[0] >= 8) & (drawn[0] <= 9)).all() and ((drawn[1] <= -8) & (drawn[1] >= -9)).all()
    # The mean of a normal above 8 is 8.1225 (inverse Mills ratio).
    assert drawn[0].mean() == pytest.approx(8.1225, abs=2e-3)
    assert drawn[1].mean() == pytest.approx(-8.1225, abs=2e-3)


def test_spread_without_ends_and_values_without_spread():
    numbers = latin_hypercube(4, 20_000, seed=2)
    drawn = sample(["uniform", "triangular", "normal", "lognormal"], 5.0, [1.0, 1.0, 0.0, BLANK], uniforms=numbers)
    assert drawn[:2].std(axis=1) == pytest.approx([1.0, 1.0], rel=5e-3)
    assert (drawn[2:] == 5.0).all()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("cauchy", 1.0, 1.0), "no such distribution: cauchy"),
        (("normal", 1.0, [1.0, -1.0]), "input 1: a standard deviation below zero"),
        (("lognormal", [2.0, -1.0], 1.0), "input 1: a lognormal distribution needs a mean above zero"),
        (("triangular", 5.0, BLANK, 0.0, [6.0, 4.0]), "input 1: the mode of a triangular"),
        (("uniform", BLANK), "input 0: a uniform distribution needs lower and upper"),
        (("truncated_normal", 1.0, 1.0, 3.0, 2.0), "input 0: the lower end of a truncated normal"),
        (("normal", BLANK, BLANK), "input 0: neither a value nor a spread"),
    ],
)
def test_impossible_inputs_are_named(arguments, why):
    with pytest.raises(DistributionError, match=why):
        sample(*arguments, uniforms=latin_hypercube(2, 4, seed=1))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 60), st.integers(0, 1000))
def test_every_stratum_holds_one_number_of_every_input(inputs, draws, seed):
    numbers = latin_hypercube(inputs, draws, seed)
    assert ((numbers > 0) & (numbers < 1)).all()
    strata = np.sort((numbers * draws).astype(int), axis=1)
    assert (strata == np.arange(draws)).all()
    assert (numbers == latin_hypercube(inputs, draws, seed)).all()


def test_another_seed_is_another_sample_and_inputs_are_not_alike():
    one, other = latin_hypercube(2, 1000, 1), latin_hypercube(2, 1000, 2)
    assert not np.allclose(one, other)
    assert abs(np.corrcoef(one)[0, 1]) < 0.02


def test_chance_correlations_are_removed_where_there_are_draws_enough():
    many = scores(latin_hypercube(50, 400, 3))
    between = np.corrcoef(many)[np.triu_indices(50, 1)]
    # By chance their spread would be 1 / sqrt(400) = 0.05.
    assert between.std() < 0.005
    assert latin_hypercube(50, 20, 3).shape == (50, 20)


shares = st.floats(0.01, 0.99)


@settings(max_examples=60, deadline=None)
@given(shares, shares, shares, st.sampled_from(["logit", "log"]))
def test_an_interval_of_ninety_per_cent_is_met_exactly(one, other, third, scale):
    low, value, high = np.sort([one, other, third])[:, None]
    below, above = halfwidths(value, low, high, scale)
    drawn = around(value, below, above, np.array([[-Z90, 0.0, Z90]]), scale)
    np.testing.assert_allclose(drawn[0], [low[0], value[0], high[0]], rtol=1e-9)
    wild = around(value, below, above, scores(latin_hypercube(1, 200, 1)), scale)
    assert (wild > 0).all() and (scale == "log" or (wild < 1).all())


def test_a_range_that_ends_at_a_limit_runs_straight_to_it():
    value, low, high = np.array([0.1, 0.9, 5.0]), np.array([0.0, 0.8, 0.0]), np.array([0.2, 1.0, 6.0])
    ends = np.tile([-2 * Z90, -Z90 / 2, 0.0, Z90 / 2, 2 * Z90], (2, 1))
    drawn = around(value[:2], *halfwidths(value[:2], low[:2], high[:2], "logit"), ends, "logit")
    assert drawn[0, :3] == pytest.approx([0.0, 0.05, 0.1])
    assert drawn[1, 2:] == pytest.approx([0.9, 0.95, 1.0])
    amount = around(value[2:], *halfwidths(value[2:], low[2:], high[2:], "log"), ends[:1], "log")
    assert amount[0, :3] == pytest.approx([0.0, 2.5, 5.0])


def test_without_a_range_nothing_moves():
    value = np.array([0.0, 0.3, 1.0])
    below, above = halfwidths(value, np.full(3, BLANK), np.full(3, BLANK), "logit")
    assert (around(value, below, above, scores(latin_hypercube(3, 50, 1)), "logit") == value[:, None]).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1.5), st.booleans()), min_size=1, max_size=9),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_shares_close_in_every_set(rows, with_rest):
    """Exact shares of a set add up to no more than its total, and something of it can give way."""
    sets = np.array([row[0] for row in rows])
    draws = np.array([[row[1], 0.0] for row in rows])
    exact = np.array([row[2] for row in rows])
    draws[exact] /= 10 * len(rows)
    sets, draws = np.append(sets, [0, 1, 2]), np.vstack([draws, np.zeros((3, 2))])
    exact, rest = np.append(exact, [False] * 3), np.append(np.zeros(len(rows), dtype=bool), with_rest)
    result = closed(draws, sets, rest, exact, np.ones(3))
    assert (result >= 0).all()
    np.testing.assert_array_equal(result[exact], draws[exact])
    for number in range(3):
        np.testing.assert_allclose(result[sets == number].sum(axis=0), 1.0)
