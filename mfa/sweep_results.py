"""A sweep as users see it: its tables, what they say together, and any of its plans in full; also while it runs."""

from __future__ import annotations

import html
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.case import Case
from flows.tables import BY_NAME
from mfa.run import CASE_FILE, RunError
from mfa.run_door import inside
from mfa.sweep_folder import SWEEP_FILE, SweepFolder

if TYPE_CHECKING:
    from mfa.run import Run


class Sweep:
    """Many plans of one case. Tables are read from the folder each time, so they grow while the sweep runs.

    ``tasks`` is the manifest, ``outcomes`` what became of the tasks that are finished, ``inputs`` the drawn inputs;
    what they say together are the tables of :meth:`read`.
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

    @cached_property
    def case(self) -> Case:
        """The case as it was given."""
        from mfa.workbook_read import read_case, without_row_numbers

        return without_row_numbers(read_case(inside(self.folder, CASE_FILE)))

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

    def read(self) -> dict[str, pd.DataFrame]:
        """Return what the finished tasks say: ``spread``, ``presence``, ``correlation``, ``regret`` and ``choices``.

        Their columns are told in :mod:`models.sweep_reading`: the range of outcomes by question and scenario, in how
        many plans each facility and scheme is, which input moves the answer, what decisions cost above the best known,
        and the choice that does best at worst.
        """
        from models import sweep_reading as reading

        outcomes, decisions = self.outcomes, self.decisions
        told = reading.regret(outcomes, decisions)
        return {
            "spread": reading.spread(self.tasks, outcomes),
            "presence": reading.presence(outcomes, decisions, self.case),
            "correlation": reading.correlation(outcomes, self.inputs, self._statuses()),
            "regret": told,
            "choices": reading.choices(told),
        }

    def _statuses(self) -> pd.Series:
        """Return what each drawn input is worth: reported, derived or assumed."""
        from flows.case_draws import CaseDraws

        listed = CaseDraws(self.case, 1, 1).inputs if len(self.inputs) else pd.DataFrame(columns=["input"])
        found = {}
        for row in listed.to_dict("records"):
            frame = self.case[row["table"]]
            found[row["input"]] = str(frame["status"].iloc[int(row["row"])]) if BY_NAME[row["table"]].provenance else ""
        return pd.Series(found, dtype="object")

    def plan(self, task: int | None = None) -> Run:
        """Return a plan of the sweep in full, carried out again from its decisions: a run to be reported on or viewed.

        Without a ``task`` it is the one that stands for the sweep: the highest target that the case as it is reaches.
        Raises :class:`RunError` if the task has no plan (yet).
        """
        from mfa.sweep_plan import plan_of

        return plan_of(self, task)

    def __repr__(self) -> str:
        return f"<Sweep: {len(self.tasks) - self.missing} of {len(self.tasks)} tasks, in {self.folder}>"

    def _repr_html_(self) -> str:
        """Return the outcomes as a notebook shows them."""
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{self.outcomes.to_html(index=False, max_rows=60)}"


def read_sweep(folder: str | os.PathLike[str]) -> Sweep:
    """Return the sweep in a folder, finished or not. Raises :class:`RunError` if it holds none."""
    return Sweep(SweepFolder(folder))


def is_sweep(folder: object) -> bool:
    """Tell whether something is a sweep or the folder of one."""
    if isinstance(folder, Sweep):
        return True
    return isinstance(folder, str | os.PathLike) and (Path(folder) / SWEEP_FILE).is_file()


__all__ = ["RunError", "Sweep", "is_sweep", "read_sweep"]
