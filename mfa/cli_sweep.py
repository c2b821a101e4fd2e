"""The parser of the command that plans many times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def add_sweep(commands: Any, common: argparse.ArgumentParser, solving: Callable[..., None]) -> None:
    """Add sweep to the parser of all commands."""
    sweep = commands.add_parser(
        "sweep", parents=[common], help="many plans: scenarios, targets, methods and draws, here or on a cluster"
    )
    sweep.add_argument("case", metavar="CASE.xlsx")
    sweep.add_argument("--scenarios", default="all", metavar="A,B", help="base is the case as it is (default: all)")
    sweep.add_argument(
        "--targets", metavar="60%,70%", help="rates to reach (default: the case's own targets)".replace("%", "%%")
    )
    sweep.add_argument("--methods", metavar="A,B", help="rate methods of the targets (default: the case's)")
    sweep.add_argument("--scope", help="scope of the rate (default: the case's)")
    sweep.add_argument("--year", type=int, help="year of the targets (default: the last plan year)")
    sweep.add_argument("--draws", type=int, default=0, metavar="N", help="plan for N draws of the uncertain inputs too")
    sweep.add_argument("--seed", type=int, default=1, metavar="S", help="of the draws (default 1)")
    sweep.add_argument("--workers", type=int, metavar="N", help="processes that plan (default: one for each processor)")
    sweep.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that plans instead")
    sweep.add_argument("--out", metavar="DIR", help="folder of the sweep (default: CASE-sweep beside the case)")
    sweep.add_argument("--resume", action="store_true", help="go on with the sweep in that folder")
    solving(sweep, gap="5%", seconds=60.0)
