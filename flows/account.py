"""The flows of a state of the system: every tonne from its source to its market or sink.

A state is described by an :class:`Allocation` (which scheme runs, where streams go, where outputs go).
The flows follow from it and from the case alone; every tonne that enters a process leaves it in rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, generation, source_ids
from flows.capture import current_schemes, shifted_capture
from flows.case import Case
from flows.problems import InputError, Problem
from flows.reconcile_case import CaseReconciliation, reconcile_case
from flows.remember import of_case
from flows.routing import default_outputs, default_routes, existing, runs_in
from flows.tables import NEVER_WASTE

FLOW_COLUMNS = [
    "variant",
    "year",
    "from",
    "to",
    *SOURCE,
    "scheme",
    "stream",
    "output",
    "fraction",
    "treatment",
    "mass_t",
]
MOST_PASSES = 60
NEGLIGIBLE = 1e-9
MOST_NAMED = 5
"""Places that a message names of those where mass has nowhere to go, the largest first."""


def nowhere_to_go(code: str, sheet: str, places: Iterable[str]) -> InputError:
    """Return the error that says where mass has nowhere to go: ``code`` what is missing, ``sheet`` where it would stand."""
    return InputError([Problem(code, sheet, place="; ".join(places))])


def without_yield(stuck: pd.DataFrame) -> InputError:
    """Return the error that names what no yield speaks of: ``stuck`` has technology, input and fraction."""
    named = stuck[["technology", "input", "fraction"]].drop_duplicates().head(MOST_NAMED)
    return nowhere_to_go("no_yield", "yields", map(" / ".join, named.to_numpy()))


def _begins_now(case: Case, stuck: pd.DataFrame) -> bool:
    """Tell what has nowhere to go already in the accounted year from what only comes to that later, without a plan."""
    return bool(stuck["year"].min() <= case.account_year)


@dataclass(frozen=True)
class Allocation:
    """Where everything goes, per year.

    ``schemes``: year, municipality, sector, segment, scheme, share (adds up to one per source).
    ``routes``: year, municipality, sector, segment, scheme, stream, facility, share; adds up to one per
    stream. ``outputs``: year, facility, output, to, share; adds up to one per output.
    """

    schemes: pd.DataFrame
    routes: pd.DataFrame
    outputs: pd.DataFrame


@of_case
def resolved_yields(case: Case) -> pd.DataFrame:
    """Return shares for everything a technology may take: technology, input, fraction, output, share.

    The most specific set of rows wins: input and fraction, fraction, input, neither. One blank share
    per set is what the others leave.
    """
    return traced_yields(case).drop(columns="row")


@of_case
def traced_yields(case: Case) -> pd.DataFrame:
    """Return :func:`resolved_yields` and ``row``, the position in the sheet of the row that each share is from."""
    rows = case["yields"][["technology", "input", "fraction", "output", "share"]].copy()
    rows["row"] = np.arange(len(rows))
    group = ["technology", "input", "fraction"]
    left = (1.0 - rows.groupby(group)["share"].transform("sum")).clip(lower=0.0)
    rows["share"] = rows["share"].fillna(left)
    wanted = case["accepts"].merge(case["fractions"][["fraction"]], how="cross")
    wanted = wanted[["technology", "input", "fraction"]].drop_duplicates()
    found: list[pd.DataFrame] = []
    sets = rows.copy()
    for rank, (any_input, any_fraction) in enumerate([(False, False), (True, False), (False, True), (True, True)]):
        part = sets[((sets["input"] == "") == any_input) & ((sets["fraction"] == "") == any_fraction)]
        by = ["technology", *([] if any_input else ["input"]), *([] if any_fraction else ["fraction"])]
        part = part.drop(columns=[name for name in ("input", "fraction") if name not in by])
        found.append(wanted.merge(part, on=by).assign(rank=rank))
    merged = pd.concat(found, ignore_index=True)
    merged = merged[merged["rank"] == merged.groupby(group)["rank"].transform("min")]
    merged = merged[merged["share"] > 0]
    columns = [*group, "output", "share", "row"]
    return merged[columns].sort_values([*group, "output"], ignore_index=True)


@of_case
def market_parts(case: Case) -> pd.DataFrame:
    """Return how a tonne delivered to a market ends: market, treatment, part."""
    markets = case["markets"]
    good = (1.0 - markets["loss_before_point"]) * (1.0 - markets["loss_recycling"])
    parts = pd.concat(
        [
            pd.DataFrame({"market": markets["market"], "treatment": markets["treatment"], "part": good}),
            pd.DataFrame({"market": markets["market"], "treatment": markets["lost_treatment"], "part": 1.0 - good}),
        ],
        ignore_index=True,
    )
    parts = parts[parts["part"] > 0].groupby(["market", "treatment"], as_index=False)["part"].sum()
    return parts.sort_values(["market", "treatment"], ignore_index=True)


def collected_masses(case: Case, schemes: pd.DataFrame, captures: pd.DataFrame) -> pd.DataFrame:
    """Return what is collected: year, SOURCE, scheme, stream, fraction, mass_t."""
    amounts = generation(case, schemes["year"].unique())
    running = schemes[schemes["share"] > 0].rename(columns={"share": "running"})
    table = running.merge(captures, on=[*SOURCE, "scheme"]).merge(amounts, on=["year", *KEY])
    table["mass_t"] = table["running"] * table["share"] * table["amount"]
    return table[["year", *SOURCE, "scheme", "stream", "fraction", "mass_t"]]


def _to_sinks(case: Case, collected: pd.DataFrame) -> pd.DataFrame:
    kinds = collected["stream"].map(case["streams"].set_index("stream")["kind"])
    treatment = np.where(kinds.isin(NEVER_WASTE), "prevention", "preparing_for_reuse")
    leaves = kinds.isin([*NEVER_WASTE, "preparing_for_reuse"]).to_numpy()
    rows = collected[leaves].assign(treatment=treatment[leaves])
    return rows.assign(to="sink:" + rows["treatment"].astype(str), output="")


def flows_of(case: Case, allocation: Allocation, captures: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``flows`` of a state: one row per path of a tonne, columns ``FLOW_COLUMNS``.

    ``captures`` is what :func:`flows.capture.shifted_capture` returns. Raises :class:`InputError` if mass has nowhere
    to go, with where and how much.
    """
    collected = collected_masses(case, allocation.schemes, captures)
    sinks = _to_sinks(case, collected)
    physical = collected.drop(sinks.index)
    routes = allocation.routes[allocation.routes["share"] > 0]
    first = physical.merge(routes, on=["year", *SOURCE, "scheme", "stream"], how="left")
    lost = first[first["facility"].isna() & (first["mass_t"] > 0)]
    if len(lost):
        most = lost.groupby(["stream", "municipality", "sector", "year"])["mass_t"].sum().nlargest(MOST_NAMED)
        places = (f"{stream} ({town}/{who}, {year}: {mass:,.0f} t)" for (stream, town, who, year), mass in most.items())
        raise nowhere_to_go("no_taker" if _begins_now(case, lost) else "no_taker_later", "facilities", places)
    first["mass_t"] *= first["share"]
    first = first.rename(columns={"facility": "to"}).assign(output="", treatment="")
    legs = pd.concat([sinks, first], ignore_index=True)
    legs["from"] = source_ids(legs)
    parts = [legs]
    arrivals = first.groupby(["year", "to", *SOURCE, "stream", "fraction"], as_index=False)["mass_t"].sum()
    arrivals = arrivals.rename(columns={"to": "facility"})
    arrivals["input"] = arrivals["stream"]
    parts.extend(downstream(case, arrivals, allocation.outputs))
    table = pd.concat([part.reindex(columns=FLOW_COLUMNS[1:]) for part in parts], ignore_index=True)
    text = [name for name in FLOW_COLUMNS[1:] if name not in {"year", "mass_t"}]
    table[text] = table[text].fillna("")
    table = table[table["mass_t"] > 0]
    table = table.groupby(FLOW_COLUMNS[1:-1], as_index=False, sort=True)["mass_t"].sum()
    table.insert(0, "variant", variant)
    return table


