"""Stocks that drive the generation of waste: what leaves a building stock is demolition waste.

A row of ``stock_drivers`` says which amounts a stock drives and how long what enters it lasts; the stock
itself, or what enters it, is in ``stock_series``. After the last accounted year the amounts follow the
outflow of the dynamic stock (:mod:`flows.stocks`): scaled by it relative to the last accounted year, so
that units cancel and what was accounted stays, or, with a mass per area or a share of the mass, as the
amount itself. A sum over several sources is spread as it was in the last accounted year.

Years that are not listed are interpolated linearly. A stock is that at the end of its year; where it falls
faster than it ages, all cohorts are taken from evenly. The first stock listed has the mean age given, or
the ages of a stock that has grown evenly. After the last year listed its value goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.case import Case
from flows.lifetimes import Floats, Lifetime
from flows.stocks import DynamicStock

PARAMETERS: dict[str, dict[str, str]] = {
    "fixed": {"mean": "mean"},
    "weibull": {"shape": "shape", "scale": "scale"},
    **dict.fromkeys(("normal", "folded_normal", "lognormal", "gamma"), {"mean": "mean", "deviation": "std"}),
}
"""Columns of a lifetime's parameters, and their names in :class:`flows.lifetimes.Lifetime`."""


@dataclass(frozen=True)
class Series:
    """One stock in one place ('' for all others together): its listed years and values."""

    driver: str
    municipality: str
    kind: str
    years: Floats
    values: Floats
    initial: float = 0.0

    @property
    def first_outflow(self) -> int:
        """The first year whose outflow is known; of a series of stocks the first is the initial one."""
        return int(self.years[0]) + (self.kind == "stock")

    def outflow(self, row: pd.Series, until: int) -> pd.Series:
        """Return the outflow per year, indexed by year, up to and with ``until``."""
        years = np.arange(self.first_outflow, max(until, self.first_outflow) + 1)
        values = np.interp(years, self.years, self.values)
        parameters = {name: float(row[column]) for column, name in PARAMETERS[row["lifetime"]].items()}
        model = DynamicStock(years, Lifetime.of(row["lifetime"], **parameters), row["ageing"])
        age = None if np.isnan(row["age"]) else float(row["age"])
        if self.kind == "stock":
            result = model.from_stock(
                values, initial=float(self.values[0]), initial_age=age, negative_inflow="scale_cohorts"
            )
        else:
            result = model.from_inflow(values, initial=self.initial, initial_age=age)
        return pd.Series(result.outflow, index=years)


@dataclass(frozen=True)
class Target:
    """The sources that one row drives with one series; ``rows`` are positions of the table of sources."""

    position: int
    series: Series
    rows: list[int] = field(default_factory=list)

    def outflow(self, case: Case, until: int) -> pd.Series:
        """Return the outflow per year of the stock, indexed by year."""
        return self.series.outflow(case["stock_drivers"].iloc[self.position], until)

    def reference(self, case: Case, base: float, outflow: pd.Series, last: int) -> float:
        """Return the outflow that stands for the amounts accounted in the year ``last``, of which ``base`` is the sum.

        It is that year's outflow, or, where the waste per unit that leaves is given, the one that would
        give the accounted amounts.
        """
        row = case["stock_drivers"].iloc[self.position]
        for per_unit in (row["intensity"], row["share"]):
            if not np.isnan(per_unit):
                return base / float(per_unit) if per_unit > 0 else np.inf
        return float(outflow.get(last, 0.0))


def series_of(case: Case) -> dict[tuple[str, str], Series]:
    """Return the series of every stock and place; the tables have been checked."""
    result: dict[tuple[str, str], Series] = {}
    for (driver, municipality), part in case["stock_series"].groupby(["driver", "municipality"], sort=True):
        rows = part.sort_values("year").assign(value=part["area"].fillna(part["mass"]))
        inflows, stocks = rows[rows["kind"] == "inflow"], rows[rows["kind"] == "stock"]
        chosen = inflows if len(inflows) else stocks
        initial = float(stocks["value"].sum()) if len(inflows) else 0.0
        years, values = chosen["year"].to_numpy(float), chosen["value"].to_numpy(float)
        key = (str(driver), str(municipality))
        result[key] = Series(*key, "inflow" if len(inflows) else "stock", years, values, initial)
    return result


def specificity(row: pd.Series) -> int:
    """Return how specific a row of ``stock_drivers`` is: a fraction before a municipality."""
    return 2 * bool(row["fraction"]) + bool(row["municipality"])


def covers(row: pd.Series, municipality: str, sector: str, fraction: str) -> bool:
    """Tell whether a row of ``stock_drivers`` speaks of a source's fraction."""
    return bool(
        row["sector"] == sector and row["fraction"] in ("", fraction) and row["municipality"] in ("", municipality)
    )


def targets(case: Case, sources: pd.DataFrame) -> list[Target]:
    """Return what drives which rows of ``sources`` (municipality, sector, fraction).

    The most specific row that has a series there holds, of equals the first.
    """
    rows, series = case["stock_drivers"], series_of(case)
    order = sorted(range(len(rows)), key=lambda position: -specificity(rows.iloc[position]))
    found: dict[tuple[int, str], Target] = {}
    columns = sources[["municipality", "sector", "fraction"]].itertuples(index=False, name=None)
    for number, (municipality, sector, fraction) in enumerate(columns):
        for position in order:
            row = rows.iloc[position]
            own = series.get((row["driver"], municipality)) or series.get((row["driver"], ""))
            if own is not None and covers(row, municipality, sector, fraction):
                found.setdefault((position, own.municipality), Target(position, own)).rows.append(number)
                break
    return [found[key] for key in sorted(found)]


def driven(case: Case, sources: pd.DataFrame, base: Floats, last: int, years: Sequence[int]) -> Floats:
    """Return the amounts that stocks drive: (sources, years), NaN where none does.

    ``base`` are the amounts [t/year] of the last accounted year ``last``; ``years`` come after it.
    """
    amounts = np.full((len(sources), len(years)), np.nan)
    if not len(years) or case["stock_drivers"].empty:
        return amounts
    for target in targets(case, sources):
        outflow = target.outflow(case, max(years))
        whole = target.reference(case, float(base[target.rows].sum()), outflow, last)
        if whole > 0:
            amounts[target.rows] = base[target.rows, None] * (outflow[list(years)].to_numpy() / whole)
    return amounts
