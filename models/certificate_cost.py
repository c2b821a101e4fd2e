"""The certificate's check of money: every category recomputed from flows, schemes, facilities and the case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.certificate_plants import standing_steps, step_table
from models.certificate_schemes import choices
from models.certificate_ways import ways_of
from models.evidence import RELATIVE, Check, Distinct, Evidence, Floats, once, verdict

GJ_PER_MWH = 3.6


def _per_year(evidence: Evidence, year: pd.Series, amount: Floats | pd.Series) -> Floats:
    """Return the sum of amounts by plan year."""
    position = pd.Index(evidence.years).get_indexer(year)
    values = np.asarray(amount, dtype=float)
    return np.bincount(position[position >= 0], weights=values[position >= 0], minlength=len(evidence.years)).astype(
        float
    )


@once
def scheme_base(evidence: Evidence) -> tuple[Floats, Floats]:
    """Return households per row of the choices (source and scheme) and tonnes generated per row and year."""
    rows = choices(evidence).rows
    dwellings = evidence.case["dwellings"].set_index(["municipality", "segment"])["dwellings"]
    homes = dwellings.reindex(pd.MultiIndex.from_frame(rows[["municipality", "segment"]])).fillna(0.0)
    amounts = evidence.amounts.groupby([*SOURCE, "year"])["amount"].sum().unstack("year")
    tonnes = amounts.reindex(pd.MultiIndex.from_frame(rows[SOURCE])).reindex(columns=evidence.years).fillna(0.0)
    return homes.to_numpy(dtype=float), tonnes.to_numpy(dtype=float)


@once
def stream_rates(evidence: Evidence) -> dict[tuple[str, str, int], tuple[str | None, float]]:
    """Return who pays for a stream of a scheme in a year (None: who pays for the scheme) and its cost per tonne."""
    rows = evidence.case["collection"].sort_values("from", na_position="first", kind="stable")
    found: dict[tuple[str, str, int], tuple[str | None, float]] = {}
    for row in rows[["scheme", "stream", "from", "payer", "cost_per_tonne"]].itertuples(index=False, name=None):
        for year in evidence.years:
            if not row[2] > year:
                found[row[0], row[1], year] = (None if pd.isna(row[3]) else str(row[3]), float(row[4]))
    return found


def collection(evidence: Evidence) -> Floats:
    """Cost per household and per tonne of the schemes in effect, and of single streams."""
    found = choices(evidence)
    homes, tonnes = scheme_base(evidence)
    per_home, per_tonne = (
        found.rows[name].to_numpy(dtype=float)[:, None] for name in ("cost_per_household", "cost_per_tonne")
    )
    total = (found.share * (per_home * homes[:, None] + per_tonne * tonnes)).sum(axis=0)
    masses = evidence.first_legs.groupby(["year", "scheme", "stream"], as_index=False)["mass_t"].sum()
    rates = stream_rates(evidence)
    keys = masses[["scheme", "stream", "year"]].itertuples(index=False, name=None)
    rate = np.array([rates.get(key, ("", 0.0))[1] for key in keys], dtype=float)
    total = total + _per_year(evidence, masses["year"], masses["mass_t"] * rate)
    return np.asarray(total)


def change(evidence: Evidence) -> Floats:
    """One-off cost of the share of a scheme that begins, in the year in which it begins."""
    found = choices(evidence)
    homes, tonnes = scheme_base(evidence)
    per_home, per_tonne = (
        found.rows[name].to_numpy(dtype=float)[:, None] for name in ("change_cost", "change_cost_per_tonne")
    )
    return np.asarray((found.begun * (per_home * homes[:, None] + per_tonne * tonnes)).sum(axis=0))


@once
def leg_costs(evidence: Evidence) -> Floats:
    """Return money per tonne of every flow: to a facility from its municipality or facility, or on to a market."""
    case = evidence.case
    haul = case["transport"][case["transport"]["mode"] == "haul"]["cost"]
    per_km = float(haul.iloc[0]) if len(haul) else 0.0
    to_market = case["markets"].set_index("market")["distance"]
    ways = ways_of(case)

    def cost(first: bool, origin: str, goal: str) -> float:
        usual = np.nan if first else float(to_market.get(goal, np.nan))
        if goal in evidence.technology.index:
            return ways.cost(origin, goal, "collection" if first else "haul")
        return 0.0 if np.isnan(usual) else ways.to_market(origin, goal, usual, per_km)

    return evidence.legs.each(cost)


def transport(evidence: Evidence) -> Floats:
    """Collection from municipality to facility, haul from facility to facility, and the way to markets."""
    return _per_year(evidence, evidence.flows["year"], evidence.flows["mass_t"] * leg_costs(evidence))


def gate_rates(evidence: Evidence) -> pd.Series:
    """Return by facility the gate fee of bought treatment, or the cost per tonne of an own plant."""
    facilities = evidence.case["facilities"].set_index("facility")
    general = evidence.technology.map(evidence.case["technologies"].set_index("technology")["variable_cost"])
    return facilities["gate_fee"].fillna(facilities["variable_cost"]).fillna(general)


def treatment(evidence: Evidence) -> Floats:
    """Gate fee of bought treatment; cost per tonne of own plants."""
    rows = evidence.entering
    return _per_year(evidence, rows["year"], rows["mass_t"] * rows["facility"].map(gate_rates(evidence)))


def fixed(evidence: Evidence) -> Floats:
    """Fixed cost of every step in operation."""
    rows = standing_steps(evidence).merge(step_table(evidence), on=["facility", "size"])
    return _per_year(evidence, rows["year"], rows["fixed_cost"])


def annuity(evidence: Evidence, steps: pd.DataFrame) -> Floats:
    """Return the yearly payment for steps (capex, lifetime)."""
    rate = float(evidence.case.settings["discount_rate"])
    capex, lifetime = (steps[name].to_numpy(dtype=float) for name in ("capex", "lifetime"))
    if rate == 0:
        return np.asarray(capex / lifetime)
    return np.asarray(capex * rate / -np.expm1(-lifetime * np.log1p(rate)))


def capital(evidence: Evidence) -> Floats:
    """Annuity of every step from opening to the end of its lifetime or of the plan, whether it runs or not."""
    steps = standing_steps(evidence).drop_duplicates(["facility", "size", "opened"])
    steps = steps.merge(step_table(evidence), on=["facility", "size"])
    years = np.array(evidence.years)[None, :]
    opened, lifetime = (steps[name].to_numpy(dtype=float)[:, None] for name in ("opened", "lifetime"))
    paid = (opened <= years) & (years < opened + lifetime)
    return np.asarray((annuity(evidence, steps)[:, None] * paid).sum(axis=0))


class _Prices:
    """Prices by item, technology and year: the technology's own row wins over one for all, then the latest begun."""

    def __init__(self, case: Case) -> None:
        self._rows: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for row in (
            case["prices"][["item", "technology", "from", "value"]].fillna({"from": -1.0}).itertuples(index=False)
        ):
            self._rows.setdefault((row[0], row[1]), []).append((float(row[2]), float(row[3])))

    def of(self, item: str, technology: str, year: int) -> float:
        for name in (technology, ""):
            begun = [one for one in self._rows.get((item, name), []) if one[0] <= year]
            if begun:
                return max(begun, key=lambda one: one[0])[1]
        return 0.0