def downstream(case: Case, arrivals: pd.DataFrame, outputs: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Yield the legs that leave facilities, pass by pass, until all mass has reached a market or sink."""
    technology = case["facilities"].set_index("facility")["technology"]
    kinds = case["outputs"].set_index("output")
    yields = resolved_yields(case).rename(columns={"share": "yield"})
    ends = market_parts(case)
    markets = set(case["markets"]["market"])
    outputs = outputs[outputs["share"] > 0].rename(columns={"share": "part"})
    total = arrivals["mass_t"].sum()
    for _ in range(MOST_PASSES):
        if arrivals.empty or arrivals["mass_t"].sum() <= NEGLIGIBLE * total:
            return
        leaving = arrivals.assign(technology=arrivals["facility"].map(technology)).rename(columns={"mass_t": "entered"})
        leaving = leaving.merge(yields, on=["technology", "input", "fraction"], how="left")
        stuck = leaving[leaving["output"].isna()]
        if len(stuck):
            raise without_yield(stuck)
        leaving["mass_t"] = leaving["entered"] * leaving["yield"]
        gone = leaving["output"].map(kinds["kind"]) == "emission"
        emitted = leaving[gone].assign(treatment=lambda rows: rows["output"].map(kinds["treatment"]))
        yield emitted.assign(to="sink:" + emitted["treatment"]).rename(columns={"facility": "from"})
        sent = leaving[~gone].merge(outputs, on=["year", "facility", "output"], how="left")
        stuck = sent[sent["to"].isna()]
        if len(stuck):
            most = stuck.groupby(["output", "facility", "year"])["mass_t"].sum().nlargest(MOST_NAMED)
            places = (
                f"{output} ({facility}, {year}: {mass:,.0f} t)" for (output, facility, year), mass in most.items()
            )
            raise nowhere_to_go("no_outlet" if _begins_now(case, stuck) else "no_outlet_later", "markets", places)
        sent["mass_t"] *= sent["part"]
        sold = sent["to"].isin(markets)
        delivered = sent[sold].drop(columns=["part"]).merge(ends, left_on="to", right_on="market")
        delivered["mass_t"] *= delivered["part"]
        yield delivered.rename(columns={"facility": "from"})
        onward = sent[~sold]
        yield onward.rename(columns={"facility": "from"})
        arrivals = onward.groupby(["year", "to", *SOURCE, "stream", "output", "fraction"], as_index=False)[
            "mass_t"
        ].sum()
        arrivals = arrivals.rename(columns={"to": "facility", "output": "input"})
    raise nowhere_to_go("no_exit", "yields", sorted(arrivals["facility"].unique())[:MOST_NAMED])


def standing_allocation(case: Case, years: Iterable[int], as_of: int | None = None) -> Allocation:
    """Return how things run without a plan: current schemes, contracts, nearest facilities.

    With ``as_of`` the schemes, contracts, facilities and markets of that year are carried on to all ``years``; facilities
    and markets that are gone by then are left out. What then has nowhere to go takes what is there in the year itself.
    """
    schemes, routes, outputs = [], [], []
    known: dict[Hashable, tuple[pd.DataFrame, pd.DataFrame]] = {}
    for year in years:
        at = year if as_of is None else as_of
        running = current_schemes(case, at).assign(year=year)
        schemes.append(running)
        standing = _left(case, year)
        there = (_there(standing, at), _there(standing, year))
        if there not in known:
            ways, onward = default_routes(standing, at), default_outputs(standing, at)
            if there[0] != there[1]:
                ways = _completed(ways, default_routes(standing, year), [*SOURCE, "stream"])
                onward = _completed(onward, default_outputs(standing, year), ["facility", "output"])
            known[there] = (ways, onward)
        ways, onward = known[there]
        routes.append(running[[*SOURCE, "scheme"]].merge(ways, on=SOURCE).assign(year=year))
        outputs.append(onward.assign(year=year))
    return Allocation(*(pd.concat(parts, ignore_index=True) for parts in (schemes, routes, outputs)))


def _left(case: Case, year: int) -> Case:
    """Return a case without the facilities and markets that are gone in a year."""
    for name, end in (("facilities", "closes"), ("markets", "until")):
        gone = (case[name][end] < year).to_numpy()
        if gone.any():
            case = case.with_table(name, case[name][~gone])
    return case


def _there(case: Case, year: int) -> Hashable:
    """Return what tells years apart in which waste has different ways: who stands, who buys, what binds."""
    markets, contracts = case["markets"], case["contracts"]
    return (
        tuple(case["facilities"]["facility"]),
        tuple(existing(case, year)["facility"]),
        tuple(markets.index[runs_in(markets, year)]),
        tuple(contracts.index[runs_in(contracts, year)]),
    )


def _completed(table: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a table with the rows of another whose keys it lacks."""
    known = pd.MultiIndex.from_frame(table[keys])
    lacking = ~pd.MultiIndex.from_frame(other[keys]).isin(known)
    return pd.concat([table, other[lacking]], ignore_index=True) if lacking.any() else table


def account_flows(case: Case, year: int, variant: str = "today") -> tuple[pd.DataFrame, Allocation, CaseReconciliation]:
    """Return flows, allocation and reconciliation of one accounted year; the flows are those of the reconciled case."""
    found = reconcile_case(case, year)
    allocation = standing_allocation(found.case, [year])
    flows = flows_of(found.case, allocation, shifted_capture(found.case, found.calibration), variant)
    return flows, allocation, found
