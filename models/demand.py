"""Levers of demand in the model: purchases ``n`` that widen a market, recycled content, exchange between projects ``e``.

A purchase of yes or no is one decision ``p`` for all its years. Exchange is a transport problem of its own, with
years: what an offer gives in a year is used in that year or, as long as it may be stored, in a later one. Both are
decided anew when years are dispatched; masses are kt/year, money is millions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.demand import WAY_KEY, exchange_options, life_cycle_costs
from flows.routing import destinations, runs_in
from models.builder import Family
from models.formulation_parts import MILLION, Formulation, discounts
from models.indicators import EXTRAS, Weights, add_per_route, share_of_years

Array = np.ndarray[Any, np.dtype[np.float64]]
KT = 1000.0


def add_demand(form: Formulation) -> None:
    """Add purchases and exchange; nothing where the case has none."""
    _add_purchases(form)
    _add_exchange(form)


def _add_purchases(form: Formulation) -> None:
    case, linear = form.case, form.linear
    rows = case["purchasing"].rename(columns={"first_year": "from", "last_year": "until"})
    if rows.empty:
        return
    found = []
    for part in form.slices.itertuples(index=False):
        open_now = rows[runs_in(rows, part.slice) & runs_in(rows, part.slice_end)]
        found.append(open_now.assign(slice=part.slice))
    listed = pd.concat(found, ignore_index=True).sort_values(["purchase", "slice"], ignore_index=True)
    discount = discounts(case)
    years = {part.years[0]: sum(discount[year] for year in part.years) for part in form.time.slices}
    extra = life_cycle_costs(case).set_index("purchase")["extra"]
    cost = listed["purchase"].map(extra) * listed["slice"].map(years) * KT / MILLION
    most = listed["maximum"].to_numpy(dtype=float) / KT
    n = linear.add_block("n", listed[["purchase", "slice"]], upper=most, cost=cost.to_numpy(dtype=float)).table()
    n = n.assign(market=listed["market"], most=most, whole=~listed["divisible"].to_numpy(dtype=bool))
    whole = n[n["whole"]]
    if len(whole):
        p = linear.add_block("p", whole[["purchase"]].drop_duplicates(), upper=1.0, integer=True).table()
        chosen = whole[["purchase", "slice", "most"]].merge(p, on="purchase")
        entries = [whole.assign(coef=1.0), chosen.assign(coef=-chosen["most"])]
        linear.add_rows("bought_whole", whole[["purchase", "slice"]], entries, lower=0.0, upper=0.0)
    _widen(form, n)
    taken = [form.block(name).table() for name in ("z", "v") if name in linear.blocks]
    delivered = [part.assign(coef=1.0) for part in taken]
    rows = n[["market", "slice"]].drop_duplicates()
    # What is bought has to be there, also where buying it is cheaper than buying new.
    linear.add_rows("bought_is_delivered", rows, [*delivered, n.assign(coef=-1.0)], lower=0.0)


def _widen(form: Formulation, n: pd.DataFrame) -> None:
    """Let markets take what is bought beside their capacity."""
    case, linear = form.case, form.linear
    capacity = case["markets"].set_index("market")["capacity"]
    z = linear.blocks.get("z")
    if z is not None and z.size:
        wide = z.keys["market"].isin(n["market"]).to_numpy(dtype=bool)
        z.upper = np.where(wide, np.inf, z.upper)
        sold = z.table()[wide]
        rows = sold[["market", "slice"]].drop_duplicates()
        linear.add_rows(
            "widened",
            rows,
            [sold.assign(coef=1.0), n.assign(coef=-1.0)],
            upper=rows["market"].map(capacity).to_numpy(dtype=float) / KT,
        )
    room = linear.families.get("market_room")
    if room is not None:
        number = room.keys.assign(row=np.arange(len(room.keys)))
        more = n.merge(number, on=["market", "slice"])
        linear.families["market_room"] = Family(
            room.name,
            room.keys,
            np.concatenate([room.row, more["row"].to_numpy(dtype=np.int64)]),
            np.concatenate([room.col, more["col"].to_numpy(dtype=np.int64)]),
            np.concatenate([room.coef, -np.ones(len(more))]),
            room.lower,
            room.upper,
        )


def _add_exchange(form: Formulation) -> None:
    case, linear = form.case, form.linear
    rows = case["exchange"]
    if rows.empty:
        return
    options = exchange_options(case, case.plan_years)
    if options.empty:
        return
    discount = discounts(case)
    cost = (options["cost"] - options["saved"]) * options["year"].map(discount) * KT / MILLION
    e = linear.add_block("e", options[WAY_KEY], cost=cost.to_numpy(dtype=float)).table()
    e = e.assign(share=options["share"])
    amount = rows.set_index("project")["amount"]
    for name, ends, coef in (
        ("offered", ["offer", "given_year"], e["share"]),
        ("needed", ["need", "year"], pd.Series(1.0, index=e.index)),
    ):
        keys = e[ends].drop_duplicates().sort_values(ends)
        top = keys[ends[0]].map(amount).to_numpy(dtype=float) / KT
        linear.add_rows(name, keys, [e.assign(coef=coef)], upper=top)


def add_requirements(form: Formulation) -> None:
    """Recycled content that is required: a market gets at least its share of a product's demand, in every year."""
    case = form.case
    rows = case["content_requirements"].rename(columns={"first_year": "from", "last_year": "until"})
    if rows.empty:
        return
    keys, entries, least = [], [], []
    for year in case.plan_years:
        for row in rows[runs_in(rows, year)].itertuples(index=False):
            vector = delivered_vector(form, row.market, year)
            cols = np.flatnonzero(vector)
            key = {"requirement": row.requirement, "year": year}
            keys.append(key)
            entries.append(pd.DataFrame({"col": cols, "coef": vector[cols]}).assign(**key))
            least.append(row.demand * row.share / KT)
    if keys:
        form.linear.add_rows("content", pd.DataFrame(keys), entries, lower=np.array(least, dtype=float))


