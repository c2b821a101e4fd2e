"""The workbooks of a run, written in several ways side by side; every way writes the same bytes.

- one: one process, both languages of a place from one view, which works out their sums once;
- two: the same by two processes;
- apart: one process, a language at a time, each from a view of its own.

Each way runs in a process of its own, from reading the run's folder to the last workbook, and they take turns, so that
what else the machine does falls on all alike. Says what each took, then prints medians of wall and CPU seconds, what
reading and adding up take of them, CPU seconds per workbook, and ratios to the first way; then the peak memory of one
process, and how it grew, after 1, 10 and all places. Run with ``python -m benchmarks.reports RUN [municipalities]
[repeats]``; RUN is the folder of a run.
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

WAYS = {"one": 1, "two": 2, "apart": 1}
"""Ways, and how many processes write in each."""
STEPS = (1, 10)
"""Places after which memory is looked at, beside all of them."""


def measured(run: str, way: str, places: int) -> dict[str, Any]:
    """Return what one way took, in this process."""
    from mfa.run import Run
    from reports import workbooks

    start = time.perf_counter()
    found = Run.load(run)
    case, tables = found.case, dict(found.tables)
    read, added = _cpu(), []
    make = workbooks.RunView

    def noting(*arguments: Any) -> Any:
        """Add the run up, and note what it took."""
        before = _cpu()
        view = make(*arguments)
        added.append(_cpu() - before)
        return view

    workbooks.RunView = noting  # type: ignore[assignment, misc]
    chosen = [workbooks.REGION, *case["municipalities"]["municipality"][:places]]
    memory: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for language in [["da"], ["en"]] if way == "apart" else [["da", "en"]]:
            workbooks.write_reports(
                case, tables, found.info, folder, language, chosen,
                lambda *_: memory.append(_peak(resource.RUSAGE_SELF)), WAYS[way],
            )  # fmt: skip
        wall, cpu = time.perf_counter() - start, _cpu()
        digest = hashlib.sha256()
        files = sorted(Path(folder).iterdir())
        for file in files:
            digest.update(file.read_bytes())
    return {
        "wall": wall,
        "cpu": cpu,
        "read": read,
        "added": sum(added),
        "each": (cpu - read - sum(added)) / len(files),
        "helper": _peak(resource.RUSAGE_CHILDREN),
        "memory": memory[1::2],
        "files": len(files),
        "bytes": digest.hexdigest(),
    }


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def main(run: str, places: int = 1000, repeats: int = 3) -> None:
    """Print the ways side by side."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for turn in range(repeats):
        for way in WAYS:
            code = f"import json, benchmarks.reports as b; print(json.dumps(b.measured({run!r}, {way!r}, {places})))"
            answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            last = json.loads(answer.stdout.splitlines()[-1])
            found[way].append(last)
            print(f"turn {turn + 1}, {way}: {last['wall']:.1f} s wall, {last['cpu']:.1f} s CPU", flush=True)
    every = [item for items in found.values() for item in items]
    same = len({item["bytes"] for item in every}) == 1
    print(f"{every[0]['files']} workbooks, {repeats} turns; the same bytes: {'yes' if same else 'NO'}")
    heads = ("wall s", "ratio", "CPU s", "ratio", "read", "added up", "each", "helper MB")
    print("      " + "".join(f"{head:>10s}" for head in heads))
    middle = {
        way: {
            name: statistics.median(item[name] for item in items)
            for name in ("wall", "cpu", "read", "added", "each", "helper")
        }
        for way, items in found.items()
    }
    first = middle["one"]
    for way, each in middle.items():
        print(
            f"{way:6s}{each['wall']:10.1f}{each['wall'] / first['wall']:10.2f}{each['cpu']:10.1f}"
            f"{each['cpu'] / first['cpu']:10.2f}{each['read']:10.1f}{each['added']:10.1f}{each['each']:10.3f}"
            f"{each['helper']:10.0f}"
        )
    curve = [statistics.median(values) for values in zip(*(item["memory"] for item in found["one"]), strict=True)]
    steps = [*(step for step in STEPS if step < len(curve)), len(curve)]
    told = ", ".join(f"{step}: {curve[step - 1]:.0f} MB ({curve[step - 1] / curve[0]:.3f})" for step in steps)
    print(f"peak memory of one process by places (ratio to the first): {told}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python -m benchmarks.reports RUN [municipalities] [repeats]")
    main(sys.argv[1], *map(int, sys.argv[2:4]))
