"""The commands on choices: what they print of a frontier, of alternatives, of worth, and of a comparison."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd

from mfa import api, api_choices
from mfa.cli import DONE, INTERRUPTED, UNSOLVED, UsageError, show_json
from mfa.comparison import _decimals
from mfa.progress import ProgressBar
from mfa.run_bundle import Bundle, shown
from mfa.words import Speaker, say

Options = argparse.Namespace
SHOWN = 12
"""Lines of one kind that are printed without -v."""


def _share(text: str, name: str) -> float:
    try:
        return float(api.share(text) or 0.0)
    except api.OptionError as error:
        raise UsageError("option", option=f"--{name}", reason=error) from None


def _asked(
    options: Options, title: str, speak: Speaker, function: Callable[..., Bundle], **own: Any
) -> tuple[Bundle, bool]:
    """Call a public function with the options that all of them share; say whether Ctrl-C cut it short."""
    from models.outcome import Interrupted

    bar = ProgressBar(title, speak, quiet=options.quiet or options.json)
    target = getattr(options, "target", None)
    shared = {name: getattr(options, name) for name in ("method", "scope", "year", "scenario", "out", "time_limit")}
    if target is not None:
        own["target"] = _share(target, "target")
    try:
        return function(options.case, gap=_share(options.gap, "gap"), progress=bar, **shared, **own), False
    except Interrupted as stopped:
        return stopped.run, True
    finally:
        bar.close()


def _done(
    answer: tuple[Bundle, bool], options: Options, speak: Speaker, show: Callable[[Bundle, Speaker, bool], None]
) -> int:
    """Print a bundle and return the exit code: plans whose certificates fail are no plans."""
    bundle, interrupted = answer
    holds = all(bool((plan.get("certificate") or {}).get("holds")) for plan in bundle.info["plans"].values())
    code = INTERRUPTED if interrupted else DONE if holds else UNSOLVED
    if options.json:
        tables = {name: frame.to_dict("records") for name, frame in bundle.tables.items()}
        show_json({"ok": code == DONE, "exit_code": code, **bundle.info, **tables, "folder": bundle.folder})
        return code
    show(bundle, speak, options.verbose)
    if bundle.folder is not None and not options.quiet:
        say(speak("run", folder=bundle.folder))
    if interrupted:
        say(speak("interrupted_plans"))
    return code


def frontier(options: Options, speak: Speaker) -> int:
    """Show the curve of cost against rate, greenhouse gas or both."""
    own = {"against": options.against, "points": options.points}
    bundle = _asked(options, speak("step_frontier"), speak, api_choices.frontier, **own)
    return _done(bundle, options, speak, show_frontier)


def show_frontier(bundle: Bundle, speak: Speaker, every: bool) -> None:
    """Print a line per plan: rate, greenhouse gas, cost, gap, and what a tonne more costs from the plan before."""
    table, grid = bundle.tables["frontier"], bundle.tables["frontier_bounds"]
    rows = table if every else table[table["efficient"]]
    goal, against, currency = table.iloc[0], bundle.info["found"]["against"], bundle.info["currency"]
    count = int(table["efficient"].sum())
    say(speak(f"frontier_of_{against}", scope=goal["scope"], method=goal["method"], year=goal["year"], count=count))
    extra = bundle.tables["marginal_cost"].set_index("to_point")["per_tonne"]
    heads = {
        "point": speak("column_point"),
        "rate": speak("column_rate"),
        "co2e": speak("column_co2e"),
        "cost": speak("column_cost", currency=currency),
        "gap": speak("column_gap"),
        "tonne": speak("column_extra_co2e" if against == "co2e" else "column_extra") if against != "both" else "",
    }
    say("  " + speak("frontier_head", **heads))
    for row in rows.itertuples(index=False):
        cost = float(row.cost) / 1e6
        per_tonne = extra.get(row.point, float("nan"))
        cells = {
            "point": row.point,
            "rate": speak.percent(row.rate),
            "co2e": speak.number(row.co2e_kt, _decimals(row.co2e_kt)),
            "cost": speak.number(cost, _decimals(cost)),
            "gap": speak.percent(row.gap, 2),
            "tonne": speak.number(per_tonne) if per_tonne == per_tonne else "",
        }
        say("  " + speak("frontier_head", **cells))
    if beyond := int((grid["status"] == "infeasible").sum()):
        say("  " + speak("frontier_beyond", count=beyond))
    say(speak("frontier_proof"))


def alternatives(options: Options, speak: Speaker) -> int:
    """Show plans that cost nearly the same, and what is in all, in some or in none of them."""
    own = {"within": _share(options.within, "within"), "count": options.count}
    bundle = _asked(options, speak("step_alternatives"), speak, api_choices.alternatives, **own)
    return _done(bundle, options, speak, show_alternatives)


def show_alternatives(bundle: Bundle, speak: Speaker, every: bool) -> None:
    """Print a line per plan, then what they share and what is open."""
    table, currency = bundle.tables["alternatives"], bundle.info["currency"]
    within = speak.percent(bundle.info["found"]["within"])
    cost = float(table["cost"].iloc[0]) / 1e6
    said = speak.number(cost, _decimals(cost))
    say(speak("alternatives_of", count=len(table), within=within, cost=said, currency=currency))
    for row in table.itertuples(index=False):
        why = speak(f"why_{row.why}")
        difference = f"{speak('column_difference')} {speak.percent(row.difference, 0)}"
        numbers = f"+{speak.percent(row.extra, 2):>8}   {speak.percent(row.rate):>7}"
        say(f"  {row.plan:<9}{numbers}   {difference:<16}{why}")
    ended = bundle.info["found"].get("ended", "stopped" if len(table) == 1 else "count")
    if ended not in {"count", "interrupted"}:
        say("  " + speak("alternatives_alone" if ended == "none" else "alternatives_stopped", within=within))
    presence = bundle.tables["presence"]
    for kind in ("all", "some", "none"):
        rows = presence[(presence["presence"] == kind) & (presence["proof"] != "given")]
        if len(rows):
            say(speak(f"presence_{kind}", within=within))
            _show_presence(bundle, rows, speak, every)


def _show_presence(bundle: Bundle, rows: pd.DataFrame, speak: Speaker, every: bool) -> None:
    case = bundle.case
    names = {table: case.names(table, speak.language) for table in ("municipalities", "schemes", "facilities")}
    # Facilities first, then what is proven.
    rows = rows.assign(late=rows["kind"] != "facility", weak=rows["proof"] == "observed")
    rows = rows.sort_values(["late", "weak"], kind="stable")
    most = len(rows) if every else SHOWN
    for row in rows.head(most).itertuples(index=False):
        listed = names["facilities" if row.kind == "facility" else "schemes"]
        line = speak(
            f"presence_line_{row.kind}",
            name=listed.get(row.name, row.name),
            place=names["municipalities"].get(row.municipality, row.municipality),
            source=" ".join(part for part in (row.sector, row.segment) if part),
        )
        proof = "" if row.proof == "shown" else f" ({speak(f'presence_{row.proof}')})"
        say(f"  {line}{proof}")
    if len(rows) > most:
        say("  " + speak("presence_more", count=len(rows) - most))


def worth(options: Options, speak: Speaker) -> int:
    """Show what a percentage point, carbon, capacity and the target are worth."""
    own = {"step": _share(options.step, "step"), "carbon": options.carbon, "points": options.points}
    bundle = _asked(options, speak("step_worth"), speak, api_choices.worth, **own)
    return _done(bundle, options, speak, show_worth)


def show_worth(bundle: Bundle, speak: Speaker, every: bool) -> None:
    """Print what was found, a line for each."""
    currency, found = bundle.info["currency"], bundle.info["found"]

    def millions(amount: float) -> str:
        # Less than half a unit of money is rounding.
        value = amount / 1e6 if abs(amount) >= 0.5 else 0.0
        return ("+" if value > 0 else "") + speak.number(value, _decimals(value))

    say(speak("worth_points_title"))
    points = bundle.tables["percentage_points"]
    for row in points[points["plan"] != "plan"].itertuples(index=False):
        step = ("+" if row.step > 0 else "") + speak.number(100 * row.step, 1)
        words = {"step": step, "target": speak.percent(row.target), "currency": currency}
        if row.status == "none":
            say("  " + speak("worth_point_none", **words))
            continue
        money = {name: millions(getattr(row, name)) for name in ("difference", "low", "high")}
        tonne = speak.number(row.per_tonne) if row.per_tonne == row.per_tonne else "-"
        say("  " + speak("worth_point", **words, **money, tonne=tonne))
    say(speak("worth_target", currency=currency, **{name: millions(v) for name, v in found["cost_of_target"].items()}))
    places = bundle.case.names("municipalities", speak.language)
    paid = bundle.tables["cost_of_target"]
    paid = paid.loc[paid["cost_of_target"].abs().sort_values(ascending=False, kind="stable").index]
    paid = paid[paid["cost_of_target"].abs() > 0.5]
    for row in (paid if every else paid.head(SHOWN)).itertuples(index=False):
        place = places.get(row.municipality, row.municipality) or speak("worth_together")
        say("  " + speak("worth_place", place=place, amount=millions(row.cost_of_target), currency=currency))
    for row in bundle.tables["carbon_price"].itertuples(index=False):
        say(
            speak(
                "worth_carbon",
                currency=currency,
                unit=speak.number(row.per_unit),
                more=speak.number(row.more),
                fixed=millions(row.plan_as_it_is),
                difference=millions(row.difference),
            )
        )
    _show_shadow_prices(bundle.tables["shadow_prices"], speak, every)


def _show_shadow_prices(table: pd.DataFrame, speak: Speaker, every: bool) -> None:
    if table.empty:
        say(speak("worth_shadow_none"))
        return
    say(speak("worth_shadow_title"))
    best = table.sort_values("per_year", ascending=False, kind="stable")
    for row in (best if every else best.head(SHOWN)).itertuples(index=False):
        kind = speak(f"kind_{row.kind}")
        value = speak.number(row.per_year, 2)
        say("  " + speak("worth_shadow", kind=kind, name=row.name, year=int(row.year), value=value, unit=row.unit))


def compare(options: Options, speak: Speaker) -> int:
    """Say what differs between two runs."""
    found = api_choices.compare(options.first, options.second)
    if options.json:
        tables = {name: frame.to_dict("records") for name, frame in found.tables.items()}
        show_json({"ok": True, "same": found.same, "sentences": found.sentences(speak.language), **tables})
        return DONE
    for line in found.sentences(speak.language):
        say(line)
    for name, table in found.tables.items():
        if len(table) and not options.quiet and not found.same:
            say("")
            say(speak("compare_table", table=name, count=len(table)))
            rows = len(table) if options.verbose else SHOWN
            say(shown(table, rows).to_string(index=False))
    return DONE
