"""What a flow system says, as arrays over its flows, layers and years: given values, shares, ratios.

It is the input of solving: blank layers and years are spread out, the more specific row wins, transfer
coefficients are closed and interpolated (:mod:`flows.coefficients`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.coefficients import NetworkError, Splits, coefficients, specific_cells, with_keys
from flows.system import System

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


class SolveError(NetworkError):
    """A system that cannot be solved as it stands; the message names process or flow, layer and year."""


@dataclass(frozen=True)
class Ratios:
    """Flow ``left`` in layer ``left_layer`` is ``value`` (ratio, year; NaN: not given) times ``right``."""

    left: Integers
    left_layer: Integers
    right: Integers
    right_layer: Integers
    value: Floats


@dataclass(frozen=True)
class Facts:
    """A system as arrays; positions are those of its tables ``flows`` and ``processes``.

    ``start`` and ``end`` are the processes that a flow joins (-1: the boundary), ``kind`` is that of each
    process. ``given`` (flow, layer, year) and ``additions`` (process, layer, year) are known values,
    ``shares`` (flow, layer, year) transfer coefficients; all are NaN where nothing is known. ``splits``
    tells which processes split what passes them by coefficients.
    """

    flows: pd.Index[str]
    processes: pd.Index[str]
    kind: NDArray[np.object_]
    start: Integers
    end: Integers
    layers: tuple[str, ...]
    years: tuple[int, ...]
    given: Floats
    additions: Floats
    shares: Floats
    splits: NDArray[np.bool_]
    ratios: Ratios

    @classmethod
    def of(cls, system: System) -> Facts:
        """Read a system. Raises :class:`SolveError`, :class:`ClosureError` and :class:`NetworkError`."""
        flows, processes = pd.Index(system["flows"]["flow"]), pd.Index(system["processes"]["process"])
        for index, what in ((flows, "flow"), (processes, "process")):
            if not index.is_unique:
                raise SolveError(f"{what} listed twice: {', '.join(index[index.duplicated()].unique())}")
        start, end = (processes.get_indexer(system["flows"][column]) for column in ("from", "to"))
        for at, column in ((start, "from"), (end, "to")):
            unknown = (at < 0) & (system["flows"][column] != "").to_numpy()
            if unknown.any():
                named = ", ".join(system["flows"].loc[unknown, column].unique())
                raise SolveError(f"flows join processes that are not listed: {named}")
        kind = system["processes"]["kind"].to_numpy(dtype=object)
        layers, years = system.layers, system.years
        given, additions = _measured(system, flows, processes, kind, layers, years)
        rows = with_keys(system["transfer_coefficients"])
        splits = np.isin(kind, ["process", "stock"])
        splits[processes.get_indexer(rows["process"])[processes.get_indexer(rows["process"]) >= 0]] = True
        splits &= kind != "sink"
        shares = _shares(rows, flows, processes, start, splits, layers, years)
        ratios = _ratios(system, flows, layers, years)
        return cls(flows, processes, kind, start, end, layers, years, given, additions, shares, splits, ratios)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which flows come from outside: over the boundary, or from a source that splits nothing."""
        return (self.start < 0) | ~self.splits[self.start]


def _measured(
    system: System,
    flows: pd.Index[str],
    processes: pd.Index[str],
    kind: NDArray[np.object_],
    layers: tuple[str, ...],
    years: tuple[int, ...],
) -> tuple[Floats, Floats]:
    """Return given values of flows and of additions to stocks."""
    rows = with_keys(system["measurements"])
    rows = rows[rows["value"].notna()].reset_index(drop=True)
    twice = rows[rows.duplicated(["flow", "layer", "year"])]
    if len(twice):
        first = twice.iloc[0]
        when = "every year" if np.isnan(first["year"]) else f"year {first['year']:.0f}"
        raise SolveError(
            f"{first['flow']} is given twice in layer {first['layer'] or ', '.join(layers)}, {when}; "
            "values that were measured more than once are for `mfa reconcile`"
        )
    stock = rows["flow"].isin(processes[kind == "stock"]) & ~rows["flow"].isin(flows)
    cells = specific_cells(rows[~stock], flows, layers, years)
    return cells, specific_cells(rows[stock], processes, layers, years)


def _shares(
    rows: pd.DataFrame,
    flows: pd.Index[str],
    processes: pd.Index[str],
    start: Integers,
    splits: NDArray[np.bool_],
    layers: tuple[str, ...],
    years: tuple[int, ...],
) -> Floats:
    """Return transfer coefficients (flow, layer, year), NaN where they are not known; they close."""
    at = flows.get_indexer(rows["flow"])
    stray = (at >= 0) & (start[at] != processes.get_indexer(rows["process"]))
    if stray.any():
        named = ", ".join(rows.loc[stray, "flow"].unique())
        raise SolveError(f"transfer coefficients for flows that do not leave their process: {named}")
    twice = rows[rows.duplicated(["flow", "layer", "year"])]
    if len(twice):
        raise SolveError(f"transfer coefficients given twice: {', '.join(twice['flow'].unique())}")
    origin = np.where((start >= 0) & splits[start], start, -1)
    part = Splits(flows, origin, processes.to_list(), np.zeros(len(processes), dtype=bool), partial=True)
    shares = coefficients(rows, part, layers, years)
    shares[origin < 0] = np.nan
    return shares


def _ratios(system: System, flows: pd.Index[str], layers: tuple[str, ...], years: tuple[int, ...]) -> Ratios:
    """Return the relations whose value is given, a row for each left flow and layer."""
    rows = system["relations"]
    rows = rows[rows["value"].notna()]
    general = rows[rows["layer"] == ""]
    each = general.loc[general.index.repeat(len(layers))].assign(layer=list(layers) * len(general))
    rows = pd.concat([rows[rows["layer"] != ""], each], ignore_index=True)
    rows["of_flow"] = rows["of_flow"].where(rows["of_flow"] != "", rows["flow"])
    rows["of_layer"] = rows["of_layer"].where(rows["of_layer"] != "", rows["layer"])
    rows = rows[(rows["flow"] != rows["of_flow"]) | (rows["layer"] != rows["of_layer"])]
    unknown = sorted((set(rows["flow"]) | set(rows["of_flow"])) - set(flows))
    if unknown:
        raise SolveError(f"relations of flows that are not listed: {', '.join(unknown)}")
    key = ["flow", "layer", "of_flow", "of_layer"]
    table = rows[key].drop_duplicates(ignore_index=True)
    value = np.full((len(table), len(years)), np.nan)
    at = pd.MultiIndex.from_frame(table).get_indexer(pd.MultiIndex.from_frame(rows[key]))
    always = rows["year"].isna().to_numpy()
    number = rows["value"].to_numpy(dtype=float)
    value[at[always]] = number[always, None]
    year = pd.Index(years).get_indexer(rows["year"].fillna(-1).astype(int))
    dated = ~always & (year >= 0)
    value[at[dated], year[dated]] = number[dated]
    index = pd.Index(layers)
    return Ratios(
        flows.get_indexer(table["flow"]),
        index.get_indexer(table["layer"]),
        flows.get_indexer(table["of_flow"]),
        index.get_indexer(table["of_layer"]),
        value,
    )
