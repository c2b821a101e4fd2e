"""What a tonne costs and emits where: taxes, energy, carbon, treatment, ways, emission factors.

Every function gives rates per tonne; tables of money and of emissions are these rates times flows.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from flows.case import Case
from flows.remember import of_case

GJ_PER_MWH = 3.6


class Prices:
    """Prices by item, technology and year; read from the sheet once."""

    def __init__(self, case: Case) -> None:
        rows = case["prices"].rename(columns={"from": "first"})
        self._rows = [
            (row.item, row.technology, -1.0 if np.isnan(row.first) else row.first, float(row.value))
            for row in rows.itertuples(index=False)
        ]

    def of(self, item: str, technology: str, year: int) -> float:
        """Return the price of an item at a technology in a year, in currency per t or MWh; 0 if none is given.

        A row for the technology wins over one for all; of those the latest that has begun.
        """
        found = [
            (name == technology, first, value)
            for what, name, first, value in self._rows
            if what == item and name in (technology, "") and first <= year
        ]
        return max(found)[2] if found else 0.0


@of_case
def entry_costs(case: Case, years: Iterable[int]) -> pd.DataFrame:
    """Return what a tonne of a fraction costs on entry of a technology, beside treatment itself.

    Columns year, technology, fraction, tax, energy, carbon [currency/t]; energy is negative (income).
    Carbon is paid for fossil CO2 burnt, at technologies whose treatment is energy recovery.
    """
    fractions, prices = case["fractions"], Prices(case)
    rows = []
    for technology in case["technologies"].itertuples(index=False):
        burns = technology.treatment == "energy_recovery"
        for year in years:
            tax = prices.of("tax", technology.technology, year)
            income = technology.electricity * prices.of("electricity", technology.technology, year)
            income += technology.heat * prices.of("heat", technology.technology, year)
            carbon = prices.of("carbon", technology.technology, year) / 1000.0 if burns else 0.0
            rows.append((year, technology.technology, tax, income, carbon))
    entered = pd.DataFrame(rows, columns=["year", "technology", "tax", "income", "carbon_price"])
    table = entered.merge(fractions[["fraction", "energy", "fossil_co2"]], how="cross")
    table["energy"] = -table["energy"] / GJ_PER_MWH * table["income"]
    table["carbon"] = table["fossil_co2"] * table["carbon_price"]
    return table[["year", "technology", "fraction", "tax", "energy", "carbon"]]


def treatment_costs(case: Case) -> pd.DataFrame:
    """Return what a facility charges or costs per tonne: facility, cost_per_tonne, and whether it is bought."""
    facilities = case["facilities"]
    general = facilities["technology"].map(case["technologies"].set_index("technology")["variable_cost"])
    own = facilities["variable_cost"].fillna(general)
    bought = facilities["gate_fee"].notna()
    return pd.DataFrame(
        {
            "facility": facilities["facility"],
            "cost_per_tonne": facilities["gate_fee"].where(bought, own),
            "bought": bought,
        }
    )


def annuity_factor(rate: float, years: float) -> float:
    """Return the yearly payment per unit of investment over a lifetime (capital recovery factor).

    >>> round(annuity_factor(0.04, 20), 6)
    0.073582
    >>> annuity_factor(0.0, 20)
    0.05
    """
    return 1.0 / years if rate == 0 else rate / (1.0 - (1.0 + rate) ** -years)


@of_case
def steps(case: Case) -> pd.DataFrame:
    """Return every step in which a facility can stand or be built.

    Columns facility, size, capacity [t/year, NaN unlimited], capex, fixed_cost, minimum_load, annuity,
    lifetime, built (True for what stands today, size ``existing``).
    """
    facilities = case["facilities"]
    stands = facilities[facilities["state"] == "existing"]
    today = pd.DataFrame(
        {
            "facility": stands["facility"],
            "size": "existing",
            "capacity": stands["capacity"],
            "capex": 0.0,
            "fixed_cost": stands["fixed_cost"],
            "minimum_load": stands["minimum_load"],
            "built": True,
        }
    )
    sizes = case["sizes"]
    single = sizes[sizes["facility"] != ""].drop(columns="technology")
    candidates = facilities[(facilities["state"] == "candidate") & ~facilities["facility"].isin(single["facility"])]
    shared = sizes[sizes["facility"] == ""].drop(columns="facility")
    options = pd.concat(
        [single, candidates[["facility", "technology"]].merge(shared, on="technology")], ignore_index=True
    )
    columns = ["facility", "size", "capacity", "capex", "fixed_cost", "minimum_load"]
    table = pd.concat([today, options[columns].assign(built=False)], ignore_index=True)
    technology = facilities.set_index("facility")["technology"]
    lifetime = table["facility"].map(technology).map(case["technologies"].set_index("technology")["lifetime"])
    rate = float(case.settings["discount_rate"])
    table["lifetime"] = lifetime.to_numpy(dtype=float)
    factors = {years: annuity_factor(rate, years) for years in set(table["lifetime"])}
    table["annuity"] = table["capex"] * table["lifetime"].map(factors)
    return table.sort_values(["facility", "size"], ignore_index=True)


def places_of_factors(case: Case, rows: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Return factors per tonne entering a technology or delivered to a market with a treatment.

    ``rows`` has treatment, process, fraction and ``values``; blank keys hold for any. Columns place
    (``technology`` or ``market``), process, treatment, fraction and ``values``, 0 where no row holds. A row for
    the process wins over one for its treatment, a row for the fraction over one for any. Technologies that neither
    burn nor deposit are there only if a row names them, with the treatment ''.
    """
    technologies = case["technologies"]
    named = set(rows["process"]) - {""}
    inside = technologies["treatment"].isin(["energy_recovery", "landfill"]) | technologies["technology"].isin(named)
    at_entry = technologies[inside][["technology", "treatment"]].rename(columns={"technology": "process"})
    # What recycling gives or takes is counted on delivery; at a recycler only a factor of its own holds.
    ends_here = at_entry["treatment"].isin(["energy_recovery", "landfill"])
    at_entry["treatment"] = at_entry["treatment"].where(ends_here, "")
    from flows.account import market_parts

    parts = market_parts(case)[["market", "treatment"]].rename(columns={"market": "process"})
    places = pd.concat([at_entry.assign(place="technology"), parts.assign(place="market")], ignore_index=True)
    wanted = places.merge(case["fractions"][["fraction"]], how="cross")
    found = []
    for rank, (by_process, by_fraction) in enumerate([(True, True), (True, False), (False, True), (False, False)]):
        place = "process" if by_process else "treatment"
        part = rows[(rows["process"] != "") == by_process]
        part = part[(part["fraction"] != "") == by_fraction]
        by = [place, *(["fraction"] if by_fraction else [])]
        if len(part):
            found.append(wanted.merge(part[[*by, *values]], on=by).assign(rank=rank))
    found.append(wanted.assign(**dict.fromkeys(values, 0.0), rank=9))
    key = ["place", "process", "treatment", "fraction"]
    table = pd.concat(found, ignore_index=True).sort_values([*key, "rank"]).drop_duplicates(key)
    return table[[*key, *values]].reset_index(drop=True)


