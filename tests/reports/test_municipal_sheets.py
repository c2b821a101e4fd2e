"""The municipal workbook, sheet by sheet: what stands in its cells equals the run's tables, in both languages."""

import pandas as pd
import pytest
from read_back import by_key, opened
from sample import FRACTIONS, LAST, PLACES, TODAY, YEARS

from reports.names import Names
from reports.words import Words

OWN = "159"
FILE = {"da": "159_gladsaxe_da.xlsx", "en": "159_gladsaxe_en.xlsx"}
STATES = {"today": TODAY, "reference": LAST, "plan": LAST}
COUNTED = [row[0] for row in FRACTIONS if row[4]]
PEOPLE = {place[0]: place[3] for place in PLACES}
HOMES = {place[0]: (place[4], place[5]) for place in PLACES}


class Read:
    """A workbook of the run in one language, its pages, and the run's tables."""

    def __init__(self, run, pages, folders, language):
        self.case, self.tables, self.info = run
        self.words = Words(language)
        self.names = Names(self.case, self.words)
        self.pages = pages(OWN, language)
        self.book = opened(folders[language] / FILE[language])
        self.live = opened(folders[language] / FILE[language], values=False)

    def __call__(self, key):
        return by_key(self.book, key, self.pages)

    def rows(self, name, variant="plan", year=LAST, place=OWN):
        """Return a table's rows of a place in a variant and year."""
        frame = self.tables[name]
        frame = frame[(frame["variant"] == variant) & (frame["year"] == year)]
        return frame if place is None else frame[frame["municipality"] == place]

    def waste(self, variant, year=LAST, place=OWN):
        """Return last rows of what was waste and is inside the rates."""
        ends = self.rows("flows", variant, year, place)
        return ends[(ends["treatment"] != "") & (ends["treatment"] != "prevention") & ends["fraction"].isin(COUNTED)]

    def costs(self, variant, year=LAST, place=OWN):
        """Return costs with the shared plant spread by the tonnes that are sent there."""
        own = self.rows("costs", variant, year, place)
        shared = self.tables["costs"]
        shared = shared[
            (shared["municipality"] == "") & (shared["variant"] == variant) & (shared["year"] == year)
        ].copy()
        sent = self.rows("flows", variant, year, None)
        sent = sent[(sent["to"] == "sort_1") & (sent["sector"] == "households")].groupby("municipality")["mass_t"].sum()
        shared["amount"] *= sent.get(place, 0.0) / sent.sum() if len(sent) else 0.0
        return pd.concat([own, shared])


@pytest.fixture(scope="module", params=["da", "en"])
def read(request, run, pages, folders):
    return Read(run, pages, folders, request.param)


def test_the_contents_give_every_sheet_its_part_and_the_sentence_it_opens_with(read):
    listed = read("contents")
    sheets = read.book.worksheets
    assert list(listed["sheet"]) == [sheet.title for sheet in sheets[1:]]
    assert listed["part"].iloc[0] in ("", None)
    listed = listed.iloc[1:]
    parts = {read.words(f"part_{part}") for part in ("mapping", "targets", "planning", "appendix")}
    assert set(listed["part"]) == parts
    assert list(listed["part"]) == sorted(listed["part"], key=list(dict.fromkeys(listed["part"])).index)
    for (_, row), sheet in zip(listed.iterrows(), sheets[2:], strict=True):
        assert row["answer"].startswith(sheet["A2"].value)
        assert sheet["A1"].value.endswith(f"· {row['part'][0].lower()}{row['part'][1:]}")
        assert f"{row['part']}: &A" in sheet.oddHeader.right.text or row["part"] in sheet.oddHeader.right.text
    colours = {row["part"]: set() for _, row in listed.iterrows()}
    for (_, row), sheet in zip(listed.iterrows(), sheets[2:], strict=True):
        colours[row["part"]].add(sheet.sheet_properties.tabColor.rgb)
    assert all(len(found) == 1 for found in colours.values())
    assert len({next(iter(found)) for found in colours.values()}) == 4


