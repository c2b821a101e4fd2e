"""The units of a flow system: each layer has one dimension, and every value of it the same canonical unit.

A flow is mass, energy, volume or pieces per year, a stock the same without the year, a ratio one layer's
unit over another's. What dimension a layer has follows from the units in which its values are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from flows.problems import Problem
from flows.system import MASS
from flows.tables import Column
from flows.units import UnitError, factor, same_dimension, show
from mfa.workbook_units import UnitReading, unit_problem

FLOW_UNITS = (MASS, "MWh/year", "m**3/year", "1/year")
STOCK_UNITS = tuple(unit.removesuffix("/year") for unit in FLOW_UNITS)
OPTIONAL_UNITS: Mapping[tuple[str, str], str] = {
    ("relations", "value"): "1",
    ("stocks", "age"): "year",
    ("stocks", "mean"): "year",
    ("stocks", "deviation"): "year",
    ("stocks", "scale"): "year",
}
"""Columns that may have a unit in their header, and the one that holds without."""
UNIT_COLUMNS: Mapping[str, str] = {"relations": "ratio_unit"}


def flow_unit(unit: str) -> str | None:
    """Return the canonical unit of a layer whose flows, or stocks, are given in ``unit``.

    >>> flow_unit("kt/year"), flow_unit("GJ"), flow_unit("DKK")
    ('t/year', 'MWh/year', None)
    """
    for per_year, at_once in zip(FLOW_UNITS, STOCK_UNITS, strict=True):
        if same_dimension(unit, per_year) or same_dimension(unit, at_once):
            return per_year
    return None


def read_layer_unit(table: str, column: Column, unit: str, currency: str) -> UnitReading:
    """Return how a value of a system given in ``unit`` becomes canonical, and what its layer is counted in.

    Raises :class:`UnitError` if it is no unit of a flow, of a stock or of a ratio, as its column asks.

    >>> from flows.system_tables import SYSTEM_BY_NAME
    >>> read_layer_unit("measurements", SYSTEM_BY_NAME["measurements"].column("value"), "GJ/year", "DKK").canonical
    'MWh/year'
    >>> read_layer_unit("relations", SYSTEM_BY_NAME["relations"].column("value"), "g/kg", "DKK").factor
    0.001
    """
    if table == "relations":
        return _ratio(unit)
    if (table, column.name) in OPTIONAL_UNITS:
        return UnitReading(factor(unit, OPTIONAL_UNITS[table, column.name]))
    known = STOCK_UNITS if table == "stocks" else FLOW_UNITS
    for canonical, flow in zip(known, FLOW_UNITS, strict=True):
        if same_dimension(unit, canonical):
            return UnitReading(factor(unit, canonical), canonical=flow)
    factor(unit, unit)  # an unknown unit is told as such, with what may be meant
    raise UnitError("unit_dimension", unit, ", ".join(show(item) for item in known))


def _ratio(unit: str) -> UnitReading:
    """Return the factor of a ratio; its canonical unit is 'upper over lower', '' where they are the same."""
    if same_dimension(unit, "1"):
        return UnitReading(factor(unit, "1"))
    for upper, lower in product(STOCK_UNITS, STOCK_UNITS):
        if upper != lower and same_dimension(unit, f"({upper})/({lower})"):
            return UnitReading(factor(unit, f"({upper})/({lower})"), canonical=f"{upper} over {lower}")
    factor(unit, unit)
    raise UnitError("unit_dimension", unit, "g/kg, GJ/t, kg/m3")


def ratio_unit(canonical: str) -> str:
    """Return the unit of a canonical ratio as it is written.

    >>> ratio_unit("MWh over t"), ratio_unit("")
    ('MWh/t', '')
    """
    return show(canonical.replace(" over ", "/")) if canonical else ""


@dataclass(frozen=True)
class Given:
    """The unit that a row gives: its layer (and that its ratio is of), and what they are counted in."""

    table: str
    row: int
    layer: str
    canonical: str
    of_layer: str = ""


def given_units(tables: Mapping[str, pd.DataFrame], canonicals: Mapping[str, Sequence[str]]) -> list[Given]:
    """Return what the rows of measurements, stocks and relations say of the units of their layers."""
    found: list[Given] = []
    for name in ("measurements", "stocks", "relations"):
        frame = tables[name]
        of_layers = frame["of_layer"] if name == "relations" else [""] * len(frame)
        rows = zip(frame.get("_row", []), frame["layer"], of_layers, canonicals[name], strict=False)
        found += [
            Given(name, int(row), layer, canonical, of_layer)
            for row, layer, of_layer, canonical in rows
            if canonical or name == "relations"
        ]
    return found


def layer_units(
    layers: pd.DataFrame, named: Sequence[str], given: Sequence[Given]
) -> tuple[dict[str, str], list[Problem]]:
    """Return the canonical unit of each layer, with the rows that contradict it.

    A layer is counted as its ``shown_unit`` says, else as its first value; a layer that only ratios
    speak of takes its dimension from them; mass is what is left. ``named`` are all layers.
    """
    units: dict[str, str] = {}
    problems = list(_shown(layers, units))
    for item in given:
        if item.table == "relations":
            continue
        for layer in [item.layer] if item.layer else named:
            first = units.setdefault(layer, item.canonical)
            if first != item.canonical:
                problems.append(_contradiction(item, layer, item.canonical, first))
                break
    ratios = [item for item in given if item.table == "relations"]
    for _ in range(len(ratios)):
        if not any(_spread(item, units) for item in ratios):
            break
    for layer in named:
        units.setdefault(layer, MASS)
    problems += [problem for item in ratios for problem in _ratio_problems(item, units)]
    return units, problems


def _shown(layers: pd.DataFrame, units: dict[str, str]) -> Iterator[Problem]:
    """Take up the units in which layers are shown; yield those that are none of a flow."""
    rows = layers["_row"] if "_row" in layers else range(1, len(layers) + 1)
    for row, layer, shown in zip(rows, layers["layer"], layers["shown_unit"], strict=True):
        if not shown or not layer:
            continue
        column = Column("value", "", "number", "", unit=MASS)
        try:
            units[layer] = read_layer_unit("measurements", column, shown, "DKK").canonical
        except UnitError as error:
            yield unit_problem(error, sheet="layers", row=int(row), column="shown_unit")


def _sides(item: Given) -> tuple[str, str]:
    """Return the units of both sides of a ratio, per year; '' where the ratio says they are the same."""
    upper, _, lower = item.canonical.partition(" over ")
    return (f"{upper}/year", f"{lower}/year") if item.canonical else ("", "")


def _spread(item: Given, units: dict[str, str]) -> bool:
    """Give a ratio's layers the units that follow from it; tell whether any was new."""
    layer, other = item.layer, item.of_layer or item.layer
    upper, lower = _sides(item)
    new = False
    for this, unit, that in ((layer, upper, other), (other, lower, layer)):
        wanted = unit or units.get(that, "")
        if this and this not in units and wanted:
            units[this], new = wanted, True
    return new


