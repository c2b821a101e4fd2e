"""The certificate's own costs and emissions row by row: who pays what, where and for which facility; and what emits.

Written anew from the case, the flows and what stands; :mod:`models.certificate_cost` has the sums by category.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.certificate_cost import (
    annuity,
    entry_rates,
    gate_rates,
    leg_costs,
    purchase_extra,
    scheme_base,
    stream_rates,
)
from models.certificate_indicators import Factors, at_places, burning, moving
from models.certificate_plants import standing_steps, step_table
from models.certificate_schemes import choices
from models.evidence import Evidence, once

PAID = ["year", "payer", "municipality", "sector", "facility", "category"]
LOAD = ["year", *SOURCE, "stream"]


def _of_schemes(evidence: Evidence) -> list[pd.DataFrame]:
    """Return what schemes and their changes cost, paid by who pays for the scheme."""
    found = choices(evidence)
    homes, tonnes = scheme_base(evidence)
    parts = []
    for category, shares, columns in (
        ("collection", found.share, ("cost_per_household", "cost_per_tonne")),
        ("change", found.begun, ("change_cost", "change_cost_per_tonne")),
    ):
        per_home, per_tonne = (found.rows[name].to_numpy(dtype=float)[:, None] for name in columns)
        amounts = shares * (per_home * homes[:, None] + per_tonne * tonnes)
        for position, year in enumerate(found.years):
            rows = found.rows[["payer", "municipality", "sector"]]
            parts.append(rows.assign(year=year, facility="", category=category, amount=amounts[:, position]))
    return parts


@once
def _streams(evidence: Evidence) -> pd.DataFrame:
    """Return first legs by LOAD and scheme with who pays for the stream and what a tonne of it costs more."""
    table = evidence.first_legs.groupby([*LOAD, "scheme"], as_index=False)["mass_t"].sum()
    usual = evidence.case["schemes"].set_index("scheme")["payer"]
    keys = list(table[["scheme", "stream", "year"]].itertuples(index=False, name=None))
    rates = stream_rates(evidence)
    own = [rates.get(key, (None, 0.0)) for key in keys]
    payer = [usual[key[0]] if name is None else name for key, (name, _) in zip(keys, own, strict=True)]
    return table.assign(payer=payer, rate=[rate for _, rate in own])


@once
def _shares(evidence: Evidence) -> pd.DataFrame:
    """Return LOAD, payer, part: who pays what part of a load, by what the schemes behind it brought."""
    table = _streams(evidence).groupby([*LOAD, "payer"], as_index=False)["mass_t"].sum()
    whole = table.groupby(LOAD)["mass_t"].transform("sum")
    return table.assign(part=table["mass_t"] / whole).drop(columns="mass_t")


def _of_loads(evidence: Evidence) -> list[pd.DataFrame]:
    """Return what moving, treating and selling loads costs, paid by who pays for the load."""
    flows, markets = evidence.flows, evidence.case["markets"].set_index("market")["price"]
    inside = flows["to"].isin(evidence.technology.index)
    at = flows["to"].where(inside, flows["from"])
    mass = flows["mass_t"].to_numpy(dtype=float)
    amounts = {
        "transport": mass * leg_costs(evidence),
        "treatment": mass * flows["to"].map(gate_rates(evidence)).fillna(0.0).to_numpy(dtype=float),
        "market": -mass * flows["to"].map(markets).fillna(0.0).to_numpy(dtype=float),
    }
    for category, rate in entry_rates(evidence).items():
        amounts[category] = mass * rate
    parts = []
    for category, amount in amounts.items():
        if not amount.any():
            continue
        rows = flows[LOAD].assign(facility=at, amount=amount)
        rows = rows[amount != 0].groupby([*LOAD, "facility"], as_index=False)["amount"].sum()
        rows = rows.merge(_shares(evidence), on=LOAD)
        parts.append(rows.assign(amount=rows["amount"] * rows["part"], category=category))
    streams = _streams(evidence)
    more = streams.assign(facility="", category="collection", amount=streams["mass_t"] * streams["rate"])
    return [*parts, more]


def _of_plants(evidence: Evidence) -> list[pd.DataFrame]:
    """Return fixed cost and capital of what stands, carried by its users by mass; of what idles by all."""
    known = step_table(evidence).assign(annuity=lambda table: annuity(evidence, table))
    steps = standing_steps(evidence).merge(known, on=["facility", "size"])
    begun = steps.drop_duplicates(["facility", "size", "opened"])
    paid = begun.drop(columns="year").merge(pd.DataFrame({"year": evidence.years}), how="cross")
    paid = paid[(paid["year"] >= paid["opened"]) & (paid["year"] < paid["opened"] + paid["lifetime"])]
    whole = (
        pd.concat(
            [
                steps.assign(category="fixed", amount=steps["fixed_cost"]),
                paid.assign(category="capital", amount=paid["annuity"]),
            ]
        )
        .groupby(["year", "facility", "category"], as_index=False)["amount"]
        .sum()
    )
    legs = evidence.flows[evidence.flows["to"].isin(evidence.technology.index)]
    users = legs.rename(columns={"to": "facility"}).groupby([*LOAD, "facility"], as_index=False)["mass_t"].sum()
    users = users.merge(_shares(evidence), on=LOAD)
    users = users.assign(mass_t=users["mass_t"] * users["part"])
    by = ["year", "facility", "payer", "municipality", "sector"]
    users = users.groupby(by, as_index=False)["mass_t"].sum()
    users["carries"] = users["mass_t"] / users.groupby(["year", "facility"])["mass_t"].transform("sum")
    table = whole.merge(users, on=["year", "facility"], how="left")
    idle = table["carries"].isna()
    table.loc[idle, ["payer", "municipality", "sector"]] = ["municipality", "", ""]
    return [table.assign(amount=table["amount"] * table["carries"].fillna(1.0))]


def _of_levers(evidence: Evidence) -> list[pd.DataFrame]:
    """Return what buyers pay more, and what exchange costs less what it saves."""
    bought, moved = evidence.bought, evidence.exchanged
    places = evidence.case["purchasing"].set_index("purchase")["municipality"]
    extra = bought["purchase"].map(purchase_extra(evidence)).astype(float) * bought["mass_t"]
    nothing = {"sector": "", "facility": ""}
    one = bought[["year"]].assign(
        municipality=bought["purchase"].map(places),
        payer="municipality",
        category="purchasing",
        amount=extra,
        **nothing,
    )
    other = moved[["year"]].assign(
        municipality=moved["to"],
        payer="business",
        category="exchange",
        amount=moved["cost"] - moved["saved"],
        **nothing,
    )
    return [one, other]


def costs_by_payer(evidence: Evidence) -> pd.DataFrame:
    """Return PAID and amount: undiscounted cost of the years of a variant, rows of nothing left out."""
    parts = [*_of_schemes(evidence), *_of_loads(evidence), *_of_plants(evidence), *_of_levers(evidence)]
    table = pd.concat([part[[*PAID, "amount"]] for part in parts if len(part)], ignore_index=True)
    return table[table["amount"] != 0].astype({"year": np.int64, "amount": float})


def emitted(evidence: Evidence) -> pd.DataFrame:
    """Return year, municipality, facility, step, fraction, kind, kg_co2e of everything that emits or avoids."""
    flows, rows = evidence.flows, evidence.case["emissions"]
    inside = flows["to"].isin(evidence.technology.index)
    base = flows[["year", "municipality", "fraction"]].assign(facility=flows["to"].where(inside, flows["from"]))
    mass = flows["mass_t"].to_numpy(dtype=float)
    parts = [base.assign(step="transport", kind="transport", kg_co2e=mass * moving(evidence))]
    for kind in ("fossil", "biogenic", "avoided"):
        rate = at_places(evidence, Factors(rows, rows[kind]))
        if kind != "avoided":
            held = evidence.case["fractions"].set_index("fraction")[f"{kind}_co2"]
            rate = rate + burning(evidence) * flows["fraction"].map(held).to_numpy(dtype=float)
        parts.append(base.assign(step=np.where(inside, "treatment", "market"), kind=kind, kg_co2e=mass * rate))
    moved = evidence.exchanged
    if len(moved):
        place = moved[["year"]].assign(municipality=moved["to"], fraction="", facility="", step="exchange")
        parts += [
            place.assign(kind=kind, kg_co2e=moved[column])
            for kind, column in (("transport", "kg_co2e_moved"), ("avoided", "kg_co2e_avoided"))
        ]
    table = pd.concat(parts, ignore_index=True)
    return table[table["kg_co2e"] != 0]
