"""The way of every tonne through the table ``flows``, as far as rates need it.

A rate asks of a tonne how it was collected, what its first treatment was, whether it has been burnt and
whether it has been counted before. A row that leaves a facility does not say how its tonnes came there:
they are told apart by what entered the facility (origin, stream, fraction) and by its yields, pass by
pass from the sources to the markets, so chains and loops of facilities are followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.case import Case
from flows.tables import NEVER_WASTE

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

ORIGIN = ["variant", "year", "municipality", "sector", "segment", "stream", "fraction"]
MOST_PASSES = 60
SETTLED = 1e-12

# What has happened to a tonne so far; a state is a sum of these.
COLLECTED = 1  # a whole stream or sorted output that went to recycling or other material recovery
RECYCLED = 2  # the same, recycling or preparing for reuse only
RECOVERED = 4  # its first treatment is other material recovery
BURNT = 8
DEPOSITED = 16
ENTERED = 32  # counted on entry of a facility whose calculation point that is
HERE = 64  # so counted at this very facility
LOST = BURNT | DEPOSITED


@dataclass(frozen=True)
class Paths:
    """Rows of ``flows``, one for each history that their tonnes have; arrays of one length.

    ``row``: position in the flows table; ``mass``: tonnes of the row with this history. ``before`` and
    ``after``: state on leaving ``from`` and on entering ``to``. ``end``: treatment of the market or sink
    ('' where the row goes to a facility). ``removed``: share of what enters that a facility removes
    mechanically. ``product``: no output, or one sold to a specification.
    """

    row: Integers
    mass: Floats
    year: Integers
    before: Integers
    after: Integers
    first: Flags
    waste: Flags
    mixed: Flags
    in_rate: Flags
    biowaste: Flags
    metal: Flags
    product: Flags
    from_entry: Flags
    end: NDArray[np.object_]
    loss_before_point: Floats
    loss_recycling: Floats
    removed: Floats


@dataclass(frozen=True)
class _Facilities:
    """Properties of facilities by position."""

    index: pd.Index
    technology: NDArray[np.object_]
    treatment: NDArray[np.object_]
    entry: Flags


def _facilities(case: Case) -> _Facilities:
    technologies = case["technologies"].drop_duplicates("technology").set_index("technology")
    rows = case["facilities"].drop_duplicates("facility")
    known = technologies.reindex(rows["technology"])
    return _Facilities(
        pd.Index(rows["facility"]),
        rows["technology"].to_numpy(dtype=object),
        known["treatment"].fillna("").to_numpy(dtype=object),
        (known["calculation_point"] == "entry").to_numpy(),
    )


def _looked_up(values: pd.Series, table: pd.Series, default: object) -> NDArray[np.object_]:
    """Return ``table[value]`` for every value, looked up once per distinct value."""
    codes, distinct = pd.factorize(values)
    found = table.reindex(pd.Index(distinct, dtype=object)).to_numpy(dtype=object)
    found = np.array([default if pd.isna(one) else one for one in found], dtype=object)
    return np.asarray(found[codes] if len(found) else np.full(len(values), default, dtype=object))


def _positions(values: pd.Series, index: pd.Index) -> Integers:
    """Return the position of every value in ``index``, -1 where it is not in it."""
    codes, distinct = pd.factorize(values)
    found = np.asarray(index.get_indexer(pd.Index(distinct, dtype=object)), dtype=np.int64)
    return np.asarray(found[codes])


def _combined(columns: list[NDArray[np.int64]]) -> Integers:
    """Return one integer per distinct combination of the columns."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 1) + column
        key = np.unique(key, return_inverse=True)[1].astype(np.int64)
    return key


def entered(state: Integers, treatment: NDArray[np.object_], entry: Flags, sorted_first: Flags) -> Integers:
    """Return the state of tonnes after they enter a facility.

    A facility that takes a mixed stream straight from a source (``sorted_first``) is a sorting plant for
    it whatever its technology, unless it burns or deposits: only what it delivers counts.
    """
    lost = (state & LOST) > 0
    taken = ~lost & ~sorted_first
    recycles = taken & np.isin(treatment, ["recycling", "preparing_for_reuse"])
    recovers = taken & (treatment == "other_material_recovery")
    out = state.copy()
    out |= np.where(recycles | recovers, COLLECTED, 0)
    out |= np.where(recycles & ((state & RECOVERED) == 0), RECYCLED, 0)
    out |= np.where(recovers, RECOVERED, 0)
    out |= np.where(treatment == "energy_recovery", BURNT, 0)
    out |= np.where(treatment == "landfill", DEPOSITED, 0)
    at_point = entry & ~np.isin(treatment, ["energy_recovery", "landfill"])
    out |= np.where(at_point & ((out & (LOST | RECOVERED | ENTERED)) == 0), HERE, 0)
    return np.asarray(out, dtype=np.int64)


