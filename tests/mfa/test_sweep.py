"""A sweep: equal results whoever plans and whatever is interrupted, reasons instead of plans, clear refusals."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mfa
from flows.case import Case
from mfa import api_sweep, sweep_crew, sweep_drive
from mfa.api_sweep import sweep
from mfa.sweep_drive import Drive, drive
from mfa.sweep_folder import SweepFolder, partition
from mfa.workbook_write import write_case_object
from models import sweep_run
from models.planner import Planner
from models.sweep_run import Order, decisions_in, lost, run_task
from models.sweep_tasks import tasks_of
from tests.cases.pencil import pencil

ROOT = Path(__file__).resolve().parent.parent.parent
SHEET = [
    {"scenario": "dear", "table": "facilities", "filter": "facility=oven", "column": "gate_fee",
     "operation": "factor", "value": "2"},
]  # fmt: skip
CAPTURE = [
    {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
    {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6, "low": 0.5, "high": 0.7},
    {"scheme": "sort", "fraction": "paper", "stream": "bag"},
]
CENTRAL: dict[str, Any] = {"scenarios": "base,dear", "targets": ["20%", "90%"], "gap": 0.0}
OPTIONS: dict[str, Any] = {**CENTRAL, "draws": 1, "seed": 5}


def _case() -> Case:
    dear = {"sort": {"cost_per_household": 100}}
    return pencil(capture=CAPTURE, scenarios=SHEET, change={"schemes": dear})


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case.xlsx"
    write_case_object(_case(), path)
    return path


@pytest.fixture(scope="module")
def undisturbed(workbook: Path) -> mfa.Sweep:
    """Two scenarios, two targets, the central values and a draw: 8 tasks in 4 groups, by this process."""
    return sweep(workbook, workbook.parent / "undisturbed", workers=1, **OPTIONS)


@pytest.fixture(scope="module")
def central(workbook: Path) -> mfa.Sweep:
    """The four tasks of the central values, in 2 groups, by this process: what others do must end alike."""
    return sweep(workbook, workbook.parent / "central", workers=1, **CENTRAL)


def _same(found: mfa.Sweep, expected: mfa.Sweep) -> None:
    pd.testing.assert_frame_equal(
        found.outcomes.drop(columns="seconds"), expected.outcomes.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(found.decisions, expected.decisions, check_exact=True)
    pd.testing.assert_frame_equal(found.inputs, expected.inputs, check_exact=True)


def test_outcomes_are_those_known_by_hand(undisturbed: mfa.Sweep) -> None:
    """Mixing costs 15 000, and sorting 1 400 more in B, 20 % of all; where burning costs twice as much, both sort."""
    found = undisturbed.outcomes.query("draw == 0 and target == 0.2").set_index("scenario")
    assert found["cost"].to_dict() == pytest.approx({"": 16400, "dear": 16800 + 8400})
    assert found["rate"].to_dict() == pytest.approx({"": 0.2, "dear": 0.6})
    assert found["certified"].all() and (found["gap"] <= 1e-6).all()
    high = undisturbed.outcomes.query("draw == 0 and target == 0.9")
    assert set(high["status"]) == {"infeasible"}
    assert high["highest_rate"].tolist() == pytest.approx([0.6] * 2)
    assert undisturbed.missing == 0


def test_a_task_is_the_plan_of_its_question(undisturbed: mfa.Sweep, workbook: Path) -> None:
    row = undisturbed.outcomes.query("scenario == 'dear' and draw == 0 and target == 0.2").iloc[0]
    run = mfa.plan(workbook, target=0.2, scenario="dear", gap=0.0)
    assert row["cost"] == pytest.approx(run.info["objective"], rel=1e-9)
    assert row["rate"] == pytest.approx(run.rate("plan", 2025), abs=1e-9)
    whole = run.tables["indicators"].query("variant == 'plan' and municipality == '' and year.isna()")
    values = whole.set_index("indicator")["value"]
    for name in ("co2e", "incinerated", "landfilled", "investment", "cost_per_household"):
        assert row[name] == pytest.approx(values[name], abs=1e-9), name


def test_stored_decisions_are_enough_to_run_a_plan_again(undisturbed: mfa.Sweep) -> None:
    case = mfa.read_case(undisturbed.folder / "case.xlsx")
    task = next(task for task in tasks_of(undisturbed.tasks) if task.scenario == "dear" and task.target == 0.2)
    rows = undisturbed.decisions.query("task == @task.task")
    planner = Planner(task.case(case), threads=1)
    _, solution = planner.dispatch(decisions_in(rows))
    cost = undisturbed.outcomes.set_index("task")["cost"][task.task]
    assert solution.objective * 1e6 == pytest.approx(cost, rel=1e-9)


def test_a_task_hangs_on_the_manifest_alone(undisturbed: mfa.Sweep) -> None:
    """Run backwards, each with a session of its own or one that was asked other things, every task is the same."""
    work = api_sweep._work(undisturbed.store, mfa.read_case(undisturbed.folder / "case.xlsx"))
    listed = tasks_of(undisturbed.tasks)
    state = Drive(listed, (), undisturbed.store)
    known = undisturbed.outcomes.set_index("task")
    for task in reversed(listed[:5]):
        rows = undisturbed.decisions.query("task == @task.start")
        start = decisions_in(rows) if len(rows) else None
        done = run_task(work, Order(task, state.groups[task.group], start))
        for name in ("status", "cost", "bound", "rate", "co2e"):
            told, before = done.outcome[name], known.loc[task.task, name]
            assert told == before or (told != told and before != before), (task, name)


def test_processes_give_the_same_when_one_is_killed(
    central: mfa.Sweep, workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crews: list[sweep_crew.Processes] = []
    begun = sweep_crew.Processes.__init__

    def kept(self: sweep_crew.Processes, *arguments: Any) -> None:
        begun(self, *arguments)
        crews.append(self)

    monkeypatch.setattr(sweep_crew.Processes, "__init__", kept)
    killed: list[int] = []

    def kill(done: int, whole: int, words: str) -> None:
        if 2 <= done < whole and not killed:
            killed.append(crews[0].pids[0])
            os.kill(killed[0], signal.SIGKILL)

    found = sweep(workbook, tmp_path / "sweep", workers=2, progress=kill, **CENTRAL)
    assert killed and len(crews) == 1
    _same(found, central)


def _started(workbook: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mfa.cli", "sweep", str(workbook), "--out", str(out), "--targets", "20%,90%", "--scenarios", "base,dear",
               "--gap", "0%", "--workers", "1", "-q", *more]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _parts(out: Path) -> int:
    return len(list(out.glob("results/outcomes/*/part-*.parquet")))


def _killed_and_resumed(workbook: Path, out: Path, after: int, wait: float) -> None:
    process = _started(workbook, out)
    until = time.monotonic() + 120
    while _parts(out) < after and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(wait)
    process.kill()
    process.communicate()
    done = mfa.read_sweep(out).outcomes
    again = _started(workbook, out, "--resume", "--json")
    told, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors.decode()
    outcomes = json.loads(told)["outcomes"]
    # What was finished was not done again.
    seconds = {row["task"]: row["seconds"] for row in outcomes}
    assert {task: seconds[task] for task in done["task"]} == dict(zip(done["task"], done["seconds"], strict=True))


@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(10))])
def test_a_sweep_that_is_killed_at_any_moment_goes_on_to_the_same_end(
    central: mfa.Sweep, workbook: Path, tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)
    _killed_and_resumed(workbook, tmp_path / "sweep", moments.randint(1, 3), moments.random())
    _same(mfa.read_sweep(tmp_path / "sweep"), central)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and two workers, each a process of its own, on the loopback."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("dask")
    place = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    quiet = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    python = [sys.executable, "-m"]
    common = ["--scheduler-file", str(place), "--no-dashboard"]
    scheduler = subprocess.Popen(
        [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common], **quiet
    )
    workers = [
        subprocess.Popen(
            [*python, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", *common],
            **quiet,
        )
        for _ in range(2)
    ]
    try:
        until = time.monotonic() + 60
        while not (place.exists() and place.stat().st_size) and time.monotonic() < until:
            time.sleep(0.1)
        yield json.loads(place.read_text())["address"], workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_when_a_worker_is_killed(
    central: mfa.Sweep, workbook: Path, tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster

    def kill(done: int, whole: int, words: str) -> None:
        if 2 <= done < whole and all(worker.poll() is None for worker in workers):
            workers[0].kill()

    found = sweep(workbook, tmp_path / "sweep", scheduler=address, progress=kill, **CENTRAL)
    assert workers[0].poll() is not None and workers[1].poll() is None
    _same(found, central)


class _Stub:
    """A crew of one that answers what a function says."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.orders = answer, []

    def idle(self) -> list[str]:
        return [] if self.orders else ["stub"]

    def submit(self, worker: str, order: Order) -> None:
        self.orders.append(order)

    def wait(self, seconds: float) -> list[Any]:
        order = self.orders.pop()
        return [("stub", order, self.answer(order))]

    def close(self) -> None:
        pass


