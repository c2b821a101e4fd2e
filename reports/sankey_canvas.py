"""A drawing as a list of shapes and texts, and its two forms: PNG (by matplotlib's Agg) and SVG (plain text).

Coordinates are points (1/72 inch) from the upper left corner, downwards. Both forms show the same; the same
drawing gives the same bytes. In SVG every shape may carry a title, which viewers show under the pointer.
"""

from __future__ import annotations

import html
import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from reports.style import INK

FAMILY = "DejaVu Sans"
SVG_FAMILY = "DejaVu Sans, Verdana, sans-serif"
MOST_PIXELS = 12_000
"""A PNG is at most so wide and high; a larger drawing gets fewer dots per inch."""
ASCENT, LEADING = 0.93, 1.22
"""Of the size of the letters: top of a line to its baseline, and from line to line."""

Step = tuple[str, tuple[float, ...]]
"""M, L, C or Z and its coordinates."""


@dataclass(frozen=True)
class Shape:
    """An outline with its fill and edge; ``title`` says what it is."""

    steps: tuple[Step, ...]
    fill: str = "none"
    alpha: float = 1.0
    edge: str = "none"
    line: float = 0.0
    dash: tuple[float, float] | None = None
    title: str = ""


@dataclass(frozen=True)
class Text:
    """A line of text; ``y`` is its baseline and ``width`` what it measures in the house's letters."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    colour: str = INK
    anchor: str = "start"

    @property
    def width(self) -> float:
        """The width of the text in points."""
        return text_width(self.text, self.size, self.bold)


@dataclass(frozen=True)
class Drawing:
    """A picture of ``width`` times ``height`` points; later items lie on top."""

    width: float
    height: float
    items: tuple[Shape | Text, ...]
    title: str = ""
    description: str = ""

    def png(self, dots_per_inch: float = 130.0) -> bytes:
        """Return the picture as PNG."""
        dots = min(dots_per_inch, MOST_PIXELS * 72 / max(self.width, self.height))
        with matplotlib.rc_context(
            {"font.family": FAMILY, "text.usetex": False, "path.simplify": False, "text.hinting": "no_hinting"}
        ):
            size = (int(self.width * dots / 72), int(self.height * dots / 72))
            return _Painter(size, self.height, dots).painted(self.items)

    def svg(self) -> bytes:
        """Return the picture as SVG, text as text."""
        # In pixels, of which 96 are an inch: not every viewer reads points here.
        size = f'width="{_number(self.width * 4 / 3)}" height="{_number(self.height * 4 / 3)}"'
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {_number(self.width)} {_number(self.height)}"'
            f' role="img" font-family="{SVG_FAMILY}">',
            f"<title>{_escape(self.title)}</title>",
            f"<desc>{_escape(self.description)}</desc>",
            '<rect width="100%" height="100%" fill="#FFFFFF"/>',
        ]
        lines += [_svg_shape(item) if isinstance(item, Shape) else _svg_text(item) for item in self.items]
        return ("\n".join([*lines, "</svg>"]) + "\n").encode()


class _Painter:
    """Puts items onto Agg's pixels one after another: a figure with axes does the same six times slower."""

    def __init__(self, size: tuple[int, int], height: float, dots: float) -> None:
        self.scale, self.height, self.dots, self.size = dots / 72, height, dots, size
        self.renderer = RendererAgg(*self.size, dots)  # type: ignore[no-untyped-call]
        self.canvas = np.asarray(self.renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        # Agg counts upwards from the lower edge.
        self.transform = Affine2D().scale(self.scale, -self.scale).translate(0.0, self.size[1])

    def painted(self, items: Sequence[Shape | Text]) -> bytes:
        """Return the items as PNG on white."""
        texts = [place for place, item in enumerate(items) if isinstance(item, Text)]
        first = texts[0] if texts else len(items)
        ground = tuple(replace(item, title="") for item in items[:first] if isinstance(item, Shape))
        self.canvas[...] = _painted_ground(self.size, self.height, self.dots, ground)
        self._put(items[first:])
        return png_of(self.canvas, self.dots)

    def ground(self, shapes: Sequence[Shape]) -> NDArray[np.uint8]:
        """Return the pixels of shapes on white."""
        self._shape(Shape(rectangle(-1.0, -1.0, self.size[0] / self.scale + 2, self.height + 2), "#FFFFFF"))
        self._put(shapes)
        return self.canvas

    def _put(self, items: Sequence[Shape | Text]) -> None:
        with warnings.catch_warnings():
            # A letter that the font lacks is drawn as a box; that is no reason to fail.
            warnings.simplefilter("ignore")
            for item in items:
                if isinstance(item, Shape):
                    self._shape(item)
                else:
                    self._text(item)

    def _shape(self, item: Shape) -> None:
        context = self.renderer.new_gc()
        context.set_alpha(item.alpha)
        context.set_joinstyle("miter")
        context.set_capstyle("butt")
        context.set_linewidth(item.line if item.edge != "none" else 0.0)
        if item.edge != "none":
            context.set_foreground(to_rgba(item.edge))
        if item.dash:
            context.set_dashes(0.0, [part * item.line for part in item.dash])
        face = None if item.fill == "none" else to_rgba(item.fill, item.alpha)
        self.renderer.draw_path(context, _path(item), self.transform, face)  # type: ignore[no-untyped-call]

    def _text(self, item: Text) -> None:
        """Put a line of text onto the pixels, all of its letters in one go: one by one takes six times as long."""
        if not item.text.strip():
            return
        left = item.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * item.width
        letters, offset, descent = _letters(item.text, item.size, item.bold, self.dots)
        height, width = letters.shape
        x = round(left * self.scale + offset / 64)
        y = round(item.y * self.scale + descent / 64) + 1 - height
        # What lies outside of the picture is cut off.
        top, start = max(-y, 0), max(-x, 0)
        area = self.canvas[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0), :3]
        cover = letters[top : top + area.shape[0], start : start + area.shape[1], np.newaxis] / 255.0
        ink = np.array(to_rgba(item.colour)[:3]) * 255.0
        area += np.rint((ink - area) * cover).astype(np.int16).astype(np.uint8)


