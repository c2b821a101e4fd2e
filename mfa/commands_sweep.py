"""The command that plans many times: a thin call of the public function, and what came of it in words."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mfa.api_sweep import sweep as run_sweep
from mfa.cli import DONE, UNREACHABLE, UNSOLVED, UsageError, default_folder, show_json
from mfa.progress import ProgressBar
from mfa.sweep_plan import sweep_sentences
from mfa.sweep_results import Sweep
from mfa.words import Speaker, say

Options = argparse.Namespace
SHOWN_ROWS = 24
SHOWN_REASONS = 5


def sweep(options: Options, speak: Speaker) -> int:
    """Plan for all scenarios, targets, methods and draws, and store what comes of it."""
    from mfa.api import OptionError, share

    folder = Path(options.out) if options.out else default_folder(options.case, "sweep")
    try:
        gap = float(share(options.gap) or 0.0)
    except OptionError as error:
        raise UsageError("option", option="--gap", reason=error) from None
    bar = ProgressBar(speak("step_sweep"), speak, quiet=options.quiet or options.json)
    try:
        found = run_sweep(
            options.case,
            folder,
            scenarios=options.scenarios,
            targets=options.targets,
            methods=options.methods,
            scope=options.scope,
            year=options.year,
            draws=options.draws,
            seed=options.seed,
            gap=gap,
            time_limit=options.time_limit,
            workers=options.workers,
            scheduler=options.scheduler,
            resume=options.resume,
            progress=bar,
        )
    finally:
        bar.close()
    outcomes = found.outcomes
    planned = outcomes["cost"].notna()
    unreachable = bool((outcomes["status"] == "infeasible").all())
    code = DONE if planned.any() else UNREACHABLE if unreachable else UNSOLVED
    if options.json:
        rows = outcomes.to_dict("records")
        told = {name: table.to_dict("records") for name, table in found.read().items() if name != "regret"}
        show_json(
            {"ok": code == DONE, "exit_code": code, **found.info, "outcomes": rows, **told, "folder": found.folder}
        )
    else:
        show_sweep(found, outcomes, speak, every=options.verbose)
        for line in () if options.quiet else sweep_sentences(found, speak.language):
            say(line)
        say(speak("sweep_folder", folder=found.folder))
    return code


def show_sweep(found: Sweep, outcomes: pd.DataFrame, speak: Speaker, *, every: bool) -> None:
    """Print what scenarios cost at each target, and which tasks have no plan."""
    currency = str(found.info["currency"])
    statuses = outcomes["status"].value_counts()
    counts = {name: int(statuses.get(name, 0)) for name in ("infeasible", "no_plan", "failed")}
    say(speak("sweep_counts", tasks=len(outcomes), plans=int(outcomes["cost"].notna().sum()), **counts))
    heads = {name: speak(f"column_{name}", currency=currency) for name in ("scenario", "target", "method", "plans")}
    say(speak("sweep_head", **heads, cost=speak("column_cost", currency=currency), rate=speak("column_rate")))
    groups = list(outcomes.groupby(["scenario", "method", "target"], sort=False, dropna=False))
    for (scenario, method, target), rows in groups[: None if every else SHOWN_ROWS]:
        plans = rows[rows["cost"].notna()]
        words = {
            "scenario": scenario or "base",
            "target": speak("sweep_own_targets") if target != target else speak.percent(float(target)),
            "method": method,
            "plans": f"{len(plans)}/{len(rows)}",
            "cost": _span(plans["cost"] / 1e6, lambda value: speak.number(value, 3 if abs(value) < 100 else 1)),
            "rate": _span(plans["rate"], speak.percent),
        }
        say(speak("sweep_head", **words))
    if not every and len(groups) > SHOWN_ROWS:
        say(speak("sweep_more", count=len(groups) - SHOWN_ROWS, folder=found.folder))
    reasons = outcomes.loc[outcomes["status"].isin(["no_plan", "failed"]), "reason"].value_counts()
    for reason, count in reasons.head(SHOWN_REASONS).items():
        say("  " + speak("sweep_reason", count=count, reason=speak.known(_key(str(reason)))))
    wrong = outcomes.loc[outcomes["cost"].notna() & ~outcomes["certified"], "task"]
    if len(wrong):
        say("  " + speak("sweep_uncertified", tasks=", ".join(map(str, wrong.head(SHOWN_ROWS)))))


def _key(reason: str) -> str:
    """Return the key of the words for a reason."""
    from mfa.words import WORDS

    return f"stopped_{reason}" if f"stopped_{reason}" in WORDS else reason


def _span(values: pd.Series, written: Callable[[float], str]) -> str:
    """Return the least and the largest of values as one text."""
    if values.empty:
        return "-"
    low, high = written(float(values.min())), written(float(values.max()))
    return low if low == high else f"{low}-{high}"