def test_a_task_that_kills_its_worker_twice_is_given_up(undisturbed: mfa.Sweep, tmp_path: Path) -> None:
    folder = _copied(undisturbed, tmp_path)
    deaths: list[int] = []

    def answer(order: Order) -> Any:
        if order.task.task == 3:
            deaths.append(3)
            return None
        return lost(order.task.task, "infeasible", "infeasible")

    drive(tasks_of(folder.tasks), folder, _Stub(answer), lambda *told: None)
    outcomes = folder.outcomes.set_index("task")
    assert deaths == [3, 3]
    assert outcomes.loc[3, ["status", "reason"]].tolist() == ["failed", "worker_died"]
    assert len(outcomes) == len(folder.tasks)


def _copied(found: mfa.Sweep, place: Path) -> SweepFolder:
    """Return a copy of a sweep without results."""
    shutil.copytree(found.folder, place / "copy", ignore=shutil.ignore_patterns("results"))
    return SweepFolder(place / "copy")


def test_a_task_that_breaks_is_a_row_with_its_reason(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sweep_run.GroupPlanner.answer

    def broken(self: Any, case: Case, *arguments: Any, **options: Any) -> Any:
        if case["targets"]["rate"].max() == 0.3:
            raise ZeroDivisionError("of this and that")
        return real(self, case, *arguments, **options)

    monkeypatch.setattr(sweep_run.GroupPlanner, "answer", broken)
    found = sweep(workbook, tmp_path / "sweep", scenarios="base", targets=[0.2, 0.3, 0.4], workers=1).outcomes
    assert found["status"].tolist() == ["optimal", "failed", "optimal"]
    assert found["reason"].tolist() == ["", "ZeroDivisionError: of this and that", ""]
    assert found["cost"].isna().tolist() == [False, True, False]


def test_an_interruption_keeps_what_is_finished(undisturbed: mfa.Sweep, tmp_path: Path) -> None:
    folder = _copied(undisturbed, tmp_path)

    def answer(order: Order) -> Any:
        if order.task.task == 4:
            raise KeyboardInterrupt
        return lost(order.task.task, "infeasible", "infeasible")

    with pytest.raises(KeyboardInterrupt):
        drive(tasks_of(folder.tasks), folder, _Stub(answer), lambda *told: None)
    assert len(folder.outcomes) == 4
    left = Drive(tasks_of(folder.tasks), set(folder.outcomes["task"]), folder)
    assert sum(map(len, left.left.values())) == len(folder.tasks) - len(folder.outcomes)


def test_what_a_killed_sweep_leaves_is_cleared_away(undisturbed: mfa.Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(undisturbed.folder, folder)
    place = folder / "results" / "outcomes" / "scenario=base"
    part = next(place.glob("part-*.parquet"))
    (place / ".part-000009.parquet.1").write_bytes(b"half")
    # Put together, but what it was made of is still there; and the decisions of a task that has no outcome.
    shutil.copy(part, place / "part-000050.parquet")
    shutil.rmtree(folder / "results" / "outcomes" / partition("dear"))
    store = SweepFolder(folder)
    store.mend()
    assert not list(folder.rglob(".part-*"))
    assert store.outcomes["task"].is_unique
    known = set(store.outcomes["task"])
    assert len(known) < len(store.tasks)
    raw = pd.concat([pd.read_parquet(path, partitioning=None) for path in folder.glob("results/decisions/*/*")])
    assert set(raw["task"]) <= known


def test_many_parts_are_put_together(undisturbed: mfa.Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _copied(undisturbed, tmp_path)
    monkeypatch.setattr(sweep_drive, "SECONDS_BETWEEN_PARTS", 0.0)
    most = []

    def answer(order: Order) -> Any:
        most.append(len(list(folder.folder.glob("results/outcomes/scenario=base/part-*"))))
        return lost(order.task.task, "infeasible", "infeasible")

    drive(tasks_of(folder.tasks), folder, _Stub(answer), lambda *told: None)
    assert max(most) > 1
    assert len(list(folder.folder.glob("results/*/*/part-*"))) == 2 * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "--resume"),
        ({"resume": True, "gap": 0.01}, "other options"),
        ({"resume": True, "seed": 6}, "other options"),
    ],
)
def test_a_folder_that_holds_a_sweep_is_refused(
    undisturbed: mfa.Sweep, workbook: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(mfa.RunError, match=words):
        sweep(workbook, undisturbed.folder, workers=1, **{**OPTIONS, **change})


def test_a_sweep_of_another_workbook_is_refused(undisturbed: mfa.Sweep, tmp_path: Path) -> None:
    write_case_object(pencil(scenarios=SHEET), tmp_path / "case.xlsx")
    with pytest.raises(mfa.RunError, match="another version of the case"):
        sweep(tmp_path / "case.xlsx", undisturbed.folder, workers=1, resume=True, **OPTIONS)


def test_a_foreign_folder_is_refused(workbook: Path) -> None:
    with pytest.raises(mfa.RunError, match="not empty"):
        sweep(workbook, workbook.parent, workers=1)
    with pytest.raises(mfa.RunError, match="no sweep"):
        mfa.read_sweep(workbook.parent)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"scenarios": "dearer"}, mfa.InputError, "dear"),
        ({"targets": "80,90"}, mfa.OptionError, "80"),
        ({"methods": "weighed"}, mfa.OptionError, "weighed"),
        ({"draws": -1}, mfa.OptionError, "draws"),
        ({"time_limit": 0}, mfa.OptionError, "0"),
        ({"workers": 0}, mfa.OptionError, "0"),
        ({"year": 2050}, mfa.OptionError, "2050"),
    ],
)
def test_options_that_are_not_known_are_refused(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        sweep(_case(), tmp_path / "sweep", **options)
    assert not (tmp_path / "sweep").exists()


def test_draws_need_something_uncertain(tmp_path: Path) -> None:
    with pytest.raises(mfa.OptionError, match="uncertain"):
        sweep(pencil(), tmp_path / "sweep", draws=3)


def test_problems_of_all_scenarios_are_told_before_anything_is_planned(tmp_path: Path) -> None:
    rows = [
        {"scenario": "one", "table": "facilities", "filter": "facility=none", "operation": "remove"},
        {"scenario": "two", "table": "schemes", "filter": "scheme=sort", "column": "sector", "operation": "value",
         "value": "nowhere"},
    ]  # fmt: skip
    with pytest.raises(mfa.InputError) as error:
        sweep(pencil(scenarios=rows), tmp_path / "sweep")
    assert {problem.row for problem in error.value.problems if problem.severity == "error"} == {1, 2}
    assert not (tmp_path / "sweep").exists()


def test_no_scheduler_is_told(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(sweep_crew, "PATIENCE", 0.5)
    with pytest.raises(mfa.RunError, match="no Dask scheduler"):
        sweep(workbook, tmp_path / "sweep", scheduler="tcp://127.0.0.1:1", **OPTIONS)


@pytest.mark.parametrize("name", ["a/b", "..", "CON", "å ø", "x" * 300, "Base", "base"])
def test_every_scenario_has_a_folder_of_its_own(name: str, tmp_path: Path) -> None:
    found = partition(name)
    (tmp_path / found).mkdir()
    assert len(found) < 100 and found not in {partition(""), partition(name.casefold() + "_"), partition("_")}


def test_processes_that_cannot_start_are_told(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_crew, "_START", "import sys; sys.exit('no such thing')")
    with pytest.raises(mfa.RunError, match="no such thing"):
        sweep(workbook, tmp_path / "sweep", workers=2, **OPTIONS)
    assert threading.active_count() < 20
