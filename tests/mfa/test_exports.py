"""Exports, each read back by another reader than its writer and compared with the run's tables."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pandas as pd
import pytest

import mfa
from flows.case import Case
from mfa.cli import main
from mfa.cli_export import FORMATS as OFFERED
from mfa.export_csv import MOST_ROWS
from mfa.exports import FORMATS
from mfa.run import Run
from mfa.run_bundle import Bundle
from mfa.run_tables import RUN_TABLES_BY_NAME
from mfa.run_tables_keys import KEYS
from mfa.system_example import write_example
from mfa.words_columns import HEADS, danish_head
from mfa.workbook_read import read_case
from tests import other_world

EVIL = '=HYPERLINK("http://x.example";"a")'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A plan of another country, in another currency, with a name that a spreadsheet would carry out."""
    folder = tmp_path_factory.mktemp("world")
    mfa.plan(other_world.write_world(folder / "lake.xlsx"), gap=0.05, out=folder / "plan")
    run = Run.load(folder / "plan")
    table = run.tables["facilities"]
    table.loc[table.index[0], "name"] = EVIL
    return run


@pytest.fixture(scope="module")
def exported(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    places = {}
    for name in FORMATS:
        if name == "parquet" and importlib.util.find_spec("pyarrow") is None:
            continue
        places[name] = tmp_path_factory.mktemp("exported") / name
        mfa.export(run, name, places[name])
    return places


def _same(left: pd.DataFrame, right: pd.DataFrame, types: dict[str, str]) -> None:
    """Two tables are alike: rows in any order, numbers to the last digit."""
    assert list(left.columns) == list(right.columns)
    assert len(left) == len(right)
    sides = []
    for frame in (left, right):
        plain = {
            name: frame[name].fillna("").astype(str)
            if kind in {"string", "boolean"}
            else pd.to_numeric(frame[name]).astype(float)
            for name, kind in types.items()
        }
        table = pd.DataFrame(plain)
        sides.append(table.sort_values(list(table.columns), ignore_index=True))
    pd.testing.assert_frame_equal(*sides, check_exact=True, check_dtype=False)


def _types(run: Run, name: str) -> dict[str, str]:
    declared = {column.name: column.type for column in RUN_TABLES_BY_NAME[name].columns}
    return {str(column): declared[str(column)] for column in run.tables[name].columns}


def test_the_formats_offered_are_those_there_are() -> None:
    assert set(OFFERED) == set(FORMATS)


def test_every_export_says_what_it_is_and_lists_its_files(exported: dict[str, Path], run: Run) -> None:
    for name, folder in exported.items():
        said = json.loads((folder / "export.json").read_text("utf-8"))
        assert said["format"] == name
        assert said["case_sha256"] == run.info["input"]["sha256"]
        assert said["certificate_holds"] is True
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert files == {item["path"] for item in said["files"]} | {"export.json"}
        for item in said["files"]:
            content = (folder / item["path"]).read_bytes()
            assert (item["bytes"], item["hash"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())


def test_the_same_run_gives_the_same_bytes(exported: dict[str, Path], run: Run, tmp_path: Path) -> None:
    for name, folder in exported.items():
        mfa.export(run, name, tmp_path / name)
        first, again = ((place / "export.json").read_bytes() for place in (folder, tmp_path / name))
        assert first == again


def test_a_data_package_keeps_what_it_declares(exported: dict[str, Path], run: Run) -> None:
    folder = exported["datapackage"]
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert package["$schema"].startswith("https://datapackage.org/profiles/2.0/")
    resources = {item["name"]: item for item in package["resources"]}
    assert set(resources) == {*run.tables, "names"}
    for name, resource in resources.items():
        path = folder / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        with path.open(encoding="utf-8", newline="") as stream:
            head, *rows = list(csv.reader(stream))
        fields = resource["schema"]["fields"]
        assert head == [field["name"] for field in fields]
        assert all(field["description"] for field in fields), name
        for row in rows:
            for cell, field in zip(row, fields, strict=True):
                _valid(cell, field["type"])
        schema = resource["schema"]
        assert not {"primaryKey", "uniqueKeys"} <= set(schema)
        for key in [schema["primaryKey"]] if "primaryKey" in schema else schema.get("uniqueKeys", []):
            cells = [tuple(row[head.index(column)] for column in key) for row in rows]
            assert len(set(cells)) == len(cells)
            assert "primaryKey" not in schema or all(all(cell) for cell in cells)
        if name != "names":
            back = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={
                column: str for column, kind in _types(run, name).items() if kind in {"string"}
            })  # fmt: skip
            _same(back, run.tables[name], _types(run, name))
    assert resources["flows"]["schema"].get("uniqueKeys") or resources["flows"]["schema"].get("primaryKey")


def _valid(cell: str, kind: str) -> None:
    """A cell is lawful as the Table Schema says."""
    if cell == "" or kind == "string":
        return
    if kind == "boolean":
        assert cell in {"true", "false"}
    elif kind == "integer":
        assert cell.lstrip("-").isdigit()
    else:
        assert cell in {"INF", "-INF"} or np.isfinite(float(cell))


def test_units_are_in_the_currency_of_the_case(exported: dict[str, Path], run: Run) -> None:
    package = json.loads((exported["datapackage"] / "datapackage.json").read_text("utf-8"))
    costs = next(item for item in package["resources"] if item["name"] == "costs")
    units = {field["name"]: field.get("unit") for field in costs["schema"]["fields"]}
    currency = run.info["currency"]
    assert currency != "DKK"
    assert units["amount"] == f"{currency}/year"


def test_frictionless_finds_the_package_valid(exported: dict[str, Path]) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(exported["datapackage"] / "datapackage.json"))
    assert report.valid, report.flatten()


