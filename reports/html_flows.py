"""The flows of the page's Sankey picture: fractions, how they are collected, what becomes of them, where last treated.

The picture of the workbooks (:mod:`reports.sankey`) has materials, ways of collection and treatments. Here each of
these can be opened into its parts, so the finest sums are kept: a tonne is counted once, in the row of its last leg.
Soil and whatever else is outside the rates is left out, as in the workbooks.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from flows.case import Case
from reports.aggregate import STATE, clean, fractions_in_rates, total

KEYS = ["fraction", "stream", "treatment", "technology"]


def flows(case: Case, table: pd.DataFrame, states: list[tuple[str, int]]) -> dict[str, Any]:
    """Return the flows of a run.

    ``fractions`` is [fraction, material], ``streams`` [stream, way of collection], ``parts`` [treatment, technology of
    the last facility ('' if none)], ``rows`` [fraction, stream, part] by position. ``places`` holds by municipality
    ('' is all) and state the flat list of (step from the row before, tonnes).
    """
    cube = _cube(case, table)
    combinations = sorted(set(zip(*(cube[name] for name in KEYS), strict=True)))
    fractions = sorted({key[0] for key in combinations})
    streams = sorted({key[1] for key in combinations})
    parts = sorted({key[2:] for key in combinations})
    material = dict(zip(case["fractions"]["fraction"], case["fractions"]["material"], strict=True))
    kinds = dict(zip(case["streams"]["stream"], case["streams"]["kind"], strict=True))
    return {
        "fractions": [[name, material.get(name) or "other"] for name in fractions],
        "streams": [[name, collected(kinds.get(name, "separate"))] for name in streams],
        "parts": [list(part) for part in parts],
        "rows": [[fractions.index(key[0]), streams.index(key[1]), parts.index(key[2:])] for key in combinations],
        "places": _places(cube, {key: place for place, key in enumerate(combinations)}, states),
    }


def collected(kind: str) -> str:
    """Return how a stream of some kind is collected, as the Sankey picture has it.

    >>> collected("mixed"), collected("direct_reuse")
    ('mixed', 'reuse')
    """
    return kind if kind in {"separate", "mixed"} else "reuse"


def _cube(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    """Return mass_t by state, municipality and KEYS, for what is inside the rates."""
    last = clean(table[table["treatment"].notna() & (table["treatment"] != "")])
    last = last[last["fraction"].isin(fractions_in_rates(case)) & (last["mass_t"] > 0)]
    technology = dict(zip(case["facilities"]["facility"], case["facilities"]["technology"], strict=True))
    last = last.assign(technology=last["from"].map(technology).fillna(""))
    keys = [*STATE, "municipality", *KEYS]
    columns = {name: last[name].astype("category") for name in keys if name != "year"}
    summed = total(last.assign(**columns), keys, "mass_t")
    return summed.astype(dict.fromkeys(columns, "str"))


def _places(
    cube: pd.DataFrame, position: dict[tuple[str, ...], int], states: list[tuple[str, int]]
) -> dict[str, list[list[float | int]]]:
    number = {state: place for place, state in enumerate(states)}
    sums: dict[str, list[dict[int, float]]] = {}
    columns = (cube[name].tolist() for name in ("municipality", "variant", "year", *KEYS, "mass_t"))
    for municipality, variant, year, *key, mass in zip(*columns, strict=True):
        state = number.get((variant, int(year)))
        if state is None:
            continue
        row = position[tuple(key)]
        for place in ("", municipality):
            cells = sums.setdefault(place, [{} for _ in states])[state]
            cells[row] = cells.get(row, 0.0) + mass
    return {place: [_flat(cells, 1 if place == "" else 0) for cells in rows] for place, rows in sums.items()}


def _flat(cells: dict[int, float], decimals: int) -> list[float | int]:
    """Return (step, tonnes) in a flat list: small numbers make a small file; the whole region's sums are closer."""
    flat: list[float | int] = []
    before = 0
    for row in sorted(cells):
        mass = cells[row]
        shown = round(mass, decimals if mass >= 100 else 1)
        if shown:
            flat += [row - before, int(shown) if shown == int(shown) else shown]
            before = row
    return flat
