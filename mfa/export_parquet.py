"""The run as typed Parquet files, one for each table, with unit and meaning of every column in the schema.

Numbers are exact, blanks of numbers are null and blanks of text stay empty texts, as in the run. It needs pyarrow
(``pip install "circular-mfa[parquet]"``), which the rest of the product does without.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mfa.export_source import Exported, ExportSource
from mfa.exports import ExportError
from mfa.run import plain


def write(source: ExportSource, folder: Path) -> None:
    """Write ``NAME.parquet`` for each table into a folder; raises :class:`ExportError` without pyarrow."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ExportError("export_needs", package="pyarrow", extra="parquet") from None
    facts = json.dumps(plain(source.facts), ensure_ascii=False)
    for table in source.tables():
        parquet.write_table(arrow_table(table, facts, pyarrow), folder / f"{table.name}.parquet", compression="zstd")


def arrow_table(table: Exported, facts: str, pyarrow: Any) -> Any:
    """Return an Arrow table with the types that the columns are declared with."""
    types = {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
    }
    fields, arrays = [], []
    for column in table.columns:
        notes = {name: text for name, text in (("unit", column.unit), ("description", column.meaning)) if text}
        fields.append(pyarrow.field(column.name, types[column.type], metadata=notes))
        arrays.append(_array(table.frame[column.name], column.type, types[column.type], pyarrow))
    notes = {"table": table.name, "description": table.meaning, "key": ",".join(table.key), "run": facts}
    return pyarrow.table(arrays, schema=pyarrow.schema(fields, metadata=notes))


def _array(values: pd.Series, kind: str, arrow_type: Any, pyarrow: Any) -> Any:
    if kind == "number":
        numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
        return pyarrow.array(numbers, type=arrow_type, mask=np.isnan(numbers))
    # A million rows hold few different values: each is turned into Arrow's once.
    codes, distinct = pd.factorize(values)
    made = {"string": str, "integer": int, "boolean": bool}[kind]
    known = pyarrow.array([made(value) for value in distinct] + ([""] if kind == "string" else [None]), arrow_type)
    return known.take(pyarrow.array(np.where(codes < 0, len(distinct), codes)))
