"""Where streams and outputs can go, how far that is, and where they go without a plan.

Without a plan a stream follows its contracts and, where none binds it, goes to the nearest existing
facility that takes it; an output goes to the nearest facility or to the market with the best price.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from flows.remember import of_case
from flows.tables import NEVER_WASTE

EARTH_RADIUS_KM = 6371.0088
ROUTE_COLUMNS = [*SOURCE, "stream", "facility", "share"]


def straight_line(lat_a: np.ndarray, lon_a: np.ndarray, lat_b: np.ndarray, lon_b: np.ndarray) -> np.ndarray:
    """Return great-circle distances in km between points given in degrees (haversine formula)."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


def _places(case: Case) -> pd.DataFrame:
    municipalities = case["municipalities"].rename(columns={"municipality": "place"})
    facilities = case["facilities"].rename(columns={"facility": "place"})
    columns = ["place", "lat", "lon", "zone"]
    return pd.concat([municipalities[columns], facilities[columns]], ignore_index=True).drop_duplicates("place")


def ways(case: Case, pairs: pd.DataFrame, mode: str) -> pd.DataFrame:
    """Return distance, cost and emission of moving a tonne along every pair ``from``, ``to``.

    ``mode`` is ``collection`` or ``haul``. Columns from, to, distance_km, cost_per_tonne,
    emission_per_tonne [kg]. An explicit row of the distances sheet wins over coordinates; a crossing is
    added for every zone that only one end lies in. Places without coordinates count as no distance.
    """
    pairs = pairs[["from", "to"]].drop_duplicates().sort_values(["from", "to"], ignore_index=True)
    if pairs.empty:
        return pairs.assign(distance_km=0.0, cost_per_tonne=0.0, emission_per_tonne=0.0)
    places = _places(case).set_index("place")
    start, end = places.reindex(pairs["from"]), places.reindex(pairs["to"])
    transport = case["transport"]
    rows = transport[transport["mode"] == mode]
    road = (
        rows.iloc[0] if len(rows) else pd.Series({"cost": 0.0, "cost_per_tonne": 0.0, "emission": 0.0, "detour": 1.0})
    )
    line = straight_line(*(frame[name].to_numpy(dtype=float) for frame in (start, end) for name in ("lat", "lon")))
    distance = np.nan_to_num(line * road["detour"], nan=0.0)
    given = pairs.merge(case["distances"][["from", "to", "distance", "cost"]], on=["from", "to"], how="left")
    distance = np.where(given["distance"].notna(), given["distance"], distance)
    cost = distance * road["cost"]
    emission = distance * road["emission"]
    zone_a, zone_b = start["zone"].fillna("").to_numpy(), end["zone"].fillna("").to_numpy()
    for crossing in transport[transport["mode"] == "crossing"].itertuples(index=False):
        crosses = (zone_a == crossing.zone) != (zone_b == crossing.zone)
        cost = cost + crosses * (crossing.cost_per_tonne + crossing.cost * crossing.distance)
        emission = emission + crosses * crossing.distance * crossing.emission
    cost = np.where(given["cost"].notna(), given["cost"], cost) + road["cost_per_tonne"]
    return pairs.assign(distance_km=distance, cost_per_tonne=cost, emission_per_tonne=emission)


def market_ways(case: Case) -> pd.DataFrame:
    """Return cost and emission per tonne of reaching every market: market, cost_per_tonne, emission_per_tonne."""
    rows = case["transport"]
    rows = rows[rows["mode"] == "haul"]
    cost = float(rows["cost"].iloc[0]) if len(rows) else 0.0
    emission = float(rows["emission"].iloc[0]) if len(rows) else 0.0
    distance = case["markets"]["distance"]
    return pd.DataFrame(
        {
            "market": case["markets"]["market"],
            "cost_per_tonne": distance * cost,
            "emission_per_tonne": distance * emission,
        }
    )


def apart_markets(case: Case) -> pd.DataFrame:
    """Return output, class, market of every class of markets to which ways of their own are given.

    A class of markets is apart as soon as a row of the distances sheet leads to one of them.
    """
    given = set(case["distances"]["to"])
    rows = destinations(case)
    rows = rows[rows["kind"] == "market"]
    apart = rows["to"].isin(given).groupby([rows["output"], rows["class"]]).transform("any").astype(bool)
    return rows[apart].rename(columns={"to": "market"})[["output", "class", "market"]].reset_index(drop=True)


