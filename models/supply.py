"""What sources can supply: masses of every stream under every scheme, and who may run what when.

A slice of several years is represented by the largest mass of each fraction in it, so that a plan made for
the slice fits every year: capacities hold in the peak year, least loads in the lowest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, generation
from flows.capture import current_schemes
from flows.case import Case
from flows.routing import runs_within
from models.timing import Horizon, effect

COMMODITY = [*SOURCE, "scheme", "stream", "slice"]


@dataclass(frozen=True)
class Supply:
    """Masses in kt/year. ``slice`` is the first year of a slice.

    ``years``: COMMODITY, fraction, year, kt. ``peak``: COMMODITY, fraction, kt (largest over the
    slice). ``commodities``: COMMODITY, kt (sum of peaks), lowest (least share of it in any year).
    ``ratios``: COMMODITY, year, ratio (mass of the year over the peak's).
    """

    years: pd.DataFrame
    peak: pd.DataFrame
    commodities: pd.DataFrame
    ratios: pd.DataFrame


def supply(case: Case, captures: pd.DataFrame, time: Horizon, allowed: pd.DataFrame) -> Supply:
    """Return what every source supplies under every scheme that ``allowed`` (SOURCE, scheme, period) lists."""
    slices = pd.DataFrame(
        [(part.years[0], part.period, year) for part in time.slices for year in part.years],
        columns=["slice", "period", "year"],
    )
    amounts = generation(case, case.plan_years)
    wanted = allowed[[*SOURCE, "scheme", "period"]].drop_duplicates().merge(slices, on="period")
    table = wanted.merge(captures, on=[*SOURCE, "scheme"]).merge(amounts, on=[*KEY, "year"])
    table["kt"] = table["share"] * table["amount"] / 1000.0
    years = table[[*COMMODITY, "fraction", "year", "kt"]]
    peak = years.groupby([*COMMODITY, "fraction"], as_index=False)["kt"].max()
    commodities = peak.groupby(COMMODITY, as_index=False)["kt"].sum()
    ratios = years.groupby([*COMMODITY, "year"], as_index=False)["kt"].sum()
    ratios = ratios.merge(commodities, on=COMMODITY, suffixes=("", "_peak"))
    ratios["ratio"] = ratios["kt"] / ratios["kt_peak"]
    lowest = ratios.groupby(COMMODITY, as_index=False)["ratio"].min().rename(columns={"ratio": "lowest"})
    return Supply(years, peak, commodities.merge(lowest, on=COMMODITY), ratios[[*COMMODITY, "year", "ratio"]])


def allowed_schemes(case: Case, time: Horizon) -> pd.DataFrame:
    """Return what every source may run in every period.

    Columns SOURCE, scheme, period, lower, upper, integer, current (share that runs today). In frozen
    periods the current schemes are fixed. After that a scheme must be lawful there and have begun;
    pinned decisions fix it; a sector that is not divisible takes one scheme whole.
    """
    schemes = case["schemes"]
    options = case.sources().merge(
        schemes[["scheme", "sector", "segment", "legal", "legal_for", "first_year"]], on=["sector", "segment"]
    )
    today = current_schemes(case, case.account_year).rename(columns={"share": "current"})
    options = options.merge(today, on=[*SOURCE, "scheme"], how="left").fillna({"current": 0.0})
    listed = options["legal_for"].str.split(r"[;,]\s*", regex=True)
    lawful = [not any(names) or one in names for names, one in zip(listed, options["municipality"], strict=True)]
    options["legal"] &= np.array(lawful, dtype=bool)
    divisible = case["sectors"].set_index(["sector", "segment"])["divisible"]
    whole = ~divisible.reindex(pd.MultiIndex.from_frame(options[["sector", "segment"]])).to_numpy(dtype=bool)
    found = []
    for period in time.periods:
        part = options.assign(period=period, lower=0.0, upper=1.0, integer=whole)
        if period in time.frozen:
            part = part[part["current"] > 0].assign(integer=False)
            part["lower"] = part["upper"] = part["current"]
        else:
            part = part[part["legal"] & (part["first_year"].isna() | (part["first_year"] <= period))]
            part = _pinned(case, part, period, time.last_year(period))
        found.append(part)
    table = pd.concat(found, ignore_index=True)
    columns = [*SOURCE, "scheme", "period", "lower", "upper", "integer", "current"]
    return table[columns].sort_values([*SOURCE, "scheme", "period"], ignore_index=True)


def _pinned(case: Case, part: pd.DataFrame, period: int, last: int) -> pd.DataFrame:
    rows = case["pinned"]
    rows = rows[(rows["scheme"] != "") & runs_within(rows, period, last)]
    part = part.copy()
    for row in rows.itertuples(index=False):
        fits = part["scheme"] == row.scheme
        for name in ("municipality", "sector", "segment"):
            value = getattr(row, name)
            fits &= (part[name] == value) | (value == "")
        part.loc[fits, "lower" if row.run else "upper"] = 1.0 if row.run else 0.0
    return part


def effective(case: Case, time: Horizon, allowed: pd.DataFrame, x: pd.DataFrame, u: pd.DataFrame) -> pd.DataFrame:
    """Return the effective share of every scheme in every slice as a linear form of columns.

    ``x`` and ``u`` have SOURCE, scheme, period and ``col``. The result has SOURCE, scheme, slice,
    period, col, coef: a scheme's share, less what a new one does not yet reach, which runs as today.
    """
    slices = pd.DataFrame(
        [(part.years[0], part.period, part.step) for part in time.slices], columns=["slice", "period", "step"]
    )
    ramps = case["schemes"].set_index("scheme")["ramp_years"]
    base = x.merge(slices, on="period").assign(coef=1.0)
    begun = u.merge(slices, on="period")
    begun["missing"] = [
        1.0 - effect(step, ramps[scheme]) for step, scheme in zip(begun["step"], begun["scheme"], strict=True)
    ]
    begun = begun[begun["missing"] > 0]
    columns = [*SOURCE, "scheme", "slice", "period", "col", "coef"]
    parts = [base[columns], begun.assign(coef=-begun["missing"])[columns]]
    if len(begun):
        today = current_schemes(case, case.account_year).rename(columns={"scheme": "today", "share": "part"})
        still = begun.merge(today, on=SOURCE)
        still = (
            still.assign(coef=still["missing"] * still["part"])
            .drop(columns="scheme")
            .rename(columns={"today": "scheme"})
        )
        parts.append(still[columns])
    table = pd.concat(parts, ignore_index=True)
    return table.groupby([*SOURCE, "scheme", "slice", "period", "col"], as_index=False)["coef"].sum()


def ramped(case: Case, allowed: pd.DataFrame) -> pd.DataFrame:
    """Return SOURCE, scheme, period that supply something: what may run, and today's where others ramp up."""
    ramps = case["schemes"].set_index("scheme")["ramp_years"]
    slow = allowed[allowed["scheme"].map(ramps) > 0][[*SOURCE, "period"]].drop_duplicates()
    today = current_schemes(case, case.account_year)[[*SOURCE, "scheme"]]
    table = pd.concat([allowed[[*SOURCE, "scheme", "period"]], slow.merge(today, on=SOURCE)], ignore_index=True)
    return table.drop_duplicates().sort_values([*SOURCE, "scheme", "period"], ignore_index=True)