def test_danish_excel_gets_the_same_figures(exported: dict[str, Path], run: Run) -> None:
    for name in run.tables:
        types = _types(run, name)
        path = exported["csv-da"] / "excel" / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        text = {place: str for place, kind in enumerate(types.values()) if kind in {"string", "boolean"}}
        back = pd.read_csv(
            path, sep=";", decimal=",", encoding="utf-8-sig", keep_default_na=False, na_values=[""], dtype=text
        )
        units = {
            column.name: column.unit.replace("DKK", run.info["currency"]) for column in RUN_TABLES_BY_NAME[name].columns
        }
        assert list(back.columns) == [danish_head(column, units[column]) for column in types]
        back.columns = list(types)
        for column, kind in types.items():
            if kind == "boolean":
                assert set(back[column]) <= {"SAND", "FALSK"}
                back[column] = back[column] == "SAND"
            elif kind == "string":
                back[column] = back[column].fillna("").str.replace(r"^'(?=[=+\-@\t\r\n])", "", regex=True)
        _same(back, run.tables[name], types)
        machine = pd.read_csv(
            exported["csv-da"] / "machine" / f"{name}.csv", keep_default_na=False, na_values=[""],
            dtype={column: str for column, kind in types.items() if kind == "string"},
        )  # fmt: skip
        _same(machine, run.tables[name], types)


def test_no_cell_of_a_file_for_excel_is_a_formula(exported: dict[str, Path], run: Run) -> None:
    seen = False
    for path in (exported["csv-da"] / "excel").glob("*.csv"):
        name = path.stem
        types = list(_types(run, name).values()) if name in RUN_TABLES_BY_NAME else ["string"] * 4
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in list(csv.reader(stream, delimiter=";"))[1:]:
                for cell, kind in zip(row, types, strict=True):
                    seen = seen or cell == f"'{EVIL}"
                    assert kind != "string" or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert seen


def test_what_a_sheet_cannot_hold_is_continued(monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path) -> None:
    assert MOST_ROWS < 2**20
    monkeypatch.setattr("mfa.export_csv.MOST_ROWS", 100)
    mfa.export(run, "csv-da", tmp_path / "out")
    parts = [path for path in (tmp_path / "out" / "excel").iterdir() if path.stem.split("_")[0] == "flows"]
    rows = [len(path.read_text("utf-8-sig").splitlines()) - 1 for path in parts]
    assert sum(rows) == len(run.tables["flows"])
    assert len(parts) > 1 and max(rows) == 100


def test_every_column_has_a_danish_head_of_its_own() -> None:
    for table in RUN_TABLES_BY_NAME.values():
        heads = [danish_head(column.name, column.unit) for column in table.columns]
        assert {column.name for column in table.columns} <= set(HEADS), table.name
        assert len(set(heads)) == len(heads), table.name


