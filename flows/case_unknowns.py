"""The unknowns of a case's reconciliation: what its assumptions may be wrong by, and how sure they are.

Amounts err relatively, one unknown per row of the sheet ``generation``; shares of a composition likewise,
one per fraction; capture errs on the logit scale, one unknown per sector, segment and fraction that every
municipality shares and one shift per municipality (or whatever a reported rate covers). Where streams or
fractions of one municipality were reported, its own composition and capture per fraction may differ too.
The same error of capture holds for every scheme, so that changing scheme never gains by an artefact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.amounts import KEY, SOURCE
from flows.capture import logit
from flows.case import Case

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = ("generation", "composition", "local_composition", "capture", "shift", "local_capture")
GROUP = ["sector", "segment", "fraction"]
STD = {"reported": 0.02, "derived": 0.10, "assumed": 0.25}
"""Relative standard deviation of an amount or share where none is given, by what the figure is worth."""
LOGIT_STD = {"reported": 0.10, "derived": 0.20, "assumed": 0.40}
"""Standard deviation of capture on the logit scale where no range is given."""
RANGE = 2 * 1.6449
"""A range from low to high is taken for the middle 90 % of a normal distribution: so many standard deviations."""
SHIFT_BOUND = 4.0
"""Farther than this no shift moves capture: odds of 1 to 55."""
LEAST_STD = 1e-6
COLUMNS = [
    "kind",
    *SOURCE,
    "fraction",
    "composition",
    "row",
    "cover",
    "status",
    "given",
    "std",
    "lower",
    "upper",
]


@dataclass(frozen=True)
class Unknowns:
    """The unknowns in their order, what is known of them beforehand, and which of them every row depends on.

    ``table``: what each is (COLUMNS); ``std``, ``lower`` and ``upper`` are on the scale of the fit
    (logarithm or logit; zero is the figure as given), ``given`` in t/year or as a share. ``places`` holds for every kind the
    unknown of each row of what runs today, -1 for none; compositions go by ``entry``, a fraction in one
    mix, whose ``mix`` and share as given are ``mixes`` and ``shares``, and whose unknowns ``common`` and ``own``.
    """

    table: pd.DataFrame
    starts: dict[str, slice]
    places: dict[str, Integers]
    mixes: Integers
    shares: Floats
    common: Integers
    own: Integers
    entries: pd.DataFrame
    cover_of: list[int]
    covers: Integers

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.table)

    def entry_shares(self, x: Floats) -> Floats:
        """Return the share of every entry of a mix; those of a mix add up to what they did."""
        power = x[self.starts["composition"]][self.common] if len(self.common) else np.zeros(0)
        known = self.own >= 0
        power[known] += x[self.starts["local_composition"]][self.own[known]]
        raw = self.shares * np.exp(power)
        return np.asarray(raw * self.sums(self.shares) / np.maximum(self.sums(raw), 1e-300))

    def sums(self, values: Floats) -> Floats:
        """Return for every entry the sum of values over its mix."""
        return np.asarray(np.bincount(self.mixes, weights=values, minlength=1)[self.mixes]) if len(values) else values


def unknowns(case: Case, rows: pd.DataFrame, figures: pd.DataFrame) -> Unknowns:
    """Return the unknowns of what runs today (``rows``) that reported ``figures`` can move."""
    cover, covered, cover_of = _covers(rows, figures)
    local = _local_covers(rows, figures, cover)
    moves = rows["moves"].to_numpy(dtype=bool)
    places: dict[str, Integers] = {}
    amounts, places["generation"] = _generation(case, rows)
    mixes = _mixes(case, rows, local[np.maximum(cover, 0)] & (cover >= 0))
    places["entry"] = mixes.places
    groups, codes = distinct(rows.loc[moves, GROUP])
    places["capture"] = filled(moves, codes)
    places["shift"] = np.where(moves, cover, -1)
    own = moves & (cover >= 0) & local[np.maximum(cover, 0)]
    pairs, codes = distinct(rows.assign(cover=cover).loc[own, ["cover", "fraction"]])
    places["local_capture"] = filled(own, codes)
    spread = max(float(case.settings["capture_spread"]), LEAST_STD)
    bounded = {"status": "assumed", "given": 0.0, "std": spread, "lower": -SHIFT_BOUND, "upper": SHIFT_BOUND}
    pairs = pairs.join(covered, on="cover")
    parts = dict(
        zip(
            KINDS,
            (
                amounts,
                mixes.common,
                mixes.own,
                _capture(case, rows[moves], groups),
                covered.assign(**bounded),
                pairs.assign(**bounded),
            ),
            strict=True,
        )
    )
    starts, begin = {}, 0
    for kind, part in parts.items():
        starts[kind] = slice(begin, begin + len(part))
        begin += len(part)
    table = pd.concat([part.assign(kind=kind) for kind, part in parts.items() if len(part)], ignore_index=True)
    table = table.reindex(columns=COLUMNS)
    texts = ["kind", *SOURCE, "fraction", "composition", "status"]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), "")
    return Unknowns(
        table, starts, places, mixes.mixes, mixes.shares, mixes.common_of, mixes.own_of, mixes.entries, cover_of, cover
    )


def covers(table: pd.DataFrame, row: pd.Series) -> NDArray[np.bool_]:
    """Return which rows of a table of sources a reported figure covers; a blank key covers all."""
    inside = np.ones(len(table), dtype=bool)
    for key in SOURCE:
        if row[key]:
            inside &= (table[key] == row[key]).to_numpy()
    return inside


def _covers(rows: pd.DataFrame, figures: pd.DataFrame) -> tuple[Integers, pd.DataFrame, list[int]]:
    """Return the shift of each row (-1 for none), what each shift covers, and the figure that it is of.

    There is one per most specific rate that is used; a source that no rate covers but an amount of a
    stream does is shifted as that covers it.
    """
    place = np.full(len(rows), -1, dtype=np.int64)
    found: list[dict[str, str]] = []
    of: list[int] = []
    used = figures[figures["calibrate"] & ((figures["measure"] == "rate") | (figures["stream"] != ""))]
    rank = (used["measure"] == "rate") * 4 + (used["municipality"] != "") * 2 + (used["segment"] != "") * 1
    for position in rank.sort_values(ascending=False, kind="stable").index:
        inside = covers(rows, used.loc[position]) & (place < 0)
        if inside.any():
            place[inside] = len(found)
            found.append({key: str(used.loc[position, key]) for key in SOURCE})
            of.append(int(position))
    return place, pd.DataFrame(found, columns=SOURCE), of


def _local_covers(rows: pd.DataFrame, figures: pd.DataFrame, cover: Integers) -> NDArray[np.bool_]:
    """Return which covers have streams or fractions of one municipality reported."""
    local = np.zeros(max(int(cover.max(initial=-1)) + 1, 1), dtype=bool)
    told = figures["calibrate"] & (figures["municipality"] != "") & (figures["measure"] == "amount")
    for _, figure in figures[told & ((figures["stream"] != "") | (figures["fraction"] != ""))].iterrows():
        inside = cover[covers(rows, figure)]
        local[np.unique(inside[inside >= 0])] = True
    return local


def _generation(case: Case, rows: pd.DataFrame) -> tuple[pd.DataFrame, Integers]:
    """Return the unknowns of amounts, and the one of each row."""
    given = case["generation"]
    used, place = distinct(rows[["row"]])
    found = given.iloc[used["row"]]
    ranged = (found["high"] - found["low"]) / RANGE / found["amount"]
    std = ranged.fillna(found["status"].map(STD)).to_numpy(dtype=float)
    tonnes = rows.drop_duplicates([*KEY, "row"]).groupby("row")["amount"].sum().reindex(used["row"]).to_numpy()
    named = {key: found[key].to_numpy() for key in [*KEY, "composition", "status"]}
    bounds = {"lower": -np.inf, "upper": np.inf}
    return used.assign(**named, given=tonnes, std=np.maximum(std, LEAST_STD), **bounds), place


@dataclass(frozen=True)
class _Mixes:
    """Compositions as they are used: one mix for all, and one for each generation row with local figures."""

    common: pd.DataFrame
    own: pd.DataFrame
    entries: pd.DataFrame
    mixes: Integers
    shares: Floats
    common_of: Integers
    own_of: Integers
    places: Integers


def _mixes(case: Case, rows: pd.DataFrame, local: NDArray[np.bool_]) -> _Mixes:
    """Return the mixes of what runs today; ``local`` says which rows have one of their own."""
    listed = case["compositions"]
    listed = listed[listed["composition"].isin(set(rows["composition"])) & (listed["share"] > 0)]
    several = listed.groupby("composition")["fraction"].transform("size") > 1
    listed = listed[several.to_numpy()].reset_index(drop=True)
    low, high = (np.log((listed[name] / listed["share"]).clip(lower=1e-3)) for name in ("low", "high"))
    named = listed[["composition", "fraction", "status"]].assign(given=listed["share"])
    common = ranged(named, listed, low, high, STD)
    used = rows.assign(mix=np.where(local, rows["row"], -1))[["composition", "mix", "municipality"]]
    used.loc[used["mix"] < 0, "municipality"] = ""
    pairs = used[used["composition"].isin(set(listed["composition"]))].drop_duplicates()
    entries = pairs.merge(listed[["composition", "fraction", "share", "status"]].assign(common=np.arange(len(listed))))
    entries = entries.sort_values(["composition", "mix", "common"], ignore_index=True)
    index = pd.MultiIndex.from_frame(entries[["composition", "mix", "fraction"]])
    wanted = rows.assign(mix=np.where(local, rows["row"], -1))[["composition", "mix", "fraction"]]
    mine = (entries["mix"] >= 0).to_numpy()
    given = case["generation"]
    own = entries[mine].rename(columns={"mix": "row", "share": "given"})
    spread = max(float(case.settings["composition_spread"]), LEAST_STD)
    own = own.assign(
        sector=given["sector"].to_numpy()[own["row"]],
        segment=given["segment"].to_numpy()[own["row"]],
        std=spread,
        lower=-np.inf,
        upper=np.inf,
    )
    return _Mixes(
        common,
        own.drop(columns="common").reset_index(drop=True),
        entries,
        np.asarray(entries.groupby(["composition", "mix"], sort=False).ngroup(), dtype=np.int64),
        entries["share"].to_numpy(dtype=float),
        entries["common"].to_numpy(dtype=np.int64),
        filled(mine, np.arange(mine.sum())),
        np.asarray(index.get_indexer(pd.MultiIndex.from_frame(wanted)), dtype=np.int64),
    )


def distinct(frame: pd.DataFrame) -> tuple[pd.DataFrame, Integers]:
    """Return the distinct rows of a frame in order, and the one of each row."""
    rows = frame.drop_duplicates().sort_values(list(frame.columns), ignore_index=True)
    return rows, np.asarray(pd.MultiIndex.from_frame(rows).get_indexer(pd.MultiIndex.from_frame(frame)), dtype=np.int64)


def filled(mask: NDArray[np.bool_], codes: Integers) -> Integers:
    """Return codes where the mask holds, -1 elsewhere."""
    result = np.full(len(mask), -1, dtype=np.int64)
    result[mask] = codes
    return result


def ranged(
    table: pd.DataFrame, given: pd.DataFrame, low: pd.Series, high: pd.Series, usual: dict[str, float]
) -> pd.DataFrame:
    """Return unknowns with the standard deviation and bounds that a range from low to high (both around 0) gives."""
    known = low.notna() & high.notna() & (high > low)
    width = high.where(known, 0.0) - low.where(known, 0.0)
    std = (width / RANGE).where(known, given["status"].map(usual).astype(float))
    return table.assign(
        std=np.maximum(std.to_numpy(dtype=float), LEAST_STD),
        lower=np.minimum(low.where(known, -np.inf).to_numpy(dtype=float), 0.0),
        upper=np.maximum(high.where(known, np.inf).to_numpy(dtype=float), 0.0),
    )


def _capture(case: Case, rows: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return the unknown of each sector, segment and fraction, with the range of the scheme that weighs most."""
    kinds = case["streams"].set_index("stream")["kind"]
    given = case["capture"][(case["capture"]["stream"].map(kinds) != "mixed").to_numpy()].copy()
    for name in ("low", "high"):
        given[name] = given[name].fillna(given["share"])
    worst = pd.Categorical(given["status"], ["reported", "derived", "assumed"], ordered=True)
    by_scheme = given.assign(rank=worst.codes).groupby(["scheme", "fraction"], as_index=False)
    totals = by_scheme.agg({"share": "sum", "low": "sum", "high": "sum", "rank": "max"})
    weight = rows.groupby([*GROUP, "scheme"], as_index=False)["base"].sum()
    main = weight.sort_values(["base", "scheme"], ascending=[False, True]).drop_duplicates(GROUP)
    found = groups.merge(main, on=GROUP, how="left").merge(totals, on=["scheme", "fraction"], how="left")
    centre = logit(found["share"].to_numpy(dtype=float))
    low, high = (
        pd.Series(logit(found[name].clip(1e-4, 1 - 1e-4).to_numpy(dtype=float)) - centre) for name in ("low", "high")
    )
    status = found["rank"].map({0: "reported", 1: "derived", 2: "assumed"}).fillna("assumed")
    today = rows.assign(part=rows["base"] * rows["captured"]).groupby(GROUP, as_index=False)[["part", "base"]].sum()
    part = groups.merge(today, on=GROUP)
    named = groups.assign(status=status, given=(part["part"] / part["base"]).to_numpy())
    return ranged(named, found.assign(status=status), low, high, LOGIT_STD)
