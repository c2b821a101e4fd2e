"""How far any scheme could get: bounds of rates by arithmetic, before any solver.

Every source takes the scheme, and every stream the technology and destinations, that serve the rate best, as if
there were room for all of it everywhere. What is lawful, what runs in the year, ramps and pinned schemes are kept;
capacities, markets, costs and limits are not. No plan can reach more, so a target above the bound is out of reach
for certain, and the waste that does not count even then says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, generation
from flows.capture import current_schemes
from flows.case import Case
from flows.methods import METHODS
from flows.rates import in_scope, target_binds, target_in_year, waste_of
from flows.tables import NEVER_WASTE
from models.formulation_facilities import running_facilities, steps_in_time
from models.routes import Routes
from models.supply import allowed_schemes
from models.timing import effect, horizon

TARGET = ["scope", "method", "municipality", "year"]
BOUND_COLUMNS = [*TARGET, "goal", "bound"]
HELD_COLUMNS = [*TARGET, "sector", "segment", "fraction", "waste_t", "counted_t", "missing_t", "captured"]
SCHEME = [*SOURCE, "scheme"]


@dataclass(frozen=True)
class Reach:
    """``bounds``: scope, method, municipality, year, goal, bound (NaN where no scheme has an outlet).

    ``held`` shares the waste of each bound out: waste_t in the denominator, counted_t of it that counts at most,
    missing_t, and captured, the share that the schemes of the bound keep out of mixed waste.
    """

    bounds: pd.DataFrame
    held: pd.DataFrame


def asked_targets(case: Case, years: Iterable[int] | None = None) -> pd.DataFrame:
    """Return what the targets ask: scope, method, municipality, year, goal; in plan years (or some of them)."""
    listed = case["targets"].loc[case["targets"]["binding"], TARGET[:3]].drop_duplicates()
    rows = [
        (scope, method, municipality, year, target_in_year(case, scope, method, municipality, year))
        for scope, method, municipality in listed.itertuples(index=False, name=None)
        for year in (case.plan_years if years is None else years)
        if target_binds(case, scope, method, municipality, year)
    ]
    return pd.DataFrame(rows, columns=[*TARGET, "goal"]).dropna(subset=["goal"])


def listed_years(case: Case) -> list[int]:
    """Return the plan years in which a target of the sheet begins to hold, and the last."""
    years = case.plan_years
    listed = case["targets"].loc[case["targets"]["binding"], "year"].dropna()
    begun = {min((year for year in years if year >= first), default=years[-1]) for first in listed}
    return sorted({*begun, years[-1]})


def reach(case: Case, captures: pd.DataFrame, constants: Routes, asked: pd.DataFrame) -> Reach:
    """Return the bounds of the rates that ``asked`` lists (scope, method, municipality, year, goal).

    ``captures`` are those of :func:`flows.capture.shifted_capture`, ``constants`` those of the routes.
    """
    bounds, held = [], []
    standing = Standing(case)
    for year in sorted(asked["year"].unique()):
        world = _Year(standing, captures, constants, int(year))
        for target in asked[asked["year"] == year].itertuples(index=False):
            bound, rows = world.bound(target.scope, target.method, target.municipality)
            name = {key: getattr(target, key) for key in TARGET}
            bounds.append({**name, "goal": target.goal, "bound": bound})
            held.append(rows.assign(**name))
    table = pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=HELD_COLUMNS)
    ordered = table[HELD_COLUMNS].sort_values([*TARGET, "missing_t"], ascending=[True] * 4 + [False])
    return Reach(pd.DataFrame(bounds, columns=BOUND_COLUMNS), ordered.reset_index(drop=True))


class Standing:
    """What holds in a case whatever is asked of it: lawful schemes and steps of facilities in time."""

    def __init__(self, case: Case) -> None:
        """Gather them for every year of the plan."""
        self.case = case
        self.time = horizon(case, yearly=True)
        self.allowed = allowed_schemes(case, self.time)
        self.stages = steps_in_time(case, self.time)
        self.today = current_schemes(case, case.account_year).rename(columns={"share": "current"})

    def period(self, year: int) -> int:
        """Return the period that a year lies in."""
        return max(start for start in self.time.periods if start <= year)

    def schemes(self, year: int) -> pd.DataFrame:
        """Return what every source may run in a year: SCHEME, lower, upper, current, works, part, ramps.

        ``part`` is how much of a scheme that begins with the period works by then, ``works`` the same where it
        cannot have begun before, else 1.
        """
        allowed, period = self.allowed, self.period(year)
        frozen = period in self.time.frozen
        now = allowed[(allowed["period"] == period) & ((allowed["upper"] > 0) | (allowed["lower"] > 0))]
        earlier = allowed[(allowed["period"] < period) & (allowed["upper"] > 0)]
        earlier = earlier[~earlier["period"].isin(self.time.frozen)][SCHEME].drop_duplicates()
        known = now[SCHEME].merge(earlier, on=SCHEME, how="left", indicator=True)["_merge"] == "both"
        ramps = now["scheme"].map(self.case["schemes"].set_index("scheme")["ramp_years"]).to_numpy(dtype=float)
        part = np.array([effect(year - period, ramp) for ramp in ramps])
        fresh = ~known.to_numpy() & (now["current"].to_numpy() <= 0) & (not frozen)
        table = now[[*SCHEME, "lower", "upper", "current"]].assign(part=part, works=np.where(fresh, part, 1.0))
        return table.assign(ramps=(ramps > 0) & (not frozen)).reset_index(drop=True)

    def running(self, year: int) -> pd.DataFrame:
        """Return facility, technology of everything that can run in a year."""
        slices = pd.DataFrame(
            [
                (part.years[0], part.years[-1], part.period, part.step)
                for part in self.time.slices
                if year in part.years
            ],
            columns=["slice", "slice_end", "period", "step"],
        )
        table = running_facilities(self.case, self.stages[self.stages["upper"] > 0], slices)
        return table[["facility", "technology"]].drop_duplicates()


class _Year:
    """The sources of one year, their schemes and where their streams can go."""

    def __init__(self, standing: Standing, captures: pd.DataFrame, constants: Routes, year: int) -> None:
        case, today = standing.case, standing.today
        self.case, self.year, self.counted = case, year, constants.counted
        self.options = standing.schemes(year)
        wanted = pd.concat([self.options[SCHEME], today[SCHEME]]).drop_duplicates()
        amounts = generation(case, [year]).drop(columns="year")
        self.masses = wanted.merge(captures, on=SCHEME).merge(amounts, on=KEY)
        self.masses["mass"] = self.masses["share"] * self.masses["amount"]
        self.masses = self.masses[self.masses["mass"] > 0]
        kinds = case["streams"].set_index("stream")["kind"]
        self.direct = set(kinds[kinds.isin([*NEVER_WASTE, "preparing_for_reuse"])].index)
        self.mixed = set(kinds[kinds == "mixed"].index)
        self.today = today
        technologies = standing.running(year)["technology"].drop_duplicates()
        taken = case["accepts"].rename(columns={"input": "stream"})[["technology", "stream"]].drop_duplicates()
        ways = constants.options[["technology", "mode"]].merge(taken, on="technology")
        self.ways = ways[ways["technology"].isin(technologies)]

    def bound(self, scope: str, method: str, municipality: str) -> tuple[float, pd.DataFrame]:
        """Return the bound of a rate, and by sector, segment and fraction what counts and what cannot."""
        masses = self.masses if not municipality else self.masses[self.masses["municipality"] == municipality]
        empty = pd.DataFrame(columns=HELD_COLUMNS[4:])
        terms = self._terms(masses, scope, method)
        keys = [*SCHEME, "stream", "technology", "mode"]
        rows = terms.groupby(keys, as_index=False)[["up", "down"]].sum()
        homeless = masses[~masses["stream"].isin(set(rows["stream"]))][SCHEME].drop_duplicates()
        rate = 1.0
        for _ in range(30):
            chosen = self._chosen(rows, homeless, rate)
            if chosen.empty:
                return float("nan"), empty
            down = float((chosen["weight"] * chosen["down"]).sum())
            found = float((chosen["weight"] * chosen["up"]).sum()) / down if down > 0 else float("nan")
            if not abs(found - rate) > 1e-12:
                break
            rate = found
        detail = terms.merge(chosen[[*keys, "weight"]], on=keys)
        kept = ~detail["stream"].isin(self.mixed)
        detail = detail.assign(
            waste_t=detail["down"] * detail["weight"],
            counted_t=detail["up"] * detail["weight"],
            kept=detail["mass"] * detail["weight"] * kept,
            whole=detail["mass"] * detail["weight"],
        )
        by = ["sector", "segment", "fraction"]
        held = detail.groupby(by, as_index=False)[["waste_t", "counted_t", "kept", "whole"]].sum()
        held["missing_t"] = held["waste_t"] - held["counted_t"]
        held["captured"] = held["kept"] / held["whole"]
        return found, held[held["waste_t"] > 0][HELD_COLUMNS[4:]]

    def _terms(self, masses: pd.DataFrame, scope: str, method: str) -> pd.DataFrame:
        """Return SCHEME, stream, technology, mode, fraction, mass, up, down: what a route does for the rate."""
        pairs = masses[["sector", "fraction"]].drop_duplicates().reset_index(drop=True)
        inside = in_scope(self.case, scope, pairs)
        waste = waste_of(self.case, pairs)
        masks = [METHODS[method].waste, *(mask for _, mask in METHODS[method].denominator)]
        flags = pd.concat(
            [pairs.assign(term=term)[inside & mask(waste)] for term, mask in enumerate(masks)], ignore_index=True
        )
        counted = self.counted[(self.counted["method"] == method) & (self.counted["year"] == self.year)]
        routed = masses[~masses["stream"].isin(self.direct)].merge(self.ways, on="stream")
        straight = masses[masses["stream"].isin(self.direct)].assign(technology="", mode=0)
        every = pd.concat([routed, straight], ignore_index=True)
        key = [*SCHEME, "stream", "technology", "mode", "fraction"]
        shares = flags.merge(
            every[["sector", "fraction", "stream", "technology", "mode"]].drop_duplicates(), on=["sector", "fraction"]
        ).merge(
            counted[["stream", "technology", "mode", "fraction", "term", "share"]],
            on=["stream", "technology", "mode", "fraction", "term"],
        )
        shares["up"] = shares["share"].where(shares["term"] == 0, 0.0)
        shares["down"] = shares["share"].where(shares["term"] > 0, 0.0)
        at = ["sector", "stream", "technology", "mode", "fraction"]
        shares = shares.groupby(at, as_index=False)[["up", "down"]].sum()
        table = every[[*key, "mass"]].merge(shares, on=at, how="left").fillna({"up": 0.0, "down": 0.0})
        table["up"] *= table["mass"]
        table["down"] *= table["mass"]
        return table

    def _chosen(self, rows: pd.DataFrame, homeless: pd.DataFrame, rate: float) -> pd.DataFrame:
        """Return the routes and weights of schemes that are best when a point of the rate costs ``rate``."""
        rows = rows.assign(value=rows["up"] - rate * rows["down"])
        best = rows.loc[rows.groupby([*SCHEME, "stream"])["value"].idxmax()]
        worth = best.groupby(SCHEME, as_index=False)["value"].sum()
        worth = worth.merge(homeless, on=SCHEME, how="left", indicator="housed")
        worth = worth[worth["housed"] == "left_only"].drop(columns="housed")
        today = self.today.merge(worth, on=SCHEME)
        before = today.assign(value=today["value"] * today["current"]).groupby(SOURCE, as_index=False)["value"].sum()
        table = self.options.merge(worth, on=SCHEME).merge(
            before.rename(columns={"value": "before"}), on=SOURCE, how="left"
        )
        # While a scheme ramps up, what runs today does the rest; where that is better, all may count as new.
        known = table["before"].notna()
        ramped = table["part"] * table["value"] + (1.0 - table["part"]) * table["before"]
        ramped = ramped.where(known & table["ramps"], table["value"])
        late = table["works"] < 1.0
        table["share"] = np.where(late & known | (ramped > table["value"]), np.where(known, table["part"], 1.0), 1.0)
        table["worth"] = np.where(late & known, ramped, np.maximum(table["value"], ramped))
        spent = table.groupby(SOURCE)["lower"].transform("sum")
        table["weight"] = table["lower"]
        rest = table[table["upper"] > table["lower"]]
        top = rest.loc[rest.groupby(SOURCE)["worth"].idxmax()].index
        table.loc[top, "weight"] += (1.0 - spent[top]).clip(lower=0.0)
        table = table[table["weight"] > 0]
        own = table.assign(weight=table["weight"] * table["share"])[[*SCHEME, "weight"]]
        still = table.assign(left=table["weight"] * (1.0 - table["share"]))[[*SOURCE, "left"]].merge(
            self.today, on=SOURCE
        )
        still = still.assign(weight=still["left"] * still["current"])[[*SCHEME, "weight"]]
        weights = pd.concat([own, still]).groupby(SCHEME, as_index=False)["weight"].sum()
        return best.merge(weights[weights["weight"] > 0], on=SCHEME)
