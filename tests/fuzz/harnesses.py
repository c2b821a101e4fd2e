"""One input each for the parts that read what strangers write: none may crash, hang or take much memory.

Each harness takes bytes and makes an input of them that is near a proper one; errors of users are answers, anything else
is a finding. ``tests/fuzz/test_fuzz.py`` runs them on a few seeded inputs, ``tests/fuzz/guided.py`` with the coverage
of the product as guide.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flows import scenario_checks, scenario_weights, scenarios
from flows.case import Case, typed_table
from flows.problems import InputError
from flows.tables import BY_NAME, SETTINGS
from flows.units import UnitError, factor, mass_from_volume, volume_factor
from mfa.run import Run, RunError
from mfa.workbook import write_case
from mfa.workbook_open import RawSheet, open_sheets
from mfa.workbook_read import read_case, read_workbook, reading_of
from reports.own_layout_read import read_layout
from reports.workbooks import sheet_titles
from tests.cases.pencil import pencil_tables
from tests.fuzz.choices import Choices

PENCIL_SETTINGS = {"account_year": 2024, "plan_years": "2025", "discount_rate": 0.0}
KEPT = Path(__file__).parents[1] / "kept_runs" / "17d5b49" / "plan"
NASTY: list[Any] = [
    None, "", " ", 0, -1, 1, 0.5, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan, 2**63, 10**400, True, False,
    "nan", "inf", "1e999", "1.234,5", "12 %", "=1+1", "#N/A", "#REF!", "\0", "\u202e", "a" * 40_000, "../..", "CON",
    "2025-2030", "9999", "2025,2025", "*", "[", "a|b", "=", ";", "municipality=*", "t/year", "kg", "DKK", "[t]", "ja", "x",
    datetime(2025, 1, 1), datetime(1, 1, 1), "A", "B", "homes", "houses", "paper", "bag", "bin", "mix", "sort", "rest", "oven",
]  # fmt: skip
HEADERS = sorted(
    {name for table in BY_NAME.values() for column in table.columns for name in (column.name, column.danish)}
)
OPERATIONS = ("factor", "value", "add", "low", "high", "remove", "insert", "include", "", "x")
UNIT_WORDS = (
    "t", "kg", "year", "år", "DKK", "kr", "mio.", "m3", "m**3", "capita", "indb.", "pr.", "/", "*", "**", "^", "(", ")", "3", "2",
    "-1", "1e6", "1e308", ".", "9", "%", "€", "_", " ", "MWh", "tkm", "h", "0", "+", "-", "kg/t", "ton", "\u00b3",
)  # fmt: skip
LAYOUT_WORDS = (
    "organisation", "logo", "logo_text", "contact", "accent", "sheets", "file_prefix", "municipality", "kommune", "=", "[", "]",
    "[municipality.159]", '"', "\'\'\'", "#1B4D5C", "\n", "159", "{", "}", ",", ".", "true", "1979-05-27", "1e999", "../a.png",
    "a\\u0000", '"Summary"', "\\", "[[", "]]", "= [",
)  # fmt: skip


@cache
def _home() -> Path:
    return Path(tempfile.mkdtemp(prefix="mfa-fuzz-"))


def _tables() -> dict[str, list[dict[str, Any]]]:
    rows = [
        {
            "scenario": "more",
            "table": "generation",
            "filter": "municipality=A",
            "column": "amount",
            "operation": "factor",
            "value": "1.1",
        },
        {"scenario": "both", "table": "scenarios", "filter": "scenario=more", "operation": "include"},
    ]
    return {**pencil_tables(), "scenarios": rows}


@cache
def _workbook() -> bytes:
    """Return a proper workbook of two towns."""
    return write_case(PENCIL_SETTINGS, _tables(), _home() / "proper.xlsx").read_bytes()


@cache
def _sheets() -> tuple[RawSheet, ...]:
    _workbook()
    return tuple(open_sheets(_home() / "proper.xlsx"))


@cache
def _case() -> Case:
    return Case.from_tables(PENCIL_SETTINGS, _tables())


def _told(problems: Any) -> None:
    """See that every problem can be said, with its place, in both languages."""
    for problem in problems:
        for language in ("da", "en"):
            problem.line(language)


def sheets(data: bytes) -> None:
    """Read a workbook some of whose cells, rows and columns are not as they should be."""
    choose = Choices(data)
    changed = {sheet.name: [list(row) for row in sheet.rows] for sheet in _sheets()}
    uncached: dict[str, set[tuple[int, int]]] = {}
    while choose.left:
        name = choose.one_of(list(changed))
        rows = changed[name]
        row = rows[choose.below(len(rows))] if rows else []
        at = choose.below(len(row)) if row else 0
        action = choose.below(10)
        if action < 5 and row:
            row[at] = choose.one_of(NASTY)
        elif action == 5 and row:
            row[at] = choose.text()
        elif action == 6 and rows and rows[0]:
            rows[0][choose.below(len(rows[0]))] = choose.one_of(HEADERS) + choose.one_of(
                ["", " [t/year]", " [kg]", " [DKK/t]", " ["]
            )
        elif action == 7 and rows:
            rows.insert(choose.below(len(rows)), list(choose.one_of(rows)))
        elif action == 8 and rows:
            del rows[choose.below(len(rows))]
        elif action == 9:
            uncached.setdefault(name, set()).add((choose.below(8), choose.below(12)))
    raw = [
        RawSheet(name, [tuple(row) for row in rows], frozenset(uncached.get(name, ())))
        for name, rows in changed.items()
    ]
    _told(reading_of(Path("fuzz.xlsx"), raw).problems)


CELLS = (
    b'<c r="A2"><v>INF</v></c>', b'<c t="s"><v>9999</v></c>', b'<c t="d"><v>x</v></c>', b'<c t="b"><v>x</v></c>', b'<c r="XFD1048576"/>',
    b'<c r="0"/>', b'<c r="A"/>', b"<c><f>1</f></c>", b'<c><f t="shared" si="0"/></c>', b'<c><f t="array" ref="x">1</f></c>',
    b'<c t="inlineStr"><is><t>&#x202e;</t></is></c>', b"<c s='99'><v>1</v></c>", b'<row r="-1"/>', b'<row r="1.5"/>', b"<!-- -->",
    b'<row r="99999999999"/>', b"<!DOCTYPE a>", b"</row>", b"<a>", b"&#0;", b"&x;", b'<c r="A1" t="e"><v>#REF!</v></c>', b"\xff\xfe",
)  # fmt: skip


def workbook(data: bytes) -> None:
    """Read a workbook whose XML, or whose bytes, are not as they should be."""
    choose = Choices(data)
    if choose.below(4) == 0:
        content = bytearray(_workbook())
        while choose.left:
            at = choose.below(len(content))
            content[at : at + choose.below(3)] = choose.bytes(4)
    else:
        with zipfile.ZipFile(io.BytesIO(_workbook())) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        while choose.left:
            name = choose.one_of(list(parts))
            part = parts[name]
            at = min((choose.below(256) << 8 | choose.below(256)) % (len(part) + 1), len(part))
            action = choose.below(5)
            if action == 0:
                parts[name] = part[:at] + choose.bytes(6) + part[at + choose.below(4) :]
            elif action < 3:
                # At the end of an element, so that the rest stays whole.
                at = part.find(b">", at) + 1
                parts[name] = part[:at] + choose.one_of(CELLS) + part[at:]
            elif action == 3:
                parts[name] = part[:at] + part[at + choose.below(200) :]
            elif len(parts) > 1:
                del parts[name]
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        content = bytearray(stream.getvalue())
    path = _home() / "fuzzed.xlsx"
    path.write_bytes(content)
    _told(read_workbook(path).problems)


def unit(data: bytes) -> None:
    """Read a unit: it is a finite factor above zero, or an error of the user's."""
    choose = Choices(data)
    words = []
    while choose.left:
        words.append(choose.one_of(UNIT_WORDS) if choose.below(4) else choose.text(6))
    text = "".join(words)
    for canonical in ("t/year", "DKK/t", "m**3/year"):
        with contextlib.suppress(UnitError):
            assert 0 < factor(text, canonical) < math.inf
    with contextlib.suppress(UnitError):
        volume_factor(text)
        assert math.isfinite(mass_from_volume(1.0, text, 0.1))


