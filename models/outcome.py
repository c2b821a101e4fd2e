"""What planning ends with: a plan with its tables, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from flows.case import Case

EXPLANATION_TABLES = ("highest", "repairs", "contradictions", "reach")
"""The tables of an explanation, in the order in which they are told."""


class Infeasible(Exception):
    """The targets cannot be reached, or the case contradicts itself. ``reason`` says it in words.

    ``highest``: the highest rates that can be reached. ``repairs``: the least that would make the case feasible,
    several options of one or more rows (see :mod:`models.repairs`). ``contradictions``: a smallest set of
    requirements that cannot hold together. ``reach``: what of each fraction could count at most. ``tables`` has
    these and the states today and reference, as a run stores them; ``info`` is what ``run.json`` holds.
    """

    def __init__(
        self,
        reason: str,
        highest: pd.DataFrame,
        explanation: Mapping[str, pd.DataFrame] | None = None,
        info: Mapping[str, Any] | None = None,
        standing: Callable[[], dict[str, pd.DataFrame]] | None = None,
    ) -> None:
        """Keep the explanation; ``standing`` makes the tables of today and reference when they are asked for."""
        super().__init__(reason)
        self.reason = reason
        self.highest = highest
        given = explanation or {}
        self.repairs, self.contradictions, self.reach = (
            given.get(name, pd.DataFrame()) for name in EXPLANATION_TABLES[1:]
        )
        self.info = dict(info or {})
        self._standing = standing
        self.folder: Any = None

    @property
    def explanation(self) -> dict[str, pd.DataFrame]:
        """The tables of the explanation by name."""
        return {name: getattr(self, name) for name in EXPLANATION_TABLES}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of a run: today and reference, and the explanation."""
        return {**(self._standing() if self._standing is not None else {}), **self.explanation}

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is made again in another process: without what stands there."""
        return Infeasible, (self.reason, self.highest, self.explanation, self.info)


class NoPlan(Exception):
    """The solver stopped without a plan. ``status`` is how the solver ended, the message says it in words."""

    def __init__(self, status: str, when: str = "the solver stopped without a plan") -> None:
        """Keep how the solver ended."""
        super().__init__(f"{when}: {status}")
        self.status = status


class Interrupted(KeyboardInterrupt):
    """Work was interrupted that had come to something: the best plan so far, or the plans so far of a question for several.

    ``result`` is that, finished with tables and certificates; ``run`` is what :func:`mfa.plan`, :func:`mfa.frontier` or
    :func:`mfa.alternatives` made of it (stored, if a folder was given).
    """

    def __init__(self, result: Any) -> None:
        """Keep what there is."""
        super().__init__("interrupted, with what was found so far")
        self.result = result
        self.run: Any = None


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
