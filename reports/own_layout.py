"""A layout of one's own: whose report it is, its logo and contact, the accent colour, the sheets and their order.

A layout changes how a workbook looks and which sheets it has, never what they say: figures, words and the first
sentence stay, and the summary is always there. :mod:`reports.own_layout_read` reads one from a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reports.page import Block, Chart, Note, Page, Picture, Table
from reports.parts import FIRST
from reports.style import HEAD
from reports.words import Words


@dataclass(frozen=True)
class Logo:
    """A picture of a firm or municipality: PNG bytes, its size as drawn in pixels, and the text that stands for it."""

    png: bytes
    width: int
    height: int
    text: str


@dataclass(frozen=True)
class OwnLayout:
    """How the workbooks look; ``sheets`` are names of sheets as in ``reports.workbooks.sheet_titles`` (empty: all).

    ``places`` holds the layouts of single municipalities ('' is the region) where they differ.
    """

    organisation: str = ""
    logo: Logo | None = None
    contact: tuple[str, ...] = ()
    accent: str = HEAD
    sheets: tuple[str, ...] = ()
    file_prefix: str = ""
    places: Mapping[str, OwnLayout] = field(default_factory=dict)

    def of(self, municipality: str) -> OwnLayout:
        """Return the layout of a municipality's workbook, or with '' of the region's."""
        return self.places.get(municipality, self)

    def chosen(self, pages: Sequence[Page], words: Words) -> list[Page]:
        """Return the chosen of a workbook's pages, in their order.

        What is always there comes first unless it was given a place; a sheet that this workbook has not (the
        region's own, in a municipality's) is passed over.
        """
        if not self.sheets:
            return list(pages)
        by_name = {page.name: page for page in pages}
        always, wanted = ([words(f"sheet_{key}") for key in keys] for keys in (FIRST, self.sheets))
        first = [name for name in by_name if name in always and name not in wanted]
        chosen = [by_name[name] for name in (*first, *wanted) if name in by_name]
        return with_tables_of_charts(chosen, pages)

    def dressed(self, pages: Sequence[Page]) -> list[Page]:
        """Return the pages with the letterhead on the first."""
        head = self._letterhead()
        if not head or not pages:
            return list(pages)
        first = pages[0]
        return [replace(first, blocks=[*head, *first.blocks]), *pages[1:]]

    def _letterhead(self) -> list[Block]:
        blocks: list[Block] = []
        if self.logo is not None:
            blocks.append(Picture("", self.logo.text, self.logo.png, self.logo.width, self.logo.height, own_size=True))
        line = " · ".join(part for part in (self.organisation, *self.contact) if part)
        if line:
            blocks.append(Note(line))
        return blocks


def with_tables_of_charts(pages: Sequence[Page], every: Sequence[Page]) -> list[Page]:
    """Return pages in which every chart finds its table: that of a sheet left out follows the page's last block."""
    there = {block.key for page in pages for block in page.blocks if isinstance(block, Table)}
    spare = {block.key: block for page in every for block in page.blocks if isinstance(block, Table)}
    found = []
    for page in pages:
        wanted = dict.fromkeys(block.table for block in page.blocks if isinstance(block, Chart))
        more = [spare[key] for key in wanted if key not in there and key in spare]
        there |= {table.key for table in more}
        found.append(replace(page, blocks=[*page.blocks, *more]) if more else page)
    return found
