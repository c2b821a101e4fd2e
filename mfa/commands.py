"""The commands themselves: each calls one public function and says what came of it."""

from __future__ import annotations

import argparse
import importlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from flows.case import Case
from mfa import api
from mfa.cli import DONE, INPUT, INTERRUPTED, UNSOLVED, UsageError, default_folder, show_json
from mfa.commands_export import write_example
from mfa.commands_objective import money_given, show_objective
from mfa.explained import why_not
from mfa.progress import ProgressBar
from mfa.run import Run, check_place
from mfa.scenario_words import listed
from mfa.words import Speaker, say
from mfa.workbook_read import Reading

if TYPE_CHECKING:
    from mfa.system_run import SystemRun

Options = argparse.Namespace
SHOWN_WARNINGS = 5
SHOWN_CHANGES = 3
SHOWN_UNPLACED = 20
WHOLE = ("all", "all_excluding_construction_demolition", "households", "municipal_waste")


def _share(text: str, name: str) -> float:
    try:
        return float(api.share(text) or 0.0)
    except api.OptionError as error:
        raise UsageError("option", option=f"--{name}", reason=error) from None


def _bar(title: str, options: Options, speak: Speaker) -> ProgressBar:
    return ProgressBar(title, speak, quiet=options.quiet or options.json)


def template(options: Options, speak: Speaker) -> int:
    """Write an empty case workbook or the example."""
    target = Path(options.file)
    if target.suffix.lower() != ".xlsx":
        raise UsageError("no_xlsx", file=target)
    if target.exists() and not options.force:
        raise UsageError("exists", file=target)
    path = api.template(target, example=options.example, lang=speak.language, system=options.system)
    if options.json:
        show_json({"ok": True, "file": str(path)})
    elif not options.quiet:
        say(speak("written", file=path))
    return DONE


def check(options: Options, speak: Speaker) -> int:
    """Show every problem of a workbook."""
    reading = api.check(options.case, options.annotated, speak.language)
    if options.json:
        problems = [problem.as_dict(speak.language) for problem in reading.problems]
        code = INPUT if reading.errors else DONE
        made = {} if reading.case is None else {"scenarios": listed(reading.case, speak)}
        show_json({"ok": not reading.errors, "exit_code": code, "problems": problems, **made})
        return code
    show_problems(reading, options, speak)
    if reading.case is not None and not options.quiet:
        show_scenarios(reading.case, options, speak)
    if options.annotated and reading.layouts and not options.quiet:
        say(speak("annotated", file=options.annotated))
    return INPUT if reading.errors else DONE


def show_scenarios(case: Case, options: Options, speak: Speaker) -> None:
    """Print the scenarios of a case and what each changes."""
    for number, one in enumerate(listed(case, speak)):
        if not number:
            say(speak("check_scenarios"))
        changes: Any = one.pop("changes")
        shown = changes if options.verbose else changes[:SHOWN_CHANGES]
        if len(shown) < len(changes):
            shown = [*shown, speak("check_more", count=len(changes) - len(shown))]
        say(speak("check_scenario", **one, changes="; ".join(shown)))


def show_problems(reading: Reading, options: Options, speak: Speaker, most: int | None = None) -> None:
    """Print the problems of a reading, a line each, and how many there are."""
    shown = reading.errors if options.quiet else reading.problems
    if most is not None and not options.verbose:
        shown = shown[:most]
    for problem in shown:
        say(f"{speak(problem.severity)}: {problem.line(speak.language)}")
    key = "bad" if reading.errors else "warned" if reading.warnings else "ok"
    if not options.quiet or reading.errors:
        errors, warnings = speak.count("errors", len(reading.errors)), speak.count("warnings", len(reading.warnings))
        say(speak(key, file=reading.path.name, errors=errors, warnings=warnings))


def account(options: Options, speak: Speaker) -> int:
    """Show today's rates by every method, or the flows of a system."""
    run = api.account(options.case, options.year, options.out, speak.language, options.draws)
    if type(run) is not Run:
        # That of a flow system, whose modules are loaded for it alone.
        from mfa.system_commands import account_of_system

        return account_of_system(cast("SystemRun", run), options, speak)
    year = int(run.info["options"]["year"])
    if options.json:
        sure = {name: run.tables[name].to_dict("records") for name in ("uncertainty", "drivers") if name in run.tables}
        show_json({"ok": True, **run.info, "rates": _rate_rows(run, "today", year), **sure, "folder": run.folder})
        return DONE
    show_account(run, year, speak)
    if "drivers" in run.tables:
        show_uncertainty(run, speak)
    if run.folder is not None and not options.quiet:
        say(speak("run", folder=run.folder))
    return DONE


