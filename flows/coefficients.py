"""Transfer coefficients over (flow, layer, year): the most specific row, interpolation in time, closing.

What enters a process leaves it by its flows (what leaves a stock is split the same way), so the transfer
coefficients of a process add up to one in every layer and year. Between support years each is linear.
Where the flows of one process have different support years, the coefficients are made to close at every
support year of any of them, and are linear between: a convex mixture of what closes closes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.intp]

NOTHING = 1e-200
CLOSURE_TOLERANCE = 1e-9


class NetworkError(ValueError):
    """The system is not well described; the message names processes, flows and layers."""


class ClosureError(NetworkError):
    """Transfer coefficients of a process do not add up to one; the message names process, layer and year."""


@dataclass(frozen=True)
class Splits:
    """The processes whose outflows are split by coefficients.

    ``flows`` are the ids of the flows, ``start`` the process that each leaves (-1: none that splits),
    ``processes`` their ids. A process of ``keeps`` may keep what its coefficients leave. With ``partial``
    several coefficients of a process may be unknown: they stay NaN.
    """

    flows: pd.Index[str]
    start: Integers
    processes: Sequence[str]
    keeps: Flags
    partial: bool = False

    def of(self, flows: Integers) -> Splits:
        """Return the part that concerns some flows, by position."""
        return Splits(self.flows[flows], self.start[flows], self.processes, self.keeps, self.partial)


def with_keys(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns ``layer`` ('' is any), ``year`` (NaN is any) and a numeric ``value``."""
    rows = rows.copy()
    rows["layer"] = rows["layer"].fillna("").astype(str) if "layer" in rows else ""
    rows["year"] = pd.to_numeric(rows["year"]).astype(float) if "year" in rows else np.nan
    rows["value"] = pd.to_numeric(rows["value"]).astype(float)
    return rows.reset_index(drop=True)


def specific_cells(rows: pd.DataFrame, flows: pd.Index[str], layers: Sequence[str], years: Sequence[int]) -> Floats:
    """Return values over (flow, layer, year), NaN where there is none; the more specific row wins.

    ``rows``: flow, layer ('' is every), year (NaN is every), value. A row that names the layer wins over
    one that names the year. Raises :class:`NetworkError` for flows that are not listed.

    >>> rows = with_keys(pd.DataFrame({"flow": ["a", "a"], "year": [None, 2030], "value": [1.0, 2.0]}))
    >>> specific_cells(rows, pd.Index(["a"]), ["goods"], [2025, 2030]).tolist()
    [[[1.0, 2.0]]]
    """
    cells = np.full((len(flows), len(layers), len(years)), np.nan)
    flow, layer = _positions(rows, flows, layers)
    year = pd.Index(years).get_indexer(rows["year"].fillna(-1).astype(int))
    value = rows["value"].to_numpy(dtype=float)
    any_layer, any_year = (rows["layer"] == "").to_numpy(), rows["year"].isna().to_numpy()
    for by_layer, by_year in ((False, False), (False, True), (True, False), (True, True)):
        at = np.flatnonzero((any_layer != by_layer) & (any_year != by_year))
        at = at[(layer[at] >= 0) | any_layer[at]]
        at = at[(year[at] >= 0) | any_year[at]]
        if by_layer and by_year:
            cells[flow[at], layer[at], year[at]] = value[at]
        elif by_layer:
            cells[flow[at], layer[at]] = value[at, None]
        elif by_year:
            cells[flow[at], :, year[at]] = value[at, None]
        else:
            cells[flow[at]] = value[at, None, None]
    return cells


def coefficients(rows: pd.DataFrame, splits: Splits, layers: Sequence[str], years: Sequence[int]) -> Floats:
    """Return transfer coefficients over (flow, layer, year) that close in every process, layer and year.

    ``rows``: flow, layer ('' is every layer for which the flow has no row of its own), year, value. A row
    without year holds in every year that has none of its own; rows with years only are support points,
    linear between and constant outside. A blank value, or a flow without rows, is the rest. At a year
    where some coefficients of a process are given and others interpolated, the given ones stay and the
    interpolated ones are scaled to fill what is left. Flows that no process splits get zero.

    Raises :class:`ClosureError` that names process, layer and year.
    """
    flow, layer = _positions(rows, splits.flows, layers)
    table = _Rows(flow, layer, rows["year"].to_numpy(dtype=float), rows["value"].to_numpy(dtype=float))
    table = table.spread(len(splits.flows), len(layers))
    fixed = np.isnan(table.year)
    always = np.full((len(splits.flows), len(layers)), np.nan)
    always[table.flow[fixed], table.layer[fixed]] = table.value[fixed]
    dated = np.zeros(len(splits.processes) + 1, dtype=bool)
    dated[splits.start[table.flow[~fixed]]] = True
    dated[-1] = False
    moving = np.flatnonzero(dated[splits.start])
    steady = np.flatnonzero(~dated[splits.start])
    result = np.empty((len(splits.flows), len(layers), len(years)))
    part = splits.of(steady)
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]}-{years[-1]}"
    given = always[steady]
    result[steady] = _closed(given, np.zeros(given.shape, dtype=bool), part, layers, span)[:, :, None]
    if len(moving):
        result[moving] = _over_time(table, always, moving, splits.of(moving), layers, years)
    return result


