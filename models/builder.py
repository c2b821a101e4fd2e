"""Columns and rows of a linear model as numpy tables, and the Pyomo model made from them.

A :class:`Block` is one family of variables, a :class:`Family` one family of constraints; both carry a
table of keys, so every number in the matrix can be named. Pyomo gets whole rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from models.array_components import ArrayConstraint, ArrayObjective, ArrayVar, Columns, KeySet, Matrix

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
