"""Plans for all scenarios, solved by hand: what is decided now, what it costs then, what knowing would be worth."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest

from models import planner as planning
from models import scenario_model
from models import search as searching
from models.not_in_all import NotInAll
from models.scenario_model import ScenarioModel
from models.stochastic import asked_anew, certified
from models.stochastic_tables import decisions, measures, performance, summary
from tests.cases.pencil import DEAR, _nothing_else, pencil
from tests.cases.uncertain import costs_of, planned_for_all, press, steps_of, worth

HALF = {"base": 0.5, "more": 0.5}
RARE = {"base": 0.8, "more": 0.2}


def goal(rate, **more):
    return {"scope": "all", "method": "collected", "year": 2025, "rate": rate, **more}


def near(*numbers):
    return pytest.approx(list(numbers), rel=1e-6)


@pytest.fixture(autouse=True)
def no_states_without_a_plan(monkeypatch):
    """Nothing here asks for the tables of today and of the reference, which take as long as those of a plan."""
    monkeypatch.setattr(planning, "unplanned_tables", _nothing_else)


@pytest.fixture(scope="module")
def presses():
    """The press in both scenarios, to be asked anew."""
    return planned_for_all(press(), HALF)


@pytest.fixture(scope="module")
def two_years():
    """The press of two years, all decided at once."""
    return planned_for_all(press("2025-2026"), HALF)


def test_a_large_press_when_both_are_as_likely(presses):
    found = asked_anew(presses, weights=HALF)
    assert steps_of(found.chosen) == "L"
    assert costs_of(found, "for:base") == near(6000, 21000)
    assert costs_of(found, "all:expected") == near(10000, 10000)
    # WS (6 000 + 10 000) / 2; the base's press costs (6 000 + 21 000) / 2.
    assert worth(found) == pytest.approx({"WS": 8000, "RP": 10000, "EEV": 13500, "EVPI": 2000, "VSS": 3500})
    assert found.bound_expected == pytest.approx(10000)


@pytest.mark.parametrize(
    ("options", "size", "value"),
    [
        # S costs 0.8 * 6 000 + 0.2 * 21 000 = 9 000 on average.
        ({"measure": "expected"}, "S", 9000),
        ({"measure": "worst"}, "L", 10000),
        # S costs 11 000 more than L if there is more, L 4 000 more than S if not.
        ({"measure": "regret"}, "L", 4000),
        # The dearest half with S: (0.2 * 21 000 + 0.3 * 6 000) / 0.5 = 12 000; the dearest 80 %: 9 750.
        ({"measure": "cvar", "alpha": 0.5}, "L", 10000),
        ({"measure": "cvar", "alpha": 0.2}, "S", 9750),
        # S: 9 000 + 3 000 r, L: 10 000.
        ({"measure": "cvar", "alpha": 0.5, "risk_weight": 0.3}, "S", 9900),
        ({"measure": "cvar", "alpha": 0.5, "risk_weight": 0.4}, "L", 10000),
    ],
)
def test_the_size_of_the_press_depends_on_the_measure(presses, options, size, value):
    found = asked_anew(presses, weights=RARE, **options)
    assert steps_of(found.chosen) == size
    assert found.judged(found.chosen) == pytest.approx(value)
    assert found.bound == pytest.approx(value)
    # S is the base's own press: to plan for it alone loses nothing on average.
    assert worth(found) == pytest.approx({"WS": 6800, "RP": 9000, "EEV": 9000, "EVPI": 2200, "VSS": 0})


def test_cvar_ends_are_expected_cost_and_worst_case(presses):
    low = asked_anew(presses, weights=RARE, measure="cvar", alpha=0.0)
    high = asked_anew(presses, weights=RARE, measure="cvar", alpha=1.0)
    assert (steps_of(low.chosen), steps_of(high.chosen)) == ("S", "L")
    assert low.judged(low.chosen) == pytest.approx(low.judged(low.chosen, "expected"))
    assert high.judged(high.chosen) == pytest.approx(high.judged(high.chosen, "worst"))


def test_later_decisions_wait_for_the_scenario(two_years):
    # Two years. S first: 12 000, or 21 000 and then L: 31 000. L first: 10 000 and then S: 16 000, or 20 000.
    assert worth(two_years) == pytest.approx({"WS": 16000, "RP": 20000, "EEV": 27000, "EVPI": 4000, "VSS": 7000})
    first = asked_anew(two_years, until=2025)
    assert steps_of(first.chosen) == "L"
    assert costs_of(first, "for:base") == near(12000, 31000)
    assert costs_of(first, "all:expected") == near(16000, 20000)
    assert worth(first) == pytest.approx({"WS": 16000, "RP": 18000, "EEV": 21500, "EVPI": 2000, "VSS": 3500})
    later = decisions(first).query("kind == 'step' and period == 2026 and plan == 'all:expected' and choice == 'open'")
    assert dict(zip(later["scenario"], later["size"], strict=True)) == {"base": "S", "more": "L"}
    free = asked_anew(two_years, until=2024)
    assert worth(free) == pytest.approx({"WS": 16000, "RP": 16000, "EEV": 16000, "EVPI": 0, "VSS": 0})


def test_one_scenario_is_the_plan():
    found = planned_for_all(press(), {"base": 1.0}, measure="regret")
    assert worth(found) == pytest.approx({"WS": 6000, "RP": 6000, "EEV": 6000, "EVPI": 0, "VSS": 0})
    assert found.chosen.name == "for:base"
    assert summary(found)["joint"] == "single"
    assert found.judged(found.chosen) == 0


GROWING_B = {"scenario": "grows", "table": "generation", "filter": "municipality=B", "column": "amount",
             "operation": "factor", "value": "4"}  # fmt: skip
TOWNS = {"base": 0.5, "grows": 0.5}


def growing(**more):
    """30 % in two scenarios: A has 100 t, B 50 t, or 200 t if it grows.

    Sorting A gives 40 % or 20 %, sorting B 20 % or 40 %. With 100 a home: A 12 800 instead of 10 000, B 6 400
    instead of 5 000, or 5 000 + 200 * 28 = 10 600 instead of 20 000.
    """
    return pencil(change={"schemes": DEAR}, targets=[goal(0.3)], scenarios=[GROWING_B], **more)


def test_targets_hold_in_every_scenario():
    found = planned_for_all(growing(), TOWNS)
    assert costs_of(found, "for:base") == near(17800, math.inf)
    assert costs_of(found, "for:grows") == near(math.inf, 20600)
    assert costs_of(found, "all:expected") == near(19200, 23400)
    table = performance(found).set_index(["plan", "scenario"])
    # 30 % of 300 t are 90 t, of which A gives 60; 30 % of 150 t are 45 t, of which B gives 30.
    assert table.loc[("for:base", "grows"), "shortfall_t"] == pytest.approx(30)
    assert table.loc[("for:grows", "base"), "shortfall_t"] == pytest.approx(15)
    assert table.loc[("for:base", "grows"), "rate"] == pytest.approx(0.2)
    value = worth(found)
    assert value["EVPI"] == pytest.approx(21300 - 19200)
    assert math.isnan(value["EEV"])
    assert math.isnan(value["VSS"])
    told = measures(found).set_index("plan")
    assert told.loc["for:base", "holds_in"] == 1
    assert math.isnan(told.loc["for:base", "expected"])


def test_missed_targets_are_paid_for_at_a_price():
    # At 100 a tonne sorting B alone costs 16 400 + 1 500 and 20 600; both towns 19 200 and 23 400.
    found = certified(planned_for_all(growing(), TOWNS, price=100.0), every=False)
    assert found.judged(found.chosen) == pytest.approx((17900 + 20600) / 2)
    table = performance(found)
    mine = table[table["chosen"]].set_index("scenario")
    assert mine["cost"].tolist() == near(16400, 20600)
    assert mine["penalty"].tolist() == near(1500, 0)
    assert mine["shortfall_t"].tolist() == near(15, 0)
    assert mine["target_met"].tolist() == [False, True]
    assert mine["certificate"].tolist() == ["holds", "holds"]
    assert mine["rate"].tolist() == near(0.2, 0.4)
    # Alone the base would sort A for 17 800.
    assert worth(found)["EVPI"] == pytest.approx(50)


def test_scenarios_that_need_different_decisions_are_told_apart():
    # At most 70 a household on average forbids that both towns sort.
    limit = {"indicator": "cost_per_household", "year": 2025, "maximum": 70, "unit": "DKK/household/year"}
    with pytest.raises(NotInAll) as caught:
        planned_for_all(growing(limits=[limit]), TOWNS)
    assert caught.value.alone == []
    assert caught.value.proven
    row = caught.value.highest.iloc[0]
    # Sorting B misses 15 t if it does not grow, sorting A 30 t if it does.
    assert (row.scenario, row.year, row.goal) == ("base", 2025, 0.3)
    assert row.short_t == pytest.approx(15)


def test_scenarios_that_cannot_meet_their_targets_alone_are_named():
    rows = [
        {"scenario": "asked", "table": "targets", "column": "rate", "operation": "value", "value": "0.7"},
        GROWING_B,
    ]
    case = growing().with_table("scenarios", pencil(scenarios=rows)["scenarios"])
    with pytest.raises(NotInAll) as caught:
        planned_for_all(case, {"base": 0.4, "asked": 0.3, "grows": 0.3})
    assert caught.value.alone == ["asked"]
    assert caught.value.highest["highest"].tolist() == near(0.6)


def test_opposite_pins_have_no_plan():
    rows = [{"scenario": "no", "table": "pinned", "column": "run", "operation": "value", "value": "no"}]
    case = pencil(pinned=[{"scheme": "sort", "municipality": "A", "run": True}], scenarios=rows)
    with pytest.raises(NotInAll) as caught:
        planned_for_all(case, {"base": 0.5, "no": 0.5})
    assert caught.value.alone == []


def test_what_a_scenario_takes_away_is_not_there_whatever_was_decided():
    gone = [{"scenario": "gone", "table": "facilities", "filter": "facility=press", "operation": "remove"}]
    found = certified(planned_for_all(press(rows=gone), {"base": 0.5, "gone": 0.5}), every=True)
    assert costs_of(found, "all:expected") == near(6000, 15000)
    assert worth(found)["EVPI"] == 0
    assert set(performance(found)["certificate"]) == {"holds"}


def test_a_scheme_that_is_unlawful_in_one_scenario_is_decided_in_none():
    rows = [{"scenario": "no", "table": "schemes", "filter": "scheme=sort", "column": "legal", "operation": "value",
             "value": "no"}]  # fmt: skip
    found = planned_for_all(pencil(scenarios=rows), {"base": 0.5, "no": 0.5})
    assert costs_of(found, "all:expected") == near(15000, 15000)
    table = performance(found).set_index(["plan", "scenario"])
    assert not table.loc[("for:base", "no"), "runs"]
    assert table.loc[("for:base", "no"), "refused"] == "A sort 2025; B sort 2025"
    assert table.loc[("for:no", "base"), "regret"] == pytest.approx(15000 - 7200)


def test_too_little_room_is_told_in_tonnes():
    # 150 t of bags, and room for 100 t. If A sorts 90 t are left, if B sorts 120 t.
    rows = [{"scenario": "small", "table": "facilities", "filter": "facility=oven", "column": "capacity",
             "operation": "value", "value": "100"}]  # fmt: skip
    found = planned_for_all(pencil(change={"schemes": DEAR}, scenarios=rows), {"base": 0.9, "small": 0.1})
    table = performance(found).set_index(["plan", "scenario"])
    assert not table.loc[("for:base", "small"), "runs"]
    assert table.loc[("for:base", "small"), "lacking_t"] == pytest.approx(50)
    assert costs_of(found, "all:expected") == near(17800, 17800)


def test_a_source_that_is_only_in_one_scenario_decides_there():
    # B has waste only in the base; there it sorts, as sorting pays.
    rows = [{"scenario": "empty", "table": "generation", "filter": "municipality=B", "column": "amount",
             "operation": "value", "value": "0"}]  # fmt: skip
    found = planned_for_all(pencil(scenarios=rows), {"base": 0.5, "empty": 0.5})
    assert costs_of(found, "for:empty") == near(7200, 4800)
    assert worth(found)["VSS"] == 0


def test_decisions_that_plans_agree_on(presses):
    found = planned_for_all(growing(), TOWNS)
    table = decisions(found).query("kind == 'scheme' and scenario == ''")
    chosen = table.pivot_table(index="municipality", columns="plan", values="choice", aggfunc="first")
    assert chosen.loc["A"].to_dict() == {"all:expected": "sort", "for:base": "sort", "for:grows": "mix"}
    assert chosen.loc["B"].to_dict() == {"all:expected": "sort", "for:base": "mix", "for:grows": "sort"}
    assert not table["same"].any()
    same = decisions(presses).query("kind == 'scheme'")
    assert same["same"].all()


@pytest.fixture
def as_if_large(monkeypatch):
    for module in (searching, planning, scenario_model):
        monkeypatch.setattr(module, "SMALL", 0)


def test_of_a_large_case_the_best_of_the_plans_tried_is_taken(as_if_large):
    found = certified(planned_for_all(press(), HALF), every=False)
    assert not found.exact
    assert steps_of(found.chosen) == "L"
    assert found.judged(found.chosen) == pytest.approx(10000)
    # The bound is that of knowing: 6 000 and 10 000 at most.
    assert found.bound <= 8000 * (1 + 1e-6)
    assert summary(found)["bound_of"] == "each scenario alone"
    assert summary(found)["certificate"] == {"holds": True, "largest_error": pytest.approx(0, abs=1e-9), "pairs": 2}
    table = performance(found)
    assert (table["certificate"] == "holds").tolist() == table["chosen"].tolist()


def test_later_decisions_of_a_large_case_are_searched_anew(as_if_large):
    found = planned_for_all(press("2025-2026"), HALF, until=2025)
    assert found.judged(found.chosen) == pytest.approx(18000)


def test_a_large_case_gives_up_with_the_first_scenario_without_a_plan_and_names_them_all(as_if_large):
    rows = [
        {"scenario": name, "table": "targets", "column": "rate", "operation": "value", "value": rate}
        for name, rate in (("asked", "0.7"), ("easy", "0.3"), ("more", "0.8"))
    ]
    case = growing().with_table("scenarios", pencil(scenarios=rows)["scenarios"])
    with (
        patch.object(ScenarioModel, "best", autospec=True, side_effect=ScenarioModel.best) as searched,
        pytest.raises(NotInAll) as caught,
    ):
        planned_for_all(case, dict.fromkeys(("asked", "easy", "more"), 1 / 3))
    assert caught.value.alone == ["asked", "more"]
    assert [call.args[0].name for call in searched.call_args_list] == ["asked"]


def test_a_large_case_without_a_plan_for_all_says_that_it_only_tried(as_if_large):
    rows = [{"scenario": "no", "table": "pinned", "column": "run", "operation": "value", "value": "no"}]
    case = pencil(pinned=[{"scheme": "sort", "municipality": "A", "run": True}], scenarios=rows)
    with pytest.raises(NotInAll) as caught:
        planned_for_all(case, {"base": 0.5, "no": 0.5})
    assert not caught.value.proven
