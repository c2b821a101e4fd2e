"""In which column and in which order the nodes of a directed graph stand: the layered drawing of Sugiyama.

Loops are opened at a set of light arcs (the greedy sequence of Eades, Lin and Smyth, 1993, from which
every arc is taken back that closes no loop), columns are longest paths, arcs over several columns run
through place holders, and crossings are reduced by barycentres. Nodes and arcs are numbers, so that this
serves any graph; the same input gives the same drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Arc = tuple[int, int, float]
"""From, to, weight."""
SWEEPS = 12
MOST_COUNTED = 2000
"""Arcs between two columns up to which crossings are counted."""


def feedback(count: int, arcs: Sequence[Arc], entry: Sequence[float] | None = None) -> set[int]:
    """Return the positions of arcs without which the graph has no loop; light ones where possible.

    ``entry`` is, per node, by how much what comes from outside exceeds what goes there: nodes that are
    fed from outside come first in a loop. An arc from a node to itself is always one.

    >>> sorted(feedback(3, [(0, 1, 5.0), (1, 2, 5.0), (2, 0, 1.0)]))
    [2]
    """
    place = {node: position for position, node in enumerate(_sequence(count, arcs, entry))}
    back = {position for position, (start, end, _) in enumerate(arcs) if place[start] >= place[end]}
    after: dict[int, list[int]] = {node: [] for node in range(count)}
    for position, (start, end, _) in enumerate(arcs):
        if position not in back:
            after[start].append(end)
    for position in sorted(back, key=lambda item: (-arcs[item][2], item)):
        start, end, _ = arcs[position]
        if not _reaches(after, end, start):
            after[start].append(end)
            back.discard(position)
    return back


def _sequence(count: int, arcs: Sequence[Arc], entry: Sequence[float] | None) -> list[int]:
    """Return the nodes in an order in which little weight points backwards."""
    outward: list[dict[int, float]] = [{} for _ in range(count)]
    inward: list[dict[int, float]] = [{} for _ in range(count)]
    for start, end, weight in arcs:
        if start != end:
            outward[start][end] = outward[start].get(end, 0.0) + weight
            inward[end][start] = inward[end].get(start, 0.0) + weight
    first: list[int] = []
    last: list[int] = []
    left = dict.fromkeys(range(count))
    while left:
        free = [node for node in left if not outward[node]] or [node for node in left if not inward[node]]
        if free:
            sinks = not outward[free[0]]
            chosen = free
        else:
            sinks = False
            chosen = [max(left, key=lambda node: (_surplus(node, outward, inward, entry), -node))]
        for node in chosen:
            (last if sinks else first).append(node)
            del left[node]
            for other in outward[node]:
                inward[other].pop(node, None)
            for other in inward[node]:
                outward[other].pop(node, None)
    return first + last[::-1]


def _surplus(
    node: int, outward: list[dict[int, float]], inward: list[dict[int, float]], entry: Sequence[float] | None
) -> float:
    return sum(outward[node].values()) - sum(inward[node].values()) + (entry[node] if entry is not None else 0.0)


def _reaches(after: dict[int, list[int]], start: int, goal: int) -> bool:
    seen = {start}
    stack = [start]
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        for other in after[node]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return False


def columns(count: int, arcs: Sequence[Arc], back: set[int]) -> list[int]:
    """Return the column of each node: the longest path to it; what nothing enters stands beside what it feeds.

    >>> columns(4, [(0, 1, 1.0), (1, 2, 1.0), (3, 2, 1.0)], set())
    [0, 1, 2, 1]
    """
    forward = [arc for position, arc in enumerate(arcs) if position not in back]
    waiting = [0] * count
    after: list[list[int]] = [[] for _ in range(count)]
    for start, end, _ in forward:
        waiting[end] += 1
        after[start].append(end)
    entered = [number > 0 for number in waiting]
    place = [0] * count
    ready = [node for node in range(count) if not waiting[node]]
    while ready:
        node = ready.pop(0)
        for other in after[node]:
            place[other] = max(place[other], place[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for node in range(count):
        if not entered[node] and after[node]:
            place[node] = min(place[other] for other in after[node]) - 1
    return place


@dataclass(frozen=True)
class Routed:
    """The columns with their items from the top down.

    Items 0 … count-1 are the nodes, the others place holders. ``chains`` gives, for each arc, the items
    that it runs through from its start to its end; ``None`` for an arc that runs back (a loop).
    """

    order: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...] | None, ...]


def route(place: Sequence[int], arcs: Sequence[Arc], sweeps: int = SWEEPS) -> Routed:
    """Return the order in every column, with few crossings, and the way of each arc.

    An arc that does not lead to a later column runs back.
    """
    layers: list[list[int]] = [[] for _ in range(max(place, default=-1) + 1)]
    for node, column in enumerate(place):
        layers[column].append(node)
    fresh = len(place)
    chains: list[tuple[int, ...] | None] = []
    for start, end, _ in arcs:
        if place[end] <= place[start]:
            chains.append(None)
            continue
        chain = [start]
        for column in range(place[start] + 1, place[end]):
            layers[column].append(fresh)
            chain.append(fresh)
            fresh += 1
        chains.append((*chain, end))
    pieces = _pieces(len(layers), place, chains, arcs)
    best = [list(layer) for layer in layers]
    fewest = _crossings(best, pieces)
    order = [list(layer) for layer in layers]
    for sweep in range(sweeps):
        if fewest == 0:
            break
        _sweep(order, pieces, downward=sweep % 2 == 0)
        found = _crossings(order, pieces)
        if found < fewest:
            best, fewest = [list(layer) for layer in order], found
    return Routed(tuple(tuple(layer) for layer in best), tuple(chains))


def _pieces(
    count: int, place: Sequence[int], chains: Sequence[tuple[int, ...] | None], arcs: Sequence[Arc]
) -> list[list[Arc]]:
    """Return, for each pair of neighbouring columns, the pieces of arcs between them."""
    pieces: list[list[Arc]] = [[] for _ in range(max(count - 1, 0))]
    for chain, arc in zip(chains, arcs, strict=True):
        if chain is not None:
            for step, (start, end) in enumerate(zip(chain, chain[1:], strict=False)):
                pieces[place[chain[0]] + step].append((start, end, arc[2]))
    return pieces


def _sweep(order: list[list[int]], pieces: list[list[Arc]], downward: bool) -> None:
    """Put the items of each column in the order of their neighbours' mean position."""
    steps = range(1, len(order)) if downward else range(len(order) - 2, -1, -1)
    for column in steps:
        fixed = order[column - 1] if downward else order[column + 1]
        position = {item: (index + 0.5) / len(fixed) for index, item in enumerate(fixed)}
        sums: dict[int, tuple[float, float]] = {}
        for start, end, weight in pieces[column - 1] if downward else pieces[column]:
            here, there = (end, start) if downward else (start, end)
            total, mass = sums.get(here, (0.0, 0.0))
            sums[here] = (total + position[there] * (weight + 1e-9), mass + weight + 1e-9)
        layer = order[column]
        kept = {item: (index + 0.5) / len(layer) for index, item in enumerate(layer)}
        mean = {item: sums[item][0] / sums[item][1] if item in sums else kept[item] for item in layer}
        order[column] = sorted(layer, key=lambda item: (mean[item], kept[item]))


def _crossings(order: list[list[int]], pieces: list[list[Arc]]) -> int:
    """Return how many pairs of pieces cross."""
    total = 0
    for column, items in enumerate(pieces):
        if len(items) < 2 or len(items) > MOST_COUNTED:
            continue
        left = {item: index for index, item in enumerate(order[column])}
        right = {item: index for index, item in enumerate(order[column + 1])}
        starts = np.array([left[start] for start, _, _ in items])
        ends = np.array([right[end] for _, end, _ in items])
        total += int(((starts[:, None] < starts) & (ends[:, None] > ends)).sum())
    return total
