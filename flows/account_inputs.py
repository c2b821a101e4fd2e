"""The uncertain inputs of a case's account, and their values in every draw.

One row of a sheet is one random variable, shared by all who use it: a composition, a scheme's capture or a
technology's yield errs in every municipality alike. Its central value is the median. ``low`` and ``high`` are read
as the ends of an interval of 90 %; between and beyond them amounts follow a lognormal and shares a logit-normal,
each in two pieces so that a lopsided interval is met exactly (:func:`flows.distributions.around`). A row without
them has the spread of its ``status`` (:data:`DEFAULT_STD`): the standard deviation of the logarithm, which for an
amount is the relative standard deviation and for a share that of the odds. Shares of a set close in every draw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.amounts import KEY, SOURCE, generation
from flows.case import Case
from flows.distributions import Floats, Scale, around, closed, halfwidths
from flows.paths import Flags, Integers

DEFAULT_STD: Mapping[str, float] = {"reported": 0.02, "derived": 0.07, "assumed": 0.20}
"""Relative standard deviation of a row without ``low`` and ``high``, by what the figure is worth."""

INPUT_COLUMNS = ["table", "group", "input", "status", "value", "low", "high"]
TABLES_WITH_SPREAD = (
    "generation",
    "allocation_keys",
    "compositions",
    "capture",
    "yields",
    "markets",
    "measurements",
)


@dataclass
class Inputs:
    """The uncertain inputs found so far: one row each, in the order of their normal numbers."""

    default_std: Mapping[str, float] = field(default_factory=lambda: DEFAULT_STD)
    exact: Collection[str] = ()
    rows: list[pd.DataFrame] = field(default_factory=list)
    size: int = 0

    def spread(self, table: str, status: pd.Series) -> Floats:
        """Return the standard deviation of rows by their status; 0 for a table taken as exact."""
        if table in self.exact:
            return np.zeros(len(status))
        known = status.map(self.default_std).fillna(self.default_std["assumed"])
        return np.asarray(known, dtype=np.float64)

    def add(
        self, table: str, group: pd.Series, label: pd.Series, rows: pd.DataFrame, value: Floats, scale: Scale
    ) -> Part:
        """Return values with their spread; those that can vary become inputs, numbered on."""
        default = self.spread(table, rows["status"])
        blank = pd.Series(np.nan, index=rows.index)
        low, high = (rows.get(name, blank).to_numpy(dtype=float) for name in ("low", "high"))
        if table in self.exact:
            low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        below, above = halfwidths(value, low, high, scale)
        below, above = np.where(np.isnan(low), default, below), np.where(np.isnan(high), default, above)
        fixed = ~(value > 0) | ((value >= 1) if scale == "logit" else False)
        below, above = np.where(fixed, 0.0, below), np.where(fixed, 0.0, above)
        varies = (below > 0) | (above > 0)
        at = np.where(varies, self.size + np.cumsum(varies) - 1, -1).astype(np.int64)
        listed = pd.DataFrame(
            {
                "table": table,
                "group": group.to_numpy(),
                "input": label.to_numpy(),
                "status": rows["status"].to_numpy(),
                "value": value,
                "low": low,
                "high": high,
            }
        )
        self.rows.append(listed[varies])
        self.size += int(varies.sum())
        return Part(value, below, above, at, scale)

    def table(self) -> pd.DataFrame:
        """Return all inputs: columns :data:`INPUT_COLUMNS`."""
        if not self.rows:
            return pd.DataFrame(columns=INPUT_COLUMNS)
        return pd.concat(self.rows, ignore_index=True)[INPUT_COLUMNS]


@dataclass(frozen=True)
class Part:
    """Values of some rows with their spread; ``at`` is the number of their input, -1 for what is exact."""

    value: Floats
    below: Floats
    above: Floats
    at: Integers
    scale: Scale

    @property
    def varies(self) -> Flags:
        """Return which rows are uncertain."""
        return np.asarray(self.at >= 0)

    def drawn(self, normals: Floats) -> Floats:
        """Return values (rows, draws) from normal numbers (inputs and a last row of zeros, draws)."""
        return around(self.value, self.below, self.above, normals[self.at], self.scale)

    def at_rows(self, rows: Integers, value: Floats) -> Part:
        """Return the spread of ``rows`` (-1: exact) about other values, inputs shared."""
        inside = (rows >= 0) & (value > 0) & ((value < 1) if self.scale == "logit" else True)
        pick = np.where(inside, rows, len(self.value))
        below, above, at = (
            np.append(one, blank)[pick] for one, blank in ((self.below, 0.0), (self.above, 0.0), (self.at, -1))
        )
        return Part(value, below, above, at, self.scale)


def _codes(frame: pd.DataFrame, columns: list[str]) -> Integers:
    return np.asarray(frame.groupby(columns, sort=False, dropna=False).ngroup(), dtype=np.int64)


@dataclass(frozen=True)
class Amounts:
    """Primary waste by source and fraction: sums of totals times their allocation and composition."""

    index: pd.DataFrame
    totals: Part
    weights: Part
    weight_sets: Integers
    compositions: Part
    composition_sets: Integers
    composition_totals: Floats
    total: Integers
    weight: Integers
    share: Integers
    key: Integers
    scale: Floats

    def drawn(self, normals: Floats) -> Floats:
        """Return amounts [t/year], shape (rows of ``index``, draws)."""
        draws = normals.shape[1]
        one = np.ones((1, draws))
        weights = self.weights.drawn(normals)
        if len(weights):
            begins = np.flatnonzero(np.r_[True, np.diff(self.weight_sets) != 0])
            weights = weights / np.add.reduceat(weights, begins, axis=0)[self.weight_sets]
        shares = self.compositions.drawn(normals)
        none = np.zeros(len(shares), dtype=bool)
        shares = closed(shares, self.composition_sets, none, ~self.compositions.varies, self.composition_totals)
        parts = self.totals.drawn(normals)[self.total]
        parts = parts * np.vstack([weights, one])[self.weight] * np.vstack([shares, one])[self.share]
        summed = np.zeros((len(self.index), draws))
        np.add.at(summed, self.key, parts)
        return np.asarray(summed * self.scale[:, None])


def find_amounts(case: Case, inputs: Inputs, year: int) -> Amounts:
    """Return the amounts of a year with what they are made of.

    Between accounted years and after the last the amounts of the nearest year stand behind those of the year.
    """
    index = generation(case, [year])[[*KEY, "amount"]]
    rows = case["generation"].reset_index(drop=True).reset_index(names="total_at")
    keys = case["allocation_keys"].sort_values("key", kind="stable", ignore_index=True)
    mixes = case["compositions"].sort_values("composition", kind="stable", ignore_index=True)
    wide = rows[rows["allocation_key"] != ""].drop(columns="municipality")
    wide = wide.merge(
        keys.reset_index(names="weight_at")[["key", "municipality", "weight_at"]],
        left_on="allocation_key",
        right_on="key",
    )
    parts = pd.concat([rows[rows["allocation_key"] == ""].assign(weight_at=-1), wide], ignore_index=True)
    long = parts[parts["composition"] != ""].drop(columns="fraction")
    long = long.merge(mixes.reset_index(names="share_at")[["composition", "fraction", "share_at"]], on="composition")
    parts = pd.concat([parts[parts["composition"] == ""].assign(share_at=-1), long], ignore_index=True)
    far = (parts["year"] - year).abs() + np.where(parts["year"] > year, 0.5, 0.0)
    parts = parts[far == far.groupby([parts[name] for name in KEY]).transform("min")]
    parts = parts.merge(index.reset_index(names="at")[[*KEY, "at"]], on=KEY)
    used = _Used(parts)
    total = used.renumber("total_at")
    key_names = keys.loc[used.kept("weight_at"), "key"] if len(keys) else keys["key"]
    chosen_keys = keys[keys["key"].isin(set(key_names))].reset_index(names="old")
    mix_names = mixes.loc[used.kept("share_at"), "composition"] if len(mixes) else mixes["composition"]
    chosen_mixes = mixes[mixes["composition"].isin(set(mix_names))].reset_index(names="old")
    given = rows.loc[used.kept("total_at")].reset_index(drop=True)
    source = (given["municipality"] + " " + given["sector"] + " " + given["segment"]).str.split().str.join(" ")
    label = source + " " + given["fraction"]
    amounts = Amounts(
        index=index[KEY],
        totals=inputs.add(
            "generation", given["sector"], label.str.strip(), given, given["amount"].to_numpy(dtype=float), "log"
        ),
        weights=inputs.add(
            "allocation_keys",
            chosen_keys["key"],
            chosen_keys["key"] + ": " + chosen_keys["municipality"],
            chosen_keys,
            chosen_keys["weight"].to_numpy(dtype=float),
            "log",
        ),
        weight_sets=_codes(chosen_keys, ["key"]),
        compositions=inputs.add(
            "compositions",
            chosen_mixes["composition"],
            chosen_mixes["composition"] + ": " + chosen_mixes["fraction"],
            chosen_mixes,
            chosen_mixes["share"].to_numpy(dtype=float),
            "logit",
        ),
        composition_sets=_codes(chosen_mixes, ["composition"]),
        composition_totals=chosen_mixes.groupby("composition", sort=False)["share"].sum().to_numpy(dtype=float),
        total=total,
        weight=_moved_to(parts["weight_at"], chosen_keys["old"]),
        share=_moved_to(parts["share_at"], chosen_mixes["old"]),
        key=parts["at"].to_numpy(dtype=np.int64),
        scale=np.ones(len(index)),
    )
    central = amounts.drawn(np.zeros((inputs.size + 1, 1)))[:, 0]
    scale = np.where(central > 0, index["amount"].to_numpy(dtype=float) / np.where(central > 0, central, 1.0), 1.0)
    return Amounts(**{**amounts.__dict__, "scale": scale})


class _Used:
    """Which rows of other tables the parts of amounts point at."""

    def __init__(self, parts: pd.DataFrame) -> None:
        self._parts = parts

    def kept(self, name: str) -> list[int]:
        found = np.unique(self._parts[name].to_numpy(dtype=np.int64))
        return [int(one) for one in found if one >= 0]

    def renumber(self, name: str) -> Integers:
        found = np.searchsorted(self.kept(name), self._parts[name].to_numpy(dtype=np.int64))
        return np.asarray(found, dtype=np.int64)


def _moved_to(old: pd.Series, kept: pd.Series) -> Integers:
    """Return new positions of old row numbers; -1 stays."""
    return np.asarray(pd.Index(kept).get_indexer(pd.Index(old)), dtype=np.int64)


@dataclass(frozen=True)
class Yields:
    """Shares of the sheet ``yields``, closing per technology, input and fraction."""

    part: Part
    order: Integers
    sets: Integers
    rest: Flags
    totals: Floats

    def drawn(self, normals: Floats) -> Floats:
        """Return shares (rows of the sheet, draws)."""
        shares = self.part.drawn(normals)
        exact = ~self.part.varies[self.order]
        result = np.empty_like(shares)
        result[self.order] = closed(shares[self.order], self.sets, self.rest[self.order], exact, self.totals)
        return result


def find_yields(case: Case, inputs: Inputs, used: Collection[int]) -> Yields:
    """Return the yields; only rows in ``used`` (positions in the sheet), and those that close with them, vary."""
    rows = case["yields"].reset_index(drop=True)
    by = ["technology", "input", "fraction"]
    left = (1.0 - rows.groupby(by)["share"].transform("sum")).clip(lower=0.0)
    value = rows["share"].fillna(left).to_numpy(dtype=float)
    codes = _codes(rows, by)
    touched = np.isin(codes, codes[list(used)]) & (np.bincount(codes)[codes] > 1 if len(codes) else False)
    rest = rows["share"].isna().to_numpy()
    label = rows["technology"] + ": " + rows["fraction"].where(rows["fraction"] != "", "*") + " > " + rows["output"]
    label = label.where(rows["input"] == "", label + " (" + rows["input"] + ")")
    free = np.flatnonzero(touched & ~rest)
    added = inputs.add("yields", rows["technology"][free], label[free], rows.iloc[free], value[free], "logit")
    at = np.full(len(rows), -1, dtype=np.int64)
    at[free] = np.arange(len(free))
    order = np.argsort(codes, kind="stable")
    totals = np.bincount(codes, weights=value, minlength=1).astype(np.float64)
    return Yields(added.at_rows(at, value), order, codes[order], rest & (value > 0), totals)


def find_losses(case: Case, inputs: Inputs, used: Collection[int]) -> dict[str, Part]:
    """Return the losses of markets (rows of the sheet); only those in ``used`` vary."""
    rows = case["markets"].reset_index(drop=True)
    chosen = np.array(sorted(used), dtype=np.int64)
    at = np.full(len(rows), -1, dtype=np.int64)
    at[chosen] = np.arange(len(chosen))
    picked = rows.iloc[chosen].drop(columns=["low", "high"], errors="ignore")
    parts: dict[str, Part] = {}
    for name in ("loss_before_point", "loss_recycling"):
        label = picked["market"] + ": " + name
        added = inputs.add("markets", picked["market"], label, picked, picked[name].to_numpy(dtype=float), "logit")
        parts[name] = added.at_rows(at, rows[name].to_numpy(dtype=float))
    return parts


@dataclass(frozen=True)
class Captures:
    """Capture of every running scheme by source, fraction and stream, before it is moved to a measured rate.

    ``index``: municipality, sector, segment, scheme, fraction, stream, share, captured, row by row of ``part``;
    ``sets`` (ascending) are the streams of one source, scheme and fraction, ``set_index`` those sets.
    """

    index: pd.DataFrame
    part: Part
    sets: Integers
    set_index: pd.DataFrame
    rest: Flags
    captured: Flags
    moves: Flags

    def drawn(self, normals: Floats) -> Floats:
        """Return shares (rows, draws), closing in every set."""
        shares = self.part.drawn(normals)
        return closed(shares, self.sets, self.rest, ~self.part.varies, np.ones(len(self.set_index)))


def find_captures(case: Case, inputs: Inputs, shifted: pd.DataFrame) -> Captures:
    """Return the capture of sources under schemes; ``shifted`` as from :func:`flows.capture.shifted_capture`."""
    rows = shifted.sort_values([*SOURCE, "scheme", "fraction", "stream"], ignore_index=True)
    sheet = case["capture"].reset_index(drop=True)
    key = ["scheme", "fraction", "stream"]
    at_sheet = pd.Index(pd.MultiIndex.from_frame(sheet[key])).get_indexer(pd.MultiIndex.from_frame(rows[key]))
    used = np.unique(at_sheet)
    rest_sheet = sheet["share"].isna().to_numpy()
    free = used[~rest_sheet[used]]
    picked = sheet.iloc[free]
    label = picked["scheme"] + ": " + picked["fraction"] + " > " + picked["stream"]
    part = inputs.add("capture", picked["scheme"], label, picked, picked["share"].to_numpy(dtype=float), "logit")
    position = np.full(len(sheet), -1, dtype=np.int64)
    position[free] = np.arange(len(free))
    by = [*SOURCE, "scheme", "fraction"]
    sets = _codes(rows, by)
    first = np.flatnonzero(np.r_[True, np.diff(sets) != 0]) if len(sets) else np.zeros(0, dtype=np.int64)
    set_index = rows.iloc[first][by].reset_index(drop=True)
    kinds = case["streams"].drop_duplicates("stream").set_index("stream")["kind"]
    calibrated = case["fractions"].drop_duplicates("fraction").set_index("fraction")["calibrated"]
    return Captures(
        index=rows,
        part=part.at_rows(position[at_sheet], rows["share"].to_numpy(dtype=float)),
        sets=sets,
        set_index=set_index,
        rest=rest_sheet[at_sheet],
        captured=(rows["stream"].map(kinds) != "mixed").to_numpy(),
        moves=set_index["fraction"].map(calibrated).to_numpy(dtype=bool),
    )


@dataclass(frozen=True)
class Measured:
    """Measured collected rates, and which sources each covers (``group`` per source: its rate, -1 for none)."""

    rows: pd.DataFrame
    sources: pd.DataFrame
    group: Integers
    value: Floats
    std: Floats
    at: Integers

    def error(self, normals: Floats) -> Floats:
        """Return the drawn error of every measured rate (rates, draws)."""
        return np.asarray(self.std[:, None] * normals[self.at])


def find_measured(case: Case, inputs: Inputs, calibration: pd.DataFrame, year: int) -> Measured:
    """Return the measured rates that the account is fitted to; the most specific one covers a source."""
    rows = case["measurements"]
    rows = rows[(rows["measure"] == "rate") & (rows["method"] == "collected") & rows["calibrate"]]
    rows = rows[rows["year"] == year]
    sources = calibration[SOURCE].drop_duplicates().reset_index(drop=True)
    rows = rows.assign(rank=(rows["municipality"] != "") * 2 + (rows["segment"] != "") * 1)
    rows = rows.sort_values("rank", ascending=False, kind="stable").reset_index(drop=True)
    group = np.full(len(sources), -1, dtype=np.int64)
    for number, row in enumerate(rows.itertuples(index=False)):
        covers = (sources["sector"] == row.sector) & sources["municipality"].isin(
            [row.municipality] if row.municipality else sources["municipality"].unique()
        )
        covers &= (sources["segment"] == row.segment) | (row.segment == "")
        group = np.where(covers.to_numpy(dtype=bool) & (group < 0), number, group).astype(np.int64)
    used = np.unique(group[group >= 0])
    rows = rows.iloc[used].reset_index(drop=True)
    group = np.where(group >= 0, np.searchsorted(used, group), -1).astype(np.int64)
    value = rows["value"].to_numpy(dtype=float)
    std = np.where(rows["std"].notna(), rows["std"], inputs.spread("measurements", rows["status"]) * value)
    std = np.zeros(len(rows)) if "measurements" in inputs.exact else std
    label = (rows["municipality"] + " " + rows["sector"] + " " + rows["segment"]).str.strip() + ": collected rate"
    at = np.where(std > 0, inputs.size + np.cumsum(std > 0) - 1, -1).astype(np.int64)
    listed = pd.DataFrame({"table": "measurements", "group": rows["sector"], "input": label, "status": rows["status"]})
    listed = listed.assign(value=value, low=np.nan, high=np.nan)
    inputs.rows.append(listed[std > 0])
    inputs.size += int((std > 0).sum())
    return Measured(rows, sources, group, value, np.asarray(std, dtype=np.float64), at)


def positions(frame: pd.DataFrame, index: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    """Return the row of ``index`` that every row of ``frame`` names, -1 where there is none."""
    return np.asarray(
        pd.Index(pd.MultiIndex.from_frame(index[columns])).get_indexer(pd.MultiIndex.from_frame(frame[columns])),
        dtype=np.int64,
    )