def test_parquet_is_exact_and_typed(exported: dict[str, Path], run: Run) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    wanted = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool"}
    for name in run.tables:
        types = _types(run, name)
        table = parquet.read_table(exported["parquet"] / f"{name}.parquet")
        assert [str(field.type) for field in table.schema] == [wanted[kind] for kind in types.values()]
        back = table.to_pandas()
        _same(back, run.tables[name], types)
        assert not any(back[column].isna().any() for column, kind in types.items() if kind == "string")
    field = parquet.read_schema(exported["parquet"] / "costs.parquet").field("amount")
    assert field.metadata[b"unit"].decode() == f"{run.info['currency']}/year"
    assert json.loads(parquet.read_schema(exported["parquet"] / "costs.parquet").metadata[b"run"])["status"]


def test_without_pyarrow_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(mfa.ExportError, match=r"circular-mfa\[parquet\]"):
        mfa.export(run, "parquet", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    command = ["export", str(run.folder), "--format", "parquet", "--out", str(tmp_path / "out"), "--lang", "da"]
    assert main(command) == 2
    assert "ikke er installeret" in capsys.readouterr().err


@pytest.fixture(scope="module")
def iamc(exported: dict[str, Path]) -> pd.DataFrame:
    return pd.read_csv(exported["iamc"] / "data.csv", keep_default_na=False, na_values=[""])


def test_iamc_keeps_the_rules_of_its_readers(iamc: pd.DataFrame, exported: dict[str, Path]) -> None:
    """What pyam asks for: the five columns and years, no series twice, no empty series, one unit for a variable."""
    index = ["Model", "Scenario", "Region", "Variable", "Unit"]
    assert list(iamc.columns[:5]) == index
    years = [int(column) for column in iamc.columns[5:]]
    assert years == sorted(years)
    assert not iamc[index].isna().any().any()
    assert not iamc.duplicated(index[:4]).any()
    assert (iamc.groupby("Variable")["Unit"].nunique() == 1).all()
    assert iamc[iamc.columns[5:]].notna().any(axis=1).all()
    assert all(part == part.strip() != "" for name in iamc["Variable"] for part in name.split("|"))
    assert not iamc["Variable"].str.contains("*", regex=False).any()
    listed = pd.read_csv(exported["iamc"] / "variables.csv")
    roots = [name.split("|{")[0].removesuffix("|By Fixed Key") for name in listed["Variable"]]
    assert all(any(name == root or name.startswith(f"{root}|") for root in roots) for name in iamc["Variable"])
    meta = pd.read_csv(exported["iamc"] / "meta.csv")
    assert set(meta["Scenario"]) == set(iamc["Scenario"])


def _value(iamc: pd.DataFrame, scenario: str, region: str, variable: str, year: int) -> float:
    row = iamc[(iamc["Scenario"] == scenario) & (iamc["Region"] == region) & (iamc["Variable"] == variable)]
    return 0.0 if row.empty else float(row[str(year)].fillna(0.0).iloc[0])


def test_iamc_has_the_runs_own_figures(iamc: pd.DataFrame, run: Run) -> None:
    names, fractions = run.case.names("municipalities", "en"), run.case.names("fractions", "en")
    region = str(run.case.settings["region_en"])
    flows, costs, rates = (run.tables[name] for name in ("flows", "costs", "rates"))
    waste = flows[(flows["treatment"] != "") & (flows["treatment"] != "prevention")]
    for (variant, year), rows in waste.groupby(["variant", "year"]):
        assert _value(iamc, variant, region, "Waste", year) == pytest.approx(rows["mass_t"].sum())
        assert _value(iamc, variant, region, "Waste by Source", year) == pytest.approx(rows["mass_t"].sum())
        burnt = rows[rows["treatment"] == "energy_recovery"]
        for (place, fraction), mass in burnt.groupby(["municipality", "fraction"])["mass_t"].sum().items():
            name = f"Waste|Energy recovery|{fractions[fraction]}"
            assert _value(iamc, variant, f"{region}|{names[place]}", name, year) == pytest.approx(mass)
    for (variant, year), rows in costs.groupby(["variant", "year"]):
        assert _value(iamc, variant, region, "Cost", year) == pytest.approx(rows["amount"].sum())
        households = rows[(rows["payer"] == "household") & (rows["category"] == "collection")]["amount"].sum()
        assert _value(iamc, variant, region, "Cost|Households|Collection", year) == pytest.approx(households)
    everywhere = rates[(rates["scope"] == "all") & (rates["method"] == "collected")]
    for row in everywhere.itertuples():
        place = f"{region}|{names[row.municipality]}" if row.municipality else region
        found = _value(
            iamc, row.variant, place, "Recycling Rate|All waste except soil|Collected for recycling", row.year
        )
        assert found == pytest.approx(100 * row.rate)
    assert set(iamc.loc[iamc["Variable"] == "Cost", "Unit"]) == {
        f"{run.info['currency']}_{run.case.settings['price_year']}/yr"
    }


def test_in_iamc_parts_make_the_whole_and_places_the_region(iamc: pd.DataFrame, run: Run) -> None:
    region = str(run.case.settings["region_en"])
    years = list(iamc.columns[5:])
    added = ("Waste", "Waste by Source", "Collection", "Emissions|CO2e", "Emissions|Biogenic CO2", "Cost")
    whole = iamc[(iamc["Region"] == region) & iamc["Variable"].str.startswith(tuple(f"{root}" for root in added))]
    for row in whole.to_dict("records"):
        below = iamc["Variable"].str.startswith(f"{row['Variable']}|") & (
            iamc["Variable"].str.count(r"\|") == row["Variable"].count("|") + 1
        )
        here = iamc["Scenario"] == row["Scenario"]
        own = [0.0 if pd.isna(row[year]) else row[year] for year in years]
        if "per Household" in row["Variable"]:
            continue
        if (below & here).any():
            parts = iamc[below & here & (iamc["Region"] == region)][years].fillna(0.0).sum()
            assert parts.tolist() == pytest.approx(own, abs=1e-6)
        places = here & (iamc["Variable"] == row["Variable"]) & iamc["Region"].str.startswith(f"{region}|")
        assert iamc[places][years].fillna(0.0).sum().tolist() == pytest.approx(own, abs=1e-6)


def test_stan_lists_balance_and_say_where_everything_goes(exported: dict[str, Path], run: Run) -> None:
    flows = run.tables["flows"]
    for variant in flows["variant"].unique():
        folder = exported["stan"] / variant
        listed = pd.read_csv(folder / "flows.csv", keep_default_na=False, na_values={"quantity": [""]})
        processes = pd.read_csv(folder / "processes.csv").set_index("process")
        mine = flows[flows["variant"] == variant]
        assert set(processes.index) == set(mine["from"]) | set(mine["to"])
        assert listed.groupby(["source", "destination"])["flow"].nunique().eq(1).all()
        assert listed.groupby("flow")["name"].nunique().eq(1).all()
        assert not listed.duplicated(["flow", "layer", "period"]).any()
        goods, parts = listed[listed["layer"] == "goods"], listed[listed["layer"] != "goods"]
        expected = mine.groupby(["from", "to", "year"])["mass_t"].sum()
        found = goods.set_index(["source", "destination", "period"])["quantity"]
        assert found.sort_index().tolist() == pytest.approx(expected.sort_index().tolist())
        assert parts.groupby(["source", "destination", "period"])["quantity"].sum().tolist() == pytest.approx(
            expected.tolist()
        )
        middle = processes.index[processes["type"] == "process"]
        for end in ("layer", "goods"):
            rows = goods if end == "goods" else parts
            enters = rows.groupby(["destination", "layer", "period"])["quantity"].sum()
            leaves = rows.groupby(["source", "layer", "period"])["quantity"].sum()
            for key, mass in enters[enters.index.get_level_values(0).isin(middle)].items():
                assert leaves.get(key, 0.0) == pytest.approx(mass, abs=1e-6)


def test_the_account_of_a_system_keeps_its_uncertainty(tmp_path: Path) -> None:
    write_example(tmp_path / "plastic.xlsx")
    run = mfa.account(tmp_path / "plastic.xlsx", out=tmp_path / "account")
    mfa.export(tmp_path / "account", "stan")
    folder = tmp_path / "account" / "exports" / "stan"
    listed = pd.read_csv(folder / "flows.csv", keep_default_na=False, na_values={"uncertainty": [""], "quantity": [""]})
    flows = run.tables["flows"].set_index(["flow", "layer", "year"])
    back = listed.set_index(["flow", "layer", "period"])
    assert set(back.index) == set(flows.index)
    for key in flows.index:
        assert back.loc[key, "quantity"] == pytest.approx(flows.loc[key, "value"], nan_ok=True)
        assert back.loc[key, "uncertainty"] == pytest.approx(flows.loc[key, "std"], nan_ok=True)
    assert back["uncertainty"].notna().any()
    processes = set(pd.read_csv(folder / "processes.csv")["process"])
    assert set(listed["source"]) | set(listed["destination"]) <= processes | {""}
    assert mfa.export(tmp_path / "account", "datapackage")
    with pytest.raises(mfa.ExportError, match="flow system"):
        mfa.export(tmp_path / "account", "iamc")


def test_a_run_of_several_plans_is_several_scenarios(run: Run, iamc: pd.DataFrame, tmp_path: Path) -> None:
    table = pd.DataFrame({"point": ["cheap", "dear"], "cost": [1.0, 2.0]})
    bundle = Bundle(
        {"frontier": table}, {**run.info, "kind": "frontier"}, given_case=run.case, runs={"cheap": run, "dear": run}
    )
    mfa.export(bundle, "iamc", tmp_path / "series")
    series = pd.read_csv(tmp_path / "series" / "data.csv", keep_default_na=False, na_values=[""])
    variants = sorted(set(iamc["Scenario"]))
    assert set(series["Scenario"]) == {f"{name}: {variant}" for name in ("cheap", "dear") for variant in variants}
    assert len(series) == 2 * len(iamc)
    assert not series.duplicated(["Scenario", "Region", "Variable"]).any()
    meta = pd.read_csv(tmp_path / "series" / "meta.csv").set_index("Scenario")
    assert meta.loc["dear: plan", "gap"] == pytest.approx(run.info["gap"])
    assert meta.loc["dear: today"].drop(["Model", "case_sha256"]).isna().all()
    assert mfa.export(bundle, "datapackage", tmp_path / "tables")
    with pytest.raises(mfa.ExportError, match="several plans"):
        mfa.export(bundle, "stan", tmp_path / "lists")
    assert not (tmp_path / "lists").exists()


def test_the_case_of_several_plans_is_read_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({"point": ["cheap", "dear"], "cost": [1.0, 2.0]})
    # A run of its own each, since a run that is kept knows where it lies.
    plans = {name: Run(run.tables, run.info, given_case=run.case) for name in ("cheap", "dear")}
    bundle = Bundle({"frontier": table}, {**run.info, "kind": "frontier"}, given_case=run.case, runs=plans)
    bundle.save(tmp_path / "curve", case=run.case)
    read: list[Path] = []

    def counted(path: Path) -> Case:
        read.append(path)
        return read_case(path)

    monkeypatch.setattr("mfa.export_iamc.read_case", counted)
    mfa.export(tmp_path / "curve", "iamc", tmp_path / "stored")
    mfa.export(bundle, "iamc", tmp_path / "kept")
    assert len(read) == 2
    assert (tmp_path / "stored" / "data.csv").read_bytes() == (tmp_path / "kept" / "data.csv").read_bytes()


def test_an_account_is_exported_as_well(tmp_path: Path) -> None:
    run = mfa.account(other_world.write_world(tmp_path / "lake.xlsx"), draws=20)
    for name in ("datapackage", "csv-da", "iamc", "stan"):
        assert mfa.export(run, name, tmp_path / name)
    assert [path.name for path in sorted((tmp_path / "stan").iterdir())] == ["export.json", "today"]
    series = pd.read_csv(tmp_path / "iamc" / "data.csv")
    assert set(series["Scenario"]) == {"today"}
    resources = json.loads((tmp_path / "datapackage" / "datapackage.json").read_text("utf-8"))["resources"]
    assert {"uncertainty", "drivers"} <= {item["name"] for item in resources}


def test_the_model_of_a_plan_goes_to_other_solvers(exported: dict[str, Path], run: Run, tmp_path: Path) -> None:
    # HiGHS reads its own file again, and names lead back to the case; another solver's turn is in tests/models.
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(exported["mps"] / "model.mps"))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    told = json.loads((exported["mps"] / "model.json").read_text("utf-8"))
    assert told["objective_unit"] == "1000000 EUR, discounted"
    assert (told["columns"], told["rows"]) == (highs.getNumCol(), highs.getNumRow())
    optimum = highs.getInfo().objective_function_value * 1e6
    assert run.info["bound"] * (1 - 1e-6) <= optimum <= run.info["objective"] * (1 + 1e-6)
    names = pd.read_csv(exported["mps"] / "names.csv")
    assert names["name"].is_unique and names.query("family == 'x'")["key"].str.contains("three_bins").any()
    with pytest.raises(mfa.ExportError, match="only a plan of least cost"):
        mfa.export(mfa.account(run.case), "mps", tmp_path / "none")


