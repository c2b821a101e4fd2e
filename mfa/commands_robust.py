"""The command that plans for several scenarios: a thin call of the public function, and what came of it in words."""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd

from mfa.api_robust import robust as plan_robust
from mfa.cli import DONE, UNREACHABLE, UNSOLVED, UsageError, _fail, default_folder, show_json
from mfa.explained import highest_line
from mfa.progress import ProgressBar
from mfa.robust_run import RobustRun
from mfa.words import Speaker, SpokenError, say

Options = argparse.Namespace
SHOWN_PLANS = 12
MANY = 100e6
"""Money from which one decimal of a million is enough."""


def robust(options: Options, speak: Speaker) -> int:
    """Find the plan that is best over scenarios, and store its run."""
    from models.not_in_all import NotInAll

    folder = options.out or default_folder(options.case, "robust")
    bar = ProgressBar(speak("step_robust"), speak, quiet=options.quiet or options.json)
    try:
        run = plan_robust(
            options.case,
            scenarios=options.scenarios,
            measure=options.measure,
            alpha=options.alpha,
            risk_weight=options.risk_weight,
            weights=_weights(options.weights),
            first_stage_until=options.first_stage_until,
            shortfall_price=options.shortfall_price,
            target=options.target,
            year=options.year,
            method=options.method,
            scope=options.scope,
            gap=_gap(options.gap),
            time_limit=options.time_limit,
            out=folder,
            progress=bar,
        )
    except NotInAll as error:
        bar.close()
        text = "\n".join(why_not_all(error, speak))
        more = {"highest": error.highest.to_dict("records"), "alone": error.alone, "proven": error.proven}
        return _fail(UNREACHABLE, "infeasible", text, options, reason=error.reason, **more)
    finally:
        bar.close()
    holds = bool(run.info["certificate"]["holds"])
    if options.json:
        tables = {name: run.tables[name].to_dict("records") for name in ("performance", "measures", "values")}
        show_json({"ok": holds, **run.info, **tables, "folder": run.folder})
    else:
        show_robust(run, speak, all_plans=options.verbose)
        say(speak("run", folder=run.folder))
    return DONE if holds else UNSOLVED


def _money(value: float, speak: Speaker) -> str:
    """Return money in millions."""
    return speak.number(value / 1e6, 1 if abs(value) >= MANY else 3)


def _gap(text: str) -> float:
    from mfa.api import OptionError, share

    try:
        return float(share(text) or 0.0)
    except OptionError as error:
        raise UsageError("option", option="--gap", reason=error) from None


def _weights(text: str | None) -> dict[str, float] | None:
    """Return weights written as A=3,B=1."""
    if text is None:
        return None
    found = {}
    for part in text.replace(";", ",").split(","):
        name, equals, number = part.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise UsageError("option", option="--weights", reason=SpokenError("no_weights", value=text))
    return found


def why_not_all(error: Any, speak: Speaker) -> list[str]:
    """Return lines on the scenarios in which the targets cannot be met, and how far one gets."""
    lines = [speak("robust_none" if error.proven else "robust_none_tried")]
    if not error.alone:
        lines.append(speak("robust_apart"))
    told = set()
    for row in error.highest.to_dict("records"):
        scenario = str(row["scenario"])
        if scenario in error.alone and scenario not in told:
            lines.append(speak("robust_alone", scenario=scenario))
        told.add(scenario)
        if not isinstance(row.get("scope"), str):
            key = "contradiction" if scenario in error.alone else "robust_cannot_run"
            lines.append("  " + speak(key, scenario=scenario))
        elif scenario in error.alone:
            lines.append("  " + highest_line({str(name): value for name, value in row.items()}, speak))
        else:
            values = {"mass": speak.number(row["short_t"], 1), "goal": speak.percent(row["goal"]), "scenario": scenario}
            lines.append("  " + speak("robust_misses", **{**{str(k): v for k, v in row.items()}, **values}))
    if error.alone:
        lines.append(speak("robust_why", scenario=error.alone[0]))
    return lines


