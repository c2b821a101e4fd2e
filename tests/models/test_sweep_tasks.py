"""The tasks of a sweep: what differs only in what is wanted shares a group, and each task names its start."""

from __future__ import annotations

import pandas as pd
import pytest

from flows import scenarios
from flows.case import Case
from models.sweep_tasks import Task, manifest, tasks, tasks_of
from tests.cases.pencil import pencil

SHEET = [
    {"scenario": "dear", "table": "facilities", "filter": "facility=oven", "column": "gate_fee",
     "operation": "factor", "value": "2"},
    {"scenario": "strict", "table": "targets", "filter": "scope=all;method=collected;year=2025", "column": "rate",
     "operation": "insert", "value": "0.3"},
    {"scenario": "counted", "table": "settings", "column": "method", "operation": "value", "value": "calculation_point"},
]  # fmt: skip


def _tasks(*names: str, draws: int = 0) -> list[Task]:
    case = pencil(scenarios=SHEET)
    cases = {name: scenarios.apply(case, name) if name else case for name in names}
    return tasks(cases, case, targets=[0.1, None], methods=[None], scope=None, year=None, draws=draws)


def test_scenarios_that_change_only_what_is_wanted_share_a_group_with_the_case() -> None:
    found = manifest(_tasks("", "strict", "dear", "counted"))
    assert found.drop_duplicates("scenario").set_index("scenario")["group"].to_dict() == {
        "": 0, "strict": 0, "dear": 1, "counted": 0,
    }  # fmt: skip
    assert set(found.loc[found["scenario"] == "counted", "method"]) == {"calculation_point"}
    assert found["target"].isna().sum() == 4


def test_every_task_starts_from_one_that_is_named() -> None:
    found = manifest(_tasks("", "dear", draws=2))
    # The case, then the scenario; each group's first, then the other; draw by draw.
    assert found["start"].tolist() == [-1, 0, 0, 2, 0, 4, 2, 6, 0, 8, 2, 10]
    assert (found["start"] < found["task"]).all()


def test_tasks_are_read_back_from_their_table() -> None:
    listed = _tasks("", "dear", draws=1)
    assert tasks_of(manifest(listed)) == listed


@pytest.mark.parametrize("table", ["prices", "generation"])
def test_other_data_are_another_group(table: str) -> None:
    case = pencil()
    changed = case.with_table(table, case[table].copy())
    found = tasks({"": case, "s": changed}, case, targets=[None], methods=[None], scope=None, year=None, draws=0)
    assert [task.group for task in found] == [0, 1]


def test_the_case_of_a_task_has_its_scenario_and_target() -> None:
    case: Case = pencil(scenarios=SHEET)
    task = next(task for task in _tasks("", "dear") if task.scenario == "dear" and task.target == 0.1)
    made = task.case(case)
    assert made["facilities"].set_index("facility")["gate_fee"].to_dict() == {"oven": 200, "mill": 30}
    assert made["targets"]["rate"].tolist() == [0.1]
    assert isinstance(case["targets"], pd.DataFrame) and case["targets"].empty
