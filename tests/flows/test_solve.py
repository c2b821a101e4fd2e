"""Solving a system: by hand, against dense linear algebra, and what is said where it is not determined."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.coefficients import ClosureError
from flows.facts import SolveError
from flows.network import LoopError
from flows.solve import Solution, solve
from flows.system import System
from tests.cases.reconciliation_published import CASES


def system(processes: dict[str, str] | str, flows: dict[str, str], **tables) -> System:
    """Make a system from processes ("a b" are processes, else id and kind) and flows {"id": "from>to"}."""
    kinds = dict.fromkeys(processes.split(), "process") if isinstance(processes, str) else processes
    return System.from_tables(
        processes=[{"process": process, "kind": kind} for process, kind in kinds.items()],
        flows=[
            {"flow": flow, "from": ends.split(">")[0], "to": ends.split(">")[1]}
            | ({"may_be_negative": True} if flow.startswith("net") else {})
            for flow, ends in flows.items()
        ],
        **tables,
    )


def shares(*rows: tuple) -> list[dict]:
    return [dict(zip(("process", "flow", "value", "layer", "year"), row, strict=False)) for row in rows]


def known(**values: float) -> list[dict]:
    return [{"flow": flow, "value": value} for flow, value in values.items()]


def values(solution: Solution, layer: str = "", year: int | None = None) -> dict[str, float]:
    table = solution.flows
    if layer:
        table = table[table["layer"] == layer]
    if year is not None:
        table = table[table["year"] == year]
    assert not table["flow"].duplicated().any()
    return dict(zip(table["flow"], table["value"], strict=True))


LOOP = {"in": ">wash", "wet": "wash>dry", "sludge": "wash>", "back": "dry>wash", "out": "dry>"}


def test_a_loop_has_its_closed_form():
    # wash = in + 0.5 * 0.9 * wash, so out = 0.45 * 100 / 0.55
    solved = solve(
        system("wash dry", LOOP, transfer_coefficients=shares(("wash", "wet", 0.9), ("dry", "back", 0.5)),
               measurements=known(**{"in": 100.0}))
    )  # fmt: skip
    found = values(solved)
    assert found["out"] == pytest.approx(45 / 0.55)
    assert found["sludge"] == pytest.approx(10 / 0.55)
    assert found["out"] + found["sludge"] == pytest.approx(100)
    assert solved.flows["status"].tolist() == ["given", *["computed"] * 4]
    assert solved.undetermined.empty


def test_any_flow_may_be_the_given_one():
    rows = shares(("wash", "wet", 0.9), ("dry", "back", 0.5))
    for flow, value in {"sludge": 10 / 0.55, "back": 45 / 0.55, "wet": 90 / 0.55}.items():
        found = values(solve(system("wash dry", LOOP, transfer_coefficients=rows, measurements=known(**{flow: value}))))
        assert found["in"] == pytest.approx(100)
        assert found["out"] == pytest.approx(45 / 0.55)


def test_given_flows_replace_coefficients():
    # No coefficients at all: balances and three given flows say the rest.
    found = values(solve(system("wash dry", LOOP, measurements=known(**{"in": 100.0, "sludge": 30.0, "back": 20.0}))))
    assert found == pytest.approx({"in": 100, "wet": 90, "sludge": 30, "back": 20, "out": 70})


def test_substances_come_from_concentrations_and_go_their_own_way():
    # 100 t of scrap with 90 % iron and 0.2 % copper; the magnet takes 95 % of iron and 10 % of copper.
    tables = {
        "layers": [{"layer": "goods"}, {"layer": "iron"}, {"layer": "copper"}],
        "transfer_coefficients": shares(
            ("magnet", "steel", 0.95, "iron"), ("magnet", "steel", 0.10, "copper"), ("magnet", "steel", 0.9, "goods")
        ),
        "relations": [
            {"flow": "scrap", "layer": "iron", "of_layer": "goods", "value": 0.9},
            {"flow": "scrap", "layer": "copper", "of_layer": "goods", "value": 0.002},
        ],
        "measurements": [{"flow": "scrap", "layer": "goods", "value": 100.0}],
    }
    solved = solve(system("magnet", {"scrap": ">magnet", "steel": "magnet>", "rest": "magnet>"}, **tables))
    assert values(solved, "iron") == pytest.approx({"scrap": 90, "steel": 85.5, "rest": 4.5})
    assert values(solved, "copper") == pytest.approx({"scrap": 0.2, "steel": 0.02, "rest": 0.18})
    assert values(solved, "goods") == pytest.approx({"scrap": 100, "steel": 90, "rest": 10})
    # The other way round: the copper in the steel tells how much scrap came in.
    tables["measurements"] = [{"flow": "steel", "layer": "copper", "value": 0.02}]
    again = solve(system("magnet", {"scrap": ">magnet", "steel": "magnet>", "rest": "magnet>"}, **tables))
    assert again.flows["value"].tolist() == pytest.approx(solved.flows["value"].tolist())


def test_energy_is_a_layer_with_its_own_unit_and_coefficients():
    # 50 t/year at 3 MWh/t; a quarter becomes electricity, the rest heat and loss. Mass leaves as gas and ash.
    flows = {"fuel": ">plant", "power": "plant>", "heat": "plant>", "ash": "plant>", "gas": "plant>"}
    tables = {
        "layers": [{"layer": "mass"}, {"layer": "energy"}],
        "transfer_coefficients": shares(
            ("plant", "power", 0.25, "energy"), ("plant", "heat", 0.6, "energy"), ("plant", "ash", 0.0, "energy"),
            ("plant", "power", 0.0, "mass"), ("plant", "heat", 0.0, "mass"), ("plant", "ash", 0.2, "mass"),
        ),
        "relations": [{"flow": "fuel", "layer": "energy", "of_layer": "mass", "value": 3.0}],
        "measurements": [{"flow": "fuel", "layer": "mass", "value": 50.0}],
    }  # fmt: skip
    solved = solve(system("plant", flows, **tables))
    assert values(solved, "energy") == pytest.approx({"fuel": 150, "power": 37.5, "heat": 90, "ash": 0, "gas": 22.5})
    assert values(solved, "mass") == pytest.approx({"fuel": 50, "power": 0, "heat": 0, "ash": 10, "gas": 40})


def test_a_ratio_between_flows_is_an_equation():
    tables = {"relations": [{"flow": "lime", "of_flow": "gas", "value": 0.05}], "measurements": known(out=21.0)}
    found = values(solve(system("scrubber", {"gas": ">scrubber", "lime": ">scrubber", "out": "scrubber>"}, **tables)))
    assert found == pytest.approx({"gas": 20, "lime": 1, "out": 21})


def test_years_have_their_own_coefficients_and_those_between_close():
    rows = shares(
        ("a", "x", 0.2, "", 2020), ("a", "x", 0.6, "", 2040), ("a", "y", 0.8, "", 2020), ("a", "y", 0.5, "", 2030)
    )
    solved = solve(
        system("a", {"in": ">a", "x": "a>", "y": "a>"}, transfer_coefficients=rows, measurements=known(**{"in": 10.0}),
               settings={"years": "2020-2040"})
    )  # fmt: skip
    wide = solved.flows.pivot(index="year", columns="flow", values="value")
    assert (wide["x"] + wide["y"]).to_numpy() == pytest.approx(np.full(21, 10.0), rel=1e-12)
    assert wide.loc[2030].to_dict() == pytest.approx({"in": 10, "x": 5, "y": 5})
    assert wide.loc[2040].to_dict() == pytest.approx({"in": 10, "x": 6, "y": 4})
    assert wide.loc[2035].to_dict() == pytest.approx({"in": 10, "x": 5.5, "y": 4.5})


def test_a_stock_of_fixed_lifetime_gives_back_what_it_took():
    # Everything stays three years; a fifth of what leaves is lost, the rest is recycled into new goods.
    tables = {
        "settings": {"years": "2020-2026"},
        "measurements": [{"flow": "new", "value": value, "year": 2020 + k} for k, value in enumerate(range(1, 8))],
        "stocks": [{"process": "use", "lifetime": "fixed", "mean": 3, "ageing": "end", "initial": 0}],
        "transfer_coefficients": shares(("use", "lost", 0.2)),
    }
    flows = {"new": ">use", "lost": "use>", "recycled": "use>"}
    solved = solve(system({"use": "stock"}, flows, **tables))
    stock = solved.stocks.set_index("year")
    assert stock["outflow"].tolist() == pytest.approx([0, 0, 0, 1, 2, 3, 4])
    assert stock["stock"].tolist() == pytest.approx([1, 3, 6, 9, 12, 15, 18])
    assert values(solved, year=2026)["recycled"] == pytest.approx(3.2)


def test_a_loop_through_a_stock_is_solved_within_the_year():
    # Half of what enters in a year leaves in the same year (fixed life of half a year would leave all);
    # lifetimes normal, all scrap comes back: inflow = new + outflow, outflow = share * inflow + history.
    from flows.lifetimes import Lifetime
    from flows.stocks import DynamicStock

    tables = {
        "settings": {"years": "2020, 2021, 2025, 2030"},
        "measurements": known(new=10.0),
        "stocks": [
            {
                "process": "use",
                "lifetime": "normal",
                "mean": 2,
                "deviation": 1,
                "ageing": "start",
                "initial": 5,
                "age": 1,
            }
        ],
    }
    solved = solve(system({"use": "stock", "smelter": "process"}, {
        "new": ">smelter", "goods": "smelter>use", "scrap": "use>smelter"}, **tables))  # fmt: skip
    stock = solved.stocks
    model = DynamicStock([2020, 2021, 2025, 2030], Lifetime.normal(2, 1), "start")
    same = model.from_inflow(stock["inflow"].to_numpy(), 5.0, initial_age=1)
    assert stock["outflow"].to_numpy() == pytest.approx(same.outflow)
    assert stock["stock"].to_numpy() == pytest.approx(same.stock)
    # Nothing leaves the system: what comes in stays, over uneven years too.
    assert stock["stock"].tolist() == pytest.approx([15, 25, 65, 115])
    assert stock["outflow"].iloc[0] > 1


def test_a_stock_without_lifetime_takes_up_what_is_left():
    tables = {
        "settings": {"years": "2020, 2022"},
        "measurements": known(**{"in": 10.0, "out": 4.0}),
        "stocks": [{"process": "heap", "initial": 100.0}],
    }
    stock = solve(system({"heap": "stock"}, {"in": ">heap", "out": "heap>"}, **tables)).stocks
    assert stock["addition"].tolist() == pytest.approx([6, 6])
    assert stock["stock"].tolist() == pytest.approx([106, 118])


def test_a_given_addition_to_a_stock_is_an_equation():
    tables = {"measurements": known(heap=-3.0, **{"in": 10.0})}
    solved = solve(system({"heap": "stock"}, {"in": ">heap", "out": "heap>"}, **tables))
    assert values(solved)["out"] == pytest.approx(13)
    assert np.isnan(solved.stocks["stock"].iloc[0])


def test_sources_may_be_split_by_coefficients():
    tables = {
        "transfer_coefficients": shares(("homes", "bin", 0.7)),
        "measurements": known(bottles=30.0),
    }
    flows = {"bin": "homes>sorting", "bottles": "homes>sorting", "out": "sorting>"}
    found = values(solve(system({"homes": "source", "sorting": "process"}, flows, **tables)))
    assert found == pytest.approx({"bin": 70, "bottles": 30, "out": 100})


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_published_networks_follow_from_as_many_flows_as_they_lack(case):
    """Published reconciled flows balance: given those that are asked for, one by one, the others are as published."""
    published = dict(zip([flow for flow, _, _ in case.flows], case.reconciled, strict=True))
    processes = " ".join(sorted({end for _, start, goal in case.flows for end in (start, goal)} - {""}))
    flows = {flow: f"{start}>{goal}" for flow, start, goal in case.flows}
    given_flows: dict[str, float] = {}
    missing = len(flows) - len(processes.split())
    while True:
        solved = solve(system(processes, flows, measurements=known(**given_flows)))
        lacking = solved.undetermined
        assert lacking.drop_duplicates("part")["missing"].sum() == missing - len(given_flows)
        if lacking.empty:
            break
        flow = lacking["flow"].iloc[-1]
        given_flows[flow] = published[flow]
    found = values(solved)
    assert len(given_flows) < len(flows)
    for flow, value in published.items():
        assert found[flow] == pytest.approx(value, abs=len(flows) * case.published_to)


# --- what is not determined ---------------------------------------------------------------------------------------


def test_an_unmeasured_cycle_is_reported_with_what_would_determine_it():
    flows = {"in": ">a", "ab": "a>b", "bc": "b>c", "ca": "c>a", "out": "c>"}
    solved = solve(system("a b c", flows, measurements=known(**{"in": 10.0})))
    assert values(solved)["out"] == pytest.approx(10)
    assert solved.flows.set_index("flow")["status"]["ab"] == "undetermined"
    lacking = solved.undetermined.set_index("flow")
    assert lacking["determined_by"].to_dict() == {"ab": "bc, ca", "bc": "ab, ca", "ca": "ab, bc"}
    assert not lacking["together"].any()
    assert lacking["missing"].tolist() == [1, 1, 1]
    assert np.isnan(solved.network.mass).sum() == 3
    # and each of those named does determine it
    for flow in ("ab", "bc", "ca"):
        assert solve(system("a b c", flows, measurements=known(**{"in": 10.0, flow: 15.0}))).undetermined.empty


def test_flows_that_only_together_determine_another_are_told():
    flows = {"in": ">a", "x": "a>", "y": "a>", "z": "a>b", "z1": "b>", "z2": "b>"}
    solved = solve(system("a b", flows, measurements=known(**{"in": 10.0, "z1": 1.0})))
    lacking = solved.undetermined.set_index("flow")
    assert lacking.loc["x", ["determined_by", "together", "missing"]].tolist() == ["y, z", True, 2]
    assert lacking.loc["z2", ["determined_by", "together"]].tolist() == ["z", False]


def test_another_layer_may_determine_a_flow():
    tables = {
        "relations": [{"flow": "in", "layer": "iron", "of_layer": "goods", "value": 0.1}],
        "transfer_coefficients": shares(("a", "x", 0.5, "iron"), ("a", "x", 0.4, "goods")),
    }
    solved = solve(
        system("a", {"in": ">a", "x": "a>", "y": "a>"}, layers=[{"layer": "goods"}, {"layer": "iron"}], **tables)
    )
    row = solved.undetermined.set_index(["flow", "layer"]).loc[("x", "iron")]
    assert row["determined_by"] == "in, y, in (goods), x (goods), y (goods)"


def test_a_part_that_is_known_does_not_hide_one_that_is_not():
    flows = {"in": ">a", "out": "a>", "p": ">b", "q": "b>c", "r": "c>"}
    solved = solve(system("a b c", flows, measurements=known(**{"in": 10.0})))
    assert solved.undetermined["flow"].tolist() == ["p", "q", "r"]
    assert solved.undetermined["determined_by"].tolist() == ["q, r", "p, r", "p, q"]


def test_a_flow_that_no_equation_holds_is_undetermined():
    solved = solve(system({"here": "source", "there": "sink"}, {"f": "here>there"}))
    assert solved.undetermined[["flow", "determined_by", "missing"]].values.tolist() == [["f", "", 1]]


def test_what_leaves_a_stock_is_unknown_as_long_as_its_inflow_was():
    tables = {
        "settings": {"years": "2020-2022"},
        "stocks": [{"process": "use", "lifetime": "fixed", "mean": 1, "ageing": "end", "initial": 0}],
        "measurements": [{"flow": "in", "value": 1.0, "year": 2021}, {"flow": "in", "value": 1.0, "year": 2022}],
    }
    solved = solve(system({"use": "stock"}, {"in": ">use", "out": "use>"}, **tables))
    assert set(zip(solved.undetermined["flow"], solved.undetermined["year"], strict=True)) == {
        ("in", 2020), ("out", 2021), ("out", 2022)
    }  # fmt: skip


# --- what is wrong ------------------------------------------------------------------------------------------------


def test_values_that_contradict_each_other_name_the_balance():
    tables = {
        "settings": {"years": "2020, 2030"},
        "measurements": [
            *known(y=3.0, z=4.0),
            {"flow": "in", "value": 7.0},
            {"flow": "in", "value": 8.0, "year": 2030},
        ],
    }
    with pytest.raises(SolveError, match="a does not balance in layer goods, year 2030") as raised:
        solve(system("a", {"in": ">a", "y": "a>", "z": "a>"}, **tables))
    assert "it is 1 off; given: in 8, y 3, z 4" in str(raised.value)
    assert "mfa reconcile" in str(raised.value)


def test_a_contradiction_in_one_layer_is_seen_although_the_sum_over_layers_fits():
    # +10 in one substance and -10 in another
    rows = [
        {"flow": flow, "layer": layer, "value": value}
        for flow, layer, value in [("in", "Fe", 60), ("in", "Cu", 40), ("out", "Fe", 50), ("out", "Cu", 50)]
    ]
    with pytest.raises(SolveError, match=r"a does not balance in layer (Fe|Cu).*10 off"):
        solve(system("a", {"in": ">a", "out": "a>"}, measurements=rows))


def test_concentrations_and_additions_that_do_not_fit_are_named():
    tables = {
        "layers": [{"layer": "goods"}, {"layer": "Fe"}],
        "relations": [{"flow": "in", "layer": "Fe", "of_layer": "goods", "value": 0.5}],
        "measurements": [{"flow": "in", "layer": "goods", "value": 8}, {"flow": "in", "layer": "Fe", "value": 3}],
    }
    with pytest.raises(
        SolveError, match=r"in in layer Fe, year 0 is not 0.5 times goods in it.*1 off; given: in \(goods\) 8, in 3"
    ):
        solve(system("a", {"in": ">a", "out": "a>"}, **tables))
    stock = known(heap=2.0, **{"in": 10.0, "out": 4.0})
    with pytest.raises(
        SolveError, match="the stock heap does not balance.*4 off; given: in 10, out 4, addition to heap 2"
    ):
        solve(system({"heap": "stock"}, {"in": ">heap", "out": "heap>"}, measurements=stock))
    ageing = {
        "measurements": known(**{"in": 10.0, "out": 4.0}),
        "stocks": [{"process": "use", "lifetime": "fixed", "mean": 9}],
    }
    with pytest.raises(SolveError, match="what leaves the stock use .* is not what its lifetime says"):
        solve(system({"use": "stock"}, {"in": ">use", "out": "use>"}, **ageing))


def test_a_small_layer_may_be_negative_by_little():
    rows = [("in", "goods", 1e9), ("x", "goods", 4e8), ("in", "trace", 1.0), ("x", "trace", 1.25)]
    measured = [{"flow": flow, "layer": layer, "value": value} for flow, layer, value in rows]
    solved = solve(system("a", {"in": ">a", "x": "a>", "y": "a>"}, measurements=measured))
    assert [problem.place for problem in solved.problems] == ["y, trace, 0"]


def test_a_contradiction_inside_a_core_is_seen():
    flows = {"in": ">a", "ab": "a>b", "ba": "b>a", "out": "b>"}
    with pytest.raises(SolveError, match=r"(a|b) does not balance.*1 off; given: in 10, out 9"):
        solve(system("a b", flows, measurements=known(**{"in": 10.0, "out": 9.0})))


def test_a_value_given_twice_is_an_error():
    rows = [*known(**{"in": 1.0}), *known(**{"in": 2.0})]
    with pytest.raises(SolveError, match="in is given twice.*goods"):
        solve(system("a", {"in": ">a", "out": "a>"}, measurements=rows))


def test_coefficients_that_cannot_close_name_process_layer_and_year():
    rows = shares(("a", "x", 0.7, "Fe", 2030), ("a", "y", 0.5, "Fe", 2030), ("a", "x", 0.5, "Fe", 2020))
    with pytest.raises(ClosureError, match="of a do not close in layer Fe, year 2030: sum 1.2 over x, y"):
        solve(system("a", {"in": ">a", "x": "a>", "y": "a>"}, transfer_coefficients=rows))


def test_a_loop_that_nothing_leaves_names_layer_and_year():
    rows = shares(("a", "ab", 0.5), ("b", "bc", 1.0, "", 2030), ("b", "bc", 0.5, "", 2020))
    flows = {"in": ">a", "away": "a>", "ab": "a>b", "bc": "b>c", "cb": "c>b", "out": "b>"}
    with pytest.raises(LoopError, match="layer goods, year 2030.*b, c"):
        solve(
            system("a b c", flows, transfer_coefficients=rows, measurements=known(**{"in": 1.0}),
                   settings={"years": "2020, 2030"})
        )  # fmt: skip


def test_a_closed_circuit_turns_as_fast_as_is_given():
    # Cooling water between two processes, beside a process that does not know of it.
    flows = {"in": ">plant", "out": "plant>", "hot": "pump>cooler", "cold": "cooler>pump"}
    alone = solve(system("plant pump cooler", flows, measurements=known(**{"in": 5.0})))
    assert alone.undetermined["determined_by"].tolist() == ["cold", "hot"]
    whole = values(solve(system("plant pump cooler", flows, measurements=known(hot=900.0, **{"in": 5.0}))))
    assert whole == pytest.approx({"in": 5, "out": 5, "hot": 900, "cold": 900})


def test_a_negative_result_is_a_problem_in_words_unless_it_may_be():
    tables = {"measurements": known(**{"in": 10.0, "x": 12.0})}
    solved = solve(system("a", {"in": ">a", "x": "a>", "y": "a>"}, **tables))
    (problem,) = solved.problems
    assert problem.code == "result_negative"
    assert problem.line("en").startswith("y, goods, 0 comes to -2, but the flow may not be negative")
    assert "bliver -2" in problem.line("da")
    assert solve(system("a", {"in": ">a", "x": "a>", "net": "a>"}, **tables)).problems == ()


def test_tables_that_do_not_fit_together_are_named():
    with pytest.raises(SolveError, match="do not leave their process: in"):
        solve(system("a", {"in": ">a", "x": "a>"}, transfer_coefficients=shares(("a", "in", 0.5))))
    with pytest.raises(SolveError, match="not listed: b"):
        solve(system("a", {"in": ">a", "x": "a>b"}))
    with pytest.raises(SolveError, match="listed twice: a"):
        solve(System.from_tables(processes=[{"process": "a"}, {"process": "a"}], flows=[{"flow": "f", "to": "a"}]))
    with pytest.raises(SolveError, match="not of kind stock: a"):
        solve(system("a", {"in": ">a", "x": "a>"}, stocks=[{"process": "a", "initial": 1.0}]))
    with pytest.raises(SolveError, match="fixed lifetime of a lacks its mean"):
        solve(system({"a": "stock"}, {"in": ">a"}, stocks=[{"process": "a", "lifetime": "fixed"}]))


# --- laws ---------------------------------------------------------------------------------------------------------


@st.composite
def networks(draw):
    """A random network: processes that send to each other and out, coefficients that close, sources."""
    count = draw(st.integers(2, 6))
    names = [f"p{k}" for k in range(count)]
    flows, rows = {}, []
    for position, name in enumerate(names):
        goals = draw(
            st.lists(st.integers(0, count - 1).filter(lambda k, own=position: k != own), max_size=3, unique=True)
        )
        weights = np.array(draw(st.lists(st.floats(0.1, 1.0), min_size=len(goals) + 1, max_size=len(goals) + 1)))
        for goal, weight in zip([*goals, None], weights / weights.sum(), strict=True):
            flow = f"{name}>{'' if goal is None else names[goal]}"
            flows[flow] = flow
            rows.append((name, flow, weight))
    inputs = {f"in{k}": f">{names[k]}" for k in draw(st.sets(st.integers(0, count - 1), min_size=1))}
    amounts = {flow: draw(st.just(0.0) | st.floats(1e-3, 1e4)) for flow in inputs}
    return names, {**inputs, **flows}, rows, amounts


def solved_with(network, amounts=None):
    names, flows, rows, own = network
    return solve(
        system(" ".join(names), flows, transfer_coefficients=shares(*rows), measurements=known(**(amounts or own)))
    )


@given(networks())
@settings(max_examples=40, deadline=None)
def test_it_is_what_dense_linear_algebra_says(network):
    names, flows, rows, amounts = network
    count = len(names)
    matrix, entering = np.eye(count), np.zeros(count)
    for process, flow, share in rows:
        goal = flows[flow].split(">")[1]
        if goal:
            matrix[names.index(goal), names.index(process)] -= share
    for flow, amount in amounts.items():
        entering[names.index(flows[flow][1:])] += amount
    through = np.linalg.solve(matrix, entering)
    found = values(solved_with(network))
    scale = max(through.max(), 1e-300)
    for process, flow, share in rows:
        assert found[flow] == pytest.approx(share * through[names.index(process)], rel=1e-9, abs=1e-12 * scale)


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_any_independent_flows_inside_give_the_same_as_the_sources(network, random):
    """What was computed is given instead of the sources, one outflow of each process that a source enters."""
    names, flows, rows, amounts = network
    whole = values(solved_with(network))
    inside = [f"{flows[flow][1:]}>" for flow in amounts]
    again = solved_with(network, {flow: whole[flow] for flow in inside})
    scale = max(map(abs, whole.values()), default=0.0)
    assert again.undetermined.empty
    assert values(again) == pytest.approx(whole, rel=1e-7, abs=1e-9 * scale)


@given(networks(), st.floats(1e-6, 1e6))
@settings(max_examples=25, deadline=None)
def test_scaling_the_sources_scales_everything(network, factor):
    one = values(solved_with(network))
    many = values(solved_with(network, {flow: amount * factor for flow, amount in network[3].items()}))
    scale = max(map(abs, one.values()), default=0.0) * factor
    assert many == pytest.approx({flow: value * factor for flow, value in one.items()}, rel=1e-9, abs=1e-12 * scale)


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(network, random):
    names, flows, rows, amounts = network
    mixed = [list(names), list(flows.items()), list(rows), dict(random.sample(list(amounts.items()), len(amounts)))]
    for part in mixed[:3]:
        random.shuffle(part)
    one, other = values(solved_with(network)), values(solved_with((mixed[0], dict(mixed[1]), mixed[2], mixed[3])))
    assert other == pytest.approx(one, rel=1e-9, abs=1e-12 * max(one.values()))


@given(networks())
@settings(max_examples=12, deadline=None)
def test_the_whole_is_the_sum_of_what_each_source_does(network):
    amounts = network[3]
    whole = values(solved_with(network))
    total = dict.fromkeys(whole, 0.0)
    for flow in amounts:
        part = values(solved_with(network, {one: amounts[one] if one == flow else 0.0 for one in amounts}))
        total = {name: total[name] + part[name] for name in total}
    assert total == pytest.approx(whole, rel=1e-9, abs=1e-12 * max(whole.values()))


@given(networks())
@settings(max_examples=25, deadline=None)
def test_what_comes_in_leaves_and_every_process_balances(network):
    solved = solved_with(network)
    table = solved.flows
    out = table.loc[table["to"] == "", "value"].sum()
    assert out == pytest.approx(sum(network[3].values()), rel=1e-9)
    assert solved.network.check_balance(1e-9, floor=0.0).empty


@given(networks(), st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_undetermined_is_what_the_null_space_moves(network, data):
    """Balances alone and some flows given: the undetermined ones are those in which a null vector is not zero."""
    names, flows, _, _ = network
    whole = values(solved_with(network))
    chosen = data.draw(st.sets(st.sampled_from(sorted(flows))))
    solved = solve(system(" ".join(names), flows, measurements=known(**{flow: whole[flow] for flow in chosen})))
    order = [flow for flow in flows if flow not in chosen]
    matrix = np.zeros((len(names), len(order)))
    for column, flow in enumerate(order):
        start, end = flows[flow].split(">")
        for name, sign in ((start, -1.0), (end, 1.0)):
            if name:
                matrix[names.index(name), column] += sign
    u, s, vt = np.linalg.svd(matrix)
    null = vt[(s > 1e-9).sum() :] if len(order) else np.zeros((0, 0))
    moving = {flow for column, flow in enumerate(order) if np.abs(null[:, column]).max(initial=0.0) > 1e-9}
    assert set(solved.undetermined["flow"]) == moving
    for row in solved.undetermined.itertuples():
        if not row.determined_by:
            continue
        # Each set that is named does determine the flow, and no smaller part of it does.
        named = [one for one in row.determined_by.split(", ") if not one.startswith("and ")]
        sets = [named] if row.together else [[one] for one in named]
        for members in sets:
            fixed = np.vstack([matrix, *(np.eye(len(order))[order.index(one)] for one in members)])
            space = np.linalg.svd(fixed)[2][np.linalg.matrix_rank(fixed) :]
            assert np.abs(space[:, order.index(row.flow)]).max(initial=0.0) < 1e-9
    known_now = {flow: value for flow, value in values(solved).items() if not np.isnan(value)}
    scale = max(map(abs, whole.values()), default=0.0)
    assert known_now == pytest.approx({flow: whole[flow] for flow in known_now}, rel=1e-7, abs=1e-9 * scale)


@given(networks(), st.data())
@settings(max_examples=15, deadline=None)
def test_a_core_that_is_taken_apart_gives_what_elimination_gives(network, data):
    """Large cores are decomposed, small ones eliminated: here the same small ones, both ways, some coefficients known."""
    names, flows, rows, _ = network
    whole = values(solved_with(network))
    chosen = data.draw(st.sets(st.sampled_from(sorted(flows))))
    kept = [row for row in rows if data.draw(st.booleans())]
    part = system(
        " ".join(names),
        flows,
        transfer_coefficients=shares(*kept),
        measurements=known(**{flow: whole[flow] for flow in chosen}),
    )
    eliminated = solve(part)
    with mock.patch("flows.determine.SMALL", 0):
        decomposed = solve(part)
    assert decomposed.flows["status"].tolist() == eliminated.flows["status"].tolist()
    scale = max(map(abs, whole.values()), default=0.0)
    expected = eliminated.flows["value"].tolist()
    assert decomposed.flows["value"].tolist() == pytest.approx(expected, rel=1e-7, abs=1e-9 * scale, nan_ok=True)
    assert decomposed.undetermined["flow"].tolist() == eliminated.undetermined["flow"].tolist()


def ring(count: int) -> tuple[dict[str, str], list[dict]]:
    """A chain of processes in which every one sends a fifth back to the one before and a tenth out."""
    flows, rows = {"in": ">p0"}, []
    for k in range(count):
        goal = f"p{k + 1}" if k + 1 < count else ""
        flows |= {f"on{k}": f"p{k}>{goal}", f"out{k}": f"p{k}>"} | ({f"back{k}": f"p{k}>p{k - 1}"} if k else {})
        rows += shares((f"p{k}", f"out{k}", 0.1)) + (shares((f"p{k}", f"back{k}", 0.2)) if k else [])
    return flows, rows


def test_a_long_ring_is_solved_from_its_last_flow():
    count = 150
    flows, rows = ring(count)
    processes = " ".join(f"p{k}" for k in range(count))
    forward = values(solve(system(processes, flows, transfer_coefficients=rows, measurements=known(**{"in": 1e6}))))
    given_inside = known(out40=forward["out40"])
    backward = values(solve(system(processes, flows, transfer_coefficients=rows, measurements=given_inside)))
    assert backward == pytest.approx(forward, rel=1e-8)


def test_a_large_core_says_where_it_contradicts_itself():
    count = 150
    flows, rows = ring(count)
    processes = " ".join(f"p{k}" for k in range(count))
    tables = {"transfer_coefficients": rows, "measurements": known(out40=1.0, out90=1.0)}
    with pytest.raises(SolveError, match=r"p\d+ .*given: out40 1, out90 1"):
        solve(system(processes, flows, **tables))


def test_a_large_core_says_what_it_lacks():
    count = 150
    flows, rows = ring(count)
    open_end = {"x": ">p75"}
    processes = " ".join(f"p{k}" for k in range(count))
    tables = {"transfer_coefficients": rows, "measurements": known(**{"in": 1.0})}
    solved = solve(system(processes, flows | open_end, **tables))
    lacking = solved.undetermined.set_index("flow")
    # All that comes after x, and what a fifth of a fifth ... of it is sent back to, as long as it can be felt.
    assert {"x", *(f"on{k}" for k in range(70, count)), *(f"out{k}" for k in range(70, count))} <= set(lacking.index)
    assert "on5" not in lacking.index
    assert (lacking["missing"] == 1).all()
    assert lacking.loc["x", "determined_by"].count(", ") == 8


def test_what_is_small_moves_too():
    # A trace substance: a billionth of the goods, and the goods are not known.
    tables = {
        "relations": [{"flow": "in", "layer": "trace", "of_layer": "goods", "value": 1e-9}],
        "transfer_coefficients": shares(("a", "x", 0.5, "trace"), ("a", "x", 0.4, "goods")),
    }
    listed = [{"layer": "goods"}, {"layer": "trace"}]
    flows = {"in": ">a", "back": "a>b", "again": "b>a", "lost": "b>", "x": "a>"}
    solved = solve(system("a b", flows, layers=listed, **tables))
    assert len(solved.undetermined) == 10
    known_trace = [{"flow": "x", "layer": "trace", "value": 1e-9}, *shares()]
    tables["transfer_coefficients"] += shares(("b", "again", 0.5))
    found = solve(system("a b", flows, layers=listed, measurements=known_trace, **tables))
    # what passes a of the trace is 2e-9, half of it goes back once more: 1.5e-9 came in with 1.5 of goods
    assert values(found, "goods")["in"] == pytest.approx(1.5)


def test_a_solution_shows_itself():
    solved = solve(system("a", {"in": ">a", "x": "a>", "y": "a>"}, measurements=known(**{"in": 10.0})))
    shown = solved._repr_html_()
    assert "3 flows, layers and years; 2 of them undetermined" in shown
    assert list(solved.flows.columns) == ["flow", "from", "to", "layer", "year", "value", "status"]
    assert isinstance(solved.stocks, pd.DataFrame)
