"""Runs to show beside the one that is reported on: scenarios of the case, or other plans of it.

A folder may be one run, or one that holds several: of planning for all scenarios, of a frontier or of
alternatives. A run of one scenario of a plan for all of them is shown with those of the other scenarios.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfa.run import Run, RunError, unfit
from mfa.run_door import inside

if TYPE_CHECKING:
    from reports.others import RunParts

RunOrPath = Run | str | os.PathLike[str]


def runs_beside(run: Run, beside: Sequence[RunOrPath] | RunOrPath) -> list[tuple[str, Run]]:
    """Return the runs to show beside a run, each with what it is called; the run itself is left out.

    Raises :class:`RunError` for a folder that holds no plan, and for a run in another currency or of other
    municipalities.
    """
    given = [beside] if isinstance(beside, Run | str | os.PathLike) else list(beside)
    found: list[tuple[str, Run]] = []
    for number, item in enumerate([*given, *_siblings(run)], start=1):
        opened = item if isinstance(item, Run) else Run.load(item)
        inner: dict[str, Run] = dict(getattr(opened, "runs", {}))
        name = opened.folder.name if opened.folder is not None else str(number)
        found += list(inner.items()) if inner else [(name, opened)]
    chosen: list[tuple[str, Run]] = []
    seen = {_place(run)}
    for name, other in found:
        if other is run or (_place(other) is not None and _place(other) in seen):
            continue
        seen.add(_place(other))
        _fits(run, name, other)
        chosen.append((name, other))
    return chosen


def parts(runs: Sequence[tuple[str, Run]]) -> Iterator[RunParts]:
    """Return what a report needs of each run; each is read when it is asked for, and let go afterwards."""
    from reports.others import RunParts

    for name, run in runs:
        # A run of its own, so that its tables are not kept when the next one is read.
        fresh = run if run.folder is None else Run.load(run.folder)
        yield RunParts(fresh.case, fresh.tables, fresh.info, name)


def _place(run: Run) -> Path | None:
    return None if run.folder is None else run.folder.resolve()


def _siblings(run: Run) -> list[Path]:
    """Return the folders of the other scenarios, if the run is one scenario of a plan for all of them."""
    place = _place(run)
    if place is None or place.parent.name != "scenarios":
        return []
    try:
        whole = Run.load(place.parent.parent)
    except RunError:
        return []
    if whole.info.get("kind") != "robust":
        return []
    folders: dict[str, Any] = whole.info.get("folders", {})
    return [inside(place.parent, str(name)) for name in folders.values()]


def _fits(run: Run, name: str, other: Run) -> None:
    """Refuse a run whose figures say nothing beside those of this run."""
    if reason := unfit(other):
        raise RunError(f"run_is_{reason}" if reason in {"system", "account"} else "beside_fails", name=name)
    currencies = [one.info.get("currency") for one in (run, other)]
    if None not in currencies and currencies[0] != currencies[1]:
        raise RunError("beside_currency", name=name, value=currencies[1], known=currencies[0])
    places = [set(one.tables["rates"]["municipality"].astype(str)) - {"", "nan"} for one in (run, other)]
    if all(places) and not places[0] & places[1]:
        raise RunError("beside_places", name=name)
