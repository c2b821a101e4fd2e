"""The run as lists of processes and flows per layer and period, in the form that users of STAN know.

``flows.csv`` has a row per flow, layer and period: where it comes from and goes to, its quantity, unit and standard
uncertainty; ``processes.csv`` says what each end is. The layer ``goods`` is the whole mass, a fraction is a layer of its
own that is part of it. Variants of a case (today, reference, plan) have a folder each, as a system of STAN has one state.
An empty uncertainty is one that was not computed: of a case it is computed for rates only.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mfa.export_source import ExportSource
from mfa.exports import ExportError
from mfa.run import RunError
from mfa.run_csv import write_csv
from mfa.run_door import plain_name
from reports.names import Names
from reports.words import Words

GOODS = "goods"
FLOW_COLUMNS = [
    "flow",
    "name",
    "source",
    "destination",
    "layer",
    "period",
    "quantity",
    "unit",
    "uncertainty",
    "uncertainty_unit",
    "status",
]
PROCESS_COLUMNS = ["process", "name", "type"]


def write(source: ExportSource, folder: Path) -> None:
    """Write the lists; raises :class:`ExportError` for a run of several plans."""
    if "flows" not in source.run.tables:
        inside = "scenarios" if source.run.info.get("kind") == "robust" else "runs"
        reason = ExportError("export_of_several", folder=inside)
        raise ExportError("export_unsuited", format="stan", reason=reason)
    if source.case is None:
        _write_lists(_system_flows(source), _system_processes(source), folder)
        return
    processes = _case_processes(source)
    flows = source.run.tables["flows"]
    for variant in dict.fromkeys(flows["variant"]):
        if not plain_name(variant):
            raise RunError("run_damaged", folder=source.run.folder or "", file="tables/flows.csv", reason=variant)
        place = folder / str(variant)
        place.mkdir()
        mine = case_flows(flows[flows["variant"] == variant], processes)
        used = set(mine["source"]) | set(mine["destination"])
        _write_lists(mine, processes[processes["process"].isin(used)], place)


def _write_lists(flows: pd.DataFrame, processes: pd.DataFrame, folder: Path) -> None:
    write_csv(flows[FLOW_COLUMNS], folder / "flows.csv")
    write_csv(processes[PROCESS_COLUMNS], folder / "processes.csv")


def case_flows(flows: pd.DataFrame, processes: pd.DataFrame) -> pd.DataFrame:
    """Return the flows of one variant: one from each process to each other, all goods and fraction by fraction."""
    kept = flows[["from", "to", "fraction", "year", "mass_t"]].copy()
    for name in ("from", "to", "fraction"):
        kept[name] = kept[name].astype("category")
    keys = ["from", "to", "fraction", "year"]
    parts = kept.groupby(keys, as_index=False, observed=True)["mass_t"].sum().astype(dict.fromkeys(keys[:3], str))
    goods = parts.groupby(["from", "to", "year"], as_index=False)["mass_t"].sum().assign(fraction=GOODS)
    found = pd.concat([goods, parts], ignore_index=True)
    pairs = found[["from", "to"]].drop_duplicates().sort_values(["from", "to"])
    numbers = {pair: f"F{count}" for count, pair in enumerate(zip(pairs["from"], pairs["to"], strict=True), 1)}
    names = dict(zip(processes["process"], processes["name"], strict=True))
    ends = list(zip(found["from"], found["to"], strict=True))
    found["flow"] = [numbers[pair] for pair in ends]
    found["name"] = [f"{names.get(start, start)} – {names.get(end, end)}" for start, end in ends]
    found = found.rename(
        columns={"from": "source", "to": "destination", "fraction": "layer", "year": "period", "mass_t": "quantity"}
    )
    found = found.assign(unit="t/a", uncertainty=float("nan"), uncertainty_unit="", status="computed")
    order = found.assign(_flow=found["flow"].str[1:].astype(int), _part=found["layer"] != GOODS).sort_values(
        ["_flow", "period", "_part", "layer"]
    )
    return order[FLOW_COLUMNS].reset_index(drop=True)


def _case_processes(source: ExportSource) -> pd.DataFrame:
    """Return every process of a case's flows with its English name and what it is."""
    if source.case is None:
        return pd.DataFrame(columns=PROCESS_COLUMNS)
    names = Names(source.case, Words("en"))
    flows = source.run.tables["flows"]
    leaves, enters = set(flows["from"].unique()), set(flows["to"].unique())
    sources = flows.loc[~flows["from"].isin(enters), ["from", "municipality", "sector", "segment"]].drop_duplicates(
        "from"
    )
    origins = {
        str(row["from"]): f"{names.place(str(row.municipality))}, {names.source(str(row.sector), str(row.segment))}"
        for _, row in sources.iterrows()
    }
    rows = []
    for process in sorted(leaves | enters):
        kind = "source" if process not in enters else "process" if process in leaves else "sink"
        rows.append((process, origins.get(process) or names.process(process), kind))
    return pd.DataFrame(rows, columns=PROCESS_COLUMNS)


def _system_flows(source: ExportSource) -> pd.DataFrame:
    """Return the flows of a system as they were accounted, with their standard deviations."""
    flows = source.run.tables["flows"]
    names = _system_names(source, "flows", "flow")
    known = flows["std"].notna()
    return pd.DataFrame(
        {
            "flow": flows["flow"],
            "name": [names.get(str(flow), str(flow)) for flow in flows["flow"]],
            "source": flows["from"],
            "destination": flows["to"],
            "layer": flows["layer"],
            "period": flows["year"],
            "quantity": flows["value"],
            "unit": flows["unit"],
            "uncertainty": flows["std"],
            "uncertainty_unit": flows["unit"].where(known, ""),
            "status": flows["status"],
        }
    )


def _system_processes(source: ExportSource) -> pd.DataFrame:
    table = source.run.system.tables["processes"]  # type: ignore[attr-defined]
    names = _system_names(source, "processes", "process")
    kinds = table["kind"] if "kind" in table else pd.Series("process", index=table.index)
    return pd.DataFrame(
        {
            "process": table["process"],
            "name": [names.get(str(one), str(one)) for one in table["process"]],
            "type": kinds,
        }
    ).sort_values("process")


def _system_names(source: ExportSource, table: str, key: str) -> dict[str, str]:
    frame = source.run.system.tables[table]  # type: ignore[attr-defined]
    for column in ("name_en", "name_da", "name"):
        if column in frame:
            named = frame[frame[column].fillna("") != ""]
            return dict(zip(named[key].astype(str), named[column].astype(str), strict=True))
    return {}
