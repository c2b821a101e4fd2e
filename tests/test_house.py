"""The house: which folder may import which, and that what is public is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mfa

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "flows": {"flows"},
    "models": {"flows", "models"},
    "reports": {"flows", "models", "reports"},
    "mfa": {"flows", "models", "reports", "mfa"},
}
OURS = {*ALLOWED, "data", "tests"}


def _imports(path: Path) -> set[str]:
    """Return the top-level packages of ours that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(path.parent.name if node.level else (node.module or "").split(".")[0])
    return found & OURS


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_imports_point_downwards(room: str) -> None:
    modules = sorted((ROOT / room).rglob("*.py"))
    assert modules
    wrong = {path.name: extra for path in modules if (extra := _imports(path) - ALLOWED[room])}
    assert not wrong


def test_the_certificate_shares_no_code_with_the_model() -> None:
    """It may stand on facts and on its own modules, never on what it checks, nor on the tables' own sums of money."""
    modules = sorted((ROOT / "models").glob("certificate*.py")) + [ROOT / "models" / "evidence.py"]
    own = {f"models.{path.stem}" for path in modules}
    assert len(modules) > 3
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = node.module == "models"
                names = [f"models.{alias.name}" for alias in node.names] if whole else [node.module]
            assert "flows.ledger" not in names and "pyomo" not in {name.split(".")[0] for name in names}, path.name
            assert {name for name in names if name.split(".")[0] == "models"} <= own, path.name


def test_public_names_are_there() -> None:
    for name in mfa.__all__:
        assert getattr(mfa, name) is not None
    with pytest.raises(AttributeError):
        _ = mfa.nothing


def test_help_is_quick_because_heavy_imports_wait() -> None:
    code = "import sys, mfa.cli; mfa.cli.parser(); print([name for name in ('pandas', 'pyomo', 'pint') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_users_file_in_the_place_of_a_room_is_named(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text("mine = 1\n")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import mfa"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert str(tmp_path / "flows.py") in done.stderr
    assert "rename" in done.stderr
