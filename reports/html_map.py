"""Where things lie: coordinates of the case as the page's map takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.page import number


def coordinates(row: Mapping[str, Any]) -> list[float] | None:
    """Return [longitude, latitude] of a row, or nothing where either is missing.

    >>> coordinates({"lat": 55.7, "lon": 12.4}), coordinates({"lat": 55.7, "lon": float("nan")})
    ([12.4, 55.7], None)
    """
    found = [number(row.get(name)) for name in ("lon", "lat")]
    return None if None in found else [round(value, 5) for value in found if value is not None]
