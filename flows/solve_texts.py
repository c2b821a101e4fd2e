"""Words for what a system lacks and for what does not fit together in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import lu_factor, solve_triangular

from flows.determine import Contradiction, Determined
from flows.facts import Facts
from flows.year_equations import ADDITION, ENTERS, LEAVES, LIFETIME, RATIO, SHARE, YearEquations

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NAMED = 8
LISTED = 100
"""So many alternatives, and so many members of a set, are named before the rest are counted."""
DENSE = 20_000_000
"""Largest table (flows x missing values) from which sets of flows that determine others are worked out."""
SMALL = 1e-6
SINGULAR = 1e-10


def determined_by(found: Determined, facts: Facts, width: int, year: int) -> pd.DataFrame:
    """Return the undetermined flows of a year, each with the flows that would determine it.

    Columns flow, layer, year, determined_by, together, part, missing. Where other flows move in
    proportion with it, any one of them would do; else several are needed together.
    """
    count = len(facts.flows)
    variable = np.arange(len(found.value))
    is_flow = variable % width < count
    lacking = np.flatnonzero(np.isnan(found.value) & is_flow)
    connected = lacking[found.part[lacking] >= 0]
    needs: dict[int, tuple[Integers, bool]] = {}
    order = connected[np.argsort(found.part[connected], kind="stable")]
    for members in np.split(order, np.flatnonzero(np.diff(found.part[order])) + 1) if len(order) else []:
        needs.update(_needs(members, found))
    rows = []
    for one in lacking.tolist():
        others, together = needs.get(one, (np.zeros(0, dtype=np.int64), False))
        part = int(found.part[one])
        rows.append(
            (
                facts.flows[one % width],
                facts.layers[one // width],
                facts.years[year],
                _listed(others, one // width, facts, width, LISTED if together else NAMED),
                together,
                part,
                int(found.missing[part]) if part >= 0 else 1,
            )
        )
    names = ["flow", "layer", "year", "determined_by", "together", "part", "missing"]
    return pd.DataFrame(rows, columns=names)


def _listed(variables: Integers, layer: int, facts: Facts, width: int, most: int) -> str:
    """Return flows as text, those of the same layer first."""
    order = np.lexsort((variables, variables // width != layer))
    names = [
        str(facts.flows[one % width]) + ("" if one // width == layer else f" ({facts.layers[one // width]})")
        for one in variables[order][:most].tolist()
    ]
    more = len(variables) - most
    return ", ".join(names) + (f", and {more} more" if more > 0 else "")


def _needs(members: Integers, found: Determined) -> dict[int, tuple[Integers, bool]]:
    """Return for the flows of one part which others would determine each, and whether only together."""
    result: dict[int, tuple[Integers, bool]] = {}
    alike = found.alike[members]
    order = members[np.argsort(alike, kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(np.sort(alike))) + 1)
    for group in groups:
        if len(group) > 1:
            for one in group.tolist():
                result[one] = (group[group != one], False)
    alone = [int(group[0]) for group in groups if len(group) == 1]
    if not alone:
        return result
    # One flow stands for each group: sets are made of these.
    chosen = np.array([int(group[0]) for group in groups])
    missing = int(found.missing[found.part[members[0]]])
    if missing * len(chosen) <= DENSE:
        result.update(_sets(chosen, set(alone), found))
    return result


def _sets(chosen: Integers, alone: set[int], found: Determined) -> dict[int, tuple[Integers, bool]]:
    """Return sets of flows that together determine those that no single flow does."""
    movements = found.movements(chosen)
    count = movements.shape[1]
    if len(chosen) < count:
        return {}
    # Rows that pivoting brings to the top are independent: every other one is a combination of them.
    packed, swaps = lu_factor(movements, check_finite=False)
    order = np.arange(len(chosen))
    for position, other in enumerate(swaps.tolist()):
        order[[position, other]] = order[[other, position]]
    pivots = np.abs(np.diag(packed))
    if not pivots.min() > SINGULAR * pivots.max():
        return {}
    weight = np.empty((len(chosen), count))
    weight[order[:count]] = np.eye(count)
    top = np.tril(packed[:count], -1) + np.eye(count)
    if len(chosen) > count:
        weight[order[count:]] = solve_triangular(top, packed[count:].T, trans="T", lower=True, unit_diagonal=True).T
    used = np.abs(weight) > SMALL
    basis, others, length = order[:count], order[count:], used.sum(axis=1)
    column_of = np.full(len(chosen), -1)
    column_of[basis] = np.arange(count)
    result: dict[int, tuple[Integers, bool]] = {}
    for position in np.flatnonzero([one in alone for one in chosen.tolist()]).tolist():
        column = int(column_of[position])
        if column < 0:
            members = basis[used[position]]
        else:
            through = others[used[others, column]]
            if not len(through):
                continue
            best = through[np.argmin(length[through])]
            members = np.append(basis[used[best] & (np.arange(count) != column)], best)
        result[int(chosen[position])] = (np.sort(chosen[members]), len(members) > 1)
    return result


def contradiction_text(
    contradiction: Contradiction, value: Floats, equations: YearEquations, facts: Facts, year: int
) -> str:
    """Return which equation does not hold, by how much and on which given values it rests."""
    equation = contradiction.equation
    what, subject = int(equations.what[equation]), int(equations.subject[equation])
    layer, when = facts.layers[int(equations.layer[equation])], facts.years[year]
    place = f"in layer {layer}, year {when}"
    if what in (ENTERS, LEAVES):
        head = f"{facts.processes[subject]} does not balance {place}"
    elif what == ADDITION:
        head = f"the stock {facts.processes[subject]} does not balance {place}"
    elif what == LIFETIME:
        head = f"what leaves the stock {facts.processes[subject]} {place} is not what its lifetime says"
    elif what == SHARE:
        process = facts.processes[facts.start[subject]]
        share = facts.shares[subject, int(equations.layer[equation]), year]
        head = f"{process} does not balance {place}, or {facts.flows[subject]} is not {share:.6g} of what passes it"
    else:
        assert what == RATIO  # noqa: S101
        ratios = facts.ratios
        left, right = facts.flows[ratios.left[subject]], facts.flows[ratios.right[subject]]
        other = facts.layers[ratios.right_layer[subject]]
        named = f"{other} in it" if left == right else f"{right}" + ("" if other == layer else f" in layer {other}")
        head = f"{left} {place} is not {ratios.value[subject, year]:.6g} times {named}"
    given = [_variable(one, value[one], facts, equations.width, layer) for one in contradiction.given[:NAMED].tolist()]
    more = len(contradiction.given) - NAMED
    rests = f"; given: {', '.join(given)}" + (f" and {more} more" if more > 0 else "") if given else ""
    return f"{head}: it is {abs(contradiction.difference):.6g} off{rests}"


def _variable(variable: int, value: float, facts: Facts, width: int, layer: str) -> str:
    """Return a given variable with its value."""
    flows, processes = len(facts.flows), len(facts.processes)
    inside, own = variable % width, facts.layers[variable // width]
    name = facts.flows[inside] if inside < flows else f"addition to {facts.processes[(inside - flows) % processes]}"
    return f"{name}{'' if own == layer else f' ({own})'} {value:,.6g}"
