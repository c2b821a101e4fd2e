"""The municipalities side by side: the same few figures of each, today and in the plan, with rank and median."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.view import STATES, RunView


@dataclass(frozen=True)
class Indicator:
    """A figure to compare by: the word for it, and whether more of it is better."""

    key: str
    word: str
    more_is_better: bool


INDICATORS = (
    Indicator("rate", "compare_rate", True),
    Indicator("point", "compare_point", True),
    Indicator("homes", "compare_homes", False),
    Indicator("mixed", "compare_mixed", False),
    Indicator("fee", "compare_fee", False),
    Indicator("climate", "compare_climate", False),
)
"""Recycling by the report's own method and at the EU calculation point; household waste and of it mixed waste, per
inhabitant; what a household pays, without VAT; greenhouse gas of all waste, per inhabitant."""


def comparison(view: RunView) -> pd.DataFrame:
    """Return the figures of every municipality: index (municipality, state), a column for each indicator.

    Rates are shares, ``homes``, ``mixed`` and ``climate`` kg per inhabitant, ``fee`` money per household; NaN where the
    run or the case does not say.
    """
    case = view.case
    people = case["municipalities"].set_index("municipality")["population"].astype(float)
    people = people.where(people > 0)
    houses = case["dwellings"].groupby("municipality")["dwellings"].sum().reindex(people.index)
    houses = houses.where(houses > 0)
    sectors = case["sectors"]
    homes = set(sectors.loc[sectors["kind"] == "households", "sector"])
    fractions = case["fractions"]
    inside = set(fractions.loc[fractions["in_rate"], "fraction"])
    kinds = case["streams"].set_index("stream")["kind"]
    treated, collected = view.sums.treated, view.sums.collected
    treated = treated[
        treated["sector"].isin(homes) & treated["fraction"].isin(inside) & (treated["treatment"] != "prevention")
    ]
    mixed = collected[collected["sector"].isin(homes) & (collected["stream"].map(kinds) == "mixed")]
    paid = view.sums.costs[view.sums.costs["payer"] == "household"]
    gases = view.sums.emissions[view.sums.emissions["kind"] != "biogenic"]
    headline = view.headline
    parts = []
    for state in STATES:
        if state not in view.variants:
            continue
        frame = pd.DataFrame(index=people.index)
        for key, method in (("rate", headline.method), ("point", "calculation_point")):
            rates = [
                view.rate_rows.get((place, headline.scope, method, state, view.years[state])) for place in people.index
            ]
            frame[key] = [float("nan") if row is None else row.rate for row in rates]
        frame["homes"] = _sum(view, treated, state, "mass_t") * 1000 / people
        frame["mixed"] = _sum(view, mixed, state, "mass_t") * 1000 / people
        frame["fee"] = _sum(view, paid, state, "amount") / houses
        frame["climate"] = _sum(view, gases, state, "kg_co2e") / people
        parts.append(frame.assign(state=state).set_index("state", append=True))
    if headline.method == "calculation_point":
        parts = [part.assign(point=float("nan")) for part in parts]
    return pd.concat(parts).sort_index()


def _sum(view: RunView, frame: pd.DataFrame, state: str, value: str) -> pd.Series:
    rows = frame[(frame["variant"] == state) & (frame["year"] == view.years[state])]
    return rows.groupby("municipality")[value].sum()


def ranks(values: pd.Series, more_is_better: bool) -> pd.Series:
    """Return places from 1, the best; who is alike shares a place, and who has no figure has none.

    >>> ranks(pd.Series([0.5, 0.7, 0.7]), True).tolist()
    [3.0, 1.0, 1.0]
    """
    return values.round(9).rank(ascending=not more_is_better, method="min")
