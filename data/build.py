"""Makes the case workbook of the Capital Region from the source tables; run ``python -m data.build``.

The same source tables give the same tables and the same workbook. :func:`build` returns the case as it
stands in the workbook: settings, and one DataFrame per sheet in canonical units (tonnes a year, DKK of
the price year without VAT, km).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from data import amounts, plants, rules, schemes
from data.facts import facts

WORKBOOK = Path(__file__).parent / "capital_region.xlsx"


def build() -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return settings and tables of the case."""
    tables = {
        "municipalities": amounts.municipalities(),
        "dwellings": amounts.dwellings(),
        "fractions": rules.fractions(),
        "sectors": facts("sectors"),
        "municipal_waste": rules.municipal_waste(),
        "streams": facts("streams"),
        "technologies": plants.technologies(),
        "outputs": facts("outputs"),
        "generation": amounts.generation(),
        "allocation_keys": amounts.allocation_keys(),
        "compositions": amounts.compositions(),
        "growth": amounts.growth(),
        "schemes": schemes.schemes(),
        "collection": schemes.collection(),
        "capture": schemes.capture(),
        "current_schemes": schemes.current_schemes(),
        "facilities": plants.facilities(),
        "sizes": plants.sizes(),
        "yields": plants.yields(),
        "accepts": facts("accepts"),
        "contracts": plants.contracts(),
        "transport": facts("transport", ("cost", "cost_per_tonne", "emission", "distance", "detour")),
        "distances": plants.distances(),
        "markets": plants.markets(),
        "prices": facts("prices", ("from", "value", "low", "high")),
        "emissions": plants.emissions(),
        "targets": facts("targets", ("year", "rate")),
        "limits": facts("limits", ("year", "maximum")),
        "scenarios": rules.scenarios(),
        "measurements": amounts.measurements(),
    }
    return rules.settings(), tables


def main() -> None:
    """Write the workbook beside this module."""
    from mfa.workbook import write_case

    settings, tables = build()
    write_case(settings, tables, WORKBOOK)


if __name__ == "__main__":
    main()
