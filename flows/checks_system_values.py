"""Checking the values of a flow system: measurements, coefficients, correlations, relations and stocks.

Each check is one small function that yields problems; ``VALUE_CHECKS`` lists them with the tables they need.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.checks import cell_problem, row_number
from flows.checks_plausible import TIMES, outliers
from flows.problems import Nearest, Problem, Severity, number_text
from flows.system import System

Check = Callable[[System], Iterator[Problem]]
SLACK = 1e-9
BOUNDED = ("measurements", "transfer_coefficients", "relations")
LIFETIME_PARAMETERS = {
    "fixed": ("mean",),
    "normal": ("mean", "deviation"),
    "folded_normal": ("mean", "deviation"),
    "lognormal": ("mean", "deviation"),
    "gamma": ("mean", "deviation"),
    "weibull": ("shape", "scale"),
}


def _where(frame: pd.DataFrame, chosen: pd.Series | np.ndarray) -> Iterator[int]:
    """Yield the positions at which a condition holds."""
    yield from (int(position) for position in np.flatnonzero(np.asarray(chosen, dtype=bool)))


def _measured(system: System) -> Iterator[Problem]:
    """Yield measurements of what is neither a flow nor a stock."""
    rows, processes = system["measurements"], system["processes"]
    stocks = set(processes["process"][processes["kind"] == "stock"])
    flows = set(system["flows"]["flow"])
    meant = Nearest(flows | stocks)
    for position in _where(rows, (rows["flow"] != "") & ~rows["flow"].isin(flows | stocks)):
        found = str(rows["flow"].iloc[position])
        if found in set(processes["process"]):
            yield cell_problem(rows, "measurements", position, "flow", "measured_no_stock", found=found)
        else:
            texts = {"found": found, "suggestion": meant(found)}
            yield cell_problem(rows, "measurements", position, "flow", "measured_unknown", **texts)


def _uncertainty(system: System) -> Iterator[Problem]:
    """Yield values whose uncertainty is blank, doubled, of nothing, or lost because the value is zero."""
    rows = system["measurements"]
    value = rows["value"].to_numpy(dtype=float)
    absolute, relative = rows["std"].notna().to_numpy(), rows["std_pct"].notna().to_numpy()
    given = ~np.isnan(value)
    drawn = rows["distribution"].isin(["triangular", "uniform"]).to_numpy() & rows["lower"].notna().to_numpy()
    default = system.settings["default_std"]
    for position in _where(rows, absolute & relative):
        yield cell_problem(rows, "measurements", position, "std_pct", "std_twice")
    for position in _where(rows, ~given & (absolute | relative)):
        column = "std" if absolute[position] else "std_pct"
        yield cell_problem(rows, "measurements", position, column, "std_without_value", severity="warning")
    for position in _where(rows, given & ~absolute & ~relative & ~drawn):
        texts = {"expected": f"{100 * default:g} %", "severity": "warning"}
        yield cell_problem(rows, "measurements", position, "std", "std_missing", **texts)
    for position in _where(rows, given & (value == 0) & ~absolute & ~drawn):
        yield cell_problem(rows, "measurements", position, "std", "std_of_zero", severity="warning")


def _blank_deviations(system: System) -> Iterator[Problem]:
    """Yield, once a table, that coefficients or ratios have no standard deviation: reconciling takes the default."""
    default = system.settings["default_std"]
    for table in ("transfer_coefficients", "relations"):
        rows = system[table]
        blank = rows["value"].notna() & rows["std"].isna() & ~rows["distribution"].isin(["triangular", "uniform"])
        if default > 0 and blank.any():
            texts = {"found": str(int(blank.sum())), "expected": f"{100 * default:g} %"}
            position = int(np.flatnonzero(blank.to_numpy())[0])
            yield cell_problem(rows, table, position, "std", "stds_missing", severity="warning", **texts)


def _absurd(system: System) -> Iterator[Problem]:
    """Yield measurements of a flow that are a thousand times those of its other years."""
    rows = system["measurements"].reset_index(drop=True)
    for _, part in rows.groupby(["flow", "layer"], sort=False):
        values = part["value"].to_numpy(dtype=float)
        for place, usual in outliers(values, TIMES):
            texts = {"found": number_text(values[place]), "expected": number_text(usual), "severity": "warning"}
            texts["place"] = f"{abs(values[place]) / usual:,.0f}"
            yield cell_problem(rows, "measurements", int(part.index[place]), "value", "value_absurd", **texts)


def _bounds(system: System) -> Iterator[Problem]:
    """Yield bounds in the wrong order, values outside them, and shapes that lack what they need."""
    for table in BOUNDED:
        rows = system[table]
        lower, upper, value = (rows[name].to_numpy(dtype=float) for name in ("lower", "upper", "value"))
        for position in _where(rows, lower > upper):
            texts = {"found": number_text(lower[position]), "expected": number_text(upper[position])}
            yield cell_problem(rows, table, position, "lower", "bounds_order", **texts)
        slack = SLACK * np.maximum(1.0, np.abs(np.nan_to_num(value)))
        for position in _where(rows, ((value < lower - slack) | (value > upper + slack)) & ~(lower > upper)):
            span = " - ".join(
                "" if np.isnan(item) else number_text(item) for item in (lower[position], upper[position])
            )
            texts = {"found": number_text(value[position]), "expected": span, "severity": "warning"}
            yield cell_problem(rows, table, position, "value", "range_order", **texts)
        between = rows["distribution"].isin(["triangular", "uniform"]).to_numpy()
        for position in _where(rows, between & (np.isnan(lower) | np.isnan(upper))):
            column = "lower" if np.isnan(lower[position]) else "upper"
            found = str(rows["distribution"].iloc[position])
            yield cell_problem(rows, table, position, column, "distribution_bounds", found=found)
        for position in _where(rows, (rows["distribution"] == "lognormal").to_numpy() & (value <= 0)):
            yield cell_problem(rows, table, position, "value", "lognormal_positive", found=number_text(value[position]))


def _negative(system: System) -> Iterator[Problem]:
    """Yield flows measured below zero, or bounded so, that may not run backwards."""
    rows, flows = system["measurements"], system["flows"]
    forward = rows["flow"].isin(set(flows["flow"][~flows["may_be_negative"]])).to_numpy()
    for column in ("value", "upper"):
        values = rows[column].to_numpy(dtype=float)
        for position in _where(rows, forward & (values < 0)):
            texts = {"found": number_text(values[position]), "place": str(rows["flow"].iloc[position])}
            yield cell_problem(rows, "measurements", position, column, "flow_negative", **texts)


@dataclass(frozen=True)
class _Measurement:
    """A measured value: the layer ('' is any), the year (NaN is any), and whether it is exact."""

    layer: str
    year: float
    exact: bool


def _measurements(rows: pd.DataFrame) -> dict[str, list[_Measurement]]:
    """Return the measured values of each flow."""
    given = rows[rows["value"].notna()]
    exact = (given["std"].eq(0) | given["std_pct"].eq(0)).to_numpy()
    found: dict[str, list[_Measurement]] = {}
    for flow, layer, year, sure in zip(given["flow"], given["layer"], given["year"], exact, strict=True):
        found.setdefault(flow, []).append(_Measurement(layer, float(year), bool(sure)))
    return found


def _of(measurements: list[_Measurement], layer: str, year: float) -> list[_Measurement]:
    """Return the measurements that hold for a layer and year, either of which may be any."""
    return [
        item
        for item in measurements
        if (not layer or item.layer in (layer, "")) and (year != year or item.year != item.year or item.year == year)
    ]


def _correlations(system: System) -> Iterator[Problem]:
    """Yield correlations of what is not measured or exact, of a flow with itself, or given twice."""
    rows, measured = system["correlations"], _measurements(system["measurements"])
    meant = Nearest(measured)
    seen: dict[tuple[str, ...], int] = {}
    for position, row in enumerate(rows.to_dict("records")):
        if row["flow_a"] == row["flow_b"] and row["flow_a"]:
            yield cell_problem(rows, "correlations", position, "flow_b", "correlation_self", found=row["flow_a"])
            continue
        first, second = sorted((row["flow_a"], row["flow_b"]))
        key = (first, second, row["layer"], str(row["year"]))
        if key in seen and row["flow_a"] != rows["flow_a"].iloc[seen[key]]:
            texts = {"found": f"{first}, {second}", "expected": str(row_number(rows, seen[key]))}
            yield cell_problem(rows, "correlations", position, "flow_a", "duplicate", **texts)
        seen.setdefault(key, position)
        for column in ("flow_a", "flow_b"):
            flow = row[column]
            known = _of(measured.get(flow, []), row["layer"], row["year"])
            if flow and not known:
                texts = {"found": flow, "suggestion": "" if flow in measured else meant(flow)}
                yield cell_problem(rows, "correlations", position, column, "correlation_unmeasured", **texts)
            elif any(item.exact for item in known):
                yield cell_problem(rows, "correlations", position, column, "correlation_exact", found=flow)


def _relations(system: System) -> Iterator[Problem]:
    """Yield ratios of a flow to itself in the same layer."""
    rows = system["relations"]
    same_flow = (rows["of_flow"] == "") | (rows["of_flow"] == rows["flow"])
    same_layer = (rows["of_layer"] == "") | (rows["of_layer"] == rows["layer"])
    for position in _where(rows, same_flow & same_layer & (rows["flow"] != "")):
        found = str(rows["flow"].iloc[position])
        yield cell_problem(rows, "relations", position, "of_flow", "relation_self", found=found)
    for position in _where(rows, rows["value"].isna() & (rows["std"].notna())):
        yield cell_problem(rows, "relations", position, "std", "std_without_value", severity="warning")


def _coefficient_flows(system: System) -> Iterator[Problem]:
    """Yield coefficients of flows that do not leave their process."""
    rows, flows = system["transfer_coefficients"], system["flows"]
    starts = dict(zip(flows["flow"], flows["from"], strict=True))
    origin = rows["flow"].map(starts)
    for position in _where(rows, origin.notna() & (origin != rows["process"]) & (rows["process"] != "")):
        texts = {"found": str(rows["flow"].iloc[position]), "place": str(rows["process"].iloc[position])}
        yield cell_problem(rows, "transfer_coefficients", position, "flow", "coefficient_flow", **texts)


@dataclass(frozen=True)
class _Coefficient:
    """A row of coefficients with its position; a blank value or year is NaN."""

    position: int
    flow: str
    layer: str
    year: float
    value: float
    std: float


def _coefficient_sums(system: System) -> Iterator[Problem]:
    """Yield processes whose coefficients cannot add up to one in some layer and year.

    What is given for a year is all rows of that year and those that hold always; exact ones may not
    exceed one, nor fall short of it where every flow that leaves the process has one; a stock may keep the rest.
    """
    rows = system["transfer_coefficients"]
    leaving: dict[str, set[str]] = {}
    for flow, start in zip(system["flows"]["flow"], system["flows"]["from"], strict=True):
        leaving.setdefault(start, set()).add(flow)
    keeping = set(system["processes"]["process"][system["processes"]["kind"] == "stock"])
    names = ("flow", "layer", "year", "value", "std")
    parts: dict[str, list[_Coefficient]] = {}
    for position, (process, *values) in enumerate(zip(*(rows[name] for name in ("process", *names)), strict=True)):
        parts.setdefault(process, []).append(_Coefficient(position, *values))
    for process, part in parts.items():
        told: set[tuple[str, int]] = set()
        whole = set() if process in keeping else leaving.get(process, set())
        for place, given in _cells(process, part):
            for problem, position in _one_sum(given, whole, place):
                if (problem.code, position) not in told:
                    told.add((problem.code, position))
                    yield problem.at(sheet="transfer_coefficients", row=row_number(rows, position), column="value")


def _cells(process: str, part: list[_Coefficient]) -> Iterator[tuple[str, list[_Coefficient]]]:
    """Yield every layer and support year of a process, in words, with the coefficients that are given there."""
    for layer in dict.fromkeys(item.layer for item in part if item.layer) or [""]:
        own = {item.flow for item in part if item.layer == layer}
        held = [item for item in part if item.layer == layer or (not item.layer and item.flow not in own)]
        years: list[float] = sorted({item.year for item in held if item.year == item.year})
        for year in years or [float("nan")]:
            dated = {item.flow for item in held if item.year == year}
            given = [item for item in held if item.year == year or (item.year != item.year and item.flow not in dated)]
            when = [f"{year:.0f}"] if years else []
            yield ", ".join([process, *([layer] if layer else []), *when]), given


def _one_sum(given: list[_Coefficient], leaving: set[str], place: str) -> Iterator[tuple[Problem, int]]:
    """Yield what is wrong with the coefficients of one process, layer and year, with the position of its last row."""
    blank = [item for item in given if item.value != item.value]
    if len(blank) > 1:
        yield Problem("coefficients_blank", place=place, found=str(len(blank))), blank[-1].position
    known = [item for item in given if item.value == item.value]
    if not known:
        return
    total = math.fsum(item.value for item in known)
    uncertain = any(item.std > 0 for item in known)
    exact = math.fsum(item.value for item in known if not item.std > 0)
    whole = bool(leaving) and not blank and leaving <= {item.flow for item in given}
    if exact > 1 + SLACK:
        yield Problem("coefficients_over", place=place, found=number_text(exact)), given[-1].position
    elif total > 1 + SLACK or (whole and total < 1 - SLACK):
        severity: Severity = "warning" if uncertain else "error"
        yield Problem("coefficients_sum", place=place, found=number_text(total), severity=severity), given[-1].position


def _stocks(system: System) -> Iterator[Problem]:
    """Yield stock rows of other processes, and lifetimes whose parameters are missing or nonsense."""
    rows, processes = system["stocks"], system["processes"]
    kinds = dict(zip(processes["process"], processes["kind"], strict=True))
    for position, row in enumerate(rows.to_dict("records")):
        kind = kinds.get(row["process"])
        if kind not in (None, "stock"):
            texts = {"found": row["process"], "expected": str(kind)}
            yield cell_problem(rows, "stocks", position, "process", "no_stock", **texts)
        needed = LIFETIME_PARAMETERS.get(row["lifetime"], ())
        for name in ("mean", "deviation", "shape", "scale"):
            value = row[name]
            if name in needed and not value > 0:
                texts = {"found": row["lifetime"], "expected": name}
                yield cell_problem(rows, "stocks", position, name, "lifetime_parameter", **texts)
            elif name not in needed and not np.isnan(value):
                texts = {"found": name, "expected": row["lifetime"] or "-", "severity": "warning"}
                yield cell_problem(rows, "stocks", position, name, "lifetime_unused", **texts)


def _stock_years(system: System) -> Iterator[Problem]:
    """Yield initial stocks of a year that is none of the system's."""
    rows = system["stocks"]
    if not system.settings["years"]:
        return
    for position in _where(rows, rows["year"].notna() & ~rows["year"].isin(system.years)):
        texts = {"found": f"{rows['year'].iloc[position]:.0f}", "expected": str(system.settings["years"])}
        yield cell_problem(rows, "stocks", position, "year", "year_outside", severity="warning", **texts)


