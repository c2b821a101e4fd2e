"""What happens to facilities in the plan: which open, grow or close, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.case import Case
from reports.aggregate import clean

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
