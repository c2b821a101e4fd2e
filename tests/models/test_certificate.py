"""The certificate holds for a valid plan, and catches every way in which a plan can be spoilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flows.case import Case
from models import certificate_cost, certificate_indicators
from models.certificate import CERTIFICATE_COLUMNS, FAMILIES, certify, holds
from models.evidence import Evidence
from models.plan import PlanResult, solve
from tests.cases.busy import busy_case
from tests.cases.pencil import pencil, planned
from tests.cases.small import two_towns_tables

SOURCE = ["municipality", "sector", "segment"]


@pytest.fixture(scope="module")
def plan() -> PlanResult:
    return solve(busy_case(), gap=1e-6, time_limit=60)


def certificate(plan: PlanResult, **changed: pd.DataFrame) -> pd.DataFrame:
    return certify(plan.case, {**plan.tables, **changed}, plan.info["objective"])


def failing_in(modules: str, plan: PlanResult, case: Case | None = None, **changed: pd.DataFrame) -> set[str]:
    """What fails among the checks of some modules alone, to spare time: ``flows plants`` and so on."""
    evidence = Evidence(case or plan.case, "plan", {**plan.tables, **changed}, plan.info["objective"])
    chosen = [family for family in FAMILIES if family.__module__.removeprefix("models.certificate_") in modules.split()]
    assert len({family.__module__ for family in chosen}) == len(modules.split())
    return {check.check for family in chosen for check in family(evidence) if not check.holds}


def test_an_account_year_inside_the_plan_is_a_lawful_state() -> None:
    plan = planned(pencil("2023-2025"), whole=True)
    assert plan.case.account_year in plan.case.plan_years[1:]
    found = certify(plan.case, plan.tables, plan.info["objective"])
    assert {"state today", "state reference"} <= set(found["check"])
    assert found["holds"].all(), found[~found["holds"]].to_string()


def failing(table: pd.DataFrame) -> set[str]:
    return set(table.loc[~table["holds"], "check"])


def test_a_valid_plan_is_certified(plan):
    table = certificate(plan)
    assert list(table.columns) == CERTIFICATE_COLUMNS
    assert holds(table), table.loc[~table["holds"]].to_string()
    assert table["largest_error"].max() < 1e-6
    # the plan is worth spoiling: it builds, changes schemes in part, and pays everything there is to pay
    costs = plan.tables["costs"].query("variant == 'plan'")
    assert set(costs["category"]) == {
        "collection",
        "change",
        "transport",
        "treatment",
        "fixed",
        "capital",
        "tax",
        "market",
        "energy",
        "carbon",
    }
    schemes = plan.tables["schemes"].query("variant == 'plan'")
    assert schemes["changed"].any()
    assert plan.tables["facilities"].query("variant == 'plan' and facility == 'sorter'")["open"].any()


def test_another_variant_is_certified_by_its_own_rows(plan):
    tables = {
        name: table.assign(variant=table["variant"].replace("plan", "other")) if "variant" in table else table
        for name, table in plan.tables.items()
    }
    # As those of the plan, which is certified above.
    assert failing(certify(plan.case, tables, plan.info["objective"], variant="other")) == set()


def _rows(table: pd.DataFrame, **where: object) -> pd.Index:
    chosen = table["variant"] == "plan"
    for name, value in where.items():
        chosen &= table[name.rstrip("_")] == value
    return table.index[chosen]


def _largest(table: pd.DataFrame, **where: object) -> object:
    rows = table.loc[_rows(table, **where)]
    return rows["mass_t"].idxmax()


def _with(table: pd.DataFrame, index: object, **values: object) -> pd.DataFrame:
    changed = table.copy()
    for name, value in values.items():
        changed.loc[index, name.rstrip("_")] = value
    return changed


def lost_tonne(flows: pd.DataFrame) -> pd.DataFrame:
    at = _largest(flows, from_="burner", year=2030)
    return _with(flows, at, mass_t=flows.loc[at, "mass_t"] - 0.01)


def invented_tonne(flows: pd.DataFrame) -> pd.DataFrame:
    at = _rows(flows, municipality="A", fraction="plastic", year=2029, sector="shops")
    return _with(flows, at, mass_t=flows.loc[at, "mass_t"] * 1.001)


def vanished_source(flows: pd.DataFrame) -> pd.DataFrame:
    return flows.drop(_rows(flows, municipality="B", year=2028))


def moved_fraction(flows: pd.DataFrame) -> pd.DataFrame:
    """Plastic of one mixed bin, and only it, goes to the other burner, and on as if it had always been there."""
    flows = flows.copy()
    chosen = _rows(flows, municipality="A", sector="shops", fraction="plastic", stream="mixed_bin", year=2026)
    for column in ("from", "to"):
        flows.loc[chosen, column] = flows.loc[chosen, column].replace("burner", "old_burner")
    # One tonne of it stays where the rest of the bin goes: the bin is un-mixed.
    kept = flows.loc[chosen].copy()
    whole = kept.loc[kept["output"] == "", "mass_t"].sum()
    kept["mass_t"] /= whole
    flows.loc[chosen, "mass_t"] *= (whole - 1.0) / whole
    for column in ("from", "to"):
        kept[column] = kept[column].replace("old_burner", "burner")
    return pd.concat([flows, kept], ignore_index=True)


def parted_output(flows: pd.DataFrame) -> pd.DataFrame:
    """Of one town's residue half is sold to the road instead of burnt."""
    at = _largest(flows, from_="sorter", output="residue", year=2030, fraction="food")
    half = flows.loc[[at]].assign(to="road", treatment="other_material_recovery", mass_t=flows.loc[at, "mass_t"] / 2)
    return pd.concat([_with(flows, at, mass_t=flows.loc[at, "mass_t"] / 2), half], ignore_index=True)