@once
def entry_rates(evidence: Evidence) -> dict[str, Floats]:
    """Return tax, energy and carbon [money/t] of every flow as it enters a technology; 0 where it does not."""
    flows, case = evidence.flows, evidence.case
    prices, technologies = _Prices(case), case["technologies"].set_index("technology").to_dict("index")
    fractions = case["fractions"].set_index("fraction")[["energy", "fossil_co2"]].to_dict("index")
    at = flows["to"].map(evidence.technology).fillna("")
    entries = Distinct(pd.DataFrame({"technology": at, "year": flows["year"], "fraction": flows["fraction"]}))

    def energy(technology: str, year: int, fraction: str) -> float:
        row = technologies[technology]
        sold = sum(float(row[item]) * prices.of(item, technology, year) for item in ("electricity", "heat"))
        return -sold / GJ_PER_MWH * float(fractions[fraction]["energy"])

    def carbon(technology: str, year: int, fraction: str) -> float:
        burns = technologies[technology]["treatment"] == "energy_recovery"
        price = prices.of("carbon", technology, year) if burns else 0.0
        return price / 1000.0 * float(fractions[fraction]["fossil_co2"])

    def at_entry(rate: Callable[[str, int, str], float]) -> Floats:
        return entries.each(lambda technology, *key: rate(technology, *key) if technology else 0.0)

    return {
        "tax": at_entry(lambda technology, year, _: prices.of("tax", technology, year)),
        "energy": at_entry(energy),
        "carbon": at_entry(carbon),
    }


def _on_entry(evidence: Evidence, category: str) -> Floats:
    return _per_year(evidence, evidence.flows["year"], evidence.flows["mass_t"] * entry_rates(evidence)[category])


def tax(evidence: Evidence) -> Floats:
    """Tax per tonne that enters a technology."""
    return _on_entry(evidence, "tax")


def energy(evidence: Evidence) -> Floats:
    """Income from electricity and heat, by the energy content of what enters; negative."""
    return _on_entry(evidence, "energy")


def carbon(evidence: Evidence) -> Floats:
    """Price of the fossil CO2 of what is burnt."""
    return _on_entry(evidence, "carbon")


def market(evidence: Evidence) -> Floats:
    """Income from what markets take (negative), or what they are paid to take it."""
    prices = evidence.case["markets"].set_index("market")["price"]
    rows = evidence.later_legs[evidence.later_legs["to"].isin(prices.index)]
    return _per_year(evidence, rows["year"], -rows["mass_t"] * rows["to"].map(prices))


