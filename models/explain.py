"""Why a case has no plan: how far one gets, what holds it back, and the least that would have to give way.

Asked when the solver has proven that no plan exists. First the shortfall of the targets is made as small as
possible, which tells which are missed; of each of these the highest rate is found by maximising a ratio
(Dinkelbach 1967, "On nonlinear fractional programming", Management Science 13). Then requirements may give way,
one kind after another (:mod:`models.elastic`), a smallest set that cannot hold together is looked for
(:mod:`models.contradictions`), and other capture is tried (:mod:`models.capture_repair`). A small model answers with
whole decisions, a large one by its relaxation: its rates are then the highest from above, its amounts the least.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from flows.indicator_names import INDICATORS_BY_NAME
from models.capture_repair import capture_repairs
from models.contradictions import contradiction
from models.elastic import OutOfTime, Pulled, answered, is_small, least
from models.explain_words import LANGUAGES, Says
from models.formulation_parts import Formulation
from models.formulation_targets import rate_terms
from models.highs import Arrays, compile_model
from models.levers import OUTLETS, QUANTITIES, Levers, levers
from models.pyomo_model import to_pyomo
from models.reach import BOUND_COLUMNS, HELD_COLUMNS, TARGET, Reach, asked_targets, listed_years, reach
from models.repairs import REPAIR_COLUMNS, described, fragment, reached, repairs
from models.routes import Routes
from models.supply import allowed_schemes
from models.timing import horizon

HIGHEST_COLUMNS = [*TARGET, "goal", "highest", "bound"]
CONTRADICTION_COLUMNS = ["rank", "kind", "name", "municipality", "year", "sheet", "row", "text_da", "text_en"]
SHORT = 1e-6
"""Shortfall of a rate from which its target is called missed."""
LARGE_ENOUGH = 1e-4
"""Step of a rate below which a large model is not asked again."""


@dataclass(frozen=True)
class Question:
    """What an explanation is asked about: a case, its capture and routes, and its yearly model."""

    case: Case
    captures: pd.DataFrame
    constants: Routes
    form: Formulation
    arrays: Arrays
    build: Callable[[pd.DataFrame], Formulation]
    threads: int


@dataclass
class Explanation:
    """The tables of an explanation; see :class:`models.outcome.Infeasible`."""

    highest: pd.DataFrame
    repairs: pd.DataFrame
    contradictions: pd.DataFrame
    reach: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return dict(self.__dict__)

    @property
    def reason(self) -> str:
        """The explanation in one English sentence."""
        known = self.highest.dropna(subset=["highest"])
        if len(self.highest) and known.empty:
            return "what stands in the way was not found within the time limit"
        if known.empty:
            named = "; ".join(self.contradictions["text_en"])
            base = "the contracts, limits or capacities of the case contradict each other"
            return f"{base}: {named}" if named else base
        missed = known[known["highest"] < known["goal"] - 1e-9]
        return "; ".join(
            f"{row.scope} ({row.method}) {row.year}: at most {row.highest:.1%}, asked {row.goal:.1%}"
            for row in (missed if len(missed) else known).itertuples(index=False)
        )


def nothing() -> Explanation:
    """Return an explanation that says nothing."""
    return Explanation(
        pd.DataFrame(columns=HIGHEST_COLUMNS),
        pd.DataFrame(columns=REPAIR_COLUMNS),
        pd.DataFrame(columns=CONTRADICTION_COLUMNS),
        pd.DataFrame(columns=HELD_COLUMNS),
    )


def explain(question: Question, *, time_limit: float) -> Explanation:
    """Return why a case that was proven infeasible has no plan, within about ``time_limit`` seconds.

    What there was no time for is left out; tables keep their columns, and a rate that was not found is NaN.
    """
    until = clock.perf_counter() + time_limit
    found = nothing()

    def left(part: float = 1.0) -> float:
        return max((until - clock.perf_counter()) * part, 0.1)

    known = levers(question.form, question.arrays)
    lowered, decided = None, True
    try:
        lowered = least(known, known.only(["target"]), time_limit=left(0.25), threads=question.threads)
    except OutOfTime:
        decided = False
    if lowered is not None or not decided:
        missed = question.form.targets if lowered is None else missed_targets(known, lowered)
        found.highest = _highest(question, missed, left(0.3))
        wanted = found.highest.drop(columns=["highest", "bound"])
        years = {*listed_years(question.case), *wanted["year"]}
        every = asked_targets(question.case, [year for year in question.case.plan_years if year in years])
        bounded = reach(question.case, question.captures, question.constants, every)
        found.highest, found.reach = _bounded(found.highest, bounded), bounded.held
    found.repairs = repairs(known, time_limit=left(0.5), threads=question.threads, targets=lowered)
    if is_small(question.arrays) or (decided and lowered is None):
        found.contradictions = _contradictions(question, known, left(0.5))
    if lowered is not None and clock.perf_counter() < until:
        found.repairs = _with_capture(question, found, left())
    return found


def without_scheme(case: Case) -> pd.DataFrame:
    """Return contradictions for sources that no lawful scheme serves in some period of the plan."""
    time = horizon(case, yearly=True)
    allowed = allowed_schemes(case, time)
    every = case.sources().merge(pd.DataFrame({"period": list(time.periods)}), how="cross")
    served = allowed[[*SOURCE, "period"]].drop_duplicates()
    lacking = every.merge(served, on=[*SOURCE, "period"], how="left", indicator=True)
    lacking = lacking[lacking["_merge"] == "left_only"].groupby(SOURCE, as_index=False)["period"].min()
    rows = []
    for rank, row in enumerate(lacking.itertuples(index=False), start=1):
        entry = {
            "rank": rank,
            "kind": "scheme",
            "name": "/".join(filter(None, (row.sector, row.segment))),
            "municipality": row.municipality,
            "year": int(row.period),
            "sheet": "schemes",
            "row": 0,
        }
        for language in LANGUAGES:
            says = Says(case, language)
            source = says.sector(str(row.sector), str(row.segment)) + says.place(str(row.municipality))
            entry[f"text_{language}"] = says("asks_scheme", source=source, year=int(row.period))
        rows.append(entry)
    return pd.DataFrame(rows, columns=CONTRADICTION_COLUMNS)


def missed_targets(known: Levers, lowered: Pulled) -> pd.DataFrame:
    """Return the targets that are missed when they are lowered as little as possible: TARGET, goal.

    All of them if a relaxation misses none.
    """
    form = known.form
    rates = [
        reached(form, lowered.values, (row.scope, row.method, row.municipality), int(row.year))
        for row in form.targets.itertuples(index=False)
    ]
    short = form.targets["goal"].to_numpy(dtype=float) - np.array(rates, dtype=float)
    missed = form.targets[short > SHORT]
    return (missed if len(missed) else form.targets).reset_index(drop=True)


def _bounded(highest: pd.DataFrame, bounded: Reach) -> pd.DataFrame:
    table = highest.drop(columns="bound").merge(
        bounded.bounds[[*TARGET, "bound"]]
        if len(bounded.bounds)
        else pd.DataFrame(columns=BOUND_COLUMNS)[[*TARGET, "bound"]],
        on=TARGET,
        how="left",
    )
    return table[HIGHEST_COLUMNS]


def _highest(question: Question, missed: pd.DataFrame, time_limit: float) -> pd.DataFrame:
    """Return the highest rate of every target that is missed, each by itself; the ends of a run of years first."""
    target = TARGET[:3]
    ordered = missed.sort_values([*target, "year"], ignore_index=True)
    ends = pd.concat([ordered.drop_duplicates(target, keep="last"), ordered.drop_duplicates(target, keep="first")])
    order = [*dict.fromkeys([*ends.index, *ordered.index])]
    free = without_targets(question.form, question.arrays)
    until = clock.perf_counter() + time_limit
    small = is_small(question.arrays)
    rates: dict[int, float] = {}
    for place, position in enumerate(order):
        left = until - clock.perf_counter()
        if place >= len(ends) and left <= 0:
            break
        share = max(left, 1.0) / (len(order) - place if small else max(len(ends) - place, 1))
        rates[position] = highest_rate(question.form, free, ordered.iloc[position], share, question.threads)
    found = ordered.loc[sorted(rates)].copy()
    return found.assign(highest=[rates[position] for position in found.index], bound=np.nan).reset_index(drop=True)


def without_targets(form: Formulation, arrays: Arrays) -> Arrays:
    """Return the arrays of a model without the rows of its targets."""
    row_lower = arrays.row_lower.copy()
    row_lower[form.linear.rows("target")] = -np.inf
    return replace(arrays, row_lower=row_lower)


def highest_rate(form: Formulation, arrays: Arrays, target: Any, time_limit: float, threads: int) -> float:
    """Return the highest value of the rate of ``target`` (TARGET) in a model; NaN if time was too short for any."""
    terms = rate_terms(form, target.scope, target.method, target.municipality, int(target.year))
    up = np.zeros(len(arrays.cost))
    down = np.zeros(len(arrays.cost))
    for into, part in ((up, terms[terms["term"] == 0]), (down, terms[terms["term"] > 0])):
        np.add.at(into, part["col"].to_numpy(dtype=np.int64), part["coef"].to_numpy(dtype=float))
    rate, until = 0.0, clock.perf_counter() + time_limit
    for _ in range(8):
        left = until - clock.perf_counter()
        if left <= 0:
            break
        solution = answered(replace(arrays, cost=-(up - rate * down)), left, threads)
        if not len(solution.values):
            return rate or float("nan")
        found = float(up @ solution.values) / max(float(down @ solution.values), 1e-12)
        if found <= rate + (1e-7 if is_small(arrays) else LARGE_ENOUGH):
            break
        rate = found
    return rate


def _contradictions(question: Question, known: Levers, time_limit: float) -> pd.DataFrame:
    """Return requirements that cannot hold together, as few as possible, in the user's words."""
    positions = contradiction(known, time_limit=time_limit / 2.0, threads=question.threads)
    rows = [_requirement(question.case, known, position) for position in positions]
    if not rows:
        # Nothing that could give way is to blame if waste has nowhere to go at all.
        kinds = [*QUANTITIES, *OUTLETS]
        each = time_limit / 4.0
        try:
            if least(known, known.only(kinds[:-2]), time_limit=each, threads=question.threads) is None:
                pulled = least(known, known.only(OUTLETS), time_limit=each, threads=question.threads)
                rows = described(known, pulled) if pulled is not None else []
        except OutOfTime:
            rows = []
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return pd.DataFrame(rows, columns=CONTRADICTION_COLUMNS)


