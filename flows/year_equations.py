"""The equations of one year of a flow system as a sparse matrix, each with what it says.

Variables of a layer are the flows, then for every process what enters it, what leaves it and what its
stock grows by. Writing what enters and leaves as variables of their own keeps the equations as short as
the network: a transfer coefficient joins two variables, however many flows enter the process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from flows.facts import Facts

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

ENTERS, LEAVES, SHARE, ADDITION, LIFETIME, RATIO = range(6)


@dataclass(frozen=True)
class YearEquations:
    """``matrix x = right`` of one year; variable ``v`` of layer ``l`` is column ``l * width + v``.

    ``what`` says what each equation is, ``subject`` of which process, flow or ratio, ``layer`` in which
    layer. ``width`` is flows + 3 x processes.
    """

    matrix: sparse.csr_matrix
    right: Floats
    what: Integers
    subject: Integers
    layer: Integers
    width: int


class _Builder:
    """Collects equations; positions of equations are within a block until the block is closed."""

    def __init__(self) -> None:
        self.rows: list[Integers] = []
        self.columns: list[Integers] = []
        self.data: list[Floats] = []
        self.labels: list[tuple[int, Integers, Integers, Floats]] = []
        self.count = 0

    def block(self, what: int, subject: Integers, layer: Integers, right: Floats | None = None) -> Integers:
        """Begin a block of equations and return their positions."""
        self.labels.append((what, subject, layer, np.zeros(len(subject)) if right is None else right))
        positions = np.arange(self.count, self.count + len(subject))
        self.count += len(subject)
        return positions

    def term(self, rows: Integers, columns: Integers, data: Floats | float) -> None:
        """Add a term to equations; those with a zero coefficient are left out."""
        values = np.broadcast_to(np.asarray(data, dtype=float), rows.shape)
        kept = values != 0
        self.rows.append(rows[kept])
        self.columns.append(columns[kept])
        self.data.append(values[kept])

    def build(self, width: int, layers: int) -> YearEquations:
        """Return the equations."""
        triple = (np.concatenate(self.data), (np.concatenate(self.rows), np.concatenate(self.columns)))
        matrix = sparse.csr_matrix(triple, shape=(self.count, width * layers))
        what = np.concatenate([np.full(len(one[1]), one[0]) for one in self.labels])
        subject, layer, right = (np.concatenate([one[k] for one in self.labels]) for k in (1, 2, 3))
        return YearEquations(matrix, right, what, subject, layer, width)


def year_equations(facts: Facts, year: int, leaving: Floats, history: Floats) -> YearEquations:
    """Return the equations of a year (by position).

    ``leaving`` and ``history`` (process, layer) say of stocks with a lifetime that what leaves is
    ``leaving`` times what enters plus ``history``; NaN where that is not so or not known.
    """
    flows, processes, layers = len(facts.flows), len(facts.processes), len(facts.layers)
    width = flows + 3 * processes
    shift = np.arange(layers) * width
    enters, leaves, grows = (flows + k * processes + np.arange(processes) for k in range(3))
    share = facts.shares[:, :, year]
    builder = _Builder()

    def spread(chosen: Integers) -> tuple[Integers, Integers]:
        return np.repeat(chosen, layers), np.tile(np.arange(layers), len(chosen))

    inner = np.isin(facts.kind, ["process", "stock"])
    total = np.where(facts.kind == "process", enters, leaves)

    # What enters a process is the sum of its inflows.
    process, layer = spread(np.flatnonzero(inner))
    rows = builder.block(ENTERS, process, layer)
    builder.term(rows, enters[process] + shift[layer], 1.0)
    place = np.full((processes, layers), -1)
    place[process, layer] = rows
    flow, layer = spread(np.flatnonzero((facts.end >= 0) & inner[facts.end]))
    builder.term(place[facts.end[flow], layer], flow + shift[layer], -1.0)

    # Transfer coefficients are shares of what enters a process, or leaves a stock or a source.
    splits = (facts.start >= 0) & facts.splits[facts.start]
    flow, layer = np.nonzero(splits[:, None] & ~np.isnan(share))
    rows = builder.block(SHARE, flow, layer)
    builder.term(rows, flow + shift[layer], 1.0)
    builder.term(rows, total[facts.start[flow]] + shift[layer], -share[flow, layer])

    # The outflows add up to what leaves; where all have coefficients that says nothing new.
    unknown = np.zeros((processes, layers), dtype=bool)
    has = np.zeros(processes, dtype=bool)
    out = np.flatnonzero(splits)
    has[facts.start[out]] = True
    np.logical_or.at(unknown, facts.start[out], np.isnan(share[out]))
    process, layer = np.nonzero((unknown | ~has[:, None]) & (inner | (facts.splits & has))[:, None])
    rows = builder.block(LEAVES, process, layer)
    builder.term(rows, total[process] + shift[layer], 1.0)
    place = np.full((processes, layers), -1)
    place[process, layer] = rows
    flow, layer = spread(out)
    at = place[facts.start[flow], layer]
    builder.term(at[at >= 0], (flow + shift[layer])[at >= 0], -1.0)

    # What a stock grows by, and what leaves it by age.
    process, layer = spread(np.flatnonzero(facts.kind == "stock"))
    rows = builder.block(ADDITION, process, layer)
    for variable, sign in ((enters, 1.0), (leaves, -1.0), (grows, -1.0)):
        builder.term(rows, variable[process] + shift[layer], sign)
    process, layer = np.nonzero(~np.isnan(history))
    rows = builder.block(LIFETIME, process, layer, history[process, layer])
    builder.term(rows, leaves[process] + shift[layer], 1.0)
    builder.term(rows, enters[process] + shift[layer], -leaving[process, layer])

    ratios = facts.ratios
    given = np.flatnonzero(~np.isnan(ratios.value[:, year]))
    rows = builder.block(RATIO, given, ratios.left_layer[given])
    builder.term(rows, ratios.left[given] + shift[ratios.left_layer[given]], 1.0)
    builder.term(rows, ratios.right[given] + shift[ratios.right_layer[given]], -ratios.value[given, year])
    return builder.build(width, layers)


def known_values(facts: Facts, year: int) -> Floats:
    """Return the variables of a year, NaN where they are not given."""
    layers = len(facts.layers)
    totals = np.full((layers, 2 * len(facts.processes)), np.nan)
    parts = [facts.given[:, :, year].T, totals, facts.additions[:, :, year].T]
    return np.concatenate(parts, axis=1).ravel()
