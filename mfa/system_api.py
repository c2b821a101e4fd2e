"""The public functions on flow systems, and reconciling a case; :mod:`mfa.api` opens the workbook and calls them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.case import Case
from flows.reconcile import Reconciliation, reconcile
from flows.solve import Solution
from flows.system import System
from mfa.made import made
from mfa.run import check_place
from mfa.system_account import solve_or_reconcile, uncertain
from mfa.system_results import accounted, reconciled, write_reconciled
from mfa.system_run import SystemRun
from mfa.words import SpokenError
from mfa.workbook_read import without_rows
from reports.system_pages import Reconciled
from reports.system_pages_account import Accounted

if TYPE_CHECKING:
    from mfa.case_results import ReconciledCase

MOST_WORK = 2_000_000
"""Uncertain values times flows up to which an account says how uncertain each flow is."""


class SystemOptionError(SpokenError, ValueError):
    """An option that the system does not know."""


def account_system(
    system: System,
    path: Path | None,
    source: dict[str, str],
    year: int | None,
    out: str | os.PathLike[str] | None,
    lang: str,
) -> SystemRun:
    """Return the account of a flow system, stored in ``out`` if that is given; ``source`` says what it was read from."""
    if out is not None:
        check_place(Path(out).resolve())
    if year is not None and year not in system.years:
        known = ", ".join(str(item) for item in system.years)
        raise SystemOptionError("no_system_year", value=year, known=known)
    started = time.perf_counter()
    bare = without_rows(system)
    solution, stands_on = solve_or_reconcile(system)
    count = int(system.settings["draws"])
    drawn = _drawn(bare, count, stands_on is not None) if count else None
    if stands_on is None:
        solution = _with_uncertainty(bare, solution)
    found = accounted(bare, solution, stands_on, drawn, lang)
    if year is not None:
        found = of_year(found, year)
    info: dict[str, Any] = {
        "status": "accounted",
        "reconciled_first": stands_on is not None,
        "layers": {layer: system.unit(layer) for layer in system.layers},
        "times": {"account": time.perf_counter() - started},
    }
    options = {"year": year, **({"draws": count} if count else {})}
    seeds = {"draws": int(system.settings["seed"])} if count else {}
    info = made("system", options, source, info, seeds)
    tables = {
        "flows": found.flows,
        "stocks": found.stocks,
        "balances": found.balances,
        "undetermined": found.undetermined,
        "draws": found.draws,
    }
    run = SystemRun(
        {name: frame for name, frame in tables.items() if len(frame) or name in {"flows", "balances"}},
        info,
        workbook=path,
        given_system=bare,
        solution=solution,
        found=found,
        language=lang,
    )
    if out is not None:
        run.save(out)
    return run


def of_year(found: Accounted, year: int) -> Accounted:
    """Return what was found of one year."""

    def only(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["year"] == year].reset_index(drop=True) if "year" in frame else frame

    return replace(
        found,
        flows=only(found.flows),
        stocks=only(found.stocks),
        balances=only(found.balances),
        undetermined=only(found.undetermined),
        draws=only(found.draws),
    )


@dataclass(frozen=True)
class ReconciledSystem:
    """A reconciliation (in canonical units) with what is shown of it."""

    found: Reconciliation
    shown: Reconciled


def reconcile_file(
    source: Case | System, path: Path | None, out: str | os.PathLike[str] | None, lang: str, draws: int | None
) -> ReconciledSystem | ReconciledCase:
    """Return a case or flow system reconciled; ``out`` gets a copy of its workbook with the results.

    ``path`` is the file that it came from, if there was one.
    """
    if draws is not None and draws < 2:
        raise SystemOptionError("no_draws", value=draws)
    if isinstance(source, System):
        return _reconcile_system(source, path, out, lang, draws)
    if draws is not None:
        raise SystemOptionError("no_draws_of_case")
    from mfa.case_results import reconciled_case

    return reconciled_case(source, path, out, lang)


def _reconcile_system(
    system: System, path: Path | None, out: str | os.PathLike[str] | None, lang: str, draws: int | None
) -> ReconciledSystem:
    found = reconcile(system)
    bare = without_rows(system)
    count = int(system.settings["draws"]) if draws is None else draws
    drawn = _drawn(bare, count, True) if count else None
    outcome = ReconciledSystem(found, reconciled(system, found, drawn))
    if out is not None:
        write_reconciled(path or bare, outcome.shown, out, lang)
    return outcome


def _drawn(system: System, draws: int, again: bool) -> pd.DataFrame:
    """Return median and 5 to 95 % of flows over draws of what is uncertain, reconciled ``again`` in each or solved."""
    from flows.uncertainty import monte_carlo

    flows = monte_carlo(system, draws=draws, reconcile=again).flows
    flows = flows[flows["median"].notna()].reset_index(drop=True)
    flows.attrs["draws"] = draws
    return flows


def _with_uncertainty(system: System, solution: Solution) -> Solution:
    """Return a solution with the standard deviation of every flow to first order, where that is no great work."""
    from flows.uncertainty import UncertaintyError, propagate

    inputs = sum(len(system[name]) for name in ("measurements", "transfer_coefficients", "relations"))
    if not uncertain(system) or inputs * len(solution.flows) * len(system.years) > MOST_WORK:
        return solution
    try:
        flows = propagate(system).flows
    except UncertaintyError:
        return solution
    return replace(solution, flows=solution.flows.assign(std=flows["std"].to_numpy()))
