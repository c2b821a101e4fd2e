"""The plan as a mixed-integer linear model, family by family, from numpy tables.

Columns: ``x`` share of a scheme in a period, ``u`` its newly begun part, ``on`` a step of a facility in
operation, ``s`` its opening, ``w`` the kind of destination a facility chooses, ``a`` what a stream of a
scheme sends down a route, ``f`` what of a municipality's stream a facility takes, ``h`` what an output
hauls on to a facility, ``z`` what a market takes. Masses are kt/year, money is millions.

The composition of a stream under a scheme is data, so what a route counts, burns and sells per tonne is a
constant and the model is linear. A technology treats alike, so ``a`` carries composition to technologies
and ``f`` carries mass to places. With ``pooled`` this also holds for technologies whose outputs are hauled
on, each output leaving from the technology's nearest place: a relaxation, whose optimum is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import SOURCE, generation
from flows.case import Case
from flows.ledger import all_payers
from flows.methods import METHODS
from flows.prices import entry_costs, steps, treatment_costs
from flows.rates import in_scope, target_binds, target_in_year, waste_of
from flows.routing import contract_shares, destinations, market_ways, runs_in, ways
from flows.tables import NEVER_WASTE
from models.builder import Block, Linear
from models.routes import ROUTE, Routes
from models.supply import COMMODITY, Supply, allowed_schemes, effective, ramped, supply
from models.timing import Horizon

MILLION = 1e6
PLACE = ["municipality", "group", "stream"]


@dataclass(frozen=True)
class Decisions:
    """Decisions that are fixed: ``schemes`` SOURCE, scheme, period, share; ``steps`` facility, size, period, on."""

    schemes: pd.DataFrame
    steps: pd.DataFrame


@dataclass(frozen=True)
class Support:
    """What a restricted model may use: ``schemes`` SOURCE, scheme; ``facilities`` where something new may be built."""

    schemes: pd.DataFrame
    facilities: frozenset[str]


@dataclass
class Formulation:
    """A model under construction and the tables that its columns and rows are named by."""

    case: Case
    time: Horizon
    routes: Routes
    captures: pd.DataFrame
    pooled: bool
    linear: Linear
    supply: Supply
    slices: pd.DataFrame
    effective: pd.DataFrame
    inflow: pd.DataFrame
    places: pd.DataFrame
    targets: pd.DataFrame

    def block(self, name: str) -> Block:
        """Return the block of columns called ``name``."""
        return self.linear.blocks[name]


def _steps_in_time(case: Case, time: Horizon) -> pd.DataFrame:
    """Return steps of facilities per period in which they can be in operation.

    Columns of :func:`flows.prices.steps`, period, last (year), free (the plan decides).
    """
    facilities = case["facilities"].set_index("facility")[["technology", "opens", "closes", "closable"]]
    table = steps(case).join(facilities, on="facility")
    build_time = table["technology"].map(case["technologies"].set_index("technology")["build_time"])
    earliest = table["opens"].fillna(-np.inf).to_numpy()
    earliest = np.where(table["built"], earliest, np.maximum(earliest, case.first_change_year + build_time))
    pinned = case["pinned"][case["pinned"]["facility"] != ""]
    found = []
    ends = {
        period: max(y for part in time.slices if part.period == period for y in part.years) for period in time.periods
    }
    for period in time.periods:
        ends_here = ends[period]
        # A step that stands may open or close inside a period (its slices know); a new one opens with a period.
        begins = np.where(table["built"], earliest <= ends_here, earliest <= period)
        lasts = table["closes"].isna() | (table["closes"] >= period)
        part = table[begins & lasts.to_numpy()].assign(period=period, last=ends_here)
        frozen = period in time.frozen
        part["free"] = (~part["built"] | part["closable"]) & (not frozen)
        part["lower"] = np.where(part["built"] & ~part["free"], 1.0, 0.0)
        part["upper"] = np.where(part["built"] | part["free"], 1.0, 0.0)
        for row in pinned[runs_in(pinned, period)].itertuples(index=False):
            here = part["facility"] == row.facility
            if row.run:
                part.loc[
                    here & (part["built"] | (part.groupby("facility")["size"].transform("count") == 1)), "lower"
                ] = 1.0
            else:
                part.loc[here, ["lower", "upper"]] = 0.0
        found.append(part)
    return pd.concat(found, ignore_index=True).sort_values(["facility", "size", "period"], ignore_index=True)


def _running(case: Case, stages: pd.DataFrame, slices: pd.DataFrame) -> pd.DataFrame:
    """Return facility, technology, slice, period in which a facility can run in every year of the slice."""
    table = stages[["facility", "technology", "period"]].drop_duplicates().merge(slices, on="period")
    window = case["facilities"].set_index("facility")[["opens", "closes"]]
    table = table.join(window, on="facility")
    opened = table["opens"].isna() | (table["opens"] <= table["slice"])
    lasts = table["closes"].isna() | (table["closes"] >= table["slice_end"])
    return table[opened & lasts][["facility", "technology", "slice", "period"]].reset_index(drop=True)


def _discounts(case: Case) -> dict[int, float]:
    return {year: case.discount(year) for year in case.plan_years}


def build(
    case: Case,
    captures: pd.DataFrame,
    constants: Routes,
    time: Horizon,
    *,
    pooled: bool,
    decisions: Decisions | None = None,
    support: Support | None = None,
) -> Formulation:
    """Return the model of a case.

    ``captures`` is what :func:`flows.capture.shifted_capture` returns, ``constants`` what
    :func:`models.routes.routes` returns. ``decisions`` fix schemes and steps; what they leave out is not built.
    ``support`` leaves out what is not in it, without fixing anything.
    """
    slices = pd.DataFrame(
        [(part.years[0], part.years[-1], part.period, part.step) for part in time.slices],
        columns=["slice", "slice_end", "period", "step"],
    )
    allowed = allowed_schemes(case, time)
    if decisions is not None:
        allowed = allowed.drop(columns=["lower", "upper"]).merge(decisions.schemes, on=[*SOURCE, "scheme", "period"])
        allowed = allowed[allowed["share"] > 0].assign(
            lower=lambda t: t["share"], upper=lambda t: t["share"], integer=False
        )
    if support is not None:
        allowed = allowed.merge(support.schemes, on=[*SOURCE, "scheme"])
    linear = Linear()
    form = Formulation(
        case,
        time,
        constants,
        captures,
        pooled,
        linear,
        supply(case, captures, time, ramped(case, allowed)),
        slices,
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
    )
    _schemes(form, allowed)
    stages = _facilities(form, decisions, support)
    running = _running(case, stages, slices)
    _routes(form, running)
    _places(form, running)
    _capacity(form, stages, running)
    _hauls(form, running)
    _markets(form)
    _targets(form)
    _limits(form)
    _contracts(form, running)
    return form


def _add_cost(form: Formulation, cols: pd.Series, cost: pd.Series) -> None:
    """Add money [currency] to the objective coefficients of columns."""
    for block in form.linear.blocks.values():
        inside = (cols >= block.start) & (cols < block.start + block.size)
        if inside.any():
            np.add.at(
                block.cost,
                (cols[inside] - block.start).to_numpy(dtype=np.int64),
                cost[inside].to_numpy(dtype=float) / MILLION,
            )


def _schemes(form: Formulation, allowed: pd.DataFrame) -> None:
    """One scheme per source and period; changing costs and binds for a while; what it costs to run."""
    case, linear, time = form.case, form.linear, form.time
    key = [*SOURCE, "scheme", "period"]
    x = linear.add_block(
        "x",
        allowed[key],
        lower=allowed["lower"].to_numpy(),
        upper=allowed["upper"].to_numpy(),
        integer=allowed["integer"].to_numpy(),
    ).table()
    linear.add_rows("one_scheme", x[[*SOURCE, "period"]].drop_duplicates(), [x.assign(coef=1.0)], lower=1.0, upper=1.0)
    open_periods = [period for period in time.periods if period not in time.frozen]
    before = dict(zip(time.periods[1:], time.periods[:-1], strict=True))
    fresh = allowed[allowed["period"].isin(open_periods)]
    first = [period for period in open_periods if period not in before]
    # In a plan that may change at once, what runs before its first period is today's.
    today = fresh[fresh["period"].isin(first)]
    previous = x.rename(columns={"col": "previous"})
    previous = previous.assign(period=previous["period"].map({old: new for new, old in before.items()})).dropna(
        subset=["period"]
    )
    previous["period"] = previous["period"].astype(np.int64)
    u_keys = fresh[key].reset_index(drop=True)
    upper = np.ones(len(u_keys))
    lower = np.zeros(len(u_keys))
    fixed = fresh[fresh["lower"] == fresh["upper"]]
    if len(fixed) == len(fresh) and len(fresh):
        prior = pd.concat(
            [
                allowed[allowed["period"].isin(time.periods)]
                .assign(period=lambda t: t["period"].map({o: n for n, o in before.items()}))[[*key, "lower"]]
                .dropna(),
                today[[*key, "current"]].rename(columns={"current": "lower"}),
            ]
        )
        begun = (
            fresh[[*key, "lower"]]
            .merge(prior, on=key, how="left", suffixes=("", "_before"))
            .fillna({"lower_before": 0.0})
        )
        lower = upper = (begun["lower"] - begun["lower_before"]).clip(lower=0.0).to_numpy()
    u = linear.add_block("u", u_keys, lower=lower, upper=upper).table()
    begins = u.merge(x.rename(columns={"col": "x"}), on=key).merge(previous[[*key, "previous"]], on=key, how="left")
    current = u[key].merge(today[[*key, "current"]], on=key, how="left")["current"].fillna(0.0).to_numpy()
    entries = [
        begins.assign(coef=1.0)[[*key, "col", "coef"]],
        begins.assign(col=begins["x"], coef=-1.0)[[*key, "col", "coef"]],
        begins.dropna(subset=["previous"]).assign(col=lambda t: t["previous"].astype(np.int64), coef=1.0)[
            [*key, "col", "coef"]
        ],
    ]
    linear.add_rows("begins", u[key], entries, lower=-current)
    not_more = [
        begins.assign(coef=1.0)[[*key, "col", "coef"]],
        begins.assign(col=begins["x"], coef=-1.0)[[*key, "col", "coef"]],
    ]
    linear.add_rows("begins_at_most", u[key], not_more, upper=0.0)
    rest = begins.dropna(subset=["previous"])
    linear.add_rows("begins_if_new", rest[key], [entries[0].merge(rest[key], on=key), entries[2]], upper=1.0)
    _stays(form, x, u)
    form.effective = effective(case, time, allowed, x, u)
    _scheme_costs(form, u)


def _stays(form: Formulation, x: pd.DataFrame, u: pd.DataFrame) -> None:
    """Keep a scheme at least its ``min_years``: x[later] >= sum of what began within that time."""
    least = form.case["schemes"].set_index("scheme")["min_years"]
    pairs = u.merge(x, on=[*SOURCE, "scheme"], suffixes=("_begun", "")).rename(columns={"period_begun": "begun"})
    since = pairs["period"] - pairs["begun"]
    pairs = pairs[(since > 0) & (since < pairs["scheme"].map(least))]
    key = [*SOURCE, "scheme", "period"]
    form.linear.add_rows(
        "stays",
        pairs[key].drop_duplicates(),
        [pairs.assign(col=pairs["col_begun"], coef=-1.0), pairs.assign(coef=1.0).drop_duplicates([*key, "col"])],
        lower=0.0,
    )


def _scheme_costs(form: Formulation, u: pd.DataFrame) -> None:
    case, discount = form.case, _discounts(form.case)
    schemes = case["schemes"].drop(columns=["sector", "segment"])
    amounts = generation(case, case.plan_years).groupby([*SOURCE, "year"], as_index=False)["amount"].sum()
    homes = case["dwellings"][["municipality", "segment", "dwellings"]]
    years = pd.DataFrame(
        [(part.years[0], year) for part in form.time.slices for year in part.years], columns=["slice", "year"]
    )
    table = (
        form.effective[[*SOURCE, "scheme", "slice"]]
        .drop_duplicates()
        .merge(years, on="slice")
        .merge(schemes, on="scheme")
    )
    table = table.merge(homes, on=["municipality", "segment"], how="left").merge(
        amounts, on=[*SOURCE, "year"], how="left"
    )
    table = table.fillna({"dwellings": 0.0, "amount": 0.0})
    table["cost"] = table["cost_per_household"] * table["dwellings"] + table["cost_per_tonne"] * table["amount"]
    extra = form.supply.years.merge(all_payers(case, case.plan_years), on=["year", "scheme", "stream"])
    extra["cost"] = extra["kt"] * 1000.0 * extra["cost_per_tonne"]
    rows = pd.concat(
        [table[[*SOURCE, "scheme", "slice", "year", "cost"]], extra[[*SOURCE, "scheme", "slice", "year", "cost"]]]
    )
    rows["cost"] *= rows["year"].map(discount)
    rows = rows.groupby([*SOURCE, "scheme", "slice"], as_index=False)["cost"].sum()
    costed = form.effective.merge(rows, on=[*SOURCE, "scheme", "slice"])
    _add_cost(form, costed["col"], costed["coef"] * costed["cost"])
    changes = u.merge(schemes[["scheme", "change_cost", "change_cost_per_tonne"]], on="scheme")
    changes = changes.merge(homes, on=["municipality", "segment"], how="left")
    changes = changes.merge(amounts, left_on=[*SOURCE, "period"], right_on=[*SOURCE, "year"], how="left").fillna(
        {"dwellings": 0.0, "amount": 0.0}
    )
    once = changes["change_cost"] * changes["dwellings"] + changes["change_cost_per_tonne"] * changes["amount"]
    _add_cost(form, changes["col"], once * changes["period"].map(case.discount_factor))


def _facilities(form: Formulation, decisions: Decisions | None, support: Support | None) -> pd.DataFrame:
    """Steps in operation, their opening, lifetime and closing; fixed cost and capital."""
    case, linear, time = form.case, form.linear, form.time
    discount = _discounts(case)
    stages = _steps_in_time(case, time)
    key = ["facility", "size", "period"]
    if support is not None:
        stages = stages[stages["built"] | stages["facility"].isin(support.facilities)].reset_index(drop=True)
    if decisions is not None:
        fixed = stages[key].merge(decisions.steps, on=key, how="left")["on"].fillna(0.0).to_numpy()
        stages = stages.assign(lower=fixed, upper=fixed, free=False)
        stages = stages[fixed > 0].reset_index(drop=True)
    years = pd.DataFrame(
        [(part.period, year) for part in time.slices for year in part.years], columns=["period", "year"]
    )
    lived = stages[[*key, "fixed_cost", "opens", "closes"]].merge(years, on="period")
    lived = lived[
        (lived["opens"].isna() | (lived["year"] >= lived["opens"]))
        & (lived["closes"].isna() | (lived["year"] <= lived["closes"]))
    ]
    weight = lived.assign(weight=lived["year"].map(discount)).groupby(key)["weight"].sum()
    fixed_cost = (
        stages["fixed_cost"].to_numpy() * weight.reindex(pd.MultiIndex.from_frame(stages[key])).fillna(0.0).to_numpy()
    )
    on = linear.add_block(
        "on",
        stages[key],
        lower=stages["lower"].to_numpy(),
        upper=stages["upper"].to_numpy(),
        cost=fixed_cost / MILLION,
        integer=stages["free"].to_numpy(),
    ).table()
    new = stages[~stages["built"]]
    capital = [
        annuity * sum(discount[year] for year in case.plan_years if period <= year < period + life)
        for annuity, life, period in zip(new["annuity"], new["lifetime"], new["period"], strict=True)
    ]
    s = linear.add_block("s", new[key], upper=1.0, cost=np.array(capital) / MILLION).table()
    before = dict(zip(time.periods[1:], time.periods[:-1], strict=True))
    previous = on.assign(period=on["period"].map({old: new_ for new_, old in before.items()})).dropna(subset=["period"])
    previous["period"] = previous["period"].astype(np.int64)
    linear.add_rows("opens", s[key], [s.assign(coef=1.0), on.assign(coef=-1.0), previous.assign(coef=1.0)], lower=0.0)
    alive = new[[*key, "last", "lifetime"]].merge(s.rename(columns={"period": "opened"}), on=["facility", "size"])
    alive = alive[(alive["opened"] <= alive["period"]) & (alive["last"] < alive["opened"] + alive["lifetime"])]
    linear.add_rows("lifetime", new[key], [on.assign(coef=1.0), alive.assign(coef=-1.0)], upper=0.0)
    stands = stages[stages["built"]][key].merge(previous[key], on=key)
    linear.add_rows("stays_closed", stands, [on.assign(coef=1.0), previous.assign(coef=-1.0)], upper=0.0)
    return stages


def _groups(case: Case, frame: pd.DataFrame) -> pd.Series:
    """Return the group of a source that shares its way to facilities: '' or its sector where contracts tell sectors apart."""
    rows = case["contracts"]
    apart = set(rows.loc[rows["sector"] != "", "stream"])
    return frame["sector"].where(frame["stream"].isin(apart), "")


def _routes(form: Formulation, running: pd.DataFrame) -> None:
    """Everything a scheme collects goes down some route: sum over routes of a = mass x effective share."""
    case, linear = form.case, form.linear
    kinds = case["streams"].set_index("stream")["kind"]
    stuff = form.supply.commodities
    stuff = stuff[~stuff["stream"].map(kinds).isin([*NEVER_WASTE, "preparing_for_reuse"])]
    accepts = case["accepts"].rename(columns={"input": "stream"})[["technology", "stream"]].drop_duplicates()
    options = form.routes.options.merge(accepts, on="technology")
    single = (options["modes"] > 1) | (options["onward"] & (not form.pooled))
    at_technology = running[["technology", "slice"]].drop_duplicates().assign(facility="")
    pooled = options[~single].merge(at_technology, on="technology")
    placed = options[single].merge(running[["technology", "facility", "slice"]], on="technology")
    ways_on = pd.concat([pooled, placed], ignore_index=True)[
        ["stream", "technology", "facility", "mode", "modes", "slice"]
    ]
    a = stuff.merge(ways_on, on=["stream", "slice"]).sort_values(
        [*COMMODITY, "technology", "facility", "mode"], ignore_index=True
    )
    key = [*COMMODITY, "technology", "facility", "mode"]
    a_table = linear.add_block("a", a[key]).table().merge(a[[*key, "kt", "lowest", "modes"]], on=key)
    a_table["group"] = _groups(case, a_table)
    supplied = form.effective.merge(stuff, on=[*SOURCE, "scheme", "slice"])
    supplied = supplied.assign(coef=-supplied["coef"] * supplied["kt"])
    linear.add_rows("supply", stuff[COMMODITY], [a_table.assign(coef=1.0), supplied], lower=0.0, upper=0.0)
    form.inflow = a_table
    _entry_costs(form, a_table)


def _per_route(form: Formulation, constants: pd.DataFrame, extra: list[str], masses: pd.DataFrame) -> pd.DataFrame:
    """Return COMMODITY, technology, mode, ``extra``, coef: the constant times mass, per kt of the commodity."""
    used = form.inflow[[*COMMODITY, "technology", "mode", "kt"]].drop_duplicates()
    table = masses.rename(columns={"kt": "mass"}).merge(constants, on=["stream", "fraction"])
    table["coef"] = table["mass"] * table["share"]
    table = table.groupby([*COMMODITY, "technology", "mode", *extra], as_index=False)["coef"].sum()
    table = table.merge(used, on=[*COMMODITY, "technology", "mode"])
    table["coef"] /= table["kt"]
    return table.drop(columns="kt")


def _with_columns(form: Formulation, constants: pd.DataFrame) -> pd.DataFrame:
    """Return constants per route with the columns ``a`` that go down it (and their ``facility``)."""
    names = [*COMMODITY, "technology", "mode"]
    return form.inflow[[*names, "facility", "group", "col"]].merge(constants, on=names)


def _entry_costs(form: Formulation, a: pd.DataFrame) -> None:
    """Tax, energy and carbon on entry of every facility on the route; markets without a choice."""
    case, discount = form.case, _discounts(form.case)
    rates = entry_costs(case, case.plan_years)
    rates["rate"] = rates[["tax", "energy", "carbon"]].sum(axis=1)
    rates = rates[rates["rate"] != 0].rename(columns={"technology": "entered"})
    constants = form.routes.entered.merge(rates[["year", "entered", "fraction", "rate"]], on=["entered", "fraction"])
    constants["share"] = constants["share"] * constants["rate"] * constants["year"].map(discount)
    constants = constants.groupby([*ROUTE, "fraction", "year"], as_index=False)["share"].sum()
    table = form.supply.years.rename(columns={"kt": "mass"}).merge(constants, on=["stream", "fraction", "year"])
    table["coef"] = table["mass"] * table["share"]
    table = table.groupby([*COMMODITY, "technology", "mode"], as_index=False)["coef"].sum()
    used = a[[*COMMODITY, "technology", "mode", "kt", "col"]]
    table = used.merge(table, on=[*COMMODITY, "technology", "mode"])
    _add_cost(form, table["col"], table["coef"] / table["kt"] * 1000.0)


def _year_weights(form: Formulation, by: list[str]) -> pd.DataFrame:
    """Return ``by``, weight: discounted sum over the years of a slice of mass relative to its peak."""
    discount = _discounts(form.case)
    table = form.supply.years.merge(form.supply.commodities[[*COMMODITY, "kt"]], on=COMMODITY, suffixes=("", "_peak"))
    table["group"] = _groups(form.case, table)
    peak = form.supply.commodities.assign(group=_groups(form.case, form.supply.commodities)).groupby(by)["kt"].sum()
    table["weight"] = table["kt"] * table["year"].map(discount)
    table = table.groupby(by, as_index=False)["weight"].sum()
    table["weight"] /= peak.reindex(pd.MultiIndex.from_frame(table[by]) if len(by) > 1 else table[by[0]]).to_numpy()
    return table


def _places(form: Formulation, running: pd.DataFrame) -> None:
    """What a technology gets of a municipality's stream is taken by its facilities: transport and treatment."""
    case, linear = form.case, form.linear
    a = form.inflow
    pooled = a[a["facility"] == ""]
    wanted = pooled[[*PLACE, "technology", "slice"]].drop_duplicates()
    places = wanted.merge(running[["technology", "facility", "slice"]], on=["technology", "slice"])
    key = [*PLACE, "facility", "slice"]
    f = linear.add_block("f", places[key].sort_values(key)).table()
    technology = case["facilities"].set_index("facility")["technology"]
    f["technology"] = f["facility"].map(technology)
    at = [*PLACE, "technology", "slice"]
    linear.add_rows("taken", wanted[at], [f.assign(coef=1.0), pooled.assign(coef=-1.0)], lower=0.0, upper=0.0)
    lowest = a.groupby([*PLACE, "slice"], as_index=False)["lowest"].min()
    f = f.merge(lowest, on=[*PLACE, "slice"])
    placed = a[a["facility"] != ""]
    columns = [*PLACE, "facility", "technology", "slice", "lowest", "col"]
    inflow = pd.concat([f[columns].assign(sector=""), placed[[*columns, "sector", "mode", "modes"]]], ignore_index=True)
    pairs = (
        inflow[["municipality", "facility"]]
        .drop_duplicates()
        .rename(columns={"municipality": "from", "facility": "to"})
    )
    moving = ways(case, pairs, "collection").rename(
        columns={"from": "municipality", "to": "facility", "cost_per_tonne": "moving"}
    )
    table = inflow.merge(moving, on=["municipality", "facility"]).merge(treatment_costs(case), on="facility")
    table = table.merge(_year_weights(form, [*PLACE, "slice"]), on=[*PLACE, "slice"])
    # A column a has its own weight: the mass of its commodity in each year.
    own = (
        form.inflow[["col", *COMMODITY]].merge(_year_weights(form, COMMODITY), on=COMMODITY).set_index("col")["weight"]
    )
    weight = table["col"].map(own).fillna(table["weight"])
    _add_cost(form, table["col"], (table["moving"] + table["cost_per_tonne"]) * 1000.0 * weight)
    form.places = inflow


