"""Reconciliation of a flow system: measured flows made consistent, checked, and what is wrong named.

:func:`reconcile` takes a :class:`flows.system.System` and returns tables: every flow with its measured and
reconciled value, uncertainty and kind, coefficients and ratios likewise, balances with the nodal test,
suspects by serial elimination.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from flows.bounds import BoundsError
from flows.checks_system import check_system
from flows.classify import EXACT, OBSERVABLE, STATUS, UNOBSERVABLE
from flows.covariance import CovarianceError
from flows.elimination import Integers
from flows.equation_values import Cells
from flows.equations import ADDITION, FLOW, KINDS, THROUGHPUT, Equations, build
from flows.gross_errors import Removal, serial_elimination
from flows.intervals import possible_values
from flows.least_squares import DivergenceError, Estimates, Fit, fit
from flows.linear_fit import Contradiction, ContradictionError
from flows.problems import InputError, Problem, errors_of, number_text
from flows.starting_point import starting_point
from flows.system import System

FLOW_COLUMNS = [
    "flow", "layer", "year", "measured", "std", "reconciled", "reconciled_std", "status", "z", "at_bound",
    "lower_possible", "upper_possible",
]  # fmt: skip
COEFFICIENT_COLUMNS = ["process", *FLOW_COLUMNS]
RELATION_COLUMNS = ["flow", "layer", "of_flow", "of_layer", *FLOW_COLUMNS[2:]]
BALANCE_COLUMNS = ["process", "layer", "year", "imbalance", "z", "together_with"]
SUSPECT_COLUMNS = [
    "rank", "flow", "layer", "year", "kind", "measured", "z", "not_told_from", "chi2", "dof", "p_value",
    "implied", "implied_std", "moves_most", "moves_by",
]  # fmt: skip
NAMED = 6


@dataclass(frozen=True, repr=False)
class Reconciliation:
    """What :func:`reconcile` found, as tables.

    ``flows``: flow (a process where it is the addition to a stock), layer, year, measured, std, reconciled,
    reconciled_std, status, z (measurement test), at_bound, lower_possible and upper_possible (where the
    equations leave an unmeasured flow open). ``coefficients`` and ``relations`` likewise. ``balances``:
    process, layer, year, imbalance of the measured values, z (nodal test), together_with (processes whose
    balance is tested in the same sum, because what runs between them is not measured). ``suspects``: by
    serial elimination, with chi2 and p_value without it, and the value that the rest implies. ``chi2``,
    ``dof`` and ``p_value`` are the global test; ``problems`` what is worth knowing of the input.
    """

    flows: pd.DataFrame
    coefficients: pd.DataFrame
    relations: pd.DataFrame
    balances: pd.DataFrame
    suspects: pd.DataFrame
    chi2: float
    dof: int
    p_value: float
    significance: float
    problems: tuple[Problem, ...]
    fit: Fit
    equations: Equations

    @property
    def accepted(self) -> bool:
        """Whether the global test finds the measurements consistent with the equations."""
        return not self.dof or self.p_value >= self.significance

    def __repr__(self) -> str:
        return (
            f"<Reconciliation: {len(self.flows)} flows, layers and years; chi2 {self.chi2:.4g} with {self.dof} degrees "
            f"of freedom, p {self.p_value:.3g}; {len(self.suspects)} suspects>"
        )

    def _repr_html_(self) -> str:
        verdict = "consistent" if self.accepted else "not consistent: see suspects"
        head = (
            f"<p><b>{escape(str(self.equations.system.settings['title']))}</b>: chi-square {self.chi2:.4g} with "
            f"{self.dof} degrees of freedom, p = {self.p_value:.3g}; {verdict}</p>"
        )
        notes = "".join(f"<li>{escape(problem.line())}</li>" for problem in self.problems[:10])
        suspects = self.suspects.to_html(index=False) if len(self.suspects) else ""
        return f"{head}{self.flows.to_html(index=False, max_rows=40)}{suspects}<ul>{notes}</ul>"


def reconcile(
    system: System,
    *,
    deviations: Literal["none", "all"] | Sequence[str] = "all",
    suspects: int = 10,
    intervals: bool = True,
) -> Reconciliation:
    """Make the measured flows of a system consistent with its balances, coefficients and ratios.

    ``deviations``: of which flows standard deviations and measurement tests are computed. At most
    ``suspects`` measurements are taken out in serial elimination (which needs ``deviations`` 'all').
    ``intervals``: whether to compute what open flows can be between. Raises :class:`InputError` where the
    system has errors, or exact values, bounds and equations contradict each other.

    >>> system = System.from_tables(
    ...     processes=[{"process": "sorting"}],
    ...     flows=[{"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting"},
    ...            {"flow": "rejects", "from": "sorting"}],
    ...     measurements=[{"flow": "waste", "value": 100, "std": 4}, {"flow": "bales", "value": 60, "std": 2},
    ...                   {"flow": "rejects", "value": 45, "std": 2}],
    ... )
    >>> found = reconcile(system)
    >>> found.flows[["flow", "reconciled", "reconciled_std"]].round(2).values.tolist()
    [['waste', 103.33, 2.31], ['bales', 59.17, 1.83], ['rejects', 44.17, 1.83]]
    >>> round(found.chi2, 3), found.dof
    (1.042, 1)
    """
    problems = check_system(system)
    if errors_of(problems):
        raise InputError(problems)
    equations = build(system)
    known = equations.known
    estimates = Estimates(
        known.value, known.std, None, known.lower, known.upper, equations.correlations, starting_point(equations)
    )
    asked = _asked(equations, deviations)
    try:
        found = fit(estimates, equations.relations, deviations=asked)
    except (ContradictionError, BoundsError, CovarianceError, DivergenceError) as error:
        raise InputError([*problems, *explained(error, equations)]) from error
    if not found.dof:
        problems.append(Problem("reconcile_nothing", severity="warning"))
    significance = float(system.settings["significance"])
    removals = (
        serial_elimination(estimates, equations.relations, found, significance=significance, most=suspects)
        if deviations == "all" and suspects
        else []
    )
    low, high = possible_values(equations, found) if intervals else _nothing(len(found.value))
    table = _variables(equations, found, low, high)
    return Reconciliation(
        _flows(equations, table),
        _coefficients(equations, table, found),
        _relations(equations, table),
        _balances(equations, found),
        _suspects(equations, removals),
        found.chi2,
        found.dof,
        found.p_value,
        significance,
        tuple(problems),
        found,
        equations,
    )


def explained(error: ValueError, equations: Equations) -> list[Problem]:
    """Return what a failure of the numeric core means, in the names of the system."""
    if isinstance(error, ContradictionError):
        return [_contradiction(equations, one) for one in error.contradictions[:10]]
    if isinstance(error, BoundsError) and len(error.variables):
        return [
            Problem(
                "reconcile_bounds",
                place=_listed([equations.name(one) for one in error.variables]),
                expected=_listed([equations.equation_name(row) for row in error.equations]),
            )
        ]
    if isinstance(error, CovarianceError):
        return [
            Problem(
                "reconcile_correlations",
                "correlations",
                place=_listed([equations.name(one) for one in error.variables]),
            )
        ]
    return [Problem("reconcile_diverged", found=str(error))]


def _contradiction(equations: Equations, one: Contradiction) -> Problem:
    """Return a contradiction in words: which equations, which exact values, and by how much."""
    place, found = _listed([equations.equation_name(row) for row in one.equations]), number_text(abs(one.off))
    exact = _listed(_exact_names(equations, one.equations))
    code = "reconcile_contradiction" if exact else "reconcile_contradiction_errors"
    return Problem(code, place=place, found=found, expected=exact)


def _exact_names(equations: Equations, rows: np.ndarray) -> list[str]:
    """Return the exact variables that some equations hold."""
    some = equations.relations.matrix[rows]
    columns = np.unique(some.indices)
    exact = columns[equations.known.std[columns] == 0]
    return [f"{equations.name(one)} = {number_text(equations.known.value[one])}" for one in exact]


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = len(unique) - NAMED
    return ", ".join(unique[:NAMED]) + (f" (+{more})" if more > 0 else "")


def _nothing(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(count, np.nan), np.full(count, np.nan)


def _asked(equations: Equations, deviations: Literal["none", "all"] | Sequence[str]) -> Literal["none"] | np.ndarray:
    """Return the variables whose deviations are asked for."""
    if isinstance(deviations, str):
        if deviations == "none":
            return "none"
        return np.flatnonzero(equations.kind != THROUGHPUT)
    wanted = set(deviations)
    flows = equations.system["flows"]["flow"].isin(wanted).to_numpy()
    stocks = equations.system["processes"]["process"].isin(wanted).to_numpy()
    at_flow = equations.kind == FLOW
    chosen = np.zeros(len(at_flow), dtype=bool)
    chosen[at_flow] = flows[equations.item[at_flow]]
    at_stock = equations.kind == ADDITION
    chosen[at_stock] = stocks[equations.item[at_stock]]
    return np.flatnonzero(chosen)


def _variables(equations: Equations, found: Fit, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    """Return all variables as rows with their kind and item."""
    known = equations.known
    return pd.DataFrame(
        {
            "kind": equations.kind,
            "item": equations.item,
            "layer": np.asarray(equations.layers, dtype=object)[equations.layer],
            "year": np.asarray(equations.years)[equations.year],
            "measured": known.value,
            "std": known.std,
            "reconciled": found.value,
            "reconciled_std": found.std,
            "status": np.asarray(STATUS, dtype=object)[found.status],
            "z": found.adjustment_z,
            "at_bound": found.active,
            "lower_possible": low,
            "upper_possible": high,
        }
    ).astype({"layer": "str", "status": "str"})


def _flows(equations: Equations, table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["kind"].isin([FLOW, ADDITION])]
    names = np.where(
        rows["kind"] == FLOW,
        _taken(equations.system["flows"]["flow"], rows["item"], rows["kind"] == FLOW),
        _taken(equations.system["processes"]["process"], rows["item"], rows["kind"] == ADDITION),
    )
    return rows.assign(flow=pd.array(names, dtype="str"))[FLOW_COLUMNS].reset_index(drop=True)


def _taken(names: pd.Series, item: pd.Series, where: pd.Series) -> np.ndarray:
    """Return names at positions, '' elsewhere."""
    result = np.full(len(item), "", dtype=object)
    chosen = where.to_numpy(dtype=bool)
    result[chosen] = names.to_numpy(dtype=object)[item.to_numpy()[chosen]]
    return result


def _coefficients(equations: Equations, table: pd.DataFrame, found: Fit) -> pd.DataFrame:
    cells = equations.coefficients
    rows = _cell_rows(equations, table, cells, equations.coefficient_variable)
    if cells.rest.any():
        _rest(equations, found, rows)
    sheet = equations.system["transfer_coefficients"]
    for name in ("flow", "process"):
        rows.insert(0, name, sheet[name].to_numpy(dtype=object)[cells.row])
    return rows.astype({"process": "str", "flow": "str"})[COEFFICIENT_COLUMNS]


def _relations(equations: Equations, table: pd.DataFrame) -> pd.DataFrame:
    cells = equations.ratios
    rows = _cell_rows(equations, table, cells, equations.ratio_variable)
    flows = equations.system["flows"]["flow"].to_numpy(dtype=object)
    rows["flow"], rows["of_flow"] = flows[cells.flow], flows[cells.of_flow]
    rows["of_layer"] = np.asarray(equations.layers, dtype=object)[cells.of_layer]
    return rows.astype({"flow": "str", "of_flow": "str", "of_layer": "str"})[RELATION_COLUMNS]


def _cell_rows(equations: Equations, table: pd.DataFrame, cells: Cells, variable: Integers) -> pd.DataFrame:
    """Return the rows of coefficients or ratios: those of their variables, exact values as they are."""
    rows = table.iloc[np.maximum(variable, 0)].drop(columns=["kind", "item"]).reset_index(drop=True)
    exact = variable < 0
    rows["layer"] = np.asarray(equations.layers, dtype=object)[cells.layer]
    rows["year"] = np.asarray(equations.years)[cells.year]
    for name, values in (("measured", cells.known.value), ("std", cells.known.std), ("reconciled", cells.known.value)):
        rows.loc[exact, name] = values[exact]
    rows.loc[exact, "reconciled_std"] = np.where(cells.rest[exact], np.nan, 0.0)
    rows.loc[exact, "status"] = STATUS[EXACT]
    rows.loc[exact, ["z", "lower_possible", "upper_possible"]] = np.nan
    rows.loc[exact, "at_bound"] = False
    return rows.astype({"layer": "str"})


def _rest(equations: Equations, found: Fit, rows: pd.DataFrame) -> None:
    """Fill in, in place, coefficients that are the rest: flow over throughput, with its standard deviation."""
    cells = equations.coefficients
    at = np.flatnonzero(cells.rest)
    shape = (len(equations.layers), len(equations.years))
    flow = (cells.flow[at] * shape[0] + cells.layer[at]) * shape[1] + cells.year[at]
    through = equations.throughput_variable[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found.value[flow] / found.value[through]
    known = np.isfinite(share)
    rows.loc[at, "reconciled"] = np.where(known, share, np.nan)
    rows.loc[at, "status"] = np.where(known, STATUS[OBSERVABLE], STATUS[UNOBSERVABLE])
    some = np.flatnonzero(known & np.isfinite(found.std[flow]))
    if len(some):
        upper = found.held.directions(flow[some])
        lower = found.held.directions(through[some])
        part = sparse.diags(share[some]) @ lower
        directions = sparse.csr_matrix(sparse.diags(1.0 / found.value[through[some]]) @ (upper - part))
        rows.loc[at[some], "reconciled_std"] = found.held.spread(directions)[0]


def _balances(equations: Equations, found: Fit) -> pd.DataFrame:
    """Return every balance with the imbalance of what is measured, summed over what is tested together."""
    rows = np.flatnonzero(equations.equation_kind == 0)
    group = found.node_group[rows]
    linear = found.linear
    off = np.full(linear.matrix.shape[0], np.nan)
    off[linear.echelon.left_row] = -linear.redundancy.right
    names = equations.system["processes"]["process"].to_numpy(dtype=object)[equations.equation_item[rows]]
    frame = pd.DataFrame(
        {
            "process": names,
            "layer": np.asarray(equations.layers, dtype=object)[equations.equation_layer[rows]],
            "year": np.asarray(equations.years)[equations.equation_year[rows]],
            "imbalance": np.where(group >= 0, off[group], np.nan),
            "z": found.node_z[rows],
        }
    )
    together = np.full(len(rows), "", dtype=object)
    counts = np.bincount(group[group >= 0], minlength=linear.matrix.shape[0])
    shared = np.flatnonzero((group >= 0) & (counts[group] > 1))
    shared = shared[np.argsort(group[shared], kind="stable")]
    for members in np.split(shared, np.flatnonzero(np.diff(group[shared])) + 1):
        listed = names[members[: NAMED + 1]].tolist()
        more = len(members) - len(listed)
        for position in members.tolist():
            others = [name for name in listed if name != names[position]][:NAMED]
            together[position] = ", ".join(others) + (f" (+{more})" if more > 0 else "")
    frame["together_with"] = together
    return frame.astype({"process": "str", "layer": "str", "together_with": "str"})[BALANCE_COLUMNS]


def _suspects(equations: Equations, removals: Sequence[Removal]) -> pd.DataFrame:
    rows = []
    for rank, one in enumerate(removals, start=1):
        variable = one.variable
        rows.append(
            {
                "rank": rank,
                "flow": equations.short_name(variable),
                "layer": equations.layers[equations.layer[variable]],
                "year": equations.years[equations.year[variable]],
                "kind": KINDS[equations.kind[variable]],
                "measured": equations.known.value[variable],
                "z": one.z,
                "not_told_from": _listed([equations.name(other) for other in one.alike.tolist()]),
                "chi2": one.chi2,
                "dof": one.dof,
                "p_value": one.p_value,
                "implied": one.implied,
                "implied_std": one.implied_std,
                "moves_most": equations.name(one.moved),
                "moves_by": one.moved_by,
            }
        )
    return pd.DataFrame(rows, columns=SUSPECT_COLUMNS)