def show_account(run: Run, year: int, speak: Speaker) -> None:
    """Print rates, tonnes and the balance of an accounted year."""
    rates = run.tables["rates"]
    whole = rates[(rates["municipality"] == "") & (rates["scope"] == "all") & (rates["method"] == "collected")]
    show_rates(run, "today", year, speak)
    if len(whole):
        say(speak("tonnes", mass=speak.number(float(whole["denominator_t"].iloc[0]))))
    error = imbalance(run.tables["flows"])
    say(speak("balance", error=f"{error:.1e}"))


def show_uncertainty(run: Run, speak: Speaker) -> None:
    """Print the headline rates of the region with their 5 to 95 %, and the inputs that they hang on most."""
    rates = run.tables["uncertainty"]
    for (scope, method), drivers in run.tables["drivers"].groupby(["scope", "method"], sort=False):
        row = rates[(rates["scope"] == scope) & (rates["method"] == method) & (rates["municipality"] == "")].iloc[0]
        rate, low, high = (speak.percent(float(row[name])) for name in ("rate", "p5", "p95"))
        say(speak("how_sure", scope=scope, method=method, rate=rate, low=low, high=high))
        for driver in drivers.nsmallest(3, "rank").itertuples():
            share, effect = speak.percent(float(driver.share), 0), speak.number(100 * float(driver.effect), 2)
            say(speak("driver", input=driver.input, share=share, effect=effect))


def imbalance(flows: pd.DataFrame) -> float:
    """Return the largest difference between what enters and leaves a facility, per fraction and year, in t."""
    keys = ["variant", "year", "fraction"]
    entering = flows.rename(columns={"to": "process"}).groupby([*keys, "process"])["mass_t"].sum()
    leaving = flows.rename(columns={"from": "process"}).groupby([*keys, "process"])["mass_t"].sum()
    both = pd.concat([entering, leaving], axis=1, join="inner").to_numpy()
    return float(abs(both[:, 0] - both[:, 1]).max()) if len(both) else 0.0


def _rate_rows(run: Run, variant: str, year: int) -> list[dict[str, Any]]:
    rates = run.tables["rates"]
    rows = rates[(rates["variant"] == variant) & (rates["year"] == year)]
    return list(rows.drop(columns=["variant", "year"]).to_dict("records"))


def show_rates(run: Run, variant: str, year: int, speak: Speaker) -> None:
    """Print the region's rates of a year: a row per method, a column per scope."""
    rates = run.tables["rates"]
    rows = rates[(rates["variant"] == variant) & (rates["year"] == year) & (rates["municipality"] == "")]
    if rows.empty:
        return
    case = run.case
    region = case.settings[f"region_{speak.language}"]
    say(speak("rates", year=year, region=region))
    table = rows.pivot_table(index="method", columns="scope", values="rate", sort=False)
    scopes = [scope for scope in WHOLE if scope in table.columns]
    heads = {"all_excluding_construction_demolition": "all excl. c&d"}
    width = max(len(method) for method in table.index) + 2
    say("  " + "".ljust(width) + "".join(heads.get(scope, scope).rjust(17) for scope in scopes))
    for method, row in table[scopes].iterrows():
        say("  " + str(method).ljust(width) + "".join(speak.percent(float(row[scope])).rjust(17) for scope in scopes))


def plan(options: Options, speak: Speaker) -> int:
    """Find the plan and store its run."""
    folder = Path(options.out) if options.out else default_folder(options.case)
    from models.plan import Interrupted

    bar = _bar(speak("step_plan"), options, speak)
    target = None if options.target is None else _share(options.target, "target")
    interrupted = False
    try:
        run = api.plan(
            options.case,
            target=target,
            year=options.year,
            method=options.method,
            scope=options.scope,
            scenario=options.scenario,
            gap=_share(options.gap, "gap"),
            time_limit=options.time_limit,
            out=folder,
            progress=bar,
            objective=options.objective,
            budget=None if options.budget is None else money_given(options.budget),
        )
    except Interrupted as stopped:
        run, interrupted = stopped.run, True
    finally:
        bar.close()
    holds = bool(run.info["certificate"]["holds"])
    code = INTERRUPTED if interrupted else DONE if holds else UNSOLVED
    if options.json:
        year = int(run.info["target"]["year"])
        rates = _rate_rows(run, "plan", year)
        show_json({"ok": code == DONE, "exit_code": code, **run.info, "rates": rates, "folder": run.folder})
    else:
        show_plan(run, speak)
        say(speak("run", folder=run.folder))
        if interrupted:
            say(speak("interrupted_plan"))
    return code


