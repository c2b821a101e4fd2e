"""How likely scenarios are: stated on the sheet, what is left shared with the case as it is, or given."""

from __future__ import annotations

import pytest

from flows.problems import InputError
from flows.scenario_weights import BASE, check, named, weights
from tests.cases.pencil import pencil

ROW = {"table": "generation", "column": "amount", "operation": "factor", "value": "2"}


def sheet(**stated):
    """Return a case with scenarios of these weights; None states none."""
    return pencil(scenarios=[{"scenario": name, **ROW, "weight": weight} for name, weight in stated.items()])


def test_blank_weights_are_equal_with_the_base():
    assert weights(sheet(a=None, b=None)) == pytest.approx({BASE: 1 / 3, "a": 1 / 3, "b": 1 / 3})


def test_blank_weights_share_what_is_left():
    assert weights(sheet(a=0.4, b=None)) == pytest.approx({BASE: 0.3, "a": 0.4, "b": 0.3})


def test_a_base_for_which_nothing_is_left_is_left_out_unless_named():
    case = sheet(a=0.4, b=0.6)
    assert weights(case) == pytest.approx({"a": 0.4, "b": 0.6})
    assert weights(case, [BASE, "a"]) == pytest.approx({BASE: 0.0, "a": 1.0})


def test_chosen_scenarios_keep_their_proportions():
    assert weights(sheet(a=0.4, b=0.2), ["a", "b"]) == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert weights(sheet(a=0.4, b=0.2), [BASE, "b"]) == pytest.approx({BASE: 2 / 3, "b": 1 / 3})


def test_given_weights_are_on_any_scale():
    assert weights(sheet(a=0.9), [BASE, "a"], {BASE: 3, "a": 1}) == pytest.approx({BASE: 0.75, "a": 0.25})


def test_a_weight_may_stand_on_any_row_of_its_scenario():
    rows = [{"scenario": "a", **ROW}, {"scenario": "a", **ROW, "filter": "municipality=A", "weight": 0.1}]
    assert weights(pencil(scenarios=rows)) == pytest.approx({BASE: 0.9, "a": 0.1})


def test_without_scenarios_there_is_the_base():
    assert weights(pencil()) == {BASE: 1.0}
    case = pencil()
    assert named(case, BASE) is case


@pytest.mark.parametrize(
    ("rows", "code", "danish"),
    [
        ([{"scenario": "a", **ROW, "weight": 0.7}, {"scenario": "b", **ROW, "weight": 0.6}], "scenario_weights_sum", "1.3"),
        (
            [{"scenario": "a", **ROW, "weight": 0.7}, {"scenario": "a", **ROW, "filter": "municipality=A", "weight": 0.6}],
            "scenario_weights",
            "flere vægte: 0.6, 0.7",
        ),
        ([{"scenario": "base", **ROW}], "scenario_base", "kan ikke hedde 'base'"),
    ],
)  # fmt: skip
def test_weights_that_are_none_are_told(rows, code, danish):
    case = pencil(scenarios=rows)
    problems = list(check(case))
    assert [problem.code for problem in problems] == [code]
    assert danish in problems[0].text("da")
    with pytest.raises(InputError):
        weights(case)


def test_an_unknown_scenario_is_told_with_what_may_be_meant():
    with pytest.raises(InputError) as caught:
        weights(sheet(growth=None), ["grwth"])
    assert "growth" in caught.value.problems[0].text("en")
