"""How much of a result rests on assumptions: shares of tonnes and of cost by the status of their inputs."""

from __future__ import annotations

import pandas as pd

from flows.case import Case

QUALITY_COLUMNS = ["variant", "aspect", "status", "share"]

# The table whose rows stand behind each category of cost, and the column of the cost table that leads there.
_COST_TABLES = {
    "collection": "schemes",
    "change": "schemes",
    "transport": "transport",
    "treatment": "facilities",
    "fixed": "facilities",
    "capital": "sizes",
    "tax": "prices",
    "energy": "prices",
    "carbon": "prices",
    "market": "markets",
    "purchasing": "purchasing",
    "exchange": "exchange",
}


def _shares(weights: pd.Series, status: pd.Series, aspect: str) -> pd.DataFrame:
    """Return aspect, status, share: weights summed by status over their total."""
    total = float(weights.sum())
    if total <= 0:
        return pd.DataFrame(columns=QUALITY_COLUMNS[1:])
    summed = weights.groupby(status.to_numpy()).sum() / total
    return pd.DataFrame({"aspect": aspect, "status": summed.index, "share": summed.to_numpy()})


def _worst(frame: pd.DataFrame, by: list[str]) -> pd.Series:
    """Return the least certain status of each group: one assumed ingredient makes the whole assumed."""
    order = {"reported": 0, "derived": 1, "assumed": 2}
    rank = frame["status"].map(order).groupby([frame[name] for name in by]).max()
    return rank.map({number: word for word, number in order.items()})


def data_quality(case: Case, flows: pd.DataFrame, costs: pd.DataFrame, variant: str) -> pd.DataFrame:
    """Return the table ``data_quality``: share by status of amounts, composition, capture, yields and cost.

    Tonnes weigh amounts and composition (as generated in the accounted years), capture (as collected) and
    yields (as treated); money weighs cost, income counted as positive. Fractions outside every rate (soil)
    weigh nothing.
    """
    outside = set(case["fractions"].loc[~case["fractions"]["in_rate"].astype(bool), "fraction"])
    flows = flows[~flows["fraction"].isin(outside)]
    rows = case["generation"]
    rows = rows[~rows["fraction"].isin(outside)]
    rows = rows[rows["year"] == rows["year"].where(rows["year"] <= case.account_year).max()]
    parts = [_shares(rows["amount"], rows["status"], "amounts")]
    mixes = _worst(case["compositions"], ["composition"]) if len(case["compositions"]) else pd.Series(dtype=str)
    parts.append(
        _shares(rows["amount"], rows["composition"].map(mixes).astype(object).fillna(rows["status"]), "composition")
    )
    facilities = case["facilities"].set_index("facility")["technology"]
    later = flows["from"].isin(facilities.index)
    first = flows[~later].groupby(["scheme", "fraction"], as_index=False)["mass_t"].sum()
    captured = _worst(case["capture"], ["scheme", "fraction"]).rename("status").reset_index()
    first = first.merge(captured, on=["scheme", "fraction"])
    parts.append(_shares(first["mass_t"], first["status"], "capture"))
    treated = flows[flows["to"].isin(facilities.index)]
    treated = (
        treated.assign(technology=treated["to"].map(facilities)).groupby("technology", as_index=False)["mass_t"].sum()
    )
    yields = _worst(case["yields"], ["technology"])
    parts.append(_shares(treated["mass_t"], treated["technology"].map(yields).fillna("assumed"), "yields"))
    amounts = costs.groupby("category", as_index=False)["amount"].agg(lambda values: values.abs().sum())
    status = amounts["category"].map(lambda category: _table_status(case, _COST_TABLES[category]))
    parts.append(_shares(amounts["amount"], status, "cost"))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True).assign(variant=variant)
    return table[QUALITY_COLUMNS].sort_values(QUALITY_COLUMNS[:3], ignore_index=True)


def _table_status(case: Case, name: str) -> str:
    """Return the least certain status among the rows of a table."""
    statuses = set(case[name]["status"])
    return next((word for word in ("assumed", "derived", "reported") if word in statuses), "assumed")
