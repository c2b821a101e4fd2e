"""The search for decisions: a mixed-integer program solved with a proof, or the best until time is up."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import to_pyomo
from models.formulation_parts import Formulation, Support
from models.highs import Arrays, Session, compile_model

Progress = Callable[[str, float], None]
Array = np.ndarray[Any, np.dtype[np.float64]]


SMALL = 20_000
"""Columns up to which the whole mixed-integer program is given to the solver at once."""
NOTICED = 0.01
"""Share of a relaxed decision from which the restricted model keeps it."""
MARGIN = 1e-6
"""How much more than the target the search asks for, as a share of the largest stream."""


@dataclass(frozen=True)
class Found:
    """What the search found. ``values`` of the columns of ``form``, empty if nothing; objective and bound are millions."""

    status: str
    form: Formulation
    values: Array
    objective: float
    bound: float
    gap: float


def search(
    form: Formulation,
    arrays: Arrays,
    restricted: Callable[[Support | None], Formulation],
    *,
    gap: float,
    time_limit: float,
    threads: int,
    progress: Progress | None = None,
) -> Found:
    """Return the best decisions found within ``time_limit`` seconds, or until ``gap`` is proven.

    ``form`` is the yearly model with pooled hauls. A small one is solved as it is. Of a large one the
    relaxation is solved first: its optimum is the bound, and what it uses is the support of a restricted
    model of periods (``restricted`` builds it), which is small enough for a mixed-integer search. If that
    has no plan, the model of periods is searched without restriction.
    """
    watch = _Watch(time_limit, progress)
    if len(arrays.cost) <= SMALL:
        return _solved(form, arrays, gap, threads, watch)
    relaxed = Session(replace(arrays, integer=np.zeros_like(arrays.integer)), time_limit=watch.left(), threads=threads)
    relaxed.set(solver="ipx", run_crossover="off")
    solution = relaxed.run()
    if solution.status != "optimal":
        return Found(solution.status, form, np.empty(0), float("inf"), float("-inf"), float("inf"))
    bound = solution.objective - 1e-7 * abs(solution.objective)
    watch.say(float("inf"), bound)
    for support in (_support(form, solution.values), None):
        lean = restricted(support)
        found = _solved(lean, _with_margin(lean, compile_model(to_pyomo(lean.linear))), gap, threads, watch, bound)
        if len(found.values) or found.status != "infeasible":
            break
    return replace(found, bound=bound, gap=relative_gap(found.objective, bound))


def _target_rows(form: Formulation) -> slice:
    start = 0
    for family in form.linear.families.values():
        if family.name == "target":
            return slice(start, start + len(family.keys))
        start += len(family.keys)
    return slice(0, 0)


def _with_margin(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the model with targets raised by a hair, so that rounded decisions still reach them year by year."""
    row_lower = arrays.row_lower.copy()
    row_lower[_target_rows(form)] += MARGIN * float(form.supply.commodities["kt"].max())
    return replace(arrays, row_lower=row_lower)


def relative_gap(objective: float, bound: float) -> float:
    """Return how far an objective may be above the optimum, relative to itself."""
    return max(objective - bound, 0.0) / max(abs(objective), 1e-9) if np.isfinite(objective) else float("inf")


def _support(form: Formulation, values: Array) -> Support:
    """Return schemes and facilities that a relaxed solution uses."""
    x, on = form.block("x"), form.block("on")
    shares = x.keys.assign(share=values[x.start : x.start + x.size])
    most = shares.groupby([*SOURCE, "scheme"], as_index=False)["share"].max()
    frozen = shares[shares["period"].isin(form.time.frozen)][[*SOURCE, "scheme"]]
    schemes = pd.concat([most.loc[most["share"] > NOTICED, [*SOURCE, "scheme"]], frozen]).drop_duplicates()
    used = on.keys.assign(on=values[on.start : on.start + on.size])
    return Support(schemes, frozenset(used.loc[used["on"] > NOTICED, "facility"]))


class _Watch:
    """The clock of a search, and where its progress is told."""

    def __init__(self, time_limit: float, progress: Progress | None) -> None:
        self.begun = clock.perf_counter()
        self.time_limit = time_limit
        self.progress = progress

    def left(self) -> float:
        """Return the seconds that are left, at least a tenth."""
        return max(self.time_limit - (clock.perf_counter() - self.begun), 0.1)

    def say(self, objective: float, bound: float) -> None:
        """Tell objective and bound, in millions."""
        if self.progress is not None:
            part = min(1.0 - self.left() / self.time_limit, 1.0)
            words = f"search {objective:.1f} {bound:.1f}" if np.isfinite(objective) else "search"
            self.progress(words, 0.1 + 0.6 * part)


def _solved(
    form: Formulation, arrays: Arrays, gap: float, threads: int, watch: _Watch, bound: float = float("-inf")
) -> Found:
    """Solve a mixed-integer model; a known ``bound`` of a larger one is shown instead of its own."""
    session = Session(arrays, mip_rel_gap=gap, time_limit=watch.left(), threads=threads)
    if bound > 0:
        # Near enough to the known bound is good enough, whatever the bound of this model.
        session.set(mip_rel_gap=gap / 4.0, objective_target=bound / (1.0 - gap))
    solution = session.run(lambda objective, own: watch.say(objective, bound if np.isfinite(bound) else own))
    status = solution.status
    if status == "optimal" and (solution.gap > 1e-6 or np.isfinite(bound)):
        status = "gap_reached"
    return Found(status, form, solution.values, solution.objective, solution.bound, solution.gap)
