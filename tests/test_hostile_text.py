"""Text from a stranger is text wherever it comes out: in workbooks, the page, pictures, CSV and notebooks."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

import mfa
from flows.case import Case
from flows.problems import Problem
from flows.tables import BY_NAME, columns_of
from mfa.run_csv import read_csv
from mfa.workbook import read_case, write_annotated, write_case_object
from tests.cases.pencil import pencil

PAYLOADS = (
    '=HYPERLINK("http://x.example","{}")',
    "</script><script>alert(1)</script>{}",
    '"><img src=x onerror=alert(1)>{}',
    "+1+1+{}",
    "@SUM(1){}",
    "-2+{}",
    "\u202e{}",
    "../../{}",
    "]]>&amp;<svg onload=alert(1)>{}",
    "=cmd|'/c calc'!{}",
    "#N/A {}",
    "$\\frac{}$ {{0}} {{name}} %s",
)
ENGINE = {"sectors.kind", "streams.kind", "outputs.kind"}


def payload(text: str, number: int = 0) -> str:
    """Return a text that means harm and is another for every other text."""
    return PAYLOADS[(sum(map(ord, text)) + number) % len(PAYLOADS)].replace("{}", text, 1)


def poisoned() -> Case:
    """Return the case of two towns with harm in every id, name, note and source, and in its title."""
    plain = pencil(settings={"title": payload("title")})
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in BY_NAME.values():
        rows = plain[table.name].to_dict("records")
        for number, row in enumerate(rows):
            for column in columns_of(table):
                value = row.get(column.name)
                if column.kind != "text" or f"{table.name}.{column.name}" in ENGINE:
                    continue
                if value:
                    row[column.name] = payload(str(value))
                elif column.name.startswith("name") or column.name == "source":
                    row[column.name] = payload(f"{table.name} {number}", len(column.name))
        tables[table.name] = rows
    return Case.from_tables(plain.settings, tables)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run of a plan with reports, the page and exports."""
    place = tmp_path_factory.mktemp("hostile")
    workbook = write_case_object(poisoned(), place / "case.xlsx")
    mfa.plan(workbook, out=place / "run")
    mfa.report(place / "run", lang="da", workers=1)
    mfa.view(place / "run")
    mfa.export(place / "run", "csv-da")
    return place


def _parts(path: Path, pattern: str) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.search(pattern, name):
                yield archive.read(name).decode()


def _harmless(path: Path) -> None:
    """See that a workbook has formulas of ours only, and no link to elsewhere."""
    formulas = [found for part in _parts(path, "worksheets/sheet") for found in re.findall(r"<f[ >].*?</f>", part)]
    assert not [text for text in formulas if re.search(r"HYPERLINK|x\.example|cmd|alert|1\+1|SUM\(1\)", text)]
    targets = [found for part in _parts(path, r"\.rels$") for found in re.findall(r"Target=\"([^\"]*)\"", part)]
    assert not [target for target in targets if "x.example" in target or ":" in target.partition("#")[0]]
    for part in _parts(path, r"\.(xml|rels)$"):
        ElementTree.fromstring(part)


def test_the_case_reads_back_and_its_workbook_is_harmless(folder: Path) -> None:
    assert read_case(folder / "case.xlsx")["municipalities"].equals(poisoned()["municipalities"])
    _harmless(folder / "case.xlsx")


def test_reports_hold_text_and_stay_in_their_folder(folder: Path) -> None:
    reports = sorted((folder / "run" / "reports").glob("*.xlsx"))
    assert len(reports) == 3 and all(re.fullmatch(r"[a-z0-9_]+\.xlsx", path.name) for path in reports)
    for path in reports:
        _harmless(path)
    assert {path.name for path in folder.iterdir()} == {"case.xlsx", "run"}


class _Page(HTMLParser):
    """Notes the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def _page(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    return page


def test_the_page_has_no_element_that_is_not_its_own(folder: Path) -> None:
    (path,) = (folder / "run" / "reports").glob("*.html")
    page = _page(path.read_text("utf-8"))
    assert page.tags.count("script") == 2 and not {"img", "svg", "iframe", "object"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on")]


def test_a_notebook_shows_text(folder: Path) -> None:
    run = mfa.Run.load(folder / "run")
    page = _page(run._repr_html_())
    assert not {"script", "img", "svg"} & set(page.tags)


def test_csv_for_excel_has_no_formula_and_for_programs_the_text_as_it_is(folder: Path) -> None:
    export = folder / "run" / "exports" / "csv-da"
    paths = sorted((export / "excel").glob("*.csv"))
    assert paths
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            cells = [cell for row in csv.reader(stream, delimiter=";") for cell in row]
        risky = [cell for cell in cells if cell[:1] in set("=+-@\t\r\n") and cell]
        assert [cell for cell in risky if not re.fullmatch(r"-?(\d+(,\d+)?(e[-+]?\d+)?|uendelig)", cell)] == []
    places = read_csv(export / "machine" / "rates.csv", {"municipality": "string"})["municipality"]
    assert {payload("A"), payload("B")} <= set(places)


def test_problems_in_an_annotated_copy_are_text(folder: Path, tmp_path: Path) -> None:
    text = '=HYPERLINK("http://x.example")'
    problems = [
        Problem("sheet_unknown", text, found=text),
        Problem("text_number", "generation", 2, "amount", "F2", found=text, expected="\x07\x00" + "a" * 40_000),
        Problem("reference", "generation", 3, "sector", "B3", found="\x1b[31m", expected=text),
    ]
    _harmless(write_annotated(folder / "case.xlsx", problems, tmp_path / "marked.xlsx"))
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx").worksheets[0]["B2"].data_type == "s"


def test_pictures_of_a_system_hold_text(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", '" onload="alert(1)', "$\\frac{1}{2$"]
    system = mfa.System.from_tables(
        {"title": PAYLOADS[8]},
        processes=[{"process": f"p{n}", "name": name, "kind": "process"} for n, name in enumerate(names)],
        flows=[
            {"flow": "in", "from": "", "to": "p0", "name": PAYLOADS[1]},
            {"flow": "a", "from": "p0", "to": "p1"},
            {"flow": "b", "from": "p1", "to": "p2", "name": PAYLOADS[2]},
            {"flow": "out", "from": "p2", "to": ""},
        ],
        layers=[{"layer": "../" + "x" * 300}, {"layer": "CON"}],
        measurements=[{"flow": "in", "layer": layer, "value": 5.0, "std": 0.0} for layer in ("../" + "x" * 300, "CON")],
    )
    run = mfa.account(system, out=tmp_path / "run")
    pictures = sorted((tmp_path / "run" / "reports").glob("*.svg"))
    assert len(pictures) == 2 and run.folder is not None
    for path in pictures:
        root = ElementTree.fromstring(path.read_text("utf-8"))
        assert not [
            item
            for item in root.iter()
            if item.tag.endswith("script") or any(name.startswith("on") for name in item.attrib)
        ]
