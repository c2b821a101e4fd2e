"""How a table of a run is declared: its columns with type, meaning and unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True)
class RunColumn:
    """A column of a run's table."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class RunTable:
    """A table of a run; rows are sorted by its columns that are not numbers."""

    name: str
    meaning: str
    columns: tuple[RunColumn, ...]


def text(name: str, meaning: str) -> RunColumn:
    """Return a column of text."""
    return RunColumn(name, "string", meaning)
