"""The Sankey pictures: of any flow system (:func:`system_sankey`), and of a case's reports.

The picture of a report shows the materials, how they are collected, what becomes of them. It has at most
:data:`MOST_LINKS` links: light materials and small flows are joined into nodes called 'other', so that no
tonne is left out. The width of a band is its mass, its colour the material that weighs most in it. The
same input gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports import sankey_graph
from reports.sankey_canvas import ASCENT, Drawing, Shape, Text, rectangle, text_width
from reports.sankey_columns import lay_out_columns
from reports.sankey_system import SystemPicture, band_shapes, moved, system_sankey
from reports.sankey_text import Label, Line
from reports.style import INK, MATERIAL_COLOURS
from reports.words import Words, sort_key

MOST_LINKS = 26
OTHER = "*"
SMALL = 0.01
WIDTH, HEIGHT, DPI = 14.0, 5.4, 130
"""Inches and dots per inch: as wide as a printed sheet, letters of about 8 points there."""
_WAY = ("material", "collected", "treatment")
_SIDES = (166.0, 217.0)
"""Points: room for the names at both sides."""
_LETTERS, _MARGIN, _LEGEND = 10.5, 6.0, 30.0
"""Points: size of the letters, above the picture, and for the legend below it."""
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
    begun = frame.groupby(["material", "collected"])["mass_t"].sum().to_dict()
    ended = frame.groupby(["collected", "treatment"])["mass_t"].sum().to_dict()
    weights = frame[frame["material"] != "other"].groupby("material")["mass_t"].sum()
    ranked = [str(name) for name in weights.sort_values(ascending=False, kind="stable").index]
    after = {pair if mass >= least else (pair[0], OTHER) for pair, mass in ended.items()}
    kept: set[str] = set()
    for count in range(len(ranked), -1, -1):
        kept = set(ranked[:count])
        before = {(_shown(pair, mass, kept, least), pair[1]) for pair, mass in begun.items()}
        if len(before) + len(after) <= most:
            break
    masses: dict[tuple[str, str], dict[str, float]] = {}
    for start, middle, end, mass in zip(*(frame[name] for name in (*_WAY, "mass_t")), strict=True):
        shown = _shown((start, middle), begun[start, middle], kept, least)
        last = end if ended[middle, end] >= least else OTHER
        for pair in (
            (f"material:{shown}", f"collected:{middle}"),
            (f"collected:{middle}", f"treatment:{last}"),
        ):
            by_material = masses.setdefault(pair, {})
            by_material[start] = by_material.get(start, 0.0) + float(mass)
    result = []
    for (begin, finish), by_material in masses.items():
        heaviest = min(by_material, key=lambda material: (-by_material[material], material))
        material = "other" if begin == f"material:{OTHER}" else heaviest
        result.append(Link(begin, finish, math.fsum(by_material.values()), material))
    return sorted(result, key=lambda link: (-link.tonnes, link.start, link.end))


def _shown(pair: tuple[str, str], mass: float, kept: set[str], least: float) -> str:
    return pair[0] if pair[0] in kept and mass >= least else OTHER


def node_name(node: str, words: Words) -> str:
    """Return the name of a node for the reader."""
    kind, identifier = node.split(":", 1)
    if identifier == OTHER:
        return words("other_materials" if kind == "material" else "other_treatment")
    return words.term(kind, identifier)


def columns(items: Sequence[Link]) -> list[list[str]]:
    """Return the nodes column by column (materials, how collected, treatments), heaviest first, 'other' last."""
    order = {"material": 0, "collected": 1, "treatment": 2}
    sizes: dict[str, list[float]] = {}
    for link in items:
        sizes.setdefault(link.start, [0.0, 0.0])[0] += link.tonnes
        sizes.setdefault(link.end, [0.0, 0.0])[1] += link.tonnes
    found: list[list[str]] = [[], [], []]
    for node in sorted(sizes, key=lambda node: (node.endswith(f":{OTHER}"), -max(sizes[node]), node)):
        found[order[node.split(":", 1)[0]]].append(node)
    return found


def draw(items: Sequence[Link], words: Words) -> bytes:
    """Return the picture as PNG; the same links give the same bytes."""
    return drawing(items, words).png(DPI)


def drawing(items: Sequence[Link], words: Words) -> Drawing:
    """Return the picture of a report: names beside the nodes, materials in the legend."""
    order = columns(items)
    nodes = tuple(sankey_graph.Node(key, node_name(key, words)) for column in order for key in column)
    links = tuple(
        sankey_graph.Link(link.start, link.end, link.tonnes, flows=(f"{link.start}→{link.end}",), kind=link.material)
        for link in items
    )
    graph = sankey_graph.Graph(nodes, links)
    labels = {}
    for node in nodes:
        tonnes = words.tonnes(max(graph.inward(node.key), graph.outward(node.key)))
        labels[node.key] = Label((Line(node.label, _LETTERS), Line(tonnes, _LETTERS)))
    width, height = WIDTH * 72, HEIGHT * 72
    layout = lay_out_columns(graph, order, labels, width, height - _MARGIN - _LEGEND, _SIDES)
    parts: list[Shape | Text] = []
    for link, band in zip(graph.links, layout.bands, strict=True):
        colour = MATERIAL_COLOURS.get(link.kind, MATERIAL_COLOURS["other"])
        title = f"{node_name(link.start, words)} → {node_name(link.end, words)}: {words.tonnes(link.value)}"
        parts += band_shapes(link, band, 0.0, colour, title, _ALPHA)
    for box in layout.boxes.values():
        parts.append(Shape(rectangle(box.left, box.top, box.width, box.height), INK))
    for column, keys in enumerate(order):
        for key in keys:
            placed = layout.node_labels[key]
            parts += placed.label.items(placed.rect.left, placed.rect.top, column == 1, column == 0)
    shown = [moved(part, 0.0, _MARGIN) for part in parts]
    return Drawing(width, height, (*shown, *_legend(items, words, width, height)))


def _legend(items: Sequence[Link], words: Words, width: float, height: float) -> list[Shape | Text]:
    """Return the colours of the materials that occur, in a row below the picture."""
    used = sorted({link.material for link in items}, key=lambda item: sort_key(words.term("material", item)))
    names = [words.term("material", item) for item in used]
    size = _LETTERS
    total = sum(text_width(name, size) + 50 for name in names) - 22
    while total > width - 20 and size > 5:
        size -= 0.5
        total = sum(text_width(name, size) + 50 for name in names) - 22
    x, y = (width - total) / 2, height - 20
    parts: list[Shape | Text] = []
    for item, name in zip(used, names, strict=True):
        colour = MATERIAL_COLOURS.get(item, MATERIAL_COLOURS["other"])
        parts.append(Shape(rectangle(x, y + 2, 21, 7), colour, _ALPHA))
        parts.append(Text(x + 28, y + size * ASCENT, name, size))
        x += text_width(name, size) + 50
    return parts


__all__ = [
    "DPI",
    "HEIGHT",
    "MOST_LINKS",
    "WIDTH",
    "Link",
    "SystemPicture",
    "draw",
    "drawing",
    "links",
    "node_name",
    "system_sankey",
]
