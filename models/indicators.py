"""Indicators of a plan as vectors over the columns of its model: to be limited, minimised, or traded against cost.

``indicator_vector(form, name) @ values`` is the indicator of a solution, in units of the model (see
:data:`flows.indicator_names.INDICATORS_BY_NAME` for how many units of the sheet one of them is). Where hauls are
pooled, or markets of one class differ in a factor that also differs by fraction, only bounds are linear:
``side`` says whether the vector bounds the indicator from below (``low``) or from above (``high``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from flows.account import market_parts
from flows.case import Case
from flows.indicator_names import FACTORED, INDICATORS_BY_NAME
from flows.prices import emission_factors, indicator_factors, steps
from flows.routing import apart_markets, destinations, market_ways, runs_in, ways, ways_to_markets
from models.builder import Block
from models.coding import pairs
from models.formulation_flows import first_stage
from models.formulation_parts import PLACE, WAY, Formulation, coded, groups, through
from models.routes import ROUTE
from models.supply import COMMODITY

Array = np.ndarray[Any, np.dtype[np.float64]]
Side = Literal["low", "high"]
Weights = dict[int, float]


def indicator_vector(
    form: Formulation,
    name: str,
    municipality: str = "",
    year: int | None = None,
    technology: str = "",
    side: Side = "low",
) -> Array:
    """Return an indicator as coefficients of the columns of ``form``, in units of the model.

    ``year`` None is the whole horizon: ``cost`` discounted, the mean of ``cost_per_household``, places that are open
    at any time, all investment; everything else is summed over the years that plan years stand for. ``technology``
    narrows ``facilities``, ``new_facilities`` and ``investment``. The first vector of a count of facilities adds
    columns to ``form`` where a facility has several steps. Raises ``ValueError`` for a cost of one municipality,
    which hangs on how shared facilities are shared, and ``KeyError`` for an unknown name.
    """
    one = INDICATORS_BY_NAME[name]
    if municipality and one.regional:
        raise ValueError(f"{name} is of the whole area only")
    if name == "cost":
        return _padded(form, money(form) if year is None else year_money(form, year))
    if name in {"facilities", "new_facilities"}:
        return _facilities(form, name == "new_facilities", municipality, year, technology)
    if name == "investment":
        return _investment(form, municipality, year, technology)
    case = form.case
    weights: Weights = {y: case.weight(y) for y in case.plan_years} if year is None else {year: 1.0}
    if name == "cost_per_household":
        return _cost_per_household(form, municipality, weights)
    vector = np.zeros(form.linear.columns)
    if name == "co2e":
        _emitted(form, vector, municipality, weights, side)
    elif name in FACTORED:
        factors = indicator_factors(case, name).assign(value=lambda t: t["value"] * 1000.0 / one.scale)
        _on_entry(form, vector, factors, municipality, weights)
        _on_sale(form, vector, factors, municipality, weights, side)
    else:
        burdens = form.routes.burdens[form.routes.burdens["indicator"] == name]
        scale = 1000.0 if name == "fossil_co2" else 1.0
        add_per_route(form, vector, burdens.assign(value=burdens["share"] / scale), municipality, weights)
    for extra in EXTRAS.get(name, ()):
        extra(form, vector, municipality, weights)
    return vector


EXTRAS: dict[str, tuple[Any, ...]] = {}
"""What other parts of the model add to an indicator: functions of form, vector, municipality and weights."""


def money(form: Formulation) -> Array:
    """Return the discounted cost of every column [million]: the objective, unless another one was asked for."""
    if form.money is not None:
        return form.money
    blocks = form.linear.blocks.values()
    return np.concatenate([block.cost for block in blocks]) if blocks else np.empty(0)


def _padded(form: Formulation, vector: Array) -> Array:
    """Return a vector with zeros for the columns that came later."""
    return np.concatenate([vector, np.zeros(form.linear.columns - len(vector))])


class _OneYear(Case):
    """A case in which money of one year (``only``, of a subclass) counts as it is, and of any other not at all."""

    only: ClassVar[int]

    def discount(self, year: int) -> float:
        return float(year == self.only)

    def discount_factor(self, year: float) -> float:
        return float(year == self.only)


def year_money(form: Formulation, year: int) -> Array:
    """Return the undiscounted cost of one year for every column [million].

    It is the objective of the same model under a discounting that knows this year only, so every rule of cost
    stands in one place. The model is built again for it, once for each year.
    """
    if year not in form.year_money:
        of_year: type[_OneYear] = type("_OneYear", (_OneYear,), {"only": year})
        again = form.again
        if again is None:
            raise ValueError("the model does not know how it was built")
        form.year_money[year] = money(again(of_year(form.case.settings, form.case.tables)))
    return _padded(form, form.year_money[year])


def share_of_years(form: Formulation, by: list[str], weights: Weights) -> pd.DataFrame:
    """Return ``by``, weight: weighted sum over the years of a slice of mass relative to its peak."""
    years = form.supply.years
    table = years[years["year"].isin(weights)]
    table = table.assign(group=groups(form.case, table), weight=table["kt"] * table["year"].map(weights))
    stuff = form.supply.commodities
    peak = stuff.assign(group=groups(form.case, stuff)).groupby(by, as_index=False)["kt"].sum()
    table = table.groupby(by, as_index=False)["weight"].sum().merge(peak, on=by)
    return table.assign(weight=table["weight"] / table["kt"])[[*by, "weight"]]


def add_per_route(
    form: Formulation, vector: Array, constants: pd.DataFrame, municipality: str, weights: Weights
) -> None:
    """Add what a tonne gives on its route: ``constants`` has ROUTE, fraction, value and maybe slice."""
    if constants.empty:
        return
    masses = form.supply.years
    masses = masses[masses["year"].isin(weights)]
    if municipality:
        masses = masses[masses["municipality"] == municipality]
    masses = masses.assign(kt=masses["kt"] * masses["year"].map(weights))
    per = "slice" if "slice" in constants else ""
    found, inflow = through(form, masses, constants.assign(share=constants["value"]), WAY, per), coded(form)
    here, there = pairs(inflow.route, found.route(inflow))
    cols = form.inflow["col"].to_numpy(dtype=np.int64)[here]
    np.add.at(vector, cols, found.total[there] / inflow.kt[here])


def _on_entry(form: Formulation, vector: Array, factors: pd.DataFrame, municipality: str, weights: Weights) -> None:
    """Add factors per tonne entering technologies (place, process, fraction, value)."""
    rates = factors[(factors["place"] == "technology") & (factors["value"] != 0)]
    rates = rates.rename(columns={"process": "entered"})[["entered", "fraction", "value"]]
    table = form.routes.entered.merge(rates, on=["entered", "fraction"])
    table["value"] *= table["share"]
    table = table.groupby([*ROUTE, "fraction"], as_index=False)["value"].sum()
    add_per_route(form, vector, table, municipality, weights)


def market_rates(case: Case, factors: pd.DataFrame) -> pd.DataFrame:
    """Return what a tonne of a fraction gives at a market, its losses included: market, output, class, fraction, value."""
    at = factors[factors["place"] == "market"].rename(columns={"process": "market"})
    table = market_parts(case).merge(at[["market", "treatment", "fraction", "value"]], on=["market", "treatment"])
    table["value"] *= table["part"]
    table = table.groupby(["market", "fraction"], as_index=False)["value"].sum()
    goals = destinations(case)
    goals = goals[goals["kind"] == "market"].rename(columns={"to": "market"})
    return goals[["output", "class", "market"]].merge(table, on="market")


def _on_sale(
    form: Formulation, vector: Array, factors: pd.DataFrame, municipality: str, weights: Weights, side: Side
) -> None:
    """Add factors per tonne delivered to markets: what all markets of a class share is a constant of the route.

    What one of them has beyond that goes with its mass ``z``: exact where it is the same for every fraction, else
    the least (``low``) or the most (``high``) of any fraction. Of one municipality the market is not known.
    """
    case = form.case
    rates = market_rates(case, factors)
    if not (rates["value"] != 0).any():
        return
    windows = case["markets"][["market", "from", "until"]]
    found = []
    for row in form.slices.itertuples(index=False):
        open_now = windows[runs_in(windows, row.slice) & runs_in(windows, row.slice_end)]["market"]
        found.append(rates[rates["market"].isin(open_now)].assign(slice=row.slice))
    rates = pd.concat(found, ignore_index=True)
    sold = form.routes.sold
    # Only fractions that reach a class count in what its markets differ by.
    rates = rates.merge(sold[["output", "class", "fraction"]].drop_duplicates(), on=["output", "class", "fraction"])
    at = ["output", "class", "slice"]
    grouped = rates.groupby([*at, "fraction"])["value"]
    common = grouped.min() if not municipality or side == "low" else grouped.max()
    table = sold.merge(common.reset_index(), on=["output", "class", "fraction"])
    table["value"] *= table["share"]
    table = table.groupby([*ROUTE, "fraction", "slice"], as_index=False)["value"].sum()
    add_per_route(form, vector, table, municipality, weights)
    if municipality:
        return
    rates["more"] = rates["value"] - grouped.transform("min")
    by_market = rates.groupby([*at, "market"])["more"]
    more = (by_market.min() if side == "low" else by_market.max()).reset_index()
    for name in ("z", "v"):
        if name in form.linear.blocks and form.block(name).size:
            sold_to = form.block(name).table().merge(more[more["more"] != 0], on=[*at, "market"])
            sold_to = sold_to.merge(share_of_years(form, ["slice"], weights), on="slice")
            coef = (sold_to["more"] * sold_to["weight"]).to_numpy(dtype=float)
            np.add.at(vector, sold_to["col"].to_numpy(dtype=np.int64), coef)


def _emitted(form: Formulation, vector: Array, municipality: str, weights: Weights, side: Side) -> None:
    """Add emissions [kt]: fossil and avoided on entry and delivery, and of every way; biogenic CO2 is left out."""
    case = form.case
    factors = emission_factors(case)
    factors = factors.assign(value=(factors["fossil"] + factors["avoided"]) / 1000.0)
    to_market = market_ways(case).set_index("market")["emission_per_tonne"] / 1000.0
    # Where a row of distances leads to a market, the way depends on the plant that sells (see _sent_to_markets).
    apart = apart_markets(case)
    to_market[to_market.index.isin(apart["market"])] = 0.0
    factors["value"] += np.where(
        factors["place"] == "market", factors["process"].map(to_market).fillna(0.0).to_numpy(dtype=float), 0.0
    )
    _on_entry(form, vector, factors, municipality, weights)
    _on_sale(form, vector, factors, municipality, weights, side)
    _moved(form, vector, municipality, weights)
    _hauled(form, vector, municipality, weights, side)
    _sent_to_markets(form, vector, municipality, weights, side)


def _sent_to_markets(form: Formulation, vector: Array, municipality: str, weights: Weights, side: Side) -> None:
    """Add the emissions of ways to markets that distances are given for; of one municipality the least or the most."""
    if "v" not in form.linear.blocks or not form.block("v").size:
        return
    v = form.block("v").table()
    facilities = form.case["facilities"][["facility", "technology"]]
    pooled = v["origin"].str.startswith("any ")
    technology = v["origin"].str.removeprefix("any ").where(pooled, v["origin"].map(_technology(form)))
    places = v[["origin"]].assign(technology=technology, pooled=pooled).drop_duplicates()
    places = places.merge(facilities.rename(columns={"facility": "place"}), on="technology")
    places = places[places["pooled"] | (places["place"] == places["origin"])]
    pairs_ = v[["origin", "market"]].drop_duplicates().merge(places[["origin", "place"]], on="origin")
    moving = ways_to_markets(form.case, pairs_.rename(columns={"place": "from", "market": "to"}))
    moving = moving.rename(columns={"from": "place", "to": "market"})
    emission = pairs_.merge(moving, on=["place", "market"]).groupby(["origin", "market"])["emission_per_tonne"]
    chosen = (emission.min() if side == "low" else emission.max()).rename("emission").reset_index()
    table = v.assign(runs=technology).merge(chosen, on=["origin", "market"])
    if not municipality:
        table = table.merge(share_of_years(form, ["slice"], weights), on="slice")
        coef = (table["emission"] / 1000.0 * table["weight"]).to_numpy(dtype=float)
        np.add.at(vector, table["col"].to_numpy(dtype=np.int64), coef)
        return
    grouped = table.groupby(["runs", "output", "class", "slice"])["emission"]
    _by_technology(
        form, vector, form.routes.sold, grouped.min() if side == "low" else grouped.max(), municipality, weights
    )


def _technology(form: Formulation) -> pd.Series:
    """Return the technology of every facility."""
    return form.case["facilities"].set_index("facility")["technology"]


def _by_technology(
    form: Formulation,
    vector: Array,
    constants: pd.DataFrame,
    rates: pd.Series,
    municipality: str,
    weights: Weights,
) -> None:
    """Add what outputs of technologies emit on their way [kg/t], by output, class and slice, on the routes."""
    runs = form.routes.options.drop_duplicates("technology").set_index("technology")["runs"]
    table = constants.assign(runs=constants["technology"].map(runs))
    table = table.merge(rates.reset_index(), on=["runs", "output", "class"])
    table["value"] = table["share"] * table["emission"] / 1000.0
    add_per_route(form, vector, table, municipality, weights)


def _moved(form: Formulation, vector: Array, municipality: str, weights: Weights) -> None:
    """Add the emissions of the way from municipality to facility."""
    places = form.places
    if municipality:
        places = places[places["municipality"] == municipality]
    if places.empty:
        return
    pairs = places[["municipality", "facility"]].drop_duplicates()
    moving = ways(form.case, pairs.rename(columns={"municipality": "from", "facility": "to"}), "collection")
    moving = moving.rename(columns={"from": "municipality", "to": "facility"})
    table = places.merge(moving[["municipality", "facility", "emission_per_tonne"]], on=["municipality", "facility"])
    table = table.merge(share_of_years(form, [*PLACE, "slice"], weights), on=[*PLACE, "slice"])
    own = first_stage(form)[["col", *COMMODITY]].merge(share_of_years(form, COMMODITY, weights), on=COMMODITY)
    weight = table["col"].map(own.set_index("col")["weight"]).fillna(table["weight"])
    coef = table["emission_per_tonne"] / 1000.0 * weight
    np.add.at(vector, table["col"].to_numpy(dtype=np.int64), coef.to_numpy(dtype=float))


def haul_ways(form: Formulation, side: Side) -> pd.DataFrame:
    """Return origin, output, class, slice, to, emission [kg/t] of every haul; pooled ones from the nearest or farthest."""
    h = form.block("h").table()
    facilities = form.case["facilities"][["facility", "technology"]]
    pooled = h["origin"].str.startswith("any ")
    named = h.loc[~pooled, ["origin"]].drop_duplicates().assign(place=lambda t: t["origin"])
    any_of = h.loc[pooled, ["origin"]].drop_duplicates()
    any_of = any_of.assign(technology=any_of["origin"].str.removeprefix("any ")).merge(facilities, on="technology")
    origins = pd.concat([named, any_of.rename(columns={"facility": "place"})[["origin", "place"]]], ignore_index=True)
    pairs = h[["origin", "to"]].drop_duplicates().merge(origins, on="origin")
    moving = ways(form.case, pairs[["place", "to"]].rename(columns={"place": "from"}), "haul")
    pairs = pairs.merge(moving.rename(columns={"from": "place"}), on=["place", "to"])
    emission = pairs.groupby(["origin", "to"])["emission_per_tonne"]
    chosen = (emission.min() if side == "low" else emission.max()).rename("emission").reset_index()
    return h.merge(chosen, on=["origin", "to"])


def _hauled(form: Formulation, vector: Array, municipality: str, weights: Weights, side: Side) -> None:
    """Add the emissions of hauls on; of one municipality those of the nearest or farthest way of its outputs."""
    if not form.block("h").size:
        return
    hauls = haul_ways(form, side)
    if not municipality:
        hauls = hauls.merge(share_of_years(form, ["slice"], weights), on="slice")
        coef = hauls["emission"] / 1000.0 * hauls["weight"]
        np.add.at(vector, hauls["col"].to_numpy(dtype=np.int64), coef.to_numpy(dtype=float))
        return
    technology = _technology(form)
    made_by = (
        hauls["origin"]
        .str.removeprefix("any ")
        .where(hauls["origin"].str.startswith("any "), hauls["origin"].map(technology))
    )
    grouped = hauls.assign(runs=made_by).groupby(["runs", "output", "class", "slice"])["emission"]
    _by_technology(
        form, vector, form.routes.hauled, grouped.min() if side == "low" else grouped.max(), municipality, weights
    )


def _cost_per_household(form: Formulation, municipality: str, weights: Weights) -> Array:
    case = form.case
    homes = case["dwellings"]
    homes = homes[homes["municipality"] == municipality] if municipality else homes
    share = {year: weight / sum(weights.values()) for year, weight in weights.items()}
    slices = pd.DataFrame(
        [
            (part.years[0], sum(share.get(year, 0.0) for year in part.years))
            for part in form.time.slices
            if set(part.years) & set(share)
        ],
        columns=["slice", "weight"],
    )
    table = form.effective.merge(slices, on="slice")
    table = table.merge(homes[["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
    table = table.merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
    coef = table["coef"] * table["weight"] * table["cost_per_household"] * table["dwellings"]
    vector = np.zeros(form.linear.columns)
    np.add.at(vector, table["col"].to_numpy(dtype=np.int64), (coef / max(float(homes["dwellings"].sum()), 1.0)))
    return vector


def _chosen(form: Formulation, new: bool, municipality: str, technology: str) -> pd.DataFrame:
    """Return the facilities that a count is of."""
    rows = form.case["facilities"]
    if new:
        rows = rows[rows["state"] == "candidate"]
    if municipality:
        rows = rows[rows["municipality"] == municipality]
    if technology:
        rows = rows[rows["technology"] == technology]
    return rows


def _facilities(form: Formulation, new: bool, municipality: str, year: int | None, technology: str) -> Array:
    """Return how many facilities are open in a year, or at any time of the horizon."""
    rows = _chosen(form, new, municipality, technology)
    if year is None:
        stands = _stands(form, "ever")
    else:
        rows = rows[runs_in(rows, year, "opens", "closes")]
        period = next(part.period for part in form.time.slices if year in part.years)
        stands = _stands(form, "stands")
        stands = stands[stands["period"] == period]
    stands = stands[stands["facility"].isin(rows["facility"])]
    vector = np.zeros(form.linear.columns)
    vector[stands["col"].to_numpy(dtype=np.int64)] = 1.0
    return vector


def _stands(form: Formulation, name: str) -> pd.DataFrame:
    """Return facility (and period) with a column that is 1 where any of its steps is in operation, else 0.

    ``stands``: per period; ``ever``: in any period. A single ``on`` is that column itself; where there are several
    there is a column of its own: ``on`` <= it, and it <= their sum.
    """
    if f"_{name}" in form.tables:
        return form.tables[f"_{name}"]
    on = form.block("on").table()
    if name == "ever":
        windows = form.case["facilities"][["facility", "opens", "closes"]]
        spans = pd.DataFrame({"period": form.time.periods, "last": [form.time.last_year(p) for p in form.time.periods]})
        on = on.merge(windows, on="facility").merge(spans, on="period")
        on = on[~(on["opens"] > on["last"]) & ~(on["closes"] < on["period"])]
    by = ["facility"] if name == "ever" else ["facility", "period"]
    several = on.groupby(by)["col"].transform("count") > 1
    table = on.loc[~several, [*by, "col"]]
    if several.any():
        rest = on[several]
        block = form.linear.add_block(name, rest[by].drop_duplicates().sort_values(by), upper=1.0).table()
        key = ["facility", "size", "period"]
        linked = rest[key].merge(block, on=by).assign(coef=-1.0)
        form.linear.add_rows(f"{name}_if_on", rest[key], [rest.assign(coef=1.0), linked], upper=0.0)
        form.linear.add_rows(
            f"{name}_only_if_on", block[by], [block.assign(coef=1.0), rest.assign(coef=-1.0)], upper=0.0
        )
        table = pd.concat([table, block[[*by, "col"]]], ignore_index=True)
    form.tables[f"_{name}"] = table
    return table


def _investment(form: Formulation, municipality: str, year: int | None, technology: str) -> Array:
    """Return the capex of the steps that open [million]; a step opens with its period."""
    block: Block = form.block("s")
    rows = _chosen(form, False, municipality, technology)
    capex = steps(form.case).set_index(["facility", "size"])["capex"]
    keys = block.keys
    worth = capex.reindex(pd.MultiIndex.from_frame(keys[["facility", "size"]])).to_numpy(dtype=float)
    counted = keys["facility"].isin(rows["facility"]).to_numpy(dtype=bool)
    if year is not None:
        counted = counted & (keys["period"] == year).to_numpy(dtype=bool)
    vector = np.zeros(form.linear.columns)
    vector[block.start : block.start + block.size] = worth * counted / 1e6
    return vector


def without_policy(form: Formulation, case: Case, names: tuple[str, ...]) -> Formulation:
    """Return the model without what was asked of it: families and blocks of ``names``; money stays as it was."""
    families = {name: family for name, family in form.linear.families.items() if name not in names}
    blocks = {name: block for name, block in form.linear.blocks.items() if name not in names}
    columns = sum(block.size for block in blocks.values())
    linear = replace(form.linear, families=families, blocks=blocks, columns=columns)
    known = money(form)
    for name, block in blocks.items():
        blocks[name] = replace(block, cost=known[block.start : block.start + block.size].copy())
    return replace(form, case=case, linear=linear, targets=pd.DataFrame(), tables={})
