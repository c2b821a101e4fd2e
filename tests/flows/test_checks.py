"""What tables mean together: each check finds its own mistake and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.case import Case
from flows.checks import check_case
from flows.problem_texts import TEXTS
from flows.problems import Problem
from tests.cases.small import two_towns_tables
from tests.other_world import SETTINGS, tables

Tables = dict[str, list[dict[str, Any]]]


def _row(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def _problems(change: Callable[[Tables], object], **settings: Any) -> list[Problem]:
    content = tables()
    change(content)
    return check_case(Case.from_tables({**SETTINGS, **settings}, content))


def test_the_world_has_no_problems() -> None:
    assert _problems(lambda content: None) == []


def test_all_texts_fill_in_both_languages() -> None:
    for code in TEXTS:
        problem = Problem(code, "sheet", 3, "column", "", "FOUND", "EXPECTED", "MEANT", "PLACE")
        for language in ("da", "en"):
            text = problem.text(language)
            assert "{" not in text
            assert "MEANT" in text


def test_danish_texts_name_sheets_and_columns_in_danish() -> None:
    missing = Problem("column_missing", "markeder", expected="treatment")
    assert missing.text("da") == "kolonnen 'behandling' mangler"
    assert missing.text("en") == "the column 'treatment' is missing"
    assert Problem("reference", found="x", expected="municipalities").text("da") == "'x' findes ikke i kommuner"


def _two_contracts(content: Tables) -> None:
    _row(content["streams"], stream="black_bag").update(single_destination=True)
    content["facilities"].append({**_row(content["facilities"], facility="furnace_1"), "facility": "furnace_9"})
    content["contracts"] = [
        {"stream": "black_bag", "facility": name, "share": 0.5} for name in ("furnace_1", "furnace_9")
    ]


MISTAKES: list[tuple[str, str, Callable[[Tables], object]]] = [
    ("required", "error", lambda t: t["facilities"][0].update(technology="")),
    ("choice", "error", lambda t: t["streams"][0].update(kind="seperate")),
    ("below", "error", lambda t: t["generation"][0].update(amount=-5)),
    ("above", "error", lambda t: t["capture"][0].update(share=1.2)),
    ("reference", "error", lambda t: t["generation"][0].update(municipality="Aldre")),
    ("duplicate", "error", lambda t: t["generation"].append(dict(t["generation"][0]))),
    ("segment", "error", lambda t: t["current_schemes"][0].update(segment="flats")),
    ("fraction_needed", "error", lambda t: t["generation"][0].update(fraction="")),
    ("key_needed", "error", lambda t: t["generation"].append({**t["generation"][0], "municipality": "", "amount": 1})),
    ("shares_sum", "error", lambda t: _row(t["capture"], scheme="one_bag", fraction="scraps").update(share=0.9)),
    ("shares_rest", "error", lambda t: _row(t["yields"], technology="digester", output="gas").update(share=None)),
    ("scheme_sector", "error", lambda t: t["current_schemes"][0].update(scheme="shop_mix")),
    ("scheme_none", "error", lambda t: t["current_schemes"].pop(0)),
    ("capture_none", "error", lambda t: t["capture"].remove(_row(t["capture"], scheme="three_bins", fraction="scraps", stream="green_bin"))
     or t["capture"].remove(_row(t["capture"], scheme="three_bins", fraction="scraps"))),
    ("stream_outlet", "error", lambda t: t["accepts"].remove(_row(t["accepts"], input="skip"))),
    ("output_outlet", "error", lambda t: t["markets"].remove(_row(t["markets"], market="dump"))),
    ("input_unknown", "error", lambda t: t["accepts"].append({"technology": "furnace", "input": "red_bin"})),
    ("yield_none", "error", lambda t: t["yields"].remove(_row(t["yields"], technology="balehall", output="rejects", share=1.0))),
    ("fee_and_cost", "error", lambda t: t["facilities"][0].update(gate_fee=500)),
    ("size_owner", "error", lambda t: t["sizes"].append({"size": "XL", "capacity": 1, "capex": 1})),
    ("size_plus", "error", lambda t: t["sizes"][0].update(size="20+5")),
    ("candidate_size", "error", lambda t: t["sizes"].clear()),
    ("reserved", "error", lambda t: t["facilities"][0].update(reserved=95_000)),
    ("no_place", "warning", lambda t: t["municipalities"][2].update(lat=None)),
    ("transport_none", "warning", lambda t: t["transport"].pop(0)),
    ("place_unknown", "error", lambda t: t.update(distances=[{"from": "alder", "to": "furnace_2", "distance": 3}])),
    ("contract_stream", "error", lambda t: t.update(contracts=[{"stream": "skip", "facility": "furnace_1"}])),
    ("single_destination", "error", lambda t: _two_contracts(t)),
    ("scope", "error", lambda t: t["targets"][0].update(scope="al")),
    ("target_falls", "warning", lambda t: t["targets"].append({**t["targets"][0], "year": 2028, "rate": 0.6})),
    ("target_order", "warning", lambda t: t["targets"].append({**t["targets"][0], "method": "collected_recycling_only", "rate": 0.6})),
    ("capacity", "warning", lambda t: t["facilities"][0].update(capacity=50_000)),
    ("interval", "error", lambda t: t["growth"][0].update({"from": 2030, "until": 2029})),
    ("calibration_impossible", "error", lambda t: t.update(measurements=[{"measure": "rate", "sector": "homes", "year": 2024, "value": 54}])),
]  # fmt: skip


@pytest.mark.parametrize(("code", "severity", "change"), MISTAKES, ids=[item[0] for item in MISTAKES])
def test_each_mistake_is_found(code: str, severity: str, change: Callable[[Tables], object]) -> None:
    problems = _problems(change)
    assert code in {problem.code for problem in problems}
    assert next(problem for problem in problems if problem.code == code).severity == severity
    # A stream without a facility leaves the facility without it too.
    assert {problem.severity for problem in problems if problem.code != "facility_unreached"} == {severity}


def test_a_chain_of_three_facilities_is_no_problem_but_a_loop_is() -> None:
    def chain(content: Tables) -> None:
        content["accepts"].append({"technology": "crusher", "input": "clinker"})
        content["markets"].remove(_row(content["markets"], market="dump"))

    def loop(content: Tables) -> None:
        content["accepts"].append({"technology": "balehall", "input": "clinker"})

    assert _problems(chain) == []
    problems = _problems(loop)
    assert [problem.code for problem in problems] == ["chain"]
    assert problems[0].place == "balehall → furnace → balehall"


def test_a_way_may_lead_to_a_market_but_not_from_one() -> None:
    def way(start: str, goal: str) -> list[str]:
        rows = [{"from": start, "to": goal, "distance": 3}]
        return [problem.code for problem in _problems(lambda content: content.update(distances=rows))]

    assert way("furnace_1", "dump") == []
    assert way("dump", "furnace_1") == ["place_unknown"]


def test_room_is_counted_in_the_users_words() -> None:
    problem = next(item for item in _problems(lambda t: t["facilities"][0].update(capacity=50_000)))
    assert problem.text("en").startswith("black_bag amounts to ")
    assert problem.text("en").endswith("have room for 50 kt")


def test_names_are_suggested_as_ids() -> None:
    problem = _problems(lambda t: t["generation"][0].update(municipality="Birk"))[0]
    assert problem.suggestion == "birch"


def test_years_of_settings() -> None:
    assert [item.code for item in _problems(lambda t: None, first_change_year=2040)] == ["years_order"]
    assert "not_years" in [item.code for item in _problems(lambda t: None, plan_years="soon")]
    assert [item.code for item in _problems(lambda t: None, account_year=None)] == ["setting_missing"]


def test_rows_are_counted_from_one_without_a_workbook() -> None:
    problem = _problems(lambda t: t["generation"][2].update(amount=-5))[0]
    assert (problem.sheet, problem.row, problem.column) == ("generation", 3, "amount")


def test_costs_per_household_without_dwellings_are_noticed() -> None:
    settings, content = two_towns_tables()
    assert "dwellings_none" not in {item.code for item in check_case(Case.from_tables(settings, content))}
    content["dwellings"] = [row for row in content["dwellings"] if row["municipality"] == "A"]
    found = [item for item in check_case(Case.from_tables(settings, content)) if item.code == "dwellings_none"]
    assert [(item.place, item.severity) for item in found] == [("B/households/houses", "warning")]
