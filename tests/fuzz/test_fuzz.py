"""A short seeded run of the fuzz harnesses, and every input that a longer one found something with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.harnesses import HARNESSES

EXAMPLES = {"workbook": 6, "sheets": 12, "unit": 100, "scenario": 12, "run_folder": 15, "layout": 60}
FOUND: tuple[tuple[str, bytes], ...] = ()
"""Harness and bytes that once ended in a crash."""


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.filterwarnings("default")
def test_what_strangers_write_is_answered(name: str) -> None:
    @settings(max_examples=EXAMPLES[name], deadline=None, database=None)
    @given(st.binary(min_size=1, max_size=120))
    def run(data: bytes) -> None:
        HARNESSES[name](data)

    run()


@pytest.mark.parametrize(("name", "data"), FOUND)
@pytest.mark.filterwarnings("default")
def test_what_was_found_stays_mended(name: str, data: bytes) -> None:
    HARNESSES[name](data)
