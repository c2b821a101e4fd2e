"""Whether a table is the same again, and if not: rows, columns and the largest difference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

TABLE_COLUMNS = ["run", "table", "state", "rows", "rows_now", "columns", "cells", "largest"]


def kept_row(run: str, table: str, rows: int) -> dict[str, Any]:
    """Return the row of a table that was not made again."""
    return _row(run, table, "kept", rows, rows)


def differing(run: str, table: str, one: pd.DataFrame | None, two: pd.DataFrame | None) -> dict[str, Any]:
    """Return how a stored table and the same made again compare; both as they were read from their files."""
    if one is None or two is None:
        state = "added" if one is None else "gone"
        return _row(run, table, state, 0 if one is None else len(one), 0 if two is None else len(two))
    if one.equals(two):
        return _row(run, table, "equal", len(one), len(two))
    shared = [name for name in one.columns if name in two.columns]
    apart = [*one.columns.difference(shared, sort=False), *two.columns.difference(shared, sort=False)]
    left, right = one[shared], two[shared]
    if len(one) != len(two):
        left, right = _matched(left, right)
    cells, largest = 0, 0.0
    for name in shared:
        unlike, most = _unlike(left[name], right[name])
        cells += unlike
        largest = max(largest, most)
        apart += [name] if unlike else []
    return _row(run, table, "differs", len(one), len(two), ", ".join(map(str, apart)), cells, largest)


def _row(
    run: str, table: str, state: str, rows: int, rows_now: int, columns: str = "", cells: int = 0, largest: float = 0.0
) -> dict[str, Any]:
    values = (run, table, state, rows, rows_now, columns, cells, largest)
    return dict(zip(TABLE_COLUMNS, values, strict=True))


def _matched(one: pd.DataFrame, two: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of both that have the same words and whole numbers, in the same order; measures are compared."""
    keys = [name for name in one.columns if not pd.api.types.is_float_dtype(one[name])]
    if not keys:
        shorter = min(len(one), len(two))
        return one.head(shorter), two.head(shorter)
    sides = [frame.assign(_nth=frame.groupby(keys, dropna=False).cumcount()) for frame in (one, two)]
    both = sides[0].merge(sides[1], on=[*keys, "_nth"], suffixes=("", " now"))
    there = pd.DataFrame({name: both[name if name in keys else f"{name} now"] for name in one.columns})
    return both[list(one.columns)], there


def _unlike(one: pd.Series, two: pd.Series) -> tuple[int, float]:
    """Return how many values of a column differ, and by how much at most if they are numbers."""
    left, right = one.reset_index(drop=True), two.reset_index(drop=True)
    same = (left == right) | (left.isna() & right.isna())
    numbers = all(
        pd.api.types.is_numeric_dtype(side) and not pd.api.types.is_bool_dtype(side) for side in (left, right)
    )
    gap = (left - right).abs().max() if numbers and not same.all() else 0.0
    return int((~same.astype(bool)).sum()), 0.0 if np.isnan(gap) else float(gap)
