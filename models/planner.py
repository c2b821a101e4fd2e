"""A planner: a case made ready once, to be asked one question or many.

What the waste, the schemes and the facilities of a case can do is prepared once (reconciliation, capture,
constants of routes, the rows of the model); what is wanted of them, targets, limits and the objective, can be
asked anew. A small case is solved as it is, year by year. Of a large one the yearly model with pooled hauls gives
a lower bound of the cost of any plan, and decisions are searched in a model of periods with peak-year capacity.
They are then fixed, and every year is dispatched on its own amounts in the full model. What that costs is the cost
of the plan, and the gap is its distance to the bound.
"""

from __future__ import annotations

import gc
import time as clock
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import generation
from flows.capture import shifted_capture
from flows.case import WISHED, Case
from flows.household_costs import household_costs
from flows.rates import target_in_year, with_targets
from flows.reconcile_case import reconcile_case
from models.certificate import certify
from models.decided import decision_table, settled
from models.demand import bought_of, exchanged_of
from models.evidence import Check
from models.explain import Explanation, Question, explain, nothing, without_scheme
from models.formulation import build, with_policy
from models.formulation_parts import MILLION, Decisions, Formulation, Support
from models.found import Found, Proven, relative_gap
from models.highs import Arrays, Session, Solution, check_solver, compile_model, solver_told
from models.interruption import deferred
from models.objective import Asked
from models.outcome import Infeasible, NoPlan, PlanResult
from models.primal import fixed
from models.pursuit import allowance, asks_more, pursued
from models.pyomo_model import to_pyomo
from models.reading import allocation_of, decisions_of, operation_years, scheme_years
from models.routes import methods_wanted, routes
from models.search import HUGE, SMALL, search
from models.shadow_prices import shadow_prices
from models.tables import Demand, distance_table, joined, reconciliation_tables, state_tables, unplanned_tables
from models.timing import horizon

Progress = Callable[[str, float], None]
BOUND_OF = {True: "full yearly model, hauls pooled by technology", False: "full yearly model"}


LEAST_TONNES = 0.01
"""What a case must generate in some year [t]: the solver sees no difference below some 0.0001 t."""


