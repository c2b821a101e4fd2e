"""The ranking finds the planted driver, its sign and what it does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.distributions import latin_hypercube, scores
from flows.sensitivity import influence, ranking


def drawn(inputs, draws, seed=1):
    return scores(latin_hypercube(inputs, draws, seed))


def test_shares_and_effects_of_a_sum_are_exact():
    normals = drawn(3, 4000)
    found = influence(normals, np.array([1 + 3 * normals[0] - 4 * normals[1], 7 + 0 * normals[0]]))
    assert found.effect[:, 0] == pytest.approx([3, -4, 0], abs=1e-9)
    assert found.share[:, 0] == pytest.approx([0.36, 0.64, 0], abs=1e-9)
    assert found.explained[0] == pytest.approx(1.0)
    assert found.correlation[0, 0] == pytest.approx(0.6, abs=0.05) and found.correlation[1, 0] < -0.7
    assert (found.share[:, 1] == 0).all() and found.explained[1] == 0 and (found.correlation[:, 1] == 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 39), st.sampled_from([-1.0, 1.0]), st.integers(0, 100), st.sampled_from([30, 400]))
def test_the_planted_driver_comes_first(planted, sign, seed, draws):
    normals = drawn(40, draws, seed)
    noise = np.random.default_rng(seed).standard_normal(draws)
    answer = np.exp(sign * 1.5 * normals[planted]) + 0.05 * noise
    inputs = pd.DataFrame({"input": [f"x{number}" for number in range(40)]})
    table = ranking(influence(normals, answer[None, :]), inputs)
    assert table["input"].iloc[0] == f"x{planted}"
    assert np.sign(table["effect"].iloc[0]) == np.sign(table["correlation"].iloc[0]) == sign
    assert table["rank"].tolist() == list(range(1, 41))


def test_where_the_answer_bends_its_ranks_are_regressed():
    normals = drawn(2, 3000)
    answer = np.exp(3 * normals[0]) * np.exp(0.3 * normals[1])
    found = influence(normals, answer[None, :])
    assert found.explained[0] > 0.99
    assert found.share[:, 0] == pytest.approx([9 / 9.09, 0.09 / 9.09], abs=5e-3)


def test_noise_is_not_taken_for_influence():
    normals = drawn(100, 1000)
    answer = np.random.default_rng(5).standard_normal(1000)
    found = influence(normals, answer[None, :])
    # 100 inputs on 1000 draws of pure noise would feign 10 % without the correction.
    assert found.explained[0] < 0.05 and found.share.sum() <= found.explained[0] + 1e-12


def test_groups_add_up():
    normals = drawn(4, 2000)
    found = influence(normals, (normals[0] + normals[1] + normals[2])[None, :])
    inputs = pd.DataFrame({"input": list("abcd"), "group": ["x", "x", "y", "y"]})
    table = ranking(found, inputs, by="group")
    assert table["group"].tolist() == ["x", "y"] and table["inputs"].tolist() == [2, 2]
    assert table["share"].tolist() == pytest.approx([2 / 3, 1 / 3], abs=1e-9)
    assert ranking(found, inputs)["share"].sum() == pytest.approx(1.0)
