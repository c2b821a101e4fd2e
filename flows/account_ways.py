"""The ways of a tonne from its first step to its ends, and what it is worth there, in many draws at once.

A first step is a stream's fraction entering a facility (or leaving at once: reuse, prevention). What becomes of
it then depends on yields, destinations and markets alone, not on who made it: so one small network of steps,
with yields and losses as arrays over draws, says for every first step how much of a tonne each rate method
counts and in which treatment it ends. Weights are those of ``flows.methods``, histories those of ``flows.paths``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.account import MOST_NAMED, nowhere_to_go, traced_yields, without_yield
from flows.case import Case
from flows.paths import HERE, Floats, Integers, Paths, entered, left
from flows.tables import NEVER_WASTE, TREATMENTS

MOST_PASSES = 200
SETTLED = 1e-13
_NODE = ["facility", "input", "stream", "fraction", "state"]

Weight = Callable[[Paths], Floats]


@dataclass(frozen=True)
class Ways:
    """Steps of tonnes, the first ones first; a node is what has entered a facility with one history.

    ``entries``: stream, fraction, to of the first steps, in order. Per step: ``start`` (node, -1 for a first
    step), ``goal`` (node, -1 where the way ends), ``row`` (position in the sheet of yields, -1 for a first
    step), ``part`` (share of the output that goes there), ``market`` (position in the sheet, -1 for none),
    ``treatment`` (of an end that is no market). Steps after the first are sorted by start. ``paths`` holds one
    tonne in each step. ``facility`` is the facility of every node.
    """

    entries: pd.DataFrame
    start: Integers
    goal: Integers
    row: Integers
    part: Floats
    market: Integers
    treatment: NDArray[np.object_]
    from_mixed: NDArray[np.bool_]
    paths: Paths
    facility: NDArray[np.object_]

    @property
    def first(self) -> int:
        """Return the number of first steps."""
        return len(self.entries)


def find_ways(case: Case, entries: pd.DataFrame, outputs: pd.DataFrame, year: int) -> Ways:
    """Return the ways from first steps (stream, fraction, to) when outputs go where ``outputs`` says.

    ``outputs``: facility, output, to, share. Raises :class:`InputError` where mass has nowhere to go.
    """
    lookup = _Lookup(case)
    steps = lookup.first_steps(entries)
    nodes = steps[steps["facility"] != ""][_NODE].drop_duplicates()
    yields = traced_yields(case).rename(columns={"share": "yield"})
    outputs = outputs.loc[outputs["share"] > 0, ["facility", "output", "to", "share"]].rename(columns={"share": "part"})
    found, fresh = [nodes], nodes
    later: list[pd.DataFrame] = []
    while len(fresh):
        onward = lookup.onward(fresh, yields, outputs)
        later.append(onward)
        reached = onward[onward["facility"] != ""][_NODE].drop_duplicates()
        known = pd.concat(found, ignore_index=True)
        merged = reached.merge(known.assign(known=True), on=_NODE, how="left")
        fresh = merged[merged["known"].isna()][_NODE].reset_index(drop=True)
        found.append(fresh)
    nodes = pd.concat(found, ignore_index=True)
    number = pd.Series(np.arange(len(nodes)), index=pd.MultiIndex.from_frame(nodes))
    onward = pd.concat(later, ignore_index=True) if later else steps[:0].assign(**{f"{name}_0": "" for name in _NODE})
    starts = number.reindex(pd.MultiIndex.from_frame(onward[[f"{name}_0" for name in _NODE]])).to_numpy(dtype=np.int64)
    order = np.argsort(starts, kind="stable")
    table = pd.concat([steps, onward.iloc[order]], ignore_index=True)
    goal = number.reindex(pd.MultiIndex.from_frame(table[_NODE])).fillna(-1).to_numpy(dtype=np.int64)
    start = np.concatenate([np.full(len(steps), -1, dtype=np.int64), starts[order]])
    return Ways(
        entries=entries.reset_index(drop=True),
        start=start,
        goal=goal,
        row=table["row"].to_numpy(dtype=np.int64),
        part=table["part"].to_numpy(dtype=float),
        market=lookup.markets.index.get_indexer(pd.Index(table["to"])).astype(np.int64),
        treatment=table["treatment"].to_numpy(dtype=object),
        from_mixed=(table["kind"] == "mixed").to_numpy(),
        paths=lookup.paths(table, start, goal, year),
        facility=nodes["facility"].to_numpy(dtype=object),
    )


class _Lookup:
    """Properties of the things that steps touch."""

    def __init__(self, case: Case) -> None:
        technologies = case["technologies"].drop_duplicates("technology").set_index("technology")
        facilities = case["facilities"].drop_duplicates("facility").set_index("facility")
        self.technology = facilities["technology"]
        self.treatment = facilities["technology"].map(technologies["treatment"])
        self.entry = facilities["technology"].map(technologies["calculation_point"]) == "entry"
        self.streams = case["streams"].drop_duplicates("stream").set_index("stream")["kind"]
        self.outputs = case["outputs"].drop_duplicates("output").set_index("output")
        self.markets = case["markets"].drop_duplicates("market").set_index("market")
        self.fractions = case["fractions"].drop_duplicates("fraction").set_index("fraction")

    def _enter(self, steps: pd.DataFrame, state: Integers, first: bool) -> pd.DataFrame:
        """Set facility and state of steps that enter a facility; both are blank where the way ends."""
        inside = steps["to"].isin(self.technology.index).to_numpy()
        treatment = steps["to"].map(self.treatment).fillna("").to_numpy(dtype=object)
        entry = steps["to"].map(self.entry).eq(True).to_numpy(dtype=bool)
        mixed = (steps["stream"].map(self.streams) == "mixed").to_numpy() & first
        moved = entered(state, treatment, entry, mixed)
        facility = steps["to"].where(inside, "")
        return steps.assign(facility=facility, state=np.where(inside, moved, -1), before=state)

    def first_steps(self, entries: pd.DataFrame) -> pd.DataFrame:
        steps = entries[["stream", "fraction", "to"]].reset_index(drop=True)
        ends = steps["to"].str.removeprefix("sink:").where(steps["to"].str.startswith("sink:"), "")
        steps = steps.assign(input=steps["stream"], kind="", output="", row=-1, part=1.0, treatment=ends)
        return self._enter(steps, np.zeros(len(steps), dtype=np.int64), first=True)

    def onward(self, nodes: pd.DataFrame, yields: pd.DataFrame, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return the steps that leave nodes; columns of the node end in ``_0``."""
        made = nodes.assign(technology=nodes["facility"].map(self.technology))
        made = made.merge(yields, on=["technology", "input", "fraction"], how="left")
        stuck = made[made["output"].isna()]
        if len(stuck):
            raise without_yield(stuck)
        made["kind"] = made["output"].map(self.outputs["kind"])
        gone = made["kind"] == "emission"
        ends = made["output"].map(self.outputs["treatment"])
        emitted = made[gone].assign(to="sink:" + ends[gone], part=1.0, treatment=ends[gone])
        sent = made[~gone].merge(outputs, on=["facility", "output"], how="left").assign(treatment="")
        stuck = sent[sent["to"].isna()]
        if len(stuck):
            named = stuck[["output", "facility"]].drop_duplicates().head(MOST_NAMED)
            raise nowhere_to_go(
                "no_outlet", "markets", (f"{output} ({facility})" for output, facility in named.to_numpy())
            )
        steps = pd.concat([emitted, sent], ignore_index=True)
        steps = steps.assign(**{f"{name}_0": steps[name] for name in _NODE}, input=steps["output"])
        state = left(steps["state"].to_numpy(dtype=np.int64), steps["kind"].to_numpy(dtype=object))
        return self._enter(steps, state, first=False)

    def paths(self, steps: pd.DataFrame, start: Integers, goal: Integers, year: int) -> Paths:
        """Return one tonne in each step as rate methods see it."""
        kind = steps["stream"].map(self.streams)
        market = steps["to"].map(self.markets["treatment"]).astype(object)
        ends = market.where(market.notna(), steps["treatment"].astype(object))
        after = np.where(goal >= 0, steps["state"], steps["before"]).astype(np.int64)
        from_facility = steps.get("facility_0", pd.Series("", index=steps.index)).fillna("")
        size = len(steps)

        def of_fraction(name: str) -> pd.Series:
            return steps["fraction"].map(self.fractions[name])

        return Paths(
            row=np.arange(size, dtype=np.int64),
            mass=np.ones(size),
            year=np.full(size, year, dtype=np.int64),
            before=steps["before"].to_numpy(dtype=np.int64),
            after=after,
            first=start < 0,
            waste=~kind.isin(NEVER_WASTE).to_numpy(),
            mixed=(kind == "mixed").to_numpy(),
            in_rate=of_fraction("in_rate").ne(False).to_numpy(),
            biowaste=of_fraction("biowaste").eq(True).to_numpy(),
            metal=(of_fraction("material") == "metal").to_numpy(),
            product=steps["kind"].isin(["product", ""]).to_numpy(),
            from_entry=from_facility.map(self.entry).eq(True).to_numpy(dtype=bool),
            end=np.where(goal >= 0, "", ends.to_numpy(dtype=object)),
            loss_before_point=steps["to"].map(self.markets["loss_before_point"]).fillna(0.0).to_numpy(dtype=float),
            loss_recycling=steps["to"].map(self.markets["loss_recycling"]).fillna(0.0).to_numpy(dtype=float),
            removed=np.zeros(size),
        )


