"""The certificate's check of money: every category recomputed from flows, schemes, facilities and the case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.certificate_plants import standing_steps, step_table
from models.certificate_schemes import choices
from models.evidence import RELATIVE, Check, Evidence, Floats, verdict

EARTH_RADIUS_KM = 6371.0088
GJ_PER_MWH = 3.6


def _per_year(evidence: Evidence, year: pd.Series, amount: Floats | pd.Series) -> Floats:
    """Return the sum of amounts by plan year."""
    position = pd.Index(evidence.years).get_indexer(year)
    values = np.asarray(amount, dtype=float)
    return np.bincount(position[position >= 0], weights=values[position >= 0], minlength=len(evidence.years)).astype(
        float
    )


def _scheme_base(evidence: Evidence, rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return households per row (source and scheme) and tonnes generated per row and year."""
    dwellings = evidence.case["dwellings"].set_index(["municipality", "segment"])["dwellings"]
    homes = dwellings.reindex(pd.MultiIndex.from_frame(rows[["municipality", "segment"]])).fillna(0.0)
    amounts = evidence.amounts.groupby([*SOURCE, "year"])["amount"].sum().unstack("year")
    tonnes = amounts.reindex(pd.MultiIndex.from_frame(rows[SOURCE])).reindex(columns=evidence.years).fillna(0.0)
    return homes.to_numpy(dtype=float), tonnes.to_numpy(dtype=float)


def collection(evidence: Evidence) -> Floats:
    """Cost per household and per tonne of the schemes in effect, and of single streams."""
    found = choices(evidence)
    homes, tonnes = _scheme_base(evidence, found.rows)
    per_home, per_tonne = (
        found.rows[name].to_numpy(dtype=float)[:, None] for name in ("cost_per_household", "cost_per_tonne")
    )
    total = (found.share * (per_home * homes[:, None] + per_tonne * tonnes)).sum(axis=0)
    rows = evidence.case["collection"]
    masses = evidence.first_legs.groupby(["year", "scheme", "stream"], as_index=False)["mass_t"].sum()
    for year, part in masses.groupby("year"):
        begun = rows[rows["from"].isna() | (rows["from"] <= year)]
        latest = (
            begun.assign(since=begun["from"].fillna(-1))
            .sort_values("since")
            .groupby(["scheme", "stream"])["cost_per_tonne"]
            .last()
        )
        rate = latest.reindex(pd.MultiIndex.from_frame(part[["scheme", "stream"]])).fillna(0.0).to_numpy(dtype=float)
        total[evidence.years.index(int(year))] += float((rate * part["mass_t"]).sum())
    return np.asarray(total)


def change(evidence: Evidence) -> Floats:
    """One-off cost of the share of a scheme that begins, in the year in which it begins."""
    found = choices(evidence)
    homes, tonnes = _scheme_base(evidence, found.rows)
    per_home, per_tonne = (
        found.rows[name].to_numpy(dtype=float)[:, None] for name in ("change_cost", "change_cost_per_tonne")
    )
    return np.asarray((found.begun * (per_home * homes[:, None] + per_tonne * tonnes)).sum(axis=0))


