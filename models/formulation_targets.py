"""What a plan must keep: targets along their paths, limits of indicators, contracts that bind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.methods import METHODS
from flows.rates import in_scope, target_binds, target_in_year, waste_of
from flows.routing import contract_shares, runs_in
from models.coding import Coder, pairs
from models.formulation_parts import (
    PLACE,
    WAY,
    Formulation,
    coded,
    groups,
    per_route,
    through,
    with_columns,
)


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


def add_limits(form: Formulation) -> None:
    """Indicators stay below their limits, from the year of a limit to the next one of its kind."""
    rows = form.case["limits"]
    rows = rows[rows["active"]]
    if rows.empty:
        return
    found, entries = [], []
    for year in form.case.plan_years:
        begun = (
            rows[rows["year"] <= year].sort_values("year").drop_duplicates(["municipality", "indicator"], keep="last")
        )
        for row in begun.itertuples(index=False):
            found.append((row.indicator, row.municipality, year, row.maximum))
            entries.append(
                _limit_terms(form, row.indicator, row.municipality, year).assign(
                    indicator=row.indicator, municipality=row.municipality, year=year
                )
            )
    limits = pd.DataFrame(found, columns=["indicator", "municipality", "year", "maximum"])
    scale = np.where(limits["indicator"] == "cost_per_household", 1.0, 1000.0)
    form.linear.add_rows(
        "limit", limits[["indicator", "municipality", "year"]], entries, upper=limits["maximum"].to_numpy() / scale
    )


def _limit_terms(form: Formulation, indicator: str, municipality: str, year: int) -> pd.DataFrame:
    """Return col, coef of an indicator: kt, kt of CO2, or collection cost per household."""
    masses = form.supply.years[form.supply.years["year"] == year]
    if municipality:
        masses = masses[masses["municipality"] == municipality]
    if indicator == "cost_per_household":
        return _cost_per_household(form, municipality, year)
    burdens = form.routes.burdens[form.routes.burdens["indicator"] == indicator]
    table = with_columns(form, per_route(form, burdens, [], masses))
    return table.assign(coef=table["coef"] / (1000.0 if indicator == "fossil_co2" else 1.0))[["col", "coef"]]


def _cost_per_household(form: Formulation, municipality: str, year: int) -> pd.DataFrame:
    case = form.case
    homes = case["dwellings"]
    homes = homes[homes["municipality"] == municipality] if municipality else homes
    table = form.effective.merge(form.slices[["slice", "slice_end"]], on="slice")
    table = table[(table["slice"] <= year) & (table["slice_end"] >= year)]
    table = table.merge(homes[["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
    table = table.merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
    table["coef"] *= table["cost_per_household"] * table["dwellings"] / max(float(homes["dwellings"].sum()), 1.0)
    return table[["col", "coef"]]


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