def _capacity(form: Formulation, stages: pd.DataFrame, running: pd.DataFrame) -> None:
    """Capacity in the peak year, least load in the lowest, nothing at a closed facility, one kind of destination."""
    case, linear = form.case, form.linear
    places = form.places
    hauls = _haul_keys(form, running)
    h_key = ["origin", "output", "class", "to", "slice"]
    h = linear.add_block("h", hauls[h_key]).table()
    arriving = pd.concat(
        [
            places[["facility", "slice", "lowest", "col"]],
            h.rename(columns={"to": "facility"}).assign(lowest=places["lowest"].min() if len(places) else 1.0)[
                ["facility", "slice", "lowest", "col"]
            ],
        ],
        ignore_index=True,
    )
    on = form.block("on").table()
    sized = running.merge(on, on=["facility", "period"]).merge(
        steps(case)[["facility", "size", "capacity", "minimum_load", "built"]], on=["facility", "size"]
    )
    facility = case["facilities"].set_index("facility")
    reserved = sized["facility"].map(facility["reserved"]) * sized["built"]
    limited = (
        sized.groupby(["facility", "slice"])["capacity"].transform(lambda values: values.notna().all()).astype(bool)
    )
    room = sized.assign(coef=-(sized["capacity"] - reserved).clip(lower=0.0) / 1000.0)[limited]
    key = ["facility", "slice"]
    linear.add_rows("capacity", room[key].drop_duplicates(), [arriving.assign(coef=1.0), room], upper=0.0)
    least = (sized["minimum_load"] - reserved - sized["facility"].map(facility["filler"]) * sized["built"]).clip(
        lower=0.0
    )
    need = sized.assign(coef=-least / 1000.0)[least > 0]
    linear.add_rows(
        "least_load", need[key].drop_duplicates(), [arriving.assign(coef=arriving["lowest"]), need], lower=0.0
    )
    free = sized.merge(stages[stages["free"]][["facility", "period"]].drop_duplicates(), on=["facility", "period"])
    most = form.supply.commodities.assign(group=_groups(case, form.supply.commodities))
    most = (
        most.groupby([*SOURCE, "group", "stream", "slice"], as_index=False)["kt"]
        .max()
        .groupby([*PLACE, "slice"], as_index=False)["kt"]
        .sum()
    )
    link = places.merge(free[["facility", "slice"]].drop_duplicates(), on=key)
    link_key = [*PLACE, "facility", "slice"]
    ceilings = link[link_key].drop_duplicates().merge(most, on=[*PLACE, "slice"])
    opened = ceilings.merge(free[["facility", "slice", "col"]], on=key)
    linear.add_rows(
        "only_if_open", ceilings[link_key], [link.assign(coef=1.0), opened.assign(coef=-opened["kt"])], upper=0.0
    )
    total = most.groupby("slice")["kt"].sum()
    fed = h.rename(columns={"to": "facility"}).merge(free[["facility", "slice"]].drop_duplicates(), on=key)
    unlimited = free[~free["facility"].isin(room["facility"])]
    fed = fed.merge(unlimited[key].drop_duplicates(), on=key)
    linear.add_rows(
        "fed_only_if_open",
        fed[key].drop_duplicates(),
        [fed.assign(coef=1.0), unlimited.assign(coef=-unlimited["slice"].map(total))],
        upper=0.0,
    )
    _kinds_of_destination(form, places, sized, most)


