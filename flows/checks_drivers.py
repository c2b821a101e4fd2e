"""Checks of meaning of the stocks that drive amounts: ``stock_drivers`` and ``stock_series``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.amounts import generation
from flows.building_stock import PARAMETERS, Target, covers, specificity, targets
from flows.case import Case
from flows.checks import Check, cell_problem, row_number
from flows.problems import Problem, errors_of
from flows.stocks import StockError

DRIVERS, SERIES = "stock_drivers", "stock_series"
COLUMNS = ("mean", "deviation", "shape", "scale")


def forms(case: Case) -> Iterator[Problem]:
    """Yield what each row lacks, whatever the rest of the case."""
    yield from lifetimes(case)
    yield from series(case)
    yield from intensities(case)


def lifetimes(case: Case) -> Iterator[Problem]:
    """Yield lifetimes without their parameters, or with those of another distribution."""
    rows = case[DRIVERS]
    for position in range(len(rows)):
        row = rows.iloc[position]
        needed = PARAMETERS[row["lifetime"]]
        for column in COLUMNS:
            texts = {"found": row["lifetime"], "expected": column}
            may_be_zero = (row["lifetime"], column) == ("folded_normal", "mean") and row[column] == 0
            if column in needed and not row[column] > 0 and not may_be_zero:
                yield cell_problem(rows, DRIVERS, position, column, "driver_lifetime", **texts)
            if column not in needed and not np.isnan(row[column]):
                yield cell_problem(
                    rows, DRIVERS, position, column, "driver_lifetime_extra", severity="warning", **texts
                )


def series(case: Case) -> Iterator[Problem]:
    """Yield stocks whose series is missing, mixes measures or mixes kinds in another way than is allowed."""
    drivers, rows = case[DRIVERS], case[SERIES]
    for position, driver in enumerate(drivers["driver"]):
        if not (rows["driver"] == driver).any():
            yield cell_problem(drivers, DRIVERS, position, "driver", "driver_series_missing", found=driver)
    for driver, part in rows.reset_index(drop=True).groupby("driver", sort=False):
        area, mass = part["area"].notna(), part["mass"].notna()
        wrong = (area == mass) | (area != area.iloc[0])
        if wrong.any():
            position = int(part.index[wrong.to_numpy()][0])
            yield cell_problem(rows, SERIES, position, "area", "driver_measure", found=str(driver))
        for _, place in part.groupby("municipality", sort=False):
            inflow, stock = place[place["kind"] == "inflow"], place[place["kind"] == "stock"]
            if len(inflow) and (len(stock) > 1 or (stock["year"] != inflow["year"].min() - 1).any()):
                yield cell_problem(rows, SERIES, int(stock.index[0]), "kind", "driver_kinds", found=str(driver))


def intensities(case: Case) -> Iterator[Problem]:
    """Yield waste per area of a stock given as mass, the other way round, and both at once."""
    drivers, rows = case[DRIVERS], case[SERIES]
    as_area = rows.assign(area=rows["area"].notna()).groupby("driver")["area"].any().to_dict()
    for position in range(len(drivers)):
        row = drivers.iloc[position]
        if row["driver"] not in as_area:
            continue
        right, wrong = ("intensity", "share") if as_area[row["driver"]] else ("share", "intensity")
        if not np.isnan(row[wrong]):
            texts = {"place": row["driver"], "found": "area" if right == "intensity" else "mass", "expected": right}
            yield cell_problem(drivers, DRIVERS, position, wrong, "driver_intensity", **texts)


def drivers(case: Case) -> Iterator[Problem]:
    """Yield rows that drive nothing or the same as another, and series too short for the years of the case."""
    rows = case[DRIVERS]
    if rows.empty or errors_of(forms(case)):
        return
    last = int(case["generation"]["year"].max())
    sources = generation(case, [last])
    found = targets(case, sources)
    yield from _overlaps(case, sources)
    driving = {target.position for target in found}
    for position in sorted(set(range(len(rows))) - driving):
        yield cell_problem(rows, DRIVERS, position, "sector", "driver_nothing", severity="warning")
    seen: set[Problem] = set()
    for problem in (problem for target in found for problem in _span(case, target, last)):
        if problem not in seen:
            seen.add(problem)
            yield problem
    yield from _growth(case, sources.iloc[sorted(row for target in found for row in target.rows)], found)


def _span(case: Case, target: Target, last: int) -> Iterator[Problem]:
    """Yield a series that begins too late or ends too early, and one whose outflow cannot scale anything."""
    rows = case[DRIVERS]
    row = rows.iloc[target.position]
    per_unit = not (np.isnan(row["intensity"]) and np.isnan(row["share"]))
    until = case.plan_years[-1]
    listed = case[SERIES].reset_index(drop=True)
    of_series = (listed["driver"] == row["driver"]) & (listed["municipality"] == target.series.municipality)
    place = int(np.flatnonzero(of_series.to_numpy())[0])
    if target.series.first_outflow > last + per_unit:
        texts = {"found": row["driver"], "expected": str(last)}
        yield cell_problem(listed, SERIES, place, "year", "driver_begins", **texts)
        return
    if target.series.years[-1] < until:
        texts = {"place": row["driver"], "found": f"{target.series.years[-1]:.0f}", "expected": str(until)}
        yield cell_problem(listed, SERIES, place, "year", "driver_ends", severity="warning", **texts)
    try:
        outflow = target.outflow(case, until)
    except StockError:
        texts = {"found": row["driver"]}
        yield cell_problem(rows, DRIVERS, target.position, "lifetime", "driver_lifetime_short", **texts)
        return
    if not per_unit and not outflow[last] > 0:
        texts = {"found": row["driver"], "expected": str(last)}
        yield cell_problem(rows, DRIVERS, target.position, "driver", "driver_no_outflow", **texts)


def _overlaps(case: Case, sources: pd.DataFrame) -> Iterator[Problem]:
    """Yield rows that drive the same amount and are equally specific."""
    rows = case[DRIVERS]
    told: set[tuple[int, int]] = set()
    for source in sources[["municipality", "sector", "fraction"]].drop_duplicates().itertuples(index=False, name=None):
        hits = [position for position in range(len(rows)) if covers(rows.iloc[position], *source)]
        best = max((specificity(rows.iloc[position]) for position in hits), default=0)
        first, *others = [position for position in hits if specificity(rows.iloc[position]) == best] or [-1]
        for other in others:
            if (first, other) not in told:
                told.add((first, other))
                texts = {"place": " ".join(source), "found": str(row_number(rows, first))}
                yield cell_problem(rows, DRIVERS, other, "driver", "driver_overlap", **texts)


def _growth(case: Case, driven: pd.DataFrame, found: list[Target]) -> Iterator[Problem]:
    """Yield rows of growth that name a sector or fraction whose amounts a stock drives."""
    rows = case["growth"]
    kinds = set(driven[["sector", "fraction"]].itertuples(index=False, name=None))
    drivers = ", ".join(sorted({target.series.driver for target in found}))
    for position, (sector, fraction) in enumerate(zip(rows["sector"], rows["fraction"], strict=True)):
        named = bool(sector or fraction)
        if named and any(sector in ("", s) and fraction in ("", f) for s, f in kinds):
            texts = {"found": drivers, "severity": "warning"}
            yield cell_problem(rows, "growth", position, "change", "driver_and_growth", **texts)


LISTS = ("settings", "sectors", "fractions", "municipalities")
AMOUNTS = ("generation", "allocation_keys", "compositions", "growth")
DRIVER_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    ((DRIVERS, SERIES), forms),
    ((*LISTS, *AMOUNTS, DRIVERS, SERIES), drivers),
)
"""Each check with the tables that it reads."""
