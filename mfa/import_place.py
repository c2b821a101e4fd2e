"""From the figures of a file to rows of a case: what is measured of whom, and totals as amounts of waste.

A total of a sector becomes a measurement. Where the case says nothing yet of what the sector generates in a
municipality, or the user asks for it, the total also becomes its ``generation``, spread as the case's own rows
are; its measurement is then only compared, as the same figure would count twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from flows.case import Case
from mfa.import_figures import Figure, Reading, Unplaced, gathered
from mfa.import_mapping import Choices
from mfa.import_words import EXPECTED, SOURCES, said

MEASUREMENT_KEY = ("measure", "municipality", "sector", "segment", "stream", "fraction", "year", "method")
GENERATION_KEY = ("municipality", "sector", "segment", "fraction", "year")
SHOWN_PLACES = 5
Says = Callable[[Figure, int, str], str]
"""The source text of a figure, of so many rows, with what else is to be said."""


@dataclass(frozen=True)
class Row:
    """A row to be written: a table, its key and values; ``old`` is the row of the workbook that it replaces."""

    table: str
    values: dict[str, Any]
    old: int | None = None
    action: str = "added"


@dataclass
class Plan:
    """Rows to be written and kept, and what could not be placed."""

    rows: list[Row] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)


@dataclass(frozen=True)
class Options:
    """How to place: the years, whether rows that are there are kept, whether amounts of waste are replaced."""

    years: frozenset[int]
    keep: bool
    generation: bool
    language: str
    system: str
    file: str


def place(case: Case, reading: Reading, choices: Choices, options: Options) -> Plan:
    """Return the rows of a case that the figures of a file make."""
    plan = Plan()
    foreign: dict[tuple[str, str], list[Unplaced]] = {}
    meant = _meant(reading.figures, choices, options, plan, foreign)
    for item in reading.unplaced:
        if item.place:
            choice = choices.choose("municipality", item.place)
            if not choice.id:
                foreign.setdefault((choice.reason, item.unit), []).append(item)
                continue
        if item.years and not set(item.years) & options.years:
            plan.unplaced.append(_other_year(item))
        else:
            plan.unplaced.append(item)
    says = _sayer(reading, options)
    totals = _measurements(case, meant, options, says, plan)
    for position, total in totals:
        if _generation(case, total, options, says, plan):
            row = plan.rows[position]
            plan.rows[position] = replace(row, values={**row.values, "calibrate": False})
    listed = [*gathered(plan.unplaced), *_foreign(foreign)]
    # What the user can do something about comes first.
    plan.unplaced = sorted(listed, key=lambda item: EXPECTED.index(item.reason) + 1 if item.reason in EXPECTED else 0)
    return plan


@dataclass(frozen=True)
class _Meant:
    """A figure in the case's words."""

    figure: Figure
    municipality: str
    sector: str
    stream: str
    value: float
    people: float = float("nan")


def _meant(
    figures: Iterable[Figure],
    choices: Choices,
    options: Options,
    plan: Plan,
    foreign: dict[tuple[str, str], list[Unplaced]],
) -> list[_Meant]:
    people = choices.case["municipalities"].set_index("municipality")["population"]
    methods = _methods(choices.case)
    found = []
    for figure in figures:
        municipality = choices.choose("municipality", figure.place)
        unit = "%" if figure.measure == "rate" else "t/capita" if figure.per_head else "t"
        shown = figure.value * 100 if figure.measure == "rate" else figure.value
        what = figure.stream or (figure.table if figure.measure == "amount" else f"{figure.table}: %")
        item = Unplaced("", what, figure.where, figure.rows, (figure.year,), shown, unit, place=figure.place)
        if not municipality.id:
            foreign.setdefault((municipality.reason, unit), []).append(item)
            continue
        if figure.year not in options.years:
            plan.unplaced.append(_other_year(item))
            continue
        sector = choices.choose("sector", figure.sector)
        if not sector.id:
            # A rate that was computed from amounts is not told beside them.
            if "share" not in figure.note.split():
                said_of = replace(item, reason=sector.reason, what=figure.sector, candidates=sector.candidates)
                plan.unplaced.append(said_of)
            continue
        stream = choices.choose("stream", figure.stream) if figure.stream else None
        if stream is not None and not stream.id:
            plan.unplaced.append(replace(item, reason=stream.reason, candidates=stream.candidates))
            continue
        reason = _unfit(figure, methods)
        if reason:
            plan.unplaced.append(replace(item, reason=reason, what=f"{figure.place}: {what}", candidates=figure.method))
            continue
        number = float(people.loc[municipality.id])
        if figure.per_head and not number > 0:
            plan.unplaced.append(replace(item, reason="no_population", what=figure.place))
            continue
        value = figure.value * number if figure.per_head else figure.value
        found.append(_Meant(figure, municipality.id, sector.id, stream.id if stream else "", value, number))
    return found


