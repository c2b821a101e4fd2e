"""Build and hand-over of the Capital Region's models, from the same numpy tables, three ways side by side.

- raw: the tables as compressed arrays, passed to HiGHS;
- ours: the Pyomo model, compiled and passed to HiGHS; also with every variable and constraint looked at before, which
  is what it costs if nothing can be copied;
- linopy: variables by block, constraints by family from the same entries, ``to_highspy`` (the extra ``bench``).

The ways take turns. Prints medians of CPU seconds, ratios, the memory that each way takes above the tables in a
process of its own, and what the tables themselves take. Run with ``python -m benchmarks.handover [repeats]``.
"""

from __future__ import annotations

import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pandas as pd
import pyomo.environ as pyo

import mfa
from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models.builder import Linear
from models.formulation import build
from models.highs import Arrays, Session, compile_model
from models.pyomo_model import to_pyomo
from models.routes import routes
from models.timing import horizon

try:
    import linopy
    import xarray
except ImportError:
    linopy = None


def raw_arrays(linear: Linear) -> Arrays:
    """Return the arrays of a model without Pyomo."""
    blocks, families = linear.blocks.values(), linear.families.values()
    row = np.concatenate([np.asarray(f.row) + s for f, s in zip(families, _starts(linear), strict=True)])
    col = np.concatenate([f.col for f in families])
    value = np.concatenate([f.coef for f in families])
    order = np.argsort(row, kind="stable")
    rows = sum(len(f.keys) for f in families)
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))])
    infinity = highspy.kHighsInf
    return Arrays(
        np.concatenate([b.cost for b in blocks]),
        np.nan_to_num(np.concatenate([b.lower for b in blocks]), neginf=-infinity),
        np.nan_to_num(np.concatenate([b.upper for b in blocks]), posinf=infinity),
        np.concatenate([b.integer for b in blocks]),
        np.nan_to_num(np.concatenate([f.lower for f in families]), neginf=-infinity),
        np.nan_to_num(np.concatenate([f.upper for f in families]), posinf=infinity),
        start.astype(np.int32),
        col[order].astype(np.int32),
        value[order],
    )


def _starts(linear: Linear) -> list[int]:
    sizes = [len(family.keys) for family in linear.families.values()]
    return [int(start) for start in np.cumsum([0, *sizes[:-1]])]


def raw(linear: Linear) -> Any:
    """Hand over without a modelling language."""
    return Session(raw_arrays(linear)).highs


def ours(linear: Linear) -> Any:
    """Hand over through Pyomo, as plans do."""
    return Session(compile_model(to_pyomo(linear))).highs


def looked_at(linear: Linear) -> Any:
    """Hand over through Pyomo after a look at every variable and constraint."""
    model = to_pyomo(linear)
    for kind in (pyo.Var, pyo.Constraint):
        for component in model.component_objects(kind):
            len(component)
    return Session(compile_model(model)).highs


def by_linopy(linear: Linear) -> Any:
    """Hand over through linopy: its sparse models, vectorised, names left out (they cost it time)."""
    model = linopy.Model(sparse=True)
    labels = np.empty(linear.columns, dtype=np.int64)
    costs = []
    for block in linear.blocks.values():
        for name, whole in ((block.name, False), (f"{block.name}_whole", True)):
            here = np.flatnonzero(block.integer == whole)
            if len(here):
                index = pd.RangeIndex(len(here), name=name)
                variable = model.add_variables(
                    xarray.DataArray(block.lower[here], [index]),
                    xarray.DataArray(block.upper[here], [index]),
                    name=name,
                    integer=whole,
                )
                labels[block.start + here] = variable.labels.to_numpy()
                costs.append((xarray.DataArray(block.cost[here], [index]) * variable).sum())
    for family in linear.families.values():
        low, high = family.lower[family.row], family.upper[family.row]
        for sign, bound, entries in (
            ("=", family.lower, low == high),
            ("<=", family.upper, (low != high) & (high < np.inf)),
            (">=", family.lower, (low != high) & (low > -np.inf)),
        ):
            if entries.any():
                sums = _linopy_sums(model, labels[family.col[entries]], family.coef[entries], family.row[entries])
                rows = sums.indexes["row"].to_numpy()
                model.add_constraints(
                    sums, sign, xarray.DataArray(bound[rows], [sums.indexes["row"]]), name=f"{family.name} {sign}"
                )
    model.objective = linopy.merge(costs, cls=linopy.LinearExpression)
    return model.to_highspy()


