"""Plans that cost nearly the same and look different, and what is in all, in some or in none of them.

Modelling to generate alternatives (Brill, Chang & Hopkins 1982, Management Science 28; DeCarolis 2011, Energy
Economics 33): the cheapest plan is found, then, within a margin of its cost, plans as far as possible from all plans
so far. How far two plans are apart is half the share of the waste that is collected under another scheme and half the
share of capacity that stands in one and not in the other, over all periods in which the plan decides.

Which decisions every such plan shares is more than a sample can tell. Of a small case it is proven: a plan is sought
that does without as many as possible of what all plans so far have, or has as much as possible of what none has, until
there is none. Of a large case it is proven where the reduced costs of the relaxation say that any plan without (or
with) it costs more than the margin allows; elsewhere it is what was seen, and is called so.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.asking import Asker, relaxation
from models.formulation_parts import MILLION, Decisions, Formulation, Support
from models.found import Found
from models.highs import Session, compile_model
from models.outcome import NoPlan, PlanResult
from models.pyomo_model import to_pyomo
from models.reading import decisions_of
from models.standing import HALF, least_costs, standing, standing_values, weights_of
from models.totals import co2e_of, cost_vector
from models.wish import NOTHING, Distance, Row, Wish

Array = np.ndarray[Any, np.dtype[np.float64]]
Keep = Callable[[str, PlanResult], object]
HAIR = 1e-9
APART = 1e-6
"""Distance from which a plan is another one."""
TRIES = 5
"""Most searches for another plan of a large case."""
REWARD, RAISE = 4.0, 3.0
"""Reward for full distance that is tried first, in margins; what it is multiplied by where nothing else is found."""
PARTS = (1.0, 0.8, 0.5)
"""Parts of the margin to which cost is held where a plan was too dear, one after another."""
PRECISE = 4.0
"""How many times smaller than the margin the gap of such a search is: what is within the gap may be as good as nothing."""
NEARLY = 0.05
"""Share of the margin by which what the model of periods says of a cost may be wrong."""
ROUNDS = 24
"""Most rounds in which presence is probed; each round settles at least one decision."""
PLAN_COLUMNS = ["plan", "why", "cost", "extra", "within", "difference", "rate", "co2e_kt", "certified"]
DISTANCE_COLUMNS = ["plan", "other", "difference", "schemes", "facilities"]
PRESENCE_COLUMNS = [
    "kind",
    "municipality",
    "sector",
    "segment",
    "name",
    "presence",
    "proof",
    "plans_with",
    "plans",
    "plan_with",
    "plan_without",
    "costs_at_least_without",
    "costs_at_least_with",
]


@dataclass
class Alternatives:
    """What :func:`alternatives` found.

    ``tables``: ``alternatives`` (a row per plan, the cheapest first), ``differences`` (how far apart each two are) and
    ``presence`` (a row per scheme of a source and per facility, as it stands in the last plan year). ``plans`` is what
    ``keep`` made of each plan, by its name.
    """

    case: Case
    margin: float
    tables: dict[str, pd.DataFrame]
    plans: dict[str, object]
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """A plan that was found, and what is told of it."""

    name: str
    why: str
    decisions: Decisions
    has: pd.Series
    row: dict[str, Any]


def alternatives(
    asker: Asker,
    *,
    within: float,
    count: int = 5,
    gap: float = 0.02,
    time_limit: float = 600.0,
    keep: Keep | None = None,
) -> Alternatives:
    """Return up to ``count`` certified plans that cost at most the share ``within`` more than the best one found.

    Targets, limits and contracts hold in all of them. Each lies as far as can be from those before it; there are
    fewer if no other plan differs in any decision (``info["ended"]`` is ``none``) or none was found in time
    (``stopped``), and Ctrl-C ends it with the plans so far, if there are any (``interrupted``; what they share is then
    what was seen). Plans that were found to settle what is in all, some or none are listed too (``why`` is ``presence``).
    ``time_limit`` [s] and ``gap`` are of each search; of a large case the searches for one plan share the time.

    Raises :class:`Infeasible` and :class:`NoPlan` as planning does.
    """
    return _Search(asker, within, count, gap, time_limit, keep).run()


class _Search:
    """One search for alternatives."""

    def __init__(
        self, asker: Asker, within: float, count: int, gap: float, time_limit: float, keep: Keep | None
    ) -> None:
        self.asker, self.within, self.count = asker, within, count
        self.gap, self.time_limit = gap, time_limit
        self.keep: Keep = keep or (lambda name, plan: plan)
        self.plans: list[_Plan] = []
        self.kept: dict[str, object] = {}
        self.budget = np.inf
        self.bound = -np.inf
        self.stretch = 1.0
        self.ended = ""

    def run(self) -> Alternatives:
        """Return the plans and what they share."""
        asker = self.asker
        asker.stage(0.0, 0.2)
        asker.want(NOTHING)
        found = asker.search(gap=self.gap, time_limit=self.time_limit)
        if found.status == "infeasible":
            asker.plan(gap=self.gap, time_limit=self.time_limit)  # raises, and says why
        if not len(found.values):
            raise NoPlan(found.status)
        self.bound = found.bound
        cheapest = self._carried_out(found, "cheapest")
        if cheapest is None:
            raise NoPlan("infeasible", "the decisions of the search cannot be run year by year")
        self.budget = cheapest.row["cost"] / MILLION * (1.0 + np.sign(cheapest.row["cost"]) * self.within)
        self.stretch = self._stretched(cheapest)
        try:
            for number in range(1, self.count):
                asker.stage(0.2 + 0.6 * (number - 1) / self.count, 0.2 + 0.6 * number / self.count)
                self.ended = self._another()
                if self.ended:
                    break
            asker.stage(0.8, 1.0)
            presence = self._presence()
        except KeyboardInterrupt:
            # The plan under way is lost; those before it are whole.
            self.ended = "interrupted"
            asker.endings[self.ended] += 1
            presence = self._presence(proven=False)
        asker.want(NOTHING)
        rows = self._rows()
        differences = self._differences()
        nearest = differences.groupby("plan")["difference"].min()
        rows["difference"] = rows["plan"].map(nearest).fillna(0.0)
        tables = {"alternatives": rows[PLAN_COLUMNS], "differences": differences, "presence": presence}
        info = {
            "kind": "alternatives",
            "within": self.within,
            "budget": self.budget * MILLION,
            "bound": self.bound * MILLION,
            "currency": asker.given.currency,
            "ended": self.ended or "count",
        }
        return Alternatives(asker.given, self.within, tables, self.kept, info)

    # Plans

    def _rows(self) -> pd.DataFrame:
        """Return what is told of each plan, the cheapest first: of a large case one found later may cost a little less."""
        rows = pd.DataFrame([plan.row for plan in self.plans])
        best = int(rows["cost"].argmin())
        if rows["cost"].iloc[best] < rows["cost"].iloc[0] - 1e-6 * abs(rows["cost"].iloc[0]):
            rows.loc[[0, best], "why"] = ["different", "cheapest"]
            rows = rows.iloc[[best, *(at for at in range(len(rows)) if at != best)]].reset_index(drop=True)
        least = rows["cost"].iloc[0]
        rows["extra"] = (rows["cost"] - least) / max(abs(least), 1e-9)
        rows["within"] = rows["extra"] <= self.within + 1e-6
        return rows

    def _carried_out(self, found: Found, why: str) -> _Plan | None:
        """Keep the certified plan of a search; None if it cannot be run year by year, or costs too much after all."""
        name = f"plan_{len(self.plans) + 1:02d}"
        try:
            decisions, plan = self.asker.carried_out(found, self.bound, gap=self.gap)
        except NoPlan:
            return None
        info, case = plan.info, self.asker.given
        cost = info["objective"]
        if cost > self.budget * MILLION + HAIR * abs(self.budget) * MILLION + 1e-6 * abs(cost):
            return None
        emissions = plan.tables["emissions"]
        row = {
            "plan": name,
            "why": why,
            "cost": cost,
            "rate": plan.rate(str(case.settings["scope"]), str(case.settings["method"]), case.plan_years[-1]),
            "co2e_kt": co2e_of(case, emissions[emissions["variant"] == "plan"]),
            "certified": info["certificate"]["holds"],
        }
        one = _Plan(name, why, decisions, standing(self.asker.plain, decisions)["has"], row)
        self.kept[name] = self.keep(name, plan)
        self.plans.append(one)
        return one

    def _stretched(self, cheapest: _Plan) -> float:
        """Return what the model that is searched in says a plan costs, relative to what it costs run year by year.

        The model of periods of a large case has peaks for masses, so its plans look dearer.
        """
        asker = self.asker
        if asker.small:
            return 1.0
        used = cheapest.decisions
        schemes = used.schemes.loc[used.schemes["share"] > 0, [*SOURCE, "scheme"]].drop_duplicates()
        support = Support(schemes, frozenset(used.steps.loc[used.steps["on"] > 0, "facility"]))
        form = asker.formulation(yearly=False, pooled=True, support=support)
        arrays = compile_model(to_pyomo(form.linear))
        fixed = standing_values(form, used)
        columns = np.flatnonzero(np.isfinite(fixed))
        session = Session(replace(arrays, integer=np.zeros_like(arrays.integer)), threads=asker.threads)
        session.bounds(columns, fixed[columns], fixed[columns])
        solution = session.run()
        cost = cheapest.row["cost"] / MILLION
        return max(solution.objective / cost, 1.0) if len(solution.values) and cost > 0 else 1.0

    def _cost_row(self) -> Row:
        return Row("cost", cost_vector, upper=self.budget + HAIR * abs(self.budget))

    def _another(self) -> str:
        """Look for the plan that is farthest from all so far; say why there is none, or nothing.

        ``none`` is a proof that no other plan differs, ``stopped`` that none was found in what was searched.
        """
        distances = tuple(self._distance_from(plan.decisions) for plan in self.plans)
        if not self.asker.small:
            return self._rewarded(distances)
        self.asker.want(Wish((self._cost_row(),), objective=_nothing, distances=distances))
        found = self.asker.search(gap=max(self.gap, 1e-4), time_limit=self.time_limit)
        if not len(found.values) or -found.objective <= APART:
            return "none" if found.status in {"infeasible", "optimal", "gap_reached"} else "stopped"
        return "" if self._carried_out(found, "different") is not None else "stopped"

    def _rewarded(self, distances: tuple[Distance, ...]) -> str:
        """Look for another plan of a large case, in which a reward for distance is searched as quickly as a cost.

        Distance is the mean of that from all plans so far (as in Brill, Chang & Hopkins 1982). With the margin as the
        reward of full distance, the best plan lies within the margin: it earns at most the reward. Real distances are
        smaller, so more is tried first. Where that leads to a known plan the reward is raised; where it leads to what is
        too dear, a row keeps the cost within the margin, and after that within less and less of it.
        """
        cost = self.plans[0].row["cost"] / MILLION
        margin, reward, parts = self.within * abs(cost), REWARD, iter(PARTS)
        rows: tuple[Row, ...] = ()
        until = clock.perf_counter() + self.time_limit
        for _ in range(TRIES if margin > 0 else 0):
            left = until - clock.perf_counter()
            if left <= 0:
                break

            def objective(form: Formulation, each: float = reward * margin / len(distances)) -> Array:
                return np.asarray(cost_vector(form) - each * sum(one.vector(form) for one in distances))

            self.asker.want(Wish(rows, objective=objective))
            gap = max(min(self.gap, self.within / PRECISE), 1e-4)
            found = self.asker.search(gap=gap, time_limit=left)
            if not len(found.values):
                break
            apart = min(float(one.vector(found.form) @ found.values) + one.constant for one in distances)
            if apart <= APART:
                reward *= RAISE
                continue
            # The model of periods has peaks for masses: its plans look dearer than they are year by year.
            seems = _money(found) / self.stretch
            if seems <= self.budget + NEARLY * margin and self._carried_out(found, "different") is not None:
                return ""
            part = next(parts, None)
            if part is None:
                break
            rows = (Row("cost", cost_vector, upper=(cost + part * margin) * self.stretch + HAIR * abs(self.budget)),)
        return "stopped"

    def _distance_from(self, decisions: Decisions) -> Distance:
        """Return how far a plan is from ``decisions``, as a linear form of its whole decisions."""

        def vector(form: Formulation) -> Array:
            weights, values = weights_of(form)[0], standing_values(form, decisions)
            return np.where(np.isfinite(values), weights * (1.0 - 2.0 * np.nan_to_num(values)), 0.0)

        plain = self.asker.plain
        weights, values = weights_of(plain)[0], standing_values(plain, decisions)
        return Distance(vector, float(np.where(np.isfinite(values), weights * np.nan_to_num(values), 0.0).sum()))

    def _differences(self) -> pd.DataFrame:
        """Return how far apart each two plans are, and how much of that is schemes and facilities."""
        form = self.asker.plain
        weights, *parts = weights_of(form)
        blocks = [form.block(name) for name in ("x", "on")]
        values = [np.nan_to_num(standing_values(form, plan.decisions)) for plan in self.plans]
        rows = []
        for i, one in enumerate(self.plans):
            for j, other in enumerate(self.plans):
                if i == j:
                    continue
                apart = weights * np.abs(values[i] - values[j])
                shares = [float(apart[block.start : block.start + block.size].sum()) for block in blocks]
                whole = [share / part if part else 0.0 for share, part in zip(shares, parts, strict=True)]
                rows.append((one.name, other.name, sum(shares), *whole))
        return pd.DataFrame(rows, columns=DISTANCE_COLUMNS)

    # What is in all, some or none

    def _presence(self, proven: bool = True) -> pd.DataFrame:
        """Return whether each scheme and facility is in all, in some or in none of the plans within the margin.

        Without ``proven`` only what was seen is told.
        """
        form = self.asker.plain
        items = standing(form, self.plans[0].decisions).drop(columns="has")
        self.asker.want(NOTHING)
        lower = upper = np.full(len(items), self.bound)
        if proven:
            arrays = self.asker.arrays
            relaxed = relaxation(arrays, time_limit=self.time_limit, threads=self.asker.threads)
            lower, upper = least_costs(form, arrays, relaxed.row_duals, items)
        table = items.assign(costs_at_least_without=lower * MILLION, costs_at_least_with=upper * MILLION)
        over = self.budget + 2 * HAIR * abs(self.budget)
        proof = pd.Series("", index=table.index)
        given = ~table["free"].astype(bool)
        proof[(lower > over) | (upper > over)] = "proven"
        if self.asker.small and proven:
            proof = self._probed(table, proof.mask(given, "given"))
        proof = proof.mask(given, "given")
        seen = pd.concat([plan.has for plan in self.plans], axis=1)
        seen.columns = pd.Index([plan.name for plan in self.plans])
        count = seen.sum(axis=1)
        everywhere, nowhere = count == len(self.plans), count == 0
        table["presence"] = np.where(everywhere, "all", np.where(nowhere, "none", "some"))
        table["proof"] = np.where(everywhere | nowhere, proof.where(proof != "", "observed"), "shown")
        table["plans_with"], table["plans"] = count.astype(np.int64), len(self.plans)
        table["plan_with"] = [seen.columns[at] if (at := _first(row)) >= 0 else "" for row in seen.to_numpy()]
        table["plan_without"] = [seen.columns[at] if (at := _first(~row)) >= 0 else "" for row in seen.to_numpy()]
        keys = ["kind", "municipality", "sector", "segment", "name"]
        return table[PRESENCE_COLUMNS].sort_values(keys, ignore_index=True)

    def _probed(self, items: pd.DataFrame, proven: pd.Series) -> pd.Series:
        """Settle every item of a small case: find plans with what none has and without what all have, or prove none.

        Items of one whole decision are asked for together, which settles them all in few questions: the plan with
        most of them changed, until none can be. The others are asked for one by one.
        """
        proven = proven.copy()
        crisp = (items["whole"] & (items["columns"].map(len) == 1)).to_numpy(dtype=bool)
        for _ in range(ROUNDS):
            wanted = [one for one in self._unsettled(proven) if crisp[one[0]]]
            answer = self._probe(items, wanted) if wanted else "open"
            if answer == "none":
                proven.iloc[[row for row, _ in wanted]] = "proven"
            if answer != "found":
                break
        for row, into in self._unsettled(proven):
            if (row, into) in self._unsettled(proven) and self._probe(items, [(row, into)], single=True) == "none":
                proven.iloc[row] = "proven"
        return proven

    def _unsettled(self, proven: pd.Series) -> list[tuple[int, bool]]:
        """Return rows of items that all plans so far have (False: to be left out) or none has (True), without proof."""
        seen = pd.concat([plan.has for plan in self.plans], axis=1).to_numpy(dtype=bool)
        unproven = (proven == "").to_numpy()
        everywhere, nowhere = seen.all(axis=1) & unproven, ~seen.any(axis=1) & unproven
        return [
            *((int(row), False) for row in np.flatnonzero(everywhere)),
            *((int(row), True) for row in np.flatnonzero(nowhere)),
        ]

    def _probe(self, items: pd.DataFrame, wanted: list[tuple[int, bool]], single: bool = False) -> str:
        """Look for a plan within the margin that differs in any of ``wanted`` (row, whether it is to be in).

        Returns ``found`` (and keeps it), ``none`` (proven), or ``open`` (not settled in time).
        """
        chosen = [(np.asarray(items["columns"].iloc[row], dtype=np.int64), into) for row, into in wanted]

        def unchanged(form: Formulation) -> Array:
            vector = np.zeros(form.linear.columns)
            for columns, into in chosen:
                vector[columns] += -1.0 if into else 1.0
            return vector

        rows = [self._cost_row()]
        if single:
            (columns, into), whole = chosen[0], bool(items["whole"].iloc[wanted[0][0]])

            def share(form: Formulation) -> Array:
                return np.bincount(columns, minlength=form.linear.columns).astype(float)

            least, most = (1.0, 0.0) if whole else (HALF, HALF - 1e-6)
            rows.append(Row("in", share, lower=least) if into else Row("out", share, upper=most))
        self.asker.want(Wish(tuple(rows), objective=unchanged))
        found = self.asker.search(gap=0.0, time_limit=self.time_limit)
        if found.status == "infeasible":
            return "none"
        if not len(found.values):
            return "open"
        has = standing(self.asker.plain, decisions_of(found.form, found.values))["has"].to_numpy(dtype=bool)
        if not any(bool(has[row]) == into for row, into in wanted):
            return "none" if found.status in {"optimal", "gap_reached"} and not single else "open"
        return "found" if self._carried_out(found, "presence") is not None else "open"


def _nothing(form: Formulation) -> Array:
    return np.zeros(form.linear.columns)


def _money(found: Found) -> float:
    """Return what the model that was searched says a plan costs [millions], whatever was minimised."""
    money = found.form.money
    return 0.0 if money is None else float(money @ found.values[: len(money)])


def _first(flags: Array) -> int:
    """Return the position of the first true value; -1 if there is none."""
    return int(np.argmax(flags)) if flags.any() else -1