def _kinds_of_destination(form: Formulation, places: pd.DataFrame, sized: pd.DataFrame, most: pd.DataFrame) -> None:
    """A facility whose outputs could be treated in several ways chooses one of them per slice."""
    linear = form.linear
    if "modes" not in places:
        return
    choosing = places[places["modes"] > 1]
    if choosing.empty:
        return
    key = ["facility", "mode", "slice"]
    w_keys = choosing[key].drop_duplicates().sort_values(key).astype({"mode": np.int64})
    w = linear.add_block("w", w_keys, upper=1.0, integer=True).table()
    linear.add_rows("one_destination", w[["facility", "slice"]].drop_duplicates(), [w.assign(coef=1.0)], upper=1.0)
    link_key = [*PLACE, "facility", "mode", "slice"]
    link = choosing.astype({"mode": np.int64})
    ceilings = link[link_key].drop_duplicates().merge(most, on=[*PLACE, "slice"]).merge(w, on=key)
    linear.add_rows(
        "one_way_at_a_time",
        ceilings[link_key],
        [link.assign(coef=1.0), ceilings.assign(coef=-ceilings["kt"])],
        upper=0.0,
    )


def _haul_keys(form: Formulation, running: pd.DataFrame) -> pd.DataFrame:
    """Return origin, output, class, to, slice, moving: hauls of outputs on to facilities, and their cost."""
    used = form.inflow[["technology", "facility", "mode", "slice"]].drop_duplicates()
    made = used.merge(
        form.routes.choices[form.routes.choices["class"].str.startswith("technology:")], on=["technology", "mode"]
    )
    made["origin"] = made["facility"].where(made["facility"] != "", "any " + made["technology"])
    goals = destinations(form.case)
    goals = goals[goals["kind"] == "facility"]
    table = made.merge(goals[["output", "class", "to"]], on=["output", "class"])
    table = table.merge(running[["facility", "slice"]].rename(columns={"facility": "to"}), on=["to", "slice"])
    table = table[table["to"] != table["facility"]].drop_duplicates(["origin", "output", "class", "to", "slice"])
    columns = ["origin", "output", "class", "to", "slice", "technology", "facility"]
    return table[columns].sort_values(columns[:5], ignore_index=True)


