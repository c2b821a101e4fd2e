"""What reconciling a case found, without a plan: the sheet for its workbook and the sentences for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import pandas as pd

from flows.case import Case
from flows.reconcile_case import CaseReconciliation
from reports.aggregate import clean
from reports.context import Context
from reports.names import Names
from reports.once import Once
from reports.page import Page
from reports.sheets_checked import checked, figure_name
from reports.system_findings import p_text, verdict
from reports.view import PlaceView
from reports.words import Words

SIGNIFICANCE = 0.05


class _Tables(Once):
    """The part of a run that the sheet looks at."""

    def __init__(self, case: Case, tables: Mapping[str, pd.DataFrame]) -> None:
        """Look at some tables of a case."""
        super().__init__()
        self.case, self.tables = case, tables


@dataclass(frozen=True)
class _Whole:
    """The whole region's part of it."""

    case: Case
    run: _Tables
    municipality: str = ""

    def table(self, name: str) -> pd.DataFrame:
        """Return a table."""
        return self.run.tables[name]


def _context(case: Case, found: CaseReconciliation, words: Words) -> Context:
    tables = {"calibration": found.calibration, "reconciliation": found.moved, "suspects": found.suspects}
    whole = _Whole(case, _Tables(case, {name: clean(table) for name, table in tables.items()}))
    return Context(cast(PlaceView, whole), Names(case, words), words)


def case_page(case: Case, found: CaseReconciliation, language: str) -> Page:
    """Return the sheet of the whole region; its name begins with # so that the copy can be read again."""
    words = Words(language)
    page = checked(_context(case, found, words))
    answer, lines = case_sentences(case, found, words)
    lead = [*lines, *page.lead] if found.dof else list(page.lead)
    return replace(page, name=words("sys_sheet_checked"), answer=page.answer, lead=[answer, *lead])


def case_sentences(case: Case, found: CaseReconciliation, words: Words) -> tuple[str, list[str]]:
    """Return whether the reported figures agree, and a sentence for each that the others contradict."""
    context = _context(case, found, words)
    if not found.dof:
        return words("checked_none", place=context.place), []
    answer = verdict(found.chi2, found.dof, found.p_value, SIGNIFICANCE, words)
    lines = []
    for count, row in enumerate(found.suspects.to_dict("records")):
        named = {str(key): value for key, value in row.items()}
        p = float(row["p_value"])
        agrees = "agrees" if p >= SIGNIFICANCE else "disagrees"
        without = words(f"sys_without_{'too_' if count else ''}{agrees}", p=p_text(p, words))
        shown = [_figure(named, value, std, words) for value, std in (("given", "std"), ("implied", "implied_std"))]
        flow = words.capital(figure_name(context, named))
        lines.append(words("sys_reported", flow=flow, measured=shown[0], implied=shown[1], without=without))
    return answer, lines


def _figure(row: Mapping[str, object], value: str, std: str, words: Words) -> str:
    """Return a reported figure with its standard deviation: rates in per cent, amounts in tonnes."""
    number, spread = (float(cast(float, row[name])) for name in (value, std))
    if row["kind"] == "rate":
        return f"{words.number(100 * number, 1)} ± {words.number(100 * spread, 1)} %"
    return f"{words.number(number)} ± {words.tonnes(spread)}"
