"""What the sheets say of the variables of a flow system: values, standard deviations and bounds per cell.

The most specific row wins: one that names the layer over one that names the year over one that names
neither. A blank standard deviation is that of the bounds of a uniform or triangular distribution, else
the share ``default_std`` of the value.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.coefficients import ClosureError, NetworkError, Splits, coefficients, specific_cells, with_keys
from flows.system import System

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """Value (NaN: not measured), standard deviation (0: exact) and bounds of variables."""

    value: Floats
    std: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def unknown(cls, count: int, lower: float = 0.0) -> Known:
        """Return variables of which nothing is known."""
        return cls(np.full(count, np.nan), np.full(count, np.nan), np.full(count, lower), np.full(count, np.inf))

    def part(self, chosen: slice | Integers) -> Known:
        """Return some of them, flattened."""
        return Known(*(one[chosen].ravel() for one in (self.value, self.std, self.lower, self.upper)))


@dataclass(frozen=True)
class Cells:
    """Coefficients or ratios, one per cell: row of the sheet, flow, layer and year (positions), base flow and layer.

    ``rest`` marks those of which nothing is said: they follow from the others.
    """

    row: Integers
    flow: Integers
    layer: Integers
    year: Integers
    of_flow: Integers
    of_layer: Integers
    known: Known
    rest: NDArray[np.bool_]


def standard_deviations(rows: pd.DataFrame, default: float) -> Floats:
    """Return the standard deviation of every row; NaN where there is no value.

    >>> rows = pd.DataFrame({"value": [10.0, 10.0, 10.0], "std": [1.0, np.nan, np.nan],
    ...                      "std_pct": [np.nan, 2.0, np.nan]})
    >>> standard_deviations(rows, 0.1).tolist()
    [1.0, 0.2, 1.0]
    """
    value = rows["value"].to_numpy(dtype=float)
    std = rows["std"].to_numpy(dtype=float).copy()
    if "std_pct" in rows:
        std = np.where(np.isnan(std), np.abs(value) * rows["std_pct"].to_numpy(dtype=float) / 100.0, std)
    if "distribution" in rows:
        low, high = rows["lower"].to_numpy(dtype=float), rows["upper"].to_numpy(dtype=float)
        shape = rows["distribution"].to_numpy()
        even = (high - low) / np.sqrt(12.0)
        peaked = np.sqrt(np.maximum(low**2 + high**2 + value**2 - low * high - low * value - high * value, 0.0) / 18.0)
        implied = np.where(shape == "uniform", even, np.where(shape == "triangular", peaked, np.nan))
        std = np.where(np.isnan(std), implied, std)
    std = np.where(np.isnan(std), default * np.abs(value), std)
    return np.where(np.isnan(value), np.nan, std)


def _chosen_rows(rows: pd.DataFrame, flows: pd.Index[str], system: System) -> tuple[NDArray[np.bool_], Integers]:
    """Return over (flow, layer, year) whether a row holds there, and which (the most specific)."""
    keyed = with_keys(rows.assign(value=np.arange(len(rows), dtype=float)))
    cells = specific_cells(keyed, flows, system.layers, system.years)
    found = ~np.isnan(cells)
    return found, np.where(found, cells, 0).astype(np.int64)


def measured_values(system: System, stocks: pd.Index[str]) -> Known:
    """Return what is known of flows, then of additions to ``stocks``, over (flow or stock, layer, year)."""
    flows, rows = system["flows"], system["measurements"].reset_index(drop=True)
    ids = pd.Index([*flows["flow"], *stocks])
    shape = (len(ids), len(system.layers), len(system.years))
    low = np.full(len(ids), -np.inf)
    low[: len(flows)] = np.where(flows["may_be_negative"].to_numpy(dtype=bool), -np.inf, 0.0)
    lower = np.broadcast_to(low[:, None, None], shape).copy()
    upper = np.full(shape, np.inf)
    value, std = np.full(shape, np.nan), np.full(shape, np.nan)
    if len(rows):
        found, which = _chosen_rows(rows, ids, system)
        at = which[found]
        value[found] = rows["value"].to_numpy(dtype=float)[at]
        std[found] = standard_deviations(rows, float(system.settings["default_std"]))[at]
        given_low, given_high = rows["lower"].to_numpy(dtype=float)[at], rows["upper"].to_numpy(dtype=float)[at]
        lower[found] = np.where(np.isnan(given_low), lower[found], given_low)
        upper[found] = np.where(np.isnan(given_high), upper[found], given_high)
    return Known(value, std, lower, upper)


def coefficient_values(system: System) -> Cells:
    """Return every transfer coefficient that has a row, per layer and year.

    A blank without a bound is the rest and needs no equation: the balance of its process is one. Rows
    with years are support points, linear between and constant outside, and close as in
    :func:`flows.coefficients.coefficients`, unless uncertain ones that are given do not.
    """
    rows = system["transfer_coefficients"].reset_index(drop=True)
    flows = pd.Index(system["flows"]["flow"])
    layers, years = system.layers, system.years
    shape = (len(flows), len(layers), len(years))
    std_given = standard_deviations(rows, float(system.settings["default_std"]))
    which = np.full(shape, -1)
    value, std = np.full(shape, np.nan), np.full(shape, np.nan)
    if rows.empty:
        return _coefficient_cells(rows, which, value, std)
    dated = rows["year"].notna().to_numpy()
    if (~dated).any():
        places = np.flatnonzero(~dated)
        found, chosen = _chosen_rows(rows[~dated], flows, system)
        which[found] = places[chosen[found]]
        value[found] = rows["value"].to_numpy(dtype=float)[which[found]]
        std[found] = std_given[which[found]]
    if dated.any():
        _support_years(system, rows, std_given, dated, which, value, std)
        _close(system, rows, std_given, which, value)
    return _coefficient_cells(rows, which, value, std)


def _support_years(
    system: System,
    rows: pd.DataFrame,
    std_given: Floats,
    dated: NDArray[np.bool_],
    which: Integers,
    value: Floats,
    std: Floats,
) -> None:
    """Fill in coefficients with years, linear between their support years, in place."""
    flows, layers, years = pd.Index(system["flows"]["flow"]), system.layers, np.asarray(system.years, dtype=float)
    own = set(zip(rows["flow"][rows["layer"] != ""], rows["layer"][rows["layer"] != ""], strict=True))
    for (flow, layer), part in rows[dated].groupby(["flow", "layer"], sort=True):
        part = part.sort_values("year")
        at = part.index.to_numpy()
        support = part["year"].to_numpy(dtype=float)
        nearest = at[np.abs(support[:, None] - years).argmin(axis=0)]
        position = flows.get_indexer([flow])[0]
        if position < 0:
            raise NetworkError(f"flows that are not listed: {flow}")
        for number, one in enumerate(layers):
            if layer not in ("", one) or (layer == "" and (flow, one) in own):
                continue
            steady = which[position, number] >= 0
            here = np.isin(years, support) if steady.any() else np.ones(len(years), dtype=bool)
            which[position, number, here] = nearest[here]
            value[position, number, here] = np.interp(years, support, part["value"].to_numpy(dtype=float))[here]
            std[position, number, here] = np.interp(years, support, std_given[at])[here]


def _close(system: System, rows: pd.DataFrame, std_given: Floats, which: Integers, value: Floats) -> None:
    """Replace coefficients of processes that have years by those that close, in place.

    Interpolated ones are no measurements: they make room for given ones as when a system is solved. Exact ones
    have to close; uncertain ones that do not are left to the fit.
    """
    dated = set(rows["process"][rows["year"].notna()])
    loose = set(rows["process"][std_given > 0])
    _close_in(system, rows, sorted(dated - loose), which, value)
    try:
        _close_in(system, rows, sorted(dated & loose), which, value)
    except ClosureError:
        for process in sorted(dated & loose):
            with suppress(ClosureError):
                _close_in(system, rows, [process], which, value)


def _close_in(system: System, rows: pd.DataFrame, order: list[str], which: Integers, value: Floats) -> None:
    """Replace the coefficients of some processes by those that close; raises :class:`ClosureError`."""
    rows = rows[rows["process"].isin(order)]
    if rows.empty:
        return
    flows, processes = system["flows"], system["processes"]
    start = pd.Index(order).get_indexer(flows["from"])
    plain = set(processes["process"][processes["kind"] == "process"])
    keeps = np.array([name not in plain for name in order])
    splits = Splits(pd.Index(flows["flow"]), np.asarray(start, dtype=np.intp), order, keeps, partial=True)
    closed = coefficients(with_keys(rows), splits, system.layers, system.years)
    given = (which >= 0) & (start >= 0)[:, None, None] & ~np.isnan(value)
    value[given] = closed[given]


def _coefficient_cells(rows: pd.DataFrame, which: Integers, value: Floats, std: Floats) -> Cells:
    flow, layer, year = np.nonzero(which >= 0)
    row = which[flow, layer, year]
    known = Known(
        value[flow, layer, year],
        std[flow, layer, year],
        rows["lower"].to_numpy(dtype=float)[row],
        rows["upper"].to_numpy(dtype=float)[row],
    )
    bounded = ~(np.isnan(known.lower) & np.isnan(known.upper))
    none = np.full(len(flow), -1)
    known = Known(
        known.value,
        known.std,
        np.where(np.isnan(known.lower), 0.0, known.lower),
        np.where(np.isnan(known.upper), 1.0, known.upper),
    )
    return Cells(row, flow, layer, year, none, none, known, np.isnan(known.value) & ~bounded)


def ratio_values(system: System) -> Cells:
    """Return every relation per layer and year: ``flow`` in ``layer`` is the value times the base flow."""
    rows = system["relations"].reset_index(drop=True)
    layers, years = pd.Index(system.layers), np.asarray(system.years)
    flows = pd.Index(system["flows"]["flow"])
    std_given = standard_deviations(rows, float(system.settings["default_std"]))
    picked: dict[tuple[int, int, int, int, int], tuple[int, int]] = {}
    for position, row in enumerate(rows.to_dict("records")):
        flow = int(flows.get_indexer([row["flow"]])[0])
        base = flow if not row["of_flow"] else int(flows.get_indexer([row["of_flow"]])[0])
        if flow < 0 or base < 0:
            raise NetworkError(f"flows that are not listed: {row['flow']}, {row['of_flow']}")
        at_layers = range(len(layers)) if not row["layer"] else layers.get_indexer([row["layer"]])
        at_years = range(len(years)) if np.isnan(row["year"]) else np.flatnonzero(years == row["year"])
        rank = 2 * bool(row["layer"]) + (not np.isnan(row["year"]))
        for layer in at_layers:
            of_layer = layer if not row["of_layer"] else int(layers.get_indexer([row["of_layer"]])[0])
            if flow == base and layer == of_layer:
                continue
            for year in at_years:
                key = (flow, int(layer), base, int(of_layer), int(year))
                if key not in picked or picked[key][0] <= rank:
                    picked[key] = (rank, position)
    keys = np.array(list(picked), dtype=np.int64).reshape(len(picked), 5)
    row_of = np.array([position for _, position in picked.values()], dtype=np.int64)
    low, high = rows["lower"].to_numpy(dtype=float)[row_of], rows["upper"].to_numpy(dtype=float)[row_of]
    known = Known(
        rows["value"].to_numpy(dtype=float)[row_of],
        std_given[row_of],
        np.where(np.isnan(low), 0.0, low),
        np.where(np.isnan(high), np.inf, high),
    )
    return Cells(
        row_of, keys[:, 0], keys[:, 1], keys[:, 4], keys[:, 2], keys[:, 3], known, np.zeros(len(keys), dtype=bool)
    )
