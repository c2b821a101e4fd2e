"""The how-to on building stocks runs as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

import mfa
from tests.pages import HOWTOS, follow


def test_the_building_stock_of_the_howto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "05_building_stock.md")
    demolished, today, then = names["demolished"], names["today"], names["then"]
    assert demolished[2045] > 1.5 * demolished[2024]
    assert today == {"concrete": 800, "wood": 90}
    assert then["concrete"] > 1.5 * today["concrete"]
    assert names["share"] > 0.8
    assert names["needed"].inflow.min() >= 0
    assert "built before 1985" in capsys.readouterr().out


@pytest.mark.slow
def test_its_plan_has_the_amounts_of_the_stock_and_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    then = follow(HOWTOS / "05_building_stock.md")["then"]
    run = mfa.plan("building.xlsx", scenario="less_wood")
    assert run.info["certificate"]["holds"]
    flows = run.tables["flows"]
    later = flows[(flows["variant"] == "plan") & (flows["year"] == 2045) & (flows["from"] == "town/building")]
    mass = later.groupby("fraction")["mass_t"].sum()
    assert mass["concrete"] == pytest.approx(then["concrete"], abs=0.1)
    assert mass["wood"] == pytest.approx(then["wood"] / 3 * 2, abs=0.1)
