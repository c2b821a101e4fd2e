"""Routing without a plan: ways, contracts, the nearest facility, the best market."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from flows.routing import (
    contract_shares,
    default_outputs,
    default_routes,
    destinations,
    market_ways,
    straight_line,
    ways,
    ways_to_markets,
)
from tests.cases.pencil import pencil
from tests.cases.small import two_towns

OVENS = [
    {"facility": "oven", "technology": "oven", "gate_fee": 100},
    {"facility": "oven_b", "technology": "oven", "gate_fee": 1},
    {"facility": "mill", "technology": "mill"},
]


def test_straight_lines():
    # A degree of a great circle is 6 371.0088 * pi / 180 = 111.195 km; København to Rønne is some 147 km.
    line = straight_line(
        np.array([0.0, 55.0, 55.676]),
        np.array([0.0, 12.0, 12.568]),
        np.array([1.0, 55.0, 55.100]),
        np.array([0.0, 12.0, 14.706]),
    )
    assert line[0] == pytest.approx(6371.0088 * math.pi / 180)
    assert line[1] == 0
    assert 145 < line[2] < 152


def test_a_way_without_coordinates_is_no_distance():
    case = pencil(transport=[{"mode": "collection", "cost": 2, "cost_per_tonne": 7}])
    row = ways(case, pd.DataFrame({"from": ["A"], "to": ["oven"]}), "collection").iloc[0]
    assert (row.distance_km, row.cost_per_tonne, row.emission_per_tonne) == (0, 7, 0)


def test_given_distance_and_cost():
    case = pencil(
        transport=[{"mode": "collection", "cost": 2, "cost_per_tonne": 7, "emission": 0.5}],
        distances=[{"from": "A", "to": "oven", "distance": 10}, {"from": "B", "to": "oven", "cost": 3}],
    )
    table = ways(case, pd.DataFrame({"from": ["B", "A", "A"], "to": ["oven", "oven", "oven"]}), "collection")
    assert table["from"].tolist() == ["A", "B"]
    assert table["cost_per_tonne"].tolist() == [27, 10]
    assert table["emission_per_tonne"].tolist() == [5, 0]


def test_market_ways_use_the_cost_of_hauling():
    case = pencil(
        change={"markets": {"buyer": {"distance": 100}}},
        transport=[{"mode": "haul", "cost": 0.5, "emission": 0.1, "cost_per_tonne": 99}],
    )
    assert market_ways(case).iloc[0].tolist() == ["buyer", 50, 10]


@pytest.mark.parametrize(
    ("listed", "costs", "emissions"),
    [
        ({"distance": 20}, [10, 50], [2, 10]),
        ({"cost": 3}, [3, 50], [10, 10]),
        ({"distance": 20, "cost": 3}, [3, 50], [2, 10]),
    ],
)
def test_a_listed_way_to_a_market_wins_over_the_distance_of_the_market(listed, costs, emissions):
    case = pencil(
        change={"markets": {"buyer": {"distance": 100}}},
        transport=[{"mode": "haul", "cost": 0.5, "emission": 0.1}],
        distances=[{"from": "mill", "to": "buyer", **listed}],
    )
    ways = ways_to_markets(case, pd.DataFrame({"from": ["oven", "mill"], "to": ["buyer", "buyer"]}))
    assert ways["from"].tolist() == ["mill", "oven"]
    assert ways["cost_per_tonne"].tolist() == costs
    assert ways["emission_per_tonne"].tolist() == emissions


def test_a_stream_goes_to_the_nearest_facility_not_to_the_cheapest():
    case = pencil(
        facilities=OVENS,
        transport=[{"mode": "collection", "cost": 1}],
        distances=[
            {"from": town, "to": oven, "distance": km}
            for town, oven, km in (("A", "oven", 1), ("A", "oven_b", 2), ("B", "oven", 9), ("B", "oven_b", 2))
        ],
    )
    routes = default_routes(case, 2024)
    bags = routes[routes["stream"] == "bag"]
    assert dict(zip(bags["municipality"], bags["facility"], strict=True)) == {"A": "oven", "B": "oven_b"}
    assert bags["share"].tolist() == [1, 1]


def test_contracts_come_first_and_the_rest_goes_to_the_nearest():
    case = pencil(
        facilities=[{**OVENS[0]}, {**OVENS[1], "closes": 2026}, OVENS[2]],
        transport=[{"mode": "collection", "cost": 1}],
        distances=[{"from": town, "to": "oven_b", "distance": 5} for town in "AB"],
        contracts=[{"municipality": "B", "stream": "bag", "facility": "oven_b", "share": 0.3}],
    )
    routes = default_routes(case, 2024).query("municipality == 'B' and stream == 'bag'")
    assert dict(zip(routes["facility"], routes["share"], strict=True)) == pytest.approx({"oven": 0.7, "oven_b": 0.3})
    # A contract with a plant that is gone binds nobody.
    later = default_routes(case, 2027).query("municipality == 'B' and stream == 'bag'")
    assert dict(zip(later["facility"], later["share"], strict=True)) == {"oven": 1.0}


def test_shares_are_numbers_with_and_without_contracts():
    # An untyped share makes objects of all masses.
    for contracts in ([], [{"stream": "bag", "facility": "oven", "share": 0.5}]):
        case = pencil(contracts=contracts)
        assert contract_shares(case, 2024)["share"].dtype == np.float64
        assert default_routes(case, 2024)["share"].dtype == np.float64


def test_the_most_specific_contract_wins():
    contracts = [
        {"stream": "bag", "facility": "oven", "share": 0.1},
        {"sector": "homes", "stream": "bag", "facility": "oven", "share": 0.2},
        {"municipality": "A", "stream": "bag", "facility": "oven", "share": 0.3},
        {"municipality": "A", "sector": "homes", "stream": "bag", "facility": "oven_b", "share": 0.4, "until": 2025},
    ]
    case = pencil(facilities=OVENS, contracts=contracts)

    def at(year):
        return {(row.municipality, row.facility): row.share for row in contract_shares(case, year).itertuples()}

    assert at(2025) == {("A", "oven_b"): 0.4, ("B", "oven"): 0.2}
    assert at(2026) == {("A", "oven"): 0.3, ("B", "oven"): 0.2}


def test_streams_that_never_reach_a_facility_have_no_route():
    case = two_towns()
    assert "reuse" not in set(default_routes(case, 2024)["stream"])


def test_destinations_of_one_class_treat_alike():
    more = [
        {"market": "second", "output": "pulp", "price": 1, "treatment": "recycling"},
        {"market": "lossy", "output": "pulp", "price": 1, "treatment": "recycling", "loss_recycling": 0.1},
    ]
    table = destinations(pencil(add={"markets": more})).set_index("to")
    assert table.loc["buyer", "class"] == table.loc["second", "class"]
    assert table.loc["lossy", "class"] != table.loc["buyer", "class"]
    assert set(table["kind"]) == {"market"}
    fed = destinations(two_towns()).set_index(["output", "to"])
    assert fed.loc[("reject", "burner"), "class"] == "technology:incineration"


def test_outputs_go_to_a_facility_first_then_to_the_market_that_pays_best():
    more = [
        {"market": "far", "output": "pulp", "price": 60, "distance": 100, "treatment": "recycling"},
        {"market": "past", "output": "pulp", "price": 500, "treatment": "recycling", "until": 2020},
    ]
    case = pencil(add={"markets": more}, transport=[{"mode": "haul", "cost": 0.2}])
    # 60 less 20 of transport is less than 50.
    assert default_outputs(case, 2024).to_dict("records") == [
        {"facility": "mill", "output": "pulp", "to": "buyer", "share": 1.0}
    ]
    found = default_outputs(two_towns(), 2024).set_index(["facility", "output"])["to"]
    assert found["digester", "reject"] == "burner"
    assert found["burner", "slag"] == "road"
