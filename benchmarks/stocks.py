"""Dynamic stocks beside flodym: time, memory and equality of results, in one run.

Both get the same numpy arrays and start cold in every round (a new model, its survival not worked out
yet), in turn; medians and their ratio are printed. flodym is not one of our dependencies: install it
beside (``pip install flodym``, measured against 1.1.0) and run
``OMP_NUM_THREADS=1 python benchmarks/stocks.py [rounds]`` with the repository on ``PYTHONPATH``.
"""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from flows.lifetimes import Floats, Lifetime
from flows.stocks import Ageing, DynamicStock, StockResult

try:
    import flodym
except ImportError:
    sys.exit("this benchmark compares with flodym: pip install flodym")


def inputs(years: int, cells: int, varying: bool = False) -> tuple[Floats, Floats, Floats]:
    """Return inflow (years, cells), mean and standard deviation of the lifetime, over cells or also over years."""
    random = np.random.default_rng(2011)
    inflow = random.uniform(1.0, 2.0, (years, cells)) * np.linspace(1.0, 3.0, years)[:, None]
    mean = random.uniform(10.0, 50.0, cells)
    if varying:
        mean = mean * np.linspace(1.0, 1.5, years)[:, None]
    return inflow, mean, 0.3 * mean


def theirs(way: str, known: Floats, lifetime: str, ageing: str, years: list[int], **parameters: Floats) -> flodym.Stock:
    """Return flodym's stock, computed."""
    time_axis = flodym.Dimension(name="Time", letter="t", items=years, dtype=int)
    cell_axis = flodym.Dimension(name="Cell", letter="c", items=list(range(known.shape[1])), dtype=int)
    dimensions = flodym.DimensionSet(dim_list=[time_axis, cell_axis])
    model = getattr(flodym, lifetime)(dims=dimensions, inflow_at=ageing, **parameters)
    kind = flodym.InflowDrivenDSM if way == "inflow" else flodym.StockDrivenDSM
    stock = kind(dims=dimensions, name="stock", lifetime_model=model)
    (stock.inflow if way == "inflow" else stock.stock).values[...] = known
    stock.compute()
    return stock


