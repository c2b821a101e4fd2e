"""The search for decisions: a mixed-integer program solved with a proof, or the best until time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.formulation_parts import Formulation, Support
from models.found import Found, Progress, Watch, relative_gap
from models.highs import Arrays, Session, compile_model
from models.interruption import asked
from models.primal import relax
from models.pyomo_model import to_pyomo
from models.reduction import without_forced
from models.search_parts import Reduced, search_parts
from models.search_periods import PeriodSearch

Array = np.ndarray[Any, np.dtype[np.float64]]


SMALL = 20_000
"""Columns up to which the whole mixed-integer program is given to the solver at once."""
HUGE = 500_000
"""Columns from which the relaxation of the whole takes too long and each period is relaxed by itself."""
NOTICED = 0.01
"""Share of a relaxed decision from which the restricted model keeps it."""
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

    ``form`` is the yearly model with pooled hauls. A small one is solved as it is, a huge one period by period
    (:mod:`models.search_parts`). Of a large one the relaxation is solved first. Its parts by period are branched on,
    which gives the bound, and plans are made from them (:mod:`models.search_periods`). If that finds none, a restricted
    model of periods (``restricted`` builds it from what the relaxation uses) is searched, and if that has no plan, the
    model of periods without restriction.
    """
    watch = Watch(time_limit, progress)
    if len(arrays.cost) <= SMALL:
        return _solved(form, arrays, gap, threads, watch)
    whole = _reduced(form, arrays)
    reduced, row_lower = whole.reduction, whole.row_lower
    if len(reduced.arrays.cost) > HUGE:
        found = search_parts(whole, lambda: _lean(restricted(None)), watch, gap, threads)
        if len(found.values) or found.status == "infeasible" or asked():
            return found
    solution = relax(reduced.arrays, watch.left(), threads)
    if solution.status != "optimal":
        return Found(solution.status, form, np.empty(0), float("inf"), float("-inf"), float("inf"))
    bound = solution.bound - 1e-7 * abs(solution.objective)
    watch.say(float("inf"), bound)
    found = PeriodSearch(form, reduced, row_lower, solution, watch, gap, threads).run()
    if len(found.values) or asked():
        return found
    bound = max(bound, found.bound)
    for support in (_support(form, reduced.expand(solution.values)), None):
        lean = restricted(support)
        found = _solved(lean, with_margin(lean, compile_model(to_pyomo(lean.linear))), gap, threads, watch, bound)
        if len(found.values) or found.status != "infeasible" or asked():
            break
    return replace(found, bound=bound, gap=relative_gap(found.objective, bound))


def _lean(form: Formulation) -> Reduced:
    """Return a model that is not yet the solver's, reduced."""
    return _reduced(form, compile_model(to_pyomo(form.linear)))


def _reduced(form: Formulation, arrays: Arrays) -> Reduced:
    """Return a model without the masses that follow from its schemes, with what plans of it must reach."""
    reduced = without_forced(form, arrays)
    return Reduced(form, reduced, with_margin(form, arrays).row_lower[reduced.rows])


def with_margin(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the model with targets raised by a hair, so that rounded decisions still reach them year by year."""
    row_lower = arrays.row_lower.copy()
    row_lower[form.linear.rows("target")] += MARGIN * float(form.supply.commodities["kt"].max())
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