def _requirement(case: Case, known: Levers, position: int) -> dict[str, Any]:
    lever = known.table.iloc[position]
    mine = known.rows[known.rows["lever"] == position]
    row: dict[str, Any] = {name: lever[name] for name in ("kind", "name", "detail", "municipality", "sheet", "row")}
    row |= {"year": int(mine["year"].min()), "until": int(mine["year"].max()), "since": lever["since"]}
    row["before"] = _asked(case, known, lever, mine)
    key = {
        "facilities": "facility",
        "markets": "market",
        "schemes": "scheme",
        "content_requirements": "requirement",
    }.get(str(row["sheet"]))
    if key is not None:
        row["row"] = int(np.argmax(case[str(row["sheet"])][key].to_numpy() == row["name"])) + 1
    if row["kind"] == "target":
        form = known.form
        goals = form.targets[
            (form.targets["scope"] == row["name"])
            & (form.targets["method"] == row["detail"])
            & (form.targets["municipality"] == row["municipality"])
        ].sort_values(["goal", "year"])
        row["before"], row["year"] = float(goals["goal"].iloc[-1]), int(goals["year"].iloc[-1])
    for language in LANGUAGES:
        row[f"text_{language}"] = fragment(case, row, language, "asks_")
    return row


def _asked(case: Case, known: Levers, lever: pd.Series, mine: pd.DataFrame) -> float:
    """Return the number of the workbook that a lever stands for."""
    name = str(lever["name"])
    table, key, column = {
        "capacity": ("facilities", "facility", "capacity"),
        "market": ("markets", "market", "capacity"),
        "least_load": ("facilities", "facility", "minimum_load"),
        "min_years": ("schemes", "scheme", "min_years"),
        "content": ("content_requirements", "requirement", "share"),
    }.get(str(lever["kind"]), ("", "", ""))
    if table:
        found = case[table].loc[case[table][key] == name, column]
        return float(found.iloc[0]) if len(found) else float("nan")
    if lever["kind"] == "limit":
        bounds = known.arrays.row_lower if lever["detail"] == "min" else known.arrays.row_upper
        return float(bounds[mine["row"].to_numpy(dtype=np.int64)].max()) * INDICATORS_BY_NAME[name].scale
    return float("nan")


