"""The invented run and its reports, made once for all tests of the reports."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample import make_run

from reports.workbooks import write_reports


@pytest.fixture(scope="session")
def run():
    return make_run()


@pytest.fixture(scope="session")
def folders(run, tmp_path_factory):
    """Folders with the reports in Danish and in English."""
    result = {}
    for language in ("da", "en"):
        result[language] = tmp_path_factory.mktemp(f"reports_{language}")
        write_reports(*run, result[language], language)
    return result