def _hauls(form: Formulation, running: pd.DataFrame) -> None:
    """What leaves a facility for another arrives there, and is moved and treated."""
    case, linear = form.case, form.linear
    keys = _haul_keys(form, running)
    if keys.empty:
        return
    h = form.block("h").table()
    origins = keys[["origin", "technology", "facility", "slice", "to"]].merge(
        running[["technology", "facility", "slice"]].rename(columns={"facility": "place"}), on=["technology", "slice"]
    )
    origins = origins[(origins["facility"] == "") | (origins["facility"] == origins["place"])]
    moving = ways(case, origins[["place", "to"]].rename(columns={"place": "from"}), "haul").rename(
        columns={"from": "place"}
    )
    origins = (
        origins.merge(moving, on=["place", "to"])
        .groupby(["origin", "slice", "to"], as_index=False)["cost_per_tonne"]
        .min()
    )
    charged = treatment_costs(case).rename(columns={"facility": "to", "cost_per_tonne": "treating"})
    costed = (
        h.merge(origins, on=["origin", "slice", "to"])
        .merge(charged, on="to")
        .merge(_year_weights(form, ["slice"]), on="slice")
    )
    _add_cost(form, costed["col"], (costed["cost_per_tonne"] + costed["treating"]) * 1000.0 * costed["weight"])
    made = _with_columns(form, _per_route(form, form.routes.hauled, ["output", "class"], form.supply.peak))
    made["origin"] = made["facility"].where(made["facility"] != "", "any " + made["technology"])
    at = ["origin", "output", "class", "slice"]
    linear.add_rows(
        "hauled",
        pd.concat([made[at], h[at]]).drop_duplicates().sort_values(at),
        [h.assign(coef=1.0), made.assign(coef=-made["coef"])],
        lower=0.0,
        upper=0.0,
    )


