"""What moving a tonne between places of a case costs and emits, looked up anew for the certificate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.case import Case
from flows.remember import of_case

EARTH_RADIUS_KM = 6371.0088


class Ways:
    """Cost and emission of moving a tonne from a municipality or facility to a facility."""

    def __init__(self, case: Case) -> None:
        places = [
            case[name].drop_duplicates(key).set_index(key)[["lat", "lon", "zone"]]
            for name, key in (("municipalities", "municipality"), ("facilities", "facility"))
        ]
        both = pd.concat(places)
        self._places = {
            place: (lat, lon, zone) for place, lat, lon, zone in both[~both.index.duplicated()].itertuples()
        }
        rows = case["transport"]
        self._modes = (
            rows.drop_duplicates("mode")
            .set_index("mode")[["cost", "cost_per_tonne", "emission", "detour"]]
            .to_dict("index")
        )
        crossings = rows.loc[rows["mode"] == "crossing", ["zone", "cost_per_tonne", "cost", "emission", "distance"]]
        self._crossings = [
            (zone, per_tonne + cost * length, emission * length)
            for zone, per_tonne, cost, emission, length in crossings.itertuples(index=False)
        ]
        given = case["distances"].drop_duplicates(["from", "to"]).set_index(["from", "to"])[["distance", "cost"]]
        self._given = {key: (distance, cost) for key, distance, cost in given.itertuples()}

    def _mode(self, mode: str) -> dict[str, float]:
        none = {"cost": 0.0, "cost_per_tonne": 0.0, "emission": 0.0, "detour": 1.0}
        return {str(name): float(value) for name, value in self._modes.get(mode, none).items()}

    def _distance(self, start: str, goal: str, detour: float) -> float:
        """Return the length of a way [km]: an explicit one wins over coordinates."""
        distance = self._given.get((start, goal), (np.nan, np.nan))[0]
        if not np.isnan(distance):
            return float(distance)
        (lat_a, lon_a, _), (lat_b, lon_b, _) = self._places[start], self._places[goal]
        a, b, turn = np.radians(lat_a), np.radians(lat_b), np.radians(lon_b - lon_a)
        half_chord = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
        line = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord))
        # Places without coordinates are no distance apart.
        return 0.0 if np.isnan(line) else float(line * detour)

    def _crossed(self, start: str, goal: str) -> list[tuple[float, float]]:
        """Return cost and emission per tonne of the crossings between two places."""
        zones = self._places[start][2], self._places[goal][2]
        return [
            (cost, emission) for zone, cost, emission in self._crossings if (zones[0] == zone) != (zones[1] == zone)
        ]

    def to_market(self, start: str, goal: str, usual: float, per_km: float) -> float:
        """Return money per tonne from a facility to a market; an explicit row wins over its ``usual`` distance."""
        distance, whole = self._given.get((start, goal), (np.nan, np.nan))
        return float(whole if not np.isnan(whole) else per_km * (usual if np.isnan(distance) else distance))

    def cost(self, start: str, goal: str, mode: str) -> float:
        """Return money per tonne; an explicit cost or distance wins over coordinates."""
        by = self._mode(mode)
        whole = self._given.get((start, goal), (np.nan, np.nan))[1]
        if not np.isnan(whole):
            return float(whole + by["cost_per_tonne"])
        crossing = sum(cost for cost, _ in self._crossed(start, goal))
        return float(self._distance(start, goal, by["detour"]) * by["cost"] + by["cost_per_tonne"] + crossing)

    def emission(self, start: str, goal: str, mode: str) -> float:
        """Return kg CO2e per tonne, by distance and crossings."""
        by = self._mode(mode)
        crossing = sum(emission for _, emission in self._crossed(start, goal))
        return float(self._distance(start, goal, by["detour"]) * by["emission"] + crossing)

    def length(self, start: str, goal: str, mode: str) -> float:
        """Return the length of a way [km], by the sheet of distances or by coordinates."""
        return self._distance(start, goal, self._mode(mode)["detour"])

    def given(self, start: str, goal: str) -> float:
        """Return the explicit length of a way [km], not a number without one."""
        return float(self._given.get((start, goal), (np.nan, np.nan))[0])


@of_case
def ways_of(case: Case) -> Ways:
    """Return what moving a tonne between places of a case costs and emits."""
    return Ways(case)
