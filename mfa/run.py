"""A run: one result with everything that is needed to repeat it, in memory or as one folder.

The folder holds ``run.json``, ``case.xlsx``, ``tables/*.csv`` with ``datapackage.json``, and
``reports/``. It is written beside its place and moved there at the end: it is whole or it is not there.
"""

from __future__ import annotations

import html
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from flows.case import Case
from mfa.faults import Fault
from mfa.made import FORMAT
from mfa.migrate import format_of, migrated
from mfa.run_csv import column_types, sorted_rows, write_csv
from mfa.run_door import RunError as RunError
from mfa.run_door import check_info, described, inside, table_of, table_types
from mfa.run_tables import RUN_TABLES_BY_NAME, RunTable
from mfa.whole import clear, probe, standing, whole

RUN_FILE = "run.json"
CASE_FILE = "case.xlsx"
PACKAGE_FILE = "datapackage.json"
BUNDLES = ("frontier", "alternatives", "worth")
"""Kinds of runs that hold several plans (:mod:`mfa.run_bundle`)."""


class LazyTables(Mapping[str, pd.DataFrame]):
    """The tables of a run folder, each read when it is first asked for."""

    def __init__(self, folder: Path, declared: Callable[[str], RunTable | None]) -> None:
        """Read which tables there are; ``declared`` gives the declaration of a table."""
        package = described(folder, PACKAGE_FILE)
        self.folder, self.declared = folder, declared
        if "resources" not in package:
            raise RunError("run_missing", folder=folder, file=PACKAGE_FILE)
        self.types = table_types(folder, PACKAGE_FILE, package)
        self.loaded: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.loaded:
            self.loaded[name] = table_of(self.folder, name, self.types[name], self.declared(name))
        return self.loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)