class _Ways:
    """Cost and emission of moving a tonne from a municipality or facility to a facility."""

    def __init__(self, case: Case) -> None:
        places = [
            case[name].drop_duplicates(key).set_index(key)[["lat", "lon", "zone"]]
            for name, key in (("municipalities", "municipality"), ("facilities", "facility"))
        ]
        both = pd.concat(places)
        self._places = {
            place: (lat, lon, zone) for place, lat, lon, zone in both[~both.index.duplicated()].itertuples()
        }
        rows = case["transport"]
        self._modes = (
            rows.drop_duplicates("mode")
            .set_index("mode")[["cost", "cost_per_tonne", "emission", "detour"]]
            .to_dict("index")
        )
        crossings = rows.loc[rows["mode"] == "crossing", ["zone", "cost_per_tonne", "cost", "emission", "distance"]]
        self._crossings = [
            (zone, per_tonne + cost * length, emission * length)
            for zone, per_tonne, cost, emission, length in crossings.itertuples(index=False)
        ]
        given = case["distances"].drop_duplicates(["from", "to"]).set_index(["from", "to"])[["distance", "cost"]]
        self._given = {key: (distance, cost) for key, distance, cost in given.itertuples()}

    def _mode(self, mode: str) -> dict[str, float]:
        none = {"cost": 0.0, "cost_per_tonne": 0.0, "emission": 0.0, "detour": 1.0}
        return {str(name): float(value) for name, value in self._modes.get(mode, none).items()}

    def _distance(self, start: str, goal: str, detour: float) -> float:
        """Return the length of a way [km]: an explicit one wins over coordinates."""
        distance = self._given.get((start, goal), (np.nan, np.nan))[0]
        if not np.isnan(distance):
            return float(distance)
        (lat_a, lon_a, _), (lat_b, lon_b, _) = self._places[start], self._places[goal]
        a, b, turn = np.radians(lat_a), np.radians(lat_b), np.radians(lon_b - lon_a)
        half_chord = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
        line = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord))
        # Places without coordinates are no distance apart.
        return 0.0 if np.isnan(line) else float(line * detour)

    def _crossed(self, start: str, goal: str) -> list[tuple[float, float]]:
        """Return cost and emission per tonne of the crossings between two places."""
        zones = self._places[start][2], self._places[goal][2]
        return [
            (cost, emission) for zone, cost, emission in self._crossings if (zones[0] == zone) != (zones[1] == zone)
        ]

    def to_market(self, start: str, goal: str, usual: float, per_km: float) -> float:
        """Return money per tonne from a facility to a market; an explicit row wins over its ``usual`` distance."""
        distance, whole = self._given.get((start, goal), (np.nan, np.nan))
        return float(whole if not np.isnan(whole) else per_km * (usual if np.isnan(distance) else distance))

    def cost(self, start: str, goal: str, mode: str) -> float:
        """Return money per tonne; an explicit cost or distance wins over coordinates."""
        by = self._mode(mode)
        whole = self._given.get((start, goal), (np.nan, np.nan))[1]
        if not np.isnan(whole):
            return float(whole + by["cost_per_tonne"])
        crossing = sum(cost for cost, _ in self._crossed(start, goal))
        return float(self._distance(start, goal, by["detour"]) * by["cost"] + by["cost_per_tonne"] + crossing)

    def emission(self, start: str, goal: str, mode: str) -> float:
        """Return kg CO2e per tonne, by distance and crossings."""
        by = self._mode(mode)
        crossing = sum(emission for _, emission in self._crossed(start, goal))
        return float(self._distance(start, goal, by["detour"]) * by["emission"] + crossing)

    def given(self, start: str, goal: str) -> float:
        """Return the explicit length of a way [km], not a number without one."""
        return float(self._given.get((start, goal), (np.nan, np.nan))[0])


def ways_of(case: Case) -> _Ways:
    """Return what moving a tonne between places of a case costs and emits."""
    return _Ways(case)


def transport(evidence: Evidence) -> Floats:
    """Collection from municipality to facility, haul from facility to facility, and the way to markets."""
    case = evidence.case
    first, later = evidence.first_legs, evidence.later_legs
    haul = case["transport"][case["transport"]["mode"] == "haul"]["cost"]
    per_km = float(haul.iloc[0]) if len(haul) else 0.0
    to_market = case["markets"].set_index("market")["distance"]
    parts = [
        later.assign(start=later["from"], mode="market"),
        first.assign(start=first["municipality"], mode="collection"),
    ]
    rows = pd.concat(parts, ignore_index=True)
    inner = (rows["mode"] == "market") & rows["to"].isin(evidence.technology.index)
    rows.loc[inner, "mode"] = "haul"
    rows = rows.groupby(["year", "mode", "start", "to"], as_index=False)["mass_t"].sum()
    ways = _Ways(case)
    costs: dict[tuple[str, str, str], float] = {}
    for mode, start, goal in rows[["mode", "start", "to"]].drop_duplicates().itertuples(index=False, name=None):
        if mode == "market":
            usual = float(to_market.get(goal, np.nan))
            costs[mode, start, goal] = 0.0 if np.isnan(usual) else ways.to_market(start, goal, usual, per_km)
        else:
            costs[mode, start, goal] = ways.cost(start, goal, mode) if goal in evidence.technology.index else 0.0
    rate = [costs[key] for key in rows[["mode", "start", "to"]].itertuples(index=False, name=None)]
    return _per_year(evidence, rows["year"], rows["mass_t"] * rate)


def treatment(evidence: Evidence) -> Floats:
    """Gate fee of bought treatment; cost per tonne of own plants."""
    facilities = evidence.case["facilities"].set_index("facility")
    general = evidence.technology.map(evidence.case["technologies"].set_index("technology")["variable_cost"])
    rate = facilities["gate_fee"].fillna(facilities["variable_cost"]).fillna(general)
    rows = evidence.entering
    return _per_year(evidence, rows["year"], rows["mass_t"] * rows["facility"].map(rate))


