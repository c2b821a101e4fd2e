"""Targets: along a path, of a town, by several methods; what never was waste; what cannot be reached."""

from __future__ import annotations

import math

import pytest

from models.plan import Infeasible, solve, with_target
from tests.cases.pencil import DEAR, HOME, cost, optima, optimum, pencil, pencil_tables, planned, sorting
from tests.cases.small import two_towns


def goal(year, rate, **more):
    return {"scope": "all", "method": "collected", "year": year, "rate": rate, **more}


def test_a_target_rises_in_a_straight_line():
    # 20 % in 2025, 60 % in 2027, 40 % between them: B (20 %, +1 400), A (40 %, +2 800), both (+4 200).
    case = pencil("2025-2027", change={"schemes": DEAR}, targets=[goal(2025, 0.2), goal(2027, 0.6, path="linear")])
    plan = planned(case)
    assert sorting(plan, range(2025, 2028)) == "B A AB"
    assert cost(plan) == 45000 + 1400 + 2800 + 4200
    rows = plan.tables["rates"].query(
        "variant == 'plan' and scope == 'all' and method == 'collected' and municipality == ''"
    )
    assert rows["target"].tolist() == pytest.approx([0.2, 0.4, 0.6])
    assert rows["rate"].tolist() == pytest.approx([0.2, 0.4, 0.6])


def test_a_step_holds_from_its_year_on():
    case = pencil("2025-2027", change={"schemes": DEAR}, targets=[goal(2026, 0.4)])
    assert optimum(case) == pytest.approx(45000 + 2 * 2800)


def test_a_target_that_does_not_bind_is_only_reported():
    plan = planned(pencil(change={"schemes": DEAR}, targets=[goal(2025, 0.6, binding=False)]))
    assert cost(plan) == 15000
    rows = plan.tables["rates"].query(
        "variant == 'plan' and scope == 'all' and method == 'collected' and municipality == ''"
    )
    assert rows["target"].tolist() == [0.6]


def test_a_target_of_one_town():
    assert optimum(pencil(change={"schemes": DEAR}, targets=[goal(2025, 0.5, municipality="B")])) == pytest.approx(
        16400
    )


def test_a_target_of_one_sector():
    # Shops have 100 t in A; theirs would be the cheaper waste to sort, but the target is of homes.
    add = {
        "sectors": [{"sector": "shops"}],
        "generation": [{"municipality": "A", "sector": "shops", "fraction": "paper", "year": 2024, "amount": 100}],
        "schemes": [
            {"scheme": "shop_mix", "sector": "shops"},
            {"scheme": "shop_sort", "sector": "shops", "cost_per_tonne": 100},
        ],
        "capture": [
            {"scheme": "shop_mix", "fraction": "paper", "stream": "bag", "share": 1},
            {"scheme": "shop_sort", "fraction": "paper", "stream": "bin", "share": 1},
        ],
        "current_schemes": [{"sector": "shops", "scheme": "shop_mix"}],
    }
    # Mixed: 25 000. Sorting shops changes a tonne from 100 to 100 - 20 = 80 with collection: 20 less.
    change = {"schemes": {**DEAR, "shop_sort": {"cost_per_tonne": 130}}}
    # At 130 it costs 10 more per tonne; 20 % of 250 t are 50 t of shops at 10 (500), or B and A.
    assert optimum(pencil(add=add, change=change, targets=[goal(2025, 0.2)])) == pytest.approx(25500)
    homes = planned(pencil(add=add, change=change, targets=[goal(2025, 0.2, scope="homes")]))
    assert cost(homes) == 25000 + 1400
    assert homes.rate("homes", "collected", 2025) == pytest.approx(0.2)


def test_targets_by_several_methods_hold_together():
    # The buyer loses half before the point: 60 % collected are 30 % by the calculation point. A second
    # market loses nothing and pays nothing; the two treat it differently, so it is one or the other.
    more = [{"market": "fine", "output": "pulp", "price": 0, "treatment": "recycling"}]
    tables = {"change": {"markets": {"buyer": {"loss_before_point": 0.5}}}, "add": {"markets": more}}
    assert optimum(pencil(**tables, targets=[goal(2025, 0.5)])) == pytest.approx(7200)
    both = planned(pencil(**tables, targets=[goal(2025, 0.5), goal(2025, 0.4, method="calculation_point")]))
    assert cost(both) == 7200 + 90 * 50
    assert both.rate("all", "calculation_point", 2025) == pytest.approx(0.6)


def prevention(kind):
    """Under ``less`` a fifth of the paper is prevented or reused, two fifths lie in the bin, the rest in the bag."""
    return {
        "streams": [
            {"stream": "bag", "kind": "mixed"},
            {"stream": "bin", "kind": "separate"},
            {"stream": "gone", "kind": kind},
        ],
        "add": {
            "schemes": [{"scheme": "less", **HOME, "cost_per_household": 200}],
            "capture": [
                {"scheme": "less", "fraction": "paper", "stream": "gone", "share": 0.2},
                {"scheme": "less", "fraction": "paper", "stream": "bin", "share": 0.4},
                {"scheme": "less", "fraction": "paper", "stream": "bag"},
            ],
        },
        "pinned": [{"scheme": "less", "run": True}],
    }


