"""The cover: what the report is of, its answer, and what each sheet says."""

from __future__ import annotations

from collections.abc import Sequence

from reports.context import Context
from reports.page import Page
from reports.parts import contents
from reports.sheets_summary import proof


def cover(context: Context, answer: str, pages: Sequence[Page]) -> Page:
    """Return the sheet Forside / Cover of the pages that follow it; ``answer`` is what the summary says first."""
    words, view = context.words, context.view
    settings, info = view.case.settings, view.run.info
    basis = words(
        "cover_basis" if context.price_year is None else "cover_basis_priced",
        account=view.case.account_year,
        price_year=context.price_year,
        case=str(settings["title"]) or str(info.get("input", {}).get("name", "")) or words("not_stated"),
        version=str(info.get("version", "")),
    )
    title = words("cover_title", place=context.place, year=context.year)
    return Page(
        words("sheet_cover"),
        title,
        answer,
        [contents(pages, words)],
        lead=[*proof(context), basis, words("contents_opening")],
    )
