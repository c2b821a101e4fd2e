"""The units of a table's columns, from headers or a unit column, as factors to canonical units.

Amounts of waste may also come as volumes, or per head, household or job; those take a fraction's
bulk density or a municipality's numbers and are resolved row by row once the lists are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.indicator_names import FACTOR_UNITS, INDICATOR_LIST
from flows.problems import Problem
from flows.tables import Column, Table
from flows.units import UnitError, factor, same_dimension, show, volume_factor

PER = {"capita": "population", "household": "dwellings", "job": "jobs"}
"""Amounts per what, and the number that makes a total of them."""
ROW_UNITS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("prices", "item"): {"tax": "DKK/t", "electricity": "DKK/MWh", "heat": "DKK/MWh", "carbon": "DKK/t"},
    ("limits", "indicator"): {one.name: one.unit for one in INDICATOR_LIST},
    ("indicator_factors", "indicator"): FACTOR_UNITS,
}
"""Canonical unit of tables whose unit depends on the row: by the value of a column."""
HORIZON_UNITS: Mapping[str, str] = {one.name: one.horizon_unit for one in INDICATOR_LIST}
"""Canonical unit of a limit without a year, which holds for the whole horizon."""
SHARE_UNITS = {"%": 0.01, "pct": 0.01, "percent": 0.01, "procent": 0.01, "-": 1.0, "1": 1.0}


@dataclass(frozen=True)
class UnitReading:
    """A factor, what else the amount must be multiplied by ('' for nothing), and what a layer is counted in."""

    factor: float
    times: str = ""
    canonical: str = ""


def read_unit(table: str, column: Column, unit: str, currency: str) -> UnitReading:
    """Return how a column given in ``unit`` becomes canonical.

    Raises :class:`UnitError`.
    """
    canonical = column.unit or ""
    try:
        return UnitReading(factor(unit, canonical, currency))
    except UnitError as error:
        if error.code != "unit_dimension" or (table, column.name) != ("generation", "amount"):
            raise
        if same_dimension(unit, "m**3/year"):
            return UnitReading(volume_factor(unit), "bulk_density")
        for per, number in PER.items():
            if same_dimension(unit, f"t/{per}/year"):
                return UnitReading(factor(unit, f"t/{per}/year"), number)
        raise


def row_unit(table: Table, row: Mapping[str, Any]) -> str | None:
    """Return the canonical unit of a row of a table with a declared unit column."""
    for (name, by), units in ROW_UNITS.items():
        if name == table.name:
            units = HORIZON_UNITS if name == "limits" and row.get("year") is None else units
            return units.get(str(row.get(by, "")))
    return None


def unit_problem(error: UnitError, **place: Any) -> Problem:
    """Return a unit error as a problem at a place."""
    return Problem(error.code, found=error.found, expected=error.expected, suggestion=error.suggestion, **place)


def share_factor(unit: str) -> float | None:
    """Return the factor of a share's unit, or None if it is none."""
    return SHARE_UNITS.get(unit.strip().casefold())


def missing_unit(of: Column, currency: str, **place: Any) -> Problem:
    """Return the problem of a header without its unit."""
    return Problem("unit_missing", found=of.name, expected=show(of.unit or "", currency), **place)


def resolve_amounts(
    generation: pd.DataFrame, times: list[str], tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Multiply amounts of ``generation`` by density, people, households or jobs, row by row.

    ``times`` names per row what is multiplied by ('' for nothing). Rows of the whole region take the
    sum over municipalities. Returns the table and the problems of rows whose number is not known.
    """
    if not any(times):
        return generation, []
    result = generation.copy()
    density = tables["fractions"].set_index("fraction")["bulk_density"].to_dict()
    people = {
        name: tables["municipalities"].set_index("municipality")[name].to_dict() for name in ("population", "jobs")
    }
    dwellings = tables["dwellings"]
    problems: list[Problem] = []
    amounts = result[["amount", "low", "high"]].to_numpy(dtype=float, copy=True)
    for position, what in enumerate(times):
        if not what:
            continue
        row = result.iloc[position]
        if what == "bulk_density":
            number = density.get(row["fraction"], float("nan"))
        elif what == "dwellings":
            chosen = pd.Series(True, index=dwellings.index)
            for key in ("municipality", "segment"):
                if row[key]:
                    chosen &= dwellings[key] == row[key]
            number = dwellings.loc[chosen, "dwellings"].sum() if chosen.any() else float("nan")
        else:
            values = people[what]
            number = values.get(row["municipality"], float("nan")) if row["municipality"] else sum(values.values())
        if not number > 0:
            code = "unit_density" if what == "bulk_density" else "unit_population"
            place = {"row": int(row["_row"]) if "_row" in result else None, "column": "amount"}
            problems.append(Problem(code, "generation", found=what, expected=what, **place))  # type: ignore[arg-type]
        amounts[position] *= number
    result[["amount", "low", "high"]] = amounts
    return result, problems
