"""Limits on indicators, and prices that are counted once: tax, energy, carbon."""

from __future__ import annotations

import pytest

from tests.cases.pencil import DEAR, cost, mass, optima, optimum, pencil, planned, running, searched, sorting, spent

TIP = {
    "technologies": [
        {"technology": "oven", "treatment": "energy_recovery", "electricity": 0.25, "heat": 0.5},
        {"technology": "mill", "treatment": "recycling"},
        {"technology": "tip", "treatment": "landfill"},
    ],
    "outputs": [
        {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
        {"output": "fill", "kind": "emission", "treatment": "landfill"},
        {"output": "pulp", "kind": "product"},
    ],
    "yields": [
        {"technology": "oven", "output": "smoke", "share": 1},
        {"technology": "tip", "output": "fill", "share": 1},
        {"technology": "mill", "output": "pulp", "share": 1},
    ],
    "accepts": [
        {"technology": "oven", "input": "bag"},
        {"technology": "tip", "input": "bag"},
        {"technology": "mill", "input": "bin"},
    ],
    "facilities": [
        {"facility": "oven", "technology": "oven", "gate_fee": 100},
        {"facility": "mill", "technology": "mill", "gate_fee": 30},
        {"facility": "tip", "technology": "tip", "gate_fee": 70},
    ],
    "fractions": [{"fraction": "paper", "material": "paper", "energy": 14.4, "fossil_co2": 500, "biogenic_co2": 1000}],
}
"""Beside the oven a tip at 70 a tonne. Paper holds 14.4 GJ/t (4 MWh) and 500 kg of fossil CO2 a tonne."""


def limit(indicator, maximum, year=2025, unit="t/year", **more):
    return {"indicator": indicator, "maximum": maximum, "year": year, "unit": unit, **more}


def test_landfill_is_limited():
    # Sorting dear: all 150 t to the tip, 10 500; at most 50 t there: 100 t burn for 30 more.
    assert optimum(pencil(**TIP, change={"schemes": DEAR})) == pytest.approx(10500)
    plan = planned(pencil(**TIP, change={"schemes": DEAR}, limits=[limit("landfilled", 50)]))
    assert cost(plan) == 10500 + 100 * 30
    assert mass(plan, treatment="landfill") == pytest.approx(50)


def test_incineration_is_limited_from_a_year_on_until_the_next_limit():
    # Without the tip: 150 t burn. At most 110 t in 2026 (A's sorting takes away 60: +2 800), 130 in 2027
    # (B's takes 30, +1 400).
    case = pencil(
        "2025-2027", change={"schemes": DEAR}, limits=[limit("incinerated", 110, 2026), limit("incinerated", 130, 2027)]
    )
    plan = searched(case)
    assert sorting(plan, range(2025, 2028)) == "- A B"
    assert cost(plan) == 45000 + 2800 + 1400


def test_a_limit_of_one_town_and_one_that_is_switched_off():
    limits = [limit("incinerated", 20, municipality="B"), limit("incinerated", 1, active=False)]
    assert optimum(pencil(change={"schemes": DEAR}, limits=limits)) == pytest.approx(16400)


def test_what_recyclers_lose_to_the_oven_counts_as_incinerated():
    # A third of the pulp burns in the end: sorting both leaves 60 + 30 t burnt, so 89 is beyond reach.
    loss = {"buyer": {"loss_recycling": 1 / 3}}
    found = optima(*(pencil(change={"markets": loss}, limits=[limit("incinerated", most)]) for most in (90.001, 89)))
    assert found[0] == pytest.approx(7200)
    assert found[1] != pytest.approx(7200)


def test_fossil_carbon_is_limited():
    # 500 kg a tonne: 150 t burnt are 75 t of CO2; at most 40 t are 80 t burnt, the other 70 t are deposited.
    facilities = [{**row, "gate_fee": 130} if row["facility"] == "tip" else row for row in TIP["facilities"]]
    plan = planned(
        pencil(**{**TIP, "facilities": facilities}, change={"schemes": DEAR}, limits=[limit("fossil_co2", 40)])
    )
    # Sorting A (+2 800) burns 90 t, sorting both (+4 200) 60 t; depositing 70 t costs 30 more each (2 100).
    assert cost(plan) == 15000 + 70 * 30
    assert mass(plan, to="oven") == pytest.approx(80)
    emitted = plan.tables["emissions"].query("variant == 'plan' and kind == 'fossil'")["kg_co2e"].sum()
    assert emitted == pytest.approx(40000)


def test_cost_per_household_is_limited():
    # Sorting saves, but homes pay 20 for it. At most 14 on average of 150 homes: A alone (13.33) or B alone.
    unit = "DKK/household/year"
    plan = planned(pencil(limits=[limit("cost_per_household", 14, unit=unit)]))
    assert running(plan) == {"A": "sort", "B": "mix"}
    assert cost(plan) == 9800
    # 14 at most in A alone: only B sorts.
    of_a = limit("cost_per_household", 14, unit=unit, municipality="A")
    assert optimum(pencil(limits=[of_a])) == pytest.approx(12400)


def test_tax_energy_and_carbon_are_counted_once():
    # A tonne burnt: gate 100, tax 60, 4 MWh * 0.25 at 200 and 4 MWh * 0.5 at 50 of income (200 and 100),
    # carbon 0.5 t at 300: 150. In all 10. A tonne in the bin: -20. Sorting A costs 2 000 and saves 60 * 30.
    prices = [
        {"item": "tax", "technology": "oven", "value": 60, "unit": "DKK/t"},
        {"item": "electricity", "value": 200, "unit": "DKK/MWh"},
        {"item": "heat", "value": 50, "unit": "DKK/MWh"},
        {"item": "carbon", "value": 300, "unit": "DKK/t"},
    ]
    tables = {**TIP, "facilities": TIP["facilities"][:2]}
    plan = planned(pencil(**tables, prices=prices))
    assert running(plan) == {"A": "mix", "B": "mix"}
    assert cost(plan) == 1500
    found = [spent(plan, category) for category in ("treatment", "tax", "energy", "carbon")]
    assert found == pytest.approx([15000, 9000, -45000, 22500])
    assert plan.tables["emissions"].query("variant == 'plan' and kind == 'biogenic'")["kg_co2e"].sum() == pytest.approx(
        150000
    )


def test_the_price_of_a_technology_and_of_a_year_wins():
    # Tax 10 for all, 60 at the oven, 40 there from 2026; carbon 1 000 from 2026 (500 a tonne burnt).
    prices = [
        {"item": "tax", "value": 10, "unit": "DKK/t"},
        {"item": "tax", "technology": "oven", "value": 60, "unit": "DKK/t"},
        {"item": "tax", "technology": "oven", "from": 2026, "value": 40, "unit": "DKK/t"},
        {"item": "carbon", "from": 2026, "value": 1000, "unit": "DKK/t"},
    ]
    tables = {**TIP, "facilities": TIP["facilities"][:2]}
    plan = planned(pencil("2025-2026", **tables, prices=prices))
    # Sorted both years: 7 200 + 60 * 60 + 90 * 10, then 7 200 + 60 * 40 + 90 * 10 + 60 * 500.
    assert cost(plan) == (7200 + 3600 + 900) + (7200 + 2400 + 900 + 30000)
    assert spent(plan, "carbon", 2026) == pytest.approx(30000)


def test_a_carbon_price_turns_the_plan():
    # Dear sorting costs 28 a tonne generated more; a tonne generated burns 0.6 t less: 46.7 of carbon a tonne
    # burnt turn it. 0.5 t of CO2 at 93 are 46.5, at 94 are 47.
    tables = {**TIP, "facilities": TIP["facilities"][:2], "change": {"schemes": DEAR}}
    price = [{"item": "carbon", "value": 93, "unit": "DKK/t"}]
    assert optimum(pencil(**tables, prices=price)) == pytest.approx(150 * (100 + 46.5))
    price[0]["value"] = 94
    assert optimum(pencil(**tables, prices=price)) == pytest.approx(19200 + 60 * 47)


def test_bought_treatment_has_a_gate_fee_and_no_other_cost():
    # The technology's own cost of 999 a tonne is for own plants: a facility with a gate fee does not pay it,
    # one without pays its own or, where that is blank, the technology's.
    technologies = [{**row, "variable_cost": 999} for row in TIP["technologies"]]
    tables = {**TIP, "technologies": technologies, "facilities": TIP["facilities"][:2]}
    assert optimum(pencil(**tables)) == pytest.approx(7200)
    own = [{"facility": "oven", "technology": "oven", "variable_cost": 100}, {"facility": "mill", "technology": "mill"}]
    # A bin at 949 a tonne is not used.
    assert optimum(pencil(**{**tables, "facilities": own})) == pytest.approx(15000)
