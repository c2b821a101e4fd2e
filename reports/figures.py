"""The figures that municipalities, states and runs are compared by: the same few of every municipality and the region."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from flows.case import Case
from reports.aggregate import Sums, household_sectors, waste

FIGURES = ("rate", "point", "narrow", "waste", "burnt", "homes", "mixed", "cost", "fee", "climate")
"""Shares: recycling by the report's method, at the EU calculation point, and by the report's method without construction
and demolition. Tonnes: waste inside the rates, what of it is burnt, what of it comes from households, and mixed waste
of households. Money: all costs, and what households pay. Greenhouse gas without biogenic carbon, t CO2e. All per year."""
NARROW = "all_excluding_construction_demolition"
"""The scope that is told beside the whole."""


def figures(
    case: Case, whole: Sums, rates: pd.DataFrame, variant: str, year: int, scope: str, method: str
) -> pd.DataFrame:
    """Return FIGURES of every municipality and the region (index '') in one variant and year of a run.

    ``rates`` is the run's table of them; a rate that it has not is NaN.
    """
    places = [str(place) for place in case["municipalities"]["municipality"]]
    homes = household_sectors(case)
    mixed = case["streams"].loc[case["streams"]["kind"] == "mixed", "stream"]
    treated = waste(case, _state(whole.treated, variant, year))
    collected = _state(whole.collected, variant, year)
    collected = collected[collected["sector"].isin(homes) & collected["stream"].isin(mixed)]
    costs, gases = _state(whole.costs, variant, year), _state(whole.emissions, variant, year)
    columns = {
        "waste": _by_place(treated, "mass_t", places),
        "burnt": _by_place(treated[treated["treatment"] == "energy_recovery"], "mass_t", places),
        "homes": _by_place(treated[treated["sector"].isin(homes)], "mass_t", places),
        "mixed": _by_place(collected, "mass_t", places),
        "cost": _by_place(costs, "amount", places),
        "fee": _by_place(costs[costs["payer"] == "household"], "amount", places),
        "climate": _by_place(gases[gases["kind"] != "biogenic"], "kg_co2e", places) / 1000,
    }
    mine = _state(rates, variant, year)
    for key, wanted, how in (
        ("rate", scope, method),
        ("point", scope, "calculation_point"),
        ("narrow", NARROW, method),
    ):
        found = mine[(mine["scope"] == wanted) & (mine["method"] == how)].drop_duplicates("municipality")
        columns[key] = found.set_index("municipality")["rate"].reindex(["", *places])
    return pd.DataFrame(columns)[list(FIGURES)]


def _state(frame: pd.DataFrame, variant: str, year: int) -> pd.DataFrame:
    return frame[(frame["variant"] == variant) & (frame["year"] == year)]


def _by_place(frame: pd.DataFrame, value: str, places: Sequence[str]) -> pd.Series:
    """Return sums by municipality, and of all of them under ''."""
    sums = frame.groupby("municipality")[value].sum().reindex(places, fill_value=0.0)
    return pd.concat([pd.Series({"": float(sums.sum())}), sums])
