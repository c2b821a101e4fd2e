"""The Sankey picture of the reports: few links, no tonne lost, labels apart, the same bytes."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flows.tables import MATERIALS
from reports.sankey import HEIGHT, MOST_LINKS, WIDTH, Link, columns, draw, drawing, links
from reports.sankey_canvas import Shape, Text, png_of
from reports.style import INK
from reports.words import Words

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["food", "paper", "metal", "wood", "glass", "plastic", "mineral", "textile", "other"]),
        st.sampled_from(["separate", "mixed", "reuse"]),
        st.sampled_from(["recycling", "energy_recovery", "landfill", "process_loss", "other_material_recovery"]),
        st.floats(0.001, 1e6),
    ),
    min_size=1,
    max_size=60,
)


def _frame(rows):
    frame = pd.DataFrame(rows, columns=["material", "collected", "treatment", "mass_t"])
    return frame.groupby(["material", "collected", "treatment"], as_index=False)["mass_t"].sum()


@given(ROWS)
def test_every_column_holds_every_tonne_and_nodes_balance(rows):
    frame = _frame(rows)
    items = links(frame)
    whole = pytest.approx(frame["mass_t"].sum(), rel=1e-9)
    assert sum(link.tonnes for link in items if link.start.startswith("material:")) == whole
    assert sum(link.tonnes for link in items if link.end.startswith("treatment:")) == whole
    for node in {link.end for link in items if link.end.startswith("collected:")}:
        inward = sum(link.tonnes for link in items if link.end == node)
        assert inward == pytest.approx(sum(link.tonnes for link in items if link.start == node), rel=1e-9)


@given(ROWS)
def test_links_are_few(rows):
    assert len(links(_frame(rows))) <= MOST_LINKS


def test_a_heavy_material_keeps_its_name_and_a_light_one_is_joined():
    frame = _frame([("food", "separate", "recycling", 1000.0), ("textile", "separate", "recycling", 1.0)])
    assert {link.start for link in links(frame)} == {"material:food", "material:*", "collected:separate"}


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_names_of_a_column_stand_apart_and_inside_the_picture(rows):
    picture = drawing(links(_frame(rows)), Words("da"))
    assert (picture.width, picture.height) == (WIDTH * 72, HEIGHT * 72)
    texts = [item for item in picture.items if isinstance(item, Text)]
    columns_of_names = {}
    for text in texts:
        left = text.x - (text.width if text.anchor == "end" else 0.0)
        assert left >= 0 and left + text.width <= picture.width and text.size <= text.y <= picture.height
        columns_of_names.setdefault((round(text.x, 3), text.anchor), []).append(text)
    for column in columns_of_names.values():
        heights = sorted(text.y for text in column)
        assert all(after - before >= column[0].size for before, after in zip(heights, heights[1:], strict=False))


def test_the_heaviest_stands_on_top_and_other_at_the_bottom():
    items = [
        Link("material:*", "collected:mixed", 900.0, "other"),
        Link("material:food", "collected:mixed", 5.0, "food"),
        Link("material:wood", "collected:mixed", 50.0, "wood"),
        Link("collected:mixed", "treatment:landfill", 955.0, "other"),
    ]
    assert columns(items)[0] == ["material:wood", "material:food", "material:*"]


def test_the_same_links_give_the_same_bytes_and_a_picture():
    items = links(_frame([("food", "separate", "recycling", 1000.0), ("paper", "mixed", "energy_recovery", 500.0)]))
    first, second = draw(items, Words("da")), draw(items, Words("da"))
    assert first == second
    assert first.startswith(b"\x89PNG") and len(first) > 5000
    assert first != draw(items, Words("en"))


def test_no_flows_give_an_empty_picture_and_no_error():
    assert draw([], Words("en")).startswith(b"\x89PNG")


def test_a_small_node_pulled_down_keeps_its_name_in_the_picture():
    # The light material lies at the bottom of the middle node, and so does all that it becomes.
    rows = [("food", "separate", "recycling", 33.0), ("other", "separate", "energy_recovery", 3213.0)]
    picture = drawing(links(_frame(rows)), Words("da"))
    assert all(item.y <= picture.height for item in picture.items if isinstance(item, Text))


@pytest.mark.parametrize("count", [3, 10, 13])
def test_bands_stay_wide_beside_many_names(count):
    # Half of everything is one material, the rest is shared by the others.
    shares = [0.5, *([0.5 / (count - 1)] * (count - 1))]
    named = [material for material in MATERIALS if material != "other"][:count]
    rows = [(name, "separate", "recycling", 1000.0 * share) for name, share in zip(named, shares, strict=True)]
    items = links(_frame(rows))
    assert len(items) == count + 1
    picture = drawing(items, Words("da"))
    boxes = [item for item in picture.items if isinstance(item, Shape) and item.fill == INK]
    ends = [[point[1] for _, *points in box.steps for point in points if point] for box in boxes]
    assert max(max(end) - min(end) for end in ends) > 0.3 * picture.height


@pytest.mark.parametrize("channels", [3, 4])
def test_a_png_holds_the_colours_of_its_pixels(channels):
    pixels = np.random.default_rng(3).integers(0, 256, (7, 11, channels), dtype=np.uint8)
    shown = np.asarray(Image.open(io.BytesIO(png_of(pixels, 130.0))))
    np.testing.assert_array_equal(shown, pixels[:, :, :3])
