"""Money and emissions of a state, by pencil: every category, who pays, and what a factor applies to."""

from __future__ import annotations

import pandas as pd
import pytest

from flows.account import account_flows
from flows.ledger import Movements, costs, emissions, facility_costs, payers
from flows.prices import annuity_factor, emission_factors, entry_costs, steps, treatment_costs
from tests.cases.pencil import HOME, pencil

SORT = [{**HOME, "scheme": "sort"}]


def ledger(case, year=2024):
    """Return the costs of the accounted year, with what stands in operation."""
    flows, allocation, _ = account_flows(case, year)
    schemes = allocation.schemes.assign(chosen=1.0, started=0.0)
    standing = case["facilities"].query("state == 'existing'")[["facility"]]
    operation = standing.assign(year=year, size="existing", on=1.0, starts=0.0)
    return costs(Movements(case, flows), schemes, operation, "today"), flows


def sums(table, *by):
    return table.groupby(list(by))["amount"].sum().to_dict()


def test_every_category_once():
    case = pencil(
        current_schemes=SORT,
        fractions=[{"fraction": "paper", "energy": 7.2, "fossil_co2": 100}],
        technologies=[
            {"technology": "oven", "treatment": "energy_recovery", "electricity": 0.25, "heat": 0.5},
            {"technology": "mill", "treatment": "recycling"},
        ],
        facilities=[
            {"facility": "oven", "technology": "oven", "variable_cost": 90, "fixed_cost": 1200},
            {"facility": "mill", "technology": "mill", "gate_fee": 30},
        ],
        change={"markets": {"buyer": {"distance": 50}}},
        transport=[{"mode": "collection", "cost_per_tonne": 4}, {"mode": "haul", "cost": 0.1, "cost_per_tonne": 99}],
        prices=[
            {"item": "tax", "technology": "oven", "value": 60, "unit": "DKK/t"},
            {"item": "electricity", "value": 200, "unit": "DKK/MWh"},
            {"item": "heat", "value": 80, "unit": "DKK/MWh"},
            {"item": "carbon", "value": 500, "unit": "DKK/t"},
        ],
    )
    table, _ = ledger(case)
    found = sums(table, "category")
    assert found == pytest.approx(
        {
            "collection": 150 * 20,
            # 150 t at 4 to the first facility, 90 t of pulp 50 km at 0.1 (no cost per tonne to markets).
            "transport": 600 + 450,
            "treatment": 60 * 90 + 90 * 30,
            "fixed": 1200,
            "tax": 60 * 60,
            # 2 MWh a tonne: 0.5 of electricity at 200 and 1 of heat at 80.
            "energy": -60 * (100 + 80),
            "carbon": 60 * 0.1 * 500,
            "market": -90 * 50,
        }
    )
    assert set(table["currency"]) == {"DKK"}
    # A year outside the plan adds nothing to the objective.
    assert table["in_objective"].sum() == 0


def test_sources_without_dwellings_pay_by_the_tonne():
    shop = {"sector": "shops", "segment": "offices"}
    case = pencil(
        current_schemes=[{**HOME, "scheme": "mix"}, {**shop, "scheme": "shop_mix"}],
        add={
            "sectors": [{**shop, "kind": "business", "divisible": False}],
            "schemes": [{"scheme": "shop_mix", **shop, "cost_per_household": 20, "cost_per_tonne": 5}],
            "capture": [{"scheme": "shop_mix", "fraction": "paper", "stream": "bag", "share": 1}],
            "generation": [{"municipality": "A", **shop, "fraction": "paper", "year": 2024, "amount": 30}],
        },
    )
    table, _ = ledger(case)
    found = sums(table[table["category"] == "collection"], "municipality", "sector")
    assert {key: amount for key, amount in found.items() if amount} == {("A", "shops"): 150}


def test_a_source_that_has_nothing_left_pays_nothing_by_the_tonne():
    # A's shops closed after 2023: they are a source of the case, but not of 2024, where B's 20 t alone pay.
    shop = {"sector": "shops", "segment": "offices", "fraction": "paper"}
    of_shops = {"sector": "shops", "segment": "offices"}
    case = pencil(
        current_schemes=[{**HOME, "scheme": "mix"}, {**of_shops, "scheme": "shop_mix"}],
        add={
            "sectors": [{**of_shops, "kind": "business", "divisible": False}],
            "schemes": [{"scheme": "shop_mix", **of_shops, "cost_per_tonne": 5}],
            "capture": [{"scheme": "shop_mix", "fraction": "paper", "stream": "bag", "share": 1}],
            "generation": [
                {"municipality": "A", **shop, "year": 2023, "amount": 30},
                {"municipality": "B", **shop, "year": 2024, "amount": 20},
            ],
        },
    )
    assert ("A", "shops") in set(case.sources()[["municipality", "sector"]].itertuples(index=False, name=None))
    table, _ = ledger(case)
    found = sums(table[table["category"] == "collection"], "municipality", "sector")
    assert {key: amount for key, amount in found.items() if amount} == {("B", "shops"): 100}


