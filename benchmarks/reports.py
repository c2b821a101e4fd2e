"""The workbooks of a run, written in several ways side by side; every way writes the same bytes.

- alone: one process, a language at a time, each from a view of its own;
- together: one process, both languages of a place from one view, which works out their sums once;
- helpers: both languages, and as many processes as there are processors.

Each way runs in a process of its own and they take turns, so that what else the machine does falls on all alike.
Prints medians of seconds per workbook after the run has been read and added up, what that took, CPU seconds, peak
memory of the process and of its largest helper, and ratios to the first way. Run with
``python -m benchmarks.reports RUN [municipalities] [repeats]``; RUN is the folder of a run.
"""

from __future__ import annotations

import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WAYS = ("alone", "together", "helpers")


def measured(run: str, way: str, places: int) -> dict[str, Any]:
    """Return what one way took, in this process."""
    from mfa.run import Run
    from reports import workbooks
    from reports.helpers import processors

    began = time.perf_counter()
    found = Run.load(run)
    case = found.case
    tables = {name: found.tables[name] for name in found.tables}
    read = time.perf_counter() - began
    chosen = list(case["municipalities"]["municipality"])[:places] + [workbooks.REGION]
    views: list[Any] = []
    make = workbooks.RunView

    def once(*arguments: Any) -> Any:
        """Add the run up once, however often it is asked for, and note how long it took."""
        if not views:
            start = time.perf_counter()
            views.extend([make(*arguments), time.perf_counter() - start])
        return views[0]

    workbooks.RunView = once  # type: ignore[assignment, misc]
    once(case, tables, found.info)
    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), _cpu()
        languages = [["da"], ["en"]] if way == "alone" else [["da", "en"]]
        workers = processors() if way == "helpers" else 1
        for language in languages:
            workbooks.write_reports(case, tables, found.info, folder, language, chosen, workers=workers)
        seconds, cpu = time.perf_counter() - start, _cpu() - used
        digest = hashlib.sha256()
        files = sorted(Path(folder).iterdir())
        for file in files:
            digest.update(file.read_bytes())
    return {
        "read": read,
        "sums": views[1],
        "each": seconds / len(files),
        "cpu": cpu / len(files),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "helper": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "files": len(files),
        "bytes": digest.hexdigest(),
    }


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main(run: str, places: int = 5, repeats: int = 3) -> None:
    """Print the ways side by side."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way in WAYS:
            code = f"import json, benchmarks.reports as b; print(json.dumps(b.measured({run!r}, {way!r}, {places})))"
            answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            found[way].append(json.loads(answer.stdout.splitlines()[-1]))
    same = len({item["bytes"] for items in found.values() for item in items}) == 1
    print(f"{found['alone'][0]['files']} workbooks, {repeats} turns; the same bytes: {'yes' if same else 'NO'}")
    print(
        f"{'way':10s}{'read s':>8s}{'sums s':>8s}{'s each':>8s}{'ratio':>7s}{'CPU each':>10s}{'MB':>6s}{'helper MB':>11s}"
    )
    first = statistics.median(item["each"] for item in found["alone"])
    for way, items in found.items():
        middle = {name: statistics.median(item[name] for item in items) for name in items[0] if name != "bytes"}
        print(
            f"{way:10s}{middle['read']:8.1f}{middle['sums']:8.1f}{middle['each']:8.2f}{middle['each'] / first:7.2f}"
            f"{middle['cpu']:10.2f}{middle['memory']:6.0f}{middle['helper'] if way == 'helpers' else 0:11.0f}"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python -m benchmarks.reports RUN [municipalities] [repeats]")
    main(sys.argv[1], *map(int, sys.argv[2:4]))