def scenario(data: bytes) -> None:
    """Apply scenarios whose rows are not as they should be."""
    choose = Choices(data)
    rows = []
    tables = [*BY_NAME, "settings", "", "x"]
    while choose.left and len(rows) < 12:
        table = choose.one_of(tables)
        declared = (
            [column.name for column in BY_NAME[table].columns] if table in BY_NAME else [one.name for one in SETTINGS]
        )
        column, named = choose.one_of([*declared, "", "x"]), choose.one_of(declared)
        value = choose.one_of(NASTY) if choose.below(3) else choose.text(12)
        pattern = choose.one_of(["*", "A", "B", "mix|sort", "", "[a-", "2025", choose.text(8)])
        rows.append(
            {
                "scenario": choose.one_of(["a", "b", "c", "base"]),
                "table": table,
                "filter": choose.one_of(
                    ["", f"{named}={pattern}", f"{named}={pattern};{column}=*", pattern, "scenario=a|b|c"]
                ),
                "column": column,
                "operation": choose.one_of(OPERATIONS),
                "value": "" if value is None else str(value),
                "from": choose.one_of([math.nan, 2025.0, 2030.0, 1e9]),
                "until": choose.one_of([math.nan, 2026.0, 1900.0]),
                "weight": choose.one_of([math.nan, 0.5, 2.0]),
            }
        )
    case = _case().with_table("scenarios", typed_table(BY_NAME["scenarios"], rows))
    _told(scenarios.check(case))
    _told(scenario_checks.check(case))
    _told(scenario_weights.check(case))


