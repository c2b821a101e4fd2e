"""Official statistics into a case workbook: what was placed, what was kept, and what found no place.

``dst`` are Statistics Denmark's tables LABY24 and LABY25 as bulk csv, ``mst`` is the Environmental Protection
Agency's workbook of raw data. Figures become measurements (rates and amounts) and, where the case has
none, amounts of waste; each tells its table, file and date, and whether it was copied or computed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows.case import Case, parse_years
from flows.problems import InputError, Problem
from mfa.import_dst import read_dst
from mfa.import_figures import Reading, Unplaced
from mfa.import_mapping import SHEET, read_mapping
from mfa.import_mst import read_mst
from mfa.import_place import MEASUREMENT_KEY, Options, Plan, Row, place
from mfa.import_words import HEADERS, REASONS, said
from mfa.import_write import lost_parts, refuse_locked, write_rows
from mfa.workbook_kind import CASE
from mfa.workbook_read import read_workbook

READERS: Mapping[str, Callable[[Path], Reading]] = {"dst": read_dst, "mst": read_mst}
PLACED = ("table", "action", *MEASUREMENT_KEY, "value", "composition", "calibrate", "source", "status")
UNPLACED = ("reason", "text", "what", "where", "rows", "years", "value", "unit")
LISTS = ("municipalities", "sectors")


@dataclass(frozen=True)
class Import:
    """What came of an import.

    ``placed`` has a row per row of the workbook: table, action (added, replaced, kept), its key, value, source and
    status. ``unplaced`` has a row per reason and thing: reason (a code), text, what, where it stands first,
    rows, years, value and unit. ``path`` is the workbook that was written, None if nothing could be placed or
    chosen; ``backup`` the copy of what was there; ``lost`` what of it could not be kept.
    """

    path: Path | None
    backup: Path | None
    placed: pd.DataFrame
    unplaced: pd.DataFrame
    lost: tuple[str, ...] = ()

    def count(self, action: str, table: str | None = None) -> int:
        """Return how many rows were added, replaced or kept, of one table or of all."""
        rows = self.placed[self.placed["action"] == action]
        return len(rows if table is None else rows[rows["table"] == table])

    def _repr_html_(self) -> str:
        """Return counts and both tables as a notebook shows them."""
        counts = Counter(zip(self.placed["table"], self.placed["action"], strict=True))
        lines = "".join(f"<li>{table}: {count} {action}</li>" for (table, action), count in sorted(counts.items()))
        return f"<ul>{lines}</ul>{self.placed.to_html(index=False)}{self.unplaced.to_html(index=False)}"


def import_data(
    kind: str,
    file: str | os.PathLike[str],
    case: str | os.PathLike[str],
    *,
    years: int | str | Sequence[int] | None = None,
    keep: bool = False,
    mapping: str | os.PathLike[str] | None = None,
    generation: bool = False,
    out: str | os.PathLike[str] | None = None,
    lang: str = "en",
) -> Import:
    """Fill measurements and amounts of a case workbook from a file of official statistics.

    ``kind`` is 'dst' or 'mst'. ``years`` are a year, a list or text like '2015-2022', 'all' for all of the file;
    without, the case's accounted year. Rows of the workbook with the same key are replaced, or stay with
    ``keep``. ``mapping`` is a csv file (kind, in_file, id) that says what words of the file mean; so does the
    sheet #mapping, which is written. With ``generation`` a sector's totals also replace its amounts of
    waste, spread as they were; without, only where the case has none. ``out`` is another workbook to
    write; the case is then left as it is. ``lang`` is the language of sources and lists.

    What could not be placed is in the result and on the sheet '#import dst' or '#import mst'.

    Raises :class:`flows.problems.InputError` if the file or the workbook cannot be read or written, or the file
    has nothing of the years, and ``ValueError`` for another kind.
    """
    if kind not in READERS:
        raise ValueError(f"kind is '{kind}', not one of {', '.join(READERS)}")
    workbook, source = Path(case), Path(file)
    target = Path(out) if out is not None else workbook
    if target.suffix.lower() != ".xlsx":
        raise InputError([Problem("file_kind", target.name, found=target.suffix or target.name)])
    refuse_locked(target)
    reading = read_workbook(workbook, CASE)
    found = _usable(reading.case, reading.problems, workbook)
    choices = read_mapping(found, workbook, mapping)
    figures = READERS[kind](source)
    chosen = _years(years, found, figures, source)
    plan = place(found, figures, choices, Options(chosen, keep, generation, lang, kind, source.name))
    written = [row for row in plan.rows if row.action != "kept"]
    path = backup = None
    lost: tuple[str, ...] = ()
    if written or choices.open:
        sheets = {f"#import {kind}": _list(plan, source.name, lang), SHEET: _mapping_rows(choices.rows(lang), lang)}
        lost = lost_parts(workbook)
        target.parent.mkdir(parents=True, exist_ok=True)
        currency = str(found.settings["currency"])
        backup = write_rows(workbook, target, reading.layouts, plan.rows, sheets, lang, currency)
        path = target
    return Import(path, backup, _placed(plan.rows), _unplaced(plan.unplaced, lang), lost)


def _usable(case: Case | None, problems: list[Problem], workbook: Path) -> Case:
    """Return the case if it has the lists that an import needs; it may be unfinished otherwise."""
    if case is None:
        raise InputError(problems)
    missing = [name for name in LISTS if case[name].empty]
    if missing:
        raise InputError([Problem("import_lists", workbook.name, expected=", ".join(missing))])
    return case


def _years(years: int | str | Sequence[int] | None, case: Case, reading: Reading, file: Path) -> frozenset[int]:
    """Return the chosen years; those of the file are told if it has none of them."""
    if years is None:
        account_year = case.settings["account_year"]
        if account_year is None:
            return frozenset(reading.years[-1:])
        chosen = {int(account_year)}
    elif isinstance(years, str):
        try:
            chosen = set(reading.years) if years.strip().casefold() in {"all", "alle"} else set(parse_years(years))
        except ValueError:
            raise InputError([Problem("not_years", file.name, found=years)]) from None
    else:
        chosen = {int(year) for year in ([years] if isinstance(years, int) else years)}
    if not chosen & set(reading.years):
        has = ", ".join(map(str, reading.years)) or "-"
        wanted = ", ".join(map(str, sorted(chosen)))
        raise InputError([Problem("import_year", file.name, found=has, expected=wanted)])
    return frozenset(chosen)


def _mapping_rows(rows: Sequence[tuple[str, ...]], language: str) -> list[tuple[str, ...]]:
    return [HEADERS["mapping"][0 if language == "da" else 1], *rows]


def _list(plan: Plan, file: str, language: str) -> list[tuple[Any, ...]]:
    """Return the sheet of what could not be placed."""
    lines: list[tuple[Any, ...]] = [HEADERS["import"][0 if language == "da" else 1]]
    for item in plan.unplaced:
        text = said(REASONS, item.reason, language, candidates=item.candidates, other=item.candidates)
        value = float(f"{item.value:.6g}") if item.unit else None
        years = ", ".join(map(str, item.years))
        lines.append((text, item.what, item.where, item.rows, years, value, item.unit, file))
    return lines


def _unplaced(items: Sequence[Unplaced], language: str) -> pd.DataFrame:
    rows = [
        (
            item.reason,
            said(REASONS, item.reason, language, candidates=item.candidates, other=item.candidates),
            item.what,
            item.where,
            item.rows,
            item.years,
            item.value,
            item.unit,
        )
        for item in items
    ]
    return pd.DataFrame(rows, columns=list(UNPLACED))


def _placed(rows: Sequence[Row]) -> pd.DataFrame:
    lines = []
    for row in rows:
        value = row.values.get("value", row.values.get("amount"))
        lines.append({**row.values, "table": row.table, "action": row.action, "value": value})
    return pd.DataFrame(lines, columns=list(PLACED))
