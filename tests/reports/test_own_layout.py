"""A layout of one's own: what it changes, what it never changes, and that every mistake is told with its line."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

from flows.problems import InputError
from reports.names import Names
from reports.own_layout import OwnLayout
from reports.own_layout_logo import BOX, SHARPNESS, LogoError, read_logo
from reports.own_layout_read import layout_example, read_layout
from reports.style import HEAD
from reports.view import RunView
from reports.words import CATALOGUE, Words
from reports.words_own_layout import EXAMPLE, KINDS, LAYOUT_TEXTS
from reports.workbooks import PAGES, report_pages, sheet_titles, write_reports

PLACES_OF = {
    "region": "",
    "101": "101",
    "159": "159",
    "400": "400",
    "København": "101",
    "Gladsaxe": "159",
    "Bornholm": "400",
}


def _picture(path: Path, size: tuple[int, int] = (900, 300), kind: str = "PNG") -> Path:
    Image.new("RGB", size, "#1B4D5C").save(path, kind, **({"exif": _exif()} if kind == "JPEG" else {}))
    return path


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    return exif.tobytes()


def _read(folder: Path, text: str) -> OwnLayout:
    file = folder / "layout.toml"
    file.write_text(text, "utf-8")
    return read_layout(file, sheet_titles(), PLACES_OF)


def _problems(folder: Path, text: str) -> list[Any]:
    with pytest.raises(InputError) as caught:
        _read(folder, text)
    return list(caught.value.problems)


@pytest.fixture(scope="module")
def made(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    _picture(folder / "logo.png")
    layout = _read(
        folder,
        """\
organisation = "=Vores kommune"
kontakt = ["Affald og Genbrug", "@telefon"]
logo = "logo.png"
logo_tekst = "Kommunens våben"
farve = "#7a1f3d"
filnavn = "Udkast 1"
ark = ["Økonomi", "targets", "Kommuner"]

