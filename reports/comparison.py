"""The municipalities side by side: the same few figures of each, today and in the plan, with rank and median."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.figures import figures
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


def state_figures(view: RunView) -> dict[str, pd.DataFrame]:
    """Return the figures (:data:`reports.figures.FIGURES`) of each state that the run has."""
    scope, method = view.headline.scope, view.headline.method
    return {
        state: figures(view.case, view.sums, view.tables["rates"], state, view.years[state], scope, method)
        for state in STATES
        if state in view.variants
    }


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
    parts = []
    for state, known in view.once(state_figures).items():
        found = known.loc[people.index]
        frame = found[["rate", "point"]].copy()
        for key in ("homes", "mixed", "climate"):
            frame[key] = _said(found[key]) * 1000 / people
        frame["fee"] = _said(found["fee"]) / houses
        parts.append(frame.assign(state=state).set_index("state", append=True))
    if view.headline.method == "calculation_point":
        parts = [part.assign(point=float("nan")) for part in parts]
    return pd.concat(parts).sort_index()


def _said(values: pd.Series) -> pd.Series:
    """Return figures, NaN where the run has none of any municipality."""
    return values if values.any() else values * float("nan")


def ranks(values: pd.Series, more_is_better: bool) -> pd.Series:
    """Return places from 1, the best; who is alike shares a place, and who has no figure has none.

    >>> ranks(pd.Series([0.5, 0.7, 0.7]), True).tolist()
    [3.0, 1.0, 1.0]
    """
    return values.round(9).rank(ascending=not more_is_better, method="min")
