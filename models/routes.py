"""What becomes of a tonne of a fraction on each route: constants, computed from data before any solving.

A route is a technology together with one class of destination for each of its outputs (``mode``). Where a
technology that is fed by others has to be known by place, the route has further stages (see
:mod:`models.route_stages`), each with its own mode. Since the composition of a stream is data, what a stage
counts, burns, deposits, hauls on and sells per tonne of each fraction collected is a constant; a tonne of every
stream and fraction is sent down every route to find it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.account import downstream
from flows.case import Case
from flows.methods import METHODS
from flows.paths import trace
from flows.routing import destinations
from flows.tables import NEVER_WASTE
from models.route_stages import TO, ChainError, Stages, output_classes, runs, stages

__all__ = ["ROUTE", "ChainError", "Routes", "output_classes", "routes"]

ROUTE = ["stream", "technology", "mode"]


@dataclass(frozen=True)
class Routes:
    """Constants per tonne collected. Every table has ``stream``, ``technology``, ``mode``, ``fraction``.

    ``technology`` names the stage: a technology that takes the stream, or the way to one that is fed.
    ``options``: technology, mode, modes (how many the technology has), onward (sends outputs on by ways of its
    own), runs (the technology itself), parent (stage, '' of the first) and output (by which it is fed).
    ``choices``: technology, mode, output, class. ``sold``: output, class, share reaching
    markets of the class. ``hauled``: output, class, share going on to facilities of the class. ``arriving``:
    output, class, share that comes to a stage that is fed.
    ``entered``: entered (a technology), share. ``counted``: year, method, term, share (term 0 is the
    numerator, the others the denominator's); streams that go straight to a sink have technology ''. ``burdens``: indicator (landfilled,
    incinerated, fossil_co2 [kg]), share.
    """

    options: pd.DataFrame
    choices: pd.DataFrame
    sold: pd.DataFrame
    hauled: pd.DataFrame
    arriving: pd.DataFrame
    entered: pd.DataFrame
    counted: pd.DataFrame
    burdens: pd.DataFrame

    @property
    def fed(self) -> pd.DataFrame:
        """Stages that are fed, parents first: technology, runs, parent, output, class, modes."""
        rows = self.options[self.options["parent"] != ""].drop_duplicates("technology")
        return rows.assign(**{"class": TO + rows["runs"]})[
            ["technology", "runs", "parent", "output", "class", "modes"]
        ].reset_index(drop=True)


def _tonnes(case: Case, technologies: set[str]) -> pd.DataFrame:
    """Return one tonne of every source stream and fraction at every technology that takes it."""
    kinds = case["streams"]
    streams = kinds[~kinds["kind"].isin([*NEVER_WASTE, "preparing_for_reuse"])]["stream"]
    accepts = case["accepts"].rename(columns={"input": "stream"})
    accepts = accepts[accepts["stream"].isin(streams) & accepts["technology"].isin(technologies)].drop_duplicates()
    used = case["capture"][["stream", "fraction"]].drop_duplicates()
    return accepts.merge(used, on="stream").assign(mass_t=1.0)


def routes(case: Case) -> Routes:
    """Return the constants of every route of a case. Raises :class:`ChainError`."""
    found = stages(case)
    every, chosen = runs(found)
    tonnes = _tonnes(case, set(case["facilities"]["technology"]))
    where = destinations(case)
    market = where[where["kind"] == "market"].drop_duplicates(["output", "class"])
    market = market.set_index(["output", "class"])["to"]
    tags = tonnes[["stream", "technology"]].drop_duplicates().reset_index(drop=True)
    tags["municipality"] = "route" + tags.index.astype(str)
    tonnes = tonnes.merge(tags, on=["stream", "technology"])
    # Every node of the tree gets a facility of its own, so that ways that meet again stay apart.
    standing = case.with_table("facilities", _nodes(case, found))
    onward = chosen["class"].str.startswith(TO)
    to = pd.Series(pd.MultiIndex.from_frame(chosen[["output", "class"]]).map(market), index=chosen.index, dtype=object)
    fed = found.tree[found.tree["parent"] != ""].set_index(["parent", "output", "technology"])["node"]
    ways_on = chosen[onward].assign(technology=chosen.loc[onward, "class"].str.removeprefix(TO))
    to[onward] = pd.MultiIndex.from_frame(ways_on[["node", "output", "technology"]]).map(fed)
    outputs = chosen.assign(facility=chosen["node"], to=to, year=chosen["run"], share=1.0)
    sent = tonnes.merge(every[["run", "root"]].rename(columns={"root": "technology"}), on="technology")
    legs = _send(standing, sent, outputs[["year", "facility", "output", "to", "share"]])
    legs = legs.merge(tags.rename(columns={"technology": "root"}), on=["municipality", "stream"])
    legs = legs.merge(every, on=["root", "run"])
    within = found.tree.set_index("node")["stage"]
    legs["own"] = legs["from"].map(within).fillna(legs["root"]) == legs["stage"]
    legs = legs.rename(columns={"stage": "technology"})
    return _constants(case, standing, legs, found)


def _nodes(case: Case, found: Stages) -> pd.DataFrame:
    """Return a facility for every node of the tree, each with its technology."""
    rows = case["facilities"].drop_duplicates("technology").drop(columns="facility")
    return found.tree[["node", "technology"]].rename(columns={"node": "facility"}).merge(rows, on="technology")


def _send(standing: Case, tonnes: pd.DataFrame, outputs: pd.DataFrame) -> pd.DataFrame:
    """Return the legs of tonnes: municipality, from, to, stream, output, fraction, treatment, run, mass_t."""
    arrivals = tonnes.rename(columns={"technology": "facility", "run": "year"})
    arrivals = arrivals.assign(sector="", segment="", input=arrivals["stream"])
    first = arrivals.rename(columns={"facility": "to"}).drop(columns="input")
    first = first.assign(**{"from": first["municipality"] + "/"}, output="", treatment="")
    legs = pd.concat([first, *downstream(standing, arrivals, outputs)], ignore_index=True)
    legs["treatment"] = legs["treatment"].fillna("")
    legs["output"] = legs["output"].fillna("")
    keys = ["year", "municipality", "from", "to", "sector", "segment", "stream", "output", "fraction", "treatment"]
    return legs.groupby(keys, as_index=False)["mass_t"].sum().rename(columns={"year": "run"})


def _constants(case: Case, standing: Case, every: pd.DataFrame, found: Stages) -> Routes:
    key = [*ROUTE, "fraction"]
    facilities = standing["facilities"].set_index("facility")["technology"]
    where = destinations(case)
    class_of = where[where["kind"] == "market"].drop_duplicates("to").set_index("to")["class"]
    entered_of = every["to"].map(facilities)
    every = every.assign(
        entered=entered_of,
        **{"class": every["to"].map(class_of).astype(object).where(entered_of.isna(), TO + entered_of)},
    )
    legs = every[every["own"]]

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
    options, choices = _options(case, found)
    hauled = summed(legs[onward], "output", "class")
    return Routes(
        options,
        choices,
        sold,
        hauled,
        _arriving(hauled, options),
        entered,
        _counted(standing, every),
        burdens[[*key, "indicator", "share"]],
    )


def methods_wanted(case: Case) -> set[str]:
    """Return the rate methods that a plan of the case hangs on: of binding targets, and of the rate to be raised."""
    raised = {str(case.settings["method"])} if case.settings["objective"] == "rate" else set()
    return {*case["targets"].loc[case["targets"]["binding"], "method"]} | raised


def _options(case: Case, found: Stages) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables ``options`` and ``choices`` of :class:`Routes`."""
    options = found.modes[["technology", "mode"]].drop_duplicates(ignore_index=True)
    bare = sorted(set(case["facilities"]["technology"]) - set(options["technology"]))
    options = pd.concat([options, pd.DataFrame({"technology": bare, "mode": 0})], ignore_index=True)
    options["modes"] = options.groupby("technology")["mode"].transform("count")
    options["onward"] = options["technology"].isin(found.onward)
    below = found.fed[["node", "technology", "parent", "output"]].rename(columns={"technology": "runs"})
    stage = found.tree.set_index("node")["stage"]
    below = below.assign(parent=below["parent"].map(stage))
    again = options.rename(columns={"technology": "runs"})
    fed = below.rename(columns={"node": "technology"}).merge(again, on="runs", how="left")
    options = options.assign(runs=options["technology"], parent="", output="")
    names = below[["node", "runs"]].merge(found.modes.rename(columns={"technology": "runs"}), on="runs")
    choices = names.rename(columns={"node": "technology"})[found.modes.columns]
    if fed.empty:
        return options, found.modes
    return (
        pd.concat([options, fed[options.columns]], ignore_index=True),
        pd.concat([found.modes, choices], ignore_index=True),
    )


