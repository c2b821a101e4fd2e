"""What becomes of a tonne of a fraction on each route: constants, computed from data before any solving.

A route is a technology together with one class of destination for each of its outputs (``mode``). Since
the composition of a stream is data, what a route counts, burns, deposits, hauls on and sells per tonne of
each fraction is a constant; a tonne of every stream and fraction is sent down every route to find it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from flows.account import downstream
from flows.case import Case
from flows.methods import METHODS
from flows.paths import trace
from flows.routing import destinations
from flows.tables import NEVER_WASTE

ROUTE = ["stream", "technology", "mode"]


class ChainError(ValueError):
    """Facilities are chained in a way that the planner cannot decide; the message says where."""


@dataclass(frozen=True)
class Routes:
    """Constants per tonne. Every table has ``stream``, ``technology``, ``mode``, ``fraction``.

    ``options``: technology, mode, modes (how many the technology has), onward (sends outputs to
    facilities). ``choices``: technology, mode, output, class. ``sold``: output, class, share reaching
    markets of the class. ``hauled``: output, class, share going on to facilities of the class.
    ``entered``: entered (a technology), share. ``counted``: year, method, term, share (term 0 is the
    numerator, the others the denominator's); streams that go straight to a sink have technology ''. ``burdens``: indicator (landfilled,
    incinerated, fossil_co2 [kg]), share.
    """

    options: pd.DataFrame
    choices: pd.DataFrame
    sold: pd.DataFrame
    hauled: pd.DataFrame
    entered: pd.DataFrame
    counted: pd.DataFrame
    burdens: pd.DataFrame


def output_classes(case: Case) -> pd.DataFrame:
    """Return technology, output, class: where the outputs of a technology could go."""
    kinds = case["outputs"].set_index("output")["kind"]
    made = case["yields"][["technology", "output"]].drop_duplicates()
    made = made[made["output"].map(kinds) != "emission"]
    table = made.merge(destinations(case)[["output", "class"]].drop_duplicates(), on="output")
    return table.sort_values(["technology", "output", "class"], ignore_index=True)


def _modes(case: Case) -> pd.DataFrame:
    """Return technology, mode, output, class: every combination of one class per output."""
    rows: list[tuple[str, int, str, str]] = []
    for technology, part in output_classes(case).groupby("technology", sort=True):
        outputs = [(str(output), list(group["class"])) for output, group in part.groupby("output", sort=True)]
        for mode, chosen in enumerate(product(*(classes for _, classes in outputs))):
            rows.extend((str(technology), mode, output, one) for (output, _), one in zip(outputs, chosen, strict=True))
    return pd.DataFrame(rows, columns=["technology", "mode", "output", "class"])


def _check_chains(case: Case, modes: pd.DataFrame) -> None:
    """Raise ChainError if a facility fed by a facility has a choice of class or feeds another facility."""
    fed = {name.removeprefix("technology:") for name in modes["class"] if name.startswith("technology:")}
    second = modes[modes["technology"].isin(fed)]
    deep = second[second["class"].str.startswith("technology:")]
    if len(deep):
        row = deep.iloc[0]
        raise ChainError(
            f"technology '{row['technology']}' is fed by another facility and its output '{row['output']}' goes on to "
            f"'{row['class'].removeprefix('technology:')}': a chain of more than two facilities cannot be planned"
        )
    several = second.groupby("technology")["mode"].max()
    several = several[several > 0]
    if len(several):
        raise ChainError(
            f"technology '{several.index[0]}' is fed by another facility, so its outputs must have one kind of destination"
        )


def _tonnes(case: Case, technologies: set[str]) -> pd.DataFrame:
    """Return one tonne of every source stream and fraction at a facility of every technology that takes it."""
    kinds = case["streams"]
    streams = kinds[~kinds["kind"].isin([*NEVER_WASTE, "preparing_for_reuse"])]["stream"]
    accepts = case["accepts"].rename(columns={"input": "stream"})
    accepts = accepts[accepts["stream"].isin(streams) & accepts["technology"].isin(technologies)].drop_duplicates()
    used = case["capture"][["stream", "fraction"]].drop_duplicates()
    table = accepts.merge(used, on="stream")
    place = case["facilities"].drop_duplicates("technology").set_index("technology")["facility"]
    return table.assign(facility=table["technology"].map(place), mass_t=1.0)


def routes(case: Case) -> Routes:
    """Return the constants of every route of a case. Raises :class:`ChainError`."""
    modes = _modes(case)
    _check_chains(case, modes)
    technologies = set(case["facilities"]["technology"])
    tonnes = _tonnes(case, technologies)
    where = destinations(case)
    place = where.drop_duplicates(["output", "class"]).set_index(["output", "class"])["to"]
    stands = case["facilities"].drop_duplicates("technology").set_index("technology")["facility"]
    count = modes.groupby("technology")["mode"].max().add(1)
    tags = tonnes[["stream", "technology"]].drop_duplicates().reset_index(drop=True)
    tags["municipality"] = "route" + tags.index.astype(str)
    tonnes = tonnes.merge(tags, on=["stream", "technology"])
    found: list[pd.DataFrame] = []
    for mode in range(int(count.max()) if len(count) else 1):
        has = tonnes["technology"].map(count).fillna(1) > mode
        # Facilities that are only fed by others keep their single mode.
        chosen = pd.concat(
            [
                modes[modes["mode"] == mode],
                modes[(modes["mode"] == 0) & ~modes["technology"].isin(count[count > mode].index)],
            ]
        )
        outputs = chosen.assign(
            facility=chosen["technology"].map(stands),
            to=pd.MultiIndex.from_frame(chosen[["output", "class"]]).map(place),
            year=0,
            share=1.0,
        )[["year", "facility", "output", "to", "share"]]
        found.append(_send(case, tonnes[has], outputs).assign(mode=mode))
    legs = pd.concat(found, ignore_index=True).merge(tags, on=["municipality", "stream"])
    return _constants(case, legs, modes, tags)


def _send(case: Case, tonnes: pd.DataFrame, outputs: pd.DataFrame) -> pd.DataFrame:
    arrivals = tonnes.assign(year=0, sector="", segment="", input=tonnes["stream"]).drop(columns="technology")
    first = arrivals.rename(columns={"facility": "to"}).drop(columns="input")
    first = first.assign(**{"from": first["municipality"] + "/"}, output="", treatment="")
    legs = pd.concat([first, *downstream(case, arrivals, outputs)], ignore_index=True)
    legs["treatment"] = legs["treatment"].fillna("")
    legs["output"] = legs["output"].fillna("")
    keys = ["municipality", "from", "to", "sector", "segment", "stream", "output", "fraction", "treatment"]
    return legs.groupby(keys, as_index=False)["mass_t"].sum()


def _constants(case: Case, legs: pd.DataFrame, modes: pd.DataFrame, tags: pd.DataFrame) -> Routes:
    key = [*ROUTE, "fraction"]
    facilities = case["facilities"].set_index("facility")["technology"]
    where = destinations(case).drop_duplicates("to").set_index("to")["class"]
    legs = legs.assign(entered=legs["to"].map(facilities), **{"class": legs["to"].map(where).astype(object)})

    def summed(part: pd.DataFrame, *extra: str) -> pd.DataFrame:
        return part.groupby([*key, *extra], as_index=False)["mass_t"].sum().rename(columns={"mass_t": "share"})

    later = legs["from"].isin(facilities.index)
    onward = later & legs["entered"].notna()
    sold = summed(legs[later & legs["entered"].isna() & legs["class"].notna()], "output", "class")
    entered = summed(legs[legs["entered"].notna()], "entered")
    treatment = case["technologies"].set_index("technology")["treatment"]
    burnt = legs["entered"].map(treatment) == "energy_recovery"
    at_market = legs["entered"].isna() & legs["class"].notna()
    fossil = legs["fraction"].map(case["fractions"].set_index("fraction")["fossil_co2"])
    burdens = pd.concat(
        [
            summed(legs[legs["treatment"] == "landfill"]).assign(indicator="landfilled"),
            summed(legs[burnt | (at_market & (legs["treatment"] == "energy_recovery"))]).assign(
                indicator="incinerated"
            ),
            summed(legs[burnt].assign(mass_t=legs["mass_t"] * fossil)).assign(indicator="fossil_co2"),
        ],
        ignore_index=True,
    )
    options = modes.assign(onward=modes["class"].str.startswith("technology:"))
    options = options.groupby(["technology", "mode"], as_index=False)["onward"].any()
    bare = sorted(set(case["facilities"]["technology"]) - set(options["technology"]))
    options = pd.concat([options, pd.DataFrame({"technology": bare, "mode": 0, "onward": False})], ignore_index=True)
    options["modes"] = options.groupby("technology")["mode"].transform("count")
    options["onward"] = options.groupby("technology")["onward"].transform("any").astype(bool)
    return Routes(
        options,
        modes,
        sold,
        summed(legs[onward], "output", "class"),
        entered,
        _counted(case, legs),
        burdens[[*key, "indicator", "share"]],
    )


def methods_wanted(case: Case) -> set[str]:
    """Return the rate methods that a plan of the case hangs on: of binding targets, and of the rate to be raised."""
    raised = {str(case.settings["method"])} if case.settings["objective"] == "rate" else set()
    return {*case["targets"].loc[case["targets"]["binding"], "method"]} | raised


def _counted(case: Case, legs: pd.DataFrame) -> pd.DataFrame:
    """Return stream, technology, mode, fraction, year, method, term, share per tonne."""
    kinds = case["streams"].set_index("stream")["kind"]
    direct = kinds[kinds.isin([*NEVER_WASTE, "preparing_for_reuse"])]
    sink = np.where(direct.isin(NEVER_WASTE), "prevention", "preparing_for_reuse")
    sinks = pd.DataFrame(
        {"stream": direct.index, "treatment": sink, "to": "sink:" + pd.Series(sink).to_numpy(dtype=str)}
    )
    sinks = sinks.merge(case["capture"][["stream", "fraction"]].drop_duplicates(), on="stream")
    sinks = sinks.assign(**{"from": sinks["stream"] + "/"}, municipality="sink:" + sinks["stream"], segment="")
    sinks = sinks.assign(output="", technology="", mode=0, mass_t=1.0)
    flows = pd.concat([legs, sinks], ignore_index=True)
    flows = flows.assign(
        variant="route", scheme="", sector="mode" + flows["mode"].astype(str), row=np.arange(len(flows))
    )
    methods = sorted(methods_wanted(case))
    found = []
    for year in case.plan_years if methods else []:
        paths = trace(case, flows.assign(year=year))
        rows = flows.iloc[paths.row][[*ROUTE, "fraction"]]
        for name in methods:
            terms = [METHODS[name].numerator, *(weight for weight, _ in METHODS[name].denominator)]
            for term, weight in enumerate(terms):
                part = rows.assign(share=weight(paths), year=year, method=name, term=term)
                found.append(
                    part.groupby([*ROUTE, "fraction", "year", "method", "term"], as_index=False)["share"].sum()
                )
    columns = [*ROUTE, "fraction", "year", "method", "term", "share"]
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    return table[table["share"] != 0][columns]
