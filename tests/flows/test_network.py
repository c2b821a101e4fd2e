"""The network: solved by hand, balances checked, failures named."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.account import account_flows
from flows.network import BalanceError, ClosureError, LoopError, Network, NetworkError
from tests.cases.small import two_towns


def coefficients(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["process", "flow", "layer", "year", "value"])


LOOP = Network.of(
    [("wash", "process"), ("dry", "process")],
    [("in", "", "wash"), ("wet", "wash", "dry"), ("sludge", "wash", ""), ("back", "dry", "wash"), ("out", "dry", "")],
)


def test_a_recycling_loop_is_solved_per_layer_and_year():
    # plastic: wash = 100 + back, wet = 0.9 wash, back = 0.5 wet -> wash = 100 / 0.55; sand: nothing goes on
    given_masses = pd.DataFrame(
        [("in", "plastic", 2025, 100.0), ("in", "plastic", 2030, 200.0), ("in", "sand", 2025, 7.0)],
        columns=["flow", "layer", "year", "value"],
    )
    shares = coefficients(
        ("wash", "wet", "plastic", None, 0.9),
        ("wash", "wet", "sand", None, 0.0),
        ("wash", "sludge", "", None, None),
        ("dry", "back", "", None, 0.5),
        ("dry", "back", "", 2030, 0.0),
        ("dry", "out", "", None, None),
    )
    solved = LOOP.solve(given_masses, shares)
    mass = solved.table().set_index(["flow", "layer", "year"])["mass_t"]
    assert mass["wet", "plastic", 2025] == pytest.approx(0.9 * 100 / 0.55)
    assert mass["out", "plastic", 2025] == pytest.approx(0.45 * 100 / 0.55)
    # from 2030 nothing goes back: the row of the year wins
    assert mass["out", "plastic", 2030] == pytest.approx(180.0)
    assert mass["sludge", "sand", 2025] == pytest.approx(7.0)
    assert solved.check_balance(required=True).empty


@pytest.mark.parametrize(
    ("value", "message"),
    [(0.7, "sum 1.2"), (0.3, "sum 0.8"), (-0.1, "dry")],
)
def test_coefficients_that_do_not_close_are_an_error(value, message):
    shares = coefficients(
        ("wash", "wet", "", None, 0.9),
        ("wash", "sludge", "", None, None),
        ("dry", "back", "", None, 0.5),
        ("dry", "out", "", None, value),
    )
    with pytest.raises(ClosureError, match=f"dry.*|{message}") as raised:
        LOOP.solve(pd.DataFrame({"flow": ["in"], "value": [1.0]}), shares)
    assert message in str(raised.value)
    assert "back" in str(raised.value)


def test_two_blank_coefficients_are_an_error():
    with pytest.raises(ClosureError, match="two blank"):
        LOOP.solve(pd.DataFrame({"flow": ["in"], "value": [1.0]}), coefficients(("dry", "back", "", None, 0.5)))


def test_a_loop_without_exit_names_its_processes():
    system = Network.of(
        [("a", "process"), ("b", "process"), ("c", "process"), ("end", "sink")],
        [("in", "", "a"), ("ab", "a", "b"), ("bc", "b", "c"), ("cb", "c", "b"), ("away", "a", "end")],
    )
    with pytest.raises(LoopError, match="b, c$"):
        system.solve(pd.DataFrame({"flow": ["in"], "value": [1.0]}), coefficients(("a", "ab", "", None, 0.5)))


def test_a_stock_keeps_what_does_not_leave():
    system = Network.of([("use", "stock")], [("bought", "", "use"), ("scrapped", "use", "")])
    solved = system.solve(
        pd.DataFrame({"flow": ["bought"], "value": [10.0]}), coefficients(("use", "scrapped", "", None, 0.3))
    )
    assert solved.table()["mass_t"].tolist() == pytest.approx([10.0, 3.0])
    assert solved.check_balance().empty


def test_badly_described_systems_are_named():
    with pytest.raises(NetworkError, match="listed twice: a"):
        Network.of([("a", "process"), ("a", "process")], [])
    with pytest.raises(NetworkError, match="not listed: b"):
        Network.of([("a", "process")], [("f", "a", "b")])
    with pytest.raises(NetworkError, match="kind is one of"):
        Network.of([("a", "box")], [])
    with pytest.raises(NetworkError, match="leave a process: wet"):
        LOOP.solve(pd.DataFrame({"flow": ["wet"], "value": [1.0]}), coefficients(("wash", "wet", "", None, 1.0)))
    with pytest.raises(NetworkError, match="not listed: nothing"):
        LOOP.solve(pd.DataFrame({"flow": ["nothing"], "value": [1.0]}), coefficients())
    with pytest.raises(NetworkError, match="do not leave their process: wet"):
        LOOP.solve(pd.DataFrame({"flow": ["in"], "value": [1.0]}), coefficients(("dry", "wet", "", None, 1.0)))


@given(st.lists(st.floats(0.01, 1.0), min_size=9, max_size=9), st.floats(0.0, 1e6))
@settings(max_examples=60, deadline=None)
def test_mass_is_conserved_whatever_the_coefficients(weights, mass):
    """Three processes that all send to each other and out: what comes in leaves."""
    names = ["a", "b", "c"]
    ways = [(f"{one}>{two}", one, two) for one in names for two in [*names, ""] if one != two]
    system = Network.of([(name, "process") for name in names], [("in", "", "a"), *ways])
    raw = np.array(weights).reshape(3, 3)
    share = raw / raw.sum(axis=1, keepdims=True)
    rows = [(one, flow, "", None, share[names.index(one), k % 3]) for k, (flow, one, _) in enumerate(ways)]
    solved = system.solve(pd.DataFrame({"flow": ["in"], "value": [mass]}), coefficients(*rows))
    assert solved.check_balance(1e-9).empty
    table = solved.table()
    assert table.loc[table["to"] == "", "mass_t"].sum() == pytest.approx(mass, rel=1e-9)


def test_the_network_of_an_account_balances_and_a_lost_tonne_is_named():
    flows, _, _ = account_flows(two_towns(), 2024)
    network = Network.from_flows(flows)
    assert network.check_balance(1e-9, required=True).empty
    assert dict(network.processes.values)["burner"] == "process"
    assert dict(network.processes.values)["A/households/houses"] == "source"
    assert network.mass.sum() == pytest.approx(flows["mass_t"].sum())
    assert isinstance(network.graph, nx.MultiDiGraph)
    assert network.graph.nodes["road"] == {"kind": "sink"}
    broken = flows.copy()
    broken.loc[(broken["to"] == "road") & (broken["fraction"] == "plastic"), "mass_t"] -= 1.0
    faults = Network.from_flows(broken).check_balance()
    assert faults[["process", "layer", "year"]].values.tolist() == [["burner", "plastic", 2024]]
    assert faults["imbalance"].tolist() == pytest.approx([2.0])
    with pytest.raises(BalanceError, match=r"burner .*plastic.* 2024.*mixed_bin.*road") as raised:
        Network.from_flows(broken).check_balance(required=True)
    assert "in:" in str(raised.value)


def test_a_mass_that_is_no_number_is_an_imbalance():
    flows, _, _ = account_flows(two_towns(), 2024)
    flows.loc[flows["to"] == "road", "mass_t"] = np.nan
    assert not Network.from_flows(flows).check_balance().empty


def test_several_variants_must_be_told_apart():
    flows, _, _ = account_flows(two_towns(), 2024)
    both = pd.concat([flows, flows.assign(variant="plan")])
    with pytest.raises(NetworkError, match="plan, today"):
        Network.from_flows(both)
    assert Network.from_flows(both, "plan").mass.sum() == pytest.approx(flows["mass_t"].sum())


def test_a_large_table_balances():
    count = 100_000
    random = np.random.default_rng(0)
    first = pd.DataFrame(
        {
            "year": random.integers(2025, 2036, count),
            "from": np.char.add("s", random.integers(0, 200, count).astype(str)),
            "to": np.char.add("f", random.integers(0, 40, count).astype(str)),
            "stream": "bin",
            "output": "",
            "fraction": np.char.add("m", random.integers(0, 24, count).astype(str)),
            "treatment": "",
            "mass_t": random.random(count),
        }
    )
    last = first.assign(**{"from": first["to"], "to": "market", "output": "bales", "treatment": "recycling"})
    assert Network.from_flows(pd.concat([first, last])).check_balance(required=True).empty
