"""What things are worth: shadow prices, a percentage point, a krone of carbon price, the target to each municipality.

Shadow prices hold for small changes of the plan as it is. What a percentage point more or less costs, or a higher
price of carbon, is found by planning again, since schemes and facilities then change. Two plans are compared with
both proofs: each optimum lies between the bound and the cost of its plan, so their true difference lies between
``low`` and ``high``, and where that interval holds zero nothing more is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.case import Case
from flows.prices import Prices
from flows.rates import target_in_year
from models.asking import Asker
from models.frontier_tables import efficient, marginal_cost
from models.outcome import NoPlan, PlanResult
from models.plan import with_target
from models.wish import NOTHING

Keep = Callable[[str, PlanResult], object]
POINT_COLUMNS = [
    "plan",
    "step",
    "target",
    "reached",
    "cost",
    "bound",
    "gap",
    "difference",
    "low",
    "high",
    "extra_tonnes",
    "per_tonne",
    "status",
]
CARBON_COLUMNS = ["year", "carbon_price", "tax_price", "paying_t", "paid", "discounted_t"]
REPLAN_COLUMNS = ["more", "per_unit", "plan_as_it_is", "difference", "low", "high", "paying_t", "paying_then_t"]
PAID_COLUMNS = [
    "municipality",
    "with_target",
    "without_target",
    "cost_of_target",
    "per_inhabitant",
    "reference",
    "against_reference",
]


@dataclass
class Worth:
    """What :func:`worth` found.

    ``tables``: ``shadow_prices``, ``percentage_points``, ``carbon_tonnes`` (who pays the price, year by year),
    ``carbon_price`` (a higher one, planned again), ``cost_of_target`` (by municipality) and ``marginal_cost`` (along
    all plans made). ``plans`` is what ``keep`` made of each plan, by its name.
    """

    case: Case
    tables: dict[str, pd.DataFrame]
    plans: dict[str, object]
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    name: str
    cost: float
    bound: float
    gap: float
    status: str
    rate: float
    counted: float
    numerator: float
    by_municipality: pd.DataFrame
    shadow_prices: pd.DataFrame
    carbon: pd.DataFrame
    holds: bool


def worth(
    asker: Asker,
    *,
    step: float = 0.01,
    carbon: float = 100.0,
    points: int = 0,
    gap: float = 0.02,
    time_limit: float = 600.0,
    keep: Keep | None = None,
) -> Worth:
    """Return what a case's target and bounds are worth, from up to five plans and ``points`` more for the curve.

    The target is that of the case's own scope, method and last plan year (without one: the rate that the cheapest
    plan reaches); ``step`` moves its last row up and down, ``carbon`` [currency/t] is added to every price of carbon.
    ``time_limit`` [s] and ``gap`` are of each plan.

    Raises :class:`Infeasible` and :class:`NoPlan` as planning does.
    """
    return _Valuation(asker, step, carbon, points, gap, time_limit, keep).run()


class _Valuation:
    def __init__(
        self, asker: Asker, step: float, carbon: float, points: int, gap: float, time_limit: float, keep: Keep | None
    ) -> None:
        self.asker, self.step, self.carbon, self.extra = asker, step, carbon, points
        self.gap, self.time_limit = gap, time_limit
        self.keep: Keep = keep or (lambda name, plan: plan)
        self.kept: dict[str, object] = {}
        self.case = asker.given
        self.scope, self.method = str(self.case.settings["scope"]), str(self.case.settings["method"])
        self.year = self.case.plan_years[-1]
        self.made = 0

    def run(self) -> Worth:
        """Return all tables."""
        case, asker = self.case, self.asker
        asker.want(NOTHING)
        base = self._plan("plan", case)
        if base is None:
            asker.plan(gap=self.gap, time_limit=self.time_limit)  # raises, and says why
            raise NoPlan("time_limit")
        free = self._plan("without_target", with_target(case, 0.0, None, self.method, self.scope))
        if free is None:
            raise NoPlan("time_limit")
        goal = target_in_year(case, self.scope, self.method, "", self.year)
        goal = goal if np.isfinite(goal) else base.rate
        moved = [(sign * self.step, goal + sign * self.step) for sign in (-1, 1)]
        between = np.linspace(min(free.rate, goal), goal, self.extra + 2)[1:-1]
        names = {-1: "less", 1: "more"}
        points = {
            names[int(np.sign(by))]: (rate, self._plan(names[int(np.sign(by))], self._moved(goal, rate)))
            for by, rate in moved
        }
        more = [self._plan(f"point_{k + 1:02d}", self._moved(goal, rate)) for k, rate in enumerate(between)]
        curve = [plan for plan in (free, base, *more, *(plan for _, plan in points.values())) if plan is not None]
        dearer = self._dearer()
        asker.ask(case)
        info = {
            "kind": "worth",
            "currency": case.currency,
            "scope": self.scope,
            "method": self.method,
            "year": self.year,
            "target": goal,
            "step": self.step,
            "carbon": self.carbon,
            "objective": base.cost,
            "bound": base.bound,
            "gap": base.gap,
        }
        paid = cost_of_target(case, base.by_municipality, free.by_municipality)
        info["adds_up"] = abs(float(paid["cost_of_target"].sum()) - (base.cost - free.cost))
        low, high = _interval(free, base, rising=True)
        info["cost_of_target"] = {"difference": base.cost - free.cost, "low": low, "high": high}
        tables = {
            "shadow_prices": base.shadow_prices,
            "percentage_points": self._points(base, goal, points),
            "carbon_tonnes": base.carbon,
            "carbon_price": self._carbon(base, dearer),
            "cost_of_target": paid,
            "marginal_cost": self._curve(curve),
        }
        return Worth(case, tables, self.kept, info)

    def _plan(self, name: str, case: Case) -> _Plan | None:
        """Return the certified plan of a question; None if there is none."""
        asker, whole = self.asker, 5 + self.extra
        asker.stage(self.made / whole, (self.made + 1) / whole)
        self.made += 1
        asker.ask(case)
        asker.want(NOTHING)
        found = asker.search(gap=self.gap, time_limit=self.time_limit)
        if not len(found.values):
            return None
        _, plan = asker.carried_out(found, found.bound, gap=self.gap)
        tables, info = plan.tables, plan.info
        own = tables["rates"].query("variant == 'plan' and municipality == ''")
        own = own[(own["scope"] == self.scope) & (own["method"] == self.method)]
        years = own["year"].map({year: case.discount(year) for year in case.plan_years})
        last = own.loc[own["year"] == self.year, "numerator_t"]
        money = tables["costs"][tables["costs"]["variant"].isin(["plan", "reference"])]
        made = _Plan(
            name,
            info["objective"],
            info["bound"],
            info["gap"],
            info["status"],
            plan.rate(self.scope, self.method, self.year),
            float((own["numerator_t"] * years).sum()),
            float(last.sum()),
            money.groupby(["variant", "municipality"], as_index=False)["in_objective"].sum(),
            tables["shadow_prices"],
            carbon_tonnes(plan.case, tables),
            info["certificate"]["holds"],
        )
        self.kept[name] = self.keep(name, plan)
        return made

    def _moved(self, goal: float, rate: float) -> Case:
        """Return the case with the last row of its target moved to ``rate``."""
        rows = self.case["targets"]
        mine = (rows["scope"] == self.scope) & (rows["method"] == self.method) & (rows["municipality"] == "")
        mine &= rows["binding"] & (rows["year"] <= self.year)
        if not mine.any():
            return with_target(self.case, rate, None, self.method, self.scope)
        moved = rows.copy()
        at = rows.loc[mine, "year"].idxmax()
        # No more digits than a workbook keeps.
        moved.loc[at, "rate"] = round(min(max(float(rows.loc[at, "rate"]) + rate - goal, 0.0), 1.0), 12)
        return self.case.with_table("targets", moved)

    def _dearer(self) -> _Plan | None:
        """Return the plan with a higher price of carbon."""
        if not self.carbon:
            return None
        return self._plan("dearer_carbon", with_carbon(self.case, self.carbon))

    def _points(self, base: _Plan, goal: float, points: dict[str, tuple[float, _Plan | None]]) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for name, (rate, plan) in {"plan": (goal, base), **points}.items():
            row: dict[str, Any] = {"plan": name, "step": rate - goal, "target": rate, "status": "none"}
            if plan is not None:
                up = plan.name == "more"
                first, second = (base, plan) if up else (plan, base)
                low, high = _interval(first, second, rising=True)
                if not up:
                    low, high = -high, -low
                tonnes = plan.numerator - base.numerator
                difference = plan.cost - base.cost
                row |= {
                    "reached": plan.rate,
                    "cost": plan.cost,
                    "bound": plan.bound,
                    "gap": plan.gap,
                    "difference": difference,
                    "low": 0.0 if plan is base else low,
                    "high": 0.0 if plan is base else high,
                    "extra_tonnes": tonnes,
                    "per_tonne": difference / (plan.counted - base.counted) if plan.counted != base.counted else np.nan,
                    "status": plan.status,
                }
            rows.append(row)
        return pd.DataFrame(rows).reindex(columns=POINT_COLUMNS).sort_values("target", ignore_index=True)

    def _carbon(self, base: _Plan, dearer: _Plan | None) -> pd.DataFrame:
        if dearer is None:
            return pd.DataFrame(columns=REPLAN_COLUMNS)
        derivative = float(base.carbon["discounted_t"].sum())
        low, high = _interval(base, dearer, rising=True)
        as_it_is = derivative * self.carbon
        then = float(dearer.carbon["discounted_t"].sum())
        difference = dearer.cost - base.cost
        if difference > as_it_is:
            # What was found is within its gap, and the plan as it is costs less at the higher price too.
            difference, then = as_it_is, derivative
        row = {
            "more": self.carbon,
            "per_unit": derivative,
            "plan_as_it_is": as_it_is,
            "difference": difference,
            "low": low,
            # The plan as it is can be kept at the higher price, so the best one costs no more than that.
            "high": min(high, as_it_is + base.cost - base.bound),
            "paying_t": derivative,
            "paying_then_t": then,
        }
        return pd.DataFrame([row])[REPLAN_COLUMNS]

    def _curve(self, plans: list[_Plan]) -> pd.DataFrame:
        rows = pd.DataFrame(
            [
                {
                    "point": plan.name,
                    "rate": plan.rate,
                    "cost": plan.cost,
                    "bound": plan.bound,
                    "counted": plan.counted,
                    "holds": plan.holds,
                }
                for plan in plans
            ]
        )
        rows["efficient"] = efficient(rows, "rate") & rows["holds"]
        return marginal_cost(rows, "rate", self.case.currency)


def _interval(first: _Plan, second: _Plan, *, rising: bool) -> tuple[float, float]:
    """Return between what the optimum of ``second`` less that of ``first`` lies; at least 0 where it cannot fall."""
    low, high = second.bound - first.cost, second.cost - first.bound
    return (max(low, 0.0) if rising else low), high


def carbon_tonnes(case: Case, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return who pays the price of carbon in a plan: year, carbon_price, tax_price, paying_t, paid, discounted_t.

    Carbon is paid once, for the fossil CO2 of what enters energy recovery: allowance and CO2 tax are one item
    ``carbon`` of the prices, while ``tax`` is of the tonne of waste and no part of it (both are told, for a technology
    without prices of its own). ``paying_t`` are tonnes of fossil CO2, ``discounted_t`` the same as money is
    discounted: what one unit more of price adds to the cost of the plan as it is.
    """
    technologies = case["technologies"].set_index("technology")["treatment"]
    treatment = case["facilities"].set_index("facility")["technology"].map(technologies)
    flows = tables["flows"]
    burnt = flows[(flows["variant"] == "plan") & (flows["to"].map(treatment) == "energy_recovery")]
    fossil = burnt["fraction"].map(case["fractions"].set_index("fraction")["fossil_co2"]) / 1000.0
    tonnes = (burnt["mass_t"] * fossil).groupby(burnt["year"]).sum()
    money = tables["costs"].query("variant == 'plan' and category == 'carbon'").groupby("year")["amount"].sum()
    prices = Prices(case)
    rows = [
        (
            year,
            prices.of("carbon", "", year),
            prices.of("tax", "", year),
            float(tonnes.get(year, 0.0)),
            float(money.get(year, 0.0)),
            float(tonnes.get(year, 0.0)) * case.discount(year),
        )
        for year in case.plan_years
    ]
    return pd.DataFrame(rows, columns=CARBON_COLUMNS)


