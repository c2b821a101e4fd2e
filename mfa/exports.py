"""A run for those who compute on: the public function ``export`` and its formats.

An export is a folder that is whole or not there: it is written beside its place and then moved. ``export.json`` says
what the run was and which files there are, with their size and hash, and the same run gives the same bytes.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mfa.export_source import ExportSource
from mfa.made import file_hash
from mfa.run import Run, RunError, _write_json, check_place
from mfa.run_door import inside
from mfa.whole import whole
from mfa.words import SpokenError

Writer = Callable[[ExportSource, Path], None]
FORMATS: Mapping[str, str] = {
    "datapackage": "mfa.export_package",
    "csv-da": "mfa.export_csv",
    "parquet": "mfa.export_parquet",
    "iamc": "mfa.export_iamc",
    "stan": "mfa.export_stan",
    "mps": "mfa.export_mps",
}
"""Format to the module whose ``write`` makes it; they are imported when they are asked for."""
EXPORT_FILE = "export.json"


class ExportError(SpokenError, ValueError):
    """A format that is not known, that does not suit the run, or that needs a package which is not there."""


def export(run: Run | str | os.PathLike[str], format: str, out: str | os.PathLike[str] | None = None) -> list[Path]:
    """Write a run in a format for other programs and return the paths of its files.

    Args:
        run: a run, or its folder. Formats of tables take every kind of run; ``iamc`` takes plans, accounts and runs
            of several plans of a case, ``stan`` plans, accounts and flow systems, ``mps`` plans.
        format: ``datapackage`` (Frictionless Data Package: CSV with types, units, keys and hashes), ``csv-da`` (for
            Danish Excel, and the same for programs), ``parquet`` (typed; needs pyarrow), ``iamc`` (model, scenario,
            region, variable, unit and a column per year), ``stan`` (lists of processes and flows per layer and
            period, as the program STAN has them) or ``mps`` (the model that the plan's bound is of, for other solvers).
        out: folder for the files (default: ``exports/FORMAT`` in the run's folder). An export that is there is
            replaced as a whole; anything else is left alone.

    Raises:
        ExportError: an unknown format, one that does not suit the run, or a package that is not installed.
        RunError: the folder holds no run, or the place something else than an export.
    """
    if format not in FORMATS:
        raise ExportError("export_format", value=format, known=", ".join(FORMATS))
    found = run if isinstance(run, Run) else Run.load(run)
    target = _place(found, format, out)
    write: Writer = importlib.import_module(FORMATS[format]).write
    source = ExportSource(found)
    with whole(target) as folder:
        write(source, folder)
        _write_json(folder / EXPORT_FILE, _manifest(source, format, folder))
    return _files(target)


def _place(run: Run, name: str, out: str | os.PathLike[str] | None) -> Path:
    """Return the folder to write; refuse one that holds anything else than an export."""
    if out is None and run.folder is None:
        raise ExportError("export_in_memory")
    target = (Path(out) if out is not None else inside(Path(str(run.folder)), "exports", name)).resolve()
    if target.is_dir() and any(target.iterdir()):
        if not (target / EXPORT_FILE).is_file():
            raise RunError("export_place", folder=target)
    else:
        check_place(target)
    return target


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _manifest(source: ExportSource, name: str, folder: Path) -> dict[str, Any]:
    """Return what ``export.json`` holds."""
    files = [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "hash": f"sha256:{file_hash(path)}",
        }
        for path in _files(folder)
    ]
    return {"format": name, **source.facts, "files": files}
