"""Capture: the share of each fraction that goes into each stream of a scheme, and what runs today.

Capture moves on the logit scale. How far it moves in a municipality is found by
:mod:`flows.reconcile_case`; the same shift applies to every scheme there, so that changing scheme never
gains by an artefact.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from flows.remember import of_case

NEGLIGIBLE = 1e-9
RECOVERY = ("recycling", "other_material_recovery")


@of_case
def capture(case: Case) -> pd.DataFrame:
    """Return shares of every scheme: scheme, fraction, stream, share, captured.

    A blank share is what the others leave. ``captured`` says whether the stream is out of the mixed
    waste (any kind but ``mixed``). Rows are sorted; shares of zero are left out.
    """
    rows = case["capture"][["scheme", "fraction", "stream", "share"]].copy()
    given = rows.groupby(["scheme", "fraction"])["share"].transform("sum")
    rows["share"] = rows["share"].fillna((1.0 - given).clip(lower=0.0))
    kinds = case["streams"].set_index("stream")["kind"]
    rows["captured"] = rows["stream"].map(kinds) != "mixed"
    rows = rows[rows["share"] > 0]
    return rows.sort_values(["scheme", "fraction", "stream"], ignore_index=True)


@of_case
def current_schemes(case: Case, year: int) -> pd.DataFrame:
    """Return what runs in ``year`` without a plan: municipality, sector, segment, scheme, share.

    The latest row whose ``from`` is not after the year wins; a row that names the municipality wins
    over one for all.
    """
    rows = case["current_schemes"]
    rows = rows[rows["from"].isna() | (rows["from"] <= year)]
    sources = case.sources()
    specific = sources.merge(rows, on=SOURCE)
    general = sources.merge(rows[rows["municipality"] == ""].drop(columns="municipality"), on=["sector", "segment"])
    merged = pd.concat([specific.assign(rank=1), general.assign(rank=0)], ignore_index=True)
    merged["since"] = merged["from"].fillna(-1)
    merged["best"] = merged["rank"] * 10_000 + merged["since"]
    merged = merged[merged["best"] == merged.groupby(SOURCE)["best"].transform("max")]
    return merged[[*SOURCE, "scheme", "share"]].sort_values([*SOURCE, "scheme"], ignore_index=True)


def logit(share: np.ndarray) -> np.ndarray:
    """Return the logarithm of the odds of shares; 0 and 1 are finite.

    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    clipped = np.clip(share, NEGLIGIBLE, 1 - NEGLIGIBLE)
    return np.asarray(np.log(clipped / (1 - clipped)))


def shifted(share: np.ndarray, shift: float | np.ndarray) -> np.ndarray:
    """Return shares moved by ``shift`` on the logit scale; what it cannot tell from 0 or 1 stays."""
    moved = 1.0 / (1.0 + np.exp(-(logit(share) + shift)))
    return np.where((share <= NEGLIGIBLE) | (share >= 1 - NEGLIGIBLE), share, moved)


def moved(total: np.ndarray, target: np.ndarray, captured: np.ndarray) -> np.ndarray:
    """Return the factor of every share when the captured part of its fraction moves from total to target."""
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(total > 0, target / total, 1.0)
        down = np.where(total < 1, (1.0 - target) / (1.0 - total), 1.0)
    return np.where(captured, up, down)


def _shift_rows(rows: pd.DataFrame, by: list[str], shift: np.ndarray, calibrated: pd.Series) -> pd.DataFrame:
    """Move the captured part of every fraction by its shift; what stays mixed takes the rest."""
    rows = rows.copy()
    captured = (rows["share"] * rows["captured"]).groupby([rows[name] for name in by]).transform("sum").to_numpy()
    moves = rows["fraction"].map(calibrated).to_numpy(dtype=bool)
    target = np.where(moves, shifted(captured, shift), captured)
    rows["share"] = rows["share"].to_numpy() * moved(captured, target, rows["captured"].to_numpy(dtype=bool))
    return rows


