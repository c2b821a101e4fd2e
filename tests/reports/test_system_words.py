"""The sentences on flow systems: both languages say the same, and say it with the right digits."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from flows.system import System
from reports.system_findings import p_text, plus_minus, undetermined_lines, verdict, would_determine
from reports.words import Words
from reports.words_system import SYSTEM_WORDS

SYSTEM = System.from_tables(
    {"years": "2020-2021"},
    processes=[{"process": "plant"}],
    flows=[{"flow": "f1", "to": "plant", "name": "Ore"}, {"flow": "slag", "from": "plant"}],
)


@pytest.mark.parametrize("key", SYSTEM_WORDS)
def test_both_languages_take_the_same_values(key: str) -> None:
    danish, english = (sorted(re.findall(r"{(\w+)}", text)) for text in SYSTEM_WORDS[key])
    assert danish == english
    assert all(SYSTEM_WORDS[key])


def test_no_key_is_unused() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    files = [path for room in ("reports", "mfa") for path in sorted((root / room).glob("*.py"))]
    source = "".join(path.read_text("utf-8") for path in files if path.name != "words_system.py")
    # Words of statuses, outcomes and captions are put together; those of columns are called as their columns.
    built = ("sys_status_", "sys_without_", "sys_caption_")
    called = set(re.findall("[\"'](\\w+)[\"']", source))
    unused = [key for key in SYSTEM_WORDS if not key.startswith(built) and not {key, key.removeprefix("sys_")} & called]
    assert unused == []


@pytest.mark.parametrize(
    ("value", "std", "shown"),
    [
        (1234.567, 45.6, "1,235 ± 46 t"),
        (12.34567, 1.26, "12.3 ± 1.3 t"),
        (12.34567, 4.6, "12 ± 5 t"),
        (0.0123456, 0.00034, "0.0123 ± 0.0003 t"),
        (120.0, 0.0, "120 t"),
        (98765.0, float("nan"), "98,765 t"),
    ],
)
def test_values_have_the_digits_of_their_uncertainty(value: float, std: float, shown: str) -> None:
    assert plus_minus(value, std, "t", Words("en")) == shown


def test_the_verdict_follows_the_level() -> None:
    words = Words("en")
    assert verdict(3.0, 2, 0.22, 0.05, words).startswith("The measurements agree")
    assert verdict(3.0, 2, 0.22, 0.25, words).startswith("The measurements contradict")
    assert "cannot be tested" in verdict(0.0, 0, 1.0, 0.05, words)
    assert p_text(0.00002, words) == "p < 0.0001"


def test_what_would_determine_a_flow() -> None:
    danish, english = Words("da"), Words("en")
    assert would_determine("a, b", False, danish) == "a eller b"
    assert would_determine("a, b, c", True, english) == "a, b and c together"
    assert would_determine("", False, english) == ""
    rows = pd.DataFrame(
        {
            "flow": ["f1", "f1", "slag"],
            "layer": "goods",
            "year": [2020, 2021, 2021],
            "determined_by": ["slag", "slag", ""],
            "together": False,
        }
    )
    assert undetermined_lines(SYSTEM, rows, english) == [
        "Ore (f1) (2 layers and years) cannot be determined; it would be known if slag were.",
        "slag, 2021 cannot be determined by what is given.",
    ]
    assert undetermined_lines(SYSTEM, rows, danish, 1)[1:] == ["… og 1 flere"]
