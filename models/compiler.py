"""A Pyomo model as arrays, ready for the solver.

Families that are kept as arrays (:mod:`models.array_components`) and that nobody has looked at are copied; the rest
is read as it stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.repn import generate_standard_repn
from pyomo.repn.util import categorize_valid_components

from models.array_components import ArrayConstraint, ArrayObjective, ArrayVar, Columns, Matrix, Row

Array = np.ndarray[Any, np.dtype[np.float64]]


class SolverError(RuntimeError):
    """HiGHS refused an option or a model, or failed the check of its own correctness."""


@dataclass(frozen=True)
class Arrays:
    """A mixed-integer model as arrays: minimise cost @ x + offset, row_lower <= A x <= row_upper, A row-wise."""

    cost: Array
    lower: Array
    upper: Array
    integer: np.ndarray[Any, np.dtype[np.bool_]]
    row_lower: Array
    row_upper: Array
    start: np.ndarray[Any, np.dtype[np.int32]]
    index: np.ndarray[Any, np.dtype[np.int32]]
    value: Array
    offset: float = 0.0


def compile_model(model: pyo.ConcreteModel) -> Arrays:
    """Return the arrays of a Pyomo model that is linear.

    Columns stand in the order in which variables were declared, rows in that of constraints. Families that are kept
    as arrays are copied; whatever somebody added or changed since is walked: own constraints and variables, new
    expressions, fixed variables, bounds, what is switched off. An objective that is maximised comes negated. Raises
    :class:`SolverError` for what is not linear, by name.
    """
    with PauseGC():
        _refuse_strangers(model)
        numbers = _Numbers(model)
        parts = [
            part
            for component in model.component_objects(pyo.Constraint, active=True, descend_into=True)
            for part in _row_parts(component, numbers)
        ]
        cost, offset = _cost(model, numbers)
        joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)] if parts else [np.empty(0)] * 5
        counts, index, value, low, high = joined
        infinity = highspy.kHighsInf
        return Arrays(
            cost,
            np.maximum(numbers.lower, -infinity),
            np.minimum(numbers.upper, infinity),
            numbers.integer,
            np.maximum(low, -infinity),
            np.minimum(high, infinity),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            index.astype(np.int32),
            value,
            offset,
        )


_Part = tuple[Any, Any, Any, Any, Any]
"""Rows as arrays: entries of each row, their columns, their coefficients, lower and upper bounds."""


def _refuse_strangers(model: pyo.ConcreteModel) -> None:
    known = {pyo.Block, pyo.Constraint, pyo.Expression, pyo.Objective, pyo.Param, pyo.Set, pyo.Suffix, pyo.Var}
    _, strange = categorize_valid_components(model, active=True, valid=known)
    if strange:
        raise SolverError(
            f"only linear constraints are handed over, not {', '.join(kind.__name__ for kind in strange)}"
        )


class _Numbers:
    """The variables of a model by number, with their bounds; a fixed variable has its value as both bounds."""

    def __init__(self, model: pyo.ConcreteModel) -> None:
        self.starts: dict[int, int] = {}
        self.count = 0
        self._walked: list[tuple[int, list[Any]]] = []
        bounds: list[tuple[Array, Array, Any]] = [(np.empty(0), np.empty(0), np.empty(0, dtype=bool))]
        for component in model.component_objects(pyo.Var, descend_into=True):
            self.starts[id(component)] = self.count
            if isinstance(component, ArrayVar) and component.untouched:
                bounds.append((component.lower, component.upper, component.integer))
            else:
                variables = list(component._data.values())
                self._walked.append((self.count, variables))
                bounds.append(_bounds(variables))
            self.count += len(bounds[-1][0])
        self.lower, self.upper, self.integer = (np.concatenate(arrays) for arrays in zip(*bounds, strict=True))

    @cached_property
    def _number(self) -> dict[int, int]:
        return {id(one): start + place for start, variables in self._walked for place, one in enumerate(variables)}

    def of(self, variables: Iterable[Any]) -> list[int]:
        """Return the numbers of variables; raises :class:`SolverError` for one that is not in the model."""
        found = []
        for variable in variables:
            if id(variable) not in self._number:
                raise SolverError(f"variable {variable.name} is used but is not in the model")
            found.append(self._number[id(variable)])
        return found

    def of_columns(self, columns: Columns, used: Any) -> Any:
        """Return the numbers of the variables that ``columns`` has at ``used``; nearly always the same."""
        if self._known is None or self._known[0] is not columns:
            numbers = [np.empty(0, dtype=np.int64)]
            for component in columns.components:
                start = self.starts.get(id(component), -1)
                if start < 0:
                    numbers.append(np.full(len(component.lower), -1))
                elif component.untouched:
                    numbers.append(np.arange(start, start + len(component.lower)))
                else:
                    numbers.append(np.array([self._number.get(id(one), -1) for one in component.members], dtype=int))
            self._known = columns, np.concatenate(numbers)
        found = self._known[1][used]
        if (found < 0).any():
            raise SolverError(f"variable {columns.at(used[found < 0][:1])[0].name} is used but is not in the model")
        return found

    _known: tuple[Columns, Any] | None = None


def _bounds(variables: list[Any]) -> tuple[Array, Array, Any]:
    """Return lower and upper bounds and whether whole numbers are asked for, as they stand now."""
    # A bound that is None becomes not-a-number, which fmax and fmin pass over.
    try:
        lower = np.array([one._lb for one in variables], dtype=float)
        upper = np.array([one._ub for one in variables], dtype=float)
    except TypeError:  # a bound that is an expression
        lower = np.array([one.lb for one in variables], dtype=float)
        upper = np.array([one.ub for one in variables], dtype=float)
    # Few domains are shared by many variables: each is asked once.
    domains = [one.domain for one in variables]
    _, first, kind = np.unique([id(domain) for domain in domains], return_index=True, return_inverse=True)
    limits = np.array([domains[place].bounds() for place in first], dtype=float).reshape(-1, 2)[kind]
    whole = np.array([variables[place].is_integer() for place in first], dtype=bool)[kind]
    lower = np.fmax(np.fmax(lower, limits[:, 0]), -np.inf)
    upper = np.fmin(np.fmin(upper, limits[:, 1]), np.inf)
    for place in np.flatnonzero([one.fixed for one in variables]).tolist():
        lower[place] = upper[place] = pyo.value(variables[place])
    return lower, upper, whole


def _row_parts(component: Any, numbers: _Numbers) -> Iterator[_Part]:
    """Yield the active rows of a component of constraints, run by run."""
    if isinstance(component, ArrayConstraint) and component.untouched:
        yield _copied(component.matrix, None, numbers)
        return
    active = [row for row in component._data.values() if row.active]
    for kind, run in groupby(active, type):
        if kind is Row:
            yield _copied(component.matrix, np.array([row.number for row in run], dtype=np.int64), numbers)
        else:
            yield _walked(list(run), numbers)


def _copied(matrix: Matrix, rows: Any, numbers: _Numbers) -> _Part:
    counts, col, coef, low, high = np.diff(matrix.start), matrix.col, matrix.coef, matrix.lower, matrix.upper
    if rows is not None and not np.array_equal(rows, np.arange(len(counts))):
        counts, low, high = counts[rows], low[rows], high[rows]
        # The entries of these rows: from the start of each row on within the row.
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = np.repeat(matrix.start[rows], counts) + within
        col, coef = col[entries], coef[entries]
    return counts, numbers.of_columns(matrix.columns, col), coef, low, high


def _walked(rows: list[Any], numbers: _Numbers) -> _Part:
    counts, index, value, lows, highs = [], [], [], [], []
    for row in rows:
        low, body, high = row.to_bounded_expression(evaluate_bounds=True)
        constant, variables, coefs = _linear(body, row.name)
        counts.append(len(coefs))
        index.extend(numbers.of(variables))
        value.extend(coefs)
        lows.append(-np.inf if low is None else low - constant)
        highs.append(np.inf if high is None else high - constant)
    return (
        np.array(counts, dtype=np.int64),
        np.array(index, dtype=np.int64),
        np.array(value, dtype=float),
        np.array(lows, dtype=float),
        np.array(highs, dtype=float),
    )


def _linear(expression: Any, name: str) -> tuple[float, Any, Any]:
    """Return constant, variables and coefficients of a linear expression; fixed variables are constants."""
    found = generate_standard_repn(expression, quadratic=False)
    if found.nonlinear_expr is not None:
        raise SolverError(f"{name} is not linear")
    return float(found.constant), found.linear_vars, found.linear_coefs


def _cost(model: pyo.ConcreteModel, numbers: _Numbers) -> tuple[Array, float]:
    """Return the cost of every column and the constant."""
    cost = np.zeros(numbers.count)
    objectives = list(model.component_data_objects(pyo.Objective, active=True, descend_into=True))
    if not objectives:
        return cost, 0.0
    if len(objectives) > 1:
        raise SolverError(f"several objectives are active: {', '.join(one.name for one in objectives)}")
    objective = objectives[0]
    constant = 0.0
    if isinstance(objective, ArrayObjective) and objective.untouched:
        used = np.flatnonzero(objective.cost)
        cost[numbers.of_columns(objective.columns, used)] = objective.cost[used]
    else:
        constant, variables, coefs = _linear(objective.expr, objective.name)
        cost[numbers.of(variables)] = coefs
    sign = 1.0 if objective.is_minimizing() else -1.0
    return sign * cost, sign * constant
