"""The run in the format of the Integrated Assessment Modeling Consortium: a row per series, a column per year.

Columns are Model, Scenario, Region, Variable, Unit and the years. The scenario is the variant (today, reference, plan);
of a run of several plans it is ``NAME: variant``. No row is there twice, and a variable has one unit. ``variables.csv``
lists the families, ``meta.csv`` says what is proven of each scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from flows.case import Case
from mfa.export_iamc_labels import Labels
from mfa.export_iamc_variables import FAMILIES, KEYS, Family, unit_of
from mfa.export_source import ExportSource
from mfa.exports import ExportError
from mfa.made import file_hash
from mfa.run import CASE_FILE, Run
from mfa.run_csv import MACHINE, write_csv
from mfa.workbook_read import read_case

HEAD = ["Model", "Scenario", "Region", "Variable", "Unit"]
META = ("status", "objective", "bound", "gap")


def write(source: ExportSource, folder: Path) -> None:
    """Write ``data.csv``, ``variables.csv`` and ``meta.csv``; raises :class:`ExportError` for a flow system's account."""
    if source.case is None:
        raise ExportError("export_unsuited", format="iamc", reason=ExportError("export_of_system"))
    parts, meta = [], []
    for name, run in _runs(source.run):
        rows = series(ExportSource(run))
        rows["Scenario"] = [f"{name}: {variant}" if name else str(variant) for variant in rows["Scenario"]]
        parts.append(rows)
        meta += [_meta(scenario, run, source) for scenario in sorted(set(rows["Scenario"]))]
    write_csv(wide(pd.concat(parts, ignore_index=True), source), folder / "data.csv")
    write_csv(pd.DataFrame(meta), folder / "meta.csv")
    lines = [(family.pattern, unit_of(family, source), family.meaning) for family in FAMILIES]
    write_csv(
        pd.DataFrame(lines, columns=["Variable", "Unit", "Description"]), folder / "variables.csv", dialect=MACHINE
    )


def _runs(run: Run) -> Iterator[tuple[str, Run]]:
    """Give the plans of a run by name, one after the other; '' is the run itself."""
    several = getattr(run, "runs", None)
    if several is None:
        yield str(run.info.get("options", {}).get("scenario") or ""), run
        return
    cases: dict[str, Case] = {}
    for name in several:
        one, place = several[name], several[name].folder
        if place is not None:
            # Read anew, so that the tables of one plan are gone before those of the next are read.
            one = Run.load(place)
            one.given_case = one.as_asked(_given(place / CASE_FILE, cases))
        yield str(name), one


def _given(path: Path, known: dict[str, Case]) -> Case:
    """Return the case in a workbook; the plans of a run have copies of the same one, which is read once."""
    key = file_hash(path)
    if key not in known:
        known[key] = read_case(path)
    return known[key]


def series(source: ExportSource) -> pd.DataFrame:
    """Return a run's values as rows: Scenario (the variant), Region, Variable, Unit, year, value."""
    case = source.case
    if case is None:
        raise ExportError("export_of_system")
    labels = Labels(case)
    parts = [_placed(family, source, labels) for family in FAMILIES]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _placed(family: Family, source: ExportSource, labels: Labels) -> pd.DataFrame:
    rows = family.rows(source.run, labels)
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return rows
    spread = family.added and not family.regional
    places = {place: labels.place(str(place), spread) for place in rows["municipality"].unique()}
    found = rows.assign(Region=rows["municipality"].map(places))
    if spread:
        keys = [key for key in KEYS if key != "municipality"]
        whole = rows.groupby(keys, as_index=False)["value"].sum().assign(Region=labels.region)
        found = pd.concat([whole, found], ignore_index=True)
    found = found.rename(columns={"variant": "Scenario", "variable": "Variable"})
    return found.assign(Unit=unit_of(family, source))[["Scenario", "Region", "Variable", "Unit", "year", "value"]]


def wide(rows: pd.DataFrame, source: ExportSource) -> pd.DataFrame:
    """Return rows with a column for each year; raises ``ValueError`` if a value is there twice."""
    table = rows.assign(Model=str(source.facts["made_by"])).pivot(index=HEAD, columns="year", values="value")
    table = table.sort_index()
    table.columns = [str(int(year)) for year in table.columns]
    return table.reset_index()


def _meta(scenario: str, run: Run, source: ExportSource) -> dict[str, object]:
    """Return what is known of a scenario; only a plan has a cost with a proof."""
    info = run.info if scenario.split(": ")[-1] == "plan" else {}
    certificate = (info.get("certificate") or {}).get("holds")
    facts: dict[str, object] = {"Model": source.facts["made_by"], "Scenario": scenario}
    facts |= {name: info.get(name) for name in META}
    return {**facts, "certificate_holds": certificate, "case_sha256": source.facts["case_sha256"]}
