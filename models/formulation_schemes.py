"""Schemes in the model: one per source, what changing costs, how long it binds (columns ``x``, ``u``)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.ledger import all_payers
from models.formulation_parts import (
    Formulation,
    add_cost,
    discounts,
)
from models.supply import effective


def add_schemes(form: Formulation, allowed: pd.DataFrame) -> None:
    """One scheme per source and period; changing costs and binds for a while; what it costs to run."""
    case, linear, time = form.case, form.linear, form.time
    key = [*SOURCE, "scheme", "period"]
    x = linear.add_block(
        "x",
        allowed[key],
        lower=allowed["lower"].to_numpy(),
        upper=allowed["upper"].to_numpy(),
        integer=allowed["integer"].to_numpy(),
    ).table()
    linear.add_rows("one_scheme", x[[*SOURCE, "period"]].drop_duplicates(), [x.assign(coef=1.0)], lower=1.0, upper=1.0)
    open_periods = [period for period in time.periods if period not in time.frozen]
    before = dict(zip(time.periods[1:], time.periods[:-1], strict=True))
    fresh = allowed[allowed["period"].isin(open_periods)]
    first = [period for period in open_periods if period not in before]
    # In a plan that may change at once, what runs before its first period is today's.
    today = fresh[fresh["period"].isin(first)]
    previous = x.rename(columns={"col": "previous"})
    previous = previous.assign(period=previous["period"].map({old: new for new, old in before.items()})).dropna(
        subset=["period"]
    )
    previous["period"] = previous["period"].astype(np.int64)
    u_keys = fresh[key].reset_index(drop=True)
    upper = np.ones(len(u_keys))
    lower = np.zeros(len(u_keys))
    fixed = fresh[fresh["lower"] == fresh["upper"]]
    if len(fixed) == len(fresh) and len(fresh):
        prior = pd.concat(
            [
                allowed[allowed["period"].isin(time.periods)]
                .assign(period=lambda t: t["period"].map({o: n for n, o in before.items()}))[[*key, "lower"]]
                .dropna(),
                today[[*key, "current"]].rename(columns={"current": "lower"}),
            ]
        )
        begun = (
            fresh[[*key, "lower"]]
            .merge(prior, on=key, how="left", suffixes=("", "_before"))
            .fillna({"lower_before": 0.0})
        )
        lower = upper = (begun["lower"] - begun["lower_before"]).clip(lower=0.0).to_numpy()
    u = linear.add_block("u", u_keys, lower=lower, upper=upper).table()
    begins = u.merge(x.rename(columns={"col": "x"}), on=key).merge(previous[[*key, "previous"]], on=key, how="left")
    current = u[key].merge(today[[*key, "current"]], on=key, how="left")["current"].fillna(0.0).to_numpy()
    entries = [
        begins.assign(coef=1.0)[[*key, "col", "coef"]],
        begins.assign(col=begins["x"], coef=-1.0)[[*key, "col", "coef"]],
        begins.dropna(subset=["previous"]).assign(col=lambda t: t["previous"].astype(np.int64), coef=1.0)[
            [*key, "col", "coef"]
        ],
    ]
    linear.add_rows("begins", u[key], entries, lower=-current)
    not_more = [
        begins.assign(coef=1.0)[[*key, "col", "coef"]],
        begins.assign(col=begins["x"], coef=-1.0)[[*key, "col", "coef"]],
    ]
    linear.add_rows("begins_at_most", u[key], not_more, upper=0.0)
    rest = begins.dropna(subset=["previous"])
    linear.add_rows("begins_if_new", rest[key], [entries[0].merge(rest[key], on=key), entries[2]], upper=1.0)
    _stays(form, x, u)
    form.effective = effective(case, time, allowed, x, u)
    _scheme_costs(form, u)


def _stays(form: Formulation, x: pd.DataFrame, u: pd.DataFrame) -> None:
    """Keep a scheme at least its ``min_years``: x[later] >= sum of what began within that time."""
    least = form.case["schemes"].set_index("scheme")["min_years"]
    pairs = u.merge(x, on=[*SOURCE, "scheme"], suffixes=("_begun", "")).rename(columns={"period_begun": "begun"})
    since = pairs["period"] - pairs["begun"]
    pairs = pairs[(since > 0) & (since < pairs["scheme"].map(least))]
    key = [*SOURCE, "scheme", "period"]
    form.linear.add_rows(
        "stays",
        pairs[key].drop_duplicates(),
        [pairs.assign(col=pairs["col_begun"], coef=-1.0), pairs.assign(coef=1.0).drop_duplicates([*key, "col"])],
        lower=0.0,
    )


def _scheme_costs(form: Formulation, u: pd.DataFrame) -> None:
    case, discount = form.case, discounts(form.case)
    schemes = case["schemes"].drop(columns=["sector", "segment"])
    amounts = form.supply.amounts.groupby([*SOURCE, "year"], as_index=False)["amount"].sum()
    homes = case["dwellings"][["municipality", "segment", "dwellings"]]
    years = pd.DataFrame(
        [(part.years[0], year) for part in form.time.slices for year in part.years], columns=["slice", "year"]
    )
    table = (
        form.effective[[*SOURCE, "scheme", "slice"]]
        .drop_duplicates()
        .merge(years, on="slice")
        .merge(schemes, on="scheme")
    )
    table = table.merge(homes, on=["municipality", "segment"], how="left").merge(
        amounts, on=[*SOURCE, "year"], how="left"
    )
    table = table.fillna({"dwellings": 0.0, "amount": 0.0})
    table["cost"] = table["cost_per_household"] * table["dwellings"] + table["cost_per_tonne"] * table["amount"]
    payers = all_payers(case, case.plan_years)
    extra = form.supply.years.merge(payers[payers["cost_per_tonne"] != 0.0], on=["year", "scheme", "stream"])
    extra["cost"] = extra["kt"] * 1000.0 * extra["cost_per_tonne"]
    rows = pd.concat(
        [table[[*SOURCE, "scheme", "slice", "year", "cost"]], extra[[*SOURCE, "scheme", "slice", "year", "cost"]]]
    )
    rows["cost"] *= rows["year"].map(discount)
    rows = rows.groupby([*SOURCE, "scheme", "slice"], as_index=False)["cost"].sum()
    costed = form.effective.merge(rows, on=[*SOURCE, "scheme", "slice"])
    add_cost(form, costed["col"], costed["coef"] * costed["cost"])
    changes = u.merge(schemes[["scheme", "change_cost", "change_cost_per_tonne"]], on="scheme")
    changes = changes.merge(homes, on=["municipality", "segment"], how="left")
    changes = changes.merge(amounts, left_on=[*SOURCE, "period"], right_on=[*SOURCE, "year"], how="left").fillna(
        {"dwellings": 0.0, "amount": 0.0}
    )
    once = changes["change_cost"] * changes["dwellings"] + changes["change_cost_per_tonne"] * changes["amount"]
    add_cost(form, changes["col"], once * changes["period"].map(case.discount_factor))
