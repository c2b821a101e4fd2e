"""What is asked of a plan beyond its targets and limits: rows over totals, another objective, distance from plans.

A :class:`Wish` is laid over a formulation without touching it: columns and the rows of everything physical stay
shared, so one solver session can be asked wish after wish (:mod:`models.kept`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.builder import Family, Linear
from models.formulation_parts import Formulation

Array = np.ndarray[Any, np.dtype[np.float64]]
Vector = Callable[[Formulation], Array]
"""A linear form of the columns of whatever formulation it is asked of."""
LEAST = "least"
"""Block of the one column that is as small as the smallest distance."""


@dataclass(frozen=True)
class Row:
    """One row over a vector: lower <= vector @ columns <= upper. ``physical`` rows also bind when decisions are fixed."""

    name: str
    vector: Vector
    lower: float = -np.inf
    upper: float = np.inf
    physical: bool = False


@dataclass(frozen=True)
class Distance:
    """How far a plan is from a known one: vector @ columns + constant."""

    vector: Vector
    constant: float


@dataclass(frozen=True)
class Wish:
    """Rows to keep, and what to minimise: ``objective`` (None: cost), less the smallest of ``distances`` if there are any."""

    rows: tuple[Row, ...] = ()
    objective: Vector | None = None
    distances: tuple[Distance, ...] = ()


NOTHING = Wish()


def with_wish(form: Formulation, wish: Wish) -> Formulation:
    """Return a formulation with a wish laid over it; ``form`` stays as it is."""
    if wish == NOTHING:
        return form
    linear = replace(form.linear, blocks=dict(form.linear.blocks), families=dict(form.linear.families))
    asked = replace(form, linear=linear)
    columns = form.linear.columns
    if wish.objective is not None:
        _minimise(linear, wish.objective(form))
    if wish.distances:
        keys = pd.DataFrame({"name": ["least distance"]})
        linear.add_block(LEAST, keys, lower=-np.inf, cost=-1.0)
    for position, row in enumerate(wish.rows):
        add_row(linear, f"wish_{position}", row.name, row.vector(form), row.lower, row.upper)
    for position, distance in enumerate(wish.distances):
        vector = np.append(distance.vector(form), -1.0)
        add_row(linear, f"distance_{position}", "distance", vector, -distance.constant, np.inf)
    assert linear.columns - columns == bool(wish.distances)  # noqa: S101  (what the session counts on)
    return asked


def _minimise(linear: Linear, cost: Array) -> None:
    """Give every block its part of another objective; the blocks of the plain formulation keep theirs."""
    for name, block in linear.blocks.items():
        linear.blocks[name] = replace(block, cost=cost[block.start : block.start + block.size].copy())


def add_row(linear: Linear, family: str, name: str, vector: Array, lower: float, upper: float) -> None:
    """Add a row over all columns as a family of its own."""
    used = np.flatnonzero(vector)
    linear.families[family] = Family(
        family,
        pd.DataFrame({"name": [name]}),
        np.zeros(len(used), dtype=np.int64),
        used.astype(np.int64),
        vector[used],
        np.array([lower], dtype=float),
        np.array([upper], dtype=float),
    )
