"""Other processes that help to write reports: each holds the run once and takes one place after another.

A helper is a fresh Python that loads what it needs from a file, reads places from its input and says when each is
done. It never runs the user's script again, as processes started by :mod:`multiprocessing` may, so it works from a
script, a notebook and the command line, on Linux, macOS and Windows alike. What a helper does not manage, because it
cannot start, has no memory left or meets an error, is done here instead, where an error is seen. Who writes a
workbook changes no byte of it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

MOST = 8
"""Most processes that write at the same time, whatever the machine has."""
WORTH = 4
"""Places for which a helper is worth the seconds that it takes to start."""
PATIENCE = 10.0
"""Seconds that a helper with nothing left to do has to end by itself."""
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from reports.helpers import serve; serve()"

Work = Callable[[str], None]
"""What is done for a place; it can be pickled."""

log = logging.getLogger(__name__)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def helpers_for(places: int, workers: int | None) -> int:
    """Return how many helpers to start for so many places; ``workers`` are all who write, the caller among them.

    >>> helpers_for(30, 2), helpers_for(30, 1), helpers_for(2, 2)
    (1, 0, 0)
    """
    if getattr(sys, "frozen", False) or not sys.executable:
        return 0  # a program of its own would only start itself again
    most = min(processors(), MOST) if workers is None else workers
    return max(0, min(most - 1, places // WORTH))


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Look for what can be thrown away at the end alone, and only among what has come since: a run is large, and stays.

    Looking all the time takes a twentieth of a workbook's time; what one place leaves is gone before the next.
    """
    gc.freeze()
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()
        gc.collect()
        gc.unfreeze()


class Helpers:
    """A number of helpers; leaving the ``with`` block ends them."""

    def __init__(self, count: int) -> None:
        """Start ``count`` helpers, which load the program while the caller goes on."""
        self._processes: list[subprocess.Popen[str]] = []
        command = [sys.executable, "-c", _START, json.dumps(sys.path)]
        try:
            for _ in range(count):
                # The command is our own: this Python, and the places that it looks for modules in.
                process = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    encoding="utf-8",
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
                self._processes.append(process)
        except OSError as error:
            log.debug("no helper: %s", error)

    def __enter__(self) -> Helpers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if kind is not None:
                process.kill()
            try:
                process.communicate(timeout=PATIENCE)
            except (subprocess.TimeoutExpired, OSError, ValueError):
                process.kill()
                process.wait()

    def each(self, places: Sequence[str], work: Work, done: Callable[[str], None]) -> None:
        """Do ``work`` for every place; the caller is one of those who do it.

        ``done`` is called by the caller's own thread, for each place once it is done. An error of ``work`` is raised
        here, by whomever it was met first.
        """
        waiting, finished, news = deque(places), deque[str](), threading.Event()
        with tempfile.TemporaryDirectory(prefix="mfa-reports-") as folder:
            file = Path(folder) / "work.pickle"
            if self._processes:
                with file.open("wb") as stream:
                    pickle.dump(work, stream, protocol=5)
            threads = [
                threading.Thread(target=_feed, args=(process, file, waiting, finished, news), daemon=True)
                for process in self._processes
            ]
            for thread in threads:
                thread.start()
            while True:
                # Asked before looking for work: a helper gives back what it did not manage before it ends.
                helped = any(thread.is_alive() for thread in threads)
                while finished:
                    done(finished.popleft())
                try:
                    place = waiting.popleft()
                except IndexError:
                    if not helped:
                        break
                    news.wait(0.5)
                    news.clear()
                    continue
                with settled():
                    work(place)
                done(place)


def _feed(
    process: subprocess.Popen[str], file: Path, waiting: deque[str], finished: deque[str], news: threading.Event
) -> None:
    """Hand places to one helper until there are none, or it fails; what it did not do goes back."""
    place = None
    try:
        if _asked(process, {"work": str(file)}):
            while waiting:
                place = waiting.popleft()
                if not _asked(process, {"place": place}):
                    break
                finished.append(place)
                place = None
                news.set()
    except (OSError, ValueError, IndexError) as error:
        log.debug("a helper stopped: %s", error)
    if place is not None:
        waiting.appendleft(place)
    news.set()


def _asked(process: subprocess.Popen[str], request: dict[str, str]) -> bool:
    """Return whether a helper did what it was asked for; ``OSError`` or ``ValueError`` if it cannot be reached."""
    if process.stdin is None or process.stdout is None:
        return False
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return process.stdout.readline() == "done\n"


def serve() -> None:
    """Be a helper: read requests line by line, answer each once it is done, end when there are no more."""
    # As in :func:`settled`: looked through after each place.
    gc.disable()
    # What anything prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    # Loaded before it is asked for, while the other process still adds the run up.
    import reports.workbooks  # noqa: F401

    work: Work | None = None
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            request = json.loads(line)
            if "work" in request:
                with Path(request["work"]).open("rb") as stream:
                    work = pickle.load(stream)  # noqa: S301  our own file, written a moment ago in a folder of our own
                gc.freeze()
            elif work is not None:
                work(request["place"])
                gc.collect()
            answers.write("done\n")
            answers.flush()
