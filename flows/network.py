"""The flow network: processes and flows as a graph, masses as arrays over flow, layer and year.

Vocabulary and rules are those of material flow analysis (Brunner and Rechberger, *Handbook of Material
Flow Analysis*; ÖNORM S 2096): what enters a process leaves it or stays in its stock, and the transfer
coefficients of a process add up to one in every layer and year. A network is made from the flows of a
run, or solved from sources and transfer coefficients, recycling loops included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]

KINDS = ("process", "stock", "source", "sink")
CLOSURE_TOLERANCE = 1e-9
IMBALANCE_COLUMNS = ["process", "layer", "year", "inflow", "outflow", "imbalance"]


class NetworkError(ValueError):
    """The system is not well described; the message names processes, flows and layers."""


class ClosureError(NetworkError):
    """Transfer coefficients of a process do not add up to one."""


class LoopError(NetworkError):
    """A loop that nothing leaves: what enters it would circulate for ever."""


class BalanceError(ValueError):
    """A process loses or gains mass; the message names process, layer, year and flows."""


@dataclass(frozen=True)
class Network:
    """Processes joined by flows, with their masses.

    ``processes``: process, kind (process, stock, source, sink). ``flows``: flow, from, to, name; an empty
    ``from`` or ``to`` is the system boundary. ``mass`` has the shape (flow, layer, year).

    >>> system = Network.of(
    ...     [("sorting", "process"), ("recycler", "process")],
    ...     [("waste", "", "sorting"), ("bales", "sorting", "recycler"), ("rejects", "sorting", ""),
    ...      ("back", "recycler", "sorting"), ("product", "recycler", "")],
    ... )
    >>> coefficients = pd.DataFrame(
    ...     [("sorting", "bales", 0.5), ("sorting", "rejects", None),
    ...      ("recycler", "back", 0.2), ("recycler", "product", None)],
    ...     columns=["process", "flow", "value"],
    ... )
    >>> solved = system.solve(pd.DataFrame({"flow": ["waste"], "value": [90.0]}), coefficients)
    >>> solved.table()[["flow", "mass_t"]].round(6).values.tolist()
    [['waste', 90.0], ['bales', 50.0], ['rejects', 50.0], ['back', 10.0], ['product', 40.0]]
    >>> solved.check_balance().empty
    True
    """

    processes: pd.DataFrame
    flows: pd.DataFrame
    layers: tuple[str, ...]
    years: tuple[int, ...]
    mass: Floats

    @classmethod
    def of(cls, processes: Sequence[tuple[str, str]], flows: Sequence[tuple[str, str, str]]) -> Network:
        """Make a network without masses from (process, kind) and (flow, from, to).

        Raises :class:`NetworkError` for a process or flow listed twice, a kind that is not known, or a
        flow that joins a process not listed.
        """
        nodes = pd.DataFrame(processes, columns=["process", "kind"], dtype="str")
        edges = pd.DataFrame(flows, columns=["flow", "from", "to"], dtype="str").assign(name="")
        for frame, key in ((nodes, "process"), (edges, "flow")):
            twice = frame.loc[frame[key].duplicated(), key].tolist()
            if twice:
                raise NetworkError(f"{key} listed twice: {', '.join(twice)}")
        odd = nodes.loc[~nodes["kind"].isin(KINDS), "kind"].tolist()
        if odd:
            raise NetworkError(f"kind is one of {', '.join(KINDS)}, not {', '.join(odd)}")
        ends = pd.concat([edges["from"], edges["to"]])
        unknown = sorted(set(ends) - set(nodes["process"]) - {""})
        if unknown:
            raise NetworkError(f"flows join processes that are not listed: {', '.join(unknown)}")
        return cls(nodes, edges, (), (), np.zeros((len(edges), 0, 0)))

    @classmethod
    def from_flows(cls, table: pd.DataFrame, variant: str | None = None) -> Network:
        """Make the network of a run from its table ``flows``: a layer per fraction.

        Rows of one way (from, to, stream of a first leg or output) are one flow. Sources are where a
        scheme collects, sinks where the last row of a tonne ends; everything else is a process and must
        balance. ``variant`` is needed if the table holds more than one.

        >>> rows = pd.DataFrame(
        ...     [("plan", 2030, "101/industry", "plant", "a", "bin", "", "glass", "", 5.0),
        ...      ("plan", 2030, "plant", "market", "", "bin", "cullet", "glass", "recycling", 5.0)],
        ...     columns=["variant", "year", "from", "to", "scheme", "stream", "output", "fraction", "treatment", "mass_t"],
        ... )
        >>> Network.from_flows(rows).processes.values.tolist()
        [['101/industry', 'source'], ['market', 'sink'], ['plant', 'process']]
        """
        if variant is not None:
            table = table[table["variant"] == variant]
        elif "variant" in table and table["variant"].nunique() > 1:
            raise NetworkError(f"say which variant: {', '.join(sorted(table['variant'].unique()))}")
        origin, from_ids = pd.factorize(table["from"], sort=True)
        goal, to_ids = pd.factorize(table["to"], sort=True)
        # A source names the stream it fills, a facility the output that it sends.
        leg = table["output"].where(table["output"] != "", table["stream"])
        name, names = pd.factorize(leg, sort=True)
        way = (origin.astype(np.int64) * len(to_ids) + goal) * max(len(names), 1) + name
        found, flow = np.unique(way, return_inverse=True)
        layer, layers = pd.factorize(table["fraction"], sort=True)
        year, years = pd.factorize(table["year"], sort=True)
        shape = (len(found), len(layers), len(years))
        cell = (flow * shape[1] + layer) * shape[2] + year
        mass = np.bincount(cell, weights=table["mass_t"].to_numpy(dtype=float), minlength=int(np.prod(shape))).astype(
            float
        )
        rest, third = np.divmod(found, max(len(names), 1))
        first, second = np.divmod(rest, max(len(to_ids), 1))
        edges = pd.DataFrame(
            {
                "from": np.asarray(from_ids, dtype=object)[first],
                "to": np.asarray(to_ids, dtype=object)[second],
                "name": np.asarray(names, dtype=object)[third],
            },
            dtype="str",
        )
        edges.insert(0, "flow", edges["from"] + " > " + edges["to"] + " : " + edges["name"])
        ends = set(table.loc[table["treatment"] != "", "to"].unique())
        starts = set(table.loc[table["output"] == "", "from"].unique())
        everything = sorted(set(edges["from"]) | set(edges["to"]))
        kinds = ["source" if one in starts else "sink" if one in ends else "process" for one in everything]
        nodes = pd.DataFrame({"process": everything, "kind": kinds}, dtype="str")
        return cls(nodes, edges, tuple(map(str, layers)), tuple(int(one) for one in years), mass.reshape(shape))

    @cached_property
    def graph(self) -> nx.MultiDiGraph[Any]:
        """The processes and flows as a networkx graph; the flow id is the key of an edge.

        The system boundary is the node ``''``, present only if a flow crosses it.
        """
        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        graph.add_nodes_from((process, {"kind": kind}) for process, kind in self.processes.itertuples(index=False))
        totals = self.mass.sum(axis=(1, 2))
        for position, (flow, start, end, name) in enumerate(
            self.flows[["flow", "from", "to", "name"]].itertuples(index=False)
        ):
            graph.add_edge(start, end, key=flow, name=name, mass_t=float(totals[position]))
        return graph

    def table(self) -> pd.DataFrame:
        """Return the masses as rows: flow, from, to, layer, year, mass_t; zeros are left out."""
        flow, layer, year = np.nonzero(self.mass)
        return pd.DataFrame(
            {
                "flow": self.flows["flow"].to_numpy()[flow],
                "from": self.flows["from"].to_numpy()[flow],
                "to": self.flows["to"].to_numpy()[flow],
                "layer": np.asarray(self.layers, dtype=object)[layer],
                "year": np.asarray(self.years, dtype=int)[year],
                "mass_t": self.mass[flow, layer, year],
            }
        )

    def _incidence(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Return two matrices (process x flow): which flows enter, which leave."""
        index = pd.Index(self.processes["process"])
        matrices = []
        for end in ("to", "from"):
            process = index.get_indexer(self.flows[end])
            inside = np.flatnonzero(process >= 0)
            shape = (len(index), len(self.flows))
            matrices.append(sparse.csr_matrix((np.ones(len(inside)), (process[inside], inside)), shape=shape))
        return matrices[0], matrices[1]

    def check_balance(self, tolerance: float = 1e-6, *, required: bool = False) -> pd.DataFrame:
        """Return where a process of kind ``process`` loses or gains mass, the largest first.

        Columns process, layer, year, inflow, outflow, imbalance; a row is an imbalance above
        ``tolerance`` times the throughput (at least one tonne). With ``required`` the first raises
        :class:`BalanceError` that names process, layer, year and flows.
        """
        enters, leaves = self._incidence()
        flat = self.mass.reshape(len(self.flows), -1)
        inflow, outflow = np.asarray(enters @ flat), np.asarray(leaves @ flat)
        checked = (self.processes["kind"] == "process").to_numpy()
        imbalance = np.where(checked[:, None], inflow - outflow, 0.0)
        allowed = tolerance * np.maximum(np.maximum(np.abs(inflow), np.abs(outflow)), 1.0)
        process, cell = np.nonzero(~(np.abs(imbalance) <= allowed))
        order = np.argsort(-np.abs(np.nan_to_num(imbalance[process, cell], nan=np.inf)), kind="stable")
        process, cell = process[order], cell[order]
        layer, year = np.divmod(cell, max(len(self.years), 1))
        result = pd.DataFrame(
            {
                "process": self.processes["process"].to_numpy()[process],
                "layer": np.asarray(self.layers, dtype=object)[layer],
                "year": np.asarray(self.years, dtype=int)[year],
                "inflow": inflow[process, cell],
                "outflow": outflow[process, cell],
                "imbalance": imbalance[process, cell],
            },
            columns=IMBALANCE_COLUMNS,
        )
        if required and len(result):
            worst = result.iloc[0]
            parts = []
            for name, matrix in (("in", enters), ("out", leaves)):
                at = matrix[process[0]].indices
                masses = flat[at, cell[0]]
                known = [
                    f"{self.flows['flow'].iloc[k]} {mass:,.3f} t" for k, mass in zip(at, masses, strict=True) if mass
                ]
                parts.append(f"{name}: {', '.join(known[:6]) or 'nothing'}")
            raise BalanceError(
                f"{worst['process']} does not balance in layer {worst['layer']}, year {worst['year']}: "
                f"{worst['inflow']:,.3f} t in, {worst['outflow']:,.3f} t out ({'; '.join(parts)})"
                + (f"; {len(result) - 1} more" if len(result) > 1 else "")
            )
        return result

    def solve(self, sources: pd.DataFrame, transfer_coefficients: pd.DataFrame) -> Network:
        """Return the network with every flow of every layer and year solved.

        ``sources``: flow, layer, year, value; what enters over the boundary or leaves a process of kind
        ``source``. ``transfer_coefficients``: process, flow, layer, year, value; the share of what enters
        the process. The columns ``layer`` and ``year`` may be absent or blank: any; the more specific row
        wins. One flow of a process may have a blank value or no row: it takes the rest. What the
        coefficients of a ``stock`` leave stays there.

        Raises :class:`ClosureError`, :class:`LoopError` and :class:`NetworkError`.
        """
        given = _with_keys(sources)
        rows = _with_keys(transfer_coefficients)
        layers = sorted((set(given["layer"]) | set(rows["layer"])) - {""}) or ["goods"]
        years = sorted(set(pd.concat([given["year"], rows["year"]]).dropna().astype(int))) or [0]
        start = pd.Index(self.processes["process"]).get_indexer(self.flows["from"])
        kind = self.processes["kind"].to_numpy()
        free = (start < 0) | (kind[start] == "source")
        supply = self._cells(given, layers, years)
        wrong = np.flatnonzero(~free & ~np.isnan(supply).all(axis=(1, 2)))
        if len(wrong):
            raise NetworkError(f"flows with a given mass leave a process: {', '.join(self.flows['flow'].iloc[wrong])}")
        supply = np.nan_to_num(supply)
        mine = self.flows.set_index("flow")["from"].reindex(rows["flow"])
        stray = rows.loc[mine.to_numpy() != rows["process"].to_numpy(), "flow"].tolist()
        if stray:
            raise NetworkError(f"transfer coefficients for flows that do not leave their process: {', '.join(stray)}")
        coefficients = self._closed(self._cells(rows, layers, years), free, layers, years)
        shape = (len(self.flows), len(layers), len(years))
        mass = np.where(free[:, None], supply.reshape(len(self.flows), -1), 0.0)
        alike, which = np.unique(coefficients, axis=1, return_inverse=True)
        for position in range(alike.shape[1]):
            cells = np.flatnonzero(which.ravel() == position)
            mass[:, cells] = self._solve_cells(alike[:, position], mass[:, cells], start)
        return replace(self, layers=tuple(layers), years=tuple(years), mass=mass.reshape(shape))

    def _cells(self, rows: pd.DataFrame, layers: Sequence[str], years: Sequence[int]) -> Floats:
        """Return values over (flow, layer, year); NaN where blank; the more specific row wins."""
        cells = np.full((len(self.flows), len(layers), len(years)), np.nan)
        flow = pd.Index(self.flows["flow"]).get_indexer(rows["flow"])
        if (flow < 0).any():
            raise NetworkError(f"flows that are not listed: {', '.join(rows.loc[flow < 0, 'flow'])}")
        layer = pd.Index(layers).get_indexer(rows["layer"])
        year = pd.Index(years).get_indexer(rows["year"].fillna(-1).astype(int))
        rank = (layer >= 0) * 2 + (year >= 0)
        value = rows["value"].to_numpy(dtype=float)
        for position in np.argsort(rank, kind="stable"):
            at_layer = slice(None) if layer[position] < 0 else layer[position]
            at_year = slice(None) if year[position] < 0 else year[position]
            cells[flow[position], at_layer, at_year] = value[position]
        return cells

    def _closed(self, cells: Floats, free: NDArray[np.bool_], layers: Sequence[str], years: Sequence[int]) -> Floats:
        """Return coefficients as (flow, layer x year) with the rest filled in; raises if they do not close."""
        flat = np.where(free[:, None], 0.0, cells.reshape(len(self.flows), -1))
        _, leaves = self._incidence()
        kind = self.processes["kind"].to_numpy()
        blank = np.isnan(flat)
        blanks, sums = np.asarray(leaves @ blank), np.asarray(leaves @ np.nan_to_num(flat))
        has_outflow = np.asarray(leaves.sum(axis=1)).ravel() > 0
        inner = (has_outflow & (kind != "source"))[:, None]
        stock = (kind == "stock")[:, None]
        short = (blanks == 0) & (sums < 1 - CLOSURE_TOLERANCE) & ~stock
        bad = inner & ((blanks > 1) | (sums > 1 + CLOSURE_TOLERANCE) | short)
        negative = np.asarray(leaves @ (np.nan_to_num(flat) < 0)) > 0
        if (bad | negative).any():
            process, cell = (int(one[0]) for one in np.nonzero(bad | negative))
            named = self.flows.loc[self.flows["from"] == self.processes["process"].iloc[process], "flow"]
            what = "two blank" if blanks[process, cell] > 1 else f"sum {sums[process, cell]:.6g}"
            layer, year = divmod(cell, len(years))
            raise ClosureError(
                f"transfer coefficients of {self.processes['process'].iloc[process]} do not close in layer "
                f"{layers[layer]}, year {years[year]}: {what} over {', '.join(named)}"
            )
        rest = np.asarray(leaves.T @ np.clip(1.0 - sums, 0.0, 1.0))
        return np.where(blank, rest, flat)

    def _solve_cells(self, coefficient: Floats, mass: Floats, start: NDArray[np.intp]) -> Floats:
        """Return masses of all flows where those of the sources are given; one column per layer and year."""
        count = len(self.processes)
        end = pd.Index(self.processes["process"]).get_indexer(self.flows["to"])
        inner = np.flatnonzero((start >= 0) & (end >= 0) & (coefficient > 0))
        moves = sparse.csr_matrix((coefficient[inner], (end[inner], start[inner])), shape=(count, count))
        self._require_exits(moves, coefficient, start, end)
        enters, _ = self._incidence()
        throughput = splu((sparse.identity(count, format="csc") - moves).tocsc()).solve(np.asarray(enters @ mass))
        inside = coefficient > 0
        result = mass.copy()
        result[inside] = coefficient[inside, None] * throughput[start[inside]]
        return result

    def _require_exits(
        self, moves: sparse.csr_matrix, coefficient: Floats, start: NDArray[np.intp], end: NDArray[np.intp]
    ) -> None:
        """Raise :class:`LoopError` if some processes send everything round among themselves."""
        kept = np.asarray(moves.sum(axis=0)).ravel()
        out = np.flatnonzero((start >= 0) & (end < 0) & (coefficient > 0))
        leaves = kept < 1 - CLOSURE_TOLERANCE
        leaves[start[out]] = True
        reached = leaves
        while True:
            more = reached | (np.asarray(moves.T @ reached.astype(float)).ravel() > 0)
            if (more == reached).all():
                break
            reached = more
        trapped = np.flatnonzero(~reached)
        if len(trapped):
            _, component = connected_components(moves[trapped][:, trapped], directed=True, connection="strong")
            loop = trapped[component == np.bincount(component).argmax()]
            raise LoopError(f"a loop without exit: {', '.join(self.processes['process'].iloc[loop])}")


def _with_keys(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns ``layer`` ('' is any), ``year`` (NaN is any) and a numeric ``value``."""
    rows = rows.copy()
    rows["layer"] = rows["layer"].fillna("").astype(str) if "layer" in rows else ""
    rows["year"] = pd.to_numeric(rows["year"]).astype(float) if "year" in rows else np.nan
    rows["value"] = pd.to_numeric(rows["value"]).astype(float)
    return rows.reset_index(drop=True)