def _ratio_problems(item: Given, units: Mapping[str, str]) -> Iterator[Problem]:
    layer, other = item.layer, item.of_layer or item.layer
    if not layer or not other:
        return
    upper, lower = _sides(item)
    if not item.canonical and units[layer] != units[other]:
        place = f"{show(units[layer])}, {show(units[other])}"
        yield Problem("ratio_unit_missing", "relations", item.row, "ratio_unit", found=f"{layer}/{other}", place=place)
    elif upper and units[layer] != upper:
        yield _contradiction(item, layer, upper, units[layer])
    elif lower and units[other] != lower:
        yield _contradiction(item, other, lower, units[other])


def _contradiction(item: Given, layer: str, found: str, expected: str) -> Problem:
    column = {"measurements": "unit", "stocks": "unit", "relations": "ratio_unit"}[item.table]
    texts: dict[str, Any] = {"found": show(found), "expected": show(expected), "place": layer}
    return Problem("layer_unit", item.table, item.row, column, **texts)


def shown_factor(unit: str, canonical: str) -> float:
    """Return by what a canonical value is divided to be shown in ``unit``, which may be blank.

    >>> shown_factor("kg/year", "t/year"), shown_factor("", "t/year")
    (0.001, 1.0)
    """
    return factor(unit, canonical) if unit else 1.0


def at_once(unit: str) -> str:
    """Return the unit of a stock from that of its flows.

    >>> at_once("kt/year"), at_once("kg per år")
    ('kt', 'kg')
    """
    bare = re.sub(r"\s*(/|per|pr\.?|\*\*?-1)\s*(year|years|år|aar|yr|a)\s*$", "", unit.strip(), flags=re.IGNORECASE)
    return bare if bare != unit.strip() else unit
