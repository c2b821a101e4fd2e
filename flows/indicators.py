"""The indicators of a state of the system, from its tables: per year, municipality and over the horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.case import Case
from flows.indicator_names import FACTORED, INDICATOR_LIST, INDICATORS_BY_NAME
from flows.prices import indicator_factors, steps

INDICATOR_COLUMNS = ["variant", "year", "municipality", "indicator", "value", "unit"]
BY = ["year", "municipality"]
Floats = NDArray[np.float64]
_NOT_SUMMED = {"cost", "investment", "facilities", "new_facilities"}
"""What the horizon has otherwise than as a sum over its years."""


def indicators(case: Case, tables: dict[str, pd.DataFrame], operation: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``indicators`` of one variant from its tables flows, schemes, costs, emissions and exchanges.

    ``operation`` has year, facility, size, on, starts. Columns :data:`INDICATOR_COLUMNS`; a blank municipality is
    the region, a blank year the whole horizon (only where every plan year is there). ``cost`` has the region's rows
    only, as what a shared facility costs a municipality hangs on how it is shared (see ``household_costs``).
    """
    years = sorted(int(year) for year in tables["flows"]["year"].unique())
    parts = {
        **_flow_indicators(case, tables["flows"]),
        "co2e": _co2e(tables["emissions"]),
        **_factored(case, tables["flows"], tables["exchanges"]),
        **_built(case, operation),
        "cost": tables["costs"][BY].assign(value=tables["costs"]["amount"]),
    }
    whole = set(case.plan_years) <= set(years)
    rows = _with_totals(case, parts, years, whole)
    rows.extend(_per_household(case, tables["schemes"], years, whole))
    if whole:
        rows.extend(_horizon(case, tables["costs"], operation))
    table = pd.concat([row for row in rows if len(row)], ignore_index=True)
    unit = np.where(
        table["year"].isna(),
        table["indicator"].map({one.name: one.horizon_unit for one in INDICATOR_LIST}),
        table["indicator"].map({one.name: one.unit for one in INDICATOR_LIST}),
    )
    table = table.assign(variant=variant, unit=pd.Series(unit).str.replace("DKK", case.currency))
    return table[INDICATOR_COLUMNS].sort_values(["indicator", "municipality", "year"], ignore_index=True)


def _with_totals(case: Case, parts: dict[str, pd.DataFrame], years: list[int], whole: bool) -> list[pd.DataFrame]:
    """Return the rows of indicators by municipality and year, with the region's and those of the horizon.

    ``parts`` have year, municipality and value, by indicator; a municipality that is none is the region's alone.
    """
    names = list(parts)
    own = [name for name in names if not INDICATORS_BY_NAME[name].regional]
    towns, span = pd.Index(case["municipalities"]["municipality"]), pd.Index(years)
    totals = {name: _by_place(part, span, towns) for name, part in parts.items()}
    region = pd.MultiIndex.from_product([names, years], names=["indicator", "year"]).to_frame(index=False)
    places = pd.MultiIndex.from_product([own, years, towns], names=["indicator", *BY]).to_frame(index=False)
    tables = [
        region.assign(value=np.concatenate([totals[name].sum(axis=1) for name in names]), municipality=""),
        places.assign(value=np.concatenate([totals[name][:, :-1].ravel() for name in own])),
    ]
    if whole:
        planned = pd.concat(tables, ignore_index=True)
        planned = planned[planned["year"].isin(case.plan_years) & ~planned["indicator"].isin(_NOT_SUMMED)]
        summed = planned.assign(value=planned["value"] * planned["year"].map(case.weight))
        tables.append(summed.groupby(["indicator", "municipality"], as_index=False)["value"].sum().assign(year=np.nan))
    return tables


def _by_place(part: pd.DataFrame, years: pd.Index, towns: pd.Index) -> Floats:
    """Return the sums of a part by year and municipality, with one more column for what is of none."""
    year, town = years.get_indexer(part["year"]), towns.get_indexer(part["municipality"])
    width = len(towns) + 1
    place = year * width + np.where(town < 0, len(towns), town)
    inside = year >= 0
    values = part["value"].to_numpy(dtype=float)[inside]
    sums = np.bincount(place[inside], weights=values, minlength=len(years) * width)
    return np.asarray(sums.reshape(len(years), width), dtype=float)


