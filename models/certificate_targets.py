"""The certificate's checks of targets.

The rate is computed twice: by :mod:`flows.rates`, which follows tonnes forward from their sources, and
here, for ``collected``, backward: how much of a tonne that enters a facility will count.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.rates import in_scope, rates, target_binds, target_in_year
from flows.tables import NEVER_WASTE
from models.certificate_flows import yields_for
from models.evidence import RELATIVE, Check, Evidence, Floats, once, verdict

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


@once
def _rates(evidence: Evidence) -> pd.DataFrame:
    return rates(evidence.case, evidence.table("flows"))


def targets(evidence: Evidence) -> list[Check]:
    """Every binding target is met in every year of the plan along its path."""
    case = evidence.case
    table = _rates(evidence)
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
    return [verdict("targets", met, lack, RELATIVE, says)]


def told(evidence: Evidence) -> list[Check]:
    """Two ways of computing a rate agree, and the run's table says what they say."""
    case, table = evidence.case, _rates(evidence)
    backward = collected_backward(evidence)
    checks: list[Check] = []
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
    shown = evidence.table("rates") if "rates" in evidence.tables else table
    keys, figures = ["year", "scope", "method", "municipality"], ["numerator_t", "denominator_t", "rate", "target"]
    both = table.merge(shown[[*keys, *figures]], on=keys, how="outer", suffixes=("", "_told"))
    differs = [(both[name] - both[f"{name}_told"]).abs() / both[name].abs().clip(lower=1.0) for name in figures]
    no_target = both["target"].isna() & both["target_told"].isna() & both["rate"].notna()
    differs[-1] = differs[-1].mask(no_target, 0.0)
    error = np.max([one.fillna(np.inf) for one in differs], axis=0) if len(both) else np.empty(0)
    checks.append(verdict("rate table", both, error, RELATIVE, [*keys, "rate", "rate_told"]))
    return checks
