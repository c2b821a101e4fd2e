"""What each kind of source contributes to the difference between plan and reference.

Costs are known per sector and emissions per municipality; both are brought back to the sources
in proportion to the tonnes that cause them, so that the effects add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from flows.case import Case
from reports.aggregate import ORIGIN, Sums, clean, spread, total

SIGNS = {"reference": -1.0, "plan": 1.0}


def effects(
    case: Case, tables: Mapping[str, pd.DataFrame], sums: Sums, scope: str, method: str, year: int
) -> pd.DataFrame:
    """Return plan minus reference of one year: municipality, sector, segment, tonnes, amount, kg_co2e.

    ``tonnes`` is what counts as recycled under ``method`` and ``scope``; kg_co2e leaves biogenic carbon out.
    """
    parts = [
        _difference(_counted(tables, sums, scope, method, year), "mass_t").rename(columns={"mass_t": "tonnes"}),
        _difference(_costs_by_source(case, tables, sums, year), "amount"),
        _difference(_emissions_by_source(sums, year), "kg_co2e"),
    ]
    merged = pd.concat(parts, ignore_index=True)
    for name in ("tonnes", "amount", "kg_co2e"):
        merged[name] = merged[name].fillna(0.0)
    return merged.groupby(ORIGIN, as_index=False)[["tonnes", "amount", "kg_co2e"]].sum()


def _of_year(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[(frame["year"] == year) & frame["variant"].isin(SIGNS)]


def _difference(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    signed = frame.assign(**{value: frame[value] * frame["variant"].map(SIGNS).astype(float)})
    return total(signed, ORIGIN, value)


def _counted(tables: Mapping[str, pd.DataFrame], sums: Sums, scope: str, method: str, year: int) -> pd.DataFrame:
    counted = clean(tables["counted"])
    rows = _of_year(counted[(counted["scope"] == scope) & (counted["method"] == method)], year)
    if not rows.empty:
        return rows
    treated = _of_year(sums.treated, year)
    return treated[treated["treatment"].isin({"recycling", "preparing_for_reuse"})]


def _costs_by_source(case: Case, tables: Mapping[str, pd.DataFrame], sums: Sums, year: int) -> pd.DataFrame:
    costs = _of_year(sums.costs, year)
    known = costs["sector"] != ""
    by_tonnes = _of_year(sums.entering, year)
    collection = costs["category"].isin({"collection", "change"})
    place = ["variant", "municipality"]
    sector = [*place, "sector"]
    facility = [*sector, "facility"]
    parts = [
        spread(
            costs[known & collection],
            "amount",
            collection_weights(case, tables, sums, year),
            "weight",
            [sector],
            ["segment"],
        ),
        spread(costs[known & ~collection], "amount", by_tonnes, "mass_t", [facility, sector], ["segment"]),
        spread(costs[~known], "amount", by_tonnes, "mass_t", [[*place, "facility"], place], ["sector", "segment"]),
    ]
    return pd.concat(parts, ignore_index=True)


def collection_weights(case: Case, tables: Mapping[str, pd.DataFrame], sums: Sums, year: int) -> pd.DataFrame:
    """Return what the schemes of each source cost to collect, by their prices: variant, municipality, …, weight."""
    schemes = _of_year(clean(tables["schemes"]), year)
    return scheme_weights(case, schemes, total(_of_year(sums.amounts, year), ["variant", *ORIGIN], "mass_t"))


def scheme_weights(case: Case, schemes: pd.DataFrame, mass: pd.DataFrame) -> pd.DataFrame:
    """Return the same for given rows of schemes and the amounts (variant, municipality, …, mass_t) of their sources."""
    keys = ["variant", *ORIGIN]
    prices = case["schemes"].set_index("scheme")[["cost_per_household", "cost_per_tonne"]]
    frame = schemes.join(prices, on="scheme").merge(mass, on=keys, how="left")
    frame = frame.merge(
        case["dwellings"][["municipality", "segment", "dwellings"]], on=["municipality", "segment"], how="left"
    )
    filled = frame[["dwellings", "mass_t", "cost_per_household", "cost_per_tonne"]].fillna(0.0)
    each = filled["cost_per_household"] * filled["dwellings"] + filled["cost_per_tonne"] * filled["mass_t"]
    return total(frame.assign(weight=frame["share"] * each), keys, "weight")


def _emissions_by_source(sums: Sums, year: int) -> pd.DataFrame:
    emissions = _of_year(sums.emissions, year)
    emissions = emissions[emissions["kind"] != "biogenic"]
    place = ["variant", "municipality"]
    levels = [[*place, "facility", "fraction"], [*place, "fraction"], place]
    return spread(emissions, "kg_co2e", _of_year(sums.entering, year), "mass_t", levels, ["sector", "segment"])
