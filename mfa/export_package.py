"""The run as a Frictionless Data Package (version 2): CSV files with types, units, meanings, keys, sizes and hashes.

https://datapackage.org/standard/data-package/, /data-resource/ and /table-schema/. A blank cell is a missing value; a
key whose columns may be blank (the whole region has no municipality) is therefore a unique key and no primary key.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mfa.export_source import Exported, ExportSource
from mfa.made import file_hash
from mfa.run import PACKAGE_FILE, _write_json
from mfa.run_csv import Dialect, write_csv

PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
DIALECT = Dialect(infinity="INF")


def write(source: ExportSource, folder: Path) -> None:
    """Write ``datapackage.json`` and a CSV file for each table into a folder."""
    data = folder / "data"
    data.mkdir()
    resources = []
    for table in source.tables():
        path = data / f"{table.name}.csv"
        write_csv(table.frame, path, table.declaration, DIALECT)
        resources.append(_resource(table, path))
    facts = source.facts
    package = {
        "$schema": PROFILE.format("datapackage"),
        "name": re.sub(r"[^a-z0-9._-]+", "-", source.title.casefold()).strip("-._") or "run",
        "title": source.title,
        "description": "Tables of a run of circular-mfa; what they mean stands at each table and field.",
        "sources": [{"title": str(facts["case"] or source.title)}],
        "run": facts,
        "resources": resources,
    }
    _write_json(folder / PACKAGE_FILE, package)


def _resource(table: Exported, path: Path) -> dict[str, Any]:
    return {
        "$schema": PROFILE.format("dataresource"),
        "name": table.name,
        "type": "table",
        "path": f"data/{path.name}",
        "description": table.meaning,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_hash(path)}",
        "schema": schema(table),
    }


def schema(table: Exported) -> dict[str, Any]:
    """Return the Table Schema of a table."""
    fields = []
    for column in table.columns:
        field: dict[str, Any] = {"name": column.name, "type": column.type}
        if column.meaning:
            field["description"] = column.meaning
        if column.unit:
            field["unit"] = column.unit
        fields.append(field)
    found: dict[str, Any] = {
        "$schema": PROFILE.format("tableschema"),
        "fields": fields,
        "missingValues": [""],
    }
    if table.key:
        blank = any(table.frame[name].isna().any() or (table.frame[name] == "").any() for name in table.key)
        found |= {"uniqueKeys": [list(table.key)]} if blank else {"primaryKey": list(table.key)}
    return found
