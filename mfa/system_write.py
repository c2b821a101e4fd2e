"""Writing a flow system as a workbook that reads back as the same system.

Values are written in the unit in which their layer is shown, ratios in the unit that their row names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Rows
from flows.system import GOODS, MASS, System
from flows.system_tables import SYSTEM_BY_NAME
from flows.units import show
from mfa.system_units import at_once, read_layer_unit, shown_factor
from mfa.workbook_kind import SYSTEM
from mfa.workbook_write import write_tables

RANGES = ("std", "lower", "upper")


def write_system(
    system: System | Mapping[str, Rows],
    path: str | os.PathLike[str],
    *,
    settings: Mapping[str, Any] | None = None,
    units: Mapping[str, str] | None = None,
    language: str = "en",
) -> Path:
    """Write a system, or the rows of its tables in canonical units, as a workbook and return its path.

    ``units`` gives the canonical unit of layers that are not counted in mass. ``language`` ('en' or
    'da') is that of sheet names and headers; both can be read.

    Raises ``KeyError`` for a table that is not declared.
    """
    if isinstance(system, System):
        tables: Mapping[str, Rows] = system.tables
        settings, units = system.settings, system.units
        layers = system.layers
    else:
        tables = system
        layers = System.from_tables(settings, units, **tables).layers
    for name in tables:
        SYSTEM_BY_NAME[name]
    frames = {name: _frame(rows) for name, rows in tables.items()}
    shown = shown_units(frames.get("layers", pd.DataFrame()), layers, units or {})
    for name, value in (("measurements", "value"), ("stocks", "initial")):
        if name in frames and len(frames[name]):
            frames[name] = _in_shown_units(frames[name], value, shown, units or {}, name == "stocks")
    if len(frames.get("relations", ())):
        frames["relations"] = _in_ratio_units(frames["relations"], units or {})
    return write_tables(SYSTEM, settings or {}, frames, path, language=language)


def empty_system(path: str | os.PathLike[str], *, language: str = "en") -> Path:
    """Write the empty template of a flow system."""
    return write_system({}, path, language=language)


def _frame(rows: Rows) -> pd.DataFrame:
    return rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))


def shown_units(layers: pd.DataFrame, named: tuple[str, ...], units: Mapping[str, str]) -> dict[str, str]:
    """Return the unit in which the flows of each layer are shown, as it is written."""
    stated = dict(zip(layers["layer"], layers["shown_unit"], strict=True)) if "shown_unit" in layers else {}
    known: dict[str, str] = {}
    for layer in named:
        unit = stated.get(layer)
        known[layer] = unit if isinstance(unit, str) and unit else show(units.get(layer, MASS))
    return known


def _in_shown_units(
    frame: pd.DataFrame, value: str, shown: Mapping[str, str], units: Mapping[str, str], stock: bool
) -> pd.DataFrame:
    """Return rows with their values in the unit of a new column ``unit``."""
    first = next(iter(shown), GOODS)
    layers = frame["layer"] if "layer" in frame else pd.Series([""] * len(frame))
    layers = [layer if isinstance(layer, str) and layer else first for layer in layers]
    names = [shown.get(layer, show(MASS)) for layer in layers]
    factors = np.array([shown_factor(name, units.get(layer, MASS)) for name, layer in zip(names, layers, strict=True)])
    result = frame.copy()
    for column in (value, *RANGES):
        if column in result and (column == value or not stock):
            result[column] = _divided(result[column], factors)
    result["unit"] = [at_once(name) for name in names] if stock else names
    return result


def _in_ratio_units(frame: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Return ratios in the unit that each row names; one of different kinds gets its unit where it names none."""
    column = SYSTEM_BY_NAME["relations"].column("value")
    named = []
    for row in frame.to_dict("records"):
        unit, layer, other = (row.get(name) or "" for name in ("ratio_unit", "layer", "of_layer"))
        sides = [show(units.get(str(item), MASS)).removesuffix("/year") for item in (layer, other or layer)]
        named.append(str(unit) if isinstance(unit, str) and unit else "" if sides[0] == sides[1] else "/".join(sides))
    factors = np.array([read_layer_unit("relations", column, unit, "DKK").factor if unit else 1.0 for unit in named])
    result = frame.assign(ratio_unit=named)
    for name in ("value", *RANGES):
        if name in result:
            result[name] = _divided(result[name], factors)
    return result


def _divided(values: pd.Series, factors: np.ndarray) -> pd.Series:
    """Return values divided, rounded where the division itself would add digits."""
    numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    quotients = [
        number if factor == 1 or number != number else float(f"{number / factor:.15g}")
        for number, factor in zip(numbers, factors, strict=True)
    ]
    return pd.Series(quotients, index=values.index, dtype="float64")
