"""Who runs the tasks of a sweep: this process, other processes of this machine, or the workers of a Dask cluster.

A crew takes one task for each worker at a time and says what became of it; a worker that dies gives its task back.
Workers are sent data once and tasks then. A process of this machine is a fresh Python that never runs the user's script
again; it hears of the end of the sweep, however that comes, by the end of its input.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from mfa.run import RunError
from models.sweep_done import Done
from models.sweep_run import Order, Work, run_task
from reports.helpers import processors

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from mfa.sweep_crew import serve; serve()"
PATIENCE = 30.0
"""Seconds in which a scheduler must answer."""
MOST_STILLBORN = 4
"""Processes in a row that may die before they have begun."""
Answer = tuple[str, Order, Done | None]
"""Worker, what it was asked, and what became of it; None if the worker died over it."""


def processes_for(workers: int | None, tasks: int) -> int:
    """Return how many processes plan so many tasks; without ``workers`` as many as there are processors."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return 1  # a program of its own would only start itself again
    return max(min(processors() if workers is None else workers, tasks), 1)


class Crew(Protocol):
    """Those who run tasks."""

    def idle(self) -> Sequence[str]:
        """Return the workers that can be given a task."""
        ...

    def submit(self, worker: str, order: Order) -> None:
        """Give a task to an idle worker."""
        ...

    def wait(self, seconds: float) -> list[Answer]:
        """Return what has been answered, waiting for the first answer at most so long."""
        ...

    def close(self) -> None:
        """End all work at once."""
        ...


class Alone:
    """This process itself."""

    def __init__(self, work: Work) -> None:
        """Keep what is needed."""
        self.work = work
        self.order: Order | None = None

    def idle(self) -> Sequence[str]:
        """Return the one worker, if it has nothing to do."""
        return ["here"] if self.order is None else []

    def submit(self, worker: str, order: Order) -> None:
        """Take a task."""
        self.order = order

    def wait(self, seconds: float) -> list[Answer]:
        """Run the task that was taken."""
        if self.order is None:
            return []
        order = self.order
        done = run_task(self.work, order)
        self.order = None
        return [("here", order, done)]

    def close(self) -> None:
        """End."""


class Processes:
    """Processes of this machine; one that dies is started again."""

    def __init__(self, work: Work, count: int) -> None:
        """Start them."""
        self._work = pickle.dumps(work, protocol=5)
        self._answers: queue.SimpleQueue[tuple[_Process, Order, Done | None]] = queue.SimpleQueue()
        self._processes: dict[str, _Process] = {}
        self._stillborn = 0
        for number in range(count):
            self._begin(str(number))

    @property
    def pids(self) -> list[int]:
        """Ids of the processes."""
        return [process.pid for process in self._processes.values()]

    def _begin(self, name: str) -> None:
        self._processes[name] = _Process(name, self._work, self._answers)

    def idle(self) -> Sequence[str]:
        """Return the processes that can be given a task."""
        return [name for name, process in self._processes.items() if process.order is None]

    def submit(self, worker: str, order: Order) -> None:
        """Give a task to a process."""
        self._processes[worker].take(order)

    def wait(self, seconds: float) -> list[Answer]:
        """Return what has been answered. Raises :class:`RunError` if processes cannot start at all."""
        found: list[Answer] = []
        try:
            process, order, done = self._answers.get(timeout=seconds)
            while True:
                process.order = None
                if done is None:
                    self._again(process)
                if done is not None or process.ready:
                    found.append((process.name, order, done))
                else:
                    self._processes[process.name].take(order)
                process, order, done = self._answers.get_nowait()
        except queue.Empty:
            return found

    def _again(self, process: _Process) -> None:
        """Start a process anew in the place of one that died; it is not the task's doing if that was not begun."""
        process.kill()
        self._stillborn = 0 if process.ready else self._stillborn + 1
        if self._stillborn >= MOST_STILLBORN:
            raise RunError("sweep_no_worker", reason=process.last_words())
        self._begin(process.name)

    def close(self) -> None:
        """Kill all processes."""
        for process in self._processes.values():
            process.kill()


