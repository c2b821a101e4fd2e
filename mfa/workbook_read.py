"""Reading a workbook, of a case or of a flow system: every problem at once, each with its sheet and cell.

The steps are: open guarded, see which kind it is, find sheets and columns by name, read cells, turn units
into factors, make the case or the system, and check what its tables mean together (``flows.checks``,
``flows.checks_system``).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from flows import scenario_weights, scenarios
from flows.case import Case, typed_table
from flows.checks import check_case
from flows.checks_system import check_system
from flows.problems import InputError, Problem, errors_of, problem_table
from flows.system import System
from mfa.system_units import given_units, layer_units, ratio_unit
from mfa.workbook_kind import CASE, SYSTEM, Kind, kind_of
from mfa.workbook_layout import Layout, find_sheets, place
from mfa.workbook_open import RawSheet, open_sheets
from mfa.workbook_rows import TableReader, read_settings
from mfa.workbook_shape import Shape, in_area, shape_problems, shapes
from mfa.workbook_units import UnitReading, resolve_amounts


@dataclass(frozen=True)
class Reading:
    """What came of reading a workbook: the case or the system, if it could be made, and all problems."""

    path: Path
    case: Case | None
    problems: list[Problem]
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    system: System | None = None

    @property
    def is_system(self) -> bool:
        """Whether the workbook describes a flow system."""
        return self.system is not None

    @property
    def errors(self) -> list[Problem]:
        """The problems that are errors."""
        return errors_of(self.problems)

    @property
    def warnings(self) -> list[Problem]:
        """The problems that are warnings."""
        return [problem for problem in self.problems if problem.severity == "warning"]

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return the problems as a DataFrame, one row each."""
        return problem_table(self.problems, language)

    def _repr_html_(self) -> str:
        """Return the problems as a notebook shows them."""
        return str(self.table()[["severity", "sheet", "cell", "text"]].to_html(index=False))


def read_case(path: str | os.PathLike[str]) -> Case:
    """Return the case of a workbook.

    Raises :class:`flows.problems.InputError` with every problem, if any is an error.
    """
    # What is wrong with scenarios is a warning, and warnings are not told here.
    reading = read_workbook(path, CASE, with_scenarios=False)
    if reading.errors or reading.case is None:
        raise InputError(reading.problems)
    return without_row_numbers(reading.case)


def without_row_numbers(case: Case) -> Case:
    """Return a case without the rows of the workbook that checks name, as if it were made in code."""
    tables = {name: frame.drop(columns="_row", errors="ignore") for name, frame in case.tables.items()}
    return Case(case.settings, tables)


def read_system(path: str | os.PathLike[str]) -> System:
    """Return the flow system of a workbook.

    Raises :class:`flows.problems.InputError` with every problem, if any is an error.
    """
    reading = read_workbook(path, SYSTEM)
    if reading.errors or reading.system is None:
        raise InputError(reading.problems)
    return without_rows(reading.system)


def without_rows(system: System) -> System:
    """Return a system without the rows of the workbook that checks name, as if it were made in code."""
    tables = {name: frame.drop(columns="_row", errors="ignore") for name, frame in system.tables.items()}
    return System(system.settings, tables, system.units)


def read_workbook(path: str | os.PathLike[str], kind: Kind | None = None, with_scenarios: bool = True) -> Reading:
    """Read a workbook and check it; problems are returned, not raised.

    ``kind`` is what it is read as; by default what its sheets say. Scenarios are tried out one by one only
    ``with_scenarios``.
    """
    file = Path(path)
    try:
        sheets = open_sheets(file)
    except InputError as error:
        return Reading(file, None, list(error.problems))
    return reading_of(file, sheets, kind, with_scenarios, shapes(file))


def reading_of(
    file: Path,
    sheets: list[RawSheet],
    kind: Kind | None = None,
    with_scenarios: bool = True,
    shaped: Mapping[str, Shape] | None = None,
) -> Reading:
    """Return what comes of the sheets of a file; see :func:`read_workbook`."""
    raw = _Raw(kind or kind_of(sheets), sheets, shaped or {})
    return _system_reading(file, raw) if raw.kind is SYSTEM else _case_reading(file, raw, with_scenarios)


