"""The extensive form: the models of all scenarios side by side, with one set of decisions taken at once.

Birge and Louveaux, Introduction to Stochastic Programming (2011), chapter 2. Columns of ``x`` and ``on`` that are
decided before it is known which scenario comes are one column for all scenarios; everything else, flows and later
decisions, each scenario has for itself. Money is scaled so that the objective is some thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.first_stage import SCHEME_KEY, STEP_KEY, free_steps, open_until
from models.formulation_parts import Decisions, Formulation
from models.highs import Arrays, Session
from models.risk import Measure

Array = np.ndarray[Any, np.dtype[np.float64]]
Columns = np.ndarray[Any, np.dtype[np.int64]]
SCALE = 1000.0
HAIR = 1e-7
"""How much dearer by the measure, relative, a plan may be that is cheaper on average."""


@dataclass(frozen=True)
class Shared:
    """Decisions that are one for all: ``table`` has their key and bounds, ``places`` per scenario its own column and theirs."""

    table: pd.DataFrame
    places: tuple[tuple[Columns, Columns], ...]


@dataclass(frozen=True)
class Joint:
    """The models of all scenarios as one: ``columns`` are where each one's own columns stand, ``costs`` what they cost."""

    arrays: Arrays
    columns: tuple[Columns, ...]
    costs: tuple[Array, ...]
    schemes: pd.DataFrame
    steps: pd.DataFrame
    scale: float

    @property
    def consistent(self) -> bool:
        """Whether no two scenarios ask for opposite decisions."""
        return bool((self.arrays.lower <= self.arrays.upper).all())


@dataclass(frozen=True)
class Answer:
    """What the extensive form says: the decisions taken at once (None if there are none), and a bound of the measure."""

    status: str
    first: Decisions | None
    bound: float


def _shared_schemes(forms: Sequence[Formulation], until: int) -> Shared:
    """Return the schemes that are decided at once: where a source cannot run one of them, it is decided nowhere."""
    found = []
    for number, form in enumerate(forms):
        x = form.block("x")
        now = open_until(form, x, until)
        table = x.keys.assign(own=x.columns, lower=x.lower, upper=x.upper, integer=x.integer, scenario=number)
        found.append(table[now])
    every = pd.concat(found, ignore_index=True)
    every["shared"] = every.groupby(SCHEME_KEY, sort=True).ngroup()
    at = [*SOURCE, "period"]
    there = every.groupby(at)["scenario"].nunique()
    table = every.groupby([*SCHEME_KEY, "shared"], as_index=False).agg(
        lower=("lower", "max"), upper=("upper", "min"), integer=("integer", "max"), count=("scenario", "nunique")
    )
    lacking = table["count"].to_numpy() < there.reindex(pd.MultiIndex.from_frame(table[at])).to_numpy()
    table["upper"] = np.where(lacking, 0.0, table["upper"])
    return _placed(table, every, len(forms), SCHEME_KEY)


def _shared_steps(forms: Sequence[Formulation], until: int) -> Shared:
    """Return the steps that are decided at once, in the scenarios that leave them open."""
    found = []
    for number, form in enumerate(forms):
        on = form.block("on")
        now = open_until(form, on, until) & free_steps(on)
        table = on.keys.assign(own=on.columns, lower=on.lower, upper=on.upper, integer=on.integer, scenario=number)
        found.append(table[now])
    every = pd.concat(found, ignore_index=True)
    every["shared"] = every.groupby(STEP_KEY, sort=True).ngroup()
    table = every.groupby([*STEP_KEY, "shared"], as_index=False).agg(
        lower=("lower", "max"), upper=("upper", "min"), integer=("integer", "max")
    )
    return _placed(table, every, len(forms), STEP_KEY)


def _placed(table: pd.DataFrame, every: pd.DataFrame, count: int, key: list[str]) -> Shared:
    places = []
    for number in range(count):
        mine = every[every["scenario"] == number]
        places.append((mine["own"].to_numpy(dtype=np.int64), mine["shared"].to_numpy(dtype=np.int64)))
    columns = [*key, "lower", "upper", "integer"]
    return Shared(table.sort_values("shared")[columns].reset_index(drop=True), tuple(places))


def joined_models(forms: Sequence[Formulation], arrays: Sequence[Arrays], until: int, scale: float = 1.0) -> Joint:
    """Return the models side by side; ``arrays`` are those of ``forms``, costs are multiplied by ``scale``."""
    x, on = _shared_schemes(forms, until), _shared_steps(forms, until)
    first_step = len(x.table)
    shared = first_step + len(on.table)
    both = pd.concat([x.table[["lower", "upper", "integer"]], on.table[["lower", "upper", "integer"]]])
    columns: list[Columns] = []
    lower, upper = [both["lower"].to_numpy(dtype=float)], [both["upper"].to_numpy(dtype=float)]
    integer = [both["integer"].to_numpy(dtype=bool)]
    total = shared
    for number, part in enumerate(arrays):
        place = np.full(len(part.cost), -1, dtype=np.int64)
        own, one = x.places[number]
        place[own] = one
        own, one = on.places[number]
        place[own] = one + first_step
        rest = place < 0
        place[rest] = np.arange(total, total + int(rest.sum()))
        total += int(rest.sum())
        columns.append(place)
        lower.append(part.lower[rest])
        upper.append(part.upper[rest])
        integer.append(part.integer[rest])
    ends = np.cumsum([0, *(len(part.index) for part in arrays)])
    starts = [part.start[:-1].astype(np.int64) + end for part, end in zip(arrays, ends, strict=False)]
    stacked = Arrays(
        np.zeros(total),
        np.concatenate(lower),
        np.concatenate(upper),
        np.concatenate(integer),
        np.concatenate([part.row_lower for part in arrays]),
        np.concatenate([part.row_upper for part in arrays]),
        np.concatenate([*starts, ends[-1:]]).astype(np.int32),
        np.concatenate([place[part.index] for place, part in zip(columns, arrays, strict=True)]).astype(np.int32),
        np.concatenate([part.value for part in arrays]),
    )
    costs = tuple(part.cost * scale for part in arrays)
    return Joint(stacked, tuple(columns), costs, x.table[SCHEME_KEY], on.table[STEP_KEY], scale)


