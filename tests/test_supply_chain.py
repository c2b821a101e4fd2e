"""What comes along with the program may come along: licences that go with ours, and every dependency has a lower bound."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# Licences that ask for a notice and no more. What is not here has to be argued in ARGUED.
PERMISSIVE = {
    "MIT",
    "MIT-CMU",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "Zlib",
    "CC0-1.0",
    "Apache-2.0",
    "PSF-2.0",
    "ISC",
}
# Older packages name theirs in words.
IN_WORDS = {
    "MIT License": "MIT",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# The licence of a package that is none of the above, and why it may come along.
ARGUED: dict[str, str] = {}


def shipped(names: list[str]) -> dict[str, Distribution]:
    """Return what is installed along with some packages, by name; extras are not followed."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # not needed on this system or Python
        requires = [line for line in found[name].requires or [] if "extra ==" not in line]
        waiting += [line_name(line) for line in requires]
    return found


def line_name(line: str) -> str:
    """Return the name of a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", line)
    assert found, line
    return found[0]


def licences(package: Distribution) -> set[str]:
    """Return the licences that a package is under; of a choice (OR) any one that is permissive."""
    said = package.metadata.get("License-Expression")
    if not said:
        classifiers = package.metadata.get_all("Classifier") or []
        words = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::")]
        words = [word for word in words if word != "OSI Approved"] or [package.metadata.get("License") or ""]
        return {IN_WORDS.get(word.strip(), word.strip()[:60]) for word in words}
    found = set()
    for part in re.split(r"\s+AND\s+", said.replace("(", "").replace(")", "")):
        choice = re.split(r"\s+OR\s+", part)
        found.add(next((one for one in choice if one in PERMISSIVE), part))
    return found


def test_licences_of_what_is_shipped_are_permissive() -> None:
    packages = shipped([line_name(line) for line in PROJECT["dependencies"]])
    assert len(packages) > len(PROJECT["dependencies"])
    doubtful = {name: licences(package) - PERMISSIVE for name, package in packages.items()}
    assert {name: found for name, found in doubtful.items() if found and name not in ARGUED} == {}


def test_a_licence_that_is_not_known_to_be_permissive_is_told() -> None:
    assert not {"GPL-3.0-only", "LGPL-2.1-or-later", "UNKNOWN", ""} & PERMISSIVE
    assert licences(_package("License-Expression: MIT AND (GPL-2.0-only OR BSD-3-Clause)")) == {"MIT", "BSD-3-Clause"}
    assert licences(_package("License-Expression: GPL-3.0-only")) - PERMISSIVE == {"GPL-3.0-only"}
    assert licences(_package("Name: silent")) - PERMISSIVE == {""}
    words = "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
    assert licences(_package(words)) - PERMISSIVE == {"GNU General Public License v3 (GPLv3)"}


def test_every_dependency_has_a_lower_bound_that_can_be_pinned() -> None:
    spec = importlib.util.spec_from_file_location("lowest", ROOT / ".ci" / "lowest.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pins = module.lowest(PROJECT)
    extras = PROJECT["optional-dependencies"]
    asked = [line_name(line) for line in [*PROJECT["dependencies"], *extras["parquet"], *extras["dask"]]]
    assert [line_name(pin) for pin in pins] == list(dict.fromkeys(asked))
    assert all(re.fullmatch(r"[\w.-]+==\d[\d.]*", pin) for pin in pins)


def _package(line: str) -> Distribution:
    """Return a package with one line of metadata."""

    class Package(Distribution):
        def read_text(self, filename: str) -> str | None:
            return f"Metadata-Version: 2.4\n{line}\n" if filename == "METADATA" else None

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    return Package()
