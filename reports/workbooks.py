"""Writing the reports of a run: a workbook for each municipality and one for the region.

The run is added up once (:class:`reports.view.RunView`); each workbook then is a handful of pages
made of that view, drawn by :mod:`reports.excel`. The same run gives the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from flows.case import Case
from reports.context import Context
from reports.excel import workbook_bytes
from reports.names import Names
from reports.others import RunParts, beside
from reports.page import Page
from reports.parts import with_contents
from reports.sheets_action_plan import action_plan
from reports.sheets_amounts import amounts, sources
from reports.sheets_checked import checked
from reports.sheets_climate import climate
from reports.sheets_comparison import can_compare, compared
from reports.sheets_data import data
from reports.sheets_economy import economy
from reports.sheets_facilities import facilities
from reports.sheets_method import method
from reports.sheets_obstacles import is_infeasible, obstacles
from reports.sheets_projection import projected
from reports.sheets_region import chosen, investments, municipalities
from reports.sheets_scenarios import scenarios
from reports.sheets_schemes import schemes
from reports.sheets_summary import summary
from reports.sheets_targets import targets
from reports.sheets_treatment import flows, treatment
from reports.view import RunView
from reports.words import Words

REGION = "region"
"""Stands for the region where municipalities are listed."""

PAGES: tuple[Callable[[Context], Page], ...] = (
    summary,
    # Mapping
    amounts,
    sources,
    schemes,
    treatment,
    flows,
    facilities,
    projected,
    # Targets
    targets,
    # Planning
    action_plan,
    economy,
    climate,
    scenarios,
    # Appendix
    checked,
    method,
    data,
)
"""The sheets of every workbook, in the order of the parts of a waste plan (:mod:`reports.parts`): a new report page is
added here."""

MUNICIPAL_PAGES: tuple[Callable[[Context], Page], ...] = (compared,)
"""Sheets that only a municipality has, at the end of the mapping."""

REGION_PAGES: tuple[Callable[[Context], Page], ...] = (municipalities, chosen, investments)
"""Sheets that only the region has, at the end of the planning."""

Progress = Callable[[int, int, str], None]
_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ð": "d", "þ": "th"}
)


def write_reports(
    case: Case,
    tables: Mapping[str, pd.DataFrame],
    info: Mapping[str, Any],
    folder: str | Path,
    language: str,
    municipalities: Iterable[str] | None = None,
    progress: Progress | None = None,
    anonymous: bool = False,
    others: Iterable[RunParts] = (),
) -> list[Path]:
    """Write the workbooks of a run into a folder and return their paths.

    Args:
        case: the case of the run.
        tables: the run's tables by name.
        info: what ``run.json`` holds.
        folder: where to write; made if it is not there.
        language: 'da' or 'en'.
        municipalities: ids to report on, 'region' for the region; all and the region if not given.
        progress: called with (workbooks done, all workbooks, name) after each.
        anonymous: leave out the names of the others where a municipality is compared with them.
        others: runs to show beside this one.

    Raises:
        KeyError: a municipality is not in the case; nothing is written then.
        ValueError: the language is unknown.
    """
    words = Words(language)
    known = [str(identifier) for identifier in case["municipalities"]["municipality"]]
    wanted = [*known, REGION] if municipalities is None else list(dict.fromkeys(municipalities))
    places = ["" if place == REGION and REGION not in known else place for place in wanted]
    for place in places:
        if place and place not in known:
            raise KeyError(place)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    view = RunView(case, tables, info, anonymous)
    view.others = beside(others, view.headline.scope, view.headline.method, view.headline.year)
    names = Names(case, words)
    files = file_names({place: names.place(place) for place in ["", *known]}, language)
    written: list[Path] = []
    for place in places:
        path = target / files[place]
        _replace(path, report_bytes(view, names, words, place))
        written.append(path)
        if progress is not None:
            progress(len(written), len(places), names.place(place))
    return written


def report_pages(view: RunView, names: Names, words: Words, municipality: str) -> list[Page]:
    """Return the pages of one workbook; '' is the region."""
    context = Context(view.place(municipality), names, words)
    pages = list(PAGES)
    if municipality and can_compare(view):
        place = pages.index(targets)
        pages[place:place] = MUNICIPAL_PAGES
    if is_infeasible(context):
        pages.insert(1, obstacles)
    if not municipality:
        place = pages.index(checked)
        pages[place:place] = REGION_PAGES
    return with_contents([make(context) for make in pages], words)


def report_bytes(view: RunView, names: Names, words: Words, municipality: str) -> bytes:
    """Return one workbook."""
    place = names.place(municipality)
    properties = {
        "title": words("summary_title", place=place, year=view.headline.year),
        "subject": words("document_subject"),
        "author": "circular-mfa",
        "keywords": words("document_keywords"),
        "comments": words("document_comments", case=str(view.case.settings["title"])),
        "language": {"da": "da-DK", "en": "en-GB"}[words.language],
    }
    return workbook_bytes(report_pages(view, names, words, municipality), properties, words("page_of"))


def file_names(places: Mapping[str, str], language: str) -> dict[str, str]:
    """Return a file name for each place: ASCII, safe on every disk, no two alike.

    >>> file_names({"": "Regionen", "159": "Gladsaxe", "260": "Halsnæs"}, "da")["260"]
    '260_halsnaes_da.xlsx'
    """
    result: dict[str, str] = {}
    taken: set[str] = set()
    for place, name in places.items():
        parts = [REGION] if not place else [part for part in (safe(place), safe(name)) if part]
        stem = base = "_".join(parts) or "municipality"
        count = 1
        while stem in taken:
            count += 1
            stem = f"{base}_{count}"
        taken.add(stem)
        result[place] = f"{stem}_{language}.xlsx"
    return result


def safe(text: str) -> str:
    """Return a text as ASCII letters, digits and underscores, at most 40 of them.

    >>> safe("../Høje-Taastrup: =1+1")
    'hoeje_taastrup_1_1'
    """
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")[:40].strip("_")


def _replace(path: Path, content: bytes) -> None:
    """Write beside and move into place, so that a report is whole or not there."""
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)
