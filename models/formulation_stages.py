"""Chains of any depth: what goes on to a facility that has to be known by place (columns ``b``, ``g``).

What a stream sends down a route is ``a``; where the route has further stages (see :mod:`models.route_stages`),
``b`` says at which plant and in which mode of it the same kilotonne as collected is at that stage. A pile has one
destination: an output that goes on to plants whose further ways differ goes to one of them at a time (``g``).
With pooled hauls a stage names the technology only, and nothing is chosen by place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.formulation_parts import PLACE, Formulation, per_route, with_columns
from models.supply import COMMODITY

STAGE_KEY = [*COMMODITY, "technology", "origin", "facility", "mode"]
CHOICE = ["origin", "output", "class", "slice"]


def add_stages(form: Formulation, running: pd.DataFrame) -> None:
    """What a mode sends on to a stage that is fed is there: sum over plants and modes of b = what is sent.

    ``b`` is in kt as collected, so that every stage of a tonne has the same amount. It joins ``form.inflow``.
    """
    fed = form.routes.fed
    if fed.empty:
        return
    known, first = form.inflow, len(form.inflow)
    for position in range(len(fed)):
        sent = _sent(form, fed.iloc[position], known)
        known = pd.concat([known, _stage(form, fed.iloc[position], sent, running)], ignore_index=True)
    below = known.iloc[first:].sort_values(STAGE_KEY, ignore_index=True)
    b = form.linear.add_block("b", below[STAGE_KEY])
    below = below.assign(col=b.columns)
    form.inflow = pd.concat([form.inflow, below], ignore_index=True).astype({"col": np.int64})
    above = pd.concat([_sent(form, fed.iloc[position], form.inflow) for position in range(len(fed))])
    at = [*COMMODITY, "technology", "origin"]
    rows = pd.concat([above[at], below[at]]).drop_duplicates().sort_values(at)
    form.linear.add_rows("goes_on", rows, [below.assign(coef=1.0), above.assign(coef=-1.0)], lower=0.0, upper=0.0)


def _sent(form: Formulation, stage: pd.Series, known: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``known`` that send something on to a stage, named by the stage and where they send it from."""
    choices = form.routes.choices
    leads = choices[
        (choices["technology"] == stage["parent"])
        & (choices["output"] == stage["output"])
        & (choices["class"] == stage["class"])
    ]
    rows = known[(known["technology"] == stage["parent"]) & known["mode"].isin(leads["mode"])]
    share = form.routes.arriving
    share = share[(share["technology"] == stage["technology"]) & (share["share"] > 0)]
    some = form.supply.peak.merge(share[["stream", "fraction"]].drop_duplicates(), on=["stream", "fraction"])
    some = some.loc[some["kt"] > 0, COMMODITY].drop_duplicates()
    rows = rows.merge(some, on=COMMODITY)
    return rows.assign(technology=stage["technology"], origin="" if form.pooled else rows["facility"])


def _stage(form: Formulation, stage: pd.Series, sent: pd.DataFrame, running: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``form.inflow`` of a stage, without their columns."""
    options = form.routes.options
    modes = options.loc[options["technology"] == stage["technology"], ["technology", "mode", "modes", "runs", "parent"]]
    kept = [*COMMODITY, "technology", "origin", "kt", "lowest", "group"]
    ways = sent[kept].drop_duplicates([*COMMODITY, "origin"]).merge(modes, on="technology")
    if form.pooled:
        # Somewhere a plant of the technology has to run.
        there = running.loc[running["technology"] == stage["runs"], ["slice"]].drop_duplicates()
        return ways.merge(there, on="slice").assign(facility="")
    there = running.loc[running["technology"] == stage["runs"], ["facility", "slice"]]
    ways = ways.merge(there, on="slice")
    return ways[ways["facility"] != ways["origin"]]


def stage_arrivals(form: Formulation) -> pd.DataFrame:
    """Return what ``b`` brings to plants: origin, output, class, to, slice, col, coef [kt that arrives]."""
    made = with_columns(form, per_route(form, form.routes.arriving, ["output", "class"], form.supply.peak))
    origins = form.inflow[["col", "origin"]]
    return made.merge(origins, on="col").rename(columns={"facility": "to"})


def add_arrivals(form: Formulation) -> None:
    """Hauls to a stage that is fed are what it gets: h = sum of constant x b, from each plant to each."""
    if form.pooled or "b" not in form.linear.blocks:
        return
    arriving = stage_arrivals(form)
    h = form.block("h").table()
    key = ["origin", "output", "class", "to", "slice"]
    form.linear.add_rows(
        "arrives",
        arriving[key].drop_duplicates().sort_values(key),
        [h.assign(coef=1.0), arriving.assign(coef=-arriving["coef"])],
        lower=0.0,
        upper=0.0,
    )


def placed_stages(form: Formulation) -> pd.DataFrame:
    """Return the columns ``b`` that name a plant, with the output and class by which they came."""
    rows = form.inflow
    rows = rows[(rows["parent"] != "") & (rows["facility"] != "")]
    return rows.merge(form.routes.fed[["technology", "output", "class"]], on="technology")


def add_one_place(form: Formulation, most: pd.DataFrame, free: pd.DataFrame) -> None:
    """One plant at a time for each output that goes on to a stage, and nothing at one that is closed.

    ``most`` is what there is per PLACE and slice, ``free`` the steps that the plan decides, with ``col``.
    """
    b = placed_stages(form)
    if b.empty:
        return
    linear = form.linear
    ways = b[["origin", "output", "class", "facility", "slice"]].drop_duplicates()
    several = ways.groupby(CHOICE)["facility"].transform("count") > 1
    if several.any():
        g_key = ["origin", "output", "class", "facility", "slice"]
        keys = ways[several].sort_values(g_key)
        g = linear.add_block("g", keys[g_key], upper=1.0, integer=True).table()
        linear.add_rows("one_place", g[CHOICE].drop_duplicates(), [g.assign(coef=1.0)], upper=1.0)
        at = [*PLACE, "technology", "origin", "facility", "slice"]
        ceilings = b[[*at, "output", "class"]].drop_duplicates().merge(most, on=[*PLACE, "slice"]).merge(g, on=g_key)
        linear.add_rows(
            "one_place_at_a_time",
            ceilings[at],
            [b.assign(coef=1.0), ceilings.assign(coef=-ceilings["kt"])],
            upper=0.0,
        )
    at = [*PLACE, "technology", "facility", "slice"]
    link = b.merge(free[["facility", "slice"]].drop_duplicates(), on=["facility", "slice"])
    ceilings = link[at].drop_duplicates().merge(most, on=[*PLACE, "slice"])
    opened = ceilings.merge(free[["facility", "slice", "col"]], on=["facility", "slice"])
    linear.add_rows(
        "goes_on_if_open", ceilings[at], [link.assign(coef=1.0), opened.assign(coef=-opened["kt"])], upper=0.0
    )


def named_by_place(form: Formulation, classes: pd.Series) -> pd.Series:
    """Tell which classes of destination are stages that are fed and known by place."""
    known = set() if form.pooled else set(form.routes.fed["class"])
    return classes.isin(known)
