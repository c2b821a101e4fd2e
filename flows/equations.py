"""A flow system as variables and equations: balances, transfer coefficients, ratios.

Variables are the flows, the yearly additions to stocks, what passes a process that has transfer
coefficients, and coefficients and ratios that are not exact, each per layer and year. Equations are the
balance of every process (what enters leaves, or is added to its stock), ``flow = coefficient x
throughput`` and ``flow = ratio x other flow``. They are linear where the coefficient is exact and bilinear
where it is not. Layers and years are apart unless a ratio joins them; a coefficient given for every year
holds in each year on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from flows.coefficients import specific_cells, with_keys
from flows.equation_values import Cells, Known, coefficient_values, measured_values, ratio_values
from flows.system import System

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = ("flow", "addition", "throughput", "coefficient", "ratio")
FLOW, ADDITION, THROUGHPUT, COEFFICIENT, RATIO = range(5)
EQUATIONS = ("balance", "throughput", "coefficient", "ratio")


@dataclass(frozen=True)
class Bilinear:
    """Equations ``matrix x + sum of factor * x[first] * x[second] = right``; linear without products.

    >>> twice = Bilinear(sparse.csr_matrix([[1.0, 0.0, 0.0]]), np.zeros(1), np.array([0]), np.array([1]),
    ...                  np.array([2]), np.array([-1.0]))
    >>> twice.residual(np.array([6.0, 2.0, 3.0])), twice.jacobian(np.array([6.0, 2.0, 3.0])).toarray()
    (array([0.]), array([[ 1., -3., -2.]]))
    """

    matrix: sparse.csr_matrix
    right: Floats
    row: Integers
    first: Integers
    second: Integers
    factor: Floats

    @property
    def linear(self) -> bool:
        """True where there are no products."""
        return not len(self.row)

    def residual(self, x: Floats) -> Floats:
        """Return by how much each equation fails."""
        products = np.bincount(
            self.row, weights=self.factor * x[self.first] * x[self.second], minlength=len(self.right)
        )
        return np.asarray(self.matrix @ x - self.right + products)

    def jacobian(self, x: Floats) -> sparse.csr_matrix:
        """Return the derivatives (equations x variables)."""
        if self.linear:
            return self.matrix
        values = np.concatenate([self.factor * x[self.second], self.factor * x[self.first]])
        rows, columns = np.concatenate([self.row, self.row]), np.concatenate([self.first, self.second])
        return sparse.csr_matrix(self.matrix + sparse.csr_matrix((values, (rows, columns)), shape=self.matrix.shape))


@dataclass(frozen=True)
class Equations:
    """All variables and equations of a system.

    Variables have ``kind`` (position in KINDS), ``item`` (position of the flow, of the process, or of the
    row of coefficients or relations), ``layer`` and ``year`` (positions), ``known`` values. Equations have
    ``equation_kind`` (position in EQUATIONS), ``equation_item`` (process, process, row, row), layer and year.
    ``coefficients`` and ``ratios`` are the cells of those sheets; ``coefficient_variable`` and
    ``ratio_variable`` their variables (-1 where exact or the rest), ``throughput_variable`` that of what
    passes the process of a coefficient.
    """

    system: System
    layers: tuple[str, ...]
    years: tuple[int, ...]
    kind: Integers
    item: Integers
    layer: Integers
    year: Integers
    known: Known
    relations: Bilinear
    equation_kind: Integers
    equation_item: Integers
    equation_layer: Integers
    equation_year: Integers
    correlations: tuple[Integers, Integers, Floats] | None
    coefficients: Cells
    coefficient_variable: Integers
    throughput_variable: Integers
    ratios: Cells
    ratio_variable: Integers

    def name(self, variable: int) -> str:
        """Return what a variable is called: flow or process with layer and year where there are several.

        >>> system = System.from_tables(processes=[{"process": "shop"}], flows=[{"flow": "in", "to": "shop"}])
        >>> build(system).name(0)
        'in'
        """
        return self.short_name(variable) + self._cell(int(self.layer[variable]), int(self.year[variable]))

    def short_name(self, variable: int) -> str:
        """Return what a variable is called without its layer and year."""
        kind, item = int(self.kind[variable]), int(self.item[variable])
        if kind == FLOW:
            return str(self.system["flows"]["flow"].iloc[item])
        if kind in (ADDITION, THROUGHPUT):
            return str(self.system["processes"]["process"].iloc[item])
        return self._row_name(kind == COEFFICIENT, item)

    def _row_name(self, coefficient: bool, item: int) -> str:
        if coefficient:
            row = self.system["transfer_coefficients"].iloc[item]
            return f"{row['process']} > {row['flow']}"
        row = self.system["relations"].iloc[item]
        return f"{row['flow']} / {row['of_flow'] or row['of_layer'] or row['flow']}"

    def equation_name(self, equation: int) -> str:
        """Return what an equation is called: the process or the row that it comes from."""
        kind, item = int(self.equation_kind[equation]), int(self.equation_item[equation])
        names = self.system["processes"]["process"]
        text = str(names.iloc[item]) if kind < 2 else self._row_name(kind == 2, item)
        return text + self._cell(int(self.equation_layer[equation]), int(self.equation_year[equation]))

    def _cell(self, layer: int, year: int) -> str:
        parts = [self.layers[layer]] if len(self.layers) > 1 else []
        parts += [str(self.years[year])] if len(self.years) > 1 else []
        return f" ({', '.join(parts)})" if parts else ""


@dataclass
class _Builder:
    """Variables and equations as they are added."""

    variables: int = 0
    equations: int = 0
    parts: dict[str, list[NDArray[np.generic]]] = field(default_factory=dict)

    def note(self, **arrays: NDArray[np.generic]) -> None:
        for name, values in arrays.items():
            self.parts.setdefault(name, []).append(np.asarray(values).ravel())

    def integers(self, name: str) -> Integers:
        found = self.parts.get(name)
        return np.concatenate(found).astype(np.int64) if found else np.zeros(0, dtype=np.int64)

    def floats(self, name: str) -> Floats:
        found = self.parts.get(name)
        return np.concatenate(found).astype(np.float64) if found else np.zeros(0)

    def add_variables(self, kind: int, item: Integers, layer: Integers, year: Integers, known: Known) -> Integers:
        count = len(item)
        self.note(
            kind=np.full(count, kind), item=item, layer=layer, year=year, value=known.value, std=known.std,
            lower=known.lower, upper=known.upper,
        )  # fmt: skip
        self.variables += count
        return np.arange(self.variables - count, self.variables)

    def add_equations(self, kind: int, item: Integers, layer: Integers, year: Integers) -> Integers:
        count = len(item)
        self.note(equation_kind=np.full(count, kind), equation_item=item, equation_layer=layer, equation_year=year)
        self.equations += count
        return np.arange(self.equations - count, self.equations)

    def add_terms(self, row: Integers, column: Integers, coefficient: Floats | float) -> None:
        self.note(row=row, column=column, entry=np.broadcast_to(np.asarray(coefficient, dtype=float), row.shape))

    def add_products(self, row: Integers, first: Integers, second: Integers, factor: float) -> None:
        self.note(product_row=row, first=first, second=second, factor=np.full(len(row), factor))


def build(system: System) -> Equations:
    """Return the variables and equations of a system.

    Raises :class:`flows.coefficients.NetworkError` for rows that name what is not there and
    :class:`flows.coefficients.ClosureError` for exact coefficients that cannot close.
    """
    flows, processes = system["flows"], system["processes"]
    layers, years = system.layers, system.years
    names = pd.Index(processes["process"])
    start, end = names.get_indexer(flows["from"]), names.get_indexer(flows["to"])
    kinds = processes["kind"].to_numpy()
    stocks = np.flatnonzero(kinds == "stock")
    shape = (len(layers), len(years))
    builder = _Builder()

    known = measured_values(system, names[stocks])
    item, layer, year = (part.ravel() for part in np.indices((len(flows), *shape)))
    flow_at = builder.add_variables(FLOW, item, layer, year, known.part(slice(0, len(flows))))
    flow_at = flow_at.reshape(len(flows), *shape)
    item, layer, year = (part.ravel() for part in np.indices((len(stocks), *shape)))
    addition_at = builder.add_variables(ADDITION, stocks[item], layer, year, known.part(slice(len(flows), None)))
    addition_at = addition_at.reshape(len(stocks), *shape)

    # A process without flows has no balance.
    touched = np.zeros(len(processes), dtype=bool)
    touched[start[start >= 0]] = True
    touched[end[end >= 0]] = True
    balanced = np.flatnonzero(np.isin(kinds, ("process", "stock")) & touched)
    place = np.full(len(processes) + 1, -1)
    place[balanced] = np.arange(len(balanced))
    item, layer, year = (part.ravel() for part in np.indices((len(balanced), *shape)))
    balance_at = builder.add_equations(0, balanced[item], layer, year).reshape(len(balanced), *shape)
    for ends, sign in ((end, 1.0), (start, -1.0)):
        some = np.flatnonzero(place[ends] >= 0)
        builder.add_terms(balance_at[place[ends[some]]].ravel(), flow_at[some].ravel(), sign)
    held = np.flatnonzero(place[stocks] >= 0)
    builder.add_terms(balance_at[place[stocks[held]]].ravel(), addition_at[held].ravel(), -1.0)

    coefficients, shares, throughputs = _coefficients(system, builder, flow_at, start, end, kinds)
    ratios, ratio_variables = _ratios(system, builder, flow_at)
    balance_of = np.full((len(processes), *shape), -1)
    balance_of[balanced] = balance_at
    right, replaced = _closing(builder, coefficients, shares, start, kinds, balance_of)
    row, column, entry = builder.integers("row"), builder.integers("column"), builder.floats("entry")
    kept = ~replaced[row] | (builder.integers("kind")[column] >= COEFFICIENT)
    matrix = sparse.csr_matrix((entry[kept], (row[kept], column[kept])), shape=(builder.equations, builder.variables))
    relations = Bilinear(
        matrix,
        right,
        builder.integers("product_row"),
        builder.integers("first"),
        builder.integers("second"),
        builder.floats("factor"),
    )
    values = Known(builder.floats("value"), builder.floats("std"), builder.floats("lower"), builder.floats("upper"))
    everything = np.concatenate([flow_at, addition_at])
    ids = pd.Index([*flows["flow"], *names[stocks]])
    return Equations(
        system=system,
        layers=tuple(layers),
        years=tuple(years),
        kind=builder.integers("kind"),
        item=builder.integers("item"),
        layer=builder.integers("layer"),
        year=builder.integers("year"),
        known=values,
        relations=relations,
        equation_kind=builder.integers("equation_kind"),
        equation_item=builder.integers("equation_item"),
        equation_layer=builder.integers("equation_layer"),
        equation_year=builder.integers("equation_year"),
        correlations=_correlations(system, everything, ids, values),
        coefficients=coefficients,
        coefficient_variable=shares,
        throughput_variable=throughputs,
        ratios=ratios,
        ratio_variable=ratio_variables,
    )


def _coefficients(
    system: System, builder: _Builder, flow_at: Integers, start: Integers, end: Integers, kinds: NDArray[np.generic]
) -> tuple[Cells, Integers, Integers]:
    """Add what passes a process with coefficients, and an equation for every coefficient that is given."""
    cells = coefficient_values(system)
    flow, layer, year = cells.flow, cells.layer, cells.year
    share, passes = np.full(len(flow), -1), np.full(len(flow), -1)
    if not len(flow):
        return cells, share, passes
    process = start[flow]
    count = (len(system["processes"]), len(system.layers), len(system.years))
    needed = np.zeros(count, dtype=bool)
    needed[process, layer, year] = True
    item, at_layer, at_year = np.nonzero(needed)
    through = builder.add_variables(THROUGHPUT, item, at_layer, at_year, Known.unknown(len(item), lower=-np.inf))
    through_at = np.full(count, -1)
    through_at[item, at_layer, at_year] = through
    row = builder.add_equations(1, item, at_layer, at_year)
    row_at = np.full(count, -1)
    row_at[item, at_layer, at_year] = row
    builder.add_terms(row, through, -1.0)
    # What enters a process is split; of a stock or a source, what leaves it.
    for ends, leaving in ((end, False), (start, True)):
        some = np.flatnonzero((ends >= 0) & (_splits_outflow(kinds)[ends] == leaving))
        rows, columns = row_at[ends[some]].ravel(), flow_at[some].ravel()
        builder.add_terms(rows[rows >= 0], columns[rows >= 0], 1.0)

    passes = through_at[process, layer, year]
    given = np.flatnonzero(~cells.rest)
    equation = np.full(len(flow), -1)
    equation[given] = builder.add_equations(2, cells.row[given], layer[given], year[given])
    builder.add_terms(equation[given], flow_at[flow, layer, year][given], 1.0)
    exact = np.flatnonzero(cells.known.std == 0)
    builder.add_terms(equation[exact], passes[exact], -cells.known.value[exact])
    loose = np.flatnonzero((cells.known.std != 0) & ~cells.rest)
    known = cells.known.part(loose)
    share[loose] = builder.add_variables(COEFFICIENT, cells.row[loose], layer[loose], year[loose], known)
    builder.add_products(equation[loose], share[loose], passes[loose], -1.0)
    return cells, share, passes


def _closing(
    builder: _Builder,
    cells: Cells,
    share: Integers,
    start: Integers,
    kinds: NDArray[np.generic],
    balance_of: Integers,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Let the coefficients of a process add up to one where every flow that leaves it has one.

    That takes the place of its balance (of a stock: of the sum of what leaves it), which follows from it;
    both together would say the same twice. Returns the right sides and which equations are replaced.
    """
    right = np.zeros(builder.equations)
    replaced = np.zeros(builder.equations, dtype=bool)
    given = np.flatnonzero(~cells.rest)
    if not len(given):
        return right, replaced
    process, layer, year = start[cells.flow[given]], cells.layer[given], cells.year[given]
    row_of = balance_of.copy()
    kind, item = builder.integers("equation_kind"), builder.integers("equation_item")
    sums = np.flatnonzero(kind == 1)
    sums = sums[_splits_outflow(kinds)[item[sums]]]
    row_of[item[sums], builder.integers("equation_layer")[sums], builder.integers("equation_year")[sums]] = sums
    leaving = np.bincount(start[start >= 0], minlength=len(balance_of))
    number = np.zeros(balance_of.shape, dtype=np.int64)
    np.add.at(number, (process, layer, year), 1)
    whole = (number[process, layer, year] == leaving[process]) & (row_of[process, layer, year] >= 0)
    at, row = given[whole], row_of[process, layer, year][whole]
    replaced[row] = True
    right[row] = 1.0
    exact = share[at] < 0
    np.subtract.at(right, row[exact], cells.known.value[at[exact]])
    builder.add_terms(row[~exact], share[at[~exact]], 1.0)
    return right, replaced


