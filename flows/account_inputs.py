"""The uncertain inputs of a case's account, and their values in every draw.

One row of a sheet is one random variable, shared by all who use it: a composition, a scheme's capture or a
technology's yield errs in every municipality alike. Its central value is the median. ``low`` and ``high`` are read
as the ends of an interval of 90 %; between and beyond them amounts follow a lognormal and shares a logit-normal,
each in two pieces so that a lopsided interval is met exactly (:func:`flows.distributions.around`). A row without
them has the spread of its ``status`` (:data:`DEFAULT_STD`): the standard deviation of the logarithm, which for an
amount is the relative standard deviation and for a share that of the odds. Shares of a set close in every draw.

Amounts, compositions and capture that were reconciled with reported figures have the spread that is left after
that (:mod:`flows.account_posterior`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.case import Case
from flows.case_unknowns import STD
from flows.distributions import Z90, Floats, Scale, around, closed, halfwidths
from flows.paths import Flags, Integers

DEFAULT_STD: Mapping[str, float] = STD
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
        part = Part(value, below, above, np.zeros(len(value), dtype=np.int64), scale)
        ends = around(value, below, above, np.tile([-Z90, Z90], (len(value), 1)), scale)
        listed = pd.DataFrame(
            {"group": group.to_numpy(), "input": label.to_numpy(), "status": rows["status"].to_numpy()}
        )
        listed = listed.assign(table=table, value=value, low=ends[:, 0], high=ends[:, 1])
        return replace(part, at=self.list(listed, (below > 0) | (above > 0)))

    def list(self, rows: pd.DataFrame, varies: Flags) -> Integers:
        """Number the rows that vary on and list them (INPUT_COLUMNS); return the number of each row, -1 for the others."""
        at = np.where(varies, self.size + np.cumsum(varies) - 1, -1).astype(np.int64)
        self.rows.append(rows.loc[np.asarray(varies), INPUT_COLUMNS])
        self.size += int(np.sum(varies))
        return at

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
        drawn = np.repeat(self.value[:, None], normals.shape[1], axis=1)
        rows = np.flatnonzero(self.varies)
        drawn[rows] = around(self.value[rows], self.below[rows], self.above[rows], normals[self.at[rows]], self.scale)
        return drawn

    def at_rows(self, rows: Integers, value: Floats) -> Part:
        """Return the spread of ``rows`` (-1: exact) about other values, inputs shared."""
        inside = (rows >= 0) & (value > 0) & ((value < 1) if self.scale == "logit" else True)
        pick = np.where(inside, rows, len(self.value))
        below, above, at = (
            np.append(one, blank)[pick] for one, blank in ((self.below, 0.0), (self.above, 0.0), (self.at, -1))
        )
        return Part(value, below, above, at, self.scale)


def codes(frame: pd.DataFrame, columns: list[str]) -> Integers:
    """Return the number of the set that every row belongs to, in order of appearance."""
    return np.asarray(frame.groupby(columns, sort=False, dropna=False).ngroup(), dtype=np.int64)


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
    sets = codes(rows, by)
    touched = np.isin(sets, sets[list(used)]) & (np.bincount(sets)[sets] > 1 if len(sets) else False)
    rest = rows["share"].isna().to_numpy()
    label = rows["technology"] + ": " + rows["fraction"].where(rows["fraction"] != "", "*") + " > " + rows["output"]
    label = label.where(rows["input"] == "", label + " (" + rows["input"] + ")")
    free = np.flatnonzero(touched & ~rest)
    added = inputs.add("yields", rows["technology"][free], label[free], rows.iloc[free], value[free], "logit")
    at = np.full(len(rows), -1, dtype=np.int64)
    at[free] = np.arange(len(free))
    order = np.argsort(sets, kind="stable")
    totals = np.bincount(sets, weights=value, minlength=1).astype(np.float64)
    return Yields(added.at_rows(at, value), order, sets[order], rest & (value > 0), totals)


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


def positions(frame: pd.DataFrame, index: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    """Return the row of ``index`` that every row of ``frame`` names, -1 where there is none."""
    return np.asarray(
        pd.Index(pd.MultiIndex.from_frame(index[columns])).get_indexer(pd.MultiIndex.from_frame(frame[columns])),
        dtype=np.int64,
    )
