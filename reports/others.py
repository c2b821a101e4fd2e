"""Other runs beside the one that is reported on: scenarios of the case, or the same case with another choice.

Of each only a few figures of every municipality are kept, so that many runs take little room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.case import Case
from flows.rates import reaches
from reports.aggregate import clean, sums
from reports.figures import FIGURES, figures

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
    shown, met = pd.DataFrame(columns=list(FIGURES)), None
    if len(plan):
        small = {name: _of_plan(tables[name], year) for name in NEEDED if name != "rates"}
        shown = figures(case, sums(case, small, ()), plan, "plan", year, scope, method)
        met = targets_met(case, info, plan, year)
    return OtherRun(
        scenario,
        part.folder,
        {language: scenario_name(case, scenario, language) for language in ("da", "en")},
        str(info.get("status") or ""),
        gap_of(info),
        met,
        shown,
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
    rates = plan[plan["year"] == year].set_index(keys)["rate"]
    found = [reaches(rates[key], rate) for key, rate in wanted.items() if key in rates.index]
    return all(found) if found else None
