"""Decisions as a table of a run: enough to carry a plan out again without searching.

What is decided is few things: the scheme of every source by period, the steps of facilities by period, and, of a model
in which every haul is known by place, its other whole choices (which destination, which purchase). All else follows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import Block
from models.formulation_parts import Decisions, Formulation

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
