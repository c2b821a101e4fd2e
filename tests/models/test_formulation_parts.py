"""Coefficients found by whole numbers are those that plain joins of the same tables give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.amounts import KEY, SOURCE, generation
from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models import coding
from models.coding import Coder, pairs
from models.formulation import build
from models.formulation_parts import Formulation, discounts, per_route, with_columns, year_weights
from models.formulation_targets import rate_terms
from models.routes import routes
from models.supply import COMMODITY, allowed_schemes, ramped
from models.timing import horizon
from tests.cases.small import two_towns

ON_ROUTE = [*COMMODITY, "technology", "mode"]


@pytest.fixture(params=[(False, True), (True, False)], ids=["periods, pooled", "years, by place"])
def form(request) -> Formulation:
    case = two_towns(
        settings={"plan_years": "2025-2029", "period_starts": "2025, 2027", "discount_rate": 0.03},
        growth=[{"sector": "households", "fraction": "plastic", "change": 0.05}],
        targets=[{"scope": "all", "method": "collected", "year": 2029, "rate": 0.4}],
    )
    yearly, pooled = request.param
    captures = shifted_capture(case, reconcile_case(case).calibration)
    return build(case, captures, routes(case), horizon(case, yearly=yearly), pooled=pooled)


def same(found: pd.DataFrame, expected: pd.DataFrame, keys: list[str]) -> None:
    columns = list(expected.columns)
    left, right = (table[columns].sort_values(keys, ignore_index=True) for table in (found, expected))
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_supply_is_capture_times_generation(form):
    slices = [(part.years[0], part.period, year) for part in form.time.slices for year in part.years]
    table = ramped(form.case, allowed_schemes(form.case, form.time))
    table = table.merge(pd.DataFrame(slices, columns=["slice", "period", "year"]), on="period")
    table = table.merge(form.captures, on=[*SOURCE, "scheme"])
    table = table.merge(generation(form.case, form.case.plan_years), on=[*KEY, "year"])
    table["kt"] = table["share"] * table["amount"] / 1000
    years, at = table[[*COMMODITY, "fraction", "year", "kt"]], [*COMMODITY, "fraction"]
    peak = years.groupby(at, as_index=False)["kt"].max()
    same(form.supply.years, years, [*at, "year"])
    same(form.supply.peak, peak, at)
    same(form.supply.commodities, peak.groupby(COMMODITY, as_index=False)["kt"].sum(), COMMODITY)
    for name in ("years", "peak"):
        rows = getattr(form.supply, name)
        assert rows[COMMODITY].equals(form.supply.commodities[COMMODITY].take(rows["commodity"]).reset_index(drop=True))
        material = form.supply.materials.take(rows["material"]).reset_index(drop=True)
        assert rows[["stream", "fraction"]].equals(material)


def test_lowest_is_the_least_share_of_the_peak(form):
    by_year = form.supply.years.groupby([*COMMODITY, "year"], as_index=False)["kt"].sum()
    by_year = by_year.merge(form.supply.commodities[[*COMMODITY, "kt"]], on=COMMODITY, suffixes=("", "_peak"))
    by_year["lowest"] = by_year["kt"] / by_year["kt_peak"]
    same(form.supply.commodities, by_year.groupby(COMMODITY, as_index=False)["lowest"].min(), COMMODITY)


def test_constants_times_masses_per_kilotonne_on_a_route(form):
    extra = ["output", "class"]
    table = form.supply.peak.merge(form.routes.sold, on=["stream", "fraction"])
    table["coef"] = table["kt"] * table["share"]
    table = table.groupby([*ON_ROUTE, *extra], as_index=False)["coef"].sum()
    table = table.merge(form.inflow[[*ON_ROUTE, "kt"]].drop_duplicates(), on=ON_ROUTE)
    expected = table.assign(coef=table["coef"] / table["kt"]).drop(columns="kt")
    found = per_route(form, form.routes.sold, extra, form.supply.peak)
    assert len(expected)
    same(found, expected, [*ON_ROUTE, *extra])
    columns = form.inflow[[*ON_ROUTE, "facility", "group", "col"]].merge(expected, on=ON_ROUTE)
    same(with_columns(form, found), columns, ["col", *extra])


@pytest.mark.parametrize("by", [["slice"], ["municipality", "group", "stream", "slice"], COMMODITY])
def test_weights_are_discounted_years_of_mass_over_the_peak(form, by):
    years = form.supply.years.assign(group="")
    years["weight"] = years["kt"] * years["year"].map(discounts(form.case))
    expected = years.groupby(by, as_index=False)["weight"].sum()
    peak = form.supply.commodities.assign(group="").groupby(by)["kt"].sum().to_numpy()
    same(year_weights(form, by), expected.assign(weight=expected["weight"] / peak), by)


def test_terms_of_a_rate_add_up_over_fractions(form):
    terms = rate_terms(form, "all", "collected", "A", 2029)
    counted = form.routes.counted.query("method == 'collected' and year == 2029")
    masses = form.supply.years.query("year == 2029 and municipality == 'A'")
    table = masses.merge(counted, on=["stream", "fraction"])
    table["coef"] = table["kt"] * table["share"]
    table = table.groupby([*ON_ROUTE, "term"], as_index=False)["coef"].sum()
    table = form.inflow.merge(table, on=ON_ROUTE)
    expected = table.assign(coef=table["coef"] / table["kt"])[["term", "col", "coef"]]
    assert set(expected["term"]) == {0, 1}
    same(terms, expected, ["term", "col"])


@pytest.mark.parametrize("room", [coding.ROOM, 1])
def test_pairs_are_those_of_a_join(monkeypatch, room):
    monkeypatch.setattr(coding, "ROOM", room)
    draw = np.random.default_rng(5)

    def rows(count: int) -> pd.DataFrame:
        names = {name: draw.choice(list("abcdef"), count) for name in ("one", "two")}
        return pd.DataFrame({**names, "three": draw.integers(0, 3, count), "row": np.arange(count)})

    left, right, on = rows(200), rows(80), ["two", "three", "one"]
    right.loc[0, "one"] = "only here"
    coder = Coder(right, on)
    here, there = pairs(coder.of(left), coder.codes)
    expected = left.merge(right, on=on, suffixes=("", "_right"))
    assert len(expected)
    assert sorted(zip(here.tolist(), there.tolist(), strict=True)) == sorted(
        zip(expected["row"].tolist(), expected["row_right"].tolist(), strict=True)
    )
