"""What a user could give way on: the requirements of a case, each with the rows of the model that say it.

A target, the capacity of a facility, the capacity of a market, a limit, a contract, a least load, a recycled content,
the least years of a scheme and a pinned decision are levers: one number (or one yes) of the workbook each. Bounds of
columns that say such a thing are turned into rows, so that everything that can give way is a row. The rest
(balances, lawful schemes, years in which things can be built) is what there is, and cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.rates import in_scope
from flows.routing import runs_within
from models.formulation_facilities import steps_in_time
from models.formulation_parts import Formulation
from models.formulation_targets import HORIZON
from models.highs import Arrays
from models.supply import allowed_schemes

Array = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

QUANTITIES = ("target", "capacity", "market", "limit", "contract", "least_load", "content")
"""Kinds of lever that are a number of the workbook."""
DECISIONS = ("pin", "min_years")
"""Kinds of lever that hold or do not."""
OUTLETS = ("outlet", "pool")
"""Streams and outputs with no place to go at all: no requirement, but what is left where nothing else gives way."""
KINDS = (*QUANTITIES, *DECISIONS)
LEVER_COLUMNS = ["kind", "name", "detail", "municipality", "sheet", "row", "since", "whole"]


@dataclass(frozen=True)
class Levers:
    """The model with everything that can give way as rows.

    ``arrays`` is the model with bounds as further rows. ``table`` has a row per lever: kind, name (id of what
    it is about), detail, municipality, sheet, row (of the sheet, counted from 1; 0 if unknown), since (first
    year of a limit), whole (holds or does not). ``rows``: lever (position in ``table``), row (of the model),
    sign (1: its lower side gives way, -1: its upper), year, scale (what one unit of the lever gives the row).
    """

    form: Formulation
    arrays: Arrays
    table: pd.DataFrame
    rows: pd.DataFrame

    def only(self, kinds: Iterable[str]) -> Integers:
        """Return the positions of levers of some kinds."""
        return np.flatnonzero(self.table["kind"].isin(list(kinds)).to_numpy()).astype(np.int64)

    def released(self, levers: Iterable[int]) -> Arrays:
        """Return the model in which some levers ask for nothing."""
        mine = self.rows[self.rows["lever"].isin(list(levers))]
        lower, upper = self.arrays.row_lower.copy(), self.arrays.row_upper.copy()
        sign = mine["sign"].to_numpy()
        row = mine["row"].to_numpy(dtype=np.int64)
        lower[row[sign > 0]] = -np.inf
        upper[row[sign < 0]] = np.inf
        return replace(self.arrays, row_lower=lower, row_upper=upper)


def family_rows(form: Formulation) -> dict[str, int]:
    """Return the first row of every family of the model."""
    found, start = {}, 0
    for family in form.linear.families.values():
        found[family.name] = start
        start += len(family.keys)
    return found


def appended(arrays: Arrays, row: Integers, col: Integers, coef: Array, lower: Array, upper: Array) -> Arrays:
    """Return the model with further rows lower <= sum(coef * column) <= upper; ``row`` counts from zero, ascending."""
    ends = int(arrays.start[-1]) + np.cumsum(np.bincount(row, minlength=len(lower)))
    return replace(
        arrays,
        row_lower=np.concatenate([arrays.row_lower, lower]),
        row_upper=np.concatenate([arrays.row_upper, upper]),
        start=np.concatenate([arrays.start, ends]).astype(np.int32),
        index=np.concatenate([arrays.index, col]).astype(np.int32),
        value=np.concatenate([arrays.value, coef]),
    )


def levers(form: Formulation, arrays: Arrays) -> Levers:
    """Return the levers of a case in its model; ``arrays`` are those of ``form``."""
    found = [*_rows_of_families(form)]
    bounds = [*_markets(form), *_pins(form)]
    arrays = _fed_only_if_open(form, _without_pins(form, arrays))
    extra = len(arrays.row_lower)
    if bounds:
        columns = np.concatenate([part["col"].to_numpy(dtype=np.int64) for part in bounds])
        low = np.concatenate([part["low"].to_numpy(dtype=float) for part in bounds])
        high = np.concatenate([part["high"].to_numpy(dtype=float) for part in bounds])
        upper = arrays.upper.copy()
        freed = np.concatenate([part["frees"].to_numpy(dtype=bool) for part in bounds])
        upper[columns[freed]] = np.inf
        one_each = np.arange(len(columns), dtype=np.int64)
        arrays = appended(replace(arrays, upper=upper), one_each, columns, np.ones(len(columns)), low, high)
        for part in bounds:
            found.append(part.assign(row=np.arange(extra, extra + len(part))))
            extra += len(part)
    keys = LEVER_COLUMNS[:4]
    if not found:
        return Levers(form, arrays, pd.DataFrame(columns=LEVER_COLUMNS), pd.DataFrame(columns=["lever"]))
    table = pd.concat(
        [part.rename(columns={"row": "row_of_model", "sheet_row": "row"}) for part in found], ignore_index=True
    )
    order = table["kind"].map({kind: place for place, kind in enumerate((*KINDS, *OUTLETS))})
    table = table.assign(order=order).sort_values(["order", *keys[1:], "row", "since", "year"], kind="stable")
    own = [*keys, "row", "since"]
    number = table.groupby(own, sort=False, dropna=False).ngroup()
    rows = table.assign(lever=number)[["lever", "row_of_model", "sign", "year", "scale"]]
    distinct = table.drop_duplicates(own)[LEVER_COLUMNS].reset_index(drop=True)
    return Levers(form, arrays, distinct, rows.rename(columns={"row_of_model": "row"}).reset_index(drop=True))


def _lever(keys: pd.DataFrame, kind: str, **values: Any) -> pd.DataFrame:
    """Return rows of levers; what is not given is blank."""
    usual = {"name": "", "detail": "", "municipality": "", "sheet": "", "sheet_row": 0, "since": 0, "whole": False}
    return keys.assign(kind=kind, **{"scale": 1.0, **usual, **values})


def _rows_of_families(form: Formulation) -> Iterator[pd.DataFrame]:
    starts, families = family_rows(form), form.linear.families

    def rows(name: str, year: str) -> pd.DataFrame:
        keys = families[name].keys if name in families else pd.DataFrame(columns=[year])
        # A key may be called like a column of levers.
        named = pd.DataFrame(
            {"year": keys[year].astype(np.int64), "row": np.arange(len(keys)) + starts.get(name, 0)},
            index=keys.index,
        )
        return named.assign(**{f"key_{column}": keys[column] for column in keys.columns})

    targets = rows("target", "year")
    if len(targets):
        scale = _waste_in_scope(form, targets)
        yield _lever(
            targets,
            "target",
            name=targets["key_scope"],
            detail=targets["key_method"],
            municipality=targets["key_municipality"],
            sheet="targets",
            sign=1,
            scale=scale,
        )
    room = rows("capacity", "slice")
    if len(room):
        yield _lever(room, "capacity", name=room["key_facility"], sheet="facilities", sign=-1)
    least = rows("least_load", "slice")
    if len(least):
        yield _lever(least, "least_load", name=least["key_facility"], sheet="facilities", sign=1)
    limits = rows("limit", "year")
    if len(limits):
        listed = form.case["limits"].reset_index(drop=True)
        active = listed[listed["active"]]
        since, number = [], []
        for row in limits.itertuples(index=False):
            mine = active
            for name in ("indicator", "municipality", "technology", "sense"):
                mine = mine[mine[name] == getattr(row, f"key_{name}")]
            whole = row.year == HORIZON
            mine = mine[mine["year"].isna()] if whole else mine[mine["year"] <= row.year].sort_values("year")
            since.append(HORIZON if whole else int(mine["year"].iloc[-1]))
            number.append(int(mine.index[-1]) + 1)
        limits = limits.assign(since_=since, number=number)
        for sense, sign in (("max", -1), ("min", 1)):
            part = limits[limits["key_sense"] == sense]
            if len(part):
                yield _lever(
                    part.drop(columns=["since_", "number"]),
                    "limit",
                    name=part["key_indicator"],
                    detail="" if sense == "max" else sense,
                    municipality=part["key_municipality"],
                    sheet="limits",
                    sheet_row=part["number"],
                    since=part["since_"],
                    sign=sign,
                )
    bound = rows("contract", "slice")
    if len(bound):
        yield _lever(
            bound,
            "contract",
            name=bound["key_facility"],
            detail=bound["key_stream"],
            municipality=bound["key_municipality"],
            sheet="contracts",
            sheet_row=[_contract_row(form, row) for row in bound.itertuples(index=False)],
            sign=1,
        )
    required = rows("content", "year")
    if len(required):
        markets = form.case["content_requirements"].set_index("requirement")["market"]
        names = required["key_requirement"]
        yield _lever(required, "content", name=names, detail=names.map(markets), sheet="content_requirements", sign=1)
    # A market that purchasing widens has its capacity in a row of its own.
    widened = rows("widened", "slice")
    if len(widened):
        outputs = form.case["markets"].set_index("market")["output"]
        names = widened["key_market"]
        yield _lever(widened, "market", name=names, detail=names.map(outputs), sheet="markets", sign=-1)
    stays = rows("stays", "period")
    if len(stays):
        yield _lever(stays, "min_years", name=stays["key_scheme"], sheet="schemes", sign=1, whole=True)
    held = rows("pinned_open", "period")
    if len(held):
        yield _open_pins(form, held)
    # What cannot go anywhere at all: the least that must be left lying.
    lying = rows("supply", "slice")
    if len(lying):
        yield _lever(lying, "outlet", name=lying["key_stream"], sheet="accepts", sign=1)
    pool = rows("sold", "slice")
    if len(pool):
        yield _lever(pool, "pool", name=pool["key_output"], sheet="markets", sign=1)


def _waste_in_scope(form: Formulation, targets: pd.DataFrame) -> Array:
    """Return kt of waste that each target is about: what a whole point more of the rate takes, about."""
    masses = form.supply.years.groupby([*SOURCE, "scheme", "fraction", "year"], as_index=False)["kt"].sum()
    masses = masses.groupby([*SOURCE, "fraction", "year"], as_index=False)["kt"].max()
    scale = []
    for row in targets.itertuples(index=False):
        part = masses[masses["year"] == row.year]
        if row.key_municipality:
            part = part[part["municipality"] == row.key_municipality]
        scale.append(float(part.loc[in_scope(form.case, row.key_scope, part), "kt"].sum()) or 1.0)
    return np.array(scale)


def _contract_row(form: Formulation, key: Any) -> int:
    """Return the row of the contracts sheet that binds most specifically."""
    rows = form.case["contracts"].reset_index(drop=True)
    fits = (rows["facility"] == key.key_facility) & (rows["stream"] == key.key_stream)
    fits &= rows["municipality"].isin(["", key.key_municipality])
    fits &= ~(rows["from"] > key.year) & ~(rows["until"] < key.year)
    if key.key_group:
        fits &= rows["sector"].isin(["", key.key_group])
    mine = rows[fits]
    if mine.empty:
        return 0
    specific = (mine["municipality"] != "").astype(int) * 2 + (mine["sector"] != "").astype(int)
    return int(specific.idxmax()) + 1


def _markets(form: Formulation) -> Iterator[pd.DataFrame]:
    """Capacities of markets: upper bounds of what they take."""
    block = form.block("z")
    table = block.table().assign(high=block.upper)
    table = table[np.isfinite(table["high"].to_numpy())]
    if len(table):
        plain = pd.DataFrame({"col": table["col"], "year": table["slice"], "high": table["high"]})
        yield _lever(
            plain.assign(low=-np.inf, frees=True),
            "market",
            name=table["market"],
            detail=table["output"],
            sheet="markets",
            sign=-1,
        )


def _without_pins(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the model in which pinned schemes and facilities are as free as they would be without the pins."""
    if form.case["pinned"].empty:
        return arrays
    free = form.case.with_table("pinned", form.case["pinned"].iloc[:0])
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    keys = [*SOURCE, "scheme", "period"]
    for name, loose, on in (
        ("x", allowed_schemes(free, form.time), keys),
        ("on", steps_in_time(free, form.time), ["facility", "size", "period"]),
    ):
        block = form.block(name)
        found = block.keys[on].merge(loose[[*on, "lower", "upper"]], on=on, how="left")
        lower[block.start : block.start + block.size] = found["lower"].to_numpy()
        upper[block.start : block.start + block.size] = found["upper"].to_numpy()
    return replace(arrays, lower=lower, upper=upper)


