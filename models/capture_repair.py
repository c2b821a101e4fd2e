"""What better capture would do: the least rise of one fraction's capture with which the case is feasible.

Capture is data, and the case is never changed: the question "what if plastic from flats were captured at 45 %" is
answered by building the model anew with that capture. A rise is in percentage points, alike for every scheme
that keeps the fraction apart, up to the ``high`` of the sheet or to 95 %.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.explain_words import LANGUAGES, Says, percent

CEILING = 0.95
"""Capture that is thought possible at most where the sheet gives no ``high``."""
APART = 0.1
"""Capture from which a scheme is said to collect a fraction; less is what strays into a stream."""
STEP = 0.005
"""How finely a rise is found."""
CANDIDATES = 3
"""How many fractions of one segment are tried, and how many of all."""


@dataclass(frozen=True)
class Rise:
    """A rise of capture: of one fraction or all (''), in one kind of source or all ('', '')."""

    fraction: str
    sector: str
    segment: str


def capture_repairs(
    case: Case,
    captures: pd.DataFrame,
    held: pd.DataFrame,
    needed: pd.DataFrame,
    feasible: Callable[[pd.DataFrame], bool | None],
    *,
    time_limit: float,
) -> pd.DataFrame:
    """Return rises of capture that make the case feasible, in columns of the table ``repairs`` without option.

    ``held`` is that of :func:`models.reach.reach`; ``needed`` has the targets that are missed, with goal and
    highest. ``feasible(captures)`` tells whether the case is feasible with other capture, None if it
    is not known in time.
    """
    until = clock.perf_counter() + time_limit
    rows: list[dict[str, Any]] = []
    last = needed[needed["highest"] < needed["goal"]]
    if last.empty or held.empty:
        return pd.DataFrame(rows)
    last = last.assign(short=last["goal"] - last["highest"]).sort_values(["short", "year"])
    worst = last.iloc[-1]
    key = ["scope", "method", "municipality", "year"]
    mine = held[(held[key] == worst[key]).all(axis=1)]
    tonnes = float(worst["short"]) * float(mine["waste_t"].sum())
    ceilings = _ceilings(case)
    for rise in _candidates(case, mine, ceilings, tonnes):
        found = _least_rise(case, captures, rise, ceilings, _amount(mine, rise), tonnes, feasible, until)
        if found is not None:
            rows.append(_described(case, mine, rise, found, int(last["year"].min()), int(last["year"].max())))
        if clock.perf_counter() > until:
            break
    if not rows:
        found = _least_way(captures, case, ceilings, feasible, until)
        if found is not None:
            rise = Rise("", "", "")
            rows.append(_described(case, mine, rise, found, int(last["year"].min()), int(last["year"].max())))
    return pd.DataFrame(rows)


def _eligible(case: Case) -> list[str]:
    """Return fractions whose capture is a matter of sorting: what is never calibrated strays only."""
    rows = case["fractions"]
    return list(rows.loc[rows["calibrated"] & rows["in_rate"], "fraction"])


def _ceilings(case: Case) -> pd.DataFrame:
    """Return scheme, fraction, ceiling: the highest share that is thought to be kept apart."""
    kinds = case["streams"].set_index("stream")["kind"]
    rows = case["capture"]
    rows = rows[(rows["stream"].map(kinds) == "separate") & (rows["share"].fillna(1.0) > 0)]
    grouped = rows.groupby(["scheme", "fraction"])["high"]
    table = grouped.sum().where(grouped.apply(lambda high: bool(high.notna().all())), CEILING)
    return table.clip(upper=1.0).rename("ceiling").reset_index()


def _candidates(case: Case, held: pd.DataFrame, ceilings: pd.DataFrame, tonnes: float) -> list[Rise]:
    """Return the rises with most to gain that could gain enough, one kind of source before all."""
    schemes = case["schemes"][["scheme", "sector", "segment"]]
    most = (
        ceilings.merge(schemes, on="scheme").groupby(["sector", "segment", "fraction"], as_index=False)["ceiling"].max()
    )
    table = held.merge(most, on=["sector", "segment", "fraction"])
    table = table[table["fraction"].isin(_eligible(case)) & (table["captured"] >= APART)]
    table["gain"] = table["waste_t"] * (table["ceiling"] - table["captured"]).clip(lower=0.0)
    table["gain"] = np.minimum(table["gain"], table["missing_t"])
    own = table[table["gain"] >= tonnes * (1.0 - 1e-9)].nlargest(CANDIDATES, "gain")
    found = [Rise(row.fraction, row.sector, row.segment) for row in own.itertuples(index=False)]
    several = table.groupby("fraction").agg(gain=("gain", "sum"), kinds=("gain", "size"))
    several = several[(several["kinds"] > 1) & (several["gain"] >= tonnes * (1.0 - 1e-9))].nlargest(CANDIDATES, "gain")
    return [*found, *(Rise(str(fraction), "", "") for fraction in several.index)]


def _amount(held: pd.DataFrame, rise: Rise) -> float:
    mine = held[held["fraction"] == rise.fraction]
    if rise.sector:
        mine = mine[(mine["sector"] == rise.sector) & (mine["segment"] == rise.segment)]
    return float(mine["waste_t"].sum())


def raised(
    case: Case, captures: pd.DataFrame, rise: Rise, ceilings: pd.DataFrame, *, points: float = 0.0, part: float = 0.0
) -> pd.DataFrame:
    """Return capture raised by ``points``, or ``part`` of the way to its ceiling; mixed waste loses what is gained.

    What a scheme does not keep apart today (less than :data:`APART`) stays as it is.
    """
    kinds = case["streams"].set_index("stream")["kind"]
    by = [name for name in (*SOURCE, "scheme", "fraction") if name in captures]
    table = captures.merge(ceilings, on=["scheme", "fraction"], how="left").fillna({"ceiling": 0.0})
    kind = table["stream"].map(kinds).to_numpy()
    keys = [table[name] for name in by]
    apart = table["share"].where(kind == "separate", 0.0).groupby(keys).transform("sum").to_numpy()
    mixed = table["share"].where(kind == "mixed", 0.0).groupby(keys).transform("sum").to_numpy()
    room = np.minimum(np.maximum(table["ceiling"].to_numpy() - apart, 0.0), mixed)
    more = np.minimum(points, room) + part * room
    mine = np.full(len(table), True) if not rise.fraction else (table["fraction"] == rise.fraction).to_numpy()
    if not rise.fraction:
        mine = mine & table["fraction"].isin(_eligible(case)).to_numpy()
    if rise.sector:
        mine = mine & ((table["sector"] == rise.sector) & (table["segment"] == rise.segment)).to_numpy()
    more = np.where(mine & (apart >= APART), more, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(kind == "separate", 1.0 + more / apart, np.where(kind == "mixed", 1.0 - more / mixed, 1.0))
    table["share"] *= np.where(more > 0.0, factor, 1.0)
    return table.drop(columns="ceiling")


def _least_rise(
    case: Case,
    captures: pd.DataFrame,
    rise: Rise,
    ceilings: pd.DataFrame,
    amount: float,
    tonnes: float,
    feasible: Callable[[pd.DataFrame], bool | None],
    until: float,
) -> float | None:
    """Return the least points of a rise in steps of :data:`STEP`, None if none is found in time."""

    def works(step: int) -> bool | None:
        if clock.perf_counter() > until:
            return None
        return feasible(raised(case, captures, rise, ceilings, points=step * STEP))

    # If every tonne that is gained counts, the rise is known from arithmetic.
    guess = max(math.ceil(tonnes / amount / STEP - 1e-6), 1)
    step = _least_step(works, guess, math.ceil(CEILING / STEP))
    return None if step is None else step * STEP


def _least_way(
    captures: pd.DataFrame,
    case: Case,
    ceilings: pd.DataFrame,
    feasible: Callable[[pd.DataFrame], bool | None],
    until: float,
) -> float | None:
    """Return the least part of the way to their ceilings that all fractions must go together."""

    def works(step: int) -> bool | None:
        if clock.perf_counter() > until:
            return None
        return feasible(raised(case, captures, Rise("", "", ""), ceilings, part=step / 20.0))

    step = _least_step(works, 20, 20)
    return None if step is None else step / 20.0


def _least_step(works: Callable[[int], bool | None], guess: int, last: int) -> int | None:
    """Return the least step from 1 to ``last`` that works, if the higher ones then do; None if it is not known.

    >>> [_least_step(lambda step: step >= least, guess, 20) for least, guess in ((5, 5), (7, 5), (3, 5), (21, 5))]
    [5, 7, 3, None]
    """
    low, high = 0, last
    guess = min(guess, last)
    first = works(guess)
    if first is None:
        return None
    if first:
        high = guess
        if guess > 1:
            below = works(guess - 1)
            if not below:
                return guess
            high = guess - 1
    else:
        low = guess
        if guess == last or not works(last):
            return None
    while high - low > 1:
        middle = (low + high) // 2
        answer = works(middle)
        if answer is None:
            return high
        low, high = (low, middle) if answer else (middle, high)
    return high


def _described(case: Case, held: pd.DataFrame, rise: Rise, found: float, year: int, until: int) -> dict[str, Any]:
    mine = held[held["fraction"] == rise.fraction]
    if rise.sector:
        mine = mine[(mine["sector"] == rise.sector) & (mine["segment"] == rise.segment)]
    waste = float(mine["waste_t"].sum())
    before = float((mine["captured"] * mine["waste_t"]).sum() / waste) if waste else float("nan")
    row: dict[str, Any] = {
        "kind": "capture",
        "name": rise.fraction,
        "detail": f"{rise.sector}/{rise.segment}".strip("/"),
        "municipality": "",
        "year": year,
        "until": until,
        "amount": found,
        "unit": "share",
        "before": before,
        "after": before + found,
        "sheet": "capture",
        "row": 0,
        "burden_t": waste * found,
    }
    for language in LANGUAGES:
        says = Says(case, language)
        where = says.sector(rise.sector, rise.segment) if rise.sector else says("everywhere")
        row[f"text_{language}"] = (
            says(
                "capture",
                fraction=says.name("fractions", rise.fraction),
                segment=where,
                before=percent(before, language),
                after=percent(before + found, language, up=True),
            )
            if rise.fraction
            else says("capture_all", after=percent(found, language))
        )
    return row


def raised_sheet(case: Case, row: dict[str, Any]) -> Case:
    """Return the case with the capture sheet raised as a row of ``repairs`` says.

    Where capture is calibrated to reported rates the sheet is raised before that, so it is only about the same.
    """
    sector, _, segment = str(row["detail"]).partition("/")
    rise = Rise(str(row["name"]), sector, segment)
    schemes = case["schemes"][["scheme", "sector", "segment"]]
    sheet = case["capture"].reset_index(drop=True)
    given = sheet.groupby(["scheme", "fraction"])["share"].transform("sum")
    full = sheet.assign(share=sheet["share"].fillna((1.0 - given).clip(lower=0.0)))
    shares = full[["scheme", "fraction", "stream", "share"]].merge(schemes, on="scheme", how="left")
    ways = {"points": float(row["amount"])} if rise.fraction else {"part": float(row["amount"])}
    table = raised(case, shares, rise, _ceilings(case), **ways)
    sheet["share"] = table["share"].to_numpy()
    return case.with_table("capture", sheet)