class _Process:
    """One process, and the thread that talks with it."""

    def __init__(self, name: str, work: bytes, answers: queue.SimpleQueue[tuple[_Process, Order, Done | None]]) -> None:
        self.name, self.order, self.ready = name, None, False
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._answers = answers
        # The command is our own: this Python, and the places that it looks for modules in. It is no part of the
        # terminal's group, so that Ctrl-C comes to the sweep alone.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.pid = self._process.pid
        self._errors: list[bytes] = []
        self._threads = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._talk, args=(work,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    order: Order | None

    def take(self, order: Order) -> None:
        """Take a task."""
        self.order = order
        self._orders.put(order)

    def _talk(self, work: bytes) -> None:
        """Hand tasks to the process and its answers on, until it dies or there is nothing more."""
        given, told = self._process.stdin, self._process.stdout
        assert given is not None and told is not None  # noqa: S101  (both are pipes)
        begun = False
        while (order := self._orders.get()) is not None:
            done: Done | None = None
            try:
                if not begun:
                    given.write(work)
                    begun = True
                pickle.dump(order, given, protocol=5)
                given.flush()
                self.ready = self.ready or pickle.load(told) == "ready"  # noqa: S301  (our own process)
                done = pickle.load(told)  # noqa: S301
            except (OSError, EOFError, ValueError, pickle.UnpicklingError):
                pass
            self._answers.put((self, order, done))
            if done is None:
                return

    def _listen(self) -> None:
        """Keep the last of what the process says beside its answers."""
        stream = self._process.stderr
        assert stream is not None  # noqa: S101
        for line in stream:
            self._errors = [*self._errors[-9:], line]

    def last_words(self) -> str:
        """Return the last line that the process said."""
        return self._errors[-1].decode("utf-8", "replace").strip() if self._errors else "-"

    def kill(self) -> None:
        """End the process at once."""
        self._orders.put(None)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(5.0)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                # What was not sent any more is not missed.
                with contextlib.suppress(OSError):
                    stream.close()


def serve() -> None:
    """Be a process of the crew: take data, then tasks, answer each; end at once with the end of the input."""
    answers = os.fdopen(os.dup(1), "wb")
    # What anything prints, solvers too, must not be taken for an answer.
    os.dup2(2, 1)
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()

    def read() -> None:
        try:
            while True:
                orders.put(pickle.load(sys.stdin.buffer))  # noqa: S301  (what the sweep sends)
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)

    work: Work = pickle.load(sys.stdin.buffer)  # noqa: S301
    threading.Thread(target=read, daemon=True).start()
    pickle.dump("ready", answers, protocol=5)
    answers.flush()
    while True:
        pickle.dump(run_task(work, orders.get()), answers, protocol=5)
        answers.flush()


class Cluster:
    """The workers of a Dask cluster, by the address of its scheduler; they need no disk in common with this machine."""

    def __init__(self, work: Work, address: str, patience: float | None = None) -> None:
        """Join the cluster and send it the data. Raises :class:`RunError` if it cannot be reached."""
        try:
            # Typed only in part, and an extra: what it is made of does not matter here.
            cluster: Any = import_module("dask.distributed")
        except ImportError:
            raise RunError("sweep_needs", package="dask.distributed", extra="dask") from None
        try:
            self._client: Any = cluster.Client(address, timeout=patience or PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RunError("sweep_no_scheduler", address=address, reason=error) from error
        self._work = work
        self._busy: dict[str, tuple[Any, Order]] = {}
        self._known: dict[str, bool] = {}
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def idle(self) -> Sequence[str]:
        """Return the workers that are there now and have nothing to do; new ones are sent the data first.

        Raises :class:`RunError` if none of them has this version.
        """
        workers = list(self._client.nthreads())
        new = [worker for worker in workers if worker not in self._known]
        if new:
            told = self._client.run(receive, self._work, workers=new, on_error="return")
            self._known |= {worker: version == self._work.version for worker, version in told.items()}
            if not any(self._known.values()):
                raise RunError("sweep_other_version", version=self._work.version)
        return [worker for worker in workers if self._known.get(worker) and worker not in self._busy]

    def submit(self, worker: str, order: Order) -> None:
        """Give a task to a worker."""
        future = self._client.submit(
            run_received,
            self._work.name,
            order,
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        self._busy[worker] = (future, order)
        future.add_done_callback(lambda found: self._answers.put((worker, found)))

    def wait(self, seconds: float) -> list[Answer]:
        """Return what has been answered; a worker that is gone has died over its task."""
        found: list[Answer] = []
        try:
            worker, future = self._answers.get(timeout=seconds)
            while True:
                asked, order = self._busy.get(worker, (None, None))
                if order is not None and asked is future and future is not None:
                    del self._busy[worker]
                    done = future.result() if future.status == "finished" else None
                    if done is None:
                        self._known.pop(worker, None)
                    found.append((worker, order, done))
                worker, future = self._answers.get_nowait()
        except queue.Empty:
            pass
        here = self._client.nthreads()
        for worker in [worker for worker in self._busy if worker not in here]:
            future, order = self._busy.pop(worker)
            self._known.pop(worker, None)
            future.cancel(force=True)
            found.append((worker, order, None))
        return found

    def close(self) -> None:
        """Take back what is not done, and leave the cluster."""
        self._client.cancel([future for future, _ in self._busy.values()], force=True)
        self._busy.clear()
        self._client.close(timeout=5)


_received: dict[str, Work] = {}
"""The data that a worker of a cluster was sent."""


def receive(work: Work) -> str:
    """Keep the data of a sweep in this process, a worker of a cluster, and return the version that runs here."""
    from mfa import __version__

    _received.clear()
    _received[work.name] = work
    return __version__


def run_received(name: str, order: Order) -> Done | None:
    """Return what becomes of a task of a sweep whose data was received; None if it was not."""
    return run_task(_received[name], order) if name in _received else None
