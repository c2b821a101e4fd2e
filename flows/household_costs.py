"""What the system costs the households of each municipality, by a fixed key.

A municipality's part of the region's cost has a tariff part and a rest. The tariff is known before anything is
decided: its own collection, changes, ways to facilities, taxes and energy as they are; what it delivers to a facility
times the facility's cost at full load; what its waste gives rise to further on times the mean tariff of the
facilities, or the mean price of the markets, that take it. The rest, what tariffs do not cover (half-empty plants,
hauls between plants, better or worse markets), is carried by inhabitants. So the parts add up to the whole, and
each is linear in the flows: what a plant costs is not divided by what happens to come there.
"""

from __future__ import annotations

import pandas as pd

from flows.case import Case
from flows.ledger import leg_rates, split_legs
from flows.prices import steps, treatment_costs
from flows.routing import destinations, market_ways, runs_in

HOUSEHOLD_COLUMNS = [
    "variant",
    "year",
    "municipality",
    "tariff",
    "rest",
    "households",
    "cost_per_household",
    "increase",
]
OWN = ("collection", "change", "tax", "energy", "carbon")
"""Categories of cost that each origin has of its own."""


def carriers(case: Case) -> pd.DataFrame:
    """Return municipality, households, key: households, and the share of the rest by inhabitants.

    Households stand in for inhabitants where a number of these is blank. Municipalities without households have none
    of the increase, but carry their key.
    """
    table = case["municipalities"][["municipality", "population"]].copy()
    homes = case["dwellings"].groupby("municipality")["dwellings"].sum()
    table["households"] = table["municipality"].map(homes).fillna(0.0).astype(float)
    people = table["population"] if table["population"].notna().all() else table["households"]
    total = float(people.sum())
    table["key"] = people / total if total > 0 else 1.0 / max(len(table), 1)
    return table[["municipality", "households", "key"]]


def full_load_tariffs(case: Case) -> pd.DataFrame:
    """Return facility, technology, tariff: treatment of a tonne, and fixed cost and capital of it at full load.

    Of what stands, its own fixed cost over its capacity; of a candidate, those of its largest step. A facility of
    unlimited capacity has no cost at full load: its fixed cost is part of the rest.
    """
    table = treatment_costs(case).merge(case["facilities"][["facility", "technology"]], on="facility")
    sized = steps(case).sort_values(["facility", "built", "capacity", "size"])
    largest = sized.drop_duplicates("facility", keep="last").set_index("facility")
    standing = (largest["fixed_cost"] + largest["annuity"]) / largest["capacity"].where(largest["capacity"] > 0)
    table["tariff"] = table["cost_per_tonne"] + table["facility"].map(standing).fillna(0.0)
    return table[["facility", "technology", "tariff"]]


def onward_tariffs(case: Case, year: int, until: int | None = None) -> pd.DataFrame:
    """Return output, class, tariff: the mean of what facilities charge, and markets pay, that take an output.

    Markets are those that buy in ``year`` (to ``until``).
    """
    goals = destinations(case)
    by_technology = full_load_tariffs(case).set_index("facility")["tariff"]
    to_facility = goals[goals["kind"] == "facility"]
    to_facility = to_facility.assign(tariff=to_facility["to"].map(by_technology))
    markets = case["markets"].merge(market_ways(case), on="market")
    buying = runs_in(markets, year) & runs_in(markets, until or year)
    net = (markets["cost_per_tonne"] - markets["price"]).where(buying).set_axis(markets["market"])
    to_market = goals[goals["kind"] == "market"]
    to_market = to_market.assign(tariff=to_market["to"].map(net)).dropna(subset=["tariff"])
    table = pd.concat([to_facility, to_market], ignore_index=True)
    return table.groupby(["output", "class"], as_index=False)["tariff"].mean()


def household_costs(case: Case, tables: dict[str, pd.DataFrame], reference: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table ``household_costs`` of the variants in ``tables`` (flows, costs).

    ``reference`` holds cost_per_household by year and municipality of what the increase is counted from; None: the
    variant ``reference`` of ``tables``. Columns :data:`HOUSEHOLD_COLUMNS`, money undiscounted; ``increase`` of a year
    that the reference lacks is blank.
    """
    table = _per_household(case, tables["flows"], tables["costs"])
    base = table[table["variant"] == "reference"] if reference is None else reference
    base = base[["year", "municipality", "cost_per_household"]].rename(columns={"cost_per_household": "before"})
    table = table.merge(base, on=["year", "municipality"], how="left")
    table["increase"] = table["cost_per_household"] - table["before"]
    return table[HOUSEHOLD_COLUMNS].sort_values(HOUSEHOLD_COLUMNS[:3], ignore_index=True)


def _per_household(case: Case, flows: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return variant, year, municipality, tariff, rest, households, key, cost_per_household."""
    state = ["variant", "year"]
    by = [*state, "municipality"]
    own = costs[costs["category"].isin(OWN)].groupby(by)["amount"].sum()
    first, later = split_legs(case, flows)
    facilities = set(case["facilities"]["facility"])
    first = first[first["to"].isin(facilities)]
    rates = leg_rates(case, flows).rename(columns={"start": "municipality"})
    moved = first.merge(rates[["municipality", "to", "cost_per_tonne"]], on=["municipality", "to"])
    moved = moved.merge(full_load_tariffs(case).rename(columns={"facility": "to"}), on="to")
    delivered = moved.assign(amount=moved["mass_t"] * (moved["cost_per_tonne"] + moved["tariff"]))
    classes = destinations(case).drop_duplicates(["output", "to"])[["output", "to", "class"]]
    onward = later.groupby([*by, "output", "to"], as_index=False)["mass_t"].sum().merge(classes, on=["output", "to"])
    means = [onward_tariffs(case, int(year)).assign(year=year) for year in sorted(flows["year"].unique())]
    onward = onward.merge(pd.concat(means, ignore_index=True), on=["year", "output", "class"])
    onward["amount"] = onward["mass_t"] * onward["tariff"]
    places = carriers(case)
    grid = pd.MultiIndex.from_frame(
        flows[state].drop_duplicates().merge(places[["municipality"]], how="cross").sort_values(by)
    )
    tariff = sum(
        part.reindex(grid, fill_value=0.0)
        for part in (own, delivered.groupby(by)["amount"].sum(), onward.groupby(by)["amount"].sum())
    )
    table = pd.DataFrame({"tariff": tariff}).reset_index().merge(places, on="municipality")
    charged = table.groupby(state)["tariff"].sum()
    left = costs.groupby(state)["amount"].sum().reindex(charged.index, fill_value=0.0) - charged
    table["rest"] = table["key"] * left.reindex(pd.MultiIndex.from_frame(table[state])).to_numpy()
    homes = table["households"].where(table["households"] > 0)
    table["cost_per_household"] = (table["tariff"] + table["rest"]) / homes
    return table
