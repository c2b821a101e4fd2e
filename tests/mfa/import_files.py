"""Small made-up files in the formats of the official statistics, and a small case to put them into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import Workbook, load_workbook

from mfa.workbook_write import write_case

SETTINGS = {"title": "Two towns", "account_year": 2022, "plan_years": "2025-2027", "currency": "DKK"}
STREAMS = {
    "residual": ("Restaffald", "mixed"),
    "bulky": ("Storskrald og småt brændbart", "mixed"),
    "food_waste": ("Madaffald", "separate"),
    "garden_waste": ("Haveaffald", "separate"),
    "paper": ("Papir", "separate"),
    "cardboard": ("Pap", "separate"),
    "glass": ("Glas", "separate"),
    "plastic_carton": ("Plast og mad- og drikkekartoner", "separate"),
}
LABY24 = "KOMGRP;BEHANDLING;AFFFRAK;TID;INDHOLD"
RECYCLED = "Genanvendelse, inkl. anden endelig materialenyttiggørelse"
HEADERS = (
    "Erhverv [E] eller husholdningsaffald [H]",
    "Affaldsfraktionskode",
    "Affaldsfraktion",
    "Ny affaldsfraktion",
    "EAKLevel3Kode",
    "EAKLevel3Navn",
    "RecoveryDisposalKode",
    "RecoveryDisposalNavn",
    "Ny behandling",
    "Producenttype",
    "Kommune",
    "Region",
)


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the tables of the case: two municipalities, households of two kinds, services."""
    return {
        "municipalities": [
            {"municipality": "165", "name_da": "Albertslund", "name_en": "Albertslund", "population": 28000},
            {"municipality": "175", "name_da": "Rødovre", "name_en": "Rodovre", "population": 42000},
        ],
        "fractions": [{"fraction": "food"}, {"fraction": "rest"}],
        "sectors": [
            {"sector": "households", "segment": "houses", "kind": "households"},
            {"sector": "households", "segment": "flats", "kind": "households"},
            {"sector": "services", "kind": "business"},
            {"sector": "construction_demolition", "kind": "construction_demolition"},
        ],
        "streams": [{"stream": key, "name_da": name, "kind": kind} for key, (name, kind) in STREAMS.items()],
        "generation": [
            {
                "municipality": "165",
                "sector": "households",
                "segment": segment,
                "year": 2022,
                "amount": amount,
                "composition": "households",
                "status": "assumed",
            }
            for segment, amount in (("houses", 3000), ("flats", 9000))
        ],
        "compositions": [
            {"composition": "households", "fraction": "food", "share": 0.3},
            {"composition": "households", "fraction": "rest", "share": 0.7},
            {"composition": "services", "fraction": "rest", "share": 1.0},
        ],
        "measurements": [
            {
                "measure": "rate",
                "municipality": "165",
                "sector": "households",
                "year": 2022,
                "value": 0.4,
                "std": 0.02,
                "status": "assumed",
                "source": "a guess",
            }
        ],
    }


def write_small_case(path: Path, language: str = "en", **changes: Any) -> Path:
    """Write the small case; ``changes`` replace tables. Sheets without rows are left out, so that tests are quick."""
    if changes:
        _write_filled(path, language, changes)
    else:
        path.write_bytes(_plain_case(language))
    return path


@cache
def _plain_case(language: str) -> bytes:
    with TemporaryDirectory() as folder:
        return _write_filled(Path(folder) / "case.xlsx", language, {}).read_bytes()


def _write_filled(path: Path, language: str, changes: dict[str, Any]) -> Path:
    write_case(SETTINGS, {**tables(), **changes}, path, language=language)
    book = load_workbook(path)
    for sheet in book.worksheets:
        if sheet.max_row < 2 or sheet.title in {"README", "LÆSMIG", "units", "enheder"}:
            del book[sheet.title]
    for name in list(book.defined_names):
        del book.defined_names[name]
    book.save(path)
    return path


def write_laby24(path: Path, lines: Sequence[str], encoding: str = "utf-8-sig", header: str = LABY24) -> Path:
    """Write lines as a bulk csv file."""
    path.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
    return path


def raw_row(
    letter: str, fraction: str, treatment: str, municipality: str, *tonnes: Any, producer: str = "Kommune"
) -> tuple[Any, ...]:
    """Return a row of the raw data, with an EWC code with spaces as they are written there."""
    return (letter, f"{letter}01", fraction, fraction, "20 01 08", "Affald", "R3", "R3", treatment, producer, municipality, "Region Hovedstaden", *tonnes)  # fmt: skip


def write_raw(
    path: Path,
    rows: Iterable[Sequence[Any]],
    sheet: str = "Primær mængde",
    years: Sequence[int] = (2021, 2022),
    more: dict[str, Sequence[Sequence[Any]]] | None = None,
) -> Path:
    """Write raw data under its two rows of headers, with further sheets of plain rows."""
    book = Workbook()
    first = book.active
    first.title = sheet
    groups = {0: "Affaldstype", 6: "Behandling", 9: "Affaldets oprindelse", 12: "Indsamlet affaldsmængde pr. år"}
    first.append([groups.get(place) for place in range(12 + len(years))])
    first.append([*HEADERS, *(f"{year} [ton]" for year in years)])
    for row in rows:
        first.append(list(row))
    for name, content in (more or {}).items():
        added = book.create_sheet(name)
        for row in content:
            added.append(list(row))
    book.save(path)
    return path
