"""Where things stand on a map: one panel for what lies together, small panels for zones far away.

Coordinates are those of the case (WGS 84), laid out flat around the middle of each panel, which is exact enough for
a region or a small country. Nothing but the case's own points is known here: no coast, no borders.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.case import Case

KM_PER_DEGREE = 111.2
FAR = 0.6
"""A zone gets a panel of its own if it lies further from the others than this share of their extent."""
LEAST_EXTENT = 36.0
"""Kilometres that a panel shows at least, so that a single town is a place and not a plane."""


@dataclass(frozen=True)
class Spot:
    """A point of the case in degrees; ``zone`` as the case names it."""

    key: str
    lat: float
    lon: float
    zone: str


@dataclass(frozen=True)
class Panel:
    """A part of the map: ``zones`` it shows, its middle in degrees and half its width and height in km."""

    zones: frozenset[str]
    lat: float
    lon: float
    half_width: float
    half_height: float

    def km(self, lat: float, lon: float) -> tuple[float, float]:
        """Return kilometres to the right of and below the middle."""
        shrink = math.cos(math.radians(self.lat))
        return (lon - self.lon) * KM_PER_DEGREE * shrink, (self.lat - lat) * KM_PER_DEGREE


def spots(case: Case) -> tuple[dict[str, Spot], dict[str, Spot]]:
    """Return where municipalities and facilities lie; a facility without coordinates lies in its municipality.

    What has no place is left out.
    """
    towns = {spot.key: spot for spot in _spots(case["municipalities"], "municipality")}
    plants = {spot.key: spot for spot in _spots(case["facilities"], "facility")}
    for facility, site in zip(case["facilities"]["facility"], case["facilities"]["municipality"], strict=True):
        if facility not in plants and site in towns:
            town = towns[site]
            plants[str(facility)] = Spot(str(facility), town.lat, town.lon, town.zone)
    return towns, plants


def _spots(table: pd.DataFrame, key: str) -> list[Spot]:
    known = table[table["lat"].notna() & table["lon"].notna()]
    return [
        Spot(str(name), float(lat), float(lon), str(zone))
        for name, lat, lon, zone in zip(known[key], known["lat"], known["lon"], known["zone"], strict=True)
    ]


def panels(towns: Mapping[str, Spot], weights: Mapping[str, float]) -> list[Panel]:
    """Return the panels of a map, the one with most weight first; zones near each other share one."""
    groups: list[list[Spot]] = []
    heavy = sorted({town.zone for town in towns.values()}, key=lambda zone: (-_weight(towns, weights, zone), zone))
    for zone in heavy:
        mine = [town for town in towns.values() if town.zone == zone]
        near = next((group for group in groups if not _far(group, mine)), None)
        if near is None:
            groups.append(mine)
        else:
            near.extend(mine)
    return [_panel(group) for group in groups]


def _weight(towns: Mapping[str, Spot], weights: Mapping[str, float], zone: str) -> float:
    return sum(weights.get(key, 0.0) for key, town in towns.items() if town.zone == zone)


def _far(group: Sequence[Spot], others: Sequence[Spot]) -> bool:
    panel = _panel(group)
    extent = 2 * max(panel.half_width, panel.half_height)
    gaps = []
    for spot in others:
        x, y = panel.km(spot.lat, spot.lon)
        gaps.append(math.hypot(max(0.0, abs(x) - panel.half_width), max(0.0, abs(y) - panel.half_height)))
    return min(gaps) > FAR * extent


def _panel(group: Sequence[Spot]) -> Panel:
    lats, lons = [spot.lat for spot in group], [spot.lon for spot in group]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    flat = Panel(frozenset(spot.zone for spot in group), lat, lon, 0.0, 0.0)
    edges = [flat.km(spot.lat, spot.lon) for spot in group]
    return Panel(
        flat.zones,
        lat,
        lon,
        max(LEAST_EXTENT / 2, *(abs(x) for x, _ in edges)) if len(edges) > 1 else LEAST_EXTENT / 2,
        max(LEAST_EXTENT / 2, *(abs(y) for _, y in edges)) if len(edges) > 1 else LEAST_EXTENT / 2,
    )


@dataclass(frozen=True)
class Frame:
    """A panel on paper: its rectangle in points, and points per kilometre."""

    panel: Panel
    left: float
    top: float
    width: float
    height: float
    scale: float

    def at(self, spot: Spot) -> tuple[float, float, bool]:
        """Return where a spot stands, and whether it lies outside and stands at the edge instead."""
        x, y = self.panel.km(spot.lat, spot.lon)
        middle_x, middle_y = self.left + self.width / 2, self.top + self.height / 2
        room_x, room_y = self.width / 2 - _EDGE, self.height / 2 - _EDGE
        x, y = x * self.scale, y * self.scale
        beyond = max(abs(x) / room_x, abs(y) / room_y, 1.0)
        return middle_x + x / beyond, middle_y + y / beyond, beyond > 1.0


_EDGE = 16.0


def framed(panel: Panel, left: float, top: float, width: float, height: float) -> Frame:
    """Return a panel in a rectangle, its towns well inside."""
    margin = 38.0
    scale = min(
        (width - 2 * margin) / (2 * panel.half_width),
        (height - 2 * margin) / (2 * panel.half_height),
    )
    return Frame(panel, left, top, width, height, max(scale, 1e-6))
