"""How long what enters a stock stays there: six lifetime distributions and their survival by age.

Fixed, normal, folded normal, lognormal, Weibull and gamma lifetimes, as used in dynamic material flow
analysis (Müller 2006, doi:10.1016/j.ecolecon.2005.09.025; Pauliuk and Heeren 2020, doi:10.1111/jiec.12952).
``mean`` and ``std`` are those of the lifetime itself, except for the folded normal, where they are those
of the normal distribution before it is folded at zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import gamma as gamma_function
from scipy.special import gammaincc, ndtr

Floats: TypeAlias = npt.NDArray[np.float64]
Distribution = Literal["fixed", "normal", "folded_normal", "lognormal", "weibull", "gamma"]


class LifetimeError(ValueError):
    """A lifetime has parameters that make no distribution."""


def _fixed(age: Floats, mean: Floats) -> Floats:
    return (age < mean).astype(np.float64)


def _normal(age: Floats, mean: Floats, std: Floats) -> Floats:
    score = np.asarray(mean - age)
    score /= std
    return np.asarray(ndtr(score, out=score))  # in place: large tables are made here


def _folded_normal(age: Floats, mean: Floats, std: Floats) -> Floats:
    return np.asarray(ndtr((mean - age) / std) + ndtr((-mean - age) / std))


def _lognormal(age: Floats, mean: Floats, std: Floats) -> Floats:
    variance = np.log1p((std / mean) ** 2)
    with np.errstate(divide="ignore"):
        logarithm = np.log(age)
    return np.asarray(ndtr((np.log(mean) - variance / 2 - logarithm) / np.sqrt(variance)))


def _weibull(age: Floats, shape: Floats, scale: Floats) -> Floats:
    return np.asarray(np.exp(-((age / scale) ** shape)))


def _gamma(age: Floats, mean: Floats, std: Floats) -> Floats:
    return np.asarray(gammaincc((mean / std) ** 2, age * mean / std**2))


_SURVIVAL: dict[str, Callable[..., Floats]] = {
    "fixed": _fixed,
    "normal": _normal,
    "folded_normal": _folded_normal,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "gamma": _gamma,
}
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "fixed": ("mean",),
    "weibull": ("shape", "scale"),
    **dict.fromkeys(("normal", "folded_normal", "lognormal", "gamma"), ("mean", "std")),
}
_MAY_BE_ZERO = {("folded_normal", "mean")}


@dataclass(frozen=True, eq=False)
class Lifetime:
    """A lifetime distribution; make one with :meth:`fixed`, :meth:`normal`, :meth:`weibull` and so on.

    Its parameters, in years (a Weibull shape is a number), are scalars, or arrays over cells, or arrays
    over the cohorts of a stock (its listed years) and cells; they are broadcast together.

    >>> Lifetime.fixed(3).survival([0, 2, 3])
    array([1., 1., 0.])
    >>> Lifetime.normal([20, 40], 5).survival(20.0).round(4)
    array([0.5, 1. ])
    """

    distribution: Distribution
    parameters: tuple[Floats, ...]

    def __post_init__(self) -> None:
        """Refuse parameters that make no distribution."""
        for name, values in zip(_PARAMETERS[self.distribution], self.parameters, strict=True):
            least = 0.0 if (self.distribution, name) in _MAY_BE_ZERO else np.nextafter(0.0, 1.0)
            endless = self.distribution == "fixed"
            with np.errstate(invalid="ignore"):
                wrong = ~(values >= least) | (np.isinf(values) & (not endless))
            if wrong.any():
                where = np.argwhere(wrong)[0].tolist()
                place = f" at {tuple(where)}" if values.ndim else ""
                raise LifetimeError(
                    f"a {self.distribution} lifetime needs a {name} above zero, not {values[tuple(where)]:g}{place}"
                    + ("; for a lifetime without spread use Lifetime.fixed" if name == "std" else "")
                )
        try:
            self.shape  # noqa: B018  (broadcasting is the check)
        except ValueError:
            sizes = ", ".join(str(values.shape) for values in self.parameters)
            raise LifetimeError(f"the parameters of a lifetime do not fit together: {sizes}") from None

    @classmethod
    def of(cls, distribution: Distribution, **parameters: npt.ArrayLike) -> Lifetime:
        """Make a lifetime from the name of its distribution and its parameters by name.

        Raises :class:`LifetimeError` for an unknown distribution, or a parameter too many or too few.

        >>> Lifetime.of("weibull", shape=2, scale=30) == Lifetime.weibull(2, 30)
        True
        """
        if distribution not in _PARAMETERS:
            raise LifetimeError(f"'{distribution}' is no lifetime; there are {', '.join(_PARAMETERS)}")
        names = _PARAMETERS[distribution]
        if set(parameters) != set(names):
            raise LifetimeError(f"a {distribution} lifetime takes {' and '.join(names)}, not {', '.join(parameters)}")
        return cls(distribution, tuple(np.array(parameters[name], dtype=np.float64) for name in names))

    @classmethod
    def fixed(cls, mean: npt.ArrayLike) -> Lifetime:
        """Everything leaves at the age ``mean``; ``inf`` means never."""
        return cls.of("fixed", mean=mean)

    @classmethod
    def normal(cls, mean: npt.ArrayLike, std: npt.ArrayLike) -> Lifetime:
        """Normal distribution; the part of it below zero leaves in the year in which it enters."""
        return cls.of("normal", mean=mean, std=std)

    @classmethod
    def folded_normal(cls, mean: npt.ArrayLike, std: npt.ArrayLike) -> Lifetime:
        """Normal distribution folded at zero; ``mean`` and ``std`` are those before folding."""
        return cls.of("folded_normal", mean=mean, std=std)

    @classmethod
    def lognormal(cls, mean: npt.ArrayLike, std: npt.ArrayLike) -> Lifetime:
        """Lognormal distribution; ``mean`` and ``std`` are those of the lifetime, not of its logarithm."""
        return cls.of("lognormal", mean=mean, std=std)

    @classmethod
    def weibull(cls, shape: npt.ArrayLike, scale: npt.ArrayLike) -> Lifetime:
        """Weibull distribution with survival ``exp(-(age / scale) ** shape)``."""
        return cls.of("weibull", shape=shape, scale=scale)

    @classmethod
    def gamma(cls, mean: npt.ArrayLike, std: npt.ArrayLike) -> Lifetime:
        """Gamma distribution; ``mean`` and ``std`` are those of the lifetime."""
        return cls.of("gamma", mean=mean, std=std)

    def __eq__(self, other: object) -> bool:
        """Lifetimes are equal if distribution and parameters are."""
        if not isinstance(other, Lifetime):
            return NotImplemented
        return self.distribution == other.distribution and all(
            np.array_equal(mine, theirs) for mine, theirs in zip(self.parameters, other.parameters, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape to which the parameters broadcast."""
        return np.broadcast_shapes(*(values.shape for values in self.parameters))

    def survival(self, ages: npt.ArrayLike) -> Floats:
        """Return the share that is still there at each age [years].

        The result has the shape of ``ages`` followed by that of the parameters. Ages are not negative.
        """
        given = np.asarray(ages, dtype=np.float64)
        outer = given.reshape(given.shape + (1,) * len(self.shape))
        return self.paired(outer)

    def paired(self, ages: Floats) -> Floats:
        """Return the share still there where ages and parameters are broadcast against each other."""
        return _SURVIVAL[self.distribution](ages, *np.broadcast_arrays(*self.parameters))

    def mean(self) -> Floats:
        """Return the mean lifetime [years]; for the (folded) normal that of the distribution as it is used.

        >>> float(Lifetime.weibull(1, 30).mean())
        30.0
        """
        if self.distribution == "weibull":
            shape, scale = self.parameters
            return np.asarray(scale * gamma_function(1 + 1 / shape))
        if self.distribution == "folded_normal":
            mean, std = self.parameters
            density = std * np.sqrt(2 / np.pi) * np.exp(-((mean / std) ** 2) / 2)
            return np.asarray(density + mean * (1 - 2 * ndtr(-mean / std)))
        return np.broadcast_to(self.parameters[0], self.shape)

    def reshaped(self, change: Callable[[Floats], Floats]) -> Lifetime:
        """Return the same lifetime with every parameter passed through ``change`` (select, flatten, broadcast)."""
        return Lifetime(self.distribution, tuple(change(values) for values in self.parameters))
