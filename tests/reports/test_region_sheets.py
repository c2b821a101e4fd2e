"""What only the region's workbook has: map, matrices, timeline, shared facilities, frontier; and the cover."""

import math
import re

import pandas as pd
import pytest
from sample import LAST, make_case, make_run

from flows.household_costs import carriers, full_load_tariffs
from reports import style
from reports.context import Context
from reports.layout import plain_value as plain
from reports.map_drawing import KINDS, Plant, Town, Way, circle, draw_map, round_below, sign
from reports.map_places import Spot, framed, panels, spots
from reports.matrices import WIDEST, matrix
from reports.names import Names
from reports.page import Chart, Picture, Table
from reports.sankey_canvas import Shape, Text
from reports.sheets_cover import cover
from reports.sheets_facilities import event_table
from reports.sheets_frontier import frontier, has_frontier
from reports.sheets_map import region_map
from reports.sheets_matrices import by_facility, by_fraction, by_scheme, by_treatment
from reports.sheets_shared import shared, shared_facilities
from reports.timeline import capacity_by_year, investment_chart
from reports.view import RunView
from reports.words import Words
from reports.workbooks import report_bytes, report_pages


@pytest.fixture(scope="module", params=["da", "en"])
def region(run, view, request):
    words = Words(request.param)
    return Context(view.place(""), Names(run[0], words), words)


def _state(frame, variant="plan", year=LAST):
    return frame[(frame["variant"] == variant) & (frame["year"] == year)]


def _tables(page):
    return [block for block in page.blocks if isinstance(block, Table)]


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_region_speaks_of_its_municipalities(run, pages, language):
    """Whatever stands in the region's workbook is about many municipalities, also where none of them decides anything."""
    words, names = Words(language), Names(run[0], Words(language))
    still = run[1]["schemes"].assign(changed=False)
    quiet = RunView(run[0], {**run[1], "schemes": still}, run[2])
    alone = re.compile(r"\b[Kk]ommunens?\b|\b[Tt]he municipality(?:'s)?\b|\b(?:denne kommune|this municipality)\b")
    for made in (pages("", language), report_pages(quiet, names, words, "")):
        told = [text for page in made for text in _texts(page)]
        assert [text for text in told if alone.search(text)] == []
        assert any(re.search(r"\b[Kk]ommunerne\b|\b[Tt]he municipalities\b", text) for text in told)


def _texts(page):
    """Return every text of a page."""
    found = [page.name, page.title, page.answer, *page.lead]
    for block in page.blocks:
        if isinstance(block, Table):
            found += [block.caption, block.note, block.when_empty, *(column.label for column in block.columns)]
            found += [cell for line in block.lines for cell in line if isinstance(cell, str)]
        else:
            found += [getattr(block, name) for name in ("title", "alt", "text") if hasattr(block, name)]
    return found


# Map ------------------------------------------------------------------------------------------------------------------


def test_the_table_of_the_map_holds_what_facilities_received_but_soil(run, region):
    flows = _state(run[1]["flows"])
    flows = flows[flows["fraction"] != "soil"]
    table = next(block for block in region_map(region).blocks if isinstance(block, Table))
    found = {line[1]: (line[6], line[7]) for line in table.lines}
    case = run[0]
    for facility, name in zip(case["facilities"]["facility"], case["facilities"]["name"], strict=True):
        into = flows[flows["to"] == facility]
        first = into.loc[into["scheme"] != "", "mass_t"].sum()
        onward = into.loc[into["scheme"] == "", "mass_t"].sum()
        if first + onward > 1:
            assert found.pop(name) == pytest.approx((first, onward), rel=1e-9, abs=1e-6)
    assert found == {}
    assert [line[0] for line in table.lines] == list(range(1, len(table.lines) + 1))


def test_the_island_has_a_panel_of_its_own_and_plants_without_coordinates_lie_in_their_municipality(run):
    towns, plants = spots(run[0])
    assert [sorted(panel.zones) for panel in panels(towns, {"101": 5.0, "159": 1.0, "400": 2.0})] == [
        [""],
        ["bornholm"],
    ]
    assert (plants["inc_2"].lat, plants["inc_2"].zone) == (towns["400"].lat, "bornholm")


def test_zones_that_lie_near_each_other_share_a_panel():
    towns = {
        key: Spot(key, 50.0 + lat, 10.0, zone) for key, lat, zone in (("a", 0, "x"), ("b", 1, "x"), ("c", 1.2, "y"))
    }
    (panel,) = panels(towns, {})
    assert panel.zones == {"x", "y"}


