"""Draws of a case: its uncertain inputs, and the case with their values in any draw.

Uncertain is a row with ``low`` and ``high``, and a measurement with a standard deviation. One row is one random
variable. Its central value is the median, the ends are those of an interval of 90 % (in two pieces, so that a
lopsided one is met exactly, :func:`flows.distributions.around`): amounts and prices above zero follow a lognormal,
shares a logit-normal, growth and what may change sign a normal; a measurement is normal with its standard deviation.
Shares that add up to one do so in every draw. Draws are a Latin hypercube, so the same seed gives the same draws.

A drawn case is reconciled like any other. As the reported figures are drawn with their own error beside the inputs,
what comes out is spread as reconciliation leaves it (randomised maximum likelihood: Oliver, He & Reynolds 1996).

>>> from flows.case import Case
>>> price = {"item": "tax", "value": 30, "unit": "DKK/t", "low": 20, "high": 45}
>>> drawn = CaseDraws(Case.from_tables({"account_year": 2024, "plan_years": "2025"}, {"prices": [price]}), 4, seed=1)
>>> drawn.inputs[["input", "central"]].to_dict("records")
[{'input': 'prices|tax|||value', 'central': 30.0}]
>>> [round(float(drawn.case(draw)["prices"]["value"].iloc[0]), 1) for draw in range(5)]
[30.0, 19.3, 29.8, 31.5, 39.0]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from flows.account_inputs import codes
from flows.case import Case, identifier
from flows.checks import EXTRA_KEYS
from flows.distributions import Floats, Scale, around, closed, halfwidths, latin_hypercube, scores
from flows.scenarios import CLOSED
from flows.tables import BY_NAME, TABLES, Table

INPUT_COLUMNS = ["input", "table", "row", "column", "central", "low", "high"]
Rows: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
VALUES = ("amount", "share", "change", "value")
"""What a row's ``low`` and ``high`` are the range of: the first of these columns that its table has."""
EMITTED = ("fossil", "biogenic", "avoided")


@dataclass(frozen=True)
class _Part:
    """Uncertain rows of one column of a table: positions, central values and how far one deviation reaches."""

    table: str
    column: str
    rows: Rows
    value: Floats
    below: Floats
    above: Floats
    scale: Scale


class CaseDraws:
    """A case with its uncertain inputs drawn ``draws`` times; ``inputs`` lists them, a row each.

    Columns of ``inputs``: input (table, key and column, joined by ``|``), table, row (position), column, central,
    low, high (NaN for measurements). ``values`` has a row for each input and a column for each draw.
    """

    def __init__(self, case: Case, draws: int, seed: int) -> None:
        """Find the uncertain inputs and draw them."""
        self.given, self.draws, self.seed = case, draws, seed
        parts = list(_parts(case))
        listed = [_listed(case, part) for part in parts]
        self.inputs = pd.concat(listed, ignore_index=True) if listed else pd.DataFrame(columns=INPUT_COLUMNS)
        normals = scores(latin_hypercube(len(self.inputs), draws, seed))
        self._changed: list[tuple[str, str, Rows, Floats]] = []
        found, begin = [np.zeros((0, draws))], 0
        for part in parts:
            mine = normals[begin : begin + len(part.rows)]
            begin += len(part.rows)
            rows, values = _closing(case, part, around(part.value, part.below, part.above, mine, part.scale))
            self._changed.append((part.table, part.column, rows, values))
            found.append(values[np.searchsorted(rows, part.rows)])
        self.values: Floats = np.concatenate(found)

    def case(self, draw: int) -> Case:
        """Return the case in a draw, counted from 1; 0 is the case as it is."""
        if draw == 0:
            return self.given
        case = self.given
        for name, column, rows, values in self._changed:
            frame = case[name].copy()
            numbers = values[:, draw - 1]
            text = BY_NAME[name].column(column).kind == "text"
            written = [repr(float(number)) for number in numbers] if text else numbers
            frame.iloc[rows, list(frame.columns).index(column)] = written
            case = case.with_table(name, frame)
        return case

    def table(self) -> pd.DataFrame:
        """Return all values, a row for each draw and input: draw, input, value, central."""
        count = len(self.inputs)
        return pd.DataFrame(
            {
                "draw": np.repeat(np.arange(1, self.draws + 1), count),
                "input": np.tile(self.inputs["input"].to_numpy(), self.draws),
                "value": self.values.T.ravel(),
                "central": np.tile(self.inputs["central"].to_numpy(dtype=float), self.draws),
            }
        )


def _parts(case: Case) -> Iterator[_Part]:
    """Yield the uncertain rows of every table."""
    for table in TABLES:
        frame = case[table.name].reset_index(drop=True)
        if table.name == "measurements":
            yield from _measured(frame)
        elif "low" in frame and len(frame):
            for column, chosen in _ranged(table, frame):
                yield from _spread(table, column, frame, chosen)


