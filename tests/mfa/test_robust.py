"""The public function and the command that plan for several scenarios: run folder, words, exit codes, the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa import commands_robust
from mfa.cli import main
from mfa.robust_run import BY_NAME
from mfa.words import WORDS
from mfa.workbook import write_case
from mfa.workbook_write import write_case_object
from models.stochastic import NotInAll
from tests.cases.pencil import DEAR, pencil
from tests.cases.small import two_towns_tables
from tests.mfa.shown import choices, meets_no_ids, read

ROWS = [
    {"scenario": "growth", "name_da": "Mere affald", "name_en": "More waste", "table": "generation", "column": "amount",
     "operation": "factor", "value": "1.3", "weight": 0.25},
    {"scenario": "no sorter", "table": "facilities", "filter": "facility=sorter", "operation": "remove", "weight": 0.25},
]  # fmt: skip


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose target of 48 % cannot be reached without the sorter."""
    settings, tables = two_towns_tables()
    tables |= {"targets": [{"scope": "all", "method": "collected", "year": 2025, "rate": 0.48}], "scenarios": ROWS}
    return write_case(settings, tables, tmp_path_factory.mktemp("robust") / "towns.xlsx")


@pytest.fixture(scope="module")
def stored(towns: Path) -> mfa.RobustRun:
    """The plan for all scenarios where a missing tonne costs 1 000."""
    return mfa.robust(towns, shortfall_price=1000, measure="regret", gap=0.0, out=towns.parent / "run")


def test_the_run_is_whole_and_can_be_read_again(stored: mfa.RobustRun, towns: Path) -> None:
    again = mfa.Run.load(towns.parent / "run")
    assert isinstance(again, mfa.RobustRun)
    assert set(again.tables) == set(BY_NAME)
    for name, table in BY_NAME.items():
        assert [column.name for column in table.columns] == list(stored.tables[name].columns)
        assert len(again.tables[name]) == len(stored.tables[name])
    assert again.info["scenarios"] == {"base": 0.5, "growth": 0.25, "no sorter": 0.25}
    assert set(again.runs) == {"base", "growth", "no sorter"}
    assert again.runs["no sorter"].folder == towns.parent / "run" / "scenarios" / "no_sorter"
    performance = stored.tables["performance"]
    assert set(performance["certificate"]) == {"holds"}
    chosen = performance[performance["chosen"]].set_index("scenario")
    for name, run in again.runs.items():
        assert run.info["objective"] == pytest.approx(chosen.loc[name, "cost"])
        assert run.info["certificate"]["holds"]
        costs = run.tables["costs"].query("variant == 'plan'")
        assert costs["in_objective"].sum() == pytest.approx(run.info["objective"])
    # Without the sorter three bins give 243 of 600 t, 45 t less than 48 %.
    assert chosen.loc["no sorter", "shortfall_t"] == pytest.approx(45)
    assert chosen.loc["no sorter", "penalty"] == pytest.approx(45000)
    assert again.runs["no sorter"].info["missed"][0]["short_t"] == pytest.approx(45)
    assert again.runs["no sorter"].case["facilities"]["facility"].tolist() == ["burner", "digester", "recycler"]
    assert "all:regret" in again._repr_html_()
    assert stored.runs["growth"].folder is not None


def test_reports_are_made_from_one_scenario(stored: mfa.RobustRun, towns: Path) -> None:
    with pytest.raises(mfa.RunError) as caught:
        mfa.report(stored)
    assert "scenarios/base" in str(caught.value)
    paths = mfa.report(stored.runs["growth"], lang="en", municipality="region")
    assert [path.exists() for path in paths] == [True]