def test_places_on_paper_keep_directions_and_a_place_beyond_stands_at_the_edge():
    towns = {key: Spot(key, lat, lon, "") for key, lat, lon in (("south", 55.0, 12.0), ("north", 56.0, 12.4))}
    (panel,) = panels(towns, {})
    frame = framed(panel, 0.0, 0.0, 400.0, 300.0)
    x1, y1, _ = frame.at(towns["south"])
    x2, y2, beyond = frame.at(towns["north"])
    assert y2 < y1 and x2 > x1 and not beyond
    kilometres = math.hypot((x2 - x1), (y2 - y1)) / frame.scale
    assert kilometres == pytest.approx(114.1, abs=1.0)  # great circle: 114.1 km
    x, y, beyond = frame.at(Spot("far", 55.5, 30.0, ""))
    assert beyond and 0 < x < 400 and 0 < y < 300


def test_every_kind_of_plant_has_a_shape_of_its_own():
    outlines = {kind: sign(kind, 0.0, 0.0) for kind in (*KINDS, "")}
    assert len(set(outlines.values())) == len(outlines)
    assert len(circle(0, 0, 1)) == 6
    assert round_below(999.0) == 500.0 and round_below(0.0) == 1.0


def test_signs_and_names_do_not_cover_each_other(region):
    words = region.words
    towns = [Town(Spot(f"t{n}", 55.0 + n / 50, 12.0 + n % 3 / 40, ""), f"Town {n}", 100.0 * n) for n in range(12)]
    plants = [Plant(Spot(f"p{n}", 55.1, 12.0, ""), n + 1, KINDS[n % len(KINDS)], 5.0 * n) for n in range(14)]
    ways = [Way(town.spot.key, plant.spot.key, 3.0, hauled=False) for town in towns for plant in plants]
    from reports.map_drawing import Legend

    legend = Legend(dict.fromkeys(KINDS, "word"), "town", "way", "haul", "edge", str, words.tonnes)
    drawing = draw_map(panels({town.spot.key: town.spot for town in towns}, {}), towns, plants, ways, legend)
    numbers = [item for item in drawing.items if isinstance(item, Text) and item.bold]
    assert sorted(int(item.text) for item in numbers) == list(range(1, 15))
    for position, one in enumerate(numbers):
        for other in numbers[position + 1 :]:
            assert max(abs(one.x - other.x), abs(one.y - other.y)) > 12
    assert {f"Town {n}" for n in range(12)} <= {item.text for item in drawing.items if isinstance(item, Text)}
    lines = [item for item in drawing.items if isinstance(item, Shape) and item.alpha == 0.5]
    # A sign that stands on a town's own point needs no line to it.
    assert len(ways) - 1 <= len(lines) <= len(ways)


def test_without_coordinates_the_map_says_why(run):
    case, tables, info = run
    bare = case["municipalities"].assign(lat=math.nan, lon=math.nan)
    for language, word in (("da", "koordinater"), ("en", "coordinates")):
        words = Words(language)
        case_without = case.with_table("municipalities", bare)
        page = region_map(Context(RunView(case_without, tables, info).place(""), Names(case, words), words))
        assert word in page.answer
        assert not any(isinstance(block, Picture) for block in page.blocks)
        assert _tables(page)


def test_places_missing_on_the_map_are_named(run):
    case, tables, info = run
    table = case["municipalities"].copy()
    table.loc[table["municipality"] == "159", ["lat", "lon"]] = math.nan
    words = Words("da")
    changed = case.with_table("municipalities", table)
    page = region_map(Context(RunView(changed, tables, info).place(""), Names(case, words), words))
    assert "Gladsaxe" in " ".join(page.lead) and "Biogas Nord" in " ".join(page.lead)


# Matrices -------------------------------------------------------------------------------------------------------------


def test_matrices_have_a_row_for_each_municipality_and_add_up_to_the_run(run, region):
    names = region.names.order("municipality", ["101", "159", "400"])
    flows = _state(run[1]["flows"])
    last = flows[(flows["treatment"] != "") & (flows["fraction"] != "soil") & (flows["treatment"] != "prevention")]
    for page, by in ((by_fraction(region), "fraction"), (by_treatment(region), "treatment")):
        table = _tables(page)[0]
        assert [line[0] for line in table.lines] == [region.names.place(name) for name in names]
        for line, place in zip(table.lines, names, strict=True):
            mine = last[last["municipality"] == place]
            assert line[-1] == pytest.approx(mine["mass_t"].sum(), rel=1e-9)
            parts = sorted(value for value in line[1:-1] if value is not None)
            assert parts == pytest.approx(sorted(mine.groupby(by)["mass_t"].sum()), rel=1e-9)


