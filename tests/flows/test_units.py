"""Units: Danish practice, other countries' practice, and what must never be mixed up."""

from __future__ import annotations

import pytest

from flows.tables import SETTINGS, TABLES
from flows.units import (
    VARIABLES,
    UnitError,
    factor,
    mass_from_volume,
    normalise,
    registry,
    show,
    to_price_year,
    total_from_per_capita,
)


@pytest.mark.parametrize(
    ("unit", "canonical", "expected"),
    [
        ("ton/år", "t/year", 1.0),  # a ton is 1000 kg here, not the 907 kg of America
        ("tons/year", "t/year", 1.0),
        ("tonne/year", "t/year", 1.0),
        ("Ton/Year", "t/year", 1.0),
        ("kg/year", "t/year", 0.001),
        ("1000 ton/år", "t/year", 1000.0),
        ("1.000 ton/år", "t/year", 1000.0),
        ("kt/year", "t/year", 1000.0),
        ("Mt/year", "t/year", 1e6),
        ("short_ton/year", "t/year", 0.90718474),
        ("short tons/year", "t/year", 0.90718474),
        ("lb/year", "t/year", 0.00045359237),
        ("lb/short_ton", "kg/t", 0.5),
        ("DKK", "DKK", 1.0),
        ("MDKK", "DKK", 1e6),
        ("mio. kr.", "DKK", 1e6),
        ("1000 DKK", "DKK", 1000.0),
        ("tusind kr.", "DKK", 1000.0),
        ("kr./ton", "DKK/t", 1.0),
        ("øre", "DKK", None),
        ("kr. pr. husstand pr. år", "DKK/household/year", 1.0),
        ("kr./(ton/år)", "DKK/(t/year)", 1.0),
        ("kr./tkm", "DKK/t/km", 1.0),
        ("DKK/GJ", "DKK/MWh", 3.6),
        ("DKK/kWh", "DKK/MWh", 1000.0),
        ("MJ/kg", "GJ/t", 1.0),
        ("kWh/kg", "GJ/t", 3.6),
        ("kgCO2e/t", "kg/t", 1.0),
        ("tCO2e/t", "kg/t", 1000.0),
        ("g/t/km", "kg/t/km", 0.001),
        ("kg/m³", "t/m**3", 0.001),
        ("miles", "km", 1.609344),
        ("months", "year", 1 / 12),
        ("1000 indbyggere", "capita", 1000.0),
        ("husstande", "household", 1.0),
        ("%", "kg/t", 10.0),
    ],
)
def test_factors(unit: str, canonical: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnitError):
            factor(unit, canonical)
    else:
        assert factor(unit, canonical) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "canonical"),
    [
        ("kg", "t/year"),
        ("capita", "household"),
        ("kg/capita/year", "t/household/year"),
        ("DKK", "DKK/year"),
        ("MWh", "GJ/t"),
        ("m3/year", "t/year"),
    ],
)
def test_wrong_dimensions_are_errors(unit: str, canonical: str) -> None:
    with pytest.raises(UnitError) as error:
        factor(unit, canonical)
    assert error.value.code == "unit_dimension"


def test_money_of_another_country_is_an_error_and_ones_own_is_not() -> None:
    with pytest.raises(UnitError) as error:
        factor("EUR/t", "DKK/t")
    assert error.value.code == "unit_currency"
    assert factor("EUR/short_ton", "DKK/t", "EUR") == pytest.approx(1 / 0.90718474)
    assert factor("kr./t", "DKK/t", "SEK") == 1.0
    assert factor("CHF/t", "DKK/t", "CHF") == 1.0
    with pytest.raises(UnitError):
        factor("DKK/t", "DKK/t", "EUR")


@pytest.mark.parametrize(
    "unit", ["", "tonnne", "t/yaer", "9**9**9", "2**99999999", "__import__('os')", "t;t", "mt/year", "0 t"]
)
def test_nonsense_is_unknown(unit: str) -> None:
    with pytest.raises(UnitError) as error:
        factor(unit, "t/year")
    assert error.value.code == "unit_unknown"


def test_a_typing_error_gets_a_suggestion_and_mt_is_never_a_million_tonnes() -> None:
    with pytest.raises(UnitError) as error:
        factor("tonne/yaer", "t/year")
    assert error.value.suggestion == "tonne/year"
    with pytest.raises(UnitError) as error:
        factor("mt/year", "t/year")
    assert error.value.suggestion == "t/year"


def test_volume_becomes_mass_by_bulk_density() -> None:
    # A 660 litre container of food waste at 0.5 t/m3, emptied weekly for a year.
    assert mass_from_volume(0.66, "m3", 0.5) == pytest.approx(0.33)
    assert mass_from_volume(660, "L/week", 0.5) == pytest.approx(0.33 * 365.25 / 7)
    with pytest.raises(UnitError):
        mass_from_volume(1, "kg", 0.5)


def test_amounts_per_capita_become_totals() -> None:
    assert total_from_per_capita(813, "kg/indb./år", 1000) == pytest.approx(813.0)
    assert total_from_per_capita(10, "kg/husstand/uge", 7, per="household") == pytest.approx(0.07 * 365.25 / 7)
    with pytest.raises(UnitError):
        total_from_per_capita(813, "kg/household/year", 1000)


def test_price_years() -> None:
    index = {2015: 100.0, 2023: 117.5}
    assert to_price_year(200.0, index, 2015, 2023) == pytest.approx(235.0)
    assert to_price_year(to_price_year(7.0, index, 2015, 2023), index, 2023, 2015) == pytest.approx(7.0)
    with pytest.raises(KeyError):
        to_price_year(1.0, index, 2015, 2024)


def test_every_declared_unit_is_known_to_itself() -> None:
    columns = [column for table in TABLES for column in table.columns if column.unit]
    for column in [*columns, *(setting for setting in SETTINGS if setting.unit)]:
        assert factor(str(column.unit), str(column.unit)) == 1.0
        assert factor(show(str(column.unit), "EUR"), str(column.unit), "EUR") == 1.0


def test_there_is_one_registry_and_variables_have_both_languages() -> None:
    assert registry() is registry()
    for variable in VARIABLES.values():
        assert variable.danish and variable.english
    assert VARIABLES["cost_per_household"].header("da") == "omkostning pr. husstand [kr./husstand/år]"
    assert VARIABLES["cost_per_household"].header("en", "EUR") == "cost per household [EUR/household/year]"


@pytest.mark.parametrize(
    ("unit", "currency", "read"),
    [
        ("kr/t", "SEK", "SEK/t"),
        ("kroner/t", "SEK", "SEK/t"),
        ("kroner/t", "NOK", "NOK/t"),
        ("Kroner/t", "EUR", "DKK/t"),
        ("Mkr", "DKK", "MDKK"),
        ("kkr/t", "NOK", "kNOK/t"),
        ("mio. kr", "SEK", "1e6 SEK"),
    ],
)
def test_kroner_are_those_of_the_case_or_danish(unit: str, currency: str, read: str) -> None:
    assert normalise(unit, currency) == read
