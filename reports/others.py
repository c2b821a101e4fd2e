"""Other runs beside the one that is reported on: scenarios of the case, or the same case with another choice.

Of each only a few figures of every municipality are kept, so that many runs take little room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.case import Case
from reports.aggregate import Sums, clean, sums

FIGURES = ("rate", "point", "waste", "burnt", "cost", "fee", "climate")
"""Recycling by the report's method and at the EU calculation point (shares), waste inside the rates and what of it is
burnt (t), all costs and what households pay (money), greenhouse gas without biogenic carbon (t CO2e); per year."""
NEEDED = ("flows", "rates", "costs", "emissions", "facilities")


@dataclass(frozen=True)
class OtherRun:
    """A run to show beside: its scenario ('' for the case as it is), the name of its folder, and its figures.

    ``figures`` has the municipality ('' is the region) as index and the columns FIGURES, of the plan in the year asked
    for; it is empty where the run has no plan of that year. ``status`` is how its search ended, ``gap`` what is proven
    (NaN if nothing), ``target_met`` whether every target of that year is met.
    """

    scenario: str
    folder: str
    names: Mapping[str, str]
    status: str
    gap: float
    target_met: bool | None
    figures: pd.DataFrame


@dataclass(frozen=True)
class RunParts:
    """A run to be shown beside another: its case, tables and info, and the name of its folder."""

    case: Case
    tables: Mapping[str, pd.DataFrame]
    info: Mapping[str, Any]
    folder: str


def beside(parts: Iterable[RunParts], scope: str, method: str, year: int) -> tuple[OtherRun, ...]:
    """Return what is shown of other runs, one after another, so that only one of them is in memory."""
    return tuple(other_run(part, scope, method, year) for part in parts)


def other_run(part: RunParts, scope: str, method: str, year: int) -> OtherRun:
    """Return what is shown of another run: the figures of its plan in a year, its rate of a scope and method."""
    case, tables, info = part.case, part.tables, part.info
    scenario = scenario_of(info)
    rates = clean(tables["rates"])
    plan = rates[(rates["variant"] == "plan") & (rates["year"] == year)]
    figures, met = pd.DataFrame(columns=list(FIGURES)), None
    if len(plan):
        small = {name: _of_plan(tables[name], year) for name in NEEDED if name != "rates"}
        figures = plan_figures(case, sums(case, small, ()), plan, "plan", year, scope, method)
        met = targets_met(case, info, plan, year)
    return OtherRun(
        scenario,
        part.folder,
        {language: scenario_name(case, scenario, language) for language in ("da", "en")},
        str(info.get("status") or ""),
        gap_of(info),
        met,
        figures,
    )


def scenario_name(case: Case, scenario: str, language: str) -> str:
    """Return the name of a scenario in a language, its id if it has none; '' for the case as it is."""
    rows = case["scenarios"]
    rows = rows[rows["scenario"] == scenario]
    other = "en" if language == "da" else "da"
    for column in (f"name_{language}", f"name_{other}"):
        named = rows.loc[rows[column] != "", column]
        if len(named):
            return str(named.iloc[0])
    return scenario


def _of_plan(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[(frame["variant"] == "plan") & (frame["year"] == year)]


def scenario_of(info: Mapping[str, Any]) -> str:
    """Return the scenario that a run was asked for, '' for the case as it is."""
    return str((info.get("options") or {}).get("scenario") or info.get("scenario") or "")


def gap_of(info: Mapping[str, Any]) -> float:
    """Return the proven gap of a run, NaN if nothing is proven."""
    gap = info.get("gap")
    return float("nan") if gap is None else float(gap)


def targets_met(case: Case, info: Mapping[str, Any], plan: pd.DataFrame, year: int) -> bool | None:
    """Return whether a plan meets its targets of a year, or nothing if there is none; ``plan`` are its rates.

    These are the binding ones of the case, and the one that the run was asked for, which comes before the case's.
    """
    rows = case["targets"]
    rows = rows[rows["binding"].astype(bool) & (rows["year"] == year)]
    keys = ["scope", "method", "municipality"]
    wanted = {tuple(row[key] for key in keys): float(row["rate"]) for row in rows.to_dict("records")}
    asked = info.get("target") or {}
    rate = asked.get("rate")
    if rate is not None and rate == rate and asked.get("year") == year:
        wanted[asked["scope"], asked["method"], ""] = float(rate)
    reached = plan[plan["year"] == year].set_index(keys)["rate"]
    found = [bool(reached[key] >= rate - 5e-7) for key, rate in wanted.items() if key in reached.index]
    return all(found) if found else None


def plan_figures(
    case: Case, whole: Sums, rates: pd.DataFrame, variant: str, year: int, scope: str, method: str
) -> pd.DataFrame:
    """Return FIGURES of every municipality and the region ('') in one variant and year of a run."""
    places = [str(place) for place in case["municipalities"]["municipality"]]
    fractions = case["fractions"]
    inside = set(fractions.loc[fractions["in_rate"], "fraction"])
    treated = _state(whole.treated, variant, year)
    treated = treated[(treated["treatment"] != "prevention") & treated["fraction"].isin(inside)]
    costs, gases = _state(whole.costs, variant, year), _state(whole.emissions, variant, year)
    columns = {
        "waste": _by_place(treated, "mass_t", places),
        "burnt": _by_place(treated[treated["treatment"] == "energy_recovery"], "mass_t", places),
        "cost": _by_place(costs, "amount", places),
        "fee": _by_place(costs[costs["payer"] == "household"], "amount", places),
        "climate": _by_place(gases[gases["kind"] != "biogenic"], "kg_co2e", places) / 1000,
    }
    mine = rates[(rates["variant"] == variant) & (rates["year"] == year) & (rates["scope"] == scope)]
    for key, wanted in (("rate", method), ("point", "calculation_point")):
        found = mine[mine["method"] == wanted].drop_duplicates("municipality").set_index("municipality")["rate"]
        columns[key] = found.reindex(["", *places])
    return pd.DataFrame(columns)[list(FIGURES)]


def _state(frame: pd.DataFrame, variant: str, year: int) -> pd.DataFrame:
    return frame[(frame["variant"] == variant) & (frame["year"] == year)]


def _by_place(frame: pd.DataFrame, value: str, places: Sequence[str]) -> pd.Series:
    """Return sums by municipality, and of all of them under ''."""
    sums_by_place = frame.groupby("municipality")[value].sum().reindex(places, fill_value=0.0)
    return pd.concat([pd.Series({"": float(sums_by_place.sum())}), sums_by_place])
