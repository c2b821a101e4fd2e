"""Statistics Denmark's tables of household waste, LABY24 (tonnes) and LABY25 (key figures), as bulk csv.

LABY24 counts household waste by municipality, treatment and fraction of the statistics; LABY25 gives kg per
inhabitant and the share collected for recycling. Both may come with codes or with texts, in UTF-8 or
Latin-1, with a decimal comma or point; two points mean that there is no figure.
(https://www.statbank.dk/LABY24, https://www.statbank.dk/LABY25)
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flows.problems import InputError, Problem
from mfa.import_figures import HOUSEHOLDS, Figure, Reading, Unplaced, decimal_mark, file_date, folded, number

COLUMNS = {
    "LABY24": ("KOMGRP", "BEHANDLING", "AFFFRAK", "TID", "INDHOLD"),
    "LABY25": ("KOMGRP", "BNØGLE", "TID", "INDHOLD"),
}
FRACTIONS = {
    "TOTHHAFFALD": "HUSHOLDNINGSAFFALD I ALT",
    "A": "DAGRENOVATION OG LIGNENDE",
    "B": "ORGANISK AFFALD, INKL. HAVEAFFALD",
    "C": "FORBRÆNDINGSEGNET AFFALD",
    "D": "PAPIR OG PAP",
    "I": "MADAFFALD",
    "F": "GLAS, INKL EMBALLAGE",
    "G": "JERN OG METAL, INKL EMBALLAGE",
    "H": "PLAST OG DÆK",
    "J": "ELEKTRONIK, BATTERIER, MV.",
    "X": "ØVRIGT AFFALD",
}
"""Codes of the statistics' own fractions, which are streams of a case."""
WHOLE = "TOTHHAFFALD"
_FRACTION_CODES = {
    folded(spelling): code for code, name in FRACTIONS.items() for spelling in (code, name, f"{code} {name}")
}
_TREATMENTS = {"tot": "TOT", "ialt": "TOT", "genanv": "GENANV", "forbrnd": "FORBRND", "depot": "DEPOT"}
_BEGINNINGS = (("genanvendelse", "GENANV"), ("forbraending", "FORBRND"), ("deponering", "DEPOT"))
_ALIASES = {"bnogle": "BNØGLE", "bnoegle": "BNØGLE", "noegletal": "BNØGLE"}
NO_DATA = {"", "..", "...", "-", "."}
MOST_BYTES = 50_000_000
MOST_ROWS = 500_000
"""Both tables whole, all years and municipalities, are some 100 000 rows and 6 MB."""


def read_dst(path: Path) -> Reading:
    """Return the figures of a bulk csv file.

    Raises :class:`InputError` if it is neither of the two tables, or its numbers can be read in two ways.
    """
    rows = _rows(path)
    header = [_ALIASES.get(folded(name), name.strip().upper()) for name in rows[0]] if rows else []
    table = next((name for name, needed in COLUMNS.items() if set(needed) <= set(header)), None)
    if table is None:
        expected = "; ".join(f"{name}: {';'.join(columns)}" for name, columns in COLUMNS.items())
        found = ";".join(rows[0]) if rows else "-"
        raise InputError([Problem("import_columns", path.name, found=found[:200], expected=expected)])
    position = {name: header.index(name) for name in COLUMNS[table]}
    mark = _mark(rows, position["INDHOLD"], path)
    reading = Reading(date=file_date(path))
    read = _laby24 if table == "LABY24" else _laby25
    lines: list[dict[str, str]] = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in position.items()}
        lines.append({**cells, "line": str(line)})
    reading.years = tuple(sorted({int(cells["TID"]) for cells in lines if re.fullmatch(r"\d{4}", cells["TID"])}))
    read(lines, mark, reading)
    return reading


def _rows(path: Path) -> list[list[str]]:
    """Return the cells of a csv file in whichever of the usual encodings it is."""
    if not path.is_file():
        raise InputError([Problem("file_missing", str(path))])
    try:
        if path.stat().st_size > MOST_BYTES:
            found, most = f"{path.stat().st_size / 1e6:.0f} MB", f"{MOST_BYTES / 1e6:.0f} MB"
            raise InputError([Problem("file_too_large", path.name, found=found, expected=most)])
        content = path.read_bytes()
    except OSError as error:
        raise InputError([Problem("file_locked", path.name)]) from error
    if content.startswith((b"PK", b"\xd0\xcf", b"%PDF")):
        raise InputError([Problem("import_columns", path.name, found=path.suffix, expected="csv (KOMGRP;…)")])
    text = _decoded(content)
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(";,\t", key=first.count)
    try:
        rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), MOST_ROWS + 1))
    except csv.Error as error:
        raise InputError([Problem("import_columns", path.name, found=str(error), expected="csv (KOMGRP;…)")]) from error
    if len(rows) > MOST_ROWS:
        most = f"{MOST_ROWS:,}".replace(",", " ")
        raise InputError([Problem("file_too_much", path.name, found="rows", expected=most)])
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Latin-1 as Windows writes it, in which every byte but five is a letter.
        return content.decode("cp1252", errors="replace")