@of_case
def emission_factors(case: Case) -> pd.DataFrame:
    """Return kg CO2e per tonne entering a technology or delivered to a market with a treatment.

    Columns place (``technology`` or ``market``), process, treatment ('' at technologies), fraction,
    fossil, biogenic, avoided; places as in :func:`places_of_factors`. Burning adds the fossil and biogenic CO2 of
    the fractions sheet.
    """
    values = ["fossil", "biogenic", "avoided"]
    rows = case["emissions"][["treatment", "process", "fraction", *values]]
    table = places_of_factors(case, rows, values)
    fractions = case["fractions"].set_index("fraction")
    burnt = ((table["place"] == "technology") & (table["treatment"] == "energy_recovery")).to_numpy(dtype=float)
    for kind in ("fossil", "biogenic"):
        table[kind] += burnt * table["fraction"].map(fractions[f"{kind}_co2"]).to_numpy(dtype=float)
    table["treatment"] = np.where(table["place"] == "technology", "", table["treatment"])
    return table


@of_case
def indicator_factors(case: Case, indicator: str) -> pd.DataFrame:
    """Return what a tonne gives of an indicator: place, process, treatment ('' at technologies), fraction, value."""
    rows = case["indicator_factors"]
    table = places_of_factors(case, rows[rows["indicator"] == indicator], ["value"])
    table["treatment"] = np.where(table["place"] == "technology", "", table["treatment"])
    return table
