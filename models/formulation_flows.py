"""Flows in the model: routes, places, hauls and markets (columns ``a``, ``f``, ``h``, ``z``, ``v``)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.prices import entry_costs, treatment_costs
from flows.routing import apart_markets, destinations, market_ways, runs_in, ways, ways_to_markets
from flows.tables import NEVER_WASTE
from models.formulation_parts import (
    PLACE,
    Formulation,
    add_cost,
    add_route_cost,
    discounts,
    groups,
    per_route,
    with_columns,
    year_weights,
)
from models.formulation_stages import add_arrivals, add_stages, named_by_place
from models.route_stages import TO
from models.supply import COMMODITY


def add_routes(form: Formulation, running: pd.DataFrame) -> None:
    """Everything a scheme collects goes down some route: sum over routes of a = mass x effective share."""
    case, linear = form.case, form.linear
    kinds = case["streams"].set_index("stream")["kind"]
    stuff = form.supply.commodities
    stuff = stuff[~stuff["stream"].map(kinds).isin([*NEVER_WASTE, "preparing_for_reuse"])]
    accepts = case["accepts"].rename(columns={"input": "stream"})[["technology", "stream"]].drop_duplicates()
    options = form.routes.options
    options = options[options["parent"] == ""].merge(accepts, on="technology")
    single = (options["modes"] > 1) | (options["onward"] & (not form.pooled))
    at_technology = running[["technology", "slice"]].drop_duplicates().assign(facility="")
    pooled = options[~single].merge(at_technology, on="technology")
    placed = options[single].merge(running[["technology", "facility", "slice"]], on="technology")
    ways_on = pd.concat([pooled, placed], ignore_index=True)[
        ["stream", "technology", "facility", "mode", "modes", "slice"]
    ]
    a = stuff.merge(ways_on, on=["stream", "slice"]).sort_values(
        [*COMMODITY, "technology", "facility", "mode"], ignore_index=True
    )
    key = [*COMMODITY, "technology", "facility", "mode"]
    a_table = linear.add_block("a", a[key]).table().assign(kt=a["kt"], lowest=a["lowest"], modes=a["modes"])
    a_table["group"] = groups(case, a_table)
    supplied = form.effective.merge(stuff, on=[*SOURCE, "scheme", "slice"])
    supplied = supplied.assign(coef=-supplied["coef"] * supplied["kt"])
    linear.add_rows("supply", stuff[COMMODITY], [a_table.assign(coef=1.0), supplied], lower=0.0, upper=0.0)
    form.inflow = a_table.assign(runs=a_table["technology"], parent="", origin="")
    add_stages(form, running)
    _entry_costs(form)


def first_stage(form: Formulation) -> pd.DataFrame:
    """Return the columns ``a`` with what they stand for, without those of later stages."""
    return form.inflow[form.inflow["parent"] == ""]


def _entry_costs(form: Formulation) -> None:
    """Tax, energy and carbon on entry of every facility on the route; markets without a choice."""
    case, discount = form.case, discounts(form.case)
    rates = entry_costs(case, case.plan_years)
    rates["rate"] = rates[["tax", "energy", "carbon"]].sum(axis=1)
    rates = rates[rates["rate"] != 0].rename(columns={"technology": "entered"})
    constants = form.routes.entered.merge(rates[["year", "entered", "fraction", "rate"]], on=["entered", "fraction"])
    constants["share"] = constants["share"] * constants["rate"] * constants["year"].map(discount)
    add_route_cost(form, form.supply.years, constants, "year")


def add_places(form: Formulation, running: pd.DataFrame) -> None:
    """What a technology gets of a municipality's stream is taken by its facilities: transport and treatment."""
    case, linear = form.case, form.linear
    a = first_stage(form)
    pooled = a[a["facility"] == ""]
    wanted = pooled[[*PLACE, "technology", "slice"]].drop_duplicates()
    places = wanted.merge(running[["technology", "facility", "slice"]], on=["technology", "slice"])
    key = [*PLACE, "facility", "slice"]
    f = linear.add_block("f", places[key].sort_values(key)).table()
    technology = case["facilities"].set_index("facility")["technology"]
    f["technology"] = f["facility"].map(technology)
    at = [*PLACE, "technology", "slice"]
    linear.add_rows("taken", wanted[at], [f.assign(coef=1.0), pooled.assign(coef=-1.0)], lower=0.0, upper=0.0)
    lowest = a.groupby([*PLACE, "slice"], as_index=False)["lowest"].min()
    f = f.merge(lowest, on=[*PLACE, "slice"])
    placed = a[a["facility"] != ""]
    columns = [*PLACE, "facility", "technology", "slice", "lowest", "col"]
    inflow = pd.concat([f[columns].assign(sector=""), placed[[*columns, "sector", "mode", "modes"]]], ignore_index=True)
    pairs = (
        inflow[["municipality", "facility"]]
        .drop_duplicates()
        .rename(columns={"municipality": "from", "facility": "to"})
    )
    moving = ways(case, pairs, "collection").rename(
        columns={"from": "municipality", "to": "facility", "cost_per_tonne": "moving"}
    )
    table = inflow.merge(moving, on=["municipality", "facility"]).merge(treatment_costs(case), on="facility")
    table = table.merge(year_weights(form, [*PLACE, "slice"]), on=[*PLACE, "slice"])
    # A column a has its own weight: the mass of its commodity in each year.
    own = a[["col", *COMMODITY]].merge(year_weights(form, COMMODITY), on=COMMODITY).set_index("col")["weight"]
    weight = table["col"].map(own).fillna(table["weight"])
    add_cost(form, table["col"], (table["moving"] + table["cost_per_tonne"]) * 1000.0 * weight)
    form.places = inflow


