"""Checking a general flow system before anything is computed: all problems at once, in the user's words.

What the declaration says of single tables is checked as for a case (:mod:`flows.checks`); here stands
what processes, flows, layers and years mean together. Values are in :mod:`flows.checks_system_values`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import networkx as nx
import numpy as np
import pandas as pd

from flows.case import parse_years
from flows.checks import cell_problem, check_table, setting_bounds
from flows.problems import Nearest, Problem
from flows.system import System
from flows.system_tables import SYSTEM_SETTINGS, SYSTEM_TABLES
from flows.units import UnitError, factor

Check = Callable[[System], Iterator[Problem]]
YEARLY = ("measurements", "correlations", "relations")
"""Tables whose rows of other years than the system's are not used."""
LAYERED = ("measurements", "transfer_coefficients", "correlations", "relations", "stocks")


def check_system(system: System, damaged: Collection[str] = ()) -> list[Problem]:
    """Return every problem of a flow system; ``sheet`` is the table and ``row`` its row.

    Rows are those of the workbook where the system was read from one, else counted from 1. Checks of
    meaning leave out what needs a table in ``damaged``, whose cells could not all be read (a column of it is there
    as ``table.column``).

    >>> system = System.from_tables(
    ...     processes=[{"process": "sorting"}], flows=[{"flow": "waste", "from": "sorting", "to": "sorting"}]
    ... )
    >>> [problem.code for problem in check_system(system) if problem.severity == "error"]
    ['flow_to_itself']
    """
    from flows.checks_system_values import VALUE_CHECKS

    problems = list(_settings(system))
    for table in SYSTEM_TABLES:
        problems.extend(check_table(system, table, damaged))
    broken = {problem.sheet for problem in problems if problem.severity == "error"} | set(damaged)
    for needed, check in (*STRUCTURE_CHECKS, *VALUE_CHECKS):
        if not broken & set(needed):
            problems.extend(check(system))
    return problems


def _settings(system: System) -> Iterator[Problem]:
    settings = system.settings
    try:
        parse_years(str(settings["years"] or ""))
    except ValueError:
        yield Problem("not_years", "settings", column="years", found=str(settings["years"]))
    yield from setting_bounds(SYSTEM_SETTINGS, settings)


def _flow_ends(system: System) -> Iterator[Problem]:
    """Yield flows that lead from a process to itself, or from nowhere to nowhere."""
    flows = system["flows"]
    blank = (flows["from"] == "") & (flows["to"] == "")
    for position in np.flatnonzero(((flows["from"] == flows["to"]) & ~blank).to_numpy()):
        found = str(flows["from"].iloc[position])
        yield cell_problem(flows, "flows", int(position), "to", "flow_to_itself", found=found)
    for position in np.flatnonzero(blank.to_numpy()):
        yield cell_problem(flows, "flows", int(position), "from", "flow_nowhere")


def _processes(system: System) -> Iterator[Problem]:
    """Yield processes without flows, and those that could only be in balance if nothing moved."""
    processes, flows = system["processes"], system["flows"]
    left, entered = set(flows["from"]), set(flows["to"])
    for position, (process, kind) in enumerate(zip(processes["process"], processes["kind"], strict=True)):
        texts: dict[str, str] = {"found": process, "severity": "warning"}
        if process not in left and process not in entered:
            yield cell_problem(processes, "processes", position, "process", "process_alone", **texts)
        elif kind == "process" and (process not in left or process not in entered):
            code = "process_never_left" if process in entered else "process_never_entered"
            yield cell_problem(processes, "processes", position, "kind", code, **texts)


def _loops(system: System) -> Iterator[Problem]:
    """Yield loops of processes that something enters and nothing leaves, or the other way round.

    A circuit that is closed both ways, cooling water say, can turn as it likes.
    """
    processes, flows = system["processes"], system["flows"]
    inner = set(processes["process"][processes["kind"] == "process"]) - {""}
    ends = list(zip(flows["from"], flows["to"], strict=True))
    graph = nx.DiGraph((start, end) for start, end in ends if start in inner and end in inner)
    position_of = {process: position for position, process in enumerate(processes["process"])}
    for loop in nx.strongly_connected_components(graph):
        if len(loop) < 2:
            continue
        left = any(start in loop and end not in loop for start, end in ends)
        entered = any(end in loop and start not in loop for start, end in ends)
        if left != entered:
            listed = sorted(loop, key=position_of.__getitem__)
            code = "loop_never_entered" if left else "loop_never_left"
            texts = {"found": ", ".join(listed), "severity": "warning"}
            yield cell_problem(processes, "processes", position_of[listed[0]], "process", code, **texts)