def test_fixed_cost_is_carried_by_users():
    # The oven's fixed cost of 600 falls on A and B as 40 to 20 t; an idle plant on the municipalities together.
    facilities = [
        {"facility": "oven", "technology": "oven", "fixed_cost": 600},
        {"facility": "mill", "technology": "mill", "gate_fee": 30},
        {"facility": "idle", "technology": "oven", "fixed_cost": 77},
    ]
    distances = [{"from": town, "to": "idle", "cost": 5} for town in "AB"]
    table, _ = ledger(pencil(current_schemes=SORT, facilities=facilities, distances=distances))
    found = sums(table[table["category"] == "fixed"], "payer", "municipality", "facility")
    assert found == pytest.approx(
        {("household", "A", "oven"): 400, ("household", "B", "oven"): 200, ("municipality", "", "idle"): 77}
    )


def test_fixed_cost_of_a_stream_with_several_payers_is_carried_by_mass():
    # Of A's bags 50 t are the households' and 20 t the producers', of B's 20 t the producers'.
    half = [{**HOME, "municipality": "A", "scheme": scheme, "share": 0.5} for scheme in ("mix", "sort")]
    case = pencil(
        current_schemes=[*half, {**HOME, "municipality": "B", "scheme": "sort"}],
        collection=[{"scheme": "sort", "stream": "bag", "payer": "producer"}],
        facilities=[
            {"facility": "oven", "technology": "oven", "fixed_cost": 900},
            {"facility": "mill", "technology": "mill", "gate_fee": 30},
        ],
    )
    table, _ = ledger(case)
    found = sums(table[table["category"] == "fixed"], "payer", "municipality")
    assert found == pytest.approx({("household", "A"): 500, ("producer", "A"): 200, ("producer", "B"): 200})


def test_who_pays_for_a_stream():
    rows = [
        {"scheme": "sort", "stream": "bin", "from": 2026, "payer": "producer", "cost_per_tonne": 7},
        {"scheme": "sort", "stream": "bin", "from": 2020, "payer": "state"},
        {"scheme": "sort", "stream": "bag", "payer": "municipality", "cost_per_tonne": 3},
    ]
    case = pencil(collection=rows, current_schemes=SORT)

    def of(year):
        table = payers(case, year).query("scheme == 'sort'")
        return {row.stream: (row.payer, row.cost_per_tonne) for row in table.itertuples()}

    assert of(2019) == {"bag": ("municipality", 3), "bin": ("household", 0)}
    assert of(2024) == {"bag": ("municipality", 3), "bin": ("state", 0)}
    assert of(2026) == {"bag": ("municipality", 3), "bin": ("producer", 7)}
    table, _ = ledger(case)
    assert sums(table, "payer", "category") == pytest.approx(
        {
            ("household", "collection"): 3000,
            ("municipality", "collection"): 60 * 3,
            ("municipality", "treatment"): 60 * 100,
            ("state", "treatment"): 90 * 30,
            ("state", "market"): -90 * 50,
        }
    )


def test_steps_and_their_annuities():
    case = pencil(
        settings={"discount_rate": 0.04},
        change={"technologies": {"mill": {"lifetime": 20}}},
        add={
            "facilities": [
                {"facility": "m1", "technology": "mill", "state": "candidate"},
                {"facility": "m2", "technology": "mill", "state": "candidate"},
            ],
            "sizes": [
                {"technology": "mill", "size": "S", "capacity": 10, "capex": 1000},
                {"facility": "m2", "size": "own", "capacity": 20, "capex": 2000, "fixed_cost": 5},
            ],
        },
    )
    table = steps(case).set_index(["facility", "size"])
    # A facility with steps of its own does not have those of its technology.
    assert list(table.index) == [("m1", "S"), ("m2", "own"), ("mill", "existing"), ("oven", "existing")]
    assert table.loc[("m1", "S"), "annuity"] == pytest.approx(1000 * 0.04 / (1 - 1.04**-20))
    assert table.loc[("oven", "existing"), "annuity"] == 0
    assert annuity_factor(0.0, 25) == pytest.approx(0.04)


def test_capital_is_paid_from_opening_to_the_end_of_the_lifetime_whether_it_runs_or_not():
    case = pencil(
        "2025-2029",
        change={"technologies": {"mill": {"lifetime": 3}}},
        add={
            "facilities": [{"facility": "m1", "technology": "mill", "state": "candidate"}],
            "sizes": [{"facility": "m1", "size": "S", "capacity": 10, "capex": 300, "fixed_cost": 7}],
        },
    )
    # Opened in 2026, closed after a year; the oven stands throughout.
    operation = pd.DataFrame(
        [(2026, "m1", "S", 1.0, 1.0), *((year, "oven", "existing", 1.0, 0.0) for year in range(2025, 2030))],
        columns=["year", "facility", "size", "on", "starts"],
    )
    table = facility_costs(case, operation).query("facility == 'm1'").set_index("year")
    assert table["capital"].loc[2026:2028].tolist() == pytest.approx([100, 100, 100])
    assert table["capital"].sum() == pytest.approx(300)
    assert table["fixed"].sum() == 7


