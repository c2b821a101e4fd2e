"""Which rows of the input differ between two runs, and which of them are in the part that a plan uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from flows.tables import TABLES, Table

COLUMNS = ["table", "row", "column", "first", "second", "change", "used", "by", "row_first", "row_second"]
ROW = "row"
"""Column of a row that is there in one case only."""
LEFT_OUT = ("_row", "source")
"""Columns that change no figure."""
WANTED = frozenset({"targets", "limits", "transport", "growth", "allocation_keys", "measurements"})
"""Tables that bear on every plan, whatever it opens."""
Ids = Mapping[str, frozenset[str]]


def input_differences(
    planned: tuple[Case, Case], given: tuple[Case, Case] | None, used: tuple[Ids | None, Ids | None]
) -> pd.DataFrame:
    """Return a row for every cell that differs, and for every row that is there in one case only.

    ``planned`` are the cases as they were planned, ``given`` as their workbooks have them: what only the former have is
    ``by`` an option (scenario, target), the rest by the workbook. ``used`` are the ids that each plan uses
    (:func:`used_ids`); the column is first, second, both or blank. ``row_first`` and ``row_second`` are rows of the
    sheets, blank where a case was read from none.
    """
    table = _all(planned)
    if given is not None:
        own = _all(given)
        key = ["table", "row", "column", "first", "second"]
        known = set(own[key].itertuples(index=False, name=None))
        of_workbook = [row in known for row in table[key].itertuples(index=False, name=None)]
        table["by"] = np.where(of_workbook, "workbook", "option")
    else:
        table["by"] = "workbook"
    sides = [_used(table, side, ids) for side, ids in zip(("first", "second"), used, strict=True)]
    table["used"] = np.select([sides[0] & sides[1], sides[0], sides[1]], ["both", "first", "second"], "")
    rank = table["used"].eq("").astype(int) * 2 + table["by"].ne("workbook").astype(int)
    order = rank.sort_values(kind="stable").index
    return table.loc[order, COLUMNS].reset_index(drop=True)


def _all(cases: tuple[Case, Case]) -> pd.DataFrame:
    first, second = cases
    rows: list[tuple[Any, ...]] = []
    for name in dict.fromkeys([*first.settings, *second.settings]):
        one, two = (text_of(case.settings.get(name)) for case in cases)
        if one != two:
            rows.append(("settings", name, "value", one, two, "changed", np.nan, np.nan, {}))
    parts = [pd.DataFrame(rows, columns=[*COLUMNS[:6], "row_first", "row_second", "ids"])]
    parts += [_of_table(table, first[table.name], second[table.name]) for table in TABLES]
    return pd.concat([parts[0], *(part for part in parts[1:] if len(part))], ignore_index=True)


def _of_table(table: Table, one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    key = list(table.key)
    bare = [frame.drop(columns=list(LEFT_OUT), errors="ignore").reset_index(drop=True) for frame in (one, two)]
    if bare[0].equals(bare[1]):
        return pd.DataFrame()
    values = [name for name in bare[0].columns if name in bare[1].columns and name not in key]
    sides = []
    for frame, whole in zip(bare, (one, two), strict=True):
        # As words, since a blank number is no other than a blank text; rows of the same key are told by their order.
        words = pd.DataFrame({name: frame[name].map(text_of) for name in [*key, *values]}, dtype="object")
        rows = whole["_row"].to_numpy(dtype=float) if "_row" in whole else np.full(len(whole), np.nan)
        sides.append(words.assign(_nth=words.groupby(key).cumcount(), _sheet=rows, _there=True))
    both = sides[0].merge(sides[1], on=[*key, "_nth"], how="outer", suffixes=("_1", "_2"), sort=False)
    here, there = both["_there_1"].notna(), both["_there_2"].notna()
    found = []
    for name in values:
        unlike = both[here & there & (both[f"{name}_1"] != both[f"{name}_2"])]
        found.append(_told(table.name, key, unlike, name, unlike[f"{name}_1"], unlike[f"{name}_2"], "changed"))
    for side, change, values_of in ((~here, "added", ("", "yes")), (~there, "removed", ("yes", ""))):
        rows = both[side]
        found.append(_told(table.name, key, rows, ROW, *values_of, change))
    return pd.concat([part for part in found if len(part)] or [pd.DataFrame()], ignore_index=True)


def _told(table: str, key: list[str], rows: pd.DataFrame, column: str, one: Any, two: Any, change: str) -> pd.DataFrame:
    names = rows[key].to_dict("records")
    return pd.DataFrame(
        {
            "table": table,
            "row": [" ".join(text for text in ids.values() if text) for ids in names],
            "column": column,
            "first": one,
            "second": two,
            "change": change,
            "row_first": rows["_sheet_1"],
            "row_second": rows["_sheet_2"],
            "ids": names,
        }
    )


def used_ids(case: Case, flows: pd.DataFrame, scenario: str) -> Ids:
    """Return the ids that the flows of a plan pass through, by the column that names them."""
    passed = flows[flows["mass_t"] > 0]
    places = {*map(str, passed["from"].unique()), *map(str, passed["to"].unique())}
    facilities = case["facilities"]
    running = facilities[facilities["facility"].isin(places)]
    found = {
        "facility": frozenset(running["facility"]),
        "technology": frozenset(running["technology"]),
        "market": frozenset(case["markets"]["market"]) & places,
        "scenario": frozenset({scenario} - {""}),
    }
    for name in ("scheme", "stream", "output", "fraction", "municipality", "sector", "segment"):
        found[name] = frozenset(map(str, passed[name].unique()))
    return {**found, "input": found["stream"] | found["output"]}


def _used(table: pd.DataFrame, side: str, ids: Ids | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows a plan uses: all that they are named by is used, or they bear on everything."""
    if ids is None or table.empty:
        return np.zeros(len(table), dtype=bool)
    absent = {"first": "added", "second": "removed"}[side]
    return np.array(
        [
            change != absent
            and (
                name in WANTED
                or all(not value or value in ids[column] for column, value in named.items() if column in ids)
            )
            for name, change, named in zip(table["table"], table["change"], table["ids"], strict=True)
        ],
        dtype=bool,
    )


def text_of(value: Any) -> str:
    """Return a value as a word; blank for nothing.

    >>> text_of(2030.0), text_of(float("nan")), text_of("A"), text_of(True)
    ('2030', '', 'A', 'yes')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, int | float | np.number) else str(value)