class Planner:
    """A case made ready to be planned; :meth:`ask` changes what is wanted, :meth:`plan` answers.

    ``given`` is the case as it was given, ``case`` the reconciled one; ``captures`` and ``constants`` are what
    :func:`models.formulation.build` needs beside it. ``progress(words, part)`` is told how far the work is. With
    ``keeps`` Ctrl-C during a search ends it with what is found, and ``interrupted`` says that it came.
    With ``certifies_states`` certificates have a row for each state without a plan: worth its time where they are reported.
    """

    def __init__(self, case: Case, *, threads: int = 2, progress: Progress | None = None) -> None:
        """Reconcile a case and prepare the constants of its routes."""
        self.threads = threads
        self.tell: Progress = progress or (lambda words, part: None)
        self.begun = clock.perf_counter()
        self.version = check_solver()
        self.tell("calibrate", 0.0)
        self.given = case
        self.reconciled = reconcile_case(case)
        self.case = self.reconciled.case
        self.captures = shifted_capture(self.case, self.reconciled.calibration)
        self.constants = routes(self.case)
        self._yearly: Formulation | None = None
        self._arrays: Arrays | None = None
        self._pooled: bool | None = None
        self._standing: dict[str, dict[str, pd.DataFrame]] = {}
        self._states: dict[str, dict[str, Check]] = {}
        self.asked = Asked()
        self.endings: Counter[str] = Counter()
        self.keeps, self.interrupted = False, False
        self.certifies_states = False

    def ask(self, case: Case) -> None:
        """Ask for something else: ``case`` may differ from the given one in targets, limits and settings only."""
        methods = self._methods()
        self.given = case
        self.case = self.reconciled.case.with_wishes_of(case)
        self.begun = clock.perf_counter()
        self._arrays = None
        self.asked = Asked()
        if self._methods() - methods:
            self.constants = routes(self.case)
            self._yearly = None
        elif self._yearly is not None:
            self._yearly = with_policy(self._yearly, self.case)

    def pursue(self, asked: Asked) -> None:
        """Put something else into the objective; targets and limits stay."""
        self.asked = asked
        self._arrays = None
        if self._yearly is not None:
            self._yearly = with_policy(self._yearly, self.case, self._asked_of_bound())

    def _asked_of_bound(self) -> Asked:
        """Return what is asked of a model that bounds: budget and limits as they are."""
        return replace(self.asked, margin=0.0)

    def _methods(self) -> set[str]:
        return {*self.constants.counted["method"], *methods_wanted(self.case)}

    def formulation(
        self, *, yearly: bool, pooled: bool, support: Support | None = None, decisions: Decisions | None = None
    ) -> Formulation:
        """Return the model of the case, a slice a year or runs of years, hauls pooled by technology or by place."""
        return build(
            self.case,
            self.captures,
            self.constants,
            horizon(self.case, yearly=yearly),
            pooled=pooled,
            support=support,
            decisions=decisions,
            asked=self._asked_of_bound() if yearly else self.asked,
        )

    @property
    def yearly(self) -> Formulation:
        """The yearly model that bounds: with every haul known by place if that is small enough, else pooled."""
        if self._yearly is None:
            self._yearly = self._exact_or_pooled()
            self._pooled = self._yearly.pooled
        return self._yearly

    @property
    def pooled(self) -> bool:
        """Whether hauls are pooled in the yearly model."""
        return self.yearly.pooled if self._pooled is None else self._pooled

    def _exact_or_pooled(self) -> Formulation:
        case = self.case
        pooled = None
        pairs = len(case["municipalities"]) * len(case["facilities"])
        if pairs * len(case["streams"]) * len(case.plan_years) > SMALL:
            # Perhaps large: the pooled model is quicker to build, and the exact one is no smaller.
            pooled = self.formulation(yearly=True, pooled=True)
            if pooled.linear.columns > SMALL:
                return pooled
        exact = self.formulation(yearly=True, pooled=False)
        if exact.linear.columns <= SMALL:
            return exact
        return pooled if pooled is not None else self.formulation(yearly=True, pooled=True)

    @property
    def arrays(self) -> Arrays:
        """The yearly model as HiGHS takes it."""
        if self._arrays is None:
            self._arrays = compile_model(to_pyomo(self.yearly.linear))
        return self._arrays

    @property
    def most_generated(self) -> float:
        """Waste of the year that has most of it [t]."""
        return float(generation(self.case, self.case.plan_years).groupby("year")["amount"].sum().max())

    def plan(self, *, gap: float, time_limit: float, explained: bool = True) -> PlanResult:
        """Return the plan for what is asked; see :func:`models.plan.solve` for arguments and errors.

        Without ``explained`` an infeasible question is only told to be that: :class:`Infeasible` without tables.
        """
        times: dict[str, float] = {}
        lawless = without_scheme(self.case)
        if len(lawless):
            raise self.infeasible(replace(nothing(), contradictions=lawless))
        if 0 < self.most_generated < LEAST_TONNES:
            raise NoPlan(
                "too_small", f"all amounts are below {1000 * LEAST_TONNES:.0f} kg a year, the solver's tolerance"
            )
        self.tell("build", 0.05)
        _ = self.arrays
        times["build"] = clock.perf_counter() - self.begun
        self.tell("search", 0.1)
        if asks_more(self.case):
            return pursued(self, times, gap=gap, time_limit=time_limit)
        found = self.search(gap=gap, time_limit=max(time_limit - times["build"], 1.0))
        times["search"] = clock.perf_counter() - self.begun - times["build"]
        if found.status == "infeasible":
            self.tell("explain", 0.7)
            raise self.infeasible(self.explain(time_limit) if explained else nothing())
        if not len(found.values):
            raise NoPlan(found.status)
        decisions, proven = decisions_of(found.form, found.values), found.proven
        if self.yearly.linear.columns > HUGE:
            # Dispatch and tables need the room; models hold themselves in circles.
            del found
            self.forget()
            gc.collect()
        return self.result(decisions, proven, times, gap=gap, time_limit=time_limit)

    def explain(self, time_limit: float) -> Explanation:
        """Return why there is no plan; see :func:`models.explain.explain`."""
        pooled, time = self.yearly.pooled, horizon(self.case, yearly=True)
        question = Question(
            self.case,
            self.captures,
            self.constants,
            self.yearly,
            self.arrays,
            lambda captures: build(self.case, captures, self.constants, time, pooled=pooled),
            self.threads,
        )
        return explain(question, time_limit=time_limit)

    def infeasible(self, found: Explanation) -> Infeasible:
        """Return the exception that says why there is no plan, with what a run of it holds."""
        scope, method = str(self.case.settings["scope"]), str(self.case.settings["method"])
        year = self.case.plan_years[-1]
        own = found.highest
        own = own[(own["scope"] == scope) & (own["method"] == method) & (own["municipality"] == "")]
        last = own[own["year"] == year]
        highest = float(last["highest"].iloc[0]) if len(last) else float("nan")
        info = {
            "status": "infeasible",
            "exit_code": 4,
            "reason": found.reason,
            "currency": self.case.currency,
            "price_year": self.case.settings["price_year"],
            "highest_rate": highest,
            "target": {
                "scope": scope,
                "method": method,
                "year": year,
                "rate": target_in_year(self.case, scope, method, "", year),
                "reached": highest,
            },
            "solver": solver_told(self.threads),
            "times": {"total": round(clock.perf_counter() - self.begun, 2)},
        }
        return Infeasible(found.reason, found.highest, found.tables(), info, self.standing)

    def search(self, *, gap: float, time_limit: float) -> Found:
        """Return the best decisions found; see :func:`models.search.search`."""
        with deferred() if self.keeps else nullcontext(Event()) as interrupted:
            found = search(
                self.yearly,
                self.arrays,
                lambda support: self.formulation(yearly=False, pooled=True, support=support),
                gap=gap,
                time_limit=time_limit,
                threads=self.threads,
                progress=self.tell,
            )
        if interrupted.is_set():
            if not len(found.values):
                raise KeyboardInterrupt
            self.interrupted = True
            self.tell("stopping", 0.7)
            found = replace(found, status="interrupted")
        return self.ended(found)

    def ended(self, found: Found) -> Found:
        """Keep how a search ended, so that a run can say whether the clock stopped any."""
        self.endings[found.status] += 1
        return found

    def result(
        self, decisions: Decisions, found: Found | Proven, times: dict[str, float], *, gap: float, time_limit: float
    ) -> PlanResult:
        """Return the plan that carries out ``decisions``: dispatched, with tables, certificate and ``info``.

        ``found`` is the search that they are from (its bound and status), ``times`` what was spent so far.
        """
        self.tell("dispatch", 0.75)
        before = clock.perf_counter()
        form, dispatched = self.dispatch(decisions)
        times["dispatch"] = clock.perf_counter() - before
        self.tell("tables", 0.8)
        tables = self.tables(form, decisions, dispatched)
        objective, huge = dispatched.objective * MILLION, form.linear.columns > HUGE
        del form, dispatched  # the certificate needs the room
        if huge:
            gc.collect()
        self.tell("certify", 0.95)
        tables["certificate"] = certify(
            self.given,
            tables,
            objective,
            states=self._states.setdefault(self._goals(), {}),
            standing=self.certifies_states,
        )
        times["total"] = clock.perf_counter() - self.begun
        self.tell("done", 1.0)
        info = self.told(tables, found, objective, gap=gap, time_limit=time_limit, pooled=self.pooled)
        info["times"] = {name: round(seconds, 2) for name, seconds in times.items()}
        return PlanResult(self.given, tables, info)

    def told(
        self,
        tables: dict[str, pd.DataFrame],
        found: Found | Proven,
        objective: float,
        *,
        gap: float,
        time_limit: float,
        pooled: bool,
    ) -> dict[str, Any]:
        """Return the ``info`` of a plan from its tables; ``pooled`` is whether the model that bounds pools hauls."""
        info = _info(self.case, tables, found, objective, gap)
        return info | {
            "options": {"gap": gap, "time_limit": time_limit, **info["options"]},
            "solver": solver_told(self.threads),
            "searches": dict(self.endings),
            "bound_of": BOUND_OF[pooled],
        }

    def forget(self) -> None:
        """Let go of the yearly model; it is built again when it is needed."""
        self._yearly = None
        self._arrays = None

    def dispatch(self, decisions: Decisions) -> tuple[Formulation, Solution]:
        """Return the full yearly model with decisions fixed, and its solution. Raises :class:`NoPlan`.

        Of a small case it is the model that was searched, its decisions held by their bounds; of a large one a model
        of what is decided for alone.
        """
        exact = not self.pooled
        if self.asked.most is not None:
            self.pursue(replace(self.asked, most=None))
        form = self.yearly if exact else self.formulation(yearly=True, pooled=False, decisions=decisions)
        arrays = self.arrays if exact else compile_model(to_pyomo(form.linear))
        if exact:
            form, arrays = settled(form, arrays, decisions)
        session = Session(arrays, solver="simplex" if form.linear.columns < SMALL else "ipm", threads=1)
        solution = session.run()
        if len(solution.values) and self.asked.objective != "cost":
            # What was asked is as good as these decisions allow; then they are run as cheaply as they can be.
            reached = solution.objective
            form = with_policy(form, self.case, replace(self.asked, most=reached + allowance(reached)))
            arrays = compile_model(to_pyomo(form.linear))
            if exact:
                form, arrays = settled(form, arrays, decisions)
            solution = Session(arrays, threads=1).run()
        if not len(solution.values):
            raise NoPlan(solution.status, "the decisions of the search cannot be run year by year")
        return form, _with_duals(arrays, solution)

    def tables(self, form: Formulation, decisions: Decisions, dispatched: Solution) -> dict[str, pd.DataFrame]:
        """Return the tables of a run but its certificate."""
        planned, levers = self.planned(form, decisions, dispatched)
        tables = self._of_case(joined([self._unplanned(), planned])) | levers
        if (tables["flows"]["variant"] == "reference").any():
            tables["household_costs"] = household_costs(self.case, tables, None)
        tables["shadow_prices"] = shadow_prices(form, dispatched)
        tables["decisions"] = decision_table(decisions)
        return tables

    def planned(
        self, form: Formulation, decisions: Decisions, dispatched: Solution, whole: bool = True
    ) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
        """Return the tables of the variant ``plan``, and those of the levers of demand that the case has."""
        allocation = allocation_of(form, decisions, dispatched.values)
        values = dispatched.values
        demand = Demand.of(self.case, bought_of(form, values), exchanged_of(form, values), "plan")
        planned = state_tables(
            self.case,
            allocation,
            scheme_years(form, decisions),
            operation_years(form, decisions),
            self.captures,
            "plan",
            demand,
            whole,
        )
        levers = {"purchases": demand.purchases, "exchanges": demand.exchanges}
        sheets = {"purchases": "purchasing", "exchanges": "exchange"}
        return planned, {name: table for name, table in levers.items() if len(self.case[sheets[name]])}

    def standing(self) -> dict[str, pd.DataFrame]:
        """Return the tables of a run without a plan: today and the reference."""
        return self._of_case(self._unplanned())

    def _unplanned(self) -> dict[str, pd.DataFrame]:
        case = self.case
        targets = case["targets"][["scope", "method"]].drop_duplicates().to_csv(index=False) + _settings(case)
        if targets not in self._standing:
            self._standing = {targets: unplanned_tables(case, self.captures)}
        tables = self._standing[targets]
        # The states stay, but what is asked of them may be another target than at first.
        rates = tables["rates"]
        return {**tables, "rates": with_targets(case, rates) if len(rates) else rates}

    def _goals(self) -> str:
        """Return what the tables of states hang on beside the data: targets (shown with rates) and settings."""
        return str(self.case["targets"].to_csv(index=False)) + _settings(self.case)

    def _of_case(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Return the tables of variants with those that are of the case."""
        distances = {"distances": distance_table(self.case, tables["flows"])}
        return {**tables, **distances, **reconciliation_tables(self.reconciled)}


def _settings(case: Case) -> str:
    """Return the settings that the tables of a state hang on."""
    return repr(
        sorted(
            ((name, value) for name, value in case.settings.items() if name not in WISHED - {"report_years"}), key=str
        )
    )


def _with_duals(arrays: Arrays, solution: Solution) -> Solution:
    """Return a solution with the prices of its rows: those of what is left to choose once its whole columns stand."""
    whole = np.flatnonzero(arrays.integer)
    if not len(whole):
        return solution
    settled = fixed(arrays, whole, solution.values[whole])
    linear = Session(replace(settled, integer=np.zeros_like(arrays.integer)), threads=1).run()
    return replace(solution, row_duals=linear.row_duals)


def _info(
    case: Case, tables: dict[str, pd.DataFrame], found: Found | Proven, objective: float, gap: float
) -> dict[str, Any]:
    certificate = tables["certificate"]
    proven = relative_gap(objective, found.bound * MILLION)
    scope, method = str(case.settings["scope"]), str(case.settings["method"])
    year = case.plan_years[-1]
    rates = tables["rates"]
    own = rates[(rates["variant"] == "plan") & (rates["scope"] == scope) & (rates["method"] == method)]
    own = own[(own["municipality"] == "") & (own["year"] == year)]
    return {
        "options": {"scope": scope, "method": method, "year": year},
        "status": _status(found.status, proven, gap),
        "objective": objective,
        "bound": found.bound * MILLION,
        "gap": proven,
        "certificate": {
            "holds": bool(certificate["holds"].all()),
            "largest_error": float(certificate["largest_error"].max()),
        },
        "currency": case.currency,
        "price_year": case.settings["price_year"],
        "target": {
            "scope": scope,
            "method": method,
            "year": year,
            "rate": target_in_year(case, scope, method, "", year),
            "reached": float(own["rate"].iloc[0]) if len(own) else float("nan"),
        },
    }


def _status(search_status: str, proven: float, gap: float) -> str:
    """Return how a search ended, by the gap that the dispatched plan has."""
    if proven <= 1e-6:
        return "optimal"
    if proven <= gap:
        return "gap_reached"
    return "feasible" if search_status in {"optimal", "gap_reached"} else search_status
