"""Fair cost: the largest increase of a municipality's cost per household, over places and years, in the model.

Cost is shared by the fixed key of :mod:`flows.household_costs`, which is linear: a tariff part in the municipality's
own columns, and the rest of a year (one column ``rest`` each) by inhabitants. One column ``worst`` lies above every
increase (rows ``fair``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.household_costs import carriers, full_load_tariffs, onward_tariffs
from flows.prices import treatment_costs
from flows.routing import apart_markets, destinations, runs_in
from models.formulation_flows import first_stage
from models.formulation_parts import MILLION, PLACE, Formulation
from models.indicators import add_per_route, share_of_years, year_money
from models.supply import COMMODITY

Array = np.ndarray[Any, np.dtype[np.float64]]
WIDE = 1e6
"""Bound of what may be of either sign (money per household, millions): a bound by prices needs an end to it."""


def add_fair(form: Formulation, reference: pd.DataFrame) -> None:
    """Add ``worst``, ``rest`` and their rows; ``reference`` has year, municipality, cost_per_household."""
    case, linear = form.case, form.linear
    years = pd.DataFrame({"year": case.plan_years})
    places = carriers(case)
    before = reference.set_index(["year", "municipality"])["cost_per_household"]
    worst = linear.add_block("worst", pd.DataFrame({"what": ["increase"]}), lower=-WIDE, upper=WIDE)
    rest = linear.add_block("rest", years, lower=-WIDE, upper=WIDE)
    owners = _owners(form)
    rests, rows, keys, upper = [], [], [], []
    for position, year in enumerate(case.plan_years):
        total = year_money(form, year)
        tariff = tariff_vector(form, year, total)
        left = total - tariff
        cols = np.flatnonzero(np.abs(left) > 1e-12)
        column = rest.start + position
        rests.append(pd.DataFrame({"year": year, "col": [*cols, column], "coef": [*-left[cols], 1.0]}))
        for place in places.itertuples(index=False):
            key = (year, place.municipality)
            if not place.households > 0 or key not in before.index:
                continue
            own = np.flatnonzero(np.where(owners == place.municipality, tariff, 0.0))
            per_home = MILLION / place.households
            entries = {
                "col": [*own, column, worst.start],
                "coef": [*(tariff[own] * per_home), place.key * per_home, -1.0],
            }
            rows.append(pd.DataFrame(entries).assign(year=year, municipality=place.municipality))
            keys.append(key)
            upper.append(float(before[key]))
    linear.add_rows("rest_of_year", years, rests, lower=0.0, upper=0.0)
    linear.add_rows("fair", pd.DataFrame(keys, columns=["year", "municipality"]), rows, upper=np.array(upper))


def _owners(form: Formulation) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return the municipality of every column, '' for what is shared."""
    owners = np.full(form.linear.columns, "", dtype=object)
    for block in form.linear.blocks.values():
        if "municipality" in block.keys:
            owners[block.start : block.start + block.size] = block.keys["municipality"].to_numpy(dtype=object)
    return owners


def tariff_vector(form: Formulation, year: int, total: Array) -> Array:
    """Return the tariff part of a year's cost [million] on the columns of the municipalities; 0 on shared ones.

    ``total`` is the cost of the year, which holds what every municipality pays as it is.
    """
    vector = np.where(_owners(form) != "", total, 0.0)
    _at_full_load(form, vector, year)
    slices = form.slices[(form.slices["slice"] <= year) & (form.slices["slice_end"] >= year)]
    slice_, end = (int(slices[name].iloc[0]) for name in ("slice", "slice_end"))
    tariffs = onward_tariffs(form.case, slice_, end)
    tariffs = tariffs[~_direct(form, tariffs, slice_, end)]
    for constants in (form.routes.hauled, form.routes.sold):
        table = constants.merge(tariffs, on=["output", "class"])
        table = table.assign(value=table["share"] * table["tariff"] * 1000.0 / MILLION)
        add_per_route(form, vector, table, "", {year: 1.0})
    return vector


def _direct(form: Formulation, tariffs: pd.DataFrame, first: int, last: int) -> pd.Series:
    """Return which classes have one market without a limit: their price is on the route already."""
    case = form.case
    markets = case["markets"]
    markets = markets[runs_in(markets, first) & runs_in(markets, last)]
    goals = destinations(case)
    goals = goals[goals["kind"] == "market"].merge(
        markets[["market", "capacity"]].rename(columns={"market": "to"}), on="to"
    )
    alone = goals.groupby(["output", "class"])["capacity"].agg(["size", "count"])
    alone = alone[(alone["size"] == 1) & (alone["count"] == 0)].index
    # Ways of their own are known by the plant that sells: no column of a municipality has them.
    alone = alone.difference(pd.MultiIndex.from_frame(apart_markets(case)[["output", "class"]]))
    return pd.Series(pd.MultiIndex.from_frame(tariffs[["output", "class"]]).isin(alone), index=tariffs.index)


def _at_full_load(form: Formulation, vector: Array, year: int) -> None:
    """Add fixed cost and capital at full load of what is delivered; treatment itself is there already."""
    case = form.case
    charged = treatment_costs(case).merge(full_load_tariffs(case), on="facility")
    charged["standing"] = charged["tariff"] - charged["cost_per_tonne"]
    table = form.places.merge(charged.loc[charged["standing"] != 0, ["facility", "standing"]], on="facility")
    if table.empty:
        return
    weights = {year: 1.0}
    table = table.merge(share_of_years(form, [*PLACE, "slice"], weights), on=[*PLACE, "slice"])
    own = first_stage(form)[["col", *COMMODITY]].merge(share_of_years(form, COMMODITY, weights), on=COMMODITY)
    weight = table["col"].map(own.set_index("col")["weight"]).fillna(table["weight"])
    np.add.at(vector, table["col"].to_numpy(dtype=np.int64), (table["standing"] * weight * 1000.0 / MILLION).to_numpy())
