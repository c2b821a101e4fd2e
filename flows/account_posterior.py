"""The uncertainty that is left in a reconciled case, as draws.

Reconciling a case weighs its assumptions (amounts, compositions, capture) against its reported figures
(:mod:`flows.reconcile_case`). A draw takes the errors of both, each with its standard deviation, and reconciles them
again to first order: the assumptions drawn are moved by the gain of the fit towards the figures drawn. The spread of
such draws is that of the reconciled values, what was measured is as sure as its measurement or surer, and both
assumptions and figures can be ranked by what hangs on them (conditioning of a Gaussian by its errors; Tarantola 2005,
Inverse Problem Theory, section 3.2). What the first order gives for the figures is then met exactly, by further steps
of the unknowns in all draws at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from flows.account_figures import Figures, capture_columns
from flows.account_inputs import Inputs
from flows.amounts import KEY, SOURCE
from flows.capture import shifted
from flows.case_observations import Observations
from flows.case_unknowns import LEAST_STD
from flows.distributions import Z90, Floats
from flows.least_squares import Fit
from flows.paths import Integers

_TABLE = {
    "generation": "generation",
    "composition": "compositions",
    "local_composition": "compositions",
    "capture": "capture",
    "shift": "capture",
    "local_capture": "capture",
}
NEAR = 1e-3
"""Part of the standard deviation of a figure within which a draw meets it."""
MOST_STEPS = 30
SHORTEST = 1e-2
_SET = [*SOURCE, "scheme", "fraction"]


@dataclass(frozen=True)
class Moves:
    """What the unknowns of the fit are in some draws, relative to the reconciled case; (…, draws).

    ``totals``: factor of each row of ``generation`` in the fit; ``mixes``: factor of each entry of a mix;
    ``unknowns``: of all, on the scale of the fit.
    """

    totals: Floats
    mixes: Floats
    unknowns: Floats


class Posterior:
    """The unknowns of a fit, drawn."""

    def __init__(self, seen: Observations, found: Fit, inputs: Inputs) -> None:
        self.seen = seen
        which = seen.unknowns
        self.x = found.value[: which.count]
        self._central = which.entry_shares(self.x)
        entries = np.arange(len(which.shares))
        self._of_mix = sparse.csr_matrix(
            (np.ones(len(entries)), (which.mixes, entries)), shape=(int(which.mixes.max(initial=-1)) + 1, len(entries))
        )
        tables = which.table["kind"].map(_TABLE)
        std = np.where(tables.isin(list(inputs.exact)), 0.0, which.table["std"].to_numpy(dtype=float))
        std = np.where(std > LEAST_STD, std, 0.0)
        used = np.flatnonzero(seen.figures["calibrate"].to_numpy(dtype=bool))
        figures = seen.figures.iloc[used]
        error = np.zeros(len(used)) if "measurements" in inputs.exact else figures["std"].to_numpy(dtype=float)
        scale = np.maximum(np.abs(figures["value"].to_numpy(dtype=float)), LEAST_STD)
        self._scale = scale[:, None]
        self._slope = seen.values(self.x)[1][used] / self._scale
        spread = np.maximum(error / scale, LEAST_STD)
        spanned = self._slope * std
        whole = spanned @ spanned.T
        gain = std[:, None] * np.linalg.solve(whole + np.diag(spread**2), spanned).T
        self._step = std[:, None] * np.linalg.solve(whole + LEAST_STD**2 * np.eye(len(used)), spanned).T
        self._near = NEAR * spread[:, None]
        self._figures = Figures(seen, used, self.x)
        self._mix = np.hstack([np.diag(std) - gain @ spanned, gain * (error / scale)])
        self._at = np.concatenate([self._add_unknowns(inputs, tables, std), _add_figures(inputs, figures, error)])

    def _add_unknowns(self, inputs: Inputs, tables: pd.Series, std: Floats) -> Integers:
        table = self.seen.unknowns.table
        kind = table["kind"].to_numpy()
        given = table["given"].to_numpy(dtype=float)
        source = table["municipality"] + " " + table["sector"] + " " + table["segment"]
        source = source.str.split().str.join(" ")
        mix = table["composition"] + ": " + table["fraction"]
        label = pd.Series(
            np.select(
                [kind == "generation", kind == "composition", kind == "local_composition", kind == "shift"],
                [(source + " " + table["fraction"]).str.strip() + ": amount", mix, mix + ", own of " + source, source + ": capture of all"],
                source + ": capture of " + table["fraction"],
            )
        )  # fmt: skip
        ends = []
        for side in (-Z90, Z90):
            moved = np.where(kind == "capture", shifted(given, side * std), given * np.exp(side * std))
            ends.append(np.where(np.isin(kind, ["shift", "local_capture"]), side * std, moved))
        group = table["composition"].where(tables == "compositions", table["sector"])
        return inputs.list(
            pd.DataFrame(
                {"table": tables, "group": group, "input": label, "status": table["status"], "value": given}
            ).assign(low=ends[0], high=ends[1]),
            std > 0,
        )

    def moves(self, normals: Floats) -> Moves:
        """Return the unknowns in draws, from normal numbers (inputs and a last row of zeros, draws)."""
        drawn = np.asarray(self._mix @ normals[self._at])
        goal = self._relative(np.zeros((len(drawn), 1))) + self._slope @ drawn
        error = goal - self._relative(drawn)
        length = np.ones(drawn.shape[1])
        for _ in range(MOST_STEPS):
            open_draws = (np.abs(error) > self._near).any(axis=0) & (length > SHORTEST)
            if not open_draws.any():
                break
            at = np.flatnonzero(open_draws)
            tried = drawn[:, at] + length[at] * (self._step @ error[:, at])
            left = goal[:, at] - self._relative(tried)
            better = (left**2).sum(axis=0) < (error[:, at] ** 2).sum(axis=0)
            drawn[:, at[better]], error[:, at[better]] = tried[:, better], left[:, better]
            length[at[~better]] /= 2
        return self._factors(drawn)

    def _relative(self, drawn: Floats) -> Floats:
        """Return the figures in draws, in units of their scale."""
        moves = self._factors(drawn)
        return np.asarray(self._figures.values(moves.totals, moves.mixes, moves.unknowns) / self._scale)

    def _factors(self, drawn: Floats) -> Moves:
        """Return what the unknowns do to totals and mixes."""
        which = self.seen.unknowns
        totals = np.exp(drawn[which.starts["generation"]])
        if not len(which.shares):
            return Moves(totals, np.zeros((0, drawn.shape[1])), drawn)
        power = drawn[which.starts["composition"]][which.common]
        own = which.own >= 0
        power[own] += drawn[which.starts["local_composition"]][which.own[own]]
        factor = np.exp(power)
        whole = np.asarray(self._of_mix @ (self._central[:, None] * factor))
        before = np.asarray(self._of_mix @ self._central)
        return Moves(totals, factor * (before[:, None] / np.maximum(whole, 1e-300))[which.mixes], drawn)

    def parts(self) -> pd.DataFrame:
        """Return what amounts are made of: KEY, row of ``generation``, its unknown, entry of a mix (-1: none), amount."""
        rows, which = self.seen.rows, self.seen.unknowns
        table = rows[[*KEY, "row", "amount"]].assign(total=which.places["generation"], entry=which.places["entry"])
        table = table.drop_duplicates([*KEY, "row"]).reset_index(drop=True)
        factor = np.exp(self.x[which.starts["generation"]])[table["total"]]
        if len(which.shares):
            mixed = table["entry"].to_numpy() >= 0
            ratio = np.append(self._central / which.shares, 1.0)
            factor = factor * ratio[np.where(mixed, table["entry"], len(self._central))]
        return table.assign(amount=table["amount"] * factor)

    def capture_places(self) -> pd.DataFrame:
        """Return the unknowns that move the capture of every set (-1: none): SOURCE, scheme, fraction, then three."""
        columns = capture_columns(self.seen.unknowns)
        columns = np.where(columns < self.seen.unknowns.count, columns, -1)
        names = ("capture", "shift", "local_capture")
        table = self.seen.rows[_SET].assign(**{name: columns[:, k] for k, name in enumerate(names)})
        return table.drop_duplicates(_SET).reset_index(drop=True)


def _add_figures(inputs: Inputs, figures: pd.DataFrame, error: Floats) -> Integers:
    """List the reported figures among the inputs."""
    source = figures["municipality"] + " " + figures["sector"] + " " + figures["segment"]
    what = np.where(figures["measure"] == "rate", figures["method"] + " rate", "amount")
    of = (figures["stream"] + " " + figures["fraction"]).str.strip()
    label = source.str.split().str.join(" ") + ": reported " + pd.Series(what, index=figures.index)
    label = label + of.where(of == "", " of " + of)
    value = figures["value"].to_numpy(dtype=float)
    table = pd.DataFrame({"group": figures["sector"], "input": label, "status": figures["status"]}).assign(
        table="measurements", value=value, low=value - Z90 * error, high=value + Z90 * error
    )
    return inputs.list(table, error > 0)