def with_carbon(case: Case, more: float) -> Case:
    """Return the case with every price of carbon raised by ``more`` [currency/t], from the first year on."""
    rows = case["prices"].copy()
    mine = rows["item"] == "carbon"
    rows.loc[mine, "value"] += more
    for name in ("low", "high"):
        if name in rows:
            rows.loc[mine, name] += more
    begins = mine & (rows["technology"] == "") & rows["from"].isna()
    if not begins.any():
        row = pd.DataFrame({"item": ["carbon"], "value": [more]}).reindex(columns=rows.columns)
        texts = rows.select_dtypes(include=["object", "string"]).columns.difference(["item"])
        row[texts] = ""
        if "unit" in row:
            row["unit"] = f"{case.currency}/t"
        row["status"] = "assumed"
        rows = pd.concat([rows, row.astype(rows.dtypes.to_dict())], ignore_index=True)
    return case.with_table("prices", rows)


def cost_of_target(case: Case, with_: pd.DataFrame, without: pd.DataFrame) -> pd.DataFrame:
    """Return what the target costs each municipality: the plan less the cheapest plan without it.

    Discounted cost over the horizon. A shared plant is carried by those who use it in proportion to what they send
    there, in each of the two plans on its own; the row without a municipality is what stands idle and all carry
    together. The rows add up to the difference of the objectives.
    """
    plan = with_[with_["variant"] == "plan"].set_index("municipality")["in_objective"]
    free = without[without["variant"] == "plan"].set_index("municipality")["in_objective"]
    standing = with_[with_["variant"] == "reference"].set_index("municipality")["in_objective"]
    places = sorted({*case["municipalities"]["municipality"], *plan.index, *free.index, *standing.index})
    table = pd.DataFrame({"municipality": places})
    for name, part in (("with_target", plan), ("without_target", free), ("reference", standing)):
        table[name] = table["municipality"].map(part).fillna(0.0)
    table["cost_of_target"] = table["with_target"] - table["without_target"]
    table["against_reference"] = table["with_target"] - table["reference"]
    if standing.empty:
        table["reference"] = table["against_reference"] = np.nan
    people = table["municipality"].map(case["municipalities"].set_index("municipality")["population"])
    table["per_inhabitant"] = table["cost_of_target"] / people.where(people > 0)
    return table[PAID_COLUMNS]
