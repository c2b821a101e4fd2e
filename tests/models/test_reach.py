"""What could count at most: bounds of rates and of room by arithmetic, before any solver."""

from __future__ import annotations

import pytest

from flows.checks import check_case
from flows.problems import InputError
from models.planner import Planner
from models.reach import asked_targets, listed_years, reach
from models.reach_checks import out_of_reach
from tests.cases.pencil import HOME, pencil
from tests.cases.small import two_towns


def goal(rate, year=2025, **more):
    return {"scope": "all", "method": "collected", "year": year, "rate": rate, **more}


def bounds(case):
    planner = Planner(case, threads=1)
    found = reach(planner.case, planner.captures, planner.constants, asked_targets(planner.case))
    assert (found.held["missing_t"] >= -1e-9).all()
    return found


def told(case) -> dict[str, str]:
    assert not [problem for problem in check_case(case) if problem.severity == "error"]
    return {problem.code: problem.text("en") for problem in out_of_reach(case)}


def test_waste_that_has_nowhere_to_go_is_told_before_any_plan():
    accepts = [{"technology": "mill", "input": "bin"}]
    with pytest.raises(InputError, match="bag.*A/homes, 2024: 100 t"):
        out_of_reach(pencil(accepts=accepts))
    ending = {"facilities": {"oven": {"closes": 2026}}}
    with pytest.raises(InputError, match="bag.*A/homes, 2027: 100 t.*closes"):
        out_of_reach(pencil("2025-2028", change=ending))
    follower = {"facilities": [{"facility": "oven_b", "technology": "oven", "opens": 2027}]}
    assert told(pencil("2025-2028", change=ending, add=follower)).keys() <= {"no_place", "transport_none"}


def test_the_bound_is_what_the_best_schemes_reach():
    # As calculated in tests/models/test_by_hand_targets.py, where the solver reaches the same 51 %.
    found = bounds(two_towns(targets=[goal(0.52)]))
    assert found.bounds["bound"].tolist() == pytest.approx([0.51])
    held = found.held.set_index("fraction")
    # Food 300 t at 60 %, plastic 40 % in the bin and 70 % of the rest by sorting, 2 % of the rest strays.
    assert held["counted_t"].to_dict() == pytest.approx({"food": 180, "plastic": 60 + 63, "rest": 3})
    assert held["missing_t"].sum() == pytest.approx(600 - 306)


def test_nothing_before_the_first_year_of_change_and_then_a_ramp():
    # A third of 60 % in the first year of a scheme that takes two years to work, then two thirds, then all.
    case = pencil(
        "2025-2028",
        targets=[goal(0.7)],
        settings={"first_change_year": 2026, "period_starts": "2025, 2026"},
        change={"schemes": {"sort": {"ramp_years": 2}}},
    )
    assert bounds(case).bounds["bound"].tolist() == pytest.approx([0.0, 0.2, 0.4, 0.6])


def test_a_plant_that_is_not_yet_there_lets_nothing_count():
    case = pencil("2025-2026", targets=[goal(0.7)], change={"facilities": {"mill": {"opens": 2026}}})
    assert bounds(case).bounds["bound"].tolist() == pytest.approx([0.0, 0.6])


def test_pinned_schemes_are_kept():
    case = pencil(targets=[goal(0.7)], pinned=[{"scheme": "mix", "run": True, "municipality": "A"}])
    assert bounds(case).bounds["bound"].tolist() == pytest.approx([0.2])


def test_targets_that_prevention_changes_the_denominator_of():
    # A fifth never is waste: 40 % of what was are half of what is left, and that beats 60 % of all only by rate.
    case = pencil(
        streams=[
            {"stream": "bag", "kind": "mixed"},
            {"stream": "bin", "kind": "separate"},
            {"stream": "gone", "kind": "prevented"},
        ],
        add={
            "schemes": [{"scheme": "less", **HOME}],
            "capture": [
                {"scheme": "less", "fraction": "paper", "stream": "gone", "share": 0.2},
                {"scheme": "less", "fraction": "paper", "stream": "bin", "share": 0.5},
                {"scheme": "less", "fraction": "paper", "stream": "bag"},
            ],
        },
        targets=[goal(0.7)],
    )
    assert bounds(case).bounds["bound"].tolist() == pytest.approx([0.5 / 0.8])


def test_the_years_of_the_sheet_are_told():
    case = pencil("2025-2030", targets=[goal(0.1, 2024), goal(0.2, 2028, path="linear")])
    assert listed_years(case) == [2025, 2028, 2030]


def test_a_target_out_of_reach_is_told_with_what_holds_it_back():
    assert told(pencil(targets=[goal(0.6)])) == {}
    (text,) = told(pencil(targets=[goal(0.7)])).values()
    assert text == (
        "the target 70.0 % is out of reach: the best lawful schemes reach 60.0 % at most; "
        "what cannot count is most of all in 2025: paper 60 t"
    )


def test_waste_without_room_is_told():
    # 60 t at least lie in the bags, under sorting; the oven holds 50.
    small = {"facilities": {"oven": {"capacity": 50}}}
    assert told(pencil(change=small))["no_room"] == (
        "at least 60 t needs a place, whatever is chosen, but there is room for 50 t at most, with everything built "
        "(2025: bag)"
    )
    assert told(pencil(change={"facilities": {"oven": {"capacity": 60}}})).keys() <= {"capacity"}
    # What can be built there counts as room.
    more = {"sizes": [{"facility": "oven", "size": "L", "capacity": 10, "capex": 1}]}
    assert "no_room" not in told(pencil(change=small, **more))


def test_a_market_too_small_for_what_must_arise_is_told():
    only = {
        "schemes": [{"scheme": "sort", **HOME}],
        "capture": [
            {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6},
            {"scheme": "sort", "fraction": "paper", "stream": "bag"},
        ],
        "current_schemes": [{**HOME, "scheme": "sort"}],
    }
    few = {"markets": {"buyer": {"capacity": 80}}}
    assert told(pencil(change=few, **only))["no_market_room"] == (
        "at least 90 t must be sold, whatever is chosen, but markets take 80 t at most (2025: pulp)"
    )
    # Where mixing is lawful nothing must be sold.
    assert told(pencil(change=few)) == {}


def test_a_least_load_that_nothing_can_feed_is_told():
    case = pencil(change={"facilities": {"mill": {"minimum_load": 100, "filler": 5}}})
    assert told(case)["load_out_of_reach"] == (
        "the facility must run and have at least 95 t beyond what is reserved, but can get 90 t at most (2025: mill)"
    )
    assert told(pencil(change={"facilities": {"mill": {"minimum_load": 90}}})) == {}
