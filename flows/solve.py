"""Solving a flow system: every flow, layer and year that what is given determines, and what the others lack.

Given values, balances, transfer coefficients, ratios and lifetimes of stocks are the equations of a
sparse linear system; any flow may be the given one. Where all sources are given and all coefficients
close, material is followed through the network instead (:mod:`flows.throughput`). What is not determined
is reported with the flows that would determine it. Every result is checked: each process balances in
each layer and year.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.ageing_stocks import AgeingStocks
from flows.determine import Contradiction, Determined, determine
from flows.facts import Facts, SolveError
from flows.network import BALANCE_TOLERANCE, LoopError, Network, NetworkError
from flows.problems import Problem, number_text
from flows.solve_texts import contradiction_text, determined_by
from flows.system import System
from flows.throughput import trapped
from flows.year_equations import RATIO, SHARE, YearEquations, known_values, year_equations

__all__ = ["Solution", "SolveError", "solve"]

Floats = NDArray[np.float64]

FLOW_COLUMNS = ["flow", "from", "to", "layer", "year", "value", "status"]
STOCK_COLUMNS = ["process", "layer", "year", "stock", "inflow", "outflow", "addition"]
UNDETERMINED_COLUMNS = ["flow", "layer", "year", "determined_by", "together", "part", "missing"]


@dataclass(frozen=True, repr=False)
class Solution:
    """A solved system.

    ``flows``: flow, from, to, layer, year, value (NaN where undetermined), status (given, computed,
    undetermined), in the unit of the layer. ``stocks``: process, layer, year, stock (at the end of the
    year; NaN where no initial stock is known), and per year inflow, outflow and addition.
    ``undetermined``: flow, layer, year; ``determined_by`` the flows of which any one, if it were known,
    would determine it (all of them ``together`` where that is true; blank where no other flow would, or
    where thousands of values are missing); ``part`` numbers what hangs together within a year and
    ``missing`` is how many values that part lacks. ``problems`` says what is odd, in words.
    """

    flows: pd.DataFrame
    stocks: pd.DataFrame
    undetermined: pd.DataFrame
    network: Network
    problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        return f"<Solution: {len(self.flows)} flows, layers and years, {len(self.undetermined)} undetermined>"

    def _repr_html_(self) -> str:
        """Show the size of the solution, its problems and the tables, for a notebook."""
        lacking = len(self.undetermined)
        head = f"<p>{len(self.flows)} flows, layers and years; {lacking} of them undetermined</p>"
        notes = "".join(f"<p>{html.escape(problem.line())}</p>" for problem in self.problems)
        tables: list[Any] = [self.flows, self.stocks, self.undetermined]
        return head + notes + "".join(str(one.to_html(max_rows=20, index=False)) for one in tables if len(one))


def solve(system: System) -> Solution:
    """Solve a system as far as it is determined.

    Raises :class:`SolveError` for given values that contradict each other and for tables that do not fit
    together, :class:`flows.coefficients.ClosureError` for transfer coefficients that do not close,
    :class:`flows.network.LoopError` for a loop that nothing leaves; all name process, layer and year.

    >>> system = System.from_tables(
    ...     processes=[{"process": "sorting"}, {"process": "recycler"}],
    ...     flows=[
    ...         {"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting", "to": "recycler"},
    ...         {"flow": "rejects", "from": "sorting"}, {"flow": "back", "from": "recycler", "to": "sorting"},
    ...         {"flow": "product", "from": "recycler"},
    ...     ],
    ...     transfer_coefficients=[
    ...         {"process": "sorting", "flow": "bales", "value": 0.5},
    ...         {"process": "recycler", "flow": "back", "value": 0.2},
    ...     ],
    ...     measurements=[{"flow": "product", "value": 40}],
    ... )
    >>> solve(system).flows.set_index("flow")["value"].round(6).to_dict()
    {'waste': 90.0, 'bales': 50.0, 'rejects': 50.0, 'back': 10.0, 'product': 40.0}
    """
    facts = Facts.of(system)
    names = system["flows"].reindex(columns=["flow", "from", "to", "name"])
    empty = np.zeros((len(facts.flows), len(facts.layers), len(facts.years)))
    network = Network(system["processes"][["process", "kind"]], names, facts.layers, facts.years, empty)
    stocks = AgeingStocks(system, facts)
    followed = _followed(network, facts)
    if followed is not None:
        solved, addition = followed, _totals(followed, facts)[0]
        undetermined = pd.DataFrame(columns=UNDETERMINED_COLUMNS)
    else:
        solved, addition, undetermined = _by_equations(network, facts, stocks)
    solved.check_balance(BALANCE_TOLERANCE, required=True, floor=0.0, unknown="skip")
    flows = _flow_table(solved, facts)
    return Solution(
        flows,
        _stock_table(solved, facts, stocks, addition),
        undetermined,
        solved,
        tuple(_negative(flows, system)),
    )


def _followed(network: Network, facts: Facts) -> Network | None:
    """Return the network with material followed from its sources; ``None`` if that is not possible.

    It is not where a circuit is closed in itself: what goes round there does not come from a source.
    """
    supply = _supply(facts)
    if supply is None:
        return None
    try:
        return network.with_shares(supply, np.nan_to_num(facts.shares))
    except LoopError:
        return None


def _supply(facts: Facts) -> Floats | None:
    """Return the flows from outside if they and the coefficients are all there is to know, else ``None``."""
    free = facts.free
    leaving_stock = (facts.start >= 0) & (facts.kind[facts.start] != "process") & ~free
    if leaving_stock.any() or not np.isnan(facts.additions).all() or not np.isnan(facts.given[~free]).all():
        return None
    if np.isnan(facts.shares[~free]).any() or (facts.kind[facts.start[~free]] == "source").any():
        return None
    never_left = (facts.kind == "process") & ~np.isin(np.arange(len(facts.kind)), facts.start)
    if never_left.any():
        return None
    supply, ratios = facts.given.copy(), facts.ratios
    waiting = ~np.isnan(ratios.value)
    while waiting.any():
        left = supply[ratios.left, ratios.left_layer]
        right = supply[ratios.right, ratios.right_layer]
        ready = waiting & np.isnan(left) & ~np.isnan(right) & free[ratios.left][:, None]
        ratio, year = np.nonzero(ready)
        left_cell = np.column_stack([ratios.left[ratio], ratios.left_layer[ratio], year])
        if not len(ratio) or len(np.unique(left_cell, axis=0)) < len(ratio):
            return None
        supply[tuple(left_cell.T)] = ratios.value[ready] * right[ready]
        waiting &= ~ready
    return None if np.isnan(supply[free]).any() else np.where(free[:, None, None], supply, 0.0)


def _by_equations(network: Network, facts: Facts, stocks: AgeingStocks) -> tuple[Network, Floats, pd.DataFrame]:
    """Return network, additions to stocks and what is undetermined, from the equations of each year."""
    shape = (len(facts.layers), -1)
    flows, processes = len(facts.flows), len(facts.processes)
    mass = np.full((flows, len(facts.layers), len(facts.years)), np.nan)
    addition = np.full((processes, len(facts.layers), len(facts.years)), np.nan)
    lacking = []
    for position in range(len(facts.years)):
        equations = year_equations(facts, position, *stocks.year())
        found = determine(equations.matrix, equations.right, known_values(facts, position))
        if found.contradictions:
            raise _contradicted(found, equations, facts, position)
        values = found.value.reshape(shape)
        mass[:, :, position] = values[:, :flows].T
        addition[:, :, position] = values[:, flows + 2 * processes :].T
        stocks.advance(values[:, flows : flows + processes].T)
        lacking.append(determined_by(found, facts, equations.width, position))
    table = pd.concat([one for one in lacking if len(one)] or [lacking[0]], ignore_index=True)
    return replace(network, mass=mass), addition, table[UNDETERMINED_COLUMNS]


def _contradicted(found: Determined, equations: YearEquations, facts: Facts, year: int) -> NetworkError:
    """Return the error that says which given values do not fit together."""
    worst: Contradiction = found.contradictions[0]
    more = len(found.contradictions) - 1
    text = contradiction_text(worst, found.value, equations, facts, year)
    loop = _loop(facts, equations, worst.equation, year)
    if len(loop):
        layer = facts.layers[int(equations.layer[worst.equation])]
        return LoopError(list(loop), layer, facts.years[year])
    return SolveError(
        f"{text}; what is given is more than needed and does not fit together: values that were measured "
        "are made consistent by `mfa reconcile`" + (f" ({more} more equations do not hold)" if more else "")
    )


def _loop(facts: Facts, equations: YearEquations, equation: int, year: int) -> list[str]:
    """Return the processes of a loop without exit that an equation belongs to, if there is one."""
    what, subject = int(equations.what[equation]), int(equations.subject[equation])
    if what == RATIO:
        return []
    own = [facts.start[subject], facts.end[subject]] if what == SHARE else [subject]
    share = np.nan_to_num(facts.shares[:, int(equations.layer[equation]), year, None])
    start = np.where(facts.kind[facts.start] == "process", facts.start, -1)
    found = trapped(np.where(facts.start >= 0, start, -1), facts.end, share, len(facts.processes))
    if found is None or not np.isin(own, found.processes).any():
        return []
    return [str(facts.processes[one]) for one in found.processes]


def _totals(network: Network, facts: Facts) -> tuple[Floats, Floats, Floats]:
    """Return inflow less outflow, inflow and outflow: (process, layer, year)."""
    shape = (len(facts.processes), len(facts.layers), len(facts.years))
    flat = network.mass.reshape(len(facts.flows), -1)
    enters, leaves = (np.asarray(matrix @ flat).reshape(shape) for matrix in network.incidence)
    return enters - leaves, enters, leaves


def _flow_table(network: Network, facts: Facts) -> pd.DataFrame:
    """Return a row for every flow, layer and year."""
    shape = network.mass.shape
    status = np.where(np.isnan(network.mass), "undetermined", np.where(np.isnan(facts.given), "computed", "given"))
    flow, layer, year = (index.ravel() for index in np.indices(shape, dtype=np.int32))
    columns = {name: network.flows[name].to_numpy()[flow] for name in ("flow", "from", "to")}
    return pd.DataFrame(
        {
            **columns,
            "layer": np.asarray(facts.layers, dtype=object)[layer],
            "year": np.asarray(facts.years, dtype=int)[year],
            "value": network.mass.ravel(),
            "status": status.ravel(),
        },
        columns=FLOW_COLUMNS,
    )


def _stock_table(network: Network, facts: Facts, stocks: AgeingStocks, addition: Floats) -> pd.DataFrame:
    """Return a row for every stock, layer and year; the stock is that at the end of the year."""
    chosen = np.flatnonzero(facts.kind == "stock")
    _, inflow, outflow = _totals(network, facts)
    lengths = np.diff(np.array(facts.years), prepend=facts.years[0] - 1)
    counted = np.array(facts.years) >= stocks.initial_year[chosen][:, :, None]
    grown = np.cumsum(np.where(counted, addition[chosen] * lengths, 0.0), axis=2)
    level = np.where(counted, stocks.initial[chosen][:, :, None] + grown, np.nan)
    process, layer, year = (index.ravel() for index in np.indices(level.shape))
    return pd.DataFrame(
        {
            "process": facts.processes.to_numpy()[chosen][process],
            "layer": np.asarray(facts.layers, dtype=object)[layer],
            "year": np.asarray(facts.years, dtype=int)[year],
            "stock": level.ravel(),
            "inflow": inflow[chosen].ravel(),
            "outflow": outflow[chosen].ravel(),
            "addition": addition[chosen].ravel(),
        },
        columns=STOCK_COLUMNS,
    )


def _negative(flows: pd.DataFrame, system: System) -> list[Problem]:
    """Return a problem for every flow that runs backwards and may not."""
    forward = np.repeat(
        ~system["flows"]["may_be_negative"].to_numpy(dtype=bool), len(flows) // max(len(system["flows"]), 1)
    )
    largest = flows["value"].abs().groupby(flows["layer"]).transform("max").fillna(0.0)
    backwards = flows[forward & (flows["value"] < -BALANCE_TOLERANCE * largest)]
    return [
        Problem(
            "result_negative",
            found=number_text(row.value),
            place=f"{row.flow}, {row.layer}, {row.year}",
            severity="warning",
        )
        for row in backwards.itertuples()
    ]
