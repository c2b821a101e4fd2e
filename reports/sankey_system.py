"""The Sankey picture of any flow system: loops, stocks, uncertainty and status, as PNG and SVG.

The stages are functions of data: flows → graph → fewer links → labels → layout → drawing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reports.sankey_boxes import Layout, Placed
from reports.sankey_canvas import ASCENT, Drawing, Shape, Text, rectangle, text_width, wrapped
from reports.sankey_graph import (
    COMPUTED,
    MEASURED,
    OTHER,
    SUSPECT,
    UNDETERMINED,
    Graph,
    Link,
    graph_of,
    joined,
)
from reports.sankey_layout import lay_out
from reports.sankey_shape import Loop, Ribbon
from reports.sankey_text import SIGNS, SMALL, STATUS_WORDS, TITLE, link_label, link_title, node_label, unit_text
from reports.style import HEAD, INK, MATERIAL_COLOURS, MUTED, SERIES_COLOURS
from reports.words import Words

MOST_LINKS = 60
MARGIN = 14.0
LEAST_WIDTH = 360.0
ALPHA, THIN = 0.62, 2.5
ALARM = "#B3261E"
BOUNDARY = "#8D99A6"


@dataclass(frozen=True)
class SystemPicture:
    """A picture with what it was made of: ``graph`` (each link knows its flows) and ``layout``."""

    graph: Graph
    layout: Layout
    drawing: Drawing

    def png(self, dots_per_inch: float = 130.0) -> bytes:
        """Return the picture as PNG; the same flows give the same bytes."""
        return self.drawing.png(dots_per_inch)

    def svg(self) -> bytes:
        """Return the picture as SVG; every band tells its flows under the pointer."""
        return self.drawing.svg()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file whose ending, .png or .svg, says its form.

        Raises ``ValueError`` for another ending.
        """
        target = Path(path)
        forms = {".png": self.png, ".svg": self.svg}
        if target.suffix.lower() not in forms:
            raise ValueError(f"'{target.name}' ends in neither .png nor .svg")
        target.write_bytes(forms[target.suffix.lower()]())
        return target

    def table(self) -> pd.DataFrame:
        """Return a row per band: from, to, value, std, status, flows (a tuple of ids) and backwards.

        Processes that were joined are called ``*``; the flows among them are a row of their own.
        """
        names = {node.key: OTHER if len(node.members) > 1 else "".join(node.members) for node in self.graph.nodes}
        rows = [
            {
                "from": names[link.start],
                "to": names[link.end],
                "value": link.value,
                "std": link.std,
                "status": link.status,
                "flows": link.flows,
                "backwards": link.backwards,
            }
            for link in self.graph.links
        ]
        for node in self.graph.nodes:
            if node.inner:
                rows.append(
                    {
                        "from": OTHER,
                        "to": OTHER,
                        "value": node.inner_value,
                        "std": math.nan,
                        "status": "",
                        "flows": node.inner,
                        "backwards": False,
                    }
                )
        return pd.DataFrame(rows, columns=["from", "to", "value", "std", "status", "flows", "backwards"])

    def _repr_png_(self) -> bytes:
        """Return the picture as a notebook shows it."""
        return self.png()


def system_sankey(
    flows: pd.DataFrame,
    stocks: pd.DataFrame | None = None,
    processes: pd.DataFrame | None = None,
    *,
    unit: str = "t/year",
    title: str = "",
    subtitle: str = "",
    language: str = "en",
    most: int = MOST_LINKS,
) -> SystemPicture:
    """Return the picture of a flow system in one layer and one year.

    ``flows`` has a row per flow: flow (its id), from, to (blank: outside), value in ``unit`` (negative: it
    runs backwards; blank: not known), and where known name, std, status (as accounting or reconciling
    gives it, or 'suspect') and kind (a material or anything else that shares a colour). ``stocks``
    has process, stock and addition (per year); ``processes`` has process and name. ``title`` stands on top,
    ``subtitle`` (the layer and the year, say) and the unit below it. Beyond ``most`` bands, small flows
    are joined and the picture says so.

    Raises ``ValueError`` for a missing column, a flow listed twice or an unknown language.

    >>> flows = pd.DataFrame({"flow": ["in", "out"], "from": ["", "sorting"], "to": ["sorting", ""],
    ...                       "value": [120.0, 120.0], "std": [5.0, 5.0]})
    >>> picture = system_sankey(flows, title="Sorting")
    >>> picture.table()["flows"].tolist(), picture.svg()[:5]
    ([('in',), ('out',)], b'<?xml')
    """
    words = Words(language)
    whole = graph_of(flows, stocks, processes)
    graph = joined(whole, most, words("sankey_other"), words("sankey_joined"))
    heads = {node.key: node_label(node, graph, unit, words) for node in graph.nodes}
    texts = [link_label(link, unit, words) for link in graph.links]
    layout = lay_out(graph, heads, texts)
    notes = []
    if len(graph.links) < len(whole.links):
        count = words.number(len(whole.links))
        notes.append(words("sankey_joined_note", shown=len(graph.links), count=count))
    if not graph.links:
        notes.append(words("sankey_empty"))
    subtitles = [part for part in (subtitle, unit_text(unit, words)) if part]
    drawing = _drawn(graph, layout, unit, title, " · ".join(subtitles), notes, words)
    return SystemPicture(graph, layout, drawing)


