"""Uncertainty of any flow system: closed forms, mass in every draw, first order beside Monte Carlo."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import uncertainty as module
from flows.distributions import Z90
from flows.reconcile import reconcile
from flows.solve import solve
from flows.system import System
from flows.system_inputs import closed_coefficients, system_inputs, without_spread
from flows.uncertainty import UncertaintyError, monte_carlo, propagate


def sorting(**tables):
    """Waste is sorted into bales and rejects; a part of the bales comes back from the recycler."""
    given = {
        "processes": [{"process": "sorting"}, {"process": "recycler"}],
        "flows": [
            {"flow": "waste", "to": "sorting"},
            {"flow": "bales", "from": "sorting", "to": "recycler"},
            {"flow": "rejects", "from": "sorting"},
            {"flow": "back", "from": "recycler", "to": "sorting"},
            {"flow": "product", "from": "recycler"},
        ],
        "transfer_coefficients": [
            {"process": "sorting", "flow": "bales", "value": 0.5, "std": 0.02},
            {"process": "recycler", "flow": "back", "value": 0.2, "std": 0.01},
            {"process": "recycler", "flow": "product", "value": 0.8, "std": 0.0},
        ],
        "measurements": [{"flow": "waste", "value": 90, "std": 3}],
    }
    return System.from_tables(**{**given, **tables})


def balanced(found, system):
    """Assert that every process balances in every draw."""
    names = found.flows["flow"] + "|" + found.flows["layer"] + "|" + found.flows["year"].astype(str)
    rows = dict(zip(names, range(len(names)), strict=True))
    for layer in system.layers:
        for year in system.years:
            for process in system["processes"].loc[system["processes"]["kind"] == "process", "process"]:
                flows = system["flows"]
                total = 0.0
                for flow, sign in (
                    *((one, 1) for one in flows.loc[flows["to"] == process, "flow"]),
                    *((one, -1) for one in flows.loc[flows["from"] == process, "flow"]),
                ):
                    total = total + sign * found._answers[rows[f"{flow}|{layer}|{year}"]]
                np.testing.assert_allclose(total, 0.0, atol=1e-8)


def test_a_product_of_two_by_its_closed_forms():
    """bales = waste x share: first order adds relative variances, the exact variance has their product too."""
    system = System.from_tables(
        processes=[{"process": "sorting"}],
        flows=[{"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting"}, {"flow": "rest", "from": "sorting"}],
        transfer_coefficients=[{"process": "sorting", "flow": "bales", "value": 0.6, "std": 0.09}],
        measurements=[{"flow": "waste", "value": 100, "std_pct": 20}],
    )  # fmt: skip
    first = propagate(system).flows.set_index("flow")
    assert first.loc["bales", "std"] == pytest.approx(np.hypot(0.6 * 20, 100 * 0.09), rel=1e-6)
    assert first.loc["rest", "std"] == pytest.approx(np.hypot(0.4 * 20, 100 * 0.09), rel=1e-6)
    assert first.loc["waste", ["mean", "std", "p95"]].tolist() == pytest.approx([100, 20, 100 + Z90 * 20])
    drawn = monte_carlo(system, draws=20_000)
    table = drawn.flows.set_index("flow")
    exact = np.sqrt((0.6 * 20) ** 2 + (100 * 0.09) ** 2 + (20 * 0.09) ** 2)
    assert table.loc["bales", "std"] == pytest.approx(exact, rel=0.01)
    assert table.loc["bales", "mean"] == pytest.approx(60, rel=2e-3)
    drivers = drawn.drivers_of("bales")
    assert drivers["input"].tolist() == ["waste", "sorting > bales"]
    assert drivers["share"].tolist() == pytest.approx([144 / 225, 81 / 225], abs=0.02)
    by_first_order = propagate(system).drivers_of("rest")
    assert by_first_order["input"].tolist() == ["sorting > bales", "waste"]
    assert by_first_order["effect"].tolist() == pytest.approx([-9, 8], rel=1e-6)


def test_a_loop_by_hand():
    """Throughput of sorting = waste / (1 - bales back): 90 / (1 - 0.5 x 0.2) = 100; its elasticities are exact."""
    system = sorting()
    found = propagate(system)
    table = found.flows.set_index("flow")
    assert table["value"].to_dict() == pytest.approx(
        {"waste": 90, "bales": 50, "rejects": 50, "back": 10, "product": 40}
    )
    # An exact 0.8 leaves 0.2 for back whatever is drawn.
    effect = found.drivers_of("bales").set_index("input")["effect"]
    assert effect["recycler > back"] == pytest.approx(0, abs=1e-6)
    assert effect["waste"] == pytest.approx(50 * 3 / 90, rel=1e-6)
    # d ln(b / (1 - 0.2 b)) / d b at 0.5 is 1 / (b (1 - 0.2 b)) = 2.2222.
    assert effect["sorting > bales"] == pytest.approx(50 * 0.02 * 2.2222222, rel=1e-5)


def rich_system():
    """Loops, two layers by concentration, two years between support years, a stock with a lifetime."""
    return System.from_tables(
        settings={"years": "2020-2022", "default_std": 0.05},
        processes=[{"process": "sorting"}, {"process": "recycler"}, {"process": "use", "kind": "stock"}],
        flows=[
            {"flow": "waste", "to": "sorting"},
            {"flow": "bales", "from": "sorting", "to": "recycler"},
            {"flow": "rejects", "from": "sorting"},
            {"flow": "back", "from": "recycler", "to": "sorting"},
            {"flow": "product", "from": "recycler", "to": "use"},
            {"flow": "old", "from": "use"},
        ],
        transfer_coefficients=[
            {"process": "sorting", "flow": "bales", "year": 2020, "value": 0.5, "std": 0.05},
            {"process": "sorting", "flow": "bales", "year": 2022, "value": 0.7, "std": 0.02},
            {"process": "sorting", "flow": "bales", "layer": "lead", "value": 0.1, "std": 0.02},
            {"process": "recycler", "flow": "back", "value": 0.2, "std": 0.05},
            {"process": "recycler", "flow": "product", "value": 0.8, "std": 0.05},
        ],
        measurements=[{"flow": "waste", "layer": "goods", "value": 90, "std": 3}],
        relations=[
            {"flow": "waste", "layer": "lead", "of_layer": "goods", "value": 0.01, "std": 0.002, "distribution": "lognormal"}
        ],
        stocks=[{"process": "use", "initial": 100.0, "lifetime": "normal", "mean": 10, "deviation": 3}],
    )  # fmt: skip


@pytest.mark.parametrize("make", [sorting, rich_system])
def test_nothing_uncertain_is_the_solution(make):
    system = without_spread(make())
    expected = solve(system)
    for found in (propagate(system), monte_carlo(system, draws=3)):
        assert found.inputs.empty
        np.testing.assert_allclose(found.flows["value"], expected.flows["value"])
        for column in ("mean", "median", "p5", "p95"):
            np.testing.assert_allclose(found.flows[column], expected.flows["value"], rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(found.stocks[column], expected.stocks["stock"], rtol=1e-12, atol=1e-12)
        assert found.flows["std"].max() < 1e-12


def test_mass_is_conserved_in_every_draw_in_layers_and_years_with_loops_and_stocks():
    system = rich_system()
    found = monte_carlo(system, draws=50)
    balanced(found, system)
    assert (found._answers >= 0).all()
    stock = found.stocks.set_index(["layer", "year"])["std"]
    assert stock["goods", 2022] > stock["goods", 2020] > 0
    # The same error in every year: one row is one random variable.
    assert np.corrcoef(found.draws_of("waste", "goods", 2020), found.draws_of("waste", "goods", 2022))[0, 1] > 0.999


def test_first_order_and_monte_carlo_agree_where_things_are_nearly_linear():
    system = rich_system()
    for name in ("transfer_coefficients", "measurements", "relations"):
        system = System(
            system.settings,
            {**system.tables, name: system[name].assign(std=0.01 * system[name]["value"])},
            system.units,
        )
    first, drawn = propagate(system).flows, monte_carlo(system, draws=2000).flows
    np.testing.assert_allclose(drawn["std"], first["std"], rtol=0.03)
    np.testing.assert_allclose(drawn["mean"], first["mean"], rtol=1e-3)
    np.testing.assert_allclose(drawn["p95"], first["p95"], rtol=2e-3)


shares = st.lists(st.floats(0.02, 1.0), min_size=2, max_size=5)


@settings(max_examples=12, deadline=None)
@given(shares, st.data())
def test_coefficients_close_in_every_draw(raw, data):
    weights = np.array(raw) / np.sum(raw)
    names = [f"f{number}" for number in range(len(weights))]
    std = data.draw(st.lists(st.sampled_from([0.0, 0.1, 0.5]), min_size=len(names), max_size=len(names)))
    blank = data.draw(st.integers(-1, len(names) - 1))
    dated = data.draw(st.booleans())
    rows = [
        {"process": "p", "flow": name, "value": None if number == blank else value, "std": spread, **year}
        for number, (name, value, spread) in enumerate(zip(names, weights, std, strict=True))
        for year in ([{"year": 2020}, {"year": 2030}] if dated and number % 2 == 0 else [{}])
    ]
    system = System.from_tables(
        settings={"years": "2020, 2025, 2030"},
        processes=[{"process": "p"}],
        flows=[{"flow": "in", "to": "p"}, *({"flow": name, "from": "p"} for name in names)],
        transfer_coefficients=rows,
        measurements=[{"flow": "in", "value": 10, "std": 1}],
    )
    found = monte_carlo(system, draws=15)
    balanced(found, system)
    assert (found._answers >= -1e-12).all()


def test_exact_coefficients_stay_and_uncertain_ones_make_room():
    system = System.from_tables(
        processes=[{"process": "p"}],
        flows=[{"flow": "in", "to": "p"}, *({"flow": name, "from": "p"} for name in "abc")],
        transfer_coefficients=[
            {"process": "p", "flow": "a", "value": 0.5, "std": 0},
            {"process": "p", "flow": "b", "value": 0.3, "std": 0.1},
            {"process": "p", "flow": "c", "value": 0.2, "std": 0.1},
        ],
    )
    inputs = system_inputs(system)
    rows = inputs.rows["transfer_coefficients"]
    closed = closed_coefficients(system, rows, np.array([[0.5], [0.6], [0.4]]))
    assert closed.ravel().tolist() == pytest.approx([0.5, 0.3, 0.2])
    found = monte_carlo(
        System(system.settings, {**system.tables, "measurements": sorting()["measurements"].assign(flow="in")}), draws=100
    )  # fmt: skip
    np.testing.assert_allclose(found.draws_of("a"), 0.5 * found.draws_of("in"))


def test_flows_that_may_not_run_backwards_do_not():
    system = System.from_tables(
        processes=[{"process": "p"}],
        flows=[{"flow": "in", "to": "p"}, {"flow": "net", "to": "p", "may_be_negative": True}, {"flow": "out", "from": "p"}],
        measurements=[{"flow": "in", "value": 1, "std": 1}, {"flow": "net", "value": 1, "std": 1}],
    )  # fmt: skip
    found = monte_carlo(system, draws=200)
    assert found.draws_of("in").min() == 0 and found.draws_of("net").min() < -0.5


@pytest.mark.parametrize("coefficient", [-0.9, 0.5])
def test_correlated_measurements_add_as_they_should(coefficient):
    system = System.from_tables(
        processes=[{"process": "p"}],
        flows=[{"flow": "a", "to": "p"}, {"flow": "b", "to": "p"}, {"flow": "out", "from": "p"}],
        measurements=[{"flow": "a", "value": 50, "std": 3}, {"flow": "b", "value": 40, "std": 4}],
        correlations=[{"flow_a": "a", "flow_b": "b", "coefficient": coefficient}],
    )
    exact = np.sqrt(9 + 16 + 2 * coefficient * 12)
    assert propagate(system).flows.set_index("flow").loc["out", "std"] == pytest.approx(exact, rel=1e-5)
    found = monte_carlo(system, draws=4000)
    assert found.flows.set_index("flow").loc["out", "std"] == pytest.approx(exact, rel=0.02)
    assert np.corrcoef(found.draws_of("a"), found.draws_of("b"))[0, 1] == pytest.approx(coefficient, abs=0.02)
    assert propagate(system).drivers_of("out")["share"].sum() == pytest.approx(1.0)


def test_correlations_that_contradict_each_other_are_named():
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    system = System.from_tables(
        processes=[{"process": "p"}],
        flows=[*({"flow": name, "to": "p"} for name in "abc"), {"flow": "out", "from": "p"}],
        measurements=[{"flow": name, "value": 10, "std": 1} for name in "abc"],
        correlations=[{"flow_a": a, "flow_b": b, "coefficient": value} for a, b, value in pairs],
    )
    with pytest.raises(UncertaintyError, match="the correlations between a, b, c contradict each other"):
        monte_carlo(system, draws=10)


def test_distributions_of_measurements_are_drawn_and_odd_ones_named():
    def system(**row):
        return System.from_tables(
            processes=[{"process": "p"}],
            flows=[{"flow": "in", "to": "p"}, {"flow": "out", "from": "p"}],
            measurements=[{"flow": "in", **row}],
        )

    found = monte_carlo(system(value=5, lower=2, upper=6, distribution="triangular"), draws=2000).flows.iloc[0]
    assert found["mean"] == pytest.approx(13 / 3, rel=1e-3)
    skew = propagate(system(value=5, lower=2, upper=6, distribution="triangular")).flows.iloc[0]
    assert skew["mean"] == pytest.approx(13 / 3) and skew["value"] == 5
    wide = monte_carlo(system(value=10, std=10, distribution="lognormal"), draws=5000).flows.iloc[1]
    assert wide["mean"] == pytest.approx(10, rel=0.01) and wide["median"] == pytest.approx(10 / np.sqrt(2), rel=0.01)
    with pytest.raises(UncertaintyError, match="^in: the mode of a triangular"):
        monte_carlo(system(value=7, lower=2, upper=6, distribution="triangular"), draws=10)


def test_draws_of_reconciled_measurements_have_the_posterior_deviations():
    system = System.from_tables(
        processes=[{"process": "sorting"}],
        flows=[{"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting"}, {"flow": "rejects", "from": "sorting"}],
        measurements=[
            {"flow": "waste", "value": 100, "std": 4},
            {"flow": "bales", "value": 60, "std": 2},
            {"flow": "rejects", "value": 45, "std": 2},
        ],
    )  # fmt: skip
    expected = reconcile(system).flows.set_index("flow")
    found = monte_carlo(system, draws=1500, reconcile=True)
    table = found.flows.set_index("flow")
    np.testing.assert_allclose(table["value"], expected["reconciled"], rtol=1e-9)
    np.testing.assert_allclose(table["mean"], expected["reconciled"], rtol=1e-3)
    np.testing.assert_allclose(table["std"], expected["reconciled_std"], rtol=0.02)
    balanced(found, system)


def test_the_same_seed_gives_the_same_and_the_size_of_parts_nothing_else(monkeypatch):
    system = rich_system()
    one = monte_carlo(system, draws=40, seed=2)
    pd.testing.assert_frame_equal(one.flows, monte_carlo(system, draws=40, seed=2).flows)
    monkeypatch.setattr(module, "MOST_AT_A_TIME", 7)
    np.testing.assert_allclose(monte_carlo(system, draws=40, seed=2)._answers, one._answers, rtol=1e-12)
    assert not np.allclose(monte_carlo(system, draws=40, seed=3)._answers, one._answers)


def test_what_is_not_determined_stays_blank_and_the_rest_is_drawn():
    system = sorting(
        flows=[*sorting()["flows"].to_dict("records"), {"flow": "x", "to": "other"}, {"flow": "y", "from": "other"}],
        processes=[{"process": "sorting"}, {"process": "recycler"}, {"process": "other"}],
    )
    for found in (monte_carlo(system, draws=20), propagate(system)):
        table = found.flows.set_index("flow")
        assert table.loc[["x", "y"], ["value", "std", "p95"]].isna().all(axis=None)
        assert table.loc["bales", "std"] > 1


def test_questions_that_have_no_answer_say_so():
    found = monte_carlo(rich_system(), draws=5)
    with pytest.raises(KeyError, match="several layers or years"):
        found.draws_of("bales")
    with pytest.raises(KeyError, match="no flow glass"):
        found.drivers_of("glass")
    with pytest.raises(KeyError, match="first order"):
        propagate(sorting()).draws_of("bales")
    with pytest.raises(UncertaintyError, match="at least one draw"):
        monte_carlo(sorting(), draws=-1)
