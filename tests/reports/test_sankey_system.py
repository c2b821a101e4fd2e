"""The Sankey picture of any flow system: nothing lost, nothing overlaps, widths are the flows, the same bytes."""

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.sankey import system_sankey
from reports.sankey_graph import graph_of, joined
from reports.sankey_layers import columns, feedback, route
from reports.sankey_place import Slot, isotonic, settle
from reports.sankey_shape import Loop, Ribbon
from reports.sankey_text import amount_text
from reports.words import Words

COLUMNS = ["flow", "from", "to", "value", "std", "status", "name"]
NAN = float("nan")
SVG = "{http://www.w3.org/2000/svg}"


def _flows(rows):
    return pd.DataFrame([dict(zip(COLUMNS, row, strict=False)) for row in rows]).reindex(columns=COLUMNS)


def _row(number, start, end, value, std, status, name):
    return (f"f{number}", start, end or ("A" if not start else ""), value, std, status, name)


PROCESS = st.sampled_from(["", "A", "B", "C", "D", "E", "Nedknusningsanlæg på Prøvestenen"])
VALUE = st.one_of(st.floats(0.01, 1e5), st.sampled_from([0.0, NAN, -12.5, 1e-9, 3e14]))
STATUS = st.sampled_from(["", "exact", "unmeasured_observable", "suspect", "undetermined"])
NAME = st.sampled_from(["", "flow", "Genbrugsstationernes småt brændbare fra etageboliger", "Æ" * 60, "a$b_{c}<&>\x07"])
SYSTEM = st.lists(
    st.tuples(PROCESS, PROCESS, VALUE, st.one_of(st.just(NAN), st.floats(0, 1e4)), STATUS, NAME), max_size=25
).map(lambda rows: _flows([_row(number, *row) for number, row in enumerate(rows)]))

LOOPS = _flows(
    [
        ("import", "", "collection", 1000.0, 30.0, "given"),
        ("sorted", "collection", "sorting", 1150.0, 40.0, "suspect"),
        ("clean", "sorting", "recycler", 900.0, 20.0, "computed"),
        ("rejects", "sorting", "incinerator", 400.0, 25.0, "given"),
        ("back", "recycler", "collection", 150.0, 15.0, "given"),
        ("again", "recycler", "sorting", 150.0, 10.0, "computed"),
        ("product", "recycler", "", 600.0, 20.0, "given"),
        ("gas", "incinerator", "", 400.0, NAN, "unknown"),
    ]
)


def _represented(picture):
    return sorted(flow for flows in picture.table()["flows"] for flow in flows)


def _rectangles(picture):
    layout = picture.layout
    labels = [placed.rect for placed in (*layout.node_labels.values(), *layout.link_labels)]
    return [*layout.boxes.values(), *labels]


def _level(band):
    """Return the height of a band's outline where it leaves its node."""
    first = band.steps()[0][1]
    last = band.steps()[-2][1]
    return abs(last[-1] - first[1])


@settings(max_examples=80, deadline=None)
@given(SYSTEM)
def test_any_system_is_drawn_with_every_flow_and_nothing_on_top_of_another(flows):
    picture = system_sankey(flows, title="Å")
    assert _represented(picture) == sorted(flows["flow"])
    for one, other in itertools.combinations(_rectangles(picture), 2):
        assert not one.overlaps(other)
    for rectangle in _rectangles(picture):
        assert rectangle.left >= -1e-6 and rectangle.top >= -1e-6
        assert rectangle.right <= picture.layout.width + 1e-6
        assert rectangle.lower <= picture.layout.height + 1e-6
    for link, band in zip(picture.graph.links, picture.layout.bands, strict=True):
        assert band.width == pytest.approx(link.width * picture.layout.scale, rel=1e-9, abs=1e-12)
        assert _level(band) == pytest.approx(band.width, rel=1e-6, abs=1e-7)
    ElementTree.fromstring(picture.svg())


