"""Hand-over to HiGHS: the model as it stands, right answers, checked options, re-solves with a changed bound."""

from __future__ import annotations

import _thread
from dataclasses import replace
from threading import Timer

import highspy
import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models import highs
from models.builder import Linear
from models.formulation import build
from models.highs import Arrays, Session, SolverError, check_solver, compile_model
from models.pyomo_model import to_pyomo
from models.routes import routes
from models.timing import horizon
from tests.cases.small import two_towns


def knapsack_model() -> pyo.ConcreteModel:
    """maximise 5a + 4b + 3c, 2a + 3b + c <= 5, 4a + b + 2c <= 11, 3a + 4b + 2c <= 8: 13 at (2, 0, 1)."""
    linear = Linear()
    items = pd.DataFrame({"item": ["a", "b", "c"]})
    take = linear.add_block("take", items, cost=np.array([-5.0, -4.0, -3.0]), integer=True).table()
    use = pd.DataFrame(
        {"kind": np.repeat(["k1", "k2", "k3"], 3), "item": ["a", "b", "c"] * 3, "coef": [2.0, 3, 1, 4, 1, 2, 3, 4, 2]}
    )
    linear.add_rows(
        "room",
        pd.DataFrame({"kind": ["k1", "k2", "k3"]}),
        [use.merge(take, on="item")],
        upper=np.array([5.0, 11.0, 8.0]),
    )
    return to_pyomo(linear)


def knapsack() -> Arrays:
    return compile_model(knapsack_model())


def best(model: pyo.ConcreteModel) -> float:
    return Session(compile_model(model), mip_rel_gap=0.0).run().objective


def test_the_arrays_are_those_of_the_model():
    arrays = knapsack()
    assert arrays.cost.tolist() == [-5, -4, -3]
    assert arrays.integer.all()
    assert arrays.start.tolist() == [0, 3, 6, 9]
    assert arrays.index.tolist() == [0, 1, 2] * 3
    assert arrays.value.tolist() == [2, 3, 1, 4, 1, 2, 3, 4, 2]
    assert arrays.row_upper.tolist() == [5, 11, 8]
    assert (arrays.row_lower <= -highspy.kHighsInf).all()


def forms() -> list[Linear]:
    """Models of small cases: one year, periods and years, pooled and by place, with a target and a contract."""
    one = two_towns(targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.5}])
    many = two_towns(
        settings={"plan_years": "2025-2029", "period_starts": "2025, 2027", "discount_rate": 0.03},
        targets=[{"scope": "all", "method": "collected", "year": 2029, "rate": 0.4}],
        contracts=[{"municipality": "A", "stream": "mixed_bin", "facility": "burner", "minimum": 0.2}],
    )
    found = []
    for case in (one, many):
        captures = shifted_capture(case, reconcile_case(case).calibration)
        for yearly, pooled in ((False, True), (True, False)):
            found.append(build(case, captures, routes(case), horizon(case, yearly=yearly), pooled=pooled).linear)
    return found


def named(arrays: Arrays, model: pyo.ConcreteModel) -> dict[tuple[str, int], tuple[float, dict[str, float]]]:
    """Return bound and entries of every row and side, by name: 0 is =, 1 is <=, -1 is >=."""
    variables = [one.name for one in model.component_data_objects(pyo.Var)]
    rows = [one.name for one in model.component_data_objects(pyo.Constraint, active=True)]
    found = {}
    for number, name in enumerate(rows):
        entries = slice(arrays.start[number], arrays.start[number + 1])
        body = {variables[c]: v for c, v in zip(arrays.index[entries], arrays.value[entries], strict=True)}
        low, high = arrays.row_lower[number], arrays.row_upper[number]
        if low == high:
            found[name, 0] = (low, body)
            continue
        if high < highspy.kHighsInf:
            found[name, 1] = (high, body)
        if low > -highspy.kHighsInf:
            found[name, -1] = (low, body)
    return found