def _ids(system: System) -> Iterator[Problem]:
    """Yield stocks whose id is a flow's too: a measurement could be of either."""
    processes = system["processes"]
    stocks = processes["process"].where(processes["kind"] == "stock", "")
    for position in np.flatnonzero(stocks.isin(set(system["flows"]["flow"]) - {""}).to_numpy()):
        found = str(stocks.iloc[position])
        yield cell_problem(processes, "processes", int(position), "process", "id_of_both", found=found)


def _islands(system: System) -> Iterator[Problem]:
    """Yield parts of the system, joined to no other, in which nothing is measured."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    processes, flows, relations = system["processes"], system["flows"], system["relations"]
    if flows.empty:
        return
    names = pd.Index([*processes["process"], *flows["flow"].map("flow {}".format)]).drop_duplicates()
    flow_nodes = names.get_indexer(flows["flow"].map("flow {}".format))
    starts, ends = [], []
    for column in ("from", "to"):
        nodes = names.get_indexer(flows[column])
        starts.append(flow_nodes[nodes >= 0])
        ends.append(nodes[nodes >= 0])
    related = relations[relations["of_flow"] != ""]
    starts.append(names.get_indexer(related["flow"].map("flow {}".format)))
    ends.append(names.get_indexer(related["of_flow"].map("flow {}".format)))
    first, second = np.concatenate(starts), np.concatenate(ends)
    joined = (first >= 0) & (second >= 0)
    graph = coo_matrix((np.ones(joined.sum()), (first[joined], second[joined])), shape=(len(names), len(names)))
    island = connected_components(graph, directed=False)[1]
    known = set(system["measurements"]["flow"][system["measurements"]["value"].notna()])
    known |= set(system["stocks"]["process"][system["stocks"]["initial"].notna()])
    known_nodes = names.get_indexer([name for item in known for name in (item, f"flow {item}")])
    lit = set(island[known_nodes[known_nodes >= 0]])
    told: set[int] = set()
    for position, node in enumerate(flow_nodes):
        if int(island[node]) not in lit | told:
            told.add(int(island[node]))
            found = str(flows["flow"].iloc[position])
            yield cell_problem(flows, "flows", position, "flow", "island_unmeasured", found=found, severity="warning")


def _layers(system: System) -> Iterator[Problem]:
    """Yield layers that are not listed where layers are, and values of all layers where there are several."""
    listed = set(system["layers"]["layer"]) - {""}
    several = len(system.layers) > 1
    meant = Nearest(listed)
    for table in LAYERED:
        frame = system[table]
        for column in ("layer", "of_layer"):
            if listed and column in frame:
                unknown = (frame[column] != "") & ~frame[column].isin(listed)
                for position in np.flatnonzero(unknown.to_numpy()):
                    found = str(frame[column].iloc[position])
                    texts = {"found": found, "expected": "layers", "suggestion": meant(found)}
                    yield cell_problem(frame, table, int(position), column, "reference", **texts)
        if several and table in {"measurements", "stocks"}:
            for position in np.flatnonzero((frame["layer"] == "").to_numpy()):
                texts = {"found": ", ".join(system.layers), "severity": "warning"}
                yield cell_problem(frame, table, int(position), "layer", "layer_blank", **texts)


def _shown_units(system: System) -> Iterator[Problem]:
    """Yield layers that are to be shown in what is no unit of them."""
    rows = system["layers"]
    for position, (layer, shown) in enumerate(zip(rows["layer"], rows["shown_unit"], strict=True)):
        if shown:
            try:
                factor(shown, system.unit(layer))
            except UnitError as error:
                texts = {"found": error.found, "expected": error.expected, "suggestion": error.suggestion}
                yield cell_problem(rows, "layers", position, "shown_unit", error.code, **texts)


def _years(system: System) -> Iterator[Problem]:
    """Yield rows of years that are none of the system's, where the settings name them."""
    if not system.settings["years"]:
        return
    years = set(system.years)
    span = str(system.settings["years"])
    for table in YEARLY:
        frame = system[table]
        outside = frame["year"].notna() & ~frame["year"].isin(years)
        for position in np.flatnonzero(outside.to_numpy()):
            texts = {"found": f"{frame['year'].iloc[position]:.0f}", "expected": span, "severity": "warning"}
            yield cell_problem(frame, table, int(position), "year", "year_outside", **texts)


STRUCTURE_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("flows",), _flow_ends),
    (("processes", "flows"), _processes),
    (("processes", "flows"), _loops),
    (("processes", "flows"), _ids),
    (("processes", "flows", "measurements", "relations", "stocks"), _islands),
    (("layers",), _layers),
    (("layers",), _shown_units),
    (("settings",), _years),
)
"""Each check with the tables that it needs whole."""
