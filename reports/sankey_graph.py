"""What a Sankey picture shows: processes as nodes and flows as links, each link knowing the flows it stands for.

A flow whose one end is blank crosses the system boundary and gets a node of its own outside. A negative
flow is turned round and remembered as such. Where there are more links than a reader can take in, small
ones are joined (:func:`joined`): no flow is left out and every balance stays what it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reports.sankey_layers import columns, feedback

OTHER = "*"
MEASURED, COMPUTED, SUSPECT, UNDETERMINED, PLAIN = "measured", "computed", "suspect", "undetermined", ""
STATUS_SHOWN = {
    "exact": MEASURED,
    "given": MEASURED,
    "measured": MEASURED,
    "measured_redundant": MEASURED,
    "measured_nonredundant": MEASURED,
    "computed": COMPUTED,
    "unmeasured_observable": COMPUTED,
    "suspect": SUSPECT,
    "undetermined": UNDETERMINED,
    "unmeasured_unobservable": UNDETERMINED,
}
"""The status words of accounting and reconciliation, and the style in which each is drawn."""
_WORST = (PLAIN, MEASURED, COMPUTED, UNDETERMINED, SUSPECT)


@dataclass(frozen=True)
class Node:
    """A process, or the outside of the system at one end of a boundary flow.

    ``stock`` is what lies there and ``addition`` what is added in a year, NaN where not known;
    ``members`` are the ids of the processes that the node stands for. Where they are several, ``inner``
    are the ids of the flows among them and ``inner_value`` is the sum of those: they are not drawn.
    """

    key: str
    label: str
    outside: bool = False
    stock: float = math.nan
    addition: float = math.nan
    members: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    inner_value: float = 0.0

    @property
    def stores(self) -> bool:
        """Tell whether anything is known of a stock there."""
        return not (math.isnan(self.stock) and math.isnan(self.addition))


@dataclass(frozen=True)
class Link:
    """One band: ``value`` is its width (never negative), NaN where the flow is not known.

    ``backwards`` says that the flow was negative and is drawn from its end to its start; ``flows`` are
    the ids of the flows it stands for; ``kind`` chooses its colour.
    """

    start: str
    end: str
    value: float
    std: float = math.nan
    status: str = PLAIN
    flows: tuple[str, ...] = ()
    label: str = ""
    backwards: bool = False
    kind: str = ""

    @property
    def width(self) -> float:
        """The value, 0 where it is not known."""
        return 0.0 if math.isnan(self.value) else self.value


@dataclass(frozen=True)
class Graph:
    """Nodes and links, in the order in which they were given."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def inward(self, key: str) -> float:
        """Return the sum of what enters a node."""
        return math.fsum(link.width for link in self.links if link.end == key)

    def outward(self, key: str) -> float:
        """Return the sum of what leaves a node."""
        return math.fsum(link.width for link in self.links if link.start == key)


def graph_of(flows: pd.DataFrame, stocks: pd.DataFrame | None = None, processes: pd.DataFrame | None = None) -> Graph:
    """Return the graph of a flow system.

    ``flows`` has the columns flow, from, to, value and maybe name, std, status and kind; a blank ``from``
    or ``to`` is the system boundary. ``stocks`` has process, stock and maybe addition; ``processes`` has
    process and maybe name. Raises ``ValueError`` if a column is missing or a flow is listed twice.
    """
    _require("flows", flows, ("flow", "from", "to", "value"))
    _require("stocks", stocks, ("process", "stock"))
    _require("processes", processes, ("process",))
    names = _names(processes)
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    seen: set[str] = set()
    for row in flows.to_dict("records"):
        flow = _text(row["flow"])
        if flow in seen:
            raise ValueError(f"flow '{flow}' is listed twice")
        seen.add(flow)
        value, std = _number(row["value"]), abs(_number(row.get("std")))
        label = _text(row.get("name")) or flow
        ends = [_text(row["from"]), _text(row["to"])]
        for position, process in enumerate(ends):
            key = f"process:{process}" if process else f"{('in', 'out')[position]}:{flow}"
            if key not in nodes:
                members = (process,) if process else ()
                nodes[key] = Node(key, names.get(process, process), not process, members=members)
            ends[position] = key
        backwards = value < 0
        if backwards:
            ends.reverse()
        status = STATUS_SHOWN.get(_text(row.get("status")), PLAIN)
        if math.isnan(value):
            status = UNDETERMINED
        links.append(Link(ends[0], ends[1], abs(value), std, status, (flow,), label, backwards, _text(row.get("kind"))))
    for process in names:
        key = f"process:{process}"
        nodes.setdefault(key, Node(key, names[process], members=(process,)))
    for row in [] if stocks is None else stocks.to_dict("records"):
        process = _text(row["process"])
        key = f"process:{process}"
        node = nodes.get(key, Node(key, names.get(process, process), members=(process,)))
        nodes[key] = replace(node, stock=_number(row["stock"]), addition=_number(row.get("addition")))
    return Graph(tuple(nodes.values()), tuple(links))