def _methods(case: Case) -> set[str]:
    """Return the rate methods that the case uses beside the collected rate."""
    return {
        "collected",
        str(case.settings["method"]),
        *case["targets"]["method"],
        *case["measurements"].loc[case["measurements"]["measure"] == "rate", "method"],
    }


def _unfit(figure: Figure, methods: set[str]) -> str:
    """Return why a figure is no measurement at all, '' if it is one."""
    if figure.measure == "rate":
        if not 0 <= figure.value <= 1:
            return "rate_outside"
        return "" if figure.method in methods else "method_not_used"
    return "negative" if figure.value < 0 else ""


def _other_year(item: Unplaced) -> Unplaced:
    return Unplaced("other_year", "", item.where, item.rows, item.years, 0.0, "")


def _foreign(found: dict[tuple[str, str], list[Unplaced]]) -> list[Unplaced]:
    """Return a line for the places that are not the case's, by reason and unit."""
    lines = []
    for (reason, unit), items in found.items():
        places = list(dict.fromkeys(item.place for item in items))
        shown = ", ".join(places[:SHOWN_PLACES]) + (f" … ({len(places)})" if len(places) > SHOWN_PLACES else "")
        years = tuple(sorted({year for item in items for year in item.years}))
        lines.append(Unplaced(reason, shown, items[0].where, sum(item.rows for item in items), years, 0.0, unit))
    merged: dict[tuple[str, str], Unplaced] = {}
    for line in lines:
        key = line.reason, line.what
        first = merged.get(key)
        merged[key] = line if first is None else replace(first, rows=first.rows + line.rows)
    return [replace(line, unit="") for line in merged.values()]


def _sayer(reading: Reading, options: Options) -> Says:
    """Return what writes the source of a figure: table, file and date of its content, how it was computed."""

    def says(figure: Figure, rows: int, more: str) -> str:
        parts = [
            said(SOURCES, options.system, options.language, table=figure.table),
            said(SOURCES, "file", options.language, file=options.file, date=reading.date),
        ]
        if rows > 1:
            parts.append(said(SOURCES, "sum", options.language, count=rows))
        parts += [said(SOURCES, note, options.language) for note in figure.note.split() if note != "per_head"]
        return "; ".join([", ".join(parts[:2]), *parts[2:], *([more] if more else [])])

    return says


def _measurements(
    case: Case, meant: Sequence[_Meant], options: Options, says: Says, plan: Plan
) -> list[tuple[int, _Meant]]:
    """Add the measurements; return the totals of sectors with the position of their row."""
    existing = {tuple(row[:-1]): int(row[-1]) for row in _keyed(case["measurements"], MEASUREMENT_KEY)}
    groups: dict[tuple[Any, ...], list[_Meant]] = {}
    for item in meant:
        figure = item.figure
        key = (figure.measure, item.municipality, item.sector, "", item.stream, "", float(figure.year), figure.method)
        groups.setdefault(key, []).append(item)
    totals = []
    for key, items in groups.items():
        parts = _apart(items, plan)
        first = parts[0]
        value = sum(item.value for item in parts)
        rows = sum(item.figure.rows for item in parts)
        status = first.figure.status if len(parts) == 1 else "derived"
        more = ""
        if first.figure.per_head:
            people = f"{first.people:.0f}"
            more = said(SOURCES, "per_head", options.language, people=people)
        values = dict(zip(MEASUREMENT_KEY, key, strict=True))
        values |= {
            "value": value,
            "std": None,
            "calibrate": True,
            "source": says(first.figure, rows, more),
            "status": status,
        }
        old = existing.get(key)
        action = "added" if old is None else "kept" if options.keep else "replaced"
        if first.figure.whole and first.figure.measure == "amount":
            totals.append((len(plan.rows), replace(first, value=value)))
        plan.rows.append(Row("measurements", values, old, action))
    return totals


