"""Measures of a plan over scenarios: expected cost, CVaR, the worst case, regret.

CVaR is the mean of the dearest part 1 - ``alpha`` of the cases (Rockafellar and Uryasev, Optimization of conditional
value-at-risk, Journal of Risk 2, 2000): with ``alpha`` 0 it is the expected cost, towards 1 the worst case.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Measure = Literal["expected", "cvar", "worst", "regret"]
MEASURES: tuple[Measure, ...] = ("expected", "cvar", "worst", "regret")


def expected(costs: Array, weights: Array) -> float:
    """Return the mean of costs by weights that add up to one; a case without weight has no say.

    >>> expected(np.array([1.0, 5.0]), np.array([0.75, 0.25]))
    2.0
    """
    likely = weights > 0
    return float(costs[likely] @ weights[likely])


def cvar(costs: Array, weights: Array, alpha: float) -> float:
    """Return the mean cost of the dearest part 1 - ``alpha`` of the cases; ``alpha`` 1 is the dearest likely one.

    Of the dearest fifth below, half is the case of cost 9 and half that of cost 5:

    >>> cvar(np.array([1.0, 5.0, 9.0]), np.array([0.6, 0.3, 0.1]), 0.8)
    7.0
    """
    likely = weights > 0
    order = np.argsort(costs[likely])[::-1]
    dear, part = costs[likely][order], weights[likely][order]
    tail = 1.0 - alpha
    if tail <= 1e-12:
        return float(dear[0])
    before = np.concatenate([[0.0], np.cumsum(part)[:-1]])
    counted = np.clip(tail - before, 0.0, part)
    return round(float(dear @ counted / counted.sum()), 9)


def measured(
    costs: Array, weights: Array, best: Array, measure: Measure, alpha: float = 0.9, risk_weight: float = 1.0
) -> float:
    """Return what a plan is judged by: ``costs`` and ``best`` are its cost and the least cost in each scenario.

    ``risk_weight`` r mixes CVaR with the expected cost: (1 - r) expected + r CVaR. The worst case and the largest
    regret look at every scenario, also at those without weight.
    """
    if measure == "expected":
        return expected(costs, weights)
    if measure == "cvar":
        return (1.0 - risk_weight) * expected(costs, weights) + risk_weight * cvar(costs, weights, alpha)
    return float(np.max(costs - best if measure == "regret" else costs))
