"""Which inputs an answer hangs on: a ranking of uncertain inputs from the draws themselves.

The answer is regressed on the inputs, each in its own standard deviations. The squared standardised coefficient is
the share of the variance that an input explains (Saltelli et al. 2008, Global Sensitivity Analysis, section 1.2);
inputs are drawn independently, so shares of a group add up. Where the answer bends, its ranks are regressed
instead. The squared rank correlation, which asks one input at a time, stands beside it. With fewer draws than
inputs only the inputs of the highest rank correlation enter the regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

Floats: TypeAlias = NDArray[np.float64]

DRAWS_PER_INPUT = 1.25
"""Least draws per input for a regression on all of them."""

_CONSTANT = 1e-12


@dataclass(frozen=True)
class Influence:
    """What inputs do to answers; arrays (inputs, answers), and (answers) for ``explained``.

    ``share``: of the variance of the answer, from 0 to 1. ``correlation``: of ranks, with its sign. ``effect``: what
    one standard deviation more of the input adds to the answer, in its unit. ``explained``: share of the variance that
    all inputs together explain; what is missing is interplay of inputs and noise of the draws.
    """

    share: Floats
    correlation: Floats
    effect: Floats
    explained: Floats


def influence(normals: Floats, answers: Floats) -> Influence:
    """Return the influence of inputs, given as normal numbers (inputs, draws), on answers (answers, draws).

    >>> from flows.distributions import latin_hypercube, scores
    >>> inputs = scores(latin_hypercube(3, 2000, seed=1))
    >>> found = influence(inputs, (3 * inputs[0] - 4 * inputs[1])[None, :])
    >>> found.share[:, 0].round(2).tolist(), (found.effect[:, 0].round(6) + 0.0).tolist()
    ([0.36, 0.64, 0.0], [3.0, -4.0, 0.0])
    """
    normals, answers = np.atleast_2d(normals), np.atleast_2d(answers)
    inputs, draws = normals.shape
    correlation = _rank_correlation(normals, answers)
    share, effect = np.zeros((inputs, len(answers))), np.zeros((inputs, len(answers)))
    explained = np.zeros(len(answers))
    if draws < 4 or not inputs:
        return Influence(share, correlation, effect, explained)
    if draws >= DRAWS_PER_INPUT * inputs + 2:
        everything = np.arange(inputs)
        regression = _Regression(normals)
        for answer, values in enumerate(answers):
            _fill(share, effect, explained, answer, everything, regression, values)
        return Influence(share, correlation, effect, explained)
    most = max(int(draws / 4), 1)
    for answer, values in enumerate(answers):
        chosen = np.sort(np.argsort(-np.abs(correlation[:, answer]), kind="stable")[:most])
        _fill(share, effect, explained, answer, chosen, _Regression(normals[chosen]), values)
    return Influence(share, correlation, effect, explained)


class _Regression:
    """Ordinary least squares on the same inputs for many answers."""

    def __init__(self, normals: Floats) -> None:
        centred = (normals - normals.mean(axis=1, keepdims=True)).T
        self._centred = centred
        self._left, size, self._right = np.linalg.svd(centred, full_matrices=False)
        kept = size > size.max(initial=0.0) * 1e-10
        self._inverse = np.where(kept, 1.0 / np.where(kept, size, 1.0), 0.0)
        self._free = max(len(centred) - 1 - int(kept.sum()), 1)
        self._error = np.sum((self._right * self._inverse[:, None]) ** 2, axis=0)

    def of(self, values: Floats) -> tuple[Floats, Floats, float]:
        """Return slopes, shares of the variance less what noise feigns, and their sum."""
        deviation = values - values.mean()
        variance = float(deviation @ deviation)
        if variance <= (_CONSTANT * max(float(np.abs(values).max()), _CONSTANT)) ** 2 * len(values):
            nothing = np.zeros(self._centred.shape[1])
            return nothing, nothing, 0.0
        slope = self._right.T @ (self._inverse * (self._left.T @ deviation))
        rest = deviation - self._centred @ slope
        noise = float(rest @ rest) / self._free
        explained = max(1.0 - noise * (len(values) - 1) / variance, 0.0)
        squared = np.maximum(slope**2 - noise * self._error, 0.0)
        total = float(squared.sum())
        return slope, squared * (explained / total if total > 0 else 0.0), explained


def _fill(
    share: Floats,
    effect: Floats,
    explained: Floats,
    answer: int,
    chosen: NDArray[np.int64],
    regression: _Regression,
    values: Floats,
) -> None:
    slope, shares, total = regression.of(values)
    effect[chosen, answer] = slope
    if np.ptp(values) > 0:
        ranked = ndtri((_ranks(values) - 0.5) / len(values))
        _, of_ranks, total_of_ranks = regression.of(ranked)
        if total_of_ranks > total:
            shares, total = of_ranks, total_of_ranks
    share[chosen, answer], explained[answer] = shares, total


def _ranks(values: Floats) -> Floats:
    """Return ranks along the last axis from 1, equal values their mean."""
    table = pd.DataFrame(np.atleast_2d(values)).rank(axis=1).to_numpy(dtype=float)
    return np.asarray(table.reshape(values.shape))


def _rank_correlation(normals: Floats, answers: Floats) -> Floats:
    """Return Spearman's correlation of every input with every answer (inputs, answers)."""
    ranks = []
    for table in (normals, answers):
        ranked = _ranks(table)
        ranked = ranked - ranked.mean(axis=1, keepdims=True)
        length = np.sqrt((ranked**2).sum(axis=1, keepdims=True))
        ranks.append(ranked / np.where(length > 0, length, 1.0))
    return np.asarray(ranks[0] @ ranks[1].T)


def ranking(found: Influence, inputs: pd.DataFrame, answer: int = 0, by: str | None = None) -> pd.DataFrame:
    """Return the inputs of one answer, the most important first.

    Columns: rank, those of ``inputs`` (one row per input), share, correlation, effect. With ``by``, the name of a
    column of ``inputs``, shares of a group are added up (columns rank, ``by``, inputs, share, where ``inputs`` is
    their number).
    """
    table = inputs.reset_index(drop=True).assign(
        share=found.share[:, answer], correlation=found.correlation[:, answer], effect=found.effect[:, answer]
    )
    if by is not None:
        grouped = table.groupby(by, sort=True)["share"].agg(inputs="size", share="sum").reset_index()
        table = grouped
    strength = table["effect"].abs() if "effect" in table else table["share"]
    order = np.lexsort((-strength.to_numpy(), -table["share"].to_numpy()))
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table
