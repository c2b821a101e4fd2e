"""Transfer coefficients: closing, the rest, support years that differ, and the words of what cannot close."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.coefficients import ClosureError, NetworkError, Splits, coefficients, with_keys


def closed(rows, flows=("a", "b", "c"), layers=("goods",), years=(2020,), keeps=False, partial=False):
    """Coefficients of one process with these flows: an array over (flow, layer, year)."""
    table = pd.DataFrame(rows, columns=["flow", "layer", "year", "value"])
    splits = Splits(pd.Index(flows), np.zeros(len(flows), dtype=int), ["plant"], np.array([keeps]), partial)
    return coefficients(with_keys(table), splits, layers, years)


def test_a_blank_value_or_no_row_is_the_rest():
    rows = [("a", "", None, 0.2), ("b", "", None, 0.5), ("c", "", None, None)]
    assert closed(rows)[:, 0, 0].tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert closed(rows[:2])[:, 0, 0].tolist() == pytest.approx([0.2, 0.5, 0.3])


def test_a_row_of_the_layer_wins_over_one_for_all():
    rows = [("a", "", None, 0.2), ("b", "", None, 0.5), ("a", "iron", None, 0.9), ("b", "iron", None, 0.0)]
    shares = closed(rows, layers=("goods", "iron"))
    assert shares[:, :, 0].tolist() == [pytest.approx([0.2, 0.9]), pytest.approx([0.5, 0.0]), pytest.approx([0.3, 0.1])]


def test_linear_between_support_years_and_constant_outside():
    rows = [("a", "", 2020, 0.2), ("a", "", 2030, 0.6), ("b", "", None, 0.1)]
    shares = closed(rows, years=(2010, 2020, 2025, 2030, 2040))[:, 0]
    assert shares[0].tolist() == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.6])
    assert shares[1].tolist() == pytest.approx([0.1] * 5)
    assert shares[2].tolist() == pytest.approx([0.7, 0.7, 0.5, 0.3, 0.3])


def test_support_years_that_differ_close_by_the_rule():
    # a is known in 2020 and 2040, b in 2020 and 2030, c in 2020 and 2030. In 2030 b and c are given, a fills
    # what they leave: 1 - 0.5 - 0.3 = 0.2 (its own interpolation, 0.3, is scaled). In 2040 a is given with 0.4,
    # b and c are scaled from 0.5 and 0.3 to fill 0.6: 0.375 and 0.225.
    rows = [
        ("a", "", 2020, 0.2), ("a", "", 2040, 0.4), ("b", "", 2020, 0.5), ("b", "", 2030, 0.5),
        ("c", "", 2020, 0.3), ("c", "", 2030, 0.3),
    ]  # fmt: skip
    shares = closed(rows, years=(2020, 2025, 2030, 2035, 2040))[:, 0]
    assert shares[:, 0].tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert shares[:, 1].tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert shares[:, 2].tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert shares[:, 4].tolist() == pytest.approx([0.4, 0.375, 0.225])
    # half way between 2030 and 2040 everything is half way
    assert shares[:, 3].tolist() == pytest.approx([0.3, 0.4375, 0.2625])


def test_a_blank_of_one_year_is_the_rest_of_that_year():
    rows = [
        ("a", "", 2020, 0.5), ("b", "", 2020, 0.5), ("c", "", 2020, 0.0),
        ("a", "", 2030, 0.2), ("b", "", 2030, None), ("c", "", 2030, 0.1),
    ]  # fmt: skip
    shares = closed(rows, years=(2020, 2025, 2030))[:, 0]
    assert shares[1].tolist() == pytest.approx([0.5, 0.6, 0.7])
    assert shares.sum(axis=0).tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_a_row_without_year_holds_where_none_of_its_own_stands():
    rows = [("a", "", None, 0.5), ("a", "", 2030, 0.1)]
    assert closed(rows, ("a", "b"), years=(2029, 2030, 2031))[0, 0].tolist() == pytest.approx([0.5, 0.1, 0.5])


def test_support_years_need_not_be_years_of_the_system():
    rows = [("a", "", 2000, 0.0), ("a", "", 2100, 1.0)]
    assert closed(rows, ("a", "b"), years=(2025, 2050))[0, 0].tolist() == pytest.approx([0.25, 0.5])


def test_only_the_layer_with_years_moves():
    rows = [("a", "", None, 0.2), ("a", "iron", 2020, 0.2), ("a", "iron", 2030, 0.4)]
    shares = closed(rows, ("a", "b"), layers=("goods", "iron"), years=(2020, 2025, 2030))
    assert shares[0].tolist() == [pytest.approx([0.2, 0.2, 0.2]), pytest.approx([0.2, 0.3, 0.4])]
    assert shares.sum(axis=0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("a", "iron", 2030, 0.7), ("b", "iron", 2030, 0.5), ("c", "iron", 2030, 0.0)], "sum 1.2"),
        ([("a", "iron", 2030, 0.7), ("b", "iron", 2030, 0.1), ("c", "iron", 2030, 0.1)], "sum 0.9"),
        ([("a", "iron", 2030, 0.7), ("b", "iron", 2030, None), ("c", "iron", 2030, None)], "two blank"),
        ([("a", "iron", 2030, 1.1), ("b", "iron", 2030, -0.1), ("c", "iron", 2030, 0.0)], "negative"),
    ],
)
def test_what_cannot_close_names_process_layer_and_year(rows, says):
    sound = [("a", "", None, 0.2), ("b", "", None, 0.5), ("c", "", None, 0.3)]
    with pytest.raises(ClosureError, match="plant.*layer iron, year 2030") as raised:
        closed(sound + rows, layers=("goods", "iron"), years=(2020, 2030))
    assert says in str(raised.value)
    assert "a, b, c" in str(raised.value)


def test_given_ones_that_leave_no_room_are_an_error_although_others_could_shrink():
    rows = [("a", "", 2020, 0.2), ("b", "", 2020, 0.8), ("a", "", 2030, 1.2)]
    with pytest.raises(ClosureError, match="plant.*goods, year 2030"):
        closed(rows, ("a", "b"), years=(2020, 2030))


def test_a_stock_may_keep_what_its_coefficients_leave():
    assert closed([("a", "", None, 0.3)], ("a",), keeps=True)[0, 0, 0] == pytest.approx(0.3)


def test_unknown_coefficients_stay_unknown_where_that_is_asked_for():
    shares = closed([("a", "", None, 0.3)], partial=True)[:, 0, 0]
    assert shares[0] == pytest.approx(0.3)
    assert np.isnan(shares[1:]).all()


def test_a_flow_that_is_not_listed_is_named():
    with pytest.raises(NetworkError, match="not listed: nowhere"):
        closed([("nowhere", "", None, 1.0)])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_coefficients_close_in_every_year_whatever_the_support_years(data):
    """Flows with support years of their own, one of them maybe the rest: shares add up to one everywhere."""
    count = data.draw(st.integers(2, 4))
    rows = []
    # Together they stay below one at every support year; the last flow is the rest.
    for position in range(count - 1):
        years = data.draw(st.lists(st.integers(2000, 2050), unique=True, max_size=4))
        for year in years or [None]:
            rows.append((f"f{position}", "", year, data.draw(st.floats(0.0, 1.0)) / (count - 1)))
    names = [f"f{position}" for position in range(count)]
    shares = closed(rows, names, years=tuple(range(1995, 2056)))[:, 0]
    assert shares.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    assert (shares >= 0).all()
    for flow, _, year, value in rows:
        if year is not None:
            assert shares[names.index(flow), year - 1995] == pytest.approx(value, abs=1e-12)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_closing_without_a_rest_keeps_what_is_given(data):
    """All flows close in 2020; later each has support years of its own: given ones stay, the others make room."""
    shares = np.array(data.draw(st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3)))
    rows = [(name, "", 2020, share) for name, share in zip("abc", shares / shares.sum(), strict=True)]
    later = data.draw(st.lists(st.integers(2021, 2040), unique=True, min_size=1, max_size=3))
    given_later = {year: ("abc"[number], data.draw(st.floats(0.01, 1.0))) for number, year in enumerate(later)}
    rows += [(name, "", year, value) for year, (name, value) in given_later.items()]
    found = closed(rows, tuple("abc"), years=tuple(range(2020, 2042)))[:, 0]
    assert found.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    for year, (name, value) in given_later.items():
        assert found["abc".index(name), year - 2020] == pytest.approx(value, abs=1e-9)