def left(state: Integers, output_kind: NDArray[np.object_]) -> Integers:
    """Return the state of tonnes after they leave a facility.

    What was removed mechanically (a mixed output) was not counted on entry and may count later.
    """
    here = (state & HERE) > 0
    counted = here & (output_kind != "mixed")
    return np.asarray((state & ~HERE) | np.where(counted, ENTERED, 0), dtype=np.int64)


@dataclass(frozen=True)
class _Arrivals:
    """What entered facilities: one entry per group (origin at a facility), state and input, sorted by group."""

    group: Integers
    state: Integers
    input: Integers
    mass: Floats

    def same_as(self, other: _Arrivals | None) -> bool:
        if other is None or len(other.group) != len(self.group):
            return False
        alike = (self.group == other.group).all() and (self.state == other.state).all()
        return bool(alike and np.allclose(self.mass, other.mass, rtol=SETTLED, atol=1e-9))


def _arrivals(group: Integers, state: Integers, inputs: Integers, mass: Floats) -> _Arrivals:
    """Sum arrivals; inputs are told apart only in groups whose tonnes differ in state."""
    order = np.lexsort((state, group))
    ordered, states = group[order], state[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(order) else np.zeros(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(order)])
    uniform = (
        np.repeat(states[starts] == states[np.r_[starts[1:], len(order)] - 1], sizes)
        if len(order)
        else np.zeros(0, bool)
    )
    one_input = np.empty(len(order), dtype=np.int64)
    one_input[order] = np.where(uniform, 0, inputs[order])
    key = _combined([group, state, one_input]) if len(order) else np.zeros(0, dtype=np.int64)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    total = np.bincount(which, weights=mass, minlength=len(first)).astype(float)
    sequence = np.lexsort((one_input[first], state[first], group[first]))
    chosen = first[sequence]
    return _Arrivals(group[chosen], state[chosen], inputs[chosen], total[sequence])


class _Shares:
    """Yields, asked for only where tonnes of different history share a facility."""

    def __init__(self, case: Case, flows: pd.DataFrame) -> None:
        self._case, self._flows = case, flows
        self._yields: pd.Series | None = None

    def of(self, technology: NDArray[np.object_], input_row: Integers, row: Integers) -> Floats:
        """Return the yield of each row's output from what arrived by ``input_row``; 0 where none is given."""
        from flows.account import resolved_yields

        if self._yields is None:
            table = resolved_yields(self._case)
            self._yields = table.set_index(["technology", "input", "fraction", "output"])["share"]
        arrived, leaving = self._flows.iloc[input_row], self._flows.iloc[row]
        came = arrived["output"].where(arrived["output"] != "", arrived["stream"])
        keys = pd.MultiIndex.from_arrays(
            [technology, came.to_numpy(), leaving["fraction"].to_numpy(), leaving["output"].to_numpy()]
        )
        return np.asarray(self._yields.reindex(keys).fillna(0.0), dtype=float)


def _expand(
    rows: Integers, group: Integers, arrivals: _Arrivals, shares: _Shares, technology: NDArray[np.object_], mass: Floats
) -> tuple[Integers, Integers, Floats]:
    """Return rows that leave facilities, one per history: position, state inside the facility, mass."""
    start = np.searchsorted(arrivals.group, group, side="left")
    count = np.searchsorted(arrivals.group, group, side="right") - start
    times = np.maximum(count, 1)
    position = np.repeat(np.arange(len(rows)), times)
    offset = np.arange(len(position)) - np.repeat(np.cumsum(times) - times, times)
    known = count[position] > 0
    entry = np.where(known, np.repeat(start, times) + offset, 0)
    state = np.where(known, arrivals.state[entry] if len(arrivals.state) else 0, 0).astype(np.int64)
    weight = np.ones(len(position))
    several = np.flatnonzero(count[position] > 1)
    if len(several):
        at, source = position[several], entry[several]
        plain = arrivals.mass[source]
        yielded = plain * shares.of(technology[at], arrivals.input[source], rows[at])
        total = np.bincount(at, weights=yielded, minlength=len(rows))
        weight[several] = np.where(total[at] > 0, yielded, plain)
    summed = np.bincount(position, weights=weight, minlength=len(rows))
    with np.errstate(invalid="ignore"):
        part = np.where(summed[position] > 0, weight / summed[position], 1.0 / times[position])
    return rows[position], state, mass[rows[position]] * part


def _removed(mass: Floats, enters: Flags, at_goal: Integers, leaves: Flags, at_start: Integers) -> Floats:
    """Return the share of what enters that a facility removes mechanically of the tonnes it counts on entry."""
    into, out = np.flatnonzero(enters), np.flatnonzero(leaves)
    _, which = np.unique(np.concatenate([at_goal[into], at_start[out]]), return_inverse=True)
    which_in, which_out = which[: len(into)], which[len(into) :]
    size = int(which.max(initial=-1)) + 1
    brought = np.bincount(which_in, weights=mass[into], minlength=size)
    taken = np.bincount(which_out, weights=mass[out], minlength=size)
    share = np.zeros(len(mass))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(brought > 0, np.minimum(taken / brought, 1.0), 0.0)
    share[into] = part[which_in]
    return share