def test_amounts_per_fraction_in_all_and_each(read):
    shown = read("amounts").set_index("name")
    for fraction in COUNTED:
        row = shown.loc[read.names.of("fraction", fraction)]
        for state, year in STATES.items():
            waste = read.waste(state, year)
            mass = waste.loc[waste["fraction"] == fraction, "mass_t"].sum()
            assert row[state] == pytest.approx(mass, rel=1e-9)
            if state != "reference":
                assert row[f"kg_capita_{state}"] == pytest.approx(mass * 1000 / PEOPLE[OWN], rel=1e-9)
                assert row[f"kg_household_{state}"] == pytest.approx(mass * 1000 / sum(HOMES[OWN]), rel=1e-9)
        assert row["difference"] == pytest.approx(row["plan"] - row["today"])


def test_sources_streams_and_treatment(read):
    sources, streams, treated = (read(key) for key in ("sources", "streams", "treatment"))
    for state, year in STATES.items():
        waste = read.waste(state, year)
        by_source = waste.groupby(["sector", "segment"])["mass_t"].sum()
        expected = {read.names.source(*key): mass for key, mass in by_source.items()}
        assert dict(zip(sources["name"], sources[state], strict=True)) == pytest.approx(expected)
        first = read.rows("flows", state, year)
        by_stream = first[first["scheme"] != ""].groupby("stream")["mass_t"].sum()
        expected = {read.names.of("stream", key): mass for key, mass in by_stream.items()}
        found = {name: mass for name, mass in zip(streams["name"], streams[state], strict=True) if mass}
        assert found == pytest.approx(expected)
        by_end = waste.groupby("treatment")["mass_t"].sum()
        expected = {read.words.term("treatment", key): mass for key, mass in by_end.items()}
        found = {name: mass for name, mass in zip(treated["name"], treated[state], strict=True) if mass}
        assert found == pytest.approx(expected)


def test_facilities_with_load_and_distance(read):
    shown = read("facilities").set_index("name")
    inflow = read.rows("flows").groupby("to")["mass_t"].sum()
    facts = read.rows("facilities", place=None).set_index("facility")
    ways = read.tables["distances"]
    ways = ways[ways["municipality"] == OWN].set_index("facility")["distance_km"]
    for facility, row in facts.iterrows():
        name = read.names.of("facility", facility)
        if name not in shown.index:
            assert inflow.get(facility, 0.0) == 0
            continue
        assert shown.loc[name, "plan"] == pytest.approx(inflow.get(facility, 0.0))
        assert shown.loc[name, "throughput"] == pytest.approx(row["throughput_t"])
        if row["capacity_t"] == row["capacity_t"] and row["capacity_t"] > 0:
            assert shown.loc[name, "load"] == pytest.approx(row["throughput_t"] / row["capacity_t"])
        assert shown.loc[name, "distance"] == ways[facility]


def test_costs_by_purpose_and_payer_and_their_shares(read):
    for key, column in (("cost_categories", "category"), ("cost_payers", "payer")):
        shown = read(key).set_index("name")
        for state, year in STATES.items():
            for name, amount in read.costs(state, year).groupby(column)["amount"].sum().items():
                assert shown.loc[read.words.term(column, name), state] * 1e3 == pytest.approx(amount)
    shares = read("payer_shares")
    for state in STATES:
        assert shares[state].sum() == pytest.approx(1)


def test_what_a_household_pays_by_type_of_dwelling_adds_up_to_what_households_pay(read):
    shown = read("dwellings").set_index("name")
    counts = dict(zip(("single_family", "multi_storey"), HOMES[OWN], strict=True))
    names = {segment: read.names.source("households", segment) for segment in counts}
    for segment, count in counts.items():
        row = shown.loc[names[segment]]
        assert row["dwellings"] == count
        assert row["difference"] == pytest.approx(row["plan"] - row["reference"])
        assert row["tax"] == pytest.approx(0.25 * row["difference"])
        assert row["with_tax"] == pytest.approx(1.25 * row["difference"])
        assert row["plan_with_tax"] == pytest.approx(1.25 * row["plan"])
    for state, year in STATES.items():
        costs = read.costs(state, year)
        paid = costs.loc[costs["payer"] == "household", "amount"].sum()
        each = sum(shown.loc[names[segment], state] * count for segment, count in counts.items())
        assert each == pytest.approx(paid, rel=1e-9)


def test_greenhouse_gases_by_step(read):
    shown = read("climate").set_index("name")
    for state, year in STATES.items():
        gases = read.rows("emissions", state, year)
        net = gases.loc[gases["kind"] != "biogenic", "kg_co2e"].sum() / 1000
        assert shown[state].sum() == pytest.approx(net)


