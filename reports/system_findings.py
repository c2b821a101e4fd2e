"""What was found of a flow system, ready to be read: values in shown units, names, sentences in words.

Stages: system and result -> tables in the unit of each layer (``in_shown_units``) -> sentences -> pages
(:mod:`reports.system_pages`). The command line prints the same sentences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from flows.system import GOODS, System
from flows.units import factor, show
from reports.sankey_text import unit_text
from reports.words import Words

LARGE_Z = 2.0
BOUNDARY = ""
SHOWN_STOCK = {"t/year": "t", "MWh/year": "MWh", "m**3/year": "m**3", "1/year": "1"}


def shown_unit(system: System, layer: str) -> str:
    """Return the unit in which a layer's flows are shown, as it is written.

    >>> shown_unit(System.from_tables(layers=[{"layer": "zinc", "shown_unit": "kg/year"}]), "zinc")
    'kg/year'
    """
    layers = system["layers"]
    stated = layers["shown_unit"][layers["layer"] == layer]
    unit = str(stated.iloc[0]) if len(stated) else ""
    return unit or show(system.unit(layer))


def stock_unit(system: System, layer: str) -> str:
    """Return the unit in which a layer's stocks are shown: that of its flows without the year, where it is so written."""
    unit = shown_unit(system, layer)
    for ending in ("/year", "/år", "/yr", "/a"):
        if unit.endswith(ending):
            return unit.removesuffix(ending)
    return show(SHOWN_STOCK.get(system.unit(layer), "t"))


def in_shown_units(
    system: System, frame: pd.DataFrame, columns: Iterable[str], stock_columns: Iterable[str] = ()
) -> pd.DataFrame:
    """Return a table with a column ``layer`` in the units in which its layers are shown, and the column ``unit``.

    ``columns`` are flows, ``stock_columns`` stocks, whose unit stands in ``stock_unit``; columns that the
    table does not have are left out.
    """
    result = frame.copy()
    layers = frame["layer"].astype(str)
    units = {layer: shown_unit(system, layer) for layer in layers.unique()}
    divisors = {layer: factor(unit, system.unit(layer)) for layer, unit in units.items()}
    divisor = layers.map(divisors).to_numpy(dtype=float)
    for name in columns:
        if name in result:
            result[name] = pd.to_numeric(frame[name]).to_numpy(dtype=float) / divisor
    stocks = [name for name in stock_columns if name in result]
    if stocks:
        places = {layer: stock_unit(system, layer) for layer in units}
        parts = {layer: factor(unit, SHOWN_STOCK.get(system.unit(layer), "t")) for layer, unit in places.items()}
        for name in stocks:
            result[name] = pd.to_numeric(frame[name]).to_numpy(dtype=float) / layers.map(parts).to_numpy(dtype=float)
        result["stock_unit"] = layers.map(places).astype("str")
    result["unit"] = layers.map(units).astype("str")
    return result


