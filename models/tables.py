"""The tables of a run, made from the states of the system: today, carried on, and as planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.account import Allocation, flows_of, standing_allocation
from flows.amounts import SOURCE
from flows.case import Case
from flows.demand import (
    EXCHANGE_COLUMNS,
    PURCHASE_COLUMNS,
    demand_costs,
    demand_emissions,
    exchanges_table,
    purchases_table,
)
from flows.indicators import indicators
from flows.ledger import Movements, costs, emissions
from flows.network import Network
from flows.prices import steps
from flows.quality import data_quality
from flows.rates import counted, rates
from flows.reconcile_case import CaseReconciliation
from flows.routing import runs_in, ways

NOTICED = 1e-6
"""Share from which a change of scheme is told."""
SCHEME_COLUMNS = ["variant", "year", *SOURCE, "scheme", "share", "chosen", "changed", "decided_by"]
FACILITY_COLUMNS = [
    "variant",
    "year",
    "facility",
    "name",
    "technology",
    "site",
    "open",
    "size",
    "capacity_t",
    "reserved_t",
    "throughput_t",
    "opened_year",
    "closed_year",
]
HEADLINES = (
    ("all", "collected"),
    ("all", "calculation_point"),
    ("all_excluding_construction_demolition", "collected"),
    ("households", "collected"),
    ("municipal_waste", "calculation_point"),
)


def reconciliation_tables(reconciled: CaseReconciliation) -> dict[str, pd.DataFrame]:
    """Return what reconciling the case moved: the tables ``calibration``, ``reconciliation`` and ``suspects``."""
    return {
        "calibration": reconciled.calibration,
        "reconciliation": reconciled.moved,
        "suspects": reconciled.suspects,
    }


def standing_operation(case: Case, years: list[int]) -> pd.DataFrame:
    """Return what stands today and its window of years: year, facility, size, on, starts."""
    facilities = case["facilities"]
    stands = facilities[facilities["state"] == "existing"]
    parts = [
        pd.DataFrame({"facility": stands.loc[runs_in(stands, year, "opens", "closes"), "facility"]}).assign(year=year)
        for year in years
    ]
    return pd.concat(parts, ignore_index=True).assign(size="existing", on=1.0, starts=0.0)


@dataclass(frozen=True)
class Demand:
    """What the levers of demand do in a state: the tables ``purchases`` and ``exchanges``."""

    purchases: pd.DataFrame
    exchanges: pd.DataFrame

    @classmethod
    def of(cls, case: Case, bought: pd.DataFrame, moved: pd.DataFrame, variant: str) -> Demand:
        """Return it from masses: purchase, year, mass_t; offer, need, given_year, year, mass_t."""
        none = cls.nothing()
        return cls(
            purchases_table(case, bought, variant) if (bought["mass_t"] > 0).any() else none.purchases,
            exchanges_table(case, moved, variant) if (moved["mass_t"] > 0).any() else none.exchanges,
        )

    @classmethod
    def nothing(cls) -> Demand:
        """Return it where nothing is bought or exchanged."""
        return cls(
            pd.DataFrame(columns=PURCHASE_COLUMNS).astype({"year": np.int64, "mass_t": float, "extra_cost": float}),
            pd.DataFrame(columns=EXCHANGE_COLUMNS).astype(
                dict.fromkeys(EXCHANGE_COLUMNS[8:], float) | dict.fromkeys(("year", "given_year"), np.int64)
            ),
        )


def _with(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Return a table with more rows, in its order."""
    if more.empty:
        return table
    keys = [name for name in table.columns if name not in {"amount", "currency", "in_objective", "kg_co2e"}]
    both = pd.concat([table, more[table.columns]], ignore_index=True)
    return both.sort_values(keys, ignore_index=True)


