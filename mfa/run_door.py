"""The door of run folders: they may come from a stranger, so what they say is looked at before it is used.

Nothing outside a run folder is read or written through it: files stand where the program puts them, and no part of the
way there is a symbolic link. What is not as the program writes it ends in :class:`RunError`. See docs/limits.md.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mfa.run_csv import read_csv
from mfa.run_tables import ColumnType, RunTable
from mfa.words import SpokenError

LARGEST_JSON = 10_000_000
"""Bytes of a description (``run.json``, ``datapackage.json``, ``sweep.json``)."""
LARGEST_TABLE = 1_000_000_000
"""Bytes of a table; a plan of a whole country stays far below."""
MOST_FILE_ROWS = 20_000_000
"""Rows of a part of a sweep."""
KINDS = frozenset({"plan", "account", "system", "frontier", "alternatives", "worth", "robust"})
TYPES: frozenset[str] = frozenset({"string", "integer", "number", "boolean"})
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_OBJECTS = (
    "input", "options", "seeds", "machine", "certificate", "folders", "objective_of", "target", "found", "asked", "times", "solver",
    "scenarios", "values", "layers", "searches",
)  # fmt: skip
_TEXTS = ("kind", "status", "version", "currency", "part_of", "measure", "bound_of")
_NUMBERS = ("objective", "bound", "gap", "format", "price_year")


class RunError(SpokenError):
    """A folder that is no run, or a place where a run cannot be written."""


def inside(folder: Path, *parts: str) -> Path:
    """Return a place in a folder.

    Raises :class:`RunError` if a part leads elsewhere: ``..``, a whole path, or a symbolic link on the way.
    """
    root = folder.resolve()
    place = root.joinpath(*parts)
    try:
        there = ".." not in place.parts and place.is_relative_to(root) and place.resolve() == place
    except (OSError, RuntimeError, ValueError):
        there = False
    if not there:
        raise RunError("run_outside", folder=folder, file="/".join(map(str, parts)))
    return folder.joinpath(*parts)


def plain_name(name: object) -> bool:
    """Tell whether a name is one that the program gives to a file or a folder.

    >>> plain_name("flows"), plain_name("../flows"), plain_name("C:flows"), plain_name("")
    (True, False, False, False)
    """
    return isinstance(name, str) and bool(_NAME.fullmatch(name)) and not name.endswith(".")


def described(folder: Path, file: str) -> dict[str, Any]:
    """Return what a description says, an object of JSON.

    Raises :class:`RunError` if it is missing, a link, too large or broken.
    """
    path = inside(folder, file)
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise RunError("run_damaged", folder=folder, file=file, reason=f"> {LARGEST_JSON / 1e6:.0f} MB")
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        # ValueError: text that is no JSON or not UTF-8, or numbers with thousands of digits.
        raise RunError("run_missing", folder=folder, file=file) from error
    if not isinstance(found, dict):
        raise RunError("run_missing", folder=folder, file=file)
    return found


def check_info(folder: Path, file: str, info: Mapping[str, Any]) -> None:
    """Refuse a ``run.json`` whose parts are of other kinds than the program writes."""
    for name in _OBJECTS:
        if not isinstance(info.get(name, {}), dict):
            raise RunError("run_damaged", folder=folder, file=file, reason=name)
    for names, fits in ((_TEXTS, _text), (_NUMBERS, _number)):
        for name in names:
            if info.get(name) is not None and not fits(info[name]):
                raise RunError("run_damaged", folder=folder, file=file, reason=name)
    if info.get("kind") is not None and info["kind"] not in KINDS:
        raise RunError("run_damaged", folder=folder, file=file, reason="kind")
    for name, place in info.get("folders", {}).items():
        if not isinstance(place, str) or re.search(r"[/\\:\0]", place) or place in {"", ".", ".."}:
            raise RunError("run_outside", folder=folder, file=f"{name}: {place}")
    asked, target = info.get("options", {}), info.get("target", {})
    for name, year in (("options", asked.get("year")), ("target", target.get("year"))):
        if year is not None and (not _number(year) or year % 1 != 0):
            raise RunError("run_damaged", folder=folder, file=file, reason=f"{name}: year")
    for name, fits in (("scope", _text), ("method", _text), ("rate", _number), ("reached", _number)):
        if target.get(name) is not None and not fits(target[name]):
            raise RunError("run_damaged", folder=folder, file=file, reason=f"target: {name}")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_sweep(folder: Path, file: str, info: Mapping[str, Any]) -> None:
    """Refuse a ``sweep.json`` whose parts are of other kinds than the program writes."""
    for name in ("versions", "input", "options"):
        if not isinstance(info.get(name, {}), dict):
            raise RunError("run_damaged", folder=folder, file=file, reason=name)


def table_types(folder: Path, file: str, package: Mapping[str, Any]) -> dict[str, dict[str, ColumnType]]:
    """Return the columns of each table with their types, as ``datapackage.json`` says.

    Raises :class:`RunError` if a table is called or stands otherwise than the program writes it.
    """
    found: dict[str, dict[str, ColumnType]] = {}
    try:
        for item in package["resources"]:
            name, path = item["name"], item["path"]
            if not plain_name(name) or path != f"tables/{name}.csv":
                raise RunError("run_outside", folder=folder, file=str(path))
            fields = {field["name"]: field["type"] for field in item["schema"]["fields"]}
            if not fields or not all(isinstance(key, str) and kind in TYPES for key, kind in fields.items()):
                raise RunError("run_damaged", folder=folder, file=file, reason=str(name))
            found[name] = fields
    except (KeyError, TypeError) as error:
        raise RunError("run_damaged", folder=folder, file=file, reason=error) from error
    return found


def table_of(folder: Path, name: str, types: Mapping[str, ColumnType], declared: RunTable | None) -> pd.DataFrame:
    """Return a table of a run; a declared column is read as it is declared.

    Raises :class:`RunError` if it is missing, a link, too large or another than its description says.
    """
    file = f"tables/{name}.csv"
    path = inside(folder, "tables", f"{name}.csv")
    known = {column.name: column.type for column in declared.columns} if declared else {}
    wanted: dict[str, ColumnType] = {column: known.get(column, kind) for column, kind in types.items()}
    try:
        if path.stat().st_size > LARGEST_TABLE:
            raise RunError("run_damaged", folder=folder, file=file, reason=f"> {LARGEST_TABLE / 1e6:.0f} MB")
        _check_first_row(path)
        found = read_csv(path, wanted)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, IndexError, csv.Error) as error:
        raise RunError("run_damaged", folder=folder, file=file, reason=error) from error
    if list(found.columns) != list(types):
        raise RunError("run_damaged", folder=folder, file=file, reason=", ".join(map(str, found.columns))[:200])
    return found


def _check_first_row(path: Path) -> None:
    """Raise ``ValueError`` if the first row has more cells than the head: pandas would take the first for a name of the row."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        head, first = next(lines, []), next(lines, [])
    if len(first) > len(head):
        raise ValueError(f"{len(first)} > {len(head)}")


def parquet(folder: Path, *parts: str) -> pd.DataFrame:
    """Return a table of a sweep. Raises :class:`RunError` if it is a link or damaged, ``FileNotFoundError`` if missing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = inside(folder, *parts)
    try:
        if (rows := pq.read_metadata(path).num_rows) > MOST_FILE_ROWS:
            raise RunError("run_damaged", folder=folder, file="/".join(parts), reason=f"{rows} > {MOST_FILE_ROWS}")
        return pd.read_parquet(path, partitioning=None)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        raise RunError("run_damaged", folder=folder, file="/".join(parts), reason=error) from error
