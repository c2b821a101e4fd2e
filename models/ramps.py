"""Periods beside each other: what the schemes of one do to the first years of the next.

A scheme that begins has not its full effect at once, so in the first years of a period it matters what ran before. A
period that is planned by itself would not know: it is planned together with the first years of the next one, whose
decisions stand, and with the schemes of the one before where those cannot be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.branching import Bounds
from models.formulation_parts import Formulation
from models.periods import Part, rows_of
from models.reduction import Reduction, matrix_of, with_matrix

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
BEGINS = ("begins", "begins_if_new")
"""Families of rows that say what begins, given what ran in the period before."""


class Ramps:
    """The periods of a reduced model, joined two at a time by what begins in the later one."""

    def __init__(self, form: Formulation, reduced: Reduction, parts: Sequence[Part]) -> None:
        """Look up which columns are of the first years of a period, and which rows tell what begins."""
        self.reduced = reduced
        self.matrix = matrix_of(reduced.arrays)
        x = form.block("x")
        self.shares = np.zeros(len(reduced.kept), dtype=bool)
        self.shares[reduced.of(x)] = True
        self.early = _early(form)[reduced.kept]
        starts = form.time.periods
        by_period = {part.period: part for part in parts}
        self.later = {one: by_period[next_] for one, next_ in zip(starts[:-1], starts[1:], strict=True)}
        self.earlier = {next_: by_period[one] for one, next_ in zip(starts[:-1], starts[1:], strict=True)}
        self.begins: dict[int, Numbers] = {one: np.empty(0, dtype=np.int64) for one in starts}
        for name in BEGINS:
            rows, keys = rows_of(form, reduced, name)
            for one in starts if len(keys) else ():
                self.begins[one] = np.concatenate([self.begins[one], rows[keys["period"].to_numpy() == one]])

    def joined(self, part: Part, chosen: Array) -> tuple[Part, Bounds]:
        """Return a period with what it shares with its neighbours, and the bounds of what stands there.

        ``chosen`` are values of all columns of the reduced model; those of later periods are decided.
        """
        arrays = self.reduced.arrays
        cost = np.zeros(len(arrays.cost))
        cost[part.columns] = part.arrays.cost
        columns, rows = [part.columns], [part.rows]
        stands: Numbers = np.empty(0, dtype=np.int64)
        earlier, later = self.earlier.get(part.period), self.later.get(part.period)
        if earlier is not None and self._settled(earlier):
            columns.append(earlier.columns[self.shares[earlier.columns]])
            rows.append(self.begins[part.period])
        if later is not None and not self._settled(part) and len(self.begins[later.period]):
            first = later.columns[self.early[later.columns]]
            cost[first] = later.arrays.cost[self.early[later.columns]]
            columns.append(first)
            rows += [later.rows[self._inside(later.rows, first)], self.begins[later.period]]
            stands = first[self.shares[first] | arrays.integer[first]]
        if len(columns) == 1:
            return part, {}
        both, lines = np.sort(np.concatenate(columns)), np.sort(np.concatenate(rows))
        lines = lines[self._inside(lines, both)]
        model = with_matrix(
            arrays,
            self.matrix[lines][:, both],
            cost=cost[both],
            lower=arrays.lower[both],
            upper=arrays.upper[both],
            integer=arrays.integer[both],
            row_lower=arrays.row_lower[lines],
            row_upper=arrays.row_upper[lines],
        )
        values = np.where(arrays.integer[stands], np.round(chosen[stands]), chosen[stands])
        places = np.searchsorted(both, stands).tolist()
        limits = {place: (value, value) for place, value in zip(places, values.tolist(), strict=True)}
        return Part(part.period, both, lines, model, [], np.zeros(len(lines), dtype=bool)), limits

    def _settled(self, part: Part) -> bool:
        """Whether no scheme of a period can be chosen."""
        mine = part.columns[self.shares[part.columns]]
        return bool((self.reduced.arrays.lower[mine] == self.reduced.arrays.upper[mine]).all())

    def _inside(self, rows: Numbers, columns: Numbers) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return which rows have no other columns than these."""
        outside = np.ones(self.matrix.shape[1])
        outside[columns] = 0.0
        return np.asarray(abs(self.matrix[rows]) @ outside == 0.0)


def _early(form: Formulation) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which columns are of a whole period, or of years of it in which a scheme that begins has no full effect."""
    ramp = int(form.case["schemes"]["ramp_years"].max()) if len(form.case["schemes"]) else 0
    first = {part.years[0] for part in form.time.slices if part.step < ramp}
    of_year = {year: part.years[0] for part in form.time.slices for year in part.years}
    found = np.zeros(form.linear.columns, dtype=bool)
    for block in form.linear.blocks.values():
        if not block.size:
            continue
        if "slice" in block.keys:
            mine = block.keys["slice"].isin(first).to_numpy()
        elif "year" in block.keys:
            mine = block.keys["year"].map(of_year).isin(first).to_numpy()
        else:
            mine = np.ones(block.size, dtype=bool)
        found[block.start : block.start + block.size] = mine
    return found
