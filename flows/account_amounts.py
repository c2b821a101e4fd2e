"""Amounts and capture of a case's account in every draw.

What was reconciled with reported figures varies as the fit leaves it (:mod:`flows.account_posterior`); the rest by the
ranges and statuses of its own rows (:mod:`flows.account_inputs`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from flows.account_inputs import Inputs, Part, codes, positions
from flows.account_posterior import Moves, Posterior
from flows.amounts import KEY, SOURCE, generation
from flows.capture import NEGLIGIBLE, logit
from flows.case import Case
from flows.distributions import Floats, closed
from flows.paths import Flags, Integers

_SET = [*SOURCE, "scheme", "fraction"]


@dataclass(frozen=True)
class Amounts:
    """Primary waste by source and fraction (``index``): sums of parts, each a total times an allocation and a share.

    A part points at a factor of each: totals first by row of the sheet, then by unknown of the fit; weights by
    row of the keys; shares by row of the compositions, then by entry of the fit; the last of each is one.
    """

    index: pd.DataFrame
    totals: Part
    weights: Part
    weight_sets: Integers
    shares: Part
    share_sets: Integers
    share_totals: Floats
    part: Floats
    total: Integers
    weight: Integers
    share: Integers
    owner: Integers

    def drawn(self, normals: Floats, moves: Moves | None) -> Floats:
        """Return amounts [t/year], shape (rows of ``index``, draws)."""
        one = np.ones((1, normals.shape[1]))
        totals = self.totals.drawn(normals) / self.totals.value[:, None]
        weights = self.weights.drawn(normals)
        if len(weights):
            sums = np.zeros((int(self.weight_sets.max()) + 1, weights.shape[1]))
            np.add.at(sums, self.weight_sets, weights)
            before = np.bincount(self.weight_sets, weights=self.weights.value)
            given = np.where(self.weights.value > 0, self.weights.value, 1.0)
            weights = weights / given[:, None] * (before[:, None] / sums)[self.weight_sets]
        shares = self.shares.drawn(normals)
        if len(shares):
            none = np.zeros(len(shares), dtype=bool)
            shares = closed(shares, self.share_sets, none, ~self.shares.varies, self.share_totals)
            shares = shares / np.where(self.shares.value > 0, self.shares.value, 1.0)[:, None]
        fitted = [] if moves is None else [moves.totals]
        mixed = [] if moves is None else [moves.mixes]
        parts = self.part[:, None] * np.vstack([totals, *fitted])[self.total]
        parts = parts * np.vstack([weights, one])[self.weight] * np.vstack([shares, *mixed, one])[self.share]
        summed = np.zeros((len(self.index), normals.shape[1]))
        np.add.at(summed, self.owner, parts)
        return summed


def find_amounts(given: Case, case: Case, inputs: Inputs, year: int, posterior: Posterior | None) -> Amounts:
    """Return the amounts of a year with what they are made of.

    ``given`` is the case as the user gave it, ``case`` the reconciled one whose amounts are central. Between
    accounted years and after the last the amounts of the nearest year stand behind those of the year.
    """
    index = generation(case, [year])[[*KEY, "amount"]]
    keys = given["allocation_keys"].sort_values("key", kind="stable", ignore_index=True)
    mixes = given["compositions"].sort_values("composition", kind="stable", ignore_index=True)
    sheet = given["generation"].reset_index(drop=True)
    fitted = pd.DataFrame(columns=[*KEY, "row", "total", "entry", "amount"]) if posterior is None else posterior.parts()
    fitted = fitted.merge(index.reset_index(names="at")[[*KEY, "at"]], on=KEY)
    rest = _own_parts(sheet, keys, mixes, year).merge(index.reset_index(names="at")[[*KEY, "at"]], on=KEY)
    rest = rest[~rest["at"].isin(fitted["at"])].reset_index(drop=True)

    picked = sheet.iloc[np.unique(rest["row"].to_numpy(dtype=np.int64))]
    source = picked["municipality"] + " " + picked["sector"] + " " + picked["segment"] + " " + picked["fraction"]
    totals = inputs.add(
        "generation", picked["sector"], source.str.split().str.join(" ") + ": amount", picked, picked["amount"].to_numpy(dtype=float), "log"
    )  # fmt: skip
    allocated = pd.concat([fitted["row"], rest["row"]]).map(sheet["allocation_key"])
    keys = keys[keys["key"].isin(set(allocated)) & (keys["weight"] > 0)].reset_index(drop=True)
    weights = inputs.add(
        "allocation_keys", keys["key"], keys["key"] + ": " + keys["municipality"], keys, keys["weight"].to_numpy(dtype=float), "log"
    )  # fmt: skip
    used = mixes.loc[np.unique(rest.loc[rest["share_at"] >= 0, "share_at"].to_numpy(dtype=np.int64)), "composition"]
    chosen = mixes[mixes["composition"].isin(set(used))]
    shares = inputs.add(
        "compositions", chosen["composition"], chosen["composition"] + ": " + chosen["fraction"], chosen, chosen["share"].to_numpy(dtype=float), "logit"
    )  # fmt: skip

    entries = len(posterior.seen.unknowns.shares) if posterior is not None else 0
    parts = pd.concat([rest, fitted], ignore_index=True)
    own = np.arange(len(parts)) < len(rest)
    total = np.where(
        own, np.searchsorted(picked.index, parts["row"]), len(picked) + parts["total"].fillna(0).astype(int)
    )
    share = np.append(pd.Index(chosen.index).get_indexer(pd.Index(rest["share_at"])), fitted["entry"].astype(int))
    share = np.where(share < 0, len(chosen) + entries, np.where(own, share, len(chosen) + share))
    named = pd.DataFrame({"key": parts["row"].map(sheet["allocation_key"]), "municipality": parts["municipality"]})
    weight = positions(named, keys, ["key", "municipality"])
    weight = np.where((named["key"] == "").to_numpy() | (weight < 0), len(keys), weight)
    owner = parts["at"].to_numpy(dtype=np.int64)
    amount = parts["amount"].to_numpy(dtype=float)
    central = np.bincount(owner, weights=amount, minlength=len(index))
    exactly = index["amount"].to_numpy(dtype=float) / np.where(central > 0, central, 1.0)
    return Amounts(
        index=index[KEY],
        totals=totals,
        weights=weights,
        weight_sets=codes(keys, ["key"]),
        shares=shares,
        share_sets=codes(chosen, ["composition"]),
        share_totals=chosen.groupby("composition", sort=False)["share"].sum().to_numpy(dtype=float),
        part=amount * exactly[owner],
        total=np.asarray(total, dtype=np.int64),
        weight=np.asarray(weight, dtype=np.int64),
        share=np.asarray(share, dtype=np.int64),
        owner=owner,
    )


def _own_parts(sheet: pd.DataFrame, keys: pd.DataFrame, mixes: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the parts of amounts as the sheets give them: KEY, row, share_at (-1: none), amount, of the nearest year."""
    rows = sheet[[*KEY, "year", "amount", "allocation_key", "composition"]].assign(row=np.arange(len(sheet)))
    part = keys.assign(weight=keys["weight"] / keys.groupby("key")["weight"].transform("sum"))
    wide = rows[rows["allocation_key"] != ""].drop(columns="municipality")
    wide = wide.merge(part[["key", "municipality", "weight"]], left_on="allocation_key", right_on="key")
    wide["amount"] *= wide["weight"]
    rows = pd.concat([rows[rows["allocation_key"] == ""], wide[rows.columns]], ignore_index=True)
    long = rows[rows["composition"] != ""].drop(columns="fraction")
    long = long.merge(
        mixes.reset_index(names="share_at")[["composition", "fraction", "share", "share_at"]], on="composition"
    )
    long["amount"] *= long["share"]
    rows = pd.concat([rows[rows["composition"] == ""].assign(share_at=-1), long], ignore_index=True)
    far = (rows["year"] - year).abs() + np.where(rows["year"] > year, 0.5, 0.0)
    rows = rows[(far == far.groupby([rows[name] for name in KEY]).transform("min")) & (rows["amount"] > 0)]
    return rows[[*KEY, "row", "share_at", "amount"]].reset_index(drop=True)


