"""Mutation testing of the core: small faults are put into a copy, one at a time, and the module's tests must notice.

A mutant is one change of one place: an operator, a comparison, a number, a condition turned round, a statement left
out, a function of an array swapped for its opposite. Of every module a seeded sample is drawn. The tests of a module
are stated in :data:`TESTS`; they first run unchanged, and a mutant that takes several times as long counts as killed.
Printed are a line for every mutant as it falls, every survivor with its line before and after, and a table.

Run ``PYTHONPATH=. nice -n 19 python benchmarks/mutations.py [module ...] [--sample 15] [--seed 2035]``; modules are
named as ``flows/rates``. What was found so far, and why some survivors are no faults, is in ``docs/mutations.md``.
Nothing here is ours but the map of tests: general runners do not select tests by module in this layout.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ["numpy", "pandas", "scipy.sparse.linalg", "pint", "networkx", "pyomo.environ", "highspy", "openpyxl", "pytest"]
"""Others' packages that are imported once, so that a mutant costs its tests alone."""
BY_HAND = [
    f"tests/models/test_by_hand_{name}.py"
    for name in ("facilities", "limits", "outputs", "schemes", "targets", "time", "transport")
]
CERTIFICATE = ["tests/models/test_certificate.py", "tests/models/test_certificate_attacked.py"]
TESTS: dict[str, list[str]] = {
    "flows/account": ["tests/flows/test_account.py"],
    "flows/account_amounts": ["tests/flows/test_account_uncertainty.py", "tests/flows/test_reconcile_case.py"],
    "flows/amounts": ["tests/flows/test_amounts.py", "tests/flows/test_building_stock.py"],
    "flows/bounds": [
        "tests/flows/test_least_squares.py",
        "tests/flows/test_reconcile.py",
        "tests/flows/test_reconcile_laws.py",
    ],
    "flows/ledger": [
        "tests/flows/test_ledger.py",
        "tests/models/test_by_hand_transport.py",
        "tests/models/test_by_hand_schemes.py",
    ],
    "flows/network": ["tests/flows/test_network.py"],
    "flows/rates": ["tests/flows/test_rates.py"],
    "flows/reconcile": ["tests/flows/test_reconcile.py", "tests/flows/test_reconcile_laws.py"],
    "flows/routing": ["tests/flows/test_routing.py", "tests/models/test_by_hand_transport.py"],
    "flows/solve": ["tests/flows/test_solve.py"],
    "flows/stocks": [
        "tests/flows/test_stocks.py",
        "tests/flows/test_stocks_laws.py",
        "tests/flows/test_stocks_published.py",
    ],
    "flows/units": ["tests/flows/test_units.py"],
    "models/certificate_cost": [*CERTIFICATE, "tests/models/test_by_hand_demand.py"],
    "models/certificate_demand": [*CERTIFICATE, "tests/models/test_by_hand_demand.py"],
    "models/certificate_flows": [*CERTIFICATE, "tests/models/test_by_hand_targets.py"],
    "models/certificate_indicators": CERTIFICATE,
    "models/certificate_plants": [*CERTIFICATE, "tests/models/test_by_hand_facilities.py"],
    "models/certificate_schemes": CERTIFICATE,
    "models/certificate_targets": [*CERTIFICATE, "tests/models/test_by_hand_targets.py"],
    "models/formulation": ["tests/models/test_formulation_parts.py", "tests/models/test_builder.py", *BY_HAND],
    "models/formulation_capacity": BY_HAND,
    "models/formulation_facilities": ["tests/models/test_facilities_in_time.py", *BY_HAND],
    "models/formulation_flows": [*BY_HAND, "tests/models/test_single_destination.py", "tests/models/test_chains.py"],
    "models/formulation_schemes": BY_HAND,
    "models/formulation_targets": BY_HAND,
    "models/safe_bound": ["tests/models/test_safe_bound.py"],
    "models/tables": ["tests/models/test_certificate.py", *BY_HAND, "tests/mfa/test_report_tables.py"],
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
CALLS = {
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "any": "all",
    "all": "any",
    "first": "last",
    "last": "first",
    "ffill": "bfill",
    "isna": "notna",
    "notna": "isna",
    "floor": "ceil",
    "ceil": "floor",
    "zeros": "ones",
    "ones": "zeros",
    "head": "tail",
    "tail": "head",
}


@dataclass(frozen=True)
class Mutant:
    """A module with one place changed: ``line`` (from 1), what stood there, what stands there now, and the whole."""

    module: str
    line: int
    before: str
    after: str
    source: str


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield what may stand in the place of an expression."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield ast.unparse(ast.BinOp(node.left, SWAPS[type(node.op)](), node.right))  # type: ignore[arg-type]
    elif isinstance(node, ast.BoolOp):
        yield ast.unparse(ast.BoolOp(SWAPS[type(node.op)](), node.values))  # type: ignore[arg-type]
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield ast.unparse(ast.Compare(node.left, [SWAPS[type(node.ops[0])]()], node.comparators))  # type: ignore[list-item]
    elif isinstance(node, ast.UnaryOp):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.IfExp):
        yield ast.unparse(ast.IfExp(node.test, node.orelse, node.body))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield repr(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield repr(node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
        other = ast.Attribute(node.func.value, CALLS[node.func.attr], ast.Load())
        yield ast.unparse(ast.Call(other, node.args, node.keywords))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield ast.unparse(ast.Call(ast.Name(CALLS[node.func.id]), node.args, node.keywords))


def _looked_at(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but texts, annotations, decorators, imports and what only raises."""
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _looked_at(child)


def mutants(module: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    text = (ROOT / f"{module}.py").read_text("utf-8")
    lines = text.encode().split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    raw = text.encode()
    found: list[Mutant] = []

    def put(node: ast.AST, new: str) -> None:
        begin = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        source = (raw[:begin] + new.encode() + raw[end:]).decode()
        try:
            ast.parse(source)
        except SyntaxError:
            return
        found.append(Mutant(module, node.lineno, raw[begin:end].decode(), new, source))  # type: ignore[attr-defined]

    for node in _looked_at(ast.parse(text)):
        if isinstance(node, ast.If):
            put(node.test, f"(not ({ast.unparse(node.test)}))")
        left_out = isinstance(node, ast.AugAssign | ast.Continue | ast.Break) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        )
        left_out = left_out or (isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name | ast.Tuple))
        if left_out:
            put(node, "pass")
        for new in _changed(node):
            put(node, new if new.replace(".", "").isalnum() else f"({new})")
    return sorted(found, key=lambda one: (one.line, one.before, one.after))


def _tested(folder: str, tests: list[str], module: str, output: str) -> None:
    """Run tests in ``folder``: the whole work of a process of its own, which ends with pytest's exit code."""
    with Path(output).open("w") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    os.chdir(folder)
    sys.path[:] = [folder, *(entry for entry in sys.path if entry not in ("", str(ROOT), str(ROOT / "benchmarks")))]
    import pytest

    # Examples in the module's documentation are tests too.
    chosen = [*tests, f"{module}.py"]
    os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *chosen])))


