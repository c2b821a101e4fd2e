"""The certificate's checks of the budget, and of what the system costs households by the fixed key.

The tariff of every flow is looked up here anew; what the table ``household_costs`` calls the rest is what tariffs
leave of the whole cost.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from flows.case import Case
from models.certificate_plants import EXISTING, step_table
from models.certificate_ways import ways_of
from models.evidence import RELATIVE, Check, Evidence, holds_in, verdict

OWN = {"collection", "change", "tax", "energy", "carbon"}


def budget(evidence: Evidence) -> list[Check]:
    """The discounted cost of the plan keeps the budget of the settings."""
    top = evidence.case.settings["budget"]
    if top is None:
        return []
    spent = float(evidence.table("costs")["in_objective"].sum())
    table = pd.DataFrame([{"cost": spent, "budget": float(top)}])
    error = np.array([max(spent - float(top), 0.0) / max(abs(float(top)), 1.0)])
    return [verdict("budget", table, error, RELATIVE, ["cost", "budget"])]


def _at_the_gate(evidence: Evidence) -> dict[str, float]:
    """Return what a tonne costs at every facility: treatment, and what stands there at full load."""
    case = evidence.case
    general = case["technologies"].set_index("technology")["variable_cost"]
    rate, sizes = float(case.settings["discount_rate"]), step_table(evidence)
    found: dict[str, float] = {}
    for row in case["facilities"].itertuples(index=False):
        steps = sizes[sizes["facility"] == row.facility]
        own = general[row.technology] if np.isnan(row.variable_cost) else row.variable_cost
        charge = own if np.isnan(row.gate_fee) else row.gate_fee
        stands = steps[steps["size"] != EXISTING]
        if row.state == "existing" and (steps["size"] == EXISTING).any():
            stands = steps[steps["size"] == EXISTING]
        elif len(stands):
            stands = stands[stands["capacity"] == stands["capacity"].max()].sort_values("size").tail(1)
        for step in stands.itertuples(index=False):
            if 0 < step.capacity < np.inf:
                part = 1.0 / step.lifetime if rate == 0 else rate / (1.0 - math.exp(-step.lifetime * math.log1p(rate)))
                charge = charge + (step.fixed_cost + step.capex * part) / step.capacity
        found[row.facility] = float(charge)
    return found


def _market_kind(case: Case) -> dict[str, tuple[object, ...]]:
    """Return what tells markets apart that treat an output differently."""
    columns = ["market", "output", "treatment", "loss_before_point", "loss_recycling", "lost_treatment"]
    rows = case["markets"][columns].round({"loss_before_point": 9, "loss_recycling": 9})
    return {str(row[0]): tuple(row[1:]) for row in rows.itertuples(index=False, name=None)}


def _later_tariffs(evidence: Evidence, gate: dict[str, float]) -> dict[tuple[str, int], float]:
    """Return the tariff of every goal of a later leg and year: the mean over its technology, or its kind of market."""
    case = evidence.case
    technology = evidence.technology.to_dict()
    by_technology: dict[str, list[float]] = {}
    for facility, charge in gate.items():
        by_technology.setdefault(str(technology[facility]), []).append(charge)
    haul = case["transport"][case["transport"]["mode"] == "haul"]["cost"]
    per_km = float(haul.iloc[0]) if len(haul) else 0.0
    kinds = _market_kind(case)
    found: dict[tuple[str, int], float] = {}
    for year in sorted({int(year) for year in evidence.flows["year"].unique()}):
        for facility in gate:
            charges = by_technology[str(technology[facility])]
            found[facility, year] = sum(charges) / len(charges)
        buying = case["markets"][holds_in(case["markets"], year)]
        net = {row.market: row.distance * per_km - row.price for row in buying.itertuples(index=False)}
        for market in net:
            alike = [net[other] for other in net if kinds[other] == kinds[market]]
            found[market, year] = sum(alike) / len(alike)
    return found


def _tariffs(evidence: Evidence) -> pd.Series:
    """Return the tariff part by year and municipality."""
    case = evidence.case
    gate = _at_the_gate(evidence)
    later, ways = _later_tariffs(evidence, gate), ways_of(case)
    told = evidence.table("costs")
    own = told[told["category"].isin(OWN)].rename(columns={"amount": "value"})
    legs = evidence.flows.groupby(["first", "year", "municipality", "to"], as_index=False)["mass_t"].sum()
    amounts = []
    for first, year, town, goal, mass in legs.itertuples(index=False, name=None):
        if first:
            rate = ways.cost(town, goal, "collection") + gate[goal] if goal in gate else 0.0
        else:
            rate = later.get((goal, int(year)), 0.0)
        amounts.append(mass * rate)
    legs = legs.assign(value=amounts)
    both = pd.concat([own[["year", "municipality", "value"]], legs[["year", "municipality", "value"]]])
    return both.groupby(["year", "municipality"])["value"].sum()


def household_costs(evidence: Evidence) -> list[Check]:
    """Tariffs, rest and increase of every municipality are what flows and costs say, and add up to the whole."""
    if "household_costs" not in evidence.tables:
        return []
    case = evidence.case
    table = evidence.table("household_costs").copy()
    keys = pd.MultiIndex.from_frame(table[["year", "municipality"]])
    table["own"] = _tariffs(evidence).reindex(keys).fillna(0.0).to_numpy()
    total = evidence.table("costs").groupby("year")["amount"].sum()
    table["left"] = table["year"].map(total).fillna(0.0) - table.groupby("year")["own"].transform("sum")
    homes = case["dwellings"].groupby("municipality")["dwellings"].sum()
    towns = case["municipalities"].set_index("municipality")["population"]
    people = homes.reindex(towns.index).fillna(0.0) if towns.isna().any() else towns
    share = people / people.sum() if people.sum() > 0 else people * 0.0 + 1.0 / len(people)
    table["by_people"] = table["left"] * table["municipality"].map(share)
    size = table.groupby("year")["own"].transform(lambda part: part.abs().max()).clip(lower=1.0)
    error = _larger((table["tariff"] - table["own"]).abs(), (table["rest"] - table["by_people"]).abs()) / size
    says = ["year", "municipality", "tariff", "own", "rest", "by_people"]
    checks = [verdict("household costs", table, error, RELATIVE, says)]
    rows = evidence.tables["household_costs"]
    before = rows[rows["variant"] == "reference"].set_index(["year", "municipality"])["cost_per_household"]
    table["households_"] = table["municipality"].map(homes).fillna(0.0)
    has = table[table["households_"] > 0].copy()
    has["again"] = (has["own"] + has["by_people"]) / has["households_"]
    has["before"] = before.reindex(pd.MultiIndex.from_frame(has[["year", "municipality"]])).to_numpy()
    size = has["again"].abs().clip(lower=1.0)
    own = (has["again"] - has["cost_per_household"]).abs() / size
    # The accounted year has no reference to rise from.
    rise = (has["again"] - has["before"] - has["increase"].astype(float)).abs() / size
    rise = rise.mask(has["before"].isna() & has["increase"].isna() & (evidence.variant == "today"), 0.0)
    error = _larger(own, rise)
    says = ["year", "municipality", "households", "households_"]
    checks.append(verdict("households", table, table["households"] - table["households_"], RELATIVE, says))
    checks.append(_complete(evidence, table))
    says = ["year", "municipality", "again", "before", "increase"]
    return [*checks, verdict("increase per household", has, error, RELATIVE, says)]


def _larger(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the larger of two errors; what is no number stays none, and fails."""
    return pd.concat([one, other], axis=1).max(axis=1, skipna=False)


def _complete(evidence: Evidence, table: pd.DataFrame) -> Check:
    """Every municipality has a row of every year."""
    towns = evidence.case["municipalities"]["municipality"]
    wanted = pd.MultiIndex.from_product([evidence.years, towns], names=["year", "municipality"])
    lacking = wanted.symmetric_difference(pd.MultiIndex.from_frame(table[["year", "municipality"]]))
    faults = pd.DataFrame(list(lacking), columns=["year", "municipality"])
    return verdict("household rows", faults, np.ones(len(faults)), 0.0, ["year", "municipality"], of=len(wanted))
