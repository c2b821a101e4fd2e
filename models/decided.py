"""Decisions as a table of a run: enough to carry a plan out again without searching.

What is decided is few things: the scheme of every source by period, the steps of facilities by period, and, of a model
in which every haul is known by place, its other whole choices (which destination, which purchase). All else follows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import Block
from models.formulation_parts import Decisions, Formulation
from models.highs import Arrays

Array = np.ndarray[Any, np.dtype[np.float64]]
COLUMNS = ["kind", *SOURCE, "scheme", "facility", "size", "choice", "period", "share"]
SCHEME, STEP, CHOICE = "scheme", "step", "choice"
OTHER = ("w", "d", "g", "p")
"""Blocks of whole columns beside schemes and steps."""
HALF = 0.5


def choices_of(form: Formulation, values: Array) -> tuple[str, ...]:
    """Return the other whole choices of a solution by name; none where hauls are pooled, as they are chosen again."""
    if form.pooled:
        return ()
    blocks = [form.block(name) for name in OTHER if name in form.linear.blocks]
    return tuple(name for block in blocks for name in _names(block, values[block.columns] > HALF))


def with_choices(form: Formulation, choices: tuple[str, ...], values: Array) -> Array:
    """Return ``values`` with the other whole choices of a model as they are named."""
    found, chosen = values.copy(), set(choices)
    for block in (form.block(name) for name in OTHER if name in form.linear.blocks):
        found[block.columns] = [float(name in chosen) for name in _names(block)]
    return found


def _names(block: Block, of: np.ndarray[Any, np.dtype[np.bool_]] | slice = slice(None)) -> list[str]:
    return ["/".join((block.name, *map(str, row))) for row in block.keys[of].itertuples(index=False)]


def decision_table(decisions: Decisions) -> pd.DataFrame:
    """Return kind, SOURCE, scheme, facility, size, choice, period, share: a row for everything that is decided for.

    ``kind`` is scheme (its share of the source), step (of a facility) or choice (a whole column of the model by name).
    """
    schemes = decisions.schemes[decisions.schemes["share"] > 0].assign(kind=SCHEME)
    steps = decisions.steps[decisions.steps["on"] > 0].rename(columns={"on": "share"}).assign(kind=STEP)
    choices = pd.DataFrame({"choice": list(decisions.choices)}, dtype="str").assign(kind=CHOICE, share=1.0)
    table = pd.concat([part.reindex(columns=COLUMNS) for part in (schemes, steps, choices)], ignore_index=True)
    texts = [name for name in COLUMNS if name not in {"period", "share"}]
    table[texts] = table[texts].astype("object").fillna("").astype("str")
    table["period"] = table["period"].astype("float64")
    order = [name for name in COLUMNS if name != "share"]
    return table.sort_values(order, ignore_index=True, na_position="first").astype({"share": "float64"})


def decisions_from(table: pd.DataFrame) -> Decisions:
    """Return the decisions that a table holds (see :func:`decision_table`)."""
    schemes, steps = (table[table["kind"] == kind].astype({"period": np.int64}) for kind in (SCHEME, STEP))
    return Decisions(
        schemes[[*SOURCE, "scheme", "period", "share"]].reset_index(drop=True),
        steps[["facility", "size", "period", "share"]].rename(columns={"share": "on"}).reset_index(drop=True),
        tuple(table.loc[table["kind"] == CHOICE, "choice"]),
    )


def settled(form: Formulation, arrays: Arrays, decisions: Decisions) -> tuple[Formulation, Arrays]:
    """Return a model of whole hauls and its arrays with schemes and steps as decided; what else is whole is still free.

    The lower bound of ``u`` is what newly begins, as :func:`models.reading.scheme_years` reads it.
    """
    values = whole_decisions(form, decisions, np.zeros(form.linear.columns))
    held = np.concatenate([form.block(name).columns for name in ("x", "u", "on")])
    lower, upper, integer = arrays.lower.copy(), arrays.upper.copy(), arrays.integer.copy()
    lower[held] = upper[held] = values[held]
    integer[held] = False
    return with_begun(form, values), replace(arrays, lower=lower, upper=upper, integer=integer)


def with_begun(form: Formulation, values: Array) -> Formulation:
    """Return a model whose columns ``u`` are at least what newly begins in ``values``."""
    u = form.block("u")
    blocks = {**form.linear.blocks, "u": replace(u, lower=values[u.columns])}
    return replace(form, linear=replace(form.linear, blocks=blocks))


def whole_decisions(form: Formulation, decisions: Decisions, values: Array) -> Array:
    """Return ``values`` with schemes, steps and beginnings as ``decisions`` say."""
    found = values.copy()
    x, u, on = form.block("x"), form.block("u"), form.block("on")
    key = list(x.keys.columns)
    share = x.keys.merge(decisions.schemes, on=key, how="left")["share"].fillna(0.0).to_numpy()
    found[x.start : x.start + x.size] = share
    steps = on.keys.merge(decisions.steps, on=list(on.keys.columns), how="left")["on"].fillna(0.0).to_numpy()
    found[on.start : on.start + on.size] = steps
    found[u.start : u.start + u.size] = _begun(form, share)
    return found


def _begun(form: Formulation, share: Array) -> Array:
    """Return the newly begun share of every column ``u``, as the fixed model has it: the increase of ``x``, at least 0."""
    x, u = form.block("x"), form.block("u")
    key = [name for name in x.keys.columns if name != "period"]
    periods = form.time.periods
    after = dict(zip(periods[:-1], periods[1:], strict=True))
    before = x.keys.assign(before=share, period=x.keys["period"].map(after)).dropna(subset=["period"])
    before = before.astype({"period": np.int64})
    table = u.keys.merge(x.keys.assign(share=share), on=[*key, "period"], how="left")
    table = table.merge(before, on=[*key, "period"], how="left")
    current = -form.linear.families["begins"].lower  # today's share, before the first period that can change
    prior = table["before"].fillna(0.0).to_numpy() + current
    return np.asarray(np.maximum(table["share"].fillna(0.0).to_numpy() - prior, 0.0))
