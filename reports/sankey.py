"""A Sankey picture: the materials, how they are collected, what becomes of them.

A picture has at most :data:`MOST_LINKS` links: light materials and small flows are joined into nodes
called 'other', so that no tonne is left out. The width of a band is its mass, its colour the
material that weighs most in it. Drawn with matplotlib alone; the same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from reports.style import INK, MATERIAL_COLOURS
from reports.words import Words, sort_key

MOST_LINKS = 26
OTHER = "*"
SMALL = 0.01
WIDTH, HEIGHT, DPI = 14.0, 5.4, 130
"""Inches and dots per inch: as wide as a printed sheet, letters of about 8 points there."""
_LEFT, _RIGHT, _NODE = 0.165, 0.215, 0.010
"""Shares of the width: room for the names at both sides, and a node."""
_LETTERS, _LABEL = 10.5, 0.074
"""Size of the letters in points, and the share of the height that a label of two lines takes."""
_ALPHA = 0.72


@dataclass(frozen=True)
class Link:
    """A flow between two nodes in t/year; ``material`` is the one that weighs most in it."""

    start: str
    end: str
    tonnes: float
    material: str


def links(frame: pd.DataFrame, most: int = MOST_LINKS) -> list[Link]:
    """Return at most ``most`` links of flows (material, collected, treatment, mass_t), heaviest first.

    Nodes are named ``material:id``, ``collected:id`` and ``treatment:id``. What is below :data:`SMALL`
    of the whole, and then the lightest materials until the links are few enough, comes from
    ``material:*``; a small flow to a treatment goes to ``treatment:*``.
    """
    frame = frame[frame["mass_t"] > 0]
    least = SMALL * float(frame["mass_t"].sum())
    begun = frame.groupby(["material", "collected"])["mass_t"].sum()
    ended = frame.groupby(["collected", "treatment"])["mass_t"].sum()
    weights = frame[frame["material"] != "other"].groupby("material")["mass_t"].sum()
    ranked = [str(name) for name in weights.sort_values(ascending=False, kind="stable").index]
    after = {pair if mass >= least else (pair[0], OTHER) for pair, mass in ended.items()}
    kept: set[str] = set()
    for count in range(len(ranked), -1, -1):
        kept = set(ranked[:count])
        before = {(_shown(pair, mass, kept, least), pair[1]) for pair, mass in begun.items()}
        if len(before) + len(after) <= most:
            break
    first = frame.assign(
        start=[
            "material:" + _shown(pair, begun[pair], kept, least)
            for pair in zip(frame["material"], frame["collected"], strict=True)
        ],
        end="collected:" + frame["collected"],
    )
    second = frame.assign(
        start="collected:" + frame["collected"],
        end=[
            "treatment:" + (pair[1] if ended[pair] >= least else OTHER)
            for pair in zip(frame["collected"], frame["treatment"], strict=True)
        ],
    )
    by_material = pd.concat([first, second]).groupby(["start", "end", "material"], as_index=False)["mass_t"].sum()
    result = []
    for (start, end), rows in by_material.groupby(["start", "end"]):
        heaviest = rows.sort_values(["mass_t", "material"], ascending=[False, True]).iloc[0]
        material = "other" if start == f"material:{OTHER}" else str(heaviest["material"])
        result.append(Link(str(start), str(end), float(rows["mass_t"].sum()), material))
    return sorted(result, key=lambda link: (-link.tonnes, link.start, link.end))


def _shown(pair: tuple[str, str], mass: float, kept: set[str], least: float) -> str:
    return pair[0] if pair[0] in kept and mass >= least else OTHER


def node_name(node: str, words: Words) -> str:
    """Return the name of a node for the reader."""
    kind, identifier = node.split(":", 1)
    if identifier == OTHER:
        return words("other_materials" if kind == "material" else "other_treatment")
    return words.term(kind, identifier)


def columns(items: Sequence[Link]) -> dict[str, int]:
    """Return the column of each node: materials, how they are collected, treatments."""
    order = {"material": 0, "collected": 1, "treatment": 2}
    nodes = sorted({node for link in items for node in (link.start, link.end)})
    return {node: order[node.split(":", 1)[0]] for node in nodes}


def draw(items: Sequence[Link], words: Words) -> bytes:
    """Return the picture as PNG; the same links give the same bytes."""
    place = columns(items)
    size = {node: max(_sum(items, node, True), _sum(items, node, False)) for node in place}
    boxes = _boxes(place, size, words)
    with matplotlib.rc_context({"font.family": "DejaVu Sans", "font.size": _LETTERS}):
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.075, 1.0, 0.915))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.axis("off")
        _draw_bands(axes, items, place, boxes)
        for left, top, height in boxes.values():
            axes.add_patch(Rectangle((left, top - height), _NODE, height, color=INK, zorder=3))
        _draw_names(axes, place, size, boxes, words)
        used = sorted({link.material for link in items}, key=lambda item: sort_key(words.term("material", item)))
        handles = [
            Patch(
                facecolor=MATERIAL_COLOURS.get(item, MATERIAL_COLOURS["other"]),
                alpha=_ALPHA,
                label=words.term("material", item),
            )
            for item in used
        ]
        if handles:
            figure.legend(handles=handles, loc="lower center", ncol=min(len(handles), 10), frameon=False)
        target = io.BytesIO()
        figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _draw_names(
    axes: object,
    place: dict[str, int],
    size: dict[str, float],
    boxes: dict[str, tuple[float, float, float]],
    words: Words,
) -> None:
    """Write the name and the tonnes of each node: beside the picture at its ends, on white in the middle."""
    for column in sorted(set(place.values())):
        nodes = [node for node in boxes if place[node] == column]
        heights = spaced([boxes[node][1] - boxes[node][2] / 2 for node in nodes], _LABEL)
        for node, height in zip(nodes, heights, strict=True):
            left = boxes[node][0]
            first = column == 0
            axes.text(  # type: ignore[attr-defined]
                left - 0.006 if first else left + _NODE + 0.006,
                height,
                f"{node_name(node, words)}\n{words.tonnes(size[node])}",
                va="center",
                ha="right" if first else "left",
                color=INK,
                zorder=4,
                linespacing=1.1,
                bbox={"facecolor": "white", "alpha": 0.85 if column == 1 else 0.0, "edgecolor": "none", "pad": 1.5},
            )


def spaced(centres: Sequence[float], least: float) -> list[float]:
    """Return heights near the wanted ones, from the top down, at least so far apart and inside the picture.

    >>> [round(height, 2) for height in spaced([0.5, 0.48, 0.1], 0.1)]
    [0.5, 0.4, 0.1]
    """
    result: list[float] = []
    for centre in centres:
        highest = 1 - least / 2 if not result else result[-1] - least
        result.append(min(centre, highest))
    lowest = least / 2
    for position in range(len(result) - 1, -1, -1):
        result[position] = max(result[position], lowest)
        lowest = result[position] + least
    return result


def _sum(items: Sequence[Link], node: str, outward: bool) -> float:
    return sum(link.tonnes for link in items if (link.start if outward else link.end) == node)


def _boxes(place: dict[str, int], size: dict[str, float], words: Words) -> dict[str, tuple[float, float, float]]:
    """Return left, top and height of each node; heaviest on top, 'other' at the bottom."""
    last = max(place.values(), default=1) or 1
    by_column = [[node for node in place if place[node] == column] for column in range(last + 1)]
    fullest = max(sum(size[node] for node in nodes) for nodes in by_column) or 1.0
    crowd = max(len(nodes) for nodes in by_column)
    gap = min(0.075, 0.55 / max(crowd, 1))
    scale = (1.0 - gap * crowd) / fullest
    boxes: dict[str, tuple[float, float, float]] = {}
    for column, nodes in enumerate(by_column):
        nodes.sort(key=lambda node: (node.endswith(f":{OTHER}"), -size[node], node_name(node, words)))
        used = sum(size[node] for node in nodes) * scale
        space = (1.0 - used) / (len(nodes) + 1) if nodes else 0.0
        space = min(space, 0.14)
        top = 0.5 + (used + space * (len(nodes) - 1)) / 2
        left = _LEFT + column * (1 - _LEFT - _RIGHT - _NODE) / last
        for node in nodes:
            height = max(size[node] * scale, 0.002)
            boxes[node] = (left, top, height)
            top -= height + space
    return boxes


def _draw_bands(
    axes: object, items: Sequence[Link], place: dict[str, int], boxes: dict[str, tuple[float, float, float]]
) -> None:
    """Draw the links between the boxes, in the order of the boxes at their other end."""
    sizes = {node: max(_sum(items, node, True), _sum(items, node, False)) for node in place}
    starts = {node: box[1] for node, box in boxes.items()}
    ends = dict(starts)
    offsets: dict[int, tuple[float, float, float]] = {}
    order = list(range(len(items)))
    for position in sorted(order, key=lambda item: (items[item].start, -boxes[items[item].end][1])):
        link = items[position]
        height = boxes[link.start][2] * link.tonnes / sizes[link.start]
        offsets[position] = (starts[link.start], height, 0.0)
        starts[link.start] -= height
    for position in sorted(order, key=lambda item: (items[item].end, -boxes[items[item].start][1])):
        link = items[position]
        height = boxes[link.end][2] * link.tonnes / sizes[link.end]
        top, width, _ = offsets[position]
        _band(axes, boxes[link.start][0] + _NODE, top, width, boxes[link.end][0], ends[link.end], height, link.material)
        ends[link.end] -= height


def _band(
    axes: object, left: float, top: float, height: float, right: float, end_top: float, end_height: float, material: str
) -> None:
    middle = (left + right) / 2
    points = np.array(
        [
            (left, top),
            (middle, top),
            (middle, end_top),
            (right, end_top),
            (right, end_top - end_height),
            (middle, end_top - end_height),
            (middle, top - height),
            (left, top - height),
            (left, top),
        ]
    )
    codes = [
        Path.MOVETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.LINETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.CLOSEPOLY,
    ]
    colour = MATERIAL_COLOURS.get(material, MATERIAL_COLOURS["other"])
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=_ALPHA, edgecolor="none", zorder=2))  # type: ignore[attr-defined]
