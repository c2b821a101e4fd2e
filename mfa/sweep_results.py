"""A sweep as users see it: its tables, also while it runs."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

import pandas as pd

from mfa.sweep_folder import SweepFolder


class Sweep:
    """Many plans of one case. Tables are read from the folder each time, so they grow while the sweep runs.

    ``tasks`` is the manifest, ``outcomes`` what became of the tasks that are finished, ``inputs`` the drawn inputs.
    """

    def __init__(self, folder: SweepFolder) -> None:
        """Keep the folder."""
        self.store = folder

    @property
    def folder(self) -> Path:
        """Where it is stored."""
        return self.store.folder

    @property
    def info(self) -> dict[str, Any]:
        """What ``sweep.json`` holds."""
        return self.store.info

    @property
    def tasks(self) -> pd.DataFrame:
        """The manifest, a row for each task."""
        return self.store.tasks

    @property
    def outcomes(self) -> pd.DataFrame:
        """What became of the tasks that are finished, with what each of them was: a row for each."""
        return self.store.tasks.merge(self.store.outcomes, on="task")

    @property
    def inputs(self) -> pd.DataFrame:
        """The drawn inputs: draw, input, value, central."""
        return self.store.inputs

    @property
    def decisions(self) -> pd.DataFrame:
        """Schemes that run and steps of facilities that are open, in every plan."""
        return self.store.decisions()

    @property
    def missing(self) -> int:
        """How many tasks are not finished."""
        return len(self.tasks) - len(self.store.outcomes)

    def __repr__(self) -> str:
        return f"<Sweep: {len(self.tasks) - self.missing} of {len(self.tasks)} tasks, in {self.folder}>"

    def _repr_html_(self) -> str:
        """Return the outcomes as a notebook shows them."""
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{self.outcomes.to_html(index=False, max_rows=60)}"


def read_sweep(folder: str | os.PathLike[str]) -> Sweep:
    """Return the sweep in a folder, finished or not. Raises :class:`RunError` if it holds none."""
    return Sweep(SweepFolder(folder))
