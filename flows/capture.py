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
NEGLIGIBLE = 1e-9
RECOVERY = ("recycling", "other_material_recovery")


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
    clipped = np.clip(share, NEGLIGIBLE, 1 - NEGLIGIBLE)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _shifted(share: np.ndarray, shift: float | np.ndarray) -> np.ndarray:
    """Return shares moved by ``shift`` on the logit scale; what it cannot tell from 0 or 1 stays."""
    moved = 1.0 / (1.0 + np.exp(-(_logit(share) + shift)))
    return np.where((share <= NEGLIGIBLE) | (share >= 1 - NEGLIGIBLE), share, moved)


def _moved(total: np.ndarray, target: np.ndarray, captured: np.ndarray) -> np.ndarray:
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
    target = np.where(moves, _shifted(captured, shift), captured)
    rows["share"] = rows["share"].to_numpy() * _moved(captured, target, rows["captured"].to_numpy(dtype=bool))
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


def _counted_streams(case: Case, year: int) -> pd.DataFrame:
    """Return the share of every source's stream, per fraction, that today counts as collected for recycling."""
    from flows.routing import default_routes

    kinds = case["streams"].set_index("stream")["kind"]
    routes = default_routes(case, year).merge(_recovered(case, year), on=["facility", "stream"])
    routes = routes.assign(counted=routes["share"] * routes["part"])
    shares = routes.groupby([*SOURCE, "stream", "fraction"], as_index=False)["counted"].sum()
    reuse = case["streams"][kinds.to_numpy() == "preparing_for_reuse"][["stream"]].assign(counted=1.0)
    every = case.sources().merge(reuse, how="cross").merge(case["fractions"][["fraction"]], how="cross")
    return pd.concat([shares, every], ignore_index=True)


class _Rate:
    """The collected rate of some sources as a function of one shift, on arrays."""

    def __init__(self, part: pd.DataFrame, calibrated: pd.Series) -> None:
        by = [part[name] for name in (*SOURCE, "scheme", "fraction")]
        self.total = (part["share"] * part["captured"]).groupby(by).transform("sum").to_numpy()
        self.moves = part["fraction"].map(calibrated).to_numpy(dtype=bool)
        self.mass = (part["mass"] * part["share"]).to_numpy()
        self.captured = part["captured"].to_numpy(dtype=bool)
        self.counted = part["counted"].to_numpy()
        self.waste = part["waste"].to_numpy(dtype=float)

    def at(self, shift: float) -> float:
        """Return the rate when captures are moved by ``shift``."""
        target = np.where(self.moves, _shifted(self.total, shift), self.total)
        mass = self.mass * _moved(self.total, target, self.captured)
        return float((mass * self.counted).sum() / max((mass * self.waste).sum(), 1e-12))

    def shift_to(self, goal: float) -> float:
        """Return the shift that meets ``goal``, or the bound that comes nearest."""
        if self.at(-SHIFT_BOUND) >= goal:
            return -SHIFT_BOUND
        if self.at(SHIFT_BOUND) <= goal:
            return SHIFT_BOUND
        return float(brentq(lambda shift: self.at(shift) - goal, -SHIFT_BOUND, SHIFT_BOUND, xtol=1e-10))


def calibrate(case: Case, year: int | None = None) -> pd.DataFrame:
    """Return the shift of every source that a reported rate covers in ``year`` (default: account year).

    One row per source; columns municipality, sector, segment, year, reported_rate, modelled_before,
    modelled_after, shift. A measurement without municipality covers the sector everywhere, one without
    segment all segments; the most specific measurement wins. Empty if calibration is switched off.
    """
    year = case.account_year if year is None else year
    rows = case["measurements"]
    rows = rows[
        (rows["measure"] == "rate") & (rows["method"] == "collected") & rows["calibrate"] & (rows["year"] == year)
    ]
    if not case.settings["calibration"] or rows.empty:
        return pd.DataFrame(columns=CALIBRATION_COLUMNS)
    amounts = generation(case, [year])
    in_rate = case["fractions"].set_index("fraction")["in_rate"]
    calibrated = case["fractions"].set_index("fraction")["calibrated"]
    amounts = amounts[amounts["fraction"].map(in_rate).astype(bool)]
    kinds = case["streams"].set_index("stream")["kind"]
    running = current_schemes(case, year).merge(capture(case), on="scheme", suffixes=("_run", ""))
    table = running.merge(amounts, on=[*SOURCE, "fraction"])
    table = table.merge(_counted_streams(case, year), on=[*SOURCE, "stream", "fraction"], how="left").fillna(
        {"counted": 0.0}
    )
    waste = ~table["stream"].map(kinds).isin(["prevented", "direct_reuse", "by_product"])
    table["mass"] = table["amount"] * table["share_run"]
    table["waste"] = waste

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
        rate = _Rate(part, calibrated)
        goal = float(row.value)
        shift = rate.shift_to(goal)
        sources = part[SOURCE].drop_duplicates()
        found.append(
            sources.assign(
                year=year,
                reported_rate=goal,
                modelled_before=rate.at(0.0),
                modelled_after=rate.at(shift),
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
