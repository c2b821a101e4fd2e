"""How fast a large network with loops is solved, beside the same system written by hand on scipy.

A layered network of 50 000 processes and 100 000 flows in which some flows lead back, with coefficients
that differ from layer to layer; the hand-written solve is one sparse factorisation for each layer. Run with

    OMP_NUM_THREADS=1 python benchmarks/network.py [--flows N] [--layers N] [--all]

``--all`` adds smaller things: the same system from tables, as a general system in which a flow inside is the
given one, and a network without loops.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flows.network import Network
from flows.solve import solve
from flows.system import System

Floats = np.ndarray


def layered(flows: int, back: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return start and end (-1: outside) of flows that mostly lead a little ahead; ``back`` of them lead back.

    There are half as many processes as flows; each has at least one flow out, and a last one over the boundary.
    """
    random = np.random.default_rng(seed)
    count = flows // 2
    start = np.concatenate([np.arange(count), random.integers(0, count, flows - count)])
    step = random.integers(1, max(count // 50, 2), flows)
    # The first flow of a process never leads back, so that no loop is without exit.
    step[(random.random(flows) < 2 * back) & (np.arange(flows) >= count)] *= -1
    end = start + step
    return start, np.where((end >= count) | (end < 0), -1, end)


def shares(start: np.ndarray, layers: int, seed: int = 2) -> Floats:
    """Return coefficients (flow, layer) that close, different in every layer."""
    random = np.random.default_rng(seed)
    raw = random.random((len(start), layers)) + 0.1
    count = start.max() + 1
    sums = sparse.csr_matrix((np.ones(len(start)), (start, np.arange(len(start)))), shape=(count, len(start))) @ raw
    return raw / sums[start]


def by_hand(start: np.ndarray, end: np.ndarray, share: Floats, entering: Floats) -> Floats:
    """Return the flows by one sparse factorisation for each layer, as one would write it."""
    count = len(entering)
    inner = end >= 0
    result = np.empty_like(share)
    for layer in range(share.shape[1]):
        moves = sparse.csc_matrix((share[inner, layer], (end[inner], start[inner])), shape=(count, count))
        through = splu((sparse.identity(count, format="csc") - moves).tocsc()).solve(entering[:, layer])
        result[:, layer] = share[:, layer] * through[start]
    return result


def timed(task: Callable[[], object]) -> tuple[float, object]:
    """Return seconds and the result."""
    begin = time.perf_counter()
    result = task()
    return time.perf_counter() - begin, result


def memory() -> str:
    """Return the peak memory of this process so far."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def tables(start: np.ndarray, end: np.ndarray, share: Floats, inputs: int) -> tuple[pd.DataFrame, ...]:
    """Return processes, flows, coefficients and sources as tables; ``inputs`` flows come from outside."""
    count, layers = start.max() + 1, share.shape[1]
    names = np.char.add("p", np.arange(count).astype(str)).astype(object)
    ends = np.where(end >= 0, names[np.maximum(end, 0)], "")
    flows = pd.DataFrame({"flow": np.char.add("f", np.arange(len(start)).astype(str)).astype(object)})
    flows["from"], flows["to"] = names[start], ends
    rows = pd.DataFrame({"process": np.repeat(flows["from"], layers), "flow": np.repeat(flows["flow"], layers)})
    rows["layer"] = np.tile(np.char.add("layer", np.arange(layers).astype(str)).astype(object), len(start))
    rows["value"] = share.ravel()
    into = pd.DataFrame({"flow": np.char.add("in", np.arange(inputs).astype(str)).astype(object), "from": ""})
    into["to"] = names[:inputs]
    sources = pd.DataFrame({"flow": into["flow"], "value": 1.0})
    processes = pd.DataFrame({"process": names, "kind": "process"})
    return processes, pd.concat([into, flows], ignore_index=True), rows.reset_index(drop=True), sources


def main() -> None:
    """Print seconds, peak memory and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--layers", type=int, default=20)
    parser.add_argument("--inputs", type=int, default=100)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    for back in (0.0, 0.02, 0.1):
        start, end = layered(options.flows, back)
        share = shares(start, options.layers)
        processes, flows, rows, sources = tables(start, end, share, options.inputs)
        network = Network.of(
            list(processes.itertuples(index=False, name=None)), list(flows.itertuples(index=False, name=None))
        )
        own = np.concatenate([np.zeros((options.inputs, options.layers)), share])[:, :, None]
        supply = np.zeros_like(own)
        supply[: options.inputs] = 1.0
        whole = Network(network.processes, network.flows, tuple(map(str, range(options.layers))), (0,), own)
        seconds, solved = timed(lambda w=whole, s=supply, o=own: w.with_shares(s, o))
        entering = np.zeros((len(processes), options.layers))
        entering[: options.inputs] = 1.0
        hand, expected = timed(lambda a=start, b=end, c=share, d=entering: by_hand(a, b, c, d))
        error = np.abs(solved.mass[options.inputs :, :, 0] - expected).max()
        print(
            f"{len(flows)} flows x {options.layers} layers, {back:.0%} lead back: {seconds:.2f} s; by hand {hand:.1f} s, "
            f"{hand / seconds:.0f} times as long; largest difference {error:.1e}; peak {memory()}",
            flush=True,
        )
        if options.all:
            tables_seconds, again = timed(lambda n=network, s=sources, r=rows: n.solve(s, r))
            print(
                f"  from tables of {len(rows)} coefficients, closed and checked: {tables_seconds:.1f} s; peak {memory()}"
            )
            assert np.allclose(again.mass.sum(), solved.mass.sum())
    if options.all:
        general(options.flows, options.layers)


def general(flows: int, layers: int) -> None:
    """Print the time of the public ``solve``, with sources given and with flows inside given instead."""
    for back, inside in ((0.02, False), (0.02, True), (0.1, True)):
        start, end = layered(flows, back)
        processes, edges, rows, sources = tables(start, end, shares(start, layers), 100)
        # A flow that leaves the process in question says the same as the one that enters it.
        given = edges["flow"].iloc[100:200] if inside else sources["flow"]
        measured = pd.DataFrame({"flow": given, "value": 1.0})
        seconds, system = timed(
            lambda p=processes, e=edges, r=rows, m=measured: System.from_tables(
                processes=p, flows=e, transfer_coefficients=r, measurements=m
            )
        )
        spent, solution = timed(lambda s=system: solve(s))
        what = "flows inside" if inside else "sources"
        print(
            f"solve(system) of {flows} flows x {layers} layers, {back:.0%} lead back, {what} given: {spent:.1f} s "
            f"(tables {seconds:.1f} s); {len(solution.undetermined)} undetermined; peak {memory()}",
            flush=True,
        )


if __name__ == "__main__":
    main()