def better_yield(flows: pd.DataFrame) -> pd.DataFrame:
    chosen = flows["variant"].eq("plan") & flows["from"].eq("recycler") & flows["fraction"].eq("plastic")
    factor = np.where(flows["output"] == "flakes", 1.05, np.where(flows["output"] == "reject", 0.8, 1.0))
    return _with(flows, chosen, mass_t=flows.loc[chosen, "mass_t"] * factor[chosen])


def no_loss_at_the_market(flows: pd.DataFrame) -> pd.DataFrame:
    chosen = _rows(flows, to="moulder", treatment="energy_recovery")
    return _with(flows, chosen, treatment="recycling")


def nowhere(flows: pd.DataFrame) -> pd.DataFrame:
    at = _largest(flows, to="road", year=2027)
    return _with(flows, at, to="elsewhere")


def not_a_number(flows: pd.DataFrame) -> pd.DataFrame:
    return _with(flows, _largest(flows, to="road", year=2027), mass_t=np.nan)


def wrong_stream(flows: pd.DataFrame) -> pd.DataFrame:
    """The digester is sent a stream that it does not take."""
    at = _largest(flows, to="burner", stream="mixed_bin", year=2027)
    return _with(flows, at, to="digester")


def a_year_more(flows: pd.DataFrame) -> pd.DataFrame:
    """All that flows in a year flows once more, long after the plan."""
    return pd.concat([flows, flows.loc[_rows(flows, year=2030)].assign(year=2099)], ignore_index=True)


@pytest.mark.parametrize(
    ("change", "caught"),
    [
        (lost_tonne, {"balance", "balance by origin", "yields"}),
        (invented_tonne, {"generation", "ends", "collection"}),
        (vanished_source, {"generation", "collection"}),
        (moved_fraction, {"mixing at collection"}),
        (parted_output, {"places", "one class of destination", "mixing at outputs"}),
        (better_yield, {"yields"}),
        (no_loss_at_the_market, {"deliveries"}),
        (nowhere, {"places"}),
        (not_a_number, {"places", "balance"}),
        (wrong_stream, {"places"}),
        (a_year_more, {"places"}),
    ],
)
def test_spoilt_flows_are_caught(plan, change: Callable[[pd.DataFrame], pd.DataFrame], caught):
    spoilt = change(plan.tables["flows"].reset_index(drop=True))
    found = failing_in("flows", plan, flows=spoilt)
    assert caught <= found, found


def test_a_balanced_move_is_caught_by_mixing_alone_among_the_checks_of_mass(plan):
    # Everything is somewhere and balances; only the pile has been parted.
    found = failing_in("flows", plan, flows=moved_fraction(plan.tables["flows"].reset_index(drop=True)))
    assert "mixing at collection" in found
    assert not found & {"balance", "balance by origin", "generation", "collection", "yields", "deliveries", "places"}


def _schemes(plan: PlanResult) -> pd.DataFrame:
    return plan.tables["schemes"].reset_index(drop=True)


def _changed_source(plan: PlanResult) -> pd.Series:
    schemes = _schemes(plan)
    rows = schemes[(schemes["variant"] == "plan") & schemes["changed"] & (schemes["scheme"] == "three_bins")]
    return rows.iloc[0]


