"""The folder of a sweep: its manifest, its case, and results as Parquet, partitioned by scenario.

    sweep.json                                   kind, format, versions, input, options, numbers of tasks
    case.xlsx                                    the workbook as it was given
    tasks.parquet                                the manifest, a row for each task
    inputs.parquet                               drawn inputs, a row for each draw and input
    sweep.lock                                   empty; locked by the process that works on the sweep
    results/outcomes/scenario=NAME/part-*.parquet
    results/decisions/scenario=NAME/part-*.parquet

Every part is written beside its place and moved there, decisions before outcomes: a task is finished when it is among
the outcomes. So the folder can be read while the sweep goes on, and a sweep that is killed leaves no half part. Only one
process works on a sweep at a time; the lock goes with it, however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mfa.folder_names import RESERVED, marked
from mfa.locks import Lock, Locked
from mfa.run import CASE_FILE, RunError, _write_json, check_empty
from mfa.run_door import check_sweep, described, inside, parquet
from mfa.whole import whole, whole_file
from models.sweep_done import DECISION_TYPES, OUTCOME_TYPES, Done, decision_table, outcome_table

SWEEP_FILE = "sweep.json"
TASKS_FILE = "tasks.parquet"
INPUTS_FILE = "inputs.parquet"
LOCK_FILE = "sweep.lock"
RESULTS = "results"
FORMAT = 1
TYPES: dict[str, dict[str, str]] = {"outcomes": OUTCOME_TYPES, "decisions": DECISION_TYPES}
MOST_PARTS = 50
"""Parts of one scenario and table from which they are put together."""
BASE = "base"


def partition(scenario: str) -> str:
    """Return the folder of a scenario's results, a name that every file system takes and no other scenario has.

    >>> partition(""), partition("growth_low")
    ('scenario=base', 'scenario=growth_low')
    >>> partition("Half/half"), partition("CON")
    ('scenario=Half_half-fb20fc31a6c8', 'scenario=CON-a3dbc4b644a9')
    """
    if not scenario:
        return f"scenario={BASE}"
    if re.fullmatch(r"[a-z0-9][a-z0-9_]{0,60}", scenario) and scenario not in RESERVED | {BASE}:
        return f"scenario={scenario}"
    readable = re.sub(r"[^\w]+", "_", scenario, flags=re.ASCII).strip("_")[:40]
    return f"scenario={marked(readable, scenario)}"


class SweepFolder:
    """A sweep on disk; ``info`` is what ``sweep.json`` holds, ``tasks`` the manifest."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open a sweep. Raises :class:`RunError` if the folder holds none, or one of a later format."""
        self.folder = Path(folder).resolve()
        try:
            self.info: dict[str, Any] = described(self.folder, SWEEP_FILE)
            check_sweep(self.folder, SWEEP_FILE, self.info)
            kind, version = self.info["kind"], int(self.info["format"])
        except (RunError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise RunError("no_sweep", folder=self.folder) from error
        if kind != "sweep":
            raise RunError("no_sweep", folder=self.folder)
        if version > FORMAT:
            raise RunError("sweep_newer", folder=self.folder, found=version, known=FORMAT)
        try:
            self.tasks: pd.DataFrame = parquet(self.folder, TASKS_FILE)
            self._scenario = dict(zip(self.tasks["task"], self.tasks["scenario"], strict=True))
        except (OSError, KeyError, TypeError) as error:
            raise RunError("run_damaged", folder=self.folder, file=TASKS_FILE, reason=error) from error

    @classmethod
    def create(
        cls,
        folder: str | os.PathLike[str],
        info: Mapping[str, Any],
        tasks: pd.DataFrame,
        inputs: pd.DataFrame,
        write_case: Any,
    ) -> SweepFolder:
        """Write a sweep without results and return it; ``write_case(path)`` puts the workbook there.

        Raises :class:`RunError` if the place is not empty.
        """
        target = Path(folder).resolve()
        check_empty(target)
        with whole(target, replace=False) as place:
            tasks.to_parquet(place / TASKS_FILE, index=False)
            inputs.to_parquet(place / INPUTS_FILE, index=False)
            write_case(place / CASE_FILE)
            _write_json(place / SWEEP_FILE, {"kind": "sweep", "format": FORMAT, **info})
        return cls(target)

    def lock(self) -> Lock:
        """Keep others from working on this sweep. Raises :class:`RunError` if somebody does."""
        try:
            return Lock(inside(self.folder, LOCK_FILE))
        except Locked:
            raise RunError("sweep_busy", folder=self.folder) from None

    # Reading

    @property
    def inputs(self) -> pd.DataFrame:
        """The drawn inputs: draw, input, value, central."""
        return parquet(self.folder, INPUTS_FILE)

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes of the tasks that are finished, by task."""
        table = self._read("outcomes", self._files("outcomes"))
        return table.drop_duplicates("task", keep="last").sort_values("task", ignore_index=True)

    def decisions(self, tasks: Iterable[int] | None = None) -> pd.DataFrame:
        """Return the decisions of finished tasks (of all, or of some), by task."""
        wanted = set(self.outcomes["task"]) if tasks is None else set(tasks)
        folders = {partition(str(self._scenario[task])) for task in wanted}
        table = self._read("decisions", [path for path in self._files("decisions") if path.parent.name in folders])
        keys = [name for name in DECISION_TYPES if name != "share"]
        table = table[table["task"].isin(wanted)].drop_duplicates(keys, keep="last")
        return table.sort_values(keys, ignore_index=True)

    def _files(self, table: str, scenario: str | None = None) -> list[Path]:
        place = inside(self.folder, RESULTS, table)
        return sorted(place.glob(f"{'*' if scenario is None else partition(scenario)}/part-*.parquet"))

    def _read(self, table: str, files: Sequence[Path]) -> pd.DataFrame:
        """Return parts as one table; a part that was put together with others meanwhile is among those."""
        found = [pd.DataFrame(columns=list(TYPES[table])).astype(TYPES[table])]
        missed = False
        for path in files:
            try:
                found.append(self._part(path))
            except FileNotFoundError:
                missed = True
        if missed:
            known = set(files)
            found.extend(self._part(path) for path in self._files(table) if path not in known)
        try:
            return pd.concat(found[1:] or found, ignore_index=True).astype(TYPES[table])
        except (KeyError, ValueError, TypeError) as error:
            raise RunError("run_damaged", folder=self.folder, file=f"{RESULTS}/{table}", reason=error) from error

    def _part(self, path: Path) -> pd.DataFrame:
        return parquet(self.folder, *path.relative_to(self.folder).parts)

    # Writing

    def write(self, done: Sequence[Done]) -> None:
        """Add what became of tasks."""
        by_scenario: dict[str, list[Done]] = {}
        for one in done:
            by_scenario.setdefault(str(self._scenario[one.task]), []).append(one)
        for scenario, mine in by_scenario.items():
            self._add("decisions", scenario, decision_table(mine))
            self._add("outcomes", scenario, outcome_table(mine))
            if len(self._files("outcomes", scenario)) >= MOST_PARTS:
                self.compact(scenario)

    def compact(self, scenario: str) -> None:
        """Put the parts of a scenario together."""
        for table, order in (("decisions", list(DECISION_TYPES)[:-1]), ("outcomes", ["task"])):
            files = self._files(table, scenario)
            if len(files) < 2:
                continue
            whole = self._read(table, files).drop_duplicates(order, keep="last")
            self._add(table, scenario, whole.sort_values(order, ignore_index=True))
            for path in files:
                path.unlink()

    def mend(self) -> None:
        """Clear away what a sweep that was killed has left: files half written, decisions of tasks not finished."""
        for table in TYPES:
            for path in inside(self.folder, RESULTS, table).glob("*/.part-*"):
                inside(self.folder, RESULTS, table, path.parent.name)
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
        finished = set(self.outcomes["task"])
        for path in self._files("decisions"):
            table = self._part(path)
            whole = table["task"].isin(finished)
            if not whole.all():
                _replace(path, table[whole])

    def _add(self, table: str, scenario: str, frame: pd.DataFrame) -> None:
        place = inside(self.folder, RESULTS, table, partition(scenario))
        place.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.stem.partition("-")[2]) for path in place.glob("part-*.parquet")]
        _replace(place / f"part-{max(numbers, default=-1) + 1:06d}.parquet", frame)


def _replace(path: Path, frame: pd.DataFrame) -> None:
    with whole_file(path) as new:
        frame.to_parquet(new, index=False, compression="zstd")
