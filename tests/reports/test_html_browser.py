"""The page of a run as its readers meet it: clicked through in Chromium, by mouse, keyboard and what axe can see."""

import re

import pandas as pd
import pytest
from sample import LAST, TODAY, make_run

from reports.html_page import page_html
from reports.sankey import drawing, links
from reports.view import RunView
from reports.words import Words

LYING = {"101": (55.68, 12.57), "159": (55.74, 12.47), "400": (55.10, 14.71)}
CURVE = [
    ("point_01", 0.70, 950.0, 3.00e10, 2.9e10, 0.03, True),
    ("point_02", 0.80, 900.0, 3.20e10, 3.1e10, 0.03, True),
    ("point_03", 0.78, 940.0, 3.25e10, 3.1e10, 0.04, False),
]
SCREEN = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}


def _placed():
    """Return the invented run with its towns where they lie, and a name that looks like markup."""
    case, tables, info = make_run()
    rows = case["municipalities"]
    at = [LYING[name] for name in rows["municipality"]]
    rows = rows.assign(lat=[lat for lat, _ in at], lon=[lon for _, lon in at])
    rows.loc[rows["municipality"] == "159", ["name_da", "name_en"]] = "<b>Gladsaxe</b> & {name}"
    return case.with_table("municipalities", rows), tables, info


@pytest.fixture(scope="module")
def placed():
    return _placed()


