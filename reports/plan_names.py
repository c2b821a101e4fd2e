"""What the plans of a run of several are called, and the scenarios that they are judged in."""

from __future__ import annotations

import re

from reports.names import Names
from reports.others import scenario_name
from reports.words import CATALOGUE

BASE = "base"
"""The case as it is, among scenarios."""
_NUMBERED = re.compile(r"(?:point|plan)_0*(\d+)")


def plan_name(names: Names, identifier: str) -> str:
    """Return what a plan is called: of a curve or of alternatives its number, else what it is best for or without."""
    words = names.words
    numbered = _NUMBERED.fullmatch(identifier)
    if numbered:
        return words("page_plan_number", number=numbered[1])
    kind, _, rest = identifier.partition(":")
    if kind == "steps":
        return words("page_robust_steps")
    if kind == "for":
        return words("page_robust_for", name=scenario(names, rest))
    if kind == "all":
        measure = f"page_measure_{rest}"
        return words("page_robust_all", name=words(measure) if measure in CATALOGUE else rest)
    known = f"page_points_{identifier}"
    return words(known) if known in CATALOGUE else identifier


def scenario(names: Names, identifier: str) -> str:
    """Return what a scenario is called; an id without a name stands for itself."""
    return (
        names.words("page_scenario_base")
        if identifier == BASE
        else scenario_name(names.case, identifier, names.words.language)
    )


def shown_name(names: Names, kind: str, identifier: str) -> str:
    """Return the plan that a page shows in full: one of several, or the chosen one in a scenario."""
    if kind == "robust":
        return names.words("page_shown_in", name=scenario(names, identifier))
    return plan_name(names, identifier)