def _drawn(
    graph: Graph, layout: Layout, unit: str, title: str, subtitle: str, notes: list[str], words: Words
) -> Drawing:
    width = max(layout.width + 2 * MARGIN, LEAST_WIDTH)
    items: list[Shape | Text] = []
    y = MARGIN
    for line, size, bold in [
        *((text, TITLE, True) for text in wrapped(title, width - 2 * MARGIN, TITLE, True)),
        *((text, SMALL + 1, False) for text in wrapped(subtitle, width - 2 * MARGIN, SMALL + 1)),
    ]:
        items.append(Text(MARGIN, y + size * ASCENT, line, size, bold, INK if bold else MUTED))
        y += size * 1.3
    top = y + 10
    left = (width - layout.width) / 2
    for item in _body(graph, layout, unit, words):
        items.append(moved(item, left, top))
    y = top + layout.height + 12
    legend, y = _legend(graph, notes, width, y, words)
    described = f"{subtitle}. " + "; ".join(link_title(link, graph, unit, words) for link in graph.links[:12])
    return Drawing(width, y + MARGIN / 2, (*items, *legend), title or words("sankey_empty"), described)


def _body(graph: Graph, layout: Layout, unit: str, words: Words) -> list[Shape | Text]:
    """Return bands (wide ones first), boxes and labels in the coordinates of the layout."""
    items: list[Shape | Text] = []
    colours = link_colours(graph)
    for link in sorted(range(len(graph.links)), key=lambda item: (-graph.links[item].width, item)):
        title = link_title(graph.links[link], graph, unit, words)
        items += band_shapes(graph.links[link], layout.bands[link], layout.fringes[link], colours[link], title)
    names = {node.key: node.label for node in graph.nodes}
    for key, box in layout.boxes.items():
        items.append(Shape(rectangle(box.left, box.top, box.width, box.height), INK, title=names[key]))
    for placed in layout.node_labels.values():
        items += placed.label.items(placed.rect.left, placed.rect.top)
    for link, placed in enumerate(layout.link_labels):
        items += _link_text(placed, colours[link])
    return items


def _link_text(placed: Placed, colour: str) -> list[Shape | Text]:
    """Return a label with a bar in its band's colour, and a line to the band where it had to move away."""
    rect = placed.rect
    items = placed.label.items(rect.left, rect.top)
    items.append(Shape(rectangle(rect.left - 4, rect.top + 1, 2, rect.height - 2), colour))
    if placed.anchor is not None:
        x, y = placed.anchor
        if not rect.top <= y <= rect.lower:
            middle = rect.top + rect.height / 2
            line = (("M", (x, y)), ("L", (rect.left - 4, middle)))
            items.insert(0, Shape(line, "none", 1.0, MUTED, 0.5))
    return items


def band_shapes(
    link: Link, band: Ribbon | Loop, spread: float, colour: str, title: str = "", alpha: float = ALPHA
) -> list[Shape]:
    """Return the shapes of a band: full up to what is sure, lighter for ``spread`` points, edged by status.

    A flow of no width is a dotted line; one that is not known a dashed line.
    """
    if link.width <= 0:
        dash = (1.0, 2.0) if link.value == 0 else (5.0, 3.0)
        return [Shape(band.middle(), "none", 1.0, ALARM if link.status == SUSPECT else MUTED, 1.0, dash, title)]
    shapes: list[Shape] = []
    if spread > 0:
        shapes.append(Shape(band.steps(spread), colour, alpha * 0.38, title=title))
    core = band.steps(-min(spread, band.width)) if spread > 0 else band.steps()
    faint = alpha * 0.62 if link.status == COMPUTED else alpha
    shapes.append(Shape(core, colour, faint, colour, 0.4, None, title))
    if link.status == COMPUTED and band.width > THIN:
        shapes.append(Shape(band.steps(), "none", 1.0, colour, 0.8, (3.0, 2.0)))
    if link.status == SUSPECT:
        shapes.append(Shape(band.steps(), "none", 1.0, ALARM, 1.6))
    if arrow := band.arrow():
        shapes.append(Shape(arrow, "#FFFFFF", 0.9, INK, 0.4))
    return shapes


