"""What no plan of a case can do, told by `mfa check` before any solver: targets, room, markets and least loads.

Each finding is a bound that holds for every plan: sources take whatever lawful scheme gives the least (or the most)
of a stream, everything that can be built is built, and what competes for the room is left out. So what is told here
is certain; what is not told may still be impossible. Capture is that of the plan, calibrated to reported figures.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.account import flows_of, standing_allocation
from flows.amounts import KEY, SOURCE, generation
from flows.capture import shifted_capture
from flows.case import Case
from flows.checks import row_number
from flows.checks_supply import tonnes_text
from flows.prices import steps
from flows.problems import Problem
from flows.reconcile_case import reconcile_case
from flows.routing import runs_in
from flows.tables import NEVER_WASTE
from models.reach import SCHEME, Standing, asked_targets, listed_years, reach
from models.routes import Routes, routes

SLACK = 1e-6
"""Share by which a bound must be passed before it is told."""
TOLD = 4
"""How many fractions are named that hold a rate back."""


def out_of_reach(case: Case) -> list[Problem]:
    """Return, as warnings, what no plan of a case can do; the case must have passed its own checks.

    Raises what reconciling and the routes raise (:class:`models.routes.ChainError` among them), and
    :class:`flows.problems.InputError` if waste has nowhere to go today, or without a plan in a later year.
    """
    reconciled = reconcile_case(case)
    known = reconciled.case
    captures = shifted_capture(known, reconciled.calibration)
    for year in (case.account_year, *_after_closings(case)):
        flows_of(known, standing_allocation(known, [year], case.account_year), captures, "reference")
    if not case.plan_years:
        return []
    years = listed_years(case)
    constants = routes(known.with_settings(plan_years=", ".join(map(str, years))))
    found = list(_targets(known, case, captures, constants, years))
    standing = Standing(known)
    worst: dict[tuple[str, str], tuple[float, Problem]] = {}
    # The same lack may hold in many years: it is told of the year in which it is largest.
    for year in known.plan_years:
        world = _World(standing, captures, constants, year)
        for lack, problem in (*world.room(), *world.markets(), *world.least_loads()):
            key = (problem.code, problem.place.partition(": ")[2])
            if key not in worst or lack > worst[key][0] * (1 + 1e-9):
                worst[key] = (lack, problem)
    return [*found, *(problem for _, problem in worst.values())]


def _after_closings(case: Case) -> list[int]:
    """Return the first years of the plan in which a facility or market is not there any more."""
    ends = {*case["facilities"]["closes"].dropna(), *case["markets"]["until"].dropna()}
    later = (min((year for year in case.plan_years if year > end), default=None) for end in ends)
    return sorted({year for year in later if year is not None})


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _targets(case: Case, given: Case, captures: pd.DataFrame, constants: Routes, years: list[int]) -> Iterator[Problem]:
    """Yield targets above what the best lawful schemes reach, each with the fractions that hold it back."""
    asked = asked_targets(case, years)
    if asked.empty:
        return
    bounded = reach(case, captures, constants, asked)
    rows = given["targets"]
    for row in bounded.bounds.itertuples(index=False):
        if not row.bound < row.goal - SLACK:
            continue
        mine = rows[
            (rows["scope"] == row.scope)
            & (rows["method"] == row.method)
            & (rows["municipality"] == row.municipality)
            & (rows["year"] <= row.year)
        ]
        held = bounded.held
        held = held[(held["scope"] == row.scope) & (held["method"] == row.method) & (held["year"] == row.year)]
        held = held[held["municipality"] == row.municipality].groupby("fraction")["missing_t"].sum()
        named = ", ".join(f"{name} {tonnes_text(mass)}" for name, mass in held.nlargest(TOLD).items() if mass > 0)
        position = rows.index.get_loc(mine["year"].idxmax())
        yield Problem(
            "target_out_of_reach",
            "targets",
            row_number(rows, int(position)),
            "rate",
            found=_percent(row.bound),
            expected=_percent(row.goal),
            place=f"{row.year}: {named}",
            severity="warning",
        )


class _World:
    """Everything in one year, as generous as it can be."""

    def __init__(self, standing: Standing, captures: pd.DataFrame, constants: Routes, year: int) -> None:
        case = standing.case
        self.case, self.year, self.constants = case, year, constants
        self.options, self.today = standing.schemes(year), standing.today
        self.running = standing.running(year)
        stages = standing.stages[standing.stages["period"] == standing.period(year)]
        self.stages = stages[stages["facility"].isin(self.running["facility"])]
        wanted = pd.concat([self.options[SCHEME], self.today[SCHEME]]).drop_duplicates()
        amounts = generation(case, [year]).drop(columns="year")
        masses = wanted.merge(captures, on=SCHEME).merge(amounts, on=KEY)
        masses["mass"] = masses["share"] * masses["amount"]
        kinds = case["streams"].set_index("stream")["kind"]
        self.masses = masses[~masses["stream"].map(kinds).isin([*NEVER_WASTE, "preparing_for_reuse"])]
        self.accepts = self.running.merge(case["accepts"], on="technology")
        each = self.masses.groupby([*SCHEME, "stream"], as_index=False)["mass"].sum()
        # No mix of a source's schemes gives more of a stream than the scheme that gives the most of it.
        self.most = each.groupby([*SOURCE, "stream"])["mass"].max().groupby("stream").sum()

    def _extreme(self, values: pd.DataFrame, most: bool) -> float:
        """Return the least or most that all sources together give, of what their schemes give (SCHEME, mass)."""
        given = values.groupby(SCHEME, as_index=False)["mass"].sum()
        table = self.options.merge(given, on=SCHEME, how="left").fillna({"mass": 0.0})
        now = self.today.merge(given, on=SCHEME, how="left").fillna({"mass": 0.0})
        now = now.assign(now=now["mass"] * now["current"]).groupby(SOURCE, as_index=False)["now"].sum()
        table = table.merge(now, on=SOURCE, how="left").fillna({"now": 0.0})
        ramped = table["part"] * table["mass"] + (1.0 - table["part"]) * table["now"]
        ramped = ramped.where(table["ramps"], table["mass"])
        better = np.maximum if most else np.minimum
        table["mass"] = better(table["mass"], ramped)
        spent = (table["lower"] * table["mass"]).groupby([table[name] for name in SOURCE]).sum()
        fixed = table.groupby(SOURCE)["lower"].sum()
        free = table[table["upper"] > table["lower"]].groupby(SOURCE)["mass"]
        rest = (free.max() if most else free.min()).reindex(fixed.index).fillna(0.0)
        return float((spent + (1.0 - fixed).clip(lower=0.0) * rest).sum())

    def room(self) -> Iterator[tuple[float, Problem]]:
        """Yield streams that must be more than every facility that takes them can hold, all sizes built."""
        sized = self.stages
        facility = self.case["facilities"].set_index("facility")
        net = (sized["capacity"] - sized["facility"].map(facility["reserved"]) * sized["built"]).clip(lower=0.0)
        room = net.fillna(np.inf).groupby(sized["facility"]).sum()
        streams = self.accepts[self.accepts["input"].isin(set(self.masses["stream"]))]
        sets = {str(stream): frozenset(part["facility"]) for stream, part in streams.groupby("input")}
        sets |= {str(stream): frozenset() for stream in set(self.masses["stream"]) - set(sets)}
        for group in sorted(set(sets.values()), key=lambda item: (len(item), sorted(item))):
            mine = sorted(stream for stream, takers in sets.items() if takers <= group)
            space = float(sum(room.get(name, 0.0) for name in group))
            if np.isinf(space):
                continue
            if self.most.reindex(mine).sum() <= space:
                continue
            need = self._extreme(self.masses[self.masses["stream"].isin(mine)], most=False)
            if need > space * (1 + SLACK) + SLACK:
                texts = {"found": tonnes_text(need), "expected": tonnes_text(space)}
                place = f"{self.year}: {', '.join(mine)}"
                yield need - space, Problem("no_room", "facilities", place=place, severity="warning", **texts)  # type: ignore[arg-type]

    def markets(self) -> Iterator[tuple[float, Problem]]:
        """Yield outputs of which more must arise, whatever is done, than all their markets take."""
        markets = self.case["markets"]
        markets = markets[runs_in(markets, self.year)]
        taken = set(self.accepts["input"])
        sold = self.constants.sold.groupby(["stream", "technology", "mode", "fraction", "output"], as_index=False)[
            "share"
        ].sum()
        ways = self.constants.options[["technology", "mode"]].merge(
            self.accepts.rename(columns={"input": "stream"})[["technology", "stream"]].drop_duplicates(),
            on="technology",
        )
        routed = self.masses.merge(ways, on="stream")
        for output, part in markets.groupby("output"):
            if part["capacity"].isna().any() or output in taken:
                continue
            made = routed.merge(
                sold[sold["output"] == output], on=["stream", "technology", "mode", "fraction"], how="left"
            ).fillna({"share_y": 0.0})
            made["mass"] *= made["share_y"]
            per_route = made.groupby([*SCHEME, "stream", "technology", "mode"], as_index=False)["mass"].sum()
            least = per_route.groupby([*SCHEME, "stream"], as_index=False)["mass"].min()
            need, space = self._extreme(least, most=False), float(part["capacity"].sum())
            if need > space * (1 + SLACK) + SLACK:
                texts = {"found": tonnes_text(need), "expected": tonnes_text(space)}
                place = f"{self.year}: {output}"
                yield need - space, Problem("no_market_room", "markets", place=place, severity="warning", **texts)  # type: ignore[arg-type]

    def least_loads(self) -> Iterator[tuple[float, Problem]]:
        """Yield facilities that must run and cannot be fed even with everything that they take."""
        facility = self.case["facilities"].set_index("facility")
        minimum = steps(self.case).set_index(["facility", "size"])["minimum_load"]
        must = self.stages[self.stages["lower"] >= 1.0]
        streams = set(self.case["streams"]["stream"])
        for name, sizes in must.groupby("facility"):
            asked = sum(float(minimum.get((name, size), 0.0) or 0.0) for size in sizes["size"])
            own = facility.loc[name]
            need = asked - float(own["reserved"]) - float(own["filler"])
            inputs = set(self.accepts.loc[self.accepts["facility"] == name, "input"])
            # What other facilities send on is no more than all waste there is; that is not told apart.
            if not need > 0 or inputs - streams:
                continue
            most = self._extreme(self.masses[self.masses["stream"].isin(inputs)], most=True)
            if most < need * (1 - SLACK) - SLACK:
                texts = {"found": tonnes_text(need), "expected": tonnes_text(most)}
                place = f"{self.year}: {name}"
                yield need - most, Problem("load_out_of_reach", "facilities", place=place, severity="warning", **texts)  # type: ignore[arg-type]
