"""Rates by hand: a small table of flows for each way a tonne can go, with the arithmetic beside it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from flows.account import account_flows
from flows.case import Case
from flows.methods import METHODS
from flows.rates import counted, in_scope, rates, scopes, target_binds, target_in_year
from flows.tables import METHODS as DECLARED
from tests.cases.small import two_towns

COLUMNS = [
    "variant",
    "year",
    "from",
    "to",
    "municipality",
    "sector",
    "segment",
    "scheme",
    "stream",
    "output",
    "fraction",
    "treatment",
    "mass_t",
]


def case(**tables) -> Case:
    """Homes and builders, and one facility of every kind."""
    rows = {
        "municipalities": [{"municipality": "101"}, {"municipality": "102"}],
        "sectors": [
            {"sector": "homes", "kind": "households"},
            {"sector": "building", "kind": "construction_demolition"},
            {"sector": "shops", "kind": "business"},
        ],
        "municipal_waste": [
            {"sector": "shops", "fraction": "plastic", "municipal_waste": True},
            {"sector": "homes", "fraction": "rubble", "municipal_waste": False},
        ],
        "fractions": [
            {"fraction": "food", "material": "food", "biowaste": True},
            {"fraction": "plastic", "material": "plastic"},
            {"fraction": "iron", "material": "metal"},
            {"fraction": "rubble", "material": "mineral"},
            {"fraction": "rest", "material": "other"},
            {"fraction": "soil", "material": "soil", "in_rate": False},
        ],
        "streams": [
            {"stream": "apart", "kind": "separate"},
            {"stream": "bin", "kind": "mixed"},
            {"stream": "shop", "kind": "preparing_for_reuse"},
            {"stream": "lent", "kind": "prevented"},
        ],
        "technologies": [
            {"technology": "remelt", "treatment": "recycling"},
            {"technology": "digest", "treatment": "recycling", "calculation_point": "entry"},
            {"technology": "crush", "treatment": "other_material_recovery"},
            {"technology": "sort", "treatment": "sorting"},
            {"technology": "burn", "treatment": "energy_recovery"},
            {"technology": "clean_slag", "treatment": "other_material_recovery"},
        ],
        "facilities": [
            {"facility": f"{name}1", "technology": name}
            for name in ("remelt", "digest", "crush", "sort", "burn", "clean_slag")
        ],
        "outputs": [
            {"output": "bales", "kind": "product"},
            {"output": "compost", "kind": "product"},
            {"output": "gas", "kind": "product"},
            {"output": "scrap", "kind": "product"},
            {"output": "gravel", "kind": "product"},
            {"output": "rejects", "kind": "mixed"},
            {"output": "slag", "kind": "mixed"},
            {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
            {"output": "vapour", "kind": "emission", "treatment": "process_loss"},
        ],
        "markets": [
            {
                "market": "mill",
                "output": "bales",
                "treatment": "recycling",
                "loss_before_point": 0.1,
                "loss_recycling": 0.2,
            },
            {"market": "farm", "output": "compost", "treatment": "recycling"},
            {"market": "grid", "output": "gas", "treatment": "energy_recovery"},
            {"market": "smelter", "output": "scrap", "treatment": "recycling", "loss_before_point": 0.05},
            {"market": "road", "output": "gravel", "treatment": "other_material_recovery"},
            {"market": "tip", "output": "slag", "treatment": "other_material_recovery"},
        ],
        **tables,
    }
    return Case.from_tables({"account_year": 2022, "plan_years": "2025-2030"}, rows)


def first(
    stream: str, to: str, fraction: str, mass: float, sector: str = "homes", year: int = 2025, place: str = "101"
) -> tuple:
    treatment = {"sink:preparing_for_reuse": "preparing_for_reuse", "sink:prevention": "prevention"}.get(to, "")
    return ("plan", year, f"{place}/{sector}", to, place, sector, "", "s", stream, "", fraction, treatment, mass)


def leg(
    start: str,
    to: str,
    stream: str,
    output: str,
    fraction: str,
    treatment: str,
    mass: float,
    sector: str = "homes",
    year: int = 2025,
    place: str = "101",
) -> tuple:
    return ("plan", year, start, to, place, sector, "", "", stream, output, fraction, treatment, mass)


def table(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def sold(
    start: str,
    to: str,
    stream: str,
    output: str,
    fraction: str,
    mass: float,
    good: float,
    treatment: str = "recycling",
    **more,
) -> list[tuple]:
    """The two last rows of a delivery: what becomes of it, and what is lost."""
    rows = [leg(start, to, stream, output, fraction, treatment, mass * good, **more)]
    return rows + (
        [leg(start, to, stream, output, fraction, "energy_recovery", mass * (1 - good), **more)] if good < 1 else []
    )


def numerator(
    flows: pd.DataFrame, method: str, scope: str = "all", municipality: str = "", this: Case | None = None
) -> float:
    found = rates(this or case(), flows)
    row = found[(found["method"] == method) & (found["scope"] == scope) & (found["municipality"] == municipality)]
    return float(row["numerator_t"].iloc[0]) if len(row) else math.nan


RECYCLED = table(
    # 100 t of a separate plastic stream, 10 t of rest in it, to a recycler: 70 t bales, 40 t rejects burnt
    first("apart", "remelt1", "plastic", 100.0),
    first("apart", "remelt1", "rest", 10.0),
    *sold("remelt1", "mill", "apart", "bales", "plastic", 70.0, 0.72),
    leg("remelt1", "burn1", "apart", "rejects", "plastic", "", 30.0),
    leg("remelt1", "burn1", "apart", "rejects", "rest", "", 10.0),
    leg("burn1", "sink:energy_recovery", "apart", "smoke", "plastic", "energy_recovery", 30.0),
    leg("burn1", "sink:energy_recovery", "apart", "smoke", "rest", "energy_recovery", 10.0),
)


@pytest.mark.parametrize(
    ("method", "mass"),
    [
        ("collected", 110.0),  # the whole stream, impurities included
        ("collected_recycling_only", 110.0),
        ("calculation_point", 63.0),  # 70 * (1 - 0.1)
        ("secondary_material", 50.4),  # 70 * 0.9 * 0.8
        ("eu_1", 70.0),  # delivered plastic of households, no loss deducted
        ("eu_4", 70.0),
        ("resource_strategy_2013", 100.0),  # plastic is a focus material, rest is not
    ],
)
def test_a_separate_stream_to_a_recycler(method, mass):
    assert numerator(RECYCLED, method) == pytest.approx(mass)


def test_the_denominator_is_primary_waste_and_never_counts_rejects_again():
    found = rates(case(), RECYCLED)
    assert set(found.loc[found["method"] == "collected", "denominator_t"]) == {110.0}
    # eu_1 looks at paper, metal, plastic and glass of households alone
    assert set(found.loc[found["method"] == "eu_1", "denominator_t"]) == {100.0}
    # the focus fractions that count (100), no mixed waste here
    assert set(found.loc[found["method"] == "resource_strategy_2013", "denominator_t"]) == {100.0}


BACKFILL = table(
    first("apart", "crush1", "rubble", 80.0, "building"),
    leg("crush1", "road", "apart", "gravel", "rubble", "other_material_recovery", 70.0, "building"),
    *sold("crush1", "smelter", "apart", "scrap", "rubble", 10.0, 0.95, sector="building"),
)


@pytest.mark.parametrize(
    ("method", "mass"),
    [("collected", 80.0), ("collected_recycling_only", 0.0), ("calculation_point", 0.0), ("secondary_material", 0.0)],
)
def test_other_material_recovery_counts_as_collected_only(method, mass):
    assert numerator(BACKFILL, method) == pytest.approx(mass)


SORTED = table(
    # 50 t of a mixed bin to a sorting plant: 20 t plastic in bales, 6 t food to compost, 24 t to the burner
    first("bin", "sort1", "plastic", 30.0),
    first("bin", "sort1", "food", 20.0),
    *sold("sort1", "mill", "bin", "bales", "plastic", 20.0, 0.72),
    leg("sort1", "farm", "bin", "compost", "food", "recycling", 6.0),
    leg("sort1", "burn1", "bin", "rejects", "plastic", "", 10.0),
    leg("sort1", "burn1", "bin", "rejects", "food", "", 14.0),
    leg("burn1", "sink:energy_recovery", "bin", "smoke", "plastic", "energy_recovery", 10.0),
    leg("burn1", "sink:energy_recovery", "bin", "smoke", "food", "energy_recovery", 14.0),
)


@pytest.mark.parametrize(
    ("method", "mass", "later"),
    [
        ("collected", 26.0, 26.0),  # what is delivered, the part lost later included
        ("collected_recycling_only", 26.0, 26.0),
        ("calculation_point", 24.0, 18.0),  # 20 * 0.9 + 6; from 2027 without the bio-waste
        ("secondary_material", 20.4, 20.4),  # 20 * 0.72 + 6
        ("eu_3", 26.0, 26.0),
        ("resource_strategy_2013", 26.0, 26.0),
    ],
)
def test_a_mixed_stream_through_sorting(method, mass, later):
    assert numerator(SORTED, method) == pytest.approx(mass)
    assert numerator(SORTED.assign(year=2027), method) == pytest.approx(later)


def test_the_resource_strategy_divides_by_what_counts_and_all_residual_waste():
    both = pd.concat([RECYCLED, SORTED])
    found = rates(case(), both)
    row = found[
        (found["method"] == "resource_strategy_2013") & (found["scope"] == "all") & (found["municipality"] == "")
    ]
    # (100 apart + 26 sorted out) / (100 apart + 50 mixed)
    assert row["rate"].tolist() == pytest.approx([126.0 / 150.0])


def test_what_is_sorted_and_then_recycled_elsewhere_counts_whole_and_once():
    flows = table(
        first("bin", "sort1", "plastic", 30.0),
        leg("sort1", "remelt1", "bin", "bales", "plastic", "", 20.0),
        *sold("remelt1", "mill", "bin", "bales", "plastic", 15.0, 0.72),
        leg("remelt1", "sink:process_loss", "bin", "vapour", "plastic", "process_loss", 5.0),
        leg("sort1", "sink:process_loss", "bin", "vapour", "plastic", "process_loss", 10.0),
    )
    assert numerator(flows, "collected") == pytest.approx(20.0)
    assert numerator(flows, "calculation_point") == pytest.approx(13.5)
    made = counted(case(), flows, [("all", "collected")], [2025])
    assert made[["from", "to", "mass_t"]].values.tolist() == [["sort1", "remelt1", 20.0]]


BURNT = table(
    # 40 t burnt: 5 t iron and 1 t rest in the metal concentrate, the slag to the road
    first("bin", "burn1", "iron", 6.0),
    first("bin", "burn1", "rest", 34.0),
    *sold("burn1", "smelter", "bin", "scrap", "iron", 5.0, 0.95),
    *sold("burn1", "smelter", "bin", "scrap", "rest", 1.0, 0.95),
    leg("burn1", "tip", "bin", "slag", "iron", "other_material_recovery", 1.0),
    leg("burn1", "tip", "bin", "slag", "rest", "other_material_recovery", 8.0),
    leg("burn1", "sink:energy_recovery", "bin", "smoke", "rest", "energy_recovery", 25.0),
)


@pytest.mark.parametrize(
    ("method", "mass"),
    [
        ("collected", 0.0),  # slag and its metals never
        ("collected_recycling_only", 0.0),
        ("calculation_point", 4.75),  # the iron alone: 5 * 0.95
        ("secondary_material", 4.75),
        ("eu_1", 5.0),
    ],
)
def test_what_is_burnt(method, mass):
    assert numerator(BURNT, method) == pytest.approx(mass)


def test_metals_from_slag_count_although_slag_is_treated_for_other_recovery():
    flows = table(
        first("bin", "burn1", "iron", 6.0),
        leg("burn1", "clean_slag1", "bin", "slag", "iron", "", 6.0),
        *sold("clean_slag1", "smelter", "bin", "scrap", "iron", 5.0, 0.95),
        leg("clean_slag1", "road", "bin", "gravel", "iron", "other_material_recovery", 1.0),
    )
    assert numerator(flows, "collected") == 0.0
    assert numerator(flows, "calculation_point") == pytest.approx(4.75)


BIOWASTE = table(
    # 100 t food and 5 t plastic in it enter the digester; 8 t food and 5 t plastic are removed mechanically
    first("apart", "digest1", "food", 100.0),
    first("apart", "digest1", "plastic", 5.0),
    leg("digest1", "farm", "apart", "compost", "food", "recycling", 40.0),
    leg("digest1", "grid", "apart", "gas", "food", "energy_recovery", 12.0),
    leg("digest1", "sink:process_loss", "apart", "vapour", "food", "process_loss", 40.0),
    leg("digest1", "burn1", "apart", "rejects", "food", "", 8.0),
    leg("digest1", "burn1", "apart", "rejects", "plastic", "", 5.0),
    leg("burn1", "sink:energy_recovery", "apart", "smoke", "food", "energy_recovery", 8.0),
    leg("burn1", "sink:energy_recovery", "apart", "smoke", "plastic", "energy_recovery", 5.0),
)


@pytest.mark.parametrize(
    ("method", "mass"),
    [
        ("collected", 105.0),
        ("calculation_point", 92.0),  # 105 less the 13 removed; gas and vapour not deducted; compost not again
        ("secondary_material", 40.0),  # compost; gas is a fuel
        ("eu_4", 92.0),
        ("eu_2", 92.0),
        ("resource_strategy_2013", 105.0),  # both are focus materials
    ],
)
def test_biowaste_counts_on_entry_less_what_is_removed(method, mass):
    assert numerator(BIOWASTE, method) == pytest.approx(mass)


def test_preparing_for_reuse_is_in_everywhere_and_prevention_nowhere():
    flows = table(
        first("shop", "sink:preparing_for_reuse", "plastic", 7.0),
        first("lent", "sink:prevention", "plastic", 9.0),
        first("bin", "burn1", "plastic", 3.0),
        leg("burn1", "sink:energy_recovery", "bin", "smoke", "plastic", "energy_recovery", 3.0),
    )
    for method in METHODS:
        assert numerator(flows, method) == pytest.approx(7.0), method
    found = rates(case(), flows)
    assert set(found["denominator_t"]) == {10.0}


def test_soil_is_in_no_rate():
    flows = table(
        first("apart", "crush1", "soil", 500.0, "building"),
        leg("crush1", "road", "apart", "gravel", "soil", "other_material_recovery", 500.0, "building"),
    )
    assert rates(case(), pd.concat([flows, BACKFILL]))["denominator_t"].max() == pytest.approx(80.0)
    assert rates(case(), flows).empty


def test_tonnes_that_meet_at_a_facility_are_told_apart_by_how_they_came():
    # The same origin, stream and fraction reaches the recycler directly (60 t) and as bales of the sorter (20 t);
    # its yields differ by input: 0.5 of the stream and 1.0 of the bales become bales.
    this = case(
        accepts=[{"technology": "remelt", "input": "bin"}, {"technology": "remelt", "input": "bales"}],
        yields=[
            {"technology": "remelt", "input": "bin", "output": "bales", "share": 0.5},
            {"technology": "remelt", "input": "bin", "output": "vapour", "share": 0.5},
            {"technology": "remelt", "input": "bales", "output": "bales", "share": 1.0},
        ],
    )
    flows = table(
        first("bin", "remelt1", "plastic", 60.0),
        first("bin", "sort1", "plastic", 25.0),
        leg("sort1", "remelt1", "bin", "bales", "plastic", "", 20.0),
        leg("sort1", "sink:process_loss", "bin", "vapour", "plastic", "process_loss", 5.0),
        *sold("remelt1", "mill", "bin", "bales", "plastic", 50.0, 0.72),
        leg("remelt1", "sink:process_loss", "bin", "vapour", "plastic", "process_loss", 30.0),
    )
    # 20 t of sorted bales count on their way into the recycler; of the mixed bin only the 30 t delivered do
    assert numerator(flows, "collected", this=this) == pytest.approx(50.0)
    made = counted(this, flows, [("all", "collected")], [2025]).set_index("from")["mass_t"]
    assert made.groupby(level=0).sum().to_dict() == pytest.approx({"remelt1": 30.0, "sort1": 20.0})


def test_scopes_and_municipalities_are_sums_of_the_same_rows():
    flows = table(
        *(tuple(row) for row in RECYCLED.itertuples(index=False)),
        *(tuple(row) for row in BACKFILL.itertuples(index=False)),
        first("bin", "burn1", "plastic", 30.0, "shops", place="102"),
        leg("burn1", "sink:energy_recovery", "bin", "smoke", "plastic", "energy_recovery", 30.0, "shops", place="102"),
    )
    found = rates(case(), flows)
    found = found[found["method"] == "collected"].set_index(["scope", "municipality"])
    assert found.loc[("all", ""), "rate"] == pytest.approx(190.0 / 220.0)
    assert found.loc[("all_excluding_construction_demolition", ""), "rate"] == pytest.approx(110.0 / 140.0)
    assert found.loc[("households", ""), "rate"] == pytest.approx(1.0)
    assert found.loc[("municipal_waste", ""), "denominator_t"] == pytest.approx(140.0)
    assert found.loc[("building", "101"), "numerator_t"] == pytest.approx(80.0)
    assert found.loc[("shops", "102"), "rate"] == 0.0
    assert ("shops", "101") not in found.index


@pytest.mark.parametrize("name", ["RECYCLED", "BACKFILL", "SORTED", "BURNT", "BIOWASTE"])
def test_counted_rows_add_up_to_the_numerators(name):
    flows = globals()[name]
    found = rates(case(), flows)
    found = found[found["municipality"] == ""].set_index(["scope", "method"])["numerator_t"]
    pairs = [(scope, method) for scope in scopes(case()) for method in METHODS]
    made = counted(case(), flows, pairs, [2025])
    assert (made["mass_t"] > 0).all()
    sums = made.groupby(["scope", "method"])["mass_t"].sum().reindex(found.index).fillna(0.0)
    np.testing.assert_allclose(sums, found)


def test_order_of_rows_does_not_matter():
    flows = pd.concat([RECYCLED, SORTED, BURNT, BIOWASTE, BACKFILL])
    mixed = flows.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(rates(case(), flows), rates(case(), mixed))


def test_every_declared_method_is_there():
    assert tuple(METHODS) == DECLARED
    assert all(method.numerator.__doc__ and method.wording for method in METHODS.values())


def test_an_account_of_two_towns():
    # Everything is in one bin that is burnt; its slag goes to the road and never counts.
    flows, _, _ = account_flows(two_towns(), 2024)
    found = rates(two_towns(), flows)
    assert found.loc[found["method"] == "collected", "rate"].eq(0).all()
    region = found[(found["scope"] == "all") & (found["municipality"] == "") & (found["method"] == "collected")]
    assert region["denominator_t"].tolist() == pytest.approx([600.0])


def test_targets_follow_their_path():
    rows = [
        {"scope": "all", "method": "collected", "year": 2025, "rate": 0.5},
        {"scope": "all", "method": "collected", "year": 2027, "rate": 0.6},
        {"scope": "all", "method": "collected", "year": 2031, "rate": 0.8, "path": "linear"},
        {"scope": "all", "method": "eu_4", "year": 2030, "rate": 0.6, "binding": False},
        {"municipality": "101", "scope": "all", "method": "collected", "year": 2030, "rate": 0.9},
    ]
    this = case(targets=rows)
    years = [2024, 2025, 2026, 2027, 2028, 2029, 2031, 2035]
    # nothing; the first holds until the next step; then a straight line over four years; then it stays
    expected = [math.nan, 0.5, 0.5, 0.6, 0.65, 0.7, 0.8, 0.8]
    assert [target_in_year(this, "all", "collected", "", year) for year in years] == pytest.approx(
        expected, nan_ok=True
    )
    assert target_in_year(this, "all", "collected", "101", 2030) == 0.9
    assert not target_binds(this, "all", "eu_4", "", 2035)
    assert target_binds(this, "all", "collected", "", 2028)
    found = rates(this, RECYCLED.assign(year=2028))
    column = found.set_index(["scope", "method", "municipality"])["target"]
    assert column.loc[("all", "collected", "")] == pytest.approx(0.65)
    assert math.isnan(column.loc[("all", "collected", "101")])


def test_an_unknown_scope_is_an_error():
    with pytest.raises(KeyError, match="no such scope"):
        in_scope(case(), "nonsense", RECYCLED)
