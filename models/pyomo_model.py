"""The Pyomo model of a linear model in numpy tables; apart, so that who only builds tables does not wait for Pyomo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from models.array_components import ArrayConstraint, ArrayObjective, ArrayVar, Columns, KeySet, Matrix
from models.builder import Family, Linear


def to_pyomo(linear: Linear) -> pyo.ConcreteModel:
    """Return the Pyomo model: a Var per block, a Constraint per family, one objective.

    Families are kept as arrays until somebody looks at them (:mod:`models.array_components`); they are those of
    ``linear``, so no more is added to it afterwards.
    """
    model = pyo.ConcreteModel()
    starts = np.array([block.start for block in linear.blocks.values()], dtype=np.int64)
    columns = Columns([], starts)
    for block in linear.blocks.values():
        index = _add(model, f"{block.name}_index", KeySet(block.keys))
        columns.components.append(_add(model, block.name, ArrayVar(index, block.lower, block.upper, block.integer)))
    for family in linear.families.values():
        index = _add(model, f"{family.name}_index", KeySet(family.keys))
        _add(model, family.name, ArrayConstraint(index, _matrix(family, columns)))
    cost = np.concatenate([np.empty(0), *(block.cost for block in linear.blocks.values())])
    _add(model, "cost", ArrayObjective(columns, cost))
    return model


def _add(model: pyo.ConcreteModel, name: str, component: Any) -> Any:
    model.add_component(name, component)
    return component


def _matrix(family: Family, columns: Columns) -> Matrix:
    row, col, coef = family.row, family.col, family.coef
    if (np.diff(row) < 0).any():
        order = np.argsort(row, kind="stable")
        col, coef = col[order], coef[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(family.keys)))])
    return Matrix(columns, start, col, coef, family.lower, family.upper)