@dataclass(frozen=True)
class Worth:
    """What becomes of one tonne in each first step; arrays (first steps, draws), and the steps' factors.

    ``counted``: per weight of a rate method; ``ended``: per treatment; ``factor``: share of what is in a node
    that each step takes (steps, draws).
    """

    counted: dict[Weight, Floats]
    ended: dict[str, Floats]
    factor: Floats


def worth(
    case: Case,
    ways: Ways,
    weights: list[Weight],
    shares: Floats,
    losses: Mapping[str, Floats],
) -> Worth:
    """Return what each first step's tonne is worth in every draw.

    ``shares``: yields (rows of the sheet, draws), closing per set; ``losses``: ``loss_before_point`` and
    ``loss_recycling`` of markets (rows of the sheet, draws).
    """
    later = slice(ways.first, None)
    factor = np.ones((len(ways.start), shares.shape[1]))
    factor[later] = shares[ways.row[later]] * ways.part[later, None]
    nodes = _Nodes(ways, factor)
    counted = {weight: nodes.summed(value) for weight, value in _unit_values(ways, weights, factor, losses).items()}
    ended = {name: nodes.summed(value) for name, value in _unit_ends(case, ways, losses, factor.shape[1]).items()}
    return Worth(counted, ended, factor)


def arrivals(ways: Ways, factor: Floats, first: Floats) -> Floats:
    """Return what enters every node in every draw, when ``first`` tonnes take the first steps (first steps, draws)."""
    size, draws = len(ways.facility), factor.shape[1]
    goal, start = ways.goal, ways.start
    fresh = np.zeros((size, draws))
    direct = np.flatnonzero(goal[: ways.first] >= 0)
    np.add.at(fresh, goal[direct], first[direct])
    inner = ways.first + np.flatnonzero(goal[ways.first :] >= 0)
    total = fresh.copy()
    for _ in range(MOST_PASSES):
        moved = fresh[start[inner]] * factor[inner]
        fresh = np.zeros((size, draws))
        np.add.at(fresh, goal[inner], moved)
        total += fresh
        if fresh.sum() <= SETTLED * total.sum():
            break
    return total


