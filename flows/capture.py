"""Capture: the share of each fraction that goes into each stream of a scheme, and its calibration.

Calibration fits today's capture to reported rates by one shift on the logit scale per municipality and
segment; the same shift applies to every scheme there, so that changing scheme never gains by an artefact.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from flows.amounts import SOURCE, generation
from flows.case import Case

CALIBRATION_COLUMNS = [*SOURCE, "year", "reported_rate", "modelled_before", "modelled_after", "shift"]
SHIFT_BOUND = 4.0


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


def _logit(share: np.ndarray) -> np.ndarray:
    clipped = np.clip(share, 1e-9, 1 - 1e-9)
    return np.log(clipped / (1 - clipped))


def _shifted(share: np.ndarray, shift: float | np.ndarray) -> np.ndarray:
    """Return shares moved by ``shift`` on the logit scale; 0 and 1 stay."""
    moved = 1.0 / (1.0 + np.exp(-(_logit(share) + shift)))
    return np.where((share <= 0) | (share >= 1), share, moved)


def _shift_rows(rows: pd.DataFrame, by: list[str], shift: np.ndarray, calibrated: pd.Series) -> pd.DataFrame:
    """Move the captured part of every fraction by its shift; what stays mixed takes the rest."""
    rows = rows.copy()
    captured = (rows["share"] * rows["captured"]).groupby([rows[name] for name in by]).transform("sum").to_numpy()
    moves = rows["fraction"].map(calibrated).to_numpy(dtype=bool)
    target = np.where(moves, _shifted(captured, shift), captured)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(captured > 0, target / captured, 1.0)
        down = np.where(captured < 1, (1.0 - target) / (1.0 - captured), 1.0)
    rows["share"] = rows["share"].to_numpy() * np.where(rows["captured"], up, down)
    return rows


def _counted_streams(case: Case, year: int) -> pd.DataFrame:
    """Return the share of every source's stream that today counts as collected for recycling."""
    from flows.routing import default_routes

    treatments = case["technologies"].set_index("technology")["treatment"]
    technology = case["facilities"].set_index("facility")["technology"]
    routes = default_routes(case, year)
    counted = routes["facility"].map(technology).map(treatments).isin(["recycling", "other_material_recovery"])
    kinds = case["streams"].set_index("stream")["kind"]
    separate = routes["stream"].map(kinds) == "separate"
    routes = routes.assign(counted=routes["share"] * (counted & separate))
    shares = routes.groupby([*SOURCE, "stream"], as_index=False)["counted"].sum()
    reuse = [stream for stream, kind in kinds.items() if kind == "preparing_for_reuse"]
    sources = case.sources()
    prepared = [sources.assign(stream=stream, counted=1.0) for stream in reuse]
    return pd.concat([shares, *prepared], ignore_index=True)


def calibrate(case: Case, year: int | None = None) -> pd.DataFrame:
    """Return the shift of every source that a reported rate covers in ``year`` (default: account year).

    One row per source; columns municipality, sector, segment, year, reported_rate, modelled_before,
    modelled_after, shift. A measurement without municipality covers the sector everywhere, one without
    segment all segments; the most specific measurement wins. Empty if calibration is switched off.
    """
    year = case.account_year if year is None else year
    rows = case["measurements"]
    rows = rows[(rows["measure"] == "rate") & (rows["method"] == "collected") & rows["calibrate"] & (rows["year"] == year)]
    if not case.settings["calibration"] or rows.empty:
        return pd.DataFrame(columns=CALIBRATION_COLUMNS)
    amounts = generation(case, [year])
    in_rate = case["fractions"].set_index("fraction")["in_rate"]
    calibrated = case["fractions"].set_index("fraction")["calibrated"]
    amounts = amounts[amounts["fraction"].map(in_rate).astype(bool)]
    kinds = case["streams"].set_index("stream")["kind"]
    running = current_schemes(case, year).merge(capture(case), on="scheme", suffixes=("_run", ""))
    table = running.merge(amounts, on=[*SOURCE, "fraction"])
    table = table.merge(_counted_streams(case, year), on=[*SOURCE, "stream"], how="left").fillna({"counted": 0.0})
    waste = ~table["stream"].map(kinds).isin(["prevented", "direct_reuse", "by_product"])
    table["mass"] = table["amount"] * table["share_run"]
    table["waste"] = waste

    def rate(part: pd.DataFrame, shift: float) -> float:
        moved = _shift_rows(part, [*SOURCE, "scheme", "fraction"], np.full(len(part), shift), calibrated)
        mass = moved["mass"] * moved["share"]
        return float((mass * moved["counted"]).sum() / max((mass * moved["waste"]).sum(), 1e-12))

    rows = rows.assign(rank=(rows["municipality"] != "") * 2 + (rows["segment"] != "") * 1)
    taken = pd.Series(False, index=table.index)
    found: list[pd.DataFrame] = []
    for row in rows.sort_values("rank", ascending=False, kind="stable").itertuples(index=False):
        covers = (table["sector"] == row.sector) & ~taken
        covers &= (table["municipality"] == row.municipality) | (row.municipality == "")
        covers &= (table["segment"] == row.segment) | (row.segment == "")
        part = table[covers]
        if part.empty:
            continue
        taken |= covers
        before, goal = rate(part, 0.0), float(row.value)
        low, high = rate(part, -SHIFT_BOUND) - goal, rate(part, SHIFT_BOUND) - goal
        if low >= 0 or high <= 0:
            shift = -SHIFT_BOUND if low >= 0 else SHIFT_BOUND
        else:
            shift = float(brentq(lambda s: rate(part, s) - goal, -SHIFT_BOUND, SHIFT_BOUND, xtol=1e-10))
        sources = part[SOURCE].drop_duplicates()
        found.append(
            sources.assign(
                year=year,
                reported_rate=goal,
                modelled_before=before,
                modelled_after=rate(part, shift),
                shift=shift,
            )
        )
    if not found:
        return pd.DataFrame(columns=CALIBRATION_COLUMNS)
    return pd.concat(found).sort_values(SOURCE, ignore_index=True)[CALIBRATION_COLUMNS]


def shifted_capture(case: Case, calibration: pd.DataFrame) -> pd.DataFrame:
    """Return the capture of every source under every scheme it could run, with its shift.

    Columns municipality, sector, segment, scheme, fraction, stream, share; shares of a fraction add
    up to one per source and scheme.
    """
    schemes = case["schemes"][["scheme", "sector", "segment"]]
    rows = case.sources().merge(schemes, on=["sector", "segment"]).merge(capture(case), on="scheme")
    shifts = rows[SOURCE].merge(calibration[[*SOURCE, "shift"]], on=SOURCE, how="left")["shift"]
    calibrated = case["fractions"].set_index("fraction")["calibrated"]
    shift = pd.to_numeric(shifts, errors="coerce").fillna(0.0).to_numpy()
    moved = _shift_rows(rows, [*SOURCE, "scheme", "fraction"], shift, calibrated)
    moved = moved[[*SOURCE, "scheme", "fraction", "stream", "share"]]
    return moved.sort_values([*SOURCE, "scheme", "fraction", "stream"], ignore_index=True)
