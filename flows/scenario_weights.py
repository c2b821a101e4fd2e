"""How likely scenarios are: the column ``weight`` of the sheet, or weights that are given.

The case as it is, ``base``, is a scenario too. Scenarios without a weight share with it what the others leave of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from flows import scenarios
from flows.case import Case
from flows.problems import InputError, Problem, nearest, number_text

BASE = "base"
"""The case as it is, without a scenario."""
SLACK = 1e-9


def named(case: Case, scenario: str) -> Case:
    """Return the case with a scenario's changes; ``base`` is the case as it is."""
    return case if scenario == BASE else scenarios.apply(case, scenario)


def stated(case: Case) -> dict[str, float]:
    """Return the weight that the sheet states for each scenario, NaN where it states none."""
    rows = case["scenarios"]
    found = {}
    for scenario in scenarios.names(case):
        weights = rows.loc[rows["scenario"] == scenario, "weight"].dropna()
        found[scenario] = float(weights.iloc[0]) if len(weights) else float("nan")
    return found


def check(case: Case) -> Iterator[Problem]:
    """Yield the problems of names and weights on the sheet."""
    rows = case["scenarios"]
    for scenario in scenarios.names(case):
        mine = rows[rows["scenario"] == scenario]
        number = (
            int(mine["_row"].iloc[0]) if "_row" in rows else int(np.flatnonzero(rows["scenario"] == scenario)[0]) + 1
        )
        several = sorted(set(mine["weight"].dropna()))
        if len(several) > 1:
            text = ", ".join(map(number_text, several))
            yield Problem("scenario_weights", "scenarios", number, "weight", found=text)
        if scenario == BASE:
            yield Problem("scenario_base", "scenarios", number, "scenario", found=BASE)
    total = float(np.nansum(list(stated(case).values()))) if len(rows) else 0.0
    if total > 1.0 + SLACK:
        yield Problem("scenario_weights_sum", "scenarios", column="weight", found=number_text(round(total, 6)))


def weights(
    case: Case, chosen: Sequence[str] | None = None, given: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the weight of each chosen scenario; they add up to one.

    ``chosen`` are names of the sheet and ``base``; by default all of them, the base only if the weights of the sheet
    leave something for it. ``given`` weights, one for each chosen scenario on any scale, win over those of the sheet.
    Raises :class:`InputError` for a scenario that is not there, and for weights that are no probabilities.
    """
    known = [BASE, *scenarios.names(case)]
    names = list(dict.fromkeys(known if chosen is None else chosen))
    unknown = [name for name in [*names, *(given or {})] if name not in known]
    if unknown:
        problems = [
            Problem(
                "scenario_unknown", "scenarios", found=name, expected=", ".join(known), suggestion=nearest(name, known)
            )
            for name in unknown
        ]
        raise InputError(problems)
    if given is not None:
        told = {name: float(given[name]) for name in names if name in given}
    else:
        told = _of_sheet(case)
        if chosen is None and told[BASE] <= SLACK:
            names.remove(BASE)
    total = sum(told.get(name, 0.0) for name in names)
    if total <= 0:
        return {name: 1.0 / len(names) for name in names}
    return {name: told.get(name, 0.0) / total for name in names}


def _of_sheet(case: Case) -> dict[str, float]:
    """Return the weights of the base and every scenario: as stated, the rest in equal parts."""
    if problems := list(check(case)):
        raise InputError(problems)
    told = {BASE: float("nan"), **stated(case)}
    blank = [name for name, weight in told.items() if np.isnan(weight)]
    rest = max(1.0 - sum(weight for weight in told.values() if not np.isnan(weight)), 0.0)
    return {name: rest / len(blank) if np.isnan(weight) else weight for name, weight in told.items()}