def ours(way: str, known: Floats, lifetime: Lifetime, ageing: Ageing, years: list[int]) -> StockResult:
    """Return our stock."""
    model = DynamicStock(years, lifetime, ageing)
    return model.from_inflow(known) if way == "inflow" else model.from_stock(known)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes; what it makes is thrown away before the clock starts again."""
    gc.collect()
    begin = time.perf_counter()
    made = work()
    taken = time.perf_counter() - begin
    del made
    return taken


def race(years: int, cells: int, rounds: int, varying: bool = False) -> None:
    """Print medians of both, in both ways, and their ratio."""
    inflow, mean, std = inputs(years, cells, varying)
    listed = list(range(1900, 1900 + years))
    lifetime = Lifetime.normal(mean, std)
    stock = ours("inflow", inflow, lifetime, "middle", listed).stock
    for way, known in (("inflow", inflow), ("stock", stock)):
        slow, fast = [], []
        for _ in range(rounds):
            slow.append(
                seconds(lambda: theirs(way, known, "NormalLifetime", "middle", listed, mean=mean, std=std))  # noqa: B023
            )
            fast.append(seconds(lambda: ours(way, known, lifetime, "middle", listed)))  # noqa: B023
        their, our = statistics.median(slow), statistics.median(fast)
        kind = "lifetime by cohort" if varying else "lifetime constant "
        print(
            f"  {years} x {cells}  {way + '-driven':14}{kind}  flodym {their:8.4f} s   ours {our:8.4f} s"
            f"   {their / our:6.0f} times faster"
        )


def compare() -> None:
    """Print the largest differences, relative to the largest value, for every shared lifetime and convention."""
    years, cells = 60, 40
    random = np.random.default_rng(1)
    listed = list(range(1960, 1960 + years))
    for varying in (False, True):
        inflow, mean, std = inputs(years, cells, varying)
        shape, scale = random.uniform(1.2, 4.0, mean.shape), mean
        pairs = {
            "FixedLifetime": (Lifetime.fixed(mean), {"mean": mean}),
            "NormalLifetime": (Lifetime.normal(mean, std), {"mean": mean, "std": std}),
            "FoldedNormalLifetime": (Lifetime.folded_normal(mean, std), {"mean": mean, "std": std}),
            "LogNormalLifetime": (Lifetime.lognormal(mean, std), {"mean": mean, "std": std}),
            "WeibullLifetime": (Lifetime.weibull(shape, scale), {"weibull_shape": shape, "weibull_scale": scale}),
        }
        for name, (lifetime, parameters) in pairs.items():
            worst = 0.0
            for ageing in ("start", "middle", "end"):
                their = theirs("inflow", inflow, name, ageing, listed, **parameters)
                our = ours("inflow", inflow, lifetime, ageing, listed)
                back = theirs("stock", our.stock, name, ageing, listed, **parameters)
                our_back = ours("stock", our.stock, lifetime, ageing, listed)
                for mine, other in (
                    (our.stock, their.stock),
                    (our.outflow, their.outflow),
                    (our_back.inflow, back.inflow),
                    (our_back.outflow, back.outflow),
                ):
                    worst = max(worst, float(np.abs(mine - other.values).max() / np.abs(other.values).max()))
            kind = "by cohort" if varying else "constant"
            print(f"  {name:22}{kind:10} start, middle, end, both ways: largest difference {worst:.1e}")


def uneven() -> None:
    """Print the balance of both where years are not one apart."""
    listed = [2000, 2005, 2010, 2020, 2030, 2050]
    inflow = np.full((len(listed), 1), 10.0)
    mean, std = np.array([12.0]), np.array([4.0])
    their = theirs("inflow", inflow, "NormalLifetime", "middle", listed, mean=mean, std=std)
    lengths = np.diff(flodym.lifetime_models.UnevenTimeDim(dim=their.dims["t"]).bounds)
    change = np.diff(their.stock.values[:, 0], prepend=0.0) / lengths
    print("  flodym:", np.round(their.inflow.values[:, 0] - their.outflow.values[:, 0] - change, 2))
    our = ours("inflow", inflow, Lifetime.normal(mean, std), "middle", listed)
    print("  ours:  ", our.imbalance()[:, 0] / np.array(our.lengths))


def large(way: str) -> None:
    """Run 300 years x 5000 cells one way and print time and the peak of the whole process."""
    inflow, mean, std = inputs(300, 5000)
    listed = list(range(1800, 2100))
    lifetime = Lifetime.normal(mean, std)
    known = inflow if way == "inflow" else np.cumsum(inflow, axis=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = seconds(lambda: ours(way, known, lifetime, "middle", listed))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"  300 x 5000  {way + '-driven':14} {taken:.2f} s, peak {peak / 1e6:.2f} GB (before it {before / 1e6:.2f} GB,"
        f" Python, numpy and flodym loaded)",
        flush=True,
    )


def main(rounds: int) -> None:
    """Print everything."""
    print(f"Time, medians of {rounds} rounds in turn, per-cell normal lifetimes:")
    race(100, 1000, rounds)
    race(100, 1000, rounds, varying=True)
    print("Large, each in its own process (flodym keeps four tables of 3.6 GB over years, cohorts and cells):")
    for way in ("inflow", "stock"):
        subprocess.run([sys.executable, __file__, "--large", way], check=True)
    print("Equality under the same convention (inflow_at = ageing), relative to the largest value:")
    compare()
    print("Balance per year, inflow - outflow - change of stock, years 2000, 2005, 2010, 2020, 2030, 2050:")
    uneven()


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--large":
        large(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
