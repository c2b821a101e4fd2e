"""Build and hand-over of the Capital Region's period model, against a raw hand-over of the same matrix.

Both start from the same numpy tables. The raw way makes compressed arrays and passes them to HiGHS; ours
makes the Pyomo model, walks it into arrays and passes those. Prints medians and their ratio; run with
``python benchmarks/handover.py [repeats]``.
"""

from __future__ import annotations

import statistics
import sys
import time

import highspy
import numpy as np

import mfa
from flows.capture import shifted_capture
from flows.reconcile_case import reconcile_case
from models.builder import Linear, to_pyomo
from models.formulation import build
from models.highs import Arrays, Session, compile_model
from models.routes import routes
from models.timing import horizon


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


def main(repeats: int = 5) -> None:
    """Measure both ways in turn and print medians and ratio."""
    case = mfa.capital_region()
    captures = shifted_capture(case, reconcile_case(case).calibration)
    form = build(case, captures, routes(case), horizon(case, yearly=False), pooled=True)
    entries = sum(len(family.coef) for family in form.linear.families.values())
    print(f"columns {form.linear.columns}, entries {entries}")
    raw, ours = [], []
    for _ in range(repeats):
        begun = time.process_time()
        Session(raw_arrays(form.linear))
        raw.append(time.process_time() - begun)
        begun = time.process_time()
        Session(compile_model(to_pyomo(form.linear)))
        ours.append(time.process_time() - begun)
    ratio = statistics.median(ours) / statistics.median(raw)
    print(
        f"raw {statistics.median(raw):.3f} s, Pyomo and arrays {statistics.median(ours):.3f} s (CPU, median of {repeats})"
    )
    print(f"ratio {ratio:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
