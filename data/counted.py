"""What of a stream counts as collected for recycling today: the first treatment of the plants that take it.

A separate stream whose first treatment is recycling or other material recovery counts whole; of what
goes to a sorting plant only the outputs count that go on to material recovery; what is burnt or
deposited does not count. Used to refit the capture of 2011; the engine counts by itself.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from data.facts import facts

RECOVERED = ("recycling", "other_material_recovery", "preparing_for_reuse")
TODAY = {
    "residual": "incineration",
    "bulky_combustible": "incineration",
    "mineral": "mineral_crushing",
    "food_waste": "food_pulping",
    "plastic_carton": "plastic_sorting_bought",
}
"""Technology that takes a stream today where several can."""
SLUDGE_RECYCLED = 0.85


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str], pd.DataFrame]:
    technologies = facts("technologies").set_index("technology")["treatment"].to_dict()
    accepts = facts("accepts").drop_duplicates("input").set_index("input")["technology"].to_dict()
    markets = facts("markets").set_index("output")["treatment"].to_dict()
    yields = facts("yields", ("share",))
    given = yields.groupby(["technology", "fraction"])["share"].transform("sum")
    yields["share"] = yields["share"].fillna(1.0 - given)
    return technologies, {**accepts, **TODAY}, markets, yields


@cache
def counted_share(stream: str, fraction: str) -> float:
    """Return the share of a fraction in a stream that counts as collected for recycling.

    >>> counted_share("glass", "glass"), counted_share("residual", "glass")
    (1.0, 0.0)
    """
    technologies, accepts, markets, yields = _tables()
    if stream == "reuse":
        return 1.0
    if stream in ("direct_reuse", "prevented", "by_product"):
        return 0.0
    if stream == "sludge":
        return SLUDGE_RECYCLED
    technology = accepts[stream]
    treatment = technologies[technology]
    if treatment != "sorting":
        return 1.0 if treatment in RECOVERED else 0.0
    rows = yields[(yields["technology"] == technology) & (yields["fraction"] == fraction)]
    if rows.empty:
        rows = yields[(yields["technology"] == technology) & (yields["fraction"] == "")]
    kept = rows["output"].map(markets).isin(RECOVERED)
    return float(rows.loc[kept, "share"].sum())
