"""What an unknown word is likely to mean is looked for as long as it may be a slip of the pen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from flows import problems
from flows.case import Case
from flows.checks import check_case
from flows.problems import Nearest, nearest
from tests.other_world import SETTINGS, tables


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the numbers of words that are compared, a number each time."""
    asked: list[int] = []
    find = problems.get_close_matches

    def close(word: str, known: Sequence[str], **options: Any) -> list[str]:
        asked.append(len(known))
        return find(word, known, **options)

    monkeypatch.setattr(problems, "get_close_matches", close)
    return asked


def test_a_word_that_comes_again_is_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch)
    meant = Nearest(["Gladsaxe", "Gentofte", ""])
    assert [meant(word) for word in ("Gladsakse", "gladsakse", "xyz", "xyz")] == ["Gladsaxe", "Gladsaxe", "", ""]
    assert asked == [2, 2]


def test_of_thousands_of_unknown_words_only_the_first_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch)
    monkeypatch.setattr(problems, "MOST_COMPARED", 1000)
    meant = Nearest(f"place {number}" for number in range(100))
    found = [meant(f"plaze {number}") for number in range(5000)]
    assert all(found[:10])
    assert not any(found[10:])
    assert sum(asked) == 1000
    # Against a list however long the first is still looked for.
    assert Nearest(f"place {number}" for number in range(2000))("plaze 7") == "place 7"
    assert nearest("plaze 7", ["place 7"]) == "place 7"


def test_a_column_of_unknown_ids_is_told_whole_and_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    content = tables()
    row = next(row for row in content["generation"])
    content["generation"] += [{**row, "municipality": f"unknown {number}"} for number in range(3000)]
    asked = counted(monkeypatch)
    monkeypatch.setattr(problems, "MOST_COMPARED", 500)
    found = [problem for problem in check_case(Case.from_tables(SETTINGS, content)) if problem.code == "reference"]
    assert len(found) >= 3000
    assert sum(asked) <= 3 * (500 + 100)  # names in two languages and ids
