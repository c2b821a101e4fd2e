"""Rows that may be missed at a price: what cannot be kept is measured instead of refused.

A plan made for one scenario may miss a target in another, or find too little room there. A softened model has a
column ``short`` for each row of some families: how much the row is missed by [kt], at a price or as little as can be.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from models.builder import Family
from models.formulation_parts import MILLION, Formulation, discounts

Array = np.ndarray[Any, np.dtype[np.float64]]

TARGETS = ("target",)
ROOM = ("capacity", "least_load", "limit", "contract", "content", "pinned_open")
"""Families of what there is room for or bound to; they are softened only to say why a plan cannot run."""
SHORT, LACK = "short", "lack"
"""Columns by which targets, and by which room, are missed."""


def softened(form: Formulation, families: Collection[str], price: float = 0.0, name: str = SHORT) -> Formulation:
    """Return the model with a block ``name`` (keys family, row), last of all, for every row of ``families``.

    ``price`` is what a tonne costs [currency/t], discounted to the year of its row where that has one. Columns and
    rows of ``form`` are shared, not copied.
    """
    soft = [form.linear.families[one] for one in families if one in form.linear.families]
    keys = [pd.DataFrame({"family": family.name, "row": np.arange(len(family.keys))}) for family in soft]
    if not keys:
        return form
    linear = replace(form.linear, blocks=dict(form.linear.blocks), families=dict(form.linear.families))
    cost = np.concatenate([_prices(form, family, price) for family in soft])
    block = linear.add_block(name, pd.concat(keys, ignore_index=True), cost=cost)
    first = block.start
    for family in soft:
        count = len(family.keys)
        # A row that asks for at least something is helped from below, one that allows at most something from above.
        sign = np.where(np.isfinite(family.lower), 1.0, -1.0)
        linear.families[family.name] = replace(
            family,
            row=np.concatenate([family.row, np.arange(count)]),
            col=np.concatenate([family.col, np.arange(first, first + count)]),
            coef=np.concatenate([family.coef, sign]),
        )
        first += count
    return replace(form, linear=linear)


def _prices(form: Formulation, family: Family, price: float) -> Array:
    """Return what a kt costs in millions, for every row of a family."""
    per_kt = np.full(len(family.keys), price * 1000.0 / MILLION)
    if "year" in family.keys:
        per_kt *= family.keys["year"].map(discounts(form.case)).to_numpy(dtype=float)
    return per_kt


def own_columns(form: Formulation) -> int:
    """Return how many columns the model has without those that soften it, which come last."""
    return min(
        [form.block(name).start for name in (SHORT, LACK) if name in form.linear.blocks], default=form.linear.columns
    )


def missed(form: Formulation, values: Array) -> pd.DataFrame:
    """Return the targets of a model with what is missing: scope, method, municipality, year, goal, short_t.

    What is missing is computed from the flows, so it does not matter whether the model was softened.
    """
    family = form.linear.families.get("target")
    if family is None or form.targets.empty:
        return form.targets.iloc[:0].assign(short_t=np.empty(0))
    own = family.col < own_columns(form)
    reached = np.bincount(
        family.row[own], weights=family.coef[own] * values[family.col[own]], minlength=len(family.keys)
    )
    short = np.maximum(family.lower - reached, 0.0) * 1000.0
    short[short <= tolerance(form)] = 0.0
    return form.targets.merge(family.keys.assign(short_t=short), on=list(family.keys.columns))


def tolerance(form: Formulation) -> float:
    """Return from how many tonnes on a target counts as missed: a ten-millionth of the waste."""
    waste = form.supply.years.groupby(["scheme", "year"])["kt"].sum().max() if len(form.supply.years) else 0.0
    return 1e-4 * max(1.0, float(waste))