@pytest.fixture
def planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second command tell what the first one planned: they differ in their words alone."""
    plan, found = commands_robust.plan_robust, []

    def known(*arguments: Any, **options: Any) -> mfa.RobustRun:
        if not found:
            try:
                found.append(plan(*arguments, **options))
            except NotInAll as error:
                found.append(error)
        if isinstance(found[0], NotInAll):
            raise found[0]
        return found[0]

    monkeypatch.setattr(commands_robust, "plan_robust", known)


@pytest.mark.usefixtures("planned_once")
def test_a_target_out_of_reach_in_one_scenario_is_four(
    towns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(tmp_path / "none")
    assert main(["robust", str(towns), "--out", run, "--lang", "da", "--scenarios", "no sorter"]) == 4
    told = capsys.readouterr().err
    assert "Ingen plan når målene i alle scenarier" in told
    assert "Scenariet no sorter når dem ikke, heller ikke alene" in told
    assert '--scenario "no sorter" siger' in told
    assert "højeste rate (all, collected) i 2025: 40,5 %; målet er 48,0 %" in told
    assert not Path(run).exists()
    assert main(["robust", str(towns), "--out", run, "--json", "--scenarios", "no sorter"]) == 4
    answer = json.loads(capsys.readouterr().out)
    assert answer["alone"] == ["no sorter"]
    assert answer["highest"][0]["highest"] == pytest.approx(0.405)


@pytest.mark.usefixtures("planned_once")
def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = write_case_object(pencil(change={"schemes": DEAR}, scenarios=ROWS[:1]), tmp_path / "towns.xlsx")
    common = ["robust", str(book), "--scenarios", "base,growth", "--target", "40%", "--out", str(tmp_path / "run")]
    common += ["--measure", "worst", "--weights", "base=3,growth=1"]
    assert main([*common, "--lang", "en", "-q"]) == 0
    told = capsys.readouterr().out
    assert "base (75 %)" in told
    assert "To know the scenario in time is worth" in told
    assert "the certificate holds for" in told
    assert main([*common, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"]
    assert answer["measure"] == "worst"
    assert {row["scenario"] for row in answer["performance"]} == {"base", "growth"}
    assert {row["name"] for row in answer["values"]} == {"WS", "RP", "EEV", "EVPI", "VSS"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--measure", "worse"], 2, "mente du 'worst'"),
        (["--alpha", "2"], 2, "'2' er ingen andel"),
        (["--weights", "base=1,growth"], 2, "er ingen vægte"),
        (["--weights", "base=1,growth=-1"], 2, "er ingen vægte"),
        (["--weights", "base=1", "--scenarios", "base,growth"], 2, "der mangler en vægt for: growth"),
        (["--shortfall-price", "-3"], 2, "er ingen pris"),
        (["--first-stage-until", "1999"], 2, "first_stage_until '1999'"),
        (["--scenarios", "base,grow"], 3, "mente du 'growth'"),
        (["--gap", "x"], 2, "--gap"),
    ],
)
def test_options_that_make_no_sense_are_told(
    towns: Path, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["robust", str(towns), "--lang", "da", *arguments]) == code
    assert said in capsys.readouterr().err
    assert not towns.with_name("towns-robust").exists()


def test_a_scenario_that_changes_the_years_is_refused(towns: Path) -> None:
    row = {"scenario": "later", "table": "settings", "column": "plan_years", "operation": "value", "value": "2026"}
    settings, tables = two_towns_tables()
    case = mfa.Case.from_tables(settings, {**tables, "scenarios": [row]})
    with pytest.raises(mfa.OptionError) as caught:
        mfa.robust(case)
    assert "plan_years" in str(caught.value)


def test_every_word_is_said_in_both_languages() -> None:
    from mfa.words_robust import ROBUST

    for key, (danish, english) in ROBUST.items():
        assert WORDS[key] == (danish, english)
        assert danish.count("{") == english.count("{")


def test_futures_have_their_names_and_the_chosen_plan_comes_first(
    stored: mfa.RobustRun, browser: Any, tmp_path: Path
) -> None:
    page = mfa.view(mfa.Run.load(str(stored.folder)), tmp_path / "futures.html")
    texts, drawn = read(browser, page)
    meets_no_ids(texts)
    assert drawn == 0
    data, tables = choices(page)
    chosen = stored.tables["measures"].query("chosen").iloc[0]
    assert [line[-1] for line in tables["measures"]] == ["yes"] + ["no"] * (len(tables["measures"]) - 1)
    assert tables["measures"][0][3:6] == pytest.approx([chosen["expected"], chosen["worst"], chosen["regret"]], abs=1)
    first = tables["measures"][0][0]
    assert [line[:2] for line in tables["performance"][:3]] == [
        [first, "the case as it is"], [first, "More waste"], [first, "no sorter"],
    ]  # fmt: skip
    assert [line[0] for line in tables["values"]][-2:] == ["To know the future is worth", "To plan for all is worth"]
    found = dict(zip(stored.tables["values"]["name"], stored.tables["values"]["value"], strict=True))
    assert tables["values"][0][1] == pytest.approx(found["WS"], abs=1)
    danish, english = data["shownName"]
    assert danish == "den valgte plan i fremtiden: sagen, som den er" and "the case as it is" in english