@settings(max_examples=60, deadline=None)
@given(SYSTEM)
def test_bands_fill_the_sides_of_their_boxes_without_overlap(flows):
    picture = system_sankey(flows)
    layout = picture.layout
    for key, box in layout.boxes.items():
        for side in ("start", "end"):
            ends = sorted(
                (_edge(band, side), band.width)
                for link, band in zip(picture.graph.links, layout.bands, strict=True)
                if getattr(link, side) == key
            )
            total = sum(width for _, width in ends)
            assert total == pytest.approx(
                (picture.graph.outward(key) if side == "start" else picture.graph.inward(key)) * layout.scale, abs=1e-6
            )
            for (top, width), (following, _) in itertools.pairwise(ends):
                assert following == pytest.approx(top + width, abs=1e-6)
            if ends:
                assert ends[0][0] >= box.top - 1e-6
                assert ends[-1][0] + ends[-1][1] <= box.lower + 1e-6


def _edge(band, side):
    if isinstance(band, Ribbon):
        return band.stations[0 if side == "start" else -1][2]
    assert isinstance(band, Loop)
    return band.top if side == "start" else band.end


@settings(max_examples=40, deadline=None)
@given(SYSTEM, st.integers(1, 12))
def test_joining_small_flows_loses_none_and_keeps_every_balance(flows, most):
    whole = graph_of(flows)
    few = joined(whole, most)
    assert sorted(name for link in few.links for name in link.flows) == sorted(
        set(flows["flow"]) - {name for node in few.nodes for name in node.inner}
    )
    inner = sum(node.inner_value for node in few.nodes)
    assert sum(link.width for link in few.links) + inner == pytest.approx(sum(link.width for link in whole.links))
    for node in few.nodes:
        if not node.outside:
            members = {f"process:{name}" for name in node.members}
            net = sum(whole.inward(key) - whole.outward(key) for key in members)
            size = sum(whole.inward(key) + whole.outward(key) for key in members)
            assert few.inward(node.key) - few.outward(node.key) == pytest.approx(net, abs=1e-9 * size + 1e-12)


def test_two_thousand_flows_become_a_few_bands_that_know_them_all():
    rows = [
        (f"f{number}", f"P{number % 97}", f"P{(number * number + 1) % 89}" if number % 7 else "", 1.0 + number % 50)
        for number in range(2000)
    ]
    picture = system_sankey(_flows(rows), most=40)
    assert len(picture.graph.links) <= 40
    assert len(_represented(picture)) == 2000
    assert picture.table()["value"].sum() == pytest.approx(sum(row[3] for row in rows))
    assert "2,000 flows" in picture.svg().decode()


def test_loops_run_back_outside_the_picture_and_the_rest_to_the_right():
    picture = system_sankey(LOOPS)
    bands = {link.flows[0]: band for link, band in zip(picture.graph.links, picture.layout.bands, strict=True)}
    assert {name for name, band in bands.items() if isinstance(band, Loop)} == {"back", "again"}
    boxes = picture.layout.boxes
    for name in ("back", "again"):
        band = bands[name]
        covered = [box for box in boxes.values() if band.left <= box.right and box.left <= band.right]
        if band.down > 0:
            assert band.channel > max(box.lower for box in covered)
        else:
            assert band.channel < min(box.top for box in covered)
    order = sorted(("collection", "sorting", "recycler"), key=lambda name: boxes[f"process:{name}"].left)
    assert order == ["collection", "sorting", "recycler"]
    assert boxes["process:recycler"].left == boxes["process:incinerator"].left


