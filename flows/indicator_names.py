"""What a plan can be judged by beside its rates: every indicator with its units, declared once.

An indicator has a value in a year and one over the whole horizon. Over the horizon masses, emissions, jobs and
money in the region are summed over the years that the plan years stand for, ``cost`` is the discounted cost that the
plan minimises, ``investment`` the sum of what is built, ``cost_per_household`` the mean over the years, and
``facilities`` and ``new_facilities`` count the places that are open at any time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Indicator:
    """An indicator: unit in a year and over the horizon, and how many units one unit of the model is.

    ``regional`` ones are of the whole area only; ``counted`` ones may be of one technology.
    """

    name: str
    unit: str
    horizon_unit: str
    scale: float
    meaning: str
    regional: bool = False
    counted: bool = False


INDICATOR_LIST: tuple[Indicator, ...] = (
    Indicator("landfilled", "t/year", "t", 1e3, "tonnes that end in a landfill"),
    Indicator("incinerated", "t/year", "t", 1e3, "tonnes that enter facilities that burn, or that markets burn"),
    Indicator("fossil_co2", "t/year", "t", 1e3, "tonnes of fossil CO2 of what is burnt at facilities"),
    Indicator(
        "cost_per_household", "DKK/household/year", "DKK/household/year", 1.0, "what the collection schemes charge"
    ),
    Indicator(
        "cost",
        "DKK/year",
        "DKK",
        1e6,
        "everything in the table costs: undiscounted in a year, discounted over the horizon",
        regional=True,
    ),
    Indicator(
        "investment",
        "DKK",
        "DKK",
        1e6,
        "capex of the steps that open, undiscounted, in the year in which they do",
        counted=True,
    ),
    Indicator("facilities", "item", "item", 1.0, "facilities that are open", counted=True),
    Indicator("new_facilities", "item", "item", 1.0, "new facilities (candidates) that are open", counted=True),
    Indicator(
        "co2e",
        "t/year",
        "t",
        1e3,
        "tonnes of CO2 equivalents: the table emissions, avoided and transport included, biogenic CO2 left out",
    ),
    Indicator("jobs", "job", "job*year", 1.0, "jobs, by the sheet indicator_factors"),
    Indicator("value_kept", "DKK/year", "DKK", 1e6, "value kept in the region, by the sheet indicator_factors"),
    Indicator(
        "material_avoided",
        "t/year",
        "t",
        1e3,
        "tonnes of imported or virgin material avoided, by the sheet indicator_factors and the levers of demand",
    ),
)
INDICATORS_BY_NAME: dict[str, Indicator] = {one.name: one for one in INDICATOR_LIST}
FACTORED = ("jobs", "value_kept", "material_avoided")
"""Indicators whose factors stand in the sheet ``indicator_factors``."""
FACTOR_UNITS: dict[str, str] = {"jobs": "job/(t/year)", "value_kept": "DKK/t", "material_avoided": "1"}
"""Canonical unit of a factor, by indicator."""
