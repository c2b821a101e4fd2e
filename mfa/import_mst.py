"""The Environmental Protection Agency's workbook of raw data behind the Danish waste statistics.

Its sheets 'Primær mængde' hold tonnes by year (a column each) of every kind of waste, treatment and origin
under two rows of headers; 'Kommunal MW reel genanvendelse' holds what is really recycled of the municipal
waste of each municipality. A sheet of municipal waste is a part of a sector's waste only, so that no total
is taken from it. Soil is outside every total and rate. Rows that stand alike in several sheets count once.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook

from flows.problems import InputError, Problem
from mfa.import_figures import HOUSEHOLDS, Figure, Reading, Unplaced, decimal_mark, file_date, folded, number
from mfa.import_mapping import concepts
from mfa.workbook_open import RawSheet, open_sheets

PRIMARY, REAL = "primaermaengde", "reelgenanvendelse"
MUNICIPAL = ("municipalwaste", "kommunaltaffald", "kommunalmw", "mw")
"""Words of sheets that hold municipal waste only."""
ORIGIN = "Erhverv [E] eller husholdningsaffald [H]"
NEEDED = (ORIGIN, "Ny affaldsfraktion", "Ny behandling", "Kommune")
NAMES = (*NEEDED, "Affaldsfraktion", "EAKLevel3Kode", "Producenttype", "Region")
RECOVERED = ("genanvendelse", "andenendeligmaterialenyttiggoerelse", "andenmaterialenyttiggoerelse")
"""Treatments that a collected rate counts, folded."""
NO_DATA = {"", "INTET", "..", "-"}
HEADER_ROWS = 12
REAL_METHOD = "calculation_point"


@dataclass(frozen=True)
class _Sheet:
    """A sheet of primary amounts: where its columns are, and whether it holds municipal waste only."""

    name: str
    columns: Mapping[str, int]
    years: Mapping[int, int]
    first: int
    municipal: bool


def read_mst(path: Path) -> Reading:
    """Return the figures of the raw-data workbook.

    Raises :class:`InputError` if no sheet of it has the columns of primary amounts.
    """
    sheets = open_sheets(path)
    reading = Reading(date=_modified(path))
    described: list[tuple[_Sheet, RawSheet]] = []
    for sheet in sheets:
        title = folded(sheet.name)
        if PRIMARY in title:
            described.append((_describe(sheet, path), sheet))
        elif REAL not in title and sheet.rows:
            reading.unplaced.append(Unplaced("sheet_not_read", sheet.name, sheet.name, len(sheet.rows), unit=""))
    if not described:
        found = ", ".join(sheet.name for sheet in sheets)[:200]
        raise InputError([Problem("import_sheet", path.name, found=found, expected="… Primær mængde")])
    years = sorted({year for sheet, _ in described for year in sheet.years})
    reading.years = tuple(years)
    _primary(described, reading)
    for sheet in sheets:
        if REAL in folded(sheet.name) and PRIMARY not in folded(sheet.name):
            _real(sheet, years[-1], reading)
    return reading


def _modified(path: Path) -> str:
    """Return the day on which the workbook was last saved, as it says itself."""
    try:
        book = load_workbook(path, read_only=True)
        changed = book.properties.modified
        book.close()
    except (BadZipFile, KeyError, ValueError):
        changed = None
    return changed.date().isoformat() if changed else file_date(path)


def _describe(sheet: RawSheet, path: Path) -> _Sheet:
    """Return where the columns of a sheet are; its names stand in the row that has most of them."""
    wanted = {folded(name): name for name in NAMES}
    at, columns, columns_of_years = 0, dict[str, int](), dict[int, int]()
    for row, values in enumerate(sheet.rows[:HEADER_ROWS]):
        names = {wanted[folded(cell)]: place for place, cell in enumerate(values) if folded(cell) in wanted}
        if len(names) > len(columns):
            years: dict[int, int] = {}
            for place, cell in enumerate(values):
                match = re.match(r"\s*(\d{4})\s*\[?\s*tons?\s*\]?\s*$", str(cell or ""), re.IGNORECASE)
                if match:
                    years[int(match[1])] = place
            at, columns, columns_of_years = row, names, years
    missing = [name for name in NEEDED if name not in columns]
    if not columns_of_years:
        missing.append("2023 [ton]")
    if missing:
        header = sheet.rows[at] if sheet.rows else ()
        found = ", ".join(str(cell) for cell in header if cell is not None)[:200] or "-"
        raise InputError(
            [
                Problem(
                    "import_columns",
                    path.name,
                    at + 1,
                    found=f"{sheet.name}: {found}",
                    expected=", ".join(missing),
                )
            ]
        )
    municipal = any(word in folded(sheet.name) for word in MUNICIPAL)
    return _Sheet(sheet.name, columns, columns_of_years, at + 1, municipal)


@dataclass
class _Sum:
    """An amount in the making."""

    value: float = 0.0
    rows: int = 0
    where: str = ""

    def add(self, value: float, where: str) -> None:
        self.value += value
        self.rows += 1
        self.where = self.where or where


def _primary(described: list[tuple[_Sheet, RawSheet]], reading: Reading) -> None:
    """Add the sums of a municipality's sectors: by stream, in all, and what of it is recovered."""
    streams: dict[tuple[str, str, str, int, bool], _Sum] = defaultdict(_Sum)
    totals: dict[tuple[str, str, int], _Sum] = defaultdict(_Sum)
    recovered: dict[tuple[str, str, int], _Sum] = defaultdict(_Sum)
    seen: Counter[tuple[Any, ...]] = Counter()
    spelled: dict[str, str] = {}
    # Sheets of all waste first: what stands in them again under municipal waste is then a repetition.
    for sheet, raw in sorted(described, key=lambda item: item[0].municipal):
        here: Counter[tuple[Any, ...]] = Counter()
        mark = _mark(raw, sheet)
        for line, values in enumerate(raw.rows[sheet.first :], start=sheet.first + 1):
            cells = {name: _text(values, place) for name, place in sheet.columns.items()}
            if not cells["Kommune"] and not cells["Ny affaldsfraktion"]:
                continue
            where = f"{sheet.name}, {line}"
            same = (*(values[place] if place < len(values) else None for place in sheet.columns.values()),)
            same += tuple(values[place] if place < len(values) else None for place in sheet.years.values())
            here[same] += 1
            if here[same] <= seen[same]:
                reading.unplaced.append(Unplaced("row_in_sheets", sheet.name, where, unit=""))
                continue
            # A municipality may be written in several ways; the first one stands for all.
            cells["Kommune"] = spelled.setdefault(folded(cells["Kommune"]), cells["Kommune"])
            sector = _sector(cells)
            soil = concepts(cells["Ny affaldsfraktion"]) == {"soil"}
            stream = cells["Ny affaldsfraktion"] or cells.get("Affaldsfraktion", "")
            for year, position in sheet.years.items():
                value = _tonnes(values, position, mark)
                if value is None:
                    # A cell without data is usual here: the kind of waste was not treated so in that year.
                    text = _text(values, position)
                    if text.upper() in NO_DATA:
                        lacking = Unplaced("no_data", sheet.name, where, 1, (year,), place=cells["Kommune"])
                    else:
                        what = f"{cells['Kommune']}: {stream}: '{text}'"
                        lacking = Unplaced("bad_number", what, where, 1, (year,), place=cells["Kommune"])
                    reading.unplaced.append(lacking)
                    continue
                streams[cells["Kommune"], sector, stream, year, sheet.municipal].add(value, where)
                if not sheet.municipal and not soil:
                    totals[cells["Kommune"], sector, year].add(value, where)
                    if folded(cells["Ny behandling"]) in RECOVERED:
                        recovered[cells["Kommune"], sector, year].add(value, where)
        seen |= here
    for (place, sector, stream, year, municipal), amount in streams.items():
        if municipal and sector != HOUSEHOLDS:
            what = f"{sector}: {stream}"
            reading.unplaced.append(
                Unplaced("part_of_sector", what, amount.where, amount.rows, (year,), amount.value, place=place)
            )
        else:
            reading.figures.append(_figure("amount", place, sector, stream, year, amount.value, amount))
    for (place, sector, year), total in totals.items():
        reading.figures.append(_figure("amount", place, sector, "", year, total.value, total, True, "no_soil"))
        if total.value > 0:
            part = recovered[place, sector, year].value if (place, sector, year) in recovered else 0.0
            rate = _figure("rate", place, sector, "", year, part / total.value, total, note="share no_soil")
            reading.figures.append(rate)


