"""Checks of what a plan is asked for: limits that can be held, objectives that mean something."""

from __future__ import annotations

from collections.abc import Iterator

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
    (("dwellings", "indicator_factors"), objective),
    (("markets", "purchasing", "content_requirements"), markets),
    (("exchange",), exchange),
)
"""Each check with the tables that it reads."""
