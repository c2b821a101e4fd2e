"""A run of several plans: a frontier, alternatives, or what things are worth, with every plan as a run of its own.

The folder is that of a run (:mod:`mfa.run`) with its tables, and ``runs/NAME`` holds each plan as a whole run that can
be reported on and compared. It too is whole or not there: plans are written beside its place as they are found, which
keeps memory small, and moved with the rest at the end.
"""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from flows.case import Case
from mfa.run import Run
from mfa.run_door import inside
from mfa.whole import waiting

RUNS = "runs"
MAIN = {"frontier": "frontier", "alternatives": "alternatives", "worth": "percentage_points"}
"""The table that a bundle of each kind is shown by."""
SHOWN_ROWS = 20


@dataclass(repr=False)
class Bundle(Run):
    """Tables over several plans, and the plans themselves: ``runs`` by name, as the tables call them."""

    runs: dict[str, Run] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return ``frontier``, ``alternatives`` or ``worth``."""
        return str(self.info["kind"])

    @property
    def main(self) -> pd.DataFrame:
        """Return the table that says most: a row per plan."""
        return self.tables[MAIN[self.kind]]

    @classmethod
    def opened(cls, bare: Run) -> Bundle:
        """Return the bundle of a run folder that was found to be one; its plans are read as they are asked for."""
        folder = Path(str(bare.folder))
        home = inside(folder, RUNS)
        names = sorted(place.name for place in home.iterdir()) if home.is_dir() else []
        runs = {name: Run.part_of(folder, RUNS, name) for name in names}
        return cls(bare.tables, bare.info, folder, bare.workbook, runs=runs)

    def save(self, folder: str | os.PathLike[str], case: Case | None = None) -> Path:
        """Write the bundle with all its plans; see :meth:`mfa.run.Run.save`."""
        target = super().save(folder, case)
        self.runs = {name: Run.load(target / RUNS / name) for name in self.runs}
        return target

    def _write(self, folder: Path, case: Case | None) -> None:
        super()._write(folder, case)
        (folder / RUNS).mkdir()
        for name, run in self.runs.items():
            place = folder / RUNS / name
            if run.folder is not None and run.folder.parent.name.endswith(STAGED):
                shutil.move(run.folder, place)
            else:
                place.mkdir()
                run._write(place, case)

    def summary(self) -> pd.DataFrame:
        """Return the main table."""
        return self.main

    def facts(self) -> list[tuple[str, str]]:
        """Return what the bundle is, as pairs of words."""
        info = self.info
        pairs = [
            ("case", str(info.get("input", {}).get("name", ""))),
            ("kind", self.kind),
            ("plans", str(len(self.runs))),
        ]
        if self.folder is not None:
            pairs.append(("folder", str(self.folder)))
        return pairs

    def _repr_html_(self) -> str:
        """Return the bundle as a notebook shows it."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
            for name, text in self.facts()
        )
        return f"<table>{rows}</table>{shown(self.main).to_html(index=False)}"


def shown(table: pd.DataFrame, most: int = SHOWN_ROWS) -> pd.DataFrame:
    """Return the first rows of a table as people read them: shares in %, money without decimals."""
    found = table.head(most).copy()
    for name in found.select_dtypes("number"):
        share = name in SHARES
        found[name] = [
            ""
            if value != value
            else f"{100 * value:.2f} %"
            if share
            else f"{value:,.6g}"
            if abs(value) < 1e4
            else f"{value:,.0f}"
            for value in found[name].astype(float)
        ]
        if name in {"year", "from", "until"}:
            found[name] = [text.replace(",", "") for text in found[name]]
    return found


SHARES = frozenset(
    {"rate", "asked_rate", "from_rate", "to_rate", "gap", "extra", "difference_share", "step", "target", "reached"}
)
"""Columns of numbers that are shares."""
STAGED = ".parts"


@contextmanager
def staging(out: str | os.PathLike[str] | None) -> Iterator[Path | None]:
    """Give a folder beside ``out`` where plans wait until the bundle is whole; it is gone afterwards."""
    if out is None:
        yield None
        return
    with waiting(Path(out).resolve(), STAGED, Path(out)) as place:
        yield place


def kept(run: Run, place: Path | None, name: str, case: Case) -> Run:
    """Return a plan as a bundle keeps it: in memory, or written to its waiting place and read when it is needed."""
    if place is None:
        return run
    run.save(place / name, case=case)
    return Run.load(place / name)