def _markets(form: Formulation) -> None:
    """Everything sold reaches a market, and markets take what they can."""
    case, linear = form.case, form.linear
    markets = case["markets"].merge(destinations(case)[["to", "class"]].rename(columns={"to": "market"}), on="market")
    markets = markets.merge(market_ways(case), on="market")
    markets["net"] = markets["cost_per_tonne"] - markets["price"]
    found = []
    for row in form.slices.itertuples(index=False):
        open_now = runs_in(markets, row.slice) & runs_in(markets, row.slice_end)
        found.append(markets[open_now].assign(slice=row.slice))
    offers = pd.concat(found, ignore_index=True)
    at = ["output", "class", "slice"]
    plain = (offers.groupby(at)["market"].transform("count") == 1) & offers["capacity"].isna()
    made = _with_columns(form, _per_route(form, form.routes.sold, ["output", "class"], form.supply.peak))
    direct = offers[plain][[*at, "net"]]
    yearly = form.routes.sold.merge(direct, on=["output", "class"])
    yearly["share"] *= yearly["net"]
    yearly = yearly.groupby([*ROUTE, "fraction", "slice"], as_index=False)["share"].sum()
    discount = _discounts(case)
    table = form.supply.years.assign(mass=form.supply.years["kt"] * form.supply.years["year"].map(discount))
    table = table.merge(yearly, on=["stream", "fraction", "slice"])
    table["coef"] = table["mass"] * table["share"]
    table = table.groupby([*COMMODITY, "technology", "mode"], as_index=False)["coef"].sum()
    priced = form.inflow.merge(table, on=[*COMMODITY, "technology", "mode"])
    _add_cost(form, priced["col"], priced["coef"] / priced["kt"] * 1000.0)
    choice = offers[~plain].sort_values([*at, "market"], ignore_index=True)
    key = [*at, "market"]
    z = linear.add_block("z", choice[key], upper=choice["capacity"].fillna(np.inf).to_numpy() / 1000.0).table()
    weights = _year_weights(form, ["slice"]).set_index("slice")["weight"]
    _add_cost(form, z["col"], choice["net"] * 1000.0 * choice["slice"].map(weights))
    # A market that nobody supplies stays empty: its pool has a row as well.
    pools = pd.concat([made[at], choice[at]]).drop_duplicates().merge(direct[at], on=at, how="left", indicator=True)
    pools = pools[pools["_merge"] == "left_only"][at].sort_values(at)
    linear.add_rows("sold", pools, [z.assign(coef=1.0), made.assign(coef=-made["coef"])], lower=0.0, upper=0.0)


