"""Laws of the plan: what must hold for any case, compared by cost at proven optima of small ones."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from flows.account import account_flows
from flows.case import Case
from flows.prices import annuity_factor
from models.plan import PlanResult
from tests.cases.pencil import HOME, optima, optimum, pencil, planned
from tests.cases.small import two_towns, two_towns_tables


def at_target(rate, **changes):
    return two_towns(targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": rate}], **changes)


@pytest.fixture(scope="module")
def half_recycled() -> PlanResult:
    """The plan of two towns at 50 %."""
    return planned(at_target(0.5), whole=True)


def test_a_lower_target_never_costs_more():
    costs = optima(*(at_target(rate) for rate in (0.1, 0.3, 0.45, 0.495, 0.5, 0.505, 0.51, 0.52)))
    assert math.isnan(costs.pop())
    assert all(looser <= tighter + 1e-3 for looser, tighter in zip(costs, costs[1:], strict=False))
    assert costs[0] < costs[-1]


@pytest.mark.parametrize("fee", [0, 450, 900])
def test_one_more_candidate_never_costs_more(fee):
    _, tables = two_towns_tables()
    base = optimum(at_target(0.5))
    more = {"facility": "other", "technology": "residual_sorting", "state": "candidate", "variable_cost": fee}
    assert optimum(at_target(0.5, facilities=[*tables["facilities"], more])) <= base + 1e-3


def test_one_more_scheme_never_costs_more():
    _, tables = two_towns_tables()
    more = {"scheme": "two_bins", "sector": "households", "segment": "houses", "cost_per_household": 180}
    capture = [
        {"scheme": "two_bins", "fraction": "food", "stream": "food_bin", "share": 0.5},
        *(
            {"scheme": "two_bins", "fraction": fraction, "stream": "mixed_bin"}
            for fraction in ("food", "plastic", "rest")
        ),
    ]
    changes = {"schemes": [*tables["schemes"], more], "capture": [*tables["capture"], *capture]}
    assert optimum(at_target(0.45, **changes)) <= optimum(at_target(0.45)) + 1e-3


def shuffled(case: Case, seed: int) -> Case:
    """Return the case with the rows of every table in another order."""
    for name, frame in case.tables.items():
        case = case.with_table(name, frame.sample(frac=1.0, random_state=seed).reset_index(drop=True))
    return case


def test_the_order_of_rows_changes_nothing(half_recycled):
    first = half_recycled
    second = planned(shuffled(at_target(0.5), 3), whole=True)
    assert second.info["objective"] == first.info["objective"]
    for name, table in first.tables.items():
        if name != "certificate":
            pd.testing.assert_frame_equal(table, second.tables[name], obj=name)


PER_TONNE = {
    "schemes": ("cost_per_tonne", "change_cost_per_tonne"),
    "collection": ("cost_per_tonne",),
    "technologies": ("variable_cost",),
    "facilities": ("variable_cost", "gate_fee"),
    "transport": ("cost", "cost_per_tonne"),
    "markets": ("price",),
}
MASSES = {
    "generation": ("amount",),
    "facilities": ("capacity", "reserved", "minimum_load", "filler"),
    "sizes": ("capacity", "minimum_load"),
    "markets": ("capacity",),
}


def times(case: Case, columns: dict[str, tuple[str, ...]], factor: float) -> Case:
    for name, names in columns.items():
        frame = case[name]
        case = case.with_table(name, frame.assign(**{column: frame[column] * factor for column in names}))
    return case


@pytest.mark.parametrize("factor", [pytest.param(0.001, marks=pytest.mark.exhaustive), 1000.0])
def test_tonnes_or_kilograms_give_the_same_plan(half_recycled, factor):
    base = half_recycled
    other = planned(times(times(at_target(0.5), MASSES, factor), PER_TONNE, 1.0 / factor))
    assert other.info["objective"] == pytest.approx(base.info["objective"], rel=1e-6)
    for name in ("schemes", "facilities"):
        rows = [
            plan.tables[name]
            .query("variant == 'plan'")
            .reset_index(drop=True)
            .drop(columns=["capacity_t", "throughput_t"], errors="ignore")
            for plan in (base, other)
        ]
        pd.testing.assert_frame_equal(*rows)
    masses = [plan.tables["flows"].query("variant == 'plan'")["mass_t"].to_numpy() for plan in (base, other)]
    np.testing.assert_allclose(masses[1], masses[0] * factor, rtol=1e-6)


def test_money_of_another_currency_gives_the_same_plan():
    case = at_target(0.5)
    euros = times(case, {**PER_TONNE, "sizes": ("capex", "fixed_cost")}, 1 / 7.45)
    euros = times(euros, {"schemes": ("cost_per_household", "change_cost")}, 1 / 7.45)
    assert optimum(euros) == pytest.approx(optimum(case) / 7.45, rel=1e-6)


# --- every decision of a tiny case, tried one by one ---------------------------------------------

TOWNS = {"A": (100.0, 100), "B": (50.0, 50)}


def generated(seed: int) -> tuple[Case, dict]:
    """Return a random case of two years: schemes, a new mill in two steps, ways, a target; and its numbers."""
    draw = np.random.default_rng(seed)
    numbers = {
        "home": float(draw.integers(10, 120)),
        "change": float(draw.integers(0, 60)),
        "oven": float(draw.integers(60, 160)),
        "mill": float(draw.integers(20, 200)),
        "new": float(draw.integers(0, 60)),
        "price": float(draw.integers(-50, 120)),
        "steps": [
            (f"S{n}", float(draw.integers(15, 70)), float(draw.integers(500, 40000)), float(draw.integers(0, 900)))
            for n in (1, 2)
        ],
        "km": {(town, place): float(draw.integers(0, 40)) for town in TOWNS for place in ("oven", "mill", "new")},
        "rate": float(draw.choice([0.0, 0.15, 0.2, 0.35, 0.4, 0.6])),
        "growth": float(draw.choice([-0.1, 0.0, 0.15])),
        "discount": float(draw.choice([0.0, 0.04])),
    }
    case = pencil(
        "2025-2026",
        settings={"discount_rate": numbers["discount"]},
        change={
            "schemes": {"sort": {"cost_per_household": numbers["home"], "change_cost": numbers["change"]}},
            "facilities": {"oven": {"gate_fee": numbers["oven"]}, "mill": {"gate_fee": numbers["mill"]}},
            "technologies": {"mill": {"lifetime": 10}},
            "markets": {"buyer": {"price": numbers["price"]}},
        },
        growth=[{"change": numbers["growth"]}],
        add={
            "facilities": [
                {"facility": "new", "technology": "mill", "state": "candidate", "variable_cost": numbers["new"]}
            ],
            "sizes": [
                {"facility": "new", "size": name, "capacity": room, "capex": capex, "fixed_cost": fixed}
                for name, room, capex, fixed in numbers["steps"]
            ],
        },
        transport=[{"mode": "collection", "cost": 1.0}],
        distances=[{"from": town, "to": place, "distance": km} for (town, place), km in numbers["km"].items()],
        targets=[{"scope": "all", "method": "collected", "year": 2026, "rate": numbers["rate"]}],
    )
    return case, numbers


def dispatched(numbers: dict, amounts: dict[str, float], schemes: tuple[int, int], room: float) -> float:
    """Return the cheapest cost of a year: bins go where they save most until the new mill is full."""
    total, options = 0.0, []
    for (town, amount), sorts in zip(amounts.items(), schemes, strict=True):
        bins = 0.6 * amount if sorts else 0.0
        total += (amount - bins) * (numbers["oven"] + numbers["km"][town, "oven"])
        old = numbers["mill"] + numbers["km"][town, "mill"] - numbers["price"]
        new = numbers["new"] + numbers["km"][town, "new"] - numbers["price"]
        total += bins * old
        options.append((old - new, bins))
    for saved, bins in sorted(options, reverse=True):
        taken = min(bins, room)
        total -= max(saved, 0.0) * taken
        room -= taken
    return total


def brute_force(numbers: dict) -> float:
    """Return the least cost over all schemes and steps of two years (NaN if the target is out of reach)."""
    homes = [count for _, count in TOWNS.values()]
    factors = [(1 + numbers["discount"]) ** -n for n in (0, 1)]
    amounts = [
        {town: amount * (1 + numbers["growth"]) ** (n + 1) for town, (amount, _) in TOWNS.items()} for n in (0, 1)
    ]
    choices = list(product((0, 1), repeat=2))
    yearly = {
        (year, schemes, built): dispatched(
            numbers, amounts[year], schemes, sum(on * step[1] for on, step in zip(built, numbers["steps"], strict=True))
        )
        for year in (0, 1)
        for schemes in choices
        for built in choices
    }
    best = math.inf
    for first, second in product(choices, repeat=2):
        reached = sum(0.6 * amount * sorts for amount, sorts in zip(amounts[1].values(), second, strict=True)) / sum(
            amounts[1].values()
        )
        if reached < numbers["rate"] - 1e-9:
            continue
        base = 0.0
        for before, now, factor in (((0, 0), first, factors[0]), (first, second, factors[1])):
            base += factor * sum(
                count * (numbers["home"] * on + numbers["change"] * max(on - was, 0))
                for count, on, was in zip(homes, now, before, strict=True)
            )
        for built_first, built_second in product(choices, repeat=2):
            total = base + factors[0] * yearly[0, first, built_first] + factors[1] * yearly[1, second, built_second]
            for (_, _, capex, fixed), one, two in zip(numbers["steps"], built_first, built_second, strict=True):
                annuity = capex * annuity_factor(numbers["discount"], 10)
                total += factors[0] * fixed * one + factors[1] * fixed * two
                total += annuity * (sum(factors) if one else factors[1] * two)
            best = min(best, total)
    return best if math.isfinite(best) else float("nan")


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(6, 60))])
def test_the_plan_is_the_best_of_all_decisions(seed):
    case, numbers = generated(seed)
    best = brute_force(numbers)
    found = optimum(case)
    assert (math.isnan(best) and math.isnan(found)) or found == pytest.approx(best, rel=1e-7, abs=0.01)


def test_the_dispatch_costs_what_the_search_found():
    # With a period a year and nothing hauled both models are one.
    case, numbers = generated(3)
    plan = planned(case)
    assert plan.info["objective"] == pytest.approx(brute_force(numbers), rel=1e-7)
    assert plan.info["objective"] == pytest.approx(optimum(case), rel=1e-7)
    assert plan.info["objective"] == pytest.approx(plan.info["bound"], rel=1e-7)


def test_amounts_of_any_size_balance_at_every_facility():
    for seed in range(4):
        draw = np.random.default_rng(seed)
        settings, tables = two_towns_tables()
        tables["generation"] = [{**row, "amount": float(draw.lognormal(3, 2))} for row in tables["generation"]]
        tables["current_schemes"] = [
            {"municipality": "A", "sector": "households", "segment": "houses", "scheme": "three_bins"},
            *tables["current_schemes"],
        ]
        case = Case.from_tables(settings, tables)
        flows, _, _ = account_flows(case, 2024)
        places = set(case["facilities"]["facility"])
        entered = flows[flows["to"].isin(places)].groupby(["to", "municipality", "stream", "fraction"])["mass_t"].sum()
        left = flows[flows["from"].isin(places)].groupby(["from", "municipality", "stream", "fraction"])["mass_t"].sum()
        np.testing.assert_allclose(entered.sort_index().to_numpy(), left.sort_index().to_numpy(), rtol=1e-9)
        last = flows[flows["treatment"] != ""].groupby(["municipality", "fraction"])["mass_t"].sum()
        given = case["generation"].groupby(["municipality", "fraction"])["amount"].sum()
        np.testing.assert_allclose(last.to_numpy(), given.to_numpy(), rtol=1e-9)


def test_two_towns_alike_cost_twice_as_much_as_one():
    # Without anything shared a plan of two towns is two plans.
    one = [{"municipality": "A", **HOME, "fraction": "paper", "year": 2024, "amount": 100}]
    two = [*one, {**one[0], "municipality": "B"}]
    homes = [{"municipality": town, "segment": "houses", "dwellings": 100} for town in "AB"]
    assert optimum(pencil(generation=two, dwellings=homes)) == pytest.approx(
        2 * optimum(pencil(generation=one, dwellings=homes))
    )
