"""Run folders of earlier formats, read as if they were of today: a chain of small functions, one for each format.

A folder is never rewritten: what it says is migrated as it is read. Formats:

1. The first, without a number: plans and accounts have no ``kind``, times stand for themselves.
2. Every run says its ``kind``; what differs between machines, times among it, stands under ``machine``; plans have the
   table ``decisions``. Its absence is no obstacle: decisions can be read from ``schemes`` and ``facilities``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mfa.made import FORMAT

Info = dict[str, Any]


def from_1(info: Info) -> Info:
    """Return what a run of format 1 says as one of format 2."""
    rest = {name: value for name, value in info.items() if name not in {"kind", "times", "format"}}
    kind = info.get("kind") or ("account" if info.get("status") == "accounted" else "plan")
    return {"format": 2, "kind": kind, **rest, "machine": {"times": info.get("times", {})}}


STEPS: Mapping[int, Callable[[Info], Info]] = {1: from_1}
"""What makes a run of each format one of the next."""


def format_of(info: Mapping[str, Any]) -> int:
    """Return the format that a ``run.json`` is written in.

    >>> format_of({"version": "0.1.0"}), format_of({"format": 2})
    (1, 2)
    """
    found = info.get("format", 1)
    return found if isinstance(found, int) and found >= 1 else 1


def migrated(info: Info) -> Info:
    """Return ``run.json`` in today's format; one that is newer than the program knows stays as it is."""
    for number in range(format_of(info), FORMAT):
        info = STEPS[number](info)
    return info
