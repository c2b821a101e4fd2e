"""Layouts of one's own for the reports: reading one for a case, and writing one to begin with."""

from __future__ import annotations

import os
from pathlib import Path

from flows.case import Case
from mfa.whole import whole_file
from mfa.words import SpokenError
from reports.own_layout import OwnLayout


class LayoutError(SpokenError, ValueError):
    """A place where a layout cannot be written."""


def layout_example(path: str | os.PathLike[str], lang: str = "en") -> Path:
    """Write a layout to begin with, in Danish or English, and return its path.

    It names every sheet in its usual order, so that lines can be deleted and moved. Raises :class:`LayoutError` for
    a file that is there or a name that does not end with .toml.
    """
    from reports.own_layout_read import layout_example as example
    from reports.style import HEAD
    from reports.workbooks import sheet_titles

    target = Path(path)
    if target.suffix.lower() != ".toml":
        raise LayoutError("layout_no_toml", file=target)
    if target.exists():
        raise LayoutError("layout_exists", file=target)
    with whole_file(target) as new:
        new.write_text(example(target.name, sheet_titles(), HEAD, lang), "utf-8")
    return target


def own_layout(path: str | os.PathLike[str], case: Case) -> OwnLayout:
    """Return the layout in a file for the workbooks of a case; raises :class:`InputError` with every problem."""
    from reports.own_layout_read import read_layout
    from reports.workbooks import REGION, sheet_titles

    ids = [str(identifier) for identifier in case["municipalities"]["municipality"]]
    places = {REGION: ""} | {
        str(name): str(key) for language in ("da", "en") for key, name in case.names("municipalities", language).items()
    }
    # An id stands for itself, whatever else is called so.
    return read_layout(path, sheet_titles(), places | {identifier: identifier for identifier in ids})
