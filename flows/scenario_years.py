"""The years in which a scenario changes a table: rows that hold in other years too are cut at the ends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.problems import InputError, Problem
from flows.tables import Table


def in_years(
    table: Table, frame: pd.DataFrame, chosen: pd.Series, first: float, last: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the table cut so that the chosen rows lie within the years, and which rows those are."""
    if np.isnan(first) and np.isnan(last):
        return frame, chosen
    first = -np.inf if np.isnan(first) else first
    last = np.inf if np.isnan(last) else last
    declared = {column.name: column for column in table.columns}
    if "year" in declared:
        return frame, chosen & (frame["year"] >= first) & (frame["year"] <= last)
    if "from" not in declared or declared["from"].kind != "year":
        raise InputError([Problem("scenario_years", "scenarios", column="from", expected=table.name)])
    return _cut(table, frame, chosen, first, last)


def _cut(
    table: Table, frame: pd.DataFrame, chosen: pd.Series, first: float, last: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Cut rows that hold from one year on into those before, within and after the years."""
    ends = "until" in frame
    following = _following(table, frame)
    pieces: list[pd.Series] = []
    within: list[bool] = []
    for position in range(len(frame)):
        row = frame.iloc[position]
        start = -np.inf if np.isnan(row["from"]) else row["from"]
        end = row["until"] if ends and not np.isnan(row["until"]) else following[position]
        inner, outer = max(start, first), min(end, last)
        if not chosen.iloc[position] or inner > outer:
            pieces.append(row)
            within.append(False)
            continue
        parts = [(start, inner - 1, False), (inner, outer, True), (outer + 1, end, False)]
        parts = [part for part in parts if part[0] <= part[1]]
        if len(parts) > 1 and "from" not in table.key:
            raise InputError([Problem("scenario_years", "scenarios", column="from", expected=table.name)])
        for begin, finish, mine in parts:
            piece = row.copy()
            piece["from"] = np.nan if np.isinf(begin) else begin
            if ends:
                open_end = np.isinf(finish) or (np.isnan(row["until"]) and finish == following[position])
                piece["until"] = np.nan if open_end else finish
            pieces.append(piece)
            within.append(mine)
    cut = pd.DataFrame(pieces).astype(frame.dtypes.to_dict()).reset_index(drop=True)
    return cut, pd.Series(within, index=cut.index)


def _following(table: Table, frame: pd.DataFrame) -> list[float]:
    """Return the year before the next row of the same key begins (infinite for the last)."""
    key = [name for name in table.key if name != "from"]
    starts = frame["from"].fillna(-np.inf)
    ends = [np.inf] * len(frame)
    if "until" in frame or not key:
        return ends
    for _, index in starts.groupby([frame[name] for name in key]).groups.items():
        ordered = sorted(index, key=lambda item: starts[item])
        for one, other in zip(ordered, ordered[1:], strict=False):
            ends[frame.index.get_loc(one)] = starts[other] - 1
    return ends