class _Nodes:
    """Sums of values along all ways from every first step."""

    def __init__(self, ways: Ways, factor: Floats) -> None:
        self._ways, self._factor = ways, factor
        starts = ways.start[ways.first :]
        self._begins = ways.first + np.flatnonzero(np.r_[True, starts[1:] != starts[:-1]]) if len(starts) else starts
        self._inner = ways.first + np.flatnonzero(ways.goal[ways.first :] >= 0)

    def summed(self, value: Floats) -> Floats:
        """Return per first step: its value and that of all that follows (steps, draws) -> (first steps, draws)."""
        ways = self._ways
        result = np.array(value[: ways.first])
        if len(self._begins):
            product = self._factor * value
            base = np.add.reduceat(product[ways.first :], self._begins - ways.first, axis=0)
            at, goal = ways.start[self._inner], ways.goal[self._inner]
            held = base
            for _ in range(MOST_PASSES if len(self._inner) and np.any(base) else 0):
                following = base.copy()
                np.add.at(following, at, self._factor[self._inner] * held[goal])
                settled = np.abs(following - held).max() <= SETTLED
                held = following
                if settled:
                    break
            direct = np.flatnonzero(ways.goal[: ways.first] >= 0)
            result[direct] += held[ways.goal[direct]]
        return result


