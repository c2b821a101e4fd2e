"""What would make a case feasible: the least of each kind, as rows in the user's words, and the case so changed.

An option is a set of changes that suffices together: only targets, only capacities, only markets, and so on, or,
where no single kind other than the targets does, several kinds at once. Each is the least of its kind, in
t/year, and options are ranked by how much they move. Of a large model decisions are relaxed: an amount is then the
least for certain, and a little more may be needed.
"""

from __future__ import annotations

import math
import time as clock
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from flows.indicator_names import INDICATORS_BY_NAME
from models.elastic import TONNES, OutOfTime, Pulled, least
from models.explain_words import LANGUAGES, Says, enough, number, percent
from models.formulation_parts import Formulation
from models.formulation_targets import rate_terms
from models.levers import DECISIONS, OUTLETS, QUANTITIES, Array, Levers

REPAIR_COLUMNS = [
    "option",
    "rank",
    "kind",
    "name",
    "detail",
    "municipality",
    "year",
    "until",
    "amount",
    "unit",
    "before",
    "after",
    "sheet",
    "row",
    "burden_t",
    "exact",
    "text_da",
    "text_en",
]
SINGLE = ("capacity", "market", "limit", "contract", "least_load", "content", "min_years", "pin", "target")
"""Kinds that may give way alone, in the order in which they are tried."""
MARGIN = 1e-6
"""Share by which an amount is rounded up, so that the case with it is feasible in spite of rounding."""


def repairs(levers: Levers, *, time_limit: float, threads: int, targets: Pulled | None = None) -> pd.DataFrame:
    """Return options that make the case feasible, least burden first; columns :data:`REPAIR_COLUMNS`.

    ``targets`` is what lowering targets alone takes, if that is known already.
    """
    until = clock.perf_counter() + time_limit
    found: list[Pulled] = []
    present = set(levers.table["kind"])
    enough_alone = False
    for kind in SINGLE:
        left = until - clock.perf_counter()
        if kind not in present or left <= 0:
            continue
        pulled = targets if kind == "target" and targets is not None else None
        if pulled is None:
            pulled = _in_time(levers, [kind], left, threads)
        if pulled is not None and len(pulled.levers):
            found.append(pulled)
            enough_alone |= kind != "target"
    if not enough_alone:
        found.extend(_mixed(levers, present, until, threads, bool(found)))
    found.sort(key=lambda pulled: pulled.burden)
    rows = [
        {**row, "option": option, "rank": rank, "exact": pulled.exact}
        for option, pulled in enumerate(found, start=1)
        for rank, row in enumerate(described(levers, pulled), start=1)
    ]
    return pd.DataFrame(rows, columns=REPAIR_COLUMNS)


def _in_time(levers: Levers, kinds: list[str], time_limit: float, threads: int) -> Pulled | None:
    """Return the least that levers of some kinds must give; None if they do not do, or none was found in time."""
    try:
        return least(levers, levers.only(kinds), time_limit=time_limit, threads=threads)
    except OutOfTime:
        return None


def _mixed(levers: Levers, present: set[str], until: float, threads: int, some: bool) -> list[Pulled]:
    """Return the least of several kinds: with all targets held if that can be, else with the targets too."""
    every = [kind for kind in (*QUANTITIES, *DECISIONS) if kind in present]
    for kinds in ([kind for kind in every if kind != "target"], every):
        left = until - clock.perf_counter()
        if len(kinds) < 2 or left <= 0 or (some and kinds == every):
            continue
        pulled = _in_time(levers, kinds, left, threads)
        if pulled is not None and len(pulled.levers):
            return [pulled]
    return []


def described(levers: Levers, pulled: Pulled) -> list[dict[str, Any]]:
    """Return what each lever gives as a row of the table ``repairs``, without option and rank."""
    return [_row(levers, pulled, entry) for entry in pulled.levers.itertuples(index=False)]


