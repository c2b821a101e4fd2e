"""Totals of a plan over its horizon, as linear forms of the model's columns: discounted cost, and greenhouse gas.

A total is a vector, one coefficient a column: its product with the values of a solution is what the tables of the
run add up to. Greenhouse gas is net as in the reports (fossil, transport and avoided, biogenic carbon apart), and
every plan year counts as often as the years it stands for, undiscounted.

Of the yearly model with every haul known by place it is exact, but for one thing: markets of one class that have
emission factors of their own and get a mixture. There, and where hauls are pooled, the least is counted, so the
vector never says more than the tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.account import market_parts
from flows.case import Case
from flows.prices import emission_factors
from flows.routing import destinations, market_ways, runs_in, ways
from models.formulation_flows import haul_keys
from models.formulation_parts import PLACE, Formulation, groups
from models.routes import ROUTE
from models.supply import COMMODITY

Array = np.ndarray[Any, np.dtype[np.float64]]
NET = ("fossil", "avoided")
"""Kinds of emission factors that the net total counts, beside transport."""
KT = 1000.0
"""kg CO2e per tonne is t per kt; a kt of CO2e is a thousand of them."""


def cost_vector(form: Formulation) -> Array:
    """Return the discounted cost [millions] of a unit of every column."""
    return np.concatenate([block.cost for block in form.linear.blocks.values()])


def co2e_vector(form: Formulation) -> Array:
    """Return the greenhouse gas [kt CO2e over the horizon] of a unit of every column."""
    found = np.zeros(form.linear.columns)
    for cols, coefs in (_treated(form), _collected(form), _hauled(form), *_sold(form)):
        np.add.at(found, cols.to_numpy(dtype=np.int64), coefs.to_numpy(dtype=float) / KT)
    return found


TOTALS = {"cost": cost_vector, "co2e": co2e_vector}


def co2e_of(case: Case, emissions: pd.DataFrame) -> float:
    """Return net greenhouse gas [kt CO2e over the plan years] of a table ``emissions`` of one variant."""
    rows = emissions[(emissions["kind"] != "biogenic") & emissions["year"].isin(case.plan_years)]
    weights = rows["year"].map({year: case.weight(year) for year in case.plan_years})
    return float((rows["kg_co2e"] * weights).sum() / 1e6)


def _factors(case: Case) -> pd.DataFrame:
    table = emission_factors(case)
    return table.assign(factor=table[list(NET)].sum(axis=1))


def _masses(form: Formulation) -> pd.DataFrame:
    """Return COMMODITY, fraction, mass: kt over the years that a slice stands for."""
    weights = {year: form.case.weight(year) for year in form.case.plan_years}
    table = form.supply.years
    table = table.assign(mass=table["kt"] * table["year"].map(weights))
    return table.groupby([*COMMODITY, "fraction"], as_index=False)["mass"].sum()


def _per_year(form: Formulation, by: list[str]) -> pd.DataFrame:
    """Return ``by``, weight: years that a slice stands for, each as large as its mass relative to the peak."""
    weights = {year: form.case.weight(year) for year in form.case.plan_years}
    years = form.supply.years.assign(group=groups(form.case, form.supply.years))
    years["weight"] = years["kt"] * years["year"].map(weights)
    peak = form.supply.commodities.assign(group=groups(form.case, form.supply.commodities)).groupby(by)["kt"].sum()
    table = years.groupby(by, as_index=False)["weight"].sum()
    table["weight"] /= peak.reindex(pd.MultiIndex.from_frame(table[by]) if len(by) > 1 else table[by[0]]).to_numpy()
    return table


def _on_routes(form: Formulation, constants: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return columns ``a`` and coefficients of a constant ``rate`` per tonne of ROUTE, fraction and, if there, slice."""
    at = [name for name in (*ROUTE, "fraction", "slice") if name in constants]
    constants = constants.groupby(at, as_index=False)["rate"].sum()
    table = _masses(form).merge(constants, on=[name for name in at if name not in {"technology", "mode"}])
    table["coef"] = table["mass"] * table["rate"]
    key = [*COMMODITY, "technology", "mode"]
    table = form.inflow.merge(table.groupby(key, as_index=False)["coef"].sum(), on=key)
    return table["col"], table["coef"] / table["kt"]


def _treated(form: Formulation) -> tuple[pd.Series, pd.Series]:
    """What facilities emit on entry: of all technologies that a route passes."""
    factors = _factors(form.case)
    factors = factors[factors["place"] == "technology"].rename(columns={"process": "entered"})
    table = form.routes.entered.merge(factors[["entered", "fraction", "factor"]], on=["entered", "fraction"])
    return _on_routes(form, table.assign(rate=table["share"] * table["factor"]))


