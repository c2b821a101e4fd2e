"""A newcomer's first hour: the pages of the guide are followed to the letter, on a real workbook."""

from __future__ import annotations

import importlib.util
import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import mfa
from flows.tables import METHODS
from tests.pages import DOCS, follow


def test_the_first_own_plan_is_reached_by_typing_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(DOCS / "first_own_plan.md")
    run = mfa.Run.load("my-plan")
    assert run.info["certificate"]["holds"]
    assert run.info["objective"] == pytest.approx(52_000)
    assert run.rate("plan", 2025) == pytest.approx(0.6)
    assert (tmp_path / "marked.xlsx").exists()
    read = follow(DOCS / "reading_a_report.md")["of_town"]
    assert read[read["variant"] == "plan"]["rate"].tolist() == pytest.approx([0.6])


def test_the_page_on_installing_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    follow(DOCS / "install.md")


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((DOCS / "notebook.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), "a notebook is kept without outputs"
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "notebook.ipynb", "exec"), names)
    found = {name: names[name].info["objective"] for name in ("cheapest", "run", "careless")}
    assert found == pytest.approx({"cheapest": 15_000, "run": 17_800, "careless": 18_520})
    assert names["careless"].rate("plan", 2025) == pytest.approx(0.36)
    assert names["why"].highest["highest"].tolist() == pytest.approx([0.6])


def test_the_page_on_the_capital_region_is_current() -> None:
    spec = importlib.util.spec_from_file_location("make_capital_region", DOCS / "make_capital_region.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "capital_region.md").read_text("utf-8") == module.page(), "run make docs"


def test_every_rate_method_stands_on_the_page_of_rates() -> None:
    page = (DOCS / "rates.md").read_text("utf-8")
    missing = [name for name in METHODS if f"`{name}`" not in page and not re.fullmatch(r"eu_[23]", name)]
    assert not missing
    assert {"eu_1", "eu_2", "eu_3", "eu_4"} <= set(re.findall(r"^\| `(eu_\d)` \|", page, re.M))


def test_every_page_is_reached_from_the_first() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    listed = {line for line in index.splitlines() if re.fullmatch(r"[\w/*]+", line)}
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        assert name == "index" or any(fnmatch(name, pattern) for pattern in listed), f"{name} is not in the navigation"
