"""The same product on another world: other towns, fractions, units and money, through every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import mfa
from flows.case import Case
from mfa.cli import main
from tests import other_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return other_world.write_world(tmp_path_factory.mktemp("world") / "lake.xlsx")


@pytest.fixture(scope="module")
def run(world: Path) -> Path:
    folder = world.parent / "plan"
    assert main(["plan", str(world), "--out", str(folder), "--target", "60%", "-q"]) == 0
    return folder


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_check(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(world), "--lang", "en", "--json"]) == 0
    told = _json(capsys)
    scenarios = {row["scenario"]: row["changes"] for row in told.pop("scenarios")}
    assert told == {"ok": True, "exit_code": 0, "problems": []}
    assert scenarios == {
        "careless": ["share in capture times 0.5 (scheme=three_bins, stream=dry_bin)"],
        "growing": ["change in growth becomes 0.02 (sector=homes)"],
    }


def test_account(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", str(world), "--out", str(tmp_path / "account"), "--json"]) == 0
    answer = _json(capsys)
    assert answer["currency"] == "EUR"
    whole = next(
        row for row in answer["rates"] if (row["scope"], row["method"], row["municipality"]) == ("all", "collected", "")
    )
    # Today: 20 % of the tins, 40 % of the homes' papers, 30 % of the shops' papers, half of the rubble.
    separate = 1.85 * (0.2 * 1500 + 0.4 * 6000 + 0.3 * 4000 + 0.5 * 20000)
    total = 1.85 * (9000 + 1500 + 6000 + 5000 + 4000 + 20000 + 3000)
    assert whole["numerator_t"] == pytest.approx(separate)
    assert whole["denominator_t"] == pytest.approx(total)


def test_plan(run: Path) -> None:
    info = json.loads((run / "run.json").read_text("utf-8"))
    assert info["certificate"]["holds"]
    assert info["currency"] == "EUR"
    assert info["target"]["reached"] >= 0.6
    flows = pd.read_csv(run / "tables" / "flows.csv")
    last = flows[flows["treatment"].notna() & (flows["variant"] == "plan") & (flows["year"] == 2030)]
    growth = 1.005**6
    generated = 1.85 * (21_500 * growth + 27_000)
    assert last["mass_t"].sum() == pytest.approx(generated)


def test_report_in_both_languages(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("en", "da"):
        assert main(["report", str(run), "--lang", language, "--out", str(tmp_path / language), "--json"]) == 0
        paths = _json(capsys)["reports"]
        assert len(paths) == 4
        book = openpyxl.load_workbook(paths[0])
        shown = " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
        assert "EUR" in shown
        assert "DKK" not in shown
        assert "kr." not in shown


def test_one_municipality_and_an_unknown_one(run: Path, tmp_path: Path) -> None:
    assert main(["report", str(run), "--municipality", "birch", "--out", str(tmp_path / "one"), "-q"]) == 0
    assert len(list((tmp_path / "one").glob("*.xlsx"))) == 1
    assert main(["report", str(run), "--municipality", "oslo", "--out", str(tmp_path / "two"), "-q"]) == 2


def test_a_run_is_planned_again_as_it_was(run: Path) -> None:
    loaded = mfa.Run.load(run)
    again = mfa.plan(run / "case.xlsx", target=loaded.info["options"]["target"])
    assert again.info["objective"] == pytest.approx(loaded.info["objective"], rel=1e-9)
    pd.testing.assert_frame_equal(
        again.tables["rates"]
        .reset_index(drop=True)
        .sort_values(["variant", "year", "scope", "method", "municipality"], ignore_index=True),
        loaded.tables["rates"],
        check_dtype=False,
    )


def test_a_scenario_costs_more_when_sorting_is_careless(world: Path) -> None:
    central = mfa.plan(world, target="60%")
    careless = mfa.plan(world, target="60%", scenario="careless")
    assert careless.info["objective"] > central.info["objective"] * (1 - 1e-9)


def test_tonnes_or_pounds_give_the_same_plan(world: Path) -> None:
    pounds = mfa.plan(world, target="60%", gap=0.0)
    tonnes = mfa.plan(Case.from_tables(other_world.SETTINGS, other_world.tables()), target="60%", gap=0.0)
    assert pounds.info["objective"] == pytest.approx(tonnes.info["objective"], rel=1e-9)
