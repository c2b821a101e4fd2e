"""The certificate's checks of the levers of demand: purchases, recycled content, and exchange between projects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.certificate_ways import ways_of
from models.evidence import RELATIVE, Check, Evidence, holds_in, verdict


def _windowed(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    return rows[holds_in(rows, year, "first_year", "last_year")]


def purchases(evidence: Evidence) -> list[Check]:
    """Nothing is bought beyond its maximum or outside its years; what is yes or no is one of them throughout."""
    rows = evidence.case["purchasing"]
    if rows.empty and not len(evidence.bought):
        return []
    told = evidence.bought.groupby(["purchase", "year"])["mass_t"].sum()
    windows = {year: set(_windowed(rows, year)["purchase"]) for year in evidence.years}
    faults, count = [], 0
    for row in rows.itertuples(index=False):
        open_years = [year for year in evidence.years if row.purchase in windows[year]]
        found = {year: float(told.get((row.purchase, year), 0.0)) for year in evidence.years}
        count += len(found)
        size = max(row.maximum, 1.0)
        for year, mass in found.items():
            most = row.maximum if year in open_years else 0.0
            faults.append((row.purchase, year, mass, max(mass - most, 0.0) / size))
        if not row.divisible:
            part = [found[year] / size for year in open_years]
            spread = min(max(abs(one) for one in part), max(abs(1.0 - one) for one in part)) if part else 0.0
            first = open_years[0] if open_years else 0
            faults.append((row.purchase, first, found.get(first, 0.0), spread))
    mass = evidence.later_legs.groupby(["to", "year"])["mass_t"].sum()
    for (market, year), bought in evidence.bought.groupby(["market", "year"])["mass_t"].sum().items():
        lack = max(float(bought) - float(mass.get((market, year), 0.0)), 0.0) / max(float(bought), 1.0)
        faults.append((f"delivered to {market}", year, bought, lack))
    strange = evidence.bought[~evidence.bought["purchase"].isin(rows["purchase"])]
    faults.extend((name, year, mass, 1.0) for name, year, mass in strange[["purchase", "year", "mass_t"]].to_numpy())
    table = pd.DataFrame(faults, columns=["purchase", "year", "mass_t", "error"])
    return [verdict("purchases", table, table["error"], RELATIVE, ["purchase", "year", "mass_t"], of=count)]


def content(evidence: Evidence) -> list[Check]:
    """A market gets the recycled content that is required of a product's demand."""
    rows = evidence.case["content_requirements"]
    if rows.empty:
        return []
    mass = evidence.later_legs.groupby(["year", "to"])["mass_t"].sum()
    found = [
        (row.requirement, year, row.demand * row.share, float(mass.get((year, row.market), 0.0)))
        for year in evidence.years
        for row in _windowed(rows, year).itertuples(index=False)
    ]
    says = ["requirement", "year", "least", "delivered"]
    table = pd.DataFrame(found, columns=says)
    lack = np.maximum(table["least"] - table["delivered"], 0.0) / np.maximum(table["least"], 1.0)
    return [verdict("recycled content", table, lack, RELATIVE, says)]


def exchange(evidence: Evidence) -> list[Check]:
    """Offers and needs are kept, in their years, of one material, stored no longer than may be; costs are as told."""
    rows, moved = evidence.case["exchange"], evidence.exchanged
    if rows.empty and moved.empty:
        return []
    case = evidence.case
    by_name = {row.project: row for row in rows.itertuples(index=False)}
    faults: list[dict[str, object]] = []
    given: dict[tuple[str, int], float] = {}
    used: dict[tuple[str, int], float] = {}
    ways = ways_of(case)
    for one in moved.itertuples(index=False):
        offer, need = by_name.get(one.offer), by_name.get(one.need)
        row = {"offer": one.offer, "need": one.need, "year": one.year, "mass_t": one.mass_t}
        if offer is None or need is None or offer.kind != "offer" or need.kind != "need":
            faults.append({**row, "why": "no such offer or need", "error": 1.0})
            continue
        stored = one.year - one.given_year
        inside = not (one.given_year < offer.first_year or one.given_year > offer.last_year)
        inside &= not (one.year < need.first_year or one.year > need.last_year)
        inside &= {one.year, one.given_year} <= set(evidence.years) and 0 <= stored <= offer.storage_years
        if not inside or offer.material != need.material:
            faults.append({**row, "why": "outside its years, or another material", "error": 1.0})
        handling = offer.handling_cost + need.handling_cost + offer.storage_cost * stored
        cost = handling + ways.cost(offer.municipality, need.municipality, "haul")
        saved = offer.disposal_cost + need.virgin_cost
        emission = ways.emission(offer.municipality, need.municipality, "haul")
        pairs = (
            (one.cost, cost),
            (one.saved, saved),
            (one.kg_co2e_moved, emission),
            (one.kg_co2e_avoided, -need.virgin_emission),
        )
        wrong = max(abs(told - rate * one.mass_t) / max(abs(rate * one.mass_t), 1.0) for told, rate in pairs)
        faults.append({**row, "why": "cost or emission", "error": wrong})
        weight = case.weight(one.year) / case.weight(one.given_year)
        given[one.offer, one.given_year] = given.get((one.offer, one.given_year), 0.0) + one.mass_t * weight
        used[one.need, one.year] = used.get((one.need, one.year), 0.0) + one.mass_t
    for sums in (given, used):
        for (name, year), mass in sums.items():
            most = float(by_name[name].amount)
            error = max(mass - most, 0.0) / max(most, 1.0)
            faults.append({"offer": name, "need": "", "year": year, "mass_t": mass, "why": "amount", "error": error})
    says = ["offer", "need", "year", "mass_t", "why"]
    table = pd.DataFrame(faults, columns=[*says, "error"])
    return [verdict("exchange", table, table["error"].astype(float), RELATIVE, says, of=len(moved))]
