"""The certificate's checks of mass: balance, generation, collection, un-mixing, yields, deliveries."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from flows.amounts import KEY, SOURCE, source_ids
from flows.capture import shifted_capture
from flows.network import Network
from flows.tables import NEVER_WASTE
from models.evidence import RELATIVE, Check, Evidence, compared, verdict

TRACE_TONNES = 1e-6
"""Below this a flow is rounding."""


def balance(evidence: Evidence) -> list[Check]:
    """Every process balances per fraction and year, and every facility per origin and stream too."""
    flows = evidence.flows
    network = Network.from_flows(flows)
    faults = network.check_balance(0.0)
    throughput = np.maximum(np.maximum(faults["inflow"].abs(), faults["outflow"].abs()), 1.0)
    inner = int((network.processes["kind"] == "process").sum()) * len(network.layers) * len(network.years)
    says = ["process", "layer", "year", "imbalance"]
    checks = [verdict("balance", faults, faults["imbalance"] / throughput, RELATIVE, says, of=inner)]
    out = evidence.later_legs.rename(columns={"from": "facility"})
    table = compared(evidence.entering, out, ["year", "facility", "lot"], "mass_t").join(evidence.lots, on="lot")
    checks.append(
        verdict(
            "balance by origin", table, table["error"], RELATIVE, ["facility", "year", *SOURCE, "stream", "fraction"]
        )
    )
    return checks


def places(evidence: Evidence) -> list[Check]:
    """Masses are numbers above zero, and every flow joins places of the case in the years of the plan."""
    flows, case = evidence.flows, evidence.case
    facilities, markets = evidence.technology.index, case["markets"].set_index("market")
    to_facility, to_market = flows["to"].isin(facilities), flows["to"].isin(markets.index)
    to_sink = flows["to"] == "sink:" + flows["treatment"]
    wrong = ~(to_facility | to_market | to_sink)
    wrong |= flows["first"] & (flows["from"] != source_ids(flows))
    wrong |= to_facility == (flows["treatment"] != "")
    wrong |= ~flows["year"].isin(evidence.years)
    wrong |= flows["first"] == (flows["output"] != "")
    kinds = flows["stream"].map(case["streams"].set_index("stream")["kind"])
    straight = kinds.isin([*NEVER_WASTE, "preparing_for_reuse"])
    ends = np.where(kinds == "preparing_for_reuse", "sink:preparing_for_reuse", "sink:prevention")
    wrong |= flows["first"] & straight & (flows["to"] != ends)
    wrong |= flows["first"] & ~straight & ~to_facility
    accepted = pd.MultiIndex.from_frame(case["accepts"][["technology", "input"]])
    technology = flows["to"].map(evidence.technology)
    wrong |= to_facility & ~pd.MultiIndex.from_arrays([technology, flows["input"]]).isin(accepted)
    wrong |= to_market & (flows["to"].map(markets["output"]) != flows["output"])
    outputs = case["outputs"].set_index("output")
    emitted = ~flows["first"] & (flows["output"].map(outputs["kind"]) == "emission")
    wrong |= emitted & (flows["to"] != "sink:" + flows["output"].map(outputs["treatment"]).fillna(""))
    wrong |= ~flows["first"] & ~emitted & ~(to_facility | to_market)
    mass = flows["mass_t"].to_numpy(dtype=float)
    error = np.where(np.isfinite(mass), np.where(wrong, np.maximum(np.abs(mass), 1.0), np.maximum(-mass, 0.0)), np.inf)
    return [
        verdict("places", flows, error, TRACE_TONNES, ["year", "from", "to", "stream", "output", "fraction", "mass_t"])
    ]


def generated(evidence: Evidence) -> list[Check]:
    """First legs add up to generation, and last rows to first legs, per source, fraction and year."""
    keys = ["year", *KEY]
    amounts = evidence.amounts.rename(columns={"amount": "mass_t"})
    table = compared(amounts, evidence.first_legs, keys, "mass_t")
    checks = [verdict("generation", table, table["error"], RELATIVE, [*keys, "expected", "found"])]
    ends = evidence.flows[evidence.flows["treatment"] != ""]
    table = compared(amounts, ends, keys, "mass_t")
    checks.append(verdict("ends", table, table["error"], RELATIVE, [*keys, "expected", "found"]))
    return checks


def calibration(evidence: Evidence) -> list[Check]:
    """The shifts of capture are those that the case's measurements give."""
    table = evidence.tables["calibration"]
    expected = evidence.reconciled.calibration
    keys = [*SOURCE, "fraction"]
    columns = [*keys, "shift"]
    both = expected[columns].merge(table[columns], on=keys, how="outer", suffixes=("", "_found"))
    error = (pd.to_numeric(both["shift"]) - pd.to_numeric(both["shift_found"])).abs()
    return [verdict("calibration", both, error, RELATIVE, [*columns, "shift_found"])]


