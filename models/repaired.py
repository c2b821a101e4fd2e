"""A case with one of the options of its explanation carried out, to be planned as it then is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from flows.case import Case
from flows.rates import target_binds, target_in_year


def repaired(case: Case, repairs: pd.DataFrame, option: int = 1) -> Case:
    """Return the case with the changes of one option of ``repairs`` (of :class:`models.outcome.Infeasible`).

    Raises ``KeyError`` if there is no such option.
    """
    rows = repairs[repairs["option"] == option]
    if rows.empty:
        raise KeyError(f"no option {option} among {sorted(set(repairs['option']))}")
    dropped: list[int] = []
    for row in rows.to_dict("records"):
        if row["kind"] == "pin":
            dropped.append(int(row["row"]) - 1)
        else:
            case = CHANGES[str(row["kind"])](case, row)
    if dropped:
        pinned = case["pinned"].reset_index(drop=True)
        case = case.with_table("pinned", pinned.drop(index=dropped).reset_index(drop=True))
    return case


def _target(case: Case, row: dict[str, Any]) -> Case:
    """Lower the goal of every year that misses it; the rows of the target become a row a year."""
    listed = case["targets"]
    mine = (
        (listed["scope"] == row["name"])
        & (listed["method"] == row["detail"])
        & (listed["municipality"] == row["municipality"])
    )
    target = (row["name"], row["detail"], row["municipality"])
    new = []
    for year in case.plan_years:
        goal = target_in_year(case, *target, year)
        if goal != goal or not target_binds(case, *target, year):
            continue
        lower = row["amount"] if row["year"] <= year <= row["until"] else 0.0
        new.append({**listed[mine].iloc[0], "year": float(year), "rate": max(goal - lower, 0.0), "path": "step"})
    frame = pd.DataFrame(new)[list(listed.columns)].assign(binding=True)
    return case.with_table("targets", pd.concat([listed[~mine], frame.astype(listed.dtypes)], ignore_index=True))


def _capacity(case: Case, row: dict[str, Any]) -> Case:
    """Raise what stands and every size that can be built there."""
    facilities, sizes = case["facilities"].copy(), case["sizes"]
    mine = facilities["facility"] == row["name"]
    facilities.loc[mine, "capacity"] += row["amount"]
    technology = facilities.loc[mine, "technology"].iloc[0]
    own = sizes[sizes["facility"] == row["name"]]
    if own.empty and facilities.loc[mine, "state"].iloc[0] == "candidate":
        own = sizes[(sizes["facility"] == "") & (sizes["technology"] == technology)]
    own = own.assign(facility=row["name"], capacity=own["capacity"] + row["amount"])
    rest = sizes[sizes["facility"] != row["name"]]
    return case.with_table("facilities", facilities).with_table("sizes", pd.concat([rest, own], ignore_index=True))


def _added(table: str, key: str, column: str, sign: float) -> Callable[[Case, dict[str, Any]], Case]:
    def change(case: Case, row: dict[str, Any]) -> Case:
        frame = case[table].copy()
        mine = frame[key] == row["name"]
        frame.loc[mine, column] = (frame.loc[mine, column] + sign * row["amount"]).clip(lower=0.0)
        return case.with_table(table, frame)

    return change


def _least_load(case: Case, row: dict[str, Any]) -> Case:
    """Lower what stands and every size that can be built there."""
    case = _added("facilities", "facility", "minimum_load", -1.0)(case, row)
    sizes = case["sizes"].copy()
    technology = case["facilities"].set_index("facility")["technology"][row["name"]]
    mine = (sizes["facility"] == row["name"]) | ((sizes["facility"] == "") & (sizes["technology"] == technology))
    sizes.loc[mine, "minimum_load"] = (sizes.loc[mine, "minimum_load"] - row["amount"]).clip(lower=0.0)
    return case.with_table("sizes", sizes)


def _limit(case: Case, row: dict[str, Any]) -> Case:
    frame = case["limits"].reset_index(drop=True)
    frame.loc[int(row["row"]) - 1, "maximum"] += -row["amount"] if row["detail"] == "min" else row["amount"]
    return case.with_table("limits", frame)


def _contract(case: Case, row: dict[str, Any]) -> Case:
    frame = case["contracts"].reset_index(drop=True)
    at = int(row["row"]) - 1
    part = frame.iloc[[at]].assign(municipality=row["municipality"], share=row["after"])
    if frame.loc[at, "municipality"] == row["municipality"]:
        frame.loc[at, "share"] = row["after"]
        return case.with_table("contracts", frame)
    # A row for all municipalities stays as it is for the others.
    return case.with_table("contracts", pd.concat([frame, part], ignore_index=True))


def _content(case: Case, row: dict[str, Any]) -> Case:
    frame = case["content_requirements"].copy()
    frame.loc[frame["requirement"] == row["name"], "share"] = row["after"]
    return case.with_table("content_requirements", frame)


def _min_years(case: Case, row: dict[str, Any]) -> Case:
    frame = case["schemes"].copy()
    frame.loc[frame["scheme"] == row["name"], "min_years"] = 0
    return case.with_table("schemes", frame)


def _capture(case: Case, row: dict[str, Any]) -> Case:
    """Raise what the schemes of the segment keep apart, as :mod:`models.capture_repair` found it."""
    from models.capture_repair import raised_sheet

    return raised_sheet(case, row)


CHANGES: dict[str, Callable[[Case, dict[str, Any]], Case]] = {
    "target": _target,
    "capacity": _capacity,
    "market": _added("markets", "market", "capacity", 1.0),
    "limit": _limit,
    "contract": _contract,
    "least_load": _least_load,
    "content": _content,
    "min_years": _min_years,
    "capture": _capture,
}
