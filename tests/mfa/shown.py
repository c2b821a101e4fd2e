"""What readers meet on the page of a run of several plans: its tables as data, and its section as Chromium shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

IDS = re.compile(
    r"\b(?:point|plan)_\d|without_target|\b(?:for|all|steps):\w|\b(?:NaN|undefined|null)\b|\{\w+\}|\bbase\b"
)
"""What is for machines: no reader should meet it in a table."""


def choices(page: Path) -> tuple[dict[str, Any], dict[str, list[list[Any]]]]:
    """Return what a page holds, and the lines of its tables over several plans in English."""
    found = re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data, {table["key"]: table["lines"] for table in data["choices"]["sheets"][1]}


def read(browser: Any, path: Path) -> tuple[dict[str, list[str]], int]:
    """Return the lead and the tables of the section by language, on a telephone, and how many drawings it has."""
    page, failed = browser.new_page(viewport={"width": 390, "height": 800}), []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(path.as_uri())
    section = page.locator("#choices")
    found: dict[str, list[str]] = {}
    for language in ("da", "en"):
        page.click(f"#lang-{language}")
        tables = [text for text in section.locator("table").all_inner_texts() if text]
        found[language] = [section.locator("p").first.inner_text(), *tables]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    drawings = section.locator("svg").all()
    assert all(len(drawing.get_attribute("aria-label")) > 20 for drawing in drawings)
    page.close()
    assert failed == []
    return found, len(drawings)


def meets_no_ids(found: dict[str, list[str]]) -> None:
    """See that everything has its name, in both languages."""
    danish, english = found["da"], found["en"]
    assert len(danish) == len(english) > 2
    for lead, *tables in (danish, english):
        assert re.search(r"\b(?:runs|scenarios)/\w+", lead)
        assert [IDS.search(table) for table in tables] == [None] * len(tables)
    assert not set(danish) & set(english)
