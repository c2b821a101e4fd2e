"""The run's tables as the page of a run takes them: by municipality and state, with positions in place of ids.

A state is a variant in a year; wherever figures are listed by state, they follow the order of :func:`run_states`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from flows.rates import reaches
from reports.aggregate import clean, total
from reports.html_both import Both, coordinates, danish, figure, pair, tonnes
from reports.view import RunView
from reports.words import sort_key

State = tuple[str, int]
CHANGED = 5e-3
"""Share of a source below which a scheme is not worth a mention."""


def run_states(view: RunView) -> list[State]:
    """Return every (variant, year) of the run: today, the years of the plan, those of the reference."""
    found = view.tables["rates"][["variant", "year"]].drop_duplicates()
    pairs = [(str(variant), int(year)) for variant, year in zip(found["variant"], found["year"], strict=True)]
    order = {"today": 0, "plan": 1, "reference": 2}
    return sorted((state for state in pairs if state[0] in order), key=lambda state: (order[state[0]], state[1]))


def rates(view: RunView, states: list[State], places: list[str]) -> dict[str, Any]:
    """Return rates in hundredths of a percentage point by place, pair of scope and method, and state."""
    pairs = sorted({key[1:3] for key in view.rate_rows})
    values = {
        place: [
            [
                None if (row := view.rate_rows.get((place, *key, *state))) is None else figure(row.rate * 1e4)
                for state in states
            ]
            for key in pairs
        ]
        for place in places
    }
    # Without waste of a kind a municipality has no rate of it: the rows of blanks are left out.
    kept = [position for position, _ in enumerate(pairs) if any(any_known(values[place][position]) for place in places)]
    return {
        "pairs": [pairs[position] for position in kept],
        "values": {place: [values[place][position] for position in kept] for place in places},
    }


def any_known(values: Iterable[object]) -> bool:
    """Tell whether any value is known."""
    return any(value is not None for value in values)


def targets(view: RunView) -> list[dict[str, Any]]:
    """Return every target of a year with what is reached: of the plan, else of the reference."""
    rates = view.tables["rates"]
    variant = "plan" if "plan" in view.variants else "reference"
    rows = rates[(rates["variant"] == variant) & rates["target"].notna()].sort_values(
        ["scope", "method", "municipality", "year"]
    )
    return [
        {
            "scope": str(row["scope"]),
            "method": str(row["method"]),
            "place": str(row["municipality"]),
            "year": int(row["year"]),
            "variant": variant,
            "target": figure(row["target"], 6),
            "rate": figure(row["rate"], 6),
            "missing": tonnes(max(0.0, (row["target"] - row["rate"]) * row["denominator_t"])),
            "met": reaches(row["rate"], row["target"]),
        }
        for row in rows.to_dict("records")
    ]


def schemes(view: RunView, both: Both, states: list[State]) -> dict[str, Any]:
    """Return by place, source and state which schemes were decided for: [scheme, share in %, began this year]."""
    frame = view.tables["schemes"]
    number = {state: position for position, state in enumerate(states)}
    rows = frame[frame["chosen"] > CHANGED]
    sources = list(
        dict.fromkeys(
            (str(row["sector"]), str(row["segment"]))
            for row in view.case["sectors"].to_dict("records")
        )
    )  # fmt: skip
    present = set(zip(rows["sector"], rows["segment"], strict=True))
    sources = [source for source in sources if source in present] + sorted(present - set(sources))
    position = {source: place for place, source in enumerate(sources)}
    ids = sorted(set(rows["scheme"]))
    scheme = {identifier: place for place, identifier in enumerate(ids)}
    found: dict[str, list[list[list[list[int]]]]] = {
        place: [[[] for _ in states] for _ in sources] for place in view.municipalities()
    }
    ordered = rows.sort_values(
        ["municipality", "sector", "segment", "chosen", "scheme"], ascending=[True] * 3 + [False, True]
    )
    for row in ordered.to_dict("records"):
        state = number.get((row["variant"], int(row["year"])))
        if state is not None and row["municipality"] in found:
            cell = [scheme[row["scheme"]], int(round(100 * row["chosen"])), int(bool(row["changed"]))]
            found[row["municipality"]][position[(row["sector"], row["segment"])]][state].append(cell)
    decided = {str(row["scheme"]): str(row["decided_by"]) for row in rows.to_dict("records")}
    return {
        "sources": [pair(names.source(*source) for names in both.names) for source in sources],
        "ids": ids,
        "decided": [decided[identifier] for identifier in ids],
        "places": found,
    }


def facilities(view: RunView, both: Both, states: list[State]) -> list[dict[str, Any]]:
    """Return every facility with [open, capacity, of which others', throughput] in each state."""
    frame = view.tables["facilities"]
    number = {state: position for position, state in enumerate(states)}
    listed = {str(row["facility"]): row for row in view.case["facilities"].to_dict("records")}
    treatment = dict(zip(view.case["technologies"]["technology"], view.case["technologies"]["treatment"], strict=True))
    homes = {str(row["municipality"]): row for row in view.case["municipalities"].to_dict("records")}
    found = []
    for identifier, rows in frame.groupby("facility", sort=False):
        first = rows.iloc[0]
        row = listed.get(str(identifier), {})
        site = str(first["site"] or "")
        series: list[Any] = [None] * len(states)
        for item in rows.to_dict("records"):
            state = number.get((item["variant"], int(item["year"])))
            if state is not None:
                reserved = item["reserved_t"] if item["reserved_t"] == item["reserved_t"] else 0.0
                series[state] = [
                    int(bool(item["open"])),
                    figure(item["capacity_t"]),
                    figure(reserved),
                    tonnes(item["throughput_t"]),
                ]
        if not any(state and (state[0] or state[3]) for state in series):
            continue
        found.append(
            {
                "id": str(identifier),
                "name": both.of("facility", str(identifier)),
                "technology": str(first["technology"]),
                "treatment": str(treatment.get(first["technology"], "")),
                "site": site,
                "owner": str(row.get("owner") or ""),
                "at": coordinates(row) or (coordinates(homes[site]) if site in homes else None),
                "states": series,
            }
        )
    return sorted(found, key=lambda item: (sort_key(danish(item["name"])), item["id"]))


def events(view: RunView) -> list[list[Any]]:
    """Return [year, facility, what happens, capacity added, investment in thousands]."""
    years = [year for variant, year in run_states(view) if variant == "plan"]
    return [
        [event.year, event.facility, event.kind, figure(event.capacity), figure(event.capex / 1e3)]
        for event in view.events
        if not years or event.year <= max(years)
    ]


def received(view: RunView, states: list[State]) -> dict[str, Any]:
    """Return what facilities take of each municipality's waste: by place and state pairs of facility and tonnes."""
    ids = sorted(set(view.sums.received["facility"]))
    return {"facilities": ids, "places": sparse(view.sums.received, "facility", ids, "mass_t", states)}


def sparse(
    frame: pd.DataFrame, key: str, ids: list[Any], value: str, states: list[State]
) -> dict[str, list[list[Any]]]:
    """Return by municipality and state the flat list of (position in ``ids``, tonnes), what rounds to nothing left out."""
    number = {state: position for position, state in enumerate(states)}
    place_of = {identifier: position for position, identifier in enumerate(ids)}
    found: dict[str, list[list[Any]]] = {}
    columns = (frame[name].tolist() for name in ("municipality", "variant", "year", key, value))
    for municipality, variant, year, identifier, mass in zip(*columns, strict=True):
        state = number.get((variant, int(year)))
        shown = tonnes(mass)
        if state is not None and shown:
            rows = found.setdefault(str(municipality), [[] for _ in states])
            rows[state] += [place_of[identifier], shown]
    return found


def sums(frame: pd.DataFrame, keys: list[str], value: str, states: list[State], scale: float) -> dict[str, Any]:
    """Return sums by place ('' is all), combination of ``keys`` and state, multiplied by ``scale``."""
    number = {state: position for position, state in enumerate(states)}
    whole = total(clean(frame), ["variant", "year", "municipality", *keys], value)
    combinations = sorted(set(zip(*(whole[name] for name in keys), strict=True)))
    place_of = {combination: position for position, combination in enumerate(combinations)}
    added: dict[str, list[list[float]]] = {}
    for row in whole.to_dict("records"):
        state = number.get((row["variant"], int(row["year"])))
        if state is None:
            continue
        for place in dict.fromkeys(("", str(row["municipality"]))):
            rows = added.setdefault(place, [[0.0] * len(states) for _ in combinations])
            rows[place_of[tuple(row[name] for name in keys)]][state] += row[value] * scale
    # Money and gas of a small municipality need more digits than those of a region.
    return {
        "keys": combinations,
        "places": {place: [[figure(cell, 0 if abs(cell) >= 100 else 1) for cell in row] for row in rows] for place, rows in added.items()},
    }  # fmt: skip
