"""What a reader holds on paper: no page is blank, nothing is cut, every sheet is there with its part in words.

LibreOffice prints the workbook to a PDF; widths and heights are read from the workbook itself with openpyxl.
"""

import re
import shutil
import subprocess

import pytest
from openpyxl.utils import get_column_letter
from read_back import opened

from reports.layout import shown
from reports.measure import lines, pixels

FILES = {"da": "159_gladsaxe_da.xlsx", "en": "400_bornholm_en.xlsx"}
TOOLS = ("libreoffice", "pdftotext", "fc-match")
AS_WIDE = ("Arial", "Liberation Sans", "Arimo")
"""Fonts with the widths of Arial, in which the workbooks are set."""
LETTERS_OF_HEAD = 20
"""A page with fewer letters beside head and foot is blank; one with a picture has its title at least."""


@pytest.fixture(scope="module")
def printed(folders, tmp_path_factory):
    """Return the text of every page of a workbook in each language."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not installed: nothing can print the reports")
    font = subprocess.run(["fc-match", "-f", "%{family}", "Arial"], check=True, capture_output=True, timeout=60)
    if not any(name in font.stdout.decode() for name in AS_WIDE):
        pytest.skip("no font as wide as Arial is installed: what is printed is not what a reader sees")
    out = tmp_path_factory.mktemp("paper")
    profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    files = [str(folders[language] / name) for language, name in FILES.items()]
    command = ["libreoffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(out), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    pages = {}
    for language, name in FILES.items():
        pdf = out / name.replace(".xlsx", ".pdf")
        text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
        pages[language] = text.stdout.decode("utf-8").split("\f")[:-1]
    return pages


@pytest.mark.parametrize("language", FILES)
def test_no_page_is_blank_and_no_number_is_hidden(printed, language):
    pages = printed[language]
    assert len(pages) >= 20
    for number, page in enumerate(pages, start=1):
        head, *body, foot = [line for line in page.splitlines() if line.strip()]
        assert str(number) in foot and str(len(pages)) in foot
        assert len(re.sub(r"\s", "", "".join(body))) > LETTERS_OF_HEAD, f"page {number}: {head}"
        assert "###" not in page


@pytest.mark.parametrize("language", FILES)
def test_every_sheet_is_printed_under_its_name_and_part(printed, folders, language):
    heads = "\n".join(page.lstrip().splitlines()[0] for page in printed[language])
    for sheet in opened(folders[language] / FILES[language]).worksheets:
        assert re.search(rf"{re.escape(sheet.title)}\s*$", heads, re.MULTILINE), sheet.title


@pytest.mark.parametrize("language", FILES)
def test_no_page_is_wider_than_the_paper(folders, language):
    for sheet in opened(folders[language] / FILES[language]).worksheets:
        assert sheet.page_setup.fitToWidth in {None, 1} and sheet.sheet_properties.pageSetUpPr.fitToPage
        # Letters of 10 points stay above 6 on A4 landscape, whose printed width is 784 points.
        width = sum(_width(sheet, column) for column in range(1, sheet.max_column + 1)) * 0.75
        assert 10 * min(1.0, 784 / width) >= 6.0, sheet.title


@pytest.mark.parametrize("language", FILES)
def test_no_text_is_higher_than_its_row_and_no_number_wider_than_its_column(folders, language):
    for sheet in opened(folders[language] / FILES[language]).worksheets:
        for table in sheet.tables.values():
            for row in sheet[table.ref][1:]:
                for cell in row:
                    room = _width(sheet, cell.column)
                    if isinstance(cell.value, str):
                        needed = 12.0 * lines(cell.value, room - 16, bool(cell.font.b))
                        height = sheet.row_dimensions[cell.row].height or 15.0
                        assert needed <= height + 1, (sheet.title, cell.coordinate, cell.value)
                    elif isinstance(cell.value, int | float):
                        text = shown(float(cell.value), _style(cell.number_format))
                        assert pixels(text, bold=bool(cell.font.b)) <= room, (sheet.title, cell.coordinate)


def _width(sheet, column):
    """Return the width of a column in pixels; Excel counts it in letters of seven pixels, and five for the edges."""
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.min <= column <= dimension.max or letter == get_column_letter(column):
            return dimension.width * 7 if dimension.customWidth else 64.0
    return 64.0


def _style(number_format):
    return {"0.0 %": "percent", "0": "year", "#,##0.0": "one"}.get(number_format, "whole")