def _mark(rows: list[list[str]], column: int, path: Path) -> str:
    texts = [row[column].strip() for row in rows[1:] if column < len(row) and re.search(r"\d", row[column])]
    mark = decimal_mark(texts)
    if mark is None:
        doubtful = next(text for text in texts if re.search(r"[.,]", text))
        line = next(n for n, row in enumerate(rows, start=1) if column < len(row) and row[column].strip() == doubtful)
        raise InputError([Problem("import_number", path.name, line, "INDHOLD", found=doubtful)])
    return mark


def _treatment(text: str) -> str | None:
    code, _, words = text.partition(" ")
    # Statistics Denmark can also write the code before the text.
    word = folded(words if folded(code) in _TREATMENTS and words else text)
    return _TREATMENTS.get(word) or next((code for begin, code in _BEGINNINGS if word.startswith(begin)), None)


def fraction_code(text: str) -> str:
    """Return the code of a fraction given as a code or a text; a text that is not known stays itself.

    >>> fraction_code("Madaffald"), fraction_code("D"), fraction_code("Noget andet")
    ('I', 'D', 'Noget andet')
    """
    return _FRACTION_CODES.get(folded(text), text)


def _value(cells: Mapping[str, str], mark: str, what: str, table: str, unit: str, reading: Reading) -> float | None:
    """Return the value of a line, None where there is none, which is noted."""
    where, place = f"{table}, {cells['line']}", cells["KOMGRP"]
    years = (int(cells["TID"]),) if re.fullmatch(r"\d{4}", cells["TID"]) else ()
    if cells["INDHOLD"] in NO_DATA:
        reading.unplaced.append(Unplaced("no_data", what, where, 1, years, 0.0, unit, place=place))
        return None
    value = number(cells["INDHOLD"], mark)
    if value is None or not years:
        shown = f"{what}: '{cells['INDHOLD'] if years else cells['TID']}'"
        reading.unplaced.append(Unplaced("bad_number", shown, where, 1, years, 0.0, unit, place=place))
        return None
    return value


def _laby24(lines: list[dict[str, str]], mark: str, reading: Reading) -> None:
    """Add totals and streams as amounts, and the share that is collected for recycling as a rate."""
    totals: dict[tuple[str, int], float] = {}
    recycled: list[tuple[str, int, float, str]] = []
    for cells in lines:
        code, treatment, place = fraction_code(cells["AFFFRAK"]), _treatment(cells["BEHANDLING"]), cells["KOMGRP"]
        what = FRACTIONS.get(code, code)
        where = f"LABY24, {cells['line']}"
        if treatment is None:
            reading.unplaced.append(Unplaced("treatment_unknown", cells["BEHANDLING"], where, place=place))
            continue
        value = _value(cells, mark, f"{place}: {what}", "LABY24", "t", reading)
        if value is None:
            continue
        year = int(cells["TID"])
        if code == WHOLE and treatment == "TOT":
            totals[place, year] = value
            reading.figures.append(Figure("amount", place, HOUSEHOLDS, "", year, value, "LABY24", where, whole=True))
        elif code == WHOLE and treatment == "GENANV":
            recycled.append((place, year, value, where))
        elif code == WHOLE:
            name = f"{what}: {cells['BEHANDLING']}"
            reading.unplaced.append(Unplaced("treatment_not_rate", name, where, 1, (year,), value, place=place))
        elif treatment == "TOT":
            reading.figures.append(Figure("amount", place, HOUSEHOLDS, what, year, value, "LABY24", where))
        else:
            reading.unplaced.append(
                Unplaced("treatment_of_stream", cells["BEHANDLING"], where, 1, (year,), value, place=place)
            )
    for place, year, value, where in recycled:
        total = totals.get((place, year), 0.0)
        if total > 0:
            rate = value / total
            reading.figures.append(
                Figure("rate", place, HOUSEHOLDS, "", year, rate, "LABY24", where, status="derived", note="share")
            )
        else:
            reading.unplaced.append(Unplaced("no_total", place, where, 1, (year,), value, place=place))


def _laby25(lines: list[dict[str, str]], mark: str, reading: Reading) -> None:
    """Add kg per inhabitant as an amount per head, and the share for recycling as a rate."""
    for cells in lines:
        place, key = cells["KOMGRP"], folded(cells["BNØGLE"])
        where = f"LABY25, {cells['line']}"
        per_head = key == "affaldind" or "kgprindbygger" in key
        if not per_head and key != "genpct" and "genanvendelsepct" not in key:
            reading.unplaced.append(Unplaced("key_unknown", cells["BNØGLE"], where, place=place))
            continue
        unit = "kg/capita" if per_head else "%"
        value = _value(cells, mark, f"{place}: {cells['BNØGLE']}", "LABY25", unit, reading)
        if value is None:
            continue
        year = int(cells["TID"])
        if per_head:
            amount = Figure("amount", place, HOUSEHOLDS, "", year, value / 1000, "LABY25", where, status="derived")
            reading.figures.append(replace(amount, whole=True, per_head=True, note="per_head"))
        else:
            reading.figures.append(Figure("rate", place, HOUSEHOLDS, "", year, value / 100, "LABY25", where))
