"""What happens when: schemes that change and facilities that open, grow or close in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.case import Case
from reports.aggregate import clean
from reports.view import PlaceView

EXISTING = "existing"
EventKind = Literal["opens", "grows", "closes"]


@dataclass(frozen=True)
class FacilityEvent:
    """A facility opens, grows or closes; ``capacity`` in t/year and ``capex`` are what is added (NaN unknown)."""

    year: int
    facility: str
    kind: EventKind
    steps: tuple[str, ...]
    capacity: float
    capex: float


def facility_events(case: Case, facilities: pd.DataFrame) -> list[FacilityEvent]:
    """Return every change of a facility in the plan, compared with today, in the order of years."""
    frame = clean(facilities)
    plan = frame[frame["variant"] == "plan"].sort_values(["facility", "year"])
    today = frame[frame["variant"] == "today"].set_index("facility")
    events: list[FacilityEvent] = []
    for facility, rows in plan.groupby("facility", sort=True):
        name = str(facility)
        was_open = bool(today["open"].get(name, False))
        before = _steps(today["size"].get(name, "")) if was_open else frozenset()
        for row in rows.to_dict("records"):
            steps = _steps(row["size"])
            added = tuple(sorted(steps - before - {EXISTING}))
            if bool(row["open"]) and (not was_open or added):
                capacity, capex = _added(case, name, str(row["technology"]), added)
                kind: EventKind = "grows" if was_open else "opens"
                events.append(FacilityEvent(int(row["year"]), name, kind, added, capacity, capex))
            elif was_open and not bool(row["open"]):
                events.append(FacilityEvent(int(row["year"]), name, "closes", (), float("nan"), float("nan")))
            was_open, before = bool(row["open"]), steps | before if row["open"] else frozenset()
    return sorted(events, key=lambda event: (event.year, event.facility))


def _steps(size: object) -> frozenset[str]:
    return frozenset(step for step in str(size or "").split("+") if step)


def _added(case: Case, facility: str, technology: str, steps: tuple[str, ...]) -> tuple[float, float]:
    """Return capacity and investment of the steps; a step of the facility itself wins over its technology's."""
    sizes = case["sizes"]
    capacity = capex = 0.0
    for step in steps:
        rows = sizes[sizes["size"] == step]
        own = rows[rows["facility"] == facility]
        rows = own if len(own) else rows[(rows["facility"] == "") & (rows["technology"] == technology)]
        if rows.empty:
            return float("nan"), float("nan")
        capacity += float(rows["capacity"].iloc[0])
        capex += float(rows["capex"].iloc[0])
    return (capacity, capex) if steps else (float("nan"), float("nan"))


@dataclass(frozen=True)
class Action:
    """A kind of source takes up a scheme; effects are those of the plan's year, NaN where a later change has them."""

    year: int
    sector: str
    segment: str
    scheme: str
    before: tuple[str, ...]
    decided_by: str
    municipalities: tuple[str, ...]
    tonnes: float
    amount: float
    kg_co2e: float


def actions(view: PlaceView) -> list[Action]:
    """Return the changes of scheme in the plan, with what each contributes to plan minus reference.

    A source that changes twice has its effect on the scheme that runs in the year of the plan; where
    several new schemes run side by side they share it.
    """
    schemes = view.table("schemes")
    schemes = schemes[schemes["municipality"] != ""]
    plan = schemes[(schemes["variant"] == "plan") & (schemes["chosen"] > 0)]
    changed = plan[plan["changed"].astype(bool)]
    year = view.run.headline.year
    final = plan[plan["year"] == year]
    effects = view.run.effects.set_index(["municipality", "sector", "segment"])
    origin = ["municipality", "sector", "segment"]
    latest = changed[changed["year"] <= year].groupby([*origin, "scheme"])["year"].max().rename("began").reset_index()
    shares = final.merge(latest, on=[*origin, "scheme"])
    shares["part"] = shares["chosen"] / shares.groupby(origin)["chosen"].transform("sum")
    parts = shares.set_index([*origin, "scheme", "began"])["part"].to_dict()
    today = view.state(schemes, "today")
    before = today.sort_values("share", ascending=False).drop_duplicates(origin).set_index(origin)["scheme"].to_dict()
    grouped: dict[tuple[int, str, str, str, str], list[tuple[str, str, float]]] = {}
    for row in changed.to_dict("records"):
        key = (row["municipality"], row["sector"], row["segment"])
        part = parts.get((*key, row["scheme"], row["year"]), float("nan"))
        group = (int(row["year"]), row["sector"], row["segment"], row["scheme"], row["decided_by"])
        grouped.setdefault(group, []).append((row["municipality"], before.get(key, ""), float(part)))
    result = []
    for (began, sector, segment, scheme, decider), members in grouped.items():
        totals = pd.Series(0.0, index=["tonnes", "amount", "kg_co2e"])
        known = False
        for municipality, _, part in members:
            key = (municipality, sector, segment)
            if part == part and key in effects.index:
                totals, known = totals + effects.loc[key] * part, True
        values = totals if known else totals * float("nan")
        places = tuple(dict.fromkeys(member[0] for member in members))
        olds = tuple(sorted({member[1] for member in members if member[1]}))
        result.append(Action(began, sector, segment, scheme, olds, decider, places, *map(float, values)))
    return sorted(result, key=lambda action: (action.year, action.sector, action.segment, action.scheme))
