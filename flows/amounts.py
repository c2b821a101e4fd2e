"""Amounts of primary waste: totals spread over municipalities and fractions, and carried forward.

An amount given for a region is spread by an allocation key, a total over fractions by a composition.
Between accounted years amounts are interpolated. After the last they follow the stock that drives them
(:mod:`flows.building_stock`), else they grow as the growth sheet says.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.building_stock import driven
from flows.case import Case
from flows.remember import of_case

Floats = NDArray[np.float64]

SOURCE = ["municipality", "sector", "segment"]
KEY = [*SOURCE, "fraction"]


@of_case
def spread_rows(case: Case) -> pd.DataFrame:
    """Return generation with every total spread: KEY, year, amount, composition, row.

    ``row`` is the position in the sheet ``generation``; ``composition`` is ``''`` where the row names a fraction.
    """
    rows = case["generation"][[*KEY, "year", "amount", "allocation_key", "composition"]].copy()
    rows["row"] = np.arange(len(rows))
    keys = case["allocation_keys"][["key", "municipality", "weight"]]
    weights = keys.assign(part=keys["weight"] / keys.groupby("key")["weight"].transform("sum"))
    spread = rows["allocation_key"] != ""
    wide = rows[spread].drop(columns="municipality").merge(weights, left_on="allocation_key", right_on="key")
    wide["amount"] *= wide["part"]
    rows = pd.concat([rows[~spread], wide[rows.columns]], ignore_index=True)
    compositions = case["compositions"][["composition", "fraction", "share"]]
    mixed = rows["composition"] != ""
    long = rows[mixed].drop(columns="fraction").merge(compositions, on="composition")
    long["amount"] *= long["share"]
    rows = pd.concat([rows[~mixed], long[rows.columns]], ignore_index=True)
    rows["year"] = rows["year"].astype(int)
    return rows[[*KEY, "year", "amount", "composition", "row"]].reset_index(drop=True)


@of_case
def spread(case: Case) -> pd.DataFrame:
    """Return generation with every total spread: KEY, year, amount."""
    return spread_rows(case).groupby([*KEY, "year"], as_index=False)["amount"].sum()


def growth_rates(case: Case, kinds: pd.DataFrame, year: int) -> np.ndarray:
    """Return the relative change from ``year - 1`` to ``year`` of every kind (sector, fraction).

    The most specific row wins: fraction before sector; then the latest that has begun, one without a first
    year last.
    """
    rows = [
        (
            row.sector,
            row.fraction,
            float(row.change),
            (2 * (row.fraction != "") + (row.sector != ""), row.first if row.first == row.first else -np.inf),
        )
        for row in case["growth"].rename(columns={"from": "first"}).itertuples(index=False)
        if not (row.first > year or row.until < year)
    ]
    rows.sort(key=lambda row: row[3], reverse=True)
    return np.array(
        [
            next((change for s, f, change, _ in rows if s in (sector, "") and f in (fraction, "")), 0.0)
            for sector, fraction in kinds.itertuples(index=False, name=None)
        ]
    )


@of_case
def generation(case: Case, years: Iterable[int]) -> pd.DataFrame:
    """Return primary waste per source, fraction and year.

    Columns municipality, sector, segment, fraction, year, amount [t/year]; rows sorted by them and
    only where the amount is above zero. A year before the first accounted one has that year's amounts.
    """
    wanted = sorted(set(years))
    given = spread(case).pivot_table(index=KEY, columns="year", values="amount", aggfunc="sum")
    known = sorted(given.columns)
    amounts = given.to_numpy(dtype=float)
    index = given.index.to_frame(index=False)
    # A source that is missing in one accounted year had none of the fraction only if the sector is given there.
    sector_given = given.notna().groupby(index["sector"].to_numpy()).transform("any").to_numpy()
    amounts = np.where(np.isnan(amounts) & sector_given, 0.0, amounts)
    filled = _filled(amounts, np.asarray(known, dtype=float))
    kinds = index[["sector", "fraction"]].drop_duplicates()
    lookup = pd.MultiIndex.from_frame(index[["sector", "fraction"]])
    columns: dict[int, np.ndarray] = {}
    last = known[-1]
    for year in wanted:
        if year <= last:
            columns[year] = _between(filled, np.asarray(known, dtype=float), year)
    level = filled[:, -1]
    for year in range(last + 1, max(wanted, default=last) + 1):
        factors = pd.Series(1.0 + growth_rates(case, kinds, year), index=pd.MultiIndex.from_frame(kinds))
        level = level * factors.reindex(lookup).to_numpy()
        if year in wanted:
            columns[year] = level
    later = [year for year in wanted if year > last]
    by_stock = driven(case, index, filled[:, -1], last, later)
    for number, year in enumerate(later):
        columns[year] = np.where(np.isnan(by_stock[:, number]), columns[year], by_stock[:, number])
    table = pd.concat(
        [index.assign(year=year, amount=columns[year]) for year in wanted] or [index.assign(year=0, amount=0.0)[:0]],
        ignore_index=True,
    )
    return table[table["amount"] > 0].sort_values([*KEY, "year"], ignore_index=True)


def _filled(amounts: Floats, years: Floats) -> Floats:
    """Return amounts (row, year) with what is missing on the line between its neighbours in time, or as the nearest."""
    filled = amounts.copy()
    missing = np.isnan(amounts)
    for row in np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1)):
        gap = missing[row]
        filled[row, gap] = np.interp(years[gap], years[~gap], amounts[row, ~gap])
    return filled


def _between(amounts: Floats, years: Floats, year: float) -> Floats:
    """Return the amounts (row, year) of a year no later than the last, on the line between its neighbours."""
    after = int(np.searchsorted(years, year))
    if after == 0 or years[after] == year:
        return amounts[:, after]
    rise = (amounts[:, after] - amounts[:, after - 1]) / (years[after] - years[after - 1])
    return np.asarray(rise * (year - years[after - 1]) + amounts[:, after - 1])


def source_id(municipality: str, sector: str, segment: str) -> str:
    """Return the process id of a source: ``101/households/single_family`` or ``101/industry``."""
    return f"{municipality}/{sector}/{segment}" if segment else f"{municipality}/{sector}"


def source_ids(rows: pd.DataFrame) -> pd.Series:
    """Return the process id of every row's source."""
    base = rows["municipality"] + "/" + rows["sector"]
    return base.where(rows["segment"] == "", base + "/" + rows["segment"])


def households(case: Case) -> pd.DataFrame:
    """Return the number of households per source: municipality, segment, dwellings."""
    return case["dwellings"][["municipality", "segment", "dwellings"]]