def _linopy_sums(model: Any, labels: Any, coef: Any, row: Any) -> Any:
    """Return the sum of coefficients times variables of every row."""
    entries = {"entry": np.arange(len(row))}
    data = xarray.Dataset(
        {
            "coeffs": xarray.DataArray(coef[:, None], dims=["entry", "_term"], coords=entries),
            "vars": xarray.DataArray(labels[:, None], dims=["entry", "_term"], coords=entries),
        }
    )
    rows = pd.Series(row, index=pd.RangeIndex(len(row), name="entry"), name="row")
    return linopy.LinearExpression(data, model).groupby(rows).sum()


def ways() -> dict[str, Callable[[Linear], Any]]:
    """Return the ways to measure, by name."""
    found = {"raw arrays": raw, "ours (Pyomo)": ours, "ours, all looked at": looked_at}
    if linopy is not None:
        linopy.options["semantics"] = "v1"
        found["linopy"] = by_linopy
    return found


def memory(name: str, tables: Path) -> None:
    """Print the megabytes that a way takes at its peak above the tables, which are read from a file."""
    way = ways()[name]
    with tables.open("rb") as file:
        linear = pickle.load(file)
    clear = Path("/proc/self/clear_refs")
    if clear.exists():  # Linux: the peak so far, of reading the file, is forgotten
        clear.write_text("5")
    before = _peak()
    kept = way(linear)
    print(_peak() - before if kept is not None else 0.0)


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory_of(name: str, tables: Path) -> float:
    call = [sys.executable, "-m", "benchmarks.handover", "memory", name, str(tables)]
    return float(subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()[-1])


def _shape(highs: Any) -> tuple[int, int, int]:
    return highs.getNumCol(), highs.getNumRow(), highs.getNumNz()


def compare(title: str, linear: Linear, repeats: int) -> None:
    """Measure all ways in turn on one model and print what they take."""
    seconds: dict[str, list[float]] = {name: [] for name in ways()}
    shapes = set()
    for _ in range(repeats):
        for name, way in ways().items():
            begun = time.process_time()
            loaded = way(linear)
            seconds[name].append(time.process_time() - begun)
            shapes.add(_shape(loaded))
    if len(shapes) > 1:
        raise AssertionError(f"the ways differ in columns, rows or entries: {shapes}")
    columns, rows, entries = shapes.pop()
    print(f"\n{title}: {columns} columns, {rows} rows, {entries} entries; median of {repeats}")
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "tables.pickle"
        tables.write_bytes(pickle.dumps(linear))
        for name, median in medians.items():
            line = f"  {name:20} {median:7.3f} s CPU   {median / medians['raw arrays']:6.1f} x raw"
            if "linopy" in medians:
                line += f"   {median / medians['linopy']:5.2f} x linopy"
            print(f"{line}   {_memory_of(name, tables):6.0f} MB above the tables")
    if linopy is None:
        print("  linopy is not installed: pip install 'circular-mfa[bench]'")


def main(repeats: int = 5) -> None:
    """Compare the ways on the period model and on the yearly model."""
    case = mfa.capital_region()
    captures = shifted_capture(case, reconcile_case(case).calibration)
    constants = routes(case)
    for title, yearly in (("period model", False), ("yearly model", True)):
        begun = time.process_time()
        form = build(case, captures, constants, horizon(case, yearly=yearly), pooled=True)
        taken = time.process_time() - begun
        compare(title, form.linear, repeats)
        print(f"  the tables themselves take {taken:.1f} s CPU")


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
