"""What a sparse linear system determines: values where it does, and what would be needed where it does not.

First every equation with one unknown is solved, all of a wave at once, until none is left (sources,
chains and concentrations need no more). What remains is a core of loops and of parts that too little is
known of. Of a large core the square part is solved block by block; the rest is eliminated, which shows
its rank whatever the shape of the equations. Unknowns that the equations leave free are told apart from
those that follow from others, and two that move in fixed proportion are known to determine each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from flows.decompose import balancing, factorised, parts, solve_square
from flows.elimination import Triangle, eliminate
from flows.matching import slices
from flows.substitute import substitute

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

TOLERANCE = 1e-9
"""Relative to the terms of an equation: what given values may differ from it."""
ROUNDING = 1e-13
MOVES = 1e-7
TRIALS = 3
AT_ONCE = 256
GIVEN, IN_CORE = -1, -2
"""Where a value is from, if not from an equation of its own."""
SMALL = 200
"""A core of fewer unknowns is eliminated as it is."""
MODERATE = 20_000
"""A square core of at most so many unknowns is factorised as it is."""


@dataclass(frozen=True)
class Contradiction:
    """An equation that does not hold: its position, by how much, and the known variables it rests on."""

    equation: int
    difference: float
    given: Integers


@dataclass(frozen=True)
class Determined:
    """The outcome: ``value`` is NaN where undetermined.

    ``part`` numbers the undetermined variables by the part of the system they belong to (-1: determined),
    ``alike`` by what moves in proportion with them, ``missing`` is how many values each part lacks.
    """

    value: Floats
    contradictions: tuple[Contradiction, ...]
    part: Integers
    alike: Integers
    missing: Integers
    _core: _Core | None = None

    def movements(self, variables: Integers) -> Floats:
        """Return how undetermined variables of one part move with each of the values it lacks: (variable, missing)."""
        if self._core is None:
            return np.zeros((len(variables), 0))
        own = self._core.free[self.part[self._core.unknown[self._core.free]] == self.part[variables[0]]]
        return self._core.dependence(np.searchsorted(self._core.unknown, variables), own)


@dataclass(frozen=True)
class _Core:
    """The eliminated core: ``unknown`` are its variables, ``free`` those of them that move as they like."""

    unknown: Integers
    free: Integers
    triangle: Triangle

    def moved(self, trial: Floats) -> Floats:
        """Return how all variables of the core move when the free ones do; (variable, trial)."""
        result = np.zeros_like(trial)
        result[self.free] = trial[self.free]
        pivots = self.triangle.echelon.pivot_column
        if len(pivots):
            result[pivots] = self.triangle.solve(-np.asarray(self.triangle.others @ result))
        return result

    def dependence(self, positions: Integers, free: Integers) -> Floats:
        """Return by how much variables of the core move with some of the free ones; (position, free)."""
        pivots = self.triangle.echelon.pivot_column
        order = np.full(len(self.unknown), -1, dtype=np.int64)
        order[pivots] = np.arange(len(pivots))
        result: Floats = (positions[:, None] == free).astype(np.float64)
        solved = np.flatnonzero(order[positions] >= 0)
        others = self.triangle.others[:, free].T.tocsr()
        for begin in range(0, len(solved), AT_ONCE):
            part = solved[begin : begin + AT_ONCE]
            unit = np.zeros((len(pivots), len(part)))
            unit[order[positions[part]], np.arange(len(part))] = 1.0
            result[part] = -np.asarray(others @ self.triangle.transposed(unit)).T
        return result


def determine(matrix: sparse.csr_matrix, right: Floats, known: Floats) -> Determined:
    """Solve ``matrix x = right`` for the variables that are NaN in ``known``, as far as they are determined.

    >>> balance = sparse.csr_matrix([[1.0, -1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, -1.0]])
    >>> found = determine(balance, np.zeros(2), np.array([10.0, 4.0, np.nan, np.nan, np.nan]))
    >>> found.value.tolist(), found.alike.tolist()
    ([10.0, 4.0, 6.0, nan, nan], [-1, -1, -1, 0, 0])
    """
    return _Determination(matrix, right, known).run()


class _Determination:
    """The state of one determination; ``size`` bounds what each value was computed from."""

    def __init__(self, matrix: sparse.csr_matrix, right: Floats, known: Floats) -> None:
        self.rows = matrix
        self.columns = matrix.tocsc()
        self.right = right
        self.value = known.copy()
        self.size = np.abs(known)
        self.rule = np.full(len(known), GIVEN, dtype=np.int64)
        self.core_rows: list[Integers] = []
        self.core: _Core | None = None
        unknown = np.isnan(known)
        self.count = np.asarray(abs(matrix).sign() @ unknown.astype(float)).astype(np.int64)

    def run(self) -> Determined:
        """Peel, eliminate the core, compare what is left over."""
        self._peel(np.flatnonzero(self.count == 1))
        extra: list[Contradiction] = []
        variables = len(self.value)
        part, alike = np.full(variables, -1, dtype=np.int64), np.full(variables, -1, dtype=np.int64)
        directions, missing = np.zeros((variables, TRIALS)), np.zeros(0, dtype=np.int64)
        unknown = np.flatnonzero(np.isnan(self.value) & (np.diff(self.columns.indptr) > 0))
        if len(unknown):
            extra = self._solve_core(unknown, directions)
            free = unknown[np.isnan(self.value[unknown])]
            part[free] = self._parts(free)
            missing = np.bincount(part[self.core.unknown[self.core.free]]) if self.core else missing
            alike[free] = _proportional(directions[free], part[free])
        # An equation of the core that does not hold is told as elimination found it.
        told = {one.equation for one in extra}
        contradictions = (*extra, *(one for one in self._contradictions() if one.equation not in told))
        return Determined(self.value, contradictions, part, alike, missing, self.core)

    def _entries(self, rows: Integers) -> tuple[Integers, Integers, Integers]:
        """Return all entries of some rows: position of the row in ``rows``, of its first entry, of each entry."""
        return slices(self.rows.indptr, rows)

    def _peel(self, ready: Integers) -> None:
        """Solve every equation with one unknown, wave by wave."""
        while len(ready):
            owner, begin, entry = self._entries(ready)
            column, data = self.rows.indices[entry], self.rows.data[entry]
            unknown = np.isnan(self.value[column])
            target, pivot = column[unknown], data[unknown]
            terms = np.where(unknown, 0.0, data * np.nan_to_num(self.value[column]))
            sums = self.right[ready] - np.add.reduceat(terms, begin)
            weights = np.where(unknown, 0.0, np.abs(data) * np.nan_to_num(self.size[column]))
            sizes = np.abs(self.right[ready]) + np.add.reduceat(weights, begin)
            # Several equations may give the same variable: the first does, the others are compared later.
            found, first = np.unique(target, return_index=True)
            self.value[found] = sums[first] / pivot[first] + 0.0
            self.size[found] = sizes[first] / np.abs(pivot[first])
            self.rule[found] = ready[first]
            _, _, touched = slices(self.columns.indptr, found)
            rows, times = np.unique(self.columns.indices[touched], return_counts=True)
            self.count[rows] -= times
            ready = rows[self.count[rows] == 1]

    def _residuals(self, rows: Integers) -> tuple[Floats, Floats]:
        """Return what known terms leave of the right side of some rows, and the size of what was added up."""
        part = self.rows[rows]
        known = np.nan_to_num(self.value)
        left = self.right[rows] - np.asarray(part @ known)
        largest = np.abs(self.right[rows]) + np.asarray(abs(part) @ np.abs(known))
        return left, TOLERANCE * largest + ROUNDING * np.asarray(abs(part) @ np.nan_to_num(self.size))

    def _contradictions(self) -> list[Contradiction]:
        """Return the equations without unknowns that do not hold, the worst first."""
        rows = np.flatnonzero(self.count == 0)
        left, allowed = self._residuals(rows)
        wrong = np.flatnonzero(~(np.abs(left) <= allowed))
        wrong = wrong[np.argsort(-np.abs(left[wrong]), kind="stable")]
        return [Contradiction(int(rows[k]), float(left[k]), self._given(rows[k : k + 1])) for k in wrong]

    def _given(self, rows: Integers, whole: bool = True) -> Integers:
        """Return the given variables that equations rest on; ``whole`` says whether the core counts with all of its own."""
        seen = np.zeros(len(self.value), dtype=bool)
        _, _, entry = self._entries(rows)
        front = np.unique(self.rows.indices[entry])
        while len(front):
            seen[front] = True
            rules = np.unique(self.rule[front])
            sources = [rules[rules >= 0]]
            if whole and IN_CORE in rules:
                sources += self.core_rows
                whole = False
            _, _, entry = self._entries(np.concatenate(sources))
            front = np.unique(self.rows.indices[entry])
            front = front[~seen[front]]
        return np.flatnonzero(seen & (self.rule == GIVEN) & ~np.isnan(self.value))

    def _solve_core(self, unknown: Integers, directions: Floats) -> list[Contradiction]:
        """Solve the core for ``unknown``; fill ``directions`` of what stays undetermined."""
        rows = np.flatnonzero(self.count >= 2)
        if len(unknown) < SMALL:
            return self._eliminate(rows, unknown, directions)
        left, _ = self._residuals(rows)
        small = substitute(self.rows[rows][:, unknown], left)
        if small.matrix.shape[0] == small.matrix.shape[1] <= MODERATE:
            solved = factorised(small.matrix.tocsc(), small.right)
            if solved is not None:
                self._enter(rows, unknown[small.columns], solved, left)
                return self._rest(rows, unknown, directions)
        found = parts(small.matrix)
        over = small.columns[found.over_columns]
        contradictions = []
        if len(over):
            along = np.isin(small.root[small.replaced], over)
            own_rows = np.concatenate([small.rows[found.over_rows], small.used[along]])
            own = np.concatenate([over, small.replaced[along]])
            contradictions = self._eliminate(rows[own_rows], np.sort(unknown[own]), directions)
        value = self.value[unknown[over]]
        solved = None
        if not np.isnan(value).any():
            part = small.matrix[found.square_rows]
            right = small.right[found.square_rows] - part[:, found.over_columns] @ value
            solved = solve_square(part[:, found.square_columns].tocsr(), right)
        if solved is None:
            # The pattern promised more than the numbers hold: everything is eliminated together.
            self.value[unknown] = np.nan
            self.rule[unknown] = GIVEN
            self._recount(rows)
            return self._eliminate(rows, unknown, directions)
        self._enter(rows, unknown[small.columns[found.square_columns]], solved, left)
        return contradictions + self._rest(rows, unknown, directions)

    def _rest(self, rows: Integers, unknown: Integers, directions: Floats) -> list[Contradiction]:
        """Eliminate what is still not known of a core."""
        unknown = unknown[np.isnan(self.value[unknown])]
        return self._eliminate(rows[self.count[rows] >= 2], unknown, directions) if len(unknown) else []

    def _enter(self, rows: Integers, solved_for: Integers, solved: Floats, left: Floats) -> None:
        """Enter values of the core, and of what is in terms of them."""
        self.value[solved_for] = solved + 0.0
        self.size[solved_for] = np.abs(solved) + np.abs(left).max(initial=0.0)
        self.rule[solved_for] = IN_CORE
        self.core_rows.append(rows)
        self._recount(rows)
        self._peel(rows[self.count[rows] == 1])

    def _recount(self, rows: Integers) -> None:
        """Count the unknowns of some equations again."""
        self.count[rows] = np.asarray(abs(self.rows[rows]).sign() @ np.isnan(self.value).astype(float)).astype(np.int64)

    def _eliminate(self, rows: Integers, unknown: Integers, directions: Floats) -> list[Contradiction]:
        """Eliminate ``unknown`` from some equations, whatever their rank."""
        core = self.rows[rows][:, unknown].tocsr()
        left, allowed = self._residuals(rows)
        by_row, by_column = balancing(core)
        scaled = (sparse.diags(by_row) @ core @ sparse.diags(by_column)).tocsr()
        echelon = eliminate(scaled, by_row * left, np.ones(len(unknown), dtype=bool), by_row * allowed / TOLERANCE)
        triangle = Triangle(echelon)
        self.core = _Core(unknown, echelon.free, triangle)
        solved = np.zeros(len(unknown))
        pivots = echelon.pivot_column
        if len(pivots):
            solved[pivots] = triangle.pivots_from(solved)
        trial = self.core.moved(np.random.default_rng(20).uniform(1.0, 2.0, (len(unknown), TRIALS)))
        moves = (np.abs(trial) > MOVES).any(axis=1)
        found = unknown[~moves]
        self.value[found] = (by_column * solved)[~moves] + 0.0
        self.size[found] = np.abs(self.value[found]) + (allowed / TOLERANCE).max(initial=0.0) * by_column[~moves]
        self.rule[found] = IN_CORE
        self.core_rows.append(rows)
        directions[unknown[moves]] = trial[moves]
        self._recount(rows)
        wrong = np.flatnonzero(~(np.abs(echelon.left_rhs) <= TOLERANCE * echelon.left_size))
        contradictions = []
        for position in wrong[np.argsort(-np.abs(echelon.left_rhs[wrong]), kind="stable")][:10]:
            row = int(echelon.left_row[position])
            own = self._given(rows[np.flatnonzero(echelon.multipliers(row))], whole=False)
            contradictions.append(Contradiction(int(rows[row]), float(echelon.left_rhs[position] / by_row[row]), own))
        return contradictions

    def _parts(self, free: Integers) -> Integers:
        """Return for every undetermined variable the part it belongs to."""
        between = abs(self.columns[:, free]).sign()
        graph = sparse.bmat([[None, between], [between.T, None]], format="csr")
        _, label = connected_components(graph, directed=False)
        part: Integers = np.unique(label[self.rows.shape[0] :], return_inverse=True)[1].astype(np.int64)
        return part


def _proportional(directions: Floats, part: Integers) -> Integers:
    """Return a number for every row, the same where rows of one part are proportional."""
    largest = np.abs(directions).max(axis=1)
    sign = np.sign(directions[np.arange(len(directions)), np.argmax(np.abs(directions), axis=1)])
    unit = directions / (largest * sign)[:, None]
    key = np.column_stack([part, np.round(unit / MOVES / 10).astype(np.int64)])
    group: Integers = np.unique(key, axis=0, return_inverse=True)[1].ravel().astype(np.int64)
    return group
