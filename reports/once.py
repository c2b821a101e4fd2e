"""What is worked out once, and then read by everyone who looks at the same thing.

A run, a place of it and the names of a case in one language are each looked at by many sheets; each remembers what
was found out about it for as long as it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Result = TypeVar("Result")


class Once:
    """Something that remembers what was worked out about it."""

    def __init__(self) -> None:
        """Begin with nothing worked out."""
        self._worked_out: dict[tuple[Any, ...], Any] = {}

    def once(self, make: Callable[..., Result], *given: Hashable) -> Result:
        """Return ``make(self, *given)``, made the first time it is asked for; none may change it."""
        key = (make, *given)
        if key not in self._worked_out:
            self._worked_out[key] = make(self, *given)
        result: Result = self._worked_out[key]
        return result

    def forgetful(self) -> dict[str, Any]:
        """Return all that this is made of, without what was worked out about it."""
        return {**self.__dict__, "_worked_out": {}}