def test_facilities_by_municipality_are_the_inflows_of_the_run(run, region):
    flows = _state(run[1]["flows"])
    (table,) = _tables(by_facility(region))
    for position, column in enumerate(table.columns[1:], start=1):
        facility = next(row.facility for row in run[0]["facilities"].itertuples() if row.name == column.label)
        found = sum(line[position] or 0.0 for line in table.lines)
        assert found == pytest.approx(flows.loc[flows["to"] == facility, "mass_t"].sum(), rel=1e-9)


def test_schemes_by_year_follow_the_run(region):
    table = _tables(by_scheme(region))[0]
    lines = {(line[0], line[1]): line[2:] for line in table.lines}
    place, source = region.names.place("101"), region.names.source("households", "single_family")
    before, after = region.names.of("scheme", "today_households"), region.names.of("scheme", "ten_plus")
    today, first, *_, end = lines[place, source]
    assert today == before and end == after
    assert before in first and after in first and "50 %" in first


def test_wide_matrices_are_cut_into_parts_of_the_same_rows(region):
    heads = [f"Head {number}" for number in range(2 * WIDEST + 1)]
    cells = {("101", number): float(number) for number in range(len(heads))}
    parts = matrix(region, "wide", "Caption", heads, cells, "whole", whole="Sum", note="Note")
    assert [len(part.columns) <= WIDEST + 2 for part in parts] == [True] * 3
    assert [column.label for part in parts for column in part.columns[1:]] == [*heads, "Sum"]
    assert len({part.key for part in parts}) == 3 and [part.note for part in parts] == ["", "", "Note"]
    row = next(line for line in parts[-1].lines if line[0] == region.names.place("101"))
    assert row[-1] == sum(range(len(heads)))


# Timeline and shared facilities ----------------------------------------------------------------------------------------


def test_investments_by_year_and_kind_add_up_to_the_events(region):
    events = event_table(region, "events")
    unit = region.money([1e9])
    table, chart = investment_chart(region, unit)
    total = sum(value for line in table.lines for value in line[1:] if value is not None)
    known = sum(line[7] for line in events.lines if line[7] is not None)
    assert total * unit.scale / 1e6 == pytest.approx(known)
    assert [line[0] for line in table.lines] == list(range(2030, 2036))
    assert isinstance(chart, Chart) and set(chart.series) <= {column.key for column in table.columns}


def test_capacity_by_year_is_that_of_the_run(run, region):
    table = capacity_by_year(region)
    (line,) = table.lines
    facilities = run[1]["facilities"]
    rows = facilities[(facilities["facility"] == "sort_1") & (facilities["variant"] == "plan") & facilities["open"]]
    assert [value for value in line[1:] if value is not None] == list(rows["capacity_t"])


def test_shares_of_a_shared_facility_add_up_to_its_cost_by_the_stated_key(run, region):
    case, tables, _ = run
    costs = _state(tables["costs"])
    flows = _state(tables["flows"])
    key = carriers(case).set_index("municipality")["key"]
    tariffs = full_load_tariffs(case).set_index("facility")["tariff"]
    found = shared_facilities(region, "plan")
    assert "inc_2" not in {item.facility for item in found} or len(found) > 1
    assert found
    for item in found:
        mine = costs[(costs["facility"] == item.facility) & costs["category"].isin({"treatment", "fixed", "capital"})]
        assert item.cost == pytest.approx(mine["amount"].sum(), rel=1e-9)
        assert sum(item.parts.values()) == pytest.approx(item.cost, rel=1e-9)
        into = flows[flows["to"] == item.facility].groupby("municipality")["mass_t"].sum()
        tariff = tariffs[item.facility]
        rest = item.cost - into.sum() * tariff
        for place, amount in item.parts.items():
            assert amount == pytest.approx(into.get(place, 0.0) * tariff + key[place] * rest, rel=1e-9)


def test_the_page_of_shared_facilities_shows_the_shares_and_the_whole_system(run, view, region):
    case, tables, info = run
    whole = pd.DataFrame(
        [
            {"variant": "plan", "year": LAST, "municipality": place, "tariff": 1e6 * n, "rest": 5e5,
             "households": 10.0, "cost_per_household": 9.0, "increase": -1.0}
            for n, place in enumerate(("101", "159", "400"), start=1)
        ]
    )  # fmt: skip
    page = shared(
        Context(RunView(case, {**tables, "household_costs": whole}, info).place(""), region.names, region.words)
    )
    first, parts, system = _tables(page)
    assert parts.lines and len(system.lines) == 3
    assert plain(first.lines[0][6]) == pytest.approx(first.lines[0][4] - first.lines[0][5])
    assert not _tables(shared(region))[-1].lines


# Frontier and cover ---------------------------------------------------------------------------------------------------