ADDED_UP = 1000
"""Years of life that are added up one by one."""


@once
def purchase_extra(evidence: Evidence) -> dict[str, float]:
    """Return what a tonne of each purchase costs more over the life of what is bought, in the year of purchase."""
    rate = float(evidence.case.settings["discount_rate"])
    extra: dict[str, float] = {}
    for row in evidence.case["purchasing"].itertuples(index=False):
        total = row.price_recycled - row.price_new
        life = int(row.lifetime) if float(row.lifetime).is_integer() and row.lifetime <= ADDED_UP else None
        yearly = row.operation_recycled - row.operation_new
        if life is not None:
            total += sum(yearly / (1.0 + rate) ** year for year in range(1, life + 1))
        else:
            total += yearly * (row.lifetime if rate == 0 else (1.0 - (1.0 + rate) ** -row.lifetime) / rate)
        extra[row.purchase] = total + (row.disposal_recycled - row.disposal_new) * (1.0 + rate) ** -row.lifetime
    return extra


def purchasing(evidence: Evidence) -> Floats:
    """What buyers pay more over the life of what they buy, in the year of purchase."""
    bought = evidence.bought
    extra = bought["purchase"].map(purchase_extra(evidence)).astype(float)
    return _per_year(evidence, bought["year"], extra * bought["mass_t"])


def exchanging(evidence: Evidence) -> Floats:
    """What exchange costs less what it saves; each row is checked by :mod:`models.certificate_demand`."""
    moved = evidence.exchanged
    return _per_year(evidence, moved["year"], moved["cost"] - moved["saved"])


RECOMPUTED: dict[str, Callable[[Evidence], Floats]] = {
    "collection": collection,
    "change": change,
    "transport": transport,
    "treatment": treatment,
    "fixed": fixed,
    "capital": capital,
    "tax": tax,
    "market": market,
    "energy": energy,
    "carbon": carbon,
    "purchasing": purchasing,
    "exchange": exchanging,
}
CATEGORIES = tuple(RECOMPUTED)


def costs(evidence: Evidence) -> list[Check]:
    """Each category of each year agrees with the table ``costs``, and their discounted sum with the objective.

    A year's cost counts as often as the year stands for years; the one-off cost of a change counts once.
    """
    case, years = evidence.case, evidence.years
    told = evidence.table("costs")
    sums = told.groupby(["year", "category"])["amount"].sum()
    rate = float(case.settings["discount_rate"])
    base = case.settings["discount_year"] or case.plan_years[0]
    planned = np.isin(years, case.plan_years)
    yearly = np.array([case.discount(year) if inside else 0.0 for year, inside in zip(years, planned, strict=True)])
    single = np.array([(1.0 + rate) ** -(year - base) for year in years]) * planned
    rows: list[dict[str, object]] = []
    total = size = 0.0
    for category, recompute in RECOMPUTED.items():
        amounts = recompute(evidence)
        discounted = amounts * (single if category == "change" else yearly)
        total += float(discounted.sum())
        size += float(np.abs(discounted).sum())
        for year, amount in zip(years, amounts, strict=True):
            rows.append(
                {
                    "year": year,
                    "category": category,
                    "recomputed": amount,
                    "told": float(sums.get((year, category), 0.0)),
                }
            )
    table = pd.DataFrame(rows)
    error = (table["recomputed"] - table["told"]) / np.maximum(table["recomputed"].abs(), 1.0)
    checks = [verdict("costs", table, error, RELATIVE, ["category", "year", "recomputed", "told"])]
    odd = told[~told["category"].isin(CATEGORIES) | ~told["year"].isin(years)]
    checks.append(verdict("cost categories", odd, odd["amount"].fillna(np.inf), 0.0, ["category", "year", "amount"]))
    factor = np.where(
        told["category"] == "change",
        told["year"].map(dict(zip(years, single, strict=True))),
        told["year"].map(dict(zip(years, yearly, strict=True))),
    )
    error = (told["in_objective"] - told["amount"] * factor) / np.maximum((told["amount"] * factor).abs(), 1.0)
    checks.append(verdict("discounting", told, error, RELATIVE, ["category", "year", "amount", "in_objective"]))
    if evidence.standing:
        return checks
    # Money that comes in and money that goes out may nearly cancel: the objective is compared with itself or
    # a hundredth of what moves, whichever is larger.
    whole = pd.DataFrame(
        [
            {"what": "recomputed", "cost": total, "objective": evidence.objective},
            {"what": "sum of in_objective", "cost": float(told["in_objective"].sum()), "objective": evidence.objective},
        ]
    )
    whole["objective"] = whole["objective"].astype(float)
    error = (whole["cost"] - whole["objective"]) / np.maximum(whole["objective"].abs(), max(0.01 * size, 1.0))
    checks.append(verdict("objective", whole, error, RELATIVE, ["what", "cost", "objective"]))
    return checks