def ratios_in_shown_units(system: System, relations: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return ratios in the shown unit of their layer over that of the layer they are of, and the column ``unit``.

    The unit is blank where the two are the same.
    """
    result = relations.copy()
    divisors, units = [], []
    for layer, other in zip(relations["layer"], relations["of_layer"], strict=True):
        upper, lower = (factor(shown_unit(system, one), system.unit(one)) for one in (layer, other))
        names = [stock_unit(system, one) for one in (layer, other)]
        divisors.append(upper / lower)
        units.append("" if names[0] == names[1] else "/".join(names))
    for name in columns:
        result[name] = pd.to_numeric(relations[name]).to_numpy(dtype=float) / np.array(divisors, dtype=float)
    result["unit"] = pd.Series(units, index=relations.index, dtype="str")
    return result


def p_text(p: float, words: Words) -> str:
    """Return a p-value as it is written.

    >>> p_text(0.5512, Words("en")), p_text(1e-9, Words("da"))
    ('p = 0.55', 'p < 0,0001')
    """
    if p < 0.0001:
        return f"p < {words.number(0.0001, 4)}"
    return f"p = {words.number(p, 2 if p >= 0.1 else 3 if p >= 0.01 else 4)}"


def plus_minus(value: float, std: float, unit: str, words: Words) -> str:
    """Return a value with its standard deviation, both to the digits that the latter has.

    >>> plus_minus(1234.567, 12.3, "t/year", Words("en")), plus_minus(0.0123, 0.0004, "kg", Words("da"))
    ('1,235 ± 12 t/year', '0,0123 ± 0,0004 kg')
    """
    if not math.isfinite(std) or std <= 0:
        return f"{words.number(value, decimals_of(value))} {unit}".rstrip()
    leading = math.floor(math.log10(std))
    decimals = max(0, -leading + (1 if std < 10**leading * 3 and leading > -1 else 0)) if leading < 1 else 0
    return f"{words.number(value, decimals)} ± {words.number(std, decimals)} {unit}".rstrip()


def decimals_of(value: float) -> int:
    """Return how many decimals show four digits of a number; none for a whole one.

    >>> decimals_of(1234.5), decimals_of(1.5), decimals_of(0.012345)
    (0, 3, 5)
    """
    if not math.isfinite(value) or float(value).is_integer():
        return 0
    return max(0, 3 - math.floor(math.log10(abs(value))))


def names(system: System, table: str, words: Words) -> dict[str, str]:
    """Return id to name of flows, processes or layers; ids stand in for blanks."""
    frame = system[table]
    key = {"flows": "flow", "processes": "process", "layers": "layer"}[table]
    columns = [f"name_{words.language}", "name_en" if words.language == "da" else "name_da", "name"]
    found: dict[str, str] = {}
    for row in frame.to_dict("records"):
        stated = [str(row[name]) for name in columns if row.get(name)]
        found[str(row[key])] = stated[0] if stated else str(row[key])
    return found


def flow_label(system: System, flow: str, words: Words) -> str:
    """Return a flow, or a stock, by name and id."""
    flows, processes = names(system, "flows", words), names(system, "processes", words)
    return labelled(flow, flows.get(flow, processes.get(flow, flow)))


def place_text(system: System, row: dict[str, Any], words: Words) -> str:
    """Return a flow (or stock) with layer and year where the system has several of them."""
    label = flow_label(system, str(row["flow"]), words)
    parts = []
    if len(system.layers) > 1:
        layer = str(row["layer"])
        parts.append(names(system, "layers", words).get(layer, layer))
    if len(system.years) > 1:
        parts.append(f"{int(row['year'])}")
    return f"{label}, {', '.join(parts)}" if parts else label


def labelled(identifier: str, name: str) -> str:
    """Return a name with its id, unless they are the same word.

    >>> labelled("bales", "Bales"), labelled("f3", "Bales"), labelled("washing_loss", "Washing loss")
    ('Bales', 'Bales (f3)', 'Washing loss')
    """
    same = name.casefold().replace(" ", "_") == identifier.casefold().replace(" ", "_")
    return name if same else f"{name} ({identifier})"


def verdict(chi2: float, dof: int, p_value: float, significance: float, words: Words) -> str:
    """Return in one sentence whether the measurements agree."""
    if dof == 0:
        return words("sys_untestable")
    key = "sys_agree" if p_value >= significance else "sys_disagree"
    return words(key, chi2=words.number(chi2, 1), dof=dof, p=p_text(p_value, words))


def suspect_lines(
    system: System, suspects: pd.DataFrame, words: Words, most: int | None = None, significance: float = 0.05
) -> list[str]:
    """Return a sentence for each suspect, in the order of removal; ``suspects`` is in shown units."""
    lines = []
    for count, row in enumerate(suspects.to_dict("records")[:most]):
        p, dof = float(row["p_value"]), int(row["dof"])
        outcome = "untestable" if dof == 0 or math.isnan(p) else "agrees" if p >= significance else "disagrees"
        without = words(f"sys_without_{'too_' if count else ''}{outcome}", p=p_text(p, words))
        unit = unit_text(str(row["unit"]), words)
        measured = plus_minus(float(row["measured"]), float(row["std"]), unit, words)
        key = "sys_suspect" if math.isfinite(row["implied"]) else "sys_suspect_unknown"
        implied = plus_minus(float(row["implied"]), float(row["implied_std"]), unit, words)
        flow = place_text(system, {str(k): v for k, v in row.items()}, words)
        lines.append(words(key, flow=flow, measured=measured, implied=implied, without=without))
    if most is not None and len(suspects) > most:
        lines.append(words("sys_more", count=len(suspects) - most))
    return lines


def counts(status: pd.Series) -> dict[str, int]:
    """Return how many values there are of each status, under the names that the sentence uses."""
    number = status.value_counts().to_dict()
    redundant, alone = number.get("measured_redundant", 0), number.get("measured_nonredundant", 0)
    exact = number.get("exact", 0)
    return {
        "measured": redundant + alone + exact,
        "redundant": redundant,
        "alone": alone,
        "exact": exact,
        "computed": number.get("unmeasured_observable", 0),
        "unknown": number.get("unmeasured_unobservable", 0),
    }


def undetermined_lines(system: System, undetermined: pd.DataFrame, words: Words, most: int | None = None) -> list[str]:
    """Return a sentence for each flow that is not determined, with those that would determine it."""
    lines: list[str] = []
    if undetermined.empty:
        return lines
    groups = list(undetermined.groupby(["flow", "determined_by", "together"], sort=False))
    for (_, others, together), part in groups[:most]:
        row = {str(key): value for key, value in part.iloc[0].items()}
        several = len(part) > 1
        flow = flow_label(system, str(row["flow"]), words) if several else place_text(system, row, words)
        if several:
            flow = words("sys_cells_of", flow=flow, count=len(part))
        by = would_determine(str(others), bool(together), words)
        lines.append(words("sys_would_determine", flow=flow, by=by) if by else words("sys_would_nothing", flow=flow))
    if most is not None and len(groups) > most:
        lines.append(words("sys_more", count=len(groups) - most))
    return lines


def would_determine(flows: str, together: bool, words: Words) -> str:
    """Return flows, given as one text, as alternatives, or as a sum of all of them where all are needed.

    >>> would_determine("a, b, c", False, Words("en")), would_determine("a, b, and 3 more", True, Words("da"))
    ('a, b or c', 'a og b og 3 til')
    """
    parts = [part.strip() for part in flows.split(",") if part.strip()]
    more = [part for part in parts if part.startswith("and ")]
    names = [part for part in parts if part not in more]
    if more:
        names.append(words("sys_more_flows", count=more[0].split()[1]))
    if len(names) < 2:
        return "".join(names)
    if more or not together:
        link = f" {words('and')} " if together else words("sys_or")
        return f"{', '.join(names[:-1])}{link}{names[-1]}" if not more else link.join(names)
    return words("sys_together", flows=words.join(names))


def layer_names(system: System, words: Words) -> dict[str, str]:
    """Return id to name of every layer, listed or not."""
    known = names(system, "layers", words)
    return {layer: known.get(layer, layer) for layer in system.layers or (GOODS,)}


def marks(flows: pd.DataFrame, suspects: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return which rows of ``flows`` are among the suspects, by flow, layer and year."""
    keys = set(zip(suspects["flow"], suspects["layer"], suspects["year"], strict=True)) if len(suspects) else set()
    rows = zip(flows["flow"], flows["layer"], flows["year"], strict=True)
    return np.array([row in keys for row in rows], dtype=bool)
