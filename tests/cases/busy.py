"""Two made-up cases that between them use everything a plan can have, to be spoilt by those who test the certificate."""

from __future__ import annotations

from flows.case import Case
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns, two_towns_tables


def busy_case() -> Case:
    """Two towns and a business over six years, with everything that costs or binds."""
    _, tables = two_towns_tables()
    towns = [{**town, "lat": 55.0 + k / 2, "lon": 12.0 + k} for k, town in enumerate(tables["municipalities"])]
    towns[1]["zone"] = "island"
    changes = {
        "municipalities": towns,
        "sectors": [*tables["sectors"], {"sector": "shops", "kind": "business", "divisible": True}],
        "generation": [
            *tables["generation"],
            {"municipality": "A", "sector": "shops", "fraction": "plastic", "year": 2024, "amount": 80},
            {"municipality": "A", "sector": "shops", "fraction": "rest", "year": 2024, "amount": 40},
        ],
        "growth": [{"fraction": "plastic", "change": 0.02}],
        "schemes": [
            {**tables["schemes"][0], "cost_per_tonne": 10},
            {
                **tables["schemes"][1],
                "change_cost": 50,
                "change_cost_per_tonne": 7,
                "min_years": 3,
                "ramp_years": 1,
                "first_year": 2026,
            },
            {"scheme": "forbidden", "sector": "households", "segment": "houses", "legal": False},
            {"scheme": "shop_bin", "sector": "shops", "cost_per_tonne": 100, "payer": "business"},
            {"scheme": "shop_sorts", "sector": "shops", "cost_per_tonne": 400, "payer": "business"},
        ],
        "capture": [
            *tables["capture"],
            *({"scheme": "forbidden", "fraction": f, "stream": "mixed_bin"} for f in ("food", "plastic", "rest")),
            *({"scheme": "shop_bin", "fraction": f, "stream": "mixed_bin"} for f in ("food", "plastic", "rest")),
            {"scheme": "shop_sorts", "fraction": "plastic", "stream": "plastic_bin", "share": 0.7},
            {"scheme": "shop_sorts", "fraction": "plastic", "stream": "mixed_bin"},
            {"scheme": "shop_sorts", "fraction": "food", "stream": "mixed_bin"},
            {"scheme": "shop_sorts", "fraction": "rest", "stream": "mixed_bin"},
        ],
        "collection": [{"scheme": "three_bins", "stream": "plastic_bin", "cost_per_tonne": 33, "payer": "producer"}],
        "current_schemes": [*tables["current_schemes"], {"sector": "shops", "scheme": "shop_bin"}],
        "technologies": [
            {**one, "build_time": 1} if one["technology"] == "residual_sorting" else one
            for one in tables["technologies"]
        ],
        "facilities": [
            {
                "facility": "burner",
                "technology": "incineration",
                "lat": 55.1,
                "lon": 12.1,
                "variable_cost": 400,
                "fixed_cost": 9000,
                "capacity": 900,
                "reserved": 100,
                "minimum_load": 260,
                "filler": 60,
                "closable": True,
            },
            {
                "facility": "old_burner",
                "technology": "incineration",
                "lat": 55.2,
                "lon": 12.1,
                "variable_cost": 800,
                "fixed_cost": 5000,
                "capacity": 500,
                "closable": True,
            },
            {"facility": "digester", "technology": "digestion", "gate_fee": 300, "lat": 55.3, "lon": 12.5},
            {"facility": "recycler", "technology": "plastic_recycling", "gate_fee": 1000, "lat": 55.4, "lon": 12.2},
            {
                "facility": "sorter",
                "technology": "residual_sorting",
                "state": "candidate",
                "lat": 55.1,
                "lon": 12.4,
                "opens": 2027,
            },
        ],
        "sizes": [{**one, "minimum_load": 50} for one in tables["sizes"]],
        "contracts": [
            {"municipality": "B", "stream": "mixed_bin", "facility": "old_burner", "until": 2026, "share": 0.5}
        ],
        "transport": [
            {"mode": "collection", "cost": 4.0, "cost_per_tonne": 20, "emission": 0.1, "detour": 1.3},
            {"mode": "haul", "cost": 1.1, "cost_per_tonne": 80, "emission": 0.05, "detour": 1.2},
            {"mode": "crossing", "zone": "island", "cost_per_tonne": 350, "distance": 60, "cost": 1.0},
        ],
        "distances": [{"from": "A", "to": "digester", "distance": 12.5}, {"from": "B", "to": "recycler", "cost": 77}],
        "markets": [
            {**market, "distance": 100, "capacity": 400} if market["market"] == "moulder" else market
            for market in tables["markets"]
        ],
        "prices": [
            {"item": "tax", "technology": "incineration", "value": 60, "unit": "DKK/t"},
            {"item": "tax", "technology": "incineration", "from": 2028, "value": 75, "unit": "DKK/t"},
            {"item": "electricity", "value": 300, "unit": "DKK/MWh"},
            {"item": "heat", "value": 200, "unit": "DKK/MWh"},
            {"item": "carbon", "value": 750, "unit": "DKK/t"},
        ],
        "targets": [
            {"scope": "all", "method": "collected", "year": 2028, "rate": 0.3},
            {"scope": "all", "method": "collected", "year": 2030, "rate": 0.5, "path": "linear"},
            {"scope": "households", "method": "calculation_point", "year": 2030, "rate": 0.35},
        ],
        "limits": [{"indicator": "incinerated", "year": 2030, "maximum": 700, "unit": "t/year"}],
        "measurements": [
            {"measure": "rate", "sector": "shops", "year": 2024, "value": 0.0, "municipality": "A", "calibrate": False}
        ],
    }
    settings = {
        "plan_years": "2025-2030",
        "period_starts": "2025, 2027, 2029",
        "first_change_year": 2027,
        "discount_rate": 0.04,
    }
    return two_towns(settings=settings, **changes)


