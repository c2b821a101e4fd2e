"""The run of a flow system's account: tables, workbook and pictures in one folder, whole or not there.

The folder holds ``run.json``, ``system.xlsx``, ``tables/*.csv`` with ``datapackage.json``, and in
``reports`` the workbook with result sheets and the pictures as .svg and .png.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import pandas as pd

from flows.case import Case
from flows.solve import Solution
from flows.system import System
from mfa.run import Run, RunError
from mfa.run_door import inside
from mfa.run_tables import RunColumn, RunTable
from mfa.system_results import accounted_pictures, write_results
from reports.system_pages_account import Accounted, accounted_pages

SYSTEM_FILE = "system.xlsx"
WORKBOOK = {"da": "regnskab.xlsx", "en": "account.xlsx"}


def _text(name: str, meaning: str) -> RunColumn:
    return RunColumn(name, "string", meaning)


PROCESS = _text("process", "process")
FLOW = _text("flow", "flow")
LAYER = _text("layer", "what is counted")
YEAR = RunColumn("year", "integer", "year; 0 where the system names none")
UNIT = _text("unit", "unit of the row's flows: that in which its layer is shown")
AMOUNTS = (
    RunColumn("inflow", "number", "what enters, in the row's unit"),
    RunColumn("outflow", "number", "what leaves, in the row's unit"),
    RunColumn("addition", "number", "what is added to stock, in the row's unit"),
)

SYSTEM_RUN_TABLES: tuple[RunTable, ...] = (
    RunTable(
        "flows",
        "every flow of a system, in every layer and year",
        (
            FLOW,
            _text("from", "process that it leaves; blank is the system boundary"),
            _text("to", "process that it enters; blank is the system boundary"),
            LAYER,
            YEAR,
            RunColumn("value", "number", "size in the row's unit; blank where it is not determined"),
            RunColumn("std", "number", "standard deviation, where measurements were reconciled"),
            _text("status", "given, computed or undetermined"),
            UNIT,
        ),
    ),
    RunTable(
        "stocks",
        "stocks at the end of the year, and what moved them",
        (
            PROCESS,
            LAYER,
            YEAR,
            RunColumn("stock", "number", "stock in its own unit; blank where no initial stock is known"),
            *AMOUNTS,
            _text("stock_unit", "unit of the stock"),
            UNIT,
        ),
    ),
    RunTable(
        "balances",
        "what enters, leaves and is added to every process",
        (PROCESS, LAYER, YEAR, *AMOUNTS, RunColumn("error", "number", "inflow less outflow less addition"), UNIT),
    ),
    RunTable(
        "draws",
        "flows over the draws of a Monte Carlo run",
        (
            FLOW,
            LAYER,
            YEAR,
            RunColumn("value", "number", "size as it is given, in the row's unit"),
            _text("status", "given, computed or undetermined; or the status of a reconciled flow"),
            *(
                RunColumn(name, "number", f"{meaning} of the draws, in the row's unit")
                for name, meaning in (
                    ("mean", "mean"),
                    ("std", "standard deviation"),
                    ("median", "median"),
                    ("p5", "5th percentile"),
                    ("p95", "95th percentile"),
                )
            ),
            UNIT,
        ),
    ),
    RunTable(
        "undetermined",
        "flows that are not determined, and those that would determine them",
        (
            FLOW,
            LAYER,
            YEAR,
            _text("determined_by", "flows of which any one would determine it"),
            RunColumn("together", "boolean", "all of them are needed"),
            RunColumn("part", "integer", "number of the part of the system that hangs together"),
            RunColumn("missing", "integer", "how many values that part lacks"),
        ),
    ),
)
"""The tables of a system's account."""
BY_NAME = {table.name: table for table in SYSTEM_RUN_TABLES}


@dataclass(repr=False)
class SystemRun(Run):
    """The account of a flow system: ``tables`` as documented in ``SYSTEM_RUN_TABLES``, in shown units.

    ``solution`` (as :mod:`flows.solve` gives it, in canonical units) is there while the run is in memory.
    """

    given_system: System | None = field(default=None, repr=False)
    solution: Solution | None = field(default=None, repr=False)
    found: Accounted | None = field(default=None, repr=False)
    language: str = "en"
    input_file: ClassVar[str] = SYSTEM_FILE

    @cached_property
    def system(self) -> System:
        """The system of the run."""
        if self.given_system is not None:
            return self.given_system
        if self.folder is None:
            raise RunError("run_bare")
        from mfa.workbook_read import read_system

        return read_system(inside(self.folder, SYSTEM_FILE))

    @cached_property
    def case(self) -> Case:
        """Raises :class:`RunError`: the run is of a flow system, not of a case."""
        raise RunError("run_is_system")

    def summary(self) -> pd.DataFrame:
        """Return the flows, a column per year."""
        flows = self.tables["flows"]
        return flows.pivot_table(index=["layer", "flow", "unit"], columns="year", values="value", sort=False)

    def _repr_html_(self) -> str:
        """Return the run as a notebook shows it."""
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>" for name, text in self.facts()
        )
        return f"<table>{rows}</table>{self.summary().to_html(max_rows=40)}"

    @staticmethod
    def declared(name: str) -> RunTable | None:
        """Return the declaration of a table, if it has one."""
        return BY_NAME.get(name)

    def _write_input(self, path: Path, case: Case | None) -> None:
        from mfa.system_write import write_system

        write_system(self.system, path)

    def _write(self, folder: Path, case: Case | None) -> None:
        super()._write(folder, case)
        if self.found is None:
            return
        drawn = accounted_pictures(self.found, self.language)
        for one in drawn:
            for ending in ("svg", "png"):
                one.picture.save(folder / "reports" / f"{one.name}.{ending}")
        pages = accounted_pages(self.found, [one.page_picture() for one in drawn], self.language)
        write_results(folder / SYSTEM_FILE, pages, folder / "reports" / WORKBOOK[self.language], self.language)
