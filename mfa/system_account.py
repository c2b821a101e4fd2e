"""The account of a flow system: solved as it is given, or after its measurements were made consistent.

Where more is measured than needed, measured values contradict each other by their errors; the account
then stands on the reconciled values, and on lifetimes of stocks, which reconciling does not use.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flows.checks_system import check_system
from flows.coefficients import ClosureError, NetworkError
from flows.facts import SolveError
from flows.problems import InputError, Problem, errors_of
from flows.reconcile import Reconciliation, reconcile
from flows.solve import Solution, solve
from flows.system import System

KNOWN = ("exact", "measured_redundant", "measured_nonredundant", "unmeasured_observable")
TINY = 1e-12
MOST_DEVIATIONS = 20_000
"""Flows, layers and years up to which an account says how uncertain reconciled flows are."""


def solve_or_reconcile(system: System) -> tuple[Solution, Reconciliation | None]:
    """Return the solved system, with the reconciliation that it stands on where there was a need for one.

    Raises :class:`InputError` with all problems of the input and where exact values contradict each
    other, :class:`flows.coefficients.ClosureError` where exact coefficients do not add up to one.
    """
    problems = check_system(system)
    if errors_of(problems):
        raise InputError(problems)
    try:
        return solve(system), None
    except (SolveError, ClosureError) as error:
        small = len(system["flows"]) * len(system.layers) * len(system.years) <= MOST_DEVIATIONS
        # Exact values that clash are told by reconciling too, in the user's language.
        found = reconcile(system, deviations="all" if small else "none", suspects=0, intervals=False)
        if not uncertain(system):
            raise error
    try:
        solution = solve(with_values(system, found))
    except SolveError as error:
        raise InputError([Problem("stocks_clash", "stocks", found=str(error))]) from error
    return replace(solution, flows=_statuses(solution.flows, found)), found


def uncertain(system: System) -> bool:
    """Tell whether any measurement, coefficient or ratio is not exact."""
    default = float(system.settings["default_std"])
    for name in ("measurements", "transfer_coefficients", "relations"):
        rows = system[name]
        std = rows["std"]
        if "std_pct" in rows:
            std = std.fillna(rows["std_pct"])
        if ((std.fillna(default) > 0) & rows["value"].notna()).any():
            return True
    return False


def with_values(system: System, found: Reconciliation, lifetimes: bool = True) -> System:
    """Return a system in which every flow that reconciling determined is given, exactly.

    Coefficients and ratios stay where they say something of flows that are not known. ``lifetimes`` says
    whether stocks keep theirs.
    """
    flows = found.flows[found.flows["status"].isin(KNOWN)]
    largest = float(np.nanmax(np.abs(flows["reconciled"].to_numpy(dtype=float)), initial=0.0))
    value = flows["reconciled"].where(flows["reconciled"].abs() > TINY * largest, 0.0)
    given = pd.DataFrame({"flow": flows["flow"], "layer": flows["layer"], "year": flows["year"], "value": value})
    given = given[given["flow"].isin(set(system["flows"]["flow"]))]
    rows: dict[str, Any] = {name: frame for name, frame in system.tables.items() if name != "correlations"}
    rows["measurements"] = given.assign(std=0.0)
    cells = set(zip(given["flow"], given["layer"], given["year"], strict=True))
    coefficients = found.coefficients
    open_flow = [(flow, layer, year) not in cells for flow, layer, year in _cells(coefficients, "flow", "layer")]
    kept = coefficients[np.array(open_flow, dtype=bool)]
    rows["transfer_coefficients"] = kept[["process", "flow", "layer", "year"]].assign(value=kept["reconciled"], std=0.0)
    ratios = found.relations
    both = zip(_cells(ratios, "flow", "layer"), _cells(ratios, "of_flow", "of_layer"), strict=True)
    kept = ratios[np.array([not (first in cells and second in cells) for first, second in both], dtype=bool)]
    columns = ["flow", "layer", "of_flow", "of_layer", "year"]
    rows["relations"] = kept[columns].assign(value=kept["reconciled"], std=0.0)
    if not lifetimes:
        rows["stocks"] = system["stocks"].assign(lifetime="")
    return System.from_tables(
        {**system.settings, "years": ", ".join(str(year) for year in system.years)} if system.years != (0,) else None,
        system.units,
        **rows,
    )


def _cells(frame: pd.DataFrame, flow: str, layer: str) -> list[tuple[str, str, int]]:
    return list(zip(frame[flow], frame[layer], frame["year"], strict=True))


def _statuses(flows: pd.DataFrame, found: Reconciliation) -> pd.DataFrame:
    """Return solved flows with the statuses that they have in the system as it was given, and their uncertainty."""
    keys = ["flow", "layer", "year"]
    both = flows.merge(found.flows[[*keys, "measured", "reconciled_std"]], on=keys, how="left")
    status = np.where(both["measured"].notna() | both["status"].ne("given"), both["status"], "computed")
    return flows.assign(status=pd.Series(status, index=flows.index, dtype="str"), std=both["reconciled_std"].to_numpy())


def undetermined(system: System, found: Reconciliation) -> pd.DataFrame:
    """Return the flows that reconciling leaves open, with those that would determine them."""
    flows = found.flows[found.flows["flow"].isin(set(system["flows"]["flow"]))]
    missing = flows[flows["status"].eq("unmeasured_unobservable")][["flow", "layer", "year"]]
    try:
        lacking = solve(with_values(system, found, lifetimes=False)).undetermined if len(missing) else missing
    except NetworkError:
        lacking = missing  # that they are open is known all the same
    told = lacking.reindex(columns=["flow", "layer", "year", "determined_by", "together", "part", "missing"])
    return told.assign(
        determined_by=told["determined_by"].astype(object).fillna("").astype(str), together=told["together"].eq(True)
    )


def balances(system: System, solution: Solution) -> pd.DataFrame:
    """Return what enters, leaves and is added to every process, layer and year, and by how much it fails.

    Columns: process, layer, year, inflow, outflow, addition, error; blank where a flow is not known.
    """
    flows = solution.flows
    keys = ["process", "layer", "year"]

    def total(end: str) -> pd.Series:
        rows = flows.rename(columns={end: "process"})
        return rows[rows["process"] != ""].groupby(keys)["value"].agg(lambda values: values.sum(skipna=False))

    inner = system["processes"][system["processes"]["kind"].isin(["process", "stock"])]["process"]
    index = pd.MultiIndex.from_product([inner, system.layers, system.years], names=keys)
    table = pd.DataFrame({"inflow": total("to"), "outflow": total("from")}).reindex(index).reset_index()
    for name, end in (("inflow", "to"), ("outflow", "from")):
        table.loc[~table["process"].isin(set(system["flows"][end])), name] = 0.0
    stocks = solution.stocks[[*keys, "addition"]] if len(solution.stocks) else pd.DataFrame(columns=[*keys, "addition"])
    table = table.merge(stocks, on=keys, how="left")
    stored = table["process"].isin(set(stocks["process"]))
    table.loc[~stored, "addition"] = 0.0
    table["error"] = table["inflow"] - table["outflow"] - table["addition"]
    return table
