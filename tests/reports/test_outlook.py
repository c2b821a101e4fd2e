"""What lies around and ahead: growth, other runs, municipalities without names, and what is said when things are missing."""

import pandas as pd
import pytest
from read_back import by_key, opened
from sample import LAST, PLACES, TODAY, YEARS, make_run

from flows.case import typed_table
from flows.tables import BY_NAME
from reports.context import Context
from reports.dwellings import household_costs
from reports.figures import FIGURES
from reports.names import Names
from reports.others import RunParts, beside
from reports.parts import PART_OF, TAB_COLOURS
from reports.projection import projection
from reports.sheets_action_plan import action_plan
from reports.sheets_action_purchases import purchase_table
from reports.sheets_comparison import compared
from reports.sheets_projection import projected
from reports.sheets_scenarios import scenarios
from reports.sheets_summary import answer
from reports.style import contrast
from reports.view import RunView
from reports.words import CATALOGUE, Words
from reports.workbooks import report_pages, write_reports

GROWTH = [
    {"sector": "", "fraction": "", "change": 0.004, "low": -0.01, "high": 0.02},
    {"sector": "households", "fraction": "food", "change": 0.004, "low": 0.0},
]


def context(view, language="da", place="159"):
    words = Words(language)
    return Context(view.place(place), Names(view.case, words), words)


@pytest.fixture(scope="module")
def growing(run):
    case, tables, info = run
    return RunView(case.with_table("growth", typed_table(BY_NAME["growth"], GROWTH)), tables, info)


def test_amounts_at_low_and_high_growth_follow_the_growth_of_the_case(growing):
    found = growing.once(projection)
    assert found.ranged and found.years == list(range(2025, 2037))
    metal = found.amounts[
        (found.amounts["municipality"] == "159")
        & (found.amounts["segment"] == "single_family")
        & (found.amounts["fraction"] == "metal")
    ].set_index("year")
    for year in YEARS:
        years = year - TODAY
        assert metal.loc[year, "low"] / metal.loc[year, "base"] == pytest.approx((0.99 / 1.004) ** years)
        assert metal.loc[year, "high"] / metal.loc[year, "base"] == pytest.approx((1.02 / 1.004) ** years)
    # A year between those of the plan carries the one before on.
    assert metal.loc[2026, "base"] / metal.loc[2025, "base"] == pytest.approx(1.004)
    assert metal.loc[2036, "base"] / metal.loc[2035, "base"] == pytest.approx(1.004)
    food = found.amounts[(found.amounts["sector"] == "households") & (found.amounts["fraction"] == "food")]
    assert (food["high"] == food["base"]).all()  # no high end is given
    assert (food["low"] < food["base"]).all()


def test_rates_at_low_and_high_growth_are_those_of_the_other_amounts(growing, run):
    rates = growing.once(projection).rates.set_index(["municipality", "year"])
    table = run[1]["rates"]
    own = table[(table["scope"] == "all") & (table["method"] == "collected") & (table["variant"] == "plan")]
    for row in own.to_dict("records"):
        assert rates.loc[(row["municipality"], row["year"]), "base"] == pytest.approx(row["rate"])
    # Food grows less than the rest in both courses, and food is sorted less than building waste.
    last = rates.loc[("159", LAST)]
    assert last["low"] != last["base"] != last["high"]
    page = projected(context(growing))
    assert "ved lav vækst" in page.answer
    assert [column.key for column in page.blocks[0].columns][1:4] == ["low", "base", "high"]


def test_a_case_without_a_range_of_growth_says_so(view):
    page = projected(context(view, "en"))
    assert "gives no range of growth" in page.answer
    assert "low" not in [column.key for table in (page.blocks[0], page.blocks[2]) for column in table.columns]


def test_a_method_whose_denominator_is_another_has_no_rate_by_growth(run):
    case, tables, info = run
    rates = tables["rates"].assign(rate=tables["rates"]["rate"] * 0.5)
    found = projection(RunView(case, {**tables, "rates": rates}, info))
    assert found.rates.empty


def test_the_other_municipalities_can_be_without_names(run, tmp_path):
    (path,) = write_reports(*run, tmp_path, "da", ["159"], anonymous=True)
    book = opened(path)
    others = {"København", "Bornholm"}
    for name in ("Sammenligning", "Data"):
        texts = {cell.value for row in book[name].iter_rows() for cell in row if isinstance(cell.value, str)}
        assert not any(other in text for text in texts for other in others)
    view = RunView(*run, anonymous=True)
    rows = by_key(book, "comparison", report_pages(view, context(view).names, Words("da"), "159"))
    assert sorted(rows["name"]) == ["Kommune 1", "Kommune 3", "► Gladsaxe"]
    assert "uden navn" in " ".join(compared(context(view)).lead)


