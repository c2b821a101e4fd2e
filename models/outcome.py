"""What planning ends with: a plan with its tables, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from flows.case import Case


class Infeasible(Exception):
    """The targets cannot be reached. ``highest`` lists the highest rates that can be, ``reason`` says it in words."""

    def __init__(self, reason: str, highest: pd.DataFrame) -> None:
        """Keep the explanation."""
        super().__init__(reason)
        self.reason = reason
        self.highest = highest


class NoPlan(Exception):
    """The solver stopped without a plan. ``status`` is how the solver ended, the message says it in words."""

    def __init__(self, status: str, when: str = "the solver stopped without a plan") -> None:
        """Keep how the solver ended."""
        super().__init__(f"{when}: {status}")
        self.status = status


@dataclass
class PlanResult:
    """A plan: the case, the tables of the run (see the reference) and ``info``, what ``run.json`` holds."""

    case: Case
    tables: dict[str, pd.DataFrame]
    info: dict[str, Any] = field(default_factory=dict)

    def rate(self, scope: str, method: str, year: int, variant: str = "plan") -> float:
        """Return a rate of the whole area; NaN if it was not computed."""
        rows = self.tables["rates"]
        fits = (rows["scope"] == scope) & (rows["method"] == method) & (rows["year"] == year)
        rows = rows[fits & (rows["variant"] == variant) & (rows["municipality"] == "")]
        return float(rows["rate"].iloc[0]) if len(rows) else float("nan")
