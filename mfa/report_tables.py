"""The tables that reports are made of: those of a run, and those of the frontier that it is a point of."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

import pandas as pd

from mfa.run import Run, RunError
from mfa.run_bundle import RUNS

FRONTIER_TABLES = ("frontier", "marginal_cost")


def report_tables(run: Run) -> Mapping[str, pd.DataFrame]:
    """Return a run's tables; a run in the folder ``runs`` of a frontier also has the frontier's."""
    if run.folder is None or run.folder.resolve().parent.name != RUNS:
        return run.tables
    try:
        bundle = Run.load(run.folder.resolve().parent.parent)
    except RunError:
        return run.tables
    if bundle.info.get("kind") != "frontier":
        return run.tables
    found = {name: bundle.tables[name] for name in FRONTIER_TABLES if name in bundle.tables}
    return ChainMap(found, dict(run.tables))
