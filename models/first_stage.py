"""Decisions that are taken before it is known which scenario comes: schemes and steps of facilities until some year.

They mean the same in every scenario. What a scenario takes away, a facility or the waste of a source, is not there in
it, whatever was decided; a scheme that is not lawful in one of the scenarios cannot be decided for any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import Block
from models.formulation_parts import Decisions, Formulation
from models.reading import decisions_of

Array = np.ndarray[Any, np.dtype[np.float64]]
SCHEME_KEY = [*SOURCE, "scheme", "period"]
STEP_KEY = ["facility", "size", "period"]


def open_until(form: Formulation, block: Block, until: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which columns of ``x`` or ``on`` are decisions taken at once: open, in a period begun by ``until``."""
    period = block.keys["period"]
    inside = (period <= until) & ~period.isin(form.time.frozen)
    return np.asarray(inside, dtype=bool)


def free_steps(block: Block) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which steps the scenario leaves open; the others stand, or are closed, by its data."""
    return np.asarray(block.lower < block.upper)


def first_stage(form: Formulation, values: Array, until: int) -> Decisions:
    """Return the decisions of a solution that are taken at once."""
    decided = decisions_of(form, values)
    x, on = form.block("x"), form.block("on")
    schemes = decided.schemes[open_until(form, x, until)]
    steps = decided.steps[open_until(form, on, until) & free_steps(on)]
    return Decisions(schemes.reset_index(drop=True), steps.reset_index(drop=True))


@dataclass(frozen=True)
class Held:
    """Bounds of the columns ``x`` and ``on`` under decisions taken before; ``undecided`` where some are still open.

    ``refused`` names decisions that the scenario does not allow, as (kind, what, period).
    """

    x: tuple[Array, Array]
    on: tuple[Array, Array]
    undecided: bool
    refused: tuple[tuple[str, str, int], ...]


def held(form: Formulation, first: Decisions, until: int) -> Held:
    """Return the bounds of a scenario's decisions when ``first`` was decided.

    A source that ``first`` does not know (it has no waste elsewhere) decides for itself; what stands and was not
    decided on stays; a new step that was not decided on is not built.
    """
    x, on = form.block("x"), form.block("on")
    now = open_until(form, x, until)
    shares = x.keys.merge(first.schemes, on=SCHEME_KEY, how="left")["share"].to_numpy(dtype=float)
    at = [*SOURCE, "period"]
    known = pd.MultiIndex.from_frame(x.keys[at]).isin(pd.MultiIndex.from_frame(first.schemes[at]))
    fixed = now & known
    value = np.nan_to_num(shares)
    x_lower, x_upper = np.where(fixed, value, x.lower), np.where(fixed, value, x.upper)
    refused = _refused(form, first, fixed & ((value < x.lower - 1e-9) | (value > x.upper + 1e-9)), fixed, value)
    step_now = open_until(form, on, until) & free_steps(on)
    wanted = on.keys.merge(first.steps, on=STEP_KEY, how="left")["on"].to_numpy(dtype=float)
    stands = form.case["facilities"].set_index("facility")["state"].eq("existing")
    built = on.keys["facility"].map(stands).to_numpy(dtype=bool) & on.keys["size"].eq("existing").to_numpy()
    wanted = np.where(np.isnan(wanted), built.astype(float), wanted)
    on_lower, on_upper = np.where(step_now, wanted, on.lower), np.where(step_now, wanted, on.upper)
    open_x = (~fixed & (x_lower < x_upper)).any()
    return Held((x_lower, x_upper), (on_lower, on_upper), bool(open_x or (on_lower < on_upper).any()), refused)


def _refused(form: Formulation, first: Decisions, outside: Array, fixed: Array, value: Array) -> Any:
    """Return schemes that were decided but cannot run here: outside their bounds, or not among the columns at all."""
    x = form.block("x")
    at = [*SOURCE, "period"]
    found = [("scheme", f"{row.municipality} {row.scheme}", int(row.period)) for row in x.keys[outside].itertuples()]
    total = x.keys[at].assign(share=value)[fixed].groupby(at, as_index=False)["share"].sum()
    lacking = total[total["share"] < 1.0 - 1e-6][at]
    if len(lacking):
        gone = first.schemes[first.schemes["share"] > 1e-9].merge(lacking, on=at)
        gone = gone.merge(x.keys.assign(there=True), on=SCHEME_KEY, how="left")
        gone = gone[gone["there"].isna()]
        found += [("scheme", f"{row.municipality} {row.scheme}", int(row.period)) for row in gone.itertuples()]
    return tuple(found)


def with_bounds(form: Formulation, bounds: Held) -> Formulation:
    """Return the model with these bounds of ``x`` and ``on``."""
    blocks = dict(form.linear.blocks)
    for name, (lower, upper) in (("x", bounds.x), ("on", bounds.on)):
        blocks[name] = replace(blocks[name], lower=lower, upper=upper)
    return replace(form, linear=replace(form.linear, blocks=blocks))


def decided(form: Formulation, bounds: Held) -> Decisions:
    """Return all decisions of a scenario in which nothing is left open."""
    x, on = form.block("x"), form.block("on")
    return Decisions(
        x.keys[SCHEME_KEY].assign(share=bounds.x[0]),
        on.keys[STEP_KEY].assign(on=np.round(bounds.on[0])),
    )
