"""Uncertain inputs: their distributions as quantile functions, Latin hypercube samples, and summaries of draws.

A value is turned into draws by its quantile function, so a sample is made once as uniform numbers
(stratified, seeded) and every distribution reads from it. Arrays run over inputs and draws.

Latin hypercube: McKay, Beckman & Conover (1979), Technometrics 21, 239-245.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import solve_triangular
from scipy.special import expit, logit, ndtr, ndtri

from flows.system_tables import DISTRIBUTIONS

Floats: TypeAlias = NDArray[np.float64]
Distribution: TypeAlias = str | Sequence[str] | NDArray[np.object_]

SUMMARY_COLUMNS = ["mean", "std", "median", "p5", "p95"]
Z90 = float(ndtri(0.95))
"""Standard deviations from the middle of a normal to the ends of its interval of 90 %."""

_SMALLEST = 1e-15
_NOTHING = 1e-12


class DistributionError(ValueError):
    """A distribution that cannot be: the message names the input by position and says why."""


def latin_hypercube(inputs: int, draws: int, seed: int) -> Floats:
    """Return stratified uniform numbers, shape (inputs, draws), each in the open interval from 0 to 1.

    Every input has exactly one number in each of ``draws`` strata of equal width, in an order of its own; where
    there are more draws than inputs, chance correlations between inputs are removed by reordering (Iman & Conover
    1982, Communications in Statistics 11, 311-334). The same arguments give the same numbers.

    >>> numbers = latin_hypercube(2, 4, seed=1)
    >>> [sorted((row * 4).astype(int).tolist()) for row in numbers]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    generator = np.random.default_rng(seed)
    strata = generator.permuted(np.tile(np.arange(draws, dtype=np.float64), (inputs, 1)), axis=1)
    numbers = (strata + generator.random((inputs, draws))) / max(draws, 1)
    return _unrelated(np.asarray(np.clip(numbers, _SMALLEST, 1.0 - _SMALLEST), dtype=np.float64))


def _unrelated(numbers: Floats) -> Floats:
    """Return the same numbers of every input in an order in which inputs are hardly correlated."""
    inputs, draws = numbers.shape
    if inputs < 2 or draws < inputs + 2:
        return numbers
    normals = ndtri(numbers)
    try:
        factor = np.linalg.cholesky(np.corrcoef(normals))
    except np.linalg.LinAlgError:
        return numbers
    order = np.argsort(np.argsort(solve_triangular(factor, normals, lower=True), axis=1), axis=1)
    return np.asarray(np.take_along_axis(np.sort(numbers, axis=1), order, axis=1))


def scores(uniforms: Floats) -> Floats:
    """Return standard normal numbers of the same ranks."""
    return np.asarray(ndtri(uniforms), dtype=np.float64)


