"""Schemes: whole packages of what a source does with its waste, with cost, payer and capture.

Households have today's scheme, ten fractions, optical bags and a package with reuse and prevention;
every other sector has today's, source separation and one beyond it. The schemes of 2011 make the
account of 2011 possible and are not lawful for the plan.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from data.amounts import ACCOUNT_YEAR, BACKCAST_YEAR, dwellings, generation, measurements, regional_amounts
from data.capture import CaptureFacts, capture_rows
from data.counted import counted_share
from data.facts import facts

PRODUCER_PAYS_FROM = 2026
"""Producers pay for household packaging from October 2025: the first whole year."""
NUMBERS = (
    "cost_per_household",
    "packaging_bins",
    "cost_per_tonne",
    "change_cost",
    "change_cost_per_tonne",
    "min_years",
    "first_year",
    "ramp_years",
)
COLUMNS = (
    "scheme",
    "sector",
    "segment",
    "name_da",
    "name_en",
    "cost_per_household",
    "cost_per_tonne",
    "change_cost",
    "change_cost_per_tonne",
    "min_years",
    "first_year",
    "ramp_years",
    "legal",
    "decided_by",
    "payer",
    "source",
    "status",
)
SOIL_SECTOR = "construction_demolition"


def schemes() -> pd.DataFrame:
    """Return the sheet of schemes.

    Construction pays per tonne of each stream (sheet collection), so that soil does not cost.
    """
    table = facts("schemes", NUMBERS)
    soil = table["sector"] == SOIL_SECTOR
    table.loc[soil, "cost_per_tonne"] = 0.0
    amounts = regional_amounts(ACCOUNT_YEAR).groupby("group")["amount"].sum()
    rows = generation()
    moved = rows[(rows["fraction"] == "soil") & (rows["year"] == ACCOUNT_YEAR)]["amount"].sum()
    factor = float(amounts[SOIL_SECTOR] / (amounts[SOIL_SECTOR] + moved))
    table.loc[soil, "change_cost_per_tonne"] = (table.loc[soil, "change_cost_per_tonne"] * factor).round(3)
    return table[list(COLUMNS)]


def current_schemes() -> pd.DataFrame:
    """Return what runs in 2011 and from the account year on."""
    table = facts("schemes")
    rows = []
    for kind, first in (("2011", BACKCAST_YEAR), ("today", ACCOUNT_YEAR)):
        part = table[table["kind"] == kind][["sector", "segment", "scheme"]]
        source = (
            "capture refitted to the rates of 2011" if kind == "2011" else "today's capture as the statistics imply it"
        )
        rows.append(part.assign(**{"from": first}, share=1.0, source=source, status="assumed"))
    return pd.concat(rows, ignore_index=True)


def _rate(rows: pd.DataFrame, amounts: pd.Series) -> float:
    """Return the collected rate of capture rows of one or more groups."""
    table = rows.copy()
    given = table.groupby(["group", "fraction"])["share"].transform("sum")
    table["share"] = table["share"].fillna(1.0 - given)
    table["mass"] = table["share"] * pd.MultiIndex.from_frame(table[["group", "fraction"]]).map(amounts).to_numpy()
    table["counted"] = [
        counted_share(stream, fraction) for stream, fraction in zip(table["stream"], table["fraction"], strict=True)
    ]
    table = table.dropna(subset=["mass"])
    waste = table[~table["stream"].isin(["prevented", "direct_reuse", "by_product"])]
    return float((waste["mass"] * waste["counted"]).sum() / waste["mass"].sum())


@cache
def _amounts(year: int) -> pd.Series:
    return regional_amounts(year).set_index(["group", "fraction"])["amount"]


def modelled_rate(kind: str, groups: tuple[str, ...], year: int, shift: float = 0.0) -> float:
    """Return the collected rate of the region for schemes of one kind in some groups."""
    source = CaptureFacts.read()
    amounts = _amounts(year)
    rows = pd.concat(
        [pd.DataFrame(capture_rows(source, group, kind, group, shift)).assign(group=group) for group in groups],
        ignore_index=True,
    )
    return _rate(rows, amounts)


@cache
def backcast_shifts() -> dict[str, float]:
    """Return the shift of today's capture per group that gives the rates published for 2011."""
    goals = measurements()
    goals = goals[goals["year"] == BACKCAST_YEAR].set_index("sector")["value"]
    shifts: dict[str, float] = {}
    for sector, groups in (
        ("households", ("households_single_family", "households_multi_storey")),
        *((name, (name,)) for name in goals.index if name != "households"),
    ):
        low, high = -6.0, 6.0
        for _ in range(18):
            middle = (low + high) / 2.0
            if modelled_rate("2011", groups, BACKCAST_YEAR, middle) < float(goals[sector]):
                low = middle
            else:
                high = middle
        shifts.update(dict.fromkeys(groups, round((low + high) / 2.0, 4)))
    return shifts