def show_robust(run: RobustRun, speak: Speaker, *, all_plans: bool = False) -> None:
    """Print how plans do in scenarios, which was chosen, and what knowing more would be worth."""
    info = run.info
    currency = info["currency"]
    performance, judged = run.tables["performance"], run.tables["measures"]
    say(speak("robust_costs", currency=currency))
    _grid(performance, judged, speak, None if all_plans else SHOWN_PLANS)
    measure = speak(f"measure_{info['measure']}")
    say(speak("robust_chosen", plan=info["plan"], measure=measure))
    value, bound = (_money(info[name], speak) for name in ("objective", "bound"))
    bound_of = speak.known(info["bound_of"])
    say("  " + speak("robust_value", measure=measure, value=value, bound=bound, bound_of=bound_of, currency=currency))
    for row in performance[performance["plan"] == info["plan"]].itertuples():
        words = {"rate": speak.percent(row.rate), "mass": speak.number(row.shortfall_t, 1)}
        key = "robust_rate" if row.target_met else "robust_short"
        rate = speak(key, **words, penalty=_money(row.penalty, speak))
        cost, regret = _money(row.cost, speak), _money(row.regret, speak)
        weight = speak.percent(row.weight, 0)
        say("  " + speak("robust_scenario", scenario=row.scenario, weight=weight, cost=cost, regret=regret, rate=rate))
    if info["joint"] == "too_large":
        say("  " + speak("robust_joint_too_large"))
    _worth(run, speak)
    at_once = run.tables["decisions"]
    own = at_once[at_once["plan"].str.startswith("for:")]
    if own["plan"].nunique() > 1:
        each = own.drop_duplicates(["kind", "municipality", "sector", "segment", "facility", "size", "period"])
        say(speak("robust_differ", same=int(each["same"].sum()), count=len(each)))
    certificate = info["certificate"]
    if certificate["holds"]:
        say(speak("robust_certificates", pairs=certificate["pairs"], error=f"{certificate['largest_error']:.1e}"))
    else:
        failed = performance[performance["certificate"] == "fails"]
        pairs = ", ".join(f"{row.plan} / {row.scenario}" for row in failed.itertuples())
        say(speak("robust_certificate_fails", pairs=pairs))


def _grid(performance: pd.DataFrame, judged: pd.DataFrame, speak: Speaker, most: int | None) -> None:
    """Print a row per plan: its cost in every scenario, then what it is judged by."""
    scenarios = list(dict.fromkeys(performance["scenario"]))
    heads = [*scenarios, *(speak(f"measure_{name}") for name in ("expected", "worst", "regret"))]
    first = max(len(name) for name in judged["plan"]) + 2
    widths = [max(len(head), 10) + 2 for head in heads]
    say("  " + "".ljust(first) + "".join(head.rjust(width) for head, width in zip(heads, widths, strict=True)))
    for plan in judged.head(most or len(judged)).itertuples():
        mine = performance[performance["plan"] == plan.plan].set_index("scenario")
        cells = [_cell(mine.loc[name], speak) for name in scenarios]
        cells += ["-" if pd.isna(value) else _money(value, speak) for value in (plan.expected, plan.worst, plan.regret)]
        say("  " + plan.plan.ljust(first) + "".join(c.rjust(width) for c, width in zip(cells, widths, strict=True)))


def _cell(row: pd.Series, speak: Speaker) -> str:
    if not row["runs"]:
        return "-"
    return _money(row["cost"], speak) + ("" if row["target_met"] else "*")


def _worth(run: RobustRun, speak: Speaker) -> None:
    """Print what perfect information and planning for all scenarios are worth."""
    worth = run.tables["values"].set_index("name")
    reference = run.info["reference"]
    for key, name in (("robust_information", "EVPI"), ("robust_solution", "VSS")):
        if pd.isna(worth.loc[name, "value"]):
            say(speak("robust_solution_unbounded", reference=reference))
            continue
        numbers = {column: _money(worth.loc[name, column], speak) for column in ("value", "low", "high")}
        say(speak(key, reference=reference, **numbers))