@pytest.mark.parametrize(
    ("values", "caught"),
    [
        ({"scheme": "forbidden"}, {"schemes are lawful"}),
        ({"scheme": "shop_bin"}, {"schemes fit their source"}),
        ({"chosen": 0.6}, {"scheme shares", "scheme is one decision"}),
        ({"share": 0.9}, {"scheme shares", "ramp"}),
        ({"changed": False}, {"changes are told"}),
        ({"year": 2026}, {"nothing changes before it can"}),
    ],
)
def test_spoilt_schemes_are_caught(plan, values, caught):
    schemes = _schemes(plan)
    source = _changed_source(plan)
    at = schemes.index[
        (schemes["variant"] == "plan")
        & (schemes[[*SOURCE, "scheme", "year"]] == source[[*SOURCE, "scheme", "year"]]).all(axis=1)
    ]
    found = failing_in("schemes", plan, schemes=_with(schemes, at, **values))
    assert caught <= found, found


def test_a_share_below_nothing_is_caught_although_all_shares_add_up(plan):
    schemes = _schemes(plan)
    source = _changed_source(plan)
    mine = (schemes["variant"] == "plan") & (schemes[SOURCE] == source[SOURCE]).all(axis=1)
    (at,) = schemes.index[mine & (schemes["year"] == schemes["year"].max())]
    assert schemes.loc[at, "share"] == 1.0
    less = schemes.loc[[at]].assign(scheme="one_bin", share=-0.2, chosen=0.0)
    spoilt = pd.concat([_with(schemes, [at], share=1.2), less], ignore_index=True)
    assert "scheme shares" in failing_in("schemes", plan, schemes=spoilt)


def test_a_scheme_given_up_too_early_is_caught(plan):
    schemes = _schemes(plan)
    source = _changed_source(plan)
    mine = (schemes["variant"] == "plan") & (schemes[SOURCE] == source[SOURCE]).all(axis=1)
    at = schemes.index[mine & (schemes["scheme"] == "three_bins") & (schemes["year"] == source["year"] + 2)]
    found = failing_in("schemes", plan, schemes=_with(schemes, at, scheme="one_bin"))
    assert "minimum years" in found


def _plants(plan: PlanResult) -> pd.DataFrame:
    return plan.tables["facilities"].reset_index(drop=True)


@pytest.mark.parametrize(
    ("facility", "years", "values", "caught"),
    [
        ("sorter", (2029, 2030), {"size": "S", "capacity_t": 300.0}, {"capacity", "costs"}),
        ("sorter", (2029, 2030), {"open": False, "size": ""}, {"capacity", "costs"}),
        ("sorter", (2025, 2026), {"open": True, "size": "L", "capacity_t": 700.0}, {"opening and closing", "costs"}),
        ("sorter", (2030,), {"size": "XL"}, {"opening and closing"}),
        ("digester", (2027,), {"open": False, "size": ""}, {"opening and closing", "capacity"}),
        ("burner", (2030,), {"capacity_t": 1e6}, {"facility table"}),
        ("burner", (2030,), {"throughput_t": 1.0}, {"facility table"}),
    ],
)
def test_spoilt_facilities_are_caught(plan, facility, years, values, caught):
    plants = _plants(plan)
    at = plants.index[(plants["variant"] == "plan") & (plants["facility"] == facility) & plants["year"].isin(years)]
    assert len(at) == len(years)
    found = failing_in("plants cost", plan, facilities=_with(plants, at, **values))
    assert caught <= found, found


@pytest.mark.parametrize(
    "category",
    ["collection", "change", "transport", "treatment", "fixed", "capital", "tax", "market", "energy", "carbon"],
)
def test_a_forgotten_cost_is_caught(plan, category):
    costs = plan.tables["costs"]
    rows = costs[(costs["variant"] == "plan") & (costs["category"] == category)]
    evidence = Evidence(plan.case, "plan", {**plan.tables, "costs": costs.drop(rows.index[:1])}, plan.info["objective"])
    found = {check.check: check for check in certificate_cost.costs(evidence)}
    assert not found["costs"].holds
    assert not found["objective"].holds
    assert category in found["costs"].detail


def test_a_wrong_discount_and_a_wrong_objective_are_caught(plan):
    costs = plan.tables["costs"]
    assert "discounting" in failing_in("cost", plan, costs=costs.assign(in_objective=costs["in_objective"] * 1.001))
    for wrong in (plan.info["objective"] * 1.0001, None):
        assert "objective" in failing_in("cost", replace(plan, info={"objective": wrong}))


