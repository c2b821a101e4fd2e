"""The command line: thin calls of the public functions, with their words and exit codes.

Exit codes: 0 done; 2 wrong usage, or a place that cannot be read or written; 3 the input has problems; 4 the target
cannot be reached; 5 the solver stopped without a plan, or memory ran out; 130 interrupted. Heavy imports wait until a
command needs them.
"""

from __future__ import annotations

import _thread
import argparse
import io
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mfa import __version__
from mfa.cli_choices import add_choices
from mfa.cli_export import add_export, add_layout
from mfa.cli_sweep import add_sweep
from mfa.cli_view import add_view
from mfa.words import Speaker, SpokenError, system_language

DONE, USAGE, INPUT, UNREACHABLE, UNSOLVED, INTERRUPTED = 0, 2, 3, 4, 5, 130
PIECEMEAL = frozenset({"demo", "import", "report", "sweep"})
"""Commands that write more than one thing, each whole: what was finished before they were stopped is there."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=("da", "en"), help="language of messages and reports")
    common.add_argument("--json", action="store_true", help="print one JSON object for machines")
    common.add_argument("-q", "--quiet", action="store_true", help="print results only")
    common.add_argument("-v", "--verbose", action="store_true", help="print more detail")
    top = argparse.ArgumentParser(
        prog="mfa",
        description="Material flow accounts and least-cost recycling plans for municipalities.",
        epilog="exit codes: 0 done, 2 wrong usage, 3 problems in the input, 4 target out of reach, "
        "5 no plan found, 130 interrupted",
    )
    top.add_argument("--version", action="version", version=f"circular-mfa {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    demo = commands.add_parser("demo", parents=[common], help="check, account, plan and report the Capital Region")
    demo.add_argument("--out", default="mfa-demo", metavar="DIR", help="run folder (default: mfa-demo)")
    _solving(demo, gap="0.8%", seconds=900.0)  # a slow machine needs it; it ends as soon as the gap is proven

    template = commands.add_parser("template", parents=[common], help="write an empty workbook")
    template.add_argument("file", metavar="FILE.xlsx")
    template.add_argument("--system", action="store_true", help="of a general flow system instead of a case")
    template.add_argument("--example", action="store_true", help="the Capital Region's, or a small system's, instead")
    template.add_argument("--force", action="store_true", help="replace a file that is there")

    check = commands.add_parser("check", parents=[common], help="show every problem of a workbook with its cell")
    check.add_argument("case", metavar="CASE.xlsx")
    check.add_argument("--annotated", metavar="OUT.xlsx", help="write a copy with the cells marked")

    load = commands.add_parser("import", parents=[common], help="official Danish statistics into a case workbook")
    load.add_argument("kind", choices=("dst", "mst"), help="dst: LABY24 or LABY25 as csv; mst: the EPA's raw data")
    load.add_argument("file", metavar="FILE")
    load.add_argument("case", metavar="CASE.xlsx")
    load.add_argument("--year", help="years to take, 2022 or 2015-2022 or all (default: the accounted year)")
    load.add_argument("--keep", action="store_true", help="keep rows that are there (default: replace them)")
    load.add_argument("--mapping", metavar="FILE.csv", help="what words of the file mean: kind, in_file, id")
    load.add_argument("--generation", action="store_true", help="totals also replace amounts of waste")
    load.add_argument("--out", metavar="OUT.xlsx", help="write here and leave the case as it is")

    account = commands.add_parser("account", parents=[common], help="flows and balances; of a case its rates too")
    account.add_argument("case", metavar="FILE.xlsx", help="workbook of a case or of a flow system")
    account.add_argument("--year", type=int, help="accounted year (default: the case's; of a system all)")
    account.add_argument("--out", metavar="DIR", help="run folder")
    account.add_argument("--draws", type=int, default=0, metavar="N", help="how sure it is, from N draws")

    reconcile = commands.add_parser(
        "reconcile", parents=[common], help="make measured flows consistent and locate gross errors"
    )
    reconcile.add_argument("case", metavar="FILE.xlsx", help="workbook of a case or of a flow system")
    reconcile.add_argument("--out", metavar="OUT.xlsx", help="copy of the workbook with the results in front")
    reconcile.add_argument("--draws", type=int, metavar="N", help="repeat with N draws of the measurements")

    plan = commands.add_parser("plan", parents=[common], help="the least-cost plan that meets the targets")
    plan.add_argument("case", metavar="CASE.xlsx")
    plan.add_argument("--target", help="rate to reach, 80%% or 0.8; replaces the targets of its scope and method")
    plan.add_argument("--year", type=int, help="year of the target (default: the last plan year)")
    plan.add_argument("--method", help="rate method (default: the case's)")
    plan.add_argument("--scope", help="scope of the rate (default: the case's)")
    plan.add_argument("--scenario", metavar="NAME", help="a scenario of the case")
    plan.add_argument(
        "--objective", help="cost, rate, co2e, fair or another indicator (default: the case's)", metavar="NAME"
    )
    plan.add_argument("--budget", metavar="MONEY", help="most that it may cost, discounted: 30e9, 30000 mio, 30 mia")
    plan.add_argument("--out", metavar="DIR", help="run folder (default: CASE-plan beside the case)")
    _solving(plan, gap="0.5%", seconds=600.0)

    robust = commands.add_parser("robust", parents=[common], help="one plan for several scenarios")
    robust.add_argument("case", metavar="CASE.xlsx")
    robust.add_argument("--scenarios", default="all", metavar="A,B", help="base is the case as it is (default: all)")
    robust.add_argument("--measure", default="expected", help="expected, cvar, worst or regret (default: expected)")
    robust.add_argument("--alpha", default="90%", help="cvar is the mean of the dearest part 1 - alpha (default 90%%)")
    robust.add_argument(
        "--risk-weight", default="100%", help="weight of cvar, the rest is expected cost (default 100%%)"
    )
    robust.add_argument("--weights", metavar="A=3,B=1", help="probabilities (default: the sheet's, else equal)")
    robust.add_argument("--first-stage-until", type=int, metavar="YEAR", help="later decisions wait for the scenario")
    robust.add_argument("--shortfall-price", type=float, metavar="X", help="targets may be missed at X a tonne")
    robust.add_argument("--target", help="rate to reach, as in plan")
    robust.add_argument("--year", type=int, help="year of the target (default: the last plan year)")
    robust.add_argument("--method", help="rate method (default: the case's)")
    robust.add_argument("--scope", help="scope of the rate (default: the case's)")
    robust.add_argument("--out", metavar="DIR", help="run folder (default: CASE-robust beside the case)")
    _solving(robust, gap="2%", seconds=600.0)

    report = commands.add_parser("report", parents=[common], help="a workbook per municipality from a run")
    report.add_argument("run", metavar="RUN", nargs="?", help="run folder")
    report.add_argument("--municipality", nargs="+", metavar="CODE", help="only these; 'region' is the whole")
    report.add_argument("--out", metavar="DIR", help="folder for the workbooks (default: RUN/reports)")
    report.add_argument("--both", action="store_true", help="in Danish and in English")
    report.add_argument(
        "--workers", type=int, metavar="N", help="processes that write (default: one for each processor)"
    )
    add_layout(report)
    add_export(commands, common)
    report.add_argument(
        "--anonymous",
        action="store_true",
        help="leave out the others' names where a municipality is compared with them",
    )
    report.add_argument("--beside", nargs="+", metavar="RUN", default=[], help="other runs to show, such as scenarios")
    add_choices(commands, common, _solving)
    add_sweep(commands, common, _solving)
    add_view(commands, common)
    return top


def _solving(command: argparse.ArgumentParser, gap: str, seconds: float) -> None:
    command.add_argument(
        "--gap", default=gap, help=f"proven distance from the best plan (default {gap.replace('%', '%%')})"
    )
    command.add_argument(
        "--time-limit",
        type=float,
        default=seconds,
        metavar="S",
        help=f"seconds for building and search; tables follow (default {seconds:.0f})",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = parser().parse_args(arguments)
    speak = Speaker(options.lang or system_language())
    _steady_streams()
    usual, sys.unraisablehook = sys.unraisablehook, _keep_interruption
    try:
        code = _run(options, speak)
        return _leave(code) if code == INTERRUPTED else code
    except KeyboardInterrupt as stopped:
        kept = getattr(stopped, "run", None)
        left = "" if options.command not in PIECEMEAL else f". {_left(options, speak)}"
        _fail(INTERRUPTED, "interrupted", speak("interrupted") + left, options)
        if kept is not None and kept.folder is not None and not options.json:
            _note(speak("run", folder=kept.folder))
        return _leave(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone; that is its own business.
        sys.stderr.close()
        return DONE
    finally:
        sys.unraisablehook = usual


def _steady_streams() -> None:
    """Let a name that the terminal has no letters for be shown with ``?`` in their place instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _keep_interruption(lost: Any) -> None:
    """Interrupt again if Ctrl-C came where no exception can be raised (in a destructor, say)."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        # A little later, as here it would be lost once more.
        threading.Timer(0.05, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _leave(code: int) -> int:
    """Return the exit code, or end the process at once where a solver does not stop by itself."""
    solver = sys.modules.get("models.highs")
    if solver is not None and solver.still_running():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _run(options: argparse.Namespace, speak: Speaker) -> int:
    """Run a command; turn the errors of users into words and exit codes."""
    from flows.facts import SolveError
    from flows.network import BalanceError, LoopError, NetworkError
    from flows.problems import InputError
    from mfa.commands import COMMANDS
    from mfa.faults import Fault

    try:
        return COMMANDS[options.command](options, speak)
    except InputError as error:
        return _input_error(error.problems, options, speak)
    except LoopError as error:
        place = f"{error.layer}, {error.year}" if error.year else error.layer
        return _fail(INPUT, "input", speak("loop", place=place, processes=", ".join(error.processes)), options)
    except SolveError as error:
        return _fail(INPUT, "input", speak("unsolved", detail=error), options)
    except (NetworkError, BalanceError) as error:
        return _fail(INPUT, "input", speak("unbalanced", detail=error), options)
    except SpokenError as error:
        return _fail(USAGE, "usage", error.text(speak), options)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(USAGE, "usage", Fault(error).line(speak), options)
    except Exception as error:
        # The second is what Python says where there is no room for another thread.
        if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "start new thread" in str(error)):
            return _fail(UNSOLVED, "memory", speak("fault_memory", left=_left(options, speak)), options)
        return _plan_error(error, options, speak)


def _left(options: argparse.Namespace, speak: Speaker) -> str:
    """Say what a command that could not go on has left: most write at their end, and then whole."""
    if options.command == "sweep":
        folder = Path(options.out) if options.out else default_folder(options.case, "sweep")
        return speak("left_sweep", folder=folder) if folder.exists() else speak("left_nothing")
    return speak("left_done" if options.command in PIECEMEAL else "left_nothing")


def _plan_error(error: Exception, options: argparse.Namespace, speak: Speaker) -> int:
    """Say why there is no plan; anything else is a bug and stays a traceback."""
    from models.compiler import SolverError
    from models.plan import Infeasible, NoPlan
    from models.routes import ChainError

    if isinstance(error, SolverError):
        return _fail(UNSOLVED, "solver", speak("fault_solver", reason=error, left=_left(options, speak)), options)
    if isinstance(error, ChainError):
        return _fail(INPUT, "input", speak("chain", detail=error), options)
    if isinstance(error, Infeasible):
        from mfa.explained import as_json, why_not

        text = "\n".join(why_not(error, speak))
        more = as_json(error, speak.language) if options.json else {}
        return _fail(UNREACHABLE, "infeasible", text, options, **more)
    if isinstance(error, NoPlan):
        return _fail(UNSOLVED, "no_plan", speak("no_plan", reason=speak.known(f"stopped_{error.status}")), options)
    raise error


class UsageError(SpokenError):
    """Options that do not fit together or cannot be read."""


def _input_error(problems: Sequence[Any], options: argparse.Namespace, speak: Speaker) -> int:
    errors = [problem for problem in problems if problem.severity == "error"]
    if options.json:
        show_json({"ok": False, "exit_code": INPUT, "problems": [item.as_dict(speak.language) for item in problems]})
        return INPUT
    for problem in problems if options.verbose else errors or problems:
        _note(f"{speak(problem.severity)}: {problem.line(speak.language)}")
    return INPUT


def _fail(code: int, kind: str, text: str, options: argparse.Namespace, **more: Any) -> int:
    if options.json:
        show_json({"ok": False, "exit_code": code, "error": kind, "text": text, **more})
    else:
        _note(text)
    return code


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def show_json(content: dict[str, Any]) -> None:
    """Print one JSON object; where standard output cannot take every letter, they are escaped."""
    from mfa.run import plain

    every = str(getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
    print(json.dumps(plain(content), indent=2, ensure_ascii=not every))


def default_folder(case: str, kind: str = "plan") -> Path:
    """Return where the plan of a workbook goes: beside it, CASE-plan (or another ``kind`` of run)."""
    path = Path(case)
    return path.with_name(f"{path.stem}-{kind}")


if __name__ == "__main__":
    sys.exit(main())
