"""A process that makes runs and ends in the middle of them: forked again and again, so that it loads the program once.

It is told what to do as JSON, a line each, and answers with how that ended: the exit code, or minus the signal. In the test
process itself :func:`failing` makes the disk fail instead.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

TOUCHED = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile", "os.truncate"}
"""What is done to files that a disk may refuse, as Python's audit events call it."""
_watch: list[Callable[[str], None]] = []
_hooked: list[bool] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch and event in TOUCHED:
        if event == "open" and not (int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
            return
        watching = _watch.pop()
        try:
            watching(str(arguments[0]))
        finally:
            _watch.append(watching)


@contextmanager
def watched(told: Callable[[str], None]) -> Iterator[None]:
    """Call ``told(path)`` before every change of a file or folder; what it raises is what the change comes to."""
    if not _hooked:
        sys.addaudithook(_heard)
        _hooked.append(True)
    _watch.append(told)
    try:
        yield
    finally:
        _watch.clear()


@contextmanager
def failing(error: int, at: int, under: Path) -> Iterator[list[str]]:
    """Let the ``at``-th change under a folder fail, and all after it; give the paths that were to be changed."""
    paths: list[str] = []

    def told(path: str) -> None:
        if path.startswith(str(under)):
            paths.append(path)
            if len(paths) > at:
                raise OSError(error, os.strerror(error), path)

    with watched(told):
        yield paths


def _saved(order: dict[str, Any]) -> int:
    """Save a run; be killed before its ``at``-th change of a file, if there are so many."""
    from mfa.run import Run

    run, target, count = Run.load(order["run"]), Path(order["target"]), 0
    run.tables = dict(run.tables)

    def told(path: str) -> None:
        nonlocal count
        if path.startswith(str(target.parent)):
            if count == order["at"]:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

    with watched(told):
        run.save(target)
    return 0


def _commanded(order: dict[str, Any]) -> int:
    from mfa.cli import main

    return main(order["arguments"])


def _forked(order: dict[str, Any]) -> dict[str, Any]:
    """Do something in a process of its own, end it after ``seconds`` by a signal, and return how it ended."""
    begun = time.monotonic()
    process = os.fork()
    if not process:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(said, 1)
            os.dup2(said, 2)
            code = (_saved if "run" in order else _commanded)(order)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
            os._exit(99)
    if "signal" in order:
        while time.monotonic() - begun < order["seconds"] and not os.waitid(
            os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ):
            time.sleep(0.002)
        os.kill(process, order["signal"])
    _, status = os.waitpid(process, 0)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - begun}


def serve() -> None:
    """Do what is told until there is nothing more."""
    import importlib
    import pkgutil

    import flows
    import mfa
    import models

    for package in (flows, models, mfa):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.name not in {"mfa.__main__", "mfa.export_parquet"}:
                importlib.import_module(module.name)
    with redirect_stdout(io.StringIO()):
        _commanded({"arguments": ["account", sys.argv[1], "-q"]})
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        answers.write(json.dumps(_forked(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
