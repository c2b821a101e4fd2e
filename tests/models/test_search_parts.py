"""The search of huge models, tried on a small one: periods by themselves, a plan chained back from the last."""

from __future__ import annotations

import pandas as pd
import pytest

from models import planner as planning
from models import search as searching
from models.plan import Infeasible, solve
from tests.cases.pencil import HOME, pencil, sorting
from tests.cases.small import two_towns
from tests.models.test_search import GROWTH, SETTINGS, TARGETS


@pytest.fixture
def as_if_huge(monkeypatch):
    for module in (searching, planning):
        monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(searching, "HUGE", 0)
    # Nothing else may answer in its place.
    for name in ("relax", "PeriodSearch"):
        monkeypatch.setattr(searching, name, None)


def assert_begun_for_good(schemes: pd.DataFrame) -> None:
    """No source goes back to a scheme that it has left."""
    for _, rows in schemes.groupby(["municipality", "sector", "segment"]):
        by_year = rows.sort_values("year")
        run = by_year.loc[by_year["share"] > 0.5, "scheme"].tolist()
        changes = sum(now != then for then, now in zip(run[:-1], run[1:], strict=True))
        assert changes == len(set(run)) - 1


def test_periods_by_themselves_bound_the_plan_that_is_chained_from_them(as_if_huge, monkeypatch):
    case = two_towns(settings=SETTINGS, targets=TARGETS, growth=GROWTH)
    huge = solve(case, gap=0.2)
    assert huge.info["certificate"]["holds"], huge.tables["certificate"].query("~holds")
    assert huge.rate("all", "collected", 2030) >= 0.48
    assert_begun_for_good(huge.tables["schemes"].query("variant == 'plan'"))
    for module in (searching, planning):
        monkeypatch.setattr(module, "SMALL", 20_000)
    exact = solve(case, gap=0.0).info["objective"]
    assert huge.info["bound"] <= exact * (1 + 1e-6)
    assert huge.info["objective"] >= exact * (1 - 1e-6)
    assert huge.info["objective"] <= exact * 1.05


def test_a_period_that_cannot_reach_its_target_makes_the_case_infeasible(as_if_huge):
    case = pencil(targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.7}])
    with pytest.raises(Infeasible):
        solve(case)


SLOW = {"schemes": {"sort": {"cost_per_household": 100, "ramp_years": 1}}}
"""Sorting costs more than it saves, and has half its effect in the year in which it begins."""


def test_what_must_be_in_full_effect_when_a_period_begins_is_begun_before(as_if_huge):
    """59 % from 2027 on is both towns sorting in full; begun in 2027 they would reach 30 % only."""
    target = {"scope": "all", "method": "collected", "year": 2027, "rate": 0.59}
    plan = solve(pencil("2025-2028", settings={"period_starts": "2025, 2027"}, change=SLOW, targets=[target]))
    assert sorting(plan, range(2025, 2029)) == "- AB AB AB"  # in 2025 both sort by half


def test_what_cannot_begin_before_is_made_up_for_by_more(as_if_huge):
    """29 % from 2027 on is A alone, the cheaper one; in 2027, before which nothing may change, both at half."""
    target = {"scope": "all", "method": "collected", "year": 2027, "rate": 0.29}
    settings = {"period_starts": "2025, 2027, 2029", "first_change_year": 2027}
    homes = [{"municipality": town, "segment": "houses", "dwellings": 100} for town in "AB"]
    plan = solve(pencil("2025-2030", settings=settings, change=SLOW, targets=[target], dwellings=homes))
    assert sorting(plan, range(2025, 2031)) == "- - - AB A A"  # in 2027 both sort by half


def test_what_runs_in_part_today_begins_with_the_rest(as_if_huge):
    """Half sorts today. 44 % in 2027 is 73.3 % in effect, which is 81.1 % sorting: half of what is new runs as today."""
    target = {"scope": "all", "method": "collected", "year": 2027, "rate": 0.44}
    settings = {"period_starts": "2025, 2027, 2029", "first_change_year": 2027}
    parts = [{**HOME, "scheme": scheme, "share": 0.5} for scheme in ("mix", "sort")]
    sectors = [{**HOME, "kind": "households", "divisible": True}]
    case = pencil("2025-2030", settings=settings, change=SLOW, targets=[target], current_schemes=parts, sectors=sectors)
    plan = solve(case)
    rows = plan.tables["schemes"].query("variant == 'plan' and year == 2027 and scheme == 'sort'")
    chosen = (rows["chosen"] * rows["municipality"].map({"A": 2 / 3, "B": 1 / 3})).sum()
    assert chosen == pytest.approx((0.44 / 0.6 - 0.125) / 0.75, abs=1e-4)
    assert plan.rate("all", "collected", 2027) >= 0.44
