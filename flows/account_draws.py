"""The account of a case in many draws at once.

A tonne counted or treated is amount times capture times route times what a tonne is worth on its way
(``flows.account_ways``). All are arrays over draws; nothing of the account is run again. Rates are sums over
sources of these products, with the scopes and methods of ``flows.rates``.

Amounts and capture that were reconciled with reported figures are drawn as the fit leaves them
(``flows.account_posterior``): what was reported is as sure as its report or surer, and what it says of capture is
passed on to all other results.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from flows.account import Allocation
from flows.account_amounts import find_amounts, find_captures
from flows.account_inputs import Inputs, find_losses, find_yields, positions
from flows.account_posterior import Posterior
from flows.account_ways import Weight, arrivals, find_ways, worth
from flows.amounts import KEY, SOURCE
from flows.case import Case
from flows.distributions import Floats
from flows.methods import METHODS
from flows.rates import in_scope, scopes, waste_of
from flows.reconcile_case import CaseReconciliation
from flows.tables import NEVER_WASTE

_FIRST = [*SOURCE, "scheme", "fraction", "stream"]
_CELL = ["municipality", "sector", "fraction"]


@dataclass(frozen=True)
class Draws:
    """Results of some draws; the last axis runs over draws.

    ``numerators``, ``denominators`` [t/year]: (municipalities, pairs), the region first. ``ended`` [t/year]:
    (municipalities, sectors, treatments), the region and all sectors first. ``throughput`` [t/year]: (facilities).
    """

    numerators: Floats
    denominators: Floats
    ended: Floats
    throughput: Floats


class AccountModel:
    """The account of one year, ready to be drawn.

    ``reconciled`` is the case reconciled with its reported figures, ``given`` the case before that, ``captured`` the
    capture of every source (:func:`flows.capture.shifted_capture`), ``allocation`` where everything goes in the year.
    Attributes: ``pairs`` (scope, method), ``municipalities``, ``sectors``, ``treatments``, ``facilities`` (names along
    the axes of results), ``inputs``.
    """

    def __init__(
        self,
        given: Case,
        reconciled: CaseReconciliation,
        captured: pd.DataFrame,
        allocation: Allocation,
        year: int,
        inputs: Inputs,
    ) -> None:
        case = reconciled.case
        self.case, self.inputs, self.allocation = case, inputs, allocation
        running = allocation.schemes[(allocation.schemes["year"] == year) & (allocation.schemes["share"] > 0)]
        used = captured.merge(running[[*SOURCE, "scheme"]], on=[*SOURCE, "scheme"])
        self._posterior = None if reconciled.fitted is None else Posterior(*reconciled.fitted, inputs)
        self._amounts = find_amounts(given, case, inputs, year, self._posterior)
        used = used[positions(used, self._amounts.index, KEY) >= 0]
        self._captures = find_captures(case, inputs, used, self._posterior)
        rows, entries = self._first_rows(running, year)
        outputs = allocation.outputs[allocation.outputs["year"] == year]
        self._ways = find_ways(case, entries, outputs, year)
        self._yields = find_yields(case, inputs, np.unique(self._ways.row[self._ways.row >= 0]).tolist())
        sold = np.unique(self._ways.market[self._ways.market >= 0]).tolist()
        self._losses = find_losses(case, inputs, sold)
        self._lay_out(rows)
        self.pairs = [(scope, method) for scope in scopes(case) for method in METHODS]
        self._masks = self._pair_masks()
        self.facilities = list(dict.fromkeys(self._ways.facility))
        self.treatments: list[str] = []
        self._drop_empty(self.draw(np.zeros((inputs.size, 1))))

    def _first_rows(self, running: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return what is collected by first step (amount, capture, step, part), and the first steps."""
        index = self._captures.index
        rows = index.assign(capture=np.arange(len(index)), amount=positions(index, self._amounts.index, KEY))
        rows = rows.merge(running.rename(columns={"share": "running"}), on=[*SOURCE, "scheme"])
        kinds = rows["stream"].map(self.case["streams"].drop_duplicates("stream").set_index("stream")["kind"])
        leaves = kinds.isin([*NEVER_WASTE, "preparing_for_reuse"])
        ends = np.where(kinds.isin(NEVER_WASTE), "sink:prevention", "sink:preparing_for_reuse")
        gone = rows[leaves].assign(to=ends[leaves.to_numpy()], route=1.0)
        routes = self.allocation.routes
        routes = routes[(routes["share"] > 0) & (routes["year"] == year)]
        by = [*SOURCE, "scheme", "stream"]
        sent = rows[~leaves].merge(
            routes[[*by, "facility", "share"]].rename(columns={"facility": "to", "share": "route"}), on=by
        )
        rows = pd.concat([gone, sent], ignore_index=True)
        rows["part"] = rows["running"] * rows["route"]
        entries = rows[["stream", "fraction", "to"]].drop_duplicates().sort_values(["stream", "fraction", "to"])
        entries = entries.reset_index(drop=True)
        rows["step"] = positions(rows, entries, ["stream", "fraction", "to"])
        return rows, entries

    def _lay_out(self, rows: pd.DataFrame) -> None:
        """Sort rows by municipality, sector and fraction, and say where their sums go."""
        rows = rows.sort_values([*_CELL, "capture", "step"], ignore_index=True)
        self._row = {name: rows[name].to_numpy(dtype=np.int64) for name in ("amount", "capture", "step")}
        self._part = rows["part"].to_numpy(dtype=float)[:, None]
        self.municipalities = sorted(rows["municipality"].unique())
        self.sectors = sorted(rows["sector"].unique())
        cells = rows[_CELL].drop_duplicates()
        begins = cells.index.to_numpy(dtype=np.int64)
        owner = (np.repeat(np.arange(len(begins)), np.diff(np.r_[begins, len(rows)])), np.arange(len(rows)))
        self._to_cell = sparse.csc_matrix((np.ones(len(rows)), owner), shape=(len(begins), len(rows)))
        self._groups = cells[["sector", "fraction"]].drop_duplicates().sort_values(["sector", "fraction"])
        self._groups = self._groups.reset_index(drop=True)
        self._cell = (
            pd.Index(self.municipalities).get_indexer(pd.Index(cells["municipality"])),
            positions(cells, self._groups, ["sector", "fraction"]),
        )
        step = (self._row["step"], np.arange(len(rows)))
        self._to_step = sparse.csr_matrix((np.ones(len(rows)), step), shape=(self._ways.first, len(rows)))

    def _pair_masks(self) -> tuple[dict[Weight, Floats], dict[Weight, Floats]]:
        """Return per weight which groups it counts of in the numerator and denominator of every pair."""
        waste = waste_of(self.case, self._groups)
        scope_masks = {scope: in_scope(self.case, scope, self._groups) for scope in scopes(self.case)}
        top: dict[Weight, Floats] = {}
        bottom: dict[Weight, Floats] = {}
        shape = (len(self.pairs), len(self._groups))
        for row, (scope, name) in enumerate(self.pairs):
            method = METHODS[name]
            top.setdefault(method.numerator, np.zeros(shape))[row] += scope_masks[scope] & method.waste(waste)
            for weight, mask in method.denominator:
                bottom.setdefault(weight, np.zeros(shape))[row] += scope_masks[scope] & mask(waste)
        return top, bottom

    def _drop_empty(self, central: Draws) -> None:
        """Leave out pairs that have no denominator anywhere."""
        kept = np.asarray(central.denominators[:, :, 0].max(axis=0) > 0)
        self.pairs = [pair for pair, keep in zip(self.pairs, kept, strict=True) if keep]
        top, bottom = self._masks
        self._masks = (
            {weight: mask[kept] for weight, mask in top.items()},
            {weight: mask[kept] for weight, mask in bottom.items()},
        )

    def draw(self, normals: Floats) -> Draws:
        """Return the results for normal numbers, shape (inputs, draws)."""
        normals = np.vstack([normals, np.zeros((1, normals.shape[1]))])
        moves = None if self._posterior is None else self._posterior.moves(normals)
        losses = {name: part.drawn(normals) for name, part in self._losses.items()}
        top, bottom = self._masks
        weights = list(dict.fromkeys([*top, *bottom]))
        value = worth(self.case, self._ways, weights, self._yields.drawn(normals), losses)
        amounts, shares = self._amounts.drawn(normals, moves), self._captures.drawn(normals, moves)
        mass = self._part * amounts[self._row["amount"]] * shares[self._row["capture"]]
        self.treatments = list(value.ended)
        return Draws(
            self._sums(mass, value.counted, top),
            self._sums(mass, value.counted, bottom),
            self._ended(mass, value.ended),
            self._throughput(mass, value.factor),
        )

    def _cube(self, mass: Floats, value: Floats) -> Floats:
        """Return sums by group and municipality (groups, municipalities, draws) of what first steps are worth."""
        draws = mass.shape[1]
        cube = np.zeros((len(self._groups), len(self.municipalities), draws))
        counts = np.asarray(np.abs(value).max(axis=1) > 0)
        active = np.flatnonzero(counts[self._row["step"]])
        if len(active):
            product = mass[active] * value[self._row["step"][active]]
            place, group = self._cell
            cube[group, place] = self._to_cell[:, active] @ product
        return cube

    def _sums(self, mass: Floats, counted: dict[Weight, Floats], masks: dict[Weight, Floats]) -> Floats:
        pairs, draws = len(self.pairs), mass.shape[1]
        total = np.zeros((pairs, len(self.municipalities) * draws))
        for weight, mask in masks.items():
            total += mask @ self._cube(mass, counted[weight]).reshape(len(self._groups), -1)
        by_place = total.reshape(pairs, len(self.municipalities), draws).transpose(1, 0, 2)
        return np.concatenate([by_place.sum(axis=0, keepdims=True), by_place])

    def _ended(self, mass: Floats, ended: dict[str, Floats]) -> Floats:
        in_sector = np.array([(self._groups["sector"] == name).to_numpy(dtype=float) for name in self.sectors])
        in_sector = np.vstack([np.ones((1, len(self._groups))), in_sector])
        found = []
        for value in ended.values():
            sums = np.tensordot(in_sector, self._cube(mass, value), axes=1).transpose(1, 0, 2)
            found.append(np.concatenate([sums.sum(axis=0, keepdims=True), sums]))
        return np.stack(found, axis=2)

    def _throughput(self, mass: Floats, factor: Floats) -> Floats:
        entered = arrivals(self._ways, factor, self._to_step @ mass)
        at = pd.Index(self.facilities).get_indexer(pd.Index(self._ways.facility))
        total = np.zeros((len(self.facilities), mass.shape[1]))
        np.add.at(total, at, entered)
        return total
