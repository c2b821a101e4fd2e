"""The commands on flow systems: what they print of an account and of a reconciliation."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from mfa.cli import DONE, show_json
from mfa.system_run import SystemRun
from mfa.words import Speaker, say

if TYPE_CHECKING:
    from mfa.system_api import ReconciledSystem
    from reports.system_pages import Reconciled

Options = argparse.Namespace
SHOWN_FLOWS = 15
SHOWN_UNDETERMINED = 5


def account_of_system(run: SystemRun, options: Options, speak: Speaker) -> int:
    """Show what is determined of a flow system, and its largest flows."""
    from reports.system_findings import undetermined_lines
    from reports.system_pages_account import account_sentences
    from reports.words import Words

    flows, found = run.tables["flows"], run.found
    if options.json:
        tables = {name: frame.to_dict("records") for name, frame in run.tables.items()}
        show_json({"ok": True, **run.info, **tables, "folder": run.folder})
        return DONE
    if found is None:
        return DONE
    words = Words(speak.language)
    answer, lines = account_sentences(found, words)
    if not options.quiet:
        say(str(run.system.settings["title"]))
    for line in (answer, *lines):
        say(line)
    for line in undetermined_lines(run.system, found.undetermined, words, SHOWN_UNDETERMINED):
        say(f"  {line}")
    if not options.quiet:
        show_flows(run, flows, words, options.verbose)
    if run.folder is not None and not options.quiet:
        say(speak("run", folder=run.folder))
    return DONE


def show_flows(run: SystemRun, flows: pd.DataFrame, words: Any, every: bool) -> None:
    """Print flows, a line each: those of the last year, the largest first where there are many, or all."""
    from reports.sankey_text import unit_text
    from reports.system_findings import place_text, plus_minus

    shown = flows if every else flows[flows["year"] == flows["year"].max()]
    shown = shown[shown["value"].notna()]
    if not every and len(shown) > SHOWN_FLOWS:
        first = shown[shown["layer"] == shown["layer"].iloc[0]]
        order = first["value"].abs().sort_values(ascending=False, kind="stable").index
        shown = first.reindex(order).head(SHOWN_FLOWS)
    texts = [place_text(run.system, {str(k): v for k, v in row.items()}, words) for row in shown.to_dict("records")]
    width = max(map(len, texts), default=0)
    spread = _spread(run.tables.get("draws"), words)
    for text, row in zip(texts, shown.to_dict("records"), strict=True):
        unit = unit_text(str(row["unit"]), words)
        value = plus_minus(float(row["value"]), float(row.get("std", math.nan)), unit, words)
        drawn = spread.get((row["flow"], row["layer"], row["year"]), "")
        say(f"  {text.ljust(width)}  {value}  {words('sys_status_' + str(row['status']))}{drawn}")


def _spread(draws: pd.DataFrame | None, words: Any) -> dict[tuple[Any, ...], str]:
    """Return the interval of each flow over the draws, in words, by flow, layer and year."""
    from reports.system_findings import decimals_of

    found: dict[tuple[Any, ...], str] = {}
    for row in draws.to_dict("records") if draws is not None else ():
        decimals = max(decimals_of(float(row["p95"])) - 1, 0)
        low, high = (words.number(float(row[name]), decimals) for name in ("p5", "p95"))
        found[row["flow"], row["layer"], row["year"]] = words("sys_spread", low=low, high=high)
    return found


def reconcile(options: Options, speak: Speaker) -> int:
    """Show whether measurements agree, which are suspect, and what could not be determined."""
    from mfa import api
    from mfa.system_api import ReconciledSystem

    found = api.reconciliation(options.case, options.out, speak.language, options.draws)
    if isinstance(found, ReconciledSystem):
        return _reconciled(found, options, speak)
    from mfa.case_results import show_case

    return show_case(found, options, speak)


def _reconciled(outcome: ReconciledSystem, options: Options, speak: Speaker) -> int:
    from reports.system_findings import undetermined_lines
    from reports.system_pages import reconciled_sentences
    from reports.words import Words

    found = outcome.shown
    if options.json:
        show_json({"ok": True, **_answer(outcome, speak), "file": options.out})
        return DONE
    words = Words(speak.language)
    answer, lines = reconciled_sentences(found, words, None if options.verbose else 6)
    if not options.quiet:
        say(str(found.system.settings["title"]))
    for line in (answer, *lines):
        say(line)
    most = None if options.verbose else SHOWN_UNDETERMINED
    for line in undetermined_lines(found.system, found.undetermined, words, most):
        say(f"  {line}")
    if options.verbose:
        _show_reconciled(found, words)
    for problem in outcome.found.problems if not options.quiet else ():
        if options.verbose or problem.code.startswith("reconcile_"):
            say(f"{speak(problem.severity)}: {problem.line(speak.language)}")
    if options.out and not options.quiet:
        say(speak("written", file=options.out))
    return DONE


def _show_reconciled(found: Reconciled, words: Any) -> None:
    """Print every flow with what was measured and what it was reconciled to."""
    from reports.sankey_text import unit_text
    from reports.system_findings import place_text, plus_minus

    rows = [row for row in found.flows.to_dict("records") if math.isfinite(row["reconciled"])]
    texts = [place_text(found.system, {str(k): v for k, v in row.items()}, words) for row in rows]
    width = max(map(len, texts), default=0)
    for text, row in zip(texts, rows, strict=True):
        value = plus_minus(
            float(row["reconciled"]), float(row["reconciled_std"]), unit_text(str(row["unit"]), words), words
        )
        say(f"  {text.ljust(width)}  {value}  {words('sys_status_' + str(row['status']))}")


def _answer(outcome: ReconciledSystem, speak: Speaker) -> dict[str, Any]:
    """Return a reconciliation for machines, in shown units."""
    found = outcome.shown
    tables = {
        name: getattr(found, name).to_dict("records")
        for name in ("flows", "coefficients", "relations", "balances", "suspects", "undetermined", "draws")
    }
    return {
        "title": found.system.settings["title"],
        "chi2": found.chi2,
        "dof": found.dof,
        "p_value": found.p_value,
        "significance": found.significance,
        "accepted": outcome.found.accepted,
        **tables,
        "problems": [problem.as_dict(speak.language) for problem in outcome.found.problems],
    }