def _measured(frame: pd.DataFrame) -> Iterator[_Part]:
    rows = np.flatnonzero((frame["std"] > 0).to_numpy())
    if len(rows):
        std = frame["std"].to_numpy(dtype=float)[rows]
        yield _Part("measurements", "value", rows, frame["value"].to_numpy(dtype=float)[rows], std, std, "linear")


def _ranged(table: Table, frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Yield the columns of a table that its range may belong to, and for which rows it does."""
    ranged = frame["low"].notna() & frame["high"].notna()
    if table.name == "emissions":
        # A row of several factors does not say which of them the range is of.
        single = ranged & ((frame[list(EMITTED)] != 0).sum(axis=1) == 1)
        yield from ((name, single & (frame[name] != 0)) for name in EMITTED)
    else:
        yield next(name for name in VALUES if name in frame), ranged


def _spread(table: Table, column: str, frame: pd.DataFrame, chosen: pd.Series) -> Iterator[_Part]:
    """Yield the rows of a column by the scale on which they vary."""
    number = pd.to_numeric(frame[column], errors="coerce")
    ends = frame[["low", "high"]].astype(float)
    varies = chosen & number.notna() & (ends["low"] <= number) & (number <= ends["high"]) & (ends["low"] < ends["high"])
    positive = (number > 0) & (ends["low"] > 0)
    kind = table.column(column).kind
    logit = varies & (number > 0) & (number < 1) & (kind == "share" and table.name != "growth")
    log = varies & ~logit & positive & (table.name != "growth")
    linear = varies & ~log & (table.name == "growth" or kind != "share")
    scales: list[tuple[Scale, pd.Series]] = [("logit", logit), ("log", log & (kind != "share")), ("linear", linear)]
    for scale, mine in scales:
        rows = np.flatnonzero(mine.to_numpy())
        if not len(rows):
            continue
        value, low, high = (one.to_numpy(dtype=float)[rows] for one in (number, ends["low"], ends["high"]))
        below, above = halfwidths(value, low, high, scale)
        yield _Part(table.name, column, rows, value, below, above, scale)


def _listed(case: Case, part: _Part) -> pd.DataFrame:
    """Return the rows of ``inputs`` of some uncertain rows."""
    table, frame = BY_NAME[part.table], case[part.table].reset_index(drop=True)
    keys = [name for name in (*table.key, *EXTRA_KEYS.get(table.name, ())) if name in frame]
    named = frame.loc[part.rows, keys]
    texts = ["|".join(map(identifier, values)) for values in named.itertuples(index=False, name=None)]
    blank = pd.DataFrame({"low": np.nan, "high": np.nan}, index=part.rows)
    ends = frame.loc[part.rows, ["low", "high"]] if "low" in frame else blank
    return pd.DataFrame(
        {
            "input": [f"{part.table}|{text}|{part.column}" for text in texts],
            "table": part.table,
            "row": part.rows,
            "column": part.column,
            "central": part.value,
            "low": ends["low"].to_numpy(dtype=float),
            "high": ends["high"].to_numpy(dtype=float),
        }
    )


def _closing(case: Case, part: _Part, draws: Floats) -> tuple[Rows, Floats]:
    """Return draws within the bounds of their column, and their rows; shares of a set that add up to one still do.

    Where no blank share takes the rest, shares that are not uncertain themselves give way: their rows come in too.
    """
    column = BY_NAME[part.table].column(part.column)
    if column.minimum is not None or column.maximum is not None:
        draws = np.clip(draws, column.minimum, column.maximum)
    by = CLOSED.get((part.table, part.column))
    if by is None:
        if part.table == "measurements":
            rates = (case["measurements"]["measure"].to_numpy() == "rate")[part.rows]
            draws = np.where(rates[:, None], np.minimum(draws, 1.0), draws)
        return part.rows, draws
    frame = case[part.table].reset_index(drop=True)
    sets = codes(frame, by)
    rest = frame["share"].isna().to_numpy()
    left = 1.0 - frame.groupby(by)["share"].transform("sum")
    central = frame["share"].fillna(left).clip(lower=0.0).to_numpy(dtype=float)
    values = np.repeat(central[:, None], draws.shape[1], axis=1)
    values[part.rows] = draws
    drawn = np.isin(np.arange(len(frame)), part.rows)
    exact = ~drawn & (np.bincount(sets, weights=rest)[sets] > 0)
    order = np.argsort(sets, kind="stable")
    total = np.bincount(sets, weights=central).astype(np.float64)
    result = np.empty_like(values)
    result[order] = closed(values[order], sets[order], rest[order], exact[order], total)
    rows = np.flatnonzero((drawn | ~exact) & ~rest & np.isin(sets, sets[part.rows]))
    return rows, np.asarray(result[rows])