def with_measure(
    joint: Joint, weights: Array, best: Array, measure: Measure, alpha: float, risk_weight: float
) -> tuple[Joint, Array]:
    """Return the model with columns and rows of a measure, and the measure as a vector over its columns.

    ``best`` is the least cost of each scenario [millions], from which regret is counted.
    """
    mean = np.zeros(len(joint.arrays.cost))
    for place, cost, weight in zip(joint.columns, joint.costs, weights, strict=True):
        np.add.at(mean, place, weight * cost)
    tail = 1.0 - alpha
    if measure == "expected" or (measure == "cvar" and risk_weight == 0.0):
        return joint, mean
    if measure == "cvar" and tail > 1e-12:
        # One column for the value at risk, and for every scenario what it costs beyond that.
        count = len(weights)
        first = len(mean)
        arrays = _with_columns(joint.arrays, np.full(1, -np.inf), np.zeros(count))
        for number in range(count):
            arrays = _with_cost_row(arrays, joint, number, [first, first + 1 + number], 0.0)
        extra = np.concatenate([[risk_weight], risk_weight * weights / tail])
        return replace(joint, arrays=arrays), np.concatenate([(1.0 - risk_weight) * mean, extra])
    counted = [number for number, weight in enumerate(weights) if measure != "cvar" or weight > 0]
    arrays = _with_columns(joint.arrays, np.full(1, -np.inf), np.zeros(0))
    for number in counted:
        above = float(best[number]) * joint.scale if measure == "regret" else 0.0
        arrays = _with_cost_row(arrays, joint, number, [len(mean)], above)
    share = risk_weight if measure == "cvar" else 1.0
    return replace(joint, arrays=arrays), np.concatenate([(1.0 - share) * mean, [share]])


def _with_columns(arrays: Arrays, free: Array, positive: Array) -> Arrays:
    added = len(free) + len(positive)
    return replace(
        arrays,
        cost=np.concatenate([arrays.cost, np.zeros(added)]),
        lower=np.concatenate([arrays.lower, free, positive]),
        upper=np.concatenate([arrays.upper, np.full(added, np.inf)]),
        integer=np.concatenate([arrays.integer, np.zeros(added, dtype=bool)]),
    )


def _with_cost_row(arrays: Arrays, joint: Joint, number: int, over: list[int], above: float) -> Arrays:
    """Add the row: the cost of a scenario less the columns ``over`` is at most ``above``."""
    row = np.zeros(len(arrays.cost))
    np.add.at(row, joint.columns[number], joint.costs[number])
    row[over] -= 1.0
    return with_row(arrays, row, above)


def with_row(arrays: Arrays, row: Array, most: float) -> Arrays:
    """Return the model with one row more: row @ columns <= most."""
    used = np.flatnonzero(row)
    return replace(
        arrays,
        row_lower=np.append(arrays.row_lower, -np.inf),
        row_upper=np.append(arrays.row_upper, most),
        start=np.append(arrays.start, arrays.start[-1] + len(used)).astype(np.int32),
        index=np.concatenate([arrays.index, used]).astype(np.int32),
        value=np.concatenate([arrays.value, row[used]]),
    )


def solved(
    joint: Joint,
    weights: Array,
    best: Array,
    measure: Measure,
    *,
    alpha: float,
    risk_weight: float,
    gap: float,
    time_limit: float,
    threads: int,
) -> Answer:
    """Return the decisions that are best by a measure; of those alike, the ones that are cheapest on average."""
    if not joint.consistent:
        return Answer("infeasible", None, float("inf"))
    ready, vector = with_measure(joint, weights, best, measure, alpha, risk_weight)
    arrays = replace(ready.arrays, cost=vector)
    solution = Session(arrays, mip_rel_gap=gap, time_limit=time_limit, threads=threads).run()
    if not len(solution.values):
        return Answer(solution.status, None, float("inf") if solution.status == "infeasible" else float("-inf"))
    values, bound = solution.values, solution.bound / joint.scale
    _, mean = with_measure(joint, weights, best, "expected", alpha, risk_weight)
    mean = np.append(mean, np.zeros(len(vector) - len(mean)))
    if measure != "expected" and solution.status == "optimal":
        most = solution.objective + HAIR * max(abs(solution.objective), 1.0)
        cheaper = replace(with_row(arrays, vector, most), cost=mean)
        again = Session(cheaper, mip_rel_gap=gap, time_limit=time_limit, threads=threads).run()
        values = again.values if len(again.values) else values
    return Answer(solution.status, decisions_at_once(joint, values), bound)


def decisions_at_once(joint: Joint, values: Array) -> Decisions:
    """Return the shared decisions of a solution; whole numbers are made whole, shares add up to one."""
    count = len(joint.schemes)
    share = values[:count]
    whole = joint.arrays.integer[:count]
    share = np.where(whole, np.round(share), np.where(share < 1e-6, 0.0, share))
    schemes = joint.schemes.assign(share=share)
    schemes["share"] /= schemes.groupby([*SOURCE, "period"])["share"].transform("sum")
    steps = joint.steps.assign(on=np.round(values[count : count + len(joint.steps)]))
    return Decisions(schemes, steps)
