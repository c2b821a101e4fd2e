"""Rows of tables found by whole numbers instead of by several columns of text.

The tables of a model name everything by text, and there are hundreds of thousands of rows. A :class:`Coder` turns
the key of a row into one number, once; what is joined and added up after that is numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Codes = np.ndarray[Any, np.dtype[np.int64]]
ROOM = 2**31
"""Numbers beyond this are made smaller before the next column is added to them."""


class Coder:
    """Numbers for the keys in ``columns`` of a table; ``codes`` are those of its own rows.

    >>> towns = pd.DataFrame({"town": ["A", "B", "B"], "year": [1, 1, 2]})
    >>> coder = Coder(towns, ["town", "year"])
    >>> coder.codes.tolist()
    [0, 2, 3]
    >>> coder.of(pd.DataFrame({"year": [2, 2, 3], "town": ["B", "A", "A"]})).tolist()
    [3, 1, -1]
    """

    codes: Codes

    def __init__(self, table: pd.DataFrame, columns: list[str]) -> None:
        self.columns = columns
        self.codes = np.zeros(len(table), dtype=np.int64)
        self._steps: list[tuple[pd.Index, Codes | None]] = []
        size = 1
        for name in columns:
            codes, distinct = pd.factorize(table[name], use_na_sentinel=False)
            self.codes = self.codes * max(len(distinct), 1) + codes
            size *= max(len(distinct), 1)
            known = None
            if size > ROOM:
                known, self.codes = np.unique(self.codes, return_inverse=True)
                size = len(known)
            self._steps.append((pd.Index(distinct), known))

    def of(self, table: pd.DataFrame) -> Codes:
        """Return the numbers of the rows of another table.

        A key that the coder's table does not have gets a number that is not in ``codes``, or -1.
        """
        codes = np.zeros(len(table), dtype=np.int64)
        missing = np.zeros(len(table), dtype=bool)
        for name, (distinct, known) in zip(self.columns, self._steps, strict=True):
            at = distinct.get_indexer(table[name])
            missing |= at < 0
            codes = codes * max(len(distinct), 1) + at
            if known is not None:
                place = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
                missing |= known[place] != codes
                codes = place.astype(np.int64)
        codes[missing] = -1
        return codes


def positions(table: pd.DataFrame, columns: list[str], wanted: pd.DataFrame) -> Codes:
    """Return where the rows of ``wanted`` stand in ``table``, whose keys are all different; -1 where they do not.

    >>> towns = pd.DataFrame({"town": ["A", "B"]})
    >>> positions(towns, ["town"], pd.DataFrame({"town": ["B", "C", "A", "B"]})).tolist()
    [1, -1, 0, 1]
    """
    coder = Coder(table, columns)
    return found(coder.codes, coder.of(wanted))


def found(codes: Codes, wanted: Codes) -> Codes:
    """Return where numbers stand among ``codes``, which are all different; -1 where they do not.

    >>> found(np.array([5, 3, 8]), np.array([3, 8, 4])).tolist()
    [1, 2, -1]
    """
    if not len(codes):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    place = np.minimum(np.searchsorted(codes[order], wanted), len(codes) - 1)
    at = order[place]
    return np.where(codes[at] == wanted, at, -1)


def pairs(left: Codes, right: Codes) -> tuple[Codes, Codes]:
    """Return the positions of all pairs with the same number, in the order of ``left``; -1 has no partner.

    >>> [part.tolist() for part in pairs(np.array([7, 1, -1]), np.array([1, 7, 7, -1]))]
    [[0, 0, 1], [1, 2, 0]]
    """
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    first = np.searchsorted(ordered, left, side="left")
    count = np.searchsorted(ordered, left, side="right") - first
    count[left < 0] = 0
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(np.arange(len(left)), count), order[np.repeat(first, count) + within]