def _figure(
    measure: str,
    place: str,
    sector: str,
    stream: str,
    year: int,
    value: float,
    amount: _Sum,
    whole: bool = False,
    note: str = "",
) -> Figure:
    status = "reported" if amount.rows == 1 and measure == "amount" else "derived"
    table = amount.where.rpartition(",")[0]
    return Figure(
        measure,
        place,
        sector,
        stream,
        year,
        value,
        table,
        amount.where,
        status=status,
        whole=whole,
        rows=amount.rows,
        note=note,
    )


def _sector(cells: Mapping[str, str]) -> str:
    """Return the sector in the file's words: H, or E with the kind of producer."""
    letter = cells[ORIGIN].strip().upper()[:1]
    producer = cells.get("Producenttype", "")
    return letter if letter == HOUSEHOLDS or not producer else f"{letter}: {producer}"


def _text(values: tuple[Any, ...], place: int) -> str:
    value = values[place] if place < len(values) else None
    return "" if value is None else " ".join(str(value).split())


def _mark(sheet: RawSheet, described: _Sheet) -> str:
    """Return the decimal mark of amounts that were typed as text; a comma where it cannot be told."""
    texts = [
        value
        for row in sheet.rows[described.first :]
        for place in described.years.values()
        if place < len(row) and isinstance(value := row[place], str) and re.search(r"\d", value)
    ]
    return decimal_mark(texts) or ","