@dataclass(repr=False)
class Run:
    """One result: ``tables`` as documented in ``mfa.run_tables``, ``info`` as in ``run.json``.

    ``folder`` is where it is stored, None while it is only in memory; ``workbook`` is the file that
    the case was read from, if there was one.
    """

    tables: Mapping[str, pd.DataFrame]
    info: dict[str, Any]
    folder: Path | None = None
    workbook: Path | None = field(default=None, repr=False)
    given_case: Case | None = field(default=None, repr=False)
    input_file: ClassVar[str] = CASE_FILE

    def __repr__(self) -> str:
        what = f"{self.info.get('status', 'run')} of {self.info.get('input', {}).get('name', 'a case')}"
        place = "in memory" if self.folder is None else f"in {self.folder}"
        return f"<{type(self).__name__}: {what}, {place}; tables {', '.join(sorted(self.tables))}>"

    @cached_property
    def case(self) -> Case:
        """The case of the run, as it was planned (with its scenario applied)."""
        if self.given_case is not None:
            return self.given_case
        if self.folder is None:
            raise RunError("run_bare")
        from mfa.workbook_read import read_case

        return self.as_asked(read_case(inside(self.folder, CASE_FILE)))

    def as_asked(self, case: Case) -> Case:
        """Return a case as it was given with what the run was asked for: scenario, objective, target."""
        from flows import scenarios
        from models.asked import with_objective, with_target

        options = self.info.get("options", {})
        try:
            if options.get("scenario"):
                case = scenarios.apply(case, options["scenario"])
            if self.info.get("status") == "accounted":
                return case.with_settings(account_year=int(options["year"]))
            case = with_objective(case, options.get("objective"), options.get("budget"))
            return with_target(case, *(options.get(name) for name in ("target", "year", "method", "scope")))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # What was asked for comes from the folder, which a stranger may have written.
            raise RunError(
                "run_damaged", folder=self.folder or "", file=RUN_FILE, reason=f"options: {error}"
            ) from error

    @property
    def given(self) -> Case | None:
        """The case as its workbook has it, before scenario and target; None of a run that is only in memory."""
        from mfa.workbook_read import read_case

        return None if self.folder is None else read_case(inside(self.folder, CASE_FILE))

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Run:
        """Return the run in a folder; its tables are read as they are asked for, an older format as today's.

        Raises :class:`RunError` if the folder holds no run, or one of a newer program.
        """
        place = Path(folder)
        info = _told(place)
        if info.get("kind") == "system":
            from mfa.system_run import SystemRun

            return SystemRun.of_folder(place, info)
        if info.get("kind") == "robust":
            from mfa.robust_run import RobustRun

            return RobustRun.of_folder(place, info)
        found = Run.of_folder(place, info)
        if info.get("kind") in BUNDLES:
            from mfa.run_bundle import Bundle

            return Bundle.opened(found)
        return found

    @classmethod
    def of_folder(cls, place: Path, info: dict[str, Any]) -> Self:
        """Return a run of this kind in a folder whose ``run.json`` was read."""
        return cls(LazyTables(place, cls.declared), info, place, inside(place, cls.input_file))

    @classmethod
    def part_of(cls, folder: Path, *parts: str) -> Run:
        """Return a single plan that is part of the run in a folder; raises :class:`RunError` for a run of several."""
        place = inside(folder, *parts)
        if _told(place).get("kind") not in {"plan", "account"}:
            raise RunError("run_damaged", folder=folder, file="/".join(parts), reason="kind")
        return cls.load(place)

    def save(self, folder: str | os.PathLike[str], case: Case | None = None) -> Path:
        """Write the run to ``folder`` and return it; a run that is there is replaced as a whole.

        ``case`` is the case as it was given, before its scenario; the workbook that it was read from
        is kept as it is. Raises :class:`RunError` if the place holds anything else than a run, ``OSError`` if it
        cannot be written (a full disk, say); then what was there is there.
        """
        target = Path(folder).resolve()
        check_place(target)
        with whole(target) as folder:
            self._write(folder, case)
        self.folder = target
        return target

    def _write(self, folder: Path, case: Case | None) -> None:
        tables = folder / "tables"
        tables.mkdir()
        (folder / "reports").mkdir()
        resources = []
        for name in sorted(self.tables):
            frame, table = self.tables[name], self.declared(name)
            types = column_types(frame, table)
            write_csv(sorted_rows(frame, types), tables / f"{name}.csv", table)
            meanings = {column.name: column for column in table.columns} if table else {}
            fields = [_field(column, kind, meanings) for column, kind in types.items()]
            resources.append(
                {
                    "name": name,
                    "path": f"tables/{name}.csv",
                    "description": table.meaning if table else "",
                    "profile": "tabular-data-resource",
                    "encoding": "utf-8",
                    "schema": {"fields": fields},
                }
            )
        package = {"profile": "tabular-data-package", "name": "run", "resources": resources}
        _write_json(folder / PACKAGE_FILE, package)
        if self.workbook is not None and self.workbook.is_file():
            shutil.copyfile(self.workbook, folder / self.input_file)
        else:
            self._write_input(folder / self.input_file, case)
        _write_json(folder / RUN_FILE, self.info)

    @staticmethod
    def declared(name: str) -> RunTable | None:
        """Return the declaration of a table, if it has one."""
        return RUN_TABLES_BY_NAME.get(name)

    def _write_input(self, path: Path, case: Case | None) -> None:
        """Write the input as a workbook where there was none."""
        from mfa.workbook_write import write_case_object

        write_case_object(case or self.case, path)

    def rate(
        self, variant: str, year: int, scope: str = "all", method: str = "collected", municipality: str = ""
    ) -> float:
        """Return one rate; raises ``KeyError`` if the run has none like it."""
        rates = self.tables["rates"]
        found = rates[
            (rates["variant"] == variant)
            & (rates["year"] == year)
            & (rates["scope"] == scope)
            & (rates["method"] == method)
            & (rates["municipality"] == municipality)
        ]
        if found.empty:
            raise KeyError(f"no rate {variant}/{year}/{scope}/{method}/{municipality or 'region'}")
        return float(found["rate"].iloc[0])

    def summary(self) -> pd.DataFrame:
        """Return the region's rates by variant, year, scope and method, a column per method."""
        rates = self.tables["rates"]
        region = rates[rates["municipality"] == ""]
        return region.pivot_table(index=["variant", "year", "scope"], columns="method", values="rate", sort=False)

    def _repr_html_(self) -> str:
        """Return the run as a notebook shows it."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
            for name, text in self.facts()
        )
        shown = self.summary()
        last = shown[shown.index.get_level_values("year").isin([max(shown.index.get_level_values("year"))])]
        table = last.to_html(float_format=lambda value: f"{100 * value:.1f} %") if len(last) else ""
        return f"<table>{rows}</table>{table}"

    def facts(self) -> list[tuple[str, str]]:
        """Return what the run is, as pairs of words."""
        info = self.info
        pairs = [("case", info.get("input", {}).get("name", "")), ("status", str(info.get("status", "")))]
        if isinstance(info.get("objective"), int | float) and math.isfinite(info["objective"]):
            pairs.append(("objective", f"{info['objective']:,.0f} {info.get('currency', '')}"))
        if isinstance(info.get("gap"), int | float):
            pairs.append(("gap", f"{100 * info['gap']:.2f} % ({info.get('bound_of', '')})"))
        certificate = info.get("certificate")
        if certificate:
            pairs.append(("certificate", "holds" if certificate.get("holds") else "fails"))
        if self.folder is not None:
            pairs.append(("folder", str(self.folder)))
        return pairs


def _told(place: Path) -> dict[str, Any]:
    """Return what ``run.json`` says, in today's format."""
    info = described(place, RUN_FILE)
    check_info(place, RUN_FILE, info)
    if format_of(info) > FORMAT:
        said = {"found": format_of(info), "known": FORMAT, "version": info.get("version", "?")}
        raise RunError("run_newer", folder=place, **said)
    return migrated(info)