class _Raw:
    """The tables of a workbook in canonical units, before they are looked at together."""

    def __init__(self, kind: Kind, sheets: list[RawSheet], shaped: Mapping[str, Shape]) -> None:
        self.kind, self.sheets = kind, sheets
        found, self.problems = find_sheets(kind, sheets)
        self.layouts: dict[str, Layout] = {}
        self.settings: dict[str, Any] = {}
        self.tables: dict[str, pd.DataFrame] = {}
        self.readings: dict[str, list[UnitReading]] = {}
        if "settings" in found:
            self.settings, self.layouts["settings"], more = read_settings(kind, found["settings"])
            self.problems += more
        currency = str(self.settings.get("currency") or "DKK")
        for table in kind.tables:
            self.readings[table.name] = []
            if table.name not in found:
                self.tables[table.name] = typed_table(table, [])
                continue
            reader = TableReader(kind, table, found[table.name], currency)
            self.layouts[table.name] = reader.layout
            self.tables[table.name] = typed_table(table, reader.rows())
            self.readings[table.name] = reader.readings
            self.problems += reader.problems
            shape = shaped.get(found[table.name].name, Shape())
            self.problems += shape_problems(found[table.name], reader.layout, shape)

    def placed(self) -> list[Problem]:
        """Return the problems so far, each with its cell."""
        return [place(problem, self.layouts) for problem in self.problems]

    def with_meaning(self, problems: list[Problem], meant: Iterable[Problem]) -> list[Problem]:
        """Return problems with those of what the tables mean together.

        A cell that could not be read is told once; what follows from it is not told again.
        """
        broken = {(problem.sheet, problem.cell) for problem in problems if problem.cell and problem.severity == "error"}
        absent = {(problem.sheet, problem.column) for problem in problems if problem.code == "column_missing"}
        merged = [(problem.sheet, problem.cell) for problem in problems if problem.code == "merged_cells"]
        unread = {(problem.sheet, problem.row, problem.column) for problem in problems if problem.severity == "error"}
        result = list(problems)
        for problem in meant:
            placed = place(problem, self.layouts)
            if problem.code == "duplicate" and self._keys_unread(problem, placed.sheet, unread):
                continue
            if any(placed.sheet == sheet and in_area(area, placed.cell) for sheet, area in merged if placed.cell):
                continue
            if (placed.sheet, placed.cell) not in broken and (placed.sheet, placed.column) not in absent:
                result.append(placed)
        return result

    def _keys_unread(self, problem: Problem, sheet: str, unread: Collection[tuple[str, int | None, str]]) -> bool:
        """Tell whether two rows have the same key only because a cell of it could not be read."""
        rows = (problem.row, int(problem.expected))
        return any((sheet, row, name) in unread for row in rows for name in self.kind.table(problem.sheet).key)


def _case_reading(file: Path, raw: _Raw, with_scenarios: bool) -> Reading:
    """Return a case from its tables, with what is wrong with it."""
    times = [reading.times for reading in raw.readings["generation"]]
    raw.tables["generation"], more = resolve_amounts(raw.tables["generation"], times, raw.tables)
    raw.problems += more
    case = Case.from_tables(raw.settings, raw.tables)
    problems = raw.placed()
    problems = raw.with_meaning(problems, check_case(case, damaged=_damaged(problems, raw.layouts)))
    if with_scenarios and not errors_of(problems):
        # A scenario that cannot be applied leaves the case itself usable.
        found = [*scenarios.check(case), *scenario_weights.check(case)]
        problems += [place(problem, raw.layouts).at(severity="warning") for problem in found]
    return Reading(file, case, _ordered(problems, raw.sheets), raw.layouts)


def _system_reading(file: Path, raw: _Raw) -> Reading:
    """Return a flow system from its tables, the units of its layers settled, with what is wrong with it."""
    canonicals = {name: [reading.canonical for reading in readings] for name, readings in raw.readings.items()}
    system = System.from_tables(raw.settings, **raw.tables)
    units, more = layer_units(raw.tables["layers"], system.layers, given_units(raw.tables, canonicals))
    raw.problems += more
    relations = system["relations"].copy()
    relations["ratio_unit"] = pd.Series([ratio_unit(item) for item in canonicals["relations"]], dtype="str")
    system = System(system.settings, {**system.tables, "relations": relations}, units)
    problems = raw.placed()
    problems = raw.with_meaning(problems, check_system(system, damaged=_damaged(problems, raw.layouts)))
    return Reading(file, None, _ordered(problems, raw.sheets), raw.layouts, system)


def _damaged(problems: list[Problem], layouts: Mapping[str, Layout]) -> set[str]:
    """Return the tables that could not be read whole, and their columns as ``table.column``."""
    names = {layout.sheet: table for table, layout in layouts.items()}
    errors = errors_of(problems)
    damaged = {names.get(problem.sheet, problem.sheet) for problem in errors}
    damaged |= {f"{names.get(problem.sheet, problem.sheet)}.{problem.column}" for problem in errors if problem.column}
    return damaged | {problem.expected for problem in errors if problem.code == "sheet_missing"}


def _ordered(problems: list[Problem], sheets: list[RawSheet]) -> list[Problem]:
    """Return problems errors first, then in the order of the workbook; each once."""
    order = {sheet.name: position for position, sheet in enumerate(sheets)}
    unique = list(dict.fromkeys(problems))
    return sorted(
        unique,
        key=lambda item: (
            item.severity != "error",
            order.get(item.sheet, -1),
            item.row or 0,
            len(item.cell),
            item.cell,
        ),
    )
