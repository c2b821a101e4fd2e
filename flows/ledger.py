"""The tables of money and of emissions that follow from flows, schemes and facilities.

Costs are shown by who pays. What a shared facility costs as a whole (fixed cost, capital) is carried by
its users in proportion to what they send there; an idle one is carried by the municipalities together.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from flows.amounts import SOURCE, generation
from flows.case import Case
from flows.prices import emission_factors, entry_costs, steps, treatment_costs
from flows.remember import of_case
from flows.routing import ways, ways_to_markets

COST_COLUMNS = [
    "variant",
    "year",
    "payer",
    "municipality",
    "sector",
    "facility",
    "category",
    "amount",
    "currency",
    "in_objective",
]
EMISSION_COLUMNS = ["variant", "year", "municipality", "facility", "step", "fraction", "kind", "kg_co2e"]


@of_case
def payers(case: Case, year: int) -> pd.DataFrame:
    """Return who pays for a stream under a scheme in a year, and the extra cost of collecting it.

    Columns scheme, stream, payer, cost_per_tonne; every scheme and stream that its capture uses.
    """
    used = case["capture"][["scheme", "stream"]].drop_duplicates()
    base = used.merge(case["schemes"][["scheme", "payer"]], on="scheme")
    rows = case["collection"]
    rows = rows[rows["from"].isna() | (rows["from"] <= year)].assign(since=lambda table: table["from"].fillna(-1))
    rows = rows.sort_values("since").drop_duplicates(["scheme", "stream"], keep="last")
    merged = base.merge(
        rows[["scheme", "stream", "payer", "cost_per_tonne"]],
        on=["scheme", "stream"],
        how="left",
        suffixes=("", "_row"),
    )
    merged["payer"] = merged["payer_row"].fillna(merged["payer"])
    merged["cost_per_tonne"] = merged["cost_per_tonne"].fillna(0.0)
    return merged[["scheme", "stream", "payer", "cost_per_tonne"]]


def all_payers(case: Case, years: list[int]) -> pd.DataFrame:
    """Return :func:`payers` of several years with a column ``year``."""
    return pd.concat([payers(case, year).assign(year=year) for year in years], ignore_index=True)


class Movements:
    """The table ``flows`` of a state as money and emissions look at it; each view is worked out once."""

    def __init__(self, case: Case, flows: pd.DataFrame) -> None:
        """Take the case and the table ``flows`` of one state of it."""
        self.case, self.flows = case, flows
        self.years = sorted(int(year) for year in flows["year"].unique())

    @cached_property
    def first(self) -> pd.DataFrame:
        """The legs that leave sources."""
        return split_legs(self.case, self.flows)[0]

    @cached_property
    def legs(self) -> pd.DataFrame:
        """Every leg with its start, and what a tonne of it costs and emits."""
        facilities = set(self.case["facilities"]["facility"])
        start = self.flows["from"].where(self.flows["from"].isin(facilities), self.flows["municipality"])
        legs = self.flows.assign(start=start).merge(leg_rates(self.case, self.flows), on=["start", "to"])
        return legs.assign(facility=legs["to"].where(legs["to"].isin(facilities), legs["from"]))

    @cached_property
    def entries(self) -> pd.DataFrame:
        """What enters facilities: year, SOURCE, stream, facility, technology, fraction, mass_t."""
        technology = self.case["facilities"].set_index("facility")["technology"]
        rows = self.flows[self.flows["to"].isin(technology.index)].rename(columns={"to": "facility"})
        rows = rows.groupby(["year", *SOURCE, "stream", "facility", "fraction"], as_index=False)["mass_t"].sum()
        return rows.assign(technology=rows["facility"].map(technology))

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Who pays what share of a source's stream, by mass: year, SOURCE, stream, payer, part."""
        table = self.collected.groupby(["year", *SOURCE, "stream", "payer"], as_index=False)["mass_t"].sum()
        total = table.groupby(["year", *SOURCE, "stream"])["mass_t"].transform("sum")
        return table.assign(part=table["mass_t"] / total).drop(columns="mass_t")

    @cached_property
    def collected(self) -> pd.DataFrame:
        """What schemes collect of streams: year, SOURCE, scheme, stream, mass_t, payer, cost_per_tonne."""
        table = self.first.groupby(["year", *SOURCE, "scheme", "stream"], as_index=False)["mass_t"].sum()
        return table.merge(all_payers(self.case, self.years), on=["year", "scheme", "stream"])


