"""Blocks and families of a linear model, its Pyomo model, and the golden text of the two-towns model."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest

from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models.builder import Linear
from models.formulation import build
from models.pyomo_model import to_pyomo
from models.routes import routes
from models.timing import horizon
from tests.cases.small import two_towns

GOLDEN = Path(__file__).parent / "golden" / "two_towns.lp"


def test_a_block_names_its_columns():
    linear = Linear()
    linear.add_block("first", pd.DataFrame({"place": ["a", "b"]}))
    block = linear.add_block("second", pd.DataFrame({"place": ["a"], "year": [2025]}), lower=1.0, upper=2.0, cost=3.0)
    assert linear.columns == 3
    assert block.table()["col"].tolist() == [2]
    assert (block.lower.tolist(), block.upper.tolist(), block.cost.tolist()) == ([1], [2], [3])


def test_entries_of_one_row_and_column_add_up_and_strangers_stay_out():
    linear = Linear()
    keys = pd.DataFrame({"place": ["a", "b", "c"]})
    one = linear.add_block("one", keys).table()
    entries = [
        one.assign(coef=1.0),
        one[one["place"] == "a"].assign(coef=2.0),
        one[one["place"] == "b"].assign(coef=-1.0),
    ]
    linear.add_rows("sum", keys.iloc[:2], entries, upper=5.0)
    family = linear.families["sum"]
    # Row b has cancelled out and holds at zero, so it is left out; c is no key.
    assert family.keys["place"].tolist() == ["a"]
    assert (family.row.tolist(), family.col.tolist(), family.coef.tolist()) == ([0], [0], [3.0])


def test_an_empty_row_that_cannot_hold_stays():
    linear = Linear()
    linear.add_block("one", pd.DataFrame({"place": ["a"]}))
    linear.add_rows("least", pd.DataFrame({"place": ["x", "y"]}), [], lower=np.array([1.0, 0.0]))
    assert linear.families["least"].keys["place"].tolist() == ["x"]


def test_the_pyomo_model_reads_like_the_mathematics():
    linear = Linear()
    keys = pd.DataFrame({"town": ["A", "B"], "year": [2025, 2025]})
    x = linear.add_block("x", keys, upper=1.0, cost=np.array([2.0, 0.0]), integer=np.array([True, False])).table()
    linear.add_rows("one", keys[["year"]].drop_duplicates(), [x.assign(coef=1.0)], lower=1.0, upper=1.0)
    linear.add_rows("most", keys, [x.assign(coef=1.0)], upper=0.75)
    linear.add_rows("both", keys.iloc[:1], [x.assign(coef=1.0)], lower=0.25, upper=0.75)
    model = to_pyomo(linear)
    assert model.x["A", 2025].is_integer()
    assert not model.x["B", 2025].is_integer()
    assert model.x["A", 2025].bounds == (0, 1)
    assert str(model.one[2025].expr) == "x[A,2025] + x[B,2025]  ==  1.0"
    assert str(model.most["B", 2025].expr) == "x[B,2025]  <=  0.75"
    assert (pyo.value(model.both["A", 2025].lower), pyo.value(model.both["A", 2025].upper)) == (0.25, 0.75)
    assert str(model.cost.expr) == "2.0*x[A,2025]"


def three_things() -> pyo.ConcreteModel:
    """Two families of variables and two of constraints, with every kind of bound."""
    linear = Linear()
    towns = pd.DataFrame({"town": ["A", "B"], "year": [2025, 2030]})
    x = linear.add_block("x", towns, upper=np.array([1.0, np.inf]), cost=2.0, integer=True).table()
    linear.add_block("none", towns.iloc[:0])
    y = linear.add_block("y", towns[["town"]], lower=np.array([-1.0, -np.inf]), cost=np.array([0.0, 1.0])).table()
    linear.add_rows("one", towns[["town"]], [x.assign(coef=1.0), y.assign(coef=3.0)], lower=1.0, upper=1.0)
    linear.add_rows("most", towns, [x.assign(coef=-1.0)], upper=np.array([0.75, 0.5]))
    linear.add_rows("least", pd.DataFrame({"town": ["C"]}), [], lower=1.0)
    return to_pyomo(linear)


def test_members_are_there_for_whoever_looks():
    model = three_things()
    assert (len(model.x), len(model.y), len(model.none), len(model.one), len(model.most)) == (2, 2, 0, 2, 2)
    assert list(model.x_index) == [("A", 2025), ("B", 2030)]
    assert list(model.one_index) == ["A", "B"]
    assert ("B", 2030) in model.x
    assert ("B", 2025) not in model.x
    assert [one.name for one in model.x.values()] == ["x[A,2025]", "x[B,2030]"]
    assert [row.name for row in model.component_data_objects(pyo.Constraint)] == [
        "one[A]",
        "one[B]",
        "most[A,2025]",
        "most[B,2030]",
        "least[C]",
    ]
    with pytest.raises(KeyError, match="C"):
        model.x["C", 2025]
    assert (model.y["A"].bounds, model.y["B"].bounds, model.x["B", 2030].bounds) == (
        (-1, None),
        (None, None),
        (0, None),
    )
    assert not model.y["A"].is_integer()
    assert model.x["A", 2025] is next(iter(model.x.values()))


def test_a_row_answers_as_a_constraint():
    model = three_things()
    row = model.one["A"]
    assert (row.equality, row.lb, row.ub, row.has_lb(), row.active) == (True, 1.0, 1.0, True, True)
    assert str(row.body) == "x[A,2025] + 3.0*y[A]"
    assert str(model.most["A", 2025].expr) == "- x[A,2025]  <=  0.75"
    model.x["A", 2025].set_value(1.0)
    model.y["A"].set_value(-0.5)
    assert pyo.value(row.body) == pytest.approx(-0.5)
    assert row.slack() == pytest.approx(-1.5)
    assert row.index() == "A"
    assert row.parent_component() is model.one


def test_the_model_prints_itself(capsys):
    three_things().pprint()
    text = capsys.readouterr().out
    assert re.search(r"\('A', 2025\) +: +-Inf +: +- x\[A,2025\] +: +0.75 : +True", text)
    assert "2.0*x[A,2025] + 2.0*x[B,2030] + y[B]" in text


def test_the_model_is_cloned_and_pickled():
    for copied in (three_things().clone(), pickle.loads(pickle.dumps(three_things()))):
        copied.x["A", 2025].setub(5)
        assert str(copied.one["A"].expr) == "x[A,2025] + 3.0*y[A]  ==  1.0"
        assert copied.one["A"].body.arg(0).arg(1) is copied.x["A", 2025]
        assert str(copied.cost.expr) == "2.0*x[A,2025] + 2.0*x[B,2030] + y[B]"


def test_two_members_of_one_name_are_noticed():
    linear = Linear()
    linear.add_block("x", pd.DataFrame({"town": ["A", "A"]}))
    linear.add_rows("one", pd.DataFrame({"town": ["B", "B"]}), [], lower=1.0)
    model = to_pyomo(linear)
    for name in ("x", "one", "x_index"):
        with pytest.raises(ValueError, match=f"two members of {name} have the same label"):
            len(model.component(name))


def lp_text(tmp_path: Path) -> str:
    """Return the two-towns model with a target of 50 % as LP text, numbers rounded to ten digits."""
    case = two_towns(targets=[{"scope": "all", "method": "collected", "year": 2025, "rate": 0.5}])
    captures = shifted_capture(case, reconcile_case(case).calibration)
    form = build(case, captures, routes(case), horizon(case, yearly=False), pooled=True)
    path = tmp_path / "model.lp"
    to_pyomo(form.linear).write(str(path), format="lp_v2", io_options={"symbolic_solver_labels": True})
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    numbered = re.compile(r"(?<![\w.])[+-]?\d+\.\d+(?:[eE][+-]?\d+)?")
    return "\n".join(numbered.sub(lambda found: f"{float(found[0]):+.10g}", line) for line in lines) + "\n"


def test_the_two_towns_model_is_the_golden_one(tmp_path):
    """A change of the formulation shows here; ``MFA_GOLDEN=write`` accepts it."""
    text = lp_text(tmp_path)
    if os.environ.get("MFA_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_golden_text_is_what_the_pencil_says():
    # Read back from the text: A's food bin under three bins is 200 * 0.6 + 100 * 0.02 = 122 t, kt in the model.
    text = GOLDEN.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^(c_[elu]_\S+):\n((?:[+-].*\n)+?)(?=[<>=])", text, flags=re.MULTILINE))
    supply = next(
        body for name, body in rows.items() if "supply" in name and "A_" in name and "three_bins_food_bin" in name
    )
    assert "-0.122 x(A_households_houses_three_bins_2025)" in supply
    capacity = next(body for name, body in rows.items() if "capacity(sorter" in name)
    assert "-0.3 on(sorter_S_2025)" in capacity
    assert "-0.7 on(sorter_L_2025)" in capacity


def test_supply_of_a_stream_is_all_sent_somewhere():
    # The two-towns bag of A under one bin: 400 t down to the burner or the sorter.
    case = two_towns()
    form = build(
        case,
        shifted_capture(case, reconcile_case(case).calibration),
        routes(case),
        horizon(case, yearly=False),
        pooled=True,
    )
    stuff = form.supply.commodities.set_index(["municipality", "scheme", "stream"])["kt"]
    assert stuff["A", "one_bin", "mixed_bin"] == pytest.approx(0.4)
    assert stuff["B", "three_bins", "mixed_bin"] == pytest.approx(0.119)
    used = form.inflow.query("municipality == 'A' and scheme == 'one_bin'")["technology"].unique()
    assert sorted(used) == ["incineration", "residual_sorting"]
