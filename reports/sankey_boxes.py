"""The places of a Sankey picture: rectangles, labels in theirs, and all of them together as a layout."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.sankey_shape import Loop, Ribbon
from reports.sankey_text import Label


@dataclass(frozen=True)
class Rect:
    """A rectangle in points, downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def lower(self) -> float:
        """The lower edge."""
        return self.top + self.height

    def overlaps(self, other: Rect) -> bool:
        """Tell whether two rectangles share more than an edge."""
        apart = 1e-6
        return (
            self.left < other.right - apart
            and other.left < self.right - apart
            and self.top < other.lower - apart
            and other.top < self.lower - apart
        )


@dataclass(frozen=True)
class Placed:
    """A label in its place; ``anchor`` is the point of the band or box that it belongs to."""

    label: Label
    rect: Rect
    anchor: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """All places, from (0, 0) to ``width``, ``height``; bands and labels by the position of their link.

    ``fringes`` are the points that uncertainties take.
    """

    width: float
    height: float
    scale: float
    boxes: dict[str, Rect]
    bands: tuple[Ribbon | Loop, ...]
    node_labels: dict[str, Placed] = field(default_factory=dict)
    link_labels: tuple[Placed, ...] = ()
    fringes: tuple[float, ...] = ()
