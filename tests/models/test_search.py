"""The search of large models, tried on a small one: bound from the relaxation, restricted periods, dispatch."""

from __future__ import annotations

import pytest

from models import planner as planning
from models import search as searching
from models.plan import Infeasible, solve
from tests.cases.small import two_towns

TARGETS = [
    {"scope": "all", "method": "collected", "year": 2026, "rate": 0.0},
    {"scope": "all", "method": "collected", "year": 2030, "rate": 0.48, "path": "linear"},
]
SETTINGS = {
    "plan_years": "2025-2030",
    "period_starts": "2025, 2027, 2029",
    "first_change_year": 2027,
    "discount_rate": 0.03,
}
GROWTH = [{"change": 0.02}]


@pytest.fixture
def as_if_large(monkeypatch):
    monkeypatch.setattr(searching, "SMALL", 0)
    monkeypatch.setattr(planning, "SMALL", 0)


def test_a_large_search_finds_a_certified_plan_above_its_bound(as_if_large):
    plan = solve(two_towns(settings=SETTINGS, targets=TARGETS, growth=GROWTH), gap=0.05)
    assert plan.info["certificate"]["holds"], plan.tables["certificate"].query("~holds")
    assert plan.info["bound_of"] == "full yearly model, hauls pooled by technology"
    assert plan.info["bound"] <= plan.info["objective"]
    assert plan.rate("all", "collected", 2030) >= 0.48


def test_a_large_search_is_no_better_than_the_exact_one(monkeypatch):
    case = two_towns(settings=SETTINGS, targets=TARGETS, growth=GROWTH)
    exact = solve(case, gap=0.0).info
    monkeypatch.setattr(searching, "SMALL", 0)
    monkeypatch.setattr(planning, "SMALL", 0)
    large = solve(case, gap=0.0).info
    assert large["bound"] <= exact["objective"] * (1 + 1e-6)
    assert large["objective"] >= exact["objective"] * (1 - 1e-6)


def test_a_large_search_tells_the_highest_rate(as_if_large):
    case = two_towns(targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.9}])
    with pytest.raises(Infeasible) as caught:
        solve(case)
    # Of a large model the relaxation answers: three bins and as much sorting as wanted give 51 %.
    assert caught.value.highest["highest"].iloc[0] == pytest.approx(0.51, abs=1e-3)


def test_the_first_year_that_cannot_be_reached_is_named():
    # Nothing may change before 2027, so the 10 % asked of 2026 cannot be; 2030 could.
    early = [{**TARGETS[1], "path": "step"}, {"scope": "all", "method": "collected", "year": 2026, "rate": 0.1}]
    with pytest.raises(Infeasible) as caught:
        solve(two_towns(settings=SETTINGS, targets=early))
    highest = caught.value.highest
    assert highest["year"].tolist() == [2026]
    assert highest["highest"].iloc[0] == pytest.approx(0.0, abs=1e-6)
    assert "2026" in caught.value.reason