def _unit_values(
    ways: Ways, weights: list[Weight], factor: Floats, losses: Mapping[str, Floats]
) -> dict[Weight, Floats]:
    """Return what each weight counts of one tonne in each step (steps, draws)."""
    paths, draws = ways.paths, factor.shape[1]
    here = ((paths.after & HERE) > 0) & (ways.goal >= 0)
    removed = np.zeros((len(ways.facility), draws))
    mixed = np.flatnonzero(ways.from_mixed & (ways.start >= 0))
    np.add.at(removed, ways.start[mixed], factor[mixed])
    varying = np.flatnonzero(here | (ways.market >= 0))
    market = ways.market[varying]
    lost = {
        name: np.where(market[:, None] >= 0, losses[name][market], 0.0).T
        for name in ("loss_before_point", "loss_recycling")
    }
    part = _chosen(paths, varying)
    part = replace(
        part,
        mass=np.ones((1, len(varying))),
        removed=np.where(here[varying, None], np.minimum(removed[ways.goal[varying]], 1.0), 0.0).T,
        **lost,
    )
    values: dict[Weight, Floats] = {}
    for weight in dict.fromkeys(weights):
        value = np.repeat(weight(paths)[:, None], draws, axis=1)
        value[varying] = np.broadcast_to(weight(part), (draws, len(varying))).T
        values[weight] = value
    return values


def _chosen(paths: Paths, rows: Integers) -> Paths:
    return Paths(**{name: getattr(paths, name)[rows] for name in Paths.__dataclass_fields__})


def _unit_ends(case: Case, ways: Ways, losses: Mapping[str, Floats], draws: int) -> dict[str, Floats]:
    """Return which part of a tonne in each step ends there in each treatment (steps, draws)."""
    good = (1.0 - losses["loss_before_point"]) * (1.0 - losses["loss_recycling"])
    markets = case["markets"]
    sold = np.flatnonzero(ways.market >= 0)
    at = ways.market[sold]
    ends: dict[str, Floats] = {}
    for name in TREATMENTS:
        value = np.zeros((len(ways.start), draws))
        value[ways.treatment == name] = 1.0
        value[sold] = np.where((markets["treatment"] == name).to_numpy()[at, None], good[at], 0.0)
        value[sold] += np.where((markets["lost_treatment"] == name).to_numpy()[at, None], 1.0 - good[at], 0.0)
        if value.any():
            ends[name] = value
    return ends