def _recovered(case: Case, year: int) -> pd.DataFrame:
    """Return what of a fraction counts where it enters a facility: facility, stream, fraction, part.

    All of a separate stream whose first treatment is recycling or other material recovery. Elsewhere but
    in sorting plants nothing; there the outputs that go on to a treatment of that kind, whole.
    """
    from flows.account import resolved_yields
    from flows.routing import default_outputs, existing

    technology = case["technologies"].set_index("technology")["treatment"]
    streams = case["streams"].set_index("stream")["kind"]
    facilities = existing(case, year)[["facility", "technology"]]
    taken = facilities.merge(case["accepts"].rename(columns={"input": "stream"}), on="technology")
    taken["treatment"], taken["kind"] = taken["technology"].map(technology), taken["stream"].map(streams)
    whole = taken["treatment"].isin(RECOVERY) & (taken["kind"] == "separate")
    every = taken[whole].merge(case["fractions"][["fraction"]], how="cross").assign(part=1.0)
    sorting = taken[(taken["treatment"] == "sorting") & taken["kind"].notna()]
    leaving = sorting.merge(resolved_yields(case).rename(columns={"input": "stream"}), on=["technology", "stream"])
    leaving = leaving.merge(default_outputs(case, year), on=["facility", "output"], suffixes=("", "_to"))
    ends = dict(zip(case["markets"]["market"], case["markets"]["treatment"], strict=True))
    ends |= dict(zip(facilities["facility"], facilities["technology"].map(technology), strict=True))
    leaving = leaving[leaving["to"].map(ends).isin([*RECOVERY, "preparing_for_reuse"])]
    leaving["part"] = leaving["share"] * leaving["share_to"]
    parts = pd.concat([every, leaving], ignore_index=True)
    return parts.groupby(["facility", "stream", "fraction"], as_index=False)["part"].sum()


def counted_streams(case: Case, year: int) -> pd.DataFrame:
    """Return the share of every source's stream, per fraction, that today counts as collected for recycling."""
    from flows.routing import default_routes

    kinds = case["streams"].set_index("stream")["kind"]
    routes = default_routes(case, year).merge(_recovered(case, year), on=["facility", "stream"])
    routes = routes.assign(counted=routes["share"] * routes["part"])
    shares = routes.groupby([*SOURCE, "stream", "fraction"], as_index=False)["counted"].sum()
    reuse = case["streams"][kinds.to_numpy() == "preparing_for_reuse"][["stream"]].assign(counted=1.0)
    every = case.sources().merge(reuse, how="cross").merge(case["fractions"][["fraction"]], how="cross")
    return pd.concat([shares, every], ignore_index=True)


def shifted_capture(case: Case, calibration: pd.DataFrame) -> pd.DataFrame:
    """Return the capture of every source under every scheme it could run, with its shift.

    Columns municipality, sector, segment, scheme, fraction, stream, share; shares of a fraction add
    up to one per source and scheme.
    """
    schemes = case["schemes"][["scheme", "sector", "segment"]]
    rows = case.sources().merge(schemes, on=["sector", "segment"]).merge(capture(case), on="scheme")
    shift = np.zeros(len(rows))
    own = calibration["fraction"] != ""
    for found, keys in ((calibration[~own], SOURCE), (calibration[own], [*SOURCE, "fraction"])):
        matched = rows[keys].merge(found[[*keys, "shift"]], on=keys, how="left")["shift"]
        shift += pd.to_numeric(matched, errors="coerce").fillna(0.0).to_numpy()
    calibrated = case["fractions"].set_index("fraction")["calibrated"]
    moved = _shift_rows(rows, [*SOURCE, "scheme", "fraction"], shift, calibrated)
    moved = moved[[*SOURCE, "scheme", "fraction", "stream", "share"]]
    return moved.sort_values([*SOURCE, "scheme", "fraction", "stream"], ignore_index=True)
