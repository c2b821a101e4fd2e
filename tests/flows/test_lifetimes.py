"""Lifetimes: survival against scipy's distributions, means and deviations, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from flows.lifetimes import Lifetime, LifetimeError

AGES = np.array([0.0, 0.5, 1.0, 7.5, 19.0, 20.0, 33.0, 80.0])
LOG_STD = np.sqrt(np.log(1 + (5 / 20) ** 2))
PAIRS: dict[str, tuple[Lifetime, Any]] = {
    "normal": (Lifetime.normal(20, 5), stats.norm(20, 5)),
    "folded normal": (Lifetime.folded_normal(3, 5), stats.foldnorm(3 / 5, scale=5)),
    "lognormal": (Lifetime.lognormal(20, 5), stats.lognorm(LOG_STD, scale=20 / np.sqrt(1 + (5 / 20) ** 2))),
    "weibull": (Lifetime.weibull(2.5, 30), stats.weibull_min(2.5, scale=30)),
    "gamma": (Lifetime.gamma(20, 5), stats.gamma((20 / 5) ** 2, scale=5**2 / 20)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_survival_is_that_of_scipy(name: str) -> None:
    lifetime, distribution = PAIRS[name]
    np.testing.assert_allclose(lifetime.survival(AGES), distribution.sf(AGES), rtol=1e-12, atol=1e-300)
    assert float(lifetime.mean()) == pytest.approx(distribution.mean(), rel=1e-12)


@pytest.mark.parametrize(
    "make", [Lifetime.normal, Lifetime.lognormal, Lifetime.gamma], ids=["normal", "lognormal", "gamma"]
)
def test_mean_and_std_are_those_of_the_lifetime(make: Callable[..., Lifetime]) -> None:
    """The mean is the integral of survival, the second moment that of 2 * age * survival."""
    lifetime = make(20, 4)
    mean = quad(lambda age: float(lifetime.survival(age)), 0, 200)[0]
    second = quad(lambda age: 2 * age * float(lifetime.survival(age)), 0, 200)[0]
    assert mean == pytest.approx(20, abs=1e-5)
    assert np.sqrt(second - mean**2) == pytest.approx(4, abs=1e-4)


def test_lognormal_is_not_odyms() -> None:
    """ODYM's takes mean**2 / std**2 where std**2 / mean**2 is right, and agrees only where both are equal."""

    def odym(age: float, mean: float, std: float) -> float:
        variance = np.log(1 + mean**2 / std**2)
        return float(stats.lognorm.sf(age, np.sqrt(variance), scale=mean / np.sqrt(1 + mean**2 / std**2)))

    assert odym(10, 20, 5) == pytest.approx(0.334, abs=5e-4)
    assert float(Lifetime.lognormal(20, 5).survival(10)) == pytest.approx(0.996, abs=5e-4)
    assert float(Lifetime.lognormal(20, 20).survival(10)) == pytest.approx(odym(10, 20, 20), rel=1e-12)


def test_fixed_leaves_at_its_age_and_never_if_endless() -> None:
    np.testing.assert_array_equal(Lifetime.fixed(3.5).survival([0, 3, 3.5, 4]), [1, 1, 0, 0])
    np.testing.assert_array_equal(Lifetime.fixed(np.inf).survival([0, 1e9]), [1, 1])


def test_shapes_are_ages_then_parameters() -> None:
    lifetime = Lifetime.normal(np.full((3, 4), 20.0), 5)
    assert lifetime.shape == (3, 4)
    assert lifetime.survival(np.zeros(7)).shape == (7, 3, 4)
    assert lifetime.survival(1.0).shape == (3, 4)


@pytest.mark.parametrize(
    ("make", "parameters", "said"),
    [
        (Lifetime.normal, (20, 0), "std above zero, not 0; for a lifetime without spread use Lifetime.fixed"),
        (Lifetime.normal, ([20, 30, -1], 5), r"mean above zero, not -1 at \(2,\)"),
        (Lifetime.gamma, (np.nan, 5), "mean above zero, not nan"),
        (Lifetime.lognormal, (np.inf, 5), "mean above zero, not inf"),
        (Lifetime.weibull, (0, 5), "shape above zero"),
        (Lifetime.fixed, (0,), "mean above zero"),
        (Lifetime.folded_normal, (-1, 5), "mean above zero"),
        (Lifetime.normal, ([1, 2], [1, 2, 3]), "do not fit together"),
    ],
)
def test_what_makes_no_distribution_is_refused(make: Callable[..., Lifetime], parameters: Any, said: str) -> None:
    with pytest.raises(LifetimeError, match=said):
        make(*parameters)


def test_names_of_distributions_and_parameters() -> None:
    assert Lifetime.of("gamma", std=5, mean=20) == Lifetime.gamma(20, 5)
    assert Lifetime.gamma(20, 5) != Lifetime.normal(20, 5)
    with pytest.raises(LifetimeError, match="there are fixed, weibull"):
        Lifetime.of("gompertz", mean=20)  # type: ignore[arg-type]
    with pytest.raises(LifetimeError, match="takes shape and scale, not mean"):
        Lifetime.of("weibull", mean=20)