def collection(evidence: Evidence) -> list[Check]:
    """Each stream of a source and scheme is the scheme's share times its shifted capture of what is generated."""
    keys = ["year", *SOURCE, "scheme"]
    schemes = evidence.table("schemes")[[*keys, "share"]]
    captures = shifted_capture(evidence.case, evidence.tables["calibration"]).rename(columns={"share": "captured"})
    amounts = evidence.amounts
    table = schemes[schemes["share"] > 0].merge(captures, on=[*SOURCE, "scheme"]).merge(amounts, on=["year", *KEY])
    table["mass_t"] = table["share"] * table["captured"] * table["amount"]
    keys = [*keys, "stream", "fraction"]
    table = compared(table, evidence.first_legs, keys, "mass_t")
    return [verdict("collection", table, table["error"], RELATIVE, [*keys, "expected", "found"])]


def _misplaced(rows: pd.DataFrame, pile: list[str], item: str) -> pd.DataFrame:
    """Return how far each item of a pile is from the destinations of the whole pile.

    Only piles with several destinations; columns pile, item, to, error (relative to the item's mass, at
    least to one tonne).
    """
    table = rows.groupby([*pile, item, "to"], as_index=False, observed=True)["mass_t"].sum()
    several = table.groupby(pile, observed=True)["to"].transform("nunique") > 1
    table = table[several]
    if table.empty:
        return table.assign(error=0.0)
    ways = table.groupby([*pile, "to"], as_index=False, observed=True)["mass_t"].sum()
    ways["part"] = ways["mass_t"] / ways.groupby(pile, observed=True)["mass_t"].transform("sum")
    items = (
        table.groupby([*pile, item], as_index=False, observed=True)["mass_t"].sum().rename(columns={"mass_t": "whole"})
    )
    wanted = items.merge(ways.drop(columns="mass_t"), on=pile)
    wanted = wanted.merge(table, on=[*pile, item, "to"], how="left").fillna({"mass_t": 0.0})
    error = (wanted["mass_t"] - wanted["part"] * wanted["whole"]).abs() / np.maximum(wanted["whole"], 1.0)
    return wanted.assign(error=error)


def mixing(evidence: Evidence) -> list[Check]:
    """What lies in one pile goes to the same places in the same shares.

    A pile is a stream of a source under a scheme, and an output of a facility with all its fractions,
    origins and streams.
    """
    pile = ["year", "from", "scheme", "stream"]
    table = _misplaced(evidence.first_legs, pile, "fraction")
    checks = [verdict("mixing at collection", table, table["error"], RELATIVE, [*pile, "fraction", "to"])]
    pile = ["year", "from", "output"]
    table = _misplaced(evidence.later_legs, pile, "lot").join(evidence.lots, on="lot")
    checks.append(
        verdict("mixing at outputs", table, table["error"], RELATIVE, [*pile, *SOURCE, "stream", "fraction", "to"])
    )
    return checks