def _row(levers: Levers, pulled: Pulled, entry: Any) -> dict[str, Any]:
    lever = levers.table.iloc[entry.lever]
    kind = str(lever["kind"])
    row: dict[str, Any] = {
        **{name: lever[name] for name in ("kind", "name", "detail", "municipality", "sheet", "row")},
        "year": int(entry.year),
        "until": int(entry.until),
        "burden_t": float(entry.burden),
        "before": float("nan"),
        "after": float("nan"),
    }
    mine = pulled.rows[pulled.rows["lever"] == entry.lever]
    if kind == "target":
        row |= _of_target(levers.form, lever, mine, pulled.values)
    elif kind == "contract":
        row |= _of_contract(levers, lever, mine, pulled.values)
    elif kind in DECISIONS:
        row |= {"amount": 1.0, "unit": ""}
        if kind == "min_years":
            row |= {"before": _value(levers.form.case, "schemes", "scheme", row["name"], "min_years"), "after": 0.0}
    else:
        row |= _of_quantity(levers, kind, lever, mine)
    for language in LANGUAGES:
        row[f"text_{language}"] = _text(levers.form.case, row, language)
    return row


def reached(form: Formulation, values: Array, target: tuple[str, str, str], year: int) -> float:
    """Return the rate that a solution reaches."""
    terms = rate_terms(form, *target, year)
    mass = terms["coef"].to_numpy(dtype=float) * values[terms["col"].to_numpy(dtype=np.int64)]
    upper = (terms["term"] == 0).to_numpy()
    return float(mass[upper].sum() / max(mass[~upper].sum(), 1e-12))


def _of_target(form: Formulation, lever: pd.Series, mine: pd.DataFrame, values: Array) -> dict[str, Any]:
    target = (str(lever["name"]), str(lever["detail"]), str(lever["municipality"]))
    goals = form.targets[
        (form.targets["scope"] == target[0])
        & (form.targets["method"] == target[1])
        & (form.targets["municipality"] == target[2])
    ].set_index("year")["goal"]
    short = {int(year): float(goals[year]) - reached(form, values, target, int(year)) for year in mine["year"]}
    amount = max(short.values()) + MARGIN * 1e-2
    # The goal is told where it is highest of the years that miss it most.
    worst = max(year for year, value in short.items() if value >= amount - 1e-4)
    before = float(goals[worst])
    return {
        "amount": amount,
        "unit": "share",
        "before": before,
        "after": max(before - amount, 0.0),
        "worst": worst,
    }


def _of_contract(levers: Levers, lever: pd.Series, mine: pd.DataFrame, values: Array) -> dict[str, Any]:
    """A contract binds a share of what there is: the share that can be kept in the year that needs most."""
    from flows.routing import contract_shares

    kept, bound, arrays = 1.0, 1.0, levers.arrays
    amount = 0.0
    for one in mine.itertuples(index=False):
        part = slice(arrays.start[one.row], arrays.start[one.row + 1])
        terms = arrays.value[part] * values[arrays.index[part]]
        asked = -float(terms[terms < 0].sum())
        rows = contract_shares(levers.form.case, int(one.year))
        rows = rows[(rows["facility"] == lever["name"]) & (rows["stream"] == lever["detail"])]
        share = float(rows.loc[rows["municipality"] == lever["municipality"], "share"].max())
        left = share * (1.0 - one.slack / asked) if asked > 0 else share
        amount = max(amount, one.slack * TONNES)
        if left < kept:
            kept, bound = left, share
    return {"amount": amount, "unit": "t/year", "before": bound, "after": max(kept - MARGIN, 0.0)}


def _of_quantity(levers: Levers, kind: str, lever: pd.Series, mine: pd.DataFrame) -> dict[str, Any]:
    case, name = levers.form.case, str(lever["name"])
    scale = INDICATORS_BY_NAME[name].scale if kind == "limit" else TONNES
    amount = float(mine.groupby("year")["slack"].sum().max()) * scale * (1.0 + MARGIN)
    if kind == "limit":
        rows = mine["row"].to_numpy(dtype=np.int64)
        least = lever["detail"] == "min"
        before = float((levers.arrays.row_lower if least else levers.arrays.row_upper)[rows].max()) * scale
        one = INDICATORS_BY_NAME[name]
        return {
            "amount": amount,
            "unit": (one.unit if lever["since"] else one.horizon_unit).replace("DKK", case.currency),
            "before": before,
            "after": before - amount if least else before + amount,
        }
    if kind == "content":
        before = _value(case, "content_requirements", "requirement", name, "share")
        lower = amount / _value(case, "content_requirements", "requirement", name, "demand")
        return {"amount": amount, "unit": "t/year", "before": before, "after": max(before - lower, 0.0)}
    table, key, column, sign = {
        "capacity": ("facilities", "facility", "capacity", 1.0),
        "market": ("markets", "market", "capacity", 1.0),
        "least_load": ("facilities", "facility", "minimum_load", -1.0),
    }.get(kind, ("", "", "", 1.0))
    before = _value(case, table, key, name, column) if table else float("nan")
    return {"amount": amount, "unit": "t/year", "before": before, "after": before + sign * amount}


