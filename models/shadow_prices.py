"""Shadow prices of a plan: what one unit more of a bound would save while the decisions stay as they are.

They are the duals of the yearly dispatch, in which schemes and steps are fixed. Each stands for its year, which may
stand for several: ``value`` is discounted and added up over the years that the plan year stands for, as the objective
is; ``per_year`` is the same without discounting, per unit and year in money of the price year. They hold for small
changes; a larger one would change decisions, which only a new plan tells (:mod:`models.worth`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.indicator_names import INDICATOR_LIST
from models.formulation_parts import MILLION, Formulation
from models.highs import Solution

Array = np.ndarray[Any, np.dtype[np.float64]]
COLUMNS = ["variant", "year", "kind", "name", "value", "unit", "per_year"]
NOTICED = 1e-9
HALF = 0.5
KT = 1000.0
"""Tonnes in a kt: rows count kt, prices are per tonne."""


def shadow_prices(form: Formulation, dispatched: Solution) -> pd.DataFrame:
    """Return the table ``shadow_prices``, all values positive.

    Kinds: ``capacity`` (a tonne more at a facility), ``least_load`` (a tonne less that it must take), ``market`` (a
    tonne more that a market takes), ``contract`` (a tonne less that is bound), ``content`` (a tonne less of
    recycled content that is required), ``target`` (a tonne less that must
    count), ``limit`` (a unit more of an indicator). Empty without duals.
    """
    if not len(dispatched.row_duals):
        return pd.DataFrame(columns=COLUMNS)
    found, start = [], 0
    reduced = np.concatenate([block.cost for block in form.linear.blocks.values()])
    for family in form.linear.families.values():
        duals = dispatched.row_duals[start : start + len(family.keys)]
        start += len(family.keys)
        reduced -= np.bincount(family.col, weights=family.coef * duals[family.row], minlength=len(reduced))
        if family.name in AT_PLANTS:
            runs = _runs(form, dispatched.values, family.keys)
            found.append(_priced(form, family.name, family.keys[runs].reset_index(drop=True), duals[runs]))
        elif family.name in NAMES:
            found.append(_priced(form, family.name, family.keys, duals))
        elif family.name == "widened":
            found.append(_priced(form, "market", family.keys, duals))
    if "z" in form.linear.blocks:
        z = form.block("z")
        # What a full market would save by taking more is the reduced cost of what it takes.
        full = np.minimum(reduced[z.start : z.start + z.size], 0.0) * np.isfinite(z.upper)
        found.append(_priced(form, "market", z.keys, full))
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(found, ignore_index=True)
    table = table[table["value"] > NOTICED].assign(variant="plan")
    return table[COLUMNS].sort_values(COLUMNS[:4], ignore_index=True)


NAMES = {
    "capacity": ["facility"],
    "least_load": ["facility"],
    "contract": ["municipality", "stream", "facility"],
    "content": ["requirement"],
    "target": ["scope", "method", "municipality"],
    "limit": ["indicator", "municipality"],
}
"""Families that have a price, and what names their rows."""


AT_PLANTS = ("capacity", "least_load")
"""Families that have a price only where the plan runs the facility: elsewhere there is no plant to enlarge."""


def _runs(form: Formulation, values: Array, keys: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which rows by facility and slice are of facilities in operation."""
    on = form.block("on")
    running = on.keys[values[on.columns] > HALF][["facility", "period"]].drop_duplicates()
    period = keys["slice"].map(form.slices.set_index("slice")["period"])
    wanted = pd.MultiIndex.from_arrays([keys["facility"], period])
    return np.asarray(wanted.isin(pd.MultiIndex.from_frame(running)))


def _priced(form: Formulation, kind: str, keys: pd.DataFrame, duals: Array) -> pd.DataFrame:
    case = form.case
    year = (keys["slice"] if "slice" in keys else keys["year"]).reset_index(drop=True)
    names = ["market"] if kind == "market" else NAMES[kind]
    name = keys[names].astype(str).agg(lambda row: " ".join(part for part in row if part), axis=1)
    per_unit = np.full(len(keys), KT)
    unit = pd.Series(f"{case.currency}/t", index=range(len(keys)))
    if "indicator" in keys:
        per_unit = keys["indicator"].map({one.name: one.scale for one in INDICATOR_LIST}).to_numpy(dtype=float)
        units = {
            one.name: f"{case.currency}/{one.horizon_unit.replace('DKK', case.currency)}" for one in INDICATOR_LIST
        }
        unit = keys["indicator"].map(units).reset_index(drop=True)
        homes = (keys["indicator"] == "cost_per_household").to_numpy()
        unit[homes] = f"{case.currency} per {case.currency}/household"
        gas = keys["indicator"].str.contains("co2").to_numpy(dtype=bool)
        unit[gas] = f"{case.currency}/t CO2"
    value = np.abs(duals) * MILLION / per_unit
    weight = year.map({year: case.discount(year) for year in case.plan_years}).to_numpy(dtype=float)
    # A year that is given no weight has no money of its own.
    weight = np.where(weight > 0, weight, np.nan)
    return pd.DataFrame(
        {
            "year": year,
            "kind": kind,
            "name": name.to_numpy(dtype=object) if len(keys) else [],
            "value": value,
            "unit": unit,
            "per_year": value / weight,
        }
    )
