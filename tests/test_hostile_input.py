"""Units, scenarios, layouts, pictures and statistics that have no end, no bottom or no sense."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import openpyxl
import pytest

import mfa
from flows import scenario_checks, scenarios
from flows.case import Case, parse_years, typed_table
from flows.problems import InputError
from flows.tables import BY_NAME
from flows.units import UnitError, factor
from mfa.import_dst import read_dst
from mfa.workbook_open import RawSheet
from mfa.workbook_read import reading_of
from mfa.workbook_rows import MOST_TOLD
from reports.own_layout_logo import LogoError, read_logo
from reports.own_layout_read import read_layout
from reports.workbooks import sheet_titles
from tests import other_world
from tests.cases.pencil import pencil


@pytest.mark.parametrize(
    "unit",
    ["9**3 **3 **3 **3", "(9**3)**3", "((t**3)**3)**3", "9**9**9", "t^3 ^3", "(", ")(", "'", "1e999 t", "1e-999 t", "0 t", "-t", "t" * 100_000,
     "1e308*1e308 t/year", "1e308 Gt/year", "__import__", "t.real", "nan t", "inf t", "t if t else t", "lambda: t", "\0", "\u202et"],
)  # fmt: skip
def test_what_is_no_unit_is_told_at_once(unit: str) -> None:
    with pytest.raises(UnitError):
        factor(unit, "t/year")


def test_years_without_end_are_years() -> None:
    assert len(parse_years(",".join(["1000-9999"] * 2000))) == 9000
    with pytest.raises(ValueError, match="neither"):
        parse_years("2025-99999999999")


def _with(*rows: tuple[str, str, str, str, str, str]) -> Case:
    names = ("scenario", "table", "filter", "column", "operation", "value")
    case = pencil(change={})
    table = typed_table(BY_NAME["scenarios"], [dict(zip(names, row, strict=True)) for row in rows])
    return case.with_table("scenarios", table)


def _codes(case: Case) -> set[str]:
    scenario_checks.check(case)
    return {problem.code for problem in scenarios.check(case)}


def test_scenarios_that_double_each_other_end() -> None:
    rows = [("s0", "generation", "", "amount", "factor", "1.01")]
    for level in range(1, 16):
        rows += [(f"s{level}", "scenarios", f"scenario=s{level - 1}", "", "include", "")] * 2
    case = _with(*rows)
    for level, ends in ((3, True), (15, False)):
        problems: list[object] = []
        found = sum(1 for _ in scenarios.changes(case, f"s{level}", problems))  # type: ignore[arg-type]
        assert (found == 2**level) == ends and bool(problems) != ends


def test_scenarios_of_many_layers_and_circles_end() -> None:
    chain = [(f"s{n}", "scenarios", f"scenario=s{n + 1}", "", "include", "") for n in range(1500)]
    case = _with(*chain, ("s1500", "generation", "", "amount", "factor", "2"))
    with pytest.raises(InputError) as error:
        scenarios.apply(case, "s0")
    assert [problem.code for problem in error.value.problems] == ["scenario_endless"]
    circle = _with(
        ("a", "scenarios", "scenario=b", "", "include", ""), ("b", "scenarios", "scenario=a", "", "include", "")
    )
    assert _codes(circle) == {"scenario_circle"}


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "1e309"])
def test_numbers_of_scenarios_are_finite(value: str) -> None:
    for table, column in (("generation", "amount"), ("settings", "account_year"), ("settings", "discount_rate")):
        assert _codes(_with(("a", table, "", column, "value", value))) == {"scenario_value"}


def test_patterns_of_scenarios_take_no_time() -> None:
    pattern = "municipality=" + "a*" * 60 + "b"
    case = _with(("a", "generation", pattern, "amount", "factor", "2"))
    case = case.with_table("municipalities", case["municipalities"].assign(municipality="a" * 5000))
    case = case.with_table("generation", case["generation"].assign(municipality="a" * 5000))
    with pytest.raises(InputError):
        scenarios.apply(case, "a")


def _layout(folder: Path, content: str | bytes) -> set[str]:
    path = folder / "layout.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as error:
        read_layout(path, sheet_titles(), {"region": "", "159": "159"})
    for problem in error.value.problems:
        assert problem.line("da") != "" and problem.line("en") != ""
    return {problem.code for problem in error.value.problems}


def test_layouts_without_end_or_bottom_are_told(tmp_path: Path) -> None:
    assert _layout(tmp_path, "a = " + "[" * 40_000) == {"layout_syntax"}
    assert _layout(tmp_path, b"#" * 200_000) == {"layout_large"}
    assert _layout(tmp_path, "x = 1 # [" + " " * 50_000) == {"layout_key"}
    assert _layout(tmp_path, 'x = """\n[' + " " * 50_000 + '"""') == {"layout_key"}
    assert _layout(tmp_path, b"\xff\xfe") == {"layout_encoding"}


@pytest.mark.parametrize(
    "logo",
    [
        "../logo.png",
        "/etc/logo.png",
        "\\\\\\\\host\\\\share\\\\a.png",
        "//host/a.png",
        "C:a.png",
        "link.png",
    ],
)
def test_a_logo_comes_with_its_layout(tmp_path: Path, logo: str) -> None:
    folder = tmp_path / "layout"
    folder.mkdir()
    (tmp_path / "logo.png").write_bytes(_png(64, 64))
    (folder / "link.png").symlink_to(tmp_path / "logo.png")
    assert _layout(folder, f'logo = "{logo}"\nlogo_text = "Arms"\n') == {"logo_outside"}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *more: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    body = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (_png(100_000, 100), "logo_pixels"),
        (_png(7_000, 7_000), "logo_area"),
        (_png(64, 64, _chunk(b"zTXt", b"a\0\0" + zlib.compress(b"0" * 20_000_000))), "logo_kind"),
        (_png(64, 64)[:40], "logo_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo_kind"),
        (b"GIF89a" + b"\0" * 40, "logo_kind"),
    ],
)
def test_pictures_that_unpack_to_much_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(LogoError) as error:
        read_logo(tmp_path / "a.png", "Arms")
    assert error.value.code == code


def test_of_a_sheet_that_is_wrong_throughout_the_first_problems_are_told() -> None:
    head = ("municipality", "segment", "dwellings")
    rows: list[tuple[object, ...]] = [head, *[("A", "houses", "many")] * (MOST_TOLD + 500)]
    problems = [
        one for one in reading_of(Path("a.xlsx"), [RawSheet("dwellings", rows)]).problems if one.sheet == "dwellings"
    ]
    codes = [problem.code for problem in problems]
    assert codes.count("problems_more") == 1 and codes.count("not_number") + codes.count("unit_missing") == MOST_TOLD


def test_statistics_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "laby24.csv"
    path.write_text("KOMGRP;BEHANDLING;AFFFRAK;TID;INDHOLD\n" + ";\n" * 500_001, "utf-8")
    with pytest.raises(InputError) as error:
        read_dst(path)
    assert [problem.code for problem in error.value.problems] == ["file_too_much"]


def test_imports_write_text_and_are_not_led_astray_by_stray_cells(tmp_path: Path) -> None:
    world = other_world.write_world(tmp_path / "world.xlsx")
    book = openpyxl.load_workbook(world)
    place = str(book["municipalities"]["A2"].value)
    sheet = book["measurements"] if "measurements" in book.sheetnames else book.create_sheet("measurements")
    sheet["XFD1048576"] = "stray"
    book["markets"]["ZZ900000"] = "=1+1"
    book.save(world)
    path = tmp_path / "laby24.csv"
    rows = [f"{name};TOT;TOTHHAFFALD;2024;100" for name in (place, "=1+1", "\x07bell", "@SUM(1)")]
    path.write_text("KOMGRP;BEHANDLING;AFFFRAK;TID;INDHOLD\n" + "\n".join(rows) + "\n", "utf-8")
    found = mfa.import_data("dst", path, world, years="all", out=tmp_path / "out.xlsx")
    assert len(found.unplaced) and found.path is not None
    written = openpyxl.load_workbook(found.path)
    cells = [cell for name in ("#import dst", "#mapping") for row in written[name].iter_rows() for cell in row]
    assert any("=1+1" in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]