def test_uncertainty_is_on_the_label_and_as_wide_as_it_is_in_the_fringe():
    picture = system_sankey(_flows([("in", "", "A", 120.0, 5.0, "measured"), ("out", "A", "", 120.0, NAN, "computed")]))
    svg = picture.svg().decode()
    assert "● 120 ± 5 t/year" in svg and "○ 120 t/year" in svg
    sure, likely = (picture.layout.bands[0].steps(extra * 5.0 * picture.layout.scale) for extra in (-1, 1))
    heights = [abs(steps[-2][1][-1] - steps[0][1][1]) / picture.layout.scale for steps in (sure, likely)]
    assert heights == pytest.approx([115.0, 125.0])


def test_an_uncertainty_beyond_all_measure_does_not_hide_the_rest():
    picture = system_sankey(_flows([("in", "", "A", 100.0, 5.0), ("out", "A", "", 1e-9, 1e9), ("on", "A", "", 100.0)]))
    assert picture.layout.height < 600
    assert "± 1,000,000,000 t/year" in picture.svg().decode()


def test_a_status_is_a_word_or_a_sign_never_only_a_colour():
    texts = [element.text for element in ElementTree.fromstring(system_sankey(LOOPS).svg()).iter(f"{SVG}text")]
    assert "▲ 1,150 ± 40 t/year (suspect)" in texts
    assert {"● measured or given", "○ computed", "▲ suspect"} <= set(texts)
    danish = system_sankey(LOOPS, language="da").svg().decode()
    assert "mistænkelig" in danish and "1.150 ± 40 t/år" in danish


def test_a_negative_flow_is_drawn_from_its_end_with_its_sign():
    picture = system_sankey(_flows([("in", "", "A", 10.0), ("swing", "A", "B", -4.0, 1.0)]), language="da")
    swing = picture.graph.links[1]
    assert (swing.start, swing.end, swing.value) == ("process:B", "process:A", 4.0)
    assert picture.table()["backwards"].tolist() == [False, True]
    assert "−4 ± 1 t/år" in picture.svg().decode() and "baglæns" in picture.svg().decode()


def test_a_stock_is_a_frame_with_its_change():
    stocks = pd.DataFrame({"process": ["A", "landfill"], "stock": [820000.0, NAN], "addition": [-26.0, 3.0]})
    names = pd.DataFrame({"process": ["A"], "name": ["Bygninger og anlæg"], "kind": ["stock"]})
    flows = _flows([("in", "", "A", 10.0), ("out", "A", "", 36.0)])
    svg = system_sankey(flows, stocks, names, language="da").svg().decode()
    for text in ("Lager 820.000 t", "−26 t/år", "Lager ? t", "+3 t/år", "Bygninger", "ind 10 t/år", "ud 36 t/år"):
        assert f">{text}" in svg


def test_what_is_not_known_or_zero_is_drawn_as_a_line():
    picture = system_sankey(_flows([("x", "", "A", NAN), ("y", "A", "", 0.0), ("z", "A", "", 5.0)]))
    svg = picture.svg().decode()
    assert svg.count("stroke-dasharray") >= 4
    assert "? t/year" in svg and "not determined" in svg and ">zero<" in svg


def test_one_process_or_nothing_is_a_picture_too():
    nothing = _flows([])
    one = system_sankey(nothing, processes=pd.DataFrame({"process": ["A"], "name": ["Alone"]}))
    assert "Alone" in one.svg().decode() and len(one.layout.boxes) == 1
    empty = system_sankey(nothing, language="da")
    assert "Ingen strømme" in empty.svg().decode()
    assert empty.png().startswith(b"\x89PNG")


def test_the_same_flows_give_the_same_bytes(tmp_path):
    first, second = system_sankey(LOOPS, title="x"), system_sankey(LOOPS, title="x")
    assert first.svg() == second.svg()
    assert first.png() == second.png()
    assert not re.search(rb"20\d\d-\d\d", first.svg() + first.png())
    assert first.save(tmp_path / "a.svg").read_bytes() == first.svg()
    assert first.save(tmp_path / "a.PNG").read_bytes() == first.png()
    with pytest.raises(ValueError, match=r"a\.pdf"):
        first.save(tmp_path / "a.pdf")