def haul_keys(form: Formulation, running: pd.DataFrame) -> pd.DataFrame:
    """Return origin, output, class, to, slice, moving: hauls of outputs on to facilities, and their cost."""
    used = form.inflow[["technology", "runs", "facility", "mode", "slice"]].drop_duplicates()
    made = used.merge(form.routes.choices[form.routes.choices["class"].str.startswith(TO)], on=["technology", "mode"])
    made["technology"] = made["runs"]
    made["origin"] = made["facility"].where(made["facility"] != "", "any " + made["runs"])
    columns = ["origin", "output", "class", "to", "slice", "technology", "facility"]
    if made.empty:
        return made.assign(to="")[columns]
    goals = destinations(form.case)
    goals = goals[goals["kind"] == "facility"]
    table = made.merge(goals[["output", "class", "to"]], on=["output", "class"])
    table = table.merge(running[["facility", "slice"]].rename(columns={"facility": "to"}), on=["to", "slice"])
    table = table[table["to"] != table["facility"]].drop_duplicates(["origin", "output", "class", "to", "slice"])
    return table[columns].sort_values(columns[:5], ignore_index=True)


def add_hauls(form: Formulation, running: pd.DataFrame) -> None:
    """What leaves a facility for another arrives there, and is moved and treated."""
    case, linear = form.case, form.linear
    keys = haul_keys(form, running)
    if keys.empty:
        return
    h = form.block("h").table()
    origins = keys[["origin", "technology", "facility", "slice", "to"]].merge(
        running[["technology", "facility", "slice"]].rename(columns={"facility": "place"}), on=["technology", "slice"]
    )
    origins = origins[(origins["facility"] == "") | (origins["facility"] == origins["place"])]
    moving = ways(case, origins[["place", "to"]].rename(columns={"place": "from"}), "haul").rename(
        columns={"from": "place"}
    )
    origins = (
        origins.merge(moving, on=["place", "to"])
        .groupby(["origin", "slice", "to"], as_index=False)["cost_per_tonne"]
        .min()
    )
    charged = treatment_costs(case).rename(columns={"facility": "to", "cost_per_tonne": "treating"})
    costed = (
        h.merge(origins, on=["origin", "slice", "to"])
        .merge(charged, on="to")
        .merge(year_weights(form, ["slice"]), on="slice")
    )
    add_cost(form, costed["col"], (costed["cost_per_tonne"] + costed["treating"]) * 1000.0 * costed["weight"])
    made = with_origin(form, form.routes.hauled)
    # What goes on to a stage that is known by place is told by its own columns.
    made, h = made[~named_by_place(form, made["class"])], h[~named_by_place(form, h["class"])]
    at = ["origin", "output", "class", "slice"]
    linear.add_rows(
        "hauled",
        pd.concat([made[at], h[at]]).drop_duplicates().sort_values(at),
        [h.assign(coef=1.0), made.assign(coef=-made["coef"])],
        lower=0.0,
        upper=0.0,
    )
    add_arrivals(form)


def with_origin(form: Formulation, constants: pd.DataFrame) -> pd.DataFrame:
    """Return what columns send out by output and class, with the origin that hauls and ways to markets have."""
    made = with_columns(form, per_route(form, constants, ["output", "class"], form.supply.peak))
    runs = made["technology"].map(form.routes.options.drop_duplicates("technology").set_index("technology")["runs"])
    made["origin"] = made["facility"].where(made["facility"] != "", "any " + runs)
    return made


