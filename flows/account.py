"""The flows of a state of the system: every tonne from its source to its market or sink.

A state is described by an :class:`Allocation` (which scheme runs, where streams go, where outputs go).
The flows follow from it and from the case alone; every tonne that enters a process leaves it in rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, generation, source_ids
from flows.capture import current_schemes, shifted_capture
from flows.case import Case
from flows.reconcile_case import CaseReconciliation, reconcile_case
from flows.remember import of_case
from flows.routing import default_outputs, default_routes
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


class UnroutedError(ValueError):
    """Mass has nowhere to go; the message names process, what is stuck and how much."""


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

    ``captures`` is what :func:`flows.capture.shifted_capture` returns. Raises :class:`UnroutedError` if
    mass has nowhere to go.
    """
    collected = collected_masses(case, allocation.schemes, captures)
    sinks = _to_sinks(case, collected)
    physical = collected.drop(sinks.index)
    routes = allocation.routes[allocation.routes["share"] > 0]
    first = physical.merge(routes, on=["year", *SOURCE, "scheme", "stream"], how="left")
    lost = first[first["facility"].isna() & (first["mass_t"] > 0)]
    if len(lost):
        where = lost.groupby(["municipality", "sector", "stream"])["mass_t"].sum().nlargest(5)
        raise UnroutedError(f"no facility takes: {where.to_dict()}")
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
            where = stuck[["technology", "input", "fraction"]].drop_duplicates().head(5).to_dict("records")
            raise UnroutedError(f"no yield says what becomes of: {where}")
        leaving["mass_t"] = leaving["entered"] * leaving["yield"]
        gone = leaving["output"].map(kinds["kind"]) == "emission"
        emitted = leaving[gone].assign(treatment=lambda rows: rows["output"].map(kinds["treatment"]))
        yield emitted.assign(to="sink:" + emitted["treatment"]).rename(columns={"facility": "from"})
        sent = leaving[~gone].merge(outputs, on=["year", "facility", "output"], how="left")
        stuck = sent[sent["to"].isna()]
        if len(stuck):
            where = stuck.groupby(["facility", "output"])["mass_t"].sum().nlargest(5)
            raise UnroutedError(f"no destination for: {where.to_dict()}")
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
    raise UnroutedError(f"a loop without exit through {sorted(arrivals['facility'].unique())[:5]}")


def standing_allocation(case: Case, years: Iterable[int], as_of: int | None = None) -> Allocation:
    """Return how things run without a plan: current schemes, contracts, nearest facilities.

    With ``as_of`` the schemes, contracts and facilities of that year are carried on to all ``years``;
    facilities that have closed by then are left out.
    """
    schemes, routes, outputs = [], [], []
    for year in years:
        at = year if as_of is None else as_of
        running = current_schemes(case, at).assign(year=year)
        schemes.append(running)
        gone = case["facilities"]["closes"] < year
        standing = case.with_table("facilities", case["facilities"][~gone.to_numpy()])
        routed = running[[*SOURCE, "scheme"]].merge(default_routes(standing, at), on=SOURCE)
        routes.append(routed.assign(year=year))
        outputs.append(default_outputs(standing, at).assign(year=year))
    return Allocation(*(pd.concat(parts, ignore_index=True) for parts in (schemes, routes, outputs)))


def account_flows(case: Case, year: int, variant: str = "today") -> tuple[pd.DataFrame, Allocation, CaseReconciliation]:
    """Return flows, allocation and reconciliation of one accounted year; the flows are those of the reconciled case."""
    found = reconcile_case(case, year)
    allocation = standing_allocation(found.case, [year])
    flows = flows_of(found.case, allocation, shifted_capture(found.case, found.calibration), variant)
    return flows, allocation, found