def yields_for(evidence: Evidence, wanted: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Return what becomes of a fraction that enters a technology: technology, input, fraction, output, part.

    The most specific rows of the yields sheet win: input and fraction, fraction, input, neither; one
    blank share is the rest.
    """
    sets: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for row in evidence.case["yields"].itertuples(index=False):
        sets.setdefault((row.technology, row.input, row.fraction), []).append((row.output, float(row.share)))
    rows = []
    for technology, entered, fraction in wanted:
        options = [(entered, fraction), ("", fraction), (entered, ""), ("", "")]
        for option in options:
            shares = sets.get((technology, *option))
            if shares is None:
                continue
            rest = 1.0 - sum(share for _, share in shares if not np.isnan(share))
            rows += [
                (technology, entered, fraction, output, rest if np.isnan(share) else share) for output, share in shares
            ]
            break
    return pd.DataFrame(rows, columns=["technology", "input", "fraction", "output", "part"])


def yields(evidence: Evidence) -> list[Check]:
    """Each facility turns each lot into its outputs by the yields of its technology."""
    entering = evidence.entering
    triples = entering[["technology", "input", "fraction"]].drop_duplicates()
    parts = yields_for(evidence, triples.itertuples(index=False, name=None))
    table = entering.merge(parts, on=["technology", "input", "fraction"])
    table["mass_t"] *= table["part"]
    keys = ["year", "facility", "lot", "output"]
    table = compared(table, evidence.later_legs.rename(columns={"from": "facility"}), keys, "mass_t").join(
        evidence.lots, on="lot"
    )
    return [
        verdict(
            "yields", table, table["error"], RELATIVE, ["facility", "year", "output", *SOURCE, "stream", "fraction"]
        )
    ]


def deliveries(evidence: Evidence) -> list[Check]:
    """What is delivered to a market ends as its treatment less both losses, the rest as what is lost."""
    markets = evidence.case["markets"]
    good = (1.0 - markets["loss_before_point"]) * (1.0 - markets["loss_recycling"])
    ends = pd.concat(
        [
            pd.DataFrame({"to": markets["market"], "treatment": markets["treatment"], "part": good}),
            pd.DataFrame({"to": markets["market"], "treatment": markets["lost_treatment"], "part": 1.0 - good}),
        ]
    )
    sold = evidence.later_legs[evidence.later_legs["to"].isin(markets["market"])]
    keys = ["year", "from", "to", "output", "lot"]
    whole = sold.groupby(keys, as_index=False, observed=True)["mass_t"].sum().merge(ends, on="to")
    whole["mass_t"] *= whole["part"]
    table = compared(whole, sold, [*keys, "treatment"], "mass_t").join(evidence.lots, on="lot")
    return [verdict("deliveries", table, table["error"], RELATIVE, [*keys[:-1], "treatment", *SOURCE, "fraction"])]


def classes(evidence: Evidence) -> list[Check]:
    """An output of a facility goes, in a year, only to destinations that treat it alike."""
    markets = evidence.case["markets"]
    losses = markets["loss_before_point"].round(9).astype(str) + "/" + markets["loss_recycling"].round(9).astype(str)
    kind = dict(
        zip(markets["market"], markets["treatment"] + "/" + losses + "/" + markets["lost_treatment"], strict=True)
    )
    kind.update({facility: f"technology {technology}" for facility, technology in evidence.technology.items()})
    rows = evidence.later_legs[evidence.later_legs["to"].isin(list(kind))]
    pile = ["year", "from", "output"]
    table = rows.assign(kind=rows["to"].map(kind)).groupby([*pile, "kind"], as_index=False)["mass_t"].sum()
    table = table.groupby(pile)["mass_t"].agg(["sum", "max"]).reset_index()
    error = (table["sum"] - table["max"]) / np.maximum(table["sum"], 1.0)
    return [verdict("one class of destination", table, error, RELATIVE, pile)]


def single_destinations(evidence: Evidence) -> list[Check]:
    """A stream of a single destination goes, from each municipality, to one facility a year."""
    streams = evidence.case["streams"]
    single = streams.loc[streams["single_destination"], "stream"]
    rows = evidence.first_legs[evidence.first_legs["stream"].isin(single)]
    rows = rows[rows["to"].isin(evidence.technology.index)]
    pile = ["year", "municipality", "stream"]
    table = rows.groupby([*pile, "to"], as_index=False)["mass_t"].sum()
    table = table.groupby(pile)["mass_t"].agg(["sum", "max"]).reset_index()
    error = (table["sum"] - table["max"]) / np.maximum(table["sum"], 1.0)
    return [verdict("single destination", table, error, RELATIVE, pile)]
