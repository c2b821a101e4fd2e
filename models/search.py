"""The search for decisions: a mixed-integer program solved with a proof, or the best until time is up."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.formulation import Formulation, rate_terms
from models.highs import Arrays, Session, Solution

Progress = Callable[[str, float], None]
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Found:
    """What the search found. ``values`` is empty if nothing; objective and bound are millions."""

    status: str
    values: Array
    objective: float
    bound: float
    gap: float


def search(
    form: Formulation, arrays: Arrays, *, gap: float, time_limit: float, threads: int, progress: Progress | None = None
) -> Found:
    """Return the best decisions found within ``time_limit`` seconds, or until ``gap`` is proven."""
    begun = clock.perf_counter()
    session = Session(arrays, mip_rel_gap=gap, time_limit=time_limit, threads=threads)

    def watch(objective: float, bound: float) -> None:
        if progress is not None:
            part = min((clock.perf_counter() - begun) / time_limit, 1.0)
            progress(f"search {objective:.1f} {bound:.1f}" if np.isfinite(objective) else "search", 0.1 + 0.6 * part)

    solution = session.run(watch)
    return _found(solution, gap)


def _found(solution: Solution, gap: float) -> Found:
    status = solution.status
    if status == "optimal":
        status = "optimal" if solution.gap <= 1e-6 else "gap_reached"
    return Found(status, solution.values, solution.objective, solution.bound, solution.gap)


def highest_rate(form: Formulation, arrays: Arrays, *, time_limit: float, threads: int) -> pd.DataFrame:
    """Return the highest rate that can be reached for every target of the last year it is asked.

    Columns scope, method, municipality, year, goal, highest. All target rows are dropped and one rate at
    a time is raised: the ratio is maximised by Dinkelbach's method on the relaxation, then with whole
    decisions.
    """
    if form.targets.empty:
        return pd.DataFrame(columns=["scope", "method", "municipality", "year", "goal", "highest"])
    free = _without_targets(form, arrays)
    last = form.targets.sort_values("year").drop_duplicates(["scope", "method", "municipality"], keep="last")
    rows = []
    for target in last.itertuples(index=False):
        highest = _raise(form, free, target, time_limit / len(last), threads)
        rows.append((target.scope, target.method, target.municipality, target.year, target.goal, highest))
    return pd.DataFrame(rows, columns=["scope", "method", "municipality", "year", "goal", "highest"])


def _without_targets(form: Formulation, arrays: Arrays) -> Arrays:
    row_lower = arrays.row_lower.copy()
    start = 0
    for family in form.linear.families.values():
        if family.name == "target":
            row_lower[start : start + len(family.keys)] = -np.inf
        start += len(family.keys)
    return replace(arrays, row_lower=row_lower)


def _raise(form: Formulation, arrays: Arrays, target: Any, time_limit: float, threads: int) -> float:
    terms = rate_terms(form, target.scope, target.method, target.municipality, int(target.year))
    up = np.zeros(len(arrays.cost))
    down = np.zeros(len(arrays.cost))
    for into, part in ((up, terms[terms["term"] == 0]), (down, terms[terms["term"] > 0])):
        np.add.at(into, part["col"].to_numpy(dtype=np.int64), part["coef"].to_numpy(dtype=float))
    rate, until = 0.0, clock.perf_counter() + time_limit
    for _ in range(8):
        left = until - clock.perf_counter()
        if left <= 0:
            break
        session = Session(replace(arrays, cost=-(up - rate * down)), mip_rel_gap=1e-4, time_limit=left, threads=threads)
        solution = session.run()
        if not len(solution.values):
            return float("nan")
        reached = float(up @ solution.values) / max(float(down @ solution.values), 1e-12)
        if reached <= rate + 1e-5:
            break
        rate = reached
    return rate