def _targets(form: Formulation) -> None:
    """Rates along their paths: numerator - target x denominator >= 0, for every year of a slice."""
    case = form.case
    rows = []
    listed = case["targets"].loc[case["targets"]["binding"], ["scope", "method", "municipality"]].drop_duplicates()
    for scope, method, municipality in listed.itertuples(index=False):
        for year in case.plan_years:
            goal = target_in_year(case, scope, method, municipality, year)
            if np.isfinite(goal) and target_binds(case, scope, method, municipality, year):
                rows.append((scope, method, municipality, year, goal))
    key = ["scope", "method", "municipality", "year"]
    form.targets = pd.DataFrame(rows, columns=[*key, "goal"])
    if form.targets.empty:
        return
    entries = []
    for target in form.targets.itertuples(index=False):
        terms = rate_terms(form, target.scope, target.method, target.municipality, target.year)
        weight = np.where(terms["term"] == 0, 1.0, -target.goal)
        entries.append(terms.assign(coef=terms["coef"] * weight, **{name: getattr(target, name) for name in key}))
    form.linear.add_rows("target", form.targets[key], entries, lower=0.0)


def rate_terms(form: Formulation, scope: str, method: str, municipality: str, year: int) -> pd.DataFrame:
    """Return term, col, coef [kt]: numerator (term 0) and denominator (others) of a rate in a year."""
    counted = form.routes.counted
    counted = counted[(counted["method"] == method) & (counted["year"] == year)]
    masses = form.supply.years[form.supply.years["year"] == year]
    if municipality:
        masses = masses[masses["municipality"] == municipality]
    pairs = masses[["sector", "fraction"]].drop_duplicates().reset_index(drop=True)
    inside = in_scope(form.case, scope, pairs)
    waste = waste_of(form.case, pairs)
    masks = [METHODS[method].waste, *(mask for _, mask in METHODS[method].denominator)]
    flags = pd.concat(
        [pairs.assign(term=term)[inside & mask(waste)] for term, mask in enumerate(masks)], ignore_index=True
    )
    table = (
        masses.rename(columns={"kt": "mass"})
        .merge(flags, on=["sector", "fraction"])
        .merge(counted, on=["stream", "fraction", "term"])
    )
    table["coef"] = table["mass"] * table["share"]
    table = table.groupby([*COMMODITY, "technology", "mode", "term"], as_index=False)["coef"].sum()
    routed = form.inflow.merge(table, on=[*COMMODITY, "technology", "mode"])
    routed["coef"] /= routed["kt"]
    sinks = table[table["technology"] == ""].drop(columns="technology").rename(columns={"coef": "mass"})
    sinks = sinks.merge(form.effective, on=[*SOURCE, "scheme", "slice"])
    sinks["coef"] *= sinks["mass"]
    return pd.concat([routed[["term", "col", "coef"]], sinks[["term", "col", "coef"]]], ignore_index=True)


