"""Checks of meaning on the side of treatment: outlets, costs, places, contracts and room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import networkx as nx
import numpy as np

from flows.case import Case
from flows.checks import Check, cell_problem
from flows.checks_sources import SUM_TOLERANCE
from flows.problems import Nearest, Problem, number_text
from flows.tables import NEVER_WASTE

WITHOUT_FACILITY = (*NEVER_WASTE, "preparing_for_reuse")


def _takers(case: Case) -> dict[str, set[str]]:
    """Return per stream or output the technologies that take it and have a facility."""
    placed = set(case["facilities"]["technology"])
    takers: dict[str, set[str]] = defaultdict(set)
    for technology, entering in zip(case["accepts"]["technology"], case["accepts"]["input"], strict=True):
        if technology in placed:
            takers[entering].add(technology)
    return takers


def outlets(case: Case) -> Iterator[Problem]:
    """Yield streams and outputs that nobody takes, and facilities that feed each other in a loop."""
    takers, markets = _takers(case), set(case["markets"]["output"])
    kinds = dict(zip(case["streams"]["stream"], case["streams"]["kind"], strict=True))
    rows = case["capture"]
    told: set[str] = set()
    for position, (stream, share) in enumerate(zip(rows["stream"], rows["share"], strict=True)):
        if share == 0 or stream in told or kinds.get(stream) in WITHOUT_FACILITY or takers[stream]:
            continue
        told.add(stream)
        yield cell_problem(rows, "capture", position, "stream", "stream_outlet", found=stream)
    yield from _outputs(case, takers, markets)


def _outputs(case: Case, takers: dict[str, set[str]], markets: set[str]) -> Iterator[Problem]:
    kinds = dict(zip(case["outputs"]["output"], case["outputs"]["kind"], strict=True))
    rows = case["yields"]
    placed = set(case["facilities"]["technology"])
    made: dict[str, set[str]] = defaultdict(set)
    told: set[tuple[str, str]] = set()
    for technology, output, share in zip(rows["technology"], rows["output"], rows["share"], strict=True):
        if share != 0 and technology in placed and kinds.get(output) != "emission":
            made[technology].add(output)
    for position, (technology, output) in enumerate(zip(rows["technology"], rows["output"], strict=True)):
        if output not in made[technology] or (technology, output) in told:
            continue
        told.add((technology, output))
        if not takers[output] and output not in markets:
            yield cell_problem(rows, "yields", position, "output", "output_outlet", found=output, place=technology)
    feeds = {
        technology: {taker for output in outputs for taker in takers[output]} for technology, outputs in made.items()
    }
    loop = _loop(feeds)
    if loop:
        following = dict(zip(loop, [*loop[1:], loop[0]], strict=True))
        for position, (technology, output) in enumerate(zip(rows["technology"], rows["output"], strict=True)):
            if output in made[technology] and following.get(technology) in takers[output]:
                place = " → ".join([*loop, loop[0]])
                yield cell_problem(rows, "yields", position, "output", "chain", found=output, place=place)
                break


def _loop(feeds: dict[str, set[str]]) -> list[str]:
    """Return technologies that feed each other in a circle, from the first by name; none if there is no circle.

    >>> _loop({"oven": {"sorter"}, "sorter": {"oven", "tip"}})
    ['oven', 'sorter']
    >>> _loop({"sorter": {"oven", "tip"}})
    []
    """
    graph = nx.DiGraph((start, goal) for start in sorted(feeds) for goal in sorted(feeds[start]))
    try:
        loop = [str(edge[0]) for edge in nx.find_cycle(graph)]
    except nx.NetworkXNoCycle:
        return []
    start = loop.index(min(loop))
    return [*loop[start:], *loop[:start]]


def unreached(case: Case) -> Iterator[Problem]:
    """Yield facilities that nothing can come to: what they take no scheme collects and no other facility makes."""
    placed = set(case["facilities"]["technology"])
    made, captured = case["yields"], case["capture"]
    coming = set(captured.loc[captured["share"] != 0, "stream"])
    coming |= set(made.loc[(made["share"] != 0) & made["technology"].isin(placed), "output"])
    reached = set(case["accepts"].loc[case["accepts"]["input"].isin(coming), "technology"])
    rows = case["facilities"]
    for position, (facility, technology) in enumerate(zip(rows["facility"], rows["technology"], strict=True)):
        if technology not in reached:
            taken = case["accepts"].loc[case["accepts"]["technology"] == technology, "input"]
            texts = {"found": facility, "place": technology, "expected": ", ".join(taken) or "-"}
            yield cell_problem(
                rows, "facilities", position, "technology", "facility_unreached", severity="warning", **texts
            )


def inputs(case: Case) -> Iterator[Problem]:
    """Yield what technologies take that is neither stream nor output, or has no yield."""
    streams, outputs = set(case["streams"]["stream"]), set(case["outputs"]["output"])
    meant = Nearest(streams | outputs)
    for table in ("accepts", "yields"):
        rows = case[table]
        for position, entering in enumerate(rows["input"]):
            if entering and entering not in streams | outputs:
                texts = {"found": entering, "suggestion": meant(entering)}
                yield cell_problem(rows, table, position, "input", "input_unknown", **texts)
    rows = case["yields"]
    sets = set(zip(rows["technology"], rows["input"], rows["fraction"], strict=True))
    captured = case["capture"][["stream", "fraction"]].drop_duplicates()
    by_stream = captured.groupby("stream")["fraction"].agg(set).to_dict()
    accepts = case["accepts"]
    for position, (technology, entering) in enumerate(zip(accepts["technology"], accepts["input"], strict=True)):
        for fraction in sorted(by_stream.get(entering, ())):
            ways = {
                (technology, entering, fraction),
                (technology, "", fraction),
                (technology, entering, ""),
                (technology, "", ""),
            }
            if not ways & sets:
                texts = {"place": technology, "found": entering, "expected": fraction}
                yield cell_problem(accepts, "accepts", position, "input", "yield_none", **texts)
                break


def costs(case: Case) -> Iterator[Problem]:
    """Yield facilities with a gate fee and costs of their own, and odd capacities."""
    rows = case["facilities"]
    own = (rows["fixed_cost"] > 0) | rows["variable_cost"].notna()
    for place in np.flatnonzero((rows["gate_fee"].notna() & own).to_numpy()):
        yield cell_problem(rows, "facilities", int(place), "gate_fee", "fee_and_cost")
    for column in ("reserved", "minimum_load"):
        for place in np.flatnonzero((rows[column] > rows["capacity"] + 1e-9).to_numpy()):
            texts = {
                "found": number_text(rows[column].iloc[place]),
                "expected": number_text(rows["capacity"].iloc[place]),
            }
            yield cell_problem(rows, "facilities", int(place), column, column, **texts)
    sizes = case["sizes"]
    unowned = (sizes["technology"] == "") & (sizes["facility"] == "")
    for place in np.flatnonzero(unowned.to_numpy()):
        yield cell_problem(sizes, "sizes", int(place), "technology", "size_owner")
    for place in np.flatnonzero(sizes["size"].str.contains("+", regex=False).to_numpy(dtype=bool)):
        yield cell_problem(sizes, "sizes", int(place), "size", "size_plus", found=sizes["size"].iloc[place])
    sized, sized_alone = set(sizes["technology"]), set(sizes["facility"])
    for position, (facility, technology, state) in enumerate(
        zip(rows["facility"], rows["technology"], rows["state"], strict=True)
    ):
        if state == "candidate" and technology not in sized and facility not in sized_alone:
            yield cell_problem(rows, "facilities", position, "state", "candidate_size", found=facility)


def places(case: Case) -> Iterator[Problem]:
    """Yield islands: places without coordinates and without distances, and unknown places."""
    explicit = case["distances"]
    known = set(case["municipalities"]["municipality"]) | set(case["facilities"]["facility"])
    markets = set(case["markets"]["market"])
    for column, allowed in (("from", known), ("to", known | markets)):
        meant = Nearest(allowed)
        for position, found in enumerate(explicit[column]):
            if found not in allowed:
                texts = {"found": found, "suggestion": meant(found)}
                yield cell_problem(explicit, "distances", position, column, "place_unknown", **texts)
    named = set(explicit["from"]) | set(explicit["to"])
    several = len(case["municipalities"]) > 1 or len(case["facilities"]) > 1
    for table, key in (("municipalities", "municipality"), ("facilities", "facility")):
        rows = case[table]
        for index in np.flatnonzero((rows["lat"].isna() | rows["lon"].isna()).to_numpy()):
            place = rows[key].iloc[index]
            # A bought service may lie anywhere: its price is at the door.
            if place not in named and several and not (table == "facilities" and rows["gate_fee"].notna().iloc[index]):
                yield cell_problem(rows, table, int(index), "lat", "no_place", found=place, severity="warning")
    modes = set(case["transport"]["mode"])
    needed = ["collection", "haul"] if several else []
    zones = (set(case["municipalities"]["zone"]) | set(case["facilities"]["zone"])) - {""}
    for mode in [*needed, *(["crossing"] if zones else [])]:
        if mode not in modes:
            yield Problem("transport_none", "transport", expected=mode, severity="warning")


def contracts(case: Case) -> Iterator[Problem]:
    """Yield contracts with facilities that do not take the stream, or for more than all of it."""
    rows = case["contracts"].reset_index(drop=True)
    technology = dict(zip(case["facilities"]["facility"], case["facilities"]["technology"], strict=True))
    taken = set(zip(case["accepts"]["technology"], case["accepts"]["input"], strict=True))
    for position, (facility, stream) in enumerate(zip(rows["facility"], rows["stream"], strict=True)):
        if (technology.get(facility, ""), stream) not in taken:
            yield cell_problem(rows, "contracts", position, "stream", "contract_stream", found=stream, place=facility)
    for key, part in rows.groupby(["municipality", "sector", "stream"], sort=False):
        starts = sorted({*part["from"].dropna(), *(part["until"].dropna() + 1)} or {0.0})
        for year in starts:
            holds = part[~(part["from"] > year) & ~(part["until"] < year)]
            total = float(holds["share"].sum())
            if total > 1 + SUM_TOLERANCE:
                texts = {"place": "/".join(filter(None, key[:2])) or "*", "found": number_text(total)}
                yield cell_problem(rows, "contracts", int(holds.index[-1]), "share", "contract_shares", **texts)
                break


def room(case: Case) -> Iterator[Problem]:
    """Yield streams that today's facilities have no room for, counted before any solver runs.

    For every set of facilities, the streams that nobody else takes must fit in (Hall's condition on
    the sets that occur). Capture is as in the sheet, before calibration, so this only warns.
    """
    from flows.amounts import generation
    from flows.capture import capture, current_schemes

    year = case.account_year
    running = current_schemes(case, year)
    flows = running.merge(capture(case), on="scheme", suffixes=("_run", ""))
    flows = flows.merge(generation(case, [year]), on=["municipality", "sector", "segment", "fraction"])
    flows["mass"] = flows["share_run"] * flows["share"] * flows["amount"]
    kinds = case["streams"].set_index("stream")["kind"]
    flows = flows[~flows["stream"].map(kinds).isin(WITHOUT_FACILITY)]
    need = flows.groupby("stream")["mass"].sum()
    facilities = case["facilities"]
    standing = facilities[
        (facilities["state"] == "existing") & ~(facilities["opens"] > year) & ~(facilities["closes"] < year)
    ]
    space = (standing["capacity"] - standing["reserved"]).clip(lower=0).fillna(np.inf)
    capacity = dict(zip(standing["facility"], space, strict=True))
    takes = standing[["facility", "technology"]].merge(case["accepts"], on="technology")
    sets = {stream: frozenset(part["facility"]) for stream, part in takes.groupby("input")}
    for group in sorted(set(sets.values()), key=lambda item: (len(item), sorted(item))):
        streams = [stream for stream in need.index if stream in sets and sets[stream] <= group]
        total, limit = float(need[streams].sum()), sum(capacity[facility] for facility in group)
        if streams and total > limit * (1 + 1e-6):
            texts = {"place": ", ".join(streams), "found": tonnes_text(total), "expected": tonnes_text(limit)}
            yield Problem("capacity", "facilities", severity="warning", **texts)  # type: ignore[arg-type]
    for stream in sorted(set(need.index) - set(sets)):
        if need[stream] > 0:
            yield Problem(
                "capacity",
                "facilities",
                place=stream,
                found=tonnes_text(need[stream]),
                expected="0 t",
                severity="warning",
            )


def tonnes_text(mass: float) -> str:
    """Return a yearly mass as short text.

    >>> tonnes_text(120_400), tonnes_text(90)
    ('120 kt', '90 t')
    """
    return f"{mass / 1000:,.0f} kt" if mass >= 10_000 else f"{mass:,.0f} t"


def single_destinations(case: Case) -> Iterator[Problem]:
    """Yield contracts that bind a stream to several facilities although all of it must go to one."""
    streams = case["streams"]
    single = set(streams.loc[streams["single_destination"], "stream"])
    rows = case["contracts"].reset_index(drop=True)
    rows = rows[rows["stream"].isin(single) & (rows["share"] > 0)]
    for key, part in rows.groupby(["municipality", "stream"], sort=False):
        for year in sorted({*part["from"].dropna()} or {0.0}):
            holds = part[~(part["from"] > year) & ~(part["until"] < year)]
            if holds["facility"].nunique() > 1:
                texts = {"place": ", ".join(sorted(holds["facility"].unique())), "found": key[1]}
                yield cell_problem(rows, "contracts", int(holds.index[-1]), "facility", "single_destination", **texts)
                break


EVERY_SUPPLY = ("streams", "technologies", "outputs", "yields", "accepts", "facilities", "markets", "capture")
SUPPLY_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (EVERY_SUPPLY, outlets),
    (EVERY_SUPPLY, unreached),
    (("streams", "outputs", "accepts", "yields", "capture", "technologies"), inputs),
    (("facilities", "sizes", "technologies"), costs),
    (("municipalities", "facilities", "distances", "transport", "markets"), places),
    (("contracts", "facilities", "accepts", "streams"), contracts),
    (("contracts", "streams"), single_destinations),
)
"""Each check with the tables that it reads."""
