"""Reported figures of a case as functions of the unknowns of its reconciliation, in many draws at once."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

from flows.amounts import SOURCE
from flows.capture import NEGLIGIBLE, logit
from flows.case_observations import Observations
from flows.case_unknowns import Unknowns
from flows.distributions import Floats
from flows.paths import Integers

_GROUP = [*SOURCE, "scheme", "fraction", "row"]


def capture_columns(which: Unknowns) -> Integers:
    """Return the three unknowns that move the capture of each row (rows, 3); the number of unknowns stands for none."""
    names = ("capture", "shift", "local_capture")
    columns = [
        np.where(which.places[name] >= 0, which.places[name] + which.starts[name].start, which.count) for name in names
    ]
    return np.column_stack(columns).astype(np.int64)


class Figures:
    """The figures in use, about the reconciled case; rows of one source, scheme, fraction and total are taken as one."""

    def __init__(self, seen: Observations, used: Integers, x: Floats) -> None:
        which, rows = seen.unknowns, seen.rows
        group = rows.groupby(_GROUP, sort=False).ngroup().to_numpy()
        _, first = np.unique(group, return_index=True)
        shares = np.append(which.entry_shares(x) / np.where(which.shares > 0, which.shares, 1.0), 1.0)
        entry = np.where(which.places["entry"] >= 0, which.places["entry"], len(which.shares))
        base = rows["base"].to_numpy(dtype=float) * np.exp(x[which.starts["generation"]])[which.places["generation"]]
        base = base * shares[entry]
        total = rows["total"].to_numpy(dtype=float)
        captured = rows["captured"].to_numpy(dtype=bool)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(captured & (total > 0), base / total, 0.0)
            outside = np.where(~captured & (total < 1), base / (1.0 - total), 0.0)
        onto = sparse.csr_matrix((np.ones(len(rows)), (np.arange(len(rows)), group)))
        self._parts = [
            sparse.csr_matrix(weights[used].multiply(part) @ onto)
            for weights in (seen.above, seen.below)
            for part in (inside, outside)
        ]
        self._rate = (seen.figures["measure"] == "rate").to_numpy()[used]
        self._total = total[first]
        self._movable = (self._total > NEGLIGIBLE) & (self._total < 1 - NEGLIGIBLE)
        self._columns = capture_columns(which)[first]
        self._start = logit(self._total) + np.append(x, 0.0)[self._columns].sum(axis=1)
        self._row = which.places["generation"][first]
        self._entry = entry[first]

    def values(self, totals: Floats, mixes: Floats, unknowns: Floats) -> Floats:
        """Return the figures (figures, draws): factors of totals and of entries, and all unknowns, less the fit's."""
        draws = unknowns.shape[1]
        padded = np.vstack([unknowns, np.zeros((1, draws))])
        shift = padded[self._columns[:, 0]] + padded[self._columns[:, 1]] + padded[self._columns[:, 2]]
        taken = np.where(self._movable[:, None], expit(self._start[:, None] + shift), self._total[:, None])
        factor = totals[self._row] * np.vstack([mixes, np.ones((1, draws))])[self._entry]
        taken *= factor
        left = factor - taken
        above = self._parts[0] @ taken + self._parts[1] @ left
        below = self._parts[2] @ taken + self._parts[3] @ left
        rate = self._rate[:, None]
        return np.asarray(np.where(rate, above / np.where(rate, np.maximum(below, 1e-12), 1.0), above))
