"""A Sankey picture of a fixed size whose columns and order are given, with names beside the nodes.

The same heights, bands and drawing as for any system (:mod:`reports.sankey_layout`); here nothing runs
back, and bands carry no labels.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.sankey_boxes import Layout, Placed, Rect
from reports.sankey_graph import Graph
from reports.sankey_layout import BOX
from reports.sankey_place import Pull, Slot, bottom, ports, settle
from reports.sankey_shape import Ribbon
from reports.sankey_text import Label

GAP, AWAY, LEAST = 14.0, 6.0, 1.5
"""Points between nodes, from a node to its name, and the least height of a node."""
TIGHT, SPARED, NAMES = 2.0, 0.25, 0.8
"""The least gap, the share of what names leave that gaps may take, and the most of the height that names take."""
_HALVINGS = 40


def lay_out_columns(
    graph: Graph,
    order: Sequence[Sequence[str]],
    labels: dict[str, Label],
    width: float,
    height: float,
    sides: tuple[float, float],
) -> Layout:
    """Return the places of a graph in a frame of ``width`` times ``height`` points.

    ``order`` holds the keys of the nodes column by column, from the top down; ``sides`` is the room for names
    left of the first and right of the last column. Every link must lead to the next column.
    """
    index = {key: position for position, key in enumerate(key for column in order for key in column)}
    items = [[index[key] for key in column] for column in order]
    through = {index[key]: max(graph.inward(key), graph.outward(key)) for key in index}
    texts = _crowded(items, {index[key]: labels[key].height for key in index}, height)
    gap = _gap(items, texts, height)
    scale = _scale(items, through, texts, height, gap)
    slots = {item: _slot(through[item] * scale, texts[item]) for item in through}
    ends = [(index[link.start], index[link.end]) for link in graph.links]
    widths = [link.width * scale for link in graph.links]
    pulls = [Pull(a, b, slots[a].box / 2, slots[b].box / 2, band) for (a, b), band in zip(ends, widths, strict=True)]
    tops = settle(items, slots, pulls, gap, height)
    lowest = max((bottom(layer, slots, tops) for layer in items), default=0.0)
    tops = {item: top + max(height - lowest, 0.0) / 2 for item, top in tops.items()}
    starts, finishes = (_ports(side, ends, widths, slots, tops) for side in (0, 1))
    last = max(len(order) - 1, 1)
    lefts = [sides[0] + column * (width - sum(sides) - BOX) / last for column in range(len(order))]
    column = {item: position for position, layer in enumerate(items) for item in layer}
    bands = []
    for link, (a, b) in enumerate(ends):
        right, left = lefts[column[a]] + BOX, lefts[column[b]]
        bands.append(
            Ribbon(((right, right, tops[a] + starts[link]), (left, left, tops[b] + finishes[link])), widths[link])
        )
    boxes = {key: Rect(lefts[column[item]], tops[item], BOX, slots[item].box) for key, item in index.items()}
    names = {}
    for key, box in boxes.items():
        label = labels[key]
        left = box.left - AWAY - label.width if column[index[key]] == 0 else box.right + AWAY
        names[key] = Placed(label, Rect(left, box.top + (box.height - label.height) / 2, label.width, label.height))
    return Layout(width, height, scale, boxes, tuple(bands), names)


def _slot(box: float, text: float) -> Slot:
    box = max(box, LEAST)
    spill = max(0.0, (text - box) / 2)
    return Slot(box, spill, spill)


def _crowded(items: Sequence[Sequence[int]], texts: dict[int, float], height: float) -> dict[int, float]:
    """Return the room of names; where they would fill a column it is cut, as bands are what the picture is for."""
    found = dict(texts)
    for layer in items:
        needed = sum(texts[item] for item in layer)
        if needed > NAMES * height:
            found.update({item: texts[item] * NAMES * height / needed for item in layer})
    return found


def _gap(items: Sequence[Sequence[int]], texts: dict[int, float], height: float) -> float:
    """Return the gap between nodes: narrower where a column has many names, so that bands stay wide."""
    gaps = [
        SPARED * (height - sum(texts[item] for item in layer)) / (len(layer) - 1) for layer in items if len(layer) > 1
    ]
    return min(GAP, max(TIGHT, min(gaps, default=GAP)))


def _scale(
    items: Sequence[Sequence[int]], through: dict[int, float], texts: dict[int, float], height: float, gap: float
) -> float:
    """Return the largest number of points per unit at which every column fits."""
    largest = max((sum(through[item] for item in layer) for layer in items), default=0.0)
    if largest <= 0:
        return 1.0
    low, high = 0.0, height / largest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        needed = max(
            sum(max(through[item] * middle, LEAST, texts[item]) + gap for item in layer) - gap for layer in items
        )
        low, high = (middle, high) if needed <= height else (low, middle)
    return low or high


def _ports(
    side: int, ends: Sequence[tuple[int, int]], widths: Sequence[float], slots: dict[int, Slot], tops: dict[int, float]
) -> dict[int, float]:
    """Return the upper edge of each link at its start (0) or end (1), below the top of the box."""
    found: dict[int, float] = {}
    for item in slots:
        own = {link: widths[link] for link, pair in enumerate(ends) if pair[side] == item}
        before = {link: (0.0, tops[ends[link][1 - side]] + slots[ends[link][1 - side]].box / 2) for link in own}
        found.update(ports(slots[item].box, own, before, slots[item].box <= LEAST))
    return found