def levers_case() -> Case:
    """Three years of paper in two towns, of which most is yes or no.

    Chains of a transfer station and a sorter, single destinations, two markets of an output, a purchase, content that
    is required, exchange with storage, a stock that drives amounts, a reported rate, growth, limits and a pin.
    """
    return pencil(
        "2025-2027",
        settings={"first_change_year": 2025, "discount_rate": 0.03},
        change={
            "schemes": {"sort": {"cost_per_household": 20, "change_cost": 5}},
            "streams": {"bag": {"single_destination": True}},
            "markets": {"buyer": {"capacity": 30}},
        },
        add={
            "fractions": [{"fraction": "dust", "material": "mineral", "fossil_co2": 20.0, "biogenic_co2": 5.0}],
            "generation": [
                {"municipality": "A", **HOME, "fraction": "dust", "year": 2024, "amount": 40},
                {"municipality": "A", "sector": "sites", "fraction": "dust", "year": 2024, "amount": 25},
            ],
            "sectors": [{"sector": "sites", "kind": "construction_demolition", "divisible": True}],
            "schemes": [{"scheme": "skip", "sector": "sites", "payer": "business", "decided_by": "business"}],
            "capture": [
                {"scheme": "mix", "fraction": "dust", "stream": "bag", "share": 1},
                {"scheme": "sort", "fraction": "dust", "stream": "bag", "share": 1},
                {"scheme": "skip", "fraction": "dust", "stream": "skip", "share": 1},
            ],
            "current_schemes": [{"sector": "sites", "scheme": "skip"}],
            "streams": [{"stream": "skip", "kind": "mixed"}],
            "technologies": [
                {"technology": "transfer", "treatment": "sorting"},
                {"technology": "sorter", "treatment": "sorting", "lifetime": 12},
                {"technology": "tip", "treatment": "landfill"},
            ],
            "outputs": [
                {"output": "load", "kind": "mixed"},
                {"output": "residue", "kind": "mixed"},
                {"output": "rest", "kind": "emission", "treatment": "landfill"},
            ],
            "yields": [
                {"technology": "transfer", "output": "load", "share": 1},
                {"technology": "sorter", "fraction": "paper", "output": "pulp", "share": 0.5},
                {"technology": "sorter", "fraction": "paper", "output": "residue"},
                {"technology": "sorter", "fraction": "dust", "output": "residue", "share": 1},
                {"technology": "tip", "output": "rest", "share": 1},
            ],
            "accepts": [
                {"technology": "transfer", "input": "bag"},
                {"technology": "transfer", "input": "skip"},
                {"technology": "sorter", "input": "load"},
                {"technology": "oven", "input": "residue"},
                {"technology": "tip", "input": "residue"},
                {"technology": "tip", "input": "skip"},
            ],
            "facilities": [
                {"facility": "transfer", "technology": "transfer", "gate_fee": 5, "municipality": "A"},
                {"facility": "sorter", "technology": "sorter", "state": "candidate", "variable_cost": 12},
                {"facility": "tip", "technology": "tip", "gate_fee": 70, "reserved": 3, "capacity": 500},
            ],
            "markets": [
                {"market": "far", "output": "pulp", "price": 20, "treatment": "recycling", "distance": 40},
            ],
        },
        sizes=[
            {"technology": "sorter", "size": "S", "capacity": 90, "capex": 3000, "fixed_cost": 100},
            {"technology": "sorter", "size": "M", "capacity": 150, "capex": 4000, "fixed_cost": 150},
        ],
        transport=[{"mode": "collection", "cost": 1.0}, {"mode": "haul", "cost": 0.5, "emission": 0.1}],
        distances=[{"from": town, "to": goal, "distance": 9} for town in "AB" for goal in ("oven", "mill", "transfer")],
        growth=[{"fraction": "paper", "change": 0.02}],
        emissions=[
            {"treatment": "recycling", "fraction": "paper", "avoided": -300},
            {"treatment": "energy_recovery", "fossil": 10},
        ],
        indicator_factors=[{"indicator": "jobs", "treatment": "recycling", "value": 0.002, "unit": "job/t"}],
        purchasing=[
            {
                "purchase": "books",
                "municipality": "A",
                "market": "buyer",
                "maximum": 45,
                "lifetime": 2,
                "price_recycled": 21,
                "price_new": 20,
                "divisible": False,
            }
        ],
        content_requirements=[{"requirement": "news", "market": "buyer", "demand": 100, "share": 0.3}],
        exchange=[
            {
                "project": "quarry",
                "kind": "offer",
                "municipality": "A",
                "material": "gravel",
                "amount": 30,
                "disposal_cost": 40,
                "storage_years": 1,
                "storage_cost": 2,
                "handling_cost": 1,
            },
            {
                "project": "road",
                "kind": "need",
                "municipality": "B",
                "material": "gravel",
                "amount": 25,
                "virgin_cost": 60,
                "virgin_emission": 8,
            },
        ],
        measurements=[
            {"measure": "rate", "municipality": "A", "sector": "homes", "segment": "houses", "year": 2024, "value": 0.1}
        ],
        limits=[{"indicator": "landfilled", "year": 2027, "maximum": 400, "unit": "t/year"}],
        targets=[{"scope": "all", "method": "collected", "year": 2027, "rate": 0.3}],
        pinned=[{"facility": "tip", "run": True}],
    )
