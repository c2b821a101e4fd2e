"""The reference is made from the declarations, and current; links in the documentation lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_reference_is_current() -> None:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, page in module.PAGES.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == page(), f"{name}: run make docs"


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert not missing


def test_commands_in_the_guide_exist() -> None:
    from mfa.cli import parser

    choices = next(action.choices for action in parser()._actions if action.dest == "command")
    text = (ROOT / "docs" / "guide.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    used = set(re.findall(r"\bmfa ([a-z]+)\b", text))
    assert used <= set(choices or ())
    assert set(choices or ()) <= used
