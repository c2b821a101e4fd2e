"""The parser of the command that shows a run as a page."""

from __future__ import annotations

import argparse
from typing import Any


def add_view(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add view to the parser of all commands."""
    page = commands.add_parser("view", parents=[common], help="one HTML page of a run, with nothing to load")
    page.add_argument("run", metavar="RUN", help="run folder")
    page.add_argument("--out", metavar="FILE", help="where to write the page (default: RUN/reports/page.html)")
    page.add_argument("--open", action="store_true", help="show it in the browser")
