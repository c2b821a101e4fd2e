"""The search for decisions: a mixed-integer program solved with a proof, or the best until time is up."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.builder import to_pyomo
from models.formulation_parts import Formulation, Support
from models.formulation_targets import rate_terms
from models.found import Found, Progress, Watch, relative_gap
from models.highs import Arrays, Session, compile_model
from models.primal import relax
from models.reduction import without_forced
from models.search_periods import PeriodSearch

Array = np.ndarray[Any, np.dtype[np.float64]]


SMALL = 20_000
"""Columns up to which the whole mixed-integer program is given to the solver at once."""
NOTICED = 0.01
"""Share of a relaxed decision from which the restricted model keeps it."""
SHORT = 1e-7
"""Shortfall of a target [kt] from which it is called missed."""
MARGIN = 1e-6
"""How much more than the target the search asks for, as a share of the largest stream."""


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
    relaxation is solved first. Its parts by period are branched on, which gives the bound, and plans are made from
    them (:mod:`models.search_periods`). If that finds none, a restricted model of periods (``restricted`` builds it
    from what the relaxation uses) is searched, and if that has no plan, the model of periods without restriction.
    """
    watch = Watch(time_limit, progress)
    if len(arrays.cost) <= SMALL:
        return _solved(form, arrays, gap, threads, watch)
    reduced = without_forced(form, arrays)
    solution = relax(reduced.arrays, watch.left(), threads)
    if solution.status != "optimal":
        return Found(solution.status, form, np.empty(0), float("inf"), float("-inf"), float("inf"))
    bound = solution.objective - 1e-7 * abs(solution.objective)
    watch.say(float("inf"), bound)
    raised = with_margin(form, arrays)
    found = PeriodSearch(form, reduced, raised.row_lower[reduced.rows], solution, watch, gap, threads).run()
    if len(found.values):
        return found
    bound = max(bound, found.bound)
    for support in (_support(form, reduced.expand(solution.values)), None):
        lean = restricted(support)
        found = _solved(lean, with_margin(lean, compile_model(to_pyomo(lean.linear))), gap, threads, watch, bound)
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