def add_markets(form: Formulation, running: pd.DataFrame) -> None:
    """Everything sold reaches a market, and markets take what they can."""
    case, linear = form.case, form.linear
    markets = case["markets"].merge(destinations(case)[["to", "class"]].rename(columns={"to": "market"}), on="market")
    markets = markets.merge(market_ways(case), on="market")
    markets["net"] = markets["cost_per_tonne"] - markets["price"]
    found = []
    for row in form.slices.itertuples(index=False):
        open_now = runs_in(markets, row.slice) & runs_in(markets, row.slice_end)
        found.append(markets[open_now].assign(slice=row.slice))
    offers = pd.concat(found, ignore_index=True)
    at = ["output", "class", "slice"]
    apart = apart_markets(case)
    mine = offers["market"].isin(apart["market"])
    _add_ways_to_markets(form, offers[mine], running)
    offers = offers[~mine]
    plain = (offers.groupby(at)["market"].transform("count") == 1) & offers["capacity"].isna()
    sold = form.routes.sold
    sold = sold[~pd.MultiIndex.from_frame(sold[["output", "class"]]).isin(_pairs(apart))]
    made = with_columns(form, per_route(form, sold, ["output", "class"], form.supply.peak))
    direct = offers[plain][[*at, "net"]]
    yearly = sold.merge(direct, on=["output", "class"])
    yearly["share"] *= yearly["net"]
    discount = discounts(case)
    weighed = form.supply.years.assign(kt=form.supply.years["kt"] * form.supply.years["year"].map(discount))
    add_route_cost(form, weighed, yearly, "slice")
    choice = offers[~plain].sort_values([*at, "market"], ignore_index=True)
    key = [*at, "market"]
    z = linear.add_block("z", choice[key], upper=choice["capacity"].fillna(np.inf).to_numpy() / 1000.0).table()
    weights = year_weights(form, ["slice"]).set_index("slice")["weight"]
    add_cost(form, z["col"], choice["net"] * 1000.0 * choice["slice"].map(weights))
    # A market that nobody supplies stays empty: its pool has a row as well.
    pools = pd.concat([made[at], choice[at]]).drop_duplicates().merge(direct[at], on=at, how="left", indicator=True)
    pools = pools[pools["_merge"] == "left_only"][at].sort_values(at)
    linear.add_rows("sold", pools, [z.assign(coef=1.0), made.assign(coef=-made["coef"])], lower=0.0, upper=0.0)


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["output", "class"]].drop_duplicates())


def _add_ways_to_markets(form: Formulation, offers: pd.DataFrame, running: pd.DataFrame) -> None:
    """Markets with ways of their own are told apart by the plant that sells to them (column ``v``)."""
    if offers.empty:
        return
    linear = form.linear
    sold = form.routes.sold
    made = with_origin(form, sold[pd.MultiIndex.from_frame(sold[["output", "class"]]).isin(_pairs(offers))])
    at = ["origin", "output", "class", "slice"]
    who = made[[*at, "facility", "technology"]].drop_duplicates(at)
    runs = form.routes.options.drop_duplicates("technology").set_index("technology")["runs"]
    who = who.assign(technology=who["technology"].map(runs))
    places = who.merge(running.rename(columns={"facility": "place"}), on=["technology", "slice"])
    places = places[(places["facility"] == "") | (places["facility"] == places["place"])]
    pairs = places.merge(offers[["output", "class", "slice", "market", "price"]], on=["output", "class", "slice"])
    lengths = ways_to_markets(form.case, pairs.rename(columns={"place": "from", "market": "to"}))
    lengths = lengths.rename(columns={"from": "place", "to": "market"})
    key = [*at, "market"]
    pairs = pairs.merge(lengths[["place", "market", "cost_per_tonne"]], on=["place", "market"])
    pairs["net"] = pairs["cost_per_tonne"] - pairs["price"]
    cheapest = pairs.groupby(key, as_index=False)["net"].min()
    v = linear.add_block("v", cheapest[key]).table()
    weights = year_weights(form, ["slice"]).set_index("slice")["weight"]
    add_cost(form, v["col"], cheapest["net"] * 1000.0 * cheapest["slice"].map(weights))
    linear.add_rows(
        "sold_from",
        who[at].sort_values(at),
        [v.assign(coef=1.0), made.assign(coef=-made["coef"])],
        lower=0.0,
        upper=0.0,
    )
    room = offers[offers["capacity"].notna()]
    linear.add_rows(
        "market_room", room[["market", "slice"]], [v.assign(coef=1.0)], upper=room["capacity"].to_numpy() / 1000.0
    )
