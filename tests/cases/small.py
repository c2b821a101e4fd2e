"""A case of two towns, small enough for a pencil, with every kind of thing a case can hold.

Two towns of 100 and 50 households generate food, plastic and other waste. Today all of it is one bin
that is burnt at ``burner``. They can collect food and plastic apart, and a plant ``sorter`` can be built
that takes plastic out of the mixed bin and sends the rest to the burner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.case import Case

Rows = list[dict[str, Any]]


def two_towns_tables() -> tuple[dict[str, Any], dict[str, Rows]]:
    """Return settings and rows of the case, to be changed by a test before it makes the case."""
    settings: dict[str, Any] = {
        "title": "Two towns",
        "account_year": 2024,
        "plan_years": "2025",
        "discount_rate": 0.0,
        "currency": "DKK",
    }
    tables: dict[str, Rows] = {
        "municipalities": [
            {"municipality": "A", "name_da": "Aby", "name_en": "Atown", "population": 200},
            {"municipality": "B", "name_da": "Bby", "name_en": "Btown", "population": 100},
        ],
        "sectors": [{"sector": "households", "segment": "houses", "kind": "households", "divisible": False}],
        "dwellings": [
            {"municipality": "A", "segment": "houses", "dwellings": 100},
            {"municipality": "B", "segment": "houses", "dwellings": 50},
        ],
        "fractions": [
            {"fraction": "food", "material": "food", "biowaste": True, "energy": 3.6},
            {"fraction": "plastic", "material": "plastic", "energy": 36.0, "fossil_co2": 2500},
            {"fraction": "rest", "material": "other", "energy": 10.8, "fossil_co2": 300, "calibrated": False},
        ],
        "streams": [
            {"stream": "mixed_bin", "kind": "mixed"},
            {"stream": "food_bin", "kind": "separate"},
            {"stream": "plastic_bin", "kind": "separate"},
            {"stream": "reuse", "kind": "preparing_for_reuse"},
        ],
        "technologies": [
            {"technology": "incineration", "treatment": "energy_recovery", "electricity": 0.2, "heat": 0.6},
            {"technology": "digestion", "treatment": "recycling", "calculation_point": "entry"},
            {"technology": "plastic_recycling", "treatment": "recycling"},
            {"technology": "residual_sorting", "treatment": "sorting", "lifetime": 10},
        ],
        "outputs": [
            {"output": "slag", "kind": "mixed"},
            {"output": "flue_gas", "kind": "emission", "treatment": "energy_recovery"},
            {"output": "compost", "kind": "product"},
            {"output": "reject", "kind": "mixed"},
            {"output": "vapour", "kind": "emission", "treatment": "process_loss"},
            {"output": "flakes", "kind": "product"},
            {"output": "sorted_plastic", "kind": "product"},
            {"output": "residue", "kind": "mixed"},
        ],
        "generation": [
            {
                "municipality": town,
                "sector": "households",
                "segment": "houses",
                "fraction": f,
                "year": 2024,
                "amount": amount,
            }
            for town, scale in (("A", 2.0), ("B", 1.0))
            for f, amount in (("food", 100 * scale), ("plastic", 50 * scale), ("rest", 50 * scale))
        ],
        "schemes": [
            {"scheme": "one_bin", "sector": "households", "segment": "houses", "cost_per_household": 100},
            {"scheme": "three_bins", "sector": "households", "segment": "houses", "cost_per_household": 300},
        ],
        "capture": [
            *({"scheme": "one_bin", "fraction": f, "stream": "mixed_bin"} for f in ("food", "plastic", "rest")),
            {"scheme": "three_bins", "fraction": "food", "stream": "food_bin", "share": 0.6},
            {"scheme": "three_bins", "fraction": "food", "stream": "mixed_bin"},
            {"scheme": "three_bins", "fraction": "plastic", "stream": "plastic_bin", "share": 0.4},
            {"scheme": "three_bins", "fraction": "plastic", "stream": "mixed_bin"},
            {"scheme": "three_bins", "fraction": "rest", "stream": "food_bin", "share": 0.02},
            {"scheme": "three_bins", "fraction": "rest", "stream": "mixed_bin"},
        ],
        "current_schemes": [{"sector": "households", "segment": "houses", "scheme": "one_bin"}],
        "facilities": [
            {"facility": "burner", "technology": "incineration", "gate_fee": 500},
            {"facility": "digester", "technology": "digestion", "gate_fee": 300},
            {"facility": "recycler", "technology": "plastic_recycling", "gate_fee": 1000},
            {"facility": "sorter", "technology": "residual_sorting", "state": "candidate", "variable_cost": 100},
        ],
        "sizes": [
            {"technology": "residual_sorting", "size": "S", "capacity": 300, "capex": 60000, "fixed_cost": 10000},
            {"technology": "residual_sorting", "size": "L", "capacity": 700, "capex": 100000, "fixed_cost": 15000},
        ],
        "yields": [
            {"technology": "incineration", "output": "slag", "share": 0.2},
            {"technology": "incineration", "output": "flue_gas", "share": 0.8},
            {"technology": "digestion", "fraction": "food", "output": "compost", "share": 0.5},
            {"technology": "digestion", "fraction": "food", "output": "vapour", "share": 0.4},
            {"technology": "digestion", "fraction": "food", "output": "reject", "share": 0.1},
            {"technology": "digestion", "output": "reject", "share": 1.0},
            {"technology": "plastic_recycling", "fraction": "plastic", "output": "flakes", "share": 0.8},
            {"technology": "plastic_recycling", "fraction": "plastic", "output": "reject"},
            {"technology": "plastic_recycling", "output": "reject", "share": 1.0},
            {"technology": "residual_sorting", "fraction": "plastic", "output": "sorted_plastic", "share": 0.7},
            {"technology": "residual_sorting", "fraction": "plastic", "output": "residue"},
            {"technology": "residual_sorting", "output": "residue", "share": 1.0},
        ],
        "accepts": [
            {"technology": "incineration", "input": "mixed_bin"},
            {"technology": "incineration", "input": "reject"},
            {"technology": "incineration", "input": "residue"},
            {"technology": "digestion", "input": "food_bin"},
            {"technology": "plastic_recycling", "input": "plastic_bin"},
            {"technology": "residual_sorting", "input": "mixed_bin"},
        ],
        "markets": [
            {"market": "road", "output": "slag", "price": -100, "treatment": "other_material_recovery"},
            {"market": "farms", "output": "compost", "price": 0, "treatment": "recycling"},
            {
                "market": "moulder",
                "output": "flakes",
                "price": 2000,
                "treatment": "recycling",
                "loss_before_point": 0.1,
                "loss_recycling": 0.2,
            },
            {
                "market": "washer",
                "output": "sorted_plastic",
                "price": 500,
                "treatment": "recycling",
                "loss_before_point": 0.25,
            },
        ],
    }
    return settings, tables


def two_towns(**changes: Any) -> Case:
    """Return the case; ``settings`` updates settings, any other keyword replaces a table."""
    settings, tables = two_towns_tables()
    changed: Mapping[str, Any] = changes.pop("settings", {})
    return Case.from_tables({**settings, **changed}, {**tables, **changes})
