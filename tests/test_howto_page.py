"""The how-to on the page of a run runs as it stands, and so do its ways for users."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mfa
from mfa.cli import main
from mfa.run import Run
from tests.pages import HOWTOS, follow


def _data(page: Path) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the how-to in a folder of its own and return what it named, and the folder."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        follow(HOWTOS / "01_first_plan.md", most=1)
        names = follow(HOWTOS / "14_page.md")
    return folder, names


def test_a_plan_has_its_page(town: Any) -> None:
    folder, names = town
    assert names["page"].name == "page.html" and names["page"].parent.name == "reports"
    data = _data(folder / "town-plan" / "reports" / "page.html")
    assert data["lang"] == "en"
    assert data["choices"] is None and not data["infeasible"]
    assert "28.0 %" in data["answers"][""][1]["answer"]
    # Of 400 t of food 70 % go to the heap.
    at = data["states"].index(["plan", 2030])
    flat = data["flows"]["places"]["town"][at]
    assert sum(flat[1::2]) == pytest.approx(1000, abs=1)
    assert 280 in flat[1::2]


def test_a_curve_is_shown_beside_one_of_its_plans(town: Any) -> None:
    folder, names = town
    data = _data(folder / names["several"])
    curve = names["curve"].tables["frontier"]
    assert sorted(point[0] for point in data["choices"]["curve"]) == sorted(curve["point"])
    assert data["shown"] == curve.sort_values("cost")["point"].iloc[-1]
    assert [table["key"] for table in data["choices"]["sheets"][0]] == ["frontier", "marginal_cost"]
    rates = [line[1] for line in data["choices"]["sheets"][1][0]["lines"]]
    assert rates == pytest.approx(curve["rate"].tolist(), abs=1e-6)


def test_a_target_out_of_reach_has_its_page(town: Any) -> None:
    folder, names = town
    data = _data(folder / names["steep"])
    assert data["infeasible"]
    assert "60.0 %" in data["answers"][""][1]["answer"]
    assert {"highest", "repairs"} <= {table["key"] for table in data["obstacles"][0]["tables"]}


def test_of_several_plans_the_best_known_one_is_shown_in_full(town: Any) -> None:
    folder, names = town
    plan = names["run"]
    plans = dict.fromkeys(("plan_01", "plan_02", "plan", "base", "more"), plan)
    rows = [{"plan": "plan_01", "why": "different", "cost": 2.0}, {"plan": "plan_02", "why": "cheapest", "cost": 1.0}]
    found = mfa.Bundle({"alternatives": pd.DataFrame(rows)}, {"kind": "alternatives"}, runs=plans)
    page = _data(mfa.view(found, out=folder / "alternatives.html"))
    assert (page["shown"], page["kind"]) == ("plan_02", "alternatives")
    points = pd.DataFrame([{"plan": "less", "target": 0.24, "reached": 0.28, "cost": 5e6}])
    found = mfa.Bundle({"percentage_points": points}, {"kind": "worth"}, runs=plans)
    assert _data(mfa.view(found, out=folder / "worth.html"))["shown"] == "plan"
    judged = pd.DataFrame([{"plan": "all:regret", "holds_in": 2, "scenarios": 2, "expected": 9e6, "chosen": True}])
    robust = mfa.RobustRun({"measures": judged}, {"kind": "robust"}, given_runs=plans)
    page = _data(mfa.view(robust, out=folder / "robust.html"))
    assert page["shown"] == "base"
    assert page["choices"]["sheets"][1][0]["lines"] == [["best for all (largest regret)", 2, 2, 9000, "yes"]]
    with pytest.raises(mfa.RunError, match="no plan of the run|ingen af"):
        mfa.view(mfa.Bundle({}, {"kind": "worth"}, runs={}), out=folder / "none.html")


def test_the_command_says_where_the_page_is(town: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = town
    plan = str(folder / "town-plan")
    assert main(["view", plan, "--lang", "da"]) == 0
    assert "page.html" in capsys.readouterr().out
    assert _data(folder / "town-plan" / "reports" / "page.html")["lang"] == "da"
    target = folder / "new" / "side.html"
    assert main(["view", plan, "--out", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "page": str(target), "bytes": target.stat().st_size}
    assert sorted(path.name for path in target.parent.iterdir()) == ["side.html"]


def test_what_is_no_plan_has_no_page(town: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = town
    mfa.account(folder / "town.xlsx", out=folder / "today")
    assert main(["view", str(folder / "today"), "--lang", "da"]) == 2
    assert "siden laves af en plan" in capsys.readouterr().err
    assert main(["view", str(folder / "nothing"), "--lang", "en"]) == 2
    assert "nothing" in capsys.readouterr().err
    # A folder in place of the file is told as such.
    assert main(["view", str(folder / "town-plan"), "--out", str(folder), "--lang", "en"]) == 2
    assert str(folder) in capsys.readouterr().err
    loose = Run.load(folder / "town-plan")
    loose = Run(loose.tables, loose.info, given_case=loose.case)
    with pytest.raises(mfa.RunError, match="memory"):
        mfa.view(loose)


def test_the_browser_is_asked_to_show_it(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = town
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    page = mfa.view(folder / "town-plan", open=True)
    assert asked == [page.resolve().as_uri()]
