"""The certificate's checks of targets and limits.

The rate is computed twice: by :mod:`flows.rates`, which follows tonnes forward from their sources, and
here, for ``collected``, backward: how much of a tonne that enters a facility will count.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.rates import in_scope, rates, target_binds, target_in_year
from flows.tables import NEVER_WASTE
from models.certificate_flows import yields_for
from models.evidence import RELATIVE, Check, Evidence, Floats, verdict

COUNTS = ("recycling", "other_material_recovery", "preparing_for_reuse")
MOST_PASSES = 60


def _value_of_entry(evidence: Evidence) -> pd.Series:
    """Return the part of a tonne entering a facility that later counts as collected, if it has not yet.

    Index: year, facility, input, fraction. Yields are the case's, destinations the run's shares.
    """
    entering = evidence.entering[["year", "facility", "technology", "input", "fraction"]].drop_duplicates()
    triples = entering[["technology", "input", "fraction"]].drop_duplicates()
    moves = entering.merge(
        yields_for(evidence, triples.itertuples(index=False, name=None)), on=["technology", "input", "fraction"]
    )
    ways = evidence.later_legs.groupby(["year", "from", "output", "to"], as_index=False)["mass_t"].sum()
    whole = ways.groupby(["year", "from", "output"])["mass_t"].transform("sum")
    ways["share"] = np.where(whole > 0, ways["mass_t"] / whole, 0.0)
    moves = moves.merge(ways.rename(columns={"from": "facility"}), on=["year", "facility", "output"])
    moves["part"] *= moves["share"]
    treated = {
        **evidence.case["markets"].set_index("market")["treatment"].to_dict(),
        **evidence.treatment.to_dict(),
        **{f"sink:{treatment}": treatment for treatment in COUNTS},
    }
    end = moves["to"].map(treated).fillna("")
    counts = end.isin(COUNTS).to_numpy()
    burns = moves["facility"].map(evidence.treatment).isin(["energy_recovery", "landfill"]).to_numpy()
    here = pd.MultiIndex.from_frame(moves[["year", "facility", "input", "fraction"]])
    states = here.unique()
    onward = pd.MultiIndex.from_arrays([moves["year"], moves["to"], moves["output"], moves["fraction"]])
    at, then = states.get_indexer(here), states.get_indexer(onward)
    part = np.where(burns, 0.0, moves["part"].to_numpy(dtype=float))
    value: Floats = np.zeros(len(states))
    for _ in range(MOST_PASSES):
        later = np.where(counts, 1.0, np.where(then >= 0, value[then], 0.0))
        after = np.bincount(at, weights=part * later, minlength=len(states)).astype(float)
        if np.allclose(after, value, rtol=0.0, atol=1e-14):
            break
        value = after
    return pd.Series(value, index=states)


def collected_backward(evidence: Evidence) -> pd.DataFrame:
    """Return first legs with the columns ``collected`` and ``primary`` in tonnes."""
    case, first = evidence.case, evidence.first_legs
    kinds = first["stream"].map(case["streams"].set_index("stream")["kind"])
    in_rate = first["fraction"].map(case["fractions"].set_index("fraction")["in_rate"]).astype(bool)
    primary = np.where(in_rate & ~kinds.isin(NEVER_WASTE), first["mass_t"], 0.0)
    goal = first["to"].map(evidence.treatment).fillna("")
    whole = ((kinds == "separate") & goal.isin(COUNTS)) | (kinds == "preparing_for_reuse")
    key = pd.MultiIndex.from_frame(first[["year", "to", "stream", "fraction"]])
    later = _value_of_entry(evidence).reindex(key).fillna(0.0).to_numpy()
    return first.assign(primary=primary, collected=primary * np.where(whole, 1.0, later))


def targets(evidence: Evidence) -> list[Check]:
    """Every binding target is met in every year of the plan along its path; two ways of computing agree."""
    case = evidence.case
    table = rates(case, evidence.table("flows"))
    backward = collected_backward(evidence)
    listed = case["targets"][["scope", "method", "municipality"]].drop_duplicates()
    lookup = table.set_index(["year", "scope", "method", "municipality"])
    rows: list[dict[str, object]] = []
    for scope, method, municipality in listed.itertuples(index=False, name=None):
        for year in evidence.years:
            goal = target_in_year(case, scope, method, municipality, year)
            if np.isnan(goal) or not target_binds(case, scope, method, municipality, year):
                continue
            key = (year, scope, method, municipality)
            # Without any waste in the scope there is nothing to recycle.
            rate = float(lookup.loc[key, "rate"]) if key in lookup.index else 1.0
            rows.append(
                {
                    "scope": scope,
                    "method": method,
                    "municipality": municipality,
                    "year": year,
                    "rate": rate,
                    "target": goal,
                }
            )
    says = ["scope", "method", "municipality", "year", "rate", "target"]
    met = pd.DataFrame(rows, columns=says)
    lack = np.maximum(met["target"].astype(float) - met["rate"].astype(float), 0.0)
    checks = [verdict("targets", met, lack, RELATIVE, says)]
    both = table[(table["method"] == "collected")].reset_index(drop=True)
    again: list[pd.DataFrame] = []
    for scope in both["scope"].unique():
        inside = backward[in_scope(case, scope, backward)]
        sums = inside.groupby(["year", "municipality"], as_index=False)[["collected", "primary"]].sum()
        region = sums.groupby("year", as_index=False)[["collected", "primary"]].sum().assign(municipality="")
        again.append(pd.concat([sums, region]).assign(scope=scope))
    other = (
        pd.concat(again) if again else pd.DataFrame(columns=["scope", "year", "municipality", "collected", "primary"])
    )
    other = other[other["primary"] > 0]
    both = both.merge(other, on=["year", "scope", "municipality"], how="outer")
    error = (both["rate"] - both["collected"] / both["primary"]).abs()
    checks.append(verdict("rate computed twice", both, error, RELATIVE, ["scope", "year", "municipality", "rate"]))
    told = evidence.table("rates") if "rates" in evidence.tables else table
    keys = ["year", "scope", "method", "municipality"]
    both = table.merge(told[[*keys, "rate"]], on=keys, how="outer", suffixes=("", "_told"))
    checks.append(verdict("rate table", both, both["rate"] - both["rate_told"], RELATIVE, [*keys, "rate", "rate_told"]))
    return checks


def indicator(evidence: Evidence, name: str) -> pd.DataFrame:
    """Return an indicator of the limits sheet per year and municipality: year, municipality, value, base.

    ``landfilled`` [t]: what ends in a landfill; ``incinerated`` [t]: what enters facilities that burn, and
    what markets burn; ``fossil_co2`` [t]: fossil CO2 of what is burnt at facilities;
    ``cost_per_household``: what the schemes charge per household, ``base`` households.
    """
    case, flows = evidence.case, evidence.flows
    by = ["year", "municipality"]
    if name == "cost_per_household":
        rows = evidence.table("schemes").merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
        rows = rows.merge(case["dwellings"][["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
        rows = rows.assign(value=rows["share"] * rows["cost_per_household"] * rows["dwellings"])
        table = rows.groupby(by, as_index=False)["value"].sum()
        base = case["dwellings"].groupby("municipality")["dwellings"].sum()
        return table.assign(base=table["municipality"].map(base).fillna(0.0))
    burnt = (flows["to"].map(evidence.treatment) == "energy_recovery").to_numpy()
    factor: float | pd.Series = 1.0
    if name == "landfilled":
        chosen = (flows["treatment"] == "landfill").to_numpy()
    elif name == "incinerated":
        at_market = flows["to"].isin(set(case["markets"]["market"])) & (flows["treatment"] == "energy_recovery")
        chosen = burnt | at_market.to_numpy()
    else:
        chosen = burnt
        factor = flows["fraction"].map(case["fractions"].set_index("fraction")["fossil_co2"]) / 1000.0
    rows = flows.assign(value=flows["mass_t"] * factor)[chosen]
    return rows.groupby(by, as_index=False)["value"].sum().assign(base=1.0)


def limits(evidence: Evidence) -> list[Check]:
    """Every active limit holds from its year on, until the next one of the same indicator."""
    active = evidence.case["limits"]
    active = active[active["active"]]
    rows: list[dict[str, object]] = []
    for (name, municipality), group in active.groupby(["indicator", "municipality"]):
        values = indicator(evidence, str(name))
        if municipality:
            values = values[values["municipality"] == municipality]
        for year in evidence.years:
            begun = group[group["year"] <= year].sort_values("year")
            if begun.empty:
                continue
            now = values[values["year"] == year]
            value = float(now["value"].sum())
            if name == "cost_per_household":
                value /= max(float(now["base"].sum()), 1.0)
            rows.append(
                {
                    "indicator": name,
                    "municipality": municipality,
                    "year": year,
                    "value": value,
                    "maximum": begun["maximum"].iloc[-1],
                }
            )
    says = ["indicator", "municipality", "year", "value", "maximum"]
    table = pd.DataFrame(rows, columns=says)
    excess = np.maximum(table["value"].astype(float) - table["maximum"].astype(float), 0.0)
    return [verdict("limits", table, excess / np.maximum(table["maximum"].astype(float), 1.0), RELATIVE, says)]