@lru_cache(maxsize=4)
def _painted_ground(size: tuple[int, int], height: float, dots: float, shapes: tuple[Shape, ...]) -> NDArray[np.uint8]:
    """Return the pixels of the shapes under all texts: those of one picture are the same in every language."""
    return _Painter(size, height, dots).ground(shapes).copy()


@lru_cache(maxsize=2048)
def _letters(text: str, size: float, bold: bool, dots: float) -> tuple[NDArray[np.uint8], int, int]:
    """Return the ink of a line of text (height, width), how far it starts to the right, and its descent, in 1/64 pixel."""
    font = get_font(_font_file(bold))
    font.set_size(size, dots)
    font.set_text(text, 0.0, flags=get_hinting_flag())  # type: ignore[no-untyped-call]
    font.draw_glyphs_to_bitmap(antialiased=True)
    return np.array(font.get_image()), font.get_bitmap_offset()[0], font.get_descent()


def png_of(pixels: NDArray[np.uint8], dots_per_inch: float) -> bytes:
    """Return pixels (height, width, 3 or 4, of which the fourth is left out) as PNG.

    Each row is written as its difference to the row above, which is nothing within an area of one colour: runs of
    nothing pack well and fast, where a general encoder tries five ways for every row.
    """
    height, width, _ = pixels.shape
    filtered = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    filtered[:, 0] = 2
    for colour in range(3):
        own, filled = pixels[:, :, colour], filtered[:, 1 + colour :: 3]
        filled[0] = own[0]
        np.subtract(own[1:], own[:-1], out=filled[1:])
    dots = round(dots_per_inch / 0.0254)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", dots, dots, 1)),
        (b"IDAT", zlib.compress(filtered.data, 3)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _path(item: Shape) -> Path:
    codes: list[int] = []
    points: list[tuple[float, float]] = []
    for command, numbers in item.steps:
        code = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4, "Z": Path.CLOSEPOLY}[command]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True)) or [points[0]]
        points += pairs
        codes += [int(code)] * len(pairs)
    return Path(points, codes)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escape(text: str) -> str:
    return html.escape("".join(letter for letter in text if letter.isprintable()), quote=True)


def _svg_shape(item: Shape) -> str:
    steps = " ".join(command + " ".join(map(_number, numbers)) for command, numbers in item.steps)
    parts = [f'<path d="{steps}" fill="{item.fill}"']
    if item.alpha < 1:
        parts.append(f'opacity="{_number(item.alpha)}"')
    if item.edge != "none":
        parts.append(f'stroke="{item.edge}" stroke-width="{_number(item.line)}"')
    if item.dash:
        parts.append(f'stroke-dasharray="{_number(item.dash[0])} {_number(item.dash[1])}"')
    start = " ".join(parts)
    return f"{start}><title>{_escape(item.title)}</title></path>" if item.title else f"{start}/>"


def _svg_text(item: Text) -> str:
    weight = ' font-weight="bold"' if item.bold else ""
    anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
    # The measured width is kept by viewers that have other letters, so that nothing overlaps there either.
    return (
        f'<text x="{_number(item.x)}" y="{_number(item.y)}" font-size="{_number(item.size)}"{weight}{anchor}'
        f' fill="{item.colour}" textLength="{_number(item.width)}" lengthAdjust="spacingAndGlyphs">'
        f"{_escape(item.text)}</text>"
    )


@lru_cache(maxsize=16384)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in points, in the letters in which it is drawn."""
    if not text:
        return 0.0
    letters = FontProperties(family=FAMILY, size=size, weight="bold" if bold else "normal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        width, _, _ = text_to_path.get_text_width_height_descent(text, letters, ismath=False)
    return float(width)


@lru_cache(maxsize=2)
def _font_file(bold: bool) -> str:
    return str(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Return a text in lines of at most ``width`` points; words longer than a line are cut.

    >>> wrapped("construction and demolition waste", 90, 8)
    ['construction and', 'demolition waste']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold) <= width:
            lines[-1] = f"{lines[-1]} {word}"
            continue
        while text_width(word, size, bold) > width and len(word) > 1:
            cut = len(word) - 1
            while cut > 1 and text_width(word[:cut] + "-", size, bold) > width:
                cut -= 1
            lines.append(word[:cut] + "-")
            word = word[cut:]
        lines.append(word)
    return lines


def outline(points: Sequence[tuple[float, float]]) -> tuple[Step, ...]:
    """Return a closed polygon through points."""
    first, *others = points
    return (("M", first), *(("L", point) for point in others), ("Z", ()))


def rectangle(left: float, top: float, width: float, height: float) -> tuple[Step, ...]:
    """Return the outline of a rectangle."""
    return outline([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
