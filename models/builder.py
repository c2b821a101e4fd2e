"""Columns and rows of a linear model as numpy tables; :mod:`models.pyomo_model` makes the Pyomo model from them.

A :class:`Block` is one family of variables, a :class:`Family` one family of constraints; both carry a
table of keys, so every number in the matrix can be named. Pyomo gets whole rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.coding import Coder, Codes, pairs

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

    def rows(self, name: str) -> slice:
        """Return where the rows of a family stand among all rows; an empty slice without such a family."""
        start = 0
        for family in self.families.values():
            if family.name == name:
                return slice(start, start + len(family.keys))
            start += len(family.keys)
        return slice(0, 0)

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
        keys = keys.reset_index(drop=True)
        size = len(keys)
        coder = Coder(keys, list(keys.columns))
        rows, cols, coefs = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)], [np.empty(0)]
        for part in entries:
            if len(part):
                entry, row = pairs(coder.of(part), coder.codes)
                rows.append(row)
                cols.append(part["col"].to_numpy()[entry].astype(np.int64))
                coefs.append(part["coef"].to_numpy()[entry].astype(float))
        row, col, coef = _added_up(np.concatenate(rows), np.concatenate(cols), np.concatenate(coefs), self.columns)
        low = np.broadcast_to(np.asarray(lower, dtype=float), size).copy()
        high = np.broadcast_to(np.asarray(upper, dtype=float), size).copy()
        used = np.zeros(size, dtype=bool)
        used[row] = True
        keep = used | (low > 1e-9) | (high < -1e-9)
        renumber = np.cumsum(keep) - 1
        self.families[name] = Family(
            name, keys[keep].reset_index(drop=True), renumber[row], col, coef, low[keep], high[keep]
        )


def _added_up(row: Codes, col: Codes, coef: Array, columns: int) -> tuple[Codes, Codes, Array]:
    """Return entries in the order of rows and columns, those of one place added up; zeros are left out."""
    place = row * max(columns, 1) + col
    order = np.argsort(place, kind="stable")
    place = place[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    if not len(first):
        return row, col, coef
    total = np.add.reduceat(coef[order], first)
    order, total = order[first][total != 0], total[total != 0]
    return row[order], col[order], total
