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
from typing import Any, Literal

import networkx as nx
import numpy as np
import pandas as pd
from scipy import sparse

from flows.coefficients import ClosureError, Floats, NetworkError, Splits, coefficients, specific_cells, with_keys
from flows.throughput import Trapped, throughput

__all__ = ["BalanceError", "ClosureError", "LoopError", "Network", "NetworkError"]

KINDS = ("process", "stock", "source", "sink")
BALANCE_TOLERANCE = 1e-9
ROUNDING = 1e-13
IMBALANCE_COLUMNS = ["process", "layer", "year", "inflow", "outflow", "imbalance"]


class LoopError(NetworkError):
    """A loop that nothing leaves: what enters it would circulate for ever.

    ``processes`` are those of the loop, ``layer`` and ``year`` say where.
    """

    def __init__(self, processes: Sequence[str], layer: str, year: int) -> None:
        """Keep what the loop is; as text it is English."""
        self.processes, self.layer, self.year = list(processes), layer, year
        named = ", ".join(self.processes)
        super().__init__(f"in layer {layer}, year {year} something enters a loop without exit: {named}")


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

    @cached_property
    def incidence(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Two matrices (process x flow): which flows enter, which leave."""
        index = pd.Index(self.processes["process"])
        matrices = []
        for end in ("to", "from"):
            process = index.get_indexer(self.flows[end])
            inside = np.flatnonzero(process >= 0)
            shape = (len(index), len(self.flows))
            matrices.append(sparse.csr_matrix((np.ones(len(inside)), (process[inside], inside)), shape=shape))
        return matrices[0], matrices[1]

    def check_balance(
        self,
        tolerance: float = 1e-6,
        *,
        required: bool = False,
        floor: float = 1.0,
        unknown: Literal["wrong", "skip"] = "wrong",
    ) -> pd.DataFrame:
        """Return where a process of kind ``process`` loses or gains mass, the largest first.

        Columns process, layer, year, inflow, outflow, imbalance; a row is an imbalance above
        ``tolerance`` times the throughput, which is taken as at least ``floor`` tonnes; with a floor of
        zero what is rounding beside the largest throughput of that layer and year is let pass. With
        ``required`` the first raises :class:`BalanceError` that names process, layer, year and flows. A
        mass that is no number is an imbalance, or with ``unknown="skip"`` its process is not checked.
        """
        enters, leaves = self.incidence
        flat = self.mass.reshape(len(self.flows), -1)
        inflow, outflow = np.asarray(enters @ flat), np.asarray(leaves @ flat)
        checked = (self.processes["kind"] == "process").to_numpy()
        imbalance = np.where(checked[:, None], inflow - outflow, 0.0)
        through = np.maximum(np.abs(inflow), np.abs(outflow))
        trace = ROUNDING * np.nan_to_num(through).max(axis=0, initial=0.0)
        allowed = np.maximum(tolerance * np.maximum(through, floor), trace if floor == 0.0 else 0.0)
        process, cell = np.nonzero(~(np.abs(imbalance) <= allowed) & checked[:, None])
        if unknown == "skip":
            sure = ~np.isnan(imbalance[process, cell])
            process, cell = process[sure], cell[sure]
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
        wins, and coefficients with years only are support points (:mod:`flows.coefficients`). One flow of a
        process may have a blank value or no row: it takes the rest. What the coefficients of a ``stock``
        leave stays there.

        Raises :class:`ClosureError`, :class:`LoopError`, :class:`NetworkError` and, should the result not
        balance to 1e-9, :class:`BalanceError`.
        """
        given = with_keys(sources)
        rows = with_keys(transfer_coefficients)
        layers = sorted((set(given["layer"]) | set(rows["layer"])) - {""}) or ["goods"]
        years = sorted(set(pd.concat([given["year"], rows["year"]]).dropna().astype(int))) or [0]
        kind = self.processes["kind"].to_numpy()
        start = pd.Index(self.processes["process"]).get_indexer(self.flows["from"])
        start[(start >= 0) & (kind[start] == "source")] = -1
        names = pd.Index(self.flows["flow"])
        supply = specific_cells(given, names, layers, years)
        wrong = np.flatnonzero((start >= 0) & ~np.isnan(supply).all(axis=(1, 2)))
        if len(wrong):
            raise NetworkError(f"flows with a given mass leave a process: {', '.join(names[wrong])}")
        mine = self.flows["from"].to_numpy()[names.get_indexer(rows["flow"])]
        stray = (names.get_indexer(rows["flow"]) >= 0) & (mine != rows["process"].to_numpy())
        if stray.any():
            named = ", ".join(rows.loc[stray, "flow"])
            raise NetworkError(f"transfer coefficients for flows that do not leave their process: {named}")
        splits = Splits(names, start, self.processes["process"].to_list(), kind == "stock")
        shares = coefficients(rows, splits, layers, years)
        solved = replace(self, layers=tuple(layers), years=tuple(years)).with_shares(np.nan_to_num(supply), shares)
        solved.check_balance(BALANCE_TOLERANCE, required=True, floor=0.0)
        return solved

    def with_shares(self, supply: Floats, shares: Floats) -> Network:
        """Return the network with the masses that follow from supply and closed transfer coefficients.

        Both have the shape (flow, layer, year) of the network's ``layers`` and ``years``. ``supply`` counts
        where a flow comes over the boundary or from a process of kind ``source``; ``shares`` elsewhere.
        Raises :class:`LoopError`.
        """
        index = pd.Index(self.processes["process"])
        start, end = index.get_indexer(self.flows["from"]), index.get_indexer(self.flows["to"])
        start[(start >= 0) & (self.processes["kind"].to_numpy()[start] == "source")] = -1
        share = shares.reshape(len(self.flows), -1)
        mass = np.where((start < 0)[:, None], supply.reshape(share.shape), 0.0)
        enters, _ = self.incidence
        try:
            through = throughput(start, end, share, np.asarray(enters @ mass))
        except Trapped as trapped:
            layer, year = divmod(trapped.cell, len(self.years))
            raise LoopError(index[trapped.processes].tolist(), self.layers[layer], self.years[year]) from None
        inside = np.flatnonzero(start >= 0)
        mass[inside] = share[inside] * through[start[inside]]
        return replace(self, mass=mass.reshape(shares.shape))
