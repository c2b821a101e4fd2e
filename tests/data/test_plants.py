"""Facilities, yields and factors of the Capital Region."""

from __future__ import annotations

import pytest

from flows.account import resolved_yields
from flows.case import Case


def test_yields_close_for_everything_a_technology_takes(case: Case) -> None:
    table = resolved_yields(case).groupby(["technology", "input", "fraction"])["share"].sum()
    assert table.to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert len(table) == len(case["accepts"]) * len(case["fractions"])


def test_bought_treatment_has_a_fee_and_no_other_cost(case: Case) -> None:
    rows = case["facilities"]
    bought = rows[rows["gate_fee"].notna()]
    assert (bought["fixed_cost"] == 0).all() and bought["variable_cost"].isna().all()
    own = case["technologies"].set_index("technology")["variable_cost"]
    candidates = rows[rows["state"] == "candidate"]
    assert candidates["gate_fee"].isna().all()
    assert (own[candidates["technology"].unique()] > 0).all()


def test_three_sizes_with_economies_of_scale(case: Case) -> None:
    candidates = case["facilities"][case["facilities"]["state"] == "candidate"]
    sites = candidates.groupby("technology")["facility"].nunique()
    assert (sites >= 3).all()
    for _, steps in case["sizes"].groupby("technology"):
        assert len(steps) == 3
        steps = steps.sort_values("capacity")
        per_tonne = (steps["capex"] / steps["capacity"]).to_numpy()
        fixed = (steps["fixed_cost"] / steps["capacity"]).to_numpy()
        assert (per_tonne[1:] < per_tonne[:-1]).all() and (fixed[1:] < fixed[:-1]).all()
    assert set(case["sizes"]["technology"]) == set(candidates["technology"])


def test_scale_follows_the_stated_exponent(case: Case) -> None:
    steps = case["sizes"].set_index(["technology", "size"])
    assert steps.loc[("residual_sorting_full", "small"), "capex"] == pytest.approx(587.65e6, rel=1e-4)
    ratio = (
        steps.loc[("residual_sorting_full", "medium"), "capex"] / steps.loc[("residual_sorting_full", "small"), "capex"]
    )
    assert ratio == pytest.approx(2**0.79, rel=1e-3)


def test_bornholm_needs_the_ferry(case: Case) -> None:
    ways = case["distances"].set_index(["from", "to"])
    assert ways.loc[("400", "arc"), "cost"] > 350 + 80
    mainland = case["facilities"][case["facilities"]["zone"] == ""]["facility"]
    assert {("400", facility) for facility in mainland} <= set(ways.index)
    residues = case["accepts"][case["accepts"]["input"] == "reject"]["technology"]
    assert "incineration_heat" not in set(residues)


def test_mixed_waste_of_koebenhavn_is_shared_by_its_two_companies(case: Case) -> None:
    rows = case["contracts"]
    rows = rows[(rows["municipality"] == "101") & (rows["stream"] == "residual")]
    assert dict(zip(rows["facility"], rows["share"], strict=True)) == {"arc": 0.5, "vestforbraending": 0.5}
    assert (rows["until"] == 2026).all()


def test_burners_do_not_count_carbon_twice(case: Case) -> None:
    """Fossil CO2 at incinerators comes from the fractions sheet, so their own rows have none."""
    burners = case["technologies"].query("treatment == 'energy_recovery'")["technology"]
    rows = case["emissions"]
    own = rows[rows["process"].isin(burners)]
    assert (own[["fossil", "biogenic"]] == 0).all().all()
    everything = set(case["fractions"]["fraction"]) - {"soil"}
    for technology in burners:
        assert set(own.loc[own["process"] == technology, "fraction"]) == everything


def test_sources_are_not_mislabelled(case: Case) -> None:
    """The corrections that matter: mixed-waste CO2 is not counted for the rest, crushing is no closed loop."""
    fossil = case["fractions"].set_index("fraction")["fossil_co2"]
    assert fossil["misc_combustible"] == 300
    credits = case["emissions"].query("treatment == 'recycling'").set_index("fraction")["avoided"]
    assert credits["concrete_brick_tile"] == pytest.approx(-4.57)
    tax = case["prices"].query("item == 'tax'")
    assert tax["technology"].tolist() == ["landfill"] and tax["value"].item() == 475
    assert case["facilities"].set_index("facility").loc["av_miljoe", "gate_fee"] == 400  # without the tax
