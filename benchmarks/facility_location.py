"""Published and generated problems of facility location, written as cases and planned.

The common text format of capacitated warehouse location (Beasley, OR-Library, J. Opl Res. Soc. 41 (1990)
1069-1072) is: the number of warehouses and of customers; capacity and fixed cost of each warehouse; then for each
customer its demand and the cost of supplying all of it from each warehouse. A case made of it has one year, one
scheme, one stream and one fraction; customers are municipalities, warehouses are candidates without capital, and the
cost of supplying is an explicit cost per tonne. The cheapest plan costs exactly what the published optimum does.

    python -m benchmarks.facility_location FILE_OR_FOLDER ... [--optimum FILE.json] [--single] [--workbooks FOLDER]
    python -m benchmarks.facility_location --generate 100x1000
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mfa
from flows.case import Case

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Instance:
    """A problem: ``capacity`` and ``fixed`` by warehouse, ``demand`` by customer, ``cost`` (customer, warehouse).

    ``cost`` is that of supplying all that a customer demands. ``single``: from one warehouse only.
    """

    name: str
    capacity: Floats
    fixed: Floats
    demand: Floats
    cost: Floats
    single: bool = False


def read_instance(path: Path, *, capacity: float | None = None, single: bool = False) -> Instance:
    """Read an instance; ``capacity`` stands in where the file has the word instead of a number.

    Raises ``ValueError`` if numbers are missing or left over.
    """
    words = path.read_text("ascii").split()
    if capacity is not None:
        words = [str(capacity) if word == "capacity" else word for word in words]
    numbers = np.array(words, dtype=float)
    warehouses, customers = (int(number) for number in numbers[:2])
    expected = 2 + 2 * warehouses + customers * (1 + warehouses)
    if len(numbers) != expected:
        raise ValueError(f"{path.name}: {expected} numbers expected, {len(numbers)} found")
    sites = numbers[2 : 2 + 2 * warehouses].reshape(warehouses, 2)
    rows = numbers[2 + 2 * warehouses :].reshape(customers, 1 + warehouses)
    return Instance(path.stem, sites[:, 0], sites[:, 1], rows[:, 0], rows[:, 1:], single)


def generated(warehouses: int, customers: int, seed: int = 0, *, single: bool = False) -> Instance:
    """Return a random instance in the plane, in the manner of Cornuejols, Sridharan and Thizy (EJOR 50 (1991) 280).

    Customers and warehouses lie in the unit square, a unit costs ten times the distance, demand is 5 to 35,
    capacity 10 to 160 scaled to five times all demand, and fixed cost has economies of scale.
    """
    random = np.random.default_rng(seed)
    sites, homes = random.random((warehouses, 2)), random.random((customers, 2))
    demand = random.integers(5, 36, customers).astype(float)
    capacity = random.integers(10, 161, warehouses).astype(float)
    fixed = np.round(random.uniform(0, 90, warehouses) + random.uniform(100, 110, warehouses) * np.sqrt(capacity))
    capacity = np.round(capacity * 5.0 * demand.sum() / capacity.sum())
    apart = np.hypot(*(homes[:, None, axis] - sites[None, :, axis] for axis in (0, 1)))
    name = f"random {warehouses} x {customers}"
    return Instance(name, capacity, fixed, demand, np.round(10.0 * apart * demand[:, None], 3), single)


def tables(instance: Instance) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a case that is the instance.

    A customer that demands nothing gets nothing. A state of today needs a place for its waste: the facility
    ``elsewhere`` stands until the plan begins.
    """
    warehouses = [f"w{number}" for number in range(1, len(instance.capacity) + 1)]
    customers = [f"c{number}" for number in range(1, len(instance.demand) + 1)]
    some = np.flatnonzero(instance.demand > 0)
    per_tonne = instance.cost[some] / instance.demand[some, None]
    return {
        "municipalities": [{"municipality": name} for name in customers],
        "fractions": [{"fraction": "goods"}],
        "sectors": [{"sector": "customers"}],
        "streams": [{"stream": "load", "kind": "mixed", "single_destination": instance.single}],
        "technologies": [{"technology": "warehouse", "treatment": "other_material_recovery", "lifetime": 1}],
        "outputs": [{"output": "delivered", "kind": "emission", "treatment": "other_material_recovery"}],
        "generation": [
            {
                "municipality": customers[row],
                "sector": "customers",
                "fraction": "goods",
                "year": 2024,
                "amount": float(instance.demand[row]),
            }
            for row in some
        ],
        "schemes": [{"scheme": "supply", "sector": "customers"}],
        "capture": [{"scheme": "supply", "fraction": "goods", "stream": "load", "share": 1.0}],
        "current_schemes": [{"sector": "customers", "scheme": "supply"}],
        "facilities": [
            {"facility": "elsewhere", "technology": "warehouse", "state": "existing", "closable": True, "gate_fee": 0},
            *({"facility": name, "technology": "warehouse", "state": "candidate"} for name in warehouses),
        ],
        "sizes": [
            {"facility": name, "size": "whole", "capacity": float(room), "capex": 0.0, "fixed_cost": float(price)}
            for name, room, price in zip(warehouses, instance.capacity, instance.fixed, strict=True)
        ],
        "pinned": [{"facility": "elsewhere", "from": 2025, "run": False}],
        "yields": [{"technology": "warehouse", "output": "delivered", "share": 1.0}],
        "accepts": [{"technology": "warehouse", "input": "load"}],
        "transport": [{"mode": mode} for mode in ("collection", "haul")],
        "distances": [
            {"from": customers[row], "to": name, "cost": float(price)}
            for row, prices in zip(some, per_tonne, strict=True)
            for name, price in zip(warehouses, prices, strict=True)
        ],
    }


