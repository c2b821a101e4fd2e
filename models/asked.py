"""A case with the target and objective that were asked for instead of its own."""

from __future__ import annotations

import pandas as pd

from flows.case import Case


def with_target(case: Case, rate: float | None, year: int | None, method: str | None, scope: str | None) -> Case:
    """Return the case with one target instead of all rows of that scope and method for the whole area.

    Without a rate only the case's own scope and method change. The rate holds in ``year`` (default: the
    last plan year) and rises in a straight line from what the case asks for before, if it does.
    """
    scope = scope or str(case.settings["scope"])
    method = method or str(case.settings["method"])
    case = case.with_settings(scope=scope, method=method)
    if rate is None:
        return case
    rows = case["targets"]
    mine = (rows["scope"] == scope) & (rows["method"] == method) & (rows["municipality"] == "")
    year = case.plan_years[-1] if year is None else year
    new = {
        name: [value] for name, value in (("scope", scope), ("method", method), ("year", float(year)), ("rate", rate))
    }
    row = pd.DataFrame(new).reindex(columns=rows.columns)
    texts = rows.select_dtypes(include=["object", "string"]).columns.difference(["scope", "method"])
    row[texts] = ""
    row["path"], row["binding"], row["status"] = "step", True, "assumed"
    merged = pd.concat([rows[~mine], row.astype(rows.dtypes.to_dict())], ignore_index=True)
    return case.with_table("targets", merged)


def with_objective(case: Case, objective: str | None, budget: float | None) -> Case:
    """Return the case with another objective and budget [currency, discounted]; None keeps the case's own."""
    changes = {"objective": objective, "budget": budget}
    return case.with_settings(**{name: value for name, value in changes.items() if value is not None})
