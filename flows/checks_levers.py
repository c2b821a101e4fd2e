"""Checks of what a plan is asked for: limits that can be held, objectives that mean something."""

from __future__ import annotations

from collections.abc import Iterator

from flows.case import Case
from flows.checks import Check, cell_problem
from flows.indicator_names import INDICATORS_BY_NAME
from flows.problems import Problem


def limits(case: Case) -> Iterator[Problem]:
    """Yield limits on the cost of one municipality, and technologies of indicators that have none."""
    rows = case["limits"]
    for position, row in enumerate(rows.itertuples(index=False)):
        one = INDICATORS_BY_NAME[row.indicator]
        if row.municipality and one.regional:
            yield cell_problem(rows, "limits", position, "municipality", "limit_regional", found=row.indicator)
        if row.technology and not one.counted:
            yield cell_problem(rows, "limits", position, "technology", "limit_technology", found=row.indicator)


def objective(case: Case) -> Iterator[Problem]:
    """Yield objectives without what they are made of: households, factors."""
    name = case.settings["objective"]
    if name == "fair" and not case["dwellings"]["dwellings"].sum() > 0:
        yield Problem("objective_households", "settings", column="objective")
    if name in {"jobs", "value_kept", "material_avoided"}:
        known = set(case["indicator_factors"]["indicator"])
        if name not in known:
            yield Problem("objective_factors", "settings", column="objective", found=str(name), severity="warning")


LEVER_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("limits",), limits),
    (("dwellings", "indicator_factors"), objective),
)
"""Each check with the tables that it reads."""
