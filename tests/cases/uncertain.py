"""Planning under uncertainty for a pencil: a press of two sizes, built before it is known how much paper there will be.

All paper of the two towns of :mod:`tests.cases.pencil` lies in the bag: 150 t, and 300 t if the scenario ``more`` comes.
A tonne costs 100 at the oven, nothing at the press. The press costs 6 000 a year with room for 150 t (S), 10 000 with
room for 300 t (L):

    a year     base, 150 t   more, 300 t
    no press        15 000        30 000
    S                6 000        21 000   (150 t go to the oven)
    L               10 000        10 000
    S and L         16 000        16 000

So S is best if it stays at 150 t, L if it does not.
"""

from __future__ import annotations

from typing import Any

from flows import scenarios
from flows.case import Case
from models.scenario_model import Scenario
from models.stochastic import Uncertain, plan_for_all
from models.stochastic_plans import Candidate
from models.stochastic_tables import values
from tests.cases.pencil import pencil

MORE = {"scenario": "more", "table": "generation", "column": "amount", "operation": "factor", "value": "2"}
Rows = list[dict[str, Any]]


def press(years: str = "2025", rows: Rows | None = None, **changes: Any) -> Case:
    """Return the case, with the scenarios of ``rows`` (``more`` by default)."""
    tables: dict[str, Any] = {
        "schemes": [{"scheme": "mix", "sector": "homes", "segment": "houses"}],
        "capture": [{"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1}],
        "technologies": [
            {"technology": "oven", "treatment": "energy_recovery"},
            {"technology": "mill", "treatment": "recycling", "lifetime": 10},
        ],
        "facilities": [
            {"facility": "oven", "technology": "oven", "gate_fee": 100},
            {"facility": "press", "technology": "mill", "state": "candidate"},
        ],
        "sizes": [
            {"technology": "mill", "size": "S", "capacity": 150, "capex": 0, "fixed_cost": 6000},
            {"technology": "mill", "size": "L", "capacity": 300, "capex": 0, "fixed_cost": 10000},
        ],
        "accepts": [{"technology": "oven", "input": "bag"}, {"technology": "mill", "input": "bag"}],
        "markets": [{"market": "buyer", "output": "pulp", "price": 0, "treatment": "recycling"}],
        "scenarios": [MORE] if rows is None else rows,
    }
    return pencil(years, **{**tables, **changes})


def futures(case: Case, weights: dict[str, float]) -> list[Scenario]:
    """Return the scenarios of a case with their weights; ``base`` is the case as it is."""
    return [
        Scenario(name, case if name == "base" else scenarios.apply(case, name), weight)
        for name, weight in weights.items()
    ]


def planned_for_all(case: Case, weights: dict[str, float], **options: Any) -> Uncertain:
    """Return what planning for all scenarios ends with, proven optimal."""
    options = {"gap": 0.0, "threads": 1, **options}
    return plan_for_all(futures(case, weights), **options)


def steps_of(plan: Candidate, period: int = 2025) -> str:
    """Return the steps of a plan that run in a period: ``'S'``, ``'L+S'``, ``'-'``."""
    steps = plan.first.steps
    running = steps[(steps["on"] > 0.5) & (steps["period"] == period) & (steps["facility"] == "press")]
    return "+".join(sorted(running["size"])) or "-"


def worth(found: Uncertain) -> dict[str, float]:
    """Return WS, RP, EEV, EVPI and VSS."""
    table = values(found).set_index("name")["value"]
    return {str(name): float(value) for name, value in table.items()}


def costs_of(found: Uncertain, name: str) -> list[float]:
    """Return what a plan costs in each scenario."""
    plan = next(plan for plan in found.plans if plan.name == name)
    return [float(value) for value in found.costs(plan)]