def _collected(form: Formulation) -> tuple[pd.Series, pd.Series]:
    """Transport from municipalities to facilities: columns ``f``, and ``a`` where it names its facility."""
    places = form.places
    pairs = places[["municipality", "facility"]].drop_duplicates()
    moving = ways(form.case, pairs.rename(columns={"municipality": "from", "facility": "to"}), "collection")
    moving = moving.rename(columns={"from": "municipality", "to": "facility"})
    table = places.merge(moving[["municipality", "facility", "emission_per_tonne"]], on=["municipality", "facility"])
    table = table.merge(_per_year(form, [*PLACE, "slice"]), on=[*PLACE, "slice"])
    own = form.inflow[["col", *COMMODITY]].merge(_per_year(form, COMMODITY), on=COMMODITY).set_index("col")["weight"]
    return table["col"], table["emission_per_tonne"] * table["col"].map(own).fillna(table["weight"])


def _hauled(form: Formulation) -> tuple[pd.Series, pd.Series]:
    """Transport from facility to facility; from the nearest of a technology where hauls are pooled."""
    empty = pd.Series(dtype=float)
    running = form.places[["technology", "facility", "slice"]].drop_duplicates()
    h = form.block("h").table()
    if h.empty:
        return empty, empty
    stands = form.case["facilities"][["technology", "facility"]].merge(form.slices[["slice"]], how="cross")
    keys = haul_keys(form, pd.concat([running, stands]).drop_duplicates())
    origins = keys.merge(stands.rename(columns={"facility": "place"}), on=["technology", "slice"])
    origins = origins[(origins["facility"] == "") | (origins["facility"] == origins["place"])]
    moving = ways(form.case, origins[["place", "to"]].rename(columns={"place": "from"}), "haul")
    moving = moving.rename(columns={"from": "place"})[["place", "to", "emission_per_tonne"]]
    least = origins.merge(moving, on=["place", "to"]).groupby(["origin", "slice", "to"], as_index=False)
    table = h.merge(least["emission_per_tonne"].min(), on=["origin", "slice", "to"])
    table = table.merge(_per_year(form, ["slice"]), on="slice")
    return table["col"], table["emission_per_tonne"] * table["weight"]


def _sold(form: Formulation) -> list[tuple[pd.Series, pd.Series]]:
    """What is emitted or avoided on delivery, and the way there: columns ``z``, and ``a`` where there is no choice."""
    case = form.case
    factors = _factors(case)
    factors = factors[factors["place"] == "market"].rename(columns={"process": "market"})
    table = market_parts(case).merge(factors[["market", "treatment", "fraction", "factor"]], on=["market", "treatment"])
    delivered = table.assign(factor=table["part"] * table["factor"])
    delivered = delivered.groupby(["market", "fraction"], as_index=False)["factor"].sum()
    classes = destinations(case).rename(columns={"to": "market"})[["output", "class", "market"]]
    window = case["markets"][["market", "from", "until"]]
    open_in = [
        window.loc[runs_in(window, part.slice) & runs_in(window, part.slice_end), ["market"]].assign(slice=part.slice)
        for part in form.slices.itertuples(index=False)
    ]
    offers = classes.merge(pd.concat(open_in, ignore_index=True), on="market").merge(market_ways(case), on="market")
    at = ["output", "class", "slice"]
    z = form.block("z").table() if "z" in form.linear.blocks else pd.DataFrame(columns=[*at, "market", "col"])
    chosen = z.merge(offers, on=[*at, "market"]).merge(_per_year(form, ["slice"]), on="slice")
    choice = z[at].drop_duplicates().assign(choice=True)
    alone = offers.merge(choice, on=at, how="left")
    alone = alone[alone["choice"].isna()][[*at, "emission_per_tonne"]]
    least = offers.merge(delivered, on="market").groupby([*at, "fraction"], as_index=False)["factor"].min()
    sold = form.routes.sold
    on_delivery = sold.merge(least, on=["output", "class", "fraction"])
    moved = sold.merge(alone, on=["output", "class"])
    return [
        (chosen["col"], chosen["emission_per_tonne"] * chosen["weight"]),
        _on_routes(form, on_delivery.assign(rate=on_delivery["share"] * on_delivery["factor"])),
        _on_routes(form, moved.assign(rate=moved["share"] * moved["emission_per_tonne"])),
    ]