@pytest.fixture(scope="module")
def address(placed, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    several = {
        "frontier": pd.DataFrame(CURVE, columns=["point", "rate", "co2e_kt", "cost", "bound", "gap", "efficient"])
    }
    path.write_text(page_html(*placed, "da", several, "point_02", "frontier"), "utf-8")
    return path.as_uri()


@pytest.fixture
def page(open_page, address):
    return open_page(address)


def bands(page):
    """Return the bands by their ends: left, upper edge, right, upper edge there, width."""
    found = {}
    for band in page.query_selector_all("#flows .band"):
        n = [float(value) for value in re.findall(r"-?\d+\.\d+", band.get_attribute("d"))]
        title = band.query_selector("title").text_content().split(": ")[0]
        found[title] = (n[0], n[1], n[6], n[7], n[9] - n[7])
    return found


@pytest.mark.parametrize("variant", ["today", "plan"])
@pytest.mark.parametrize("place", ["", "101", "400"])
def test_the_flow_diagram_is_the_one_of_the_workbooks(page, placed, place, variant):
    view = RunView(*placed)
    page.select_option("#place", place)
    page.select_option(
        "#state", label=f"{Words('da').term('variant', variant)} {TODAY if variant == 'today' else LAST}"
    )
    part = view.part("links", place)
    picture = drawing(links(part[part["variant"] == variant]), Words("da"))
    wanted = {}
    for shape in picture.items:
        title = getattr(shape, "title", "").split(": ")[0]
        if title and title not in wanted:
            (start,) = (numbers for step, numbers in shape.steps[:1])
            curve = next(numbers for step, numbers in shape.steps if step == "C")
            after = next(numbers for step, numbers in shape.steps[3:] if step == "L" and numbers[1] > curve[5])
            # The margin above the picture is the frame's, not the layout's.
            wanted[title] = (start[0], start[1] - 6, curve[4], curve[5] - 6, after[1] - curve[5])
    found = bands(page)
    assert len(wanted) > 5 and set(found) == set(wanted)
    for title, numbers in wanted.items():
        assert found[title] == pytest.approx(numbers, abs=0.1)


def test_enter_opens_a_node_and_closes_it_again(page):
    node = page.locator("[data-node='treatment:energy_recovery']")
    mass = page.locator("[data-node='treatment:energy_recovery'] text").last.text_content()
    before = len(bands(page))
    node.focus()
    page.keyboard.press("Enter")
    parts = page.locator("[data-node^='part:energy_recovery|']")
    count = parts.count()
    assert count == 4
    assert page.evaluate("document.activeElement.dataset.node").startswith("part:energy_recovery|")
    assert f"{count} dele" in page.inner_text("#live")
    assert node.count() == 0
    assert [parts.nth(index).get_attribute("aria-expanded") for index in range(count)] == ["true"] * count
    total = sum(
        int(parts.nth(index).locator("text").last.text_content()[:-2].replace(".", "")) for index in range(count)
    )
    assert total == pytest.approx(int(mass[:-2].replace(".", "")), abs=2)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.node") == "treatment:energy_recovery"
    assert len(bands(page)) == before
    assert "samlet igen" in page.inner_text("#live")


def test_a_click_opens_and_a_button_closes_all(page):
    page.click("[data-node='collected:separate']")
    assert page.locator("[data-node^='stream:']").count() == 4
    assert page.is_enabled("#shut")
    page.click("#shut")
    assert page.locator("[data-node^='stream:']").count() == 0
    assert page.is_disabled("#shut")


def test_arrows_move_among_the_nodes_and_one_is_in_the_order_of_tabs(page):
    assert page.locator("#flows .node[tabindex='0']").count() == 1
    page.locator("#flows .node[tabindex='0']").focus()
    assert page.evaluate("document.activeElement.dataset.node").startswith("material:")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.node").startswith("collected:")
    page.keyboard.press("ArrowRight")
    first = page.evaluate("document.activeElement.dataset.node")
    assert first.startswith("treatment:")
    page.keyboard.press("Home")
    top = page.evaluate("document.activeElement.dataset.node")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.node") not in {top, None}
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.node") == top
    assert page.locator("#flows .node[tabindex='0']").count() == 1


def test_the_table_of_the_diagram_has_its_bands(page):
    page.click("#flows summary")
    rows = page.locator("#flows details tbody tr")
    found = {}
    for index in range(rows.count()):
        cells = rows.nth(index).locator("th, td").all_inner_texts()
        found[f"{cells[0]} → {cells[1]}"] = cells[2]
    assert set(found) == set(bands(page))
    # It stays open when something else is chosen.
    page.select_option("#place", "101")
    assert page.locator("#flows details[open]").count() == 1


def test_a_layer_shows_one_material(page, placed):
    _, tables, _ = placed
    page.select_option("#layer", "fraction:metal")
    flows = tables["flows"]
    rows = flows[(flows["variant"] == "plan") & (flows["year"] == LAST) & (flows["treatment"] != "")]
    mass = rows.loc[rows["fraction"] == "metal", "mass_t"].sum()
    assert page.locator("[data-node='material:metal'] text").last.text_content() == Words("da").tonnes(mass)
    assert page.evaluate("document.activeElement.id") == "layer"


def test_the_municipality_and_the_year_change_what_is_shown(page, placed):
    _, tables, _ = placed
    rates = tables["rates"].set_index(["variant", "year", "scope", "method", "municipality"])["rate"]
    words = Words("da")
    for place in ("101", "400"):
        page.select_option("#place", place)
        page.select_option("#state", label="Plan 2030")
        table = page.locator("#targets table", has=page.locator("caption", has_text="efter hver metode")).first
        assert table.locator("thead th").all_inner_texts()[1:] == [
            "I dag 2023",
            "Reference 2035",
            "Plan 2035",
            "Plan 2030",
        ]
        row = table.locator("tbody tr", has_text="Indsamlet til genanvendelse").first
        wanted = [("today", TODAY), ("reference", LAST), ("plan", LAST), ("plan", 2030)]
        found = [text.replace("\u00a0", " ") for text in row.locator("td").all_inner_texts()]
        assert found == [words.percent(rates[(*state, "all", "collected", place)]) for state in wanted]
    assert "Plan 2030" in page.inner_text("#live")
    assert page.inner_text("#answer .where") == "Bornholm"


def test_the_page_is_in_both_languages(page):
    assert page.evaluate("document.documentElement.lang") == "da"
    danish = page.locator("h2").all_inner_texts()
    numbers = page.locator("#costs table").first.locator("td").all_inner_texts()
    page.click("#lang-en")
    assert page.evaluate("document.documentElement.lang") == "en"
    english = page.locator("h2").all_inner_texts()
    assert len(english) == len(danish) and not set(english) & set(danish)
    assert page.evaluate("document.activeElement.id") == "lang-en"
    assert page.inner_text("#live") == "The page is now in English"
    swapped = [text.translate(str.maketrans(",.", ".,")) for text in numbers]
    assert page.locator("#costs table").first.locator("td").all_inner_texts() == swapped
    assert not re.search(r"\b(?:undefined|null|NaN)\b|\{\w+\}", page.inner_text("main").replace("& {name}", ""))


def test_a_town_on_the_map_is_chosen_by_keyboard(page):
    towns = page.locator("#map [role='button'][aria-pressed]")
    assert towns.count() == 3
    everything = page.locator("#map .haul").count()
    towns.filter(has_text="Bornholm").focus()
    page.keyboard.press("Enter")
    assert page.input_value("#place") == "400"
    assert page.inner_text("#answer .where") == "Bornholm"
    assert 0 < page.locator("#map .haul").count() < everything
    assert page.locator("#map [aria-pressed='true']").count() == 1
    page.click("#map-all")
    assert page.evaluate("document.activeElement.id") == "map-all"


def test_schemes_and_facilities_tell_what_changes(page):
    page.select_option("#place", "101")
    assert "▲ ny: Ti fraktioner, bedre sortering" in page.inner_text("#schemes")
    page.select_option("#place", "")
    events = page.locator("#facilities table").first.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in events] == [["2030", "Restsortering Syd"], ["2035", "Restsortering Syd"]]
    assert "▲ Åbner" in page.inner_text("#facilities")


