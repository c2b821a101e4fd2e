"""The map of a region: towns by their waste, plants by what they do, lines by the tonnes that go there.

Drawn from the coordinates of the case alone, as a :class:`reports.sankey_canvas.Drawing`, so that it is a PNG in a
workbook and can be an SVG elsewhere. What a plant does is told by the shape of its sign, its number leads to the
table; colour only helps. The same input gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports.map_places import Frame, Panel, Spot, framed
from reports.sankey_canvas import Drawing, Shape, Step, Text, outline, rectangle, text_width
from reports.style import INK, MUTED, RULE, TREATMENT_COLOURS

WIDTH, HEIGHT = 1008.0, 530.0
"""Points: as wide as a printed sheet and as high as what is left of it below the answer."""
LEGEND = 236.0
KINDS = ("recycling", "sorting", "preparing_for_reuse", "other_material_recovery", "energy_recovery", "landfill")
"""What plants do, in the order of the legend."""
LINE_LEAST, LINE_MOST = 0.5, 9.0
"""Points: the thinnest and the widest line."""
_TOWN_MOST, _TOWN_LEAST = 24.0, 3.5
_SIGN = 8.0
_LETTERS, _SMALL = 9.5, 8.5
_COLOURS = {**TREATMENT_COLOURS, "sorting": "#1B4D5C"}
_PAPER, _TOWN, _TOWN_EDGE = "#F7F9FA", "#D5DEE6", "#52606D"


@dataclass(frozen=True)
class Town:
    """A municipality: its name and its waste in t/year."""

    spot: Spot
    name: str
    tonnes: float


@dataclass(frozen=True)
class Plant:
    """A facility: its number in the table, what it does (one of :data:`KINDS`), t/year that it takes."""

    spot: Spot
    number: int
    kind: str
    tonnes: float


@dataclass(frozen=True)
class Way:
    """Tonnes a year from a town or a plant to a plant, by their keys; ``hauled`` between two plants."""

    start: str
    end: str
    tonnes: float
    hauled: bool = False


@dataclass(frozen=True)
class Legend:
    """The words of the map: of each kind, of what a size and a line mean, and tonnes as text."""

    kinds: Mapping[str, str]
    town: str
    way: str
    haul: str
    edge: str
    scale: Callable[[float], str]
    tonnes: Callable[[float], str]


def draw_map(
    panels: Sequence[Panel], towns: Sequence[Town], plants: Sequence[Plant], ways: Sequence[Way], legend: Legend
) -> Drawing:
    """Return the map: the first panel large, the others small beside it, the legend below these."""
    return _Map(panels, towns, plants, ways, legend).drawing()


class _Map:
    def __init__(
        self,
        panels: Sequence[Panel],
        towns: Sequence[Town],
        plants: Sequence[Plant],
        ways: Sequence[Way],
        legend: Legend,
    ) -> None:
        self.towns, self.plants, self.ways, self.legend = towns, plants, ways, legend
        self.frames = _frames(panels)
        self.most = max([town.tonnes for town in towns], default=0.0) or 1.0
        self.heaviest = max([way.tonnes for way in ways], default=0.0) or 1.0
        self.taken: list[tuple[float, float, float, float]] = []
        self.points: dict[str, tuple[float, float]] = {}
        self.frame_of: dict[str, int] = {}
        self.at_edge = False

    def drawing(self) -> Drawing:
        for town in self.towns:
            self._stand(town.spot)
        for plant in self.plants:
            self._stand(plant.spot)
        signs = self._signs()
        grounds: list[Shape | Text] = [
            Shape(rectangle(frame.left, frame.top, frame.width, frame.height), _PAPER, edge=RULE, line=0.8)
            for frame in self.frames
        ]
        circles = [self._circle(town) for town in self.towns]
        items = [*grounds, *circles, *self._lines(signs), *self._drawn_signs(signs), *self._names(), *self._scales()]
        return Drawing(WIDTH, HEIGHT, (*items, *self._legend()))

    def _frame(self, spot: Spot) -> int:
        return next((n for n, frame in enumerate(self.frames) if spot.zone in frame.panel.zones), 0)

    def _stand(self, spot: Spot) -> None:
        number = self._frame(spot)
        x, y, edge = self.frames[number].at(spot)
        self.points[spot.key], self.frame_of[spot.key] = (x, y), number
        self.at_edge |= edge

    def _radius(self, tonnes: float) -> float:
        return max(_TOWN_LEAST, _TOWN_MOST * math.sqrt(max(tonnes, 0.0) / self.most))

    def _circle(self, town: Town) -> Shape:
        x, y = self.points[town.spot.key]
        title = f"{town.name}: {self.legend.tonnes(town.tonnes)}"
        return Shape(circle(x, y, self._radius(town.tonnes)), _TOWN, edge=_TOWN_EDGE, line=0.8, title=title)

    def _signs(self) -> dict[str, tuple[float, float]]:
        """Return where each sign stands: at its plant, or as near to it as there is room, heavy plants first."""
        result: dict[str, tuple[float, float]] = {}
        size = _SIGN + 1.5
        for plant in sorted(self.plants, key=lambda plant: (-plant.tonnes, plant.number)):
            x, y = self.points[plant.spot.key]
            frame = self.frames[self.frame_of[plant.spot.key]]
            for ring in range(40):
                turns = 1 if ring == 0 else 6 * ring
                found = next(
                    (
                        (left, top)
                        for turn in range(turns)
                        for left, top in [
                            (
                                x + 1.1 * size * ring * math.cos(2 * math.pi * turn / turns),
                                y + 1.1 * size * ring * math.sin(2 * math.pi * turn / turns),
                            )
                        ]
                        if self._free(frame, (left - size, top - size, left + size, top + size))
                    ),
                    None,
                )
                if found is not None:
                    break
            left, top = found or (x, y)
            self.taken.append((left - size, top - size, left + size, top + size))
            result[plant.spot.key] = (left, top)
        return result

    def _free(self, frame: Frame, box: tuple[float, float, float, float]) -> bool:
        inside = (
            box[0] > frame.left + 1
            and box[1] > frame.top + 1
            and box[2] < frame.left + frame.width - 1
            and box[3] < frame.top + frame.height - 1
        )
        return inside and not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in self.taken
        )

    def _lines(self, signs: Mapping[str, tuple[float, float]]) -> list[Shape]:
        """Return the ways, light ones below; one that leaves a small panel runs from its edge."""
        kinds = {plant.spot.key: plant.kind for plant in self.plants}
        shapes = []
        for way in sorted(self.ways, key=lambda way: (way.tonnes, way.start, way.end)):
            if way.end not in signs or way.start not in self.points:
                continue
            x1, y1 = signs.get(way.start, self.points[way.start])
            x2, y2 = signs[way.end]
            if math.hypot(x2 - x1, y2 - y1) < 2:
                continue
            shapes.append(
                Shape(
                    (("M", (x1, y1)), *_bow(x1, y1, x2, y2)),
                    edge=_COLOURS.get(kinds.get(way.end, ""), INK),
                    alpha=0.5,
                    line=self._line(way.tonnes),
                    dash=(2.2, 1.4) if way.hauled else None,
                )
            )
        return shapes

    def _line(self, tonnes: float) -> float:
        return max(LINE_LEAST, LINE_MOST * tonnes / self.heaviest)

    def _drawn_signs(self, signs: Mapping[str, tuple[float, float]]) -> list[Shape | Text]:
        parts: list[Shape | Text] = []
        for plant in self.plants:
            x, y = self.points[plant.spot.key]
            left, top = signs[plant.spot.key]
            if math.hypot(left - x, top - y) > 2 * _SIGN:
                parts.append(Shape((("M", (x, y)), ("L", (left, top))), edge=MUTED, line=0.5))
        for plant in self.plants:
            left, top = signs[plant.spot.key]
            parts += _sign(plant.kind, left, top, str(plant.number))
        return parts

    def _names(self) -> list[Shape | Text]:
        """Return the names of towns, each at the first side where it covers nothing; the largest choose first."""
        parts: list[Shape | Text] = []
        for town in sorted(self.towns, key=lambda town: (-town.tonnes, town.name)):
            x, y = self.points[town.spot.key]
            frame = self.frames[self.frame_of[town.spot.key]]
            wide, high = text_width(town.name, _LETTERS) + 3, _LETTERS + 1.5
            for away in range(0, 60, 4):
                reach = self._radius(town.tonnes) + 1.5 + away
                sides = (
                    (x + reach, y - high / 2),
                    (x - reach - wide, y - high / 2),
                    (x - wide / 2, y - reach - high),
                    (x - wide / 2, y + reach),
                    (x + reach * 0.7, y - reach * 0.7 - high),
                    (x - reach * 0.7 - wide, y - reach * 0.7 - high),
                    (x + reach * 0.7, y + reach * 0.7),
                    (x - reach * 0.7 - wide, y + reach * 0.7),
                )
                boxes = [(left, top, left + wide, top + high) for left, top in sides]
                box = next((box for box in boxes if self._free(frame, box)), None)
                if box is not None:
                    self.taken.append(box)
                    if away > 8:
                        middle = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
                        parts.append(Shape((("M", (x, y)), ("L", middle)), edge=MUTED, line=0.5))
                    parts.append(Shape(rectangle(box[0], box[1], wide, high), "#FFFFFF", 0.78))
                    parts.append(Text(box[0] + 1.5, box[3] - 3.0, town.name, _LETTERS))
                    break
        return parts

    def _scales(self) -> list[Shape | Text]:
        """Return a scale in each panel: a round number of kilometres."""
        parts: list[Shape | Text] = []
        for frame in self.frames:
            length = round_below(frame.width / 4 / frame.scale)
            x, y = frame.left + 10, frame.top + frame.height - 9
            parts.append(Shape((("M", (x, y)), ("L", (x + length * frame.scale, y))), edge=INK, line=1.6))
            parts.append(Text(x, y - 4, self.legend.scale(length), _SMALL))
        return parts

    def _legend(self) -> list[Shape | Text]:
        left = WIDTH - LEGEND + 8
        used = [kind for kind in KINDS if any(plant.kind == kind for plant in self.plants)]
        rows = len(used) + 5 + int(self.at_edge)
        y = HEIGHT - rows * 20.0
        parts: list[Shape | Text] = []
        for kind in used:
            parts += [*_sign(kind, left + 12, y, ""), Text(left + 34, y + 3.5, self.legend.kinds[kind], _LETTERS)]
            y += 20
        half = round_below(self.most / 2)
        y += 8
        parts.append(Shape(circle(left + 12, y, min(self._radius(half), 13.0)), _TOWN, edge=_TOWN_EDGE, line=0.8))
        parts += _words(f"{self.legend.town}: {self.legend.tonnes(half)}", left + 34, y)
        y += 28
        for tonnes, name, dash in (
            (round_below(self.heaviest), self.legend.way, None),
            (round_below(self.heaviest / 5), self.legend.haul, (2.2, 1.4)),
        ):
            edge = INK
            line = Shape((("M", (left, y)), ("L", (left + 25, y))), edge=edge, alpha=0.6, line=self._line(tonnes))
            if dash:
                line = Shape(line.steps, edge=edge, alpha=0.6, line=self._line(tonnes), dash=dash)
            parts += [line, *_words(f"{name}: {self.legend.tonnes(tonnes)}", left + 34, y)]
            y += 24
        if self.at_edge:
            parts += _words(self.legend.edge, left, y)
        return parts


def _words(text: str, left: float, y: float) -> list[Shape | Text]:
    """Return words in one or two lines around ``y``."""
    room = WIDTH - left - 2
    words, lines = text.split(), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, _LETTERS) > room and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    start = y + 3.5 - (len(lines) - 1) * 5.8
    return [Text(left, start + 11.6 * number, line, _LETTERS) for number, line in enumerate(lines)]


def _frames(panels: Sequence[Panel]) -> list[Frame]:
    """Return where the panels stand: the first at the left, the others in a column above the legend."""
    first, *others = panels
    frames = [framed(first, 1.0, 1.0, WIDTH - LEGEND - 8, HEIGHT - 2)]
    if others:
        high = (HEIGHT - 12 * 20.0) / len(others)
        frames += [
            framed(panel, WIDTH - LEGEND, 1.0 + high * number, LEGEND - 1, high - 8)
            for number, panel in enumerate(others)
        ]
    return frames


def _bow(x1: float, y1: float, x2: float, y2: float) -> tuple[Step, ...]:
    """Return a slightly bent line, so that ways there and back do not cover each other."""
    dx, dy = (x2 - x1) * 0.08, (y2 - y1) * 0.08
    third = (x1 + (x2 - x1) / 3 - dy, y1 + (y2 - y1) / 3 + dx)
    two_thirds = (x1 + (x2 - x1) * 2 / 3 - dy, y1 + (y2 - y1) * 2 / 3 + dx)
    return (("C", (*third, *two_thirds, x2, y2)),)


def circle(x: float, y: float, radius: float) -> tuple[Step, ...]:
    """Return a circle of four curves."""
    bend = 0.5523 * radius
    return (
        ("M", (x + radius, y)),
        ("C", (x + radius, y + bend, x + bend, y + radius, x, y + radius)),
        ("C", (x - bend, y + radius, x - radius, y + bend, x - radius, y)),
        ("C", (x - radius, y - bend, x - bend, y - radius, x, y - radius)),
        ("C", (x + bend, y - radius, x + radius, y - bend, x + radius, y)),
        ("Z", ()),
    )


def sign(kind: str, x: float, y: float, size: float = _SIGN) -> tuple[Step, ...]:
    """Return the outline of a kind of plant: each has a shape of its own."""
    if kind == "sorting":
        return rectangle(x - size, y - size, 2 * size, 2 * size)
    corners = {
        "recycling": (4, -90.0, 1.3),
        "preparing_for_reuse": (5, -90.0, 1.25),
        "other_material_recovery": (6, 0.0, 1.15),
        "energy_recovery": (3, -90.0, 1.55),
        "landfill": (3, 90.0, 1.55),
    }
    count, turn, stretch = corners.get(kind, (8, 22.5, 1.1))
    angles = [math.radians(turn + 360.0 * number / count) for number in range(count)]
    shift = {"energy_recovery": 0.25, "landfill": -0.25}.get(kind, 0.0) * size
    return outline(
        [(x + stretch * size * math.cos(angle), y + shift + stretch * size * math.sin(angle)) for angle in angles]
    )


def _sign(kind: str, x: float, y: float, number: str) -> list[Shape | Text]:
    colour = _COLOURS.get(kind, INK)
    shape = Shape(sign(kind, x, y), "#FFFFFF", edge=colour, line=1.8)
    return [shape, Text(x, y + 3.0, number, _SMALL, bold=True, anchor="middle")] if number else [shape]


def round_below(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above a value.

    >>> round_below(734.0), round_below(0.34)
    (500.0, 0.2)
    """
    if not value > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= value * (1 + 1e-9))
