"""Writing the reports of a run: a workbook for each municipality and one for the region.

The run is added up once (:class:`reports.view.RunView`); each workbook then is a handful of pages
made of that view, drawn by :mod:`reports.excel`. The same run gives the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from flows.case import Case
from reports.context import Context
from reports.excel import workbook_bytes
from reports.helpers import Helpers, helpers_for
from reports.names import Names
from reports.others import RunParts, beside
from reports.own_layout import OwnLayout
from reports.page import Page
from reports.parts import COVER, in_order, placed
from reports.sheets_action_plan import action_plan
from reports.sheets_amounts import amounts, sources
from reports.sheets_checked import checked
from reports.sheets_climate import climate
from reports.sheets_comparison import can_compare, compared
from reports.sheets_cover import cover
from reports.sheets_data import data
from reports.sheets_economy import economy
from reports.sheets_facilities import facilities
from reports.sheets_frontier import frontier, has_frontier
from reports.sheets_map import region_map
from reports.sheets_matrices import by_facility, by_fraction, by_scheme, by_treatment
from reports.sheets_method import method
from reports.sheets_obstacles import is_infeasible, obstacles
from reports.sheets_projection import projected
from reports.sheets_region import chosen, investments, municipalities
from reports.sheets_scenarios import scenarios
from reports.sheets_schemes import schemes
from reports.sheets_shared import shared
from reports.sheets_summary import summary
from reports.sheets_sweep import has_sweep, sweep
from reports.sheets_targets import targets
from reports.sheets_treatment import flows, treatment
from reports.view import RunView
from reports.words import CATALOGUE, Words

REGION = "region"
"""Stands for the region where municipalities are listed."""

Maker = Callable[[Context], Page]

PAGES: dict[str, Maker] = {
    "summary": summary,
    # Mapping
    "amounts": amounts,
    "sources": sources,
    "schemes": schemes,
    "treatment": treatment,
    "flows": flows,
    "facilities": facilities,
    "projection": projected,
    # Targets
    "targets": targets,
    # Planning
    "action_plan": action_plan,
    "economy": economy,
    "climate": climate,
    "scenarios": scenarios,
    # Appendix
    "checked": checked,
    "method": method,
    "data": data,
}
"""The sheets of every workbook by key (``targets`` is called ``sheet_targets`` in the catalogue): a new report page is
added here. Workbooks have them part by part of a waste plan (:mod:`reports.parts`), within a part in this order."""

MUNICIPAL_PAGES: dict[str, Maker] = {"comparison": compared}
"""Sheets that only a municipality has, if there are others to compare with; after the others of their part."""

REGION_PAGES: dict[str, Maker] = {
    "map": region_map,
    "municipalities": municipalities,
    "chosen": chosen,
    "investments": investments,
    "shared": shared,
    "by_fraction": by_fraction,
    "by_treatment": by_treatment,
    "by_facility": by_facility,
    "by_scheme": by_scheme,
}
"""Sheets that only the region has, after the others of their part."""

SOME_PAGES: dict[str, Maker] = {"obstacles": obstacles, "frontier": frontier, "sweep": sweep}
"""Sheets of runs that have something to say on them."""

Progress = Callable[[int, int, str], None]
_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ð": "d", "þ": "th"}
)


def write_reports(
    case: Case,
    tables: Mapping[str, pd.DataFrame],
    info: Mapping[str, Any],
    folder: str | Path,
    language: str | Sequence[str],
    municipalities: Iterable[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    layout: OwnLayout | None = None,
    anonymous: bool = False,
    others: Iterable[RunParts] = (),
    unfinished: Path | None = None,
) -> list[Path]:
    """Write the workbooks of a run into a folder and return their paths, language by language.

    Args:
        case: the case of the run.
        tables: the run's tables by name.
        info: what ``run.json`` holds.
        folder: where to write; made if it is not there.
        language: 'da' or 'en', or both.
        municipalities: ids to report on, 'region' for the region; all and the region if not given.
        progress: called with (workbooks done, all workbooks, name) after each.
        workers: how many processes write, this one among them; as many as there are processors if not given.
        layout: letterhead, colour, sheets and file names of one's own.
        anonymous: leave out the names of the others where a municipality is compared with them.
        others: runs to show beside this one.
        unfinished: a folder of this call alone, on the disk of ``folder``, for workbooks that are not whole yet; one in
            ``folder`` if not given, which is gone at the end.

    Raises:
        KeyError: a municipality is not in the case; nothing is written then.
        ValueError: the language is unknown.
    """
    languages = [Words(name) for name in dict.fromkeys([language] if isinstance(language, str) else language)]
    known = [str(identifier) for identifier in case["municipalities"]["municipality"]]
    wanted = [*known, REGION] if municipalities is None else list(dict.fromkeys(municipalities))
    places = ["" if place == REGION and REGION not in known else place for place in wanted]
    for place in places:
        if place and place not in known:
            raise KeyError(place)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    layout = layout or OwnLayout()
    with (
        Helpers(helpers_for(len(places) * len(languages) // 2, workers)) as helpers,
        nullcontext(unfinished) if unfinished else TemporaryDirectory(prefix=".workbooks-", dir=target) as half,
    ):
        view = RunView(case, tables, info, anonymous)
        view.others = beside(others, view.headline.scope, view.headline.method, view.headline.year)
        desk = _Desk(view, target, Path(half), languages, known, layout)
        counted = 0

        def done(place: str) -> None:
            nonlocal counted
            for names in desk.names:
                counted += 1
                if progress is not None:
                    progress(counted, len(places) * len(languages), names.place(place))

        # The region's workbook is the longest: whoever takes it last would keep all others waiting.
        helpers.each(sorted(places, key=bool), desk, done)
    return [path for number in range(len(languages)) for path in (desk.paths(place)[number] for place in places)]


class _Desk:
    """All that is needed to write the workbooks of any place, here or in another process."""

    def __init__(
        self,
        view: RunView,
        folder: Path,
        half: Path,
        languages: Sequence[Words],
        known: Sequence[str],
        layout: OwnLayout,
    ) -> None:
        self.view, self.folder, self.half, self.layout = view, folder.resolve(), half.resolve(), layout
        self.names = [Names(view.case, words) for words in languages]
        self.files = [
            file_names({place: names.place(place) for place in ["", *known]}, names.words.language, layout.file_prefix)
            for names in self.names
        ]

    def paths(self, place: str) -> list[Path]:
        """Return where the workbooks of a place go, a path per language."""
        return [self.folder / files[place] for files in self.files]

    def __call__(self, place: str) -> None:
        """Write the workbooks of a place; what the languages share is worked out once."""
        part = self.view.place(place)
        for names, path in zip(self.names, self.paths(place), strict=True):
            # Written aside and moved into place: a report is whole or not there.
            beside = self.half / path.name
            beside.write_bytes(_bytes(Context(part, names, names.words), self.layout.of(place)))
            beside.replace(path)


def sheet_titles() -> dict[str, tuple[str, str]]:
    """Return what each sheet is called in Danish and English, by key, in their usual order."""
    keys = [*PAGES, *MUNICIPAL_PAGES, *REGION_PAGES, *SOME_PAGES, COVER]
    return {key: CATALOGUE[f"sheet_{key}"] for key in keys}


def report_pages(
    view: RunView, names: Names, words: Words, municipality: str, layout: OwnLayout | None = None
) -> list[Page]:
    """Return the pages of one workbook; '' is the region."""
    return _pages(Context(view.place(municipality), names, words), layout or OwnLayout())


def report_bytes(
    view: RunView, names: Names, words: Words, municipality: str, layout: OwnLayout | None = None
) -> bytes:
    """Return one workbook."""
    return _bytes(Context(view.place(municipality), names, words), layout or OwnLayout())


def _pages(context: Context, layout: OwnLayout) -> list[Page]:
    words, pages = context.words, dict(PAGES)
    if context.is_region:
        pages |= REGION_PAGES
        if has_frontier(context):
            pages["frontier"] = frontier
        if has_sweep(context):
            pages["sweep"] = sweep
    elif can_compare(context.view.run):
        pages |= MUNICIPAL_PAGES
    if is_infeasible(context):
        pages["obstacles"] = obstacles
    made = [placed(pages[key](context), key, words) for key in in_order(pages)]
    shown = layout.chosen(made, words)
    return layout.dressed([placed(cover(context, made[0].answer, shown), COVER, words), *shown])


def _bytes(context: Context, layout: OwnLayout) -> bytes:
    words, view = context.words, context.view.run
    properties = {
        "title": words("summary_title", place=context.place, year=context.year),
        "subject": words("document_subject"),
        "author": "circular-mfa",
        "company": context.region,
        "keywords": words("document_keywords"),
        "comments": words("document_comments", case=str(view.case.settings["title"])),
        "language": {"da": "da-DK", "en": "en-GB"}[words.language],
    }
    if layout.organisation:
        properties["company"] = layout.organisation
    return workbook_bytes(_pages(context, layout), properties, words("page_of"), layout.accent)


def file_names(places: Mapping[str, str], language: str, prefix: str = "") -> dict[str, str]:
    """Return a file name for each place, after a prefix: ASCII, safe on every disk, no two alike.

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
        result[place] = "_".join(part for part in (safe(prefix), stem, language) if part) + ".xlsx"
    return result


def safe(text: str) -> str:
    """Return a text as ASCII letters, digits and underscores, at most 40 of them.

    >>> safe("../Høje-Taastrup: =1+1")
    'hoeje_taastrup_1_1'
    """
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")[:40].strip("_")
