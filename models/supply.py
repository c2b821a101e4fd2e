"""What sources can supply: masses of every stream under every scheme, and who may run what when.

A slice of several years is represented by the largest mass of each fraction in it, so that a plan made for
the slice fits every year: capacities hold in the peak year, least loads in the lowest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, generation
from flows.capture import current_schemes
from flows.case import Case
from flows.routing import runs_within
from models.coding import Coder, Codes, positions
from models.timing import Horizon, effect

Array = np.ndarray[Any, np.dtype[np.float64]]
COMMODITY = [*SOURCE, "scheme", "stream", "slice"]


@dataclass(frozen=True)
class Supply:
    """Masses in kt/year. ``slice`` is the first year of a slice.

    ``years``: COMMODITY, fraction, year, kt. ``peak``: COMMODITY, fraction, kt (largest over the
    slice). ``commodities``: COMMODITY, kt (sum of peaks), lowest (least share of it in any year).
    ``ratios``: COMMODITY, year, ratio (mass of the year over the peak's). ``amounts``: KEY, year, amount [t],
    what sources generate. ``materials``: stream, fraction, all that there are.

    ``years`` and ``peak`` also have the whole numbers ``commodity`` and ``material``, which are positions in
    ``commodities`` and ``materials``; ``commodities`` has its own.
    """

    years: pd.DataFrame
    peak: pd.DataFrame
    commodities: pd.DataFrame
    ratios: pd.DataFrame
    amounts: pd.DataFrame
    materials: pd.DataFrame


def supply(case: Case, captures: pd.DataFrame, time: Horizon, allowed: pd.DataFrame) -> Supply:
    """Return what every source supplies under every scheme that ``allowed`` (SOURCE, scheme, period) lists."""
    amounts = generation(case, case.plan_years)
    run = [*SOURCE, "scheme"]
    periods = sorted({part.period for part in time.slices})
    # A lot is what a stream of a scheme of a source gets of a fraction; every lot has a mass in every year.
    runs = allowed[run].drop_duplicates()
    lots = captures[[*run, "stream", "fraction", "share"]]
    lots = lots[positions(runs, run, lots) >= 0].sort_values([*run, "stream", "fraction"], ignore_index=True)
    may_run = np.zeros((len(runs), len(periods)), dtype=bool)
    in_period = allowed[allowed["period"].isin(periods)]
    may_run[positions(runs, run, in_period), np.searchsorted(periods, in_period["period"])] = True
    listed = [(part.years[0], periods.index(part.period), year) for part in time.slices for year in part.years]
    slices, period_of, years_of = (np.array(column, dtype=np.int64) for column in zip(*listed, strict=True))
    by_year = _by_year(amounts, lots, years_of)
    kt = lots["share"].to_numpy()[:, None] * by_year / 1000.0
    there = ~np.isnan(kt) & may_run[positions(runs, run, lots)][:, period_of]
    # Commodities in order: streams of schemes of sources, then slices.
    starts = np.unique(slices)
    stuff = Coder(lots, [*run, "stream"]).codes
    stuff = np.cumsum(np.concatenate([[0], stuff[1:] != stuff[:-1]])) if len(lots) else stuff
    lot, column = np.nonzero(there)
    number, commodity = np.unique(
        stuff[lot] * len(starts) + np.searchsorted(starts, slices[column]), return_inverse=True
    )
    materials = lots[["stream", "fraction"]].drop_duplicates().sort_values(["stream", "fraction"], ignore_index=True)
    material = positions(materials, ["stream", "fraction"], lots)
    first_lot = np.concatenate([np.flatnonzero(np.diff(stuff, prepend=-1)), [0]])
    names = lots[[*run, "stream"]].take(first_lot[number // len(starts)]).reset_index(drop=True)
    commodities = names.assign(slice=starts[number % len(starts)], commodity=np.arange(len(number)))

    def named(commodity: Codes, lot: Codes, **values: Any) -> pd.DataFrame:
        table = commodities.take(commodity).reset_index(drop=True)
        return table.assign(fraction=lots["fraction"].take(lot).array, material=material[lot], **values)

    years = named(commodity, lot, year=years_of[column], kt=kt[lot, column])
    order = np.lexsort((lot, commodity))
    begins = np.flatnonzero(np.diff(commodity[order], prepend=-1) | np.diff(lot[order], prepend=-1))
    highest = np.maximum.reduceat(kt[lot, column][order], begins) if len(order) else np.empty(0)
    peak = named(commodity[order][begins], lot[order][begins], kt=highest)
    commodities["kt"] = np.bincount(peak["commodity"], weights=peak["kt"], minlength=len(number))
    ratios = _ratios(years, commodities)
    lowest = np.full(len(number), np.inf)
    np.minimum.at(lowest, ratios["commodity"].to_numpy(), ratios["ratio"].to_numpy())
    commodities["lowest"] = lowest
    return Supply(years, peak, commodities, ratios[[*COMMODITY, "year", "ratio"]], amounts, materials)


def _by_year(amounts: pd.DataFrame, lots: pd.DataFrame, years: Codes) -> Array:
    """Return what a lot is a share of in every year [t]; NaN where there is nothing."""
    kinds = amounts[KEY].drop_duplicates()
    tonnes = np.full((len(kinds) + 1, len(years)), np.nan)
    for column, year in enumerate(years.tolist()):
        part = amounts[amounts["year"] == year]
        tonnes[positions(kinds, KEY, part), column] = part["amount"]
    # The last row is that of lots of which no year has anything.
    return tonnes[positions(kinds, KEY, lots)]


def _ratios(years: pd.DataFrame, commodities: pd.DataFrame) -> pd.DataFrame:
    """Return COMMODITY, commodity, year, kt, ratio: every year's mass of a commodity over that of its peak."""
    calendar = np.unique(years["year"])
    code = years["commodity"].to_numpy() * max(len(calendar), 1) + np.searchsorted(calendar, years["year"])
    number, where = np.unique(code, return_inverse=True)
    kt = np.bincount(where, weights=years["kt"], minlength=len(number))
    table = commodities.take(number // max(len(calendar), 1)).reset_index(drop=True)
    return table.assign(year=calendar[number % max(len(calendar), 1)], ratio=kt / table["kt"].to_numpy())


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
