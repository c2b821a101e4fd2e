"""Reading a solution: which scheme runs, where everything goes, which steps of facilities operate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.account import Allocation
from flows.amounts import SOURCE
from flows.prices import steps
from flows.routing import destinations, runs_in
from models.decided import choices_of
from models.formulation_flows import first_stage
from models.formulation_parts import PLACE, Decisions, Formulation
from models.supply import COMMODITY

Array = np.ndarray[Any, np.dtype[np.float64]]
WHOLE = 1e-6


def _values(form: Formulation, name: str, values: Array) -> pd.DataFrame:
    block = form.block(name)
    return block.keys.assign(value=values[block.start : block.start + block.size])


def decisions_of(form: Formulation, values: Array) -> Decisions:
    """Return the decisions of a solution; whole numbers are made whole, shares add up to one."""
    x = _values(form, "x", values)
    whole = form.block("x").integer
    share = np.where(whole, np.round(x["value"]), np.where(x["value"] < WHOLE, 0.0, x["value"]))
    x["share"] = share / pd.Series(share).groupby([x[name] for name in (*SOURCE, "period")]).transform("sum").to_numpy()
    on = _values(form, "on", values)
    steps = on[["facility", "size", "period"]].assign(on=np.round(on["value"]))
    return Decisions(x[[*SOURCE, "scheme", "period", "share"]], steps, choices_of(form, values))


def _slice_years(form: Formulation) -> pd.DataFrame:
    rows = [(part.years[0], part.period, year) for part in form.time.slices for year in part.years]
    return pd.DataFrame(rows, columns=["slice", "period", "year"])


def scheme_years(form: Formulation, decisions: Decisions) -> pd.DataFrame:
    """Return year, SOURCE, scheme, share (effective), chosen (decision), started (newly begun share)."""
    values = np.zeros(form.linear.columns)
    x = form.block("x")
    share = x.keys.merge(decisions.schemes, on=[*SOURCE, "scheme", "period"], how="left")["share"].fillna(0.0)
    values[x.start : x.start + x.size] = share
    u = form.block("u")
    values[u.start : u.start + u.size] = u.lower
    table = form.effective.assign(share=form.effective["coef"] * values[form.effective["col"].to_numpy(dtype=np.int64)])
    table = table.groupby([*SOURCE, "scheme", "slice", "period"], as_index=False)["share"].sum()
    table = table.merge(
        decisions.schemes.rename(columns={"share": "chosen"}), on=[*SOURCE, "scheme", "period"], how="left"
    )
    begun = u.keys.assign(begun=u.lower)
    table = table.merge(begun, on=[*SOURCE, "scheme", "period"], how="left").fillna({"chosen": 0.0, "begun": 0.0})
    table = table.merge(_slice_years(form)[["slice", "year"]], on="slice")
    table["started"] = np.where(table["year"] == table["period"], table["begun"], 0.0)
    table["share"] = table["share"].where(table["share"].abs() > 1e-12, 0.0)
    table = table[(table["share"] > 0) | (table["chosen"] > 0)]
    columns = ["year", *SOURCE, "scheme", "share", "chosen", "started"]
    return table[columns].sort_values(columns[:5], ignore_index=True)


def operation_years(form: Formulation, decisions: Decisions) -> pd.DataFrame:
    """Return year, facility, size, on, starts: steps in operation, and the year in which new ones open.

    A step that runs on after its lifetime has been built again.
    """
    on = decisions.steps[decisions.steps["on"] > 0].sort_values(["facility", "size", "period"])
    facilities = form.case["facilities"].set_index("facility")
    lifetimes = steps(form.case).set_index(["facility", "size"])["lifetime"]
    rows = []
    for (facility, size), periods in on.groupby(["facility", "size"])["period"]:
        opens, closes, state = facilities.loc[facility, ["opens", "closes", "state"]]
        new = not (size == "existing" and state == "existing")
        ran, begun = None, None
        for period in periods:
            before = [start for start in form.time.periods if start < period]
            stopped = ran is None or not before or ran != before[-1]
            worn = begun is not None and form.time.last_year(period) >= begun + lifetimes[facility, size]
            starts = new and (stopped or worn)
            begun, ran = (period if starts else begun), period
            for year in (year for part in form.time.slices if part.period == period for year in part.years):
                if not (year < opens or year > closes):
                    rows.append((year, facility, size, 1.0, float(starts and year == period)))
    table = pd.DataFrame(rows, columns=["year", "facility", "size", "on", "starts"])
    return table.sort_values(["year", "facility", "size"], ignore_index=True)


def allocation_of(form: Formulation, decisions: Decisions, values: Array) -> Allocation:
    """Return where everything goes, year by year."""
    schemes = scheme_years(form, decisions)[["year", *SOURCE, "scheme", "share"]]
    years = _slice_years(form)[["slice", "year"]]
    a = first_stage(form)
    a = a.assign(value=np.maximum(values[a["col"].to_numpy(dtype=np.int64)], 0.0))
    total = a.groupby(COMMODITY)["value"].transform("sum")
    # What is too little for the solver to notice goes down the first route.
    first = ~a.duplicated(COMMODITY)
    a = a.assign(part=np.where(total > 0, a["value"] / total.where(total > 0, 1.0), first.astype(float)))
    a = a[a["part"] > 0]
    placed = a[a["facility"] != ""]
    f = _values(form, "f", values)
    f["value"] = f["value"].clip(lower=0.0)
    f["technology"] = f["facility"].map(form.case["facilities"].set_index("facility")["technology"])
    at = [*PLACE, "technology", "slice"]
    taken = f.groupby(at)["value"].transform("sum")
    f = f.assign(place=np.where(taken > 0, f["value"] / taken.where(taken > 0, 1.0), (~f.duplicated(at)).astype(float)))
    f = f[f["place"] > 0]
    pooled = a[a["facility"] == ""].drop(columns="facility").merge(f[[*at, "facility", "place"]], on=at)
    pooled["part"] *= pooled["place"]
    routes = _at_one_facility(form, pd.concat([placed, pooled], ignore_index=True), values)
    routes = routes.groupby([*COMMODITY, "facility"], as_index=False)["part"].sum().rename(columns={"part": "share"})
    routes = routes[routes["share"] > 1e-12]
    routes["share"] /= routes.groupby(COMMODITY)["share"].transform("sum")
    routes = routes.merge(years, on="slice").drop(columns="slice")
    return Allocation(schemes, routes, _outputs(form, values, years))


def _outputs(form: Formulation, values: Array, years: pd.DataFrame) -> pd.DataFrame:
    """Return year, facility, output, to, share of every facility that could run."""
    case = form.case
    choices = form.routes.choices
    facilities = case["facilities"][["facility", "technology"]]
    slices = form.slices[["slice"]]
    every = facilities.merge(choices, on="technology").merge(slices, how="cross")
    every = every[every["mode"] == _chosen_modes(form, every, values)]
    goals = destinations(case)
    options = every.merge(goals, on=["output", "class"])
    options = options[options["to"] != options["facility"]]
    h = _values(form, "h", values)
    h["value"] = h["value"].clip(lower=0.0)
    h = _where_chosen(form, h[h["value"] > 1e-12], values)
    if "v" in form.linear.blocks:
        v = _values(form, "v", values).rename(columns={"market": "to"})
        h = pd.concat([h, v[v["value"] > 1e-12]], ignore_index=True)
    # What leaves second facilities is split as their pool; hauls are known by origin.
    own = options.merge(
        h.rename(columns={"origin": "facility", "value": "own"}),
        on=["facility", "output", "class", "to", "slice"],
        how="left",
    )
    z = _values(form, "z", values).rename(columns={"market": "to", "value": "pool"})
    z["pool"] = z["pool"].clip(lower=0.0)
    own = own.merge(z, on=["output", "class", "to", "slice"], how="left")
    running = set(map(tuple, form.places[["facility", "slice"]].drop_duplicates().to_numpy())) | set(
        map(tuple, h[["to", "slice"]].to_numpy())
    )
    markets = case["markets"]
    for part in form.slices.itertuples(index=False):
        buying = markets[runs_in(markets, part.slice) & runs_in(markets, part.slice_end)]
        running |= {(market, part.slice) for market in buying["market"]}
    open_now = [place in running for place in zip(own["to"], own["slice"], strict=True)]
    own["weight"] = own["own"].fillna(0.0) + own["pool"].fillna(0.0)
    at = ["facility", "output", "slice"]
    total = own.groupby(at)["weight"].transform("sum")
    # Without any flow everything would go to the first open destination.
    own["usable"] = open_now
    first = own[own["usable"]].drop_duplicates(at).index
    own["share"] = np.where(total > 0, own["weight"] / total.where(total > 0, 1.0), 0.0)
    own.loc[own.index.isin(first) & (total <= 0), "share"] = 1.0
    own = own[own["share"] > 1e-12].merge(years, on="slice")
    own["share"] /= own.groupby(["year", "facility", "output"])["share"].transform("sum")
    return own[["year", "facility", "output", "to", "share"]].sort_values(
        ["year", "facility", "output", "to"], ignore_index=True
    )


def _at_one_facility(form: Formulation, routes: pd.DataFrame, values: Array) -> pd.DataFrame:
    """Return routes without the rounding that goes to another facility than the one chosen for a stream."""
    if "d" not in form.linear.blocks:
        return routes
    d = _values(form, "d", values).rename(columns={"value": "chosen"})
    table = routes.merge(d, on=["municipality", "stream", "facility", "slice"], how="left")
    return table[~(table["chosen"] < 0.5)].drop(columns="chosen")


def _where_chosen(form: Formulation, h: pd.DataFrame, values: Array) -> pd.DataFrame:
    """Return hauls without the rounding that goes to a place that was not chosen."""
    if "g" not in form.linear.blocks:
        return h
    g = _values(form, "g", values).rename(columns={"facility": "to", "value": "chosen"})
    table = h.merge(g, on=["origin", "output", "class", "to", "slice"], how="left")
    return table[~(table["chosen"] < 0.5)].drop(columns="chosen")


def _chosen_modes(form: Formulation, every: pd.DataFrame, values: Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    if "w" not in form.linear.blocks:
        return np.zeros(len(every), dtype=np.int64)
    w = _values(form, "w", values)
    chosen = w[w["value"] > 0.5].drop_duplicates(["facility", "slice"])[["facility", "slice", "mode"]]
    found = every[["facility", "slice"]].merge(chosen, on=["facility", "slice"], how="left")["mode"]
    return np.asarray(found.fillna(0).to_numpy(dtype=np.int64))