def column_of_each(graph: Graph) -> list[int]:
    """Return the column of each node: processes by their longest path, the outside beside its process."""
    keys = [node.key for node in graph.nodes]
    index = {key: position for position, key in enumerate(keys)}
    inner = [position for position, node in enumerate(graph.nodes) if not node.outside]
    number = {position: rank for rank, position in enumerate(inner)}
    entry = [0.0] * len(inner)
    arcs = []
    for link in graph.links:
        start, end = number.get(index[link.start]), number.get(index[link.end])
        if start is not None and end is not None:
            arcs.append((start, end, link.width))
        elif end is not None:
            entry[end] += link.width
        elif start is not None:
            entry[start] -= link.width
    found = columns(len(inner), arcs, feedback(len(inner), arcs, entry))
    place = [0] * len(keys)
    for rank, position in enumerate(inner):
        place[position] = found[rank]
    for link in graph.links:
        start, end = index[link.start], index[link.end]
        if graph.nodes[start].outside:
            place[start] = place[end] - 1
        if graph.nodes[end].outside:
            place[end] = place[start] + 1
    lowest = min(place, default=0)
    return [column - lowest for column in place]


def _require(name: str, frame: pd.DataFrame | None, columns: Sequence[str]) -> None:
    missing = [] if frame is None else [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"{name} has no column {', '.join(missing)}")


def _names(processes: pd.DataFrame | None) -> dict[str, str]:
    if processes is None:
        return {}
    rows = processes.to_dict("records")
    return {_text(row["process"]): _text(row.get("name")) or _text(row["process"]) for row in rows}


def _text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    # What XML cannot hold and what would break a line is left out.
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def joined(graph: Graph, most: int, other: str = "other", flows: str = "{count} flows") -> Graph:
    """Return a graph of at most about ``most`` links in which small flows are joined, none left out.

    First flows between the same two processes are joined, then small boundary flows of the same
    process, then the lightest processes into one called ``other``, which knows the flows among them.
    ``flows`` is the label of a joined link.
    """
    if len(graph.links) <= most:
        return graph
    same = {node.key: node.key for node in graph.nodes}
    result = _merged(graph, same, other, flows)
    if len(result.links) <= most:
        return result
    boundary = _boundary(graph)

    def outside(kept: int) -> dict[str, str]:
        """Join the boundary flows of each process that are not among the heaviest."""
        return {**same, **{key: f"{key.split(':')[0]}:{OTHER}:{end}" for key, end in boundary[kept:]}}

    kept = _most_kept(len(boundary), lambda number: _count(graph, outside(number)) <= most)
    if kept >= 0:
        return _merged(graph, outside(kept), other, flows)
    ranked = _ranked(graph)
    joint = outside(0)

    def inside(kept: int) -> dict[str, str]:
        """Join the processes that are not among the heaviest, and their boundary flows."""
        light = dict.fromkeys(ranked[kept:], f"process:{OTHER}")
        return {
            **joint,
            **light,
            **{key: f"{key.split(':')[0]}:{OTHER}:{OTHER}" for key, end in boundary if end in light},
        }

    kept = _most_kept(len(ranked), lambda number: _count(graph, inside(number)) <= most)
    return _merged(graph, inside(max(kept, 0)), other, flows)


