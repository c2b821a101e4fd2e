"""Facilities in the model: steps in operation, opening, lifetime, closing (columns ``on``, ``s``)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.case import Case
from flows.prices import steps
from flows.routing import runs_within
from models.formulation_parts import (
    MILLION,
    Decisions,
    Formulation,
    Support,
    discounts,
)
from models.timing import Horizon


def add_facilities(form: Formulation, decisions: Decisions | None, support: Support | None) -> pd.DataFrame:
    """Steps in operation, their opening, lifetime and closing; fixed cost and capital."""
    case, linear, time = form.case, form.linear, form.time
    discount = discounts(case)
    stages = steps_in_time(case, time)
    key = ["facility", "size", "period"]
    if support is not None:
        stages = stages[stages["built"] | stages["facility"].isin(support.facilities)].reset_index(drop=True)
    if decisions is not None:
        fixed = stages[key].merge(decisions.steps, on=key, how="left")["on"].fillna(0.0).to_numpy()
        stages = stages.assign(lower=fixed, upper=fixed, free=False)
        stages = stages[fixed > 0].reset_index(drop=True)
    years = pd.DataFrame(
        [(part.period, year) for part in time.slices for year in part.years], columns=["period", "year"]
    )
    lived = stages[[*key, "fixed_cost", "opens", "closes"]].merge(years, on="period")
    lived = lived[
        (lived["opens"].isna() | (lived["year"] >= lived["opens"]))
        & (lived["closes"].isna() | (lived["year"] <= lived["closes"]))
    ]
    weight = lived.assign(weight=lived["year"].map(discount)).groupby(key)["weight"].sum()
    fixed_cost = (
        stages["fixed_cost"].to_numpy() * weight.reindex(pd.MultiIndex.from_frame(stages[key])).fillna(0.0).to_numpy()
    )
    on = linear.add_block(
        "on",
        stages[key],
        lower=stages["lower"].to_numpy(),
        upper=stages["upper"].to_numpy(),
        cost=fixed_cost / MILLION,
        integer=stages["free"].to_numpy(),
    ).table()
    new = stages[~stages["built"]]
    capital = [
        annuity * sum(discount[year] for year in case.plan_years if period <= year < period + life)
        for annuity, life, period in zip(new["annuity"], new["lifetime"], new["period"], strict=True)
    ]
    s = linear.add_block("s", new[key], upper=1.0, cost=np.array(capital) / MILLION).table()
    before = dict(zip(time.periods[1:], time.periods[:-1], strict=True))
    previous = on.assign(period=on["period"].map({old: new_ for new_, old in before.items()})).dropna(subset=["period"])
    previous["period"] = previous["period"].astype(np.int64)
    linear.add_rows("opens", s[key], [s.assign(coef=1.0), on.assign(coef=-1.0), previous.assign(coef=1.0)], lower=0.0)
    alive = new[[*key, "last", "lifetime"]].merge(s.rename(columns={"period": "opened"}), on=["facility", "size"])
    alive = alive[(alive["opened"] <= alive["period"]) & (alive["last"] < alive["opened"] + alive["lifetime"])]
    linear.add_rows("lifetime", new[key], [on.assign(coef=1.0), alive.assign(coef=-1.0)], upper=0.0)
    held = stages.loc[stages["pinned"], ["facility", "period"]].drop_duplicates()
    linear.add_rows("pinned_open", held, [on.assign(coef=1.0)], lower=1.0)
    stands = stages[stages["built"]][key].merge(previous[key], on=key)
    linear.add_rows("stays_closed", stands, [on.assign(coef=1.0), previous.assign(coef=-1.0)], upper=0.0)
    return stages


def steps_in_time(case: Case, time: Horizon) -> pd.DataFrame:
    """Return steps of facilities per period in which they can be in operation.

    Columns of :func:`flows.prices.steps`, period, last (year), free (the plan decides), pinned (the facility
    must be open).
    """
    facilities = case["facilities"].set_index("facility")[["technology", "opens", "closes", "closable"]]
    table = steps(case).join(facilities, on="facility")
    build_time = table["technology"].map(case["technologies"].set_index("technology")["build_time"])
    earliest = table["opens"].fillna(-np.inf).to_numpy()
    earliest = np.where(table["built"], earliest, np.maximum(earliest, case.first_change_year + build_time))
    pinned = case["pinned"][case["pinned"]["facility"] != ""]
    found = []
    for period in time.periods:
        ends_here = time.last_year(period)
        # A step that stands may open or close inside a period (its slices know); a new one opens with a period.
        begins = np.where(table["built"], earliest <= ends_here, earliest <= period)
        lasts = table["closes"].isna() | (table["closes"] >= period)
        part = table[begins & lasts.to_numpy()].assign(period=period, last=ends_here)
        frozen = period in time.frozen
        part["free"] = (~part["built"] | part["closable"]) & (not frozen)
        part["lower"] = np.where(part["built"] & ~part["free"], 1.0, 0.0)
        part["upper"] = np.where(part["built"] | part["free"], 1.0, 0.0)
        part["pinned"] = False
        for row in pinned[runs_within(pinned, period, ends_here)].itertuples(index=False):
            here = part["facility"] == row.facility
            if row.run:
                part.loc[here, "pinned"] = True
                part.loc[here & part["built"], "lower"] = 1.0
            elif not frozen:
                part.loc[here, ["lower", "upper"]] = 0.0
                # Nothing may go there then, also where no capacity says so.
                part.loc[here, "free"] = True
        found.append(part)
    return pd.concat(found, ignore_index=True).sort_values(["facility", "size", "period"], ignore_index=True)


def running_facilities(case: Case, stages: pd.DataFrame, slices: pd.DataFrame) -> pd.DataFrame:
    """Return facility, technology, slice, period in which a facility can run in every year of the slice."""
    table = stages[["facility", "technology", "period"]].drop_duplicates().merge(slices, on="period")
    window = case["facilities"].set_index("facility")[["opens", "closes"]]
    table = table.join(window, on="facility")
    opened = table["opens"].isna() | (table["opens"] <= table["slice"])
    lasts = table["closes"].isna() | (table["closes"] >= table["slice_end"])
    return table[opened & lasts][["facility", "technology", "slice", "period"]].reset_index(drop=True)
