"""Columns and rows of a linear model as numpy tables, and the Pyomo model made from them.

A :class:`Block` is one family of variables, a :class:`Family` one family of constraints; both carry a
table of keys, so every number in the matrix can be named. Pyomo gets whole rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Block:
    """A family of variables: ``keys`` names them, ``start`` is the first column."""

    name: str
    keys: pd.DataFrame
    start: int
    lower: Array
    upper: Array
    cost: Array
    integer: np.ndarray[Any, np.dtype[np.bool_]]

    @property
    def size(self) -> int:
        """Number of variables."""
        return len(self.keys)

    @property
    def columns(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Column numbers of the variables, in the order of ``keys``."""
        return np.arange(self.start, self.start + self.size)

    def table(self) -> pd.DataFrame:
        """Return keys with a column ``col`` of column numbers."""
        return self.keys.assign(col=self.columns)


@dataclass
class Family:
    """A family of constraints lower <= sum(coef * column) <= upper; ``row`` counts from zero."""

    name: str
    keys: pd.DataFrame
    row: np.ndarray[Any, np.dtype[np.int64]]
    col: np.ndarray[Any, np.dtype[np.int64]]
    coef: Array
    lower: Array
    upper: Array


@dataclass
class Linear:
    """A linear or mixed-integer model under construction: blocks of columns and families of rows."""

    blocks: dict[str, Block] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    columns: int = 0

    def add_block(
        self,
        name: str,
        keys: pd.DataFrame,
        *,
        lower: float | Array = 0.0,
        upper: float | Array = np.inf,
        cost: float | Array = 0.0,
        integer: bool | Any = False,
    ) -> Block:
        """Add a family of variables and return it."""
        size = len(keys)
        block = Block(
            name,
            keys.reset_index(drop=True),
            self.columns,
            np.broadcast_to(np.asarray(lower, dtype=float), size).copy(),
            np.broadcast_to(np.asarray(upper, dtype=float), size).copy(),
            np.broadcast_to(np.asarray(cost, dtype=float), size).copy(),
            np.broadcast_to(np.asarray(integer, dtype=bool), size).copy(),
        )
        self.blocks[name] = block
        self.columns += size
        return block

    def add_rows(
        self,
        name: str,
        keys: pd.DataFrame,
        entries: Iterable[pd.DataFrame],
        *,
        lower: float | Array = -np.inf,
        upper: float | Array = np.inf,
    ) -> None:
        """Add a family of constraints.

        Every frame of ``entries`` has the columns of ``keys`` and ``col``, ``coef``; entries whose key is
        not in ``keys`` are left out, entries of one row and column add up. Rows without entries are kept
        out of the model if they hold at zero, otherwise they stay (and make it infeasible, as they should).
        """
        names = list(keys.columns)
        keys = keys.reset_index(drop=True)
        size = len(keys)
        numbered = keys.assign(row=np.arange(size))
        parts = [part for part in entries if len(part)]
        if parts:
            table = pd.concat([part[[*names, "col", "coef"]] for part in parts], ignore_index=True)
            table = table.merge(numbered, on=names)
            table = table.groupby(["row", "col"], as_index=False, sort=True)["coef"].sum()
            table = table[table["coef"] != 0]
        else:
            table = pd.DataFrame({"row": [], "col": [], "coef": []})
        low = np.broadcast_to(np.asarray(lower, dtype=float), size).copy()
        high = np.broadcast_to(np.asarray(upper, dtype=float), size).copy()
        used = np.zeros(size, dtype=bool)
        used[table["row"].to_numpy(dtype=np.int64)] = True
        keep = used | (low > 1e-9) | (high < -1e-9)
        renumber = np.cumsum(keep) - 1
        self.families[name] = Family(
            name,
            keys[keep].reset_index(drop=True),
            renumber[table["row"].to_numpy(dtype=np.int64)],
            table["col"].to_numpy(dtype=np.int64),
            table["coef"].to_numpy(dtype=float),
            low[keep],
            high[keep],
        )


def _labels(keys: pd.DataFrame) -> list[Any]:
    """Return index labels: tuples of the keys, or single values for one key column."""
    columns = [keys[name].tolist() for name in keys.columns]
    return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


def to_pyomo(linear: Linear) -> pyo.ConcreteModel:
    """Return the Pyomo model: a Var per block, a Constraint per family, one objective.

    The garbage collector rests meanwhile; it would take most of the time.
    """
    with PauseGC():
        model = pyo.ConcreteModel()
        variables: list[Any] = []
        costs: list[float] = []
        for block in linear.blocks.values():
            labels = _labels(block.keys)
            index = pyo.Set(initialize=labels, dimen=max(1, block.keys.shape[1]), ordered=True)
            model.add_component(f"{block.name}_index", index)
            # Zero as the lower bound is part of the domain; only other bounds are set one by one.
            signed = bool((block.lower < 0.0).any())
            variable = pyo.Var(index, domain=pyo.Reals if signed else pyo.NonNegativeReals)
            model.add_component(block.name, variable)
            data = list(variable.values())
            for position in np.flatnonzero(np.isfinite(block.lower) & (signed | (block.lower > 0.0))).tolist():
                data[position].setlb(float(block.lower[position]))
            for position in np.flatnonzero(np.isfinite(block.upper)).tolist():
                data[position].setub(float(block.upper[position]))
            for position in np.flatnonzero(block.integer).tolist():
                data[position].domain = pyo.Integers if signed else pyo.NonNegativeIntegers
            variables.extend(data)
            costs.extend(block.cost.tolist())
        for family in linear.families.values():
            _add_constraints(model, family, variables)
        used = [position for position, cost in enumerate(costs) if cost != 0.0]
        model.cost = pyo.Objective(
            expr=LinearExpression(
                constant=0.0,
                linear_coefs=[costs[position] for position in used],
                linear_vars=[variables[position] for position in used],
            ),
            sense=pyo.minimize,
        )
    return model


def _add_constraints(model: pyo.ConcreteModel, family: Family, variables: list[Any]) -> None:
    labels = _labels(family.keys)
    order = np.argsort(family.row, kind="stable")
    columns = family.col[order].tolist()
    coefs = family.coef[order].tolist()
    ends = np.cumsum(np.bincount(family.row, minlength=len(labels))).tolist()
    index = pyo.Set(initialize=labels, dimen=max(1, family.keys.shape[1]), ordered=True)
    model.add_component(f"{family.name}_index", index)

    def rows() -> Iterator[Any]:
        start = 0
        for end, low, high in zip(ends, family.lower.tolist(), family.upper.tolist(), strict=True):
            body = LinearExpression(
                linear_coefs=coefs[start:end], linear_vars=[variables[column] for column in columns[start:end]]
            )
            start = end
            if low == high:
                yield body == low
            elif low == -np.inf:
                yield body <= high
            elif high == np.inf:
                yield body >= low
            else:
                yield (low, body, high)

    row = rows()
    model.add_component(family.name, pyo.Constraint(index, rule=lambda _, *label: next(row)))
