"""The model of a plan for other solvers: an MPS file, and what its columns and rows are called.

``model.mps`` is what a plan's bound is of, ``names.csv`` what every column and row is, ``model.json`` which model it is
and what its objective is counted in.
"""

from __future__ import annotations

from pathlib import Path

from mfa.export_source import ExportSource
from mfa.exports import ExportError
from mfa.run import _write_json
from mfa.run_csv import write_csv


def write(source: ExportSource, folder: Path) -> None:
    """Write the model of a plan that makes cost as small as possible; raises :class:`ExportError` for other runs."""
    from models.formulation_parts import MILLION
    from models.model_file import bound_of, write_model
    from models.planner import Planner
    from models.pursuit import asks_more

    case = source.case
    if case is None or source.run.info.get("kind") != "plan" or asks_more(case):
        raise ExportError("export_unsuited", format="mps", reason=ExportError("export_no_model"))
    planner = Planner(case, threads=1)
    names = write_model(planner, folder / "model.mps")
    write_csv(names, folder / "names.csv")
    told = {
        "model": bound_of(planner),
        "sense": "minimise",
        "objective_unit": f"{MILLION:.0f} {source.currency}, discounted",
        "mass_unit": "1000 t/year",
        "columns": len(planner.arrays.cost),
        "rows": len(planner.arrays.row_lower),
    }
    _write_json(folder / "model.json", told)
