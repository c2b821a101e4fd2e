"""The three parts of a statutory waste plan, and which part each sheet can be pasted into.

A Danish municipal waste plan has a mapping (kortlægning), targets (målsætning) and planning
(planlægning). Every sheet says its part in words: in its title, on paper and in the table of contents;
the colour of its tab says the same once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.page import Column, Page, SheetLink, Table, Value
from reports.words import Words

MAPPING, TARGETS, PLANNING, APPENDIX = "mapping", "targets", "planning", "appendix"

PART_OF: dict[str, str] = {
    "sheet_summary": "",
    "sheet_cover": "",
    "sheet_obstacles": TARGETS,
    "sheet_amounts": MAPPING,
    "sheet_sources": MAPPING,
    "sheet_schemes": MAPPING,
    "sheet_treatment": MAPPING,
    "sheet_flows": MAPPING,
    "sheet_facilities": MAPPING,
    "sheet_projection": MAPPING,
    "sheet_comparison": MAPPING,
    "sheet_map": MAPPING,
    "sheet_by_fraction": MAPPING,
    "sheet_by_treatment": MAPPING,
    "sheet_by_facility": MAPPING,
    "sheet_targets": TARGETS,
    "sheet_scenarios": PLANNING,
    "sheet_action_plan": PLANNING,
    "sheet_economy": PLANNING,
    "sheet_climate": PLANNING,
    "sheet_checked": APPENDIX,
    "sheet_method": APPENDIX,
    "sheet_data": APPENDIX,
}
"""Part by the key of the sheet's name; a sheet that is not listed belongs to the planning."""

WORDS_OF = {MAPPING: "part_mapping", TARGETS: "part_targets", PLANNING: "part_planning", APPENDIX: "part_appendix"}
TAB_COLOURS = {"": "#1B4D5C", MAPPING: "#4F81BD", TARGETS: "#B3261E", PLANNING: "#1B7F79", APPENDIX: "#7B8794"}


def placed(page: Page, words: Words) -> Page:
    """Return a page that says which part of the waste plan it belongs to, in a word and by its tab."""
    part = part_of(page, words)
    if not part:
        return replace(page, tab=TAB_COLOURS[""])
    word = words(WORDS_OF[part])
    return replace(page, title=f"{page.title} · {words.lower(word)}", part=word, tab=TAB_COLOURS[part])


def in_order(pages: Sequence[Page], words: Words) -> list[Page]:
    """Return the pages part by part; what is said first of all stays first."""
    first = {words("sheet_summary"), words("sheet_obstacles")}
    order = ["", *(words(key) for key in WORDS_OF.values())]
    return sorted(pages, key=lambda page: -1 if page.name in first else order.index(page.part))


def part_of(page: Page, words: Words) -> str:
    """Return the part that a page belongs to, '' for cover and summary."""
    names = {words(key): part for key, part in PART_OF.items()}
    return names.get(page.name, PLANNING)


def contents(pages: Sequence[Page], words: Words) -> Table:
    """Return the table of contents: each sheet, its part of the waste plan and its answer."""
    lines: list[list[Value]] = [[SheetLink(page.name), page.part, page.answer] for page in pages]
    note = f"{words('contents_note')} {words('cover_note', method=words('sheet_method'))}"
    columns = [
        Column("sheet", words("contents_sheet")),
        Column("part", words("contents_part")),
        Column("answer", words("contents_answer")),
    ]
    return Table("contents", words("contents_caption"), columns, lines, note=note)