def fixed(evidence: Evidence) -> Floats:
    """Fixed cost of every step in operation."""
    rows = standing_steps(evidence).merge(step_table(evidence), on=["facility", "size"])
    return _per_year(evidence, rows["year"], rows["fixed_cost"])


def capital(evidence: Evidence) -> Floats:
    """Annuity of every step from opening to the end of its lifetime or of the plan, whether it runs or not."""
    rate = float(evidence.case.settings["discount_rate"])
    steps = (
        standing_steps(evidence)
        .drop_duplicates(["facility", "size", "opened"])
        .merge(step_table(evidence), on=["facility", "size"])
    )
    total = np.zeros(len(evidence.years))
    for step in steps.itertuples(index=False):
        growth = (1.0 + rate) ** step.lifetime
        yearly = step.capex / step.lifetime if rate == 0 else step.capex * rate * growth / (growth - 1.0)
        for position, year in enumerate(evidence.years):
            total[position] += yearly if step.opened <= year < step.opened + step.lifetime else 0.0
    return total


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


def _on_entry(evidence: Evidence, rate: Callable[[pd.Series, int], float], property_: str | None) -> Floats:
    """Return mass entering technologies times a price per technology and year, times a property of the fraction."""
    rows = evidence.entering.groupby(["year", "technology", "fraction"], as_index=False)["mass_t"].sum()
    technologies = evidence.case["technologies"].set_index("technology")
    pairs = rows[["technology", "year"]].drop_duplicates()
    prices = {
        (name, year): rate(technologies.loc[name], year) for name, year in pairs.itertuples(index=False, name=None)
    }
    value = np.array(
        [prices[key] for key in rows[["technology", "year"]].itertuples(index=False, name=None)], dtype=float
    )
    if property_ is not None:
        value = value * rows["fraction"].map(evidence.case["fractions"].set_index("fraction")[property_]).to_numpy(
            dtype=float
        )
    return _per_year(evidence, rows["year"], rows["mass_t"].to_numpy() * value)


def tax(evidence: Evidence) -> Floats:
    """Tax per tonne that enters a technology."""
    prices = _Prices(evidence.case)
    return _on_entry(evidence, lambda row, year: prices.of("tax", str(row.name), year), None)


def energy(evidence: Evidence) -> Floats:
    """Income from electricity and heat, by the energy content of what enters; negative."""
    prices = _Prices(evidence.case)

    def income(row: pd.Series, year: int) -> float:
        sold = sum(float(row[item]) * prices.of(item, str(row.name), year) for item in ("electricity", "heat"))
        return -sold / GJ_PER_MWH

    return _on_entry(evidence, income, "energy")


def carbon(evidence: Evidence) -> Floats:
    """Price of the fossil CO2 of what is burnt."""
    prices = _Prices(evidence.case)

    def paid(row: pd.Series, year: int) -> float:
        burns = row["treatment"] == "energy_recovery"
        return prices.of("carbon", str(row.name), year) / 1000.0 if burns else 0.0

    return _on_entry(evidence, paid, "fossil_co2")


def market(evidence: Evidence) -> Floats:
    """Income from what markets take (negative), or what they are paid to take it."""
    prices = evidence.case["markets"].set_index("market")["price"]
    rows = evidence.later_legs[evidence.later_legs["to"].isin(prices.index)]
    return _per_year(evidence, rows["year"], -rows["mass_t"] * rows["to"].map(prices))


def _purchasing(evidence: Evidence) -> Floats:
    from models.certificate_demand import purchasing_cost

    return purchasing_cost(evidence)


def _exchange(evidence: Evidence) -> Floats:
    from models.certificate_demand import exchange_cost

    return exchange_cost(evidence)


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
    "purchasing": _purchasing,
    "exchange": _exchange,
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
    base = case.settings["discount_year"] or years[0]
    yearly = np.array([case.discount(year) for year in years])
    once = np.array([(1.0 + rate) ** -(year - base) for year in years])
    rows: list[dict[str, object]] = []
    total = size = 0.0
    for category, recompute in RECOMPUTED.items():
        amounts = recompute(evidence)
        discounted = amounts * (once if category == "change" else yearly)
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
        told["year"].map(dict(zip(years, once, strict=True))),
        told["year"].map(dict(zip(years, yearly, strict=True))),
    )
    error = (told["in_objective"] - told["amount"] * factor) / np.maximum((told["amount"] * factor).abs(), 1.0)
    checks.append(verdict("discounting", told, error, RELATIVE, ["category", "year", "amount", "in_objective"]))
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
