"""Where nodes stand in their columns, and where links leave and enter them.

Heights are points, downwards. An item takes up its box and the room of its labels above and below;
items of a column never overlap. Within that, they move to where links run straight: the least squares of
each column given its neighbours is an isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SETTLING = 24
"""Passes over the columns."""


@dataclass(frozen=True)
class Slot:
    """The room of an item: its box, and what its labels take above and below it."""

    box: float
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True)
class Pull:
    """A piece of a link: ``y[a] + at_a`` and ``y[b] + at_b`` would best be equal."""

    a: int
    b: int
    at_a: float
    at_b: float
    weight: float


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the nearest numbers (weighted least squares) that never fall.

    >>> isotonic([1.0, 3.0, 2.0], [1.0, 1.0, 1.0])
    [1.0, 2.5, 2.5]
    """
    blocks: list[list[float]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            mass = last[1] + before[1]
            blocks.append([(last[0] * last[1] + before[0] * before[1]) / mass, mass, last[2] + before[2]])
    return [value for value, _, count in blocks for _ in range(int(count))]


def stacked(slots: Sequence[Slot], gap: float) -> list[float]:
    """Return the tops of boxes of a column set one below the other, from 0 down."""
    tops: list[float] = []
    reached = 0.0
    for slot in slots:
        tops.append(reached + slot.above)
        reached = tops[-1] + slot.box + slot.below + gap
    return tops


def settle(
    order: Sequence[Sequence[int]],
    slots: Mapping[int, Slot],
    pulls: Sequence[Pull],
    gap: float,
    room: float = math.inf,
) -> dict[int, float]:
    """Return the top of the box of each item; the highest label begins at 0.

    No column reaches farther down than ``room``, if it fits there at all.
    """
    tops: dict[int, float] = {}
    least: list[list[float]] = []
    for layer in order:
        least.append(stacked([slots[item] for item in layer], gap))
        tops.update(zip(layer, least[-1], strict=True))
    needed = [bottom(layer, slots, tops) for layer in order]
    centre = max(needed, default=0.0) / 2
    for layer in order:
        if layer:
            shift = centre - bottom(layer, slots, tops) / 2
            tops.update({item: tops[item] + shift for item in layer})
    near: dict[int, list[tuple[int, float, float]]] = {}
    for pull in pulls:
        near.setdefault(pull.a, []).append((pull.b, pull.at_b - pull.at_a, pull.weight))
        near.setdefault(pull.b, []).append((pull.a, pull.at_a - pull.at_b, pull.weight))
    for sweep in range(SETTLING):
        columns = range(len(order)) if sweep % 2 == 0 else range(len(order) - 1, -1, -1)
        for column in columns:
            layer = order[column]
            wanted, weights = [], []
            for item, lowest in zip(layer, least[column], strict=True):
                mass = sum(weight for _, _, weight in near.get(item, ()))
                total = sum((tops[other] + shift) * weight for other, shift, weight in near.get(item, ()))
                wanted.append((total / mass if mass > 0 else tops[item]) - lowest)
                weights.append(max(mass, 1e-9))
            # Numbers that never fall and stay between bounds are those without bounds, cut off.
            spare = max(room - needed[column], 0.0)
            for item, height, lowest in zip(layer, isotonic(wanted, weights), least[column], strict=True):
                tops[item] = (height if math.isinf(room) else min(max(height, 0.0), spare)) + lowest
    highest = min((tops[item] - slots[item].above for layer in order for item in layer), default=0.0)
    return {item: top - highest for item, top in tops.items()}


def bottom(layer: Sequence[int], slots: Mapping[int, Slot], tops: Mapping[int, float]) -> float:
    """Return how far down the labels and boxes of some items reach."""
    return max((tops[item] + slots[item].box + slots[item].below for item in layer), default=0.0)


def ports(
    box: float, widths: Mapping[int, float], before: Mapping[int, tuple[float, float]], middle: bool = False
) -> dict[int, float]:
    """Return the upper edge of each link at one side of a box, as a height below the box's top.

    ``widths`` is by link, ``before`` says by link what to sort by. Links fill the side from the top, or
    its ``middle`` where they are narrower than the box.
    """
    reached = (box - sum(widths.values())) / 2 if middle else 0.0
    heights: dict[int, float] = {}
    for link in sorted(widths, key=lambda item: (before[item], item)):
        heights[link] = reached
        reached += widths[link]
    return heights