@dataclass(frozen=True)
class Captures:
    """Capture of every running scheme by source, fraction and stream.

    ``index``: municipality, sector, segment, scheme, fraction, stream, share, row by row of ``part``; ``sets``
    (ascending) are the streams of one source, scheme and fraction. ``fitted``: sets whose captured part the fit
    moves, ``places`` the unknowns (sets, 3) that do; the last unknown, zero, stands for none.
    """

    index: pd.DataFrame
    part: Part
    sets: Integers
    rest: Flags
    captured: Flags
    fitted: Flags
    places: Integers

    def drawn(self, normals: Floats, moves: Moves | None) -> Floats:
        """Return shares (rows, draws), closing in every set.

        In sets that the fit moves the rows' own spread only shifts shares between streams on the same side.
        """
        count = len(self.fitted)
        shares = closed(self.part.drawn(normals), self.sets, self.rest, ~self.part.varies, np.ones(count))
        if moves is None or not self.fitted.any():
            return shares
        central = self.part.value
        before = np.bincount(self.sets, weights=central * self.captured, minlength=count)[:, None]
        taken = np.zeros((count, shares.shape[1]))
        np.add.at(taken, self.sets[self.captured], shares[self.captured])
        padded = np.vstack([moves.unknowns, np.zeros((1, shares.shape[1]))])
        shift = padded[self.places].sum(axis=1)
        movable = (before > NEGLIGIBLE) & (before < 1 - NEGLIGIBLE)
        goal = np.where(movable, expit(logit(before) + shift), before)
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.where(taken > 0, goal / taken, 1.0)
            down = np.where(taken < 1, (1.0 - goal) / (1.0 - taken), 1.0)
        moves_set = self.fitted[:, None] & (shift != 0.0) | (self.fitted[:, None] & (taken != before))
        up, down = np.where(moves_set, up, 1.0), np.where(moves_set, down, 1.0)
        return np.asarray(shares * np.where(self.captured[:, None], up[self.sets], down[self.sets]))


