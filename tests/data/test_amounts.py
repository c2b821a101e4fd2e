"""Amounts: national totals close, defects are treated by the rule, keys and compositions sum to one."""

from __future__ import annotations

import pandas as pd
import pytest

from data import amounts
from data.facts import GROUPS, facts
from flows.amounts import generation
from flows.case import Case

SECTORS_2022 = {
    "households": 3_139_000,
    "services": 1_574_000,
    "industry": 1_147_000,
    "construction_demolition": 5_213_000,
    "supply_and_other_business": 1_118_000,
}
STREAMS_2022 = {  # thousand t, Affaldsstatistik 2022: what the unpacked materials must add up to
    "garden": 946.79,
    "asphalt": 1112.0,
    "ballast_stone": 427.0,
    "sludge": 430.0,
    "ash_slag": 270.0,
}


def test_national_sector_totals_are_the_published_ones() -> None:
    for sector, tonnes in SECTORS_2022.items():
        assert amounts.national(2022, sector, "generated") == tonnes
    assert sum(SECTORS_2022.values()) == 12_191_000


def test_compositions_times_sector_totals_give_the_national_fractions() -> None:
    table = facts("composition_2022", ("national_kt_2022",))
    by_group = table.groupby("group")["national_kt_2022"].sum()
    shares = amounts.compositions().set_index(["composition", "fraction"])["share"]
    rebuilt = pd.Series(
        {
            (group, fraction): by_group[group] * shares[group, fraction]
            for group, fraction in table[["group", "fraction"]].itertuples(index=False)
        }
    )
    fractions = rebuilt.groupby(level=1).sum()
    given = table.groupby("fraction")["national_kt_2022"].sum()
    pd.testing.assert_series_equal(fractions.sort_index(), given.sort_index(), check_names=False)
    for fraction, thousand_tonnes in STREAMS_2022.items():
        assert fractions[fraction] == pytest.approx(thousand_tonnes, abs=0.01)
    assert fractions["food"] == pytest.approx(802.24, abs=0.01)
    # 510 kt is the reported household food waste, EU definition
    households = [group for group in GROUPS if group.startswith("households")]
    food = sum(rebuilt[group, "food"] for group in households)
    assert food == pytest.approx(510.0, abs=0.1)


def test_materials_of_a_sector_add_up_to_its_reported_total() -> None:
    table = facts("composition_2022", ("national_kt_2022",))
    sector = (
        table["group"]
        .map(lambda group: GROUPS[group][0])
        .replace({"utilities": "supply_and_other_business", "other": "supply_and_other_business"})
    )
    totals = table.groupby(sector)["national_kt_2022"].sum() * 1000.0
    for name, tonnes in SECTORS_2022.items():
        assert totals[name] == pytest.approx(tonnes, abs=150.0)  # thousand tonnes with two decimals


def test_household_waste_of_2022_follows_the_rule_for_defects() -> None:
    series = amounts.household_series().set_index("municipality")
    assert series.loc["101", "kg_per_capita"] == (361 + 334) / 2
    assert series.loc["101", "status"] == "derived"
    assert "mean of 2021 and 2023" in series.loc["101", "source"]
    assert series.loc["223", "status"] == "reported"  # Hørsholm: 2022 as reported, never 57 kg of 2023
    assert series.loc["223", "kg_per_capita"] > 300
    rows = amounts.generation()
    households = rows[(rows["sector"] == "households") & (rows["year"] == 2022)]
    assert households["amount"].sum() == pytest.approx(900_273, abs=5)
    by_town = households.groupby("municipality")["amount"].sum()
    rate = (by_town * series["rate"]).sum() / by_town.sum()
    assert rate == pytest.approx(0.530, abs=0.0005)


def test_region_of_2011_is_what_the_scaling_says() -> None:
    rows = amounts.generation()
    rows = rows[(rows["year"] == 2011) & (rows["fraction"] != "soil")].groupby("sector")["amount"].sum()
    assert rows["households"] == pytest.approx(0.2607 * 2_399_000, rel=1e-6)
    assert rows.sum() == pytest.approx(2_779_820, abs=5)


def test_keys_and_compositions_close(case: Case) -> None:
    assert case["compositions"].groupby("composition")["share"].sum().to_numpy() == pytest.approx(1.0, abs=1e-12)
    keys = case["allocation_keys"]
    assert (keys.groupby("key")["municipality"].nunique() == 29).all()
    proposed = keys[keys["key"].isin(amounts.SCALED_SECTORS)].groupby("key")["weight"].sum()
    assert proposed.to_numpy() == pytest.approx(1.0, abs=1e-5)
    ranged = case["compositions"]
    assert (ranged["low"] <= ranged["share"]).all() and (ranged["share"] <= ranged["high"]).all()


def test_spread_amounts_add_up_to_the_totals(case: Case) -> None:
    for year in (2011, 2022):
        spread = generation(case, [year])
        rows = case["generation"]
        assert spread["amount"].sum() == pytest.approx(rows[rows["year"] == year]["amount"].sum(), rel=1e-9)
        assert spread["municipality"].nunique() == 29
        assert (spread["amount"] > 0).all()


def test_every_municipality_has_amounts_dwellings_and_a_place(case: Case) -> None:
    towns = case["municipalities"]
    assert len(towns) == 29
    assert towns["population"].sum() == 1_867_855
    assert set(case["dwellings"]["municipality"]) == set(towns["municipality"])
    assert towns[["lat", "lon", "jobs", "population"]].notna().all().all()
    assert towns.set_index("municipality").loc["101", "companies"] == "ARC; Vestforbrænding"
    assert towns.loc[towns["zone"] != "", "municipality"].tolist() == ["400"]
    sources = case.sources()
    assert len(sources) == 29 * 7
