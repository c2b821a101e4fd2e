"""Nothing from outside is run: no eval, exec, pickle, shell or other process in the product, but for what is argued here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for room in ("flows", "models", "reports", "mfa", "data") for path in (ROOT / room).rglob("*.py"))
MODULES = {
    "pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "subprocess", "multiprocessing", "ctypes", "pty", "code", "codeop",
    "runpy", "yaml", "xmlrpc", "socketserver", "ftplib", "telnetlib", "urllib.request", "http.client", "requests", "socket",
}  # fmt: skip
BUILTINS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
METHODS = {
    "system", "popen", "execv", "execve", "execvp", "spawnl", "spawnv", "startfile", "fork", "read_pickle", "to_pickle", "import_module",
    "literal_eval", "exec_module", "load_module", "extractall", "unpack_archive", "getoutput", "read_html", "read_clipboard",
}  # fmt: skip
PANDAS = {"query", "eval"}
"""Methods of a DataFrame that run a text; ours are written in the program."""
KEYWORDS = {"shell", "allow_pickle"}

ARGUED: dict[tuple[str, str], str] = {
    ("mfa/__init__.py", "import_module"): "the product's own modules by a table of names that stands there",
    ("mfa/commands.py", "import_module"): "the product's own modules by the table of commands",
    ("mfa/exports.py", "import_module"): "the product's own modules by the table of formats",
    ("mfa/sweep_crew.py", "import_module"): "dask, which need not be installed",
    ("mfa/sweep_crew.py", "pickle"): "work and outcomes of the sweep's own processes, through pipes to them alone",
    ("mfa/sweep_crew.py", "subprocess"): "the sweep's own processes: this Python with a command of the product's own",
    ("reports/helpers.py", "pickle"): "work for the reports' own processes, in a private folder that is new",
    ("reports/helpers.py", "subprocess"): "the reports' own processes: this Python with a command of the product's own",
}
"""What is there all the same, by file and word, and why no input can reach it."""


def _words(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Give what could run something, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
            yield from ((name, node.lineno) for name in names if name in MODULES)
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in METHODS)
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in BUILTINS:
                yield called.id, node.lineno
            if isinstance(called, ast.Attribute) and called.attr in METHODS:
                yield called.attr, node.lineno
            written = bool(node.args) and isinstance(node.args[0], ast.Constant)
            if isinstance(called, ast.Attribute) and called.attr in PANDAS and not written:
                yield called.attr, node.lineno
            yield from ((word.arg, node.lineno) for word in node.keywords if word.arg in KEYWORDS)


def test_nothing_runs_what_comes_from_outside() -> None:
    found = {}
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        for word, line in _words(ast.parse(path.read_text("utf-8"))):
            found[name, word] = f"{name}:{line} {word}"
    assert [text for key, text in found.items() if key not in ARGUED] == []
    assert set(ARGUED) <= set(found), "an exception that is no longer needed"


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "import pickle",
        "from subprocess import run",
        "import os\nos.system(x)",
        "f(x, shell=True)",
        "import urllib.request",
        "frame.query(x)",
    ],
)
def test_the_look_out_sees(code: str) -> None:
    assert list(_words(ast.parse(code)))