def by_pyomo(model: pyo.ConcreteModel) -> tuple[dict, dict[str, float]]:
    """Return what Pyomo's own compiler makes of the model, and its costs by name."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    names = [one.name for one in form.columns]
    matrix, costs = form.A.tocsr(), form.c.tocsr()
    found = {}
    for number, row in enumerate(form.rows):
        entries = slice(matrix.indptr[number], matrix.indptr[number + 1])
        body = {names[c]: v for c, v in zip(matrix.indices[entries], matrix.data[entries], strict=True)}
        found[row.constraint.name, row.bound_type] = (form.rhs[number], body)
    return found, {names[c]: v for c, v in zip(costs.indices, costs.data, strict=True)}


@pytest.mark.parametrize("linear", forms())
def test_the_arrays_are_what_pyomo_makes_of_the_model(linear):
    model = to_pyomo(linear)
    arrays = compile_model(model)
    # Pyomo looks at every member; the arrays were copied before and are walked after that.
    rows, costs = by_pyomo(model)
    assert {name: row for name, row in named(arrays, model).items() if row[1]} == rows
    names = [one.name for one in model.component_data_objects(pyo.Var)]
    assert {name: cost for name, cost in zip(names, arrays.cost, strict=True) if cost} == costs
    assert not model.x.untouched
    assert_same(compile_model(model), arrays)
    assert_same(compile_model(model.clone()), arrays)
    variables = list(model.component_data_objects(pyo.Var))
    assert [one.lb for one in variables] == [None if low < -1e300 else low for low in arrays.lower]
    assert [one.ub for one in variables] == [None if high > 1e300 else high for high in arrays.upper]
    assert [one.is_integer() for one in variables] == arrays.integer.tolist()


def assert_same(one: Arrays, other: Arrays) -> None:
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(other, name)), name


def test_another_solver_finds_the_same_optimum():
    for model in (knapsack_model(), to_pyomo(forms()[0])):
        expected = best(model)
        pyo.SolverFactory("appsi_highs").solve(model)
        assert pyo.value(model.cost) == pytest.approx(expected)


def test_an_added_constraint_holds():
    model = knapsack_model()
    # c <= 3 - 3 a: no c beside an a. a = b = 1 is 9, c = 3 alone too; b = 1 and c = 2 is 10.
    model.either = pyo.Constraint(expr=model.take["c"] <= 4 * (1 - model.take["a"]) + model.take["a"] - 1)
    assert best(model) == pytest.approx(-10)


def test_a_new_member_of_a_family_holds():
    model = knapsack_model()
    model.room_index.add("k4")
    model.room.add("k4", model.take["a"] + model.take["c"] + 1 <= 3)
    assert compile_model(model).row_upper.tolist() == [5, 11, 8, 2]
    assert best(model) == pytest.approx(-10)


def test_an_added_variable_and_block_count():
    model = knapsack_model()
    model.more = pyo.Block()
    model.more.extra = pyo.Var(bounds=(0, 2), domain=pyo.Integers)
    model.more.only = pyo.Constraint(expr=2 * model.more.extra + model.take["a"] <= 4)
    model.cost.expr = model.cost.expr - 4 * model.more.extra
    # (2, 0, 1) leaves room for 1 of the extra: 17, and a = 0 for 2 of it: 12 + 8 = 20.
    assert best(model) == pytest.approx(-20)
    model.more.deactivate()
    assert compile_model(model).row_upper.tolist() == [5, 11, 8]


def test_a_fixed_variable_stays_where_it_is():
    model = knapsack_model()
    model.take["a"].fix(0)
    assert best(model) == pytest.approx(-12)
    # In a constraint of one's own it is a constant: c <= 3 - 0, so b = 1 and c = 2.
    model.own = pyo.Constraint(expr=model.take["c"] + model.take["a"] <= 3)
    assert best(model) == pytest.approx(-10)
    model.own.deactivate()
    model.take["a"].unfix()
    assert best(model) == pytest.approx(-13)
    model.take["b"].fix()
    with pytest.raises(ValueError, match="value"):
        compile_model(model)


def test_bounds_and_domains_are_those_of_now():
    model = knapsack_model()
    model.take["a"].setub(1)
    model.most = pyo.Param(initialize=2, mutable=True)
    model.take["c"].setub(model.most - 1)
    arrays = compile_model(model)
    assert arrays.upper.tolist() == [1, highspy.kHighsInf, 1]
    assert arrays.lower.tolist() == [0, 0, 0]
    model.take["b"].domain = pyo.Reals
    arrays = compile_model(model)
    assert arrays.lower.tolist() == [0, -highspy.kHighsInf, 0]
    assert arrays.integer.tolist() == [True, False, True]
    model.take["b"].domain = pyo.Binary
    assert compile_model(model).upper.tolist() == [1, 1, 1]


def test_what_is_switched_off_does_not_hold():
    model = knapsack_model()
    model.room["k2"].deactivate()
    arrays = compile_model(model)
    assert arrays.row_upper.tolist() == [5, 8]
    assert (arrays.start.tolist(), arrays.index.tolist()) == ([0, 3, 6], [0, 1, 2, 0, 1, 2])
    assert arrays.value.tolist() == [2, 3, 1, 3, 4, 2]
    model.room["k2"].activate()
    assert_same(compile_model(model), knapsack())
    model.room.deactivate()
    assert len(compile_model(model).row_upper) == 0
    model.room.activate()
    del model.room["k1"]
    assert compile_model(model).row_upper.tolist() == [11, 8]


def test_a_row_with_a_new_expression_is_the_new_one():
    model = knapsack_model()
    model.room["k1"] = (1, model.take["b"] + 2 * model.take["c"] + 2, 9)
    arrays = compile_model(model)
    assert (arrays.row_lower[0], arrays.row_upper[0]) == (-1, 7)
    assert (arrays.index[:2].tolist(), arrays.value[:2].tolist()) == ([1, 2], [1, 2])
    assert (arrays.start.tolist(), arrays.row_upper[1:].tolist()) == ([0, 2, 5, 8], [11, 8])
    assert str(model.room["k1"].expr) == "1  <=  take[b] + 2*take[c] + 2  <=  9"


def test_the_objective_is_the_one_of_now():
    model = knapsack_model()
    model.cost.sense = pyo.maximize
    assert compile_model(model).cost.tolist() == [5, 4, 3]
    model.cost.expr = 2 * model.take["c"] + 7
    assert (compile_model(model).cost.tolist(), compile_model(model).offset) == ([0, 0, -2], -7)
    # At most c = 4: 8 and the constant.
    assert best(model) == pytest.approx(-15)
    model.cost.deactivate()
    assert not compile_model(model).cost.any()
    model.other = pyo.Objective(expr=model.take["b"])
    assert compile_model(model).cost.tolist() == [0, 1, 0]
    model.cost.activate()
    with pytest.raises(SolverError, match="several objectives are active: cost, other"):
        compile_model(model)


def test_a_model_that_is_not_ours_is_walked():
    model = pyo.ConcreteModel()
    model.a = pyo.Var(bounds=(0, 4))
    model.b = pyo.Var([1, 2], domain=pyo.Binary)
    model.row = pyo.Constraint(expr=2 * (model.a + model.b[1]) >= model.b[2] + 3)
    model.cost = pyo.Objective(expr=model.a + model.b[1])
    arrays = compile_model(model)
    # b[2] + 3 - 2 (a + b[1]) <= 0 as Pyomo writes it.
    assert dict(zip(arrays.index.tolist(), arrays.value.tolist(), strict=True)) == {0: -2, 1: -2, 2: 1}
    assert arrays.row_upper.tolist() == [-3]
    assert arrays.integer.tolist() == [False, True, True]
    assert best(model) == pytest.approx(1.5)


def test_what_cannot_be_handed_over_is_named():
    model = knapsack_model()
    model.curved = pyo.Constraint(expr=model.take["a"] ** 2 <= 3)
    with pytest.raises(SolverError, match="curved is not linear"):
        compile_model(model)
    model.curved.deactivate()
    model.few = pyo.SOSConstraint(var=model.take, sos=1)
    with pytest.raises(SolverError, match="not SOSConstraint"):
        compile_model(model)
    model.few.deactivate()
    assert len(compile_model(model).row_upper) == 3
    del model.take["b"]
    with pytest.raises(SolverError, match="is used but is not in the model"):
        compile_model(model)
    model = knapsack_model()
    model.del_component(model.take)
    with pytest.raises(SolverError, match="is used but is not in the model"):
        compile_model(model)


def test_a_problem_with_a_known_optimum():
    solution = Session(knapsack(), mip_rel_gap=0.0).run()
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(-13)
    assert solution.values == pytest.approx([2, 0, 1])
    assert solution.bound == pytest.approx(-13)
    assert solution.gap == pytest.approx(0, abs=1e-9)


def test_an_option_that_highs_does_not_know_is_refused():
    with pytest.raises(SolverError, match="no_such_option"):
        Session(knapsack(), no_such_option=1)


@pytest.mark.parametrize("options", [{"mip_rel_gap": -1.0}, {"time_limit": "soon"}, {"solver": "abacus"}])
def test_an_option_with_a_wrong_value_is_refused(options):
    with pytest.raises((SolverError, TypeError)):
        Session(knapsack(), **options)


def test_the_session_is_kept_for_re_solves():
    session = Session(knapsack(), mip_rel_gap=0.0)
    assert session.run().objective == pytest.approx(-13)
    # Without a: b and c, 3b + c <= 5 and 4b + 2c <= 8: c = 4 is 12, more than b = 1, c = 2 (10).
    session.bounds(np.array([0]), np.array([0.0]), np.array([0.0]))
    assert session.run().objective == pytest.approx(-12)
    # Back, with 7 of the third: (1, 0, 2) is 11. Whole numbers let go: a = 7/3 alone is 35/3, as a unit of c
    # takes 2/3 of a, worth more.
    session.bounds(np.array([0]), np.array([0.0]), np.array([highspy.kHighsInf]))
    session.row_bounds(2, -highspy.kHighsInf, 7.0)
    assert session.run().objective == pytest.approx(-11)
    session.relax(np.arange(3))
    assert session.run().objective == pytest.approx(-35 / 3)


def test_duals_of_a_linear_problem():
    arrays = knapsack()
    relaxed = Arrays(**{**arrays.__dict__, "integer": np.zeros(3, dtype=bool)})
    solution = Session(relaxed, solver="simplex").run()
    # Relaxed optimum is 13 too; the dual of rows 1 and 3 is 1 and of row 2 is 0: 5 + 8 = 13.
    assert solution.objective == pytest.approx(-13)
    assert solution.bound == pytest.approx(-13)
    assert np.abs(solution.row_duals) == pytest.approx([1, 0, 1])


def test_infeasible_and_unbounded_are_told_apart():
    arrays = knapsack()
    impossible = Arrays(**{**arrays.__dict__, "row_lower": np.array([6.0, 0.0, 0.0])})
    solution = Session(impossible).run()
    assert solution.status == "infeasible"
    assert len(solution.values) == 0
    assert solution.objective == float("inf")
    free = Arrays(**{**arrays.__dict__, "row_upper": np.full(3, highspy.kHighsInf)})
    assert Session(free).run().status in {"unbounded", "infeasible"}


def long_search() -> Arrays:
    # 60 items of nearly equal worth per weight: the proof takes long, the stop comes first.
    draw = np.random.default_rng(1)
    count, rows = 60, 30
    weights = draw.integers(100, 1000, size=(rows, count)).astype(float)
    return Arrays(
        -(weights.mean(axis=0) + draw.integers(0, 5, count)),
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        np.full(rows, -highspy.kHighsInf),
        weights.sum(axis=1) / 2,
        np.arange(0, rows * count + 1, count, dtype=np.int32),
        np.tile(np.arange(count, dtype=np.int32), rows),
        weights.ravel(),
    )


def test_a_session_that_is_stopped_says_so():
    arrays = long_search()
    limited = Session(arrays, time_limit=0.3, threads=1, mip_rel_gap=0.0).run()
    assert limited.status == "time_limit"
    assert limited.gap > 0
    session = Session(arrays, threads=1, mip_rel_gap=0.0, time_limit=30.0)
    session.stop.set()
    assert session.run().status == "interrupted"


def test_an_interruption_goes_through_the_solver():
    session = Session(long_search(), threads=1, mip_rel_gap=0.0, time_limit=30.0)
    Timer(0.5, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        session.run()
    assert not highs.still_running()


def test_a_bad_solver_is_noticed(monkeypatch):
    assert check_solver() == str(highspy.Highs().version())

    class Wrong(Session):
        def run(self, progress=None):
            found = super().run(progress)
            return highs.Solution("optimal", found.values, found.objective + 1, found.bound, 0.0, found.row_duals, 0)

    monkeypatch.setattr(highs, "Session", Wrong)
    check_solver.cache_clear()
    with pytest.raises(SolverError, match="wrong answers"):
        check_solver()
    monkeypatch.undo()
    check_solver.cache_clear()
    check_solver()


def test_a_thread_that_solved_with_another_number_of_threads_can_resolve():
    first = highspy.Highs()
    first.setOptionValue("output_flag", False)
    first.setOptionValue("threads", 2)
    first.addVar(0.0, 1.0)
    first.changeColCost(0, -1.0)
    first.run()
    arrays = long_search()
    session = Session(replace(arrays, integer=np.zeros_like(arrays.integer)), threads=1)
    assert session.resolve().status == "optimal"
