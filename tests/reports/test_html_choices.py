"""Tables over several plans on the page: what the run says, in words and units that can be read."""

import pandas as pd
import pytest
from sample import make_case

from reports.html_choices import TABLES, choices
from reports.names import Names
from reports.words import CATALOGUE, Words


def _shown(tables):
    case = make_case()
    words = [Words("da"), Words("en")]
    return choices(case, tables, [Names(case, one) for one in words], words)


def _frontier():
    rows = [("point_02", 0.8, 900.0, 3.2e10, 3.1e10, 0.03, True), ("point_01", 0.7, 950.0, 3.0e10, 2.9e10, 0.03, True)]
    return pd.DataFrame(rows, columns=["point", "rate", "co2e_kt", "cost", "bound", "gap", "efficient"])


def test_a_run_of_one_plan_has_no_choices():
    assert _shown({}) is None
    assert _shown({"flows": pd.DataFrame({"mass_t": [1.0]}), "frontier": _frontier().head(0)}) is None


def test_the_curve_runs_from_the_cheapest_plan():
    found = _shown({"frontier": _frontier()})
    assert found["curve"][0] == ["point_01", 0.7, 950.0, 3.0e10, True, "plan 1"]
    danish, english = (sheet[0] for sheet in found["sheets"])
    assert danish["lines"][0][:5] == ["plan 2", 0.8, 900, 32000, 31000]
    assert [label for label, _ in english["columns"]][3] == "Cost, million DKK"
    assert (danish["lines"][0][-1], english["lines"][0][-1]) == ("ja", "yes")


def test_small_money_is_shown_as_it_is_and_what_is_missing_stays_blank():
    rows = _frontier().assign(cost=[17800.0, float("nan")], bound=[17000.0, 16000.0])
    table = _shown({"frontier": rows})["sheets"][1][0]
    assert table["columns"][3] == ["Cost, DKK", "money"]
    assert [line[3] for line in table["lines"]] == [17800, None]


def test_decisions_places_and_futures_have_their_names():
    presence = {"kind": ["scheme", "facility"], "municipality": ["101", "159"], "sector": ["households", ""],
                "segment": ["multi_storey", ""], "name": ["ten_plus", "bio_1"], "presence": ["all", "some"],
                "proof": ["proven", "shown"]}  # fmt: skip
    values = pd.DataFrame({"name": ["EVPI"], "value": [2200.0], "low": [2000.0], "high": [float("nan")]})
    plans = ["for:base", "for:growth", "all:cvar", "steps:any"]
    performance = pd.DataFrame({"plan": plans, "scenario": ["base"] * 4, "cost": [1.0] * 4, "regret": [0.0] * 4,
                                "rate": [0.5] * 4, "target_met": [True, False, True, True]})  # fmt: skip
    found = _shown({"presence": pd.DataFrame(presence), "values": values, "performance": performance})["sheets"][1]
    tables = {table["key"]: table["lines"] for table in found}
    assert tables["presence"][0] == [
        "Ten fractions, better sorting", "Copenhagen", "Multi-storey homes", "all plans", "proven",
    ]  # fmt: skip
    assert tables["presence"][1] == ["Biogas Nord", "Gladsaxe", "", "some plans", "shown"]
    assert tables["values"][0] == ["To know the future is worth", 2200, 2000, None]
    assert [line[0] for line in tables["performance"]] == [
        "best for: the case as it is", "best for: growth", "best for all (the dearest cases)", "all that any of them builds",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_its_words(name):
    keys = {f"page_caption_{name}", f"page_note_{name}", *(column.label for column in TABLES[name])}
    assert keys <= set(CATALOGUE)
    assert _shown(
        {
            name: pd.DataFrame(
                {column.name: ["x" if column.style == "text" else 1.0] for column in TABLES[name]}
                | {"kind": "scheme", "point": "p", "co2e_kt": 1.0, "rate": 1.0, "cost": 1.0, "efficient": True}
            )
        }
    )
