"""Recycling rates of every method and scope, from the table ``flows`` alone, and the path of targets.

A rate is a numerator, a denominator, a scope and the point where recycling is measured; what counts is
said by ``flows.methods``. Rates of scopes, sectors and municipalities are sums of the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.case import Case
from flows.methods import METHODS, Waste
from flows.paths import Flags, Floats, Paths, trace
from flows.remember import of_case
from flows.tables import SCOPES

RATE_COLUMNS = [
    "variant",
    "year",
    "scope",
    "method",
    "municipality",
    "numerator_t",
    "denominator_t",
    "rate",
    "target",
]
COUNTED_COLUMNS = [
    "variant",
    "year",
    "scope",
    "method",
    "municipality",
    "sector",
    "segment",
    "fraction",
    "from",
    "to",
    "mass_t",
]
GROUP = ["variant", "year", "municipality"]
ROUNDING = 5e-7
"""What rounding may take from a rate that just reaches its target."""


def reaches(rate: float, target: float) -> bool:
    """Return whether a rate reaches a target, but for rounding.

    >>> reaches(0.7999999, 0.8), reaches(0.799, 0.8)
    (True, False)
    """
    return bool(rate >= target - ROUNDING)


def scopes(case: Case) -> list[str]:
    """Return every scope of a case: the general ones, then each sector."""
    return list(dict.fromkeys([*SCOPES, *case["sectors"]["sector"]]))


def municipal_waste(case: Case, rows: pd.DataFrame) -> Flags:
    """Return which rows (sector, fraction) are municipal waste.

    Without a row for the pair everything from households is and everything else is not.
    """
    flags = case["municipal_waste"].drop_duplicates(["sector", "fraction"])
    given = rows[["sector", "fraction"]].merge(flags, on=["sector", "fraction"], how="left")["municipal_waste"]
    households = _sector_kinds(case, rows["sector"]) == "households"
    return np.asarray(np.where(given.isna(), households, given.eq(True)), dtype=bool)


@of_case
def _kinds(case: Case) -> dict[str, str]:
    return dict(zip(case["sectors"]["sector"][::-1], case["sectors"]["kind"][::-1], strict=True))


def _sector_kinds(case: Case, sector: pd.Series) -> NDArray[np.object_]:
    return np.asarray(sector.map(_kinds(case)).fillna("business"), dtype=object)


def in_scope(case: Case, scope: str, rows: pd.DataFrame) -> Flags:
    """Return which rows (sector, fraction) belong to a scope; raises ``KeyError`` if there is no such scope."""
    if scope == "all":
        return np.ones(len(rows), dtype=bool)
    if scope == "all_excluding_construction_demolition":
        return np.asarray(_sector_kinds(case, rows["sector"]) != "construction_demolition", dtype=bool)
    if scope == "households":
        return np.asarray(_sector_kinds(case, rows["sector"]) == "households", dtype=bool)
    if scope == "municipal_waste":
        return municipal_waste(case, rows)
    if scope not in set(case["sectors"]["sector"]):
        raise KeyError(f"no such scope: {scope}")
    return np.asarray(rows["sector"] == scope, dtype=bool)


def waste_of(case: Case, rows: pd.DataFrame) -> Waste:
    """Return what methods ask of rows (sector, fraction): material, and whether it is household or municipal waste."""
    materials = case["fractions"].drop_duplicates("fraction").set_index("fraction")["material"]
    return Waste(
        np.asarray(rows["fraction"].map(materials).fillna("other"), dtype=object),
        np.asarray(_sector_kinds(case, rows["sector"]) == "households", dtype=bool),
        municipal_waste(case, rows),
    )


@dataclass(frozen=True)
class _Masses:
    """Numerators and denominators of every method per group (GROUP, sector, fraction)."""

    groups: pd.DataFrame
    numerators: dict[str, Floats]
    denominators: dict[str, Floats]


def _masses(case: Case, flows: pd.DataFrame) -> _Masses:
    paths = trace(case, flows)
    columns = [*GROUP, "sector", "fraction"]
    key = np.zeros(len(flows), dtype=np.int64)
    for name in columns:
        codes, distinct = pd.factorize(flows[name])
        key = np.unique(key * max(len(distinct), 1) + codes, return_inverse=True)[1].astype(np.int64)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    groups = flows[columns].iloc[first].reset_index(drop=True)
    of_path = which[paths.row]
    waste = waste_of(case, groups)
    summed: dict[Callable[[Paths], Floats], Floats] = {}

    def total(weight: Callable[[Paths], Floats], mask: Callable[[Waste], Flags]) -> Floats:
        if weight not in summed:
            summed[weight] = np.bincount(of_path, weights=weight(paths), minlength=len(first)).astype(float)
        return np.where(mask(waste), summed[weight], 0.0)

    numerators = {name: total(method.numerator, method.waste) for name, method in METHODS.items()}
    denominators = {
        name: np.sum([total(weight, mask) for weight, mask in method.denominator], axis=0)
        for name, method in METHODS.items()
    }
    return _Masses(groups, numerators, denominators)


def rates(case: Case, flows: pd.DataFrame, targets: bool = True) -> pd.DataFrame:
    """Return the table ``rates``: every method and scope, the region ('') and each municipality.

    One row per variant, year, scope, method and municipality whose denominator is above zero; columns
    :data:`RATE_COLUMNS`. ``target`` is the target of that year along its path, NaN where there is none.
    """
    if flows.empty:
        return pd.DataFrame(columns=RATE_COLUMNS)
    masses = _masses(case, flows.reset_index(drop=True))
    groups = masses.groups
    state, keys = _codes(groups, ["variant", "year"])
    place, places = pd.factorize(groups["municipality"], sort=True)
    width = len(keys) * len(places)
    at = state * len(places) + place
    names = [(scope, method) for scope in scopes(case) for method in METHODS]
    inside = {scope: in_scope(case, scope, groups) for scope in scopes(case)}
    sums = []
    for of_method in (masses.numerators, masses.denominators):
        cells = [
            np.bincount(at, weights=np.where(inside[scope], of_method[method], 0.0), minlength=width)
            for scope, method in names
        ]
        own = np.array(cells, dtype=float).reshape(len(names), len(keys), len(places))
        sums.append(np.concatenate([own.sum(axis=2, keepdims=True), own], axis=2))
    at_name, at_state, at_place = found = np.nonzero(sums[1] > 0)
    table = keys.iloc[at_state].reset_index(drop=True)
    table["scope"] = np.array([scope for scope, _ in names], dtype=object)[at_name]
    table["method"] = np.array([method for _, method in names], dtype=object)[at_name]
    table["municipality"] = np.array(["", *places], dtype=object)[at_place]
    table["numerator_t"], table["denominator_t"] = sums[0][found], sums[1][found]
    table["rate"] = table["numerator_t"] / table["denominator_t"]
    table = with_targets(case, table) if targets else table.assign(target=np.nan)
    return table.sort_values(RATE_COLUMNS[:5], ignore_index=True)[RATE_COLUMNS]


def _codes(frame: pd.DataFrame, columns: list[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Return a code per row for its values in ``columns``, and the distinct values by code."""
    code = frame.groupby(columns, sort=True).ngroup().to_numpy(dtype=np.int64)
    _, first = np.unique(code, return_index=True)
    return code, frame[columns].iloc[first].reset_index(drop=True)


