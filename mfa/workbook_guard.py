"""Looking at a spreadsheet file before it is opened: what kind it is, and that it unpacks to what a workbook can be.

A spreadsheet is a zip of XML. The sizes that a zip states may lie, a few bytes of XML may stand for gigabytes, and a
library that reads it keeps something for every element. So every part is unpacked once, a piece at a time, and what is
in it is counted before anything is parsed. The limits stand in docs/limits.md.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from flows.problems import InputError, Problem

LARGEST_FILE = 100_000_000
"""Bytes of the file as it is stored."""
LARGEST_BYTES = 250_000_000
"""Bytes of all parts together, unpacked."""
LARGEST_PART = 30_000_000
"""Bytes of a part that is neither a sheet nor the texts of cells; such parts are kept in memory whole."""
LARGEST_RATIO = 200
RATIO_FROM_BYTES = 20_000_000
MOST_PARTS = 5_000
MOST_ELEMENTS = 6_000_000
"""Elements of XML in all parts: two or three for each filled cell."""
MOST_OTHER = 200_000
"""Elements of a part that are no cells: styles, conditional formats, merged areas, links."""
MOST_ROWS = 1_048_576
"""Rows that a sheet of Excel has."""
MOST_CELLS = 20_000_000
"""Cells of all sheets, blank ones too that lie left of a filled one."""
LONGEST_TEXT = 1_000_000
"""Bytes of XML without a new element; the longest text that a cell of Excel takes is 32 767 letters."""
MOST_SECTIONS = 200
"""Comments, sections and instructions of a part of XML; programs write none or a few."""

UNREAD = ("customXml/", "xl/media/", "xl/calcChain.xml")
"""Parts that nothing here parses: queries, pictures, the order of formulas. Programs write them as they like."""
THERE = ("customXml", "customXmlProps", "image", "calcChain", "audio", "video", "media")
"""What relations may lead to such parts as."""

OLE_MAGIC = b"\xd0\xcf\x11\xe0"
KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
)
"""How files of other kinds begin, in small letters."""
CHUNK = 1 << 18
CELL_TAGS = ("c", "v", "row", "f", "is", "t", "r", "si")
MACROS = (b"macroEnabled", b"vbaProject")


def guard(file: Path) -> None:
    """Refuse what cannot or should not be opened.

    Raises :class:`InputError` if the file is missing, locked, of another kind, protected, broken, with macros, or of a
    size that no workbook has.
    """
    if not file.is_file():
        raise _refused("file_missing", str(file))
    if file.suffix.lower() != ".xlsx" or file.name.startswith("~$"):
        raise _refused("file_kind", file.name, found=file.suffix or file.name)
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise _refused("file_locked", file.name) from error
    if head.startswith(OLE_MAGIC):
        raise _refused("file_encrypted", file.name)
    if not head.startswith(b"PK"):
        raise _refused("file_other_kind", file.name, found=_kind(head))
    if size > LARGEST_FILE:
        raise _too_large(file, size, LARGEST_FILE)
    try:
        with zipfile.ZipFile(file) as archive:
            _stated(file, archive.infolist())
            _unpacked(file, archive)
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as error:
        # RuntimeError and NotImplementedError: parts with a password, and ways of packing that nobody reads.
        raise _refused("file_broken", file.name, found=str(error) or type(error).__name__) from error


def _refused(code: str, name: str, **texts: str) -> InputError:
    return InputError([Problem(code, name, **texts)])  # type: ignore[arg-type]


def _too_large(file: Path, found: float, most: float) -> InputError:
    return _refused("file_too_large", file.name, found=f"{found / 1e6:.0f} MB", expected=f"{most / 1e6:.0f} MB")


def too_much(file: Path, what: str, most: int) -> InputError:
    """Return the error of a workbook with more of something (``cells``, ``rows`` ...) than is read."""
    return _refused("file_too_much", file.name, found=what, expected=f"{most:,}".replace(",", " "))


def _kind(head: bytes) -> str:
    """Return what a file that is no zip looks like."""
    if not head:
        return "-"
    small = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    found = next((name for magic, name in KINDS if small.startswith(magic)), "")
    if found:
        return found
    return "binary" if b"\0" in head else "text (csv?)"


def _stated(file: Path, items: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip by what its directory states."""
    if len(items) > MOST_PARTS:
        raise too_much(file, "parts", MOST_PARTS)
    names = [item.filename for item in items]
    if len(set(names)) < len(names):
        raise zipfile.BadZipFile("a part is there twice")
    if "mimetype" in names:
        raise _refused("file_other_kind", file.name, found=".ods")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refused("file_kind", file.name, found=".xlsm")
    unpacked = sum(item.file_size for item in items)
    packed = max(sum(item.compress_size for item in items), 1)
    if unpacked > LARGEST_BYTES or (unpacked > RATIO_FROM_BYTES and unpacked / packed > LARGEST_RATIO):
        raise _too_large(file, unpacked, LARGEST_BYTES)
    # Parts that share their bytes are how a small file unpacks to a large one.
    ends = sorted((item.header_offset, item.header_offset + item.compress_size) for item in items)
    if any(end > start for (_, end), (start, _) in zip(ends, ends[1:], strict=False)):
        raise zipfile.BadZipFile("parts overlap")


