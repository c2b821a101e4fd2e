"""A sweep as its readers meet it: sentences, the sheet of the region's workbook against the tables, the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import mfa
from flows.case_draws import CaseDraws
from mfa.cli import main
from mfa.sweep_folder import SweepFolder
from mfa.sweep_plan import sweep_sentences
from mfa.workbook_write import write_case_object
from models.formulation_parts import Decisions
from models.sweep_done import OUTCOME_TYPES, Done
from models.sweep_tasks import MANIFEST
from tests.cases.pencil import DEAR, pencil

CAPTURE = [
    {"scheme": "mix", "fraction": "paper", "stream": "bag", "share": 1},
    {"scheme": "sort", "fraction": "paper", "stream": "bin", "share": 0.6, "low": 0.5, "high": 0.7},
    {"scheme": "sort", "fraction": "paper", "stream": "bag"},
]
DRAWS = 12
COSTS = {0.2: 16400.0, 0.4: 17800.0}


def _decided(sorting: str) -> Decisions:
    """Return who sorts; both plants stand."""
    home = {"sector": "homes", "segment": "houses", "period": 2025, "share": 1.0}
    schemes = [{"municipality": town, **home, "scheme": "sort" if town in sorting else "mix"} for town in "AB"]
    steps = [{"facility": name, "size": "existing", "period": 2025, "on": 1.0} for name in ("mill", "oven")]
    return Decisions(pd.DataFrame(schemes), pd.DataFrame(steps))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> mfa.Sweep:
    """Two targets in the case as it is and in draws, 90 % too; the last task is not finished. Nothing is searched."""
    case = pencil(capture=CAPTURE, change={"schemes": DEAR})
    drawn = CaseDraws(case, DRAWS, 3)
    asked = [(draw, target) for draw in range(DRAWS + 1) for target in (*COSTS, 0.9)]
    rows = [
        (k, "", target, "all", "collected", 2025, draw, draw, 0 if k else -1) for k, (draw, target) in enumerate(asked)
    ]
    info = {
        "versions": {}, "input": {"name": "towns.xlsx", "sha256": "0"}, "currency": "DKK",
        "options": {"draws": DRAWS, "seed": 3, "gap": 0.0, "time_limit": 60.0},
    }  # fmt: skip
    folder = SweepFolder.create(
        tmp_path_factory.mktemp("sweep") / "sweep",
        info,
        pd.DataFrame(rows, columns=MANIFEST),
        drawn.table(),
        lambda path: write_case_object(case, path),
    )
    values = drawn.table().set_index("draw")["value"]
    done = []
    for task, (draw, target) in enumerate(asked[:-1]):
        blank: dict[str, Any] = {name: float("nan") for name in OUTCOME_TYPES}
        row = {**blank, "task": task, "status": "infeasible", "reason": "infeasible", "certified": False}
        if target in COSTS:
            rate = (2 / 3 if target == 0.4 else 1 / 3) * (values[draw] if draw else 0.6)
            cost = COSTS[target] + (1e4 * (0.6 - values[draw]) if draw else 0.0)
            row |= {
                "status": "optimal",
                "reason": "",
                "certified": True,
                "cost": cost,
                "bound": cost,
                "gap": 0.0,
                "rate": rate,
                "co2e": 0.0,
            }
        else:
            row |= {"highest_rate": 0.6}
        done.append(Done(task, row, _decided("A" if target == 0.4 else "B") if target in COSTS else None))
    folder.write(done)
    return mfa.read_sweep(folder.folder)


@pytest.fixture(scope="module")
def page(sweep: mfa.Sweep) -> Path:
    return mfa.view(sweep, lang="da")


def test_what_is_finished_is_read_while_the_rest_is_missing(sweep: mfa.Sweep) -> None:
    told = sweep.read()
    assert sweep.missing == 1 and set(told) == {"spread", "presence", "correlation", "regret", "choices"}
    assert told["spread"].set_index("target")["missing"].to_dict() == {0.2: 0, 0.4: 0, 0.9: 1}
    strongest = told["correlation"].query("outcome == 'cost'")
    assert strongest["correlation"].to_numpy() == pytest.approx(-1.0)
    assert set(strongest["n"]) == {DRAWS} and set(strongest["status"]) == {"assumed"}


def test_it_is_told_in_both_languages(sweep: mfa.Sweep) -> None:
    danish, english = (sweep_sentences(sweep, lang) for lang in ("da", "en"))
    assert len(danish) == len(english) == 4
    assert danish[0].startswith("Målet 40 % nås i 100 % af fremtiderne (13 af 13); planen koster fra ")
    assert english[2] == "1 of them are not finished; this is what the others say."
    assert danish[3] == "Af de usikre tal, der er varieret, er 100 % antagelser; de er mærket »antaget«."


def test_any_plan_is_carried_out_in_full(sweep: mfa.Sweep) -> None:
    run = sweep.plan(1)
    assert run.info["certificate"]["holds"] and run.info["objective"] == pytest.approx(17800)
    assert run.rate("plan", 2025) == pytest.approx(0.4) and run.info["options"]["task"] == 1
    with pytest.raises(mfa.RunError, match="no plan to show 2"):
        sweep.plan(2)


def test_the_sheet_says_what_the_tables_say(sweep: mfa.Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(sweep.folder), "--lang", "en", "--json"]) == 0
    (path,) = json.loads(capsys.readouterr().out)["reports"]
    assert Path(path).name == "region_en.xlsx"
    book = openpyxl.load_workbook(path)
    rows = [[cell for cell in row if cell is not None] for row in book["Many futures"].values]
    heads = {str(row[0]): number for number, row in enumerate(rows) if len(row) == 1}
    told = sweep.read()

    def below(caption: str, count: int) -> list[list[Any]]:
        return rows[heads[caption] + 2 : heads[caption] + 2 + count]

    spread = below("What the plans cost and reach", 3)
    assert [row[0] for row in spread] == ["20 %", "40 %", "90 %"]
    for row, (_, known) in zip(spread, told["spread"].iterrows(), strict=True):
        assert row[2:6] == [known["plans"], known["tasks"] - known["missing"], known["infeasible"], 0]
        if known["plans"]:
            assert row[6:10] == pytest.approx(known[["cost_low", "cost_median", "cost_high", "rate_median"]].tolist())
    choices = below("Which decisions do best at worst", len(told["choices"]))
    for row, (_, known) in zip(choices, told["choices"].iterrows(), strict=True):
        expected = known[["futures", "of", "worst_regret", "worst_cost", "mean_cost"]].tolist()
        assert row[2:7] == pytest.approx(expected) and row[-1] == known["task"]
    facilities = below("Which facilities are in how many plans", 4)
    assert [row[-5:-2] for row in facilities] == [[1.0, 13, 13]] * 4
    points = below("The plans in the picture: 26 of 26", 26)
    costs = sweep.outcomes.set_index("task")["cost"]
    assert {row[0]: row[2] for row in points} == pytest.approx(costs.dropna().to_dict())
    assert len(book["Many futures"]._charts) == 2 and not (sweep.folder / "run.json").exists()


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_page_shows_all_plans_by_mouse_and_keyboard(open_page: Any, page: Path, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    shown = open_page(page.as_uri())
    if language == "en":
        shown.get_by_role("button", name="English").click()
    assert shown.inner_text("#sweep h2") == {"da": "Mange fremtider", "en": "Many futures"}[language]
    assert shown.locator("#sweep figure").count() == 2
    assert shown.locator("#sweep figure").first.locator("svg.chart > circle").count() == 26
    twin = shown.locator("#sweep figure details summary").first
    twin.focus()
    shown.keyboard.press("Enter")
    assert shown.locator("#sweep figure details table").first.is_visible()
    found = axe.Axe().run(shown).response["violations"]
    assert [item["id"] for item in found if item["impact"] in {"serious", "critical"}] == []
