"""Tables of a frontier: which plans no other one beats, what an extra tonne costs along them, the proven curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, np.dtype[np.float64]]
FRONTIER_COLUMNS = [
    "point",
    "asked_rate",
    "asked_co2e_kt",
    "scope",
    "method",
    "year",
    "rate",
    "co2e_kt",
    "cost",
    "bound",
    "gap",
    "status",
    "certified",
    "efficient",
]
MARGINAL_COLUMNS = [
    "from_point",
    "to_point",
    "from_rate",
    "to_rate",
    "extra_cost",
    "extra_tonnes",
    "per_tonne",
    "per_tonne_low",
    "per_tonne_high",
    "unit",
]


def monotone(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the grid with every bound raised to the best bound of any looser point: more never costs less."""
    rate = grid["asked_rate"].fillna(0.0).to_numpy()
    cap = grid["asked_co2e_kt"].fillna(0.0).to_numpy()
    bound = grid["bound"].to_numpy(dtype=float)
    solved = np.isfinite(bound)
    raised = [
        bound[solved & (rate <= rate[row]) & (cap >= cap[row])].max(initial=-np.inf) if solved[row] else np.nan
        for row in range(len(grid))
    ]
    table = grid.assign(bound=raised)
    return table.sort_values(["asked_rate", "asked_co2e_kt"], ascending=[True, False], ignore_index=True)


def efficient(rows: pd.DataFrame, against: str) -> Array:
    """Return which plans no other one beats: as good in everything and better in something, or the same and earlier."""
    columns = {"rate": ["cost", "rate"], "co2e": ["cost", "co2e_kt"], "both": ["cost", "rate", "co2e_kt"]}[against]
    values = rows[columns].to_numpy(dtype=float) * np.array([-1.0 if name == "rate" else 1.0 for name in columns])
    same = 1e-9 * np.maximum(np.abs(values).max(axis=0), 1e-9)
    found = np.ones(len(rows), dtype=bool)
    for row, own in enumerate(values):
        no_worse = (values <= own + same).all(axis=1)
        better = (values < own - same).any(axis=1)
        alike = no_worse & ~better & (np.arange(len(rows)) < row)
        found[row] = not (no_worse & better).any() and not alike.any()
    return np.asarray(found)


def marginal_cost(rows: pd.DataFrame, against: str, currency: str) -> pd.DataFrame:
    """Return what an extra tonne costs from each efficient plan to the next one; empty against both.

    Against the rate it is a tonne that counts, over the horizon and discounted as money is, so that its price is that
    of a year's tonne; against greenhouse gas a tonne of CO2e. ``per_tonne_low`` and ``per_tonne_high`` are what the
    bounds of the two plans leave open.
    """
    if against == "both":
        return pd.DataFrame(columns=MARGINAL_COLUMNS)
    best = rows[rows["efficient"]].sort_values("cost", ignore_index=True)
    now, then = best.iloc[:-1].reset_index(drop=True), best.iloc[1:].reset_index(drop=True)
    more = then["counted"] - now["counted"] if against == "rate" else (now["co2e_kt"] - then["co2e_kt"]) * 1000.0
    more = more.where(more > 0)
    table = pd.DataFrame(
        {
            "from_point": now["point"],
            "to_point": then["point"],
            "from_rate": now["rate"],
            "to_rate": then["rate"],
            "extra_cost": then["cost"] - now["cost"],
            "extra_tonnes": more,
            "per_tonne": (then["cost"] - now["cost"]) / more,
            "per_tonne_low": (then["bound"] - now["cost"]) / more,
            "per_tonne_high": (then["cost"] - now["bound"]) / more,
            "unit": f"{currency}/t" if against == "rate" else f"{currency}/t CO2e",
        }
    )
    return table[MARGINAL_COLUMNS]
