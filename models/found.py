"""What a search found, and the clock that it runs by."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.formulation_parts import Formulation

Progress = Callable[[str, float], None]
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Found:
    """What the search found. ``values`` of the columns of ``form``, empty if nothing; objective and bound are millions."""

    status: str
    form: Formulation
    values: Array
    objective: float
    bound: float
    gap: float

    @property
    def proven(self) -> Proven:
        """What was found and proven, without the model."""
        return Proven(self.status, self.objective, self.bound, self.gap)


@dataclass(frozen=True)
class Proven:
    """How a search ended: its status, objective and bound in millions, and gap."""

    status: str
    objective: float
    bound: float
    gap: float


def relative_gap(objective: float, bound: float) -> float:
    """Return how far an objective may be above the optimum, relative to itself."""
    return max(objective - bound, 0.0) / max(abs(objective), 1e-9) if np.isfinite(objective) else float("inf")


class Watch:
    """The clock of a search, and where its progress is told."""

    def __init__(self, time_limit: float, progress: Progress | None) -> None:
        """Start the clock."""
        self.begun = clock.perf_counter()
        self.time_limit = time_limit
        self.progress = progress

    @property
    def until(self) -> float:
        """What the performance counter shows when time is up."""
        return self.begun + self.time_limit

    def left(self) -> float:
        """Return the seconds that are left, at least a tenth."""
        return max(self.until - clock.perf_counter(), 0.1)

    def say(self, objective: float, bound: float) -> None:
        """Tell objective and bound, in millions."""
        if self.progress is not None:
            part = min(1.0 - self.left() / self.time_limit, 1.0)
            words = f"search {objective:.1f} {bound:.1f}" if np.isfinite(objective) else "search"
            self.progress(words, 0.1 + 0.6 * part)
