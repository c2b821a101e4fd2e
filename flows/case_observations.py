"""What a case's reported figures say of its assumptions: rates and amounts as functions of a few unknowns.

Values and derivatives are computed on arrays over what runs today; :mod:`flows.case_unknowns` says what
the unknowns are and :mod:`flows.reconcile_case` fits them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from flows.amounts import KEY, SOURCE, generation, spread_rows
from flows.capture import capture, counted_streams, current_schemes, moved, shifted
from flows.case import Case
from flows.case_unknowns import KINDS, STD, Floats, Integers, Unknowns, covers, unknowns
from flows.tables import NEVER_WASTE

RATE_STD = {"reported": 0.02, "derived": 0.03, "assumed": 0.06}
"""Standard deviation of a rate where none is given, by what the figure is worth."""


def observed(case: Case, year: int) -> pd.DataFrame:
    """Return the reported figures of a year that an account can be reconciled with, with their ``std``.

    Rows of the sheet ``measurements`` in its order. A blank standard deviation is filled in by the status
    of the figure. Rates of other methods than ``collected`` are left out.
    """
    rows = case["measurements"]
    rows = rows[(rows["year"] == year) & ((rows["measure"] != "rate") | (rows["method"] == "collected"))].copy()
    # A column without rows would stay one of text.
    of_rate, of_amount = (rows["status"].map(usual).astype(float) for usual in (RATE_STD, STD))
    rows["std"] = rows["std"].fillna(of_rate.where(rows["measure"] == "rate", of_amount * rows["value"]))
    return rows.reset_index(drop=True)


@dataclass(frozen=True)
class Observations:
    """Reported figures as functions of the unknowns.

    ``rows`` is what runs today, one row per source, fraction, scheme, stream and row of ``generation``;
    ``figures`` are the reported figures that cover any of it. A rate is what counts (``above``) over all
    waste (``below``), an amount is ``above`` alone; both are weights (figures x rows).
    """

    rows: pd.DataFrame
    figures: pd.DataFrame
    unknowns: Unknowns
    above: sparse.csr_matrix
    below: sparse.csr_matrix

    def values(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the figures at ``x`` (figures,) and their derivatives (figures, unknowns)."""
        shares, mass, slope = self._mass(x)
        rate = (self.figures["measure"] == "rate").to_numpy()
        above, below = self.above @ mass, self.below @ mass
        bottom = np.where(rate, np.maximum(below, 1e-12), 1.0)
        value = above / bottom
        up, down = (self._derivatives(one, shares, mass, slope) for one in (self.above, self.below))
        return value, (up - np.where(rate, value, 0.0)[:, None] * down) / bottom[:, None]

    def _mass(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return shares of entries, the mass of every row, and its derivative by the logit shift."""
        starts, places = self.unknowns.starts, self.unknowns.places
        shares = self.unknowns.entry_shares(x)
        factor = np.exp(x[starts["generation"]])[places["generation"]]
        mixed = places["entry"] >= 0
        factor[mixed] *= (shares / self.unknowns.shares)[places["entry"][mixed]]
        z = np.zeros(len(self.rows))
        for name in ("capture", "shift", "local_capture"):
            known = places[name] >= 0
            z[known] += x[starts[name]][places[name][known]]
        total = self.rows["total"].to_numpy(dtype=float)
        captured = self.rows["captured"].to_numpy(dtype=bool)
        target = shifted(total, z)
        base = self.rows["base"].to_numpy(dtype=float) * factor
        mass = base * moved(total, target, captured)
        with np.errstate(divide="ignore", invalid="ignore"):
            steep = np.where(captured, np.where(total > 0, 1 / total, 0.0), np.where(total < 1, -1 / (1 - total), 0.0))
        return shares, mass, base * steep * target * (1 - target)

    def _derivatives(self, weights: sparse.csr_matrix, shares: Floats, mass: Floats, slope: Floats) -> Floats:
        """Return the derivatives of weighted sums of mass by every unknown."""
        which, places, starts = self.unknowns, self.unknowns.places, self.unknowns.starts
        weighted, steep = weights.multiply(mass).tocsr(), weights.multiply(slope).tocsr()
        entries = _gathered(weighted, places["entry"], len(shares))
        if len(shares):
            # Shares of a mix add up to what they did, so one grows at the cost of the others.
            whole = _gathered(sparse.csr_matrix(entries), which.mixes, int(which.mixes.max()) + 1)
            entries = entries - whole[:, which.mixes] * (shares / which.sums(shares))
        size = {kind: starts[kind].stop - starts[kind].start for kind in KINDS}
        by_entry = sparse.csr_matrix(entries)
        parts = {
            "generation": _gathered(weighted, places["generation"], size["generation"]),
            "composition": _gathered(by_entry, which.common, size["composition"]),
            "local_composition": _gathered(by_entry, which.own, size["local_composition"]),
        }
        for kind in ("capture", "shift", "local_capture"):
            parts[kind] = _gathered(steep, places[kind], size[kind])
        return np.hstack([parts[kind] for kind in KINDS])


def _gathered(matrix: sparse.csr_matrix, place: Integers, count: int) -> Floats:
    """Return the columns of a matrix added up by their place; those without one are left out."""
    known = np.flatnonzero(place >= 0)
    onto = sparse.csr_matrix((np.ones(len(known)), (known, place[known])), shape=(len(place), count))
    return np.asarray((matrix @ onto).toarray())


def observations(case: Case, year: int) -> Observations | None:
    """Return the reported figures of ``year`` as functions of the unknowns; None if there is nothing to fit.

    Only sectors with a figure that is used (``calibrate``) take part.
    """
    figures = observed(case, year)
    if not case.settings["calibration"] or not figures["calibrate"].any():
        return None
    sectors = set(figures.loc[figures["calibrate"], "sector"])
    figures = figures[figures["sector"].isin(sectors)].reset_index(drop=True)
    rows = _running(case, year, sectors)
    if rows.empty:
        return None
    above, below, covered = _weights(case, rows, figures)
    figures, above, below = figures[covered].reset_index(drop=True), above[covered], below[covered]
    if not figures["calibrate"].any():
        return None
    return Observations(rows, figures, unknowns(case, rows, figures), above, below)


def base_year(case: Case, year: int) -> int:
    """Return the year of ``generation`` on which the amounts of ``year`` rest: the last given not after it."""
    given = case["generation"]["year"].astype(int)
    return int(given[given <= year].max()) if (given <= year).any() else int(given.min())


def _running(case: Case, year: int, sectors: set[str]) -> pd.DataFrame:
    """Return what runs in ``year``: sources x fractions x schemes x streams, split by row of ``generation``."""
    given = spread_rows(case)
    given = given[(given["year"] == base_year(case, year)) & given["sector"].isin(sectors) & (given["amount"] > 0)]
    amounts = generation(case, [year]).drop(columns="year").rename(columns={"amount": "grown"})
    given = given.drop(columns="year").merge(amounts, on=KEY)
    # What has grown since the figure was given has grown in every row alike.
    given["amount"] *= given["grown"] / given.groupby(KEY)["amount"].transform("sum")
    shares = capture(case)
    taken = shares["share"] * shares["captured"]
    shares["total"] = taken.groupby([shares["scheme"], shares["fraction"]]).transform("sum")
    running = current_schemes(case, year).merge(shares, on="scheme", suffixes=("_run", ""))
    rows = running.merge(given.drop(columns="grown"), on=KEY)
    rows = rows.merge(counted_streams(case, year), on=[*SOURCE, "stream", "fraction"], how="left")
    rows["counted"] = rows["counted"].fillna(0.0)
    rows["base"] = rows["amount"] * rows["share_run"] * rows["share"]
    flags = case["fractions"].set_index("fraction")
    rows["moves"] = rows["fraction"].map(flags["calibrated"]).astype(bool) & rows["total"].between(1e-9, 1 - 1e-9)
    rows["in_rate"] = rows["fraction"].map(flags["in_rate"]).astype(bool)
    return rows.sort_values([*KEY, "row", "scheme", "stream"], ignore_index=True)


def _weights(
    case: Case, rows: pd.DataFrame, figures: pd.DataFrame
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, NDArray[np.bool_]]:
    """Return what counts above and below the line of each figure (figures x rows), and which cover anything."""
    kinds = case["streams"].set_index("stream")["kind"]
    waste = (~rows["stream"].map(kinds).isin(NEVER_WASTE) & rows["in_rate"]).to_numpy(dtype=float)
    counted = rows["counted"].to_numpy(dtype=float) * rows["in_rate"].to_numpy(dtype=float)
    above, below = [], []
    for _, figure in figures.iterrows():
        inside = covers(rows, figure).astype(float)
        if figure["measure"] == "rate":
            above.append(sparse.csr_matrix(inside * counted))
            below.append(sparse.csr_matrix(inside * waste))
            continue
        if figure["stream"]:
            inside *= (rows["stream"] == figure["stream"]).to_numpy()
        elif not figure["fraction"]:
            inside *= waste
        if figure["fraction"]:
            inside *= (rows["fraction"] == figure["fraction"]).to_numpy()
        above.append(sparse.csr_matrix(inside))
        below.append(sparse.csr_matrix(np.zeros(len(rows))))
    up, down = sparse.vstack(above).tocsr(), sparse.vstack(below).tocsr()
    rate = (figures["measure"] == "rate").to_numpy()
    covered = np.where(rate, down.getnnz(axis=1) > 0, up.getnnz(axis=1) > 0)
    return up, down, np.asarray(covered, dtype=bool)