def link_colours(graph: Graph) -> list[str]:
    """Return the colour of each link: by its kind where any has one, else by the process that it leaves."""
    kinds = sorted({link.kind for link in graph.links if link.kind})
    palette = {kind: SERIES_COLOURS[rank % len(SERIES_COLOURS)] for rank, kind in enumerate(kinds)}
    palette |= {kind: MATERIAL_COLOURS[kind] for kind in kinds if kind in MATERIAL_COLOURS}
    if kinds:
        return [palette.get(link.kind, BOUNDARY) for link in graph.links]
    inner = [node.key for node in graph.nodes if not node.outside]
    by_process = {key: SERIES_COLOURS[rank % len(SERIES_COLOURS)] for rank, key in enumerate(inner)}
    return [by_process.get(link.start, BOUNDARY) for link in graph.links]


def _legend(graph: Graph, notes: list[str], width: float, top: float, words: Words) -> tuple[list[Shape | Text], float]:
    """Return the legend of what occurs, in rows, and where it ends."""
    samples: list[tuple[list[Shape], str, float]] = []
    statuses = {link.status for link in graph.links}
    for status in (MEASURED, COMPUTED, SUSPECT, UNDETERMINED):
        if status in statuses:
            value = math.nan if status == UNDETERMINED else 1.0
            band = Ribbon(((0.0, 18.0, 0.0),), 7.0 if status != UNDETERMINED else 0.0)
            shapes = band_shapes(Link("", "", value, status=status), band, 0.0, HEAD)
            samples.append((shapes, f"{SIGNS[status]} {words(STATUS_WORDS[status])}", 7.0))
    if any(link.std > 0 for link in graph.links):
        shapes = band_shapes(Link("", "", 1.0, 0.4), Ribbon(((0.0, 18.0, 0.0),), 5.0), 2.0, HEAD)
        samples.append((shapes, words("sankey_fringe"), 5.0))
    if any(link.value == 0 for link in graph.links):
        samples.append(
            (band_shapes(Link("", "", 0.0), Ribbon(((0.0, 18.0, 0.0),), 0.0), 0.0, HEAD), words("sankey_zero"), 0.0)
        )
    kinds = {link.kind: colour for link, colour in zip(graph.links, link_colours(graph), strict=True) if link.kind}
    for kind in sorted(kinds):
        samples.append(([Shape(rectangle(0, 0, 18, 7), kinds[kind], ALPHA)], words.term("material", kind), 7.0))
    samples += [([], note, 0.0) for note in notes]
    items: list[Shape | Text] = []
    x, y, row = MARGIN, top, SMALL * 1.7
    for shapes, text, height in samples:
        lines = wrapped(text, max(width - 2 * MARGIN - 24, 40), SMALL)
        long = (24 if shapes else 0) + max((text_width(line, SMALL) for line in lines), default=0.0)
        if x > MARGIN and x + long > width - MARGIN:
            x, y = MARGIN, y + row
        items += [moved(shape, x, y + (SMALL * 1.25 - height) / 2) for shape in shapes]
        for number, line in enumerate(lines):
            y += row if number else 0.0
            items.append(Text(x + (24 if shapes else 0), y + SMALL * ASCENT, line, SMALL, False, MUTED))
        x += long + 16
    return items, y + (row if samples else 0.0)


def moved(item: Shape | Text, right: float, down: float) -> Shape | Text:
    """Return a shape or text moved to the right and downwards."""
    if isinstance(item, Text):
        return Text(item.x + right, item.y + down, item.text, item.size, item.bold, item.colour, item.anchor)
    steps = tuple(
        (command, tuple(value + (down if position % 2 else right) for position, value in enumerate(numbers)))
        for command, numbers in item.steps
    )
    return Shape(steps, item.fill, item.alpha, item.edge, item.line, item.dash, item.title)
