"""No plan meets the targets in every scenario: which scenarios ask for it, and what is reached at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from models.highs import Session, compile_model
from models.joint import decisions_at_once, joined_models
from models.outcome import Infeasible
from models.pyomo_model import to_pyomo
from models.scenario_model import ScenarioModel, only_cost_of
from models.softening import SHORT, TARGETS, own_columns, softened
from models.stochastic_plans import Candidate, Options, try_out


class NotInAll(Infeasible):
    """No plan meets the targets in every scenario.

    ``highest`` has a column ``scenario`` beside what :class:`Infeasible` tells. ``alone`` are scenarios that cannot
    meet their targets even with a plan of their own; if there are none, the scenarios ask for different decisions, and
    ``highest`` tells what the plan that misses least reaches. ``proven`` is false where only the plans tried failed.
    """

    def __init__(self, highest: pd.DataFrame, alone: Sequence[str], *, proven: bool = True) -> None:
        """Keep the explanation."""
        self.alone, self.proven = list(alone), proven
        names = self.alone or list(dict.fromkeys(highest["scenario"]))
        why = "cannot be reached even alone in" if self.alone else "cannot be reached by one plan in all of"
        super().__init__(f"the targets {why} the scenarios {', '.join(names)}", highest)


def why_not_all(models: Sequence[ScenarioModel], options: Options) -> NotInAll:
    """Return the explanation: what the plan that misses least of all targets together reaches in each scenario."""
    forms = [softened(model.planner.yearly, TARGETS) for model in models]
    arrays = [compile_model(to_pyomo(form.linear)) for form in forms]
    priced = [
        only_cost_of(form, part, SHORT)
        if own_columns(form) < form.linear.columns
        else replace(part, cost=0 * part.cost)
        for form, part in zip(forms, arrays, strict=True)
    ]
    joint = joined_models(forms, priced, options.until)
    names = [model.name for model in models]
    if not joint.consistent:
        return NotInAll(_blank(names), [])
    cost = np.zeros(len(joint.arrays.cost))
    for place, part in zip(joint.columns, joint.costs, strict=True):
        np.add.at(cost, place, part)
    session = Session(
        replace(joint.arrays, cost=cost),
        mip_rel_gap=options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
    )
    solution = session.run()
    if not len(solution.values):
        return NotInAll(_blank(names), [])
    plan = Candidate("least", "all", decisions_at_once(joint, solution.values))
    try_out([plan], models, options)
    return NotInAll(_reached(models, plan), [])


def none_holds(models: Sequence[ScenarioModel], plans: Sequence[Candidate]) -> NotInAll:
    """Return the explanation where only plans were tried: the one that misses least."""

    def short(plan: Candidate) -> tuple[int, float]:
        return sum(not trial.runs for trial in plan.trials), sum(trial.short_t for trial in plan.trials)

    return NotInAll(_reached(models, min(plans, key=short)), [], proven=False)


def _blank(names: Sequence[str]) -> pd.DataFrame:
    columns = ["scope", "method", "municipality", "year", "goal", "highest"]
    return pd.DataFrame({"scenario": names}).reindex(columns=["scenario", *columns])


def _reached(models: Sequence[ScenarioModel], plan: Candidate) -> pd.DataFrame:
    """Return scenario, scope, method, municipality, year, goal, short_t, highest (NaN) of the targets that a plan misses."""
    found = []
    for model, trial in zip(models, plan.trials, strict=True):
        if not trial.runs:
            found.append(_blank([model.name]).assign(short_t=np.nan))
        elif trial.short_t > 0:
            rows = trial.missed[trial.missed["short_t"] > 0]
            found.append(rows.assign(scenario=model.name, highest=np.nan))
    return pd.concat(found, ignore_index=True) if found else _blank([model.name for model in models])
