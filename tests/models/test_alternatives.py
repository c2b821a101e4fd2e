"""Alternatives within a margin, and their presence, against all plans of a case that is small enough to list them."""

from __future__ import annotations

from itertools import product
from unittest.mock import patch

import pytest

from models.alternatives import _Plan, _Search, alternatives
from models.asking import Asker
from tests.cases.pencil import DEAR, _nothing_else, pencil, pencil_tables

CLOSABLE = {"facilities": {"mill": {"fixed_cost": 500, "closable": True}}}


def all_plans():
    """Return what is in each plan that there is, and its cost: schemes of A and B, and whether the mill stands.

    Sorting needs the mill (500); A's costs 2 800 more than mixing, B's 1 400.
    """
    for a, b, mill in product(("mix", "sort"), ("mix", "sort"), (False, True)):
        if mill or (a == b == "mix"):
            cost = 15000 + 2800 * (a == "sort") + 1400 * (b == "sort") + 500 * mill
            yield {("A", a), ("B", b), *((("", "mill"),) if mill else ())}, cost


@pytest.mark.parametrize("within", [0.0, 0.04, 0.13, 0.25])
def test_presence_is_that_of_all_plans_within_the_margin(within):
    case = pencil(change={"schemes": DEAR, **CLOSABLE})
    with patch("models.planner.unplanned_tables", _nothing_else):
        found = alternatives(Asker(case, threads=1), within=within, count=2, gap=0.0, time_limit=60)
    plans = [has for has, cost in all_plans() if cost <= 15000 * (1 + within) + 1e-6]
    # That there is no other plan is said only where it is so.
    assert found.info["ended"] == ("none" if len(plans) == 1 else "count")
    table = found.tables["alternatives"]
    assert table["cost"].min() == pytest.approx(15000)
    assert (table["cost"] <= 15000 * (1 + within) + 1e-6).all()
    assert table["certified"].all() and table["within"].all()
    for row in found.tables["presence"].itertuples(index=False):
        if row.name == "oven":
            assert (row.presence, row.proof) == ("all", "given")
            continue
        item = ("", "mill") if row.kind == "facility" else (row.municipality, row.name)
        count = sum(item in has for has in plans)
        expected = "all" if count == len(plans) else "some" if count else "none"
        assert row.presence == expected, row
        assert row.proof == ("shown" if expected == "some" else "proven"), row
        if expected == "some":
            assert row.plan_with in found.plans and row.plan_without in found.plans
    # What the relaxation says of a plan without or with something is below any such plan.
    for row in found.tables["presence"].itertuples(index=False):
        item = ("", "mill") if row.kind == "facility" else (row.municipality, row.name)
        with_, without = ([cost for has, cost in all_plans() if (item in has) is there] for there in (True, False))
        if row.name != "oven":
            assert row.costs_at_least_with <= min(with_) + 1e-2
            assert row.costs_at_least_without <= min(without) + 1e-2


def test_the_farthest_plan_comes_first():
    # Within 35 % everything is allowed: from nobody and no mill the farthest is both and the mill.
    case = pencil(change={"schemes": DEAR, **CLOSABLE})
    with patch("models.planner.unplanned_tables", _nothing_else):
        found = alternatives(Asker(case, threads=1), within=0.35, count=2, gap=0.0, time_limit=60)
    table = found.tables["alternatives"]
    assert table["why"].tolist()[:2] == ["cheapest", "different"]
    assert table["cost"].tolist()[:2] == pytest.approx([15000, 19700])
    apart = found.tables["differences"].query("plan == 'plan_01' and other == 'plan_02'").iloc[0]
    assert (apart["difference"], apart["schemes"], apart["facilities"]) == pytest.approx((1.0, 1.0, 1.0))


def test_targets_hold_in_every_alternative():
    tables = pencil_tables()
    assert len(tables["facilities"]) == 2
    case = pencil(
        change={"schemes": DEAR}, targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}]
    )
    with patch("models.planner.unplanned_tables", _nothing_else):
        found = alternatives(Asker(case, threads=1), within=0.1, count=3, gap=0.0, time_limit=60)
    # A alone (17 800) or both (19 200); B alone does not reach it.
    table = found.tables["alternatives"]
    assert table["cost"].tolist() == pytest.approx([17800, 19200])
    assert table["rate"].tolist() == pytest.approx([0.4, 0.6])
    presence = found.tables["presence"].set_index(["municipality", "name"])["presence"]
    assert presence["A", "sort"] == "all" and presence["B", "sort"] == "some"


def test_a_plan_found_later_that_costs_less_is_the_cheapest():
    # What a gap leaves open: the third of three plans costs 1 % less than the one that was to be the cheapest.
    search = _Search(None, 0.02, 3, 0.02, 60.0, None)
    for name, why, cost in (
        ("plan_01", "cheapest", 100.0),
        ("plan_02", "different", 102.0),
        ("plan_03", "different", 99.0),
    ):
        search.plans.append(_Plan(name, why, None, None, {"plan": name, "why": why, "cost": cost}))
    rows = search._rows()
    assert rows["plan"].tolist() == ["plan_03", "plan_01", "plan_02"]
    assert rows["why"].tolist() == ["cheapest", "different", "different"]
    assert rows["extra"].tolist() == pytest.approx([0.0, 1 / 99, 3 / 99])
    assert rows["within"].tolist() == [True, True, False]