def show_plan(run: Run, speak: Speaker) -> None:
    """Print what a plan reaches, what it costs, and how sure that is."""
    info = run.info
    target = info["target"]
    show_rates(run, "plan", int(target["year"]), speak)
    words = {
        **target,
        "goal": speak.percent(target["rate"]),
        "reached": speak.percent(target["reached"]),
    }
    goal = target["rate"]
    say(speak("target" if goal is not None and not math.isnan(goal) else "no_target", **words))
    say(speak("plan_status", status=speak.known(str(info["status"]))))
    say("  " + speak("objective", value=speak.number(info["objective"] / 1e6, 1), currency=info["currency"]))
    show_objective(info, speak)
    say("  " + speak("gap", gap=speak.percent(info["gap"], 2), bound_of=speak.known(info["bound_of"])))
    certificate = info["certificate"]
    if certificate["holds"]:
        say("  " + speak("certificate_holds", error=f"{certificate['largest_error']:.1e}"))
    else:
        checks = run.tables["certificate"]
        failed = ", ".join(checks.loc[~checks["holds"].astype(bool), "check"])
        say("  " + speak("certificate_fails", checks=failed))


def report(options: Options, speak: Speaker) -> int:
    """Write workbooks from a run, or a layout to begin with."""
    if options.layout_example is not None:
        return write_example(options, speak)
    if options.run is None:
        raise UsageError("report_of_nothing")
    bar = _bar(speak("step_report"), options, speak)
    try:
        languages = ("da", "en") if options.both else options.lang
        paths = api.report(
            options.run,
            languages,
            options.municipality,
            options.out,
            bar,
            options.workers,
            options.layout,
            anonymous=options.anonymous,
            beside=options.beside,
        )
    finally:
        bar.close()
    if options.json:
        show_json({"ok": True, "reports": [str(path) for path in paths]})
    elif not options.quiet:
        say(speak("reports", count=len(paths), folder=paths[0].parent if paths else ""))
    return DONE


def demo(options: Options, speak: Speaker) -> int:
    """The main job on the shipped case: check, account, plan, report."""
    from models.plan import Infeasible

    folder = Path(options.out)
    check_place(folder.resolve())
    times: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        times[name], clock = now - clock, now

    path = api.capital_region_path()
    reading = api.check(path)
    if not options.json:
        show_problems(reading, options, speak, most=SHOWN_WARNINGS)
    if reading.errors or reading.case is None:
        return INPUT
    case = reading.case
    _introduce(case, speak, options)
    lap("step_check")
    accounted = api.account(reading)
    if not options.json:
        show_account(accounted, case.account_year, speak)
    lap("step_account")
    highest: list[dict[str, Any]] = []
    try:
        run = _demo_plan(reading, None, options, speak)
    except Infeasible as error:
        highest = error.highest.to_dict("records")
        run = _demo_scenario(reading, error, options, speak)
    lap("step_plan")
    if not options.json:
        show_plan(run, speak)
    holds = bool(run.info["certificate"]["holds"])
    paths: list[Path] = []
    if holds:
        bar = _bar(speak("step_report"), options, speak)
        try:
            paths = api.report(run, options.lang or "da", progress=bar)
        finally:
            bar.close()
        lap("step_report")
    if options.json:
        rates = _rate_rows(run, "plan", int(run.info["target"]["year"]))
        show_json(
            {"ok": holds, **run.info, "highest_rate": highest, "rates": rates, "folder": run.folder,
             "reports": [str(item) for item in paths], "seconds": times}
        )  # fmt: skip
    else:
        if holds:
            say(speak("reports", count=len(paths), folder=paths[0].parent))
        say(speak("run", folder=run.folder))
        shown = ", ".join(f"{speak(name)} {speak.number(seconds)} s" for name, seconds in times.items())
        say(speak("demo_times", times=shown))
    return DONE if holds else UNSOLVED


def _introduce(case: Case, speak: Speaker, options: Options) -> None:
    if options.json or options.quiet:
        return
    names = ("municipalities", "fractions", "facilities", "schemes")
    say(speak("demo_case", title=case.settings["title"], **{name: len(case[name]) for name in names}))


def _demo_plan(reading: Reading, scenario: str | None, options: Options, speak: Speaker) -> Run:
    bar = _bar(speak("step_plan"), options, speak)
    # A scenario that does not reach the target either leaves the folder as it is.
    gap, folder = _share(options.gap, "gap"), None if scenario else options.out
    try:
        return api.plan(reading, scenario=scenario, gap=gap, time_limit=options.time_limit, out=folder, progress=bar)
    finally:
        bar.close()


