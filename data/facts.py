"""Reading the source tables: one CSV file per subject under ``data/sources``, all cells as text.

The tables hold what was found, with source and status; everything that is computed from them is
computed in the other modules of this folder, so that the workbook can be made again at any time.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SOURCES = Path(__file__).parent / "sources"
STATUS_ORDER = ("reported", "derived", "assumed")

GROUPS: dict[str, tuple[str, str]] = {
    "households_single_family": ("households", "single_family"),
    "households_multi_storey": ("households", "multi_storey"),
    "construction_demolition": ("construction_demolition", ""),
    "industry": ("industry", ""),
    "services": ("services", ""),
    "utilities": ("utilities", ""),
    "other": ("other", ""),
}
"""Source groups of the compositions: sector and segment of each."""


def facts(name: str, numbers: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return ``data/sources/<name>.csv`` with text cells ('' where blank) and the named columns as numbers."""
    table = pd.read_csv(SOURCES / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    for column in numbers:
        table[column] = pd.to_numeric(table[column], errors="coerce").astype(float)
    return table


def weakest(*statuses: str) -> str:
    """Return the weakest of some statuses: a figure is worth no more than its weakest ingredient.

    >>> weakest("reported", "derived")
    'derived'
    """
    return max(statuses, key=STATUS_ORDER.index)
