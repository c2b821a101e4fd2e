"""What a plan is asked to make as small, or as large, as possible, and the budget that it must keep.

The model is always minimised: ``objective_vector`` is what stands in the objective, with the sign turned where more
is better. Whatever it is, money stays known (``form.money``): a second step keeps what was reached (row ``asked``)
and makes the plan as cheap as it can be. Rates are ratios: N - r D is raised for a given r (see
:mod:`models.pursuit`). Fair cost has columns and rows of its own (:mod:`models.fair`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.indicator_names import INDICATORS_BY_NAME
from models.fair import add_fair
from models.formulation_parts import MILLION, Formulation
from models.formulation_targets import rate_terms
from models.indicators import Side, indicator_vector

Array = np.ndarray[Any, np.dtype[np.float64]]
MORE_IS_BETTER = frozenset({"rate", "jobs", "value_kept", "material_avoided"})
POLICY = ("budget", "asked", "worst", "rest", "fair", "rest_of_year")
"""Rows and columns that this module adds."""


@dataclass(frozen=True)
class Asked:
    """What is asked of the model beside targets and limits.

    ``ratio``: the rate that N - rate * D is raised from. ``most``: value of the objective that must not be exceeded,
    while cost is minimised. ``reference``: year, municipality, cost_per_household that increases are counted from.
    ``margin``: share by which budget and limits are tightened in a model that only approximates them.
    """

    objective: str = "cost"
    ratio: float = 0.0
    most: float | None = None
    reference: pd.DataFrame | None = None
    margin: float = 0.0


def add_objective(form: Formulation, asked: Asked) -> None:
    """Add the budget, and put what is asked into the objective."""
    budget = form.case.settings["budget"]
    if budget is not None:
        top = float(budget) / MILLION
        _add_row(form, "budget", indicator_vector(form, "cost"), top - asked.margin * abs(top))
    if asked.objective == "cost":
        return
    if asked.objective == "fair":
        if asked.reference is None:
            raise ValueError("fair cost needs the reference that increases are counted from")
        add_fair(form, asked.reference)
    vector = objective_vector(form, asked)
    if asked.most is not None:
        _add_row(form, "asked", vector, asked.most)
        vector = indicator_vector(form, "cost")
    set_costs(form, vector)


def _add_row(form: Formulation, name: str, vector: Array, upper: float) -> None:
    cols = np.flatnonzero(vector)
    row = pd.DataFrame({"what": [name]})
    form.linear.add_rows(name, row, [pd.DataFrame({"what": name, "col": cols, "coef": vector[cols]})], upper=upper)


def set_costs(form: Formulation, vector: Array) -> None:
    """Put a vector into the objective; blocks may be shared with other models, so they are replaced."""
    blocks = form.linear.blocks
    for name, block in list(blocks.items()):
        blocks[name] = replace(block, cost=vector[block.start : block.start + block.size].copy())


def objective_vector(form: Formulation, asked: Asked) -> Array:
    """Return what is minimised, over the columns of ``form``."""
    name = asked.objective
    if name == "fair":
        vector = np.zeros(form.linear.columns)
        vector[form.block("worst").start] = 1.0
        return vector
    if name == "rate":
        up, down = rate_vectors(form)
        return asked.ratio * down - up
    # A bound must not be worse than the objective, a plan not better.
    side: Side = "high" if (name in MORE_IS_BETTER) != form.decided else "low"
    sign = -1.0 if name in MORE_IS_BETTER else 1.0
    return sign * indicator_vector(form, name, side=side)


def rate_vectors(form: Formulation) -> tuple[Array, Array]:
    """Return numerator and denominator [kt] of the case's own rate in the last plan year."""
    case = form.case
    scope, method = str(case.settings["scope"]), str(case.settings["method"])
    terms = rate_terms(form, scope, method, "", case.plan_years[-1])
    found = []
    for part in (terms[terms["term"] == 0], terms[terms["term"] > 0]):
        vector = np.zeros(form.linear.columns)
        np.add.at(vector, part["col"].to_numpy(dtype=np.int64), part["coef"].to_numpy(dtype=float))
        found.append(vector)
    return found[0], found[1]


def shown(name: str, value: float) -> float:
    """Return a value of the minimised objective as the sheet has it: in its unit, more is more."""
    sign = -1.0 if name in MORE_IS_BETTER else 1.0
    scale = INDICATORS_BY_NAME[name].scale if name in INDICATORS_BY_NAME else 1.0
    return sign * value * scale
