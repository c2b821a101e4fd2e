"""Choices out of bytes: the same bytes make the same input, whoever found them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Reads numbers, members and texts from the front of bytes; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def below(self, most: int) -> int:
        """Return a whole number from 0 to below ``most``."""
        return ((self.byte() << 8) | self.byte()) % most if most > 256 else self.byte() % most

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def bytes(self, most: int) -> bytes:
        size = self.below(most + 1)
        found = self.data[self.at : self.at + size]
        self.at += size
        return found

    def text(self, most: int = 40) -> str:
        return self.bytes(most).decode("utf-8", errors="replace")

    @property
    def left(self) -> bool:
        return self.at < len(self.data)
