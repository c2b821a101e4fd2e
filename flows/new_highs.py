"""New instances of HiGHS that print nothing: what machines read from the standard output stays clean."""

from __future__ import annotations

import os
import sys
from functools import cache

import highspy


def new_highs() -> highspy.Highs:
    """Return a solver without a model, whose output is off."""
    _introduced()
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    return solver


@cache
def _introduced() -> None:
    """Let HiGHS print its banner, which it does once whatever its options say, where nobody reads it."""
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        return  # there is no standard output
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