def test_names_that_are_alike_or_hold_signs_are_told_apart() -> None:
    from mfa.export_iamc_labels import distinct

    assert distinct({"a": "Glass | jars*", "b": "Glass / jars", "c": "Shared"}) == {
        "a": "Glass / jars (a)", "b": "Glass / jars (b)", "c": "Shared (c)",
    }  # fmt: skip


def test_nothing_else_is_replaced_and_nothing_half_written_stays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine")
    with pytest.raises(mfa.RunError, match="no earlier export"):
        mfa.export(run, "stan", mine)
    assert main(["export", str(run.folder), "--format", "stan", "--out", str(mine), "--lang", "da"]) == 2
    assert "tidligere eksport" in capsys.readouterr().err
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]

    mfa.export(run, "stan", tmp_path / "lists")
    before = (tmp_path / "lists" / "export.json").read_bytes()

    def fails(*arguments: Any, **more: Any) -> None:
        raise OSError("disk is full")

    monkeypatch.setattr("mfa.export_stan._write_lists", fails)
    with pytest.raises(OSError, match="disk is full"):
        mfa.export(run, "stan", tmp_path / "lists")
    assert (tmp_path / "lists" / "export.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lists", "mine"]


def test_the_command_says_where_the_files_are(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", str(run.folder), "--format", "datapackage", "--out", str(tmp_path / "out")]
    assert main([*command, "--lang", "da"]) == 0
    assert "filer i" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert str(tmp_path / "out" / "datapackage.json") in files
    assert main(["export", str(tmp_path), "--format", "iamc"]) == 2
    with pytest.raises(mfa.ExportError, match="excel"):
        mfa.export(run, "excel")
    with pytest.raises(mfa.ExportError, match="memory"):
        mfa.export(Run(run.tables, run.info, given_case=run.case), "stan")


def test_keys_name_columns_that_are_there() -> None:
    for name, key in KEYS.items():
        assert set(key) <= {column.name for column in RUN_TABLES_BY_NAME[name].columns}, name


def test_a_layout_is_asked_for_on_the_command_line(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = tmp_path / "layout.toml"
    assert main(["report", "--layout-example", str(example), "--lang", "da"]) == 0
    assert "skrevet" in capsys.readouterr().out
    assert main(["report", "--layout-example", str(example)]) == 2
    assert main(["report", "--layout-example", str(tmp_path / "layout.txt"), "--json"]) == 2
    capsys.readouterr()
    assert main(["report", "--lang", "da"]) == 2
    assert "hvilken kørsel" in capsys.readouterr().err
    command = ["report", str(run.folder), "--layout", str(example), "--out", str(tmp_path / "out"), "--lang", "da"]
    assert main([*command, "--municipality", "region", "-q"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["udkast_region_da.xlsx"]

    example.write_text('ark = ["Resume"]\nfarve = "#FFFFFF"\n', "utf-8")
    assert main([*command[:-4], "--out", str(tmp_path / "none"), "--lang", "da"]) == 3
    said = capsys.readouterr().err
    assert "layout.toml linje 1" in said and "mente du 'Resumé'?" in said and "layout.toml linje 2" in said
    assert not (tmp_path / "none").exists()
    assert main([*command, "--json"]) == 3
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {problem["code"] for problem in problems} == {"layout_sheet", "layout_contrast"}
