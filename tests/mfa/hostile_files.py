"""Workbooks that nobody should send: bombs, entities, macros, stray cells, each made from a small proper workbook."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
Parts = dict[str, bytes]


def parts_of(book: openpyxl.Workbook) -> Parts:
    """Return the parts of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def plain_parts() -> Parts:
    """Return the parts of a workbook with one row of markets."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "markets"
    for row in (["market", "output"], ["mill", "pulp"]):
        sheet.append(row)
    return parts_of(book)


def packed(parts: Parts) -> bytes:
    """Return parts as a file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def sheet(rows: bytes, after: bytes = b"") -> bytes:
    """Return the XML of a sheet."""
    return b"<worksheet " + MAIN + b"><sheetData>" + rows + b"</sheetData>" + after + b"</worksheet>"


def with_part(name: str, content: bytes | Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part of it changed or added."""
    parts = plain_parts()
    parts[name] = content if isinstance(content, bytes) else content(parts[name])
    return packed(parts)


def with_doctype(doctype: bytes, reference: bytes) -> bytes:
    """Return the workbook with entities in a sheet."""
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + reference + b"</t></is></c></row>"
    return with_part(SHEET, b"<?xml version='1.0'?>" + doctype + sheet(cell))


def lying(content: bytes, name: str, stated: int) -> bytes:
    """Return a file whose directory states another unpacked size for a part than it has."""
    changed = bytearray(content)
    for mark, size_at, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = -1
        while (at := changed.find(mark, at + 1)) >= 0:
            if changed[at + name_at : at + name_at + len(name)] == name.encode():
                changed[at + size_at : at + size_at + 4] = struct.pack("<I", stated)
    return bytes(changed)


def overlapping(count: int, size: int) -> bytes:
    """Return a file whose directory names the same bytes many times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"0" * size)
        first = archive.infolist()[0]
        for number in range(count):
            other = zipfile.ZipInfo(f"{number}.xml")
            for field in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(other, field, getattr(first, field))
            archive.filelist.append(other)
    return stream.getvalue()


LAUGHS = (
    b"<!DOCTYPE a [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10))
    + b"]>"
)
FAR_ROWS = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 3000))


def files() -> dict[str, tuple[bytes, str]]:
    """Return hostile files by name, with the code of the problem that each ends in."""
    cf = b'<conditionalFormatting sqref="A1"/>'
    return {
        "bomb": (with_part("xl/media/a.bin", b"0" * 60_000_000), "file_too_large"),
        "overlapping": (overlapping(40, 200_000), "file_broken"),
        "overlapping_bomb": (overlapping(400, 1_000_000), "file_too_large"),
        "lying_small": (lying(with_part("xl/styles.xml", b" " * 40_000_000), "xl/styles.xml", 100), "file_broken"),
        "lying_large": (lying(packed(plain_parts()), SHEET, 4_000_000_000), "file_too_large"),
        "many_parts": (packed(plain_parts() | {f"x{n}": b"" for n in range(6000)}), "file_too_much"),
        "laughs": (with_doctype(LAUGHS, b"&a9;"), "file_broken"),
        "outside": (with_doctype(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;"), "file_broken"),
        "outside_dtd": (with_doctype(b'<!DOCTYPE a SYSTEM "http://x.example/a.dtd">', b""), "file_broken"),
        "utf16": (with_part(SHEET, sheet(b"").decode().encode("utf-16")), "file_broken"),
        "far_rows": (with_part(SHEET, sheet(FAR_ROWS)), "file_too_much"),
        "row_number": (with_part(SHEET, sheet(b'<row r="99999999999"><c><v>1</v></c></row>')), "file_too_much"),
        "wide_row": (with_part(SHEET, sheet(b"<row>" + b"<c><v>1</v></c>" * 17_000 + b"</row>")), "file_too_much"),
        "column": (with_part(SHEET, sheet(b'<row><c r="ZZZZZZ1"><v>1</v></c></row>')), "file_broken"),
        "formats": (with_part(SHEET, sheet(b"", cf * 250_000)), "file_too_much"),
        "merged": (with_part(SHEET, sheet(b"", b"<mergeCells>" + b"<mergeCell/>" * 250_000 + b"</mergeCells>")), "file_too_much"),
        "styles": (with_part("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 250_000 + b"</styleSheet>"), "file_too_much"),
        "long_text": (with_part(SHEET, sheet(b'<row><c t="inlineStr"><is><t>' + b"a" * 2_000_000 + b"</t></is></c></row>")), "file_too_much"),
        "sections": (with_part(SHEET, sheet(b"<!-- -->" * 1000)), "file_broken"),
        "macros": (with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"), "file_kind"),
        "macros_renamed": (
            with_part(
                "[Content_Types].xml",
                lambda content: content.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"),
            ),
            "file_kind",
        ),
        "not_a_number": (with_part(SHEET, sheet(b"<row><c><v>INF</v></c></row>")), "file_broken"),
        "string_number": (with_part(SHEET, sheet(b'<row><c t="s"><v>99</v></c></row>')), "file_broken"),
        "elsewhere": (elsewhere(), "file_broken"),
        "merge_of_nothing": (with_part(SHEET, sheet(b"", b'<mergeCells><mergeCell ref="#REF!"/></mergeCells>')), "file_broken"),
        "rels": (with_part("xl/_rels/workbook.xml.rels", b"<a/>"), "file_broken"),
        "encrypted_part": (encrypted(), "file_broken"),
        "encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_encrypted"),
        "csv": (b"market;output\nmill;pulp\n", "file_other_kind"),
        "html": (b"<html><table><tr><td>1</td></tr></table></html>", "file_other_kind"),
        "pdf": (b"%PDF-1.7", "file_other_kind"),
        "ods": (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "file_other_kind"),
        "empty": (b"", "file_other_kind"),
        "nothing": (packed({}), "file_broken"),
    }  # fmt: skip


def elsewhere() -> bytes:
    """Return the workbook with its sheet among the parts that are not looked at."""
    parts = plain_parts()
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"/xl/worksheets/sheet1.xml", b"/custom&#88;ml/item1.xml")
    parts["customXml/item1.xml"] = parts.pop(SHEET)
    return packed(parts)


def encrypted() -> bytes:
    """Return the workbook with the mark of a password on each part."""
    changed = bytearray(packed(plain_parts()))
    for mark, at_flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := changed.find(mark, at + 1)) >= 0:
            changed[at + at_flag] |= 1
    return bytes(changed)


def write(folder: Path, made: dict[str, tuple[bytes, str]]) -> list[Path]:
    """Write files and return their paths."""
    for name, (content, _) in made.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    return [folder / f"{name}.xlsx" for name in made]
