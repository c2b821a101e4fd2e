"""What facilities can take: capacity, least load, nothing where closed, one kind of destination (column ``w``).

Streams that go to one facility only choose it here as well (column ``d``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.prices import steps
from models.formulation_flows import haul_keys
from models.formulation_parts import (
    PLACE,
    Formulation,
    groups,
)
from models.formulation_stages import add_one_place, placed_stages


def add_capacity(form: Formulation, stages: pd.DataFrame, running: pd.DataFrame) -> None:
    """Capacity in the peak year, least load in the lowest, nothing at a closed facility, one kind of destination."""
    case, linear = form.case, form.linear
    places = form.places
    hauls = haul_keys(form, running)
    h_key = ["origin", "output", "class", "to", "slice"]
    h = linear.add_block("h", hauls[h_key]).table()
    arriving = pd.concat(
        [
            places[["facility", "slice", "lowest", "col"]],
            h.rename(columns={"to": "facility"}).assign(lowest=places["lowest"].min() if len(places) else 1.0)[
                ["facility", "slice", "lowest", "col"]
            ],
        ],
        ignore_index=True,
    )
    on = form.block("on").table()
    sized = running.merge(on, on=["facility", "period"]).merge(
        steps(case)[["facility", "size", "capacity", "minimum_load", "built"]], on=["facility", "size"]
    )
    facility = case["facilities"].set_index("facility")
    reserved = sized["facility"].map(facility["reserved"]) * sized["built"]
    unlimited_steps = sized.assign(unlimited=sized["capacity"].isna()).groupby(["facility", "slice"])["unlimited"]
    limited = ~unlimited_steps.transform("any")
    room = sized.assign(coef=-(sized["capacity"] - reserved).clip(lower=0.0) / 1000.0)[limited]
    key = ["facility", "slice"]
    linear.add_rows("capacity", room[key].drop_duplicates(), [arriving.assign(coef=1.0), room], upper=0.0)
    least = (sized["minimum_load"] - reserved - sized["facility"].map(facility["filler"]) * sized["built"]).clip(
        lower=0.0
    )
    need = sized.assign(coef=-least / 1000.0)[least > 0]
    linear.add_rows(
        "least_load", need[key].drop_duplicates(), [arriving.assign(coef=arriving["lowest"]), need], lower=0.0
    )
    free = sized.merge(stages[stages["free"]][["facility", "period"]].drop_duplicates(), on=["facility", "period"])
    most = form.supply.commodities.assign(group=groups(case, form.supply.commodities))
    most = (
        most.groupby([*SOURCE, "group", "stream", "slice"], as_index=False)["kt"]
        .max()
        .groupby([*PLACE, "slice"], as_index=False)["kt"]
        .sum()
    )
    link = places.merge(free[["facility", "slice"]].drop_duplicates(), on=key)
    link_key = [*PLACE, "facility", "slice"]
    ceilings = link[link_key].drop_duplicates().merge(most, on=[*PLACE, "slice"])
    opened = ceilings.merge(free[["facility", "slice", "col"]], on=key)
    linear.add_rows(
        "only_if_open", ceilings[link_key], [link.assign(coef=1.0), opened.assign(coef=-opened["kt"])], upper=0.0
    )
    total = most.groupby("slice")["kt"].sum()
    fed = h.rename(columns={"to": "facility"}).merge(free[["facility", "slice"]].drop_duplicates(), on=key)
    unlimited = free[~free["facility"].isin(room["facility"])]
    fed = fed.merge(unlimited[key].drop_duplicates(), on=key)
    linear.add_rows(
        "fed_only_if_open",
        fed[key].drop_duplicates(),
        [fed.assign(coef=1.0), unlimited.assign(coef=-unlimited["slice"].map(total))],
        upper=0.0,
    )
    _kinds_of_destination(form, places, most)
    add_one_place(form, most, free)
    _single_destinations(form, places, most)


def _kinds_of_destination(form: Formulation, places: pd.DataFrame, most: pd.DataFrame) -> None:
    """A facility whose outputs could be treated in several ways chooses one of them per slice."""
    linear = form.linear
    if "modes" not in places:
        return
    choosing = places[places["modes"] > 1]
    below = placed_stages(form)
    below = below[below["modes"] > 1]
    if choosing.empty and below.empty:
        return
    key = ["facility", "mode", "slice"]
    w_keys = pd.concat([choosing[key], below[key]]).drop_duplicates().sort_values(key).astype({"mode": np.int64})
    w = linear.add_block("w", w_keys, upper=1.0, integer=True).table()
    linear.add_rows("one_destination", w[["facility", "slice"]].drop_duplicates(), [w.assign(coef=1.0)], upper=1.0)
    link_key = [*PLACE, "facility", "mode", "slice"]
    link = choosing.astype({"mode": np.int64})
    ceilings = link[link_key].drop_duplicates().merge(most, on=[*PLACE, "slice"]).merge(w, on=key)
    linear.add_rows(
        "one_way_at_a_time",
        ceilings[link_key],
        [link.assign(coef=1.0), ceilings.assign(coef=-ceilings["kt"])],
        upper=0.0,
    )
    if len(below):
        at = [*PLACE, "technology", "facility", "mode", "slice"]
        onward = below[at].drop_duplicates().merge(most, on=[*PLACE, "slice"]).merge(w, on=key)
        linear.add_rows(
            "one_way_onward", onward[at], [below.assign(coef=1.0), onward.assign(coef=-onward["kt"])], upper=0.0
        )


def _single_destinations(form: Formulation, places: pd.DataFrame, most: pd.DataFrame) -> None:
    """All that a municipality collects in a stream of a single destination goes to one facility at a time."""
    linear = form.linear
    streams = form.case["streams"]
    single = streams.loc[streams["single_destination"], "stream"]
    key = ["municipality", "stream", "facility", "slice"]
    mine = places[places["stream"].isin(single)]
    ways = mine[key].drop_duplicates()
    ways = ways[ways.groupby(["municipality", "stream", "slice"])["facility"].transform("count") > 1]
    if ways.empty:
        return
    d = linear.add_block("d", ways.sort_values(key), upper=1.0, integer=True).table()
    at = ["municipality", "stream", "slice"]
    linear.add_rows("one_facility", d[at].drop_duplicates(), [d.assign(coef=1.0)], upper=1.0)
    link = [*PLACE, "facility", "slice"]
    ceilings = mine[link].drop_duplicates().merge(most, on=[*PLACE, "slice"]).merge(d, on=key)
    linear.add_rows(
        "single_destination",
        ceilings[link],
        [mine.assign(coef=1.0), ceilings.assign(coef=-ceilings["kt"])],
        upper=0.0,
    )
