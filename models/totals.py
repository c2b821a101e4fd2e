"""Totals of a plan over its horizon, as linear forms of the model's columns: discounted cost, and greenhouse gas.

A total is a vector, one coefficient a column: its product with the values of a solution is what the tables of the
run add up to. Greenhouse gas is net as in the reports (fossil, transport and avoided, biogenic carbon apart), and
every plan year counts as often as the years it stands for, undiscounted.

Of the yearly model with every haul known by place it is exact, but for one thing: markets of one class that have
emission factors of their own and get a mixture. There, and where hauls are pooled, the least is counted, so the
vector never says more than the tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from models.formulation_parts import Formulation
from models.indicators import indicator_vector

Array = np.ndarray[Any, np.dtype[np.float64]]


def cost_vector(form: Formulation) -> Array:
    """Return the discounted cost [millions] of a unit of every column."""
    return np.concatenate([block.cost for block in form.linear.blocks.values()])


def co2e_vector(form: Formulation) -> Array:
    """Return the greenhouse gas [kt CO2e over the horizon] of a unit of every column, or less (see the module)."""
    return indicator_vector(form, "co2e", side="low")


def co2e_of(case: Case, emissions: pd.DataFrame) -> float:
    """Return net greenhouse gas [kt CO2e over the plan years] of a table ``emissions`` of one variant."""
    rows = emissions[(emissions["kind"] != "biogenic") & emissions["year"].isin(case.plan_years)]
    weights = rows["year"].map({year: case.weight(year) for year in case.plan_years})
    return float((rows["kg_co2e"] * weights).sum() / 1e6)
