"""What households pay by type of dwelling.

A run tells what households pay together. It is brought back to the types of dwelling by what causes it:
collection by the prices of the schemes that each type has, everything else by the tonnes that it sends
to each facility. The parts add up to what the households of the municipality pay.
"""

from __future__ import annotations

import pandas as pd

from reports.aggregate import clean, household_sectors, spread, total
from reports.effects import scheme_weights
from reports.view import STATES, PlaceView, RunView

COLLECTED = frozenset({"collection", "change"})
PLACE = ["variant", "municipality"]


def household_costs(view: RunView) -> pd.DataFrame:
    """Return what households pay in the three states: variant, municipality, sector, segment, amount."""
    homes = household_sectors(view.case)
    costs = _states(view, view.sums.costs)
    costs = costs[costs["payer"] == "household"]
    entering = _states(view, view.sums.entering)
    tonnes = entering[entering["sector"].isin(homes)]
    amounts = total(_states(view, view.sums.amounts), [*PLACE, "sector", "segment"], "mass_t")
    schemes = clean(_states(view, view.tables["schemes"]))
    weights = scheme_weights(view.case, schemes[schemes["sector"].isin(homes)], amounts)
    mass = amounts[amounts["sector"].isin(homes)]
    onto = ["sector", "segment"]
    collected = costs["category"].isin(COLLECTED)
    parts = [
        spread(costs[collected], "amount", weights, "weight", [PLACE], onto),
        spread(costs[~collected], "amount", tonnes, "mass_t", [[*PLACE, "facility"], PLACE], onto),
    ]
    found = pd.concat(parts, ignore_index=True)
    # What has found neither prices nor tonnes follows the amounts, so that nothing is lost.
    lost = found["sector"] == ""
    found = pd.concat([found[~lost], spread(found[lost], "amount", mass, "mass_t", [PLACE], onto)], ignore_index=True)
    return total(found, [*PLACE, *onto], "amount")


def _states(view: RunView, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the three states of a table with variant and year."""
    wanted = pd.Series(False, index=frame.index)
    for variant in STATES:
        wanted |= (frame["variant"] == variant) & (frame["year"] == view.years[variant])
    return frame[wanted]


def dwellings(view: PlaceView) -> dict[str, float]:
    """Return the number of dwellings of each type (segment) of a place."""
    frame = view.case["dwellings"]
    if view.municipality:
        frame = frame[frame["municipality"] == view.municipality]
    return {str(segment): float(count) for segment, count in frame.groupby("segment")["dwellings"].sum().items()}