JSON_VALUES = (None, True, 0, -1, 1e400, 10**30, "", "x", "..", "../../x", "/etc/passwd", "C:\\x", "\0", [], {}, [[]], {"": 1}, "robust",
               "frontier", "system", "account", "plan", "string", "number", "boolean", "tables/rates.csv", 2, 99)  # fmt: skip


@cache
def _run() -> tuple[dict[str, bytes], Case]:
    files = {
        path.relative_to(KEPT).as_posix(): path.read_bytes()
        for path in sorted(KEPT.rglob("*"))
        if path.is_file() and path.suffix in {".json", ".csv"}
    }
    return files, read_case(KEPT / "case.xlsx")


def _mutated(choose: Choices, value: Any, depth: int = 0) -> Any:
    """Return JSON with one part of it changed."""
    if isinstance(value, dict) and value and depth < 6 and choose.below(5):
        key = choose.one_of(list(value))
        if choose.below(8) == 0:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _mutated(choose, value[key], depth + 1)}
    if isinstance(value, list) and value and depth < 6 and choose.below(5):
        at = choose.below(len(value))
        return [*value[:at], _mutated(choose, value[at], depth + 1), *value[at + 1 :]]
    return choose.one_of(JSON_VALUES)


def run_folder(data: bytes) -> None:
    """Read a run folder whose descriptions and tables are not as they should be."""
    choose = Choices(data)
    files, case = _run()
    files = dict(files)
    while choose.left:
        name = choose.one_of(list(files)) if choose.below(3) else choose.one_of(["run.json", "datapackage.json"])
        content = files[name]
        if name.endswith(".json") and choose.below(4):
            try:
                files[name] = json.dumps(_mutated(choose, json.loads(content))).encode()
            except ValueError:
                continue
        else:
            at = choose.below(len(content) + 1)
            files[name] = (
                content[:at]
                + choose.one_of([b"", b",", b"\n", b'"', b"\0", b"nan", b"-", b"\xff", choose.bytes(6)])
                + content[at + choose.below(4) :]
            )
    place = _home() / "run"
    shutil.rmtree(place, ignore_errors=True)
    (place / "tables").mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    try:
        run = Run.load(place)
        repr(run), run.facts()
        run.as_asked(case)
        for name in run.tables:
            _ = run.tables[name]
    except (RunError, InputError) as error:
        str(error)


def layout(data: bytes) -> None:
    """Read a layout whose text is not as it should be."""
    choose = Choices(data)
    words = [b'organisation = "A"\n'] if choose.below(2) else []
    while choose.left:
        words.append(choose.one_of(LAYOUT_WORDS).encode() if choose.below(4) else choose.bytes(8))
    path = _home() / "layout.toml"
    path.write_bytes(b"".join(words))
    try:
        read_layout(path, sheet_titles(), {"region": "", "159": "159", "Gladsaxe": "159"})
    except InputError as error:
        _told(error.problems)


HARNESSES: dict[str, Callable[[bytes], None]] = {
    "workbook": workbook,
    "sheets": sheets,
    "unit": unit,
    "scenario": scenario,
    "run_folder": run_folder,
    "layout": layout,
}