def capture() -> pd.DataFrame:
    """Return the sheet of capture of all schemes."""
    source = CaptureFacts.read()
    rows: list[dict[str, object]] = []
    for scheme in facts("schemes").itertuples(index=False):
        shift = backcast_shifts()[scheme.group] if scheme.kind == "2011" else 0.0
        rows += capture_rows(source, scheme.scheme, scheme.kind, scheme.group, shift)
    columns = ["scheme", "fraction", "stream", "share", "low", "high", "source", "status"]
    return pd.DataFrame(rows)[columns]


def collection() -> pd.DataFrame:
    """Return cost and payer of single streams.

    Household packaging bins are paid per tonne of the packaging streams, by households until 2025 and by
    producers from 2026; construction pays per tonne of each stream, soil left out.
    """
    table = facts("schemes", NUMBERS)
    weights = facts("packaging_streams", ("weight",)).set_index("stream")["weight"]
    amounts = regional_amounts(ACCOUNT_YEAR).set_index(["group", "fraction"])["amount"]
    homes = dwellings().groupby("segment")["dwellings"].sum()
    shares = capture()
    rows: list[dict[str, object]] = []
    for scheme in table.itertuples(index=False):
        own = shares[shares["scheme"] == scheme.scheme]
        if scheme.sector == "households":
            for stream, weight in weights.items():
                part = own[own["stream"] == stream]
                tonnes = sum(row.share * float(amounts[scheme.group, row.fraction]) for row in part.itertuples())
                cost = float(scheme.packaging_bins) * float(weight) * float(homes[scheme.segment]) / tonnes
                rows += _payers(scheme.scheme, str(stream), round(cost, 1))
            rows += _payers(scheme.scheme, "weee", 0.0) + _payers(scheme.scheme, "deposit", 0.0)
        elif scheme.sector == SOIL_SECTOR:
            streams = sorted(set(own["stream"]) - {"soil", "reuse", "direct_reuse", "prevented", "by_product"})
            rows += [
                _collection(scheme.scheme, stream, None, float(scheme.cost_per_tonne), "business", str(scheme.source))
                for stream in streams
            ]
    return pd.DataFrame(rows)


def _payers(scheme: str, stream: str, cost: float) -> list[dict[str, object]]:
    if stream in ("weee", "deposit"):
        text = "producers pay for electronics and deposit packaging; their cost of collection is outside this account"
        return [_collection(scheme, stream, None, cost, "producer", text)]
    text = "cost of the packaging bins per household over the region's tonnes of the stream under the scheme"
    law = "; producers pay from October 2025, taken for the whole stream from 2026"
    return [
        _collection(scheme, stream, None, cost, "household", text),
        _collection(scheme, stream, PRODUCER_PAYS_FROM, cost, "producer", text + law),
    ]


def _collection(scheme: str, stream: str, first: int | None, cost: float, payer: str, source: str) -> dict[str, object]:
    return {
        "scheme": scheme,
        "stream": stream,
        "from": first,
        "cost_per_tonne": cost,
        "payer": payer,
        "source": source,
        "status": "assumed",
    }
