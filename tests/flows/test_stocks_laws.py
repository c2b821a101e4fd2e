"""Laws that every stock obeys, whatever its years, lifetimes and inflows."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lifetimes import Floats, Lifetime
from flows.stocks import DynamicStock

EXAMPLES = settings(max_examples=40, deadline=None)
DISTRIBUTIONS = ("fixed", "normal", "folded_normal", "lognormal", "weibull", "gamma")


@st.composite
def models(draw: Any) -> tuple[DynamicStock, Floats, Floats]:
    """Draw a stock, an inflow (years, cells) and an initial stock per cell."""
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=1, max_size=8))
    years = list(2000 + np.cumsum(steps))
    cells = draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.sampled_from([(), (cells,), (len(years), cells)]))
    distribution = draw(st.sampled_from(DISTRIBUTIONS))
    mean = random.uniform(3.0, 40.0, shape)
    if distribution == "fixed":
        lifetime = Lifetime.fixed(mean)
    elif distribution == "weibull":
        lifetime = Lifetime.weibull(random.uniform(1.0, 4.0, shape), mean)
    else:
        lifetime = Lifetime.of(distribution, mean=mean, std=mean * random.uniform(0.1, 0.6, shape))
    ageing = draw(st.sampled_from(["start", "middle", "end"]))
    first_length = draw(st.sampled_from([1, 3]))
    model = DynamicStock(years, lifetime, ageing, first_length=first_length)
    return model, random.uniform(0.0, 10.0, (len(years), cells)), random.uniform(0.0, 50.0, cells)


@EXAMPLES
@given(models())
def test_balance_holds_and_nothing_comes_back(drawn: tuple[DynamicStock, Floats, Floats]) -> None:
    model, inflow, initial = drawn
    result = model.from_inflow(inflow, initial=initial)
    scale = result.stock.max() + initial.max() + inflow.max()
    assert np.abs(result.imbalance()).max() <= 1e-14 * scale * max(result.lengths)
    assert result.outflow.min() >= -1e-13 * scale
    assert result.stock.min() >= 0


@EXAMPLES
@given(models())
def test_inflow_to_stock_to_inflow(drawn: tuple[DynamicStock, Floats, Floats]) -> None:
    model, inflow, initial = drawn
    forward = model.from_inflow(inflow, initial=initial)
    back = model.from_stock(forward.stock, initial=initial)
    np.testing.assert_allclose(back.inflow, inflow, atol=1e-8)
    np.testing.assert_allclose(back.outflow, forward.outflow, atol=1e-8)


@EXAMPLES
@given(models(), st.floats(-3, 3))
def test_linear(drawn: tuple[DynamicStock, Floats, Floats], factor: float) -> None:
    model, inflow, initial = drawn
    other = inflow[::-1]
    together = model.from_inflow(inflow + factor * other, initial=initial)
    apart = model.from_inflow(inflow, initial=initial).stock + factor * model.from_inflow(other).stock
    np.testing.assert_allclose(together.stock, apart, atol=1e-10)


@EXAMPLES
@given(models())
def test_order_of_cells_does_not_matter(drawn: tuple[DynamicStock, Floats, Floats]) -> None:
    model, inflow, initial = drawn
    order = np.arange(inflow.shape[1])[::-1]
    turned = DynamicStock(
        model.years,
        model.lifetime.reshaped(lambda values: values[..., ::-1] if values.ndim else values),
        model.ageing,
        first_length=model.periods.lengths[0],
    )
    np.testing.assert_allclose(
        turned.from_inflow(inflow[:, order], initial=initial[order]).stock,
        model.from_inflow(inflow, initial=initial).stock[:, order],
        rtol=1e-13,
    )


@EXAMPLES
@given(models())
def test_refinement_changes_nothing(drawn: tuple[DynamicStock, Floats, Floats]) -> None:
    """Every year listed, with the same inflow per year and the lifetime of its period, has the same stock."""
    model, inflow, initial = drawn
    lengths = np.array(model.periods.lengths)
    lifetime = model.lifetime
    own = lifetime.reshaped(lambda values: np.repeat(values, lengths, axis=0) if values.ndim == 2 else values)
    yearly = DynamicStock(range(model.first_year, model.years[-1] + 1), own, model.ageing)
    fine = yearly.from_inflow(np.repeat(inflow, lengths, axis=0), initial=initial)
    coarse = model.from_inflow(inflow, initial=initial)
    np.testing.assert_allclose(coarse.stock, fine.stock[np.cumsum(lengths) - 1], rtol=1e-11, atol=1e-11)
    coarse_back = model.from_stock(coarse.stock, initial=initial)
    np.testing.assert_allclose(coarse_back.inflow, inflow, atol=1e-8)


@EXAMPLES
@given(models())
def test_scaled_cohorts_reach_any_stock_and_zero_never_falls_below(drawn: tuple[DynamicStock, Floats, Floats]) -> None:
    model, wanted, initial = drawn
    scaled = model.from_stock(wanted, initial=initial, negative_inflow="scale_cohorts")
    above = model.from_stock(wanted, initial=initial, negative_inflow="zero")
    np.testing.assert_array_equal(scaled.stock, wanted)
    assert scaled.inflow.min() >= 0
    assert scaled.outflow.min() >= -1e-12 * (wanted.max() + initial.max())
    cohorts = scaled.cohorts()
    np.testing.assert_allclose(cohorts.stock.sum(axis=1), wanted, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cohorts.outflow.sum(axis=1), scaled.outflow, rtol=1e-9, atol=1e-9)
    assert (above.stock >= wanted * (1 - 1e-12)).all()
    assert above.inflow.min() >= 0
    assert np.abs(above.imbalance()).max() <= 1e-12 * (wanted.max() + initial.max())


@EXAMPLES
@given(st.sampled_from(DISTRIBUTIONS), st.floats(2, 30), st.sampled_from(["start", "middle", "end"]))
def test_constant_inflow_tends_to_inflow_times_mean_lifetime(distribution: Any, mean: float, ageing: Any) -> None:
    """With ageing in the middle of the year; half a year less from its start, half a year more from its end."""
    if distribution == "fixed":
        lifetime, error = Lifetime.fixed(np.floor(mean)), 0.51  # whole years: survival is a step
    elif distribution == "weibull":
        lifetime, error = Lifetime.weibull(2.0, mean), 0.02
    else:
        lifetime, error = Lifetime.of(distribution, mean=mean, std=0.3 * mean), 0.02
    result = DynamicStock(range(400), lifetime, ageing).from_inflow(np.full(400, 7.0))
    shift = {"start": -0.5, "middle": 0.0, "end": 0.5}[ageing]
    assert abs(result.stock[-1] / 7.0 - float(lifetime.mean()) - shift) < error
    assert abs(result.outflow[-1] - 7.0) < 1e-6
