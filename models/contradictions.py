"""What contradicts what: a smallest set of requirements of a case that cannot hold together.

QuickXplain (Junker 2004, "QUICKXPLAIN: preferred explanations and relaxations for over-constrained problems",
AAAI-04) splits the requirements in halves and asks the model again and again whether a part can hold, decisions
whole. What it returns is irreducible: without any one of them the rest can hold.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models.elastic import OutOfTime, answered
from models.levers import Levers


def smallest_conflict(items: Sequence[int], holds: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return an irreducible part of ``items`` that cannot hold together, or all that is left if even none holds.

    ``holds(part)`` tells whether a part can hold; a larger part never holds where a smaller does not. Items
    that come first are kept out of the answer where that is possible.

    >>> smallest_conflict([1, 2, 3, 4, 5], lambda part: not {2, 5} <= set(part))
    [2, 5]
    """
    if not items or holds(items):
        return []

    def search(background: list[int], added: bool, candidates: list[int]) -> list[int]:
        if added and not holds(background):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        late = search(background + first, bool(first), second)
        early = search(background + late, bool(late), first)
        return early + late

    if not holds([]):
        return []
    return search([], False, list(items))


def contradiction(levers: Levers, *, time_limit: float, threads: int) -> list[int]:
    """Return the positions of levers that cannot hold together, as few as possible; empty if time was too short.

    Empty as well if the case is impossible without any of them: see the kinds ``outlet`` and ``pool``.
    """
    # Targets come last and least loads first, so that what is told is what the user asked for.
    kinds = ["least_load", "capacity", "market", "min_years", "contract", "content", "limit", "pin", "target"]
    order = sorted(
        (position for kind in kinds for position in levers.only([kind]).tolist()),
        key=lambda position: kinds.index(str(levers.table["kind"].iloc[position])),
    )
    until = clock.perf_counter() + time_limit
    free = replace(levers, arrays=replace(levers.arrays, cost=np.zeros(len(levers.arrays.cost))))
    everything = set(order)

    def holds(part: Sequence[int]) -> bool:
        left = until - clock.perf_counter()
        if left <= 0:
            raise OutOfTime
        solution = answered(free.released(everything - set(part)), left, threads)
        if not len(solution.values) and solution.status != "infeasible":
            raise OutOfTime
        return bool(len(solution.values))

    try:
        return sorted(smallest_conflict(order, holds))
    except OutOfTime:
        return []