def settings(instance: Instance) -> dict[str, Any]:
    """Return the settings of a case that is the instance: one year that counts once."""
    return {
        "title": instance.name,
        "account_year": 2024,
        "plan_years": "2025",
        "discount_rate": 0.0,
        "calibration": False,
    }


def as_case(instance: Instance) -> Case:
    """Return the instance as a case."""
    return Case.from_tables(settings(instance), tables(instance))


def write(instance: Instance, folder: Path) -> Path:
    """Write the case workbook of an instance and return its path."""
    from mfa.workbook_write import write_case

    path = folder / f"{instance.name.replace(' ', '_')}.xlsx"
    write_case(settings(instance), tables(instance), path)
    return path


def planned(instance: Instance, *, gap: float, time_limit: float, workbook: Path | None = None) -> dict[str, Any]:
    """Plan an instance and return objective, bound, status, whether the certificate holds, seconds and memory."""
    begun = time.perf_counter()
    run = mfa.plan(workbook or as_case(instance), gap=gap, time_limit=time_limit)
    info = run.info
    return {
        "name": instance.name,
        "objective": info["objective"],
        "bound": info["bound"],
        "status": info["status"],
        "certificate": info["certificate"]["holds"],
        "seconds": time.perf_counter() - begun,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "times": info["machine"]["times"],
    }


def _line(row: Mapping[str, Any], optimum: float | None) -> str:
    apart = "" if optimum is None else f"{(row['objective'] - optimum) / optimum:+.1e}"
    known = "" if optimum is None else f"{optimum:,.3f}"
    return (
        f"{row['name']:<20} {row['objective']:>16,.3f} {known:>16} {apart:>9} {row['bound']:>16,.3f} "
        f"{row['status']:<12} {'holds' if row['certificate'] else 'FAILS':<11} {row['seconds']:>7.1f} "
        f"{row['megabytes']:>7.0f}"
    )


def _instances(options: argparse.Namespace) -> list[Instance]:
    files: list[Path] = []
    for path in options.paths:
        files += sorted(path.glob("*.txt")) if path.is_dir() else [path]
    found = [read_instance(path, capacity=options.capacity, single=options.single) for path in files]
    if options.generate:
        warehouses, customers = (int(part) for part in options.generate.split("x"))
        found.append(generated(warehouses, customers, options.seed, single=options.single))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Plan the instances named on the command line and print a table; 1 if an optimum is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="files, or folders of .txt files")
    parser.add_argument("--optimum", help="a number, or a JSON file with the published optima by name")
    parser.add_argument("--capacity", type=float, help="stands for the word capacity in a file")
    parser.add_argument("--single", action="store_true", help="each customer from one warehouse only")
    parser.add_argument("--generate", metavar="WAREHOUSESxCUSTOMERS", help="a random instance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--time-limit", type=float, default=600.0)
    parser.add_argument("--workbooks", type=Path, help="write the case workbooks here and plan from them")
    options = parser.parse_args(arguments)
    optima: dict[str, float] = {}
    number: float | None = None
    if options.optimum and options.optimum.endswith(".json"):
        content = json.loads(Path(options.optimum).read_text("utf-8"))
        optima = content.get("optimum", content)
    elif options.optimum:
        number = float(options.optimum)
    print(
        f"{'instance':<20} {'objective':>16} {'published':>16} {'apart':>9} {'bound':>16} "
        f"{'status':<12} {'certificate':<11} {'seconds':>7} {'MB':>7}"
    )
    missed = False
    for instance in _instances(options):
        workbook = None
        if options.workbooks:
            options.workbooks.mkdir(parents=True, exist_ok=True)
            workbook = write(instance, options.workbooks)
        row = planned(instance, gap=options.gap, time_limit=options.time_limit, workbook=workbook)
        optimum = optima.get(instance.name, number)
        print(_line(row, optimum), flush=True)
        print("  " + ", ".join(f"{name} {seconds} s" for name, seconds in row["times"].items()), flush=True)
        missed |= not row["certificate"]
        # Published optima are rounded to what the source prints.
        missed |= optimum is not None and abs(row["objective"] - optimum) > max(options.gap, 1e-6) * optimum + 0.01
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
