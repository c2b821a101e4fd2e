"""What became of the tasks of a sweep, and the tables that it is kept in; reading them needs no solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from models.formulation_parts import Decisions

SHOWN = ("co2e", "landfilled", "incinerated", "investment", "cost_per_household")
"""Indicators of a plan that an outcome holds, over the whole horizon."""
OUTCOME_TYPES: dict[str, str] = {
    "task": "int64",
    "status": "str",
    "reason": "str",
    "certified": "bool",
    "cost": "float64",
    "bound": "float64",
    "gap": "float64",
    "rate": "float64",
    "highest_rate": "float64",
    **dict.fromkeys(SHOWN, "float64"),
    "seconds": "float64",
}
"""Columns of outcomes; ``seconds`` is the only one that differs between equal sweeps."""
DECISION_TYPES: dict[str, str] = {
    "task": "int64",
    "kind": "str",
    "municipality": "str",
    "sector": "str",
    "segment": "str",
    "name": "str",
    "size": "str",
    "period": "int64",
    "share": "float64",
}
"""Columns of decisions: a scheme that runs with its share, or a step of a facility in operation."""


@dataclass(frozen=True)
class Done:
    """What became of a task: a row of outcomes, and its decisions if it has a plan."""

    task: int
    outcome: dict[str, Any]
    decisions: Decisions | None


def outcome_table(done: Sequence[Done]) -> pd.DataFrame:
    """Return outcomes as a table, columns :data:`OUTCOME_TYPES`."""
    return pd.DataFrame([one.outcome for one in done], columns=list(OUTCOME_TYPES)).astype(OUTCOME_TYPES)


def decision_table(done: Sequence[Done]) -> pd.DataFrame:
    """Return the decisions of plans as a table, columns :data:`DECISION_TYPES`; what is not chosen has no row."""
    found = [pd.DataFrame(columns=list(DECISION_TYPES))]
    for one in done:
        if one.decisions is not None:
            schemes = one.decisions.schemes.rename(columns={"scheme": "name"}).assign(kind="scheme", size="")
            steps = one.decisions.steps.rename(columns={"facility": "name", "on": "share"})
            steps = steps.assign(kind="facility", municipality="", sector="", segment="")
            both = pd.concat([schemes, steps], ignore_index=True)
            found.append(both[both["share"] > 0].assign(task=one.task)[list(DECISION_TYPES)])
    return pd.concat(found if len(found) == 1 else found[1:], ignore_index=True).astype(DECISION_TYPES)