def _arriving(hauled: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Return what comes to the stages that are fed, per tonne collected: the same in all their modes."""
    fed = options[options["parent"] != ""].rename(columns={"technology": "stage", "mode": "own"})
    fed = fed.assign(**{"class": TO + fed["runs"]})
    once = hauled.drop_duplicates(["stream", "technology", "output", "class", "fraction"]).drop(columns="mode")
    table = once.merge(
        fed[["stage", "own", "parent", "output", "class"]].rename(columns={"parent": "technology"}),
        on=["technology", "output", "class"],
    )
    table = table.drop(columns="technology").rename(columns={"stage": "technology", "own": "mode"})
    return table[[*ROUTE, "fraction", "output", "class", "share"]]


def _counted(case: Case, legs: pd.DataFrame) -> pd.DataFrame:
    """Return stream, technology, mode, fraction, year, method, term, share per tonne.

    Whole ways are traced, as what counts depends on what came before; each stage keeps its own legs.
    """
    kinds = case["streams"].set_index("stream")["kind"]
    direct = kinds[kinds.isin([*NEVER_WASTE, "preparing_for_reuse"])]
    sink = np.where(direct.isin(NEVER_WASTE), "prevention", "preparing_for_reuse")
    sinks = pd.DataFrame(
        {"stream": direct.index, "treatment": sink, "to": "sink:" + pd.Series(sink).to_numpy(dtype=str)}
    )
    sinks = sinks.merge(case["capture"][["stream", "fraction"]].drop_duplicates(), on="stream")
    sinks = sinks.assign(**{"from": sinks["stream"] + "/"}, municipality="sink:" + sinks["stream"], segment="")
    sinks = sinks.assign(output="", technology="", mode=0, run=0, own=True, mass_t=1.0)
    flows = pd.concat([legs, sinks], ignore_index=True)
    flows = flows.assign(variant="route", scheme="", sector="run" + flows["run"].astype(str), row=np.arange(len(flows)))
    own = flows["own"].to_numpy(dtype=bool)
    methods = sorted(methods_wanted(case))
    found = []
    for year in case.plan_years if methods else []:
        paths = trace(case, flows.assign(year=year))
        rows = flows.iloc[paths.row][[*ROUTE, "fraction"]]
        mine = own[paths.row]
        for name in methods:
            terms = [METHODS[name].numerator, *(weight for weight, _ in METHODS[name].denominator)]
            for term, weight in enumerate(terms):
                part = rows.assign(share=weight(paths), year=year, method=name, term=term)[mine]
                found.append(
                    part.groupby([*ROUTE, "fraction", "year", "method", "term"], as_index=False)["share"].sum()
                )
    columns = [*ROUTE, "fraction", "year", "method", "term", "share"]
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    return table[table["share"] != 0][columns]