def trace(case: Case, flows: pd.DataFrame) -> Paths:
    """Follow every tonne of the table ``flows`` (several variants and years at once)."""
    flows = flows.reset_index(drop=True)
    mass = flows["mass_t"].to_numpy(dtype=float)
    plants = _facilities(case)
    origin = _combined([pd.factorize(flows[name])[0].astype(np.int64) for name in ORIGIN])
    start, goal = _positions(flows["from"], plants.index), _positions(flows["to"], plants.index)
    size = len(plants.index) + 1
    kinds = _looked_up(
        flows["stream"], case["streams"].drop_duplicates("stream").set_index("stream")["kind"], "separate"
    )
    output_kind = _looked_up(flows["output"], case["outputs"].drop_duplicates("output").set_index("output")["kind"], "")
    mixed = np.asarray(kinds == "mixed", dtype=bool)
    first = start < 0
    treatment = np.where(goal >= 0, plants.treatment[goal], "") if len(plants.index) else np.full(len(flows), "")
    entry = (goal >= 0) & plants.entry[goal] if len(plants.index) else np.zeros(len(flows), dtype=bool)

    def enters(rows: Integers, state: Integers) -> Integers:
        moved = entered(state, treatment[rows], entry[rows], first[rows] & mixed[rows])
        return np.where(goal[rows] >= 0, moved, state)

    direct = np.flatnonzero(first & (goal >= 0))
    inner = np.flatnonzero(~first & (goal >= 0))
    leaving = np.flatnonzero(~first)
    shares = _Shares(case, flows)
    technology = plants.technology[start] if len(plants.index) else np.full(len(flows), "", dtype=object)
    base = (
        origin[direct] * size + goal[direct],
        enters(direct, np.zeros(len(direct), dtype=np.int64)),
        direct,
        mass[direct],
    )
    arrivals, previous = _arrivals(*base), None
    for _ in range(MOST_PASSES if len(inner) else 0):
        if arrivals.same_as(previous):
            break
        rows, inside, part = _expand(
            inner, origin[inner] * size + start[inner], arrivals, shares, technology[inner], mass
        )
        state = enters(rows, left(inside, output_kind[rows]))
        onward = (origin[rows] * size + goal[rows], state, rows, part)
        previous = arrivals
        arrivals = _arrivals(*(np.concatenate(pair) for pair in zip(base, onward, strict=True)))
    rows, inside, part = _expand(
        leaving, origin[leaving] * size + start[leaving], arrivals, shares, technology[leaving], mass
    )
    sources = np.flatnonzero(first)
    nothing = np.zeros(len(sources), dtype=np.int64)
    every = np.concatenate([sources, rows])
    within = np.concatenate([nothing, inside])
    before = np.where(first[every], 0, left(within, output_kind[every]))
    after = enters(every, before)
    tonnes = np.concatenate([mass[sources], part])

    removed = _removed(
        tonnes,
        (after & HERE) > 0,
        origin[every] * size + goal[every],
        ((within & HERE) > 0) & (output_kind[every] == "mixed"),
        origin[every] * size + start[every],
    )
    markets = case["markets"].drop_duplicates("market").set_index("market")
    fractions = case["fractions"].drop_duplicates("fraction").set_index("fraction")
    at_market = _looked_up(flows["to"], markets["treatment"], "")
    end = np.where(goal >= 0, "", np.where(at_market != "", at_market, flows["treatment"].to_numpy(dtype=object)))
    entry_from = (start >= 0) & plants.entry[start] if len(plants.index) else np.zeros(len(flows), dtype=bool)

    def of_fraction(name: str, default: object) -> NDArray[np.object_]:
        return _looked_up(flows["fraction"], fractions[name].astype(object), default)

    return Paths(
        row=every,
        mass=tonnes,
        year=flows["year"].to_numpy(dtype=np.int64)[every],
        before=before,
        after=after,
        first=first[every],
        waste=~np.isin(kinds, NEVER_WASTE)[every],
        mixed=mixed[every],
        in_rate=of_fraction("in_rate", True).astype(bool)[every],
        biowaste=of_fraction("biowaste", False).astype(bool)[every],
        metal=(of_fraction("material", "other") == "metal")[every],
        product=np.isin(output_kind, ["product", ""])[every],
        from_entry=entry_from[every],
        end=end[every],
        loss_before_point=_looked_up(flows["to"], markets["loss_before_point"], 0.0).astype(float)[every],
        loss_recycling=_looked_up(flows["to"], markets["loss_recycling"], 0.0).astype(float)[every],
        removed=removed,
    )