def split_legs(case: Case, flows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the legs that leave sources and those that leave facilities."""
    facilities = set(case["facilities"]["facility"])
    later = flows["from"].isin(facilities)
    return flows[~later], flows[later]


def _collection(moved: Movements, schemes: pd.DataFrame) -> list[pd.DataFrame]:
    case = moved.case
    years = sorted(schemes["year"].unique())
    table = schemes.merge(case["schemes"].drop(columns=["segment", "sector"]), on="scheme")
    table = table.merge(
        case["dwellings"][["municipality", "segment", "dwellings"]], on=["municipality", "segment"], how="left"
    )
    table["dwellings"] = table["dwellings"].fillna(0.0)
    amounts = generation(case, years).groupby(["year", *SOURCE], as_index=False)["amount"].sum()
    table = table.merge(amounts, on=["year", *SOURCE], how="left", suffixes=("", "_t")).fillna({"amount": 0.0})
    running = table["share"] * (
        table["cost_per_household"] * table["dwellings"] + table["cost_per_tonne"] * table["amount"]
    )
    begun = table["started"] * (
        table["change_cost"] * table["dwellings"] + table["change_cost_per_tonne"] * table["amount"]
    )
    base = table[["year", "payer", "municipality", "sector"]].assign(facility="")
    streams = moved.collected
    extra = streams[["year", "payer", "municipality", "sector"]].assign(
        facility="", category="collection", amount=streams["cost_per_tonne"] * streams["mass_t"]
    )
    return [base.assign(category="collection", amount=running), base.assign(category="change", amount=begun), extra]


def leg_rates(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    """Return what a tonne of every way in ``flows`` costs and emits: from, to, cost_per_tonne, emission_per_tonne."""
    first, later = split_legs(case, flows)
    facilities = set(case["facilities"]["facility"])
    collected = first.loc[first["to"].isin(facilities), ["municipality", "to"]].drop_duplicates()
    collected = ways(case, collected.rename(columns={"municipality": "from"}), "collection")
    hauled = ways(case, later.loc[later["to"].isin(facilities), ["from", "to"]], "haul")
    sold = ways_to_markets(case, later.loc[later["to"].isin(set(case["markets"]["market"])), ["from", "to"]])
    columns = ["start", "to", "cost_per_tonne", "emission_per_tonne"]
    return pd.concat(
        [part.rename(columns={"from": "start"})[columns] for part in (collected, hauled, sold)], ignore_index=True
    )


def _moving_and_treating(moved: Movements) -> list[pd.DataFrame]:
    case, flows, entries = moved.case, moved.flows, moved.entries
    origin = ["year", *SOURCE, "stream", "facility"]
    legs = moved.legs.assign(amount=moved.legs["mass_t"] * moved.legs["cost_per_tonne"])
    parts = [legs.groupby(origin, as_index=False)["amount"].sum().assign(category="transport")]
    treated = treatment_costs(case).set_index("facility")["cost_per_tonne"]
    rated = entries.merge(entry_costs(case, moved.years), on=["year", "technology", "fraction"])
    rated["treatment"] = rated["facility"].map(treated)
    of_entry = ["treatment", "tax", "energy", "carbon"]
    rated[of_entry] = rated[of_entry].to_numpy(dtype=float) * rated[["mass_t"]].to_numpy(dtype=float)
    summed = rated.groupby(origin, as_index=False)[of_entry].sum()
    parts.extend(summed[origin].assign(amount=summed[category], category=category) for category in of_entry)
    prices = case["markets"].set_index("market")["price"]
    sold = flows[flows["to"].isin(prices.index)].rename(columns={"from": "facility"})
    # Where nothing is sold the column would stay one of text.
    sold = sold.assign(amount=-sold["mass_t"] * sold["to"].map(prices).astype(float))
    parts.append(sold.groupby(origin, as_index=False)["amount"].sum().assign(category="market"))
    table = pd.concat(parts, ignore_index=True).merge(moved.shares, on=["year", *SOURCE, "stream"])
    table["amount"] *= table["part"]
    return [table[["year", "payer", "municipality", "sector", "facility", "category", "amount"]]]


def _standing(moved: Movements, facility_years: pd.DataFrame) -> list[pd.DataFrame]:
    """Return fixed cost and capital of every facility and year, carried by its users."""
    users = moved.entries.groupby(["year", "facility", *SOURCE, "stream"], as_index=False)["mass_t"].sum()
    users = users.merge(moved.shares, on=["year", *SOURCE, "stream"])
    users["mass_t"] *= users["part"]
    users = users.groupby(["year", "facility", "payer", "municipality", "sector"], as_index=False)["mass_t"].sum()
    users["carries"] = users["mass_t"] / users.groupby(["year", "facility"])["mass_t"].transform("sum")
    parts = []
    for category in ("fixed", "capital"):
        table = facility_years[["year", "facility", category]].merge(users, on=["year", "facility"], how="left")
        idle = table["carries"].isna()
        table.loc[idle, ["payer", "municipality", "sector"]] = ["municipality", "", ""]
        table["amount"] = table[category] * table["carries"].fillna(1.0)
        table["category"] = category
        parts.append(table[["year", "payer", "municipality", "sector", "facility", "category", "amount"]])
    return parts


def facility_costs(case: Case, operation: pd.DataFrame) -> pd.DataFrame:
    """Return fixed cost and annuity per facility and year.

    ``operation`` has year, facility, size, on (0 or 1) and starts (1 in the year a step opens). Capital is
    paid from opening to the end of the lifetime, whether the step runs or not.
    """
    table = operation.merge(steps(case), on=["facility", "size"])
    table["fixed"] = table["on"] * table["fixed_cost"]
    fixed = table.groupby(["facility", "year"], as_index=False)["fixed"].sum()
    begun = table[table["starts"] > 0].rename(columns={"year": "opened"})
    years = operation[["year"]].drop_duplicates()
    paid = begun[["facility", "opened", "starts", "annuity", "lifetime"]].merge(years, how="cross")
    alive = (paid["year"] >= paid["opened"]) & (paid["year"] < paid["opened"] + paid["lifetime"])
    paid["capital"] = paid["starts"] * paid["annuity"] * alive
    paid = paid.groupby(["facility", "year"], as_index=False)["capital"].sum()
    return fixed.merge(paid, on=["facility", "year"], how="outer").fillna({"fixed": 0.0, "capital": 0.0})


def costs(moved: Movements, schemes: pd.DataFrame, operation: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``costs``: one row per year, payer, municipality, sector, facility and category.

    ``schemes`` has year, SOURCE, scheme, share, started (share that begins this year); ``operation`` as in
    :func:`facility_costs`. Amounts are per year at the price year, without VAT; ``in_objective`` is what
    the row adds to the discounted total of the plan years.
    """
    case = moved.case
    parts = [
        *_collection(moved, schemes),
        *_moving_and_treating(moved),
        *_standing(moved, facility_costs(case, operation)),
    ]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    keys = ["year", "payer", "municipality", "sector", "facility", "category"]
    table = table.groupby(keys, as_index=False)["amount"].sum()
    table = table[table["amount"] != 0]
    inside = set(case.plan_years)
    yearly = {year: case.discount(year) if year in inside else 0.0 for year in table["year"].unique()}
    once = {year: case.discount_factor(year) if year in inside else 0.0 for year in table["year"].unique()}
    factor = np.where(table["category"] == "change", table["year"].map(once), table["year"].map(yearly))
    table = table.assign(variant=variant, currency=case.currency, in_objective=table["amount"] * factor)
    return table[COST_COLUMNS].sort_values(["variant", *keys], ignore_index=True)


def emissions(moved: Movements, variant: str) -> pd.DataFrame:
    """Return the table ``emissions``: kg CO2e per year, municipality, facility, step, fraction and kind."""
    case, flows = moved.case, moved.flows
    factors = emission_factors(case)
    entered = moved.entries.merge(
        factors[factors["place"] == "technology"].rename(columns={"process": "technology"}),
        on=["technology", "fraction"],
    )
    sold = flows[flows["to"].isin(set(case["markets"]["market"]))].rename(columns={"to": "process", "from": "facility"})
    sold = sold.merge(factors[factors["place"] == "market"], on=["process", "treatment", "fraction"])
    legs = moved.legs
    keys = ["year", "municipality", "facility", "fraction"]
    parts = [legs.assign(kg_co2e=legs["mass_t"] * legs["emission_per_tonne"], step="transport", kind="transport")]
    for step, table in (("treatment", entered), ("market", sold)):
        parts.extend(
            table.assign(kg_co2e=table["mass_t"] * table[kind], step=step, kind=kind)
            for kind in ("fossil", "biogenic", "avoided")
        )
    columns = [*keys, "step", "kind"]
    table = pd.concat([part[[*columns, "kg_co2e"]] for part in parts], ignore_index=True)
    table = table.groupby(columns, as_index=False)["kg_co2e"].sum()
    table = table[table["kg_co2e"] != 0].assign(variant=variant)
    return table[EMISSION_COLUMNS].sort_values(EMISSION_COLUMNS[:-1], ignore_index=True)