def _frontier_tables():
    rows = [
        ("p1", 0.6, math.nan, 0.61, 900.0, 1.0e9, 0.99e9, True),
        ("p2", 0.7, math.nan, 0.70, 800.0, 1.2e9, 1.19e9, True),
        ("p3", 0.8, math.nan, 0.80, 750.0, 1.6e9, math.nan, True),
        ("p4", 0.8, math.nan, 0.79, 760.0, 1.7e9, 1.5e9, False),
    ]
    names = ["point", "asked_rate", "asked_co2e_kt", "rate", "co2e_kt", "cost", "bound", "efficient"]
    points = pd.DataFrame(rows, columns=names).assign(
        scope="all", method="collected", year=LAST, gap=0.01, status="gap_reached", certified=True
    )
    step = {"from_point": "p1", "to_point": "p2", "from_rate": 0.61, "to_rate": 0.7, "extra_cost": 2e8,
            "extra_tonnes": 1e5, "per_tonne": 2000.0, "per_tonne_low": 1900.0, "per_tonne_high": 2100.0,
            "unit": "DKK/t"}  # fmt: skip
    return {"frontier": points, "marginal_cost": pd.DataFrame([step])}


def test_the_frontier_is_a_sheet_where_the_run_has_one(run, view, region):
    case, tables, info = run
    assert not has_frontier(region)
    found = Context(RunView(case, {**tables, **_frontier_tables()}, info).place(""), region.names, region.words)
    assert has_frontier(found)
    page = frontier(found)
    points, marginal = _tables(page)
    assert [line[0] for line in points.lines] == ["p1", "p2", "p4", "p3"]
    assert [line[3] for line in points.lines] == [1000.0, 1200.0, 1700.0, 1600.0]
    assert region.words.percent(0.61) in page.answer and region.words.percent(0.8) in page.answer
    assert marginal.lines[0][4] == 2000.0
    (chart,) = [block for block in page.blocks if isinstance(block, Chart)]
    assert (chart.kind, chart.category) == ("scatter", "rate")
    assert report_bytes(found.view.run, found.names, found.words, "")[:2] == b"PK"


def test_a_frontier_against_greenhouse_gas_speaks_of_it(run, region):
    case, tables, info = run
    gas = _frontier_tables()
    gas["frontier"] = gas["frontier"].assign(asked_rate=math.nan, asked_co2e_kt=1.0)
    found = Context(RunView(case, {**tables, **gas}, info).place(""), region.names, region.words)
    page = frontier(found)
    assert "CO2e" in page.answer
    assert [block.category for block in page.blocks if isinstance(block, Chart)] == ["gas"]


def test_the_cover_lists_the_sheets_with_their_answers(pages, region):
    pages = pages("159", region.words.language)
    front, *others = pages
    assert front.name == region.words("sheet_cover") and front.answer == others[0].answer
    (table,) = front.blocks
    assert [tuple(line) for line in table.lines] == [(page.name, page.part, page.answer) for page in others]
    assert cover(region, others[0].answer, others[:1]).blocks[0].lines == [[others[0].name, "", others[0].answer]]


def test_the_cover_tells_the_price_level_where_there_is_one(run, region):
    case, tables, info = run
    (basis,) = [line for line in cover(region, "", []).lead if "2024" in line]
    assert "prisniveau 2024;" in basis or "price level 2024;" in basis
    bare = RunView(case.with_settings(price_year=None), tables, {**info, "price_year": None})
    lead = cover(Context(bare.place(""), region.names, region.words), "", []).lead
    assert basis.replace("; prisniveau 2024", "").replace("; price level 2024", "") in lead


def test_a_place_without_anything_shared_has_a_region_too():
    case, tables, info = make_run((("101", "Alene", "Alone", 1000, 300, 100, "", ""),))
    words = Words("en")
    content = report_bytes(RunView(case, tables, info), Names(case, words), words, "")
    assert content[:2] == b"PK" and make_case()


# Palette --------------------------------------------------------------------------------------------------------------


def test_what_is_coloured_can_be_told_from_white():
    palettes = [style.VARIANT_COLOURS, style.TREATMENT_COLOURS, style.MATERIAL_COLOURS]
    colours = [colour for palette in palettes for colour in palette.values()]
    assert all(style.contrast(colour, "#FFFFFF") >= 3.0 for colour in [*colours, *style.SERIES_COLOURS])
    for ground in ("#FFFFFF", style.BAND, style.MARK, "#F7F9FA"):
        assert style.contrast(style.INK, ground) >= 4.5
    assert style.contrast(style.MUTED, "#FFFFFF") >= 4.5
    assert style.contrast(style.HEAD_TEXT, style.HEAD) >= 4.5