def ways_to_markets(case: Case, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return cost and emission per tonne along every pair ``from`` (facility), ``to`` (market).

    A row of the distances sheet wins over the market's own distance. Columns from, to, cost_per_tonne,
    emission_per_tonne [kg].
    """
    pairs = pairs[["from", "to"]].drop_duplicates().sort_values(["from", "to"], ignore_index=True)
    rows = case["transport"]
    rows = rows[rows["mode"] == "haul"]
    cost = float(rows["cost"].iloc[0]) if len(rows) else 0.0
    emission = float(rows["emission"].iloc[0]) if len(rows) else 0.0
    given = pairs.merge(case["distances"][["from", "to", "distance", "cost"]], on=["from", "to"], how="left")
    usual = pairs["to"].map(case["markets"].drop_duplicates("market").set_index("market")["distance"])
    distance = given["distance"].fillna(usual)
    return pairs.assign(cost_per_tonne=given["cost"].fillna(distance * cost), emission_per_tonne=distance * emission)


def runs_in(rows: pd.DataFrame, year: int, first: str = "from", last: str = "until") -> pd.Series:
    """Return which rows hold in ``year``."""
    return (rows[first].isna() | (rows[first] <= year)) & (rows[last].isna() | (rows[last] >= year))


def runs_within(rows: pd.DataFrame, begin: int, end: int) -> pd.Series:
    """Return which rows hold in any year from ``begin`` to ``end``."""
    return (rows["from"].isna() | (rows["from"] <= end)) & (rows["until"].isna() | (rows["until"] >= begin))


def existing(case: Case, year: int) -> pd.DataFrame:
    """Return facilities that stand today and run in ``year``."""
    rows = case["facilities"]
    return rows[(rows["state"] == "existing") & runs_in(rows, year, "opens", "closes")]


def contract_shares(case: Case, year: int) -> pd.DataFrame:
    """Return what contracts bind in ``year``: municipality, sector, stream, facility, share; most specific wins."""
    rows = case["contracts"]
    rows = rows[runs_in(rows, year)]
    if rows.empty:
        empty = pd.DataFrame(columns=["municipality", "sector", "stream", "facility", "share"])
        # A share without a number type would turn every mass that it touches into an object.
        return empty.astype({"share": "float64"})
    pairs = case.sources()[["municipality", "sector"]].drop_duplicates()
    found = []
    for by in (["municipality", "sector"], ["municipality"], ["sector"], []):
        blank = [name for name in ("municipality", "sector") if name not in by]
        part = rows[(rows[by] != "").all(axis=1) & (rows[blank] == "").all(axis=1)].drop(columns=blank)
        merged = pairs.merge(part, on=by) if by else pairs.merge(part, how="cross")
        found.append(merged.assign(rank=len(by) + ("municipality" in by)))
    merged = pd.concat(found, ignore_index=True)
    best = merged.groupby(["municipality", "sector", "stream"])["rank"].transform("max")
    merged = merged[merged["rank"] == best]
    columns = ["municipality", "sector", "stream", "facility"]
    return merged.groupby(columns, as_index=False)["share"].sum()


def default_routes(case: Case, year: int) -> pd.DataFrame:
    """Return where every stream of every source goes without a plan.

    Columns municipality, sector, segment, stream, facility, share; shares of a stream add up to one
    where any facility takes it. Never-waste streams and those prepared for reuse have no facility.
    """
    kinds = case["streams"]
    physical = kinds[~kinds["kind"].isin([*NEVER_WASTE, "preparing_for_reuse"])]["stream"]
    sources = case.sources()
    facilities = existing(case, year)[["facility", "technology"]]
    open_now = facilities.merge(case["accepts"], on="technology").rename(columns={"input": "stream"})
    municipalities = sources["municipality"].drop_duplicates()
    pairs = municipalities.to_frame().merge(open_now[["facility", "stream"]], how="cross")
    lengths = ways(case, pairs.rename(columns={"municipality": "from", "facility": "to"}), "collection")
    lengths = lengths.rename(columns={"from": "municipality", "to": "facility"})
    nearest = pairs.merge(lengths, on=["municipality", "facility"])
    nearest = nearest.sort_values(["municipality", "stream", "cost_per_tonne", "facility"])
    nearest = nearest.drop_duplicates(["municipality", "stream"])[["municipality", "stream", "facility"]]
    bound = contract_shares(case, year)
    # A contract with a plant that does not run in the year binds nobody.
    bound = bound[bound["facility"].isin(facilities["facility"])]
    bound = sources.merge(bound, on=["municipality", "sector"])[ROUTE_COLUMNS]
    every = sources.merge(physical.to_frame(), how="cross")
    taken = bound.groupby([*SOURCE, "stream"], as_index=False)["share"].sum()
    rest = every.merge(taken, on=[*SOURCE, "stream"], how="left").fillna({"share": 0.0})
    rest["share"] = (1.0 - rest["share"]).clip(lower=0.0)
    rest = rest[rest["share"] > 1e-12].merge(nearest, on=["municipality", "stream"])
    routes = pd.concat([bound, rest[ROUTE_COLUMNS]], ignore_index=True)
    routes = routes.groupby([*SOURCE, "stream", "facility"], as_index=False)["share"].sum()
    return routes[ROUTE_COLUMNS].sort_values([*SOURCE, "stream", "facility"], ignore_index=True)


@of_case
def destinations(case: Case) -> pd.DataFrame:
    """Return every place an output could go to: output, to, kind (facility or market), class.

    Destinations of one ``class`` treat what arrives alike: facilities of one technology, or markets
    with the same treatment and losses.
    """
    markets = case["markets"]
    signature = (
        "market:"
        + markets["treatment"]
        + ":"
        + markets["loss_before_point"].round(9).astype(str)
        + ":"
        + markets["loss_recycling"].round(9).astype(str)
        + ":"
        + markets["lost_treatment"]
    )
    to_market = pd.DataFrame(
        {"output": markets["output"], "to": markets["market"], "kind": "market", "class": signature}
    )
    outputs = set(case["outputs"]["output"])
    accepts = case["accepts"][case["accepts"]["input"].isin(outputs)]
    taken = case["facilities"][["facility", "technology"]].merge(accepts, on="technology")
    to_facility = pd.DataFrame(
        {
            "output": taken["input"],
            "to": taken["facility"],
            "kind": "facility",
            "class": "technology:" + taken["technology"],
        }
    )
    table = pd.concat([to_facility, to_market], ignore_index=True).astype(str)
    return table.sort_values(["output", "kind", "to"], ignore_index=True)


def default_outputs(case: Case, year: int) -> pd.DataFrame:
    """Return where every output of every facility goes without a plan: facility, output, to, share.

    The nearest existing facility that takes it, else the market with the best price.
    """
    kinds = case["outputs"].set_index("output")["kind"]
    yields = case["yields"][["technology", "output"]].drop_duplicates()
    yields = yields[yields["output"].map(kinds) != "emission"]
    made = case["facilities"][["facility", "technology"]].merge(yields, on="technology")
    options = made.merge(destinations(case), on="output")
    running = set(existing(case, year)["facility"])
    markets = case["markets"][runs_in(case["markets"], year)]
    options = options[options["to"].isin(running | set(markets["market"])) & (options["to"] != options["facility"])]
    hauls = options[options["kind"] == "facility"].rename(columns={"facility": "from"})
    if len(hauls):
        costs = ways(case, hauls, "haul").rename(columns={"from": "facility"})
        options = options.merge(costs[["facility", "to", "cost_per_tonne"]], on=["facility", "to"], how="left")
    else:
        options = options.assign(cost_per_tonne=np.nan)
    sold = options[options["kind"] == "market"].rename(columns={"facility": "from"})
    lengths = ways_to_markets(case, sold).rename(columns={"from": "facility", "cost_per_tonne": "way"})
    options = options.merge(lengths[["facility", "to", "way"]], on=["facility", "to"], how="left")
    price = markets.set_index("market")["price"]
    options["cost_per_tonne"] = options["cost_per_tonne"].fillna(options["way"] - options["to"].map(price))
    options = options.sort_values(["facility", "output", "kind", "cost_per_tonne", "to"])
    options = options.drop_duplicates(["facility", "output"])
    return options[["facility", "output", "to"]].assign(share=1.0).reset_index(drop=True)
