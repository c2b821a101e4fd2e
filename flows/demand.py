"""Levers of demand: purchasing that widens a market, and exchange of by-products and soil between projects.

What is bought anew and what is bought secondary are compared over the product's life, discounted to the year of
purchase: price, operation each year, disposal at its end. What is exchanged was never waste: it is in no rate, has no
scheme and no facility, only places, years and costs.
"""

from __future__ import annotations

import pandas as pd

from flows.case import Case
from flows.routing import ways

PURCHASE_COLUMNS = ["variant", "year", "purchase", "municipality", "market", "output", "mass_t", "extra_cost"]
EXCHANGE_COLUMNS = [
    "variant",
    "given_year",
    "year",
    "offer",
    "need",
    "material",
    "from",
    "to",
    "mass_t",
    "distance_km",
    "cost",
    "saved",
    "kg_co2e_moved",
    "kg_co2e_avoided",
]
WAY_KEY = ["offer", "need", "given_year", "year"]


def life_cycle_costs(case: Case) -> pd.DataFrame:
    """Return purchase, recycled, new, extra [currency/t]: what a tonne costs over the product's life.

    Present value in the year of purchase: price, operation at the end of each year of life, disposal at its end.
    """
    rows = case["purchasing"]
    rate = float(case.settings["discount_rate"])
    life = rows["lifetime"].to_numpy(dtype=float)
    years = life if rate == 0 else (1.0 - (1.0 + rate) ** -life) / rate
    end = (1.0 + rate) ** -life
    table = rows[["purchase"]].copy()
    for kind in ("recycled", "new"):
        table[kind] = (
            rows[f"price_{kind}"] + rows[f"operation_{kind}"] * years + rows[f"disposal_{kind}"] * end
        ).to_numpy(dtype=float)
    return table.assign(extra=table["recycled"] - table["new"])


def exchange_options(case: Case, years: list[int]) -> pd.DataFrame:
    """Return every way to exchange: WAY_KEY, material, from, to, distance_km, cost, saved, moved, avoided, share.

    ``cost`` [currency/t]: handling at both ends, storage and transport; ``saved``: disposal of the offer and new
    material of the need; ``moved`` and ``avoided`` [kg CO2e/t]. A tonne a year that is used in a plan year is
    ``share`` tonnes a year of the year in which it was given, as plan years may stand for several years.
    """
    rows = case["exchange"]
    offers = rows[rows["kind"] == "offer"].rename(columns={"project": "offer", "municipality": "from"})
    needs = rows[rows["kind"] == "need"].rename(columns={"project": "need", "municipality": "to"})
    pairs = offers.drop(columns="kind").merge(needs.drop(columns="kind"), on="material", suffixes=("_offer", "_need"))
    times = pd.DataFrame(
        [(given, used) for given in years for used in years if used >= given], columns=["given_year", "year"]
    )
    table = pairs.merge(times, how="cross")
    stored = table["year"] - table["given_year"]
    for name, end in (("given_year", "offer"), ("year", "need")):
        first, last = table.pop(f"first_year_{end}"), table.pop(f"last_year_{end}")
        table = table[(first.isna() | (first <= table[name])) & (last.isna() | (last >= table[name]))]
    table = table[stored.reindex(table.index) <= table["storage_years_offer"]]
    moving = ways(case, table[["from", "to"]], "haul")
    table = table.merge(moving, on=["from", "to"])
    kept = table["year"] - table["given_year"]
    weights = {year: case.weight(year) for year in years}
    return table.assign(
        cost=table["handling_cost_offer"]
        + table["handling_cost_need"]
        + table["storage_cost_offer"] * kept
        + table["cost_per_tonne"],
        saved=table["disposal_cost_offer"] + table["virgin_cost_need"],
        moved=table["emission_per_tonne"],
        avoided=-table["virgin_emission_need"],
        share=table["year"].map(weights) / table["given_year"].map(weights),
    )[[*WAY_KEY, "material", "from", "to", "distance_km", "cost", "saved", "moved", "avoided", "share"]].sort_values(
        WAY_KEY, ignore_index=True
    )


def purchases_table(case: Case, bought: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``purchases`` from ``bought`` (purchase, year, mass_t)."""
    rows = case["purchasing"][["purchase", "municipality", "market"]]
    outputs = case["markets"].set_index("market")["output"]
    table = bought[bought["mass_t"] > 0].merge(rows, on="purchase").merge(life_cycle_costs(case), on="purchase")
    table = table.assign(
        variant=variant, output=table["market"].map(outputs), extra_cost=table["mass_t"] * table["extra"]
    )
    return table[PURCHASE_COLUMNS].sort_values(["year", "purchase"], ignore_index=True)


def exchanges_table(case: Case, moved: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``exchanges`` from ``moved`` (WAY_KEY, mass_t)."""
    table = moved[moved["mass_t"] > 0].merge(exchange_options(case, case.plan_years), on=WAY_KEY)
    table = table.assign(
        variant=variant,
        cost=table["cost"] * table["mass_t"],
        saved=table["saved"] * table["mass_t"],
        kg_co2e_moved=table["moved"] * table["mass_t"],
        kg_co2e_avoided=table["avoided"] * table["mass_t"],
    )
    return table[EXCHANGE_COLUMNS].sort_values(["year", "offer", "need", "given_year"], ignore_index=True)


def demand_costs(case: Case, purchases: pd.DataFrame, exchanges: pd.DataFrame) -> pd.DataFrame:
    """Return rows for the table ``costs``: what buyers pay more (or less), and what exchange costs less what it saves."""
    bought = purchases.assign(payer="municipality", category="purchasing", amount=purchases["extra_cost"])
    moved = exchanges.assign(
        payer="business",
        category="exchange",
        amount=exchanges["cost"] - exchanges["saved"],
        municipality=exchanges["to"],
    )
    keys = ["variant", "year", "payer", "municipality", "category"]
    table = pd.concat([bought[[*keys, "amount"]], moved[[*keys, "amount"]]], ignore_index=True)
    table = table.groupby(keys, as_index=False)["amount"].sum()
    table = table[table["amount"] != 0]
    worth = table["amount"] * table["year"].map({year: case.discount(year) for year in case.plan_years})
    return table.assign(sector="", facility="", currency=case.currency, in_objective=worth.astype(float))


def demand_emissions(exchanges: pd.DataFrame) -> pd.DataFrame:
    """Return rows for the table ``emissions``: moving what is exchanged, and the new material that it replaces."""
    keys = ["variant", "year", "municipality"]
    parts = [
        exchanges.rename(columns={"to": "municipality", column: "kg_co2e"})
        .groupby(keys, as_index=False)["kg_co2e"]
        .sum()
        .assign(step="exchange", kind=kind, facility="", fraction="")
        for column, kind in (("kg_co2e_moved", "transport"), ("kg_co2e_avoided", "avoided"))
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[table["kg_co2e"] != 0]
