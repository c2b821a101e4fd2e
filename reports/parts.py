"""The three parts of a statutory waste plan, and which part each sheet can be pasted into.

A Danish municipal waste plan has a mapping (kortlægning), targets (målsætning) and planning
(planlægning). Every sheet says its part in words: in its title, on paper and in the table of contents;
the colour of its tab says the same once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reports.page import Column, Page, SheetLink, Table, Value
from reports.words import Words

MAPPING, TARGETS, PLANNING, APPENDIX = "mapping", "targets", "planning", "appendix"

COVER, FIRST = "cover", ("summary", "obstacles")
"""The keys of the sheets that open a workbook: the cover, and what is said first of all and never left out."""

PART_OF: dict[str, str] = {
    "summary": "",
    "cover": "",
    "obstacles": TARGETS,
    "amounts": MAPPING,
    "sources": MAPPING,
    "schemes": MAPPING,
    "treatment": MAPPING,
    "flows": MAPPING,
    "facilities": MAPPING,
    "projection": MAPPING,
    "comparison": MAPPING,
    "map": MAPPING,
    "by_fraction": MAPPING,
    "by_treatment": MAPPING,
    "by_facility": MAPPING,
    "targets": TARGETS,
    "scenarios": PLANNING,
    "action_plan": PLANNING,
    "economy": PLANNING,
    "climate": PLANNING,
    "checked": APPENDIX,
    "method": APPENDIX,
    "data": APPENDIX,
}
"""Part by the key of the sheet; a sheet that is not listed belongs to the planning."""

WORDS_OF = {MAPPING: "part_mapping", TARGETS: "part_targets", PLANNING: "part_planning", APPENDIX: "part_appendix"}
TAB_COLOURS = {"": "#1B4D5C", MAPPING: "#4F81BD", TARGETS: "#B3261E", PLANNING: "#1B7F79", APPENDIX: "#7B8794"}


def placed(page: Page, key: str, words: Words) -> Page:
    """Return the page of a sheet that says which part of the waste plan it belongs to, in a word and by its tab."""
    part = PART_OF.get(key, PLANNING)
    if not part:
        return replace(page, tab=TAB_COLOURS[""])
    word = words(WORDS_OF[part])
    return replace(page, title=f"{page.title} · {words.lower(word)}", part=word, tab=TAB_COLOURS[part])


def in_order(keys: Iterable[str]) -> list[str]:
    """Return the keys of sheets part by part; what is said first of all stays first."""
    order = ["", *WORDS_OF]
    return sorted(keys, key=lambda key: -1 if key in FIRST else order.index(PART_OF.get(key, PLANNING)))


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
