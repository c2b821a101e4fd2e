"""The invented run and its reports, made once for all tests of the reports."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample import make_run

from reports.names import Names
from reports.view import RunView
from reports.words import Words
from reports.workbooks import report_pages, write_reports


@pytest.fixture(scope="session")
def run():
    return make_run()


@pytest.fixture(scope="session")
def view(run):
    """The invented run added up."""
    return RunView(*run)


@pytest.fixture(scope="session")
def pages(run, view):
    """The pages of a place's workbook in a language; each workbook's are made once, and none may change them."""
    made = {}

    def of(place, language):
        if (place, language) not in made:
            words = Words(language)
            made[place, language] = tuple(report_pages(view, Names(run[0], words), words, place))
        return made[place, language]

    return of


@pytest.fixture(scope="session")
def folders(run, tmp_path_factory):
    """Folders with the reports in Danish and in English, written in one go."""
    result = {language: tmp_path_factory.mktemp(f"reports_{language}") for language in ("da", "en")}
    for path in write_reports(*run, tmp_path_factory.mktemp("reports"), ("da", "en"), workers=1):
        path.rename(result[path.stem[-2:]] / path.name)
    return result