def _limits(form: Formulation) -> None:
    """Indicators stay below their limits, from the year of a limit to the next one of its kind."""
    rows = form.case["limits"]
    rows = rows[rows["active"]]
    if rows.empty:
        return
    found, entries = [], []
    for year in form.case.plan_years:
        begun = (
            rows[rows["year"] <= year].sort_values("year").drop_duplicates(["municipality", "indicator"], keep="last")
        )
        for row in begun.itertuples(index=False):
            found.append((row.indicator, row.municipality, year, row.maximum))
            entries.append(
                _limit_terms(form, row.indicator, row.municipality, year).assign(
                    indicator=row.indicator, municipality=row.municipality, year=year
                )
            )
    limits = pd.DataFrame(found, columns=["indicator", "municipality", "year", "maximum"])
    scale = np.where(limits["indicator"] == "cost_per_household", 1.0, 1000.0)
    form.linear.add_rows(
        "limit", limits[["indicator", "municipality", "year"]], entries, upper=limits["maximum"].to_numpy() / scale
    )


def _limit_terms(form: Formulation, indicator: str, municipality: str, year: int) -> pd.DataFrame:
    """Return col, coef of an indicator: kt, kt of CO2, or collection cost per household."""
    masses = form.supply.years[form.supply.years["year"] == year]
    if municipality:
        masses = masses[masses["municipality"] == municipality]
    if indicator == "cost_per_household":
        return _cost_per_household(form, municipality, year)
    burdens = form.routes.burdens[form.routes.burdens["indicator"] == indicator]
    table = _with_columns(form, _per_route(form, burdens, [], masses))
    return table.assign(coef=table["coef"] / (1000.0 if indicator == "fossil_co2" else 1.0))[["col", "coef"]]