[kommune.Gladsaxe]
kontakt = ["Kun Gladsaxe"]
sheets = ["Resumé", "Climate"]
""",
    )
    write_reports(*run, folder / "out", "da", ["101", "159", "region"], layout=layout)
    return folder / "out"


def test_sheets_are_chosen_and_ordered_and_the_summary_stays(made: Path) -> None:
    names = {path.name: openpyxl.load_workbook(path).sheetnames for path in sorted(made.iterdir())}
    assert names == {
        "udkast_1_101_koebenhavn_da.xlsx": ["Forside", "Resumé", "Økonomi", "Mål og status"],
        "udkast_1_159_gladsaxe_da.xlsx": ["Forside", "Resumé", "Klima"],
        "udkast_1_region_da.xlsx": ["Forside", "Resumé", "Økonomi", "Mål og status", "Kommuner"],
    }


def test_the_letterhead_stands_on_the_first_sheet_and_is_no_formula(made: Path) -> None:
    for path in made.iterdir():
        book = openpyxl.load_workbook(path)
        first = book.worksheets[0]
        texts = [cell.value for row in first.iter_rows(max_col=1) for cell in row if cell.value]
        line = next(text for text in texts if "Vores kommune" in str(text))
        contact = "Kun Gladsaxe" if "gladsaxe" in path.name else "Affald og Genbrug · @telefon"
        assert line == f"=Vores kommune · {contact}"
        assert next(cell for row in first.iter_rows(max_col=1) for cell in row if cell.value == line).data_type in {
            "s",
            "f",
        }
        with zipfile.ZipFile(path) as parts:
            drawing = parts.read("xl/drawings/drawing1.xml").decode()
            assert 'descr="Kommunens våben"' in drawing
            # 288 x 96 pixels at 9525 of the drawing's units each.
            sizes = [tuple(map(int, size)) for size in re.findall(r'<a:ext cx="(\d+)" cy="(\d+)"', drawing)]
            assert any(abs(x / 9525 - 288) <= 1 and abs(y / 9525 - 96) <= 1 for x, y in sizes)
            sheet = parts.read("xl/worksheets/sheet1.xml").decode()
            assert "<f>Vores" not in sheet
            assert "=Vores kommune" in parts.read("xl/sharedStrings.xml").decode()
        assert book.properties.title
        # The answer stays where it was: right under the title.
        assert str(first["A2"].value).startswith("I 2035")


def test_figures_are_those_of_the_usual_workbook(made: Path, folders: dict[str, Path]) -> None:
    own = openpyxl.load_workbook(made / "udkast_1_159_gladsaxe_da.xlsx", data_only=True)
    usual = openpyxl.load_workbook(folders["da"] / "159_gladsaxe_da.xlsx", data_only=True)
    for name in ("Resumé", "Klima"):
        numbers = [
            [cell.value for row in book[name].iter_rows() for cell in row if isinstance(cell.value, int | float)]
            for book in (own, usual)
        ]
        # A chart whose table stands on a sheet that was left out brings the table with it.
        assert numbers[0][: len(numbers[1])] == numbers[1]


def test_charts_of_left_out_sheets_bring_their_tables(made: Path) -> None:
    book = openpyxl.load_workbook(made / "udkast_1_159_gladsaxe_da.xlsx")
    with zipfile.ZipFile(made / "udkast_1_159_gladsaxe_da.xlsx") as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert charts
    for chart in charts:
        sheets = {part.split("!")[0].strip("'") for part in chart.split("<c:f>")[1:]}
        assert sheets <= set(book.sheetnames)


def test_the_accent_is_that_of_heads_and_titles(made: Path) -> None:
    with zipfile.ZipFile(made / "udkast_1_101_koebenhavn_da.xlsx") as parts:
        styles = parts.read("xl/styles.xml").decode()
    assert "FF7A1F3D" in styles
    assert f"FF{HEAD[1:]}" not in styles


def test_the_cover_says_what_the_summary_says_whatever_comes_first(run: Any) -> None:
    case, tables, info = run
    words = Words("da")
    layout = OwnLayout(sheets=("targets", "summary"))
    pages = report_pages(RunView(case, tables, info), Names(case, words), words, "", layout)
    assert [page.name for page in pages] == ["Forside", "Mål og status", "Resumé"]
    assert pages[0].answer == pages[2].answer


def test_without_a_layout_nothing_changes(run: Any, folders: dict[str, Path], tmp_path: Path) -> None:
    write_reports(*run, tmp_path, "da", ["400"], layout=OwnLayout())
    assert (tmp_path / "400_bornholm_da.xlsx").read_bytes() == (folders["da"] / "400_bornholm_da.xlsx").read_bytes()


def test_the_same_layout_gives_the_same_bytes(made: Path, run: Any, tmp_path: Path) -> None:
    layout = read_layout(made.parent / "layout.toml", sheet_titles(), PLACES_OF)
    write_reports(*run, tmp_path, "da", ["159"], layout=layout)
    name = "udkast_1_159_gladsaxe_da.xlsx"
    assert (
        hashlib.sha256((tmp_path / name).read_bytes()).digest() == hashlib.sha256((made / name).read_bytes()).digest()
    )


def test_every_sheet_can_be_named_by_key_and_in_both_languages(tmp_path: Path) -> None:
    titles = sheet_titles()
    assert list(titles)[0] == next(iter(PAGES)) == "summary"
    assert all(CATALOGUE[f"sheet_{name}"] == pair for name, pair in titles.items())
    for position in range(3):
        said = [(name, *pair)[position] for name, pair in titles.items()]
        listed = ", ".join(f'"{one.upper()}"' for one in said)
        assert _read(tmp_path, f"sheets = [{listed}]").sheets == tuple(titles)


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
organisasjon = "A"
farve = "#FFD700"
ark = [
    "Resume",
    "Økonomi",
    "okonomi",
    "Økonomi",
]
kontakt = 5

[kommune.Gladsakse]
kontakt = ["B"]

[kommune.101]
accent = "blue"
logo = "nothing.png"
logo_text = "Arms"

[kommune.400]
logo = "layout.toml"
"""
    problems = _problems(tmp_path, text)
    found = {(problem.row, problem.code, problem.suggestion) for problem in problems}
    assert found == {
        (1, "layout_key", "organisation"),
        (2, "layout_contrast", ""),
        (4, "layout_sheet", "Resumé"),
        (6, "layout_sheet", "Økonomi"),
        (5, "layout_sheet_twice", ""),
        (9, "layout_kind", ""),
        (11, "layout_place", "Gladsaxe"),
        (15, "layout_colour", ""),
        (16, "logo_missing", ""),
        (20, "logo_text", ""),
    }
    danish = [problem.line("da") for problem in problems]
    assert "layout.toml linje 1: 'organisasjon' kendes ikke" in danish[0]
    assert any("mente du 'Gladsaxe'?" in line for line in danish)
    assert any("en liste af tekster" in line for line in danish)
    english = [problem.line("en") for problem in problems]
    assert any("layout.toml line 2: the colour #FFD700 is too light" in line for line in english)


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b'organisation = "A"\nark = [', "layout_syntax", None),
        (b'organisation = "A"\nfarve = #1B4D5C\n', "layout_syntax", 2),
        ('organisation = "Æ"'.encode("cp1252"), "layout_encoding", None),
        (b"sheets = []", "layout_sheets_none", 1),
        (b'filnavn = "../"', "layout_prefix", 1),
        (b"kommune = 4", "layout_kind", 1),
        (b'[kommune.159]\nfilnavn = "a"', "layout_key", 2),
        (b'[kommune.159]\nfarve="#000000"\n[kommune.Gladsaxe]\nfarve="#000000"', "layout_twice", 3),
        (b'farve = "#000000"\naccent = "#000000"', "layout_twice", 2),
        (b'organisation = "' + b"a" * 500 + b'"', "layout_long", 1),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, code: str, row: int | None) -> None:
    file = tmp_path / "layout.toml"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_layout(file, sheet_titles(), PLACES_OF)
    [problem] = caught.value.problems
    assert problem.code == code
    assert row is None or problem.row == row


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_layout(tmp_path / "no.toml", sheet_titles(), PLACES_OF)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "layout.toml").write_bytes(b'\xef\xbb\xbforganisation = "A"\r\nkontakt = "B"\r\n')
    layout = read_layout(tmp_path / "layout.toml", sheet_titles(), PLACES_OF)
    assert (layout.organisation, layout.contact) == ("A", ("B",))