def run(folder: Path, module: str, tests: list[str], limit: float) -> tuple[int | None, float]:
    """Return pytest's exit code (None: it took longer than ``limit``) and the seconds it took."""
    begun = time.perf_counter()
    process = multiprocessing.get_context("forkserver").Process(
        target=_tested, args=(str(folder), tests, module, str(folder / "output.txt"))
    )
    process.start()
    process.join(limit)
    late = process.is_alive()
    if late:
        process.kill()
        process.join()
    return None if late else process.exitcode, time.perf_counter() - begun


def copied(folder: Path) -> Path:
    """Copy what git knows of the project, and what is new, into ``folder``."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def tried(folder: Path, module: str, sample: int, seed: int) -> tuple[int, list[str], list[Mutant]]:
    """Run the mutants of a module and return how many there are, what became of each, and the survivors."""
    tests = TESTS[module]
    code, usual = run(folder, module, tests, 1200.0)
    if code != 0:
        sys.exit(f"{module}: its tests fail unchanged, see {folder / 'output.txt'}")
    every = mutants(module)
    chosen = random.Random(f"{seed} {module}").sample(every, min(sample, len(every)))
    path = folder / f"{module}.py"
    kept = path.read_text("utf-8")
    fates, survivors = [], []
    for one in sorted(chosen, key=lambda one: one.line):
        for old in path.parent.glob(f"__pycache__/{path.stem}.*"):
            old.unlink()  # Two mutants of one second may have the same size.
        path.write_text(one.source, "utf-8")
        code, seconds = run(folder, module, tests, 3.0 * usual + 20.0)
        fate = "late" if code is None else "survived" if code == 0 else "killed"
        fates.append(fate)
        told = f"{one.module}.py:{one.line}: {' '.join(one.before.split())}  ->  {one.after}"
        print(f"{fate:8} {seconds:6.1f} s  {told}", flush=True)
        if fate == "survived":
            survivors.append(one)
    path.write_text(kept, "utf-8")
    return len(every), fates, survivors


def main() -> None:
    """Run the mutants of the modules that are asked for, and print what survived and a table."""
    asked = argparse.ArgumentParser(description="Mutation testing of the core modules.")
    asked.add_argument("module", nargs="*", help=f"default: all of {', '.join(TESTS)}")
    asked.add_argument("--sample", type=int, default=15, help="mutants of each module")
    asked.add_argument("--seed", type=int, default=2035)
    options = asked.parse_args()
    if unknown := set(options.module) - set(TESTS):
        asked.error(f"no tests are stated for {', '.join(sorted(unknown))}")
    multiprocessing.get_context("forkserver").set_forkserver_preload(HEAVY)
    table, survivors = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name).resolve())
        for module in options.module or TESTS:
            count, fates, alive = tried(folder, module, options.sample, options.seed)
            table.append((module, count, len(fates), fates.count("killed"), fates.count("late"), len(alive)))
            survivors += alive
    for one in survivors:
        print(f"\n{one.module}.py:{one.line}\n  - {one.before}\n  + {one.after}")
    print(f"\n{'module':32} {'mutants':>8} {'tried':>6} {'killed':>7} {'late':>5} {'survived':>9}")
    for module, *counts in table:
        print(f"{module:32} {counts[0]:8} {counts[1]:6} {counts[2]:7} {counts[3]:5} {counts[4]:9}")
    done = sum(row[2] for row in table)
    print(f"{done - len(survivors)} of {done} fell ({(done - len(survivors)) / max(done, 1):.0%})")


if __name__ == "__main__":
    main()