def _positions(rows: pd.DataFrame, flows: pd.Index[str], layers: Sequence[str]) -> tuple[Integers, Integers]:
    """Return the flow and the layer (-1: every) of rows as positions."""
    flow = flows.get_indexer(rows["flow"])
    if (flow < 0).any():
        raise NetworkError(f"flows that are not listed: {', '.join(rows.loc[flow < 0, 'flow'].unique())}")
    return flow, pd.Index(layers).get_indexer(rows["layer"])


@dataclass(frozen=True)
class _Rows:
    """Rows as arrays: flow, layer (-1: every), year (NaN: every), value (NaN: the rest)."""

    flow: Integers
    layer: Integers
    year: Floats
    value: Floats

    def spread(self, flows: int, layers: int) -> _Rows:
        """Return rows that all name a layer: those for every layer hold where a flow has none of its own."""
        own = np.zeros((flows, layers), dtype=bool)
        named = self.layer >= 0
        own[self.flow[named], self.layer[named]] = True
        general = np.flatnonzero(~named)
        at, layer = np.nonzero(~own[self.flow[general]])
        source = np.concatenate([np.flatnonzero(named), general[at]])
        return _Rows(
            self.flow[source], np.concatenate([self.layer[named], layer]), self.year[source], self.value[source]
        )


def _closed(
    given: Floats, guessed: Flags, splits: Splits, layers: Sequence[str], year: object, acts: Flags | None = None
) -> Floats:
    """Return coefficients (flow, layer) with the rest filled in.

    NaN is the rest; where ``guessed`` a value is interpolated and may be scaled. Rows of flows that no
    process splits become zero. Raises :class:`ClosureError`, where ``acts`` (process, layer) if it is given.
    """
    split = np.flatnonzero(splits.start >= 0)
    shape = (len(splits.processes), len(splits.start))
    leaves = sparse.csr_matrix((np.ones(len(split)), (splits.start[split], split)), shape=shape)
    value = given.copy()
    value[splits.start < 0] = 0.0
    blank = np.isnan(value)
    known = np.where(blank, 0.0, value)
    firm = np.asarray(leaves @ np.where(guessed, 0.0, known))
    soft = np.asarray(leaves @ np.where(guessed, known, 0.0))
    # What is nothing cannot be scaled to fill a room.
    soft[soft < NOTHING] = 0.0
    blanks = np.asarray(leaves @ blank.astype(float))
    negative = np.asarray(leaves @ (known < 0).astype(float)) > 0
    room = 1.0 - firm
    has = (np.asarray(leaves.sum(axis=1)).ravel() > 0)[:, None]
    keeps = splits.keeps[:, None]
    short = (blanks == 0) & (soft <= 0) & (room > CLOSURE_TOLERANCE) & ~keeps
    several = (blanks > 1) & (not splits.partial)
    bad = has & (several | negative | (room < -CLOSURE_TOLERANCE) | short)
    bad &= acts if acts is not None else True
    if bad.any():
        process, layer = (int(one[0]) for one in np.nonzero(bad))
        what = "two blank" if several[process, layer] else f"sum {firm[process, layer] + soft[process, layer]:.6g}"
        if negative[process, layer]:
            what = "one is negative"
        named = splits.flows[splits.start == process]
        raise ClosureError(
            f"transfer coefficients of {splits.processes[process]} do not close in layer {layers[layer]}, "
            f"year {year}: {what} over {', '.join(named)}"
        )
    room = np.clip(room, 0.0, 1.0)
    fills = ((blanks == 0) & ~keeps) | (soft > room)
    scale = np.divide(room, soft, out=np.ones_like(room), where=fills & (soft > 0))
    start = np.maximum(splits.start, 0)
    value = np.where(guessed, value * scale[start], value)
    rest = np.clip(room - soft * scale, 0.0, 1.0)
    rest[blanks > 1] = np.nan
    value = np.where(blank, rest[start], value)
    whole = np.asarray(leaves @ value)
    whole = np.where((blanks > 1) | (keeps & (whole < 1)) | ~(whole > 0), 1.0, whole)
    closed: Floats = value / whole[start]
    return closed