def delivered_vector(form: Formulation, market: str, year: int) -> Array:
    """Return what a market takes in a year [kt] as coefficients of the columns."""
    vector = np.zeros(form.linear.columns)
    weights: Weights = {year: 1.0}
    slices = form.slices[(form.slices["slice"] <= year) & (form.slices["slice_end"] >= year)]["slice"]
    known = False
    for name in ("z", "v"):
        if name not in form.linear.blocks:
            continue
        sold = form.block(name).table()
        sold = sold[(sold["market"] == market) & sold["slice"].isin(slices)]
        sold = sold.merge(share_of_years(form, ["slice"], weights), on="slice")
        known = known or len(sold) > 0
        np.add.at(vector, sold["col"].to_numpy(dtype=np.int64), sold["weight"].to_numpy(dtype=float))
    markets = form.case["markets"]
    runs = markets.loc[runs_in(markets, year), "market"]
    if not known and market in set(runs):
        # The only market of its class has no column of its own: everything sold to the class goes there.
        goals = destinations(form.case)
        mine = goals[goals["to"] == market][["output", "class"]]
        table = form.routes.sold.merge(mine, on=["output", "class"])
        add_per_route(form, vector, table.assign(value=table["share"]), "", weights)
    return vector


def _exchanged(*per_tonne: str) -> Any:
    """Return what adds exchange to an indicator: a tonne each, or columns of the options [kg/t]."""

    def extra(form: Formulation, vector: Array, municipality: str, weights: Weights) -> None:
        if "e" not in form.linear.blocks:
            return
        e = form.block("e").table().merge(exchange_options(form.case, form.case.plan_years), on=WAY_KEY)
        if municipality:
            e = e[e["to"] == municipality]
        each = e[list(per_tonne)].sum(axis=1) / KT if per_tonne else pd.Series(1.0, index=e.index)
        coef = each * e["year"].map(weights).fillna(0.0)
        np.add.at(vector, e["col"].to_numpy(dtype=np.int64), coef.to_numpy(dtype=float))

    return extra


EXTRAS["co2e"] = (_exchanged("moved", "avoided"),)
EXTRAS["material_avoided"] = (_exchanged(),)


def bought_of(form: Formulation, values: Array) -> pd.DataFrame:
    """Return purchase, year, mass_t of a solution; ``form`` has a slice for every year."""
    if "n" not in form.linear.blocks:
        return pd.DataFrame({"purchase": [], "year": [], "mass_t": []}).astype({"year": np.int64, "mass_t": float})
    block = form.block("n")
    mass = np.maximum(values[block.start : block.start + block.size], 0.0) * KT
    return block.keys.rename(columns={"slice": "year"}).assign(mass_t=np.where(mass > 1e-6, mass, 0.0))


def exchanged_of(form: Formulation, values: Array) -> pd.DataFrame:
    """Return WAY_KEY, mass_t of a solution."""
    if "e" not in form.linear.blocks:
        columns = {name: np.array([], dtype=np.int64 if "year" in name else object) for name in WAY_KEY}
        return pd.DataFrame(columns).assign(mass_t=np.array([], dtype=float))
    block = form.block("e")
    mass = np.maximum(values[block.start : block.start + block.size], 0.0) * KT
    return block.keys.assign(mass_t=np.where(mass > 1e-6, mass, 0.0))