def state_tables(
    case: Case,
    allocation: Allocation,
    scheme_years: pd.DataFrame,
    operation: pd.DataFrame,
    captures: pd.DataFrame,
    variants: str | Mapping[str, list[int]],
    demand: Demand | None = None,
    whole: bool = True,
) -> dict[str, pd.DataFrame]:
    """Return flows, rates, schemes, facilities, costs, emissions and indicators of one variant.

    Several variants that share no year may be given with their years; that is quicker than one after the other. With
    ``whole`` also what only reports ask for: counted and data_quality.
    Raises :class:`flows.network.BalanceError` if a process loses or gains mass of any fraction in any year.
    """
    names = {variants: list(allocation.schemes["year"].unique())} if isinstance(variants, str) else variants
    first, last = list(names)[0], list(names)[-1]
    name_of = {year: name for name, years in names.items() for year in years}

    def named(table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with each row's variant; the horizon is the last one's, which holds the plan years."""
        if len(names) == 1:
            return table
        own = table["year"].map(name_of).fillna(last).astype(str)
        return pd.concat([table[own == name].assign(variant=name) for name in names], ignore_index=True)

    flows = flows_of(case, allocation, captures, first)
    Network.from_flows(flows).check_balance(required=True)
    moved = Movements(case, flows)
    money = costs(moved, scheme_years, operation, first)
    demand = demand or Demand.nothing()
    money = _with(money, demand_costs(case, demand.purchases, demand.exchanges))
    schemes, emitted = _schemes(case, scheme_years, first), emissions(moved, first)
    emitted = _with(emitted, demand_emissions(demand.exchanges))
    known = {"flows": flows, "schemes": schemes, "costs": money, "emissions": emitted, "exchanges": demand.exchanges}
    of_years = indicators(case, known, operation, first)
    flows, money = named(flows), named(money)
    parts = [(name, flows[flows["variant"] == name], money[money["variant"] == name]) for name in names]
    tables = {
        "flows": flows,
        "rates": named(rates(case, flows)),
        "schemes": named(schemes),
        "facilities": pd.concat(
            [_facilities(case, operation[operation["year"].isin(names[name])], own, name) for name, own, _ in parts],
            ignore_index=True,
        ),
        "costs": money,
        "emissions": named(emitted),
        "indicators": named(of_years),
    }
    if whole:
        quality = [data_quality(case, own, paid, name) for name, own, paid in parts]
        tables |= {"counted": named(_counted(case, flows)), "data_quality": pd.concat(quality, ignore_index=True)}
    return tables


def standing_tables(
    case: Case, states: Mapping[str, tuple[list[int], int | None]], captures: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables of states without a plan, each with its years and the year whose state is carried on.

    See :func:`flows.account.standing_allocation`. States share no year.
    """
    found = [standing_allocation(case, years, as_of) for years, as_of in states.values()]
    allocation = Allocation(
        *(
            pd.concat([getattr(part, name) for part in found], ignore_index=True)
            for name in ("schemes", "routes", "outputs")
        )
    )
    running = allocation.schemes.assign(chosen=allocation.schemes["share"], started=0.0)
    variants = {name: years for name, (years, _) in states.items()}
    every = [year for years in variants.values() for year in years]
    return state_tables(case, allocation, running, standing_operation(case, every), captures, variants)


def unplanned_tables(case: Case, captures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of today and of the reference: what stands today carried on through the plan years."""
    states = {"today": ([case.account_year], None), "reference": (case.plan_years, case.account_year)}
    if case.account_year in case.plan_years:
        return joined([standing_tables(case, {name: state}, captures) for name, state in states.items()])
    return standing_tables(case, states, captures)


def _counted(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    targets = case["targets"][["scope", "method"]].itertuples(index=False, name=None)
    pairs = list(dict.fromkeys([*targets, *HEADLINES]))
    years = {*case.report_years, case.account_year} & set(flows["year"].unique())
    return counted(case, flows, pairs, sorted(years))


def _schemes(case: Case, scheme_years: pd.DataFrame, variant: str) -> pd.DataFrame:
    decided = case["schemes"].set_index("scheme")["decided_by"]
    table = scheme_years.assign(
        variant=variant, changed=scheme_years["started"] > NOTICED, decided_by=scheme_years["scheme"].map(decided)
    )
    return table[SCHEME_COLUMNS].sort_values(SCHEME_COLUMNS[:6], ignore_index=True)


def _facilities(case: Case, operation: pd.DataFrame, flows: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return one row per year and facility, open or not."""
    list_of = case["facilities"].rename(columns={"municipality": "site", "reserved": "reserved_t"})
    years = sorted(flows["year"].unique())
    table = list_of[["facility", "name", "technology", "site", "reserved_t", "state"]].merge(
        pd.DataFrame({"year": years}), how="cross"
    )
    sized = operation[operation["on"] > 0].merge(steps(case)[["facility", "size", "capacity"]], on=["facility", "size"])
    sized["limited"] = sized["capacity"].notna()
    per_year = sized.groupby(["year", "facility"]).agg(
        size=("size", lambda names: "+".join(sorted(names))),
        capacity_t=("capacity", "sum"),
        limited=("limited", "all"),
    )
    per_year.loc[~per_year["limited"].astype(bool), "capacity_t"] = np.nan
    table = table.merge(per_year[["size", "capacity_t"]].reset_index(), on=["year", "facility"], how="left")
    table["open"] = table["size"].notna()
    table["size"] = table["size"].fillna("")
    table["reserved_t"] = table["reserved_t"].where(
        table["size"].str.split("+").map(lambda names: "existing" in names), 0.0
    )
    load = flows[flows["to"].isin(list_of["facility"])].groupby(["year", "to"])["mass_t"].sum()
    table["throughput_t"] = load.reindex(pd.MultiIndex.from_frame(table[["year", "facility"]])).fillna(0.0).to_numpy()
    runs = table[table["open"]].groupby("facility")["year"]
    first, last = runs.min(), runs.max()
    stood = (table["state"] == "existing") & (table["facility"].map(first) == years[0])
    table["opened_year"] = table["facility"].map(first).where(~stood)
    ended = table["facility"].map(last) < years[-1]
    closed = table["facility"].map(last).map(lambda year: next((y for y in years if y > year), np.nan))
    never = stood.eq(False) & table["facility"].map(first).isna()
    table["closed_year"] = closed.where(ended & ~never)
    table = table.assign(variant=variant)
    return table[FACILITY_COLUMNS].sort_values(["variant", "year", "facility"], ignore_index=True)


def distance_table(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    """Return municipality, facility, distance_km of every way that any state uses."""
    facilities = set(case["facilities"]["facility"])
    used = flows[flows["to"].isin(facilities) & ~flows["from"].isin(facilities)]
    pairs = used[["municipality", "to"]].drop_duplicates().rename(columns={"municipality": "from"})
    table = ways(case, pairs, "collection")
    return table.rename(columns={"from": "municipality", "to": "facility"})[["municipality", "facility", "distance_km"]]


def joined(parts: list[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Return the tables of several variants as one."""
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
