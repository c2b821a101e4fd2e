"""Prints what ``pyproject.toml`` asks for at its lowest, for users' extras too: ``pandas>=2.3`` becomes ``pandas==2.3``.

``make lowest`` installs that and runs the tests, so that a declared lower bound is one that holds. The tools of the
tests themselves are not pinned down: nobody who installs the program gets them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

EXTRAS = ("parquet", "dask")
"""What a user may ask for beside; the other extras are tools for those who work on the program."""


def lowest(project: dict[str, object]) -> list[str]:
    """Return a pin for every dependency and those of :data:`EXTRAS`; raises ValueError for one without a lower bound.

    >>> lowest({"dependencies": ["pandas>=2.3", "numpy >= 1.26, <3"]})
    ['pandas==2.3', 'numpy==1.26']
    """
    pins = []
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})  # type: ignore[assignment]
    asked = [*project["dependencies"], *(line for name in EXTRAS for line in extras.get(name, ()))]  # type: ignore[misc]
    for line in dict.fromkeys(asked):
        found = re.match(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)", line)
        if not found:
            raise ValueError(f"{line}: no lower bound")
        pins.append(f"{found[1]}=={found[2]}")
    return pins


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    sys.stdout.write("\n".join(lowest(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"])) + "\n")
