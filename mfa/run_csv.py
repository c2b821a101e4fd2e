"""Fast and exact CSV: numbers as their shortest text that reads back the same, rows sorted.

A plan's flows may have close to a million rows, so columns are turned into text whole and every
distinct text is quoted once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mfa.run_tables import ColumnType, RunTable

CHUNK = 100_000


@dataclass(frozen=True)
class Dialect:
    """How a table is written as text; ``risky`` are first letters that a spreadsheet takes for a formula."""

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    line_end: str = "\n"
    infinity: str = "inf"
    truth: tuple[str, str] = ("true", "false")
    risky: str = ""

    def quoted(self, text: str) -> str:
        """Return a text as it stands between separators.

        >>> Dialect(risky="=").quoted("=1+1"), Dialect().quoted("a,b")
        ("'=1+1", '"a,b"')
        """
        safe = f"'{text}" if text and text[0] in self.risky else text
        if any(mark in safe for mark in ('"', self.separator, "\n", "\r")):
            return '"' + safe.replace('"', '""') + '"'
        return safe


MACHINE = Dialect()
"""Comma, decimal point, UTF-8: what programs read."""


def column_types(frame: pd.DataFrame, table: RunTable | None) -> dict[str, ColumnType]:
    """Return the type of each column: as declared, else as its values are."""
    declared = {column.name: column.type for column in table.columns} if table else {}
    return {str(name): declared.get(str(name)) or _found_type(frame[name]) for name in frame.columns}


def _found_type(values: pd.Series) -> ColumnType:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(values) else "string"


def sorted_rows(frame: pd.DataFrame, types: dict[str, ColumnType]) -> pd.DataFrame:
    """Return rows sorted by all columns that are not measured numbers, in column order."""
    keys = [name for name in frame.columns if types[name] != "number"]
    if not keys or len(frame) < 2:
        return frame
    order = np.zeros(len(frame), dtype=np.int64)
    combined: list[np.ndarray[Any, Any]] = []
    room = 1
    for name in keys:
        codes, size = _codes(frame[name])
        if room * size >= 2**62:
            combined.append(order)
            order, room = np.zeros(len(frame), dtype=np.int64), 1
        order = order * size + codes
        room *= size
    combined.append(order)
    ranks = np.lexsort(combined[::-1]) if len(combined) > 1 else np.argsort(order, kind="stable")
    return frame if np.array_equal(ranks, np.arange(len(frame))) else frame.iloc[ranks]


def _codes(values: pd.Series) -> tuple[np.ndarray[Any, Any], int]:
    """Return the rank of each value among the distinct ones, and how many there are."""
    codes, distinct = pd.factorize(values)
    texts = list(distinct)
    order = sorted(range(len(texts)), key=lambda position: texts[position])
    ranks = np.empty(len(texts) + 1, dtype=np.int64)
    ranks[np.asarray(order, dtype=np.int64)] = np.arange(1, len(texts) + 1)
    ranks[-1] = 0  # blanks, whose code is -1, come first
    return ranks[codes], len(texts) + 1


def write_csv(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    table: RunTable | None = None,
    dialect: Dialect = MACHINE,
    heads: Sequence[str] | None = None,
) -> None:
    """Write a table; text is quoted where it must be, blanks and NaN are empty.

    ``heads`` are written instead of the names of the columns.
    """
    types = column_types(frame, table)
    names = [str(name) for name in frame.columns]
    with Path(path).open("w", encoding=dialect.encoding, newline="") as stream:
        stream.write(dialect.separator.join(map(dialect.quoted, heads or names)) + dialect.line_end)
        for start in range(0, len(frame), CHUNK):
            part = frame.iloc[start : start + CHUNK]
            columns = [_texts(part[name], types[name], dialect) for name in names]
            rows = map(dialect.separator.join, zip(*columns, strict=True))
            stream.write(dialect.line_end.join(rows) + dialect.line_end)


def _texts(values: pd.Series, kind: ColumnType, dialect: Dialect) -> Sequence[str]:
    if kind == "number":
        return _number_texts(pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan), dialect)
    codes, distinct = pd.factorize(values)
    if kind == "boolean":
        known = [dialect.truth[0] if value else dialect.truth[1] for value in distinct]
    elif kind == "integer":
        known = [str(int(value)) for value in distinct]
    else:
        known = [dialect.quoted(str(value)) for value in distinct]
    known.append("")
    return list(map(known.__getitem__, codes.tolist()))


def _number_texts(numbers: np.ndarray[Any, Any], dialect: Dialect) -> list[str]:
    texts = list(map(repr, numbers.tolist()))
    for position in np.flatnonzero(np.isnan(numbers)):
        texts[position] = ""
    for position in np.flatnonzero(np.isinf(numbers)):
        texts[position] = dialect.infinity if numbers[position] > 0 else f"-{dialect.infinity}"
    if dialect.decimal != ".":
        texts = [text.replace(".", dialect.decimal) for text in texts]
    return texts


def read_csv(path: str | os.PathLike[str], types: dict[str, ColumnType]) -> pd.DataFrame:
    """Return a table as it was written; text is never taken for a blank."""
    dtypes: dict[str, Any] = {}
    blanks: dict[str, list[str]] = {}
    for name, kind in types.items():
        dtypes[name] = {"string": "str", "number": "float64", "boolean": "str", "integer": "float64"}[kind]
        blanks[name] = [""] if kind in {"number", "integer"} else []
    frame = pd.read_csv(path, dtype=dtypes, keep_default_na=False, na_values=blanks)
    for name, kind in types.items():
        if kind == "boolean":
            frame[name] = frame[name] == "true"
        elif kind == "integer" and not frame[name].isna().any():
            frame[name] = frame[name].astype("int64")
    return frame