def test_targets_by_every_method_with_points_and_tonnes_to_go_live(read):
    shown = read("to_go")
    rates = read.rows("rates")
    wanted = {("all", "collected"), ("all", "calculation_point")} | {
        (scope, "collected") for scope in rates["scope"].unique()
    }
    assert len(shown) == len(wanted)
    live = by_key(read.live, "to_go", read.pages)
    for position, row in shown.iterrows():
        match = rates[
            (rates["scope"].map(lambda scope: read.words.capital(read.names.scope(scope))) == row["scope"])
            & (rates["method"].map(lambda name: read.words.capital(read.words.term("method", name))) == row["method"])
        ].iloc[0]
        assert row["plan"] == pytest.approx(match["rate"])
        assert row["waste"] == pytest.approx(match["denominator_t"])
        assert row["gap"] == pytest.approx(100 * (match["rate"] - 0.8))
        assert row["tonnes"] == pytest.approx(max(0, 0.8 * match["denominator_t"] - match["numerator_t"]))
        assert live.loc[position, "gap"].startswith("=ROUND(100*(")
        assert live.loc[position, "tonnes"].startswith("=MAX(0,(")


def test_the_plan_of_action_year_by_year(read):
    shown = read("plan_years").set_index("year")
    assert list(shown.index) == list(YEARS)
    for year in YEARS:
        rates = [read.rows("rates", variant, year) for variant in ("reference", "plan")]
        tops = [
            frame.loc[(frame["scope"] == "all") & (frame["method"] == "collected"), "numerator_t"].iloc[0]
            for frame in rates
        ]
        assert shown.loc[year, "tonnes"] == pytest.approx(tops[1] - tops[0], abs=1e-6)
        money = [read.costs(variant, year)["amount"].sum() for variant in ("reference", "plan")]
        assert shown.loc[year, "amount"] * 1e3 == pytest.approx(money[1] - money[0], abs=1e-3)
        gas = [read.rows("emissions", variant, year)["kg_co2e"].sum() / 1000 for variant in ("reference", "plan")]
        assert shown.loc[year, "climate"] == pytest.approx(gas[1] - gas[0], abs=1e-6)
    assert list(shown["count"]) == [0, 0, 5, 1]


def test_decisions_are_told_apart_by_who_decides_and_their_effects_add_up(read):
    together = read("deciders").set_index("decider")
    for decider in ("municipality", "producer", "business"):
        mine = read(f"plan_{decider}")
        whole = together.loc[read.words.term("decider", decider)]
        for key in ("tonnes", "amount", "climate"):
            assert mine[key].sum() == pytest.approx(whole[key])
    schemes = read.rows("schemes")
    assert len(read("plan_municipality")) == len(schemes[schemes["decided_by"] == "municipality"])
    nothing = read.words("nothing_for_state")
    sheet = read.book[read.words("sheet_action_plan")]
    assert any(cell.value == nothing for cell in sheet["A"])
    owners = read("plan_owners")
    assert list(owners["year"]) == [2030, 2035]
    assert list(owners["owner"]) == ["ARC", "ARC"]
    assert list(owners["decide"]) == [2030, 2035]  # no building time is given


def test_the_projection_starts_with_the_plan_and_lasts_twelve_years(read):
    shown = read("projection").set_index("year")
    assert list(shown.index) == list(range(2025, 2037))
    for year in YEARS:
        assert shown.loc[year, "base"] == pytest.approx(read.waste("plan", year)["mass_t"].sum())
        assert shown.loc[year, "capita"] == pytest.approx(shown.loc[year, "base"] * 1000 / PEOPLE[OWN])
    rates = read("projection_rates").set_index("year")
    for year in YEARS:
        found = read.rows("rates", "plan", year)
        expected = found.loc[(found["scope"] == "all") & (found["method"] == "collected"), "rate"].iloc[0]
        assert rates.loc[year, "plan"] == pytest.approx(expected)
    by_source, by_fraction = read("projection_sectors"), read("projection_fractions")
    for year in range(2025, 2031):
        assert by_source[f"year_{year}"].sum() == pytest.approx(shown.loc[year, "base"])
        assert by_fraction[f"year_{year}"].sum() == pytest.approx(shown.loc[year, "base"])


