"""The rest of the case: settings, lists, municipal waste, prices, targets, limits and scenarios."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.facts import facts

HOUSEHOLD_NOT_MUNICIPAL = (
    "concrete_brick_tile",
    "asphalt",
    "ballast_stone",
    "gypsum",
    "wood_impregnated",
    "inert_misc",
    "sludge",
    "ash_slag",
    "soil",
)
SERVICES_MUNICIPAL = (
    "food",
    "garden",
    "paper",
    "cardboard",
    "beverage_carton",
    "plastic_rigid",
    "plastic_film",
    "glass",
    "textiles",
    "weee_batteries",
    "misc_combustible",
)


def settings() -> dict[str, Any]:
    """Return the settings of the case; figures as numbers."""
    table = facts("settings")
    values = [float(value) if value.replace(".", "", 1).isdigit() else value for value in table["value"]]
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in zip(table["key"], values, strict=True)
    }


def fractions() -> pd.DataFrame:
    """Return the sheet of fractions."""
    return facts("fractions", ("energy", "fossil_co2", "biogenic_co2", "bulk_density"))


def municipal_waste() -> pd.DataFrame:
    """Return which fractions of households and services are municipal waste; other sectors have none."""
    names = [name for name in facts("fractions")["fraction"] if name != "soil"]
    household = "Directive 2008/98/EC, Article 3(2b): household waste without construction and demolition waste"
    service = (
        "Directive 2008/98/EC, Article 3(2b): similar in nature and composition to household waste; choice assumed"
    )
    rows = [
        {
            "sector": sector,
            "fraction": name,
            "municipal_waste": "yes" if name in counted else "no",
            "source": text,
            "status": status,
        }
        for sector, counted, text, status in (
            ("households", set(names) - set(HOUSEHOLD_NOT_MUNICIPAL), household, "derived"),
            ("services", set(SERVICES_MUNICIPAL), service, "assumed"),
        )
        for name in names
    ]
    return pd.DataFrame(rows)


def scenarios() -> pd.DataFrame:
    """Return the named changes of the case."""
    return facts("scenarios", ("from", "until"))