def _demo_scenario(reading: Reading, error: Any, options: Options, speak: Speaker) -> Run:
    """Say how far the central values reach, and plan the first scenario that reaches the target."""
    from models.plan import Infeasible

    case = reading.case
    candidates = promising(case) if case is not None else []
    if not options.json:
        for line in why_not(error, speak, place=not candidates):
            say(line)
    for scenario in candidates:
        try:
            run = _demo_plan(reading, scenario, options, speak)
        except Infeasible:
            continue
        run.save(options.out)
        if not options.json:
            name = run.case.names("scenarios", speak.language).get(scenario, scenario)
            say(speak("demo_scenario", scenario=scenario, name=name))
        return run
    raise error


def promising(case: Case) -> list[str]:
    """Return the scenarios that raise capture or yields, in the order of the sheet."""
    rows = case["scenarios"]
    raised = rows["operation"].eq("high") | (
        rows["operation"].eq("factor") & (pd.to_numeric(rows["value"], errors="coerce") > 1)
    )
    helpful = rows[rows["table"].isin(["capture", "yields"]) & raised]
    return list(dict.fromkeys(helpful["scenario"]))


def load(options: Options, speak: Speaker) -> int:
    """Fill a case from official statistics and show what found no place."""
    from mfa.imports import import_data
    from mfa.workbook_kind import CASE

    result = import_data(
        options.kind,
        options.file,
        options.case,
        years=options.year,
        keep=options.keep,
        mapping=options.mapping,
        generation=options.generation,
        out=options.out,
        lang=speak.language,
    )
    code = DONE if len(result.placed) else INPUT
    if options.json:
        tables = {name: getattr(result, name).to_dict("records") for name in ("placed", "unplaced")}
        files = {"file": result.path, "backup": result.backup, "lost": result.lost}
        show_json({"ok": code == DONE, "exit_code": code, **files, **tables})
        return code
    for table in dict.fromkeys(result.placed["table"]):
        counts = {action: result.count(action, table) for action in ("added", "replaced", "kept")}
        say(speak("import_counts", table=CASE.sheet_name(table, speak.language), **counts))
    _show_unplaced(result.unplaced, options, speak)
    if code == INPUT or result.path is None:
        key = "import_kept" if code == DONE else "import_nothing" if result.path is None else "import_choose"
        say(speak(key, file=options.case if result.path is None else result.path))
    elif not options.quiet:
        for part in result.lost:
            say(speak("import_lost", part=speak.known(f"lost_{part.replace(' ', '_')}")))
        say(speak("written", file=result.path))
        if result.backup is not None:
            say(speak("import_backup", file=result.backup))
    return code


def _show_unplaced(unplaced: pd.DataFrame, options: Options, speak: Speaker) -> None:
    """Print how many rows found no place and why, a line for each reason and thing."""
    if unplaced.empty:
        return
    say(speak("import_unplaced", rows=speak.number(int(unplaced["rows"].sum()))))
    shown = unplaced if options.verbose else unplaced.head(SHOWN_UNPLACED)
    for row in () if options.quiet else shown.itertuples(index=False):
        what = f"{row.what}: " if row.what else ""
        say("  " + speak("import_line", what=what, text=row.text, where=row.where, rows=speak.number(row.rows)))
    if len(shown) < len(unplaced) and not options.quiet:
        say("  " + speak("import_more", count=len(unplaced) - len(shown), sheet=f"#import {options.kind}"))


Command = Callable[[Options, Speaker], int]


def _later(module: str, name: str) -> Command:
    """Return a command of another module, which is loaded when the command is run: no other command waits for it."""

    def command(options: Options, speak: Speaker) -> int:
        run: Command = getattr(importlib.import_module(f"mfa.{module}"), name)
        return run(options, speak)

    return command


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "template": template,
    "check": check,
    "import": load,
    "account": account,
    "reconcile": _later("system_commands", "reconcile"),
    "plan": plan,
    "report": report,
    "export": _later("commands_export", "export"),
    "view": _later("commands_view", "view"),
    "frontier": _later("commands_choices", "frontier"),
    "alternatives": _later("commands_choices", "alternatives"),
    "worth": _later("commands_choices", "worth"),
    "compare": _later("commands_choices", "compare"),
    "robust": _later("commands_robust", "robust"),
    "rerun": _later("commands_rerun", "rerun"),
    "sweep": _later("commands_sweep", "sweep"),
}
