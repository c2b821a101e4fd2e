"""What a sweep says, against figures known by hand and against scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from models import sweep_reading as reading
from tests.cases.pencil import pencil

ASKED = {"scope": "all", "method": "collected", "year": 2025}
HOME = {"municipality": "A", "sector": "homes", "segment": "houses"}


def _outcomes(rows: list[tuple[int, str, int, float, float, float]]) -> pd.DataFrame:
    """Return task, scenario, draw, target, cost, rate as outcomes; no cost is out of reach."""
    table = pd.DataFrame(rows, columns=["task", "scenario", "draw", "target", "cost", "rate"]).assign(**ASKED)
    table["status"] = np.where(table["cost"].isna(), "infeasible", "optimal")
    table["certified"] = table["cost"].notna()
    return table.assign(co2e=table["cost"] * 2.0, highest_rate=np.where(table["cost"].isna(), 0.7, np.nan))


def _decisions(plans: dict[int, tuple[str, ...]]) -> pd.DataFrame:
    """Return decisions: a name in capitals is a new facility, any other a scheme in A."""
    rows = []
    for task, names in plans.items():
        for name in names:
            facility = name.isupper()
            blank = dict.fromkeys(HOME, "")
            kind = "facility" if facility else "scheme"
            place = blank if facility else HOME
            rows.append({"task": task, "kind": kind, **place, "name": name, "size": "s1" if facility else "",
                         "period": 2025, "share": 1.0})  # fmt: skip
    return pd.DataFrame(rows)


NAN = float("nan")
OUTCOMES = _outcomes(
    [
        (0, "", 0, 0.4, 100.0, 0.40),
        (1, "", 0, 0.6, 130.0, 0.60),
        (2, "dear", 0, 0.4, 210.0, 0.60),
        (3, "dear", 0, 0.6, 210.0, 0.60),
        (4, "", 1, 0.4, 90.0, 0.45),
        (5, "", 1, 0.6, NAN, NAN),
    ]
)
DECISIONS = _decisions(
    {0: ("mix", "OVEN"), 1: ("sort", "OVEN"), 2: ("sort", "OVEN"), 3: ("sort", "OVEN"), 4: ("mix", "OVEN", "MILL")}
)


def test_regret_is_told_where_the_same_decisions_are_known_to_hold():
    told = reading.regret(OUTCOMES, DECISIONS)
    low = told[told["target"] == 0.4]
    # In the case as it is the plan for 60 % also reaches 40 %, at 30 more; elsewhere only one set is known.
    base = low[(low["scenario"] == "") & (low["draw"] == 0)]
    assert base[["cost", "regret"]].to_numpy().tolist() == [[100.0, 0.0], [130.0, 30.0]]
    assert low[low["scenario"] == "dear"]["regret"].tolist() == [0.0]
    assert len(told[told["target"] == 0.6]) == 2
    table = reading.choices(told)
    top = table[(table["target"] == 0.4) & table["robust"]].iloc[0]
    # Sorting is known in two of three futures, mixing with and without a mill in one each.
    assert (top["futures"], top["of"], top["worst_regret"], top["worst_cost"], top["task"]) == (2, 3, 30.0, 210.0, 1)
    assert table.groupby("target")["robust"].sum().tolist() == [1, 1]
    names = reading.choice_of_tasks(DECISIONS)
    assert names[1] == names[2] == names[3] == "choice_1" and names[0] != names[4]


def test_presence_counts_plans_and_names_what_is_in_all():
    table = reading.presence(OUTCOMES, DECISIONS, pencil())
    rows = table[table["target"] == 0.4].set_index("name")
    assert rows["of"].unique().tolist() == [3]
    assert rows["plans"].to_dict() == {"OVEN": 3, "MILL": 1, "mix": 2, "sort": 1}
    assert rows["share"]["mix"] == pytest.approx(2 / 3) and rows["no_regret"].to_dict() == {
        "OVEN": True, "MILL": False, "mix": False, "sort": False,
    }  # fmt: skip
    standing = reading.presence(OUTCOMES, DECISIONS.assign(size="existing"), pencil())
    assert not standing["no_regret"].any()


def test_the_range_of_outcomes_says_of_how_many_tasks_it_is():
    tasks = pd.concat([OUTCOMES[["task", "scenario", "draw", "target", *ASKED]]] * 2, ignore_index=True)
    table = reading.spread(tasks, OUTCOMES).set_index(["target", "scenario"])
    row = table.loc[(0.4, "")]
    assert (row["tasks"], row["missing"], row["plans"]) == (4, 2, 2)
    assert (row["cost_low"], row["cost_median"], row["cost_high"]) == (90.0, 95.0, 100.0)
    assert (table.loc[(0.6, ""), "infeasible"], table.loc[(0.6, ""), "highest_rate"]) == (1, 0.7)


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlations_are_those_of_scipy(ties: bool):
    generator = np.random.default_rng(1)
    draws, names = 14, ["a|x|value", "b|y|value", "c|z|value"]
    values = generator.normal(size=(draws, 3))
    if ties:
        values = np.round(values)
    cost = values[:, 0] * 3.0 - values[:, 1] + generator.normal(size=draws)
    inputs = pd.DataFrame(
        [(d + 1, name, values[d, k]) for d in range(draws) for k, name in enumerate(names)],
        columns=["draw", "input", "value"],
    )
    rows = [(d, "", d + 1, 0.4, cost[d], 0.5) for d in range(draws)] + [(99, "", 0, 0.4, 1e9, 0.5)]
    found = reading.correlation(_outcomes(rows), inputs, pd.Series({names[0]: "assumed"}))
    own = found[found["outcome"] == "cost"].set_index("input")
    for k, name in enumerate(names):
        assert own["correlation"][name] == pytest.approx(spearmanr(values[:, k], cost).statistic)
    assert own.index[0] == own["correlation"].abs().idxmax() and own["n"].unique().tolist() == [draws]
    assert own["status"][names[0]] == "assumed" and not own["few"].any()
    # The rate never varies: nothing moves it. With few draws that is said.
    assert "rate" not in set(found["outcome"])
    assert reading.correlation(_outcomes(rows[:5]), inputs, pd.Series(dtype=object))["few"].all()


def test_without_plans_every_table_is_there_and_empty():
    none = OUTCOMES.tail(1)
    nothing = DECISIONS.head(0)
    told = reading.regret(none, nothing)
    assert told.empty and reading.choices(told).empty and reading.presence(none, nothing, pencil()).empty
    assert reading.correlation(none, pd.DataFrame(columns=["draw", "input", "value"]), pd.Series(dtype=object)).empty
    assert reading.shown_task(none) is None and reading.shown_task(OUTCOMES) == 1
    assert reading.spread(none, none.head(0))["missing"].tolist() == [1]