def _apart(items: list[_Meant], plan: Plan) -> list[_Meant]:
    """Return the figures that add up to one measurement: of different words; the same words twice count once."""
    kept: dict[tuple[str, str], _Meant] = {}
    for item in items:
        words = item.figure.place, item.figure.stream
        words = (words[0], words[1]) if item.figure.measure == "amount" and item.stream else ("", "")
        if words in kept:
            figure = item.figure
            unit, shown = ("%", figure.value * 100) if figure.measure == "rate" else ("t", item.value)
            what = f"{figure.place}: {figure.stream or figure.table}"
            other = kept[words].figure.where
            plan.unplaced.append(
                Unplaced("given_twice", what, figure.where, figure.rows, (figure.year,), shown, unit, other)
            )
        else:
            kept[words] = item
    return list(kept.values())


def _keyed(frame: pd.DataFrame, key: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    rows = frame["_row"] if "_row" in frame else pd.Series(-1, index=frame.index)
    return zip(*(frame[name] for name in key), rows, strict=True)


def _generation(case: Case, total: _Meant, options: Options, says: Says, plan: Plan) -> bool:
    """Add the rows of generation that a sector's total makes; return whether there are any."""
    frame = case["generation"]
    frame = frame[frame["sector"] == total.sector]
    year = total.figure.year
    own = frame[frame["municipality"] == total.municipality]
    there = own[own["year"] == year]
    what = f"{total.figure.place}: {total.sector}"
    item = Unplaced("", what, total.figure.where, 1, (year,), total.value, "t")
    if len(own) and not options.generation:
        return False
    if len(own):
        nearest = min(set(own["year"].astype(int)), key=lambda other: (abs(other - year), other))
        pattern = own[own["year"] == nearest]
        whole = float(pattern["amount"].sum())
        if not whole > 0:
            plan.unplaced.append(replace(item, reason="generation_zero"))
            return False
        more = said(SOURCES, "split", options.language, year=nearest) if len(pattern) > 1 else ""
        action = "kept" if len(there) and options.keep else "replaced" if len(there) else "added"
        for row in pattern.to_dict("records"):
            factor = total.value / whole
            values = {name: row[name] for name in (*GENERATION_KEY, "composition")}
            values |= {name: row[name] * factor for name in ("amount", "low", "high")}
            values |= {"year": float(year), "allocation_key": "", "source": _whence(total, says, options, more)}
            values["status"] = "derived" if len(pattern) > 1 else total.figure.status
            old = int(row["_row"]) if len(there) and "_row" in row else None
            plan.rows.append(Row("generation", values, old, action))
        return action != "kept"
    if len(frame[frame["allocation_key"] != ""]):
        plan.unplaced.append(replace(item, reason="generation_regional"))
        return False
    segments = sorted({segment for segment in case["sectors"].query("sector == @total.sector")["segment"] if segment})
    if len(segments) > 1:
        plan.unplaced.append(replace(item, reason="generation_segments"))
        return False
    composition = _composition(case, total.sector, frame)
    if not composition:
        plan.unplaced.append(replace(item, reason="generation_no_composition"))
        return False
    more = said(SOURCES, "composition", options.language, composition=composition)
    values = {"municipality": total.municipality, "sector": total.sector, "segment": (segments or [""])[0]}
    values |= {"fraction": "", "year": float(year), "amount": total.value, "composition": composition}
    values |= {"source": _whence(total, says, options, more), "status": total.figure.status}
    plan.rows.append(Row("generation", values))
    return True


def _whence(total: _Meant, says: Says, options: Options, more: str) -> str:
    people = said(SOURCES, "per_head", options.language, people=f"{total.people:.0f}") if total.figure.per_head else ""
    return says(total.figure, total.figure.rows, "; ".join(part for part in (people, more) if part))


def _composition(case: Case, sector: str, rows: pd.DataFrame) -> str:
    """Return the one composition of a sector: that of its other rows, of its name, or the only one there is."""
    used = set(rows["composition"]) - {""}
    known = list(dict.fromkeys(case["compositions"]["composition"]))
    if len(used) == 1:
        return str(next(iter(used)))
    if not used and sector in known:
        return sector
    return str(known[0]) if not used and len(known) == 1 else ""