def _with_capture(question: Question, found: Explanation, time_limit: float) -> pd.DataFrame:
    """Return the repairs with those by other capture, ranked among them."""
    columns = list(question.captures.columns)

    def feasible(captures: pd.DataFrame) -> bool | None:
        form = question.build(captures[columns])
        arrays = compile_model(to_pyomo(form.linear))
        solution = answered(replace(arrays, cost=np.zeros(len(arrays.cost))), time_limit, question.threads)
        if len(solution.values):
            return True
        return False if solution.status == "infeasible" else None

    better = capture_repairs(
        question.case, question.captures, found.reach, found.highest, feasible, time_limit=time_limit
    )
    if better.empty:
        return found.repairs
    first = int(found.repairs["option"].max()) + 1 if len(found.repairs) else 1
    better = better.assign(option=np.arange(first, first + len(better)), rank=1, exact=is_small(question.arrays))
    table = pd.concat([found.repairs, better], ignore_index=True) if len(found.repairs) else better
    # Options keep together and are numbered anew by what they move.
    burden = table.groupby("option")["burden_t"].sum().sort_values(kind="stable")
    table["option"] = table["option"].map({old: new for new, old in enumerate(burden.index, start=1)})
    return table.sort_values(["option", "rank"], ignore_index=True)[REPAIR_COLUMNS]
