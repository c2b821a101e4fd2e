"""Amounts and rates year by year, with the low and the high growth that the case gives.

Amounts are those of the plan. Where the growth of a kind of waste has a low and a high end, its amounts
are also carried on with these; schemes and facilities stay as planned, so a tonne more of a kind goes the
way of the other tonnes of that kind. What a stock drives (building waste, for instance) has no such range.
Between the years of a plan its last year is carried on with the growth of the case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import generation
from flows.case import Case
from flows.rates import in_scope
from reports.aggregate import waste as inside
from reports.view import RunView

YEARS = 12
"""Length of a statutory waste plan in years."""
DETAILED = 6
"""Years that a waste plan shows in detail."""
BANDS = ("low", "base", "high")
KIND = ["municipality", "sector", "segment", "fraction"]


@dataclass(frozen=True)
class Projection:
    """What lies ahead.

    ``amounts``: municipality, sector, segment, fraction, year, low, base, high [t/year], inside the rates
    and without what is prevented. ``rates``: municipality ('' is the region), year, low, base, high, of the
    headline's scope and method under low and high growth; only years of the plan, empty where the run does not say which
    tonnes count. ``ranged`` tells whether the case gives any range of growth.
    """

    years: list[int]
    amounts: pd.DataFrame
    rates: pd.DataFrame
    ranged: bool


def projection(view: RunView) -> Projection:
    """Return amounts and rates of the plan (of the reference where there is no plan) for twelve years and more."""
    case = view.case
    variant = "plan" if "plan" in view.variants else "reference"
    rows = inside(case, view.sums.treated)
    waste = rows[rows["variant"] == variant].groupby([*KIND, "year"], as_index=False)["mass_t"].sum()
    known = sorted(int(year) for year in waste["year"].unique())
    if not known:
        empty = pd.DataFrame(columns=["municipality", "year", *BANDS])
        return Projection([], pd.DataFrame(columns=[*KIND, "year", *BANDS]), empty, False)
    years = list(range(known[0], max(known[0] + YEARS, known[-1] + 1)))
    growth = _growth(case, years)
    stands_for = pd.DataFrame({"year": years, "known": [max(k for k in known if k <= year) for year in years]})
    amounts = stands_for.merge(waste.rename(columns={"year": "known"}), on="known")
    start = growth[[*KIND, "year", "base"]].rename(columns={"year": "known", "base": "start"})
    merged = amounts.merge(growth, on=[*KIND, "year"], how="left").merge(start, on=[*KIND, "known"], how="left")
    for band in BANDS:
        factor = (merged[band] / merged["start"]).where(merged["start"] > 0).fillna(1.0)
        merged[band] = merged["mass_t"] * factor
    merged = merged[[*KIND, "year", *BANDS]]
    ranged = bool((growth["low"] != growth["high"]).any())
    return Projection(years, merged, _rates(view, variant, merged, waste), ranged)


def _growth(case: Case, years: list[int]) -> pd.DataFrame:
    """Return what the case expects of each kind: KIND, year, low, base, high."""
    table = case["growth"]
    parts = []
    for band in BANDS:
        changed = table
        if band != "base":
            changed = table.assign(change=np.where(table[band].isna(), table["change"], table[band]))
        found = generation(case.with_table("growth", changed), years)
        parts.append(found.set_index([*KIND, "year"])["amount"].rename(band))
    return pd.concat(parts, axis=1).fillna(0.0).reset_index()


def _rates(view: RunView, variant: str, amounts: pd.DataFrame, waste: pd.DataFrame) -> pd.DataFrame:
    """Return the headline's rate of each place under the three courses of growth.

    Left out wherever the tonnes that count and the waste do not give the rate that the run states, as with methods
    whose denominator is another.
    """
    scope, method = view.headline.scope, view.headline.method
    counted = view.tables["counted"]
    counted = counted[(counted["scope"] == scope) & (counted["method"] == method) & (counted["variant"] == variant)]
    factors = amounts.merge(waste, on=[*KIND, "year"])
    for band in BANDS:
        factors[band] = factors[band] / factors["mass_t"]
    tops = counted.groupby([*KIND, "year"], as_index=False)["mass_t"].sum()
    top = _banded(tops.merge(factors[[*KIND, "year", *BANDS]], on=[*KIND, "year"]))
    within = waste[in_scope(view.case, scope, waste)]
    whole = _banded(within.merge(factors[[*KIND, "year", *BANDS]], on=[*KIND, "year"]))
    rates = top.div(whole).dropna()
    keep = [key for key in rates.index if _agrees(view, variant, key, rates.loc[key, "base"])]
    return rates.loc[keep].reset_index()


def _banded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return tonnes of each place ('' is all of them) and year under the three courses of growth."""
    for band in BANDS:
        frame[band] = frame["mass_t"] * frame[band]
    own = frame.groupby(["municipality", "year"])[list(BANDS)].sum()
    all_places = frame.assign(municipality="").groupby(["municipality", "year"])[list(BANDS)].sum()
    return pd.concat([all_places, own])


def _agrees(view: RunView, variant: str, key: tuple[str, int], rate: float) -> bool:
    row = view.rate_rows.get((key[0], view.headline.scope, view.headline.method, variant, int(key[1])))
    return row is not None and abs(row.rate - rate) < 1e-6