def _unpacked(file: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a zip by what is in it; what its directory states is not believed."""
    unpacked = elements = 0
    for item in archive.infolist():
        if item.is_dir():
            continue
        scan = _Scan(file, item.filename, xml=False if item.filename.startswith(UNREAD) else None)
        for chunk in _chunks(archive, item):
            unpacked += len(chunk)
            if unpacked > LARGEST_BYTES:
                raise _too_large(file, unpacked, LARGEST_BYTES)
            if scan.read(chunk) + elements > MOST_ELEMENTS:
                raise too_much(file, "cells", MOST_ELEMENTS // 2)
        elements += scan.elements
    _unread(archive)


def _unread(archive: zipfile.ZipFile) -> None:
    """Refuse a zip in which something that is parsed lies among the parts that are not."""
    for name in archive.namelist():
        if name.startswith(UNREAD) or not (name.endswith(".rels") or name == "[Content_Types].xml"):
            continue
        # It was counted, and has no entities.
        for element in ElementTree.fromstring(archive.read(name)):  # noqa: S314
            place = (element.get("Target") or element.get("PartName") or "").lower()
            kind = element.get("Type") or element.get("ContentType") or ""
            if not any(part.lower() in place for part in UNREAD) or element.get("TargetMode") == "External":
                continue
            if "Relationship" in element.tag and kind.rpartition("/")[2] not in THERE:
                raise zipfile.BadZipFile(f"{name}: {place}")
            if "Relationship" not in element.tag and "spreadsheetml" in kind and "calcChain" not in kind:
                raise zipfile.BadZipFile(f"{name}: {place}")


def _chunks(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(item) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


@dataclass
class _Scan:
    """What is in one part, counted from its bytes as they come."""

    file: Path
    name: str
    elements: int = 0
    cells: int = 0
    sections: int = 0
    size: int = 0
    silent: int = 0
    xml: bool | None = None
    tail: bytes = b""
    tags: tuple[bytes, ...] = ()

    def read(self, chunk: bytes) -> int:
        """Count a piece and return the elements so far. Raises :class:`InputError` and ``BadZipFile``."""
        if self.xml is None:
            self._begin(chunk)
        if not self.xml:
            return 0
        self.size += len(chunk)
        # Marks that are cut in two are found with the end of the piece before, and not counted twice.
        text, known = self.tail + chunk, len(self.tail)
        self.tail = text[-32:]
        first = chunk.find(b"<")
        self.silent += len(chunk) if first < 0 else first
        if self.silent > LONGEST_TEXT:
            raise too_much(self.file, "letters", LONGEST_TEXT)
        if first >= 0:
            self.silent = len(chunk) - chunk.rfind(b"<")
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            # No program writes one into a workbook, and entities are how a line becomes gigabytes.
            raise zipfile.BadZipFile(f"{self.name}: DOCTYPE")
        if self.name == "[Content_Types].xml" and any(mark in text for mark in MACROS):
            raise _refused("file_kind", self.file.name, found=".xlsm")
        self.sections += text.count(b"<!", known and known - 1) + text.count(b"<?", known and known - 1)
        if self.sections > MOST_SECTIONS:
            raise zipfile.BadZipFile(f"{self.name}: <!")
        self.elements += chunk.count(b"<") - text.count(b"</", known and known - 1)
        self.cells += sum(text.count(tag, max(known - len(tag) + 1, 0)) for tag in self.tags)
        if self.elements - self.cells > MOST_OTHER:
            raise too_much(self.file, f"elements ({self.name})", MOST_OTHER)
        if not self.tags and self.size > LARGEST_PART:
            raise _too_large(self.file, self.size, LARGEST_PART)
        return self.elements

    def _begin(self, chunk: bytes) -> None:
        """See whether the part is XML, in an encoding in which marks are bytes, and whether it holds cells."""
        head = chunk[:4096]
        if b"\0" in head[:4] and b"<" in head[:4] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise zipfile.BadZipFile(f"{self.name}: UTF-16")
        self.xml = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        if root := re.search(rb"<(\w{0,20}:)?(?:worksheet|sst)[\s>]", head):
            prefix = root[1] or b""
            ends = (b" ", b">", b"/")
            self.tags = tuple(b"<" + prefix + tag.encode() + end for tag in CELL_TAGS for end in ends)
