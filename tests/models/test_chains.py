"""Chains of facilities of any depth: by hand, and against every choice of destinations tried one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models import planner as planning
from models import search as searching
from models.certificate import certify
from models.formulation import build
from models.formulation_parts import MILLION
from models.highs import Session, compile_model
from models.plan import solve
from models.pyomo_model import to_pyomo
from models.route_stages import ChainError
from models.routes import routes
from models.timing import horizon
from tests.cases.pencil import HOME, cost, mass, pencil, planned, spent

MIXED = [{"scheme": "mix", "run": True}]


def chain(towns=None, facilities=(), ways=(), markets=(), **more):
    """Return the case: bags go to a transfer station, a sorter or an oven; loads to a sorter; residue to an oven or tip.

    A sorter makes pulp of 80 % of the paper and of 10 % of the dust, the rest is residue. An oven leaves a tenth
    of the paper and all of the dust as ash, for a road or for the tip. A tonne of paper brings the oven 200.
    """
    amounts = towns or {"A": (100, 0), "B": (0, 50)}
    return pencil(
        municipalities=[{"municipality": town} for town in amounts],
        dwellings=[{"municipality": town, "segment": "houses", "dwellings": 1} for town in amounts],
        fractions=[
            {"fraction": "paper", "material": "paper", "energy": 7.2},
            {"fraction": "dust", "material": "mineral"},
        ],
        generation=[
            {"municipality": town, **HOME, "fraction": fraction, "year": 2024, "amount": amount}
            for town, both in amounts.items()
            for fraction, amount in zip(("paper", "dust"), both, strict=True)
        ],
        streams=[{"stream": "bag", "kind": "mixed"}],
        schemes=[{"scheme": "mix", **HOME}],
        capture=[{"scheme": "mix", "fraction": name, "stream": "bag", "share": 1} for name in ("paper", "dust")],
        technologies=[
            {"technology": "transfer", "treatment": "sorting"},
            {"technology": "sorter", "treatment": "sorting"},
            {"technology": "oven", "treatment": "energy_recovery", "electricity": 1.0},
            {"technology": "tip", "treatment": "landfill"},
        ],
        prices=[{"item": "electricity", "value": 100, "unit": "DKK/MWh"}],
        outputs=[
            {"output": "load", "kind": "mixed"},
            {"output": "pulp", "kind": "product"},
            {"output": "residue", "kind": "mixed"},
            {"output": "ash", "kind": "mixed"},
            {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
            {"output": "rest", "kind": "emission", "treatment": "landfill"},
        ],
        yields=[
            {"technology": "transfer", "output": "load", "share": 1},
            {"technology": "sorter", "fraction": "paper", "output": "pulp", "share": 0.8},
            {"technology": "sorter", "fraction": "paper", "output": "residue"},
            {"technology": "sorter", "fraction": "dust", "output": "pulp", "share": 0.1},
            {"technology": "sorter", "fraction": "dust", "output": "residue"},
            {"technology": "oven", "fraction": "paper", "output": "ash", "share": 0.1},
            {"technology": "oven", "fraction": "paper", "output": "smoke"},
            {"technology": "oven", "fraction": "dust", "output": "ash", "share": 1},
            {"technology": "tip", "output": "rest", "share": 1},
        ],
        accepts=[
            {"technology": technology, "input": name}
            for technology, names in {
                "transfer": ["bag"],
                "sorter": ["bag", "load"],
                "oven": ["bag", "residue"],
                "tip": ["residue", "ash"],
            }.items()
            for name in names
        ],
        facilities=[
            {"facility": name, "technology": name.split("_")[0], "gate_fee": fee, **extra}
            for name, fee, extra in facilities
        ],
        markets=[
            {"market": "buyer", "output": "pulp", "price": 50, "treatment": "recycling"},
            {"market": "road", "output": "ash", "price": -5, "treatment": "other_material_recovery"},
            *markets,
        ],
        distances=[{"from": start, "to": goal, "cost": price} for start, goal, price in ways],
        **more,
    )


def optimum(case, *, pooled):
    """Return the optimum of the yearly model."""
    captures = shifted_capture(case, reconcile_case(case).calibration)
    form = build(case, captures, routes(case), horizon(case, yearly=True), pooled=pooled)
    solution = Session(compile_model(to_pyomo(form.linear)), mip_rel_gap=0.0, threads=1).run()
    return solution.objective * MILLION if solution.status == "optimal" else float("nan")


def test_three_plants_in_a_row_and_ash_from_the_last():
    # 100 t of paper and 50 of dust: transfer 5 and 10 to the sorter (20), pulp 85 t at 50, residue 20 paper and
    # 45 dust to the oven: 7 of haul, 100 a tonne less 200 for paper, ash 2 + 45 t to the road for 5.
    case = chain(
        facilities=[("transfer", 5, {}), ("sorter", 20, {}), ("oven", 100, {}), ("tip", 150, {})],
        ways=[
            *((town, goal, 1000) for town in "AB" for goal in ("sorter", "oven")),
            ("transfer", "sorter", 10),
            ("sorter", "oven", 7),
        ],
    )
    plan = planned(case)
    assert cost(plan) == 150 * (5 + 10 + 20) - 85 * 50 + 65 * 107 - 20 * 200 + 47 * 5
    assert mass(plan, from_="oven", to="road") == pytest.approx(47)
    assert mass(plan, from_="transfer", to="sorter") == pytest.approx(150)
    assert spent(plan, "transport") == pytest.approx(150 * 10 + 65 * 7)
    # Only what is sorted out counts; the residue burns, and its ash does not.
    assert plan.rate("all", "collected", 2025) == pytest.approx(85 / 150)
    assert optimum(case, pooled=True) == cost(plan)


@pytest.mark.parametrize(("fixed", "paid"), [(100_000, 65 * 30), (1_000, 1_000)])
def test_a_tip_without_limit_takes_residue_only_while_it_is_kept_open(fixed, paid):
    # 65 t of residue go on to a tip at 30, 1 950 a year, or to one that is free but for what keeping it open costs.
    kept = {"closable": True, "fixed_cost": fixed}
    case = chain(
        facilities=[("transfer", 5, {}), ("sorter", 20, {}), ("tip_a", 30, {}), ("tip_b", 0, kept)],
        ways=[(town, "sorter", 1000) for town in "AB"],
    )
    plan = planned(case)
    assert cost(plan) == 150 * (5 + 20) - 85 * 50 + paid
    assert mass(plan, to="tip_b") == pytest.approx(65 if paid == fixed else 0)


def test_a_transfer_station_serves_one_of_two_plants():
    # The near sorter has room for 100 t: the load (150 t) is one pile, so all of it goes to the far one, at 12 more.
    # Split, 100 t would save 12 each, as the pooled bound says.
    case = chain(
        facilities=[("transfer", 5, {}), ("sorter_1", 20, {"capacity": 100}), ("sorter_2", 20, {}), ("tip", 30, {})],
        ways=[
            *((town, goal, 1000) for town in "AB" for goal in ("sorter_1", "sorter_2")),
            ("transfer", "sorter_2", 12),
        ],
    )
    plan = planned(case)
    assert cost(plan) == 150 * (5 + 12 + 20) - 85 * 50 + 65 * 30
    assert mass(plan, from_="transfer", to="sorter_1") == 0
    assert optimum(case, pooled=True) == pytest.approx(plan.info["objective"] - 100 * 12)


def test_two_transfer_stations_serve_a_plant_each():
    # A's 100 t of paper fit in the near sorter, B's 50 t of dust go to the far one, each by its own station.
    case = chain(
        facilities=[
            *((f"transfer_{town}", 5, {}) for town in "AB"),
            ("sorter_1", 20, {"capacity": 100}),
            ("sorter_2", 20, {}),
            ("tip", 30, {}),
        ],
        ways=[
            *((town, goal, 1000) for town in "AB" for goal in ("sorter_1", "sorter_2")),
            ("A", "transfer_B", 1000),
            ("B", "transfer_A", 1000),
            *((f"transfer_{town}", "sorter_2", 12) for town in "AB"),
        ],
    )
    plan = planned(case)
    assert cost(plan) == 150 * (5 + 20) + 50 * 12 - 85 * 50 + 65 * 30
    assert mass(plan, from_="transfer_A", to="sorter_1") == pytest.approx(100)
    assert mass(plan, from_="transfer_B", to="sorter_2") == pytest.approx(50)


def test_what_meets_at_a_station_is_not_told_apart_later():
    # Residue of paper would burn at 100 - 200 = -100 a tonne, that of dust be tipped at 90. But A's paper and B's
    # dust have met in one load: 20 t and 45 t burn together (65 * 100 - 4 000 + 47 * 5 = 2 735) or are tipped
    # (5 850). Apart it would be -2 000 + 2 * 5 + 45 * 90 = 2 060.
    plants = [("sorter_1", 20, {}), ("sorter_2", 20, {}), ("oven", 100, {}), ("tip", 90, {})]
    far = [(town, goal, 1000) for town in "AB" for goal in ("sorter_1", "sorter_2", "oven")]
    together = chain(facilities=[("transfer", 5, {}), *plants], ways=far)
    plan = planned(together)
    fixed = 150 * 25 - 85 * 50
    assert cost(plan) == fixed + 2735
    # A plan that did tell them apart is caught behind a plant that is fed too.
    flows = plan.tables["flows"].copy()
    flows.loc[(flows["output"] == "residue") & (flows["fraction"] == "dust"), "to"] = "tip"
    found = certify(together, {**plan.tables, "flows": flows}, plan.info["objective"])
    assert {"mixing at outputs", "one class of destination"} <= set(found.loc[~found["holds"], "check"])
    # With a station each they need not meet: two sorters, two ways out of them.
    stations = [(f"transfer_{town}", 5, {}) for town in "AB"]
    apart = [*far, ("A", "transfer_B", 1000), ("B", "transfer_A", 1000)]
    plan = planned(chain(facilities=[*stations, *plants], ways=apart))
    assert cost(plan) == fixed + 2060


def test_years_choose_for_themselves():
    # A tax of 200 on the tip ends with 2025: the sorter that is fed burns its residue then and tips it after that.
    case = chain(
        facilities=[("transfer", 5, {}), ("sorter", 20, {}), ("oven", 100, {}), ("tip", 10, {})],
        ways=[(town, goal, 1000) for town in "AB" for goal in ("sorter", "oven")],
        add={
            "prices": [
                {"item": "tax", "technology": "tip", "value": 200, "unit": "DKK/t"},
                {"item": "tax", "technology": "tip", "from": 2026, "value": 0, "unit": "DKK/t"},
            ]
        },
        years="2025-2026",
    )
    plan = planned(case)
    assert cost(plan) == 2 * (150 * 25 - 85 * 50) + 2735 + 65 * 10
    assert mass(plan, from_="sorter", to="oven") == pytest.approx(65)
    assert mass(plan, 2026, from_="sorter", to="tip") == pytest.approx(65)


def test_a_large_case_is_bounded_with_technologies_and_carried_out_by_place(monkeypatch):
    # Two sorters of 110 t: a load is not split, so the dispatch sends A's by one and B's by the other station.
    monkeypatch.setattr(searching, "SMALL", 0)
    monkeypatch.setattr(planning, "SMALL", 0)
    case = chain(
        facilities=[
            *((f"transfer_{town}", 5, {}) for town in "AB"),
            ("sorter_1", 20, {"capacity": 110}),
            ("sorter_2", 22, {"capacity": 110}),
            ("oven", 100, {}),
            ("tip", 90, {}),
        ],
        ways=[(town, goal, 1000) for town in "AB" for goal in ("sorter_1", "sorter_2", "oven")],
    )
    plan = solve(case, gap=0.0, threads=1)
    assert plan.info["certificate"]["holds"]
    assert plan.info["bound_of"] == "full yearly model, hauls pooled by technology"
    assert plan.info["objective"] == pytest.approx(optimum(case, pooled=False))
    assert plan.info["bound"] <= plan.info["objective"]


def test_loops_are_refused_in_words():
    case = chain(
        facilities=[("transfer", 5, {}), ("sorter", 20, {}), ("oven", 100, {}), ("tip", 90, {})],
        add={"accepts": [{"technology": "sorter", "input": "ash"}]},
    )
    with pytest.raises(ChainError, match="oven → sorter → oven"):
        solve(case, gap=0.0, threads=1)


def cheapest(plants, fees, way, amounts, towns):
    """Return the least cost over every choice of one destination for each output of each plant."""
    kinds = {name: name.split("_")[0] for name in plants}
    of = {kind: [name for name in plants if kinds[name] == kind] for kind in ("transfer", "sorter", "oven", "tip")}
    options = [
        *(((name, "load"), of["sorter"]) for name in of["transfer"]),
        *(((name, "residue"), of["oven"] + of["tip"]) for name in of["sorter"]),
        *(((name, "ash"), ["road", *of["tip"]]) for name in of["oven"]),
    ]
    best = np.inf
    for chosen in product(*(places for _, places in options)):
        goes = {key: place for (key, _), place in zip(options, chosen, strict=True)}

        def at(place, paper, dust, goes=goes):
            """Return what a load of paper and dust costs from the gate of a place on."""
            if place == "road":
                return 5 * (paper + dust)
            paid = fees[place] * (paper + dust)
            if kinds[place] == "transfer":
                goal, left = goes[place, "load"], (paper, dust)
            elif kinds[place] == "sorter":
                paid -= 50 * (0.8 * paper + 0.1 * dust)
                goal, left = goes[place, "residue"], (0.2 * paper, 0.9 * dust)
            elif kinds[place] == "oven":
                paid -= 200 * paper
                goal, left = goes[place, "ash"], (0.1 * paper, dust)
            else:
                return paid
            return paid + way.get((place, goal), 0.0) * sum(left) + at(goal, *left)

        total = sum(
            min(
                way[town, name] * sum(amounts[town]) + at(name, *amounts[town])
                for name in plants
                if kinds[name] != "tip"
            )
            for town in towns
        )
        best = min(best, total)
    return best


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(3, 20))])
def test_as_cheap_as_every_choice_tried(seed):
    random = np.random.default_rng(seed)
    plants = ["transfer_1", "transfer_2", "sorter_1", "sorter_2", "oven_1", "oven_2", "tip_1", "tip_2"]
    towns = ["A", "B", "C"]
    amounts = {town: tuple(float(value) for value in random.integers(1, 100, 2)) for town in towns}
    levels = {"transfer": (0, 5), "sorter": (0, 40), "oven": (50, 150), "tip": (0, 150)}
    fees = {name: float(random.integers(*levels[name.split("_")[0]])) for name in plants}
    way = {(town, name): float(random.integers(0, 60)) for town in towns for name in plants}
    way |= {(start, goal): float(random.integers(0, 60)) for start in plants for goal in plants if start != goal}
    case = chain(
        amounts,
        facilities=[(name, fees[name], {}) for name in plants],
        ways=[(start, goal, price) for (start, goal), price in way.items()],
    )
    expected = cheapest(plants, fees, way, amounts, towns)
    exact = optimum(case, pooled=False)
    assert exact == pytest.approx(expected, rel=1e-6)
    assert optimum(case, pooled=True) <= exact + 1e-6 * abs(exact)