def unfit(run: Run) -> str:
    """Return why a run is no plan to show, '' if it is one or says why there is none.

    It is ``system`` (the account of a flow system), ``account``, ``bundle`` or ``robust`` (several plans), or ``fails``
    (its certificate does not hold).
    """
    kind, status = run.info.get("kind"), run.info.get("status")
    if kind == "system":
        return "system"
    if status == "accounted":
        return "account"
    if kind in BUNDLES:
        return "bundle"
    if kind == "robust":
        return "robust"
    holds = status == "infeasible" or (run.info.get("certificate") or {}).get("holds")
    return "" if holds else "fails"


def _field(name: str, kind: str, meanings: Mapping[str, Any]) -> dict[str, str]:
    entry = {"name": name, "type": kind}
    if name in meanings:
        entry["description"] = meanings[name].meaning
        if meanings[name].unit:
            entry["unit"] = meanings[name].unit
    return entry


def check_place(target: Path) -> None:
    """Refuse a place that holds anything else than a run or nothing, or where nothing can be written.

    What a run that was killed there has left is cleared away.
    """
    clear(target)
    if target.is_file():
        raise RunError("place_is_file", folder=target)
    if target.is_dir() and any(target.iterdir()) and not (target / RUN_FILE).is_file():
        raise RunError("place_not_empty", folder=target)
    _check_writable(target)


def check_empty(target: Path) -> None:
    """Refuse a place that holds anything, or where nothing can be written."""
    if target.is_file():
        raise RunError("place_is_file", folder=target)
    if target.is_dir() and any(target.iterdir()):
        raise RunError("place_not_empty", folder=target)
    _check_writable(target)


def _check_writable(target: Path) -> None:
    try:
        probe(target)
    except OSError as error:
        raise RunError("place_closed", folder=standing(target), reason=Fault(error)) from error


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: numpy numbers as numbers, not-a-number as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(plain(content), indent=2, ensure_ascii=False, sort_keys=False) + "\n", "utf-8")
