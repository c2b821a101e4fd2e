"""What the columns of a sweep's tables mean: one place for readers and the reference."""

from __future__ import annotations

TASK_MEANINGS: dict[str, str] = {
    "task": "number of the task, from 0",
    "scenario": "id of the scenario; blank is the case as it is",
    "target": "rate that replaces the targets of its scope and method; blank keeps the case's own",
    "scope": "scope of the rate",
    "method": "method of the rate",
    "year": "year of the target, and of the outcome's rate",
    "draw": "draw of the uncertain inputs; 0 are the central values",
    "group": "tasks with equal data, which differ only in what is wanted",
    "start": "task whose decisions the search begins with; -1 begins with nothing",
}
OUTCOME_MEANINGS: dict[str, str] = {
    "task": "number of the task",
    "status": "optimal, gap_reached, feasible, or how the clock ended it; infeasible; no_plan; failed",
    "reason": "why there is no plan: a word of the program's, or the error",
    "certified": "the certificate of the plan holds",
    "cost": "discounted cost [currency]",
    "bound": "what any plan for the same question costs at least [currency]",
    "gap": "how far the cost may be above the least, relative to itself",
    "rate": "rate of the task's scope, method and year that the plan reaches",
    "highest_rate": "where the target is out of reach: the highest that can be reached, other targets left aside",
    "co2e": "t CO2 equivalents over the horizon, avoided ones included, biogenic CO2 left out",
    "landfilled": "t over the horizon",
    "incinerated": "t over the horizon",
    "investment": "what is built over the horizon, undiscounted [currency]",
    "cost_per_household": "what the collection schemes charge, mean over the years [currency/household/year]",
    "seconds": "time that the task took; the only column that differs between equal sweeps",
}
DECISION_MEANINGS: dict[str, str] = {
    "task": "number of the task",
    "kind": "scheme or facility",
    "municipality": "of the source that runs a scheme",
    "sector": "of the source",
    "segment": "of the source",
    "name": "id of the scheme or facility",
    "size": "step of the facility; existing is what stands today",
    "period": "first year of the period in which it runs",
    "share": "part of the source that runs the scheme; 1 for a step in operation",
}