def test_a_text_from_input_is_shown_as_it_is(page):
    page.select_option("#place", "159")
    assert page.inner_text("#answer .where") == "<b>Gladsaxe</b> & {name}"
    assert page.locator("b").count() == 0


def test_headings_landmarks_and_labels_are_there(page):
    assert page.locator("h1").count() == 1
    assert page.evaluate(
        "[...document.querySelectorAll('section')].every(item => item.querySelector('h2').id === item.getAttribute('aria-labelledby'))"
    )
    for landmark in ("header", "nav[aria-label]", "main", "footer", "[role='status'][aria-live='polite']"):
        assert page.locator(landmark).count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    for chart in page.query_selector_all("svg[role='img']"):
        assert len(chart.get_attribute("aria-label")) > 20
    # Every picture has its figures as a table beside it.
    assert page.evaluate("[...document.querySelectorAll('figure')].every(item => item.querySelector('table'))")


@pytest.mark.parametrize(("screen", "language"), [(SCREEN, "da"), (SCREEN, "en"), (PHONE, "da")])
def test_axe_finds_nothing_serious(open_page, address, screen, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = open_page(address, screen)
    page.click(f"#lang-{language}")
    for place in ("", "101"):
        page.select_option("#place", place)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        found = axe.Axe().run(page).response["violations"]
        assert [
            (item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in {"serious", "critical"}
        ] == []


@pytest.mark.parametrize("screen", [SCREEN, PHONE])
def test_nothing_is_wider_than_the_screen(open_page, address, screen):
    page = open_page(address, screen)
    for place in ("", "101"):
        page.select_option("#place", place)
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def test_it_prints_without_controls_and_with_what_is_chosen(page):
    page.select_option("#place", "101")
    page.emulate_media(media="print")
    for hidden in ("#choices-bar", "nav", "#map .buttons", "#flows .controls"):
        assert not page.is_visible(hidden)
    assert page.is_visible("#answer .where") and page.is_visible("#flows .sankey")
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"


def test_plans_are_compared_and_the_one_shown_is_named(page):
    lead = page.locator("#choices p").first.inner_text()
    assert "plan 2" in lead and "runs/point_02" in lead
    assert page.locator("#choices figure").count() == 2
    rows = page.locator("#choices > div table tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["plan 1", "plan 2", "plan 3"]
    assert "80,0\u00a0%" in rows[1] and "32.000,0" in rows[1]


def test_a_target_out_of_reach_is_told_before_all(open_page, placed, tmp_path):
    case, tables, info = placed
    carried = {
        name: table[table["variant"] != "plan"] if "variant" in table else table
        for name, table in tables.items()
        if name != "certificate"
    }
    keys = {"scope": "all", "method": "collected", "municipality": "", "year": LAST}
    carried["highest"] = pd.DataFrame([{**keys, "goal": 0.9, "highest": 0.83, "bound": 0.84}])
    info = {key: value for key, value in info.items() if key != "certificate"} | {"status": "infeasible"}
    path = tmp_path / "steep.html"
    path.write_text(page_html(case, carried, info, "en"), "utf-8")
    page = open_page(path.as_uri())
    assert page.locator("section").nth(1).get_attribute("id") == "obstacles"
    assert "83.0" in page.inner_text("#answer .answer")
    assert page.inner_text("#flows .where") == f"The region, Reference {LAST}"
    page.select_option("#place", "101")
    page.select_option("#state", label=f"Today {TODAY}")
    assert len(bands(page)) > 3


def test_without_coordinates_the_table_takes_the_place_of_the_map(open_page, placed, tmp_path):
    case, tables, info = placed
    nowhere = case["municipalities"].assign(lat=float("nan"), lon=float("nan"))
    path = tmp_path / "nowhere.html"
    path.write_text(page_html(case.with_table("municipalities", nowhere), tables, info, "en"), "utf-8")
    page = open_page(path.as_uri())
    assert page.locator("#map svg").count() == 0
    assert page.is_visible("#map table") and "no coordinates" in page.inner_text("#map")
