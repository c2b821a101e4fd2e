"""What a plan must keep: targets along their paths, limits of indicators, contracts that bind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.indicator_names import INDICATORS_BY_NAME
from flows.methods import METHODS
from flows.rates import in_scope, target_binds, target_in_year, waste_of
from flows.routing import contract_shares, runs_in
from models.coding import Coder, pairs
from models.formulation_parts import PLACE, WAY, Formulation, coded, groups, through
from models.indicators import Side, indicator_vector


def add_targets(form: Formulation) -> None:
    """Rates along their paths: numerator - target x denominator >= 0, for every year of a slice."""
    case = form.case
    rows = []
    listed = case["targets"].loc[case["targets"]["binding"], ["scope", "method", "municipality"]].drop_duplicates()
    for scope, method, municipality in listed.itertuples(index=False):
        for year in case.plan_years:
            goal = target_in_year(case, scope, method, municipality, year)
            if np.isfinite(goal) and target_binds(case, scope, method, municipality, year):
                rows.append((scope, method, municipality, year, goal))
    key = ["scope", "method", "municipality", "year"]
    form.targets = pd.DataFrame(rows, columns=[*key, "goal"])
    if form.targets.empty:
        return
    entries = []
    for target in form.targets.itertuples(index=False):
        terms = rate_terms(form, target.scope, target.method, target.municipality, target.year)
        weight = np.where(terms["term"] == 0, 1.0, -target.goal)
        entries.append(terms.assign(coef=terms["coef"] * weight, **{name: getattr(target, name) for name in key}))
    form.linear.add_rows("target", form.targets[key], entries, lower=0.0)


def rate_terms(form: Formulation, scope: str, method: str, municipality: str, year: int) -> pd.DataFrame:
    """Return term, col, coef [kt]: numerator (term 0) and denominator (others) of a rate in a year."""
    counted = form.routes.counted
    counted = counted[(counted["method"] == method) & (counted["year"] == year)]
    masses = form.supply.years[form.supply.years["year"] == year]
    if municipality:
        masses = masses[masses["municipality"] == municipality]
    kinds = Coder(masses, ["sector", "fraction"]).codes
    _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
    listed = masses[["sector", "fraction"]].take(first).reset_index(drop=True)
    inside = in_scope(form.case, scope, listed)
    waste = waste_of(form.case, listed)
    masks = [METHODS[method].waste, *(mask for _, mask in METHODS[method].denominator)]
    inflow, col = coded(form), form.inflow["col"].to_numpy(dtype=np.int64)
    running = Coder(form.effective, [*SOURCE, "scheme", "slice"])
    found = []
    for term, mask in enumerate(masks):
        part = masses[np.asarray(inside & mask(waste), dtype=bool)[kind]]
        counts = through(form, part, counted[counted["term"] == term], WAY)
        here, there = pairs(inflow.route, counts.route(inflow))
        found.append(pd.DataFrame({"term": term, "col": col[here], "coef": counts.total[there] / inflow.kt[here]}))
        # Streams that go straight to a sink have no route: they are what their scheme is.
        direct = np.flatnonzero((counts.outs["technology"] == "").to_numpy()[counts.out])
        stuff = form.supply.commodities.take(counts.commodity[direct])
        here, there = pairs(running.of(stuff), running.codes)
        shares = form.effective.iloc[there]
        coef = counts.total[direct[here]] * shares["coef"].to_numpy()
        found.append(pd.DataFrame({"term": term, "col": shares["col"].to_numpy(), "coef": coef}))
    return pd.concat(found, ignore_index=True)


def add_limits(form: Formulation, margin: float = 0.0) -> None:
    """Indicators keep their limits: from the year of a limit to the next one of its kind, or over the horizon.

    ``margin`` is the share by which they are tightened in a model that only approximates them.
    """
    rows = form.case["limits"]
    rows = rows[rows["active"]]
    if rows.empty:
        return
    found = limits_in_force(rows, form.case.plan_years)
    entries = []
    for row in found.itertuples(index=False):
        # A bound must not be tighter than the indicator, a plan not looser.
        side: Side = "high" if (row.sense == "max") == form.decided else "low"
        year = None if row.year == HORIZON else int(row.year)
        vector = indicator_vector(form, row.indicator, row.municipality, year, row.technology, side)
        cols = np.flatnonzero(vector)
        keys = {name: getattr(row, name) for name in LIMIT_KEY}
        entries.append(pd.DataFrame({"col": cols, "coef": vector[cols]}).assign(**keys))
    scale = found["indicator"].map({name: one.scale for name, one in INDICATORS_BY_NAME.items()})
    bound = (found["maximum"] / scale).to_numpy(dtype=float)
    least = (found["sense"] == "min").to_numpy(dtype=bool)
    bound = bound + np.where(least, margin, -margin) * np.abs(bound)
    form.linear.add_rows(
        "limit", found[LIMIT_KEY], entries, lower=np.where(least, bound, -np.inf), upper=np.where(least, np.inf, bound)
    )


LIMIT_KEY = ["indicator", "municipality", "technology", "sense", "year"]
HORIZON = 0
"""Year of a limit that holds for the whole horizon together."""


def limits_in_force(rows: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Return LIMIT_KEY, maximum: what limits say of every year, and of the horizon."""
    kind = ["municipality", "indicator", "technology", "sense"]
    found = [rows[rows["year"].isna()].assign(year=HORIZON)]
    for year in years:
        begun = rows[rows["year"] <= year].sort_values("year").drop_duplicates(kind, keep="last")
        found.append(begun.assign(year=year))
    table = pd.concat(found, ignore_index=True).astype({"year": np.int64})
    return table[[*LIMIT_KEY, "maximum"]]


def add_contracts(form: Formulation, running: pd.DataFrame) -> None:
    """A facility gets at least the share of a stream that a contract binds in any year of the slice."""
    case = form.case
    # What binds is the same in all years in which the same contracts run.
    known: dict[bytes, pd.DataFrame] = {}
    found = []
    for part in form.time.slices:
        for year in part.years:
            running_rows = runs_in(case["contracts"], year).to_numpy(dtype=bool).tobytes()
            if running_rows not in known:
                known[running_rows] = contract_shares(case, year)
            found.append(known[running_rows].assign(slice=part.years[0]))
    bound = pd.concat(found, ignore_index=True)
    if bound.empty:
        return
    bound["group"] = groups(case, bound)
    at = [*PLACE, "facility", "slice"]
    bound = (
        bound.groupby(at, as_index=False)["share"].max().merge(running[["facility", "slice"]], on=["facility", "slice"])
    )
    bound = bound[bound["share"] > 0]
    if bound.empty:
        return
    places = form.places
    stuff = form.supply.commodities.assign(group=groups(case, form.supply.commodities))
    whole = stuff.merge(form.effective, on=[*SOURCE, "scheme", "slice"]).merge(bound, on=[*PLACE, "slice"])
    whole["coef"] *= -whole["kt"] * whole["share"]
    form.linear.add_rows("contract", bound[at], [places.assign(coef=1.0), whole], lower=0.0)
