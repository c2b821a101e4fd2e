"""A sweep for the page: its answer, its tables, all plans as points, and what moves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from flows.case import Case
from reports.html_sheets import plain
from reports.names import Names
from reports.page import number
from reports.sheets_sweep import answer, lead
from reports.sweep_tables import SweepTables
from reports.words import Words


def sweep(
    case: Case,
    tables: Mapping[str, pd.DataFrame],
    info: Mapping[str, Any],
    names: Sequence[Names],
    words: Sequence[Words],
) -> list[dict[str, Any]] | None:
    """Return what the page says of a sweep in every language; nothing of a run that stands for none."""
    if "sweep_spread" not in tables:
        return None
    both = [SweepTables(case, tables, mine, say) for mine, say in zip(names, words, strict=True)]
    return [_told(told, info) for told in both]


def _told(told: SweepTables, info: Mapping[str, Any]) -> dict[str, Any]:
    shown_as = told.money
    shown = told.scenarios()
    points = [
        [shown.index(row["scenario"]), number(row["rate"]), float(row["cost"]) / shown_as.scale, int(row["task"])]
        for row in told.plans().to_dict("records")
    ]
    drivers = told.driving()
    return {
        "answer": answer(told),
        "lead": lead(told, dict(info)),
        "unit": shown_as.label,
        "scenarios": [told.scenario(name) for name in shown],
        "points": points,
        "where": told.where(drivers) if len(drivers) else "",
        "draws": int(drivers["n"].iloc[0]) if len(drivers) else 0,
        "drivers": [
            [told.input(row["input"]), round(float(row["correlation"]), 3), bool(row["sure"]) and not row["few"]]
            for row in drivers.to_dict("records")
        ],
        "sheets": [plain(table) for table in told.all()],
    }