def _splits_outflow(kinds: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return of which processes the coefficients split what leaves, not what enters."""
    return np.isin(kinds, ("stock", "source"))


def _ratios(system: System, builder: _Builder, flow_at: Integers) -> tuple[Cells, Integers]:
    """Add an equation for every relation."""
    cells = ratio_values(system)
    variable = np.full(len(cells.flow), -1)
    equation = builder.add_equations(3, cells.row, cells.layer, cells.year)
    base = flow_at[cells.of_flow, cells.of_layer, cells.year]
    builder.add_terms(equation, flow_at[cells.flow, cells.layer, cells.year], 1.0)
    exact = np.flatnonzero(cells.known.std == 0)
    builder.add_terms(equation[exact], base[exact], -cells.known.value[exact])
    loose = np.flatnonzero(cells.known.std != 0)
    variable[loose] = builder.add_variables(
        RATIO, cells.row[loose], cells.layer[loose], cells.year[loose], cells.known.part(loose)
    )
    builder.add_products(equation[loose], variable[loose], base[loose], -1.0)
    return cells, variable


def _correlations(
    system: System, everything: Integers, ids: pd.Index[str], known: Known
) -> tuple[Integers, Integers, Floats] | None:
    """Return correlated pairs of measured variables; pairs that are not both measured are left out."""
    rows = system["correlations"]
    if rows.empty:
        return None
    first, second, coefficient = [], [], []
    pairs = rows.groupby(["flow_a", "flow_b"], sort=True)
    for (a, b), part in pairs:
        at = with_keys(part.assign(flow=0, value=part["coefficient"]))
        value = specific_cells(at, pd.Index([0]), system.layers, system.years)[0]  # type: ignore[arg-type]
        layer, year = np.nonzero(~np.isnan(value))
        one, other = ids.get_indexer([a, b])
        if one >= 0 and other >= 0:
            first.append(everything[one, layer, year])
            second.append(everything[other, layer, year])
            coefficient.append(value[layer, year])
    if not first:
        return None
    i, j, c = np.concatenate(first), np.concatenate(second), np.concatenate(coefficient)
    both = (known.std[i] > 0) & (known.std[j] > 0)
    return i[both], j[both], c[both]
