"""What is worked out once for a whole run, and then read by the report of every place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from reports.view import RunView

Result = TypeVar("Result")

_KNOWN: WeakKeyDictionary[RunView, dict[str, Any]] = WeakKeyDictionary()


def once(run: RunView, make: Callable[[RunView], Result]) -> Result:
    """Return ``make(run)``, made the first time it is asked for and kept as long as the run is looked at."""
    known = _KNOWN.setdefault(run, {})
    key = f"{make.__module__}.{make.__qualname__}"
    if key not in known:
        known[key] = make(run)
    result: Result = known[key]
    return result
