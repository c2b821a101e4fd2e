"""What differs between two plans of the pencil case, in tables and in words."""

from __future__ import annotations

import pytest

from mfa.comparison import Comparison
from models.comparison import Side, differences
from tests.cases.pencil import DEAR, pencil, planned


@pytest.fixture(scope="module")
def compared() -> Comparison:
    first = pencil("2025-2026", change={"schemes": DEAR})
    goal = {"scope": "all", "method": "collected", "year": 2025, "rate": 0.4}
    second = pencil("2025-2026", change={"schemes": DEAR}, targets=[goal], settings={"title": "Other"})
    sides = [Side(plan.case, plan.tables, plan.info) for plan in (planned(first), planned(second))]
    return Comparison(*sides, differences(*sides, "plan"))


def test_figures_rates_and_money_by_hand(compared):
    figures = compared.tables["figures"].set_index("figure")
    assert figures.loc["cost", "difference"] == pytest.approx(2 * 2800)
    rates = compared.tables["rates"].query("scope == 'all' and method == 'collected' and year == 2026")
    assert rates.set_index("municipality")["difference"].to_dict() == pytest.approx({"": 0.4, "A": 0.6})
    places = compared.tables["municipalities"].set_index("municipality")["difference"]
    assert places.to_dict() == pytest.approx({"A": 5600})
    money = compared.tables["costs"].groupby("category")["difference"].sum()
    # Collection 2 * 10 000; 60 t a year from 100 to 30 a tonne, and 50 a tonne from the buyer.
    assert money["collection"] == pytest.approx(20000)
    assert money["treatment"] == pytest.approx(-2 * 60 * 70)
    assert money["market"] == pytest.approx(-2 * 60 * 50)
    assert compared.tables["costs"]["difference"].abs().is_monotonic_decreasing


def test_decisions_that_differ_are_told_as_spells(compared):
    schemes = compared.tables["schemes"]
    assert len(schemes) == 1
    row = schemes.iloc[0]
    assert (row["municipality"], row["first"], row["second"]) == ("A", "mix", "sort")
    assert (row["from"], row["until"]) == (2025, 2026)
    assert compared.tables["facilities"].empty


def test_input_that_differs_is_named(compared):
    table = compared.tables["input"]
    cells = set(table[["table", "row", "column", "first", "second"]].itertuples(index=False, name=None))
    assert ("settings", "title", "value", "Case", "Other") in cells
    assert table.loc[table["table"] == "targets", ["change", "used"]].to_numpy().tolist() == [["added", "second"]]


def test_it_is_told_in_both_languages(compared):
    english, danish = compared.sentences("en"), compared.sentences("da")
    assert len(english) == len(danish)
    assert english[0] == "The second plan costs 0.00560 million DKK more (18.67 %), discounted."
    assert danish[0] == "Den anden plan koster 0,00560 mio. DKK mere (18,67 %), tilbagediskonteret."
    assert any("A, homes houses, 2025–2026: sort instead of mix." in line for line in english)
    assert "<li>" in compared._repr_html_()


def test_a_plan_beside_itself_is_the_same(compared):
    same = differences(compared.first, compared.first, "plan")
    assert Comparison(compared.first, compared.first, same).sentences("da") == ["De to kørsler er ens."]
