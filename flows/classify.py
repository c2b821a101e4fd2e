"""The kinds of variables: what is measured and can be checked, and what is not measured and can be found.

A measured variable is redundant if the others would determine it; an unmeasured one is observable if the
measured ones determine it (Vaclavek, 1969; Crowe, 1989). Both follow from the equations alone, whatever
the values: after elimination of the unmeasured variables, the measured ones that are left in an equation
are redundant, and an unmeasured one is observable if it does not move with the variables left free.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flows.decompose import balancing
from flows.elimination import Echelon, Triangle

STATUS = ("exact", "measured_redundant", "measured_nonredundant", "unmeasured_observable", "unmeasured_unobservable")
EXACT, REDUNDANT, NONREDUNDANT, OBSERVABLE, UNOBSERVABLE = range(5)

MOVES = 1e-7
TRIALS = 2


def moving(echelon: Echelon, triangle: Triangle, seed: int = 20) -> NDArray[np.bool_]:
    """Return which variables move when the free ones do (all that no equation determines).

    The free variables take random whole numbers, twice. On balances the arithmetic is then exact, and a
    variable that moves is missed with a probability of about 1e-12.
    """
    variables = echelon.solved.shape[1]
    moves = np.zeros(variables, dtype=bool)
    moves[echelon.free] = True
    if len(echelon.free) and len(echelon.pivot_column):
        generator = np.random.default_rng(seed)
        trial = np.zeros((variables, TRIALS))
        # A concentration makes a variable small, not still: it is seen beside the scale of its column.
        _, scale = balancing(echelon.solved)
        trial[echelon.free] = generator.integers(1, 2**20, (len(echelon.free), TRIALS)) / 2.0**20
        moved = triangle.solve(-np.asarray(triangle.others @ (scale[:, None] * trial)))
        moves[echelon.pivot_column] = (np.abs(moved) > MOVES * scale[echelon.pivot_column, None]).any(axis=1)
    return moves


def classify(
    echelon: Echelon, triangle: Triangle, exact: NDArray[np.bool_], measured: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return the kind of every variable, as positions in :data:`STATUS`."""
    status = np.full(len(exact), UNOBSERVABLE, dtype=np.int8)
    status[~moving(echelon, triangle)] = OBSERVABLE
    in_use = np.zeros(len(exact), dtype=bool)
    in_use[echelon.left.indices[echelon.left.data != 0]] = True
    status[measured] = np.where(in_use[measured], REDUNDANT, NONREDUNDANT)
    status[exact] = EXACT
    return status
