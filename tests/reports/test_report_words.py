"""The catalogue: both languages complete, every word used, numbers as the language writes them."""

import re
import string
from pathlib import Path

import pytest

import reports
from flows import tables
from reports.style import BAND, HEAD, HEAD_TEXT, INK, MARK, MUTED, VARIANT_COLOURS, contrast
from reports.words import CATALOGUE, Words, sort_key
from reports.words_terms import TERMS

SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(reports.__file__).parent.glob("*.py"))
    if not path.name.startswith("words_")
)


def _fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_every_key_has_both_languages_with_the_same_blanks_to_fill(key):
    danish, english = CATALOGUE[key]
    assert danish.strip() and english.strip()
    assert _fields(danish) == _fields(english)


def test_no_key_is_unused():
    built = ("define_", "definition_", "unit_kg_", "cost_category", "cost_payer", "sys_", "page_")
    unused = [
        key
        for key in CATALOGUE
        if key not in TERMS and not key.startswith(built) and not re.search(f"[\"']{key}[\"']", SOURCE)
    ]
    assert unused == []


def test_every_key_that_is_asked_for_exists():
    asked = set(re.findall(r"words\(\s*[\"']([a-z_0-9]+)[\"']", SOURCE))
    assert asked - set(CATALOGUE) == set()


@pytest.mark.parametrize(
    ("family", "identifiers"),
    [
        ("treatment", tables.TREATMENTS),
        ("method", tables.METHODS),
        ("method_meaning", tables.METHODS),
        ("scope", tables.SCOPES),
        ("payer", tables.PAYERS),
        ("decider", tables.DECIDERS),
        ("material", tables.MATERIALS),
        ("status", tables.STATUSES),
        ("stream_kind", tables.STREAM_KINDS),
    ],
)
def test_the_engines_own_ids_have_words(family, identifiers):
    assert [name for name in identifiers if f"{family}.{name}" not in TERMS] == []


def test_an_unknown_id_stands_for_itself():
    assert Words("da").term("treatment", "=1+1") == "=1+1"


def test_numbers_follow_the_language():
    danish, english = Words("da"), Words("en")
    assert danish.number(1234567.89, 1) == "1.234.567,9"
    assert english.number(1234567.89, 1) == "1,234,567.9"
    assert danish.percent(0.8) == "80,0 %"
    assert danish.number(-0.0001) == "0"
    assert danish.number(-12.0) == "−12"
    assert danish.money(2.5e6, "DKK") == "2,5 mio. kr."
    assert english.money(2.5e6, "EUR") == "2.5 million EUR"
    assert danish.number(float("nan")) == "ukendt"


def test_lists_in_words():
    assert Words("da").join(["a", "b", "c"]) == "a, b og c"
    assert Words("en").join(["a"]) == "a"
    assert Words("en").join([]) == ""


def test_danish_order():
    assert sorted(["Ærø", "Aarhus", "Zoo", "Allerød", "Ølby", "Aabenraa"], key=sort_key) == [
        "Allerød", "Zoo", "Ærø", "Ølby", "Aabenraa", "Aarhus",
    ]  # fmt: skip


def test_an_unknown_language_is_an_error():
    with pytest.raises(ValueError, match="sv"):
        Words("sv")


def test_sheet_names_are_lawful_and_differ():
    for position in (0, 1):
        names = [texts[position] for key, texts in CATALOGUE.items() if key.startswith("sheet_")]
        assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
        assert len({name.casefold() for name in names}) == len(names)


def test_text_can_be_read_on_its_ground():
    for text, ground in [
        (INK, "#FFFFFF"),
        (INK, BAND),
        (INK, MARK),
        (HEAD_TEXT, HEAD),
        (MUTED, "#FFFFFF"),
        (HEAD, "#FFFFFF"),
    ]:
        assert contrast(text, ground) >= 4.5
    assert all(contrast(colour, "#FFFFFF") >= 3.0 for colour in VARIANT_COLOURS.values())
