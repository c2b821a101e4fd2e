"""The texts of a Sankey picture: amounts with their uncertainty, and labels as blocks of lines of known size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reports.sankey_canvas import ASCENT, LEADING, Shape, Text, rectangle, text_width, wrapped
from reports.sankey_graph import COMPUTED, MEASURED, SUSPECT, UNDETERMINED, Graph, Link, Node
from reports.style import INK, MUTED
from reports.words import Words

NAME, SMALL, TITLE = 9.5, 8.0, 13.0
"""Sizes of letters in points."""
WRAP = 128.0
"""Width in points at which names are broken."""
SIGNS = {MEASURED: "●", COMPUTED: "○", SUSPECT: "▲", UNDETERMINED: "?"}
"""Signs that tell a status without colour; the legend says what they mean."""
STATUS_WORDS = {
    MEASURED: "sankey_measured",
    COMPUTED: "sankey_computed",
    SUSPECT: "sankey_suspect",
    UNDETERMINED: "sankey_undetermined",
}
UNEQUAL = 5e-4
"""Relative difference from which what enters and what leaves are both written."""


@dataclass(frozen=True)
class Line:
    """A line of a label."""

    text: str
    size: float = SMALL
    bold: bool = False
    colour: str = INK

    @property
    def height(self) -> float:
        """The height of the line in points."""
        return self.size * LEADING


@dataclass(frozen=True)
class Label:
    """Lines below each other; ``framed`` ones at the end stand in a frame (a stock)."""

    lines: tuple[Line, ...]
    framed: tuple[Line, ...] = ()

    @property
    def width(self) -> float:
        """The width of the widest line in points."""
        plain = max((text_width(line.text, line.size, line.bold) for line in self.lines), default=0.0)
        framed = max((text_width(line.text, line.size, line.bold) for line in self.framed), default=0.0)
        return max(plain, framed + 8 if self.framed else 0.0)

    @property
    def height(self) -> float:
        """The height of all lines in points."""
        plain = sum(line.height for line in self.lines)
        return plain + (sum(line.height for line in self.framed) + 6 if self.framed else 0.0)

    def items(self, left: float, top: float, backed: bool = True, flush: bool = False) -> list[Shape | Text]:
        """Return the label as drawn with its upper left corner at a place, on white if ``backed``.

        ``flush`` puts its lines against the right edge.
        """
        items: list[Shape | Text] = []
        y = top
        x, anchor = (left + self.width, "end") if flush else (left, "start")
        for line in self.lines:
            if backed:
                width = text_width(line.text, line.size, line.bold)
                start = x - width if flush else x
                items.append(Shape(rectangle(start - 1.5, y, width + 3, line.height), "#FFFFFF", 0.82))
            items.append(Text(x, y + line.size * ASCENT, line.text, line.size, line.bold, line.colour, anchor))
            y += line.height
        if self.framed:
            inner = max(text_width(line.text, line.size, line.bold) for line in self.framed)
            height = sum(line.height for line in self.framed)
            items.append(Shape(rectangle(left, y + 1, inner + 8, height + 3), "#FFFFFF", 1.0, INK, 0.9))
            y += 2.5
            for line in self.framed:
                items.append(Text(left + 4, y + line.size * ASCENT, line.text, line.size, line.bold, line.colour))
                y += line.height
        return items


def unit_text(unit: str, words: Words) -> str:
    """Return a unit as the language writes it.

    >>> unit_text("t/year", Words("da"))
    't/år'
    """
    return unit.replace("/year", f"/{words('sankey_year')}") if words.language == "da" else unit


def stock_unit(unit: str) -> str:
    """Return the unit of a stock whose additions are in ``unit``.

    >>> stock_unit("t/year")
    't'
    """
    return unit.removesuffix("/year").removesuffix("/år")


def amount_text(value: float, std: float, unit: str, words: Words) -> str:
    """Return a value with its uncertainty: so many digits that the uncertainty has two.

    >>> amount_text(120.4, 5.2, "t/year", Words("en"))
    '120.4 ± 5.2 t/year'
    >>> amount_text(1234.5, float("nan"), "t/year", Words("da"))
    '1.234 t/år'
    """
    if math.isnan(value):
        number = "?"
    elif std > 0:
        digits = _decimals(std, 2)
        number = f"{_number(value, digits, words)} ± {_number(std, digits, words)}"
    else:
        number = _number(value, _decimals(value, 3), words)
    return f"{number} {unit_text(unit, words)}".strip()


def signed_text(value: float, unit: str, words: Words) -> str:
    """Return a change with its sign.

    >>> signed_text(12, "t/year", Words("en"))
    '+12 t/year'
    """
    sign = "+" if value > 0 else ""
    return sign + amount_text(value, math.nan, unit, words)


def _decimals(value: float, digits: int) -> int:
    """Return the decimals that show so many digits of a value, whole numbers without any."""
    size = abs(value)
    if size == 0 or (size >= 1 and float(size).is_integer()):
        return 0
    return max(0, digits - 1 - math.floor(math.log10(size)))


def _number(value: float, decimals: int, words: Words) -> str:
    if value != 0 and (decimals > 6 or abs(value) >= 1e13):
        text = f"{value:.2e}"
        return (text.replace(".", ",") if words.language == "da" else text).replace("-", "−")
    return words.number(value, decimals)


def link_label(link: Link, unit: str, words: Words) -> Label:
    """Return the label of a band: its name, its amount with uncertainty, its status in words or a sign."""
    lines = [Line(text, SMALL, False, MUTED) for text in wrapped(link.label, WRAP, SMALL)]
    value = -link.value if link.backwards else link.value
    sign = "" if math.isnan(value) else SIGNS.get(link.status, "")
    parts = [sign, amount_text(value, link.std, unit, words)]
    if link.status == SUSPECT:
        parts.append(f"({words('sankey_suspect')})")
    if link.backwards:
        parts.append(f"({words('sankey_backwards')})")
    text = " ".join(part for part in parts if part)
    return Label((*lines, *(Line(part, SMALL, link.status == SUSPECT) for part in wrapped(text, WRAP, SMALL))))


def node_label(node: Node, graph: Graph, unit: str, words: Words) -> Label:
    """Return the label of a process: its name, what passes, its stock and the yearly change of it in a frame."""
    if node.outside:
        return Label(())
    lines = [Line(text, NAME, True) for text in wrapped(node.label, WRAP, NAME, True)]
    inward, outward = graph.inward(node.key), graph.outward(node.key)
    if inward > 0 and outward > 0 and abs(inward - outward) > UNEQUAL * max(inward, outward):
        entering = f"{words('sankey_in')} {amount_text(inward, math.nan, unit, words)}"
        leaving = f"{words('sankey_out')} {amount_text(outward, math.nan, unit, words)}"
        lines += [Line(entering, SMALL, False, MUTED), Line(leaving, SMALL, False, MUTED)]
    elif max(inward, outward) > 0:
        lines.append(Line(amount_text(max(inward, outward), math.nan, unit, words), SMALL, False, MUTED))
    if node.inner:
        among = words("sankey_among", count=len(node.inner))
        text = f"{among} {amount_text(node.inner_value, math.nan, unit, words)}"
        lines += [Line(part, SMALL, False, MUTED) for part in wrapped(text, WRAP, SMALL)]
    framed: list[Line] = []
    if node.stores:
        held = amount_text(node.stock, math.nan, stock_unit(unit), words)
        framed.append(Line(f"{words('sankey_stock')} {held}"))
        if not math.isnan(node.addition):
            framed.append(Line(signed_text(node.addition, unit, words)))
    return Label(tuple(lines), tuple(framed))


def link_title(link: Link, graph: Graph, unit: str, words: Words) -> str:
    """Return what a band is, for a viewer that shows it under the pointer: ends, amount, the flows in it."""
    names = {node.key: node.label or words("sankey_outside") for node in graph.nodes}
    amount = amount_text(-link.value if link.backwards else link.value, link.std, unit, words)
    status = f" ({words(STATUS_WORDS[link.status])})" if link.status else ""
    flows = ", ".join(link.flows[:40]) + (" …" if len(link.flows) > 40 else "")
    return f"{names[link.start]} → {names[link.end]}: {amount}{status} [{flows}]"