def find_captures(case: Case, inputs: Inputs, captured: pd.DataFrame, posterior: Posterior | None) -> Captures:
    """Return the capture of sources under schemes; ``captured`` as from :func:`flows.capture.shifted_capture`."""
    rows = captured.sort_values([*_SET, "stream"], ignore_index=True)
    sheet = case["capture"].reset_index(drop=True)
    at_sheet = positions(rows, sheet, ["scheme", "fraction", "stream"])
    used = np.unique(at_sheet)
    rest_sheet = sheet["share"].isna().to_numpy()
    free = used[~rest_sheet[used]]
    picked = sheet.iloc[free]
    label = picked["scheme"] + ": " + picked["fraction"] + " > " + picked["stream"]
    part = inputs.add("capture", picked["scheme"], label, picked, picked["share"].to_numpy(dtype=float), "logit")
    position = np.full(len(sheet), -1, dtype=np.int64)
    position[free] = np.arange(len(free))
    sets = codes(rows, _SET)
    first = np.flatnonzero(np.r_[True, np.diff(sets) != 0]) if len(sets) else np.zeros(0, dtype=np.int64)
    set_index = rows.iloc[first][_SET].reset_index(drop=True)
    kinds = case["streams"].drop_duplicates("stream").set_index("stream")["kind"]
    fitted, places = np.zeros(len(set_index), dtype=bool), np.full((len(set_index), 3), -1, dtype=np.int64)
    if posterior is not None:
        known = posterior.capture_places()
        at = positions(set_index, known, _SET)
        names = ["capture", "shift", "local_capture"]
        places = np.where(at[:, None] >= 0, known[names].to_numpy(dtype=np.int64)[at], -1)
        fitted = np.asarray(places.max(axis=1, initial=-1) >= 0)
    return Captures(
        index=rows,
        part=part.at_rows(position[at_sheet], rows["share"].to_numpy(dtype=float)),
        sets=sets,
        rest=rest_sheet[at_sheet],
        captured=(rows["stream"].map(kinds) != "mixed").to_numpy(),
        fitted=fitted,
        places=places,
    )
