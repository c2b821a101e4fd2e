"""Checks of what a plan is asked for: limits that can be held, objectives that mean something."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flows.case import Case
from flows.checks import Check, cell_problem
from flows.indicator_names import INDICATORS_BY_NAME
from flows.problems import Problem, number_text


def limits(case: Case) -> Iterator[Problem]:
    """Yield limits on the cost of one municipality, and technologies of indicators that have none."""
    rows = case["limits"]
    for position, row in enumerate(rows.itertuples(index=False)):
        one = INDICATORS_BY_NAME[row.indicator]
        if row.municipality and one.regional:
            yield cell_problem(rows, "limits", position, "municipality", "limit_regional", found=row.indicator)
        if row.technology and not one.counted:
            yield cell_problem(rows, "limits", position, "technology", "limit_technology", found=row.indicator)


def contradictions(case: Case) -> Iterator[Problem]:
    """Yield limits that ask for at least more than another allows at most, where and when both hold."""
    rows = case["limits"].reset_index(drop=True)
    rows = rows[rows["active"]]
    for _, part in rows.groupby(["municipality", "indicator", "technology", rows["year"].isna()], sort=False):
        least, most = (part[part["sense"] == sense].sort_values("year") for sense in ("min", "max"))
        for year in sorted({*part["year"].dropna()}) or [np.nan]:
            # A row holds from its year on until the next of its kind.
            low, high = (side if np.isnan(year) else side[side["year"] <= year] for side in (least, most))
            if len(low) and len(high) and low["maximum"].iloc[-1] > high["maximum"].iloc[-1] + 1e-9:
                texts = {"found": number_text(low["maximum"].iloc[-1]), "place": str(part["indicator"].iloc[0])}
                texts["expected"] = number_text(high["maximum"].iloc[-1])
                yield cell_problem(case["limits"], "limits", int(low.index[-1]), "maximum", "limits_cross", **texts)
                break


BEGINS = {
    "targets": "year",
    "limits": "year",
    "contracts": "from",
    "pinned": "from",
    "content_requirements": "first_year",
}
"""Tables of what is asked of a plan, with the column from which a row holds."""


def beyond(case: Case) -> Iterator[Problem]:
    """Yield rows that only hold after the last year of the plan, and plans that begin before the accounted year."""
    planned = case.plan_years
    if not planned:
        return
    for table, column in BEGINS.items():
        rows = case[table]
        late = rows[column] > planned[-1]
        if table == "targets":
            late &= rows["path"] != "linear"
        for position in np.flatnonzero(late.to_numpy()):
            texts = {"found": f"{rows[column].iloc[position]:.0f}", "expected": str(planned[-1]), "severity": "warning"}
            yield cell_problem(rows, table, int(position), column, "year_beyond", **texts)
    year = case.settings["account_year"]
    if year is not None and planned[0] < year:
        texts = {"found": str(planned[0]), "expected": str(year), "severity": "warning"}
        yield Problem("years_past", "settings", column="plan_years", **texts)  # type: ignore[arg-type]


def objective(case: Case) -> Iterator[Problem]:
    """Yield objectives without what they are made of: households, factors."""
    name = case.settings["objective"]
    if name == "fair" and not case["dwellings"]["dwellings"].sum() > 0:
        yield Problem("objective_households", "settings", column="objective")
    if name in {"jobs", "value_kept", "material_avoided"}:
        known = set(case["indicator_factors"]["indicator"])
        if name not in known:
            yield Problem("objective_factors", "settings", column="objective", found=str(name), severity="warning")


def markets(case: Case) -> Iterator[Problem]:
    """Yield purchases of markets that take everything already, and more content than a market may take."""
    capacity = case["markets"].drop_duplicates("market").set_index("market")["capacity"]
    rows = case["purchasing"]
    for position, market in enumerate(rows["market"]):
        if market in capacity.index and capacity.isna()[market]:
            yield cell_problem(rows, "purchasing", position, "market", "purchase_unlimited", found=market)
    more = rows.groupby("market")["maximum"].sum()
    rows = case["content_requirements"]
    for position, row in enumerate(rows.itertuples(index=False)):
        most = float(capacity.get(row.market, float("nan"))) + float(more.get(row.market, 0.0))
        if row.demand * row.share > most * (1 + 1e-9):
            texts = {"found": number_text(row.demand * row.share), "expected": number_text(most), "place": row.market}
            yield cell_problem(rows, "content_requirements", position, "demand", "content_room", **texts)


def exchange(case: Case) -> Iterator[Problem]:
    """Yield offers and needs whose material nobody needs or offers."""
    rows = case["exchange"]
    for position, row in enumerate(rows.itertuples(index=False)):
        other = "need" if row.kind == "offer" else "offer"
        if not ((rows["material"] == row.material) & (rows["kind"] == other)).any():
            texts = {"found": row.material, "expected": other, "severity": "warning"}
            yield cell_problem(rows, "exchange", position, "material", "exchange_alone", **texts)


LEVER_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("limits",), limits),
    (("limits",), contradictions),
    (("settings", *BEGINS), beyond),
    (("dwellings", "indicator_factors"), objective),
    (("markets", "purchasing", "content_requirements"), markets),
    (("exchange",), exchange),
)
"""Each check with the tables that it reads."""