def test_a_municipality_has_what_it_does_not_change(tmp_path: Path) -> None:
    _picture(tmp_path / "logo.png")
    layout = _read(
        tmp_path,
        'organisation = "A"\nlogo = "logo.png"\nlogo_text = "Arms"\naccent = "#000000"\n[municipality.159]\norganisation = "B"\n',
    )
    own = layout.of("159")
    assert (own.organisation, own.accent, own.logo) == ("B", "#000000", layout.logo)
    assert layout.of("101").organisation == "A"


def test_a_logo_is_scaled_and_freed_of_all_but_the_picture(tmp_path: Path) -> None:
    for size, drawn in (((900, 300), (288, 96)), ((3000, 300), (320, 32)), ((60, 30), (192, 96))):
        logo = read_logo(_picture(tmp_path / "a.png", size), "Arms")
        assert (logo.width, logo.height) == drawn
        kept = struct.unpack(">II", logo.png[16:24])
        assert kept[0] <= BOX[0] * SHARPNESS and kept[1] <= BOX[1] * SHARPNESS
    photo = read_logo(_picture(tmp_path / "a.jpg", kind="JPEG"), "Arms")
    assert b"taken at home" not in photo.png
    assert not Image.open(io.BytesIO(photo.png)).getexif()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a picture", "logo_kind"),
        (b"\x89PNG\r\n\x1a\n", "logo_kind"),
        (b"<svg/>", "logo_kind"),
        (b"a" * 5_000_001, "logo_large"),
    ],
)
def test_what_is_no_logo_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(LogoError) as caught:
        read_logo(tmp_path / "a.png", "Arms")
    assert caught.value.code == code


def test_a_cut_or_tiny_logo_is_told(tmp_path: Path) -> None:
    whole = Image.effect_noise((200, 200), 50)
    whole.save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content[: len(content) // 2])
    for path in (tmp_path / "a.png", _picture(tmp_path / "tiny.png", (10, 10)), tmp_path):
        with pytest.raises(LogoError):
            read_logo(path, "Arms")


def test_the_example_is_a_layout(tmp_path: Path) -> None:
    for language in ("da", "en"):
        layout = _read(tmp_path, layout_example("layout.toml", sheet_titles(), HEAD, language))
        assert layout.sheets == tuple(sheet_titles())
        assert layout.accent == HEAD
        assert layout.organisation


def test_both_languages_are_there() -> None:
    import string

    for danish, english in (*LAYOUT_TEXTS.values(), *KINDS.values()):
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (danish, english)]
        assert danish != english and fields[0] == fields[1]
    assert EXAMPLE[0].count("\n") == EXAMPLE[1].count("\n")


def test_sheets_are_known_for_every_page_of_a_workbook(pages: Any) -> None:
    titles = {pair[0] for pair in sheet_titles().values()}
    for place in ("", "159"):
        assert {page.name for page in pages(place, "da")} <= titles