def with_margin(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the model with targets raised by a hair, so that rounded decisions still reach them year by year."""
    row_lower = arrays.row_lower.copy()
    row_lower[_target_rows(form)] += MARGIN * float(form.supply.commodities["kt"].max())
    return replace(arrays, row_lower=row_lower)


def _support(form: Formulation, values: Array) -> Support:
    """Return schemes and facilities that a relaxed solution uses."""
    x, on = form.block("x"), form.block("on")
    shares = x.keys.assign(share=values[x.start : x.start + x.size])
    most = shares.groupby([*SOURCE, "scheme"], as_index=False)["share"].max()
    frozen = shares[shares["period"].isin(form.time.frozen)][[*SOURCE, "scheme"]]
    schemes = pd.concat([most.loc[most["share"] > NOTICED, [*SOURCE, "scheme"]], frozen]).drop_duplicates()
    used = on.keys.assign(on=values[on.start : on.start + on.size])
    return Support(schemes, frozenset(used.loc[used["on"] > NOTICED, "facility"]))


def _solved(
    form: Formulation, arrays: Arrays, gap: float, threads: int, watch: Watch, bound: float = float("-inf")
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


def highest_rate(form: Formulation, arrays: Arrays, *, time_limit: float, threads: int) -> pd.DataFrame:
    """Return the highest rate that can be reached where targets are missed: in the first and the last such year.

    Columns scope, method, municipality, year, goal, highest. All target rows are dropped and one rate at
    a time is raised: the ratio is maximised by Dinkelbach's method on the relaxation, then with whole
    decisions.
    """
    columns = ["scope", "method", "municipality", "year", "goal", "highest"]
    missed = _missed(form, arrays, time_limit / 2.0, threads)
    if missed.empty:
        return pd.DataFrame(columns=columns)
    key = ["scope", "method", "municipality"]
    ends = pd.concat([missed.drop_duplicates(key, keep="first"), missed.drop_duplicates(key, keep="last")])
    ends = ends.drop_duplicates([*key, "year"]).sort_values([*key, "year"], ignore_index=True)
    free = _without_targets(form, arrays)
    rows = []
    for target in ends.itertuples(index=False):
        highest = _raise(form, free, target, time_limit / 2.0 / len(ends), threads)
        rows.append((target.scope, target.method, target.municipality, target.year, target.goal, highest))
    return pd.DataFrame(rows, columns=columns)


def _missed(form: Formulation, arrays: Arrays, time_limit: float, threads: int) -> pd.DataFrame:
    """Return the targets that are missed when their total shortfall is least, in order of years.

    Every target row gets a slack, all other costs are dropped. Empty if there are no targets, or if the case
    contradicts itself without them; all targets if only whole decisions together miss them.
    """
    rows = _target_rows(form)
    count = rows.stop - rows.start
    if count == 0:
        return form.targets
    columns = len(arrays.cost)
    # Rows are stored one after another: a slack comes at the end of each target row.
    ends = arrays.start[rows.start + 1 : rows.stop + 1]
    slack = np.arange(columns, columns + count)
    index = np.insert(arrays.index, ends, slack).astype(np.int32)
    grown = np.insert(arrays.value, ends, 1.0)
    start = arrays.start.copy()
    start[rows.start + 1 : rows.stop + 1] += np.arange(1, count + 1, dtype=np.int32)
    start[rows.stop + 1 :] += count
    elastic = Arrays(
        np.concatenate([np.zeros(columns), np.ones(count)]),
        np.concatenate([arrays.lower, np.zeros(count)]),
        np.concatenate([arrays.upper, np.full(count, np.inf)]),
        np.concatenate([arrays.integer, np.zeros(count, dtype=bool)]),
        arrays.row_lower,
        arrays.row_upper,
        start,
        index,
        grown,
    )
    session = _ready(elastic, time_limit, threads)
    solution = session.run()
    if not len(solution.values):
        return form.targets.iloc[:0]
    keys = form.linear.families["target"].keys
    short = keys.assign(short=solution.values[columns:])
    named = form.targets.merge(short, on=list(keys.columns)).sort_values("year", ignore_index=True)
    missed = named[named["short"] > SHORT]
    return (missed if len(missed) else named).drop(columns="short")


def _ready(arrays: Arrays, time_limit: float, threads: int) -> Session:
    """Return a session for a question of feasibility: whole decisions if the model is small, else relaxed."""
    if len(arrays.cost) <= SMALL:
        return Session(arrays, mip_rel_gap=1e-4, time_limit=time_limit, threads=threads)
    session = Session(replace(arrays, integer=np.zeros_like(arrays.integer)), time_limit=time_limit, threads=threads)
    session.set(solver="ipx", run_crossover="off")
    return session


def _without_targets(form: Formulation, arrays: Arrays) -> Arrays:
    row_lower = arrays.row_lower.copy()
    row_lower[_target_rows(form)] = -np.inf
    return replace(arrays, row_lower=row_lower)


def _raise(form: Formulation, arrays: Arrays, target: Any, time_limit: float, threads: int) -> float:
    """Return the highest value of one rate; NaN if time was too short for any."""
    terms = rate_terms(form, target.scope, target.method, target.municipality, int(target.year))
    up = np.zeros(len(arrays.cost))
    down = np.zeros(len(arrays.cost))
    for into, part in ((up, terms[terms["term"] == 0]), (down, terms[terms["term"] > 0])):
        np.add.at(into, part["col"].to_numpy(dtype=np.int64), part["coef"].to_numpy(dtype=float))
    rate, until = 0.0, clock.perf_counter() + time_limit
    large = len(arrays.cost) > SMALL
    for _ in range(8):
        left = until - clock.perf_counter()
        if left <= 0:
            break
        session = _ready(replace(arrays, cost=-(up - rate * down)), left, threads)
        solution = session.run()
        if not len(solution.values):
            return rate or float("nan")
        reached = float(up @ solution.values) / max(float(down @ solution.values), 1e-12)
        if reached <= rate + (1e-4 if large else 1e-7):
            break
        rate = reached
    return rate