def _stock_outflows(system: System) -> Iterator[Problem]:
    """Yield stocks from which flows lead although nothing leaves by age and no outflow is measured."""
    processes, flows, stocks = system["processes"], system["flows"], system["stocks"]
    ageing = set(stocks["process"][stocks["lifetime"] != ""])
    measured = set(system["measurements"]["flow"])
    for position in _where(processes, processes["kind"] == "stock"):
        process = str(processes["process"].iloc[position])
        out = set(flows["flow"][flows["from"] == process])
        if out and process not in ageing | measured and not out & measured:
            texts = {"found": process, "severity": "warning"}
            yield cell_problem(processes, "processes", position, "kind", "stock_no_lifetime", **texts)


VALUE_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("processes", "flows", "measurements"), _measured),
    (("measurements",), _uncertainty),
    (("measurements",), _absurd),
    (("transfer_coefficients", "relations"), _blank_deviations),
    (BOUNDED, _bounds),
    (("flows", "measurements"), _negative),
    (("measurements", "correlations"), _correlations),
    (("relations",), _relations),
    (("flows", "transfer_coefficients"), _coefficient_flows),
    (("processes", "flows", "transfer_coefficients"), _coefficient_sums),
    (("processes", "stocks"), _stocks),
    (("settings", "stocks"), _stock_years),
    (("processes", "flows", "stocks", "measurements"), _stock_outflows),
)
"""Each check with the tables that it needs whole."""
