"""Every figure of every table of a plan is changed in every way that fits it, and the certificate must notice.

The attacks are generated from the tables themselves: for every table, column and state a row of weight is spoilt as
the column's kind allows (a number grown, its sign turned, or blank; a word swapped for another of the column or for
none; a year shifted; a yes turned to no), and rows are left out, doubled, or moved to another state. What no
certificate can see is named in ``UNSEEN``, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.certificate import FAMILIES, OF_STATES, asked, certify, holds
from models.evidence import STANDING, Evidence
from models.plan import PlanResult, solve
from tests.cases.busy import busy_case, levers_case

TABLES = [
    "flows",
    "rates",
    "schemes",
    "facilities",
    "costs",
    "emissions",
    "indicators",
    "counted",
    "data_quality",
    "distances",
    "household_costs",
    "decisions",
    "reconciliation",
    "calibration",
    "suspects",
    "purchases",
    "exchanges",
]
UNSEEN: dict[tuple[str, str], str] = {
    ("decisions", "choice"): "names of whole columns of the model: what they chose is seen in flows and purchases",
    ("shadow_prices", ""): "duals of the solver; tests/models/test_by_hand_* hold them to figures from paper",
    ("certificate", ""): "the verdict itself",
}
STATE_COLUMNS = {"variant"}
CASES = {"busy": busy_case, "levers": levers_case}


@pytest.fixture(scope="module", params=sorted(CASES))
def plan(request: pytest.FixtureRequest) -> PlanResult:
    return solve(CASES[request.param](), gap=1e-6, time_limit=60, threads=1)


def _values(column: pd.Series, at: Any) -> Iterator[tuple[str, Any]]:
    """Yield the ways in which a figure can be wrong."""
    value = column.loc[at]
    if pd.api.types.is_bool_dtype(column) or isinstance(value, bool | np.bool_):
        yield "turned", not value
    elif column.name in {"year", "given_year", "opened_year", "closed_year", "period"}:
        yield "shifted", (2029.0 if pd.isna(value) else value + 1)
        if not pd.isna(value) and column.dtype.kind == "f":
            yield "blank", np.nan
    elif pd.api.types.is_numeric_dtype(column):
        yield "grown", (1.0 if pd.isna(value) or value == 0 else value * 1.001 + 0.01 * np.sign(value))
        if not pd.isna(value):
            yield "blank", np.nan
            if value != 0:
                yield "sign", -value
    else:
        others = sorted({str(other) for other in column.dropna().unique()} - {str(value)})
        if others:
            yield "swapped", others[0]
        yield "unknown", "nobody"


def _weighty(rows: pd.DataFrame, column: str) -> Any:
    """Return the row whose figures are largest, where the column says something if it ever does."""
    said = rows[column].notna() & (rows[column].astype(str) != "")
    rows = rows[said] if said.any() else rows
    figures = [name for name in ("mass_t", "amount", "kg_co2e", "value", "numerator_t", "share") if name in rows]
    return rows[figures[0]].abs().idxmax() if figures and rows[figures[0]].notna().any() else rows.index[-1]


def attacks(tables: dict[str, pd.DataFrame]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield what was spoilt, in which table, and the spoilt table."""
    for name in TABLES:
        whole = tables.get(name, pd.DataFrame()).reset_index(drop=True)
        states = whole["variant"].unique() if "variant" in whole else [""]
        for state in states:
            rows = whole[whole["variant"] == state] if state else whole
            if rows.empty:
                continue
            for column in whole.columns:
                if (name, column) in UNSEEN:
                    continue
                at = _weighty(rows, column)
                for how, value in _values(rows[column], at):
                    spoilt = whole.copy()
                    if spoilt[column].dtype.kind in "iub" and not isinstance(value, bool | int | np.integer | np.bool_):
                        spoilt[column] = spoilt[column].astype(object if isinstance(value, str) else float)
                    spoilt.loc[at, column] = value
                    yield f"{name} {state}: {column} of row {at} {how} to {value}", name, spoilt
            at = _weighty(rows, whole.columns[-1])
            if (name, "choice") in UNSEEN and rows.loc[at, "choice"]:
                continue
            yield f"{name} {state}: row {at} left out", name, whole.drop(at)
            yield f"{name} {state}: row {at} doubled", name, pd.concat([whole, whole.loc[[at]]], ignore_index=True)
            yield f"{name} {state}: all rows left out", name, whole.drop(rows.index)


