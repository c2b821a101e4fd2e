"""The parsers of the commands on choices."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Solving = Callable[..., None]


def add_choices(commands: Any, common: argparse.ArgumentParser, solving: Solving) -> None:
    """Add frontier, alternatives, worth, rerun and compare to the parser of all commands."""
    frontier = commands.add_parser(
        "frontier", parents=[common], help="cost against rate, greenhouse gas or both, as a curve of plans"
    )
    _planned(frontier)
    frontier.add_argument("--against", choices=("rate", "co2e", "both"), default="rate", help="default: rate")
    frontier.add_argument("--points", type=int, default=6, metavar="N", help="points of the grid, ends among them")
    solving(frontier, gap="2%", seconds=600.0)

    others = commands.add_parser(
        "alternatives", parents=[common], help="plans that cost nearly the same and look different"
    )
    _planned(others, target=True)
    others.add_argument("--within", default="2%", help="most that a plan may cost more (default 2%%)")
    others.add_argument("--count", type=int, default=5, metavar="N", help="plans to look for (default 5)")
    solving(others, gap="2%", seconds=600.0)

    worth = commands.add_parser(
        "worth", parents=[common], help="what a percentage point, carbon, capacity and the target are worth"
    )
    _planned(worth, target=True)
    worth.add_argument("--step", default="1%", help="how far the target is moved, 1%% is a percentage point")
    worth.add_argument("--carbon", type=float, default=100.0, metavar="X", help="added to prices of carbon, per tonne")
    worth.add_argument("--points", type=int, default=0, metavar="N", help="more plans for the curve of marginal cost")
    solving(worth, gap="2%", seconds=600.0)

    rerun = commands.add_parser(
        "rerun",
        parents=[common],
        help="make a run again and say table by table whether it is the same",
        epilog="exit codes: 0 all tables are equal, 5 some differ; the others as of all commands",
    )
    rerun.add_argument("run", metavar="RUN", help="run folder")
    rerun.add_argument("--out", metavar="DIR", help="folder for the new run (default: it is only compared)")
    rerun.add_argument(
        "--decisions", action="store_true", help="carry out the stored decisions instead of searching again"
    )

    compare = commands.add_parser("compare", parents=[common], help="what differs between two runs")
    compare.add_argument("first", metavar="RUN", help="run folder")
    compare.add_argument("second", metavar="RUN", help="run folder")


def _planned(command: argparse.ArgumentParser, target: bool = False) -> None:
    command.add_argument("case", metavar="CASE.xlsx", help="workbook, or the folder of a run")
    if target:
        command.add_argument(
            "--target", help="rate to reach, 80%% or 0.8; replaces the targets of its scope and method"
        )
    command.add_argument("--year", type=int, help="year of the rate (default: the last plan year)")
    command.add_argument("--method", help="rate method (default: the case's)")
    command.add_argument("--scope", help="scope of the rate (default: the case's)")
    command.add_argument("--scenario", metavar="NAME", help="a scenario of the case")
    command.add_argument("--out", metavar="DIR", help="folder for tables and plans")
