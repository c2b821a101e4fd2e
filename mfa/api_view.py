"""The public function that shows a whole run as one page for the browser."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

import pandas as pd

from mfa.api import RunOrPath, report_language
from mfa.robust_run import RobustRun
from mfa.run import Run, RunError, unfit
from mfa.run_bundle import Bundle
from mfa.run_door import inside
from mfa.sweep_plan import run_shown
from mfa.sweep_results import Sweep
from mfa.whole import whole_file

PAGE = "page.html"
"""Name of the page in a run's folder ``reports``."""
FULL = {"worth": "plan", "robust": "base"}
"""The plan of a run of several plans that the page shows in full, where it has a name of its own."""


def view(
    run: RunOrPath | Sweep,
    out: str | os.PathLike[str] | None = None,
    lang: str | None = None,
    open: bool = False,
) -> Path:
    """Write one self-contained HTML page of a run and return its path; it needs no network and no server.

    ``run`` is a run or its folder; the page goes to its ``reports`` folder as ``page.html`` unless ``out`` names a file.
    ``lang`` is the language that it opens in, 'da' or 'en' (default: Danish where the currency is DKK); the reader can
    change it. ``open`` shows it in the browser.

    Of a run of several plans (a curve, alternatives, what things are worth, several scenarios, a sweep) the page compares
    them and shows one in full. Of a run whose target cannot be reached it says why. Raises :class:`RunError` for a run that
    is no plan: an account, a flow system, or one whose certificate does not hold.
    """
    from reports.html_page import page_html

    found = run_shown(run)
    shown, plan = _shown(found)
    _check(plan)
    if out is None and found.folder is None:
        raise RunError("page_in_memory")
    target = Path(out) if out is not None else inside(Path(str(found.folder)), "reports", PAGE)
    several = plan is not found or "sweep" in found.info
    text = page_html(
        plan.case,
        plan.tables,
        plan.info,
        lang or report_language(plan.case),
        found.tables if several else plan.tables,
        shown,
        ("sweep" if "sweep" in found.info else str(found.info.get("kind") or "")) if several else "",
    )
    with whole_file(target) as new:
        new.write_text(text, "utf-8", newline="\n")
    if open:
        webbrowser.open(target.resolve().as_uri())
    return target


def _shown(run: Run) -> tuple[str, Run]:
    """Return the plan that is shown in full with its name: the run itself, or one of its plans."""
    if not isinstance(run, Bundle | RobustRun):
        return "", run
    plans = {
        name: plan for name, plan in run.runs.items() if plan.info.get("status") != "infeasible" and not unfit(plan)
    }
    if not plans:
        raise RunError("page_no_plan")
    kind = str(run.info.get("kind"))
    if kind == "frontier":
        # The last point of the curve that no other plan beats: the highest rate, or the least greenhouse gas.
        table = run.tables["frontier"]
        best = table.loc[table["efficient"].astype(bool)].sort_values("cost", ascending=False)["point"]
    elif kind == "alternatives":
        best = run.tables["alternatives"].sort_values("cost", kind="stable")["plan"]
    else:
        best = pd.Series([FULL.get(kind, "")])
    name = next((str(name) for name in best if str(name) in plans), min(plans))
    return name, plans[name]


def _check(run: Run) -> None:
    if reason := unfit(run):
        raise RunError({"system": "page_of_system", "account": "page_of_account"}.get(reason, "run_fails"))
