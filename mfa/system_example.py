"""The worked example of a flow system: plastic in a town that does not exist, every figure made up.

It shows what a workbook can say: a recycling loop, a stock with a lifetime, goods and a substance by
concentration, measurements with uncertainty, one of them grossly wrong (two digits swapped in the bales
of 2022), so that reconciling has something to find.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.case import Rows
from flows.system import System
from mfa.system_write import write_system

YEARS = (2021, 2022, 2023)
GOODS, BROMINE = "goods", "bromine"
TITLE = {"da": "Plast i en opdigtet by (opdigtede tal)", "en": "Plastic in an invented town (made-up figures)"}
MADE_UP = {"da": "opdigtet til eksemplet", "en": "made up for the example"}

PROCESSES = (
    ("production", "process", "Produktion af plastvarer", "Production of plastic goods"),
    ("consumption", "process", "Forbrug af emballage", "Consumption of packaging"),
    ("in_use", "stock", "Varige produkter i brug", "Durable products in use"),
    ("sorting", "process", "Sortering", "Sorting"),
    ("recycling", "process", "Vask og granulering", "Washing and granulation"),
    ("dismantling", "process", "Adskillelse", "Dismantling"),
    ("incineration", "sink", "Forbrænding", "Incineration"),
)
FLOWS = (
    ("virgin", "", "production", "Ny plast", "Virgin plastic"),
    ("packaging", "production", "consumption", "Emballage", "Packaging"),
    ("durables", "production", "in_use", "Varige produkter", "Durable products"),
    ("separate", "consumption", "sorting", "Sorteret plastaffald", "Separately collected"),
    ("residual", "consumption", "incineration", "Plast i restaffald", "Plastic in residual waste"),
    ("bales", "sorting", "recycling", "Baller", "Bales"),
    ("rejects", "sorting", "incineration", "Frasorteret", "Rejects"),
    ("recyclate", "recycling", "production", "Genanvendt plast", "Recyclate"),
    ("washing_loss", "recycling", "incineration", "Tab ved vask", "Washing loss"),
    ("discarded", "in_use", "dismantling", "Kasserede produkter", "Discarded products"),
    ("exported", "dismantling", "", "Eksporteret", "Exported"),
    ("burnt", "dismantling", "incineration", "Brændbar rest", "Combustible rest"),
)
MEASURED = (
    ("virgin", 3.0, (14170, 15150, 15450)),
    ("packaging", 4.0, (12440, 11810, 13140)),
    ("durables", 5.0, (4840, 5480, 4950)),
    ("separate", 2.0, (4260, 4490, 5040)),
    ("residual", 5.0, (7350, 7800, 7860)),
    ("bales", 2.0, (2850, 3920, 3590)),
    ("rejects", 6.0, (1370, 1330, 1370)),
    ("recyclate", 3.0, (2390, 2460, 2710)),
    ("washing_loss", 10.0, (560, 790, 820)),
)
"""Flow, standard deviation in per cent, tonnes in each year; the bales of 2022 should have been 3290."""
CONCENTRATIONS = (
    ("packaging", 0.10, 0.010),
    ("durables", 6.0, 0.6),
    ("residual", 0.06, 0.008),
    ("bales", 0.15, 0.015),
    ("rejects", 0.25, 0.04),
    ("recyclate", 0.16, 0.016),
)
"""Flow, grams of bromine per kilogram, standard deviation."""


def example_tables(language: str = "en") -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the example in canonical units, its names in a language ('da' or 'en')."""
    position = 0 if language == "da" else 1
    told = {"source": MADE_UP[language], "status": "assumed"}
    return {
        "layers": [
            {"layer": GOODS, "name_da": "varer", "name_en": "goods", "shown_unit": "t/year"},
            {"layer": BROMINE, "name_da": "brom", "name_en": "bromine", "shown_unit": "kg/year"},
        ],
        "processes": [{"process": key, "kind": kind, "name": names[position]} for key, kind, *names in PROCESSES],
        "flows": [
            {"flow": key, "from": start, "to": end, "name": names[position]} for key, start, end, *names in FLOWS
        ],
        "transfer_coefficients": [
            {"process": "dismantling", "flow": "exported", "value": 0.6, "std": 0.06, **told},
            {"process": "dismantling", "flow": "burnt", **told},
        ],
        "measurements": [
            {"flow": flow, "layer": GOODS, "year": year, "value": float(value), "std_pct": spread, **told}
            for flow, spread, values in MEASURED
            for year, value in zip(YEARS, values, strict=True)
        ],
        "correlations": [
            {"flow_a": "separate", "flow_b": "residual", "layer": GOODS, "coefficient": 0.3, **told},
        ],
        "relations": [
            {"flow": flow, "layer": BROMINE, "of_layer": GOODS, "value": grams / 1000, "std": spread / 1000,
             "ratio_unit": "g/kg", **told}
            for flow, grams, spread in CONCENTRATIONS
        ],
        "stocks": [
            {"process": "in_use", "layer": layer, "initial": initial, "age": 6, "lifetime": "weibull", "shape": 2.5,
             "scale": 14, **told}
            for layer, initial in ((GOODS, 45000), (BROMINE, 260))
        ],
    }  # fmt: skip


def example_settings(language: str = "en") -> dict[str, Any]:
    """Return the settings of the example."""
    return {"title": TITLE[language], "years": f"{YEARS[0]}-{YEARS[-1]}"}


def example_system(language: str = "en") -> System:
    """Return the example as a system, without a workbook.

    >>> example_system().layers, len(example_system()["flows"])
    (('goods', 'bromine'), 12)
    """
    tables: Mapping[str, Rows] = example_tables(language)
    return System.from_tables(example_settings(language), None, **tables)


def write_example(path: str | os.PathLike[str], *, language: str = "en") -> Path:
    """Write the workbook of the example and return its path; the same language gives the same bytes."""
    return write_system(example_tables(language), path, settings=example_settings(language), language=language)
