"""Reconciliation of a layered random network: values, kinds and chi-square, then more on request.

Prints seconds (CPU) and peak memory. Run with ``OMP_NUM_THREADS=1 python -m benchmarks.reconcile
[processes] [share measured] [--system] [--deviations]``: ``--system`` goes through ``flows.reconcile`` with
tables, ``--deviations`` adds the standard deviation of every flow.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from benchmarks.random_network import RandomNetwork, random_network
from flows.classify import STATUS
from flows.least_squares import Estimates, LinearRelations, fit
from flows.reconcile import reconcile
from flows.system import System


def as_system(network: RandomNetwork) -> System:
    """Return the network as tables of a flow system."""
    import pandas as pd

    names = np.array([*(f"p{position}" for position in range(network.processes)), ""], dtype=object)
    flows = np.array([f"f{position}" for position in range(len(network.start))], dtype=object)
    known = np.isfinite(network.measured)
    return System.from_tables(
        processes=pd.DataFrame({"process": names[:-1]}),
        flows=pd.DataFrame({"flow": flows, "from": names[network.start], "to": names[network.end]}),
        measurements=pd.DataFrame({"flow": flows[known], "value": network.measured[known], "std": network.std[known]}),
    )


def _report(title: str, begun: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{title}: {time.process_time() - begun:.2f} s, peak {peak:.0f} MB")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("processes", nargs="?", type=int, default=50_000)
    parser.add_argument("share", nargs="?", type=float, default=0.6)
    parser.add_argument("--layers", type=int, default=100)
    parser.add_argument("--system", action="store_true")
    parser.add_argument("--deviations", action="store_true")
    options = parser.parse_args()
    begun = time.process_time()
    network = random_network(
        options.processes, 2 * options.processes, layers=options.layers, share_measured=options.share
    )
    _report(f"network of {network.processes} processes, {len(network.start)} flows", begun)
    incidence = network.incidence()
    flows = len(network.start)
    for title, lower in (("without bounds", None), ("no flow below zero", np.zeros(flows))):
        begun = time.process_time()
        found = fit(
            Estimates(network.measured, network.std, lower=lower),
            LinearRelations(incidence, np.zeros(network.processes)),
        )
        _report(f"values, kinds and chi-square, {title}", begun)
        kinds = ", ".join(
            f"{name} {count}" for name, count in zip(STATUS, np.bincount(found.status, minlength=5), strict=True)
        )
        print(
            f"  {kinds}\n  chi2 {found.chi2:.1f}, dof {found.dof}, p {found.p_value:.3f}, rounds {found.iterations}, at a bound {found.active.sum()}"
        )
        size = np.maximum(abs(incidence) @ np.abs(found.point), 1e-300)
        print(f"  worst balance {np.abs(incidence @ found.point / size).max():.1e} of what passes")
    if options.deviations:
        begun = time.process_time()
        fit(
            Estimates(network.measured, network.std),
            LinearRelations(incidence, np.zeros(network.processes)),
            deviations="all",
        )
        _report("with the standard deviation of every flow", begun)
    if options.system:
        begun = time.process_time()
        system = as_system(network)
        _report("tables of a system", begun)
        begun = time.process_time()
        reconcile(system, deviations="none")
        _report("reconcile(system), tables included", begun)


if __name__ == "__main__":
    main()
