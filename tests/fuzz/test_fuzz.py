"""A short seeded run of the fuzz harnesses, and every input that a longer one found something with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.harnesses import HARNESSES

EXAMPLES = {"workbook": 6, "sheets": 12, "unit": 100, "scenario": 12, "run_folder": 15, "layout": 60}
FOUND = (
    (
        "run_folder",
        "00005b5b532d005b00005b5b532d005b5b59be019c5b59be019c5b",
    ),
    (
        "unit",
        "12d54e15b55d3ade56d645048ebaf77333ba03",
    ),
    (
        "unit",
        "c7fb1053",
    ),
    (
        "run_folder",
        "4a58b791df6af1d8303e61cdc4bb86c3d1c427103c344c4189eb2f1e7bd5d47e6fcec2",
    ),
    (
        "run_folder",
        "7a536774a444dfb323b56e525e351a7fab0e49793f993b1d63ea0c061a8edf4f0c68f562cc4ae5578553c16be0f5d3cb"
        "0c58233021de274273ced71b0aa2e24049815ae6a541ebbaeaf59682",
    ),
    (
        "run_folder",
        "b82b2ff716ca0b9b48fa806ee48229d1a5debdf9e8555405951cb239f5c49204cd75b66554847e25bb200b09e99905b88891bbf50429",
    ),
    (
        "run_folder",
        "822ee3904920ed14b168c6f3300048448b8c695d506109e4f355a94b69967f90f680c7885e34d1ecffd1431db75d3075"
        "730692e52773f546941b",
    ),
    (
        "run_folder",
        "225634b43f264e876cfa9dd0509255b91dacd0f692121ee3c14bf99cd1be3971e15aaa57d776b5a9cf8e7ed696824a46"
        "4ca5391e7d71fd9c8da750b11b4a352c9f0c61181f43d938af1d53669d2db43bc8d1b97e33012773ceadbd60ec2328c0"
        "f235292b743f33f975d3513b7f3e593caf59f5d1ffba9c483c5e6b7678098c",
    ),
    (
        "run_folder",
        "843d0a54d1bf746b899050f1ca389b07",
    ),
    (
        "scenario",
        "46fabf7960237f900b4e316b7db2278995e613ef7728ce645493144d6042f8e5d21b2a38f88dfaa13fe07b4d7a54938c"
        "e568142228f3ce0d5c979f990de62e822957201c726ad62cb1bf963dffc20b37b2fcb0e5f6bf426f163b45468ad3c38b"
        "52cf1d0577021b40a1f4f08996f45b45069ee0f1b6abb78766b601435fde2579045646203bd93d67",
    ),
)
"""Harness and bytes, in hexadecimal, that once ended in a traceback."""


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
def test_what_was_found_stays_mended(name: str, data: str) -> None:
    HARNESSES[name](bytes.fromhex(data))
