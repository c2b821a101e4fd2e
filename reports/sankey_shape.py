"""The outlines of bands: through columns in smooth curves, or round below or above as a loop.

A band is as wide as its flow everywhere: measured upright where it runs to the right, across where it turns.
A second outline around the same middle line, narrower or wider, shows the uncertainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.sankey_canvas import Step, outline

_ROUND = 0.5523
"""Of the radius: handle of the Bézier curve that is nearest to a quarter of a circle."""


@dataclass(frozen=True)
class Ribbon:
    """A band that runs to the right: ``stations`` are stretches (left, right, top) where it is level."""

    stations: tuple[tuple[float, float, float], ...]
    width: float
    tip: bool = False
    """Whether it ends in an arrow head: it leaves the system."""

    def steps(self, extra: float = 0.0) -> tuple[Step, ...]:
        """Return the outline of the band, ``extra`` wider than its width around the same middle."""
        width = max(self.width + extra, 0.0)
        shift = (self.width - width) / 2
        line = [(left, right, top + shift) for left, right, top in self.stations]
        steps: list[Step] = [("M", (line[0][0], line[0][2])), ("L", (line[0][1], line[0][2]))]
        for before, after in zip(line, line[1:], strict=False):
            steps += _curve(before[1], before[2], after[0], after[2])
        end = line[-1]
        steps.append(("L", (end[1], end[2])))
        if self.tip:
            steps.append(("L", (end[1] + self.head, end[2] + width / 2)))
        steps.append(("L", (end[1], end[2] + width)))
        for before, after in zip(line[::-1], line[-2::-1], strict=False):
            steps.append(("L", (before[0], before[2] + width)))
            steps += _curve(before[0], before[2] + width, after[1], after[2] + width)
        steps += [("L", (line[0][0], line[0][2] + width)), ("Z", ())]
        return tuple(steps)

    @property
    def head(self) -> float:
        """The length of the arrow head."""
        return min(max(self.width / 2, 4.0), 12.0)

    def middle(self) -> tuple[Step, ...]:
        """Return the middle line, for a flow of no width."""
        half = self.width / 2
        line = self.stations
        steps: list[Step] = [("M", (line[0][0], line[0][2] + half)), ("L", (line[0][1], line[0][2] + half))]
        for before, after in zip(line, line[1:], strict=False):
            steps += _curve(before[1], before[2] + half, after[0], after[2] + half)
        return (*steps, ("L", (line[-1][1], line[-1][2] + half)))

    def arrow(self) -> tuple[Step, ...]:
        """Return nothing: to the right is the usual way."""
        return ()


def _curve(left: float, start: float, right: float, end: float) -> list[Step]:
    half = (left + right) / 2
    return [("C", (half, start, half, end, right, end))]


@dataclass(frozen=True)
class Loop:
    """A band that runs back to the left, round below (``down`` = 1) or above (-1).

    It leaves at ``right`` with its upper edge at ``top``, turns at ``turn_right``, runs back in a channel
    whose edge towards the picture is at ``channel``, turns at ``turn_left`` and enters at ``left``,
    ``end``. ``radius`` is that of the inner edge of its turns.
    """

    right: float
    top: float
    turn_right: float
    channel: float
    turn_left: float
    left: float
    end: float
    width: float
    radius: float
    down: int = 1

    def steps(self, extra: float = 0.0) -> tuple[Step, ...]:
        """Return the outline of the band, ``extra`` wider than its width around the same middle."""
        width = max(self.width + extra, 0.0)
        shift = (self.width - width) / 2
        radius = max(self.radius + shift, 0.1)
        # Drawn downwards; mirrored at the end if it runs above.
        top, end, channel = (self._down(value) + shift for value in self._edges())
        outer, inner = radius + width, radius
        a, b = self.turn_right, self.turn_left
        steps: list[Step] = [("M", (self.right, top)), ("L", (a, top))]
        steps += _turn((a, top), (a + outer, top + outer), across=True)
        steps += [("L", (a + outer, channel - inner))]
        steps += _turn((a + outer, channel - inner), (a, channel + width), across=False)
        steps += [("L", (b, channel + width))]
        steps += _turn((b, channel + width), (b - outer, channel - inner), across=True)
        steps += [("L", (b - outer, end + outer))]
        steps += _turn((b - outer, end + outer), (b, end), across=False)
        steps += [("L", (self.left, end)), ("L", (self.left, end + width)), ("L", (b, end + width))]
        steps += _turn((b, end + width), (b - inner, end + outer), across=True)
        steps += [("L", (b - inner, channel - inner))]
        steps += _turn((b - inner, channel - inner), (b, channel), across=False)
        steps += [("L", (a, channel))]
        steps += _turn((a, channel), (a + inner, channel - inner), across=True)
        steps += [("L", (a + inner, top + outer))]
        steps += _turn((a + inner, top + outer), (a, top + width), across=False)
        steps += [("L", (self.right, top + width)), ("Z", ())]
        return self._mirrored(steps)

    def middle(self) -> tuple[Step, ...]:
        """Return the middle line, for a flow of no width."""
        half, radius = self.width / 2, self.radius + self.width / 2
        top, end, channel = (self._down(value) + half for value in self._edges())
        a, b = self.turn_right, self.turn_left
        steps: list[Step] = [("M", (self.right, top)), ("L", (a, top))]
        steps += _turn((a, top), (a + radius, top + radius), across=True)
        steps += [("L", (a + radius, channel - radius))]
        steps += _turn((a + radius, channel - radius), (a, channel), across=False)
        steps += [("L", (b, channel))]
        steps += _turn((b, channel), (b - radius, channel - radius), across=True)
        steps += [("L", (b - radius, end + radius))]
        steps += _turn((b - radius, end + radius), (b, end), across=False)
        return self._mirrored([*steps, ("L", (self.left, end))])

    def arrow(self) -> tuple[Step, ...]:
        """Return a small head in the channel that points back."""
        size = min(max(self.width * 0.3, 2.5), 7.0)
        x, y = (self.turn_right + self.turn_left) / 2, self.channel + self.down * self.width / 2
        return outline([(x - size, y), (x + size, y - size), (x + size, y + size)])

    def _edges(self) -> tuple[float, float, float]:
        """Return the upper edges; of a loop above, the lower ones, which are upper when mirrored."""
        if self.down > 0:
            return self.top, self.end, self.channel
        return self.top + self.width, self.end + self.width, self.channel

    def _down(self, value: float) -> float:
        return value if self.down > 0 else -value

    def _mirrored(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        if self.down > 0:
            return tuple(steps)
        return tuple(
            (command, tuple(-value if position % 2 else value for position, value in enumerate(numbers)))
            for command, numbers in steps
        )


def _turn(start: tuple[float, float], end: tuple[float, float], across: bool) -> list[Step]:
    """Return a quarter of a circle; ``across`` says that it sets out level."""
    (x, y), (u, v) = start, end
    if across:
        return [("C", (x + (u - x) * _ROUND, y, u, v - (v - y) * _ROUND, u, v))]
    return [("C", (x, y + (v - y) * _ROUND, u - (u - x) * _ROUND, v, u, v))]
