"""Parts by period: their sum is a lower bound, at the relaxation's prices as good as the relaxation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.highs import Session, compile_model
from models.periods import take_apart
from models.planner import Planner
from models.primal import relax
from models.pyomo_model import to_pyomo
from models.reduction import matrix_of, without_forced
from tests.cases.small import two_towns
from tests.models.test_search import GROWTH, SETTINGS, TARGETS


@pytest.fixture(scope="module")
def yearly():
    planner = Planner(two_towns(settings=SETTINGS, targets=TARGETS, growth=GROWTH))
    form = planner.formulation(yearly=True, pooled=True)
    return form, compile_model(to_pyomo(form.linear))


def whole(arrays):
    return Session(arrays, mip_rel_gap=0.0, threads=1).run().objective


def test_without_forced_masses_the_optimum_is_the_same(yearly):
    form, arrays = yearly
    reduced = without_forced(form, arrays)
    assert len(reduced.arrays.cost) < len(arrays.cost)
    solution = Session(reduced.arrays, mip_rel_gap=0.0, threads=1).run()
    assert solution.objective == pytest.approx(whole(arrays), rel=1e-9)
    values = reduced.expand(solution.values)
    activity = matrix_of(arrays) @ values
    assert (activity >= arrays.row_lower - 1e-6).all()
    assert (activity <= arrays.row_upper + 1e-6).all()
    assert (values >= arrays.lower - 1e-6).all()
    assert arrays.cost @ values == pytest.approx(solution.objective, rel=1e-9)


def test_parts_at_the_prices_of_the_relaxation_cost_what_it_does(yearly):
    form, arrays = yearly
    reduced = without_forced(form, arrays)
    relaxed = relax(reduced.arrays, 60.0)
    parts, constant = take_apart(form, reduced, relaxed.row_duals, relaxed.values)
    assert sorted(np.concatenate([part.columns for part in parts])) == list(range(len(reduced.arrays.cost)))
    total = constant + sum(relax(part.arrays, 60.0).objective for part in parts)
    assert total <= relaxed.objective * (1 + 1e-6)
    assert total == pytest.approx(relaxed.objective, rel=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_parts_are_a_lower_bound_whatever_the_prices(yearly, seed):
    form, arrays = yearly
    reduced = without_forced(form, arrays)
    relaxed = relax(reduced.arrays, 60.0)
    noise = np.random.default_rng(seed).normal(1.0, 0.3, len(relaxed.row_duals))
    parts, constant = take_apart(form, reduced, relaxed.row_duals * noise, relaxed.values)
    bound = constant + sum(whole(part.arrays) for part in parts)
    assert bound <= whole(replace(arrays)) + 1e-6
