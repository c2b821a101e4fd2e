"""Steps of facilities over time: worn out and built again, pinned open."""

from __future__ import annotations

import pytest

from models.plan import solve
from tests.cases.small import two_towns, two_towns_tables


def test_a_worn_out_step_is_built_again_and_paid_again():
    """Sorting S lives 2 years of 4 and is pinned open: it is built in 2025 and in 2027.

    Annuity 60000 / 2 = 30000 a year in each of four years, so capital is 120000.
    """
    technologies = [
        {**row, "lifetime": 2} if row["technology"] == "residual_sorting" else row
        for row in two_towns_tables()[1]["technologies"]
    ]
    sizes = [row for row in two_towns_tables()[1]["sizes"] if row["size"] == "S"]
    case = two_towns(
        settings={"plan_years": "2025-2028"},
        technologies=technologies,
        sizes=sizes,
        pinned=[{"facility": "sorter", "run": True}],
    )
    result = solve(case, gap=0.0)
    costs = result.tables["costs"]
    capital = costs[(costs["variant"] == "plan") & (costs["category"] == "capital")]
    assert capital["amount"].sum() == pytest.approx(120_000)
    assert capital["in_objective"].sum() == pytest.approx(120_000)
    assert result.info["certificate"]["holds"], result.tables["certificate"].query("~holds")
    planned = costs.loc[costs["variant"] == "plan", "in_objective"].sum()
    assert planned == pytest.approx(result.info["objective"])


def test_a_pinned_facility_with_several_sizes_is_open_in_one_of_them():
    case = two_towns(pinned=[{"facility": "sorter", "run": True}])
    facilities = solve(case, gap=0.0).tables["facilities"]
    row = facilities[(facilities["variant"] == "plan") & (facilities["facility"] == "sorter")]
    assert row["open"].all() and row["size"].iloc[0] in {"S", "L"}