def test_treatment_is_bought_or_own():
    case = pencil(
        technologies=[
            {"technology": "oven", "treatment": "energy_recovery", "variable_cost": 11},
            {"technology": "mill", "treatment": "recycling", "variable_cost": 12},
        ],
        facilities=[
            {"facility": "a", "technology": "oven", "gate_fee": 100},
            {"facility": "b", "technology": "oven", "variable_cost": 0},
            {"facility": "c", "technology": "mill"},
        ],
    )
    table = treatment_costs(case).set_index("facility")
    assert table["cost_per_tonne"].to_dict() == {"a": 100, "b": 0, "c": 12}
    assert table["bought"].to_dict() == {"a": True, "b": False, "c": False}


def test_prices_of_a_technology_and_a_year_win():
    case = pencil(
        prices=[
            {"item": "tax", "value": 1, "unit": "DKK/t"},
            {"item": "tax", "technology": "oven", "value": 2, "unit": "DKK/t"},
            {"item": "tax", "technology": "oven", "from": 2026, "value": 3, "unit": "DKK/t"},
            {"item": "tax", "from": 2027, "value": 4, "unit": "DKK/t"},
        ]
    )
    table = entry_costs(case, [2025, 2026, 2027]).set_index(["technology", "year"])["tax"]
    assert [table["oven", year] for year in (2025, 2026, 2027)] == [2, 3, 3]
    assert [table["mill", year] for year in (2025, 2026, 2027)] == [1, 1, 4]


EMISSIONS = {
    "fractions": [{"fraction": "paper", "fossil_co2": 20, "biogenic_co2": 1000}],
    "emissions": [
        {"treatment": "energy_recovery", "fossil": 5, "avoided": -200},
        {"treatment": "recycling", "avoided": -500},
        {"treatment": "recycling", "fraction": "paper", "avoided": -600},
    ],
}


def emitted(case):
    table = emissions(Movements(case, ledger(case)[1]), "today")
    return table.groupby(["step", "kind"])["kg_co2e"].sum().to_dict()


def test_emissions_of_burning_and_of_what_recycling_avoids():
    case = pencil(current_schemes=SORT, **EMISSIONS, change={"markets": {"buyer": {"loss_recycling": 0.1}}})
    # Burnt 60 t: fossil 20 + 5, biogenic 1 000, avoided 200. Delivered 90 t: 81 recycled at -600, 9 burnt
    # by the recycler at 5 and -200 (their own CO2 is not from our ovens).
    assert emitted(case) == pytest.approx(
        {
            ("treatment", "fossil"): 60 * 25,
            ("treatment", "biogenic"): 60_000,
            ("treatment", "avoided"): -60 * 200,
            ("market", "avoided"): -81 * 600 - 9 * 200,
            ("market", "fossil"): 9 * 5,
        }
    )


def test_a_factor_of_a_market_or_technology_wins():
    rows = [
        *EMISSIONS["emissions"],
        {"process": "buyer", "avoided": -50},
        {"process": "oven", "fossil": 7},
        {"process": "mill", "fossil": 11},
    ]
    case = pencil(current_schemes=SORT, fractions=EMISSIONS["fractions"], emissions=rows)
    assert emitted(case) == pytest.approx(
        {
            ("treatment", "fossil"): 60 * 27 + 90 * 11,
            ("treatment", "biogenic"): 60_000,
            ("market", "avoided"): -90 * 50,
        }
    )


def test_what_recycling_avoids_is_not_counted_at_the_recycler_too():
    # The mill has a factor for glass only; its paper emits nothing there, and avoids 600 a tonne when sold.
    rows = [*EMISSIONS["emissions"], {"process": "mill", "fraction": "glass", "fossil": 9}]
    case = pencil(current_schemes=SORT, fractions=[*EMISSIONS["fractions"], {"fraction": "glass"}], emissions=rows)
    factors = emission_factors(case).set_index(["process", "fraction"])
    assert factors.loc[("mill", "paper"), ["fossil", "avoided"]].tolist() == [0, 0]
    assert emitted(case)["market", "avoided"] == pytest.approx(-90 * 600)
    assert ("treatment", "avoided") in emitted(case)
    assert emitted(case)["treatment", "avoided"] == pytest.approx(-60 * 200)


def test_emissions_of_transport():
    case = pencil(
        current_schemes=SORT,
        transport=[{"mode": "collection", "emission": 0.1}, {"mode": "haul", "emission": 0.05}],
        distances=[{"from": town, "to": place, "distance": 10} for town in "AB" for place in ("oven", "mill")],
        change={"markets": {"buyer": {"distance": 200}}},
    )
    assert emitted(case) == pytest.approx({("transport", "transport"): 150 * 1.0 + 90 * 10})
