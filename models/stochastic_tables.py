"""What planning for all scenarios says, as tables: how each plan does, what it is judged by, what information is worth.

WS, wait and see: the expected cost if one knew in time which scenario comes. RP: the expected cost of the plan that is
best on average. EEV: that of the plan made for the base scenario alone. EVPI = RP - WS is what perfect information is
worth, VSS = EEV - RP what it is worth to plan for all scenarios instead of one (Birge and Louveaux 2011, chapter 4).
Where a search ended at a gap, each is an interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.formulation_parts import Decisions
from models.highs import solver_told
from models.outcome import PlanResult
from models.risk import MEASURES
from models.scenario_model import Trial
from models.stochastic import Uncertain
from models.stochastic_plans import Candidate

PERFORMANCE = [
    "plan",
    "scenario",
    "weight",
    "runs",
    "cost",
    "penalty",
    "regret",
    "rate",
    "target_met",
    "shortfall_t",
    "lacking_t",
    "refused",
    "certificate",
    "chosen",
]
DECIDED = ["kind", *SOURCE, "facility", "size", "period", "scenario", "plan", "choice", "same"]


def performance(found: Uncertain) -> pd.DataFrame:
    """Return how each plan does in each scenario; the certificate is blank where a pair was not carried out."""
    rows = []
    for plan in found.plans:
        for number, (model, trial) in enumerate(zip(found.models, plan.trials, strict=True)):
            result = plan.results.get(model.name)
            rows.append(
                {
                    "plan": plan.name,
                    "scenario": model.name,
                    "weight": model.weight,
                    "runs": trial.runs,
                    "cost": trial.cost,
                    "penalty": trial.penalty if trial.runs else np.nan,
                    "regret": _regret(trial, float(found.best[number])) if _counts(trial, found) else np.nan,
                    "rate": _rate(trial, result),
                    "target_met": trial.meets,
                    "shortfall_t": trial.short_t if trial.runs else np.nan,
                    "lacking_t": 0.0 if trial.runs else trial.lacks_t,
                    "refused": "; ".join(f"{what} {period}" for _, what, period in trial.refused),
                    "certificate": _verdict(result),
                    "chosen": plan is found.chosen,
                }
            )
    return pd.DataFrame(rows, columns=PERFORMANCE)


def _regret(trial: Trial, best: float) -> float:
    """Return what a plan costs more than the best known; what is left of rounding is none."""
    more = trial.total - best
    return more if more > 1e-9 * max(abs(best), 1.0) else 0.0


def _counts(trial: Trial, found: Uncertain) -> bool:
    return trial.runs if found.options.price is not None else trial.meets


def _rate(trial: Trial, result: PlanResult | None) -> float:
    """Return the rate: that of the accounting network where the pair was carried out, else that of the model."""
    if result is None:
        return trial.rate
    return float(result.info["target"]["reached"])


def _verdict(result: PlanResult | None) -> str:
    if result is None:
        return ""
    return "holds" if result.info["certificate"]["holds"] else "fails"


def measures(found: Uncertain) -> pd.DataFrame:
    """Return what each plan is judged by; blank where it does not hold in every scenario."""
    rows = []
    for plan in found.plans:
        judged = {str(measure): found.judged(plan, measure) for measure in MEASURES}
        holds = int(np.isfinite(found.costs(plan)).sum())
        rows.append(
            {
                "plan": plan.name,
                "kind": plan.kind,
                "chosen": plan is found.chosen,
                "holds_in": holds,
                "scenarios": len(found.models),
                **{name: value if np.isfinite(value) else np.nan for name, value in judged.items()},
            }
        )
    return pd.DataFrame(rows)


def values(found: Uncertain) -> pd.DataFrame:
    """Return what information and planning for all scenarios are worth: name, value, low, high [currency]."""
    weights = found.weights
    likely = weights > 0
    wait = float(found.best[likely] @ weights[likely])
    wait_low = float(found.bounds[likely] @ weights[likely])
    here = min(found.judged(plan, "expected") for plan in found.plans)
    here_low = max(found.bound_expected, wait_low)
    base = next(plan for plan in found.plans if plan.name == f"for:{found.reference}")
    eev = found.judged(base, "expected")
    rows = [
        ("WS", wait, min(wait_low, wait), wait),
        ("RP", here, min(here_low, here), here),
        ("EEV", eev, eev, eev),
        ("EVPI", here - wait, max(here_low - wait, 0.0), here - wait_low),
        ("VSS", eev - here, eev - here, eev - here_low),
    ]
    table = pd.DataFrame(rows, columns=["name", "value", "low", "high"])
    numbers = table[["value", "low", "high"]]
    table[["value", "low", "high"]] = numbers.where(np.isfinite(numbers), np.nan)
    # Differences of sums of the same costs: what is left of rounding is no value of information.
    rounding = 1e-9 * max(abs(wait), 1.0)
    differences = table["name"].isin(["EVPI", "VSS"])
    small = table[["value", "low", "high"]].abs() < rounding
    table[["value", "low", "high"]] = table[["value", "low", "high"]].mask(small.mul(differences, axis=0), 0.0)
    return table


def decisions(found: Uncertain) -> pd.DataFrame:
    """Return what each plan decides: a row per decision and plan, ``same`` where the best plans for each alone agree.

    What is decided at once has a blank scenario. Of later decisions those of the chosen plan are listed, a row for
    every scenario; ``same`` is whether they are the same in all.
    """
    parts = [_rows(plan.first, plan.name, "") for plan in found.plans]
    at_once = pd.concat(parts, ignore_index=True)
    key = [*DECIDED[:7]]
    own = at_once[at_once["plan"].isin([plan.name for plan in found.plans if plan.kind == "scenario"])]
    at_once["same"] = _agree(at_once, own, key, len(found.models))
    later = [
        _later(_rows(trial.decisions, found.chosen.name, model.name), found.options.until)
        for model, trial in zip(found.models, found.chosen.trials, strict=True)
        if trial.decisions is not None
    ]
    after = pd.concat(later, ignore_index=True)
    after["same"] = _agree(after, after, key, len(found.models))
    return pd.concat([at_once, after], ignore_index=True)[DECIDED].sort_values(
        [*key, "scenario", "plan"], ignore_index=True
    )


def _later(rows: pd.DataFrame, until: int) -> pd.DataFrame:
    return rows[rows["period"] > until]


def _agree(rows: pd.DataFrame, among: pd.DataFrame, key: list[str], count: int) -> Any:
    """Return for every row whether all ``among`` that decide on it choose alike."""
    if rows.empty:
        return np.empty(0, dtype=bool)
    chosen = among.groupby(key)["choice"].agg(lambda values: values.nunique() == 1 and len(values) == count)
    found = chosen.reindex(pd.MultiIndex.from_frame(rows[key]))
    return found.fillna(False).to_numpy(dtype=bool)


def _rows(decided: Decisions, plan: str, scenario: str) -> pd.DataFrame:
    """Return the decisions of a plan: schemes that run with their shares where several do, steps open or closed."""
    x = decided.schemes[decided.schemes["share"] > 1e-6].sort_values([*SOURCE, "period", "scheme"])
    parts = np.where(x["share"] > 1 - 1e-6, x["scheme"], x["scheme"] + " " + (100 * x["share"]).map("{:.1f} %".format))
    schemes = x.assign(choice=parts).groupby([*SOURCE, "period"], as_index=False)["choice"].agg(" + ".join)
    schemes = schemes.assign(kind="scheme", facility="", size="")
    steps = decided.steps.assign(choice=np.where(decided.steps["on"] > 0.5, "open", "closed"), kind="step")
    steps = steps.assign(**dict.fromkeys(SOURCE, ""))
    table = pd.concat([schemes, steps], ignore_index=True)
    return table.assign(plan=plan, scenario=scenario, same=False)[DECIDED]


def summary(found: Uncertain) -> dict[str, Any]:
    """Return what ``run.json`` says of planning for all scenarios."""
    plan, options = found.chosen, found.options
    value = found.judged(plan)
    own = [model.planner for model in found.models]
    table = values(found).set_index("name")
    return {
        "status": _status(found, value),
        "measure": options.measure,
        "objective": value,
        "bound": min(found.bound, value),
        "gap": max(value - found.bound, 0.0) / max(abs(value), 1e-9),
        "bound_of": "extensive form"
        if found.joint in {"optimal", "time_limit"} and found.exact
        else "each scenario alone",
        "joint": found.joint,
        "searches": dict(sum((model.planner.endings for model in found.models), Counter([found.joint]))),
        "plan": plan.name,
        "plans": [one.name for one in found.plans],
        "reference": found.reference,
        "values": {str(name): float(value) for name, value in table["value"].items()},
        "scenarios": {model.name: model.weight for model in found.models},
        "currency": own[0].case.currency,
        "price_year": own[0].case.settings["price_year"],
        "solver": solver_told(own[0].threads),
        "certificate": _certificate(found.plans),
        "times": {name: round(seconds, 2) for name, seconds in found.times.items()},
    }


def _status(found: Uncertain, value: float) -> str:
    gap = max(value - found.bound, 0.0) / max(abs(value), 1e-9)
    return "optimal" if gap <= 1e-6 else "gap_reached" if gap <= found.options.gap else "feasible"


def _certificate(plans: Sequence[Candidate]) -> dict[str, Any]:
    """Return what the certificates say: of all pairs that were carried out together."""
    results = [result for plan in plans for result in plan.results.values()]
    return {
        "holds": bool(results) and all(result.info["certificate"]["holds"] for result in results),
        "largest_error": max((result.info["certificate"]["largest_error"] for result in results), default=float("nan")),
        "pairs": len(results),
    }
