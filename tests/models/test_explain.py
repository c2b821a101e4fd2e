"""Why there is no plan: on two towns, where every amount is known by hand (see tests/cases/pencil.py)."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from mfa.explained import why_not
from mfa.words import Speaker
from models import contradictions, elastic, explain, search
from models.contradictions import smallest_conflict
from models.explain import Explanation
from models.highs import Solution
from models.plan import Infeasible
from models.planner import Planner
from models.repaired import repaired
from tests.cases.pencil import optimum, pencil

LIMIT = {"indicator": "incinerated", "year": 2025, "unit": "t/year"}


CLOSABLE = {"facilities": {"oven": {"closable": True}}}
SPARE = {"add": {"facilities": [{"facility": "kiln", "technology": "oven", "gate_fee": 150}]}}
"""A second oven, so that waste has somewhere to go when the first is closed."""


def goal(rate, year=2025, **more):
    return {"scope": "all", "method": "collected", "year": year, "rate": rate, **more}


def why(case) -> Explanation:
    return Planner(case, threads=1).explain(60.0)


def options(found: Explanation) -> dict[str, float]:
    """Return the amount of every option that is a single change, by kind and name."""
    rows = found.repairs
    single = rows.groupby("option")["rank"].transform("size") == 1
    return {f"{row.kind} {row.name}": row.amount for row in rows[single].itertuples(index=False)}


def conflict(found: Explanation) -> set[str]:
    return {f"{row.kind} {row.name}" for row in found.contradictions.itertuples(index=False)}


def feasible(case) -> bool:
    return optimum(case) == optimum(case)


def test_capture_that_limits_the_rate_is_told_exactly():
    # 60 % of the paper can lie in the bin; 70 % of 150 t are 15 t more.
    case = pencil(targets=[goal(0.7)])
    found = why(case)
    row = found.highest.iloc[0]
    assert (row["highest"], row["bound"]) == (pytest.approx(0.6), pytest.approx(0.6))
    assert options(found) == {
        "target all": pytest.approx(0.1, abs=1e-5),
        "capture paper": pytest.approx(0.1),
    }
    texts = set(found.repairs["text_en"])
    assert "paper from houses is captured at 70 % instead of 60 %" in texts
    assert "the target for all waste (collected) is lowered to 60 % in 2025 (from 70 %)" in texts
    assert "paper fra houses indsamles med 70 % i stedet for 60 %" in set(found.repairs["text_da"])
    held = found.reach.iloc[0]
    assert (held["waste_t"], held["counted_t"], held["missing_t"]) == pytest.approx((150, 90, 60))
    assert held["captured"] == pytest.approx(0.6)
    for option in found.repairs["option"]:
        assert feasible(repaired(case, found.repairs, option))


def test_capacity_that_is_short_is_named_with_its_amount():
    # 50 % of 150 t needs both towns' 90 t in the bin, and the mill takes 70.
    case = pencil(targets=[goal(0.5)], change={"facilities": {"mill": {"capacity": 70}}})
    found = why(case)
    # 40 %: town A alone, whose 60 t the mill can take.
    assert found.highest["highest"].tolist() == pytest.approx([0.4])
    assert options(found) == {"target all": pytest.approx(0.1, abs=1e-5), "capacity mill": pytest.approx(20, abs=1e-3)}
    assert "20 t/year more capacity at mill (mill) by 2025" in set(found.repairs["text_en"])
    assert conflict(found) == {"target all", "capacity mill"}
    assert "kapaciteten på mill (mill, 70 t/år)" in set(found.contradictions["text_da"])


def test_a_market_that_is_short_is_named_with_its_amount():
    case = pencil(targets=[goal(0.5)], change={"markets": {"buyer": {"capacity": 50}}})
    found = why(case)
    # Town B's 30 t find a buyer, A's 60 do not: 20 %.
    assert found.highest["highest"].tolist() == pytest.approx([0.2])
    assert options(found) == {"target all": pytest.approx(0.3, abs=1e-5), "market buyer": pytest.approx(40, abs=1e-3)}
    assert conflict(found) == {"target all", "market buyer"}


def test_a_limit_and_a_target_that_contradict_each_other():
    # Recycling 60 % burns 60 t of bag; a bin that is burnt as well would not do: at most 45 t may burn.
    case = pencil(targets=[goal(0.6)], limits=[{**LIMIT, "maximum": 45}])
    found = why(case)
    assert options(found) == {"limit incinerated": pytest.approx(15, abs=1e-3)}
    # The limit alone cannot be kept, so it needs no target to be impossible.
    assert conflict(found) == {"limit incinerated"}
    # Sorting loses a fifth of what is recycled in a landfill of rejects: target and limit contradict each other.
    reject = {
        "add": {
            "outputs": [{"output": "reject", "kind": "mixed"}],
            "markets": [{"market": "pit", "output": "reject", "treatment": "landfill"}],
        },
        "yields": [
            {"technology": "oven", "output": "smoke", "share": 1},
            {"technology": "mill", "output": "pulp", "share": 0.8},
            {"technology": "mill", "output": "reject", "share": 0.2},
        ],
    }
    limit = {"indicator": "landfilled", "year": 2025, "unit": "t/year", "maximum": 10}
    both = why(pencil(targets=[goal(0.6)], limits=[limit], **reject))
    # 90 t in the bin leave 18 t of reject, 8 more than allowed; within 10 t only town B (30 t, 6 t) can sort.
    assert options(both) == {"limit landfilled": pytest.approx(8, abs=1e-3), "target all": pytest.approx(0.4, abs=1e-5)}
    assert conflict(both) == {"target all", "limit landfilled"}


def test_several_kinds_give_way_where_one_is_not_enough():
    case = pencil(
        targets=[goal(0.5)],
        change={"facilities": {"mill": {"capacity": 70}}, "markets": {"buyer": {"capacity": 50}}},
    )
    found = why(case)
    rows = found.repairs
    together = rows[rows["option"] == rows.loc[rows["kind"] == "market", "option"].iloc[0]]
    assert dict(zip(together["kind"], together["amount"], strict=True)) == {
        "market": pytest.approx(40, abs=1e-3),
        "capacity": pytest.approx(20, abs=1e-3),
    }
    assert feasible(repaired(case, rows, int(together["option"].iloc[0])))


def test_recycled_content_that_cannot_be_made_gives_way():
    # 91 t are required of a market that 90 t can reach; only the 60 t of A go through a mill of 80 t.
    rule = [{"requirement": "news", "name_en": "newsprint", "market": "buyer", "demand": 100, "share": 0.91}]
    case = pencil(content_requirements=rule)
    found = why(case)
    assert options(found) == {"content news": pytest.approx(1, abs=1e-3)}
    row = found.repairs[found.repairs["kind"] == "content"].iloc[0]
    assert (row["sheet"], row["unit"], row["before"]) == ("content_requirements", "t/year", 0.91)
    assert row["text_en"].startswith("the recycled content 'newsprint' at buyer is lowered to 90 % (from 91 %)")
    assert feasible(repaired(case, found.repairs, int(row["option"])))
    assert conflict(found) == {"content news"}
    asked = "the recycled content 'newsprint' at buyer: at least 91 %"
    assert found.contradictions["text_en"].tolist() == [asked]
    tight = pencil(content_requirements=rule, change={"facilities": {"mill": {"capacity": 80}}})
    assert options(why(tight))["content news"] == pytest.approx(31, abs=1e-3)


def test_capacity_that_lacks_in_several_years_is_one_change():
    # 100 and 50 t grow by a tenth a year: 90, 99, 108.9 t in the bin; the mill takes 95.
    case = pencil(
        "2025-2027",
        targets=[goal(0.6)],
        growth=[{"from": 2026, "change": 0.1}],
        change={"facilities": {"mill": {"capacity": 95}}},
    )
    found = why(case)
    row = found.repairs[found.repairs["kind"] == "capacity"].iloc[0]
    assert (row["year"], row["until"]) == (2026, 2027)
    assert row["amount"] == pytest.approx(108.9 - 95, abs=1e-2)
    assert found.highest["year"].tolist() == [2026, 2027]
    target = found.repairs[found.repairs["kind"] == "target"].iloc[0]
    assert (target["year"], target["until"]) == (2026, 2027)
    assert feasible(repaired(case, found.repairs, int(row["option"])))
    assert feasible(repaired(case, found.repairs, int(target["option"])))


@pytest.mark.parametrize(
    ("pinned", "named"),
    [
        (
            [{"scheme": "sort", "run": True}, {"scheme": "sort", "run": False, "municipality": "B"}],
            ["pinned: the scheme sort runs", "pinned: the scheme sort does not run in B"],
        ),
        (
            [{"scheme": "mix", "run": True, "municipality": "A"}, {"scheme": "sort", "run": True}],
            ["pinned: the scheme mix runs in A", "pinned: the scheme sort runs"],
        ),
        (
            [{"facility": "oven", "run": True}, {"facility": "mill", "run": True}, {"facility": "oven", "run": False}],
            ["pinned: oven is open", "pinned: oven is closed"],
        ),
    ],
)
def test_two_pins_that_contradict_each_other_are_named_with_their_rows(pinned, named):
    found = why(pencil(pinned=pinned, change=CLOSABLE, **SPARE))
    assert found.highest.empty
    assert found.contradictions["text_en"].tolist() == named
    assert found.contradictions["sheet"].tolist() == ["pinned", "pinned"]
    rows = [position + 1 for position, row in enumerate(pinned) if row.get("facility") != "mill"]
    assert found.contradictions["row"].tolist() == rows
    assert set(found.repairs["kind"]) == {"pin"}
    assert feasible(repaired(pencil(pinned=pinned, change=CLOSABLE, **SPARE), found.repairs))


def test_a_contract_with_a_facility_that_is_pinned_closed():
    case = pencil(
        change=CLOSABLE,
        pinned=[{"facility": "oven", "run": False}],
        contracts=[{"municipality": "A", "stream": "bag", "facility": "oven", "share": 0.5}],
        **SPARE,
    )
    found = why(case)
    assert conflict(found) == {"pin oven", "contract oven"}
    row = found.repairs[found.repairs["kind"] == "contract"].iloc[0]
    # Under either scheme some of A's paper lies in the bag: the contract can bind none of it.
    assert row["after"] == pytest.approx(0, abs=1e-5)
    assert row["before"] == pytest.approx(0.5)
    for option in found.repairs["option"]:
        assert feasible(repaired(case, found.repairs, option))


def test_least_years_of_a_scheme_that_a_pin_breaks():
    case = pencil(
        "2025-2026",
        change={"schemes": {"sort": {"min_years": 5}}},
        pinned=[
            {"scheme": "sort", "run": True, "municipality": "A", "until": 2025},
            {"scheme": "sort", "run": False, "municipality": "A", "from": 2026},
        ],
    )
    found = why(case)
    assert conflict(found) == {"min_years sort", "pin sort"}
    assert len(found.contradictions) == 3
    assert "the scheme sort must run at least 5 years" in set(found.contradictions["text_en"])


def test_a_facility_that_is_pinned_closed_takes_nothing():
    # Without a capacity and not closable by the plan: it is closed all the same.
    found = why(pencil(pinned=[{"facility": "oven", "run": False}]))
    assert conflict(found) == {"pin oven"}


def test_a_source_without_a_lawful_scheme_is_named():
    case = pencil(change={"schemes": {"mix": {"legal": False}, "sort": {"legal": False}}})
    with pytest.raises(Infeasible, match="no lawful scheme for houses in A from 2025") as caught:
        Planner(case, threads=1).plan(gap=0.0, time_limit=10.0)
    assert caught.value.contradictions["kind"].tolist() == ["scheme", "scheme"]


def test_waste_that_has_nowhere_to_go_is_named():
    # From 2026 no oven stands: 40 t of A's and 20 t of B's paper at least are left in the bags.
    case = pencil("2025-2026", change={"facilities": {"oven": {"closes": 2025}}})
    found = why(case)
    row = found.contradictions.iloc[0]
    assert (row["kind"], row["name"], row["year"]) == ("outlet", "bag", 2026)
    assert row["text_en"] == "bag has nowhere to go: at least 60 t/year in 2026"


def test_a_large_model_is_explained_by_its_relaxation(monkeypatch):
    monkeypatch.setattr(search, "SMALL", 0)
    monkeypatch.setattr("models.planner.SMALL", 0)
    case = pencil(targets=[goal(0.5)], change={"facilities": {"mill": {"capacity": 70}}})
    found = why(case)
    # Parts of a town may sort: 70 of 150 t, so 5 t less than the target asks.
    assert found.highest["highest"].tolist() == pytest.approx([70 / 150], abs=1e-3)
    assert options(found)["capacity mill"] == pytest.approx(5, rel=1e-2)
    assert not found.repairs["exact"].any()


def test_an_explanation_goes_to_another_process():
    error = Infeasible("why", pd.DataFrame({"highest": [0.5]}), {"repairs": pd.DataFrame({"option": [1]})})
    again = pickle.loads(pickle.dumps(error))
    assert again.reason == "why"
    assert again.highest["highest"].tolist() == [0.5]
    assert again.repairs["option"].tolist() == [1]


def test_a_question_may_be_left_unexplained():
    with pytest.raises(Infeasible) as caught:
        Planner(pencil(targets=[goal(0.7)]), threads=1).plan(gap=0.0, time_limit=10.0, explained=False)
    assert caught.value.highest.empty
    assert caught.value.repairs.empty


def test_a_smallest_conflict_is_one_of_several():
    conflicts = [{1, 4}, {2, 3, 5}]
    assert smallest_conflict([1, 2, 3, 4, 5], lambda part: not any(bad <= set(part) for bad in conflicts)) in (
        [1, 4],
        [2, 3, 5],
    )
    assert smallest_conflict([1, 2], lambda part: True) == []
    assert smallest_conflict([1, 2], lambda part: False) == []


def test_only_the_capture_of_one_kind_of_home_needs_to_rise():
    # Flats of A, 100 t: 25 % in the bin. With the houses' 90 t it is 115 of 250 t (46 %); 54 % are 135 t: 45 %.
    flats = {"sector": "homes", "segment": "flats"}
    case = pencil(
        targets=[goal(0.54)],
        add={
            "sectors": [{**flats, "kind": "households", "name_en": "flats", "divisible": False}],
            "dwellings": [{"municipality": "A", "segment": "flats", "dwellings": 100}],
            "generation": [{"municipality": "A", **flats, "fraction": "paper", "year": 2024, "amount": 100}],
            "schemes": [{"scheme": "chute", **flats}],
            "capture": [
                {"scheme": "chute", "fraction": "paper", "stream": "bin", "share": 0.25, "high": 0.8},
                {"scheme": "chute", "fraction": "paper", "stream": "bag"},
            ],
            "current_schemes": [{**flats, "scheme": "chute"}],
        },
    )
    found = why(case)
    rows = found.repairs[(found.repairs["kind"] == "capture") & (found.repairs["detail"] == "homes/flats")]
    assert rows["amount"].tolist() == pytest.approx([0.2])
    assert rows["text_en"].tolist() == ["paper from flats is captured at 45 % instead of 25 %"]
    assert feasible(repaired(case, found.repairs, int(rows["option"].iloc[0])))


def test_a_market_that_purchasing_widens_can_give_way():
    # 90 t of pulp have to be sold: 30 t that the buyer takes and 10 t that are bought leave 50 t.
    buys = {"purchase": "books", "municipality": "A", "market": "buyer", "maximum": 10, "lifetime": 1}
    small = {"markets": {"buyer": {"capacity": 30}}}
    found = why(pencil(targets=[goal(0.6)], change=small, purchasing=[{**buys, "price_recycled": 1, "price_new": 1}]))
    assert options(found)["market buyer"] == pytest.approx(50)
    assert conflict(found) == {"market buyer", "target all"}


def test_what_was_not_found_in_time_is_not_called_a_contradiction(monkeypatch):
    stopped = Solution("time_limit", np.empty(0), float("inf"), float("-inf"), float("inf"), np.empty(0), 0)
    for module in (contradictions, elastic, explain):
        monkeypatch.setattr(module, "answered", lambda *given, **more: stopped)
    found = why(pencil(targets=[goal(0.7)]))
    assert found.contradictions.empty and found.repairs.empty
    assert found.highest["highest"].isna().all()
    assert found.highest["bound"].iloc[0] == pytest.approx(0.6)
    assert found.reason == "what stands in the way was not found within the time limit"
    error = Infeasible(found.reason, found.highest, found.tables())
    assert why_not(error, Speaker("en"))[0].endswith(found.reason)
