"""Reconciling a flow system: what the tables say, by hand and against an independent method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from flows.problems import InputError
from flows.reconcile import Reconciliation, reconcile
from flows.system import System
from tests.cases.reconciliation_published import CASES, HEAT_EXCHANGER, PublishedCase


def published(case: PublishedCase, **changes: float) -> System:
    """Return a published network as a system; ``changes`` replace measured values."""
    processes = sorted({end for _, start, goal in case.flows for end in (start, goal)} - {""})
    return System.from_tables(
        processes=[{"process": one} for one in processes],
        flows=[{"flow": f"f{flow}", "from": start, "to": goal} for flow, start, goal in case.flows],
        measurements=[
            {"flow": f"f{flow}", "value": changes.get(f"f{flow}", value), "std": std}
            for (flow, _, _), value, std in zip(case.flows, case.measured, case.std_before, strict=True)
        ],
    )


def at(found: Reconciliation, flow: str, **where: Any) -> pd.Series:
    """Return the only row of a flow (in a layer and year)."""
    rows = found.flows[found.flows["flow"] == flow]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_networks(case: PublishedCase) -> None:
    found = reconcile(published(case))
    assert found.flows["reconciled"].to_numpy() == pytest.approx(case.reconciled, abs=case.published_to)
    assert found.flows["reconciled_std"].to_numpy() == pytest.approx(case.std, rel=1e-9)
    assert found.flows["z"].to_numpy() == pytest.approx(case.z, rel=1e-6, abs=1e-9)
    assert (found.chi2, found.dof) == (pytest.approx(case.chi2, rel=1e-9), case.dof)
    assert found.accepted
    assert found.suspects.empty


def test_nodal_test_by_hand() -> None:
    """N1: 101.91 - 64.45 - 34.65 = 2.81 with standard deviation sqrt(3)."""
    balances = reconcile(published(HEAT_EXCHANGER)).balances.set_index("process")
    assert balances.loc["N1", "imbalance"] == pytest.approx(2.81)
    assert balances.loc["N1", "z"] == pytest.approx(2.81 / np.sqrt(3))


def test_a_gross_error_is_found_and_what_the_rest_implies_shown() -> None:
    """Flow 4 is written 10 too high: it and flow 2 alone meet in N2, so both are suspect, but 4 the more."""
    found = reconcile(published(HEAT_EXCHANGER, f4=74.2))
    assert not found.accepted
    first = found.suspects.iloc[0]
    assert first["flow"] == "f4"
    rest = reconcile(
        System.from_tables(**{
            name: published(HEAT_EXCHANGER)[name] for name in ("processes", "flows")
        }, measurements=published(HEAT_EXCHANGER)["measurements"].query("flow != 'f4'"))
    )  # fmt: skip
    assert first["chi2"] == pytest.approx(rest.chi2)
    assert first["p_value"] == pytest.approx(rest.p_value)
    assert first["implied"] == pytest.approx(at(rest, "f4")["reconciled"])
    assert first["implied_std"] == pytest.approx(at(rest, "f4")["reconciled_std"])
    # without correlations the removal lowers chi-square by the square of the measurement test
    assert found.chi2 - first["chi2"] == pytest.approx(first["z"] ** 2)


def test_measurements_that_cannot_be_told_apart_are_named_together() -> None:
    found = reconcile(
        System.from_tables(
            processes=[{"process": "a"}],
            flows=[{"flow": "in", "to": "a"}, {"flow": "out", "from": "a"}],
            measurements=[{"flow": "in", "value": 10, "std": 1}, {"flow": "out", "value": 20, "std": 1}],
        )
    )
    (row,) = found.suspects.to_dict("records")
    assert {row["flow"], row["not_told_from"]} == {"in", "out"}
    assert np.isnan(row["p_value"])


def test_of_many_balances_that_are_one_the_first_six_others_are_named_and_the_rest_counted() -> None:
    names = "abcdefghij"
    inner = [{"flow": f"{one}{two}", "from": one, "to": two} for one, two in zip(names, names[1:], strict=False)]
    found = reconcile(
        System.from_tables(
            processes=[{"process": one} for one in names],
            flows=[{"flow": "in", "to": "a"}, *inner, {"flow": "out", "from": "j"}],
            measurements=[{"flow": "in", "value": 10, "std": 1}, {"flow": "out", "value": 9, "std": 1}],
        )
    )
    together = found.balances.set_index("process")["together_with"]
    assert together["a"] == "b, c, d, e, f, g (+3)"
    assert together["d"] == "a, b, c, e, f, g (+3)"
    assert together["j"] == "a, b, c, d, e, f (+3)"


CHAIN: dict[str, Any] = {
    "processes": [{"process": "a"}, {"process": "b"}, {"process": "c"}],
    "flows": [
        {"flow": "in", "to": "a"},
        {"flow": "ab1", "from": "a", "to": "b"},
        {"flow": "ab2", "from": "a", "to": "b"},
        {"flow": "bc", "from": "b", "to": "c"},
        {"flow": "loss", "from": "b"},
        {"flow": "out", "from": "c"},
    ],
}


def test_the_four_kinds_and_exact() -> None:
    """in and out are measured, loss is exact, bc follows, ab1 and ab2 stay open between 0 and all of it."""
    found = reconcile(
        System.from_tables(
            **CHAIN,
            measurements=[
                {"flow": "in", "value": 102, "std": 2},
                {"flow": "out", "value": 89, "std": 1},
                {"flow": "loss", "value": 10, "std": 0},
            ],
        )
    )
    kinds = found.flows.set_index("flow")["status"]
    assert kinds.to_dict() == {
        "in": "measured_redundant",
        "out": "measured_redundant",
        "loss": "exact",
        "bc": "unmeasured_observable",
        "ab1": "unmeasured_unobservable",
        "ab2": "unmeasured_unobservable",
    }
    # the difference of 3 is shared 4 to 1
    assert at(found, "in")["reconciled"] == pytest.approx(99.6)
    assert at(found, "bc")["reconciled"] == pytest.approx(89.6)
    assert at(found, "bc")["reconciled_std"] == pytest.approx(np.sqrt(4 / 5))
    row = at(found, "ab1")
    assert np.isnan(row["reconciled"])
    assert (row["lower_possible"], row["upper_possible"]) == (pytest.approx(0, abs=1e-4), pytest.approx(99.6, abs=1e-4))
    # a and b are one balance, as what runs between them is not measured; c joins them through bc
    together = found.balances.set_index("process")["together_with"]
    assert together["a"] == "b, c"
    assert found.balances["z"].to_numpy() == pytest.approx(np.full(3, 3 / np.sqrt(5)))


def test_a_flow_measured_without_a_check_stays_as_it_is() -> None:
    found = reconcile(System.from_tables(**CHAIN, measurements=[{"flow": "in", "value": 100, "std_pct": 5}]))
    row = at(found, "in")
    assert row["status"] == "measured_nonredundant"
    assert (row["reconciled"], row["reconciled_std"]) == (pytest.approx(100), pytest.approx(5))
    assert found.dof == 0
    assert "reconcile_nothing" in [problem.code for problem in found.problems]


def test_a_blank_standard_deviation_is_the_default_and_noted() -> None:
    found = reconcile(System.from_tables({"default_std": 0.2}, **CHAIN, measurements=[{"flow": "in", "value": 50}]))
    assert at(found, "in")["std"] == pytest.approx(10)
    assert [problem.code for problem in found.problems if problem.sheet == "measurements"] == ["std_missing"]


def test_stocks_years_and_layers_are_apart() -> None:
    """The addition to a stock is a variable; the same system in other years and layers does not disturb it."""
    rows = [
        {"flow": "in", "layer": "goods", "year": 2020, "value": 100, "std": 3},
        {"flow": "out", "layer": "goods", "year": 2020, "value": 60, "std": 4},
        {"flow": "depot", "layer": "goods", "year": 2020, "value": 45, "std": 5},
        {"flow": "in", "layer": "goods", "year": 2021, "value": 70, "std": 3},
        {"flow": "out", "layer": "goods", "year": 2021, "value": 90, "std": 3},
        {"flow": "in", "layer": "copper", "year": 2021, "value": 7, "std": 0.3},
    ]
    base: dict[str, Any] = {
        "processes": [{"process": "depot", "kind": "stock"}],
        "flows": [{"flow": "in", "to": "depot"}, {"flow": "out", "from": "depot"}],
    }
    found = reconcile(System.from_tables(**base, measurements=rows))
    # 2020: 100 - 60 - 45 = -5, variances 9, 16, 25 of 50
    assert at(found, "in", layer="goods", year=2020)["reconciled"] == pytest.approx(100.9)
    assert at(found, "out", layer="goods", year=2020)["reconciled"] == pytest.approx(58.4)
    assert at(found, "depot", layer="goods", year=2020)["reconciled"] == pytest.approx(42.5)
    addition = at(found, "depot", layer="goods", year=2021)
    assert addition["reconciled"] == pytest.approx(-20)
    assert addition["reconciled_std"] == pytest.approx(np.sqrt(18))
    assert addition["status"] == "unmeasured_observable"
    assert at(found, "out", layer="copper", year=2021)["status"] == "unmeasured_unobservable"
    assert at(found, "depot", layer="copper", year=2020)["upper_possible"] == np.inf
    assert found.dof == 1
    assert found.chi2 == pytest.approx(25 / 50)
    alone = reconcile(System.from_tables(**base, measurements=rows[:3]))
    assert alone.chi2 == pytest.approx(found.chi2)


def test_sources_and_sinks_need_no_balance() -> None:
    found = reconcile(
        System.from_tables(
            processes=[{"process": "town", "kind": "source"}, {"process": "plant"}, {"process": "sea", "kind": "sink"}],
            flows=[{"flow": "waste", "from": "town", "to": "plant"}, {"flow": "gone", "from": "plant", "to": "sea"}],
            measurements=[{"flow": "waste", "value": 10, "std": 1}, {"flow": "gone", "value": 12, "std": 1}],
        )
    )
    assert found.balances["process"].tolist() == ["plant"]
    assert found.flows["reconciled"].tolist() == pytest.approx([11, 11])


def test_exact_transfer_coefficients_are_linear() -> None:
    """60 % of what enters is product: 100 +- 3 in and 63 +- 1 product give one redundancy."""
    found = reconcile(
        System.from_tables(
            processes=[{"process": "a"}],
            flows=[{"flow": "in", "to": "a"}, {"flow": "product", "from": "a"}, {"flow": "rest", "from": "a"}],
            transfer_coefficients=[
                {"process": "a", "flow": "product", "value": 0.6, "std": 0},
                {"process": "a", "flow": "rest", "value": 0.4, "std": 0},
            ],
            measurements=[{"flow": "in", "value": 100, "std": 3}, {"flow": "product", "value": 63, "std": 1}],
        )
    )
    # 0.6 in - product = -3 with variance 0.36 * 9 + 1 = 4.24
    assert at(found, "in")["reconciled"] == pytest.approx(100 + 0.6 * 9 * 3 / 4.24)
    assert at(found, "product")["reconciled"] == pytest.approx(63 - 3 / 4.24)
    assert at(found, "rest")["reconciled"] == pytest.approx(0.4 * (100 + 16.2 / 4.24))
    assert found.dof == 1
    assert found.coefficients["status"].tolist() == ["exact", "exact"]


BILINEAR: dict[str, Any] = {
    "processes": [{"process": "sort"}, {"process": "wash"}],
    "flows": [
        {"flow": "in", "to": "sort"},
        {"flow": "bales", "from": "sort", "to": "wash"},
        {"flow": "rejects", "from": "sort"},
        {"flow": "back", "from": "wash", "to": "sort"},
        {"flow": "product", "from": "wash"},
        {"flow": "sludge", "from": "wash"},
    ],
    "transfer_coefficients": [
        {"process": "sort", "flow": "bales", "value": 0.6, "std": 0.05},
        {"process": "sort", "flow": "rejects", "value": None},
        {"process": "wash", "flow": "back", "value": 0.2, "std": 0.02},
        {"process": "wash", "flow": "product", "value": 0.7, "std": 0.05},
        {"process": "wash", "flow": "sludge", "value": 0.1, "std": 0.03},
    ],
    "measurements": [
        {"flow": "in", "value": 100, "std": 5},
        {"flow": "rejects", "value": 50, "std": 4},
        {"flow": "product", "value": 55, "std": 3},
    ],
}


def test_uncertain_transfer_coefficients_against_another_method() -> None:
    """All flows follow from what enters and three shares: minimise over these four numbers directly."""
    found = reconcile(System.from_tables(**BILINEAR))

    def flows_of(x: np.ndarray) -> dict[str, float]:
        entering, bales, back, product = x
        through = entering / (1 - bales * back)
        washed = bales * through
        return {
            "in": entering, "bales": washed, "rejects": (1 - bales) * through, "back": back * washed,
            "product": product * washed, "sludge": (1 - back - product) * washed,
        }  # fmt: skip

    def objective(x: np.ndarray) -> float:
        flows = flows_of(x)
        terms = [
            (flows["in"] - 100) / 5, (flows["rejects"] - 50) / 4, (flows["product"] - 55) / 3, (x[1] - 0.6) / 0.05,
            (x[2] - 0.2) / 0.02, (x[3] - 0.7) / 0.05, (1 - x[2] - x[3] - 0.1) / 0.03,
        ]  # fmt: skip
        return float(np.square(terms).sum())

    best = minimize(
        objective,
        [100, 0.6, 0.2, 0.7],
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000},
    )
    assert found.chi2 == pytest.approx(best.fun, rel=1e-8)
    reconciled = found.flows.set_index("flow")["reconciled"]
    for flow, value in flows_of(best.x).items():
        assert reconciled[flow] == pytest.approx(value, rel=1e-5)
    shares = found.coefficients.set_index("flow")
    assert shares.loc["bales", "reconciled"] == pytest.approx(best.x[1], rel=1e-5)
    assert shares.groupby("process")["reconciled"].sum().to_numpy() == pytest.approx([1, 1], abs=1e-9)
    # the rest is the complement, and as uncertain as the other
    assert shares.loc["rejects", "reconciled_std"] == pytest.approx(shares.loc["bales", "reconciled_std"], rel=1e-6)
    assert found.dof == 3


def test_deviations_of_a_bilinear_system_against_the_dense_normal_equations() -> None:
    found = reconcile(System.from_tables(**BILINEAR))
    x = np.array([
        at(found, "in")["reconciled"],
        *found.coefficients.set_index("flow")["reconciled"][["bales", "back", "product"]],
    ])  # fmt: skip

    def measured(x: np.ndarray) -> np.ndarray:
        entering, bales, back, product = x
        through = entering / (1 - bales * back)
        values = [entering, (1 - bales) * through, product * bales * through, bales, back, product, 1 - back - product]
        return np.array(values) / [5, 4, 3, 0.05, 0.02, 0.05, 0.03]

    step = 1e-6 * x
    slopes = np.column_stack(
        [(measured(x + step * unit) - measured(x - step * unit)) / (2 * step @ unit) for unit in np.eye(4)]
    )
    covariance = np.linalg.inv(slopes.T @ slopes)
    assert at(found, "in")["reconciled_std"] == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-5)
    after = np.sqrt(np.diag(slopes @ covariance @ slopes.T)) * [5, 4, 3, 0.05, 0.02, 0.05, 0.03]
    assert at(found, "rejects")["reconciled_std"] == pytest.approx(after[1], rel=1e-5)
    assert at(found, "product")["reconciled_std"] == pytest.approx(after[2], rel=1e-5)


def test_concentrations_join_layers() -> None:
    """Copper is 2 % of what enters and 5 % of the concentrate, exactly: two goods flows follow from one."""
    found = reconcile(
        System.from_tables(
            processes=[{"process": "mill"}],
            flows=[
                {"flow": "ore", "to": "mill"},
                {"flow": "concentrate", "from": "mill"},
                {"flow": "tailings", "from": "mill"},
            ],
            relations=[
                {"flow": "ore", "layer": "copper", "of_layer": "goods", "value": 0.02, "std": 0},
                {"flow": "concentrate", "layer": "copper", "of_layer": "goods", "value": 0.05, "std": 0},
                {"flow": "tailings", "layer": "copper", "of_layer": "goods", "value": 0.01, "std": 0},
            ],
            measurements=[{"flow": "ore", "layer": "goods", "value": 100, "std": 4}],
        )
    )
    goods = found.flows[found.flows["layer"] == "goods"].set_index("flow")
    # c + t = 100 and 0.05 c + 0.01 t = 2
    assert goods["reconciled"].to_dict() == pytest.approx({"ore": 100, "concentrate": 25, "tailings": 75})
    assert goods["reconciled_std"].to_dict() == pytest.approx({"ore": 4, "concentrate": 1, "tailings": 3})


def test_an_unknown_concentration_is_found() -> None:
    found = reconcile(
        System.from_tables(
            processes=[{"process": "mill"}],
            flows=[
                {"flow": "ore", "to": "mill"},
                {"flow": "concentrate", "from": "mill"},
                {"flow": "tailings", "from": "mill"},
            ],
            relations=[
                {"flow": "ore", "layer": "copper", "of_layer": "goods", "value": 0.02, "std": 0.001},
                {"flow": "concentrate", "layer": "copper", "of_layer": "goods", "value": 0.05, "std": 0},
                {"flow": "tailings", "layer": "copper", "of_layer": "goods"},
            ],
            measurements=[
                {"flow": "ore", "layer": "goods", "value": 100, "std": 4},
                {"flow": "concentrate", "layer": "goods", "value": 30, "std": 1},
            ],
        )
    )
    tailings = found.relations.iloc[2]
    assert tailings["reconciled"] == pytest.approx((2 - 1.5) / 70)
    assert tailings["status"] == "unmeasured_observable"
    assert tailings["reconciled_std"] > 0
    assert found.dof == 0


def test_contradicting_exact_values_are_explained_in_names() -> None:
    with pytest.raises(InputError) as caught:
        reconcile(
            System.from_tables(
                **CHAIN,
                measurements=[
                    {"flow": "in", "value": 100, "std": 0},
                    {"flow": "out", "value": 95, "std": 0},
                    {"flow": "loss", "value": 10, "std": 0},
                ],
            )
        )
    (problem,) = [problem for problem in caught.value.problems if problem.code == "reconcile_contradiction"]
    assert problem.place == "a, b, c"
    assert problem.found == "5"
    for name in ("in = 100", "out = 95", "loss = 10"):
        assert name in problem.expected
    assert "5" in problem.text("da")


def test_bounds_that_cannot_hold_are_explained_in_names() -> None:
    with pytest.raises(InputError) as caught:
        reconcile(
            System.from_tables(
                **CHAIN,
                measurements=[
                    {"flow": "in", "value": 100, "std": 5, "lower": 90},
                    {"flow": "out", "value": 70, "std": 5, "upper": 75},
                    {"flow": "loss", "value": 5, "std": 1, "upper": 8},
                ],
            )
        )
    (problem,) = [problem for problem in caught.value.problems if problem.code == "reconcile_bounds"]
    assert problem.place == "in, loss, out"
    assert problem.expected == "a, b, c"


def test_correlations_that_contradict_are_named() -> None:
    with pytest.raises(InputError) as caught:
        reconcile(
            System.from_tables(
                **CHAIN,
                measurements=[{"flow": flow, "value": 100, "std": 5} for flow in ("in", "bc", "out")],
                correlations=[
                    {"flow_a": "in", "flow_b": "bc", "coefficient": 0.9},
                    {"flow_a": "bc", "flow_b": "out", "coefficient": 0.9},
                    {"flow_a": "in", "flow_b": "out", "coefficient": -0.9},
                ],
            )
        )
    (problem,) = [problem for problem in caught.value.problems if problem.code == "reconcile_correlations"]
    assert problem.place == "in, bc, out"


def test_a_negative_result_is_held_at_zero_unless_allowed() -> None:
    tables: dict[str, Any] = {
        "processes": [{"process": "a"}],
        "measurements": [{"flow": "in", "value": 10, "std": 1}, {"flow": "out", "value": 12, "std": 1}],
    }
    ends = [{"flow": "in", "to": "a"}, {"flow": "out", "from": "a"}]
    held = reconcile(System.from_tables(**tables, flows=[*ends, {"flow": "loss", "from": "a"}]))
    assert held.flows["reconciled"].tolist() == pytest.approx([11, 11, 0], abs=1e-9)
    assert held.flows["at_bound"].tolist() == [False, False, True]
    assert held.chi2 == pytest.approx(2)
    free = reconcile(
        System.from_tables(**tables, flows=[*ends, {"flow": "loss", "from": "a", "may_be_negative": True}])
    )
    assert free.flows["reconciled"].tolist() == pytest.approx([10, 12, -2])


def test_parts_that_do_not_hang_together_do_not_disturb_each_other() -> None:
    both = {
        "processes": [{"process": "a"}, {"process": "x"}],
        "flows": [
            {"flow": "in", "to": "a"}, {"flow": "out", "from": "a"},
            {"flow": "xin", "to": "x"}, {"flow": "xout", "from": "x"},
        ],
    }  # fmt: skip
    left = [{"flow": "in", "value": 10, "std": 1}, {"flow": "out", "value": 12, "std": 1}]
    right = [{"flow": "xin", "value": 1e6, "std": 1e4}, {"flow": "xout", "value": 9.9e5, "std": 1e4}]
    one = reconcile(System.from_tables(**both, measurements=left))
    two = reconcile(System.from_tables(**both, measurements=left + right))
    assert at(two, "in")["reconciled"] == pytest.approx(at(one, "in")["reconciled"], rel=1e-12)
    assert two.dof == one.dof + 1
    assert two.chi2 == pytest.approx(2.0 + 0.5)


def test_the_order_of_rows_does_not_matter() -> None:
    system = System.from_tables(**BILINEAR)
    turned = System.from_tables(**{name: rows[::-1] for name, rows in BILINEAR.items()})
    one, other = reconcile(system), reconcile(turned)
    for table, keys in (("flows", ["flow"]), ("coefficients", ["process", "flow"])):
        first, second = (getattr(found, table).set_index(keys).sort_index() for found in (one, other))
        numbers = ["reconciled", "reconciled_std", "z"]
        assert second[numbers].to_numpy(dtype=float) == pytest.approx(
            first[numbers].to_numpy(dtype=float), rel=1e-6, nan_ok=True
        )


def test_named_deviations_are_the_same_as_all() -> None:
    system = System.from_tables(**BILINEAR)
    every, some = reconcile(system), reconcile(system, deviations=["sludge", "in"])
    for flow in ("sludge", "in"):
        assert at(some, flow)["reconciled_std"] == pytest.approx(at(every, flow)["reconciled_std"], rel=1e-12)
    assert some.flows["reconciled_std"].notna().sum() == 2
    assert reconcile(system, deviations="none").flows["reconciled_std"].isna().all()


def test_coefficients_between_support_years_are_linear() -> None:
    found = reconcile(
        System.from_tables(
            {"years": "2020-2022"},
            processes=[{"process": "a"}],
            flows=[{"flow": "in", "to": "a"}, {"flow": "out", "from": "a"}, {"flow": "rest", "from": "a"}],
            transfer_coefficients=[
                {"process": "a", "flow": "out", "year": 2020, "value": 0.2, "std": 0},
                {"process": "a", "flow": "out", "year": 2022, "value": 0.6, "std": 0},
                {"process": "a", "flow": "rest"},
            ],
            measurements=[{"flow": "in", "value": 100, "std": 1}],
        )
    )
    out = found.flows[found.flows["flow"] == "out"]
    assert out["reconciled"].tolist() == pytest.approx([20, 40, 60])
    assert found.coefficients.query("flow == 'rest'")["reconciled"].tolist() == pytest.approx([0.8, 0.6, 0.4])


def test_a_stock_splits_what_leaves_it() -> None:
    found = reconcile(
        System.from_tables(
            processes=[{"process": "depot", "kind": "stock"}],
            flows=[{"flow": "in", "to": "depot"}, {"flow": "good", "from": "depot"}, {"flow": "bad", "from": "depot"}],
            transfer_coefficients=[{"process": "depot", "flow": "good", "value": 0.75, "std": 0}],
            measurements=[{"flow": "in", "value": 100, "std": 1}, {"flow": "good", "value": 30, "std": 1}],
        )
    )
    assert at(found, "bad")["reconciled"] == pytest.approx(10)
    assert at(found, "depot")["reconciled"] == pytest.approx(60)


def test_it_shows_itself() -> None:
    text = reconcile(published(HEAT_EXCHANGER))._repr_html_()
    assert "chi-square 6.407" in text
    assert "f6" in text


def test_interpolated_coefficients_make_room_for_given_ones():
    rows = [("b", 2020, 0.5), ("c", 2020, 0.5), ("b", 2022, 0.8), ("c", 2024, 0.4)]
    system = System.from_tables(
        settings={"years": "2020-2024"},
        processes=[{"process": "p"}],
        flows=[{"flow": "a", "to": "p"}, {"flow": "b", "from": "p"}, {"flow": "c", "from": "p"}],
        measurements=[{"flow": "a", "value": 10, "std": 1}],
        transfer_coefficients=[
            {"process": "p", "flow": flow, "year": year, "value": value, "std": 0.02} for flow, year, value in rows
        ],
    )
    found = reconcile(system)
    assert found.chi2 == pytest.approx(0.0, abs=1e-12)
    b = found.coefficients.query("flow == 'b'").set_index("year")["measured"]
    assert b.tolist() == pytest.approx([0.5, 0.65, 0.8, 0.7, 0.6])
