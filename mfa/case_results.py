"""The output of reconciling a case: a copy of its workbook with the findings in front, and what is printed."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from flows.case import Case
from flows.reconcile_case import CaseReconciliation, reconcile_case
from mfa.cli import DONE, show_json
from mfa.system_results import open_book, write_pages
from mfa.words import Speaker, say


@dataclass(frozen=True)
class ReconciledCase:
    """A case as it was given, with what reconciling it found."""

    given: Case
    found: CaseReconciliation


def reconciled_case(case: Case, path: Path | None, out: str | os.PathLike[str] | None, lang: str) -> ReconciledCase:
    """Return a case reconciled with its reported figures; ``out`` gets a copy of its workbook with the results."""
    found = reconcile_case(case)
    if out is not None:
        from mfa.workbook_write import write_case_object
        from reports.case_reconciled import case_page

        source = path or write_case_object(case, out, language=lang)
        write_pages(open_book(source), [case_page(case, found, lang)], Path(out), lang)
    return ReconciledCase(case, found)


def show_case(outcome: ReconciledCase, options: argparse.Namespace, speak: Speaker) -> int:
    """Print whether the reported figures agree, and those that the others contradict."""
    from reports.case_reconciled import case_sentences
    from reports.words import Words

    found = outcome.found
    if options.json:
        tables = {name: getattr(found, name).to_dict("records") for name in ("moved", "suspects", "calibration")}
        figures = {"chi2": found.chi2, "dof": found.dof, "p_value": found.p_value}
        show_json({"ok": True, "title": outcome.given.settings["title"], **figures, **tables, "file": options.out})
        return DONE
    answer, lines = case_sentences(outcome.given, found, Words(speak.language))
    if not options.quiet:
        say(str(outcome.given.settings["title"]))
    for line in (answer, *lines):
        say(line)
    if options.out and not options.quiet:
        say(speak("written", file=options.out))
    return DONE
