"""The workbooks, read back by another library: figures, languages, safety, pictures, bytes."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from sample import LAST, PLACES, TODAY, make_run

from reports.context import Context
from reports.excel import workbook_bytes
from reports.layout import distinct, sheet_name
from reports.names import Names
from reports.page import Column, Formula, Page, Table
from reports.sheets_summary import summary
from reports.view import RunView
from reports.words import Words
from reports.workbooks import file_names, report_bytes, report_pages, safe, write_reports

STATES = (("today", TODAY), ("reference", LAST), ("plan", LAST))
FILES = {
    "da": ["101_koebenhavn_da.xlsx", "159_gladsaxe_da.xlsx", "400_bornholm_da.xlsx", "region_da.xlsx"],
    "en": ["101_copenhagen_en.xlsx", "159_gladsaxe_en.xlsx", "400_bornholm_en.xlsx", "region_en.xlsx"],
}


def _table(book, name):
    """Return the rows of a table as lists, and its first column as text to find rows by."""
    for sheet in book.worksheets:
        if f"tbl_{name}" in sheet.tables:
            rows = [[cell.value for cell in row] for row in sheet[sheet.tables[f"tbl_{name}"].ref]]
            return {row[0]: row[1:] for row in rows[1:]}
    raise AssertionError(f"no table {name}")


def _head(book, name):
    """Return the heads of a table."""
    for sheet in book.worksheets:
        if f"tbl_{name}" in sheet.tables:
            return [cell.value for cell in sheet[sheet.tables[f"tbl_{name}"].ref][0]]
    raise AssertionError(f"no table {name}")


def _state(frame, variant, year):
    return frame[(frame["variant"] == variant) & (frame["year"] == year)]


def _running_text(sheet):
    """Return what stands between the title and the first blank row."""
    rows = []
    for cell in sheet["A"][1:]:
        if not cell.value:
            break
        rows.append(cell.value)
    return " ".join(rows)


@pytest.fixture(scope="module")
def gladsaxe(folders):
    return openpyxl.load_workbook(folders["da"] / "159_gladsaxe_da.xlsx", data_only=True)


@pytest.fixture(scope="module")
def region(folders):
    return openpyxl.load_workbook(folders["da"] / "region_da.xlsx", data_only=True)


def test_a_file_for_each_municipality_and_one_for_the_region(folders):
    for language, names in FILES.items():
        assert sorted(path.name for path in folders[language].iterdir()) == names


def test_sheets_in_order_of_the_parts_of_a_waste_plan(gladsaxe, region):
    mapping = ["Mængder", "Kilder", "Ordninger", "Behandling", "Strømme", "Anlæg", "Prognose"]
    planning = ["Handleplan", "Økonomi", "Klima", "Scenarier"]
    front, own, last = ["Forside", "Resumé"], ["Sammenligning"], ["Afstemning", "Metode og kilder", "Data"]
    assert gladsaxe.sheetnames == [*front, *mapping, *own, "Mål og status", *planning, *last]
    seen = ["Kort", "Kommuner og fraktioner", "Kommuner og behandling", "Kommuner og anlæg"]
    chosen = ["Kommuner", "Valgte ordninger", "Investeringer", "Fælles anlæg", "Kommuner og ordninger"]
    mapped, planned = [*mapping, *seen], [*planning, *chosen]
    assert region.sheetnames == [*front, *mapped, "Mål og status", *planned, *last]


def test_the_first_sentence_gives_the_rate_the_target_and_the_two_other_rates(run, region, gladsaxe):
    rates = _state(run[1]["rates"], "plan", LAST)
    words = Words("da")

    def rate(place, scope, method):
        row = rates[(rates["municipality"] == place) & (rates["scope"] == scope) & (rates["method"] == method)]
        return words.percent(float(row["rate"].iloc[0]))

    for place, book in (("", region), ("159", gladsaxe)):
        assert book["Resumé"]["A2"].value.startswith(f"I {LAST} genanvendes")
        sentence = _running_text(book["Resumé"])
        assert sentence.startswith(f"I {LAST} genanvendes {rate(place, 'all', 'collected')} af affaldet fra")
        assert f"{rate(place, 'all', 'calculation_point')} målt ved EU's beregningspunkt" in sentence
        assert (
            f"{rate(place, 'all_excluding_construction_demolition', 'collected')} uden bygge- og anlægsaffald"
            in sentence
        )
        assert "80,0 % er ikke nået" in sentence and "der mangler 1,1 procentpoint" in sentence


@pytest.mark.parametrize(
    ("changes", "danish", "english"),
    [
        (
            {"gap": 0.0082, "bound_of": "full yearly model, hauls pooled by technology"},
            "Ingen lovlig plan kan være mere end 0,82 % billigere (bevist mod den fulde årsmodel, viderekørsel samlet pr. "
            "teknologi).",
            "No lawful plan can be more than 0.82 % cheaper (proven against the full yearly model, onward haulage pooled "
            "by technology).",
        ),
        (
            {"gap": 0.013, "bound_of": "a model of tomorrow", "status": "time_limit"},
            "en anden kan være op til 1,30 % billigere (bevist mod a model of tomorrow).",
            "another may be up to 1.30 % cheaper (proven against a model of tomorrow).",
        ),
        (
            {"gap": 0.0, "bound_of": ""},
            "Ingen lovlig plan er billigere (bevist).",
            "No lawful plan is cheaper (proven).",
        ),
    ],
)
def test_what_is_proven_is_said_in_plain_words(run, changes, danish, english):
    case, tables, info = run
    view = RunView(case, tables, {**info, "status": "gap_reached", **changes})
    for language, said in (("da", danish), ("en", english)):
        words = Words(language)
        assert said in " ".join(summary(Context(view.place(""), Names(case, words), words)).lead)


def test_the_summary_shows_the_decisions_that_count_most(gladsaxe):
    rows, heads = _table(gladsaxe, "actions"), _head(gladsaxe, "actions")
    effects = [row[heads.index("Mere genanvendt, t pr. år") - 1] for row in rows.values()]
    assert len(rows) == 3
    assert effects == sorted(effects, reverse=True)
    assert all(name.startswith("Indfør: ") for name in rows)


def test_households_see_their_payment_without_and_with_value_added_tax(gladsaxe):
    rows = _table(gladsaxe, "key_figures")
    without = rows["Husholdningernes betaling pr. husstand, uden moms"]
    added = rows["Husholdningernes betaling pr. husstand, med 25 % moms"]
    assert added[1:4] == pytest.approx([value * 1.25 for value in without[1:4]])
    assert "uden moms; " in _running_text(gladsaxe["Resumé"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"target": {"scope": "all", "method": "collected", "year": LAST, "rate": 0.7}},
            "the target of 70.0 % is reached",
        ),
        ({"status": "time_limit"}, "not proven that the plan is the cheapest"),
        ({"status": "infeasible", "highest_rate": 0.77}, "The highest possible recycling is 77.0 %"),
        ({"certificate": {"holds": False}}, "WARNING: the independent control of the plan fails"),
        ({"gap": None, "status": "feasible"}, "It is not proven how far the plan is"),
    ],
)
def test_what_is_not_reached_or_not_proven_is_said_in_words(run, changes, said):
    case, tables, info = run
    words = Words("en")
    view = RunView(case, tables, {**info, **changes})
    page = summary(Context(view.place(""), Names(case, words), words))
    assert said in " ".join([page.answer, *page.lead])


def test_rates_equal_the_run(run, region):
    rates = run[1]["rates"]
    rows = [row for row in _table(region, "key_figures").items() if row[0].startswith("Genanvendt")]
    assert len(rows) == 5
    own = rates[(rates["municipality"] == "") & (rates["scope"] == "all") & (rates["method"] == "collected")]
    expected = [float(_state(own, variant, year)["rate"].iloc[0]) for variant, year in STATES]
    assert rows[0][1][1:4] == pytest.approx(expected, rel=1e-12)
    assert rows[0][1][6] == pytest.approx(100 * (expected[2] - 0.8))


def test_amounts_per_fraction_equal_the_flows(run, gladsaxe):
    case, tables, _ = run
    flows = tables["flows"]
    ends = flows[(flows["treatment"] != "") & (flows["municipality"] == "159")]
    shown = _table(gladsaxe, "amounts")
    names = case.names("fractions", "da")
    counted = [key for key in names if key != "soil"]
    assert set(shown) == {names[key] for key in counted}
    for key in counted:
        expected = [_state(ends[ends["fraction"] == key], *state)["mass_t"].sum() for state in STATES]
        assert shown[names[key]][:3] == pytest.approx(expected, rel=1e-12)
        assert shown[names[key]][5] == pytest.approx(expected[0] * 1000 / 70000, rel=1e-12)
        assert shown[names[key]][7] == pytest.approx(expected[0] * 1000 / 34000, rel=1e-12)
    assert set(_table(gladsaxe, "outside")) == {"Jord"}


def test_treatment_sources_and_streams_add_up_to_the_same_waste(run, gladsaxe):
    flows = run[1]["flows"]
    ends = flows[(flows["treatment"] != "") & (flows["municipality"] == "159") & (flows["fraction"] != "soil")]
    expected = [_state(ends, *state)["mass_t"].sum() for state in STATES]
    for name in ("treatment", "sources"):
        rows = _table(gladsaxe, name).values()
        assert [sum(row[place] for row in rows) for place in range(3)] == pytest.approx(expected, rel=1e-12)
    soil = flows[(flows["scheme"] != "") & (flows["municipality"] == "159")]
    expected = [_state(soil, *state)["mass_t"].sum() for state in STATES]
    rows = _table(gladsaxe, "streams").values()
    assert [sum(row[place + 1] for row in rows) for place in range(3)] == pytest.approx(expected, rel=1e-12)


def test_costs_equal_the_run_in_every_split(run, region):
    costs = run[1]["costs"]
    expected = [_state(costs, *state)["amount"].sum() for state in STATES]
    for name in ("cost_categories", "cost_payers"):
        rows = _table(region, name).values()
        # The invented region spends a thousand million: its money is shown in millions.
        assert [sum(row[place] for row in rows) * 1e6 for place in range(3)] == pytest.approx(expected, rel=1e-12)
    assert "mio. kr." in _head(region, "cost_categories")[1]
    homes = sum(place[4] + place[5] for place in PLACES)
    paid = costs[costs["payer"] == "household"]
    fees = list(_table(region, "fees").values())
    without = [_state(paid, *state)["amount"].sum() / homes for state in STATES]
    assert fees[0][:3] == pytest.approx(without, rel=1e-12)
    assert fees[1][:3] == pytest.approx([value * 0.25 for value in without], rel=1e-12)


def test_no_value_added_tax_where_its_rate_is_not_known(run):
    case, tables, info = run
    euro = case.with_settings(currency="EUR")
    words = Words("en")
    pages = report_pages(RunView(euro, tables, info), Names(euro, words), words, "159")
    assert not any(
        block.key == "fees" and block.lines for page in pages for block in page.blocks if isinstance(block, Table)
    )


def test_climate_equals_the_run(run, region):
    emissions = run[1]["emissions"]
    expected = [_state(emissions, *state)["kg_co2e"].sum() / 1000 for state in STATES]
    for name in ("climate", "climate_fractions"):
        rows = _table(region, name).values()
        assert [sum(row[place] for row in rows) for place in range(3)] == pytest.approx(expected, rel=1e-12)


def test_the_balance_is_shown_and_closes(gladsaxe):
    for inward, outward, gap in _table(gladsaxe, "balance").values():
        assert inward == pytest.approx(outward, rel=1e-12)
        assert gap == 0


def test_effects_by_decider_add_up_to_plan_minus_reference(view, gladsaxe):
    view = view.place("159")
    costs = view.total("costs", "amount")
    rows = _table(gladsaxe, "deciders")
    assert set(rows) == {"Kommunen", "Producenterne", "Virksomhederne"}
    assert "1.000 kr." in _head(gladsaxe, "deciders")[4]
    assert sum(row[3] for row in rows.values()) * 1e3 == pytest.approx(costs["plan"] - costs["reference"], rel=1e-9)


def test_the_region_lists_every_municipality_in_danish_order(region, run):
    rows = _table(region, "municipalities")
    assert list(rows) == ["Bornholm", "Gladsaxe", "København"]
    rates = run[1]["rates"]
    own = _state(
        rates[(rates["municipality"] == "400") & (rates["scope"] == "all") & (rates["method"] == "collected")],
        "plan",
        LAST,
    )
    assert rows["Bornholm"][3] == pytest.approx(float(own["rate"].iloc[0]), rel=1e-12)
    investments = _table(region, "investments")
    assert investments["Restsortering Syd"][-1] == 650
    assert _head(region, "investments")[-1] == "Investering, mio. kr."


def _numbers(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return [
        [
            (cell.coordinate, cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, int | float)
        ]
        for sheet in book.worksheets
    ]


@pytest.mark.parametrize("place", range(4))
def test_both_languages_hold_the_same_numbers_on_the_same_sheets(folders, place):
    danish = _numbers(folders["da"] / FILES["da"][place])
    english = _numbers(folders["en"] / FILES["en"][place])
    for left, right in zip(danish, english, strict=True):
        # Lists in the order of names may differ in order, never in what they hold.
        assert sorted(value for _, value in left) == sorted(value for _, value in right)


def test_no_number_is_text(gladsaxe):
    pattern = re.compile(r"^[−-]?[\d.,]+( %)?$")
    texts = [
        cell.value
        for sheet in gladsaxe.worksheets
        if sheet.title != "Metode og kilder"
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and pattern.match(cell.value) and not re.fullmatch(r"20\d\d", cell.value)
    ]
    assert texts == []


def test_formulas_are_only_our_own_and_carry_their_values(folders):
    allowed = re.compile(
        r"=(SUBTOTAL\(109,[A-Z]+\d+:[A-Z]+\d+\)|[A-Z]+\d+[-+][A-Z]+\d+|"
        r"ROUND\(100\*\([A-Z]+\d+-[A-Z]+\d+\),6\)|"
        r"ROUND\([A-Z]+\d+-[A-Z]+\d+,3\)|MAX\(0,\([A-Z]+\d+-[A-Z]+\d+\)\*[A-Z]+\d+\)|[A-Z]+\d+\*(\(1\+)?[\d.]+\)?)"
    )
    for name in FILES["da"]:
        live = openpyxl.load_workbook(folders["da"] / name)
        stored = openpyxl.load_workbook(folders["da"] / name, data_only=True)
        formulas = 0
        for sheet in live.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        formulas += 1
                        assert allowed.fullmatch(cell.value), cell.value
                        value = stored[sheet.title][cell.coordinate].value
                        assert isinstance(value, int | float)
                        if cell.value.startswith("=SUBTOTAL"):
                            column, first, last = re.match(
                                r"=SUBTOTAL\(109,([A-Z]+)(\d+):[A-Z]+(\d+)\)", cell.value
                            ).groups()
                            cells = [
                                stored[sheet.title][f"{column}{line}"].value
                                for line in range(int(first), int(last) + 1)
                            ]
                            assert value == pytest.approx(sum(item or 0 for item in cells), rel=1e-9, abs=1e-6)
        assert formulas > 20


HOSTILE = ("../../etc", '=cmd|" /C calc"!A0', "=1+1", 300, 100, 100, "", "=HYPERLINK(0)")


def test_hostile_names_are_harmless_text(tmp_path):
    case, tables, info = make_run((*PLACES[:2], HOSTILE))
    schemes = case["schemes"].assign(name_da='=HYPERLINK("http://x")', name_en="https://example.org")
    written = write_reports(
        case.with_table("schemes", schemes), tables, info, tmp_path / "out", "en", [HOSTILE[0], "region"]
    )
    assert [path.name for path in written] == ["etc_1_1_en.xlsx", "region_en.xlsx"]
    assert all(path.parent == tmp_path / "out" for path in written)
    for path in written:
        book = openpyxl.load_workbook(path)
        texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert all(
            cell.data_type != "f"
            or cell.value.startswith(("=SUBTOTAL", "=ROUND", "=100*(", "=MAX(0,("))
            or re.fullmatch(r"=[A-Z]+\d+([-+][A-Z]+\d+|\*(\(1\+)?[\d.]+\)?)", cell.value)
            for cell in texts
        )
        assert any(cell.value == "=1+1" for cell in texts)
        links = [cell for cell in texts if cell.hyperlink]
        assert {cell.value for cell in links} == set(book.sheetnames[1:])
        assert all(cell.hyperlink.target is None and cell.hyperlink.location == f"'{cell.value}'!A1" for cell in links)
        with zipfile.ZipFile(path) as archive:
            charts = "".join(archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name)
            assert "externalLink" not in " ".join(archive.namelist())
        assert "<c:f>1+1" not in charts


def test_every_chart_and_picture_has_an_alternative_text(folders):
    for language, names in FILES.items():
        for name in names:
            with zipfile.ZipFile(folders[language] / name) as archive:
                drawings = [
                    archive.read(item)
                    for item in archive.namelist()
                    if re.fullmatch(r"xl/drawings/drawing\d+\.xml", item)
                ]
                charts = [item for item in archive.namelist() if item.startswith("xl/charts/chart")]
                pictures = [item for item in archive.namelist() if item.startswith("xl/media/")]
            texts = [
                element.get("descr", "")
                for drawing in drawings
                for element in ElementTree.fromstring(drawing).iter()
                if element.tag.endswith("}cNvPr")
            ]
            assert len(charts) >= 8
            assert len(pictures) == (3 if "region" in name else 2)
            assert len(texts) == len(charts) + len(pictures)
            assert all(len(text) > 60 for text in texts)


def test_the_same_run_gives_the_same_bytes(run, folders, tmp_path):
    """A language alone gives what both together gave; of the region's workbook the helpers' test tells the same."""
    (again,) = write_reports(*run, tmp_path, "da", ["159"])
    assert again.read_bytes() == (folders["da"] / again.name).read_bytes()


def test_each_sheet_is_set_up_for_paper_and_screen(folders):
    book = openpyxl.load_workbook(folders["en"] / "region_en.xlsx")
    assert book.properties.title == "The region: waste plan towards 2035"
    assert book.properties.creator == "circular-mfa"
    assert book.properties.language == "en-GB"
    for sheet in book.worksheets:
        assert sheet["A1"].value and sheet["A2"].value
        assert sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in {None, 1} and sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes and sheet.print_title_rows
        assert "&P" in sheet.oddFooter.right.text
        assert not sheet.merged_cells.ranges
        assert sheet.tables
        for table in sheet.tables.values():
            assert table.autoFilter is not None and re.fullmatch(r"tbl_\w+", table.name)
    assert "Page" in book.worksheets[0].oddFooter.right.text


def test_only_the_named_municipalities_and_progress(run, tmp_path):
    seen = []
    written = write_reports(*run, tmp_path, "en", ["400"], progress=lambda *step: seen.append(step))
    assert [path.name for path in written] == ["400_bornholm_en.xlsx"]
    assert seen == [(1, 1, "Bornholm")]


def test_two_who_write_into_one_folder_do_not_meet(run, folders, tmp_path, monkeypatch):
    write_bytes, others = Path.write_bytes, []

    def slow(path, content):
        """Somebody else writes the same workbook between our writing and our moving into place."""
        written = write_bytes(path, content)
        if not others:
            others.append(None)
            others.extend(write_reports(*run, tmp_path, "en", ["400"], workers=1))
        return written

    monkeypatch.setattr(Path, "write_bytes", slow)
    written = write_reports(*run, tmp_path, "en", ["400"], workers=1)
    assert others[1:] == written == list(tmp_path.iterdir())
    assert written[0].read_bytes() == (folders["en"] / written[0].name).read_bytes()


def test_an_unknown_municipality_stops_before_anything_is_written(run, tmp_path):
    with pytest.raises(KeyError, match="999"):
        write_reports(*run, tmp_path / "none", "da", ["159", "999"])
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("lacking", [("plan",), ("reference", "plan")])
def test_a_run_without_plan_still_says_what_is_known(run, lacking):
    case, tables, info = run
    less = {
        name: frame[~frame["variant"].isin(lacking)] if "variant" in frame else frame for name, frame in tables.items()
    }
    words = Words("da")
    content = report_bytes(
        RunView(case, less, {**info, "status": "infeasible", "gap": None}), Names(case, words), words, ""
    )
    assert content[:2] == b"PK"


def test_empty_side_tables_are_no_error(run):
    case, tables, info = run
    bare = dict(tables)
    for name in (
        "calibration",
        "reconciliation",
        "suspects",
        "data_quality",
        "certificate",
        "distances",
        "emissions",
        "counted",
    ):
        bare[name] = tables[name].head(0)
    words = Words("en")
    assert report_bytes(RunView(case, bare, info), Names(case, words), words, "159")[:2] == b"PK"


def test_what_a_csv_file_makes_of_blanks_changes_nothing(run, tmp_path):
    case, tables, info = run
    text = {"municipality": str, "segment": str}
    read = {}
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        read[name] = pd.read_csv(tmp_path / f"{name}.csv", dtype=text)
    words = Words("da")
    names = Names(case, words)
    assert report_bytes(RunView(case, read, info), names, words, "159") == report_bytes(
        RunView(case, tables, info), names, words, "159"
    )


def test_file_names_are_safe_and_differ():
    assert safe("Høje-Taastrup") == "hoeje_taastrup"
    assert safe("../..") == ""
    names = file_names({"": "R", "1": "A/B", "1_a": "b", "ø": "", "..": "..", ".": "!"}, "en")
    assert names == {"": "region_en.xlsx", "1": "1_a_b_en.xlsx", "1_a": "1_a_b_2_en.xlsx", "ø": "oe_en.xlsx",
                     "..": "municipality_en.xlsx", ".": "municipality_2_en.xlsx"}  # fmt: skip


def test_small_parts_of_the_layout():
    assert not set(sheet_name("a/b[c]:d?*\\")) & set("[]:*?/\\")
    assert distinct(["t", "T", "u"]) == ["t", "T (2)", "u"]


def test_two_sheets_of_one_name_are_an_error():
    page = Page("Ark", "T", "A", [Table("t", "", [Column("a", "A")], [["x"]])])
    with pytest.raises(ValueError, match="Ark"):
        workbook_bytes([page, page], {"title": "T"}, "{page}")


def test_a_formula_names_columns_of_its_row(tmp_path):
    columns = [
        Column("name", "Name"),
        Column("a", "A", "whole"),
        Column("b", "B", "whole"),
        Column("c", "C", "whole", total=True),
    ]
    page = Page("Ark", "T", "A", [Table("t", "", columns, [["x", 5, 3, Formula("{a}-{b}", 2.0)]], total="Sum")])
    (tmp_path / "f.xlsx").write_bytes(workbook_bytes([page], {"title": "T"}, "{page}"))
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx")["Ark"]
    assert [cell.value for cell in sheet[5]] == ["x", 5, 3, "=B5-C5"]
    assert sheet["D6"].value == "=SUBTOTAL(109,D5:D5)"


def test_every_sheet_of_every_report_has_an_answer(run):
    case, tables, info = run
    for language in ("da", "en"):
        words = Words(language)
        view, names = RunView(case, tables, info), Names(case, words)
        for place in ("", "101"):
            for page in report_pages(view, names, words, place):
                assert page.answer.endswith((".", "!")) and "{" not in page.answer
                assert not re.search(r"\bnan\b|None", " ".join([page.title, page.answer, *page.lead]))
    assert Context(view.place("101"), names, words).year == LAST


ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@pytest.mark.skipif(
    shutil.which("libreoffice") is None, reason="LibreOffice is not installed: nothing can recalculate the reports"
)
def test_no_error_and_no_other_value_after_libreoffice_recalculates(folders, tmp_path):
    profile = tmp_path / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    files = [folders["da"] / "159_gladsaxe_da.xlsx", folders["en"] / "region_en.xlsx"]
    command = [
        "libreoffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
    ]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=180)
    for path in files:
        before = openpyxl.load_workbook(path, data_only=True)
        after = openpyxl.load_workbook(tmp_path / "out" / path.name, data_only=True)
        for sheet in before.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    found = after[sheet.title][cell.coordinate]
                    assert found.data_type != "e", (sheet.title, cell.coordinate, found.value)
                    if isinstance(cell.value, int | float):
                        assert found.value == pytest.approx(cell.value, rel=1e-9, abs=1e-6), (
                            sheet.title,
                            cell.coordinate,
                        )
