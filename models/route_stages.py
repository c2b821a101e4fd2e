"""Which ways an output can take, and the stages of a route: the places where one has to know which plant it is.

A technology has one *mode* for each combination of classes of destination of its outputs. A technology that is
fed by another begins a *stage* of its own if it has several modes or hauls its outputs on by a way that depends
on where it stands: what becomes of a tonne there hangs on the very plant that it comes to. All else that is fed
treats alike and belongs to the stage that feeds it. Stages form a tree below every technology that takes streams.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import networkx as nx
import pandas as pd

from flows.case import Case
from flows.routing import apart_markets, destinations

TO = "technology:"
"""What the class of a destination begins with that is a facility."""
BETWEEN = " > "


class ChainError(ValueError):
    """Facilities are chained in a way that the planner cannot decide; the message says where."""


@dataclass(frozen=True)
class Stages:
    """``modes``: technology, mode, output, class. ``onward``: technologies whose outputs go on by ways of their own.

    ``tree``: one row per node below the technologies that stand: node (its name), root, technology, parent (node),
    output (by which it is fed), deep (begins a stage), stage (node to whose stage it belongs), depth; parents first.
    """

    modes: pd.DataFrame
    onward: frozenset[str]
    tree: pd.DataFrame

    @property
    def fed(self) -> pd.DataFrame:
        """Stages that are fed by other facilities, parents first."""
        return self.tree[self.tree["deep"]]


def output_classes(case: Case) -> pd.DataFrame:
    """Return technology, output, class: where the outputs of a technology could go."""
    kinds = case["outputs"].set_index("output")["kind"]
    made = case["yields"][["technology", "output"]].drop_duplicates()
    made = made[made["output"].map(kinds) != "emission"]
    table = made.merge(destinations(case)[["output", "class"]].drop_duplicates(), on="output")
    return table.sort_values(["technology", "output", "class"], ignore_index=True)


def stages(case: Case) -> Stages:
    """Return modes and stages of a case. Raises :class:`ChainError` for a loop of facilities."""
    classes = output_classes(case)
    placed = sorted(set(case["facilities"]["technology"]))
    check_loops(classes[classes["technology"].isin(placed)])
    modes = _modes(classes)
    far = apart_markets(case)[["output", "class"]].drop_duplicates()
    leaves = classes["class"].str.startswith(TO) | pd.MultiIndex.from_frame(classes[["output", "class"]]).isin(
        pd.MultiIndex.from_frame(far)
    )
    onward = frozenset(classes.loc[leaves, "technology"])
    several = set(modes.loc[modes["mode"] > 0, "technology"])
    return Stages(modes, onward, _tree(classes, placed, onward | several))


def _modes(classes: pd.DataFrame) -> pd.DataFrame:
    """Return technology, mode, output, class: every combination of one class per output."""
    rows: list[tuple[str, int, str, str]] = []
    for technology, part in classes.groupby("technology", sort=True):
        outputs = [(str(output), list(group["class"])) for output, group in part.groupby("output", sort=True)]
        for mode, chosen in enumerate(product(*(names for _, names in outputs))):
            rows.extend((str(technology), mode, output, one) for (output, _), one in zip(outputs, chosen, strict=True))
    return pd.DataFrame(rows, columns=["technology", "mode", "output", "class"])


def check_loops(classes: pd.DataFrame) -> None:
    """Raise :class:`ChainError` if outputs can come back to the technology that made them."""
    feeds = classes[classes["class"].str.startswith(TO)]
    graph = nx.DiGraph(zip(feeds["technology"], feeds["class"].str.removeprefix(TO), strict=True))
    try:
        loop = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return
    names = [str(edge[0]) for edge in loop]
    start = names.index(min(names))
    around = " → ".join([*names[start:], *names[:start], names[start]])
    raise ChainError(f"outputs come back to the facilities that made them: {around}; a loop cannot be planned")


def _tree(classes: pd.DataFrame, placed: list[str], deciding: frozenset[str]) -> pd.DataFrame:
    """Return the nodes below every technology that stands; see :class:`Stages`."""
    feeds = classes[classes["class"].str.startswith(TO)]
    below: dict[str, list[tuple[str, str]]] = {}
    for technology, output, name in feeds[["technology", "output", "class"]].itertuples(index=False):
        below.setdefault(technology, []).append((output, name.removeprefix(TO)))
    rows = [(name, name, name, "", "", False, name, 0) for name in placed]
    for node, root, technology, _, _, _, stage, depth in rows:
        for output, fed in below.get(technology, []):
            child = BETWEEN.join((node, output, fed))
            deep = fed in deciding
            rows.append((child, root, fed, node, output, deep, child if deep else stage, depth + 1))
    columns = ["node", "root", "technology", "parent", "output", "deep", "stage", "depth"]
    return pd.DataFrame(rows, columns=columns)


def runs(found: Stages) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which tonnes have to be sent down which ways to see every stage in every mode.

    The first table has run, root, stage, mode; the second run, node, output, class: the class of destination
    of every output in that run. Runs of different roots share a number.
    """
    modes, tree = found.modes, found.tree
    count = modes.groupby("technology")["mode"].max().add(1)
    seen: dict[str, int] = {}
    listed: list[tuple[int, str, str, int]] = []
    for row in tree[(tree["depth"] == 0) | tree["deep"]].itertuples(index=False):
        for mode in range(int(count.get(row.technology, 1))):
            run = seen.get(row.root, 0)
            seen[row.root] = run + 1
            listed.append((run, row.root, row.node, mode))
    every = pd.DataFrame(listed, columns=["run", "root", "stage", "mode"])
    wanted = every.merge(tree[["root", "node", "technology"]], on="root")
    # A node runs in the mode that is looked at, or leads to the stage that is; all others in their first.
    wanted["mode"] = wanted["mode"].where(wanted["node"] == wanted["stage"], 0)
    leading = _leading(found)
    wanted = wanted.merge(leading, on=["stage", "node"], how="left")
    wanted["mode"] = wanted["leads"].fillna(wanted["mode"]).astype("int64")
    chosen = wanted.merge(modes, on=["technology", "mode"])
    return every, chosen[["run", "node", "output", "class"]]


def _leading(found: Stages) -> pd.DataFrame:
    """Return stage, node, leads: the first mode in which a node above a stage sends on towards it."""
    modes, nodes = found.modes, found.tree.set_index("node")
    first = modes.drop_duplicates(["technology", "output", "class"]).set_index(["technology", "output", "class"])[
        "mode"
    ]
    rows = []
    for stage in found.fed["node"]:
        node = stage
        while nodes.at[node, "parent"]:
            above = nodes.at[node, "parent"]
            goes = (nodes.at[above, "technology"], nodes.at[node, "output"], TO + nodes.at[node, "technology"])
            rows.append((stage, above, int(first[goes])))
            node = above
    return pd.DataFrame(rows, columns=["stage", "node", "leads"])
