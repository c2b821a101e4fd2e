"""Driving a sweep: which task is given to whom next, what starts from what, and when results are written.

A worker keeps to a group while it has tasks, as it has its model at hand. A task waits for the one that its manifest
names as its start. Where a group is all that is left, other workers help with it.
"""

from __future__ import annotations

import time as clock
from collections import deque
from collections.abc import Callable, Collection, Sequence

from mfa.sweep_crew import Crew
from mfa.sweep_folder import SweepFolder
from models.formulation_parts import Decisions
from models.sweep_done import Done
from models.sweep_run import Order, decisions_in, lost
from models.sweep_tasks import Task

Tell = Callable[[int, int, str], None]
SECONDS_BETWEEN_PARTS = 1.0
MOST_WAITING = 200
"""Results that wait to be written at most."""
LIVES = 2
"""Workers that may die over a task before it is given up."""
WORTH_HELPING = 3
"""Tasks that a group must have left for another worker to build its model too."""


class Drive:
    """One sweep under way: tasks that are left, who is at what, and what is known to start from."""

    def __init__(self, listed: Sequence[Task], finished: Collection[int], folder: SweepFolder) -> None:
        """Keep the tasks that are not finished, group by group."""
        self.folder = folder
        self.finished = set(finished)
        self.left: dict[int, deque[Task]] = {}
        kinds: dict[int, dict[tuple[str, str], Task]] = {}
        for task in listed:
            kinds.setdefault(task.group, {}).setdefault((task.scenario, task.method), task)
            if task.task not in self.finished:
                self.left.setdefault(task.group, deque()).append(task)
        self.groups = {group: tuple(mine.values()) for group, mine in kinds.items()}
        self.needed: dict[int, int] = {}
        for rest in self.left.values():
            for task in rest:
                self.needed[task.start] = self.needed.get(task.start, 0) + 1
        self.starts: dict[int, Decisions | None] = {-1: None}
        self._read_starts()
        self.at: dict[str, int] = {}
        self.running: dict[int, int] = {}
        self.deaths: dict[int, int] = {}
        self.again: deque[Task] = deque()

    def _read_starts(self) -> None:
        """Read the decisions of finished tasks that others start from."""
        wanted = [task for task in self.needed if task in self.finished]
        table = self.folder.decisions(wanted) if wanted else None
        for task in wanted:
            mine = table[table["task"] == task] if table is not None else None
            self.starts[task] = decisions_in(mine) if mine is not None and len(mine) else None

    @property
    def over(self) -> bool:
        """Whether nothing is left to be given out."""
        return not self.left and not self.again

    def next(self, worker: str) -> Order | None:
        """Return what a worker is given next; None if all that is left waits for something."""
        if self.again and self._ready(self.again[0]):
            return self._order(self.again.popleft())
        group = self._group_for(worker)
        if group is None:
            return None
        rest = self.left[group]
        task = rest.popleft()
        if not rest:
            del self.left[group]
        self.at[worker] = group
        return self._order(task)

    def _group_for(self, worker: str) -> int | None:
        own = self.at.get(worker)
        if own in self.left:
            return own if self._ready(self.left[own][0]) else None
        taken = set(self.running.values())
        ready = [group for group, rest in self.left.items() if self._ready(rest[0])]
        fresh = next((group for group in ready if group not in taken), None)
        if fresh is not None:
            return fresh
        longest = max(ready, key=lambda group: len(self.left[group]), default=None)
        return longest if longest is not None and len(self.left[longest]) >= WORTH_HELPING else None

    def _ready(self, task: Task) -> bool:
        return task.start in self.starts

    def _order(self, task: Task) -> Order:
        self.running[task.task] = task.group
        return Order(task, self.groups[task.group], self.starts[task.start])

    def settle(self, task: Task, done: Done | None) -> Done | None:
        """Take in what became of a task; None if it is to be tried again."""
        del self.running[task.task]
        if done is None:
            self.deaths[task.task] = self.deaths.get(task.task, 0) + 1
            if self.deaths[task.task] < LIVES:
                self.again.append(task)
                return None
            done = lost(task.task, "worker_died")
        self.finished.add(task.task)
        if self.needed.get(task.task):
            self.starts[task.task] = done.decisions
        self.needed[task.start] -= 1
        if not self.needed[task.start] and task.start >= 0:
            self.starts.pop(task.start, None)
        return done


def drive(listed: Sequence[Task], folder: SweepFolder, crew: Crew, tell: Tell) -> None:
    """Run all tasks of a sweep that are not finished and write what becomes of them.

    ``tell(finished, all, scenario)`` is told how far it is. Whatever ends it, what is finished is written.
    """
    state = Drive(listed, set(folder.outcomes["task"]), folder)
    waiting: list[Done] = []
    written = clock.monotonic()
    running, scenario = 0, ""
    tell(len(state.finished), len(listed), "")
    try:
        while running or not state.over:
            for worker in crew.idle():
                given = state.next(worker)
                if given is not None:
                    crew.submit(worker, given)
                    running += 1
            for _worker, order, answer in crew.wait(0.5):
                running -= 1
                done = state.settle(order.task, answer)
                if done is not None:
                    waiting.append(done)
                    scenario = order.task.scenario
            if waiting and (clock.monotonic() - written > SECONDS_BETWEEN_PARTS or len(waiting) >= MOST_WAITING):
                _write(folder, waiting)
                written = clock.monotonic()
                tell(len(state.finished), len(listed), scenario)
    finally:
        try:
            _write(folder, waiting)
        finally:
            crew.close()
    for scenario in dict.fromkeys(task.scenario for task in listed):
        folder.compact(scenario)
    tell(len(state.finished), len(listed), "")


def _write(folder: SweepFolder, waiting: list[Done]) -> None:
    if waiting:
        folder.write(waiting)
        waiting.clear()