def _inputs(
    distribution: Distribution, value: ArrayLike, std: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> tuple[NDArray[np.object_], Floats, Floats, Floats, Floats]:
    numbers = [np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (value, std, lower, upper)]
    names = np.atleast_1d(np.asarray(distribution, dtype=object))
    size = np.broadcast_shapes(names.shape, *(one.shape for one in numbers))
    value_, std_, lower_, upper_ = (np.broadcast_to(one, size) for one in numbers)
    names = np.broadcast_to(names, size)
    unknown = sorted(set(names.tolist()) - set(DISTRIBUTIONS))
    if unknown:
        raise DistributionError(f"no such distribution: {', '.join(map(str, unknown))}")
    return names, value_, std_, lower_, upper_


def _refuse(wrong: NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        raise DistributionError(f"input {int(np.flatnonzero(wrong)[0])}: {why}")


def _ends(
    value: Floats, std: Floats, lower: Floats, upper: Floats, halfwidth: float, what: str
) -> tuple[Floats, Floats]:
    """Return the ends of a bounded distribution; where they are blank, those of the symmetric one of that std."""
    reach = halfwidth * np.nan_to_num(std, nan=0.0)
    low = np.where(np.isnan(lower), value - reach, lower)
    high = np.where(np.isnan(upper), value + reach, upper)
    _refuse(np.isnan(low) | np.isnan(high), f"a {what} distribution needs lower and upper, or value and std")
    _refuse(low > high, f"the lower end of a {what} distribution lies above its upper end")
    return low, high


def _triangle(value: Floats, std: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = _ends(value, std, lower, upper, np.sqrt(6.0), "triangular")
    mode = np.where(np.isnan(value), (low + high) / 2, value)
    _refuse((mode < low) | (mode > high), "the mode of a triangular distribution lies outside its ends")
    return low, mode, high


def _log_moments(value: Floats, std: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the logarithm of a lognormal with mean ``value`` and ``std``."""
    _refuse(~(value > 0), "a lognormal distribution needs a mean above zero")
    spread = np.sqrt(np.log1p((std / value) ** 2))
    return np.log(value) - spread**2 / 2, spread


def _truncation(value: Floats, std: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats, Floats]:
    """Return both ends in standard deviations, mirrored into the left tail where that is exact, and the mirror (±1)."""
    low = (np.where(np.isnan(lower), -np.inf, lower) - value) / std
    high = (np.where(np.isnan(upper), np.inf, upper) - value) / std
    _refuse(low > high, "the lower end of a truncated normal lies above its upper end")
    mirror = np.where(low > 0, -1.0, 1.0)
    return np.where(low > 0, -high, low), np.where(low > 0, -low, high), mirror


def sample(
    distribution: Distribution,
    value: ArrayLike,
    std: ArrayLike = np.nan,
    lower: ArrayLike = np.nan,
    upper: ArrayLike = np.nan,
    *,
    uniforms: Floats,
) -> Floats:
    """Return draws, shape (inputs, draws), from uniform numbers of that shape.

    ``distribution`` (one for all, or one per input) is

    - ``normal``: mean ``value`` and ``std``; bounds do not cut it;
    - ``lognormal``: ``value`` and ``std`` are the mean and standard deviation of the quantity itself;
    - ``triangular``: mode ``value`` (blank: the middle), ends ``lower`` and ``upper``;
    - ``uniform``: from ``lower`` to ``upper``;
    - ``truncated_normal``: the normal of ``value`` and ``std``, cut at ``lower`` and ``upper`` (blank: open).

    Triangular and uniform without ends are the symmetric ones of that mean and standard deviation. A normal,
    lognormal or truncated normal with a blank or zero ``std`` is exact. Raises :class:`DistributionError`.

    >>> sample("uniform", np.nan, lower=[0, 10], upper=[1, 20], uniforms=np.array([[0.25, 0.5], [0.25, 0.5]])).tolist()
    [[0.25, 0.5], [12.5, 15.0]]
    """
    names, mean, deviation, low, high = _inputs(distribution, value, std, lower, upper)
    numbers = np.atleast_2d(uniforms)
    names = np.broadcast_to(names, len(numbers))
    mean, deviation, low, high = (np.broadcast_to(one, len(numbers)) for one in (mean, deviation, low, high))
    _refuse(deviation < 0, "a standard deviation below zero")
    exact = np.isin(names, ("normal", "lognormal", "truncated_normal")) & ~(deviation > 0)
    _refuse(exact & np.isnan(mean), "neither a value nor a spread is given")
    draws = np.empty(numbers.shape, dtype=np.float64)
    for name in DISTRIBUTIONS:
        rows = np.flatnonzero((names == name) & ~exact)
        if len(rows):
            try:
                draws[rows] = _quantile(name, mean[rows], deviation[rows], low[rows], high[rows], numbers[rows])
            except DistributionError as error:
                raise DistributionError(_at(str(error), rows)) from None
    draws[exact] = mean[exact, None]
    return draws


def _at(message: str, rows: NDArray[np.int64]) -> str:
    """Return a message about an input among ``rows`` as one about its position among all."""
    head, _, tail = message.partition(":")
    return f"input {int(rows[int(head.split()[-1])])}:{tail}"


def _quantile(name: str, value: Floats, std: Floats, lower: Floats, upper: Floats, numbers: Floats) -> Floats:
    if name == "normal":
        return np.asarray(value[:, None] + std[:, None] * ndtri(numbers))
    if name == "lognormal":
        middle, spread = _log_moments(value, std)
        return np.asarray(np.exp(middle[:, None] + spread[:, None] * ndtri(numbers)))
    if name == "uniform":
        low, high = _ends(value, std, lower, upper, np.sqrt(3.0), "uniform")
        return np.asarray(low[:, None] + (high - low)[:, None] * numbers)
    if name == "triangular":
        return _triangular_quantile(*_triangle(value, std, lower, upper), numbers)
    low, high, mirror = _truncation(value, std, lower, upper)
    under, over = ndtr(low)[:, None], ndtr(high)[:, None]
    ranks = np.where(mirror[:, None] > 0, numbers, 1.0 - numbers)
    inside = np.clip(ndtri(under + ranks * (over - under)), low[:, None], high[:, None])
    return np.asarray(value[:, None] + std[:, None] * mirror[:, None] * inside)


def _triangular_quantile(low: Floats, mode: Floats, high: Floats, numbers: Floats) -> Floats:
    width = high - low
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.where(width > 0, (mode - low) / width, 0.5)[:, None]
    rising = low[:, None] + np.sqrt(numbers * (width * (mode - low))[:, None])
    falling = high[:, None] - np.sqrt((1.0 - numbers) * (width * (high - mode))[:, None])
    return np.where(numbers < turn, rising, falling)


def moments(
    distribution: Distribution,
    value: ArrayLike,
    std: ArrayLike = np.nan,
    lower: ArrayLike = np.nan,
    upper: ArrayLike = np.nan,
) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each input, as :func:`sample` would draw it (exact formulas).

    >>> mean, std = moments("triangular", 2.0, lower=0.0, upper=4.0)
    >>> float(mean[0]), round(float(std[0]), 6)
    (2.0, 0.816497)
    """
    names, value_, std_, low_, high_ = _inputs(distribution, value, std, lower, upper)
    mean, deviation = np.array(value_), np.nan_to_num(np.array(std_), nan=0.0)
    for row in np.flatnonzero(names == "uniform"):
        mid, spread, under, over = (one[row : row + 1] for one in (value_, std_, low_, high_))
        low, high = _ends(mid, spread, under, over, np.sqrt(3.0), "uniform")
        mean[row], deviation[row] = (low[0] + high[0]) / 2, (high[0] - low[0]) / np.sqrt(12.0)
    for row in np.flatnonzero(names == "triangular"):
        a, c, b = (float(one[0]) for one in _triangle(*(one[row : row + 1] for one in (value_, std_, low_, high_))))
        mean[row] = (a + b + c) / 3
        deviation[row] = np.sqrt(max(a * a + b * b + c * c - a * b - a * c - b * c, 0.0) / 18)
    for row in np.flatnonzero((names == "truncated_normal") & (deviation > 0)):
        low, high, mirror = _truncation(*(one[row : row + 1] for one in (value_, std_, low_, high_)))
        centre, width = _truncated_moments(float(low[0]), float(high[0]))
        mean[row], deviation[row] = value_[row] + std_[row] * mirror[0] * centre, std_[row] * width
    return mean, deviation


def _truncated_moments(low: float, high: float) -> tuple[float, float]:
    """Return mean and standard deviation of the standard normal between two ends (Johnson, Kotz & Balakrishnan)."""
    inside = float(ndtr(high) - ndtr(low))
    if inside <= 0:
        end = high if abs(high) < abs(low) else low
        return end, 0.0
    at_low, at_high = (np.exp(-end * end / 2) / np.sqrt(2 * np.pi) for end in (low, high))
    mean = float((at_low - at_high) / inside)
    lower_term = low * at_low if np.isfinite(low) else 0.0
    upper_term = high * at_high if np.isfinite(high) else 0.0
    variance = 1.0 + float(lower_term - upper_term) / inside - mean * mean
    return mean, float(np.sqrt(max(variance, 0.0)))


Scale: TypeAlias = Literal["log", "logit", "linear"]


def halfwidths(value: Floats, low: Floats, high: Floats, scale: Scale) -> tuple[Floats, Floats]:
    """Return how far one standard deviation reaches below and above ``value`` on a scale.

    ``low`` and ``high`` are the ends of an interval of 90 %, the value its median; a blank end counts as the value.
    Where an end lies on the limit of the scale (a share of 0 or 1, an amount of 0) the reach is infinite, see
    :func:`around`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(np.isnan(low), value, np.minimum(low, value))
        high = np.where(np.isnan(high), value, np.maximum(high, value))
        moved = [
            one if scale == "linear" else np.log(one) if scale == "log" else logit(one) for one in (value, low, high)
        ]
        below = np.where(low < value, (moved[0] - moved[1]) / Z90, 0.0)
        above = np.where(high > value, (moved[2] - moved[0]) / Z90, 0.0)
    return below, above


def around(value: Floats, below: Floats, above: Floats, normals: Floats, scale: Scale) -> Floats:
    """Return draws whose median is ``value``, shape (inputs, draws), from standard normal numbers.

    On the scale the draws are a normal in two pieces: ``below`` standard deviations to the left, ``above`` to the
    right (from :func:`halfwidths`), so an interval of 90 % is met exactly, lopsided or not, amounts stay above zero
    and shares inside 0 and 1. Where a reach is infinite the piece runs straight to the limit and stops there.

    >>> value, low, high = np.array([0.2]), np.array([0.1]), np.array([0.5])
    >>> ends = np.array([[-Z90, 0.0, Z90]])
    >>> np.round(around(value, *halfwidths(value, low, high, "logit"), ends, "logit"), 6).tolist()
    [[0.1, 0.2, 0.5]]
    """
    steps = np.where(normals < 0, below[:, None], above[:, None])
    bounded = np.isfinite(steps)
    steps = np.where(bounded, steps, 0.0) * normals
    start = value[:, None]
    with np.errstate(divide="ignore"):
        if scale == "linear":
            drawn = start + steps
        else:
            drawn = start * np.exp(steps) if scale == "log" else expit(logit(start) + steps)
    if not bounded.all():
        room = np.where(normals < 0, start, 1.0 - start if scale == "logit" else 0.0)
        straight = np.clip(start + room * normals / Z90, 0.0, 1.0 if scale == "logit" else None)
        drawn = np.where(bounded, drawn, straight)
    return np.asarray(np.where(steps == 0.0, np.where(bounded, start, drawn), drawn), dtype=np.float64)


def closed(
    draws: Floats, sets: NDArray[np.int64], rest: NDArray[np.bool_], exact: NDArray[np.bool_], total: Floats
) -> Floats:
    """Return shares, shape (shares, draws), that add up to the total of their set in every draw.

    ``sets``: number of the set of every share; ``total``: what each set adds up to, (sets) or (sets, draws). The share marked
    ``rest`` takes what the others leave. Where they leave nothing, and in sets without a rest, the exact ones
    stay and the others are scaled to fill what is left.

    >>> drawn = np.array([[0.5], [0.4], [0.9], [0.2]])
    >>> closed(drawn, np.array([0, 0, 1, 1]), np.array([False, True, False, False]),
    ...        np.array([False, False, False, True]), np.ones(2)).round(9).ravel().tolist()
    [0.5, 0.5, 0.8, 0.2]
    """
    if not len(draws):
        return draws
    rows, size = np.arange(len(sets)), len(total)

    def summed(chosen: NDArray[np.bool_]) -> Floats:
        return np.asarray(sparse.csr_matrix((chosen.astype(float), (sets, rows)), shape=(size, len(rows))) @ draws)

    fixed, free = summed(exact & ~rest), summed(~exact & ~rest)
    room = np.maximum((total if total.ndim > 1 else total[:, None]) - fixed, 0.0)
    has_rest = (np.bincount(sets, weights=rest, minlength=size) > 0)[:, None]
    fits = has_rest & (free <= room)
    factor = np.where(fits | (free <= _NOTHING), 1.0, room / np.maximum(free, _NOTHING))
    left = np.where(fits, room - free, 0.0)
    scaled = np.where(exact[:, None], draws, draws * factor[sets])
    open_rows = ~exact & ~rest
    bare = ~fits & (free <= _NOTHING) & (room > 0)
    if bare.any():
        # All that could give way was drawn as nothing: they share what is left.
        count = np.maximum(np.bincount(sets, weights=open_rows, minlength=size), 1.0)[:, None]
        scaled = np.where(open_rows[:, None] & bare[sets], (room / count)[sets], scaled)
    return np.asarray(np.where(rest[:, None], left[sets], scaled))


def summary(draws: Floats) -> pd.DataFrame:
    """Return mean, std, median and the 5th and 95th percentile of every row of draws, shape (quantities, draws).

    ``std`` is that of the sample (n - 1); 0 for a single draw.

    >>> summary(np.array([[1.0, 2.0, 3.0]])).loc[0, ["mean", "median", "std"]].tolist()
    [2.0, 2.0, 1.0]
    """
    draws = np.atleast_2d(draws)
    p5, median, p95 = np.quantile(draws, [0.05, 0.5, 0.95], axis=1)
    std = draws.std(axis=1, ddof=1) if draws.shape[1] > 1 else np.zeros(len(draws))
    return pd.DataFrame({"mean": draws.mean(axis=1), "std": std, "median": median, "p5": p5, "p95": p95})
