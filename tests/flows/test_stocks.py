"""Stocks: figures known by hand, and a plain reference that adds up cohort after cohort."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import mfa
from flows.lifetimes import Floats, Lifetime
from flows.stocks import FIRST_AGE, Ageing, DynamicStock, StockError

AGEINGS: tuple[Ageing, ...] = ("start", "middle", "end")


def plain(inflow: Floats, mean: Floats, std: Floats, first_age: float) -> Floats:
    """Return the stock of yearly inflow (years, cells) with lifetimes (years, cells), by loops."""
    stock = np.zeros_like(inflow)
    for year in range(len(inflow)):
        for cohort in range(year + 1):
            for cell in range(inflow.shape[1]):
                lifetime = Lifetime.normal(mean[cohort, cell], std[cohort, cell])
                stock[year, cell] += inflow[cohort, cell] * lifetime.survival(year - cohort + first_age)
    return stock


def test_they_are_public() -> None:
    assert mfa.DynamicStock is DynamicStock
    assert mfa.Lifetime is Lifetime


def test_ageing_says_the_age_at_the_end_of_the_year_of_entry() -> None:
    """What lives for one year is gone, half a year old or new at the end of the year in which it entered."""
    year_by_year = {
        ageing: DynamicStock([1, 2], Lifetime.fixed(1), ageing).from_inflow([8.0, 0.0]).stock.tolist()
        for ageing in AGEINGS
    }
    assert year_by_year == {"start": [0.0, 0.0], "middle": [8.0, 0.0], "end": [8.0, 0.0]}
    half = {
        ageing: float(DynamicStock([1], Lifetime.normal(1, 0.5), ageing).from_inflow([1.0]).stock[0])
        for ageing in AGEINGS
    }
    assert half == pytest.approx({"start": 0.5, "middle": 0.8413447461, "end": 0.9772498681})
    assert FIRST_AGE == {"start": 1.0, "middle": 0.5, "end": 0.0}


@pytest.mark.parametrize("ageing", AGEINGS)
@pytest.mark.parametrize("lifetimes", ["scalar", "per cell", "per cohort", "per cohort and cell"])
def test_against_loops(ageing: Ageing, lifetimes: str) -> None:
    random = np.random.default_rng(5)
    inflow = random.uniform(0, 10, (15, 3))
    mean = {
        "scalar": np.array(6.0),
        "per cell": random.uniform(2, 9, 3),
        "per cohort": random.uniform(2, 9, (15, 1)),
        "per cohort and cell": random.uniform(2, 9, (15, 3)),
    }[lifetimes]
    full = np.broadcast_to(mean, (15, 3))
    wanted = plain(inflow, full, full / 4, FIRST_AGE[ageing])
    model = DynamicStock(range(15), Lifetime.normal(mean, mean / 4), ageing)
    forward = model.from_inflow(inflow)
    np.testing.assert_allclose(forward.stock, wanted, rtol=1e-12)
    back = model.from_stock(wanted)
    np.testing.assert_allclose(back.inflow, inflow, rtol=1e-9, atol=1e-9)
    cohorts = forward.cohorts()
    assert cohorts.stock.shape == (15, 15, 3)
    assert cohorts.cohorts == tuple(range(15))
    np.testing.assert_allclose(cohorts.stock.sum(axis=1), forward.stock, rtol=1e-12)
    np.testing.assert_allclose(cohorts.outflow.sum(axis=1), forward.outflow, rtol=1e-9, atol=1e-9)


def test_many_cells_and_axes_are_as_one_by_one() -> None:
    """Cells are worked on in blocks and may have several axes."""
    random = np.random.default_rng(6)
    inflow = random.uniform(0, 1, (7, 2, 1100))
    mean = random.uniform(1, 9, (2, 1100))
    result = DynamicStock(range(7), Lifetime.gamma(mean, 2)).from_inflow(inflow)
    assert result.stock.shape == (7, 2, 1100)
    for place in ((0, 0), (1, 599), (1, 1099)):
        single = DynamicStock(range(7), Lifetime.gamma(mean[place], 2)).from_inflow(inflow[:, *place])
        np.testing.assert_allclose(result.stock[:, *place], single.stock, rtol=1e-13)


def test_uneven_years_balance_and_equal_the_yearly_stock() -> None:
    """A period is years with the same inflow; fewer years listed change only what is shown."""
    listed = [2000, 2005, 2010, 2020, 2030, 2050]
    lengths = np.array([1, 5, 5, 10, 10, 20])
    inflow = np.array([10.0, 10.0, 12.0, 3.0, 0.0, 7.0])
    for ageing in AGEINGS:
        result = DynamicStock(listed, Lifetime.normal(12, 4), ageing).from_inflow(inflow)
        assert result.lengths == tuple(lengths)
        change = np.diff(result.stock, prepend=0.0) / lengths
        np.testing.assert_allclose(result.inflow - result.outflow - change, 0, atol=1e-14)
        yearly = DynamicStock(range(2000, 2051), Lifetime.normal(12, 4), ageing).from_inflow(np.repeat(inflow, lengths))
        shown = np.array(listed) - 2000
        np.testing.assert_allclose(result.stock, yearly.stock[shown], rtol=1e-12)
        parts = np.split(yearly.outflow, np.cumsum(lengths)[:-1])
        np.testing.assert_allclose(result.outflow, [part.mean() for part in parts], rtol=1e-12)


def test_first_period_may_be_longer() -> None:
    model = DynamicStock([2005, 2010], Lifetime.fixed(np.inf), first_length=5)
    assert (model.first_year, model.periods.lengths) == (2001, (5, 5))
    np.testing.assert_array_equal(model.from_inflow([2.0, 1.0]).stock, [10, 15])


class TestInitialStock:
    """What lies there before the first year."""

    def test_by_cohort_it_is_the_second_half_of_a_longer_stock(self) -> None:
        inflow = np.random.default_rng(7).uniform(1, 5, 30)
        for ageing in AGEINGS:
            lifetime = Lifetime.weibull(2, 8)
            whole = DynamicStock(range(1990, 2020), lifetime, ageing).from_inflow(inflow)
            initial = whole.cohorts().stock[19, :20]
            later = DynamicStock(range(2010, 2020), lifetime, ageing)
            for result in (
                later.from_inflow(inflow[20:], initial=initial),
                later.from_stock(whole.stock[20:], initial=initial),
            ):
                np.testing.assert_allclose(result.stock, whole.stock[20:], rtol=1e-12)
                np.testing.assert_allclose(result.outflow, whole.outflow[20:], rtol=1e-9)
                np.testing.assert_allclose(result.inflow, inflow[20:], rtol=1e-9)
                cohorts = result.cohorts()
                assert cohorts.cohorts == tuple(range(1990, 2020))
                np.testing.assert_allclose(cohorts.stock, whole.cohorts().stock[20:], rtol=1e-9, atol=1e-15)
                np.testing.assert_allclose(cohorts.outflow.sum(axis=1), result.outflow, rtol=1e-9)

    def test_of_one_age_leaves_when_it_is_old(self) -> None:
        model = DynamicStock(range(2020, 2024), Lifetime.fixed([5, 5, 2]), "end")
        result = model.from_inflow(np.zeros((4, 3)), initial=[9.0, 7.0, 5.0], initial_age=[2, 4, 3])
        np.testing.assert_array_equal(result.outflow, [[0, 7, 5], [0, 0, 0], [9, 0, 0], [0, 0, 0]])
        assert result.cohorts().cohorts == (None, 2020, 2021, 2022, 2023)

    def test_as_if_grown_evenly_a_fixed_lifetime_leaves_in_equal_parts(self) -> None:
        result = DynamicStock(range(4), Lifetime.fixed(3), "end").from_inflow(np.zeros(4), initial=9.0)
        np.testing.assert_allclose(result.outflow, [3, 3, 3, 0], atol=1e-12)

    def test_as_if_grown_evenly_stays_in_a_steady_state(self) -> None:
        """The inflow that built it keeps it: stock and outflow do not change."""
        lifetime = Lifetime.gamma(20, 8)
        for ageing in AGEINGS:
            ages = FIRST_AGE[ageing] + np.arange(400)
            stock = float(lifetime.survival(ages).sum())
            result = DynamicStock(range(50), lifetime, ageing).from_inflow(np.ones(50), initial=stock)
            np.testing.assert_allclose(result.stock, stock, rtol=1e-10)
            np.testing.assert_allclose(result.outflow, 1.0, rtol=1e-9)

    def test_without_end_it_stays(self) -> None:
        result = DynamicStock(range(3), Lifetime.fixed(np.inf)).from_inflow([1.0, 1.0, 1.0], initial=4.0)
        np.testing.assert_array_equal(result.stock, [5, 6, 7])
        np.testing.assert_array_equal(result.outflow, [0, 0, 0])

    def test_what_is_older_than_its_lifetime_leaves_first(self) -> None:
        result = DynamicStock([2020, 2021], Lifetime.fixed(10)).from_inflow([0.0, 0.0], initial=6.0, initial_age=11)
        np.testing.assert_array_equal(result.outflow, [6, 0])

    def test_it_may_have_a_lifetime_of_its_own(self) -> None:
        model = DynamicStock([2020, 2021, 2022], Lifetime.fixed(50), "end")
        own = Lifetime.fixed(np.array([9.0, 3.0]))
        result = model.from_inflow(np.zeros(3), initial=[1.0, 2.0], initial_lifetime=own)
        np.testing.assert_array_equal(result.outflow, [0, 2 * 0, 2])

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({"initial": [[1.0, 2.0]]}, "cells are"),
            ({"initial": [1.0], "initial_age": 3}, "has its ages already"),
            ({"initial": -1.0}, "not below zero"),
            ({"initial": np.nan}, "must be numbers"),
            ({"initial": 1.0, "initial_age": -1}, "age of the initial stock"),
            ({"initial": 1.0, "initial_age": [1, 2]}, "does not fit the cells"),
        ],
    )
    def test_what_is_refused(self, arguments: dict[str, Any], said: str) -> None:
        with pytest.raises(StockError, match=said):
            DynamicStock([2020], Lifetime.fixed(5)).from_inflow([1.0], **arguments)


class TestNegativeInflow:
    """A stock that falls faster than its cohorts leave: 10, 10, then 4, 9 with a lifetime of three years."""

    MODEL = DynamicStock([1, 2, 3, 4], Lifetime.fixed(3), "end")
    STOCK = np.array([10.0, 10.0, 4.0, 9.0])

    def test_allowed(self) -> None:
        result = self.MODEL.from_stock(self.STOCK, negative_inflow="allow")
        np.testing.assert_array_equal(result.inflow, [10, 0, -6, 15])
        np.testing.assert_array_equal(result.outflow, [0, 0, 0, 10])

    def test_zero_leaves_the_stock_above(self) -> None:
        result = self.MODEL.from_stock(self.STOCK, negative_inflow="zero")
        np.testing.assert_array_equal(result.inflow, [10, 0, 0, 9])
        np.testing.assert_array_equal(result.stock, [10, 10, 10, 9])
        np.testing.assert_array_equal(result.outflow, [0, 0, 0, 10])

    def test_cohorts_are_scaled(self) -> None:
        result = self.MODEL.from_stock(self.STOCK, negative_inflow="scale_cohorts")
        np.testing.assert_array_equal(result.inflow, [10, 0, 0, 9])
        np.testing.assert_array_equal(result.stock, self.STOCK)
        np.testing.assert_array_equal(result.outflow, [0, 0, 6, 4])
        np.testing.assert_array_equal(result.cohorts().stock[:, 0], [10, 10, 4, 0])

    @pytest.mark.parametrize("by_cohort", [False, True])
    def test_all_cohorts_and_the_initial_stock_give_the_same_share(self, by_cohort: bool) -> None:
        mean = np.linspace(20, 25, 3)[:, None] if by_cohort else 20.0
        model = DynamicStock([1, 2, 3], Lifetime.normal(mean, 5))
        free = model.from_stock(
            [[10.0], [20.0], [20.0]], initial=[[3.0], [4.0]], initial_lifetime=Lifetime.normal(9, 5)
        )
        scaled = model.from_stock(
            [[10.0], [20.0], [5.0]],
            initial=[[3.0], [4.0]],
            initial_lifetime=Lifetime.normal(9, 5),
            negative_inflow="scale_cohorts",
        )
        before, after = free.cohorts().stock[2, :4, 0], scaled.cohorts().stock[2, :, 0]
        np.testing.assert_allclose(after[:4], before * (5.0 / before.sum()), rtol=1e-12)
        assert after[4] == 0
        np.testing.assert_allclose(scaled.cohorts().outflow.sum(axis=1), scaled.outflow, rtol=1e-12, atol=1e-12)

    def test_the_rule_is_one_of_three(self) -> None:
        with pytest.raises(StockError, match="one of allow, zero, scale_cohorts"):
            self.MODEL.from_stock(self.STOCK, negative_inflow="clip")  # type: ignore[arg-type]


class TestSteps:
    """A stock taken year by year."""

    @pytest.mark.parametrize("years", [range(2000, 2012), [2000, 2003, 2004, 2010]])
    @pytest.mark.parametrize("by_cohort", [False, True])
    def test_they_are_the_stock_at_once(self, years: Any, by_cohort: bool) -> None:
        random = np.random.default_rng(8)
        inflow = random.uniform(0, 3, (len(years), 2))
        mean = random.uniform(3, 9, (len(years), 2) if by_cohort else 2)
        model = DynamicStock(years, Lifetime.lognormal(mean, 2))
        whole = model.from_inflow(inflow, initial=[8.0, 3.0])
        steps = model.steps((2,), initial=[8.0, 3.0])
        for position, entering in enumerate(inflow):
            assert steps.year == model.years[position]
            expected = steps.leaving_share * entering + steps.history
            np.testing.assert_array_equal(steps.advance(entering), expected)
            np.testing.assert_allclose(expected, whole.outflow[position], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(steps.stock, whole.stock[position], rtol=1e-12)
        with pytest.raises(StockError, match="end of its years"):
            steps.advance(1.0)


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: DynamicStock([2001, 2000], Lifetime.fixed(5)), "ascending"),
        (lambda: DynamicStock([2000.5], Lifetime.fixed(5)), "whole numbers"),  # type: ignore[list-item]
        (lambda: DynamicStock([], Lifetime.fixed(5)), "at least one"),
        (lambda: DynamicStock([2000], Lifetime.fixed(5), "mid"), "start, middle or end"),  # type: ignore[arg-type]
        (lambda: DynamicStock([2000], Lifetime.fixed(5), first_length=0), "first period"),
        (lambda: DynamicStock([2000], Lifetime.fixed(5)).from_inflow([1.0, 2.0]), "first axis must be 1 years"),
        (lambda: DynamicStock([7, 8], Lifetime.fixed(5)).from_inflow([[1, 1], [1, np.nan]]), r"year 8, cell \(1,\)"),
        (lambda: DynamicStock([7, 8], Lifetime.fixed(5)).from_stock([1, -2]), "year 8: a stock cannot be negative"),
        (lambda: DynamicStock([7], Lifetime.fixed([5, 1]), "start").from_stock([[1, 1]]), r"year 7, cell \(1,\)"),
        (lambda: DynamicStock([7, 8], Lifetime.fixed([1, 2, 3])).from_inflow([1, 1]), r"shape \(3,\)"),
    ],
)
def test_what_is_refused_says_where(work: Any, said: str) -> None:
    with pytest.raises(StockError, match=said):
        work()


def test_the_table_has_a_row_per_year_and_cell() -> None:
    result = DynamicStock([5, 6], Lifetime.fixed(1), "end").from_inflow([[3.0, 4.0], [1.0, 2.0]])
    assert result.table().to_dict("list") == {
        "year": [5, 5, 6, 6],
        "cell": [0, 1, 0, 1],
        "stock": [3, 4, 1, 2],
        "inflow": [3, 4, 1, 2],
        "outflow": [0, 0, 3, 4],
        "addition": [3, 4, -2, -2],
    }
    assert list(DynamicStock([5], Lifetime.fixed(1)).from_inflow([1.0]).table()) == [
        "year",
        "stock",
        "inflow",
        "outflow",
        "addition",
    ]
    assert "<table" in result._repr_html_()


@pytest.mark.parametrize("by_cohort", [False, True])
def test_no_table_over_years_cohorts_and_cells_is_made_unasked(by_cohort: bool) -> None:
    """It would take 31 MB here; a few arrays over years and cells take a tenth."""
    years, cells = 100, 400
    mean = np.linspace(10, 40, cells) * (np.linspace(1, 2, years)[:, None] if by_cohort else 1.0)
    model = DynamicStock(range(years), Lifetime.normal(mean, 5))
    inflow = np.ones((years, cells))
    whole = years * years * cells * 8
    for work in (lambda: model.from_inflow(inflow), lambda: model.from_stock(10 * inflow)):
        tracemalloc.start()
        work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < whole / 8


def test_results_do_not_change_with_what_was_given() -> None:
    inflow = np.ones(3)
    result = DynamicStock([1, 2, 3], Lifetime.fixed(9)).from_inflow(inflow)
    inflow[:] = 7
    np.testing.assert_array_equal(result.inflow, [1, 1, 1])
