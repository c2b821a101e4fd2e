"""Draws per second: the rates of the Capital Region's account, and a general flow system.

Each vectorised run stands beside the obvious loop: the account of a case that holds one draw's values, run again for
every draw (flows and rates only, nothing is reconciled again); the system solved draw by draw. Run by hand from the
root of the repository, one thread: ``OMP_NUM_THREADS=1 python -m benchmarks.uncertainty``.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

import mfa
from flows.account import flows_of, standing_allocation
from flows.account_draws import AccountModel
from flows.account_inputs import Inputs
from flows.account_uncertainty import CHUNK, account_uncertainty
from flows.capture import shifted_capture
from flows.case import Case, typed_table
from flows.distributions import latin_hypercube, scores
from flows.rates import rates
from flows.reconcile_case import reconcile_case
from flows.sensitivity import influence
from flows.solve import solve
from flows.system import System
from flows.system_inputs import system_inputs
from flows.tables import BY_NAME
from flows.uncertainty import monte_carlo


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Return the median time of some runs."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def account_again(case: Case, model: AccountModel, normals: np.ndarray) -> Callable[[], object]:
    """Return the account of the case with the values of one draw."""
    padded = np.vstack([normals, np.zeros((1, normals.shape[1]))])
    moves = None if model._posterior is None else model._posterior.moves(padded)
    amounts = model._amounts.index.assign(amount=model._amounts.drawn(padded, moves)[:, 0], year=case.account_year)
    losses = {name: part.drawn(padded)[:, 0] for name, part in model._losses.items()}
    captured = model._captures.index.assign(share=model._captures.drawn(padded, moves)[:, 0])
    changed = (
        case.with_table("generation", typed_table(BY_NAME["generation"], amounts))
        .with_table("yields", case["yields"].assign(share=model._yields.drawn(padded)[:, 0]))
        .with_table("markets", case["markets"].assign(**losses))
    )

    def again() -> object:
        allocation = standing_allocation(case, [case.account_year])
        return rates(changed, flows_of(changed, allocation, captured, "today"))

    return again


def region(times: int, draws: int) -> None:
    """Print draws per second of the Capital Region's rates."""
    case = mfa.capital_region()
    started = time.perf_counter()
    found = reconcile_case(case)
    print(f"reconciling the case once          {time.perf_counter() - started:8.2f} s")
    inputs = Inputs()
    captured = shifted_capture(found.case, found.calibration)
    started = time.perf_counter()
    allocation = standing_allocation(found.case, [case.account_year])
    model = AccountModel(case, found, captured, allocation, case.account_year, inputs)
    print(f"making the model, {inputs.size} inputs      {time.perf_counter() - started:8.2f} s")
    normals = scores(latin_hypercube(inputs.size, CHUNK, seed=1))
    several = median_seconds(lambda: model.draw(normals), times) / CHUNK
    once = median_seconds(account_again(found.case, model, normals[:, :1]), times)
    pairs, places = len(model.pairs), len(model.municipalities) + 1
    print(f"rates of {pairs} methods and scopes in {places} places, flows by treatment, throughputs")
    print(f"  vectorised                        {1 / several:8.1f} draws/s")
    print(f"  the account run again             {1 / once:8.1f} draws/s")
    print(f"  ratio of medians                  {once / several:8.0f}")
    started = time.perf_counter()
    whole = account_uncertainty(case, draws, reconciled=found)
    print(f"{draws} draws with summaries          {time.perf_counter() - started:8.2f} s")
    answers = np.array([whole.draws_of(*pair) for pair in whole.headlines])
    ranked = median_seconds(lambda: influence(whole.normals, answers), 1)
    print(f"ranking of {len(whole.inputs)} inputs for {len(answers)} rates {ranked:6.2f} s")


def chain(processes: int) -> System:
    """Return a chain of processes with random loops back, two uncertain coefficients each."""
    generator = np.random.default_rng(1)
    names = [f"p{number}" for number in range(processes)]
    flows, rows = [{"flow": "in", "to": "p0"}], []
    for number, name in enumerate(names):
        onward = names[number + 1] if number + 1 < processes else ""
        flows.append({"flow": f"on{number}", "from": name, "to": onward})
        flows.append({"flow": f"back{number}", "from": name, "to": names[generator.integers(0, number + 1)]})
        flows.append({"flow": f"out{number}", "from": name})
        rows.append({"process": name, "flow": f"on{number}", "value": 0.6, "std": 0.05})
        rows.append({"process": name, "flow": f"back{number}", "value": 0.2, "std": 0.03})
    return System.from_tables(
        processes=[{"process": name} for name in names],
        flows=flows,
        transfer_coefficients=rows,
        measurements=[{"flow": "in", "value": 100, "std": 5}],
    )


def system(processes: int, times: int, draws: int) -> None:
    """Print draws per second of a chain with loops."""
    given = chain(processes)
    inputs = system_inputs(given)
    one = inputs.systems(inputs.drawn(latin_hypercube(len(inputs.table), 1, seed=1)))
    several = median_seconds(lambda: monte_carlo(given, draws=draws), times) / draws
    once = median_seconds(lambda: solve(one), times)
    print(f"system of {processes} processes, {len(given['flows'])} flows with loops, {len(inputs.table)} inputs")
    print(f"  vectorised                        {1 / several:8.1f} draws/s")
    print(f"  solved draw by draw               {1 / once:8.1f} draws/s")
    print(f"  ratio of medians                  {once / several:8.0f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--draws", type=int, default=2000)
    options = parser.parse_args()
    region(options.times, options.draws)
    for processes in (10, 100):
        system(processes, options.times, 1000)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
