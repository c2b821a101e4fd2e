"""A solver session that is kept for many questions to one small model: only what is asked changes in it.

The physical rows are passed once. Every question replaces the rows after them (targets, limits, wishes), the
costs, and the bounds of the one column that measures distance. When whole decisions are found they are fixed in
the same session, and the linear rest is solved for exact masses and for shadow prices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from models.builder import Family
from models.decided import whole_decisions
from models.formulation import POLICY
from models.formulation_parts import Decisions, Formulation
from models.highs import Arrays, Session, Solution, compile_model
from models.pyomo_model import to_pyomo
from models.wish import LEAST

Array = np.ndarray[Any, np.dtype[np.float64]]
LARGEST = 1e3
"""Largest coefficient of a scaled objective: small towns cost little, and tolerances of the solver are absolute."""
EXACT = 1e-9
"""Relative gap from which a question counts as answered exactly."""

CARRIED = 1e-4
"""Relative gap to which what is left to decide of a plan that is carried out is searched."""


class Kept:
    """One HiGHS session of a small formulation, asked with the formulations that :func:`models.wish.with_wish` makes.

    ``blocks`` are the columns that it was made of: a formulation can be asked if it shares them.
    """

    def __init__(self, form: Formulation, threads: int) -> None:
        """Pass columns and physical rows."""
        physical = {name: family for name, family in form.linear.families.items() if name not in POLICY}
        plain = compile_model(to_pyomo(replace(form.linear, families=physical)))
        self.names = list(physical)
        self.families = physical
        self.columns = len(plain.cost)
        self.rows = len(plain.row_lower)
        self.asked_rows = 0
        self.arrays = Arrays(
            np.append(plain.cost, 0.0),
            np.append(plain.lower, 0.0),
            np.append(plain.upper, 0.0),
            np.append(plain.integer, np.False_),
            plain.row_lower,
            plain.row_upper,
            plain.start,
            plain.index,
            plain.value,
        )
        self.session = Session(self.arrays, threads=threads, mip_abs_gap=0.0)
        self.scale = 1.0
        self.fixed = False

    def fits(self, form: Formulation) -> bool:
        """Tell whether a formulation has the physical rows of this session."""
        own = {name: family for name, family in form.linear.families.items() if name in self.families}
        same = sum(block.size for block in form.linear.blocks.values()) == self.columns
        return same and len(own) == len(self.families) and all(own[name] is self.families[name] for name in own)

    def solve(
        self,
        form: Formulation,
        *,
        gap: float,
        time_limit: float,
        start: Array | Decisions | None = None,
        progress: Callable[[float, float], None] | None = None,
        afresh: bool = False,
    ) -> Solution:
        """Return the best whole decisions for a formulation; objective and bound in its own units.

        The search begins with ``start``. It may use what the session knows from earlier questions, unless it is
        ``afresh``: then the answer hangs on the question and the start alone.
        """
        self._ask(form)
        self._release()
        if afresh:
            _done(self.session.highs.clearSolver(), "to forget")
        self.session.set(mip_rel_gap=gap if gap > EXACT else 0.0, time_limit=float(max(time_limit, 0.1)))
        if isinstance(start, Decisions):
            begin_with(self.session, form, start)
        elif start is not None and len(start):
            self._start_from(start)
        scale = self.scale
        told = None if progress is None else lambda objective, bound: progress(objective / scale, bound / scale)
        return self._answer(self.session.run(told))

    def settle(self, form: Formulation, values: Array, cost_of: Array | None = None) -> Solution:
        """Return the linear rest with the whole decisions of ``values`` fixed: exact masses, and duals of all rows.

        ``form`` has rows and costs as in :meth:`solve`.
        """
        self._ask(form)
        fixed = values.copy()
        for name in ("x", "on", "w", "d", "g", "p"):
            if name in form.linear.blocks:
                block = form.block(name)
                part = slice(block.start, block.start + block.size)
                fixed[part] = np.where(block.integer, np.round(values[part]), np.maximum(values[part], 0.0))
        held = np.concatenate(
            [form.block(name).columns for name in ("x", "u", "on", "w", "d", "g", "p") if name in form.linear.blocks]
        )
        self.session.bounds(held, fixed[held], fixed[held])
        whole = np.flatnonzero(self.arrays.integer)
        self.session.relax(whole)
        self.session.set(time_limit=1e7)
        self.fixed = True
        # From nothing, so that decisions give the same masses whatever was asked before.
        self.session.highs.clearSolver()
        return self._answer(self.session.run())

    def relaxed(self, form: Formulation, *, time_limit: float, basis: Any = None) -> tuple[Solution, Any]:
        """Return the linear relaxation of a formulation and its basis; the solver begins with ``basis`` if it fits."""
        self._ask(form)
        self._release()
        highs = self.session.highs
        whole = np.flatnonzero(self.arrays.integer)
        if len(whole):
            self.session.relax(whole)
            self.fixed = True
        _done(highs.clearSolver(), "to forget")
        if basis is not None and len(basis.row_status) == self.rows + self.asked_rows:
            _done(highs.setBasis(basis), "a basis")
        self.session.set(time_limit=float(max(time_limit, 0.1)))
        solution = self.session.resolve()
        return self._answer(solution), highs.getBasis() if solution.status == "optimal" else None

    def carry_out(self, form: Formulation, decisions: Decisions) -> tuple[Solution, Array]:
        """Return the cheapest way to carry out decisions, and what they say of the columns (of others 0).

        What else is whole (where a pile goes, say) is decided anew, so the answer hangs on ``decisions`` alone.
        """
        self._ask(form)
        self._release()
        fixed = whole_decisions(form, decisions, np.zeros(form.linear.columns))
        held = np.concatenate([form.block(name).columns for name in ("x", "u", "on")])
        self.session.bounds(held, fixed[held], fixed[held])
        decided = np.concatenate([form.block(name).columns for name in ("x", "on")])
        self.session.relax(decided[self.arrays.integer[decided]])
        self.fixed = True
        _done(self.session.highs.clearSolver(), "to forget")
        self.session.set(time_limit=1e7, mip_rel_gap=CARRIED)
        return self._answer(self.session.resolve()), fixed

    def _answer(self, solution: Solution) -> Solution:
        """Return a solution without the column of distance, in the units of the formulation."""
        return replace(
            solution,
            values=solution.values[: self.columns],
            objective=solution.objective / self.scale,
            bound=solution.bound / self.scale,
            row_duals=solution.row_duals / self.scale,
        )

    def _ask(self, form: Formulation) -> None:
        """Put rows, costs and bounds of a formulation into the session."""
        highs = self.session.highs
        if self.asked_rows:
            index = np.arange(self.rows, self.rows + self.asked_rows, dtype=np.int32)
            _done(highs.deleteRows(len(index), index), "the rows to go")
        added = [family for name, family in form.linear.families.items() if name not in self.families]
        lower, upper, starts, index, value = _compiled(added)
        self.asked_rows = len(lower)
        if len(lower):
            _done(highs.addRows(len(lower), lower, upper, len(value), starts, index, value), "the rows asked for")
        cost = np.concatenate([block.cost for block in form.linear.blocks.values()])
        cost = np.append(cost, np.zeros(self.columns + 1 - len(cost)))
        self.scale = LARGEST / max(float(np.abs(cost).max()), 1e-12) if np.abs(cost).max() > 0 else 1.0
        every = np.arange(self.columns + 1, dtype=np.int32)
        _done(highs.changeColsCost(len(every), every, cost * self.scale), "the costs")
        free = np.inf if LEAST in form.linear.blocks else 0.0
        self.session.bounds(np.array([self.columns]), np.array([-free]), np.array([free]))

    def _release(self) -> None:
        """Let decisions be free and whole again."""
        if not self.fixed:
            return
        self.session.bounds(np.arange(self.columns), self.arrays.lower[:-1], self.arrays.upper[:-1])
        whole = np.flatnonzero(self.arrays.integer).astype(np.int32)
        kinds = np.ones(len(whole), dtype=np.uint8)
        _done(self.session.highs.changeColsIntegrality(len(whole), whole, kinds), "integrality")
        self.fixed = False

    def _start_from(self, values: Array) -> None:
        start = highspy.HighsSolution()
        start.col_value = [*values[: self.columns].tolist(), 0.0]
        self.session.highs.setSolution(start)


def begin_with(session: Session, form: Formulation, decisions: Decisions) -> None:
    """Give a session the decisions of a known plan to begin with; the solver completes them."""
    x, on = form.block("x"), form.block("on")
    share = x.keys.merge(decisions.schemes, on=list(x.keys.columns), how="left")["share"].fillna(0.0)
    steps = on.keys.merge(decisions.steps, on=list(on.keys.columns), how="left")["on"].fillna(0.0)
    columns = np.concatenate([x.columns, on.columns]).astype(np.int32)
    values = np.concatenate([share.to_numpy(), steps.to_numpy()]).astype(float)
    session.highs.setSolution(len(columns), columns, values)


def _done(status: Any, what: str) -> None:
    from models.highs import SolverError

    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused: {what}")


def _compiled(families: list[Family]) -> tuple[Array, Array, Any, Any, Array]:
    """Return the rows of families one after another: lower, upper, start, index, value."""
    lower, upper, starts, index, value = [], [], [], [], []
    begun = 0
    for family in families:
        order = np.argsort(family.row, kind="stable")
        count = np.bincount(family.row, minlength=len(family.keys))
        starts.append(begun + np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else np.zeros(0))
        lower.append(family.lower)
        upper.append(family.upper)
        index.append(family.col[order])
        value.append(family.coef[order])
        begun += len(order)
    if not families:
        empty = np.zeros(0)
        return empty, empty, empty.astype(np.int32), empty.astype(np.int32), empty
    return (
        np.concatenate(lower).astype(float),
        np.concatenate(upper).astype(float),
        np.concatenate(starts).astype(np.int32),
        np.concatenate(index).astype(np.int32),
        np.concatenate(value).astype(float),
    )