def _value(case: Case, table: str, key: str, name: str, column: str) -> float:
    rows = case[table]
    found = rows.loc[rows[key] == name, column]
    return float(found.iloc[0]) if len(found) else float("nan")


def _text(case: Case, row: dict[str, Any], language: str) -> str:
    return fragment(case, row, language, "asks_" if row["kind"] in OUTLETS else "")


def fragment(case: Case, row: dict[str, Any], language: str, prefix: str) -> str:
    """Return a repair in words, or with the prefix ``asks_`` the requirement that would give way."""
    says, kind = Says(case, language), str(row["kind"])
    values: dict[str, Any] = {name: row.get(name) for name in ("year", "until", "row")}
    amount = float(row.get("amount") or 0.0)
    place = says.place(str(row["municipality"]))
    if kind == "target":
        values |= _target_words(says, row, language)
        if not prefix and row["year"] != row["until"]:
            return says("target_years", **values)
    elif kind in {"capacity", "least_load"}:
        facilities = case["facilities"].set_index("facility")["technology"]
        values |= {
            "name": says.name("facilities", str(row["name"])),
            "technology": says.name("technologies", str(facilities.get(row["name"], ""))),
            "before": number(float(row.get("before", float("nan"))), language),
        }
        known = math.isfinite(float(row.get("before", float("nan"))))
        values["size"] = says("size", before=values["before"]) if known else ""
    elif kind == "market":
        values |= {
            "name": says.name("markets", str(row["name"])),
            "output": says.name("outputs", str(row["detail"])),
            "before": number(float(row.get("before", float("nan"))), language),
        }
    elif kind == "limit":
        values |= {
            "indicator": says(str(row["name"])),
            "place": place,
            "unit": says.unit(str(row["name"]), whole=not row.get("since")),
            "before": number(float(row["before"]), language),
            "after": enough(float(row.get("after", 0.0) or 0.0), language),
            "since": row.get("since", ""),
        }
    elif kind == "contract":
        values |= {
            "name": says.name("facilities", str(row["name"])),
            "stream": says.name("streams", str(row["detail"])),
            "municipality": says.name("municipalities", str(row["municipality"])),
            "before": percent(float(row.get("before", float("nan"))), language) if "before" in row else "",
            "after": percent(float(row["after"]), language, down=True) if "after" in row else "",
        }
    elif kind == "content":
        values |= {
            "name": says.name("content_requirements", str(row["name"])),
            "market": says.name("markets", str(row["detail"])),
            "before": percent(float(row.get("before", float("nan"))), language),
            "after": percent(float(row["after"]), language, down=True) if "after" in row else "",
        }
    elif kind == "pin":
        table = "schemes" if str(row["detail"]).startswith("scheme") else "facilities"
        values["what"] = says(str(row["detail"]), name=says.name(table, str(row["name"])), place=place)
    elif kind == "min_years":
        before = number(float(row.get("before", float("nan"))), language)
        values |= {"name": says.name("schemes", str(row["name"])), "before": before}
    elif kind == "outlet":
        values["stream"] = says.name("streams", str(row["name"]))
    elif kind == "pool":
        values["output"] = says.name("outputs", str(row["name"]))
    if kind != "target":
        values["amount"] = enough(amount, language)
    if kind == "limit":
        least, whole = row["detail"] == "min", not row.get("since")
        kind = f"limit{'_min' if least else ''}{'_whole' if whole else ''}"
    return says(prefix + kind, **values)


def _target_words(says: Says, row: dict[str, Any], language: str) -> dict[str, Any]:
    goal = float(row["before"])
    return {
        "scope": says.scope(str(row["name"]), str(row["municipality"])),
        "method": row["detail"],
        "worst": row.get("worst", row["year"]),
        "before": percent(goal, language),
        "goal": percent(goal, language),
        "after": percent(float(row.get("after", 0.0) or 0.0), language, down=True),
        "amount": percent(float(row.get("amount", 0.0) or 0.0), language, up=True).removesuffix(" %"),
    }