def _fed_only_if_open(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the model in which a closed facility is fed by no other, also where its capacity gives way."""
    if "h" not in form.linear.blocks or form.block("h").keys.empty:
        return arrays
    h = form.block("h").table().rename(columns={"to": "facility"})
    on = form.block("on").table().merge(form.slices[["slice", "period"]], on="period")
    key = ["facility", "slice"]
    rows = h[key].drop_duplicates().merge(on[key].drop_duplicates(), on=key).reset_index(drop=True)
    rows = rows.assign(row=np.arange(len(rows)))
    total = form.supply.commodities.groupby("slice")["kt"].sum()
    entries = pd.concat(
        [
            h.merge(rows, on=key).assign(coef=1.0)[["row", "col", "coef"]],
            on.merge(rows, on=key).assign(coef=lambda t: -t["slice"].map(total))[["row", "col", "coef"]],
        ]
    ).sort_values(["row", "col"])
    row, col = (entries[name].to_numpy(dtype=np.int64) for name in ("row", "col"))
    return appended(arrays, row, col, entries["coef"].to_numpy(), np.full(len(rows), -np.inf), np.zeros(len(rows)))


def _pins(form: Formulation) -> Iterator[pd.DataFrame]:
    """Pinned schemes, and facilities pinned closed: a row per pin of the sheet and column that it fixes."""
    case, time = form.case, form.time
    rows = case["pinned"].reset_index(drop=True)
    x, on = form.block("x").table(), form.block("on").table()
    for number, row in enumerate(rows.itertuples(index=False), start=1):
        # A facility that is pinned open has a row of its own; what stands there must also stay as it is.
        table = x if row.scheme else on[on["size"] == "existing"] if row.run else on
        wanted = [
            period
            for period in time.periods
            if ((row.facility and row.run) or period not in time.frozen)
            and bool(runs_within(rows.iloc[[number - 1]], period, time.last_year(period)).iloc[0])
        ]
        fits = table["period"].isin(wanted)
        for name in ("scheme", "municipality", "sector", "segment") if row.scheme else ("facility",):
            value = getattr(row, name)
            fits &= (table[name] == value) | (value == "")
        mine = table[fits]
        if mine.empty:
            continue
        plain = pd.DataFrame({"col": mine["col"], "year": mine["period"]})
        low, high = (1.0, np.inf) if row.run else (-np.inf, 0.0)
        yield _lever(
            plain.assign(low=low, high=high, frees=False),
            "pin",
            name=row.scheme or row.facility,
            detail=("scheme" if row.scheme else "facility") + (" runs" if row.run else " stops"),
            municipality=row.municipality if row.scheme else "",
            sheet="pinned",
            sheet_row=number,
            sign=1 if row.run else -1,
            whole=True,
        )


def _open_pins(form: Formulation, held: pd.DataFrame) -> pd.DataFrame:
    """Facilities that are pinned open: the row of the model belongs to the first pin that says so."""
    rows = form.case["pinned"].reset_index(drop=True)
    rows = rows[(rows["facility"] != "") & rows["run"]]
    number = []
    for row in held.itertuples(index=False):
        mine = rows[(rows["facility"] == row.key_facility)]
        mine = mine[runs_within(mine, row.year, form.time.last_year(row.year))]
        number.append(int(mine.index[0]) + 1 if len(mine) else 0)
    return _lever(
        held,
        "pin",
        name=held["key_facility"],
        detail="facility runs",
        sheet="pinned",
        sheet_row=number,
        sign=1,
        whole=True,
    )
