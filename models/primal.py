"""Plans from relaxed solutions: whole facilities first, period by period from the last, then whole schemes.

What is built by the last year is decided first; each earlier period chooses among what the next one has
(nothing opens to be closed again). With the facilities settled, schemes follow from one linear program and are
nearly whole by themselves; the few that are not are rounded.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np

from flows.amounts import SOURCE
from models.branching import Bounds
from models.formulation_parts import Formulation
from models.highs import Arrays, Session, Solution
from models.periods import Part
from models.reduction import Reduction, matrix_of
from models.safe_bound import safe_bound

Array = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
CLEAR = 0.95
"""Share from which a scheme is chosen whatever else speaks."""
TRACE = 1e-3
"""Share of a divisible source below which a scheme is not worth running."""
UNUSED = 1e-4
"""Share below which a scheme counts as unused."""
CLEAN = 1e-5
"""Relative distance of its proven bound up to which a relaxed solution counts as optimal."""
FEW = 400
"""Whole columns up to which what rounding cannot settle is left to a mixed-integer search."""


def facility_columns(form: Formulation, reduced: Reduction) -> Numbers:
    """Return the reduced columns that are whole and no schemes: steps in operation, modes."""
    return np.setdiff1d(np.flatnonzero(reduced.arrays.integer), reduced.of(form.block("x")))


def scheme_columns(form: Formulation, reduced: Reduction) -> Numbers:
    """Return the reduced columns of schemes that must be whole."""
    return np.intersect1d(np.flatnonzero(reduced.arrays.integer), reduced.of(form.block("x")))


class Chain:
    """Which column of the same step stands in the next period, for choosing facilities from the last period back."""

    def __init__(self, form: Formulation, reduced: Reduction) -> None:
        """Look up the steps of a reduced model."""
        on = form.block("on")
        position = np.searchsorted(reduced.kept, on.columns)
        after = dict(zip(form.time.periods[:-1], form.time.periods[1:], strict=True))
        names = list(on.keys[["facility", "size", "period"]].itertuples(index=False, name=None))
        column = dict(zip(names, position.tolist(), strict=True))
        state = form.case["facilities"].set_index("facility")["state"]
        self.next: dict[int, int] = {}
        self.stands: set[int] = set()
        for facility, size, period in names:
            own = column[facility, size, period]
            later = column.get((facility, size, after.get(period, -1)))
            if later is not None:
                self.next[own] = later
            if size == "existing" and state[facility] == "existing":
                self.stands.add(own)

    def bounds(self, part: Part, chosen: Array) -> Bounds:
        """Return bounds (by column of the part) that follow from what the next period has."""
        found: Bounds = {}
        for number in np.flatnonzero(part.arrays.integer).tolist():
            whole = int(part.columns[number])
            later = self.next.get(whole)
            if later is None:
                continue
            low, high = float(part.arrays.lower[number]), float(part.arrays.upper[number])
            value = float(np.round(chosen[later]))
            limits = (max(low, value), high) if whole in self.stands else (low, min(high, value))
            if limits[0] <= limits[1] and limits != (low, high):
                found[number] = limits
        return found


def fixed(arrays: Arrays, columns: Numbers, values: Array) -> Arrays:
    """Return a model in which columns have given values, where their bounds allow it."""
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    wanted = np.clip(np.round(values), lower[columns], upper[columns])
    lower[columns] = upper[columns] = wanted
    return replace(arrays, lower=lower, upper=upper)


def relax(
    arrays: Arrays, time_limit: float, threads: int = 1, *, aside: bool = False, stop: threading.Event | None = None
) -> Solution:
    """Return the optimum of the linear relaxation by an interior point, made precise only where it must.

    ``bound`` is proven. Where the interior point ends a little short of its own tolerances, its prices still
    prove a bound; if that is close, the solution is as good as optimal. With ``aside`` it may be called in
    several threads at once (and is not interrupted). ``stop`` ends it.
    """
    session = Session(replace(arrays, integer=np.zeros_like(arrays.integer)), time_limit=time_limit, threads=threads)
    session.stop = stop or session.stop
    session.set(solver="ipx", run_crossover="off")
    run = session.resolve if aside else session.run
    solution = run()
    if solution.status == "failed" and len(solution.values):
        bound = safe_bound(arrays, solution.row_duals)
        if solution.objective - bound <= CLEAN * max(abs(solution.objective), 1e-3):
            return replace(solution, status="optimal", bound=bound)
    if solution.status == "failed":
        session.set(run_crossover="on")
        again = run()
        # What stopped short of a corner leaves the point that was there.
        solution = again if len(again.values) or again.status == "infeasible" else solution
    return solution


def whole_schemes(
    form: Formulation,
    reduced: Reduction,
    arrays: Arrays,
    facilities: Array,
    used: Array,
    time_limit: float,
    stop: threading.Event | None = None,
) -> Solution | None:
    """Return the best plan found with given facilities: schemes from the relaxation, rounded; None if there is none.

    ``facilities`` are values of :func:`facility_columns`, ``arrays`` the reduced model (targets may be raised).
    Only schemes with a share in ``used`` (values of all columns) are tried at first, then all. ``stop`` ends it.
    """
    stop = stop or threading.Event()
    settled = fixed(arrays, facility_columns(form, reduced), facilities)
    for upper in (_used_only(form, reduced, arrays, used), arrays.upper):
        if stop.is_set():
            return None
        some = replace(settled, upper=np.minimum(settled.upper, upper))
        relaxed = relax(some, time_limit, stop=stop)
        if relaxed.status == "optimal":
            break
    else:
        return None
    settled = some
    settled = _without_traces(form, reduced, settled, relaxed.values)
    columns = scheme_columns(form, reduced)
    for values in _roundings(form, reduced, arrays, columns, relaxed.values):
        if stop.is_set():
            return None
        solution = relax(fixed(settled, columns, values), time_limit, stop=stop)
        if solution.status == "optimal":
            return solution
    clear = np.abs(relaxed.values[columns] - np.round(relaxed.values[columns])) < 0.02
    if not len(columns) or (~clear).sum() > FEW or stop.is_set():
        return None
    part = fixed(settled, columns[clear], relaxed.values[columns[clear]])
    integer = np.zeros_like(part.integer)
    integer[columns[~clear]] = True
    session = Session(replace(part, integer=integer), threads=1, mip_rel_gap=1e-4, time_limit=time_limit)
    session.stop = stop
    solution = session.run()
    return solution if len(solution.values) else None


def _used_only(form: Formulation, reduced: Reduction, arrays: Arrays, used: Array) -> Array:
    """Return upper bounds that leave out schemes without a share in ``used``."""
    upper = arrays.upper.copy()
    columns = reduced.of(form.block("x"))
    upper[columns[(used[columns] < UNUSED) & (arrays.lower[columns] <= 0.0)]] = 0.0
    return upper


def _without_traces(form: Formulation, reduced: Reduction, arrays: Arrays, values: Array) -> Arrays:
    """Return a model in which shares too small to mean anything are none (an interior point leaves such traces)."""
    columns = reduced.of(form.block("x"))
    upper = arrays.upper.copy()
    upper[columns[(values[columns] < TRACE) & (arrays.lower[columns] <= 0.0)]] = 0.0
    return replace(arrays, upper=upper)


def _roundings(form: Formulation, reduced: Reduction, arrays: Arrays, columns: Numbers, values: Array) -> list[Array]:
    """Return whole values of scheme columns: the largest share of each source, and what the targets like best."""
    if not len(columns):
        return [np.empty(0)]
    x = form.block("x")
    keys = x.keys.iloc[reduced.kept[columns] - x.start]
    group = keys.groupby([*SOURCE, "period"], sort=False).ngroup().to_numpy()
    share = values[columns]
    targets = form.linear.rows("target")
    rows = np.flatnonzero((reduced.rows >= targets.start) & (reduced.rows < targets.stop))
    liked = np.asarray(matrix_of(arrays)[rows][:, columns].sum(axis=0)).ravel()
    found = []
    for score in (share, np.where(share > 0.01, liked - liked.min() + 1.0, -1.0)):
        whole = np.zeros(len(columns))
        # Groups in which a whole choice is clear keep it.
        order = np.lexsort((-np.where(share > CLEAR, 1e9, score), group))
        first = np.unique(group[order], return_index=True)[1]
        whole[order[first]] = 1.0
        found.append(whole)
    return found