def _over_time(
    rows: _Rows, always: Floats, moving: Integers, splits: Splits, layers: Sequence[str], years: Sequence[int]
) -> Floats:
    """Return closed coefficients (flow, layer, year) of processes that have rows with years."""
    number = np.full(len(always), -1)
    number[moving] = np.arange(len(moving))
    own = ~np.isnan(rows.year) & (number[rows.flow] >= 0)
    flow, layer, value = number[rows.flow[own]], rows.layer[own], rows.value[own]
    dated = np.zeros((len(moving), len(layers)), dtype=bool)
    dated[flow, layer] = True
    fixed = np.zeros(dated.shape, dtype=bool)
    steady = np.isnan(rows.year) & (number[rows.flow] >= 0)
    fixed[number[rows.flow[steady]], rows.layer[steady]] = True
    support = set(rows.year[own].astype(int))
    mixed = dated & fixed
    points = np.array(sorted(support | (set(years) if mixed.any() else set())))
    shape = (len(moving), len(layers), len(points))
    point = np.searchsorted(points, rows.year[own])
    stated = np.zeros(shape, dtype=bool)
    stated[flow, layer, point] = True
    given = np.broadcast_to(np.where(dated & ~mixed, np.nan, always[moving])[:, :, None], shape).copy()
    given[flow, layer, point] = value
    at_own = stated | (~dated | mixed)[:, :, None]
    # A process closes at the support years of its own flows; in layers where they have none, once.
    acts = np.zeros((len(splits.processes), len(layers), len(points)), dtype=bool)
    np.logical_or.at(acts, splits.start, stated | mixed[:, :, None])
    acts[:, :, 0] |= ~acts.any(axis=2)
    closed = _at_points(given, at_own, acts, splits, layers, points)
    if (stated & np.isnan(given)).any():
        # What the rest came to is a support point like others.
        resolved = np.where(stated & np.isnan(given), closed, given)
        closed = _at_points(resolved, at_own, acts, splits, layers, points)
    closed[~acts[splits.start]] = np.nan
    return _linear(closed, acts[splits.start], points, np.asarray(years))


def _at_points(
    given: Floats, at_own: Flags, acts: Flags, splits: Splits, layers: Sequence[str], points: Integers
) -> Floats:
    """Return coefficients closed at every support year; those without a point there are interpolated first."""
    value = np.where(at_own, given, _linear(given, ~np.isnan(given), points, points))
    guessed = ~at_own & ~np.isnan(value)
    result = np.zeros_like(value)
    for position, year in enumerate(points):
        # Where a process has no support year it is not closed here: its coefficients do not matter.
        idle = ~acts[:, :, position][splits.start]
        here = np.where(idle, np.nan, value[:, :, position])
        result[:, :, position] = _closed(
            here, guessed[:, :, position] & ~idle, splits, layers, int(year), acts[:, :, position]
        )
    return result


def _linear(value: Floats, here: Flags, points: Integers, years: Integers) -> Floats:
    """Return values at ``years``: linear between the points where ``here``, constant outside, NaN without any.

    Shapes: value and here (flow, layer, point), result (flow, layer, year).
    """
    before = np.full(here.shape, -1, dtype=np.intp)
    after = np.full(here.shape, -1, dtype=np.intp)
    last = np.full(here.shape[:2], -1, dtype=np.intp)
    for position in range(len(points)):
        last = np.where(here[:, :, position], position, last)
        before[:, :, position] = last
    last = np.full(here.shape[:2], -1, dtype=np.intp)
    for position in reversed(range(len(points))):
        last = np.where(here[:, :, position], position, last)
        after[:, :, position] = last
    result = np.full((*here.shape[:2], len(years)), np.nan)
    for position, year in enumerate(years):
        low, high = np.searchsorted(points, year, side="right") - 1, np.searchsorted(points, year, side="left")
        left = before[:, :, low] if low >= 0 else np.full(here.shape[:2], -1)
        right = after[:, :, high] if high < len(points) else np.full(here.shape[:2], -1)
        left, right = np.where(left < 0, right, left), np.where(right < 0, left, right)
        known = left >= 0
        span = np.where(known, points[right] - points[left], 0)
        weight = np.divide(year - points[left], span, out=np.zeros(span.shape), where=span > 0)
        one = np.take_along_axis(value, np.maximum(left, 0)[:, :, None], axis=2)[:, :, 0]
        other = np.take_along_axis(value, np.maximum(right, 0)[:, :, None], axis=2)[:, :, 0]
        mixture = np.where(span > 0, one * (1 - weight) + other * weight, one)
        result[:, :, position] = np.where(known, mixture, np.nan)
    return result
