"""The how-tos run as they stand, one after the other in one folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

HOWTOS = sorted((Path(__file__).resolve().parent.parent / "docs" / "howto").glob("0[1-3]_*.md"))


def _run(page: Path) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S):
        exec(compile(block, str(page), "exec"), names)
    return names


def test_the_howtos_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    first, own, scenarios = (_run(page) for page in HOWTOS)
    assert first["run"].rate("plan", 2030) == pytest.approx(0.28)
    assert {path.parent.name for path in first["paths"]} == {"reports"}
    assert own["reading"].errors
    assert (tmp_path / "region-marked.xlsx").exists()
    assert scenarios["reached"] == pytest.approx({"central": 0.28, "careless": 0.252})
    assert "problems" in capsys.readouterr().out


def test_the_howto_on_flow_systems_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = _run(next((HOWTOS[0].parent).glob("06_*.md")))
    assert names["suspect"]["flow"] == "bales"
    assert not names["found"].accepted
    assert names["again"].accepted
    assert names["again"].suspects.empty
    assert names["run"].tables["flows"]["value"].notna().all()
    assert (tmp_path / "plastic-account" / "reports" / "sankey_goods_2023.svg").exists()
    assert "0 errors, 0 warnings" in capsys.readouterr().out


def test_the_howto_on_uncertainty_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names = _run(next((HOWTOS[0].parent).glob("08_*.md")))
    region = names["region"].loc["collected"]
    assert region["p5"] < region["median"] < region["p95"]
    assert names["after"]["std"] < 0.95 * names["before"]["std"]
    assert names["drawn"].drivers_of("product")["input"].iloc[0] == "sorting > bales"


def test_the_howto_on_several_futures_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    names = _run(next((HOWTOS[0].parent).glob("12_*.md")))
    assert names["worth"].to_dict() == pytest.approx({"WS": 6800, "RP": 9000, "EEV": 9000, "EVPI": 2200, "VSS": 0})
    assert names["sizes"] == {"expected": "S", "cvar": "L", "worst": "L", "regret": "L"}
    assert set(names["performance"]["certificate"]) == {"holds"}
    assert names["again"].runs["more"].info["objective"] == pytest.approx(21000)
    assert {path.parent.parent.name for path in names["paths"]} == {"more"}