def test_kilograms_give_the_same_picture_as_tonnes():
    kilograms = LOOPS.assign(value=LOOPS["value"] * 1000, std=LOOPS["std"] * 1000)
    tonnes, thousands = system_sankey(LOOPS).layout, system_sankey(kilograms).layout
    assert [band.width for band in thousands.bands] == pytest.approx([band.width for band in tonnes.bands])


def test_wrong_tables_are_named():
    with pytest.raises(ValueError, match="flows has no column value"):
        system_sankey(LOOPS.drop(columns="value"))
    with pytest.raises(ValueError, match="stocks has no column stock"):
        system_sankey(LOOPS, pd.DataFrame({"process": ["A"]}))
    with pytest.raises(ValueError, match="'import' is listed twice"):
        system_sankey(pd.concat([LOOPS, LOOPS]))


def test_every_band_of_the_svg_tells_its_flows():
    titles = [element.text for element in ElementTree.fromstring(system_sankey(LOOPS).svg()).iter(f"{SVG}title")]
    assert "collection → sorting: 1,150 ± 40 t/year (suspect) [sorted]" in titles
    assert "outside → collection: 1,000 ± 30 t/year (measured or given) [import]" in titles


ARCS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0, 100)), max_size=25)


@settings(max_examples=100, deadline=None)
@given(ARCS)
def test_without_its_feedback_arcs_a_graph_has_no_loop_and_each_of_them_closes_one(arcs):
    back = feedback(8, arcs)
    place = columns(8, arcs, back)
    for position, (start, end, _) in enumerate(arcs):
        assert (place[start] < place[end]) == (position not in back)


@settings(max_examples=60, deadline=None)
@given(ARCS)
def test_every_arc_runs_through_each_column_between_its_ends(arcs):
    place = columns(8, arcs, feedback(8, arcs))
    routed = route(place, arcs)
    column = {item: number for number, layer in enumerate(routed.order) for item in layer}
    for (start, end, _), chain in zip(arcs, routed.chains, strict=True):
        if chain is not None:
            assert (chain[0], chain[-1]) == (start, end)
            assert [column[item] for item in chain] == list(range(place[start], place[end] + 1))


def test_crossings_that_need_not_be_are_removed():
    routed = route([0, 0, 1, 1], [(0, 3, 1.0), (1, 2, 1.0)])
    left, right = routed.order
    assert (left.index(0) < left.index(1)) == (right.index(3) < right.index(2))


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 10)), min_size=1, max_size=12))
def test_isotonic_numbers_never_fall_and_keep_the_weighted_sum(pairs):
    values, weights = zip(*pairs, strict=True)
    found = isotonic(values, weights)
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(found))
    assert math.fsum(f * w for f, w in zip(found, weights, strict=True)) == pytest.approx(
        math.fsum(v * w for v, w in pairs), abs=1e-6
    )


def test_items_of_a_column_keep_their_distance():
    slots = {0: Slot(10.0, 4.0, 2.0), 1: Slot(20.0, 8.0), 2: Slot(5.0)}
    tops = settle([[0, 1, 2]], slots, [], 3.0)
    assert (tops[0], tops[1], tops[2]) == pytest.approx((4.0, 27.0, 50.0))


@pytest.mark.parametrize(
    ("value", "std", "text"),
    [
        (120.0, 5.0, "120 ± 5 t/year"),
        (0.1234, 0.0123, "0.123 ± 0.012 t/year"),
        (1234567.0, NAN, "1,234,567 t/year"),
        (3.14159, NAN, "3.14 t/year"),
        (NAN, NAN, "? t/year"),
        (0.0, NAN, "0 t/year"),
        (2.5e-9, NAN, "2.50e−09 t/year"),
    ],
)
def test_amounts_have_as_many_digits_as_they_are_sure(value, std, text):
    assert amount_text(value, std, "t/year", Words("en")) == text
