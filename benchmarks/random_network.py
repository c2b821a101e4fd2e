"""A layered random network with measured flows, for benchmarks.

Processes stand in layers; every flow leads from a process to one of the next layers, or out of the system
from the last, and every process is entered and left, so the mean degree (flows that touch a process, in
and out) is ``2 flows / processes``. True flows balance exactly; a share of them is measured with normal
errors in proportion to the flow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RandomNetwork:
    """A network: ``start`` and ``end`` of every flow (-1: the boundary), true and measured values, std."""

    processes: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    truth: Floats
    measured: Floats
    std: Floats

    def incidence(self) -> sparse.csr_matrix:
        """Return the balances: +1 where a flow enters a process, -1 where it leaves (processes x flows)."""
        rows, columns, values = [], [], []
        for ends, sign in ((self.end, 1.0), (self.start, -1.0)):
            inside = np.flatnonzero(ends >= 0)
            rows.append(ends[inside])
            columns.append(inside)
            values.append(np.full(len(inside), sign))
        return sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(self.processes, len(self.start)),
        )


def random_network(
    processes: int = 50_000,
    flows: int = 100_000,
    *,
    layers: int = 100,
    share_measured: float = 0.6,
    error: float = 0.05,
    back: float = 0.02,
    seed: int = 1,
) -> RandomNetwork:
    """Return a layered random network; ``back`` is the share of flows that lead back one layer (loops).

    >>> small = random_network(40, 80, layers=4)
    >>> bool(np.abs(small.incidence() @ small.truth).max() < 1e-9), len(small.truth)
    (True, 80)
    """
    generator = np.random.default_rng(seed)
    width = processes // layers
    layer = np.minimum(np.arange(processes) // width, layers - 1)
    first = np.searchsorted(layer, np.arange(layers + 1))

    def somewhere(at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a random process of each layer asked for; the boundary beyond the last."""
        inside = np.clip(at, 0, layers - 1)
        found = first[inside] + (generator.random(len(at)) * (first[inside + 1] - first[inside])).astype(np.int64)
        return np.where((at < 0) | (at >= layers), -1, found)

    # Every process is entered once from the layer before, and left once by a flow of its own.
    entered = np.arange(processes)
    first_half = somewhere(layer - 1)
    never_left = np.setdiff1d(entered, first_half)
    second_half = somewhere(layer[never_left] + 1)
    more = flows - processes - len(never_left)
    if more < 0:
        raise ValueError(f"{flows} flows are too few for {processes} processes")
    origin = generator.integers(0, processes, more)
    step = np.where(generator.random(more) < back, -1, generator.integers(1, 3, more))
    goal = layer[origin] + step
    target = somewhere(np.where(goal < 0, layer[origin] + 1, goal))
    start = np.concatenate([first_half, never_left, origin])
    end = np.concatenate([entered, second_half, target])
    # A process never sends to itself: layers differ. Splits are random shares of what leaves.
    weight = generator.gamma(2.0, size=flows)
    outside = start < 0
    total = np.bincount(start[~outside], weights=weight[~outside], minlength=processes)
    share = np.where(outside, 0.0, weight / total[np.maximum(start, 0)])
    supply = np.where(outside, 100.0 * weight, 0.0)
    inside = np.flatnonzero(~outside & (end >= 0))
    passing = sparse.csr_matrix((share[inside], (end[inside], start[inside])), shape=(processes, processes))
    fed = np.bincount(end[outside], weights=supply[outside], minlength=processes)
    through = spsolve(sparse.csc_matrix(sparse.eye(processes) - passing), fed)
    truth = np.where(outside, supply, share * through[np.maximum(start, 0)])
    known = generator.random(flows) < share_measured
    std = np.where(known, error * truth, np.nan)
    measured = truth + np.nan_to_num(std) * generator.standard_normal(flows)
    return RandomNetwork(processes, start, end, truth, np.where(known, measured, np.nan), std)
