"""What made a run: program, input, options and seeds; and apart from them, in one place, the machine.

All but ``machine`` is the same wherever a run is repeated, and the same again gives the same tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.case import Case
    from flows.system import System

FORMAT = 2
"""How a run folder is laid out; :mod:`mfa.migrate` reads older ones."""
PACKAGES = ("pandas", "numpy", "scipy", "pyomo", "highspy", "pint", "networkx", "openpyxl")
"""Packages that figures pass through."""


def made(
    kind: str,
    options: Mapping[str, Any],
    source: Mapping[str, str],
    info: Mapping[str, Any],
    seeds: Mapping[str, int] | None = None,
    part_of: str = "",
) -> dict[str, Any]:
    """Return ``run.json``: what made a run, and what ``info`` says of its result; times go to the machine.

    ``kind`` is plan, account, system, frontier, alternatives, worth or robust; ``part_of`` that of the run which this
    one is a part of.
    """
    from mfa import __version__

    rest = {name: value for name, value in info.items() if name not in {"times", "options"}}
    return {
        "format": FORMAT,
        "kind": kind,
        **({"part_of": part_of} if part_of else {}),
        "version": __version__,
        "input": dict(source),
        "options": dict(options),
        "seeds": dict(seeds or {}),
        **rest,
        "machine": machine(info.get("times", {})),
    }


def machine(times: Mapping[str, float]) -> dict[str, Any]:
    """Return what differs from machine to machine: Python, platform, versions of packages, seconds that were spent."""
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "times": {name: round(seconds, 2) for name, seconds in times.items()},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def input_told(case: Case | System, path: Path | None) -> dict[str, str]:
    """Return name and SHA-256 of an input: of the file, or of the tables where there is none."""
    if path is not None:
        # Where the system's letters are not UTF-8, a name comes as bytes in disguise, which no file can hold.
        return {"name": os.fsencode(path.name).decode("utf-8", "replace"), "sha256": file_hash(path)}
    from mfa.run import plain

    digest = hashlib.sha256(json.dumps(plain(case.settings), sort_keys=True).encode())
    for name in sorted(case.tables):
        frame = case.tables[name].drop(columns="_row", errors="ignore")
        digest.update(f"{name}\n{frame.to_csv(index=False)}".encode())
    return {"name": str(case.settings["title"]), "sha256": digest.hexdigest()}


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
