"""The parser of the command on exports, and the options of a layout of one's own."""

from __future__ import annotations

import argparse
from typing import Any

FORMATS = ("datapackage", "csv-da", "parquet", "iamc", "stan", "mps")


def add_export(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add export to the parser of all commands."""
    export = commands.add_parser("export", parents=[common], help="a run for other programs")
    export.add_argument("run", metavar="RUN", help="run folder")
    export.add_argument(
        "--format",
        choices=FORMATS,
        required=True,
        help="tables with types and keys, CSV for Danish Excel, typed columns, IAMC series, lists of flows, or the model for other solvers",
    )
    export.add_argument("--out", metavar="DIR", help="folder for the files (default: RUN/exports/FORMAT)")


def add_layout(report: argparse.ArgumentParser) -> None:
    """Add the options of a layout to the command report."""
    report.add_argument("--layout", metavar="FILE.toml", help="logo, contact, colour and sheets of your own")
    report.add_argument("--layout-example", metavar="FILE.toml", help="write a layout to begin with, and no report")
