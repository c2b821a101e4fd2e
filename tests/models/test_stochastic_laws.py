"""Laws of plans for all scenarios, on small cases drawn from a seed, and every decision tried by brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from models.first_stage import SCHEME_KEY, STEP_KEY
from models.formulation_parts import Decisions
from models.risk import MEASURES, measured
from models.stochastic import Uncertain, asked_anew
from models.stochastic_tables import performance
from tests.cases.uncertain import planned_for_all, press, worth


def drawn(seed: int) -> Uncertain:
    """Return a case with schemes and a press, three scenarios of amounts, capture and fee, and a target in all."""
    draw = np.random.default_rng(seed)
    home = {"sector": "homes", "segment": "houses"}
    rows = [
        {"scenario": "one", "table": "generation", "filter": "municipality=A", "column": "amount",
         "operation": "factor", "value": f"{draw.uniform(0.5, 2.0):.3f}"},
        {"scenario": "one", "table": "facilities", "filter": "facility=oven", "column": "gate_fee",
         "operation": "factor", "value": f"{draw.uniform(0.5, 2.0):.3f}"},
        {"scenario": "two", "table": "generation", "column": "amount", "operation": "factor",
         "value": f"{draw.uniform(0.5, 2.0):.3f}"},
        {"scenario": "two", "table": "capture", "filter": "scheme=sort;stream=bin", "column": "share",
         "operation": "factor", "value": f"{draw.uniform(0.7, 1.2):.3f}"},
    ]  # fmt: skip
    case = press(
        rows=rows,
        schemes=[{"scheme": "mix", **home}, {"scheme": "sort", **home, "cost_per_household": draw.uniform(20, 120)}],
        capture=[
            {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
            {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6},
            {"scheme": "sort", "fraction": "paper", "stream": "bag"},
        ],
        accepts=[{"technology": "oven", "input": "bag"}, {"technology": "mill", "input": "bin"}],
        sizes=[
            {"technology": "mill", "size": "S", "capacity": 50, "capex": 0, "fixed_cost": draw.uniform(500, 3000)},
            {"technology": "mill", "size": "L", "capacity": 120, "capex": 0, "fixed_cost": draw.uniform(2000, 6000)},
        ],
        targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.1}],
    )
    weights = draw.dirichlet([2.0, 1.0, 1.0])
    return planned_for_all(case, dict(zip(("base", "one", "two"), map(float, weights), strict=True)))


@pytest.fixture(scope="module", params=[1, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(2, 9))])
def found(request: pytest.FixtureRequest) -> Uncertain:
    return drawn(request.param)


def every_decision(found: Uncertain) -> list[Decisions]:
    """Return all decisions that can be taken: one scheme for each town, each step or not."""
    form = found.models[0].planner.yearly
    x, on = form.block("x").keys, form.block("on").keys
    steps = on[on["facility"] == "press"]
    made = []
    for schemes in product(("mix", "sort"), repeat=2):
        towns = dict(zip("AB", schemes, strict=True))
        shares = (x["scheme"] == x["municipality"].map(towns)).astype(float)
        for run in product((0.0, 1.0), repeat=len(steps)):
            made.append(Decisions(x[SCHEME_KEY].assign(share=shares), steps[STEP_KEY].assign(on=list(run))))
    return made


def test_information_is_worth_something_and_planning_for_all_too(found):
    value = worth(found)
    assert value["WS"] <= value["RP"] <= value["EEV"] or np.isnan(value["EEV"])
    assert value["EVPI"] >= 0
    assert not value["VSS"] < 0
    regret = performance(found)["regret"].dropna()
    assert (regret >= 0).all()


def test_brute_force_finds_nothing_better(found):
    options = {"gap": 0.0, "time_limit": 60.0}
    tried = [[model.tried(first, **options) for model in found.models] for first in every_decision(found)]
    costs = pd.DataFrame([[trial.cost if trial.meets else np.inf for trial in trials] for trials in tried])
    holds = costs[np.isfinite(costs).all(axis=1)].to_numpy()
    assert 0 < len(holds) < len(costs)
    best = costs.min().to_numpy()
    assert found.best == pytest.approx(best)
    for measure in MEASURES:
        again = asked_anew(found, measure=measure, alpha=0.6)
        least = min(measured(row, found.weights, best, measure, 0.6) for row in holds)
        assert again.judged(again.chosen) == pytest.approx(least, rel=1e-6, abs=1e-3)
        assert again.bound == pytest.approx(least, rel=1e-6, abs=1e-3)


def test_cvar_runs_from_expected_cost_to_the_worst_case(found):
    values = []
    for alpha in (0.0, 0.3, 0.6, 0.9, 1.0):
        again = asked_anew(found, measure="cvar", alpha=alpha)
        values.append(again.judged(again.chosen))
    worst = asked_anew(found, measure="worst")
    assert values[0] == pytest.approx(worth(found)["RP"])
    assert values == sorted(values) or np.diff(values).min() > -1e-3
    assert values[-1] == pytest.approx(worst.judged(worst.chosen))


def test_the_order_of_scenarios_does_not_matter():
    one = planned_for_all(press(), {"base": 0.7, "more": 0.3}, measure="regret")
    other = planned_for_all(press(), {"more": 0.3, "base": 0.7}, measure="regret")
    assert worth(one) == pytest.approx(worth(other))
    assert one.judged(one.chosen) == pytest.approx(other.judged(other.chosen))
    assert one.reference == other.reference == "base"