ORDER: dict[str, str] = {
    "flows": "flows",
    "rates": "targets",
    "schemes": "schemes",
    "facilities": "plants",
    "costs": "cost",
    "indicators": "indicators",
    "household_costs": "fair",
    "purchases": "demand",
    "exchanges": "demand",
}


class Judge:
    """The certificate, asked family by family until one does not hold: to spare time, those of the table first."""

    def __init__(self, plan: PlanResult) -> None:
        self.plan = plan
        self.known = Evidence(plan.case, "plan", plan.tables, plan.info["objective"]).reconciled

    def catches(self, name: str, spoilt: pd.DataFrame, state: str) -> bool:
        tables = {**self.plan.tables, name: spoilt}
        for variant in dict.fromkeys([state if state in STANDING else "plan", "plan"]):
            evidence = Evidence(self.plan.case, variant, tables, self.plan.info["objective"])
            evidence.__dict__["reconciled"] = self.known
            families = OF_STATES if variant in STANDING else FAMILIES
            first = ORDER.get(name, "beside")
            for family in sorted(families, key=lambda one: not one.__module__.endswith(f"_{first}")):
                if not all(check.holds for check in asked(family, evidence)):
                    return True
        return False


@pytest.mark.parametrize("part", [pytest.param(25, id="some"), pytest.param(1, id="all", marks=pytest.mark.exhaustive)])
def test_every_figure_of_every_table_is_looked_at(plan: PlanResult, part: int) -> None:
    assert holds(plan.tables["certificate"]), plan.tables["certificate"].query("not holds").to_string()
    listed = {*TABLES, *(name for name, column in UNSEEN if not column)}
    assert set(plan.tables) <= listed
    judge = Judge(plan)
    passed = [
        what
        for what, name, spoilt in islice(attacks(dict(plan.tables)), part // 2, None, part)
        if not judge.catches(name, spoilt, what.split(":")[0].split(" ", 1)[1])
    ]
    assert not passed, "\n".join([f"{len(passed)} attacks pass", *passed])


def _together(plan: PlanResult, objective: float | None = None, **changed: pd.DataFrame) -> set[str]:
    found = certify(plan.case, {**plan.tables, **changed}, plan.info["objective"] if objective is None else objective)
    return set(found.loc[~found["holds"], "check"])


def test_a_lie_told_in_every_table_of_money_is_still_seen(plan: PlanResult) -> None:
    # A cost is forgotten where it stands, in its sum, in what households pay and in the objective.
    costs = plan.tables["costs"]
    row = costs[(costs["variant"] == "plan") & (costs["in_objective"] != 0)]["in_objective"].abs().idxmax()
    objective = plan.info["objective"] - costs.loc[row, "in_objective"]
    assert {"costs", "who pays", "objective"} <= _together(plan, objective, costs=costs.drop(row))


def test_money_moved_from_one_payer_to_another_is_seen_by_who_pays_alone(plan: PlanResult) -> None:
    costs = plan.tables["costs"].copy()
    mine = costs[(costs["variant"] == "plan") & ~costs["category"].isin(["change", "collection"])]
    one, other = next(rows.index[:2] for _, rows in mine.groupby(["year", "category"]) if len(rows) > 1)
    for column in ("amount", "in_objective"):
        moved = costs.loc[one, column] * 0.25
        costs.loc[one, column] -= moved
        costs.loc[other, column] += moved
    found = _together(plan, costs=costs)
    assert "who pays" in found
    assert not found & {"costs", "objective", "discounting"}
