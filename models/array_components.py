"""Pyomo sets, variables, constraints and an objective that are kept as arrays until somebody asks for them.

A model of a region has a million entries, and most runs only hand them to the solver. So a family is one
Pyomo component as usual, which makes its members when it is first looked at: a set its labels, a ``Var`` its
variables, a ``Constraint`` its rows; and a row makes its expression when that is asked for. To whoever prints,
writes, changes or solves the model it is an ordinary Pyomo model. What has not been looked at cannot have been
changed, so :func:`models.highs.compile_model` copies its arrays.

Pyomo keeps members under ``_data``, labels under ``_values``, expressions under ``_expr`` and ``_args_``; these
names are what this module relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any
from weakref import ref

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.base.constraint import ConstraintData, IndexedConstraint
from pyomo.core.base.objective import ScalarObjective
from pyomo.core.base.set import OrderedScalarSet
from pyomo.core.base.var import IndexedVar
from pyomo.core.expr.numeric_expr import LinearExpression

Array = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def _by_label(component: Any, labels: list[Any], members: list[Any]) -> dict[Any, Any]:
    """Return members by label; raises :class:`ValueError` if two labels are the same."""
    made = dict(zip(labels, members, strict=True))
    if len(made) != len(labels):
        raise ValueError(f"two members of {component.name} have the same label")
    return made


class KeySet(OrderedScalarSet):  # type: ignore[misc]
    """The labels of a family, from a table of keys: tuples, or single values for one column."""

    table: pd.DataFrame | None = None
    _made: dict[Any, Any] | None = None

    def __init__(self, table: pd.DataFrame | None = None, **options: Any) -> None:
        if table is not None:
            options["dimen"] = max(1, table.shape[1])
        super().__init__(**options)
        self.table = table
        self._made = None

    @property
    def _values(self) -> dict[Any, Any]:
        if self._made is None:
            # Pyomo would flatten and check every single label; these are flat and of one length.
            labels = self.labels()
            self._made = _by_label(self, labels, [None] * len(labels))
        return self._made

    @_values.setter
    def _values(self, made: dict[Any, Any]) -> None:
        self._made = made

    def labels(self) -> list[Any]:
        """Return the labels in the order of the table."""
        if self.table is None:
            return []
        columns = [self.table[name].tolist() for name in self.table.columns]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


class ArrayVar(IndexedVar):  # type: ignore[misc]
    """A family of variables with bounds; without finite negative lower bounds their domain is that of numbers >= 0."""

    lower: Array
    upper: Array
    integer: Flags
    members: list[Any]
    """The variables in the order of the arrays, once they are made."""
    _made: dict[Any, Any] | None = None

    def __init__(self, index: KeySet, lower: Array, upper: Array, integer: Flags) -> None:
        # Zero as the lower bound is part of the domain; only other bounds are set one by one.
        signed = bool((lower < 0.0).any())
        super().__init__(index, domain=pyo.Reals if signed else pyo.NonNegativeReals, dense=False)
        self.lower, self.upper, self.integer = lower, upper, integer
        self._made = None

    @property
    def untouched(self) -> bool:
        """Whether no variable has been looked at."""
        return self._made is None

    @property
    def _data(self) -> dict[Any, Any]:
        if self._made is None:
            self.make()
        return self._made  # type: ignore[return-value]

    @_data.setter
    def _data(self, made: dict[Any, Any]) -> None:
        self._made = made

    def make(self) -> None:
        """Make the variables. The garbage collector rests meanwhile; it would take most of the time."""
        with PauseGC():
            labels = self.index_set().labels()
            self._made, self.members = {}, []
            if not labels:
                return
            # Pyomo makes one variable, the others are its copies: as it does itself, without a look at every label.
            first = self._getitem_when_not_present(labels[0])
            self.members = [first, *map(type(first).copy, repeat(first, len(labels) - 1))]
            self._made = _by_label(self, labels, self.members)
            for one, label in zip(self.members, labels, strict=True):
                one._index = label
            self._set_bounds()

    def _set_bounds(self) -> None:
        signed = bool((self.lower < 0.0).any())
        for position in np.flatnonzero(np.isfinite(self.lower) & (signed | (self.lower > 0.0))).tolist():
            self.members[position].setlb(float(self.lower[position]))
        for position in np.flatnonzero(np.isfinite(self.upper)).tolist():
            self.members[position].setub(float(self.upper[position]))
        for position in np.flatnonzero(self.integer).tolist():
            self.members[position].domain = pyo.Integers if signed else pyo.NonNegativeIntegers


@dataclass(frozen=True)
class Columns:
    """The variables of a model by number: those of the first component, of the second, and so on."""

    components: list[ArrayVar]
    starts: Whole

    def at(self, numbers: Whole) -> list[Any]:
        """Return the variables with these numbers; makes the families that they belong to."""
        which = np.searchsorted(self.starts, numbers, side="right") - 1
        found = []
        for family, position in zip(which.tolist(), (numbers - self.starts[which]).tolist(), strict=True):
            component = self.components[family]
            if component.untouched:
                component.make()
            found.append(component.members[position])
        return found

    def sum(self, numbers: Whole, coefs: Array) -> LinearExpression:
        """Return the sum of coefficients times variables."""
        return LinearExpression(constant=0.0, linear_coefs=coefs.tolist(), linear_vars=self.at(numbers))


@dataclass(frozen=True)
class Matrix:
    """Rows lower <= sum(coef * column) <= upper; row r has the entries start[r] to start[r + 1]."""

    columns: Columns
    start: Whole
    col: Whole
    coef: Array
    lower: Array
    upper: Array

    def row(self, number: int) -> tuple[float | None, LinearExpression, float | None]:
        """Return lower bound, sum and upper bound of a row; None is no bound."""
        entries = slice(self.start[number], self.start[number + 1])
        body = self.columns.sum(self.col[entries], self.coef[entries])
        low, high = float(self.lower[number]), float(self.upper[number])
        return (low if low > -np.inf else None), body, (high if high < np.inf else None)


class Row(ConstraintData):  # type: ignore[misc]
    """A constraint that is a row of its component's matrix, until it is given an expression of its own.

    The slot in which Pyomo keeps the expression holds the number of the row. Like Pyomo's templates of
    constraints, a row changes its class when it is given an expression.
    """

    __slots__ = ()

    @property
    def number(self) -> int:
        """Number of the row in the matrix."""
        return self._expr  # type: ignore[no-any-return]

    @property
    def expr(self) -> Any:
        """The constraint as an expression, made anew each time."""
        low, body, high = self.to_bounded_expression()
        if low is None:
            return body <= high
        if high is None:
            return body >= low
        return body == low if low == high else pyo.inequality(low, body, high)

    def to_bounded_expression(self, evaluate_bounds: bool = False) -> tuple[float | None, Any, float | None]:
        """Return lower bound, body and upper bound; the bounds are numbers or None."""
        bounded: tuple[float | None, Any, float | None] = self.parent_component().matrix.row(self.number)
        return bounded

    def set_value(self, expr: Any) -> None:
        """Become a plain Pyomo constraint with this expression."""
        self.__class__ = ConstraintData
        self.set_value(expr)


class ArrayConstraint(IndexedConstraint):  # type: ignore[misc]
    """A family of constraints: the rows of a matrix, in the order of the index."""

    matrix: Matrix
    _made: dict[Any, Any] | None = None

    def __init__(self, index: KeySet, matrix: Matrix) -> None:
        super().__init__(index)
        self.matrix = matrix
        self._made = None

    @property
    def untouched(self) -> bool:
        """Whether no constraint has been looked at."""
        return self._made is None

    @property
    def _data(self) -> dict[Any, Any]:
        if self._made is None:
            with PauseGC():
                self._made = self._make()
        return self._made

    @_data.setter
    def _data(self, made: dict[Any, Any]) -> None:
        self._made = made

    def _make(self) -> dict[Any, Any]:
        labels = self.index_set().labels()
        rows = [Row.__new__(Row) for _ in labels]
        component = ref(self)
        for number, (label, row) in enumerate(zip(labels, rows, strict=True)):
            # What the constructors of Pyomo's classes would set.
            row._component = component
            row._index = label
            row._active = True
            row._expr = number
        return _by_label(self, labels, rows)


class ArrayObjective(ScalarObjective):  # type: ignore[misc]
    """The sum of cost times column, to be minimised; columns without cost are left out."""

    columns: Columns
    cost: Array
    _own: tuple[Any, ...] | None = None

    def __init__(self, columns: Columns, cost: Array) -> None:
        self.columns, self.cost = columns, cost
        super().__init__(sense=pyo.minimize, expr=0.0)

    def construct(self, data: Any = None) -> None:
        """Let Pyomo set up the objective, then forget the expression that it started with."""
        super().construct(data)
        self._own = None

    @property
    def untouched(self) -> bool:
        """Whether the objective has no other expression."""
        return self._own is None

    @property
    def _args_(self) -> tuple[Any, ...]:
        if self._own is not None:
            return self._own
        used = np.flatnonzero(self.cost)
        return (self.columns.sum(used, self.cost[used]),)

    @_args_.setter
    def _args_(self, args: tuple[Any, ...]) -> None:
        self._own = args