def _cost_per_household(form: Formulation, municipality: str, year: int) -> pd.DataFrame:
    case = form.case
    homes = case["dwellings"]
    homes = homes[homes["municipality"] == municipality] if municipality else homes
    table = form.effective.merge(form.slices[["slice", "slice_end"]], on="slice")
    table = table[(table["slice"] <= year) & (table["slice_end"] >= year)]
    table = table.merge(homes[["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
    table = table.merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
    table["coef"] *= table["cost_per_household"] * table["dwellings"] / max(float(homes["dwellings"].sum()), 1.0)
    return table[["col", "coef"]]


def _contracts(form: Formulation, running: pd.DataFrame) -> None:
    """A facility gets at least the share of a stream that a contract binds in any year of the slice."""
    case = form.case
    found = [
        contract_shares(case, year).assign(slice=part.years[0]) for part in form.time.slices for year in part.years
    ]
    bound = pd.concat(found, ignore_index=True)
    if bound.empty:
        return
    bound["group"] = _groups(case, bound)
    at = [*PLACE, "facility", "slice"]
    bound = (
        bound.groupby(at, as_index=False)["share"].max().merge(running[["facility", "slice"]], on=["facility", "slice"])
    )
    bound = bound[bound["share"] > 0]
    if bound.empty:
        return
    places = form.places
    stuff = form.supply.commodities.assign(group=_groups(case, form.supply.commodities))
    whole = stuff.merge(form.effective, on=[*SOURCE, "scheme", "slice"]).merge(bound, on=[*PLACE, "slice"])
    whole["coef"] *= -whole["kt"] * whole["share"]
    form.linear.add_rows("contract", bound[at], [places.assign(coef=1.0), whole], lower=0.0)