def test_a_case_of_one_municipality_has_nothing_to_compare_with():
    view = RunView(*make_run(PLACES[1:2]))
    words = Words("en")
    names = [page.name for page in report_pages(view, Names(view.case, words), words, "159")]
    assert "Comparison" not in names and "Scenarios" in names


def low_growth(run):
    """Return another run of the same case: a scenario with a tenth less of everything."""
    case, tables, info = run
    scaled = {
        name: tables[name].assign(**{value: tables[name][value] * 0.9})
        for name, value in (("flows", "mass_t"), ("costs", "amount"), ("emissions", "kg_co2e"))
    }
    rows = [{"scenario": "low", "name_da": "Lav vækst", "table": "growth", "column": "change", "operation": "low"}]
    named = case.with_table("scenarios", typed_table(BY_NAME["scenarios"], rows))
    info = {**info, "options": {**info["options"], "scenario": "low"}, "gap": 0.0}
    return RunParts(named, {**tables, **scaled}, info, "low-run")


def test_other_runs_stand_beside_with_their_distance_from_the_plan(run):
    part = low_growth(run)
    view = RunView(part.case, run[1], run[2])
    view.others = beside([part], "all", "collected", LAST)
    for language, label in (("da", "Plan 2035: Lav vækst"), ("en", "Plan 2035: Lav vækst")):
        page = scenarios(context(view, language))
        table = page.blocks[0]
        names = [column.key for column in table.columns]
        rows = {line[0]: dict(zip(names, line, strict=True)) for line in table.lines}
        plan, other = rows["Plan 2035"], rows[label]
        for key in ("waste", "burnt", "cost", "fee", "climate"):
            assert other[key] == pytest.approx(0.9 * plan[key])
        assert other["points_apart"] == pytest.approx(0)
        assert other["fee_apart"] == pytest.approx(-0.1 * plan["fee"])
        assert other["climate_apart"] == pytest.approx(-0.1 * plan["climate"])
        assert other["proof"] == Words(language)("proven_cheapest")
        assert other["met"] == Words(language)("status_missed")
        assert rows["Reference 2035"]["fee_apart"] is None
    listed = scenarios(context(view, "en")).blocks[-1]
    assert [line[1:] for line in listed.lines] == [["low", "growth (1)", "shown above"]]


def test_another_run_without_a_plan_of_the_year_says_why(run):
    case, tables, info = run
    rates = tables["rates"]
    bare = {**tables, "rates": rates[rates["variant"] != "plan"]}
    view = RunView(*run)
    view.others = beside(
        [RunParts(case, bare, {**info, "status": "infeasible"}, "a"), RunParts(case, bare, info, "b")],
        "all", "collected", LAST,
    )  # fmt: skip
    lines = scenarios(context(view, "en")).blocks[0].lines
    assert [line[0] for line in lines[3:]] == ["Plan 2035: run a", "Plan 2035: run b"]
    assert [line[-2] for line in lines[3:]] == ["✗ cannot be reached", "no plan for 2035"]


def test_a_run_is_judged_alike_by_itself_and_beside_another(run):
    case, tables, info = run
    rows = case["targets"].assign(binding=True, year=LAST)
    hard = pd.DataFrame([{**rows.iloc[0].to_dict(), "municipality": "159", "rate": 0.99}])
    for targets in (rows.assign(rate=0.1), pd.concat([rows.assign(rate=0.1), hard], ignore_index=True)):
        for asked in (0.1, 0.99):
            told = {**info, "target": {**info["target"], "rate": asked}}
            other = case.with_table("targets", targets)
            view = RunView(other, tables, told)
            view.others = beside([RunParts(other, tables, told, "twin")], "all", "collected", LAST)
            table = scenarios(context(view, "en")).blocks[0]
            met = table.column("met")
            assert met[2] == met[3] != ""
            assert met[2].startswith("✓") == (len(targets) == len(rows) and asked < 0.5)


def test_without_a_plan_only_those_beside_are_compared(run):
    case, tables, info = run
    less = {name: frame[frame["variant"] != "plan"] if "variant" in frame else frame for name, frame in tables.items()}
    view = RunView(case, less, {**info, "status": "infeasible"})
    view.others = beside([RunParts(*run, "x")], "all", "collected", LAST)
    page = scenarios(context(view, "en"))
    rate = view.others[0].figures.loc["159", "rate"]
    assert page.answer.count(f"{100 * rate:.1f} %") == 2
    assert page.answer.endswith("this run has no plan.")