def _flow_indicators(case: Case, flows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    technology = case["facilities"].set_index("facility")["technology"]
    treatment = technology.map(case["technologies"].set_index("technology")["treatment"])
    burnt = (flows["to"].map(treatment) == "energy_recovery").to_numpy(dtype=bool)
    at_market = flows["to"].isin(set(case["markets"]["market"])).to_numpy(dtype=bool)
    ends = flows["treatment"].to_numpy()
    fossil = flows["fraction"].map(case["fractions"].set_index("fraction")["fossil_co2"]).to_numpy(dtype=float)
    mass = flows["mass_t"].to_numpy(dtype=float)
    values = {
        "landfilled": mass * (ends == "landfill"),
        "incinerated": mass * (burnt | (at_market & (ends == "energy_recovery"))),
        "fossil_co2": mass * burnt * fossil / 1000.0,
    }
    return {name: flows[BY].assign(value=value) for name, value in values.items()}


def _co2e(emissions: pd.DataFrame) -> pd.DataFrame:
    rows = emissions[emissions["kind"] != "biogenic"]
    return rows[BY].assign(value=rows["kg_co2e"] / 1000.0)


def _factored(case: Case, flows: pd.DataFrame, exchanges: pd.DataFrame) -> dict[str, pd.DataFrame]:
    technology = case["facilities"].set_index("facility")["technology"]
    markets = set(case["markets"]["market"])
    entering = flows[flows["to"].isin(technology.index)]
    entering = entering.assign(process=entering["to"].map(technology))
    sold = flows[flows["to"].isin(markets)].rename(columns={"to": "process"})
    found = {}
    for name in FACTORED:
        factors = indicator_factors(case, name)
        at = factors[factors["place"] == "technology"]
        first = entering.merge(at[["process", "fraction", "value"]], on=["process", "fraction"])
        by_end = factors[factors["place"] == "market"][["process", "treatment", "fraction", "value"]]
        second = sold.merge(by_end, on=["process", "treatment", "fraction"])
        both = pd.concat([first, second], ignore_index=True)
        table = both[BY].assign(value=both["mass_t"] * both["value"])
        if name == "material_avoided" and len(exchanges):
            # What is exchanged replaces as much new material.
            used = exchanges.rename(columns={"to": "municipality", "mass_t": "value"})
            table = pd.concat([table, used[[*BY, "value"]]], ignore_index=True)
        found[name] = table
    return found


def _sites(case: Case, operation: pd.DataFrame) -> pd.DataFrame:
    """Return the steps in operation with their facility's municipality and whether it is a candidate."""
    places = case["facilities"][["facility", "municipality", "state"]]
    return operation[operation["on"] > 0].merge(places, on="facility")


def _built(case: Case, operation: pd.DataFrame) -> dict[str, pd.DataFrame]:
    stands = _sites(case, operation)
    places = stands.drop_duplicates(["year", "facility"])
    capex = steps(case)[["facility", "size", "capex"]]
    opened = stands[stands["starts"] > 0].merge(capex, on=["facility", "size"])
    return {
        "facilities": places[BY].assign(value=1.0),
        "new_facilities": places.loc[places["state"] == "candidate", BY].assign(value=1.0),
        "investment": opened[BY].assign(value=opened["capex"]),
    }


def _per_household(case: Case, schemes: pd.DataFrame, years: list[int], whole: bool) -> list[pd.DataFrame]:
    """Return what schemes charge per household, weighted by households (and years over the horizon)."""
    homes = case["dwellings"].groupby("municipality")["dwellings"].sum()
    rows = schemes.merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
    rows = rows.merge(case["dwellings"][["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
    rows = rows.assign(value=rows["share"] * rows["cost_per_household"] * rows["dwellings"])
    charged = rows.pivot_table(index="year", columns="municipality", values="value", aggfunc="sum", fill_value=0.0)
    charged = charged.reindex(index=years, columns=homes.index, fill_value=0.0)
    base = homes.clip(lower=1.0)
    own = charged / base
    own[""] = charged.sum(axis=1) / max(float(homes.sum()), 1.0)
    parts = [own.rename_axis("year").reset_index().melt("year", var_name="municipality", value_name="value")]
    if whole:
        weights = pd.Series({year: case.weight(year) for year in case.plan_years})
        mean = own.loc[case.plan_years].mul(weights, axis=0).sum() / weights.sum()
        mean = mean.rename_axis("municipality").rename("value")
        parts.append(mean.reset_index().assign(year=np.nan))
    return [part.assign(indicator="cost_per_household") for part in parts]


def _horizon(case: Case, costs: pd.DataFrame, operation: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of the horizon of what is not summed over years."""
    stands = _sites(case, operation)
    stands = stands[stands["year"].isin(case.plan_years)]
    capex = steps(case)[["facility", "size", "capex"]]
    opened = stands[stands["starts"] > 0].merge(capex, on=["facility", "size"])
    places = stands.drop_duplicates("facility")
    values = {
        "facilities": places.assign(value=1.0),
        "new_facilities": places[places["state"] == "candidate"].assign(value=1.0),
        "investment": opened.assign(value=opened["capex"]),
    }
    rows = [("", "cost", float(costs["in_objective"].sum()))]
    for name, table in values.items():
        rows.append(("", name, float(table["value"].sum())))
        own = table.groupby("municipality")["value"].sum()
        rows.extend((town, name, float(own.get(town, 0.0))) for town in case["municipalities"]["municipality"])
    found = pd.DataFrame(rows, columns=["municipality", "indicator", "value"])
    return [found.assign(year=np.nan)]