def _tonnes(values: tuple[Any, ...], place: int, mark: str) -> float | None:
    value = values[place] if place < len(values) else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    return number(str(value), mark)


def _real(sheet: RawSheet, year: int, reading: Reading) -> None:
    """Add the rate of real recycling of households' municipal waste: as given, or recycled over collected."""
    found = next(
        (row for row, values in enumerate(sheet.rows[:HEADER_ROWS]) if values and folded(values[0]) == "kommune"), None
    )
    if found is None:
        reading.unplaced.append(Unplaced("sheet_not_read", sheet.name, sheet.name, len(sheet.rows), unit=""))
        return
    names = sheet.rows[found]
    groups = _groups(sheet.rows[found - 1] if found else (), len(names))
    headers = [f"{group} {name or ''}".strip() for group, name in zip(groups, names, strict=True)]
    kinds = [_kind(header) for header in headers]
    rate, collected, recycled = (
        kinds.index(kind) if kind in kinds else None for kind in ("rate", "collected", "recycled")
    )
    used = {0, rate} if rate is not None else {0, collected, recycled} if recycled is not None else {0}
    for position, header in enumerate(headers):
        if position not in used and names[position] is not None:
            reading.unplaced.append(Unplaced("column_not_read", header, sheet.name, unit=""))
    for line, values in enumerate(sheet.rows[found + 1 :], start=found + 2):
        place = _text(values, 0)
        if not place:
            continue
        where = f"{sheet.name}, {line}"
        value = _share(values, rate, headers) if rate is not None else _ratio(values, recycled, collected)
        if value is None:
            if rate is not None or recycled is not None:
                reading.unplaced.append(Unplaced("no_data", place, where, 1, (year,), unit="%", place=place))
            continue
        status = "reported" if rate is not None else "derived"
        reading.figures.append(
            Figure(
                "rate",
                place,
                HOUSEHOLDS,
                "",
                year,
                value,
                sheet.name,
                where,
                REAL_METHOD,
                status,
                note="real_recycling",
            )
        )


def _groups(values: Iterable[Any], count: int) -> list[str]:
    """Return the group of each column: a group's name stands over its first column only."""
    found: list[str] = []
    row = list(values)
    for place in range(count):
        name = " ".join(str(row[place]).split()) if place < len(row) and row[place] is not None else ""
        found.append(name or (found[-1] if found else ""))
    return found


def _kind(header: str) -> str:
    """Return what a column of real recycling holds: rate, collected or recycled tonnes of households, or ''."""
    word = folded(header)
    if "haveaffald" in word or "erhverv" in word or "hushold" not in word:
        return ""
    if "genanv" in word and ("%" in header or "pct" in word or "procent" in word):
        return "rate"
    if "1000ton" not in word:
        return ""
    if "genanv" in word:
        return "recycled"
    return "collected" if "total" in word or "indsamlet" in word else ""


def _share(values: tuple[Any, ...], place: int, headers: list[str]) -> float | None:
    value = _tonnes(values, place, ",")
    # A percentage is written as 47 or, in a cell formatted as one, as 0.47.
    return None if value is None else value / 100 if value > 1 else value


def _ratio(values: tuple[Any, ...], over: int | None, under: int | None) -> float | None:
    if over is None or under is None:
        return None
    part, whole = _tonnes(values, over, ","), _tonnes(values, under, ",")
    return None if part is None or not whole else part / whole