@pytest.mark.parametrize(
    ("kind", "rate", "end"),
    [
        # Never waste: 0.4 of the 0.8 that is. Was waste and is prepared for reuse: 0.2 + 0.4 of all.
        ("prevented", 0.5, "prevention"),
        ("preparing_for_reuse", 0.6, "preparing_for_reuse"),
    ],
)
def test_what_never_was_waste_is_in_no_rate(kind, rate, end):
    tables = prevention(kind)
    plan = planned(pencil(**tables, targets=[goal(2025, rate)]))
    # Collection 30 000, bags 60 * 100, bins 60 * -20.
    assert cost(plan) == 30000 + 6000 - 1200
    assert plan.rate("all", "collected", 2025) == pytest.approx(rate)
    last = plan.tables["flows"].query("variant == 'plan' and treatment == @end")
    assert last["mass_t"].sum() == pytest.approx(30)
    assert set(last["to"]) == {f"sink:{end}"}
    assert math.isnan(optimum(pencil(**tables, targets=[goal(2025, rate + 0.001)])))


def test_imports_and_filler_are_in_no_rate():
    # The mill fills up with 60 t of imports; the rate stays 60 %.
    mill = {"minimum_load": 150, "filler": 60}
    plan = planned(pencil(change={"facilities": {"mill": mill}}))
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.6)
    assert plan.tables["flows"].query("variant == 'plan' and treatment != ''")["mass_t"].sum() == pytest.approx(150)


def test_fractions_outside_rates_are_outside():
    # 1 000 t of soil to the bag do not lower the rate.
    case = pencil(
        add={
            "fractions": [{"fraction": "soil", "material": "soil", "in_rate": False}],
            "generation": [{"municipality": "A", **HOME, "fraction": "soil", "year": 2024, "amount": 1000}],
            "capture": [
                {"scheme": scheme, "fraction": "soil", "stream": "bag", "share": 1} for scheme in ("mix", "sort")
            ],
        },
        targets=[goal(2025, 0.6)],
    )
    plan = planned(case)
    assert cost(plan) == 7200 + 100000
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.6)


def test_without_a_target_the_plan_is_the_cheapest():
    case = pencil(change={"schemes": DEAR})
    assert optima(case, with_target(case, 0.6, 2025, None, None)) == pytest.approx([15000, 19200])


def test_two_towns_reach_51_percent_and_no_more():
    # Of 600 t: food bins 180 + 3 of other waste in them, plastic bins 60 (183 + 60 = 243 collected); the
    # 357 t of bags hold 90 t of plastic, of which a sorter that takes all recovers 70 %, 63: 306 / 600.
    with pytest.raises(Infeasible) as caught:
        solve(two_towns(targets=[goal(2025, 0.52)]), gap=0.0)
    row = caught.value.highest.iloc[0]
    assert (row.scope, row.method, row.municipality, row.year, row.goal) == ("all", "collected", "", 2025, 0.52)
    assert row.highest == pytest.approx(0.51, abs=1e-4)
    assert "51.0%" in str(caught.value)


def test_two_towns_at_51_percent():
    # The sorter must take all 357 t: S and L hold 300 and 700, so L.
    plan = planned(two_towns(targets=[goal(2025, 0.51)]))
    assert plan.rate("all", "collected", 2025) == pytest.approx(0.51)
    # Collection 150 * 300; digester 183 * 300; recycler 60 * 1 000, 48 t of flakes at 2 000; sorter 357 * 100,
    # capital 10 000, fixed 15 000, 63 t at 500; burner 500 for 294 t of residue, 18 + 3 and 12 t of reject;
    # a fifth of its 327 t is slag at 100.
    burnt = 294 + 21 + 12
    expected = 45000 + 54900 + 60000 - 96000 + 35700 + 10000 + 15000 - 31500 + burnt * 500 + burnt * 0.2 * 100
    assert cost(plan) == expected


def test_contradicting_limits_are_explained_without_a_rate():
    case = pencil(limits=[{"indicator": "incinerated", "year": 2025, "maximum": 10, "unit": "t/year"}])
    with pytest.raises(Infeasible) as caught:
        solve(case, gap=0.0)
    assert caught.value.highest.empty


@pytest.mark.parametrize(
    ("accepts", "yields", "rate"),
    [
        # What lies in the bin is burnt like the bag: none of it is collected for recycling.
        ([("oven", "bag"), ("oven", "bin")], [("oven", "", "smoke", 1.0)], 0.0),
        # A mill takes both: the bin counts whole, the bag only by the half that becomes pulp.
        (
            [("mill", "bag"), ("mill", "bin")],
            [("mill", "bin", "pulp", 0.9), ("mill", "bin", "smoke", 0.1)]
            + [("mill", "bag", "pulp", 0.5), ("mill", "bag", "smoke", 0.5)],
            0.6 + 0.4 * 0.5,
        ),
    ],
)
def test_collected_is_what_is_apart_and_goes_to_a_recycler(accepts, yields, rate):
    tables = pencil_tables()
    case = pencil(
        schemes=[row for row in tables["schemes"] if row["scheme"] == "sort"],
        capture=[row for row in tables["capture"] if row["scheme"] == "sort"],
        current_schemes=[{**HOME, "scheme": "sort"}],
        facilities=[row for row in tables["facilities"] if row["facility"] in {name for name, _ in accepts}],
        accepts=[{"technology": technology, "input": stream} for technology, stream in accepts],
        yields=[
            {"technology": technology, "input": stream, "output": output, "share": share}
            for technology, stream, output, share in yields
        ],
    )
    rates = planned(case).tables["rates"]
    shown = rates[(rates["method"] == "collected") & (rates["municipality"] == "") & (rates["scope"] == "all")]
    assert shown["rate"].tolist() == pytest.approx([rate])
