"""Scenarios change what their rows name and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows import scenario_checks, scenarios
from flows.case import Case
from flows.checks import check_case
from flows.problems import InputError
from flows.tables import BY_NAME
from tests.other_world import SETTINGS, tables


def _case(*rows: dict[str, object]) -> Case:
    content = tables()
    named = [{"scenario": "s", **row} for row in rows]
    return Case.from_tables(SETTINGS, {**content, "scenarios": [*content["scenarios"], *named]})


def _share(case: Case, scheme: str, fraction: str, stream: str) -> float:
    rows = case["capture"]
    found = rows[(rows["scheme"] == scheme) & (rows["fraction"] == fraction) & (rows["stream"] == stream)]
    return float(found["share"].iloc[0])


def test_factor_on_capture_leaves_the_rest_blank() -> None:
    case = scenarios.apply(_case(), "careless")
    assert _share(case, "three_bins", "tins", "dry_bin") == pytest.approx(0.4)
    assert np.isnan(_share(case, "three_bins", "tins", "black_bag"))
    assert _share(case, "three_bins", "scraps", "green_bin") == 0.7


def test_factor_on_capture_scales_the_others_where_no_share_is_blank() -> None:
    content = tables()
    for row in content["capture"]:
        row["share"] = {0.8: 0.8, None: 0.2}.get(row["share"], row["share"])
    content["capture"].append({"scheme": "three_bins", "fraction": "tins", "stream": "green_bin", "share": 0.0})
    content["scenarios"] = [
        {"scenario": "s", "table": "capture", "filter": "scheme=three_bins;fraction=tins;stream=dry_bin",
         "column": "share", "operation": "factor", "value": "0.5"},
    ]  # fmt: skip
    case = scenarios.apply(Case.from_tables(SETTINGS, content), "s")
    assert _share(case, "three_bins", "tins", "dry_bin") == pytest.approx(0.4)
    assert _share(case, "three_bins", "tins", "black_bag") == pytest.approx(0.6)


def test_a_share_never_passes_one() -> None:
    row = {"table": "capture", "filter": "scheme=three_bins;fraction=tins;stream=dry_bin", "column": "share"}
    case = scenarios.apply(_case({**row, "operation": "factor", "value": "3"}), "s")
    assert _share(case, "three_bins", "tins", "dry_bin") == 1.0


def test_what_speaks_of_a_removed_facility_goes_with_it() -> None:
    content = tables()
    content["distances"] = [
        {"from": "alder", "to": "digester_1", "distance": 10},
        {"from": "alder", "to": "furnace_1", "distance": 20},
    ]
    content["pinned"] = [{"facility": "digester_1", "run": True}]
    content["scenarios"] = [
        {"scenario": "s", "table": "facilities", "filter": "facility=digester_1", "operation": "remove"}
    ]
    case = scenarios.apply(Case.from_tables(SETTINGS, content), "s")
    assert case["distances"]["to"].tolist() == ["furnace_1"]
    assert case["pinned"].empty
    assert [problem.code for problem in check_case(case) if problem.code == "reference"] == []


def test_remove_wildcards_and_values() -> None:
    case = scenarios.apply(
        _case({"table": "facilities", "filter": "facility=bales*|digester_1", "operation": "remove"}), "s"
    )
    assert set(case["facilities"]["facility"]) == {"furnace_1", "crusher_1"}
    assert len(_case()["facilities"]) == 4


def test_low_and_high_take_the_range_and_keep_what_has_none() -> None:
    content = tables()
    content["compositions"] = [
        {"composition": "c", "fraction": "tins", "share": 0.4, "low": 0.3, "high": 0.6},
        {"composition": "c", "fraction": "papers", "share": 0.6},
    ]
    content["scenarios"] = [
        {"scenario": "s", "table": "compositions", "filter": "fraction=tins", "column": "share", "operation": "high"}
    ]
    changed = scenarios.apply(Case.from_tables(SETTINGS, content), "s")["compositions"]
    assert changed["share"].tolist() == pytest.approx([0.6, 0.4])


def test_years_of_a_table_with_years() -> None:
    content = tables()
    content["targets"].append({**content["targets"][0], "year": 2028, "rate": 0.3})
    content["scenarios"] = [
        {"scenario": "s", "table": "targets", "column": "rate", "operation": "value", "value": "0.6", "from": 2029}
    ]
    rates = scenarios.apply(Case.from_tables(SETTINGS, content), "s")["targets"]
    assert rates.set_index("year")["rate"].to_dict() == {2030.0: 0.6, 2028.0: 0.3}


def test_rows_that_hold_from_a_year_are_cut() -> None:
    row = {"table": "prices", "filter": "item=tax", "column": "value", "operation": "factor", "value": "2"}
    prices = scenarios.apply(_case({**row, "from": 2027, "until": 2028}), "s")["prices"]
    found = [(row["from"], row["value"]) for _, row in prices.iterrows()]
    assert np.isnan(found[0][0])
    assert [pair[1] for pair in found] == [30.0, 60.0, 30.0]
    assert [pair[0] for pair in found[1:]] == [2027.0, 2029.0]


def test_a_later_row_of_the_sheet_is_not_overruled() -> None:
    content = tables()
    content["prices"].append({"item": "tax", "technology": "furnace", "from": 2028, "value": 50, "unit": "EUR/t"})
    content["scenarios"] = [
        {
            "scenario": "s",
            "table": "prices",
            "filter": "value=30",
            "column": "value",
            "operation": "value",
            "value": "1",
            "from": 2027,
        }
    ]
    prices = scenarios.apply(Case.from_tables(SETTINGS, content), "s")["prices"]
    assert sorted(zip(prices["from"].fillna(0), prices["value"], strict=True)) == [
        (0, 30.0),
        (2027.0, 1.0),
        (2028.0, 50.0),
    ]


def test_growth_is_cut_at_both_ends() -> None:
    row = {"table": "growth", "filter": "sector=homes", "column": "change", "operation": "value", "value": "0.1"}
    growth = scenarios.apply(_case({**row, "from": 2027, "until": 2028}), "s")["growth"]
    spans = growth[["from", "until", "change"]].to_numpy()
    expected = np.array([[np.nan, 2026, 0.005], [2027, 2028, 0.1], [2029, np.nan, 0.005]])
    np.testing.assert_allclose(spans, expected)


def test_settings_can_change() -> None:
    case = scenarios.apply(
        _case({"table": "settings", "column": "discount_rate", "operation": "value", "value": "0.05"}), "s"
    )
    assert case.settings["discount_rate"] == 0.05


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"table": "captures", "operation": "remove"}, "scenario_table"),
        ({"table": "capture", "filter": "scheme", "operation": "remove"}, "scenario_filter"),
        ({"table": "capture", "filter": "shceme=x", "operation": "remove"}, "scenario_column"),
        ({"table": "capture", "filter": "scheme=nowhere", "operation": "remove"}, "scenario_nothing"),
        ({"table": "capture", "column": "share", "operation": "factor", "value": "half"}, "scenario_value"),
        ({"table": "sizes", "column": "capex", "operation": "low"}, "scenario_range"),
        ({"table": "sizes", "column": "capex", "operation": "factor", "value": "2", "from": 2030}, "scenario_years"),
    ],
)
def test_rows_that_cannot_be_applied_are_told(row: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as error:
        scenarios.apply(_case(row), "s")
    assert [problem.code for problem in error.value.problems] == [code]


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(InputError) as error:
        scenarios.apply(_case(), "carless")
    assert error.value.problems[0].suggestion == "careless"


def test_the_given_case_is_left_alone() -> None:
    case = _case()
    before = case["capture"].copy()
    scenarios.apply(case, "careless")
    pd.testing.assert_frame_equal(case["capture"], before)


def test_a_scenario_is_made_of_others_in_the_place_of_its_row() -> None:
    rows = [
        {"scenario": "dear", "table": "prices", "filter": "item=tax", "column": "value", "operation": "factor", "value": "2"},
        {"scenario": "both", "table": "scenarios", "filter": "scenario=dear|careless", "operation": "include"},
        {"scenario": "both", "table": "prices", "filter": "item=tax", "column": "value", "operation": "add", "value": "5"},
    ]  # fmt: skip
    case = scenarios.apply(_case(*rows), "both")
    assert case["prices"]["value"].tolist() == [65.0]
    assert _share(case, "three_bins", "tins", "dry_bin") == pytest.approx(0.4)


def test_a_scenario_cannot_be_made_of_itself() -> None:
    rows = [
        {"scenario": name, "table": "scenarios", "filter": f"scenario={other}", "operation": "include"}
        for name, other in (("one", "two"), ("two", "one"))
    ]
    with pytest.raises(InputError) as error:
        scenarios.apply(_case(*rows), "one")
    assert [problem.code for problem in error.value.problems] == ["scenario_circle"]
    assert error.value.problems[0].row == len(tables()["scenarios"]) + 2


def test_years_are_added_and_what_may_open_at_any_time_opens_later() -> None:
    content = tables()
    content["facilities"].append({"facility": "new", "technology": "furnace", "state": "candidate"})
    content["facilities"].append({"facility": "later", "technology": "furnace", "state": "candidate", "opens": 2028})
    content["scenarios"] = [
        {"scenario": "s", "table": "facilities", "column": "opens", "operation": "add", "value": "3"}
    ]
    given = Case.from_tables({**SETTINGS, "first_change_year": 2027}, content)
    wait = given["technologies"].set_index("technology")["build_time"]["furnace"]
    opens = scenarios.apply(given, "s")["facilities"].set_index("facility")["opens"]
    assert opens["new"] == 2027 + wait + 3 and opens["later"] == 2031
    standing = given["facilities"]["state"] == "existing"
    assert opens[standing.to_numpy()].isna().all(), "what stands today stands today"


def test_a_row_is_inserted_where_none_is_like_it() -> None:
    row = {"table": "prices", "filter": "item=carbon;unit=EUR/t", "column": "value", "operation": "insert"}
    case = scenarios.apply(_case({**row, "value": "80", "from": 2028}), "s")
    assert case["prices"].iloc[-1][["item", "value", "from"]].tolist() == ["carbon", 80.0, 2028.0]
    assert check_case(case) == check_case(_case())


def test_another_rate_method_is_a_scenario() -> None:
    rows = [
        {"table": "settings", "column": "method", "operation": "value", "value": "calculation_point"},
        {"table": "targets", "column": "method", "operation": "value", "value": "calculation_point"},
    ]
    case = scenarios.apply(_case(*rows), "s")
    assert case.settings["method"] == "calculation_point"
    assert set(case["targets"]["method"]) == {"calculation_point"}


def test_the_case_of_a_scenario_is_checked_as_the_case_itself() -> None:
    rows = [
        {"table": "prices", "filter": "item=tax", "column": "value", "operation": "factor", "value": "2"},
        {
            "table": "schemes",
            "filter": "scheme=three_bins",
            "column": "sector",
            "operation": "value",
            "value": "homess",
        },
    ]
    case = _case(*rows)
    found = [problem for problem in scenario_checks.check(case) if problem.cause.code == "reference"]
    assert found and {problem.row for problem in found} == {len(tables()["scenarios"]) + 2}
    assert "homess" in found[0].text("en") and "'s'" in found[0].text("da")
    assert check_case(case) == [], "the case itself is left alone"


def test_a_value_lies_in_its_range() -> None:
    row = {"table": "prices", "filter": "item=tax", "column": "value", "operation": "factor", "value": "2"}
    assert scenario_checks.ranges(_case({**row, "low": 1.5, "high": 3})) == []
    assert [one.code for one in scenario_checks.ranges(_case({**row, "low": 2.5, "high": 3}))] == ["scenario_interval"]


@pytest.mark.parametrize("table", ["fractions", "schemes", "yields"])
def test_what_a_scenario_leaves_as_it_is_need_not_be_checked_again(table: str) -> None:
    case = _case()
    known = set(check_case(case))
    changed = case.with_table(table, case[table].iloc[1:].reset_index(drop=True))
    spoiled = case[table].copy()
    spoiled[BY_NAME[table].key[0]] = "nobody" if spoiled[BY_NAME[table].key[0]].dtype.kind not in "fi" else -1
    for other in (changed, case.with_table(table, spoiled)):
        assert set(check_case(other, since=case)) - known == set(check_case(other)) - known
