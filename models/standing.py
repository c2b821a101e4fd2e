"""What stands in a plan, item by item: how far two plans are apart, and what a plan with or without an item costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE, generation
from flows.prices import steps
from models.formulation_parts import Decisions, Formulation
from models.highs import Arrays
from models.safe_bound import lawful

Array = np.ndarray[Any, np.dtype[np.float64]]
HALF = 0.5
"""Share of a source from which it is said to run a scheme."""


def standing(form: Formulation, decisions: Decisions) -> pd.DataFrame:
    """Return what stands in the last period: a row per scheme of a source, and per facility.

    Columns kind (``scheme`` or ``facility``), municipality, sector, segment, name, columns (numbers of the model's
    columns that it hangs on), free (the plan decides), whole (in or out, no shares), has (it is in these decisions:
    a step in operation, at least half of the source).
    """
    last = form.time.periods[-1]
    x, on = form.block("x"), form.block("on")
    key = [*SOURCE, "scheme", "period"]
    schemes = x.table().assign(free=x.lower < x.upper, whole=x.integer | (x.lower == x.upper))
    schemes = schemes[schemes["period"] == last].merge(decisions.schemes, on=key, how="left")
    rows = [
        ("scheme", *row[:4], [row[4]], row[5], row[6], row[7] >= HALF)
        for row in schemes[[*SOURCE, "scheme", "col", "free", "whole", "share"]].itertuples(index=False, name=None)
    ]
    steps_ = on.table().assign(free=on.lower < on.upper)
    steps_ = steps_[steps_["period"] == last].merge(decisions.steps, on=["facility", "size", "period"], how="left")
    of = dict(list(steps_.groupby("facility")))
    sites = form.case["facilities"].set_index("facility")["municipality"]
    for facility in sorted(form.case["facilities"]["facility"]):
        part = of.get(facility, steps_.iloc[:0])
        has, free = bool((part["on"] > HALF).any()), bool(part["free"].any())
        rows.append(("facility", sites[facility], "", "", facility, part["col"].tolist(), free, True, has))
    names = ["kind", "municipality", "sector", "segment", "name", "columns", "free", "whole", "has"]
    return pd.DataFrame(rows, columns=names)


def standing_values(form: Formulation, decisions: Decisions) -> Array:
    """Return what ``decisions`` say of the columns ``x`` and ``on`` of a model; NaN for all other columns."""
    found = np.full(form.linear.columns, np.nan)
    for name, told, value in (("x", decisions.schemes, "share"), ("on", decisions.steps, "on")):
        block = form.block(name)
        said = block.keys.merge(told, on=list(block.keys.columns), how="left")[value].fillna(0.0)
        found[block.start : block.start + block.size] = said
    return found


def least_costs(form: Formulation, arrays: Arrays, duals: Array, items: pd.DataFrame) -> tuple[Array, Array]:
    """Return what a plan without each item, and with it, costs at least [millions], by prices of the rows.

    ``items`` are of :func:`standing`; ``duals`` those of the relaxation of ``arrays`` (without any, nothing is known).
    For any prices of the rows, what the columns cost beyond them at their cheapest bound is a lower bound of the
    whole (Lagrange); an item that must be in or out moves it by its reduced cost.
    """
    none = np.full(len(items), -np.inf)
    if not len(duals):
        return none, none
    duals, side = lawful(arrays, duals)
    rows = np.repeat(np.arange(len(duals)), np.diff(arrays.start))
    reduced = arrays.cost - np.bincount(arrays.index, weights=arrays.value * duals[rows], minlength=len(arrays.cost))
    most = np.where(np.isfinite(arrays.upper), arrays.upper, _largest(form))
    base = float(duals @ side)
    base += float(np.where(reduced > 0, reduced * arrays.lower, reduced * most).sum())
    base -= 1e-7 * abs(base)
    extra_in = np.maximum(reduced, 0.0) * np.maximum(1.0 - 2.0 * arrays.lower, 0.0)
    extra_out = np.maximum(-reduced, 0.0) * np.clip(2.0 * most - 1.0, 0.0, 1.0)
    extra_in, extra_out = _one_of_each(form, extra_in, extra_out)
    without, with_ = [], []
    for columns in items["columns"]:
        index = np.asarray(columns, dtype=np.int64)
        without.append(base + float(extra_out[index].sum()) if len(index) else -np.inf)
        with_.append(base + float(extra_in[index].min()) if len(index) else -np.inf)
    divided = ~items["whole"].to_numpy(dtype=bool)
    scale = np.where(divided, HALF, 1.0)
    # Half a share moves the bound half as far.
    return base + (np.array(without) - base) * scale, base + (np.array(with_) - base) * scale


def _one_of_each(form: Formulation, extra_in: Array, extra_out: Array) -> tuple[Array, Array]:
    """Return what columns cost more in and out, where a source has one scheme: who is in keeps the others out.

    For a shared source, of which half is asked, half of it holds: the cost is convex and least at a whole choice.
    """
    block = form.block("x")
    if not block.size:
        return extra_in, extra_out
    own = slice(block.start, block.start + block.size)
    table = block.keys[[*SOURCE, "period"]].assign(into=extra_in[own], out=extra_out[own])
    groups = table.groupby([*SOURCE, "period"], sort=False)
    chosen = table["into"] + groups["out"].transform("sum") - table["out"]
    group = groups.ngroup()
    ordered = chosen.to_frame("cost").assign(group=group).sort_values("cost", kind="stable")
    nth = ordered.groupby("group").cumcount()
    least = group.map(ordered.loc[nth == 0].set_index("group")["cost"])
    second = group.map(ordered.loc[nth == 1].set_index("group")["cost"])
    first = pd.Series(chosen.index.isin(ordered.index[nth == 0]), index=chosen.index)
    other = least.where(~first, second).fillna(0.0)
    into, out = extra_in.copy(), extra_out.copy()
    into[own] = chosen.to_numpy()
    out[own] = np.maximum(table["out"].to_numpy(), other.to_numpy())
    return into, out


def weights_of(form: Formulation) -> tuple[Array, float, float]:
    """Return the weight of every column in the distance of two plans, and the parts of schemes and of facilities in it.

    A source counts by its waste, a step by its capacity (the whole waste if it has none), a period by its years.
    """
    case, time = form.case, form.time
    years = dict.fromkeys(time.periods, 0.0)
    for part in time.slices:
        years[part.period] += sum(case.weight(year) for year in part.years)
    total = max(sum(value for period, value in years.items() if period not in time.frozen), 1e-9)
    x, on = form.block("x"), form.block("on")
    waste = generation(case, case.plan_years[:1]).groupby(SOURCE)["amount"].sum()
    whole = max(float(waste.sum()), 1e-9)
    # Who changes scheme leaves one and begins another: each counts a half.
    of_x = waste.reindex(pd.MultiIndex.from_frame(x.keys[SOURCE])).fillna(0.0).to_numpy() / whole / 2.0
    of_x = of_x * x.keys["period"].map(years).to_numpy() / total * (x.lower < x.upper)
    capacity = steps(case).set_index(["facility", "size"])["capacity"].fillna(whole)
    free = on.lower < on.upper
    named = pd.MultiIndex.from_frame(on.keys[["facility", "size"]])
    of_on = capacity.reindex(named).fillna(0.0).to_numpy() * free
    stands = float(capacity.reindex(named[free].unique()).fillna(0.0).sum()) if free.any() else 0.0
    of_on = of_on / max(stands, 1e-9) * on.keys["period"].map(years).to_numpy() / total
    part_x, part_on = (HALF, HALF) if free.any() and (of_x > 0).any() else (float(not free.any()), float(free.any()))
    found = np.zeros(form.linear.columns)
    found[x.start : x.start + x.size] = part_x * of_x
    found[on.start : on.start + on.size] = part_on * of_on
    return found, part_x, part_on


def _largest(form: Formulation) -> Array:
    """Return what no column without a bound of its own can exceed: all waste of a slice."""
    stuff = form.supply.commodities.groupby([*SOURCE, "stream", "slice"], as_index=False)["kt"].max()
    found = np.full(form.linear.columns, float(stuff.groupby("slice")["kt"].sum().max()) if len(stuff) else 0.0)
    found[form.inflow["col"].to_numpy(dtype=np.int64)] = form.inflow["kt"]
    return found