def counted(case: Case, flows: pd.DataFrame, pairs: Iterable[tuple[str, str]], years: Iterable[int]) -> pd.DataFrame:
    """Return the table ``counted``: which tonnes a rate counts; their sums are the numerators.

    ``pairs`` are (scope, method). A tonne stands in the row where it is counted: on its way into the
    treatment that makes it count, or on delivery.
    """
    flows = flows[flows["year"].isin(list(years))].reset_index(drop=True)
    if flows.empty:
        return pd.DataFrame(columns=COUNTED_COLUMNS)
    paths = trace(case, flows)
    waste = waste_of(case, flows)
    parts: list[pd.DataFrame] = []
    for scope, name in dict.fromkeys(pairs):
        method = METHODS[name]
        inside = in_scope(case, scope, flows) & method.waste(waste)
        mass = np.where(inside[paths.row], method.numerator(paths), 0.0)
        total = np.bincount(paths.row, weights=mass, minlength=len(flows))
        chosen = np.flatnonzero(total > 0)
        part = flows.iloc[chosen].assign(scope=scope, method=name, mass_t=total[chosen])
        parts.append(part[COUNTED_COLUMNS])
    if not parts:
        return pd.DataFrame(columns=COUNTED_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    return table.groupby(COUNTED_COLUMNS[:-1], as_index=False, sort=True)["mass_t"].sum()


def _governing(case: Case, scope: str, method: str, municipality: str, year: int) -> tuple[float, bool]:
    """Return the target of a year along its path, and whether it binds; (NaN, False) if there is none."""
    rows = case["targets"]
    rows = rows[(rows["scope"] == scope) & (rows["method"] == method) & (rows["municipality"] == municipality)]
    rows = rows[rows["year"].notna() & rows["rate"].notna()].sort_values("year")
    earlier, later = rows[rows["year"] <= year], rows[rows["year"] > year]
    if earlier.empty:
        return float("nan"), False
    last = earlier.iloc[-1]
    if len(later) and later.iloc[0]["path"] == "linear" and last["year"] < year:
        goal = later.iloc[0]
        way = (year - last["year"]) / (goal["year"] - last["year"])
        return float(last["rate"] + way * (goal["rate"] - last["rate"])), bool(goal["binding"])
    return float(last["rate"]), bool(last["binding"])


def target_in_year(case: Case, scope: str, method: str, municipality: str, year: int) -> float:
    """Return the least rate that the targets sheet asks for in a year, NaN if none.

    A target holds from its year on, until the next one of the same scope, method and municipality
    ('' is the region). Between two listed years it is the earlier rate if the later row's path is
    ``step``, and rises in a straight line if it is ``linear``. Rows that do not bind are reported too; see
    :func:`target_binds`.

    >>> case = Case.from_tables(
    ...     {"account_year": 2022, "plan_years": "2025-2035"},
    ...     {"targets": [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.6},
    ...                  {"scope": "all", "method": "collected", "year": 2035, "rate": 0.8, "path": "linear"}]},
    ... )
    >>> [round(target_in_year(case, "all", "collected", "", year), 3) for year in (2024, 2025, 2030, 2035, 2040)]
    [nan, 0.6, 0.7, 0.8, 0.8]
    """
    return _governing(case, scope, method, municipality, year)[0]


def target_binds(case: Case, scope: str, method: str, municipality: str, year: int) -> bool:
    """Return whether the plan must reach the target of a year: the row that sets it there binds."""
    return _governing(case, scope, method, municipality, year)[1]


def with_targets(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the table ``rates`` with the targets that a case asks for."""
    return table.assign(target=_target_column(case, table))


def _target_column(case: Case, table: pd.DataFrame) -> Floats:
    """Return the target of every row of the table ``rates``."""
    target = np.full(len(table), np.nan)
    listed = case["targets"][["scope", "method", "municipality"]].drop_duplicates()
    for scope, method, municipality in listed.itertuples(index=False):
        rows = np.flatnonzero(
            (table["scope"] == scope) & (table["method"] == method) & (table["municipality"] == municipality)
        )
        years = table["year"].to_numpy()[rows]
        for year in np.unique(years):
            target[rows[years == year]] = target_in_year(case, scope, method, municipality, int(year))
    return target
