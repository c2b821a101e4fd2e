"""Laws of reconciliation on random systems with several layers, coefficients and concentrations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.reconcile import Reconciliation, reconcile
from flows.system import System

LAYERS = ("goods", "copper")


def random_system(seed: int) -> tuple[dict[str, Any], dict[tuple[str, str], float]]:
    """Return tables of a random system whose noisy values come from a truth that balances, and the truth."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 6))
    flows, leaving = [{"flow": "in", "from": "", "to": "p0"}], {}
    for process in range(count):
        goals = [process + 1, *generator.integers(process + 1, count + 2, int(generator.integers(1, 3))).tolist()]
        for number, goal in enumerate(goals):
            flow = f"f{process}{number}"
            flows.append({"flow": flow, "from": f"p{process}", "to": f"p{goal}" if goal < count else ""})
            leaving.setdefault(process, []).append((flow, goal))
    truth, share = {}, {}
    for layer, supply in zip(LAYERS, (100.0, 4.0), strict=True):
        through = np.zeros(count + 2)
        through[0] = truth[layer, "in"] = supply
        for process in range(count):
            split = generator.dirichlet(np.full(len(leaving[process]), 3.0))
            for (flow, goal), part in zip(leaving[process], split, strict=True):
                truth[layer, flow], share[layer, flow] = part * through[process], part
                through[min(goal, count + 1)] += part * through[process]

    def noisy(value: float, error: float) -> float:
        return float(max(value * (1 + error * generator.standard_normal()), 0.1 * value))

    measurements = [
        {"flow": flow, "layer": layer, "value": noisy(value, 0.1), "std": 0.1 * value}
        for (layer, flow), value in truth.items()
        if flow == "in" or generator.random() < 0.5
    ]
    coefficients = [
        {"process": f"p{process}", "flow": flow, "layer": layer, "value": min(noisy(share[layer, flow], 0.1), 0.99),
         "std": 0.1 * share[layer, flow]}
        for layer in LAYERS for process, some in leaving.items() for flow, _ in some if generator.random() < 0.5
    ]  # fmt: skip
    relations = [
        {"flow": flow["flow"], "layer": "copper", "of_layer": "goods", "value": noisy(ratio, 0.1), "std": 0.1 * ratio}
        for flow in flows
        if generator.random() < 0.4
        for ratio in [truth["copper", flow["flow"]] / truth["goods", flow["flow"]]]
    ]
    tables = {
        "processes": [{"process": f"p{process}"} for process in range(count)],
        "flows": flows,
        "transfer_coefficients": coefficients,
        "measurements": measurements,
        "relations": relations,
    }
    return tables, truth


def chi2_of(tables: dict[str, Any], truth: dict[tuple[str, str], float]) -> float:
    """Return how far the truth is from what was measured."""
    terms = [(row["value"] - truth[row["layer"], row["flow"]]) / row["std"] for row in tables["measurements"]]
    through = {("goods", "p0"): 0.0}
    for flow in tables["flows"]:
        for layer in LAYERS:
            through[layer, flow["to"]] = through.get((layer, flow["to"]), 0.0) + truth[layer, flow["flow"]]
    terms += [
        (row["value"] - truth[row["layer"], row["flow"]] / through[row["layer"], row["process"]]) / row["std"]
        for row in tables["transfer_coefficients"]
    ]
    terms += [
        (row["value"] - truth["copper", row["flow"]] / truth["goods", row["flow"]]) / row["std"]
        for row in tables["relations"]
    ]
    return float(np.square(terms).sum())


def same(one: Reconciliation, other: Reconciliation, factor: float = 1.0) -> None:
    for name in ("reconciled", "reconciled_std"):
        first, second = one.flows[name].to_numpy(), other.flows[name].to_numpy()
        assert second == pytest.approx(factor * first, rel=1e-4, abs=1e-6 * factor, nan_ok=True)
    assert other.chi2 == pytest.approx(one.chi2, rel=1e-5, abs=1e-7)
    assert other.dof == one.dof


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_equations_hold_and_nothing_that_balances_is_nearer(seed: int) -> None:
    tables, truth = random_system(seed)
    found = reconcile(System.from_tables(**tables), suspects=0)
    residual = found.equations.relations.residual(found.fit.point)
    assert np.abs(residual).max() <= 1e-7
    assert found.chi2 <= chi2_of(tables, truth) * (1 + 1e-6)
    known = found.flows[found.flows["reconciled"].notna() & found.flows["measured"].notna()]
    assert (known["reconciled_std"] <= known["std"] * (1 + 1e-6)).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_tonnes_or_kilograms_give_the_same(seed: int) -> None:
    tables, _ = random_system(seed)
    scaled = {
        **tables,
        "measurements": [
            {**row, "value": 1e3 * row["value"], "std": 1e3 * row["std"]} for row in tables["measurements"]
        ],
    }
    one, other = (reconcile(System.from_tables(**some), suspects=0) for some in (tables, scaled))
    same(one, other, 1e3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_years_repeat_each_other(seed: int) -> None:
    """The same measurements in two years are two equal systems: chi-square and degrees of freedom double."""
    tables, _ = random_system(seed)
    rows = [{**row, "year": year} for year in (2020, 2021) for row in tables["measurements"]]
    one = reconcile(System.from_tables(**tables), suspects=0)
    both = reconcile(System.from_tables(**{**tables, "measurements": rows}), suspects=0)
    assert both.chi2 == pytest.approx(2 * one.chi2, rel=1e-5, abs=1e-7)
    assert both.dof == 2 * one.dof
    for year in (2020, 2021):
        part = both.flows[both.flows["year"] == year]
        assert part["reconciled"].to_numpy() == pytest.approx(
            one.flows["reconciled"].to_numpy(), rel=1e-4, abs=1e-6, nan_ok=True
        )


def test_a_bounded_share_holds_back_what_is_measured() -> None:
    """Between 20 and 40 % goes back; 30 measured through the loop with 10 in asks for two thirds."""
    found = reconcile(
        System.from_tables(
            processes=[{"process": "a"}, {"process": "b"}],
            flows=[
                {"flow": "in", "to": "a"}, {"flow": "ab", "from": "a", "to": "b"},
                {"flow": "ba", "from": "b", "to": "a"}, {"flow": "out", "from": "b"},
            ],
            transfer_coefficients=[{"process": "b", "flow": "ba", "lower": 0.2, "upper": 0.4}],
            measurements=[{"flow": "in", "value": 10, "std": 1}, {"flow": "ab", "value": 30, "std": 1}],
        )
    )  # fmt: skip
    # in = 0.6 ab: the nearest point of that line to (10, 30)
    through = (0.6 * 10 + 30) / 1.36
    assert found.flows.set_index("flow").loc["ab", "reconciled"] == pytest.approx(through)
    assert found.coefficients["reconciled"].tolist() == pytest.approx([0.4])
    assert found.coefficients["at_bound"].tolist() == [True]
    assert found.chi2 == pytest.approx((0.6 * through - 10) ** 2 + (through - 30) ** 2)
    assert found.dof == 1
    assert not found.accepted
    assert set(found.suspects["flow"]) | {found.suspects["not_told_from"].iloc[0]} >= {"in", "ab"}