def test_figures_of_other_runs_add_up_over_municipalities(run):
    (other,) = beside([RunParts(*run, "x")], "all", "collected", LAST)
    assert list(other.figures.columns) == list(FIGURES)
    for key in ("waste", "burnt", "homes", "mixed", "cost", "fee", "climate"):
        assert other.figures.loc[["101", "159", "400"], key].sum() == pytest.approx(other.figures.loc["", key])


def test_household_costs_lose_nothing_in_any_municipality(view):
    found = household_costs(view).groupby(["variant", "municipality"])["amount"].sum()
    paid = view.sums.costs[(view.sums.costs["payer"] == "household")]
    for variant, year in view.years.items():
        expected = paid[(paid["variant"] == variant) & (paid["year"] == year)].groupby("municipality")["amount"].sum()
        assert found[variant].to_dict() == pytest.approx(expected.to_dict())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"certificate": {"holds": False}}, "WARNING: the independent control of the plan fails"),
        ({"status": "time_limit"}, "but it is not proven that the plan is the cheapest way"),
        ({"status": "time_limit", "target": {"rate": float("nan")}}, "not proven that the plan is the cheapest way"),
    ],
)
def test_the_first_sentence_says_what_does_not_hold_or_is_not_proven(run, changes, said):
    case, tables, info = run
    assert said in answer(context(RunView(case, tables, {**info, **changes}), "en"))


def test_the_first_sentence_names_every_other_target_that_must_be_reached_and_is_not(run):
    case, tables, info = run
    rows = case["targets"].assign(binding=True)
    own = pd.DataFrame([{**rows.iloc[0].to_dict(), "name": "Own", "municipality": "159", "rate": 0.99}])
    view = RunView(case.with_table("targets", pd.concat([rows, own], ignore_index=True)), tables, info)
    text = answer(context(view, "en"))
    assert "not reached either: Own in 2035" in text and "EU 65 % in 2035" in text
    assert "Own" not in answer(context(view, "en", "101"))


@pytest.mark.parametrize("lacking", [("plan",), ("reference",), ("reference", "plan")])
@pytest.mark.parametrize("place", ["159", ""])
def test_every_sheet_has_something_to_say_without_plan_or_reference(run, lacking, place):
    case, tables, info = run
    less = {
        name: frame[~frame["variant"].isin(lacking)] if "variant" in frame else frame for name, frame in tables.items()
    }
    view = RunView(case, less, {**info, "status": "infeasible" if "plan" in lacking else "optimal"})
    words = Words("da")
    for page in report_pages(view, Names(case, words), words, place):
        assert page.answer.endswith(".") and "nan" not in page.answer.split()


def test_every_sheet_belongs_to_a_part_and_tabs_can_be_told_apart():
    sheets = {key for key in CATALOGUE if key.startswith("sheet_")}
    assert {f"sheet_{key}" for key in PART_OF} <= sheets
    assert all(contrast(colour, "#FFFFFF") >= 3.0 for colour in TAB_COLOURS.values())


def test_what_public_buyers_decide_is_part_of_the_plan_of_action(run):
    case, tables, info = run
    named = typed_table(
        BY_NAME["purchasing"], [{"purchase": "roads", "name_da": "Veje", "market": "m", "maximum": 9.0}]
    )
    row = {"variant": "plan", "purchase": "roads", "market": "m", "output": "product"}
    bought = pd.DataFrame(
        [
            {**row, "year": year, "municipality": place, "mass_t": mass, "extra_cost": -3e6}
            for year, place, mass in ((2030, "", 5.0), (LAST, "", 7.0), (LAST, "101", 2.0), (2025, "101", 0.0))
        ]
    )
    view = RunView(case.with_table("purchasing", named), {**tables, "purchases": bought}, info)
    assert purchase_table(context(view)).lines == [
        [2030, "Køb genanvendt frem for nyt: Veje", "alle offentlige indkøbere", 7.0, -3000.0]
    ]
    whole = purchase_table(context(view, "en", "")).lines
    assert [line[2:4] for line in whole] == [["all public buyers", 7.0], ["Copenhagen", 2.0]]
    assert action_plan(context(view)).blocks[-1].lines
    assert purchase_table(context(RunView(*run))).lines == []