def _most_kept(count: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to ``count`` that fits, -1 if none does; what fits, fits below too.

    >>> _most_kept(10, lambda number: number * number < 30)
    5
    """
    low, high = -1, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _boundary(graph: Graph) -> list[tuple[str, str]]:
    """Return the outside nodes with the process at the other end, the heaviest flow first."""
    outside = {node.key for node in graph.nodes if node.outside}
    found = [(link.width, link.start, link.end) for link in graph.links if link.start in outside]
    found += [(link.width, link.end, link.start) for link in graph.links if link.end in outside]
    return [(key, end) for _, key, end in sorted(found, key=lambda item: (-item[0], item[1]))]


def _ranked(graph: Graph) -> list[str]:
    """Return the processes, that with the largest throughput first."""
    through = {node.key: 0.0 for node in graph.nodes}
    for link in graph.links:
        through[link.start] += link.width
        through[link.end] += link.width
    processes = [node.key for node in graph.nodes if not node.outside]
    return sorted(processes, key=lambda key: (-through[key], key))


def _count(graph: Graph, mapping: dict[str, str]) -> int:
    codes = {key: position for position, key in enumerate(sorted(set(mapping.values())))}
    starts = np.array([codes[mapping[link.start]] for link in graph.links])
    ends = np.array([codes[mapping[link.end]] for link in graph.links])
    return len(np.unique(starts * len(codes) + ends))


def _merged(graph: Graph, mapping: dict[str, str], other: str, flows: str) -> Graph:
    """Return the graph with nodes put together by ``mapping`` and parallel links added up."""
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes:
        groups.setdefault(mapping[node.key], []).append(node)
    nodes = [
        members[0] if len(members) == 1 and members[0].key == key else _one(key, members, other)
        for key, members in groups.items()
    ]
    parallel: dict[tuple[str, str], list[Link]] = {}
    for link in graph.links:
        parallel.setdefault((mapping[link.start], mapping[link.end]), []).append(link)
    joint = {node.key for node in nodes if len(node.members) > 1}
    links = []
    for (start, end), items in parallel.items():
        if start == end and start in joint:
            inner = tuple(name for link in items for name in link.flows)
            value = math.fsum(link.width for link in items)
            nodes = [replace(node, inner=inner, inner_value=value) if node.key == start else node for node in nodes]
        else:
            links.append(_sum(start, end, items, flows))
    return Graph(tuple(nodes), tuple(links))


def _one(key: str, members: Sequence[Node], other: str) -> Node:
    processes = tuple(name for node in members for name in node.members)
    label = f"{other} ({len(processes)})" if processes else ""
    stock, addition = (_known_sum([getattr(node, name) for node in members]) for name in ("stock", "addition"))
    return Node(key, label, members[0].outside, stock, addition, processes)


def _sum(start: str, end: str, items: Sequence[Link], flows: str) -> Link:
    if len(items) == 1:
        return replace(items[0], start=start, end=end)
    names = tuple(name for link in items for name in link.flows)
    std = math.sqrt(_known_sum([link.std**2 for link in items])) if items else math.nan
    status = max((link.status for link in items), key=_WORST.index)
    kinds = {link.kind for link in items}
    return Link(
        start,
        end,
        _known_sum([link.value for link in items]),
        std,
        status,
        names,
        flows.format(count=len(names)),
        all(link.backwards for link in items),
        next(iter(kinds)) if len(kinds) == 1 else "",
    )


def _known_sum(values: Sequence[float]) -> float:
    """Return the sum of the numbers that are known, NaN if none is."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) if known else math.nan
