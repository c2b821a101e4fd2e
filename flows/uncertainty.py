"""How sure the flows of a system are: error propagation to first order, and Monte Carlo.

Both work on any system that :func:`flows.solve.solve` solves, or :func:`flows.reconcile.reconcile` reconciles. Draws
are made side by side: they are layers of one large system, solved at once (``flows.system_inputs``). Propagation
to first order takes the Jacobian of the solution at the mean of the inputs, by central differences of a thousandth
of each standard deviation (Taylor 1997, An Introduction to Error Analysis; Cencic & Rechberger 2008 for material
flows). Monte Carlo draws a Latin hypercube, seeded; coefficients close and mass is conserved in every draw.

>>> from flows.system import System
>>> system = System.from_tables(
...     processes=[{"process": "sorting"}],
...     flows=[{"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting"},
...            {"flow": "rejects", "from": "sorting"}],
...     transfer_coefficients=[{"process": "sorting", "flow": "bales", "value": 0.6, "std": 0.03}],
...     measurements=[{"flow": "waste", "value": 100, "std": 4}],
... )
>>> propagate(system).flows.set_index("flow")["std"].round(2).to_dict()
{'waste': 4.0, 'bales': 3.84, 'rejects': 3.4}
>>> found = monte_carlo(system, draws=1000)
>>> found.flows.set_index("flow")["std"].round().to_dict()
{'waste': 4.0, 'bales': 4.0, 'rejects': 3.0}
>>> found.drivers_of("rejects")["input"].tolist()
['sorting > bales', 'waste']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr

from flows.distributions import SUMMARY_COLUMNS, Z90, Floats, latin_hypercube, scores, summary
from flows.equations import ADDITION, FLOW, build
from flows.least_squares import Estimates, fit
from flows.reconcile import reconcile as reconciled
from flows.sensitivity import Influence, influence, ranking
from flows.solve import solve
from flows.starting_point import starting_point
from flows.system import System
from flows.system_inputs import SystemInputs, UncertaintyError, system_inputs

__all__ = ["SystemUncertainty", "UncertaintyError", "monte_carlo", "propagate"]

FLOW_COLUMNS = ["flow", "layer", "year", "value", "status", *SUMMARY_COLUMNS]
STOCK_COLUMNS = ["process", "layer", "year", "value", *SUMMARY_COLUMNS]
CELLS_AT_A_TIME = 1_000_000
MOST_AT_A_TIME = 1024
STEP = 1e-3
"""Part of a standard deviation by which inputs are moved to either side for the Jacobian."""


@dataclass(frozen=True, repr=False)
class SystemUncertainty:
    """Flows and stocks of a system with their uncertainty.

    ``flows``: flow, layer, year, value (of the system as it is given), status, mean, std, median, p5, p95, in the unit
    of the layer; NaN where a flow is not determined. ``stocks``: the same of the stock at the end of each year.
    ``inputs``: what is uncertain. ``method`` is ``first_order`` or ``monte_carlo``.
    """

    flows: pd.DataFrame
    stocks: pd.DataFrame
    inputs: pd.DataFrame
    method: Literal["first_order", "monte_carlo"]
    draws: int
    _inputs: Floats = field(repr=False)
    _answers: Floats = field(repr=False)

    def draws_of(self, flow: str, layer: str | None = None, year: int | None = None) -> Floats:
        """Return a flow in every draw; raises ``KeyError`` if there is none, or if it was propagated to first order."""
        if self.method != "monte_carlo":
            raise KeyError("errors were propagated to first order: there are no draws")
        return np.asarray(self._answers[self._row(flow, layer, year)])

    def drivers_of(
        self, flow: str, layer: str | None = None, year: int | None = None, by: str | None = None
    ) -> pd.DataFrame:
        """Return which inputs a flow hangs on, the most important first.

        Columns: rank, those of ``inputs``, ``share`` of the variance, rank ``correlation`` (Monte Carlo), ``effect``: what
        one standard deviation more adds to the flow. With ``by`` ('group' or 'table') shares are added up. A
        layer or year need not be named where there is only one. Correlated inputs share what they explain together.
        """
        row = self._row(flow, layer, year)
        if self.method == "monte_carlo":
            return ranking(influence(self._inputs, self._answers[row : row + 1]), self.inputs, by=by)
        # Effects of correlated inputs on what is independent behind them, shared out in proportion.
        effect = self._answers[row]
        variance = float(np.sum((self._inputs.T @ effect) ** 2))
        own = effect * (self._inputs @ (self._inputs.T @ effect))
        share = own / variance if variance > 0 else np.zeros_like(own)
        blank = np.full((len(effect), 1), np.nan)
        found = Influence(share[:, None], blank, effect[:, None], np.ones(1))
        return ranking(found, self.inputs, by=by)

    def _row(self, flow: str, layer: str | None, year: int | None) -> int:
        chosen = self.flows["flow"] == flow
        if layer is not None:
            chosen &= self.flows["layer"] == layer
        if year is not None:
            chosen &= self.flows["year"] == year
        rows = np.flatnonzero(chosen)
        if len(rows) != 1:
            named = ", ".join(str(one) for one in (flow, layer, year) if one is not None)
            raise KeyError(f"no flow {named}" if not len(rows) else f"{named} has several layers or years: name one")
        return int(rows[0])

    def __repr__(self) -> str:
        return f"<SystemUncertainty: {len(self.flows)} flows, layers and years, {len(self.inputs)} uncertain inputs>"

    def _repr_html_(self) -> str:
        """Return the flows as a table."""
        return str(self.flows.to_html(index=False, max_rows=60, float_format="{:.4g}".format))


@dataclass(frozen=True)
class _Keys:
    """Flows and stocks in the order of the rows of results, with their value in the system as it is given."""

    flows: pd.DataFrame
    stocks: pd.DataFrame


def propagate(system: System) -> SystemUncertainty:
    """Return flows with standard deviations propagated to first order; percentiles are those of a normal.

    The Jacobian is taken at the mean of each input (for a triangular one that is not its mode). Raises
    :class:`UncertaintyError` for inputs that cannot be, and what :func:`flows.solve.solve` raises.
    """
    inputs = system_inputs(system)
    keys = _keys(system)
    mean, std = inputs.moments()
    count = len(mean)
    steps = np.concatenate([np.zeros((count, 1)), STEP * np.eye(count), -STEP * np.eye(count)], axis=1)
    values = mean[:, None] + std[:, None] * steps
    answers = np.concatenate([_solved(part, keys) for part in _parts(inputs, values)], axis=1)
    effect = (answers[:, 1 : count + 1] - answers[:, count + 1 :]) / (2 * STEP)
    mixing = np.eye(count) if inputs.mixing is None else inputs.mixing
    deviation = np.sqrt(np.sum((effect @ mixing) ** 2, axis=1))
    middle = answers[:, 0]
    table = pd.DataFrame(
        {
            "mean": middle,
            "std": deviation,
            "median": middle,
            "p5": middle - Z90 * deviation,
            "p95": middle + Z90 * deviation,
        }
    )
    return _result(keys, table, inputs, "first_order", 0, mixing, effect)


def monte_carlo(
    system: System, draws: int | None = None, seed: int | None = None, reconcile: bool = False
) -> SystemUncertainty:
    """Return flows in many draws of the uncertain inputs.

    ``draws`` and ``seed`` are those of the settings if they are not given (a thousand draws if the settings say none).
    Drawn flows that may not be negative are at least zero. With ``reconcile`` every draw of the measurements is
    reconciled, so that systems with more measurements than needed can be drawn; otherwise it is solved. Raises
    :class:`UncertaintyError` for inputs that cannot be, and what solving or reconciling raises.
    """
    draws = int(system.settings["draws"]) or 1000 if draws is None else int(draws)
    seed = int(system.settings["seed"]) if seed is None else int(seed)
    if draws < 1:
        raise UncertaintyError(f"at least one draw is needed, not {draws}")
    inputs = system_inputs(system)
    keys = _reconciled_keys(system) if reconcile else _keys(system)
    uniforms = latin_hypercube(len(inputs.table), draws, seed)
    normals = scores(uniforms)
    if inputs.mixing is not None:
        normals = inputs.mixing @ normals
        uniforms = _ranks(normals)
    values = inputs.drawn(uniforms)
    taken = _reconciled if reconcile else _solved
    answers = np.concatenate([taken(part, keys) for part in _parts(inputs, values)], axis=1)
    return _result(keys, _summary(answers), inputs, "monte_carlo", draws, normals, answers)


def _ranks(normals: Floats) -> Floats:
    return np.clip(np.asarray(ndtr(normals), dtype=np.float64), 1e-15, 1 - 1e-15)


def _summary(answers: Floats) -> pd.DataFrame:
    """Return the summary of draws; a flow that is not determined in every draw is NaN."""
    known = ~np.isnan(answers).any(axis=1)
    table = pd.DataFrame(np.nan, index=range(len(answers)), columns=SUMMARY_COLUMNS)
    if known.any():
        table.loc[known, SUMMARY_COLUMNS] = summary(answers[known])[SUMMARY_COLUMNS].to_numpy()
    return table


def _keys(system: System) -> _Keys:
    solution = solve(system)
    return _Keys(
        solution.flows[["flow", "layer", "year", "value", "status"]],
        solution.stocks[["process", "layer", "year", "stock"]].rename(columns={"stock": "value"}),
    )


def _reconciled_keys(system: System) -> _Keys:
    found = reconciled(system, deviations="none", suspects=0, intervals=False).flows
    found = found.rename(columns={"reconciled": "value"})
    return _Keys(found[["flow", "layer", "year", "value", "status"]], pd.DataFrame(columns=STOCK_COLUMNS[:4]))


@dataclass(frozen=True)
class _Part:
    """Some draws as one system, and how many they are."""

    system: System
    draws: int


def _parts(inputs: SystemInputs, values: Floats) -> Iterator[_Part]:
    """Yield draws as systems, as many at a time as fit."""
    system = inputs.system
    cells = max(len(system["flows"]) * len(system.layers) * len(system.years), 1)
    at_a_time = int(np.clip(CELLS_AT_A_TIME // cells, 1, MOST_AT_A_TIME))
    for begin in range(0, values.shape[1], at_a_time):
        part = values[:, begin : begin + at_a_time]
        yield _Part(inputs.systems(part), part.shape[1])


def _solved(part: _Part, keys: _Keys) -> Floats:
    """Return flows, then stocks (rows of ``keys``, draws)."""
    solution = solve(part.system)
    return np.vstack(
        [
            _by_draw(solution.flows["value"], len(keys.flows), part.draws, keys.flows),
            _by_draw(solution.stocks["stock"], len(keys.stocks), part.draws, keys.stocks),
        ]
    )


def _reconciled(part: _Part, keys: _Keys) -> Floats:
    equations = build(part.system)
    known = equations.known
    start = starting_point(equations)
    estimates = Estimates(known.value, known.std, start, known.lower, known.upper, equations.correlations)
    found = fit(estimates, equations.relations, deviations="none")
    values = pd.Series(found.value[np.isin(equations.kind, [FLOW, ADDITION])])
    return _by_draw(values, len(keys.flows), part.draws, keys.flows)


def _by_draw(values: pd.Series, rows: int, draws: int, keys: pd.DataFrame) -> Floats:
    """Return values of a system of draws, its rows ordered by item, draw, layer, year, as (rows, draws)."""
    if not rows:
        return np.zeros((0, draws))
    layers, years = keys["layer"].nunique(), keys["year"].nunique()
    shaped = values.to_numpy(dtype=float).reshape(-1, draws, layers, years)
    return np.asarray(np.moveaxis(shaped, 1, -1).reshape(rows, draws))


def _result(
    keys: _Keys,
    table: pd.DataFrame,
    inputs: SystemInputs,
    method: Literal["first_order", "monte_carlo"],
    draws: int,
    given: Floats,
    answers: Floats,
) -> SystemUncertainty:
    count = len(keys.flows)
    flows = pd.concat([keys.flows.reset_index(drop=True), table.iloc[:count].reset_index(drop=True)], axis=1)
    stocks = pd.concat([keys.stocks.reset_index(drop=True), table.iloc[count:].reset_index(drop=True)], axis=1)
    return SystemUncertainty(
        flows[FLOW_COLUMNS], stocks[STOCK_COLUMNS], inputs.table, method, draws, given, answers[:count]
    )