def _changed(plan: PlanResult, name: str, **values: object) -> Case:
    return plan.case.with_table(name, plan.case[name].assign(**values))


@pytest.mark.parametrize(
    ("table", "values", "caught"),
    [
        ("targets", {"rate": 0.95}, "targets"),
        ("limits", {"maximum": 100.0}, "limits"),
        ("markets", {"capacity": 10.0}, "market capacity"),
        ("markets", {"until": 2028.0}, "market capacity"),
        ("contracts", {"share": 1.0, "until": 2030.0}, "contracts"),
        ("facilities", {"minimum_load": 5000.0}, "minimum load"),
        ("facilities", {"reserved": 850.0}, "capacity"),
        ("technologies", {"lifetime": 1.0}, "opening and closing"),
        ("technologies", {"build_time": 5.0}, "opening and closing"),
        ("schemes", {"ramp_years": 4.0}, "ramp"),
        ("schemes", {"first_year": 2029.0}, "first year of schemes"),
        ("schemes", {"legal": False}, "schemes are lawful"),
        ("schemes", {"legal_for": "C; D"}, "schemes are lawful"),
        ("transport", {"detour": 1.31}, "costs"),
        ("streams", {"kind": "separate"}, "rate table"),
    ],
)
def test_the_same_plan_does_not_fit_another_case(plan, table, values, caught):
    found = failing_in("plants schemes targets indicators cost", plan, _changed(plan, table, **values))
    assert caught in found, found


def test_a_broken_limit_is_told_by_its_year_or_as_that_of_the_whole_plan(plan):
    for year, told in ((2030.0, "year 2030"), (float("nan"), "year horizon")):
        case = _changed(plan, "limits", maximum=0.001, year=year)
        (found,) = certificate_indicators.limits(Evidence(case, "plan", plan.tables, plan.info["objective"]))
        assert not found.holds
        assert told in found.detail.split(", "), found.detail


def test_pinned_decisions_are_checked(plan):
    rows = [
        {
            "scheme": "one_bin",
            "municipality": "A",
            "sector": "households",
            "segment": "houses",
            "from": 2030,
            "run": True,
        },
        {"facility": "sorter", "from": 2029, "run": False},
    ]
    settings, tables = two_towns_tables()
    for row in rows:
        pinned = Case.from_tables(settings, {**tables, "pinned": [row]})["pinned"]
        assert "pinned decisions" in failing_in("schemes", plan, plan.case.with_table("pinned", pinned))
    kept = Case.from_tables(settings, {**tables, "pinned": [{"facility": "sorter", "from": 2029, "run": True}]})[
        "pinned"
    ]
    assert "pinned decisions" not in failing_in("schemes", plan, plan.case.with_table("pinned", kept))


def test_a_rate_that_is_told_wrong_is_caught(plan):
    rates = plan.tables["rates"]
    assert "rate table" in failing_in("targets", plan, rates=rates.assign(rate=rates["rate"] + 0.001))


def test_a_calibration_that_does_not_follow_from_the_case_is_caught(plan):
    shift = pd.DataFrame(
        [{"municipality": "A", "sector": "shops", "segment": "", "fraction": "", "year": 2024, "shift": 0.5}]
    )
    assert "calibration" in failing_in("flows", plan, calibration=shift)


def test_capital_is_paid_to_the_end_although_a_plant_closes_early(plan):
    plants = _plants(plan)
    mine = (plants["variant"] == "plan") & (plants["facility"] == "sorter")
    built = plants[mine & plants["open"]]
    assert built["size"].unique().tolist() == ["L"]
    first = int(built["year"].min())
    closed = _with(plants, plants.index[mine & (plants["year"] == 2030)], open=False, size="")
    evidence = Evidence(plan.case, "plan", {**plan.tables, "facilities": closed}, None)
    # 100 000 over 10 years at 4 %: 100 000 * 0.04 * 1.04^10 / (1.04^10 - 1) = 12 329.09 a year
    expected = [12329.0944 if year >= first else 0.0 for year in range(2025, 2031)]
    assert certificate_cost.capital(evidence).tolist() == pytest.approx(expected, abs=1e-3)
    # the fixed cost of 15 000 is saved
    assert certificate_cost.fixed(Evidence(plan.case, "plan", plan.tables, None))[-1] - certificate_cost.fixed(
        evidence
    )[-1] == pytest.approx(15000.0)
