"""What a sweep costs: a task in a shared session, two workers against one, many scenarios in one command.

Run with ``python -m benchmarks.sweep [shared|workers|many|all] [scenarios] [municipalities] [facilities]``. Ratios are
measured side by side in one run, medians of several; they are those of the machine, nothing else beside it.

- ``shared``: the linear relaxation of one more target: model, hand-over and solution from scratch, against rows changed
  in the group's session and the named basis.
- ``workers``: the same sweep by one process of its own and by two.
- ``many``: scenarios of a made-up case (by default 1000, of 8 municipalities and 12 facilities) in one command, and the
  most memory that the sweep and its workers took.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from flows.case import Case
from mfa.api_sweep import sweep
from mfa.workbook_read import without_row_numbers
from models.asked import with_target
from models.asking import relaxation
from models.planner import Planner
from models.sweep_plan import GroupPlanner

REPEATS = 5
TURNS = 3
HOME = {"sector": "homes", "segment": "houses"}


def made_up(municipalities: int = 8, facilities: int = 12, scenarios: int = 0, seed: int = 1) -> Case:
    """Return a case of towns on a plane with three fractions, three schemes and plants to choose from."""
    chance = np.random.default_rng(seed)
    towns = [f"m{number:02d}" for number in range(municipalities)]
    homes = dict(zip(towns, chance.integers(2_000, 20_000, municipalities).tolist(), strict=True))
    fractions = ("food", "plastic", "rest")
    per_home = {"food": 0.25, "plastic": 0.08, "rest": 0.35}
    streams = {"food": "green", "plastic": "yellow"}
    kept: dict[str, tuple[str, ...]] = {"one": (), "two": ("food",), "three": ("food", "plastic")}
    plants = [f"p{number:02d}" for number in range(max(facilities - 2, 2))]
    sheet = [
        {"scenario": f"s{number:04d}", "table": "generation", "column": "amount", "operation": "factor",
         "value": f"{chance.uniform(0.8, 1.3):.4f}"}
        for number in range(scenarios)
    ]  # fmt: skip
    return Case.from_tables(
        {"title": "Made up", "account_year": 2024, "plan_years": "2026, 2030", "discount_rate": 0.03, "currency": "DKK"},
        {
            "municipalities": [
                {"municipality": town, "lat": 55 + chance.uniform(0, 0.6), "lon": 11 + chance.uniform(0, 1)} for town in towns
            ],
            "sectors": [{**HOME, "kind": "households", "divisible": False}],
            "dwellings": [{"municipality": town, "segment": "houses", "dwellings": homes[town]} for town in towns],
            "fractions": [{"fraction": name, "material": name if name != "rest" else "other"} for name in fractions],
            "streams": [
                {"stream": "black", "kind": "mixed"},
                *({"stream": stream, "kind": "separate"} for stream in streams.values()),
            ],
            "technologies": [
                {"technology": "oven", "treatment": "energy_recovery"},
                {"technology": "digester", "treatment": "recycling", "lifetime": 20},
                {"technology": "recycler", "treatment": "recycling", "lifetime": 20},
            ],
            "outputs": [
                {"output": "smoke", "kind": "emission", "treatment": "energy_recovery"},
                {"output": "compost", "kind": "product"},
                {"output": "flakes", "kind": "product"},
            ],
            "generation": [
                {"municipality": town, **HOME, "fraction": name, "year": 2024, "amount": homes[town] * per_home[name]}
                for town in towns
                for name in fractions
            ],
            "schemes": [
                {"scheme": scheme, **HOME, "cost_per_household": 300 + 120 * len(own)} for scheme, own in kept.items()
            ],
            "capture": [
                row
                for scheme, own in kept.items()
                for name in fractions
                for row in (
                    *([{"scheme": scheme, "fraction": name, "stream": streams[name], "share": 0.6}] if name in own else []),
                    {"scheme": scheme, "fraction": name, "stream": "black"},
                )
            ],
            "current_schemes": [{**HOME, "scheme": "one"}],
            "facilities": [
                {"facility": "oven", "technology": "oven", "gate_fee": 600, "municipality": towns[0]},
                {"facility": "far", "technology": "recycler", "gate_fee": 1500, "municipality": towns[-1]},
                *(
                    {
                        "facility": plant,
                        "technology": "digester" if number % 2 == 0 else "recycler",
                        "state": "candidate",
                        "municipality": towns[number % municipalities],
                        "variable_cost": 100,
                    }
                    for number, plant in enumerate(plants)
                ),
            ],
            "sizes": [
                {"technology": technology, "size": size, "capacity": room, "capex": cost * 1e6, "fixed_cost": cost * 4e4}
                for technology in ("digester", "recycler")
                for size, room, cost in (("S", 4000, 20), ("L", 15000, 50))
            ],
            "yields": [
                {"technology": "oven", "output": "smoke", "share": 1},
                {"technology": "digester", "output": "compost", "share": 1},
                {"technology": "recycler", "output": "flakes", "share": 1},
            ],
            "accepts": [
                {"technology": "oven", "input": "black"},
                {"technology": "digester", "input": "green"},
                {"technology": "recycler", "input": "yellow"},
            ],
            "markets": [
                {"market": "farms", "output": "compost", "price": 0, "treatment": "recycling"},
                {"market": "moulder", "output": "flakes", "price": 900, "treatment": "recycling"},
            ],
            "transport": [
                {"mode": mode, "cost": 3.0, "emission": 0.1, "detour": 1.3} for mode in ("collection", "haul")
            ],
            "scenarios": sheet,
        },
    )  # fmt: skip


def _median(measured: Callable[[int], object], repeats: int = REPEATS) -> float:
    """Return the median of the seconds that something takes."""
    seconds = []
    for number in range(repeats):
        begun = time.perf_counter()
        measured(number)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def shared(case: Case) -> None:
    """Compare the relaxation of one more target from scratch and in a shared session."""
    cases = [with_target(case, 0.2 + 0.02 * number, None, None, None) for number in range(REPEATS)]

    def scratch(number: int) -> None:
        planner = Planner(without_row_numbers(cases[number]), threads=1)
        relaxation(planner.arrays, time_limit=600, threads=1)

    group = GroupPlanner(cases)

    def kept(number: int) -> None:
        group.ask(cases[number])
        group.kept.relaxed(group.yearly, time_limit=600, basis=group.basis)

    once, again = _median(scratch), _median(kept)
    print(f"relaxation of a task: from scratch {once:.3f} s, in the session {again:.3f} s: {once / again:.0f} times")
    whole = _median(lambda number: group.answer(cases[number], None, gap=0.05, time_limit=60))
    print(f"a whole task in the session, plan, tables and certificate: {whole:.2f} s")


def workers(case: Case, turns: int) -> None:
    """Compare one worker and two, in turns."""
    from mfa import sweep_crew

    seconds: dict[int, list[float]] = {1: [], 2: []}
    whole = sweep_crew.Alone
    for turn in range(turns):
        for count in (1, 2):
            # One worker is a process of its own here too, so that both pay for starting.
            with tempfile.TemporaryDirectory() as folder:
                begun = time.perf_counter()
                if count == 1:
                    sweep_crew.Alone = lambda work: sweep_crew.Processes(work, 1)  # type: ignore[assignment, misc]
                try:
                    found = sweep(case, Path(folder) / "sweep", targets=[0.2, 0.3], workers=count)
                finally:
                    sweep_crew.Alone = whole  # type: ignore[misc]
                seconds[count].append(time.perf_counter() - begun)
                tasks = len(found.outcomes)
        one, two = seconds[1][-1], seconds[2][-1]
        print(f"turn {turn + 1}, {tasks} tasks: one worker {one:.1f} s, two {two:.1f} s", flush=True)
    one, two = (statistics.median(seconds[count]) for count in (1, 2))
    print(f"medians: one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} times")


def many(case: Case) -> None:
    """Plan all scenarios in one command and say how much memory that took."""
    shown = [0.0]
    begun = time.perf_counter()

    def tell(done: int, whole: int, words: str) -> None:
        if time.perf_counter() - shown[0] > 30:
            shown[0] = time.perf_counter()
            own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"  {done}/{whole}, {shown[0] - begun:.0f} s, most memory of the sweep so far {own:.0f} MB", flush=True
            )

    with tempfile.TemporaryDirectory() as folder:
        found = sweep(case, Path(folder) / "sweep", targets=[0.25], progress=tell)
        outcomes = found.outcomes
        files = sum(1 for path in found.folder.rglob("*") if path.is_file())
    own, theirs = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{len(outcomes)} tasks in {time.perf_counter() - begun:.0f} s, {int(outcomes['cost'].notna().sum())} plans, "
          f"median {outcomes['seconds'].median():.2f} s a task, {files} files; "
          f"most memory: sweep {own:.0f} MB, a worker {theirs:.0f} MB")  # fmt: skip


def main(what: str = "all", scenarios: int = 1000, municipalities: int = 8, facilities: int = 12) -> None:
    """Run what is asked for."""
    if what in {"shared", "all"}:
        shared(made_up(municipalities, facilities))
    if what in {"workers", "all"}:
        workers(made_up(municipalities, facilities, min(scenarios, 40)), TURNS)
    if what in {"many", "all"}:
        many(made_up(municipalities, facilities, scenarios))


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:5]))
