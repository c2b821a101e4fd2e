"""The how-tos run as they stand, one after the other in one folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import mfa
from tests.pages import HOWTOS, follow


def test_the_howtos_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    first, own, scenarios = (
        follow(HOWTOS / "01_first_plan.md"),
        follow(HOWTOS / "02_own_case.md"),
        follow(HOWTOS / "03_scenarios_from_python.md"),
    )
    assert first["run"].rate("plan", 2030) == pytest.approx(0.28)
    assert {path.parent.name for path in first["paths"]} == {"reports"}
    assert own["reading"].errors
    assert (tmp_path / "region-marked.xlsx").exists()
    assert scenarios["reached"] == pytest.approx({"central": 0.28, "careless": 0.252})
    assert scenarios["reading"].case is not None
    assert "problems" in capsys.readouterr().out


def test_the_howto_on_flow_systems_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "06_reconcile_a_flow_system.md")
    assert names["suspect"]["flow"] == "bales"
    assert not names["found"].accepted
    assert names["again"].accepted
    assert names["again"].suspects.empty
    assert names["run"].tables["flows"]["value"].notna().all()
    assert (tmp_path / "plastic-account" / "reports" / "sankey_goods_2023.svg").exists()
    assert "0 errors, 0 warnings" in capsys.readouterr().out


def test_the_howto_on_objectives_and_levers_runs() -> None:
    names = follow(HOWTOS / "13_objectives_and_levers.md")
    # Mixing costs 15 000; sorting 2 800 more in A, 1 700 in B.
    expected = {"climate": 19500, "some": 17800, "cheap": 16700, "fair": 17800, "work": 17800}
    expected |= {"bought": 19500 + 960, "required": 16700 - 60 * 120}
    assert {name: names[name].info["objective"] for name in expected} == pytest.approx(expected)
    assert all(names[name].info["certificate"]["holds"] for name in expected)
    assert names["climate"].info["objective_of"]["value"] == pytest.approx(3)
    assert names["fair"].info["objective_of"]["value"] == pytest.approx(28)


def test_the_howto_on_uncertainty_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "08_how_sure_is_a_rate.md")
    region = names["region"].loc["collected"]
    assert region["p5"] < region["median"] < region["p95"]
    assert names["after"]["std"] < 0.95 * names["before"]["std"]
    assert names["drawn"].drivers_of("product")["input"].iloc[0] == "sorting > bales"


def test_the_howto_on_facility_location_runs() -> None:
    names = follow(HOWTOS / "09_facility_location.md")
    found = [names[name].info["objective"] for name in ("run", "closed", "whole", "deeper")]
    assert found == pytest.approx([1895, 2065, 2065, 3399])
    assert all(names[name].info["certificate"]["holds"] for name in ("run", "closed", "whole", "deeper"))


def test_the_howto_on_a_target_out_of_reach_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "10_when_a_target_cannot_be_met.md")
    assert names["why"].highest["highest"].tolist() == pytest.approx([0.4])
    assert len(names["why"].contradictions) == 2
    assert names["larger"].rate("plan", 2027) == pytest.approx(0.6)
    assert any("out of reach" in text for text in names["told"])
    assert names["books"][0].name == "region_en.xlsx"
    assert "paper from houses is captured at 70 % instead of 60 %" in set(names["steep"].repairs["text_en"])


def test_the_howto_on_choices_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(HOWTOS / "01_first_plan.md", most=1)
    names = follow(HOWTOS / "11_choices.md")
    assert names["curve"].tables["frontier"]["rate"].tolist() == pytest.approx([0, 0.28])
    gas = names["climate"].tables["frontier"]
    assert gas["co2e_kt"].is_monotonic_decreasing and gas["cost"].is_monotonic_increasing and len(gas) > 1
    assert (tmp_path / "town-curve" / "runs" / "point_01" / "run.json").exists()
    facilities = names["difference"].tables["facilities"]
    assert facilities["facility"].tolist() == ["digester"]
    presence = names["nearly"].tables["presence"].set_index("name")
    assert presence.loc["two_bins", ["presence", "proof"]].tolist() == ["all", "proven"]
    assert presence.loc["digester", "presence"] == "some"
    assert names["value"].info["found"]["adds_up"] == pytest.approx(0, abs=1e-3)
    assert "Facility digester, 2030: S instead of closed." in capsys.readouterr().out


def test_the_howto_on_layout_and_exports_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    follow(HOWTOS / "01_first_plan.md", most=3)
    names = follow(HOWTOS / "15_own_layout_and_exports.md")
    assert {path.name for path in names["books"]} == {"udkast_region_da.xlsx", "udkast_town_by_da.xlsx"}
    assert len(names["told"]) == 3
    assert "linje 2: der er intet ark 'Resume'" in names["told"][1]
    assert names["units"]["numerator_t"] == "t/year"
    assert names["head"].startswith("variant;år;afgrænsning")
    assert not names["burnt"].empty
    run = mfa.Run.load("town-plan")
    flows = run.tables["flows"]
    oven = flows[(flows["variant"] == "plan") & (flows["to"] == "oven")].groupby("year")["mass_t"].sum()
    assert names["goods"].set_index("period")["quantity"].to_dict() == pytest.approx(oven.to_dict())


def test_the_howto_on_several_futures_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "12_under_uncertainty.md")
    assert names["worth"].to_dict() == pytest.approx({"WS": 6800, "RP": 9000, "EEV": 9000, "EVPI": 2200, "VSS": 0})
    assert names["sizes"] == {"expected": "S", "regret": "L"}
    assert set(names["performance"]["certificate"]) == {"holds"}
    assert names["again"].runs["more"].info["objective"] == pytest.approx(21000)
    assert {path.parent.parent.name for path in names["paths"]} == {"more"}


def test_the_howto_on_sweeps_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(HOWTOS / "01_first_plan.md", most=1)
    names = follow(HOWTOS / "16_sweeps.md")
    outcomes = names["outcomes"]
    assert len(outcomes) == 2 * 2
    assert outcomes.loc[outcomes["target"] == 0.6, "highest_rate"].tolist() == pytest.approx([0.28] * 2)
    assert names["drawn"]["input"].unique().tolist() == ["scenarios|waste|generation||amount||value"]
    assert set(names["in_plans"].index) >= {"two_bins"}
    assert mfa.check("towns.xlsx").errors == []
