"""The model of a case as an MPS file with names, for other solvers.

It is the yearly model from which a plan's bound is: of a small case with every haul known by place, so that its optimum
is the cost of the best plan; of a large one with hauls pooled, so that its optimum is a bound. Money is in millions and
mass in thousands of tonnes, as the solver gets them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from models.builder import Block, Family
from models.highs import Session, SolverError
from models.planner import BOUND_OF, Planner

NAME_COLUMNS = ["name", "kind", "family", "key"]


def write_model(planner: Planner, path: Path) -> pd.DataFrame:
    """Write the yearly model of a planner to ``path`` (``.mps``) and return the names of its columns and rows.

    Columns :data:`NAME_COLUMNS`: name in the file (``x.7``), kind (``column`` or ``row``), family (of variables or
    constraints, as in docs/model.md) and key (what it is of). Raises :class:`SolverError` if it cannot be written.
    """
    session, linear = Session(planner.arrays), planner.yearly.linear
    columns = _named("column", [*linear.blocks.values()])
    rows = _named("row", [*linear.families.values()])
    for number, name in enumerate(columns["name"]):
        session.highs.passColName(number, name)
    for number, name in enumerate(rows["name"]):
        session.highs.passRowName(number, name)
    if not path.parent.is_dir() or not str(session.highs.writeModel(str(path))).endswith("kOk"):
        raise SolverError(f"HiGHS cannot write {path}")
    return pd.concat([columns, rows], ignore_index=True)


def bound_of(planner: Planner) -> str:
    """Return which model is written, in the words of a run's ``bound_of``."""
    return BOUND_OF[planner.yearly.pooled]


def _named(kind: str, families: list[Block] | list[Family]) -> pd.DataFrame:
    parts = []
    for family in families:
        short = re.sub(r"[^A-Za-z0-9_]", "_", family.name)
        keys = ["/".join(map(str, key)) for key in family.keys.itertuples(index=False, name=None)]
        names = [f"{short}.{number}" for number in range(len(keys))]
        parts.append(pd.DataFrame({"name": names, "kind": kind, "family": family.name, "key": keys}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=NAME_COLUMNS)