def test_the_comparison_holds_every_municipality_with_its_own_marked_in_words(read):
    shown = read("comparison")
    rates = read.rows("rates", place=None)
    rates = rates[(rates["scope"] == "all") & (rates["method"] == "collected") & (rates["municipality"] != "")]
    expected = rates.sort_values("rate", ascending=False)
    assert list(shown["rank"]) == [1, 2, 3]
    assert list(shown["rate_plan"]) == pytest.approx(list(expected["rate"]))
    names = [read.names.place(place) for place in expected["municipality"]]
    assert [name.removeprefix("► ") for name in shown["name"]] == names
    own = shown[shown["which"] != ""]
    own = own[own["which"].notna()]
    assert list(own["name"]) == ["► Gladsaxe"]
    for place, (_, row) in zip(expected["municipality"], shown.iterrows(), strict=True):
        homes = read.waste("plan", LAST, place)
        homes = homes.loc[homes["sector"] == "households", "mass_t"].sum()
        assert row["homes_plan"] == pytest.approx(homes * 1000 / PEOPLE[place])
        costs = read.costs("plan", LAST, place)
        paid = costs.loc[costs["payer"] == "household", "amount"].sum()
        assert row["fee_plan"] == pytest.approx(paid / sum(HOMES[place]))
        gas = read.rows("emissions", place=place)["kg_co2e"].sum()
        assert row["climate_plan"] == pytest.approx(gas / PEOPLE[place])
    standing = read("standing").iloc[0]
    assert standing["median"] == pytest.approx(expected["rate"].median())
    assert standing["rank_plan"] == list(expected["municipality"]).index(OWN) + 1
    assert standing["count"] == 3


def test_scenarios_show_the_states_and_say_that_no_other_was_computed(read):
    shown = read("scenarios").set_index("name")
    for state, year in STATES.items():
        row = shown.loc[f"{read.words.term('variant', state)} {year}"]
        assert row["waste"] == pytest.approx(read.waste(state, year)["mass_t"].sum())
        assert row["cost"] * 1e3 == pytest.approx(read.costs(state, year)["amount"].sum())
        burnt = read.waste(state, year)
        assert row["burnt"] == pytest.approx(burnt.loc[burnt["treatment"] == "energy_recovery", "mass_t"].sum())
    sheet = read.book[read.words("sheet_scenarios")]
    assert sheet["A2"].value.split()[0] in read.words("scenarios_none")


def test_the_long_table_adds_up_to_the_run_theme_by_theme(read):
    shown = read("data")
    words = read.words
    themes = shown.groupby(["theme", "variant", "year"])["value"].sum()
    ends = read.tables["flows"]
    ends = ends[(ends["treatment"] != "") & (ends["municipality"] == OWN)]
    for variant, years in (("today", [TODAY]), ("reference", YEARS), ("plan", YEARS)):
        label = words.term("variant", variant)
        for year in years:
            mass = ends[(ends["variant"] == variant) & (ends["year"] == year)]["mass_t"].sum()
            money = read.costs(variant, year)["amount"].sum()
            assert themes[(words("data_treated_years"), label, year)] == pytest.approx(mass)
            assert themes[(words("data_costs_years"), label, year)] == pytest.approx(money)
            if variant != "reference" and year == STATES[variant]:
                assert themes[(words("data_treated"), label, year)] == pytest.approx(mass)
                assert themes[(words("data_collected"), label, year)] == pytest.approx(mass)
                assert themes[(words("data_costs"), label, year)] == pytest.approx(money)
    rates = shown[shown["theme"] == words("data_rates")]
    assert set(rates["unit"]) == {words("unit_share")}
    assert rates["value"].between(0, 1).all()
    assert not shown[["theme", "variant", "year", "value", "unit"]].isna().any().any()


def test_breaks_in_method_name_what_must_not_be_compared(read):
    shown = read("breaks").set_index("what")["meaning"]
    rates = read.rows("rates")
    point = rates[(rates["scope"] == "all") & (rates["method"] == "calculation_point")]["rate"].iloc[0]
    assert read.words.percent(point) in shown[read.words("break_methods")]
    assert "2027" in shown[read.words("break_biowaste")]
    assert str(TODAY) in shown[read.words("break_reported")]
